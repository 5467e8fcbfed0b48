"""A coarse network leads roads on: what of it is taken, where it is joined, what is said."""

import numpy as np
import pytest

from siting.analysis.network.graph import build_graph
from siting.inputs.roads.extend import join_beyond, lie_off
from tests.analysis.roads import layer, points

# A square of streets of 2 km, and a coarse road past it to a city 30 km away; 300 m beside its corner.
ROADS = layer([(0, 0), (2000, 0), (2000, 2000), (0, 2000)], [(0, 1), (1, 2), (2, 3), (3, 0)])
BEYOND = layer(
    [(-100, 0), (2300, 0), (30_000, 0), (30_000, 9_000)],
    [(0, 1), (1, 2), (2, 3)],
    ref=["G1", "G1", "G1"],
    speed_kmh=100.0,
    speed_basis="stated",
)


def test_only_what_lies_beyond_is_taken_and_joined_by_a_straight_link():
    joined = join_beyond(ROADS, BEYOND)
    assert joined.edges["way"].tolist() == [100, 101, 102, 103, 101, 102, 0]
    assert joined.edges["ref"].tolist() == [""] * 4 + ["G1", "G1", ""]
    link = joined.edges.iloc[-1]
    assert (link["class"], link["length_m"]) == ("access", pytest.approx(300, abs=0.5))
    graph = build_graph(joined)
    (metres,) = graph.travel_times(points((2000, 0)), points((30_000, 9_000)), weight="metres")[0]
    assert metres == pytest.approx(300 + 27_700 + 9_000, abs=2)
    assert graph.is_main.all()
    assert (joined.file, joined.beyond, joined.counts) == (ROADS.file, "toy.geojson", ROADS.counts)


def test_the_stretches_of_the_roads_keep_their_numbers_and_shapes():
    joined = join_beyond(ROADS, BEYOND)
    kept = joined.edges.iloc[: len(ROADS.edges)]
    assert kept[["tail", "head"]].to_numpy().tolist() == ROADS.edges[["tail", "head"]].to_numpy().tolist()
    np.testing.assert_array_equal(joined.shape[: len(ROADS.shape)], ROADS.shape)
    ends = joined.shape[joined.shape_start[:-1]], joined.shape[joined.shape_start[1:] - 1]
    for end, column in zip(ends, ("tail", "head"), strict=True):
        np.testing.assert_array_equal(joined.nodes[["lon", "lat"]].to_numpy()[joined.edges[column]], end)


def test_what_was_joined_is_told():
    (issue,) = (issue for issue in join_beyond(ROADS, BEYOND).issues if issue.code == "R115")
    assert (issue.value, issue.severity) == ("2", "note")
    assert "2 stretches (36.7 km) of toy.geojson lead on, joined at 1 places" in issue.action
    assert "最长 300 米" in issue.action_zh


def test_roads_stay_as_they_are_where_nothing_is_needed_or_can_be_joined():
    within = layer([(0, 100), (2000, 100)], [(0, 1)])
    assert join_beyond(ROADS, within) is ROADS
    elsewhere = layer([(90_000, 0), (99_000, 0)], [(0, 1)])
    assert join_beyond(ROADS, elsewhere) is ROADS


def test_places_off_the_roads():
    assert lie_off(ROADS, points((2100, 0), (9000, 0)), 1000.0).tolist() == [False, True]
    closed = layer([(0, 0), (10, 0)], [(0, 1)], backward=False)
    assert lie_off(closed, points((0, 0)), 1000.0).tolist() == [True]
