"""Road graph and places → the travel times of a study; every point is laid on the network once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.network.snapping import Snapped
from siting.option_kinds import having
from siting.types import EARTH_RADIUS_M, TravelTimes

if TYPE_CHECKING:
    from siting.analysis.network.graph import RoadGraph

CITY_PLACE = "city"
"""Kind of place (table ``places``) that is the city."""


def located(sites: pd.DataFrame) -> pd.DataFrame:
    """Options that stand at a place and can be driven to."""
    return sites[having(sites["kind"], lambda kind: kind.has_place) & sites["lon"].notna()]


def snap_all(graph: RoadGraph, tables: Mapping[str, pd.DataFrame]) -> dict[str, Snapped]:
    """Lay the points of each table (``lon, lat`` in WGS-84 degrees) on the nearest road."""
    return {
        name: graph.snap(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
        for name, frame in tables.items()
    }


def points_of(
    enterprises: pd.DataFrame, sites: pd.DataFrame, laboratories: pd.DataFrame, places: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Sort the points of a study by their role."""
    return {
        "enterprise": enterprises,
        "site": located(sites),
        "laboratory": laboratories,
        "city": places[places["kind"] == CITY_PLACE].head(1),
        "seat": places[places["kind"] == "seat"].head(1),
    }


def travel_times(
    graph: RoadGraph, points: Mapping[str, pd.DataFrame], snapped: Mapping[str, Snapped]
) -> TravelTimes:
    """Drive between the points of a study, both ways.

    Parameters
    ----------
    graph : RoadGraph
    points : point tables by role, see `points_of`
    snapped : the same points on the network, see `snap_all`

    Returns
    -------
    TravelTimes
        Minutes and km with the access legs; ``inf`` where no road leads.
    """
    tables = _between(graph, snapped, ("enterprise", "site"), ("site", "laboratory", "city", "seat"))
    tables |= _between(graph, snapped, ("site", "laboratory", "city"), ("enterprise", "site"))
    lengths = _between(graph, snapped, ("enterprise", "site"), ("site", "laboratory", "city"), "metres")

    def minutes(origin: str, destination: str) -> pd.DataFrame:
        return pd.DataFrame(tables[origin, destination], points[origin].index, points[destination].index)

    def km(origin: str, destination: str) -> pd.DataFrame:
        table = lengths[origin, destination] / 1000.0
        return pd.DataFrame(table, points[origin].index, points[destination].index)

    return TravelTimes(
        to_site=minutes("enterprise", "site"),
        from_site=minutes("site", "enterprise").T,
        to_laboratory=minutes("enterprise", "laboratory"),
        from_laboratory=minutes("laboratory", "enterprise").T,
        to_site_km=km("enterprise", "site"),
        to_laboratory_km=km("enterprise", "laboratory"),
        site_to_city=minutes("site", "city").iloc[:, 0],
        city_to_site=minutes("city", "site").iloc[0],
        site_to_city_km=km("site", "city").iloc[:, 0],
        site_to_seat=minutes("site", "seat").iloc[:, 0],
        city_to_enterprise=minutes("city", "enterprise").iloc[0],
        snapping=snapping_table(graph, points, snapped),
    )


def with_given_times(travel: TravelTimes, minutes: pd.DataFrame) -> TravelTimes:
    """Put given minutes, enterprise × site, in place of those by road, there and back alike.

    Where no road leads the site stays out of reach, since the length of the way is not known; where the
    given time is ``inf``, it is out of reach too.
    """
    given = minutes.reindex(travel.to_site.index, axis=0).reindex(travel.to_site.columns, axis=1)
    replaced = {}
    for name in ("to_site", "from_site"):
        by_road = getattr(travel, name)
        replaced[name] = by_road.where(np.isinf(by_road) | given.isna(), given)
    return replace(
        travel, **replaced, to_site_km=travel.to_site_km.where(np.isfinite(replaced["to_site"]), np.inf)
    )


