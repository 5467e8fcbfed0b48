"""Weights that nobody has fixed → shares of weightings under which each option takes each rank (SMAA-2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import Rows, finite_table
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.robustness.weight_draws import WeightConstraints, draw_weights
from siting.messages import refusal
from siting.types import Json

_TIED = 10.0**-DECIMALS
_CHUNK_CELLS = 1 << 19
"""Scores held at once; keeps a chunk near the processor's cache and memory flat."""

_MOST_PAIRS = 100
"""Pairs grow with the square of the options: above this number they are left out."""

_KEY_BITS = 62
"""Bits of a sorting key: the option's number in the lowest, its loss in fixed point above."""

Figures = NDArray[np.float64]
RowsT = TypeVar("RowsT", pd.DataFrame, Figures)
"""A frame for performances in a frame, else an array; options down."""
ColumnT = TypeVar("ColumnT", pd.Series, Figures)
"""A series for performances in a frame, else an array; by option."""


@dataclass(frozen=True)
class RankAcceptability(Generic[RowsT, ColumnT]):
    """What holds over all weightings (SMAA-2, Lahdelma & Salminen 2001); frames for frames, else arrays."""

    acceptability: RowsT
    """n_options × n_ranks, share of draws; columns sum to 1, rows too when all ranks are kept. Tied options
    share their ranks."""
    standard_error: RowsT
    """Of each acceptability: √(p (1 − p) / draws)."""
    central_weights: RowsT
    """n_options × n_criteria, mean of the weights under which the option comes first; NaN where none does."""
    confidence: ColumnT
    """By option, share of the performance draws in which it comes first under its central weights; 1 for
    performances without uncertainty; NaN where it never comes first."""
    pairwise: RowsT | None
    """n_options × n_options, share of draws in which the row scores strictly more than the column; None
    above 100 options, or when only the first ranks are asked for."""
    draws: int

    @property
    def first(self) -> ColumnT:
        """Share of weightings won, by option."""
        table = self.acceptability
        column = table.iloc[:, 0] if isinstance(table, pd.DataFrame) else table[:, 0]
        return column  # type: ignore[return-value]  # the two type variables go together: frame and series


LabelledAcceptability = RankAcceptability[pd.DataFrame, pd.Series]
"""By option and rank."""
BareAcceptability = RankAcceptability[Figures, Figures]
"""In the order of the options given."""


def labelled(found: BareAcceptability, values: pd.DataFrame) -> LabelledAcceptability:
    """Put arrays on the options (index) and criteria (columns) of a frame; ranks count from 1."""
    options, ranks = values.index, range(1, found.acceptability.shape[1] + 1)
    return LabelledAcceptability(
        acceptability=pd.DataFrame(found.acceptability, options, ranks),
        standard_error=pd.DataFrame(found.standard_error, options, ranks),
        central_weights=pd.DataFrame(found.central_weights, options, values.columns),
        confidence=pd.Series(found.confidence, options),
        pairwise=None if found.pairwise is None else pd.DataFrame(found.pairwise, options, options),
        draws=found.draws,
    )


@overload
def rank_acceptability(
    values: pd.DataFrame,
    *,
    draws: int,
    seed: int,
    weight_constraints: WeightConstraints | Mapping[str, Json] | None = None,
    groups: Sequence[str] | None = None,
    within: Sequence[float] | Figures | None = None,
    top: int | None = None,
) -> LabelledAcceptability: ...
@overload
def rank_acceptability(
    values: Rows,
    *,
    draws: int,
    seed: int,
    weight_constraints: WeightConstraints | Mapping[str, Json] | None = None,
    groups: Sequence[str] | None = None,
    within: Sequence[float] | Figures | None = None,
    top: int | None = None,
) -> BareAcceptability: ...
def rank_acceptability(
    values: pd.DataFrame | Rows,
    *,
    draws: int,
    seed: int,
    weight_constraints: WeightConstraints | Mapping[str, Json] | None = None,
    groups: Sequence[str] | None = None,
    within: Sequence[float] | Figures | None = None,
    top: int | None = None,
) -> LabelledAcceptability | BareAcceptability:
    """Find the share of weightings under which each option takes each rank (SMAA-2).

    Parameters
    ----------
    values : n_options × n_criteria, 0..1, more is better; or n_draws × n_options × n_criteria, one table
        per draw of whatever is uncertain (travel times, demand, positions), then `draws` must equal n_draws
    draws, seed : number of weight vectors, and the seed of their generator
    weight_constraints : what is agreed about the weights; None: all weightings alike
    groups : n_criteria, group of each: weights are drawn over the groups, then within; None: one group
    within : n_criteria, stated share of each within its group; None: free
    top : keep only the first ranks: options dominated by that many others are not even scored

    Returns
    -------
    RankAcceptability

    Notes
    -----
    Options whose scores agree to 1e-12 share the ranks that they occupy in equal parts.

    Examples
    --------
    >>> rank_acceptability([[1, 1], [0, 0]], draws=100, seed=1).acceptability
    array([[1., 0.],
           [0., 1.]])
    """
    names = list(values.columns) if isinstance(values, pd.DataFrame) else int(np.shape(values)[-1])
    weights = draw_weights(
        names, draws=draws, seed=seed, constraints=weight_constraints, groups=groups, within=within
    )
    return acceptability_under(values, weights, top=top)


