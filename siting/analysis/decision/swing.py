"""Answers on stated ranges → weights on the anchors, what they imply, and the sum of several records.

A swing question asks how much a step from the worst to the best figure of a range matters. Scores count
values between anchors, which span more or less than that range, so the points are converted:

    weight of a criterion ∝ share of the points / value gained over the range asked

With these weights the step over the range asked adds to the score what its points say, whatever the anchors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import normalised
from siting.analysis.decision.value_functions import Use, value_of
from siting.messages import joined, refusal, text_of

AggregateMethod = Literal["mean", "geometric_mean"]

ASK_AGAIN_FACTOR = 2.0
"""Answers to one trade-off asked twice that differ by more than this factor are to be asked again."""

LEAST_GAIN = 1e-6
"""Value that a range must gain to be asked about: less is a rounding of sums, no difference of sites."""

_SPAN_DIGITS = 3
"""Digits that tell the ends of a range apart: people are asked on figures that they can read."""


# --- Ranges -----------------------------------------------------------------------------------------


def swing_ranges(matrix: pd.DataFrame, uses: Sequence[Use], senses: Mapping[str, int]) -> pd.DataFrame:
    """Find the range of each criterion that is asked about: from the worst option to the best.

    The ends are rounded to three digits of what lies between them, and it is the rounded range that is
    asked and converted. Unreachable options (``inf``) end no range.

    Parameters
    ----------
    matrix : the options that stand to choose × criterion, raw figures
    uses : criteria as the scenario uses them
    senses : +1 more is better, −1 less, by criterion

    Returns
    -------
    By criterion, in the order of `uses`: ``worst, best`` (raw), ``worst_option, best_option``. Left out are
    criteria shown without weight, and those in which the options gain no value over one another.
    """
    rows = {}
    for use in uses:
        figures = matrix[use.name].astype(float).replace([np.inf, -np.inf], np.nan).dropna()
        if use.weight == 0 or figures.nunique() < 2:
            continue
        ordered = (figures * senses[use.name]).sort_values(kind="stable")
        ends = [ordered.index[0], ordered.index[-1]]
        worst, best = _readable(*(float(figures[option]) for option in ends))
        if value_gained(use, worst, best) > LEAST_GAIN:
            rows[use.name] = (worst, best, *ends)
    columns = ["worst", "best", "worst_option", "best_option"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _readable(worst: float, best: float) -> tuple[float, float]:
    digits = _SPAN_DIGITS - 1 - math.floor(math.log10(abs(best - worst)))
    return round(worst, digits), round(best, digits)


def value_gained(use: Use, worst: float, best: float) -> float:
    """Value (0..1 between the anchors) that a step over a range gains."""
    low, high = value_of([worst, best], use)
    return float(high - low)


# --- Answers ----------------------------------------------------------------------------------------


def roc_weights(ranks: Sequence[float]) -> NDArray[np.float64]:
    """Turn ranks into weights: rank-order centroids (ROC, Barron & Barrett 1996).

    The k-th of n weighs (1/k + 1/(k+1) + … + 1/n) / n, the centre of all weights in that order; equal ranks
    share the mean of their places.

    Parameters
    ----------
    ranks : 1 the most important; only their order counts

    Raises
    ------
    InputError
        No rank, or one that is no finite number.

    Examples
    --------
    >>> roc_weights([1, 2, 3]).round(4)
    array([0.6111, 0.2778, 0.1111])
    >>> roc_weights([2, 1, 2]).round(4)
    array([0.1944, 0.6111, 0.1944])
    """
    array = np.asarray(ranks, float)
    if array.ndim != 1 or not len(array) or not np.isfinite(array).all():
        raise refusal("", "E780", ranks=list(ranks))
    n = len(array)
    centroids = np.cumsum(1 / np.arange(n, 0, -1))[::-1] / n
    by_rank = pd.Series(centroids).groupby(np.sort(array)).mean()
    return np.asarray(by_rank.reindex(array), np.float64)


def shares_of(
    groups: Mapping[str, float], answers: Mapping[str, float], group_of: Mapping[str, str], *, ranked: bool
) -> pd.Series:
    """Share of each criterion in what all ranges together matter; they sum to 1.

    Parameters
    ----------
    groups : points, or ranks, of the groups that are asked about
    answers : points, or ranks, of the criteria, each compared within its group
    group_of : group by criterion
    ranked : whether the answers are ranks, weighed by `roc_weights`
    """
    outer = _level(groups, ranked)
    shares: dict[str, float] = {}
    for group, share in outer.items():
        inside = {name: answer for name, answer in answers.items() if group_of[name] == group}
        if inside and share > 0:
            shares |= {name: share * part for name, part in _level(inside, ranked).items()}
    return pd.Series({name: shares.get(name, 0.0) for name in answers}, dtype=float)


def _level(answers: Mapping[str, float], ranked: bool) -> dict[str, float]:
    if ranked:
        weights: list[float] = roc_weights(list(answers.values())).tolist()
        return dict(zip(answers, weights, strict=True))
    return normalised(dict(answers), what=text_of("P230"))


def converted_weights(shares: pd.Series, gains: pd.Series) -> pd.Series:
    """Convert shares of ranges into weights on the anchors: share / value gained, scaled to sum 1.

    Parameters
    ----------
    shares : by criterion, see `shares_of`
    gains : by criterion, value gained over the range asked, above 0; see `value_gained`
    """
    weights = shares / gains.reindex(shares.index)
    return (weights / weights.sum()).rename("weight")


# --- What the answers imply -------------------------------------------------------------------------


def equal_amount(shares: pd.Series, spans: pd.Series, first: str, second: str) -> float:
    """Amount of one criterion (own unit) that counts as much as the whole range of another.

    Parameters
    ----------
    shares, spans : by criterion, share of the points, and width of the range asked
    first, second : range that is gained, and criterion that pays for it; `inf` where it counts nothing
    """
    if shares[second] == 0:
        return math.inf
    return float(shares[first] / shares[second] * spans[second])


def apart(stated: float, implied: float) -> float:
    """Factor, at least 1, between two answers to one question; ``inf`` where only one of them is 0.

    >>> apart(50, 100), apart(100, 50), apart(0, 0)
    (2.0, 2.0, 1.0)
    """
    low, high = sorted((stated, implied))
    if low == high:
        return 1.0
    return math.inf if low <= 0 or math.isinf(high) else float(high / low)


# --- Several records --------------------------------------------------------------------------------


def mean_shares(records: pd.DataFrame, method: AggregateMethod) -> pd.Series | None:
    """Sum up the shares of several records, each counting alike.

    Shares of one set of ranges are summed up, not the converted weights: a record that gives much to a
    criterion of a narrow range has little left, once converted, for all others, and would hardly count there.

    Parameters
    ----------
    records : record × criterion, shares of the same ranges, each row sums to 1
    method : arithmetic mean, or geometric mean scaled to sum 1

    Returns
    -------
    Shares that sum to 1; None for a geometric mean where some share is 0: that record would decide alone.

    Examples
    --------
    >>> records = pd.DataFrame({"time": [0.8, 0.2], "cost": [0.2, 0.8]})
    >>> mean_shares(records, "mean").tolist()
    [0.5, 0.5]
    """
    if method == "mean":
        return records.mean()
    if (records <= 0).any(axis=None):
        return None
    product = pd.Series(np.exp(np.log(records.to_numpy(float)).mean(axis=0)), index=records.columns)
    return product / product.sum()


def check_answers(answers: Mapping[str, float], *, method: str) -> None:
    """Refuse points outside 0..100, without a 100, and ranks that are no whole numbers from 1.

    Raises
    ------
    InputError
        Names each answer.
    """
    if method == "ranked":
        wrong = {k: v for k, v in answers.items() if not (float(v).is_integer() and 1 <= v <= len(answers))}
        code = "P232"
    else:
        wrong = {k: v for k, v in answers.items() if not 0 <= v <= 100}
        code = "P231"
    problems = [text_of(code, name=name, answer=answer, n=len(answers)) for name, answer in wrong.items()]
    if not problems and method == "swing" and max(answers.values()) != 100:
        problems = [text_of("P233", names=", ".join(answers))]
    if problems:
        raise refusal("", "E781", problems=joined(problems))
