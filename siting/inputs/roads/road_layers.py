"""Road layers (GeoJSON, GeoPackage, zipped shapefile) → ways; the compact layer → its `RoadLayer` at once."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from pandas.api.types import union_categoricals

from siting.inputs.files.layers.geopackage import guard
from siting.inputs.files.opener import read_raw
from siting.inputs.files.raw import refuse
from siting.inputs.places.crs import parse_crs, to_wgs84
from siting.inputs.roads.relations.restrictions import renumbered
from siting.inputs.roads.ways import GRID, Lines, Points, Ways
from siting.types import InputError, Issue, RoadLayer, no_restrictions

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

COMPACT = "siting_roads"
"""Name of the compact layer inside its GeoPackage."""
ACCOUNT = "account"
"""Key of its metadata: counts, issues and ways set aside, JSON."""
EDGE_COLUMNS = (
    "way", "tail", "head", "forward", "backward", "length_m", "speed_kmh", "legal_kmh", "speed_basis",
    "class", "ref", "name", "opened", "belief", "through", "tunnel", "roundabout",
)  # fmt: skip
"""Columns of `RoadLayer.edges`."""
NAME_COLUMNS = ("tail_name", "head_name")
"""Columns of the compact layer with the names of the nodes."""
SIGNAL_COLUMNS = ("tail_signal", "head_signal")
"""Columns of the compact layer that tell whether the nodes have traffic signals."""
TEXT_COLUMNS = ("speed_basis", "class", "belief", "ref", "name", *NAME_COLUMNS)
BLOCK_ROWS = 100_000
"""Stretches of the compact layer that are read at once."""
KIND_COLUMNS = ("highway", "fclass", "other_tags")
"""Columns that tell what kind of road a line is; a layer without any of them is none of roads."""
OTHER_TAGS = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
"""One pair of GDAL's column ``other_tags``."""
ONEWAY = {"f": "yes", "t": "-1", "b": "no", "true": "yes", "false": "no"}
"""Geofabrik's spelling of ``oneway``, and that of booleans."""
LINES = ("LineString", "MultiLineString")


def collect_layer(path: Path, ways: Ways) -> None:
    """Hand over the lines of a layer; features are numbered from 1."""
    table = read_raw(
        path, is_heading=lambda cells: sum(cell.lower() in KIND_COLUMNS for cell in cells), roads=True
    )
    crs = table.crs or "none"
    try:
        parse_crs(crs)
    except InputError as error:
        refuse(table.file, "E592", reason=error, reason_zh=error.message_zh)
    headings = [heading.lower() for heading in table.headings]
    seen: dict[tuple[int, int], int] = {}
    for chunk in table.chunks():
        lines, drawn, shapes = Lines([], [], [], []), [], chunk.geometry or []
        for k, row in enumerate(chunk.row_numbers.tolist()):
            # Headings that differ in case only may meet here: a filled cell counts.
            found = zip(headings, (column[k].strip() for column in chunk.columns), strict=True)
            cells = {heading: cell for heading, cell in found if cell}
            way = next((cells[name] for name in ("id", "osm_id", "way") if cells.get(name)), str(row))
            tags = _tags(cells)
            parts = _lines(shapes[k])
            lines.way.extend([way] * len(parts))
            lines.row.extend([row] * len(parts))
            lines.verdict.extend([ways.judge(tags)] * len(parts))
            lines.road.extend([(tags.get("ref", ""), tags.get("name", ""))] * len(parts))
            drawn += parts
        ways.collect(lines, partial(_numbered, drawn, crs, seen))


def _lines(geometry: BaseGeometry | None) -> list[np.ndarray]:
    """Return the points of each line; one empty line where there is none, for the row's account."""
    if geometry is None or geometry.geom_type not in LINES:
        return [np.zeros((0, 2))]
    return [shapely.get_coordinates(part) for part in shapely.get_parts(geometry)] or [np.zeros((0, 2))]


def _numbered(
    drawn: list[np.ndarray], crs: str, seen: dict[tuple[int, int], int], which: np.ndarray
) -> Points:
    """Give points a number by place: layers have no node ids, so equal places are one node."""
    lines = [drawn[k] for k in which.tolist()]
    points = np.concatenate([np.zeros((0, 2)), *lines])
    if len(points) and crs != "WGS84":
        points = np.stack(to_wgs84(points[:, 0], points[:, 1], crs), axis=1)
    grid = np.round(points / GRID).astype(np.int64)
    numbers = [seen.setdefault((x, y), len(seen) + 1) for x, y in grid.tolist()]
    sizes = np.array([len(line) for line in lines], np.int64)
    return Points(np.array(numbers, np.int64), grid[:, 0], grid[:, 1], sizes)


def _tags(cells: dict[str, str]) -> dict[str, str]:
    """Turn the columns of a feature into OSM tags."""
    tags = {key: value for key, value in cells.items() if value and key not in ("id", "osm_id", "other_tags")}
    tags.update(OTHER_TAGS.findall(cells.get("other_tags", "")))
    if "highway" not in tags and "fclass" in tags:
        tags["highway"] = tags["fclass"]
        if tags.get("maxspeed") == "0":
            # Geofabrik's layers write 0 for "not mapped".
            del tags["maxspeed"]
    if "oneway" in tags:
        tags["oneway"] = ONEWAY.get(tags["oneway"].lower(), tags["oneway"])
    return tags


