"""Study, result, comparison → the few lines and the small table by which a notebook shows each."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from siting.option_kinds import having
from siting.outputs.text.cells import cell_text, plain
from siting.outputs.text.conclusion import headlines
from siting.outputs.text.ground import ranked, unranked_text
from siting.outputs.text.sentences import verdict_text
from siting.outputs.text.wording import bilingual, grouped, option_name, points, say

if TYPE_CHECKING:
    from siting.scenario.model import Scenario
    from siting.study.evaluation import Evaluation
    from siting.types import Inputs, Language


def study_line(scenario: Scenario, inputs: Inputs, lang: Language) -> str:
    """Name a study, and count what it is made of."""
    title = bilingual(scenario.title_zh, scenario.title_en)[lang]
    return say(
        "card.study",
        lang,
        title=plain(title),
        firms=grouped(len(inputs.enterprises)),
        sites=int(having(inputs.sites["kind"], lambda kind: kind.has_place).sum()),
        options=len(inputs.sites),
        year=scenario.study_year,
    )


def study_card(scenario: Scenario, inputs: Inputs, lang: Language) -> str:
    """Show what a study is made of: its options, and on what its enterprises rest."""
    options = inputs.sites
    table = pd.DataFrame(
        {
            say("option", lang): [plain(option_name(options, str(option), lang)) for option in options.index],
            say("kind", lang): [cell_text("kind", str(kind), lang) for kind in options["kind"]],
        }
    )
    notes = say("card.issues", lang, n=grouped(len(inputs.issues)))
    return _card([study_line(scenario, inputs, lang), notes], table)


def result_line(evaluation: Evaluation, lang: Language) -> str:
    """Say in one line what a study came to."""
    return say("stop", lang).join(headlines(evaluation, lang))


def result_card(evaluation: Evaluation, lang: Language) -> str:
    """Show what a study came to: the two answers of the page, then rank and points of each option."""
    found, options = ranked(evaluation), evaluation.evidence.options
    table = pd.DataFrame(
        {
            say("rank", lang): ["" if pd.isna(rank) else f"{rank:.0f}" for rank in found["rank"]],
            say("option", lang): [plain(option_name(options, str(option), lang)) for option in found.index],
            say("score", lang): [
                unranked_text(evaluation, lang) if pd.isna(score) else points(score)
                for score in found["score"]
            ],
            say("conditions", lang): [verdict_text(evaluation, str(option), lang) for option in found.index],
        }
    )
    return _card(headlines(evaluation, lang), table)


def comparison_line(evaluations: Mapping[str, Evaluation], lang: Language) -> str:
    """Say in one line what each of several evaluations came to."""
    return say("stop", lang).join(_answers(evaluations, lang))


def comparison_card(evaluations: Mapping[str, Evaluation], scores: pd.DataFrame, lang: Language) -> str:
    """Show what each evaluation came to, then the points of each site side by side."""
    options = next(iter(evaluations.values())).evidence.options
    named = scores.set_axis([plain(option_name(options, str(site), lang)) for site in scores.index])
    table = named.map(lambda score: "" if pd.isna(score) else points(score))
    table.insert(0, say("option", lang), table.index)
    return _card(_answers(evaluations, lang), table.rename(columns=plain))


def _answers(evaluations: Mapping[str, Evaluation], lang: Language) -> list[str]:
    return [
        say("pair.colon", lang, a=plain(name), b=result_line(evaluation, lang))
        for name, evaluation in evaluations.items()
    ]


def _card(lines: Iterable[str], table: pd.DataFrame) -> str:
    texts = "".join(f"<p><b>{html.escape(line)}</b></p>" for line in lines)
    return texts + table.to_html(index=False, border=0, justify="left")
