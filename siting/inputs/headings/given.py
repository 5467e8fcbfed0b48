"""Columns that the planner names → their positions, before any heading is recognised by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from siting.inputs.dictionary.columns import COORDINATES, PAIR, columns_of
from siting.inputs.dictionary.words import fold
from siting.inputs.headings.axes import refuse_doubled
from siting.messages import refusal

Given = Mapping[str, str]
"""Field → heading as it stands in the file, or its last level."""


def check_fields(given: Given, table: str, file: str) -> dict[str, str]:
    """Give the fields by their names in the dictionary; an unknown one is refused with the nearest."""
    columns = columns_of(table)
    known = {column.label_zh: name for name, column in columns.items()} | {name: name for name in columns}
    if set(COORDINATES) <= columns.keys():
        known[PAIR] = PAIR
    for field in given:
        if field not in known:
            spelt = {word: name for name, column in columns.items() for word in (name, *column.synonyms)}
            near = spelt[_nearest(field, spelt)]
            raise refusal(file, "E576", field=field, near=near, allowed=", ".join(columns))
    return {known[field]: heading for field, heading in given.items()}


def is_given(cell: str, heading: str) -> bool:
    """Tell whether a cell of a heading, or its last level, is the one that the planner names."""
    own, wanted = _plain(cell), _plain(heading)
    return wanted != "" and (own == wanted or own.rpartition("/")[2] == wanted)


def find_given(given: Given, shown: Sequence[str], file: str) -> dict[int, str]:
    """Find the columns that the planner names: position → field.

    Raises
    ------
    InputError
        If a heading does not stand in the file, stands there twice, or is given for two fields.
    """
    found: dict[int, str] = {}
    for field, heading in given.items():
        at = [i for i, name in enumerate(shown) if _plain(name) == _plain(heading) != ""]
        at = at or [i for i, name in enumerate(shown) if is_given(name, heading)]
        if not at:
            names = [name for name in shown if name]
            near = _nearest(heading, names)
            raise refusal(file, "E577", heading=heading, near=near, seen=", ".join(names)[:300])
        refuse_doubled([at], shown, file)
        if at[0] in found:
            raise refusal(file, "E578", heading=shown[at[0]], fields=f"{found[at[0]]}, {field}")
        found[at[0]] = field
    return found


def _plain(name: str) -> str:
    return re.sub(r"\s+", "", fold(name)).lower()


def _nearest(word: str, known: Sequence[str] | Mapping[str, str]) -> str:
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(known), scorer=fuzz.ratio)
    return found[0] if found else "—"
