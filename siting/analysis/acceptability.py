"""Weights that nobody has fixed → shares of weightings under which each option takes each rank (SMAA-2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.analysis.scoring import DECIMALS, finite_table
from siting.types import InputError, Settings

_TIED = 10.0**-DECIMALS
_CHUNK_CELLS = 1 << 20
"""Scores held at once; keeps a chunk within the processor's cache and memory flat."""

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


@dataclass(frozen=True)
class RankAcceptability:
    """What holds over all weightings (SMAA-2, Lahdelma & Salminen 2001); frames for frames, else arrays."""

    acceptability: Any
    """n_options × n_ranks, share of draws; rows and columns sum to 1. Tied options share their ranks."""
    standard_error: Any
    """Of each acceptability: √(p (1 − p) / draws)."""
    central_weights: Any
    """n_options × n_criteria, mean of the weights under which the option comes first; NaN where none does."""
    confidence: Any
    """By option, share of the performance draws in which it comes first under its central weights; 1 for
    performances without uncertainty; NaN where it never comes first."""
    pairwise: Any
    """n_options × n_options, share of draws in which the row scores strictly more than the column."""
    draws: int

    @property
    def first(self) -> Any:
        """Share of weightings won, by option."""
        table = self.acceptability
        return table.iloc[:, 0] if isinstance(table, pd.DataFrame) else table[:, 0]

    def labelled(self, values: pd.DataFrame) -> RankAcceptability:
        """Put arrays on the options (index) and criteria (columns) of a frame; ranks count from 1."""
        options, ranks = values.index, range(1, len(values) + 1)
        return RankAcceptability(
            acceptability=pd.DataFrame(self.acceptability, options, ranks),
            standard_error=pd.DataFrame(self.standard_error, options, ranks),
            central_weights=pd.DataFrame(self.central_weights, options, values.columns),
            confidence=pd.Series(self.confidence, options),
            pairwise=pd.DataFrame(self.pairwise, options, options),
            draws=self.draws,
        )


# --- Drawing weights --------------------------------------------------------------------------------


