"""Road layers as their sources write them: which layer, which columns, which words, and where lines join."""

import zipfile

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from shapely import LineString, MultiLineString, Point

from siting.analysis.network.graph import build_graph
from siting.inputs.roads.layers.layer_tags import DROPPED, LayerTags
from siting.inputs.roads.read_roads import read_roads
from siting.inputs.roads.rules import read_rows, road_classes
from siting.inputs.sections import RoadLayerReading
from siting.outputs.check.report import check_file
from siting.types import InputError

WEST, EAST = (117.40, 40.0), (117.41, 40.0)
MIDDLE = (117.405, 40.0)
METRE = 1 / 85_180
"""Degrees of longitude at 40° north."""


def frame(*roads, crs=4326):
    """Lines or points with their columns: ``([places], {column: value})``."""
    shapes = [LineString(places) if isinstance(places, list) else Point(places) for places, _ in roads]
    return gpd.GeoDataFrame([columns for _, columns in roads], geometry=shapes, crs=crs)


def zipped(folder, *, encoding="UTF-8", **layers):
    """Zip shapefiles by their names, in the encoding asked for."""
    path = folder / "layers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in layers.items():
            content.to_file(folder / f"{name}.shp", engine="pyogrio", encoding=encoding)
            for part in sorted(folder.glob(f"{name}.*")):
                if part.suffix != ".zip":
                    archive.write(part, f"shape/{part.name}")
    return path


def geojson(folder, *roads):
    path = folder / "roads.geojson"
    path.write_text(frame(*roads).to_json(drop_id=True, na="drop"), encoding="utf-8")
    return path


def codes(layer):
    return {issue.code: issue for issue in layer.issues}


def minutes(layer, start, end):
    return build_graph(layer).travel_times([start], [end])[0, 0]


# --- which layer -----------------------------------------------------------------------------------------


def test_of_geofabriks_shapefiles_the_roads_are_read(tmp_path):
    roads = frame(
        ([WEST, MIDDLE], {"osm_id": "1", "fclass": "primary", "oneway": "F", "maxspeed": 80, "bridge": "F"}),
        ([MIDDLE, EAST], {"osm_id": "2", "fclass": "unknown", "oneway": "B", "maxspeed": 0, "bridge": "T"}),
        ([EAST, (117.41, 40.1)], {"osm_id": "3", "fclass": "tertiary", "oneway": "T", "maxspeed": 0}),
    )
    others = {
        "gis_osm_waterways_free_1": frame(([WEST, EAST], {"osm_id": "8", "fclass": "river"})),
        "gis_osm_railways_free_1": frame(([WEST, EAST], {"osm_id": "9", "fclass": "rail"})),
        "gis_osm_pois_free_1": frame((WEST, {"osm_id": "7", "fclass": "residential"})),
    }
    layer = read_roads(zipped(tmp_path, **others, gis_osm_roads_free_1=roads))
    assert layer.edges["way"].tolist() == ["1", "2", "3"]
    assert layer.edges["class"].tolist() == ["primary", "road", "tertiary"]
    assert layer.edges["speed_kmh"].tolist() == [80, 20, 40]
    assert layer.edges["forward"].tolist() == [True, True, False]
    assert codes(layer)["R183"].value == "2"


def test_bbbikes_type_is_the_class(tmp_path):
    roads = frame(
        ([WEST, MIDDLE], {"osm_id": "1", "type": "primary", "oneway": 0, "maxspeed": 0}),
        ([MIDDLE, EAST], {"osm_id": "2", "type": "residential", "oneway": 1, "maxspeed": 30}),
    )
    rivers = frame(([WEST, EAST], {"osm_id": "8", "type": "stream"}))
    layer = read_roads(zipped(tmp_path, waterways=rivers, roads=roads))
    assert layer.edges["class"].tolist() == ["primary", "residential"]
    assert layer.edges["backward"].tolist() == [True, False]


def test_beside_a_column_of_classes_type_says_something_else(tmp_path):
    tags = LayerTags(["highway", "type"], {}, "a.geojson")
    assert tags.of(["", "primary"]) == {}
    assert tags.of(["service", "primary"]) == {"highway": "service"}


