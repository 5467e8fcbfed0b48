"""A compact layer that was edited in a GIS → its `RoadLayer`: lines as drawn keep their junctions.

New and moved lines are joined to the others by place, and where they touch within the stated distance; what
their rows leave out comes from the class of road. A row of which no road can be made is set aside.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.compact_layer.lines import (
    CompactLines,
    Junctions,
    renumbered,
    unchanged,
    with_tables,
)
from siting.inputs.roads.layers.layer_tags import LayerTags
from siting.inputs.roads.layers.touching import Joined, join_touching, note_joined
from siting.inputs.roads.noding import build_layer
from siting.inputs.roads.ways import GRID, RULE_COLUMNS, Lines, Points, Rules, Verdict, WayId, Ways
from siting.types import RoadLayer

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, MutableSequence

    from numpy.typing import NDArray

MAY_BE_MISSING = ("legal_kmh", "opened", "belief", "length_km", "minutes", "mountain")
"""Rules of which not every road has a value."""
JOINED_BY_PLACE = ("R111",)
"""Notes that do not hold for a layer whose junctions are known by their numbers."""
MADE_NEW = ("set_aside",)
"""Tables that are about the file as it was read, not as it is."""


def read_edited(
    lines: CompactLines, junctions: Junctions | None, file: str, sha256: str, join_within_m: float
) -> RoadLayer:
    """Join the lines of an edited layer anew.

    Raises
    ------
    InputError
        No road is left.
    """
    n = len(lines.size)
    kept = unchanged(lines, junctions) if junctions else np.zeros(n, bool)
    ways = Ways(file)
    collected = _collect(lines, junctions, kept, ways)
    changed = {row for row, is_kept in zip(lines.fid.tolist(), kept.tolist(), strict=True) if not is_kept}
    joined = join_touching(ways, {}, join_within_m, changed) if changed else Joined()
    layer = build_layer(ways, sha256)
    log = IssueLog(file)
    note_joined(joined, join_within_m, log)
    if junctions is None:
        log.add("R163", value=n, n=n)
        return replace(layer, issues=(*layer.issues, *log.issues))
    deleted = len(np.setdiff1d(np.arange(1, len(junctions.marks) + 1), lines.fid))
    log.add("R162", value=len(changed), n=len(changed), deleted=deleted, filled=collected)
    layer = _with_known(layer, lines, junctions, kept, log)
    before = [issue for issue in junctions.issues if issue.severity != "set_aside"]
    now = [issue for issue in layer.issues if issue.code not in JOINED_BY_PLACE]
    return replace(layer, issues=(*before, *now, *log.issues))


def _collect(lines: CompactLines, junctions: Junctions | None, kept: NDArray[np.bool_], ways: Ways) -> int:
    """Hand the lines over with their points numbered; count those whose class filled in what was missing."""
    points = _numbered_points(lines, junctions, kept)
    columns = lines.columns
    rules = _RulesOfLines(ways)
    records = columns.astype(object).where(columns.notna(), None).to_dict("records")
    rows = lines.fid.tolist()
    found = Lines([], [], [], [])
    is_text = "way" in columns and not pd.api.types.is_numeric_dtype(columns["way"].dtype)
    lengths = _stated_lengths(junctions, lines, kept)
    for row, record, length_km in zip(rows, records, lengths, strict=True):
        way = record.get("way")
        found.way.append(way if way is not None else str(row) if is_text else -row)
        found.row.append(row)
        found.verdict.append(rules.judge(record, length_km))
        found.road.append((str(record.get("ref") or ""), str(record.get("name") or "")))
    start = np.append(0, np.cumsum(points.size))

    def points_of(which: NDArray[np.int64]) -> Points:
        size = points.size[which]
        index = np.arange(size.sum()) + np.repeat(start[which] - np.append(0, np.cumsum(size))[:-1], size)
        return Points(points.ref[index], points.x[index], points.y[index], size)

    ways.collect(found, points_of)
    if not is_text:
        ways.way = cast("MutableSequence[WayId]", array("q", cast("list[int]", ways.way)))
    return rules.filled


class _RulesOfLines:
    """Gives each line its rules: by its columns, and where they say nothing by its class."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways
        self.filled = 0
        """Lines whose class said what their columns left out."""
        self._number: dict[tuple[object, ...], int] = {}

    def judge(self, record: Mapping[Hashable, object], length_km: float | None) -> Verdict:
        given = {name: record.get(name) for name in RULE_COLUMNS}
        if not given["class"]:
            return Verdict(-1, "unknown_class", "class=")
        speed = given["speed_kmh"]
        if speed is not None and not (isinstance(speed, int | float) and 0 < speed < math.inf):
            return Verdict(-1, "bad_speed", f"speed_kmh={speed}")
        if any(given[name] is None for name in RULE_COLUMNS if name not in MAY_BE_MISSING):
            tags = LayerTags(["highway"], {}, self.ways.file).of([str(given["class"])])
            judged = self.ways.judge(tags | ({} if speed is None else {"maxspeed": f"{speed:g}"}))
            if judged.rules < 0:
                return judged
            self.filled += 1
            by_class = dict(zip(RULE_COLUMNS, self.ways.rule_rows[judged.rules], strict=True))
            given = {name: by_class[name] if value is None else value for name, value in given.items()}
            given["class"] = by_class["class"]
        if not (given["forward"] or given["backward"]):
            return Verdict(-1, "not_for_cars", "forward=false, backward=false")
        opened = given["opened"]
        given |= {"length_km": length_km, "opened": None if opened is None else int(cast("float", opened))}
        return Verdict(self._numbered(tuple(given[name] for name in RULE_COLUMNS)))

    def _numbered(self, rules: tuple[object, ...]) -> int:
        number = self._number.get(rules)
        if number is None:
            number = self._number[rules] = len(self.ways.rule_rows)
            self.ways.rule_rows.append(cast("Rules", rules))
        return number


