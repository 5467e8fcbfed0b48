"""A layer of polygons → the areas of townships, by the name that the layer gives each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from siting.inputs.dictionary.words import fold
from siting.inputs.files.raw import refuse
from siting.inputs.headings.naming import read_heading
from siting.inputs.tables.areas.polygons import open_layer, polygons_of
from siting.messages import text_of
from siting.types import Table

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10
"""Rows that a refusal names."""


def read_township_areas(path: Path) -> Table:
    """Read the areas of townships.

    Returns
    -------
    Table
        ``frame``: ``town, geometry`` (WGS-84) and ``row``, one row a polygon; other shapes are passed over.

    Raises
    ------
    InputError
        The layer holds no polygon, no column of it names townships, or a polygon has no name.
    """
    import pandas as pd

    layer = open_layer(path)
    heading = _name_of(layer.headings)
    if layer.kind == "layer" and heading is None:
        _refuse(layer.file, "P911", headings=", ".join(filter(None, layer.headings)) or "—")
    polygons = list(polygons_of(layer)) if layer.kind == "layer" else []
    if not polygons or heading is None:
        _refuse(layer.file, "P244")
    frame = pd.DataFrame(
        {
            "town": [fold(polygon.cells[heading]) for polygon in polygons],
            "geometry": [polygon.shape for polygon in polygons],
            "row": [polygon.number for polygon in polygons],
        }
    )
    _check_names(layer.file, frame)
    return Table(
        frame=frame.rename_axis("area"),
        set_aside=pd.DataFrame({"row": [], "reason": []}),
        issues=tuple(layer.notes),
        counts={"data_rows": len(frame), "kept": len(frame), "set_aside": 0, "ignored_lines": 0},
        file=layer.file,
        sha256=layer.sha256,
        headings={"town": heading},
    )


def _name_of(headings: Sequence[str]) -> str | None:
    """Find the column that names the township, else one that names the row."""
    for table, field in (("enterprises", "town"), ("places", "name")):
        for heading in headings:
            named = read_heading(heading, table)
            if named is not None and named.field == field:
                return heading
    return None


def _check_names(file: str, frame: pd.DataFrame) -> None:
    nameless = frame.loc[frame["town"] == "", "row"].tolist()
    if nameless:
        rows = ", ".join(map(str, nameless[:MOST_ROWS])) + (" …" if len(nameless) > MOST_ROWS else "")
        _refuse(file, "P912", rows=rows)


def _refuse(file: str, part: str, **words: object) -> NoReturn:
    reason = text_of(part, "", **words)
    refuse(file, "E910", reason=reason.en, reason_zh=reason.zh)
