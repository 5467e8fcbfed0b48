"""Lines above a heading → the unit of money and the coordinate system that they state for the whole table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from siting.inputs.dictionary.words import fold
from siting.inputs.headings.naming import unit_factor
from siting.inputs.places.crs import is_crs_name

_STATED = re.compile(r"(?:单位|\bunits?):\s*([^\s:()\[\]]+)", re.IGNORECASE)
_BETWEEN = re.compile("[、,;/和]")
_SYSTEM = re.compile(
    r"(?:坐标(?:参考)?系统?|坐标基准|大地基准|\bcrs|\bdatum)\s*(?:[:为是]|\bis\b)\s*([^,;。()]+)",
    re.IGNORECASE,
)
_MOST_WORDS = 4
"""Words of which the name of a system may consist."""


def money_unit(titles: Iterable[str]) -> str | None:
    """Find the unit of money that title lines state; None if they state none, or several.

    >>> money_unit(["某县企业名录", "填报单位：某局　2024年　计量单位：千元、人"])
    '千元'
    """
    return _the_one(
        unit
        for title in titles
        for listed in _STATED.findall(fold(title))
        for unit in _BETWEEN.split(listed)
        if unit_factor(unit, "money") is not None or unit.endswith("元")
    )


def coordinate_system(titles: Iterable[str]) -> str | None:
    """Find the coordinate system that title lines state; None if they state none that is known, or several.

    >>> coordinate_system(["某县企业名录", "填报单位：某局　坐标系：2000国家大地坐标系　2024年"])
    '2000国家大地坐标系'
    """
    return _the_one(
        name
        for title in titles
        for said in _SYSTEM.findall(fold(title))
        if (name := _longest_name(said.split())) is not None
    )


def _the_one(stated: Iterable[str]) -> str | None:
    """Give what is stated if it is the same throughout."""
    different = set(stated)
    return different.pop() if len(different) == 1 else None


def _longest_name(said: list[str]) -> str | None:
    """Give the longest beginning of a text that names a system."""
    names = (" ".join(said[:n]) for n in range(min(_MOST_WORDS, len(said)), 0, -1))
    return next(filter(is_crs_name, names), None)
