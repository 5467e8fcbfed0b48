"""Ways of a road file, block by block → flat arrays, rules per way, an account of what is left out."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping, MutableSequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.rules import (
    HIGHEST_KMH,
    ONEWAY_VALUES,
    car_rules,
    is_impossible_speed,
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
Rules = tuple[bool, bool, float, float | None, str, str, int | None, str | None, float | None, bool]
"""What `RULE_COLUMNS` say of a way."""

GRID = 1e-7
"""Degrees in one unit of the collected coordinates (OSM's own grid, 1 cm)."""
REPORTED_ONE_BY_ONE = 50
"""Ways of one reason that get an issue each; the rest share one (`RoadLayer.set_aside` lists all)."""
RULE_COLUMNS = (
    "forward", "backward", "speed_kmh", "legal_kmh", "speed_basis", "class", "opened", "belief", "length_km",
    "roundabout",
)  # fmt: skip
NOT_RULES = frozenset(("name", "ref", "name:en", "source", "source:name", "alt_name", "old_name"))
"""Tags that say nothing about who may drive how fast: ways that differ only in them share their rules."""
UNPOSTED = ("none", "signals", "variable", "default", "unposted", "no")
"""Values of ``maxspeed`` that rightly hold no figure."""
READ: dict[str, Callable[[str], bool]] = {
    "maxspeed": lambda text: text in UNPOSTED or (parse_maxspeed(text) or HIGHEST_KMH + 1) <= HIGHEST_KMH,
    "oneway": lambda text: text in ONEWAY_VALUES,
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
    "unknown_class": "R108",
}
"""Reason → code of the message."""


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


@dataclass
class Ways:
    """Ways as they come in: vertices in flat arrays, one entry per line for the rest."""

    file: str
    bbox: Bbox | None = None
    progress: Callable[[int], None] | None = None
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
    blocked: set[int] = field(default_factory=set)
    """Nodes that let no car through."""
    signals: set[int] = field(default_factory=set)
    """Nodes with traffic signals."""
    node_tags: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Id and name of nodes that carry one."""
    unread: dict[str, dict[int, str]] = field(default_factory=dict)
    """By key (of `READ`), rules whose value of it is not understood, and that value."""
    data_rows: int = 0
    ignored: int = 0
    _rule_of_tags: dict[tuple[tuple[str, str], ...], int | str] = field(default_factory=dict)

    def judge(self, tags: Mapping[str, str]) -> Verdict:
        """Say by what rules cars drive a way with these tags, or why they do not."""
        rule = self._rule(tags)
        return Verdict(-1, rule, _value(tags, rule)) if isinstance(rule, str) else Verdict(rule)

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
        kept = np.array([rules >= 0 for rules, _, _ in lines.verdict], bool)
        for way, row, (_, reason, value), _ in zip(*lines.take(np.flatnonzero(~kept)), strict=True):
            self.aside.append((way, row, reason, value))
        self._take(lines.take(np.flatnonzero(kept)), points_of(number[kept]))
        if self.progress is not None:
            self.progress(self.data_rows)

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
        self.rules.extend([rules for rules, _, _ in lines.verdict])
        self.names.extend([self.name_rows.setdefault(road, len(self.name_rows)) for road in lines.road])

    def _rule(self, tags: Mapping[str, str]) -> int | str:
        key = tuple([item for item in tags.items() if item[0] not in NOT_RULES])
        rule = self._rule_of_tags.get(key)
        if rule is None:
            rule = self._rule_of_tags[key] = self._new_rule(tags)
        return rule

    def _new_rule(self, tags: Mapping[str, str]) -> int | str:
        forward, backward, speed = car_rules(tags)
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
                length_km,
                tags.get("junction") in ("roundabout", "circular"),
            )
        )
        number = len(self.rule_rows) - 1
        for key, is_read in READ.items():
            if key in tags and not is_read(tags[key]):
                self.unread.setdefault(key, {})[number] = tags[key]
        return number


def _is_inside(points: Points, bbox: Bbox) -> NDArray[np.bool_]:
    """Tell for each line whether one of its points lies in the box."""
    west, south, east, north = (degrees / GRID for degrees in bbox)
    within = (west <= points.x) & (points.x <= east) & (south <= points.y) & (points.y <= north)
    line = np.repeat(np.arange(len(points.size)), points.size)
    return np.bincount(line[within], minlength=len(points.size)) > 0


def _why_not(tags: Mapping[str, str]) -> str:
    """Say why no car may drive a way."""
    kind = road_class(tags)
    if is_impossible_speed(tags.get("maxspeed")):
        return "bad_speed"
    if kind is not None and kind not in road_classes():
        return "unknown_class"
    closed = ("construction", "proposed", "planned", "abandoned", "disused", "razed")
    if kind in closed or tags.get("construction", "no") != "no":
        return "not_open"
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
