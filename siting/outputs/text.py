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

from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import Evaluation

LANGUAGES: tuple[Language, ...] = ("zh", "en")

FORMS: dict[str, str] = {"share": "share", "h/a": "hours", "min": "minutes", "10^4 CNY": "wan", "万元": "wan"}
"""Unit of a criterion → the way its raw value is written."""

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


def is_demonstration(evaluation: Evaluation) -> bool:
    """Whether more than half of the demand weight is illustrative, so that nothing may be recommended."""
    return illustrative_share(evaluation) > 0.5


def illustrative_share(evaluation: Evaluation) -> float:
    """Share of the tests a year that rest on illustrative rows; 0 without any demand."""
    tests = evaluation.evidence.demand.tests.sum(axis=1)
    total = tests.sum()
    illustrative = evaluation.evidence.inputs.enterprises["basis"].reindex(tests.index) == "illustrative"
    return float(tests[illustrative].sum() / total) if total else 0.0


# --- Sentences ---------------------------------------------------------------------------------------


def conclusion(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say what the comparison comes to: first and second, ties, not building, what is still open."""
    ranking, options = evaluation.ranking, evaluation.evidence.options
    running = ranking[ranking["verdict"] != "fail"]
    name = {option: option_name(options, option, lang) for option in ranking.index}
    first = running.index[0] if len(running) else ranking.index[0]
    score = ranking["score"].map(points)
    if not len(running):
        return [say("conclude.failed", lang, names=_join(name.values(), lang))]
    best = say("best.demo" if is_demonstration(evaluation) else "best", lang)
    said = [say("conclude.lead", lang, best=best, name=name[first], score=score[first])]
    if len(running) > 1:
        second = running.index[1]
        counts = {"n": len(running), "second": name[second], "second_score": score[second]}
        said.append(say("conclude.first", lang, name=name[first], **counts))
    else:
        said.append(say("conclude.only", lang))
    tied = [name[option] for option in ranking.index if ranking["tie"][option]]
    if tied:
        said.append(say("conclude.tie", lang, names=_join(tied, lang), near=near_tie(evaluation)))
    said += _not_building(evaluation, running, first, name, lang)
    said += _open_conditions(evaluation, first, lang)
    said += _sureness(evaluation, name, lang)
    failed = [name[option] for option in ranking.index if ranking["verdict"][option] == "fail"]
    if failed:
        said.append(say("conclude.failed", lang, names=_join(failed, lang)))
    return said


def _sureness(evaluation: Evaluation, name: Mapping[str, str], lang: Language) -> list[str]:
    """Share of random weightings won, and who wins where the illustrative firms are spread otherwise."""
    sure = evaluation.robustness
    if sure is None:
        return []
    shares = sure.acceptability.acceptability.iloc[:, 0].reindex(evaluation.evidence.options.index)
    # Of equal shares the winner's goes first.
    most = sure.winner if shares[sure.winner] == shares.max() else str(shares.idxmax())
    values = {
        "draws": grouped(sure.acceptability.draws),
        "name": name[sure.winner],
        "share": number(shares[sure.winner], "share", lang),
        "other": name[most],
        "other_share": number(shares[most], "share", lang),
    }
    said = [say("conclude.draws" if most == sure.winner else "conclude.draws.other", lang, **values)]
    if sure.joint is not None:
        joint = sure.joint.acceptability.iloc[:, 0]
        if joint[sure.winner] < joint.max():
            other, share = name[str(joint.idxmax())], number(joint.max(), "share", lang)
            said.append(say("conclude.joint", lang, other=other, share=share))
    spread = {} if sure.variants is None else sure.variants["winner"].filter(like="spread:")
    if len(set(spread)) > 1:
        rules: dict[str, list[str]] = {}
        for key, winner in spread.items():
            rules.setdefault(winner, []).append(label("spread", key.removeprefix("spread:"), lang))
        items = [
            say("conclude.spread.item", lang, name=name[winner], rules=_join(under, lang))
            for winner, under in rules.items()
        ]
        said.append(say("conclude.spread", lang, items=say("stop", lang).join(items)))
    return said


def _not_building(
    evaluation: Evaluation, running: pd.DataFrame, first: str, name: Mapping[str, str], lang: Language
) -> list[str]:
    kinds = evaluation.evidence.options["kind"]
    others = [option for option in running.index if kinds[option] in ("city", "mobile")]
    if first in others:
        return _staying(evaluation, running.drop(index=others), first, name, lang)
    score = running["score"]
    items = [
        say(
            "conclude.build.item",
            lang,
            name=name[option],
            score=points(score[option]),
            gap=points(score[first] - score[option]),
        )
        for option in others
    ]
    said = [say("conclude.build", lang, items=_join(items, lang))] if items else []
    return said + _worth(evaluation, first, lang)


def _staying(
    evaluation: Evaluation, building: pd.DataFrame, first: str, name: Mapping[str, str], lang: Language
) -> list[str]:
    """Say why not building comes first: against the building option that scores highest."""
    said = [say("conclude.stay", lang, name=name[first])]
    if building.empty:
        return said
    rival, score = building.index[0], evaluation.ranking["score"]
    parts = evaluation.contributions
    ahead, _ = _gaps((parts.loc[first] - parts.loc[rival]).to_numpy(float))
    values = {
        "name": name[first],
        "rival": name[rival],
        "score": points(score[rival]),
        "gap": points(score[first] - score[rival]),
        "items": _join([_gap_item(parts.columns[k], gap, lang) for k, gap in ahead], lang),
    }
    said.append(say("conclude.stay.best", lang, **values))
    worth = evaluation.economics
    if worth is not None and worth.summary["npv_wan"][rival] < 0:
        account = evaluation.scenario.economics.account
        figures = {
            "hours": number(worth.summary["hours_saved"][rival], "hours", lang),
            "cost": number(worth.accounts[f"net_cost_{account}"][rival], "wan", lang),
            "npv": number(worth.summary["npv_wan"][rival], "wan", lang),
        }
        account_name = say(f"account.{account}", lang)
        said.append(say("conclude.stay.cost", lang, rival=name[rival], account=account_name, **figures))
    return [*said, say("conclude.stay.turn", lang)]


def _worth(evaluation: Evaluation, option: str, lang: Language) -> list[str]:
    """Say whether benefits cover costs: building has to be justified before a site is chosen."""
    if evaluation.economics is None:
        return []
    npv_wan = evaluation.economics.summary["npv_wan"][option]
    account = say(f"account.{evaluation.scenario.economics.account}", lang)
    key = "conclude.loss" if npv_wan < 0 else "conclude.gain"
    return [say(key, lang, account=account, npv=number(npv_wan, "wan", lang))]


def _open_conditions(evaluation: Evaluation, option: str, lang: Language) -> list[str]:
    items = conditions_of(evaluation, option, "pending", lang)
    if not items:
        return []
    return [say("conclude.pending", lang, n=len(items), items=_join(items, lang))]


def conditions_of(evaluation: Evaluation, option: str, verdict: str, lang: Language) -> list[str]:
    """Names of an option's pass/fail conditions that have a verdict."""
    table = evaluation.evidence.inputs.conditions
    rows = table[(table["site"] == option) & (table["verdict"] == verdict)]
    return [label("condition", condition, lang) for condition in rows["condition"]]


def sentences(evaluation: Evaluation, option: str, lang: Language) -> list[str]:
    """Say why an option stands where it stands, against the winner or, for the winner, the runner-up."""
    ranking, parts = evaluation.ranking, evaluation.contributions
    name = option_name(evaluation.evidence.options, option, lang)
    if ranking["verdict"][option] == "fail":
        items = _join(conditions_of(evaluation, option, "fail", lang), lang)
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
    ahead, behind = _gaps((parts.loc[option] - parts.loc[rival]).to_numpy(float))
    for key, found in (("why.ahead", ahead), ("why.behind", behind)):
        if found:
            items = _join([_gap_item(parts.columns[k], gap, lang) for k, gap in found], lang)
            said.append(say(key, lang, rival=values["rival"], items=items))
    return [*said, _weakest(evaluation, option, lang)]


def near_tie(evaluation: Evaluation) -> str:
    """Points within which options count as equal."""
    return f"{100 * evaluation.scenario.robustness.near_tie:g}"


def _rival(running: Sequence[str], option: str) -> str | None:
    """Option to compare with: the first, or the second for the first."""
    others = [other for other in running if other != option]
    return others[0] if others else None


def _gaps(difference: np.ndarray) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Criteria in which one option is ahead and behind, three each, the largest first."""
    order = sorted(range(len(difference)), key=lambda k: (-abs(difference[k]), k))
    ahead = [(k, float(difference[k])) for k in order if difference[k] >= NOTICEABLE]
    behind = [(k, float(difference[k])) for k in order if difference[k] <= -NOTICEABLE]
    return ahead[:3], behind[:3]


def _gap_item(criterion: str, gap: float, lang: Language) -> str:
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


def _join(items: Iterable[str], lang: Language) -> str:
    return say("joiner", lang).join(items)
