"""Ways of a road file, block by block → flat arrays, rules per way, an account of what is left out."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, MutableSequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.distance import great_circle_m
from siting.inputs.roads.rules import (
    BUILT,
    CROSSINGS,
    ONEWAY_VALUES,
    TERRAIN_KEYS,
    TERRAINS,
    VEHICLES,
    Tracks,
    car_rules,
    carries_through,
    crossing_minutes,
    is_impossible_speed,
    is_in_mountains,
    is_known_access,
    is_tunnel,
    parse_maxspeed,
    posted_limit,
    road_class,
    road_classes,
    unposted_limit,
)
from siting.messages import text_of
from siting.types import Issue

if TYPE_CHECKING:
    from numpy.typing import NDArray

Bbox = tuple[float, float, float, float]
WayId = int | str
"""Id of a way: a number in extracts, text in layers."""
Rules = tuple[
    bool, bool, float, float | None, str, str, int | None, str | None, bool, bool, float | None,
    float | None, bool, bool,
]  # fmt: skip
"""What `RULE_COLUMNS` say of a way."""

GRID = 1e-7
"""Degrees in one unit of the collected coordinates (OSM's own grid, 1 cm)."""
REPORTED_ONE_BY_ONE = 50
"""Ways of one reason that get an issue each; the rest share one (`RoadLayer.set_aside` lists all)."""
RULE_COLUMNS = (
    "forward", "backward", "speed_kmh", "legal_kmh", "speed_basis", "class", "opened", "belief", "through",
    "tunnel", "length_km", "minutes", "roundabout", "mountain",
)  # fmt: skip
NOT_RULES = frozenset(("name", "ref", "name:en", "source", "source:name", "alt_name", "old_name"))
"""Tags that say nothing about who may drive how fast: ways that differ only in them share their rules."""
UNPOSTED = ("none", "signals", "variable", "default", "unposted", "no")
"""Values of ``maxspeed`` that rightly hold no figure."""
READ: dict[str, Callable[[str], bool]] = {
    "maxspeed": lambda text: text in UNPOSTED or parse_maxspeed(text) is not None,
    "oneway": lambda text: text.lower() in ONEWAY_VALUES,
    "duration": lambda text: crossing_minutes({"route": "ferry", "duration": text}) is not None,
    "construction": lambda text: text in BUILT,
    **dict.fromkeys(TERRAIN_KEYS, lambda text: text in TERRAINS),
    **dict.fromkeys(VEHICLES, is_known_access),
}
"""Keys of which values that are not understood are reported, and whether one is."""
REASONS = {
    "not_for_cars": "R101",
    "not_open": "R102",
    "bad_speed": "R103",
    "no_geometry": "R104",
    "zero_length": "R105",
    "duplicate": "R106",
    "broken": "R107",
    "nowhere": "E925",
    "unknown_class": "R108",
    "track": "R109",
}
"""Reason → code of the message."""


TRACK = "track"
"""Class, and reason, of ways that cars may use where the settings say so."""
MAIN_CLASSES = frozenset(
    f"{kind}{ending}"
    for kind in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for ending in ("", "_link")
)
"""Classes of which a closed road is told by name."""


class Points(NamedTuple):
    """Points of some lines, one line after the other."""

    ref: NDArray[np.int64]
    """n_points, number of the node; lines that share it meet there."""
    x: NDArray[np.int64]
    """n_points, longitude in units of `GRID`."""
    y: NDArray[np.int64]
    size: NDArray[np.int64]
    """n_lines, how many points each line has."""


class Verdict(NamedTuple):
    """What the tags of a way come to."""

    rules: int
    """Number of its rules in `Ways.rule_rows`; −1 where no car may drive it."""
    reason: str = ""
    """Why it is not used (`REASONS`)."""
    value: str = ""
    """The tag behind the reason, as it stands in the file."""
    kind: str = ""
    """Class, where a road that is not used is measured."""


class Lines(NamedTuple):
    """Lines of the file, column by column; a way of a layer may have several, which share its row."""

    way: list[WayId]
    row: list[int | None]
    verdict: list[Verdict]
    road: list[tuple[str, str]]
    """Number and name of each line's road."""

    def take(self, numbers: NDArray[np.int64]) -> Lines:
        """Return the lines with these numbers."""
        if len(numbers) == len(self.way):
            return self
        return Lines(*([column[k] for k in numbers.tolist()] for column in self))

    def count_ways(self) -> int:
        """Count the ways behind the lines: those of a layer by their rows (ids may repeat there)."""
        return len({way if row is None else row for way, row in zip(self.way, self.row, strict=True)})


class Closed(NamedTuple):
    """A main road, or a track, that no car may drive."""

    way: WayId
    row: int | None
    kind: str
    """Class."""
    road: tuple[str, str]
    """Number and name."""
    km: float
    value: str
    """The tag that closes it."""


class Relation(NamedTuple):
    """A relation of an extract."""

    relation: int
    tags: Mapping[str, str]
    members: tuple[tuple[str, int, str], ...]
    """Kind (``n, w, r``), id and role of each."""


@dataclass
class Ways:
    """Ways as they come in: vertices in flat arrays, one entry per line for the rest."""

    file: str
    bbox: Bbox | None = None
    progress: Callable[[int], None] | None = None
    tracks: Tracks = "closed"
    ref: array[int] = field(default_factory=lambda: array("q"))
    x: array[int] = field(default_factory=lambda: array("i"))
    y: array[int] = field(default_factory=lambda: array("i"))
    size: array[int] = field(default_factory=lambda: array("i"))
    """Points of each line."""
    way: MutableSequence[WayId] = field(default_factory=list)
    """Id of each line's way; an array where all are numbers, which takes a fifth of the memory."""
    row: list[int | None] = field(default_factory=list)
    rules: array[int] = field(default_factory=lambda: array("i"))
    """Number of the line's rules in `rule_rows`."""
    names: array[int] = field(default_factory=lambda: array("i"))
    """Number of the line's road in `name_rows`."""
    name_rows: dict[tuple[str, str], int] = field(default_factory=dict)
    """Number and name of each road."""
    rule_rows: list[Rules] = field(default_factory=list)
    """By `RULE_COLUMNS`."""
    aside: list[tuple[WayId, int | None, str, str]] = field(default_factory=list)
    """Way, row, reason and value of what is not used."""
    closed: list[Closed] = field(default_factory=list)
    """Main roads and tracks among these."""
    blocked: set[int] = field(default_factory=set)
    """Nodes that let no car through."""
    gates: set[int] = field(default_factory=set)
    """Nodes that let only those through whose trips begin or end beside them."""
    signals: dict[int, int] = field(default_factory=dict)
    """Nodes with traffic signals → 1 for those who drive along the way only, −1 against it, 0 all."""
    node_tags: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Id and name of nodes that carry one."""
    unread: dict[str, dict[int, str]] = field(default_factory=dict)
    """By key (of `READ`), rules whose value of it is not understood, and that value."""
    changed: dict[str, list[str]] = field(default_factory=dict)
    """Objects of which not all that the file holds is used: ``deleted``, ``repeated``."""
    relations: Counter[str] = field(default_factory=Counter)
    """How many relations of each type the file holds."""
    restrictions: list[Relation] = field(default_factory=list)
    """Those that forbid or demand a turn."""
    data_rows: int = 0
    ignored: int = 0
    _rule_of_tags: dict[tuple[tuple[str, str], ...], int | str] = field(default_factory=dict)

    def judge(self, tags: Mapping[str, str]) -> Verdict:
        """Say by what rules cars drive a way with these tags, or why they do not."""
        rule = self._rule(tags)
        if isinstance(rule, int):
            return Verdict(rule)
        return Verdict(-1, rule, _value(tags, rule), _measured_class(tags, rule))

    def collect(self, lines: Lines, points_of: Callable[[NDArray[np.int64]], Points]) -> None:
        """Take lines in, or set them aside with their reasons; all lines of a way come in one call.

        `points_of` gives the points of the lines with these numbers; it is asked for what is needed only.
        """
        number = np.arange(len(lines.way))
        if self.bbox is not None:
            number = np.flatnonzero(_is_inside(points_of(number), self.bbox))
            self.ignored += lines.count_ways() - lines.take(number).count_ways()
            lines = lines.take(number)
        self.data_rows += lines.count_ways()
        kept = np.array([verdict.rules >= 0 for verdict in lines.verdict], bool)
        self._leave(lines.take(np.flatnonzero(~kept)), number[~kept], points_of)
        self._take(lines.take(np.flatnonzero(kept)), points_of(number[kept]))
        if self.progress is not None:
            self.progress(self.data_rows)

    @property
    def is_layer(self) -> bool:
        """Whether the lines are rows of a layer, which holds the places of its points itself."""
        return bool(self.row) and self.row[0] is not None

    def count_missing_points(self) -> int:
        """Count nodes of the lines taken in whose place the file does not hold."""
        missing = np.abs(np.frombuffer(self.y, np.int32)) > 90.0 / GRID
        return len(np.unique(np.frombuffer(self.ref, np.int64)[missing]))

    def _leave(
        self, lines: Lines, number: NDArray[np.int64], points_of: Callable[[NDArray[np.int64]], Points]
    ) -> None:
        """Set lines aside; main roads and tracks are measured."""
        for way, row, verdict, _ in zip(*lines, strict=True):
            self.aside.append((way, row, verdict.reason, verdict.value))
        measured = np.flatnonzero([bool(verdict.kind) for verdict in lines.verdict])
        if not len(measured):
            return
        km = _length_km(points_of(number[measured])).tolist()
        for (way, row, verdict, road), length in zip(
            zip(*lines.take(measured), strict=True), km, strict=True
        ):
            self.closed.append(Closed(way, row, verdict.kind, road, length, verdict.value))

    def _take(self, lines: Lines, points: Points) -> None:
        drawn = points.size >= 2
        if not drawn.all():
            missing = lines.take(np.flatnonzero(~drawn))
            self.aside += [
                (way, row, "no_geometry", "") for way, row in zip(missing.way, missing.row, strict=True)
            ]
            lines = lines.take(np.flatnonzero(drawn))
            used = np.repeat(drawn, points.size)
            points = Points(points.ref[used], points.x[used], points.y[used], points.size[drawn])
        for own, new in ((self.ref, points.ref), (self.x, points.x), (self.y, points.y)):
            own.frombytes(new.astype(own.typecode).tobytes())
        self.size.extend(points.size.tolist())
        self.way.extend(lines.way)
        self.row.extend(lines.row)
        self.rules.extend([verdict.rules for verdict in lines.verdict])
        self.names.extend([self.name_rows.setdefault(road, len(self.name_rows)) for road in lines.road])

    def _rule(self, tags: Mapping[str, str]) -> int | str:
        key = tuple([item for item in tags.items() if item[0] not in NOT_RULES])
        rule = self._rule_of_tags.get(key)
        if rule is None:
            rule = self._rule_of_tags[key] = self._new_rule(tags)
        return rule

    def _new_rule(self, tags: Mapping[str, str]) -> int | str:
        forward, backward, speed = car_rules(tags, self.tracks)
        if speed is None:
            return _why_not(tags)
        kind = road_class(tags) or ""
        posted = posted_limit(tags, forward, backward)
        length_km = _number(tags.get("siting:length_km"))
        # The speeds of the curated network are travel speeds, no signs.
        is_sign = posted is not None and not length_km
        self.rule_rows.append(
            (
                forward,
                backward,
                speed,
                posted if is_sign else unposted_limit(tags, forward, backward),
                "class" if posted is None else "stated" if length_km else "posted",
                kind,
                _year(tags.get("start_date")),
                tags.get("siting:belief"),
                carries_through(tags, forward, backward),
                is_tunnel(tags),
                length_km,
                crossing_minutes(tags),
                tags.get("junction") in ("roundabout", "circular"),
                is_in_mountains(tags),
            )
        )
        number = len(self.rule_rows) - 1
        for key, is_read in READ.items():
            is_used = key != "duration" or kind in CROSSINGS
            if key in tags and is_used and not is_read(tags[key]):
                self.unread.setdefault(key, {})[number] = tags[key]
        return number


def _is_inside(points: Points, bbox: Bbox) -> NDArray[np.bool_]:
    """Tell for each line whether one of its points lies in the box."""
    west, south, east, north = (degrees / GRID for degrees in bbox)
    within = (west <= points.x) & (points.x <= east) & (south <= points.y) & (points.y <= north)
    line = np.repeat(np.arange(len(points.size)), points.size)
    return np.bincount(line[within], minlength=len(points.size)) > 0


def _length_km(points: Points) -> NDArray[np.float64]:
    """Return the length of each line, as far as the places of its points are known."""
    line = np.repeat(np.arange(len(points.size)), points.size)
    place = np.stack([points.x, points.y], axis=1).astype(np.float64) * GRID
    step = great_circle_m(place[:-1], place[1:])
    known = np.abs(place[:, 1]) <= 90
    step[(line[:-1] != line[1:]) | ~known[:-1] | ~known[1:]] = 0.0
    length: NDArray[np.float64] = np.bincount(line[1:], weights=step, minlength=len(points.size)) / 1000.0
    return length


def _measured_class(tags: Mapping[str, str], reason: str) -> str:
    """Return the class of a road that is missed if it is closed in error; nothing for others."""
    kind = road_class(tags) or ""
    if kind == "construction":
        kind = tags.get("construction", "")
    return kind if kind in MAIN_CLASSES or reason == TRACK else ""


def _why_not(tags: Mapping[str, str]) -> str:
    """Say why no car may drive a way."""
    kind = road_class(tags)
    if is_impossible_speed(tags.get("maxspeed")):
        return "bad_speed"
    if kind not in road_classes():
        return "unknown_class"
    if kind in ("construction", "proposed", "planned", "abandoned", "disused", "razed"):
        return "not_open"
    if kind == TRACK and car_rules(tags, "open")[2] is not None:
        return "track"
    return "not_for_cars"


def _value(tags: Mapping[str, str], reason: str) -> str:
    """Return the tag behind a reason, as it stands in the file: the one without which cars might pass."""
    key = "maxspeed" if reason == "bad_speed" else "highway"
    rules = road_classes().get(road_class(tags) or "")
    if reason == "not_for_cars" and rules is not None and rules.car == "yes":
        for each in tags:
            if car_rules({other: tags[other] for other in tags if other != each})[2] is not None:
                key = each
                break
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


def issues_of(file: str, aside: pd.DataFrame) -> tuple[Issue, ...]:
    """Report the ways set aside: one by one for a few, in one line for the many of a reason."""
    log = IssueLog(file)
    for reason, rows in aside.groupby("reason", sort=False):
        code, single = REASONS[str(reason)], rows.head(REPORTED_ONE_BY_ONE)
        for way, row, value in zip(single["way"], single["row"], single["value"], strict=True):
            line = None if pd.isna(row) else int(row)
            log.add(code, row=line, column="highway", value=value, which=text_of("P02", way=way))
        rest = len(rows) - len(single)
        if rest:
            log.add(code, value=rest, which=text_of("P03", count=rest))
    return tuple(log.issues)
