"""Quantities and prices → one table of yearly flows, item × party; an account is a choice of its columns.

The national economy is the sum of all parties, always: what one pays another gets uses up nothing.
Flows are 万元 at the ends of the years 0 … horizon, against keeping going to the city, inflows positive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.money.capacity import lines_needed, staff_needed
from siting.analysis.money.formulas import (
    discount_factors,
    growth_factors,
    ramp_shares,
    renewal_years,
    residual_share,
)
from siting.analysis.money.money_settings import YUAN_PER_WAN, EconomicsSettings
from siting.analysis.money.quantities import Quantities

Party = Literal["enterprises", "public", "city_laboratory", "toll_operator", "others"]

PARTIES: tuple[Party, ...] = ("enterprises", "public", "city_laboratory", "toll_operator", "others")
"""``public``: the county's purse; ``others``: who gives land or money, other counties."""

ACCOUNTS: Mapping[str, tuple[Party, ...]] = {
    "national": PARTIES,
    "public": ("public",),
    "enterprises": ("enterprises",),
}
"""Columns that each account adds up."""

BENEFITS = ("travel_time", "vehicle", "tolls", "fees", "city_testing", "inspection")
COSTS = (
    *("building", "equipment", "land", "land_preparation", "pledged"),
    *("staff", "other_running", "host_testing", "van", "teams", "residual"),
)
ITEMS = (*BENEFITS, *COSTS)

Series = NDArray[np.float64]
"""n_options × years 0 … horizon."""


@dataclass(frozen=True)
class Flows:
    """Yearly flows of every item and party; what is not in the book is 0."""

    book: Mapping[tuple[str, Party], Series]
    factors: NDArray[np.float64]
    """Discount factors of the years."""

    def yearly(self, parties: Iterable[Party] = PARTIES, items: Iterable[str] = ITEMS) -> Series:
        """Sum the flows of some items over some parties, n_options × years."""
        chosen, wanted = set(parties), set(items)
        some = next(iter(self.book.values()))
        total: Series = np.zeros(some.shape)
        for (item, party), flow in self.book.items():
            if party in chosen and item in wanted:
                total += flow
        return total

    def present(
        self, parties: Iterable[Party] = PARTIES, items: Iterable[str] = ITEMS
    ) -> NDArray[np.float64]:
        """Return the present value of the same, by option."""
        value: NDArray[np.float64] = self.yearly(parties, items) @ self.factors
        return value

    def table(self, option: int) -> pd.DataFrame:
        """Return the present values of one option, item × party, with every account and the sum."""
        values = pd.DataFrame(0.0, index=list(ITEMS), columns=list(PARTIES))
        for (item, party), flow in self.book.items():
            values.loc[item, party] = float(flow[option] @ self.factors)
        return values.assign(national=values.sum(axis=1))


def flows_of(amounts: Quantities, settings: EconomicsSettings, *, year: int | None = None) -> Flows:
    """Lay out the flows of every option.

    Own staff cost in full from the start, as they are trained before they may report; what they do for the
    enterprises begins with accreditation and grows in steps, and with the demand. Where the centre's costs
    grow with the hours of tests, the city's fall with them.

    Parameters
    ----------
    amounts : a year of the full demand
    settings : prices, years, shares
    year : that year 0 stands for, to see until when a fee may be taken; None: every fee counts
    """
    horizon = settings.horizon_years
    use = use_shares(amounts.from_year_1, settings)
    work = _Work(amounts, settings, use)
    book: dict[tuple[str, Party], Series] = {
        **_users(amounts, settings, use),
        **_fees(amounts, use, year),
        **_city(amounts, settings, use, work),
        **_outlays(amounts, settings, use),
        **_running(amounts, settings, use, work),
    }
    return Flows(book, discount_factors(settings.discount_rate, horizon))


def use_shares(from_year_1: NDArray[np.bool_], settings: EconomicsSettings) -> Series:
    """Return the demand met in each year over that of a full year of today, by option."""
    grown = growth_factors(settings.demand_growth, settings.horizon_years)
    later = ramp_shares(settings.years_to_accreditation, settings.ramp_up_years, settings.horizon_years)
    return np.where(from_year_1[:, None], grown, later * grown)


class _Work:
    """What an hour of testing costs, and the hours that the option's own people work."""

    def __init__(self, amounts: Quantities, settings: EconomicsSettings, use: Series):
        self.person_hours = productive_hours(settings)
        self.hour_wan = settings.staff_cost_wan / self.person_hours
        full = settings.staff * self.person_hours
        variable = settings.consumables_share * settings.other_running_wan
        self.consumables_wan = variable / full if full > 0 else 0.0
        self.tests = amounts.work_hours[:, None] * use
        self.all = (amounts.work_hours + amounts.road_hours)[:, None] * use


