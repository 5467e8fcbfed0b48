"""Headings as found → columns of the data dictionary, their units and what is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from siting.inputs.dictionary import COORDINATES, PAIR, Column, columns_of
from siting.inputs.issues import refusal
from siting.inputs.words import fold, words
from siting.types import InputError

FIELD_NAME_BYTES = 10
"""Length at which a shapefile cuts the names of its fields."""
_CUT_RANK = 999


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

    def name(self, *fields: str) -> str:
        """Give the heading of a field, or of several joined by a stroke."""
        pair = self.fields.get(PAIR)
        positions = dict.fromkeys(self.fields.get(f, pair if f in COORDINATES else None) for f in fields)
        return "/".join(self.names[i] for i in positions if i is not None)


def count_known(cells: Sequence[str], table: str) -> int:
    """Count the different columns of a table that a row of cells names; what a heading row scores."""
    known = _spellings(table)
    found = {known[key][0] for cell in cells if cell for key in [_best_key(cell, known)] if key}
    return len(found)


def match_headings(names: Sequence[str], table: str, *, file: str, layer: bool = False) -> Headings:
    """Find which column of the dictionary each heading names.

    An exact table of spellings decides, after folding and without blanks and bracketed units. Of several
    spellings of one field the dictionary's own label counts, then the order of its synonyms.

    Raises
    ------
    InputError
        If a needed column is absent, or one heading stands twice; the text names them.
    """
    columns, known = columns_of(table), _spellings(table)
    shown = tuple(re.sub(r"\s+", " ", name).strip() for name in names)
    candidates: dict[str, list[tuple[int, int]]] = {}
    extra, personal = [], []
    for i, name in enumerate(shown):
        key = _best_key(name, known) if name else None
        if key:
            column, rank = known[key]
            candidates.setdefault(column, []).append((rank, i))
        elif name:
            (personal if is_personal(name) else extra).append(i)
    _refuse_doubled(candidates, shown, file)
    fields = {column: min(found)[1] for column, found in candidates.items()}
    surplus = {i: c for c, found in candidates.items() for _, i in sorted(found)[1:]}
    if layer:
        fields = {c: i for c, i in fields.items() if c not in (*COORDINATES, PAIR)}
    elif set(COORDINATES) <= fields.keys():
        fields.pop(PAIR, None)
    _refuse_absent(fields, columns, shown, file, layer)
    factors, units, unusable = _heading_units(fields, columns, shown)
    return Headings(
        fields,
        shown,
        factors,
        units,
        unusable,
        _heading_crs(fields, shown),
        tuple(personal),
        tuple(extra),
        surplus,
    )


def plain_heading(name: str) -> str:
    """Fold a heading: no blanks, no bracketed units, no stars and colons, small letters."""
    text = re.sub(r"\s+", "", fold(name)).lower()
    text = re.sub(r"[(\[【〔<][^)\]】〕>]*[)\]】〕>]", "", text)
    return text.strip("*＊:：。.、,")


def is_personal(name: str) -> bool:
    """Tell whether a heading announces personal data: a name, telephone, identity number."""
    plain = plain_heading(name).split("/")[-1]
    return plain in words("personal_exact") or any(word in plain for word in words("personal"))


@lru_cache(maxsize=32)
def _spellings(table: str) -> Mapping[str, tuple[str, int]]:
    """Give folded spelling → (column, rank); the column's own name and label rank first."""
    known: dict[str, tuple[str, int]] = {}
    for column in columns_of(table).values():
        for rank, spelling in enumerate((column.label_zh, column.column, *column.synonyms)):
            for key in (re.sub(r"\s+", "", fold(spelling)).lower(), plain_heading(spelling)):
                known.setdefault(key, (column.column, rank))
    if set(COORDINATES) <= columns_of(table).keys():
        for rank, spelling in enumerate(words("pair")):
            known.setdefault(plain_heading(spelling), (PAIR, rank))
    return known | {
        short: (columns.pop(), _CUT_RANK)
        for short, columns in _cut_short(known).items()
        if len(columns) == 1 and short not in known
    }


def _cut_short(known: Mapping[str, tuple[str, int]]) -> dict[str, set[str]]:
    """Give spellings as a shapefile cuts them, with the columns that each may stand for."""
    cut: dict[str, set[str]] = {}
    for spelling, (column, _) in known.items():
        for encoding in ("utf-8", "gb18030"):
            short = spelling.encode(encoding)[:FIELD_NAME_BYTES].decode(encoding, "ignore")
            if short != spelling:
                cut.setdefault(short, set()).add(column)
    return cut


def _best_key(name: str, known: Mapping[str, tuple[str, int]]) -> str | None:
    """Find the known spelling of a heading: whole, without its unit, or the last level of two."""
    whole = re.sub(r"\s+", "", fold(name)).lower()
    plain = plain_heading(name)
    parts = plain.split("/")
    keys = [whole, plain, parts[-1], re.sub(r"[_,，:：-][^_,，:：-]*$", "", plain), _MONEY_END.sub("", plain)]
    if len(parts) > 1 and _is_unit(parts[-1]):
        keys.append(parts[-2])
    return next((key for key in keys if key in known), None)


