"""Evidence → one figure an option and criterion (评价指标), raw, in the criterion's own unit.

NaN: the criterion does not apply to the option. ``inf``: no road leads there. Nothing is scored here.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from siting.analysis.cells import numbers, today_of
from siting.analysis.costs import WITH_STAFF
from siting.analysis.coverage import DecayName, covered_trips
from siting.analysis.demand import carried_trips, industry_position, pillar_of, visits
from siting.analysis.inequality import worst_tenth
from siting.types import Evidence

Weighting = Literal["equal", "output", "employment"]


# the criteria, in the order of the base scenario ------------------------------------------


def hours_saved(evidence: Evidence) -> pd.Series:
    """Person-hours a year that enterprises save against today's trips; scaled by the expansion factor.

    Enterprises cut off from the city today have no trip to compare with and are left out.
    """
    return gains(evidence).sum()


def demand_covered(evidence: Evidence, *, cutoff_min: float = 30.0, decay: DecayName = "none") -> pd.Series:
    """Share of the enterprises' test trips that the option takes within the cutoff."""
    taken, demand = covered_trips(evidence, cutoff_min=cutoff_min, decay=decay)
    share = taken.to_numpy().sum(axis=0) / (demand.to_numpy().sum() or np.nan)
    return pd.Series(share, taken.columns)


def mean_trip_min(evidence: Evidence) -> pd.Series:
    """One-way minutes of a test trip, mean over the enterprises' trips; a team at the gate counts 0."""
    minutes = evidence.trips.minutes
    weight = _carried(evidence)
    travels = weight > 0
    total = weight[travels] @ minutes.to_numpy()[travels]
    return pd.Series(total / (weight.sum() or np.nan), minutes.columns)


def industry_coverage(
    evidence: Evidence,
    *,
    cutoff_min: float = 30.0,
    decay: DecayName = "none",
    weighting: Weighting = "equal",
) -> pd.Series:
    """Mean over the pillar industries of the share of each one's demand taken within the cutoff.

    `weighting` of the industries: equal, by output, or by employment of the register. Industries without
    demand are left out.
    """
    shares = industry_shares(evidence, cutoff_min=cutoff_min, decay=decay)
    weights = np.ones(len(shares))
    if weighting != "equal":
        column = {"output": "output_wan", "employment": "employees"}[weighting]
        enterprises = evidence.inputs.enterprises
        size = pd.Series(numbers(enterprises, column, 0.0), enterprises.index)
        by_industry = size.groupby(pillar_of(enterprises, evidence.inputs.industries)).sum()
        weights = by_industry.reindex(shares.index, fill_value=0.0).to_numpy()
    total = weights.sum()
    means = weights @ shares.to_numpy() / total if total > 0 else np.full(shares.shape[1], np.nan)
    return pd.Series(means, shares.columns)


def worst_industry(evidence: Evidence, *, cutoff_min: float = 30.0, decay: DecayName = "none") -> pd.Series:
    """Share of demand taken within the cutoff in the worst-served pillar industry."""
    return industry_shares(evidence, cutoff_min=cutoff_min, decay=decay).min()


def authority(evidence: Evidence) -> pd.Series:
    """Share of all demand, whoever travels, whose report the option may legally issue."""
    demand = visits(evidence.demand, evidence.inputs.services).sum(axis=0)
    issued = evidence.trips.issued
    return pd.Series(demand @ issued.to_numpy() / (demand.sum() or np.nan), issued.columns)


def city_link_hours(evidence: Evidence) -> pd.Series:
    """Hours a year of staff, samples sent on and instruments on the road between option and city.

    Does not apply where no van of the option runs: ``city``, ``mobile`` (its driving is in its cost) and
    laboratories of other counties.
    """
    return evidence.costs["city_link_hours"]


def net_cost_wan(evidence: Evidence) -> pd.Series:
    """Present value of set-up, land on the account chosen and running, 万元; see `costs.costs`."""
    return evidence.costs["net_cost_wan"]


def staff_commute_min(evidence: Evidence) -> pd.Series:
    """One-way minutes between the county seat, where staff live, and the option.

    Applies to options with their own staff at a place: ``build``, ``convert``, ``branch``.
    """
    minutes = evidence.travel.site_to_seat.reindex(evidence.options.index)
    return minutes.where(evidence.options["kind"].isin(WITH_STAFF))


