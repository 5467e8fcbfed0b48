"""Routes: their pieces add up to the travel times, their geometry is as long as they say, roads are named."""

import numpy as np
import pytest
from hypothesis import given, settings
from pyproj import Geod

from siting.analysis.network.graph import RoadGraph, build_graph
from siting.types import InputError
from tests.analysis.network.test_graph import FAR, town
from tests.analysis.roads import layer, points

SPHERE = Geod(a=6371000.0, b=6371000.0)

# A 3 km trunk road west to east, a one-way street north from its middle, a lane on from there.
ROADS = layer(
    [(0, 0), (1000, 0), (3000, 0), (1000, 500), (1000, 900)],
    [(0, 1), (2, 1), (1, 3), (3, 4)],
    backward=[True, True, False, True],
    ref=["S1", "S1", "", ""],
    name=["津蓟高速", "津蓟高速", "北街", ""],
)


def test_a_route_names_its_roads_and_cuts_its_ends():
    graph = build_graph(ROADS)
    routes = graph.paths(points((2500, 0)), points((1000, 700), (200, 0)))
    assert routes["roads"].tolist() == ["S1 → 北街", "S1"]
    assert routes["edges"].tolist() == [(1, 2, 3), (1, 0)]
    assert routes["metres"].tolist() == pytest.approx([1500 + 700, 2300], abs=0.01)
    assert routes["minutes"].tolist() == pytest.approx([2.2, 2.3], abs=1e-4)
    line = np.array(routes.geometry[0].coords) / points((1, 0))[0, 0]
    np.testing.assert_allclose(line, [(2500, 0), (1000, 0), (1000, 500), (1000, 700)], atol=0.01)
    assert routes[["origin", "destination"]].to_numpy().tolist() == [[0, 0], [0, 1]]


def test_no_way_no_route():
    graph = build_graph(ROADS)
    routes = graph.paths(points((1000, 700)), points((0, 0), (1000, 700), (1000, 9000)))
    assert routes["minutes"].tolist() == [np.inf, 0.0, np.inf]
    assert routes["metres"].tolist() == [np.inf, 0.0, np.inf]
    assert routes["roads"].tolist() == ["", "", ""]
    assert routes.geometry.isna().all()


@pytest.mark.parametrize("weight", ["minutes", "metres"])
@settings(max_examples=40)
@given(case=town())
def test_routes_are_what_the_table_says(case, weight):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    routes = graph.paths(places, places[:3], weight=weight)
    table = graph.travel_times(places, places[:3], weight=weight)
    np.testing.assert_allclose(routes[weight].to_numpy().reshape(table.shape), table, atol=1e-6)
    for route in routes.itertuples():
        if route.geometry is not None:
            assert SPHERE.geometry_length(route.geometry) == pytest.approx(route.metres, abs=0.1)


def test_a_graph_without_geometry_has_no_routes():
    with pytest.raises(InputError, match="no geometry"):
        RoadGraph.from_edges(2, [0], [1], [1.0]).paths([0], [1])
