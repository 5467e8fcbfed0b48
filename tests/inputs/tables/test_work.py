"""The work of reading grows with the file and no faster: calls are counted, not seconds, at n and at 2 n."""

import sys

import numpy as np
import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from siting.inputs.tables.read_table import read_table
from siting.inputs.tables.rules.duplicates import find_duplicates

MOST = 2.2
"""Times the work at 2 n may exceed that at n."""
HEAD = ["企业名称", "经度", "纬度", "从业人员"]


def work(path, **options):
    """Count the calls that reading a file makes."""
    return calls_of(lambda: read_table(path, crs="WGS84", **options))


def calls_of(function):
    """Count the calls, of Python and of C, that a function makes."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(before)
    return calls


def firm(i):
    return [f"虚构{i}厂", 117.3 + i / 1e5, 40.0, i % 90]


def workbook(path, rows, merges=()):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merges:
        book.active.merge_cells(area)
    book.save(path)
    return path


def text(path, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    return path


def plain_rows(path, n):
    return workbook(path, [HEAD, *map(firm, range(n))])


def odd_cells(path, n):
    return text(path, [HEAD, *([f" 虚构{i}厂 ", f"117°{i % 60}′", "40.0", f"约{i}人"] for i in range(n))])


def broken_lines(path, n):
    return text(path, [HEAD, *([f'"虚构{i}厂', '"117.4" ', "40.0", f'"\\"{i}'] for i in range(n))])


def rows_without_coordinates(path, n):
    return text(path, [HEAD, *([f"虚构{i}厂", "", "", "名称"] for i in range(n))])


def columns(path, n):
    return workbook(
        path, [HEAD + [f"甲-{i}（乙）" for i in range(n)], *([*firm(i), *["丙"] * n] for i in range(9))]
    )


def merged_groups(path, n):
    """A heading of two levels, a merge over every second column."""
    groups = [name for i in range(n) for name in (f"组{i}", None)]
    below = [None] * 4 + [f"目{i}" for i in range(2 * n)]
    merges = [f"{get_column_letter(i)}1:{get_column_letter(i)}2" for i in range(1, 5)]
    merges += [f"{get_column_letter(5 + 2 * i)}1:{get_column_letter(6 + 2 * i)}1" for i in range(n)]
    return workbook(path, [HEAD + groups, below, *([*firm(i), *["丙"] * 2 * n] for i in range(9))], merges)


def merged_firms(path, n):
    rows = [[*HEAD, "设备种类", "设备数量"]]
    for i in range(n):
        rows += [[*firm(i), "锅炉", 1], [None] * 4 + ["电梯", 2]]
    merges = [f"{letter}{2 * i + 2}:{letter}{2 * i + 3}" for i in range(n) for letter in "ABCD"]
    return workbook(path, rows, merges)


def merged_titles(path, n):
    """Merges across the rows of townships among the firms."""
    rows = [row for i in range(n) for row in ([f"{i}、某镇（2家）"], firm(i))]
    return workbook(path, [HEAD, *rows], [f"A{2 * i + 2}:D{2 * i + 2}" for i in range(n)])


def html_cells(path, n):
    rows = "".join(
        "<tr>" + "".join(f"<td rowspan=1>{cell}</td>" for cell in row) + "</tr>"
        for row in [HEAD, *map(firm, range(n))]
    )
    path.write_text(f"<table><tr><td><table>{rows}</table></td></tr></table>", encoding="utf-8")
    return path


def other_tables(path, n):
    """Another table after every firm."""
    rows = [
        row
        for i in range(n)
        for row in (firm(i), ["名称", "甲", "纬度", "地址"], ["虚构乙厂", 1, 2, 3], HEAD)
    ]
    return text(path, [HEAD, *rows])


def repeated_firms(path, n):
    return text(path, [HEAD, *(["虚构甲厂", 117.4, 40.0, i % 3] for i in range(n))])


def devices_of_one_firm(path, n):
    heads = [*HEAD, "设备种类", "设备数量"]
    return text(path, [heads, *(["虚构甲厂", 117.4, 40.0, 3, f"锅炉{i}", i % 3 + 1] for i in range(n))])


def repeated_identifiers(path, n):
    return text(path, [["编号", *HEAD], *(["1", *firm(i)] for i in range(n))])


def damaged_lines(path, n):
    return text(path, [HEAD, *([*firm(i), "多", "余"] for i in range(n))])


def headings_of_one_field(path, n):
    """Every column names the same field, of a year of its own."""
    years = [f"从业人员（{i}年）" for i in range(n)]
    return text(path, [[*HEAD[:3], *years], *([*firm(i)[:3], *["3"] * n] for i in range(9))])


def long_texts(path, n):
    """Cells and a heading made of what the patterns look for, over and over."""
    cells = [f"虚构{'厂 （a）' * n}", "117.4" + "0" * n, "40°" * n, "约1-" * n, "（甲）/万元 " * n]
    return text(path, [[*HEAD, "（甲）/万元 " * n], *([f"{i}{cells[0]}", *cells[1:]] for i in range(9))])


@pytest.mark.parametrize(
    ("write", "n"),
    [
        (plain_rows, 400),
        (odd_cells, 400),
        (broken_lines, 300),
        (rows_without_coordinates, 300),
        (columns, 300),
        (merged_groups, 200),
        (merged_firms, 150),
        (merged_titles, 200),
        (html_cells, 300),
        (other_tables, 100),
        (repeated_firms, 300),
        (devices_of_one_firm, 300),
        (repeated_identifiers, 300),
        (damaged_lines, 300),
        (headings_of_one_field, 300),
        (long_texts, 300),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_twice_the_file_is_no_more_than_twice_the_work(tmp_path, write, n):
    path = tmp_path / "a.xlsx"
    work(write(path, 3))  # what is loaded once
    once, twice = (work(write(path, size)) for size in (n, 2 * n))
    assert once > n, "something has been counted"
    assert twice / once < MOST


@pytest.mark.parametrize(
    "codes", [str, lambda i: None if i % 2 else str(i), lambda i: str(i % 7)], ids=range(3)
)
def test_firms_of_one_name_at_one_place_are_compared_with_few(codes):
    """Shops of one chain under one roof: each with its code, or half of them without."""

    def compare(n):
        place = np.full(n, 117.4), np.full(n, 40.0)
        return calls_of(lambda: find_duplicates(["虚构连锁店"] * n, list(map(codes, range(n))), *place))

    compare(3)
    once, twice = compare(400), compare(800)
    assert once > 400
    assert twice / once < MOST
