"""Bytes → rows: decides by content what a file is, decodes it, and keeps the row numbers a planner sees."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import chain, islice
from os import PathLike, fspath
from pathlib import Path

import numpy as np

from siting.inputs.encodings import decode, is_garbled
from siting.inputs.levels import Heading, find_heading, headings_seen
from siting.inputs.raw import (
    CHUNK_ROWS,
    HEADING_SEARCH_ROWS,
    Chunk,
    IsHeading,
    RawTable,
    is_blank,
    mark_lost,
    note,
    refuse,
    started,
)
from siting.inputs.words import words
from siting.types import InputError

__all__ = ["Chunk", "RawTable", "read_raw"]

MAX_FILE_MB = 512
"""Largest file that is read, MB."""
MAX_RECORD_LINES = 1000
"""Physical lines that one quoted cell may span; beyond, its quote counts as never closed."""
DELIMITERS = ",\t;|，"
BLOCK_ROWS = 2000
"""Records turned to columns at a time."""
HEAD_LINES = 400
"""Physical lines among which separator and heading are looked for."""

_NOT_TABLES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"MIME-Version:", "a web archive (MHTML)"),
    (b"\x00\x00\x27\x0a", "a bare shapefile part"),
)
_OSM_PBF = b"\x0a\x09OSMHeader"
"""How the first block of a binary OpenStreetMap extract begins, after its length (4 bytes)."""
Record = tuple[int, list[str], str | None]
"""First physical line, cells, what is wrong with them."""


def read_raw(
    path: str | PathLike[str], *, sheet: str | None = None, is_heading: IsHeading, roads: bool = False
) -> RawTable:
    """Read one table as text, whatever the file is called: its content decides.

    Parameters
    ----------
    path
        CSV or tab-separated text, XLSX workbook, HTML table saved as .xls, GeoJSON, GeoPackage, or a zipped
        shapefile.
    sheet
        Sheet of a workbook or layer of a GeoPackage or zip; needed where several match.
    is_heading
        Number of cells of a row that are known headings of the table asked for. Two make a heading row
        (one suffices for layers, whose geometry gives the place).
    roads
        Only a layer will do, and a refusal says what a road file needs.

    Raises
    ------
    InputError
        In one line: file, cause, line or sheet, what to do. Nothing else leaves.
    """
    with _bounded(Path(path).name):
        data, file = _read_bytes(path)
        digest = sha256(data).hexdigest()
        table = _read_content(data, file, sheet, is_heading, roads)
        if roads and table.kind != "layer":
            refuse(file, "E591")
        if table.kind == "layer" and not is_heading(table.headings):
            refuse(file, "E594" if roads else "E562", seen=headings_seen([table.headings]))
    table.sha256 = digest
    table.source = _bounded_chunks(table.source, file)
    if sheet is not None and table.sheet is None:
        table.notes.append(note(file, "E010"))
    return table


@contextmanager
def _bounded(file: str) -> Iterator[None]:
    """Refuse what is beyond this computer's memory or the parser's depth."""
    try:
        yield
    except (MemoryError, RecursionError):
        refuse(file, "E501")


def _bounded_chunks(chunks: Iterator[Chunk], file: str) -> Iterator[Chunk]:
    with _bounded(file):
        yield from chunks


def _read_bytes(path: str | PathLike[str]) -> tuple[bytes, str]:
    name = str(fspath(path))
    if "://" in name or name.startswith("/vsi"):
        refuse(name, "E502")
    try:
        place = Path(name)
        file = place.name or name
        if not place.is_file():
            refuse(file, "E503" if place.is_dir() else "E504")
        if place.stat().st_size > MAX_FILE_MB * 2**20:
            refuse(file, "E505", limit=MAX_FILE_MB)
        data = place.read_bytes()
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        refuse(name, "E506", reason=reason)
    if not data.strip(b" \t\r\n\0" + codecs.BOM_UTF8):
        refuse(file, "E507")
    return data, file


def _read_content(data: bytes, file: str, sheet: str | None, is_heading: IsHeading, roads: bool) -> RawTable:
    """Hand the bytes to the reader that their beginning asks for."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_archive(data, file, sheet, is_heading, roads)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from siting.inputs.workbook import refuse_ole

        refuse_ole(data, file)
    if data.startswith(b"SQLite format 3\0"):
        from siting.inputs.layers import read_geopackage

        return read_geopackage(data, file, sheet, is_heading)
    if data[4:].startswith(_OSM_PBF):
        refuse(file, "E532")
    for magic, what in _NOT_TABLES:
        if data.startswith(magic):
            refuse(file, "E508", what=what, what_zh=words("format")[what])
    begin = data.removeprefix(codecs.BOM_UTF8)[:4096].lstrip()
    if begin[:1] in (b"{", b"["):
        from siting.inputs.layers import read_geojson

        return read_geojson(data, file)
    if begin[:1] == b"<" and not begin.startswith(b"<script"):
        from siting.inputs.markup import read_markup

        return read_markup(data, file, is_heading)
    if roads:
        refuse(file, "E591")
    return _read_csv(data, file, is_heading)


