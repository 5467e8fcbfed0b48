"""Evidence → the criteria of a study of residents: how soon help reaches them; raw, in own units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.access.inequality import worst_tenths
from siting.analysis.decision.additive import Additive
from siting.analysis.decision.measures.criteria_enterprises import mean_minutes, minutes_over
from siting.analysis.demand.response_runs import share_within
from siting.types import Evidence

NEAR_MIN = 5.0
"""Minutes of the first of the two shares: what city fire stations are laid out for in China."""
REACHED_MIN = 8.0
"""Minutes of the second: a common target where people live far apart."""


def residents_5min(evidence: Evidence) -> pd.Series:
    """Share of the residents whom help reaches within 5 minutes of the alarm."""
    return _within(evidence, NEAR_MIN)


def residents_5min_components(evidence: Evidence) -> Additive:
    """Split `residents_5min` into residents reached over residents."""
    return _reached(evidence, NEAR_MIN)


def residents_8min(evidence: Evidence) -> pd.Series:
    """Share of the residents whom help reaches within 8 minutes of the alarm."""
    return _within(evidence, REACHED_MIN)


def residents_8min_components(evidence: Evidence) -> Additive:
    """Split `residents_8min` into residents reached over residents."""
    return _reached(evidence, REACHED_MIN)


def mean_response_min(evidence: Evidence) -> pd.Series:
    """Minutes from the alarm until help arrives, mean over the residents."""
    minutes = evidence.trips.minutes
    return pd.Series(mean_minutes(minutes.to_numpy(), _residents(evidence)), minutes.columns)


def mean_response_components(evidence: Evidence) -> Additive | None:
    """Split `mean_response_min` into minutes over residents; None where somebody is out of reach."""
    return minutes_over(evidence.trips.minutes, _residents(evidence))


def worst_response_min(evidence: Evidence) -> pd.Series:
    """Minutes until help arrives, mean over the tenth of the residents whom it reaches last."""
    minutes = evidence.trips.minutes
    return pd.Series(worst_tenths(minutes.to_numpy(), _residents(evidence)), minutes.columns)


def _within(evidence: Evidence, limit_min: float) -> pd.Series:
    minutes = evidence.trips.minutes
    return pd.Series(share_within(minutes.to_numpy(), _residents(evidence), limit_min), minutes.columns)


def _reached(evidence: Evidence, limit_min: float) -> Additive:
    minutes = evidence.trips.minutes
    residents = pd.Series(_residents(evidence), minutes.index)
    return Additive((minutes <= limit_min).mul(residents, axis=0), residents)


def _residents(evidence: Evidence) -> NDArray[np.float64]:
    residents: NDArray[np.float64] = evidence.demand.tests.to_numpy(float).sum(axis=1)
    return residents
