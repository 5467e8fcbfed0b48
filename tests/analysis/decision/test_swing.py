"""Swing points, ranks and percent → weights on the anchors; what they imply; means of several records."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.decision import swing
from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.scoring import values
from siting.types import InputError

USES = (
    CriterionUse(name="hours_saved", weight=1, anchors=(0, 10_000)),
    CriterionUse(name="net_cost_wan", weight=1, anchors=(8000, 0)),
    CriterionUse(name="worst_tenth_min", weight=1, anchors=(150, 50)),
)
SENSES = {"hours_saved": 1, "net_cost_wan": -1, "worst_tenth_min": -1}
MATRIX = pd.DataFrame(
    {
        "hours_saved": [8000.0, 6000.0, 4000.0],
        "net_cost_wan": [6000.0, 5000.0, 4000.0],
        "worst_tenth_min": [100.0, 80.0, math.inf],
    },
    index=["a", "b", "c"],
)
GROUP_OF = {"hours_saved": "enterprises", "demand_covered": "enterprises", "net_cost_wan": "building"}


# ranges ---------------------------------------------------------------------------------------------


def test_ranges_run_from_the_worst_site_to_the_best():
    found = swing.swing_ranges(MATRIX, USES, SENSES)
    assert found.loc["hours_saved"].tolist() == [4000, 8000, "c", "a"]
    assert found.loc["net_cost_wan"].tolist() == [6000, 4000, "a", "c"]
    assert found.loc["worst_tenth_min"].tolist() == [100, 80, "a", "b"], "no road is no end of a range"


def test_criteria_that_tell_no_sites_apart_are_not_asked():
    matrix = MATRIX.assign(net_cost_wan=5000.0, worst_tenth_min=[100.0, 100.0 + 1e-7, 100.0])
    assert list(swing.swing_ranges(matrix, USES, SENSES).index) == ["hours_saved"]
    shown = (USES[0].model_copy(update={"weight": 0.0}), *USES[1:])
    assert "hours_saved" not in swing.swing_ranges(MATRIX, shown, SENSES).index


def test_figures_outside_the_anchors_gain_nothing_there():
    matrix = MATRIX.assign(hours_saved=[30_000.0, 20_000.0, 10_000.0])
    assert "hours_saved" not in swing.swing_ranges(matrix, USES, SENSES).index


@pytest.mark.parametrize(
    ("worst", "best", "shown"),
    [(26307.5862, 31078.7703, (26310, 31080)), (6323.49733, 6316.73364, (6323.5, 6316.73))],
)
def test_ends_are_rounded_to_three_digits_of_their_distance(worst, best, shown):
    matrix = pd.DataFrame({"net_cost_wan": [worst, best], "hours_saved": [worst, best]})
    name = "hours_saved" if best > worst else "net_cost_wan"
    uses = [CriterionUse(name=name, weight=1, anchors=(0, 40_000) if best > worst else (8000, 0))]
    found = swing.swing_ranges(matrix, uses, SENSES)
    assert tuple(found.loc[name, ["worst", "best"]]) == shown


# ranks ----------------------------------------------------------------------------------------------


def test_rank_order_centroids_of_barron_and_barrett():
    """Barron & Barrett (1996), Decision quality using ranked attribute weights, Management Science 42."""
    assert swing.roc_weights([1, 2, 3, 4]).round(4).tolist() == [0.5208, 0.2708, 0.1458, 0.0625]
    assert swing.roc_weights([3, 1, 2]) == pytest.approx([2 / 18, 11 / 18, 5 / 18])
    assert swing.roc_weights([5]).tolist() == [1]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_ranks_give_weights_in_their_order(ranks):
    weights = swing.roc_weights(ranks)
    assert weights.sum() == pytest.approx(1)
    assert (np.sign(np.subtract.outer(ranks, ranks)) == -np.sign(np.subtract.outer(weights, weights))).all()


@pytest.mark.parametrize("ranks", [[], [1, math.nan], [[1, 2]]])
def test_what_is_no_rank_is_refused(ranks):
    with pytest.raises(InputError, match="ranks must be"):
        swing.roc_weights(ranks)


# answers --------------------------------------------------------------------------------------------


def test_points_count_within_their_group_and_groups_among_one_another():
    answers = {"hours_saved": 100, "demand_covered": 60, "net_cost_wan": 100}
    shares = swing.shares_of({"enterprises": 100, "building": 25}, answers, GROUP_OF, ranked=False)
    assert shares.to_dict() == pytest.approx(
        {"hours_saved": 0.8 * 100 / 160, "demand_covered": 0.8 * 60 / 160, "net_cost_wan": 0.2}
    )


def test_ranks_are_weighed_level_by_level():
    answers = {"hours_saved": 2, "demand_covered": 1, "net_cost_wan": 1}
    shares = swing.shares_of({"enterprises": 2, "building": 1}, answers, GROUP_OF, ranked=True)
    assert shares.to_dict() == pytest.approx(
        {"hours_saved": 0.25 * 0.25, "demand_covered": 0.25 * 0.75, "net_cost_wan": 0.75}
    )


def test_a_step_over_the_range_adds_to_the_score_what_its_points_say():
    shares = pd.Series({"hours_saved": 0.5, "net_cost_wan": 0.3, "worst_tenth_min": 0.2})
    # Gains .4, .25 and .2 by hand: weights as .5/.4 : .3/.25 : .2/.2 = 1.25 : 1.2 : 1.
    ranges = swing.swing_ranges(MATRIX, USES, SENSES)
    gains = pd.Series({u.name: swing.value_gained(u, *ranges.loc[u.name, ["worst", "best"]]) for u in USES})
    weights = swing.converted_weights(shares, gains)
    assert gains.tolist() == pytest.approx([0.4, 0.25, 0.2])
    assert weights.tolist() == pytest.approx([1.25 / 3.45, 1.2 / 3.45, 1 / 3.45])
    worst = pd.DataFrame(ranges["worst"]).T.astype(float)
    score = [
        float((values(worst.assign(**{n: b}), USES) @ weights).iloc[0]) for n, b in ranges["best"].items()
    ]
    gained = np.array(score) - float((values(worst, USES) @ weights).iloc[0])
    assert (gained / gained.sum()).tolist() == pytest.approx([0.5, 0.3, 0.2])


@pytest.mark.parametrize(
    ("method", "answers", "said"),
    [
        ("swing", {"a": 90, "b": 20}, "none of a, b has 100"),
        ("swing", {"a": 100, "b": 101}, "b: 101 is not between 0 and 100"),
        ("direct", {"a": 50, "b": -1}, "b: -1 is not between"),
        ("ranked", {"a": 1, "b": 3}, "b: 3 is no rank from 1 to 2"),
        ("ranked", {"a": 1, "b": 1.5}, "no rank"),
    ],
)
def test_answers_that_the_method_does_not_know_are_refused(method, answers, said):
    with pytest.raises(InputError, match=said):
        swing.check_answers(answers, method=method)


# what they imply ------------------------------------------------------------------------------------


def test_equal_amount_and_factor_by_hand():
    shares, spans = pd.Series({"t": 0.6, "m": 0.2, "n": 0.0}), pd.Series({"t": 4000.0, "m": 2000.0, "n": 1.0})
    assert swing.equal_amount(shares, spans, "t", "m") == pytest.approx(6000), "three times its range"
    assert swing.equal_amount(shares, spans, "t", "n") == math.inf
    assert swing.apart(4000, 6000) == 1.5
    assert swing.apart(0, 6000) == swing.apart(10, math.inf) == math.inf


def test_geometric_mean_needs_shares_above_0():
    records = pd.DataFrame({"a": [0.8, 0.2], "b": [0.2, 0.8]})
    assert swing.mean_shares(records, "geometric_mean").tolist() == pytest.approx([0.5, 0.5])
    assert swing.mean_shares(records.assign(a=[1.0, 0.2], b=[0.0, 0.8]), "geometric_mean") is None
