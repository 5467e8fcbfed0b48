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
    weights: NDArray[np.floating] = np.ones(len(shares))
    if weighting != "equal":
        column = {"output": "output_wan", "employment": "employees"}[weighting]
        enterprises = evidence.inputs.enterprises
        size = pd.Series(numbers(enterprises, column, 0.0), enterprises.index)
        by_industry = size.groupby(pillar_of(enterprises, evidence.inputs.industries)).sum()
        weights = by_industry.reindex(shares.index, fill_value=0.0).to_numpy()
    total = weights.sum()
    means = weights @ shares.to_numpy() / total if total > 0 else np.full(shares.shape[1], np.nan)
    return pd.Series(means, shares.columns)


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
    return pd.Series(demand @ issued.to_numpy() / (demand.sum() or np.nan), issued.columns)


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
    pillars = np.flatnonzero(industries["pillar"].to_numpy(dtype=bool))
    member = (position == pillars[:, None]).astype(float)
    total = member @ demand.to_numpy()
    some = total > 0
    shares = (member @ taken.to_numpy())[some] / total[some, None]
    return pd.DataFrame(shares, industries.index[pillars[some]], taken.columns)
