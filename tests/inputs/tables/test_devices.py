"""Registers with a row a device: joined into firms where that is plain, refused where it is not."""

import openpyxl
import pytest

from siting.inputs.tables.read_table import read_table
from siting.outputs.check.report import check_json, report
from siting.types import InputError

A = "虚构甲厂,91120119MAFAKE0198,117.385,39.87"
B = "虚构乙厂,91120119MAFAKE0273,117.401,40.045"
HEAD = "使用单位名称,统一社会信用代码,经度,纬度"


@pytest.fixture
def read(tmp_path):
    def reader(heads, *rows, **options):
        path = tmp_path / "a.csv"
        path.write_text("\n".join([f"{HEAD},{heads}" if heads else HEAD, *rows]), encoding="utf-8")
        return read_table(path, crs="WGS84", **options)

    return reader


def equipment(table):
    counts = table.counts
    assert counts["data_rows"] == counts["kept"] + counts["set_aside"]
    rows = check_json(table)["rows"]
    assert len(rows) == counts["data_rows"]
    assert [row["status"] for row in rows].count("kept") == counts["kept"]
    stated = [row["equipment"] for row in rows if row["equipment"] is not None]
    assert sum(stated) == table.frame["equipment"].sum()
    return dict(zip(table.frame["name"], table.frame["equipment"].tolist(), strict=True))


def told(table, code):
    return [issue for issue in table.issues if issue.code == code]


def test_a_row_a_device_is_counted(read):
    rows = [f"{A},锅炉,G{i},50" for i in range(5)] + [f"{B},电梯,T1,"]
    table = read("设备种类,设备注册代码,从业人员", *rows)
    assert equipment(table) == {"虚构甲厂": 5, "虚构乙厂": 1}
    assert table.counts == {"data_rows": 6, "kept": 2, "set_aside": 4, "ignored_lines": 0}
    assert table.set_aside[["row", "reason"]].values.tolist() == [[row, "E116"] for row in range(3, 7)]
    assert table.frame["employees"].tolist()[0] == 50
    (issue,) = told(table, "E330")
    assert (issue.row, issue.severity) == (2, "changed")
    assert "5 rows of this firm" in issue.action
    assert issue.action.endswith("joined rows: 3, 4, 5, 6")
    assert told(table, "E107") == told(table, "E313") == []


def test_the_report_tells_joined_rows_once_and_counts_them_all(read):
    table = read("设备种类,设备注册代码,从业人员", *(f"{A},锅炉,G{i},50" for i in range(5)), f"{B},电梯,T1,")
    text = report(table)
    assert text.count("E330") == 1
    assert "并入的行：3, 4, 5, 6" in text
    assert "E116" not in text
    assert "设备行，已计入所属企业：4 行（第 3–6 行）" in text
    assert [issue["code"] for issue in check_json(table)["issues"]].count("E116") == 4


def test_rows_of_kinds_are_added_up(read):
    rows = [f"{A},锅炉,2", f"{A},电梯,3", f"{B},锅炉,4", f"{B},压力容器,4"]
    assert equipment(read("设备种类,设备数量", *rows)) == {"虚构甲厂": 5, "虚构乙厂": 8}


