"""Columns that the planner names, and the mapping that a table tells of itself."""

import json

import openpyxl
import pytest

from siting.inputs.places.crs import from_wgs84
from siting.inputs.tables.read_table import read_table
from siting.types import ColumnUse, InputError


@pytest.fixture
def read(tmp_path):
    def reader(text, columns=None, **options):
        path = tmp_path / "a.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path, columns=columns, **{"crs": "WGS84", **options})

    return reader


def test_a_named_column_goes_before_a_known_one(read):
    text = "企业名称,曾用名,经度,纬度,产值,产值估计（亿元）\n虚构甲厂,虚构旧厂,117.4,40.045,5,2\n"
    table = read(text, {"name": "曾用名", "工业总产值": "产值估计（亿元）"})
    assert table.frame[["name", "output_wan"]].values.tolist() == [["虚构旧厂", 20_000]]
    assert {issue.column for issue in table.issues if issue.code == "E314"} == {"企业名称", "产值"}


def test_a_heading_of_nothing_known_is_found_by_the_columns_named(read):
    columns = {"name": "甲方", "lon": "东", "lat": "北", "employees": "人 头"}
    table = read("虚构名单,,,\n甲方,东,北,人头\n虚构甲厂,117.4,40.045,9\n", columns)
    assert table.frame[["name", "lon", "lat", "employees"]].values.tolist() == [
        ["虚构甲厂", 117.4, 40.045, 9]
    ]
    with pytest.raises(InputError, match="no heading row"):
        read("虚构名单,,,\n甲方,东,北,人头\n虚构甲厂,117.4,40.045,9\n")


def test_coordinates_given_go_before_a_better_system_and_before_a_pair_in_one_cell(read):
    x, y = from_wgs84(117.401, 40.045, "GCJ-02")
    text = "企业名称,经度_wgs84,纬度_wgs84,坐标,a_gcj02,b_gcj02\n"
    text += f'虚构甲厂,117.5,40.1,"117.6,40.2",{x},{y}\n'
    table = read(text, {"lon": "a_gcj02", "lat": "b_gcj02"}, crs=None)
    assert table.frame[["lon", "lat"]].values[0] == pytest.approx([117.401, 40.045], abs=1e-6)
    table = read(text, {"lon,lat": "坐标"})
    assert table.frame[["lon", "lat"]].values.tolist() == [[117.6, 40.2]]


def test_the_last_level_of_a_merged_heading_is_enough(tmp_path):
    book = openpyxl.Workbook()
    for row in (["企业名称", "测量", None], [None, "甲", "乙"], ["虚构甲厂", 117.4, 40.045]):
        book.active.append(row)
    book.active.merge_cells("A1:A2")
    book.active.merge_cells("B1:C1")
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", crs="WGS84", columns={"lon": "甲", "lat": "测量/乙"})
    assert table.headings["lat"] == "测量/乙"
    assert len(table.frame) == 1


def test_fields_of_a_layer_may_be_named(tmp_path):
    point = {"type": "Point", "coordinates": [117.4, 40.045]}
    feature = {"type": "Feature", "properties": {"label": "虚构甲厂"}, "geometry": point}
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert read_table(path, columns={"name": "label"}).frame["name"].tolist() == ["虚构甲厂"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"longitude_": "经度"}, "a.csv: no field is called 'longitude_'; nearest: lon"),
        ({"employes": "经度"}, "nearest: employees; fields: id, name"),
        ({"lon": "经渡"}, "no column is headed '经渡'; nearest: 经度; headings seen: 企业名称, 经度"),
        ({"lon": ""}, "no column is headed ''"),
        ({"lon": "经度", "lat": "经度"}, "the column '经度' is given for two fields: lon, lat"),
        ({"name": "备注"}, "the same heading stands twice: '备注'"),
    ],
)
def test_unknown_fields_and_headings_are_refused_with_the_nearest(read, columns, message):
    with pytest.raises(InputError, match=message) as refused:
        read("企业名称,经度,纬度,备注,备注\n虚构甲厂,117.4,40.045,,\n", columns)
    assert refused.value.message_zh != str(refused.value)


def test_the_mapping_shows_three_values_a_column(read):
    rows = "".join(f"虚构{i}厂,117.4{i},40.045,{'甲' * 200},张某\n" for i in range(1, 6))
    table = read("企业名称,经度,纬度,地址,联系人\n小计,,,,\n" + rows)
    assert table.mapping["name"] == ColumnUse("企业名称", ("虚构1厂", "虚构2厂", "虚构3厂"))
    assert table.mapping["lat"] == ColumnUse("纬度", ("40.045",))
    assert [len(value) for value in table.mapping["address"].samples] == [80]
    assert set(table.mapping) == {"name", "lon", "lat", "address"}
