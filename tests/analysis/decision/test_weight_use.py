"""Which weight moves no site, and which criteria count one thing together: by hand."""

import numpy as np
import pandas as pd
import pytest

from siting.analysis.decision.weight_use import correlated_pairs, weight_use

X = np.array([0.1, 0.4, 0.3, 0.9])
VALUES = pd.DataFrame(
    {"a": X, "b": 0.2 + X / 2, "e": 1 - X, "c": [0.5] * 4, "d": [0.2, 0.1, 0.9, 0.4], "f": 0.5 + X / 100}
)
WEIGHTS = pd.Series({"a": 0.3, "b": 0.1, "e": 0.1, "c": 0.15, "d": 0.25, "f": 0.1})


def test_correlated_pairs_are_named_and_conflicts_are_none():
    found = correlated_pairs(VALUES)
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "b"], ["a", "f"], ["b", "f"]]
    assert found["r"].tolist() == pytest.approx([1, 1, 1])
    assert correlated_pairs(VALUES.iloc[:2]).empty
    assert correlated_pairs(VALUES[["c"]]).empty


def test_what_moves_less_than_half_a_point_is_neutral_and_its_weight_is_told():
    """f spans 0.008 of its scale at a tenth of the weight: 0.08 points of 100."""
    found = weight_use(VALUES, WEIGHTS, inert=0.005)
    assert list(found.neutral.index) == ["c", "f"]
    assert found.neutral["span"].tolist() == pytest.approx([0, 0.0008])
    assert found.neutral_weight == pytest.approx(0.25)
    assert list(weight_use(VALUES, WEIGHTS).neutral.index) == ["c"]


def test_connected_pairs_hold_their_weight_together():
    found = weight_use(VALUES, WEIGHTS, inert=0.005)
    assert [(group.criteria, group.weight) for group in found.together] == [(("a", "b"), pytest.approx(0.4))]
    wide = weight_use(VALUES, WEIGHTS)
    assert wide.together[0].criteria == ("a", "b", "f")
    assert wide.together[0].weight == pytest.approx(0.5)


def test_two_chains_that_meet_are_one_group():
    """a–b and d–e first, then b–d joins them."""
    t = np.arange(6.0)
    noise = np.array([1, -1, 1, -1, 1, -1.0])
    values = pd.DataFrame({"a": t, "b": t + 0.4 * noise, "d": t - 0.4 * noise, "e": t + 0.1}) / 10
    weights = pd.Series(0.25, values.columns)
    assert [set(group.criteria) for group in weight_use(values, weights).together] == [set("abde")]
    assert weight_use(values, weights, correlation=1.0).together == ()
