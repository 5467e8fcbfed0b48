"""Cells of names and kinds → what a row is called and which kind of option it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from siting.inputs.dictionary.words import words
from siting.inputs.tables.fields import cells_of, read_cells
from siting.inputs.tables.rule import Context, Finding, Found, RowContext, alive, on_file
from siting.option_kinds import DEFAULT, having


def read_names(frame: pd.DataFrame, context: RowContext) -> Found:
    """Read the name; where the table needs one, a row without it, or with a ditto, is set aside."""
    if "name" not in context.headings.fields:
        yield {"name": None} if "name" in context.columns else {}
        return
    cells = cells_of(context, "name", alive(frame))
    names = read_cells(cells, context)
    if cells.column.required:
        names[[i for i, text in enumerate(cells.texts) if text.strip() in words("ditto")]] = None
        cells.report("E102", np.flatnonzero(pd.isna(names)))
    yield {"name": names}
    yield from cells.found


def read_names_beside_keys(frame: pd.DataFrame, context: RowContext) -> Found:
    """Read the name; a row without one is shown by its identifier."""
    cells = cells_of(context, "name", alive(frame))
    names = read_cells(cells, context)
    lacking = np.flatnonzero(pd.isna(names) & cells.alive)
    cells.report("E306", lacking)
    names[lacking] = ""
    yield {"name": names}
    yield from cells.found


def report_no_kinds(context: Context) -> Iterable[Finding]:
    """Say that all options count as the usual kind where no column names it."""
    if "kind" not in context.headings.fields:
        yield on_file("E219")


def read_kinds(frame: pd.DataFrame, context: RowContext) -> Found:
    """Read the kind of each option: it decides whether the option needs a place."""
    if "kind" not in context.headings.fields:
        yield {"kind": np.full(len(frame), DEFAULT.id, dtype=object)}
        return
    cells = cells_of(context, "kind", alive(frame))
    kinds = read_cells(cells, context)
    unknown = np.flatnonzero(pd.isna(kinds))
    cells.report("E219", unknown)
    kinds[unknown] = DEFAULT.id
    yield {"kind": kinds}
    yield from cells.found


def kind_needs_place(frame: pd.DataFrame, _context: Context) -> np.ndarray:
    """Tell of each option whether its kind stands in the county."""
    return having(frame["kind"], lambda kind: kind.in_county)
