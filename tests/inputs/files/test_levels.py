"""Headings of several rows → one name a column, by the merges of the sheet where it has any."""

import itertools

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.inputs.files.levels import MOST_LEVELS, find_heading, join_levels
from siting.inputs.tables.read_table import read_table
from siting.outputs.check.report import check_file

FIRM = "虚构春山酒业有限公司"


def book(path, cells, merges=(), first=1):
    """Write a workbook: rows of cells from row `first` on, and merges as ranges."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for number, row in enumerate(cells, first):
        for column, cell in enumerate(row, 1):
            if cell is not None:
                sheet.cell(number, column, cell)
    for area in merges:
        sheet.merge_cells(area)
    workbook.save(path)
    return path


def told(table, code):
    return [issue for issue in table.issues if issue.code == code]


# --- joining --------------------------------------------------------------------------------------------


def test_a_merge_spreads_over_its_columns_and_no_further():
    levels = [["名称", "行业", "", ""], ["", "代码", "名称", "地址"]]
    merges = [(0, 0, 1, 0), (0, 1, 0, 2)]
    assert join_levels(levels, merges) == ["名称", "行业/代码", "行业/名称", "地址"]
    assert join_levels(levels)[3] == "行业/地址", "without merges the group goes on"


def test_an_unmerged_group_beside_merged_names_goes_on_until_a_merge():
    levels = [["名称", "坐标", "", "", "备注"], ["", "经度", "纬度", "地址", ""]]
    merges = [(0, 0, 1, 0), (0, 4, 1, 4)]
    assert join_levels(levels, merges) == ["名称", "坐标/经度", "坐标/纬度", "坐标/地址", "备注"]


def test_a_group_ends_where_the_level_above_begins_another():
    levels = [["位置", "", "", "人员"], ["坐标", "", "乡镇", ""], ["经度", "纬度", "", "人"]]
    assert join_levels(levels) == ["位置/坐标/经度", "位置/坐标/纬度", "位置/乡镇", "人员/人"]


def test_below_a_merge_the_first_column_alone_may_go_by_the_name_of_the_group():
    levels = [["名称", "从业人员", "", ""], ["", "", "女性", ""]]
    assert join_levels(levels, [(0, 1, 0, 3)]) == ["名称", "从业人员", "从业人员/女性", ""]


def test_text_that_a_merge_hides_still_names_its_column():
    """Scripts that delete rows leave merges behind, over cells that hold something."""
    assert join_levels([["企业名称", "经度", "纬度"]], [(0, 0, 0, 2)]) == ["企业名称", "经度", "纬度"]


def test_equal_texts_one_above_the_other_are_one_part():
    assert join_levels([["名称", "坐标"], ["名称", "经度"]]) == ["名称", "坐标/经度"]


# --- which rows -----------------------------------------------------------------------------------------

KNOWN = {"名称", "经度", "纬度", "坐标/经度", "坐标/纬度", "行业/代码", "人员"}


def known(cells):
    return len(KNOWN & set(cells))


def where(rows, merges=()):
    heading = find_heading(rows, known, merges)
    return heading.first, heading.last


def test_a_merge_downwards_decides_though_the_upper_row_alone_names_more():
    rows = [["名称", "人员", ""], ["", "男", "女"], ["甲厂", "3", "4"]]
    assert where(rows) == (0, 0)
    assert where(rows, [(0, 0, 1, 0), (0, 1, 0, 2)]) == (0, 1)


def test_a_row_that_only_divides_merges_belongs_to_the_heading():
    rows = [["名称", "人员", "", "经度"], ["", "男", "女", ""], ["甲厂", "3", "4", "117.4"]]
    assert where(rows, [(0, 1, 0, 2)]) == (0, 1)


def test_a_row_of_data_below_a_merged_name_does_not():
    rows = [["名称", "坐标", "", "人员"], ["甲厂", "117.4", "40.0", "3"]]
    assert where(rows, [(0, 1, 0, 2)]) == (0, 0)


@pytest.mark.parametrize("merge", [(0, 0, 0, 2), (0, 0, 0, 1), (0, 0, 3, 0)])
def test_a_merged_title_is_no_level(merge):
    rows = [["企业名单", "", ""], ["名称", "经度", "纬度"], ["甲厂", "117.4", "40.0"], ["乙厂", "1", "2"]]
    assert where(rows, [merge]) == (1, 1)


def test_a_cell_merged_down_beside_the_whole_table_is_no_heading():
    rows = [["县", "名称", "经度"], *(["", f"{i}厂", "117.4"] for i in range(5))]
    assert where(rows, [(0, 0, 5, 0)]) == (0, 0)
    assert where(rows, [(0, 0, 2, 0)]) == (0, 0)


def test_without_merges_three_levels_are_found_by_what_they_name():
    rows = [["名称", "位置", "", ""], ["", "坐标", "", ""], ["", "经度", "纬度", ""], ["甲厂", "1", "2", ""]]

    def last_part(cells):
        return sum(cell.rpartition("/")[2] in KNOWN for cell in cells)

    heading = find_heading(rows, last_part)
    assert (heading.first, heading.last) == (0, 2)
    assert heading.cells == ("名称", "位置/坐标/经度", "位置/坐标/纬度", "")


TREES = st.recursive(st.none(), lambda below: st.lists(below, min_size=1, max_size=3), max_leaves=9)


def drawn(trees):
    """Draw a heading of any depth as a statistics office does: (rows, merges, name of each column)."""
    count, names, merges, cells = itertools.count(), [], [], {}

    def depth(tree):
        return 1 + max(map(depth, tree), default=0) if tree else 1

    last = max(map(depth, trees)) - 1

    def draw(tree, level, path):
        column, text = len(names), f"题{next(count)}"
        cells[level, column] = text
        for below in tree or ():
            draw(below, level + 1, [*path, text])
        if not tree:
            names.append("/".join([*path, text]))
        bottom, right = (level, len(names) - 1) if tree else (last, column)
        if (bottom, right) != (level, column):
            merges.append((level, column, bottom, right))

    for tree in trees:
        draw(tree, 0, [])
    rows = [[cells.get((level, column), "") for column in range(len(names))] for level in range(last + 1)]
    return rows, merges, names


@given(st.lists(TREES, min_size=2, max_size=4).map(lambda trees: drawn([None, *trees])))
def test_merges_give_back_the_heading_that_was_drawn(heading):
    rows, merges, names = heading
    assert join_levels(rows, merges) == names
    if len(rows) <= MOST_LEVELS:
        title, data = ["名单", *[""] * (len(names) - 1)], [["甲厂", *map(str, range(len(names) - 1))]]
        merges = [(top + 1, left, bottom + 1, right) for top, left, bottom, right in merges]
        merges.append((0, 0, 0, len(names) - 1))
        found = find_heading([title, *rows, *data], lambda cells: len({*names} & {*cells}), merges)
        assert (found.first, found.last, list(found.cells)) == (1, len(rows), names)


# --- workbooks ------------------------------------------------------------------------------------------


def test_three_levels_below_a_merged_title(tmp_path):
    rows = [
        ["某县规模以上企业基本情况", *[None] * 7],
        ["单位详细名称", "企业概况", None, None, None, "厂区位置（CGCS2000）", None, "主要指标（千元）"],
        [None, "所属行业", None, "职工", None, "经度", "纬度", "主营业务收入"],
        [None, "代码", "名称", "年末人数", "其中：女", None, None, None],
        [FIRM, "1512", "白酒制造", 320, 80, 117.385, 39.87, 45000],
    ]
    merges = ["A1:H1", "A2:A4", "B2:E2", "B3:C3", "D3:E3", "F2:G2", "F3:F4", "G3:G4", "H3:H4"]
    table = read_table(book(tmp_path / "a.xlsx", rows, merges))
    assert table.frame[["industry", "employees", "revenue_wan"]].to_numpy().tolist() == [["1512", 320, 4500]]
    assert (table.frame["name"].iat[0], table.frame["row"].iat[0]) == (FIRM, 5)
    assert "CGCS2000" in told(table, "E317")[0].action
    assert told(table, "E313")[0].action == "not used: 企业概况/所属行业/名称, 企业概况/职工/其中：女"
    assert [issue.action for issue in told(table, "E324")] == ["ignored: title"]


def test_only_some_groups_are_divided_and_the_last_rows_are_blank(tmp_path):
    """Names merged over three rows, of which the last holds nothing at all."""
    rows = [
        ["公司名称", "坐标（百度）", None, None, "街道乡镇", "从业人员"],
        [None, "东经", "北纬", None, None, None],
        [None] * 6,
        [FIRM, 117.3975, 39.8762, "厂门", "上仓镇", 25],
    ]
    merges = ["A2:A4", "B2:D2", "B3:B4", "C3:C4", "E2:E4", "F2:F4"]
    table = read_table(book(tmp_path / "a.xlsx", rows, merges, first=2))
    assert table.frame[["town", "employees"]].to_numpy().tolist() == [["上仓镇", 25]]
    assert table.frame["lon"].iat[0] == pytest.approx(117.3849, abs=2e-3)
    assert "BD-09" in told(table, "E317")[0].action
    assert told(table, "E327")[0].action.endswith(": 4"), "a column below a group without a name of its own"
    assert {issue.row for issue in told(table, "E324")} == {1}, "the rows of the heading are no blank rows"


def test_a_name_in_the_lower_row_beside_a_merged_group_stands_alone(tmp_path):
    rows = [
        [None, "国民经济行业分类", None, None, None],
        ["企业名称", "小类代码", "小类名称", "经度", "纬度"],
        [FIRM, "1512", "白酒制造", 117.385, 39.87],
    ]
    table = read_table(book(tmp_path / "a.xlsx", rows, ["B1:C1"]), crs="WGS84")
    assert table.frame[["name", "industry"]].to_numpy().tolist() == [[FIRM, "1512"]]
    assert told(table, "E313")[0].action == "not used: 国民经济行业分类/小类名称"


def test_a_part_below_a_merged_quantity_is_not_the_whole(tmp_path):
    rows = [
        ["企业名称", "从业人员", None, "特种设备", None, "经度", "纬度"],
        [None, "女性", "其中：在岗", "停用", "报废", None, None],
        [FIRM, 12, 9, 3, 1, 117.385, 39.87],
    ]
    merges = ["A1:A2", "B1:C1", "D1:E1", "F1:F2", "G1:G2"]
    table = read_table(book(tmp_path / "a.xlsx", rows, merges), crs="WGS84")
    assert table.frame[["employees", "equipment"]].isna().all(axis=None)
    assert len(table.frame) == 1


def test_a_group_that_is_another_party_gives_no_name(tmp_path):
    rows = [
        ["企业信息", None, "上级单位", None, "经度", "纬度"],
        ["名称", "地址", "名称", "地址", None, None],
        [FIRM, "上仓镇", "虚构集团", "别处", 117.385, 39.87],
    ]
    merges = ["A1:B1", "C1:D1", "E1:E2", "F1:F2"]
    table = read_table(book(tmp_path / "a.xlsx", rows, merges), crs="WGS84")
    assert table.frame[["name", "address"]].to_numpy().tolist() == [[FIRM, "上仓镇"]]
    assert told(table, "E313")[0].action == "not used: 上级单位/名称, 上级单位/地址"


def test_a_long_sheet_is_chosen_and_read_by_its_merges(tmp_path):
    """Only the first rows of each sheet are looked at to choose one; merges stand behind the last row."""
    rows = [
        ["企业名称", "行业", None, "坐标", None],
        [None, "代码", "名称", "经度", "纬度"],
        *([f"虚构{i}号厂", "1512", "白酒", 117.3 + i / 1000, 39.9] for i in range(80)),
    ]
    path = book(tmp_path / "a.xlsx", rows, ["A1:A2", "B1:C1", "D1:E1"])
    workbook = openpyxl.load_workbook(path)
    workbook.create_sheet("说明", 0)["A1"] = "填表说明"
    workbook.save(path)
    table = read_table(path, crs="WGS84")
    assert table.counts["kept"] == 80
    assert table.frame["industry"].eq("1512").all()


def test_a_heading_of_two_levels_again_on_the_next_page_is_no_firm(tmp_path):
    heading = [
        ["企业名称", "国标行业", None, "location", None],
        [None, "代码", "名称", "longitude", "latitude"],
    ]
    rows = [*heading, [FIRM, "1512", "白酒", 117.385, 39.87], *heading, ["虚构厂", "1353", "", 117.4, 40.045]]
    merges = ["A1:A2", "B1:C1", "D1:E1", "A4:A5", "B4:C4", "D4:E4"]
    table = read_table(book(tmp_path / "a.xlsx", rows, merges), crs="WGS84")
    assert table.counts == {"data_rows": 2, "kept": 2, "set_aside": 0, "ignored_lines": 4}
    assert {(i.row, i.action) for i in told(table, "E324")} == {
        (4, "ignored: repeated heading"),
        (5, "ignored: repeated heading"),
    }


PAGE = """<html><body><table>
<tr><td colspan="6">虚构县企业名单</td></tr>
<tr><th rowspan="3">单位名称</th><th colspan="3">行业与位置</th><th rowspan="2">产值</th><th></th></tr>
<tr><th rowspan="2">行业代码</th><th colspan="2">坐标（WGS84）</th><th>所在镇</th></tr>
<tr><th>经度</th><th>纬度</th><th>万元</th><th></th></tr>
<tr><td>虚构春山酒业有限公司</td><td>1512</td><td>117.385</td><td>39.87</td><td>500</td><td>上仓镇</td></tr>
</table></body></html>"""


def test_spans_of_an_html_table_are_merges(tmp_path):
    path = tmp_path / "a.xls"
    path.write_text(PAGE, encoding="utf-8")
    table = read_table(path)
    assert table.headings["lon"] == "行业与位置/坐标（WGS84）/经度"
    assert table.headings["town"] == "所在镇"
    assert table.frame[["output_wan", "town", "row"]].to_numpy().tolist() == [[500, "上仓镇", 5]]


def test_two_levels_in_a_text_file(tmp_path):
    path = tmp_path / "a.csv"
    text = "企业名称,行业,,位置（高德）,,人员\n,代码,名称,经度,纬度,年末人数\n虚构厂,1512,白酒,117.4,40.0,7\n"
    path.write_text(text, encoding="utf-8")
    result = check_file(path, lang="en")
    assert result.json["rows"][0]["industry"] == "1512"
    assert result.json["rows"][0]["employees"] == 7
    assert "coordinate system GCJ-02, as the heading says" in result.text
    assert {i["column"] for i in result.json["issues"] if i["code"] == "E201"} == {"位置（高德）/经度/纬度"}
