"""``siting weights``: ask a department for weights, read sheets back, sum up the records of several."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from siting.commands.console import print_json, print_lines, say_aside
from siting.commands.shared_options import AsJson, Lang, Overrides, Speak

if TYPE_CHECKING:
    from siting.analysis.decision.swing import AggregateMethod
    from siting.scenario.weight_records import WeighedRecord
    from siting.study.weighting import Contest, RecordsSum
    from siting.types import DepartmentRecord, Json, Language

Method = Literal["swing", "ranked", "direct", "mean", "geometric_mean"]

SHEET = "weights-questions.xlsx"
"""Sheet that is written where nobody sits at a terminal and no name is given."""


def weights(
    arguments: Annotated[list[Path] | None, typer.Argument(metavar="[SCENARIO.toml] [FILE]…")] = None,
    blind: Annotated[bool, typer.Option("--blind")] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE")] = None,
    department: Annotated[str, typer.Option("--department", metavar="NAME")] = "",
    who: Annotated[str, typer.Option("--who", metavar="NAME")] = "",
    on: Annotated[str, typer.Option("--on", metavar="DATE")] = "",
    sheet: Annotated[Path | None, typer.Option("--sheet", metavar="FILE.xlsx")] = None,
    read: Annotated[bool, typer.Option("--read")] = False,
    aggregate: Annotated[bool, typer.Option("--aggregate")] = False,
    method: Annotated[Method | None, typer.Option("--method", metavar="METHOD")] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    lang: Speak = Lang.zh,
) -> None:
    """Ask for weights on the study's own ranges, or sum up the records of several departments."""
    from siting.messages import refusal
    from siting.scenario.build import read_scenario
    from siting.scenario.toml_files import DEFAULT
    from siting.study.read_inputs import read_inputs
    from siting.study.weighting import contest

    scenario, files = _parted(arguments or [], aggregate=aggregate)
    if (read or aggregate) == (not files):
        raise refusal("", "E791")
    settings = read_scenario(scenario or DEFAULT, overrides or ())
    found = contest(settings, read_inputs(settings))
    person = {"department": department, "who": who, "given_on": on}
    if aggregate:
        total = _sum(files, found)
        if out is not None:
            taken: AggregateMethod = "geometric_mean" if method == "geometric_mean" else "mean"
            _write_scenario(out, scenario or DEFAULT, files, total, taken, (who, on))
        _print_sum(total, found, lang.value, as_json=as_json)
        return
    if read:
        for file in files:
            _read_back(file, found, person, out if len(files) == 1 else None, lang.value, as_json=as_json)
        return
    how = method if method in ("swing", "ranked", "direct") else "swing"
    _ask(found, how, blind, person, sheet, out, lang.value, as_json=as_json)


def _parted(arguments: Sequence[Path], *, aggregate: bool) -> tuple[Path | None, list[Path]]:
    """Part the scenario from the sheets or records that follow it."""
    from siting.scenario.weight_records import is_record

    first = arguments[0] if arguments else None
    if first is None or first.suffix.lower() != ".toml" or (aggregate and is_record(first)):
        return None, list(arguments)
    return first, list(arguments[1:])


def at_terminal() -> bool:
    """Tell whether somebody can be asked here."""
    return sys.stdin.isatty() and sys.stdout.isatty()


# asking -------------------------------------------------------------------------------


def _ask(
    found: Contest,
    method: str,
    blind: bool,
    person: dict[str, str],
    sheet: Path | None,
    out: Path | None,
    lang: Language,
    *,
    as_json: bool,
) -> None:
    """Ask on the terminal, or write the sheet where none is at hand or a sheet is asked for."""
    from siting.commands.weight_dialogue import ask
    from siting.outputs.new_study.question_sheet import question_sheet
    from siting.outputs.text.weighing.weight_questions import questions_of, remarks
    from siting.study.weighting import questions

    asked = questions(found, direct=method == "direct")
    rows = questions_of(asked, found, method=method, blind=blind)
    notes = remarks(asked, found)
    if sheet is None and at_terminal():
        for note in notes:
            say_aside(note.spoken(lang))
        answers = ask(rows, person, method, lang)
        ranges = {str(name): (row["worst"], row["best"]) for name, row in asked.ranges.iterrows()}
        _keep(answers, ranges, found, "", out, lang, as_json=as_json)
        return
    path = _new(sheet or out or Path(SHEET))
    _write(path, question_sheet(rows, notes, method))
    if as_json:
        print_json({"sheet": path.name})
    else:
        print_lines([str(path)])


