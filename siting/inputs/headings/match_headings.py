"""Headings as found → columns of the data dictionary, their units and what is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from siting.common.near_words import most_alike
from siting.inputs.dictionary.columns import COORDINATES, PAIR, Column, columns_of
from siting.inputs.dictionary.words import words
from siting.inputs.headings.axes import AXES, choose_axes, refuse_doubled
from siting.inputs.headings.degrees import join_parts, known_parts
from siting.inputs.headings.given import Given, find_given, is_given
from siting.inputs.headings.naming import (
    Named,
    is_personal,
    is_unit,
    name_as,
    plain_heading,
    read_heading,
    unit_factor,
)
from siting.inputs.headings.titles import money_unit
from siting.messages import quoted, refusal, text_of


@dataclass(frozen=True)
class Headings:
    """What each column of a file is."""

    fields: Mapping[str, int]
    """Field → position of its column; `PAIR` stands for both coordinates."""
    names: tuple[str, ...]
    """Headings as they stand in the file, line breaks as blanks."""
    factors: Mapping[str, float]
    """Field → factor from the heading's unit to the dictionary's, where they differ."""
    units: Mapping[str, str]
    """Field → unit as the heading states it; only for measures that have a choice of units."""
    unusable: Mapping[str, str]
    """Field → unit of the heading that cannot be converted; its values are missing."""
    crs: str | None = None
    """Coordinate system that the coordinate headings name, such as ``经度（GCJ-02）``."""
    personal: tuple[int, ...] = ()
    extra: tuple[int, ...] = ()
    surplus: Mapping[int, str] = field(default_factory=dict)
    """Position → field that another, better fitting column already gives."""
    degree_parts: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Position of a column of degrees → those of its minutes and seconds, if they stand apart."""

    def name(self, *fields: str) -> str:
        """Give the heading of a field, or of several joined by a stroke; levels that they share come once."""
        pair = self.fields.get(PAIR)
        positions = dict.fromkeys(self.fields.get(f, pair if f in COORDINATES else None) for f in fields)
        names = [self.names[i] for i in positions if i is not None]
        group = names[0].rpartition("/")[0] + "/" if names else ""
        shared = all(name.startswith(group) for name in names)
        return "/".join([*names[:1], *(name.removeprefix(group) if shared else name for name in names[1:])])


def count_known(cells: Sequence[str], table: str, given: Given | None = None) -> int:
    """Count the different columns of a table that a row of cells names; what a heading row scores."""
    named = (read_heading(cell, table) for cell in cells)
    fields = {found.field for found in named if found}
    fields |= {field for field, name in (given or {}).items() if any(is_given(cell, name) for cell in cells)}
    return len(fields) + len(known_parts(cells, table))


def match_headings(
    names: Sequence[str],
    table: str,
    *,
    file: str,
    layer: bool = False,
    declared: str | None = None,
    by_town: bool = False,
    given: Given | None = None,
    titles: Sequence[str] = (),
    units: Mapping[int, str] | None = None,
) -> Headings:
    """Find which column of the dictionary each heading names.

    An exact table of spellings decides, after folding and without blanks, units, years and systems. Of
    several spellings of one field the dictionary's own label counts, then the order of its synonyms;
    longitude and latitude are chosen as one pair, in the `declared` system where the headings name none.
    Where rows may be placed `by_town`, a table with townships needs no coordinates. A heading `given` for a
    field goes before all this. Figures whose heading states no unit are in the one that the row of `units`
    states (by position), money else in the one that the `titles` state.

    Raises
    ------
    InputError
        If a needed column is absent, one heading stands twice, or the two coordinates belong to no one
        pair; the text names them.
    """
    columns = columns_of(table)
    shown = tuple(re.sub(r"\s+", " ", name).strip() for name in names)
    named = {i: found for i, name in enumerate(shown) if (found := read_heading(name, table))}
    named, parts = ({**named}, {}) if layer else join_parts(shown, named, table)
    chosen = find_given(given or {}, shown, file)
    named |= {i: name_as(shown[i], field) for i, field in chosen.items()}
    taken = {*named, *(i for columns in parts.values() for i in columns)}
    other = [i for i, name in enumerate(shown) if name and i not in taken]
    candidates: dict[str, list[int]] = {}
    for i in sorted(named, key=lambda i: named[i].rank):
        candidates.setdefault(named[i].field, []).append(i)
    axes = {} if layer else choose_axes(_unless_given(named, chosen), shown, file=file, declared=declared)
    plain = {column: found for column, found in candidates.items() if column not in AXES}
    refuse_doubled([_alike(found, named) for found in plain.values()], shown, file)
    fields = {column: found[0] for column, found in plain.items()} | axes
    surplus = {
        i: COORDINATES[0] if column == PAIR else column
        for column, found in candidates.items()
        for i in found
        if i != fields.get(column) and not (layer and column in AXES)
    }
    replaced = [name for name in columns if name != "name"] if layer else _by_town(fields) if by_town else ()
    _refuse_absent(fields, columns, shown, file, replaced)
    remarks = {column: named[i].remarks for column, i in fields.items()}
    remarks |= _stated_apart(remarks, columns, _by_field(units or {}, fields), money_unit(titles))
    factors, stated, unusable = _heading_units(remarks, columns)
    systems = [named[i].system for i in axes.values()]
    personal = [i for i in other if is_personal(shown[i])]
    return Headings(
        fields,
        shown,
        factors,
        stated,
        unusable,
        next(filter(None, systems), None),
        tuple(personal),
        tuple(i for i in other if i not in personal),
        surplus,
        {i: parts[i] for i in axes.values() if i in parts},
    )


