"""Conversions against published points, an independent library, and their own inverse."""

import math

import numpy as np
import prcoords
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from siting.inputs.places.crs import (
    from_wgs84,
    locate,
    neighbouring_zones,
    parse_crs,
    project,
    suggest_crs,
    to_wgs84,
    unproject,
)
from siting.types import InputError

METRES_A_DEGREE = 111_200
CHINA = st.tuples(st.floats(73.6, 134.7), st.floats(18.0, 53.5))
COUNTY = (np.linspace(117.05, 117.80, 60), np.linspace(39.70, 40.30, 60))
DISTURBED = ("GCJ-02", "BD-09")


def metres(lon, lat, other_lon, other_lat):
    east = (np.asarray(lon) - other_lon) * np.cos(np.radians(lat)) * METRES_A_DEGREE
    return np.hypot(east, (np.asarray(lat) - other_lat) * METRES_A_DEGREE)


# --- GCJ-02 and BD-09 -----------------------------------------------------------------------------------


def test_gcj_point_of_eviltransform():
    # eviltransform, tests: Beijing, 39.911954 N 116.377817 E
    assert from_wgs84(116.377817, 39.911954, "GCJ-02") == pytest.approx(
        (116.38404722455657, 39.91334545536069)
    )
    lon, lat = to_wgs84(116.38404722455657, 39.91334545536069, "GCJ-02")
    assert metres(lon, lat, 116.377817, 39.911954) < 1e-3


def test_bd_point_of_coordtransform():
    # wandergis/coordtransform, README: BD-09 116.404, 39.915 is GCJ-02 116.39762729119315, 39.90865673957631,
    # by a formula that inverts BD-09 to within 5 cm only; ours is exact
    wgs = to_wgs84(116.404, 39.915, "BD-09")
    assert metres(*from_wgs84(*wgs, "GCJ-02"), 116.39762729119315, 39.90865673957631) < 0.05


@pytest.mark.parametrize(("crs", "forward"), [("GCJ-02", prcoords.wgs_gcj), ("BD-09", prcoords.wgs_bd)])
def test_forward_agrees_with_prcoords(crs, forward):
    lon, lat = (axis.ravel() for axis in np.meshgrid(*COUNTY))
    theirs = [forward(prcoords.Coords(b, a)) for a, b in zip(lon, lat, strict=True)]
    ours = from_wgs84(lon, lat, crs)
    assert metres(*ours, [p.lon for p in theirs], [p.lat for p in theirs]).max() < 0.02


@pytest.mark.parametrize(("crs", "low", "high"), [("GCJ-02", 543, 594), ("BD-09", 1332, 1405)])
def test_offset_in_the_county(crs, low, high):
    lon, lat = (axis.ravel() for axis in np.meshgrid(*COUNTY))
    moved = metres(*from_wgs84(lon, lat, crs), lon, lat)
    assert low - 5 < moved.min() < moved.max() < high + 5


@pytest.mark.parametrize("crs", DISTURBED)
@given(point=CHINA)
@settings(max_examples=300)
def test_inverse_is_exact_all_over_china(crs, point):
    back = to_wgs84(*from_wgs84(*point, crs), crs)
    assert back == pytest.approx(point, abs=1e-9)
    assert metres(*back, *point) < 1e-3


@pytest.mark.parametrize("crs", DISTURBED)
def test_points_outside_china_stay(crs):
    lon, lat = np.array([-0.1, 2.35, 151.2, 60.0]), np.array([51.5, 48.9, -33.9, 40.0])
    assert np.array_equal(from_wgs84(lon, lat, crs), (lon, lat))
    assert np.array_equal(to_wgs84(lon, lat, crs), (lon, lat))


@pytest.mark.parametrize("crs", DISTURBED)
def test_no_cliff_inside_tianjin(crs):
    lon = np.linspace(116.7, 118.1, 2000)
    for lat in (38.5, 39.3, 40.05, 40.25):
        x, y = from_wgs84(lon, np.full_like(lon, lat), crs)
        step = metres(x[1:], y[1:], x[:-1], y[:-1])
        assert step.max() < 1.1 * metres(lon[1:], lat, lon[:-1], lat).max()


