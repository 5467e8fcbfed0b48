"""Turn restrictions and roads for trip ends, against a search over all histories of driving, by networkx."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.analysis.network.graph import build_graph
from siting.analysis.network.snapping import Snapped
from siting.analysis.network.speeds import FREE_FLOW
from siting.common.connectivity import for_trip_ends
from tests.analysis.roads import layer, points

INF = np.inf
FREE, LEAVING, ENTERING = range(3)


def restrict(roads, *ways, only=()):
    """A layer with restrictions, each a list of (stretch, is it driven against)."""
    rows = [
        (number, number in only, edge, bool(against))
        for number, way in enumerate(ways)
        for edge, against in way
    ]
    frame = pd.DataFrame(rows, columns=["restriction", "only", "edge", "against"])
    return replace(roads, restrictions=frame)


def laid(*places):
    """Points on stretches, given as (stretch, share of it)."""
    edge, position = (np.array(column) for column in zip(*places, strict=True))
    n, yes = len(edge), np.ones(len(edge), bool)
    # Coordinates tell points apart.
    return Snapped(edge + 0.0, position, edge, position, np.zeros(n), yes, yes, np.full(n, "", object))


# --- the oracle ------------------------------------------------------------------------------------------


class Oracle:
    """Roads on which a driver knows every arc behind him; arcs are (tail, head, stretch, against)."""

    def __init__(self, graph, limited=()):
        edges = zip(graph.tail.tolist(), graph.head.tolist(), graph.minutes.T.tolist(), strict=True)
        self.cost, self.arcs = {}, []
        for edge, (tail, head, minutes) in enumerate(edges):
            for against, (u, v) in enumerate(((tail, head), (head, tail))):
                if minutes[against] < INF:
                    self.arcs.append((u, v, edge, against))
                    self.cost[self.arcs[-1]] = minutes[against]
        self.out = {v: [arc for arc in self.arcs if arc[0] == v] for v in range(graph.n_nodes)}
        self.limited = set(limited)
        self.banned = self._banned(graph)
        self.memory = max([len(way) for way in self.banned], default=1) - 1

    def arc(self, edge, against):
        return next((arc for arc in self.arcs if arc[2:] == (edge, int(against))), None)

    def back(self, arc):
        return self.arc(arc[2], 1 - arc[3])

    def _banned(self, graph):
        banned = set()
        for _, rows in graph.layer.restrictions.groupby("restriction"):
            way = [self.arc(*pair) for pair in zip(rows["edge"], rows["against"], strict=True)]
            if None in way:
                continue
            if rows["only"].iloc[0]:
                for k in range(1, len(way)):
                    banned |= {(*way[:k], arc) for arc in self.out[way[k][0]] if arc != way[k]}
            else:
                banned.add(tuple(way))
        roads = nx.DiGraph([arc[:2] for arc in self.arcs])
        circuit = {v: k for k, part in enumerate(nx.strongly_connected_components(roads)) for v in part}
        private = ~graph.layer.edges.get("through", pd.Series(True, range(len(graph.tail)))).to_numpy(bool)
        for arc in self.arcs:
            back = self.back(arc)
            others = [on for on in self.out[arc[1]] if on != back and circuit[on[1]] == circuit[arc[1]]]
            if back is not None and (others or private[arc[2]]):
                banned.add((arc, back))
        return banned

    def allows(self, history, arc):
        whole = (*history, arc)
        return not any(whole[k:] in self.banned for k in range(len(whole)))

    def stage(self, stage, arc):
        limited = arc[2] in self.limited
        if stage is None:
            return LEAVING if limited else FREE
        if stage == ENTERING and not limited:
            return None
        return (LEAVING if stage == LEAVING else ENTERING) if limited else FREE

    def start(self, place):
        """First states (node, arcs remembered, stage), what they cost, and the arc being driven."""
        if isinstance(place, int):
            free = [arc for arc in self.out[place] if arc[2] not in self.limited]
            touched = any(arc[2] in self.limited for arc in self.arcs if place in arc[:2])
            return [(0.0, (place, (), LEAVING if touched and not free else FREE))]
        edge, share = place
        ways = ((self.arc(edge, 0), 1 - share), (self.arc(edge, 1), share))
        keep = self.memory
        return [
            (rest * self.cost[arc], (arc[1], (arc,)[:keep], self.stage(None, arc)))
            for arc, rest in ways
            if arc is not None
        ]

    def times(self, place):
        """Cheapest cost to each state."""
        states, todo = nx.DiGraph(), [state for _, state in self.start(place)]
        states.add_weighted_edges_from(("start", state, cost) for cost, state in self.start(place))
        while todo:
            state = todo.pop()
            node, history, stage = state
            for arc in self.out[node]:
                then = self.stage(stage, arc)
                if then is None or not self.allows(history, arc):
                    continue
                new = (arc[1], (*history, arc)[-self.memory :] if self.memory else (), then)
                if new not in states or not states.out_degree(new):
                    todo += [new] if new not in states else []
                states.add_edge(state, new, weight=self.cost[arc])
        if "start" not in states:
            return {}
        return {
            key: cost
            for key, cost in nx.single_source_dijkstra_path_length(states, "start").items()
            if key != "start"
        }

    def table(self, origins, destinations):
        """Costs between places: nodes, or (stretch, share)."""
        rows = []
        for origin in origins:
            reach = self.times(origin)
            rows.append([self._end(origin, end, reach) for end in destinations])
        return np.array(rows, float)

    def _end(self, origin, end, reach):
        if origin == end:
            return 0.0
        if isinstance(end, int):
            return min((cost for (node, _, _), cost in reach.items() if node == end), default=INF)
        best = INF
        edge, share = end
        for against, part in ((0, share), (1, 1 - share)):
            arc = self.arc(edge, against)
            if arc is None:
                continue
            for (node, history, stage), cost in reach.items():
                if node == arc[0] and self.stage(stage, arc) is not None and self.allows(history, arc):
                    best = min(best, cost + part * self.cost[arc])
            if not isinstance(origin, int) and origin[0] == edge:
                ahead = (share - origin[1]) * (-1 if against else 1)
                best = min(best, ahead * self.cost[arc] if ahead >= 0 else INF)
        return best


# --- random roads ----------------------------------------------------------------------------------------


@st.composite
def cases(draw, with_private=True):
    """Few nodes and many turns: restrictions along random ways, of every kind, and some private roads."""
    n = draw(st.integers(3, 7))
    places = draw(
        st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=n, max_size=n, unique=True)
    )
    pair = st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda ends: ends[0] != ends[1])
    ends = draw(st.lists(pair, min_size=2, max_size=11))
    ways = draw(
        st.lists(
            st.sampled_from([(True, True)] * 3 + [(True, False), (False, True)]),
            min_size=len(ends),
            max_size=len(ends),
        )
    )
    forward, backward = zip(*ways, strict=True)
    private = draw(
        st.lists(st.sampled_from([False] * 2 + [with_private]), min_size=len(ends), max_size=len(ends))
    )
    roads = layer(
        [(100 * x, 100 * y) for x, y in places], ends, forward=list(forward), backward=list(backward),
        through=[not each for each in private],
    )  # fmt: skip
    arcs = [(k, against) for k, way in enumerate(ways) for against in (0, 1) if way[against]]
    restrictions = []
    for _ in range(draw(st.integers(0, 5))):
        way = [draw(st.sampled_from(arcs))]
        for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
            edge, against = way[-1]
            at = ends[edge][1 - against]
            ahead = [(k, side) for k, side in arcs if ends[k][side] == at]
            if not ahead:
                break
            way.append(draw(st.sampled_from(ahead)))
        restrictions += [way] if len(way) > 1 else []
    only = {k for k in range(len(restrictions)) if draw(st.sampled_from([False, False, True]))}
    roads = restrict(roads, *restrictions, only=only)
    spots = draw(
        st.lists(
            st.tuples(st.integers(0, len(ends) - 1), st.sampled_from([0.125, 0.375, 0.75])),
            min_size=1,
            max_size=5,
            unique=True,
        )
    )
    return roads, spots


@st.composite
def towns(draw):
    """Blocks of streets, some one-way, some cut: loops of many lengths by which a ban may be met."""
    width, height = draw(st.sampled_from([(3, 3), (4, 3), (5, 4)]))
    node = np.arange(width * height).reshape(height, width)
    pairs = np.concatenate(
        [
            np.stack([side.ravel() for side in sides], axis=1)
            for sides in ((node[:, :-1], node[:, 1:]), (node[:-1], node[1:]))
        ]
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ends = pairs[rng.random(len(pairs)) < draw(st.sampled_from([0.75, 1.0]))]
    forward = rng.random(len(ends)) < draw(st.sampled_from([0.8, 1.0]))
    places = np.stack(np.divmod(node.ravel(), width)[::-1], axis=1) * 100.0
    places += rng.integers(-30, 30, places.shape) if draw(st.booleans()) else 0
    roads = layer(
        places.tolist(), ends.tolist(), forward=forward, backward=~forward | (rng.random(len(ends)) < 0.8)
    )
    edges = roads.edges
    arcs = [(k, side) for k in range(len(ends)) for side in (0, 1) if edges[("forward", "backward")[side]][k]]
    ways = []
    for _ in range(draw(st.integers(1, 6))):
        way = [arcs[rng.integers(len(arcs))]]
        for _ in range(rng.integers(1, 4)):
            ahead = [arc for arc in arcs if ends[arc[0]][arc[1]] == ends[way[-1][0]][1 - way[-1][1]]]
            way += [ahead[rng.integers(len(ahead))]] if ahead else []
        ways += [way] if len(way) > 1 else []
    only = {k for k in range(len(ways)) if rng.random() < 0.2}
    return restrict(roads, *ways, only=only)


@settings(max_examples=25, deadline=None)
@given(towns(), st.integers(0, 2**32 - 1))
def test_towns_like_a_search_that_never_turns_round(roads, seed):
    graph = build_graph(roads)
    rng = np.random.default_rng(seed)
    spots = [(int(edge), 0.3) for edge in rng.permutation(len(graph.tail))[:8]]
    close = {"rtol": 1e-9, "atol": 1e-9}
    for changed in (graph, graph.with_minutes(graph.minutes * rng.uniform(0.2, 3.0, graph.minutes.shape))):
        expected = oracle_of(changed).table(spots, spots)
        np.testing.assert_allclose(changed.travel_times(laid(*spots), laid(*spots)), expected, **close)


def oracle_of(graph):
    edges = graph.layer.edges
    limited = for_trip_ends(
        graph.n_nodes, graph.tail, graph.head, np.isfinite(graph.minutes), edges["through"].to_numpy(bool),
        edges["length_m"].to_numpy(),
    )  # fmt: skip
    return Oracle(graph, np.flatnonzero(limited).tolist())


@settings(max_examples=60, deadline=None)
@given(cases())
def test_like_a_search_that_knows_every_arc_behind(case):
    roads, spots = case
    graph = build_graph(roads)
    oracle, nodes = oracle_of(graph), list(range(graph.n_nodes))
    places = laid(*spots)
    close = {"rtol": 1e-9, "atol": 1e-9}
    np.testing.assert_allclose(graph.travel_times(nodes, nodes), oracle.table(nodes, nodes), **close)
    np.testing.assert_allclose(graph.travel_times(places, places), oracle.table(spots, spots), **close)
    np.testing.assert_allclose(graph.travel_times(nodes, places), oracle.table(nodes, spots), **close)
    np.testing.assert_allclose(graph.travel_times(places, nodes[:2]), oracle.table(spots, nodes[:2]), **close)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_routes_drive_what_is_allowed(case):
    roads, spots = case
    graph = build_graph(roads)
    oracle = oracle_of(graph)
    for places in (laid(*spots), list(range(graph.n_nodes))):
        routes = graph.paths(places, places)
        table = graph.travel_times(places, places)
        np.testing.assert_allclose(routes["minutes"].to_numpy().reshape(table.shape), table, atol=1e-9)
        for route in routes[np.isfinite(routes["minutes"])].itertuples():
            assert drivable(route, oracle, graph)


def drivable(route, oracle, graph):
    """Whether the stretches of a route can be driven one after another, in some directions, as allowed."""
    ways = [((), None)]
    for number, edge in enumerate(route.edges):
        on = []
        for history, stage in ways:
            for arc in oracle.arcs:
                if arc[2] != edge or (history and history[-1][1] != arc[0]):
                    continue
                first = stage if number or not isinstance(route.origin, int) else None
                then = oracle.stage(first, arc)
                if then is not None and oracle.allows(history, arc):
                    on.append(((*history, arc), then))
        ways = on
    return bool(ways)


# --- by hand ---------------------------------------------------------------------------------------------

# Stretches of 1 km a minute: west to east 0-1-2-3-4, a road north from 1 to 5, and 5-6-3 back to it.
STREETS = [(0, 0), (1000, 0), (2000, 0), (3000, 0), (4000, 0), (1000, 1000), (3000, 1000)]
ENDS = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (5, 6), (6, 3)]


def minutes(roads, start, end, **settings):
    graph = build_graph(roads, FREE_FLOW.model_copy(update=settings))
    return graph.travel_times([start], [end])[0, 0]


def test_a_banned_left_turn_costs_the_way_round():
    roads = restrict(layer(STREETS, ENDS), [(0, 0), (4, 0)])
    assert minutes(roads, 0, 5) == pytest.approx(1 + 2 + 1 + 2)
    assert minutes(roads, 5, 0) == pytest.approx(2)
    assert minutes(roads, 0, 5, turn_restrictions=False) == pytest.approx(2)
    assert minutes(roads, 1, 5) == pytest.approx(1)  # who starts at the junction has not turned
    graph = build_graph(roads)
    assert graph.travel_times(laid((0, 0.5)), laid((4, 0.5)))[0, 0] == pytest.approx(0.5 + 2 + 1 + 2 + 0.5)
    assert graph.paths([0], [5])["edges"][0] == (0, 1, 2, 6, 5)


def test_where_one_way_alone_is_allowed_no_other_is():
    roads = restrict(layer(STREETS, ENDS), [(0, 0), (1, 0)], only={0})
    assert minutes(roads, 0, 5) == pytest.approx(6)
    assert minutes(roads, 2, 5) == pytest.approx(2)


def test_a_ban_over_a_street_between_holds_for_those_who_come_that_way():
    roads = restrict(layer(STREETS, ENDS), [(0, 0), (4, 0), (5, 0)])
    assert minutes(roads, 0, 5) == pytest.approx(2)
    assert minutes(roads, 0, 6) == pytest.approx(4)
    assert minutes(roads, 2, 6) == pytest.approx(2)
    assert minutes(roads, 1, 6) == pytest.approx(3)
    blocked = restrict(layer(STREETS, ENDS), [(0, 0), (4, 0), (5, 0)], [(0, 0), (1, 0)])
    assert minutes(blocked, 0, 6) == INF
    assert not build_graph(blocked).is_main[[0, 3]].all()


def test_a_closed_road_takes_its_restrictions_along():
    roads = restrict(layer(STREETS, ENDS), [(0, 0), (1, 0)], only={0})
    assert minutes(roads, 0, 5, without_edges=(1,)) == pytest.approx(2)
    graph = build_graph(roads)
    closed = np.where(np.arange(len(ENDS)) == 1, INF, graph.minutes)
    assert graph.with_minutes(closed).travel_times([0], [5])[0, 0] == pytest.approx(2)
    assert graph.travel_times([0], [5])[0, 0] == pytest.approx(6)
    slower = graph.with_minutes(graph.minutes * 2)
    assert slower.expansion is graph.expansion
    assert slower.travel_times([0], [5])[0, 0] == pytest.approx(12)


def test_no_ban_is_evaded_by_turning_round_at_the_next_junctions():
    # A street with side streets that end; the first may not be turned into from the west.
    nodes = [
        (0, 0),
        *((1000 * k, 0) for k in range(1, 6)),
        (1000, 500),
        (2000, 500),
        (3000, 500),
        (4000, 500),
    ]
    ends = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (2, 7), (3, 8), (4, 9)]
    roads = restrict(layer(nodes, ends), [(0, 0), (5, 0)])
    # Nobody turns round in the street at 2 or 3: the end of the side street at 2 comes first.
    assert minutes(roads, 0, 6) == pytest.approx(1 + 1 + 0.5 + 0.5 + 1 + 0.5)
    short = restrict(layer(nodes, ends[:6] + ends[8:]), [(0, 0), (5, 0)])
    # Where side streets begin at 4 only, that is the next junction, and turning round comes after it.
    assert minutes(short, 0, 6) == pytest.approx(1 + 3 + 0.5 + 0.5 + 3 + 0.5)


def test_no_ban_is_evaded_by_turning_round_however_far_the_way_is():
    # Side streets of 20 km: the end of the street, 4 km on, is the nearest place to turn round.
    nodes = [*((1000 * k, 0) for k in range(6)), (1000, 500), *((1000 * k, 20000) for k in range(2, 5))]
    ends = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (2, 7), (3, 8), (4, 9)]
    roads = restrict(layer(nodes, ends), [(0, 0), (5, 0)])
    assert minutes(roads, 0, 6) == pytest.approx(1 + 4 + 4 + 0.5)
    # Side streets from which no way leads back count for nothing: the street ends at 4.
    away = layer(nodes, ends, backward=[True] * 4 + [False, True, False, False, False])
    assert minutes(restrict(away, [(0, 0), (5, 0)]), 0, 6) == pytest.approx(1 + 3 + 3 + 0.5)
    # Where no end is in sight, nowhere at all: the side street is reached by its own end alone.
    ring = [*nodes[:6], (1000, 500), (5000, 1000), (0, 1000)]
    around = layer(ring, [*ends[:6], (5, 7), (7, 8), (8, 0)], backward=[False] * 5 + [True] + [False] * 3)
    assert minutes(restrict(around, [(0, 0), (5, 0)]), 0, 6) == INF
    assert minutes(around, 0, 6) == pytest.approx(1 + 0.5)


def test_other_times_ban_turning_round_where_it_pays_under_them():
    # A street with a block south of 1-2, and side streets of 20 km at 3 and 4.
    nodes = [*((1000 * k, 0) for k in range(6)), (1000, 1000), (1000, -1000), (2000, -1000)]
    nodes += [(3000, 20000), (4000, 20000)]
    ends = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (1, 6), (7, 8), (1, 7), (2, 8), (3, 9), (4, 10)]
    graph = build_graph(restrict(layer(nodes, ends), [(0, 0), (5, 0)]))
    assert graph.travel_times([0], [6])[0, 0] == pytest.approx(1 + 4 + 1)
    # Once the block is slow, to turn round at 3 or 4 would pay; the street's end is where it is allowed.
    slow = graph.with_minutes(np.where(np.arange(len(ends)) == 6, 50.0, graph.minutes))
    assert slow.travel_times([0], [6])[0, 0] == pytest.approx(1 + 4 + 4 + 1)
    assert slow.expansion is not graph.expansion
    assert graph.travel_times([0], [6])[0, 0] == pytest.approx(6)


def test_turning_round_at_a_dead_end_stays_allowed_unless_it_is_banned():
    nodes, ends = [(0, 0), (1000, 0), (2000, 0), (1000, 1000)], [(0, 1), (1, 2), (1, 3)]
    assert minutes(restrict(layer(nodes, ends), [(0, 0), (2, 0)]), 0, 3) == pytest.approx(4)
    banned = restrict(layer(nodes, ends), [(0, 0), (2, 0)], [(1, 0), (1, 1)])
    assert minutes(banned, 0, 3) == INF
    private = restrict(layer(nodes, ends, through=[True, False, True]), [(0, 0), (2, 0)])
    assert minutes(private, 0, 3) == INF


def test_isochrones_count_the_turn_at_the_end_of_the_own_street():
    roads = restrict(layer(STREETS, ENDS), [(0, 0), (4, 0)])
    for towards, point, missing in ((True, (4, 0.5), (500, 0)), (False, (0, 0.5), (1000, 500))):
        drawn, free = (
            build_graph(roads, FREE_FLOW.model_copy(update={"turn_restrictions": obeyed}))
            .isochrones(laid(point), [1.8], width_m=50, towards=towards)
            .geometry[0]
            for obeyed in (True, False)
        )
        # To the street north none comes from the west; from the west none comes into it.
        there = shapely.points(points(missing)[0])
        assert free.contains(there)
        assert not drawn.contains(there)
        assert drawn.difference(free).area < 0.1 * free.difference(drawn).area


# Two public roads joined by a private one: 0-1-2-3 with 1-2 private, round over 4 and 5; 6 lies inside.
YARD = [(0, 0), (1000, 0), (2000, 0), (3000, 0), (1000, 2000), (2000, 2000), (1500, 0), (1500, 400)]
YARD_ENDS = [(0, 1), (1, 6), (6, 2), (2, 3), (1, 4), (4, 5), (5, 2), (6, 7)]


def yard(private=(1, 2, 7), **columns):
    return layer(YARD, YARD_ENDS, through=[k not in private for k in range(len(YARD_ENDS))], **columns)


def test_private_roads_serve_the_ends_of_a_trip_only():
    roads = yard()
    assert minutes(roads, 0, 3) == pytest.approx(1 + 2 + 1 + 2 + 1)
    assert minutes(roads, 0, 7) == pytest.approx(1 + 0.5 + 0.4)
    assert minutes(roads, 7, 3) == pytest.approx(0.4 + 0.5 + 1)
    graph = build_graph(roads)
    assert graph.travel_times(laid((1, 0.5)), laid((2, 0.5)))[0, 0] == pytest.approx(0.5)
    assert graph.travel_times(laid((1, 0.5)), laid((3, 0.5)))[0, 0] == pytest.approx(0.25 + 0.5 + 0.5)
    assert graph.paths([0], [3])["edges"][0] == (0, 4, 5, 6, 3)
    assert graph.is_main.all()


def test_from_one_private_road_to_another_the_way_between_is_public():
    nodes = [*YARD, (4000, 0), (4000, 1000)]
    roads = layer(
        nodes,
        [*YARD_ENDS, (3, 8), (8, 9)],
        through=[True, False, False, True, True, True, True, False, False, False],
    )
    assert minutes(roads, 7, 9) == pytest.approx(0.4 + 0.5 + 1 + 1 + 1)
    assert minutes(roads, 9, 0) == pytest.approx(1 + 1 + 1 + 5 + 1)


def test_what_only_a_private_road_joins_stays_within_reach():
    # The roads east of the yard are public, but there is no public way to them.
    roads = yard(private=(1, 2, 5, 7))
    assert minutes(roads, 0, 3) == pytest.approx(3)
    assert minutes(roads, 3, 0) == pytest.approx(3)
    assert build_graph(roads).is_main.all()


@settings(max_examples=60, deadline=None)
@given(cases())
def test_limits_cut_nothing_off(case):
    roads = restrict(case[0])
    graph, free = build_graph(roads), build_graph(restrict(layer_without_limits(roads)))
    nodes = range(graph.n_nodes)
    limited, plain = graph.travel_times(nodes, nodes), free.travel_times(nodes, nodes)
    assert (limited >= plain - 1e-9).all()
    main = np.unique(np.stack([graph.tail, graph.head])[:, free.is_main])
    assert np.isfinite(limited[np.ix_(main, main)]).all()
    np.testing.assert_array_equal(graph.is_main, free.is_main)


def layer_without_limits(roads):
    return replace(roads, edges=roads.edges.assign(through=True))
