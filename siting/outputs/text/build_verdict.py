"""Draws of the appraisal → whether to build, and from which demand on it pays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siting.outputs.text.wording import grouped, number, say, times_text
from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation


def is_appraised(evaluation: Evaluation) -> bool:
    """Whether a study of this kind asks what building costs and brings."""
    return evaluation.scenario.demand.kind.is_appraised


def build_headline(evaluation: Evaluation, lang: Language) -> str:
    """Say in one line whether to build, or that it is not asked; empty where nothing was drawn."""
    if not is_appraised(evaluation):
        return say("build.not_appraised", lang)
    found = evaluation.building
    if found is None:
        return ""
    turns = _turning_demand(evaluation, found.npv_wan.columns, lang)
    return say(f"build.{found.verdict}", lang, turns=turns)


def building_pays(evaluation: Evaluation, lang: Language) -> str:
    """Say in how many of the draws building pays; empty where nothing was drawn."""
    found = evaluation.building
    if found is None:
        return ""
    which = say("build.all", lang)
    if found.expansion is not None:
        low, high = (f"{end:.0f}" for end in found.expansion)
        which = say("build.rows", lang, low=low, high=high)
    share = number(found.pays_share, "share", lang)
    return say("build.draws", lang, draws=grouped(len(found.npv_wan)), share=share, which=which)


def _turning_demand(evaluation: Evaluation, building: pd.Index, lang: Language) -> str:
    """Say from which multiple of today's demand on the first option that builds pays for good."""
    if evaluation.economics is None:
        return ""
    least = float(evaluation.economics.summary["break_even_demand"][building].min())
    if not 0 < least < math.inf:
        return ""
    return say("build.turns" if least > 1 else "build.turned", lang, times=times_text(least))


def verdict_word(evaluation: Evaluation, lang: Language) -> str:
    """Say in a few words whether to build, with the share of draws in which it pays."""
    found = evaluation.building
    if found is None:
        return say("build.short.open" if is_appraised(evaluation) else "build.short.not_appraised", lang)
    verdict = say(f"build.short.{found.verdict}", lang)
    return say("build.short.share", lang, verdict=verdict, share=number(found.pays_share, "share", lang))


def building_record(evaluation: Evaluation) -> dict[str, float]:
    """Give by option that builds the share of draws in which it pays, as ``--json`` prints it."""
    found = evaluation.building
    if found is None:
        return {}
    return {str(option): float(share) for option, share in found.positive.items()}
