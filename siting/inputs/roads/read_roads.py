"""Road files → `RoadLayer`: OSM extracts, GPKG and GeoJSON layers, and the curated pair of tables.

Ways are cut at junctions only; each stretch keeps its geometry. What is not used is counted and reported.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import IssueLog, shown
from siting.inputs.roads.compact_layer.read_compact import read_compact
from siting.inputs.roads.components import note_parts
from siting.inputs.roads.extracts.editors import is_change_file, remark_of
from siting.inputs.roads.extracts.osm import EXTRACTS, read_extract
from siting.inputs.roads.layers.road_layers import collect_layer
from siting.inputs.roads.noding import build_layer
from siting.inputs.roads.rules import Tracks, car_rules, parse_maxspeed, road_classes
from siting.inputs.roads.ways import TRACK, Bbox, Ways
from siting.inputs.sections import RoadLayerReading
from siting.messages import joined, refusal, text_of
from siting.types import Issue, RoadLayer

if TYPE_CHECKING:
    from os import PathLike

PACKED = (".xz", ".zst", ".7z", ".rar", ".gz", ".bz2", ".tar", ".tgz")
"""Endings of packed files that are not read, unless they are `EXTRACTS`."""
EXTRACT_BEGINS = re.compile(rb"....\x0a\x09OSMHeader|(?:\xef\xbb\xbf)?\s*<(?:[?!][^<]*<)*osm\b", re.DOTALL)
BEGINNING_BYTES = 4096

__all__ = ["car_rules", "parse_maxspeed", "read_road_tables", "read_roads"]


LAYERS_AS_THEY_ARE = RoadLayerReading()


def read_roads(
    path: str | PathLike[str],
    *,
    bbox: Bbox | None = None,
    progress: Callable[[int], None] | None = None,
    tracks: Tracks = "closed",
    reading: RoadLayerReading = LAYERS_AS_THEY_ARE,
) -> RoadLayer:
    """Read the roads of a file that cars may use.

    Parameters
    ----------
    path
        OpenStreetMap extract (``.osm``, ``.osm.xml``, both also with ``.gz`` or ``.bz2``; ``.osm.pbf``,
        ``.o5m``), or a layer: GeoJSON, GeoPackage, zipped shapefile; a layer's columns are OSM keys
        (``highway, oneway, maxspeed …``) or those of ``road_columns.csv``.
    bbox
        West, south, east, north, WGS-84 degrees: only ways with a point inside.
    progress
        Called now and then with the number of ways read.
    tracks
        Whether tracks without a tag that lets cars in are open.
    reading
        Which layer and columns of a road layer, its coordinate system, and what of it is joined.

    Raises
    ------
    InputError
        Unknown kind of file, no such file, damaged file, or no road for cars in it.
    """
    path = Path(path)
    if path.is_dir():
        raise refusal(path.name, "E503")
    if not path.is_file():
        raise refusal(path.name, "R140", endings=", ".join(EXTRACTS))
    _check_bbox(bbox)
    if is_change_file(path):
        raise refusal(path.name, "E928")
    _check_name(path)
    sha256 = _sha256(path)
    compact = read_compact(path, bbox, sha256, reading.join_within_m)
    if compact is not None:
        return note_parts(_note_tracks(compact) if tracks == "open" else compact)
    if path.name.lower().endswith(EXTRACTS):
        ways = read_extract(path, bbox, progress, tracks)
        notes = _note_unused(path, reading)
    else:
        ways = Ways(path.name, bbox, progress, tracks)
        notes = collect_layer(path, ways, reading)
    layer = build_layer(ways, sha256)
    return note_parts(replace(layer, issues=(*layer.issues, *notes)))


def _note_unused(path: Path, reading: RoadLayerReading) -> list[Issue]:
    """Say that an extract has no layers, columns or coordinate system of its own, and what it remarks."""
    log = IssueLog(path.name)
    if remark := remark_of(path):
        log.add("E929", remark=shown(remark))
    if reading.layer or reading.columns or reading.crs:
        log.add("R161")
    return log.issues


def _sha256(path: Path) -> str:
    """Hash a file without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _note_tracks(layer: RoadLayer) -> RoadLayer:
    """Say that a compact layer was written without the tracks that are to be open now."""
    n = int((layer.set_aside["reason"] == TRACK).sum())
    log = IssueLog(layer.file)
    if n:
        log.add("R156", value=n, n=n)
    return replace(layer, issues=(*layer.issues, *log.issues))


