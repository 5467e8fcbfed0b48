"""Layers of polygons → which condition each decides, by name, in WGS-84 degrees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from siting.inputs.dictionary.columns import columns_of
from siting.inputs.dictionary.words import fold
from siting.inputs.tables.areas.polygons import Polygon, open_layer, polygons_of
from siting.inputs.tables.fields import choice
from siting.messages import refusal, text_of

if TYPE_CHECKING:
    import pandas as pd

    from siting.inputs.sections import RedLines


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
    table = open_layer(layer.file)
    if table.kind != "layer":
        _refuse(name, "P244")
    for heading in filter(None, (layer.column, layer.label)):
        if heading not in table.headings:
            _refuse(name, "P246", column=heading)
    rows = [_row(polygon, table.file, layer) for polygon in polygons_of(table, layer.crs)]
    if not rows:
        _refuse(name, "P244")
    return pd.DataFrame(rows).assign(verdict=layer.verdict, file=name)


def _row(polygon: Polygon, file: str, layer: RedLines) -> dict[str, object]:
    said = layer.condition if layer.column is None else polygon.cells[layer.column]
    label = fold(polygon.cells[layer.label]) if layer.label else ""
    return {
        "condition": _condition(said or "", file),
        "name": label or text_of("P243", n=polygon.number).zh,
        "geometry": polygon.shape,
    }


def _condition(said: str, file: str) -> str:
    found = choice(said, columns_of("conditions")["condition"])
    return found if found is not None else _refuse(file, "P247", found=fold(said))


def _refuse(file: str, code: str, **words: object) -> NoReturn:
    reason = text_of(code, "", **words)
    allowed = ", ".join(columns_of("conditions")["condition"].allowed)
    raise refusal(file, "R246", reason=reason.en, reason_zh=reason.zh, allowed=allowed)
