"""Command line → study, checks and files: ``siting run, compare, sweep, check, keys, show, roads …``.

Exit 0 done, 1 input refused (one message on standard error, nothing written), 2 usage, 130 interrupted.
"""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from siting.scenario.model import Scenario
    from siting.study.evaluation import Evaluation
    from siting.types import Language

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Settle where a public facility goes, and show the reasons.",
)


INTERRUPTED = 130
"""Exit code after Ctrl-C."""


class Lang(StrEnum):
    """Language of what people read."""

    zh = "zh"
    en = "en"


Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set a scenario key; may be repeated.")
]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to write into.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Speak = Annotated[Lang, typer.Option("--lang", help="Language of what is printed.")]


def main() -> None:
    """Run the command line and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a GBK or ASCII console must never stop a run
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="siting")
    except (KeyboardInterrupt, SystemExit) as end:
        if isinstance(end, SystemExit) and end.code != INTERRUPTED:
            raise
        # Where Ctrl-C came while a class was being made, Python remembers it and would end by the signal.
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(INTERRUPTED)


def refusing(command: Callable[..., None]) -> Callable[..., None]:
    """Turn the errors that a user can mend into one message and exit code 1, Ctrl-C into 130."""

    @functools.wraps(command)
    def run_command(*args: Any, **kwargs: Any) -> None:
        from siting.types import InputError, ScenarioError

        try:
            command(*args, **kwargs)
        except (InputError, ScenarioError, OSError) as error:
            if isinstance(error, BrokenPipeError):  # the reader of our output left: not a fault
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise SystemExit(1) from None
            _say(str(error))
            raise SystemExit(1) from None
        except MemoryError:
            _say("not enough memory for this study; close other programs or use a smaller register")
            raise SystemExit(1) from None
        except KeyboardInterrupt:
            _say("interrupted")
            raise SystemExit(INTERRUPTED) from None

    return run_command


@app.command()
@refusing
def run(
    scenario: Annotated[Path | None, typer.Argument(metavar="SCENARIO.toml", show_default=False)] = None,
    out: Out = None,
    public: Annotated[bool, typer.Option("--public", help="Write the version for publication.")] = False,
    review_number: Annotated[str | None, typer.Option(metavar="TEXT", help="Map review number.")] = None,
    thorough: Annotated[bool, typer.Option("--thorough", help="Add the long robustness runs.")] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,
) -> None:
    """Evaluate a study and write its page, tables and manifest; the default study if none is named."""
    from siting.outputs.save import save
    from siting.outputs.tables.table_files import ranking_records
    from siting.outputs.text.conclusion import question_records
    from siting.outputs.write_files import check_folder, check_name
    from siting.study import evaluate as study
    from siting.study import read_inputs as reading

    _refuse_public(public, review_number)
    settings = _read_scenario(scenario, overrides)
    check_name(settings.name, "name")
    folder = out or _maps_folder(scenario) / settings.name
    check_folder(folder)
    with _progress("Reading tables") as step:
        inputs = reading.read_inputs(settings)
        step("Evaluating")
        evaluation = study.evaluate(
            settings,
            inputs=inputs,
            thorough=thorough,
            progress=lambda done, steps: step("Evaluating", done, steps),
        )
        step("Writing")
        manifest = save(evaluation, folder)
    if as_json:
        _print_json(
            {
                "scenario": settings.name,
                "ranking": ranking_records(evaluation),
                "robustness": _robustness(evaluation),
                "open_questions": question_records(evaluation),
                "manifest": manifest,
            }
        )
    else:
        _print_ranking(evaluation, folder, lang.value)


@app.command()
@refusing
def compare(
    scenarios: Annotated[list[Path], typer.Argument(metavar="SCENARIO.toml…")],
    out: Out = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Lay two or more scenarios side by side: scores, regret, and what differs between them."""
    from siting import planner

    names = [_read_scenario(path, overrides).name for path in scenarios]
    if len(names) < 2 or len(set(names)) < len(names):
        _refuse(f"compare: give two or more scenarios of different names; found {', '.join(names)}")
    if out:
        from siting.outputs.write_files import check_folder

        check_folder(out)
    results = []
    with _progress("Evaluating") as step:
        for path, name in zip(scenarios, names, strict=True):
            step(f"Evaluating {name}")
            results.append(planner.load(path, overrides=overrides or ()).run())
    found = planner.compare(*results)
    written = [str(out / name) for name in found.save(out)] if out else []
    if as_json:
        _print_json(found.to_dict())
    else:
        table = (100 * found.table).round(1).to_string()
        _print_lines([table, f"minimax regret: {found.regret.minimax}", *written])


