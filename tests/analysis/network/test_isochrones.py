"""Isochrones: every place inside is reached in time, every road reached lies inside; nested, holes kept."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.analysis.network import isochrones
from siting.analysis.network.graph import RoadGraph, build_graph
from siting.analysis.network.isochrones import MARGIN_M, SIMPLIFY_M, Surroundings
from siting.analysis.network.speeds import TravelTimeSettings
from siting.types import InputError
from tests.analysis.network.test_graph import FAR, town
from tests.analysis.roads import METRES_PER_DEGREE, layer, points

SLACK_M = SIMPLIFY_M + 6 * MARGIN_M
ROUNDING_M = 2.5
"""What two roundings to a metre, of different points of the same line, may differ by."""


def in_metres(area):
    return shapely.transform(area, lambda xy: xy * METRES_PER_DEGREE)


CROSS = layer(
    [(0, 0), (-6000, 0), (6000, 0), (0, 6000)], [(0, 1), (0, 2), (0, 3)], backward=[True, True, False]
)


def test_reach_along_roads():
    """At 60 km/h five minutes are 5 km; the road north leads only away."""
    graph = build_graph(CROSS)
    (area,) = graph.isochrones(points((0, 0)), [5], width_m=500).geometry
    west, south, east, north = in_metres(area).bounds
    assert (west, east) == pytest.approx((-5500, 5500), abs=SLACK_M)
    assert (south, north) == pytest.approx((-500, 500), abs=SLACK_M)
    (away,) = graph.isochrones(points((0, 0)), [5], width_m=500, towards=False).geometry
    assert in_metres(away).bounds[3] == pytest.approx(5500, abs=SLACK_M)


def test_a_place_in_the_middle_of_a_one_way_street():
    street = layer([(0, 0), (10000, 0)], [(0, 1)], backward=False)
    graph = build_graph(street)
    (area,) = graph.isochrones(points((6000, 0)), [3], width_m=200).geometry
    west, _, east, _ = in_metres(area).bounds
    assert (west, east) == pytest.approx((2800, 6200), abs=SLACK_M)


def test_access_takes_its_time():
    """At 15 km/h, 500 m take 2 minutes."""
    graph = build_graph(CROSS)
    (area,) = graph.isochrones(points((-3000, 500)), [3], width_m=300).geometry
    assert in_metres(area).bounds[0] == pytest.approx(-3000 - 1000 - 300, abs=SLACK_M)


def test_holes_stay():
    ring = layer([(0, 0), (8000, 0), (8000, 8000), (0, 8000)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    (area,) = build_graph(ring).isochrones(points((0, 0)), [30], width_m=500).geometry
    assert len(area.interiors) == 1
    hole = in_metres(shapely.Polygon(area.interiors[0]))
    assert hole.area == pytest.approx(7000.0**2, rel=0.05)


def test_unlocated_places_have_no_area():
    graph = build_graph(CROSS, TravelTimeSettings(snap_limit_m=100))
    areas = graph.isochrones(points((0, 3000), (500, 500)), [5, 10])
    assert areas[["point", "minutes"]].to_numpy().tolist() == [[0, 5], [0, 10], [1, 5], [1, 10]]
    assert areas.geometry.is_empty.tolist() == [False, False, True, True]


@settings(max_examples=30)
@given(town(), st.sampled_from([isochrones.MOST_POINTS, 20, 0]))
def test_areas_nest_and_hold_what_is_reached(case, most_points):
    """Also where some, or all, are made of cells: outlines around no more points than these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isochrones, "MOST_POINTS", most_points)
        assert_areas_nest_and_hold_what_is_reached(*case)


def assert_areas_nest_and_hold_what_is_reached(roads, places):
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    limits = [0.5, 1.0, 1.5, 3.0]
    nodes = np.arange(graph.n_nodes)
    times = graph.travel_times(nodes, places[:2])
    node_points = shapely.points(roads.nodes[["lon", "lat"]].to_numpy())
    for k, areas in graph.isochrones(places[:2], limits, width_m=60.0).groupby("point"):
        areas = areas.geometry.to_list()
        assert all(area.is_valid for area in areas)
        assert all(
            narrow.is_empty or wide.covers(narrow) for narrow, wide in zip(areas, areas[1:], strict=False)
        )
        for limit, area in zip(limits, areas, strict=True):
            assert shapely.covers(area, node_points[times[:, k] <= limit]).all()