def test_edges_of_osmnx_with_lists_in_their_cells(tmp_path):
    path = tmp_path / "graph.gpkg"
    edges = frame(
        (
            [WEST, MIDDLE],
            {"u": 1, "v": 2, "key": 0, "osmid": "[10, 11]", "highway": "['residential', 'tertiary']",
             "oneway": True, "maxspeed": "['50', '30']", "reversed": "[True, False]", "length": 1.0},
        ),
        (
            [MIDDLE, EAST],
            {"u": 2, "v": 3, "key": 0, "osmid": "12", "highway": "primary", "oneway": False,
             "maxspeed": "60", "reversed": "False", "length": 1.0, "name": "['蓟州大街', \"O'Neill\"]"},
        ),
    )  # fmt: skip
    edges.to_file(path, layer="edges")
    nodes = frame((WEST, {"osmid": 1, "highway": "crossing"}), (EAST, {"osmid": 3, "highway": None}))
    nodes.to_file(path, layer="nodes", mode="a")
    layer = read_roads(path)
    assert layer.edges["way"].tolist() == ["10;11", "12"]
    assert layer.edges["class"].tolist() == ["residential", "primary"]
    assert layer.edges["speed_kmh"].tolist() == [30, 60]
    assert layer.edges["backward"].tolist() == [False, True]
    assert layer.edges["name"].tolist() == ["", "蓟州大街;O'Neill"]
    assert (codes(layer)["R182"].value, codes(layer)["R182"].severity) == ("2", "changed")


@pytest.mark.parametrize(
    ("key", "cell", "value"),
    [
        ("highway", '["primary", "residential", "elephant"]', "residential"),
        ("highway", "primary;tertiary", "tertiary"),
        ("highway", "['primary', 'construction']", "construction"),
        ("highway", "国道/县道", "secondary"),
        ("lanes", "['4', '2', 'many']", "2"),
        ("access", "['yes', 'no']", "no"),
        ("surface", "['asphalt', 'gravel']", "gravel"),
        ("bridge", "['no', 'viaduct']", "viaduct"),
        ("oneway", "['False', 'True']", "yes"),
        ("highway", "[]", None),
        ("highway", "[" * 50_000, "[" * 50_000),
        ("name", "A;B", "A;B"),
    ],
)
def test_of_several_values_the_most_restricting_counts(key, cell, value):
    assert LayerTags([key], {}, "a.gpkg").of([cell]).get(key) == value


def test_two_layers_of_roads_are_asked_about_and_one_is_chosen(tmp_path):
    path = tmp_path / "county.gpkg"
    for name, kind in (("old", "tertiary"), ("new", "primary")):
        frame(([WEST, EAST], {"highway": kind})).to_file(path, layer=name, mode="w" if name == "old" else "a")
    with pytest.raises(InputError, match="2 layers would do: new, old"):
        read_roads(path)
    assert read_roads(path, reading=RoadLayerReading(layer="new")).edges["class"].tolist() == ["primary"]
    assert check_file(path, "roads", sheet="old").json["rows"][0]["status"] == "kept"
    refused = check_file(path, "roads", sheet="<script>", lang="en")
    assert "has no layer '<script>'; choose one of: new, old" in refused.text


def test_layers_beside_the_roads_are_told(tmp_path):
    """As `ogr2ogr` turns an extract into points, lines and areas: the bollard stops nobody there."""
    path = tmp_path / "town.gpkg"
    frame(([WEST, EAST], {"highway": "primary"})).to_file(path, layer="lines")
    assert "R927" not in codes(read_roads(path))
    frame((MIDDLE, {"barrier": "bollard"})).to_file(path, layer="points")
    assert codes(read_roads(path))["R927"].action.endswith(": points")
    roads = frame(([WEST, EAST], {"fclass": "primary"}))
    barriers = frame((MIDDLE, {"fclass": "traffic_signals"}))
    layer = read_roads(zipped(tmp_path, gis_osm_roads_free_1=roads, gis_osm_traffic_free_1=barriers))
    assert codes(layer)["R927"].action.endswith(": gis_osm_traffic_free_1")


