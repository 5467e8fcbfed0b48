"""`columns.csv` → the data dictionary: what columns a table has, their units, limits and spellings."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from siting.messages import refusal, text_of

COORDINATES = ("lon", "lat")
_AND_OWN = "…"
PAIR = "lon,lat"
"""Field of a column that holds both coordinates in one cell."""


@dataclass(frozen=True)
class Column:
    """A row of the data dictionary."""

    table: str
    column: str
    dtype: str
    unit: str
    required: bool
    minimum: float
    maximum: float
    allowed: tuple[str, ...]
    is_open: bool
    """Whether a study may have further words than those allowed, ids of its own (``…`` ends the list)."""
    label_zh: str
    synonyms: tuple[str, ...]
    meaning_zh: str
    meaning_en: str

    @property
    def dimension(self) -> str:
        """Kind of unit that its cells and heading may carry."""
        if self.unit.startswith("10^4 CNY"):
            return "money" if self.unit in ("10^4 CNY", "10^4 CNY/a") else "count"
        return {"mu": "area", "km": "length", "km/h": "speed", "1": "share"}.get(self.unit, "count")


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, Mapping[str, Column]]:
    """Read the data dictionary: table → column → its rules."""
    text = (files("siting.inputs.dictionary") / "columns.csv").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Column]] = {}
    for row in csv.DictReader(text.splitlines()):
        column = Column(
            table=row["table"],
            column=row["column"],
            dtype=row["dtype"],
            unit=row["unit"],
            required=row["required"] == "yes",
            minimum=float(row["min"] or "-inf"),
            maximum=float(row["max"] or "inf"),
            allowed=tuple(word for word in row["allowed"].split(";") if word not in ("", _AND_OWN)),
            is_open=row["allowed"].endswith(_AND_OWN),
            label_zh=row["label_zh"],
            synonyms=tuple(filter(None, row["synonyms"].split("|"))),
            meaning_zh=row["meaning_zh"],
            meaning_en=row["meaning_en"],
        )
        tables.setdefault(column.table, {})[column.column] = column
    return tables


def columns_of(table: str) -> Mapping[str, Column]:
    """Give the dictionary of one table.

    Raises
    ------
    InputError
        If there is no such table.
    """
    if table not in dictionary():
        raise refusal("", "E570", table=table, allowed=", ".join([*dictionary(), "roads"]))
    return dictionary()[table]


_DTYPES = {"float": "P147", "int": "P148", "str": "P149", "bool": "P150", "list": "P155", "date": "P240"}
"""Type of a column's cells → the message that names it."""


def describe_columns() -> list[dict[str, str]]:
    """List every column of the tables with its type, unit and meaning in both languages."""
    return [
        {
            "key": f"{column.table}.{column.column}",
            "type": column.dtype,
            "type_zh": text_of(_DTYPES[column.dtype]).zh,
            "unit": column.unit,
            "default": "required" if column.required else "",
            "meaning": f"{column.label_zh}: {column.meaning_en}",
            "meaning_zh": f"{column.label_zh}：{column.meaning_zh}",
        }
        for table in dictionary().values()
        for column in table.values()
    ]
