"""Register and service catalogue → tests a year; tests and travel times → the enterprises' trips a year.

Nearness is worth different amounts: samples travel in (``sample_in``), inspectors travel out
(``inspector_out``), parcels replace trips (``courier``). Only the first makes an enterprise drive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from siting.analysis.cells import numbers, words
from siting.types import Demand, InputError, Settings, TravelTimes, Trips

HALF_DAY_H = 4.0
"""Hours of half a working day."""

Permission = Literal["cma", "metrology", "special_equipment"]


class DemandSettings(Settings):
    """``[demand]``: how many tests the register stands for."""

    expansion_factor: float = Field(default=3.0, gt=0)
    """Enterprises that a row stands for; scales hours, yuan and NPV, never shares
    (`register.expansion_factor`)."""
    pieces_per_100_employees: float = Field(default=3.0, ge=0)
    """Pieces of special equipment per 100 employees where an enterprise states none
    (`special_equipment.pieces_per_100_employees`)."""
    pieces_per_100_employees_low: float = Field(default=1.0, ge=0)
    """Low end of the same (`special_equipment.pieces_per_100_employees`)."""
    pieces_per_100_employees_high: float = Field(default=8.0, ge=0)
    """High end of the same (`special_equipment.pieces_per_100_employees`)."""


class TripSettings(Settings):
    """``[trips]``: how enterprises travel, and what an option may take from the city."""

    persons: float = Field(default=1.5, gt=0)
    """Persons on a trip (`trip.persons`)."""
    waiting_city_min: float = Field(default=60.0, ge=0)
    """Parking, queue and form at a laboratory in the city, minutes a trip (`trip.waiting_at_city`)."""
    waiting_centre_min: float = Field(default=30.0, ge=0)
    """The same at an option in the county, minutes a trip (`trip.waiting_at_centre`)."""
    report_collection: float = Field(default=0.5, ge=0)
    """Further trips to collect the report, per test trip (`trip.return_to_collect_report`)."""
    combined_errands_share: float = Field(default=0.3, ge=0, le=1)
    """Share of trips that another errand causes anyway: not counted, under no option
    (`trip.combined_with_other_errand`)."""
    phase: int = Field(default=1, ge=1, le=9)
    """Building phase looked at: services of this phase and earlier are open."""
    approvals: tuple[Permission, ...] = ("cma", "metrology")
    """Permissions that a new centre is granted; statutory inspection of special equipment is not assumed
    (`special_equipment.available_at_centre` = 0)."""
    subcontracted_share: float = Field(default=0.3, ge=0, le=1)
    """Share of tests handed in at a new centre that it cannot do itself: its van takes them to the city,
    the city's laboratory signs the report (`centre.share_subcontracted_phase1`)."""
    mobile_share: float = Field(default=0.35, ge=0, le=1)
    """Share of a service that a mobile team can do where the catalogue does not say
    (`mobile.share_of_tests_possible`)."""
    window_share: float = Field(default=0.5, ge=0, le=1)
    """Share of the tests that can wait at a collection window for its van; dated specimens, release batches
    and dangerous goods cannot (assumed)."""
    leakage: Literal["stated", "huff"] = "stated"
    """Who goes on to the city though the option could serve: the share that the catalogue states, or a share
    that falls with the drive (Huff 1964), see `trips`."""
    huff_exponent: float = Field(default=2.0, gt=0)
    """How fast the pull of a place falls with the minutes to it (Huff 1964; assumed)."""
    huff_city_attractiveness: float = Field(default=5.0, gt=0)
    """Pull of the city's laboratories at equal minutes, an option in the county being 1 (assumed)."""
    half_day_blocks: bool = False
    """Count each round trip in whole half working days (4 h), as a person away rarely works the rest."""


