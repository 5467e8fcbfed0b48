"""What each assumption moves: coefficients, switching values, break-even demand on the full model."""

import math

import numpy as np
import pandas as pd
import pytest

from siting.analysis.money import sensitivity
from siting.analysis.money.appraisal import assess
from siting.analysis.money.flows import flows_of
from siting.analysis.money.money_settings import PARAMETERS, EconomicsSettings
from tests.analysis import county
from tests.analysis.county import TRIPS
from tests.analysis.money.one_centre import centre

RICH = EconomicsSettings(value_of_time_yuan_h=20_000)
RANGES = pd.DataFrame(
    {"low": [10_000.0, 0.06, 1.0], "high": [40_000.0, 0.10, 19.0]},
    ["value_of_time", "discount_rate", "register.expansion_factor"],
)


def found(settings=RICH):
    case = county.evidence(economics=settings)
    object.__setattr__(case.inputs, "parameters", RANGES)
    return case, assess(case, settings, trip_settings=TRIPS).sensitivity


def npv(settings):
    case = county.evidence(economics=settings)
    return assess(case, settings, trip_settings=TRIPS).summary["npv_wan"]


def test_ends_coefficients_and_switching_values():
    _, told = found()
    assert told.option == "north"
    base, row = npv(RICH)["north"], told.table.loc["economics.value_of_time_yuan_h"]
    assert base < 0
    assert row["npv_low"] == pytest.approx(npv(EconomicsSettings(value_of_time_yuan_h=1e4))["north"])
    assert row["npv_high"] == pytest.approx(npv(EconomicsSettings(value_of_time_yuan_h=4e4))["north"])
    dearer = npv(EconomicsSettings(value_of_time_yuan_h=22_000))["north"]
    assert row["coefficient"] == pytest.approx((dearer - base) / abs(base) / 0.1)
    turned = EconomicsSettings(value_of_time_yuan_h=row["switching_value"])
    assert npv(turned)["north"] == pytest.approx(0, abs=1e-6)
    assert row["switching_change"] == pytest.approx(row["switching_value"] / 20_000 - 1)


def test_no_value_of_some_assumptions_would_do():
    """Land costs too little to matter: even below nothing it would not pay."""
    _, told = found()
    land = told.table.loc["economics.land_price_wan_mu"]
    assert math.isnan(land["switching_value"])
    assert land["coefficient"] < 0
    assert "economics.van_capex_wan" not in told.table.index  # of mobile teams alone
    assert told.coefficients.loc["economics.van_capex_wan", "north"] == 0


def test_every_assumption_with_a_parameter_can_be_moved():
    case, _ = found()
    amounts = assess_quantities(case)
    keys = {lever.key for lever in sensitivity.levers(case, amounts, RICH, TRIPS)}
    assert keys >= set(PARAMETERS)
    for lever in sensitivity.levers(case, amounts, RICH, TRIPS):
        moved = flows_of(*lever.at(lever.value)).present()
        np.testing.assert_allclose(moved, flows_of(amounts, RICH).present())


def assess_quantities(case):
    from siting.analysis.money.quantities import quantities_of

    inputs = case.inputs
    tables = inputs.sites, inputs.services, inputs.pledges
    return quantities_of(*tables, case.demand, case.travel, case.trips, RICH)


def test_break_even_demand_between_the_ends_of_what_decides():
    _, told = found()
    assert told.decides == "economics.value_of_time_yuan_h"
    low, high = told.break_even_range
    dear, cheap = (EconomicsSettings(value_of_time_yuan_h=value) for value in (4e4, 1e4))
    for multiple, settings in ((low, dear), (high, cheap)):
        amounts = assess_quantities(county.evidence(economics=settings))
        assert flows_of(amounts.times(multiple), settings).present()[0] == pytest.approx(0, abs=1e-6)


def test_it_may_pay_stop_paying_and_pay_again():
    """From each further person on it costs more at once than it brings: what counts is for good."""
    settings = EconomicsSettings(staff=1, city_saving_share=0.0, years_to_accreditation=0, ramp_up_years=1)
    amounts = centre(time_h=6_000.0, work_hours=1_500.0)
    settings = settings.model_copy(update={"value_of_time_yuan_h": 25.0, "area_m2": 0.0, "staff_cost_wan": 9})
    settings = settings.model_copy(update={"other_running_wan": 5, "city_runs_per_year": 0.0})
    multiple = sensitivity.break_even_demand(amounts, 0, settings)
    assert 0 < multiple < 100

    def worth(m):
        return flows_of(amounts.times(m), settings).present()[0]

    assert worth(multiple * (1 + 1e-6)) >= 0
    assert min(worth(m) for m in np.linspace(multiple * (1 + 1e-6), 60, 4000)) >= 0
    before = [worth(m) for m in np.linspace(0.5, multiple, 4000)]
    assert min(before) < 0 < max(before)  # it paid before, but not for good


def test_without_an_option_that_builds_nothing_is_told():
    case = county.evidence()
    sites = case.options.drop(index=["north", "south"])
    alone = county.evidence(sites=sites)
    told = assess(alone, trip_settings=TRIPS).sensitivity
    assert (told.option, told.decides, told.break_even_range) == (None, None, None)
