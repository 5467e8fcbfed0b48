"""Values and weights → how sure the ranking is: one summary out of the parts beside this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from siting.analysis.decision.additive import Additive
from siting.analysis.decision.scoring import (
    best_option,
    dominance,
    pareto,
    topsis,
    weighted_sum,
)
from siting.analysis.decision.value_functions import DECIMALS, outside_anchors
from siting.analysis.decision.weight_use import WeightUse, weight_use
from siting.analysis.decision.weights import Agreement, agreement, critic_weights, entropy_weights
from siting.analysis.robustness.acceptability import (
    LabelledAcceptability,
    acceptability_under,
    labelled,
    rank_acceptability,
)
from siting.analysis.robustness.flips import Flip, best_margin, nearest_flip, stability_intervals
from siting.analysis.robustness.joint_draws import Draws
from siting.analysis.robustness.leave_one_out import (
    Regret,
    TakenApart,
    anchor_variants,
    bootstrap,
    leave_one_out,
    left_out,
    rank_reversals,
    regret_table,
    variants_table,
    winner_shares,
)
from siting.analysis.robustness.standing import Standing
from siting.analysis.robustness.value_of_information import (
    evpi,
    evppi,
    survey_priority,
    with_register,
)
from siting.analysis.robustness.weight_draws import WeightConstraints
from siting.messages import refusal
from siting.types import Settings

if TYPE_CHECKING:
    from siting.analysis.decision.criteria import CriterionUse


Range = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]
"""Both ends, in either order."""


class RobustnessSettings(Settings):
    """``[robustness]``: how many draws, and what counts as a tie."""

    draws: int = Field(default=2000, ge=100, le=10_000_000)
    """Random weightings (SMAA-2), number."""
    seed: int = Field(default=20110801, ge=0)
    """Seed of the weight draws."""
    near_tie: float = Field(default=0.01, ge=0, le=1)
    """Scores this close count as equally good, points of a score 0..1."""
    correlation: float = Field(default=0.95, gt=0, le=1)
    """Criteria that correlate above this over the options are named, Pearson's r."""
    inert_points: float = Field(default=0.5, ge=0, le=100)
    """Criteria in which the sites differ by less than this are named as moving none, points of 100."""
    anchor_change: float = Field(default=0.25, gt=0, lt=1)
    """Share by which anchors are moved to see whether the winner stays."""
    quick_seeds: int = Field(default=50, ge=1, le=100_000)
    """Illustrative registers drawn under each spread rule in every run, number."""
    seeds: int = Field(default=200, ge=1, le=100_000)
    """Illustrative registers drawn under each spread rule for the long ensemble, number."""
    joint_draws: int = Field(default=400, ge=20, le=1_000_000)
    """Draws of everything uncertain together; as many again while the shares are not sure enough."""
    speed_spread: float = Field(default=0.2, gt=0, le=1)
    """Error of the travel speed of a road class: 95 % of the draws lie within ± this share. Assumed."""
    posted_factor_range: Range = (0.8, 1.0)
    """Lowest and highest share of the limit driven, for the draws. Assumed."""
    junction_delay_range: Range = (0.3, 2.0)
    """Lowest and highest factor on the delays at junctions, for the draws. Assumed."""
    signal_delay_range: Range = (0.5, 5.0)
    """Lowest and highest factor on the delay at signals, for the draws. Assumed."""
    bootstrap: int = Field(default=500, ge=1, le=100_000)
    """Registers drawn from the register with replacement, number."""
    weights: WeightConstraints = WeightConstraints()
    """What is agreed about the weights; default: nothing."""


