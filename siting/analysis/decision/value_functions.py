"""Raw figures → values 0..1 between anchors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, cast

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

DECIMALS = 12
"""Scores equal to this many decimals are tied."""

NEAR_TIE = 0.01
"""Default difference of scores within which options count as equally good."""


class Use(Protocol):
    """What scoring needs of a criterion as a scenario uses it; `criteria.CriterionUse` is one."""

    @property
    def name(self) -> str:
        """Column of the decision matrix."""

    @property
    def weight(self) -> float:
        """Weight within its group."""

    @property
    def value(self) -> Literal["linear", "piecewise", "threshold"]:
        """Kind of value function."""

    @property
    def anchors(self) -> tuple[float, float] | None:
        """Raw values that score 0 and 1; always there unless piecewise."""

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        """Raw value and value 0..1 of a piecewise function."""


def ends_of(use: Use) -> tuple[float, float]:
    """Return the anchors of a use that is not piecewise."""
    return cast("tuple[float, float]", use.anchors)  # stated or frozen before anything is scored


# --- Values -----------------------------------------------------------------------------------------


def value_of(raw: ArrayLike, use: Use) -> NDArray[np.float64]:
    """Turn raw figures of one criterion into values 0..1.

    ``linear``: 0 at the first anchor, 1 at the second, straight between, clipped outside.
    ``piecewise``: straight between the ``points`` (raw, value), flat outside.
    ``threshold``: 1 at or beyond the second anchor (seen from the first), else 0.
    Less is better where the second anchor lies below the first. ``inf`` is unreachable: value 0.
    NaN stays NaN. Keeney & Raiffa (1976), ch. 3.

    Parameters
    ----------
    raw : array of any shape, in the criterion's unit
    use : how the scenario uses the criterion (``anchors``, ``value``, ``points``)
    """
    raw = np.asarray(raw, float)
    if use.value == "piecewise":
        points = np.asarray(sorted(use.points), float)
        value = np.interp(raw, points[:, 0], points[:, 1])
    else:
        worst, best = ends_of(use)
        if use.value == "threshold":
            value = ((raw >= best) if best > worst else (raw <= best)).astype(float)
        else:
            finite = np.where(np.isinf(raw), worst, raw)
            value = np.clip((finite - worst) / (best - worst), 0.0, 1.0)
    return np.where(np.isnan(raw), np.nan, np.where(np.isinf(raw), 0.0, value))


def outside_anchors(matrix: pd.DataFrame, uses: Sequence[Use]) -> pd.DataFrame:
    """List the figures that were clipped: ``option, criterion, raw, low, high``, in the matrix's order.

    ``low`` and ``high`` are the raw figures between which the value moves. A threshold clips nothing.
    """
    rows = []
    for use in uses:
        if use.value == "threshold":
            continue
        ends = [p[0] for p in use.points] if use.value == "piecewise" else ends_of(use)
        low, high = float(min(ends)), float(max(ends))
        raw = matrix[use.name].astype(float)
        inside = raw.between(low, high) | raw.isna()
        rows += [(option, use.name, figure, low, high) for option, figure in raw[~inside].items()]
    return pd.DataFrame(rows, columns=["option", "criterion", "raw", "low", "high"])
