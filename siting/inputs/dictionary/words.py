"""`words.csv` → the words that registers use: missing markers, totals, units, names of systems, choices."""

from __future__ import annotations

import csv
import unicodedata
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@lru_cache(maxsize=1)
def _all_words() -> dict[str, dict[str, str]]:
    text = (files("siting.inputs.dictionary") / "words.csv").read_text(encoding="utf-8")
    table: dict[str, dict[str, str]] = {}
    for row in csv.DictReader(text.splitlines()):
        table.setdefault(row["kind"], {})[row["word"]] = row["value"]
    return table


def words(kind: str) -> Mapping[str, str]:
    """Give the words of one kind with their values, in the table's order."""
    return MappingProxyType(_all_words()[kind])


def fold(text: str) -> str:
    """Fold full-width letters, digits and brackets to plain ones (NFKC), blanks at the ends dropped."""
    return unicodedata.normalize("NFKC", text).strip()
