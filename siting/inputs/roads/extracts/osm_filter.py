"""OSM extract on standard input → its roads as text on standard output; run by `osm`.

osmium filters the extract and finds the places of the nodes without a Python object a node, and its text form
(OPL) is read in bulk. In a process of its own, because osmium ends the whole process where its writer fails,
and since the reading then goes on beside it. That takes nodes before ways, each object once and by a positive
number; `read_twice` takes any order, number and version.
"""

from __future__ import annotations

import bz2
import gzip
import os
import re
import sys
import tempfile
from array import array
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, cast

import osmium
from osmium.osm import NODE, RELATION, WAY

if TYPE_CHECKING:
    from osmium.osm.types import Node, OSMObject, WayNodeList
    from osmium.osm.types import Relation as RelationObject
    from osmium.osm.types import Way as WayObject

WAY_KEYS = ("highway", "route")
"""A way with one of these may be a road."""
NODE_KEYS = ("barrier", "siting:node", "motorcar", "motor_vehicle", "vehicle", "access", "highway")
"""A node with one of these may stop cars, for good or at a signal, or has a name of its own."""
SIGNAL = "traffic_signals"
"""``highway`` of a node at which a signal may stop cars; of others, mostly crossings, nothing is used."""
TEXT_FORM = "opl,locations_on_ways=true,add_metadata="
FILE_AT_FAULT, UNSORTED = 3, 4
"""Exit codes (`osm` has the same); Python itself ends by 1."""
FEATURES = 8
"""Optional features of a binary extract that are looked at."""
BESIDE = re.compile(rb"<center\b[^<>]*/>|<nd\b(?![^<>]*\bref\s*=)[^<>]*/>")
"""What Overpass writes with `out center`, and at members with `out geom`; osmium takes neither."""
BESIDE_ERRORS = ("Unknown element in <way>: center", "No element inside <member> allowed")
"""How osmium's complaints about these begin."""
CHUNK_BYTES = 1 << 20
PACKED: dict[str, Callable[[IO[bytes]], object]] = {"osm.gz": gzip.open, "osm.bz2": bz2.open}
RESERVED = re.compile(r"[\s,=@%]")
"""Characters that separate in osmium's text form."""


class UnsortedError(Exception):
    """The extract cannot be read in one go."""


class Order(osmium.SimpleHandler):
    """Check that nodes come by rising numbers, none twice."""

    last = 0

    def node(self, node: Node) -> None:
        """Compare the number with that of the node before."""
        if node.id <= self.last:
            raise UnsortedError
        self.last = node.id


class Newest(osmium.SimpleHandler):
    """First of two readings: where nodes lie, and which version of each object is its newest."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: Any = array("q")
        """Numbers; numpy's, and sorted, after `sort_nodes`, as the columns below."""
        self.node_versions: Any = array("i")
        self.x: Any = array("i")
        self.y: Any = array("i")
        self.newest: dict[str, list[int]] = {}
        """Way or relation → its highest version, how often that stands in the file, whether it is deleted."""
        self.repeated: set[str] = set()
        self.roads: set[str] = set()
        """Ways of which some version may be a road."""

    def node(self, node: Node) -> None:
        """Note the place."""
        self.nodes.append(node.id)
        self.node_versions.append(node.version)
        self.x.append(node.location.x)
        self.y.append(node.location.y)

    def way(self, way: WayObject) -> None:
        """Note the version, and whether the way may be a road."""
        may_be_road = any(key in way.tags for key in WAY_KEYS)
        name = f"w{way.id}"
        self._see(name, way, may_be_road)
        if may_be_road:
            self.roads.add(name)

    def relation(self, relation: RelationObject) -> None:
        """Note the version."""
        self._see(f"r{relation.id}", relation, True)

    def _see(self, name: str, item: OSMObject[Any], is_read_again: bool) -> None:
        known = self.newest.get(name)
        if known is not None:
            self.repeated.add(name)
        if known is None or item.version > known[0]:
            known = self.newest[name] = [item.version, 0, 0]
        if item.version == known[0]:
            known[1] += is_read_again
            known[2] = int(not item.visible)

    def sort_nodes(self) -> None:
        """Keep the newest version of each node, by number."""
        import numpy as np

        ids, versions = np.frombuffer(self.nodes, np.int64), np.frombuffer(self.node_versions, np.int32)
        order = np.lexsort((versions, ids))
        last = np.append(ids[order[1:]] != ids[order[:-1]], True)[: len(ids)]
        kept = order[last]
        self.repeated.update(f"n{node}" for node in ids[order[~last]].tolist())
        self.nodes, self.node_versions = ids[kept], versions[kept]
        self.x, self.y = (np.frombuffer(values, np.int32)[kept] for values in (self.x, self.y))

    def list_changed(self) -> list[str]:
        """List the roads that are deleted, and what stands in the file more than once."""
        gone = sorted(name for name in self.roads if self.newest[name][2])
        return [f"x{name} deleted\n" for name in gone] + [
            f"x{name} repeated\n" for name in sorted(self.repeated)
        ]


