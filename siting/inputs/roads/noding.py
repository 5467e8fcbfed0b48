"""Ways with shared points → stretches between junctions, numbered, measured and checked."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.account import note_closed, note_extract, why_no_road
from siting.inputs.roads.components import listed
from siting.inputs.roads.distance import great_circle_m
from siting.inputs.roads.relations.restrictions import read_restrictions
from siting.inputs.roads.rules import HIGHEST_KMH, VEHICLES
from siting.inputs.roads.ways import GRID, RULE_COLUMNS, WayId, Ways, issues_of
from siting.messages import refusal
from siting.types import Issue, RoadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLAGS = ("forward", "backward", "roundabout", "mountain")
"""Columns of the rules that say yes or no."""
BLOCK_POINTS = 100_000
"""Points measured at once: the formula's intermediate arrays stay small."""


class Stretches(NamedTuple):
    """Ways cut at junctions, before any stretch is left out."""

    way: NDArray[np.int32]
    """n_stretches, number of the line."""
    ends: NDArray[np.int64]
    """n_stretches × 2, node ids."""
    apart: NDArray[np.bool_]
    """n_stretches × 2, whether a barrier keeps the end apart from other roads, by an id of its own."""
    barriers: NDArray[np.int64]
    """Ids of the nodes with these barriers."""
    shape: NDArray[np.float64]
    """n_points × 2, degrees."""
    start: NDArray[np.int64]
    """n_stretches + 1, where the points of each begin."""
    length_m: NDArray[np.float64]
    incomplete: NDArray[np.int64]
    """Numbers of lines of which the file lacks points."""


def build_layer(ways: Ways, sha256: str) -> RoadLayer:
    """Cut the ways at junctions; see `siting.inputs.roads.read_roads`.

    The ways are used up on the way, since points and names of a large extract fill much memory.

    Raises
    ------
    InputError
        No road is left.
    """
    missing = 0 if ways.is_layer else ways.count_missing_points()
    cut = _stretches(ways)
    table = _edge_table(ways, cut.way, cut.length_m)
    table["through"] &= ~_at_gates(cut.ends, ways.gates)
    ways.name_rows = {}
    zero = (cut.length_m == 0) & (cut.ends[:, 0] == cut.ends[:, 1])
    repeated = _repeated(table, cut.ends, zero)
    keep = ~(zero | repeated)
    used = np.bincount(cut.way[keep], minlength=len(ways.way)) > 0
    lost = "nowhere" if ways.is_layer else "broken"
    dropped = {lost: cut.incomplete, "zero_length": cut.way[zero], "duplicate": cut.way[repeated]}
    aside = _set_aside(ways, dropped, used)
    if not keep.any():
        reasons, advice = why_no_road(ways, aside, missing)
        raise refusal(ways.file, "R144", rows=ways.data_rows, reasons=reasons, advice=advice)
    nodes, ends = _nodes(cut, keep, ways)
    edges = (table if keep.all() else table[keep].reset_index(drop=True)).rename_axis("edge")
    for place, column in enumerate(("tail", "head")):
        edges.insert(1 + place, column, ends[:, place].astype(np.int32))
    size = np.diff(cut.start)
    counts = {
        "data_rows": ways.data_rows,
        "kept": ways.data_rows - len(aside),
        "set_aside": len(aside),
        "ignored_lines": ways.ignored,
    }
    # Ends that a barrier keeps apart lie on each other on purpose.
    others = nodes.drop(np.unique(ends[cut.apart[keep]]))
    doubled = others["id"][others.duplicated(["lon", "lat"])]
    barriers = [ways.node_tags.get(node, (node, ""))[0] for node in cut.barriers.tolist()]
    partly = [ways.way[k] for k in cut.incomplete[used[cut.incomplete]].tolist()]
    incomplete = [ways.way[k] for k in cut.incomplete.tolist()]
    restrictions, told = read_restrictions(ways, edges, cut.ends[keep], incomplete)
    return RoadLayer(
        edges,
        nodes,
        cut.shape if keep.all() else cut.shape[np.repeat(keep, size)],
        np.append(0, np.cumsum(size[keep])),
        aside[["way", "row", "reason"]],
        note_closed(ways)
        + issues_of(ways.file, aside)
        + _notes(ways, barriers, doubled.tolist(), partly)
        + note_extract(ways)
        + told,
        counts,
        ways.file,
        sha256,
        _used_rows(ways, used) if ways.is_layer else {},
        restrictions=restrictions,
    )


