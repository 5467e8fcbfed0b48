"""Criteria as sums over enterprises: what leaving out a row, or drawing rows again, does in closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.value_functions import DECIMALS

_TIED = 10.0**-DECIMALS


# --- Which enterprise decides -----------------------------------------------------------------------


@dataclass(frozen=True)
class Additive:
    """A criterion as a sum over enterprises, a ratio of two sums, or the mean or least of such ratios."""

    numerator: pd.DataFrame
    """Enterprise × option; NaN in the columns of options to which the criterion does not apply."""
    denominator: pd.Series | None = None
    """By enterprise; None: the criterion is the plain sum of the numerators."""
    groups: pd.Series | None = None
    """Group (industry) of each enterprise: one ratio per group, enterprises without a group left out, groups
    whose denominators sum to 0 too; None: one ratio over all. Needs a denominator."""
    over: Literal["mean", "min"] = "mean"
    """How the groups' ratios become one figure: their plain mean, or the worst."""

    def of(self, sums: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Work out the criterion for versions of the register, n_versions × n_options.

        Parameters
        ----------
        sums : from a table by enterprise (n × any) to its sums under each version (n_versions × any)
        """
        top = self.numerator.to_numpy(float)
        if self.denominator is None:
            return sums(top)
        bottom = self.denominator.to_numpy(float)[:, None]
        if self.groups is None:
            return _ratio(sums(top), sums(bottom))
        shares = []
        for group in self.groups.dropna().unique():
            member = (self.groups == group).fillna(False).to_numpy(bool)[:, None]
            shares.append(_ratio(sums(np.where(member, top, 0.0)), sums(np.where(member, bottom, 0.0))))
        if not shares:
            return np.full(sums(top).shape, np.nan)
        table = np.array(shares)
        some = ~np.isnan(table)
        if self.over == "min":
            least = np.where(some, table, np.inf).min(axis=0)
            return np.where(some.any(axis=0), least, np.nan)
        return _ratio(np.where(some, table, 0.0).sum(axis=0), some.sum(axis=0))


def _ratio(top: NDArray[np.float64], bottom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide; 0 of 0 is nothing known, not nothing."""
    whole = np.broadcast_to(bottom, top.shape)
    # Subtracting can leave a speck where nothing is left.
    some = whole > _TIED * bottom.max(initial=0.0)
    ratio: NDArray[np.float64] = np.divide(top, whole, out=np.full(top.shape, np.nan), where=some)
    return ratio