def _read_back(
    file: Path, found: Contest, person: dict[str, str], out: Path | None, lang: Language, *, as_json: bool
) -> None:
    from siting.scenario.weight_answers import read_sheet

    answers, ranges = read_sheet(file)
    answers |= {item: text for item, text in person.items() if text}
    _keep(answers, ranges, found, file.name, out or file.with_suffix(".toml"), lang, as_json=as_json)


def _keep(
    answers: dict[str, str],
    ranges: dict[str, tuple[float, float]],
    found: Contest,
    where: str,
    out: Path | None,
    lang: Language,
    *,
    as_json: bool,
) -> None:
    """Make the record of answers, write its file, and say what they came to."""
    from siting.outputs.text.weighing.weights_words import record_lines
    from siting.scenario.own_list import study_name
    from siting.scenario.weight_answers import record_of, record_text
    from siting.scenario.weight_records import weigh
    from siting.study.weighting import yuan_per_hour

    record = record_of(answers, ranges, where)
    weighed = weigh(record, found.scenario.criteria)
    yuan = yuan_per_hour(record, found.scenario)
    path = _new(out or Path(f"{study_name(Path(f'{record.department}.toml'))}.toml"))
    _write(path, record_text(record, weighed, yuan).encode("utf-8"))
    if as_json:
        print_json({"record": path.name, **_record(record, weighed, yuan)})
    else:
        print_lines([*record_lines(record, weighed, yuan, lang), str(path)])


def _record(record: DepartmentRecord, weighed: WeighedRecord, yuan: float | None) -> dict[str, Json]:
    """Give a record for JSON, with what an hour saved is worth by it."""
    from siting.outputs.text.cells import json_value
    from siting.outputs.text.weighing.weights_words import weighed_record

    return {**weighed_record(record, weighed), "yuan_per_hour_saved": json_value(yuan)}


# summing up ---------------------------------------------------------------------------


def _sum(files: Sequence[Path], found: Contest) -> RecordsSum:
    from siting.scenario.weight_records import read_record
    from siting.study.weighting import sum_up

    return sum_up(found, [read_record(file)[0] for file in files])


def _print_sum(total: RecordsSum, found: Contest, lang: Language, *, as_json: bool) -> None:
    from siting.outputs.text.weighing.weights_words import record_lines, sum_lines, sum_record
    from siting.scenario.weight_records import weigh
    from siting.study.weighting import yuan_per_hour

    yuan = {name: yuan_per_hour(record, found.scenario) for name, record in total.records.items()}
    weighed = {name: weigh(record, found.scenario.criteria) for name, record in total.records.items()}
    if as_json:
        told = {name: _record(r, weighed[name], yuan[name]) for name, r in total.records.items()}
        print_json(sum_record(total, found, told))
    else:
        lines = {n: record_lines(r, weighed[n], yuan[n], lang) for n, r in total.records.items()}
        print_lines(sum_lines(total, found, lines, lang))


def _write_scenario(
    out: Path,
    base: Path,
    files: Sequence[Path],
    total: RecordsSum,
    method: AggregateMethod,
    adopted: tuple[str, str],
) -> None:
    """Write the scenario that takes the mean over; `adopted` by whom and when, else it stays an example."""
    from siting.scenario.toml_files import inside
    from siting.scenario.weight_answers import scenario_text
    from siting.study.weighting import aggregate_of

    path = _new(out)
    folder = path.absolute().parent
    places = [Path(os.path.relpath(file, folder)).as_posix() for file in (base, *files)]
    for key, place in zip(("base", *["weights_record.records"] * len(files)), places, strict=True):
        inside(folder, place, key, path.name, path)
    before = {record.before_results for record in total.records.values()}
    # One who saw results makes it late; one who did not say leaves it open.
    early = False if False in before else None if None in before else True
    stated: dict[str, Json] = {
        "example": None if all(adopted) else True,
        "set_by": adopted[0] or ", ".join(total.records),
        "set_on": adopted[1],
        "before_results": early,
        "method": method,
        "records": places[1:],
    }
    known = {key: value for key, value in stated.items() if value is not None}
    text = scenario_text(places[0], path.stem, aggregate_of(total, method), known)
    _write(path, text.encode("utf-8"))
    say_aside(str(path))


# files --------------------------------------------------------------------------------


def _new(path: Path) -> Path:
    """Refuse a file that is there: answers of people are not written over."""
    from siting.messages import refusal
    from siting.outputs.write_files import check_folder
    from siting.types import OutputError

    if path.exists():
        raise refusal("", "E789", kind=OutputError, name=path.name)
    check_folder(path.parent)
    return path


def _write(path: Path, content: bytes) -> None:
    from siting.outputs.write_files import write_file

    write_file(path, content)
