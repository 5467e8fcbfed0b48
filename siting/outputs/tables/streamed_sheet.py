"""Table → a sheet of an XLSX file, written column by column: a large register takes seconds, not minutes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from siting.outputs.text.cells import is_missing, native, plain
from siting.outputs.text.wording import words

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.format import Format

    from siting.types import Cell

_LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""
_NARROWEST = 8
"""Characters of a column's width."""
_ROWS_AT_ONCE = 5_000
"""Rows held as XML at a time."""
_SAMPLE = 200
"""Rows that set a column's width."""
_DIGITS = 10
"""Digits of a figure: more are noise of the arithmetic, and take half the file and half the time."""
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CODED = re.compile("(_x[0-9A-Fa-f]{4}_)")
_ODD = re.compile("[&<>\ud800-\udfff\ufffe\uffff]|_x")


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading, its figures, how its text is shown."""

    heading: str
    cells: pd.Series
    words_of: Callable[[str], str]
    """What stands in a file → the word that people read."""


class StreamedSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter says no types
    """A sheet with one heading row and columns below it; user text stays text."""

    columns: Sequence[Column] = ()
    number_style = text_style = 0

    def set_table(
        self, columns: Sequence[Column], *, head: Format, number: Format, text: Format, widest: int = 44
    ) -> None:
        """Take the columns, the formats of headings, decimal numbers and text, and the widest column."""
        self.columns = columns
        self.number_style, self.text_style = number._get_xf_index(), text._get_xf_index()
        for place, column in enumerate(columns):
            self.write_string(0, place, plain(column.heading), head)
            self.set_column(place, place, _width(column, widest))
        n_rows = len(columns[0].cells)
        self.dim_rowmax = n_rows
        self.autofilter(0, 0, max(n_rows, 1), len(columns) - 1)

    def _write_rows(self) -> None:
        # A call of xlsxwriter a cell takes five times as long as this for a register of 20,000 enterprises.
        n_rows, self.dim_rowmax = self.dim_rowmax, 0
        super()._write_rows()
        self.dim_rowmax = n_rows
        for start in range(0, n_rows, _ROWS_AT_ONCE):
            rows = range(start, min(start + _ROWS_AT_ONCE, n_rows))
            cells = (self._column_xml(place, rows) for place in range(len(self.columns)))
            for row, found in zip(rows, zip(*cells, strict=True), strict=True):
                self.fh.write(f'<row r="{row + 2}">{"".join(found)}</row>')

    def _column_xml(self, place: int, rows: range) -> list[str]:
        column, letters = self.columns[place], xl_col_to_name(place)
        cells = column.cells.iloc[rows.start : rows.stop]
        placed = list(zip(range(rows.start + 2, rows.stop + 2), cells.tolist(), strict=True))
        if cells.dtype == float:
            head = f'" s="{self.number_style}"><v>'
            return [
                f'<c r="{letters}{row}{head}{value:.{_DIGITS}g}</v></c>'
                if math.isfinite(value)
                else self._cell(f"{letters}{row}", value)
                for row, value in placed
            ]
        known: dict[str, str] = {}
        for text in {value for _, value in placed if isinstance(value, str)}:
            known[text] = self._text(column.words_of(text))
        return [
            f'<c r="{letters}{row}{known[value]}'
            if isinstance(value, str)
            else self._cell(f"{letters}{row}", native(value))
            for row, value in placed
        ]

    def _cell(self, at: str, value: Cell) -> str:
        if is_missing(value):
            return ""
        if isinstance(value, bool):
            shown = words("zh")["yes" if value else "no"]
        elif isinstance(value, float) and math.isinf(value):
            shown = words("zh")["number.unreachable"]
        elif isinstance(value, int | float):
            style, digits = (self.number_style, f".{_DIGITS}g") if isinstance(value, float) else (0, "d")
            return f'<c r="{at}" s="{style}"><v>{value:{digits}}</v></c>'
        else:
            shown = str(value)
        return f'<c r="{at}{self._text(shown)}'

    def _text(self, text: str) -> str:
        """Write a text as a cell from its place on; what Excel would read as a coded character stays so."""
        shown = plain(text)[:_LONGEST_CELL]
        if _ODD.search(shown):
            shown = escape(_CODED.sub(r"_x005F\1", _NOT_XML.sub("", shown)))
        return f'" s="{self.text_style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _width(column: Column, widest: int) -> float:
    """Width of a column in characters; headings wrap."""
    cells = column.cells.head(_SAMPLE)
    values = cells.tolist()
    if cells.dtype == float:  # the longest figure is the largest or the least
        figures = [value for value in values if math.isfinite(value)]
        values = [min(figures), max(figures)] if figures else []
    texts = {value for value in values if isinstance(value, str)}
    others = (native(value) for value in values if not isinstance(value, str))
    shown = [_length(value, column.words_of) for value in (*texts, *others)]
    return min(widest, max(_NARROWEST, min(18, _wide(column.heading) + 3), *shown, 0) + 1)


def _length(value: Cell, words_of: Callable[[str], str]) -> int:
    if is_missing(value):
        return 0
    return len(f"{value:,.2f}") if isinstance(value, int | float) else _wide(words_of(str(value)))


def _wide(text: str) -> int:
    """Characters of a text, Chinese ones as two."""
    return len(text) if text.isascii() else sum(1 + (letter > "\u2e7f") for letter in text)
