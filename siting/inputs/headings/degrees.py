"""Headings of degrees, minutes and seconds in columns of their own → which columns belong to one axis."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.words import fold, words
from siting.inputs.headings.naming import Named, read_heading

DEGREES, MINUTES, SECONDS = range(3)


def read_part(name: str, table: str) -> tuple[str, int] | None:
    """Read ``经度（分）``, ``经度/秒``, ``经度度``, ``lon_min`` as axis and part of it."""
    found = _part_of().fullmatch(re.sub(r"\s+", "", fold(name)).lower())
    if not found or not found["stem"]:
        return None
    named = read_heading(found["stem"], table)
    if named is None or named.field not in COORDINATES:
        return None
    return found["stem"], int(words("degree_part")[found["unit"]])


def known_parts(cells: Sequence[str], table: str) -> set[tuple[str, int]]:
    """Give the minutes and seconds that a row of cells names, for the score of a heading."""
    parts = (read_part(cell, table) for cell in cells)
    return {part for part in parts if part and part[1] != DEGREES}


def join_parts(
    shown: Sequence[str], named: Mapping[int, Named], table: str
) -> tuple[dict[int, Named], dict[int, tuple[int, ...]]]:
    """Find the columns of degrees that have one of minutes beside them.

    Returns
    -------
    named, parts
        ``named`` without the minutes and seconds; position of the degrees → positions of the others.
    """
    groups: dict[str, dict[int, int]] = {}
    for at, name in enumerate(shown):
        if part := read_part(name, table):
            groups.setdefault(part[0], {}).setdefault(part[1], at)
    left, parts = dict(named), {}
    for stem, group in groups.items():
        meant = read_heading(stem, table)
        plain = (at for at, name in enumerate(shown) if fold(name) == stem)
        degrees = group.get(DEGREES, next(plain, None) if not stem.isascii() else None)
        if meant is None or degrees is None or MINUTES not in group:
            continue
        others = tuple(group[part] for part in (MINUTES, SECONDS) if part in group)
        left = {at: found for at, found in left.items() if at not in others}
        left[degrees] = replace(meant, remarks=(*meant.remarks, "度"))
        parts[degrees] = others
    return left, parts


@lru_cache(maxsize=1)
def _part_of() -> re.Pattern[str]:
    units = "|".join(map(re.escape, sorted(words("degree_part"), key=len, reverse=True)))
    return re.compile(rf"(?P<stem>.*?)[/_:—–-]*[(\[]?(?P<unit>{units})[)\]]?")
