"""Evaluation → one GeoPackage with all its layers, in Chinese, with the styles that QGIS draws them in."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.places.crs import GEOGRAPHIC, parse_crs
from siting.messages import refusal
from siting.outputs.colours import BANDS, BORDER, FAINT, FLOW, GAIN, LAND, ROAD_COLOURS, WARNING, WHITE
from siting.outputs.maps.qgis_styles import Style, colour, qml
from siting.outputs.maps.result_layers import LAYERS, ResultLayer, has_shape, layer_words
from siting.outputs.page.packed.map_layers import road_class
from siting.outputs.tables.road_layer import WRITTEN_AT, at_a_fixed_moment
from siting.outputs.text.cells import heading, native, plain
from siting.outputs.text.wording import say, speaks, words

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

GEOMETRY = "geom"

CODED = {"kind": "kind.", "basis": "basis.", "verdict": "", "land_provision": "land.", "class": "road."}
"""Columns of codes → what stands before the code in the key of its word."""

_STYLES = """CREATE TABLE layer_styles (
id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""
"""The table from which QGIS takes the style of a layer that it opens."""


@speaks
def study_gpkg(evaluation: Evaluation, crs: str = "WGS84") -> bytes:
    """Return what `Result.save_layers` writes, the same bytes for the same result."""
    import pyogrio

    system = parse_crs(crs)
    if system.name in ("GCJ-02", "BD-09"):
        raise refusal("", "R250", crs=system.name)
    layers = {name: make(evaluation) for name, make in LAYERS.items()}
    with TemporaryDirectory() as folder, at_a_fixed_moment():
        path = Path(folder) / "study.gpkg"
        for name, frame in _frames(evaluation, layers):
            pyogrio.write_dataframe(
                frame.to_crs(system.definition),
                path,
                layer=name,
                driver="GPKG",
                append=path.exists(),
                promote_to_multi=bool((frame.geom_type == "Polygon").any()),
                geometry_type=None if has_shape(frame).any() else "Point",
                layer_options={"GEOMETRY_NAME": GEOMETRY},
            )
        written = path.read_bytes()
    return _with_styles(written, _styles(evaluation, layers))


def _frames(
    evaluation: Evaluation, layers: Mapping[str, ResultLayer]
) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Layers in words by their Chinese name, the lowest first, as a GIS lays them."""
    boundary = evaluation.evidence.inputs.boundary
    if boundary is not None:
        title = say("mapfile.county", "zh")
        outline = pd.DataFrame({heading("name", evaluation, "zh", "places"): [title]})
        yield title, gpd.GeoDataFrame(outline, geometry=[boundary], crs=GEOGRAPHIC["WGS84"])
    for layer in reversed(list(layers.values())):
        if len(layer):
            title, named = layer_words(layer)
            yield title, _worded(evaluation, layer, _distinct(named))


def _worded(evaluation: Evaluation, layer: gpd.GeoDataFrame, named: dict[str, str]) -> gpd.GeoDataFrame:
    """Put words in place of codes and headings."""
    columns = {named[column]: _spoken(evaluation, column, layer[column]).to_numpy() for column in named}
    if layer.index.name:
        key = heading(str(layer.index.name), evaluation, "zh")
        columns = {key: layer.index.astype(str).to_numpy(), **columns}
    return gpd.GeoDataFrame(columns, geometry=layer.geometry.to_numpy(), crs=layer.crs)


def _spoken(evaluation: Evaluation, column: str, values: pd.Series) -> pd.Series:
    if column in CODED:
        known = {code: words("zh").get(f"{CODED[column]}{code}", code) for code in values.dropna().unique()}
        values = values.map(known)
    if column == "confidence":
        values = values.map(lambda code: heading(f"confidence.{code}", evaluation, "zh"), na_action="ignore")
    if values.dtype == object or isinstance(values.dtype, pd.StringDtype):
        return values.map(lambda value: plain(value) if isinstance(value, str) else native(value))
    return values


def _distinct(named: dict[str, str]) -> dict[str, str]:
    """Column names that a database tells apart: without control characters, none twice in any case."""
    seen: set[str] = {"fid", GEOMETRY, "id"}
    found = {}
    for column, name in named.items():
        written = plain(name).strip() or column
        while written.casefold() in seen:
            written += "_"
        seen.add(written.casefold())
        found[column] = written
    return found


# --- Styles -------------------------------------------------------------------------------------------


def _styles(evaluation: Evaluation, layers: Mapping[str, ResultLayer]) -> dict[str, Style]:
    """Style by layer."""
    zh = {name: layer_words(layer) for name, layer in layers.items()}
    title = {name: of for name, (of, _) in zh.items()}
    column = {name: _distinct(named) for name, (_, named) in zh.items()}
    minutes = np.unique(evaluation.isochrones["minutes"].to_numpy(float))
    bands = {f"{m:g}": colour(BANDS[min(n, len(BANDS) - 1)], 0.35) for n, m in enumerate(minutes)}
    classes = layers["roads"]["class"].dropna().unique()
    roads = {words("zh").get(f"road.{k}", k): colour(ROAD_COLOURS[road_class(k)]) for k in map(str, classes)}
    return {
        title["sites"]: _dots(colour(WARNING), "4.5", column["sites"]["name"]),
        title["enterprises"]: _dots(colour(FAINT), "1.8"),
        title["townships"]: _dots(colour(GAIN, 0.5), "5"),
        title["flows"]: Style("line", {"line_color": colour(FLOW, 0.6), "line_width": "0.6"}),
        title["isochrones"]: Style(
            "fill",
            {
                "color": next(iter(bands.values()), colour(BANDS[4])),
                "outline_color": colour(BANDS[1]),
                "outline_width": "0.2",
            },
            by=column["isochrones"]["drive_min"],
            colours=bands,
        ),
        title["roads"]: Style(
            "line", {"line_color": "", "line_width": "0.7"}, by=column["roads"]["class"], colours=roads
        ),
        say("mapfile.county", "zh"): Style(
            "fill",
            {"color": colour(LAND), "outline_color": colour(BORDER), "outline_style": "dash dot",
             "outline_width": "0.4"},
        ),
    }  # fmt: skip


def _dots(fill: str, size_mm: str, label: str = "") -> Style:
    options = {"name": "circle", "color": fill, "size": size_mm}
    options |= {"outline_color": colour(WHITE), "outline_width": "0.3"}
    return Style("marker", options, label=label)


def _with_styles(geopackage: bytes, styles: dict[str, Style]) -> bytes:
    """Add the styles of the layers that are there."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(geopackage)
        there = [row[0] for row in database.execute("SELECT table_name FROM gpkg_contents ORDER BY rowid")]
        database.execute(_STYLES)
        rows = [
            ("", "", name, GEOMETRY, name, qml(styles[name]), "", True, "", "", "", WRITTEN_AT)
            for name in there
        ]
        marks = ", ".join("?" * 12)
        database.executemany(f"INSERT INTO layer_styles VALUES (NULL, {marks})", rows)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
            "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
            (WRITTEN_AT,),
        )
        database.commit()
        database.execute("VACUUM")
        return database.serialize()