def _unless_given(named: Mapping[int, Named], chosen: Mapping[int, str]) -> dict[int, Named]:
    """Leave out the coordinates for which another column is given."""
    given = {field for field in chosen.values() if field in AXES}
    out = set(AXES) if PAIR in given else given | ({PAIR} if given else set())
    return {i: found for i, found in named.items() if i in chosen or found.field not in out}


def _alike(found: Sequence[int], named: Mapping[int, Named]) -> list[int]:
    """Give the headings of a field that fit it best, and equally well."""
    return [i for i in found if named[i].rank == named[found[0]].rank]


def _by_town(fields: Mapping[str, int]) -> Sequence[str]:
    """Give the columns that townships replace: both coordinates; one without the other is a misspelling."""
    return COORDINATES if "town" in fields and fields.keys().isdisjoint(AXES) else ()


def _refuse_absent(
    fields: Mapping[str, int],
    columns: Mapping[str, Column],
    shown: Sequence[str],
    file: str,
    replaced: Sequence[str],
) -> None:
    """Refuse a table without a needed column; `replaced` ones are given otherwise."""
    needed = [c for c in columns.values() if c.required and c.column not in ("id", "kind")]
    given = {*fields, *replaced, *(COORDINATES if PAIR in fields else ())}
    absent = [c for c in needed if c.column not in given]
    if not absent:
        return
    townships = {c.column for c in absent} <= set(_by_town(fields))
    listed = ", ".join(f"{c.label_zh} ({c.column})" for c in absent)
    guesses: list[str] = []
    free = [name for i, name in enumerate(shown) if i not in fields.values()]
    for column in absent:  # no heading is offered for two columns
        guesses += _did_you_mean(column, [name for name in free if name not in guesses])
    seen = ", ".join(name for name in shown if name)
    raise refusal(
        file,
        "E574" if townships else "E572",
        columns=listed,
        columns_zh="、".join(c.label_zh for c in absent),
        seen=seen[:300],
        guess=text_of("P133", names=quoted(guesses, between_zh="")) if guesses else "",
    )


def _did_you_mean(column: Column, free_names: Sequence[str]) -> list[str]:
    free = {plain_heading(name): name for name in free_names if name}
    spellings = [plain_heading(s) for s in (column.label_zh, *column.synonyms) if len(s) > 1]
    return [free[name] for name in most_alike(spellings, list(free), whole=True)[:1]]


def _by_field(units: Mapping[int, str], fields: Mapping[str, int]) -> dict[str, str]:
    return {name: units[i] for name, i in fields.items() if i in units}


def _stated_apart(
    remarks: Mapping[str, Sequence[str]],
    columns: Mapping[str, Column],
    units: Mapping[str, str],
    title: str | None,
) -> dict[str, tuple[str, ...]]:
    """Give columns whose headings state no unit that of the row below, columns of money else the title's."""
    _, own, unusable = _heading_units(remarks, columns)
    found: dict[str, tuple[str, ...]] = {}
    for name, column in ((name, columns.get(name)) for name in remarks):
        unit = units.get(name) or (title if column and column.dimension == "money" else None)
        if unit and name not in own and name not in unusable:
            found[name] = (unit,)
    return found


def _heading_units(
    remarks: Mapping[str, Sequence[str]], columns: Mapping[str, Column]
) -> tuple[dict[str, float], dict[str, str], dict[str, str]]:
    """Read the unit that each heading states, in brackets, after a stroke or in a level of its own."""
    factors, units, unusable = {}, {}, {}
    for name, stated in remarks.items():
        column = columns.get(name)
        if column is None or column.dtype not in ("int", "float"):
            continue
        for unit in stated:
            factor = unit_factor(unit, column.dimension)
            unread = factor is None and column.dimension == "money" and ("元" in unit or is_unit(unit))
            if unread or any(word in unit for word in words("foreign")):
                unusable[name] = unit
            elif factor is not None:
                units[name] = unit
                if factor != 1.0:
                    factors[name] = factor
    return factors, units, unusable
