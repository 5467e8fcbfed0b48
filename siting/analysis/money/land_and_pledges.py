"""Evidence → what land offered free is worth, the prices of land that tie two sites, what pledges decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.frames import numbers
from siting.analysis.money.costs import costs
from siting.analysis.money.flows import use_shares
from siting.analysis.money.formulas import discount_factors
from siting.analysis.money.money_settings import YUAN_PER_WAN, EconomicsSettings
from siting.analysis.money.pledged import FIRM, counted_pledges
from siting.option_kinds import having
from siting.types import Evidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Score = Callable[[Evidence], pd.Series]
"""Evidence → score by option; how a study ranks."""


def _costs_under(evidence: Evidence, settings: EconomicsSettings, pledges: pd.DataFrame) -> pd.DataFrame:
    inputs = evidence.inputs
    tables = inputs.sites, inputs.services, pledges
    return costs(*tables, evidence.demand, evidence.travel, evidence.trips, settings)


def _on_new_land(sites: pd.DataFrame) -> np.ndarray:
    return having(sites["kind"], lambda kind: kind.on_new_land)


def _price_of_use(settings: EconomicsSettings) -> float:
    """Share of the price of land that its use over the horizon costs, as it keeps its price."""
    return float(1.0 - discount_factors(settings.discount_rate, settings.horizon_years)[-1])


def offers(evidence: Evidence, settings: EconomicsSettings, trip_settings: TripSettings) -> pd.DataFrame:
    """Say what land offered free is worth, in 万元 and in minutes of driving.

    The gift of its use, until the land goes back at the end of the horizon, pays for a drive longer by m
    minutes each way: worth = m × 2 × trips a year to the site × (persons × value of time + vehicle cost at
    the mean speed) × present value of the benefit years.
    """
    sites = evidence.options
    offered = sites.index[_on_new_land(sites) & (numbers(sites, "land_price_wan") == 0)]
    accredited = having(sites["kind"], lambda kind: kind.own_staff)
    factors = discount_factors(settings.discount_rate, settings.horizon_years)
    weight = pd.Series(use_shares(~accredited, settings) @ factors, sites.index)
    area = pd.Series(numbers(sites, "land_area_mu", settings.site_area_mu), sites.index)
    rows = {}
    for site in offered:
        minutes, km = evidence.travel.to_site[site], evidence.travel.to_site_km[site]
        speed_kmh = 60.0 * km[np.isfinite(km)].sum() / (minutes[np.isfinite(minutes)].sum() or np.nan)
        per_hour = trip_settings.persons * settings.value_of_time_yuan_h
        per_hour += np.nan_to_num(speed_kmh) * settings.vehicle_cost_yuan_km
        trips_a_year = (evidence.trips.trips[site] - evidence.trips.city_trips[site]).sum()
        worth = area[site] * settings.land_price_wan_mu
        yearly_wan = 2.0 * trips_a_year * per_hour / 60.0 / YUAN_PER_WAN * weight[site]
        used = worth * _price_of_use(settings)
        rows[site] = (area[site], worth, used / yearly_wan if yearly_wan > 0 else np.inf)
    columns = ["land_mu", "worth_wan", "minutes_per_trip"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=float)


def land_price_to_tie(
    scores: ArrayLike,
    net_cost_wan: ArrayLike,
    area_mu: ArrayLike,
    price_wan_mu: ArrayLike,
    *,
    anchors: tuple[float, float],
    weight: float,
) -> np.ndarray:
    """Return the land price of each option at which it ties with each other one.

    Score_i(p) = score_i + w (v(c_i + a_i (p − p_i)) − v(c_i)) with v straight between the anchors and
    clipped: the price is exact, and NaN where no price within the anchors ties, or no price at all since
    the net cost is infinite (no road leads to the option).

    Parameters
    ----------
    scores : n, 0..1
    net_cost_wan : n, 万元, with the land at `price_wan_mu`
    area_mu, price_wan_mu : n, 亩 and 万元/亩; the area times the share of the price that its use costs
    anchors : net costs that score 0 and 1
    weight : of net cost in the score, 0..1

    Returns
    -------
    array n × n, 万元/亩; row's price that ties it with the column; below 0: even free land would not do,
    and so much more a mu would have to be given; NaN on the diagonal
    """
    score, cost, area, price = (np.asarray(a, float) for a in (scores, net_cost_wan, area_mu, price_wan_mu))
    worst, best = anchors
    value = np.clip((cost - worst) / (best - worst), 0.0, 1.0)
    gap = score[None, :] - score[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = value[:, None] + gap / weight
        tie_cost = worst + needed * (best - worst)
        tie = price[:, None] + (tie_cost - cost[:, None]) / area[:, None]
    possible = (needed >= 0) & (needed <= 1) & (area > 0)[:, None] & ~np.eye(len(score), dtype=bool)
    possible &= np.isfinite(cost)[:, None]
    return np.where(possible, tie, np.nan)


def land_ties(
    evidence: Evidence,
    settings: EconomicsSettings,
    score: Score,
    *,
    anchors: tuple[float, float],
    weight: float,
) -> pd.DataFrame:
    """Return `land_price_to_tie` between the options in the financial account, option × option, 万元/亩."""
    financial = settings.model_copy(update={"account": "financial"})
    cost = _costs_under(evidence, financial, evidence.inputs.pledges)
    sites = evidence.options
    area = np.where(_on_new_land(sites), numbers(sites, "land_area_mu", settings.site_area_mu), 0.0)
    price = np.divide(cost["land"].to_numpy(), area, out=np.zeros(len(sites)), where=area > 0)
    ties = land_price_to_tie(
        score(replace(evidence, costs=cost)).reindex(sites.index),
        cost["net_cost_wan"],
        area * _price_of_use(settings),
        price,
        anchors=anchors,
        weight=weight,
    )
    return pd.DataFrame(ties, sites.index, sites.index)


def ledger(evidence: Evidence, settings: EconomicsSettings) -> pd.DataFrame:
    """Return the pledges with their worth, 万元, and which of them the financial account counts.

    Land is worth the shadow price; where no area is stated the site's is taken. NaN: nothing stated.
    """
    pledges, sites = evidence.inputs.pledges, evidence.options
    area = pd.Series(numbers(pledges, "land_mu"), pledges.index)
    price = pd.Series(numbers(sites, "land_price_wan"), sites.index)
    offered = pledges["site"].map(price).astype(float) == 0
    site_area = pd.Series(numbers(sites, "land_area_mu", settings.site_area_mu), sites.index)
    area = area.fillna(pledges["site"].map(site_area).astype(float).where(offered))
    money = pd.Series(numbers(pledges, "amount_wan"), pledges.index)
    land = area * settings.land_price_wan_mu
    financial = settings.model_copy(update={"account": "financial"})
    return pledges.assign(
        worth_wan=money.add(land, fill_value=0.0),
        firm=pledges["firmness"].isin(FIRM),
        counted=counted_pledges(pledges, financial),
    )


def pledge_scores(
    evidence: Evidence, settings: EconomicsSettings, score: Score
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Score the options in the financial account with all pledges, only firm ones, and none.

    Only net cost can move. Conflicts of interest stay out unless the scenario counts them.

    Returns
    -------
    scores : option × ``all, firm, none``
    decisive : pledges without which, all others counted, another option would come first
    """
    financial = settings.model_copy(update={"account": "financial"})
    pledges = evidence.inputs.pledges

    def scored(counted: str, kept: pd.DataFrame) -> pd.Series:
        on = financial.model_copy(update={"pledges": counted})
        return score(replace(evidence, costs=_costs_under(evidence, on, kept)))

    scores = pd.DataFrame({counted: scored(counted, pledges) for counted in ("all", "firm", "none")})
    winner = scores["all"].idxmax()
    counted = counted_pledges(pledges, financial.model_copy(update={"pledges": "all"}))
    decisive = [p for p in pledges.index[counted] if scored("all", pledges.drop(index=p)).idxmax() != winner]
    return scores, tuple(decisive)
