"""Lines that forms put around their rows: units, totals by township, signatures, feet of pages."""

import openpyxl
import pytest

from siting.inputs.tables.read_table import read_region, read_table
from tests.paths import ROOT

HEAD = "企业名称,统一社会信用代码,从业人员,工业总产值,营业收入,经度,纬度"
FIRM = "虚构甲厂,91120119MAFAKE0198,3,52,1.5,117.401,40.045"


@pytest.fixture
def read(tmp_path):
    def reader(*lines, **options):
        path = tmp_path / "a.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        return read_table(path, **{"crs": "WGS84"} | options)

    return reader


def told(table, code):
    return [(issue.row, issue.action) for issue in table.issues if issue.code == code]


UNITS = {
    "plain": ",,人,千元,亿元,°,°",
    "in brackets": ",,（人）,（千元）,（亿元）,（度）,（度）",
    "beside a label": "计量单位,,人,千元,亿元,度,度",
    "with dashes": "—,—,人,千元,亿元,—,—",
    "with a label each": ",,单位：人,单位：千元,单位：亿元,,",
}


@pytest.mark.parametrize("units", UNITS.values(), ids=UNITS)
@pytest.mark.parametrize("above", [(), ("甲,乙,1,2,3,4,5",)], ids=["", "below column numbers"])
def test_a_row_of_units_states_the_unit_of_each_column(read, units, above):
    table = read(HEAD, *above, units, FIRM)
    assert table.frame[["employees", "output_wan", "revenue_wan"]].to_numpy().tolist() == [[3, 5.2, 15000]]
    assert table.counts == {"data_rows": 1, "kept": 1, "set_aside": 0, "ignored_lines": 1 + len(above)}
    assert not told(table, "E311")
    assert len(told(table, "E310")) == 2


def test_a_row_of_units_goes_before_a_title_and_after_a_heading(read):
    head = HEAD.replace("工业总产值", "工业总产值（万元）")
    table = read("单位：亿元,,,,,,", head, ",,百人,千元,千元,,", FIRM)
    figures = table.frame[["employees", "output_wan", "revenue_wan"]].to_numpy()[0]
    assert figures == pytest.approx([300, 52, 0.15])


def test_a_unit_that_is_none_of_money_makes_the_figures_missing(read):
    table = read(HEAD, ",,人,%,万元,,", FIRM)
    assert table.frame["output_wan"].isna().all()
    assert table.frame["revenue_wan"].tolist() == [1.5]


@pytest.mark.parametrize("name", ["同上", "〃", " 同前 "])
def test_a_ditto_is_no_name(read, name):
    table = read(HEAD, FIRM, f"{name},,3,,,117.385,39.87")
    assert [(i.row, i.code) for i in table.issues if i.severity == "set_aside"] == [(3, "E102")]


TOTALS = ("渔阳镇小计", "全县总计", "规上企业合计：2家", "以上合计", "总 数", "其中：规上", "共计（2户）")


@pytest.mark.parametrize("name", TOTALS)
def test_a_sum_under_any_name_is_no_firm(read, name):
    table = read(HEAD, FIRM, f"{name},,9,9,9,,")
    assert told(table, "E324") == [(3, "ignored: total")]
    assert table.counts["data_rows"] == 1


def test_sums_of_townships_are_not_placed_there(read):
    region = read_region(None, ROOT / "data" / "raw" / "places.csv")
    lines = ("渔阳镇,虚构甲厂,30", "渔阳镇,渔阳镇小计,30", "全县,全县总计,30")
    table = read("所属乡镇,企业名称,从业人员", *lines, region=region, locate="town")
    assert table.frame["name"].tolist() == ["虚构甲厂"]
    assert [row for row, _ in told(table, "E324")] == [3, 4]


def test_a_firm_with_a_code_or_a_place_is_no_sum(read):
    table = read(HEAD, "虚构合计,91120119MAFAKE0198,3,,,,", "虚构总计,,3,,,117.401,40.045")
    assert table.counts["data_rows"] == 2


FEET = {
    "单位负责人：张某,,填表人：李某,,,报出日期：2025年1月10日,": "signature",
    ",,,,,,2025年1月10日": "signature",
    "2025年1月,,,,,,": "signature",
    "第 2 页 共 3 页,,,,,,": "note",
    "第2页,共3页,,,,,": "note",
    "（续表）,,,,,,": "note",
    "——以下空白——,,,,,,": "note",
}


@pytest.mark.parametrize(("line", "kind"), FEET.items(), ids=FEET)
def test_feet_of_pages_and_signatures_are_no_rows(read, line, kind):
    table = read(HEAD, FIRM, line)
    assert told(table, "E324") == [(3, f"ignored: {kind}")]
    assert table.counts["data_rows"] == 1


def test_a_figure_merged_over_several_firms_is_nobodys(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["企业名称", "从业人员", "年份", "经度", "纬度"],
        ["虚构甲厂", 30, 2024, 117.401, 40.045],
        ["虚构乙厂", None, None, 117.385, 39.87],
        ["虚构丙厂", 8, None, 117.42, 40.03],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    sheet.merge_cells("C2:C4")
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", crs="WGS84")
    assert table.frame["employees"].isna().tolist() == [True, True, False]
    assert table.frame["year"].tolist() == [2024, 2024, 2024]
    assert [(i.row, i.column, i.value) for i in table.issues if i.code == "E922"] == [
        (2, "从业人员", "30"),
        (3, "从业人员", "30"),
    ]
