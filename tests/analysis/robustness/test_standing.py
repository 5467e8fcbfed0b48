"""Who can be told apart over the same draws."""

import numpy as np
import pandas as pd
import pytest

from siting.analysis.robustness.acceptability import rank_acceptability
from siting.analysis.robustness.standing import Standing


def drawn(*orders):
    """Scores of draws from their orders, best first; ``=`` joins options that tie."""
    rows = []
    for order in orders:
        groups = [group.split("=") for group in order.split(">")]
        rows.append({name: -float(place) for place, group in enumerate(groups) for name in group})
    return pd.DataFrame(rows)[sorted(rows[0])]


@pytest.mark.parametrize(
    ("orders", "winner", "expected"),
    [
        # a wins more, yet beats b in three of five draws only; c is beaten by a in four of five
        (["a>b>c", "a>b>c", "a>b>c", "b>a>c", "b>c>a"], "a", ["a", "b"]),
        # exactly two thirds is told apart
        (["a>b", "a>b", "b>a"], None, ["a"]),
        # draws tied beat nobody
        (["a>b", "a=b", "a=b"], None, ["a", "b"]),
        (["a>b", "b>a"], "b", ["b", "a"]),
        # b never wins, and still cannot be told apart from a: it is never far behind
        (["a>b>c", "a>b>c", "c>b>a", "c>b>a", "a>b>c"], "c", ["a", "c", "b"]),
    ],
)
def test_leaders_are_those_that_the_first_beats_in_fewer_than_two_thirds(orders, winner, expected):
    assert Standing.of_scores(drawn(*orders)).leaders(winner) == expected


def test_many_draws_do_not_make_a_small_lead_a_large_one():
    scores = pd.DataFrame({"a": [1.0] * 6500 + [0.0] * 3500, "b": [0.5] * 10_000})
    found = Standing.of_scores(scores)
    assert found.wins.to_dict() == {"a": 0.65, "b": 0.35}
    assert found.leaders() == ["a", "b"]


def test_both_makers_count_the_same():
    rng = np.random.default_rng(4)
    values = pd.DataFrame(rng.integers(0, 4, (5, 3)) / 4, index=list("vwxyz"))
    from_weights = Standing.of_weightings(rank_acceptability(values, draws=300, seed=2))
    from siting.analysis.robustness.weight_draws import draw_weights

    scores = pd.DataFrame(draw_weights(3, draws=300, seed=2) @ values.T.to_numpy(), columns=values.index)
    from_scores = Standing.of_scores(scores.round(12))
    pd.testing.assert_series_equal(from_weights.wins, from_scores.wins, check_names=False)
    np.testing.assert_allclose(from_weights.beats, from_scores.beats)


def test_without_pairs_an_option_is_known_to_beat_others_where_it_wins():
    values = pd.DataFrame(np.eye(101), index=[f"s{k:03}" for k in range(101)])
    values.iloc[0] = 2.0
    found = Standing.of_weightings(rank_acceptability(values, draws=50, seed=2))
    assert found.leaders() == ["s000"]
    assert found.beats.loc["s000", "s050"] == 1
