"""Columns written as XML read back as they were, whatever stands in them and however many rows there are."""

import io
import math

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from siting.outputs.tables.streamed_sheet import _ROWS_AT_ONCE, Column, StreamedSheet


def written(frame: pd.DataFrame) -> list[tuple]:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet("甲", worksheet_class=StreamedSheet)
        number = book.add_format({"num_format": "#,##0.00"})
        columns = [
            Column(str(name), cells, lambda text: text.replace("pending", "待核实"))
            for name, cells in frame.items()
        ]
        page.set_table(columns, head=book.add_format({"bold": True}), number=number, text=book.add_format({}))
    return list(openpyxl.load_workbook(stream)["甲"].iter_rows(values_only=True))


def test_every_kind_of_cell_reads_back():
    frame = pd.DataFrame(
        {
            "float": [1.5, math.nan, math.inf],
            "int": [1, 2, 3],
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "truth": [True, False, True],
            "words": ["pending", None, "=1+1"],
            "mixed": [2.25, "甲", pd.NA],
            "list": [["a", "b"], (), None],
        }
    )
    assert written(frame) == [
        ("float", "int", "nullable", "truth", "words", "mixed", "list"),
        (1.5, 1, 1, "是", "待核实", 2.25, "a;b"),
        (None, 2, None, "否", None, "甲", ""),
        ("路网不通", 3, 3, "是", "=1+1", None, None),
    ]


@pytest.mark.parametrize("n_rows", [0, 1, _ROWS_AT_ONCE, _ROWS_AT_ONCE + 1])
def test_no_row_is_lost_between_two_parts(n_rows):
    frame = pd.DataFrame({"n": range(n_rows), "half": [n / 2 for n in range(n_rows)]})
    head, *found = written(frame)
    assert head == ("n", "half")
    assert found == [(n, n / 2) for n in range(n_rows)]


def test_figures_keep_ten_digits():
    values = [1 / 3, 1e-12 / 3, -1e15 / 7, 0.0]
    found = [row[0] for row in written(pd.DataFrame({"x": values}))[1:]]
    assert found == pytest.approx(values, rel=1e-9)
