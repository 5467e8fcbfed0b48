"""The evidence chain under a demand that is given, not estimated."""

from dataclasses import replace

import numpy as np
import pandas as pd

from tests.analysis import county


def test_a_given_demand_equals_the_same_demand_stated_in_the_register():
    firms = county.enterprises().assign(tests_per_year=[50.0, 24.0, 0.0])
    stated = county.evidence(enterprises=firms)
    demand = county.evidence().demand
    scaled = replace(demand, tests=demand.tests * np.array([[2.0], [0.5], [0.0]]))
    given = county.evidence(tests=scaled)
    pd.testing.assert_frame_equal(given.trips.hours, stated.trips.hours)
    pd.testing.assert_frame_equal(given.costs, stated.costs)


def test_a_given_demand_stays_as_it_is():
    demand = county.evidence().demand
    before = demand.tests.copy()
    assert county.evidence(tests=demand).demand is demand
    pd.testing.assert_frame_equal(demand.tests, before)
