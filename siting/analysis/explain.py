"""Scores → why an option stands where it stands, and what must hold for it to win. Numbers only, no prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.analysis.decision.scoring import contributions
from siting.analysis.decision.value_functions import DECIMALS, raw_for
from siting.analysis.robustness.flips import nearest_flip, winning_intervals
from siting.messages import refusal

if TYPE_CHECKING:
    from siting.analysis.decision.criteria import CriterionUse

_TIED = 10.0**-DECIMALS


@dataclass(frozen=True)
class Reason:
    """What one criterion does for an option against its rival."""

    criterion: str
    points: float
    """Contribution of the option less that of the rival, points of the score; all reasons sum to the gap."""
    raw: float | None
    """The option's figure in the criterion's unit; None where it does not apply or is unreachable."""
    rival_raw: float | None
    value: float
    """The option's value, 0..1."""
    rival_value: float
    weight: float


@dataclass(frozen=True)
class Need:
    """What one criterion alone would have to be for the place to change hands, all else as it is.

    For an option behind: what lifts it level with the best. For the winner: how far it may fall before
    the runner-up draws level.
    """

    criterion: str
    raw: float | None
    """Today's figure, in the criterion's unit; None where it does not apply or is unreachable."""
    raw_needed: float | None
    """Figure that draws level; None where no figure does."""
    value_needed: float | None
    """Value 0..1 that draws level; None where it lies outside 0..1 or beyond the value function."""
    weight: float
    weight_low: float | None
    """Least and largest weight of the criterion (others in proportion) under which the option is on top;
    None where there is none."""
    weight_high: float | None


@dataclass(frozen=True)
class OptionExplanation:
    """Why one option stands where it stands."""

    option: str
    rank: int
    score: float
    verdict: str
    rival: str | None
    """The option it is measured against: the winner; for the winner the runner-up; None if it is alone."""
    gap: float
    """Score less the rival's, points of the score."""
    near_tie: bool
    """Within the near-tie of the best (the scenario's ``robustness.near_tie``, by default 0.01)."""
    reasons: tuple[Reason, ...]
    """One per criterion, most in the option's favour first; their points sum to `gap`."""
    strongest: tuple[str, ...]
    """Criteria that speak for it against the rival, strongest first, at most three."""
    weakest: str | None
    """Criterion that costs it most points against a full value: weight × (1 − value)."""
    lost_points: float
    """Points that it loses there."""
    needs: tuple[Need, ...]
    """One per weighted criterion, in the criteria's order."""
    counterfactual: Mapping[str, float] | None
    """Figures that together draw level with the best, on the fewest criteria: those that cost most points
    brought to full value, the last one only as far as needed. Empty for the winner; None where even full
    values on all criteria that apply do not suffice."""
    weight_distance: float | None
    """L1 distance to the nearest weights under which it wins (0: it does; half of it changes hands);
    None: no weights make it win."""
    weights_needed: Mapping[str, float] | None
    """Those weights by criterion."""
    gains: Mapping[str, Any] | None
    """Who gains and who loses under it, as passed in."""


@dataclass(frozen=True)
class Explanation:
    """Why the ranking is as it is, for every option."""

    winner: str
    runner_up: str | None
    gap: float
    """Score of the winner less the runner-up's."""
    near_tie: bool
    """Whether any other option stands within the near-tie of the winner."""
    tied: tuple[str, ...]
    """Options within the near-tie, the winner included; empty where it stands alone."""
    options: Mapping[str, OptionExplanation]
    """By option, in order of the ranking."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain lists, dicts and numbers, ready for JSON."""
        return asdict(self)


def explain(
    values: pd.DataFrame,
    weights: pd.Series,
    matrix: pd.DataFrame,
    uses: Sequence[CriterionUse],
    ranking: pd.DataFrame,
    *,
    gains: Mapping[str, Mapping[str, Any]] | None = None,
) -> Explanation:
    """Explain every option's place in numbers.

    Options that fail a condition are explained against the winner, but never stand in anybody's way.

    Parameters
    ----------
    values : n_options × n_criteria, 0..1
    weights : effective weight by criterion
    matrix : raw figures of the same options, in the criteria's units; NaN where one does not apply
    uses : the criteria as the scenario uses them, one per column
    ranking : see `siting.analysis.scoring.ranking`; its ``tie`` tells the near-ties
    gains : plain numbers about gainers and losers, by option; passed through

    Raises
    ------
    InputError
        No option passes its conditions.
    """
    able = ranking.index[ranking["verdict"] != "fail"]
    if not len(able):
        raise refusal("", "E754")
    context = _Context(values, weights, matrix, {use.name: use for use in uses}, ranking, tuple(able))
    changes = _changes(context)
    first, second = able[0], able[1] if len(able) > 1 else None
    options = {
        option: _explain_one(option, context, changes[option], (gains or {}).get(option))
        for option in ranking.index
    }
    tied = tuple(ranking.index[ranking["tie"].astype(bool)])
    return Explanation(
        winner=first,
        runner_up=second,
        gap=options[first].gap,
        near_tie=bool(tied),
        tied=tied,
        options=options,
    )