@settings(max_examples=30)
@given(town(), st.booleans())
def test_nothing_far_from_a_road_in_time_lies_inside(case, by_cells):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    limit, width_m = 1.0, 60.0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isochrones, "MOST_POINTS", 0 if by_cells else isochrones.MOST_POINTS)
        (area,) = graph.isochrones(places[:1], [limit], width_m=width_m).geometry
    # Points along all roads, and how long each is to the place.
    lines = roads.shape.reshape(-1, 2, 2)
    along = np.linspace(0, 1, 12)[:, None, None] * (lines[:, 1] - lines[:, 0]) + lines[:, 0]
    samples = along.reshape(-1, 2)
    near = shapely.union_all(
        shapely.buffer(shapely.points(samples * METRES_PER_DEGREE), width_m + 110)[
            graph.travel_times(samples, places[:1])[:, 0] <= limit + 0.6
        ]
    )
    assert in_metres(area).difference(near).area <= 0.02 * max(in_metres(area).area, 1.0)


def test_a_graph_without_geometry_has_no_areas():
    with pytest.raises(InputError, match="no geometry"):
        RoadGraph.from_edges(2, [0], [1], [1.0]).isochrones([0], [5])


# --- dense streets are thinned out, the area stays -------------------------------------------------------

WIDTH_M = 200.0
CITY_M = 2600.0


def streets(rng, *, spacing_m=55.0, lakes=()):
    """Bent streets without those in the lakes (x, y, radius): nodes (metres), ends."""
    side = int(CITY_M / spacing_m)
    number = np.arange(side * side).reshape(side, side)
    nodes = (
        np.stack(np.divmod(number.ravel(), side), axis=1) + rng.uniform(-0.3, 0.3, (side**2, 2))
    ) * spacing_m
    ends = np.concatenate(
        [
            np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1),
            np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1),
        ]
    )
    dry = np.ones(len(nodes), bool)
    for x, y, radius in lakes:
        dry &= np.hypot(nodes[:, 0] - x, nodes[:, 1] - y) > radius
    return nodes, ends[dry[ends].all(axis=1) & (rng.random(len(ends)) > 0.2)]


def trunk_roads(rng, n):
    """Long roads across the city, straight (bridges over lakes) and with many bends."""
    straight = rng.uniform(-0.3, 1.3, (n, 2, 2)) * CITY_M
    bent = np.cumsum(rng.normal(0, 90, (n, 40, 2)), axis=1) + rng.uniform(0, CITY_M, (n, 1, 2))
    return np.concatenate([shapely.linestrings(straight), shapely.linestrings(bent)])


def assert_same_area(thinned, lines):
    """The area is that around all lines; no slit, no speck."""
    plain = shapely.union_all(shapely.buffer(lines, WIDTH_M, quad_segs=isochrones.QUARTER_CIRCLE))
    assert thinned.is_valid
    assert thinned.symmetric_difference(plain).area <= 1e-9 * plain.area
    assert shapely.get_num_geometries(thinned) == shapely.get_num_geometries(plain)
    holes, plain_holes = (
        shapely.get_num_interior_rings(shapely.get_parts(area)).sum() for area in (thinned, plain)
    )
    assert holes == plain_holes


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.floats(40.0, 130.0), st.integers(0, 6), st.integers(0, 2))
def test_thinning_keeps_the_area(seed, spacing_m, n_lakes, n_roads):
    """In two steps, as two limits are drawn: first some lines, wherever they lie, then all."""
    rng = np.random.default_rng(seed)
    lakes = np.column_stack([rng.uniform(0, CITY_M, (n_lakes, 2)), rng.uniform(0.8, 3, n_lakes) * WIDTH_M])
    nodes, ends = streets(rng, spacing_m=spacing_m, lakes=lakes)
    lines = np.concatenate([shapely.linestrings(nodes[ends]), trunk_roads(rng, n_roads)])
    roads = Surroundings(lines, WIDTH_M)
    first = shapely.distance(lines, shapely.Point(rng.uniform(0, CITY_M, 2))) < rng.uniform(0, CITY_M)
    first &= rng.random(len(lines)) < rng.choice([0.6, 1.0])
    area = shapely.union_all(roads.polygons(first, first))
    assert_same_area(area, lines[first])
    needed, rectangles = roads._thin(first, first)
    replaced = shapely.union_all(roads.around(lines[first & ~needed]))
    assert replaced.difference(shapely.union_all(rectangles)).area <= 1e-9 * area.area
    assert_same_area(shapely.union_all([*roads.polygons(first | True, ~first), area]), lines)


