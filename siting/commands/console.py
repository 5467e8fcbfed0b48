"""What the command line prints: results on standard output, progress and remarks on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from siting.common.garbage import collect_rarely
from siting.common.threads import keep_to_one_thread

if TYPE_CHECKING:
    from pandas import Series

    from siting.comparison import Comparison
    from siting.study.changes.differences import Difference
    from siting.study.evaluation import Evaluation
    from siting.types import Language


def say_aside(text: str) -> None:
    """Print a remark on standard error; standard output belongs to the result."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def ready_folder(folder: Path, lang: Language) -> None:
    """Refuse a folder that cannot be written to; finish what a run that died there left, and tell so."""
    from siting.outputs.write_files import check_folder, finish_interrupted

    check_folder(folder)
    if finish_interrupted(folder):
        say_aside(worded("P114", lang, folder=folder.name))


def print_json(value: object) -> None:
    """Print JSON in plain ASCII, which every console and pipe takes."""
    print(json.dumps(value, allow_nan=False))  # noqa: T201


def ready_console() -> None:
    """Make ready for a command: a GBK or ASCII console must never stop it.

    Neither do threads that spin slow it, nor a search of all objects every so often.
    """
    keep_to_one_thread(os.environ)
    collect_rarely()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines of the result."""
    print("\n".join(lines))  # noqa: T201


def key_lines(row: dict[str, str], lang: Language) -> str:
    """Say in two lines what a key or column is."""
    own = "_zh" if lang == "zh" else ""
    kind = ", ".join(filter(None, (row[f"type{own}"], row.get("unit"))))
    default = "" if row["default"] == "" else f" = {row['default']}"
    meaning = row[f"meaning{own}"]
    return f"{row['key']}{default}  [{kind}]\n    {meaning}"


def swept_record(value: object, scores: Series) -> dict[str, object]:
    """Give one value of a sweep with its winner and the scores."""
    named = {str(option): float(score) for option, score in scores.items()}
    return {"value": value, "winner": str(scores.idxmax()), "scores": named}


def swept_value(text: str) -> object:
    """Read one value of a sweep in TOML notation, or as plain text."""
    from siting.scenario.toml_files import parse_overrides

    return parse_overrides([f"x={text.strip()}"])[0][1]


def comparison_lines(comparison: Comparison, lang: Language) -> list[str]:
    """Say the scores of each option side by side, which option regrets least, and what changed and did it."""
    from siting.outputs.text.cells import heading, plain
    from siting.outputs.text.wording import say

    first = next(iter(comparison.results.values())).evaluation
    names = {str(option): plain(heading(str(option), first, lang)) for option in comparison.table.index}
    missing, scenarios = say("number.missing", lang), " | ".join(map(plain, comparison.table.columns))
    return [
        say("pair.colon", lang, a=heading("score_points", first, lang), b=scenarios),
        *(
            "".join(f"{100 * score:7.1f}" if score == score else f"{missing:>7}" for score in scores)
            + f"  {names[str(option)]}"
            for option, *scores in comparison.table.itertuples()
        ),
        worded("R14", lang, option=names[comparison.regret.minimax]),
        *_book_lines(comparison, lang),
        *_told_apart(comparison, lang),
    ]


def _told_apart(comparison: Comparison, lang: Language) -> list[str]:
    """Say what each difference did; where there are several, under the names of both."""
    from siting.outputs.text.cells import plain
    from siting.outputs.text.wording import say

    lines = []
    for difference in comparison.differences:
        said = difference_lines(difference, lang)
        if len(said) == 1 and len(comparison.differences) > 1:
            said = [say("pair.colon", lang, a=plain(" → ".join(difference.names)), b=said[0])]
        lines += said
    return lines


def _book_lines(comparison: Comparison, lang: Language) -> list[str]:
    """Say of more than two scenarios how far they agree; nothing of two."""
    from siting.outputs.text.changes import book_lines

    evaluations = {name: result.evaluation for name, result in comparison.results.items()}
    if len(evaluations) <= 2:
        return []
    return book_lines(evaluations, comparison.table, comparison.regret, lang)


def difference_lines(difference: Difference, lang: Language) -> list[str]:
    """Say what became of the enterprises from the first register to another, and who moved the lead."""
    from siting.outputs.text.cells import plain
    from siting.outputs.text.changes import counts_line, deciding_line, drawn_lines, lead_line, row_lines

    changed = any(map(len, difference.registers.listed().values()))
    lists = {
        side.evidence.inputs.tables["enterprises"].sha256 for side in (difference.first, difference.second)
    }
    if not changed and len(lists) == 1:
        return [plain(lead_line(difference, lang))]
    lines = [counts_line(difference, lang), *row_lines(difference, lang), lead_line(difference, lang)]
    head = " → ".join(difference.names)
    if changed:
        lines += [deciding_line(difference, lang, MOST_DECIDING), *drawn_lines(difference, lang)]
    return [plain(line) for line in (head, *lines) if line]


MOST_DECIDING = 5
"""Enterprises that the console names."""


def anchor_lines(anchors: Mapping[str, tuple[float, float]], lang: Language) -> list[str]:
    """Say the anchors of each criterion, with its key and its name."""
    from siting.outputs.text.wording import criterion_label

    return [
        f"{name:20} {f'{low:g} – {high:g}':24} {criterion_label(name, lang)}"
        for name, (low, high) in anchors.items()
    ]


@contextmanager
def progress(first: str) -> Iterator[Callable[..., None]]:
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


def print_ranking(evaluation: Evaluation, folder: Path, lang: Language) -> None:
    """Print banner, conclusion, open questions and ranking; remarks on access and register aside."""
    from siting.outputs.tables.table_files import ranking
    from siting.outputs.text.access import cut_off_lines, distance_line
    from siting.outputs.text.cells import heading, is_missing, plain
    from siting.outputs.text.conclusion import conclusion, notices, open_questions
    from siting.outputs.text.ground import demo_reason, is_nothing_to_serve, unranked_text
    from siting.outputs.text.outdated import outdated
    from siting.outputs.text.sentences import estimated_line, is_demonstration, verdict_text
    from siting.outputs.text.weighing.weight_sentences import weight_sentences
    from siting.outputs.text.wording import say

    lines = [say("demo", lang), demo_reason(evaluation, lang)] if is_demonstration(evaluation) else []
    lines += map(plain, conclusion(evaluation, lang))
    asked = open_questions(evaluation, lang)
    lines += [say("questions", lang), *(f"- {text}" for text in asked)] if asked else []
    # Without demand the ranks tell of costs alone, and would read as a choice.
    table = ranking(evaluation).iloc[: 0 if is_nothing_to_serve(evaluation) else None]
    for option, rank, score in zip(table.index, table["rank"], table["score"], strict=True):
        name, verdict = heading(str(option), evaluation, lang), verdict_text(evaluation, str(option), lang)
        if is_missing(rank):
            lines.append(f"{'':>12}{name}  [{unranked_text(evaluation, lang)}]")
        else:
            lines.append(f"{rank:>3}  {score:5.1f}  {name}  [{verdict}]")
    lines += weight_sentences(evaluation, lang)
    register = evaluation.evidence.inputs.tables.get("enterprises")
    if register is not None:
        kept, rows = register.counts["kept"], register.counts["data_rows"]
        lines.append(f"{heading('based_on', evaluation, lang)}: {kept} / {rows}")
    print_lines([*lines, str(folder / "index.html")])
    access = (distance_line(evaluation, lang), *cut_off_lines(evaluation, lang))
    for line in filter(None, (*access, estimated_line(evaluation, lang), outdated(evaluation, lang))):
        say_aside(line)
    matrix = evaluation.evidence.inputs.time_matrix
    for issue in (*notices(evaluation), *(matrix.issues if matrix is not None else ())):
        say_aside(f"{issue.file}: {issue.action_zh if lang == 'zh' else issue.action}")


def worded(code: str, lang: Language, where: str = "", **words: object) -> str:
    """Word a message in one language."""
    from siting.messages import text_of

    return text_of(code, where, **words).spoken(lang)
