"""Cells as people type them → numbers, degrees and clean names, each with what had to be done to it.

A value is never invented: what cannot be read for certain becomes missing and is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.inputs.dictionary.words import fold, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

MISSING, PLAIN, REFORMED, ABOUT, RANGE, ERROR, BAD, COARSE = range(8)
"""What a cell turned out to be; from `RANGE` on its value is missing although something stood there."""


@dataclass(frozen=True)
class Parsed:
    """Values of a column, with the cells that were not plain."""

    values: NDArray[np.float64]
    """NaN is missing."""
    found: NDArray[np.int8]
    """`MISSING`, `PLAIN`, `REFORMED`, …, as long as ``values``."""


_DASHES = "-—–_.·… \u3000\t\xa0－"
_LONGEST_MARKER = 8
_FLOAT_DIGITS = 18  # as the shortest text of a float near 100 may have, point included


def is_missing(text: str) -> bool:
    """Tell whether a cell says "nothing": blank, a dash, ``N/A``, ``NULL`` and the like.

    >>> is_missing("—"), is_missing("0")
    (True, False)
    """
    plain = fold(text)
    return not plain or plain.upper() in _missing_words() or not plain.strip(_DASHES)


@lru_cache(maxsize=1)
def _missing_words() -> frozenset[str]:
    return frozenset(fold(word).upper() for word in words("missing"))


def missing_mask(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Give `is_missing` of each cell. Only short cells and those that begin with a dash are looked at."""
    mask = np.zeros(len(texts), dtype=bool)
    short = [i for i, text in enumerate(texts) if len(text) <= _LONGEST_MARKER or text[0] in _DASHES]
    if short:
        codes, uniques = pd.factorize(_objects([texts[i] for i in short]))
        mask[short] = np.array([is_missing(text) for text in uniques], dtype=bool)[codes]
    return mask


def parse_numbers(texts: Sequence[str], *, dimension: str = "count", factor: float = 1.0) -> Parsed:
    """Read a column of numbers.

    Parameters
    ----------
    dimension
        ``count, money, area, length, speed, share``: which units a cell may carry. Money comes out in
        万元, area in mu, length in km.
    factor
        Unit of the heading, such as 10 000 for 亿元; a unit in the cell itself goes before it.

    Examples
    --------
    >>> parse_numbers(["1.2亿元", "300", "无"], dimension="money").values
    array([12000.,   300.,    nan])
    """

    def parse(text: str) -> tuple[float, int]:
        value, found, own_unit = parse_number(text, dimension)
        return (value if own_unit else value * factor), found

    return _parse_column(texts, parse, factor)


def parse_degrees(texts: Sequence[str], axis: str) -> Parsed:
    """Read a column of longitudes (``axis="E"``) or latitudes (``"N"``): decimal, DMS, or metres.

    Numbers with more digits than a float holds (``117.4000000000000057``) count as reformed.
    """
    parsed = _parse_column(texts, lambda text: parse_degree(text, axis))
    long = np.array([len(text) > _FLOAT_DIGITS for text in texts], dtype=bool)
    parsed.found[long & (parsed.found == PLAIN)] = REFORMED
    return parsed


def _parse_column(
    texts: Sequence[str], parse: Callable[[str], tuple[float, int]], factor: float = 1.0
) -> Parsed:
    """Take plain numbers at once; judge each other text once, however often it stands there."""
    cells = _objects(texts)
    values = np.asarray(pd.to_numeric(pd.Series(cells), errors="coerce"), dtype=float) * factor
    found = np.full(len(cells), PLAIN, dtype=np.int8)
    odd = np.flatnonzero(~np.isfinite(values))
    if len(odd):
        codes, uniques = pd.factorize(cells[odd])
        parsed = [parse(text) for text in uniques]
        values[odd] = np.array([value for value, _ in parsed])[codes]
        found[odd] = np.array([kind for _, kind in parsed], dtype=np.int8)[codes]
    return Parsed(values, found)


def _objects(texts: Sequence[str]) -> NDArray[np.object_]:
    cells = np.empty(len(texts), dtype=object)
    cells[:] = texts
    return cells


