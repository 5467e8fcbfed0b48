"""Published and hand-made cases of appraisal, each with its source, against the pure functions."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.money import formulas, rates
from siting.analysis.money.capacity import staff_needed
from siting.analysis.money.flows import ACCOUNTS, PARTIES, flows_of
from siting.analysis.money.money_settings import EconomicsSettings
from tests.analysis.money.one_centre import centre
from tests.paths import ROOT

CASES = json.loads((ROOT / "tests/inputs/appraisal-cases.json").read_text(encoding="utf-8"))


def figures(inputs):
    """Decimals are written as texts, so that they are exact."""
    return {k: float(v) if isinstance(v, str) and k != "vary" else v for k, v in inputs.items()}


def residual(i):
    flow = np.zeros(i["horizon"] + 1)
    flow[[0, *formulas.renewal_years(i["life"], i["horizon"])]] = i["price"]
    left = i["price"] * formulas.residual_share(i["life"], i["horizon"])
    flow[-1] -= left
    renewals = formulas.renewal_years(i["life"], i["horizon"])
    return {"renewals": renewals, "residual": left, "pv_cost": formulas.present_value(flow, i["rate"])}


def growth(i):
    flow = i["benefit"] * formulas.growth_factors(i["growth"], i["years"])
    return formulas.present_value(flow, i["rate"])


def ramp(i):
    flow = i["full_benefit"] * formulas.ramp_shares(i["years_to_start"], i["ramp_years"], i["horizon"])
    return formulas.present_value(flow, i["rate"])


def land(i):
    flow = np.zeros(i["horizon"] + 1)
    flow[0], flow[-1] = i["price"], -i["price"]
    return formulas.present_value(flow, i["rate"])


def payback(i):
    return {
        "static": formulas.payback_years(i["flows"]),
        "dynamic": formulas.payback_years(i["flows"], i["rate"]),
    }


def choice(i):
    worth = {name: formulas.present_value(flows, i["rate"]) for name, flows in i["options"].items()}
    today = "today" if "today" in worth else "none"
    told = {name: rates.rate_of_return(flows).rate for name, flows in i["options"].items()}
    above = {name: rate for name, rate in told.items() if rate is not None and rate >= i["rate"]}
    return {
        "best": formulas.best_by_present_value(worth, today),
        "by_irr": max(above, key=above.get) if above else None,
    }


def unequal_lives(i):
    def worth(option):
        flow = np.full(i["common_horizon"] + 1, float(option["benefit"]))
        flow[0] = 0.0
        flow[[0, *formulas.renewal_years(option["life"], i["common_horizon"])]] -= option["price"]
        return formulas.present_value(flow, i["rate"])

    return {"npv": [worth(option) for option in i["options"]]}


def bcr(i):
    costs = i["pv_running"] + i["pv_capital"]
    gain = i["pv_benefits"] - costs + i["pv_residual"]
    given_ = i["pv_benefits"], costs, i["pv_residual"]
    return {
        "bcr_cost_side": formulas.benefit_cost_ratio(*given_),
        "bcr_residual_as_benefit": formulas.benefit_cost_ratio(*given_, residual_as="benefit"),
        "npv_per_capital": gain / (i["pv_capital"] - i["pv_residual"]),
        "npv": gain,
    }


def bcr_simple(i):
    ratio = formulas.benefit_cost_ratio(i["pv_benefits"], i["pv_costs"])
    return {"npv": i["pv_benefits"] - i["pv_costs"], "bcr": ratio}


def accounts(i):
    """One test takes an hour, drives a kilometre and pays a toll; no cost of testing follows the tests."""
    tests = i["tests"]
    settings = EconomicsSettings(
        discount_rate=i["rate"],
        horizon_years=i["years"],
        years_to_accreditation=0,
        ramp_up_years=1,
        value_of_time_yuan_h=i["time_saved_yuan"],
        vehicle_cost_yuan_km=i["km_saved_yuan"],
        toll_yuan=i["toll_saved_yuan"] / 2,
        area_m2=i["capital"] / 1e4,
        building_cost_wan_m2=1.0,
        building_life_years=i["years"],
        staff=0,
        other_running_wan=i["running_year"] / 1e4,
        consumables_share=0.0,
        city_runs_per_year=0.0,
    )
    amounts = centre(time_h=tests, vehicle_km=tests, city_trips=tests, fees=tests * i["fee_yuan"])
    flows = flows_of(amounts, settings)
    parties = {**ACCOUNTS, **{party: (party,) for party in PARTIES}}
    return {name: float(flows.present(chosen)[0]) * 1e4 for name, chosen in parties.items()}


def centre_full(i):
    settings = EconomicsSettings(
        discount_rate=i["rate"],
        horizon_years=i["horizon"],
        years_to_accreditation=i["years_to_start"],
        ramp_up_years=i["ramp_years"],
        value_of_time_yuan_h=1e4,
        toll_yuan=i["van_toll_year"] * 1e4 / 2,
        area_m2=i["building"],
        building_cost_wan_m2=1.0,
        building_life_years=i["building_life"],
        equipment_life_years=i["equipment_life"],
        land_price_wan_mu=i["land"],
        land_preparation_wan_mu=i["land_preparation"],
        staff=0,
        other_running_wan=i["running_year"],
        consumables_share=0.0,
        vehicle_cost_yuan_km=1e4,
        city_runs_per_year=1.0,
    )
    trips = i["toll_saved_year"] / i["van_toll_year"]
    amounts = centre(
        time_h=i["time_and_km_saved_year"],
        city_trips=trips,
        fees=i["fee_year"] * 1e4,
        setup_wan=i["equipment"],
        area_mu=1.0,
        land_paid=i["land"],
        van_km=i["van_resource_year"],
    )
    flows = flows_of(amounts, settings)
    national, residual = flows.yearly()[0], float(flows.present(items=["residual"])[0])
    value = float(flows.present()[0])
    tolls = float(flows.present(["enterprises"], ["tolls"])[0] - flows.present(["toll_operator"], ["van"])[0])
    return {
        "national": value,
        "national_without_residual": value - residual,
        "national_with_tolls_without_residual": value - residual + tolls,
        **{party: float(flows.present([party])[0]) for party in PARTIES if party != "others"},
        "eirr": rates.rate_of_return(national.tolist()).rate,
    }


def capacity(i):
    found = []
    for multiple in i["multiples"]:
        tests = i["tests"] * multiple
        staff = float(staff_needed(tests, i["per_person"], i["minimum_staff"]))
        year = tests * i["benefit_per_test"] - staff * (i["cost_per_person"] + i["other_per_person"])
        flow = [-i["capital"], *[year] * i["years"]]
        worth = formulas.present_value(flow, i["rate"])
        found.append({"multiple": multiple, "staff": staff, "tests_per_person": tests / staff, "npv": worth})
    return found


def breakeven(i):
    margin = i["pv_benefit_at_1"] - i["pv_variable_at_1"]
    return formulas.break_even(lambda m: margin * m - i["pv_fixed"], 100).from_then_on


def breakeven_steps(i):
    def net(n):
        return i["benefit"] * n - i["fixed"] - i["per_block"] * np.ceil(n / i["block"] - 1e-12)

    steps = np.arange(1, i["up_to"] // i["block"]) * i["block"]
    found = formulas.break_even(net, i["up_to"], steps=steps)
    assert found.from_then_on == found.crossings[-1]
    return {"crossings": list(found.crossings)}


def worth_of(i, **changed):
    i = {**i, **changed}
    return formulas.present_value([-i["investment"], *[i["revenue"] - i["cost"]] * i["years"]], i["rate"])


def switching(i):
    changed = worth_of(i, **{i["vary"]: i[i["vary"]] * 1.1})
    return {"change": formulas.switching_change(worth_of(i), changed, 0.1)}


def saf_npv(i):
    changed = worth_of(i, **{i["vary"]: i[i["vary"]] * 1.1})
    return formulas.sensitivity_coefficient(worth_of(i), changed, 0.1)


def saf_negative(i):
    base, changed, change = i["base"], i["changed"], i["parameter_change"]
    coefficient = formulas.sensitivity_coefficient(base, changed, change)
    return {
        "saf_abs_base": coefficient,
        "saf_plain": -coefficient,
        "switching_change": formulas.switching_change(base, changed, change),
    }


def si_sv(i):
    """The bank's indicator is in percent of each other: its coefficient, over which 100 is the value."""
    base = 100.0
    changed = base - i["si"] * 10.0
    coefficient = formulas.sensitivity_coefficient(base, changed, 0.10)
    change = formulas.switching_change(base, changed, 0.10)
    return {"sv_percent": 100 * change, "npv_change_at_20_percent": -0.2 * coefficient}


