"""Cells of all other columns → values by the data dictionary, and rows that lack a needed one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.words import words
from siting.inputs.tables.fields import cells_of, read_cells
from siting.inputs.tables.rule import Context, Found, RowContext, alive, on_rows

_CLOSED = "(?<![未无非])(?:" + "|".join(words("closed")) + ")"
_ELSEWHERE = (*COORDINATES, "crs", "name")
"""Columns that rules of their own read."""
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


def report_closed(frame: pd.DataFrame, context: Context) -> Found:
    """Name the kept enterprises that are registered as closed: whether they still work is unknown."""
    if "registration" in frame:
        states = frame["registration"].fillna("")
        closed = np.flatnonzero(alive(frame) & states.str.contains(_CLOSED).to_numpy(bool))
        heading = context.headings.name("registration")
        yield on_rows("E328", closed, heading, states.to_numpy()[closed])