@pytest.mark.parametrize("crs", DISTURBED)
@given(
    edge=st.sampled_from([(72.004, None), (137.8347, None), (None, 0.8293), (None, 55.8271)]),
    at=st.floats(0.2, 0.8),
)
def test_box_edge_moves_a_point_or_leaves_it(crs, edge, at):
    lon = edge[0] if edge[0] is not None else 72.004 + at * (137.8347 - 72.004)
    lat = edge[1] if edge[1] is not None else 0.8293 + at * (55.8271 - 0.8293)
    for d in (-1e-6, 1e-6):
        moved = metres(*from_wgs84(lon + d, lat + d, crs), lon + d, lat + d)
        assert moved == 0 or 50 < moved < 4000


def test_nan_passes():
    lon, lat = to_wgs84([np.nan, 117.4], [40.0, 40.0], "GCJ-02")
    assert np.isnan(lon[0])
    assert np.isfinite(lon[1])


# --- grids ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat", "truth"),
    [  # PROJ 9.5.1, checked against a 6th-order Krüger series
        (
            117.408,
            40.045,
            {
                4548: (534817.8637, 4434605.3686),
                4527: (39534817.8637, 4434605.3686),
                32650: (534803.9365, 4432831.5265),
                4549: (278791.3464, 4437746.0857),
            },
        ),
        (117.195, 39.083, {4548: (516872.4024, 4327736.4366), 4549: (257276.987, 4331465.7484)}),
        (117.05, 39.7, {4527: (39504288.3191, 4396220.6999), 32650: (504286.6038, 4394462.2117)}),
    ],
)
def test_gauss_kruger_points(lon, lat, truth):
    for code, point in truth.items():
        assert from_wgs84(lon, lat, f"EPSG:{code}") == pytest.approx(point, abs=1e-3)
        assert to_wgs84(*point, f"EPSG:{code}") == pytest.approx((lon, lat), abs=1e-8)


def test_project_is_the_grid_of_the_county():
    assert project(117.408, 40.045) == pytest.approx((534817.8637, 4434605.3686), abs=1e-3)
    assert unproject(534817.8637, 4434605.3686) == pytest.approx((117.408, 40.045), abs=1e-8)


def test_transverse_mercator_against_iogp_gigs_5101():
    # IOGP GIGS test 5101, British National Grid parameters on WGS 84
    grid = "+proj=etmerc +lat_0=49 +lon_0=-2 +k_0=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=WGS84 +units=m"
    for lon, lat, east, north in [
        (3.0, 80.0, 496813.178, 3358297.326),
        (3.0, 49.0, 765648.501, -87944.74),
        (3.0, 20.0, 923539.353, -3308151.625),
        (3.0, -20.0, 923539.353, -7746773.748),
    ]:
        assert from_wgs84(lon, lat, grid) == pytest.approx((east, north), abs=0.05)


@pytest.mark.parametrize("crs", ["EPSG:4548", "EPSG:4527", "EPSG:4509", "EPSG:4498", "EPSG:32650"])
@pytest.mark.parametrize("northing_first", [False, True])
def test_both_axis_orders_give_the_place(crs, northing_first):
    x, y = from_wgs84([117.4, 117.6], [40.045, 39.9], crs)
    found = locate(*((y, x) if northing_first else (x, y)), parse_crs(crs))
    assert found.lon == pytest.approx([117.4, 117.6])
    assert found.lat == pytest.approx([40.045, 39.9])
    assert found.swapped.all() == northing_first


def test_wrong_zone_is_no_place():
    x, y = from_wgs84([117.4], [40.045], "EPSG:4527")
    assert np.isnan(locate(x, y, parse_crs("EPSG:4526")).lon).all()
    assert np.isnan(locate(x - 39e6, y, parse_crs("EPSG:4527")).lon).all()


@pytest.mark.parametrize(
    ("x", "y", "declared", "hint"),
    [
        (39534817.9, 4434605.4, "EPSG:4526", "EPSG:4527"),
        (4434605.4, 39534817.9, None, "EPSG:4527"),
        (20534817.9, 4434605.4, None, "EPSG:4498"),
        (39534817.9, 4434605.4, "EPSG:2362", "EPSG:2363"),
        (534817.9, 4434605.4, None, "EPSG:4548"),
        (117.4, 40.0, "EPSG:4548", "WGS84"),
        (1e12, 3.0, None, None),
    ],
)
def test_numbers_suggest_their_system(x, y, declared, hint):
    crs = parse_crs(declared) if declared else None
    assert suggest_crs(np.array([x]), np.array([y]), crs) == hint


