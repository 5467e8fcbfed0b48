"""OSM extract on standard input → its roads as text on standard output; run by `roadextracts`.

osmium filters the extract and finds the places of the nodes without a Python object a node, and its text form
(OPL) is read in bulk. In a process of its own, because osmium ends the whole process where its writer fails,
and since the reading then goes on beside it.
"""

import os
import sys

import osmium
from osmium.osm import NODE, WAY

WAY_KEYS = ("highway", "route")
"""A way with one of these may be a road."""
NODE_KEYS = ("barrier", "siting:node", "motorcar", "motor_vehicle", "vehicle", "access", "highway")
"""A node with one of these may stop cars, for good or at a signal, or has a name of its own."""
TEXT_FORM = "opl,add_metadata=false,locations_on_ways=true"


def main(form: str) -> str | None:
    """Write ways that may be roads, with their nodes' places; return what went wrong, if anything."""
    if sys.platform == "win32":
        import msvcrt

        for stream in (sys.stdin, sys.stdout):
            msvcrt.setmode(stream.fileno(), os.O_BINARY)
    places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
    places.ignore_errors()
    filters = [osmium.filter.KeyFilter(*keys) for keys in (WAY_KEYS, NODE_KEYS)]
    for each, kind in zip(filters, (WAY, NODE), strict=True):
        each.enable_for(kind)
    pool = osmium.io.ThreadPool(1, 2)
    try:
        with (
            osmium.io.Reader(osmium.io.File("-", form), NODE | WAY, thread_pool=pool) as reader,
            osmium.SimpleWriter(osmium.io.File("-", TEXT_FORM), thread_pool=pool) as writer,
        ):
            osmium.apply(reader, places, *filters, writer)
    except (RuntimeError, ValueError, OSError) as error:
        return " ".join(str(error).split())[:200]
    return None


if __name__ == "__main__":
    fault = main(sys.argv[1])
    if fault is not None:
        sys.stderr.write(fault)
        sys.exit(3)  # `osm.FILE_AT_FAULT`; Python itself ends by 1
