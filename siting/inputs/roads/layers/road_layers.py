"""Road layers (GeoJSON, GeoPackage, zipped shapefile) → ways."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.files.opener import read_raw
from siting.inputs.files.raw import refuse
from siting.inputs.places.crs import parse_crs, to_wgs84
from siting.inputs.roads.components import listed
from siting.inputs.roads.layers.layer_tags import LayerTags, check_keys, count_kinds, tell_roads
from siting.inputs.roads.layers.touching import join_touching, note_joined, put_on_roads
from siting.inputs.roads.rules import (
    barrier_blocks,
    barrier_limits,
    road_class,
    road_classes,
    signal_direction,
)
from siting.inputs.roads.ways import GRID, Lines, Points, Ways
from siting.inputs.tables.rules.systems import inexact_shift
from siting.types import InputError, Issue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.inputs.files.raw import Chunk, RawTable
    from siting.inputs.sections import RoadLayerReading


POINT = 0
LINE_TYPES = (1, 5)
"""Numbers of shapely's types: lines and multilines."""
NOWHERE = 200.0
"""Degrees beyond any longitude and latitude."""


class PointFeature(NamedTuple):
    """A point of a layer, as a bollard; degrees as in the file."""

    way: str
    tags: dict[str, str]
    lon: float
    lat: float


def collect_layer(path: Path, ways: Ways, reading: RoadLayerReading) -> list[Issue]:
    """Hand over the lines of a layer, joined where they touch, and the points that stop cars.

    Features are numbered from 1.

    Returns
    -------
    list
        What was taken for what, and what was joined.
    """
    given = reading.columns
    check_keys(given, path.name)
    table = read_raw(
        path,
        sheet=reading.layer,
        is_heading=partial(count_kinds, given=given),
        roads=partial(tell_roads, given=given),
    )
    log = IssueLog(table.file)
    crs = crs_of(table, reading.crs, log)
    tags_of = LayerTags(table.headings, given, table.file)
    levels = _Levels()
    points: list[PointFeature] = []
    seen: dict[tuple[int, int], int] = {}
    for chunk in table.chunks():
        tags_of.leave_out_singular(chunk.columns)
        lines, drawn = _lines_of(chunk, tags_of, ways, levels, points)
        ways.collect(lines, partial(_numbered, drawn, crs, table.file, seen))
    joined = join_touching(ways, levels.of_row, reading.join_within_m)
    log.issues += [*table.notes, *tags_of.notes().issues]
    note_joined(joined, reading.join_within_m, log)
    _collect_points(points, crs, ways, reading.join_within_m, log)
    return log.issues


def crs_of(table: RawTable, declared: str | None, log: IssueLog) -> str:
    """Settle the coordinate system, the own before the declared one; say how exact its shift is."""
    try:
        stated = parse_crs(declared) if declared else None
        own = parse_crs(table.crs or "none") if table.crs or stated is None else stated
    except InputError as error:
        refuse(table.file, "E592", reason=error, reason_zh=error.message_zh)
    if stated and own.name != stated.name:
        log.add("E316", crs=own.name, declared=declared)
    for code, metres in inexact_shift(own):
        log.add(code, datum=own.datum, metres=metres)
    return table.crs or declared or ""


class _Levels:
    """Numbers the levels of roads: on the ground 0, others by ``layer``, ``bridge`` and ``tunnel``."""

    def __init__(self) -> None:
        self.of_row: dict[int, int] = {}
        self._number: dict[tuple[str, bool, bool], int] = {}

    def add(self, row: int, tags: dict[str, str]) -> None:
        layer = tags.get("layer", "0")
        try:
            layer = str(int(float(layer)))
        except (ValueError, OverflowError):
            layer = "0"  # as a name of a layer of the drawing
        level = (layer, tags.get("bridge", "no") != "no", tags.get("tunnel", "no") != "no")
        if level != ("0", False, False):
            self.of_row[row] = self._number.setdefault(level, len(self._number) + 1)


