"""Road graph and places → the travel times of a study; every point is laid on the network once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.types import TravelTimes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.analysis.network import RoadGraph, Snapped

WITHOUT_PLACE = ("city", "mobile")
"""Kinds of option that have no building of their own in the county."""


def located(sites: pd.DataFrame) -> pd.DataFrame:
    """Options that stand at a place and can be driven to."""
    return sites[~sites["kind"].isin(WITHOUT_PLACE) & sites["lon"].notna()]


def snap_all(graph: RoadGraph, tables: Mapping[str, pd.DataFrame]) -> dict[str, Snapped]:
    """Lay the points of each table (``lon, lat`` in WGS-84 degrees) on the nearest road."""
    return {
        name: graph.snap(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
        for name, frame in tables.items()
    }


def points_of(
    enterprises: pd.DataFrame, sites: pd.DataFrame, laboratories: pd.DataFrame, places: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The point tables of a study by their role."""
    return {
        "enterprise": enterprises,
        "site": located(sites),
        "laboratory": laboratories,
        "city": places[places["kind"] == "city"].head(1),
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

    def between(origin: str, destination: str, weight: str = "minutes") -> pd.DataFrame:
        table = graph.travel_times(snapped[origin], snapped[destination], weight=weight)
        return pd.DataFrame(table, points[origin].index, points[destination].index)

    def km(origin: str, destination: str) -> pd.DataFrame:
        return between(origin, destination, "metres") / 1000.0

    return TravelTimes(
        to_site=between("enterprise", "site"),
        from_site=between("site", "enterprise").T,
        to_laboratory=between("enterprise", "laboratory"),
        from_laboratory=between("laboratory", "enterprise").T,
        to_site_km=km("enterprise", "site"),
        to_laboratory_km=km("enterprise", "laboratory"),
        site_to_city=between("site", "city").iloc[:, 0],
        city_to_site=between("city", "site").iloc[0],
        site_to_city_km=km("site", "city").iloc[:, 0],
        site_to_seat=between("site", "seat").iloc[:, 0],
        city_to_enterprise=between("city", "enterprise").iloc[0],
        snapping=snapping_table(points, snapped),
    )


def snapping_table(points: Mapping[str, pd.DataFrame], snapped: Mapping[str, Snapped]) -> pd.DataFrame:
    """How far each point lies from its road: ``kind, id, snap_m, located, road``."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "kind": kind,
                    "id": points[kind].index,
                    "snap_m": np.round(laid.snap_m, 1),
                    "located": laid.located,
                    "road": laid.road,
                }
            )
            for kind, laid in snapped.items()
        ],
        ignore_index=True,
    )
