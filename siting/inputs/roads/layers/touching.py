"""Roads of a layer that touch without a shared vertex → joined there, within a stated distance.

Layers drawn by hand or cut from others leave T-junctions without a vertex and gaps of some centimetres.
Only ends of lines are joined, and only to lines of the same level (``layer``, ``bridge``, ``tunnel``): two
lines that merely cross stay apart, since one may pass over the other.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.ways import GRID, Ways
from siting.messages import refusal
from siting.types import EARTH_RADIUS_M

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK_ENDS = 20_000
"""Ends that are looked up at once."""
PAIRS_EACH = 50
"""Pairs of an end and a line near it, for each end and line, beyond which a layer is refused."""
PAIRS_ANYWAY = 1_000_000
RING_TIMES = 10
"""A line of at least so many times the distance whose own ends lie within it is a ring with a gap."""
POINT_WITHIN_M = 0.05
"""A point feature lies on a road at least within this, m: coordinates are rounded."""


class Joined(NamedTuple):
    """What was joined."""

    t_junctions: int = 0
    """Ends joined to the middle of another line."""
    gaps: int = 0
    """Gaps closed between the ends of lines."""
    widest_m: float = 0.0
    """The greatest distance that was closed, m."""
    apart: int = 0
    """Ends that lie within the distance of a line of another level only."""


class _Lines:
    """The lines of a layer on a plane in which distances are true up to a known factor (Mercator)."""

    def __init__(self, ways: Ways) -> None:
        self.ref = np.array(ways.ref, np.int64)
        self.x, self.y = np.array(ways.x, np.int64), np.array(ways.y, np.int64)
        self.size = np.array(ways.size, np.int64)
        self.start = np.append(0, np.cumsum(self.size))
        self.owner = np.repeat(np.arange(len(self.size)), self.size)
        self.plane = on_plane(self.x, self.y)
        self.shapes = np.asarray(shapely.linestrings(self.plane, indices=self.owner), object)
        step = np.zeros(len(self.ref))
        step[1:] = np.hypot(*np.diff(self.plane, axis=0).T)
        step[self.start[:-1]] = 0.0
        self.along = np.cumsum(step)
        """Length of all lines up to each point."""

    def place(self, points: NDArray[np.float64], line: NDArray[np.int64]) -> tuple[np.ndarray, ...]:
        """Find the place on a line that is nearest to each point.

        Returns the vertex before it, its distance from the line's begin on the plane, and of the vertices
        before and after it the nearer one, with the point's distance from it.
        """
        from_begin = shapely.line_locate_point(self.shapes[line], shapely.points(points))
        begin, end = self.start[line], self.start[line + 1]
        before = np.searchsorted(self.along, self.along[begin] + from_begin, "right") - 1
        before = np.clip(before, begin, end - 2)
        ends = np.stack([before, before + 1])
        away = np.stack([np.hypot(*(points - self.plane[each]).T) for each in ends])
        nearer = away.argmin(axis=0)
        each = np.arange(len(line))
        return before, from_begin, ends[nearer, each], away[nearer, each]

    def insert(self, before: np.ndarray, from_begin: np.ndarray, values: Sequence[np.ndarray]) -> None:
        """Insert vertices (node, x, y) behind those `before` them, in the order of their place."""
        order = np.lexsort((from_begin, before))
        at = before[order] + 1
        np.add.at(self.size, self.owner[before], 1)
        self.ref, self.x, self.y = (
            np.insert(column, at, new[order])
            for column, new in zip((self.ref, self.x, self.y), values, strict=True)
        )

    def give_back(self, ways: Ways) -> None:
        """Put the points into the ways."""
        ways.ref, ways.x, ways.y = array("q"), array("i"), array("i")
        for own, new in ((ways.ref, self.ref), (ways.x, self.x), (ways.y, self.y)):
            own.frombytes(new.astype(own.typecode).tobytes())
        ways.size = array("i", self.size.tolist())


def on_plane(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return places, n × 2, on Mercator's plane, m at the equator."""
    lon, lat = np.radians(x * GRID), np.radians(np.clip(y * GRID, -85.0, 85.0))
    return np.stack([EARTH_RADIUS_M * lon, EARTH_RADIUS_M * np.arcsinh(np.tan(lat))], axis=1)


def _stretched(y: NDArray[np.int64], metres: float) -> NDArray[np.float64]:
    """Return a distance on the ground as it is on the plane at some latitudes."""
    return np.asarray(metres / np.cos(np.radians(np.clip(y * GRID, -85.0, 85.0))))


