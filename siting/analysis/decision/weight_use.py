"""Values of the sites → which weight moves none of them, and which criteria count one thing together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.analysis.decision.value_functions import DECIMALS


@dataclass(frozen=True)
class Together:
    """Criteria that rise and fall together over the sites, so that they count one thing."""

    criteria: tuple[str, ...]
    """The heaviest first."""
    weight: float
    """Of all of them, 0..1."""


@dataclass(frozen=True)
class WeightUse:
    """What the weights of a study move between its sites."""

    neutral: pd.DataFrame
    """Criteria in which the sites hardly differ: ``weight``, 0..1, and ``span``, points of the score 0..1
    between the best and the worst of them."""
    neutral_weight: float
    """Of all neutral criteria, 0..1."""
    correlated: pd.DataFrame
    """``first, second, r``, see `correlated_pairs`; of the criteria that are not neutral."""
    together: tuple[Together, ...]
    """Groups of criteria connected by such pairs, the heaviest first."""


def weight_use(
    values: pd.DataFrame, weights: pd.Series, *, inert: float = 0.0, correlation: float = 0.95
) -> WeightUse:
    """Find the weight that moves no site, and the criteria that count one thing together.

    Parameters
    ----------
    values : n_sites × n_criteria, 0..1
    weights : by criterion, sum 1
    inert : points of a score 0..1 below which the span over the sites counts as none
    correlation : Pearson's r above which two criteria count one thing

    Examples
    --------
    >>> values = pd.DataFrame({"near": [0.1, 0.5, 0.9], "cover": [0.2, 0.5, 0.8], "cost": [0.3, 0.3, 0.31]})
    >>> found = weight_use(values, pd.Series({"near": 0.5, "cover": 0.3, "cost": 0.2}), inert=0.005)
    >>> list(found.neutral.index), found.together[0].criteria, found.together[0].weight
    (['cost'], ('near', 'cover'), 0.8)
    """
    weights = weights.reindex(values.columns)
    span = (values.max() - values.min()) * weights
    is_neutral = (span <= 10.0**-DECIMALS) | (span < inert)
    neutral = pd.DataFrame({"weight": weights, "span": span})[is_neutral]
    pairs = correlated_pairs(values.loc[:, ~is_neutral], correlation)
    return WeightUse(neutral, float(neutral["weight"].sum()), pairs, _connected(pairs, weights))


def correlated_pairs(values: pd.DataFrame, threshold: float = 0.95) -> pd.DataFrame:
    """Name pairs of criteria whose Pearson correlation over the sites exceeds a threshold.

    Such a pair counts one thing twice (values point the same way in all criteria, so a negative correlation
    is a conflict, not a repetition). Fewer than three sites correlate always and say nothing: none.

    Returns
    -------
    ``first, second, r``, strongest first; criteria without spread are left out.
    """
    varying = values.loc[:, (values.max() - values.min()) > 10.0**-DECIMALS]
    rows = []
    if len(varying) >= 3 and varying.shape[1] >= 2:
        r = np.corrcoef(varying.to_numpy(float), rowvar=False)
        for i, j in np.transpose(np.triu_indices(len(r), 1)).tolist():
            if r[i, j] > threshold:
                rows.append((varying.columns[i], varying.columns[j], float(min(r[i, j], 1.0))))
    rows.sort(key=lambda row: (-round(row[2], DECIMALS), row[0], row[1]))
    return pd.DataFrame(rows, columns=["first", "second", "r"])


def _connected(pairs: pd.DataFrame, weights: pd.Series) -> tuple[Together, ...]:
    """Join pairs that share a criterion, and sum the weight of each group."""
    groups: list[set[str]] = []
    for first, second in zip(pairs["first"], pairs["second"], strict=True):
        touched = [group for group in groups if first in group or second in group]
        groups = [group for group in groups if group not in touched]
        groups.append({first, second}.union(*touched))
    order = list(weights.index)
    found = [
        Together(
            tuple(sorted(group, key=lambda name: (-weights[name], order.index(name)))),
            float(round(weights[sorted(group, key=order.index)].sum(), DECIMALS)),
        )
        for group in groups
    ]
    return tuple(sorted(found, key=lambda one: (-one.weight, order.index(one.criteria[0]))))
