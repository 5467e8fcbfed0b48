"""`RoadLayer` → one compact GeoPackage layer that `siting.read_roads` loads at once, and any GIS opens.

A row is a run of stretches of one way, drawn as one line. Junctions, and whatever else stretches and nodes
have, stand packed beside the layer, so that the reader can tell which lines were edited.
"""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from siting.inputs.files.layers.geopackage import geometry_bytes
from siting.inputs.places.crs import GEOGRAPHIC
from siting.inputs.roads.compact_layer.lines import (
    ACCOUNT,
    COMPACT,
    DRAWN,
    STRETCH_COLUMNS,
    line_marks,
    node_places,
    on_grid,
    tables_of,
)
from siting.inputs.roads.compact_layer.packed import ARRAYS, Packed, pack_array, pack_frame
from siting.inputs.roads.components import PARTS
from siting.inputs.roads.noding import lengths_of
from siting.outputs.write_files import write_file
from siting.types import RoadLayer

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

WRITTEN_AT = "2000-01-01T00:00:00.000Z"
"""GeoPackages record when they changed; a fixed moment keeps equal layers equal to the byte."""


def write_road_layer(layer: RoadLayer, path: Path) -> None:
    """Write a road layer, whole or not at all; zipped where the name ends in ``.zip``.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    data = road_layer(layer)
    if path.suffix.lower() == ".zip":
        target = BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            member = zipfile.ZipInfo(path.stem)
            archive.writestr(member, data, zipfile.ZIP_DEFLATED, compresslevel=9)
        data = target.getvalue()
    write_file(path, data)


def road_layer(layer: RoadLayer) -> bytes:
    """Return the layer as a GeoPackage: a line a row with the columns of `RoadLayer.edges`.

    The account of the file that it was read from goes along: what is set aside, and every issue.
    """
    import geopandas as gpd

    begins = _begins_line(layer)
    line = np.cumsum(begins) - 1
    size = np.diff(layer.shape_start)
    owner = np.repeat(line, size)
    # Where a stretch goes on from the one before, their common point is drawn once.
    drawn = np.ones(len(layer.shape), bool)
    drawn[layer.shape_start[:-1][~begins]] = False
    points, owner = layer.shape[drawn], owner[drawn]
    places = np.round(points / DRAWN) * DRAWN
    columns = layer.edges.drop(columns=list(STRETCH_COLUMNS))[begins]
    for column in columns.select_dtypes("category"):
        columns[column] = columns[column].astype(object)
    columns = columns.replace("", None).dropna(axis=1, how="all").reset_index(drop=True)
    frame = gpd.GeoDataFrame(
        columns, geometry=shapely.linestrings(places, indices=owner), crs=GEOGRAPHIC["WGS84"]
    )
    arrays = {
        "marks": pack_array(line_marks(points, np.bincount(owner))),
        "stretches": pack_array(np.bincount(line).astype(np.int32)),
        "sizes": pack_array(size.astype(np.int32)),
        ACCOUNT: _account(layer),
        **_junctions(layer, begins),
    }
    return _with_arrays(_geopackage(frame), arrays)


def _begins_line(layer: RoadLayer) -> NDArray[np.bool_]:
    """Tell which stretches do not go on from the one before, on the same way, with all columns alike."""
    edges, start = layer.edges, layer.shape_start
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    begins = np.ones(len(edges), bool)
    begins[1:] = tail[1:] != head[:-1]
    begins[1:] |= (layer.shape[start[1:-1]] != layer.shape[start[1:-1] - 1]).any(axis=1)
    for column in edges.columns.difference(list(STRETCH_COLUMNS)):
        codes = pd.factorize(edges[column])[0]
        begins[1:] |= codes[1:] != codes[:-1]
    return begins


def _junctions(layer: RoadLayer, begins: NDArray[np.bool_]) -> dict[str, Packed]:
    """Pack the nodes along each line, what is known of them, and tables of further kinds."""
    edges, nodes = layer.edges, layer.nodes
    tail, head = (edges[end].to_numpy(np.int32) for end in ("tail", "head"))
    at = np.flatnonzero(begins)
    packed = {"along": pack_array(np.insert(head, at, tail[at]))}
    length_m = edges["length_m"].to_numpy(np.float64)
    if not np.array_equal(length_m, lengths_of(on_grid(layer.shape), layer.shape_start)):
        packed["length_m"] = pack_array(length_m)
    place = node_places(on_grid(layer.shape), layer.shape_start, tail, head, len(nodes))
    is_placed = np.array_equal(place, nodes[["lon", "lat"]].to_numpy(np.float64))
    packed |= pack_frame("nodes", nodes.drop(columns=["lon", "lat"]) if is_placed else nodes)
    for name, table in tables_of(layer).items():
        packed |= pack_frame(name, table)
    return packed


def _account(layer: RoadLayer) -> Packed:
    # What depends on the part that is loaded is found anew.
    issues = [asdict(issue) for issue in layer.issues if issue.code not in PARTS]
    account = {"counts": dict(layer.counts), "issues": issues, "columns": list(layer.edges.columns)}
    return json.dumps(account, sort_keys=True, ensure_ascii=False), b""


@contextmanager
def at_a_fixed_moment() -> Iterator[None]:
    """Let GDAL write `WRITTEN_AT` as the time of a change."""
    import pyogrio

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN_AT})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _geopackage(frame: gpd.GeoDataFrame) -> bytes:
    import pyogrio

    target = BytesIO()
    with at_a_fixed_moment():
        pyogrio.write_dataframe(
            frame,
            target,
            layer=COMPACT,
            driver="GPKG",
            # Halves the file; a layer is loaded as a whole.
            layer_options={"SPATIAL_INDEX": "NO"},
        )
    return target.getvalue()


def _without_extent(geometry: bytes) -> bytes:
    header = geometry[:3] + bytes([geometry[3] & ~0b1110]) + geometry[4:8]
    return header + (geometry_bytes(geometry) or b"")


def _with_arrays(geopackage: bytes, arrays: dict[str, Packed]) -> bytes:
    """Add the packed columns as a table of their own; drop the extents of the lines, a fifth of the file."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(geopackage)
        database.create_function("without_extent", 1, _without_extent, deterministic=True)
        database.execute(f"UPDATE {COMPACT} SET geom = without_extent(geom)")
        database.execute(f"CREATE TABLE {ARRAYS} (name TEXT PRIMARY KEY, kind TEXT, data BLOB)")
        rows = [(name, kind, data) for name, (kind, data) in arrays.items()]
        database.executemany(f"INSERT INTO {ARRAYS} VALUES (?, ?, ?)", rows)
        database.commit()
        database.execute("VACUUM")
        return database.serialize()
