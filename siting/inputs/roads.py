"""Road files → `RoadLayer`: OSM extracts, GPKG and GeoJSON layers, and the curated pair of tables.

Ways are cut at junctions only; each stretch keeps its geometry. What is not used is counted and reported.
"""

from __future__ import annotations

import hashlib
import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.inputs.roadrules import (
    barrier_blocks,
    car_rules,
    is_impossible_speed,
    parse_maxspeed,
    posted_limit,
    road_class,
    road_classes,
)
from siting.types import InputError, Issue, RoadLayer

if TYPE_CHECKING:
    from os import PathLike

Bbox = tuple[float, float, float, float]
Progress = Callable[[int], None]

__all__ = ["barrier_blocks", "car_rules", "parse_maxspeed", "read_road_tables", "read_roads"]

EXTRACTS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf")
REPORTED_ONE_BY_ONE = 50
"""Ways of one reason that get an issue each; the rest share one (all of them stand in `RoadLayer.set_aside`)."""
WAYS_PER_STEP = 20_000
"""Ways between two calls of the progress callback."""

REASONS: dict[str, tuple[str, str, str, str, str]] = {
    "not_for_cars": ("R101", "not for cars", "不通汽车", "", ""),
    "not_open": ("R102", "not open: under construction, planned or closed", "未通车（在建、规划或封闭）", "", ""),
    "bad_speed": (
        "R103", "speed zero, negative or no number", "限速为零、为负或不是数字",
        "correct maxspeed", "请更正限速",
    ),
    "no_geometry": ("R104", "no geometry", "无几何图形", "draw the road", "请补绘道路"),
    "zero_length": ("R105", "length zero", "长度为零", "", ""),
    "duplicate": ("R106", "repeats another road", "与另一道路重复", "", ""),
    "broken": (
        "R107", "its points are missing in the file", "文件中缺少其节点",
        "cut the extract with complete ways", "请按完整道路裁切数据",
    ),
    "unknown_class": (
        "R108", "class of road not known", "道路等级未知",
        "use an OSM highway class", "请使用 OSM 道路等级",
    ),
}  # fmt: skip
"""Reason → code, English, Chinese, hint English, hint Chinese."""


def read_roads(
    path: str | PathLike[str], *, bbox: Bbox | None = None, progress: Progress | None = None
) -> RoadLayer:
    """Read the roads of a file that cars may use.

    Parameters
    ----------
    path
        ``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``, ``.gpkg``, ``.geojson``, ``.json``.
    bbox
        West, south, east, north, WGS-84 degrees: only ways with a point inside.
    progress
        Called now and then with the number of ways read.

    Raises
    ------
    InputError
        Unknown kind of file, no such file, damaged file, or no road for cars in it.
    """
    path = Path(path)
    name = path.name.lower()
    if not path.is_file():
        raise InputError(
            f"{path.name}: no such file; give a road file ({', '.join(EXTRACTS)}, .gpkg, .geojson)."
        )
    _check_bbox(bbox)
    collected = _Collected(path.name, bbox, progress or (lambda _: None))
    if name.endswith(EXTRACTS):
        _collect_extract(path, collected)
    elif name.endswith((".gpkg", ".geojson", ".json")):
        from siting.inputs.roadlayers import collect_layer, read_compact

        compact = read_compact(path, bbox, sha256_of(path)) if name.endswith(".gpkg") else None
        if compact is not None:
            return compact
        collect_layer(path, collected)
    else:
        raise InputError(
            f"{path.name}: not a kind of road file that can be read; allowed: {', '.join(EXTRACTS)}, .gpkg, .geojson."
        )
    return collected.layer(sha256_of(path))


