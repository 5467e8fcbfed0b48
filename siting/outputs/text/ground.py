"""Evaluation → on how many enterprises, how much demand and which data a conclusion stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.analysis.explain import NOTICEABLE
from siting.outputs.text.sentences import estimated_line, illustrative_share, is_demonstration
from siting.outputs.text.wording import BASES, grouped, join, label, number, say
from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation

FEWEST_FIRMS = 30
"""Enterprises below which a reader is told that a ranking stands on few."""


def is_nothing_to_serve(evaluation: Evaluation) -> bool:
    """Whether all enterprises together need less than one test a year, so that no place serves anybody."""
    return not evaluation.evidence.demand.is_served


def nothing_to_serve(evaluation: Evaluation, lang: Language) -> str:
    """Say that nobody needs a test, or all together less than one a year."""
    key = "conclude.hardly" if evaluation.evidence.demand.in_all > 0 else "conclude.nothing"
    return say(key, lang, n=grouped(len(evaluation.evidence.inputs.enterprises)))


def has_ranking(evaluation: Evaluation) -> bool:
    """Whether there is something to rank by, and a site left to rank."""
    return bool((evaluation.ranking["verdict"] != "fail").any()) and not is_nothing_to_serve(evaluation)


def listed(evaluation: Evaluation) -> list[str]:
    """List all options: sites in the order of their ranks, then those that need no place, as the study does.

    Without demand the sites too stand as the study lists them.
    """
    sites = ranked_sites(evaluation)
    return [*sites, *(str(o) for o in evaluation.evidence.options.index if o not in evaluation.ranking.index)]


def ranked_sites(evaluation: Evaluation) -> list[str]:
    """List the sites in the order of their ranks; without demand as the study lists them."""
    if not is_nothing_to_serve(evaluation):
        return list(map(str, evaluation.ranking.index))
    return [str(o) for o in evaluation.evidence.options.index if o in evaluation.ranking.index]


def ranked(evaluation: Evaluation) -> pd.DataFrame:
    """Return the ranking of all options as `listed`; who is not ranked has neither rank nor score.

    Options that need no place are not ranked, and without demand nothing is: scores would tell of costs
    alone, and would read as a choice.
    """
    table = evaluation.ranking.astype({"rank": object, "tie": object})
    table = table.drop(columns="verdict").reindex(listed(evaluation))
    if is_nothing_to_serve(evaluation):
        table = table.assign(rank=None, score=float("nan"), tie=None)
    return table.assign(verdict=evaluation.verdicts.reindex(table.index))


def ranked_points(evaluation: Evaluation) -> pd.DataFrame:
    """Return the points of each criterion as a share of 1 as `listed`, missing where nothing is ranked."""
    points = evaluation.contributions.reindex(listed(evaluation))
    return points * float("nan") if is_nothing_to_serve(evaluation) else points


def unranked_text(evaluation: Evaluation, lang: Language) -> str:
    """Say why an option without a rank has none."""
    return say("unranked" if is_nothing_to_serve(evaluation) else "unranked.place", lang)


def thin_ground(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say on how few enterprises a ranking stands; nothing where there are enough."""
    n = len(evaluation.evidence.inputs.enterprises)
    if n >= FEWEST_FIRMS:
        return []
    return [say("conclude.few", lang, n=grouped(n), least=FEWEST_FIRMS)]


def demo_reason(evaluation: Evaluation, lang: Language) -> str:
    """How much of the demand is illustrative, for the banner; empty where none is."""
    if not is_demonstration(evaluation):
        return ""
    return say("demo.why", lang, share=_share_text(evaluation, lang))


def _share_text(evaluation: Evaluation, lang: Language) -> str:
    share = illustrative_share(evaluation)
    return say("demo.small", lang) if share < NOTICEABLE else number(share, "share", lang)


def register_rows(evaluation: Evaluation, lang: Language) -> str:
    """Count the rows of the register by what they rest on, and the figures that were estimated."""
    rows = evaluation.provenance["rows_by_basis"]
    items = [
        say("data.basis.item", lang, basis=label("basis", basis, lang), n=grouped(rows[basis]))
        for basis in sorted(rows, key=lambda basis: (*BASES, basis).index(basis))
    ]
    estimated = estimated_line(evaluation, lang)
    if is_demonstration(evaluation):
        share = _share_text(evaluation, lang)
        line = say("data.basis.demo", lang, items=join(items, lang), share=share)
    else:
        line = say("data.basis", lang, items=join(items, lang))
    return " ".join(filter(None, (line, estimated))) if lang == "en" else line + estimated
