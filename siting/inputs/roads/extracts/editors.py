"""Ways that an editor has marked as deleted in an XML extract (JOSM and others): osmium does not tell."""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

CHUNK_BYTES = 1 << 20
LONGEST_TAG = 1 << 16
"""Bytes of an XML tag; a longer one is none of an extract."""
OF_EDITORS = re.compile(rb"JOSM|Merkaartor|Vespucci|Level0|<osm[^>]*\bupload=", re.IGNORECASE)
"""How the beginning of a file tells that an editor wrote it."""
DELETED = re.compile(rb"<way\b[^<>]*\baction\s*=\s*[\"']delete[\"'][^<>]*>")
ID = re.compile(rb"\bid\s*=\s*[\"'](-?\d+)[\"']")
PACKED: dict[str, Callable[[Path, str], object]] = {".gz": gzip.open, ".bz2": bz2.open}


def deleted_ways(path: Path) -> frozenset[int]:
    """Return the ids of the ways with ``action="delete"``.

    Of packed files only those are looked through whose beginning names an editor: unpacking takes long.
    """
    kind = path.suffix.lower()
    if kind not in (".osm", ".xml", *PACKED):
        return frozenset()
    found: set[int] = set()
    try:
        with cast("IO[bytes]", PACKED[kind](path, "rb") if kind in PACKED else path.open("rb")) as file:
            chunk = file.read(CHUNK_BYTES)
            if kind in PACKED and not OF_EDITORS.search(chunk[:4096]):
                return frozenset()
            rest = b""
            while chunk:
                if b"delete" in chunk or b"delete" in rest:
                    for tag in DELETED.findall(rest + chunk):
                        found.update(map(int, ID.findall(tag)[:1]))
                rest = (rest + chunk)[-LONGEST_TAG:]
                rest = rest[max(rest.rfind(b"<"), 0) :]
                chunk = file.read(CHUNK_BYTES)
    except (OSError, EOFError):
        # What cannot be unpacked is refused by the reader that comes after.
        return frozenset()
    return frozenset(found)
