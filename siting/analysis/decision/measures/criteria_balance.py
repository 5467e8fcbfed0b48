"""Evidence → the criteria of regional balance (区域均衡): the worst-served tenth; raw, in own units."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from siting.analysis.access.inequality import worst_tenth_minutes
from siting.types import Evidence


def worst_tenth_min(
    evidence: Evidence, *, weighting: Literal["demand", "enterprises"] = "demand"
) -> pd.Series:
    """One-way minutes of a trip, mean over the worst-served tenth of the demand, or of the enterprises.

    The minutes are those of `regional_minutes`: who is badly served because of where it lies, not of what
    it makes, which `worst_industry` tells.
    """
    return worst_tenth_minutes(evidence, weighting)