def _used_rows(ways: Ways, used: NDArray[np.bool_]) -> dict[int, str]:
    """Map the row of each way used to its id."""
    lines = np.flatnonzero(used).tolist()
    return {row: str(ways.way[k]) for k in lines if (row := ways.row[k]) is not None}


def _stretches(ways: Ways) -> Stretches:
    """Cut the ways, and let go of their points."""
    ref = np.frombuffer(ways.ref, np.int64)
    x, y = (np.frombuffer(values, np.int32) for values in (ways.x, ways.y))
    start = np.append(0, np.cumsum(np.frombuffer(ways.size, np.int32), dtype=np.int64))
    good = (np.abs(x) <= 180.0 / GRID) & (np.abs(y) <= 90.0 / GRID)
    incomplete = np.unique(np.searchsorted(start, np.flatnonzero(~good), "right") - 1)
    first, last = _cut(ref, start, good, ways.blocked | ways.gates | ways.signals.keys())
    way = (np.searchsorted(start, first, "right") - 1).astype(np.int32)
    shape, shape_start, length_m = _shapes(x, y, first, last)
    ends = np.stack([ref[first], ref[last]], axis=1)
    del ref, x, y
    ways.ref, ways.x, ways.y = array("q"), array("i"), array("i")
    apart = np.isin(ends, np.fromiter(ways.blocked, np.int64, len(ways.blocked)))
    barriers = np.unique(ends[apart])
    # A barrier lets nobody through: each road that ends there gets an end of its own.
    ends[apart] = np.iinfo(np.int64).min + np.arange(ends.size).reshape(ends.shape)[apart]
    return Stretches(way, ends, apart, barriers, shape, shape_start, length_m, incomplete)