_WHOLE = r"(?:\d{1,3}(?:[, ']\d{3})+|\d{1,4}(?:,\d{4})+|\d+)"
_NUMBER = rf"[+-]?(?:{_WHOLE}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_CURRENCY = re.compile(r"^(?:¥|RMB|人民币)\s*(?=[\d+-])|(?<=元)整$", re.IGNORECASE)
"""What an amount of money may say besides its unit: a spreadsheet's sign, the end that cheques have."""
LONGEST_NUMBER = 200
"""Characters that a number with its unit has at most; patterns would search a longer text for long."""
_NUMBER_AND_UNIT = re.compile(rf"({_NUMBER})(\D*)")


def parse_number(text: str, dimension: str = "count") -> tuple[float, int, bool]:
    """Read one number.

    Returns
    -------
    value, found, own_unit
        The value (NaN if missing), what the cell was, and whether it carried a unit that goes before
        the heading's.
    """
    if len(text) > LONGEST_NUMBER:
        return np.nan, BAD, False
    plain = fold(unhidden(text)).replace("−", "-")
    if _RAISED.search(text):
        return np.nan, BAD, False
    if plain.upper() in words("error"):
        return np.nan, ERROR, False
    if is_missing(plain):
        return np.nan, MISSING, False
    bare, about = _without_about(_CURRENCY.sub("", plain) if dimension == "money" else plain)
    if _is_range(bare):
        return np.nan, RANGE, False
    match = _NUMBER_AND_UNIT.fullmatch(bare)
    if not match:
        return np.nan, BAD, False
    scale, own_unit = _unit(match[2].strip().lower(), dimension)
    if scale is None:
        return np.nan, BAD, False
    value = float(re.sub(r"[, ']", "", match[1])) * scale
    if not np.isfinite(value):
        return np.nan, BAD, False
    same = match[1] == text.strip() and not re.search(r"[, ']", match[1])
    return value, ABOUT if about else PLAIN if same else REFORMED, own_unit


def _without_about(text: str) -> tuple[str, bool]:
    """Drop "about" before or after a number."""
    bare = text
    for word in words("about"):
        bare = bare.removeprefix(word).strip()
        if re.search(r"\d", bare):
            bare = re.sub(rf"(?<=[\d万亿]){re.escape(word)}(?=\D*$)", "", bare).strip()
    return bare, bare != text


def _is_range(text: str) -> bool:
    parts = "|".join(re.escape(fold(word)) for word in words("range"))
    return re.fullmatch(rf"[\d.,]+\s*\D{{0,3}}\s*(?:{parts})\s*[\d.,]+\s*\D*", text) is not None


def _unit(unit: str, dimension: str) -> tuple[float | None, bool]:
    """Give the factor of a unit written in a cell, and whether it goes before the heading's."""
    if not unit:
        return 1.0, False
    unit = unit.replace(" ", "")
    if dimension in ("money", "area", "length", "speed"):
        known = words(dimension).get(unit)
        return (float(known), True) if known else (None, False)
    if dimension == "share":
        return (0.01, True) if unit == "%" else (None, False)
    for word, value in sorted(words("number_unit").items(), key=lambda item: -len(item[0])):
        if unit.startswith(word) and (unit == word or unit[len(word) :] in words("count_unit")):
            return float(value), True
    return (1.0, True) if unit in words("count_unit") else (None, False)


_DMS = re.compile(
    r"(?P<h1>[NSEW]?)\s*(?P<d>[+-]?\d{1,3}(?:\.\d+)?)\s*"
    r"(?:(?P<mark>[°:\s-])\s*(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:['::\s-]\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*\"?)?)?)?)?"
    r"\s*(?P<h2>[NSEW]?)"
)
_DOTTED_DMS = re.compile(r"(\d{1,3})\.(\d{1,2})\.(\d{1,2}(?:\.\d+)?)")
_METRES = re.compile(r"[+-]?\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?\s*m?|\d{4,}(?:\.\d+)?\s*m")


