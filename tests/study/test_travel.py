"""Where a study's minutes come from: a matrix that the user brings, an extract for the trunk roads."""

import csv
import json
from dataclasses import replace

import numpy as np
import osmium
import pandas as pd
import pytest
from osmium.osm import mutable
from pyproj import Geod
from typer.testing import CliRunner

import siting
from siting.analysis.network.travel import beside_roads, with_given_times
from siting.cli import app
from siting.outputs.tables.table_files import table_files
from siting.study import prepared as steps
from siting.study.evaluate import evaluate
from siting.study.prepared import evaluate_criteria
from siting.types import EARTH_RADIUS_M, InputError, ScenarioError
from tests.study import by_frames


def travel_of(study):
    return steps.compute_travel_times(steps.prepare(study.scenario, study.inputs))


# what a trip is made of -------------------------------------------------------------------


def test_parts_of_todays_trip_are_those_of_studies_without_delays_and_factor(base_study):
    ready = steps.prepare(base_study.scenario, base_study.inputs)
    assert steps.trip_parts(ready, steps.evidence_of(ready)) is None  # stated speeds only

    def mean(**settings):
        varied = steps.with_roads(ready, stated_are_limits=True, **settings)
        evidence = steps.evidence_of(varied)
        return varied, evidence, evaluate_criteria(varied.scenario, evidence)[0].loc["city", "mean_trip_min"]

    none = {"minor": 0.0, "secondary": 0.0, "trunk": 0.0}
    varied, evidence, whole = mean()
    parts = steps.trip_parts(varied, evidence)
    moving, free = mean(junction_delay_s=none)[2], mean(junction_delay_s=none, posted_factor=1.0)[2]
    assert (parts.whole, parts.delays) == pytest.approx((whole, whole - moving), rel=1e-6)
    assert parts.limits == pytest.approx(moving - free, rel=1e-6)
    assert parts.delays > 0.05
    assert parts.limits > 5


# time matrices ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_road(base_study):
    return travel_of(base_study)


@pytest.fixture
def with_matrix(tmp_path):
    """Write a matrix (enterprise × site) and load the default study with it."""

    def load_with(table: pd.DataFrame, unit="min"):
        path = tmp_path / "times.csv"
        table.to_csv(path, encoding="utf-8", index_label="id")
        settings = {"data.time_matrix.file": str(path), "data.time_matrix.unit": unit}
        return siting.load(settings=settings)

    return load_with


def test_a_matrix_takes_the_place_of_the_roads(with_matrix, by_road, base_result):
    given = by_road.to_site.iloc[::-1, ::-1] + 5.0
    given.iloc[3, 2] = np.inf
    study = with_matrix((given * 60.0).round(6), unit="s")
    travel = travel_of(study)
    expected = given.loc[by_road.to_site.index, by_road.to_site.columns]
    pd.testing.assert_frame_equal(travel.to_site, expected, check_names=False, atol=1e-6)
    np.testing.assert_allclose(travel.from_site, expected, atol=1e-6)
    assert np.isinf(travel.to_site_km.loc[given.index[3], given.columns[2]])
    assert np.isfinite(travel.to_site_km).to_numpy().sum() == travel.to_site_km.size - 1
    pd.testing.assert_frame_equal(travel.to_laboratory, by_road.to_laboratory)
    result = study.run()
    name = result.evaluation.provenance["time_matrix"]
    assert name["file"] == "times.csv"
    assert len(name["sha256"]) == 64
    assert "time_matrix" not in base_result.evaluation.provenance
    before, after = (r.evaluation.ranking["score"] for r in (base_result, result))
    assert after["shangcang"] < before["shangcang"]
    before, after = (r.matrix.loc["city"].dropna() for r in (base_result, result))
    assert after.to_numpy() == pytest.approx(before.to_numpy())


def test_a_matrix_stays_as_it_is_while_roads_change(with_matrix, by_road):
    study = with_matrix(by_road.to_site)
    slower = travel_of(study.with_(settings={"travel_time.peak_factor": 2.0}))
    np.testing.assert_allclose(slower.to_site, by_road.to_site, atol=1e-9)
    assert (slower.to_laboratory > 1.5 * by_road.to_laboratory).all(axis=None)


