"""The same enterprises several times over, or a part of them, score the same where demand alone counts."""

from dataclasses import replace

import pandas as pd
import pytest

import siting
from siting.outputs.page.page import render_page
from siting.outputs.text.conclusion import conclusion, conclusion_record

COSTS = ["city_link_hours", "net_cost_wan"]
"""Criteria that follow demand by steps and blocks; all others are shares, means, or scale with it."""

LIST = "企业名称,行业代码,经度,纬度,从业人员,年产值（万元）\n" + "".join(
    f"虚构{n:02}号厂,{code},{117.25 + 0.011 * n},{39.85 + 0.007 * (7 * n % 40)},{25 + 9 * n},{800 + 170 * n}"
    "\n"
    for n, code in enumerate(("1512", "3484", "1810", "2110", "3011", "2641", "4411") * 5)
)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    path = tmp_path_factory.mktemp("list") / "企业名单.csv"
    path.write_text(LIST, encoding="utf-8")
    return siting.read_enterprises(path, crs="WGS84", industry_standard=2011)


def repeated(table, times):
    """Copy a register with each row several times, under ids and names of their own."""
    copies = [
        table.frame.set_axis([f"{name}-{n}" for name in table.frame.index]).assign(
            name=table.frame["name"] + f"（{n}）"
        )
        for n in range(times)
    ]
    frame = pd.concat(copies).rename_axis(table.frame.index.name)
    return replace(table, frame=frame, counts={**table.counts, "data_rows": len(frame), "kept": len(frame)})


def scored(study, register, settings):
    return study.with_(enterprises=register, settings=settings).run().evaluation


@pytest.fixture(scope="module")
def dated():
    """The default study with its year stated, so that another register meets the same roads."""
    return siting.load(settings={"study_year": 2011})


def assert_equal_but_costs(found, expected):
    same = [name for name in expected.values if name not in COSTS]
    assert len(same) == 8
    difference = (found.values[same] - expected.values[same]).abs()
    assert difference.max().max() < 1e-9, difference.max()


@pytest.mark.parametrize("times", [0.1, 4.0])
def test_a_list_at_a_multiple_of_its_demand_keeps_its_values(dated, own, times):
    once = scored(dated, own, {"demand.expansion_factor": 1.0})
    assert (once.values["hours_saved"] > 0.3).any()
    assert_equal_but_costs(scored(dated, own, {"demand.expansion_factor": times}), once)


def test_repeated_rows_are_a_multiple_of_the_demand(dated, own):
    factor = {"demand.expansion_factor": 1.0}
    once, four, forty = (scored(dated, repeated(own, n), factor) for n in (1, 4, 40))
    assert_equal_but_costs(four, once)
    assert_equal_but_costs(four, forty)


def test_the_demonstrations_register_four_times_over_scores_as_itself(dated, base_result):
    """Its own anchors are those of the scenario's file, the others are made in the run."""
    register = dated.inputs.tables["enterprises"]
    four = scored(dated, repeated(register, 4), {"demand.expansion_factor": 3.0})
    assert four.scenario.anchors_record.remade
    assert_equal_but_costs(four, base_result.evaluation)
    assert four.ranking["rank"].to_dict() == base_result.evaluation.ranking["rank"].to_dict()


COST_COUNTS_MOST = {
    "groups.enterprises": 0.0,
    "groups.industries": 0.0,
    "groups.building": 0.95,
    "groups.balance": 0.05,
    "criteria.net_cost_wan.weight": 1.0,
    "criteria.city_link_hours.weight": 0.0,
    "criteria.staff_commute_min.weight": 0.0,
    "economics.account": "financial",
}


def test_where_demand_changes_the_order_the_conclusion_names_the_cost():
    """Shangcang's land is offered free, which counts for nothing once every site costs more than the cap."""
    evaluation = siting.load(settings=COST_COUNTS_MOST).run().evaluation
    assert evaluation.ranking.index[0] == "shangcang"
    four = siting.load(settings={**COST_COUNTS_MOST, "demand.expansion_factor": 12.0}).run().evaluation
    assert four.ranking.index[0] == "county_seat"
    (said,) = [text for text in conclusion(evaluation, "zh") if "4 倍" in text]
    assert "城区居首" in said
    assert said.endswith("改变名次的是净费用。")
    assert any("At 4 times the demand" in text for text in conclusion(evaluation, "en"))
    record = conclusion_record(evaluation)
    assert said in record["where"]["text_zh"]
    assert said in render_page(evaluation)


def test_where_demand_changes_no_order_nothing_is_said(base_result):
    assert set(base_result.evaluation.by_demand) == {0.1, 4.0}
    assert not any("倍时" in text for text in conclusion(base_result.evaluation, "zh"))


# a multiple of the demand -----------------------------------------------------------------


@pytest.fixture(scope="module")
def doubled():
    """The default study at today's demand and at twice that, few draws."""
    few = {"robustness.joint_draws": 60, "robustness.quick_seeds": 1}
    return [siting.load(settings={**few, "demand.multiple": times}).run().evaluation for times in (1.0, 2.0)]


def test_twice_the_demand_moves_every_draw_and_the_verdict(doubled):
    once, twice = (evaluation.building for evaluation in doubled)
    drawn = once.assumptions["demand.expansion_factor"], twice.assumptions["demand.expansion_factor"]
    pd.testing.assert_series_equal(*(factor.iloc[:60] for factor in drawn))
    moved = twice.npv_wan.iloc[:60] - once.npv_wan.iloc[:60]
    assert (moved != 0).all(axis=None)
    assert (moved > 0).mean(axis=None) > 0.8  # where a test costs more than it saves, more of them cost more
    assert twice.pays_share > once.pays_share + 0.05


def test_twice_the_demand_breaks_even_at_half_the_multiple(doubled):
    once, twice = (evaluation.economics.summary["break_even_demand"] for evaluation in doubled)
    finite = once[once < float("inf")]
    assert len(finite) > 3
    assert (2 * twice[finite.index]).to_numpy() == pytest.approx(finite.to_numpy(), rel=1e-9)


def test_twice_the_demand_is_what_twice_the_firms_a_row_come_to(doubled):
    """Today's demand twice over by another way: as the appraisal sees it there is no difference."""
    few = {"robustness.joint_draws": 20, "robustness.quick_seeds": 1, "demand.expansion_factor": 6.0}
    rows = siting.load(settings=few).run().evaluation
    found, expected = (one.economics.summary["npv_wan"] for one in (doubled[1], rows))
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-9)


def test_what_enterprises_state_is_multiplied_too(dated, own):
    stated = replace(own, frame=own.frame.assign(tests_per_year=100.0))
    found = dated.with_(enterprises=stated, settings={"demand.multiple": 3.0})
    tests = found.run().evaluation.evidence.demand.tests.sum(axis=1)
    assert tests[tests > 0].to_numpy() == pytest.approx(300.0)


def test_the_demand_set_is_told_as_a_multiple_of_todays(doubled):
    once, twice = doubled
    assert "现有需求" in "".join(conclusion(once, "zh"))
    told = "".join(conclusion(twice, "zh"))
    assert "所设需求下（现有的 2 倍，扩样系数 3）" in told
    assert "现有需求" not in told
    assert "the demand set" in "".join(conclusion(twice, "en"))
