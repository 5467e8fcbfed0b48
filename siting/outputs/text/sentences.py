"""Evaluation → what may be said of it, and why an option stands where it stands.

The decision page hands the same templates to its live panel, so both speak with one voice.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress
from typing import TYPE_CHECKING

from siting.analysis.explain import NOTICEABLE
from siting.option_kinds import KINDS
from siting.outputs.text.wording import (
    criterion_label,
    form_of,
    grouped,
    join,
    label,
    number,
    option_name,
    points,
    say,
    speaks,
)
from siting.types import Demand, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.explain import Lead
    from siting.study.evaluation import Evaluation


# --- What may be said at all -------------------------------------------------------------------------


def illustrative_share(evaluation: Evaluation) -> float:
    """Share of the tests a year that rest on illustrative rows; rows that state no basis are not such."""
    return float(evaluation.provenance["illustrative_demand"])


ESTIMATED = ("employees", "equipment", "output_wan")
"""Figures of an enterprise that stand in `Demand.assumed`."""


def estimated_figures(demand: Demand) -> pd.Series:
    """List by enterprise the figures that its demand rests on and that were estimated."""
    import pandas as pd

    marked = demand.assumed[list(ESTIMATED)]
    found = [tuple(compress(ESTIMATED, row)) for row in marked.to_numpy(bool)]
    return pd.Series(found, index=marked.index, dtype=object)


def estimated_line(evaluation: Evaluation, lang: Language) -> str:
    """Count the enterprises whose demand rests on an estimated figure, by figure; empty if there is none."""
    counts = evaluation.evidence.demand.assumed[list(ESTIMATED)].sum()
    items = [
        say("data.estimated.item", lang, figure=say(f"estimated.{figure}", lang), n=grouped(counts[figure]))
        for figure in ESTIMATED
        if counts[figure]
    ]
    return say("data.estimated", lang, items=join(items, lang)) if items else ""


def coverage_line(evaluation: Evaluation, lang: Language) -> str:
    """Say how far a drive counts as covered."""
    settings = evaluation.scenario.coverage
    radii = {"full": f"{min(settings.full_min, settings.cutoff_min):g}", "cutoff": f"{settings.cutoff_min:g}"}
    return say(f"coverage.{settings.decay}", lang, **radii)


def is_demonstration(evaluation: Evaluation) -> bool:
    """Whether any demand is illustrative, so that the result is no basis for a choice."""
    return illustrative_share(evaluation) > 0


def conditions_of(evaluation: Evaluation, option: str, verdict: str, lang: Language) -> list[str]:
    """Names of an option's pass/fail conditions that have a verdict; notes are none."""
    table = evaluation.evidence.inputs.conditions
    if "role" in table:
        table = table[table["role"] != "note"]
    rows = table[(table["site"] == option) & (table["verdict"] == verdict)]
    return [label("condition", condition, lang) for condition in rows["condition"]]


def verdict_text(evaluation: Evaluation, option: str, lang: Language) -> str:
    """Say how an option stands with the conditions; of none at all it is not said that they are passed."""
    verdict = evaluation.verdicts[option]
    if verdict == "pass" and option not in set(evaluation.evidence.inputs.conditions["site"]):
        return say("unrecorded" if has_place(evaluation, option) else "unconcerned", lang)
    return say(verdict, lang)


def has_place(evaluation: Evaluation, option: str) -> bool:
    """Whether an option stands at a place of its own, so that the conditions concern it."""
    return KINDS[evaluation.evidence.options["kind"][option]].has_place


# --- Why an option stands where it stands --------------------------------------------------------------


@speaks
def sentences(evaluation: Evaluation, option: str, lang: Language) -> list[str]:
    """Say why an option stands where it stands, against the winner or, for the winner, the runner-up.

    Of an option that needs no place it is said that it is not ranked.
    """
    ranking, explanation = evaluation.ranking, evaluation.explanation
    options = evaluation.evidence.options
    name = option_name(options, option, lang)
    if option not in ranking.index:
        return [say("why.unranked", lang, name=name)]
    why = explanation.options[option]
    if ranking["verdict"][option] == "fail":
        items = join(conditions_of(evaluation, option, "fail", lang), lang)
        return [say("why.failed", lang, name=name, items=items)]
    score = points(ranking["score"][option])
    if why.rival is None:
        return [say("why.only", lang, name=name, score=score), _weakest(evaluation, option, lang)]
    rival = option_name(options, why.rival, lang)
    values = {
        "name": name,
        "score": score,
        "n": len(explanation.running),
        "rank": ranking["rank"][option],
        "gap": points(abs(why.gap)),
        "rival": rival,
    }
    lines = [say("why.first" if option == explanation.running[0] else "why.rank", lang, **values)]
    if ranking["tie"][option] and ranking["tie"][why.rival]:
        tied = [option_name(options, o, lang) for o in ranking.index if ranking["tie"][o]]
        lines.append(say("conclude.tie", lang, names=join(tied, lang), near=near_tie(evaluation)))
    for key, found in (("why.ahead", why.ahead), ("why.behind", why.behind)):
        if found:
            lines.append(say(key, lang, rival=rival, items=lead_items(found, lang)))
    return [*lines, _weakest(evaluation, option, lang)]


def near_tie(evaluation: Evaluation) -> str:
    """Points within which options count as equal."""
    return f"{100 * evaluation.scenario.robustness.near_tie:g}"


def lead_items(found: Iterable[Lead], lang: Language) -> str:
    """List criteria with the points by which an option is ahead or behind."""
    return join((_lead_item(lead, lang) for lead in found), lang)


def _lead_item(lead: Lead, lang: Language) -> str:
    signed = ("+" if lead.points > 0 else "−") + points(abs(lead.points))
    return say("why.item", lang, criterion=criterion_label(lead.criterion, lang), points=signed)


def _weakest(evaluation: Evaluation, option: str, lang: Language) -> str:
    """Name the criterion that costs the option most points."""
    why = evaluation.explanation.options[option]
    worst = why.weakest
    if why.lost_points < NOTICEABLE:
        return say("why.whole", lang)
    raw = evaluation.matrix[worst][option]
    applies = evaluation.applies[worst][option]
    return say(
        "why.weakest",
        lang,
        criterion=criterion_label(worst, lang),
        raw=number(raw, form_of(worst), lang) if applies else say("na", lang),
        value=points(evaluation.values[worst][option]),
        lost=points(why.lost_points),
    )
