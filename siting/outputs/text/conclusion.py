"""Evaluation → what the page and the console conclude, no more than the data carry.

First whether building pays, then where; a recommendation only where nothing stands against it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from siting.analysis.decision.scoring import best_option
from siting.analysis.explain import NOTICEABLE
from siting.analysis.robustness.standing import TOLD_APART
from siting.option_kinds import having
from siting.outputs.text.build_verdict import build_headline, building_pays, building_record, is_appraised
from siting.outputs.text.cells import json_value
from siting.outputs.text.condition_texts import failures, open_conditions, unrecorded
from siting.outputs.text.ground import is_nothing_to_serve, nothing_to_serve, thin_ground
from siting.outputs.text.sentences import (
    has_place,
    is_demonstration,
    near_tie,
)
from siting.outputs.text.winner_words import turning_sentences, turns_in_headline
from siting.outputs.text.wording import (
    LANGUAGES,
    amount,
    criterion_label,
    grouped,
    join,
    label,
    number,
    option_name,
    points,
    say,
    speaks,
)
from siting.types import Json, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.standing import Standing
    from siting.scenario.model import Scenario
    from siting.study.evaluation import Evaluation
    from siting.types import Issue

BuildVerdict = Literal["pays", "does_not_pay", "open", "not_appraised"]

JOINT = ("speed", "demand", "spread", "place", "economics")
"""What is drawn with the weights, as names of columns of the draws begin."""

FEWEST_DRAWS = 20
"""Draws below which nothing is said of who wins how often: their standard errors mean little."""


def may_recommend(evaluation: Evaluation) -> bool:
    """Whether the best option may be called recommended, not just the highest score.

    All of this must hold: no illustrative demand, adopted weights, no open question, every condition passed,
    benefits that cover costs, a share of wins of two thirds, and no option that counts as equal. Without
    demand nothing is.
    """
    running = _running(evaluation)
    if running.empty or is_nothing_to_serve(evaluation):
        return False
    best = running.index[0]
    npv_wan = _npv_wan(evaluation, best)
    return bool(
        not is_demonstration(evaluation)
        and evaluation.scenario.weights_adopted
        and not evaluation.open_questions
        and _conditions_passed(evaluation, best)
        and npv_wan is not None
        and npv_wan >= 0
        and (evaluation.building is None or evaluation.building.verdict == "pays")
        and not running["tie"][best]
        and leaders_of(evaluation) == [best]
        and evaluation.robustness is not None
        and evaluation.robustness.standing.wins[best] >= TOLD_APART
    )


def _npv_wan(evaluation: Evaluation, option: str) -> float | None:
    """Net present value for the national economy, 万元; None where it cannot be worked out."""
    if evaluation.economics is None:
        return None
    found = float(evaluation.economics.summary["npv_wan"][option])
    return found if math.isfinite(found) else None


def _conditions_passed(evaluation: Evaluation, option: str) -> bool:
    """Whether a site passes every condition and none of the study's is missing."""
    if evaluation.ranking["verdict"][option] != "pass":
        return False
    return not unrecorded(evaluation, option)


def _running(evaluation: Evaluation) -> pd.DataFrame:
    """Ranking without the options that failed a condition."""
    return evaluation.ranking[evaluation.ranking["verdict"] != "fail"]


def leaders_of(evaluation: Evaluation) -> list[str]:
    """Options that win most draws and cannot be told apart; none where nothing was drawn."""
    sure, running = evaluation.robustness, _running(evaluation)
    if sure is None or running.empty:
        return []
    return sure.standing.leaders(str(running.index[0]))


def registers_standing(evaluation: Evaluation) -> Mapping[str, Standing] | None:
    """How the options stand over the registers drawn under each spread rule, if enough were drawn."""
    sure = evaluation.robustness
    if sure is None or sure.registers is None or len(sure.standing.wins) < 2:
        return None
    return sure.registers if min(rule.draws for rule in sure.registers.values()) >= FEWEST_DRAWS else None


