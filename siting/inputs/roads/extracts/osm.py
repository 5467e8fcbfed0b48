"""OSM extracts → ways: the text that `osm_filter` writes is read block by block, numbers by the thousand."""

from __future__ import annotations

import re
import subprocess
import sys
from array import array
from collections.abc import Callable, Iterator, MutableSequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, Literal, cast

import numpy as np

from siting.inputs.roads.extracts.editors import deleted_objects
from siting.inputs.roads.rules import Tracks, barrier_blocks, barrier_limits, road_class, signal_direction
from siting.inputs.roads.ways import GRID, Bbox, Lines, Points, Relation, Verdict, WayId, Ways
from siting.messages import Text, refusal, text_of
from siting.types import InstallationError

FORMATS = {
    ".osm": "osm", ".osm.xml": "osm", ".osm.gz": "osm.gz", ".osm.xml.gz": "osm.gz", ".osm.bz2": "osm.bz2",
    ".osm.xml.bz2": "osm.bz2", ".osm.pbf": "pbf", ".pbf": "pbf", ".o5m": "o5m",
}  # fmt: skip
"""How the name of an extract ends → osmium's name of the format."""
EXTRACTS = tuple(FORMATS)
BLOCK_BYTES = 1 << 20
"""Text read at once; memory beside the collected ways stays at a few times this."""
REMEMBERED = 1 << 16
"""Tags of ways, as text, whose rules are remembered: most ways repeat the tags of others."""

