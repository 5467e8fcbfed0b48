"""OSM extracts → ways: the text that `roadtext` writes is read block by block, numbers by the thousand."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, cast

import numpy as np

from siting.inputs.roads.rules import barrier_blocks, road_class
from siting.inputs.roads.ways import GRID, Lines, Points, Verdict, Ways
from siting.messages import refusal
from siting.types import InstallationError

FORMATS = {
    ".osm": "osm", ".osm.xml": "osm", ".osm.gz": "osm.gz", ".osm.bz2": "osm.bz2", ".osm.pbf": "pbf",
    ".pbf": "pbf",
}  # fmt: skip
"""How the name of an extract ends → osmium's name of the format."""
EXTRACTS = tuple(FORMATS)
BLOCK_BYTES = 1 << 20
"""Text read at once; memory beside the collected ways stays at a few times this."""
REMEMBERED = 1 << 16
"""Tags of ways, as text, whose rules are remembered: most ways repeat the tags of others."""

FILE_AT_FAULT = 3
"""Exit code of the writer for an extract that it cannot read; any other is its own failure."""
WRITER = Path(__file__).with_name("osm_filter.py")
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows, no console opens beside a notebook."""
UNKNOWN_PLACE = (b"xy", b"x999y999")
"""How a node without a place is written, and a place that is none."""
SEPARATORS = bytes.maketrans(b"xy", b",,")

Judged = tuple[Verdict | None, tuple[str, str]]
"""What some tags come to (None: no road at all), and the road with them, without its name."""


def collect_extract(path: Path, ways: Ways) -> None:
    """Hand over the ways of an extract, and the nodes that stop cars.

    Raises
    ------
    InputError
        The file is damaged or no extract.
    InstallationError
        osmium is missing or broke down.
    """

    @lru_cache(REMEMBERED)
    def judge(text: bytes) -> Judged:
        tags = _tags(text)
        verdict = ways.judge(tags) if road_class(tags) is not None else None
        return verdict, (tags.get("ref", ""), "")

    with _text(path) as text:
        for block in _blocks(text):
            _collect_block(block, ways, judge)


@contextmanager
def _text(path: Path) -> Iterator[IO[bytes]]:
    """Let osmium turn the extract into text, and say in words what it could not read."""
    form = next(form for ending, form in FORMATS.items() if path.name.lower().endswith(ending))
    # -P: this folder's modules must not stand in for Python's own. The extract goes in by standard input,
    # since on Windows osmium opens no file whose name is Chinese.
    command = [sys.executable, "-P", str(WRITER), form]
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
    if writer.returncode:
        if writer.returncode == FILE_AT_FAULT:
            raise refusal(path.name, "R143", reason=reason)
        raise refusal("", "E902", kind=InstallationError, reason=reason or writer.returncode, file=path.name)


def _blocks(text: IO[bytes]) -> Iterator[bytes]:
    """Yield the text in blocks of whole lines; half a line at the end is where its writer failed."""
    rest = b""
    while block := text.read(BLOCK_BYTES):
        whole, newline, rest = (rest + block).rpartition(b"\n")
        yield whole + newline


def _collect_block(block: bytes, ways: Ways, judge: Callable[[bytes], Judged]) -> None:
    """Hand over lines such as ``w17 Thighway=primary Nn1x117.4y40.05,…`` and ``n1 Tbarrier=gate x… y…``."""
    if block.startswith(b"n") or b"\nn" in block:
        for node, tags, *_ in (line.split() for line in block.splitlines() if line.startswith(b"n")):
            _collect_node(int(node[1:]), _tags(tags[1:]), ways)
        block = b"\n".join([line for line in block.splitlines() if line.startswith(b"w")])
    # Column by column: a tuple for each way would keep Python's garbage collector busy.
    words = block.split()
    lines, nodes_of = Lines([], [], [], []), []
    for way, text, nodes in zip(words[0::3], words[1::3], words[2::3], strict=True):
        tags, name = _without_name(text) if b"name=" in text else (text[1:], "")
        verdict, road = judge(tags)
        if verdict is None:
            ways.ignored += 1
            continue
        lines.way.append(int(way[1:]))
        lines.row.append(None)
        lines.verdict.append(verdict)
        lines.road.append((road[0], name) if name else road)
        nodes_of.append(nodes)
    ways.collect(lines, lambda which: _points([nodes_of[k] for k in which.tolist()]))


def _collect_node(node: int, tags: dict[str, str], ways: Ways) -> None:
    if "siting:node" in tags:
        ways.node_tags[node] = (tags["siting:node"], tags.get("name", ""))
    if barrier_blocks(tags):
        ways.blocked.add(node)
    elif tags.get("highway") == "traffic_signals":
        ways.signals.add(node)


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
    text = b"," + text[1:]
    start = text.find(b",name=")
    if start < 0:
        return text[1:], ""
    end = text.find(b",", start + 1)
    name, rest = (text[start + 6 :], b"") if end < 0 else (text[start + 6 : end], text[end:])
    return (text[:start] + rest)[1:], _plain(name.decode("utf-8"))


def _tags(text: bytes) -> dict[str, str]:
    """Read tags such as ``highway=primary,name=A%20%B``; in keys and values separators are escaped."""
    tags = dict([pair.split("=") for pair in text.decode("utf-8").split(",")])
    return {_plain(key): _plain(value) for key, value in tags.items()} if b"%" in text else tags


def _plain(text: str) -> str:
    if "%" not in text:
        return text
    parts = text.split("%")
    parts[1::2] = [chr(int(code, 16)) for code in parts[1::2]]
    return "".join(parts)
