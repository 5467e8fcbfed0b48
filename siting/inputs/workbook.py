"""Workbooks → rows.

One streaming pass over a sheet's XML gives values, types, merges, hidden rows, error cells and formulas
without a stored value at once, so nothing is read twice and nothing has to agree with a second reader.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NoReturn

import numpy as np

from siting.inputs.archive import Enough, Parts
from siting.inputs.raw import (
    CHUNK_ROWS,
    HEADING_SEARCH_ROWS,
    Chunk,
    IsHeading,
    RawTable,
    find_heading,
    headings_seen,
    mark_lost,
    note,
    printable,
    refuse,
    started,
)

MAX_ROWS, MAX_COLUMNS = 1_048_576, 1024
"""Cells to the right of the last column count as stray."""
MAX_CELLS = 20_000_000
MAX_BLANK_RUN = 1000
"""Blank rows in one run that are listed by number."""

_EPOCH = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_PERCENT_FORMATS = {9, 10}
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def refuse_ole(data: bytes, file: str) -> NoReturn:
    """Refuse an OLE container: a workbook under a password, or one of Excel 97–2003."""
    if "EncryptedPackage".encode("utf-16-le") in data or "EncryptionInfo".encode("utf-16-le") in data:
        refuse(file, "is protected by a password", "take the password off in Excel or WPS and save it")
    refuse(file, "is a document of Office 97–2003 (.xls)", "open it in Excel or WPS and save it as .xlsx")


def read_workbook(parts: Parts, sheet: str | None, is_heading: IsHeading) -> RawTable:
    """Read the one sheet that holds the table asked for."""
    book = _read_book(parts)
    (name, part, hidden), others = _choose(parts, book, sheet, is_heading)
    grid = _grid(parts, book, part)
    table = table_of(grid, parts.file, is_heading, sheet=name)
    table.notes += [note(parts.file, "E002", ", ".join(others), sheet=name)] * bool(others)
    table.notes += [note(parts.file, "E006", sheet=name)] * hidden
    return table


def _grid(parts: Parts, book: _Book, part: str, limit: int | None = None) -> Grid:
    cells = _Cells(book, parts.file, limit)
    parts.stream(part, cells)
    return cells.grid


def _choose(
    parts: Parts, book: _Book, sheet: str | None, is_heading: IsHeading
) -> tuple[tuple[str, str, bool], list[str]]:
    """Pick the sheet asked for, or the one that holds the table; name the others that might."""
    names = ", ".join(name for name, _, _ in book.sheets)
    if sheet is not None:
        chosen = [entry for entry in book.sheets if entry[0] == sheet]
        if not chosen:
            refuse(parts.file, f"has no sheet {sheet!r}", f"choose one of: {names}")
        return chosen[0], []
    found, seen = [], []
    for entry in book.sheets:
        rows = [row[1] for row in _grid(parts, book, entry[1], HEADING_SEARCH_ROWS + 2).rows]
        heading = find_heading(rows, is_heading)
        if heading:
            found.append((len(rows) > heading.last + 1, not entry[2], heading.score, entry))
        seen += [f"{entry[0]}: {headings_seen(rows)}"]
    if not found:
        refuse(
            parts.file,
            f"no sheet has a heading row with known column names (seen: {'; '.join(seen) or 'no sheets'})",
            "name the columns as in the template",
        )
    best = max(found)[:2]
    found = [item for item in found if item[:2] == best]
    top = max(item[2] for item in found)
    matching = [item for item in found if item[2] * 2 > top]
    if len(matching) > 1:
        these = ", ".join(item[3][0] for item in matching)
        refuse(parts.file, f"{len(matching)} sheets hold such a table: {these}", "say which with sheet=")
    return matching[0][3], [item[3][0] for item in found if item is not matching[0]]


# --- cells → table --------------------------------------------------------------------------------------


def table_of(
    grid: Grid, file: str, is_heading: IsHeading, *, sheet: str | None = None, kind: str = "workbook"
) -> RawTable:
    """Find the heading in a grid and make a table of what stands below it."""
    heads = [row[1] for row in grid.rows[: HEADING_SEARCH_ROWS + 2]]
    heading = find_heading(heads, is_heading)
    if heading is None:
        refuse(
            file + (f" [{sheet}]" if sheet else ""),
            f"no heading row with known column names in the first {HEADING_SEARCH_ROWS} rows "
            f"(seen: {headings_seen(heads)})",
            "name the columns as in the template, or choose another sheet",
        )
    cells = list(heading.cells)
    while not cells[-1].strip():
        cells.pop()
    first, last = grid.rows[heading.first][0], grid.rows[heading.last][0]
    table = RawTable(
        file=file,
        sha256="",
        kind=kind,
        headings=tuple(cells),
        heading_rows=(first, last),
        source=iter(()),
        sheet=sheet,
    )
    above, below = grid.rows[: heading.first], grid.rows[heading.last + 1 :]
    below = _within(below, grid, table)
    _fill_merges(below, grid, table)
    if hidden := [row for row in grid.hidden if row > last]:
        table.notes.append(note(file, "E003", _listed(hidden), sheet=sheet, row=hidden[0]))
    table.ignored += [(row[0], "title") for row in above]
    _list_blanks([row[0] for row in above] + list(range(first, last + 1)) + [row[0] for row in below], table)
    table.ignored.sort()
    table.source = started(_chunks(below, grid.odd, len(cells)), file)
    return table


def _within(rows: list[list[Any]], grid: Grid, table: RawTable) -> list[list[Any]]:
    """Cut rows to the table's width; what stands to its right is noted, a row of nothing else ignored."""
    width = len(table.headings)
    within, outside = [], list(grid.stray)
    for row in rows:
        number, cells, _ = row
        if len(cells) > width:
            outside += [
                (number, f"{_letters(i)}{number}") for i in range(width, len(cells)) if cells[i].strip()
            ]
            row[1] = cells = cells[:width]
        if any(cell.strip() for cell in cells):
            within.append(row)
    kept = {row[0] for row in within}
    table.ignored += [(number, "stray") for number in sorted({r for r, _ in outside} - kept)]
    if outside:
        cells = _listed([cell for _, cell in outside])
        table.notes.append(note(table.file, "E005", cells, sheet=table.sheet, row=outside[0][0]))
    return within


