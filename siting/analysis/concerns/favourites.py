"""Hours and minutes → the site that suits each enterprise best, and what another one costs it a year."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from siting.analysis.demand.annual_tests import visits
from siting.types import Evidence

_TINY_H = 1e-6
"""Hours a year below which two sites are the same to an enterprise."""


def favourites(evidence: Evidence, sites: Sequence[str], chosen: str) -> pd.DataFrame:
    """Find the site of fewest hours for each enterprise, the nearest of several alike.

    Parameters
    ----------
    evidence
    sites : those in the running
    chosen : one of them, that the others are held against

    Returns
    -------
    By enterprise: ``favourite`` (missing where no road leads to any site), ``minutes`` (one way, to it),
    ``hours`` (person-hours of its trips a year then), ``chosen_minutes``, and ``extra_hours`` that the chosen
    one costs it more a year; scaled by the expansion factor, like all hours.
    """
    listed = list(sites)
    hours = evidence.trips.hours[listed].to_numpy(float)
    minutes = evidence.travel.to_site[listed].to_numpy(float)
    best = hours.min(axis=1)
    with np.errstate(invalid="ignore"):
        alike = np.where(hours <= best[:, None] + _TINY_H, minutes, np.inf)
    position = alike.argmin(axis=1)
    reached = np.isfinite(alike.min(axis=1))
    rows = np.arange(len(hours))
    column = listed.index(chosen)
    with np.errstate(invalid="ignore"):
        extra = hours[:, column] - best
    names = np.array(listed, dtype=object)[position]
    return pd.DataFrame(
        {
            "favourite": np.where(reached, names, None),
            "minutes": np.where(reached, minutes[rows, position], np.nan),
            "hours": np.where(reached, best, np.nan),
            "chosen_minutes": minutes[:, column],
            "extra_hours": np.where(reached, np.where(extra > _TINY_H, extra, 0.0), np.nan),
        },
        index=evidence.trips.hours.index,
    )


def favourites_by_site(evidence: Evidence, found: pd.DataFrame, sites: Sequence[str]) -> pd.DataFrame:
    """Sum up who favours which site: ``enterprises, demand`` (share of all visits), ``extra_hours``.

    Parameters
    ----------
    found : of `favourites`, for the same sites
    """
    errands = visits(evidence.demand, evidence.inputs.services).sum(axis=1)
    table = found.assign(enterprises=1, demand=errands / (errands.sum() or np.nan))
    sums = table.groupby("favourite")[["enterprises", "demand", "extra_hours"]].sum()
    return sums.reindex(list(sites), fill_value=0.0).astype({"enterprises": int})
