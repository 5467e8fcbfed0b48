"""Not building can win: the scenario of a tight treasury keeps going to the city, and its figures say why."""

import pytest

import siting
from tests.paths import ROOT

SCENARIOS = ROOT / "data" / "scenarios"


@pytest.fixture(scope="module")
def result():
    return siting.load(SCENARIOS / "city-wins.toml").run()


def test_keeping_going_to_the_city_comes_first_and_no_near_tie(result):
    table = result.table
    assert table.index[0] == "city"
    assert table["score"].iloc[0] - table["score"].iloc[1] > 0.01


def test_it_wins_by_what_it_does_not_cost(result):
    parts = result.contributions
    ahead = (parts.loc["city"] - parts.drop(index="city")).min()
    assert ahead.idxmax() == "net_cost_wan"
    worth = result.appraisal.summary["npv_wan"]
    assert worth.idxmax() == "city"
    assert (worth.drop("city") < 0).all()


def test_it_earns_nothing_for_what_does_not_apply(result):
    for name in ("city_link_hours", "staff_commute_min"):
        assert result.contributions.at["city", name] == 0
    assert result.contributions.at["city", "hours_saved"] == 0
