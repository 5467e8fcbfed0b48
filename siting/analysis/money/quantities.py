"""Demand, trips and options → what a year comes to in hours, km, tests and yuan of fees, by option.

Physical amounts alone: prices, years and shares of the settings turn them into flows.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.annual_tests import visits
from siting.analysis.frames import baseline_option, numbers
from siting.analysis.money.capacity import hours_per_test
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.pledged import land_prices, pledged_money
from siting.option_kinds import KINDS, having

if TYPE_CHECKING:
    from siting.types import Demand, TravelTimes, Trips

Amounts = NDArray[np.float64]


@dataclass(frozen=True)
class Quantities:
    """What each option comes to in a year of the study's full demand; arrays by option unless said."""

    own_staff: NDArray[np.bool_]
    window: NDArray[np.bool_]
    """A window's staff are added to what exists."""
    at_neighbour: NDArray[np.bool_]
    """The laboratory that does the tests is another county's."""
    from_year_1: NDArray[np.bool_]
    """Serves from the first year; the others once they are accredited, then in steps."""
    new: NDArray[np.bool_]
    converted: NDArray[np.bool_]
    later_phase: NDArray[np.bool_]
    """Test lines of phase 2 or later are open."""
    lines: NDArray[np.bool_]
    """n_services × n_options: the option tests it with equipment of its own."""
    setup_wan: Amounts
    """By service."""
    area_mu: Amounts
    land_paid_wan_mu: Amounts
    """Price paid for a 亩, 0 where a counted offer makes it free."""
    pledged_by_enterprises: Amounts
    """万元, once."""
    pledged_by_others: Amounts
    van_hours: Amounts
    """Of one run to the city and back, NaN where no van runs."""
    van_km: Amounts
    visit_km: Amounts
    """One way, mean over the visits of mobile teams."""
    # What follows grows with the demand.
    time_h: Amounts
    """Person-hours of enterprises saved against today; so are the next two."""
    vehicle_km: Amounts
    city_trips: Amounts
    """Round trips over the toll road."""
    tests: Amounts
    """Done by the option itself."""
    work_hours: Amounts
    """Person-hours of these tests."""
    line_hours: Amounts
    """n_services × n_options, the same by service."""
    road_hours: Amounts
    """Person-hours of inspectors on the road from the option."""
    road_km: Amounts
    city_work_hours: Amounts
    """Person-hours of tests that the city's laboratories no longer do."""
    city_bench_hours: Amounts
    """Those of them whose consumables the city no longer buys: a mobile team uses the same."""
    city_road_hours: Amounts
    """Inspectors from the city: person-hours, km and round trips saved."""
    city_road_km: Amounts
    city_calls: Amounts
    fees_yuan: Amounts
    """n_services × n_options: fees of enterprises that go to the option instead of the city."""
    visits: Amounts
    """Of mobile teams."""
    fee_from: Amounts
    """By service: first and last year in which the fee may be taken."""
    fee_until: Amounts

    def times(self, multiple: float | Amounts) -> Quantities:
        """Return the same at a multiple of the demand; an array: one multiple by option."""
        return replace(self, **{name: getattr(self, name) * multiple for name in GROWING})

    def repeated(self, option: int, many: int) -> Quantities:
        """Return one option many times over, to look at it under many multiples at once."""
        return replace(
            self,
            **{
                field.name: np.repeat(getattr(self, field.name)[..., [option]], many, axis=-1)
                for field in fields(self)
                if field.name not in BY_SERVICE
            },
        )


BY_SERVICE = ("setup_wan", "fee_from", "fee_until")
GROWING = (
    "time_h",
    "vehicle_km",
    "city_trips",
    "tests",
    "work_hours",
    "line_hours",
    "road_hours",
    "road_km",
    "city_work_hours",
    "city_bench_hours",
    "city_road_hours",
    "city_road_km",
    "city_calls",
    "fees_yuan",
    "visits",
)
"""Fields that grow with the demand."""


