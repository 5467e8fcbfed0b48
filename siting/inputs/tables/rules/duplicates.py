"""Kept rows of a register → which repeat another row, and which only look like it.

A row repeats another if both stand at one place and share the credit code, or share the name as far as
width, blanks, brackets and traditional characters go and do not differ in code. The first row counts.
Branches of one firm stand at other places and stay; similar names are never merged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from math import dist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.words import words
from siting.inputs.places.crs import project
from siting.inputs.places.region import traditional
from siting.inputs.tables.rule import Context, Found, alive, on_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NAME_END = "\x1d"
_NO_PART_OF_NAME = re.compile(r"[ \t\n\r\u3000()\[\]<>{}·.,'\"-]")
_TRADITIONAL = re.compile("[" + "".join(map(chr, traditional())) + "]")
SAME_PLACE_M = 50.0
"""Two positions of one firm closer than this are one place, m: the accuracy of a digitised gate."""


@dataclass(frozen=True)
class Duplicates:
    """Positions (not row numbers) of rows that repeat or resemble an earlier one; −1 where none."""

    repeats: NDArray[np.int64]
    by_code: NDArray[np.bool_]
    """Of the repeated rows: true where the code gave it away, false where name and place did."""
    same_code: NDArray[np.int64]
    same_name: NDArray[np.int64]
    distance_km: NDArray[np.float64]
    """Distance to the row in ``same_code``, km."""


def name_keys(names: Sequence[str]) -> list[str]:
    """Fold what may differ in the spelling of one name: width, blanks, brackets, traditional characters.

    All names are folded as one text: the cost is that of a few passes, not of a million calls.
    """
    text = _NAME_END.join(name.replace(_NAME_END, "") for name in names)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    if _TRADITIONAL.search(text):
        text = text.translate(traditional())
    return _NO_PART_OF_NAME.sub("", text).casefold().split(_NAME_END) if names else []


def find_duplicates(
    names: Sequence[str | None] | NDArray[np.object_],
    codes: Sequence[str | None] | NDArray[np.object_],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
) -> Duplicates:
    """Compare the rows of a register with each other; linear in their number."""
    x, y = project(lon, lat)
    code = pd.factorize(np.array(codes, dtype=object))[0]
    key = _name_codes(names)
    by_code = _first_at_place(code, x, y, np.full(len(x), -1))
    by_name = _first_at_place(key, x, y, code)
    repeats = np.where(by_code >= 0, by_code, by_name)
    kept = repeats < 0
    same_code = _first_of(np.where(kept, code, -1))
    same_name = np.where(same_code < 0, _first_of(np.where(kept, key, -1)), -1)
    distance = np.hypot(x - x[same_code], y - y[same_code]) / 1000
    return Duplicates(repeats, by_code >= 0, same_code, same_name, distance)


def _name_codes(names: Sequence[str | None] | NDArray[np.object_]) -> NDArray[np.int64]:
    """Give each name the number of its folded key, −1 where there is none."""
    numbers, uniques = pd.factorize(np.array(names, dtype=object))
    keys = pd.factorize(np.array([key or None for key in name_keys(uniques.tolist())], dtype=object))[0]
    return np.where(numbers >= 0, keys[numbers], -1) if len(uniques) else numbers


def _first_of(group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the position of each group's first member, −1 for that member itself and for group −1."""
    positions = np.arange(len(group))
    first = pd.Series(positions).groupby(group).transform("min").to_numpy()
    return np.where((group >= 0) & (first < positions), first, -1)


