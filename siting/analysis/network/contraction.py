"""Directed road stretches → chains between junctions: the small graph on which searches run.

A node with exactly two stretches, through which traffic passes in the same way on both, is no decision: its
stretches become one chain. Nor is a dead end: its chain ends nowhere. Every node and every point of a stretch
keeps its exact place along its chain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, reverse_cuthill_mckee

from siting.messages import refusal

NUMBER = np.int32
"""Type of the numbers of nodes, stretches and chains: half the memory of what numpy takes by itself."""


@dataclass(frozen=True)
class Chains:
    """Chains of the open stretches; numbers of stretches and nodes are the caller's."""

    order: np.ndarray
    """Open stretches, chain by chain, in driving order."""
    start: np.ndarray
    """n_chains + 1: chain ``k`` holds ``order[start[k]:start[k + 1]]``."""
    chain: np.ndarray
    """n_edges: chain of each stretch; −1 where it is not open."""
    flipped: np.ndarray
    """n_edges: whether the chain runs against the stretch."""
    tail: np.ndarray
    """n_chains: core node at which the chain starts; −1 at a dead end."""
    head: np.ndarray
    core: np.ndarray
    """n_nodes: core number of each node; −1 within a chain, at its dead end, and without an open stretch."""
    n_core: int
    edge_at: np.ndarray
    """n_nodes: one open stretch that touches the node; −1 where there is none."""
    at_head: np.ndarray
    """n_nodes: whether the node is the head of that stretch."""


def contract(
    n_nodes: int, tail: np.ndarray, head: np.ndarray, forward: np.ndarray, backward: np.ndarray
) -> Chains:
    """Contract chains of degree-2 nodes.

    Parameters
    ----------
    n_nodes
    tail, head
        n_edges, node numbers.
    forward, backward
        n_edges, whether traffic may pass along and against the stretch; neither: the stretch is not open.
    """
    is_open = np.flatnonzero(forward | backward).astype(NUMBER)
    against = ~forward[is_open]
    ends = np.empty((len(is_open), 2), NUMBER)
    ends[:, 0] = np.where(against, head[is_open], tail[is_open])
    ends[:, 1] = np.where(against, tail[is_open], head[is_open])
    oneway = ~(forward & backward)[is_open]

    mate = _mates(n_nodes, ends.ravel(), oneway)
    first, rank = _rank(mate)
    order, start, entered = _ordered(first, rank, oneway)

    node = ends.ravel()
    chain_of_open = np.repeat(np.arange(len(start) - 1, dtype=NUMBER), np.diff(start))
    chain = np.full(len(tail), -1, NUMBER)
    chain[is_open[order]] = chain_of_open
    flipped = np.zeros(len(tail), bool)
    flipped[is_open[order]] = (entered % 2 == 1) ^ against[order]
    chain_tail = node[entered[start[:-1]]]
    chain_head = node[entered[start[1:] - 1] ^ 1]
    core, n_core = _core_numbers(n_nodes, chain_tail, chain_head)

    edge_at, at_head = np.full(n_nodes, -1, NUMBER), np.zeros(n_nodes, bool)
    for side, nodes in ((0, tail), (1, head)):
        edge_at[nodes[is_open]] = is_open
        at_head[nodes[is_open]] = side == 1
    return Chains(
        is_open[order],
        start,
        chain,
        flipped,
        core[chain_tail],
        core[chain_head],
        core,
        n_core,
        edge_at,
        at_head,
    )


def _mates(n_nodes: int, node: np.ndarray, oneway: np.ndarray) -> np.ndarray:
    """Pair the two stretch ends that meet at a contractible node; −1 where a chain ends.

    Ends are numbered ``2 × stretch`` (where traffic enters) and ``2 × stretch + 1``.
    """
    kinds = np.full((len(oneway), 2), 2, np.int8)
    kinds[oneway] = 0, 1
    kind = kinds.ravel()
    by_node = np.argsort(node, kind="stable").astype(NUMBER)
    degree = np.bincount(node, minlength=n_nodes)
    pairs = by_node[np.repeat(degree == 2, degree)].reshape(-1, 2)
    a, b = kind[pairs[:, 0]], kind[pairs[:, 1]]
    through = ((a == 2) & (b == 2)) | ((a < 2) & (b < 2) & (a != b))
    pairs = pairs[through & (pairs[:, 0] >> 1 != pairs[:, 1] >> 1)]
    mate = np.full(len(node), -1, NUMBER)
    mate[pairs[:, 0]], mate[pairs[:, 1]] = pairs[:, 1], pairs[:, 0]
    return _open_rings(mate)


