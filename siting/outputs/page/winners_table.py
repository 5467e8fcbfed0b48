"""Matrix of winners → what the page carries of it, and the table that stands there without scripts."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from siting.outputs.page.figure import letters
from siting.outputs.text.winner_words import Row, cells_text, winner_columns, winner_rows
from siting.outputs.text.wording import LANGUAGES, option_name, say

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation
    from siting.types import Language


def winners_data(evaluation: Evaluation) -> dict[str, Any]:
    """List a column an option and a row an assumption, its cells in both languages."""
    options, columns = evaluation.evidence.options.index, winner_columns(evaluation)
    rows = zip(*(winner_rows(evaluation, lang) for lang in LANGUAGES), strict=True)
    return {
        "columns": [options.get_loc(option) for option in columns],
        "rows": [
            [[row.assumption for row in pair], *(_cell(evaluation, pair, option) for option in columns)]
            for pair in rows
        ],
    }


def _cell(evaluation: Evaluation, pair: Sequence[Row], option: str) -> list[str]:
    return [
        cells_text(evaluation, row.by_winner.get(option, ()), lang)
        for row, lang in zip(pair, LANGUAGES, strict=True)
    ]


def winners_table(evaluation: Evaluation, data: dict[str, Any], lang: Language) -> str:
    """Write the table in one language."""
    options, spoken = evaluation.evidence.options, LANGUAGES.index(lang)
    marks = letters(len(options))
    names = [
        f"{marks[j]} {html.escape(option_name(options, options.index[j], lang))}" for j in data["columns"]
    ]
    head = "".join(
        f'<th scope="col">{name}</th>' for name in (html.escape(say("winners.assumption", lang)), *names)
    )
    rows = "".join(
        f'<tr><th scope="row">{html.escape(first[spoken])}</th>'
        + "".join(f"<td>{html.escape(cell[spoken])}</td>" for cell in cells)
        + "</tr>"
        for first, *cells in data["rows"]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
