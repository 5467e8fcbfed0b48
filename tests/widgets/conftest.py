"""A study of a planner's own, whose scenario states few draws: forms are quick in it."""

import shutil

import pytest

from siting.scenario.toml_files import DEFAULT_STUDY

QUICK = 'base = "whole.toml"\n\n[robustness]\nquick_seeds = 1\njoint_draws = 20\n'


@pytest.fixture
def own_study(tmp_path):
    """The folder of the study; its data are the default study's."""
    shutil.copytree(DEFAULT_STUDY, tmp_path / "data")
    scenarios = tmp_path / "data" / "scenarios"
    (scenarios / "base.toml").rename(scenarios / "whole.toml")
    (scenarios / "base.toml").write_text(QUICK, encoding="utf-8")
    return tmp_path