def test_neighbouring_zones_keep_the_datum():
    names = [crs.name for crs in neighbouring_zones(parse_crs("EPSG:2384"))]
    assert "EPSG:2383" in names
    assert not any(name.startswith("EPSG:45") for name in names)


# --- other datums ---------------------------------------------------------------------------------------


def test_beijing_1954_is_shifted_and_its_accuracy_known():
    crs = parse_crs("EPSG:2436")
    assert crs.accuracy_m == 15
    shifted = to_wgs84(534135, 4434602, "EPSG:2436")
    unshifted = to_wgs84(534135, 4434602, "EPSG:4548")
    assert 50 < metres(*shifted, *unshifted) < 110


def test_xian_1980_has_no_known_shift():
    assert parse_crs("EPSG:2384").accuracy_m is None
    assert parse_crs("西安80").accuracy_m is None


def test_cgcs2000_keeps_longitude_first():
    assert to_wgs84(117.4, 40.0, "EPSG:4490") == (117.4, 40.0)


# --- names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WGS84", "WGS84"),
        ("wgs-84", "WGS84"),
        ("WGS 84", "WGS84"),
        ("EPSG:4326", "WGS84"),
        ("4326", "WGS84"),
        ("GCJ-02", "GCJ-02"),
        ("高德", "GCJ-02"),
        ("火星坐标系", "GCJ-02"),
        ("腾讯地图", "GCJ-02"),
        ("gcj02", "GCJ-02"),
        ("BD-09", "BD-09"),
        ("百度", "BD-09"),
        ("bd09ll", "BD-09"),
        ("百度坐标系", "BD-09"),
        ("CGCS2000", "CGCS2000"),
        ("国家2000", "CGCS2000"),
        ("2000国家大地坐标系", "CGCS2000"),
        ("天地图", "CGCS2000"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "WGS84"),
        ("urn:ogc:def:crs:EPSG::4490", "CGCS2000"),
        ("ＥＰＳＧ：4527", "EPSG:4527"),
        ("epsg 4548", "EPSG:4548"),
        ("CGCS2000 3度带 39带", "EPSG:4527"),
        ("国家2000 中央子午线117", "EPSG:4548"),
        ("北京54 中央子午线117", "EPSG:2436"),
        ("西安80 39带", "EPSG:2363"),
        ("北京54坐标系", "EPSG:4214"),
        ("CGCS2000_3_Degree_GK_Zone_39", "EPSG:4527"),
    ],
)
def test_spellings_of_one_system(text, name):
    assert parse_crs(text).name == name


@pytest.mark.parametrize("text", ["", "未知", "自定义", "EPSG:999999", "EPSG:5773", "地方坐标系", "BD09MC"])
def test_unknown_systems_are_refused(text):
    with pytest.raises(InputError, match="unknown coordinate system|is no system of"):
        parse_crs(text)


def test_points_without_a_place_are_refused_by_number():
    with pytest.raises(InputError, match=r"1 point\(s\) have no place in EPSG:4527; the first is number 1"):
        to_wgs84([39534817.9, 1e30], [4434605.4, 1e30], "EPSG:4527")


def test_shapes_must_agree():
    with pytest.raises(InputError, match="differ in shape"):
        to_wgs84([117.4, 117.5], [40.0], "WGS84")


def test_degrees_swapped_are_seen():
    found = locate(
        np.array([40.045, 117.4, math.nan, 0.0]), np.array([117.4, 40.045, 40.0, 0.0]), parse_crs("WGS84")
    )
    assert found.swapped.tolist() == [True, False, False, False]
    assert found.lon[:2] == pytest.approx([117.4, 117.4])
    assert np.isnan(found.lon[2:]).all()


def test_a_projection_that_cannot_be_computed_is_refused():
    """As a damaged .prj states it: PROJ parses the text, and fails only when it is to compute."""
    wkt = (
        CRS.from_epsg(4527).to_wkt("WKT1_ESRI").replace('"Central_Meridian",117.0],PARAMETER["', '"Central"')
    )
    assert '["Central"Scale' in wkt
    with pytest.raises(InputError, match="unknown coordinate system"):
        parse_crs(wkt)