def _check_name(path: Path) -> None:
    """Refuse an extract that goes by another name, and what must be unpacked first."""
    name, found = path.name.lower(), ""
    if name.endswith(EXTRACTS):
        return
    if name.endswith(PACKED):
        found = path.suffix
    elif name.endswith(".zip") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [PurePosixPath(each).name for each in archive.namelist()]
        if not any(each.lower().endswith(".shp") for each in names):
            found = next((each for each in names if each.lower().endswith(EXTRACTS)), "")
    if found:
        raise refusal(path.name, "R145", found=shown(found), endings=", ".join(EXTRACTS))
    with path.open("rb") as file:
        if EXTRACT_BEGINS.match(file.read(BEGINNING_BYTES)):
            raise refusal(path.name, "R928")


def _check_bbox(bbox: Bbox | None) -> None:
    if bbox is None:
        return
    west, south, east, north = bbox
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise refusal("", "R141", bbox=bbox)


def read_road_tables(nodes: pd.DataFrame, edges: pd.DataFrame, *, file: str, sha256: str = "") -> RoadLayer:
    """Build a road layer from the curated pair of tables.

    Parameters
    ----------
    nodes
        Table ``road_nodes`` of the data dictionary; ``node`` as a column or the index.
    edges
        Table ``road_edges``: lengths and travel speeds as stated; the geometry is the straight line.
    file
        Name of the edge file, for messages.
    sha256
        Hash of the files.

    Raises
    ------
    InputError
        An edge names a node that the node table does not hold, or a length or speed is not above zero.
    """
    nodes = nodes.reset_index() if "node" not in nodes.columns else nodes
    number = {node: k for k, node in enumerate(nodes["node"])}
    edges = edges.reset_index(drop=True)
    _check_tables(edges, number, file)
    oneway = _column(edges, "oneway").astype("string").str.lower().isin(("yes", "true", "1"))
    lon, lat = nodes["lon"].to_numpy(np.float64), nodes["lat"].to_numpy(np.float64)
    ends = np.stack([edges[end].map(number).to_numpy(np.int64) for end in ("from", "to")], axis=1)
    kinds = edges["class"].astype(str)
    legal = {kind: rules.legal_kmh for kind, rules in road_classes().items()}
    table = pd.DataFrame(
        {
            "way": edges.index + 1,
            "tail": ends[:, 0],
            "head": ends[:, 1],
            "forward": True,
            "backward": ~oneway.fillna(False).to_numpy(bool),
            "length_m": edges["length_km"].to_numpy(np.float64) * 1000.0,
            "speed_kmh": edges["speed_kmh"].to_numpy(np.float64),
            "legal_kmh": kinds.map(legal).to_numpy(np.float64),
            "speed_basis": "stated",
            "class": kinds.to_numpy(),
            "ref": _column(edges, "ref").astype("string").fillna("").to_numpy(object),
            "name": _column(edges, "road").astype("string").fillna("").to_numpy(object),
            "opened": pd.to_numeric(_column(edges, "opened")).astype("Int16").array,
            "belief": _column(edges, "belief").to_numpy(object),
            "through": True,
            "tunnel": False,
        }
    )
    names = _column(nodes, "name").astype("string").fillna("").to_numpy(object)
    layer = RoadLayer(
        edges=table.rename_axis("edge"),
        nodes=pd.DataFrame({"lon": lon, "lat": lat, "id": nodes["node"].to_numpy(object), "name": names}),
        shape=np.stack([lon[ends.ravel()], lat[ends.ravel()]], axis=1),
        shape_start=np.arange(0, 2 * len(edges) + 1, 2),
        set_aside=pd.DataFrame({"way": [], "row": [], "reason": []}),
        issues=(),
        counts={"data_rows": len(edges), "kept": len(edges), "set_aside": 0, "ignored_lines": 0},
        file=file,
        sha256=sha256,
    )
    return note_parts(layer)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame.columns else pd.Series(pd.NA, frame.index, dtype=object)


def _check_tables(edges: pd.DataFrame, number: Mapping[str, int], file: str) -> None:
    problems = [
        text_of("P04", file, n=k + 1, end=end, found=edges[end].iloc[k])
        for end in ("from", "to")
        for k in np.flatnonzero(~edges[end].isin(list(number)))
    ]
    for column in ("length_km", "speed_kmh"):
        values = pd.to_numeric(edges[column], errors="coerce")
        problems += [
            text_of("P05", file, n=k + 1, column=column, found=edges[column].iloc[k])
            for k in np.flatnonzero(~((values > 0) & np.isfinite(values)))
        ]
    if problems:
        raise refusal("", "R142", problems=joined(problems))
