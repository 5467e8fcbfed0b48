"""Settings of a run, restored from what its manifest records."""

import json

import pytest

from siting.scenario.as_run import as_run
from siting.scenario.build import read_scenario
from siting.scenario.toml_files import DEFAULT

SETTINGS = (
    "coverage.cutoff_min=15",
    "coverage.decay=none",
    "demand.multiple=2",
    "title_zh=另一项研究",
    'option_kinds=["build"]',
    "viewpoints.county.label_zh=县里",
    "study_date=2011-03-01",
)


@pytest.fixture(scope="module")
def base():
    return read_scenario(DEFAULT)


def recorded(*overrides):
    return json.loads(read_scenario(DEFAULT, overrides).canonical())


@pytest.mark.parametrize("given", SETTINGS)
def test_each_setting_that_was_given_is_restored(base, given):
    restored = as_run(base, recorded(given))
    assert restored is not None
    assert restored.canonical() == read_scenario(DEFAULT, [given]).canonical() != base.canonical()
    assert restored.data == base.data


def test_settings_that_are_alike_change_nothing(base):
    assert as_run(base, recorded()) == base


def test_files_that_a_name_does_not_lead_to_are_not_guessed(base, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("", encoding="utf-8")
    for key in ("data.pledges", "data.townships", "register.aliases"):
        assert as_run(base, recorded(f"{key}={other}")) is None


@pytest.mark.parametrize("change", [{"no_such_setting": 1}, {"study_year": "soon"}, {"coverage": 3}])
def test_a_record_of_another_version_is_left_alone(base, change):
    assert as_run(base, recorded() | change) is None