def test_what_the_reader_of_a_layer_notes_is_told(tmp_path):
    """The encoding that was tried, and heights that are of no use to roads."""
    path = zipped(tmp_path, roads=frame(([WEST, EAST], {"fclass": "primary"})), encoding="GB18030")
    assert codes(read_roads(path))["E001"].action == "read as GB18030"
    high = [(*WEST, 5.0), (*EAST, 6.0)]
    assert codes(read_roads(geojson(tmp_path, (high, {"highway": "primary"}))))["E007"].action


def test_a_shapefile_in_a_folder_of_the_zip_goes_by_its_name(tmp_path):
    road = frame(([WEST, EAST], {"highway": "primary"}))
    path = zipped(tmp_path, first=road, second=road)
    assert len(read_roads(path, reading=RoadLayerReading(layer="second")).edges) == 1
    with pytest.raises(InputError, match="2 layers would do: shape/first, shape/second"):
        read_roads(path)


# --- which columns and words -----------------------------------------------------------------------------


def bureau(folder, encoding="GBK"):
    """A county's own shapefile: headings and words in Chinese, CGCS2000 in a 3-degree zone."""
    columns = ("道路名称", "行政等级", "限速", "单双向", "车道数")
    if encoding == "UTF-8":  # ten bytes are left of each heading
        columns = ("道路名", "行政等", "限速", "单双向", "车道数")
    rows = [
        ("津围公路", "国道", 70, "双向", 4),
        ("蓟县一号路", "县道（改建）", 0, "单行", 2),
        ("邦喜线", "乡道", 0, "双向", 1),
        ("<b>矿山路</b>", "专用公路", 0, "双向", 2),
        ("景观路", "景观道", 0, "双向", 2),
    ]
    places = [(117.40 + k / 100, 40.0) for k in range(6)]
    roads = frame(
        *(
            (list(pair), dict(zip(columns, row, strict=True)))
            for pair, row in zip(zip(places, places[1:], strict=False), rows, strict=True)
        )
    ).to_crs("EPSG:4549")
    return zipped(folder, encoding=encoding, **{"蓟县公路": roads})


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_a_county_bureaus_shapefile_is_read(tmp_path, encoding):
    layer = read_roads(bureau(tmp_path, encoding))
    assert layer.edges["class"].tolist() == ["trunk", "secondary", "tertiary", "unclassified"]
    assert layer.edges["name"].tolist() == ["津围公路", "蓟县一号路", "邦喜线", "<b>矿山路</b>"]
    assert layer.edges["speed_kmh"].tolist() == [70, 50, 40, 30]
    assert layer.edges["backward"].tolist() == [True, False, True, True]
    np.testing.assert_allclose(layer.shape[0], WEST, atol=2e-7)
    assert layer.set_aside["reason"].tolist() == ["unknown_class"]
    found = codes(layer)
    assert "行政等" in found["R180"].action
    assert "国道 → trunk (1)" in found["R181"].action
    assert found["R183"].value == "4"


def test_the_grade_by_which_a_road_is_built_goes_before_its_standing(tmp_path):
    tags = LayerTags(["行政等级", "技术等级", "设计速度(km/h)", "限速"], {}, "a.shp")
    assert tags.of(["国道", "三级公路", "40", ""]) == {"highway": "tertiary", "maxspeed": "40"}
    assert tags.of(["国道", "", "40", "60"]) == {"highway": "trunk", "maxspeed": "60"}
    assert tags.of(["S", "", "", ""]) == {"highway": "primary"}
    assert {issue.code: issue.value for issue in tags.notes().issues}["R184"] == "1"


def test_columns_are_named_where_their_headings_say_nothing(tmp_path):
    path = geojson(tmp_path, ([WEST, EAST], {"F1": "国道", "F2": "a road", "F3": 40, "highway": "service"}))
    columns = {"highway": "F1", "name": "f2", "maxspeed": "F3"}
    layer = read_roads(path, reading=RoadLayerReading(columns=columns))
    assert layer.edges.loc[0, ["class", "name", "speed_kmh"]].tolist() == ["trunk", "a road", 40]
    assert check_file(path, "roads", columns=columns).json["counts"]["kept"] == 1
    for wrong, message in (
        ({"highwy": "F1"}, "no field is called 'highwy'; nearest: highway"),
        ({"highway": "F9"}, "no column is headed 'F9'"),
    ):
        with pytest.raises(InputError, match=message):
            read_roads(path, reading=RoadLayerReading(columns=wrong))