def join_touching(
    ways: Ways, level_of_row: Mapping[int, int], within_m: float, only_rows: Collection[int] | None = None
) -> Joined:
    """Join ends of lines to lines that they touch within a distance.

    Where `only_rows` are given, one of the two lines is of these rows.

    Raises
    ------
    InputError
        So many lines lie over one another that no such distance is meant.
    """
    if within_m <= 0 or not len(ways.size):
        return Joined()
    lines = _Lines(ways)
    level = np.array([level_of_row.get(row or 0, 0) for row in ways.row], np.int64)
    number, code = np.unique(lines.ref, return_inverse=True)
    end = np.unique(code[np.concatenate([lines.start[:-1], lines.start[1:] - 1])])
    point = np.empty(len(number), np.int64)
    point[code[::-1]] = np.arange(len(code))[::-1]
    is_end = np.zeros(len(number), bool)
    is_end[end] = True
    at_end = is_end[code]
    own_line = np.unique(code[at_end] * len(level) + lines.owner[at_end])
    own_level = np.unique(code[at_end] * (level.max() + 1) + level[lines.owner[at_end]])

    is_new = np.array([only_rows is None or row in only_rows for row in ways.row], bool)
    at_new = np.unique(code[at_end & is_new[lines.owner]])

    found, foreign = [], []
    reach = _stretched(lines.y[point[end]], within_m)
    for which, line in _near(lines, lines.plane[point[end]], reach, ways.file):
        node = end[which]
        other = ~_is_among(node * len(level) + line, own_line)
        other &= is_new[line] | _is_among(node, at_new)
        node, line = node[other], line[other]
        same = _is_among(node * (level.max() + 1) + level[line], own_level)
        foreign.append(node[~same])
        found.append(np.stack([node[same], line[same]]))
    node, line = np.concatenate([np.zeros((2, 0), np.int64), *found], axis=1)
    before, from_begin, vertex, away = lines.place(lines.plane[point[node]], line)
    factor = _stretched(lines.y[point[node]], 1.0)
    meets = away <= within_m * factor
    target = code[vertex]
    pairs = np.stack([node[meets], target[meets]])
    pairs = pairs[:, ~_share_line(pairs, code, lines.owner, len(level))]
    pairs = np.concatenate([pairs, _open_rings(lines, code, within_m, is_new)], axis=1)
    same_node, moved_m = _merged(pairs, is_end, point, lines)
    node, line, before, from_begin = (values[~meets] for values in (node, line, before, from_begin))
    closed = shapely.distance(lines.shapes[line], shapely.points(lines.plane[point[node]]))
    closed_m = closed / _stretched(lines.y[point[node]], 1.0)
    ends_joined = is_end[pairs].all(axis=0)
    middle = np.unique(np.concatenate([node, pairs[0, ~ends_joined]]))
    gaps = pairs[:, ends_joined]
    joined = Joined(
        len(middle),
        _count_gaps(gaps),
        float(np.concatenate([[0.0], moved_m, closed_m]).max()),
        len(np.setdiff1d(np.concatenate([np.zeros(0, np.int64), *foreign]), np.append(node, pairs))),
    )
    if not len(node) and not pairs.size:
        return joined
    lines.ref, lines.x, lines.y = (values[point[same_node[code]]] for values in (lines.ref, lines.x, lines.y))
    # Of ends that are one node now, one vertex will do; lines that hold the node already need none.
    node = same_node[node]
    holds = np.unique(same_node[code] * len(level) + lines.owner)
    key = node * len(level) + line
    first = np.unique(key, return_index=True)[1]
    first = first[~_is_among(key[first], holds)]
    at = point[node[first]]
    lines.insert(before[first], from_begin[first], [number[node[first]], lines.x[at], lines.y[at]])
    lines.give_back(ways)
    return joined


def note_joined(joined: Joined, within_m: float, log: IssueLog) -> None:
    """Say what was joined: one line a kind, with its count."""
    within, widest = f"{within_m:g}", f"{joined.widest_m:.2f}"
    for code, n in (("R185", joined.t_junctions), ("R186", joined.gaps), ("R187", joined.apart)):
        if n:
            log.add(code, value=n, n=n, within=within, widest=widest)


