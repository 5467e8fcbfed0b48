"""Travel times against networkx, hand-computed toys and published graphs; snapping against brute force."""

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.analysis.network.graph import RoadGraph, build_graph
from siting.analysis.network.snapping import Nearest
from siting.analysis.network.speeds import FREE_FLOW, TravelTimeSettings
from siting.types import InputError
from tests.analysis.roads import layer, oracle, points

INF = np.inf


# --- arcs ------------------------------------------------------------------------------------------------


@st.composite
def arc_lists(draw):
    """Few nodes, many kinds of trouble: one-ways, parallel arcs, loops, islands, arcs that cost nothing."""
    n = draw(st.integers(1, 9))
    node = st.integers(0, n - 1)
    arcs = draw(st.lists(st.tuples(node, node, st.integers(0, 5)), max_size=20))
    both = draw(st.lists(st.booleans(), min_size=len(arcs), max_size=len(arcs)))
    arcs += [(h, t, w) for (t, h, w), twoway in zip(arcs, both, strict=True) if twoway]
    return n, arcs


def reference(n, arcs):
    roads = nx.MultiDiGraph()
    roads.add_nodes_from(range(n))
    roads.add_weighted_edges_from(arcs)
    table = np.full((n, n), INF)
    for start, reach in nx.all_pairs_dijkstra_path_length(roads):
        table[start, list(reach)] = list(reach.values())
    return table


@given(arc_lists(), st.data())
def test_arcs_like_networkx(case, data):
    n, arcs = case
    graph = RoadGraph.from_edges(n, *(np.array(arcs, float).reshape(-1, 3).T))
    some = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4))
    expected = reference(n, arcs)
    everywhere = np.arange(n)
    np.testing.assert_allclose(graph.travel_times(everywhere, some), expected[:, some])
    np.testing.assert_allclose(graph.travel_times(some, everywhere), expected[some])
    near = np.where(expected <= 4, expected, INF)
    np.testing.assert_allclose(graph.travel_times(everywhere, everywhere, limit=4), near)


@given(arc_lists())
def test_lengths_beside_minutes(case):
    n, arcs = case
    tail, head, minutes = np.array(arcs, float).reshape(-1, 3).T
    metres = 100.0 * (minutes + 1)
    graph = RoadGraph.from_edges(n, tail, head, minutes, metres=metres)
    expected = reference(n, list(zip(tail.astype(int), head.astype(int), metres, strict=True)))
    np.testing.assert_allclose(graph.travel_times(np.arange(n), np.arange(n), weight="metres"), expected)
    np.testing.assert_allclose(graph.travel_times(np.arange(n), np.arange(n)), reference(n, arcs))


def test_published_tiny_graph():
    """tinyEWD of Sedgewick and Wayne, Algorithms, 4th edition: distances from node 0."""
    arcs = [
        (4, 5, 0.35), (5, 4, 0.35), (4, 7, 0.37), (5, 7, 0.28), (7, 5, 0.28), (5, 1, 0.32), (0, 4, 0.38),
        (0, 2, 0.26), (7, 3, 0.39), (1, 3, 0.29), (2, 7, 0.34), (6, 2, 0.40), (3, 6, 0.52), (6, 0, 0.58),
        (6, 4, 0.93),
    ]  # fmt: skip
    graph = RoadGraph.from_edges(8, *zip(*arcs, strict=True))
    expected = [[0, 1.05, 0.26, 0.99, 0.38, 0.73, 1.51, 0.60]]
    np.testing.assert_allclose(graph.travel_times([0], np.arange(8)), expected, atol=1e-12)


def test_parallel_arcs_keep_the_fastest():
    """scipy's constructors would add them up to 4 minutes."""
    graph = RoadGraph.from_edges(2, [0, 0], [1, 1], [1.0, 3.0])
    assert graph.travel_times([0], [1])[0, 0] == 1.0
    assert graph.travel_times([1], [0])[0, 0] == INF


