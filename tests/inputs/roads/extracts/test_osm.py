"""OSM files as they come: any order, number and version; what is deleted, repeated or missing is told."""

import bz2
import gzip
import lzma
import re
import subprocess
import sys

import osmium
import pytest

import siting
from siting.analysis.network.graph import build_graph
from siting.inputs.roads.read_roads import read_roads
from siting.outputs.tables.road_layer import write_road_layer
from siting.types import InputError

NODES = "".join(f'<node id="{k}" lat="40.00{k}" lon="117.4"/>' for k in range(1, 6))
PRIMARY = '<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="primary"/></way>'
STREET = '<way id="11"><nd ref="3"/><nd ref="4"/><nd ref="5"/><tag k="highway" v="residential"/></way>'


def write(folder, *parts, name="town.osm", generator="Overpass API"):
    path = folder / name
    path.write_text(f'<osm version="0.6" generator="{generator}">{"".join(parts)}</osm>', encoding="utf-8")
    return path


def content(layer):
    edges = layer.edges.drop(columns=["tail", "head"])
    ends = layer.nodes[["lon", "lat"]].to_numpy()[layer.edges[["tail", "head"]].to_numpy()]
    return sorted(
        zip(edges["way"].abs(), edges["class"], edges["length_m"].round(3), ends.tolist(), strict=True)
    )


def notes(layer):
    return {issue.code: issue for issue in layer.issues}


@pytest.mark.parametrize("way", ["once", "twice"])
def test_of_nodes_only_those_that_may_stop_cars_are_written(tmp_path, way):
    """Crossings and street lamps are many and used for nothing; with a bollard on them they are."""
    tags = ["", "crossing", "traffic_signals", "street_lamp", "crossing"]
    nodes = "".join(
        f'<node id="{k}" lat="40.00{k}" lon="117.4">'
        + (f'<tag k="highway" v="{tag}"/>' if tag else "")
        + ('<tag k="barrier" v="bollard"/>' if k == 5 else "")
        + "</node>"
        for k, tag in enumerate(tags, start=1)
    )
    with write(tmp_path, nodes, PRIMARY).open("rb") as file:
        command = [sys.executable, "-m", "siting.inputs.roads.extracts.osm_filter", "osm", way]
        text = subprocess.run(command, stdin=file, capture_output=True, check=True).stdout.decode("utf-8")
    assert [line.split()[0] for line in text.splitlines()] == ["n3", "n5", "w10"]


@pytest.fixture
def sorted_one(tmp_path):
    return read_roads(write(tmp_path, NODES, PRIMARY, STREET, name="sorted.osm"))


def negative(text):
    return re.sub(r'(id|ref)="', r'\1="-', text)


def with_places(way):
    """Write a way as Overpass does with `out geom`: places at the references, and bounds."""
    way = re.sub(r'<nd ref="(\d)"/>', r'<nd ref="\1" lat="40.00\1" lon="117.4"/>', way)
    return way.replace("<nd", '<bounds minlat="40" minlon="117" maxlat="41" maxlon="118"/><nd', 1)


ORDERS = {
    "sorted": (NODES, PRIMARY, STREET),
    "ways first": (PRIMARY, STREET, NODES),
    "ways between": (PRIMARY, NODES, STREET),
    "nodes backwards": ("".join(reversed(re.findall("<node.*?/>", NODES))), PRIMARY, STREET),
    "places at the ways": (with_places(PRIMARY), with_places(STREET)),
    "places at the ways of one": (NODES.replace("/>", "/>", 1), with_places(PRIMARY), STREET),
    "negative": (negative(NODES), negative(PRIMARY), negative(STREET)),
    "negative, ways first": (negative(PRIMARY), negative(STREET), negative(NODES)),
}


@pytest.mark.parametrize("parts", ORDERS.values(), ids=ORDERS)
def test_any_order_and_number_gives_the_same_roads(tmp_path, sorted_one, parts):
    layer = read_roads(write(tmp_path, *parts))
    assert content(layer) == content(sorted_one)
    assert layer.counts == sorted_one.counts
    assert notes(layer) == {}


OF_OVERPASS = {
    "center": '<center lat="40.002" lon="117.4"/>',
    "geom": '<bounds minlat="40.001" minlon="117.4" maxlat="40.003" maxlon="117.4"/>',
}
"""What Overpass puts into ways beside their nodes."""


