"""The text of one heading → the column of the data dictionary that it names, and what else it states.

A heading has parts: the levels of a merged heading, and what strokes, dashes and brackets set apart. Only
what leaves the quantity whole is dropped: a unit, a year, a coordinate system, a total. Everything else
narrows it, so that a growth rate is never taken for the output, or the women for all employees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from siting.inputs.dictionary.columns import COORDINATES, PAIR, Column, columns_of
from siting.inputs.dictionary.words import fold, words
from siting.inputs.places.crs import is_crs_name, parse_crs
from siting.types import InputError

FIELD_NAME_BYTES = 10
"""Length at which a shapefile cuts the names of its fields."""
LONGEST = 200
"""Characters beyond which a text is no heading."""
_GIVEN_RANK, _PLACE_RANK, _DATED_RANK, _LOOSE_RANK, _CUT_RANK = -1, 50, 100, 500, 999
_AXES = (*COORDINATES, PAIR)
_BRACKET = re.compile(r"[(\[【〔<]([^()\[\]【】〔〕<>]*)[)\]】〕>]")
_SEPARATOR = re.compile(r"[/_:,、—–-]+")
_SYSTEM_DASH = re.compile(r"(?<=wgs|gcj|cgc)(s?)[-_](?=\d)|(?<=bd)[-_](?=\d)|(?<=epsg)[-_:](?=\d)")
_YEAR = r"(?:19|20)\d\d(?:年(?:度|末|底)?)?"
_ONLY_YEAR = re.compile(_YEAR)
_YEAR_BESIDE = re.compile(f"^{_YEAR}(?=.)|(?<=.){_YEAR}$")
"""A year written straight before or after a name."""
_MONEY_END = re.compile(r"(?<=[值入额])(?:[十百千]?[万亿]|[百千])?元$")
"""A unit of money written straight after the name: ``产值万元``."""
_Known = Mapping[str, tuple[str, int]]


@dataclass(frozen=True)
class Named:
    """What one heading says of its column."""

    field: str
    rank: int
    """How well the spelling fits: of several headings of a field the lowest counts."""
    system: str | None
    """Coordinate system that the heading names."""
    remarks: tuple[str, ...]
    """What it states besides the name: units, years, systems."""


def read_heading(name: str, table: str) -> Named | None:
    """Find the column that a heading names, None if it is no column of the table."""
    text = _folded(name) if len(name) <= LONGEST else ""
    return _read(text, table) if text else None


@lru_cache(maxsize=1 << 15)
def _read(text: str, table: str) -> Named | None:
    known = spellings(table)
    bare, bracketed = _without_brackets(text)
    parts, dropped = _without_remarks(bare)
    if text in known:
        field, rank = known[text]
        return _named(field, rank, (*bracketed, *dropped))
    for names in dict.fromkeys((tuple(parts), _without_titles(parts))):
        for field, rank, stated in _readings(names, known):
            cost = _cost(field, (*dropped, *stated), bracketed, table)
            if cost is not None:
                return _named(field, rank + cost, (*bracketed, *dropped, *stated))
    return None


def name_as(name: str, field: str) -> Named:
    """Say of a heading that it names a field, whatever it looks like; units and systems still count."""
    bare, bracketed = _without_brackets(_folded(name))
    remarks = [*bracketed, *_without_remarks(bare)[1]]
    if unit := _MONEY_END.search(bare):
        remarks.append(unit[0])
    remarks += [found[0] for found in _system_affix().finditer(bare)] if field in _AXES else []
    systems = {_system(remark) for remark in remarks} - {None} if field in _AXES else set()
    return Named(field, _GIVEN_RANK, systems.pop() if len(systems) == 1 else None, tuple(remarks))


def plain_heading(name: str) -> str:
    """Fold a heading: no blanks, no bracketed units, no stars and colons, small letters."""
    return _stripped(_without_brackets(_folded(name))[0])


def is_personal(name: str) -> bool:
    """Tell whether a heading announces personal data: a name, telephone, identity number."""
    text = _folded(name)
    parts = {text, plain_heading(name), *_SEPARATOR.split(plain_heading(name))}
    return not parts.isdisjoint(words("personal_exact")) or any(word in text for word in words("personal"))


@lru_cache(maxsize=32)
def spellings(table: str) -> _Known:
    """Give folded spelling → (column, rank); the column's own name and label rank first."""
    known: dict[str, tuple[str, int]] = {}
    for column in columns_of(table).values():
        for rank, spelling in enumerate((column.label_zh, column.column, *column.synonyms)):
            for key in (_folded(spelling), plain_heading(spelling)):
                known.setdefault(key, (column.column, rank))
    if set(COORDINATES) <= columns_of(table).keys():
        for rank, spelling in enumerate(words("pair")):
            known.setdefault(plain_heading(spelling), (PAIR, rank))
    return known | {
        short: (columns.pop(), _CUT_RANK)
        for short, columns in _cut_short(known).items()
        if len(columns) == 1 and short not in known
    }


