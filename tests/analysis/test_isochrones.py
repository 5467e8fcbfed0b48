"""Isochrones: every place inside is reached in time, every road reached lies inside; nested, holes kept."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from siting.analysis.isochrones import MARGIN_M, SIMPLIFY_M
from siting.analysis.network import RoadGraph, TravelTimeSettings, build_graph
from siting.types import InputError
from tests.analysis.roads import METRES_PER_DEGREE, layer, points
from tests.analysis.test_network import FAR, town

SLACK_M = SIMPLIFY_M + 6 * MARGIN_M


def in_metres(area):
    return shapely.transform(area, lambda xy: xy * METRES_PER_DEGREE)


CROSS = layer(
    [(0, 0), (-6000, 0), (6000, 0), (0, 6000)], [(0, 1), (0, 2), (0, 3)], backward=[True, True, False]
)


def test_reach_along_roads():
    """At 60 km/h five minutes are 5 km; the road north leads only away."""
    graph = build_graph(CROSS)
    (area,) = graph.isochrones(points((0, 0)), [5], width_m=500).geometry
    west, south, east, north = in_metres(area).bounds
    assert (west, east) == pytest.approx((-5500, 5500), abs=SLACK_M)
    assert (south, north) == pytest.approx((-500, 500), abs=SLACK_M)
    (away,) = graph.isochrones(points((0, 0)), [5], width_m=500, towards=False).geometry
    assert in_metres(away).bounds[3] == pytest.approx(5500, abs=SLACK_M)


def test_a_place_in_the_middle_of_a_one_way_street():
    street = layer([(0, 0), (10000, 0)], [(0, 1)], backward=False)
    graph = build_graph(street)
    (area,) = graph.isochrones(points((6000, 0)), [3], width_m=200).geometry
    west, _, east, _ = in_metres(area).bounds
    assert (west, east) == pytest.approx((2800, 6200), abs=SLACK_M)


def test_access_takes_its_time():
    """At 15 km/h, 500 m take 2 minutes."""
    graph = build_graph(CROSS)
    (area,) = graph.isochrones(points((-3000, 500)), [3], width_m=300).geometry
    assert in_metres(area).bounds[0] == pytest.approx(-3000 - 1000 - 300, abs=SLACK_M)


def test_holes_stay():
    ring = layer([(0, 0), (8000, 0), (8000, 8000), (0, 8000)], [(0, 1), (1, 2), (2, 3), (3, 0)])
    (area,) = build_graph(ring).isochrones(points((0, 0)), [30], width_m=500).geometry
    assert len(area.interiors) == 1
    hole = in_metres(shapely.Polygon(area.interiors[0]))
    assert hole.area == pytest.approx(7000.0**2, rel=0.05)


def test_unlocated_places_have_no_area():
    graph = build_graph(CROSS, TravelTimeSettings(snap_limit_m=100))
    areas = graph.isochrones(points((0, 3000), (500, 500)), [5, 10])
    assert areas[["point", "minutes"]].to_numpy().tolist() == [[0, 5], [0, 10], [1, 5], [1, 10]]
    assert areas.geometry.is_empty.tolist() == [False, False, True, True]


@settings(max_examples=30)
@given(town())
def test_areas_nest_and_hold_what_is_reached(case):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    limits = [0.5, 1.0, 1.5, 3.0]
    nodes = np.arange(graph.n_nodes)
    times = graph.travel_times(nodes, places[:2])
    node_points = shapely.points(roads.nodes[["lon", "lat"]].to_numpy())
    for k, areas in graph.isochrones(places[:2], limits, width_m=60.0).groupby("point"):
        areas = areas.geometry.to_list()
        assert all(area.is_valid for area in areas)
        assert all(
            narrow.is_empty or wide.covers(narrow) for narrow, wide in zip(areas, areas[1:], strict=False)
        )
        for limit, area in zip(limits, areas, strict=True):
            assert shapely.covers(area, node_points[times[:, k] <= limit]).all()


@settings(max_examples=30)
@given(town())
def test_nothing_far_from_a_road_in_time_lies_inside(case):
    roads, places = case
    if not len(roads.edges):
        return
    graph = build_graph(roads, FAR)
    limit, width_m = 1.0, 60.0
    (area,) = graph.isochrones(places[:1], [limit], width_m=width_m).geometry
    # Points along all roads, and how long each is to the place.
    lines = roads.shape.reshape(-1, 2, 2)
    along = np.linspace(0, 1, 12)[:, None, None] * (lines[:, 1] - lines[:, 0]) + lines[:, 0]
    samples = along.reshape(-1, 2)
    near = shapely.union_all(
        shapely.buffer(shapely.points(samples * METRES_PER_DEGREE), width_m + 110)[
            graph.travel_times(samples, places[:1])[:, 0] <= limit + 0.6
        ]
    )
    assert in_metres(area).difference(near).area <= 0.02 * max(in_metres(area).area, 1.0)


def test_a_graph_without_geometry_has_no_areas():
    with pytest.raises(InputError, match="no geometry"):
        RoadGraph.from_edges(2, [0], [1], [1.0]).isochrones([0], [5])
