"""Decision matrix → values 0..1 → contributions → scores and ranks.

A value says how good a raw figure is, between two anchors that the scenario freezes; it never depends on
the other options, so adding a hopeless site reorders nothing. Weights are set on groups, then within.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Literal, TypeVar, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.value_functions import DECIMALS, NEAR_TIE, Use, value_of
from siting.common.near_words import suggestion_if_near
from siting.messages import Text, joined, refusal, text_of
from siting.option_kinds import KINDS
from siting.types import Cell

Normalization = Literal["vector", "minmax", "none"]
Rows = NDArray[np.float64] | Sequence[Sequence[float]]
"""Option × criterion without names."""
Weights = pd.Series | Mapping[str, float] | NDArray[np.float64] | Sequence[float]
"""One weight a criterion; by name they may stand in any order."""


_Kind = TypeVar("_Kind", bound=np.generic)


def values(matrix: pd.DataFrame, uses: Sequence[Use], applies: pd.DataFrame | None = None) -> pd.DataFrame:
    """Turn the decision matrix into values 0..1, option × criterion.

    A criterion that does not apply to an option takes value 0; so does ``inf`` (unreachable).

    Parameters
    ----------
    matrix : raw figures, n_options × n_criteria, each column in its own unit
    uses : the criteria as the scenario uses them, one per column
    applies : False where a criterion does not apply; None: where the matrix has NaN

    Raises
    ------
    InputError
        A missing figure where the criterion applies; a use without its column.
    """
    absent = [use.name for use in uses if use.name not in matrix]
    if absent:
        raise refusal("", "E737", absent=", ".join(absent), columns=list(matrix))
    applies = matrix.notna() if applies is None else applies.reindex_like(matrix).fillna(False).astype(bool)
    columns = {}
    problems = []
    for use in uses:
        value = value_of(matrix[use.name], use)
        missing = np.isnan(value) & applies[use.name].to_numpy()
        problems += [text_of("P59", option=option, criterion=use.name) for option in matrix.index[missing]]
        columns[use.name] = np.where(applies[use.name], value, 0.0)
    if problems:
        raise refusal("", "E738", problems=joined(problems))
    return pd.DataFrame(columns, index=matrix.index)


# --- Weights ----------------------------------------------------------------------------------------


def normalised(weights: Mapping[Cell, Cell], *, what: Text | None = None) -> dict[str, float]:
    """Scale weights to sum 1, each checked first.

    Raises
    ------
    InputError
        Names every key whose weight is no number, a truth value, negative, NaN, infinite or too small
        for exact arithmetic (below 2.2e-308), or says that all are zero.

    Examples
    --------
    >>> normalised({"time": 1, "cost": 3})
    {'time': 0.25, 'cost': 0.75}
    """
    problems, what = [], what or text_of("P44")
    for key, weight in weights.items():
        if isinstance(weight, bool | np.bool_) or not isinstance(weight, Real):
            problems.append(text_of("P60", what=what, key=key, weight=weight))
        elif not math.isfinite(weight):
            problems.append(text_of("P61", what=what, key=key, weight=weight))
        elif weight < 0:
            problems.append(text_of("P62", what=what, key=key, weight=weight))
        elif 0 < weight < np.finfo(float).tiny:  # type: ignore[operator]  # the stub's Real has no int on its left
            problems.append(text_of("P63", what=what, key=key, weight=weight))
    if not problems and not any(weights.values()):
        keys = ", ".join(map(str, weights)) or text_of("P42")
        problems.append(text_of("P64", what=what, keys=keys))
    if problems:
        raise refusal("", "E739", problems=joined(problems))
    # Divided by the largest first, so that the sum of huge weights stays finite.
    largest = max(map(float, weights.values()))
    scaled = {key: float(weight) / largest for key, weight in weights.items()}
    total = math.fsum(scaled.values())
    return {key: weight / total for key, weight in scaled.items()}


def effective_weights(
    groups: Mapping[str, float],
    uses: Sequence[Use],
    *,
    group_of: Mapping[str, str],
) -> pd.Series:
    """Weight of each criterion: its group's share × its share within the group; they sum to 1.

    Group weights are scaled to sum 1, then the weights within each group. A group of weight 0 needs no
    weighted criterion.

    Parameters
    ----------
    groups : weight by group
    uses : the criteria as the scenario uses them (``name``, ``weight`` within the group)
    group_of : group by criterion

    Raises
    ------
    InputError
        A weight that `normalised` refuses; an unknown group; a criterion whose group has no weight
        stated; a group with weight whose criteria have none.
    """
    known = dict.fromkeys(group_of[use.name] for use in uses)
    unknown = [group for group in groups if group not in known and groups[group] != 0]
    problems = [text_of("P65", group=group, suggestion=suggestion_if_near(group, known)) for group in unknown]
    problems += [text_of("P66", group=group) for group in known if group not in groups]
    if problems:
        raise refusal("", "E740", problems=joined(problems))
    shares = normalised({group: groups[group] for group in known}, what=text_of("P45"))
    effective: dict[str, float] = {}
    for group in known:
        within = {use.name: use.weight for use in uses if group_of[use.name] == group}
        if shares[group] == 0:
            effective |= dict.fromkeys(within, 0.0)
            continue
        inside = normalised(within, what=text_of("P46", group=group))
        effective |= {name: shares[group] * weight for name, weight in inside.items()}
    return pd.Series({use.name: effective[use.name] for use in uses}, name="weight", dtype=float)


def checked_weights(weights: Weights, n_criteria: int) -> NDArray[np.float64]:
    """Weights as an array that sums to 1; errors as in `normalised`, naming the index or position."""
    if isinstance(weights, pd.Series | Mapping):
        keyed: dict[Cell, Cell] = dict(weights.items())
    else:
        keyed = dict(enumerate(np.asarray(weights, object).ravel().tolist()))
    if len(keyed) != n_criteria:
        raise refusal("", "E741", weights=len(keyed), criteria=n_criteria)
    return np.array(list(normalised(keyed).values()))


def aligned(table: pd.DataFrame | Rows, weights: Weights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values as a finite array and weights in the order of its columns, summing to 1.

    Raises
    ------
    InputError
        No option, no criterion, NaN or infinite values, or weights that do not fit.
    """
    array = finite_table(table)
    if isinstance(table, pd.DataFrame) and isinstance(weights, pd.Series):
        strange = weights.index.symmetric_difference(table.columns)
        if len(strange):
            raise refusal("", "E742", names=list(strange))
        weights = weights.reindex(table.columns)
    return array, checked_weights(weights, array.shape[1])


