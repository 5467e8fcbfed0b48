"""Tables of one study laid side by side → rows that name what no other table has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pandas as pd

from siting.common.near_words import nearest_words
from siting.inputs.dictionary.columns import columns_of
from siting.inputs.dictionary.issues import IssueLog, shown
from siting.inputs.dictionary.words import fold, words
from siting.inputs.places.region import fold_place
from siting.inputs.tables.codes import check_industries
from siting.messages import joined, refusal, text_of
from siting.option_kinds import having
from siting.types import Issue, Table

MOST_NAMED = 30
"""Towns or codes that one note names."""


def check_references(tables: Mapping[str, Table]) -> tuple[Issue, ...]:
    """Find names in the study's own tables that another table lacks, and options without their land.

    Conditions, pledges and services must name known options and laboratories, road edges known nodes;
    options lie in known towns, and those on new land say how it is provided, be it undecided. Nothing is
    changed; each finding is a mistake to mend.
    """
    found: list[Issue] = []
    for name, column, other, known in _REFERENCES:
        if name in tables and other in tables:
            found += _unknown(tables[name], column, known(tables[other].frame), other)
    for name, check in _OWN_CHECKS:
        if name in tables:
            found += check(tables[name])
    return tuple(found)


def unnamed_permissions(services: Table, known: Collection[str]) -> tuple[Issue, ...]:
    """Find services that ask for a permission of which nobody knows the name."""
    asked = services.frame["permission"]
    lost = services.frame[asked.notna() & ~asked.isin(list(known))]
    log = IssueLog(services.file, services.sheet)
    values = lost["permission"].tolist()
    log.add_rows("E880", lost["row"], services.headings.get("permission", "permission"), values, value=values)
    return tuple(log.issues)


def known_permissions(named: Collection[str]) -> list[str]:
    """List the permissions that services may ask for: those of the dictionary, and a study's own."""
    return [*columns_of("services")["permission"].allowed, *named]


def note_unmatched(enterprises: Table, places: pd.DataFrame, industries: pd.DataFrame) -> tuple[Issue, ...]:
    """Note, in one line each, towns and industry codes of a register that the study does not list.

    Nothing stops: such a code counts as other industry, such a row lies where its coordinates are. Rows
    without a town or code are no part of it.
    """
    return (*_unmatched_towns(enterprises, places), *_uncovered_codes(enterprises, industries))


def _known_towns(places: pd.DataFrame) -> set[str]:
    known = {part for text in places["aliases"].dropna() for part in _aliases(text)}
    return known | {*places["name"], *places["name_2011"].dropna()}


def _identifiers(frame: pd.DataFrame) -> set[str]:
    return set(frame.index)


def with_aliases(places: pd.DataFrame, aliases: Table) -> pd.DataFrame:
    """Give places the further names that a table of aliases states; industry codes are no part of it.

    Raises
    ------
    InputError
        The table names a place that is not there.
    """
    of_place: dict[str, list[str]] = {}
    codes = code_aliases(aliases)
    for alias, name in zip(aliases.frame["alias"], aliases.frame["name"], strict=True):
        if fold(str(alias)) not in codes:
            of_place.setdefault(str(name), []).append(str(alias))
    names = places["name"].tolist()
    lost = sorted(set(of_place) - _known_towns(places))
    if lost:
        raise refusal(aliases.file, "E659", names=", ".join(map(shown, lost)))
    further = []
    for name, old, known in zip(names, places["name_2011"], places["aliases"], strict=True):
        own = [] if pd.isna(known) else _aliases(known)
        more = [alias for called in (name, old, *own) for alias in of_place.get(str(called), [])]
        further.append(";".join([*own, *more]) or None)
    return places.assign(aliases=pd.array(further, dtype="str"))


def code_aliases(aliases: Table) -> dict[str, str]:
    """Give the industry codes of a table of aliases, by what the list writes in their place."""
    codes, _ = check_industries(aliases.frame["name"].astype(str).tolist(), year=None)
    written = aliases.frame["alias"].astype(str)
    return {fold(text): str(code) for text, code in zip(written, codes, strict=True) if code is not None}


def _aliases(cell: str | list[str]) -> list[str]:
    return cell.split(";") if isinstance(cell, str) else list(cell)


def _unknown(table: Table, column: str, known: set[str], other: str) -> list[Issue]:
    named = table.frame[column]
    lost = table.frame[named.notna() & ~named.isin(known)]
    log = IssueLog(table.file, table.sheet)
    values = lost[column].tolist()
    log.add_rows("E401", lost["row"], table.headings.get(column, column), values, value=values, table=other)
    return log.issues


