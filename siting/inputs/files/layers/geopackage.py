"""GeoPackage → raw table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any

import numpy as np

from siting.inputs.files.archive import Parts
from siting.inputs.files.layers.layer import (
    LINES,
    SAMPLE_ROWS,
    _as_texts,
    _choose,
    _chunk,
    _from_wkb,
    _layer,
    other_layers,
)
from siting.inputs.files.raw import CHUNK_ROWS, Chunk, IsHeading, RawTable, TellRoads, refuse, started
from siting.messages import text_of

_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_FEATURE_TABLES = """
SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id, s.definition
FROM gpkg_contents c
JOIN gpkg_geometry_columns g USING (table_name)
JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
WHERE c.data_type = 'features' ORDER BY c.table_name
"""
_PLAIN_TABLES = """
SELECT c.table_name, NULL, NULL, NULL, NULL
FROM gpkg_contents c
JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
WHERE c.data_type IN ('attributes', 'aspatial') ORDER BY c.table_name
"""


# --- GeoPackage -----------------------------------------------------------------------------------------


def read_geopackage(
    data: bytes, file: str, sheet: str | None, is_heading: IsHeading, tell_roads: TellRoads | None = None
) -> RawTable:
    """Read one layer by SQLite from memory: no journal beside the input, no driver that follows names."""
    try:
        connection = opened_in_memory(data)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        with closing(connection.cursor()) as cursor:
            _refuse_spatialite(cursor, file)
            layers = cursor.execute(_FEATURE_TABLES).fetchall()
            layers += cursor.execute(_PLAIN_TABLES).fetchall()
            columns = {name: _column_names(cursor, name) for name, *_ in layers}
    except (sqlite3.Error, OverflowError, ValueError) as error:
        refuse(file, "E556", reason=error)
    shapes = {name: geometry for name, geometry, *_ in layers}

    def is_wanted(name: str) -> bool:
        return tell_roads is not None and _holds_roads(
            connection, name, shapes[name], columns[name], tell_roads
        )

    name = _choose(file, columns, sheet, is_heading, is_wanted if tell_roads else None)
    _, geometry, organisation, code, definition = next(layer for layer in layers if layer[0] == name)
    fields = [column for column in columns[name] if column != geometry]
    table = _layer(file, fields, crs=_geopackage_crs(organisation, code, definition), sheet=name)
    table.kind = "layer" if geometry else "workbook"
    if tell_roads is not None:
        table.notes += other_layers(file, columns, name)
    table.source = started(_geopackage_chunks(connection, geometry, table), file, "E563")
    return table


STEPS_AT_LEAST = 5_000_000
"""Steps of SQLite's machine that any file may take."""
STEPS_A_BYTE = 20
"""Further steps for each byte of a file: reading a cell takes a few."""
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA}


def guard(connection: sqlite3.Connection, size: int) -> None:
    """Let a connection only read, for as long as its file's size bounds; recursive views are denied."""
    left = (STEPS_AT_LEAST + STEPS_A_BYTE * size) // 10_000

    def is_beyond() -> bool:
        nonlocal left
        left -= 1
        return left < 0

    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
    )
    connection.set_progress_handler(is_beyond, 10_000)


def _refuse_spatialite(cursor: sqlite3.Cursor, file: str) -> None:
    tables = {name for (name,) in cursor.execute("SELECT lower(name) FROM sqlite_master")}
    if "gpkg_contents" not in tables and {"spatial_ref_sys", "geometry_columns"} <= tables:
        refuse(file, "E567")


def only_geopackage(parts: Parts) -> str | None:
    """Name the GeoPackage in an archive; None where there is none or there are several."""
    found = [name for name in parts.names() if name.lower().endswith(".gpkg")]
    return found[0] if len(found) == 1 else None


