"""Counts of the city in place of assumed tests: services scaled once, where the tables are read."""

import pytest

import siting
from siting.scenario.build import change, read_scenario
from siting.scenario.toml_files import DEFAULT
from siting.types import InputError, ScenarioError

BOUNDS = ["tests_low", "tests_likely", "tests_high"]


def test_the_city_counts_scale_the_services_that_they_name(base_study):
    study = siting.load(DEFAULT.with_name("city-counts-without-lifts.toml"))
    base, counted = base_study.inputs.services[BOUNDS], study.inputs.services[BOUNDS]
    named = study.scenario.tests_factor
    assert set(named) == {"pressure_vessels", "boilers", "lifting", "safety_valves", "food_sampling"}
    for service, factor in named.items():
        assert counted.loc[service].tolist() == pytest.approx((base.loc[service] * factor).tolist())
    others = base.index.difference(list(named))
    assert counted.loc[others].equals(base.loc[others])


def test_a_service_that_the_catalogue_lacks_is_refused():
    with pytest.raises(InputError, match="does not have: elevators"):
        siting.load(settings={"tests_factor.elevators": 2.0})


def test_the_factor_is_settled_where_the_tables_are_read():
    with pytest.raises(ScenarioError, match="tests_factor"):
        change(read_scenario(DEFAULT), {"tests_factor": {"boilers": 2.0}})
