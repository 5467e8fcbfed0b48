"""Travel times at junctions → areas from which (or to which) a place is driven within so many minutes.

The work for a place is bounded: the roads around which outlines are drawn number at most `MOST_POINTS` points
a limit, what joins them and what stands in their place at most `MOST_CELLS` cells and `MOST_SAMPLES` points
along roads. From the limit on that needs more, a place's areas are made of at most `CELLS_ALONG`² cells.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from siting.analysis.network.routes import cut_line
from siting.analysis.network.snapping import from_mercator, mercator
from siting.types import RoadLayer

SIMPLIFY_M = 40.0
"""Largest deviation of a drawn outline, metres."""
MARGIN_M = 5.0
"""By how much a wider area surpasses a narrower one everywhere, metres: more than the rounding."""
GRID_DEG = 1e-5
"""Coordinates are rounded to this, degrees (1 m)."""
QUARTER_CIRCLE = 4
"""Chords in a quarter of a circle."""
SURELY_IN, SURELY_OUT = 0.95, 1.05
"""Shares of the width: nearer to a line all lies in what is drawn around it, farther away nothing does.

Between them chords lie inside the circle (2 %), and GEOS takes small bends out of the line (1 %).
"""
CELLS_ACROSS = 8.0
"""Cells in the width at most: finer ones cost more than they save."""
CELLS_A_LINE = 10.0
"""Cells for each line at most, so that they cost little beside drawing the lines."""
MOST_CELLS, MOST_SAMPLES = 1 << 22, 1 << 22
"""Cells over all lines, and points along them, at most: they take some hundred MB."""
MOST_POINTS = 20_000
"""Points of the lines widened for a limit at most: joining them takes seconds, twice as many far longer."""
MOST_KEPT = 100_000
"""Widened lines kept for further places at most."""
CELLS_ALONG = 400
"""Cells along the longer side of what is drawn with cells, at most."""
LEAST_CELLS = 1.5
"""Cells by which roads are widened at least: between two points noted a road lies in a cell beside."""
LINES_AT_ONCE = 1 << 16
"""Lines put into cells at once, so that memory stays at that of as many."""


@dataclass(frozen=True)
class Reach:
    """How a place is driven to (or from): minutes at the ends of every stretch, minutes to drive it."""

    at_tail: np.ndarray
    """n_edges, minutes between the place and the tail; ``inf`` where no road leads."""
    at_head: np.ndarray
    by_tail: np.ndarray
    """n_edges, minutes to drive the stretch in the direction that goes by its tail; ``inf`` where closed."""
    by_head: np.ndarray
    own_edge: int
    """Stretch on which the place itself lies."""
    own_position: float

    def shares(self, limit: float) -> tuple[np.ndarray, np.ndarray]:
        """Return how much of each stretch is reached by its tail, and by its head (0..1)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            low = np.where(self.at_tail <= limit, (limit - self.at_tail) / self.by_tail, 0.0)
            high = np.where(self.at_head <= limit, (limit - self.at_head) / self.by_head, 0.0)
        # 0 / 0: the end of a stretch that costs nothing lies exactly at the limit.
        return np.clip(np.nan_to_num(low, nan=1.0), 0.0, 1.0), np.clip(np.nan_to_num(high, nan=1.0), 0.0, 1.0)

    def minutes_at(self, edge: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return minutes between the place and points at shares of the length of stretches."""

        def driven(part: NDArray[np.float64], minutes: NDArray[np.float64]) -> NDArray[np.float64]:
            return part * np.where(part > 0, minutes, 0.0)

        low = self.at_tail[edge] + driven(share, self.by_tail[edge])
        high = self.at_head[edge] + driven(1.0 - share, self.by_head[edge])
        way: NDArray[np.float64] = np.minimum(low, high)
        k, here = self.own_edge, self.own_position
        own = np.flatnonzero(edge == k)
        off = share[own] - here
        at_once = np.where(
            off < 0, driven(-off, self.by_head[edge[own]]), driven(off, self.by_tail[edge[own]])
        )
        way[own] = np.minimum(way[own], at_once)
        return way

    def parts(self, limit: float) -> tuple[np.ndarray, list[tuple[int, float, float]]]:
        """Return the stretches reached as a whole (mask), and the parts of others (stretch, from, to)."""
        low, high = self.shares(limit)
        whole = low + high >= 1.0
        parts = [(int(k), 0.0, float(low[k])) for k in np.flatnonzero(~whole & (low > 0))]
        parts += [(int(k), 1.0 - float(high[k]), 1.0) for k in np.flatnonzero(~whole & (high > 0))]
        k, here = self.own_edge, self.own_position
        if k >= 0 and limit >= 0:
            # Before the place traffic to it goes by the head, behind it by the tail.
            before, behind = (limit / max(cost, 1e-9) for cost in (self.by_head[k], self.by_tail[k]))
            parts.append((k, max(here - before, 0.0), min(here + behind, 1.0)))
        return whole, parts


class Surroundings:
    """What lies within some width of lines, as polygons, without those that add nothing to the others.

    Square cells are laid over the lines. A cell is full if it surely lies inside the area: near to a point of
    a line. Where all cells within reach of a line are full, they hold all that would be drawn around it and
    are drawn in its place. The union stays exactly the same, but of dense streets only those at the edge are
    widened; of sparse roads all are.

    Parameters
    ----------
    lines
        n_lines, shapely lines.
    width
        In the units of the lines.
    """

    def __init__(self, lines: np.ndarray, width: float):
        self.lines, self.width = lines, width
        # Around the lines asked for so far: many are needed for several places.
        self._wide = np.full(len(lines), None)
        west, south, east, north = shapely.total_bounds(lines)
        self.origin = np.array([west, south])
        covered = (east - west + 2 * width) * (north - south + 2 * width)
        self.n_points = shapely.get_num_coordinates(lines)
        self.side = max(
            width / CELLS_ACROSS,
            np.sqrt(covered / min(CELLS_A_LINE * len(lines), MOST_CELLS)),
            shapely.length(lines).sum() / MOST_SAMPLES,
        )
        # From centre to centre, in cells: a point lies up to half a diagonal from the centre of its cell, and
        # the far corner of another cell from its own; a place of a line up to half a side from some point.
        self.full_within = SURELY_IN * width / self.side - np.sqrt(2.0)
        self.reach = SURELY_OUT * width / self.side + np.sqrt(2.0) + 0.5
        # Cells too large ever to be full are not needed.
        dense = shapely.segmentize(lines if self.full_within >= 0 else lines[:0], self.side)
        points, self.line = shapely.get_coordinates(dense, return_index=True)
        self.cell = np.floor((points - self.origin) / self.side).astype(np.int64)

    def polygons(self, whole: np.ndarray, new: np.ndarray, most_points: float = np.inf) -> np.ndarray | None:
        """Return polygons that, with the area drawn before, make up the area around lines.

        Parameters
        ----------
        whole
            n_lines, mask of the lines.
        new
            n_lines, mask of those among them around which nothing is drawn yet.
        most_points
            Where more points of lines than this would be widened, None is returned.
        """
        needed, rectangles = self._thin(whole, new)
        if self.n_points[needed].sum() > most_points:
            return None
        is_kept = ~shapely.is_missing(self._wide)
        if (is_kept | needed).sum() > MOST_KEPT:
            self._wide[is_kept] = None
        missing = needed & shapely.is_missing(self._wide)
        self._wide[missing] = self.around(self.lines[missing])
        return np.concatenate([self._wide[needed], rectangles])

    def around(self, lines: np.ndarray) -> np.ndarray:
        """Return the polygon around each line."""
        return shapely.buffer(lines, self.width, quad_segs=QUARTER_CIRCLE)

    def _thin(self, whole: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return which new lines are needed (n_lines, mask), and rectangles in place of the others."""
        from scipy import ndimage

        is_new = new[self.line]
        cell, line = self.cell[is_new], self.line[is_new]
        if not len(cell):
            return new, np.zeros(0, object)
        # The window holds all points that can fill a cell within reach; its rim, out of reach, is not full.
        margin = int(self.reach + self.full_within) + 1
        low = cell.min(axis=0) - margin
        shape = cell.max(axis=0) + margin + 1 - low
        cell = cell - low
        full = self._full(whole, low, shape)
        shallow = ndimage.distance_transform_edt(full) <= self.reach
        needed = np.zeros(len(new), bool)
        needed[line[shallow[tuple(cell.T)]]] = True
        replaced = np.zeros(shape, bool)
        replaced[tuple(cell[~needed[line]].T)] = True
        around = ndimage.maximum_filter(replaced, 2 * int(self.reach) + 1)
        return needed, self._rectangles(full & around, low)

    def _full(
        self, whole: NDArray[np.bool_], low: NDArray[np.int64], shape: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Return which cells of a window are full: those near to a cell with a point of a line."""
        from scipy import ndimage

        cell = self.cell[whole[self.line]] - low
        cell = cell[((cell >= 0) & (cell < shape)).all(axis=1)]
        free = np.ones(shape, bool)
        free[tuple(cell.T)] = False
        full: NDArray[np.bool_] = ndimage.distance_transform_edt(free) <= self.full_within
        full[[0, -1]] = full[:, [0, -1]] = False
        return full

    def _rectangles(self, cells: NDArray[np.bool_], low: NDArray[np.int64]) -> NDArray[np.object_]:
        """Return the cells of a window (mask), in runs from south to north, as boxes."""
        change = np.diff(cells.astype(np.int8), axis=1, prepend=0, append=0)
        column, start = np.nonzero(change == 1)
        end = np.nonzero(change == -1)[1]
        # Neighbours must share their sides to the last digit, or slits would open between them.
        corners = np.stack([column, start, column + 1, end], axis=1) + np.tile(low, 2)
        boxes: NDArray[np.object_] = shapely.box(*(corners * self.side + np.tile(self.origin, 2)).T)
        return boxes


class Area(NamedTuple):
    """What is reached within a limit."""

    shape: shapely.Geometry
    """WGS-84 degrees."""
    cell_m: float
    """Side of the cells that it is made of, metres; 0 where its outline follows the roads."""


def areas(
    layer: RoadLayer, reaches: Iterable[Reach], limits: NDArray[np.float64], width_m: float
) -> list[list[Area]]:
    """Return the area around the roads reached, for each place and each of its rising limits.

    The roads reached in time, widened by `width_m`; holes stay, and each area lies inside the next.

    Parameters
    ----------
    layer
    reaches
        n_places.
    limits
        n_places × n_limits, minutes, access leg taken off; below 0 nothing is reached.
    width_m
    """
    # Mercator stretches with latitude: what is drawn in it must be stretched by as much.
    scale = 1.0 / np.cos(np.radians(np.median(layer.shape[:, 1])))
    points = np.stack(mercator(layer.shape[:, 0], layer.shape[:, 1]), axis=1)
    owner = np.repeat(np.arange(len(layer.edges)), np.diff(layer.shape_start))
    lines = shapely.linestrings(points, indices=owner)
    roads = Surroundings(lines, width_m * scale)  # type: ignore[arg-type]  # indices make an array of lines
    return [
        _rising(reach, own_limits, roads, scale) for reach, own_limits in zip(reaches, limits, strict=True)
    ]


def _rising(reach: Reach, limits: NDArray[np.float64], roads: Surroundings, scale: float) -> list[Area]:
    """Return the areas of one place; `scale`: units of the roads in a metre."""
    area: shapely.Geometry = shapely.Polygon()
    drawn: shapely.Geometry = shapely.Polygon()
    outline: shapely.Geometry
    cells: _Cells | None = None
    done = np.zeros(len(roads.lines), bool)
    levels = []
    for limit in limits:
        whole, parts = reach.parts(limit)
        polygons = None
        if cells is None:
            left = MOST_POINTS - int(roads.n_points[[k for k, _, _ in parts]].sum())
            polygons = roads.polygons(whole, whole & ~done, left)
        if polygons is not None:
            area = shapely.union_all([*polygons, *_around_parts(parts, roads), area])
            done |= whole
            outline = shapely.simplify(area, SIMPLIFY_M * scale)
        else:
            cells = cells or _Cells(reach, limits[-1], roads)
            # Its corners are not many, and simplifying an area of many holes takes long.
            outline = cells.area(limit)
        drawn = shapely.union(outline, shapely.buffer(drawn, MARGIN_M * scale, quad_segs=2))
        levels.append(Area(_in_degrees(drawn), cells.side / scale if cells else 0.0))
    return levels


def _around_parts(parts: list[tuple[int, float, float]], roads: Surroundings) -> np.ndarray:
    """Return the polygons around parts of lines."""
    ends = [
        shapely.linestrings(cut_line(shapely.get_coordinates(roads.lines[k]), start, end))
        for k, start, end in parts
    ]
    return roads.around(np.asarray(ends, object))


class _Cells:
    """Square cells over the roads reached from a place, each with the least minutes at which one is."""

    def __init__(self, reach: Reach, limit: float, roads: Surroundings):
        is_reached = np.minimum(reach.at_tail, reach.at_head) <= limit
        if reach.own_edge >= 0:
            is_reached[reach.own_edge] = True
        reached = np.flatnonzero(is_reached)
        west, south, east, north = shapely.total_bounds(roads.lines[reached])
        self.side = max(roads.width / CELLS_ACROSS, max(east - west, north - south) / CELLS_ALONG)
        # From centre to centre, in cells.
        self.radius = max(roads.width / self.side, LEAST_CELLS)
        margin = int(self.radius) + 2
        self.origin = np.array([west, south]) - margin * self.side
        shape = np.floor((np.array([east, north]) - self.origin) / self.side).astype(np.int64) + margin + 1
        self.minutes = np.full(shape, np.inf)
        for start in range(0, len(reached), LINES_AT_ONCE):
            self._put(reach, reached[start : start + LINES_AT_ONCE], roads.lines)

    def _put(self, reach: Reach, edges: NDArray[np.int64], lines: np.ndarray) -> None:
        """Note in each cell when the points of some lines in it are reached."""
        dense = shapely.segmentize(lines[edges], self.side)
        points, line = shapely.get_coordinates(dense, return_index=True)
        step = np.hypot(*np.diff(points, axis=0).T)
        step[line[1:] != line[:-1]] = 0.0
        along = np.append(0.0, np.cumsum(step))
        first = np.searchsorted(line, np.arange(len(edges) + 1))
        length = along[first[1:] - 1] - along[first[:-1]]
        share = (along - along[first[line]]) / np.maximum(length, np.finfo(float).tiny)[line]
        minutes = reach.minutes_at(edges[line], np.clip(share, 0.0, 1.0))
        cell = np.floor((points - self.origin) / self.side).astype(np.int64)
        np.minimum.at(self.minutes, tuple(cell.T), minutes)

    def area(self, limit: float) -> shapely.Geometry:
        """Return the cells near to those of roads reached in time, as one area."""
        from scipy import ndimage

        full = ndimage.distance_transform_edt(self.minutes > limit) <= self.radius
        column, row = np.nonzero(full)
        # Neighbours must share their corners to the last digit.
        x, y = (self.origin + np.arange(max(full.shape) + 1)[:, None] * self.side).T
        boxes = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
        return shapely.coverage_union_all(boxes)


def _in_degrees(area: shapely.Geometry) -> shapely.Geometry:
    degrees = shapely.transform(area, lambda xy: np.stack(from_mercator(xy[:, 0], xy[:, 1]), axis=1))
    return shapely.set_precision(degrees, GRID_DEG)