def test_drawn_registers_take_the_roads_since_the_matrix_does_not_know_them(with_matrix, by_road):
    study = with_matrix(by_road.to_site + 100.0)
    setting = steps.prepare(study.scenario, study.inputs)
    drawn = study.enterprises.iloc[::-1]
    travel = steps.compute_travel_times(by_frames.with_enterprises(setting, drawn))
    np.testing.assert_allclose(travel.to_site, by_road.to_site.iloc[::-1])


def test_where_no_road_leads_no_minutes_are_believed(by_road):
    road = by_road.to_site.copy()
    road.iloc[0, 0] = np.inf
    given = pd.DataFrame(1.0, road.index, road.columns[:3])
    travel = with_given_times(replace(by_road, to_site=road), given)
    assert travel.to_site.iloc[0, 0] == np.inf
    assert (travel.to_site.iloc[1:, :3] == 1.0).all(axis=None)
    pd.testing.assert_frame_equal(travel.to_site.iloc[:, 3:], road.iloc[:, 3:])


def test_given_times_are_set_beside_those_by_road_and_the_straight_line(base_study, by_road):
    given = by_road.to_site.iloc[::-1, ::-1] * 2.0
    points = {"enterprise": base_study.enterprises, "site": base_study.sites}
    cells = beside_roads(given, by_road, points).set_index(["start", "end"])
    assert len(cells) == given.size
    np.testing.assert_allclose(cells["given"], 2.0 * cells["road"])
    np.testing.assert_allclose(cells["factor"], (cells["given"] + 1) / (cells["road"] + 1))
    start, end = given.index[5], given.columns[2]
    cell = cells.loc[start, end]
    assert cell["road"] == by_road.to_site.loc[start, end]
    places = (base_study.enterprises.loc[start], base_study.sites.loc[end])
    _, _, metres = Geod(a=EARTH_RADIUS_M, b=EARTH_RADIUS_M).inv(
        *(place[k] for place in places for k in ("lon", "lat"))
    )
    assert cell["km"] == pytest.approx(metres / 1000, rel=1e-4)


def told_of_matrix(result):
    return {issue.code: issue for issue in result.issues if issue.file == "times.csv"}


def test_minutes_declared_as_seconds_are_told_of_wherever_issues_are(with_matrix, by_road):
    study = with_matrix(by_road.to_site, unit="s")
    result = study.run()
    told = told_of_matrix(result)
    assert list(told) == ["R132", "R134", "R135"]
    assert told["R134"].hint == 'correct the unit (unit = "min" would fit) before the result is used'
    rows = csv.DictReader(table_files(result.evaluation)["issues.csv"].decode("utf-8-sig").splitlines())
    assert {"R134", "R135"} <= {row["code"] for row in rows}
    again = evaluate(study.scenario, inputs=result.evaluation.evidence.inputs)
    assert again.evidence.inputs.issues == result.issues


def test_a_matrix_like_the_roads_says_what_it_replaces_and_no_more(with_matrix, by_road):
    assert list(told_of_matrix(with_matrix(by_road.to_site * 1.2).run())) == ["R132"]


def test_a_matrix_of_zeros_is_refused(with_matrix, by_road):
    with pytest.raises(InputError, match=r"times\.csv: no cell holds a time above 0"):
        with_matrix(by_road.to_site * 0.0)


def test_a_wrong_matrix_is_refused_with_its_cell(with_matrix, by_road):
    spoiled = by_road.to_site.round(1).astype(object)
    spoiled.iloc[2, 1] = -4
    with pytest.raises(InputError, match=r"times\.csv: row 4, column 'county_seat': '-4' is no travel time"):
        with_matrix(spoiled)
    with pytest.raises(InputError, match=f"no row {by_road.to_site.index[0]!r}; no column 'shangcang'"):
        with_matrix(by_road.to_site.iloc[1:].drop(columns="shangcang"))
    with pytest.raises(InputError, match="is no travel time .0 to 24"):
        with_matrix(by_road.to_site, unit="h")
    with pytest.raises(ScenarioError, match=r"data\.time_matrix\.unit: .*'min', 's' or 'h'"):
        with_matrix(by_road.to_site, unit="days")
    with pytest.raises(ScenarioError, match=r"data\.time_matrix\.unit: missing"):
        siting.load(settings={"data.time_matrix.file": "times.csv"})


