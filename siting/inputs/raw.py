"""What every reader hands over: rows of text with the numbers a planner sees, not yet judged.

`text`, `workbook` and `layers` fill these records; `tables` decides what each row means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any, Literal, NoReturn

import numpy as np

from siting.inputs.issues import messages, refusal
from siting.types import Issue

IsHeading = Callable[[Sequence[str]], int]

HEADING_SEARCH_ROWS = 50
"""Rows from the top among which the heading is looked for; title rows stand above it."""
HEADING_SCORE = 2
"""Known headings that make a row a heading."""
CHUNK_ROWS = 50_000

_LOST = ("\ufffd", "锟斤拷")
"""What is left of text once decoded wrongly and saved: the replacement character, and it read as GBK."""


@dataclass(slots=True)
class Chunk:
    """Some consecutive data rows, column by column."""

    row_numbers: np.ndarray
    """Integers, ascending: Excel row, line on which the record starts, or position of the feature."""
    columns: list[list[str]]
    """One list a heading, each as long as `row_numbers`; text as found, not stripped; ``""`` is empty.

    Error cells hold ``#N/A`` …, booleans ``TRUE`` or ``FALSE``, dates ``2011-02-18``, formulas without a
    stored value ``=SUM(A1:A2)``: all four are listed in `odd`.
    """
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row number, column index) → ``error, boolean, date, percent, formula_no_value, list``."""
    numeric: list[np.ndarray | None] = field(default_factory=list)
    """A mask per column, true where the cell is typed as a number; None: none is. Empty for text files."""
    geometry: list[Any] | None = None
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
    """As found; two-level headings joined ``坐标/经度`` (match the whole first, then the last part);
    ``""`` where a column has none."""
    heading_rows: tuple[int, int]
    """First and last row of the heading; (0, 0) for layers. Not listed in `ignored`."""
    source: Iterator[Chunk]
    sheet: str | None = None
    """Sheet of a workbook or layer of a GeoPackage."""
    encoding: str | None = None
    """Python's name of it; None where the format fixes it."""
    crs: str | None = None
    """Coordinate system that the file carries: ``EPSG:n``, WKT, or ``WGS84`` (GeoJSON without a member)."""
    ignored: list[tuple[int, str]] = field(default_factory=list)
    """(row, ``title, blank, separator, stray``)."""
    notes: list[Issue] = field(default_factory=list)

    def chunks(self) -> Iterator[Chunk]:
        """Hand the data rows over, once."""
        return self.source


def note(file: str, code: str, found: object = "", **where: Any) -> Issue:
    """Build a note of the reader, `found` set into its text."""
    message = messages()[code]
    english, chinese = (message[part].format(found=found) for part in ("action", "action_zh"))
    return Issue(file=file, code=code, severity="note", action=english, action_zh=chinese, **where)


def refuse(file: str, code: str, **words: Any) -> NoReturn:
    """Raise the one-line refusal: file, cause, what to do."""
    raise refusal(file, code, **words)


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading stands: positions in the list of rows searched, both ends included."""

    first: int
    last: int
    cells: tuple[str, ...]
    score: int


def find_heading(rows: Sequence[Sequence[str]], is_heading: IsHeading) -> Heading | None:
    """Find the first row, or pair of rows, that names enough known columns.

    A pair counts only where the two levels together name more columns than either alone, so a title above a
    heading and a units row below it stay what they are. In the upper row a blank cell belongs to the group
    on its left wherever the lower row has a cell.
    """
    for i, row in enumerate(rows[:HEADING_SEARCH_ROWS]):
        single = is_heading(row)
        if i + 1 < len(rows):
            joined = join_levels(row, rows[i + 1])
            double = is_heading(joined)
            if double >= HEADING_SCORE and double > max(single, is_heading(rows[i + 1])):
                return Heading(i, i + 1, tuple(joined), double)
        if single >= HEADING_SCORE:
            return Heading(i, i, tuple(row), single)
    return None


def join_levels(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Join a two-level heading to one name a column: ``坐标`` above ``经度`` gives ``坐标/经度``."""
    joined, group = [], ""
    for above, below in zip_longest(upper, lower, fillvalue=""):
        above, below = above.strip(), below.strip()
        group = (above or group) if below else ""
        joined.append(f"{group}/{below}" if group and group != below else below or above)
    return joined


def headings_seen(rows: Sequence[Sequence[str]]) -> str:
    """Show the widest of the first rows, for a refusal: the names that stand where a heading should."""
    widest = max(rows[:HEADING_SEARCH_ROWS], key=lambda row: sum(map(bool, row)), default=())
    names = [printable(cell.strip(), 20) for cell in widest if cell.strip()]
    more = f" … ({len(names)} in all)" if len(names) > 12 else ""
    return (", ".join(names[:12]) + more) or "—"


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