def _lines_of(
    chunk: Chunk, tags_of: LayerTags, ways: Ways, levels: _Levels, points: list[PointFeature]
) -> tuple[Lines, list[np.ndarray]]:
    """Return the lines of some rows with their points; put aside what is a point."""
    lines, drawn = Lines([], [], [], []), []
    shapes = np.array(chunk.geometry or [], object)
    is_point = (shapely.get_type_id(shapes) == POINT).tolist()
    numeric = [(at, mask) for at, mask in enumerate(chunk.numeric) if mask is not None]
    rows = zip(chunk.row_numbers.tolist(), _parts_of(shapes), zip(*chunk.columns, strict=True), strict=True)
    for k, (row, parts, found) in enumerate(rows):
        cells = [cell.strip() for cell in found]
        zero = [at for at, mask in numeric if cells[at] == "0" and mask[k]]
        tags = tags_of.of(cells, zero)
        way = tags_of.id_of(cells) or str(row)
        if is_point[k] and road_class(tags) not in road_classes():
            points.append(PointFeature(way, tags, *shapely.get_coordinates(shapes[k])[0].tolist()))
            continue
        levels.add(row, tags)
        lines.way.extend([way] * len(parts))
        lines.row.extend([row] * len(parts))
        lines.verdict.extend([ways.judge(tags)] * len(parts))
        lines.road.extend([(tags.get("ref", ""), tags.get("name", ""))] * len(parts))
        drawn += parts
    return lines, drawn


def _parts_of(shapes: NDArray[np.object_]) -> list[list[np.ndarray]]:
    """Return the points of each line of each shape; an empty one where there is none."""
    found: list[list[np.ndarray]] = [[] for _ in shapes]
    drawn = np.flatnonzero(np.isin(shapely.get_type_id(shapes), LINE_TYPES))
    parts, owner = shapely.get_parts(shapes[drawn], return_index=True)
    cuts = np.cumsum(shapely.get_num_coordinates(parts))[:-1]
    for at, line in zip(drawn[owner].tolist(), np.split(shapely.get_coordinates(parts), cuts), strict=False):
        found[at].append(line)
    return [lines or [np.zeros((0, 2))] for lines in found]


def _numbered(
    drawn: list[np.ndarray], crs: str, file: str, seen: dict[tuple[int, int], int], which: np.ndarray
) -> Points:
    """Give points a number by place: layers have no node ids, so equal places are one node."""
    lines = [drawn[k] for k in which.tolist()]
    grid = _on_grid(np.concatenate([np.zeros((0, 2)), *lines]), crs, file)
    numbers = [seen.setdefault((x, y), len(seen) + 1) for x, y in grid.tolist()]
    sizes = np.array([len(line) for line in lines], np.int64)
    return Points(np.array(numbers, np.int64), grid[:, 0], grid[:, 1], sizes)


def _on_grid(points: np.ndarray, crs: str, file: str) -> np.ndarray:
    """Return places of the layer, n × 2, in units of `GRID`; what is no place on earth stays none."""
    if len(points) and crs != "WGS84":
        try:
            points = np.stack(to_wgs84(points[:, 0], points[:, 1], crs), axis=1)
        except InputError as error:
            refuse(file, "E926", reason=error, reason_zh=error.message_zh)
    # Larger numbers would not fit into those of `Ways`, and come out as other places.
    return np.round(points.clip(-NOWHERE, NOWHERE) / GRID).astype(np.int64)


def _collect_points(points: list[PointFeature], crs: str, ways: Ways, within_m: float, log: IssueLog) -> None:
    """Lay points on the roads, and let barriers and signals stop cars; the rest is counted."""
    grid = _on_grid(np.array([(point.lon, point.lat) for point in points]).reshape(-1, 2), crs, ways.file)
    tagged = [k for k, point in enumerate(points) if point.tags]
    node = put_on_roads(ways, grid[tagged, 0], grid[tagged, 1], within_m)
    off = []
    for k, number in zip(tagged, node.tolist(), strict=True):
        if not barrier_blocks(points[k].tags):
            if number >= 0 and barrier_limits(points[k].tags):
                ways.gates.add(number)
            elif number >= 0 and points[k].tags.get("highway") == "traffic_signals":
                ways.signals[number] = signal_direction(points[k].tags)
            continue
        if number >= 0:
            ways.blocked.add(number)
            ways.node_tags.setdefault(number, (points[k].way, ""))
        else:
            off.append(points[k].way)
    ways.ignored += len(points)
    if points:
        log.add("R188", value=len(points), n=len(points))
    if off:
        log.add("R189", value=len(off), n=len(off), listed=listed(off))
