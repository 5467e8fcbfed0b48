"""Samplers of weights against rejection and exact means; contradictions refused."""

import numpy as np
import pytest
from scipy.stats import kstest

from siting.analysis.robustness import weight_draws
from siting.analysis.robustness.acceptability import acceptability_under
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
    rules = {"lower": dict(enumerate(low)), "upper": dict(enumerate(high))}
    space = weight_draws._Space.of(list(range(5)), None, None)
    limits = weight_draws._limits(weight_draws.WeightConstraints.model_validate(rules), space)
    walked = weight_draws._walk(space, limits, weight_draws._inside(limits, space), 20_000, rng)
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
        ({"order": ("a", "a")}, "names something twice"),
        ({"order": (("a", "b"), ("b", "b"))}, "names something twice"),
        ({"lower": {"a": 0.6, "b": 0.5}}, r"together: lower: a ≥ 0\.6; lower: b ≥ 0\.5"),
        ({"upper": {"a": 0.3, "b": 0.5}}, r"together: upper: a ≤ 0\.3; upper: b ≤ 0\.5"),
        ({"order": ("a", "b"), "lower": {"b": 0.6}}, r"together: order: a ≥ b; lower: b ≥ 0\.6"),
        ({"group_order": ("x",)}, "no group 'x'"),
        ({"lower": {"a": 0.6}, "upper": {"a": 0.5}}, "a: need 0 ≤ lower ≤ upper ≤ 1"),
        ({"lower": {"a": -0.1}}, "a: need 0 ≤ lower"),
    ],
)
def test_impossible_constraints_are_refused(constraints, message):
    with pytest.raises(InputError, match=message):
        weight_draws.draw_weights(["a", "b"], draws=10, seed=0, constraints=constraints)


# Weights in groups ----------------------------------------------------------------------------------


HIERARCHIES = {
    # groups, values, constraints, within, exact shares of first places. W ~ flat over groups, v within:
    # P(W1 > W2 v) with one criterion against one of three: ∫ (1 - v)² 2 (1 + v)⁻¹ dv = 4 ln 2 - 2.
    "one of three": ("abbb", [[1, 0, 0, 0], [0, 1, 0, 0]], {}, None, [4 * np.log(2) - 2, 3 - 4 * np.log(2)]),
    # A whole group against another whole group: the number of criteria gives no weight.
    "whole groups": ("abbb", [[1, 0, 0, 0], [0, 1, 1, 1]], {}, None, [0.5, 0.5]),
    "part against whole": ("aabb", [[1, 0, 0, 0], [0, 0, 1, 1]], {}, None, [1 - np.log(2), np.log(2)]),
    # P(all three W < t) = 1 - 3 (1 - t)² + 3 (1 - 2t)² for t between 1/3 and 1/2.
    "compromise": (
        "abbcccc",
        [[1, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 1], [0.45] * 7],
        {},
        None,
        [(3 * 0.55**2 - 3 * 0.1**2) / 3] * 3 + [1 - 3 * 0.55**2 + 3 * 0.1**2],
    ),
    # W1 ≥ W2: W1 is uniform over [1/2, 1]; with fixed shares .7 and .4: P(.7 W1 > .9 (1 - W1)) = 7/8.
    "stated shares in order": (
        "aab",
        [[1, 0, 0], [0, 0, 0.9]],
        {"group_order": ("a", "b")},
        [0.7, 0.3, 1.0],
        [2 * (1 - 0.9 / 1.6), 2 * (0.9 / 1.6 - 0.5)],
    ),
    # W1 uniform over [.2, .6], so P(W1 > 1/2) = 1/4.
    "bounds of a group": (
        "abb",
        [[1, 0, 0], [0, 1, 1]],
        {"group_lower": {"a": 0.2}, "group_upper": {"a": 0.6}},
        None,
        [0.25, 0.75],
    ),
    # Order and bound together: W1 uniform over [1/2, .8].
    "order and bound of groups": (
        "abb",
        [[1, 0, 0], [0.65] * 3],
        {"group_order": ("a", "b"), "group_upper": {"a": 0.8}},
        None,
        [0.5, 0.5],
    ),
    # A bound on a criterion is of the whole: W v ≤ .3 conditions both. Density of W, u = 1 - W: .3/u above
    # .3, else 1; P(W > 1/2) = (.3 + .3 ln(.5/.3)) / (.3 + .3 ln(1/.3)).
    "bound of a criterion": (
        "abb",
        [[1, 0, 0], [0, 1, 1]],
        {"upper": {1: 0.3}},
        None,
        [(1 + np.log(5 / 3)) / (1 + np.log(10 / 3)), (np.log(10 / 3) - np.log(5 / 3)) / (1 + np.log(10 / 3))],
    ),
    # An order across groups: W ≥ (1 - W) v, P(W > 1/2 | it) = (1/2) / ln 2 · … by ∫ min(1, W/(1 - W)) dW.
    "order across groups": (
        "abb",
        [[1, 0, 0], [0, 1, 1]],
        {"order": (0, 1)},
        None,
        [0.5 / np.log(2), 1 - 0.5 / np.log(2)],
    ),
    # Two orders at once, one within a group and one across.
    "tied": ("abb", [[1, 0, 0], [1, 0, 0], [0, 1, 1]], {}, None, [0.25, 0.25, 0.5]),
}


