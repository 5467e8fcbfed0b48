"""Evaluation → the words that the page's scripts say, both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from siting.outputs.page.road_notes import unchosen_words
from siting.outputs.page.summaries import is_quick
from siting.outputs.text.wording import LANGUAGES, words

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation
    from siting.types import Json

WORD_MARK = "|"
"""Between the languages of a word, as ``static/core/words.js`` takes them apart; no word holds it."""

SPOKEN = ("build.", "conclude.pending", "conclude.unrecorded", "decided.", "demo.small", "demo.why",
        "estimated.", "list.more", "reply.", "verdict.all", "why.out", "question.", "share.",
        "conclude.demand", "conclude.draws", "conclude.few", "conclude.hardly", "conclude.joint",
        "conclude.nothing", "conclude.other.", "conclude.spread", "data.basis", "data.estimated",
        "data.weights", "lead.failed", "lead.nosite", "tradeoff.own", "weights.neutral", "weights.together",
        "weights.stated", "weights.free", "weights.order_keeping", "winners.anchor", "winners.many",
        "winners.none", "winners.share", "winners.still", "winners.times", "winners.turn")  # fmt: skip
"""Words of sentences that reach the panel whole: nothing that the reader moves changes them."""

NAMESAKES = ("card.", "group.", "industry.", "lead.turns", "letter.", "money.", "title.")
"""Words of other outputs whose families bear a name that the scripts use for something else."""

AREA_WORDS = {True: ("townships.given", "townships.weighted"), False: ("townships", "townships.sketch")}
"""Words not said, by whether the areas of townships are sketched."""

LONG = ("robust.flip",)
"""Words of what only the long ensembles find."""


def page_words(evaluation: Evaluation, of_roads: Mapping[str, list[str]]) -> dict[str, Json]:
    """Words that the scripts name, the two languages in one text, the part of a key before a dot once.

    Names of groups and criteria stand with these.
    """
    sure = evaluation.robustness
    unfound = LONG if sure is None or is_quick(sure) else ()
    elsewhere = (*SPOKEN, *NAMESAKES, *unfound)
    sketched = evaluation.evidence.inputs.township_areas is None
    unchosen = {*unchosen_words(), *_absent(evaluation), *AREA_WORDS[sketched]}
    tree: dict[str, dict[str, str]] = {}
    for key in words("zh"):
        head, _, tail = key.partition(".")
        if head in _named() and not key.startswith(elsewhere) and key not in unchosen:
            both = of_roads.get(key) or [words(lang)[key] for lang in LANGUAGES]
            tree.setdefault(head, {})[tail] = WORD_MARK.join(both)
    return {head: found[""] if list(found) == [""] else found for head, found in tree.items()}


@cache
def _named() -> set[str]:
    """Collect what scripts and skeleton have in quotes, up to a dot: families of words are among these."""
    page = files("siting.outputs.page")
    names = (["bundle.js"], ["static", "skeleton.html"])
    texts = [page.joinpath(*name).read_text(encoding="utf-8") for name in names]
    return {name for text in texts for name in re.findall(r"[\"'`](\w+)(?=[.\"'`])", text)}


def _absent(evaluation: Evaluation) -> set[str]:
    """List words of kinds of option, laws of coverage and notes on rates that the study has none of."""
    worth = evaluation.economics
    met = {
        "kind": set(evaluation.evidence.options["kind"]),
        "coverage": {evaluation.scenario.coverage.decay},
        "eirr": set() if worth is None else set(worth.summary["eirr_note"]),
    }
    parts = ((key, *key.split(".")[:2]) for key in words("zh") if "." in key)
    return {key for key, head, tail in parts if head in met and tail not in met[head]}