def put_on_roads(
    ways: Ways, x: NDArray[np.int64], y: NDArray[np.int64], within_m: float
) -> NDArray[np.int64]:
    """Return for point features the node of the roads that each lies on, or −1.

    Where a point lies between two vertices, one is inserted there.
    """
    node = np.full(len(x), -1)
    if not len(x) or not len(ways.size):
        return node
    lines = _Lines(ways)
    points = on_plane(x, y)
    which, line = (
        np.concatenate([np.zeros(0, np.int64), *part])
        for part in zip(
            *_near(lines, points, _stretched(y, max(within_m, POINT_WITHIN_M)), ways.file), strict=True
        )
    )
    before, from_begin, vertex, away = lines.place(points[which], line)
    off = shapely.distance(lines.shapes[line], shapely.points(points[which]))
    meets = away <= _stretched(y[which], max(within_m, POINT_WITHIN_M))
    # The nearest vertex of a road goes before the nearest place between two.
    order = np.lexsort((np.where(meets, away, off), ~meets, which))
    first = order[np.unique(which[order], return_index=True)[1]]
    node[which[first]] = np.where(meets[first], lines.ref[vertex[first]], -1)
    new = first[~meets[first]]
    node[which[new]] = lines.ref.max() + 1 + np.arange(len(new))
    lines.insert(before[new], from_begin[new], [node[which[new]], x[which[new]], y[which[new]]])
    lines.give_back(ways)
    return node


def _near(
    lines: _Lines, points: NDArray[np.float64], reach: NDArray[np.float64], file: str
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pairs of a point and a line within its reach, some points at a time."""
    tree = shapely.STRtree(lines.shapes)
    left = PAIRS_EACH * (len(points) + len(lines.size)) + PAIRS_ANYWAY
    yield np.zeros(0, np.int64), np.zeros(0, np.int64)
    for begin in range(0, len(points), BLOCK_ENDS):
        some = slice(begin, begin + BLOCK_ENDS)
        which, line = tree.query(shapely.points(points[some]), "dwithin", reach[some])
        left -= len(which)
        if left < 0:
            raise refusal(file, "R160")
        order = np.lexsort((line, which))
        yield which[order] + begin, line[order]


def _is_among(values: NDArray[np.int64], known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which values stand in a sorted array."""
    if not len(known):
        return np.zeros(len(values), bool)
    return np.asarray(known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values)


def _open_rings(
    lines: _Lines, code: NDArray[np.int64], within_m: float, is_new: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the pairs of ends of long lines that nearly close."""
    first, last = lines.start[:-1], lines.start[1:] - 1
    reach = _stretched(lines.y[first], within_m)
    gap = np.hypot(*(lines.plane[first] - lines.plane[last]).T)
    length = lines.along[last] - lines.along[first]
    ring = is_new & (gap <= reach) & (length >= RING_TIMES * reach) & (code[first] != code[last])
    return np.stack([code[first[ring]], code[last[ring]]])


def _share_line(
    pairs: NDArray[np.int64], code: NDArray[np.int64], owner: NDArray[np.int64], n_lines: int
) -> NDArray[np.bool_]:
    """Tell of pairs of nodes whether a line joins them already; a short one would shrink to nothing."""
    here = np.isin(code, pairs)
    member = np.unique(code[here] * n_lines + owner[here])
    low, high = (np.searchsorted(member, (pairs[0] + more) * n_lines) for more in (0, 1))
    pair = np.repeat(np.arange(pairs.shape[1]), high - low)
    at = np.arange(len(pair)) - np.repeat(np.cumsum(high - low) - high, high - low)
    line = member[at] - pairs[0][pair] * n_lines
    out = np.zeros(pairs.shape[1], bool)
    out[pair[_is_among(pairs[1][pair] * n_lines + line, member)]] = True
    return out


def _merged(
    pairs: NDArray[np.int64], is_end: NDArray[np.bool_], point: NDArray[np.int64], lines: _Lines
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each node the node that it becomes, and by how much those of the pairs move, m."""
    same = np.arange(len(point))
    if not pairs.size:
        return same, np.zeros(0)
    nodes, at = np.unique(pairs, return_inverse=True)
    at = at.reshape(pairs.shape)
    n = len(nodes)
    _, group = connected_components(coo_array((np.ones(pairs.shape[1]), at), shape=(n, n)), directed=False)
    # Nodes in the middle of a line stay where they are, so that its course is kept.
    order = np.lexsort((nodes, is_end[nodes], group))
    head = np.unique(group[order], return_index=True)[1]
    same[nodes] = nodes[order[head]][group]
    away = np.hypot(*(lines.plane[point[nodes]] - lines.plane[point[same[nodes]]]).T)
    return same, away / _stretched(lines.y[point[nodes]], 1.0)


def _count_gaps(pairs: NDArray[np.int64]) -> int:
    """Count how many joins make the groups of ends that pairs connect."""
    if not pairs.size:
        return 0
    nodes, at = np.unique(pairs, return_inverse=True)
    shape = (len(nodes), len(nodes))
    at = at.reshape(pairs.shape)
    groups = connected_components(coo_array((np.ones(pairs.shape[1]), at), shape=shape), directed=False)[0]
    return len(nodes) - int(groups)