def finite_table(table: pd.DataFrame | Rows) -> NDArray[np.float64]:
    """Option × criterion as a float array; InputError for no option, no criterion, NaN or ``inf``."""
    try:
        array = np.asarray(table, float)
    except (TypeError, ValueError):
        raise refusal("", "E743") from None
    if array.ndim != 2 or 0 in array.shape:
        raise refusal("", "E744", shape=array.shape)
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0]
        if isinstance(table, pd.DataFrame):
            row, column = table.index[row], table.columns[column]
        raise refusal("", "E745", option=row, criterion=column)
    return array


# --- Scores and ranks -------------------------------------------------------------------------------


@overload
def weighted_sum(values: pd.DataFrame, weights: Weights) -> pd.Series: ...


@overload
def weighted_sum(values: Rows, weights: Weights) -> NDArray[np.float64]: ...


def weighted_sum(values: pd.DataFrame | Rows, weights: Weights) -> pd.Series | NDArray[np.float64]:
    """Score each option: Σ weight × value, the weights scaled to sum 1 (Fishburn 1967).

    Parameters
    ----------
    values : n_options × n_criteria, more is better
    weights : one per criterion, not negative, any positive sum

    Returns
    -------
    Scores, a Series on the options' index for a frame, else an array.

    Examples
    --------
    >>> weighted_sum([[1, 0], [0.5, 1]], [0.75, 0.25])
    array([0.75 , 0.625])
    """
    array, weight = aligned(values, weights)
    return like_rows(_row_sums(array * weight), values)


