"""Cells of all other columns → values by the data dictionary, and rows that lack a needed one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.words import words
from siting.inputs.files.raw import Chunk
from siting.inputs.tables.fields import cells_of, read_cells
from siting.inputs.tables.rule import Context, Found, RowContext, alive, on_rows
from siting.inputs.tables.rules.duplicates import name_keys

_CLOSED = "(?<![未无非])(?:" + "|".join(words("closed")) + ")"
_ELSEWHERE = (*COORDINATES, "crs", "name")
"""Columns that rules of their own read."""
_YEARS = "a"
"""Unit of the year of a row, which rows may share."""
_NEVER_LACKING = ("id", "kind")
"""Needed columns in which a blank cell sets no row aside: an identifier is made, a kind is the usual one."""


def read_columns(frame: pd.DataFrame, context: RowContext) -> Found:
    """Read each column that no rule before has read; a row that lacks a needed value is set aside."""
    left = alive(frame).copy()
    for name, column in context.columns.items():
        if name in context.headings.fields and name not in (*frame, *_ELSEWHERE):
            cells = cells_of(context, name, left)
            values = read_cells(cells, context)
            yield {name: values}
            if column.required and name not in _NEVER_LACKING:
                lacking = np.flatnonzero(left & pd.isna(values))
                cells.report("E113", lacking, allowed=", ".join(column.allowed) or column.meaning_en)
                left[lacking] = False
            yield from cells.found


def drop_shared_figures(frame: pd.DataFrame, context: RowContext) -> Found:
    """Make figures missing that one merged cell states for several firms: nobody knows whose they are."""
    if not context.chunk.filled or "name" not in frame:
        return
    names = np.array(name_keys(frame["name"].fillna("").tolist()), dtype=object)
    for field in context.measures(frame):
        at = context.headings.fields[field]
        shared = [i for rows in _merged(context.chunk, at) if len(set(names[rows])) > 1 for i in rows]
        if shared and context.columns[field].unit != _YEARS:
            values = frame[field].to_numpy(dtype=float, copy=True)
            values[shared] = np.nan
            yield {field: values}
            cells = context.chunk.columns[at]
            own = [i for i in shared if alive(frame)[i]]
            yield on_rows("E922", own, context.headings.names[at], [cells[i] for i in own])


def _merged(chunk: Chunk, column: int) -> list[list[int]]:
    """Give the positions of the rows that each merge of a column joins."""
    groups: list[list[int]] = []
    for i, row in enumerate(chunk.row_numbers.tolist()):
        if (row, column) not in chunk.filled or not groups:
            groups.append([])
        groups[-1].append(i)
    return [rows for rows in groups if len(rows) > 1]


def report_closed(frame: pd.DataFrame, context: Context) -> Found:
    """Name the kept enterprises that are registered as closed: whether they still work is unknown."""
    if "registration" in frame:
        states = frame["registration"].fillna("")
        closed = np.flatnonzero(alive(frame) & states.str.contains(_CLOSED).to_numpy(bool))
        heading = context.headings.name("registration")
        yield on_rows("E328", closed, heading, states.to_numpy()[closed])