@overload
def acceptability_under(
    values: pd.DataFrame, weights: np.ndarray, *, top: int | None = None
) -> LabelledAcceptability: ...
@overload
def acceptability_under(
    values: Rows, weights: np.ndarray, *, top: int | None = None
) -> BareAcceptability: ...
def acceptability_under(
    values: pd.DataFrame | Rows, weights: np.ndarray, *, top: int | None = None
) -> LabelledAcceptability | BareAcceptability:
    """Work out `RankAcceptability` for weights that are already drawn.

    Parameters
    ----------
    values : n_options × n_criteria, or n_draws × n_options × n_criteria
    weights : n_draws × n_criteria, each row ≥ 0 with sum 1
    top : see `rank_acceptability`
    """
    table = _checked_draws(values, weights)
    m, kept = table.shape[-2], np.arange(table.shape[-2])
    if top is not None:
        top = min(max(1, top), m)
        if table.ndim == 2:
            kept = np.flatnonzero(_dominators(table) < top)
    found = _tally(table[..., kept, :], weights, top or m, pairs=top is None and m <= _MOST_PAIRS)
    ranks, central = np.zeros((m, top or m)), np.full((m, table.shape[-1]), np.nan)
    first = found.ranks[0][:, None]
    central[kept] = np.divide(found.wins, first, out=central[kept], where=first > 0)
    ranks[kept, : len(found.ranks)] = found.ranks.T / len(weights)
    result = BareAcceptability(
        acceptability=ranks,
        standard_error=np.sqrt(ranks * (1 - ranks) / len(weights)),
        central_weights=central,
        confidence=_confidence(table, central),
        pairwise=None if found.pairs is None else found.pairs / len(weights),
        draws=len(weights),
    )
    return labelled(result, values) if isinstance(values, pd.DataFrame) else result


def _checked_draws(values: pd.DataFrame | Rows, weights: np.ndarray) -> np.ndarray:
    if isinstance(values, pd.DataFrame) or np.ndim(values) != 3:
        table = finite_table(values)
    else:
        table = np.asarray(values, float)
        if len(table) != len(weights):
            raise refusal("", "E717", tables=len(table), draws=len(weights))
        if 0 in table.shape or not np.isfinite(table).all():
            raise refusal("", "E718")
    sums = weights.sum(axis=1)
    if weights.min() < 0 or not np.allclose(sums, 1.0, rtol=0, atol=1e-9):
        raise refusal("", "E719")
    return table