class Text(osmium.SimpleHandler):
    """Second reading: write roads, nodes that may stop cars, and relations, each in its newest version."""

    def __init__(self, newest: Newest, write: Callable[[str], None]) -> None:
        super().__init__()
        self.seen, self.write = newest, write

    def node(self, node: Node) -> None:
        """Write a node that may stop cars."""
        at = self.seen.nodes.searchsorted(node.id)
        if node.version == self.seen.node_versions[at] and node.visible:
            self.write(f"n{node.id} T{_tags(node)} x y\n")

    def way(self, way: WayObject) -> None:
        """Write a way that may be a road."""
        if way.visible and self._is_newest(f"w{way.id}", way.version):
            self.write(f"w{way.id} T{_tags(way)} N{self._places(way.nodes)}\n")

    def relation(self, relation: RelationObject) -> None:
        """Write a relation."""
        if relation.visible and self._is_newest(f"r{relation.id}", relation.version):
            members = ",".join(f"{each.type}{each.ref}@{_escaped(each.role)}" for each in relation.members)
            self.write(f"r{relation.id} T{_tags(relation)} M{members}\n")

    def _is_newest(self, name: str, version: int) -> bool:
        """Tell whether a version is the newest; of several that are, only the last is."""
        known = self.seen.newest[name]
        if version == known[0]:
            known[1] -= 1
        return version == known[0] and known[1] == 0

    def _places(self, nodes: WayNodeList) -> str:
        """Write the nodes of a way with their places: those that the way states, else those of the nodes."""
        refs = [node.ref for node in nodes]
        at = self.seen.nodes.searchsorted(refs).clip(max=max(len(self.seen.nodes) - 1, 0)).tolist()
        return ",".join(
            _place(node.ref, node.location.x, node.location.y)
            if node.location.valid()
            else _place(node.ref, self.seen.x[k], self.seen.y[k])
            if len(self.seen.nodes) and self.seen.nodes[k] == node.ref
            else f"n{node.ref}xy"
            for node, k in zip(nodes, at, strict=True)
        )


def _place(ref: int, x: int, y: int) -> str:
    return f"n{ref}x{x / 1e7:.7f}y{y / 1e7:.7f}" if abs(x) <= 1.8e9 else f"n{ref}xy"


def _tags(item: OSMObject[Any]) -> str:
    return ",".join(f"{_escaped(tag.k)}={_escaped(tag.v)}" for tag in item.tags)


def _escaped(text: str) -> str:
    return RESERVED.sub(lambda found: f"%{ord(found[0]):x}%", text)


class Unused(osmium.SimpleHandler):
    """Drop nodes of the key ``highway`` that are no signals and carry none of the other keys."""

    def node(self, node: Node) -> bool:
        """Tell whether the node is dropped."""
        keys = {tag.k for tag in node.tags if tag.k != "highway" or tag.v == SIGNAL}
        return keys.isdisjoint(NODE_KEYS)


