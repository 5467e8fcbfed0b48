"""The tags of an HTML page → one grid of cells, tables within a layout table laid out below each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from siting.inputs.files.levels import HEADING_SCORE
from siting.inputs.files.raw import HEADING_SEARCH_ROWS, IsHeading
from siting.inputs.files.xlsx import MAX_CELLS, Grid, GridRow

MAX_SPAN = 1000
"""Columns or rows over which one cell may stretch."""
MAX_NESTED = 20
"""Tables within each other; the text of deeper ones is added to their cell."""


@dataclass(slots=True)
class _Row:
    cells: list[str] = field(default_factory=list)
    mask: int = 0
    """Bits of the columns typed as numbers."""
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    """First column, last column, rows."""
    inner: list[_Table] = field(default_factory=list)
    """Tables in its cells that stand for themselves."""


@dataclass(slots=True)
class _Table:
    rows: list[_Row] = field(default_factory=list)
    below: dict[int, int] = field(default_factory=dict)
    """Column → last row that a cell above stretches down to."""
    widest: int = 0
    has_heading: bool = False
    row: _Row | None = None
    text: list[str] | None = None
    """Of the open cell."""
    span: tuple[int, int] = (1, 1)
    number: str | None = None
    """Of the open cell, as Excel writes it beside the text shown."""


class HtmlTables(HTMLParser):
    """Collects the rows of all tables; a cell over several rows or columns becomes a merge.

    A table within a cell is a table of its own where the outer one only arranges the page; where the outer
    one has a known heading, or the inner one but one column, its text is part of the cell.
    """

    def __init__(self, is_heading: IsHeading):
        super().__init__(convert_charrefs=True)
        self.overflow = False
        self._is_heading = is_heading
        self._tables: list[_Table] = []
        self._open: list[_Table] = []
        self._deeper = self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open tables, rows and cells."""
        if tag == "table":
            self._start_table()
            return
        table = self._open[-1] if self._open else None
        if table is None or self._deeper or self._count > MAX_CELLS:
            self.overflow = self.overflow or self._count > MAX_CELLS
            if table is not None and tag == "br" and table.text is not None:
                table.text.append("\n")
        elif tag == "br" and table.text is not None:
            table.text.append("\n")
        elif tag == "tr":
            self._end_row(table)
            table.row = _Row()
        elif tag in ("td", "th") and table.row is not None:
            self._end_cell(table)
            found = dict(attrs)
            table.span = _span(found.get("rowspan")), _span(found.get("colspan"))
            table.number = found.get("x:num") or None
            table.text = []

    def handle_endtag(self, tag: str) -> None:
        """Close tables, rows and cells."""
        if not self._open or (self._deeper and tag != "table"):
            return
        if tag == "table":
            self._end_table()
        elif tag in ("td", "th"):
            self._end_cell(self._open[-1])
        elif tag == "tr":
            self._end_row(self._open[-1])

    def handle_data(self, data: str) -> None:
        """Keep the text of the open cell."""
        if self._open and self._open[-1].text is not None:
            self._open[-1].text.append(re.sub(r"[ \t\r\n\xa0]+", " ", data))

    def grid(self) -> Grid:
        """Close what is open and lay all tables out below each other."""
        while self._open:
            self._deeper = 0
            self._end_table()
        grid, number = Grid(), 0
        for table in self._tables:
            number = _lay_out(table, grid, number)
        return grid

    def _start_table(self) -> None:
        if len(self._open) == MAX_NESTED or (self._open and self._open[-1].text is None):
            self._deeper += bool(self._open)
        if not self._deeper:
            self._open.append(_Table())

    def _end_table(self) -> None:
        if self._deeper:
            self._deeper -= 1
            return
        table = self._open.pop()
        self._end_row(table)
        if not self._open:
            self._tables.append(table)
            return
        outer = self._open[-1]
        if table.widest > 1 and not outer.has_heading and outer.row is not None:
            outer.row.inner.append(table)
        elif outer.text is not None:
            cells = (cell for row in table.rows for cell in row.cells if cell)
            outer.text.append(" ".join(cells))

    def _end_cell(self, table: _Table) -> None:
        if table.text is None or table.row is None:
            return
        row, number = table.row, len(table.rows)
        while table.below.get(len(row.cells), -1) >= number:
            row.cells.append("")
        down, right = table.span
        column = len(row.cells)
        if table.number:
            row.mask |= 1 << column
        row.cells.append(table.number or "".join(table.text).strip(" "))
        row.cells += [""] * (right - 1)
        if down > 1 or right > 1:
            row.merges.append((column, column + right - 1, down))
        if down > 1:
            table.below |= dict.fromkeys(range(column, column + right), number + down - 1)
        self._count += right
        table.text = None

    def _end_row(self, table: _Table) -> None:
        """Close the open row; one that only holds tables of their own is no row of the page."""
        self._end_cell(table)
        row, table.row = table.row, None
        if row is None:
            return
        while row.cells and not row.cells[-1].strip():
            row.cells.pop()
        table.widest = max(table.widest, len(row.cells), *(inner.widest for inner in row.inner), 0)
        if len(table.rows) < HEADING_SEARCH_ROWS and not table.has_heading:
            table.has_heading = self._is_heading(row.cells) >= HEADING_SCORE
        table.rows.append(row)


def _lay_out(table: _Table, grid: Grid, number: int) -> int:
    """Add the rows of a table to a grid below row `number`, inner tables below their row."""
    numbers: list[int] = []
    for row in table.rows:
        number += not row.inner or bool(row.cells)
        numbers.append(number)
        if row.cells:
            grid.rows.append(GridRow(number, row.cells, row.mask))
        for inner in row.inner:
            number = _lay_out(inner, grid, number)
    for at, row in enumerate(table.rows):
        for left, right, down in row.merges:
            last = at + down - 1
            bottom = numbers[last] if last < len(numbers) else numbers[at] + down - 1
            grid.merges.append((numbers[at], left, bottom, right))
    return number


def _span(text: str | None) -> int:
    """Read a rowspan or colspan; what is no number counts as 1."""
    digits = (text or "").strip()[:9]
    return min(max(int(digits), 1), MAX_SPAN) if digits.isascii() and digits.isdigit() else 1
