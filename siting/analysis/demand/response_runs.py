"""Residents and travel times → minutes until help arrives under each option; nobody else travels."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.demand_settings import TripSettings
from siting.option_kinds import having
from siting.types import Demand, TravelTimes, Trips

Table = NDArray[np.float64]


def response_runs(
    demand: Demand,
    services: pd.DataFrame,
    sites: pd.DataFrame,
    travel: TravelTimes,
    settings: TripSettings | None = None,
) -> Trips:
    """Work out how soon help reaches each place; the stations of today stay under every option.

    Parameters
    ----------
    demand : residents by place
    services, sites : tables of the study
    travel : minutes from the sites, and from the stations of today as ``from_laboratory``
    settings : time until a vehicle leaves

    Returns
    -------
    Trips
        ``minutes`` from the alarm on, places × options; no trip of a resident, hour or km.
    """
    settings = settings or TripSettings()
    stands = having(sites["kind"], lambda kind: kind.has_place)
    place = np.where(stands, travel.from_site.columns.get_indexer(sites.index), -1)
    minutes = response_minutes(
        travel.from_site.to_numpy(float),
        travel.from_laboratory.to_numpy(float),
        place,
        settings.turnout_min,
    )
    places = demand.tests.index
    none = pd.DataFrame(0.0, places, sites.index)
    whole = pd.DataFrame(1.0, services.index, sites.index)
    return Trips(
        trips=none,
        hours=none,
        vehicle_km=none,
        minutes=pd.DataFrame(minutes, places, sites.index),
        taken=whole,
        city_trips=none,
        issued=whole,
    )


# the same on arrays -----------------------------------------------------------------------


def response_minutes(
    from_site: Table, from_station: Table, place: NDArray[np.int64], turnout_min: float
) -> Table:
    """Minutes from the alarm until the nearest vehicle arrives, n_places × n_options.

    Under an option the stations of today stay: help comes from whichever is nearer. ``inf`` where no road
    leads from any.

    Parameters
    ----------
    from_site : n_places × n_sites, minutes from each site
    from_station : n_places × n_stations, minutes from each station of today
    place : n_options, column among the sites; −1 where the option has none
    turnout_min : from the alarm until the vehicle leaves

    Examples
    --------
    >>> response_minutes(np.array([[3.0], [9.0]]), np.array([[7.0], [4.0]]), np.array([-1, 0]), 1.0)
    array([[8., 4.],
           [5., 5.]])
    """
    today = from_station.min(axis=1, initial=np.inf)[:, None]
    there = np.where(place >= 0, from_site[:, np.maximum(place, 0)] if from_site.size else np.inf, np.inf)
    minutes: Table = np.minimum(there, today) + turnout_min
    return minutes


def share_within(minutes: Table, residents: NDArray[np.float64], limit_min: float) -> NDArray[np.float64]:
    """Return the share of the residents whom help reaches within a limit, by option.

    Examples
    --------
    >>> share_within(np.array([[5.0, 9.0], [6.0, 5.0]]), np.array([300.0, 100.0]), 5.0)
    array([0.75, 0.25])
    """
    within = (minutes <= limit_min).astype(float)
    share: NDArray[np.float64] = residents @ within / (residents.sum() or np.nan)
    return share
