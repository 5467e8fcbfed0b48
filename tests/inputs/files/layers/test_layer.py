"""Layers → rows with geometries: GeoJSON, GeoPackage, zipped shapefile, and files that pretend to be one."""

import json
import sqlite3
import struct
import warnings
import zipfile
from contextlib import closing

import geopandas as gpd
import pytest
from shapely import LineString, MultiPoint, Point, Polygon

from siting.inputs.files.layers.shapefile import _index
from siting.inputs.files.opener import read_raw
from siting.inputs.tables.read_table import read_table
from siting.types import InputError

KNOWN = {"name", "id", "企业名称", "企业名", "从业人员", "highway"}


def is_heading(cells):
    return sum(cell in KNOWN for cell in cells)


def read(path, **options):
    table = read_raw(path, is_heading=is_heading, **options)
    return table, list(table.chunks())


def refused(path, message, **options):
    with pytest.raises(InputError, match=message) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(path.name)


# --- GeoJSON --------------------------------------------------------------------------------------------


def collection(*features, **members):
    return {"type": "FeatureCollection", "features": list(features)} | members


def feature(geometry=None, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(*coordinates):
    return {"type": "Point", "coordinates": list(coordinates)}


def geojson(tmp_path, document, name="sites.geojson"):
    path = tmp_path / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("member", "crs"),
    [
        ({"type": "EPSG", "properties": {"code": 4490}}, "EPSG:4490"),
        ({"type": "epsg", "properties": {"code": "4548"}}, "EPSG:4548"),
        (
            {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
            "urn:ogc:def:crs:OGC:1.3:CRS84",
        ),
        ({"type": "OGC", "properties": {"urn": "urn:ogc:def:crs:EPSG::4326"}}, "urn:ogc:def:crs:EPSG::4326"),
        (None, None),
    ],
)
def test_the_crs_member_in_its_old_and_new_forms(tmp_path, member, crs):
    document = collection(feature(point(117.4, 40.0), name="虚构甲地"), crs=member)
    assert read(geojson(tmp_path, document))[0].crs == crs


def test_features_become_rows_by_position(tmp_path):
    document = collection(
        feature(point(117.4, 40.0), id="S1", name="虚构甲地", area=12.0, count=3, open=True, note=None),
        feature(point(117.5, 40.1, 32.5), id="S2", name="", tags=["a", "b"]),
        {"type": "Feature", "id": 7, "geometry": point(117.6, 40.2), "properties": {"name": "虚构丙地"}},
    )
    table, (chunk,) = read(geojson(tmp_path, document))
    assert table.headings == ("id", "name", "area", "count", "open", "note", "tags")
    assert (table.kind, table.crs, table.heading_rows, table.sheet) == ("layer", "WGS84", (0, 0), None)
    assert chunk.row_numbers.tolist() == [1, 2, 3]
    assert chunk.columns == [
        ["S1", "S2", "7"],
        ["虚构甲地", "", "虚构丙地"],
        ["12", "", ""],
        ["3", "", ""],
        ["TRUE", "", ""],
        ["", "", ""],
        ["", '["a", "b"]', ""],
    ]
    assert chunk.odd == {(1, 4): "boolean", (2, 6): "list"}
    assert chunk.numeric[0].tolist() == [False, False, True]
    assert chunk.geometry == [Point(117.4, 40.0), Point(117.5, 40.1), Point(117.6, 40.2)]
    assert [(issue.code, issue.row) for issue in table.notes] == [("E007", 2)]


@pytest.mark.parametrize(
    ("geometry", "fault"),
    [
        (None, "null"),
        (point(), "empty"),
        (point(117.4), "malformed"),
        (point("117.4", "40.0"), "malformed"),
        (point([117.4, 40.0]), "malformed"),
        (point(float("nan"), 40.0), "not_finite"),
        (point(float("inf"), 40.0), "not_finite"),
        (point(None, 40.0), "malformed"),
        (point(True, 40.0), "malformed"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "malformed"),
        ({"type": "LineString", "coordinates": [[117.4, 40.0]]}, "malformed"),
        ({"type": "Circle", "coordinates": [117.4, 40.0]}, "malformed"),
        ({"type": "Point"}, "malformed"),
        ({"type": ["Point"]}, "malformed"),
        ("POINT (1 2)", "malformed"),
        ([117.4, 40.0], "malformed"),
    ],
)
def test_geometries_that_place_nothing(tmp_path, geometry, fault):
    document = collection(feature(geometry, name="虚构甲地"), feature(point(117.4, 40.0), name="虚构乙地"))
    _, (chunk,) = read(geojson(tmp_path, document))
    assert chunk.geometry == [None, Point(117.4, 40.0)]
    assert chunk.geometry_faults == {1: fault}
    assert chunk.columns[0] == ["虚构甲地", "虚构乙地"]


def test_several_points_lines_areas_and_bow_ties_are_handed_over(tmp_path):
    bow = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]
    shapes = [
        {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]},
        {"type": "LineString", "coordinates": [[1, 2, 5], [3, 4, 5]]},
        {"type": "Polygon", "coordinates": [bow]},
        {"type": "GeometryCollection", "geometries": [point(1, 2)]},
    ]
    _, (chunk,) = read(geojson(tmp_path, collection(*(feature(shape, name="x") for shape in shapes))))
    assert chunk.geometry[:3] == [MultiPoint([(1, 2), (3, 4)]), LineString([(1, 2), (3, 4)]), Polygon(bow)]
    assert chunk.geometry[3].geoms[0] == Point(1, 2)
    assert chunk.geometry_faults == {3: "invalid"}


