"""HTML tables saved as workbooks → rows; every other markup is refused by name."""

from __future__ import annotations

import codecs
import re
from html.parser import HTMLParser

from siting.inputs.dictionary.words import words
from siting.inputs.files.raw import IsHeading, RawTable, note, refuse
from siting.inputs.files.workbook import table_of
from siting.inputs.files.xlsx import MAX_CELLS, Grid, GridRow

MAX_HTML_MB = 64
MAX_SPAN = 1000
"""Columns or rows over which one cell may stretch."""
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8", "big5": "big5"}
_REFUSED = (
    (b"ogrvrtdatasource", "E530", None),
    (b"<kml", "E531", "a KML layer"),
    (b"<gml", "E531", "a GML layer"),
    (b"featurecollection", "E531", "a GML layer"),
    (b"<gpx", "E531", "a GPX track"),
    (b"<osm", "E532", None),
    (b"excel.sheet", "E533", None),
    (b"office:spreadsheet", "E533", None),
)
"""What stands at the beginning of other markup → code of the refusal, name of the format."""


_ASIDE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[!?][^>]*(?:>|\Z)", re.DOTALL | re.IGNORECASE
)
"""Comments, scripts and declarations: taken out first, no unclosed one is searched for twice."""
_UNCLOSED = re.compile(r"<[a-zA-Z/][^<>]*(?:<|\Z)")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|meta|table|body)\b")


def read_markup(data: bytes, file: str, is_heading: IsHeading) -> RawTable:
    """Read the tables of an HTML page as one sheet, the way Excel shows them."""
    start = data[:65536].lower()
    # The kind of XML shows in its first element; a page may speak of anything further down.
    if not _HTML.match(start):
        for mark, code, what in _REFUSED:
            if mark in start:
                refuse(file, code, what=what, what_zh=words("format").get(what or ""))
        if b"<table" not in start and b"<html" not in start:
            refuse(file, "E534")
    if len(data) > MAX_HTML_MB * 2**20:
        refuse(file, "E535", limit=MAX_HTML_MB)
    text, encoding = _decoded(data, start)
    text = _ASIDE.sub("", text)
    page = _Page()
    if _UNCLOSED.search(text):
        refuse(file, "E536")
    page.feed(text)
    page.close()
    if page.overflow:
        refuse(file, "E537", limit=MAX_CELLS)
    page.end_row()
    table = table_of(page.grid, file, is_heading, kind="html")
    table.encoding = encoding
    table.notes.insert(0, note(file, "E001", encoding.upper()))
    table.notes.insert(1, note(file, "E012"))
    return table


def _decoded(data: bytes, start: bytes) -> tuple[str, str]:
    """Decode by the mark, the page's own declaration, UTF-8, GB18030; what fits none is marked lost."""
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig", "replace"), "utf-8-sig"
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", start[:8192])
    name = _CHARSETS.get(declared[1].decode("ascii")) if declared else None
    for encoding in dict.fromkeys(filter(None, (name, "utf-8", "gb18030"))):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode(name or "utf-8", "replace"), name or "utf-8"


class _Page(HTMLParser):
    """Collects the rows of all tables; a cell over several rows or columns becomes a merge."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.grid = Grid()
        self.overflow = False
        self._row = 0
        self._cells: list[str] | None = None
        self._mask = 0
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._number: str | None = None
        self._below: dict[int, int] = {}
        self._depth = self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open rows and cells; a table within a cell adds only its text."""
        if tag == "table":
            self._depth += 1
        elif tag == "br" and self._text is not None:
            self._text.append("\n")
        elif self._depth > 1 or self._count > MAX_CELLS:
            self.overflow = self.overflow or self._count > MAX_CELLS
        elif tag == "tr":
            self.end_row()
            self._row += 1
            self._cells, self._mask = [], 0
        elif tag in ("td", "th") and self._cells is not None:
            self._end_cell()
            found = dict(attrs)
            self._span = _span(found.get("rowspan")), _span(found.get("colspan"))
            self._number = found.get("x:num") or None
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        """Close cells and rows."""
        if tag == "table":
            if self._depth == 1:
                self.end_row()
                self._below.clear()
            self._depth = max(self._depth - 1, 0)
        elif self._depth <= 1 and tag in ("td", "th"):
            self._end_cell()
        elif self._depth <= 1 and tag == "tr":
            self.end_row()

    def handle_data(self, data: str) -> None:
        """Keep the text of the open cell."""
        if self._text is not None:
            self._text.append(re.sub(r"[ \t\r\n\xa0]+", " ", data))

    def _end_cell(self) -> None:
        if self._text is None or self._cells is None:
            return
        while self._below.get(len(self._cells), 0) >= self._row:
            self._cells.append("")
        down, right = self._span
        column = len(self._cells)
        if self._number:
            self._mask |= 1 << column
        self._cells.append(self._number or "".join(self._text).strip(" "))
        self._cells += [""] * (right - 1)
        if down > 1 or right > 1:
            self.grid.merges.append((self._row, column, self._row + down - 1, column + right - 1))
        if down > 1:
            self._below |= dict.fromkeys(range(column, column + right), self._row + down - 1)
        self._count += right
        self._text = None

    def end_row(self) -> None:
        """Close the open row and keep it if it holds anything."""
        self._end_cell()
        if self._cells is not None:
            while self._cells and not self._cells[-1].strip():
                self._cells.pop()
            if self._cells:
                self.grid.rows.append(GridRow(self._row, self._cells, self._mask))
        self._cells = None


def _span(text: str | None) -> int:
    """Read a rowspan or colspan; what is no number counts as 1."""
    digits = (text or "").strip()[:9]
    return min(max(int(digits), 1), MAX_SPAN) if digits.isascii() and digits.isdigit() else 1