def _cut(
    ref: np.ndarray, start: np.ndarray, good: np.ndarray, marked: set[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return first and last point of every stretch: at way ends, shared points, barriers and signals.

    A way is broken where the place of a point is not known (`good`): what lies between known points is kept.
    """
    begins, ends = good.copy(), good.copy()
    begins[1:] &= ~good[:-1]
    ends[:-1] &= ~good[1:]
    begins[start[:-1]] = good[start[:-1]]
    ends[start[1:] - 1] = good[start[1:] - 1]
    counted = good & ~(begins & ends)
    cut = begins | ends
    cut[counted] |= pd.Series(ref[counted]).duplicated(keep=False).to_numpy()
    if marked:
        cut |= np.isin(ref, np.fromiter(marked, np.int64, len(marked)))
    cuts = np.flatnonzero(cut & counted)
    # Two cuts that follow each other bound a stretch, unless the first ends a run of points.
    goes_on = ~ends[cuts[:-1]]
    return cuts[:-1][goes_on], cuts[1:][goes_on]


def _shapes(
    x: np.ndarray, y: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points of all stretches, where each starts, and great-circle lengths in metres."""
    size = last - first + 1
    start = np.append(0, np.cumsum(size))
    index = np.arange(start[-1], dtype=np.int32) - np.repeat((start[:-1] - first).astype(np.int32), size)
    shape = np.empty((len(index), 2))
    for axis, values in enumerate((x, y)):
        np.multiply(values[index], GRID, out=shape[:, axis])
    return shape, start, lengths_of(shape, start)


def lengths_of(shape: NDArray[np.float64], start: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return great-circle lengths of stretches, m."""
    step = np.zeros(len(shape))
    for k in range(0, len(shape) - 1, BLOCK_POINTS):
        block = shape[k : k + BLOCK_POINTS + 1]
        step[k + 1 : k + len(block)] = great_circle_m(block[:-1], block[1:])
    step[start[:-1]] = 0.0
    return np.add.reduceat(step, start[:-1]) if len(start) > 1 else np.zeros(0)


def _edge_table(ways: Ways, way: np.ndarray, length: np.ndarray) -> pd.DataFrame:
    rules = pd.DataFrame(ways.rule_rows, columns=list(RULE_COLUMNS))
    for column in ("speed_basis", "class", "belief"):
        rules[column] = pd.Categorical(rules[column])
    rules["opened"] = rules["opened"].astype("Int16")
    numbers = ("legal_kmh", "length_km", "minutes")
    rules = rules.astype(dict.fromkeys(numbers, float) | dict.fromkeys(FLAGS, bool))
    names = pd.DataFrame(list(ways.name_rows), columns=["ref", "name"]).astype("category")
    table = rules.take(np.frombuffer(ways.rules, np.int32)[way])
    road = names.take(np.frombuffer(ways.names, np.int32)[way])
    stated = table.pop("length_km").to_numpy() * 1000.0
    # A stated length belongs to the whole way: its stretches share it by their drawn lengths.
    drawn = np.bincount(way, weights=length, minlength=len(ways.way))[way]
    share = np.divide(length, drawn, out=np.zeros(len(length)), where=drawn > 0)
    length_m = np.where(np.isnan(stated), length, share * stated)
    _state_speeds(table, np.where(np.isnan(stated), drawn, stated))
    table.insert(0, "way", np.asarray(ways.way)[way])
    table.insert(3, "length_m", length_m)
    for place, column in ((7, "class"), (8, "ref"), (9, "name")):
        values = table.pop(column) if column in table else road[column]
        table.insert(place, column, values.array)
    return table.reset_index(drop=True)


def _state_speeds(table: pd.DataFrame, length_m: np.ndarray) -> None:
    """Turn the stated minutes of crossings into speeds; `length_m` is that of each whole way."""
    minutes = table.pop("minutes").to_numpy()
    if np.isnan(minutes).all():
        return
    speed = length_m * 0.06 / minutes
    stated = (speed > 0) & (speed <= HIGHEST_KMH)
    table["speed_kmh"] = np.where(stated, speed, table["speed_kmh"])
    table["speed_basis"] = pd.Categorical(table["speed_basis"].astype(object).mask(stated, "stated"))


def _at_gates(ends: NDArray[np.int64], gates: set[int]) -> NDArray[np.bool_]:
    """Tell which stretches lead to a private gate between two roads: as such roads they are for trip ends.

    Where more roads meet, it is not known between which of them the gate stands.
    """
    at = np.isin(ends, np.fromiter(gates, np.int64, len(gates)))
    nodes, count = np.unique(ends[at], return_counts=True)
    leads: NDArray[np.bool_] = np.isin(ends, nodes[count == 2])
    return leads[:, 0] | leads[:, 1]


def _repeated(table: pd.DataFrame, key: np.ndarray, zero: np.ndarray) -> np.ndarray:
    """Find stretches that join the same nodes at the same length, speed and directions as an earlier one."""
    ends = pd.DataFrame({"low": key.min(axis=1), "high": key.max(axis=1)})
    parallel = ends.duplicated(keep=False).to_numpy() & ~zero
    table, key = table[parallel], key[parallel]
    turned = key[:, 0] > key[:, 1]
    forward = np.where(turned, table["backward"], table["forward"])
    backward = np.where(turned, table["forward"], table["backward"])
    frame = pd.DataFrame(
        {
            "low": key.min(axis=1), "high": key.max(axis=1), "mm": np.round(table["length_m"], 3),
            "speed": table["speed_kmh"], "forward": forward, "backward": backward, "opened": table["opened"],
            "through": table["through"],
        }
    )  # fmt: skip
    repeated = np.zeros(len(zero), bool)
    repeated[parallel] = frame.duplicated()
    return repeated


def _set_aside(ways: Ways, dropped: dict[str, np.ndarray], used: np.ndarray) -> pd.DataFrame:
    """List the ways of which nothing is left, with their reasons.

    `dropped` gives numbers of lines by reason, `used` tells for each line whether something is left of it.
    """
    aside = list(ways.aside)
    for reason, lines in dropped.items():
        aside += [(ways.way[k], ways.row[k], reason, "") for k in np.unique(lines).tolist()]
    frame = pd.DataFrame(aside, columns=["way", "row", "reason", "value"])
    if not len(frame):
        return frame
    # Ways of a layer are known by their row (ids may repeat there), those of an extract by their id.
    key = frame["row"].where(frame["row"].notna(), frame["way"])
    used_keys = {ways.way[k] if ways.row[k] is None else ways.row[k] for k in np.flatnonzero(used).tolist()}
    frame = frame[~key.isin(used_keys) & ~key.duplicated()]
    return frame.sort_values(["reason", "row"], kind="stable", ignore_index=True)


def _nodes(cut: Stretches, keep: np.ndarray, ways: Ways) -> tuple[pd.DataFrame, np.ndarray]:
    """Give the ends of the stretches kept node numbers, in the order of ids, and each node its place."""
    codes, unique = pd.factorize(cut.ends[keep].ravel(), sort=True)
    ends = codes.reshape(-1, 2)
    at = np.empty(len(unique), np.int64)
    for side, point in ((1, cut.start[1:] - 1), (0, cut.start[:-1])):
        at[ends[:, side]] = point[keep]
    nodes = pd.DataFrame({"lon": cut.shape[at, 0], "lat": cut.shape[at, 1], "id": unique, "name": ""})
    nodes["signal"] = np.isin(unique, np.fromiter(ways.signals, np.int64, len(ways.signals)))
    one_way = pd.Series({node: way for node, way in ways.signals.items() if way}, dtype=np.int8)
    nodes["signal_one_way"] = one_way.reindex(unique, fill_value=0).to_numpy()
    if ways.node_tags:
        known = pd.DataFrame.from_dict(ways.node_tags, orient="index", columns=["id", "name"])
        nodes["id"] = pd.Series(unique).map(known["id"]).fillna(nodes["id"].astype(str)).to_numpy(object)
        nodes["name"] = pd.Series(unique).map(known["name"]).fillna("").to_numpy(object)
    return nodes, ends


def _notes(ways: Ways, barriers: list[WayId], doubled: list[WayId], partly: list[WayId]) -> tuple[Issue, ...]:
    """Say what was changed or looks wrong though every way is used: one line a kind, with its count."""
    rules = np.frombuffer(ways.rules, np.int32)

    def unread(*keys: str) -> tuple[list[WayId], set[str]]:
        values = {rule: text for key in keys for rule, text in ways.unread.get(key, {}).items()}
        lines = np.flatnonzero(np.isin(rules, list(values)))
        return [ways.way[k] for k in lines.tolist()], set(values.values())

    noted: dict[str, tuple[Sequence[WayId], Collection[str]]] = {
        "R110": (barriers, ()), "R111": (doubled, ()), "R112": unread("maxspeed"),
        "E927" if ways.is_layer else "R113": (partly, ()),
        "R114": unread("oneway"), "R155": unread("construction"),
        "R925": unread("duration"), "R926": unread(*VEHICLES),
        "R201": unread("terrain"), "R202": unread("slope_class"),
    }  # fmt: skip
    log = IssueLog(ways.file)
    for code, (found, values) in noted.items():
        if found:
            log.add(code, value=len(found), n=len(found), listed=listed(found), found=listed(sorted(values)))
    return tuple(log.issues)