def _stated_lengths(
    junctions: Junctions | None, lines: CompactLines, kept: NDArray[np.bool_]
) -> list[float | None]:
    """Return the stated length of each line that has one, km."""
    if junctions is None or junctions.length_m is None:
        return [None] * len(kept)
    first = np.cumsum(junctions.stretches) - junctions.stretches
    km = np.add.reduceat(junctions.length_m, first) / 1000.0
    return [
        float(km[fid - 1]) if is_kept else None
        for fid, is_kept in zip(lines.fid.tolist(), kept.tolist(), strict=True)
    ]


def _numbered_points(lines: CompactLines, junctions: Junctions | None, kept: NDArray[np.bool_]) -> Points:
    """Give points their numbers: known junctions their nodes, bends one each, new points by place."""
    grid = np.round(lines.points / GRID).astype(np.int64)
    owner = np.repeat(np.arange(len(kept)), lines.size)
    ref = np.full(len(grid), -1, np.int64)
    known = 0
    if junctions is not None and kept.any():
        known = len(junctions.nodes)
        at, node = _known_nodes(lines, junctions, kept)
        ref[at] = node
    inner = kept[owner] & (ref < 0)
    ref[inner] = known + np.arange(inner.sum())
    known += int(inner.sum())
    # A new point at the place of a known one is the same; a junction goes before a bend.
    key = grid[:, 0] * (1 << 32) + grid[:, 1]
    order = np.lexsort((ref, ref < 0, key))
    group = np.unique(key, return_inverse=True)[1]
    first = order[np.unique(group[order], return_index=True)[1]]
    by_place = np.where(ref[first] >= 0, ref[first], known + np.arange(len(first)))
    return Points(np.where(ref >= 0, ref, by_place[group]), grid[:, 0], grid[:, 1], lines.size)


