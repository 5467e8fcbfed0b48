"""Polygons of any layer decide a condition; what decides none is refused in one line."""

import json

import geopandas as gpd
import pytest
import shapely

from siting.inputs.sections import RedLines
from siting.inputs.tables.areas.red_lines import read_red_lines
from siting.types import InputError

SQUARE = shapely.box(117.3, 39.9, 117.4, 40.0)


def layer(tmp_path, name="lines.geojson", shapes=(SQUARE,), crs="EPSG:4326", **columns):
    path = tmp_path / name
    frame = gpd.GeoDataFrame({"名称": ["=甲区"] * len(shapes), **columns}, geometry=list(shapes), crs=4326)
    frame.to_crs(crs).to_file(path)
    return path


def test_polygons_come_with_name_and_condition(tmp_path):
    found = read_red_lines(RedLines(file=layer(tmp_path), condition="蓄滞洪区", label="名称"))
    assert found[["condition", "verdict", "name", "file"]].to_numpy().tolist() == [
        ["flood_detention", "fail", "=甲区", "lines.geojson"]
    ]
    assert found["geometry"][0].equals(SQUARE)


def test_a_layer_in_metres_is_put_into_degrees(tmp_path):
    path = layer(tmp_path, "lines.gpkg", crs="EPSG:4527")
    found = read_red_lines(RedLines(file=path, condition="flood_detention"))
    assert found["geometry"][0].symmetric_difference(SQUARE).area < 1e-6
    assert found["name"].tolist() == ["第 1 号图斑"]


def test_a_column_names_the_condition_of_each_polygon(tmp_path):
    path = layer(tmp_path, shapes=(SQUARE, SQUARE), 事项=["蓄滞洪区", "heritage"])
    found = read_red_lines(RedLines(file=path, column="事项"))
    assert found["condition"].tolist() == ["flood_detention", "heritage"]


def test_lines_and_points_are_passed_over(tmp_path):
    path = layer(tmp_path, shapes=(SQUARE, SQUARE.exterior, SQUARE.centroid))
    assert len(read_red_lines(RedLines(file=path, condition="power"))) == 1


def test_a_polygon_that_crosses_itself_is_mended(tmp_path):
    bow = shapely.Polygon([(117, 40), (117.1, 40.1), (117.1, 40), (117, 40.1)])
    found = read_red_lines(RedLines(file=layer(tmp_path, shapes=(bow,)), condition="power"))
    assert shapely.is_valid(found["geometry"][0])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "neither condition nor column"),
        ({"condition": "power", "column": "名称"}, "neither condition nor column"),
        ({"condition": "洪水"}, "“洪水” is no condition"),
        ({"column": "名称"}, "“=甲区” is no condition"),
        ({"condition": "power", "label": "图斑"}, "there is no column 图斑"),
    ],
)
def test_a_layer_that_decides_nothing_is_refused(tmp_path, settings, said):
    with pytest.raises(InputError, match=said):
        read_red_lines(RedLines(file=layer(tmp_path), **settings))


def test_a_layer_without_polygons_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no polygon"):
        read_red_lines(RedLines(file=layer(tmp_path, shapes=(SQUARE.exterior,)), condition="power"))


def test_a_table_is_no_layer(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("name,condition\na,power\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no polygon"):
        read_red_lines(RedLines(file=path, condition="power"))


def test_a_layer_without_a_system_has_to_declare_one(tmp_path):
    path = layer(tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "crs": None}), encoding="utf-8")
    with pytest.raises(InputError):
        read_red_lines(RedLines(file=path, condition="power"))
    assert len(read_red_lines(RedLines(file=path, condition="power", crs="WGS84"))) == 1
