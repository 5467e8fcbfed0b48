"""Draws and matrix of winners → what the figures of certainty show: values drawn, leads at both ends."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Any

from siting.outputs.page.map_layers import packed
from siting.outputs.text.winner_words import assumption_name, value_text
from siting.outputs.text.wording import LANGUAGES

if TYPE_CHECKING:
    from siting.analysis.robustness.winners import Cell
    from siting.study.evaluation import Evaluation
    from siting.types import Json

LISTED = 4
"""Assumptions drawn, those that move the lead most."""

STEP = 0.01
"""Unit of the values of draws, of 1: a point, so that a score is known to less than a point."""

MOST_CHARACTERS = 7_500
"""Room for the draws in a page that must stay small."""

FEWEST = 50
"""Draws below which shares and intervals would tell too little."""


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
