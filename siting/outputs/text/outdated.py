"""What of a study's data is out of date, or newer than the year it speaks of: one line, by the data alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.analysis.money.pledged import expired
from siting.outputs.text.wording import LANGUAGES, join, option_name, say

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation
    from siting.types import Json, Language

AGEING = ("sites", "laboratories", "services", "pledges", "enterprises", "parameters")
"""Tables whose rows may rest on evidence newer than the study."""


def outdated(evaluation: Evaluation, lang: Language) -> str:
    """Say in one line what is out of date for the study's year; empty if nothing is known to be."""
    items = [say(f"outdated.{key}", lang, **values) for key, values in _found(evaluation, lang).items()]
    return say("outdated", lang, items=join(items, lang)) if items else ""


def outdated_record(evaluation: Evaluation) -> dict[str, Json]:
    """Return the same as `siting run --json` prints it, with the ids of what it is about."""
    texts = {f"text_{lang}": outdated(evaluation, lang) for lang in LANGUAGES}
    return {"ids": list(_found(evaluation, "zh")), **texts}


def _found(evaluation: Evaluation, lang: Language) -> dict[str, dict[str, object]]:
    """Collect what there is to tell, by id: prices, roads, pledges, fees, evidence."""
    inputs, year = evaluation.evidence.inputs, evaluation.scenario.study_year
    prices = _usual_year(inputs.parameters)
    opened = inputs.roads.edges["opened"]
    ended_pledges, undated = _pledges(inputs.pledges, evaluation.scenario.as_of)
    ended = _years(inputs.services, "valid_until") < year
    newer = _newer(evaluation, lang)
    found: dict[str, dict[str, object]] = {}
    if prices is not None and prices != year:
        found["prices"] = {"prices": prices, "year": year}
    if later := int((opened > year).fillna(False).sum()):
        found["roads"] = {"n": later, "year": year}
    if ended_pledges:
        found["pledges"] = {"n": ended_pledges}
    if undated:
        found["undated"] = {"n": undated}
    if ended.any():
        found["fees"] = {"n": int(ended.sum()), "year": year}
    if newer:
        found["newer"] = {"items": join(newer, lang), "year": year}
    return found


def _years(table: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of years, missing where the table has none."""
    import pandas as pd

    return pd.to_numeric(table[column]) if column in table else pd.Series(float("nan"), index=table.index)


def _usual_year(parameters: pd.DataFrame) -> int | None:
    """Year of most figures among the parameters: that of the prices."""
    years = _years(parameters, "year").dropna()
    return int(years.mode().iloc[0]) if len(years) else None


def _pledges(pledges: pd.DataFrame, day: str) -> tuple[int, int]:
    """Count the pledges that had ended by the day of the study, and those that name no last day."""
    undated = len(pledges) if "valid_until" not in pledges else int(pledges["valid_until"].isna().sum())
    return int(expired(pledges, day).sum()), undated


def _newer(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the tables with rows that rest on evidence newer than the study, options by their names."""
    inputs, year = evaluation.evidence.inputs, evaluation.scenario.study_year
    tables = {name: getattr(inputs, name) for name in AGEING}
    rows = {
        name: table.index[_years(table, "year") > year] for name, table in tables.items() if table is not None
    }
    said = [option_name(inputs.sites, str(site), lang) for site in rows.pop("sites")]
    rest = {name: len(found) for name, found in rows.items() if len(found)}
    return said + [
        say("outdated.rows", lang, table=say(f"table.{name}", lang), n=n) for name, n in rest.items()
    ]
