"""Register and service catalogue → tests a year; tests and travel times → the enterprises' trips a year.

Nearness is worth different amounts: samples travel in (``sample_in``), inspectors travel out
(``inspector_out``), parcels replace trips (``courier``). Only the first makes an enterprise drive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.options import taken_shares
from siting.messages import refusals, text_of
from siting.option_kinds import KINDS
from siting.types import Demand, TravelTimes, Trips

HALF_DAY_H = 4.0
"""Hours of half a working day."""


@dataclass(frozen=True)
class _Journey:
    """One round trip to a destination; arrays n_enterprises × n_services or × 1."""

    minutes: np.ndarray
    """One way, out."""
    hours: np.ndarray
    """Person-hours: both ways and waiting."""
    km: np.ndarray
    """Both ways."""
    trips: float
    """Trips of the enterprise: 0 where the team comes."""


def _journey(
    to: np.ndarray, back: np.ndarray, km: np.ndarray, waiting_min: float, settings: TripSettings
) -> _Journey:
    hours = (to + back + waiting_min) / 60.0
    if settings.half_day_blocks:
        hours = np.ceil(hours / HALF_DAY_H - 1e-9) * HALF_DAY_H
    return _Journey(minutes=to, hours=settings.persons * hours, km=2.0 * km, trips=1.0)


_AT_THE_GATE = _Journey(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros((1, 1)), trips=0.0)
"""A team comes to the enterprise: no trip, no hours."""


def trips(
    demand: Demand,
    services: pd.DataFrame,
    sites: pd.DataFrame,
    travel: TravelTimes,
    settings: TripSettings | None = None,
) -> Trips:
    """Work out the trips of the enterprises in a year under each option.

    Trips = tests carried ÷ tests a trip × (1 + trips to collect the report) × (1 − trips made anyway)
    × expansion factor; person-hours = trips × persons × (way out + way back + waiting). Under an option
    the share that it takes (`taken_shares`) goes to its place, or costs the enterprise no trip where a
    mobile team comes; the rest goes to the laboratory of today. An enterprise for which the option is
    farther than its laboratory of today, or cut off, stays with the latter: nobody is made to drive
    farther than now. ``inspector_out`` and parcels make no trip under any option.

    With ``leakage = "huff"`` the stated leakage gives way to p = t₀^β / (t₀^β + A t^β) of staying in the
    county, t₀ and t the minutes to the city and to the option, A the city's attractiveness (Huff 1964);
    ``taken`` is then the mean over the enterprises' trips.

    Parameters
    ----------
    demand : of `annual_tests`
    services, sites : tables of the data dictionary; each service names its ``laboratory`` of today
    travel : minutes and km; ``inf`` where no road leads
    settings : defaults of `TripSettings` if None

    Returns
    -------
    Trips
        Scaled by the expansion factor; columns are the options in the order of `sites`. ``minutes``
        is NaN for an enterprise that carries nothing.

    Raises
    ------
    InputError
        A service names a laboratory that has no travel times, or an option with a counter has no place.
    """
    settings = settings or TripSettings()
    _check_places(services, sites, travel)
    carried = carried_trips(demand, services)
    flow = carried * (1.0 + settings.report_collection) * (1.0 - settings.combined_errands_share)
    flow = flow * demand.expansion_factor
    taken, issued = taken_shares(services, sites, settings)
    today = _to_laboratories(services, travel, settings)
    columns = []
    for option, kind in sites["kind"].items():
        there = _to_option(option, kind, today, travel, settings)
        nearer = (there.minutes <= today.minutes) & (there.hours <= today.hours)
        share = taken[option].to_numpy() * nearer
        if settings.leakage == "huff" and KINDS[kind].leaks:
            share = share * _staying(there.minutes, today.minutes, settings)
            taken[option] = _mean(share.T, carried.T)
        columns.append(_amounts(flow, carried, share, there, today))
        columns[-1]["city_trips"] = (flow * (1.0 - share * (not KINDS[kind].is_today))).sum(axis=1)
    frames = {}
    for name in columns[0]:
        table = np.column_stack([c[name] for c in columns])
        frames[name] = pd.DataFrame(table, demand.tests.index, sites.index)
    return Trips(**frames, taken=taken, issued=issued)


def _amounts(
    flow: np.ndarray, carried: np.ndarray, share: np.ndarray, there: _Journey, today: _Journey
) -> dict[str, np.ndarray]:
    """Sum what goes there by `share` and what stays with today, by enterprise."""
    return {
        "trips": (flow * _blend(share, there.trips, today.trips)).sum(axis=1),
        "hours": _times(flow, _blend(share, there.hours, today.hours)).sum(axis=1),
        "vehicle_km": _times(flow, _blend(share, there.km, today.km)).sum(axis=1),
        "minutes": _mean(_blend(share, there.minutes, today.minutes), carried),
    }


def _staying(there: np.ndarray, today: np.ndarray, settings: TripSettings) -> np.ndarray:
    """Share of the trips that the option keeps from the city, by the minutes to both (Huff 1964)."""
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isinf(today), 0.0, there / np.maximum(today, 1e-9))
    return 1.0 / (1.0 + settings.huff_city_attractiveness * ratio**settings.huff_exponent)


def _to_laboratories(services: pd.DataFrame, travel: TravelTimes, settings: TripSettings) -> _Journey:
    column = travel.to_laboratory.columns.get_indexer(pd.Index(services["laboratory"]))
    to, back, km = (
        frame.to_numpy()[:, column]
        for frame in (travel.to_laboratory, travel.from_laboratory, travel.to_laboratory_km)
    )
    return _journey(to, back, km, settings.waiting_city_min, settings)


def _to_option(
    option: object, kind: str, today: _Journey, travel: TravelTimes, settings: TripSettings
) -> _Journey:
    if KINDS[kind].is_today:
        return today
    if KINDS[kind].comes_to_gate:
        return _AT_THE_GATE
    to, back, km = (
        frame[option].to_numpy()[:, None] for frame in (travel.to_site, travel.from_site, travel.to_site_km)
    )
    return _journey(to, back, km, settings.waiting_centre_min, settings)


def _times(flow: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Multiply; nothing that flows costs nothing, even over a road that does not exist."""
    if np.isfinite(values).all():
        return flow * values
    with np.errstate(invalid="ignore"):
        return np.where(flow > 0, flow * values, 0.0)


def _blend(
    share: NDArray[np.float64], there: NDArray[np.float64] | float, today: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    return _times(share, np.asarray(there)) + _times(1.0 - share, np.asarray(today))


def _mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over services by weight; NaN for an enterprise without weight."""
    total = weights.sum(axis=1)
    summed = _times(weights, values).sum(axis=1)
    mean: NDArray[np.float64] = np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0)
    return mean


def _check_places(services: pd.DataFrame, sites: pd.DataFrame, travel: TravelTimes) -> None:
    known = [str(name) for name in travel.to_laboratory.columns]
    problems = [
        text_of("E761", service=service, name=name, known=", ".join(known))
        for service, name in services["laboratory"].items()
        if name not in known
    ]
    problems += [
        text_of("E762", option=option, kind=kind)
        for option, kind in sites["kind"].items()
        if KINDS[kind].has_place and option not in travel.to_site.columns
    ]
    if problems:
        raise refusals(problems)
