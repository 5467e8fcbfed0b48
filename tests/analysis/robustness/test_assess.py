"""The summary as a whole: agrees with its parts, stands degenerate studies, repeats itself."""

import numpy as np
import pandas as pd
import pytest
import scipy.optimize
from pydantic import ValidationError

from siting.analysis.decision.additive import Additive
from siting.analysis.decision.criteria import CriterionUse
from siting.analysis.decision.scoring import values, weighted_sum
from siting.analysis.robustness import assess as robustness
from siting.analysis.robustness.assess import Ensembles, RobustnessSettings, assess
from siting.analysis.robustness.building import BuildingDraws
from siting.analysis.robustness.flips import Flip, nearest_flip
from siting.analysis.robustness.joint_draws import Draws, Weightings
from siting.types import InputError

USES = [
    CriterionUse(name="hours_saved", weight=1, anchors=(0, 1000)),
    CriterionUse(name="demand_covered", weight=1, anchors=(0, 1)),
    CriterionUse(name="mean_trip_min", weight=0, anchors=(60, 0)),
    CriterionUse(name="net_cost_wan", weight=1, anchors=(800, 0)),
]
WEIGHTS = pd.Series({"hours_saved": 0.5, "demand_covered": 0.2, "mean_trip_min": 0.0, "net_cost_wan": 0.3})
MATRIX = pd.DataFrame(
    [[900, 0.6, 20, 400], [500, 0.7, 15, 200], [200, 0.1, 50, 900], [0, 0.2, np.nan, 0]],
    index=["yinliu", "shangcang", "xiacang", "city"],
    columns=WEIGHTS.index,
    dtype=float,
)
SETTINGS = RobustnessSettings(draws=4000)


def summary(matrix=MATRIX, weights=WEIGHTS, settings=SETTINGS, ensembles=None):
    return assess(values(matrix, USES), weights, matrix, USES, settings=settings, ensembles=ensembles)


def test_summary_by_hand():
    """Scores 0.72, 0.615, 0.12, 0.34; xiacang is dominated by all but the city."""
    found = summary()
    assert found.winner == "yinliu"
    assert found.never == ("xiacang",)
    assert found.dominated == {"xiacang": ("yinliu", "shangcang")}
    assert found.pareto.to_dict() == {"yinliu": True, "shangcang": True, "xiacang": False, "city": True}
    assert found.clipped.to_numpy().tolist() == [["xiacang", "net_cost_wan", 900, 0, 800]]
    assert found.weight_use.neutral.empty
    assert found.intervals.index.tolist() == ["hours_saved", "demand_covered", "net_cost_wan"]
    assert found.nearest.index[:2].tolist() == ["yinliu", "shangcang"]
    assert found.acceptability.first.sum() == pytest.approx(1)
    assert found.acceptability.draws == 4000
    assert found.second_opinions.loc["yinliu"].tolist()[:2] == [1, 1]
    assert found.weights.sum().tolist() == pytest.approx([1, 1, 1])
    assert found.reversals.columns.tolist() == ["left_out", "first", "second", "winner_changes"]
    assert len(found.anchors) == 16
    assert (found.variants, found.joint, found.evpi, found.regret, found.agreement, found.bootstrap) == (
        None,
    ) * 6


def test_no_linear_programme_is_solved_twice_or_in_vain(monkeypatch):
    """A largest lead by option, nearest weights of the two that can win and do not, none to draw weights."""
    solved, linprog = [], scipy.optimize.linprog
    monkeypatch.setattr(scipy.optimize, "linprog", lambda *a, **k: solved.append(1) or linprog(*a, **k))
    found = summary(
        settings=RobustnessSettings(draws=500, weights={"order": ("net_cost_wan", "hours_saved")})
    )
    assert len(solved) == 4 + 2
    by_itself = nearest_flip(values(MATRIX, USES)[list(WEIGHTS[WEIGHTS > 0].index)], WEIGHTS[WEIGHTS > 0])
    pd.testing.assert_frame_equal(found.nearest, by_itself)


def test_methods_that_disagree_are_named():
    """The stated weights rest on one criterion; entropy and CRITIC see the others too."""
    found = summary(
        weights=pd.Series(
            {"hours_saved": 0.01, "demand_covered": 0.01, "mean_trip_min": 0, "net_cost_wan": 0.98}
        )
    )
    assert found.winner == "city"
    assert set(found.disagreeing) == {"entropy", "critic"}


def test_weight_constraints_of_the_scenario_are_kept():
    settings = RobustnessSettings(draws=500, weights={"order": ("net_cost_wan", "hours_saved")})
    free, ordered = summary(), summary(settings=settings)
    assert ordered.acceptability.first["city"] > free.acceptability.first["city"]


def ensembles():
    rng = np.random.default_rng(0)
    table = values(MATRIX, USES)
    hours = pd.DataFrame(rng.random((20, 4)), columns=MATRIX.index)
    saved = Additive(hours / hours.sum() * MATRIX["hours_saved"])
    treasury = pd.Series([0.1, 0.1, 0.0, 0.8], index=WEIGHTS.index)
    return Ensembles(
        viewpoints={"bureau": WEIGHTS, "treasury": treasury},
        variants={"parks": table, "villages": table.assign(hours_saved=[0.1, 0.9, 0, 0])},
        parts={"hours_saved": saved, "mean_trip_min": Additive(hours)},
        groupings={"industry": pd.Series(["food", "textiles"] * 10)},
        spread=pd.Series([0.3] * 20),
        registers=pd.DataFrame(
            [[0.5, 0.4, 0.1, 0.1], [0.4, 0.5, 0.1, 0.1], [0.4, 0.3, 0.1, 0.1]],
            index=pd.MultiIndex.from_tuples([("urban", 0), ("urban", 1), ("parks", 0)]),
            columns=MATRIX.index,
        ),
        left_out={"town": pd.DataFrame([[0.1, 0.2, 0.0, 0.0]], index=["上仓镇"], columns=MATRIX.index)},
        draws=draws_of(np.clip(table[WEIGHED].to_numpy() + rng.normal(0, 0.1, (300, 4, 3)), 0, 1), rng),
        scenarios={"today": weighted_sum(table, WEIGHTS)[::-1]},
        flips=(Flip("price", 1.0, "yinliu", None, None, None),),
    )


