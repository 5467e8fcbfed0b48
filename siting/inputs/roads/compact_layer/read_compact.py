"""The compact road layer → its `RoadLayer`, as it was written or with the edits of a GIS."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from siting.inputs.roads.compact_layer.edits import read_edited
from siting.inputs.roads.compact_layer.lines import as_written, is_as_written, load_lines, part_of
from siting.types import RoadLayer


def read_compact(
    path: Path, bbox: Sequence[float] | None, sha256: str, join_within_m: float
) -> RoadLayer | None:
    """Read what `siting.outputs.tables.road_layer` wrote; None for any other file.

    Raises
    ------
    InputError
        The file is damaged, or no line of it can be used.
    """
    loaded = load_lines(path)
    if loaded is None:
        return None
    lines, junctions = loaded
    if junctions is not None and is_as_written(lines, junctions):
        layer = as_written(lines, junctions, path.name, sha256)
    else:
        layer = read_edited(lines, junctions, path.name, sha256, join_within_m)
    return part_of(layer, bbox) if bbox else layer
