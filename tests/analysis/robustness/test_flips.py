"""Intervals and linear programmes against dense samples, hand-made lines, planted changes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.robustness import flips
from siting.types import InputError


def problem(seed, m=5, k=4):
    rng = np.random.default_rng(seed)
    values = pd.DataFrame(rng.random((m, k)), index=list("vwxyz")[:m], columns=list("abcdef")[:k])
    return values, pd.Series(rng.dirichlet(np.ones(k)), index=values.columns)


def moved(weights, criterion, share):
    rest = weights.drop(criterion)
    return pd.Series({**(rest / rest.sum() * (1 - share)), criterion: share})[weights.index]


def test_interval_by_hand():
    """Scores at equal weights 0.55 and 0.5; with weight t on a: 0.9 t + 0.2 (1 − t) against 0.5."""
    values = pd.DataFrame([[0.9, 0.2], [0.5, 0.5]], columns=["a", "b"])
    found = flips.stability_intervals(values, pd.Series({"a": 1, "b": 1}))
    np.testing.assert_allclose(found.to_numpy(), [[3 / 7, 1], [0, 4 / 7]])


@pytest.mark.parametrize("seed", range(20))
def test_interval_ends_tie_and_the_inside_keeps_the_winner(seed):
    values, weights = problem(seed)
    winner = (values @ weights).idxmax()
    for criterion, (low, high) in flips.stability_intervals(values, weights).iterrows():
        assert low <= weights[criterion] <= high
        for share in np.linspace(low, high, 7):
            scores = values @ moved(weights, criterion, share)
            assert scores[winner] >= scores.max() - 1e-12
        for end, beyond in ((low, low - 1e-6), (high, high + 1e-6)):
            if 0 < end < 1:
                scores = values @ moved(weights, criterion, end)
                assert scores[winner] == pytest.approx(scores.drop(winner).max(), abs=1e-9)
                assert (values @ moved(weights, criterion, beyond)).idxmax() != winner


def test_intervals_of_arrays_one_option_and_a_weight_that_holds_everything():
    assert flips.stability_intervals([[0.3, 0.1]], [1, 1]).tolist() == [[0, 1], [0, 1]]
    assert flips.stability_intervals([[0.3]], [5]).tolist() == [[0, 1]]
    found = flips.stability_intervals(np.array([[0.9, 0.2, 0.2], [0.5, 0.5, 0.5]]), [1, 0, 0])
    np.testing.assert_allclose(found, [[3 / 7, 1], [0, 4 / 7], [0, 4 / 7]])


def test_no_single_winner_is_refused():
    with pytest.raises(InputError, match=r"no single winner: options \[0, 1\]"):
        flips.stability_intervals([[0.4, 0.6], [0.6, 0.4], [0, 0]], [1, 1])
    with pytest.raises(InputError, match="no single winner"):
        flips.stability_intervals([[0.4, 0.6], [0.4, 0.6]], [1, 3])


@pytest.mark.parametrize("seed", range(3))
def test_nearest_flip_agrees_with_dense_samples(seed, is_long):
    values, weights = problem(seed, m=5, k=4)
    found = flips.nearest_flip(values, weights)
    assert found["distance"].iloc[0] == 0
    rng = np.random.default_rng(seed)
    n = 1_000_000 if is_long else 100_000
    samples = np.vstack([rng.dirichlet(np.ones(4), n), rng.dirichlet(1 + 20 * weights, n // 2)])
    distance = np.abs(samples - weights.to_numpy()).sum(axis=1)
    winners = (samples @ values.to_numpy().T).argmax(axis=1)
    margin = flips.best_margin(values)
    for place, option in enumerate(values.index):
        reached = distance[winners == place]
        if np.isinf(found.loc[option, "distance"]):
            assert margin[option] < 0
            assert not reached.size
        else:
            assert margin[option] >= 0
            # No sample is nearer, and the nearest sample is not much further.
            assert reached.size == 0 or found.loc[option, "distance"] <= reached.min() + 1e-12
            assert reached.size < 500 or reached.min() <= found.loc[option, "distance"] + 0.2


@given(st.integers(0, 10_000))
def test_at_the_nearest_weights_the_option_wins_by_a_tie(seed):
    values, weights = problem(seed, m=4, k=3)
    for option, row in flips.nearest_flip(values, weights).iterrows():
        if np.isinf(row["distance"]):
            assert row.drop("distance").isna().all()
            continue
        target = row.drop("distance").astype(float)
        assert target.min() >= 0
        assert target.sum() == pytest.approx(1)
        assert np.abs(target - weights).sum() == pytest.approx(row["distance"], abs=1e-8)
        scores = values @ target
        assert scores[option] >= scores.max() - 1e-9
        if row["distance"] > 0:
            assert scores[option] == pytest.approx(scores.drop(option).max(), abs=1e-8)


@given(st.integers(0, 10_000))
def test_nearest_flip_between_two_options_moves_weight_along_the_steepest_pair(seed):
    """Oracle: with one rival, weight goes from where the option lags most to where it leads most."""
    values, weights = problem(seed, m=2, k=4)
    loser, winner = (values @ weights).sort_values().index
    lead = (values.loc[loser] - values.loc[winner]).to_numpy()
    best, missing, carried = lead.max(), -(lead @ weights.to_numpy()), 0.0
    for j in np.argsort(lead):
        step = min(weights.iloc[j], missing / (best - lead[j])) if best > lead[j] else 0.0
        carried, missing = carried + step, missing - step * (best - lead[j])
    expected = 2 * carried if missing <= 1e-12 else np.inf
    assert flips.nearest_flip(values, weights).loc[loser, "distance"] == pytest.approx(expected, abs=1e-8)


def test_dominated_and_convexly_dominated_options_can_never_win():
    values = pd.DataFrame([[1, 0], [0, 1], [0.4, 0.4], [0.2, 0.1], [0.5, 0.5]], index=list("abcde"))
    margin = flips.best_margin(values)
    assert margin.to_dict() == pytest.approx({"a": 0.5, "b": 0.5, "c": -0.1, "d": -0.35, "e": 0}, abs=1e-9)
    assert flips.best_margin(values.iloc[:1]).tolist() == [1]
    found = flips.nearest_flip(values, pd.Series([0.9, 0.1]))
    assert found["distance"].to_dict() == pytest.approx(
        {"a": 0, "e": 0.8, "b": 0.8, "c": np.inf, "d": np.inf}
    )
    assert found.index.tolist() == ["a", "b", "e", "c", "d"]


# Anything else --------------------------------------------------------------------------------------


def lines(x):
    return pd.Series({"a": 0.6, "b": 0.5 + 0.02 * x, "c": 0.9 - 0.05 * abs(x + 2)})


def test_smallest_flip_of_straight_lines_is_exact():
    """B passes A at x = 5; C never, between the ends asked about."""
    found = flips.smallest_flip(lambda x: lines(x).drop("c"), 0, (-20, 20), what="price")
    assert (found.winner, found.to) == ("a", "b")
    assert found.at == pytest.approx(5, abs=1e-9)
    assert found.change == pytest.approx(5, abs=1e-9)
    assert found.gap == pytest.approx(0, abs=1e-9)


def test_smallest_flip_takes_the_nearer_side_and_the_knots():
    """A passes B at 5, before C does; the peak at 7 is a knot that a coarse grid would miss."""
    found = flips.smallest_flip(lines, 5.5, (-20, 40), what="x", steps=2)
    assert found.winner == "b"
    assert (found.to, found.at) == ("a", pytest.approx(5, abs=1e-9))
    steep = lambda x: pd.Series({"a": 0.5, "c": 0.6 - abs(x - 7)})  # noqa: E731
    assert flips.smallest_flip(steep, 0, (-10, 10), what="x", steps=4).at is None
    hit = flips.smallest_flip(steep, 0, (-10, 10), what="x", steps=4, knots=(7,))
    assert hit.at == pytest.approx(6.9, abs=1e-9)


def test_smallest_flip_names_who_overtakes_first_and_not_who_leads_further_out():
    """B passes A at 6.1; C, steeper, passes both at 6.2, still within the grid step up to 10."""
    passed = lambda x: pd.Series({"a": 0.5, "b": 0.5 + 0.1 * (x - 6.1), "c": 0.51 + (x - 6.2)})  # noqa: E731
    found = flips.smallest_flip(passed, 0, (0, 20), what="x", steps=2)
    assert (found.to, found.at) == ("b", pytest.approx(6.1, abs=1e-9))
    jump = lambda x: pd.Series(  # noqa: E731
        {"a": 0.5, "b": 0.6 if x > 33.3 else 0.1, "c": 0.9 if x > 35 else 0.1}
    )
    assert flips.smallest_flip(jump, 30, (10, 60), what="cutoff_min", steps=2).to == "b"


def test_smallest_flip_of_a_step_is_the_step():
    stepped = lambda x: pd.Series({"a": 0.5, "b": 0.4 if x < 33.3 else 0.7})  # noqa: E731
    found = flips.smallest_flip(stepped, 30, (10, 60), what="cutoff_min")
    assert found.at == pytest.approx(33.3, abs=1e-9)
    assert found.gap in (pytest.approx(0.1), pytest.approx(-0.2))


def test_smallest_flip_without_flip_and_with_one_option():
    found = flips.smallest_flip(lambda _: pd.Series({"a": 0.6, "b": 0.2}), 1, (0, 2), what="x")
    assert (found.at, found.to, found.change) == (None, None, None)
    assert flips.smallest_flip(lambda _: pd.Series({"a": 0.6}), 1, (0, 2), what="x").winner == "a"
