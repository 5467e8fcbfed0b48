"""GeoJSON → raw table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from siting.inputs.files.layers.layer import MAX_FIELDS, _chunk, _layer
from siting.inputs.files.raw import CHUNK_ROWS, Chunk, RawTable, note, refuse
from siting.types import InputError

_MOST_DEGREES = 360
_GEOMETRIES = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)


# --- GeoJSON --------------------------------------------------------------------------------------------


def read_geojson(data: bytes, file: str) -> RawTable:
    """Read features by a strict JSON parser of our own choosing; GDAL never sees the file."""
    encoding, text = _json_text(data, file)
    document, repeated = _parse_lines(text, file) or _parse_json(text, file)
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
    table = _layer(file, list(fields), crs=_geojson_crs(document, features, file))
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


def _parse_lines(text: str, file: str) -> tuple[Any, int] | None:
    """Parse features that stand one a line, with or without separators; None if it is one document."""
    first, _, rest = text.lstrip("\ufeff\x1e \t\r\n").partition("\n")
    try:
        feature = json.loads(first)
    except ValueError:
        return None
    if not (isinstance(feature, dict) and feature.get("type") == "Feature" and rest.strip("\x1e \t\r\n")):
        return None
    features, repeated = [], 0
    for line in filter(None, (line.strip("\x1e \t\r") for line in text.lstrip("\ufeff").split("\n"))):
        try:
            found, again = _parse_json(line, file)
        except InputError:
            found, again = None, 0  # a damaged line costs its own feature
        features.append(found)
        repeated += again
    return {"type": "FeatureCollection", "features": features}, repeated


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
        features: list[Any] = document["features"]
        return features
    if kind == "Feature":
        return [document]
    refuse(file, "E554")


def _geojson_crs(document: dict[str, Any], features: list[Any], file: str) -> str | None:
    """Name the system of the ``crs`` member; ``null`` declares none.

    Without one it is WGS 84 (RFC 7946), unless the numbers are no degrees: then nothing is known of it.
    """
    if "crs" not in document:
        return "WGS84" if all(abs(number) <= _MOST_DEGREES for number in _first_position(features)) else None
    member = document["crs"]
    if member is None:
        return None
    member = member if isinstance(member, dict) else {}
    properties = member.get("properties")
    found = properties if isinstance(properties, dict) else {}
    code = str(found.get("code"))  # the form of 2007, before names
    if str(member.get("type")).upper() == "EPSG" and code.isdecimal():
        return f"EPSG:{code}"
    name = found.get("name") or found.get("urn")
    if not isinstance(name, str):
        refuse(file, "E555")
    return name


def _first_position(features: list[Any]) -> list[float]:
    """Give the first position that can be read, nothing if there is none."""
    for feature in features:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        found = geometry.get("coordinates") if isinstance(geometry, dict) else None
        while isinstance(found, list) and found and isinstance(found[0], list):
            found = found[0]
        if isinstance(found, list) and len(found) > 1 and all(isinstance(n, int | float) for n in found[:2]):
            return found[:2]
    return []


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
