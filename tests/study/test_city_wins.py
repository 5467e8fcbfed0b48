"""Whether to build is the appraisal's question: a tight treasury is told no, and sites are ranked still."""

import pytest

import siting
from siting.option_kinds import KINDS
from siting.outputs.text.conclusion import conclusion_record
from tests.paths import ROOT

SCENARIOS = ROOT / "data" / "scenarios"


@pytest.fixture(scope="module")
def result():
    return siting.load(SCENARIOS / "city-wins.toml").run()


def test_building_does_not_pay_whatever_the_scores(result):
    worth = result.appraisal.summary["npv_wan"]
    assert worth.idxmax() == "city"
    assert (worth.drop("city") < 0).all()
    assert conclusion_record(result.evaluation)["build"]["verdict"] != "pays"


def test_sites_alone_are_ranked(result):
    options = result.evaluation.evidence.options
    placed = {option for option, kind in options["kind"].items() if KINDS[kind].has_place}
    for table in (result.table, result.values, result.contributions):
        assert set(table.index) == placed
    assert set(result.matrix.index) - placed == {"city", "mobile"}


def test_what_needs_no_place_keeps_its_figures(result):
    assert result.matrix.loc["city", ["city_link_hours", "staff_commute_min"]].isna().all()
    assert result.matrix.at["city", "hours_saved"] == 0
    assert result.matrix.at["mobile", "net_cost_wan"] > 0