def beside_roads(
    minutes: pd.DataFrame, by_road: TravelTimes, points: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Set given minutes, enterprise × site, beside those by road and the straight line.

    Returns
    -------
    DataFrame
        One row a cell, by enterprise, then site: ``start, end`` (ids), ``given, road`` (minutes there),
        ``km`` (straight line), ``factor`` (given to road, a minute added to each: short trips prove little).
    """
    road = by_road.to_site
    starts, ends = points["enterprise"].loc[road.index], points["site"].loc[road.columns]
    cells = pd.DataFrame(
        {
            "start": np.repeat(road.index.to_numpy(object), len(ends)),
            "end": np.tile(road.columns.to_numpy(object), len(starts)),
            "given": minutes.loc[road.index, road.columns].to_numpy(np.float64).ravel(),
            "road": road.to_numpy(np.float64).ravel(),
            "km": _straight_km(starts, ends).ravel(),
        }
    )
    return cells.assign(factor=(cells["given"] + 1.0) / (cells["road"] + 1.0))


def _straight_km(starts: pd.DataFrame, ends: pd.DataFrame) -> NDArray[np.float64]:
    """Measure from each start to each end on the sphere, exact enough within a few hundred km."""
    lon, lat = (np.radians(starts[name].to_numpy(np.float64))[:, None] for name in ("lon", "lat"))
    east, north = (np.radians(ends[name].to_numpy(np.float64))[None, :] for name in ("lon", "lat"))
    radians: NDArray[np.float64] = np.hypot((east - lon) * np.cos((north + lat) / 2.0), north - lat)
    return radians * EARTH_RADIUS_M / 1000.0


def _between(
    graph: RoadGraph,
    snapped: Mapping[str, Snapped],
    origins: tuple[str, ...],
    destinations: tuple[str, ...],
    weight: Literal["minutes", "metres"] = "minutes",
) -> dict[tuple[str, str], np.ndarray]:
    """Drive from all origins to all destinations in one search; tables by (origin, destination)."""
    starts, ends = ([snapped[role] for role in roles] for roles in (origins, destinations))
    table = graph.travel_times(_joined(starts), _joined(ends), weight=weight)
    rows, columns = (np.cumsum([0, *map(len, parts)]) for parts in (starts, ends))
    return {
        (origin, destination): table[rows[i] : rows[i + 1], columns[j] : columns[j + 1]].copy()
        for i, origin in enumerate(origins)
        for j, destination in enumerate(destinations)
    }


def _joined(parts: Sequence[Snapped]) -> Snapped:
    return Snapped(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Snapped)))


def snapping_table(
    graph: RoadGraph, points: Mapping[str, pd.DataFrame], snapped: Mapping[str, Snapped]
) -> pd.DataFrame:
    """How each point lies on the network: ``kind, id, snap_m, located, status, road``; see `statuses`."""
    whole = _joined(list(snapped.values()))
    return pd.DataFrame(
        {
            "kind": np.repeat(list(snapped), [len(laid) for laid in snapped.values()]),
            "id": np.concatenate([points[kind].index.to_numpy(object) for kind in snapped]),
            "snap_m": np.round(whole.snap_m, 1),
            "located": whole.located,
            "status": statuses(graph, whole),
            "road": whole.road,
        }
    )


def statuses(graph: RoadGraph, laid: Snapped) -> np.ndarray:
    """Say how points are joined to the main network, whose every part can be reached from every other.

    Returns
    -------
    ndarray of n_points words
        ``connected``: there is a way there and back; ``unlocated``: too far from any road; ``island``: no
        way there, none back; ``no_way_in``: it can be left, not reached; ``no_way_out``: reached, not left.
    """
    leaves = laid.located & laid.on_main
    reached = leaves.copy()
    off, main = np.flatnonzero(laid.located & ~laid.on_main), np.flatnonzero(graph.is_main)
    if len(off) and len(main):
        # One node stands for the whole of the main network.
        hub, few = graph.tail[main[:1]], Snapped(*(getattr(laid, f.name)[off] for f in fields(Snapped)))
        leaves[off] = np.isfinite(graph.travel_times(few, hub))[:, 0]
        reached[off] = np.isfinite(graph.travel_times(hub, few))[0]
    cases = [~laid.located, leaves & reached, leaves, reached]
    return np.select(cases, ["unlocated", "connected", "no_way_in", "no_way_out"], "island").astype(object)
