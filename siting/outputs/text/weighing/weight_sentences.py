"""Evaluation → what its weights do: which move no site, which count one thing, what they exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.text.wording import criterion_label, grouped, join, number, say
from siting.types import Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation


def weight_sentences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say which weight moves no site, which criteria count one thing together, and what an hour is worth."""
    return [*_neutral(evaluation, lang), *_together(evaluation, lang), *hour_sentences(evaluation, lang)]


def _neutral(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the criteria in which the sites hardly differ, with the weight that they hold."""
    sure = evaluation.robustness
    # One site alone differs from none.
    if sure is None or sure.weight_use.neutral.empty or len(sure.best_margin) < 2:
        return []
    values = {
        "items": join((criterion_label(name, lang) for name in sure.weight_use.neutral.index), lang),
        "share": number(sure.weight_use.neutral_weight, "share", lang),
        "points": f"{evaluation.scenario.robustness.inert_points:g}",
    }
    return [say("weights.neutral", lang, **values)]


def _together(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the criteria that rise and fall together over the sites, with the weight that they hold."""
    sure = evaluation.robustness
    return [
        say(
            "weights.together",
            lang,
            items=join((criterion_label(name, lang) for name in found.criteria), lang),
            share=number(found.weight, "share", lang),
            r=f"{evaluation.scenario.robustness.correlation:g}",
        )
        for found in (sure.weight_use.together if sure else ())
    ]


def hour_sentences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Put the price of an hour that the weights imply, if they do, beside the study's own."""
    found = evaluation.tradeoff
    if found is None or found.hour_yuan is None:
        return []
    said = [say("tradeoff.hour", lang, price=grouped(found.hour_yuan), own=own_hour(evaluation, lang))]
    if found.own_range is not None:
        low, high = found.own_range
        if found.hour_yuan > high:
            said.append(say("tradeoff.above", lang))
        elif found.hour_yuan < low:
            said.append(say("tradeoff.below", lang))
    return [("" if lang == "zh" else " ").join(said)]


def own_hour(evaluation: Evaluation, lang: Language) -> str:
    """Write what an hour is worth in the study's own appraisal, with its range where there is one."""
    found = evaluation.tradeoff
    if found is None:
        return ""
    own = f"{found.own_hour_yuan:g}"
    if found.own_range is None:
        return say("tradeoff.own", lang, own=own)
    low, high = (f"{end:g}" for end in found.own_range)
    return say("tradeoff.own.range", lang, own=own, low=low, high=high)
