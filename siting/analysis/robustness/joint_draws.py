"""Everything uncertain drawn together → one record: who wins, who beats whom, whether building pays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.robustness.building import BuildingDraws
from siting.analysis.robustness.standing import TOLD_APART, Standing
from siting.analysis.robustness.weight_draws import WeightConstraints, draw_weights
from siting.types import Json

Figures = NDArray[np.float64]

ENOUGH = 0.05
"""Two standard errors of a share that the conclusion rests on, at most."""

NEAR = 0.1
"""Shares of pairs this near to `TOLD_APART` are those that the conclusion rests on."""

MOST_BATCHES = 10
"""Batches of draws after which no more are drawn, however unsure the shares are."""

NPV_DECIMALS = 4
"""Decimals of a net present value: one yuan."""


@dataclass(frozen=True)
class Weightings:
    """Draws of weights, and the scores that they give the sites of the same draws."""

    weights: pd.DataFrame
    """n_draws × n_criteria."""
    scores: pd.DataFrame
    """n_draws × n_sites, 0..1, rounded to `DECIMALS`."""

    @classmethod
    def of(cls, values: Figures, sites: Sequence[str], weights: pd.DataFrame) -> Weightings:
        """Score n_draws × n_sites × n_criteria values by the weights of the same draws."""
        scores = np.einsum("dsc,dc->ds", values, weights.to_numpy()).round(DECIMALS)
        return cls(weights, pd.DataFrame(scores, columns=list(sites)))

    @cached_property
    def standing(self) -> Standing:
        """How the sites stand over the draws."""
        return Standing.of_scores(self.scores)

    def is_enough(self) -> bool:
        """Tell whether shares that the conclusion rests on are known to two standard errors."""
        standing = self.standing
        leader = standing.leaders()[0]
        pairs = np.asarray(standing.beats.loc[leader].drop(leader), float)
        shares = [standing.wins[leader], *pairs[np.abs(pairs - TOLD_APART) <= NEAR]]
        return all(2.0 * math.sqrt(share * (1.0 - share) / standing.draws) <= ENOUGH for share in shares)


@dataclass(frozen=True)
class Draws:
    """Draws of everything uncertain at once, of the sites that fail no condition."""

    unknowns: pd.DataFrame
    """n_draws × n_unknowns, see `siting.study.draws.unknowns.table_of`."""
    values: Figures
    """n_draws × n_sites × n_criteria of some weight, 0..1."""
    free: Weightings
    """Under weights that nothing but the scenario's constraints limits."""
    ordered: Weightings
    """Under weights that keep the order of those of the scenario besides."""
    is_adopted: bool
    """Whether the weights of the scenario were adopted: the statement then rests on `ordered`."""
    building: BuildingDraws | None
    """None without an appraisal."""

    @property
    def applying(self) -> Weightings:
        """The weightings that the statement rests on."""
        return self.ordered if self.is_adopted else self.free

    @property
    def sites(self) -> list[str]:
        """The sites, in the order of `values`."""
        return list(self.free.scores.columns)

    @property
    def winner(self) -> pd.Series:
        """Site with the largest score of each draw; the first by id where several tie."""
        scores = self.applying.scores
        return scores[sorted(scores.columns)].idxmax(axis=1)

    @property
    def figures(self) -> dict[str, Figures]:
        """The unknowns as figures that something could be asked of; a place has two, a seed is none."""
        found: dict[str, Figures] = {}
        for name, column in self.unknowns.items():
            kind, _, place = str(name).partition(":")
            if kind == "place_east_m":
                both = [str(name), f"place_north_m:{place}"]
                found[f"place:{place}"] = self.unknowns[both].to_numpy(float)
            elif kind == "spread":
                found["spread"] = np.asarray(column.astype("category").cat.codes, float)
            elif kind not in ("place_north_m", "seed"):
                found[str(name)] = column.to_numpy(float)
        return found


def npv_table(npv_wan: Figures, sites: Sequence[str]) -> pd.DataFrame:
    """Round net present values to `NPV_DECIMALS`: readers of the table then find the same signs."""
    return pd.DataFrame(npv_wan.round(NPV_DECIMALS), columns=list(sites))


# laws of the weights ----------------------------------------------------------------------


def draw_both(
    stated: pd.Series,
    groups: Mapping[str, str],
    constraints: WeightConstraints,
    *,
    draws: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw weights freely, and such as keep the order of the stated ones.

    Parameters
    ----------
    stated : effective weight by criterion, of those above 0
    groups : group of each criterion
    constraints : what is agreed besides
    draws, seed : how many, and the seed of the generator
    """
    names = [str(name) for name in stated.index]
    of_each = [groups[name] for name in names]

    def drawn(rules: WeightConstraints, draws: int, seed: int) -> pd.DataFrame:
        table = draw_weights(names, draws=draws, seed=seed, constraints=rules, groups=of_each)
        return pd.DataFrame(table, columns=names)

    by_group = stated.groupby(of_each).sum()
    order = [chain for group in dict.fromkeys(of_each)
             for chain in _chains(stated[[n for n in names if groups[n] == group]])]  # fmt: skip
    levels = _levels(by_group)
    group_order = tuple(level[0] for level in levels) if len(levels) == len(by_group) else ()
    agreed: dict[str, Json] = {"order": (*constraints.order, *order)}
    if group_order and not constraints.group_order and len(group_order) > 1:
        agreed["group_order"] = group_order
    rules = constraints.model_copy(update=agreed)
    return drawn(constraints, draws, seed), drawn(rules, draws, seed)


def _levels(weights: pd.Series) -> list[list[str]]:
    """Put names of equal weight together, from the largest to the smallest."""
    rounded = weights.round(DECIMALS)
    return [sorted(rounded.index[rounded == share]) for share in sorted(set(rounded), reverse=True)]


def _chains(weights: pd.Series) -> list[tuple[str, ...]]:
    """Write the order of weights as chains; those of equal weight have none among themselves."""
    levels = _levels(weights)
    if len(levels) < 2:
        return []
    main = tuple(level[0] for level in levels)
    covered = set(pairwise(main))
    others = [pair for more, less in pairwise(levels) for pair in product(more, less) if pair not in covered]
    return [main, *others]
