"""Trips, options and prices → what each option costs.

Two accounts (《建设项目经济评价方法与参数》第三版): *financial* takes land at its price or as offered;
*economic* charges every site the same shadow price, as a gift is only a transfer. 万元 = 10⁴ yuan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from siting.analysis.frames import baseline_option, numbers
from siting.option_kinds import KINDS, having
from siting.types import Settings

if TYPE_CHECKING:
    from siting.types import TravelTimes, Trips

Account = Literal["financial", "economic"]
Counted = Literal["all", "firm", "none"]

FIRM = ("signed", "paid")
"""Firmness from which a pledge binds; before that it is an intention (意向)."""

YUAN_PER_WAN = 10_000.0


class EconomicsSettings(Settings):
    """``[economics]``: prices, costs, and the account on which options are compared."""

    account: Account = "economic"
    """``financial``: land at its price or as offered; ``economic``: the same shadow price for all sites."""
    pledges: Counted = "all"
    """Pledges that the financial account counts: all, only firm ones (signed, paid), none."""
    count_conflicts: bool = False
    """Count money from enterprises that the centre would inspect; out by default, shown apart."""
    value_of_time_yuan_h: float = Field(default=23.0, ge=0)
    """Value of an hour of an enterprise's staff, yuan (`value_of_time`)."""
    vehicle_cost_yuan_km: float = Field(default=1.0, ge=0)
    """Cost of driving, yuan a km (`trip.vehicle_cost`)."""
    toll_yuan: float = Field(default=40.0, ge=0)
    """Toll of one way to the city, yuan (`trip.toll_S1_full`)."""
    co2_kg_km: float = Field(default=0.20, ge=0)
    """Carbon dioxide, kg a vehicle-km (`trip.co2`)."""
    discount_rate: float = Field(default=0.08, ge=0, lt=1)
    """Discount rate, 1/a (`discount_rate`)."""
    horizon_years: int = Field(default=20, ge=1, le=100)
    """Years counted (`horizon`)."""
    years_to_accreditation: int = Field(default=2, ge=0, le=20)
    """Years of cost without benefit of a new centre, until it is built, staffed and accredited
    (`centre.years_to_accreditation`)."""
    ramp_up_years: int = Field(default=3, ge=1, le=20)
    """Years over which enterprises come over after that, in equal steps (assumed)."""
    equipment_life_years: int = Field(default=9, ge=1, le=100)
    """Equipment is renewed after so many years (middle of the 8–10 of `centre.equipment_phase1`)."""
    area_m2: float = Field(default=2500.0, ge=0)
    """Floor area of phase 1, m² (`centre.area_phase1`)."""
    building_cost_wan_m2: float = Field(default=0.20, ge=0)
    """Building cost, 万元/m² (`centre.building_cost`)."""
    conversion_share: float = Field(default=0.4, ge=0)
    """Cost of converting existing premises as a share of building anew (assumed)."""
    site_area_mu: float = Field(default=10.0, ge=0)
    """Land where the sites table states none, 亩 (`centre.site_area`)."""
    land_price_wan_mu: float = Field(default=15.0, ge=0)
    """Shadow price of land, and its price where none is stated or an offer does not count, 万元/亩
    (`land.price_industrial`)."""
    land_preparation_wan_mu: float = Field(default=8.0, ge=0)
    """Roads, power, water and levelling (三通一平), 万元/亩; due on free land too (`land.preparation`)."""
    staff: float = Field(default=25.0, ge=0)
    """Staff of a centre in phase 1 (`centre.staff_phase1`)."""
    staff_cost_wan: float = Field(default=6.0, ge=0)
    """Wage and charges, 万元 a person and year (`centre.staff_cost`)."""
    other_running_wan: float = Field(default=80.0, ge=0)
    """Consumables, energy, review, calibration, 万元 a year (`centre.other_running`)."""
    window_staff: float = Field(default=2.0, ge=0)
    """Staff of a collection window, or added to a shared or neighbouring laboratory (assumed)."""
    city_runs_per_year: float = Field(default=52.0, ge=0)
    """Runs of the option's van to the city and back, a year (`centre.city_run_by_van`)."""
    city_run_persons: float = Field(default=1.5, gt=0)
    """Persons on such a run (`trip.persons`)."""
    team_staff: float = Field(default=3.8, gt=0)
    """Persons in a mobile team (`mobile.team_staff`)."""
    van_capex_wan: float = Field(default=80.0, ge=0)
    """Price of an equipped van, 万元 (`mobile.van_capex`)."""
    van_life_years: float = Field(default=8.0, gt=0)
    """Life of a van, years (note of `mobile.van_capex`)."""
    visits_per_team_day: float = Field(default=2.0, gt=0)
    """Visits of a team a day (`mobile.visits_per_team_day`)."""
    team_days_per_year: float = Field(default=60.0, gt=0)
    """Days that one team can spend in the county a year (`mobile.days_in_county`)."""
    working_days_per_year: float = Field(default=250.0, gt=0)
    """Working days of a person or van a year; the rest of them serve elsewhere (assumed)."""
    days_per_stay: float = Field(default=1.0, ge=1)
    """Days that a team stays before it drives home; 1: it returns to the city every evening (assumed)."""
    night_yuan: float = Field(default=150.0, ge=0)
    """Bed and allowance of one person and night, yuan (assumed)."""


