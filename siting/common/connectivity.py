"""Directed links between nodes → which nodes hang together."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray


def components(
    n_nodes: int, tail: np.ndarray, head: np.ndarray, connection: Literal["weak", "strong"]
) -> np.ndarray:
    """Return the number of each node's component.

    ``weak``: joined by links in whatever direction; ``strong``: every node can be reached from every other.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    links = coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n_nodes, n_nodes))
    return connected_components(links, directed=connection == "strong", connection=connection)[1]


def parts_by_length(
    n_nodes: int,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    is_open: NDArray[np.bool_],
    metres: NDArray[np.float64],
    connection: Literal["weak", "strong"],
) -> NDArray[np.int64]:
    """Return the part of each stretch, numbered by falling length; −1 where closed or between parts.

    `is_open` is 2 × n_edges, along and against the stretch.
    """
    ways = [
        np.stack(ends)[:, opened] for ends, opened in zip(((tail, head), (head, tail)), is_open, strict=True)
    ]
    start, end = np.concatenate(ways, axis=1)
    label = components(n_nodes, start, end, connection)
    within = is_open.any(axis=0) & (label[tail] == label[head])
    of_edge = np.where(within, label[tail], -1)
    inside = of_edge >= 0
    total = np.bincount(of_edge[inside], weights=metres[inside], minlength=label.max(initial=-1) + 1)
    place = np.empty(len(total), np.int64)
    place[np.argsort(-total, kind="stable")] = np.arange(len(total))
    return np.where(inside, place[of_edge] if len(place) else -1, -1)


def reached(n_nodes: int, tail: np.ndarray, head: np.ndarray, start: int) -> NDArray[np.bool_]:
    """Tell of each node whether links lead to it from another."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order

    links = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n_nodes, n_nodes))
    found = np.zeros(n_nodes, bool)
    found[breadth_first_order(links, start, return_predecessors=False)] = True
    return found


def for_trip_ends(
    n_nodes: int,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    is_open: NDArray[np.bool_],
    through: NDArray[np.bool_],
    metres: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell of each stretch whether it may serve the ends of a trip only.

    These are the open stretches without through traffic, and what only they join to the rest, so that
    whatever could be reached still can. Those that touch the rest at one node carry no through traffic
    anyway and are left out.

    Parameters
    ----------
    n_nodes
    tail, head
    is_open
        2 × n_edges, whether cars drive the stretch along and against it.
    through
        n_edges, whether it is for through traffic too.
    metres
    """
    used = is_open.any(axis=0)
    limited = np.zeros(len(tail), bool)
    if not (used & ~through).any():
        return limited
    part = components(n_nodes, tail[used], head[used], "weak")
    free = used & through
    along, against = (free & way for way in is_open)
    circuit = components(
        n_nodes,
        np.concatenate([tail[along], head[against]]),
        np.concatenate([head[along], tail[against]]),
        "strong",
    )
    inside = np.flatnonzero(free & (circuit[tail] == circuit[head]))
    # The core of each part of the network: the circuit of most road that is free for all.
    length = np.bincount(circuit[tail[inside]], weights=metres[inside], minlength=n_nodes)
    by_length = inside[np.argsort(-length[circuit[tail[inside]]], kind="stable")]
    parts, first = np.unique(part[tail[by_length]], return_index=True)
    core_of_part = np.full(n_nodes, -1, np.int64)
    core_of_part[parts] = circuit[tail[by_length[first]]]
    core = core_of_part[part]
    is_core = np.zeros(n_nodes, bool)
    for ends in (tail[inside], head[inside]):
        is_core[ends] = circuit[ends] == core[ends]
    off = used & (core[tail] >= 0)
    off[inside[is_core[tail[inside]]]] = False
    limited[off] = _lead_through(n_nodes, tail[off], head[off], is_core, ~through[off])
    return limited


def _lead_through(
    n_nodes: int,
    tail: NDArray[np.int64],
    head: NDArray[np.int64],
    is_core: NDArray[np.bool_],
    is_private: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Tell of stretches whether with those they hang together with they touch the core at two nodes or more.

    What hangs together without a stretch for trip ends leads one way only, or it would be of the core.
    """
    ends = np.stack([tail, head]).astype(np.int64)
    at_core = is_core[ends]
    # Stretches that meet at a node of the core only do not hang together.
    apart = np.where(at_core, n_nodes + np.arange(ends.size).reshape(ends.shape), ends)
    piece = components(n_nodes + ends.size, apart[0], apart[1], "weak")[apart]
    touching = np.unique(np.stack([piece[at_core], ends[at_core]]), axis=1)
    n_pieces = int(piece.max(initial=0)) + 1
    twice = np.bincount(touching[0], minlength=n_pieces) > 1
    private = np.bincount(piece[0][is_private], minlength=n_pieces) > 0
    leads_through: NDArray[np.bool_] = (twice & private)[piece[0]]
    return leads_through