def test_a_layer_without_a_system_takes_the_declared_one(tmp_path):
    path = tmp_path / "roads.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        frame(([WEST, EAST], {"highway": "primary"}), crs=None).to_file(path)
    layer = read_roads(path, reading=RoadLayerReading(crs="CGCS2000"))
    np.testing.assert_allclose(layer.shape, [WEST, EAST])
    own = geojson(tmp_path, ([WEST, EAST], {"highway": "primary"}))
    found = read_roads(own, reading=RoadLayerReading(crs="EPSG:4549"))
    assert "E316" in codes(found)


def test_an_extract_has_no_layer_or_columns_to_choose(tmp_path):
    path = tmp_path / "a.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lat="40" lon="117"/><node id="2" lat="40" lon="117.1"/>'
        '<way id="3"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way></osm>',
        encoding="utf-8",
    )
    assert "R161" in codes(read_roads(path, reading=RoadLayerReading(layer="roads")))
    assert "R161" not in codes(read_roads(path))


def test_a_limit_of_zero_as_a_number_is_none(tmp_path):
    roads = [
        ([WEST, MIDDLE], {"highway": "primary", "maxspeed": 0}),
        ([MIDDLE, EAST], {"highway": "primary", "maxspeed": 0.0}),
    ]
    layer = read_roads(geojson(tmp_path, *roads))
    assert layer.edges["speed_kmh"].tolist() == [60, 60]
    assert codes(layer)["R183"].value == "2"


def test_the_tables_of_headings_and_words_are_sound():
    columns, words = read_rows("road_columns.csv"), read_rows("road_words.csv")
    assert len({row["heading"].lower() for row in columns}) == len(columns)
    assert all(row["key"] and row["heading"] and row["source"] for row in columns)
    assert len({(row["key"], row["word"].lower()) for row in words}) == len(words)
    assert {row["value"] for row in words if row["key"] == "highway"} <= set(road_classes())
    assert all(row["reason"] for row in words if row["key"] == "highway")
    assert not {row["key"] for row in columns} & DROPPED


# --- points ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [MIDDLE, (117.4025, 40.000004)], ids=["vertex", "between"])
def test_a_bollard_of_a_layer_closes_the_road(tmp_path, at):
    road = ([WEST, MIDDLE, EAST], {"highway": "residential"})
    path = geojson(tmp_path, road, (at, {"id": "node/2", "barrier": "bollard"}))
    layer = read_roads(path)
    assert minutes(layer, WEST, EAST) == np.inf
    assert codes(layer)["R110"].action.endswith(": node/2.")
    assert layer.counts == {"data_rows": 1, "kept": 1, "set_aside": 0, "ignored_lines": 1}


def test_gates_let_cars_through_and_bollards_elsewhere_are_told(tmp_path):
    road = ([WEST, MIDDLE, EAST], {"highway": "residential"})
    points = [
        (MIDDLE, {"barrier": "gate"}),
        ((117.4, 40.01), {"barrier": "bollard", "id": "far"}),
        (MIDDLE, {"highway": "crossing"}),
        (MIDDLE, {}),
    ]
    layer = read_roads(geojson(tmp_path, road, *points))
    assert minutes(layer, WEST, EAST) < 10
    assert codes(layer)["R189"].action.endswith(": far.")
    assert codes(layer)["R188"].value == "4"


def test_a_private_gate_drawn_as_a_point_is_for_trip_ends(tmp_path):
    road = ([WEST, EAST], {"highway": "residential"})
    layer = read_roads(geojson(tmp_path, road, (MIDDLE, {"barrier": "gate", "access": "private"})))
    assert layer.edges["through"].tolist() == [False, False]
    assert minutes(layer, WEST, EAST) < 10


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("highway", ("Primary", "PRIMARY", "primary")),
        ("oneway", ("Yes", "YES", "yes")),
        ("access", ("No", "NO", "no")),
        ("bridge", ("No", "NO", "no")),
    ],
)
def test_capital_letters_say_the_same(key, words):
    assert len({LayerTags([key], {}, "a").of([word])[key] for word in words}) == 1