def _fill_merges(rows: list[list[Any]], grid: Grid, table: RawTable) -> None:
    """Repeat the first cell of a merge down its column, and note it; titles and headings are not touched."""
    if not grid.merges or not rows:
        return
    width, index = len(table.headings), {row[0]: i for i, row in enumerate(rows)}
    for first, column, last, right in sorted(grid.merges):
        start = index.get(first)
        if start is None or last <= first or column >= width or len(rows[start][1]) <= column:
            continue
        value = rows[start][1][column]
        for row in rows[start + 1 : start + 1 + last - first]:
            number, cells, _ = row
            if number > last:
                break
            cells += [""] * (column + 1 - len(cells))
            cells[column] = value
            row[2] |= rows[start][2] & 1 << column
            if (first, column) in grid.odd:
                grid.odd[number, column] = grid.odd[first, column]
        where = f"{_letters(column)}{first}:{_letters(right)}{last}"
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


def _listed(items: list[Any]) -> str:
    return ", ".join(map(str, items[:5])) + (f" … ({len(items)})" if len(items) > 5 else "")


def _chunks(rows: list[list[Any]], odd: dict[tuple[int, int], str], width: int) -> Iterator[Chunk]:
    rows = iter(rows)
    while part := list(islice(rows, CHUNK_ROWS)):
        numbers = [row[0] for row in part]
        padded = [row[1] + [""] * (width - len(row[1])) for row in part]
        masks = [row[2] for row in part]
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
        )
        mark_lost(chunk)
        yield chunk


# --- the XML of a workbook ------------------------------------------------------------------------------


