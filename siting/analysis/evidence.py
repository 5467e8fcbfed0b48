"""Tables, travel times and settings → `Evidence`: demand, trips and costs, in the one order there is."""

from __future__ import annotations

import pandas as pd

from siting.analysis.demand.annual_tests import annual_tests
from siting.analysis.demand.demand_settings import DemandSettings, TripSettings
from siting.analysis.demand.response_runs import response_runs
from siting.analysis.demand.trips import trips
from siting.analysis.money.costs import costs
from siting.analysis.money.money_settings import EconomicsSettings
from siting.types import Demand, Evidence, Inputs, TravelTimes


def build_evidence(
    inputs: Inputs,
    travel: TravelTimes,
    *,
    demand: DemandSettings,
    trip_settings: TripSettings,
    economics: EconomicsSettings,
    tests: Demand | None = None,
) -> Evidence:
    """Put together all that a criterion may see.

    Parameters
    ----------
    inputs, travel : of the same enterprises, options and laboratories
    demand, trip_settings, economics : of the scenario
    tests : demand that is known already, or varied; `demand` is not read then
    """
    if tests is None:
        tests = annual_tests(inputs.enterprises, inputs.services, inputs.industries, demand)
    if not demand.kind.is_appraised:
        runs = response_runs(tests, inputs.services, inputs.sites, travel, trip_settings)
        return Evidence(inputs, tests, travel, runs, costs=pd.DataFrame(index=inputs.sites.index))
    own_trips = trips(tests, inputs.services, inputs.sites, travel, trip_settings)
    tables = inputs.sites, inputs.services, inputs.pledges
    spent = costs(*tables, tests, travel, own_trips, economics)
    return Evidence(inputs=inputs, demand=tests, travel=travel, trips=own_trips, costs=spent)