@pytest.mark.parametrize(("radius", "n_holes"), [(3.0, 1), (1.35, 1), (0.7, 0)])
def test_holes_stay_in_dense_streets(radius, n_holes):
    """Within `WIDTH_M` of the shore a lake is covered."""
    nodes, ends = streets(np.random.default_rng(3), lakes=[(CITY_M / 2, CITY_M / 2, radius * WIDTH_M)])
    lines = shapely.linestrings(nodes[ends])
    everywhere = np.ones(len(lines), bool)
    polygons = Surroundings(lines, WIDTH_M).polygons(everywhere, everywhere)
    assert len(polygons) < 0.5 * len(lines)
    area = shapely.union_all(polygons)
    assert len(area.interiors) == n_holes
    assert_same_area(area, lines)


def test_a_bridge_between_dense_streets_is_drawn():
    """Both ends lie deep in the city, the road between them does not."""
    lake = (CITY_M / 2, CITY_M / 2, 3 * WIDTH_M)
    nodes, ends = streets(np.random.default_rng(4), lakes=[lake])
    bridge = shapely.linestrings([[[500, CITY_M / 2], [CITY_M - 500, CITY_M / 2]]])
    lines = np.concatenate([shapely.linestrings(nodes[ends]), bridge])
    everywhere = np.ones(len(lines), bool)
    area = shapely.union_all(Surroundings(lines, WIDTH_M).polygons(everywhere, everywhere))
    assert len(area.interiors) == 2
    assert_same_area(area, lines)


def test_streets_amid_drawn_ones_are_not_widened():
    nodes, ends = streets(np.random.default_rng(7))
    lines = shapely.linestrings(nodes[ends])
    new = shapely.distance(lines, shapely.Point(CITY_M / 2, CITY_M / 2)) < 2 * WIDTH_M
    polygons = Surroundings(lines, WIDTH_M).polygons(np.ones(len(lines), bool), new)
    assert shapely.equals(polygons, shapely.envelope(polygons)).all()


def test_sparse_roads_are_all_widened():
    nodes, ends = streets(np.random.default_rng(5), spacing_m=CITY_M / 5)
    lines = shapely.linestrings(nodes[ends])
    everywhere = np.ones(len(lines), bool)
    polygons = Surroundings(lines, WIDTH_M).polygons(everywhere, everywhere)
    plain = shapely.buffer(lines, WIDTH_M, quad_segs=isochrones.QUARTER_CIRCLE)
    assert shapely.equals_exact(polygons, plain).all()


def test_long_roads_of_little_width_need_no_fine_cells():
    """One cell a millimetre would take gigabytes."""
    roads = Surroundings(shapely.linestrings([[[0, 0], [3e6, 0]], [[3e6, 0], [3e6, 1]]]), 0.01)
    everywhere = np.ones(2, bool)
    assert len(roads.cell) == 0
    assert shapely.union_all(roads.polygons(everywhere, everywhere)).area == pytest.approx(6e4, rel=1e-3)


def test_isochrones_of_dense_streets_are_those_of_all_streets(monkeypatch):
    """Cells too large to be full leave no road out; outlines that are not simplified can be compared."""
    monkeypatch.setattr(isochrones, "SIMPLIFY_M", 0.0)
    rng = np.random.default_rng(6)
    nodes, ends = streets(rng, lakes=[(CITY_M / 2, CITY_M / 3, 2.5 * WIDTH_M)])
    graph = build_graph(layer(nodes, ends, speed_kmh=rng.choice([20.0, 40.0], len(ends))))
    places, limits = points((0, 0), (CITY_M, CITY_M / 2)), [1, 2, 4, 6, 30]
    thinned = graph.isochrones(places, limits, width_m=WIDTH_M).geometry
    monkeypatch.setattr(isochrones, "CELLS_A_LINE", 1e-6)
    plain = graph.isochrones(places, limits, width_m=WIDTH_M).geometry
    for area, expected in zip(in_metres(thinned.array), in_metres(plain.array), strict=True):
        assert len(area.interiors) == len(expected.interiors)
        assert shapely.hausdorff_distance(area.boundary, expected.boundary) < ROUNDING_M
    for k in (0, 5):
        assert all(thinned[k + n + 1].covers(thinned[k + n]) for n in range(4))


# --- the work has a bound ---------------------------------------------------------------------------------


