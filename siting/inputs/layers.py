"""Layers (GeoJSON, GeoPackage, zipped shapefile) → rows of text with geometries.

Every format is told by its own bytes and read in memory; no path, name or address in a file is followed.
"""

from __future__ import annotations

import codecs
import json
import sqlite3
import struct
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from io import BytesIO
from itertools import islice
from typing import Any

import numpy as np
import shapely

from siting.inputs.archive import Parts
from siting.inputs.raw import (
    CHUNK_ROWS,
    Chunk,
    IsHeading,
    RawTable,
    mark_lost,
    note,
    refuse,
    sound,
    started,
)

MAX_FIELDS = 2000
_GEOMETRIES = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_FEATURE_TABLES = """
SELECT c.table_name, g.column_name, s.organization, s.organization_coordsys_id, s.definition
FROM gpkg_contents c
JOIN gpkg_geometry_columns g USING (table_name)
JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id
JOIN sqlite_master m ON m.name = c.table_name AND m.type = 'table'
WHERE c.data_type = 'features' ORDER BY c.table_name
"""


# --- GeoJSON --------------------------------------------------------------------------------------------


def read_geojson(data: bytes, file: str) -> RawTable:
    """Read features by a strict JSON parser of our own choosing; GDAL never sees the file."""
    encoding, text = _json_text(data, file)
    document, repeated = _parse_json(text, file)
    features = _features(document, file)
    if not features:
        refuse(file, "E563")
    fields: dict[str, None] = {}
    for feature in features:
        if isinstance(feature, dict):
            if isinstance(feature.get("properties"), dict):
                fields |= dict.fromkeys(feature["properties"])
            if feature.get("id") is not None:
                fields |= {"id": None}
        if len(fields) > MAX_FIELDS:
            refuse(file, "E550", limit=MAX_FIELDS)
    table = _layer(file, list(fields), crs=_geojson_crs(document, file))
    table.encoding = encoding
    table.notes += [note(file, "E001", encoding.upper())] * (encoding != "utf-8")
    table.notes += [note(file, "E008", repeated)] * (repeated > 0)
    table.source = _geojson_chunks(features, list(fields), table)
    return table