SOLVE = {
    "npv": lambda i: formulas.present_value(i["flows"], i["rate"], first_year=i["first_at"]),
    "irr": lambda i: rates.internal_rates(i["flows"]),
    "irr_contains": lambda i: rates.internal_rates(i["flows"])[-1],
    "npv_irr": lambda i: {
        "npv": formulas.present_value(i["flows"], i["rate"]),
        "irr": rates.rate_of_return(i["flows"]).rate,
    },
    "annuity_irr": lambda i: rates.rate_of_return([-i["investment"], *[i["net"]] * i["years"]]).rate,
    "mirr": lambda i: rates.modified_rate(i["flows"], finance=i["finance"], reinvest=i["reinvest"]),
    "growth": growth,
    "ramp": ramp,
    "residual": residual,
    "land": land,
    "payback": payback,
    "choice": choice,
    "unequal_lives": unequal_lives,
    "bcr": bcr,
    "bcr_simple": bcr_simple,
    "accounts": accounts,
    "centre_full": centre_full,
    "capacity": capacity,
    "breakeven": breakeven,
    "breakeven_steps": breakeven_steps,
    "optimism_mix": lambda i: formulas.mixed_bias(i["parts"]),
    "optimism_managed": lambda i: {
        "bias": formulas.managed_bias(i["upper"], i["reduction"]),
        "cost": i["cost"] * (1 + formulas.managed_bias(i["upper"], i["reduction"])),
    },
    "green_book_factor": lambda i: formulas.discount_factors([(30, 0.035), (75, 0.03)], i["year"])[-1],
    "switching": switching,
    "saf_npv": saf_npv,
    "saf": lambda i: formulas.sensitivity_coefficient(i["base"], i["changed"], i["parameter_change"]),
    "saf_abs": lambda i: abs(
        formulas.sensitivity_coefficient(1.0, 1.0 + i["change_of_indicator"], i["change_of_factor"])
    ),
    "saf_negative": saf_negative,
    "critical_linear": lambda i: {"change": formulas.switching_change(i["npv0"], i["npv1"], i["change"])},
    "si_sv": si_sv,
}


