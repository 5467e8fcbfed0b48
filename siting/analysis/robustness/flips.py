"""Values and weights → what would have to change for another option to win.

Weights are met by exact geometry and linear programmes; prices, travel times, cutoffs and demand by a
bracketed search on whatever function turns them into scores.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import Rows, Weights, aligned, best_option, finite_table
from siting.analysis.decision.value_functions import DECIMALS
from siting.messages import refusal

_TIED = 10.0**-DECIMALS

_LEVEL = 1e-9
"""Scores this close count as level where a search or a linear programme ends."""


# --- One weight at a time ---------------------------------------------------------------------------


@overload
def stability_intervals(values: pd.DataFrame, weights: Weights) -> pd.DataFrame: ...


@overload
def stability_intervals(values: Rows, weights: Weights) -> NDArray[np.float64]: ...


def stability_intervals(values: pd.DataFrame | Rows, weights: Weights) -> pd.DataFrame | NDArray[np.float64]:
    """Find the interval of each weight that keeps the winner.

    One weight moves over 0..1 while the others keep their proportions and all sum to 1 (where the moving
    weight holds everything, the others share equally what it gives up). Scores are then straight lines in
    the moving weight; the interval ends where another line first crosses the winner's.

    Parameters
    ----------
    values : n_options × n_criteria, 0..1, more is better
    weights : one per criterion, scaled to sum 1

    Returns
    -------
    n_criteria × 2, ``low`` and ``high``; a frame by criterion for a frame. The winner stays (at the ends:
    ties) for every weight in between.

    Raises
    ------
    InputError
        No single winner: two options tie for the best score within 1e-12.

    Examples
    --------
    >>> stability_intervals([[1, 0], [0, 1]], [0.7, 0.3])  # the first wins from a weight of 1/2
    array([[0.5, 1. ],
           [0. , 0.5]])
    """
    array, weight = aligned(values, weights)
    winner = single_winner(array, weight)
    result = np.array([_wins_between(*_lines(array, weight, j), winner) for j in range(array.shape[1])])
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(result, index=values.columns, columns=["low", "high"])
    return result


def single_winner(array: np.ndarray, weight: np.ndarray) -> int:
    """Row of the one option with the best score; InputError where the best score is shared."""
    scores = array @ weight
    best = np.flatnonzero(scores >= scores.max() - _TIED)
    if len(best) > 1:
        raise refusal("", "E723", options=best.tolist(), score=scores.max())
    return int(best[0])


def _lines(array: np.ndarray, weight: np.ndarray, moving: int) -> tuple[np.ndarray, np.ndarray]:
    """Score at weight 0 and at weight 1 of the moving criterion, by option; straight in between."""
    others = np.delete(weight, moving)
    rest = others / others.sum() if others.sum() > 0 else np.full(len(others), 1 / max(len(others), 1))
    return np.delete(array, moving, axis=1) @ rest, array[:, moving]


def _wins_between(at_zero: np.ndarray, at_one: np.ndarray, option: int) -> tuple[float, float]:
    """Part of 0..1 in which one line is on top, NaN where none is."""
    lead = at_zero[option] - np.delete(at_zero, option)
    slope = at_one[option] - np.delete(at_one, option) - lead
    low, high = 0.0, 1.0
    for a, b in zip(lead, slope, strict=True):
        if abs(b) <= _TIED:
            if a < -_TIED:
                return np.nan, np.nan
        elif b > 0:
            low = max(low, -a / b)
        else:
            high = min(high, -a / b)
    return (low, high) if low <= high else (np.nan, np.nan)


# --- All weights together ---------------------------------------------------------------------------


def nearest_flip(
    values: pd.DataFrame, weights: pd.Series, *, margin: pd.Series | None = None
) -> pd.DataFrame:
    """Find for each option the weights nearest to today's under which it wins.

    A linear programme per option: least L1 distance Σ |w′ − w| over w′ ≥ 0, Σ w′ = 1, with the option's
    score at least that of every other. Half the distance is the weight that changes hands.

    Parameters
    ----------
    values, weights : as in `stability_intervals`
    margin : `best_margin` of the values where it is known; what can never win needs no programme

    Returns
    -------
    By option, nearest first: ``distance`` (0 for the winner, ``inf`` for an option that no weights can
    make win) and one column of weights per criterion (NaN where impossible). The first option after the
    winner is the one that dethrones it most easily.
    """
    array, weight = aligned(values, weights)
    hopeless = np.zeros(len(array), bool) if margin is None else (margin < -_LEVEL).to_numpy(bool)
    nowhere = np.r_[np.inf, np.full(len(weight), np.nan)]
    rows = [
        nowhere if hopeless[option] else _nearest_win(array, weight, option) for option in range(len(array))
    ]
    table = pd.DataFrame(rows, index=values.index, columns=["distance", *values.columns])
    table["distance"] = table["distance"].round(DECIMALS)
    return table.sort_index(key=lambda index: index.map(str)).sort_values("distance", kind="stable")


def _nearest_win(array: NDArray[np.float64], weight: NDArray[np.float64], option: int) -> NDArray[np.float64]:
    """Distance and weights of the nearest vector under which an option wins."""
    from scipy.optimize import linprog

    k = array.shape[1]
    lead = np.delete(array[option] - array, option, axis=0)
    if not len(lead) or (lead @ weight).min() >= -_TIED:
        here: NDArray[np.float64] = np.r_[0.0, weight]
        return here
    # w′ = w + more − less, so that the L1 distance is linear.
    found = linprog(
        np.ones(2 * k),
        A_ub=np.vstack([np.hstack([-lead, lead]), np.hstack([-np.eye(k), np.eye(k)])]),
        b_ub=np.r_[lead @ weight, weight],
        A_eq=np.r_[np.ones(k), -np.ones(k)][None],
        b_eq=[0.0],
        bounds=(0, 1),
        method="highs",
    )
    if found.status != 0:
        nowhere: NDArray[np.float64] = np.r_[np.inf, np.full(k, np.nan)]
        return nowhere
    change = cast("NDArray[np.float64]", found.x)  # there, as status 0 says
    target = np.clip(weight + change[:k] - change[k:], 0.0, 1.0)
    nearest: NDArray[np.float64] = np.r_[found.fun, target / target.sum()]
    return nearest


@overload
def best_margin(values: pd.DataFrame) -> pd.Series: ...


@overload
def best_margin(values: Rows) -> NDArray[np.float64]: ...


def best_margin(values: pd.DataFrame | Rows) -> pd.Series | NDArray[np.float64]:
    """Find the largest lead that each option can reach over all others, whatever the weights.

    A linear programme per option: most t with w ≥ 0, Σ w = 1 and a score at least t above every other's.
    Negative: the option can never win. 0: it can tie at best. One option alone: 1.
    """
    array = finite_table(values)
    margin = np.array([_best_margin(array, option) for option in range(len(array))]).round(DECIMALS)
    return pd.Series(margin, index=values.index) if isinstance(values, pd.DataFrame) else margin


def _best_margin(array: np.ndarray, option: int) -> float:
    from scipy.optimize import linprog

    lead = np.delete(array[option] - array, option, axis=0)
    if not len(lead):
        return 1.0
    k = array.shape[1]
    found = linprog(
        np.r_[np.zeros(k), -1.0],
        A_ub=np.hstack([-lead, np.ones((len(lead), 1))]),
        b_ub=np.zeros(len(lead)),
        A_eq=np.r_[np.ones(k), 0.0][None],
        b_eq=[1.0],
        bounds=[(0, 1)] * k + [(None, None)],
        method="highs",
    )
    return float(-cast("float", found.fun))  # any weights are a solution, with some margin


# --- Anything else ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flip:
    """Smallest change of one quantity that changes the winner; numbers are None where nothing does."""

    what: str
    """The quantity: price, travel time, cutoff, demand of a township or an industry."""
    current: float
    winner: str
    at: float | None
    """Value at which the winner changes, nearest to today's."""
    to: str | None
    """Option that wins beyond it."""
    gap: float | None
    """Lead that remains at `at`: about 0 where scores move steadily, a jump where they move in steps."""

    @property
    def change(self) -> float | None:
        """Value at the flip less today's."""
        return None if self.at is None else self.at - self.current


