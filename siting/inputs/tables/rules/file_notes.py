"""Columns and lines of a file as a whole → notes on what was converted, left out or masked."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from siting.inputs.dictionary.issues import shown
from siting.inputs.dictionary.words import words
from siting.inputs.tables.rule import Context, Found, on_file
from siting.inputs.tables.rules.lines import ignored_line

MOST_NAMES = 30
"""Names of columns left out that one note lists."""


def report_personal(_frame: pd.DataFrame, context: Context) -> Found:
    """Say how many rows held a personal number that was masked."""
    rows = context.seen.personal
    if rows:
        yield on_file("E329", row=rows[0], count=len(rows))


def report_ignored_lines(_frame: pd.DataFrame, context: Context) -> Found:
    """Tell of each line that the reader of the file passed over."""
    for row, kind in context.raw.ignored:
        yield ignored_line(row, kind)


def report_units(_frame: pd.DataFrame, context: Context) -> Found:
    """Name the units converted, taken as usual, and those that cannot be converted."""
    headings = context.headings
    for name, at in headings.fields.items():
        column, heading = context.columns.get(name), headings.names[at]
        target = words("target").get(column.unit.removesuffix("/a")) if column else None
        if column is None or target is None:
            continue
        stated = name in headings.units or name in headings.unusable or heading == name
        if name in headings.factors:
            yield on_file("E310", column=heading, unit=headings.units[name], target=target)
        elif column.dimension == "money" and not stated:
            yield on_file("E311", column=heading, target=target)
    for name, unit in headings.unusable.items():
        yield on_file("E220", column=headings.names[headings.fields[name]], unit=unit)


def report_unused_columns(frame: pd.DataFrame, context: Context) -> Found:
    """Name the columns left out, and why."""
    headings, nameless = context.headings, context.seen.nameless
    for i in headings.personal:
        yield on_file("E312", column=headings.names[i])
    counted = context.devices.at if (frame["reason"] == "E116").any() else ()
    if extra := [headings.names[i] for i in headings.extra if i not in counted]:
        yield on_file("E313", columns=_listed(extra))
    if nameless:
        yield on_file("E327", columns=_listed([str(i + 1) for i in sorted(nameless)]))
    for i, name in headings.surplus.items():
        column = context.columns.get(name)
        yield on_file("E314", column=headings.names[i], field=column.label_zh if column else name)


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(shown(name) for name in names[:MOST_NAMES])
    return listed + (f" … ({len(names)})" if len(names) > MOST_NAMES else "")
