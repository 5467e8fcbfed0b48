"""HTML tables saved as workbooks → rows; every other markup is refused by name."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from siting.inputs.dictionary.words import words
from siting.inputs.files.encodings import holds_utf8
from siting.inputs.files.html_tables import HtmlTables
from siting.inputs.files.levels import HEADING_SCORE
from siting.inputs.files.raw import IsHeading, RawTable, note, refuse
from siting.inputs.files.workbook import has_heading, table_of
from siting.inputs.files.xlsx import MAX_CELLS, Grid

MAX_HTML_MB = 64
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "utf-8": "utf-8", "big5": "big5"}
_REFUSED = (
    (b"ogrvrtdatasource", "E530", None),
    (b"<gml", "E531", "a GML layer"),
    (b"featurecollection", "E531", "a GML layer"),
    (b"<gpx", "E531", "a GPX track"),
    (b"<graphml", "E531", "a graph (GraphML)"),
    (b"<osm", "E532", None),
    (b"opendocument", "E534", "a flat OpenDocument file (.fods)"),
    (b"excel.sheet", "E533", None),
    (b"office:spreadsheet", "E533", None),
)
"""What stands at the beginning of other markup → code of the refusal, name of the format."""


_OTHER = "XML or other markup"
_ASIDE = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<[!?][^>]*(?:>|\Z)", re.DOTALL | re.IGNORECASE
)
"""Comments, scripts and declarations: taken out first, no unclosed one is searched for twice."""
_UNCLOSED = re.compile(r"<[a-zA-Z/][^<>]*(?:<|\Z)")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html|head|meta|table|body)\b")


_TEXT_BEFORE = 2000
"""Bytes of text that may stand before the first tag of a page."""


def begins_page(begin: bytes, is_heading: IsHeading) -> bool:
    """Tell whether text leads on to the tables of a page, rather than being rows itself.

    Rows may hold tags too, but below a heading of their own.
    """
    text, tag, rest = begin.partition(b"<")
    _, table, rows = (tag + rest).lower().partition(b"<table")
    if len(text) > _TEXT_BEFORE or not (table and re.search(rb"<t[rdh]\b", rows)):
        return False
    lines = text.decode("utf-8", "replace").splitlines() + text.decode("gb18030", "replace").splitlines()
    return all(is_heading(re.split("[,\t;|，]", line)) < HEADING_SCORE for line in lines)


def read_markup(data: bytes, file: str, is_heading: IsHeading) -> RawTable:
    """Read the tables of an HTML page as one sheet, the way Excel shows them."""
    start = data[:65536].lower()
    # The kind of XML shows in its first element; a page may speak of anything further down.
    if not _HTML.match(start):
        if re.search(rb"<(?:\w+:)?kml[\s>/]", start):
            from siting.inputs.files.layers.kml import read_kml

            return read_kml(data, file)
        for mark, code, what in _REFUSED:
            if mark in start:
                refuse(file, code, what=what, what_zh=words("format").get(what or ""))
        if b"<table" not in start and b"<html" not in start:
            refuse(file, "E534", what=_OTHER, what_zh=words("format")[_OTHER])
    if len(data) > MAX_HTML_MB * 2**20:
        refuse(file, "E535", limit=MAX_HTML_MB)
    read: list[tuple[Grid, str]] = []
    for text, encoding in _decodings(data, start):
        read.append((_grid(text, file, is_heading), encoding))
        if has_heading(read[-1][0], is_heading):
            break
    grid, encoding = read[-1] if has_heading(read[-1][0], is_heading) else read[0]
    table = table_of(grid, file, is_heading, kind="html")
    table.encoding = encoding
    table.notes.insert(0, note(file, "E001", encoding.upper()))
    table.notes.insert(1, note(file, "E012"))
    return table


def _grid(text: str, file: str, is_heading: IsHeading) -> Grid:
    text = _ASIDE.sub("", text)
    if _UNCLOSED.search(text):
        refuse(file, "E536")
    page = HtmlTables(is_heading)
    page.feed(text)
    page.close()
    if page.overflow:
        refuse(file, "E537", limit=MAX_CELLS)
    return page.grid()


def _decodings(data: bytes, start: bytes) -> Iterator[tuple[str, str]]:
    """Decode by the mark, UTF-8 that shows itself, the page's own declaration, UTF-8, GB18030.

    The declaration is often left from a template, so the first that gives a known heading counts; what fits
    none is marked lost.
    """
    if data.startswith(codecs.BOM_UTF8):
        yield data.decode("utf-8-sig", "replace"), "utf-8-sig"
        return
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", start[:8192])
    name = _CHARSETS.get(declared[1].decode("ascii")) if declared else None
    shown = "utf-8" if holds_utf8(data) else None
    sound = False
    for encoding in dict.fromkeys(filter(None, (shown, name, "utf-8", "gb18030"))):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sound = True
        yield text, encoding
    if not sound:
        yield data.decode(name or "utf-8", "replace"), name or "utf-8"