def _row_sums(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exactly rounded sums, so that the order of criteria cannot make or break a tie."""
    return np.array([math.fsum(row) for row in table], dtype=float)


def like_rows(result: NDArray[_Kind], table: pd.DataFrame | Rows) -> pd.Series | NDArray[_Kind]:
    """Put one figure per option on the caller's index."""
    return pd.Series(result, index=table.index) if isinstance(table, pd.DataFrame) else result


def contributions(values: pd.DataFrame, weights: pd.Series) -> pd.DataFrame:
    """Weight × value, option × criterion; a row sums to the option's score, 0..1."""
    if values.empty:
        return values
    array, weight = aligned(values, weights)
    return pd.DataFrame(array * weight, index=values.index, columns=values.columns)


def verdicts(conditions: pd.DataFrame, options: pd.DataFrame) -> pd.Series:
    """Sum up the pass/fail conditions (否决性指标) by option: ``fail``, ``pending`` or ``pass``.

    Notes (``role`` = ``note``) decide nothing. One failed condition fails the option; one that is still to
    be verified leaves it pending, and so does a building site of which nothing is known. Options that build
    nothing pass unless a row says otherwise.
    """
    by_site: Mapping[Cell, set[str]] | pd.Series = {}
    if "role" in conditions:
        conditions = conditions[conditions["role"] != "note"]
    if len(conditions):
        by_site = conditions.groupby("site")["verdict"].agg(set)
    result = {}
    for option, kind in options["kind"].items():
        found = by_site.get(option, {"pending" if KINDS[kind].conditions_pending else "pass"})
        result[option] = next(word for word in ("fail", "pending", "pass") if word in found)
    return pd.Series(result, name="verdict", dtype=object)


def ranking(
    contributions: pd.DataFrame, *, verdicts: pd.Series | None = None, near_tie: float = NEAR_TIE
) -> pd.DataFrame:
    """Rank the options, best first.

    Scores are rounded to 1e-12; equal scores share the better rank and stand in order of their ids, so
    the table does not depend on the order of rows. Options that fail a condition come after all others.

    Parameters
    ----------
    contributions : n_options × n_criteria, see `contributions`
    verdicts : ``pass, pending, fail`` by option; None: all pass
    near_tie : difference of scores within which options count as equally good

    Returns
    -------
    By option ``rank, score, tie, verdict``; ``tie`` marks all options within `near_tie` of the best when
    there are at least two, the best included. Of no option the table is empty.
    """
    table = pd.DataFrame(
        {"score": _row_sums(contributions.to_numpy(float)).round(DECIMALS)}, index=contributions.index
    )
    verdict = pd.Series("pass", index=table.index) if verdicts is None else verdicts.reindex(table.index)
    failed = (verdict == "fail").to_numpy()
    key = table["score"] - 2.0 * failed
    table["rank"] = key.rank(ascending=False, method="min").astype(int)
    near = (table["score"] >= table["score"][~failed].max() - near_tie - 10.0**-DECIMALS) & ~failed
    table["tie"] = near & (near.sum() > 1)
    table["verdict"] = verdict
    order = sorted(table.index, key=lambda option: (table["rank"][option], str(option)))
    return table.loc[order, ["rank", "score", "tie", "verdict"]]


def best_option(scores: pd.Series) -> str:
    """Name the option with the best score; of several within 1e-12 the first in order of ids."""
    best: str = min(scores.index[scores >= scores.max() - 10.0**-DECIMALS], key=str)
    return best


# --- Remarks on the table ---------------------------------------------------------------------------


@overload
def dominance(values: pd.DataFrame) -> pd.DataFrame: ...


@overload
def dominance(values: Rows) -> NDArray[np.bool_]: ...


def dominance(values: pd.DataFrame | Rows) -> pd.DataFrame | NDArray[np.bool_]:
    """Mark who dominates whom: at least as good in each criterion and better in one.

    Returns n_options × n_options truth values, row dominates column; a frame for a frame.

    >>> dominance([[1, 1], [0, 1]])
    array([[False,  True],
           [False, False]])
    """
    array = finite_table(values)
    at_least = np.all(array[:, None, :] >= array[None, :, :], axis=2)
    better = np.any(array[:, None, :] > array[None, :, :], axis=2)
    result: NDArray[np.bool_] = at_least & better
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(result, index=values.index, columns=values.index)
    return result


@overload
def pareto(values: pd.DataFrame) -> pd.Series: ...


@overload
def pareto(values: Rows) -> NDArray[np.bool_]: ...


def pareto(values: pd.DataFrame | Rows) -> pd.Series | NDArray[np.bool_]:
    """Mark the options that no other dominates (Pareto-efficient).

    >>> pareto([[1, 1], [0, 1]])
    array([ True, False])
    """
    dominated: NDArray[np.bool_] = np.any(np.asarray(dominance(values)), axis=0)
    return like_rows(~dominated, values)


# --- A second opinion -------------------------------------------------------------------------------


@overload
def topsis(
    matrix: pd.DataFrame, weights: Weights, senses: Weights, *, normalization: Normalization = "vector"
) -> pd.Series: ...


@overload
def topsis(
    matrix: Rows, weights: Weights, senses: Weights, *, normalization: Normalization = "vector"
) -> NDArray[np.float64]: ...


def topsis(
    matrix: pd.DataFrame | Rows, weights: Weights, senses: Weights, *, normalization: Normalization = "vector"
) -> pd.Series | NDArray[np.float64]:
    """Score each option by its closeness to an ideal made of the best figures (Hwang & Yoon 1981).

    ``C = d⁻ / (d⁺ + d⁻)`` with Euclidean distances to the best and the worst of each weighted column.
    It depends on the other options, so it stands beside the weighted sum, never in its place.

    Parameters
    ----------
    matrix : raw figures, n_options × n_criteria, finite
    weights : one per criterion, not negative, scaled to sum 1
    senses : +1 more is better, −1 less
    normalization : ``vector`` divides a column by its Euclidean length, ``minmax`` maps it to 0..1,
        ``none`` leaves it; a column without spread adds nothing whatever the choice

    Returns
    -------
    Closeness 0..1; 0.5 for all where no option differs from another (one option included).

    Examples
    --------
    >>> topsis([[1, 0], [0, 1]], [0.75, 0.25], [1, 1], normalization="none")
    array([0.75, 0.25])
    """
    array, weight = aligned(matrix, weights)
    sense = checked_senses(senses, array.shape[1])
    # Scaled by the largest figure first, where that changes nothing: squares of huge figures overflow.
    scale = np.abs(array).max(axis=0 if normalization == "vector" else None)
    array = np.divide(array, scale, out=np.zeros_like(array), where=scale > 0)
    if normalization == "vector":
        length = np.linalg.norm(array, axis=0)
        array = np.divide(array, length, out=np.zeros_like(array), where=length > 0)
    elif normalization == "minmax":
        array = scaled_0_1(array)
    elif normalization != "none":
        raise refusal("", "E747", found=normalization)
    weighted = array * weight * sense
    to_best = np.linalg.norm(weighted - weighted.max(axis=0), axis=1)
    to_worst = np.linalg.norm(weighted - weighted.min(axis=0), axis=1)
    total = to_best + to_worst
    closeness: NDArray[np.float64] = np.divide(to_worst, total, out=np.full(len(array), 0.5), where=total > 0)
    return like_rows(closeness, matrix)


def scaled_0_1(array: NDArray[np.float64]) -> NDArray[np.float64]:
    """Min–max by column; a column without spread becomes 0."""
    low, span = array.min(axis=0), np.ptp(array, axis=0)
    scaled: NDArray[np.float64] = np.divide(array - low, span, out=np.zeros_like(array), where=span > 0)
    return scaled


def checked_senses(senses: Weights, n_criteria: int) -> NDArray[np.float64]:
    """Senses as an array of +1 and −1."""
    sense = np.asarray(senses, float).ravel()
    if len(sense) != n_criteria or not np.isin(sense, (1.0, -1.0)).all():
        raise refusal("", "E748", senses=senses)
    return sense
