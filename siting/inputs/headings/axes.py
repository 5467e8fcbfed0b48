"""Headings that name a coordinate → the two columns that count: one pair, in one coordinate system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from siting.inputs.dictionary.columns import COORDINATES, PAIR
from siting.inputs.dictionary.words import fold
from siting.inputs.headings.naming import Named
from siting.inputs.places.crs import Crs, is_crs_name, parse_crs
from siting.messages import joined, quoted, refusal, text_of
from siting.types import InputError

AXES = (*COORDINATES, PAIR)
_PREFERRED = ("WGS84", "CGCS2000", "GCJ-02", "BD-09")
"""Systems in the order in which they are chosen: what needs no conversion first."""
_DEGREES = re.compile("longitude|latitude|lng|lon|lat|经|纬")
_GRID = re.compile("easting|northing|x|y|东|北|横|纵")


@dataclass(frozen=True)
class _Axis:
    """A heading that names a coordinate."""

    at: int
    """Position of its column."""
    text: str
    named: Named
    system: Crs | None
    """System that it names, else the declared one."""

    @property
    def written(self) -> str:
        """The heading without what says which of the two coordinates it is."""
        return _GRID.sub("+", _DEGREES.sub("°", self.text))

    @property
    def standing(self) -> tuple[Any, ...]:
        """Lowest for what is chosen first: a system that is named goes before one that is only declared."""
        name = self.system.name if self.system else ""
        place = _PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED) + (not name)
        wanted = "+" if self.system and self.system.metres else "°"
        return place, name, self.named.system is None, wanted not in self.written

    def goes_with(self, other: _Axis) -> bool:
        """Tell whether two headings belong together: one system, and both of degrees or both of a grid."""
        alike = ("°" in self.written) == ("°" in other.written)
        return alike and self.named.system == other.named.system


_Choice = tuple[_Axis, ...]


def choose_axes(
    named: Mapping[int, Named], shown: Sequence[str], *, file: str, declared: str | None
) -> dict[str, int]:
    """Choose the columns of longitude and latitude, or the one that holds both.

    Several systems often stand side by side; a longitude of one with a latitude of another would be some
    hundred metres off without a sign of it. So the two come from headings of one system and, of several,
    written alike.

    Raises
    ------
    InputError
        If the headings give no such pair, or several that are the same.
    """
    found: dict[str, list[_Axis]] = {name: [] for name in AXES}
    for at, meant in named.items():
        if meant.field in AXES:
            crs = _crs(meant.system or declared)
            found[meant.field].append(_Axis(at, fold(shown[at]).lower(), meant, crs))
    lon, lat = (found[name] for name in COORDINATES)
    if lon and lat:
        pair = _best(_pairs(lon, lat, shown, file), shown, file)
        return {name: axis.at for name, axis in zip(COORDINATES, pair, strict=True)}
    alone = {PAIR: found[PAIR]} if found[PAIR] else found
    return {
        name: _best([(axis,) for axis in axes], shown, file)[0].at for name, axes in alone.items() if axes
    }


def refuse_doubled(groups: Iterable[Sequence[int]], shown: Sequence[str], file: str) -> None:
    """Refuse a file in which several headings name one field equally well."""
    twice = [
        joined((text_of("P134", name=shown[i], column=i + 1) for i in same), " and ", "、")
        for same in groups
        if len(same) > 1
    ]
    if twice:
        raise refusal(file, "E571", twice=joined(twice))


def _pairs(lon: Sequence[_Axis], lat: Sequence[_Axis], shown: Sequence[str], file: str) -> list[_Choice]:
    """Give the pairs that belong together; the only one may leave a system unsaid in one of its headings."""
    systems = {axis.named.system for axis in (*lon, *lat)}
    if len(lon) == len(lat) == 1 and len(systems - {None}) < 2:
        return [(lon[0], lat[0])]
    pairs: list[_Choice] = [(a, b) for a, b in product(lon, lat) if a.goes_with(b)]
    if not pairs:
        listed = [shown[at] for at in sorted(axis.at for axis in (*lon, *lat))]
        raise refusal(file, "E573", columns=quoted(listed, between_zh=""))
    return pairs


def _best(choices: Sequence[_Choice], shown: Sequence[str], file: str) -> _Choice:
    """Take what stands first by system, way of writing and spelling; two that are the same are refused."""

    def order(choice: _Choice) -> tuple[Any, ...]:
        written_apart = len({axis.written for axis in choice}) > 1
        return *choice[0].standing, written_apart, *(axis.named.rank for axis in choice)

    best = min(choices, key=order)
    same = [choice for choice in choices if order(choice) == order(best)]
    refuse_doubled([sorted({axis.at for axis in side}) for side in zip(*same, strict=True)], shown, file)
    return best


def _crs(text: str | None) -> Crs | None:
    try:
        return parse_crs(text) if text and is_crs_name(text) else None
    except InputError:
        return None
