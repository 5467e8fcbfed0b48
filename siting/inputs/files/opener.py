"""Any file that may hold a table → its rows, by what the file is, whatever its name says."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from os import PathLike, fspath
from pathlib import Path

from siting.common.file_bytes import file_bytes, is_elsewhere
from siting.inputs.dictionary.words import words
from siting.inputs.files.delimited import _read_csv
from siting.inputs.files.levels import headings_seen
from siting.inputs.files.raw import (
    Chunk,
    IsHeading,
    RawTable,
    TellRoads,
    check_headings,
    note,
    refuse,
)
from siting.types import InputError

__all__ = ["Chunk", "RawTable", "read_raw"]

MAX_FILE_MB = 512
"""Largest file that is read, MB."""

_NOT_TABLES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
    (b"fgb", "a FlatGeobuf layer (.fgb)"),
    (rb"!table\s", "a MapInfo table (.tab)"),
    (rb"(?i)version\s+\d+\s+(?:charset|delimiter|unique|index|coordsys|columns)\b", "a MapInfo layer (.mif)"),
    (b"MIME-Version:", "a web archive (MHTML)"),
)
_SHP = b"\x00\x00\x27\x0a"
_OSM_PBF = b"\x0a\x09OSMHeader"
"""How the first block of a binary OpenStreetMap extract begins, after its length (4 bytes)."""


def read_raw(
    path: str | PathLike[str],
    *,
    sheet: str | None = None,
    is_heading: IsHeading,
    roads: TellRoads | None = None,
) -> RawTable:
    """Read one table as text, whatever the file is called: its content decides.

    Parameters
    ----------
    path
        CSV or tab-separated text, a workbook (.xlsx, .xls, .xlsb, .ods), HTML table saved as .xls, GeoJSON,
        GeoPackage (zipped too), KML, KMZ, or a shapefile, zipped or with its parts beside it.
    sheet
        Sheet of a workbook or layer of a GeoPackage or zip; needed where several match.
    is_heading
        Number of cells of a row that are known headings of the table asked for. Two make a heading row
        (one suffices for layers, whose geometry gives the place).
    roads
        Only a layer will do, of several the one of which this says so, and a refusal says what a road file
        needs.

    Raises
    ------
    InputError
        In one line: file, cause, line or sheet, what to do. Nothing else leaves.
    """
    with _bounded(Path(path).name):
        data, file = _read_bytes(path)
        if data.startswith(_SHP):
            data = _with_its_parts(Path(path), data)
        digest = sha256(data).hexdigest()
        table = _read_content(data, file, sheet, is_heading, roads)
        if roads and table.kind != "layer":
            refuse(file, "E591")
        check_headings(table)
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
    if is_elsewhere(name):
        refuse(name, "E502")
    try:
        place = Path(name)
        file = place.name or name
        if not place.is_file():
            refuse(file, "E503" if place.is_dir() else "E504")
        if place.stat().st_size > MAX_FILE_MB * 2**20:
            refuse(file, "E505", limit=MAX_FILE_MB)
        data = file_bytes(place, MAX_FILE_MB)
    except InputError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        refuse(name, "E506", reason=reason)
    if not data.strip(b" \t\r\n\0" + codecs.BOM_UTF8):
        refuse(file, "E507")
    return data, file


def _with_its_parts(path: Path, data: bytes) -> bytes:
    """Pack a shapefile with the parts that lie beside it, as planners are told to do themselves."""
    from siting.inputs.files.layers.shapefile import packed, parts_beside

    try:
        parts = parts_beside(path)
    except OSError as error:
        refuse(path.name, "E506", reason=error.strerror or error)
    return packed({kind: _read_bytes(part)[0] for kind, part in parts.items()} | {".shp": data})


def _read_content(
    data: bytes, file: str, sheet: str | None, is_heading: IsHeading, roads: TellRoads | None
) -> RawTable:
    """Hand the bytes to the reader that their beginning asks for."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _read_archive(data, file, sheet, is_heading, roads)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from siting.inputs.files.foreign import read_foreign
        from siting.inputs.files.workbook import refuse_ole

        refuse_ole(data, file)
        if roads:
            refuse(file, "E591")
        return read_foreign(data, file, ".xls", sheet, is_heading)
    if data.startswith(b"SQLite format 3\0"):
        from siting.inputs.files.layers.geopackage import read_geopackage

        return read_geopackage(data, file, sheet, is_heading, roads)
    if data[4:].startswith(_OSM_PBF):
        refuse(file, "E532")
    for magic, what in _NOT_TABLES:
        if re.match(magic, data):
            refuse(file, "E508", what=what, what_zh=words("format")[what])
    begin = data.removeprefix(codecs.BOM_UTF8)[:4096].lstrip()
    if begin[:1] in (b"{", b"[", b"\x1e"):
        from siting.inputs.files.layers.geojson import read_geojson

        return read_geojson(data, file)
    from siting.inputs.files.html import begins_page, read_markup

    markup = begin[:1] == b"<" and not begin.startswith(b"<script")
    if markup or begins_page(data[:65536], is_heading):
        return read_markup(data, file, is_heading)
    if roads:
        refuse(file, "E591")
    return _read_csv(data, file, is_heading)


def _read_archive(
    data: bytes, file: str, sheet: str | None, is_heading: IsHeading, roads: TellRoads | None
) -> RawTable:
    """Read a workbook or a zipped layer; refuse any other archive."""
    from siting.inputs.files.archive import open_archive

    parts = open_archive(data, file)
    names = parts.names()
    binary, open_document = parts.find("xl/workbook.bin"), parts.find("content.xml")
    workbook = parts.find("[Content_Types].xml") and any(name.lower().startswith("xl/") for name in names)
    if roads and (workbook or open_document):
        refuse(file, "E591")
    if binary or open_document:
        from siting.inputs.files.foreign import read_foreign

        return read_foreign(data, file, ".xlsb" if binary else ".ods", sheet, is_heading)
    if workbook:
        from siting.inputs.files.workbook import read_workbook

        return read_workbook(parts, sheet, is_heading)
    if any(name.lower().endswith(".shp") for name in names):
        from siting.inputs.files.layers.shapefile import read_shapefile

        return read_shapefile(parts, sheet, is_heading, roads)
    if any(name.lower().endswith(".kml") for name in names):
        from siting.inputs.files.layers.kml import read_kmz

        return read_kmz(parts, sheet, is_heading)
    from siting.inputs.files.layers.geopackage import only_geopackage, read_geopackage

    if geopackage := only_geopackage(parts):
        return read_geopackage(parts.read(geopackage), file, sheet, is_heading, roads)
    refuse(file, "E511", found=", ".join(sorted(names)[:5]))
