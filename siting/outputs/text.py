"""Every word that an official sees, from one table (words.csv), and numbers and sentences as written.

The decision page hands the same templates to its live panel, so both speak with one voice.
Chinese follows the usage of feasibility studies and site selection reports (选址论证).
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from siting.analysis.travel import WITHOUT_PLACE
from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import Evaluation

LANGUAGES: tuple[Language, ...] = ("zh", "en")

FORMS: dict[str, str] = {"share": "share", "h/a": "hours", "min": "minutes", "10^4 CNY": "wan", "万元": "wan"}
"""Unit of a criterion → the way its raw value is written."""

BASES = ("sourced", "curated", "assumed", "unstated", "illustrative")
"""What a row may rest on, the firmest first; ``unstated`` where the table says nothing."""

NOTICEABLE = 0.0005
"""Differences that print as 0.0 points are not worth a sentence; the live panel holds the same figure."""


@cache
def words(lang: Language) -> dict[str, str]:
    """Return all templates of one language, by key."""
    with files("siting.outputs").joinpath("words.csv").open(encoding="utf-8", newline="") as table:
        return {row["key"]: row[lang] for row in csv.DictReader(table)}


def say(key: str, lang: Language, **values: object) -> str:
    """Fill one template; values are text already, so user text in them is never read as a template."""
    return fill(words(lang)[key], values)


def fill(template: str, values: Mapping[str, object]) -> str:
    """Put `values` in the places of a template, as the live panel does."""
    return re.sub(r"\{(\w+)\}", lambda match: str(values[match[1]]), template)


def number(value: float | None, form: str, lang: Language) -> str:
    """Write a number with its unit: ``share, hours, minutes, wan, number``."""
    if value is None or math.isnan(value):
        return say("number.missing", lang)
    if math.isinf(value):
        return say("number.unreachable", lang)
    scaled = 100 * value if form == "share" else value
    digits = 0 if form in ("hours", "wan") or abs(scaled) >= 1000 else 1
    return say(f"number.{form}", lang, n=grouped(scaled, digits))


def grouped(value: float, digits: int = 0) -> str:
    """Write a number with separators of thousands, a true minus sign and no negative zero."""
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−")


def amount(wan: float, lang: Language) -> str:
    """Write a sum of money without its sign: 万元, or million yuan in English."""
    text = grouped(abs(wan)) if lang == "zh" else grouped(abs(wan) / 100, 1)
    return say("number.amount", lang, n=text)


def points(value: float) -> str:
    """Write a score of 0..1 as points of 100."""
    return grouped(100 * value, 1)


def bilingual(zh: object, en: object = None) -> dict[str, str]:
    """Pair a text with its English; each stands in where the other is missing."""
    first = zh if isinstance(zh, str) else ""
    second = en if isinstance(en, str) else ""
    return {"zh": first or second, "en": second or first}


def label(kind: str, key: str, lang: Language, stated: str = "") -> str:
    """Name of a group or criterion; what a table states for one that `words.csv` does not know."""
    return words(lang).get(f"{kind}.{key}", stated or key)


def option_name(options: pd.DataFrame, option: str, lang: Language) -> str:
    """Name of an option in reports."""
    row = options.loc[option]
    return bilingual(row["name"], row["name_en"])[lang]


def form_of(criterion: str) -> str:
    """Way the raw value of a criterion is written."""
    from siting.analysis.criteria import BY_ID

    return FORMS.get(BY_ID[criterion].unit, "number")


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
    return evaluation.evidence.options["kind"][option] not in WITHOUT_PLACE


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


def join(items: Iterable[str], lang: Language) -> str:
    """List items as one text."""
    return say("joiner", lang).join(items)
