"""How unevenly something is spread: the worst-served tenth, Gini."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.annual_tests import carried_trips
from siting.messages import refusal
from siting.option_kinds import having
from siting.types import Evidence, Ways

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def worst_tenths(minutes: ArrayLike, weights: ArrayLike, *, share: float = 0.1) -> NDArray[np.float64]:
    """Return the mean over the worst-served `share` of the weight (largest values), by column.

    A firm on the boundary counts with the part of its weight that falls inside, so the figure moves
    without jumps (the tail mean of Acerbi & Tasche 2002). NaN values carry nothing and are left out;
    ``inf`` stays; without weight the answer is NaN.

    >>> worst_tenths([[10, 1], [20, 2]], [3, 1], share=0.5)
    array([15. ,  1.5])
    """
    values, weight = np.asarray(minutes, np.float64), np.asarray(weights, np.float64)
    values, weight = values[weight > 0], weight[weight > 0]
    return np.array([_worst_share(column, weight, share) for column in values.T], np.float64)


_FIRST_SORTED = 0.25
"""Part of the values, the largest, that is put in order first: mostly enough for a tenth of the weight."""


def _worst_share(values: NDArray[np.float64], weight: NDArray[np.float64], share: float) -> float:
    known = ~np.isnan(values)
    values, weight = values[known], weight[known]
    if not len(values):
        return float("nan")
    part = weight / _sum(weight)
    n_sorted = math.ceil(_FIRST_SORTED * len(values))
    while True:
        least = np.partition(values, -n_sorted)[-n_sorted]
        among = np.flatnonzero(values >= least)
        if len(among) == len(values) or part[among].sum() > share + 1e-9:
            break
        n_sorted = min(2 * n_sorted, len(values))
    among = among[np.argsort(-values[among], kind="stable")]
    part = part[among]
    inside = np.clip(share - (np.cumsum(part) - part), 0.0, part)
    carries = inside > 0
    return _sum(values[among][carries] * inside[carries]) / _sum(inside)


def _sum(figures: NDArray[np.float64]) -> float:
    """Add one after the other: the same to the last bit whatever nothing is left out."""
    return float(np.cumsum(figures)[-1])


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


def _weighted(values: ArrayLike, weights: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    value = np.asarray(values, float).ravel()
    weight = np.ones_like(value) if weights is None else np.asarray(weights, float).ravel()
    if value.shape != weight.shape:
        raise refusal("", "E731", values=value.size, weights=weight.size)
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise refusal("", "E732")
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
    weight = weight_of_places(carried_trips(evidence.demand, evidence.inputs.services), weighting)
    minutes = regional_minutes(evidence)
    return pd.Series(worst_tenths(minutes.to_numpy(), weight), minutes.columns)


def weight_of_places(
    carried: NDArray[np.float64], weighting: Literal["demand", "enterprises"]
) -> NDArray[np.float64]:
    """Return the weight of each enterprise's place: its trips, or 1 where it makes any."""
    trips: NDArray[np.float64] = carried.sum(axis=1)
    return trips if weighting == "demand" else (trips > 0).astype(float)


def regional_minutes(evidence: Evidence) -> pd.DataFrame:
    """One-way minutes of a trip from each enterprise's place, n_enterprises × n_options.

    Every place is given the county's mix of services, so that places differ by their roads alone: what
    the option takes goes there (0 where a team comes), the rest to the laboratories of today.
    """
    services, travel, options = evidence.inputs.services, evidence.travel, evidence.options
    laboratory = travel.to_laboratory.columns.get_indexer(pd.Index(services["laboratory"]))
    kinds = options["kind"]
    stands = having(kinds, lambda kind: kind.has_place)
    place = np.where(stands, travel.to_site.columns.get_indexer(options.index), -1)
    minutes = minutes_of_places(
        carried_trips(evidence.demand, services),
        evidence.trips.taken.to_numpy(),
        laboratory,
        place,
        having(kinds, lambda kind: kind.comes_to_gate),
        Ways.of(travel),
    )
    return pd.DataFrame(minutes, travel.to_laboratory.index, options.index)


def minutes_of_places(
    carried: NDArray[np.float64],
    taken: NDArray[np.float64],
    laboratory: NDArray[np.int64],
    place: NDArray[np.int64],
    at_gate: NDArray[np.bool_],
    ways: Ways,
) -> NDArray[np.float64]:
    """Return `regional_minutes` as an array.

    Parameters
    ----------
    carried : n_enterprises × n_services, trips that enterprises make
    taken : n_services × n_options
    laboratory : n_services, column of the laboratory of today
    place, at_gate : n_options, column among the places (−1: none), and whether teams come
    ways : of the same enterprises
    """
    mix = carried.sum(axis=0)
    mix = mix / (mix.sum() or np.nan)
    today = ways.to_laboratory
    member = (np.arange(today.shape[1])[:, None] == laboratory).astype(float)
    # Of a service that nobody travels for it may not be known what is taken.
    goes, stays = (
        member @ np.where(mix[:, None] > 0, mix[:, None] * part, 0.0) for part in (taken, 1.0 - taken)
    )
    minutes = np.empty((len(today), taken.shape[1]))
    for o, column in enumerate(place):
        there = np.zeros_like(today) if at_gate[o] else today
        if column >= 0:
            there = np.minimum(ways.to_site[:, [column]], today)
        minutes[:, o] = _mixed(there, goes[:, o]) + _mixed(today, stays[:, o])
    return minutes


def _mixed(minutes: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over laboratories; a share of nothing adds nothing, even over a road that does not exist."""
    some = share > 0
    mean: NDArray[np.float64] = minutes[:, some] @ share[some]
    return mean
