"""A checked list and what was assigned to it → a workbook to go on with, its rows set aside beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.inputs.dictionary.columns import Column, columns_of
from siting.messages import messages
from siting.outputs.new_study.templates import choices, heading
from siting.outputs.tables.streamed_sheet import Column as SheetColumn
from siting.outputs.tables.streamed_sheet import StreamedSheet
from siting.outputs.text.wording import say
from siting.outputs.write_files import workbook_bytes

if TYPE_CHECKING:
    from siting.types import Table


def corrected_list(table: Table, towns: Mapping[str, str], codes: Mapping[str, str]) -> bytes:
    """Return the rows kept of a register under the headings of the data dictionary, as XLSX.

    Coordinates are WGS-84. A row placed at its township's point has none here, so that it stays known as
    one; the rows set aside, with the reasons, and what was assigned have sheets of their own. Names are
    written as text, never as a formula; equal tables give equal bytes.

    Parameters
    ----------
    table : read by `read_table` with `codes` already in place
    towns, codes : as the list writes them → the name or code taken in its place
    """

    def fill(book: Any) -> None:
        _add_sheet(book, "template.enterprises", _kept_columns(table, towns))
        if len(table.set_aside):
            _add_sheet(book, "corrected.aside", _aside_columns(table.set_aside))
        if towns or codes:
            _add_sheet(book, "corrected.assigned", _assigned_columns({**towns, **codes}))

    return workbook_bytes(say("template.enterprises", "zh"), fill)


def _add_sheet(book: Any, name: str, columns: Iterable[SheetColumn]) -> None:
    page = book.add_worksheet(say(name, "zh"), worksheet_class=StreamedSheet)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#E8EEF4"})
    text = book.add_format({"num_format": "@"})
    page.set_table(list(columns), head=head, number=book.add_format({}), text=text)
    page.freeze_panes(1, 0)


def _kept_columns(table: Table, towns: Mapping[str, str]) -> Iterable[SheetColumn]:
    """Give the columns that the list fills, in the order of the dictionary."""
    frame = table.frame.reset_index()
    frame = frame.assign(town=frame["town"].map(lambda town: towns.get(town, town)))
    by_town = (frame["placed"] == "town").to_numpy()
    for name, column in columns_of("enterprises").items():
        # Rows without an id are numbered anew; the system of all coordinates stands in their headings.
        if name == "crs" or (name == "id" and "id" not in table.mapping):
            continue
        cells = frame[name].mask(by_town) if name in ("lon", "lat") else frame[name]
        if column.required or cells.notna().any():
            yield SheetColumn(heading(column), cells, _words_of(column))


def _aside_columns(set_aside: pd.DataFrame) -> Iterable[SheetColumn]:
    reasons = {code: messages()[code]["title_zh"] for code in set_aside["reason"].unique()}
    yield SheetColumn(say("corrected.row", "zh"), set_aside["row"], str)
    yield SheetColumn(say("corrected.reason", "zh"), set_aside["reason"].map(reasons), str)
    for name in set_aside.columns.drop(["row", "reason"]):
        # Under their own headings these rows would be taken for the list.
        yield SheetColumn(say("corrected.original", "zh", heading=str(name)), set_aside[name], str)


def _assigned_columns(assigned: Mapping[str, str]) -> Iterable[SheetColumn]:
    columns = columns_of("aliases")
    for name, cells in (("alias", assigned.keys()), ("name", assigned.values())):
        yield SheetColumn(heading(columns[name]), pd.Series(list(cells), dtype="str"), str)


def _words_of(column: Column) -> Callable[[str], str]:
    """Write what the dictionary allows in Chinese, and all else as it stands."""
    words = dict(zip(column.allowed, choices(column), strict=True))
    return lambda text: words.get(text, text)