@app.command()
@refusing
def sweep(
    arguments: Annotated[list[str], typer.Argument(metavar="[SCENARIO.toml] KEY=V1,V2,…")],
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Score every option under each value of one scenario key; the default study if none is named."""
    from siting import planner

    *named, change = arguments
    key, equals, values = change.partition("=")
    if len(named) > 1 or not (equals and key.strip() and values.strip()):
        _refuse(f"sweep: {' '.join(arguments)!r} is not [SCENARIO.toml] KEY=V1,V2,…")
    study = planner.load(*named, overrides=overrides or ())
    found = planner.sweep(study, key.strip(), [_value(text) for text in values.split(",")])
    if as_json:
        _print_json({"key": key.strip(), "values": [_swept(value, row) for value, row in found.iterrows()]})
    else:
        _print_lines([(100 * found).round(1).to_string()])


def _swept(value: Any, row: Any) -> dict[str, Any]:
    scores = {str(option): float(score) for option, score in row.items()}
    return {"value": value, "winner": str(row.idxmax()), "scores": scores}


def _value(text: str) -> Any:
    """Read one value of a sweep in TOML notation, or as plain text."""
    from siting.scenario.toml_files import parse_overrides

    return parse_overrides([f"x={text.strip()}"])[0][1]


@app.command()
@refusing
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    as_table: Annotated[
        str, typer.Option("--as", metavar="TABLE", help="enterprises, sites, roads …")
    ] = "enterprises",
    crs: Annotated[
        str | None, typer.Option(metavar="CRS", help="WGS84, CGCS2000, GCJ-02, BD-09, EPSG:n, or column.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(metavar="NAME", help="Sheet, where several match.")] = None,
    industry_standard: Annotated[int | None, typer.Option(metavar="YEAR", help="Year of GB/T 4754.")] = None,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Study that supplies boundary and places.")
    ] = None,
    as_json: AsJson = False,
    out: Out = None,
    lang: Speak = Lang.zh,
) -> None:
    """Check a table and say for every row whether it is used, and if not, why."""
    from siting.outputs.check.report import check_file
    from siting.outputs.tables.table_files import check_files
    from siting.outputs.write_files import check_folder, write_files
    from siting.scenario.toml_files import region_of

    if out:
        check_folder(out)
    result = check_file(
        file,
        as_table,
        crs=crs,
        sheet=sheet,
        industry_standard=industry_standard,
        region=region_of(_scenario_file(scenario)),
        lang=lang.value,
    )
    if out and result.table is not None:
        write_files(out, check_files(result.table))
    if as_json:
        _print_json(result.json)
    if result.json["outcome"] == "refused":
        _refuse(result.text)
    if not as_json:
        _print_lines([result.text])


@app.command()
@refusing
def show(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO.toml")],
    resolved: Annotated[bool, typer.Option("--resolved", help="Every value, defaults included.")] = False,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """Print what a scenario sets, each value with the file and line that it comes from."""
    from siting.scenario.describe import resolved as values_of

    rows = values_of(_read_scenario(scenario, overrides))
    if not resolved:
        rows = [row for row in rows if row["from"] != "default"]
    if as_json:
        _print_json({"values": rows})
    else:
        _print_lines(f"{row['key']} = {row['value']}  # {row['from']}" for row in rows)


@app.command()
@refusing
def keys(as_json: AsJson = False) -> None:
    """Print every scenario key and every column of the tables: unit, default, meaning."""
    import csv
    from importlib.resources import files

    from siting.scenario.describe import describe_keys

    dictionary = (files("siting.inputs.dictionary") / "columns.csv").read_text(encoding="utf-8").splitlines()
    columns = [
        {
            "key": f"{row['table']}.{row['column']}",
            "type": row["dtype"],
            "unit": row["unit"],
            "default": "required" if row["required"] == "yes" else "",
            "meaning": f"{row['label_zh']}: {row['meaning_en']}",
        }
        for row in csv.DictReader(dictionary)
    ]
    rows = describe_keys()
    if as_json:
        _print_json({"scenario": rows, "columns": columns})
    else:
        _print_lines(_describe(row) for row in rows + columns)


@app.command()
@refusing
def roads(
    extract: Annotated[Path, typer.Argument(metavar="EXTRACT.osm.pbf")],
    out: Annotated[Path, typer.Option(metavar="FILE.gpkg", help="Road layer to write.")],
    bbox: Annotated[str | None, typer.Option(metavar="W,S,E,N", help="Degrees, WGS-84.")] = None,
    lang: Speak = Lang.zh,
) -> None:
    """Turn an OpenStreetMap extract into a compact road layer that loads in a second."""
    from siting.inputs.roads.read_roads import read_roads
    from siting.outputs.check.report import road_report
    from siting.outputs.tables.road_layer import write_road_layer
    from siting.outputs.write_files import check_folder

    box = _parse_bbox(bbox)
    if out.suffix.lower() != ".gpkg" or out.resolve() == extract.resolve():
        _refuse(f"--out {out.name}: the road layer is a GeoPackage; give another name that ends in .gpkg")
    check_folder(out.parent)
    with _progress(f"Reading {extract.name}") as step:
        layer = read_roads(extract, bbox=box, progress=lambda ways: step(f"{ways:,} ways"))
        step("Writing")
        write_road_layer(layer, out)
    _print_lines([road_report(layer, lang=lang.value), f"{out}: {len(layer.edges)} stretches"])


@app.command()
@refusing
def init(folder: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Start a new study: a scenario, blank bilingual templates for its tables, a notebook."""
    from siting.outputs.new_study.starter import write_study

    for path in write_study(folder):
        print(path)  # noqa: T201


@app.command()
@refusing
def lab() -> None:
    """Open the notebooks in JupyterLab; its Chinese interface is under Settings → Language."""
    import importlib.util
    import subprocess

    if importlib.util.find_spec("jupyterlab") is None:
        _refuse("JupyterLab is not installed; run `python3 go.py lab`")
    folder = Path(__file__).resolve().parent.parent / "notebooks"
    command = [sys.executable, "-m", "jupyterlab", str(folder if folder.is_dir() else Path.cwd())]
    raise SystemExit(subprocess.run(command, check=False).returncode)


def _refuse(message: str) -> NoReturn:
    from siting.types import InputError  # pydantic comes with it: not needed for --help

    raise InputError(message) from None


# arguments ----------------------------------------------------------------------------


def _scenario_file(path: Path | None) -> Path:
    from siting.scenario.toml_files import DEFAULT

    return path or DEFAULT


def _read_scenario(path: Path | None, overrides: list[str] | None) -> Scenario:
    from siting.scenario.build import read_scenario

    return read_scenario(_scenario_file(path), overrides or [])


def _maps_folder(scenario: Path | None) -> Path:
    """Return ``maps`` beside the ``data`` that holds the scenario, else below the current folder."""
    folder = _scenario_file(scenario).absolute().parent
    if folder.name == "scenarios" and folder.parent.name == "data":
        return folder.parent.parent / "maps"
    return Path("maps")


def _refuse_public(public: bool, review_number: str | None) -> None:
    if public and not (review_number or "").strip():
        _refuse("--public: a published map needs its map review number; give --review-number")
    if public:
        _refuse("--public: the version for publication is not built yet; leave --public out")


def _parse_bbox(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        west, south, east, north = map(float, text.split(","))
    except ValueError:
        _refuse(f"--bbox: {text!r} is not W,S,E,N, such as 117.0,39.6,117.9,40.4")
    return west, south, east, north


# printing -----------------------------------------------------------------------------


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _print_json(value: Any) -> None:
    """Print JSON in plain ASCII, which every console and pipe takes."""
    print(json.dumps(value, allow_nan=False))  # noqa: T201


def _print_lines(lines: Iterable[str]) -> None:
    print("\n".join(lines))  # noqa: T201


def _describe(row: dict[str, str]) -> str:
    """Say in two lines what a key or column is."""
    kind = ", ".join(filter(None, (row["type"], row.get("unit"))))
    default = "" if row["default"] == "" else f" = {row['default']}"
    return f"{row['key']}{default}  [{kind}]\n    {row['meaning']}"


@contextmanager
def _progress(first: str) -> Iterator[Callable[..., None]]:
    """Show the step at work on a terminal, a bar where its length is known; stay silent anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _, done=None, steps=None: None  # noqa: ARG005
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first, total=None)
        yield lambda text, done=0, steps=None: bar.update(task, description=text, completed=done, total=steps)


def _robustness(evaluation: Evaluation) -> Any:
    from siting.outputs.text.cells import json_tree

    return json_tree(evaluation.robustness)


def _print_ranking(evaluation: Evaluation, folder: Path, lang: Language) -> None:
    from siting.outputs.tables.table_files import ranking
    from siting.outputs.text.access import cut_off_lines, distance_line
    from siting.outputs.text.cells import heading, plain
    from siting.outputs.text.conclusion import conclusion, demo_reason, notices, open_questions
    from siting.outputs.text.sentences import estimated_line, is_demonstration, verdict_text
    from siting.outputs.text.wording import say

    lines = [say("demo", lang), demo_reason(evaluation, lang)] if is_demonstration(evaluation) else []
    lines += map(plain, conclusion(evaluation, lang))
    asked = open_questions(evaluation, lang)
    lines += [say("questions", lang), *(f"- {text}" for text in asked)] if asked else []
    for row in ranking(evaluation).itertuples():
        name, verdict = heading(row.Index, evaluation, lang), verdict_text(evaluation, row.Index, lang)
        lines.append(f"{row.rank:>3}  {row.score:5.1f}  {name}  [{verdict}]")
    register = evaluation.evidence.inputs.tables.get("enterprises")
    if register is not None:
        kept, rows = register.counts["kept"], register.counts["data_rows"]
        lines.append(f"{heading('based_on', evaluation, lang)}: {kept} / {rows}")
    _print_lines([*lines, str(folder / "index.html")])
    for line in (
        distance_line(evaluation, lang),
        *cut_off_lines(evaluation, lang),
        estimated_line(evaluation, lang),
    ):
        if line:
            _say(line)
    matrix = evaluation.evidence.inputs.time_matrix
    for issue in (*notices(evaluation), *(matrix.issues if matrix is not None else ())):
        _say(f"{issue.file}: {issue.action_zh if lang == 'zh' else issue.action}")
