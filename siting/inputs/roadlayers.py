"""GPKG and GeoJSON road layers → ways (or, for a compact layer, the `RoadLayer` that was written)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.inputs.coordinates import to_wgs84
from siting.types import InputError, RoadLayer

if TYPE_CHECKING:
    from siting.inputs.roads import _Collected

COMPACT = "siting_roads"
"""Layer name of the compact form."""
OTHER_TAGS = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
ONEWAY = {"F": "yes", "T": "-1", "B": "no", "True": "yes", "False": "no"}
"""Geofabrik's spelling of ``oneway``, and that of JSON booleans."""


def collect_layer(path: Path, collected: _Collected) -> None:
    """Hand over the lines of a layer; features are numbered from 1."""
    features, crs = _geojson(path) if path.suffix.lower() in (".geojson", ".json") else _gpkg(path)
    seen: dict[tuple[int, int], int] = {}
    for row, (properties, lines) in enumerate(features, start=1):
        tags = _tags(properties)
        way = str(properties.get("id") or properties.get("osm_id") or properties.get("way") or row)
        for line in lines or [[]]:
            grid = _on_grid(line, crs)
            collected.add(way, row, tags, lambda grid=grid: _numbered(grid, seen))


def _numbered(grid: np.ndarray, seen: dict[tuple[int, int], int]) -> Iterator[tuple[int, int, int]]:
    """Number points by place: layers have no node ids, so equal places are one node."""
    for x, y in grid.tolist():
        yield seen.setdefault((x, y), len(seen) + 1), x, y


def _on_grid(line: list, crs: str) -> np.ndarray:
    if not len(line):
        return np.zeros((0, 2), np.int64)
    place = np.asarray([point[:2] for point in line], np.float64)
    lon, lat = (place[:, 0], place[:, 1]) if crs == "WGS84" else to_wgs84(place[:, 0], place[:, 1], crs)
    return np.round(np.stack([lon, lat], axis=1) * 1e7).astype(np.int64)


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    """Turn the columns of a feature into OSM tags."""
    tags = {
        str(key): _text(value)
        for key, value in properties.items()
        if value is not None and value == value and key not in ("id", "osm_id", "other_tags")
    }
    tags.update(OTHER_TAGS.findall(str(properties.get("other_tags") or "")))
    if "highway" not in tags and "fclass" in tags:
        tags["highway"] = tags["fclass"]
        if tags.get("maxspeed") == "0":
            # Geofabrik's layers write 0 for "not mapped".
            del tags["maxspeed"]
    if "oneway" in tags:
        tags["oneway"] = ONEWAY.get(tags["oneway"], tags["oneway"])
    return tags


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _geojson(path: Path) -> tuple[Iterator, str]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        features = content["features"]
        crs = content.get("crs")
        code = crs["properties"]["name"] if crs else "CRS84"
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path.name}: not a GeoJSON FeatureCollection in UTF-8; export the layer again."
        ) from error
    declared = "WGS84" if code.rpartition(":")[2] in ("CRS84", "4326") else "EPSG:" + code.rpartition(":")[2]
    return (
        (feature.get("properties") or {}, _lines(feature.get("geometry"))) for feature in features
    ), declared


def _lines(geometry: Mapping[str, Any] | None) -> list:
    if not geometry:
        return []
    if geometry["type"] == "LineString":
        return [geometry["coordinates"]]
    return list(geometry["coordinates"]) if geometry["type"] == "MultiLineString" else []


def _gpkg(path: Path) -> tuple[Iterator, str]:
    import shapely

    frame, crs = _read_gpkg(path)
    properties = frame.drop(columns="geometry").to_dict("records")
    lines = [
        [shapely.get_coordinates(part) for part in shapely.get_parts(geometry)]
        if geometry is not None and geometry.geom_type in ("LineString", "MultiLineString")
        else []
        for geometry in frame["geometry"]
    ]
    return zip(properties, lines, strict=True), crs


def _read_gpkg(path: Path, layer: str | None = None, **options: Any) -> tuple[pd.DataFrame, str]:
    import pyogrio
    import pyogrio.errors

    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            raise InputError(f"{path.name}: not a GeoPackage; export the layer again.")
    try:
        frame = pyogrio.read_dataframe(path, layer=layer, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise InputError(
            f"{path.name}: the GeoPackage cannot be read ({error}); export the layer again."
        ) from error
    code = getattr(frame, "crs", None)
    if "geometry" in frame and code is None:
        raise InputError(
            f"{path.name}: the layer has no coordinate system; set it and export the layer again."
        )
    epsg = code.to_epsg() if code is not None else None
    return frame, "WGS84" if epsg in (None, 4326) else f"EPSG:{epsg}"


def read_compact(path: Path, bbox: tuple | None, sha256: str) -> RoadLayer | None:
    """Read a layer that `siting.outputs.roadlayer.write_road_layer` wrote; None if it is another GeoPackage."""
    import pyogrio
    import shapely

    try:
        layers = {name for name, _ in pyogrio.list_layers(path)}
    except pyogrio.errors.DataSourceError as error:
        raise InputError(
            f"{path.name}: the GeoPackage cannot be read ({error}); export the layer again."
        ) from error
    if COMPACT not in layers:
        return None
    frame, _ = _read_gpkg(path, COMPACT, fid_as_index=False)
    lines = frame.pop("geometry").to_numpy()
    if bbox is not None:
        inside = shapely.intersects(shapely.box(*bbox), lines)
        frame, lines = frame[inside].reset_index(drop=True), lines[inside]
    shape = shapely.get_coordinates(lines)
    shape_start = np.append(0, np.cumsum(shapely.get_num_coordinates(lines)))
    ends = np.stack([frame["tail"], frame["head"]], axis=1)
    unique, where, inverse = np.unique(ends.ravel(), return_index=True, return_inverse=True)
    place = shape[np.stack([shape_start[:-1], shape_start[1:] - 1], axis=1).ravel()[where]]
    known, _ = _read_gpkg(path, COMPACT + "_nodes", read_geometry=False)
    known = known.set_index("node").reindex(unique)
    frame["tail"], frame["head"] = inverse.reshape(ends.shape).T
    for column in ("forward", "backward"):
        frame[column] = frame[column].astype(bool)
    frame["opened"] = pd.array(frame["opened"], dtype="Int64")
    nodes = pd.DataFrame(
        {
            "lon": place[:, 0],
            "lat": place[:, 1],
            "id": known["id"].to_numpy(),
            "name": known["name"].to_numpy(),
        }
    )
    ways = int(frame["way"].nunique())
    counts = {"data_rows": ways, "kept": ways, "set_aside": 0, "ignored_lines": 0}
    aside = pd.DataFrame({"way": [], "row": [], "reason": []})
    return RoadLayer(
        frame.rename_axis("edge"), nodes, shape, shape_start, aside, (), counts, path.name, sha256
    )
