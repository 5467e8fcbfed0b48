"""Agreed constraints on weights → weights drawn from all that they allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from siting.analysis.decision.value_functions import DECIMALS
from siting.messages import joined, refusal, rule_of, text_of
from siting.types import Json, Settings

_TIED = 10.0**-DECIMALS
_MIN_ACCEPTED = 0.05
"""Below this share of accepted draws, bounds are sampled by a random walk instead of rejection."""

_SWEEPS = 60
"""Steps of the walk, each a full pairing of all criteria; see `_walk`."""


class WeightConstraints(Settings):
    """What is agreed about the weights; criteria by name, or by column number for arrays."""

    order: tuple[str | int, ...] = ()
    """Criteria from the most to the least important; criteria not named stay free."""
    lower: dict[str | int, float] = {}
    """Least weight of a criterion, share of the whole (0..1)."""
    upper: dict[str | int, float] = {}
    """Largest weight of a criterion, share of the whole (0..1)."""


def draw_weights(
    criteria: int | Sequence[str],
    *,
    draws: int,
    seed: int,
    constraints: WeightConstraints | Mapping[str, Json] | None = None,
) -> np.ndarray:
    """Draw weights uniformly from all that the constraints allow, each row ≥ 0 and summing to 1.

    Free: exponentials over their sum (flat Dirichlet). Order: free draws with the named columns sorted,
    exact as the flat Dirichlet is exchangeable. Lower bounds: the free simplex shrunk by an affine map,
    exact. Upper bounds: rejection from the smaller of the two enclosing simplices (above the lower
    bounds, or below the upper ones), exact; where less than 5 % would be accepted, a random walk of
    independent chains along pairs of criteria (hit-and-run, Smith 1984), whose law approaches the uniform
    one geometrically.

    Parameters
    ----------
    criteria : names of the criteria, or their number
    draws, seed : how many, and the seed of the generator
    constraints : see `WeightConstraints`; an order and bounds cannot be combined

    Returns
    -------
    draws × n_criteria.
    """
    names: list[str | int] = list(range(criteria)) if isinstance(criteria, int) else list(criteria)
    if draws < 1 or not names:
        raise refusal("", "E715", draws=draws, criteria=len(names))
    rng = np.random.default_rng(seed)
    try:
        rules = WeightConstraints.model_validate(constraints or {})
    except ValidationError as error:
        faults = [
            text_of("P08", key=".".join(map(str, fault["loc"])), fault=rule_of(fault))
            for fault in error.errors(include_url=False)
        ]
        raise refusal("", "E716", problems=joined(faults)) from None
    _check_constraints(rules, names)
    if rules.lower or rules.upper:
        return _between(*_bounds(rules, names), draws, rng)
    weights = _free(draws, len(names), rng)
    if rules.order:
        columns = [names.index(name) for name in rules.order]
        weights[:, columns] = -np.sort(-weights[:, columns], axis=1)
    return weights


def _free(draws: int, n: int, rng: np.random.Generator) -> np.ndarray:
    weights = rng.standard_exponential((draws, n))
    shares: NDArray[np.float64] = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _check_constraints(rules: WeightConstraints, names: list[Any]) -> None:
    named = [*rules.order, *rules.lower, *rules.upper]
    problems = [text_of("P54", name=name, names=names) for name in named if name not in names]
    if len(set(rules.order)) < len(rules.order):
        problems.append(text_of("P55", names=list(rules.order)))
    if rules.order and (rules.lower or rules.upper):
        problems.append(text_of("P56"))
    if not problems:
        low, high = _bounds(rules, names)
        for name, least, most in zip(names, low, high, strict=True):
            if not 0 <= least <= most <= 1:
                problems.append(text_of("P57", name=name, least=least, most=most))
        if low.sum() > 1 + _TIED or high.sum() < 1 - _TIED:
            problems.append(text_of("P58", low=low.sum(), high=high.sum()))
    if problems:
        raise refusal("", "E716", problems=joined(problems))


def _bounds(rules: WeightConstraints, names: list[Any]) -> tuple[np.ndarray, np.ndarray]:
    low = np.array([rules.lower.get(name, 0.0) for name in names])
    return low, np.array([rules.upper.get(name, 1.0) for name in names])


def _between(low: np.ndarray, high: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Uniform weights with low ≤ w ≤ high and sum 1."""
    n = len(low)
    room, excess = max(0.0, 1 - low.sum()), max(0.0, high.sum() - 1)
    # What the lower bounds leave caps every weight: bounds above the cap do not bind.
    high = np.minimum(high, low + room)
    low, origin, size = (
        (low, low, room) if room <= excess else (np.maximum(low, high - excess), high, -excess)
    )
    if n == 1 or min(room, excess) <= _TIED:
        return np.tile(origin + size / n, (draws, 1))
    kept: list[np.ndarray] = []
    found = tried = 0
    while found < draws:
        trial = origin + size * _free(max(1000, draws - found), n, rng)
        tried += len(trial)
        trial = trial[((trial >= low) & (trial <= high)).all(axis=1)]
        kept.append(trial)
        found += len(trial)
        if found < _MIN_ACCEPTED * tried:
            return _walk(low, high, draws, rng)
    return np.concatenate(kept)[:draws]


def _walk(low: np.ndarray, high: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """One independent chain per draw: each step pairs the criteria at random and re-splits each pair."""
    n = len(low)
    weights = np.tile(low + (1 - low.sum()) / (high - low).sum() * (high - low), (draws, 1))
    for _ in range(_SWEEPS):
        order = rng.permutation(n)
        for i, j in zip(order[: n // 2], order[n // 2 :], strict=False):
            both = weights[:, i] + weights[:, j]
            least = np.maximum(low[i], both - high[j])
            most = np.minimum(high[i], both - low[j])
            weights[:, i] = least + rng.random(draws) * (most - least)
            weights[:, j] = both - weights[:, i]
    return weights