def read_compact(path: Path, bbox: Sequence[float] | None, sha256: str) -> RoadLayer | None:
    """Read what `siting.outputs.roadlayer` wrote; None for any other file."""
    if not _is_compact(path):
        return None
    import pyogrio
    import pyogrio.errors

    try:
        metadata = pyogrio.read_info(path, layer=COMPACT)["layer_metadata"] or {}
        frame, shape, start = _stretches(path, tuple(bbox) if bbox else None)
    except pyogrio.errors.DataSourceError as error:
        refuse(path.name, "E593", reason=error)
    nodes, ends = _nodes(frame, shape, start)
    # Rows are numbered from 1 as they were written.
    written = frame.pop("fid").to_numpy(np.int64) - 1
    edges = frame.reindex(columns=list(EDGE_COLUMNS)).rename_axis("edge")
    edges["tail"], edges["head"] = (numbers.astype(np.int32) for numbers in ends)
    # Layers of before these columns: every road carries through traffic, none is a tunnel or roundabout.
    absent = {"forward": False, "backward": False, "through": True, "tunnel": False, "roundabout": False}
    for column, missing in absent.items():
        edges[column] = edges[column].astype("boolean").fillna(missing).astype(bool)
    edges["opened"] = edges["opened"].astype("Int16")
    account = json.loads(metadata.get(ACCOUNT, "{}"))
    aside = pd.DataFrame(account.get("set_aside", {}), columns=["way", "row", "reason"])
    issues = tuple(Issue(**issue) for issue in account.get("issues", ()))
    restrictions = pd.DataFrame(account.get("restrictions", no_restrictions()))
    return RoadLayer(
        edges,
        nodes,
        shape,
        start,
        aside,
        issues,
        account.get("counts", {}),
        path.name,
        sha256,
        restrictions=renumbered(restrictions, written),
    )


def _stretches(path: Path, bbox: tuple[float, ...] | None) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Read the columns of the stretches, their points, and where those of each start.

    In blocks, since a row as GDAL hands it over takes many times the memory of what is kept of it.
    """
    import pyogrio

    parts: list[pd.DataFrame] = []
    shapes, sizes = [], []
    while not parts or len(parts[-1]) == BLOCK_ROWS:
        part = pyogrio.read_dataframe(
            path,
            layer=COMPACT,
            bbox=bbox,
            skip_features=len(parts) * BLOCK_ROWS,
            max_features=BLOCK_ROWS,
            fid_as_index=True,
        )
        lines = part.pop("geometry").to_numpy()
        shapes.append(shapely.get_coordinates(lines))
        sizes.append(shapely.get_num_coordinates(lines))
        # Columns without a value in any row are not in the file.
        columns = ["fid", *EDGE_COLUMNS, *NAME_COLUMNS, *SIGNAL_COLUMNS]
        parts.append(pd.DataFrame(part).reset_index(names="fid").reindex(columns=columns))
        for column in TEXT_COLUMNS:
            parts[-1][column] = pd.Categorical(parts[-1][column].astype("str"))
    texts = {column: union_categoricals([part.pop(column) for part in parts]) for column in TEXT_COLUMNS}
    frame = pd.concat(parts, ignore_index=True).assign(**texts)
    return frame, np.concatenate(shapes), np.append(0, np.cumsum(np.concatenate(sizes)))


def _is_compact(path: Path) -> bool:
    """Look for our layer by SQLite; whatever else is wrong with the file is left to the reader of layers."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            return False
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        ) as database:
            guard(database, path.stat().st_size)
            view = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = 'gpkg_contents'"
            if database.execute(view).fetchone():
                # GDAL would follow a view that calls itself without end.
                refuse(path.name, "E556", reason="gpkg_contents is a view")
            query = "SELECT 1 FROM gpkg_contents WHERE table_name = ?"
            return database.execute(query, (COMPACT,)).fetchone() is not None
    except sqlite3.Error:
        return False


def _nodes(
    frame: pd.DataFrame, shape: np.ndarray, start: np.ndarray
) -> tuple[pd.DataFrame, list[np.ndarray]]:
    """Give the ends of the stretches numbers from 0, in the order of their ids."""
    ids = pd.concat([frame["tail"], frame["head"]], ignore_index=True)
    codes, unique = pd.factorize(ids, sort=True)
    first = np.empty(len(unique), np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    place = np.concatenate([shape[start[:-1]], shape[start[1:] - 1]])[first]
    names = pd.Series(union_categoricals([frame[column] for column in NAME_COLUMNS])[first]).astype("str")
    signal = pd.concat([frame[column] for column in SIGNAL_COLUMNS]).eq(True).to_numpy(bool)[first]
    nodes = pd.DataFrame(
        {
            "lon": place[:, 0],
            "lat": place[:, 1],
            "id": np.asarray(unique),
            "name": names.fillna("").to_numpy(object),
            "signal": signal,
        }
    )
    return nodes, np.split(codes, 2)
