"""Evaluation → what became of each thing that firms and county ask for beside the score, a sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siting.option_kinds import KINDS, TODAY
from siting.outputs.text.wording import bilingual, grouped, join, number, option_name, say, words

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation
    from siting.types import Language

LAW_OF_2014 = 2014
"""Year from which the law on special equipment takes the place of the regulation of 2003 and 2009."""


def concern_sentences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say how far the centre has come, and what becomes of backlog, pledges, favourites and authority."""
    stage, pledges = evaluation.scenario.project_stage, evaluation.evidence.inputs.pledges
    return [
        *([say(f"concern.stage.{stage}", lang)] if stage else []),
        *_backlog(evaluation, lang),
        *(pledge_sentence(evaluation, str(pledge), lang) for pledge in pledges.index),
        *_favourites(evaluation, lang),
        *_authority(evaluation, lang),
    ]


# backlog ----------------------------------------------------------------------------------


def _backlog(evaluation: Evaluation, lang: Language) -> list[str]:
    found = evaluation.concerns.backlog
    if found.by_option.empty:
        return []
    inputs = evaluation.evidence.inputs
    firms = inputs.enterprises.reindex(found.pieces.index)
    stated = firms.reindex(columns=["source_zh", "source"]).to_numpy(object)
    sources = [text for zh, en in stated if (text := bilingual(zh, en)[lang])]
    service = inputs.services.loc[found.service]
    text = say(
        "concern.backlog",
        lang,
        who=join(map(str, firms["name"]), lang),
        n=grouped(found.pieces.sum()),
        service=bilingual(service["name"], service.get("name_en"))[lang],
        items=say("stop", lang).join(_days(evaluation, lang)),
    )
    source = join(dict.fromkeys(sources), lang)
    return [text + say("concern.source", lang, source=source) if source else text]


def _days(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say the working days under today, the sites, and the teams that come to the gate."""
    table, kinds = evaluation.concerns.backlog.by_option, evaluation.evidence.options["kind"]
    said = []
    today = table[kinds == TODAY.id]
    said.append(say("concern.days.today", lang, days=_span(today["days"], lang)))
    sites = table[[KINDS[kind].has_place for kind in kinds]]
    if len(sites):
        key = "concern.days.sites" if sites["inspects"].any() else "concern.days.unapproved"
        said.append(say(key, lang, days=_span(sites["days"], lang)))
        best = sites["saved_once_if_approved_yuan"].max()
        if not sites["inspects"].all() and best > 0:
            days = _span(sites["days_if_approved"], lang)
            said.append(say("concern.days.approved", lang, days=days, yuan=grouped(best)))
    for option in table.index[[KINDS[kind].comes_to_gate for kind in kinds]]:
        name = option_name(evaluation.evidence.options, option, lang)
        said.append(say("concern.days.team", lang, name=name, days=_span(table.loc[[option], "days"], lang)))
    return said


def _span(days: pd.Series, lang: Language) -> str:
    low, high = (say("concern.days", lang, n=grouped(end)) for end in (days.min(), days.max()))
    return low if low == high else say("concern.span", lang, low=grouped(days.min()), high=high)


# pledges ----------------------------------------------------------------------------------


def pledge_sentence(evaluation: Evaluation, pledge: str, lang: Language) -> str:
    """Say of one pledge who made it, when, how firm it is, what it is worth, and whether it counts."""
    row = evaluation.evidence.inputs.pledges.loc[[pledge]].iloc[0]
    options = evaluation.evidence.options
    site = option_name(options, str(row["site"]), lang) if row["site"] in options.index else ""
    about = [
        *([say("concern.parties", lang, n=grouped(row["parties"]))] if _known(row, "parties") else []),
        *([say("concern.conflict", lang)] if row["conflict"] else []),
        *([say("concern.site", lang, name=site)] if site else []),
        say(f"firmness.{row['firmness']}", lang),
        _when(row, lang),
        pledge_end(evaluation, row, lang),
    ]
    note = [bilingual(row.get("note_zh"), row.get("note_en"))[lang]]
    return say(
        "concern.pledge",
        lang,
        who=bilingual(row["who"], row.get("who_en"))[lang],
        about=join(filter(None, about), lang),
        items=say("stop", lang).join([*filter(None, note), *_worth(evaluation, pledge, lang)]),
    )


def _worth(evaluation: Evaluation, pledge: str, lang: Language) -> list[str]:
    """Say what a pledge is worth, if that is known, and whether the public account counts it."""
    if evaluation.economics is None:
        return []
    own = evaluation.economics.ledger.loc[[pledge]].iloc[0]
    stated = own["worth_wan"] > 0
    worth = say("concern.worth", lang, wan=grouped(own["worth_wan"])) if stated else say("concern.open", lang)
    return [worth, say("concern.counted" if own["counted"] else "concern.uncounted", lang)]


def _known(row: pd.Series, column: str) -> bool:
    return column in row.index and not pd.isna(row[column])


def _when(row: pd.Series, lang: Language) -> str:
    if _known(row, "made_on"):
        return str(row["made_on"])
    return say("concern.year", lang, year=f"{row['year']:.0f}") if _known(row, "year") else ""


def pledge_end(evaluation: Evaluation, row: pd.Series, lang: Language) -> str:
    """Say until when a pledge holds, and whether it had ended by the day of the study."""
    if not _known(row, "valid_until"):
        return say("concern.undated", lang)
    key = "concern.expired" if row["expired"] else "concern.until"
    return say(key, lang, until=row["valid_until"], day=evaluation.scenario.as_of)


# favourites and authority -----------------------------------------------------------------


def _favourites(evaluation: Evaluation, lang: Language) -> list[str]:
    found, options = evaluation.concerns, evaluation.evidence.options
    if found.leader is None or found.by_site.empty:
        return []
    firms = found.by_site["enterprises"]
    items = [
        say("concern.favours", lang, name=option_name(options, str(site), lang), n=grouped(firms[site]))
        for site in firms.sort_values(ascending=False, kind="stable").index
        if firms[site]
    ]
    hours = number(found.by_site["extra_hours"].sum(), "hours", lang)
    name = option_name(options, found.leader, lang)
    return [say("concern.favourites", lang, items=join(items, lang), name=name, hours=hours)]


def _authority(evaluation: Evaluation, lang: Language) -> list[str]:
    found = evaluation.concerns
    if found.leader is None or found.reports.empty:
        return []
    shares = found.authority.loc[[found.leader]].iloc[0]
    phases = [
        say("concern.phase_share", lang, phase=phase, share=number(float(share), "share", lang))
        for phase, share in shares.items()
    ]
    barred = found.reports[(found.reports["why"] == "permission")]["permission"]
    laws = [law_text(evaluation, str(permission), lang) for permission in dict.fromkeys(barred)]
    name = option_name(evaluation.evidence.options, found.leader, lang)
    text = say("concern.authority", lang, name=name, items=join(phases, lang))
    return [text + (say("concern.barred", lang, laws=join(laws, lang)) if laws else "")]


def law_text(evaluation: Evaluation, permission: str, lang: Language) -> str:
    """Say what a body needs before it may issue a report, and by which law of the study's year."""
    facility = evaluation.scenario.facility
    stated = None if facility is None else facility.law(permission, lang)
    if stated is not None:
        return stated
    key = f"law.{permission}"
    older = f"{key}.before_{LAW_OF_2014}"
    is_older = evaluation.scenario.study_year < LAW_OF_2014 and older in words(lang)
    return say(older if is_older else key, lang)
