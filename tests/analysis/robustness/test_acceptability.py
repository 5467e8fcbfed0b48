"""SMAA-2: exact rational cases, the published thrombolytics pattern, samplers against rejection, ties."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.robustness import acceptability as smaa
from siting.analysis.robustness.weight_draws import draw_weights
from siting.types import InputError

DRAWS = 40_000


def numbers(rows):
    return np.array([[np.nan if x is None else float(Fraction(x)) for x in row.split()] for row in rows])


# Exact shares by integrating over the simplex in rational arithmetic; `ordinal`: w1 ≥ w2 ≥ w3;
# `lower`: every weight at least 0.1.
EXACT = {
    "dominated": (
        None,
        ["7/10 17/20", "7/10 7/10"],
        ["1 0", "0 1"],
        ["0 1", "0 0"],
    ),
    "four options": (
        None,
        ["2/5 9/20", "1/4 1", "7/20 1/5", "7/20 1"],
        ["1/12 11/84 11/14 0", "0 11/14 13/126 1/9", "0 0 1/9 8/9", "11/12 1/12 0 0"],
        ["0 3/14 1 1/12", "11/14 0 8/9 0", "0 1/9 0 0", "11/12 1 1 0"],
    ),
    "three criteria": (
        None,
        ["1/5 7/20 0", "19/20 7/10 1/4", "3/20 1 11/20"],
        ["0 1/168 167/168", "64/121 57/121 0", "57/121 10631/20328 1/168"],
        ["0 0 1/168", "1 0 64/121", "167/168 57/121 0"],
    ),
    "ordinal": (
        {"order": (0, 1, 2)},
        ["0 3/4 3/20", "3/5 1/5 1/20", "1/5 3/20 17/20"],
        [
            "1/3405 43283/125985 5511/8399",
            "32463/35185 3566004/53375645 3634/344359",
            "1627/21111 510358/865551 3102/9307",
        ],
        ["0 2/185 1/3", "183/185 0 1173/1271", "2/3 98/1271 0"],
    ),
    "lower": (
        {"lower": {0: 0.1, 1: 0.1, 2: 0.1}},
        ["3/5 1/2 7/20", "1/4 3/5 9/10", "9/20 17/20 2/5"],
        [
            "16531/158760 587/3780 23515/31752",
            "38287/79380 27071/92610 25045/111132",
            "1459/3528 6821/12348 841/24696",
        ],
        ["0 1849/7938 32/245", "6089/7938 0 5041/10290", "213/245 5249/10290 0"],
    ),
}


@pytest.mark.parametrize("case", EXACT)
def test_exact_cases_within_four_standard_errors(case):
    constraints, values, ranks, pairs = EXACT[case]
    found = smaa.rank_acceptability(numbers(values), draws=DRAWS, seed=7, weight_constraints=constraints)
    for share, exact in ((found.acceptability, numbers(ranks)), (found.pairwise, numbers(pairs))):
        error = np.sqrt(exact * (1 - exact) / DRAWS)
        assert (np.abs(share - exact) <= 4 * error + 1 / DRAWS).all()


def test_central_weights_of_the_exact_cases():
    found = smaa.rank_acceptability(numbers(EXACT["four options"][1]), draws=DRAWS, seed=7)
    np.testing.assert_allclose(found.central_weights[0], [23 / 24, 1 / 24], atol=0.004)
    np.testing.assert_allclose(found.central_weights[3], [11 / 24, 13 / 24], atol=0.004)
    assert np.isnan(found.central_weights[[1, 2]]).all()
    np.testing.assert_array_equal(found.confidence, [1, np.nan, np.nan, 1])


@pytest.mark.parametrize("n", [2, 3, 5])
def test_identity_matrix_has_closed_forms(n):
    """Own central weight = mean of the largest of n flat Dirichlet weights, (1/n) Σ 1/i."""
    found = smaa.rank_acceptability(np.eye(n), draws=DRAWS, seed=1)
    np.testing.assert_allclose(found.acceptability, 1 / n, atol=4 * np.sqrt(0.25 / DRAWS))
    own = sum(1 / i for i in range(1, n + 1)) / n
    np.testing.assert_allclose(np.diag(found.central_weights), own, atol=0.01)
    np.testing.assert_allclose(found.pairwise[~np.eye(n, dtype=bool)], 0.5, atol=0.011)


def test_performances_that_vary_by_draw_give_confidence():
    """By hand: option 0 wins draws 0 and 1; under its mean weights (0.8, 0.2) it wins 0, 1 and 2."""
    values = np.array([[[1, 0], [0, 1]], [[0.6, 0], [0.5, 0]], [[0.5, 0], [0, 1]], [[0, 0], [1, 1]]])
    weights = np.array([[0.9, 0.1], [0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
    found = smaa.acceptability_under(values, weights)
    assert found.acceptability.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    np.testing.assert_allclose(found.central_weights, [[0.8, 0.2], [0.35, 0.65]])
    np.testing.assert_allclose(found.confidence, [0.75, 0.75])
    assert found.pairwise.tolist() == [[0, 0.5], [0.5, 0]]


def test_ties_share_ranks_in_equal_parts():
    values = np.array([[0.5, 0.5], [0.5, 0.5], [0.1, 0.1], [0.9, 0.9]])
    found = smaa.rank_acceptability(values, draws=200, seed=0)
    expected = [[0, 0.5, 0.5, 0], [0, 0.5, 0.5, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    np.testing.assert_allclose(found.acceptability, expected, atol=1e-12)
    assert found.pairwise[0, 1] == found.pairwise[1, 0] == 0
    everyone = smaa.rank_acceptability(np.full((3, 2), 0.4), draws=50, seed=0)
    np.testing.assert_allclose(everyone.acceptability, 1 / 3)
    np.testing.assert_allclose(everyone.central_weights.sum(axis=1), 1)
    assert everyone.confidence.tolist() == [1, 1, 1]


def test_one_option_one_criterion():
    found = smaa.rank_acceptability([[0.3]], draws=10, seed=0)
    assert found.acceptability.tolist() == [[1]]
    assert found.standard_error.tolist() == [[0]]
    assert found.central_weights.tolist() == [[1]]


def test_frames_keep_their_labels_and_seeds_their_draws():
    values = pd.DataFrame([[1, 0], [0, 1.0]], index=["x", "y"], columns=["p", "q"])
    first = smaa.rank_acceptability(values, draws=500, seed=3)
    again = smaa.rank_acceptability(values, draws=500, seed=3)
    pd.testing.assert_frame_equal(first.acceptability, again.acceptability)
    assert first.acceptability.columns.tolist() == [1, 2]
    assert first.central_weights.columns.tolist() == ["p", "q"]
    assert first.first["x"] == first.acceptability.loc["x", 1]
    assert first.standard_error.loc["x", 1] == pytest.approx(
        np.sqrt(first.first["x"] * first.first["y"] / 500)
    )


def test_chunks_change_nothing(monkeypatch):
    values = np.random.default_rng(0).random((5, 4))
    whole = smaa.rank_acceptability(values, draws=999, seed=3)
    monkeypatch.setattr(smaa, "_CHUNK_CELLS", 50)
    parts = smaa.rank_acceptability(values, draws=999, seed=3)
    np.testing.assert_allclose(whole.acceptability, parts.acceptability)
    np.testing.assert_allclose(whole.central_weights, parts.central_weights)


@given(st.integers(1, 6), st.integers(1, 5), st.integers(0, 99))
def test_shares_are_doubly_stochastic_and_agree_with_a_loop(m, k, seed):
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 4, (m, k)) / 4
    weights = draw_weights(k, draws=60, seed=seed)
    found = smaa.acceptability_under(values, weights)
    np.testing.assert_allclose(found.acceptability.sum(axis=0), 1)
    np.testing.assert_allclose(found.acceptability.sum(axis=1), 1)
    expected = np.zeros((m, m))
    for weight in weights:
        scores = [sum(w * v for w, v in zip(weight, row, strict=True)) for row in values]
        for i, score in enumerate(scores):
            above = sum(s > score + 1e-12 for s in scores)
            level = sum(abs(s - score) <= 1e-12 for s in scores)
            expected[i, above : above + level] += 1 / level / 60
    np.testing.assert_allclose(found.acceptability, expected, atol=1e-9)


@pytest.mark.parametrize(
    ("values", "draws", "message"),
    [
        ([[0.1, np.nan]], 10, "NaN or infinite"),
        (np.zeros((0, 2)), 10, "at least one of each"),
        ([[0.1, 0.2]], 0, "need at least one of each"),
        (np.zeros((5, 2, 2)), 10, "5 tables of values for 10 draws"),
        (np.full((10, 2, 2), np.inf), 10, "NaN or infinite"),
    ],
)
def test_bad_values_are_refused(values, draws, message):
    with pytest.raises(InputError, match=message):
        smaa.rank_acceptability(values, draws=draws, seed=0)


# First ranks only -----------------------------------------------------------------------------------


@pytest.mark.parametrize("top", [1, 3, 40])
def test_first_ranks_equal_those_of_the_full_table(top):
    rng = np.random.default_rng(4)
    base = rng.random((30, 1))
    values = np.vstack([0.6 * base + 0.4 * rng.random((30, 4)), np.full((3, 4), 0.9), np.zeros((2, 4))])
    full = smaa.rank_acceptability(values, draws=1500, seed=2)
    some = smaa.rank_acceptability(values, draws=1500, seed=2, top=top)
    np.testing.assert_allclose(some.acceptability, full.acceptability[:, :top], atol=1e-12)
    np.testing.assert_allclose(some.central_weights, full.central_weights)
    assert some.pairwise is None


def test_many_options_leave_out_the_pairs_only():
    values = np.random.default_rng(4).random((150, 3))
    found = smaa.rank_acceptability(values, draws=300, seed=2)
    assert found.pairwise is None
    np.testing.assert_allclose(found.acceptability.sum(axis=0), 1)
    assert smaa.rank_acceptability(pd.DataFrame(values), draws=300, seed=2).pairwise is None


def test_weights_that_do_not_sum_to_one_are_refused():
    with pytest.raises(InputError, match="every row must be ≥ 0 and sum to 1"):
        smaa.acceptability_under([[0.1, 0.2]], np.array([[0.5, 0.6]]))


def test_values_too_small_to_tell_apart_tie():
    found = smaa.rank_acceptability([[1e-300, 0], [0, 1e-300]], draws=1000, seed=1)
    np.testing.assert_allclose(found.acceptability, 0.5)
    both = smaa.rank_acceptability([[1e-13, 0], [0, 1e-13]], draws=1000, seed=1)
    np.testing.assert_allclose(both.acceptability, 0.5)
    apart = smaa.rank_acceptability([[1e-6, 0], [0, 1e-6]], draws=1000, seed=1)
    assert 0 < apart.acceptability[0, 0] < 1
    assert apart.acceptability[0, 0] != 0.5
