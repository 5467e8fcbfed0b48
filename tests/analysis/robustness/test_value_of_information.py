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
    found = information.evppi(scores, {"noise": noise, "coin": coin})
    assert found.index.tolist() == ["coin", "noise"]
    assert found["evppi"]["coin"] == pytest.approx(information.evpi(scores), abs=0.02)
    assert found["evppi"]["noise"] == pytest.approx(0, abs=0.005)
    assert found["is_clear"].to_dict() == {"coin": True, "noise": False}


def test_evppi_of_a_line_agrees_with_the_integral():
    """Score b − a = u − 0.5 + noise, u uniform: knowing u is worth E|u − 0.5| / 2 = 0.125."""
    rng = np.random.default_rng(1)
    u, other = rng.random(20_000), rng.normal(0, 0.3, 20_000)
    scores = np.column_stack([np.zeros(20_000), u - 0.5 + other])
    found = information.evppi(scores, {"u": u, "other": other})["evppi"]
    assert found["u"] == pytest.approx(0.125, abs=0.006)
    assert found["other"] == pytest.approx(0.3 * np.sqrt(0.5 / np.pi), abs=0.006)


def test_the_planted_decisive_speed_is_found_first():
    rng = np.random.default_rng(2)
    unknowns = {f"speed_{i:02d}": draws for i, draws in enumerate(rng.random((40, 2000)))}
    spread = 0.05 * sum(draws for name, draws in unknowns.items() if name != "speed_23")
    scores = np.column_stack([spread + 0.5 * unknowns["speed_23"], spread + 0.25])
    found = information.evppi(scores, unknowns)
    assert found.index[found["is_clear"]].tolist() == ["speed_23"]


def line(rng, n):
    """Scores of two sites of which one goes with u, noise beside; knowing u is worth 0.125."""
    u = rng.random(n)
    return np.column_stack([np.zeros(n), u - 0.5 + rng.normal(0, 0.3, n)]), u


def test_the_standard_error_is_that_of_repeats():
    found = []
    for seed in range(60):
        scores, u = line(np.random.default_rng([3, seed]), 400)
        found.append(information.evppi(scores, {"u": u}).loc["u", ["evppi", "standard_error"]].tolist())
    worth, error = np.array(found, float).T
    assert error.mean() == pytest.approx(worth.std(), rel=0.4)
    # Cautious: never more than there is, and most of it.
    assert 0.6 * 0.125 < worth.mean() < 0.125 + 2 * worth.std() / np.sqrt(60)


def test_pure_noise_is_seldom_listed():
    rng = np.random.default_rng(4)
    scores = rng.normal(0, 0.1, (400, 7))
    noise = {f"n{k}": draws for k, draws in enumerate(rng.random((300, 400)))}
    places = {f"p{k}": rng.normal(size=(400, 2)) for k in range(100)}
    kinds = {f"k{k}": rng.integers(0, 4, 400).astype(float) for k in range(100)}
    assert information.evppi(scores, {**noise, **places, **kinds})["is_clear"].mean() < 0.05


def test_a_place_tells_by_its_direction():
    """East of the mark the first site wins, west of it the second; how far tells nothing."""
    move = np.random.default_rng(5).normal(size=(2000, 2))
    scores = np.column_stack([move[:, 0], -move[:, 0]])
    far = np.hypot(*move.T)
    found = information.evppi(scores, {"place": move, "far": far})
    assert found.index[found["is_clear"]].tolist() == ["place"]
    assert found["evppi"]["place"] == pytest.approx(np.sqrt(2 / np.pi), rel=0.05)


def test_the_register_is_worth_its_rule_and_what_chance_within_it_decides():
    """Under rule r the sites tie and registers favour either by 0.2; under q the first is always ahead."""
    rules = pd.Series(["q", "r"] * 200)
    scores = np.where((rules == "q").to_numpy()[:, None], [0.9, 0.5], [0.5, 0.5])
    index = pd.MultiIndex.from_product([["q", "r"], range(50)])
    registers = pd.DataFrame({"x": [0.7] * 50 + [0.4, 0.2] * 25, "y": [0.3] * 50 + [0.2, 0.4] * 25}, index)
    by_rule = information.evppi(scores, {"spread": (rules == "q").to_numpy(float)})
    found = information.with_register(by_rule, scores, rules, registers)
    # Registers of r gain 0.1 over their level, those of q nothing; the rule alone decides nothing.
    assert found["evppi"].to_dict() == pytest.approx({"register": 0.05, "spread": 0.0}, abs=1e-12)
    assert found["is_clear"].to_dict() == {"register": True, "spread": False}
    alike = information.with_register(by_rule, scores, rules, registers * 0 + 0.5)
    assert (alike["evppi"]["register"], alike["is_clear"]["register"]) == (0.0, False)


def test_evppi_of_a_constant_is_nothing():
    scores = np.random.default_rng(0).random((100, 3))
    found = information.evppi(scores, {"c": np.ones(100)})
    assert found["evppi"]["c"] == pytest.approx(0, abs=1e-12)
    assert not found["is_clear"]["c"]
    with pytest.raises(InputError, match="100 draws of scores, 99 of unknowns"):
        information.evppi(scores, {"c": np.ones(99)})
    assert information.evppi(scores, {}).empty


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
    found = information.survey_priority(study, spread, hours.index, draws=2000, seed=1)
    assert found.index[found["is_clear"]].tolist() == ["e07"]
    assert found["evppi"].iloc[0] > 0.001
    assert found["evppi"].drop("e07").max() < 0.001
    assert found.loc["e07", "lead_low"] == pytest.approx((np.exp(-1.96 * 0.4) * 60 - 55) / 1000)
    assert found.loc["e07", "lead_high"] == pytest.approx((np.exp(1.96 * 0.4) * 60 - 55) / 1000)
    assert found.loc["e03", "swing"] == 0
    with pytest.raises(InputError, match="finite standard deviation from 0 up"):
        information.survey_priority(study, spread.drop("e01"), hours.index, draws=10, seed=1)
    real = information.survey_priority(study, spread, pd.Index(["e03", "e11"]), draws=200, seed=1)
    assert set(real.index) == {"e03", "e11"}, "nobody can ask an illustrative firm"
    assert real.loc["e03", "swing"] == 0
    nobody = information.survey_priority(study, spread, pd.Index([]), draws=20, seed=1)
    assert (len(nobody), list(nobody)) == (0, list(real))
