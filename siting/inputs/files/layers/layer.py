"""Layers (GeoJSON, GeoPackage, zipped shapefile) → rows of text with geometries.

Every format is told by its own bytes and read in memory; no path, name or address in a file is followed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from siting.inputs.files.raw import Chunk, IsHeading, RawTable, check_text, mark_lost, note, refuse, sound

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from siting.types import Issue

MAX_FIELDS = 2000
LINES = ("LineString", "MultiLineString")
SAMPLE_ROWS = 200
"""Rows by which a layer of roads is told from others."""


# --- in common ------------------------------------------------------------------------------------------


def _choose(
    file: str,
    layers: dict[str, list[str]],
    sheet: str | None,
    is_heading: IsHeading,
    is_wanted: Callable[[str], bool] | None = None,
) -> str:
    """Pick the layer asked for, or the only one whose fields are known.

    Where several are, `is_wanted` looks into those layers; none of them wanted: the fields decide alone.
    """
    names = ", ".join(layers) or "none"
    if sheet is not None and (len(layers) != 1 or is_wanted is not None):
        # Shapefiles go by their place in the archive; the name alone will do where one bears it.
        alike = [name for name in layers if name.rpartition("/")[2] == sheet]
        if sheet not in layers and len(alike) != 1:
            refuse(file, "E559", sheet=sheet, names=names)
        return sheet if sheet in layers else alike[0]
    matching = [name for name, fields in layers.items() if is_heading(fields)]
    if len(matching) > 1 and is_wanted is not None:
        matching = [name for name in matching if is_wanted(name)] or matching
    if len(matching) > 1:
        refuse(file, "E560", count=len(matching), names=", ".join(matching))
    if not layers:
        refuse(file, "E561")
    return matching[0] if matching else next(iter(layers))


def other_layers(file: str, names: Iterable[str], chosen: str) -> list[Issue]:
    """Say which layers lie beside that of the roads: what stops cars may be drawn there."""
    others = [name.rpartition("/")[2] for name in names if name != chosen]
    return [note(file, "R927", ", ".join(others))] if others else []


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


def _as_texts(records: Sequence[Sequence[Any]]) -> list[list[str]]:
    """Return some records as text, for a look at what a layer holds."""
    return [["" if value is None else str(value).strip() for value in record] for record in records]


def _from_wkb(
    blobs: list[bytes | None], numbers: NDArray[np.int64], faults: dict[int, str]
) -> list[BaseGeometry | None]:
    """Build geometries from WKB; note what is missing or malformed."""
    shapes: list[BaseGeometry | None] = shapely.from_wkb(blobs, on_invalid="ignore").tolist()
    for number, blob, shape in zip(numbers.tolist(), blobs, shapes, strict=True):
        if shape is None:
            faults[number] = "null" if blob is None else "malformed"
    return shapes


def _chunk(
    numbers: NDArray[np.int64],
    records: Sequence[Sequence[Any]],
    shapes: list[BaseGeometry | None],
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
    check_text(chunk, table)
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
