"""Evidence → the criteria of service to enterprises (便企): hours, coverage, mean trip; raw, in own units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.access.coverage import CUTOFF_MIN, FULL_MIN, DecayName, covered_trips
from siting.analysis.decision.additive import Additive
from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.demand.baseline import time_savings
from siting.types import Evidence

# the criteria, in the order of the base scenario ------------------------------------------


def hours_saved(evidence: Evidence) -> pd.Series:
    """Person-hours a year that enterprises save against today's trips; scaled by the expansion factor.

    Enterprises cut off from the city today have no trip to compare with and are left out.
    """
    return time_savings(evidence).sum()


def hours_saved_components(evidence: Evidence) -> Additive:
    """Split `hours_saved` by enterprise."""
    return Additive(time_savings(evidence))


def demand_covered(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> pd.Series:
    """Share of the enterprises' test trips that the option takes within the cutoff."""
    taken, demand = covered_trips(evidence, cutoff_min=cutoff_min, decay=decay, full_min=full_min)
    return pd.Series(share_covered(taken.to_numpy(), demand.to_numpy()), taken.columns)


def demand_covered_components(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> Additive:
    """Split `demand_covered` into trips taken over trips made."""
    return Additive(*covered_trips(evidence, cutoff_min=cutoff_min, decay=decay, full_min=full_min))


def mean_trip_min(evidence: Evidence) -> pd.Series:
    """One-way minutes of a test trip, mean over the enterprises' trips; a team at the gate counts 0."""
    minutes = evidence.trips.minutes
    return pd.Series(mean_minutes(minutes.to_numpy(), _carried(evidence)), minutes.columns)


def mean_trip_components(evidence: Evidence) -> Additive | None:
    """Split `mean_trip_min` into minutes over trips; None where somebody is cut off."""
    return minutes_over(evidence.trips.minutes, _carried(evidence))


def minutes_over(minutes: pd.DataFrame, weight: NDArray[np.float64]) -> Additive | None:
    """Split a mean of minutes, enterprise × option, into its sums; None where somebody is out of reach.

    Examples
    --------
    >>> minutes_over(pd.DataFrame({"north": [10.0, np.inf]}), np.array([1.0, 2.0])) is None
    True
    """
    if not np.isfinite(minutes.to_numpy()).all():
        return None
    weights = pd.Series(weight, minutes.index)
    return Additive(minutes.mul(weights, axis=0), weights)


def _carried(evidence: Evidence) -> NDArray[np.float64]:
    """Return the test trips a year that each enterprise makes."""
    carried: NDArray[np.float64] = carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
    return carried


# the same on arrays -----------------------------------------------------------------------


def share_covered(taken: NDArray[np.float64], demand: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of all trips that options take within reach.

    Parameters
    ----------
    taken : n_enterprises × n_options
    demand : trips a year, by enterprise, with or without services

    Examples
    --------
    >>> share_covered(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([2.0, 2.0]))
    array([0.75, 0.25])
    """
    share: NDArray[np.float64] = taken.sum(axis=0) / (demand.sum() or np.nan)
    return share


def mean_minutes(minutes: NDArray[np.float64], carried: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over trips of minutes, n_enterprises × n_options; who carries nothing is left out.

    Examples
    --------
    >>> mean_minutes(np.array([[10.0], [20.0], [np.nan]]), np.array([1.0, 3.0, 0.0]))
    array([17.5])
    """
    travels = carried > 0
    mean: NDArray[np.float64] = carried[travels] @ minutes[travels] / (carried.sum() or np.nan)
    return mean