def test_a_signal_drawn_as_a_point_holds_cars_up(tmp_path):
    road = ([WEST, MIDDLE, EAST], {"highway": "residential"})
    points = [(MIDDLE, {"highway": "traffic_signals"}), (EAST, {"highway": "crossing"})]
    nodes = read_roads(geojson(tmp_path, road, *points)).nodes
    assert nodes.loc[nodes["signal"], "lon"].tolist() == pytest.approx([MIDDLE[0]])
    assert len(nodes) == 3


# --- where lines join ------------------------------------------------------------------------------------


def roads_of(tmp_path, *places, **columns):
    """Lines one after another, each with its value of the columns."""
    rows = [
        {"highway": "primary"} | {key: values[k] for key, values in columns.items()}
        for k in range(len(places))
    ]
    return geojson(tmp_path, *zip(places, rows, strict=True))


NORTH = (117.405, 40.005)


@pytest.mark.parametrize("off_m", [0.0, 0.9, -0.9])
def test_a_t_junction_without_a_vertex_is_joined(tmp_path, off_m):
    foot = (MIDDLE[0], MIDDLE[1] + off_m / 111_195)
    path = roads_of(tmp_path, [WEST, EAST], [foot, NORTH])
    layer = read_roads(path)
    assert minutes(layer, WEST, NORTH) < 10
    assert len(layer.edges) == 3
    assert codes(layer)["R185"].value == "1"
    assert "R186" not in codes(layer)
    apart = read_roads(path, reading=RoadLayerReading(join_within_m=0))
    assert "R120" in codes(apart)
    assert "R185" not in codes(apart)


def test_a_road_that_ends_beyond_the_distance_is_not_joined(tmp_path):
    foot = (MIDDLE[0], MIDDLE[1] + 1.2 / 111_195)
    path = roads_of(tmp_path, [WEST, EAST], [foot, NORTH])
    assert "R185" not in codes(read_roads(path))
    assert "R185" in codes(read_roads(path, reading=RoadLayerReading(join_within_m=1.5)))


def test_gaps_are_closed_and_counted(tmp_path):
    """Four arms that stop short of a crossroads by up to 60 cm, and a ring that does not quite close."""
    x, y = MIDDLE
    step = 0.3 * METRE
    arms = [
        [WEST, (x - step, y)],
        [(x + step, y), EAST],
        [(x, y + step), NORTH],
        [(x, y - step), (x, 39.995)],
    ]
    ring = [EAST, (117.42, 40.0), (117.42, 40.01), (EAST[0] + 0.5 * METRE, EAST[1])]
    layer = read_roads(roads_of(tmp_path, *arms, ring))
    assert codes(layer)["R186"].value == "4"
    assert "0.6" in codes(layer)["R186"].action or "0.5" in codes(layer)["R186"].action
    assert "R120" not in codes(layer)
    assert minutes(layer, WEST, NORTH) < 10


@pytest.mark.parametrize("columns", [{"layer": [0, 1]}, {"bridge": ["F", "T"]}, {"tunnel": ["no", "yes"]}])
def test_roads_of_other_levels_are_left_apart(tmp_path, columns):
    path = roads_of(tmp_path, [WEST, EAST], [MIDDLE, NORTH], **columns)
    layer = read_roads(path)
    assert len(build_graph(layer).components) == 2
    assert codes(layer)["R187"].value == "1"
    assert "R185" not in codes(layer)


def test_a_bridge_that_ends_on_a_road_by_a_shared_vertex_is_joined(tmp_path):
    path = roads_of(tmp_path, [WEST, MIDDLE, EAST], [MIDDLE, NORTH], bridge=["F", "T"])
    layer = read_roads(path)
    assert minutes(layer, WEST, NORTH) < 10
    assert not {"R185", "R186", "R187"} & set(codes(layer))


def test_lines_that_cross_without_a_vertex_pass_each_other(tmp_path):
    layer = read_roads(roads_of(tmp_path, [WEST, EAST], [(117.405, 39.995), NORTH]))
    assert len(layer.edges) == 2
    assert not {"R185", "R186", "R187"} & set(codes(layer))