def draw_weights(
    criteria: int | Sequence[str],
    *,
    draws: int,
    seed: int,
    constraints: WeightConstraints | Mapping[str, Any] | None = None,
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
    names = list(range(criteria)) if isinstance(criteria, int) else list(criteria)
    if draws < 1 or not names:
        raise InputError(f"draws = {draws}, criteria = {len(names)}: need at least one of each")
    rng = np.random.default_rng(seed)
    rules = WeightConstraints.model_validate(constraints or {})
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
    return weights / weights.sum(axis=1, keepdims=True)


def _check_constraints(rules: WeightConstraints, names: list[Any]) -> None:
    named = [*rules.order, *rules.lower, *rules.upper]
    problems = [f"no criterion {name!r}; criteria: {names}" for name in named if name not in names]
    if len(set(rules.order)) < len(rules.order):
        problems.append(f"order names a criterion twice: {list(rules.order)}")
    if rules.order and (rules.lower or rules.upper):
        problems.append("give an order or bounds, not both")
    if not problems:
        low, high = _bounds(rules, names)
        for name, least, most in zip(names, low, high, strict=True):
            if not 0 <= least <= most <= 1:
                problems.append(f"{name}: need 0 ≤ lower ≤ upper ≤ 1, got {least} and {most}")
        if low.sum() > 1 + _TIED or high.sum() < 1 - _TIED:
            problems.append(
                f"no weights fit: lower bounds sum to {low.sum():g} (at most 1), "
                f"upper bounds to {high.sum():g} (at least 1)"
            )
    if problems:
        raise InputError("weight constraints: " + "; ".join(problems))


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


# --- Ranks over draws -------------------------------------------------------------------------------


def rank_acceptability(
    values: Any,
    *,
    draws: int,
    seed: int,
    weight_constraints: WeightConstraints | Mapping[str, Any] | None = None,
) -> RankAcceptability:
    """Find the share of weightings under which each option takes each rank (SMAA-2).

    Parameters
    ----------
    values : n_options × n_criteria, 0..1, more is better; or n_draws × n_options × n_criteria, one table
        per draw of whatever is uncertain (travel times, demand, positions), then `draws` must equal n_draws
    draws, seed : number of weight vectors, and the seed of their generator
    weight_constraints : what is agreed about the weights; None: all weightings alike

    Returns
    -------
    RankAcceptability

    Notes
    -----
    Options whose scores agree to 1e-12 share the ranks that they occupy in equal parts.
    """
    names = list(values.columns) if isinstance(values, pd.DataFrame) else int(np.shape(values)[-1])
    weights = draw_weights(names, draws=draws, seed=seed, constraints=weight_constraints)
    return acceptability_under(values, weights)


def acceptability_under(values: Any, weights: np.ndarray) -> RankAcceptability:
    """Work out `RankAcceptability` for weights that are already drawn.

    Parameters
    ----------
    values : n_options × n_criteria, or n_draws × n_options × n_criteria
    weights : n_draws × n_criteria
    """
    table = _checked_draws(values, weights)
    draws, (m, k) = len(weights), table.shape[-2:]
    ranks, wins, pairs = np.zeros((m, m)), np.zeros((m, k)), np.zeros((m, m))
    for rows, scores in _score_chunks(table, weights):
        share = _rank_shares(scores, ranks)
        wins += share.T @ weights[rows]
        pairs += _strictly_more(scores)
    ranks /= draws
    with np.errstate(invalid="ignore", divide="ignore"):
        central = np.where(ranks[:, :1] > 0, wins / (draws * ranks[:, :1]), np.nan)
    result = RankAcceptability(
        acceptability=ranks,
        standard_error=np.sqrt(ranks * (1 - ranks) / draws),
        central_weights=central,
        confidence=_confidence(table, central),
        pairwise=pairs / draws,
        draws=draws,
    )
    return result.labelled(values) if isinstance(values, pd.DataFrame) else result


def _checked_draws(values: Any, weights: np.ndarray) -> np.ndarray:
    if isinstance(values, pd.DataFrame) or np.ndim(values) != 3:
        return finite_table(values)
    table = np.asarray(values, float)
    if len(table) != len(weights):
        raise InputError(f"{len(table)} tables of values for {len(weights)} draws of weights; need as many")
    if 0 in table.shape or not np.isfinite(table).all():
        raise InputError("draws × options × criteria: empty, NaN or infinite values")
    return table


def _score_chunks(table: np.ndarray, weights: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield slices of the draws with their scores, draws × options."""
    size = max(1, _CHUNK_CELLS // table.shape[-2])
    for start in range(0, len(weights), size):
        rows = slice(start, start + size)
        if table.ndim == 2:
            yield rows, weights[rows] @ table.T
        else:
            yield rows, np.einsum("nmk,nk->nm", table[rows], weights[rows])


def _rank_shares(scores: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Add up who takes which rank; return the share of the first rank, draws × options."""
    n, m = scores.shape
    order = np.argsort(-scores, axis=1)
    steps = -np.diff(np.take_along_axis(scores, order, axis=1), axis=1)
    tied = (steps <= _TIED).any(axis=1)
    for rank in range(m):
        ranks[:, rank] += np.bincount(order[~tied, rank], minlength=m)
    first = np.zeros((n, m))
    first[np.arange(n), order[:, 0]] = 1.0
    for draw in np.flatnonzero(tied):
        groups = np.split(order[draw], np.flatnonzero(steps[draw] > _TIED) + 1)
        place = 0
        for group in groups:
            ranks[np.ix_(group, range(place, place + len(group)))] += 1 / len(group)
            place += len(group)
        first[draw] = 0.0
        first[draw, groups[0]] = 1 / len(groups[0])
    return first


def _strictly_more(scores: np.ndarray) -> np.ndarray:
    """Count draws in which the row option scores more than the column option."""
    columns = np.ascontiguousarray(scores.T)
    return np.array([np.count_nonzero(one - columns > _TIED, axis=1) for one in columns], float)


def _confidence(table: np.ndarray, central: np.ndarray) -> np.ndarray:
    """Share of performance draws that the option wins under its own central weights."""
    result = np.full(len(central), np.nan)
    for option in np.flatnonzero(~np.isnan(central).any(axis=1)):
        scores = np.atleast_2d(table @ central[option])
        best = scores.max(axis=1)
        result[option] = np.mean(scores[:, option] >= best - _TIED)
    return result