PARAMETERS: Mapping[str, str] = {
    "demand.expansion_factor": "register.expansion_factor",
    "demand.pieces_per_100_employees": "special_equipment.pieces_per_100_employees",
    "trips.persons": "trip.persons",
    "trips.waiting_city_min": "trip.waiting_at_city",
    "trips.waiting_centre_min": "trip.waiting_at_centre",
    "trips.report_collection": "trip.return_to_collect_report",
    "trips.combined_errands_share": "trip.combined_with_other_errand",
    "trips.subcontracted_share": "centre.share_subcontracted_phase1",
    "trips.mobile_share": "mobile.share_of_tests_possible",
}
"""Scenario key → row of the parameters table that its default comes from."""


# tests a year ----------------------------------------------------------------------------


def annual_tests(
    enterprises: pd.DataFrame,
    services: pd.DataFrame,
    industries: pd.DataFrame,
    settings: DemandSettings | None = None,
) -> Demand:
    """Estimate the tests a year of each enterprise and service.

    Tests = units × tests a unit and year, where the service is for the enterprise's industry. The units
    are pieces of special equipment, hundreds of employees, the firm itself, or 万元 of output. A missing
    figure is estimated (employees: typical of the industry; equipment: pieces per 100 employees; output:
    output per employee of the industry) and marked in ``assumed``. What an enterprise itself states
    (``tests_per_year``) overrides the estimate: its row is scaled to that total.

    Parameters
    ----------
    enterprises : table ``enterprises`` of the data dictionary, n_enterprises rows
    services : table ``services``, n_services rows
    industries : table ``industries``
    settings : defaults of `DemandSettings` if None

    Returns
    -------
    Demand
        ``tests, low, high`` n_enterprises × n_services; the backlog apart: it is no yearly flow, and as
        it waits for documents, not for a nearer bench, it is credited to no option.
    """
    settings = settings or DemandSettings()
    units, assumed = _units(enterprises, industries, settings)
    applies = _applies(enterprises["industry"], services)
    kind = services["unit"].to_numpy()
    _check_units(services)

    def tests(bound: str) -> np.ndarray:
        per_unit = numbers(services, f"tests_{bound}")
        unit = np.column_stack([units[bound][name] for name in kind]) if len(kind) else applies * 0.0
        return np.where(applies, unit * per_unit, 0.0)

    stated = numbers(enterprises, "tests_per_year")
    likely = tests("likely")
    _check_known(likely, enterprises.index)
    total = likely.sum(axis=1)
    scale = np.divide(stated, total, out=np.zeros_like(stated), where=total > 0)
    own = ~np.isnan(stated)
    assumed["unplaced"] = np.where(own & (total == 0), stated, 0.0)

    def frame(values: np.ndarray) -> pd.DataFrame:
        values = np.where(own[:, None], likely * scale[:, None], values)
        return pd.DataFrame(values, enterprises.index, services.index)

    return Demand(
        tests=frame(likely),
        low=frame(tests("low")),
        high=frame(tests("high")),
        backlog=pd.Series(numbers(enterprises, "backlog", 0.0), enterprises.index, name="backlog"),
        assumed=assumed,
        expansion_factor=settings.expansion_factor,
    )


def pillar_of(enterprises: pd.DataFrame, industries: pd.DataFrame) -> pd.Series:
    """Return the industry (id of table ``industries``) of each enterprise: the longest matching prefix.

    Enterprises without a code, or whose code no prefix fits, get None.
    """
    names = np.array([*industries.index, None], dtype=object)
    position = industry_position(enterprises["industry"], industries)
    return pd.Series(names[position], enterprises.index, dtype=object, name="pillar")


def industry_position(codes: pd.Series, industries: pd.DataFrame) -> np.ndarray:
    """Return the row of table ``industries`` that each code belongs to; −1 where none does."""
    prefixes = {code: row for row, cell in enumerate(industries["codes"]) for code in words(cell)}
    lengths = sorted({len(prefix) for prefix in prefixes}, reverse=True)

    def row_of(code: str) -> int:
        return next((prefixes[code[:n]] for n in lengths if code[:n] in prefixes), -1)

    number, known = pd.factorize(codes)
    return np.array([*(row_of(str(code)) for code in known), -1])[number]


