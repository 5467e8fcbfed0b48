"""Kinds of damage beyond the case files: unmarked encodings, garbled names, units, hidden characters."""

import json
import sqlite3

import openpyxl
import pytest

from siting.inputs.tables.read_table import read_table
from siting.outputs.check.report import check_file
from siting.types import InputError

HEADING = "企业名称,统一社会信用代码,经度,纬度"
ROWS = ("虚构春山酒业有限公司,91120119MAFAKE0198,117.385,39.87", "虚构渔歌食品厂,,117.4,40.045")
REGISTER = "\r\n".join([HEADING, *ROWS, ""])


@pytest.fixture
def read(tmp_path):
    def reader(content, name="t.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read_table(path, **{"crs": "WGS84"} | options)

    return reader


def codes(table):
    return [issue.code for issue in table.issues]


# --- encodings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_although_one_character_has_a_zero_byte(read, encoding):
    table = read(REGISTER.replace(",", "\t").encode(encoding))  # 一 of 统一 is U+4E00
    assert table.encoding == encoding
    assert table.frame["name"].tolist() == ["虚构春山酒业有限公司", "虚构渔歌食品厂"]


@pytest.mark.parametrize(
    ("written", "taken_for"),
    [("utf-8", "gb18030"), ("utf-8", "latin-1"), ("gb18030", "latin-1")],
)
def test_names_decoded_wrongly_once_are_refused_under_english_headings_too(read, written, taken_for):
    body = "name,lng,lat\n虚构春山酒业有限公司,117.385,39.87\n虚构渔歌食品厂,117.4,40.045\n"
    garbled = body.encode(written).decode(taken_for, "replace").encode("utf-8")
    with pytest.raises(InputError, match=r"t\.csv: .*garbled \(seen: name, lng, lat\)"):
        read(garbled)


@pytest.mark.parametrize(
    "name", ["虚构春山酒业有限公司", "虛構漁歌食品廠", "Société fictive à Jixian", "虚构䶮泉"]
)
def test_sound_names_under_english_headings_are_read(read, name):
    table = read(f"name,lng,lat\n{name},117.385,39.87\n")
    assert table.frame["name"].tolist() == [name]


def test_the_mark_of_old_programs_at_the_end_is_no_row(read):
    table = read(REGISTER + "\x1a")
    assert table.counts == {"data_rows": 2, "kept": 2, "set_aside": 0, "ignored_lines": 1}


# --- headings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "factor"),
    [
        ("产值（元）", 1e-4),
        ("产值（人民币元）", 1e-4),
        ("产值（人民币：万元）", 1),
        ("产值（￥万元）", 1),
        ("产值 元", 1e-4),
        ("产值万元", 1),
        ("工业总产值亿元", 1e4),
        ("产值（万元/年）", 1),
        ("产值（现价，千元）", 0.1),
        ("产值（计量单位:亿元）", 1e4),
        ("产值（十万元）", 10),
        ("产值（加元）", None),
        ("产值（十亿元）", None),
        ("产值（千美元）", None),
    ],
)
def test_unit_of_money_in_the_heading(read, heading, factor):
    table = read(f"企业名称,经度,纬度,{heading}\n虚构厂,117.4,40.045,100\n")
    value = table.frame["output_wan"].iloc[0]
    assert value == pytest.approx(100 * factor) if factor else value != value
    assert ("E220" in codes(table)) == (factor is None)


@pytest.mark.parametrize(
    ("title", "heading", "factor"),
    [
        ("计量单位：千元、人", "产值", 0.1),
        ("填报单位：某县统计局　金额单位：元　面积单位：亩", "产值", 1e-4),
        ("（单位：万元）", "产值", 1),
        ("计量单位：千元", "产值（亿元）", 1e4),
        ("单位：千元，元", "产值", None),
        ("填报单位：某公司", "产值", None),
        ("单位：十亿元", "产值", 0),
    ],
)
def test_unit_of_money_above_the_heading(read, title, heading, factor):
    """One that is unclear is not chosen; one that cannot be converted costs the figures."""
    above = f'某县企业一览表,,,\n"{title}",,,\n'
    table = read(f"{above}企业名称,经度,纬度,{heading}\n虚构厂,117.4,40.045,100\n")
    value = table.frame["output_wan"].iloc[0]
    assert (value == pytest.approx(100 * (factor or 1))) if factor != 0 else value != value
    assert ("E311" in codes(table)) == (factor is None)
    assert ("E220" in codes(table)) == (factor == 0)


def test_unit_of_money_above_a_sheet(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["基本情况"],
        ["单位：", "千元"],
        ["企业名称", "经度", "纬度", "营业收入"],
        ["虚构厂", 117.4, 40.0, 52],
    ):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", crs="WGS84")
    assert table.frame["revenue_wan"].tolist() == [5.2]
    assert "E310" in codes(table)


def test_blank_names_at_the_end_of_the_heading_alone_damage_no_row(read):
    table = read(REGISTER.replace(HEADING, HEADING + ",,,"))
    assert table.counts["kept"] == 2
    assert "E327" not in codes(table)


def test_cells_without_a_heading_are_told(read):
    table = read("企业名称,经度,纬度,\n虚构厂,117.4,40.045,x\n虚构二厂,117.41,40.045,\n")
    note = next(issue for issue in table.issues if issue.code == "E327")
    assert table.counts["kept"] == 2
    assert note.action.endswith(": 4")


def test_a_note_on_unused_columns_stays_short(read):
    names = [f"附加{i}" for i in range(399)]
    table = read(",".join(["企业名称,经度,纬度", *names]) + "\n虚构厂,117.4,40.045" + ",v" * 399 + "\n")
    note = next(issue for issue in table.issues if issue.code == "E313")
    assert "附加29 … (399)" in note.action
    assert len(note.action) < 400


