"""Whether building pays with every assumption drawn: moves that compose, the rule, what is held."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.money.appraisal import assess
from siting.analysis.money.flows import flows_of
from siting.analysis.money.quantities import quantities_of
from siting.analysis.money.sensitivity import EXPANSION, levers
from siting.analysis.robustness.building import HELD, BuildingDraws, draw_building
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


def test_draws_stay_in_their_ranges_and_repeat_themselves(study):
    scenario, evidence = study
    options = evidence.options.index
    ask = {"draws": 100, "seed": 5}
    first = draw_building(evidence, scenario.economics, scenario.trips, options, **ask)
    again = draw_building(evidence, scenario.economics, scenario.trips, options, **ask)
    pd.testing.assert_frame_equal(first.npv_wan, again.npv_wan)
    assert not HELD & set(first.assumptions)
    table = evidence.inputs.parameters.loc["register.expansion_factor"]
    assert float(table["low"]) <= first.expansion[0] < first.expansion[1] <= float(table["high"])
    assert list(first.npv_wan) == [o for o in options if evidence.options["kind"][o] == "build"]
    assert first.verdict == "open"


def test_firms_of_a_real_register_stand_for_themselves(study):
    scenario, evidence = study
    firms = evidence.inputs.enterprises.assign(basis="sourced")
    real = replace(evidence, inputs=replace(evidence.inputs, enterprises=firms))
    options = evidence.options.index
    found = draw_building(real, scenario.economics, scenario.trips, options, draws=100, seed=5)
    assert found.expansion is None
    assert found.verdict == "does_not_pay"


def test_options_that_failed_or_build_nothing_are_not_drawn(study):
    scenario, evidence = study
    ask = {"draws": 100, "seed": 5}
    none = draw_building(evidence, scenario.economics, scenario.trips, pd.Index(["city", "mobile"]), **ask)
    assert none is None
    one = draw_building(evidence, scenario.economics, scenario.trips, pd.Index(["yinliu", "city"]), **ask)
    assert list(one.npv_wan) == ["yinliu"]
