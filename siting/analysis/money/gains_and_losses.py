"""Trips → who gains and who loses: hours a year against today by enterprise, and by town, industry, size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.access.inequality import gini, worst_tenth_minutes
from siting.analysis.demand.annual_tests import carried_trips, pillar_of
from siting.analysis.demand.baseline import time_savings
from siting.analysis.frames import baseline_option, numbers
from siting.types import Evidence

SIZES = ((0.0, "micro"), (20.0, "small"), (300.0, "medium"), (1000.0, "large"))
"""Employees from which an industrial enterprise is of a size (《统计上大中小微型企业划分办法》, 2011)."""


@dataclass(frozen=True)
class Gains:
    """Hours a year against today; rows scaled by the expansion factor, like the criterion they sum to."""

    hours: pd.DataFrame
    """n_enterprises × n_options, person-hours a year saved; below 0: lost."""
    regret: pd.DataFrame
    """The same shape: hours that the enterprise's favourite would save more."""
    enterprises: pd.DataFrame
    """By enterprise: ``favourite`` (option that saves most; today's if none saves), ``favourite_hours``,
    ``town, industry, size``."""
    by_option: pd.DataFrame
    """By option: ``better_off, worse_off`` (shares of the enterprises that make test trips), ``favourite_of``
    (enterprises), ``gini`` of the one-way minutes, weighted by trips (NaN where an enterprise is cut off),
    ``worst_tenth_min`` as the criterion."""
    by_group: pd.DataFrame
    """Long table: ``dimension`` (town, industry, size), ``group, option, enterprises, hours_saved,
    better_off``."""


def gains_of(evidence: Evidence) -> Gains:
    """Work out who gains and who loses under each option."""
    hours = time_savings(evidence)
    carried = carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
    best = hours.max(axis=1)
    baseline = baseline_option(evidence.options)
    favourite = hours.idxmax(axis=1).where(best > _TINY_H, baseline)
    enterprises = evidence.inputs.enterprises
    table = pd.DataFrame(
        {
            "favourite": favourite,
            "favourite_hours": best.clip(lower=0.0),
            "town": enterprises.get("town", pd.Series(None, enterprises.index, dtype=object)),
            "industry": pillar_of(enterprises, evidence.inputs.industries),
            "size": size_of(enterprises),
        },
        index=hours.index,
    )
    return Gains(
        hours=hours,
        regret=hours.rsub(best, axis=0),
        enterprises=table,
        by_option=_by_option(evidence, hours, favourite, carried),
        by_group=_by_group(hours, table),
    )


_TINY_H = 1e-9
"""Below this an hour saved is rounding."""


def size_of(enterprises: pd.DataFrame) -> NDArray[np.object_]:
    """Size of each enterprise by its employees, see `SIZES`; None where they are not known."""
    employees = numbers(enterprises, "employees")
    ends = [end for end, _ in SIZES]
    names = np.array([name for _, name in SIZES], dtype=object)
    sizes: NDArray[np.object_] = names[np.searchsorted(ends, employees, side="right") - 1]
    sizes[np.isnan(employees)] = None
    return sizes


def _by_option(
    evidence: Evidence, hours: pd.DataFrame, favourite: pd.Series, carried: np.ndarray
) -> pd.DataFrame:
    travels = carried > 0
    minutes = evidence.trips.minutes.to_numpy()
    saved = hours.to_numpy()[travels]
    many = max(len(saved), 1)
    return pd.DataFrame(
        {
            "better_off": (saved > _TINY_H).sum(axis=0) / many,
            "worse_off": (saved < -_TINY_H).sum(axis=0) / many,
            "favourite_of": favourite.value_counts().reindex(hours.columns, fill_value=0),
            "gini": [_gini(column[travels], carried[travels]) for column in minutes.T],
            "worst_tenth_min": worst_tenth_minutes(evidence),
        },
        index=hours.columns,
    )


def _gini(minutes: np.ndarray, weights: np.ndarray) -> float:
    return gini(minutes, weights) if len(minutes) and np.isfinite(minutes).all() else float("nan")


def _by_group(hours: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for dimension in ("town", "industry", "size"):
        keys = table[dimension]
        grouped = pd.DataFrame(
            {
                "enterprises": hours.notna().groupby(keys).sum().stack(),
                "hours_saved": hours.groupby(keys).sum().stack(),
                "better_off": (hours > _TINY_H).groupby(keys).mean().stack(),
            }
        )
        grouped.index.names = ["group", "option"]
        parts.append(grouped.reset_index().assign(dimension=dimension))
    columns = ["dimension", "group", "option", "enterprises", "hours_saved", "better_off"]
    return pd.concat(parts, ignore_index=True)[columns]
