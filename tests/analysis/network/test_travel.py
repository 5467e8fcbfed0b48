"""How points are joined to the main network: by hand, and against networkx on random one-way streets."""

import networkx as nx
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from siting.analysis.network.travel import snapping_table, statuses
from tests.analysis.roads import layer, points

SETTINGS = TravelTimeSettings(main_network_within_m=0.0)

TRAPS = layer(
    [(0, 0), (9000, 0), (2000, 3000), (4000, 3000), (6000, 3000), (7000, 3000)],
    [(0, 1), (2, 0), (1, 3), (4, 5)],
    backward=[True, False, False, True],
)
"""A street; a one-way road into it, one out of it, and an island."""


def test_statuses_by_hand():
    graph = build_graph(TRAPS, SETTINGS)
    laid = graph.snap(*points((4000, 100), (1900, 2900), (4100, 2900), (6500, 3000), (0, 5000), (0, 0)).T)
    assert statuses(graph, laid).tolist() == [
        "connected",
        "no_way_in",
        "no_way_out",
        "island",
        "unlocated",
        "connected",
    ]


def test_a_junction_with_the_main_network_is_connected_whichever_road_was_nearest():
    roads = layer([(0, 0), (1000, 0), (0, 600)], [(0, 2), (0, 1)], backward=[False, True])
    graph = build_graph(roads, SETTINGS)
    assert statuses(graph, graph.snap(*points((0, 0), (0, 300)).T)).tolist() == ["connected", "no_way_out"]


def test_without_a_way_back_anywhere_every_point_is_an_island():
    roads = layer([(0, 0), (1000, 0)], [(0, 1)], backward=False)
    graph = build_graph(roads, SETTINGS)
    assert statuses(graph, graph.snap(*points((500, 0), (500, 3000)).T)).tolist() == ["island", "unlocated"]


def test_the_table_of_points_keeps_kinds_and_ids_apart():
    graph = build_graph(TRAPS, SETTINGS)
    tables = {
        kind: pd.DataFrame(points(*places), columns=["lon", "lat"], index=ids)
        for kind, ids, places in (
            ("enterprise", ["a", "b"], [(4000, 100), (6500, 3000)]),
            ("laboratory", ["a"], [(1900, 2900)]),
        )
    }
    laid = {kind: graph.snap(table["lon"], table["lat"]) for kind, table in tables.items()}
    table = snapping_table(graph, tables, laid)
    assert table[["kind", "id", "status"]].to_numpy().tolist() == [
        ["enterprise", "a", "connected"],
        ["enterprise", "b", "island"],
        ["laboratory", "a", "no_way_in"],
    ]
    assert table["snap_m"].iloc[:2].tolist() == [100.0, 0.0]


@given(st.data())
def test_statuses_are_what_a_search_of_the_whole_graph_finds(data):
    n = data.draw(st.integers(2, 7))
    ends = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda pair: pair[0] != pair[1])
    arcs = data.draw(st.lists(ends, min_size=1, max_size=10, unique_by=lambda pair: tuple(sorted(pair))))
    backward = data.draw(st.lists(st.booleans(), min_size=len(arcs), max_size=len(arcs)))
    # On a circle no three places lie on one line, so that the middle of a road is on that road alone.
    turn = 2 * np.pi * np.arange(n) / 7
    places = 3000 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    graph = build_graph(layer(places, arcs, backward=backward), SETTINGS)
    laid = graph.snap(*points(*[(0.7 * places[a] + 0.3 * places[b]) for a, b in arcs]).T)
    roads = nx.DiGraph(arcs)
    roads.add_edges_from((b, a) for (a, b), back in zip(arcs, backward, strict=True) if back)
    main = graph.is_main
    expected = []
    for edge in laid.edge:
        a, b = arcs[edge]
        starts, finishes = ({b, a} if backward[edge] else {b}), ({a, b} if backward[edge] else {a})
        hub = arcs[int(np.argmax(main))][0] if main.any() else None
        leaves = hub is not None and any(nx.has_path(roads, start, hub) for start in starts)
        reached = hub is not None and any(nx.has_path(roads, hub, finish) for finish in finishes)
        names = {(True, True): "connected", (True, False): "no_way_in", (False, True): "no_way_out"}
        expected.append(names.get((leaves, reached), "island"))
    assert statuses(graph, laid).tolist() == expected