def _cut_short(known: _Known) -> dict[str, set[str]]:
    """Give spellings as a shapefile cuts them, with the columns that each may stand for."""
    cut: dict[str, set[str]] = {}
    for spelling, (column, _) in known.items():
        for encoding in ("utf-8", "gb18030"):
            short = spelling.encode(encoding)[:FIELD_NAME_BYTES].decode(encoding, "ignore")
            if short != spelling:
                cut.setdefault(short, set()).add(column)
    return cut


# --- parts ----------------------------------------------------------------------------------------------


def _folded(name: str) -> str:
    return re.sub(r"\s+", "", fold(name)).lower()


def _stripped(text: str) -> str:
    return text.strip("*:。.、,")


def _without_brackets(text: str) -> tuple[str, tuple[str, ...]]:
    """Take the brackets out of a heading, what stands in them one remark a piece."""
    wholes: list[str] = []
    while found := _BRACKET.findall(text):  # the innermost first
        wholes += found
        text = _BRACKET.sub("", text)
    pieces = [piece for whole in wholes for piece in re.split("[,;、]", whole)]
    stated = [re.sub(r"^(?:单位|人民币|计量单位|[¥$]):?", "", piece) for piece in pieces]
    return text, tuple(re.sub(r"/(?:年|a)$", "", piece) for piece in stated if piece)


def _without_remarks(text: str) -> tuple[list[str], list[str]]:
    """Split a heading into its parts; those that only state a unit, year, system or total come second."""
    joined = _SYSTEM_DASH.sub(r"\1", text)
    parts = [part for part in map(_stripped, _SEPARATOR.split(joined)) if part]
    remarks = [part for part in parts if _is_remark(part)]
    if len(remarks) == len(parts):
        return parts, []
    return [part for part in parts if part not in remarks], remarks


def _is_remark(text: str) -> bool:
    return is_unit(text) or is_crs_name(text) or text in words("whole") or bool(_ONLY_YEAR.fullmatch(text))


def _without_titles(parts: Sequence[str]) -> tuple[str, ...]:
    """Take words such as 情况 and 信息 off the parts above the last."""
    titles = [word for word, fields in words("group").items() if not fields]
    end = re.compile(f"(?:{_either(titles)})+$")
    return (*filter(None, (end.sub("", part) for part in parts[:-1])), *parts[-1:])


def _readings(parts: Sequence[str], known: _Known) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Give (field, rank, remarks) of each way to read the parts, the lower ones joined to one name.

    ``国民经济行业/代码`` is known only as the two together. What stands above a name must be neutral, or
    name the same field: ``名称`` below ``国民经济行业`` is the name of an industry and of no enterprise.
    """
    for first in range(len(parts)):
        for name in dict.fromkeys(separator.join(parts[first:]) for separator in ("", "/", "_")):
            for spelling, remarks in _spelt(name):
                place = _place_before_axis().match(spelling) if spelling not in known else None
                field, rank = known.get(spelling[place.end() :] if place else spelling, (None, 0))
                if field and all(_leads_to(part, field, known) for part in parts[:first]):
                    yield field, rank + (_PLACE_RANK if place else 0), remarks


def _spelt(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give a name as it stands, and without a year, unit or system written straight beside it."""
    plain: list[tuple[str, tuple[str, ...]]] = [(name, ())]
    if year := _YEAR_BESIDE.search(name):
        plain.append((name.replace(year[0], "", 1), (year[0],)))
    for rest, stated in plain:
        yield rest, stated
        if unit := _MONEY_END.search(rest):
            yield rest[: unit.start()], (*stated, unit[0])
    for system in _system_affix().finditer(name):
        yield _stripped(name[: system.start()] + name[system.end() :]), (system[0],)


@lru_cache(maxsize=1)
def _system_affix() -> re.Pattern[str]:
    """Match a coordinate system written straight before or after a name: ``高德经度``."""
    systems = _either([word.lower() for word in words("crs")])
    return re.compile(f"^(?:{systems})(?=.)|(?<=.)(?:{systems})$")


@lru_cache(maxsize=1)
def _place_before_axis() -> re.Pattern[str]:
    """Match what a coordinate may belong to, written straight before its name: ``企业中心经度``."""
    groups = [word for word, fields in words("group").items() if not fields or COORDINATES[0] in fields]
    return re.compile(f"^(?:{_either(groups)})+(?=[经纬东北]|l(?:ng|on|at))")


