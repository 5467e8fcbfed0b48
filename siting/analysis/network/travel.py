"""Road graph and places → the travel times of a study; every point is laid on the network once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.network.snapping import Snapped
from siting.option_kinds import having
from siting.types import EARTH_RADIUS_M, TravelTimes, Ways

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
    ways = drive(graph, snapped)
    firms, sites, laboratories = (points[role].index for role in ("enterprise", "site", "laboratory"))
    columns = {"site": sites, "laboratory": laboratories}
    frames: dict[str, Any] = {}
    for part in fields(Ways):
        table = getattr(ways, part.name)
        if table.ndim == 1:
            index = firms if part.name.endswith("enterprise") else sites
            frames[part.name] = pd.Series(table, index)
        else:
            role = "site" if "site" in part.name else "laboratory"
            frames[part.name] = pd.DataFrame(table, firms, columns[role])
    return TravelTimes(**frames, snapping=snapping_table(graph, points, snapped))


def drive(graph: RoadGraph, snapped: Mapping[str, Snapped], lengths: RoadGraph | None = None) -> Ways:
    """Drive between points on the network, as `travel_times` does, into arrays.

    Parameters
    ----------
    graph, snapped : as in `travel_times`
    lengths : the same roads under other times, whose search for the shortest ways is prepared already
    """
    start, end = ("enterprise", "site"), ("site", "laboratory", "city")
    there = _between(graph, snapped, start, (*end, "seat"))
    back = _between(graph, snapped, end, start)
    lengths_m = _between(lengths or graph, snapped, start, end, "metres")

    def to(origin: str, destination: str) -> NDArray[np.float64]:
        return there[origin, destination]

    def fro(origin: str, destination: str) -> NDArray[np.float64]:
        return back[origin, destination]

    def km(origin: str, destination: str) -> NDArray[np.float64]:
        return lengths_m[origin, destination] / 1000.0

    return Ways(
        to_site=to("enterprise", "site"),
        from_site=fro("site", "enterprise").T,
        to_laboratory=to("enterprise", "laboratory"),
        from_laboratory=fro("laboratory", "enterprise").T,
        to_site_km=km("enterprise", "site"),
        to_laboratory_km=km("enterprise", "laboratory"),
        site_to_city=_only(to("site", "city").T),
        city_to_site=_only(fro("city", "site")),
        site_to_city_km=_only(km("site", "city").T),
        site_to_seat=_only(to("site", "seat").T),
        city_to_enterprise=_only(fro("city", "enterprise")),
    )


_CELLS_AT_ONCE = 1 << 19
"""Ways between enterprises and sites of one search for several lists of enterprises, at most."""


def drive_each(graph: RoadGraph, lists: Sequence[Snapped], others: Mapping[str, Snapped]) -> Iterator[Ways]:
    """Drive as `drive` does from and to several lists of enterprises, all other points being the same.

    One search serves many lists: it goes to all nodes anyway, and takes longer to begin than to read off.
    """
    longest = max(map(len, lists), default=0)
    at_once = max(1, _CELLS_AT_ONCE // max(1, longest * len(others["site"])))
    for start in range(0, len(lists), at_once):
        some = lists[start : start + at_once]
        whole = drive(graph, {**others, "enterprise": _joined(some)})
        for first, end in pairwise(np.cumsum([0, *map(len, some)]).tolist()):
            yield whole.of_enterprises(slice(first, end))


def _only(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take the one row there is; NaN where the study names no such place."""
    return rows[0] if len(rows) else np.full(rows.shape[1], np.nan)


def with_given_times(travel: TravelTimes, minutes: pd.DataFrame) -> TravelTimes:
    """Put given minutes, enterprise × site, in place of those by road, there and back alike.

    Where no road leads the site stays out of reach, since the length of the way is not known; where the
    given time is ``inf``, it is out of reach too.
    """
    given = minutes.reindex(travel.to_site.index, axis=0).reindex(travel.to_site.columns, axis=1)
    ways = driven_as_given(Ways.of(travel), given.to_numpy(np.float64))
    replaced: dict[str, Any] = {
        name: pd.DataFrame(getattr(ways, name), travel.to_site.index, travel.to_site.columns)
        for name in ("to_site", "from_site", "to_site_km")
    }
    return replace(travel, **replaced)


def driven_as_given(ways: Ways, given: NDArray[np.float64]) -> Ways:
    """Do the same on arrays; `given` is n_enterprises × n_sites, NaN where no time is given."""
    to_site, from_site = (
        np.where(np.isinf(by_road) | np.isnan(given), by_road, given)
        for by_road in (ways.to_site, ways.from_site)
    )
    to_site_km = np.where(np.isfinite(to_site), ways.to_site_km, np.inf)
    return replace(ways, to_site=to_site, from_site=from_site, to_site_km=to_site_km)


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