@pytest.mark.parametrize("cut", ["企业名", "企业名称"])
def test_field_names_as_shapefiles_cut_them(read, cut):
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [117.4, 40.045]}}
    properties = {cut: "虚构厂", "从业人": 5, "统一社会信": "91120119MAFAKE0198", "法定代": "某人"}
    layer = {"type": "FeatureCollection", "features": [feature | {"properties": properties}]}
    table = read(json.dumps(layer), "t.geojson", crs=None)
    assert table.frame[["name", "uscc", "employees"]].to_numpy().tolist() == [
        ["虚构厂", "91120119MAFAKE0198", 5]
    ]
    assert [issue.column for issue in table.issues if issue.code == "E312"] == ["法定代"]


# --- lines ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line", ["甲,乙,1,2,3", "A,B,C,1,2", "1,2,3,4,5", "甲,,1,2,3", "（1）,（2）,（3）,（4）,（5）"]
)
def test_a_row_that_numbers_the_columns_is_no_firm(read, line):
    table = read(f"{HEADING},从业人员\n{line}\n虚构厂,,117.4,40.045,30\n")
    assert table.counts == {"data_rows": 1, "kept": 1, "set_aside": 0, "ignored_lines": 1}
    assert [(i.row, i.action) for i in table.issues if i.code == "E324"] == [(2, "ignored: column numbers")]


@pytest.mark.parametrize("line", ["1,2,4,5,6", "甲,3,1,2,3", "甲厂,,1,2,3"])
def test_other_small_numbers_are_set_aside_and_told(read, line):
    table = read(f"{HEADING},从业人员\n{line}\n虚构厂,,117.4,40.045,30\n")
    assert table.set_aside["row"].tolist() == [2]


@pytest.mark.parametrize("line", ["一、上仓镇", "（二）渔阳镇", "上仓镇（12家）", "十一、开发区(共3家)"])
def test_a_title_above_a_group_of_rows_is_no_firm(read, line):
    table = read(f"{HEADING}\n{line},,,\n虚构厂,,117.4,40.045\n")
    assert table.counts == {"data_rows": 1, "kept": 1, "set_aside": 0, "ignored_lines": 1}
    assert [(i.row, i.action) for i in table.issues if i.code == "E324"] == [(2, "ignored: group title")]


@pytest.mark.parametrize("line", ["虚构二厂,,,", "一虚构厂,,,", "一、虚构厂,91120119MAFAKE0198,,"])
def test_a_firm_with_nothing_but_its_name_is_set_aside(read, line):
    table = read(f"{HEADING}\n{line}\n虚构厂,,117.4,40.045\n")
    assert table.set_aside[["row", "reason"]].to_numpy().tolist() == [[2, "E103"]]


# --- cells ----------------------------------------------------------------------------------------------


def test_hidden_characters_do_not_cost_a_value(read):
    row = "虚构厂,91120119MAFAKE0198\u200b,\u200b117.4,40.045\u202c,32\u200b0"
    table = read(f"{HEADING},从业人员\n{row}\n")
    assert table.frame[["uscc", "lon", "lat", "employees"]].to_numpy().tolist() == [
        ["91120119MAFAKE0198", 117.4, 40.045, 320]
    ]
    assert {"E202", "E203", "E209"} <= set(codes(table))


@pytest.mark.parametrize("text", ["3²", "½", "①2", "5₂"])
def test_raised_digits_and_fractions_are_no_other_number(read, text):
    table = read(f"企业名称,经度,纬度,从业人员\n虚构厂,117.4,40.045,{text}\n")
    assert table.frame["employees"].isna().all()
    assert "E205" in codes(table)


def test_no_authority_has_the_number_zero(read):
    table = read(f"{HEADING}\n虚构厂,{'0' * 18},117.4,40.045\n")
    assert table.frame["uscc"].isna().all()


def test_closed_enterprises_stay_and_are_named(read):
    states = ["注销", "存续（在营、开业、在册）", "吊销，未注销", ""]
    rows = [f"虚构{i}厂,{state},117.4{i},40.045" for i, state in enumerate(states)]
    table = read("企业名称,登记状态,经度,纬度\n" + "\n".join(rows) + "\n")
    assert table.counts["kept"] == 4
    assert [issue.row for issue in table.issues if issue.code == "E328"] == [2, 4]


@pytest.mark.parametrize(
    ("system", "kept"),
    [
        ("百度地图(BD-09)", True),
        ("火星坐标系（GCJ-02）", True),
        ("WGS84（GCJ-02）", False),
        ("CGCS2000(三度带)", False),
    ],
)
def test_a_system_named_twice_counts_if_both_names_agree(read, system, kept):
    table = read(f"企业名称,坐标系,经度,纬度\n虚构厂,{system},117.4,40.045\n", crs="column")
    assert len(table.frame) == kept


def test_geopackage_without_a_system_is_not_guessed(tmp_path):
    import geopandas as gpd

    path = tmp_path / "t.gpkg"
    points = gpd.points_from_xy([117.4], [40.045])
    gpd.GeoDataFrame({"企业名称": ["虚构厂"]}, geometry=points, crs=4326).to_file(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_spatial_ref_sys SET organization = 'GDAL' WHERE srs_id = 4326")
    database.close()
    refused = check_file(path, lang="en")
    assert refused.json["outcome"] == "refused"
    assert "not declared" in refused.text
    assert check_file(path, crs="WGS84").json["counts"]["kept"] == 1
