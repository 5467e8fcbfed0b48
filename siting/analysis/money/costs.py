"""Flows → what each option costs, by item: the same flows that the appraisal adds up.

Two accounts (《建设项目经济评价方法与参数》第三版): *financial* is what the county's purse pays, land at its
price or as offered; *economic* what all parties together use up: every site's land at the same shadow price,
no tolls, no gifts. 万元 = 10⁴ yuan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.money.capacity import load_per_person, staff_needed
from siting.analysis.money.flows import (
    COSTS,
    PARTIES,
    Flows,
    fewest_staff,
    flows_of,
    productive_hours,
)
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.quantities import Quantities, quantities_of

if TYPE_CHECKING:
    from siting.types import Demand, TravelTimes, Trips

_PAID_BY = {"economic": PARTIES, "financial": ("public",)}


def costs(
    sites: pd.DataFrame,
    services: pd.DataFrame,
    pledges: pd.DataFrame,
    demand: Demand,
    travel: TravelTimes,
    trips: Trips,
    settings: EconomicsSettings | None = None,
) -> pd.DataFrame:
    """Cost each option by items.

    A new building (``build``, ``branch``) needs land, its preparation, a building and test lines;
    ``convert`` pays a share of the building and no land; all three run with their own staff, as many as the
    hours of their tests ask for. ``collection``, ``shared`` and ``neighbour`` add a window's staff to what
    exists. ``mobile`` costs team-days, driving from the city and nights away. ``city`` costs nothing more
    than today. Vans of options in the county run to the city every week. Trips of the enterprises and what
    the city saves are not in here: they are the benefit.

    Parameters
    ----------
    sites, services, pledges : tables of the data dictionary
    demand, travel, trips : of the same options
    settings : defaults of `EconomicsSettings` if None

    Returns
    -------
    DataFrame
        As `cost_table`.
    """
    settings = settings or EconomicsSettings()
    amounts = quantities_of(sites, services, pledges, demand, travel, trips, settings)
    return cost_table(sites.index, amounts, settings)


def cost_table(options: pd.Index, amounts: Quantities, settings: EconomicsSettings) -> pd.DataFrame:
    """Return the costs of each option on the account of the settings.

    Returns
    -------
    DataFrame
        Option × item, 万元: once ``setup_building, setup_equipment, land, land_preparation, pledged``
        (money that counts, negative); a year of full demand ``running_year, city_run_year, mobile_year``;
        over the horizon, as present values, ``renewal`` (of equipment), ``running`` (the three yearly
        items), ``residual`` (what is left at its end, negative) and ``net_cost_wan``, the sum;
        ``city_link_hours``, hours a year on the road to the city (NaN for options without a van),
        ``mobile_team_days`` a year and the ``mobile_teams`` that they ask for; ``tests`` done by the option
        a year, ``work_hours`` of them, ``staff`` and ``load_per_person`` (NaN without own staff).
    """
    flows = flows_of(amounts, settings)
    paid_by = _PAID_BY[settings.account]

    def in_year(year: int, *items: str) -> np.ndarray:
        return 0.0 - flows.yearly(paid_by, items)[:, year]

    once = {
        "setup_building": in_year(0, "building"),
        "setup_equipment": in_year(0, "equipment"),
        "land": in_year(0, "land"),
        "land_preparation": in_year(0, "land_preparation"),
        "pledged": in_year(0, "pledged"),
    }
    yearly = {
        "running_year": in_year(-1, "staff", "other_running", "host_testing"),
        "city_run_year": in_year(-1, "van"),
        "mobile_year": in_year(-1, "teams"),
    }
    over = {
        "renewal": -flows.present(paid_by, ["equipment"]) - once["setup_equipment"],
        "running": -flows.present(paid_by, _RUNNING),
        "residual": 0.0 - flows.present(paid_by, ["residual"]),
        "net_cost_wan": net_cost_wan(flows, settings),
    }
    days = amounts.visits / settings.visits_per_team_day
    shown = {
        "city_link_hours": city_link_hours(amounts, settings),
        "mobile_team_days": days,
        "mobile_teams": np.ceil(days / settings.team_days_per_year),
        **_capacity(amounts, settings),
    }
    return pd.DataFrame(once | yearly | over | shown, index=options)


def net_cost_wan(flows: Flows, settings: EconomicsSettings) -> NDArray[np.float64]:
    """Return the present value of all costs on the account of the settings, 万元, by option."""
    cost: NDArray[np.float64] = 0.0 - flows.present(_PAID_BY[settings.account], COSTS)
    return cost


def city_link_hours(amounts: Quantities, settings: EconomicsSettings) -> NDArray[np.float64]:
    """Return the person-hours a year on the road to the city, by option; NaN for those without a van."""
    hours: NDArray[np.float64] = settings.city_runs_per_year * settings.city_run_persons * amounts.van_hours
    return hours


_RUNNING = ("staff", "other_running", "host_testing", "van", "teams")


def _capacity(amounts: Quantities, settings: EconomicsSettings) -> dict[str, np.ndarray]:
    """Return tests and hours of a year of full demand, the staff they take, and the load of each person."""
    hours = amounts.work_hours + amounts.road_hours
    needed = staff_needed(hours, productive_hours(settings), fewest_staff(amounts, settings))
    staff = np.where(amounts.own_staff, needed, 0.0)
    return {
        "tests": amounts.tests,
        "work_hours": hours,
        "staff": staff,
        "load_per_person": load_per_person(amounts.tests, staff),
    }