def test_long_chains_and_rings_shrink_to_their_junctions():
    n = 1000
    chain = RoadGraph.from_edges(n, np.r_[: n - 1, 1:n], np.r_[1:n, : n - 1], np.ones(2 * n - 2))
    assert chain.chains.n_core == 0  # two dead ends and nothing to decide between
    assert chain.travel_times([3], [996])[0, 0] == pytest.approx(993)
    ring = RoadGraph.from_edges(n, np.arange(n), (np.arange(n) + 1) % n, np.ones(n))
    assert ring.chains.n_core == 1
    np.testing.assert_allclose(ring.travel_times([7, 990], [990, 7]), [[983, 0], [0, 17]])


def test_dead_ends_are_driven_but_not_searched():
    """A comb: teeth of two stretches on a back whose ends are dead too; the last tooth lets nobody out."""
    back, teeth = np.arange(6), np.arange(6, 14)
    arcs = [(a, b, 1.0) for a, b in zip(back[:-1], back[1:], strict=True)]
    arcs += [(k + 1, t, 2.0) for k, t in enumerate(teeth[:4])]
    arcs += [(t, u, 3.0) for t, u in zip(teeth[:4], teeth[4:], strict=True)]
    arcs += [(h, t, w) for t, h, w in arcs if h != 13]
    graph = RoadGraph.from_edges(14, *zip(*arcs, strict=True))
    assert graph.chains.n_core == 5  # where teeth meet the back, and where the last becomes one-way
    everywhere = np.arange(14)
    np.testing.assert_allclose(graph.travel_times(everywhere, everywhere), reference(14, arcs))
    assert graph.travel_times([10], [11])[0, 0] == 5 + 1 + 5
    assert graph.travel_times([13], [9])[0, 0] == INF
    assert graph.components["stretches"].tolist() == [13]


def test_many_blocks_of_searches_give_one_table(monkeypatch):
    rng = np.random.default_rng(5)
    tail, head = rng.integers(0, 40, (2, 200))
    graph = RoadGraph.from_edges(40, tail, head, rng.uniform(1, 9, 200))
    whole = graph.travel_times(np.arange(40), np.arange(30))
    monkeypatch.setattr("siting.analysis.network.search.BLOCK_CELLS", 70)
    np.testing.assert_array_equal(graph.travel_times(np.arange(40), np.arange(30)), whole)


@pytest.mark.parametrize(
    ("tail", "head", "minutes", "message"),
    [
        ([0], [2], [1.0], "Arc 0 .0 to 2.: nodes are numbered 0 to 1"),
        ([0], [-1], [1.0], "nodes are numbered"),
        ([0, 0], [1, 1], [1.0, -2.0], "Arc 1 .0 to 1.: -2.0 is not a cost"),
        ([0], [1], [np.nan], "nan is not a cost"),
        ([0], [1], [INF], "inf is not a cost"),
        ([0, 1], [1], [1.0], "equally long"),
    ],
)
def test_wrong_arcs_are_refused(tail, head, minutes, message):
    with pytest.raises(InputError, match=message):
        RoadGraph.from_edges(2, tail, head, minutes)


def test_wrong_places_are_refused():
    graph = RoadGraph.from_edges(2, [0], [1], [1.0])
    with pytest.raises(InputError, match="Node 2 does not exist; nodes are numbered 0 to 1"):
        graph.travel_times([0], [2])
    with pytest.raises(InputError, match="no geometry"):
        graph.travel_times([(0.0, 0.0)], [0])
    with pytest.raises(InputError, match="knows no lengths"):
        graph.travel_times([0], [1], weight="metres")
    with pytest.raises(InputError, match="allowed: 'minutes', 'metres'"):
        graph.travel_times([0], [1], weight="hours")
    with pytest.raises(InputError, match="n × 2"):
        graph.travel_times([[1.0, 2.0, 3.0]], [0])


def test_no_places_no_rows():
    graph = RoadGraph.from_edges(2, [0], [1], [1.0])
    assert graph.travel_times([], [0, 1]).shape == (0, 2)
    assert RoadGraph.from_edges(1, [], [], []).travel_times([0], [0]).tolist() == [[0.0]]