def quantities_of(
    sites: pd.DataFrame,
    services: pd.DataFrame,
    pledges: pd.DataFrame,
    demand: Demand,
    travel: TravelTimes,
    trips: Trips,
    settings: EconomicsSettings,
) -> Quantities:
    """Work out what a year comes to under each option.

    Tests that an option takes but cannot do itself are the city's as today. Teams of the city that do a
    test at the gate save its hours at the bench. What inspectors do at the enterprise, they do anywhere.
    """
    return Quantities(
        **_set_up(sites, services, pledges, trips, settings),
        **_ways(sites, travel, trips),
        **_tested(sites, services, demand, trips),
        **_inspections(sites, services, demand, travel, trips, settings),
    )


def _set_up(
    sites: pd.DataFrame,
    services: pd.DataFrame,
    pledges: pd.DataFrame,
    trips: Trips,
    settings: EconomicsSettings,
) -> dict[str, NDArray[Any]]:
    """Return what kind of option each is, its land, test lines and gifts."""
    kinds = sites["kind"]
    own = having(kinds, lambda kind: kind.own_staff)
    new = having(kinds, lambda kind: kind.on_new_land)
    lines = (trips.taken.to_numpy() > 0) & own
    setup = numbers(services, "setup_wan", 0.0)
    later = (numbers(services, "phase", 1.0) >= 2) & (setup > 0)
    by_enterprises, by_others = pledged_money(sites, pledges, settings)
    return {
        "own_staff": own,
        "from_year_1": ~own,
        "new": new,
        "window": having(kinds, lambda kind: kind.staff == "window"),
        "at_neighbour": having(kinds, lambda kind: kind.in_other_county),
        "converted": having(kinds, lambda kind: kind.premises == "converted"),
        "later_phase": lines[later].any(axis=0),
        "lines": lines,
        "setup_wan": setup,
        "area_mu": np.where(new, numbers(sites, "land_area_mu", settings.site_area_mu), 0.0),
        "land_paid_wan_mu": land_prices(sites, pledges, settings),
        "pledged_by_enterprises": by_enterprises,
        "pledged_by_others": by_others,
    }


def _ways(sites: pd.DataFrame, travel: TravelTimes, trips: Trips) -> dict[str, NDArray[Any]]:
    """Return what enterprises save on the road, and what vans and teams drive."""
    today = baseline_option(sites)
    runs = having(sites["kind"], lambda kind: kind.runs_van)
    both_ways = (travel.site_to_city + travel.city_to_site).reindex(sites.index).to_numpy(float) / 60.0
    at_gate = having(sites["kind"], lambda kind: kind.comes_to_gate)
    gate_visits, visit_km = _gate_visits(trips, travel, at_gate, today)
    return {
        "van_hours": np.where(runs, both_ways, np.nan),
        "van_km": 2.0 * travel.site_to_city_km.reindex(sites.index).to_numpy(float),
        "visits": gate_visits,
        "visit_km": visit_km,
        "time_h": saved(trips.hours, today).to_numpy(),
        "vehicle_km": saved(trips.vehicle_km, today).to_numpy(),
        "city_trips": saved(trips.city_trips, today).to_numpy(),
    }


def _tested(
    sites: pd.DataFrame, services: pd.DataFrame, demand: Demand, trips: Trips
) -> dict[str, NDArray[Any]]:
    """Return tests and hours of work of the option, those that the city no longer has, and the fees."""
    in_county = having(sites["kind"], lambda kind: not kind.of_the_city)
    at_gate = having(sites["kind"], lambda kind: kind.comes_to_gate)
    tests = demand.tests.to_numpy().sum(axis=0) * demand.expansion_factor
    hours, taken = hours_per_test(services), trips.taken.to_numpy()
    done = taken * trips.issued.to_numpy() * in_county * tests[:, None]
    sent_in = (services["trip_kind"] != "inspector_out").to_numpy()
    at_bench = (taken * at_gate * tests[:, None])[sent_in]
    return {
        "tests": done.sum(axis=0),
        "work_hours": hours @ done,
        "line_hours": hours[:, None] * done,
        "city_work_hours": hours @ done + hours[sent_in] @ at_bench,
        "city_bench_hours": hours @ done,
        **_fees(services, done),
    }


