"""What a run says of enterprises far from any road, cut off, or named too many."""

from dataclasses import replace

import numpy as np
import pytest

from siting.analysis.network import build_graph
from siting.outputs import access
from siting.outputs.access import cut_off_lines, distance_line
from siting.outputs.payload import payload
from siting.outputs.text import words
from siting.types import Evaluation
from tests.analysis.roads import layer

ISLANDS = layer([(0, 0), (3000, 0), (1000, 150), (1400, 150), (9000, 0), (9900, 0)], [(0, 1), (2, 3), (4, 5)])


@pytest.fixture
def cut_off(base_result) -> Evaluation:
    """The default study with its first enterprise far off, and 22 others where no road leads away."""
    whole = base_result.evaluation
    travel = whole.evidence.travel
    firms = travel.to_site.index
    snapping = travel.snapping.copy()
    far = snapping["id"] == firms[0]
    snapping.loc[far, ["snap_m", "located"]] = [23_456.0, False]
    lost = {name: getattr(travel, name).copy() for name in ("to_site", "to_laboratory")}
    for table in lost.values():
        table.iloc[:23] = np.inf
    travel = replace(travel, snapping=snapping, **lost)
    return replace(whole, evidence=replace(whole.evidence, travel=travel), graph=build_graph(ISLANDS))


def test_nothing_to_tell_of_a_study_that_roads_reach_throughout(base_result):
    ev = base_result.evaluation
    assert cut_off_lines(ev, "zh") == []
    assert distance_line(ev, "en").startswith(
        "Distance from enterprise to road: median 0.9 km, largest 2.9 km ("
    )
    assert payload(ev)["data"]["cut_off"] == []


def test_the_cut_off_are_named_and_the_rest_counted(cut_off):
    names = cut_off.evidence.inputs.enterprises["name"]
    off, unreached, islands = cut_off_lines(cut_off, "en")
    assert off == f"Enterprises more than 12.0 km from any road and off the network: 1 ({names.iloc[0]})."
    assert unreached.startswith("Enterprises on roads that lead to no site and no laboratory: 22 (")
    assert names.iloc[20] in unreached
    assert names.iloc[21] not in unreached
    assert unreached.endswith(" and others).")
    assert ": 2 (1.3 km);" in islands
    assert distance_line(cut_off, "zh").endswith(f"最远 23.5 公里（{names.iloc[0]}）。")
    pairs = payload(cut_off)["data"]["cut_off"]
    assert [english for _, english in pairs] == [off, unreached, islands]
    assert pairs[1][0].endswith("等。")


def test_the_enterprises_placed_by_their_township_are_counted(base_result):
    whole = base_result.evaluation
    firms = whole.evidence.inputs.enterprises.copy()
    firms.loc[firms.index[:2], "placed"] = "town"
    inputs = replace(whole.evidence.inputs, enterprises=firms)
    ev = replace(whole, evidence=replace(whole.evidence, inputs=inputs))
    names = "、".join(firms["name"].iloc[:2])
    assert cut_off_lines(ev, "zh") == [f"名录无坐标、按所属乡镇概略定位的企业 2 家：{names}。"]


def test_a_large_register_names_nobody(cut_off, monkeypatch):
    monkeypatch.setattr(access, "NAMES_UP_TO", 399)
    assert cut_off_lines(cut_off, "zh")[1].endswith(words("zh")["access.unnamed"] + "。")