@dataclass(frozen=True)
class Ensembles:
    """What a study has worked out besides its own table of values; whatever is left out is not assessed."""

    viewpoints: Mapping[str, pd.Series] = field(default_factory=dict)
    """Effective weights by criterion, one set per party."""
    variants: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """Values (option × criterion) by label: road removed, place moved, other account, phase, demand."""
    parts: Mapping[str, Additive] = field(default_factory=dict)
    """Criteria as sums over enterprises, for leaving out and for the bootstrap."""
    groupings: Mapping[str, pd.Series] = field(default_factory=dict)
    """By name (industry, town): the group of each enterprise, left out as a whole."""
    spread: pd.Series | None = None
    """By enterprise, standard deviation of the logarithm of its demand; needs `parts`."""
    askable: pd.Index | None = None
    """Enterprises that exist, so that somebody can ask them; None: all of `spread`."""
    left_out: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By ``enterprise`` and grouping: scores (left out × option) worked out anew in every criterion; they go
    before what `parts` give in closed form."""
    draws: Draws | None = None
    """Everything uncertain drawn together, of the same options and criteria as the table of values."""
    registers: pd.DataFrame | None = None
    """(Spread rule, seed) × option, scores under illustrative registers."""
    scenarios: Mapping[str, pd.Series] = field(default_factory=dict)
    """Scores by option under other scenarios."""
    flips: tuple[Flip, ...] = ()
    """Smallest changes of prices, travel times, cutoffs, demand; see `smallest_flip`."""
    at_ends: Mapping[tuple[str, str], pd.Series] = field(default_factory=dict)
    """Scores by option with one uncertain figure at one end of its range, by figure and value."""


@dataclass(frozen=True)
class Robustness:
    """How sure the ranking is, what decides it, and what would change it.

    Tables are indexed by option or criterion. Only criteria of some weight take part.
    """

    winner: str
    """Best option at the stated weights; the first in order of ids where several tie."""
    acceptability: LabelledAcceptability
    """Over all weightings that the constraints allow."""
    intervals: pd.DataFrame | None
    """By criterion ``low, high``: weights that keep the winner; None where the best score is shared."""
    nearest: pd.DataFrame
    """By option ``distance`` and weights: the nearest weights under which it wins, see `nearest_flip`."""
    best_margin: pd.Series
    """By option, its largest lead whatever the weights; negative: it can never win."""
    never: tuple[str, ...]
    """Options that no weights make win."""
    dominated: Mapping[str, tuple[str, ...]]
    """By dominated option, those that are at least as good in everything and better in something."""
    pareto: pd.Series
    """By option, whether none dominates it."""
    weight_use: WeightUse
    """Weight that moves no site, and criteria that count one thing together."""
    clipped: pd.DataFrame
    """``option, criterion, raw, low, high``: figures outside the anchors."""
    anchors: pd.DataFrame
    """Who wins with each anchor moved, see `winners`."""
    second_opinions: pd.DataFrame
    """Option × method, ranks: ``weighted_sum, topsis`` at the stated weights, ``entropy, critic`` weights."""
    weights: pd.DataFrame
    """Criterion × ``stated, entropy, critic``."""
    disagreeing: tuple[str, ...]
    """Methods under which another option stands first."""
    reversals: pd.DataFrame
    """Pairs that TOPSIS turns when an option is left out; the weighted sum turns none."""
    agreement: Agreement | None
    """How far the viewpoints agree."""
    variants: pd.DataFrame | None
    """Who wins under each variant of the study, see `winners`."""
    influence: Mapping[str, pd.DataFrame]
    """By ``enterprise`` and by grouping: who wins with each left out, the most decisive first."""
    bootstrap: pd.Series | None
    """Share of registers drawn with replacement that each option wins."""
    telephone: pd.DataFrame | None
    """Enterprises that exist by what asking for their demand is worth, see `survey_priority`."""
    joint: LabelledAcceptability | None
    """Over everything uncertain together, weights included."""
    joint_standing: Standing | None
    """How the options stand over the same draws."""
    evpi: float | None
    """Points of the score that perfect information would gain at the stated weights."""
    evppi: pd.DataFrame | None
    """Points that knowing one unknown would gain where to build, largest first, see `evppi`; ``register``
    where part of it is illustrative."""
    build_evppi: pd.DataFrame | None
    """The same of whether and where to build, 万元 of national net present value; not building is worth 0."""
    measure: str | None
    """Road class whose speed is most worth measuring; None where none is worth it by two standard errors."""
    registers: Mapping[str, Standing] | None
    """By spread rule, how the options stand over its illustrative registers."""
    regret: Regret | None
    """Over the scenarios, this one (``base``) among them."""
    flips: tuple[Flip, ...]
    """Smallest changes of prices, travel times, cutoffs, demand that change the winner."""

    @property
    def standing(self) -> Standing:
        """How the options stand over the joint draws where there are any, else over those of the weights."""
        return self.joint_standing or Standing.of_weightings(self.acceptability)

    @property
    def hinges_on_expansion(self) -> bool:
        """Whether another option comes first at the low or high end of the expansion factor."""
        if self.variants is None:
            return False
        ends = self.variants.index.str.startswith("expansion:")
        return bool(self.variants.loc[ends, "changed"].any())


def assess(
    values: pd.DataFrame,
    weights: pd.Series,
    matrix: pd.DataFrame,
    uses: Sequence[CriterionUse],
    *,
    settings: RobustnessSettings,
    ensembles: Ensembles | None = None,
) -> Robustness:
    """Work out how sure a ranking is.

    Parameters
    ----------
    values : n_options × n_criteria, 0..1; leave out options that fail a condition
    weights : effective weight by criterion
    matrix : raw figures of the same options and criteria; NaN where one does not apply
    uses : the criteria as the scenario uses them
    settings, ensembles : how much to draw, and what else is known
    """
    more = ensembles or Ensembles()
    weights = weights[weights > 0]
    values, matrix = values[weights.index], matrix.loc[values.index, weights.index]
    by_name = {use.name: use for use in uses}
    uses = [by_name[name] for name in weights.index]
    scores = weighted_sum(values, weights).round(DECIMALS)
    winner = best_option(scores)
    margin = best_margin(values)
    nearest = nearest_flip(values, weights, margin=margin)
    return Robustness(
        winner=winner,
        acceptability=rank_acceptability(
            values,
            draws=settings.draws,
            seed=settings.seed,
            weight_constraints=settings.weights,
            groups=[use.group for use in uses],
        ),
        intervals=stability_intervals(values, weights) if (scores == scores.max()).sum() == 1 else None,
        nearest=nearest,
        best_margin=margin,
        never=tuple(nearest.index[np.isinf(nearest["distance"])]),
        dominated=_dominated(values),
        pareto=pareto(values),
        weight_use=weight_use(
            values, weights, inert=settings.inert_points / 100.0, correlation=settings.correlation
        ),
        clipped=outside_anchors(matrix, uses),
        anchors=variants_table(anchor_variants(matrix, uses, change=settings.anchor_change), weights, winner),
        **_second_opinions(values, weights, winner),
        agreement=_agreement(values, more),
        variants=variants_table(_scored(more.variants, weights), weights, winner) if more.variants else None,
        **_register(values, weights, uses, settings, more),
        registers=_registers(more),
        **_joint(values, weights, more.draws, more.registers),
        regret=regret_table(pd.DataFrame({"base": scores, **more.scenarios})) if more.scenarios else None,
        flips=more.flips,
    )


def _dominated(values: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    table = dominance(values)
    return {option: tuple(table.index[table[option]]) for option in table.columns if table[option].any()}


def _scored(variants: Mapping[str, pd.DataFrame], weights: pd.Series) -> dict[str, pd.DataFrame]:
    return {label: table[weights.index] for label, table in variants.items()}


def _second_opinions(values: pd.DataFrame, weights: pd.Series, winner: str) -> dict[str, Any]:
    """Other methods on the same values, so that figures out of reach or out of place count alike."""
    senses = np.ones(values.shape[1])
    sets = pd.DataFrame(
        {"stated": weights, "entropy": entropy_weights(values), "critic": critic_weights(values, senses)}
    )
    scores = pd.DataFrame(
        {
            "weighted_sum": weighted_sum(values, weights),
            "topsis": topsis(values, weights, senses),
            "entropy": weighted_sum(values, sets["entropy"]),
            "critic": weighted_sum(values, sets["critic"]),
        }
    ).round(DECIMALS)
    ranks = scores.rank(ascending=False, method="min").astype(int)
    return {
        "second_opinions": ranks,
        "weights": sets,
        "disagreeing": tuple(method for method in ranks.columns if ranks[method][winner] > 1),
        "reversals": rank_reversals(lambda table: topsis(table, weights, senses), values),
    }


def _agreement(values: pd.DataFrame, more: Ensembles) -> Agreement | None:
    if not more.viewpoints:
        return None
    return agreement(values, {name: w.reindex(values.columns) for name, w in more.viewpoints.items()})


def _register(
    values: pd.DataFrame,
    weights: pd.Series,
    uses: Sequence[CriterionUse],
    settings: RobustnessSettings,
    more: Ensembles,
) -> dict[str, Any]:
    """Which enterprises and groups decide, whom to ask, and how far another register might decide."""
    parts = {
        name: replace(part, numerator=part.numerator[values.index])
        for name, part in more.parts.items()
        if name in weights.index
    }
    study = TakenApart(parts, values, uses, weights)
    influence, drawn, asked = {}, None, None
    if parts:
        keyed = {"enterprise": None, **more.groupings}
        influence = {label: leave_one_out(study, keys=keys) for label, keys in keyed.items()}
        size = {"draws": settings.bootstrap, "seed": settings.seed}
        drawn = winner_shares(bootstrap(study, **size))
        if more.spread is not None:
            askable = more.spread.index if more.askable is None else more.askable
            asked = survey_priority(study, more.spread, askable, **size)
    influence |= {label: left_out(table[values.index], study.base) for label, table in more.left_out.items()}
    return {"influence": influence, "bootstrap": drawn, "telephone": asked}


def _registers(more: Ensembles) -> dict[str, Standing] | None:
    if more.registers is None:
        return None
    rules = more.registers.groupby(level=0, sort=False)
    return {str(rule): Standing.of_scores(scores) for rule, scores in rules}


def _joint(
    values: pd.DataFrame, weights: pd.Series, draws: Draws | None, registers: pd.DataFrame | None
) -> dict[str, Any]:
    """Weights and unknowns drawn together; the value of information at the stated weights."""
    if draws is None:
        names = ("joint", "joint_standing", "evpi", "evppi", "build_evppi", "measure")
        return dict.fromkeys(names)
    table, building = draws.values, draws.building
    if draws.sites != list(values.index) or table.shape[2] != len(weights):
        raise refusal("", "E722", joint=table.shape[1:], table=values.shape)
    scores = table @ (weights / weights.sum()).to_numpy()
    figures = draws.figures
    worth = evppi(scores, figures)
    if registers is not None:
        worth = with_register(worth, scores, draws.unknowns["spread"], registers[draws.sites])
    return {
        "joint": labelled(acceptability_under(table, draws.applying.weights.to_numpy()), values),
        "joint_standing": draws.applying.standing,
        "evpi": evpi(scores),
        "evppi": worth,
        "build_evppi": None if building is None else evppi(_choices(building.npv_wan), figures),
        "measure": _speed_to_measure(worth),
    }


def _choices(npv_wan: pd.DataFrame) -> pd.DataFrame:
    """Add building nothing; a site whose worth cannot be worked out in every draw is no choice."""
    known = np.isfinite(npv_wan.to_numpy(float)).all(axis=0)
    chosen: pd.DataFrame = npv_wan[list(npv_wan.columns[known])]
    return chosen.assign(none=0.0)


def _speed_to_measure(worth: pd.DataFrame) -> str | None:
    speeds = worth.index[worth.index.str.startswith("speed:") & worth["is_clear"]]
    return str(speeds[0]).removeprefix("speed:") if len(speeds) else None