# --- points ----------------------------------------------------------------------------------------------


@st.composite
def town(draw):
    """A few streets with everything that goes wrong in towns, and points about them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n, m = draw(st.integers(2, 8)), draw(st.integers(1, 14))
    nodes = rng.integers(0, 8, (n, 2)) * 100.0
    ends = rng.integers(0, n, (m, 2))
    ends = ends[(nodes[ends[:, 0]] != nodes[ends[:, 1]]).any(axis=1)]
    direction = rng.choice(3, len(ends), p=[0.6, 0.3, 0.1])
    roads = layer(
        nodes,
        ends,
        forward=direction < 2,
        backward=direction != 1,
        speed_kmh=rng.choice([15.0, 30.0, 60.0], len(ends)),
    )
    return roads, points(*rng.uniform(-20, 820, (6, 2)), *nodes[:2])


FAR = TravelTimeSettings(snap_limit_m=5000, main_network_within_m=0)


@settings(max_examples=60)
@given(town())
def test_points_like_networkx_on_cut_roads(case):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    laid = graph.snap(*places.T)
    metres = np.where(np.isfinite(graph.minutes), graph.metres, INF)
    got = graph.travel_times(laid, laid, weight="metres")
    np.testing.assert_allclose(got, oracle(graph, laid, laid, metres), atol=1e-6)
    # Points given as such are driven one way: where roads coincide they may lie on one without a way back.
    laid = graph.snap(*places.T, round_trip=False)
    access = laid.snap_m / (15.0 * 1000 / 60)
    minutes = oracle(graph, laid, laid, graph.minutes) + access[:, None] + access
    minutes[(places[:, None] == places).all(axis=2)] = 0.0
    np.testing.assert_allclose(graph.travel_times(places, places), minutes, atol=1e-9)


@settings(max_examples=60)
@given(town())
def test_snapping_finds_the_nearest_road(case):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    laid = graph.snap(*places.T)
    scale = np.radians(1.0) * 6371000.0
    lines = shapely.linestrings(roads.shape.reshape(-1, 2, 2) * scale)
    distance = shapely.distance(shapely.points(places * scale)[:, None], lines)
    np.testing.assert_allclose(laid.snap_m, distance.min(axis=1), atol=1e-3)
    on_road = shapely.line_interpolate_point(lines[laid.edge], laid.position, normalized=True)
    np.testing.assert_allclose(
        shapely.distance(on_road, shapely.points(places * scale)), laid.snap_m, atol=0.11
    )


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_many_points_lie_on_the_line_that_the_tree_finds_for_each(seed):
    """Bends, junctions, lines over each other: remembered cells and the tree give one answer."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 5, (int(rng.integers(1, 12)), 4, 2)) * 1000.0
    corners[:, 1] += 1.0  # no line of one point
    lines = shapely.linestrings(corners[:, : rng.integers(2, 5)])
    nearest, tree = Nearest(lines), shapely.STRtree(lines)
    for _ in range(4):
        x, y = rng.uniform(-500, 4500, (2, 300)).round(int(rng.integers(-2, 3)))
        near = rng.uniform(900, 1100, (2, 300))
        x, y = np.concatenate([np.stack([x, y]), near], axis=1)
        points = shapely.points(x, y)
        np.testing.assert_array_equal(nearest.of(points, x, y), tree.nearest(points))


STREET = layer([(0, 0), (3000, 0)], [(0, 1)], ref=["G102"])


def test_two_points_on_one_street():
    graph = build_graph(STREET)
    places = points((500, 0), (1700, 0), (500, 40))
    np.testing.assert_allclose(
        graph.travel_times(places, places, weight="metres"),
        [[0, 1200, 0], [1200, 0, 1200], [0, 1200, 0]],
        atol=0.01,
    )
    access = 40 / 250
    np.testing.assert_allclose(
        graph.travel_times(places, places),
        [[0, 1.2, access], [1.2, 0, 1.2 + access], [access, 1.2 + access, 0]],
        atol=1e-4,
    )  # fmt: skip