@pytest.mark.parametrize("pack", [None, gzip.compress, bz2.compress])
@pytest.mark.parametrize("out", OF_OVERPASS)
def test_what_overpass_writes_beside_the_nodes_hinders_nobody(tmp_path, out, pack):
    """With `out geom` members of relations hold their places too; some of them lie outside the box."""
    street = STREET.replace('<nd ref="5"/>', '<nd ref="5"/>' * 90_000)
    points = '<nd lat="40.001" lon="117.4"/><nd/>' if out == "geom" else ""
    relation = (
        f'<relation id="7"><bounds minlat="40" minlon="117" maxlat="41" maxlon="118"/>'
        f'<member type="way" ref="10" role="from">{points}</member>'
        f'<member type="node" ref="3" role="via" lat="40.003" lon="117.4"/>'
        f'<member type="way" ref="11" role="to">{points}</member>'
        f'<tag k="type" v="restriction"/><tag k="restriction" v="no_straight_on"/></relation>'
    )
    ways = [way.replace("><nd", f">{OF_OVERPASS[out]}<nd", 1) for way in (PRIMARY, street)]
    path = write(tmp_path, *ways, relation, NODES)
    if pack:
        ending = "gz" if pack is gzip.compress else "bz2"
        path.with_name(f"town.osm.{ending}").write_bytes(pack(path.read_bytes()))
        path = path.with_name(f"town.osm.{ending}")
    layer = read_roads(path)
    assert layer.edges["way"].tolist() == [10, 11]
    assert layer.restrictions["restriction"].nunique() == 1


def test_a_place_beyond_the_earth_is_none(tmp_path):
    """osmium ends its process over it as it writes."""
    nodes = NODES.replace('lat="40.002"', 'lat="95.0"')
    layer = read_roads(write(tmp_path, nodes, PRIMARY.replace('<nd ref="1"/>', ""), STREET))
    assert layer.edges["way"].tolist() == [11]
    assert [issue.code for issue in layer.issues] == ["R107"]


def test_places_at_the_ways_of_a_binary_extract_are_kept(tmp_path, sorted_one):
    """As `osmium add-locations-to-ways` writes it: without the nodes."""
    path = tmp_path / "located.osm.pbf"
    source = write(tmp_path, with_places(PRIMARY), with_places(STREET))
    with osmium.SimpleWriter(osmium.io.File(str(path), "pbf,locations_on_ways=true")) as writer:
        for way in osmium.FileProcessor(str(source)):
            writer.add(way)
    assert content(read_roads(path)) == content(sorted_one)


@pytest.mark.parametrize("ending", ["osm.xml.gz", "osm.xml.bz2", "osm.gz", "osm.bz2", "osm.xml"])
def test_packed_and_unsorted_extracts_are_read(tmp_path, sorted_one, ending):
    plain = write(tmp_path, PRIMARY, STREET, NODES).read_bytes()
    packed = {"gz": gzip.compress, "bz2": bz2.compress}.get(ending.rpartition(".")[2], bytes)
    path = tmp_path / f"town.{ending}"
    path.write_bytes(packed(plain))
    assert content(read_roads(path)) == content(sorted_one)


def varint(number):
    """Write a number as o5m does: seven bits a byte, the lowest first."""
    written = b""
    while number > 127:
        written, number = written + bytes([number & 127 | 128]), number >> 7
    return written + bytes([number])