def test_metres_without_a_crs_member_carry_no_system(tmp_path):
    features = [feature(None, name="甲"), feature(point(39532938.9, 4415165.6), name="乙")]
    assert read(geojson(tmp_path, collection(*features)))[0].crs is None


@pytest.mark.parametrize(
    ("members", "crs"),
    [
        ({}, "WGS84"),
        ({"crs": None}, None),
        (
            {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4527"}}},
            "urn:ogc:def:crs:EPSG::4527",
        ),
    ],
)
def test_the_coordinate_system_a_geojson_carries(tmp_path, members, crs):
    assert read(geojson(tmp_path, collection(feature(point(1, 2), name="x"), **members)))[0].crs == crs


def test_geojson_in_gb18030_and_lone_surrogates(tmp_path):
    path = tmp_path / "a.geojson"
    text = json.dumps(collection(feature(point(1, 2), 企业名称="虚构甲厂")), ensure_ascii=False)
    path.write_bytes(text.encode("gb18030"))
    table, (chunk,) = read(path)
    assert (table.encoding, chunk.columns) == ("gb18030", [["虚构甲厂"]])
    assert [issue.code for issue in table.notes] == ["E001"]
    path.write_bytes(b"{\xff\xff}")
    refused(path, "neither UTF-8 nor GB18030")
    _, (chunk,) = read(geojson(tmp_path, collection(feature(point(1, 2), name="a\ud800b"))))
    assert chunk.damaged == {1: "undecodable"}
    assert "\ud800" not in chunk.columns[0][0]


def test_repeated_keys_count_and_a_feature_that_is_none_is_damaged(tmp_path):
    text = (
        '{"type": "FeatureCollection", "features": [5, {"type": "Feature", '
        '"properties": {"name": "a", "name": "b"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}]}'
    )
    table, (chunk,) = read(geojson(tmp_path, text))
    assert chunk.columns == [["", "b"]]
    assert chunk.damaged == {1: "malformed"}
    assert [issue.code for issue in table.notes] == ["E008"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not sound GeoJSON: .* in line 1, column 2"),
        ('{"type": "FeatureCollection", "features": [', "not sound GeoJSON"),
        ('{"type": "Topology"}', "no GeoJSON FeatureCollection"),
        ("[1, 2]", "no GeoJSON FeatureCollection"),
        (collection(), "holds no features; export the layer again"),
        (collection(feature(point(1, 2), foo=1, bar=2)), r"no known field .*seen: foo, bar"),
        (collection(feature(point(1, 2), name="x"), crs="EPSG:4326"), "crs member names no coordinate"),
        (
            collection(feature(point(1, 2), name="x"), crs={"type": "EPSG", "properties": {"code": "x"}}),
            "crs member names no coordinate",
        ),
        (
            collection(feature(point(1, 2), name="x"), crs={"type": "link", "properties": []}),
            "crs member names",
        ),
        (collection(feature(point(1, 2), **{f"f{i}": 1 for i in range(2001)})), "over 2000 different fields"),
        ('{"type": "FeatureCollection", "features": [' + "9" * 5000 + "]}", "a number is too long"),
        ("[" * 200_000, "too deeply nested"),
        ('{"a":' * 200_000, "too deeply nested"),
    ],
)
def test_unsound_geojson_is_refused(tmp_path, document, message):
    refused(geojson(tmp_path, document), message)