def saved(amounts: pd.DataFrame, today: object) -> pd.Series:
    """Sum over enterprises of today less each option; who is cut off today has nothing to compare."""
    values = amounts.to_numpy()
    now = amounts[today].to_numpy()[:, None]
    known = np.isfinite(values) & np.isfinite(now)
    return pd.Series(
        np.subtract(now, values, out=np.zeros(values.shape), where=known).sum(0), amounts.columns
    )


def _fees(services: pd.DataFrame, done: Amounts) -> dict[str, Amounts]:
    """Fees that move with the tests, and the years in which they may be taken.

    None where the catalogue names no payer, or another than the enterprise.
    """
    payer = services["payer"] if "payer" in services else pd.Series("", services.index)
    charged = (payer == "enterprise").fillna(False).to_numpy(bool)
    fee = np.where(charged, numbers(services, "fee_yuan", 0.0), 0.0)
    return {
        "fees_yuan": fee[:, None] * done,
        "fee_from": numbers(services, "valid_from", -np.inf),
        "fee_until": numbers(services, "valid_until", np.inf),
    }


def _inspections(
    sites: pd.DataFrame,
    services: pd.DataFrame,
    demand: Demand,
    travel: TravelTimes,
    trips: Trips,
    settings: EconomicsSettings,
) -> dict[str, NDArray[Any]]:
    """Return what inspectors drive from the option, and what they no longer drive from the city.

    What an option with inspectors in the county takes is driven to from there, all else from the city,
    each visit by itself; enterprises that no road leads to are left out, and none is driven to from farther.
    """
    out = (services["trip_kind"] == "inspector_out").to_numpy()
    from_city = 2.0 * travel.city_to_enterprise.to_numpy(float)
    city_km = 2.0 * travel.to_laboratory_km.to_numpy().min(axis=1)
    reached = np.isfinite(from_city) & np.isfinite(city_km)
    calls = (visits(demand, services)[:, out] * demand.expansion_factor)[reached]
    names = ("road_hours", "road_km", "city_road_hours", "city_road_km", "city_calls")
    found: dict[str, NDArray[Any]] = {name: np.zeros(len(sites)) for name in names}
    for o, (option, kind) in enumerate(sites["kind"].items()):
        if KINDS[kind].of_the_city:
            continue
        there = (travel.from_site[option] + travel.to_site[option]).to_numpy()[reached]
        km = 2.0 * travel.to_site_km[option].to_numpy()[reached]
        moved = (calls @ trips.taken[option].to_numpy()[out]) * (there < from_city[reached])
        found["city_calls"][o] = moved.sum()
        found["city_road_hours"][o] = moved @ from_city[reached] / 60.0 * settings.city_run_persons
        found["city_road_km"][o] = moved @ city_km[reached]
        near = moved > 0
        found["road_hours"][o] = moved[near] @ there[near] / 60.0 * settings.city_run_persons
        found["road_km"][o] = moved[near] @ km[near]
    return found


def _gate_visits(
    trips: Trips, travel: TravelTimes, at_gate: NDArray[np.bool_], today: object
) -> tuple[Amounts, Amounts]:
    """Visits of mobile teams a year, one in place of each trip saved, and their mean km one way."""
    visits_a_year, mean_km = np.zeros((2, len(at_gate)))
    reached = np.isfinite(travel.city_to_enterprise.to_numpy(float))
    km = np.where(reached, travel.to_laboratory_km.to_numpy().min(axis=1), 0.0)
    now, there = trips.trips[today].to_numpy(), trips.trips.to_numpy()
    for o in np.flatnonzero(at_gate):
        made = np.where(reached, now - there[:, o], 0.0)
        visits_a_year[o] = made.sum()
        mean_km[o] = (made * km).sum() / made.sum() if made.sum() > 0 else 0.0
    return visits_a_year, mean_km
