"""The matrix of winners → its rows in words, and the sentence that names what would change who is first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.analysis.robustness.winners import Cell, turning
from siting.common.romanise import romanised
from siting.outputs.text.wording import (
    bilingual,
    criterion_label,
    join,
    number,
    option_name,
    say,
    words,
)
from siting.types import Json, Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

LISTED = 4
"""Values of one assumption with the same winner that are all named."""

NAMED = 2
"""Of more values so many are named beside their number."""


@dataclass(frozen=True)
class Row:
    """An assumption, and under which of its values each option comes first."""

    assumption: str
    """In words."""
    by_winner: dict[str, tuple[Cell, ...]]
    """By option, the values at which it comes first."""


def winner_rows(evaluation: Evaluation, lang: Language) -> list[Row]:
    """Group the cells by assumption, in their order, and by winner, but for those of `still_sentence`."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for cell in evaluation.winners:
        found.setdefault(cell.assumption, {}).setdefault(cell.winner, []).append(cell)
    still = _still(evaluation)
    return [
        Row(
            assumption_name(evaluation, assumption, lang),
            {winner: tuple(cells) for winner, cells in by_winner.items()},
        )
        for assumption, by_winner in found.items()
        if assumption not in still
    ]


def _still(evaluation: Evaluation) -> set[str]:
    """Assumptions of which only the ends of a range are known, and neither end turns anything."""
    moved = {cell.assumption for cell in evaluation.winners if cell.turns(_current(evaluation))}
    choices = {cell.assumption for cell in evaluation.winners if not cell.is_end}
    return {cell.assumption for cell in evaluation.winners} - moved - choices


def still_sentence(evaluation: Evaluation, lang: Language) -> str:
    """Say how many assumptions turn nothing at either end of their ranges; nothing where none does."""
    still = _still(evaluation)
    return say("winners.still", lang, n=len(still)) if still else ""


def assumption_name(evaluation: Evaluation, assumption: str, lang: Language) -> str:
    """Name an assumption, such as ``cutoff_min``, ``speed:trunk`` or ``trips.persons``."""
    known, (kind, colon, key) = words(lang), assumption.partition(":")
    if not colon:
        families = (known.get(f"{family}.{assumption}") for family in ("test", "lever", "what"))
        return next(filter(None, families), assumption)
    services = evaluation.evidence.inputs.services
    if kind == "demand" and key in services.index:
        name = bilingual(services.loc[key, "name"], services.loc[key, "name_en"])[lang]
    else:
        name = known.get(f"road.{key}", key)
    return say(f"what.{kind}", lang, name=name)


def winner_columns(evaluation: Evaluation) -> list[str]:
    """List the options that come first anywhere: today's first, then by the number of assumptions."""
    current = _current(evaluation)
    counts = {
        option: len({cell.assumption for cell in evaluation.winners if cell.winner == option})
        for option in dict.fromkeys(cell.winner for cell in evaluation.winners)
    }
    return sorted(counts, key=lambda option: (option != current, -counts[option], option))


def cells_text(evaluation: Evaluation, cells: Sequence[Cell], lang: Language) -> str:
    """Write the values of one assumption at which one option comes first, with shares where drawn."""
    texts = []
    for cell in cells:
        value = value_text(evaluation, cell, lang)
        if cell.share is not None:
            value = say("winners.share", lang, value=value, share=number(cell.share, "share", lang))
        texts.append(value)
    if len(texts) <= LISTED:
        return join(texts, lang)
    # Where a stretch of road lies is a long name; one is example enough.
    named = 1 if cells[0].assumption == "road" else NAMED
    return say("winners.many", lang, n=len(texts), some=join(texts[:named], lang))


def value_text(evaluation: Evaluation, cell: Cell, lang: Language) -> str:
    """Write the value of an assumption: a viewpoint's name, a spread rule, minutes, a factor."""
    kind, value = cell.assumption, cell.value
    if kind == "viewpoint":
        viewpoint = evaluation.scenario.viewpoints[value]
        return bilingual(viewpoint.label_zh, viewpoint.label_en)[lang]
    if kind in ("cutoff_min", "hard_cutoff"):
        return say("number.minutes", lang, n=value)
    if kind == "peak" or (cell.is_end and "." not in kind):
        return say("winners.times", lang, n=value)
    if kind == "anchors":
        criterion, end, share = value.split(" ")
        name = say("anchor.all", lang) if criterion == "all" else criterion_label(criterion, lang)
        return say(
            "winners.anchor", lang, name=name, end=say(f"anchor.{end}", lang), share=share.replace("-", "−")
        )
    # Where a stretch of road lies takes a line of its own; both scripts would take two.
    told = romanised(value) if lang == "en" else ""
    return words(lang).get(f"{kind}.{value}", told or value)


def turning_sentences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name every assumption under whose plausible values another option comes first; or that none is.

    Which values, and who is first then, stands in the matrix.
    """
    found = turning(evaluation.winners, _current(evaluation))
    if not found:
        return [say("winners.none", lang)] if evaluation.winners else []
    names = join((assumption_name(evaluation, assumption, lang) for assumption in found), lang)
    first = option_name(evaluation.evidence.options, _current(evaluation), lang)
    return [say("winners.turn", lang, first=first, items=names)]


def turns_in_headline(evaluation: Evaluation, lang: Language) -> str:
    """Add to a headline without another caution how many assumptions would put another option first."""
    found = turning(evaluation.winners, _current(evaluation))
    return say("lead.turns", lang, n=len(found)) if found else ""


def winner_records(evaluation: Evaluation) -> list[Json]:
    """Give the matrix as ``--json`` prints it; shares are those of a cell's own draws."""
    return [
        {
            "assumption": cell.assumption,
            "value": cell.value,
            "winner": cell.winner,
            "share": cell.share,
            "draws": cell.draws,
            "even": list(cell.even),
        }
        for cell in evaluation.winners
    ]


def _current(evaluation: Evaluation) -> str:
    sure = evaluation.robustness
    return "" if sure is None else sure.winner