def _json_text(data: bytes, file: str) -> tuple[str, str]:
    """Decode: UTF-8 as the standard wants it, or GB18030 as older programs wrote it."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return encoding.removesuffix("-sig"), data.decode(encoding)
        except UnicodeDecodeError as error:
            at = error.start + 1
    refuse(file, "E551", at=at)


def _parse_json(text: str, file: str) -> tuple[Any, int]:
    """Parse JSON text; count the keys that an object holds twice (the last counts)."""
    repeated = 0

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        entries = dict(pairs)
        repeated += len(pairs) - len(entries)
        return entries

    try:
        document = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        refuse(file, "E552", reason=error.msg, line=error.lineno, column=error.colno)
    except ValueError:
        refuse(file, "E553")
    return document, repeated


def _features(document: Any, file: str) -> list[Any]:
    kind = document.get("type") if isinstance(document, dict) else None
    if kind == "FeatureCollection" and isinstance(document.get("features"), list):
        return document["features"]
    if kind == "Feature":
        return [document]
    refuse(file, "E554")


def _geojson_crs(document: dict[str, Any], file: str) -> str | None:
    """Name the system of the ``crs`` member; without one it is WGS 84 (RFC 7946), ``null`` declares none."""
    if "crs" not in document:
        return "WGS84"
    member = document["crs"]
    if member is None:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        refuse(file, "E555")
    return name


def _geojson_chunks(features: list[Any], fields: list[str], table: RawTable) -> Iterator[Chunk]:
    for start in range(0, len(features), CHUNK_ROWS):
        part = features[start : start + CHUNK_ROWS]
        numbers = np.arange(start + 1, start + 1 + len(part))
        faults: dict[int, str] = {}
        damaged: dict[int, str] = {}
        cells, shapes = [], []
        for number, feature in zip(numbers.tolist(), part, strict=True):
            if not isinstance(feature, dict):
                feature, damaged[number] = {}, "malformed"
            properties = feature.get("properties")
            properties = properties if isinstance(properties, dict) else {}
            if feature.get("id") is not None and "id" not in properties:
                properties = {**properties, "id": feature["id"]}
            cells.append([properties.get(name) for name in fields])
            shape, fault = _shape(feature.get("geometry"))
            shapes.append(shape)
            if fault:
                faults[number] = fault
        yield _chunk(numbers, cells, shapes, faults, table, damaged)


def _shape(geometry: Any) -> tuple[Any, str | None]:
    """Build a geometry, or say why there is none."""
    if geometry is None:
        return None, "null"
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(kind, str) or kind not in _GEOMETRIES:
        return None, "malformed"
    coordinates = geometry.get("geometries" if kind == "GeometryCollection" else "coordinates")
    if coordinates == []:
        return None, "empty"
    try:
        if kind == "Point":
            numbers = all(type(c) in (int, float) for c in coordinates)
            return (shapely.Point(coordinates), None) if numbers else (None, "malformed")
        from shapely.geometry import shape

        return shape(geometry), None
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        OverflowError,
        shapely.errors.ShapelyError,
    ):
        return None, "malformed"


# --- GeoPackage -----------------------------------------------------------------------------------------


def read_geopackage(data: bytes, file: str, sheet: str | None, is_heading: IsHeading) -> RawTable:
    """Read one layer by SQLite from memory: no journal beside the input, no driver that follows names."""
    try:
        connection = _database(data)
        with closing(connection.cursor()) as cursor:
            layers = cursor.execute(_FEATURE_TABLES).fetchall()
            columns = {name: _column_names(cursor, name) for name, *_ in layers}
    except (sqlite3.Error, OverflowError, ValueError) as error:
        refuse(file, "E556", reason=error)
    name = _choose(file, columns, sheet, is_heading)
    _, geometry, organisation, code, definition = next(layer for layer in layers if layer[0] == name)
    fields = [column for column in columns[name] if column != geometry]
    table = _layer(file, fields, crs=_geopackage_crs(organisation, code, definition), sheet=name)
    table.source = started(_geopackage_chunks(connection, geometry, table), file, "E563")
    return table


def _database(data: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    # Bytes 19 and 20 ask for a write-ahead log, which a database in memory cannot have.
    connection.deserialize(data[:18] + b"\x01\x01" + data[20:])
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _column_names(cursor: sqlite3.Cursor, name: str) -> list[str]:
    return [row[1] for row in cursor.execute(f"PRAGMA table_info({_quoted(name)})")]


def _geopackage_crs(organisation: Any, code: Any, definition: Any) -> str | None:
    if isinstance(organisation, str) and organisation.upper() == "GDAL":  # its "undefined"
        return None
    # Codes of other organisations, such as NONE:100000 of a custom system, mean nothing without the file.
    if isinstance(definition, str) and "[" in definition and str(organisation).upper() != "EPSG":
        return definition
    return f"{organisation}:{code}".upper() if isinstance(code, int) and code > 0 else None


def _geopackage_chunks(connection: sqlite3.Connection, geometry: str, table: RawTable) -> Iterator[Chunk]:
    names = ", ".join(map(_quoted, (geometry, *table.headings)))
    first = 1
    with closing(connection):
        try:
            rows = connection.execute(f"SELECT {names} FROM {_quoted(table.sheet)} ORDER BY rowid")
            while part := list(islice(rows, CHUNK_ROWS)):
                numbers = np.arange(first, first + len(part))
                first += len(part)
                faults: dict[int, str] = {}
                shapes = _from_wkb([_wkb(row[0]) for row in part], numbers, faults)
                yield _chunk(numbers, [row[1:] for row in part], shapes, faults, table)
        except (sqlite3.Error, OverflowError) as error:
            refuse(table.file, "E557", count=first - 1, reason=error)


def _wkb(blob: Any) -> bytes | None:
    """Cut the GeoPackage header off a geometry; None where there is no geometry."""
    if not isinstance(blob, bytes) or blob[:2] != b"GP" or len(blob) < 8:
        return None
    size = blob[3] >> 1 & 7
    return blob[8 + _ENVELOPE_BYTES[size] :] if size < len(_ENVELOPE_BYTES) else b""


# --- zipped shapefile -----------------------------------------------------------------------------------


def read_shapefile(parts: Parts, sheet: str | None, is_heading: IsHeading) -> RawTable:
    """Read a shapefile by GDAL's shapefile driver out of an archive rebuilt in memory."""
    file = parts.file
    layers: dict[str, dict[str, str]] = {}
    for name in parts.names():
        if not name.startswith("__MACOSX/"):
            layers.setdefault(name[:-4], {})[name[-4:].lower()] = name
    read = {stem: _attributes(parts, members) for stem, members in layers.items() if ".shp" in members}
    stem = _choose(file, {stem: found["names"] for stem, found in read.items()}, sheet, is_heading)
    members, found = layers[stem], read[stem]
    crs = parts.read(members[".prj"]).decode("utf-8", "replace").strip() if ".prj" in members else ""
    name = stem.rpartition("/")[2]
    table = _layer(file, found["names"], crs=crs or None, sheet=name if len(read) > 1 else None)
    table.encoding = found["encoding"]
    table.notes.append(note(file, "E001", table.encoding.upper()))
    table.notes += [note(file, "E009")] * (".shx" not in members)
    table.source = started(_shapefile_chunks(found, table), file, "E563")
    return table


