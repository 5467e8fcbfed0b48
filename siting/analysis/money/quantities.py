"""Demand, trips and options → what a year comes to in hours, km, tests and yuan of fees, by option.

Physical amounts alone: prices, years and shares of the settings turn them into flows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.trip_amounts import TripAmounts, times
from siting.analysis.frames import baseline_option, grouped, numbers
from siting.analysis.money.capacity import hours_per_test
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.pledged import land_prices, pledged_money
from siting.option_kinds import having
from siting.types import Ways

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

    def without(self, own: Sequence[Quantities], group: NDArray[np.int64]) -> Quantities:
        """Return what is left without each group of enterprises, one group's options after the other's.

        Parameters
        ----------
        own : what each enterprise adds to this
        group : number of each one's group; −1: always there
        """
        left = {
            name: _less(getattr(self, name), np.stack([getattr(one, name) for one in own]), group)
            for name in GROWING
        }
        driven = np.stack([one.visits * one.visit_km for one in own])
        return self.side_by_side(left, _less(self.visits * self.visit_km, driven, group))

    def side_by_side(self, grown: Mapping[str, Amounts], driven_km: Amounts) -> Quantities:
        """Return the amounts of several versions, one version's options after the other's; all else repeats.

        Parameters
        ----------
        grown : each of `GROWING`, n_versions × … × n_options
        driven_km : of all visits, n_versions × n_options
        """
        visits = grown["visits"]
        mean_km = np.divide(driven_km, visits, out=np.zeros_like(driven_km), where=visits > 0)
        laid: dict[str, Any] = {
            name: _in_a_row(table) for name, table in {**grown, "visit_km": mean_km}.items()
        }
        repeated = {
            field.name: np.tile(getattr(self, field.name), len(driven_km))
            for field in fields(self)
            if field.name not in (*BY_SERVICE, *laid)
        }
        return replace(self, **repeated, **laid)


def _in_a_row(table: Amounts) -> Amounts:
    """Lay n_versions × … × n_options out as … × options of all versions."""
    moved = np.moveaxis(table, 0, -2)
    return np.ascontiguousarray(moved).reshape(*moved.shape[:-2], -1)


def _less(whole: Amounts, own: Amounts, group: NDArray[np.int64]) -> Amounts:
    """Take groups of parts from a whole, n_groups × …; a speck that subtraction leaves is nothing."""
    left = whole - grouped(own, group)
    return np.where(np.abs(left) <= _SPECK * np.abs(whole), 0.0, left)


_SPECK = 1e-12
"""Part of an amount that is rounding."""

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
    made = TripAmounts.of(trips)
    basis = Basis.of(sites, services, pledges, settings, placed=travel.to_site.columns)
    return quantities_on(
        basis,
        made,
        trips.issued.to_numpy(),
        Ways.of(travel),
        demand.tests.to_numpy(),
        demand.expansion_factor,
    )


@dataclass(frozen=True)
class Basis:
    """What of the quantities rests on neither demand nor roads; by option unless said."""

    start: Callable[..., Quantities]
    """Makes `Quantities` of the fields that are left."""
    own_staff: NDArray[np.bool_]
    today: int
    """Position of the option that is today."""
    place: NDArray[np.int64]
    """Column among the options that stand at a place, −1 for others."""
    runs_van: NDArray[np.bool_]
    at_gate: NDArray[np.bool_]
    of_the_city: NDArray[np.bool_]
    hours: Amounts
    """By service: person-hours a test."""
    sent_in: NDArray[np.bool_]
    """By service: whether no inspector drives out for it."""
    later: NDArray[np.bool_]
    """By service: of phase 2 or later, with equipment of its own."""
    fee_yuan: Amounts
    """By service, of what enterprises pay."""
    per_trip: Amounts
    """By service: tests that share one way."""
    run_persons: float

    @classmethod
    def of(
        cls,
        sites: pd.DataFrame,
        services: pd.DataFrame,
        pledges: pd.DataFrame,
        settings: EconomicsSettings,
        *,
        placed: pd.Index,
    ) -> Basis:
        """Read the tables; `placed` are the options of the ways, in their order."""
        kinds = sites["kind"]
        payer = services["payer"] if "payer" in services else pd.Series("", services.index)
        charged = (payer == "enterprise").fillna(False).to_numpy(bool)
        setup = numbers(services, "setup_wan", 0.0)
        return cls(
            start=partial(Quantities, **_kinds(sites), **_prices(sites, services, pledges, settings)),
            own_staff=having(kinds, lambda kind: kind.own_staff),
            today=sites.index.tolist().index(baseline_option(sites)),
            place=placed.get_indexer(sites.index),
            runs_van=having(kinds, lambda kind: kind.runs_van),
            at_gate=having(kinds, lambda kind: kind.comes_to_gate),
            of_the_city=having(kinds, lambda kind: kind.of_the_city),
            hours=hours_per_test(services),
            sent_in=(services["trip_kind"] != "inspector_out").to_numpy(bool),
            later=(numbers(services, "phase", 1.0) >= 2) & (setup > 0),
            fee_yuan=np.where(charged, numbers(services, "fee_yuan", 0.0), 0.0),
            per_trip=numbers(services, "tests_per_trip", 1.0),
            run_persons=settings.city_run_persons,
        )


def quantities_on(
    basis: Basis, trips: TripAmounts, issued: Amounts, ways: Ways, tests: Amounts, expansion_factor: float
) -> Quantities:
    """Work out `quantities_of` on arrays; tests a year, n_enterprises × n_services, are unscaled."""
    lines = (trips.taken > 0) & basis.own_staff
    return basis.start(
        lines=lines,
        later_phase=lines[basis.later].any(axis=0),
        **_ways(basis, ways, trips),
        **_tested(basis, trips.taken, issued, tests.sum(axis=0) * expansion_factor),
        **_inspections(basis, ways, trips.taken, tests * (expansion_factor / basis.per_trip)),
    )


def _kinds(sites: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """Return what kind of option each is."""
    kinds = sites["kind"]
    own = having(kinds, lambda kind: kind.own_staff)
    return {
        "own_staff": own,
        "from_year_1": ~own,
        "new": having(kinds, lambda kind: kind.on_new_land),
        "window": having(kinds, lambda kind: kind.staff == "window"),
        "at_neighbour": having(kinds, lambda kind: kind.in_other_county),
        "converted": having(kinds, lambda kind: kind.premises == "converted"),
    }


def _prices(
    sites: pd.DataFrame, services: pd.DataFrame, pledges: pd.DataFrame, settings: EconomicsSettings
) -> dict[str, NDArray[Any]]:
    """Return land and gifts by option, prices of lines and years of fees by service."""
    new = having(sites["kind"], lambda kind: kind.on_new_land)
    by_enterprises, by_others = pledged_money(sites, pledges, settings)
    return {
        "setup_wan": numbers(services, "setup_wan", 0.0),
        "area_mu": np.where(new, numbers(sites, "land_area_mu", settings.site_area_mu), 0.0),
        "land_paid_wan_mu": land_prices(sites, pledges, settings),
        "pledged_by_enterprises": by_enterprises,
        "pledged_by_others": by_others,
        "fee_from": numbers(services, "valid_from", -np.inf),
        "fee_until": numbers(services, "valid_until", np.inf),
    }


def _ways(basis: Basis, ways: Ways, trips: TripAmounts) -> dict[str, NDArray[Any]]:
    """Return what enterprises save on the road, and what vans and teams drive."""

    def at_place(figures: Amounts) -> Amounts:
        stands = basis.place >= 0
        found = np.full(len(stands), np.nan)
        found[stands] = figures[basis.place[stands]]
        return found

    gate_visits, visit_km = _gate_visits(basis, ways, trips)
    both_ways = at_place(ways.site_to_city + ways.city_to_site) / 60.0
    return {
        "van_hours": np.where(basis.runs_van, both_ways, np.nan),
        "van_km": 2.0 * at_place(ways.site_to_city_km),
        "visits": gate_visits,
        "visit_km": visit_km,
        "time_h": saved(trips.hours, basis.today),
        "vehicle_km": saved(trips.vehicle_km, basis.today),
        "city_trips": saved(trips.city_trips, basis.today),
    }


def _tested(basis: Basis, taken: Amounts, issued: Amounts, tests: Amounts) -> dict[str, NDArray[Any]]:
    """Return tests and hours of work of the option, those that the city no longer has, and the fees.

    Fees move with the tests; none where the catalogue names no payer, or another than the enterprise.
    """
    hours, sent_in = basis.hours, basis.sent_in
    done = taken * issued * ~basis.of_the_city * tests[:, None]
    at_bench = (taken * basis.at_gate * tests[:, None])[sent_in]
    return {
        "tests": done.sum(axis=0),
        "work_hours": hours @ done,
        "line_hours": hours[:, None] * done,
        "city_work_hours": hours @ done + hours[sent_in] @ at_bench,
        "city_bench_hours": hours @ done,
        "fees_yuan": basis.fee_yuan[:, None] * done,
    }


def saved(amounts: Amounts, today: int) -> Amounts:
    """Sum over enterprises of today less each option; who is cut off today has nothing to compare."""
    now = amounts[:, [today]]
    if np.isfinite(amounts).all():
        total: Amounts = (now - amounts).sum(axis=0)
        return total
    known = np.isfinite(amounts) & np.isfinite(now)
    less: Amounts = np.subtract(now, amounts, out=np.zeros(amounts.shape), where=known)
    return np.asarray(less.sum(axis=0), np.float64)


def _inspections(basis: Basis, ways: Ways, taken: Amounts, calls: Amounts) -> dict[str, NDArray[Any]]:
    """Return what inspectors drive from the option, and what they no longer drive from the city.

    What an option with inspectors in the county takes is driven to from there, all else from the city,
    each visit by itself; enterprises that no road leads to are left out, and none is driven to from farther.
    """
    out = ~basis.sent_in
    from_city, city_km = 2.0 * ways.city_to_enterprise, 2.0 * ways.to_laboratory_km.min(axis=1)
    is_reached = np.isfinite(from_city) & np.isfinite(city_km)
    reached = slice(None) if is_reached.all() else is_reached
    from_city, city_km = from_city[reached], city_km[reached]
    names = ("road_hours", "road_km", "city_road_hours", "city_road_km", "city_calls")
    found = {name: np.zeros(len(basis.place)) for name in names}
    some = np.flatnonzero(~basis.of_the_city & (basis.place >= 0))
    column = basis.place[some]
    there = (ways.from_site[:, column] + ways.to_site[:, column])[reached]
    moved = (calls[reached][:, out] @ taken[out][:, some]) * (there < from_city[:, None])
    km = 2.0 * ways.to_site_km[:, column][reached]
    persons = basis.run_persons
    found["city_calls"][some] = moved.sum(axis=0)
    found["city_road_hours"][some] = from_city @ moved / 60.0 * persons
    found["city_road_km"][some] = city_km @ moved
    found["road_hours"][some] = times(moved, there).sum(axis=0) / 60.0 * persons
    found["road_km"][some] = times(moved, km).sum(axis=0)
    return found


def _gate_visits(basis: Basis, ways: Ways, trips: TripAmounts) -> tuple[Amounts, Amounts]:
    """Visits of mobile teams a year, one in place of each trip saved, and their mean km one way."""
    visits_a_year, mean_km = np.zeros((2, len(basis.at_gate)))
    if not basis.at_gate.any():
        return visits_a_year, mean_km
    reached = np.isfinite(ways.city_to_enterprise)
    km = np.where(reached, ways.to_laboratory_km.min(axis=1), 0.0)
    now, there = trips.trips[:, basis.today], trips.trips
    for o in np.flatnonzero(basis.at_gate):
        made = np.where(reached, now - there[:, o], 0.0)
        visits_a_year[o] = made.sum()
        mean_km[o] = (made * km).sum() / made.sum() if made.sum() > 0 else 0.0
    return visits_a_year, mean_km