def test_a_sound_layer_is_left_as_it_is(tmp_path):
    """A stub shorter than the distance, and a vertex near the end of its own line, are no gaps."""
    x, y = MIDDLE
    stub = [MIDDLE, (x, y + 0.5 * METRE)]
    dense = [EAST, (EAST[0] + 0.4 * METRE, y), (EAST[0] + 0.8 * METRE, y), (117.42, y)]
    path = roads_of(tmp_path, [WEST, MIDDLE, EAST], stub, dense)
    layer = read_roads(path)
    plain = read_roads(path, reading=RoadLayerReading(join_within_m=0))
    np.testing.assert_array_equal(layer.shape, plain.shape)
    assert len(layer.edges) == len(plain.edges) == 4


def test_several_roads_end_on_one_stretch(tmp_path):
    """On both sides, two of them at one place; the stretch is cut at each once, in order."""
    feet = [117.408, 117.402, 117.405, 117.405]
    arms = [[(x, 40.0), (x, 40.001 if k % 2 else 39.999)] for k, x in enumerate(feet)]
    layer = read_roads(roads_of(tmp_path, [WEST, EAST], *arms))
    main = layer.edges[layer.edges["way"] == "1"]
    assert len(main) == 4
    lon = layer.nodes["lon"].to_numpy()[np.append(main["tail"], main["head"].iloc[-1])]
    assert lon.round(6).tolist() == [117.4, 117.402, 117.405, 117.408, 117.41]
    assert codes(layer)["R185"].value == "3"


def test_overlying_roads_beyond_measure_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("siting.inputs.roads.layers.touching.PAIRS_ANYWAY", 0)
    monkeypatch.setattr("siting.inputs.roads.layers.touching.PAIRS_EACH", 1)
    lines = [[(117.4 - k / 1e4, 40.0), (117.41 + k / 1e4, 40.0)] for k in range(9)]
    with pytest.raises(InputError, match=r"^roads\.geojson: so many roads lie over one another"):
        read_roads(roads_of(tmp_path, *lines))


def test_the_parts_of_a_multiline_count_as_lines(tmp_path):
    path = tmp_path / "roads.gpkg"
    parts = MultiLineString([[WEST, EAST], [MIDDLE, NORTH]])
    gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[parts], crs=4326).to_file(path)
    layer = read_roads(path)
    assert codes(layer)["R185"].value == "1"
    assert layer.counts["kept"] == 1


def test_a_random_layer_joins_as_a_slow_search_does(tmp_path):
    """Ends near lines, one by one by distance: the same roads hang together."""
    random = np.random.default_rng(7)
    places = [random.uniform(0, 300, (2, 2)) for _ in range(60)]
    for k in range(20, 60):
        line = places[k - 20]
        places[k][0] = line[0] + random.random() * (line[1] - line[0]) + random.uniform(-1.2, 1.2, 2)
    lines = [LineString(each) for each in places]
    group = list(range(60))
    for k, line in enumerate(lines):
        for other in range(60):
            touches = any(lines[other].distance(Point(end)) <= 1.0 for end in line.coords)
            if other != k and touches:
                old, new = group[k], group[other]
                group = [new if each == old else each for each in group]
    roads = [[(117.4 + x * METRE, 40 + y / 111_195) for x, y in each] for each in places]
    layer = read_roads(roads_of(tmp_path, *roads))
    node_group: dict[int, int] = {}
    for way, tail, head in layer.edges[["way", "tail", "head"]].itertuples(index=False):
        for node in (tail, head):
            assert node_group.setdefault(node, group[int(way) - 1]) == group[int(way) - 1]
    assert f"has {len(set(group))} parts" in codes(layer)["R120"].action


def test_pyogrio_writes_what_the_tests_say(tmp_path):
    """The Chinese headings of the bureau's file are GBK in the .dbf."""
    bureau(tmp_path)
    assert "道路名称".encode("gbk") in (tmp_path / "蓟县公路.dbf").read_bytes()
    assert pyogrio.read_info(tmp_path / "蓟县公路.shp", encoding="GBK")["fields"][0] == "道路名称"


