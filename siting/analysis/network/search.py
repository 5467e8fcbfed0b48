"""Many-to-many shortest ways over contracted roads: places in, a table of costs out.

The engine is scipy's Dijkstra, run from the shorter side (from the sites, on the reversed graph), in blocks.
A faster engine can stand behind `Search.table`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siting.analysis.network.contraction import Chains

BLOCK_CELLS = 8_000_000
"""Float64 cells of one block of searches (64 MB)."""


@dataclass(frozen=True)
class Places:
    """Points on open stretches: stretch, share of its length from tail to head, node where it is one.

    Where a stretch or node has copies (`Expansion`), a place has a spot on each.
    """

    edge: np.ndarray
    """Stretch; −1 where the point is not on the network."""
    position: np.ndarray
    node: np.ndarray
    """Node number where the point is a node (all its roads are open to it); −1 between nodes."""
    owner: np.ndarray | None = None
    """Place of each spot, rising; None: a spot is a place."""

    def __len__(self) -> int:
        """Count the places."""
        return len(self.edge) if self.owner is None else int(self.owner[-1]) + 1 if len(self.owner) else 0

    @property
    def begin(self) -> NDArray[np.int64]:
        """Where the spots of each place begin, and their number at the end."""
        if self.owner is None:
            return np.arange(len(self.edge) + 1)
        return np.searchsorted(self.owner, np.arange(len(self) + 1))

    def take(self, number: int) -> Places:
        """Return one of the places alone."""
        spots = slice(*self.begin[number : number + 2].tolist())
        edge, position, node = self.edge[spots], self.position[spots], self.node[spots]
        return Places(edge, position, node, np.zeros(len(edge), np.int64))


def coincide(places: Places, key: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns where two lists hold one node, or one point that lies on the network."""
    if key.dtype != other.dtype:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.argsort(key, kind="stable")
    low, high = (np.searchsorted(key[order], other, side) for side in ("left", "right"))
    column = np.repeat(np.arange(len(other)), high - low)
    row = order[np.arange(len(column)) - np.repeat(np.cumsum(high - low) - high, high - low)]
    good = (places.edge[row] >= 0) | (key.dtype == np.int64)
    return row[good], column[good]


@dataclass(frozen=True)
class Links:
    """Up to two core nodes by which each spot is left (or reached), and what it costs to get there."""

    node: np.ndarray
    """2 × n_spots."""
    cost: np.ndarray
    """2 × n_spots; ``inf`` where there is no such link."""
    begin: NDArray[np.int64]
    """n_places + 1: where the spots of each place begin, and their number."""

    def __len__(self) -> int:
        """Count the places."""
        return len(self.begin) - 1

    def __getitem__(self, part: slice) -> Links:
        begin = self.begin[part.start : part.stop + 1]
        spots = slice(begin[0], begin[-1])
        return Links(self.node[:, spots], self.cost[:, spots], begin - begin[0])


@dataclass(frozen=True)
class Arcs:
    """Arcs of the core graph and the chain that each drives."""

    tail: np.ndarray
    head: np.ndarray
    cost: np.ndarray
    chain: np.ndarray
    along: np.ndarray
    """Whether the arc drives its chain from start to end."""


