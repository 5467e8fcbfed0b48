"""Rows of a chunk → which are no data: repeated headings, units, column numbers, titles, totals, notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from siting.inputs.dictionary.columns import COORDINATES, PAIR
from siting.inputs.dictionary.words import fold, words
from siting.inputs.files.levels import HEADING_SCORE
from siting.inputs.files.raw import Chunk
from siting.inputs.headings.match_headings import Headings
from siting.inputs.headings.naming import plain_heading, spellings
from siting.inputs.tables.units_row import are_units
from siting.inputs.tables.values import missing_mask

_ANNOUNCED = ("total", "note", "signature")
NOTHING_KNOWN = "nothing in a known column"
ANOTHER = "beginning of another table"
"""The heading of a table with columns of its own, and the title right above it."""
_LABELS = ("甲乙丙丁戊己庚辛壬癸", "ABCDEFGHIJ")
"""How forms label the columns of text, before they number those of figures."""
_LONGEST_LABEL = 2
_NUMERALS = "[一二三四五六七八九十]+"
_GROUP_TITLE = re.compile(rf"(?:\({_NUMERALS}\)|{_NUMERALS}[、.:]).+|.+\(共?\d+[家户]\)")
"""A title above the rows of a township or branch: ``一、城关镇``, ``城关镇（12家）``."""
_DAY = r"\d{4}年\d{1,2}月(?:\d{1,2}日)?"
_PAGE_FOOT = (
    r"[-—–(]*(?:第[\d一二三四五六七八九十]+页|共\d+页|续上?表|接上页|转下页|以下空白|以下无正文)"
    r"[,/]?(?:共\d+页)?[-—–)]*$"
)
_MOST_OF_NOTE = 3
"""Cells that a note or the foot of a page takes at most."""


def ignored_lines(chunk: Chunk, headings: Headings, table: str) -> dict[int, str]:
    """Find the rows of a chunk that are no data.

    Only rows without coordinates, or that repeat the heading, are looked at closely. A line of too few
    fields that announces a total, a note or a signature is such a line, not a damaged record.

    Returns
    -------
    dict
        Position in the chunk → ``repeated heading, beginning of another table, units, column numbers,
        group title, total, note, signature`` or ``nothing in a known column``.
    """
    found: dict[int, str] = {}
    for i in map(int, _candidates(chunk, headings)):
        cells = [column[i] for column in chunk.columns]
        kind = _kind(cells, headings, table)
        if kind and (kind in (*_ANNOUNCED, ANOTHER) or int(chunk.row_numbers[i]) not in chunk.damaged):
            found[i] = kind
            if kind == ANOTHER and i and i - 1 not in found and _filled(chunk, i - 1) == 1:
                found[i - 1] = ANOTHER
    return dict(sorted(found.items()))


def _filled(chunk: Chunk, i: int) -> int:
    return sum(bool(column[i].strip()) for column in chunk.columns)


def _candidates(chunk: Chunk, headings: Headings) -> np.ndarray:
    """Give rows whose coordinates, or first fields without such columns, are blank or repeat the heading."""
    fields = headings.fields
    located = [fields[f] for f in (*COORDINATES, PAIR) if f in fields]
    if chunk.geometry is not None:
        return np.zeros(0, dtype=int)
    looked_at = located or list(fields.values())[:3]
    texts = np.ones(len(chunk.row_numbers), bool)
    odd = np.zeros(len(chunk.row_numbers), bool)
    for i in looked_at:
        cells = np.array(chunk.columns[i], dtype=object)
        odd |= missing_mask(chunk.columns[i]) | np.isin(cells, _levels(headings.names[i]))
        if located:
            odd |= np.array([len(cell) <= _LONGEST_LABEL or cell[0] in "（([【" for cell in chunk.columns[i]])
            texts &= np.array([not any(map(str.isdecimal, cell)) for cell in chunk.columns[i]])
    odd |= texts & bool(located)
    if not located:
        first = chunk.columns[next(iter(fields.values()))]
        names = chunk.columns[fields["name"]] if "name" in fields else first
        odd |= np.array([_says(fold(cell)) is not None for cell in first])
        odd |= np.array([_says(fold(cell)) is not None or _ends_in_total(cell) for cell in names])
    return np.flatnonzero(odd)


def _kind(cells: list[str], headings: Headings, table: str) -> str | None:
    known = {name: cells[i] for name, i in headings.fields.items()}
    filled = [cell for cell in cells if cell.strip()]
    plain = {i: plain_heading(cell) for i, cell in enumerate(cells) if cell.strip()}
    own = {i for i, cell in plain.items() if cell in map(plain_heading, _levels(headings.names[i]))}
    if len(own) >= HEADING_SCORE:
        return "repeated heading"
    if _is_another(plain, headings, table):
        same = all(headings.fields.get(field) == i for i, field in _fields(plain, table).items())
        return "repeated heading" if same else ANOTHER
    if _are_column_numbers([fold(cell).strip("()") for cell in filled]):
        return "column numbers"
    if are_units(cells):
        return "units"
    if len(filled) == 1 and _GROUP_TITLE.fullmatch(fold(filled[0])):
        return "group title"
    placed = [known[f] for f in (*COORDINATES, PAIR) if known.get(f, "").strip()]
    if filled and not any(re.search(r"\d", cell) and not _says(fold(cell)) for cell in placed):
        said = _says(fold(filled[0])) or _says(fold(known.get("name", "")))
        if said and not (said == "note" and len(filled) > _MOST_OF_NOTE):
            return said
        if missing_mask([known.get("uscc", "")])[0] and _ends_in_total(known.get("name", "")):
            return "total"
    if not any(cell.strip() for cell in known.values()):
        return NOTHING_KNOWN
    return None


def _fields(plain: Mapping[int, str], table: str) -> dict[int, str]:
    """Give position → column of the dictionary for cells that are spelt like one."""
    known = spellings(table)
    return {i: known[cell][0] for i, cell in plain.items() if cell in known}


def _is_another(plain: Mapping[int, str], headings: Headings, table: str) -> bool:
    """Tell whether a row is the heading of a table: its cells mostly name columns, and a name is one.

    Without a name, as in totals by township, all cells but one must.
    """
    fields = _fields(plain, table)
    is_named = "name" not in headings.fields or "name" in fields.values()
    enough = 2 * len(fields) >= len(plain) if is_named else len(fields) >= len(plain) - 1
    return enough and len(set(fields.values())) >= HEADING_SCORE


def _levels(name: str) -> list[str]:
    """Give what may stand in a row that repeats the heading: the name, or one level of it."""
    return [name, *name.split("/")]


def _are_column_numbers(cells: list[str]) -> bool:
    """Tell whether cells count the columns: 甲 乙 1 2 3."""
    for labels in _LABELS:
        texts = [cell for cell, label in zip(cells, labels, strict=False) if cell == label]
        numbers = cells[len(texts) :]
        if len(cells) > 2 and numbers and all(cell.isdecimal() and len(cell) < 4 for cell in numbers):
            counted = list(map(int, numbers))
            first = counted[0] if texts else 1
            return counted == list(range(first, first + len(counted)))
    return False


def _says(text: str) -> str | None:
    """Tell what the first cell of a row announces, if anything."""
    plain = re.sub(r"\s", "", text).lower()
    if plain and (match := _announcement().match(plain)):
        return match.lastgroup
    return None


def _ends_in_total(name: str) -> bool:
    """Tell whether a name is that of a sum: ``城关镇小计``, ``规模以上企业合计：12家``."""
    return bool(_sum_of().fullmatch(re.sub(r"\s", "", fold(name))))


@lru_cache(maxsize=1)
def _sum_of() -> re.Pattern[str]:
    sums = [word for word in words("total") if not word.isascii()]
    return re.compile(rf".+(?:{'|'.join(map(re.escape, sums))})(?:[:(\d].*)?")


@lru_cache(maxsize=1)
def _announcement() -> re.Pattern[str]:
    def either(kind: str) -> str:
        return "|".join(re.escape(word) for word in sorted(words(kind), key=len, reverse=True))

    return re.compile(
        rf"(?P<total>(?:{either('total')})(?:[:(\d].*)?$)"
        rf"|(?P<note>(?:{either('note')})\d*[:.、\d].*|{_PAGE_FOOT})"
        rf"|(?P<signature>(?:{either('signature')})(?:\(.*\))?:.*|{_DAY}$)"
    )
