"""Zipped shapefile → raw table."""

from __future__ import annotations

import codecs
import struct
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from siting.inputs.files.archive import Parts
from siting.inputs.files.layers.layer import (
    SAMPLE_ROWS,
    _as_texts,
    _choose,
    _chunk,
    _from_wkb,
    _layer,
    other_layers,
)
from siting.inputs.files.raw import CHUNK_ROWS, Chunk, IsHeading, RawTable, TellRoads, note, refuse, started

# --- zipped shapefile -----------------------------------------------------------------------------------


PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
"""Endings of the files that make one shapefile, as far as they are read."""


LINE_TYPES = (3, 13, 23)
"""Numbers of the shapes that are lines: plain, with heights, with measures."""


def parts_beside(path: Path) -> dict[str, Path]:
    """Find the files of the shapefile that `path` belongs to, by their ending in small letters."""
    return {
        part.suffix.lower(): part
        for part in sorted(path.parent.iterdir())
        if part.stem.lower() == path.stem.lower() and part.suffix.lower() in PARTS
    }


def packed(parts: Mapping[str, bytes]) -> bytes:
    """Pack the parts of one shapefile as an archive, the same bytes every time."""
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for kind in PARTS:
            if kind in parts:
                archive.writestr(zipfile.ZipInfo("layer" + kind), parts[kind])
    return whole.getvalue()


def read_shapefile(
    parts: Parts, sheet: str | None, is_heading: IsHeading, tell_roads: TellRoads | None = None
) -> RawTable:
    """Read a shapefile by GDAL's shapefile driver out of an archive rebuilt in memory.

    Of an archive of several, where roads are asked for, only shapefiles of lines are unpacked.
    """
    file = parts.file
    layers: dict[str, dict[str, str]] = {}
    for name in parts.names():
        if not name.startswith("__MACOSX/"):
            layers.setdefault(name[:-4], {})[name[-4:].lower()] = name
    stems = [stem for stem, members in layers.items() if ".shp" in members]
    several = len(stems) > 1
    if tell_roads is not None and several and sheet is None:
        stems = [stem for stem in stems if _has_lines(parts, layers[stem][".shp"])] or stems
    is_named = sheet is not None and several
    read = {} if is_named else {stem: _attributes(parts, layers[stem], is_heading) for stem in stems}
    names: dict[str, list[str]] = {stem: read[stem]["names"] if read else [] for stem in stems}

    def is_wanted(stem: str) -> bool:
        found = read[stem]
        return tell_roads is not None and tell_roads(
            found["names"], _as_texts(found["records"][:SAMPLE_ROWS])
        )

    stem = _choose(file, names, sheet, is_heading, is_wanted if tell_roads else None)
    members = layers[stem]
    found = read[stem] if stem in read else _attributes(parts, members, is_heading)
    crs = parts.read(members[".prj"]).decode("utf-8", "replace").strip() if ".prj" in members else ""
    name = stem.rpartition("/")[2]
    table = _layer(file, found["names"], crs=crs or None, sheet=name if several else None)
    table.encoding = found["encoding"]
    table.notes.append(note(file, "E001", table.encoding.upper()))
    table.notes += [note(file, "E009")] * (".shx" not in members)
    if tell_roads is not None:
        table.notes += other_layers(file, [each for each in layers if ".shp" in layers[each]], stem)
    table.source = started(_shapefile_chunks(found, table), file, "E563")
    return table


def _shapefile_chunks(found: dict[str, Any], table: RawTable) -> Iterator[Chunk]:
    numbers = found["positions"].astype(np.int64) + 1
    if len(numbers) and (deleted := int(numbers[-1]) - len(numbers)):
        table.notes.append(note(table.file, "E011", deleted))
    for start in range(0, len(numbers), CHUNK_ROWS):
        part = slice(start, start + CHUNK_ROWS)
        faults: dict[int, str] = {}
        shapes = _from_wkb(found["geometry"][part].tolist(), numbers[part], faults)
        yield _chunk(numbers[part], found["records"][part], shapes, faults, table)