def signed(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def test_o5m_is_read(tmp_path, sorted_one):
    """Numbers are differences from those before; 0 stands for no version."""
    data, place = b"\xff\xe0\x04o5m2", (0, 0)
    for k in range(1, 6):
        lon, lat = 1_174_000_000, 400_000_000 + k * 10_000
        node = signed(1) + b"\0" + signed(lon - place[0]) + signed(lat - place[1])
        data, place = data + b"\x10" + varint(len(node)) + node, (lon, lat)
    data += b"\xff"
    for number, steps, kind in ((10, (1, 1, 1), b"primary"), (1, (0, 1, 1), b"residential")):
        refs = b"".join(map(signed, steps))
        way = signed(number) + b"\0" + varint(len(refs)) + refs + b"\0highway\0" + kind + b"\0"
        data += b"\x11" + varint(len(way)) + way
    path = tmp_path / "town.o5m"
    path.write_bytes(data + b"\xfe")
    assert content(read_roads(path)) == content(sorted_one)


# --- deleted and repeated --------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [None, gzip.compress])
@pytest.mark.parametrize("mark", ["action='delete'", 'action = "delete"', 'visible="false"'])
def test_what_is_deleted_is_no_road(tmp_path, mark, pack):
    path = write(tmp_path, NODES, PRIMARY.replace("<way ", f"<way {mark} "), STREET, generator="JOSM")
    if pack:
        packed = path.with_name("town.osm.gz")
        packed.write_bytes(pack(path.read_bytes()))
        path = packed
    layer = read_roads(path)
    assert layer.edges["way"].tolist() == [11]
    assert layer.counts["data_rows"] == 1
    assert notes(layer)["R152"].action.endswith(": way/10.")


def test_deleted_restrictions_and_barriers_hold_nobody(tmp_path):
    bollard = "<node id='3' action='delete' lat='40.003' lon='117.4'><tag k='barrier' v='bollard'/></node>"
    relation = (
        "<relation id='-7' action='delete'><member type='way' ref='10' role='from'/>"
        "<member type='node' ref='3' role='via'/><member type='way' ref='11' role='to'/>"
        "<tag k='type' v='restriction'/><tag k='restriction' v='no_straight_on'/></relation>"
    )
    nodes = NODES.replace('<node id="3" lat="40.003" lon="117.4"/>', bollard)
    layer = read_roads(write(tmp_path, nodes, PRIMARY, STREET, relation, generator="JOSM"))
    assert layer.restrictions.empty
    assert notes(layer).keys() == {"R152"}
    assert notes(layer)["R152"].action.endswith(": node/3, relation/-7.")
    assert len(layer.nodes) == 3


def test_a_changed_road_and_a_remark_about_deleting_are_kept(tmp_path):
    note = '<tag k="note" v="action=&quot;delete&quot;"/></way>'
    way = PRIMARY.replace("<way ", "<way action='modify' ").replace("</way>", note)
    assert read_roads(write(tmp_path, NODES, way, STREET)).edges["way"].tolist() == [10, 11]


def version(way, number, visible="true"):
    return way.replace("<way ", f'<way version="{number}" visible="{visible}" ')


def test_of_a_history_the_newest_version_counts(tmp_path):
    moved = '<node id="2" version="2" lat="40.0021" lon="117.4"/>'
    nodes = NODES.replace('<node id="3"', moved + '<node id="3"')
    short = PRIMARY.replace('<nd ref="2"/>', "").replace("primary", "tertiary")
    layer = read_roads(
        write(
            tmp_path, nodes, version(PRIMARY, 1), version(short, 3), version(PRIMARY, 2), version(STREET, 1)
        )
    )
    assert layer.edges["class"].astype(str).tolist() == ["tertiary", "residential"]
    assert layer.counts["data_rows"] == 2
    assert notes(layer)["R153"].value == "2"
    assert notes(layer)["R153"].action.endswith(": node/2, way/10.")
    bent = read_roads(write(tmp_path, nodes, PRIMARY, STREET))
    assert bent.shape[1].tolist() == pytest.approx([117.4, 40.0021])


def test_a_binary_history_is_read_likewise(tmp_path):
    source = write(tmp_path, NODES, version(PRIMARY, 1), version(PRIMARY, 2, "false"), version(STREET, 1))
    path = tmp_path / "town.osh.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(source)):
            writer.add(item)
    layer = read_roads(path)
    assert layer.edges["way"].tolist() == [11]
    assert {"R152", "R153"} <= set(notes(layer))


def test_what_a_history_ends_by_deleting_is_gone(tmp_path):
    ended = '<way id="10" version="3" visible="false"/>'
    layer = read_roads(write(tmp_path, NODES, version(PRIMARY, 1), version(PRIMARY, 2), ended, STREET))
    assert layer.edges["way"].tolist() == [11]
    assert {"R152", "R153"} <= set(notes(layer))
    with pytest.raises(InputError, match=r"0 ways read: 1 deleted; 1 objects in several versions"):
        read_roads(write(tmp_path, NODES, version(PRIMARY, 1), version(PRIMARY, 2), ended))


def test_a_road_that_stands_twice_counts_once(tmp_path, sorted_one):
    """Two extracts put together: objects of their common edge repeat, in any format."""
    parts = (NODES, PRIMARY, NODES, PRIMARY, STREET)
    layer = read_roads(write(tmp_path, *parts))
    assert content(layer) == content(sorted_one)
    assert notes(layer)["R153"].value == "6"
    path = tmp_path / "twice.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(write(tmp_path, *parts))):
            writer.add(item)
    assert content(read_roads(path)) == content(sorted_one)


# --- what is told ----------------------------------------------------------------------------------------


def test_relations_are_counted_by_type(tmp_path):
    kinds = ("restriction", "multipolygon", "multipolygon", "route")
    relations = "".join(
        f'<relation id="{k}"><member type="way" ref="10" role="a,b @"/><tag k="type" v="{kind}"/></relation>'
        for k, kind in enumerate(kinds, start=1)
    )
    for parts in ((NODES, PRIMARY), (PRIMARY, NODES)):
        layer = read_roads(write(tmp_path, *parts, relations, '<relation id="9"/>'))
        told = notes(layer)["R154"]
        assert told.value == "5"
        assert ": 2 × multipolygon, 1 × —, 1 × restriction, 1 × route;" in told.action


def test_a_left_over_construction_tag_closes_no_road(tmp_path):
    tag = '<tag k="construction" v="primary"/></way>'
    layer = read_roads(write(tmp_path, NODES, PRIMARY.replace("</way>", tag), STREET))
    assert layer.edges["way"].tolist() == [10, 11]
    told = notes(layer)["R155"]
    assert (told.severity, told.value) == ("changed", "1")
    assert "construction=primary" in told.action
    assert told.action.endswith(": 10.")


def test_closed_main_roads_lead_the_report(tmp_path):
    foot = "".join(
        f'<way id="{k}"><nd ref="4"/><nd ref="5"/><tag k="highway" v="footway"/></way>' for k in range(20, 90)
    )
    closed = PRIMARY.replace("</way>", '<tag k="access" v="no"/><tag k="name" v="京哈公路"/></way>')
    built = closed.replace('"10"', '"12"').replace('"access" v="no"', '"construction" v="trunk"')
    built = built.replace('v="primary"', 'v="construction"').replace("京哈公路", "新路")
    first = read_roads(write(tmp_path, NODES, foot, closed, built, STREET)).issues[0]
    assert (first.code, first.value) == ("R150", "2")
    assert (
        "京哈公路 (primary, 0.22 km, access=no), 新路 (trunk, 0.22 km, highway=construction)" in first.action
    )
    assert "0.4 km" in first.action


def test_tracks_are_closed_unless_the_settings_open_them(tmp_path):
    track = STREET.replace("residential", "track")
    field = track.replace('"11"', '"12"').replace("</way>", '<tag k="motor_vehicle" v="agricultural"/></way>')
    path = write(tmp_path, NODES, PRIMARY, track, field)
    closed, opened = read_roads(path), read_roads(path, tracks="open")
    assert closed.edges["way"].tolist() == [10]
    assert dict(zip(closed.set_aside["way"], closed.set_aside["reason"], strict=True)) == {
        11: "track",
        12: "not_for_cars",
    }
    assert "1 tracks (0.2 km)" in notes(closed)["R151"].action
    assert opened.edges["way"].tolist() == [10, 11]
    assert "R151" not in notes(opened)


def test_settings_go_from_the_file_to_the_graph(tmp_path):
    path = write(tmp_path, NODES, PRIMARY, STREET.replace("residential", "track"))
    graph = siting.read_roads(path)
    other = siting.read_roads(
        path,
        settings=siting.TravelTimeSettings(
            tracks="open", snap_limit_m=50, speed_factors={"track": 0.5}, posted_factor=1.0
        ),
    )
    places = [(117.4, 40.005)], [(117.4, 40.003)]
    assert graph.travel_times(*places)[0, 0] < 1  # both are laid on the end of the primary road
    assert other.travel_times(*places)[0, 0] == pytest.approx(0.2224 * 60 / 7.5, rel=0.01)
    assert graph.snap(117.401, 40.002).located.tolist() == [True]
    assert other.snap(117.401, 40.002).located.tolist() == [False]


def test_a_compact_layer_says_that_it_lacks_the_tracks(tmp_path):
    path = write(tmp_path, NODES, PRIMARY, STREET.replace("residential", "track"))
    for tracks, told in (("closed", {"R156"}), ("open", set())):
        write_road_layer(read_roads(path, tracks=tracks), tmp_path / "roads.gpkg")
        assert set(notes(read_roads(tmp_path / "roads.gpkg", tracks="open"))) & {"R156"} == told


def test_a_duration_that_cannot_be_read_is_told(tmp_path):
    ferry = PRIMARY.replace("</way>", '<tag k="duration" v="1h30"/></way>')
    assert "R925" not in notes(read_roads(write(tmp_path, NODES, ferry, STREET)))
    ferry = ferry.replace('k="highway" v="primary"', 'k="route" v="ferry"')
    layer = read_roads(write(tmp_path, NODES, ferry, STREET))
    assert "of 1 ferries or car trains cannot be read (1h30)" in notes(layer)["R925"].action


def test_access_that_is_not_understood_is_told(tmp_path):
    """`No` is no in whatever letters; `forbidden` is no word of OpenStreetMap's."""
    closed = PRIMARY.replace("</way>", '<tag k="access" v="No"/></way>')
    other = STREET.replace("</way>", '<tag k="motor_vehicle" v="forbidden"/></way>')
    layer = read_roads(write(tmp_path, NODES, closed, other))
    assert layer.edges["way"].tolist() == [11]
    assert "of 1 ways is not understood (forbidden)" in notes(layer)["R926"].action


def test_a_private_gate_lets_nobody_pass_through(tmp_path):
    """A round trip of two streets, with the gate on the shorter; behind it one may come and go."""
    gate = '<tag k="barrier" v="gate"/><tag k="access" v="private"/></node>'
    nodes = NODES.replace(
        '<node id="2" lat="40.002" lon="117.4"/>', f'<node id="2" lat="40.002" lon="117.4">{gate}'
    )
    nodes += '<node id="6" lat="40.002" lon="117.41"/><node id="7" lat="40.0" lon="117.4"/>'
    way = '<way id="{}">{}<tag k="highway" v="residential"/></way>'
    ways = [
        way.format(number, "".join(f'<nd ref="{ref}"/>' for ref in refs))
        for number, refs in ((8, (7, 1)), (9, (1, 6, 3)), (10, (1, 2, 3)), (11, (3, 4)))
    ]
    layer = read_roads(write(tmp_path, nodes, *ways))
    assert layer.edges.groupby("way")["through"].all().to_dict() == {8: True, 9: True, 10: False, 11: True}
    graph = build_graph(layer)
    start, end, behind = ((117.4, lat) for lat in (40.0, 40.004, 40.0018))
    past, near = (graph.paths([start], [place], weight="metres")["metres"][0] for place in (end, behind))
    assert past > 1700
    assert near == pytest.approx(200, abs=1)
    path = tmp_path / "compact.gpkg"
    write_road_layer(layer, path)
    assert read_roads(path).edges["through"].tolist() == layer.edges["through"].tolist()


def test_a_ferry_takes_as_long_as_it_says(tmp_path):
    """0.22 km in 12 minutes; one without a figure goes at the speed of its class."""
    ferry = PRIMARY.replace('k="highway" v="primary"', 'k="route" v="ferry"')
    stated = ferry.replace("</way>", '<tag k="duration" v="PT12M"/></way>')
    other = ferry.replace('"10"', '"12"').replace('ref="1"', 'ref="5"')
    far = stated.replace('"10"', '"13"').replace('ref="1"', 'ref="4"').replace("PT12M", "PT0H0M1S")
    edges = read_roads(write(tmp_path, NODES, stated, STREET, other, far)).edges
    by_way = edges.groupby("way")
    minutes = (edges["length_m"] * 0.06 / edges["speed_kmh"]).groupby(edges["way"]).sum()
    assert minutes[10] == pytest.approx(12)
    assert by_way["speed_kmh"].first().loc[[12, 13]].tolist() == [5, 5]
    assert by_way["speed_basis"].first().astype(str).tolist() == ["stated", "class", "class", "class"]


@pytest.mark.parametrize(
    ("parts", "english", "chinese"),
    [
        (
            (PRIMARY, STREET),
            "2 ways read: 2 its points are missing in the file; 5 points missing); export the ways together",
            "读取 2 条：2 条文件中缺少其节点；缺少 5 个节点）；请将道路连同节点",
        ),
        (
            (NODES, PRIMARY.replace("primary", "footway"), STREET.replace("residential", "steps")),
            "2 ways read: 2 not for cars (highway=footway, highway=steps)); roads for cars have a class",
            "读取 2 条：2 条不通汽车 (highway=footway, highway=steps)）；汽车道路应有",
        ),
        (
            (NODES,),
            "0 ways read: no way with a tag highway, or route=ferry); export ways",
            "读取 0 条：没有带",
        ),
        ((), "0 ways read: no way with a tag highway", "读取 0 条"),
    ],
)
def test_a_refusal_counts_reasons_and_gives_advice_that_fits(tmp_path, parts, english, chinese):
    with pytest.raises(InputError) as refused:
        read_roads(write(tmp_path, *parts))
    assert english in str(refused.value)
    assert chinese in refused.value.message_zh


def test_a_bounding_box_that_misses_all_is_named(tmp_path):
    with pytest.raises(InputError, match=r"2 outside the bounding box .*; the bounding box is west, south"):
        read_roads(write(tmp_path, NODES, PRIMARY, STREET), bbox=(1, 1, 2, 2))


@pytest.mark.parametrize(
    "name", ["map.osm.xz", "map.osm.zst", "map.osm.7z", "map.osm.pbf.rar", "map.OSM.XZ", "map.gz"]
)
def test_other_packed_files_are_to_be_unpacked(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(lzma.compress(b"<osm/>"))
    with pytest.raises(InputError, match=r"is packed .*; unpack it first"):
        read_roads(path)


def test_a_zip_with_an_extract_is_to_be_unpacked(tmp_path):
    import zipfile

    path = tmp_path / "map.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/map.osm", "<osm/>")
    with pytest.raises(InputError, match=r"map\.zip: is packed \(map\.osm\); unpack it first"):
        read_roads(path)


WHOLE = f'<osm version="0.6">{NODES}{PRIMARY}</osm>'
CHANGE = f"<osmChange version='0.6'><create>{NODES}</create><modify>{PRIMARY}</modify></osmChange>"


@pytest.mark.parametrize("name", ["town.osm", "town.osc", "town.osm.gz", "town.osc.gz"])
def test_a_change_file_is_no_extract(tmp_path, name):
    content = CHANGE.encode("utf-8")
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with pytest.raises(InputError, match=rf"{re.escape(name)}: is a change file.*apply-changes") as caught:
        read_roads(tmp_path / name)
    assert "是变更文件" in caught.value.message_zh


@pytest.mark.parametrize(
    ("content", "english", "chinese"),
    [
        ('{"elements": []}', "XML in UTF-8 .in Overpass", "Overpass 用 [out:xml]"),
        ("<html><body>error: too busy</body></html>", "XML in UTF-8 .in Overpass", "Overpass 用 [out:xml]"),
        (WHOLE.replace(' version="0.6"', ""), 'version 0.6.*<osm version="0.6">', "0.6 版"),
        (WHOLE.replace("40.001", "40,001"), "decimal point", "小数点"),
        (WHOLE.replace('<node id="1"', '<node id="a1"'), "whole numbers", "整数"),
    ],
)
def test_what_is_no_extract_is_told_what_would_help(tmp_path, content, english, chinese):
    path = tmp_path / "town.osm"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=english) as caught:
        read_roads(path)
    assert chinese in caught.value.message_zh
    assert "fetch it again." not in str(caught.value)


def test_an_extract_that_calls_itself_incomplete_is_told(tmp_path):
    remark = '<remark> runtime error: Query timed out in "query" at line 3 after 26 seconds. </remark>'
    layer = read_roads(write(tmp_path, NODES, PRIMARY, remark))
    assert "Query timed out" in notes(layer)["E929"].action
    note = STREET.replace("</way>", '<tag k="note" v="error"/></way>')
    assert "E929" not in notes(read_roads(write(tmp_path, NODES, PRIMARY, note)))


def test_a_folder_is_called_one(tmp_path):
    """As a file geodatabase of ArcGIS is."""
    (tmp_path / "roads.gdb").mkdir()
    with pytest.raises(InputError, match=r"roads\.gdb: is a folder"):
        read_roads(tmp_path / "roads.gdb")
