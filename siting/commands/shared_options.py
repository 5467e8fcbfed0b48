"""Options that several commands share: languages, scenarios, and how a list is to be read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict, cast

import typer

from siting.outputs.new_study import StudyTemplate

if TYPE_CHECKING:
    from siting.inputs.sections import RoadLayerReading
    from siting.types import Json, Language


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


Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE")]
Out = Annotated[Path | None, typer.Option(metavar="DIR")]
AsJson = Annotated[bool, typer.Option("--json")]
Speak = Annotated[Lang, typer.Option("--lang", show_default=False)]

Crs = Annotated[
    str | None,
    typer.Option("--crs", metavar="CRS"),
]
Sheet = Annotated[str | None, typer.Option("--sheet", metavar="NAME")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="KEY=HEADING"),
]
Located = Annotated[Locate | None, typer.Option("--locate")]
Rows = Annotated[
    RowKind | None,
    typer.Option("--rows"),
]
Standard = Annotated[int | None, typer.Option("--industry-standard", metavar="YEAR")]
Aliases = Annotated[Path | None, typer.Option("--aliases", metavar="FILE")]


Layer = Annotated[
    str | None,
    typer.Option("--sheet", "--layer", metavar="NAME"),
]
RoadColumns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="KEY=HEADING"),
]

TracksAre = Annotated[Literal["closed", "open"], typer.Option()]
NewStudy = Annotated[StudyTemplate, typer.Option("--template", metavar="NAME")]
StudyFile = Annotated[Path | None, typer.Option("--scenario", metavar="FILE")]
RoadsOut = Annotated[Path | None, typer.Option("--out", metavar="FILE")]
Trips = Annotated[Path | None, typer.Option(metavar="TIMES.csv")]
FitDate = Annotated[str | None, typer.Option(metavar="DATE")]


def road_reading_of(layer: str | None, columns: list[str] | None, crs: str | None) -> RoadLayerReading:
    """Give the settings of ``[roads]`` that the options state.

    Raises
    ------
    InputError
        A ``--column`` is not of the form key=heading.
    """
    from siting.inputs.sections import RoadLayerReading

    return RoadLayerReading(layer=layer, columns=columns_of_options(columns), crs=crs)


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


def scenario_file(path: Path | None) -> Path:
    """Return the scenario named, else that of the study in whose folder it runs, else the default."""
    from siting.scenario.toml_files import base_in

    return path or base_in(Path())


class StatedReading(TypedDict, total=False):
    """Keys of ``[register]`` that a study states."""

    crs: str
    sheet: str
    industry_standard: int
    locate: Literal["none", "town"]
    rows: Literal["firms", "devices"]
    columns: dict[str, str]
    aliases: str


def own_reading(file: Path, table: str, scenario: Path | None, lang: Language) -> tuple[Path, StatedReading]:
    """Find the study that a table is of, and how it reads it; tell so on standard error.

    Without a scenario it is looked for around the table; a table that is no study's own belongs to the one at
    hand and is read as the options alone say.
    """
    from siting.commands.console import say_aside, worded
    from siting.scenario.toml_files import base_in, may_name

    at_hand = scenario_file(scenario)
    around = () if scenario else (base_in(*file.resolve().parents),)
    for study in dict.fromkeys((at_hand, *around)):
        # What reads a whole scenario takes longer to load than a table to check.
        stated = _stated_reading(study, table, file) if may_name(study, file) else None
        if stated:
            settings = "; ".join(f"{key} = {value}" for key, value in stated.items())
            say_aside(worded("P193", lang, file.name, study=study.name, settings=settings))
        if stated is not None:
            return study, stated
    return at_hand, {}


def _stated_reading(study: Path, table: str, file: Path) -> StatedReading | None:
    from siting.scenario.build import read_scenario
    from siting.study.read_inputs import stated_reading
    from siting.types import SitingError

    try:
        reading = stated_reading(read_scenario(study), table, file)
    except SitingError:
        return None  # what ails the study is told by its run
    if reading is None:
        return None
    stated = reading.model_dump(mode="json", exclude_defaults=True, exclude={"spread", "origin"})
    return cast("StatedReading", stated)
