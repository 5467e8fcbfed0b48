"""A template reads back as it was filled, without an issue; equal dictionaries give equal bytes."""

import io

import openpyxl
import pytest

from siting.inputs.dictionary.columns import columns_of
from siting.inputs.tables.read_table import read_table
from siting.outputs.new_study.templates import TEMPLATES, choices, example, template
from siting.types import InputError


def filled(table: str, path, rows: int = 1):
    """Fill the first sheet with the example row, as a planner would, and save it."""
    book = openpyxl.load_workbook(io.BytesIO(template(table)))
    page = book.worksheets[0]
    columns = [column for column in columns_of(table).values() if column.column != "crs"]
    for row in range(2, 2 + rows):
        for place, column in enumerate(columns, start=1):
            text = example(table, column)
            if column.column == "id" and text:
                text = f"{text}{row}"
            number = column.dtype in ("int", "float") and text
            page.cell(row, place, float(text) if number else (text or None))
    book.save(path)
    return path


@pytest.mark.parametrize("table", TEMPLATES)
def test_a_filled_template_reads_back_without_an_issue(table, tmp_path):
    found = read_table(filled(table, tmp_path / f"{table}.xlsx"), table, industry_standard=2011)
    assert [
        i for i in found.issues if i.code not in ("E317", "E321")
    ] == []  # WGS-84 as the heading says; no county
    assert found.counts["kept"] == 1
    assert not found.frame.drop(columns="row").isna().all(axis=None)


@pytest.mark.parametrize("table", TEMPLATES)
def test_the_example_row_is_no_data(table, tmp_path):
    path = tmp_path / "blank.xlsx"
    path.write_bytes(template(table))
    with pytest.raises(InputError, match="no rows"):
        read_table(path, table)


def test_every_column_of_the_example_is_read_as_it_stands(tmp_path):
    row = read_table(filled("enterprises", tmp_path / "f.xlsx"), "enterprises").frame.iloc[0]
    assert row["uscc"] == "91120119MAFAKE0198"
    assert row["industry"] == "1512"
    assert (row["lon"], row["lat"]) == (117.385, 39.87)
    assert (row["employees"], row["output_wan"], row["backlog"]) == (320, 15800, 2)
    assert row["basis"] == "illustrative"


@pytest.mark.parametrize("table", TEMPLATES)
def test_equal_dictionaries_give_equal_bytes(table):
    assert template(table) == template(table)


def test_drop_downs_hold_what_the_dictionary_allows():
    page = openpyxl.load_workbook(io.BytesIO(template("sites"))).worksheets[0]
    kinds = next(v for v in page.data_validations.dataValidation if "建设" in (v.formula1 or ""))
    assert kinds.formula1.strip('"').split(",") == choices(columns_of("sites")["kind"])


def test_unknown_table_is_refused():
    with pytest.raises(InputError, match="no table is called 'firms'; allowed: enterprises"):
        template("firms")