def smallest_flip(
    scores_at: Callable[[float], pd.Series],
    current: float,
    between: tuple[float, float],
    *,
    what: str,
    knots: tuple[float, ...] = (),
    steps: int = 16,
) -> Flip:
    """Find the value nearest to today's at which another option wins.

    Walks outward from today's value over the knots and a grid of `steps` equal steps to each side, and
    narrows the first change with Brent's method to a relative 1e-12. Where the scores are straight lines
    between the knots the answer is exact, provided that every kink is a knot: the winner's lead over the
    best of the others is then concave on each piece, and a piece whose ends keep the winner keeps it.
    Where they move in steps (a cutoff) the answer is the step. A change and its reversal within one grid
    step are missed otherwise.

    Parameters
    ----------
    scores_at : score by option for a value of the quantity
    current : its value now
    between : least and largest value worth asking about
    what : name of the quantity, kept in the result
    knots : values at which the scores may bend
    steps : grid steps to each side
    """
    scores_at = cache(scores_at)
    now = scores_at(current)
    winner = best_option(now)

    def lead(x: float) -> float:
        scores = scores_at(x)
        return float(scores[winner] - scores.drop(winner).max()) if len(scores) > 1 else 1.0

    sides = [_crossing(lead, current, end, knots, steps) for end in between]
    found = sorted((pair for pair in sides if pair is not None), key=lambda pair: abs(pair[0] - current))
    if not found:
        return Flip(what, float(current), winner, None, None, None)
    at, beyond = found[0]
    return Flip(
        what, float(current), winner, at, _overtaker(scores_at, winner, at, beyond), round(lead(at), DECIMALS)
    )


def _overtaker(scores_at: Callable[[float], pd.Series], winner: str, at: float, beyond: float) -> str:
    """Name the option that overtakes at the flip itself: further out a third may have passed both.

    Level with the winner at the flip or, where the scores jump there, ahead just beyond it.
    """
    for x in (at, at + 1e-9 * (beyond - at)):
        others = scores_at(x).drop(winner)
        if others.max() >= scores_at(x)[winner] - _LEVEL:
            return best_option(others)
    return best_option(scores_at(beyond).drop(winner))


def _crossing(
    lead: Callable[[float], float], current: float, end: float, knots: tuple[float, ...], steps: int
) -> tuple[float, float] | None:
    """First value towards `end` at which the lead is lost, and a value beyond it."""
    from scipy.optimize import brentq

    low, high = min(current, end), max(current, end)
    grid = {*np.linspace(current, end, steps + 1)[1:].tolist(), *(x for x in knots if low < x < high)}
    last = current
    for x in sorted(grid, key=lambda x: abs(x - current)):
        if lead(x) < -_TIED:
            at = last if lead(last) <= 0 else float(brentq(lead, last, x, xtol=1e-12, rtol=1e-12))
            return at, x
        last = x
    return None
