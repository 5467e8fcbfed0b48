"""Register and service catalogue → tests a year; tests and travel times → the enterprises' trips a year.

Nearness is worth different amounts: samples travel in (``sample_in``), inspectors travel out
(``inspector_out``), parcels replace trips (``courier``). Only the first makes an enterprise drive.
"""

from __future__ import annotations

import pandas as pd

from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.trip_amounts import Offers, trip_amounts
from siting.messages import refusals, text_of
from siting.option_kinds import KINDS
from siting.types import Demand, TravelTimes, Trips, Ways


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
    laboratories, placed = travel.to_laboratory.columns, travel.to_site.columns
    offers = Offers.of(services, sites, settings, laboratories=laboratories, placed=placed)
    found = trip_amounts(
        carried_trips(demand, services),
        offers,
        Ways.of(travel),
        settings,
        expansion_factor=demand.expansion_factor,
    )
    frames = {
        name: pd.DataFrame(getattr(found, name), demand.tests.index, sites.index)
        for name in ("trips", "hours", "vehicle_km", "minutes", "city_trips")
    }
    shares = {
        name: pd.DataFrame(table, services.index, sites.index)
        for name, table in (("taken", found.taken), ("issued", offers.issued))
    }
    return Trips(**frames, **shares)


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
