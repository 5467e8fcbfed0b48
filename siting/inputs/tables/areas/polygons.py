"""A layer of polygons → its rows: cells by heading, and the shape in WGS-84 degrees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from siting.inputs.files.levels import HEADING_SCORE
from siting.inputs.files.opener import read_raw
from siting.inputs.places.crs import parse_crs, to_wgs84

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapely.geometry.base import BaseGeometry

    from siting.inputs.files.raw import RawTable

POLYGONS = (3, 6)
"""Numbers of shapely's types: polygons and multipolygons."""


class Polygon(NamedTuple):
    """One row of a layer."""

    number: int
    cells: dict[str, str]
    """By heading."""
    shape: BaseGeometry


def open_layer(path: Path) -> RawTable:
    """Open a layer, whatever its columns are called; its ``kind`` tells whether it is one."""
    return read_raw(path, is_heading=lambda _: HEADING_SCORE)


def polygons_of(table: RawTable, crs: str | None = None) -> Iterator[Polygon]:
    """Read the polygons of a layer, other shapes passed over; one that crosses itself is mended.

    Parameters
    ----------
    table
    crs : coordinate system of a layer that does not carry one

    Raises
    ------
    InputError
        No coordinate system is known.
    """
    import shapely

    system = table.crs or parse_crs(crs or "none").name
    for chunk in table.chunks():
        shapes = chunk.geometry or []
        kinds = shapely.get_type_id(shapes).tolist()
        for n, (number, kind) in enumerate(zip(chunk.row_numbers.tolist(), kinds, strict=True)):
            shape = shapes[n]
            if kind in POLYGONS and shape is not None:
                cells = {name: column[n] for name, column in zip(table.headings, chunk.columns, strict=True)}
                yield Polygon(number, cells, _in_degrees(shape, system))


def _in_degrees(shape: BaseGeometry, crs: str) -> BaseGeometry:
    import numpy as np
    import shapely

    moved = shapely.transform(shape, lambda xy: np.stack(to_wgs84(xy[:, 0], xy[:, 1], crs), axis=1))
    return moved if shapely.is_valid(moved) else shapely.make_valid(moved)
