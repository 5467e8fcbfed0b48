"""Workbooks → rows: which sheet, where its table begins and ends, merges filled, the rest told."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Literal

import numpy as np

from siting.inputs.dictionary.issues import SHEET_ROWS
from siting.inputs.dictionary.words import fold
from siting.inputs.files.archive import Parts
from siting.inputs.files.levels import Heading, find_heading, headings_seen
from siting.inputs.files.raw import (
    CHUNK_ROWS,
    HEADING_SEARCH_ROWS,
    Chunk,
    IsHeading,
    RawTable,
    check_text,
    mark_lost,
    note,
    printable,
    refuse,
    started,
)
from siting.inputs.files.xlsx import Grid, GridRow, column_letters, read_book, read_grid
from siting.types import InputError

ALL = "all"
"""Said in place of a sheet: all sheets of one shape, such as one a township."""
Entry = tuple[str, str, bool]
"""Name of a sheet, its part, whether it is hidden."""
ReadGrid = Callable[[str, int | None], Grid]
"""Reads a part, or its first rows."""
_FILE_PASS = re.compile(rb"\x09\x08(?:\x10\x00.{16}|\x08\x00.{8})\x2f\x00", re.DOTALL)
"""The first records of a workbook of Excel 97–2003 under a password."""
PEEK_ROWS = HEADING_SEARCH_ROWS + 2
MAX_BLANK_RUN = 1000
"""Blank rows in one run that are listed by number."""


def refuse_ole(data: bytes, file: str) -> None:
    """Refuse an OLE container that is no workbook of Excel 97–2003: one under a password, a document."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo") or _FILE_PASS.search(data):
        refuse(file, "E520")
    if holds("WordDocument"):
        refuse(file, "E521")


def read_workbook(parts: Parts, sheet: str | None, is_heading: IsHeading) -> RawTable:
    """Read the one sheet that holds the table asked for."""
    book = read_book(parts)
    return read_sheets(
        book.sheets, lambda part, limit: read_grid(parts, book, part, limit), parts.file, sheet, is_heading
    )


def read_sheets(
    sheets: Sequence[Entry], read: ReadGrid, file: str, sheet: str | None, is_heading: IsHeading
) -> RawTable:
    """Read the one sheet of several that holds the table asked for, or all that hold one of its shape."""
    if sheet == ALL and ALL not in (name for name, _, _ in sheets):
        return _read_all(sheets, read, file, is_heading)
    grids: dict[str, Grid] = {}
    (name, part, hidden), others = _choose(sheets, read, file, grids, sheet, is_heading)
    grid = grids.get(part) or read(part, None)
    table = table_of(grid, file, is_heading, sheet=name)
    table.notes += [note(file, "E002", ", ".join(others), sheet=name)] * bool(others)
    table.notes += [note(file, "E006", sheet=name)] * hidden
    return table


def _read_all(sheets: Sequence[Entry], read: ReadGrid, file: str, is_heading: IsHeading) -> RawTable:
    """Read all sheets whose headings are those of the first that has any, in any order, as one table."""
    whole: RawTable | None = None
    read_on: list[str] = []
    others: list[str] = []
    chunks: list[Iterator[Chunk]] = []
    for name, part, hidden in sheets:
        if not has_heading(read(part, PEEK_ROWS), is_heading):
            continue
        try:
            table = table_of(read(part, None), file, is_heading, sheet=name)
        except InputError:  # a heading without rows
            others.append(name)
            continue
        whole = whole or table
        order = _same_columns(whole.headings, table.headings)
        if order is None:
            others.append(name)
            continue
        table.notes += [note(file, "E006", sheet=name)] * hidden
        chunks.append(_moved(table.source, len(read_on) * SHEET_ROWS, order))
        if table is not whole:
            _continue(whole, table, len(read_on) * SHEET_ROWS)
        read_on.append(name)
    if whole is None:
        return read_sheets(sheets, read, file, None, is_heading)
    whole.source = chain.from_iterable(chunks)
    whole.notes += [note(file, "E017", ", ".join(others))] * bool(others)
    if len(read_on) > 1:
        whole.sheet, whole.sheets = ", ".join(read_on), tuple(read_on)
    return whole


def _same_columns(first: Sequence[str], other: Sequence[str]) -> list[int] | None:
    """Give for each heading of the first sheet its position in the other; None if they differ."""
    plain, own = ([re.sub(r"\s+", "", fold(name)) for name in names] for names in (first, other))
    if sorted(plain) != sorted(own) or len(set(own)) < len(own):
        return list(range(len(plain))) if plain == own else None
    return [own.index(name) for name in plain]