def _read_archive(data: bytes, file: str, sheet: str | None, is_heading: IsHeading, roads: bool) -> RawTable:
    """Read an XLSX workbook or a zipped shapefile; refuse any other archive."""
    from siting.inputs.archive import open_archive

    parts = open_archive(data, file)
    names = parts.names()
    if "xl/workbook.bin" in names:
        refuse(file, "E509")
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        if roads:
            refuse(file, "E591")
        from siting.inputs.workbook import read_workbook

        return read_workbook(parts, sheet, is_heading)
    if any(name.lower().endswith(".shp") for name in names):
        from siting.inputs.layers import read_shapefile

        return read_shapefile(parts, sheet, is_heading)
    if "content.xml" in names:
        refuse(file, "E510")
    refuse(file, "E511", found=", ".join(sorted(names)[:5]))


# --- records --------------------------------------------------------------------------------------------


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lift the csv module's limit on the length of a cell, and put it back: it is global."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _records(lines: Iterable[str], delimiter: str, *, width: int = 0, first: int = 1) -> Iterator[Record]:
    """Give (first line, cells, fault) of each record; a quote that swallows other rows costs only its line.

    A record that does not close, or that runs over several lines without giving the `width` expected, is
    taken for an unclosed quote: its first line is reported, reading resumes on the next.
    """
    source, waiting, taken = iter(lines), deque(), []

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
            for cells in csv.reader(feed(), delimiter=delimiter, strict=True):
                if len(taken) > 1 and _swallows(taken, cells, delimiter, width):
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
        yield line, *_as_found(broken, delimiter, width)
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


def _as_found(line: str, delimiter: str, width: int) -> tuple[list[str], str | None]:
    """Split a line that breaks the quoting rules at each separator; paired quotes within a cell may stay."""
    cells = line.rstrip("\r\n").split(delimiter)
    sound = line.count('"') % 2 == 0 and len(cells) == width
    return cells, None if sound else "unclosed_quote"


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
    heading, delimiter, records, seen = _csv_heading(
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
        ignored=[(1, "separator")] * skip + above,
        notes=[note(file, "E001", encoding.upper())],
    )
    rest = chain(islice(head, after - 1, None), lines)
    rows = _records(rest, delimiter, width=len(heading.cells), first=after)
    table.source = started(_chunks(rows, table), file)
    return table


def _without_blank_end(heading: Heading, records: list[Record]) -> Heading:
    """Drop blank names at the end of the heading if no record near it has anything there."""
    below = (_width(cells) for _, cells, _ in records[heading.last + 1 :])
    width = max(_width(list(heading.cells)), *below, 0)
    return replace(heading, cells=heading.cells[:width])


def _csv_heading(
    lines: list[str], delimiters: str, first: int, is_heading: IsHeading
) -> tuple[Heading | None, str, list[Record], str]:
    """Find the heading under the separator that shows most known names; else tell what stands there."""
    best: tuple[Heading | None, str, list[Record]] = (None, delimiters[0], [])
    widest: list[list[str]] = []
    with _long_fields():
        for delimiter in [d for d in delimiters if any(d in line for line in lines)] or delimiters[:1]:
            records = list(islice(_records(lines, delimiter, first=first), HEADING_SEARCH_ROWS + 1))
            rows = [cells for _, cells, _ in records]
            heading = find_heading(rows, is_heading)
            if heading and (best[0] is None or heading.score > best[0].score):
                best = (heading, delimiter, records)
            widest = max(widest, rows, key=lambda rows: len(rows[0]) if rows else 0)
    return *best, headings_seen(widest)


def _chunks(rows: Iterator[Record], table: RawTable) -> Iterator[Chunk]:
    """Gather records into chunks; blank lines go to `table.ignored`, ragged and lost ones are marked."""
    while True:
        with _long_fields():
            chunk = _chunk(rows, table)
        if chunk is None:
            return
        yield chunk


def _chunk(rows: Iterator[Record], table: RawTable) -> Chunk | None:
    """Gather up to `CHUNK_ROWS` records, turned to columns in small blocks while the cache holds them."""
    width = len(table.headings)
    columns: list[list[str]] = [[] for _ in table.headings]
    numbers: list[int] = []
    chunk = Chunk(row_numbers=np.empty(0, dtype=np.int64), columns=columns)
    while len(numbers) < CHUNK_ROWS and (block := list(islice(rows, BLOCK_ROWS))):
        kept = []
        for line, cells, fault in block:
            if fault or len(cells) != width or not cells[0].strip():
                cells = _fitted(line, cells, fault, chunk, table)
            if cells:
                numbers.append(line)
                kept.append(cells)
        for column, cells in zip(columns, zip(*kept, strict=True), strict=False):
            column.extend(cells)
    if not numbers:
        return None
    chunk.row_numbers = np.array(numbers, dtype=np.int64)
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
