"""Lines above a heading → the unit of money that they state for the whole table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from siting.inputs.dictionary.words import fold
from siting.inputs.headings.naming import unit_factor

_STATED = re.compile(r"(?:单位|\bunits?):\s*([^\s:()\[\]]+)", re.IGNORECASE)
_BETWEEN = re.compile("[、,;/和]")


def money_unit(titles: Iterable[str]) -> str | None:
    """Find the unit of money that title lines state; None if they state none, or several.

    >>> money_unit(["某县企业名录", "填报单位：某局　2024年　计量单位：千元、人"])
    '千元'
    """
    stated = {
        unit
        for title in titles
        for listed in _STATED.findall(fold(title))
        for unit in _BETWEEN.split(listed)
        if unit_factor(unit, "money") is not None or unit.endswith("元")
    }
    return stated.pop() if len(stated) == 1 else None