def test_two_points_on_a_one_way_block():
    """Round a block of 4 × 100 m: against the one-way the way leads all round."""
    block = layer([(0, 0), (100, 0), (100, 100), (0, 100)], [(0, 1), (1, 2), (2, 3), (3, 0)], backward=False)
    graph = build_graph(block)
    places = points((20, 0), (70, 0))
    np.testing.assert_allclose(
        graph.travel_times(places, places, weight="metres"), [[0, 50], [350, 0]], atol=0.01
    )


def test_far_points_are_unlocated_and_named_by_their_distance():
    graph = build_graph(STREET)
    places = points((500, 0), (500, 2060))
    laid = graph.snap(*places.T)
    assert laid.located.tolist() == [True, False]
    assert laid.snap_m[1] == pytest.approx(2060, abs=0.1)
    assert laid.road.tolist() == ["G102", "G102"]
    np.testing.assert_array_equal(graph.travel_times(laid, laid), [[0, INF], [INF, INF]])


def test_a_junction_is_open_to_all_its_roads_whichever_was_nearest():
    roads = layer([(0, 0), (1000, 0), (0, 1000)], [(0, 2), (0, 1)], backward=[False, True])
    graph = build_graph(roads)
    places = points((0, 0), (1000, 0), (0, 1000))
    expected = [[0, 1, 1], [1, 0, 2], [INF, INF, 0]]
    np.testing.assert_allclose(graph.travel_times(places, places), expected, atol=1e-6)


ISLAND = layer([(0, 0), (3000, 0), (1000, 150), (1400, 150), (9000, 0), (9900, 0)], [(0, 1), (2, 3), (4, 5)])


def test_islands_near_the_mainland_are_passed_over_and_far_ones_cannot_be_reached():
    graph = build_graph(ISLAND)
    laid = graph.snap(*points((1200, 150), (9500, 0)).T)
    assert laid.edge.tolist() == [0, 2]
    assert laid.on_main.tolist() == [True, False]
    assert graph.travel_times(points((1200, 150)), points((9500, 0)))[0, 0] == INF
    assert graph.components["stretches"].tolist() == [1, 1, 1]
    assert graph.components["length_km"].tolist() == pytest.approx([3.0, 0.9, 0.4])


EXPRESSWAY = layer(
    [(0, 0), (2000, 0), (0, 400), (2000, 400)],
    [(0, 1), (2, 3), (0, 2), (1, 3)],
    **{"class": ["motorway", "tertiary", "primary", "primary"]},
    speed_kmh=[120.0, 30.0, 60.0, 60.0],
)


def test_expressways_are_driven_but_entered_at_their_junctions_only():
    graph = build_graph(EXPRESSWAY)
    beside, west, east = points((900, 50), (0, 100), (2000, 100))
    laid = graph.snap(*np.stack([beside, west, points((0, 0))[0]]).T)
    assert laid.edge.tolist() == [1, 2, 2]
    assert laid.snap_m.tolist() == pytest.approx([350, 0, 0], abs=0.1)
    # West to east by the expressway: 100 m down, 1 min across, 100 m up; by the street it would take 4.6.
    assert graph.travel_times([west], [east])[0, 0] == pytest.approx(1.2, abs=1e-3)
    everywhere = build_graph(EXPRESSWAY, TravelTimeSettings(no_access_classes=()))
    assert everywhere.snap(*beside[:, None]).edge.tolist() == [0]


@pytest.mark.parametrize("kind", ["motorway_link", "trunk_link", "ferry", "shuttle_train"])
def test_no_point_is_laid_where_cars_do_not_stop(kind):
    fenced = layer([(0, 0), (2000, 0)], [(0, 1)], **{"class": kind})
    assert build_graph(fenced).snap(*points((900, 50)).T).located.tolist() == [False]