FILE_AT_FAULT, UNSORTED = 3, 4
"""Exit codes of the writer: it cannot read the extract, or not in one go; others are its own failure."""
WRITER = Path(__file__).with_name("osm_filter.py")
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows, no console opens beside a notebook."""
UNKNOWN_PLACE = (b"xy", b"x999y999")
"""How a node without a place is written, and a place that is none."""
VERSION = re.compile(rb"\w-?\d+ v\d+ d[VD] T")
"""How a line begins that tells a version, and whether the object is visible or deleted."""
VERSIONS = re.compile(rb" v\d+ dV T")
SEPARATORS = bytes.maketrans(b"xy", b",,")

ADVICE = {
    ("XML parsing error", "Unknown", "xml file nested", "No element"): "P926",
    ("Can not read file with",): "P927",
    ("characters after coordinate", "wrong format for coordinate"): "P928",
    ("illegal",): "P929",
}
"""How complaints of osmium begin → code of what helps; against others, to fetch the file again."""

Way = Literal["once", "twice"]
"""How an extract is read: in one go, or places and versions first."""
Judged = tuple[Verdict | None, tuple[str, str]]
"""What some tags come to (None: no road at all), and the road with them, without its name."""


class UnsortedError(Exception):
    """The extract must be read twice."""


def read_extract(
    path: Path, bbox: Bbox | None, progress: Callable[[int], None] | None, tracks: Tracks = "closed"
) -> Ways:
    """Return the ways of an extract, and the nodes that stop cars.

    Nodes come before ways as a rule, and each object once. Where they do not, or points are missing (they
    may stand at the ways), the extract is read again in a way that takes any order and number.

    Raises
    ------
    InputError
        The file is damaged or no extract.
    InstallationError
        osmium is missing or broke down.
    """
    deleted = deleted_objects(path)
    first = _Collector(path, bbox, progress, tracks, deleted)
    try:
        return first.collect("once")
    except UnsortedError:
        told = first.ways.data_rows
    again = None if progress is None else lambda ways: progress(max(ways, told))
    return _Collector(path, bbox, again, tracks, deleted).collect("twice")


@dataclass
class _Collector:
    """One reading of an extract."""

    path: Path
    bbox: Bbox | None
    progress: Callable[[int], None] | None
    tracks: Tracks
    deleted: frozenset[bytes]
    """Objects that an editor has marked, such as ``w17``."""
    last: int = 0
    """Id of the way read last."""

    def __post_init__(self) -> None:
        # The ids of an extract are numbers.
        way = cast("MutableSequence[WayId]", array("q"))
        self.ways = Ways(self.path.name, self.bbox, self.progress, self.tracks, way=way)

    def collect(self, way: Way) -> Ways:
        """Read the extract.

        Raises
        ------
        UnsortedError
            It cannot be read in one go.
        """
        ways = self.ways

        @lru_cache(REMEMBERED)
        def judge(text: bytes) -> Judged:
            tags = _tags(text)
            verdict = ways.judge(tags) if road_class(tags) is not None else None
            return verdict, (tags.get("ref", ""), "")

        with _text(self.path, way) as text:
            for block in _blocks(text):
                if way == "once" and VERSION.match(block):
                    block = self._without_versions(block)
                is_rising = self._collect_block(block, judge)
                if way == "once" and not is_rising:
                    raise UnsortedError
        if way == "once" and ways.count_missing_points():
            raise UnsortedError
        return ways

    def _without_versions(self, block: bytes) -> bytes:
        """Take out versions and whether objects are deleted, which none may be."""
        if b" dD T" in block:
            raise UnsortedError
        return VERSIONS.sub(b" T", block)

    def _collect_block(self, block: bytes, judge: Callable[[bytes], Judged]) -> bool:
        """Hand over lines such as ``w17 Thighway=primary Nn1x117.4y40.05,…`` and ``n1 Tbarrier=gate x… y…``.

        Returns
        -------
        bool
            Whether the ways go on by rising numbers.
        """
        # Column by column: a tuple for each way would keep Python's garbage collector busy.
        words = block.split()
        # A way has three words: what is none shows where the first of three stands.
        if self.deleted or not {word[0] for word in words[0::3]} <= {ord("w")}:
            words = self._take_others(block).split()
        ids = [int(word[1:]) for word in words[0::3]]
        parted = [_without_name(text) if b"name=" in text else (text[1:], "") for text in words[1::3]]
        judged = [judge(tags) for tags, _ in parted]
        is_road = [verdict is not None for verdict, _ in judged]
        self.ways.ignored += is_road.count(False)
        nodes_of = [*compress(words[2::3], is_road)]
        roads = [
            (road[0], name) if name else road for (_, road), (_, name) in zip(judged, parted, strict=True)
        ]
        lines = Lines(
            [*compress(ids, is_road)],
            [None] * len(nodes_of),
            [verdict for verdict, _ in judged if verdict is not None],
            [*compress(roads, is_road)],
        )
        self.ways.collect(lines, lambda which: _points([nodes_of[k] for k in which.tolist()]))
        is_rising = bool((np.diff(ids, prepend=self.last) > 0).all())
        self.last = ids[-1] if ids else self.last
        return is_rising

    def _take_others(self, block: bytes) -> bytes:
        """Take what is no way in use; return the ways."""
        kept = []
        for line in block.splitlines():
            words = line.split()
            kind, name = line[:1], words[0][1:]
            if words[0] in self.deleted:
                self.ways.changed.setdefault("deleted", []).append(_name_of(words[0].decode()))
            elif kind == b"n":
                self._take_node(int(name), _tags(words[1][1:]))
            elif kind == b"r":
                self._take_relation(int(name), _tags(words[1][1:]), words[2][1:])
            elif kind == b"x":
                self.ways.changed.setdefault(words[1].decode(), []).append(_name_of(name.decode()))
            else:
                kept.append(line)
        return b"\n".join(kept)

    def _take_node(self, node: int, tags: dict[str, str]) -> None:
        if "siting:node" in tags:
            self.ways.node_tags[node] = (tags["siting:node"], tags.get("name", ""))
        if barrier_blocks(tags):
            self.ways.blocked.add(node)
        elif barrier_limits(tags):
            self.ways.gates.add(node)
        elif tags.get("highway") == "traffic_signals":
            self.ways.signals[node] = signal_direction(tags)

    def _take_relation(self, relation: int, tags: dict[str, str], members: bytes) -> None:
        kind = tags.get("type", "")
        self.ways.relations[kind] += 1
        if kind.startswith("restriction"):
            self.ways.restrictions.append(Relation(relation, tags, _members(members)))


def _name_of(name: str) -> str:
    """Turn ``w17`` into ``way/17``, as OpenStreetMap writes it."""
    return {"n": "node/", "w": "way/", "r": "relation/"}[name[0]] + name[1:]


def _members(text: bytes) -> tuple[tuple[str, int, str], ...]:
    """Read members such as ``w1@from,n2@via``."""
    found = re.findall(r"([nwr])(-?\d+)@([^,]*)", text.decode("utf-8"))
    return tuple((kind, int(number), _plain(role)) for kind, number, role in found)


@contextmanager
def _text(path: Path, way: Way) -> Iterator[IO[bytes]]:
    """Let osmium turn the extract into text, and say in words what it could not read."""
    form = next(form for ending, form in FORMATS.items() if path.name.lower().endswith(ending))
    # -P: this folder's modules must not stand in for Python's own. The extract goes in by standard input,
    # since on Windows osmium opens no file whose name is Chinese.
    command = [sys.executable, "-P", str(WRITER), form, way]
    with (
        path.open("rb") as extract,
        Popen(command, stdin=extract, stdout=PIPE, stderr=PIPE, creationflags=NO_WINDOW) as writer,
    ):
        try:
            yield cast("IO[bytes]", writer.stdout)  # a pipe, as asked for above
        except BaseException:
            writer.kill()
            raise
        reason = " ".join(cast("IO[bytes]", writer.stderr).read().decode("utf-8", "replace").split())[:300]
    # A place beyond the earth ends osmium's own writer, which the second way of reading does without.
    if writer.returncode == UNSORTED or (way == "once" and writer.returncode not in (0, FILE_AT_FAULT)):
        raise UnsortedError
    if writer.returncode:
        if writer.returncode == FILE_AT_FAULT:
            raise refusal(path.name, "R143", reason=reason, advice=_advice(reason))
        raise refusal("", "E902", kind=InstallationError, reason=reason or writer.returncode, file=path.name)


def _advice(reason: str) -> Text:
    """Say what would help against a complaint of osmium."""
    return text_of(next((code for begins, code in ADVICE.items() if reason.startswith(begins)), "P925"))


def _blocks(text: IO[bytes]) -> Iterator[bytes]:
    """Yield the text in blocks of whole lines; half a line at the end is where its writer failed."""
    rest = b""
    while block := text.read(BLOCK_BYTES):
        whole, newline, rest = (rest + block).rpartition(b"\n")
        yield whole + newline


def _points(nodes: list[bytes]) -> Points:
    """Read node lists such as ``Nn17x117.4y40.05,n18x117.5y40.06``; an empty one is a mere ``N``."""
    size = np.array([line.count(b"n") for line in nodes], np.int64)
    text = b",".join([line for line in nodes if len(line) > 1])
    text = text.replace(*UNKNOWN_PLACE).translate(SEPARATORS, b"Nn")
    numbers = np.fromstring(text, sep=",").reshape(-1, 3)
    x, y = np.round(numbers[:, 1:] / GRID).astype(np.int64).T
    return Points(numbers[:, 0].astype(np.int64), x, y, size)


def _without_name(text: bytes) -> tuple[bytes, str]:
    """Part tags from the name, which makes most of them singular and has no say in the rules."""
    if text.startswith(b"Tname="):
        name, _, tags = text[6:].partition(b",")
        return tags, _plain(name.decode("utf-8"))
    before, _, after = text.partition(b",name=")
    name, comma, rest = after.partition(b",")
    return before[1:] + comma + rest, _plain(name.decode("utf-8"))


def _tags(text: bytes) -> dict[str, str]:
    """Read tags such as ``highway=primary,name=A%20%B``; in keys and values separators are escaped."""
    if not text:
        return {}
    tags = dict([pair.split("=") for pair in text.decode("utf-8").split(",")])
    return {_plain(key): _plain(value) for key, value in tags.items()} if b"%" in text else tags


def _plain(text: str) -> str:
    if "%" not in text:
        return text
    parts = text.split("%")
    parts[1::2] = map(_character, parts[1::2])
    return "".join(parts)


@lru_cache(REMEMBERED)
def _character(code: str) -> str:
    return chr(int(code, 16))
