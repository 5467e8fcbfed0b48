"""The work of comparing grows with the lists and no faster: calls and rows are counted at n and at 2 n."""

from dataclasses import replace

import pytest

import siting
from siting.study.changes import attribution as module
from siting.study.changes.attribution import attribution
from siting.study.changes.joint_register import World
from siting.study.changes.registers import register_changes
from tests.inputs.tables.test_work import MOST, calls_of
from tests.study import monthly_lists as lists

N = 40


def pair(n, **later):
    """Two lists of n firms; a tenth of them gone, a tenth new, the others with `later` cells."""
    first = {number: lists.firm(number) for number in range(n)}
    second = {number: lists.firm(number, **later) for number in range(n // 10, n + n // 10)}
    return lists.Month(first), lists.Month(second)


@pytest.fixture(scope="module")
def pairs(base_study, tmp_path_factory):
    """Pairs of evaluations at n and at 2 n."""
    study, found = base_study.with_(settings={"robustness.joint_draws": 20}), []
    for n in (N, 2 * N):
        folder, both = tmp_path_factory.mktemp("lists"), []
        for name, month in zip("ab", pair(n, employees=77), strict=True):
            table = siting.read_enterprises(lists.write(folder / f"{name}.csv", month), crs="WGS84")
            both.append(study.with_(enterprises=table, name=name).run().evaluation)
        found.append(both)
    return found


def test_twice_the_rows_are_matched_with_twice_the_work(pairs):
    once, twice = (calls_of(lambda both=both: register_changes(*both)) for both in pairs)
    assert once > N
    assert twice / once < MOST


def nameless(evaluation, name):
    """The same rows without code, and with names that no other list has."""
    inputs = evaluation.evidence.inputs
    firms = inputs.enterprises
    firms = firms.assign(uscc=None, name=[f"{name}{number}" for number in range(len(firms))])
    evidence = replace(evaluation.evidence, inputs=replace(inputs, enterprises=firms))
    return replace(evaluation, evidence=evidence)


def test_firms_known_by_their_place_alone_are_matched_with_twice_the_work(pairs):
    unnamed = [[nameless(*side) for side in zip(both, "甲乙", strict=True)] for both in pairs]
    assert set(register_changes(*unnamed[0]).resized["matched_by"]) == {"place"}
    once, twice = (calls_of(lambda both=both: register_changes(*both)) for both in unnamed)
    assert twice / once < MOST


def test_states_worked_through_are_as_many_however_long_the_lists(pairs, monkeypatch):
    """Rows in all states together: what is worked out enterprise by enterprise has a budget of rows."""
    monkeypatch.setattr(module, "EVALUATED", 20 * N)
    rows = []
    outcomes = World._outcomes

    def counted(self, stands):
        rows[-1] += int(stands.sum())
        return outcomes(self, stands)

    monkeypatch.setattr(World, "_outcomes", counted)
    for both in pairs:
        rows.append(0)
        attribution(*both, register_changes(*both))
    assert rows[0] > 8 * N
    assert rows[1] / rows[0] < MOST