def lattice(side, spacing_m=400.0):
    """Straight streets in squares, around (0, 0)."""
    number = np.arange(side * side).reshape(side, side)
    nodes = (np.stack(np.divmod(number.ravel(), side), axis=1) - side / 2) * spacing_m
    across = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    return layer(
        nodes, np.concatenate([across, np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], 1)])
    )


def counted(patch, roads, width_m):
    """Areas within rising limits; the geometries joined, the cells and the lines put into them at most."""
    joined, cells, put = [0], [0], [0]
    union_all, boxes, segmentize = shapely.union_all, shapely.coverage_union_all, shapely.segmentize
    patch.setattr(shapely, "union_all", lambda parts: joined.append(len(parts)) or union_all(parts))
    patch.setattr(shapely, "coverage_union_all", lambda parts: cells.append(len(parts)) or boxes(parts))
    patch.setattr(
        shapely, "segmentize", lambda lines, step: put.append(len(lines)) or segmentize(lines, step)
    )
    areas = build_graph(roads, FAR).isochrones(points((0, 0)), [2, 4, 8, 60], width_m=width_m)
    return areas, max(joined), max(cells), max(put[2:], default=0)


@pytest.mark.parametrize("width_m", [60.0, 150.0])
def test_twice_the_roads_take_no_more_than_the_bound(monkeypatch, width_m):
    most_points, along, at_once = 400, 40, 500
    for name, value in (("MOST_POINTS", most_points), ("CELLS_ALONG", along), ("LINES_AT_ONCE", at_once)):
        monkeypatch.setattr(isochrones, name, value)
    work = []
    for side in (30, 42):
        with pytest.MonkeyPatch.context() as patch:
            areas, *counts = counted(patch, lattice(side), width_m)
        work.append(counts)
        assert areas["cell_m"].iloc[0] == 0
        assert areas["cell_m"].iloc[-1] == pytest.approx((side - 1) * 400 / along, rel=0.01)
        narrow, wide = areas.geometry.iloc[:-1], areas.geometry.iloc[1:]
        assert wide.reset_index(drop=True).covers(narrow.reset_index(drop=True)).all()
        assert in_metres(areas.geometry.iloc[-1]).area > 0.5 * ((side - 1) * 400) ** 2
    for joined, cells, put in work:
        assert 0 < joined <= most_points / 2 + 2
        assert 0 < cells <= (along + 8) ** 2
        assert put == at_once


def test_cells_over_all_lines_have_a_bound(monkeypatch):
    """Of many lines: few cells, and few points along them, whatever the width."""
    nodes, ends = streets(np.random.default_rng(8), spacing_m=30.0)
    lines = shapely.linestrings(nodes[ends])
    free = Surroundings(lines, WIDTH_M)
    monkeypatch.setattr(isochrones, "MOST_CELLS", 900)
    fewer = Surroundings(lines, WIDTH_M)
    assert np.prod(np.ptp(fewer.cell, axis=0) + 1) <= 900 < np.prod(np.ptp(free.cell, axis=0) + 1)
    monkeypatch.setattr(isochrones, "MOST_SAMPLES", 1000)
    assert Surroundings(lines, WIDTH_M).side >= shapely.length(lines).sum() / 1000


def test_widened_lines_kept_have_a_bound(monkeypatch):
    """The areas are those that all kept would give."""
    roads = lattice(12)
    places = points((-2000, 0), (2000, 0), (0, 2000))
    plain = build_graph(roads, FAR).isochrones(places, [1, 2], width_m=100.0)
    monkeypatch.setattr(isochrones, "MOST_KEPT", 10)
    assert build_graph(roads, FAR).isochrones(places, [1, 2], width_m=100.0).equals(plain)


def test_times_of_few_places_are_held_at_once(monkeypatch):
    roads = lattice(8)
    places = points((-900, 0), (900, 0), (0, 900), (0, 0), (400, 400))
    plain = build_graph(roads, FAR).isochrones(places, [1, 2])
    monkeypatch.setattr("siting.analysis.network.graph.TIMES_HELD", 2 * len(roads.edges))
    held, times_at_ends = [], RoadGraph._times_at_ends
    monkeypatch.setattr(
        RoadGraph, "_times_at_ends",
        lambda graph, some, towards: held.append(len(some)) or times_at_ends(graph, some, towards),
    )  # fmt: skip
    assert build_graph(roads, FAR).isochrones(places, [1, 2]).equals(plain)
    assert held == [2, 2, 1]