WEIGHED = [name for name, weight in WEIGHTS.items() if weight > 0]


def draws_of(values, rng):
    """Joint draws of all options of the matrix under equal weights, one unknown asked of."""
    weights = pd.DataFrame(np.full((len(values), 3), 1 / 3), columns=WEIGHED)
    laws = Weightings.of(values, list(MATRIX.index), weights)
    unknowns = pd.DataFrame(
        {
            "speed": rng.random(len(values)),
            "spread": rng.choice(["urban", "parks"], len(values)),
            "seed": np.arange(len(values)),
        }
    )
    npv = pd.DataFrame(-np.ones(values.shape[:2]), columns=MATRIX.index)
    return Draws(unknowns, values, laws, laws, False, BuildingDraws(npv, pd.DataFrame()))


def test_summary_with_everything():
    found = summary(ensembles=ensembles())
    assert found.variants["winner"].to_dict() == {"parks": "yinliu", "villages": "shangcang"}
    assert set(found.influence) == {"enterprise", "industry", "town"}
    assert found.influence["industry"].index.isin(["food", "textiles"]).all()
    assert len(found.influence["enterprise"]) == 20
    assert found.influence["town"]["winner"].tolist() == ["shangcang"]
    assert found.influence["town"]["shift"].tolist() == pytest.approx([-0.1 - 0.105])
    assert {rule: each.wins["yinliu"] for rule, each in found.registers.items()} == {"urban": 0.5, "parks": 1}
    assert found.registers["urban"].leaders() == ["yinliu", "shangcang"]
    assert found.registers["parks"].leaders() == ["yinliu"]
    assert found.telephone.columns.tolist() == [
        *("evppi", "standard_error", "is_clear", "lead_low", "lead_high", "swing"),
    ]  # fmt: skip
    assert found.bootstrap.sum() == pytest.approx(1)
    assert found.joint.acceptability.index.tolist() == MATRIX.index.tolist()
    assert found.joint.draws == 300
    np.testing.assert_allclose(found.standing.wins, found.joint.acceptability.iloc[:, 0])
    assert set(found.evppi.index) == {"speed", "spread", "register"}
    assert 0 <= found.evppi["evppi"]["speed"] <= found.evpi
    # Nothing pays in any draw: knowing more would not make anybody build.
    assert found.build_evppi["evppi"].to_dict() == {"speed": 0.0, "spread": 0.0}
    assert found.regret.winners.to_dict() == {"base": "yinliu", "today": "yinliu"}
    assert found.agreement.gives_way["favourite"].to_dict() == {"bureau": "yinliu", "treasury": "city"}
    assert found.flips[0].what == "price"


def test_joint_draws_of_other_options_are_refused():
    with pytest.raises(InputError, match=r"joint draws are \(4, 3\), the table of values \(3, 3\)"):
        summary(MATRIX.iloc[:3], ensembles=ensembles())


def test_summary_repeats_itself():
    first, second = summary(ensembles=ensembles()), summary(ensembles=ensembles())
    pd.testing.assert_frame_equal(first.acceptability.acceptability, second.acceptability.acceptability)
    pd.testing.assert_frame_equal(first.joint.pairwise, second.joint.pairwise)
    pd.testing.assert_series_equal(first.bootstrap, second.bootstrap)


@pytest.mark.parametrize("rows", [["yinliu"], ["a", "b", "c"]])
def test_one_option_and_all_ties(rows):
    matrix = pd.DataFrame([MATRIX.loc["yinliu"]] * len(rows), index=rows)
    found = summary(matrix)
    assert found.winner == rows[0]
    np.testing.assert_allclose(found.acceptability.acceptability, 1 / len(rows))
    assert list(found.weight_use.neutral.index) == ["hours_saved", "demand_covered", "net_cost_wan"]
    assert found.weight_use.neutral_weight == pytest.approx(1)
    assert (found.intervals is None) == (len(rows) > 1)
    assert found.never == ()
    assert found.disagreeing == ()
    assert not found.second_opinions.isna().any(axis=None)
    assert not found.weights.isna().any(axis=None)
    assert not found.anchors["changed"].any()


def test_settings_refuse_nonsense():
    for wrong in ({"draws": 0}, {"near_tie": -1}, {"anchor_change": 1}, {"drows": 10}, {"correlation": 0}):
        with pytest.raises(ValidationError):
            RobustnessSettings(**wrong)


def test_public_names_live_where_the_package_says():
    assert robustness.rank_acceptability([[1.0]], draws=1, seed=0).first.tolist() == [1]
    assert robustness.stability_intervals([[1.0]], [1]).tolist() == [[0, 1]]
    assert robustness.regret_table(pd.DataFrame({"a": [1.0]})).minimax == 0
