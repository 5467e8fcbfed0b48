"""Command line → study, checks and files: ``siting run, compare, sweep, check, keys, show, roads …``.

Exit 0 done, 1 input refused (one message on standard error, nothing written), 2 usage, 130 interrupted.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

from siting.commands.ask_weights import weights
from siting.commands.browser import opening as browser
from siting.commands.console import (
    anchor_lines,
    comparison_lines,
    key_lines,
    print_json,
    print_lines,
    print_ranking,
    progress,
    ready_console,
    ready_folder,
    say_aside,
    swept_record,
    swept_value,
    worded,
)
from siting.commands.shared_options import (
    Aliases,
    AsJson,
    Columns,
    Crs,
    FitDate,
    Lang,
    Layer,
    Located,
    NewStudy,
    Out,
    Overrides,
    RoadColumns,
    RoadsOut,
    Rows,
    Sheet,
    Speak,
    Standard,
    StudyFile,
    TracksAre,
    Trips,
    columns_of_options,
    own_reading,
    parse_bbox,
    reading_of,
    road_reading_of,
    scenario_file,
)
from siting.commands.spoken_help import SpokenCommand, SpokenGroup

if TYPE_CHECKING:
    from siting.scenario.model import Scenario
    from siting.types import SitingError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    cls=SpokenGroup,
)

P = ParamSpec("P")

INTERRUPTED = 130
"""Exit code after Ctrl-C."""


def main() -> None:
    """Run the command line and leave with its exit code."""
    ready_console()
    try:
        app(prog_name="siting")
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        # Where Ctrl-C came while a class was being made, Python remembers it and would end by the signal.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(INTERRUPTED)


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Turn every error into one message in the language asked for and exit code 1, Ctrl-C into 130."""

    @functools.wraps(command)
    def run_command(*args: P.args, **kwargs: P.kwargs) -> None:
        lang = Lang(str(kwargs.get("lang", Lang.zh)))
        try:
            command(*args, **kwargs)
        except BrokenPipeError:  # the reader of our output left: not a fault
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            say_aside(worded("P109", lang.value))
            raise SystemExit(INTERRUPTED) from None
        except (Exception, MemoryError) as error:
            from siting.messages import explained

            say_aside(explained(error).spoken(lang.value))
            raise SystemExit(1) from None

    return run_command


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from siting import __version__

        print_lines([f"siting {__version__}"])
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", is_eager=True, callback=_print_version)
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v")] = False,
    lang: Annotated[Lang | None, typer.Option("--lang")] = None,  # noqa: ARG001 - read by `SpokenGroup`
) -> None:
    """Take what stands before the command."""
    if verbose:
        from siting.commands.log_lines import print_log

        context.call_on_close(print_log(say_aside))


@app.command(cls=SpokenCommand)
@refusing
def run(
    scenario: Annotated[Path | None, typer.Argument(metavar="SCENARIO.toml", show_default=False)] = None,
    enterprises: Annotated[Path | None, typer.Option("--enterprises", metavar="FILE")] = None,
    crs: Crs = None,
    sheet: Sheet = None,
    column: Columns = None,
    locate: Located = None,
    rows: Rows = None,
    industry_standard: Standard = None,
    aliases: Aliases = None,
    sites: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    year: Annotated[int | None, typer.Option(metavar="YEAR")] = None,
    expansion: Annotated[float | None, typer.Option(metavar="N")] = None,
    out: Out = None,
    public: Annotated[bool, typer.Option("--public")] = False,
    review_number: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    thorough: Annotated[bool, typer.Option("--thorough")] = False,
    jobs: Annotated[int, typer.Option(min=1, metavar="N")] = 1,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,
) -> None:
    """Evaluate a study, or a list of enterprises, and write its page, tables and manifest."""
    from siting.commands.own_run import naming_commands
    from siting.outputs.save import free_folder, save
    from siting.outputs.tables.table_files import run_record
    from siting.outputs.text.wording import speaking_of
    from siting.outputs.write_files import check_name
    from siting.scenario.own_list import maps_folder, own_study, settings_of_list
    from siting.study import evaluate as study
    from siting.study import read_inputs as reading

    _refuse_public(public, review_number)
    options = reading_of(crs, sheet, column, locate, rows, industry_standard, aliases)
    stated = settings_of_list(enterprises, reading=options, sites=sites, year=year, expansion=expansion)
    settings = _read_scenario(scenario, overrides, stated)
    check_name(settings.name, "name")
    folder = out or maps_folder(scenario_file(scenario)) / settings.name
    ready_folder(folder, lang.value)
    with progress(worded("P141", lang.value)) as step:
        with naming_commands(sys.argv[1:]):
            inputs = reading.read_inputs(settings)
        if enterprises is not None and out is None:
            folder = free_folder(folder, inputs.tables["enterprises"].sha256)
        evaluating = worded("P142", lang.value)
        step(evaluating)
        evaluation = study.evaluate(
            settings,
            inputs=inputs,
            thorough=thorough,
            jobs=jobs,
            progress=lambda done, steps: step(evaluating, done, steps),
        )
        step(worded("P144", lang.value))
        study_of_list = {}
        if enterprises is not None:
            study_of_list = own_study(settings, scenario_file(scenario), stated, evaluation.open_questions)
        manifest = save(evaluation, folder, study=study_of_list)
    if as_json:
        print_json(run_record(evaluation, manifest))
    else:
        with speaking_of(evaluation):
            print_ranking(evaluation, folder, lang.value)