def parse_degree(text: str, axis: str) -> tuple[float, int]:
    """Read one longitude (``axis="E"``) or latitude (``"N"``); metres with separators pass as numbers.

    Whole degrees marked as such (``117°``) are refused: they place a firm within 50 km only.

    >>> parse_degree("117°24′", "lon")[0]
    117.4
    """
    marked = text
    for word, mark in sorted(words("degree").items(), key=lambda item: -len(item[0])):
        marked = marked.replace(word, mark)
    plain = fold(unhidden(marked)).strip(" :=").upper().replace("−", "-")
    plain = re.sub(r"^(?:LON|LNG|LAT|LONGITUDE|LATITUDE)\s*[:=]?\s*", "", plain)
    if is_missing(text) or not plain:
        return np.nan, MISSING
    if _METRES.fullmatch(plain.lower()):
        return float(re.sub(r"[, m]", "", plain.lower())), REFORMED
    plain = _DOTTED_DMS.sub(r"\1°\2'\3", plain) if _DOTTED_DMS.fullmatch(plain) else plain
    match = _DMS.fullmatch(plain)
    if not match or (match["h1"] and match["h2"]):
        return np.nan, BAD
    return _degrees(match, axis)


def _degrees(match: re.Match[str], axis: str) -> tuple[float, int]:
    """Add degrees, minutes and seconds; a hemisphere of the other axis, or 61 minutes, is no place."""
    minutes, seconds = match["m"], match["s"]
    hemisphere = match["h1"] or match["h2"]
    wrong_axis = hemisphere and (hemisphere in "NS") != (axis == "N")
    broken = (minutes and "." in match["d"]) or (seconds and "." in minutes)
    if wrong_axis or broken or float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return np.nan, BAD
    if match["mark"] == "°" and not minutes and "." not in match["d"]:
        return np.nan, COARSE
    size = abs(float(match["d"])) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    negative = match["d"].startswith("-") != (hemisphere in ("S", "W"))
    return (-size if negative else size), REFORMED


_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+[\d:.]+)?|(\d{4})(\d{2})(\d{2})"
)


def iso_date(text: str) -> str | None:
    """Read a day; None if the text names none that there is.

    >>> iso_date("2012年3月5日"), iso_date("2012/3/5"), iso_date("2012-02-30")
    ('2012-03-05', '2012-03-05', None)
    """
    found = _DAY.fullmatch(fold(unhidden(text)))
    if not found:
        return None
    try:
        return date(*(int(part) for part in found.groups() if part)).isoformat()
    except ValueError:
        return None


_ODD = (
    "\u0000-\u001f\u007f-\u00a0\u00ad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\ufeff\ufff9-\ufffb"
)
_HIDDEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb]"
)
_RAISED = re.compile("[²³¹⁰⁴-⁹₀-₉¼-¾⅐-⅞①-⓿❶-➓]")
"""Raised and circled digits and fractions, which folding would turn into other numbers."""
_CHINESE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_TAB_IN_CHINESE = re.compile(rf"(?<={_CHINESE})\t+(?={_CHINESE})")
_UNTIDY = re.compile(rf"[{_ODD}]|^\s|\s$|\s\s")


def clean_texts(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Drop control, zero-width and direction characters and stray blanks; say which cells changed.

    A tab between Chinese characters vanishes (an accident of pasting); any other run of blanks, line breaks
    and full-width blanks becomes one blank. Letters, digits and brackets keep their width; the form is NFC.
    """
    column = "".join(texts)
    if column.isprintable() and " " not in column and unicodedata.is_normalized("NFC", column):
        return list(texts), []
    cleaned = [clean_text(text) for text in texts]
    changed = [i for i, (old, new) in enumerate(zip(texts, cleaned, strict=True)) if old != new]
    return cleaned, changed


def unhidden(text: str) -> str:
    """Drop control, zero-width and direction characters."""
    return text if text.isprintable() else _HIDDEN.sub("", text)


def clean_text(text: str) -> str:
    """Clean one cell as `clean_texts` does.

    >>> clean_text("  城关　酒厂 ")
    '城关 酒厂'
    """
    if _UNTIDY.search(text):
        text = _TAB_IN_CHINESE.sub("", _HIDDEN.sub("", text).strip())
        text = re.sub(r"\s+", " ", text)
    return unicodedata.normalize("NFC", text)
