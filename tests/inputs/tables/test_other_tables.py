"""A second table below the first: read on where its columns are the same, else named and set aside."""

import openpyxl
import pytest

from siting.inputs.tables.read_table import read_table

FIRST = ["企业名称", "行业代码", "经度", "纬度", "从业人员"]
FIRMS = [["虚构甲厂", "1512", 117.401, 40.045, 30], ["虚构乙厂", "1353", 117.385, 39.87, 12]]
OTHER = ["单位名称", "经度", "纬度", "从业人员"]
OTHER_FIRMS = [["虚构下厂", 117.41, 40.03, 9], ["虚构丙厂", 117.42, 40.03, 8]]


@pytest.fixture
def read(tmp_path):
    def reader(rows):
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / "a.xlsx")
        return read_table(tmp_path / "a.xlsx", crs="WGS84")

    return reader


def ignored(table):
    return {issue.row: issue.action for issue in table.issues if issue.code == "E324"}


@pytest.mark.parametrize("title", ["附表2：规下企业", "其他"])
@pytest.mark.parametrize("gap", [0, 1, 3])
def test_another_table_is_named_and_its_rows_set_aside(read, title, gap):
    table = read([FIRST, *FIRMS, *[[]] * gap, [title], OTHER, *OTHER_FIRMS, ["合计"]])
    begins = 5 + gap
    assert table.frame["name"].tolist() == ["虚构甲厂", "虚构乙厂"]
    assert table.set_aside["row"].tolist() == [begins + 1, begins + 2]
    assert set(table.set_aside["reason"]) == {"E115"}
    told = [issue for issue in table.issues if issue.code == "E115"]
    assert all(f"heading stands in row {begins};" in issue.action for issue in told)
    named = {row for row, action in ignored(table).items() if action == "ignored: beginning of another table"}
    assert named == {begins - 1, begins}
    assert table.counts == {"data_rows": 4, "kept": 2, "set_aside": 2, "ignored_lines": gap + 3}


def test_a_table_of_the_same_columns_is_read_on_whatever_its_words(read):
    again = ["单位名称", "国民经济行业代码", "东经", "北纬", "职工人数"]
    table = read([FIRST, FIRMS[0], [], ["附表2"], again, FIRMS[1]])
    assert table.frame["employees"].tolist() == [30, 12]
    assert ignored(table)[5] == "ignored: repeated heading"


def test_the_first_table_may_go_on_below_the_other(read):
    table = read([FIRST, FIRMS[0], OTHER, OTHER_FIRMS[0], FIRST, FIRMS[1]])
    assert table.frame["name"].tolist() == ["虚构甲厂", "虚构乙厂"]
    assert table.set_aside["row"].tolist() == [4]


def test_rows_of_another_table_that_hold_nothing_of_the_first_are_no_less_listed(read):
    other = [None] * 5 + OTHER
    table = read([[*FIRST, "备注", "一", "二", "三"], *FIRMS, other, [None] * 5 + OTHER_FIRMS[0]])
    assert table.set_aside[["row", "reason"]].values.tolist() == [[5, "E115"]]


@pytest.mark.parametrize(
    "heading", [["乡镇", "企业数", "从业人员", "产值（万元）"], ["所属乡镇", "从业人员", "产值"]]
)
def test_totals_by_township_are_another_table(read, heading):
    table = read(
        [FIRST, *FIRMS, ["合计", None, None, None, 42], ["附表：分乡镇汇总"], heading, ["上仓镇", 1, 30, 5]]
    )
    assert table.set_aside[["row", "reason"]].values.tolist() == [[7, "E115"]]
    assert {row for row, action in ignored(table).items() if "another" in action} == {5, 6}


def test_rows_without_coordinates_that_speak_of_columns_are_firms(read):
    table = read([FIRST, *FIRMS, ["虚构名称厂", "产值", None, None, None], ["名称", None, None, None, 5]])
    assert table.set_aside["reason"].tolist() == ["E103", "E103"]


def test_chunks_do_not_part_a_table(read, monkeypatch):
    monkeypatch.setattr("siting.inputs.files.workbook.CHUNK_ROWS", 2)
    table = read([FIRST, *FIRMS, OTHER, *OTHER_FIRMS, *OTHER_FIRMS])
    assert table.set_aside["reason"].tolist() == ["E115"] * 4
