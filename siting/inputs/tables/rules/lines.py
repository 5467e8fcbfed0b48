"""Lines of a file → those that are rows of the table, and the rows that cannot be read."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import SHEET_ROWS
from siting.inputs.dictionary.words import words
from siting.inputs.files.raw import Chunk
from siting.inputs.tables.rule import Context, Finding, Found, RowContext, alive, on_file, on_rows
from siting.inputs.tables.rules.ignored import ANOTHER, NOTHING_KNOWN, ignored_lines

_DAMAGE = {
    "undecodable": "not decodable",
    "unclosed_quote": "quotation mark not closed",
    "ragged": "too few or too many fields",
}


def without_ignored(chunk: Chunk, context: Context) -> tuple[Chunk, list[Finding]]:
    """Leave out the lines of a chunk that are no data, and tell of each."""
    ignored = ignored_lines(chunk, context.headings, context.table)
    _find_other_tables(chunk, ignored, context.seen.others)
    if not ignored:
        return chunk, []
    told = [ignored_line(int(chunk.row_numbers[i]), kind) for i, kind in ignored.items()]
    context.seen.ignored += len(ignored)
    keep = np.setdiff1d(np.arange(len(chunk.row_numbers)), list(ignored))
    chunk.columns = [[column[i] for i in keep] for column in chunk.columns]
    chunk.row_numbers = chunk.row_numbers[keep]
    chunk.numeric = []
    return chunk, told


def ignored_line(row: int, kind: str) -> Finding:
    """Tell of a line that is no data."""
    return on_file("E324", row=row, reason=kind, reason_zh=words("reason").get(kind, kind))


def _find_other_tables(chunk: Chunk, ignored: dict[int, str], others: list[tuple[int, int]]) -> None:
    """Note where another table begins, and where the heading of this one comes again."""
    for i, kind in list(ignored.items()):
        row = int(chunk.row_numbers[i])
        if kind == ANOTHER:
            others.append((row, row))
        elif kind == "repeated heading":
            others.append((row, 0))
        elif kind == NOTHING_KNOWN and _table_at(row, others):
            del ignored[i]


def _table_at(row: int, others: list[tuple[int, int]]) -> int:
    """Give the row in which the table that a row belongs to begins; 0 is the table asked for."""
    at = bisect_right(others, row, key=lambda other: other[0]) - 1
    same_sheet = at >= 0 and others[at][0] // SHEET_ROWS == row // SHEET_ROWS
    return others[at][1] if same_sheet else 0


def set_aside_foreign(frame: pd.DataFrame, context: RowContext) -> Found:
    """Set aside the rows of another table further down, whose columns are others."""
    others = context.seen.others
    if others:
        begins = np.array([_table_at(row, others) for row in frame["row"].tolist()])
        foreign = np.flatnonzero(begins)
        yield on_rows("E115", foreign, first=begins[foreign].tolist())


def set_aside_damaged(frame: pd.DataFrame, context: RowContext) -> Found:
    """Set aside the rows that the file holds only in part."""
    chunk, fields = context.chunk, len(context.headings.names)
    if not chunk.damaged:
        return
    at = np.flatnonzero(alive(frame) & frame["row"].isin(list(chunk.damaged)).to_numpy())
    for i, row in zip(at.tolist(), frame["row"].to_numpy()[at].tolist(), strict=True):
        kind, cells = chunk.damaged[row], chunk.damaged_cells.get(row)
        reason = _DAMAGE.get(kind, "cannot be read")
        values = [f"{len(cells)} of {fields} fields"] if cells and kind == "ragged" else None
        yield on_rows("E109", [i], None, values, reason=reason, reason_zh=words("reason")[reason])