@app.command(cls=SpokenCommand)
@refusing
def compare(
    scenarios: Annotated[list[Path], typer.Argument(metavar="A B …")],
    crs: Crs = None,
    sheet: Sheet = None,
    column: Columns = None,
    locate: Located = None,
    rows: Rows = None,
    industry_standard: Standard = None,
    aliases: Aliases = None,
    scenario: StudyFile = None,
    out: Out = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,
) -> None:
    """Lay scenarios, lists or runs side by side: scores, regret, what changed and what that did."""
    from siting import comparison, planner
    from siting.commands.compared import chosen_scenarios, differing_runs, with_folders
    from siting.commands.own_run import naming_commands

    options = reading_of(crs, sheet, column, locate, rows, industry_standard, aliases)
    scenarios = with_folders(scenarios)
    chosen = chosen_scenarios(
        scenarios, lambda path, stated: _read_scenario(path or scenario, overrides, stated), options
    )
    if out:
        ready_folder(out, lang.value)
    results = []
    with progress(worded("P142", lang.value)) as step:
        for settings in chosen:
            step(worded("P143", lang.value, name=settings.name))
            with naming_commands(sys.argv[1:]):
                results.append(planner.study_of(settings).run())
        step(worded("P261", lang.value))
        found = comparison.compare(*results)
        written = [str(out / name) for name in found.save(out)] if out else []
        record = found.to_dict() if as_json else {}
    for text in differing_runs(scenarios, [result.evaluation for result in results]):
        say_aside(text.spoken(lang.value))
    if as_json:
        print_json(record)
    else:
        print_lines([*comparison_lines(found, lang.value), *written])


@app.command(cls=SpokenCommand)
@refusing
def sweep(
    arguments: Annotated[list[str], typer.Argument(metavar="[SCENARIO.toml] KEY=V1,V2,…")],
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,  # noqa: ARG001 - read by `refusing`
) -> None:
    """Score every option under each value of one scenario key; the default study if none is named."""
    from siting import planner

    *named, change = arguments
    key, equals, values = change.partition("=")
    if len(named) > 1 or not (equals and key.strip() and values.strip()):
        raise _refusal("E693", given=" ".join(arguments))
    study = planner.load(*named, overrides=overrides or ())
    found = planner.sweep(study, key.strip(), [swept_value(text) for text in values.split(",")])
    if as_json:
        print_json(
            {"key": key.strip(), "values": [swept_record(value, row) for value, row in found.iterrows()]}
        )
    else:
        print_lines([(100 * found).round(1).to_string()])


@app.command(cls=SpokenCommand)
@refusing
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_table: Annotated[str, typer.Option("--as", metavar="TABLE")] = "enterprises",
    crs: Crs = None,
    sheet: Layer = None,
    column: Columns = None,
    locate: Located = None,
    rows: Rows = None,
    industry_standard: Standard = None,
    aliases: Aliases = None,
    scenario: StudyFile = None,
    as_json: AsJson = False,
    out: Out = None,
    lang: Speak = Lang.zh,
) -> None:
    """Check a table and say for every row whether it is used, and if not, why."""
    from siting.outputs.check.report import check_file
    from siting.outputs.tables.table_files import check_files
    from siting.outputs.write_files import write_files
    from siting.scenario.toml_files import region_of

    if out:
        ready_folder(out, lang.value)
    study, stated = own_reading(file, as_table, scenario, lang.value)
    result = check_file(
        file,
        as_table,
        crs=crs or stated.get("crs"),
        sheet=sheet or stated.get("sheet"),
        industry_standard=industry_standard or stated.get("industry_standard"),
        locate=locate.value if locate else stated.get("locate", "none"),
        rows=rows.value if rows else stated.get("rows"),
        columns=columns_of_options(column) or stated.get("columns"),
        region=region_of(study, aliases or stated.get("aliases")),
        lang=lang.value,
    )
    if out and result.table is not None:
        write_files(out, check_files(result.table))
    if as_json:
        print_json(result.json)
    if result.json["outcome"] == "refused":
        say_aside(result.text)
        raise SystemExit(1)
    if not as_json:
        print_lines([result.text])


@app.command(cls=SpokenCommand)
@refusing
def show(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml")],
    resolved: Annotated[bool, typer.Option("--resolved")] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,  # noqa: ARG001 - read by `refusing`
) -> None:
    """Print what a scenario sets, each value with the file and line that it comes from."""
    from siting.scenario.describe import resolved as values_of

    rows = values_of(_read_scenario(scenario, overrides))
    if not resolved:
        rows = [row for row in rows if row["from"] != "default"]
    if as_json:
        print_json({"values": rows})
    else:
        print_lines(f"{row['key']} = {row['value']}  # {row['from']}" for row in rows)


