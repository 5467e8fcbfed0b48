"""Evidence → what the options are worth against keeping going to the city.

Hours, km, yuan and CO₂ a year, net present value, break-even, prices that tie two sites, what pledges decide.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.annual_tests import visits
from siting.analysis.demand.baseline import check_baseline
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.frames import baseline_option, numbers
from siting.analysis.money.costs import YUAN_PER_WAN, counted_pledges
from siting.analysis.money.costs import EconomicsSettings as EconomicsSettings
from siting.analysis.money.costs import costs as costs
from siting.analysis.money.gains_and_losses import Gains, gains_of
from siting.option_kinds import KINDS, having
from siting.types import Evidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Score = Callable[[Evidence], pd.Series]
"""Evidence → score by option; how a study ranks."""

EXPANSION_FACTORS = (1.0, 3.0, 19.0)
"""Low, likely and high of `register.expansion_factor`, between which results are checked."""


@dataclass(frozen=True)
class Economics:
    """What the options are worth against keeping going to the city."""

    summary: pd.DataFrame
    """By option: ``hours, vehicle_km, user_wan`` (cost of the enterprises' trips), ``co2_t`` a year;
    ``hours_saved, vehicle_km_saved, user_saving_wan, co2_saved_t``; ``inspector_hours`` (shown, not
    counted in any value: whose budget bears it is open); ``report_days`` (working days to the
    report); ``setup_wan, running_year_wan``; ``benefit_wan, cost_wan, npv_wan`` (present values);
    ``break_even_year`` (NaN: not within the horizon); ``break_even_demand`` (multiple of the demand at
    which the net present value is 0, ``inf`` if none)."""
    accounts: pd.DataFrame
    """By option: ``land_financial, land_economic, net_cost_financial, net_cost_economic, npv_financial,
    npv_economic``, 万元."""
    by_expansion: pd.DataFrame
    """Net present value, 万元, option × expansion factor."""
    hinges_on_expansion: bool
    """The option with the highest net present value changes between those factors."""
    offers: pd.DataFrame
    """By site with land offered: ``land_mu, worth_wan`` at the shadow price, ``minutes_per_trip`` (longer
    drive, each way, that the gift pays for)."""
    land_ties: pd.DataFrame
    """Price of the row's land, 万元/亩, at which it ties with the column in the financial account (等效价格);
    see `land_price_to_tie`. Empty without a scoring whose net cost counts straight between anchors."""
    ledger: pd.DataFrame
    """The pledges with ``worth_wan`` (NaN: no amount stated), ``firm, counted``."""
    pledge_scores: pd.DataFrame
    """Score by option in the financial account under ``all, firm, none``; empty without a scoring."""
    pledge_decides: tuple[str, ...]
    """Pledges without which, in the financial account, another option would come first."""
    gains: Gains
    """Who gains and who loses."""


def assess(
    evidence: Evidence,
    settings: EconomicsSettings | None = None,
    *,
    trip_settings: TripSettings | None = None,
    score: Score | None = None,
    cost_anchors: tuple[float, float] | None = None,
    cost_weight: float = 0.0,
) -> Economics:
    """Assess every option by costs and benefits (《建设项目经济评价方法与参数》第三版, 有无对比法).

    The benefit is what enterprises' trips cost less than today: hours at the value of time, km, tolls.
    Options with own staff bring none until they are accredited, then ramp up; the others serve from the
    first year. Costs fall due in full from the start, as staff are trained before they may report.

    Parameters
    ----------
    evidence : of the study
    settings : as the evidence was made with; defaults if None
    trip_settings : persons on a trip; defaults if None
    score : the study's scoring, to see what pledges decide; may be left out
    cost_anchors, cost_weight : net costs that score 0 and 1 on a straight line, 万元, and their weight in
        that scoring, to see at what price of land two sites tie; may be left out

    Raises
    ------
    InputError
        Of no enterprise are the trips of today known; see `check_baseline`.
    """
    check_baseline(evidence)
    settings, trip_settings = settings or EconomicsSettings(), trip_settings or TripSettings()
    summary = _summary(evidence, settings)
    accounts = _accounts(evidence, settings, summary["benefit_wan"])
    by_expansion = npv_by_expansion(evidence, settings, EXPANSION_FACTORS)
    scores, ties = pd.DataFrame(index=evidence.options.index), pd.DataFrame()
    decisive: tuple[str, ...] = ()
    if score is not None:
        scores, decisive = pledge_scores(evidence, settings, score)
    if score is not None and cost_anchors is not None and cost_weight > 0:
        ties = land_ties(evidence, settings, score, anchors=cost_anchors, weight=cost_weight)
    return Economics(
        summary=summary,
        accounts=accounts,
        by_expansion=by_expansion,
        hinges_on_expansion=by_expansion.idxmax().nunique() > 1,
        offers=offers(evidence, settings, trip_settings),
        land_ties=ties,
        ledger=ledger(evidence, settings),
        pledge_scores=scores,
        pledge_decides=decisive,
        gains=gains_of(evidence),
    )


# a year against today ---------------------------------------------------------------------


def user_cost_wan(evidence: Evidence, settings: EconomicsSettings) -> pd.DataFrame:
    """Return what the enterprises' trips cost a year, 万元, n_enterprises × n_options: time, km, tolls."""
    trips = evidence.trips
    yuan = (
        trips.hours * settings.value_of_time_yuan_h
        + trips.vehicle_km * settings.vehicle_cost_yuan_km
        + trips.city_trips * 2.0 * settings.toll_yuan
    )
    return yuan / YUAN_PER_WAN


def report_days(evidence: Evidence, settings: EconomicsSettings) -> pd.Series:
    """Return the working days to the report, mean over all tests, by option.

    What an option takes and signs in the county takes the catalogue's ``centre_days``, all else
    ``city_days``, and at a collection window half the days between two runs of its van besides; services
    without a stated time are left out.
    """
    services, trips = evidence.inputs.services, evidence.trips
    city, centre = numbers(services, "city_days"), numbers(services, "centre_days")
    known = ~np.isnan(city) & ~np.isnan(centre)
    tests = evidence.demand.tests.to_numpy().sum(axis=0) * known
    kinds = evidence.options["kind"]
    here = trips.taken.to_numpy() * trips.issued.to_numpy()
    here = here * having(kinds, lambda kind: not kind.of_the_city)
    days = np.where(known, city, 0.0)[:, None] * (1 - here) + np.where(known, centre, 0.0)[:, None] * here
    if settings.city_runs_per_year > 0:
        waiting = settings.working_days_per_year / settings.city_runs_per_year / 2.0
        by_van = having(kinds, lambda kind: kind.runs_van and kind.of_the_city)
        days += trips.taken.to_numpy() * by_van * waiting
    return pd.Series(tests @ days / (tests.sum() or np.nan), evidence.options.index, name="report_days")


def inspector_hours(evidence: Evidence, settings: EconomicsSettings) -> pd.Series:
    """Return the person-hours a year that inspectors spend on the road, by option.

    What an option with inspectors in the county takes is driven to from there, all else from the city,
    each visit by itself; enterprises that no road leads to are left out.
    """
    services, travel = evidence.inputs.services, evidence.travel
    out = (services["trip_kind"] == "inspector_out").to_numpy()
    from_city = 2.0 * travel.city_to_enterprise.to_numpy(float)
    calls = visits(evidence.demand, services)[:, out] * evidence.demand.expansion_factor
    reached = np.isfinite(from_city)
    hours = {}
    for option, kind in evidence.options["kind"].items():
        from_there = from_city
        if not KINDS[kind].of_the_city:
            both_ways = travel.from_site[option].to_numpy() + travel.to_site[option].to_numpy()
            from_there = np.minimum(both_ways, from_city)
        share = evidence.trips.taken[option].to_numpy()[out]
        minutes = np.outer(from_there[reached], share) + np.outer(from_city[reached], 1.0 - share)
        hours[option] = (calls[reached] * minutes).sum() / 60.0 * settings.city_run_persons
    return pd.Series(hours, name="inspector_hours")


def _saved(amounts: pd.DataFrame, baseline: object) -> pd.Series:
    """Sum over enterprises of today less each option; who is cut off today has nothing to compare."""
    values = amounts.to_numpy()
    now = amounts[baseline].to_numpy()[:, None]
    known = np.isfinite(values) & np.isfinite(now)
    return pd.Series(
        np.subtract(now, values, out=np.zeros(values.shape), where=known).sum(0), amounts.columns
    )


def _summary(evidence: Evidence, settings: EconomicsSettings) -> pd.DataFrame:
    baseline, trips, cost = baseline_option(evidence.options), evidence.trips, evidence.costs
    users = user_cost_wan(evidence, settings)
    table = pd.DataFrame(
        {
            "hours": trips.hours.sum(),
            "vehicle_km": trips.vehicle_km.sum(),
            "user_wan": users.sum(),
            "co2_t": trips.vehicle_km.sum() * settings.co2_kg_km / 1000.0,
            "hours_saved": _saved(trips.hours, baseline),
            "vehicle_km_saved": _saved(trips.vehicle_km, baseline),
            "user_saving_wan": _saved(users, baseline),
            "inspector_hours": inspector_hours(evidence, settings),
            "report_days": report_days(evidence, settings),
            "setup_wan": cost[list(_ONCE)].sum(axis=1),
            "running_year_wan": cost[list(_YEARLY)].sum(axis=1),
        }
    )
    table.insert(7, "co2_saved_t", table["vehicle_km_saved"] * settings.co2_kg_km / 1000.0)
    flows = _cash_flows(evidence.options["kind"], cost, table["user_saving_wan"], settings)
    discounted = flows * _discount(settings)
    benefit = _benefit_profile(evidence.options["kind"], settings) @ _discount(settings)
    table["benefit_wan"] = table["user_saving_wan"] * benefit
    table["cost_wan"] = cost["net_cost_wan"]
    table["npv_wan"] = table["benefit_wan"] - table["cost_wan"]
    table["break_even_year"] = _break_even_year(discounted)
    table["break_even_demand"] = _break_even_demand(cost, table["benefit_wan"], settings)
    table.loc[baseline, ["break_even_year", "break_even_demand"]] = np.nan
    return table


# over the horizon -------------------------------------------------------------------------

_ONCE = ("setup_building", "setup_equipment", "land", "land_preparation", "pledged")
_YEARLY = ("running_year", "city_run_year", "mobile_year")


def _discount(settings: EconomicsSettings) -> np.ndarray:
    """Discount factors of the years 0 … horizon."""
    return (1.0 + settings.discount_rate) ** -np.arange(settings.horizon_years + 1.0)


def _benefit_profile(kinds: pd.Series, settings: EconomicsSettings) -> np.ndarray:
    """Share of the full yearly benefit that falls in each year 0 … horizon, n_options × n_years."""
    year = np.arange(settings.horizon_years + 1.0)
    at_once = (year >= 1).astype(float)
    later = np.clip((year - settings.years_to_accreditation) / settings.ramp_up_years, 0.0, 1.0)
    return np.where(having(kinds, lambda kind: kind.own_staff)[:, None], later, at_once)


def _cash_flows(
    kind: pd.Series, cost: pd.DataFrame, saving_wan: pd.Series, settings: EconomicsSettings
) -> np.ndarray:
    """Benefit less cost, 万元, n_options × years 0 … horizon, not discounted."""
    flows: NDArray[np.float64] = _benefit_profile(kind, settings) * saving_wan.to_numpy()[:, None]
    flows[:, 0] -= cost[list(_ONCE)].to_numpy().sum(axis=1)
    flows[:, 1:] -= cost[list(_YEARLY)].to_numpy().sum(axis=1)[:, None]
    renewals = np.arange(settings.equipment_life_years, settings.horizon_years, settings.equipment_life_years)
    flows[:, renewals] -= cost["setup_equipment"].to_numpy()[:, None]
    return flows


def _break_even_year(discounted: np.ndarray) -> np.ndarray:
    """First year from which the discounted sum stays at or above 0; NaN if never."""
    behind = np.cumsum(discounted, axis=1) < -1e-9
    last_behind = behind.shape[1] - 1 - np.argmax(behind[:, ::-1], axis=1)
    year = np.where(behind.any(axis=1), last_behind + 1.0, 0.0)
    return np.where(behind[:, -1], np.nan, year)


def _break_even_demand(cost: pd.DataFrame, benefit_wan: pd.Series, settings: EconomicsSettings) -> np.ndarray:
    """Multiple of the demand at which the net present value is 0; mobile costs grow with the demand."""
    variable, fixed = _variable_and_fixed(cost, settings)
    margin = benefit_wan.to_numpy() - variable
    multiple: NDArray[np.float64] = np.divide(fixed, margin, out=np.full(len(cost), np.inf), where=margin > 0)
    return np.maximum(multiple, 0.0)


def _variable_and_fixed(cost: pd.DataFrame, settings: EconomicsSettings) -> tuple[np.ndarray, np.ndarray]:
    """Split the net costs, 万元, into what grows with the demand and what does not.

    Where mobile teams would need a road that does not exist, both are ``inf``.
    """
    variable = (cost["mobile_year"] * _discount(settings)[1:].sum()).to_numpy()
    rest = np.full(len(cost), np.inf)
    return variable, np.subtract(cost["net_cost_wan"].to_numpy(), variable, out=rest, where=variable < np.inf)


def npv_by_expansion(
    evidence: Evidence, settings: EconomicsSettings, factors: Sequence[float]
) -> pd.DataFrame:
    """Return the net present value, 万元, option × expansion factor: yuan scale, buildings do not."""
    saving = _saved(user_cost_wan(evidence, settings), baseline_option(evidence.options))
    weight = _benefit_profile(evidence.options["kind"], settings) @ _discount(settings)
    variable, fixed = _variable_and_fixed(evidence.costs, settings)
    margin = saving * weight - variable
    scale = [factor / evidence.demand.expansion_factor for factor in factors]
    return pd.DataFrame({f: margin * s - fixed for f, s in zip(factors, scale, strict=True)})


# land and pledges -------------------------------------------------------------------------


def _costs_under(evidence: Evidence, settings: EconomicsSettings, pledges: pd.DataFrame) -> pd.DataFrame:
    inputs = evidence.inputs
    return costs(inputs.sites, inputs.services, pledges, evidence.travel, evidence.trips, settings)


def _accounts(evidence: Evidence, settings: EconomicsSettings, benefit_wan: pd.Series) -> pd.DataFrame:
    tables = {}
    for account in ("financial", "economic"):
        on = settings.model_copy(update={"account": account})
        tables[account] = _costs_under(evidence, on, evidence.inputs.pledges)
    columns = {f"land_{a}": t["land"] for a, t in tables.items()}
    columns |= {f"net_cost_{a}": t["net_cost_wan"] for a, t in tables.items()}
    columns |= {f"npv_{a}": benefit_wan - t["net_cost_wan"] for a, t in tables.items()}
    return pd.DataFrame(columns)


def _on_new_land(sites: pd.DataFrame) -> np.ndarray:
    return having(sites["kind"], lambda kind: kind.on_new_land)


def offers(evidence: Evidence, settings: EconomicsSettings, trip_settings: TripSettings) -> pd.DataFrame:
    """Say what land offered free is worth, in 万元 and in minutes of driving.

    The gift pays for a drive longer by m minutes each way: worth = m × 2 × trips a year to the site ×
    (persons × value of time + vehicle cost at the mean speed) × present value of the benefit years.
    """
    sites = evidence.options
    offered = sites.index[_on_new_land(sites) & (numbers(sites, "land_price_wan") == 0)]
    weight = pd.Series(_benefit_profile(sites["kind"], settings) @ _discount(settings), sites.index)
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
        rows[site] = (area[site], worth, worth / yearly_wan if yearly_wan > 0 else np.inf)
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
    area_mu, price_wan_mu : n, 亩 and 万元/亩
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
        area,
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
        firm=pledges["firmness"].isin(["signed", "paid"]),
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
