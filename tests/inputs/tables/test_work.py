"""The work of reading grows with the file and no faster: calls are counted, not seconds, at n and at 2 n."""

import sys

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from siting.inputs.tables.read_table import read_table

MOST = 2.2
"""Times the work at 2 n may exceed that at n."""
HEAD = ["企业名称", "经度", "纬度", "从业人员"]


def work(path, **options):
    """Count the calls, of Python and of C, that reading a file makes."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_table(path, crs="WGS84", **options)
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
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_twice_the_file_is_no_more_than_twice_the_work(tmp_path, write, n):
    path = tmp_path / "a.xlsx"
    work(write(path, 3))  # what is loaded once
    once, twice = (work(write(path, size)) for size in (n, 2 * n))
    assert once > n, "something has been counted"
    assert twice / once < MOST