def test_no_point_is_laid_into_a_tunnel():
    roads = layer([(0, 0), (2000, 0), (0, 400), (2000, 400)], [(0, 1), (2, 3), (0, 2)], tunnel=[1, 0, 0])
    assert build_graph(roads).snap(*points((900, 50)).T).edge.tolist() == [1]


def test_one_way_ends_belong_to_the_network_but_not_to_its_main_part():
    roads = layer([(0, 0), (1000, 0), (2000, 0)], [(0, 1), (1, 2)], backward=[True, False])
    graph = build_graph(roads)
    assert graph.component_of_edge.tolist() == [0, 0]
    assert graph.is_main.tolist() == [True, False]


def test_points_by_a_one_way_end_are_laid_on_the_main_network_if_it_is_near():
    """A lane that can only be left, 30 m from the road that leads everywhere; at 2 km none is near."""
    roads = layer([(0, 0), (4000, 0), (1000, 150), (1000, 0)], [(0, 3), (3, 1), (2, 3)], backward=[1, 1, 0])
    graph = build_graph(roads)
    assert graph.is_main.tolist() == [True, True, False]
    laid = graph.snap(*points((1005, 100)).T)
    assert (laid.edge.tolist(), laid.on_main.tolist()) == ([1], [True])
    assert graph.snap(*points((1005, 100)).T, round_trip=False).edge.tolist() == [2]
    assert graph.travel_times(points((1005, 100)), [1])[0, 0] < INF
    strict = build_graph(roads, TravelTimeSettings(main_network_within_m=50))
    assert strict.snap(*points((1005, 100)).T).edge.tolist() == [2]


# --- settings --------------------------------------------------------------------------------------------

TRIANGLE = layer(
    [(0, 0), (2000, 0), (1000, 1000)],
    [(0, 1), (0, 2), (2, 1)],
    ref=["G102", "", ""],
    name=["", "长路", "长路"],
    opened=[2011, None, 2005],
    belief=["believed", "sourced", "sourced"],
    **{"class": ["trunk", "mountain", "primary"]},
)
DIRECT, ROUND = 2.0, 2 * np.sqrt(2.0)


def minutes(year=None, **options):
    free = FREE_FLOW.model_dump()
    return build_graph(TRIANGLE, TravelTimeSettings(**free | options), year=year).travel_times([0], [1])[0, 0]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, DIRECT),
        ({"peak_factor": 1.2, "season_factor": 1.1}, DIRECT * 1.32),
        ({"speed_factors": {"trunk": 0.8}}, DIRECT / 0.8),
        ({"speed_factors": {"trunk": 0.5}}, ROUND),
        ({"speed_factors": {"trunk": 0.1}, "mountain_factor": 0.5}, ROUND * 1.5),
        ({"peak_factor": 1.3, "peak_by_class": {"trunk": 1.0}}, DIRECT),
        ({"season_by_class": {"trunk": 1.25}}, DIRECT * 1.25),
        ({"closures": ("G102",)}, ROUND),
        ({"closures": ("100",)}, ROUND),
        ({"closures": ("长路",)}, DIRECT),
        ({"closures": ("长路", "G102")}, INF),
        ({"without_edges": (0,)}, ROUND),
        ({"without_believed": True}, ROUND),
        ({"year": 2010}, ROUND),
        ({"year": 2011}, DIRECT),
        ({"year": 2004, "without_edges": (0,)}, INF),
    ],
)
def test_settings_decide_the_minutes(options, expected):
    assert minutes(**options) == pytest.approx(expected)


def test_winding_roads_are_those_much_longer_than_the_straight_line():
    """A class speed is slowed; a posted one stands; short lanes and straight roads are not touched."""
    roads = layer(
        [(0, 0), (1000, 0)],
        [(0, 1)] * 4,
        length_m=[1600.0, 1600.0, 1400.0, 900.0],
        speed_basis=["class", "posted", "class", "class"],
    )
    graph = build_graph(roads, FREE_FLOW.model_copy(update={"mountain_factor": 0.8}))
    assert graph.minutes[0].tolist() == pytest.approx([2.0, 1.6, 1.4, 0.9])


