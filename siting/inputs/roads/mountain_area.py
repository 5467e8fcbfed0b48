"""A layer of polygons → the share of each stretch of road that lies in the hills."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.files.raw import refuse
from siting.inputs.roads.layers.road_layers import crs_of
from siting.inputs.tables.areas.polygons import open_layer, polygons_of
from siting.types import RoadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry


def mark_mountains(roads: RoadLayer, path: Path | None, factor: float) -> RoadLayer:
    """Mark the stretches inside an area as those of hills.

    What the road file itself says of hills stays.

    Parameters
    ----------
    roads
    path
        GeoJSON, GeoPackage, KML or shapefile of polygons; None: the road file alone says where hills are.
    factor
        On the speed there, to be told beside the length of the roads that it holds for.

    Raises
    ------
    InputError
        The layer holds no polygon, or no coordinate system that is known.
    """
    known = roads.share_in_mountains
    log = IssueLog(roads.file)
    if path is not None:
        inside = _share_inside(roads, _area(path, log))
        if not inside.any():
            log.add("R204", value=path.name, area=path.name)
        known = np.maximum(known, inside)
        roads = replace(roads, edges=roads.edges.assign(mountain=known))
    km = float((known * roads.edges["length_m"].to_numpy(np.float64)).sum()) / 1000.0
    if km:
        log.add("R203", value=f"{km:.1f}", km=f"{km:.1f}", factor=f"{factor:g}")
    return replace(roads, issues=(*roads.issues, *log.issues))


def _area(path: Path, log: IssueLog) -> BaseGeometry:
    """Read the polygons of a layer as one shape, WGS-84."""
    table = open_layer(path)
    if table.kind != "layer":
        refuse(table.file, "E564")
    system = crs_of(table, None, log)
    area = shapely.union_all([polygon.shape for polygon in polygons_of(table, system)])
    if area.is_empty or area.area == 0:
        refuse(table.file, "E564")
    return area


def _share_inside(roads: RoadLayer, area: BaseGeometry) -> NDArray[np.float64]:
    """Return the share of each stretch inside an area."""
    owner = np.repeat(np.arange(len(roads.edges)), np.diff(roads.shape_start))
    lines = np.asarray(shapely.linestrings(roads.shape, indices=owner), object)
    shapely.prepare(area)
    share = shapely.covers(area, lines).astype(np.float64)
    # Degrees of longitude are shorter than those of latitude; along one stretch hardly differently.
    on_edge = np.flatnonzero(shapely.intersects(area, lines) & (share == 0))
    pieces = shapely.intersection(lines[on_edge], area)
    whole = _length(lines[on_edge])
    share[on_edge] = np.divide(_length(pieces), whole, out=np.zeros(len(whole)), where=whole > 0)
    return share


def _length(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return lengths in degrees of latitude."""
    middle = np.cos(np.radians(np.mean([line.centroid.y for line in lines if not line.is_empty] or [0.0])))
    flat: NDArray[np.float64] = shapely.length(shapely.transform(lines, lambda xy: xy * [middle, 1.0]))
    return flat
