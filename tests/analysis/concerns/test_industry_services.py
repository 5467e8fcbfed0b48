"""Pillar industries × services and reports by phase, by hand on the small county."""

import numpy as np
import pytest

from siting.analysis.concerns.industry_services import (
    authority_by_phase,
    industries_by_phase,
    industry_services,
    phases_of,
    reports_by_phase,
    service_shares,
)
from siting.analysis.decision.measures.criteria_industries import authority
from tests.analysis import county

PHASES = (1, 2)


@pytest.fixture(scope="module")
def evidence():
    return county.evidence()


@pytest.fixture(scope="module")
def table(evidence):
    found = industry_services(evidence, "north", county.TRIPS, PHASES)
    return found.set_index(["phase", "industry", "service"]).sort_index()


def test_shares_follow_leakage_phase_and_permission(table):
    assert phases_of(county.services(), county.TRIPS) == PHASES
    # A quarter goes on to the city anyway; of the rest a quarter cannot be done here.
    food = table.loc[(1, "food", "food")]
    assert food[["here", "sent_on", "elsewhere"]].tolist() == pytest.approx([0.5625, 0.1875, 0.25])
    assert (food["state"], food["why"]) == ("here", "")
    vessels = table.loc[(2, "food", "vessels")]
    assert (vessels["elsewhere"], vessels["state"], vessels["why"]) == (1.0, "elsewhere", "permission")
    assert (table["why"][1, "machinery", "cars"], table["state"][2, "machinery", "cars"]) == ("phase", "here")
    assert table[["here", "sent_on", "elsewhere"]].sum(axis=1).to_numpy() == pytest.approx(1.0)


def test_only_services_that_an_industry_asks_for_stand_there(table, evidence):
    assert (1, "clothing", "food") not in table.index
    assert (1, "food", "gauges") in table.index
    tests = evidence.demand.tests
    assert table["tests"][1, "clothing", "cloth"] == tests["cloth"].sum() * evidence.demand.expansion_factor


def test_industries_sum_their_services_up(table):
    sums = industries_by_phase(table.reset_index()).sort_index()
    rows = table.loc[(1, "food")]
    assert sums["here"][1, "food"] == pytest.approx(np.average(rows["here"], weights=rows["tests"]))
    assert sums.loc[(1, "food"), ["services", "services_here"]].tolist() == [3, 2]
    assert sums.loc[(2, "machinery"), "services_here"] > sums.loc[(1, "machinery"), "services_here"]


def test_what_belongs_to_the_city_is_sent_on(evidence):
    shares = service_shares(evidence, "mobile", county.TRIPS, 1)
    assert shares.loc["vessels", ["here", "sent_on", "state"]].tolist() == [0.0, 1.0, "sent_on"]
    assert shares["why"]["food"] == "kind"


def test_an_option_of_few_services_leaves_the_others(evidence):
    sites = county.sites().assign(services=["food", None, None, None])
    shares = service_shares(county.evidence(sites=sites), "north", county.TRIPS, 1)
    assert shares["why"].to_dict() == {
        "gauges": "unlisted", "vessels": "permission", "food": "", "cloth": "unlisted", "cars": "unlisted",
    }  # fmt: skip


def test_reports_and_authority_agree_with_the_criterion(evidence):
    reports = reports_by_phase(evidence, "north", county.TRIPS, PHASES).set_index(["phase", "service"])
    assert reports["issued"][1, "gauges"] == 0.75
    assert reports.loc[(1, "vessels"), ["issued", "why"]].tolist() == [0.0, "permission"]
    assert reports["why"][1, "cars"] == "phase"
    shares = authority_by_phase(evidence, county.TRIPS, PHASES)
    own = county.TRIPS.phase
    assert shares[own].to_dict() == pytest.approx(authority(evidence).to_dict())
    assert shares.loc["north", 2] > shares.loc["north", 1]