def productive_hours(settings: EconomicsSettings) -> float:
    """Return the hours a year that one person puts into tests and the road to them."""
    return settings.working_days_per_year * 8.0 * settings.usable_share


def fewest_staff(amounts: Quantities, settings: EconomicsSettings) -> NDArray[np.float64]:
    """Return the staff below which a centre with these test lines cannot run; 0 for other options."""
    later = settings.staff_phase2 * amounts.later_phase
    return np.where(amounts.own_staff, settings.staff + later, 0.0)


# what enterprises, city and road operator gain or lose ------------------------------------


def _users(amounts: Quantities, settings: EconomicsSettings, use: Series) -> dict[tuple[str, Party], Series]:
    tolls = 2.0 * settings.toll_yuan * amounts.city_trips[:, None] * use / YUAN_PER_WAN
    return {
        ("travel_time", "enterprises"): settings.value_of_time_yuan_h
        * amounts.time_h[:, None]
        * use
        / YUAN_PER_WAN,
        ("vehicle", "enterprises"): settings.vehicle_cost_yuan_km
        * amounts.vehicle_km[:, None]
        * use
        / YUAN_PER_WAN,
        ("tolls", "enterprises"): tolls,
        ("tolls", "toll_operator"): -tolls,
    }


def _fees(amounts: Quantities, use: Series, year: int | None) -> dict[tuple[str, Party], Series]:
    """Fees are paid today as well: they only change hands, while the law lets them be taken."""
    calendar = None if year is None else year + np.arange(use.shape[1])
    lawful = np.ones((len(amounts.fee_from), use.shape[1]))
    if calendar is not None:
        lawful = ((calendar >= amounts.fee_from[:, None]) & (calendar <= amounts.fee_until[:, None])).astype(
            float
        )
    fees = (amounts.fees_yuan.T @ lawful) * use / YUAN_PER_WAN
    neighbour = amounts.at_neighbour[:, None]
    return {
        ("fees", "public"): fees * ~neighbour,
        ("fees", "others"): fees * neighbour,
        ("fees", "city_laboratory"): -fees,
    }


def _city(
    amounts: Quantities, settings: EconomicsSettings, use: Series, work: _Work
) -> dict[tuple[str, Party], Series]:
    """Return what the city no longer spends on tests and on its inspectors' ways.

    Equipment is saved there as far as more of it is bought for more tests here: beyond one of each line.
    """
    share, horizon = settings.city_saving_share, settings.horizon_years
    bench = amounts.city_work_hours * work.hour_wan + amounts.city_bench_hours * work.consumables_wan
    further = (_lines(amounts, settings, use) - 1.0) * amounts.lines
    bought, worn = _equipment(amounts.setup_wan @ further, settings)
    equipment = -bought - _in_years(worn, [horizon], horizon)
    km_wan = settings.vehicle_cost_yuan_km / YUAN_PER_WAN
    road = share * amounts.city_road_hours * work.hour_wan + amounts.city_road_km * km_wan
    tolls = (2.0 * settings.toll_yuan / YUAN_PER_WAN * amounts.city_calls)[:, None] * use
    return {
        ("city_testing", "city_laboratory"): share * (bench[:, None] * use + equipment),
        ("inspection", "city_laboratory"): road[:, None] * use + tolls,
        ("inspection", "toll_operator"): -tolls,
        ("inspection", "public"): -(amounts.road_km * km_wan * ~amounts.at_neighbour)[:, None] * use,
        ("inspection", "others"): -(amounts.road_km * km_wan * amounts.at_neighbour)[:, None] * use,
    }


# what the option costs --------------------------------------------------------------------


def _outlays(
    amounts: Quantities, settings: EconomicsSettings, use: Series
) -> dict[tuple[str, Party], Series]:
    """Lay out set-up, renewals, land, and what is left of them at the end of the horizon."""
    horizon = use.shape[1] - 1
    share = np.select([amounts.new, amounts.converted], [1.0, settings.conversion_share], 0.0)
    building = settings.area_m2 * settings.building_cost_wan_m2 * (1.0 + settings.building_optimism) * share
    equipment = amounts.setup_wan @ (_lines(amounts, settings, use) * amounts.lines)
    equipment = equipment * (1.0 + settings.equipment_optimism)
    paid = amounts.area_mu * amounts.land_paid_wan_mu
    worth = amounts.area_mu * settings.land_price_wan_mu
    prepared = amounts.area_mu * settings.land_preparation_wan_mu
    given = amounts.pledged_by_enterprises, amounts.pledged_by_others
    bought, worn = _equipment(equipment, settings)
    left = building * residual_share(settings.building_life_years, horizon)
    return {
        ("building", "public"): _in_years(-building, [0], horizon),
        ("equipment", "public"): bought,
        # Whoever gives land below its worth bears the rest, and gets it back with the land.
        ("land", "public"): _in_years(-paid, [0], horizon),
        ("land", "others"): _in_years(paid - worth, [0], horizon),
        ("land_preparation", "public"): _in_years(-prepared, [0], horizon),
        ("residual", "public"): _in_years(left + worn + paid, [horizon], horizon),
        ("residual", "others"): _in_years(worth - paid, [horizon], horizon),
        ("pledged", "public"): _in_years(given[0] + given[1], [0], horizon),
        ("pledged", "enterprises"): _in_years(-given[0], [0], horizon),
        ("pledged", "others"): _in_years(-given[1], [0], horizon),
    }


