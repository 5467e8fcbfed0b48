"""Matrix of winners → what the page carries of it, and the table that stands there without scripts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from siting.outputs.page.figure import letters
from siting.outputs.text.winner_words import (
    Row,
    cells_text,
    still_sentence,
    winner_columns,
    winner_rows,
)
from siting.outputs.text.wording import LANGUAGES, option_name, say

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation
    from siting.types import Json, Language


def winners_data(evaluation: Evaluation) -> dict[str, Json]:
    """List a column an option and a row an assumption, its cells in both languages.

    ``ends`` are the rows of assumptions of which only the ends of a range are tried.
    """
    options, columns = evaluation.evidence.options.index, winner_columns(evaluation)
    pairs = list(zip(*(winner_rows(evaluation, lang) for lang in LANGUAGES), strict=True))
    cells = [
        [[row.assumption for row in pair], *(_cell(evaluation, pair, option) for option in columns)]
        for pair in pairs
    ]
    ends = [all(cell.is_end for found in row.by_winner.values() for cell in found) for row, _ in pairs]
    return {
        "still": [still_sentence(evaluation, lang) for lang in LANGUAGES],
        "columns": [options.get_loc(option) for option in columns],
        "rows": [row for row, is_end in zip(cells, ends, strict=True) if not is_end],
        "ends": [row for row, is_end in zip(cells, ends, strict=True) if is_end],
    }


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
    return f'<div class="wide">{table(data["rows"])}</div>{folded}<p class="note">{note}</p>'