def _shapefile_chunks(found: dict[str, Any], table: RawTable) -> Iterator[Chunk]:
    numbers = found["positions"].astype(np.int64) + 1
    if len(numbers) and (deleted := int(numbers[-1]) - len(numbers)):
        table.notes.append(note(table.file, "E011", deleted))
    for start in range(0, len(numbers), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        faults: dict[int, str] = {}
        shapes = _from_wkb(found["geometry"][part].tolist(), numbers[part], faults)
        yield _chunk(numbers[part], found["records"][part], shapes, faults, table)


def _attributes(parts: Parts, members: dict[str, str]) -> dict[str, Any]:
    """Read one shapefile of the archive: names, rows of cells, positions, geometries, encoding."""
    shp = parts.read(members[".shp"])
    if shp[:4] != b"\x00\x00\x27\x0a" or len(shp) < 100:
        parts.damaged(members[".shp"])
    if ".dbf" not in members:
        refuse(parts.file, "E558")
    alone = BytesIO()
    with zipfile.ZipFile(alone, "w") as archive:
        archive.writestr("layer.shp", shp)
        archive.writestr("layer.shx", parts.read(members[".shx"]) if ".shx" in members else _index(shp))
        archive.writestr("layer.dbf", parts.read(members[".dbf"]))
    import pyogrio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Latin-1 gives every byte back as it stood, so the encoding can be settled strictly here.
            meta, positions, geometry, columns = pyogrio.raw.read(
                alone.getvalue(),
                encoding="ISO-8859-1",
                force_2d=True,
                return_fids=True,
                datetime_as_string=True,
            )
        except (RuntimeError, ValueError, LookupError, TypeError, OSError):
            parts.damaged(members[".shp"])
    declared = parts.read(members[".cpg"]).decode("ascii", "replace") if ".cpg" in members else ""
    return _decoded(meta["fields"], columns, declared) | {"positions": positions, "geometry": geometry}


def _index(shp: bytes) -> bytes:
    """Rebuild the .shx of a shapefile from its record headers."""
    entries, at = [], 100
    while at + 8 <= len(shp):
        words = struct.unpack_from(">i", shp, at + 4)[0]
        if words < 2 or at + 8 + 2 * words > len(shp):
            break
        entries.append(struct.pack(">ii", at // 2, words))
        at += 8 + 2 * words
    return shp[:24] + struct.pack(">i", 50 + 4 * len(entries)) + shp[28:100] + b"".join(entries)


def _decoded(names: Sequence[str], columns: Sequence[np.ndarray], declared: str) -> dict[str, Any]:
    """Decode names and text of a .dbf: UTF-8 strict, then GB18030; GB18030 first where the .cpg says so."""
    order = ["utf-8", "gb18030"]
    if declared.strip().upper().replace("-", "").startswith(("GB", "936", "CP936")):
        order.reverse()
    texts = [*names] + [cell for column in columns for cell in column.tolist() if isinstance(cell, str)]
    votes = {name: sum(_from_latin(text, name) is not None for text in texts) for name in order}
    encoding = max(order, key=votes.__getitem__)

    def text(cell: Any) -> Any:
        if not isinstance(cell, str):
            return None if cell != cell else cell
        found = _from_latin(cell, encoding)
        return cell.encode("latin-1", "replace").decode("ascii", "replace") if found is None else found

    cells = [[text(cell) for cell in column.tolist()] for column in columns]
    return {
        "names": [text(name) for name in names],
        "records": list(zip(*cells, strict=True)) if cells else [],
        "encoding": encoding,
    }


def _from_latin(text: str, encoding: str) -> str | None:
    """Decode again what was read as Latin-1; a character cut in half by the field's width is left off."""
    if text.isascii():
        return text
    try:
        return codecs.getincrementaldecoder(encoding)().decode(text.encode("latin-1"))
    except UnicodeError:
        return None


# --- in common ------------------------------------------------------------------------------------------


def _choose(file: str, layers: dict[str, list[str]], sheet: str | None, is_heading: IsHeading) -> str:
    """Pick the layer asked for, or the only one whose fields are known."""
    names = ", ".join(layers) or "none"
    if sheet is not None and len(layers) != 1:
        if sheet not in layers:
            refuse(file, "E559", sheet=sheet, names=names)
        return sheet
    matching = [name for name, fields in layers.items() if is_heading(fields)]
    if len(matching) > 1:
        refuse(file, "E560", count=len(matching), names=", ".join(matching))
    if not layers:
        refuse(file, "E561")
    return matching[0] if matching else next(iter(layers))


def _layer(file: str, fields: list[str], *, crs: str | None, sheet: str | None = None) -> RawTable:
    """Begin the table of a layer."""
    return RawTable(
        file=file,
        sha256="",
        kind="layer",
        headings=tuple(map(sound, fields)),
        heading_rows=(0, 0),
        source=iter(()),
        sheet=sheet,
        crs=crs,
    )


def _from_wkb(blobs: list[bytes | None], numbers: np.ndarray, faults: dict[int, str]) -> list[Any]:
    """Build geometries from WKB; note what is missing or malformed."""
    shapes = shapely.from_wkb(blobs, on_invalid="ignore").tolist()
    for number, blob, shape in zip(numbers.tolist(), blobs, shapes, strict=True):
        if shape is None:
            faults[number] = "null" if blob is None else "malformed"
    return shapes


def _chunk(
    numbers: np.ndarray,
    records: Sequence[Sequence[Any]],
    shapes: list[Any],
    faults: dict[int, str],
    table: RawTable,
    damaged: dict[int, str] | None = None,
) -> Chunk:
    """Turn values into text, judge the geometries, drop heights."""
    array = np.array(shapes, dtype=object)
    heights = shapely.has_z(array)
    if heights.any():
        first = int(numbers[heights][0])
        table.notes.append(note(table.file, "E007", int(heights.sum()), row=first))
        array = shapely.force_2d(array)
    points, owner = shapely.get_coordinates(array, return_index=True)
    for name, bad in (
        ("invalid", ~(shapely.is_valid(array) | shapely.is_missing(array))),
        ("not_finite", np.isin(np.arange(len(array)), owner[~np.isfinite(points).all(axis=1)])),
        ("empty", shapely.is_empty(array)),
    ):
        faults |= dict.fromkeys(numbers[bad].tolist(), name)
    unusable = np.array([faults.get(number, "invalid") != "invalid" for number in numbers.tolist()])
    array[unusable] = None
    chunk = Chunk(row_numbers=numbers, columns=[], geometry=array.tolist(), geometry_faults=faults)
    chunk.damaged = damaged or {}
    chunk.damaged_cells = {number: [] for number in chunk.damaged}
    for j in range(len(table.headings)):
        _add_column(chunk, [record[j] for record in records], j)
    mark_lost(chunk)
    return chunk


def _add_column(chunk: Chunk, values: list[Any], column: int) -> None:
    numeric = np.fromiter((type(v) in (int, float) for v in values), dtype=bool, count=len(values))
    cells = []
    for number, value in zip(chunk.row_numbers.tolist(), values, strict=True):
        if value is None:
            cells.append("")
        elif isinstance(value, str):
            cells.append(sound(value))
        elif isinstance(value, bool):
            cells.append("TRUE" if value else "FALSE")
            chunk.odd[number, column] = "boolean"
        elif isinstance(value, int | float):
            cells.append(repr(value).removesuffix(".0"))
        else:
            shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else None
            cells.append(json.dumps(value, ensure_ascii=False) if shown is None else shown)
            chunk.odd[number, column] = "list"
    chunk.columns.append(cells)
    chunk.numeric.append(numeric if numeric.any() else None)