def agree(found, expected, tolerance):
    if isinstance(expected, dict):
        each = tolerance if isinstance(tolerance, dict) else dict.fromkeys(expected, tolerance)
        for key, value in expected.items():
            agree(found[key], value, each[key])
    elif isinstance(expected, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            agree(one, other, tolerance)
    elif isinstance(expected, float | int):
        assert found == pytest.approx(expected, abs=tolerance, rel=tolerance if tolerance < 1e-6 else 0)
    else:
        assert found == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case(case):
    agree(SOLVE[case["kind"]](figures(case["inputs"])), case["expected"], case["tolerance"])


def test_every_kind_has_a_case():
    assert set(SOLVE) == {case["kind"] for case in CASES}
    assert all(case["source"] for case in CASES)


# laws


FLOWS = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=12)


@given(FLOWS)
def test_every_rate_is_one_at_which_flows_are_worth_nothing(flows):
    found = rates.internal_rates(flows)
    assert found == sorted(found)
    for rate in found:
        # Relative to what adds up: near −1 later years weigh without bound.
        terms = np.abs(flows) / (1 + rate) ** np.arange(len(flows))
        assert abs(formulas.present_value(flows, rate)) <= 1e-6 * terms.sum()


@given(FLOWS, st.floats(-0.5, 2), st.floats(-0.5, 2))
def test_a_turn_of_sign_has_a_rate_between(flows, one, other):
    low, high = sorted((one, other))
    values = [formulas.present_value(flows, rate) for rate in (low, high)]
    if values[0] * values[1] < 0 and min(map(abs, values)) > 1e-6:
        assert any(low <= rate <= high for rate in rates.internal_rates(flows))


@given(FLOWS, st.floats(0, 0.5))
def test_payback_and_present_value_agree(flows, rate):
    value, years = formulas.present_value(flows, rate), formulas.payback_years(flows, rate)
    scale = np.abs(flows).sum()
    if abs(value) > 1e-9 * scale:
        assert (years is None) == (value < 0)
    if years is not None:
        assert 0 <= years <= len(flows) - 1


@given(st.floats(0, 1e4), st.floats(1, 1e4), st.floats(0, 1))
def test_the_ratio_is_on_the_side_of_the_present_value(benefits, costs, share):
    residual_value = share * costs / 2
    gain = benefits - costs + residual_value
    if abs(gain) > 1e-6:
        for where in ("less_cost", "benefit"):
            ratio = formulas.benefit_cost_ratio(benefits, costs, residual_value, residual_as=where)
            assert (ratio > 1) == (gain > 0)


def test_rates_that_mean_nothing_are_told_why():
    notes = {
        "no_flows": [0, 0],
        "only_costs": [-1, -2],
        "only_gains": [1, 2],
        "costs_exceed": [-100, 50],
        "no_rate": [100, -150, 100],
        "several": [-100, 230, -132],
        "touches": [-100, 240, -144],
        "loan": [100, -110],
        "unknown": [-math.inf, 1],
    }
    assert {note: rates.rate_of_return(flows) for note, flows in notes.items()} == {
        note: rates.RateOfReturn(None, note) for note in notes
    }
    assert rates.modified_rate([1, 2], finance=0.1, reinvest=0.1) is None


def test_a_renewal_may_turn_the_flow_without_a_second_rate():
    flows = [-1000, 400, 400, -300, 400, 400, 400]
    assert len(rates.internal_rates(flows)) == 1
    rate = rates.rate_of_return(flows).rate
    assert formulas.present_value(flows, rate) == pytest.approx(0, abs=1e-9)
    assert formulas.present_value(flows, rate - 0.01) > 0 > formulas.present_value(flows, rate + 0.01)


def test_switching_without_effect():
    assert formulas.switching_change(-5, -5, 0.1) is None
    assert math.isnan(formulas.sensitivity_coefficient(0, 1, 0.1))
    assert formulas.benefit_cost_ratio(5, 0) is None
