"""Evaluation → the tables that people open elsewhere: CSV and GeoJSON as bytes, JSON, headings.

Text from users stays text: no cell becomes a formula or a link, control characters go. Equal evaluations give
equal bytes.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING

from siting.outputs.text.wording import bilingual, criterion_label, option_name, own_words, words
from siting.types import Cell, Json, Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


# headings -----------------------------------------------------------------------------

UNITS = ("h/a", "min", "10^4 CNY", "pct")
"""Units of criteria that a heading states in brackets."""


@cache
def _headings() -> dict[str, dict[Language, str]]:
    """Words of headings by id; columns of the data dictionary bring their own."""
    found: dict[str, dict[Language, str]] = {}
    dictionary = resources("siting.inputs.dictionary") / "columns.csv"
    for row in csv.DictReader(io.StringIO(dictionary.read_text(encoding="utf-8"))):
        label: dict[Language, str] = {"zh": row["label_zh"], "en": row["column"]}
        found[f"{row['table']}.{row['column']}"] = label
        found.setdefault(row["column"], label)
    table = resources("siting.outputs.text") / "words" / "labels.csv"
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))):
        found[row["id"]] = {"zh": row["zh"], "en": row["en"]}
    return found


def heading(column: str, evaluation: Evaluation, lang: Language, table: str = "") -> str:
    """Name a column: a word, a criterion, an option, or two of them joined by a dot.

    Columns of an input table, if `table` names one, are called as in its templates, or as the study does.
    """
    from siting.analysis.decision.criteria import BY_ID

    known, own = words(lang), {**_headings(), **own_words()}
    if table and column in own_words():
        return own[column][lang]
    for key in (f"{table}.{column}", column if "." in column else ""):
        if key in own:
            return own[key][lang]
    if column in BY_ID:
        return criterion_label(column, lang)
    options = evaluation.evidence.options
    if column in options.index:
        return option_name(options, column, lang)
    first, dot, rest = column.partition(".")
    if rest in UNITS:
        opened, closed = ("（", "）") if lang == "zh" else (" (", ")")
        return heading(first, evaluation, lang) + opened + own[rest][lang] + closed
    if dot and (first in own or first in known or first in BY_ID):
        colon = "：" if lang == "zh" else ": "
        return heading(first, evaluation, lang) + colon + _among(first, rest, evaluation, lang)
    return own.get(column, {}).get(lang) or known.get(column, column)


def _among(column: str, key: str, evaluation: Evaluation, lang: Language) -> str:
    """Name one of the columns that stand side by side: a viewpoint, a variant or what `heading` names."""
    views = evaluation.scenario.viewpoints
    if column in ("rank_by", "shortfall") and key in views:
        return bilingual(views[key].label_zh, views[key].label_en)[lang]
    by_variant = column in ("regret_points", "score", "rank")
    return variant_name(key, lang) if by_variant else heading(key, evaluation, lang)


def variant_name(label: str, lang: Language) -> str:
    """Name a variant of the study: its family and, after a colon, what it is set to."""
    family, colon, rest = label.partition(":")
    label = words(lang).get(f"test.{family}", family)
    if not colon:
        return label
    return (
        label
        + ("：" if lang == "zh" else ": ")
        + cell_text("account" if family == "account" else "", rest, lang)
    )


def cell_text(column: str, value: str, lang: Language) -> str:
    """Say a cell of a column with fixed values (``kind``, ``basis``, ``verdict`` …) in words."""
    known = words(lang)
    if column == "verdict":
        return known.get(value, value)
    group = {"land_provision": "land"}.get(column, column)
    key = f"{group}.{value}"
    own = own_words().get(key) or _headings().get(key, {})
    return known.get(key) or own.get(lang, value)


# formats ------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Drop characters that steer a terminal, a cell or the direction of writing."""
    return _CONTROL.sub("", text)


def guarded(value: Cell) -> Cell:
    """Return a cell for CSV: text that a spreadsheet would run gets an apostrophe before it."""
    if is_missing(value):
        return ""
    if isinstance(value, str):
        text = plain(value)
        return "'" + text if text.startswith(_FORMULA) else text
    return value


def json_value(value: Cell) -> Json:
    """Return a cell as JSON has it; missing and ``inf`` become null."""
    value = native(value)
    if is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return plain(value) if isinstance(value, str) else value


def native(value: Cell) -> Cell:
    """Return a cell as plain Python: no NumPy number, lists as text."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return value.item() if hasattr(value, "item") else value


def is_missing(value: object) -> bool:
    """Tell whether a cell is None, NA or NaN."""
    import pandas as pd

    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def json_tree(value: object) -> Json:
    """Return a record of frames and numbers as JSON has it, keys as text."""
    if is_dataclass(value):
        return {f.name: json_tree(getattr(value, f.name)) for f in fields(value)}
    if hasattr(value, "to_dict"):
        return json_tree(value.to_dict("index") if hasattr(value, "columns") else value.to_dict())
    if isinstance(value, Mapping):
        return {str(key): json_tree(item) for key, item in value.items()}
    if hasattr(value, "tolist") and getattr(value, "ndim", None):
        return json_tree(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [json_tree(item) for item in value]
    return json_value(value)
