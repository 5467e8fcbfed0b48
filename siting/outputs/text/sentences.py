"""Every word that an official sees, from one table (words.csv), and numbers and sentences as written.

The decision page hands the same templates to its live panel, so both speak with one voice.
Chinese follows the usage of feasibility studies and site selection reports (选址论证).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from siting.option_kinds import KINDS
from siting.outputs.text.wording import form_of, join, label, number, option_name, points, say
from siting.types import Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation


NOTICEABLE = 0.0005
"""Differences that print as 0.0 points are not worth a sentence; the live panel holds the same figure."""


# --- What may be said at all -------------------------------------------------------------------------


def illustrative_share(evaluation: Evaluation) -> float:
    """Share of the tests a year that rest on illustrative rows; rows that state no basis are not such."""
    return float(evaluation.provenance["illustrative_demand"])


def is_demonstration(evaluation: Evaluation) -> bool:
    """Whether any demand is illustrative, so that the result is no basis for a choice."""
    return illustrative_share(evaluation) > 0


def conditions_of(evaluation: Evaluation, option: str, verdict: str, lang: Language) -> list[str]:
    """Names of an option's pass/fail conditions that have a verdict."""
    table = evaluation.evidence.inputs.conditions
    rows = table[(table["site"] == option) & (table["verdict"] == verdict)]
    return [label("condition", condition, lang) for condition in rows["condition"]]


def verdict_text(evaluation: Evaluation, option: str, lang: Language) -> str:
    """Say how an option stands with the conditions; of none at all it is not said that they are passed."""
    verdict = evaluation.ranking["verdict"][option]
    if verdict == "pass" and option not in set(evaluation.evidence.inputs.conditions["site"]):
        return say("unrecorded" if has_place(evaluation, option) else "unconcerned", lang)
    return say(verdict, lang)


def has_place(evaluation: Evaluation, option: str) -> bool:
    """Whether an option stands at a place of its own, so that the conditions concern it."""
    return KINDS[evaluation.evidence.options["kind"][option]].has_place


# --- Why an option stands where it stands --------------------------------------------------------------


def sentences(evaluation: Evaluation, option: str, lang: Language) -> list[str]:
    """Say why an option stands where it stands, against the winner or, for the winner, the runner-up."""
    ranking, parts = evaluation.ranking, evaluation.contributions
    name = option_name(evaluation.evidence.options, option, lang)
    if ranking["verdict"][option] == "fail":
        items = join(conditions_of(evaluation, option, "fail", lang), lang)
        return [say("why.failed", lang, name=name, items=items)]
    running = [other for other in ranking.index if ranking["verdict"][other] != "fail"]
    score = points(ranking["score"][option])
    rival = _rival(running, option)
    if rival is None:
        return [say("why.only", lang, name=name, score=score), _weakest(evaluation, option, lang)]
    gap = abs(ranking["score"][option] - ranking["score"][rival])
    values = {
        "name": name,
        "score": score,
        "n": len(running),
        "rank": ranking["rank"][option],
        "gap": points(gap),
        "rival": option_name(evaluation.evidence.options, rival, lang),
    }
    said = [say("why.first" if option == running[0] else "why.rank", lang, **values)]
    if ranking["tie"][option] and ranking["tie"][rival]:
        said.append(say("why.tie", lang, near=near_tie(evaluation)))
    ahead, behind = gaps((parts.loc[option] - parts.loc[rival]).to_numpy(float))
    for key, found in (("why.ahead", ahead), ("why.behind", behind)):
        if found:
            items = join([gap_item(parts.columns[k], gap, lang) for k, gap in found], lang)
            said.append(say(key, lang, rival=values["rival"], items=items))
    return [*said, _weakest(evaluation, option, lang)]


def near_tie(evaluation: Evaluation) -> str:
    """Points within which options count as equal."""
    return f"{100 * evaluation.scenario.robustness.near_tie:g}"


def _rival(running: Sequence[str], option: str) -> str | None:
    """Option to compare with: the first, or the second for the first."""
    others = [other for other in running if other != option]
    return others[0] if others else None


def gaps(difference: np.ndarray) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Criteria in which one option is ahead and behind, three each, the largest first."""
    order = sorted(range(len(difference)), key=lambda k: (-abs(difference[k]), k))
    ahead = [(k, float(difference[k])) for k in order if difference[k] >= NOTICEABLE]
    behind = [(k, float(difference[k])) for k in order if difference[k] <= -NOTICEABLE]
    return ahead[:3], behind[:3]


def gap_item(criterion: str, gap: float, lang: Language) -> str:
    """Name a criterion with the points by which an option is ahead or behind."""
    sign = "+" if gap > 0 else "−"
    return say(
        "why.item", lang, criterion=label("criterion", criterion, lang), points=sign + points(abs(gap))
    )


def _weakest(evaluation: Evaluation, option: str, lang: Language) -> str:
    """Name the criterion that costs the option most points."""
    lost = evaluation.weights - evaluation.contributions.loc[option]
    worst = lost.round(12).idxmax()
    raw = evaluation.matrix.loc[option, worst]
    applies = evaluation.applies.loc[option, worst]
    return say(
        "why.weakest",
        lang,
        criterion=label("criterion", worst, lang),
        raw=number(raw, form_of(worst), lang) if applies else say("na", lang),
        value=points(evaluation.values.loc[option, worst]),
        lost=points(lost[worst]),
    )
