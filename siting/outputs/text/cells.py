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
from typing import TYPE_CHECKING, Any

from siting.outputs.text.wording import option_name, words
from siting.types import Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


# headings -----------------------------------------------------------------------------


@cache
def _headings() -> dict[str, dict[Language, str]]:
    """Words of headings by id; columns of the data dictionary bring their own."""
    found: dict[str, dict[Language, str]] = {}
    dictionary = resources("siting.inputs.dictionary") / "columns.csv"
    for row in csv.DictReader(io.StringIO(dictionary.read_text(encoding="utf-8"))):
        label: dict[Language, str] = {"zh": row["label_zh"], "en": row["column"]}
        found[f"{row['table']}.{row['column']}"] = label
        found.setdefault(row["column"], label)
    table = resources("siting.outputs.text") / "labels.csv"
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))):
        found[row["id"]] = {"zh": row["zh"], "en": row["en"]}
    return found


def heading(column: str, evaluation: Evaluation, lang: Language, table: str = "") -> str:
    """Name a column: a word, a criterion, an option, or two of them joined by a dot.

    Columns of an input table, if `table` names one, are called as in its templates.
    """
    known, own = words(lang), _headings()
    for key in (f"{table}.{column}", column if "." in column else ""):
        if key in own:
            return own[key][lang]
    if f"criterion.{column}" in known:
        return known[f"criterion.{column}"]
    options = evaluation.evidence.options
    if column in options.index:
        return option_name(options, column, lang)
    first, dot, rest = column.partition(".")
    if dot:
        colon = "：" if lang == "zh" else ": "
        return heading(first, evaluation, lang) + colon + heading(rest, evaluation, lang)
    return own.get(column, {}).get(lang) or known.get(column, column)


def cell_text(column: str, value: str, lang: Language) -> str:
    """Say a cell of a column with fixed values (``kind``, ``basis``, ``verdict`` …) in words."""
    known = words(lang)
    if column == "verdict":
        return known.get(value, value)
    group = {"land_provision": "land"}.get(column, column)
    own = _headings().get(f"{group}.{value}", {})
    return known.get(f"{group}.{value}") or own.get(lang, value)


# formats ------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Drop characters that steer a terminal, a cell or the direction of writing."""
    return _CONTROL.sub("", text)


def guarded(value: Any) -> Any:
    """Return a cell for CSV: text that a spreadsheet would run gets an apostrophe before it."""
    if is_missing(value):
        return ""
    if isinstance(value, str):
        text = plain(value)
        return "'" + text if text.startswith(_FORMULA) else text
    return value


def json_value(value: Any) -> Any:
    """Return a cell as JSON has it; missing and ``inf`` become null."""
    value = native(value)
    if is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return plain(value) if isinstance(value, str) else value


def native(value: Any) -> Any:
    """Return a cell as plain Python: no NumPy number, lists as text."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return value.item() if hasattr(value, "item") else value


def is_missing(value: Any) -> bool:
    """Tell whether a cell is None, NA or NaN."""
    import pandas as pd

    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


def json_tree(value: Any) -> Any:
    """Return a record of frames and numbers as JSON has it, keys as text."""
    if is_dataclass(value):
        return {f.name: json_tree(getattr(value, f.name)) for f in fields(value)}
    if hasattr(value, "to_dict"):
        return json_tree(value.to_dict("index") if hasattr(value, "columns") else value.to_dict())
    if isinstance(value, Mapping):
        return {str(key): json_tree(item) for key, item in value.items()}
    if hasattr(value, "tolist") and getattr(value, "ndim", 0):
        return json_tree(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [json_tree(item) for item in value]
    return json_value(value)
