"""Points → the nearest place on a road that cars may enter there, to the metre.

Distances are taken in the Mercator projection, which keeps angles, and scaled back at the point's latitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.messages import refusal
from siting.types import EARTH_RADIUS_M, RoadLayer

Metres = NDArray[np.float64]

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


_CELLS_A_SIDE = 128
"""Cells along the longer side of the ground that the lines take up, at least."""
_WORTH = 8
"""Points in a cell from which on it is looked up what can be nearest there."""
_FEW = 8
"""Segments from among which the nearest is found at once; where more can be nearest the tree finds it."""
_TIED_M = 1e-6
"""Lines no farther than this apart are equally near, Mercator metres; coordinates carry 1e-9."""


@dataclass(frozen=True)
class _Segments:
    """Straight parts of lines; arrays of length n_segments but for the first."""

    begin: NDArray[np.int64]
    """By line, where its parts begin, and their number at the end."""
    line: NDArray[np.int64]
    x: Metres
    y: Metres
    """Where a part starts."""
    east: Metres
    north: Metres
    """From there to its end."""

    @classmethod
    def of(cls, lines: NDArray[np.object_]) -> _Segments:
        """Take lines apart."""
        at, line = shapely.get_coordinates(lines, return_index=True)
        inner = line[1:] == line[:-1]
        (x, y), (east, north) = at[:-1][inner].T, np.diff(at, axis=0)[inner].T
        owner = line[1:][inner]
        return cls(np.searchsorted(owner, np.arange(len(lines) + 1)), owner, x, y, east, north)

    def of_lines(
        self, place: NDArray[np.int64], line: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Turn pairs of place and line into pairs of place and segment."""
        count = self.begin[line + 1] - self.begin[line]
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return np.repeat(place, count), np.repeat(self.begin[line], count) + within

    def distance_m(self, segment: NDArray[np.integer[Any]], x: Metres, y: Metres) -> Metres:
        """Measure from points to segments, any shape."""
        east, north = self.east[segment], self.north[segment]
        away_x, away_y = x - self.x[segment], y - self.y[segment]
        length2 = np.maximum(east * east + north * north, np.finfo(float).tiny)
        along = np.clip((away_x * east + away_y * north) / length2, 0.0, 1.0)
        away_x -= along * east
        away_y -= along * north
        metres: Metres = np.sqrt(away_x * away_x + away_y * away_y)
        return metres

    def nearest_line(self, few: NDArray[np.int32], x: Metres, y: Metres) -> NDArray[np.int64]:
        """Return the line of the nearest of a few segments; −1 where another line is as near.

        Parameters
        ----------
        few : n_points × most segments; −1 where there is none
        """
        point, at = np.nonzero(few >= 0)
        metres = np.full(few.shape, np.inf)
        metres[point, at] = self.distance_m(few[point, at], x[point], y[point])
        line = self.line[few]
        rows = np.arange(len(few))
        best = metres.argmin(axis=1)
        nearest = line[rows, best]
        is_tied = metres <= metres[rows, best, None] + _TIED_M
        is_tied &= line != nearest[:, None]
        return np.where(is_tied.any(axis=1), -1, nearest)


