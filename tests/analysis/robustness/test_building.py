"""Whether building pays with every assumption drawn: moves that compose, the rule, what is held."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.money.appraisal import assess
from siting.analysis.money.flows import flows_of
from siting.analysis.money.quantities import quantities_of
from siting.analysis.money.sensitivity import EXPANSION, levers
from siting.analysis.robustness.building import BuildingDraws
from siting.study.prepared import evidence_of, prepare

pytestmark = pytest.mark.filterwarnings("error")


def draws_of(shares):
    """Draws of two options, of which each pays in the stated tenths; the second's lie among the first's."""
    npv = np.where(np.arange(10)[:, None] < np.array(shares), 1.0, -1.0)
    return BuildingDraws(pd.DataFrame(npv, columns=["a", "b"]), pd.DataFrame(index=range(10)))


@pytest.mark.parametrize(
    ("tenths", "verdict"),
    [((9, 9), "pays"), ((9, 0), "pays"), ((8, 8), "open"), ((2, 1), "open"), ((1, 1), "does_not_pay"),
     ((0, 0), "does_not_pay")],
)  # fmt: skip
def test_the_sign_has_to_hold_in_nine_draws_of_ten(tenths, verdict):
    found = draws_of(tenths)
    assert found.verdict == verdict
    assert found.positive.to_dict() == {"a": tenths[0] / 10, "b": tenths[1] / 10}


@pytest.fixture(scope="module")
def study(base_study):
    evidence = evidence_of(prepare(base_study.scenario, base_study.inputs))
    return base_study.scenario, evidence


def amounts_of(evidence, settings):
    tables = evidence.inputs.sites, evidence.inputs.services, evidence.inputs.pledges
    return quantities_of(*tables, evidence.demand, evidence.travel, evidence.trips, settings)


def test_moves_of_several_assumptions_are_those_of_the_whole_model(study):
    """Persons, waiting, collection and demand moved one after the other, against a study set so."""
    scenario, evidence = study
    start = amounts_of(evidence, scenario.economics), scenario.economics
    values = {
        "trips.waiting_city_min": 95.0,
        "trips.waiting_centre_min": 20.0,
        "trips.persons": 1.9,
        "trips.report_collection": 0.8,
        "trips.combined_errands_share": 0.45,
        EXPANSION: 7.0,
        "economics.staff_cost_wan": 7.5,
    }
    moved = start
    for lever in levers(evidence, *start, scenario.trips):
        moved = lever.move(moved, values.get(lever.key, lever.value))
    trips = scenario.trips.model_copy(
        update={key.partition(".")[2]: value for key, value in values.items() if key.startswith("trips.")}
    )
    from siting.analysis.evidence import build_evidence

    whole = build_evidence(
        evidence.inputs,
        evidence.travel,
        demand=scenario.demand,
        trip_settings=trips,
        economics=moved[1],
        tests=replace(evidence.demand, expansion_factor=7.0),
    )
    # Sites to which nobody changes who goes: waiting does not turn them away.
    np.testing.assert_allclose(
        flows_of(*moved).present(), flows_of(amounts_of(whole, moved[1]), moved[1]).present(), rtol=0.02
    )


def test_nothing_moved_is_the_appraisal(study):
    scenario, evidence = study
    start = amounts_of(evidence, scenario.economics), scenario.economics
    moved = start
    for lever in levers(evidence, *start, scenario.trips):
        moved = lever.move(moved, lever.value)
    worth = assess(evidence, scenario.economics, trip_settings=scenario.trips)
    np.testing.assert_allclose(flows_of(*moved).present(), worth.summary["npv_wan"], rtol=1e-12)