app.command(cls=SpokenCommand)(refusing(weights))


@app.command(cls=SpokenCommand)
@refusing
def anchors(
    scenario: Annotated[Path | None, typer.Argument(metavar="SCENARIO.toml", show_default=False)] = None,
    write: Annotated[bool, typer.Option("--write")] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,
) -> None:
    """Work out the anchors of a study from its own register and roads: today, and the best attainable."""
    from siting import planner

    study = planner.study_of(_read_scenario(scenario, overrides))
    found, record = study.anchors()
    if write:
        from siting.outputs.write_files import write_file
        from siting.scenario.anchor_lines import with_anchors

        path = scenario_file(scenario)
        text = with_anchors(path.read_text(encoding="utf-8-sig"), found, record)
        write_file(path, text.encode("utf-8"))
    if as_json:
        fields = record.model_dump(mode="json", exclude={"remade"})
        print_json({**fields, "anchors": {name: list(pair) for name, pair in found.items()}})
    else:
        print_lines(anchor_lines(found, lang.value))
        say_aside(worded("P113", lang.value, made_for=record.made_for))


@app.command(cls=SpokenCommand)
@refusing
def letters(
    scenario: Annotated[Path | None, typer.Argument(metavar="SCENARIO.toml", show_default=False)] = None,
    out: Out = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,
) -> None:
    """Write a letter to each department that a condition is asked of, and the table for their replies."""
    from siting.commands.letters import write_letters
    from siting.scenario.own_list import maps_folder

    settings = _read_scenario(scenario, overrides)
    folder = out or maps_folder(scenario_file(scenario)) / settings.name / "letters"
    write_letters(settings, folder, as_json=as_json, lang=lang.value)


@app.command(cls=SpokenCommand)
@refusing
def keys(as_json: AsJson = False, lang: Speak = Lang.zh) -> None:
    """Print every scenario key and every column of the tables: unit, default, meaning."""
    from siting.inputs.dictionary.columns import describe_columns
    from siting.scenario.describe import describe_keys

    rows, columns = describe_keys(), describe_columns()
    if as_json:
        print_json({"scenario": rows, "columns": columns})
    else:
        print_lines(key_lines(row, lang.value) for row in rows + columns)


@app.command(cls=SpokenCommand)
@refusing
def roads(
    extract: Annotated[Path | None, typer.Argument(metavar="EXTRACT.osm.pbf", show_default=False)] = None,
    out: RoadsOut = None,
    tracks: TracksAre = "closed",
    bbox: Annotated[str | None, typer.Option(metavar="W,S,E,N")] = None,
    layer: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    column: RoadColumns = None,
    calibrate: Trips = None,
    crs: Crs = None,
    scenario: StudyFile = None,
    date: FitDate = None,
    overrides: Overrides = None,
    lang: Speak = Lang.zh,
) -> None:
    """Turn an extract or a layer into a compact road layer, or fit travel times to measured trips."""
    box = parse_bbox(bbox)
    if calibrate is not None:
        from siting.commands.calibrate import FitOptions, print_calibration

        options = FitOptions(extract, box, tracks, scenario, bool(overrides), crs, date, out)
        return print_calibration(calibrate, options, _read_scenario(scenario, overrides), lang.value)
    if extract is None or out is None:
        raise _refusal("E777")
    from siting.commands.compact_roads import write_compact

    write_compact(extract, out, box, tracks, road_reading_of(layer, column, crs), lang.value)


@app.command(cls=SpokenCommand)
@refusing
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    template: NewStudy = "testing-centre",
    lang: Speak = Lang.zh,
) -> None:
    """Start a new study that runs at once: scenario, example tables, blank ones, a notebook."""
    from siting.commands.own_run import command_line
    from siting.outputs.new_study.starter import SCENARIO, write_study

    print_lines(map(str, write_study(folder, template)))
    say_aside(worded("P300", lang.value, command=command_line(["run", str(folder / SCENARIO)])))


for _command in (browser.lab, browser.app):
    app.command(cls=SpokenCommand, context_settings=browser.PASSED_ON)(refusing(_command))


def _refusal(code: str, **words: Any) -> SitingError:
    from siting.messages import refusal  # pydantic comes with it: not needed for --help

    return refusal("", code, **words)


# arguments ----------------------------------------------------------------------------


def _read_scenario(
    path: Path | None, overrides: list[str] | None, stated: Mapping[str, Any] | None = None
) -> Scenario:
    from siting.scenario.build import read_scenario
    from siting.scenario.own_list import of_those_served
    from siting.scenario.toml_files import toml_lines

    file, further = scenario_file(path), overrides or ()
    laid = of_those_served(stated, file, further) if stated else {}
    return read_scenario(file, [*toml_lines(laid), *further])


def _refuse_public(public: bool, review_number: str | None) -> None:
    if public and not (review_number or "").strip():
        raise _refusal("E696")
    if public:
        raise _refusal("E697")
