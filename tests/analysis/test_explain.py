"""Explanations: every statement is checked by making it come true."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.scoring import contributions, ranking, values, weighted_sum
from siting.analysis.explain import explain
from siting.types import InputError

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


def explained(matrix=MATRIX, weights=WEIGHTS, **kwargs):
    table = values(matrix, USES)
    order = ranking(contributions(table, weights), **kwargs)
    return explain(table, weights, matrix, USES, order)


def scores(matrix, weights=WEIGHTS):
    return weighted_sum(values(matrix, USES), weights)


def test_explanation_by_hand():
    """Scores: 0.36 + 0.16 + 0.15 + 0.1 = 0.77; 0.2 + 0.176 + 0.225 = 0.601; city 0.064 + 0.3."""
    found = explained()
    assert (found.winner, found.runner_up, found.near_tie, found.tied) == ("yinliu", "shangcang", False, ())
    assert found.gap == pytest.approx(0.169)
    best = found.options["yinliu"]
    assert [r.criterion for r in best.reasons][:2] == ["hours_saved", "staff_commute_min"]
    assert [r.points for r in best.reasons] == pytest.approx([0.16, 0.1, 0, -0.016, -0.075])
    assert best.strongest == ("hours_saved", "staff_commute_min")
    assert (best.weakest, best.lost_points) == ("net_cost_wan", pytest.approx(0.15))
    assert best.counterfactual == {}
    assert best.weight_distance == 0
    cost = next(n for n in best.needs if n.criterion == "net_cost_wan")
    assert cost.raw_needed is None  # even 800 万元 would not cost it the first place: it loses 0.15 < 0.169
    hours = next(n for n in best.needs if n.criterion == "hours_saved")
    assert hours.raw_needed == pytest.approx(900 - 0.169 / 0.4 * 1000)
    assert "mean_trip_min" not in [n.criterion for n in best.needs]


def test_the_runner_up_sees_its_own_list():
    found = explained().options["shangcang"]
    needs = {n.criterion: n for n in found.needs}
    assert needs["hours_saved"].raw_needed == pytest.approx(500 + 0.169 / 0.4 * 1000)
    assert needs["net_cost_wan"].raw_needed is None  # free of cost still leaves it 0.094 behind
    assert needs["demand_covered"].raw_needed is None
    assert found.counterfactual == pytest.approx({"hours_saved": 922.5})
    assert found.gap == pytest.approx(-0.169)
    assert (found.rival, found.weakest) == ("yinliu", "hours_saved")


def test_not_applicable_and_unreachable_figures_are_none():
    found = explained()
    city = {r.criterion: r for r in found.options["city"].reasons}
    assert city["staff_commute_min"].raw is None
    assert (
        next(n for n in found.options["city"].needs if n.criterion == "staff_commute_min").raw_needed is None
    )
    assert "staff_commute_min" not in found.options["city"].counterfactual
    assert {r.criterion: r.raw for r in found.options["xiacang"].reasons}["mean_trip_min"] is None


def test_to_dict_is_strict_json():
    text = json.dumps(explained().to_dict(), allow_nan=False)
    assert json.loads(text)["options"]["shangcang"]["rank"] == 2


def test_near_tie_is_declared():
    close = MATRIX.copy()
    close.loc["shangcang", "hours_saved"] = 915
    found = explained(close)
    assert found.near_tie
    assert found.tied == ("yinliu", "shangcang")
    assert found.options["shangcang"].near_tie
    assert not found.options["city"].near_tie


def test_failed_options_stand_in_nobodys_way():
    verdicts = pd.Series({"yinliu": "fail", "shangcang": "pending", "xiacang": "pass", "city": "pass"})
    found = explained(verdicts=verdicts)
    assert (found.winner, found.runner_up) == ("shangcang", "city")
    assert found.options["shangcang"].weight_distance == 0
    assert found.options["yinliu"].rival == "shangcang"
    assert found.options["yinliu"].gap == pytest.approx(0.169)
    assert found.options["yinliu"].verdict == "fail"
    with pytest.raises(InputError, match="no option passes its conditions"):
        explained(verdicts=verdicts.map(lambda _: "fail"))


def test_one_option_has_no_comparison():
    found = explained(MATRIX.iloc[[0]])
    only = found.options["yinliu"]
    assert (found.runner_up, found.gap, found.near_tie) == (None, 0.0, False)
    assert (only.rival, only.reasons, only.needs, only.counterfactual) == (None, (), (), {})
    assert only.weakest == "net_cost_wan"


def test_equal_options_explain_without_nan():
    same = pd.DataFrame([MATRIX.iloc[0]] * 3, index=list("abc"))
    found = explained(same)
    assert (found.winner, found.gap, found.tied) == ("a", 0, ("a", "b", "c"))
    assert found.options["b"].counterfactual == {}
    json.dumps(found.to_dict(), allow_nan=False)


def test_gains_pass_through():
    table = values(MATRIX, USES)
    order = ranking(contributions(table, WEIGHTS))
    gains = {"yinliu": {"better_off": 0.6, "hours": 1234.5}}
    found = explain(table, WEIGHTS, MATRIX, USES, order, gains=gains)
    assert found.options["yinliu"].gains == gains["yinliu"]
    assert found.options["city"].gains is None


def random_matrix(seed):
    rng = np.random.default_rng(seed)
    low, high = np.array([0, 0, 0, 0, 10]), np.array([1000, 1, 60, 800, 80])
    return pd.DataFrame(low + rng.random((4, 5)) * (high - low), index=list("abcd"), columns=WEIGHTS.index)


@given(st.integers(0, 10_000))
def test_what_is_said_comes_true(seed):
    """Put each statement into effect and score again: the option draws level with the best other."""
    matrix = random_matrix(seed)
    found = explained(matrix)
    for option, one in found.options.items():
        assert sum(r.points for r in one.reasons) == pytest.approx(one.gap, abs=1e-9)
        for need in one.needs:
            if need.raw_needed is not None and need.criterion != "staff_commute_min":
                changed = matrix.copy()
                changed.loc[option, need.criterion] = need.raw_needed
                after = scores(changed)
                assert after[option] == pytest.approx(after.drop(option).max(), abs=1e-9)
        if one.rank > 1:
            changed = matrix.copy()
            for name, raw in one.counterfactual.items():
                changed.loc[option, name] = raw
            after = scores(changed)
            assert after[option] >= after.drop(option).max() - 1e-9
        if one.weights_needed is not None:
            weights = pd.Series(one.weights_needed).reindex(WEIGHTS.index, fill_value=0.0)
            after = scores(matrix, weights)
            assert after[option] >= after.max() - 1e-7
