"""Matrix of winners and draws → what the page carries of them, and the table without scripts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from siting.outputs.page.figure import letters
from siting.outputs.page.packed.packing import packed
from siting.outputs.text.winner_words import (
    Row,
    assumption_name,
    cells_text,
    still_sentence,
    value_text,
    winner_columns,
    winner_rows,
)
from siting.outputs.text.wording import LANGUAGES, option_name, say

if TYPE_CHECKING:
    from siting.analysis.robustness.winners import Cell
    from siting.study.evaluation import Evaluation
    from siting.types import Json, Language

LISTED = 5
"""Assumptions drawn, those that move the lead most."""

STEP = 0.01
"""Unit of the values of draws, of 1: a point, so that a score is known to less than a point."""

MOST_CHARACTERS = 7_500
"""Room for the draws in a page that must stay small."""

FEWEST = 50
"""Draws below which shares and intervals would tell too little."""


def winners_data(evaluation: Evaluation) -> dict[str, Json]:
    """List a column an option and a row an assumption, its cells in both languages.

    ``ends`` are the rows that `_is_minor` puts last.
    """
    options, columns = evaluation.evidence.options.index, winner_columns(evaluation)
    pairs = list(zip(*(winner_rows(evaluation, lang) for lang in LANGUAGES), strict=True))
    cells = [
        [[row.assumption for row in pair], *(_cell(evaluation, pair, option) for option in columns)]
        for pair in pairs
    ]
    ends = [_is_minor(row) for row, _ in pairs]
    return {
        "still": [still_sentence(evaluation, lang) for lang in LANGUAGES],
        "columns": [options.get_loc(option) for option in columns],
        "rows": [row for row, is_end in zip(cells, ends, strict=True) if not is_end],
        "ends": [row for row, is_end in zip(cells, ends, strict=True) if is_end],
    }


def _is_minor(row: Row) -> bool:
    """Whether one option wins at every value of an assumption, or only the ends of its range are tried."""
    return len(row.by_winner) == 1 or all(cell.is_end for cells in row.by_winner.values() for cell in cells)


def _cell(evaluation: Evaluation, pair: Sequence[Row], option: str) -> list[str]:
    return [
        cells_text(evaluation, row.by_winner.get(option, ()), lang)
        for row, lang in zip(pair, LANGUAGES, strict=True)
    ]


def winners_table(evaluation: Evaluation, data: dict[str, Json], lang: Language) -> str:
    """Write the table in one language, rows of range ends folded."""
    options, spoken = evaluation.evidence.options, LANGUAGES.index(lang)
    marks = letters(len(options))
    names = [
        f"{marks[j]} {html.escape(option_name(options, options.index[j], lang))}" for j in data["columns"]
    ]
    head = "".join(
        f'<th scope="col">{name}</th>' for name in (html.escape(say("winners.assumption", lang)), *names)
    )

    def table(lines: list[Json]) -> str:
        rows = "".join(
            f'<tr><th scope="row">{html.escape(first[spoken])}</th>'
            + "".join(f"<td>{html.escape(cell[spoken])}</td>" for cell in cells)
            + "</tr>"
            for first, *cells in lines
        )
        return f'<table class="plain matrix"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'

    folded = ""
    if data["ends"]:
        title = html.escape(say("winners.ends", lang, n=len(data["ends"])))
        folded = f"<details><summary>{title}</summary>{table(data['ends'])}</details>"
    note = html.escape(say("winners.hint", lang) + data["still"][spoken])
    whole = f'<div class="wide">{table(data["rows"])}</div>' if data["rows"] else ""
    return f'{whole}{folded}<p class="note">{note}</p>'


# draws and leads --------------------------------------------------------------------------


def drawn_values(evaluation: Evaluation) -> dict[str, Json] | None:
    """Pack values of as many draws as the page affords, so that the reader's own weights can be applied.

    ``mean`` holds site × criterion, ``moved`` by how much each draw differs from it, draw × site × criterion,
    all in units of `STEP`. None where too few draws would fit, or nothing is drawn.
    """
    draws = evaluation.draws
    if draws is None:
        return None
    whole = (draws.values / STEP).round()
    mean = whole.mean(axis=0).round()
    texts = [packed(values.ravel()) for values in whole - mean]
    kept = [
        text for text, end in zip(texts, accumulate(map(len, texts)), strict=True) if end <= MOST_CHARACTERS
    ]
    if len(kept) < FEWEST:
        return None
    options, criteria = evaluation.evidence.options.index, [use.name for use in evaluation.scenario.criteria]
    return {
        "sites": [options.get_loc(site) for site in draws.sites],
        "criteria": [criteria.index(str(name)) for name in draws.free.weights],
        "mean": packed(mean.ravel()),
        "moved": "".join(kept),
    }


def leads(evaluation: Evaluation) -> list[list[Json]]:
    """List what moves the lead of the first option most: name, smallest and largest lead, the values there.

    Names and values are pairs of languages, leads points; the first row is the lead as things stand.
    """
    found: dict[str, list[Cell]] = {}
    for cell in evaluation.winners:
        if cell.lead is not None:
            found.setdefault(cell.assumption, []).append(cell)
    now = found.pop("weights", [])
    if not now:
        return []
    base = now[0].lead or 0.0
    rows = [(name, min(cells, key=_lead), max(cells, key=_lead)) for name, cells in found.items()]
    rows.sort(key=lambda row: (min(_lead(row[1]), base) - max(_lead(row[2]), base), row[0]))
    return [[_points(base)], *(_row(evaluation, *row) for row in rows[:LISTED])]


def _lead(cell: Cell) -> float:
    return cell.lead or 0.0


def _points(lead: float) -> float:
    return round(100 * lead, 1) + 0.0


def _row(evaluation: Evaluation, assumption: str, low: Cell, high: Cell) -> list[Any]:
    ends = [[value_text(evaluation, cell, lang) for lang in LANGUAGES] for cell in (low, high)]
    name = [assumption_name(evaluation, assumption, lang) for lang in LANGUAGES]
    return [name, _points(_lead(low)), _points(_lead(high)), *ends]