@dataclass(frozen=True)
class _Context:
    values: pd.DataFrame
    weights: pd.Series
    matrix: pd.DataFrame
    uses: Mapping[str, CriterionUse]
    ranking: pd.DataFrame
    able: tuple[str, ...]
    """Options that pass their conditions, best first."""

    def against(self, option: str) -> list[str]:
        """Options that stand for choice beside this one."""
        return [other for other in self.able if other != option]

    def behind(self, option: str) -> float:
        """Score of the best other option less this one's; negative for the winner."""
        scores = self.ranking["score"]
        return float(scores[self.against(option)].max() - scores[option])

    def raw(self, option: str, criterion: str) -> float | None:
        figure = float(self.matrix.loc[option, criterion])
        return figure if np.isfinite(figure) else None


def _changes(context: _Context) -> dict[str, tuple[pd.Series, pd.DataFrame]]:
    """By option: nearest weights under which it wins, and what each weight alone would have to be.

    Criteria of weight 0 are shown, not scored: they take no weight here either.
    """
    scored = context.weights[context.weights > 0]
    result = {}
    contests = [(context.able, context.able)]
    contests += [
        ((option,), (option, *context.able)) for option in context.values.index.difference(context.able)
    ]
    for options, among in contests:
        table = context.values.loc[list(among), scored.index]
        flips, intervals = nearest_flip(table, scored), winning_intervals(table, scored)
        result |= {option: (flips.loc[option], intervals.loc[option]) for option in options}
    return result


def _explain_one(
    option: str,
    context: _Context,
    changes: tuple[pd.Series, pd.DataFrame],
    gains: Mapping[str, Any] | None,
) -> OptionExplanation:
    others = context.against(option)
    rival = others[0] if others else None
    reasons = _reasons(option, rival, context)
    lost = (context.weights * (1 - context.values.loc[option, context.weights.index])).round(DECIMALS)
    nearest, intervals = changes
    able_to_win = bool(np.isfinite(nearest["distance"]))
    row = context.ranking.loc[option]
    return OptionExplanation(
        option=option,
        rank=int(row["rank"]),
        score=float(row["score"]),
        verdict=str(row["verdict"]),
        rival=rival,
        gap=float(row["score"] - context.ranking.loc[rival, "score"]) if rival else 0.0,
        near_tie=bool(row["tie"]),
        reasons=reasons,
        strongest=tuple(r.criterion for r in reasons if r.points > _TIED)[:3],
        weakest=str(lost.idxmax()) if lost.max() > 0 else None,
        lost_points=float(lost.max()),
        needs=_needs(option, context, intervals),
        counterfactual=_counterfactual(option, context),
        weight_distance=float(nearest["distance"]) if able_to_win else None,
        weights_needed=nearest.drop("distance").to_dict() if able_to_win else None,
        gains=gains,
    )


def _reasons(option: str, rival: str | None, context: _Context) -> tuple[Reason, ...]:
    parts = contributions(context.values, context.weights)
    if rival is None:
        return ()
    reasons = [
        Reason(
            criterion=name,
            points=float(parts.loc[option, name] - parts.loc[rival, name]),
            raw=context.raw(option, name),
            rival_raw=context.raw(rival, name),
            value=float(context.values.loc[option, name]),
            rival_value=float(context.values.loc[rival, name]),
            weight=float(context.weights[name]),
        )
        for name in context.values.columns
    ]
    return tuple(sorted(reasons, key=lambda r: -round(r.points, DECIMALS)))


def _needs(option: str, context: _Context, intervals: pd.DataFrame) -> tuple[Need, ...]:
    if not context.against(option):
        return ()
    behind = context.behind(option)
    needs = []
    for name, weight in context.weights.items():
        if weight == 0:
            continue
        value = float(context.values.loc[option, name]) + behind / weight
        raw = _raw_needed(value, context.uses[name], context.matrix.loc[option, name])
        low, high = intervals.loc[name]
        needs.append(
            Need(
                criterion=name,
                raw=context.raw(option, name),
                raw_needed=raw,
                value_needed=value if raw is not None else None,
                weight=float(weight),
                weight_low=None if np.isnan(low) else float(low),
                weight_high=None if np.isnan(high) else float(high),
            )
        )
    return tuple(needs)


def _raw_needed(value: float, use: CriterionUse, raw: float) -> float | None:
    """Figure that gives a value; None where there is none, or the criterion does not apply."""
    if np.isnan(raw) or not 0 <= value <= 1 + _TIED:
        return None
    return raw_for(min(value, 1.0), use)


def _counterfactual(option: str, context: _Context) -> dict[str, float] | None:
    """Fewest criteria to change, and their figures; see `OptionExplanation.counterfactual`."""
    if not context.against(option):
        return {}
    applying = context.matrix.columns[context.matrix.loc[option].notna()]
    value, weight = context.values.loc[option], context.weights[applying]
    top = pd.Series({name: _full_value(context.uses[name]) for name in applying})
    lost = (weight * (top - value[applying])).round(DECIMALS)
    lost = lost[lost > 0].sort_values(ascending=False, kind="stable")
    missing, result = context.behind(option), {}
    for name, points in lost.items():
        if missing <= _TIED:
            break
        reached = min(top[name], value[name] + missing / weight[name])
        result[name] = raw_for(float(reached), context.uses[name])
        missing -= points
    return result if missing <= _TIED else None


def _full_value(use: CriterionUse) -> float:
    """Largest value that the criterion's value function can give."""
    return max(point[1] for point in use.points) if use.value == "piecewise" else 1.0