def opened_in_memory(data: bytes) -> sqlite3.Connection:
    """Open the bytes of a GeoPackage, for reading alone."""
    connection = sqlite3.connect(":memory:")
    # Bytes 19 and 20 ask for a write-ahead log, which a database in memory cannot have.
    connection.deserialize(data[:18] + b"\x01\x01" + data[20:])
    guard(connection, len(data))
    return connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _column_names(cursor: sqlite3.Cursor, name: str) -> list[str]:
    return [row[1] for row in cursor.execute(f"PRAGMA table_info({_quoted(name)})")]


def _holds_roads(
    connection: sqlite3.Connection, name: str, geometry: str | None, columns: list[str], tell: TellRoads
) -> bool:
    """Look at the first rows of a layer: lines, and of roads."""
    if geometry is None:
        return False
    fields = [column for column in columns if column != geometry]
    chosen = ", ".join(map(_quoted, [geometry, *fields]))
    try:
        rows = connection.execute(f"SELECT {chosen} FROM {_quoted(name)} LIMIT {SAMPLE_ROWS}").fetchall()
    except (sqlite3.Error, OverflowError):
        return False
    shapes = [
        shape
        for shape in _from_wkb([geometry_bytes(row[0]) for row in rows], np.arange(len(rows)), {})
        if shape
    ]
    lines = sum(shape.geom_type in LINES for shape in shapes)
    return lines * 2 > len(shapes) and tell(fields, _as_texts([row[1:] for row in rows]))


def _geopackage_crs(organisation: Any, code: Any, definition: Any) -> str | None:
    if isinstance(organisation, str) and organisation.upper() == "GDAL":  # its "undefined"
        return None
    # Codes of other organisations, such as NONE:100000 of a custom system, mean nothing without the file.
    if isinstance(definition, str) and "[" in definition and str(organisation).upper() != "EPSG":
        return definition
    return f"{organisation}:{code}".upper() if isinstance(code, int) and code > 0 else None


def layer_crs(connection: sqlite3.Connection, name: str, file: str) -> tuple[str, str]:
    """Return the coordinate system of a layer (``WGS84`` for degrees of it) and its geometry column.

    Raises
    ------
    InputError
        It names none.
    """
    for own, geometry, organisation, code, definition in connection.execute(_FEATURE_TABLES):
        if own == name:
            if str(organisation).upper() in ("EPSG", "OGC") and str(code) in ("4326", "84"):
                return "WGS84", geometry
            crs = _geopackage_crs(organisation, code, definition)
            if crs:
                return crs, geometry
    layer = text_of("P191", name=name)
    refuse(file, "E592", reason=layer.en, reason_zh=layer.zh)


def _geopackage_chunks(
    connection: sqlite3.Connection, geometry: str | None, table: RawTable
) -> Iterator[Chunk]:
    names = ", ".join(["NULL" if geometry is None else _quoted(geometry), *map(_quoted, table.headings)])
    first = 1
    with closing(connection):
        try:
            rows = connection.execute(f"SELECT {names} FROM {_quoted(table.sheet or '')} ORDER BY rowid")
            while part := list(islice(rows, CHUNK_ROWS)):
                numbers = np.arange(first, first + len(part))
                first += len(part)
                faults: dict[int, str] = {}
                shapes = _from_wkb([geometry_bytes(row[0]) for row in part], numbers, faults)
                chunk = _chunk(numbers, [row[1:] for row in part], shapes, faults, table)
                if geometry is None:
                    chunk.geometry, chunk.geometry_faults = None, {}
                yield chunk
        except (sqlite3.Error, OverflowError) as error:
            refuse(table.file, "E557", count=first - 1, reason=error)


def geometry_bytes(blob: object) -> bytes | None:
    """Cut the GeoPackage header off a geometry; None where there is no geometry."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        return None
    size = blob[3] >> 1 & 7
    return blob[8 + _ENVELOPE_BYTES[size] :] if size < len(_ENVELOPE_BYTES) else b""