def worst_tenth_min(
    evidence: Evidence, *, weighting: Literal["demand", "enterprises"] = "demand"
) -> pd.Series:
    """One-way minutes of a trip, mean over the worst-served tenth of the demand, or of the enterprises.

    The minutes are those of `regional_minutes`: who is badly served because of where it lies, not of what
    it makes, which `worst_industry` tells.
    """
    return worst_tenth_minutes(evidence, weighting)


# their shared parts -----------------------------------------------------------------------


def gains(evidence: Evidence) -> pd.DataFrame:
    """Person-hours a year that each enterprise saves against today, n_enterprises × n_options.

    0 for an enterprise cut off from the city today. Columns sum to `hours_saved`.
    """
    hours = evidence.trips.hours
    today = hours[today_of(evidence.options)].to_numpy()[:, None]
    known = np.isfinite(today) & np.isfinite(hours.to_numpy())
    saved = np.subtract(today, hours.to_numpy(), out=np.zeros(hours.shape), where=known)
    return pd.DataFrame(saved, hours.index, hours.columns)


def worst_tenth_minutes(
    evidence: Evidence, weighting: Literal["demand", "enterprises"] = "demand"
) -> pd.Series:
    """Average `regional_minutes` over the worst-served tenth, by option."""
    weight = carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
    weight = weight if weighting == "demand" else (weight > 0).astype(float)
    minutes = regional_minutes(evidence)
    return pd.Series([worst_tenth(column, weight) for column in minutes.to_numpy().T], minutes.columns)


def regional_minutes(evidence: Evidence) -> pd.DataFrame:
    """One-way minutes of a trip from each enterprise's place, n_enterprises × n_options.

    Every place is given the county's mix of services, so that places differ by their roads alone: what
    the option takes goes there (0 where a team comes), the rest to the laboratories of today.
    """
    services, travel, options = evidence.inputs.services, evidence.travel, evidence.options
    mix = carried_trips(evidence.demand, services).sum(axis=0)
    mix = mix / (mix.sum() or np.nan)
    column = travel.to_laboratory.columns.get_indexer(services["laboratory"])
    today = travel.to_laboratory.to_numpy()[:, column]
    kind = options["kind"].to_numpy()
    minutes = np.empty((len(today), len(options)))
    for o, option in enumerate(options.index):
        there = {"city": today, "mobile": np.zeros((1, 1))}.get(kind[o])
        if there is None:
            there = np.minimum(travel.to_site[option].to_numpy()[:, None], today)
        minutes[:, o] = _mixed(mix, evidence.trips.taken.iloc[:, o].to_numpy(), there, today)
    return pd.DataFrame(minutes, travel.to_laboratory.index, options.index)


def _mixed(mix: np.ndarray, taken: np.ndarray, there: np.ndarray, today: np.ndarray) -> np.ndarray:
    """Mean over services; a share of nothing adds nothing, even over a road that does not exist."""
    shares = (np.broadcast_to(there, today.shape), mix * taken), (today, mix * (1.0 - taken))
    return sum(minutes[:, share > 0] @ share[share > 0] for minutes, share in shares)


def industry_shares(
    evidence: Evidence, *, cutoff_min: float = 30.0, decay: DecayName = "none"
) -> pd.DataFrame:
    """Share of each pillar industry's demand taken within the cutoff, industry × option.

    Industries whose enterprises carry no test are left out: 0 of 0 is no coverage.
    """
    taken, demand = covered_trips(evidence, cutoff_min=cutoff_min, decay=decay)
    industries = evidence.inputs.industries
    position = industry_position(evidence.inputs.enterprises["industry"], industries)
    pillars = np.flatnonzero(industries["pillar"].to_numpy(dtype=bool))
    member = (position == pillars[:, None]).astype(float)
    total = member @ demand.to_numpy()
    some = total > 0
    shares = (member @ taken.to_numpy())[some] / total[some, None]
    return pd.DataFrame(shares, industries.index[pillars[some]], taken.columns)


def _carried(evidence: Evidence) -> np.ndarray:
    """Return the test trips a year that each enterprise makes."""
    return carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