def test_another_register_needs_its_own_rows(with_matrix, by_road, tmp_path):
    study = with_matrix(by_road.to_site)
    firms = tmp_path / "own.csv"
    firms.write_text(
        "企业名称,所属行业代码,经度,纬度,从业人数\n虚构食品厂,1411,117.39,39.90,80\n", encoding="utf-8"
    )
    register = siting.read_enterprises(firms, crs="WGS84", industry_standard=2011)
    with pytest.raises(InputError, match=r"times\.csv: no row "):
        study.with_(enterprises=register)


# extracts ---------------------------------------------------------------------------------


def write_extract(path):
    """Write country roads 4 km apart over the county, an expressway to the city, and an island far north."""
    lon, lat = np.meshgrid(np.arange(117.05, 117.86, 0.05), np.arange(39.70, 40.26, 0.04))
    number = np.arange(lon.size).reshape(lon.shape) + 1
    ways = [(line.tolist(), {"highway": "tertiary"}) for line in (*number, *number.T)]
    south = [int(number[0, 7]), 1001, 1002]
    ways.append((south, {"highway": "motorway", "ref": "S1", "oneway": "no", "maxspeed": "100"}))
    ways.append(([1002, 1003], {"highway": "secondary", "name": "市区道路"}))
    ways.append(([1004, 1005], {"highway": "residential"}))
    ways.append(([1, 2], {"highway": "construction"}))
    places = dict(zip(number.ravel().tolist(), zip(lon.ravel(), lat.ravel(), strict=True), strict=True))
    places |= {1001: (117.4, 39.4), 1002: (117.2, 39.16), 1003: (117.19, 39.12)}
    places |= {1004: (117.4, 40.9), 1005: (117.41, 40.9)}
    with osmium.SimpleWriter(str(path)) as writer:
        for node, (x, y) in sorted(places.items()):
            writer.add_node(mutable.Node(id=node, location=(float(x), float(y)), version=1))
        for way, (nodes, tags) in enumerate(ways, start=1):
            writer.add_way(mutable.Way(id=way, nodes=nodes, tags=tags, version=1))


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    path = tmp_path_factory.mktemp("roads") / "county.osm.pbf"
    write_extract(path)
    return path


def test_the_base_study_runs_on_an_extract_by_one_line(extract, tmp_path):
    out = tmp_path / "out"
    arguments = ["run", "--out", out, "--lang", "en", "--set", f"data.roads={extract}"]
    done = CliRunner().invoke(app, list(map(str, arguments)))
    assert done.exit_code == 0, done.output
    assert len(done.stdout.splitlines()) >= 9
    told = done.stderr.splitlines()
    assert told[0].startswith("Distance from enterprise to road: median ")
    assert (
        "Parts of the network that no road joins to the main one: 1 (0.8 km); "
        "points on them count as out of reach."
    ) in told
    now = "made anew for those of this run (register-committees.csv, county.osm.pbf)"
    assert now in told[-1]  # made for other roads
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["roads"]["file"] == "county.osm.pbf"
    rows = csv.DictReader((out / "issues.csv").read_text(encoding="utf-8-sig").splitlines())
    assert {"R102", "R120"} <= {row["code"] for row in rows}


def test_an_extract_gives_believable_minutes(extract):
    study = siting.load(settings={"data.roads": str(extract)})
    travel = travel_of(study)
    assert np.isfinite(travel.to_site).all(axis=None)
    snapping = travel.snapping
    assert snapping.loc[snapping["kind"] == "enterprise", "snap_m"].max() < 5000
    assert not (snapping["road"] == "S1").any()
    # About 100 km on the expressway at 100 km/h, and 40 km of country roads.
    assert travel.site_to_city["county_seat"] == pytest.approx(105, abs=25)
    assert travel.site_to_city_km["county_seat"] == pytest.approx(125, abs=20)
    assert any(issue.code == "R120" for issue in study.issues)
