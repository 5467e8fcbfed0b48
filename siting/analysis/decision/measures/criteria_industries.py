"""Evidence → the criteria of industries (产业支撑): pillar industries, authority; raw, in own units."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.access.coverage import CUTOFF_MIN, FULL_MIN, DecayName, covered_trips
from siting.analysis.decision.additive import Additive
from siting.analysis.demand.annual_tests import industry_position, pillar_of, visits
from siting.analysis.frames import numbers
from siting.types import Evidence

Weighting = Literal["equal", "output", "employment"]


def industry_coverage(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
    weighting: Weighting = "equal",
) -> pd.Series:
    """Mean over the pillar industries of the share of each one's demand covered.

    `weighting` of the industries: equal, by output, or by employment of the register. Industries without
    demand are left out.
    """
    shares = industry_shares(evidence, cutoff_min=cutoff_min, decay=decay, full_min=full_min)
    weights: NDArray[np.float64] = np.ones(len(shares))
    if weighting != "equal":
        column = {"output": "output_wan", "employment": "employees"}[weighting]
        enterprises = evidence.inputs.enterprises
        size = pd.Series(numbers(enterprises, column, 0.0), enterprises.index)
        by_industry = size.groupby(pillar_of(enterprises, evidence.inputs.industries)).sum()
        weights = np.asarray(by_industry.reindex(shares.index, fill_value=0.0), np.float64)
    return pd.Series(mean_share(shares.to_numpy(), weights), shares.columns)


def industry_coverage_components(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
    weighting: Weighting = "equal",
) -> Additive | None:
    """Split `industry_coverage` into trips taken over trips made; None where industries weigh unequally."""
    if weighting != "equal":
        return None
    return _shares_by_pillar(evidence, cutoff_min, decay, full_min, "mean")


def worst_industry(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> pd.Series:
    """Share of demand covered in the worst-served pillar industry."""
    return industry_shares(evidence, cutoff_min=cutoff_min, decay=decay, full_min=full_min).min()


def worst_industry_components(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> Additive:
    """Split `worst_industry` into trips taken over trips made."""
    return _shares_by_pillar(evidence, cutoff_min, decay, full_min, "min")


def _shares_by_pillar(
    evidence: Evidence,
    cutoff_min: float,
    decay: DecayName,
    full_min: float,
    over: Literal["mean", "min"],
) -> Additive:
    inputs = evidence.inputs
    pillars = inputs.industries.index[inputs.industries["pillar"].astype(bool)]
    pillar = pillar_of(inputs.enterprises, inputs.industries)
    taken, demand = covered_trips(evidence, cutoff_min=cutoff_min, decay=decay, full_min=full_min)
    return Additive(taken, demand, pillar.where(pillar.isin(pillars)), over)


def authority(evidence: Evidence) -> pd.Series:
    """Share of all demand, whoever travels, whose report the option may legally issue."""
    demand = visits(evidence.demand, evidence.inputs.services).sum(axis=0)
    issued = evidence.trips.issued
    return pd.Series(share_issued(demand, issued.to_numpy()), issued.columns)


def authority_components(evidence: Evidence) -> Additive:
    """Split `authority` into tests whose report the option may issue over all tests."""
    demand = pd.DataFrame(visits(evidence.demand, evidence.inputs.services), evidence.demand.tests.index)
    issued = evidence.trips.issued
    reported = pd.DataFrame(demand.to_numpy() @ issued.to_numpy(), demand.index, issued.columns)
    return Additive(reported, demand.sum(axis=1))


def industry_shares(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> pd.DataFrame:
    """Share of each pillar industry's demand covered, industry × option.

    Industries whose enterprises carry no test are left out: 0 of 0 is no coverage.
    """
    taken, demand = covered_trips(evidence, cutoff_min=cutoff_min, decay=decay, full_min=full_min)
    industries = evidence.inputs.industries
    position = industry_position(evidence.inputs.enterprises["industry"], industries)
    is_pillar = industries["pillar"].to_numpy(dtype=bool)
    shares, rows = covered_by_industry(taken.to_numpy(), demand.to_numpy(), position, is_pillar)
    return pd.DataFrame(shares, industries.index[rows], taken.columns)


# the same on arrays -----------------------------------------------------------------------


def covered_by_industry(
    taken: NDArray[np.float64],
    demand: NDArray[np.float64],
    industry: NDArray[np.int64],
    is_pillar: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return covered shares, industry × option, and the industries: the pillars that make trips.

    Parameters
    ----------
    taken : n_enterprises × n_options
    demand, industry : by enterprise, trips a year and row of the industries
    is_pillar : by industry

    Examples
    --------
    >>> taken, pillars = np.array([[2.0], [1.0], [9.0]]), np.array([True, False, True])
    >>> covered_by_industry(taken, np.array([2.0, 2.0, 9.0]), np.array([0, 0, 1]), pillars)
    (array([[0.75]]), array([0]))
    """
    pillars = np.flatnonzero(is_pillar)
    member = (industry == pillars[:, None]).astype(float)
    total = member @ demand
    some = total > 0
    return (member @ taken)[some] / total[some, None], pillars[some]


def mean_share(shares: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weighted mean over industries, by option; NaN without any weight.

    Examples
    --------
    >>> mean_share(np.array([[0.5], [1.0]]), np.array([1.0, 3.0]))
    array([0.875])
    """
    total = weights.sum()
    return weights @ shares / total if total > 0 else np.full(shares.shape[1], np.nan)


def share_issued(demand: NDArray[np.float64], issued: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the demand, by service, whose report options may issue.

    Examples
    --------
    >>> share_issued(np.array([3.0, 1.0]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    array([0.75, 0.25])
    """
    share: NDArray[np.float64] = demand @ issued / (demand.sum() or np.nan)
    return share