def _landless(sites: Table) -> list[Issue]:
    frame, column = sites.frame, "land_provision"
    # Who needs land must say how it is provided (供地方式).
    needs_land = having(frame["kind"], lambda kind: kind.on_new_land)
    unsaid = needs_land & (frame[column].isna() | (frame[column] == "none"))
    lost = frame[unsaid]
    log = IssueLog(sites.file, sites.sheet)
    said = lost[column].astype(object).fillna("").tolist()
    log.add_rows("E404", lost["row"], sites.headings.get(column, column), said, value=lost.index.tolist())
    return log.issues


def _sites_or_all(frame: pd.DataFrame) -> set[str]:
    return {*frame.index, *words("every")}


def sites_by_name(sites: pd.DataFrame) -> dict[str, str]:
    """Give the id of each option by its id and by its names; names that two options bear are left out."""
    found: dict[str, set[str]] = {}
    for option, *names in zip(sites.index, sites["name"], sites["name_en"], strict=True):
        for name in filter(None, (name for name in names if isinstance(name, str))):
            found.setdefault(name, set()).add(str(option))
            found.setdefault(fold(name), set()).add(str(option))
    named = {name: next(iter(options)) for name, options in found.items() if len(options) == 1}
    return named | {str(option): str(option) for option in sites.index}


def _named_sites(frame: pd.DataFrame) -> set[str]:
    return set(sites_by_name(frame))


_REFERENCES: tuple[tuple[str, str, str, Callable[[pd.DataFrame], set[str]]], ...] = (
    ("conditions", "site", "sites", _sites_or_all),
    ("replies", "site", "sites", _named_sites),
    ("pledges", "site", "sites", _identifiers),
    ("services", "laboratory", "laboratories", _identifiers),
    ("road_edges", "from", "road_nodes", _identifiers),
    ("road_edges", "to", "road_nodes", _identifiers),
    ("sites", "town", "places", _known_towns),
)
"""Table, column, other table, and what of that one the column must name (blank allowed)."""
_OWN_CHECKS: tuple[tuple[str, Callable[[Table], list[Issue]]], ...] = (("sites", _landless),)
"""Table, and what is checked of it once the study is whole."""


def _unmatched_towns(enterprises: Table, places: pd.DataFrame) -> list[Issue]:
    known = sorted(_known_towns(places))
    towns, folded = enterprises.frame["town"], set(map(fold_place, known))
    strange = [town for town in towns.dropna().unique() if fold_place(town) not in folded]
    lost = enterprises.frame[towns.isin(strange)]
    if lost.empty:
        return []
    towns_lost = []
    counts = {str(town): count for town, count in lost["town"].value_counts().items()}
    for town, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        near = nearest_words(town, known, whole=True)
        code, guess = ("P129", near[0]) if near else ("P128", "")
        towns_lost.append(text_of(code, town=shown(town), count=count, near=guess))
    listed = joined(towns_lost[:MOST_NAMED], ", ", "、")
    listed = text_of("P130", towns=listed) if len(towns_lost) > MOST_NAMED else listed
    return _note(enterprises, "E405", lost["row"], "town", towns=listed)


def _uncovered_codes(enterprises: Table, industries: pd.DataFrame) -> list[Issue]:
    """Count the codes that no industry of the study covers."""
    lost = uncovered(enterprises.frame, industries)
    if lost.empty:
        return []
    counts = lost["industry"].value_counts()
    listed = [f"{code} ({counts[code]})" for code in sorted(counts.index)]
    return _note(
        enterprises,
        "E402",
        lost["row"],
        "industry",
        codes=", ".join(listed[:MOST_NAMED]) + (f" … ({len(listed)})" if len(listed) > MOST_NAMED else ""),
    )


def uncovered(enterprises: pd.DataFrame, industries: pd.DataFrame) -> pd.DataFrame:
    """Give the rows whose code no industry of the study covers; none where all codes are covered."""
    prefixes = tuple(code for text in industries["codes"].dropna() for code in _aliases(text))
    if not prefixes or "*" in prefixes:
        return enterprises.iloc[:0]
    codes = enterprises["industry"].astype(object)
    return enterprises[[isinstance(code, str) and not code.startswith(prefixes) for code in codes]]


def _note(table: Table, code: str, rows: pd.Series, column: str, **words: object) -> list[Issue]:
    """Note several rows of a register in one line that counts them."""
    log = IssueLog(table.file, table.sheet)
    log.add(code, row=int(rows.min()), column=table.headings.get(column, column), count=len(rows), **words)
    return log.issues
