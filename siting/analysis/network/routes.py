"""Search results → the routes themselves: the stretches driven, their geometry, the names of the roads.

A route is first a list of spans over the stretches in driving order (`Chains.order`): a span from 3.25 to 5
drives the last three quarters of ``order[3]`` and all of ``order[4]``; a falling span drives backward.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from siting.analysis.network.contraction import Chains
from siting.analysis.network.search import Links, Places, Search, search_from

TIED = 1e-9
"""Relative difference below which two ways cost the same (they are added up in different orders)."""


class Piece(NamedTuple):
    """Part of a stretch, in driving direction, as shares of its length from its tail."""

    edge: int
    start: float
    end: float


class _Ends(NamedTuple):
    """Where places lie in driving order, and how they are left or reached."""

    order: np.ndarray
    begin: np.ndarray
    """Where the chain of each spot begins."""
    end: np.ndarray
    is_core: np.ndarray
    links: Links


def routes(
    search: Search,
    table: np.ndarray,
    origins: Places,
    destinations: Places,
    edge_of: np.ndarray | None = None,
) -> list[list[list[Piece]]]:
    """Return the pieces of the best way from each origin to each destination; empty where none leads.

    One search per destination, on the reversed graph; `table` holds the costs that `Search.table` gave, and
    `edge_of` the stretch of each copy, where stretches have copies.
    """
    found: list[list[list[Piece]]] = [[[] for _ in range(len(destinations))] for _ in range(len(origins))]
    if not len(search.chains.order):
        return found
    starts = _ends(search, origins, search.ways_out(origins))
    targets = _ends(search, destinations, search.ways_in(destinations))
    for j in range(len(destinations)):
        cost, after = search_from(search.reversed_graph, targets.links[j : j + 1], predecessors=True)
        for i in np.flatnonzero(np.isfinite(table[:, j])).tolist():
            own = slice(*starts.links.begin[i : i + 2].tolist())
            by_link = starts.links.cost[:, own] + cost[0, starts.links.node[:, own]]
            if by_link.min() <= table[i, j] * (1 + TIED):
                link, spot = divmod(int(by_link.argmin()), by_link.shape[1])
                spans = _spans(search, starts, targets, (own.start + spot, j, link), after[0])
            else:
                spans = [_within_chain(search, origins.take(i), destinations.take(j))]
            pieces = [piece for span in spans for piece in _pieces(search.chains, *span)]
            if edge_of is not None:
                pieces = [piece._replace(edge=int(edge_of[piece.edge])) for piece in pieces]
            found[i][j] = pieces
    return found


def _ends(search: Search, places: Places, links: Links) -> _Ends:
    chain, _, _, order = search.on_chain(places)
    core = np.where(places.node >= 0, search.chains.core[places.node], -1)
    start = search.chains.start
    return _Ends(order, start[chain], start[chain + 1], core >= 0, links)


def _within_chain(search: Search, origin: Places, destination: Places) -> tuple[float, float]:
    """Return the span of the best way that does not leave its chain."""
    o, d, cost = search.within_chains(origin, destination)
    best = int(cost.argmin())
    return search.on_chain(origin)[3][o[best]], search.on_chain(destination)[3][d[best]]


def _spans(
    search: Search, starts: _Ends, targets: _Ends, which: tuple[int, int, int], after: np.ndarray
) -> list[tuple[float, float]]:
    """Join the leg to the first junction, the chains between junctions, and the leg from the last one.

    `which`: spot of the origin, destination, way out of the spot.
    """
    i, j, link = which
    spans = []
    if not starts.is_core[i]:
        spans.append((starts.order[i], starts.end[i] if link == 0 else starts.begin[i]))
    nodes = [int(starts.links.node[link, i])]
    while after[nodes[-1]] < search.chains.n_core:
        nodes.append(int(after[nodes[-1]]))
    arcs, chains = search.arcs, search.chains
    hops = np.asarray(nodes, np.int64)
    arc = np.searchsorted(
        arcs.tail * np.int64(chains.n_core) + arcs.head, hops[:-1] * chains.n_core + hops[1:]
    )
    begin, end = chains.start[arcs.chain[arc]], chains.start[arcs.chain[arc] + 1]
    along = arcs.along[arc]
    spans += zip(np.where(along, begin, end), np.where(along, end, begin), strict=True)
    own = slice(*targets.links.begin[j : j + 2].tolist())
    cost = np.where(targets.links.node[:, own] == nodes[-1], targets.links.cost[:, own], np.inf)
    way, spot = divmod(int(cost.argmin()), cost.shape[1])
    spot += own.start
    if not targets.is_core[spot]:
        spans.append((targets.begin[spot] if way == 0 else targets.end[spot], targets.order[spot]))
    return spans


def _pieces(chains: Chains, start: float, end: float) -> list[Piece]:
    """Turn a span of the driving order into parts of stretches."""
    low, high = min(start, end), max(start, end)
    first, last = int(np.floor(low)), int(np.ceil(high))
    pieces = []
    for k in range(first, last):
        edge = int(chains.order[k])
        a, b = max(low - k, 0.0), min(high - k, 1.0)
        if a == b:
            continue
        if end < start:
            a, b = b, a
        if chains.flipped[edge]:
            a, b = 1.0 - a, 1.0 - b
        pieces.append(Piece(edge, a, b))
    return pieces if start <= end else pieces[::-1]


def route_names(pieces: list[Piece], label: np.ndarray) -> str:
    """Name a route by its roads in order, such as ``S1 → G102``; nameless ones are passed over."""
    names: list[str] = []
    for piece in pieces:
        name = label[piece.edge]
        if name and names[-1:] != [name]:
            names.append(name)
    return " → ".join(names)


def route_points(pieces: list[Piece], points: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return the points of a route, n × 2, cut at its two ends.

    Parameters
    ----------
    pieces
    points, start
        Geometry of the stretches, as in `RoadLayer` (any projection that keeps angles).
    """
    parts = [cut_line(points[start[edge] : start[edge + 1]], a, b) for edge, a, b in pieces]
    if not parts:
        return np.zeros((0, 2))
    joined = np.concatenate(parts)
    moved = np.ones(len(joined), bool)
    moved[1:] = (joined[1:] != joined[:-1]).any(axis=1)
    return joined[moved] if moved.sum() > 1 else joined[:2]


def cut_line(line: np.ndarray, a: float, b: float) -> np.ndarray:
    """Return the part of a line between two shares of its length, in the direction from `a` to `b`."""
    low, high = min(a, b), max(a, b)
    if (low, high) != (0.0, 1.0):
        step = np.hypot(*np.diff(line, axis=0).T)
        share = np.append(0.0, np.cumsum(step)) / max(step.sum(), np.finfo(float).tiny)
        inner = line[(share > low) & (share < high)]
        ends = [[np.interp(at, share, line[:, axis]) for axis in (0, 1)] for at in (low, high)]
        line = np.concatenate([ends[:1], inner, ends[1:]])
    return line if a <= b else line[::-1]