def _refuse_doubled(
    candidates: Mapping[str, Sequence[tuple[int, int]]], shown: Sequence[str], file: str
) -> None:
    twice: list[tuple[str, str]] = []
    for found in candidates.values():
        best = min(found)[0]
        same = [i for rank, i in found if rank == best]
        if len(same) > 1:
            english = " and ".join(f"{shown[i]!r} (column {i + 1})" for i in same)
            twice.append((english, "、".join(f"“{shown[i]}”（第 {i + 1} 列）" for i in same)))
    if twice:
        english, chinese = zip(*twice, strict=True)
        raise refusal(file, "E571", twice="; ".join(english), twice_zh="；".join(chinese))


def _refuse_absent(
    fields: Mapping[str, int], columns: Mapping[str, Column], shown: Sequence[str], file: str, layer: bool
) -> None:
    needed = [c for c in columns.values() if c.required and c.column not in ("id", "kind")]
    given = set(fields) | (set(COORDINATES) if PAIR in fields or layer else set())
    if layer:
        needed = [c for c in needed if c.column == "name"]
    absent = [c for c in needed if c.column not in given]
    if not absent:
        return
    listed = ", ".join(f"{c.label_zh} ({c.column})" for c in absent)
    guesses = [hint for c in absent for hint in _did_you_mean(c, shown, fields)]
    seen = ", ".join(name for name in shown if name)
    raise refusal(
        file,
        "E572",
        columns=listed,
        columns_zh="、".join(c.label_zh for c in absent),
        seen=seen[:300],
        guess=f"; did you mean {', '.join(map(repr, guesses))}?" if guesses else "",
        guess_zh=f"；是否即“{'”“'.join(guesses)}”" if guesses else "",
    )


def _did_you_mean(column: Column, shown: Sequence[str], fields: Mapping[str, int]) -> list[str]:
    from rapidfuzz import fuzz, process

    free = {plain_heading(name): name for i, name in enumerate(shown) if name and i not in fields.values()}
    spellings = [plain_heading(s) for s in (column.label_zh, *column.synonyms) if len(s) > 1]
    best = process.cdist(spellings, list(free), scorer=fuzz.ratio) if free and spellings else None
    if best is None or best.max() < 60:
        return []
    return [list(free.values())[int(best.max(axis=0).argmax())]]


def _heading_units(
    fields: Mapping[str, int], columns: Mapping[str, Column], shown: Sequence[str]
) -> tuple[dict[str, float], dict[str, str], dict[str, str]]:
    """Read the unit that each heading states, in brackets or after a stroke."""
    factors, units, unusable = {}, {}, {}
    for name, i in fields.items():
        column = columns.get(name)
        if column is None or column.dtype not in ("int", "float"):
            continue
        for unit in _stated_units(shown[i]):
            factor = _unit_factor(unit, column.dimension)
            unread = factor is None and column.dimension == "money" and "元" in unit
            if unread or any(word in unit for word in words("foreign")):
                unusable[name] = unit
            elif factor is not None:
                units[name] = unit
                if factor != 1.0:
                    factors[name] = factor
    return factors, units, unusable


def _stated_units(name: str) -> list[str]:
    folded = re.sub(r"\s+", "", fold(name)).lower()
    bracketed = re.findall(r"[(\[【〔]([^)\]】〕]*)[)\]】〕]", folded)
    plain = re.sub(r"[(\[【〔].*", "", folded)
    tail = re.split(r"[/_,，:：-]", plain)[-1]
    stated = [re.sub(r"^(?:单位|人民币|计量单位|[¥$])[:：]?", "", part) for part in bracketed]
    stated = [part for whole in stated for part in re.split(r"[,，;；、]|(?<=元)/年", whole) if part]
    closing = _MONEY_END.search(plain)
    return stated + ([tail] if _is_unit(tail) else [closing[0]] if closing else [])


_MONEY_END = re.compile(r"(?<=[值入额])(?:[十百千]?[万亿]|[百千])?元$")
"""A unit of money written straight after the name: ``产值万元``."""


def _is_unit(text: str) -> bool:
    kinds = ("money", "area", "length", "speed", "count_unit", "heading_unit", "foreign")
    return any(text in words(kind) for kind in kinds)


def _unit_factor(unit: str, dimension: str) -> float | None:
    if dimension in ("money", "area", "length", "speed"):
        value = words(dimension).get(unit)
        return float(value) if value else None
    if dimension == "count":
        for word, value in words("number_unit").items():
            if unit.startswith(word) and unit[len(word) :] in words("count_unit"):
                return float(value)
        return 1.0 if unit in words("count_unit") else None
    return 0.01 if unit == "%" else None


def _heading_crs(fields: Mapping[str, int], shown: Sequence[str]) -> str | None:
    """Read a coordinate system out of the coordinate headings: ``经度（GCJ-02）``, ``lon_wgs84``."""
    from siting.inputs.coordinates import is_crs_name, parse_crs

    for name in (PAIR, *COORDINATES):
        if name in fields:
            heading = fold(shown[fields[name]])
            for part in (*re.findall(r"[(\[【]([^)\]】]+)[)\]】]", heading), *heading.split("_")[1:]):
                if is_crs_name(part):
                    try:
                        return parse_crs(part).name
                    except InputError:
                        continue
    return None
