"""Tables of one study laid side by side → rows that name what no other table has."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from siting.inputs.issues import IssueLog
from siting.types import Issue, Table

_REFERENCES = (
    ("conditions", "site", "sites"),
    ("pledges", "site", "sites"),
    ("services", "laboratory", "laboratories"),
    ("road_edges", "from", "road_nodes"),
    ("road_edges", "to", "road_nodes"),
)
"""Table, column, table whose identifiers the column must name (blank allowed)."""


_ON_NEW_LAND = ("build", "branch")
"""Kinds of option that need land, so that the table must say how it is provided (供地方式)."""


def check_references(tables: Mapping[str, Table]) -> tuple[Issue, ...]:
    """Find names in one table that another table lacks, and rows that no other table explains.

    Conditions, pledges and services must name known options and laboratories, road edges known nodes;
    towns of options and enterprises known places; codes of enterprises an industry; options on new land the
    way that the land is provided, be it undecided. Nothing is changed.
    """
    found: list[Issue] = []
    for name, column, other in _REFERENCES:
        if name in tables and other in tables:
            found += _unknown(tables[name], column, set(tables[other].frame.index), other)
    if "places" in tables:
        places = tables["places"].frame
        known = {part for text in places["aliases"].dropna() for part in text.split(";")}
        known |= {*places["name"], *places["name_2011"].dropna()}
        for name in ("sites", "enterprises"):
            if name in tables:
                found += _unknown(tables[name], "town", known, "places")
    if "sites" in tables:
        found += _landless(tables["sites"])
    if "industries" in tables and "enterprises" in tables:
        found += _uncovered_codes(tables["enterprises"], tables["industries"].frame)
    return tuple(found)


def _unknown(table: Table, column: str, known: set[str], other: str) -> list[Issue]:
    named = table.frame[column]
    lost = table.frame[named.notna() & ~named.isin(known)]
    log = IssueLog(table.file, table.sheet)
    values = lost[column].tolist()
    log.add_rows("E401", lost["row"], table.headings.get(column, column), values, value=values, table=other)
    return log.issues


def _landless(sites: Table) -> list[Issue]:
    frame, column = sites.frame, "land_provision"
    unsaid = frame["kind"].isin(_ON_NEW_LAND) & (frame[column].isna() | (frame[column] == "none"))
    lost = frame[unsaid]
    log = IssueLog(sites.file, sites.sheet)
    said = lost[column].astype(object).fillna("").tolist()
    log.add_rows("E404", lost["row"], sites.headings.get(column, column), said, value=lost.index.tolist())
    return log.issues


def _uncovered_codes(enterprises: Table, industries: pd.DataFrame) -> list[Issue]:
    """Count the codes that no industry of the study covers; the longest prefix decides there."""
    prefixes = [code for text in industries["codes"].dropna() for code in text.split(";")]
    if not prefixes or "*" in prefixes:
        return []
    codes = enterprises.frame["industry"]
    covered = codes.str.match("|".join(map(re.escape, prefixes))).fillna(True).astype(bool)
    lost = enterprises.frame[~covered]
    log = IssueLog(enterprises.file, enterprises.sheet)
    log.add_rows(
        "E402", lost["row"], enterprises.headings.get("industry", "industry"), lost["industry"].tolist()
    )
    return log.issues
