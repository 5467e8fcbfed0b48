"""Road layers for tests, and an oracle: networkx on roads that are cut at every point."""

from collections.abc import Sequence

import networkx as nx
import numpy as np
import pandas as pd

from siting.types import RoadLayer

METRES_PER_DEGREE = np.radians(1.0) * 6371000.0


def layer(
    nodes: Sequence[tuple[float, float]], ends: Sequence[tuple[int, int]], **columns: Sequence | object
) -> RoadLayer:
    """Straight roads between nodes, given in metres east and north of (0, 0), where degrees are square."""
    place = np.asarray(nodes, float).reshape(-1, 2) / METRES_PER_DEGREE
    ends = np.asarray(ends, np.int64).reshape(-1, 2)
    tail, head = place[ends[:, 0]], place[ends[:, 1]]
    edges = pd.DataFrame(
        {
            "way": np.arange(len(ends)) + 100,
            "tail": ends[:, 0],
            "head": ends[:, 1],
            "forward": True,
            "backward": True,
            "length_m": np.hypot(*(tail - head).T) * METRES_PER_DEGREE,
            "speed_kmh": 60.0,
            "legal_kmh": 60.0,
            "speed_basis": "posted",
            "class": "primary",
            "ref": "",
            "name": "",
            "opened": pd.array([None] * len(ends), dtype="Int64"),
            "belief": "sourced",
            "through": True,
            "tunnel": False,
        }
    )
    for name, values in columns.items():
        edges[name] = pd.array(values, dtype="Int64") if name == "opened" else values
    return RoadLayer(
        edges=edges,
        nodes=pd.DataFrame({"lon": place[:, 0], "lat": place[:, 1], "id": np.arange(len(place)), "name": ""}),
        shape=np.stack([tail, head], axis=1).reshape(-1, 2),
        shape_start=np.arange(0, 2 * len(ends) + 1, 2),
        set_aside=pd.DataFrame({"way": [], "row": [], "reason": []}),
        issues=(),
        counts={"data_rows": len(ends), "kept": len(ends), "set_aside": 0, "ignored_lines": 0},
        file="toy.geojson",
        sha256="",
    )


def points(*metres: tuple[float, float]) -> np.ndarray:
    """Points (lon, lat) from metres east and north."""
    return np.asarray(metres, float).reshape(-1, 2) / METRES_PER_DEGREE


def oracle(graph, start, end, cost: np.ndarray) -> np.ndarray:
    """Costs between points laid on roads; `cost` is 2 × n_edges, as `RoadGraph.minutes`."""
    roads = nx.MultiDiGraph()
    roads.add_nodes_from(range(graph.n_nodes))
    cuts: dict[int, set[float]] = {}
    for laid in (start, end):
        for edge, position in zip(laid.edge.tolist(), laid.position.tolist(), strict=True):
            cuts.setdefault(edge, set()).add(position)
    for edge, (tail, head) in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)):
        at = sorted({0.0, 1.0} | cuts.get(edge, set()))
        names = [tail if a == 0.0 else head if a == 1.0 else (edge, a) for a in at]
        for a, b, before, behind in zip(at, at[1:], names, names[1:], strict=False):
            for direction, u, v in ((0, before, behind), (1, behind, before)):
                if np.isfinite(cost[direction, edge]):
                    roads.add_edge(u, v, weight=(b - a) * cost[direction, edge])

    def name(laid, k):
        edge, position = int(laid.edge[k]), float(laid.position[k])
        return {0.0: int(graph.tail[edge]), 1.0: int(graph.head[edge])}.get(position, (edge, position))

    table = np.full((len(start), len(end)), np.inf)
    for i in range(len(start)):
        reach = nx.single_source_dijkstra_path_length(roads, name(start, i))
        for j in range(len(end)):
            table[i, j] = reach.get(name(end, j), np.inf)
    return table
