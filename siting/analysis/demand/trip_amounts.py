"""Tests carried and minutes, as arrays → what the trips of a year come to under each option.

Services of one laboratory share their way: sums are taken by laboratory, not by service.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.options import taken_shares
from siting.option_kinds import having
from siting.types import Trips, Ways

HALF_DAY_H = 4.0
"""Hours of half a working day."""

_BLOCK_CELLS = 100_000
"""Figures by enterprise, laboratory and option that are worked out at once."""

Table = NDArray[np.float64]


@dataclass(frozen=True)
class Offers:
    """What options take of which service, and where it goes today."""

    laboratory: NDArray[np.int64]
    """n_services: column of the laboratory of today."""
    taken: Table
    """n_services × n_options, see `taken_shares`."""
    issued: Table
    place: NDArray[np.int64]
    """n_options: column among the options that stand at a place, −1 for others."""
    is_today: NDArray[np.bool_]
    """n_options; so are the next two."""
    at_gate: NDArray[np.bool_]
    leaks: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        services: pd.DataFrame,
        sites: pd.DataFrame,
        settings: TripSettings,
        *,
        laboratories: pd.Index,
        placed: pd.Index,
    ) -> Offers:
        """Gather them from the tables; laboratories and placed options in the order of the ways."""
        kinds = sites["kind"]
        stands = having(kinds, lambda kind: kind.has_place)
        taken, issued = taken_shares(services, sites, settings)
        return cls(
            laboratory=laboratories.get_indexer(pd.Index(services["laboratory"])),
            taken=taken.to_numpy(),
            issued=issued.to_numpy(),
            place=np.where(stands, placed.get_indexer(sites.index), -1),
            is_today=having(kinds, lambda kind: kind.is_today),
            at_gate=having(kinds, lambda kind: kind.comes_to_gate),
            leaks=having(kinds, lambda kind: kind.leaks),
        )


@dataclass(frozen=True)
class TripAmounts:
    """As `siting.types.Trips`, n_enterprises × n_options but for the last."""

    trips: Table
    hours: Table
    vehicle_km: Table
    minutes: Table
    city_trips: Table
    taken: Table
    """n_services × n_options."""

    @classmethod
    def of(cls, trips: Trips) -> TripAmounts:
        """Take the figures out of their frames."""
        return cls(
            trips=trips.trips.to_numpy(dtype=float),
            hours=trips.hours.to_numpy(dtype=float),
            vehicle_km=trips.vehicle_km.to_numpy(dtype=float),
            minutes=trips.minutes.to_numpy(dtype=float),
            city_trips=trips.city_trips.to_numpy(dtype=float),
            taken=trips.taken.to_numpy(dtype=float),
        )

    def of_enterprises(self, some: slice | NDArray[np.int64]) -> TripAmounts:
        """Return the trips of some enterprises."""
        return TripAmounts(
            trips=self.trips[some],
            hours=self.hours[some],
            vehicle_km=self.vehicle_km[some],
            minutes=self.minutes[some],
            city_trips=self.city_trips[some],
            taken=self.taken,
        )


@dataclass(frozen=True)
class _Journey:
    """One round trip to each of some destinations, n_destinations × n_enterprises."""

    minutes: Table
    """One way, out."""
    hours: Table
    """Person-hours: both ways and waiting."""
    km: Table
    """Both ways."""


def _journey(to: Table, back: Table, km: Table, waiting_min: float, settings: TripSettings) -> _Journey:
    hours = (to + back + waiting_min) / 60.0
    if settings.half_day_blocks:
        hours = np.ceil(hours / HALF_DAY_H - 1e-9) * HALF_DAY_H
    return _Journey(minutes=to, hours=settings.persons * hours, km=2.0 * km)


def trip_amounts(
    carried: Table, offers: Offers, ways: Ways, settings: TripSettings, *, expansion_factor: float
) -> TripAmounts:
    """Work out the trips of a year under each option; the law stands at `siting.analysis.demand.trips`.

    Enterprises come last in all that is worked with, so that sums over laboratories run along memory, and
    options are taken some at a time, so that these fit the processor's cache.

    Parameters
    ----------
    carried : n_enterprises × n_services, see `carried_trips`
    offers, ways : of the same services, options and laboratories
    settings, expansion_factor : of the study
    """
    today = _journey(
        _turned(ways.to_laboratory),
        _turned(ways.from_laboratory),
        _turned(ways.to_laboratory_km),
        settings.waiting_city_min,
        settings,
    )
    by_laboratory = np.arange(len(today.minutes))[:, None] == offers.laboratory
    trips = _turned(carried)
    at_laboratory = by_laboratory.astype(float) @ trips
    sums = {
        name: np.empty((len(offers.place), len(carried)))
        for name in ("trips", "hours", "vehicle_km", "minutes", "city_trips")
    }
    taken = offers.taken.copy()
    block = max(1, _BLOCK_CELLS // max(1, at_laboratory.size))
    for first in range(0, len(offers.place), block):
        some = np.arange(first, min(first + block, len(offers.place)))
        there = _to_options(some, offers, ways, settings, len(carried))
        kept = _kept(some, offers, there, today, settings)
        goes = kept * _split(trips, by_laboratory, offers.taken[:, some])
        stays = kept * _split(trips, by_laboratory, 1.0 - offers.taken[:, some])
        stays += (1.0 - kept) * at_laboratory[:, None]
        if settings.leakage == "huff":
            taken[:, some] = _mean_taken(carried, some, offers, kept)
        _add_up(sums, some, offers, (goes, stays), (there, today))
    flow = (1.0 + settings.report_collection) * (1.0 - settings.combined_errands_share) * expansion_factor
    total = at_laboratory.sum(axis=0)
    minutes = np.divide(sums["minutes"], total, out=np.full_like(sums["minutes"], np.nan), where=total > 0)
    scaled = {name: _turned(flow * table) for name, table in sums.items() if name != "minutes"}
    return TripAmounts(**scaled, minutes=_turned(minutes), taken=taken)


def _turned(table: Table) -> Table:
    """Turn rows into columns, as they then lie in memory."""
    return np.ascontiguousarray(table.T)


def _split(trips: Table, by_laboratory: NDArray[np.bool_], shares: Table) -> Table:
    """Sum a share of the trips of each option by laboratory, n_laboratories × n_options × n_enterprises.

    Parameters
    ----------
    trips : n_services × n_enterprises
    by_laboratory : n_laboratories × n_services
    shares : n_services × n_options
    """
    table = np.empty((len(by_laboratory), shares.shape[1], trips.shape[1]))
    for laboratory, own in enumerate(by_laboratory):
        np.matmul(shares[own].T, trips[own], out=table[laboratory])
    return table


def _to_options(
    some: NDArray[np.int64], offers: Offers, ways: Ways, settings: TripSettings, n: int
) -> _Journey:
    """Return the journeys to some options; where nobody drives there, none takes any time."""
    place = offers.place[some]
    stands = (place >= 0)[:, None]
    to, back, km = (
        np.where(stands, _turned(table[:, np.maximum(place, 0)]), 0.0)
        if stands.any()
        else np.zeros((len(some), n))
        for table in (ways.to_site, ways.from_site, ways.to_site_km)
    )
    there = _journey(to, back, km, settings.waiting_centre_min, settings)
    return _Journey(there.minutes, np.where(stands, there.hours, 0.0), there.km)


def _kept(
    some: NDArray[np.int64], offers: Offers, there: _Journey, today: _Journey, settings: TripSettings
) -> Table:
    """Return the part of what an option takes that comes: none from where it is farther than today's."""
    near = there.minutes <= today.minutes[:, None]
    near &= there.hours <= today.hours[:, None]
    near[:, offers.is_today[some]] = False
    kept: Table = near.astype(float)
    if settings.leakage == "huff":
        leaks = offers.leaks[some]
        kept[:, leaks] *= _staying(there.minutes[leaks], today.minutes[:, None], settings)
    return kept


