"""What a run says of points far from any road, cut off, or named too many."""

from dataclasses import replace

import numpy as np
import pytest

from siting.analysis.network.graph import build_graph
from siting.outputs.page.payload import payload
from siting.outputs.tables.datasheets import snapping
from siting.outputs.text import access
from siting.outputs.text.access import cut_off_lines, distance_line
from siting.outputs.text.cells import heading
from siting.outputs.text.wording import words
from siting.study.evaluation import Evaluation, TripParts
from tests.analysis.roads import layer

ISLANDS = layer([(0, 0), (3000, 0), (1000, 150), (1400, 150), (9000, 0), (9900, 0)], [(0, 1), (2, 3), (4, 5)])


def with_points(evaluation: Evaluation, changes: dict[str, tuple]) -> Evaluation:
    """Lay some points elsewhere: id → (metres to the road, status)."""
    travel = evaluation.evidence.travel
    table = travel.snapping.copy()
    for point, (metres, status) in changes.items():
        hit = table["id"] == point
        assert hit.sum() == 1
        table.loc[hit, ["snap_m", "status", "located"]] = [metres, status, status != "unlocated"]
    travel = replace(travel, snapping=table)
    return replace(evaluation, evidence=replace(evaluation.evidence, travel=travel))


@pytest.fixture
def quiet(base_result) -> Evaluation:
    """The default study with its laboratories beside their roads."""
    near = dict.fromkeys(("product", "metrology"), (10.0, "connected"))
    return with_points(base_result.evaluation, near)


@pytest.fixture
def cut_off(quiet) -> Evaluation:
    """The default study with an enterprise far off, 22 on an island, one in each kind of trap."""
    firms = quiet.evidence.inputs.enterprises.index
    changes = {
        firms[0]: (23_456.0, "unlocated"),
        firms[30]: (5.0, "no_way_in"),
        firms[31]: (5.0, "no_way_out"),
    }
    changes |= dict.fromkeys(firms[1:23], (200.0, "island"))
    return replace(with_points(quiet, changes), graph=build_graph(ISLANDS))


def test_nothing_to_tell_of_a_study_that_roads_reach_throughout(quiet):
    assert cut_off_lines(quiet, "zh") == []
    assert distance_line(quiet, "en").startswith(
        "Distance from enterprise to road: median 0.9 km, largest 2.9 km ("
    )
    assert payload(quiet)["data"]["cut_off"] == []


def test_enterprises_of_every_status_are_counted_and_named(cut_off):
    names = cut_off.evidence.inputs.enterprises["name"]
    off, island, no_way_in, no_way_out, parts = cut_off_lines(cut_off, "en")
    assert (
        off
        == f"Enterprises (1) more than 12.0 km from any road and off the network: {names.iloc[0]} (23.5 km)."
    )
    assert island.startswith(
        "Enterprises (22) on roads that nothing joins to the main network, with no way in"
    )
    assert names.iloc[20] in island
    assert names.iloc[21] not in island
    assert island.endswith(" and others (all in results.xlsx, sheet “路网接驳”).")
    assert no_way_in.startswith("Enterprises (1) that can be left but not reached")
    assert no_way_in.endswith(f": {names.iloc[30]}.")
    assert no_way_out.endswith(f"but not left, because of one-way roads: {names.iloc[31]}.")
    assert ": 2 (1.3 km);" in parts
    assert distance_line(cut_off, "zh").endswith(f"最远 23.5 公里（{names.iloc[0]}）。")
    pairs = payload(cut_off)["data"]["cut_off"]
    assert [english for _, english in pairs] == [off, island, no_way_in, no_way_out, parts]
    assert pairs[1][0].startswith("所在道路与主路网不连通、进出均不通的企业 22 家：")
    assert pairs[2][0] == f"受单行道路所限，只能驶出、无法驶入的企业 1 家：{names.iloc[30]}。"
    assert pairs[3][0] == f"受单行道路所限，只能驶入、无法驶出的企业 1 家：{names.iloc[31]}。"


def test_whom_a_line_leaves_out_stands_in_the_workbook(cut_off):
    table = snapping(cut_off).loc["enterprise"]
    names = cut_off.evidence.inputs.enterprises["name"]
    assert set(table.loc[table["status"] == "island", "name"]) == set(names.iloc[1:23])
    assert table["status"].value_counts().to_dict() == {
        "connected": 375,
        "island": 22,
        "unlocated": 1,
        "no_way_in": 1,
        "no_way_out": 1,
    }
    assert heading("sheet_snapping", cut_off, "zh") == "路网接驳"


