"""A road file → the compact layer, with the report of what was read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siting.commands.console import print_lines, progress, worded
from siting.inputs.roads.read_roads import read_roads
from siting.messages import refusal
from siting.outputs.check.report import road_report
from siting.outputs.tables.road_layer import write_road_layer
from siting.outputs.write_files import check_folder

if TYPE_CHECKING:
    from siting.inputs.roads.rules import Tracks
    from siting.inputs.roads.ways import Bbox
    from siting.inputs.sections import RoadLayerReading
    from siting.types import Language

ENDINGS = (".gpkg", ".gpkg.zip")
"""Of the file of a compact layer; GIS open either and edit the first."""


def write_compact(
    source: Path,
    out: Path,
    box: Bbox | None,
    tracks: Tracks,
    reading: RoadLayerReading,
    lang: Language,
) -> None:
    """Read roads, write them as one compact layer, and print the report.

    Raises
    ------
    InputError
        `out` is no GeoPackage of its own, or the roads cannot be read.
    OutputError
        The layer cannot be written.
    """
    if not out.name.lower().endswith(ENDINGS) or out.resolve() == source.resolve():
        raise refusal("", "E694", name=out.name)
    check_folder(out.parent)
    with progress(worded("P145", lang, name=source.name)) as step:
        layer = read_roads(
            source,
            bbox=box,
            tracks=tracks,
            reading=reading,
            progress=lambda ways: step(worded("P146", lang, count=ways)),
        )
        step(worded("P144", lang))
        write_road_layer(layer, out)
    print_lines([road_report(layer, lang=lang), worded("R15", lang, str(out), count=len(layer.edges))])