# --- Sentences ---------------------------------------------------------------------------------------


@speaks
def conclusion(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say what the comparison comes to: whether building pays, where to build, how sure, what is open."""
    if is_nothing_to_serve(evaluation):
        return headlines(evaluation, lang)
    return [*headlines(evaluation, lang), *_behind(evaluation, lang), *_details(evaluation, lang)]


@speaks
def headlines(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say first whether building pays, then which option scores highest and whether it stands alone.

    Where there is nothing to serve, that alone is said.
    """
    if is_nothing_to_serve(evaluation):
        return [nothing_to_serve(evaluation, lang)]
    return [*_whether(evaluation, lang), *_lead(evaluation, lang)]


def _whether(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say whether to build, or that it is not asked: by the draws, without any by today's demand."""
    return list(filter(None, [build_headline(evaluation, lang)])) or _worth(evaluation, lang)


def _behind(evaluation: Evaluation, lang: Language) -> list[str]:
    """Give the figures behind a headline that rests on draws."""
    return [*_worth(evaluation, lang), building_pays(evaluation, lang)] if evaluation.building else []


def _lead(evaluation: Evaluation, lang: Language) -> list[str]:
    running, options = _running(evaluation), evaluation.evidence.options
    if running.empty:
        return [say("lead.nosite" if evaluation.ranking.empty else "lead.failed", lang)]
    name = option_name(options, running.index[0], lang)
    best = say("best" if may_recommend(evaluation) else "highest", lang)
    values = {"name": name, "score": points(running["score"].iloc[0]), "rest": _caution(evaluation, lang)}
    return [say("conclude.lead", lang, best=best, **values)]


def _caution(evaluation: Evaluation, lang: Language) -> str:
    """Add to the headline which options do as well as the first or better once drawn, or what turns it."""
    running = _running(evaluation)
    first, found = running.index[0], leaders_of(evaluation)
    others = [option for option in found if option != first]
    key, beside = (
        ("lead.even", "") if first in found else ("lead.behind", _beside(evaluation, found[1:], lang))
    )
    if not others:
        key, others = "lead.tie", [option for option in running.index[1:] if running["tie"][option]]
    elif key == "lead.behind":
        others = found[:1]
    names = _names(evaluation, others, lang) + beside
    return say(key, lang, names=names) if others else turns_in_headline(evaluation, lang)


def _beside(evaluation: Evaluation, options: list[str], lang: Language) -> str:
    """Add to who comes first most often those that it cannot be told apart from."""
    return say("lead.beside", lang, names=_names(evaluation, options, lang)) if options else ""


def _names(evaluation: Evaluation, options: Iterable[str], lang: Language) -> str:
    return join((option_name(evaluation.evidence.options, option, lang) for option in options), lang)


def _details(evaluation: Evaluation, lang: Language) -> list[str]:
    ranking, running = evaluation.ranking, _running(evaluation)
    name = {option: option_name(evaluation.evidence.options, option, lang) for option in ranking.index}
    failed = [option for option in ranking.index if ranking["verdict"][option] == "fail"]
    names = _names(evaluation, failed, lang)
    left_out = [say("conclude.failed", lang, names=names)] if failed else []
    left_out += [text for option in failed for text in failures(evaluation, option, lang)]
    if running.empty:
        return left_out
    first = running.index[0]
    if len(running) > 1:
        second = {"second": name[running.index[1]], "second_score": points(running["score"].iloc[1])}
        values = {"basis": weights_basis(evaluation, lang), "n": len(running), **second}
        sentences = [say("conclude.first", lang, name=name[first], **values)]
    else:
        sentences = [say("conclude.only", lang)]
    tied = [name[option] for option in running.index if running["tie"][option]]
    if tied:
        sentences.append(say("conclude.tie", lang, names=join(tied, lang), near=near_tie(evaluation)))
    sentences += [*sureness(evaluation, lang), *registers_drawn(evaluation, lang)]
    sentences += [*demand_turns(evaluation, lang), *turning_sentences(evaluation, lang)]
    return [*sentences, *open_conditions(evaluation, [first], lang)[first], *left_out]


def weights_basis(evaluation: Evaluation, lang: Language) -> str:
    """On which weights a result rests: adopted ones, or examples."""
    return say("weights.adopted" if evaluation.scenario.weights_adopted else "weights.example", lang)


def sureness(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say who comes first in how many draws, whether that tells options apart, and on how few firms."""
    sure, running, few = evaluation.robustness, _running(evaluation), thin_ground(evaluation, lang)
    if sure is None or running.empty or len(sure.standing.wins) < 2:
        return few
    joint = sure.joint is not None
    standing = _standing(evaluation, sure.standing, lang, str(running.index[0]), calibrated=joint)
    values = {"draws": grouped(sure.standing.draws), "items": _drawn(evaluation, lang)}
    key = "conclude.joint" if values["items"] else "conclude.draws"
    return [say(key, lang, standing=standing, **values), *few]


def _drawn(evaluation: Evaluation, lang: Language) -> str:
    """List what moves in the joint draws beside the weights; empty where nothing does."""
    columns = [] if evaluation.draws is None else map(str, evaluation.draws.unknowns)
    kinds = {re.split(r"[:._]", column)[0] for column in columns}
    items = [say(f"conclude.joint.{kind}", lang) for kind in JOINT if kind in kinds]
    return say("conclude.joint.last", lang).join(filter(None, (join(items[:-1], lang), *items[-1:])))


def registers_drawn(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say by spread rule who wins how many of the registers drawn under it."""
    by_rule = registers_standing(evaluation)
    if by_rule is None:
        return []
    draws = next(iter(by_rule.values())).draws
    items = [
        say(
            "conclude.spread.item",
            lang,
            rule=label("spread", rule, lang),
            standing=_standing(evaluation, standing, lang),
        )
        for rule, standing in by_rule.items()
    ]
    return [say("conclude.spread", lang, draws=grouped(draws), items=say("stop", lang).join(items))]


def demand_turns(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say at which multiple of the demand another option comes first, and which criteria make it so."""
    running, options = _running(evaluation), evaluation.evidence.options
    if running.empty:
        return []
    first, sentences = str(running.index[0]), []
    for times, parts in sorted(evaluation.by_demand.items()):
        best = best_option(parts.loc[running.index].sum(axis=1))
        ahead = parts.loc[best] - parts.loc[first]
        moved = ahead - (evaluation.contributions.loc[best] - evaluation.contributions.loc[first])
        items = [criterion_label(str(name), lang) for name in moved.index if moved[name] >= NOTICEABLE]
        if best != first and items:
            values = {"times": f"{times:g}", "name": option_name(options, best, lang)}
            sentences.append(say("conclude.demand", lang, items=join(items, lang), **values))
    return sentences


def likelihood(share: float, lang: Language) -> str:
    """Word a share of joint draws as the IPCC does (Mastrandrea et al. 2010)."""
    bounds = {"very": 0.9, "likely": 0.66, "even": 0.33}
    return say(f"likelihood.{next((word for word, low in bounds.items() if share >= low), 'less')}", lang)


def _standing(
    evaluation: Evaluation,
    standing: Standing,
    lang: Language,
    winner: str | None = None,
    *,
    calibrated: bool = False,
) -> str:
    """Put shares of draws into words: who leads whom, or who cannot be told apart.

    `winner` is told too where it is not among those that win most; the most likely ones are `calibrated`
    where everything that is uncertain was drawn.
    """

    def item(key: str, option: str) -> str:
        name = option_name(evaluation.evidence.options, option, lang)
        share = number(shares[option], "share", lang)
        if calibrated and option in found:
            form = "likelihood" if key == "share.most" else "share.likely"
            share = say(form, lang, share=share, word=likelihood(shares[option], lang))
        return say(key, lang, name=name, share=share)

    shares, found = standing.wins, standing.leaders(winner)
    if winner is not None and winner not in found:
        name = option_name(evaluation.evidence.options, winner, lang)
        values = {"name": name, "share": number(shares[winner], "share", lang)}
        most, *others = (item("share.most", option) for option in found)
        key = "share.behind.even" if others else "share.behind"
        return say(key, lang, first=most, items=join(others, lang), **values)
    if len(found) == 1:
        second = str(shares.drop(found[0]).idxmax())
        if not shares[second] > 0:
            return say("share.all", lang, name=option_name(evaluation.evidence.options, found[0], lang))
        return say("share.lead", lang, first=item("share.most", found[0]), second=item("share.most", second))
    items = [item("share.next" if n else "share.first", option) for n, option in enumerate(found)]
    return say("share.even", lang, items=join(items, lang))


def _worth(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say whether the benefits of the best site cover its costs: that comes before any place.

    Where no site is left, of the option without a place that does best against keeping going to the city.
    """
    option = _appraised(evaluation)
    if evaluation.economics is None or option is None:
        return []
    npv_wan = _npv_wan(evaluation, option)
    values = {
        "n": f"{evaluation.scenario.demand.expansion_factor:g}",
        "name": option_name(evaluation.evidence.options, option, lang),
        "account": say("account.economic", lang),
    }
    of_site = has_place(evaluation, option)
    if npv_wan is None:
        return [say("conclude.unknown" if of_site else "conclude.other.unknown", lang, **values)]
    if npv_wan < 0:
        key = "conclude.loss" if of_site else "conclude.other.loss"
    else:
        key = "conclude.gain" if of_site else "conclude.other.gain"
    return [say(key, lang, amount=amount(npv_wan, lang), **values)]


def _appraised(evaluation: Evaluation) -> str | None:
    """Option whose present value is told first; None where there is nothing but today."""
    running = _running(evaluation)
    if not running.empty:
        return str(running.index[0])
    options = evaluation.evidence.options
    others = options.index[having(options["kind"], lambda kind: not kind.has_place and not kind.is_today)]
    if evaluation.economics is None or others.empty:
        return None
    npv_wan = evaluation.economics.summary["npv_wan"][others]
    return str(npv_wan.fillna(-math.inf).idxmax())


def _joined(sentences: Iterable[str], lang: Language) -> str:
    """Put sentences behind each other; a headline gets its full stop."""
    stop = say("full_stop", lang).strip()
    whole = [text if text.endswith(stop) else text + stop for text in sentences if text]
    return (" " if lang == "en" else "").join(whole)


@dataclass(frozen=True)
class Answer:
    """What one of the two questions comes to, in one word and in words."""

    verdict: BuildVerdict | Literal["recommended", "highest_score", "undecided"]
    text_zh: str
    text_en: str
    sites: list[str] | None = None
    """Options not told apart, the one that scores highest first; None where it is not asked where."""


@dataclass(frozen=True)
class Concluded:
    """The two answers of a study: whether to build, and where."""

    build: Answer
    where: Answer


@speaks
def conclusion_record(evaluation: Evaluation) -> dict[str, Json]:
    """Return the conclusion as `siting run --json` prints it: whether to build, and where."""
    texts = {lang: _answers(evaluation, lang) for lang in LANGUAGES}
    (build_zh, where_zh), (build_en, where_en) = texts["zh"], texts["en"]
    sites = [] if is_nothing_to_serve(evaluation) else _even(evaluation)
    build = Answer(_build_verdict(evaluation), build_zh, build_en)
    where = Answer(_where_verdict(evaluation, sites), where_zh, where_en, sites)
    record = asdict(Concluded(build, where))
    return {name: {k: v for k, v in found.items() if v is not None} for name, found in record.items()}


def sureness_record(evaluation: Evaluation) -> dict[str, Json]:
    """Return how sure that is as `siting run --json` prints it: wins, whom the leader beats, who pays."""
    record: dict[str, Json] = {"npv_positive": dict(building_record(evaluation))}
    sure, drawn = evaluation.robustness, evaluation.draws
    if sure is not None and leaders_of(evaluation) and not is_nothing_to_serve(evaluation):
        record |= {"draws": sure.standing.draws, **_standing_record(sure.standing)}
        if drawn is not None:
            both = {"free": drawn.free, "order_keeping": drawn.ordered}
            record |= {name: _standing_record(law.standing) for name, law in both.items()}
    return record


def _standing_record(standing: Standing) -> dict[str, Json]:
    leader = standing.leaders()[0]
    beaten = standing.beats.loc[leader].drop(leader)
    return {
        "wins": {str(option): float(share) for option, share in standing.wins.items()},
        "beats": {str(option): json_value(share) for option, share in beaten.items()},
    }


def _build_verdict(evaluation: Evaluation) -> BuildVerdict:
    if not is_appraised(evaluation):
        return "not_appraised"
    if is_nothing_to_serve(evaluation):
        return "does_not_pay"
    return "open" if evaluation.building is None else evaluation.building.verdict


def _where_verdict(
    evaluation: Evaluation, sites: list[str]
) -> Literal["recommended", "highest_score", "undecided"]:
    if may_recommend(evaluation):
        return "recommended"
    highest = [str(option) for option in _running(evaluation).index[:1]]
    return "highest_score" if sites and sites == highest else "undecided"


def _answers(evaluation: Evaluation, lang: Language) -> tuple[str, str]:
    """Put into words whether to build, and where; both the same where nothing needs a test."""
    whole = conclusion(evaluation, lang)
    parts = (whole, whole)
    if not is_nothing_to_serve(evaluation):
        build = [*_whether(evaluation, lang), *_behind(evaluation, lang)]
        parts = (build, [*_lead(evaluation, lang), *_details(evaluation, lang)])
    first, second = (_joined(said, lang) for said in parts)
    return first, second


def _even(evaluation: Evaluation) -> list[str]:
    """Sites that the draws do not tell apart; without draws those that score alike, the highest first."""
    running = _running(evaluation)
    if running.empty:
        return []
    tied = map(str, running.index[running["tie"]])
    return leaders_of(evaluation) or list(dict.fromkeys([str(running.index[0]), *tied]))


# --- Where data and weights come from -----------------------------------------------------------------


NOTICES = (
    *("E329", "E402", "E405", "E406", "E407", "E408", "E409", "E410", "E411", "E412", "E413", "R200"),
    "E568",
    *("R241", "R242", "R243", "R244", "R245", "R247"),
)
"""Issues of register, sites and replies that say how they and the study fit, and on coarse areas: told on
page and console too."""


def notices(evaluation: Evaluation) -> list[Issue]:
    """Give the notes on what register and study do not share, what was made anew, what is drawn coarsely."""
    inputs = evaluation.evidence.inputs
    tables = inputs.tables
    told = [tables[name].issues for name in ("enterprises", "sites", "replies") if name in tables]
    return [issue for issues in (*told, inputs.roads.issues) for issue in issues if issue.code in NOTICES]


def open_questions(evaluation: Evaluation, lang: Language) -> list[str]:
    """Put the questions that only the planner can answer, with what is reckoned meanwhile."""
    return question_texts(evaluation.scenario, evaluation.open_questions, lang)


def question_texts(scenario: Scenario, questions: Iterable[str], lang: Language) -> list[str]:
    """Put questions that are open, by their ids, with what a scenario says meanwhile."""
    known = {"n": f"{scenario.demand.expansion_factor:g}", "year": scenario.study_year}
    return [say(f"question.{question}", lang, **known) for question in questions]


def question_records(evaluation: Evaluation) -> list[dict[str, str]]:
    """Return the open questions as `siting run --json` prints them."""
    texts = {lang: open_questions(evaluation, lang) for lang in LANGUAGES}
    return [
        {"id": question, **{f"text_{lang}": texts[lang][n] for lang in LANGUAGES}}
        for n, question in enumerate(evaluation.open_questions)
    ]
