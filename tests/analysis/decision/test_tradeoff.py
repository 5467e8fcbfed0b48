"""What a point of the score is worth, and the price of an hour that weights imply: by hand."""

import math

import pandas as pd
import pytest

from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.tradeoff import implied_hour_yuan, per_point, tradeoff

USES = (
    CriterionUse(name="hours_saved", weight=1, anchors=(0, 32_000)),
    CriterionUse(name="net_cost_wan", weight=1, anchors=(8_000, 0)),
    CriterionUse(name="mean_trip_min", weight=0, anchors=(100, 20)),
    CriterionUse(name="staff_commute_min", weight=1, value="piecewise", points=((0, 1), (20, 0.8), (60, 0))),
    CriterionUse(name="authority", weight=1, value="threshold", anchors=(0, 0.5)),
)
WEIGHTS = pd.Series([0.25, 0.1, 0.0, 0.5, 0.15], [use.name for use in USES])
RAW = pd.Series(
    {"hours_saved": 1, "net_cost_wan": 1, "mean_trip_min": 1, "staff_commute_min": 40, "authority": 0.3}
)


def test_a_point_in_units_of_each_criterion():
    """A point is a hundredth of the score: of 32,000 hours at a quarter of the weight, 1,280."""
    found = per_point(USES, WEIGHTS, RAW)
    assert list(found.index) == ["hours_saved", "net_cost_wan", "staff_commute_min", "authority"]
    assert found["amount"]["hours_saved"] == pytest.approx(1_280)
    assert found["amount"]["net_cost_wan"] == pytest.approx(800)
    assert found["amount"]["staff_commute_min"] == pytest.approx(0.01 / 0.5 / (0.8 / 40))
    assert math.isnan(found["amount"]["authority"])
    assert found["at"].dropna().to_dict() == {"staff_commute_min": 40, "authority": 0.3}


def test_a_curve_is_taken_about_the_present_figure():
    steep = per_point(USES, WEIGHTS, RAW.where(RAW.index != "staff_commute_min", 10.0))
    assert steep["amount"]["staff_commute_min"] == pytest.approx(0.01 / 0.5 / (0.2 / 20))
    for beyond in (-1.0, 70.0, math.inf):
        flat = per_point(USES, WEIGHTS, RAW.where(RAW.index != "staff_commute_min", beyond))
        assert math.isnan(flat["amount"]["staff_commute_min"])


def test_the_price_of_an_hour():
    """800 万元 buy what 1,280 hours a year do, each worth ten at present: 625 yuan an hour."""
    found = tradeoff(USES, WEIGHTS, RAW, years=10.0, own_hour_yuan=23.0, own_range=(15.0, 35.0))
    assert found.hour_yuan == pytest.approx(625)
    assert implied_hour_yuan(found.per_point, math.nan) is None
    assert implied_hour_yuan(found.per_point.drop(index="net_cost_wan"), 10.0) is None
