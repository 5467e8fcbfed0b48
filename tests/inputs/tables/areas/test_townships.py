"""Layers of townships: which column names them, what is refused, and what the page makes of them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

import siting
from siting.inputs.tables.areas.townships import read_township_areas
from siting.outputs.page.packed.firms import township_areas
from siting.outputs.page.page_words import page_words
from siting.types import InputError

WEST, EAST = shapely.box(117.0, 39.7, 117.4, 40.3), shapely.box(117.4, 39.7, 117.8, 40.3)


def layer(folder, columns, shapes, *, name="乡镇.geojson", crs="EPSG:4326"):
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_crs(crs)
    frame.to_file(folder / name)
    return folder / name


@pytest.mark.parametrize(
    ("heading", "name", "crs"),
    [
        ("乡镇", "a.geojson", "EPSG:4326"),
        ("名称", "a.gpkg", "EPSG:4549"),  # CGCS2000, 3-degree zone at 120° E, as a bureau hands it over
        ("NAME", "a.gpkg", "EPSG:4326"),
    ],
)
def test_the_column_that_names_townships_is_found(tmp_path, heading, name, crs):
    columns = {"OBJECTID": [1, 2], heading: ["上仓镇", " 邦均镇 "]}
    found = read_township_areas(layer(tmp_path, columns, [WEST, EAST], name=name, crs=crs))
    assert found.frame["town"].tolist() == ["上仓镇", "邦均镇"]
    assert found.headings == {"town": heading}
    assert found.counts["data_rows"] == found.counts["kept"] == 2
    for shape, drawn in zip(found.frame["geometry"], [WEST, EAST], strict=True):
        assert shape.symmetric_difference(drawn).area < 1e-4


@pytest.mark.parametrize(
    ("columns", "shapes", "told"),
    [
        ({"代号": ["a"]}, [WEST], "没有写明乡镇名称的列（现有列：代号）"),
        ({"乡镇": ["上仓镇"]}, [shapely.Point(117, 40)], "图层中没有面"),
        ({"乡镇": ["上仓镇", "", None]}, [WEST, EAST, EAST], "第 2, 3 行没有名称"),
    ],
)
def test_a_layer_that_names_no_township_is_refused(tmp_path, columns, shapes, told):
    with pytest.raises(InputError) as refused:
        read_township_areas(layer(tmp_path, columns, shapes))
    assert told in refused.value.message_zh
    assert "请提供面图层" in refused.value.message_zh


def test_a_table_is_no_layer(tmp_path):
    (tmp_path / "a.csv").write_text("乡镇\n上仓镇\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no polygon"):
        read_township_areas(tmp_path / "a.csv")


def test_given_areas_stand_in_place_of_sketched_ones(tmp_path, base_result):
    """Two parts of one township are one area; a township without enterprises is empty; others are told."""
    columns = {"乡镇": ["上仓镇", "上仓镇", "邦均镇", "无名乡"]}
    north = shapely.box(117.0, 40.3, 117.4, 40.4)
    path = layer(tmp_path, columns, [WEST, north, EAST, shapely.box(118, 40, 118.1, 40.1)])
    study = siting.load(settings={"data.townships": str(path)})
    assert study.inputs.township_areas.index.tolist() == ["上仓镇", "无名乡", "邦均镇"]
    assert study.inputs.township_areas.loc["上仓镇", "geometry"].equals(shapely.union(WEST, north))
    [note] = [issue for issue in study.issues if issue.code == "E911"]
    assert "下营镇" in note.action_zh
    assert "上仓镇" not in note.action_zh
    own = replace(study.inputs.tables["enterprises"], frame=study.inputs.tables["enterprises"].frame.head(9))
    again = [issue for issue in study.with_(enterprises=own).issues if issue.code == "E911"]
    assert len(again) == 1
    assert len(again[0].action_zh) < len(note.action_zh), "of a shorter list fewer townships are lacking"
    evaluation = study.run().evaluation
    made = township_areas(evaluation)
    assert made["sketched"] is False
    n_towns = study.enterprises["town"].nunique()
    assert [len(members) for members in made["towns"]] == [1, 0, 1, *[1] * (n_towns - 2)]
    assert [text == "" for text in made["rings"]] == [False] * 3 + [True] * (n_towns - 2)
    said = page_words(evaluation, {})["townships"]
    assert said["given"].startswith("各乡镇企业的平均单程时间|")
    assert {"", "sketch"}.isdisjoint(said)
    assert evaluation.provenance["files"]["township_areas"]["file"] == "乡镇.geojson"
    assert township_areas(base_result.evaluation)["sketched"] is True