@pytest.mark.parametrize("case", HIERARCHIES)
def test_groups_have_the_law_of_the_closed_forms(case):
    groups, values, constraints, within, exact = HIERARCHIES[case]
    weights = weight_draws.draw_weights(
        len(groups), draws=DRAWS, seed=11, constraints=constraints, groups=list(groups), within=within
    )
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    shares = acceptability_under(values, weights).first
    exact = np.array(exact)
    assert (np.abs(shares - exact) <= 4 * np.sqrt(exact * (1 - exact) / DRAWS)).all()


CROWDED = {
    "bounds of criteria": {"lower": {0: 0.05, 2: 0.1}, "upper": {1: 0.4}},
    "order across groups": {"order": ((0, 2), (3, 1))},
    "all kinds": {"order": (1, 0), "group_order": ("b", "a"), "group_upper": {"b": 0.8}, "lower": {0: 0.05}},
}


@pytest.mark.parametrize("within", [None, [0.6, 0.4, 0.2, 0.5, 0.3]])
@pytest.mark.parametrize("case", CROWDED)
def test_the_walk_follows_the_law_of_rejection_in_groups(case, within):
    """The walk is only taken where rejection is slow: here both can be, and have to agree."""
    rules = weight_draws.WeightConstraints.model_validate(CROWDED[case])
    space = weight_draws._Space.of(list(range(5)), list("aabbb"), within)
    limits = weight_draws._limits(rules, space)
    middle = weight_draws._inside(limits, space)
    if middle is None:
        assert within is not None  # the stated shares leave no room
        return
    walked = weight_draws._walk(space, limits, middle, 20_000, np.random.default_rng(1))
    free = weight_draws._propose(weight_draws.WeightConstraints(), space, 400_000, np.random.default_rng(2))
    exact = free[np.all([free @ limit.row >= limit.bound for limit in limits], axis=0)]
    assert len(exact) > 2_000
    np.testing.assert_allclose(walked.sum(axis=1), 1)
    for limit in limits:
        assert (walked @ limit.row >= limit.bound - 1e-9).all()
    for column in range(5):
        assert kstest(walked[:, column], exact[:, column]).pvalue > 1e-4


def test_a_narrow_set_across_groups_is_walked():
    constraints = {"lower": dict.fromkeys(range(6), 0.15), "order": (0, 3, 1)}
    weights = weight_draws.draw_weights(6, draws=500, seed=1, constraints=constraints, groups=list("aabbcc"))
    assert weights.min() >= 0.15 - 1e-9
    assert (np.diff(weights[:, [0, 3, 1]], axis=1) <= 1e-9).all()
    assert weights.std(axis=0).min() > 0.003


@pytest.mark.parametrize(
    ("constraints", "named"),
    [
        (
            {"group_order": ("a", "b"), "group_upper": {"a": 0.2}, "group_lower": {"b": 0.3}},
            ["group_order: a ≥ b", "group_upper: a ≤ 0.2"],
        ),
        ({"group_upper": {"a": 0.2}, "lower": {0: 0.3}}, ["group_upper: a ≤ 0.2", "lower: 0 ≥ 0.3"]),
        (
            {"order": ((1, 2), (2, 1)), "lower": {1: 0.3}, "upper": {2: 0.2}},
            ["order: 2 ≥ 1", "lower: 1 ≥ 0.3", "upper: 2 ≤ 0.2"],
        ),
    ],
)
def test_contradictions_are_named_and_nothing_else(constraints, named):
    extra = {"group_lower": {"b": 0.01, **constraints.get("group_lower", {})}}
    with pytest.raises(InputError) as error:
        weight_draws.draw_weights(
            4, draws=9, seed=0, constraints={**constraints, **extra}, groups=list("abbb")
        )
    assert all(each in str(error.value) for each in named)
    assert "0.01" not in str(error.value)


@pytest.mark.parametrize(
    "given",
    [{"groups": ["a"]}, {"within": [1.0]}, {"within": [0, 0]}, {"within": [-1, 2]}, {"within": [np.nan, 1]}],
)
def test_groups_and_shares_have_to_fit(given):
    with pytest.raises(InputError, match="one for each of 2 criteria"):
        weight_draws.draw_weights(2, draws=5, seed=0, **given)