@dataclass(slots=True)
class Grid:
    """The cells of one sheet that hold something."""

    rows: list[list[Any]] = field(default_factory=list)
    """[row number, cells, bit mask of the columns typed as numbers], ascending."""
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row number, column) → kind of cell, as in `Chunk.odd`."""
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column."""
    hidden: list[int] = field(default_factory=list)
    stray: list[tuple[int, str]] = field(default_factory=list)
    """(row number, cell) far to the right of any table."""


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a workbook share."""

    sheets: list[tuple[str, str, bool]]
    """(name, part, hidden)."""
    strings: list[str]
    styles: list[str | None]
    """Cell style → ``date, percent`` or None."""
    from_1904: bool


class _Strings:
    """Collects the shared strings; phonetic guides are left out."""

    def __init__(self):
        self.strings: list[str] = []
        self._buffer: list[str] = []
        self._parts: list[str] = []
        self._phonetic = False

    def root(self, prefix: str) -> None:
        """Learn the prefix of the names from the root element."""
        self._si, self._t, self._rph = prefix + "si", prefix + "t", prefix + "rPh"

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        if name == self._t:
            self._buffer.clear()
        elif name == self._si:
            self._parts.clear()
        elif name == self._rph:
            self._phonetic = True

    def end(self, name: str) -> None:
        if name == self._t:
            if not self._phonetic:
                self._parts.append("".join(self._buffer))
        elif name == self._si:
            self.strings.append(_unescaped("".join(self._parts)))
        elif name == self._rph:
            self._phonetic = False

    def text(self, piece: str) -> None:
        self._buffer.append(piece)


class _Cells:
    """Collects the cells of a sheet into a `Grid`; stops after `limit` rows that hold something."""

    def __init__(self, book: _Book, file: str, limit: int | None):
        self.grid = Grid()
        self._book, self._file, self._limit = book, file, limit
        self._columns: dict[str, int] = {}
        self._buffer: list[str] = []
        self._cells: list[str] = []
        self._row = self._mask = self._count = 0
        self._column = -1
        self._value: str | None = None
        self._formula: str | None = None
        self._kind, self._style = "n", ""
        self._hidden = self._phonetic = False

    def root(self, prefix: str) -> None:
        """Learn the prefix of the names from the root element."""
        self._names = tuple(prefix + tag for tag in ("c", "v", "t", "f", "row", "mergeCell", "rPh"))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        c, v, t, f, row, merge, phonetic = self._names
        if name == c:
            self._start_cell(attributes)
        elif name in (v, t, f):
            self._buffer.clear()
        elif name == row:
            self._start_row(attributes)
        elif name == merge:
            self._merge(attributes.get("ref", ""))
        elif name == phonetic:
            self._phonetic = True

    def end(self, name: str) -> None:
        c, v, t, f, row, _, phonetic = self._names
        if name == v:
            self._value = "".join(self._buffer)
        elif name == c:
            self._end_cell()
        elif name == row:
            self._end_row()
        elif name == t and not self._phonetic:
            self._value = (self._value or "") + "".join(self._buffer)
        elif name == f:
            self._formula = "".join(self._buffer)
        elif name == phonetic:
            self._phonetic = False

    def text(self, piece: str) -> None:
        self._buffer.append(piece)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        if not self._row < number <= MAX_ROWS:
            refuse(self._file, f"damaged: row {number} out of order", "save it anew")
        self._row, self._cells, self._mask, self._column = number, [], 0, -1
        self._hidden = attributes.get("hidden") in ("1", "true")

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = _column_index(letters)
            self._column = column
        else:
            self._column += 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value = self._formula = None

    def _end_cell(self) -> None:
        text, column = self._value, self._column
        if self._kind == "s" and text:
            text = self._book.strings[int(text)]
        elif self._formula is not None and (text is None or (text == "" and self._kind == "n")):
            text = self._mark("formula_no_value", "=" + self._formula)
        elif text is None or text == "":
            return
        elif self._kind == "n":
            text = self._number(text)
        elif self._kind == "b":
            text = self._mark("boolean", "TRUE" if text == "1" else "FALSE")
        elif self._kind == "e":
            text = self._mark("error", text)
        elif self._kind == "d":
            text = self._mark("date", text)
        else:
            text = _unescaped(text)
        if column >= MAX_COLUMNS:
            self.grid.stray.append((self._row, f"{_letters(column)}{self._row}"))
            return
        cells = self._cells
        if column < len(cells):
            refuse(self._file, f"damaged: cells of row {self._row} out of order", "save it anew")
        while len(cells) < column:
            cells.append("")
        cells.append(text)

    def _mark(self, kind: str, text: str) -> str:
        self.grid.odd[self._row, self._column] = kind
        return text

    def _number(self, text: str) -> str:
        style = self._book.styles[int(self._style)] if self._style and self._book.styles else None
        if style == "date":
            return self._mark("date", _date(text, from_1904=self._book.from_1904))
        if style:
            self._mark(style, text)
        self._mask |= 1 << self._column
        return text

    def _end_row(self) -> None:
        cells = self._cells
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            return
        if self._hidden:
            self.grid.hidden.append(self._row)
        self._count += len(cells)
        if self._count > MAX_CELLS:
            refuse(self._file, f"holds over {MAX_CELLS} cells at row {self._row}", "split it")
        self.grid.rows.append([self._row, cells, self._mask])
        if len(self.grid.rows) == self._limit:
            raise Enough

    def _merge(self, reference: str) -> None:
        found = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})", reference)
        if found:
            first, last = int(found[2]), int(found[4])
            self.grid.merges.append((first, _column_index(found[1]), last, _column_index(found[3])))


def _column_index(letters: str) -> int:
    """Count columns from 0: A, B … Z, AA …."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or index > 16384:
            raise ValueError(letters)
        index = index * 26 + ord(letter) - 64
    return index - 1


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        letters, column = chr(65 + rest) + letters, column - 1
    return letters