def _continue(whole: RawTable, table: RawTable, offset: int) -> None:
    """Take over what a further sheet tells besides its rows."""
    first, last = table.heading_rows
    whole.ignored += [(offset + row, kind) for row, kind in table.ignored]
    whole.ignored += [(offset + row, "repeated heading") for row in range(first, last + 1)]
    whole.notes += table.notes


def _moved(source: Iterator[Chunk], offset: int, order: list[int]) -> Iterator[Chunk]:
    """Give the chunks of a sheet, their rows numbered on and their columns in the order of the first."""
    place = {own: at for at, own in enumerate(order)}
    for chunk in source:
        chunk.row_numbers = chunk.row_numbers + offset
        chunk.columns = [chunk.columns[i] for i in order]
        chunk.numeric = [chunk.numeric[i] for i in order]
        chunk.odd = {(row + offset, place[i]): kind for (row, i), kind in chunk.odd.items()}
        chunk.filled = {(row + offset, place[i]) for row, i in chunk.filled}
        chunk.damaged = {row + offset: kind for row, kind in chunk.damaged.items()}
        chunk.damaged_cells = {row + offset: cells for row, cells in chunk.damaged_cells.items()}
        yield chunk


def _choose(
    sheets: Sequence[Entry],
    read: ReadGrid,
    file: str,
    grids: dict[str, Grid],
    sheet: str | None,
    is_heading: IsHeading,
) -> tuple[Entry, list[str]]:
    """Pick the sheet asked for, or the one that holds the table; name the others that might.

    Sheets short enough to be read whole on the way are left in `grids`.
    """
    names = ", ".join(name for name, _, _ in sheets)
    if sheet is not None:
        chosen = [entry for entry in sheets if entry[0] == sheet]
        if not chosen:
            refuse(file, "E522", sheet=sheet, names=names)
        return chosen[0], []
    found, seen = [], []
    for entry in sheets:
        grid = read(entry[1], PEEK_ROWS)
        if len(grid.rows) < PEEK_ROWS:
            grids[entry[1]] = grid
        rows = [row.cells for row in grid.rows[:PEEK_ROWS]]
        heading = _heading_of(grid, is_heading)
        if heading:
            found.append(((len(rows) > heading.last + 1, not entry[2]), heading.score, entry))
        seen.append(f"{entry[0]}: {headings_seen(rows)}")
    if not found:
        refuse(file, "E523", seen="; ".join(seen) or names)
    # Rows before none, open before hidden; then the sheet that knows twice as many headings as any other.
    best = max((standing, score) for standing, score, _ in found)
    matching = [entry for standing, score, entry in found if standing == best[0] and score * 2 > best[1]]
    if len(matching) > 1:
        these = ", ".join(entry[0] for entry in matching)
        refuse(file, "E524", count=len(matching), names=these)
    return matching[0], [entry[0] for *_, entry in found if entry is not matching[0]]


# --- cells → table --------------------------------------------------------------------------------------


def table_of(
    grid: Grid,
    file: str,
    is_heading: IsHeading,
    *,
    sheet: str | None = None,
    kind: Literal["workbook", "html"] = "workbook",
) -> RawTable:
    """Find the heading in a grid and make a table of what stands below it."""
    heading = _heading_of(grid, is_heading)
    if heading is None:
        place = file + (f" [{sheet}]" if sheet else "")
        heads = [row.cells for row in grid.rows[:PEEK_ROWS]]
        refuse(place, "E525", rows=HEADING_SEARCH_ROWS, seen=headings_seen(heads))
    cells = list(heading.cells)
    while not cells[-1].strip():
        cells.pop()
    first, last = _numbers_of(heading, grid)
    table = RawTable(
        file=file,
        sha256="",
        kind=kind,
        headings=tuple(cells),
        heading_rows=(first, last),
        source=iter(()),
        sheet=sheet,
        titles=tuple(" ".join(row.cells) for row in grid.rows[: heading.first]),
    )
    above, below = grid.rows[: heading.first], grid.rows[heading.last + 1 :]
    below = _within(below, grid, table)
    filled = _fill_merges(below, grid, table)
    if hidden := [row for row in grid.hidden if row > last]:
        table.notes.append(note(file, "E003", _listed(hidden), sheet=sheet, row=hidden[0]))
    table.ignored += [(row.number, "title") for row in above]
    used = [*(row.number for row in above), *range(first, last + 1), *(row.number for row in below)]
    _list_blanks(used, table)
    table.ignored.sort()
    table.source = started(_chunks(below, grid.odd, filled, table), file)
    return table


def has_heading(grid: Grid, is_heading: IsHeading) -> bool:
    """Tell whether a grid holds the table asked for."""
    return _heading_of(grid, is_heading) is not None