PARAMETERS: Mapping[str, str] = {
    f"economics.{field}": parameter
    for field, parameter in {
        "value_of_time_yuan_h": "value_of_time",
        "vehicle_cost_yuan_km": "trip.vehicle_cost",
        "toll_yuan": "trip.toll_S1_full",
        "co2_kg_km": "trip.co2",
        "discount_rate": "discount_rate",
        "horizon_years": "horizon",
        "years_to_accreditation": "centre.years_to_accreditation",
        "area_m2": "centre.area_phase1",
        "building_cost_wan_m2": "centre.building_cost",
        "site_area_mu": "centre.site_area",
        "land_price_wan_mu": "land.price_industrial",
        "land_preparation_wan_mu": "land.preparation",
        "staff": "centre.staff_phase1",
        "staff_cost_wan": "centre.staff_cost",
        "other_running_wan": "centre.other_running",
        "city_runs_per_year": "centre.city_run_by_van",
        "city_run_persons": "trip.persons",
        "team_staff": "mobile.team_staff",
        "van_capex_wan": "mobile.van_capex",
        "visits_per_team_day": "mobile.visits_per_team_day",
        "team_days_per_year": "mobile.days_in_county",
    }.items()
}
"""Scenario key → row of the parameters table that its default comes from."""


# costs ------------------------------------------------------------------------------------


