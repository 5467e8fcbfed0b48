"""Travel times at junctions → areas from which (or to which) a place is driven within so many minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from siting.analysis.routes import cut_line
from siting.analysis.snapping import from_mercator, mercator
from siting.types import RoadLayer

SIMPLIFY_M = 40.0
"""Largest deviation of a drawn outline, metres."""
MARGIN_M = 5.0
"""By how much a wider area surpasses a narrower one everywhere, metres: more than the rounding."""
GRID_DEG = 1e-5
"""Coordinates are rounded to this, degrees (1 m)."""
QUARTER_CIRCLE = 4
"""Chords in a quarter of a circle."""


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


def areas(
    layer: RoadLayer, reaches: Sequence[Reach], limits: Sequence[Sequence[float]], width_m: float
) -> list:
    """Return the area around the roads reached, for each place and each of its rising limits, WGS-84 degrees.

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
    result = []
    for reach, own_limits in zip(reaches, limits, strict=True):
        area, drawn = shapely.Polygon(), shapely.Polygon()
        done = np.zeros(len(lines), bool)
        levels = []
        for limit in own_limits:
            whole, parts = reach.parts(limit)
            ends = [
                shapely.linestrings(cut_line(shapely.get_coordinates(lines[k]), start, end))
                for k, start, end in parts
            ]
            new = np.concatenate([lines[whole & ~done], np.asarray(ends, object)])
            wide = shapely.buffer(new, width_m * scale, quad_segs=QUARTER_CIRCLE)
            area = shapely.union_all(np.append(wide, area))
            done |= whole
            drawn = shapely.union(
                shapely.simplify(area, SIMPLIFY_M * scale),
                shapely.buffer(drawn, MARGIN_M * scale, quad_segs=2),
            )
            levels.append(_in_degrees(drawn))
        result.append(levels)
    return result


def _in_degrees(area: shapely.Geometry) -> shapely.Geometry:
    degrees = shapely.transform(area, lambda xy: np.stack(from_mercator(xy[:, 0], xy[:, 1]), axis=1))
    return shapely.set_precision(degrees, GRID_DEG)
