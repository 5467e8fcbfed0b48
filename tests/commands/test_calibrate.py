"""`siting roads FILE --calibrate times.csv`: from a road file and measured trips to keys of a scenario."""

import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from siting.analysis.network.delays import minute_parts
from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from siting.commands.calibrate import fragment, report, run_calibration
from siting.inputs.roads.read_roads import read_roads
from siting.inputs.tables.times.measured_trips import read_trips
from siting.scenario.build import read_scenario
from siting.types import InputError
from tests.paths import ROOT

N = 12
STEP = 0.0016


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """Streets with a trunk road across every other one, and a long road out of town."""
    path = tmp_path_factory.mktemp("roads") / "town.osm"
    nodes = [(y * N + x + 1, 40 + STEP * y, 117 + STEP * x) for y in range(N) for x in range(N)]
    nodes += [(1000 + k, 40 + STEP * 2 * k, 117 + STEP * N + 0.06 * (k + 1)) for k in range(6)]
    lines = [f'<node id="{n}" lat="{lat:.5f}" lon="{lon:.5f}"/>' for n, lat, lon in nodes]
    lines[0] = (
        '<node id="1" lat="40" lon="117"><tag k="siting:node" v="hall"/><tag k="name" v="县政府"/></node>'
    )
    ways = [[y * N + x + 1 for x in range(N)] for y in range(N)]
    ways += [[y * N + x + 1 for y in range(N)] for x in range(N)]
    kinds = [("tertiary", 40)] * N + [("trunk", 60) if x % 2 else ("tertiary", 40) for x in range(N)]
    ways += [[2 * k * N + N, 1000 + k] for k in range(6)]
    kinds += [("primary", 70)] * 6
    for number, (refs, (kind, limit)) in enumerate(zip(ways, kinds, strict=True), start=1):
        points = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        tags = f'<tag k="highway" v="{kind}"/><tag k="maxspeed" v="{limit}"/>'
        lines.append(f'<way id="{number}">{points}{tags}</way>')
    path.write_text(f'<osm version="0.6">{"".join(lines)}</osm>', encoding="utf-8")
    return path


SETTINGS = TravelTimeSettings()


