"""Inequality measures against published figures, closed forms and properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.access.inequality import gini, worst_tenths
from siting.types import InputError

# R package accessibility, Belo Horizonte sample (test-gini_index.R).
ACCESS = [26774.0, 22239.0, 36567.0, 42372.0, 55571.0]
PEOPLE = [0.0, 852.0, 394.0, 1969.0, 2189.0]

values_and_weights = st.lists(
    st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 100)), min_size=1, max_size=30
).map(lambda pairs: tuple(np.array(pairs).T))


def worst_tenth(minutes, weights=None, **share):
    """Of one column, equal weights if none are given."""
    column = np.asarray(minutes, float)[:, None]
    (found,) = worst_tenths(column, np.ones(len(column)) if weights is None else weights, **share)
    return found


def test_published_figures():
    assert gini(ACCESS, PEOPLE) == pytest.approx(0.1386, abs=5e-5)


def test_closed_forms():
    assert gini([1, 1, 1, 9]) == pytest.approx(0.5)
    assert gini([0, 0, 0, 1]) == pytest.approx(0.75)  # 1 − 1/n
    assert gini([0, 0]) == 0.0
    assert gini([7]) == 0.0


@given(values_and_weights)
def test_gini_is_half_the_relative_mean_difference(pair):
    values, weights = pair
    share = weights / weights.sum()
    spread = (share[:, None] * share * np.abs(values[:, None] - values)).sum()
    assert gini(values, weights) == pytest.approx(spread / 2 / (share @ values), abs=1e-9)


@given(values_and_weights, st.floats(0.1, 10))
def test_scale_order_and_repetition_change_nothing(pair, factor):
    values, weights = pair
    same = gini(values, weights)
    assert gini(values * factor, weights * 3) == pytest.approx(same, abs=1e-9)
    assert gini(values[::-1], weights[::-1]) == pytest.approx(same, abs=1e-9)
    assert gini(np.tile(values, 2), np.tile(weights, 2)) == pytest.approx(same, abs=1e-9)
    assert same >= -1e-9


def test_weights_stand_for_repetition():
    assert gini([1, 5], [3, 1]) == pytest.approx(gini([1, 1, 1, 5]))
    assert worst_tenth([1, 5], [3, 1], share=0.25) == worst_tenth([1, 1, 1, 5], share=0.25) == 5


def test_worst_tenth_by_hand():
    minutes = np.arange(1, 21)
    assert worst_tenth(minutes) == pytest.approx(19.5)
    assert worst_tenth(minutes[:15]) == pytest.approx((15 + 0.5 * 14) / 1.5)
    assert worst_tenth([7.0]) == 7.0
    assert worst_tenth([1, np.nan, 3], [1, 5, 1], share=0.5) == 3
    assert worst_tenth([1] * 20 + [np.inf]) == np.inf
    assert worst_tenth([1.0, np.inf], [1, 0]) == 1.0
    assert np.isnan(worst_tenth([]))
    assert np.isnan(worst_tenth([1.0], [0.0]))


@given(values_and_weights)
def test_worst_tenth_lies_between_mean_and_maximum(pair):
    values, weights = pair
    tail = worst_tenth(values, weights)
    mean = weights @ values / weights.sum()
    assert mean * (1 - 1e-9) <= tail <= values.max() * (1 + 1e-9)


@pytest.mark.parametrize(
    ("values", "weights", "message"),
    [
        ([1, -1], None, "finite and 0 or more; found -1"),
        ([1, np.nan], None, "found nan"),
        ([1, np.inf], None, "found inf"),
        ([1, 2], [1], "2 values, but 1 weights"),
        ([1, 2], [1, -1], "weights must be finite"),
        ([1, 2], [0, 0], "all weights are 0"),
        ([], None, "no values"),
    ],
)
def test_nonsense_is_refused(values, weights, message):
    with pytest.raises(InputError, match=message):
        gini(values, weights)