def sha256_of(path: Path) -> str:
    """Hash a file without holding it in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_bbox(bbox: Bbox | None) -> None:
    if bbox is None:
        return
    west, south, east, north = bbox
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(f"bbox {bbox}: west, south, east, north in degrees, west < east and south < north.")


@dataclass
class _Collected:
    """Ways as they come in: vertices in flat arrays, one entry per way for the rest."""

    file: str
    bbox: Bbox | None
    progress: Progress
    ref: array = field(default_factory=lambda: array("q"))
    x: array = field(default_factory=lambda: array("i"))
    """Longitude, 1e-7 degrees (OSM's own grid, 1 cm)."""
    y: array = field(default_factory=lambda: array("i"))
    start: array = field(default_factory=lambda: array("q", [0]))
    way: list[Any] = field(default_factory=list)
    row: list[int | None] = field(default_factory=list)
    rules: array = field(default_factory=lambda: array("i"))
    """Number of the way's rules in `rule_rows`."""
    names: list[tuple[str, str]] = field(default_factory=list)
    """Number and name of the road."""
    rule_rows: list[tuple] = field(default_factory=list)
    rule_of_tags: dict[tuple, int | str] = field(default_factory=dict)
    aside: list[tuple[Any, int | None, str, str]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    node_tags: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Id and name of nodes that carry one."""
    data_rows: int = 0
    ignored: int = 0

    def add(self, way: Any, row: int | None, tags: Mapping[str, str], points: Callable[[], Iterator]) -> None:
        """Take one way in, or set it aside with its reason; `points` yields (reference, x, y)."""
        self.data_rows += 1
        if self.data_rows % WAYS_PER_STEP == 0:
            self.progress(self.data_rows)
        rule = self._rule(tags)
        if isinstance(rule, str):
            self.aside.append((way, row, rule, _value(tags, rule)))
            return
        before = len(self.ref)
        for ref, x, y in points():
            self.ref.append(ref)
            self.x.append(x)
            self.y.append(y)
        self.start.append(len(self.ref))
        self.way.append(way)
        self.row.append(row)
        self.rules.append(rule)
        self.names.append((tags.get("ref", ""), tags.get("name", "")))
        if len(self.ref) - before < 2:
            self._drop_last(before, "no_geometry")

    def _drop_last(self, before: int, reason: str) -> None:
        for values in (self.ref, self.x, self.y):
            del values[before:]
        self.start.pop()
        self.rules.pop()
        self.names.pop()
        self.aside.append((self.way.pop(), self.row.pop(), reason, ""))

    def _rule(self, tags: Mapping[str, str]) -> int | str:
        key = tuple(item for item in tags.items() if item[0] not in ("name", "ref", "name:en", "source"))
        if key not in self.rule_of_tags:
            self.rule_of_tags[key] = self._new_rule(tags)
        return self.rule_of_tags[key]

    def _new_rule(self, tags: Mapping[str, str]) -> int | str:
        forward, backward, speed = car_rules(tags)
        if speed is None:
            return _why_not(tags)
        kind = road_class(tags) or ""
        posted = posted_limit(tags, forward, backward)
        length_km = _number(tags.get("siting:length_km"))
        rules = road_classes().get(kind)
        self.rule_rows.append(
            (
                forward,
                backward,
                speed,
                posted if posted is not None else (rules.legal_kmh if rules else None),
                "class" if posted is None else "stated" if length_km else "posted",
                kind,
                _year(tags.get("start_date")),
                tags.get("siting:belief"),
                length_km,
            )
        )
        return len(self.rule_rows) - 1

    def layer(self, sha256: str) -> RoadLayer:
        """Cut the ways at junctions and number everything."""
        from siting.inputs.roadnoding import build_layer

        return build_layer(self, sha256)


def _why_not(tags: Mapping[str, str]) -> str:
    """Say why no car may drive a way."""
    kind = road_class(tags)
    if is_impossible_speed(tags.get("maxspeed")):
        return "bad_speed"
    if kind is not None and kind not in road_classes():
        return "unknown_class"
    closed = ("construction", "proposed", "planned", "abandoned", "disused", "razed")
    if kind in closed or tags.get("construction", "no") != "no" or tags.get("proposed", "no") != "no":
        return "not_open"
    return "not_for_cars"


def _value(tags: Mapping[str, str], reason: str) -> str:
    """Return the tag behind a reason, as it stands in the file."""
    key = "maxspeed" if reason == "bad_speed" else "highway"
    return f"{key}={tags.get(key, '')}"[:80]


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number > 0 else None


def _year(text: str | None) -> int | None:
    """Read the year of a date such as ``2012``, ``2012-10-01``; None where it is no plain year."""
    head = (text or "")[:4]
    return int(head) if head.isdecimal() and len(head) == 4 and (text or "")[4:5] in ("", "-") else None


def _collect_extract(path: Path, collected: _Collected) -> None:
    import osmium

    roads = osmium.filter.KeyFilter("highway", "route", "barrier", "siting:node")
    try:
        objects = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY)
        for item in objects.with_locations().with_filter(roads):
            if item.is_node():
                _collect_node(item, collected)
            else:
                _collect_way(item, collected)
    except (RuntimeError, ValueError, OSError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{path.name}: the file is damaged or no OSM extract ({reason}); fetch it again."
        ) from error


def _collect_node(node: Any, collected: _Collected) -> None:
    tags = dict(node.tags)
    if "siting:node" in tags:
        collected.node_tags[node.id] = (tags["siting:node"], tags.get("name", ""))
    if barrier_blocks(tags):
        collected.blocked.add(node.id)


def _collect_way(way: Any, collected: _Collected) -> None:
    tags = dict(way.tags)
    if road_class(tags) is None:
        collected.ignored += 1
        return

    def points() -> Iterator[tuple[int, int, int]]:
        for node in way.nodes:
            location = node.location
            yield node.ref, location.x, location.y

    collected.add(way.id, None, tags, points)


def read_road_tables(nodes: pd.DataFrame, edges: pd.DataFrame, *, file: str, sha256: str = "") -> RoadLayer:
    """Build a road layer from the curated pair of tables.

    Parameters
    ----------
    nodes
        Table ``road_nodes`` of the data dictionary; ``node`` as a column or the index.
    edges
        Table ``road_edges``: lengths and travel speeds are taken as stated, the geometry is the straight line.
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
            "opened": pd.array(pd.to_numeric(_column(edges, "opened")), dtype="Int64"),
            "belief": _column(edges, "belief").to_numpy(object),
        }
    )
    names = _column(nodes, "name").astype("string").fillna("").to_numpy(object)
    return RoadLayer(
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


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return frame[name] if name in frame.columns else pd.Series(pd.NA, frame.index, dtype=object)


def _check_tables(edges: pd.DataFrame, number: Mapping[str, int], file: str) -> None:
    problems = [
        f"{file}: edge {k + 1}: {end} is {edges[end].iloc[k]!r}, which the node table does not hold"
        for end in ("from", "to")
        for k in np.flatnonzero(~edges[end].isin(list(number)))
    ]
    for column in ("length_km", "speed_kmh"):
        values = pd.to_numeric(edges[column], errors="coerce")
        problems += [
            f"{file}: edge {k + 1}: {column} is {edges[column].iloc[k]!r}, must be a number above 0"
            for k in np.flatnonzero(~((values > 0) & np.isfinite(values)))
        ]
    if problems:
        raise InputError("; ".join(problems) + ". Correct these rows.")


def issues_of(file: str, aside: pd.DataFrame) -> tuple[Issue, ...]:
    """Report the ways set aside: one by one for a few, in one line for the many of a reason."""
    issues = []
    for reason, rows in aside.groupby("reason", sort=False):
        code, english, chinese, hint, hint_zh = REASONS[str(reason)]
        single = rows.head(REPORTED_ONE_BY_ONE)
        for row in single.itertuples(index=False):
            issues.append(
                Issue(
                    file, code, "set_aside", f"Way {row.way} is not used: {english}.",
                    row=None if pd.isna(row.row) else int(row.row), column="highway", value=str(row.value),
                    hint=hint or None, action_zh=f"道路 {row.way} 未采用：{chinese}。", hint_zh=hint_zh,
                )
            )  # fmt: skip
        rest = len(rows) - len(single)
        if rest:
            issues.append(
                Issue(
                    file, code, "set_aside", f"{rest} more ways are not used: {english}.",
                    value=str(rest), hint=hint or None,
                    action_zh=f"另有 {rest} 条道路未采用：{chinese}。", hint_zh=hint_zh,
                )
            )  # fmt: skip
    return tuple(issues)
