"""Explanations by hand, and what holds of any."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.scoring import contributions, ranking, values
from siting.analysis.explain import MOST_LEADS, NOTICEABLE, Lead, explain, leads

USES = [
    CriterionUse(name="hours_saved", weight=1, anchors=(0, 1000)),
    CriterionUse(name="demand_covered", weight=1, value="piecewise", points=[(0, 0), (0.5, 0.8), (1, 1)]),
    CriterionUse(name="mean_trip_min", weight=0, anchors=(60, 0)),
    CriterionUse(name="net_cost_wan", weight=1, anchors=(800, 0)),
    CriterionUse(name="staff_commute_min", weight=1, value="threshold", anchors=(60, 30)),
]
WEIGHTS = pd.Series({"hours_saved": 0.4, "demand_covered": 0.2, "mean_trip_min": 0.0, "net_cost_wan": 0.3,
                     "staff_commute_min": 0.1})  # fmt: skip
MATRIX = pd.DataFrame(
    [[900, 0.5, 20, 400, 20], [500, 0.7, 15, 200, 50], [200, 0.1, np.inf, 700, 70], [0, 0.2, 10, 0, np.nan]],
    index=["yinliu", "shangcang", "xiacang", "city"],
    columns=WEIGHTS.index,
)


def explained(matrix=MATRIX, **kwargs):
    parts = contributions(values(matrix, USES), WEIGHTS)
    return explain(parts, WEIGHTS, ranking(parts, **kwargs))


def named(found):
    return [(lead.criterion, pytest.approx(lead.points)) for lead in found]


def test_explanation_by_hand():
    """Scores: 0.36 + 0.16 + 0.15 + 0.1 = 0.77; 0.2 + 0.176 + 0.225 = 0.601; city 0.064 + 0.3."""
    found = explained()
    assert found.running == ("yinliu", "shangcang", "city", "xiacang")
    best = found.options["yinliu"]
    assert (best.rival, best.gap) == ("shangcang", pytest.approx(0.169))
    assert named(best.ahead) == [("hours_saved", 0.16), ("staff_commute_min", 0.1)]
    assert named(best.behind) == [("net_cost_wan", -0.075), ("demand_covered", -0.016)]
    assert (best.weakest, best.lost_points) == ("net_cost_wan", pytest.approx(0.15))


def test_the_others_are_measured_against_the_winner():
    second = explained().options["shangcang"]
    assert (second.rival, second.gap) == ("yinliu", pytest.approx(-0.169))
    assert named(second.ahead) == [("net_cost_wan", 0.075), ("demand_covered", 0.016)]
    assert (second.weakest, second.lost_points) == ("hours_saved", pytest.approx(0.2))


def test_failed_options_are_nobodys_rival():
    verdicts = pd.Series({"yinliu": "fail", "shangcang": "pending", "xiacang": "pass", "city": "pass"})
    found = explained(verdicts=verdicts)
    assert found.running[:2] == ("shangcang", "city")
    assert found.options["shangcang"].rival == "city"
    assert (found.options["yinliu"].rival, found.options["yinliu"].gap) == (
        "shangcang",
        pytest.approx(0.169),
    )


def test_where_all_fail_none_has_a_rival():
    found = explained(verdicts=pd.Series("fail", ["yinliu", "shangcang", "xiacang", "city"]))
    assert found.running == ()
    assert {why.rival for why in found.options.values()} == {None}


def test_one_option_has_no_comparison():
    only = explained(MATRIX.iloc[[0]]).options["yinliu"]
    assert (only.rival, only.gap, only.ahead, only.behind) == (None, 0.0, (), ())
    assert only.weakest == "net_cost_wan"


def test_equal_options_are_neither_ahead_nor_behind():
    found = explained(pd.DataFrame([MATRIX.iloc[0]] * 3, index=list("abc")))
    assert found.running == ("a", "b", "c")
    assert (found.options["b"].gap, found.options["b"].ahead, found.options["b"].behind) == (0.0, (), ())


def test_equal_leads_stand_in_the_order_of_the_criteria_and_few_are_named():
    parts = pd.DataFrame([[0.1, 0.1, 0.2, 0.1, NOTICEABLE / 2]], ["a"], list("vwxyz"))
    parts.loc["b"] = 0.0
    assert leads(parts, "a", "b") == ((Lead("x", 0.2), Lead("v", 0.1), Lead("w", 0.1)), ())
    assert len(leads(parts, "b", "a")[1]) == MOST_LEADS


@given(st.integers(0, 10_000))
def test_leads_of_a_pair_mirror_each_other_and_nothing_larger_is_left_out(seed):
    parts = pd.DataFrame(np.random.default_rng(seed).random((2, 5)), ["a", "b"], list("vwxyz"))
    ahead, behind = leads(parts, "a", "b")
    mirrored = leads(parts, "b", "a")
    assert [(lead.criterion, -lead.points) for lead in ahead] == named(mirrored[1])
    assert [(lead.criterion, -lead.points) for lead in behind] == named(mirrored[0])
    difference = parts.loc["a"] - parts.loc["b"]
    left = difference.drop([lead.criterion for lead in (*ahead, *behind)])
    for side, sign in ((ahead, 1), (behind, -1)):
        most = abs(side[-1].points) if len(side) == MOST_LEADS else NOTICEABLE
        assert (left * sign <= most).all()