def test_points_of_every_kind_are_named_in_both_languages(quiet):
    changes = {"product": (10_268.0, "unlocated"), "tianjin": (10.0, "island"), "seat": (10.0, "no_way_in")}
    changes |= {"xiacang": (9_754.0, "no_way_out")}
    changed = with_points(quiet, changes)
    chinese, english = (cut_off_lines(changed, lang) for lang in ("zh", "en"))
    assert [line.partition("：")[0] for line in chinese] == [
        "距最近道路超过 12.0 公里、未能接入路网的现有检测机构 1 家",
        "所在道路与主路网不连通、进出均不通的市区中心",
        "受单行道路所限，只能驶出、无法驶入的县城",
        "受单行道路所限，只能驶入、无法驶出的备选场址 1 个",
        "到最近道路超过 3.0 公里（接驳段按 25 公里/小时计时）的备选场址 1 个",
    ]
    assert "天津市产品质量监督检测技术研究院（10.3 公里）。须到该处送检的企业，现状出行无法计算" in chinese[0]
    assert chinese[-1].endswith("：下仓镇（9.8 公里，单程约 23 分钟）。")
    assert english[0].startswith(
        "Laboratories of today (1) more than 12.0 km from any road and off the network: "
        "Tianjin product-quality institute (10.3 km). Trips of today that lead there cannot be reckoned"
    )
    assert english[-1] == (
        "Sites (1) more than 3.0 km from the nearest road, a way reckoned at 25 km/h: "
        "Xiacang (9.8 km, 23 min one way)."
    )


def test_long_ways_to_a_road_are_named_the_farthest_first(quiet):
    firms = quiet.evidence.inputs.enterprises["name"]
    far = with_points(quiet, {firms.index[4]: (3_500.0, "connected"), firms.index[7]: (6_000.0, "connected")})
    (line,) = cut_off_lines(far, "en")
    assert line.endswith(
        f": {firms.iloc[7]} (6.0 km, 14 min one way), {firms.iloc[4]} (3.5 km, 8 min one way)."
    )
    assert cut_off_lines(with_points(quiet, {firms.index[4]: (3_000.0, "connected")}), "en") == []


def test_what_follows_from_missing_roads_is_said_only_then(quiet):
    matrix, trips = quiet.matrix.copy(), quiet.evidence.trips
    matrix["worst_tenth_min"] = np.inf
    matrix.loc["mobile", "net_cost_wan"] = np.inf
    hours = trips.hours.copy()
    hours.loc[hours.index[:29], "city"] = np.inf
    evidence = replace(quiet.evidence, trips=replace(trips, hours=hours))
    changed = replace(quiet, matrix=matrix, evidence=evidence)
    unknown, indicators = cut_off_lines(changed, "zh")
    assert unknown == "因道路不通，现状送检出行无法计算的企业 29 家（共 400 家），其节约时间按 0 计。"
    assert indicators == (
        "因道路不通，下列指标为“路网不通”，参与计分的按 0 分计："
        "净费用（流动检测与上门服务）、路最远的一成企业的平均单程时间（各方案）。"
    )
    english = cut_off_lines(changed, "en")[1]
    assert english.endswith(
        ": Net cost (Mobile and on-site service), Trip of the worst-served tenth (all options)."
    )


def test_an_indicator_of_all_options_that_it_applies_to_is_said_of_all(quiet):
    matrix = quiet.matrix.copy()
    built = quiet.applies.index[quiet.applies["staff_commute_min"]]
    assert 0 < len(built) < len(matrix)
    matrix.loc[built, "staff_commute_min"] = np.inf
    (line,) = cut_off_lines(replace(quiet, matrix=matrix), "en")
    assert line.endswith(": Staff commuting (all options).")


def test_the_enterprises_placed_by_their_township_are_counted(quiet):
    firms = quiet.evidence.inputs.enterprises.copy()
    firms.loc[firms.index[:2], "placed"] = "town"
    inputs = replace(quiet.evidence.inputs, enterprises=firms)
    ev = replace(quiet, evidence=replace(quiet.evidence, inputs=inputs))
    names = "、".join(firms["name"].iloc[:2])
    assert cut_off_lines(ev, "zh") == [f"名录无坐标、按所属乡镇概略定位的企业 2 家：{names}。"]


def test_a_large_register_names_nobody(cut_off, monkeypatch):
    monkeypatch.setattr(access, "NAMES_UP_TO", 399)
    unnamed = words("zh")["access.unnamed"].replace("{sheet}", "路网接驳")
    assert cut_off_lines(cut_off, "zh")[1].endswith(f"的企业 22 家：{unnamed}。")


def test_what_delays_and_limits_add_to_a_trip_is_said_where_roads_have_limits(quiet):
    told = replace(quiet, trip_parts=TripParts(50.04, 6.0, 4.5))
    chinese, english = (cut_off_lines(told, lang)[-1] for lang in ("zh", "en"))
    assert english == (
        "Of today's mean trip of 50.0 min, 6.0 min are delays at junctions and signals, "
        "and 4.5 min come from driving 0.9 of the limits."
    )
    assert chinese.startswith("现状平均单程送检用时 50.0 分钟，其中路口和信号灯延误 6.0 分钟")
