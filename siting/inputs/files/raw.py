"""What every reader hands over: rows of text with the numbers a planner sees, not yet judged.

`text`, `workbook` and `layers` fill these records; `tables` decides what each row means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Literal, NoReturn

from siting.messages import error_of, messages, text_of
from siting.types import Issue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

IsHeading = Callable[[Sequence[str]], int]
TellRoads = Callable[[Sequence[str], Sequence[Sequence[str]]], bool]
"""Whether a layer of these headings and first rows is one of roads."""

HEADING_SEARCH_ROWS = 50
"""Rows from the top among which the heading is looked for; title rows stand above it."""
CHUNK_ROWS = 50_000

MOST_COLUMNS = 2000
"""Columns that a table may have."""
MOST_CHARACTERS = 1_000_000
"""Characters that one cell may have: thirty times what Excel lets into one."""
MOST_TEXT = 600_000_000
"""Characters of all cells together: a workbook may state a text once and name it in every cell."""

_LOST = ("\ufffd", "锟斤拷")
"""What is left of text once decoded wrongly and saved: the replacement character, and it read as GBK."""


@dataclass(slots=True)
class Chunk:
    """Some consecutive data rows, column by column."""

    row_numbers: NDArray[np.int64]
    """Integers, ascending: Excel row, line on which the record starts, or position of the feature."""
    columns: list[list[str]]
    """One list a heading, each as long as `row_numbers`; text as found, not stripped; ``""`` is empty.

    Error cells hold ``#N/A`` …, booleans ``TRUE`` or ``FALSE``, dates ``2011-02-18``, formulas without a
    stored value ``=SUM(A1:A2)``: all four are listed in `odd`.
    """
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row number, column index) → ``error, boolean, date, percent, formula_no_value, list``."""
    filled: set[tuple[int, int]] = field(default_factory=set)
    """(row number, column index) of cells that repeat the first cell of their merge."""
    numeric: list[NDArray[np.bool_] | None] = field(default_factory=list)
    """A mask per column, true where the cell is typed as a number; None: none is. Empty for text files."""
    geometry: list[BaseGeometry | None] | None = None
    """Shapely geometries (2-D), None where there is none; only for layers."""
    geometry_faults: dict[int, str] = field(default_factory=dict)
    """Row number → ``null, empty, not_finite, malformed, invalid`` (invalid: still given in `geometry`)."""
    damaged: dict[int, str] = field(default_factory=dict)
    """Row number → ``undecodable, unclosed_quote, ragged, malformed``; `columns` hold it, padded or cut."""
    damaged_cells: dict[int, list[str]] = field(default_factory=dict)
    """Row number of a damaged row → its cells as found, however many."""


@dataclass(slots=True)
class RawTable:
    """One table as read. `ignored` and `notes` are complete once `chunks` is exhausted."""

    file: str
    """Name of the file, no folder."""
    sha256: str
    """Of the bytes that were parsed."""
    kind: Literal["csv", "workbook", "html", "layer"]
    headings: tuple[str, ...]
    """As found; the levels of a heading joined: ``坐标/经度``; ``""`` where a column has none."""
    heading_rows: tuple[int, int]
    """First and last row of the heading; (0, 0) for layers. Not listed in `ignored`."""
    source: Iterator[Chunk]
    sheet: str | None = None
    """Sheet of a workbook or layer of a GeoPackage."""
    encoding: str | None = None
    """Python's name of it; None where the format fixes it."""
    crs: str | None = None
    """Coordinate system that the file carries: ``EPSG:n``, WKT, or ``WGS84`` (GeoJSON without a member)."""
    sheets: tuple[str, ...] = ()
    """Sheets that are read as one table; the rows of each begin `SHEET_ROWS` below the one before."""
    titles: tuple[str, ...] = ()
    """Rows of text above the heading, the cells of each joined by blanks."""
    ignored: list[tuple[int, str]] = field(default_factory=list)
    """(row, ``title, blank, separator, stray``)."""
    notes: list[Issue] = field(default_factory=list)
    characters: int = 0
    """Characters in the cells of the chunks so far."""

    def chunks(self) -> Iterator[Chunk]:
        """Hand the data rows over, once."""
        return self.source

    def first_rows(self, most: int) -> list[list[str]]:
        """Look at the cells of the first rows; they are still handed over."""
        first = next(self.source, None)
        if first is None:
            return []
        self.source = chain([first], self.source)
        rows = range(min(most, len(first.row_numbers)))
        return [[column[i] for column in first.columns] for i in rows]


def note(
    file: str,
    code: str,
    found: object = "",
    *,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    value: str | None = None,
) -> Issue:
    """Build a note of the reader, `found` set into its text."""
    message = messages()[code]
    english, chinese = (message[part].format(found=found) for part in ("action", "action_zh"))
    return Issue(file, code, "note", english, sheet, row, column, value, action_zh=chinese)


def refuse(file: str, code: str, **words: object) -> NoReturn:
    """Raise the one-line refusal: file, cause, what to do."""
    raise error_of(text_of(code, file, **words), codes=(code,))


def printable(text: str, length: int = 80) -> str:
    """Cut `text` and show its control characters, for messages."""
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:length]
    )
    return shown + ("…" if len(text) > length else "")


def sound(text: str) -> str:
    """Join pairs of surrogates; a lone one becomes U+FFFD, since no file could hold it."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def is_blank(cells: Sequence[str]) -> bool:
    """Tell whether a row holds nothing but blanks, or the mark that old programs set at the end of a file."""
    return not any(cell.strip().strip("\x00\x1a") for cell in cells)


def started(chunks: Iterator[Chunk], file: str, empty: str = "E516") -> Iterator[Chunk]:
    """Take the first chunk, so that a table without rows is refused (`empty`) before anyone works on it."""
    first = next(chunks, None)
    if first is None:
        refuse(file, empty)
    return chain([first], chunks)


def check_headings(table: RawTable) -> None:
    """Refuse a table of too many columns, or with a heading that is far too long."""
    if len(table.headings) > MOST_COLUMNS:
        refuse(table.file, "E549", count=len(table.headings), limit=MOST_COLUMNS)
    for i, heading in enumerate(table.headings, 1):
        if len(heading) > MOST_CHARACTERS:
            refuse(table.file, "E538", limit=f"{MOST_CHARACTERS:,}", row=table.heading_rows[0], column=i)


def check_text(chunk: Chunk, table: RawTable) -> None:
    """Refuse a cell that is far too long, and more text than fits the memory, before any of it is joined."""
    for i, column in enumerate(chunk.columns):
        characters = sum(map(len, column))
        table.characters += characters
        if characters > MOST_CHARACTERS and max(map(len, column)) > MOST_CHARACTERS:
            longest = max(range(len(column)), key=lambda i: len(column[i]))
            row = int(chunk.row_numbers[longest])
            heading = printable(table.headings[i]) or i + 1
            refuse(table.file, "E538", limit=f"{MOST_CHARACTERS:,}", row=row, column=heading)
    if table.characters > MOST_TEXT:
        refuse(table.file, "E539", limit=f"{MOST_TEXT:,}")


def mark_lost(chunk: Chunk) -> None:
    """Mark the rows whose text was lost before or while it was decoded."""
    for column in chunk.columns:
        whole = "\n".join(column)
        if not any(mark in whole for mark in _LOST):
            continue
        for i, cell in enumerate(column):
            if any(mark in cell for mark in _LOST):
                row = int(chunk.row_numbers[i])
                chunk.damaged[row] = "undecodable"
                chunk.damaged_cells.setdefault(row, [c[i] for c in chunk.columns])