def costs(
    sites: pd.DataFrame,
    services: pd.DataFrame,
    pledges: pd.DataFrame,
    travel: TravelTimes,
    trips: Trips,
    settings: EconomicsSettings | None = None,
) -> pd.DataFrame:
    """Cost each option by items.

    A new building (``build``, ``branch``) needs land, its preparation, a building and test lines;
    ``convert`` pays a share of the building and no land; all three run with their own staff. ``collection``,
    ``shared`` and ``neighbour`` add a window's staff to what exists. ``mobile`` costs team-days, driving from
    the city and nights away. ``city`` costs nothing more than today. Vans of options in the county run to
    the city every week. Trips of the enterprises are not in here: they are the benefit.

    Parameters
    ----------
    sites, services, pledges : tables of the data dictionary
    travel, trips : of the same options
    settings : defaults of `EconomicsSettings` if None

    Returns
    -------
    DataFrame
        Option × item, 万元: once ``setup_building, setup_equipment, land, land_preparation, pledged``
        (money that counts, negative); a year ``running_year, city_run_year, mobile_year``; over the horizon
        ``renewal`` (present value of renewed equipment), ``running`` (present value of the three yearly
        items) and ``net_cost_wan``, the sum of all present values; ``city_link_hours``, hours a year on the
        road to the city (NaN for options without a van), ``mobile_team_days`` a year and
        the ``mobile_teams`` that they ask for.
    """
    settings = settings or EconomicsSettings()
    new = having(sites["kind"], lambda kind: kind.on_new_land)
    converted = having(sites["kind"], lambda kind: kind.premises == "converted")
    own_staff = having(sites["kind"], lambda kind: kind.own_staff)
    area = np.where(new, numbers(sites, "land_area_mu", settings.site_area_mu), 0.0)
    anew = settings.area_m2 * settings.building_cost_wan_m2
    lines = numbers(services, "setup_wan", 0.0) @ (trips.taken.to_numpy() > 0)
    once = {
        "setup_building": anew * np.select([new, converted], [1.0, settings.conversion_share], 0.0),
        "setup_equipment": np.where(own_staff, lines, 0.0),
        "land": area * _land_price(sites, pledges, settings),
        "land_preparation": area * settings.land_preparation_wan_mu,
        "pledged": 0.0 - _pledged_money(sites, pledges, settings),
    }
    link_hours, link_wan = _city_link(sites, travel, settings)
    team_days, mobile_wan = _mobile(sites, travel, trips, settings)
    yearly = {
        "running_year": _running_year(sites["kind"], settings),
        "city_run_year": link_wan,
        "mobile_year": mobile_wan,
    }
    renewal = once["setup_equipment"] * _renewal_factor(settings)
    running = sum(yearly.values()) * _annuity(settings)
    later = {"renewal": renewal, "running": running, "net_cost_wan": sum(once.values()) + renewal + running}
    shown = {
        "city_link_hours": link_hours,
        "mobile_team_days": team_days,
        "mobile_teams": np.ceil(team_days / settings.team_days_per_year),
    }
    return pd.DataFrame(once | yearly | later | shown, index=sites.index)


def _running_year(kinds: pd.Series, settings: EconomicsSettings) -> np.ndarray:
    centre = settings.staff * settings.staff_cost_wan + settings.other_running_wan
    window = settings.window_staff * settings.staff_cost_wan
    by_kind = {"centre": centre, "window": window, "none": 0.0}
    return np.array([by_kind[KINDS[kind].staff] for kind in kinds])


def _land_price(sites: pd.DataFrame, pledges: pd.DataFrame, settings: EconomicsSettings) -> np.ndarray:
    """Price each site's land, 万元/亩.

    Land at 0 whose provision is undecided is an offer: it holds where a pledge for the site counts that is
    not one of money alone, else the land is bought. Land allocated or granted costs what is stated.
    """
    if settings.account == "economic":
        return np.full(len(sites), settings.land_price_wan_mu)
    stated = numbers(sites, "land_price_wan", settings.land_price_wan_mu)
    settled = sites["land_provision"].isin(["allocated", "granted"]).to_numpy()
    counted = pledges[counted_pledges(pledges, settings)]
    of_land = ~np.isnan(numbers(counted, "land_mu")) | np.isnan(numbers(counted, "amount_wan"))
    pledged = sites.index.isin(counted.loc[of_land, "site"].dropna())
    return np.where((stated == 0) & ~settled & ~pledged, settings.land_price_wan_mu, stated)


def counted_pledges(pledges: pd.DataFrame, settings: EconomicsSettings) -> pd.Series:
    """Say which pledges the account counts.

    None in the economic account, where gifts are transfers; else by firmness, and none from givers whom
    the centre would inspect unless the scenario says so.
    """
    if settings.account == "economic" or settings.pledges == "none":
        return pd.Series(False, pledges.index)
    counted = pledges["firmness"].isin(FIRM) | (settings.pledges == "all")
    return counted & (~pledges["conflict"].astype(bool) | settings.count_conflicts)


