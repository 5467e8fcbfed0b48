"""The data dictionary → blank bilingual XLSX templates that read back without an issue."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from siting.inputs.dictionary.columns import Column, columns_of
from siting.inputs.dictionary.words import words as register_words
from siting.outputs.text.wording import LANGUAGES, say
from siting.outputs.write_files import workbook_bytes

TEMPLATES = (
    "enterprises",
    "residents",
    "stations",
    "sites",
    "conditions",
    "services",
    "laboratories",
    "pledges",
    "places",
    "industries",
)
"""Tables that a planner fills in; roads come from a map."""
_ROWS = 2000
"""Rows that the drop-downs and the text format cover."""
_WIDTH = 18


def score_sheet() -> bytes:
    """Return the workbook in which experts judge the criteria in pairs (AHP, Saaty 1980).

    Every pair of groups, and of scored criteria within a group, stands there in Chinese; how many times the
    first matters more is left to fill in.
    """
    from siting.analysis.decision.criteria import CRITERIA

    # Of residents there are too few criteria to be judged in pairs.
    judged = [criterion for criterion in CRITERIA if criterion.serves == "enterprises"]
    groups: list[str] = list(dict.fromkeys(criterion.group for criterion in judged))
    levels: list[list[str]] = [groups, *([c.id for c in judged if c.group == group] for group in groups)]
    words = dict(
        zip(
            columns_of("judgements")["first"].allowed, choices(columns_of("judgements")["first"]), strict=True
        )
    )
    pairs = [pair for level in levels for pair in itertools.combinations(level, 2)]
    return template("judgements", [{"first": words[a], "second": words[b]} for a, b in pairs])


def template(table: str, rows: Sequence[Mapping[str, str]] = ()) -> bytes:
    """Return the workbook for one table: a sheet to fill in and a sheet that explains it.

    The sheet has one heading row, drop-downs where few words are allowed, limits on numbers, and text
    format where a code could lose its zeros. The example row stands on the second sheet, marked as
    fictional, so that it can never be taken for data. Equal dictionaries give equal bytes. What `rows`
    holds by column stands there already.

    Raises
    ------
    InputError
        If the dictionary has no such table.
    """
    columns = [column for column in columns_of(table).values() if column.column != "crs"]

    def fill(book: Any) -> None:
        _sheet_to_fill(book, table, columns, rows)
        _sheet_of_explanations(book, table, columns)

    return workbook_bytes(say(f"template.{table}", "zh"), fill)


def heading(column: Column) -> str:
    """Write the heading of a column: Chinese, unit or coordinate system, and the English name below."""
    unit = (
        "WGS-84"
        if column.column in ("lon", "lat")
        else register_words("target").get(column.unit.removesuffix("/a"), "")
    )
    shown = f"{column.label_zh}（{unit}）" if unit else column.label_zh
    return f"{shown}\n({column.column})"


def choices(column: Column) -> list[str]:
    """Give the words a cell may hold, in Chinese where there are Chinese ones."""
    meant: dict[str, list[str]] = {value: [] for value in column.allowed}
    for word, values in register_words("choice").items():
        for value in values.split(";"):
            if value in meant:
                meant[value].append(word)
    return [(found or [value])[0] for value, found in meant.items()]


def _sheet_to_fill(book: Any, table: str, columns: list[Column], rows: Sequence[Mapping[str, str]]) -> None:
    page = book.add_worksheet(say(f"template.{table}", "zh"))
    head = {"bold": True, "text_wrap": True, "valign": "top", "border": 1}
    needed = book.add_format({**head, "bg_color": "#FCE4D6"})
    optional = book.add_format({**head, "bg_color": "#E8EEF4"})
    text = book.add_format({"num_format": "@"})
    for place, column in enumerate(columns):
        page.set_column(place, place, _WIDTH, text if column.dtype in ("str", "list") else None)
        page.write_string(0, place, heading(column), needed if column.required else optional)
        rule = _rule(column)
        if rule:
            page.data_validation(1, place, _ROWS, place, rule)
        for row, cells in enumerate(rows, start=1):
            page.write_string(row, place, cells.get(column.column, ""))
    page.freeze_panes(1, 0)


def _rule(column: Column) -> Mapping[str, Any] | None:
    """Give what Excel is to accept in a column."""
    if column.is_open:
        return None
    if column.allowed:
        return {"validate": "list", "source": choices(column)}
    if column.dtype not in ("int", "float") or not math.isfinite(column.minimum + column.maximum):
        return None
    return {
        "validate": "integer" if column.dtype == "int" else "decimal",
        "criteria": "between",
        "minimum": column.minimum,
        "maximum": column.maximum,
        "error_message": f"{column.minimum:g} – {column.maximum:g}",
    }


def _sheet_of_explanations(book: Any, table: str, columns: list[Column]) -> None:
    """Explain every column, one a row: so no row of this sheet can be taken for a heading."""
    page = book.add_worksheet(say("template.explanations", "zh"))
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for row, lang in enumerate(LANGUAGES):
        page.write_string(row, 0, say("template.intro", lang), bold)
    keys = ("column", "needed", "unit", "allowed", "meaning", "meaning_en", "example")
    for place, key in enumerate(keys):
        page.write_string(3, place, "\n".join(say(f"template.{key}", lang) for lang in ("zh", "en")), bold)
    page.set_column(0, 3, _WIDTH)
    page.set_column(4, 6, 2 * _WIDTH)
    for row, column in enumerate(columns, start=4):
        for place, cell in enumerate(_explanation(column, example(table, column))):
            page.write_string(row, place, cell, wrapped)


def _explanation(column: Column, sample: str) -> tuple[str, ...]:
    limits = ""
    if math.isfinite(column.minimum + column.maximum):
        limits = f"{column.minimum:g} – {column.maximum:g}"
    answer = "template.yes" if column.required else "template.no"
    needed = " / ".join(say(answer, lang) for lang in ("zh", "en"))
    allowed = " / ".join(f"{zh} = {value}" for zh, value in zip(choices(column), column.allowed, strict=True))
    shown = heading(column).replace("\n", " ")
    return (
        f"▪ {shown}",
        needed,
        column.unit,
        allowed or limits,
        column.meaning_zh,
        column.meaning_en,
        sample,
    )


def example(table: str, column: Column) -> str:
    """Give the fictional value of a column in the example row, blank where it may be left blank."""
    text = (files("siting.outputs.new_study") / "examples.csv").read_text(encoding="utf-8")
    known = {(row["table"], row["column"]): row["example"] for row in csv.DictReader(text.splitlines())}
    if column.allowed:
        word = "illustrative" if column.column == "basis" else column.allowed[0]
        return choices(column)[column.allowed.index(word)]
    common = {"source": say("template.fictional", "zh"), "year": "2011"}
    return known.get((table, column.column), common.get(column.column, ""))