def _unescaped(text: str) -> str:
    """Turn ``_x000D_`` and its like back into the character."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _date(serial: str, *, from_1904: bool) -> str:
    """Write a date's serial number as ISO 8601; serials that are no date stay as they are."""
    try:
        moment = _EPOCH[from_1904] + timedelta(seconds=round(float(serial) * 86400))
    except (ValueError, OverflowError):
        return serial
    return moment.isoformat(sep=" ").removesuffix(" 00:00:00")


def _read_book(parts: Parts) -> _Book:
    names = set(parts.names())
    main = _targets(parts, "_rels/.rels", "").get("/officeDocument", ["xl/workbook.xml"])[0]
    folder, _, base = main.rpartition("/")
    relations = f"{folder}/_rels/{base}.rels".lstrip("/")
    by_kind, by_id = _targets(parts, relations, folder), _targets(parts, relations, folder, key="Id")
    tree = parts.tree(main)
    sheets, from_1904 = [], False
    for element in tree.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            from_1904 = element.get("date1904") in ("1", "true")
        elif tag == "sheet":
            relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
            part = by_id.get(relation, [""])[0]
            if part in names and "chartsheets/" not in part:
                hidden = element.get("state", "visible") != "visible"
                sheets.append((element.get("name", ""), part, hidden))
    strings = _Strings()
    for part in by_kind.get("/sharedStrings", [])[:1]:
        parts.stream(part, strings)
    styles = [_styles(parts.tree(part)) for part in by_kind.get("/styles", [])[:1] if part in names]
    return _Book(sheets, strings.strings, styles[0] if styles else [], from_1904)


def _targets(parts: Parts, name: str, folder: str, *, key: str = "Type") -> dict[str, list[str]]:
    """Map relation ids, or the last word of their types, to parts of the archive."""
    targets: dict[str, list[str]] = {}
    if name in parts.names():
        for element in parts.tree(name):
            if element.get("TargetMode") == "External":
                continue
            word = element.get(key, "")
            word = "/" + word.rpartition("/")[2] if key == "Type" else word
            part = posixpath.normpath(posixpath.join("/", folder, element.get("Target", ""))).lstrip("/")
            targets.setdefault(word, []).append(part)
    return targets


def _styles(tree: Any) -> list[str | None]:
    """Tell for each cell style whether it shows dates or per cent."""
    own: dict[int, str] = {}
    styles: list[str | None] = []
    for element in tree.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            own[int(element.get("numFmtId", 0))] = element.get("formatCode", "")
        elif tag == "cellXfs":
            styles = [_format_kind(int(xf.get("numFmtId", 0)), own) for xf in element]
    return styles


def _format_kind(number: int, own: dict[int, str]) -> str | None:
    if number in own:
        code = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', "", own[number].lower())
        if re.search("[ymdhs]", code.replace("general", "")):
            return "date"
        return "percent" if "%" in code else None
    if number in _DATE_FORMATS:
        return "date"
    return "percent" if number in _PERCENT_FORMATS else None
