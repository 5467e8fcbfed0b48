"""Options that several commands share: languages, scenarios, and how a list is to be read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from siting.types import Json


class Lang(StrEnum):
    """Language of what people read."""

    zh = "zh"
    en = "en"


class Locate(StrEnum):
    """How rows without coordinates are placed."""

    none = "none"
    town = "town"


class RowKind(StrEnum):
    """What a row of a list is."""

    firms = "firms"
    devices = "devices"


Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a scenario key; may be repeated.")
]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to write into.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Speak = Annotated[Lang, typer.Option("--lang", help="Language of what is printed.")]

Crs = Annotated[
    str | None,
    typer.Option("--crs", metavar="CRS", help="WGS84, CGCS2000, GCJ-02, BD-09, EPSG:n, column."),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of a workbook, or all.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="KEY=HEADING", help="Field and the heading that holds it; repeatable."),
]
Located = Annotated[
    Locate | None, typer.Option("--locate", help="town: place rows without coordinates at their township.")
]
Rows = Annotated[
    RowKind | None,
    typer.Option("--rows", help="What a row is where a firm has several: firms or devices."),
]
Standard = Annotated[
    int | None, typer.Option("--industry-standard", metavar="YEAR", help="Year of GB/T 4754 of the codes.")
]
Aliases = Annotated[
    Path | None, typer.Option("--aliases", metavar="FILE", help="Table of townships as the list writes them.")
]

TracksAre = Annotated[
    Literal["closed", "open"], typer.Option(help="Tracks of which no tag says whether cars may drive.")
]
StudyFile = Annotated[
    Path | None, typer.Option("--scenario", metavar="FILE", help="Study that supplies boundary and places.")
]
RoadsOut = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Road layer (.gpkg); of a fit, keys (.toml).")
]
Trips = Annotated[
    Path | None, typer.Option(metavar="TIMES.csv", help="Measured trips to fit the travel times to.")
]
FitDate = Annotated[str | None, typer.Option(metavar="DATE", help="Date for the record of the fit.")]


def reading_of(
    crs: str | None,
    sheet: str | None,
    columns: list[str] | None,
    locate: Locate | None,
    rows: RowKind | None,
    industry_standard: int | None,
    aliases: Path | None,
) -> dict[str, Json]:
    """Give the keys of ``[register]`` that the options state.

    Raises
    ------
    InputError
        A ``--column`` is not of the form key=heading.
    """
    stated: dict[str, Json] = {
        "crs": crs,
        "sheet": sheet,
        "columns": columns_of_options(columns),
        "locate": None if locate is None else locate.value,
        "rows": None if rows is None else rows.value,
        "industry_standard": industry_standard,
        "aliases": None if aliases is None else str(aliases),
    }
    return {key: value for key, value in stated.items() if value not in (None, {})}


def columns_of_options(options: list[str] | None) -> dict[str, str]:
    """Split ``KEY=HEADING`` texts; a heading may hold further signs of equality."""
    from siting.messages import refusal

    found: dict[str, str] = {}
    for text in options or ():
        field, equals, heading = text.partition("=")
        if not (equals and field.strip() and heading.strip()):
            raise refusal("", "E695", given=text)
        found[field.strip()] = heading.strip()
    return found


def parse_bbox(text: str | None) -> tuple[float, float, float, float] | None:
    """Read ``W,S,E,N``, degrees; None where nothing is given."""
    from siting.messages import refusal

    if text is None:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        raise refusal("", "E698", given=text) from None
    return west, south, east, north
