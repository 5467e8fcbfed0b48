"""Each enterprise's favourite site, and what another one costs it, by hand on the small county."""

import pandas as pd
import pytest

from siting.analysis.concerns.favourites import favourites, favourites_by_site
from tests.analysis import county

SITES = ["north", "south"]


def test_fewest_hours_decide_and_the_chosen_site_costs_the_rest():
    evidence = county.evidence()
    table = favourites(evidence, SITES, "north")
    assert table["favourite"].to_dict() == {"a": "north", "b": "south", "c": "south"}
    hours = evidence.trips.hours
    assert table["extra_hours"].to_dict() == pytest.approx(
        {
            "a": 0.0,
            "b": hours["north"]["b"] - hours["south"]["b"],
            "c": hours["north"]["c"] - hours["south"]["c"],
        }
    )
    assert table["extra_hours"]["b"] > 0
    assert table.loc["b", ["minutes", "chosen_minutes"]].tolist() == [20.0, 30.0]


def test_where_hours_tie_the_nearest_is_the_favourite():
    evidence = county.evidence()
    # In phase 1 nobody tests cars: the trips of c but for its gauges lead to the city under either site.
    evidence.trips.hours.loc["c", SITES] = 7.0
    table = favourites(evidence, SITES, "north")
    assert (table["favourite"]["c"], table["extra_hours"]["c"]) == ("south", 0.0)


def test_an_enterprise_that_no_road_leads_to_has_none():
    times = county.with_minutes(county.travel(), "a", "north", float("inf"))
    cut_off = county.with_minutes(times, "a", "south", float("inf"))
    table = favourites(county.evidence(travel_times=cut_off), SITES, "north")
    assert pd.isna(table["favourite"]["a"])
    assert table.loc["a", ["minutes", "hours", "extra_hours"]].isna().all()


def test_sums_by_site_add_up():
    evidence = county.evidence()
    table = favourites(evidence, SITES, "south")
    sums = favourites_by_site(evidence, table, SITES)
    assert sums["enterprises"].to_dict() == {"north": 1, "south": 2}
    assert sums["demand"].sum() == pytest.approx(1.0)
    assert sums["extra_hours"].sum() == pytest.approx(table["extra_hours"].sum())
    assert sums["extra_hours"]["south"] == 0
