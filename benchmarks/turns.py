"""Search under turn restrictions, beside the plain search on the same grid, as ratios of time.

    python benchmarks/turns.py [--nodes 250000] [--share 0.03] [--sites 20] [--enterprises 5000]

At a share of the junctions one turn is restricted: a fifth of them over a stretch between, a fifth as the
only way allowed. "Prepared" leaves out what is done once a network. Processor seconds, best of three.
"""

import argparse
from dataclasses import replace

import generate
import numpy as np
import pandas as pd
from routing import seconds

from siting.analysis.network.graph import build_graph
from siting.types import RoadLayer, no_restrictions


def layer_of(roads: generate.Network) -> RoadLayer:
    """Lay straight stretches along the arcs of a network: two-way ones and one-way ones."""
    low, high = np.minimum(roads.tail, roads.head), np.maximum(roads.tail, roads.head)
    arcs = pd.DataFrame({"low": low, "high": high, "backward": roads.tail > low, "minutes": roads.minutes})
    edges = arcs.groupby(["low", "high"]).agg(
        minutes=("minutes", "min"), backward=("backward", "any"), always=("backward", "all")
    ).reset_index()  # fmt: skip
    ends = edges[["low", "high"]].to_numpy()
    lon = generate.ORIGIN[0] + roads.x / generate.METRES_PER_DEGREE
    lat = generate.ORIGIN[1] + roads.y / generate.METRES_PER_DEGREE
    table = pd.DataFrame(
        {
            "way": edges.index, "tail": ends[:, 0], "head": ends[:, 1], "forward": ~edges["always"],
            "backward": edges["backward"], "length_m": edges["minutes"] * 1000.0, "speed_kmh": 60.0,
            "legal_kmh": 60.0, "speed_basis": "stated", "class": "primary", "ref": "", "name": "",
            "opened": pd.NA, "belief": "sourced", "through": True, "tunnel": False,
        }
    )  # fmt: skip
    return RoadLayer(
        edges=table,
        nodes=pd.DataFrame({"lon": lon, "lat": lat, "id": np.arange(len(lon)), "name": ""}),
        shape=np.stack([lon[ends.ravel()], lat[ends.ravel()]], axis=1),
        shape_start=np.arange(0, 2 * len(ends) + 1, 2),
        set_aside=pd.DataFrame({"way": [], "row": [], "reason": []}),
        issues=(),
        counts={},
        file="grid",
        sha256="",
    )


def restrictions(layer: RoadLayer, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Restrict one turn at a share of the junctions."""
    edges = layer.edges
    out: list[list[tuple[int, bool]]] = [[] for _ in range(len(layer.nodes))]
    into: list[list[tuple[int, bool]]] = [[] for _ in range(len(layer.nodes))]
    columns = (edges[name].tolist() for name in ("tail", "head", "forward", "backward"))
    ends = {}
    for edge, (tail, head, forward, backward) in enumerate(zip(*columns, strict=True)):
        for against, start, end in ((False, tail, head), (True, head, tail)):
            if backward if against else forward:
                out[start].append((edge, against))
                into[end].append((edge, against))
                ends[edge, against] = end
    rows = []
    for number, node in enumerate(rng.permutation(len(out))[: int(share * len(out))].tolist()):
        if not into[node]:
            continue
        way = [into[node][rng.integers(len(into[node]))]]
        for _ in range(1 + (number % 5 == 0)):
            ahead = [arc for arc in out[ends[way[-1]]] if arc[0] != way[-1][0]]
            way += [ahead[rng.integers(len(ahead))]] if ahead else []
        rows += [(number, number % 5 == 1, *arc) for arc in way] if len(way) > 1 else []
    kinds = dict(no_restrictions().dtypes)
    return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)


def main() -> None:
    """Print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=250_000)
    parser.add_argument("--share", type=float, default=0.03)
    parser.add_argument("--sites", type=int, default=20)
    parser.add_argument("--enterprises", type=int, default=5_000)
    options = parser.parse_args()

    rng = np.random.default_rng(7)
    plain = layer_of(generate.grid(options.nodes))
    restricted = replace(plain, restrictions=restrictions(plain, options.share, rng))
    n = len(plain.nodes)
    sites, enterprises = rng.choice(n, options.sites, replace=False), rng.integers(0, n, options.enterprises)
    taken = {}
    for name, layer in (("plain", plain), ("restricted", restricted)):
        whole, graph = seconds(lambda layer=layer: _searched(layer, enterprises, sites))
        ready, table = seconds(lambda graph=graph: graph.travel_times(enterprises, sites))
        taken[name] = (ready, whole, table, graph)
    copies = len(taken["restricted"][3].expansion.node) - n
    number = restricted.restrictions["restriction"].nunique()
    print(f"grid: {n} nodes, {len(plain.edges)} stretches; {number} restrictions, {copies} copies of nodes")
    reached = np.isfinite(taken["restricted"][2]) & (taken["plain"][2] > 0)
    longer = taken["restricted"][2][reached] / taken["plain"][2][reached] - 1
    print(f"trips longer: {(longer > 1e-9).mean():.1%}, on average {longer.mean():.2%}")
    for k, name in enumerate(("prepared", "at once")):
        plain_s, own_s = taken["plain"][k], taken["restricted"][k]
        print(f"{name:10s} plain {plain_s:7.3f} s, restricted {own_s:7.3f} s {own_s / plain_s:6.2f} ×")


def _searched(layer, enterprises, sites):
    graph = build_graph(layer)
    graph.travel_times(enterprises, sites)
    return graph


if __name__ == "__main__":
    main()