def _units(
    enterprises: pd.DataFrame, industries: pd.DataFrame, settings: DemandSettings
) -> tuple[dict[str, dict[str, np.ndarray]], pd.DataFrame]:
    """Units of demand of each enterprise by bound and unit, and where a figure had to be estimated."""
    position = industry_position(enterprises["industry"], industries)

    def typical(column: str) -> np.ndarray:
        by_industry = numbers(industries, column)
        # An enterprise of no listed industry takes the middle one: nothing better is known of it.
        middle = np.nanmedian(by_industry) if np.isfinite(by_industry).any() else np.nan
        of_each = np.append(by_industry, np.nan)[position]
        return np.where(np.isnan(of_each), middle, of_each)

    employees, equipment, output = (numbers(enterprises, c) for c in ("employees", "equipment", "output_wan"))
    missing = {"employees": employees, "equipment": equipment, "output_wan": output}
    assumed = pd.DataFrame({k: np.isnan(v) for k, v in missing.items()}, enterprises.index)
    employees = np.where(np.isnan(employees), typical("employees_typical"), employees)
    output = np.where(np.isnan(output), employees * typical("output_per_employee_wan"), output)
    rates = {
        "low": settings.pieces_per_100_employees_low,
        "likely": settings.pieces_per_100_employees,
        "high": settings.pieces_per_100_employees_high,
    }
    units = {
        bound: {
            "piece": np.where(np.isnan(equipment), employees / 100.0 * rate, equipment),
            "100_employees": employees / 100.0,
            "firm": np.ones(len(enterprises)),
            "wan_output": output,
        }
        for bound, rate in rates.items()
    }
    return units, assumed


def _applies(codes: pd.Series, services: pd.DataFrame) -> np.ndarray:
    """Whether a service is for an enterprise, n_enterprises × n_services: one of its prefixes fits."""
    prefixes = [words(cell) for cell in services["industries"]]
    number, known = pd.factorize(codes)
    fits = np.zeros((len(known) + 1, len(prefixes)), dtype=bool)  # last row: enterprises without a code
    for s, prefix in enumerate(prefixes):
        fits[:, s] = "*" in prefix
        fits[:-1, s] |= np.array([str(code).startswith(prefix) for code in known], dtype=bool)
    return fits[number]


def _check_units(services: pd.DataFrame) -> None:
    known = ("piece", "100_employees", "firm", "wan_output")
    wrong = services[~services["unit"].isin(known)]
    if len(wrong):
        listed = "; ".join(f"{service}: {unit!r}" for service, unit in wrong["unit"].items())
        raise InputError(f"services: unknown unit of demand: {listed}; allowed are {', '.join(known)}")


def _check_known(likely: np.ndarray, ids: pd.Index) -> None:
    unknown = ids[np.isnan(likely).any(axis=1)]
    if len(unknown):
        raise InputError(
            f"enterprises: employees or output are missing for {len(unknown)} rows "
            f"({', '.join(map(str, unknown[:5]))}{' …' if len(unknown) > 5 else ''}) and table industries "
            "states no typical figure; fill in employees, or employees_typical and output_per_employee_wan"
        )


# trips a year ----------------------------------------------------------------------------


def travelling_share(services: pd.DataFrame) -> np.ndarray:
    """Return the share of each service's tests that the enterprise itself carries, n_services.

    None of ``inspector_out`` (inspectors come, or the bureau takes the sample), all but the parcels of
    ``sample_in`` and ``courier``; a ``courier`` service without a stated share travels by parcel alone.
    """
    kind = services["trip_kind"].to_numpy()
    parcels = numbers(services, "courier_share")
    parcels = np.where(np.isnan(parcels), kind == "courier", parcels)
    return np.where(kind == "inspector_out", 0.0, 1.0 - parcels)


