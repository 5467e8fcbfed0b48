"""Points → the nearest place on a road that cars may enter there, to the metre.

Distances are taken in the Mercator projection, which keeps angles, and scaled back at the point's latitude.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.messages import refusal
from siting.types import EARTH_RADIUS_M, RoadLayer

AT_NODE_M = 0.1
"""Nearer than this to the end of a stretch, a point is the junction, metres (coordinates carry 1 cm)."""


@dataclass(frozen=True)
class Snapped:
    """Points laid on the network; arrays of length n_points."""

    lon: np.ndarray
    lat: np.ndarray
    edge: np.ndarray
    """Nearest stretch, also beyond the limit; −1 where there is none."""
    position: np.ndarray
    """Share of the stretch's length from its tail (0..1)."""
    snap_m: np.ndarray
    """Distance between point and road, metres."""
    located: np.ndarray
    """Whether the road lies within the limit."""
    on_main: np.ndarray
    """Whether the whole main network can be reached from the stretch, and the stretch from it."""
    road: np.ndarray
    """Number or name of the stretch; empty where it has none."""

    def __len__(self) -> int:
        return len(self.lon)

    def part(self, first: int, end: int) -> Snapped:
        """Return some of the points."""
        return Snapped(*(getattr(self, column.name)[first:end] for column in fields(self)))

    def put(self, at: NDArray[np.bool_], others: Snapped) -> Snapped:
        """Return the points with some of them laid elsewhere."""
        if at.all():
            return others
        columns = []
        for column in fields(self):
            whole = getattr(self, column.name).copy()
            whole[at] = getattr(others, column.name)
            columns.append(whole)
        return Snapped(*columns)


def mercator(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project degrees to spherical Mercator, metres at the equator."""
    return EARTH_RADIUS_M * np.radians(lon), EARTH_RADIUS_M * np.arcsinh(np.tan(np.radians(lat)))


def from_mercator(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn spherical Mercator metres back into degrees."""
    return np.degrees(x / EARTH_RADIUS_M), np.degrees(np.arctan(np.sinh(y / EARTH_RADIUS_M)))


@dataclass(frozen=True)
class Stretches:
    """What of a layer's stretches is the same whichever of them are open."""

    line: np.ndarray
    """n_edges, shapely lines in the Mercator projection."""
    length_m: np.ndarray
    label: np.ndarray
    """Number of the road, else its name, else empty."""

    @classmethod
    def of(cls, layer: RoadLayer) -> Stretches:
        """Draw and name the stretches of a layer."""
        points = np.stack(mercator(layer.shape[:, 0], layer.shape[:, 1]), axis=1)
        owner = np.repeat(np.arange(len(layer.edges)), np.diff(layer.shape_start))
        names = layer.edges[["ref", "name"]].astype("string").fillna("")
        return cls(
            shapely.linestrings(points, indices=owner),  # type: ignore[arg-type]  # indices make an array
            layer.edges["length_m"].to_numpy(np.float64),
            names["ref"].where(names["ref"] != "", names["name"]).to_numpy(object),
        )


class Locator:
    """Spatial index over the stretches on which points may lie.

    Parameters
    ----------
    stretches
    is_open
        n_edges: whether cars may drive the stretch, and enter and leave it anywhere.
    is_mainland
        n_edges: whether it belongs to the largest connected part; the others are islands.
    is_main
        n_edges: whether every other stretch of the main network can be reached from it, and the way back;
        on the mainland there are also stretches that can only be left or only be reached.
    """

    def __init__(
        self, stretches: Stretches, is_open: np.ndarray, is_mainland: np.ndarray, is_main: np.ndarray
    ):
        self.stretches = stretches
        self.open_edges = np.flatnonzero(is_open)
        self.is_main = is_main
        self.is_mainland = is_mainland
        self.lines = stretches.line[is_open]

    @cached_property
    def _all(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    @cached_property
    def _mainland(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines[self.is_mainland[self.open_edges]])

    @cached_property
    def _main(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines[self.is_main[self.open_edges]])

    def snap(
        self, lon: np.ndarray, lat: np.ndarray, *, limit_m: float, main_within_m: float, round_trip: bool
    ) -> Snapped:
        """Lay points on the nearest stretch; see `RoadGraph.snap`."""
        lon, lat = np.atleast_1d(np.asarray(lon, np.float64)), np.atleast_1d(np.asarray(lat, np.float64))
        bad = np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 85)))
        if len(bad):
            k = bad[0]
            raise refusal("", "E700", k=k, lon=lon[k], lat=lat[k])
        if not len(self.lines) or not len(lon):
            nothing = np.full(len(lon), -1, np.int64)
            no = np.zeros(len(lon), bool)
            none = np.full(len(lon), "", object)
            return Snapped(lon, lat, nothing, np.zeros(len(lon)), np.full(len(lon), np.inf), no, no, none)
        points: NDArray[np.object_] = shapely.points(*mercator(lon, lat))  # type: ignore[assignment]  # of arrays
        line = self._all.nearest(points)
        scale = np.cos(np.radians(lat))
        preferred, tree = (self.is_main, self._main) if round_trip else (self.is_mainland, self._mainland)
        self._prefer(preferred[self.open_edges], tree, points, line, main_within_m / scale)
        edge = self.open_edges[line]
        nearest = self.lines[line]
        snap_m = shapely.distance(nearest, points) * scale
        share = np.nan_to_num(shapely.line_locate_point(nearest, points, normalized=True))
        tolerance = AT_NODE_M / np.maximum(self.stretches.length_m[edge], AT_NODE_M)
        share = np.where(share <= tolerance, 0.0, np.where(share >= 1.0 - tolerance, 1.0, share))
        return Snapped(
            lon, lat, edge, share, snap_m, snap_m <= limit_m, self.is_main[edge], self.stretches.label[edge]
        )

    def _prefer(
        self,
        is_good: np.ndarray,
        good: shapely.STRtree,
        points: np.ndarray,
        line: np.ndarray,
        within: np.ndarray,
    ) -> None:
        """Put in the nearest good line in place of another where it lies near enough (Mercator metres)."""
        number = np.flatnonzero(is_good)
        off = np.flatnonzero(~is_good[line])
        if len(off) and len(number):
            other = number[good.nearest(points[off])]
            near = shapely.distance(self.lines[other], points[off]) <= within[off]
            line[off[near]] = other[near]
