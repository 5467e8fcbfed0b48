"""Generate road networks like those of a county and its city, and OSM extracts of them, by a seed.

python benchmarks/generate.py county.osm.pbf --nodes 250000
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import osmium
from osmium.osm import mutable
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay

ORIGIN = (117.4, 40.0)
METRES_PER_DEGREE = 111_195.0
WAY_NODES = 12
"""Nodes of one generated way at most."""


class Network(NamedTuple):
    """Directed arcs between nodes placed in metres; strongly connected, no parallel arcs."""

    x: np.ndarray
    y: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    minutes: np.ndarray


def county(n_nodes: int, seed: int = 2) -> Network:
    """Join settlements of very unequal size, each a bent street grid, by rural roads with many bends.

    About half of the nodes are bends, as in real extracts.
    """
    rng = np.random.default_rng(seed)
    sizes = _settlement_sizes(n_nodes, rng)
    centre = _spread(len(sizes), rng)
    towns = [_streets(size, 110.0, rng) for size in sizes]
    first = np.append(0, np.cumsum([len(town.x) for town in towns]))
    parts = [
        Network(town.x + place[0], town.y + place[1], town.tail + offset, town.head + offset, town.minutes)
        for town, place, offset in zip(towns, centre, first, strict=False)
    ]
    whole = Network(*(np.concatenate(values) for values in zip(*parts, strict=True)))
    return _tidy(_with_country_roads(whole, centre, first, n_nodes, rng), rng)


def grid(n_nodes: int, seed: int = 1) -> Network:
    """Bend a square grid and thin it out: few bends between junctions, the worst case for contraction."""
    rng = np.random.default_rng(seed)
    return _tidy(_streets(int(n_nodes * 1.03), 180.0, rng), rng)


def _settlement_sizes(n_nodes: int, rng: np.random.Generator) -> list[int]:
    sizes: list[int] = []
    while sum(sizes) < 0.55 * n_nodes:
        largest = 0.06 * n_nodes / (len(sizes) + 1) ** 0.85
        sizes.append(max(int(largest), int(rng.integers(40, 160))))
    return sizes


def _spread(n: int, rng: np.random.Generator) -> np.ndarray:
    """Place settlements about 2 km apart."""
    side = np.ceil(np.sqrt(n))
    cell = rng.permutation(int(side**2))[:n]
    return (np.stack(np.divmod(cell, side), axis=1) + rng.uniform(-0.3, 0.3, (n, 2))) * 2200.0


def _streets(n_nodes: int, spacing_m: float, rng: np.random.Generator) -> Network:
    width = max(4, int(np.sqrt(n_nodes)))
    number = np.arange(width * width).reshape(width, width)
    column, row = np.divmod(number.ravel(), width)
    x = (column + rng.uniform(-0.3, 0.3, number.size)) * spacing_m
    y = (row + rng.uniform(-0.3, 0.3, number.size)) * spacing_m
    a = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()])
    b = np.concatenate([number[1:].ravel(), number[:, 1:].ravel()])
    line = np.concatenate(
        [row.reshape(width, width)[:-1].ravel(), column.reshape(width, width)[:, :-1].ravel()]
    )
    kmh = np.select([line % 64 == 0, line % 16 == 0, line % 4 == 0], [80.0, 60.0, 45.0], 30.0)
    kept = rng.random(len(a)) > np.where(kmh > 30, 0.08, 0.28)
    oneway = (kmh <= 45) & (rng.random(len(a)) < 0.11)
    return _network(x, y, a[kept], b[kept], kmh[kept], oneway[kept])


def _network(
    x: np.ndarray, y: np.ndarray, a: np.ndarray, b: np.ndarray, kmh: np.ndarray, oneway: np.ndarray
) -> Network:
    minutes = np.hypot(x[a] - x[b], y[a] - y[b]) / kmh * 0.06
    back = ~oneway
    tail, head = np.concatenate([a, b[back]]), np.concatenate([b, a[back]])
    return Network(x, y, tail, head, np.concatenate([minutes, minutes[back]]))


def _with_country_roads(
    towns: Network, centre: np.ndarray, first: np.ndarray, n_nodes: int, rng: np.random.Generator
) -> Network:
    corners = Delaunay(centre).simplices
    pairs = np.unique(
        np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]), axis=1), axis=0
    )
    length = np.hypot(*(centre[pairs[:, 0]] - centre[pairs[:, 1]]).T)
    tree = minimum_spanning_tree(coo_array((length, pairs.T), shape=(len(centre),) * 2).tocsr()).tocoo()
    in_tree = set(zip(np.minimum(*tree.coords).tolist(), np.maximum(*tree.coords).tolist(), strict=True))
    kept = [(a, b) in in_tree or rng.random() < 0.4 for a, b in pairs.tolist()]
    pairs, length = pairs[kept], length[kept]
    per_metre = max(n_nodes - len(towns.x), len(pairs)) / length.sum()
    parts, offset = [towns], len(towns.x)
    for (a, b), metres in zip(pairs.tolist(), length.tolist(), strict=True):
        ends = [int(rng.integers(first[town], first[town + 1])) for town in (a, b)]
        bends = max(1, rng.poisson(per_metre * metres))
        share = np.linspace(0, 1, bends + 2)[1:-1]
        place = [
            values[ends[0]] + share * (values[ends[1]] - values[ends[0]]) + rng.normal(0, 60, bends)
            for values in (towns.x, towns.y)
        ]
        chain = np.concatenate([[ends[0]], offset + np.arange(bends), [ends[1]]])
        x, y = (
            np.concatenate([[values[ends[0]]], new, [values[ends[1]]]])
            for values, new in zip((towns.x, towns.y), place, strict=True)
        )
        minutes = (
            np.hypot(np.diff(x), np.diff(y)) / rng.choice([40.0, 60.0, 80.0], p=[0.55, 0.35, 0.1]) * 0.06
        )
        parts.append(
            Network(
                place[0],
                place[1],
                np.concatenate([chain[:-1], chain[1:]]),
                np.concatenate([chain[1:], chain[:-1]]),
                np.tile(minutes, 2),
            )
        )
        offset += bends
    return Network(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _tidy(network: Network, rng: np.random.Generator) -> Network:
    """Keep the largest strong component and the fastest of parallel arcs; number nodes tile by tile."""
    x, y, tail, head, minutes = network
    _, part = connected_components(
        coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(len(x),) * 2), connection="strong"
    )
    largest = part == np.bincount(part).argmax()
    tiles, tile = np.unique((x // 2500) * 1e6 + y // 2500, return_inverse=True)
    order = np.lexsort((rng.random(len(x)), rng.permutation(len(tiles))[tile]))
    order = order[largest[order]]
    number = np.full(len(x), -1)
    number[order] = np.arange(len(order))
    inside = largest[tail] & largest[head] & (tail != head)
    tail, head = number[tail[inside]], number[head[inside]]
    # Tenths of a second, so that engines with whole numbers agree exactly.
    minutes = np.maximum(np.round(minutes[inside] * 600), 1) / 600
    fastest = np.lexsort((minutes, head, tail))
    tail, head, minutes = tail[fastest], head[fastest], minutes[fastest]
    kept = np.append(True, (np.diff(tail) != 0) | (np.diff(head) != 0))
    return Network(x[order], y[order], tail[kept], head[kept], minutes[kept])


def lon_lat(network: Network) -> tuple[np.ndarray, np.ndarray]:
    """Place the nodes on the map, degrees."""
    lon = ORIGIN[0] + (network.x - network.x.mean()) / (METRES_PER_DEGREE * np.cos(np.radians(ORIGIN[1])))
    return lon, ORIGIN[1] + (network.y - network.y.mean()) / METRES_PER_DEGREE


def write_extract(network: Network, path: Path) -> int:
    """Write an extract whose ways run on over up to `WAY_NODES` nodes; return the number of ways."""
    lon, lat = lon_lat(network)
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for k in range(len(lon)):
            writer.add_node(mutable.Node(id=k + 1, location=(float(lon[k]), float(lat[k])), version=1))
        number = 0
        for number, (nodes, oneway, kmh) in enumerate(_ways(network), start=1):
            tags = {"highway": _highway(kmh), "maxspeed": str(kmh)}
            tags |= {"oneway": "yes"} if oneway else {}
            tags |= {"name": f"道路{number}"} if number % 3 == 0 else {}
            writer.add_way(mutable.Way(id=number, nodes=[node + 1 for node in nodes], tags=tags, version=1))
    return number


def _highway(kmh: int) -> str:
    for limit, kind in ((80, "trunk"), (60, "primary"), (45, "secondary"), (40, "tertiary")):
        if kmh >= limit:
            return kind
    return "residential"


def _ways(network: Network):
    """Yield node lists, one-way flags and speeds; each arc is driven by exactly one way."""
    x, y, tail, head, minutes = network
    metres = np.hypot(x[tail] - x[head], y[tail] - y[head])
    kmh = np.clip(np.round(metres / minutes * 0.006) * 10, 20, 100).astype(int).tolist()
    arcs = dict(zip(zip(tail.tolist(), head.tolist(), strict=True), kmh, strict=True))
    leaving: dict[int, list[int]] = {}
    for a, b in arcs:
        leaving.setdefault(a, []).append(b)
    used: set[tuple[int, int]] = set()
    for a, b in arcs:
        if (a, b) in used:
            continue
        oneway, speed, nodes = (b, a) not in arcs, arcs[a, b], [a]
        following: int | None = b
        while following is not None and len(nodes) < WAY_NODES:
            used.add((nodes[-1], following))
            if not oneway:
                used.add((following, nodes[-1]))
            nodes.append(following)
            here = nodes[-1]
            fits = (
                n
                for n in leaving.get(here, ())
                if (here, n) not in used
                and ((n, here) not in arcs) == oneway
                and abs(arcs[here, n] - speed) <= 10
            )
            following = next(fits, None)
        yield nodes, oneway, speed


def main() -> None:
    """Write one extract."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--nodes", type=int, default=50_000)
    arguments = parser.parse_args()
    network = county(arguments.nodes)
    print(f"{len(network.x)} nodes, {write_extract(network, arguments.out)} ways")


if __name__ == "__main__":
    main()
