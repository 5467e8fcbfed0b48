"""Leaving out, bootstrap, variants, regret: loops as oracles, planted deciders."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.decision import additive
from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.scoring import topsis, values, weighted_sum
from siting.analysis.robustness import leave_one_out
from siting.types import InputError

COVERED = CriterionUse(name="demand_covered", weight=1, anchors=(0, 1))
HOURS = CriterionUse(name="hours_saved", weight=1, anchors=(0, 1000))
USES = [COVERED, HOURS]
WEIGHTS = pd.Series({"demand_covered": 0.6, "hours_saved": 0.4})


def register(n=30, seed=0, options=("x", "y", "z")):
    """Parts of two criteria on n enterprises: a weighted mean and a plain sum."""
    rng = np.random.default_rng(seed)
    ids = [f"e{i:02d}" for i in range(n)]
    demand = pd.Series(rng.pareto(1.5, n) + 0.1, index=ids)
    near = pd.DataFrame(rng.random((n, len(options))) < 0.5, index=ids, columns=list(options))
    hours = pd.DataFrame(rng.random((n, len(options))) * 20, index=ids, columns=list(options))
    return {
        "demand_covered": additive.Additive(near.mul(demand, axis=0).astype(float), demand),
        "hours_saved": additive.Additive(hours),
    }


def matrix_of(parts, ids):
    covered, hours = parts["demand_covered"], parts["hours_saved"]
    return pd.DataFrame(
        {
            "demand_covered": covered.numerator.loc[ids].sum() / covered.denominator.loc[ids].sum(),
            "hours_saved": hours.numerator.loc[ids].sum(),
        }
    )


def all_values(parts):
    return values(matrix_of(parts, parts["hours_saved"].numerator.index), USES)


def apart(parts):
    return leave_one_out.TakenApart(parts, all_values(parts), USES, WEIGHTS)


# Who wins -------------------------------------------------------------------------------------------


def test_winners_by_hand():
    scores = pd.DataFrame([[0.5, 0.4, 0.1], [0.4, 0.6, 0.1], [0.5, 0.5, 0.5]], columns=list("bac"))
    found = leave_one_out.winners(scores, "b")
    assert found["winner"].tolist() == ["b", "a", "b"]
    assert found["runner_up"].tolist() == ["a", "b", "a"]
    assert found["margin"].tolist() == [0.1, 0.2, 0]
    assert found["lead"].tolist() == [0.1, -0.2, 0]
    assert found["changed"].tolist() == [False, True, False]
    alone = leave_one_out.winners(scores[["b"]], "b")
    assert alone["runner_up"].tolist() == [None] * 3
    assert not alone["changed"].any()
    assert leave_one_out.winner_shares(scores).tolist() == pytest.approx([4 / 9, 4 / 9, 1 / 9])


def test_variants_table_names_the_variant_that_changes_the_winner():
    base = pd.DataFrame([[0.6, 0.5], [0.5, 0.4]], index=["x", "y"], columns=WEIGHTS.index)
    parks = base.assign(hours_saved=[0.1, 0.9])
    found = leave_one_out.variants_table({"committees": base, "parks": parks}, WEIGHTS, "x")
    assert found["winner"].to_dict() == {"committees": "x", "parks": "y"}
    assert found.loc["parks", "lead"] == pytest.approx(0.6 * 0.1 - 0.4 * 0.8)
    with pytest.raises(InputError, match="none given"):
        leave_one_out.variants_table({}, WEIGHTS, "x")
    with pytest.raises(InputError, match=r"missing from some variant: \['y'\]"):
        leave_one_out.variants_table({"a": base, "b": base.drop("y")}, WEIGHTS, "x")


def test_anchor_variants_by_hand():
    matrix = pd.DataFrame({"demand_covered": [0.6, np.nan], "net_cost_wan": [500, 900]}, index=["x", "y"])
    cost = CriterionUse(
        name="net_cost_wan", weight=1, value="piecewise", points=[(0, 1), (400, 0.8), (1000, 0)]
    )
    found = leave_one_out.anchor_variants(matrix, [COVERED, cost], change=0.25)
    assert list(found) == [
        f"{what} {end} {share}"
        for end, share in product(("best", "worst"), ("-25%", "+25%"))
        for what in ("demand_covered", "net_cost_wan", "all")
    ]
    assert found["demand_covered best -25%"]["demand_covered"].tolist() == pytest.approx([0.8, 0])
    assert found["demand_covered worst +25%"]["demand_covered"].tolist() == pytest.approx([0.85 / 1.25, 0])
    # Points 0, 400, 1000 move to −250, 250, 1000 when the best end moves away by a quarter.
    assert found["net_cost_wan best +25%"].loc["x", "net_cost_wan"] == pytest.approx(0.8 * 500 / 750)
    together = found["all best -25%"]
    assert together["demand_covered"].tolist() == pytest.approx([0.8, 0])
    unweighted = leave_one_out.anchor_variants(matrix, [COVERED, cost.model_copy(update={"weight": 0})])
    assert not any("net_cost" in label for label in unweighted)


# Which enterprise decides ---------------------------------------------------------------------------


def test_leaving_one_out_equals_running_again():
    parts = register()
    found = leave_one_out.leave_one_out(apart(parts))
    ids = parts["hours_saved"].numerator.index
    assert sorted(found.index) == list(ids)
    assert found["lead"].is_monotonic_increasing
    base = weighted_sum(all_values(parts), WEIGHTS)
    today, lead = base.idxmax(), base.max() - base.drop(base.idxmax()).max()
    for gone in ids:
        scores = weighted_sum(values(matrix_of(parts, ids.drop(gone)), USES), WEIGHTS)
        row = found.loc[gone]
        assert row["winner"] == scores.idxmax()
        assert row["lead"] == pytest.approx(scores[today] - scores.drop(today).max(), abs=1e-11)
        assert row["shift"] == pytest.approx(row["lead"] - lead, abs=1e-11)


def test_the_planted_decisive_firm_is_found_first():
    parts = register(n=40, options=("x", "y"))
    for name in parts:
        parts[name].numerator.loc[:, "y"] = parts[name].numerator["x"]
    # Both sites serve all alike but one great firm, which only x serves.
    parts["hours_saved"].numerator.loc["e17", ["x", "y"]] = [30.0, 0.0]
    parts["hours_saved"].numerator.loc["e05", ["x", "y"]] = [0.0, 10.0]
    found = leave_one_out.leave_one_out(apart(parts))
    assert found.index[0] == "e17"
    assert found.index[found["changed"]].tolist() == ["e17"]
    assert found.loc["e17", "winner"] == "y"


def test_leaving_out_an_industry_adds_up_its_enterprises():
    parts = register()
    ids = parts["hours_saved"].numerator.index
    industry = pd.Series(np.where(np.arange(len(ids)) < 10, "food", "textiles"), index=ids)
    found = leave_one_out.leave_one_out(apart(parts), keys=industry)
    scores = weighted_sum(values(matrix_of(parts, ids[10:]), USES), WEIGHTS)
    assert found.loc["food", "score"] == pytest.approx(scores.max(), abs=1e-11)


INDUSTRY = CriterionUse(name="industry_coverage", weight=1, anchors=(0, 1))


@pytest.mark.parametrize("over", ["mean", "min"])
def test_ratios_by_industry_equal_running_again(over):
    """Leaving out firms, towns and whole industries; the enterprise alone in its industry takes it along."""
    covered = register(n=14)["demand_covered"]
    ids = covered.numerator.index
    groups = pd.Series(["food", "food", "machinery", None] * 3 + ["power", None], index=ids)
    towns = pd.Series(["west", "east", None, "east", "south"] * 2 + ["west"] * 4, index=ids)
    part = additive.Additive(covered.numerator, covered.denominator, groups, over)
    weight = pd.Series({"industry_coverage": 1.0})

    def score(kept):
        rows = pd.Index(kept)
        top = covered.numerator.loc[rows].groupby(groups[rows]).sum()
        shares = top.div(covered.denominator[rows].groupby(groups[rows]).sum(), axis=0)
        return shares.mean() if over == "mean" else shares.min()

    now = score(ids).to_frame("industry_coverage")
    study = leave_one_out.TakenApart({"industry_coverage": part}, now, [INDUSTRY], weight)
    found = leave_one_out.leave_one_out(study)
    for gone in ids:
        assert found.loc[gone, "score"] == pytest.approx(score(ids.drop(gone)).max(), abs=1e-11)
    by_town = leave_one_out.leave_one_out(study, keys=towns)
    assert sorted(by_town.index) == ["east", "south", "west"]
    for town in by_town.index:
        assert by_town.loc[town, "score"] == pytest.approx(score(ids[towns != town]).max(), abs=1e-11)
    by_group = leave_one_out.leave_one_out(study, keys=groups)
    assert by_group.loc["power", "score"] == pytest.approx(score(ids.drop("e12")).max(), abs=1e-11)
    drawn = leave_one_out.bootstrap(study, draws=3, seed=0)
    for row, picks in zip(drawn.to_numpy(), np.random.default_rng(0).integers(0, 14, (3, 14)), strict=True):
        np.testing.assert_allclose(row, score(ids[picks]), atol=1e-11)


def test_leaving_out_the_only_enterprise_leaves_value_zero():
    parts = {"demand_covered": additive.Additive(pd.DataFrame({"x": [2.0], "y": [np.nan]}), pd.Series([4.0]))}
    now = pd.DataFrame({"demand_covered": [0.5, 0.0]}, index=["x", "y"])
    study = leave_one_out.TakenApart(parts, now, [COVERED], pd.Series({"demand_covered": 1}))
    found = leave_one_out.leave_one_out(study)
    assert found["score"].tolist() == [0]
    assert not found["changed"].any()


def test_bootstrap_equals_resampling_rows(monkeypatch):
    parts = register(n=12)
    monkeypatch.setattr(leave_one_out, "_CHUNK_CELLS", 30)
    found = leave_one_out.bootstrap(apart(parts), draws=7, seed=3)
    rng = np.random.default_rng(3)
    ids = parts["hours_saved"].numerator.index
    for start in range(0, 7, 2):
        picks = rng.integers(0, 12, (min(2, 7 - start), 12))
        for offset, rows in enumerate(picks):
            scores = weighted_sum(values(matrix_of(parts, ids[rows]), USES), WEIGHTS)
            np.testing.assert_allclose(found.loc[start + offset], scores, atol=1e-12)
    assert found.index.tolist() == list(range(7))


# Regret and reversal --------------------------------------------------------------------------------


def test_regret_by_hand():
    scores = pd.DataFrame(
        {"2011": [0.9, 0.6, 0.7], "today": [0.2, 0.6, 0.5], "mobile": [0.5, 0.5, 0.6]}, index=list("xyz")
    )
    found = leave_one_out.regret_table(scores)
    np.testing.assert_allclose(found.table.to_numpy(), [[0, 0.4, 0.1], [0.3, 0, 0.1], [0.2, 0.1, 0]])
    assert (found.minimax, found.best_expected) == ("z", "z")
    assert found.winners.tolist() == ["x", "y", "z"]
    assert leave_one_out.regret_table(scores, {"2011": 8, "today": 1, "mobile": 1}).best_expected == "x"


def test_regret_leaves_out_options_that_are_not_everywhere():
    scores = pd.DataFrame({"a": [0.9, 0.6], "b": [np.nan, 0.6]}, index=["new", "old"])
    found = leave_one_out.regret_table(scores)
    assert found.left_out == ("new",)
    assert found.minimax == "old"
    with pytest.raises(InputError, match="no option stands in every scenario"):
        leave_one_out.regret_table(scores.loc[["new"]])
    with pytest.raises(InputError, match="do not name the same"):
        leave_one_out.regret_table(scores, {"a": 1})


def test_rank_reversals_of_topsis_are_listed_and_the_weighted_sum_has_none():
    """Found by search: without the third option TOPSIS puts the second before the first."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        table = pd.DataFrame(rng.random((4, 3)), index=list("wxyz"))
        score_of = lambda t: topsis(t, [1, 1, 1], [1, 1, 1], normalization="minmax")  # noqa: E731
        assert leave_one_out.rank_reversals(lambda t: t.sum(axis=1), table).empty
        found = leave_one_out.rank_reversals(score_of, table)
        if found["winner_changes"].any():
            break
    row = found[found["winner_changes"]].iloc[0]
    assert score_of(table).idxmax() == row["first"]
    rest = score_of(table.drop(row["left_out"]))
    assert rest[row["second"]] > rest[row["first"]]
    assert leave_one_out.rank_reversals(score_of, table.iloc[:1]).empty


@given(st.integers(0, 1000))
def test_regret_is_never_negative_and_each_scenario_has_a_best(seed):
    scores = pd.DataFrame(np.random.default_rng(seed).integers(0, 4, (4, 3)) / 4.0)
    found = leave_one_out.regret_table(scores)
    assert (found.table.min() == 0).all()
    assert found.largest[found.minimax] == found.largest.min()
