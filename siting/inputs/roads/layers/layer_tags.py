"""Columns of a road layer, whatever they are called → the OpenStreetMap tags of each road.

Headings and words are looked up in ``road_columns.csv`` and ``road_words.csv``. Where a cell holds several
values (osmnx joins ways so), the one that slows or restricts a car most counts; such rows are counted.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

from siting.common.near_words import nearest_words
from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.dictionary.words import fold
from siting.inputs.headings.given import find_given
from siting.inputs.roads.components import listed
from siting.inputs.roads.rules import (
    REFUSED,
    VEHICLES,
    parse_maxspeed,
    read_rows,
    road_classes,
    way_conditions,
)
from siting.messages import refusal

OTHER_TAGS = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
"""One pair of GDAL's column ``other_tags``."""
ITEM = re.compile(r"'([^']*)'|\"([^\"]*)\"|([^,\[\]'\"\s][^,\[\]]*)")
"""One value of a list as Python or JSON writes it."""
SEPARATORS = re.compile(r"[;；、|/]")
"""What stands between several values of a cell; only where `JOINED` says that none holds it itself."""
JOINED = ("highway", "lanes")
"""Keys whose values are parted at `SEPARATORS`; the rules part the others themselves."""
IN_SMALL_LETTERS = frozenset(
    ("highway", "oneway", "bridge", "tunnel", "junction", "surface", "smoothness", "tracktype", *VEHICLES)
)
"""Keys of which OpenStreetMap writes every value in small letters."""
IDS = ("id", "osm_id", "way", "osmid", "@id")
"""Columns that name the way, the best first."""
DROPPED = frozenset(
    (
        *IDS, "u", "v", "key", "length", "reversed", "from", "to", "fid", "ogc_fid", "gid", "objectid",
        "code", "shape_length", "shape_leng", "shape_len", "other_tags", "timestamp", "changeset", "version",
        "uid", "user", "layername", "path",
    )
)  # fmt: skip
"""Columns that say nothing of how a car drives; singular ones would give each road rules of its own."""
FURTHER_KEYS = ("layer", "access", "motor_vehicle", "junction", "service", "smoothness", "width", "id")
"""Keys that a planner may name beside those of the table."""
MOST_VALUES = 1000
"""A further column with more different values in a chunk holds numbers or notes, no tag that rules read."""
NULLS = frozenset(("nan", "none", "null", "<null>", "<na>"))
"""How programs write that there is no value."""
BRACKETS = re.compile(r"[(\[【].*?[)\]】]")
DBF_BYTES = 10
"""A shapefile cuts its headings at this length."""


@cache
def _known_headings() -> dict[str, tuple[int, str]]:
    """Map each heading, also as a shapefile cuts it, to its place in the table and its key."""
    found: dict[str, tuple[int, str]] = {}
    rows = [(row["key"], row["heading"]) for row in read_rows("road_columns.csv")]
    for place, (key, heading) in enumerate(rows):
        found.setdefault(_plain(heading), (place, key))
    for place, (key, heading) in enumerate(rows):
        for encoding in ("gb18030", "utf-8"):
            cut = heading.encode(encoding)[:DBF_BYTES].decode(encoding, "ignore")
            if cut != heading:
                found.setdefault(_plain(cut), (place, key))
    return found


@cache
def _keys() -> frozenset[str]:
    """Return the keys that a column may be named for."""
    return frozenset((*(key for _, key in _known_headings().values()), *FURTHER_KEYS, *VEHICLES))


@cache
def _words() -> dict[tuple[str, str], str]:
    """Map key and word to the tag's value."""
    return {(row["key"], _plain(row["word"])): row["value"] for row in read_rows("road_words.csv")}


def _plain(text: str) -> str:
    """Fold a heading or a word, without remarks in brackets such as units."""
    return re.sub(r"\s+", "", BRACKETS.sub("", fold(text))).lower()


def count_kinds(headings: Sequence[str], given: Mapping[str, str]) -> int:
    """Count the columns that may tell what kind of road a line is."""
    kinds = sum(_known_headings().get(_plain(cell), (0, ""))[1] == "highway" for cell in headings)
    return kinds + ("other_tags" in headings) + ("highway" in given)


