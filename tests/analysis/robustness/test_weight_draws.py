"""Samplers of weights against rejection and exact means; contradictions refused."""

import numpy as np
import pytest
from scipy.stats import kstest

from siting.analysis.robustness import weight_draws
from siting.types import InputError

DRAWS = 40_000


def test_order_gives_rank_order_centroid_weights():
    """Barron & Barrett (1996): mean weights under a full order are 11/18, 5/18, 1/9."""
    weights = weight_draws.draw_weights(
        ["a", "b", "c"], draws=DRAWS, seed=2, constraints={"order": ("c", "a", "b")}
    )
    np.testing.assert_allclose(weights.mean(axis=0), [5 / 18, 1 / 9, 11 / 18], atol=0.004)
    assert (weights[:, 2] >= weights[:, 0]).all()
    assert (weights[:, 0] >= weights[:, 1]).all()


def test_partial_order_leaves_the_others_free():
    weights = weight_draws.draw_weights(4, draws=DRAWS, seed=2, constraints={"order": (3, 1)})
    assert (weights[:, 3] >= weights[:, 1]).all()
    np.testing.assert_allclose(weights.mean(axis=0), [1 / 4, 1 / 8, 1 / 4, 3 / 8], atol=0.004)


BOUNDS = [
    ([0.1, 0.1, 0.2, 0.05], [0.5, 0.4, 0.6, 0.3]),  # simplex above the lower bounds
    ([0, 0, 0, 0], [0.3, 0.3, 0.35, 0.3]),  # simplex below the upper bounds
    ([0, 0, 0, 0], [1, 1, 1, 0.2]),
]


@pytest.mark.parametrize(("low", "high"), BOUNDS)
def test_bounded_weights_follow_the_uniform_law(low, high):
    constraints = {"lower": dict(enumerate(low)), "upper": dict(enumerate(high))}
    weights = weight_draws.draw_weights(4, draws=20_000, seed=5, constraints=constraints)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert (weights >= np.array(low) - 1e-12).all()
    assert (weights <= np.array(high) + 1e-12).all()
    free = np.random.default_rng(9).dirichlet(np.ones(4), 1_500_000)
    oracle = free[((free >= low) & (free <= high)).all(axis=1)]
    for column in range(4):
        assert kstest(weights[:, column], oracle[:, column]).pvalue > 1e-4


def test_walk_agrees_with_rejection():
    low, high = np.array([0.1, 0.0, 0.2, 0.05, 0.0]), np.array([0.3, 0.3, 0.3, 0.3, 0.3])
    rng = np.random.default_rng(1)
    walked = weight_draws._walk(low, high, 20_000, rng)
    exact = weight_draws._between(low, high, 20_000, rng)
    np.testing.assert_allclose(walked.sum(axis=1), 1)
    for column in range(5):
        assert kstest(walked[:, column], exact[:, column]).pvalue > 1e-4


def test_narrow_bounds_do_not_blow_up():
    """A box around equal weights takes less than a thousandth of either simplex."""
    constraints = {"lower": dict.fromkeys(range(10), 0.09), "upper": dict.fromkeys(range(10), 0.11)}
    weights = weight_draws.draw_weights(10, draws=5_000, seed=5, constraints=constraints)
    assert weights.min() >= 0.09 - 1e-12
    assert weights.max() <= 0.11 + 1e-12
    np.testing.assert_allclose(weights.mean(axis=0), 0.1, atol=0.0006)
    np.testing.assert_allclose(weights.std(axis=0), weights.std(), rtol=0.05)


def test_bounds_that_leave_one_point_give_it():
    for constraints in (
        {"lower": {0: 0.25, 1: 0.75}},
        {"upper": {0: 0.25, 1: 0.75}},
        {"lower": {0: 0.25}, "upper": {0: 0.25, 1: 0.8}},
    ):
        weights = weight_draws.draw_weights(2, draws=5, seed=0, constraints=constraints)
        np.testing.assert_allclose(weights, [[0.25, 0.75]] * 5)
    assert weight_draws.draw_weights(1, draws=2, seed=0, constraints={"upper": {0: 1}}).tolist() == [[1], [1]]


@pytest.mark.parametrize(
    ("constraints", "message"),
    [
        ({"ordr": ("a", "b")}, "(?s)weight constraints.*ordr.*not permitted"),
        ({"order": ("a", "z")}, "no criterion 'z'"),
        ({"order": ("a", "a")}, "names a criterion twice"),
        ({"order": ("a",), "lower": {"b": 0.1}}, "an order or bounds, not both"),
        ({"lower": {"a": 0.6, "b": 0.5}}, r"lower bounds sum to 1\.1"),
        ({"upper": {"a": 0.3, "b": 0.5}}, r"upper bounds to 0\.8"),
        ({"lower": {"a": 0.6}, "upper": {"a": 0.5}}, "a: need 0 ≤ lower ≤ upper ≤ 1"),
        ({"lower": {"a": -0.1}}, "a: need 0 ≤ lower"),
    ],
)
def test_impossible_constraints_are_refused(constraints, message):
    with pytest.raises(InputError, match=message):
        weight_draws.draw_weights(["a", "b"], draws=10, seed=0, constraints=constraints)
