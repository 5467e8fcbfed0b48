"""Weights and anchors → what one point of the score is worth, and the price of an hour that this implies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.analysis.decision.value_functions import Use, ends_of
from siting.analysis.money.money_settings import YUAN_PER_WAN

POINT = 0.01
"""A point of a score of 100, as a share of 1."""


@dataclass(frozen=True)
class Tradeoff:
    """What the weights exchange for what."""

    per_point: pd.DataFrame
    """By criterion of some weight: ``weight``; ``amount``, how much of the criterion in its own unit is worth
    one point of 100 (NaN where no small change earns any); ``at``, the raw figure at which that holds (NaN:
    everywhere between the anchors)."""
    hour_yuan: float | None
    """Yuan that the weights put on an hour saved, against net cost; None unless both are scored."""
    years: float
    """Hours that one hour saved in every year of the appraisal is worth at present; NaN where unknown."""
    own_hour_yuan: float
    """Yuan of the study's own appraisal."""
    own_range: tuple[float, float] | None
    """Its plausible range by the table of parameters; None where that states none."""


def per_point(uses: Sequence[Use], weights: pd.Series, raw: pd.Series) -> pd.DataFrame:
    """Return by criterion of some weight how much of it one point of the score is worth.

    Parameters
    ----------
    uses : the criteria as the scenario uses them
    weights : by criterion, sum 1
    raw : figures, in own units, at which curved value functions are taken

    Returns
    -------
    ``weight, amount, at``, see `Tradeoff.per_point`.
    """
    rows = {}
    for use in uses:
        weight = float(weights[use.name])
        if weight > 0:
            straight = use.value == "linear"
            slope = _slope(use, math.nan if straight else float(raw[use.name]))
            amount = POINT / (weight * slope) if slope else math.nan
            rows[use.name] = (weight, amount, math.nan if straight else float(raw[use.name]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["weight", "amount", "at"], dtype=float)


def _slope(use: Use, raw: float) -> float:
    """Value that one unit earns, whichever way it goes: on the whole scale, or about a figure."""
    if use.value == "linear":
        worst, best = ends_of(use)
        return 1.0 / abs(best - worst)
    if use.value == "threshold" or not math.isfinite(raw):
        return 0.0
    points = np.asarray(sorted(use.points), float)
    k = int(np.searchsorted(points[:, 0], raw, side="right"))
    if not 0 < k < len(points):
        return 0.0
    step = points[k] - points[k - 1]
    return float(abs(step[1] / step[0]))


def tradeoff(
    uses: Sequence[Use],
    weights: pd.Series,
    raw: pd.Series,
    *,
    years: float,
    own_hour_yuan: float,
    own_range: tuple[float, float] | None,
) -> Tradeoff:
    """Return what the weights exchange for what.

    Parameters
    ----------
    uses, weights, raw : as in `per_point`
    years : as in `implied_hour_yuan`
    own_hour_yuan, own_range : what an hour is worth in the study's own appraisal
    """
    table = per_point(uses, weights, raw)
    return Tradeoff(table, implied_hour_yuan(table, years), years, own_hour_yuan, own_range)


def implied_hour_yuan(table: pd.DataFrame, years: float) -> float | None:
    """Return the yuan that weights put on an hour saved: net cost of a point over the hours of a point.

    Parameters
    ----------
    table : see `Tradeoff.per_point`
    years : present value of an hour saved in every year of the appraisal, in hours

    Examples
    --------
    >>> table = pd.DataFrame({"amount": [738.0, 1325.0]}, ["net_cost_wan", "hours_saved"])
    >>> round(implied_hour_yuan(table, years=9.8))
    568
    """
    if not {"net_cost_wan", "hours_saved"} <= set(table.index):
        return None
    cost_wan, hours = table["amount"][["net_cost_wan", "hours_saved"]]
    price = YUAN_PER_WAN * cost_wan / (hours * years) if hours * years > 0 else math.nan
    return float(price) if math.isfinite(price) else None
