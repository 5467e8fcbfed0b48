"""Travel times from many enterprises to some sites, beside scipy and networkx, as ratios of time.

    python benchmarks/routing.py [--nodes 50000] [--sites 50] [--enterprises 5000] [--kind county|grid]

scipy searches from the sites on the reversed graph, networkx likewise (as osmnx users do), on a few sites
and scaled; routingkit-cch builds a hierarchy ("at once" with it) and asks it for each site. "Prepared"
leaves out what is done once a network (contraction); "at once" starts from bare arcs. Then how the time
grows with sites and with enterprises. Processor seconds of one process, best of three.
"""

import argparse
import time

import generate
import networkx as nx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

import siting

PER_MINUTE = 600_000
"""Whole numbers in a minute, for peers that count in them."""


def seconds(job, repeats=3):
    """Time a job, best of some repeats, and keep its result."""
    times, result = [], None
    for _ in range(repeats):
        start = time.process_time()
        result = job()
        times.append(time.process_time() - start)
    return min(times), result


def hierarchy(roads, sites, enterprises):
    """Let routingkit-cch fill the table; return seconds with and without preparation, and the table."""
    import routingkit_cch as kit

    ends = roads.tail.astype(np.uint32), roads.head.astype(np.uint32)
    # It counts in whole numbers; coordinates only order the nodes.
    weights = np.rint(roads.minutes * PER_MINUTE).astype(np.uint32)
    sources = enterprises.tolist()

    def prepared():
        order = kit.compute_order_inertial(len(roads.x), *ends, roads.y.tolist(), roads.x.tolist())
        return kit.CCHMetric(kit.CCH(order, *ends, False), weights)

    def asked():
        table = kit.CCHManyToOne(metric, sources)
        return [table.distances_to(site) for site in sites.tolist()]

    prepare_s, metric = seconds(prepared, repeats=1)
    ask_s, columns = seconds(asked)
    found = np.array([[np.inf if cost is None else cost for cost in column] for column in columns], float)
    return prepare_s + ask_s, ask_s, found.T / PER_MINUTE


def growth(graph, rng):
    """Print seconds for ever more sites, and for ever more enterprises."""
    print("growth, prepared: sites x enterprises, seconds")
    for n_sites, n_enterprises in [
        (10, 2_000),
        (50, 2_000),
        (200, 2_000),
        (50, 100),
        (50, 20_000),
        (50, 200_000),
    ]:
        sites, enterprises = (rng.integers(0, graph.n_nodes, n) for n in (n_sites, n_enterprises))
        taken, _ = seconds(lambda ends=(enterprises, sites): graph.travel_times(*ends))
        print(f"{n_sites:8d} x {n_enterprises:7d} {taken:8.3f} s")


def main():
    """Print the table of ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=50_000)
    parser.add_argument("--sites", type=int, default=50)
    parser.add_argument("--enterprises", type=int, default=5_000)
    parser.add_argument("--kind", choices=("county", "grid"), default="county")
    parser.add_argument("--networkx-sites", type=int, default=3, help="0 leaves networkx out")
    options = parser.parse_args()

    roads = getattr(generate, options.kind)(options.nodes)
    n = len(roads.x)
    rng = np.random.default_rng(7)
    sites = rng.choice(n, options.sites, replace=False)
    enterprises = rng.integers(0, n, options.enterprises)
    reverse = csr_array((roads.minutes, (roads.head, roads.tail)), shape=(n, n))

    def from_sites():
        block = max(1, int(2e8 // (8 * n)))
        parts = [
            dijkstra(reverse, indices=sites[k : k + block])[:, enterprises]
            for k in range(0, len(sites), block)
        ]
        return np.concatenate(parts).T

    def at_once():
        graph = siting.RoadGraph.from_edges(n, roads.tail, roads.head, roads.minutes)
        return graph, graph.travel_times(enterprises, sites)

    scipy_s, expected = seconds(from_sites)
    whole_s, (graph, table) = seconds(at_once)
    ready_s, again = seconds(lambda: graph.travel_times(enterprises, sites))
    slower = graph.minutes * 1.1
    what_if_s, _ = seconds(lambda: graph.with_minutes(slower).travel_times(enterprises, sites))
    np.testing.assert_allclose(table, expected, rtol=1e-9)
    np.testing.assert_array_equal(again, table)

    print(f"{options.kind}: {n} nodes, {len(roads.tail)} arcs, core {graph.chains.n_core} nodes")
    print(f"{options.sites} sites x {options.enterprises} enterprises, processor seconds")
    rows = [("siting, prepared", ready_s), ("siting, new speeds", what_if_s), ("siting, at once", whole_s)]
    rows.append(("scipy from the sites", scipy_s))
    try:
        whole_s, ask_s, found = hierarchy(roads, sites, enterprises)
    except ModuleNotFoundError:
        print("routingkit-cch: not installed")
    else:
        np.testing.assert_allclose(found, table, rtol=1e-5, atol=1e-3)
        rows += [("routingkit-cch, prepared", ask_s), ("routingkit-cch, at once", whole_s)]
    if options.networkx_sites:
        plain = nx.DiGraph()
        plain.add_weighted_edges_from(
            zip(roads.head.tolist(), roads.tail.tolist(), roads.minutes.tolist(), strict=True)
        )
        some = sites[: options.networkx_sites].tolist()
        start = time.process_time()
        for site in some:
            nx.single_source_dijkstra_path_length(plain, site)
        rows.append(
            ("networkx from the sites, scaled", (time.process_time() - start) * len(sites) / len(some))
        )
    for name, value in rows:
        print(f"{name:32s} {value:8.3f} s {value / len(sites) * 1000:8.2f} ms/site {value / ready_s:7.1f} ×")
    growth(graph, rng)


if __name__ == "__main__":
    main()