@pytest.mark.parametrize("mark", ["", "\x1e", "\ufeff"])
def test_features_one_a_line(tmp_path, mark):
    lines = [json.dumps(feature(point(117.4 + i / 100, 40.0), name=f"虚构{i}地")) for i in range(3)]
    text = "\n".join([mark + lines[0], lines[1], "", '{"type": "Feature", ', lines[2], ""])
    table, (chunk,) = read(geojson(tmp_path, text))
    assert (table.crs, table.headings) == ("WGS84", ("name",))
    assert chunk.columns == [["虚构0地", "虚构1地", "", "虚构2地"]]
    assert chunk.damaged == {3: "malformed"}
    assert chunk.geometry[3] == Point(117.42, 40.0)


def test_a_virtual_layer_under_another_name_is_never_opened(tmp_path):
    (tmp_path / "canary.csv").write_text("CANARY\nx\n", encoding="utf-8")
    source = '<SrcDataSource relativeToVRT="1">CSV:canary.csv</SrcDataSource>'
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="canary">{source}</OGRVRTLayer></OGRVRTDataSource>'
    for name in ("a.geojson", "a.gpkg", "a.shp", "a.csv"):
        refused(geojson(tmp_path, vrt, name), "is a GDAL virtual layer, which only names other files")


# --- GeoPackage -----------------------------------------------------------------------------------------


def frame(crs=4547):
    return gpd.GeoDataFrame(
        {"企业名称": ["虚构甲厂", "虚构乙厂", None], "从业人员": [3, 4, 5], "share": [0.5, None, 2.0]},
        geometry=[Point(117.4, 40.0), None, Point(117.5, 40.0, 3)],
        crs=crs,
    )


def save(table, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table.to_file(path, **options)
    return path


def test_a_geopackage_is_read_from_memory(tmp_path):
    path = save(frame(), tmp_path / "a.gpkg", layer="企业")
    before = path.read_bytes()
    table, (chunk,) = read(path)
    assert (table.sheet, table.crs, table.headings) == (
        "企业", "EPSG:4547", ("fid", "企业名称", "从业人员", "share")
    )  # fmt: skip
    assert chunk.columns[1:] == [["虚构甲厂", "虚构乙厂", ""], ["3", "4", "5"], ["0.5", "", "2"]]
    assert chunk.geometry == [Point(117.4, 40.0), None, Point(117.5, 40.0)]
    assert chunk.geometry_faults == {2: "null"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]
    assert path.read_bytes() == before


def test_a_geopackage_with_a_write_ahead_log_leaves_no_file_behind(tmp_path):
    path = save(frame(), tmp_path / "a.gpkg", layer="企业")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert len(read(path)[1][0].row_numbers) == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.gpkg"]


def test_a_geopackage_may_be_zipped(tmp_path):
    layer, path = save(frame(), tmp_path / "a.gpkg", layer="企业"), tmp_path / "a.gpkg.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(layer, "folder/a.gpkg")
        archive.writestr("readme.txt", "x")
    (table, (chunk,)), (plain, (same,)) = read(path), read(layer)
    assert (table.sheet, table.crs, chunk.geometry) == (plain.sheet, plain.crs, same.geometry)
    with zipfile.ZipFile(path, "a") as archive:
        archive.write(layer, "b.gpkg")
    refused(path, r"nor a single GeoPackage \(b.gpkg, folder/a.gpkg, readme.txt\); give the file inside")


def test_layers_of_a_geopackage_are_asked_about(tmp_path):
    path = save(frame(), tmp_path / "a.gpkg", layer="2010")
    save(frame(), path, layer="2011", mode="a")
    save(gpd.GeoDataFrame({"foo": [1]}, geometry=[Point(0, 0)], crs=4326), path, layer="other", mode="a")
    refused(
        path, "2 layers would do: 2010, 2011; export the right one .* or for a table say which with sheet="
    )
    assert read(path, sheet="2011")[0].sheet == "2011"
    refused(path, "has no layer '2012'; choose one of: 2010, 2011, other", sheet="2012")
    refused(path, "no known field in the layer .*foo", sheet="other")
    refused(save(frame().iloc[:0], tmp_path / "none.gpkg"), "holds no features")


def test_views_and_other_databases_are_no_layers(tmp_path):
    path = tmp_path / "a.gpkg"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE firms (name TEXT)")
        connection.commit()
    refused(path, "is no sound GeoPackage")
    path = save(frame(), tmp_path / "b.gpkg", layer="企业")
    with closing(sqlite3.connect(path)) as connection:
        for trigger, *_ in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("ALTER TABLE 企业 RENAME TO real")
        endless = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS 企业名称, 1 AS geom"
        )
        connection.execute(f"CREATE VIEW 企业 AS {endless} FROM n")
        connection.commit()
    refused(path, "holds no layer of features")


