"""The XML of a workbook → grids of cells.

One streaming pass over a sheet gives values, types, merges, hidden rows, error cells and formulas without a
stored value at once, so nothing is read twice and nothing has to agree with a second reader.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from siting.inputs.files.archive import Enough, Parts
from siting.inputs.files.raw import printable, refuse, sound

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_ROWS, MAX_COLUMNS = 1_048_576, 1024
"""Cells to the right of the last column count as stray."""
MAX_CELLS = 10_000_000

_EPOCH = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}
_DATE_FORMATS = set(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))
_PERCENT_FORMATS = {"9", "10"}
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LETTERS = re.compile("[A-Za-z]{1,4}")
_MERGED = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})")


def read_grid(parts: Parts, book: Book, part: str, limit: int | None = None) -> Grid:
    """Read one sheet; with a `limit`, no more than so many rows that hold something."""
    cells = _Cells(book, parts.file, limit)
    parts.stream(part, cells)
    return cells.grid


@dataclass(slots=True)
class GridRow:
    """One row of a sheet."""

    number: int
    cells: list[str]
    mask: int
    """Bits of the columns typed as numbers."""


@dataclass(slots=True)
class Grid:
    """The cells of one sheet that hold something."""

    rows: list[GridRow] = field(default_factory=list)
    """Ascending."""
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row number, column) → kind of cell, as in `Chunk.odd`."""
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, first column, last row, last column."""
    hidden: list[int] = field(default_factory=list)
    stray: list[tuple[int, str]] = field(default_factory=list)
    """(row number, cell) far to the right of any table."""


@dataclass(frozen=True, slots=True)
class Book:
    """What the sheets of a workbook share."""

    sheets: list[tuple[str, str, bool]]
    """(name, part, hidden)."""
    strings: list[str]
    styles: list[str | None]
    """Cell style → ``date, percent`` or None."""
    from_1904: bool


class _Strings:
    """Collects the shared strings; phonetic guides are left out."""

    def __init__(self) -> None:
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

    def __init__(self, book: Book, file: str, limit: int | None):
        self.grid = Grid()
        self._book, self._file, self._limit = book, file, limit
        self._columns: dict[str, int] = {}
        self._buffer: list[str] = []
        self._cells: list[str] = []
        self._row = self._mask = self._count = 0
        self._column = -1
        self._value: str | None = None
        self._inline: str | None = None
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
            self._inline = (self._inline or "") + "".join(self._buffer)
        elif name == f:
            self._formula = "".join(self._buffer)
        elif name == phonetic:
            self._phonetic = False

    def text(self, piece: str) -> None:
        self._buffer.append(piece)

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r", self._row + 1))
        self._hidden = attributes.get("hidden") in ("1", "true")
        if number == self._row:
            self._reopen_row()
            return
        if not self._row < number <= MAX_ROWS:
            refuse(self._file, "E526", row=number)
        if len(self.grid.rows) == self._limit:
            raise Enough
        self._row, self._cells, self._mask, self._column = number, [], 0, -1

    def _reopen_row(self) -> None:
        """Go on with the row before: some programs write an element a cell, all of one row number."""
        if self.grid.rows and self.grid.rows[-1].number == self._row:
            again = self.grid.rows.pop()
            self._cells, self._mask = again.cells, again.mask
            self._count -= len(self._cells)
            if self.grid.hidden[-1:] == [self._row]:
                self.grid.hidden.pop()
                self._hidden = True

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                if not _LETTERS.fullmatch(letters):
                    refuse(self._file, "E529", row=self._row, cell=printable(reference, 20))
                column = self._columns[letters] = column_index(letters.upper())
            self._column = column
        else:
            self._column += 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value = self._inline = self._formula = None

    def _end_cell(self) -> None:
        column = self._column
        # One of the two counts, never both: a cell of inline text may keep its former number beside it.
        first, second = (
            (self._inline, self._value) if self._kind == "inlineStr" else (self._value, self._inline)
        )
        text = second if first is None else first
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
            self.grid.stray.append((self._row, f"{column_letters(column)}{self._row}"))
            return
        cells = self._cells
        if column < len(cells):
            refuse(self._file, "E527", row=self._row)
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
            refuse(self._file, "E528", limit=MAX_CELLS, row=self._row)
        self.grid.rows.append(GridRow(self._row, cells, self._mask))

    def _merge(self, reference: str) -> None:
        found = _MERGED.fullmatch(reference.upper())
        if found:
            first, last = int(found[2]), int(found[4])
            self.grid.merges.append((first, column_index(found[1]), last, column_index(found[3])))


def column_index(letters: str) -> int:
    """Count columns from 0 by their capital letters: A, B … Z, AA …."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def column_letters(column: int) -> str:
    """Name a column as Excel does: 0 is A."""
    letters = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        letters, column = chr(65 + rest) + letters, column - 1
    return letters


def _unescaped(text: str) -> str:
    """Turn ``_x000D_`` and its like back into the character."""
    return sound(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)) if "_x" in text else text


def _date(serial: str, *, from_1904: bool) -> str:
    """Write a date's serial number as ISO 8601; serials that are no date stay as they are."""
    try:
        moment = _EPOCH[from_1904] + timedelta(seconds=round(float(serial) * 86400))
    except (ValueError, OverflowError):
        return serial
    return moment.isoformat(sep=" ").removesuffix(" 00:00:00")


def read_book(parts: Parts) -> Book:
    """Read what the sheets share, and where they lie."""
    main = _targets(parts, "_rels/.rels", "").get("/officeDocument", [""])[0]
    main = main or parts.find("xl/workbook.xml") or "xl/workbook.xml"
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
            if part in parts.members and "chartsheets/" not in part:
                hidden = element.get("state", "visible") != "visible"
                sheets.append((element.get("name", ""), part, hidden))
    strings = _Strings()
    for part in by_kind.get("/sharedStrings", [])[:1]:
        parts.stream(part, strings)
    styles = [_styles(parts.tree(part)) for part in by_kind.get("/styles", [])[:1]]
    return Book(sheets, strings.strings, styles[0] if styles else [], from_1904)


def _targets(parts: Parts, name: str, folder: str, *, key: str = "Type") -> dict[str, list[str]]:
    """Map relation ids, or the last word of their types, to parts of the archive."""
    targets: dict[str, list[str]] = {}
    if relations := parts.find(name):
        for element in parts.tree(relations):
            if element.get("TargetMode") == "External":
                continue
            word = element.get(key, "")
            word = "/" + word.rpartition("/")[2] if key == "Type" else word
            target = element.get("Target", "").replace("\\", "/")
            part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            targets.setdefault(word, []).append(parts.find(part) or part)
    return targets


def _styles(tree: Element) -> list[str | None]:
    """Tell for each cell style whether it shows dates or per cent."""
    own: dict[str, str] = {}
    styles: list[str | None] = []
    for element in tree.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            own[element.get("numFmtId", "0")] = element.get("formatCode", "")
        elif tag == "cellXfs":
            styles = [_format_kind(xf.get("numFmtId", "0"), own) for xf in element]
    return styles


def _format_kind(number: str, own: dict[str, str]) -> str | None:
    if number in own:
        code = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', "", own[number].lower())
        if re.search("[ymdhs]", code.replace("general", "")):
            return "date"
        return "percent" if "%" in code else None
    if number in _DATE_FORMATS:
        return "date"
    return "percent" if number in _PERCENT_FORMATS else None