def _leads_to(group: str, field: str, known: _Known) -> bool:
    """Tell whether a field may stand below a group: a title, or a word for what the field belongs to."""
    owner = known.get(group, ("",))[0]
    if owner == field or (owner == PAIR and field in COORDINATES):
        return True
    fields, field = words("group"), COORDINATES[0] if field == PAIR else field
    found = re.findall(_either(fields), group)
    meant = {own for word in found for own in fields[word].split(";") if own}
    return "".join(found) == group and (not meant or field in meant)


@lru_cache(maxsize=4)
def _alternatives(kinds: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, sorted(kinds, key=len, reverse=True)))


def _either(kinds: Sequence[str] | Mapping[str, str]) -> str:
    return _alternatives(tuple(kinds))


# --- what a heading states besides the name -------------------------------------------------------------


def _named(field: str, rank: int, remarks: tuple[str, ...]) -> Named | None:
    """Build the result; a coordinate heading that names two systems says nothing."""
    systems = {_system(remark) for remark in remarks} - {None} if field in _AXES else set()
    return Named(field, rank, next(iter(systems), None), remarks) if len(systems) < 2 else None


def _system(remark: str) -> str | None:
    if not is_crs_name(remark):
        return None
    try:
        return parse_crs(remark).name
    except InputError:
        return None


def _cost(field: str, parts: Sequence[str], bracketed: Sequence[str], table: str) -> int | None:
    """Rank a reading by its remarks; None if one of them makes it another quantity.

    A bracket on a quantity that could be a part of the whole is never passed over. On a name, code or
    address it may be a hint on filling in the form: such a heading counts where no plainer one stands.
    """
    column = columns_of(table).get(field)
    suits_some = any(column and _suits(remark, column) for remark in (*parts, *bracketed))
    cost = 0
    for at, remark in enumerate((*parts, *bracketed)):
        if _ONLY_YEAR.fullmatch(remark) and not (field in _AXES and is_crs_name(remark)):
            cost = max(cost, _DATED_RANK)
        elif _keeps_whole(remark, field, column, table) or (suits_some and is_unit(remark)):
            continue
        elif at >= len(parts) and remark.isdigit():
            continue  # the number of a column on a form
        elif at >= len(parts) and not _is_quantity(column) and not is_personal(remark):
            cost = _LOOSE_RANK
        else:
            return None
    return cost


def _keeps_whole(remark: str, field: str, column: Column | None, table: str) -> bool:
    """Tell whether a remark leaves the field what it is."""
    if remark in words("whole") or spellings(table).get(remark, (None,))[0] == field:
        return True
    if field in _AXES:
        kinds = ("degree", "heading_unit", "length")
        return is_crs_name(remark) or (remark != "%" and any(remark in words(kind) for kind in kinds))
    return column is not None and _suits(remark, column)


def _is_quantity(column: Column | None) -> bool:
    """Tell whether a column holds sums or counts, whose parts lists often give beside the whole."""
    return column is not None and (column.dimension == "money" or column.unit in ("person", "piece", "1/a"))


def _suits(unit: str, column: Column) -> bool:
    """Tell whether a unit can be one of this column: % is none of money or persons."""
    if column.dtype not in ("int", "float"):
        return False
    if column.dimension == "money":
        foreign = any(word in unit for word in words("foreign"))
        return "/" not in unit and (unit in words("money") or "元" in unit or foreign)
    if _is_quantity(column):
        whole = {"person", "persons", "piece", "pieces"}
        return all(part in whole or unit_factor(part, "count") is not None for part in unit.split("/"))
    if column.dimension in ("area", "length", "speed"):
        return unit in words(column.dimension)
    return all(map(is_unit, unit.split("/"))) and (unit != "%" or column.dimension == "share")


def is_unit(text: str) -> bool:
    """Tell whether a text is a unit of measurement, and nothing else."""
    kinds = ("money", "area", "length", "speed", "heading_unit", "foreign")
    return any(text in words(kind) for kind in kinds) or unit_factor(text, "count") is not None


def unit_factor(unit: str, dimension: str) -> float | None:
    """Give the factor from a unit to the dictionary's, None if it is no unit of that dimension."""
    if dimension in ("money", "area", "length", "speed"):
        value = words(dimension).get(unit)
        return float(value) if value else None
    if dimension == "count":
        for word, value in words("number_unit").items():
            if unit.startswith(word) and unit[len(word) :] in words("count_unit"):
                return float(value)
        return 1.0 if unit in words("count_unit") else None
    return 0.01 if unit == "%" else None