class Search:
    """Shortest ways under one cost per stretch and direction.

    Parameters
    ----------
    chains
    forward, backward
        n_edges, cost along and against the stretch; ``inf`` where traffic may not pass.
    """

    def __init__(self, chains: Chains, forward: np.ndarray, backward: np.ndarray):
        self.chains = chains
        order, start = chains.order, chains.start
        flipped = chains.flipped
        self._along = np.where(flipped, backward, forward)
        self._against = np.where(flipped, forward, backward)
        self.twoway = np.isfinite(self._against[order[start[:-1]]]) if len(order) else np.zeros(0, bool)
        self._rank = np.zeros(len(forward))
        self._rank[order] = np.arange(len(order))
        self._before = self._prefix(self._along)
        self._before_back = self._prefix(np.where(np.isfinite(self._against), self._against, 0.0))
        self.along = self._totals(self._before, self._along)
        self.against = np.where(self.twoway, self._totals(self._before_back, self._against), np.inf)

    def _prefix(self, cost: np.ndarray) -> np.ndarray:
        """Cost from the start of its chain to the start of each stretch (n_edges)."""
        order, start = self.chains.order, self.chains.start
        ordered = cost[order]
        before = np.cumsum(ordered) - ordered
        result = np.zeros(len(cost))
        result[order] = before - np.repeat(before[start[:-1]], np.diff(start))
        return result

    def _totals(self, before: NDArray[np.float64], cost: NDArray[np.float64]) -> NDArray[np.float64]:
        last = self.chains.order[self.chains.start[1:] - 1]
        totals: NDArray[np.float64] = before[last] + cost[last]
        return totals

    @cached_property
    def arcs(self) -> Arcs:
        """Arcs between core nodes, by tail and head: the cheapest of parallel chains, no loops.

        A chain that ends at a dead end is no arc.
        """
        chains = self.chains
        back = np.flatnonzero(self.twoway)
        tail = np.concatenate([chains.tail, chains.head[back]])
        head = np.concatenate([chains.head, chains.tail[back]])
        cost = np.concatenate([self.along, self.against[back]])
        cost[(tail < 0) | (head < 0)] = np.inf
        chain = np.concatenate([np.arange(len(chains.tail)), back])
        kept = cheapest(tail, head, cost)
        return Arcs(tail[kept], head[kept], cost[kept], chain[kept], kept < len(chains.tail))

    @cached_property
    def graph(self) -> csr_array:
        """Core graph, n_core × n_core."""
        return _graph(self.chains.n_core, self.arcs.tail, self.arcs.head, self.arcs.cost)

    @cached_property
    def reversed_graph(self) -> csr_array:
        """The core graph with every arc turned round."""
        return csr_array(self.graph.T.tocsr())

    def on_chain(self, places: Places) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the chain (−1: off the network), costs from its start along and against it, and the order.

        The order tells what lies ahead; costs cannot, since a stretch may cost nothing.
        """
        edge = np.maximum(places.edge, 0)
        share = np.where(self.chains.flipped[edge], 1.0 - places.position, places.position)
        against = np.where(np.isfinite(self._against[edge]), self._against[edge], 0.0)
        chain = np.where(places.edge >= 0, self.chains.chain[edge], -1)
        along = self._before[edge] + share * np.where(chain >= 0, self._along[edge], 0.0)
        return chain, along, self._before_back[edge] + share * against, self._rank[edge] + share

    def ways_out(self, places: Places) -> Links:
        """Return the core nodes that each place leads to: towards its chain's end, towards its start."""
        chain, along, against, _ = self.on_chain(places)
        node = np.stack([self.chains.head[chain], self.chains.tail[chain]])
        cost = np.stack([self.along[chain] - along, np.where(self.twoway[chain], against, np.inf)])
        return self._links(places, chain, node, cost)

    def ways_in(self, places: Places) -> Links:
        """Return the core nodes that lead to each place: from its chain's start, from its end."""
        chain, along, against, _ = self.on_chain(places)
        node = np.stack([self.chains.tail[chain], self.chains.head[chain]])
        cost = np.stack([along, np.where(self.twoway[chain], self.against[chain] - against, np.inf)])
        return self._links(places, chain, node, cost)

    def _links(self, places: Places, chain: np.ndarray, node: np.ndarray, cost: np.ndarray) -> Links:
        cost = np.where((chain >= 0) & (node >= 0) & np.isfinite(cost), np.maximum(cost, 0.0), np.inf)
        core = np.where(places.node >= 0, self.chains.core[places.node], -1)
        node[:, core >= 0] = core[core >= 0]
        cost[0, core >= 0], cost[1, core >= 0] = 0.0, np.inf
        return Links(node, cost, places.begin)

    def table(self, origins: Places, destinations: Places, limit: float = np.inf) -> np.ndarray:
        """Return the cost of the cheapest way, len(origins) × len(destinations); ``inf`` beyond `limit`."""
        result = np.full((len(origins), len(destinations)), np.inf)
        if not len(self.chains.order):
            return result
        out, into = self.ways_out(origins), self.ways_in(destinations)
        if len(destinations) <= len(origins):
            self._fill(self.reversed_graph, into, out, limit, result.T)
        else:
            self._fill(self.graph, out, into, limit, result)
        self._same_chain(origins, destinations, result)
        result[result > limit] = np.inf
        return result

    def _fill(
        self, graph: csr_array, sources: Links, targets: Links, limit: float, result: np.ndarray
    ) -> None:
        """Search from each source in blocks and keep only what the targets need."""
        n_sources = len(sources)
        block = max(1, BLOCK_CELLS // max(1, graph.shape[0], targets.node.shape[1]))
        for first in range(0, n_sources, block):
            part = slice(first, min(first + block, n_sources))
            costs = search_from(graph, sources[part], limit)
            first_way, second_way = (
                np.take(costs, node, axis=1) + cost
                for node, cost in zip(targets.node, targets.cost, strict=True)
            )
            best = np.minimum(first_way, second_way)
            many = best.shape[1] > len(targets)
            result[part] = np.minimum.reduceat(best, targets.begin[:-1], axis=1) if many else best

    def _same_chain(self, origins: Places, destinations: Places, result: np.ndarray) -> None:
        """Put in the ways that never leave their chain."""
        o, d, cost = self.within_chains(origins, destinations)
        if origins.owner is None and destinations.owner is None:
            result[o, d] = np.minimum(result[o, d], cost)
        else:
            o, d = (
                spot if places.owner is None else places.owner[spot]
                for spot, places in ((o, origins), (d, destinations))
            )
            np.minimum.at(result, (o, d), cost)

    def within_chains(
        self, origins: Places, destinations: Places
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """Return pairs of spots on one chain, and what the way costs that does not leave it."""
        chain_o, along_o, against_o, order_o = self.on_chain(origins)
        chain_d, along_d, against_d, order_d = self.on_chain(destinations)
        by_chain = np.argsort(chain_o, kind="stable")
        low = np.searchsorted(chain_o[by_chain], chain_d, "left")
        high = np.searchsorted(chain_o[by_chain], chain_d, "right")
        shared = np.where(chain_d >= 0, high - low, 0)
        d = np.repeat(np.arange(len(chain_d)), shared)
        within = np.arange(len(d)) - np.repeat(np.cumsum(shared) - shared, shared)
        o = by_chain[np.repeat(low, shared) + within]
        ahead, behind = order_d[d] >= order_o[o], order_d[d] <= order_o[o]
        cost = np.where(ahead, along_d[d] - along_o[o], np.inf)
        back = np.where(behind & self.twoway[chain_d[d]], against_o[o] - against_d[d], np.inf)
        return o, d, np.maximum(np.minimum(cost, back), 0.0)


def cheapest(tail: np.ndarray, head: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Return the numbers of the arcs to keep, by tail and head: the cheapest of parallel ones, no loops.

    (scipy's constructors would add parallel arcs up.)
    """
    usable = np.flatnonzero((tail != head) & np.isfinite(cost))
    tail, head = tail[usable].astype(np.int64), head[usable]
    key = tail * (int(head.max(initial=0)) + 1) + head
    order = np.argsort(key)
    first = np.ones(len(order), bool)
    first[1:] = key[order[1:]] != key[order[:-1]]
    # Few arcs are parallel: only these have to be sorted by cost, and by number where that is the same.
    tied = ~first
    tied[:-1] |= ~first[1:]
    few = order[tied]
    order[tied] = few[np.lexsort((few, cost[usable[few]], key[few]))]
    return usable[order[first]]


def _graph(n: int, tail: np.ndarray, head: np.ndarray, cost: np.ndarray) -> csr_array:
    indptr = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(tail, minlength=n), out=indptr[1:])
    return csr_array((cost.astype(np.float64), head.astype(np.int32), indptr), shape=(n, n))


@overload
def search_from(
    graph: csr_array, sources: Links, limit: float = np.inf, *, predecessors: Literal[False] = False
) -> NDArray[np.float64]: ...


@overload
def search_from(
    graph: csr_array, sources: Links, limit: float = np.inf, *, predecessors: Literal[True]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]: ...


def search_from(
    graph: csr_array, sources: Links, limit: float = np.inf, *, predecessors: bool = False
) -> NDArray[np.float64] | tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Run Dijkstra from sources that each enter the graph at some nodes, at a cost.

    Each source becomes an extra node (n, n + 1 …) with arcs to its entries, so one search serves both.
    """
    n, n_sources = graph.shape[0], len(sources)
    source = np.tile(np.repeat(np.arange(n_sources), np.diff(sources.begin)), len(sources.node))
    node, cost = sources.node.ravel(), sources.cost.ravel()
    kept = cheapest(n + source, node, cost)
    data = np.concatenate([graph.data, cost[kept]])
    indices = np.concatenate([graph.indices, node[kept].astype(np.int32)])
    count = np.cumsum(np.bincount(source[kept], minlength=n_sources))
    indptr = np.concatenate([graph.indptr, graph.indptr[-1] + count]).astype(np.int32)
    extended = csr_array((data, indices, indptr), shape=(n + n_sources, n + n_sources))
    start = np.arange(n, n + n_sources)
    if predecessors:
        return dijkstra(extended, indices=start, limit=limit, return_predecessors=True)
    return dijkstra(extended, indices=start, limit=limit)
