"""Evaluation → what firms and county ask for beside the score, as `siting run --json` prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.text.cells import json_tree, json_value, plain
from siting.outputs.text.concerns.concern_sentences import concern_sentences, law_text
from siting.outputs.text.wording import LANGUAGES
from siting.study.ensembles import real_enterprises

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation
    from siting.types import Json

PLEDGE = (
    *("who", "who_en", "parties", "site", "amount_wan", "land_mu", "worth_wan", "firmness", "conflict"),
    *("made_on", "year", "valid_until", "expired", "counted", "decides", "note_zh", "note_en"),
)
"""Columns of a pledge in the JSON."""


def concern_record(evaluation: Evaluation) -> dict[str, Json]:
    """Return backlog, pledges, favourites, industries, reports and authority; texts in both languages."""
    found = evaluation.concerns
    asked = _permissions(found.reports)
    laws = {f"law_{lang}": [law_text(evaluation, name, lang) for name in asked] for lang in LANGUAGES}
    return {
        "stage": evaluation.scenario.project_stage,
        "as_of": evaluation.scenario.as_of,
        "leader": found.leader,
        "backlog": _backlog(evaluation),
        "pledges": _rows(pledges(evaluation)),
        "favourites": {
            "sites": json_tree(found.by_site),
            "enterprises": json_tree(_real(evaluation, found.favourites)),
        },
        "industries": _rows(found.industries.reset_index()),
        "industry_services": _rows(found.industry_services),
        "reports": _rows(found.reports.assign(**laws)),
        "authority": json_tree(found.authority),
        **{f"text_{lang}": concern_sentences(evaluation, lang) for lang in LANGUAGES},
    }


def pledges(evaluation: Evaluation) -> pd.DataFrame:
    """Return the pledges with their worth, whether they count, have expired, and decide who comes first."""
    worth, made = evaluation.economics, evaluation.evidence.inputs.pledges
    table = made if worth is None else worth.ledger.assign(decides=made.index.isin(worth.pledge_decides))
    return table.reindex(columns=list(PLEDGE)).rename_axis("pledge").reset_index()


def _backlog(evaluation: Evaluation) -> dict[str, Json]:
    """Give the enterprises that wait, what for, and the days under each option."""
    found, firms = evaluation.concerns.backlog, evaluation.evidence.inputs.enterprises
    waiting = firms.reindex(columns=["name", "source", "source_zh"]).loc[found.pieces.index]
    waiting = waiting.assign(pieces=found.pieces)
    return {
        "service": None if found.by_option.empty else found.service,
        "enterprises": json_tree(waiting),
        "options": json_tree(found.by_option),
    }


def _real(evaluation: Evaluation, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out illustrative enterprises: their favourites are nobody's."""
    return table[table.index.isin(real_enterprises(evaluation.evidence.inputs.enterprises))]


def _permissions(reports: pd.DataFrame) -> list[str]:
    return [] if reports.empty else [str(permission) for permission in reports["permission"]]


def _rows(table: pd.DataFrame) -> list[Json]:
    return [
        {plain(str(name)): json_value(cell) for name, cell in row.items()} for row in table.to_dict("records")
    ]
