"""Directed links between nodes → which nodes hang together."""

from __future__ import annotations

from typing import Literal

import numpy as np


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
