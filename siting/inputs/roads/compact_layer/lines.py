"""The compact layer that ``siting roads`` writes → its `RoadLayer`, as written or with the edits of a GIS.

Each row is one line, a run of stretches; junctions stand packed beside them. A line whose points are as they
were written keeps its junctions. If some are not, `edits` joins the lines anew.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd
import shapely

from siting.inputs.files.archive import open_archive
from siting.inputs.files.layers.geopackage import (
    geometry_bytes,
    guard,
    layer_crs,
    only_geopackage,
    opened_in_memory,
)
from siting.inputs.files.raw import refuse
from siting.inputs.places.crs import to_wgs84
from siting.inputs.roads.compact_layer.packed import ARRAYS, DamagedError, Packed, unpack_array, unpack_frame
from siting.inputs.roads.noding import lengths_of
from siting.inputs.roads.ways import GRID
from siting.types import InputError, Issue, RoadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

COMPACT = "siting_roads"
"""Name of the compact layer inside its GeoPackage."""
ACCOUNT = "account"
"""Name of its account: counts, issues and columns, JSON."""
STRETCH_COLUMNS = ("tail", "head", "length_m")
"""Columns of `RoadLayer.edges` that are not those of a whole line."""
NEEDED = ("forward", "backward", "speed_kmh", "speed_basis", "class")
"""Columns without which a line's class decides."""
TEXTS = ("ref", "name")
"""Columns of text that are empty, never missing."""
ROWS_AT_ONCE = 1_000
"""Rows of the layer that are held beside its columns."""
DRAWN = 2.0**-24
"""Degrees, 7 mm at most: places are drawn on this grid, of few digits in binary, which presses well. It is
finer than `GRID`, on which they are read, so that none is lost."""
PLAIN = b"\x01\x02\0\0\0"
"""How a line of two dimensions begins, little-endian; four bytes with the number of points follow."""


class CompactLines(NamedTuple):
    """Lines of the layer, as they stand in the file."""

    columns: pd.DataFrame
    """A row a line; several where a row of the file has several parts."""
    fid: NDArray[np.int64]
    """n_lines, row id in the file; its mark and stretches are those of the line of this number, from 1."""
    points: NDArray[np.float64]
    """n_points × 2, WGS-84 degrees."""
    size: NDArray[np.int64]
    """n_lines; 0 where there is no line."""


class Junctions(NamedTuple):
    """What was packed beside the lines."""

    marks: NDArray[np.uint32]
    stretches: NDArray[np.int64]
    """n_lines, how many each line is cut into."""
    sizes: NDArray[np.int64]
    """n_stretches, points of each."""
    along: NDArray[np.int64]
    """Numbers of the nodes along each line, one line after the other."""
    length_m: NDArray[np.float64] | None
    """n_stretches; None: as measured."""
    nodes: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    """Further tables of the layer by their field."""
    columns: list[str]
    """Columns of `RoadLayer.edges`, in order."""
    counts: dict[str, int]
    issues: tuple[Issue, ...]

    def check(self) -> None:
        """Find out whether the parts fit together."""
        n = len(self.marks)
        fits = (
            len(self.stretches) == n
            and (self.stretches >= 1).all()
            and (self.sizes >= 2).all()
            and len(self.sizes) == self.stretches.sum()
            and len(self.along) == len(self.sizes) + n
            and (self.length_m is None or len(self.length_m) == len(self.sizes))
            and (n == 0 or 0 <= self.along.min() <= self.along.max() < len(self.nodes))
        )
        if not fits:
            raise DamagedError("do not fit together")


