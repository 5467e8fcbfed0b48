"""A sheet a township, read as one table: each row knows its sheet, and every row is accounted for."""

import openpyxl
import pytest

from siting.inputs.tables.read_table import read_table
from siting.outputs.check.report import check_json
from siting.types import InputError

HEAD = ["企业名称", "统一社会信用代码", "经度", "纬度", "从业人员"]
A = ["虚构甲厂", "91120119MAFAKE0198", 117.401, 40.045, 30]
B = ["虚构乙厂", "91120119MAFAKE0273", 117.385, 39.87, 12]
C = ["虚构丙厂", None, 117.42, 40.03, 8]


@pytest.fixture
def read(tmp_path):
    def reader(sheets, **options):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "a.xlsx")
        return read_table(tmp_path / "a.xlsx", **{"crs": "WGS84", "sheet": "all"} | options)

    return reader


def places(table, code):
    return [(issue.sheet, issue.row) for issue in table.issues if issue.code == code]


def test_sheets_of_one_shape_are_one_table(read):
    sheets = {
        "说明": [["填表说明"]],
        "上仓镇": [["上仓镇名单"], HEAD, A, ["合计", None, None, None, 30]],
        "渔阳镇": [HEAD, B, [], C],
    }
    table = read(sheets)
    assert table.frame[["sheet", "row", "name"]].values.tolist() == [
        ["上仓镇", 3, "虚构甲厂"], ["渔阳镇", 2, "虚构乙厂"], ["渔阳镇", 4, "虚构丙厂"]
    ]  # fmt: skip
    assert table.frame.index.is_unique
    assert (table.sheet, table.counts["data_rows"], table.counts["kept"]) == ("上仓镇, 渔阳镇", 3, 3)
    ignored = [("上仓镇", 1), ("上仓镇", 4), ("渔阳镇", 1), ("渔阳镇", 3)]
    assert places(table, "E324") == ignored
    assert table.counts["ignored_lines"] == len(ignored)
    rows = check_json(table)["rows"]
    assert [(row["sheet"], row["row"]) for row in rows] == [("上仓镇", 3), ("渔阳镇", 2), ("渔阳镇", 4)]


def test_columns_in_another_order_are_the_same_columns(read):
    turned = [[row[i] for i in (4, 0, 1, 3, 2)] for row in (HEAD, B)]
    table = read({"一": [HEAD, A], "二": turned})
    assert table.frame[["name", "lon", "employees"]].values.tolist() == [
        ["虚构甲厂", 117.401, 30], ["虚构乙厂", 117.385, 12]
    ]  # fmt: skip


def test_other_shapes_and_sheets_without_rows_are_named(read):
    table = read({"一": [HEAD, A], "二": [HEAD[:4], B[:4]], "三": [HEAD], "四": [HEAD, C]})
    assert table.frame["name"].tolist() == ["虚构甲厂", "虚构丙厂"]
    assert table.sheet == "一, 四"
    (told,) = (issue for issue in table.issues if issue.code == "E017")
    assert told.action.endswith(": 二, 三")


def test_a_repeat_on_another_sheet_names_sheet_and_row(read):
    no_place = ["虚构丁厂", None, None, None, 1]
    table = read({"一": [HEAD, A], "二": [HEAD, A, no_place], "三": [HEAD, no_place]})
    assert table.set_aside[["sheet", "row", "reason"]].values.tolist() == [
        ["二", 2, "E107"], ["二", 3, "E103"], ["三", 2, "E103"]
    ]  # fmt: skip
    (repeat,) = (issue for issue in table.issues if issue.code == "E107")
    assert (repeat.sheet, repeat.row) == ("二", 2)
    assert "repeats row 一!2 " in repeat.action
    assert table.counts == {"data_rows": 4, "kept": 1, "set_aside": 3, "ignored_lines": 2}
    sheets = [(row["sheet"], row["row"], row["status"]) for row in check_json(table)["rows"]]
    assert sheets[0] == ("一", 2, "kept")
    assert len(set(sheets)) == 4


def test_devices_of_one_firm_on_two_sheets(read):
    head = [*HEAD[:4], "设备种类"]
    table = read({"一": [head, [*A[:4], "锅炉"]], "二": [head, [*A[:4], "电梯"], [None] * 4 + ["起重机械"]]})
    assert table.frame["equipment"].tolist() == [3]
    assert table.set_aside[["sheet", "row", "reason"]].values.tolist() == [
        ["二", 2, "E116"], ["二", 3, "E116"]
    ]  # fmt: skip
    (told,) = (issue for issue in table.issues if issue.code == "E330")
    assert told.action.endswith("joined rows: 二!2, 二!3")


def test_another_table_ends_with_its_sheet(read):
    other = ["单位名称", "经度", "纬度"]
    table = read({"一": [HEAD, A, other, ["虚构戊厂", 117.4, 40.0]], "二": [HEAD, B]})
    assert table.frame["name"].tolist() == ["虚构甲厂", "虚构乙厂"]
    assert table.set_aside[["sheet", "row", "reason"]].values.tolist() == [["一", 4, "E115"]]


def test_one_sheet_of_that_shape_is_read_as_ever(read):
    table = read({"一": [HEAD, A], "二": [["说明"]]})
    assert table.sheet == "一"
    assert "sheet" not in table.frame
    with pytest.raises(InputError, match="no sheet has a heading row"):
        read({"一": [["说明"]]})


def test_a_sheet_of_that_name_goes_first(read):
    assert read({"一": [HEAD, A], "all": [HEAD, B]}).frame["name"].tolist() == ["虚构乙厂"]
    with pytest.raises(InputError, match="say which with sheet=, or sheet=all"):
        read({"一": [HEAD, A], "二": [HEAD, B]}, sheet=None)


def test_merges_and_types_stay_with_their_cells(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    book.active.append(A)
    sheet = book.create_sheet("二")
    sheet.append([HEAD[i] for i in (4, 0, 1, 2, 3)])
    for row in (B, C):
        sheet.append([True if row is C else row[4], *row[:4]])
    sheet["E3"] = None
    sheet.merge_cells("E2:E3")
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", crs="WGS84", sheet="all")
    assert table.frame["lat"].tolist() == [40.045, 39.87, 39.87]
    assert places(table, "E208") == [("二", 3)]
