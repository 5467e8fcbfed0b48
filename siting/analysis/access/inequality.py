"""How unevenly something is spread: the worst-served tenth, Gini."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from siting.analysis.demand.annual_tests import carried_trips
from siting.messages import refusal
from siting.option_kinds import KINDS
from siting.types import Evidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def worst_tenth(minutes: ArrayLike, weights: ArrayLike | None = None, *, share: float = 0.1) -> float:
    """Return the mean over the worst-served `share` of the weight (largest values).

    A firm on the boundary counts with the part of its weight that falls inside, so the figure moves
    without jumps (the tail mean of Acerbi & Tasche 2002). NaN values carry nothing and are left out;
    ``inf`` stays; without weight the answer is NaN.

    >>> worst_tenth([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    10.0
    >>> worst_tenth([10, 20], [3, 1], share=0.5)
    15.0
    """
    values, weight = _weighted(minutes, weights, skip_nan=True)
    if weight.sum() <= 0:
        return float("nan")
    order = np.argsort(-values, kind="stable")
    values, weight = values[order], weight[order] / weight.sum()
    before = np.concatenate([[0.0], np.cumsum(weight)[:-1]])
    part = np.clip(share - before, 0.0, weight)
    return float((values[part > 0] * part[part > 0]).sum() / part.sum())


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Return the Gini coefficient (Gini 1912): 0 if all have the same, towards 1 if one has all.

    G = 1 − Σ w_i (S_i + S_{i−1}) / S_n over values in ascending order, w summing to 1 and S the running
    sum of w × value: the area under the Lorenz curve by trapezes.

    Parameters
    ----------
    values : ≥ 0, finite
    weights : ≥ 0, such as population; equal if None

    Raises
    ------
    InputError
        Negative, missing or infinite values or weights, no weight at all, lengths that differ.

    Examples
    --------
    >>> round(gini([1, 1, 1, 9]), 6)
    0.5
    """
    value, weight = _checked(values, weights)
    order = np.argsort(value, kind="stable")
    running = np.concatenate([[0.0], np.cumsum(weight[order] * value[order])])
    if running[-1] == 0:
        return 0.0
    return float(1.0 - (weight[order] * (running[1:] + running[:-1])).sum() / running[-1])


def _weighted(
    values: ArrayLike, weights: ArrayLike | None, *, skip_nan: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    value = np.asarray(values, float).ravel()
    weight = np.ones_like(value) if weights is None else np.asarray(weights, float).ravel()
    if value.shape != weight.shape:
        raise refusal("", "E731", values=value.size, weights=weight.size)
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise refusal("", "E732")
    if skip_nan:
        known = ~np.isnan(value)
        value, weight = value[known], weight[known]
    return value, weight


def _checked(values: ArrayLike, weights: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Values ≥ 0 and weights that sum to 1; rows without weight say nothing and may hold anything."""
    value, weight = _weighted(values, weights)
    if weight.sum() <= 0:
        raise refusal("", "E733")
    value = np.where(weight > 0, value, 0.0)
    wrong = ~(np.isfinite(value) & (value >= 0))
    if wrong.any():
        raise refusal("", "E734", found=value[wrong][0])
    return value, weight / weight.sum()


def worst_tenth_minutes(
    evidence: Evidence, weighting: Literal["demand", "enterprises"] = "demand"
) -> pd.Series:
    """Average `regional_minutes` over the worst-served tenth, by option."""
    weight = carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
    weight = weight if weighting == "demand" else (weight > 0).astype(float)
    minutes = regional_minutes(evidence)
    return pd.Series([worst_tenth(column, weight) for column in minutes.to_numpy().T], minutes.columns)


def regional_minutes(evidence: Evidence) -> pd.DataFrame:
    """One-way minutes of a trip from each enterprise's place, n_enterprises × n_options.

    Every place is given the county's mix of services, so that places differ by their roads alone: what
    the option takes goes there (0 where a team comes), the rest to the laboratories of today.
    """
    services, travel, options = evidence.inputs.services, evidence.travel, evidence.options
    mix = carried_trips(evidence.demand, services).sum(axis=0)
    mix = mix / (mix.sum() or np.nan)
    column = travel.to_laboratory.columns.get_indexer(pd.Index(services["laboratory"]))
    today = travel.to_laboratory.to_numpy()[:, column]
    minutes = np.empty((len(today), len(options)))
    for o, (option, kind) in enumerate(options["kind"].items()):
        there = np.zeros((1, 1)) if KINDS[kind].comes_to_gate else today
        if KINDS[kind].has_place:
            there = np.minimum(travel.to_site[option].to_numpy()[:, None], today)
        minutes[:, o] = _mixed(mix, evidence.trips.taken.iloc[:, o].to_numpy(), there, today)
    return pd.DataFrame(minutes, travel.to_laboratory.index, options.index)


def _mixed(mix: np.ndarray, taken: np.ndarray, there: np.ndarray, today: np.ndarray) -> np.ndarray:
    """Mean over services; a share of nothing adds nothing, even over a road that does not exist."""
    shares = (np.broadcast_to(there, today.shape), mix * taken), (today, mix * (1.0 - taken))
    return sum((minutes[:, share > 0] @ share[share > 0] for minutes, share in shares), np.zeros(len(today)))
