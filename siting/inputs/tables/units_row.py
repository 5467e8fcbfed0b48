"""A row of units right below a heading → the unit of each column that states none itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from siting.inputs.dictionary.words import fold
from siting.inputs.headings.naming import is_unit
from siting.inputs.tables.values import is_missing

ROWS_BELOW = 3
"""Rows below a heading among which its units are looked for: column numbers may stand above them."""
_LABEL = re.compile(r"(?:计量)?单位:?")
_BRACKETS = "()[]【】"


def unit_in(cell: str) -> str:
    """Give the unit that a cell of such a row states: ``（千元）``, ``单位：千元`` and ``千元`` are one.

    >>> unit_in("（千元）"), unit_in("单位：千元"), unit_in("城关镇")
    ('千元', '千元', '')
    """
    text = re.sub(r"\s+", "", fold(cell)).lower().strip(_BRACKETS)
    text = _LABEL.sub("", text, count=1).strip(_BRACKETS)
    return text if text and all(map(is_unit, [text, *text.split("/")][bool("/" in text) :])) else ""


def are_units(cells: Sequence[str]) -> bool:
    """Tell whether a row holds units, and nothing else but their label and marks of nothing.

    >>> are_units(["单位", "万元", "—", "人"]), are_units(["（续表）", ""])
    (True, False)
    """
    filled = [cell for cell in cells if not is_missing(cell)]
    stated = [cell for cell in filled if unit_in(cell)]
    others = (re.sub(r"\s+", "", fold(cell)) for cell in filled if cell not in stated)
    return bool(stated) and all(map(_LABEL.fullmatch, others))


def units_below(rows: Iterable[Sequence[str]]) -> dict[int, str]:
    """Give position → unit of the first row of units among the first rows below a heading.

    >>> units_below([["甲", "1", "2"], ["", "（千元）", "人"]])
    {1: '千元', 2: '人'}
    """
    units = next(filter(are_units, rows), ())
    return {i: unit for i, cell in enumerate(units) if (unit := unit_in(cell))}