def _dominators(table: np.ndarray) -> np.ndarray:
    """By option, how many others are at least as good in everything and better in something."""
    counts = np.zeros(len(table), int)
    size = max(1, _CHUNK_CELLS // table.size)
    for start in range(0, len(table), size):
        rows = table[start : start + size, None, :]
        counts[start : start + size] = ((table >= rows).all(axis=2) & (table > rows).any(axis=2)).sum(axis=1)
    return counts


@dataclass
class _Tally:
    """Sums over the draws."""

    ranks: np.ndarray
    """n_ranks × n_options, number of draws, ties in parts."""
    wins: np.ndarray
    """n_options × n_criteria, sum of the weights of the draws that the option wins."""
    pairs: np.ndarray | None


def _tally(table: np.ndarray, weights: np.ndarray, top: int, *, pairs: bool) -> _Tally:
    """Rank the options in every draw by sorting integers that hold loss and option at once.

    A loss (best value of the table less the score) in fixed point with the option's number in the lowest
    bits: one sort gives the order and the distances, faster than sorting indices.
    """
    m, k = table.shape[-2:]
    top = min(top, m)
    shift = max(1, (m - 1).bit_length())
    high, span = table.max(), np.ptp(table)
    # Below what counts as a tie all are tied: no need to tell them apart, nor floats that could.
    scale = 2.0 ** min(52, _KEY_BITS - shift) / max(span, _TIED)
    tied = (int(_TIED * scale) + 1) << shift
    found = _Tally(np.zeros((top, m)), np.zeros((m, k)), np.zeros((m, m)) if pairs else None)
    size = max(512, _CHUNK_CELLS // m)
    losses = (high - table) * scale
    for start in range(0, len(weights), size):
        rows = slice(start, start + size)
        if table.ndim == 2:
            keys = (weights[rows] @ losses.T).astype(np.int64)
        else:
            keys = np.einsum("nmk,nk->nm", losses[rows], weights[rows]).astype(np.int64)
        keys <<= shift
        keys |= np.arange(m)
        for part, best in _sorted_parts(keys, top, tied):
            _add_chunk(found, best, weights[rows][part], shift, tied)
    return found


def _sorted_parts(keys: np.ndarray, top: int, tied: int) -> Iterator[tuple[Any, np.ndarray]]:
    """Yield sorted keys, cut after the first ranks where no tie reaches across the cut, with their rows."""
    if top + 1 >= keys.shape[1]:
        keys.sort(axis=1)
        yield slice(None), keys
        return
    best = np.partition(keys, top, axis=1)[:, : top + 1]
    best.sort(axis=1)
    across = best[:, top] - best[:, top - 1] <= tied
    yield ~across, best[~across]
    yield across, np.sort(keys[across], axis=1)


def _add_chunk(found: _Tally, keys: np.ndarray, weights: np.ndarray, shift: int, tied: int) -> None:
    """Add a chunk of sorted keys, draws × ranks, to the sums."""
    top, m = found.ranks.shape
    order = keys & ((1 << shift) - 1)
    shared = (np.diff(keys, axis=1) <= tied).any(axis=1)
    plain, first = order[~shared, :top], order[~shared, 0]
    for rank, column in enumerate(np.ascontiguousarray(plain.T)):
        found.ranks[rank] += np.bincount(column, minlength=m)
    for criterion, column in enumerate(weights[~shared].T):
        found.wins[:, criterion] += np.bincount(first, column, minlength=m)
    places = np.broadcast_to(np.arange(order.shape[1]), order.shape)
    if shared.any():
        starts, counts = _groups(np.diff(keys[shared], axis=1) > tied)
        _add_shared(found, order[shared], starts, counts, weights[shared])
        places = places.copy()
        places[shared] = starts
    if found.pairs is not None:
        places_of = np.empty(order.shape, np.uint8 if m <= 256 else np.uint16)
        np.put_along_axis(places_of, order, places.astype(places_of.dtype), axis=1)
        columns = np.ascontiguousarray(places_of.T)
        found.pairs += [np.count_nonzero(one < columns, axis=1) for one in columns]


def _groups(apart: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First place and size of the tied group at each place, from where neighbours stand apart."""
    n, places = len(apart), apart.shape[1] + 1
    opens = np.c_[np.ones(n, bool), apart]
    starts = np.maximum.accumulate(np.where(opens, np.arange(places), 0), axis=1)
    closes = np.c_[apart, np.ones(n, bool)][:, ::-1]
    ends = places - 1 - np.maximum.accumulate(np.where(closes, np.arange(places), 0), axis=1)[:, ::-1]
    return starts, ends - starts + 1


def _add_shared(
    found: _Tally, order: np.ndarray, starts: np.ndarray, counts: np.ndarray, weights: np.ndarray
) -> None:
    """Add draws with ties: every member of a group takes an equal part of each of the group's ranks."""
    top, m = found.ranks.shape
    for offset in range(int(counts.max())):
        here = (offset < counts) & (starts + offset < top)
        cells = order[here] + m * (starts[here] + offset)
        found.ranks += np.bincount(cells, 1 / counts[here], minlength=m * top).reshape(top, m)
    draw, place = np.nonzero(starts == 0)
    for criterion, column in enumerate(weights.T):
        parts = column[draw] / counts[draw, place]
        found.wins[:, criterion] += np.bincount(order[draw, place], parts, minlength=m)


def _confidence(table: np.ndarray, central: np.ndarray) -> np.ndarray:
    """Share of performance draws that the option wins under its own central weights."""
    result = np.full(len(central), np.nan)
    for option in np.flatnonzero(~np.isnan(central).any(axis=1)):
        scores = np.atleast_2d(table @ central[option])
        best = scores.max(axis=1)
        result[option] = np.mean(scores[:, option] >= best - _TIED)
    return result