def _heading_of(grid: Grid, is_heading: IsHeading) -> Heading | None:
    """Find the heading of a sheet, its merges told by position: rows that hold nothing are not counted."""
    rows = grid.rows[:PEEK_ROWS]
    numbers = [row.number for row in rows]
    place = {number: i for i, number in enumerate(numbers)}
    merges = [
        (place[first], left, bisect_right(numbers, last) - 1, right)
        for first, left, last, right in grid.merges
        if first in place
    ]
    return find_heading([row.cells for row in rows], is_heading, merges)


def _numbers_of(heading: Heading, grid: Grid) -> tuple[int, int]:
    """Give the first and last row of a heading; blank rows under its merges are part of it."""
    first, last = (grid.rows[i].number for i in (heading.first, heading.last))
    below = grid.rows[heading.last + 1].number if heading.last + 1 < len(grid.rows) else last + 1
    down = [bottom for top, _, bottom, _ in grid.merges if first <= top <= last < bottom < below]
    return first, max([last, *down])


def _within(rows: list[GridRow], grid: Grid, table: RawTable) -> list[GridRow]:
    """Cut rows to the table's width; what stands to its right is noted, a row of nothing else ignored."""
    width = len(table.headings)
    within, outside = [], list(grid.stray)
    for row in rows:
        number, cells = row.number, row.cells
        if len(cells) > width:
            outside += [
                (number, f"{column_letters(i)}{number}") for i in range(width, len(cells)) if cells[i].strip()
            ]
            row.cells = cells = cells[:width]
        if any(cell.strip() for cell in cells):
            within.append(row)
    kept = {row.number for row in within}
    table.ignored += [(number, "stray") for number in sorted({r for r, _ in outside} - kept)]
    if outside:
        found = _listed([cell for _, cell in outside])
        table.notes.append(note(table.file, "E005", found, sheet=table.sheet, row=outside[0][0]))
    return within


def _fill_merges(rows: list[GridRow], grid: Grid, table: RawTable) -> set[tuple[int, int]]:
    """Repeat the first cell of a merge down its column, and note it; titles and headings are not touched."""
    filled: set[tuple[int, int]] = set()
    if not grid.merges or not rows:
        return filled
    width, index = len(table.headings), {row.number: i for i, row in enumerate(rows)}
    for first, column, last, right in sorted(grid.merges):
        start = index.get(first)
        if start is None or last <= first or column >= width or len(rows[start].cells) <= column:
            continue
        value = rows[start].cells[column]
        for row in rows[start + 1 : start + 1 + last - first]:
            number, cells = row.number, row.cells
            if number > last:
                break
            cells += [""] * (column + 1 - len(cells))
            cells[column] = value
            filled.add((number, column))
            row.mask |= rows[start].mask & 1 << column
            if (first, column) in grid.odd:
                grid.odd[number, column] = grid.odd[first, column]
        where = f"{column_letters(column)}{first}:{column_letters(right)}{last}"
        table.notes.append(
            note(
                table.file,
                "E004",
                where,
                sheet=table.sheet,
                row=first,
                column=table.headings[column],
                value=printable(value),
            )
        )
    return filled


def _list_blanks(filled: list[int], table: RawTable) -> None:
    """List the blank rows between the first row and the last that holds something; long runs in one note."""
    runs = []
    for before, after in zip([0, *filled], filled, strict=False):
        if after - before - 1 > MAX_BLANK_RUN:
            runs.append(f"{before + 1}–{after - 1}")
        else:
            table.ignored += [(row, "blank") for row in range(before + 1, after)]
    if runs:
        table.notes.append(note(table.file, "E013", _listed(runs), sheet=table.sheet))


def _listed(items: Sequence[object]) -> str:
    return ", ".join(map(str, items[:5])) + (f" … ({len(items)})" if len(items) > 5 else "")


def _chunks(
    rows: list[GridRow], odd: dict[tuple[int, int], str], filled: set[tuple[int, int]], table: RawTable
) -> Iterator[Chunk]:
    waiting, width = iter(rows), len(table.headings)
    while part := list(islice(waiting, CHUNK_ROWS)):
        numbers = [row.number for row in part]
        padded = [row.cells + [""] * (width - len(row.cells)) for row in part]
        masks = [row.mask for row in part]
        typed = 0
        for mask in masks:
            typed |= mask
        present = set(numbers)
        chunk = Chunk(
            row_numbers=np.array(numbers, dtype=np.int64),
            columns=[list(column) for column in zip(*padded, strict=True)],
            odd={key: kind for key, kind in odd.items() if key[0] in present and key[1] < width},
            numeric=[
                np.array([mask >> j & 1 for mask in masks], dtype=bool) if typed >> j & 1 else None
                for j in range(width)
            ],
            filled=filled,
        )
        check_text(chunk, table)
        mark_lost(chunk)
        yield chunk
