"""Layers of polygons → which condition each decides, by name, in WGS-84 degrees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from siting.inputs.dictionary.columns import columns_of
from siting.inputs.dictionary.words import fold
from siting.inputs.files.levels import HEADING_SCORE
from siting.inputs.files.opener import read_raw
from siting.inputs.places.crs import parse_crs, to_wgs84
from siting.inputs.tables.fields import choice
from siting.messages import refusal, text_of

if TYPE_CHECKING:
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from siting.inputs.files.raw import Chunk, RawTable
    from siting.inputs.sections import RedLines

POLYGONS = (3, 6)
"""Numbers of shapely's types: polygons and multipolygons."""


def read_red_lines(layer: RedLines) -> pd.DataFrame:
    """Read the polygons of one layer.

    Returns
    -------
    By polygon ``condition, verdict, name, file, geometry``; other shapes of the layer are passed over.

    Raises
    ------
    InputError
        The file is refused, holds no polygon, or a polygon's condition is not one of the table's.
    """
    import pandas as pd

    name = Path(layer.file).name
    if (layer.condition is None) == (layer.column is None):
        _refuse(name, "P245")
    table = read_raw(layer.file, is_heading=lambda _: HEADING_SCORE)
    if table.kind != "layer":
        _refuse(name, "P244")
    for heading in filter(None, (layer.column, layer.label)):
        if heading not in table.headings:
            _refuse(name, "P246", column=heading)
    crs = parse_crs(layer.crs or table.crs or "none").name if not table.crs else table.crs
    rows = [row for chunk in table.chunks() for row in _polygons(chunk, table, layer, crs)]
    if not rows:
        _refuse(name, "P244")
    return pd.DataFrame(rows).assign(verdict=layer.verdict, file=name)


def _polygons(chunk: Chunk, table: RawTable, layer: RedLines, crs: str) -> list[dict[str, object]]:
    import shapely

    kinds = shapely.get_type_id(chunk.geometry or []).tolist()
    rows: list[dict[str, object]] = []
    for n, (number, kind) in enumerate(zip(chunk.row_numbers.tolist(), kinds, strict=True)):
        shape = (chunk.geometry or [])[n]
        if kind not in POLYGONS or shape is None:
            continue
        cells = {heading: column[n] for heading, column in zip(table.headings, chunk.columns, strict=True)}
        said = layer.condition if layer.column is None else cells[layer.column]
        label = fold(cells[layer.label]) if layer.label else ""
        rows.append(
            {
                "condition": _condition(said or "", table.file),
                "name": label or text_of("P243", n=number).zh,
                "geometry": _in_degrees(shape, crs),
            }
        )
    return rows


def _condition(said: str, file: str) -> str:
    found = choice(said, columns_of("conditions")["condition"])
    return found if found is not None else _refuse(file, "P247", found=fold(said))


def _in_degrees(shape: BaseGeometry, crs: str) -> BaseGeometry:
    """Put a polygon into WGS-84; one that crosses itself is mended."""
    import numpy as np
    import shapely

    moved = shapely.transform(shape, lambda xy: np.stack(to_wgs84(xy[:, 0], xy[:, 1], crs), axis=1))
    return moved if shapely.is_valid(moved) else shapely.make_valid(moved)


def _refuse(file: str, code: str, **words: object) -> NoReturn:
    reason = text_of(code, "", **words)
    allowed = ", ".join(columns_of("conditions")["condition"].allowed)
    raise refusal(file, "R246", reason=reason.en, reason_zh=reason.zh, allowed=allowed)