def _staying(there: Table, today: Table, settings: TripSettings) -> Table:
    """Share of the trips that the option keeps from the city, by the minutes to both (Huff 1964)."""
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isinf(today), 0.0, there / np.maximum(today, 1e-9))
    share: Table = 1.0 / (1.0 + settings.huff_city_attractiveness * ratio**settings.huff_exponent)
    return share


def _mean_taken(carried: Table, some: NDArray[np.int64], offers: Offers, kept: Table) -> Table:
    """Return what options that compete with the city take of each service, mean over the trips."""
    taken = offers.taken[:, some].copy()
    total = carried.sum(axis=0)
    for s, column in enumerate(offers.laboratory):
        weight = carried[:, s] / total[s] if total[s] > 0 else np.full(len(carried), np.nan)
        mean = kept[column] @ weight
        taken[s] = np.where(offers.leaks[some], taken[s] * mean, taken[s])
    return taken


def _add_up(
    sums: dict[str, Table],
    some: NDArray[np.int64],
    offers: Offers,
    parts: tuple[Table, Table],
    journeys: tuple[_Journey, _Journey],
) -> None:
    """Put in what goes to some options and what stays with the laboratories of today."""
    (goes, stays), (there, today) = parts, journeys
    goes_in_all, stays_in_all = goes.sum(axis=0), stays.sum(axis=0)
    sums["trips"][some] = np.where(offers.at_gate[some, None], 0.0, goes_in_all) + stays_in_all
    sums["city_trips"][some] = stays_in_all
    for name, measure in (("hours", "hours"), ("vehicle_km", "km"), ("minutes", "minutes")):
        to_option = times(goes_in_all, getattr(there, measure))
        to_city = times(stays, getattr(today, measure)[:, None]).sum(axis=0)
        sums[name][some] = to_option + to_city


def times(flow: Table, values: Table) -> Table:
    """Multiply; nothing that flows costs nothing, even over a road that does not exist."""
    if np.isfinite(values).all():
        return flow * values
    with np.errstate(invalid="ignore"):
        return np.where(flow > 0, flow * values, 0.0)