def test_hills_slow_the_share_of_each_stretch_that_lies_in_them():
    """Also where a limit is posted or a speed stated; a ferry keeps its timetable."""
    roads = layer(
        [(0, 0), (1000, 0)],
        [(0, 1)] * 5,
        mountain=[0.0, 0.25, 1.0, 1.0, 1.0],
        speed_basis=["class", "class", "posted", "stated", "class"],
        **{"class": ["primary"] * 4 + ["ferry"]},
    )
    graph = build_graph(roads, FREE_FLOW.model_copy(update={"mountain_factor": 0.8}))
    assert graph.minutes[0].tolist() == pytest.approx([1.0, 1.0625, 1.25, 1.25, 1.0])


def test_unknown_closures_are_refused_all_at_once():
    with pytest.raises(InputError, match=r"'7', 'G999'.*toy\.geojson.*0 to 2"):
        minutes(closures=("G999",), without_edges=(7,))
    with pytest.raises(InputError, match=r"'G120' \(did you mean 'G102'\?\)"):
        minutes(closures=("G120",))
    with pytest.raises(ValueError, match="speed_factors"):
        TravelTimeSettings(speed_factors={"autobahn": 1.1})


def test_closures_find_a_road_however_it_is_written_and_where_it_shares_its_way():
    roads = layer(
        [(0, 0), (100, 0)], [(0, 1)] * 3, ref=["G102;G112", "G112", "S1"], name=["", "", "津围公路"]
    )
    for closed, expected in (("g102 ", [0]), ("Ｇ１１２", [0, 1]), ("津围公路", [2]), ("101", [1])):
        graph = build_graph(roads, TravelTimeSettings(closures=(closed,)))
        assert np.flatnonzero(~graph.is_open).tolist() == expected


@pytest.mark.parametrize("speed", [0.0, -5.0, np.nan, INF])
def test_impossible_speeds_are_refused_with_the_way(speed):
    with pytest.raises(InputError, match="way 100: speed_kmh is"):
        build_graph(layer([(0, 0), (100, 0)], [(0, 1)], speed_kmh=[speed]))


def test_new_minutes_keep_the_contraction_and_the_points():
    graph = build_graph(TRIANGLE)
    laid = graph.snap(*points((500, 0), (1500, 10)).T)
    before = graph.travel_times(laid, laid)
    slower = graph.with_minutes(graph.minutes[0] * 2)
    assert slower.chains is graph.chains
    access = laid.snap_m / 250
    both = access[:, None] + access
    np.testing.assert_allclose((slower.travel_times(laid, laid) - both)[0, 1], 2 * (before - both)[0, 1])
    with pytest.raises(InputError, match="3 numbers"):
        graph.with_minutes(np.ones(2))


def test_points_on_a_closed_road_are_laid_on_the_next_one():
    graph = build_graph(TRIANGLE)
    laid = graph.snap(*points((1000, 100), (0, 0)).T)
    closed = build_graph(TRIANGLE, TravelTimeSettings(closures=("G102",)))
    metres = closed.travel_times(laid, laid, weight="metres")
    again = closed.snap(laid.lon, laid.lat)
    assert laid.edge[0] == 0
    assert again.edge[0] != 0
    np.testing.assert_array_equal(metres, closed.travel_times(again, again, weight="metres"))


def test_points_must_be_places():
    with pytest.raises(InputError, match="Point 1: .nan, 0.0. is no place"):
        build_graph(STREET).snap([0.0, np.nan], [0.0, 0.0])


@settings(max_examples=60)
@given(town())
def test_no_way_is_faster_than_the_crow_at_top_speed(case):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    laid = graph.snap(*places.T)
    crow = np.hypot(*(places[:, None] - places).T).T * np.radians(1.0) * 6371000.0
    metres = graph.travel_times(laid, laid, weight="metres") + laid.snap_m[:, None] + laid.snap_m
    assert (metres >= crow - 0.5).all()
    assert (np.diag(graph.travel_times(laid, laid)) == 0).all()
