"""Conditions, red lines and replies of a study → a verdict of each site, and what to tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pandas as pd

from siting.analysis.decision.condition_verdicts import (
    EVERY,
    Remark,
    for_each_site,
    with_red_lines,
    with_replies,
)
from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.dictionary.words import fold, words
from siting.inputs.tables.references import sites_by_name
from siting.messages import Text, text_of
from siting.option_kinds import KINDS, having
from siting.types import Inputs, Issue, Table


def with_verdicts(inputs: Inputs) -> Inputs:
    """Decide the conditions of every option at hand; deciding twice is deciding once."""
    stated = _stated(inputs)
    kinds = inputs.sites["kind"]
    conditions = for_each_site(stated, inputs.sites.index[having(kinds, lambda kind: kind.on_new_land)])
    inside = _inside(inputs)
    conditions = with_red_lines(conditions, inside, "pending")
    remarks: list[Remark] = []
    if "replies" in inputs.tables:
        conditions, remarks = with_replies(conditions, _by_id(inputs))
    conditions = with_red_lines(conditions, inside, "fail")
    told = [*_told(inputs, remarks), *_contradictions(inputs, conditions, inside)]
    if not conditions.equals(inputs.conditions):
        inputs = replace(inputs, conditions=conditions)
    return _with_issues(inputs, "replies", told)


def with_sites_outside(inputs: Inputs) -> Inputs:
    """Note the options of the county that lie beyond its outline."""
    from siting.inputs.places.region import Region

    if inputs.boundary is None or "sites" not in inputs.tables:
        return inputs
    own = inputs.sites[having(inputs.sites["kind"], lambda kind: kind.in_county)]
    region = Region(inputs.boundary)
    outside = own[region.outside(own["lon"].to_numpy(float), own["lat"].to_numpy(float))]
    if outside.empty:
        return inputs
    log = _log(inputs.tables["sites"])
    names = [str(name) for name in outside["name"]]
    log.add("R247", sites=Text(", ".join(names), "、".join(names)))
    return _with_issues(inputs, "sites", log.issues)


def _stated(inputs: Inputs) -> pd.DataFrame:
    """Give the rows as stated; those for every site come from the table as read, for sites added since."""
    table = inputs.conditions
    if "conditions" in inputs.tables:
        read = inputs.tables["conditions"].frame
        common = read[read["site"].isin(list(words("every")))].assign(site=EVERY)
        own = table[~table["site"].isin(list(words("every")))]
        table = pd.concat([common, own], ignore_index=True) if len(common) else own
    return table


def _by_id(inputs: Inputs) -> pd.DataFrame:
    """Give the replies with options by their id, departments as folded text."""
    replies, known = inputs.tables["replies"].frame, sites_by_name(inputs.sites)
    sites = [known.get(str(site), known.get(fold(str(site)), str(site))) for site in replies["site"]]
    return replies.assign(site=sites)


def _inside(inputs: Inputs) -> pd.DataFrame:
    """Find which options lie inside which red lines."""
    import shapely

    columns = ["site", "condition", "verdict", "name", "file"]
    if inputs.red_lines is None:
        return pd.DataFrame(columns=columns)
    located = inputs.sites[inputs.sites["lon"].notna()]
    rows = [
        {**polygon, "site": str(site)}
        for polygon in inputs.red_lines.to_dict("records")
        for site, is_inside in zip(
            located.index,
            shapely.intersects_xy(polygon["geometry"], located["lon"], located["lat"]),
            strict=True,
        )
        if is_inside and KINDS[located["kind"][site]].has_place
    ]
    return pd.DataFrame(rows, columns=columns)


def _told(inputs: Inputs, remarks: Iterable[Remark]) -> list[Issue]:
    """Word the remarks on the rows of replies."""
    if "replies" not in inputs.tables:
        return []
    table = inputs.tables["replies"]
    log = _log(table)
    rows = _by_id(inputs).set_index("row")
    for remark in remarks:
        row = rows.loc[remark.row]
        lacking = [
            text_of(code)
            for code, column in (("P241", "letter_number"), ("P242", "letter_date"))
            if pd.isna(row[column])
        ]
        names: dict[str, Any] = _names(inputs, str(row["site"]), str(row["condition"]))
        names |= {"verdict": _word(str(row["verdict"])), "lacking": _and(lacking), **remark.words}
        names["department"] = remark.words["department"] or text_of("P248")
        log.add(remark.code, row=remark.row, **names)
    return log.issues


def _contradictions(inputs: Inputs, conditions: pd.DataFrame, inside: pd.DataFrame) -> list[Issue]:
    """Say where a department agrees to a site that a red line rules out."""
    if "replies" not in inputs.tables or inside.empty:
        return []
    log = _log(inputs.tables["replies"])
    ruled = conditions[(conditions["decided_by"] == "red_line") & (conditions["reply"] == "agree")]
    for row in ruled[ruled["verdict"] == "fail"].to_dict("records"):
        at = inside[(inside["site"] == row["site"]) & (inside["condition"] == row["condition"])].iloc[0]
        names = _names(inputs, str(row["site"]), str(row["condition"]))
        log.add(
            "R245",
            name=at["name"],
            file=at["file"],
            department=row["replied_by"] or row["department"],
            **names,
        )
    return log.issues


def _names(inputs: Inputs, site: str, condition: str) -> dict[str, Any]:
    sites = inputs.sites
    name = str(sites["name"][site]) if site in sites.index else site
    return {"site": name, "condition": _word(condition)}


def _word(value: str) -> Text:
    """Give an allowed value of a reply in both languages."""
    zh = next((word for word, meant in words("choice").items() if value in meant.split(";")), value)
    return Text(value.replace("_", " "), zh)


def _and(texts: list[Text]) -> Text:
    return Text(" and ".join(text.en for text in texts), "、".join(text.zh for text in texts))


def _log(table: Table) -> IssueLog:
    return IssueLog(table.file, table.sheet)


def _with_issues(inputs: Inputs, name: str, issues: Iterable[Issue]) -> Inputs:
    """Add issues to those of a table that it does not tell already."""
    if name not in inputs.tables:
        return inputs
    table = inputs.tables[name]
    fresh = [issue for issue in issues if issue not in table.issues]
    if not fresh:
        return inputs
    noted = replace(table, issues=(*table.issues, *fresh))
    return replace(inputs, tables={**inputs.tables, name: noted})