def _filters() -> list[Any]:
    """Let ways through that may be roads, nodes that may stop cars, and relations."""
    filters = [osmium.filter.KeyFilter(*keys) for keys in (WAY_KEYS, NODE_KEYS)]
    for each, kind in zip(filters, (WAY, NODE), strict=True):
        each.enable_for(kind)
    return [*filters, Unused()]


def read_once(form: str) -> None:
    """Filter the extract on its way through, as osmium's text."""
    # Binary extracts tell at their beginning whether versions matter.
    versions = "false" if form == "pbf" else "version"
    pool = osmium.io.ThreadPool(1, 2)
    with (
        osmium.io.Reader(osmium.io.File("-", form), NODE | WAY | RELATION, thread_pool=pool) as reader,
        osmium.SimpleWriter(osmium.io.File("-", TEXT_FORM + versions), thread_pool=pool) as writer,
    ):
        header = reader.header()
        if header.has_multiple_object_versions:
            raise UnsortedError
        handlers: list[Any] = [*_filters(), writer]
        features = [header.get(f"pbf_optional_feature_{k}") for k in range(FEATURES)]
        if "LocationsOnWays" not in features:
            places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
            places.ignore_errors()
            handlers.insert(0, places)
        if form != "pbf":
            # Text is written by hand and by editors too.
            handlers.insert(0, Order())
        osmium.apply(reader, *handlers)


def read_twice(form: str) -> None:
    """Find places and newest versions first, then write: an object after the other, in Python."""
    stdin = os.dup(0)
    try:
        newest = _newest(form)
    except RuntimeError as error:
        if not str(error).startswith(BESIDE_ERRORS):
            raise
        _rewind(stdin)
        stdin, form = _without_beside(form), "osm"
        _rewind(stdin)
        newest = _newest(form)
    newest.sort_nodes()
    _rewind(stdin)
    with osmium.io.Reader(osmium.io.File("-", form), NODE | WAY | RELATION) as reader:
        osmium.apply(reader, *_filters(), Text(newest, _write))
    for line in newest.list_changed():
        _write(line)
    sys.stdout.flush()


def _newest(form: str) -> Newest:
    newest = Newest()
    with osmium.io.Reader(osmium.io.File("-", form), NODE | WAY | RELATION) as reader:
        osmium.apply(reader, newest)
    return newest


def _rewind(file: int) -> None:
    """Let standard input begin with a file anew; osmium may have closed what it has read."""
    os.dup2(file, 0)
    os.lseek(0, 0, os.SEEK_SET)
    _in_bytes()


def _without_beside(form: str) -> int:
    """Copy the XML on standard input without the elements that osmium does not take; return the file."""
    with os.fdopen(os.dup(0), "rb") as packed, tempfile.TemporaryFile() as copy:
        text = cast("IO[bytes]", PACKED[form](packed) if form in PACKED else packed)
        rest = b""
        while chunk := text.read(CHUNK_BYTES):
            # An element may lie across the end of what was read.
            whole, tag, rest = (rest + chunk).rpartition(b"<")
            copy.write(BESIDE.sub(b"", whole))
            rest = tag + rest
        copy.write(BESIDE.sub(b"", rest))
        copy.flush()
        return os.dup(copy.fileno())


def _write(line: str) -> None:
    sys.stdout.buffer.write(line.encode("utf-8"))


def _in_bytes() -> None:
    if sys.platform == "win32":
        import msvcrt

        for stream in (0, 1):
            msvcrt.setmode(stream, os.O_BINARY)


def main(form: str, way: str) -> int:
    """Write the roads of an extract; return the exit code."""
    _in_bytes()
    try:
        (read_once if way == "once" else read_twice)(form)
    except UnsortedError:
        return UNSORTED
    except (RuntimeError, ValueError, OSError, osmium.InvalidLocationError) as error:
        reason = " ".join(str(error).split())
        if way == "once" and reason.startswith(BESIDE_ERRORS):
            return UNSORTED
        sys.stderr.write(reason[:200])
        return FILE_AT_FAULT
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