def _known_nodes(
    lines: CompactLines, junctions: Junctions, kept: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the points of lines as drawn that are junctions, and their nodes."""
    number = lines.fid[kept] - 1
    stretches = junctions.stretches
    first_stretch = np.cumsum(stretches) - stretches
    line = np.repeat(np.arange(len(stretches)), stretches)
    # Points from the line's begin to the end of each stretch.
    passed = np.cumsum(junctions.sizes - 1)
    passed = passed - (passed - (junctions.sizes - 1))[first_stretch][line]
    begin = (np.cumsum(lines.size) - lines.size)[kept]
    count = stretches[number]
    each = np.arange(count.sum()) + np.repeat(first_stretch[number] - (np.cumsum(count) - count), count)
    at = np.concatenate([begin, np.repeat(begin, count) + passed[each]])
    along = first_stretch + np.arange(len(stretches))
    node = np.concatenate([junctions.along[along[number]], junctions.along[each + line[each] + 1]])
    return at, node


def _with_known(
    layer: RoadLayer, lines: CompactLines, junctions: Junctions, kept: NDArray[np.bool_], log: IssueLog
) -> RoadLayer:
    """Give nodes and stretches back what was known of them beside their lines."""
    old = junctions.nodes.drop(columns=["lon", "lat"], errors="ignore")
    number = layer.nodes["id"].to_numpy(np.int64)
    is_old = number < len(old)
    nodes = old.reindex(np.where(is_old, number, -1)).reset_index(drop=True)
    new = ~is_old
    for name in nodes.columns:
        nodes[name] = _filled(old[name], nodes[name], new, is_id=name == "id")
    nodes.insert(0, "lon", layer.nodes["lon"].to_numpy())
    nodes.insert(1, "lat", layer.nodes["lat"].to_numpy())
    layer = replace(layer, nodes=nodes)
    tables = {name: table for name, table in junctions.tables.items() if name not in MADE_NEW}
    now = tables | renumbered(tables, _new_numbers(layer, number, lines, junctions, kept))
    layer = with_tables(layer, now)
    lost = sum(len(table) - len(now[name]) for name, table in tables.items())
    if lost:
        log.add("R164", value=lost, n=lost)
    return layer


def _filled(old: pd.Series, values: pd.Series, new: NDArray[np.bool_], *, is_id: bool) -> pd.Series:
    """Fill a column of nodes where they are new: ids of their own, else no, empty or missing."""
    n = int(new.sum())
    if not n:
        return values.astype(old.dtype)
    fill: list[object]
    if is_id and old.dtype.kind in "iu":
        fill = [min(int(old.min()), 0) - 1 - k for k in range(n)]
    elif is_id:
        fill = [f"new {k + 1}" for k in range(n)]
    else:
        fill = [_nothing(old)] * n
    whole = values.to_numpy(object).copy()
    whole[new] = np.array(fill, object)
    return pd.Series(whole).astype(old.dtype if is_id or old.dtype.kind not in "iu" else np.float64)


def _nothing(column: pd.Series) -> object:
    if column.dtype == bool:
        return False
    return np.nan if pd.api.types.is_numeric_dtype(column.dtype) else ""


def _new_numbers(
    layer: RoadLayer,
    node_number: NDArray[np.int64],
    lines: CompactLines,
    junctions: Junctions,
    kept: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return the number that each stretch has now, −1 where it is no more as it was."""
    line = np.repeat(np.arange(len(junctions.stretches)), junctions.stretches)
    tail_at = np.arange(len(line)) + line
    old = pd.DataFrame(
        {
            "tail": junctions.along[tail_at], "head": junctions.along[tail_at + 1],
            "way": _way_of_line(lines, len(junctions.stretches))[line],
        }
    )  # fmt: skip
    now = pd.DataFrame(
        {
            "tail": node_number[layer.edges["tail"].to_numpy()],
            "head": node_number[layer.edges["head"].to_numpy()],
            "way": layer.edges["way"].astype(str).to_numpy(object),
        }
    )
    keys = ["tail", "head", "way"]
    old["again"], now["again"] = old.groupby(keys).cumcount(), now.groupby(keys).cumcount()
    now["edge"] = np.arange(len(now))
    found = old.merge(now, on=[*keys, "again"], how="left")["edge"].fillna(-1).to_numpy(np.int64)
    drawn = np.zeros(len(junctions.stretches), bool)
    drawn[lines.fid[kept] - 1] = True
    return np.where(drawn[line], found, -1)


def _way_of_line(lines: CompactLines, n: int) -> NDArray[np.object_]:
    way = np.full(n, "", object)
    known = (lines.fid >= 1) & (lines.fid <= n)
    way[lines.fid[known] - 1] = lines.columns["way"].astype(str).to_numpy(object)[known]
    return way