def _has_lines(parts: Parts, name: str) -> bool:
    """Tell from the head of a .shp whether it holds lines."""
    head = parts.head(name, 36)
    return len(head) == 36 and struct.unpack_from("<i", head, 32)[0] in LINE_TYPES


def _attributes(parts: Parts, members: dict[str, str], is_heading: IsHeading) -> dict[str, Any]:
    """Read one shapefile of the archive: names, rows of cells, positions, geometries, encoding."""
    shp = parts.read(members[".shp"])
    if shp[:4] != b"\x00\x00\x27\x0a" or len(shp) < 100:
        parts.damaged(members[".shp"])
    if ".dbf" not in members:
        refuse(parts.file, "E558")
    index = parts.read(members[".shx"]) if ".shx" in members else _index(shp)
    alone = packed({".shp": shp, ".shx": index, ".dbf": parts.read(members[".dbf"])})
    import pyogrio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Latin-1 gives every byte back as it stood, so the encoding can be settled strictly here.
            meta, positions, geometry, columns = pyogrio.raw.read(
                alone,
                encoding="ISO-8859-1",
                force_2d=True,
                return_fids=True,
                datetime_as_string=True,
            )
        except (RuntimeError, ValueError, LookupError, TypeError, OSError):
            parts.damaged(members[".shp"])
    declared = parts.read(members[".cpg"]).decode("ascii", "replace") if ".cpg" in members else ""
    return _decoded(meta["fields"], columns, declared, is_heading) | {
        "positions": positions,
        "geometry": geometry,
    }


def _index(shp: bytes) -> bytes:
    """Rebuild the .shx of a shapefile from its record headers."""
    entries, at = [], 100
    while at + 8 <= len(shp):
        words = struct.unpack_from(">i", shp, at + 4)[0]
        if words < 2 or at + 8 + 2 * words > len(shp):
            break
        entries.append(struct.pack(">ii", at // 2, words))
        at += 8 + 2 * words
    return shp[:24] + struct.pack(">i", 50 + 4 * len(entries)) + shp[28:100] + b"".join(entries)


def _decoded(
    names: Sequence[str], columns: Sequence[np.ndarray], declared: str, is_heading: IsHeading
) -> dict[str, Any]:
    """Decode names and text of a .dbf in the encoding that fits most of both: UTF-8 strict, or GB18030.

    Where both fit, the names that are known decide, then what the .cpg says: programs leave wrong ones.
    """
    order = ["utf-8", "gb18030"]
    if declared.strip().upper().replace("-", "").startswith(("GB", "936", "CP936")):
        order.reverse()
    texts = [*names] + [cell for column in columns for cell in column.tolist() if isinstance(cell, str)]

    def fit(encoding: str) -> tuple[int, int]:
        known = is_heading([_from_latin(name, encoding) or "" for name in names])
        return sum(_from_latin(text, encoding) is not None for text in texts), known

    encoding = max(order, key=fit)

    def text(cell: Any) -> Any:
        if not isinstance(cell, str):
            return None if cell != cell else cell
        found = _from_latin(cell, encoding)
        return cell.encode("latin-1", "replace").decode("ascii", "replace") if found is None else found

    cells = [[text(cell) for cell in column.tolist()] for column in columns]
    return {
        "names": [text(name) for name in names],
        "records": list(zip(*cells, strict=True)) if cells else [],
        "encoding": encoding,
    }


def _from_latin(text: str, encoding: str) -> str | None:
    """Decode again what was read as Latin-1; a character cut in half by the field's width is left off."""
    if text.isascii():
        return text
    try:
        return codecs.getincrementaldecoder(encoding)().decode(text.encode("latin-1"))
    except UnicodeError:
        return None