class Nearest:
    """Which of some lines is nearest to each point, as `shapely.STRtree.nearest` says it.

    Studies are drawn hundreds of times over the same ground: where many points have fallen into one cell of
    it, the few segments that can be nearest to any point there are looked up, once. Points between two
    equally near lines are left to the tree, so that the answer is always the tree's.
    """

    def __init__(self, lines: NDArray[np.object_]):
        self._lines = lines
        self._tree = shapely.STRtree(lines)
        x0, y0, x1, y1 = shapely.total_bounds(lines).tolist()
        self._side = max(x1 - x0, y1 - y0, 1.0) / max(_CELLS_A_SIDE, math.isqrt(len(lines)))
        self._origin = x0, y0
        self._n_cells = int((x1 - x0) // self._side) + 1, int((y1 - y0) // self._side) + 1
        self._seen = np.zeros(math.prod(self._n_cells), np.int64)
        self._few = np.full((len(self._seen), _FEW), -1, np.int32)

    @cached_property
    def _segments(self) -> _Segments:
        return _Segments.of(self._lines)

    def of(self, points: NDArray[np.object_], x: Metres, y: Metres) -> NDArray[np.int64]:
        """Return the number of the nearest line; `x` and `y` are those of the points."""
        cell = self._cells(x, y)
        self._look_up(cell[cell >= 0])
        line = np.full(len(points), -1)
        known = np.flatnonzero((cell >= 0) & (self._few[cell, 0] >= 0))
        if len(known):
            line[known] = self._segments.nearest_line(self._few[cell[known]], x[known], y[known])
        rest = np.flatnonzero(line < 0)
        line[rest] = self._tree.nearest(points[rest])
        return line

    def _cells(self, x: Metres, y: Metres) -> NDArray[np.int64]:
        """Return the cell of each point; −1 beside the ground."""
        column, row = ((at - least) // self._side for at, least in zip((x, y), self._origin, strict=True))
        n_columns, n_rows = self._n_cells
        inside = (column >= 0) & (column < n_columns) & (row >= 0) & (row < n_rows)
        return np.where(inside, row * n_columns + column, -1.0).astype(np.int64)

    def _look_up(self, cell: NDArray[np.int64]) -> None:
        """Find what can be nearest in the cells into which enough points have fallen by now."""
        before = self._seen[cell]
        np.add.at(self._seen, cell, 1)
        new = np.unique(cell[(before < _WORTH) & (self._seen[cell] >= _WORTH)])
        if not len(new):
            return
        row, column = np.divmod(new, self._n_cells[0])
        x, y = (
            least + (at + 0.5) * self._side for at, least in zip((column, row), self._origin, strict=True)
        )
        middle = shapely.points(x, y)
        at, metres = self._tree.query_nearest(middle, return_distance=True, all_matches=False)
        # From the middle nothing in the cell is farther than half its diagonal.
        reach = np.zeros(len(new))
        reach[at[0]] = metres + math.sqrt(2.0) * self._side + _TIED_M
        place, line = self._tree.query(middle, predicate="dwithin", distance=reach)
        place, segment = self._segments.of_lines(place, line)
        near = self._segments.distance_m(segment, x[place], y[place]) <= reach[place]
        place, segment = place[near], segment[near]
        order = np.argsort(place, kind="stable")
        place, segment = place[order], segment[order]
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        few = np.bincount(place, minlength=len(new)) <= _FEW
        kept = few[place]
        self._few[new[place[kept]], rank[kept]] = segment[kept]


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
    def _all(self) -> Nearest:
        return Nearest(self.lines)

    @cached_property
    def _mainland(self) -> Nearest:
        return Nearest(self.lines[self.is_mainland[self.open_edges]])

    @cached_property
    def _main(self) -> Nearest:
        return Nearest(self.lines[self.is_main[self.open_edges]])

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
        x, y = mercator(lon, lat)
        points: NDArray[np.object_] = shapely.points(x, y)  # type: ignore[assignment]  # of arrays
        line = self._all.of(points, x, y)
        scale = np.cos(np.radians(lat))
        self._prefer(round_trip, points, x, y, line, main_within_m / scale)
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
        round_trip: bool,
        points: NDArray[np.object_],
        x: Metres,
        y: Metres,
        line: NDArray[np.int64],
        within: Metres,
    ) -> None:
        """Put in the nearest good line in place of another where it lies near enough (Mercator metres)."""
        is_good = (self.is_main if round_trip else self.is_mainland)[self.open_edges]
        number, off = np.flatnonzero(is_good), np.flatnonzero(~is_good[line])
        if len(off) and len(number):
            good = self._main if round_trip else self._mainland
            other = number[good.of(points[off], x[off], y[off])]
            near = shapely.distance(self.lines[other], points[off]) <= within[off]
            line[off[near]] = other[near]
