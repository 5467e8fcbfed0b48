"""Evaluation → what is worth finding out before a decision: the register first, then unknowns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.text.cells import cell_text, heading
from siting.outputs.text.sentences import is_demonstration
from siting.outputs.text.wording import bilingual, grouped, join, label, points, say, words

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.assess import Robustness
    from siting.study.evaluation import Evaluation
    from siting.types import Language

LISTED = 8
"""Unknowns that a sentence names, and enterprises to ask first."""

REGISTER = ("register", "spread")
"""Unknowns that a register of real enterprises settles."""


def survey_sentences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say what to find out: the register, what bears on where and on whether to build, whom to ask."""
    sure = evaluation.robustness
    if sure is None:
        return []
    return [
        *_register(evaluation, sure, lang),
        *_unknowns(evaluation, sure.evppi, "where", 100.0, lang),
        *_unknowns(evaluation, sure.build_evppi, "whether", 1.0, lang),
        *([say("survey.evpi", lang, points=grouped(100 * sure.evpi, 2))] if sure.evpi else []),
        *([say("survey.measure", lang, name=label("road", sure.measure, lang))] if sure.measure else []),
        *_firms(evaluation, sure, lang),
    ]


def _register(evaluation: Evaluation, sure: Robustness, lang: Language) -> list[str]:
    """Say of a demonstration that its register comes first, and what knowing the true one is worth."""
    if not is_demonstration(evaluation):
        return []
    text = say("survey.register", lang)
    if sure.evppi is None or "register" not in sure.evppi.index:
        return [text]
    row = sure.evppi.loc[["register"]].iloc[0]
    return [text + say("survey.register.worth", lang, worth=_worth(row, "where", 100.0, lang))]


def _unknowns(
    evaluation: Evaluation, found: pd.DataFrame | None, question: str, unit: float, lang: Language
) -> list[str]:
    """List the unknowns that are clearly worth finding out for one question, the largest first."""
    if found is None:
        return []
    # Of an illustrative register it is said already that it comes first.
    rows = found.drop(index=[name for name in REGISTER if name in found.index])
    clear = rows[rows["is_clear"]].head(LISTED)
    if clear.empty:
        return [say(f"survey.none.{question}", lang)]
    items = [
        say(
            "survey.item",
            lang,
            what=quantity_name(str(what), evaluation, lang),
            worth=_worth(row, question, unit, lang),
        )
        for what, row in clear.iterrows()
    ]
    return [say(f"survey.{question}", lang, items=join(items, lang))]


def _worth(row: pd.Series, question: str, unit: float, lang: Language) -> str:
    digits = 2 if question == "where" else 0
    worth, error = (grouped(unit * float(row[key]), digits) for key in ("evppi", "standard_error"))
    return say(f"survey.worth.{question}", lang, worth=worth, error=error)


def _firms(evaluation: Evaluation, sure: Robustness, lang: Language) -> list[str]:
    """Name the enterprises that exist and whose demand is clearly worth asking for."""
    if sure.telephone is None:
        return []
    clear = sure.telephone[sure.telephone["is_clear"]].head(LISTED)
    if clear.empty:
        return []
    names = evaluation.evidence.inputs.enterprises["name"]
    items = [
        say(
            "survey.firm",
            lang,
            what=str(names[str(firm)]),
            low=points(min(row["lead_low"], row["lead_high"])),
            high=points(max(row["lead_low"], row["lead_high"])),
        )
        for firm, row in clear.iterrows()
    ]
    return [say("survey.firms", lang, n=len(items), items=join(items, lang))]


def quantity_name(what: str, evaluation: Evaluation, lang: Language) -> str:
    """Name a quantity or unknown such as ``industry:food``, ``speed:trunk`` or ``trips.persons``."""
    lever = words(lang).get(f"lever.{what}")
    if lever is not None:
        return lever
    kind, colon, key = what.partition(":")
    inputs = evaluation.evidence.inputs
    tables = {"industry": inputs.industries, "demand": inputs.services}
    named = cell_text("road", key, lang) if kind == "speed" else key
    if kind in tables and key in tables[kind].index:
        row = tables[kind].loc[key]
        named = bilingual(row["name"], row.get("name_en"))[lang]
    title = heading(f"quantity.{kind}", evaluation, lang)
    return say("pair.colon", lang, a=title, b=named) if colon else title