def test_a_table_of_attributes_needs_columns_of_coordinates(tmp_path):
    """What GIS programs write for a sheet without geometry."""
    path = save(frame().iloc[:0], tmp_path / "a.gpkg", layer="空")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE 名单 (fid INTEGER PRIMARY KEY, 企业名称 TEXT, 经度 REAL, 纬度 TEXT)")
        rows = [("虚构甲厂", 117.401, "40.045"), ("虚构乙厂", 117.385, "39.87")]
        connection.executemany("INSERT INTO 名单 (企业名称, 经度, 纬度) VALUES (?, ?, ?)", rows)
        listed = "('名单', 'attributes', '名单')"
        connection.execute(f"INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES {listed}")
        connection.execute("DELETE FROM gpkg_contents WHERE table_name = '空'")
        connection.commit()
    table = read_table(path, crs="WGS84")
    assert table.sheet == "名单"
    assert table.frame[["row", "name", "lon", "lat"]].values.tolist() == [
        [1, *rows[0][:2], 40.045],
        [2, *rows[1][:2], 39.87],
    ]
    with pytest.raises(InputError, match="the coordinate system is not declared"):
        read_table(path)


def test_a_spatialite_database_is_named(tmp_path):
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        for name in ("spatial_ref_sys", "geometry_columns", "firms"):
            connection.execute(f"CREATE TABLE {name} (name TEXT)")
        connection.commit()
    refused(path, "is a SpatiaLite database; export the layer as GeoPackage")


# --- zipped shapefile -----------------------------------------------------------------------------------


def shapefile(tmp_path, *, encoding="GBK", drop=(), rename="{}", table=None):
    """Write a shapefile and zip the parts wanted, under the names wanted."""
    folder = tmp_path / "parts"
    folder.mkdir()
    source = frame() if table is None else table
    save(source, folder / "firms.shp", encoding=encoding)
    path = tmp_path / "firms.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in drop:
                archive.write(part, rename.format(part.name))
    return path


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("drop", [(), (".cpg",), (".cpg", ".prj"), (".shx",), (".cpg", ".shx", ".prj")])
def test_a_zipped_shapefile(tmp_path, encoding, drop):
    path = shapefile(tmp_path, encoding=encoding, drop=drop)
    table, (chunk,) = read(path)
    # The format cuts names at ten bytes.
    cut = {"GBK": ("企业名称", "从业人员"), "UTF-8": ("企业名", "从业人")}
    assert table.headings[:2] == cut[encoding]
    assert chunk.columns[0] == ["虚构甲厂", "虚构乙厂", ""]
    assert chunk.columns[1] == ["3", "4", "5"]
    assert table.encoding == {"GBK": "gb18030", "UTF-8": "utf-8"}[encoding]
    assert (table.crs is None) == (".prj" in drop)
    assert ".prj" in drop or "Gauss_Kruger" in table.crs
    assert ("E009" in {issue.code for issue in table.notes}) == (".shx" in drop)
    assert chunk.geometry == [Point(117.4, 40.0), None, Point(117.5, 40.0)]
    assert chunk.geometry_faults == {2: "null"}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["firms.zip", "parts"]


def test_a_wrong_code_page_is_not_believed(tmp_path):
    path = shapefile(tmp_path, drop=(".cpg",))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("firms.cpg", "ISO 88591")
    table, (chunk,) = read(path)
    assert (table.encoding, chunk.columns[0][0]) == ("gb18030", "虚构甲厂")


