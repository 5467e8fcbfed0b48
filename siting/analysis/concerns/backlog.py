"""Equipment that waits for its inspection → the days that clearing it takes under each option.

A backlog is no yearly demand: it counts once, in no score, and as a matter of safety beside the money.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.options import taken_shares
from siting.analysis.demand.trip_amounts import HALF_DAY_H
from siting.analysis.frames import baseline_option, numbers
from siting.analysis.money.capacity import hours_per_test
from siting.analysis.money.flows import productive_hours
from siting.analysis.money.money_settings import YUAN_PER_WAN, EconomicsSettings
from siting.option_kinds import having
from siting.types import Evidence

Figures = NDArray[np.float64]

DAY_H = 2.0 * HALF_DAY_H
"""Hours of a working day."""

_TINY = 1e-9
"""Part of a day that is rounding."""


@dataclass(frozen=True)
class Backlog:
    """Pieces that wait, and what clearing them takes; each row stands for itself alone."""

    pieces: pd.Series
    """By enterprise that has any."""
    service: str | None
    """Inspection that they are taken to wait for: of those of single pieces the one of most hours."""
    by_option: pd.DataFrame
    """By option: ``inspects`` (whether it may do it itself), ``days`` of one team, ``trips`` of inspectors,
    ``road_hours`` (person-hours), ``saved_once_yuan`` against today; ``days_if_approved,
    saved_once_if_approved_yuan``: the same with the approval that the inspection needs."""


def clear_backlog(evidence: Evidence, settings: EconomicsSettings, trip_settings: TripSettings) -> Backlog:
    """Work out how long one team takes to inspect what waits, from each option and from the city as today.

    A team inspects in the hours that the road leaves of its day, at most what one visit takes; enterprises
    come one after the other. An option that may not inspect leaves it to the city, and so does one that is
    farther. What the equipment waits for (lost documents, say) comes before any of these days.
    """
    waiting = evidence.demand.backlog
    pieces = waiting[waiting > 0]
    service = _slowest_inspection(evidence.inputs.services)
    if service is None or pieces.empty:
        return Backlog(pieces, service, pd.DataFrame(columns=list(_COLUMNS)))
    approved = (*trip_settings.approvals, "special_equipment")
    with_approval = trip_settings.model_copy(update={"approvals": approved})
    now, then = (
        _cleared(evidence, pieces, service, settings, trips) for trips in (trip_settings, with_approval)
    )
    now["days_if_approved"] = then["days"]
    now["saved_once_if_approved_yuan"] = then["saved_once_yuan"]
    return Backlog(pieces, service, now[list(_COLUMNS)])


_COLUMNS = (
    *("inspects", "days", "trips", "road_hours", "saved_once_yuan"),
    *("days_if_approved", "saved_once_if_approved_yuan"),
)


def _slowest_inspection(services: pd.DataFrame) -> str | None:
    """Find the inspection of single pieces at the enterprise that takes most hours, the cautious choice."""
    hours = pd.Series(hours_per_test(services), services.index)
    of_pieces = (services["unit"] == "piece") & (services["trip_kind"] == "inspector_out")
    return str(hours[of_pieces].idxmax()) if of_pieces.any() else None


def _cleared(
    evidence: Evidence,
    pieces: pd.Series,
    service: str,
    settings: EconomicsSettings,
    trip_settings: TripSettings,
) -> pd.DataFrame:
    options, row = evidence.options, evidence.inputs.services.loc[[service]]
    taken, issued = (table.loc[service] for table in taken_shares(row, options, trip_settings))
    teams = having(options["kind"], lambda kind: kind.comes_to_gate)
    own = having(options["kind"], lambda kind: kind.has_place and not kind.of_the_city)
    inspects = own & (taken * issued > 0).to_numpy()
    road_h, road_km, from_option = _roads(evidence, pieces.index, inspects)
    stay = np.where(teams, settings.days_per_stay, 1.0)
    persons = np.where(teams, settings.team_staff, settings.city_run_persons)
    work = float(hours_per_test(row)[0]), float(numbers(row, "tests_per_trip", np.inf)[0])
    days = days_needed(pieces.to_numpy(float)[:, None], road_h, persons, *work, days_per_stay=stay)
    trips = np.ceil(days / stay)
    road_hours = (trips * road_h * persons).sum(axis=0)
    yuan = road_hours * settings.staff_cost_wan * YUAN_PER_WAN / productive_hours(settings)
    yuan += (trips * road_km).sum(axis=0) * settings.vehicle_cost_yuan_km
    yuan += (trips * ~from_option).sum(axis=0) * 2.0 * settings.toll_yuan
    today = options.index.get_loc(baseline_option(options))
    return pd.DataFrame(
        {
            "inspects": from_option.any(axis=0),
            "days": days.sum(axis=0),
            "trips": trips.sum(axis=0),
            "road_hours": road_hours,
            "saved_once_yuan": yuan[today] - yuan,
        },
        index=options.index,
    )


def _roads(
    evidence: Evidence, firms: pd.Index, inspects: NDArray[np.bool_]
) -> tuple[Figures, Figures, NDArray[np.bool_]]:
    """Return hours and km of the way there and back, firm × option, and whether it starts at the option."""
    travel, options = evidence.travel, evidence.options
    shape = (len(firms), len(options))
    hours = np.broadcast_to(2.0 * travel.city_to_enterprise[firms].to_numpy()[:, None] / 60.0, shape).copy()
    city_km = 2.0 * travel.to_laboratory_km.loc[firms].min(axis=1).to_numpy()[:, None]
    km = np.broadcast_to(city_km, shape).copy()
    starts = np.zeros(shape, dtype=bool)
    for column, option in enumerate(options.index):
        if not inspects[column]:
            continue
        own = (travel.to_site.loc[firms, option] + travel.from_site.loc[firms, option]).to_numpy() / 60.0
        nearer = own < hours[:, column]
        starts[:, column] = nearer
        own_km = 2.0 * travel.to_site_km.loc[firms, option].to_numpy()
        hours[:, column] = np.where(nearer, own, hours[:, column])
        km[:, column] = np.where(nearer, own_km, km[:, column])
    return hours, km, starts


def days_needed(
    pieces: Figures,
    road_h: Figures,
    persons: Figures | float,
    hours_per_piece: float,
    pieces_per_visit: float,
    *,
    days_per_stay: Figures | float = 1.0,
) -> Figures:
    """Return the whole days that a team takes; ``inf`` where the road leaves no hour of the day.

    Parameters
    ----------
    pieces : that wait
    road_h : hours there and back
    persons : of the team
    hours_per_piece : person-hours of one inspection
    pieces_per_visit : most that one day at the enterprise takes
    days_per_stay : days between two drives

    Examples
    --------
    >>> days_needed(np.array([21.0, 21.0]), np.array([3.2, 0.0]), 1.5, 6.0, 5.0).tolist()
    [18.0, 11.0]
    """
    left = np.maximum(DAY_H - road_h / days_per_stay, 0.0)
    a_day = np.minimum(pieces_per_visit, persons * left / hours_per_piece)
    with np.errstate(divide="ignore"):
        days: Figures = np.ceil(pieces / a_day - _TINY)
    return days
