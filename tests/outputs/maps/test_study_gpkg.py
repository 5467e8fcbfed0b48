"""`study.gpkg`: all layers in Chinese, their styles for QGIS, systems on request, the same bytes."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import geopandas as gpd
import pyogrio
import pytest
from defusedxml.ElementTree import fromstring

from siting.outputs.maps.study_gpkg import study_gpkg
from siting.types import InputError
from tests.outputs import toy
from tests.outputs.maps.test_offline_map import HOSTILE

LAYERS = ["县界（示意）", "道路", "等时圈", "企业", "乡镇", "送检流向线", "备选场址"]


@pytest.fixture(scope="module")
def evaluation():
    base = toy.evaluation()
    trips = replace(base.evidence.trips, city_trips=base.evidence.trips.trips / 4)
    return replace(base, evidence=replace(base.evidence, trips=trips))


def written(tmp_path, content):
    path = tmp_path / "study.gpkg"
    path.write_bytes(content)
    return path


def test_layers_and_columns_are_chinese_and_codes_are_words(evaluation, tmp_path):
    path = written(tmp_path, study_gpkg(evaluation))
    assert [name for name, _ in pyogrio.list_layers(path)] == [*LAYERS, "layer_styles"]
    sites = gpd.read_file(path, layer="备选场址")
    assert set(sites["方案名称"]) == {names[0] for names in toy.SITES.values()}
    assert set(sites["方案类型"]) == {"新建"}
    assert set(sites["否决性指标"]) == {"不通过", "待核实"}
    firms = gpd.read_file(path, layer="企业")
    assert len(firms) == toy.N_FIRMS
    assert set(firms["数据性质"]) == {"演示数据", "有据可查"}
    for layer in LAYERS:
        columns = gpd.read_file(path, layer=layer).columns.drop("geometry")
        assert [column for column in columns if column.isascii()] == []


def test_styles_are_those_that_qgis_looks_for(evaluation, tmp_path):
    path = written(tmp_path, study_gpkg(evaluation))
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT f_table_name, f_geometry_column, styleQML, useAsDefault FROM layer_styles"
        ).fetchall()
        geometry = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        assert ("layer_styles", "attributes") in database.execute(
            "SELECT table_name, data_type FROM gpkg_contents"
        ).fetchall()
    assert [row[0] for row in rows] == LAYERS
    for layer, column, text, is_default in rows:
        assert (column, is_default) == (geometry[layer], 1)
        style = fromstring(text)
        renderer = style.find("renderer-v2")
        symbols = renderer.findall("symbols/symbol")
        assert symbols
        columns = set(gpd.read_file(path, layer=layer).columns)
        label = style.find("labeling/settings/text-style")
        assert label is None or label.get("fieldName") in columns
        if renderer.get("type") == "categorizedSymbol":
            values = gpd.read_file(path, layer=layer)[renderer.get("attr")]
            shown = {category.get("value") for category in renderer.findall("categories/category")}
            assert {f"{v:g}" if isinstance(v, float) else v for v in values} <= shown
            assert len(symbols) == len(shown)


@pytest.mark.parametrize(("crs", "code"), [("WGS84", 4326), ("CGCS2000", 4490), ("EPSG:4548", 4548)])
def test_layers_come_in_the_system_asked_for(evaluation, tmp_path, crs, code):
    path = written(tmp_path, study_gpkg(evaluation, crs))
    sites = gpd.read_file(path, layer="备选场址")
    assert sites.crs.to_epsg() == code
    at = sites.to_crs(4326).geometry.iloc[0]
    assert (at.x, at.y) == pytest.approx(toy.SITES["shangcang"][2:], abs=1e-6)


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "nonsense"])
def test_a_system_that_a_file_cannot_state_is_refused(evaluation, crs):
    with pytest.raises(InputError, match=r"GeoPackage|unknown coordinate system"):
        study_gpkg(evaluation, crs)


def test_the_same_result_gives_the_same_bytes(evaluation):
    assert study_gpkg(evaluation) == study_gpkg(evaluation)


def test_hostile_names_stay_text(evaluation, tmp_path):
    hostile = toy.with_text(evaluation, HOSTILE)
    path = written(tmp_path, study_gpkg(hostile))
    names = set(gpd.read_file(path, layer="企业")["企业名称"])
    assert {HOSTILE[0], HOSTILE[4], HOSTILE[7]} <= names
    with closing(sqlite3.connect(path)) as database:
        for (text,) in database.execute("SELECT styleQML FROM layer_styles"):
            fromstring(text)