@pytest.mark.parametrize(("encoding", "said"), [("UTF-8", "GBK"), ("UTF-8", "936"), ("GBK", "UTF-8")])
def test_known_names_decide_against_a_wrong_code_page(tmp_path, encoding, said):
    path = shapefile(tmp_path, encoding=encoding, drop=(".cpg",))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("firms.cpg", said)
    assert read(path)[1][0].columns[0][:2] == ["虚构甲厂", "虚构乙厂"]


def test_a_name_in_a_third_encoding_is_marked(tmp_path):
    names = ["虚构甲厂", "虚构乙厂", "虚构丙厂"]
    path = shapefile(tmp_path, table=frame().assign(企业名称=names))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["firms.dbf"] = members["firms.dbf"].replace(
        "虚构乙厂".encode("gbk"), b"\xff\xfeabc\x80\x20\x20"[:8]
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    _, (chunk,) = read(path)
    assert chunk.damaged == {2: "undecodable"}


def test_folders_in_the_zip_and_deleted_records(tmp_path):
    path = shapefile(tmp_path, rename="数据/{}")
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    dbf = bytearray(members["数据/firms.dbf"])
    dbf[struct.unpack_from("<H", dbf, 8)[0]] = ord("*")
    members["数据/firms.dbf"] = bytes(dbf)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr("__MACOSX/._firms.shp", "junk")
    table, (chunk,) = read(path)
    assert chunk.row_numbers.tolist() == [2, 3]
    assert "E011" in {issue.code for issue in table.notes}


def test_the_index_is_rebuilt_byte_for_byte(tmp_path):
    with zipfile.ZipFile(shapefile(tmp_path)) as archive:
        assert _index(archive.read("firms.shp")) == archive.read("firms.shx")


@pytest.mark.parametrize(
    ("drop", "rename", "message"),
    [
        ((".dbf",), "{}", "has no .dbf beside its .shp"),
        ((), "../{}", "that leads out of it"),
        ((".shp",), "{}", "archive without a workbook or shapefile"),
    ],
)
def test_unsound_shapefiles_are_refused(tmp_path, drop, rename, message):
    refused(shapefile(tmp_path, drop=drop, rename=rename), message)


def test_two_shapefiles_and_a_bare_one(tmp_path):
    path = shapefile(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        for part in (tmp_path / "parts").iterdir():
            archive.write(part, f"b/{part.name}")
    refused(path, "2 layers would do: firms, b/firms; export")
    assert read(path, sheet="b/firms")[0].headings[0] == "企业名称"


@pytest.mark.parametrize("drop", [(), (".shx",), (".prj", ".cpg")])
def test_a_shapefile_is_read_with_the_parts_beside_it(tmp_path, drop):
    zipped, _ = read(shapefile(tmp_path))
    folder = tmp_path / "parts"
    for part in list(folder.iterdir()):
        if part.suffix in drop:
            part.unlink()
        else:
            part.rename(folder / (part.name.upper() if part.suffix == ".dbf" else part.name))
    (folder / "firms2.dbf").write_bytes(b"x")
    before = {part.name: part.read_bytes() for part in folder.iterdir()}
    table, (chunk,) = read(folder / "firms.shp")
    assert (table.file, table.headings) == ("firms.shp", zipped.headings)
    assert chunk.columns[0] == ["虚构甲厂", "虚构乙厂", ""]
    assert (table.crs is None) == (".prj" in drop)
    assert {part.name: part.read_bytes() for part in folder.iterdir()} == before
    assert read(folder / "firms.shp")[0].sha256 == table.sha256


def test_a_shapefile_alone_is_refused(tmp_path):
    shapefile(tmp_path)
    (tmp_path / "parts" / "firms.dbf").unlink()
    refused(tmp_path / "parts" / "firms.shp", "no .dbf beside its .shp; put all its parts in one folder")


def test_lines_for_roads_keep_their_geometry(tmp_path):
    roads = gpd.GeoDataFrame({"highway": ["primary"]}, geometry=[LineString([(0, 0), (1, 1)])], crs=4326)
    _, (chunk,) = read(shapefile(tmp_path, table=roads))
    assert chunk.geometry == [LineString([(0, 0), (1, 1)])]
