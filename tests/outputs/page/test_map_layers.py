"""Roads on the maps: all of a schematic network, of an extract what the maps' scale can show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from siting.outputs.page import figure
from siting.outputs.page.packed import map_layers as layers
from siting.outputs.page.packed.map_layers import drawn_roads, many_steps, roads
from tests.analysis.roads import METRES_PER_DEGREE, layer
from tests.outputs import toy
from tests.outputs.packed_texts import unpacked
from tests.outputs.roads import SOUTH, WEST, extract


def study(read, driven=()):
    base = toy.evaluation()
    routes = base.routes.assign(edges=[tuple(driven)] * len(base.routes))
    return replace(base, routes=routes, evidence=replace(
        base.evidence, inputs=replace(base.evidence.inputs, roads=read)))  # fmt: skip


def polylines(text, scale):
    """Read packed lines by hand: degrees, n × 2 each."""
    at, found = np.zeros(2), [[]]
    numbers = iter(unpacked(text))
    for x in numbers:
        if x is None:
            found.append([])
            continue
        at = at + (x, next(numbers))
        found[-1].append(at / scale)
    return [np.array(line) for line in found]


def test_lines_in_one_text_read_back():
    read = extract(3)
    lines = list(read.to_frame().geometry)
    found = polylines(many_steps(lines, 1000), 1000)
    assert len(found) == len(lines)
    for got, line in zip(found, lines, strict=True):
        assert got == pytest.approx(np.array(line.coords), abs=0.000501)


def test_lines_within_one_step_are_left_out():
    lines = extract(3).to_frame().geometry
    assert many_steps(lines, 1) == many_steps(lines.iloc[[-1]], 1)
    assert many_steps([], 1000) == ""


def test_a_schematic_network_is_drawn_whole(monkeypatch):
    monkeypatch.setattr(layers, "MOST_ROAD_POINTS", 3)
    read = extract(speed_basis="stated")
    drawn = drawn_roads(study(read))
    assert (len(drawn.edges), drawn.ranks) == (len(read.edges), None)
    made = roads(study(read))
    assert made["classes"] is None
    count = sum(len(polylines(group["lines"], made["scale"])) for group in made["groups"])
    assert count == len(read.edges)


def test_roads_opened_later_are_not_drawn():
    opened = [2016] + [None] * (len(extract().edges) - 1)
    for basis in ("stated", "posted"):
        drawn = drawn_roads(study(extract(speed_basis=basis, opened=opened)))
        assert 0 not in drawn.edges.index
        assert 1 in drawn.edges.index


@pytest.mark.parametrize(
    ("most", "ranks"),
    [
        (1_000, ("trunk", "primary", "tertiary", "residential")),
        (10, ("trunk", "primary", "tertiary")),
        (8, ("trunk", "primary", "tertiary")),
        (7, ("trunk", "primary")),
        (3, ()),
    ],
)
def test_classes_are_taken_in_by_rank_while_there_is_room(monkeypatch, most, ranks):
    """The trunk road and its ramp make one line of four points, the primary and the tertiary one two each."""
    monkeypatch.setattr(layers, "MOST_ROAD_POINTS", most)
    drawn = drawn_roads(study(extract()))
    assert drawn.ranks == ranks
    assert set(drawn.edges["class"]) - {"trunk_link"} == set(ranks)


def test_far_roads_are_not_drawn_but_the_ways_of_the_sites_are(monkeypatch):
    read = extract()
    far, street = len(read.edges) - 1, 10
    assert far not in drawn_roads(study(read)).edges.index
    monkeypatch.setattr(layers, "MOST_ROAD_POINTS", 12)
    drawn = drawn_roads(study(read, driven=(far, street)))
    assert drawn.ranks == ("trunk", "primary", "tertiary")
    assert {far, street} <= set(drawn.edges.index)
    assert (drawn.edges["class"] == "residential").sum() == 1
    assert roads(study(read, driven=(far, street)))["classes"] == ["trunk", "primary", "tertiary", "ways"]


def test_all_roads_drawn_need_no_word():
    read = extract()
    assert drawn_roads(study(read, driven=(len(read.edges) - 1,))).ranks is None


def test_an_extract_is_drawn_in_whole_lines_of_whole_pixels():
    made = roads(study(extract()))
    trunk = next(group for group in made["groups"] if group["class"] == "trunk")
    (line,) = polylines(trunk["lines"], made["scale"])
    assert made["scale"] == 1000
    ends = sorted(map(tuple, (line[[0, -1]] - (WEST, SOUTH)).round(3).tolist()))
    assert ends == [(0.0, 0.0), (0.2, 0.0)]


def test_the_most_points_of_an_extract_cost_less_than_18_kb():
    """Winding roads at the limit, as they stand in the payload and in the static map."""
    rng = np.random.default_rng(1)
    streets = 500
    start = rng.random((streets, 1, 2)) * (0.55, 0.4)
    bends = start + np.cumsum(rng.normal(0, 0.006, (streets, 5, 2)), axis=1)
    places = ((bends.reshape(-1, 2) + (WEST, SOUTH)) * METRES_PER_DEGREE).tolist()
    ends = [(5 * k + i, 5 * k + i + 1) for k in range(streets) for i in range(4)]
    full, empty = study(layer(places, ends)), study(layer(places[:2], ends[:1]))
    drawn = drawn_roads(full)
    assert drawn.ranks is None
    assert len(drawn.lines(drawn.kinds == "primary", 0.0)) == streets
    sizes = [len(str(roads(one))) + len(figure.static_map(one)) for one in (full, empty)]
    assert 10_000 < sizes[0] - sizes[1] < 18_000


def test_numbers_of_roads_are_written_where_they_are_drawn(monkeypatch):
    read = extract()
    refs = [f"R{k}" for k in range(len(read.edges))]
    named = replace(read, edges=read.edges.assign(ref=refs))
    monkeypatch.setattr(layers, "MOST_ROAD_POINTS", 8)
    assert [name["ref"] for name in roads(study(named))["names"]] == ["R0", "R1", "R2", "R3", "R4"]
    monkeypatch.setattr(layers, "MOST_ROAD_NAMES", 2)
    assert [name["ref"] for name in roads(study(named))["names"]] == ["R3", "R4"]
    schematic = replace(named, edges=named.edges.assign(speed_basis="stated"))
    assert len(roads(study(schematic))["names"]) == len(refs)