def line_marks(points: NDArray[np.float64], size: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return a number for each line that changes with any of its points."""
    grid = np.round(points / GRID).astype(np.int64).view(np.uint64)
    start = np.append(0, np.cumsum(size))
    place = (np.arange(len(points)) - np.repeat(start[:-1], size)).astype(np.uint64)
    mixed = (grid[:, 0] * np.uint64(0x9E3779B97F4A7C15)) ^ (grid[:, 1] * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed *= np.uint64(2) * place + np.uint64(0xD6E8FEB86659FD93)
    mixed ^= mixed >> np.uint64(29)
    total = np.append(np.uint64(0), np.cumsum(mixed, dtype=np.uint64))
    return np.asarray((total[start[1:]] - total[start[:-1]]) >> np.uint64(32), np.uint32)


def on_grid(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places in degrees as they are read from any road file."""
    with np.errstate(over="ignore", invalid="ignore"):  # of places that are none
        return np.asarray(np.round(places / GRID) * GRID, np.float64)


def node_places(
    shape: NDArray[np.float64],
    start: NDArray[np.int64],
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    n_nodes: int,
) -> NDArray[np.float64]:
    """Return the place of each node, n × 2: that of the first stretch which begins there, else ends."""
    place = np.full((n_nodes, 2), np.nan)
    place[head[::-1]] = shape[start[1:] - 1][::-1]
    place[tail[::-1]] = shape[start[:-1]][::-1]
    return place


def load_lines(path: Path) -> tuple[CompactLines, Junctions | None] | None:
    """Load lines and junctions (None: lost or damaged); None for a file without a compact layer.

    Raises
    ------
    InputError
        The file is damaged.
    """
    opened = _opened(path)
    if opened is None:
        return None
    with closing(opened) as database:
        if not _is_compact(database, path.name):
            return None
        try:
            lines = _lines(database, path)
            packed = _packed(database)
        except sqlite3.Error as error:
            refuse(path.name, "E593", reason=error)
    try:
        return lines, _junctions(packed)
    except (DamagedError, KeyError, TypeError):
        return lines, None


def _opened(path: Path) -> sqlite3.Connection | None:
    """Open a GeoPackage, a zipped one in memory; None for any other file."""
    with path.open("rb") as file:
        begin = file.read(16)
    if begin == b"SQLite format 3\0":
        database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        guard(database, path.stat().st_size)
        return database
    if path.suffix.lower() != ".zip" or not zipfile.is_zipfile(path):
        return None
    parts = open_archive(path.read_bytes(), path.name)
    name = only_geopackage(parts)
    return opened_in_memory(parts.read(name)) if name else None


def _is_compact(database: sqlite3.Connection, file: str) -> bool:
    """Look for our layer; whatever else is wrong with the file is left to the reader of layers."""
    try:
        view = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name IN ('gpkg_contents', ?)"
        if database.execute(view, (COMPACT,)).fetchone():
            refuse(file, "E556", reason="gpkg_contents is a view")
        query = "SELECT 1 FROM gpkg_contents WHERE table_name = ?"
        return database.execute(query, (COMPACT,)).fetchone() is not None
    except sqlite3.Error:
        return False


def _lines(database: sqlite3.Connection, path: Path) -> CompactLines:
    """Read the rows of the layer."""
    crs, geometry = layer_crs(database, COMPACT, path.name)
    kinds = {row[1]: row[2] for row in database.execute(f"PRAGMA table_info({COMPACT})") if not row[5]}
    kinds.pop(geometry, None)
    chosen = ", ".join('"' + name.replace('"', '""') + '"' for name in [geometry, *kinds])
    cursor = database.execute(f"SELECT rowid, {chosen} FROM {COMPACT} ORDER BY rowid")
    fid, blobs, *columns = _columns(cursor, 2 + len(kinds))
    owner, pieces = _pieces(blobs)
    size = np.array([len(piece) for piece in pieces], np.int64) // 16
    points = np.frombuffer(b"".join(pieces), "<f8").reshape(-1, 2)
    if len(points) and crs != "WGS84":
        try:
            points = np.stack(to_wgs84(points[:, 0], points[:, 1], crs), axis=1)
        except InputError as error:
            refuse(path.name, "E592", reason=error, reason_zh=error.message_zh)
    points = on_grid(points)
    table = {name: _column(values, kinds[name]) for name, values in zip(kinds, columns, strict=True)}
    frame = pd.DataFrame(table, index=range(len(fid)))
    return CompactLines(
        frame if len(owner) == len(frame) else frame.take(owner).reset_index(drop=True),
        np.array(fid, np.int64)[owner],
        points,
        size,
    )


def _columns(cursor: sqlite3.Cursor, n: int) -> list[list[Any]]:
    """Return rows by column, without holding all rows as well."""
    columns: list[list[Any]] = [[] for _ in range(n)]
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    return columns


def _pieces(blobs: Sequence[object]) -> tuple[NDArray[np.int64], list[bytes]]:
    """Return the coordinates of each line as bytes, and the row of each; an empty one where none is drawn."""
    owner, pieces = [], []
    for row, blob in enumerate(blobs):
        line = geometry_bytes(blob)
        if line is not None and line.startswith(PLAIN):
            pieces.append(line[9:])
            owner.append(row)
            continue
        shape = shapely.from_wkb(line, on_invalid="ignore")
        lines = [part for part in shapely.get_parts(shape) if part.geom_type == "LineString"]
        drawn = [shapely.get_coordinates(line).astype("<f8").tobytes() for line in lines]
        pieces += drawn or [b""]
        owner += [row] * max(1, len(drawn))
    return np.array(owner, np.int64), [piece[: len(piece) // 16 * 16] for piece in pieces]


def _column(values: Sequence[object], kind: str) -> pd.Series:
    if kind.upper() == "BOOLEAN":
        return pd.Series([None if value is None else bool(value) for value in values], dtype="boolean")
    if kind.upper().startswith(("TEXT", "VARCHAR")):
        return pd.Series(cast("list[str]", list(values)), dtype="object")
    return pd.to_numeric(pd.Series(cast("list[float]", list(values)), dtype="object"), errors="coerce")


def _packed(database: sqlite3.Connection) -> dict[str, Packed]:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    if not database.execute(query, (ARRAYS,)).fetchone():
        return {}
    return {name: (kind, data) for name, kind, data in database.execute(f"SELECT * FROM {ARRAYS}")}


def _junctions(packed: Mapping[str, Packed]) -> Junctions:
    """Unpack what stands beside the lines.

    Raises
    ------
    DamagedError, KeyError, TypeError
        Something is missing or damaged.
    """
    names = [field.name for field in dataclasses.fields(RoadLayer)]
    tables = {name: unpack_frame(name, packed) for name in names if name not in ("edges", "nodes")}
    nodes = unpack_frame("nodes", packed)
    if nodes is None:
        raise DamagedError("no nodes")
    try:
        account = json.loads(packed[ACCOUNT][0])
        issues = tuple(Issue(**issue) for issue in account["issues"])
        counts = {str(name): int(count) for name, count in account["counts"].items()}
        columns = [str(name) for name in account["columns"]]
    except (AttributeError, ValueError) as error:
        raise DamagedError(str(error)) from None
    length_m = unpack_array(packed["length_m"]).astype(np.float64) if "length_m" in packed else None
    found = Junctions(
        unpack_array(packed["marks"]).astype(np.uint32),
        unpack_array(packed["stretches"]).astype(np.int64),
        unpack_array(packed["sizes"]).astype(np.int64),
        unpack_array(packed["along"]).astype(np.int64),
        length_m,
        nodes,
        {name: table for name, table in tables.items() if table is not None},
        columns,
        counts,
        issues,
    )
    found.check()
    return found


def unchanged(lines: CompactLines, junctions: Junctions) -> NDArray[np.bool_]:
    """Tell which lines are drawn as they were written."""
    n = len(junctions.marks)
    known = (lines.fid >= 1) & (lines.fid <= n) & (lines.size >= 2)
    known &= ~pd.Series(lines.fid).duplicated(keep=False).to_numpy()
    at = np.where(known, lines.fid - 1, 0)
    marks = line_marks(lines.points, lines.size)
    if not n:
        return np.zeros(len(marks), bool)
    drawn = np.add.reduceat(junctions.sizes - 1, np.cumsum(junctions.stretches) - junctions.stretches) + 1
    return np.asarray(known & (marks == junctions.marks[at]) & (drawn[at] == lines.size), bool)


def is_complete(columns: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which lines have all that says how a car drives them."""
    complete = np.ones(len(columns), bool)
    for name in NEEDED:
        complete &= columns[name].notna().to_numpy() if name in columns else False
    if not complete.any():
        return complete
    speed = columns["speed_kmh"].to_numpy(np.float64, na_value=np.nan)
    is_open = (columns["forward"].fillna(False) | columns["backward"].fillna(False)).to_numpy(bool)
    complete &= (speed > 0) & np.isfinite(speed) & is_open
    return complete


def is_as_written(lines: CompactLines, junctions: Junctions) -> bool:
    """Tell whether no line was added, moved, deleted or left incomplete."""
    return (
        len(lines.fid) == len(junctions.marks)
        and bool(unchanged(lines, junctions).all())
        and bool(is_complete(lines.columns).all())
        and "way" in lines.columns
        and bool(lines.columns["way"].notna().all())
    )


def as_written(lines: CompactLines, junctions: Junctions, file: str, sha256: str) -> RoadLayer:
    """Put lines and junctions together."""
    line = np.repeat(np.arange(len(lines.fid)), junctions.stretches)
    shape, start = stretch_shapes(lines.points, line, junctions.sizes)
    tail_at = np.arange(len(line)) + line
    ends = [junctions.along[tail_at + step].astype(np.int32) for step in (0, 1)]
    length_m = junctions.length_m
    edges = edge_columns(lines.columns, junctions.columns).take(line)
    edges = edges.reset_index(drop=True).rename_axis("edge")
    edges["tail"], edges["head"] = ends
    edges["length_m"] = lengths_of(shape, start) if length_m is None else length_m
    nodes = junctions.nodes
    if "lon" not in nodes.columns:
        place = node_places(shape, start, ends[0], ends[1], len(nodes))
        nodes.insert(0, "lon", place[:, 0])
        nodes.insert(1, "lat", place[:, 1])
    tables = dict(junctions.tables)
    aside = tables.pop("set_aside", pd.DataFrame({"way": [], "row": [], "reason": []}))
    layer = RoadLayer(edges, nodes, shape, start, aside, junctions.issues, junctions.counts, file, sha256)
    return with_tables(layer, tables)


def with_tables(layer: RoadLayer, tables: Mapping[str, pd.DataFrame]) -> RoadLayer:
    """Copy a layer with some of its tables changed."""
    return dataclasses.replace(layer, **cast("dict[str, Any]", tables))


def edge_columns(columns: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Lay the columns of lines out as those of `RoadLayer.edges`, in their order."""
    found = columns.reindex(columns=list(names))
    for name in found.columns:
        values = found[name]
        if values.dtype == "boolean":
            found[name] = values.fillna(False).to_numpy(bool)
        elif name == "opened":
            found[name] = values.astype("Float64").astype("Int16")
        elif values.dtype == object and name != "way":
            found[name] = pd.Categorical(values.fillna("") if name in TEXTS else values)
        elif name in TEXTS:
            found[name] = pd.Categorical([""] * len(found))
    return found


def stretch_shapes(
    points: NDArray[np.float64], line: NDArray[np.int64], sizes: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Cut lines into stretches, which share their ends: points, and where those of each start."""
    start = np.append(0, np.cumsum(sizes))
    first = np.cumsum(sizes - 1) - (sizes - 1) + line
    index = np.arange(start[-1]) + np.repeat(first - start[:-1], sizes)
    return points[index], start


def part_of(layer: RoadLayer, bbox: Sequence[float]) -> RoadLayer:
    """Keep the stretches whose extent meets a box, and their nodes."""
    west, south, east, north = bbox
    low = np.minimum.reduceat(layer.shape, layer.shape_start[:-1], axis=0)
    high = np.maximum.reduceat(layer.shape, layer.shape_start[:-1], axis=0)
    keep = (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    edges = layer.edges[keep].reset_index(drop=True).rename_axis("edge")
    used = np.unique(edges[["tail", "head"]].to_numpy())
    for end in ("tail", "head"):
        edges[end] = np.searchsorted(used, edges[end]).astype(np.int32)
    size = np.diff(layer.shape_start)
    number = np.where(keep, np.cumsum(keep) - 1, -1)
    part = dataclasses.replace(
        layer,
        edges=edges,
        nodes=layer.nodes.take(used).reset_index(drop=True),
        shape=layer.shape[np.repeat(keep, size)],
        shape_start=np.append(0, np.cumsum(size[keep])),
    )
    return with_tables(part, renumbered(tables_of(layer), number))


def tables_of(layer: RoadLayer) -> dict[str, pd.DataFrame]:
    """Return the tables of a layer beside stretches and nodes, by their field."""
    found = {field.name: getattr(layer, field.name) for field in dataclasses.fields(layer)}
    return {
        name: table
        for name, table in found.items()
        if isinstance(table, pd.DataFrame) and name not in ("edges", "nodes")
    }


def renumbered(tables: Mapping[str, pd.DataFrame], number: NDArray[np.int64]) -> dict[str, pd.DataFrame]:
    """Return the tables that name stretches (column ``edge``), with their new numbers.

    Rows that share their first column stand together: they go if one of their stretches has no number (−1).
    """
    found = {}
    for name, table in tables.items():
        if "edge" in table:
            edge = number[table["edge"].to_numpy(np.int64)]
            group = table.iloc[:, 0]
            whole = ~group.isin(group[edge < 0]).to_numpy()
            found[name] = table[whole].assign(edge=edge[whole].astype(np.int32)).reset_index(drop=True)
    return found