def visits(demand: Demand, services: pd.DataFrame) -> np.ndarray:
    """Return tests a year over tests that share one way, n_enterprises × n_services, unscaled.

    The weight of demand wherever shares and means are taken: a batch of 25 gauges is one errand, not 25.
    """
    return demand.tests.to_numpy() / numbers(services, "tests_per_trip", 1.0)


def carried_trips(demand: Demand, services: pd.DataFrame) -> np.ndarray:
    """Return the visits that the enterprise itself makes, n_enterprises × n_services a year, unscaled."""
    return visits(demand, services) * travelling_share(services)


def taken_shares(
    services: pd.DataFrame, sites: pd.DataFrame, settings: TripSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each option takes of a service, and what it may legally report.

    Parameters
    ----------
    services, sites : tables of the data dictionary
    settings : phase, approvals, subcontracting

    Returns
    -------
    taken : n_services × n_options
        Share of the tests handed in at the option; the rest goes to the city as today.

        ``city`` takes everything. ``build`` and ``convert`` take the services of the phases open whose
        permission the scenario grants, less the leakage; ``branch`` the same with every permission, as
        its institute holds them. ``collection`` takes what can wait for its van: the city's laboratories
        test it, so none leaks. ``shared`` (laboratories that the county has) and
        ``neighbour`` (of another county) take what needs no more than a CMA, less the leakage; the
        former is open in phase 1 only. ``mobile`` takes what teams can do on the spot.
        An option that lists its ``services`` takes none but these.
    issued : n_services × n_options
        Share of the tests whose report the option may sign. What a new centre sends on by van is signed
        in the city; ``mobile`` and ``collection`` belong to the institutes of the city.
    """
    phase = numbers(services, "phase", 0.0)
    opened = (phase >= 1) & (phase <= settings.phase)
    permission = services["permission"].to_numpy()
    granted = np.isin(permission, ["none", *settings.approvals])
    simple = np.isin(permission, ["none", "cma"])
    stays = 1.0 - numbers(services, "leakage_share", 0.0) * (settings.leakage == "stated")
    onsite = numbers(services, "onsite_share", settings.mobile_share)
    carried = services["trip_kind"].to_numpy() != "inspector_out"
    everything = np.ones(len(services))
    signed = 1.0 - settings.subcontracted_share
    rules = {
        "city": (everything, everything),
        "build": (opened * granted * stays, opened * granted * signed),
        "convert": (opened * granted * stays, opened * granted * signed),
        "branch": (opened * stays, opened * signed),
        "collection": (carried * settings.window_share, everything),
        "shared": ((phase == 1) * simple * stays, (phase == 1) * simple * signed),
        "neighbour": (simple * stays, simple * 1.0),
        "mobile": (onsite, everything),
    }
    lists = [words(cell) for cell in sites["services"]] if "services" in sites else [()] * len(sites)
    taken, issued = np.zeros((2, len(services), len(sites)))
    for o, (kind, listed) in enumerate(zip(sites["kind"], lists, strict=True)):
        offered = services.index.isin(listed) if listed else True
        taken[:, o] = rules[kind][0] * offered
        issued[:, o] = rules[kind][1] * (offered if kind not in ("mobile", "collection") else 1.0)
    return pd.DataFrame(taken, services.index, sites.index), pd.DataFrame(issued, services.index, sites.index)


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


_AT_THE_GATE = _Journey(*(np.zeros((1, 1)) for _ in range(3)), trips=0.0)
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
        Scaled by the expansion factor; columns are the options in the order of `sites`. Sums over
        enterprises equal sums over services. ``minutes`` is NaN for an enterprise that carries nothing.

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
        if settings.leakage == "huff" and kind in _LEAKING:
            share = share * _staying(there.minutes, today.minutes, settings)
            taken[option] = _mean(share.T, carried.T)
        columns.append(_amounts(flow, carried, share, there, today))
        columns[-1]["city_trips"] = (flow * (1.0 - share * (kind != "city"))).sum(axis=1)
    frames = {}
    for name in columns[0]:
        rows = services.index if name == "service_hours" else demand.tests.index
        frames[name] = pd.DataFrame(np.column_stack([c[name] for c in columns]), rows, sites.index)
    return Trips(**frames, taken=taken, issued=issued)


def _amounts(
    flow: np.ndarray, carried: np.ndarray, share: np.ndarray, there: _Journey, today: _Journey
) -> dict[str, np.ndarray]:
    """Sum what goes there by `share` and what stays with today, by enterprise; hours by service too."""
    hours = _times(flow, _blend(share, there.hours, today.hours))
    return {
        "trips": (flow * _blend(share, there.trips, today.trips)).sum(axis=1),
        "hours": hours.sum(axis=1),
        "vehicle_km": _times(flow, _blend(share, there.km, today.km)).sum(axis=1),
        "minutes": _mean(_blend(share, there.minutes, today.minutes), carried),
        "service_hours": hours.sum(axis=0),
    }


_LEAKING = ("build", "convert", "branch", "shared", "neighbour")
"""Kinds of option that compete with the city for trips; the others are the city's own."""


def _staying(there: np.ndarray, today: np.ndarray, settings: TripSettings) -> np.ndarray:
    """Share of the trips that the option keeps from the city, by the minutes to both (Huff 1964)."""
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isinf(today), 0.0, there / np.maximum(today, 1e-9))
    return 1.0 / (1.0 + settings.huff_city_attractiveness * ratio**settings.huff_exponent)