def _open_rings(mate: np.ndarray) -> np.ndarray:
    """Cut each ring without a junction at one node, so that it is a chain from that node to itself."""
    n = len(mate) // 2
    if n == 0:
        return mate
    linked = np.flatnonzero(mate >= 0)
    links = csr_array((np.ones(len(linked), np.int8), (linked >> 1, mate[linked] >> 1)), shape=(n, n))
    _, part = connected_components(links, directed=False)
    has_end = np.zeros(part.max() + 1, bool)
    has_end[part[np.flatnonzero(mate < 0) >> 1]] = True
    ring = np.flatnonzero(~has_end)
    if len(ring):
        _, first = np.unique(part, return_index=True)
        cut = 2 * first[ring]
        mate[mate[cut]] = -1
        mate[cut] = -1
    return mate


def _rank(mate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each stretch end taken as an entry, the chain's first entry and the steps from it.

    Pointer doubling: each round doubles the distance looked back.
    """
    back = np.where(mate >= 0, mate ^ 1, np.arange(len(mate), dtype=NUMBER))
    rank = (mate >= 0).astype(NUMBER)
    while True:
        further = back[back]
        if np.array_equal(further, back):
            return back, rank
        rank += rank[back]
        back = further


def _ordered(
    first: np.ndarray, rank: np.ndarray, oneway: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose one driving direction per chain; return stretches in order, chain starts, entries."""
    even = np.arange(0, len(first), 2, dtype=NUMBER)
    # A chain is seen from both of its ends; the end with the smaller number names it, and a one-way chain
    # is always seen along its traffic (even entries).
    take_even = np.repeat(oneway, 2)[even] | (first[even] < first[even + 1])
    entry = np.where(take_even, even, even + 1)
    order = np.lexsort((rank[entry], first[entry]))
    firsts = first[entry][order]
    start = np.append(np.flatnonzero(np.diff(firsts, prepend=-1)), len(order))
    return order, start, entry[order]


def _core_numbers(n_nodes: int, chain_tail: np.ndarray, chain_head: np.ndarray) -> tuple[np.ndarray, int]:
    """Give junctions numbers under which neighbours lie close in memory, where searches lose time.

    Where only one chain ends, no way leads on: such nodes get none.
    """
    ends = np.stack([chain_tail, chain_head])
    nodes = np.flatnonzero(np.bincount(ends.ravel(), minlength=n_nodes) > 1)
    core = np.full(n_nodes, -1, NUMBER)
    core[nodes] = np.arange(len(nodes))
    if not len(nodes):
        return core, 0
    shape = (len(nodes), len(nodes))
    ends = core[ends]
    ends = ends[:, (ends >= 0).all(axis=0)]
    both = np.concatenate(ends), np.concatenate(ends[::-1])
    links = csr_array((np.ones(len(both[0]), np.int8), both), shape=shape)
    position = np.empty(len(nodes), NUMBER)
    position[reverse_cuthill_mckee(links, symmetric_mode=True)] = np.arange(len(nodes))
    core[nodes] = position
    return core, len(nodes)


def check_arcs(n_nodes: int, tail: np.ndarray, head: np.ndarray, costs: list[np.ndarray]) -> None:
    """Refuse arcs between unknown nodes, or with costs that are no costs."""
    if any(array.shape != tail.shape or array.ndim != 1 for array in (tail, head, *costs)):
        raise refusal("", "E709")
    wrong = np.flatnonzero((np.minimum(tail, head) < 0) | (np.maximum(tail, head) >= n_nodes))
    if len(wrong):
        k = wrong[0]
        raise refusal("", "E710", k=k, tail=tail[k], head=head[k], last=n_nodes - 1)
    for cost in costs:
        wrong = np.flatnonzero(~(np.isfinite(cost) & (cost >= 0)))
        if len(wrong):
            k = wrong[0]
            raise refusal("", "E711", k=k, tail=tail[k], head=head[k], cost=cost[k])


def two_way(
    tail: np.ndarray, head: np.ndarray, minutes: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Merge arcs into stretches: the fastest of parallel arcs along, and against."""
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    against = tail > head
    order = np.lexsort((minutes, against, high, low))
    low, high, against, minutes = low[order], high[order], against[order], minutes[order]
    new_pair = np.ones(len(low), bool)
    new_pair[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    fastest = new_pair.copy()
    fastest[1:] |= against[1:] != against[:-1]
    pair = np.cumsum(new_pair) - 1
    both = np.full((2, int(new_pair.sum())), np.inf)
    both[against[fastest].astype(int), pair[fastest]] = minutes[fastest]
    return low[new_pair], high[new_pair], both