def tell_roads(headings: Sequence[str], rows: Sequence[Sequence[str]], given: Mapping[str, str]) -> bool:
    """Tell from some rows of a layer whether most of them that name a kind name one of a road."""
    if "highway" in given:
        return any(_plain(heading) == _plain(given["highway"]) for heading in headings)
    kinds = [kind for kind in (LayerTags(headings, {}, "").of(row).get("highway") for row in rows) if kind]
    return sum(kind in road_classes() for kind in kinds) * 2 > len(kinds)


def check_keys(given: Mapping[str, str], file: str) -> None:
    """Refuse a column named for a key that no road has.

    Raises
    ------
    InputError
        With the nearest key.
    """
    keys = sorted(_keys())
    for key in given:
        if key not in keys:
            near = ", ".join(nearest_words(key, keys)) or "—"
            raise refusal(file, "E576", field=key, near=near, allowed=", ".join(keys))


class LayerTags:
    """Turns rows of a layer into tags, and counts what was turned how."""

    def __init__(self, headings: Sequence[str], given: Mapping[str, str], file: str) -> None:
        """Settle which columns give which key; those that are named go first."""
        self.headings = headings
        self.file = file
        stated = find_given(given, headings, file)
        found: list[tuple[str, int, int]] = [(key, -2, at) for at, key in stated.items()]
        for at, heading in enumerate(headings):
            place, key = _known_headings().get(_plain(heading), (-1, heading.strip().lower()))
            if key not in DROPPED and at not in stated:
                found.append((key, place, at))
        if any(key == "highway" and headings[at].strip().lower() != "type" for key, _, at in found):
            # Beside another column of classes, "type" is about something else.
            found = [each for each in found if headings[each[2]].strip().lower() != "type" or each[1] < -1]
        self.columns = [(key, at) for key, _, at in sorted(found)]
        """Key and position, the columns of a key in order: of several that are filled the first counts."""
        ids = [at for at, key in stated.items() if key == "id"]
        lower = [heading.strip().lower() for heading in headings]
        self.ids = ids + [lower.index(name) for name in IDS if name in lower]
        self.other_tags = lower.index("other_tags") if "other_tags" in lower else None
        self.words: Counter[tuple[str, str]] = Counter()
        """Words of classes and what they were taken for."""
        self.several: Counter[str] = Counter()
        """Keys of which a cell held several values."""
        self.unknown_limits = 0
        self.design_speeds = 0
        self._values: dict[tuple[str, str], tuple[str, bool]] = {}

    def leave_out_singular(self, columns: Sequence[Sequence[str]]) -> None:
        """Leave out further columns with so many values that each road would have rules of its own."""
        self.columns = [
            (key, at)
            for key, at in self.columns
            if key in _keys() or key.startswith("max") or len(set(columns[at])) <= MOST_VALUES
        ]

    def of(self, cells: Sequence[str], zero: Sequence[int] = ()) -> dict[str, str]:
        """Return the tags of a row; `zero` are the positions of cells that hold the number 0."""
        tags: dict[str, str] = {}
        for key, at in self.columns:
            if cells[at] and key not in tags:
                text, is_several = self._value(key, cells[at])
                if key in ("maxspeed", "design_speed") and (at in zero or (text == "0" and self._is_coded())):
                    # 0 is how databases and Geofabrik write that the limit is not known.
                    self.unknown_limits += key == "maxspeed"
                elif text:
                    tags[key] = text
                    if is_several:
                        self.several[key] += 1
                    if key == "highway" and text != cells[at]:
                        self.words[fold(cells[at]), text] += 1
        if self.other_tags is not None:
            tags.update(OTHER_TAGS.findall(cells[self.other_tags]))
        if speed := tags.pop("design_speed", ""):
            self.design_speeds += "maxspeed" not in tags
            tags.setdefault("maxspeed", speed)
        return tags

    def id_of(self, cells: Sequence[str]) -> str:
        """Return the id that a row gives its way; empty where it gives none."""
        found = next((cells[at] for at in self.ids if cells[at]), "")
        return ";".join(_items(found)) if found.startswith("[") else found

    def notes(self) -> IssueLog:
        """Say which columns and words were taken for what, and how often."""
        log = IssueLog(self.file)
        named = [(key, self.headings[at]) for key, at in self.columns if self._is_translated(key, at)]
        if named:
            log.add("R180", n=len(named), listed=listed([f"{key} ← {name}" for key, name in named]))
        if self.words and self._has_words():
            shown = [f"{word} → {value} ({n})" for (word, value), n in sorted(self.words.items())]
            log.add("R181", n=sum(self.words.values()), listed=listed(shown))
        counts = {
            "R182": sum(self.several.values()), "R183": self.unknown_limits, "R184": self.design_speeds,
        }  # fmt: skip
        for code, n in counts.items():
            if n:
                log.add(code, value=n, n=n, keys=", ".join(sorted(self.several)))
        return log

    def _is_coded(self) -> bool:
        """Tell whether the layer is Geofabrik's, BBBike's or a bureau's: a limit of 0 is not known."""
        kinds = [self.headings[at].strip().lower() for key, at in self.columns if key == "highway"]
        return bool(kinds) and (kinds[0] in ("fclass", "type") or not kinds[0].isascii())

    def _is_translated(self, key: str, at: int) -> bool:
        heading = self.headings[at].strip().lower()
        return heading not in (key, "fclass") and key in _keys()

    def _has_words(self) -> bool:
        return any(not word.isascii() or len(word) == 1 for word, _ in self.words)

    def _value(self, key: str, cell: str) -> tuple[str, bool]:
        """Return a cell as the value of a tag, and whether it held several."""
        known = self._values.get((key, cell))
        if known is None:
            items = _items(cell) if cell.startswith("[") and cell.endswith("]") else [cell]
            if key in JOINED:
                items = [part.strip() for item in items for part in SEPARATORS.split(item) if part.strip()]
            # A limit that is no number is told by the rules.
            items = [item for item in items if key == "maxspeed" or item.lower() not in NULLS]
            known = self._values[key, cell] = _chosen(key, [_worded(key, item) for item in items])
        return known


