"""Evaluation → the sheets on backlog, favourite sites, industries served, and reports that may be issued."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.tables.robustness_sheets import named
from siting.outputs.text.concerns.concern_sentences import concern_sentences, law_text
from siting.outputs.text.wording import say

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation

SERVED = ("here", "sent_on", "elsewhere")
"""Who does a test: the option, the city by way of the option, the city as today."""


def concerns(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what became of each thing asked for, a sentence a row; None where nothing was."""
    import pandas as pd

    said = concern_sentences(evaluation, "zh")
    if not said:
        return None
    return pd.DataFrame({"sentence": said}, index=pd.RangeIndex(1, len(said) + 1, name="item_number"))


def backlog(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what clearing the backlog takes under each option; None where nothing waits."""
    found = evaluation.concerns.backlog
    if found.by_option.empty:
        return None
    service = evaluation.evidence.inputs.services["name"][str(found.service)]
    table = found.by_option.rename(columns={"trips": "trips_of_inspectors"})
    return named(evaluation, table.assign(backlog=found.pieces.sum(), service=service))


def favourites(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return each enterprise's favourite site and what the leading one costs it a year."""
    found = evaluation.concerns
    if found.leader is None:
        return None
    names = evaluation.evidence.options["name"]
    table = found.favourites.assign(
        favourite_site=found.favourites["favourite"].map(names), chosen_site=names[found.leader]
    )
    firms = evaluation.evidence.inputs.enterprises[["name"]]
    shown = ["favourite_site", "minutes_to", "hours_there", "chosen_site", "chosen_minutes", "extra_hours"]
    return firms.join(table.rename(columns={"minutes": "minutes_to", "hours": "hours_there"})[shown])


def industry_services(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return by phase, pillar industry and service who does the tests under the leading site."""
    found = evaluation.concerns.industry_services
    if found.empty:
        return None
    inputs = evaluation.evidence.inputs
    table = found.assign(
        industry=found["industry"].map(inputs.industries["name"]),
        service=found["service"].map(inputs.services["name"]),
        state=[say(f"served.{state}", "zh") for state in found["state"]],
        why=_why(found["why"]),
        **{name: 100 * found[name] for name in SERVED},
    )
    renamed = {"tests": "tests_scaled", **{name: f"served_pct.{name}" for name in SERVED}}
    return table.rename(columns=renamed).set_index("phase")


def reports(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return by phase and service which reports the leading site may issue, and by which law."""
    found = evaluation.concerns.reports
    if found.empty:
        return None
    services = evaluation.evidence.inputs.services["name"]
    table = found.assign(
        service=found["service"].map(services),
        issued_pct=100 * found["issued"],
        law=[law_text(evaluation, str(permission), "zh") for permission in found["permission"]],
        why=_why(found["why"]),
    )
    return table[["phase", "service", "issued_pct", "why", "law"]].set_index("phase")


def authority(evaluation: Evaluation) -> pd.DataFrame:
    """Return the share of the demand whose report each option may issue, by phase."""
    return named(evaluation, (100 * evaluation.concerns.authority).add_prefix("issued_pct."))


def _why(reasons: pd.Series) -> list[str]:
    return [say(f"unserved.{reason}", "zh") if reason else "" for reason in reasons]