def _to_laboratories(services: pd.DataFrame, travel: TravelTimes, settings: TripSettings) -> _Journey:
    column = travel.to_laboratory.columns.get_indexer(services["laboratory"])
    to, back, km = (
        frame.to_numpy()[:, column]
        for frame in (travel.to_laboratory, travel.from_laboratory, travel.to_laboratory_km)
    )
    return _journey(to, back, km, settings.waiting_city_min, settings)


def _to_option(
    option: object, kind: str, today: _Journey, travel: TravelTimes, settings: TripSettings
) -> _Journey:
    if kind == "city":
        return today
    if kind == "mobile":
        return _AT_THE_GATE
    to, back, km = (
        frame[option].to_numpy()[:, None] for frame in (travel.to_site, travel.from_site, travel.to_site_km)
    )
    return _journey(to, back, km, settings.waiting_centre_min, settings)


def _times(flow: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Multiply; nothing that flows costs nothing, even over a road that does not exist."""
    if np.isfinite(values).all():
        return flow * values
    with np.errstate(invalid="ignore"):
        return np.where(flow > 0, flow * values, 0.0)


def _blend(share: np.ndarray, there: np.ndarray | float, today: np.ndarray | float) -> np.ndarray:
    return _times(share, np.asarray(there)) + _times(1.0 - share, np.asarray(today))


def _mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean over services by weight; NaN for an enterprise without weight."""
    total = weights.sum(axis=1)
    summed = _times(weights, values).sum(axis=1)
    return np.divide(summed, total, out=np.full_like(total, np.nan), where=total > 0)


def _check_places(services: pd.DataFrame, sites: pd.DataFrame, travel: TravelTimes) -> None:
    known = [str(name) for name in travel.to_laboratory.columns]
    problems = [
        f"services: {service}: unknown laboratory {name!r}; allowed are {', '.join(known)}"
        for service, name in services["laboratory"].items()
        if name not in known
    ]
    problems += [
        f"sites: {option}: an option of kind {kind!r} needs lon and lat"
        for option, kind in sites["kind"].items()
        if kind not in ("city", "mobile") and option not in travel.to_site.columns
    ]
    if problems:
        raise InputError("\n".join(problems))
