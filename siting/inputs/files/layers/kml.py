"""KML and KMZ → raw table: a row a placemark, its name, description and extended data as columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from siting.inputs.files.archive import Parts
from siting.inputs.files.layers.layer import MAX_FIELDS, _choose, _chunk, _layer
from siting.inputs.files.raw import CHUNK_ROWS, Chunk, IsHeading, RawTable, note, refuse

MAX_KML_MB = 128
_CHINESE = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["'](?:gb2312|gbk|gb18030)["'][^>]*\?>""", re.I)
"""Declarations of encodings that the parser does not know."""
_Placemark = tuple[dict[str, str], Any, str | None]
"""Fields, geometry, what is wrong with it."""


def read_kmz(parts: Parts, sheet: str | None, is_heading: IsHeading) -> RawTable:
    """Read the one layer of a KMZ; links to other files are not followed."""
    layers = {name: _placemarks(parts.read(name), parts.file) for name in parts.names() if _is_kml(name)}
    fields = {name: _fields(found, parts.file) for name, found in layers.items()}
    main = next((name for name in layers if name.lower() == "doc.kml"), None) if sheet is None else None
    chosen = main or _choose(parts.file, fields, sheet, is_heading)
    return _table(layers[chosen], fields[chosen], parts.file, chosen if len(layers) > 1 else None)


def read_kml(data: bytes, file: str) -> RawTable:
    """Read the placemarks of a KML document, at any depth of its folders."""
    found = _placemarks(data, file)
    return _table(found, _fields(found, file), file)


def _is_kml(name: str) -> bool:
    return name.lower().endswith(".kml") and not name.startswith("__MACOSX/")


def _placemarks(data: bytes, file: str) -> list[_Placemark]:
    from defusedxml import DefusedXmlException, ElementTree

    if len(data) > MAX_KML_MB * 2**20:
        refuse(file, "E565", limit=MAX_KML_MB)
    if declared := _CHINESE.match(data):
        data = data[declared.end() :].decode("gb18030", "replace").encode("utf-8")
    try:
        tree = ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        refuse(file, "E547", part="KML")
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        refuse(file, "E566", reason=error)
    return [_placemark(element) for element in tree.iter() if _tag(element) == "placemark"]


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _placemark(element: Any) -> _Placemark:
    fields: dict[str, str] = {}
    shape: Any = None
    fault: str | None = "null"
    for child in element:
        tag = _tag(child)
        if tag in ("name", "description"):
            fields[tag] = child.text or ""
        elif tag == "extendeddata":
            fields |= _extended(child)
        elif tag in _SHAPES:
            shape, fault = _shape(child)
    return fields, shape, fault


def _extended(element: Any) -> dict[str, str]:
    """Read ``Data`` and ``SimpleData``, whichever of the two ways a program writes."""
    found = {}
    for child in element.iter():
        name = child.get("name")
        if name and _tag(child) == "simpledata":
            found[name] = child.text or ""
        elif name and _tag(child) == "data":
            found[name] = next((value.text or "" for value in child if _tag(value) == "value"), "")
    return found


def _shape(element: Any) -> tuple[Any, str | None]:
    try:
        shape = _SHAPES[_tag(element)](element)
    except (ValueError, IndexError, shapely.errors.ShapelyError):
        return None, "malformed"
    return (None, "empty") if shape.is_empty else (shape, None)


def _coordinates(element: Any) -> list[list[float]]:
    """Read ``lon,lat,height`` tuples of the first coordinates below an element."""
    text = next((child.text for child in element.iter() if _tag(child) == "coordinates"), None) or ""
    places = re.sub(r"\s*,\s*", ",", text).split()
    return [[float(number) for number in place.split(",")[:2]] for place in places]


def _point(element: Any) -> Any:
    places = _coordinates(element)
    return shapely.Point(places[0]) if places else shapely.Point()


def _polygon(element: Any) -> Any:
    sides = [child for child in element if _tag(child) in ("outerboundaryis", "innerboundaryis")]
    outer = [side for side in sides if _tag(side).startswith("outer")]
    holes = [_coordinates(side) for side in sides if side not in outer]
    return shapely.Polygon(_coordinates(outer[0]), holes) if outer else shapely.Polygon()


def _several(element: Any) -> Any:
    shapes = [_SHAPES[_tag(child)](child) for child in element if _tag(child) in _SHAPES]
    kinds = {shape.geom_type for shape in shapes}
    if len(shapes) == 1:
        return shapes[0]
    return shapely.MultiPoint(shapes) if kinds == {"Point"} else shapely.GeometryCollection(shapes)


_SHAPES = {
    "point": _point,
    "linestring": lambda element: shapely.LineString(_coordinates(element)),
    "polygon": _polygon,
    "multigeometry": _several,
}


def _fields(found: list[_Placemark], file: str) -> list[str]:
    names: dict[str, None] = {}
    for fields, _, _ in found:
        names |= dict.fromkeys(fields)
        if len(names) > MAX_FIELDS:
            refuse(file, "E550", limit=MAX_FIELDS)
    return list(names)


def _table(found: list[_Placemark], fields: list[str], file: str, sheet: str | None = None) -> RawTable:
    if not found:
        refuse(file, "E563")
    table = _layer(file, fields, crs="WGS84", sheet=sheet)
    table.source = _chunks(found, fields, table)
    table.notes.append(note(file, "E016", sheet=sheet))
    return table


def _chunks(found: list[_Placemark], fields: list[str], table: RawTable) -> Iterator[Chunk]:
    for start in range(0, len(found), CHUNK_ROWS):
        part = found[start : start + CHUNK_ROWS]
        numbers = np.arange(start + 1, start + 1 + len(part))
        faults = {int(n): fault for n, (_, _, fault) in zip(numbers, part, strict=True) if fault}
        records = [[own.get(name) for name in fields] for own, _, _ in part]
        yield _chunk(numbers, records, [shape for _, shape, _ in part], faults, table)