@pytest.mark.parametrize("merged", ["ABCD", "ABCDF"])
def test_merged_cells_of_a_firm_show_what_each_row_counts(tmp_path, merged):
    """Where the number of pieces is merged as well, it is the firm's."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*HEAD.split(","), "设备种类", "设备数量"])
    for firm in (A, B):
        for kind in ("锅炉", "电梯", "压力容器"):
            first = kind == "锅炉"
            own = firm.split(",") if first else [None] * 4
            sheet.append([*own, kind, 6 if first or "F" not in merged else None])
    for column in merged:
        sheet.merge_cells(f"{column}2:{column}4")
        sheet.merge_cells(f"{column}5:{column}7")
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", crs="WGS84")
    each = 6 if "F" in merged else 18
    assert equipment(table) == {"虚构甲厂": each, "虚构乙厂": each}
    assert (table.counts["kept"], table.counts["set_aside"]) == (2, 4)


def test_merged_firms_need_no_column_of_devices(tmp_path):
    book = openpyxl.Workbook()
    for row in ([*HEAD.split(","), "设备数量"], [*A.split(","), 2], [None] * 4 + [3]):
        book.active.append(row)
    for column in "ABCD":
        book.active.merge_cells(f"{column}2:{column}3")
    book.save(tmp_path / "a.xlsx")
    assert equipment(read_table(tmp_path / "a.xlsx", crs="WGS84")) == {"虚构甲厂": 5}


def test_blank_cells_of_a_firm_are_those_of_the_row_above(read):
    table = read("设备种类,设备数量", f"{A},锅炉,2", ",,,,电梯,3", f"{B},锅炉,1", ",,,,电梯,", "合计,,,,,6")
    assert table.frame["equipment"].fillna(-1).tolist() == [5, -1]
    assert table.counts == {"data_rows": 4, "kept": 2, "set_aside": 2, "ignored_lines": 1}
    assert "— pieces" in told(table, "E330")[1].action


def test_a_total_in_each_row_of_numbered_devices_is_the_total(read):
    rows = [f"{A},G{i},3" for i in range(3)] + [f"{B},T{i},2" for i in range(2)]
    assert equipment(read("设备编号,设备数量", *rows)) == {"虚构甲厂": 3, "虚构乙厂": 2}


def test_a_number_of_pieces_that_may_be_either_is_refused_until_said(read):
    rows = [f"{A},锅炉,4", f"{A},电梯,4", f"{B},锅炉,1"]
    message = "rows 2 and 3: '设备数量' may speak .* --rows devices .* --rows firms"
    with pytest.raises(InputError, match=message) as refused:
        read("设备种类,设备数量", *rows)
    assert "--rows devices" in refused.value.message_zh
    assert equipment(read("设备种类,设备数量", *rows, rows="devices")) == {"虚构甲厂": 8, "虚构乙厂": 1}
    firms = read("设备种类,设备数量", *rows, rows="firms")
    assert equipment(firms) == {"虚构甲厂": 4, "虚构乙厂": 1}
    assert firms.set_aside[["row", "reason"]].values.tolist() == [[3, "E107"]]


def test_two_figures_of_one_firm_are_refused_or_told(read):
    rows = [f"{A},锅炉,,120", f"{A},电梯,,56", f"{A},起重机械,,120"]
    with pytest.raises(InputError, match="rows 2 and 3: '从业人员' may speak"):
        read("设备种类,注册地址,从业人员", *rows)
    table = read("设备种类,注册地址,从业人员", *rows, rows="devices")
    assert table.frame[["employees", "equipment"]].values.tolist() == [[120, 3]]
    assert [(issue.row, issue.value) for issue in told(table, "E331")] == [(3, "56")]


def test_a_device_listed_twice_is_a_duplicate(read):
    rows = [f"{A},锅炉,G1", f"{A},锅炉,G2", f"{A},锅炉,G1"]
    table = read("设备种类,设备注册代码", *rows)
    assert equipment(table) == {"虚构甲厂": 2}
    assert table.set_aside[["row", "reason"]].values.tolist() == [[3, "E116"], [4, "E107"]]


def test_the_same_firm_elsewhere_stays_a_site_of_its_own(read):
    far = A.replace("39.87", "39.95")
    table = read("设备种类", f"{A},锅炉", f"{A},电梯", f"{far},锅炉", f"{far},电梯")
    assert table.frame[["lat", "equipment"]].values.tolist() == [[39.87, 2], [39.95, 2]]


def test_repeats_without_a_sign_of_devices_are_duplicates_as_ever(read):
    for heads, row in (("设备数量", "2"), ("设备种类,设备数量", "锅炉,2"), ("", "")):
        firm = f"{A},{row}" if row else A
        table = read(heads, firm, firm)
        assert table.set_aside["reason"].tolist() == ["E107"]


def test_devices_said_but_none_repeated(read):
    table = read("设备名称", f"{A},锅炉", f"{B},电梯", rows="devices")
    assert equipment(table) == {"虚构甲厂": 1, "虚构乙厂": 1}
    with pytest.raises(InputError, match="rows cannot be 'pieces'; allowed: firms, devices"):
        read("设备名称", f"{A},锅炉", rows="pieces")


def test_rows_that_are_set_aside_are_no_devices_of_a_firm(read):
    unplaced = A.replace("117.385,39.87", ",")
    table = read("设备种类", f"{A},锅炉", f"{unplaced},电梯", f"{A},起重机械")
    assert table.set_aside[["row", "reason"]].values.tolist() == [[3, "E103"], [4, "E116"]]
    assert table.frame["equipment"].tolist() == [2]
