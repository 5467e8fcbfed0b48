"""Anchors written into a scenario leave every other line as it is."""

import tomllib

import pytest

from siting.scenario.anchor_lines import with_anchors
from siting.scenario.model import AnchorsRecord
from siting.scenario.toml_files import DEFAULT

RECORD = AnchorsRecord(made_for="名单.xlsx, roads.gpkg", registers=("a1",), roads=("b2",))
ANCHORS = {"hours_saved": (0.0, 1234.0), "authority": (0.0, 1.0)}


@pytest.fixture(scope="module")
def base():
    return DEFAULT.read_text(encoding="utf-8")


def test_a_scenario_that_has_the_criteria_keeps_its_lines(base):
    before, after = tomllib.loads(base), tomllib.loads(with_anchors(base, ANCHORS, RECORD))
    for use in before["criteria"]:
        if use["name"] in ANCHORS:
            use["anchors"] = list(ANCHORS[use["name"]])
    before["anchors_record"] = {"made_for": RECORD.made_for, "registers": ["a1"], "roads": ["b2"]}
    assert after == before
    comments = [line for line in base.splitlines() if line.startswith("#")]
    assert [
        line for line in with_anchors(base, ANCHORS, RECORD).splitlines() if line.startswith("#")
    ] == comments


def test_a_scenario_that_inherits_them_gets_entries_of_its_own():
    text = with_anchors(
        'base = "base.toml"\nname = "mine"\n[demand]\nexpansion_factor = 2\n', ANCHORS, RECORD
    )
    after = tomllib.loads(text)
    assert after["criteria"] == [{"name": name, "anchors": list(pair)} for name, pair in ANCHORS.items()]
    assert after["demand"] == {"expansion_factor": 2}
    assert after["anchors_record"]["registers"] == ["a1"]


def test_writing_twice_is_writing_once(base):
    once = with_anchors(base, ANCHORS, RECORD)
    assert with_anchors(once, ANCHORS, RECORD) == once
