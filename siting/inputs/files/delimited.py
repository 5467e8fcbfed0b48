"""Bytes → rows: decides by content what a file is, decodes it, and keeps the row numbers a planner sees."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice

import numpy as np

from siting.inputs.files.encodings import decode, is_garbled
from siting.inputs.files.levels import Heading, find_heading, headings_seen
from siting.inputs.files.quoting import QUOTES, Dialect, unwrap
from siting.inputs.files.raw import (
    CHUNK_ROWS,
    HEADING_SEARCH_ROWS,
    Chunk,
    IsHeading,
    RawTable,
    check_text,
    is_blank,
    mark_lost,
    note,
    refuse,
    started,
)

MAX_RECORD_LINES = 1000
"""Physical lines that one quoted cell may span; beyond, its quote counts as never closed."""
DELIMITERS = ",\t;|，"
BLOCK_ROWS = 2000
"""Records turned to columns at a time."""
HEAD_LINES = 400
"""Physical lines among which separator and heading are looked for."""
Record = tuple[int, list[str], str | None]
"""First physical line, cells, what is wrong with them."""


# --- records --------------------------------------------------------------------------------------------


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lift the csv module's limit on the length of a cell, and put it back: it is global."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(lines: Iterable[str], dialect: Dialect, *, width: int = 0, first: int = 1) -> Iterator[Record]:
    """Give (first line, cells, fault) of each record; a quote that swallows other rows costs only its line.

    A record that does not close, or that runs over several lines without giving the `width` expected, is
    taken for an unclosed quote: its first line is reported, reading resumes on the next.
    """
    source = iter(lines)
    waiting: deque[str] = deque()
    taken: list[str] = []

    def feed() -> Iterator[str]:
        while True:
            line = waiting.popleft() if waiting else next(source, None)
            if line is None:
                return
            taken.append(line)
            if len(taken) > MAX_RECORD_LINES:
                raise csv.Error("too many lines")
            yield line

    line = first
    while True:
        try:
            for cells in csv.reader(
                feed(),
                delimiter=dialect.delimiter,
                quotechar=dialect.quote,
                skipinitialspace=dialect.blanks,
                strict=True,
            ):
                if len(taken) > 1 and _swallows(taken, cells, dialect.delimiter, width):
                    break
                yield line, cells, None
                line += len(taken)
                taken.clear()
        except csv.Error:
            pass
        if not taken:
            return
        broken, *rest = taken
        waiting.extendleft(reversed(rest))
        taken.clear()
        yield line, *_as_found(broken, dialect, width)
        line += 1


def _swallows(taken: list[str], cells: list[str], delimiter: str, width: int) -> bool:
    """Tell whether a cell over several lines holds other rows.

    It does if the record has not the width expected, or if lines wholly within it have that width of their
    own, or its first and last line both.
    """
    if not width:
        return False
    if not _width(cells) <= width <= len(cells):
        return True
    full = [line.count(delimiter) + 1 == width > 1 for line in taken]
    return any(full[1:-1]) or (full[0] and full[-1])


def _as_found(line: str, dialect: Dialect, width: int) -> tuple[list[str], str | None]:
    """Split a line that breaks the quoting rules; paired quotes within a cell may stay."""
    cells = dialect.split(line)
    if len(cells) == width or (cells and not width):
        return cells, None if _is_closed(cells, dialect) else "unclosed_quote"
    cells = line.rstrip("\r\n").split(dialect.delimiter)
    sound = line.count(dialect.quote) % 2 == 0 and len(cells) == width
    return cells, None if sound else "unclosed_quote"


def _is_closed(cells: list[str], dialect: Dialect) -> bool:
    """Tell whether no cell opens a quote that it does not close."""
    return not any(
        cell.lstrip().startswith(dialect.quote) and cell.count(dialect.quote) % 2 for cell in cells
    )


def _width(cells: list[str]) -> int:
    """Count the cells up to the last that is not empty."""
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return width


# --- csv ------------------------------------------------------------------------------------------------


def _read_csv(data: bytes, file: str, is_heading: IsHeading) -> RawTable:
    encoding, lines = decode(data, file)
    head = list(islice(lines, HEAD_LINES))
    declared = re.match(r'sep=([^\w\s"]|\t)\s*$', head[0]) if head else None
    skip = 1 if declared else 0
    heading, dialect, records, seen = _csv_heading(
        head[skip:], declared[1] if declared else DELIMITERS, skip + 1, is_heading
    )
    if heading is None:
        refuse(file, "E514", rows=HEADING_SEARCH_ROWS, encoding=encoding, seen=seen)
    if "".join(heading.cells).isascii() and is_garbled(head, encoding):
        refuse(file, "E515", seen=headings_seen([heading.cells]))
    heading = _without_blank_end(heading, records)
    starts = [line for line, _, _ in records] + [1 + len(head)]
    after = starts[heading.last + 1]
    above = [(line, "blank" if is_blank(cells) else "title") for line, cells, _ in records[: heading.first]]
    table = RawTable(
        file=file,
        sha256="",
        kind="csv",
        headings=heading.cells,
        heading_rows=(starts[heading.first], after - 1),
        source=iter(()),
        encoding=encoding,
        titles=tuple(" ".join(cells) for _, cells, _ in records[: heading.first]),
        ignored=[(1, "separator")] * skip + above,
        notes=[note(file, "E001", encoding.upper())],
    )
    rest = chain(islice(head, after - 1, None), lines)
    rows = _records(rest, dialect, width=len(heading.cells), first=after)
    table.source = started(_chunks(rows, table), file)
    return table


def _without_blank_end(heading: Heading, records: list[Record]) -> Heading:
    """Drop blank names at the end of the heading if no record near it has anything there."""
    below = (_width(cells) for _, cells, _ in records[heading.last + 1 :])
    width = max(_width(list(heading.cells)), *below, 0)
    return replace(heading, cells=heading.cells[:width])


def _csv_heading(
    lines: list[str], delimiters: str, first: int, is_heading: IsHeading
) -> tuple[Heading | None, Dialect, list[Record], str]:
    """Find the heading in the dialect that shows most known names; else tell what stands there.

    Of two that show as many the one counts in which more rows have the width of the heading, then the one
    whose quotes stand about several cells of a line.
    """
    best: tuple[Heading | None, Dialect, list[Record]] = (None, Dialect(delimiters[0]), [])
    merit = (0, 0, 0)
    widest: list[list[str]] = []
    with _long_fields():
        for dialect in _dialects(lines, delimiters):
            records = list(islice(_records(lines, dialect, first=first), HEADING_SEARCH_ROWS + 1))
            rows = []
            for _, cells, _ in records:
                unwrap(cells)
                rows.append(cells)
            # A cell names a column, and a part of a degree, at most.
            if 2 * max(map(len, rows), default=0) < merit[0]:
                continue
            heading = find_heading(rows, is_heading)
            fitting = sum(len(row) == len(heading.cells) for row in rows) if heading else 0
            found = (heading.score, fitting, dialect.lines_quoted(lines)) if heading else merit
            if found > merit:
                merit, best = found, (heading, dialect, records)
            widest = max(widest, rows, key=lambda rows: len(rows[0]) if rows else 0)
    return *best, headings_seen(widest)


def _dialects(lines: list[str], delimiters: str) -> Iterator[Dialect]:
    """Give the dialects that the lines may be in: separators that occur, the usual quotes first."""
    for delimiter in [d for d in delimiters if any(d in line for line in lines)] or delimiters[:1]:
        usual, *others = (Dialect(delimiter, quote).seen_in(lines) for quote in QUOTES)
        yield usual or Dialect(delimiter)
        yield from filter(None, others)


def _chunks(rows: Iterator[Record], table: RawTable) -> Iterator[Chunk]:
    """Gather records into chunks; blank lines go to `table.ignored`, ragged and lost ones are marked."""
    wrapped = 0
    while True:
        with _long_fields():
            chunk = _chunk(rows, table)
        if chunk is None:
            break
        wrapped += sum(map(unwrap, chunk.columns))
        yield chunk
    if wrapped:
        table.notes.append(note(table.file, "E014", wrapped))


def _chunk(rows: Iterator[Record], table: RawTable) -> Chunk | None:
    """Gather up to `CHUNK_ROWS` records, turned to columns in small blocks while the cache holds them."""
    width = len(table.headings)
    columns: list[list[str]] = [[] for _ in table.headings]
    numbers: list[int] = []
    chunk = Chunk(row_numbers=np.empty(0, dtype=np.int64), columns=columns)
    while len(numbers) < CHUNK_ROWS and (block := list(islice(rows, BLOCK_ROWS))):
        kept: list[list[str]] = []
        for line, found, fault in block:
            cells: list[str] | None = found
            if fault or len(found) != width or not found[0].strip():
                cells = _fitted(line, found, fault, chunk, table)
            if cells:
                numbers.append(line)
                kept.append(cells)
        for column, texts in zip(columns, zip(*kept, strict=True), strict=False):
            column.extend(texts)
    if not numbers:
        return None
    chunk.row_numbers = np.array(numbers, dtype=np.int64)
    check_text(chunk, table)
    mark_lost(chunk)
    return chunk


def _fitted(
    line: int, cells: list[str], fault: str | None, chunk: Chunk, table: RawTable
) -> list[str] | None:
    """Give a record the table's width; list it as blank, or mark what is wrong with it."""
    width = len(table.headings)
    if is_blank(cells):
        table.ignored.append((line, "blank"))
        return None
    if fault or not _width(cells) <= width <= len(cells):
        chunk.damaged[line] = fault or "ragged"
        chunk.damaged_cells[line] = cells
        cells = cells + [""] * (width - len(cells))
    return cells[:width]