def _pledged_money(sites: pd.DataFrame, pledges: pd.DataFrame, settings: EconomicsSettings) -> np.ndarray:
    """Money pledged to each option that counts, 万元; a pledge without a site holds for any new centre."""
    counts = counted_pledges(pledges, settings)
    if not counts.any():
        return np.zeros(len(sites))
    counted = pledges[counts]
    amount = pd.Series(numbers(counted, "amount_wan", 0.0), counted.index)
    anywhere = amount[counted["site"].isna()].sum()
    by_site = amount.groupby(counted["site"]).sum().reindex(sites.index, fill_value=0.0).to_numpy()
    return by_site + np.where(having(sites["kind"], lambda kind: kind.own_staff), anywhere, 0.0)


def _city_link(
    sites: pd.DataFrame, travel: TravelTimes, settings: EconomicsSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Hours and 万元 a year of the van that takes samples, staff and instruments to the city and back."""
    runs = having(sites["kind"], lambda kind: kind.runs_van)
    both_ways = (travel.site_to_city + travel.city_to_site).reindex(sites.index).to_numpy(float) / 60.0
    hours = np.where(runs, settings.city_runs_per_year * settings.city_run_persons * both_ways, np.nan)
    km = 2.0 * settings.city_runs_per_year * travel.site_to_city_km.reindex(sites.index).to_numpy(float)
    tolls = 2.0 * settings.city_runs_per_year * settings.toll_yuan
    hour_wan = settings.staff_cost_wan / (settings.working_days_per_year * 8.0)
    wan = hours * hour_wan + (km * settings.vehicle_cost_yuan_km + tolls) / YUAN_PER_WAN
    return hours, np.where(runs, wan, 0.0)


def _mobile(
    sites: pd.DataFrame, travel: TravelTimes, trips: Trips, settings: EconomicsSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Team-days a year and their cost, 万元, of each option; one visit stands in for each trip saved."""
    days, wan = np.zeros((2, len(sites)))
    mobile = np.flatnonzero(having(sites["kind"], lambda kind: kind.comes_to_gate))
    if not len(mobile):
        return days, wan
    baseline = trips.trips[baseline_option(sites)].to_numpy()
    reached = np.isfinite(travel.city_to_enterprise.to_numpy(float))
    km = np.where(reached, travel.to_laboratory_km.to_numpy().min(axis=1), 0.0)
    person_day = settings.staff_cost_wan / settings.working_days_per_year
    van_day = settings.van_capex_wan / settings.van_life_years / settings.working_days_per_year
    there = trips.trips.to_numpy()
    for o in mobile:
        visits = np.where(reached, baseline - there[:, o], 0.0)
        days[o] = visits.sum() / settings.visits_per_team_day
        stays = days[o] / settings.days_per_stay
        mean_km = (visits * km).sum() / visits.sum() if visits.sum() > 0 else 0.0
        road_yuan = 2.0 * stays * (mean_km * settings.vehicle_cost_yuan_km + settings.toll_yuan)
        night_yuan = (days[o] - stays) * settings.team_staff * settings.night_yuan
        wan[o] = days[o] * (settings.team_staff * person_day + van_day)
        wan[o] += (road_yuan + night_yuan) / YUAN_PER_WAN
    return days, wan


def _annuity(settings: EconomicsSettings) -> float:
    """Present value of 1 a year, at the end of each year of the horizon."""
    years = np.arange(1, settings.horizon_years + 1)
    return float(((1.0 + settings.discount_rate) ** -years).sum())


def _renewal_factor(settings: EconomicsSettings) -> float:
    """Present value of renewing equipment worth 1 whenever its life ends within the horizon."""
    years = np.arange(settings.equipment_life_years, settings.horizon_years, settings.equipment_life_years)
    return float(((1.0 + settings.discount_rate) ** -years).sum())
