"""Value of information: coins and lines with known answers, planted deciders, noise worth nothing."""

import numpy as np
import pandas as pd
import pytest

from siting.analysis.decision.additive import Additive
from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.scoring import values
from siting.analysis.robustness import value_of_information as information
from siting.analysis.robustness.leave_one_out import TakenApart
from siting.types import InputError


def test_evpi_by_hand():
    assert information.evpi([[1, 0], [0, 2], [1, 0], [0, 2]]) == pytest.approx(1.5 - 1)
    assert information.evpi([[1, 0], [2, 1]]) == 0
    assert information.evpi([[0.7]]) == 0


def test_evppi_of_a_coin_is_exact():
    """One of two unknowns decides fully: knowing it is worth the EVPI of 0.5, the other nothing."""
    rng = np.random.default_rng(0)
    coin, noise = rng.integers(0, 2, 4000), rng.random(4000)
    scores = np.column_stack([coin, 1.0 - coin])
    found = information.evppi(scores, pd.DataFrame({"noise": noise, "coin": coin}))
    assert found.index.tolist() == ["coin", "noise"]
    assert found["coin"] == pytest.approx(information.evpi(scores), abs=0.02)
    assert found["noise"] == pytest.approx(0, abs=0.005)


def test_evppi_of_a_line_agrees_with_the_integral():
    """Score b − a = u − 0.5 + noise, u uniform: knowing u is worth E|u − 0.5| / 2 = 0.125."""
    rng = np.random.default_rng(1)
    u, other = rng.random(20_000), rng.normal(0, 0.3, 20_000)
    scores = np.column_stack([np.zeros(20_000), u - 0.5 + other])
    found = information.evppi(scores, pd.DataFrame({"u": u, "other": other}))
    assert found["u"] == pytest.approx(0.125, abs=0.006)
    assert found["other"] == pytest.approx(0.3 * np.sqrt(0.5 / np.pi), abs=0.006)


def test_the_planted_decisive_speed_is_found_first():
    rng = np.random.default_rng(2)
    unknowns = pd.DataFrame(rng.random((2000, 40)), columns=[f"speed_{i:02d}" for i in range(40)])
    spread = 0.05 * unknowns.drop(columns="speed_23").to_numpy().sum(axis=1)
    scores = np.column_stack([spread + 0.5 * unknowns["speed_23"], spread + 0.25])
    assert information.evppi(scores, unknowns).index[0] == "speed_23"


def test_evppi_of_a_constant_is_nothing():
    scores = np.random.default_rng(0).random((100, 3))
    found = information.evppi(scores, pd.DataFrame({"c": np.ones(100)}))
    assert found["c"] == pytest.approx(0, abs=1e-12)
    with pytest.raises(InputError, match="100 draws of scores, 99 of unknowns"):
        information.evppi(scores, pd.DataFrame({"c": np.ones(99)}))


def test_the_firm_worth_asking_is_found_first():
    """All firms but two are alike for both sites; e07 is large and uncertain, e03 small."""
    hours = pd.DataFrame(10.0, index=[f"e{i:02d}" for i in range(20)], columns=["x", "y"])
    hours.loc["e07"] = [60.0, 0.0]
    hours.loc["e03"] = [0.0, 55.0]
    parts = {"hours_saved": Additive(hours)}
    hours_use = CriterionUse(name="hours_saved", weight=1, anchors=(0, 1000))
    spread = pd.Series(0.05, index=hours.index)
    spread["e07"], spread["e03"] = 0.4, 0.0
    now = values(hours.sum().to_frame("hours_saved"), [hours_use])
    study = TakenApart(parts, now, [hours_use], pd.Series({"hours_saved": 1.0}))
    found = information.survey_priority(study, spread, draws=2000, seed=1)
    assert found.index[0] == "e07"
    assert found["evppi"].iloc[0] > 0.001
    assert found["evppi"].drop("e07").max() < 0.001
    assert found.loc["e07", "lead_low"] == pytest.approx((np.exp(-1.96 * 0.4) * 60 - 55) / 1000)
    assert found.loc["e07", "lead_high"] == pytest.approx((np.exp(1.96 * 0.4) * 60 - 55) / 1000)
    assert found.loc["e03", "swing"] == 0
    with pytest.raises(InputError, match="finite standard deviation from 0 up"):
        information.survey_priority(study, spread.drop("e01"), draws=10, seed=1)