@pytest.mark.parametrize("limit", ["0", 0])
def test_a_bureaus_limit_of_zero_is_not_known(tmp_path, limit):
    roads = frame(([WEST, EAST], {"道路等级": "国道", "限速": limit}))
    path = tmp_path / "roads.gpkg"
    roads.to_file(path)
    layer = read_roads(path)
    assert layer.edges["speed_basis"].tolist() == ["class"]
    assert codes(layer)["R183"].value == "1"


def test_a_road_without_a_class_is_told_so(tmp_path):
    roads = frame(([WEST, EAST], {"等级": "国道"}), ([WEST, (117.4, 40.1)], {"等级": None}))
    path = tmp_path / "roads.gpkg"
    roads.to_file(path)
    assert read_roads(path).set_aside["reason"].tolist() == ["unknown_class"]


def test_a_layer_that_is_not_there_is_not_replaced_by_the_only_one(tmp_path):
    path = tmp_path / "roads.gpkg"
    frame(([WEST, EAST], {"highway": "primary"})).to_file(path, layer="roads")
    with pytest.raises(InputError, match="has no layer 'rods'; choose one of: roads"):
        read_roads(path, reading=RoadLayerReading(layer="rods"))


# --- coordinates -----------------------------------------------------------------------------------------


def test_a_point_beyond_the_degrees_breaks_its_road_there(tmp_path):
    """Latitude 400, as of a misplaced decimal point, is told; it is not wrapped round to another place."""
    lons = (117.40, 117.41, 117.42, 117.43, 117.44)
    places = [(lon, 400.0 if lon == 117.42 else 40.0) for lon in lons]
    layer = read_roads(geojson(tmp_path, (places, {"highway": "primary"})))
    assert layer.edges["length_m"].tolist() == pytest.approx([851.8, 851.8], abs=0.1)
    assert "Points of 1 roads are no longitude and latitude" in codes(layer)["E927"].action


METRES = [(536000.0, 4430000.0), (577000.0, 4600000.0)]
"""Easting and northing; as degrees in whole numbers of 32 bits they would wrap round to places on earth."""


@pytest.mark.parametrize(
    ("places", "english", "chinese"),
    [
        (METRES, "names no coordinate system", "未写明可识别的坐标系"),
        ([(40.0, 117.4), (40.0, 117.41)], "no longitude and latitude.*write longitude", "坐标不是经纬度"),
    ],
)
def test_a_layer_that_is_no_degrees_is_told_so(tmp_path, places, english, chinese):
    with pytest.raises(InputError, match=english) as caught:
        read_roads(geojson(tmp_path, (places, {"highway": "primary"})))
    assert "points missing" not in str(caught.value)
    assert chinese in caught.value.message_zh


def test_metres_that_a_layer_calls_degrees_are_no_places(tmp_path):
    path = tmp_path / "roads.gpkg"
    frame((METRES, {"highway": "primary"})).to_file(path)
    with pytest.raises(InputError, match="no longitude and latitude"):
        read_roads(path)


def test_coordinates_that_do_not_fit_the_declared_system_name_the_file(tmp_path):
    roads = frame(([(534157.6, 4429605.7), (535010.6, 4429605.7)], {"fclass": "primary"}), crs=4548)
    path = zipped(tmp_path, roads=roads)
    without = tmp_path / "without.zip"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(without, "w") as other:
        for name in archive.namelist():
            if not name.endswith(".prj"):
                other.writestr(name, archive.read(name))
    with pytest.raises(InputError, match=r"without\.zip: its coordinates do not fit.*EPSG:4527"):
        read_roads(without, reading=RoadLayerReading(crs="EPSG:4527"))


@pytest.mark.parametrize(("epsg", "code"), [(2384, "E320"), (2436, "E319"), (4548, None)])
def test_how_exact_the_shift_of_an_older_system_is_is_told(tmp_path, epsg, code):
    """Xian 80: no shift is published; Beijing 54: 15 m; CGCS2000 needs none."""
    path = tmp_path / "roads.gpkg"
    frame(([WEST, EAST], {"highway": "primary"})).to_crs(epsg).to_file(path)
    assert codes(read_roads(path)).keys() & {"E319", "E320"} == {code} - {None}