def _in_years(amount: NDArray[np.float64], years: list[int], horizon: int) -> Series:
    flow = np.zeros((len(amount), horizon + 1))
    flow[:, years] = amount[:, None]
    return flow


def _lines(amounts: Quantities, settings: EconomicsSettings, use: Series) -> NDArray[np.float64]:
    """Return how many of each test line the busiest year asks for, n_services × n_options."""
    return lines_needed(amounts.line_hours * use.max(axis=1), settings.line_hours)


def _equipment(price: NDArray[np.float64], settings: EconomicsSettings) -> tuple[Series, NDArray[np.float64]]:
    """Return purchase and renewals of equipment as flows, and what the last one is worth at the end."""
    life, horizon = settings.equipment_life_years, settings.horizon_years
    bought = _in_years(-price, [0, *renewal_years(life, horizon)], horizon)
    return bought, price * residual_share(life, horizon)


def _running(
    amounts: Quantities, settings: EconomicsSettings, use: Series, work: _Work
) -> dict[tuple[str, Party], Series]:
    """Staff, consumables, energy, van, teams: from year 1 on."""
    after = (np.arange(use.shape[1]) >= 1).astype(float)
    own = amounts.own_staff[:, None] * after
    fewest = fewest_staff(amounts, settings)[:, None]
    staff = staff_needed(work.all, work.person_hours, fewest) * settings.staff_cost_wan * own
    staff = staff + amounts.window[:, None] * settings.window_staff * settings.staff_cost_wan * after
    fixed = (1.0 - settings.consumables_share) * settings.other_running_wan
    hosted = (~amounts.own_staff)[:, None] * (work.all * work.hour_wan + work.tests * work.consumables_wan)
    neighbour = amounts.at_neighbour[:, None]
    van, van_tolls = van_wan(amounts, settings)
    teams, team_tolls = mobile_wan(amounts, settings)
    return {
        ("staff", "public"): -staff,
        ("other_running", "public"): -(fixed + work.tests * work.consumables_wan) * own,
        ("host_testing", "public"): -hosted * ~neighbour,
        ("host_testing", "others"): -hosted * neighbour,
        ("van", "public"): -_by_use(van + van_tolls, after),
        ("van", "toll_operator"): _by_use(van_tolls, after),
        ("teams", "public"): -_by_use(teams + team_tolls, use),
        ("teams", "toll_operator"): _by_use(team_tolls, use),
    }


def _by_use(amount: NDArray[np.float64], use: Series) -> Series:
    """Spread a yearly amount; what is infinite is so only where there is use."""
    with np.errstate(invalid="ignore"):
        return np.where(use > 0, amount[:, None] * use, 0.0)


def van_wan(
    amounts: Quantities, settings: EconomicsSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the van to the city costs a year, 万元, without tolls, and the tolls; 0 where none runs."""
    runs, there = settings.city_runs_per_year, ~np.isnan(amounts.van_hours)
    if runs == 0:
        return np.zeros(len(there)), np.zeros(len(there))
    hour_wan = settings.staff_cost_wan / (settings.working_days_per_year * 8.0)
    wan = runs * settings.city_run_persons * np.where(there, amounts.van_hours, 0.0) * hour_wan
    wan = wan + np.where(there, runs * amounts.van_km, 0.0) * settings.vehicle_cost_yuan_km / YUAN_PER_WAN
    return np.where(there, wan, 0.0), there * 2.0 * runs * settings.toll_yuan / YUAN_PER_WAN


def mobile_wan(
    amounts: Quantities, settings: EconomicsSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what mobile teams cost a year, 万元, without tolls, and the tolls."""
    days = amounts.visits / settings.visits_per_team_day
    stays = days / settings.days_per_stay
    person_day = settings.staff_cost_wan / settings.working_days_per_year
    van_day = settings.van_capex_wan / settings.van_life_years / settings.working_days_per_year
    driven = np.multiply(2.0 * stays, amounts.visit_km, out=np.zeros(len(stays)), where=stays > 0)
    yuan = driven * settings.vehicle_cost_yuan_km + (days - stays) * settings.team_staff * settings.night_yuan
    wan = days * (settings.team_staff * person_day + van_day) + yuan / YUAN_PER_WAN
    return wan, 2.0 * stays * settings.toll_yuan / YUAN_PER_WAN