def _first_at_place(
    group: NDArray[np.int64], x: NDArray[np.float64], y: NDArray[np.float64], code: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find the first earlier row of the same group within `SAME_PLACE_M`, whose code is not another one.

    Two points nearer than half a cell share a cell in one of four grids, each moved by half a cell, so
    only rows that meet in a cell are compared.
    """
    found = np.full(len(group), -1)
    several = np.flatnonzero(
        pd.Series(group).duplicated(keep=False).to_numpy() & (group >= 0) & np.isfinite(x)
    )
    if not len(several):
        return found
    cell = 2 * SAME_PLACE_M
    for dx, dy in ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5)):
        column, line = (np.floor(v[several] / cell + d).astype(np.int64) for v, d in ((x, dx), (y, dy)))
        met = pd.Series((group[several] << 40) + (column % 2**20 << 20) + line % 2**20)
        met = met[met.duplicated(keep=False)]
        for members in met.groupby(met, sort=False).groups.values():
            _compare(several[members], x, y, code, found)
    while (chained := (found >= 0) & (found[found] >= 0)).any():
        found[chained] = found[found[chained]]
    return found


def _compare(
    members: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    code: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    """Lay each member of a cell to the first earlier one that is near and not of another code.

    Of one code, and of none, a cell has room for a few members that are not near each other. So a member
    with a code is compared with few; one without meets each place once, however many codes stand there.
    """
    of_code: dict[int, list[int]] = {}
    places: dict[tuple[float, float], int] = {}
    own_codes = code[members].tolist()
    points = zip(x[members].tolist(), y[members].tolist(), strict=True)
    position = dict(zip(members.tolist(), points, strict=True))
    for i, own in zip(members.tolist(), own_codes, strict=True):
        alike = [*of_code.get(own, ()), *of_code.get(-1, ())]
        earlier = places.values() if own < 0 else sorted(alike)
        near = next((j for j in earlier if dist(position[i], position[j]) <= SAME_PLACE_M), -1)
        if near >= 0:
            found[i] = near if found[i] < 0 else min(found[i], near)
        elif found[i] < 0:
            of_code.setdefault(own, []).append(i)
            places.setdefault(position[i], i)


def set_aside_repeated(frame: pd.DataFrame, context: Context) -> Found:
    """Set aside rows that repeat another."""
    kept, found = _compared(frame, context)
    yield from _repeated(kept, found, context)


def compare_firms(frame: pd.DataFrame, context: Context) -> Found:
    """Set aside rows that repeat another; name those that share a code or a name with another."""
    kept, found = _compared(frame, context)
    yield from _repeated(kept, found, context)
    yield from _alike(kept, found, context)


def _compared(frame: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, Duplicates]:
    """Compare the rows that have a place; their index holds their positions in the frame."""
    located = alive(frame) & frame["lon"].notna().to_numpy() if "lon" in frame else np.zeros(len(frame), bool)
    names = ["row", "name", *COORDINATES, *context.measures(frame), *(["uscc"] if "uscc" in frame else [])]
    kept = frame.loc[located, [name for name in names if name in frame]]
    found = find_duplicates(
        kept["name"].replace("", None).to_numpy(),
        context.texts(kept, "uscc"),
        *(kept[c].to_numpy() if c in kept else np.zeros(0) for c in COORDINATES),
    )
    return kept, found


def _repeated(kept: pd.DataFrame, found: Duplicates, context: Context) -> Found:
    rows, names = kept["row"].to_numpy(), kept["name"].to_numpy()
    again = np.flatnonzero(found.repeats >= 0)
    reason = ["same code and place" if found.by_code[i] else "same name and place" for i in again]
    differences = [_differences(kept, i, int(found.repeats[i]), context) for i in again.tolist()]
    yield on_rows(
        "E107", kept.index[again], context.headings.name("name") or None, names[again],
        first=rows[found.repeats[again]].tolist(),
        reason=[r + d for r, d in zip(reason, differences, strict=True)],
        reason_zh=[words("reason")[r] + d for r, d in zip(reason, differences, strict=True)],
    )  # fmt: skip


def _differences(kept: pd.DataFrame, i: int, first: int, context: Context) -> str:
    """List numbers in which a repeated row differs from the first: which of them is right is unknown."""
    measures = context.measures(kept)
    pairs = [(n, *kept[n].to_numpy(float)[[first, i]].tolist()) for n in measures]
    return "".join(
        f"; {context.headings.name(n)} {a:g} / {b:g}" for n, a, b in pairs if a != b and a == a and b == b
    )


def _alike(kept: pd.DataFrame, found: Duplicates, context: Context) -> Found:
    rows, codes = kept["row"].to_numpy(), context.texts(kept, "uscc")
    at = np.flatnonzero(found.same_code >= 0)
    firsts, km = rows[found.same_code[at]].tolist(), [f"{d:.2f}" for d in found.distance_km[at]]
    heading = context.headings.name("uscc") or None
    yield on_rows("E301", kept.index[at], heading, codes[at], first=firsts, km=km)
    at = np.flatnonzero(found.same_name >= 0)
    firsts, names = rows[found.same_name[at]].tolist(), kept["name"].to_numpy()[at]
    yield on_rows("E302", kept.index[at], context.headings.name("name") or None, names, first=firsts)
