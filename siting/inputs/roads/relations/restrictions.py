"""Relations of an extract → turn restrictions over stretches of its roads, and an account of the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.ways import Relation, WayId, Ways
from siting.messages import Text, joined, text_of
from siting.types import Issue, no_restrictions

Arc = tuple[int, bool]
"""Stretch, and whether it is driven against its direction."""

CARS = ("motorcar", "motor_vehicle", "vehicle")
"""Keys of vehicles that cars are, the most special first."""
TURNS = ("left_turn", "right_turn", "straight_on", "u_turn")
NO = frozenset((*(f"no_{turn}" for turn in TURNS), "no_entry", "no_exit"))
ONLY = frozenset(f"only_{turn}" for turn in TURNS)
HOURS = ("day_on", "day_off", "hour_on", "hour_off")
"""Keys by which restrictions of certain hours used to be mapped."""
MOST_STEPS = 1000
"""Ways along the roads of one restriction that are tried: more are no restriction."""
REASONS = {
    "hours": "P182",
    "vehicles": "P183",
    "unknown": "P184",
    "cut": "P270",
    "members": "P185",
    "apart": "P186",
    "doubtful": "P187",
    "closed": "P188",
}
"""Why a restriction is not obeyed → code of the words."""


class _Roads(NamedTuple):
    """Stretches of the ways that restrictions name."""

    ends: dict[int, tuple[int, int]]
    """Stretch → node ids of its tail and head."""
    is_open: dict[int, tuple[bool, bool]]
    """Stretch → whether cars drive along it, and against it."""
    of_way: dict[int, list[int]]
    cut: frozenset[int]
    """Ways that the file does not hold, or not whole."""

    def arcs(self, way: int, start: int | None = None) -> list[Arc]:
        """Return both directions of the stretches of a way, those from a node if one is given."""
        both = [(edge, against) for edge in self.of_way[way] for against in (False, True)]
        return both if start is None else [arc for arc in both if self.ends[arc[0]][arc[1]] == start]

    def head(self, arc: Arc) -> int:
        return self.ends[arc[0]][not arc[1]]

    def allows(self, path: list[Arc]) -> bool:
        return all(self.is_open[edge][against] for edge, against in path)


def read_restrictions(
    ways: Ways, edges: pd.DataFrame, ends: NDArray[np.int64], incomplete: Collection[WayId] = ()
) -> tuple[pd.DataFrame, tuple[Issue, ...]]:
    """Return the restrictions as `RoadLayer` holds them, and one line on what is obeyed.

    Parameters
    ----------
    ways
    edges
        Stretches kept.
    ends
        n_edges × 2: node ids of their tails and heads.
    incomplete
        Ways of which the file lacks points.
    """
    roads = _roads(ways, edges, ends, incomplete)
    rows: list[tuple[int, bool, int, bool]] = []
    left: Counter[str] = Counter()
    obeyed = number = 0
    for relation in ways.restrictions:
        if ways.bbox is not None and not any(_is_known(member, roads) for member in relation.members):
            continue
        found = _paths(relation, roads)
        if isinstance(found, str):
            left[found] += 1
            continue
        obeyed += 1
        for path in found:
            rows += [(number, _kind(relation.tags).startswith("only"), *arc) for arc in path]
            number += 1
    table = no_restrictions()
    if rows:
        table = pd.DataFrame(rows, columns=table.columns).astype(dict(table.dtypes))
    return table, _told(ways.file, obeyed, left)


def _roads(ways: Ways, edges: pd.DataFrame, ends: NDArray[np.int64], incomplete: Collection[WayId]) -> _Roads:
    named = {ref for relation in ways.restrictions for kind, ref, _ in relation.members if kind == "w"}
    if not named:
        return _Roads({}, {}, {}, frozenset())
    edge = np.flatnonzero(edges["way"].isin(list(named)).to_numpy())
    some = edges.iloc[edge]
    directions = zip(some["forward"].tolist(), some["backward"].tolist(), strict=True)
    of_way: dict[int, list[int]] = defaultdict(list)
    for number, way in zip(edge.tolist(), some["way"].tolist(), strict=True):
        of_way[way].append(number)
    return _Roads(
        dict(zip(edge.tolist(), map(tuple, ends[edge].tolist()), strict=True)),
        dict(zip(edge.tolist(), directions, strict=True)),
        dict(of_way),
        _cut_off(named, ways, incomplete),
    )


def _cut_off(named: set[int], ways: Ways, incomplete: Collection[WayId]) -> frozenset[int]:
    """Return the ways that the file does not hold, or not whole: it ends there."""
    held = np.asarray(ways.way)
    whole = set(held[np.isin(held, list(named))].tolist())
    whole |= {way for way, *_ in ways.aside}
    return frozenset(named - (whole - set(incomplete)))


def _is_known(member: tuple[str, int, str], roads: _Roads) -> bool:
    return member[0] == "w" and member[1] in roads.of_way


def _kind(tags: Mapping[str, str]) -> str:
    """Return what is restricted, as it is said of cars; empty where nothing is said."""
    own = [f"restriction:{vehicle}" for vehicle in CARS]
    return next((tags[key].strip().lower() for key in (*own, "restriction") if key in tags), "")


def _why_not(relation: Relation) -> str:
    """Say why a relation tells cars nothing; empty where it does."""
    tags = relation.tags
    excepted = {word.strip() for word in tags.get("except", "").split(";")}
    kind, of_type = _kind(tags), tags["type"].partition(":")[2]
    at_hours = not kind and any("conditional" in key for key in tags)
    if at_hours or of_type == "conditional" or any(key in tags for key in HOURS):
        return "hours"
    if excepted & set(CARS) or of_type not in ("", *CARS):
        return "vehicles"
    if not kind and any(key.startswith("restriction:") for key in tags):
        return "vehicles"
    kinds = {word.strip() for word in kind.split(";")}
    return "" if kinds <= NO or kinds <= ONLY else "unknown"


def _paths(relation: Relation, roads: _Roads) -> list[list[Arc]] | str:
    """Return the ways along roads that a relation is about, or why it says nothing."""
    reason = _why_not(relation)
    if reason:
        return reason
    members: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for kind, ref, role in relation.members:
        members[role].append((kind, ref))
    first, via, last = members["from"], members["via"], members["to"]
    kind = _kind(relation.tags)
    many = (len(first) > 1 and kind != "no_entry") or (len(last) > 1 and kind != "no_exit")
    nodes = [ref for kind, ref in via if kind == "n"]
    roads_between = [ref for kind, ref in via if kind == "w"]
    named = [*first, *last, *(("w", ref) for ref in roads_between)]
    shape = len(via) == (len(nodes) or len(roads_between)) and len(nodes) <= 1 and via and first and last
    if many or not shape or any(kind != "w" for kind, _ in named):
        return "members"
    of_ways = {ref for _, ref in named}
    if not of_ways <= roads.of_way.keys():
        return "members" if of_ways - roads.of_way.keys() - roads.cut else "cut"
    found: list[list[Arc]] = []
    for (_, start), (_, end) in [(a, b) for a in first for b in last]:
        ways = [start, *roads_between, end]
        one = _one_way(ways, nodes[0] if nodes else None, kind, roads)
        if isinstance(one, str):
            return "cut" if one == "apart" and of_ways & roads.cut else one
        found += one
    return found


def _one_way(ways: list[int], node: int | None, kind: str, roads: _Roads) -> list[list[Arc]] | str:
    """Return the way from one road to another, or why there is none or more than one."""
    found = list(_driven(ways, node, roads))
    if kind == "no_u_turn" and len(ways) == 2 and ways[0] == ways[1]:
        # Where the way passes its own node, nobody turns round on either side of it.
        found = [path for path in found if path[0][0] == path[1][0]]
        drivable = [path for path in found if roads.allows(path)]
        return drivable or ("closed" if found else "apart")
    drivable = [path for path in found if roads.allows(path)]
    shortest = [path for path in drivable if len(path) == min(map(len, drivable))]
    if len(shortest) == 1:
        return shortest
    return "doubtful" if shortest else "closed" if found else "apart"


def _driven(ways: list[int], node: int | None, roads: _Roads) -> Iterator[list[Arc]]:
    """Yield the ways that drive one stretch of the first road, some of each between, one of the last."""
    begin = [arc for arc in roads.arcs(ways[0]) if node is None or roads.head(arc) == node]
    todo = [([arc], 0) for arc in reversed(begin)]
    for _ in range(MOST_STEPS):
        if not todo:
            return
        path, at = todo.pop()
        here = roads.head(path[-1])
        if at == len(ways) - 2:
            yield from (
                [*path, arc] for arc in roads.arcs(ways[-1], here) if node is not None or _is_new(arc, path)
            )
        staying = [at] if at else []
        for on in (*staying, *([at + 1] if at + 1 < len(ways) - 1 else [])):
            todo += [([*path, arc], on) for arc in roads.arcs(ways[on], here) if _is_new(arc, path)]


def _is_new(arc: Arc, path: list[Arc]) -> bool:
    """Whether a stretch is not part of a way yet, in whatever direction."""
    return all(edge != arc[0] for edge, _ in path)


def _told(file: str, obeyed: int, left: Counter[str]) -> tuple[Issue, ...]:
    n = obeyed + sum(left.values())
    if not n:
        return ()
    log = IssueLog(file)
    others = Text("", "")
    if left:
        parts = [text_of(REASONS[reason], n=left[reason]) for reason in REASONS if left[reason]]
        others = text_of("P181", listed=joined(parts, ", ", "、"))
    log.add("R170", value=n, n=n, obeyed=obeyed, others=others)
    return tuple(log.issues)