@pytest.fixture(scope="module")
def trips(extract):
    """Thirty trips at 0.75 of the limit and twice the delays, within 3 % of the truth."""
    roads, rng = read_roads(extract), np.random.default_rng(7)
    graph = build_graph(roads, SETTINGS)
    minutes = minute_parts(roads, SETTINGS).total(limit_share=0.75 / 0.9, junctions=2.0)
    graph = graph.with_minutes(np.where(np.isfinite(graph.minutes), minutes, np.inf))
    start = [0, 1, 2, 3, 12, 24, 36, 48, 13, 26, 39, 52, 14, 28, 40]
    pairs = [(k, N * N - 1 - k) for k in start] + [(2 * k * N + N - 1, N * N + k) for k in range(6)] * 2
    pairs += [(k, N * N + k) for k in range(3)]
    at = roads.nodes[["lon", "lat"]].to_numpy()
    number = pd.Series(range(len(roads.nodes)), index=[(round(a, 5), round(b, 5)) for a, b in at])
    places = [(117 + STEP * x, 40 + STEP * y) for y in range(N) for x in range(N)]
    places += [(117 + STEP * N + 0.06 * (k + 1), 40 + STEP * 2 * k) for k in range(6)]
    node = [number[round(a, 5), round(b, 5)] for a, b in places]
    ends = np.array([(node[a], node[b]) for a, b in pairs])
    taken = graph.travel_times(ends[:, 0], ends[:, 1]).diagonal() * rng.uniform(0.97, 1.03, len(pairs))
    coordinates = np.hstack([at[ends[:, 0]], at[ends[:, 1]]]).round(7)
    frame = pd.DataFrame(coordinates, columns=["起点经度", "起点纬度", "终点经度", "终点纬度"])
    return frame.assign(起点="", 分钟=taken.round(3), 时刻=["8:30", "10"] * (len(frame) // 2))


def run(extract, path, **options):
    return run_calibration(read_roads(extract), path, SETTINGS, None, **options)


def test_a_scenario_takes_what_the_fit_writes(extract, trips, tmp_path):
    """The first trip names its start; the keys are read back and give the fitted minutes."""
    named = trips.copy()
    first = named.index[named["起点经度"].eq(117.0) & named["起点纬度"].eq(40.0)][0]
    named.loc[first, ["起点经度", "起点纬度"]] = np.nan
    named.loc[first, "起点"] = "县政府"
    path = tmp_path / "times.csv"
    named.to_csv(path, index=False, encoding="utf-8")
    found = run(extract, path)
    assert 0.9 / found.result.factors[0] == pytest.approx(0.75, rel=0.03)
    assert found.result.factors[1] == pytest.approx(2.0, rel=0.1)
    text = fragment(found, "2026-03-01")
    study = tmp_path / "own.toml"
    for name in ("base.toml", "method.toml"):
        shutil.copy(ROOT / "data" / "scenarios" / name, tmp_path / name)
    study.write_text(f'base = "base.toml"\n{text}', encoding="utf-8")
    scenario = read_scenario(study)
    assert scenario.travel_time.posted_factor == pytest.approx(0.9 / found.result.factors[0], abs=1e-4)
    assert scenario.travel_time.class_factor == pytest.approx(1 / found.result.factors[0], abs=1e-4)
    assert scenario.travel_time.junction_delay_s.trunk == pytest.approx(
        10 * found.result.factors[1], abs=0.01
    )
    record = scenario.calibration_record
    assert (record.file, record.trips, record.set_on) == ("times.csv", len(trips), "2026-03-01")
    assert record.mean_error_held_out_min < 0.3 * record.mean_error_before_min
    graph = build_graph(
        read_roads(extract), scenario.travel_time.model_copy(update={"access_speed_kmh": 15.0})
    )
    at = (
        named.loc[1:5, ["起点经度", "起点纬度"]].to_numpy(),
        named.loc[1:5, ["终点经度", "终点纬度"]].to_numpy(),
    )
    again = graph.travel_times(*at).diagonal()
    np.testing.assert_allclose(again, found.result.after_min[1:6], rtol=2e-3)
    assert fragment(found, None) == "".join(line for line in text.splitlines(True) if "set_on" not in line)


def test_the_report_says_what_the_fit_rests_on(extract, trips, tmp_path):
    path = tmp_path / "times.csv"
    far = trips.copy()
    far.loc[4, "分钟"] *= 3
    far.to_csv(path, index=False, encoding="utf-8")
    lines = [line.en for line in report(run(extract, path))]
    assert lines[0] == "times.csv: 30 trips used, 0 without a way between their ends"
    assert any("--crs GCJ-02" in line for line in lines)
    assert any(line.startswith("share of the limit driven: 0.7") for line in lines)
    assert any("trips in the busy hours" in line and "(15)" in line for line in lines)
    assert lines[-1] == "left out of the fit, as they lie far off it (rows): 6"
    stated = [line.zh for line in report(run(extract, path, crs="WGS84"))]
    assert not any("GCJ-02" in line for line in stated)


def test_every_fault_of_the_table_is_told_at_once(tmp_path):
    path = tmp_path / "times.csv"
    text = "起点,终点,分钟,时刻\n甲,乙,10,8\n丙,乙,ten,9\n甲,,12,25\n甲,乙,-3,8:30\n"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_trips(path, {"甲": (117.0, 40.0), "乙": (117.1, 40.0)})
    told = str(caught.value)
    assert "times.csv" in told
    for part in (
        "row 3",
        "row 4, destination: neither a name nor coordinates",
        "row 4: 25 is no hour",
        "row 5",
    ):
        assert part in told, told
    assert "既无地名也无坐标" in caught.value.message_zh
    path.write_text("起点,终点,分钟\n丁,乙,10\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 2, origin: 丁 is no known place"):
        read_trips(path, {"乙": (117.1, 40.0)})


def test_coordinates_of_online_maps_are_converted(tmp_path):
    path = tmp_path / "times.csv"
    path.write_text("起点经度,起点纬度,终点经度,终点纬度,分钟\n117.4,40.0,117.5,40.1,20\n", encoding="utf-8")
    plain, moved = (read_trips(path, {}, crs=crs)[0] for crs in ("WGS84", "GCJ-02"))
    assert plain["origin_lon"].tolist() == [117.4]
    assert 0.004 < plain["origin_lon"][0] - moved["origin_lon"][0] < 0.008


def test_roads_without_limits_are_refused(trips, tmp_path):
    path = tmp_path / "times.csv"
    trips.to_csv(path, index=False, encoding="utf-8")
    with pytest.raises(InputError, match="all speeds of trunk.osm.pbf are stated travel speeds"):
        run(ROOT / "data" / "raw" / "trunk.osm.pbf", path)


def test_the_command_writes_the_keys(extract, trips, tmp_path):
    path, out = tmp_path / "times.csv", tmp_path / "fit.toml"
    trips.to_csv(path, index=False, encoding="utf-8")
    command = [sys.executable, "-m", "siting", "roads", str(extract), "--calibrate", str(path)]

    def call(*options):
        return subprocess.run(
            [*command, *options], capture_output=True, text=True, encoding="utf-8", check=False, cwd=ROOT
        )

    done = call("--out", str(out), "--date", "2026-03-01", "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "30 trips used" in done.stderr
    assert 'set_on = "2026-03-01"' in out.read_text(encoding="utf-8")
    printed = call("--date", "2026-03-01")
    assert printed.stdout.strip() == out.read_text(encoding="utf-8").strip()
    assert "实际车速占限速的比例" in printed.stderr
    refused = call("--out", str(tmp_path / "fit.gpkg"))
    assert (refused.returncode, refused.stdout) == (1, "")
