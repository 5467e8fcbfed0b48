"""What osmium does not tell of an XML extract: deleted objects, a remark at its end, or changes alone."""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, cast

CHUNK_BYTES = 1 << 20
BEGINNING_BYTES = 4096
LONGEST_TAG = 1 << 16
"""Bytes of an XML tag; a longer one is none of an extract."""
OF_EDITORS = re.compile(rb"JOSM|Merkaartor|Vespucci|Level0|<osm[^>]*\bupload=", re.IGNORECASE)
"""How the beginning of a file tells that an editor wrote it."""
DELETED = re.compile(rb"<([nwr])(?:ode|ay|elation)\b[^<>]*\baction\s*=\s*[\"']delete[\"'][^<>]*>")
ID = re.compile(rb"\bid\s*=\s*[\"'](-?\d+)[\"']")
REMARK = re.compile(rb"<remark>([^<]*error[^<]*)</remark>")
CHANGES = (".osc", ".osc.gz", ".osc.bz2")
"""How the names of change files end."""
PACKED: dict[str, Callable[[Path, str], object]] = {".gz": gzip.open, ".bz2": bz2.open}


def deleted_objects(path: Path) -> frozenset[bytes]:
    """Return the objects with ``action="delete"``, such as ``w17``.

    Of packed files only those are looked through whose beginning names an editor: unpacking takes long.
    """
    if not _is_xml(path):
        return frozenset()
    found: set[bytes] = set()
    try:
        with _opened(path) as file:
            chunk = file.read(CHUNK_BYTES)
            if path.suffix.lower() in PACKED and not OF_EDITORS.search(chunk[:BEGINNING_BYTES]):
                return frozenset()
            rest = b""
            while chunk:
                if b"delete" in chunk or b"delete" in rest:
                    for tag in DELETED.finditer(rest + chunk):
                        found.update(tag[1] + number for number in ID.findall(tag[0])[:1])
                rest = (rest + chunk)[-LONGEST_TAG:]
                rest = rest[max(rest.rfind(b"<"), 0) :]
                chunk = file.read(CHUNK_BYTES)
    except (OSError, EOFError):
        # What cannot be unpacked is refused by the reader that comes after.
        return frozenset()
    return frozenset(found)


def is_change_file(path: Path) -> bool:
    """Tell by its name, or by how it begins, whether a file holds only what was changed (OsmChange)."""
    if path.name.lower().endswith(CHANGES):
        return True
    if not _is_xml(path):
        return False
    try:
        with _opened(path) as file:
            return b"<osmChange" in file.read(BEGINNING_BYTES)
    except (OSError, EOFError):
        return False


def remark_of(path: Path) -> str:
    """Return the error that Overpass tells at the end of an unpacked extract; empty where it tells none."""
    if not _is_xml(path) or path.suffix.lower() in PACKED:
        return ""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - BEGINNING_BYTES, 0))
        found = REMARK.search(file.read())
    return " ".join(found[1].decode("utf-8", "replace").split()).rstrip(".") if found else ""


def _is_xml(path: Path) -> bool:
    return path.suffix.lower() in (".osm", ".xml", *PACKED)


def _opened(path: Path) -> IO[bytes]:
    opener = PACKED.get(path.suffix.lower())
    return cast("IO[bytes]", opener(path, "rb") if opener else path.open("rb"))