def _worded(key: str, word: str) -> str:
    """Return the tag's value for a word; words that are not in the table stand for themselves."""
    value = _words().get((key, _plain(word)))
    if value is None and key == "start_date" and re.match(r"\d{4}(?!\d)", word):
        return word[:4]
    if value is None:
        return word.lower() if key in IN_SMALL_LETTERS else word
    return value


def _items(cell: str) -> list[str]:
    """Return the values of a list such as ``['a', 'b']``; what looks like none is taken as text."""
    return [next(filter(None, groups), "").strip() for groups in ITEM.findall(cell)]


def _chosen(key: str, items: list[str]) -> tuple[str, bool]:
    """Return the value that slows or restricts a car most, and whether there were others."""
    items = list(dict.fromkeys(filter(None, items)))
    if len(items) < 2:
        return "".join(items), False
    if key in ("name", "ref"):
        return ";".join(items), False
    if key in VEHICLES:
        return next((item for item in items if item in REFUSED), items[0]), True
    ranks = {
        "highway": _class_kmh,
        "maxspeed": lambda text: parse_maxspeed(text) or math.inf,
        "design_speed": lambda text: parse_maxspeed(text) or math.inf,
        "surface": lambda text: way_conditions().get(("surface", text), math.inf),
        "oneway": lambda text: text in ("no", "0", "false"),
        "bridge": lambda text: text == "no",
        "tunnel": lambda text: text == "no",
    }
    return min(items, key=ranks.get(key, _number)), True


def _class_kmh(kind: str) -> float:
    """Return the speed of a class; a class not open to cars is slower than any, an unknown one faster."""
    rules = road_classes().get(kind)
    if rules is None:
        return math.inf
    return -1.0 if math.isnan(rules.travel_kmh) else rules.travel_kmh


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.inf
    return math.inf if math.isnan(number) else number
