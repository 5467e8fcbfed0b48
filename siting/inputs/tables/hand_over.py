"""Rows that all rules have seen → the checked table, what was set aside as found, and an account of both."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.dictionary.columns import Column
from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.headings.match_headings import Headings
from siting.inputs.tables.rule import Context, Seen
from siting.messages import refusal
from siting.types import ColumnUse, InstallationError, Table

_SEPARATOR = "\x1d"


def checked_table(columns: dict[str, NDArray[np.generic]], context: Context, log: IssueLog) -> Table:
    """Hand over the rows of a file; each of ``columns`` is let go once it is typed."""
    raw, seen, headings = context.raw, context.seen, context.headings
    alive = pd.isna(columns["reason"])
    read_of_aside = _read_of_aside(columns, np.flatnonzero(~alive), context)
    reasons, aside = columns.pop("reason"), columns["row"][~alive]
    frame = _kept(columns, np.flatnonzero(alive), context)
    set_aside = _as_they_were(aside, reasons[~alive], headings, seen)
    first, last = raw.heading_rows
    heading_lines = last - first + 1 if last > first else 0
    counts = {
        "data_rows": sum(len(rows) for rows, _ in seen.raw_rows),
        "kept": len(frame),
        "set_aside": len(set_aside),
        "ignored_lines": seen.ignored + len(raw.ignored) + heading_lines,
    }
    issues = (*raw.notes, *log.sorted())
    _account(seen.raw_rows, frame["row"].tolist(), aside.tolist(), counts)
    if raw.sheets:
        frame, set_aside, read_of_aside = (
            _with_sheets(part, log) for part in (frame, set_aside, read_of_aside)
        )
    return Table(
        frame, set_aside, issues, counts, raw.file, raw.sha256, raw.sheet, raw.encoding,
        {name: headings.name(name) for name in headings.fields},
        {name: ColumnUse(headings.name(name), tuple(found)) for name, found in seen.samples.items()},
        read_of_aside,
    )  # fmt: skip


def empty_frame(columns: Mapping[str, Column], key: str | None) -> pd.DataFrame:
    """Give a table without a row."""
    typed = {name: _typed(np.array([], dtype=object), column.dtype) for name, column in columns.items()}
    frame = pd.DataFrame({**typed, "row": np.array([], dtype=np.int64)})
    return frame.set_index(key) if key else frame


def _kept(columns: dict[str, NDArray[Any]], alive: NDArray[np.int64], context: Context) -> pd.DataFrame:
    """Give the kept rows with every column of the dictionary, typed, indexed by their identifier.

    Each of ``columns`` is let go once it is typed: a million rows would not fit the memory twice.
    """
    typed = {}
    for name in _handed_over(context):
        column = context.columns.get(name)
        values = columns.pop(name)[alive] if name in columns else np.full(len(alive), np.nan)
        typed[name] = _typed(values, column.dtype if column else None)
    frame = pd.DataFrame(typed, copy=False)
    key = context.rules.key
    return frame.set_index(key) if key else frame


def _handed_over(context: Context) -> list[str]:
    """List the columns of a checked table."""
    return [*(n for n in context.columns if n != "crs"), *context.rules.derived, "row"]


def _read_of_aside(
    columns: Mapping[str, NDArray[Any]], aside: NDArray[np.int64], context: Context
) -> pd.DataFrame:
    """Give what was read of the rows set aside, so that a later list can be held against them.

    Of damaged rows nothing: their cells may stand in other columns than their own.
    """
    reasons = columns["reason"][aside]
    read = {name: columns[name][aside] for name in _handed_over(context) if name in columns}
    kinds = {name: context.columns[name].dtype if name in context.columns else None for name in read}
    frame = pd.DataFrame({name: _typed(values, kinds[name]) for name, values in read.items()})
    sound = pd.Series(reasons != "E109", frame.index)
    return frame.where(sound).assign(row=frame["row"], reason=reasons)


def _typed(values: NDArray[Any], dtype: str | None) -> Any:
    """Give a column its type: whole numbers integers where none is missing, texts str, yes and no boolean."""
    if dtype in ("int", "float"):
        numbers = values.astype(float)
        whole = dtype == "int" and len(numbers) and not np.isnan(numbers).any()
        return numbers.astype(np.int64) if whole else numbers
    if dtype == "bool":
        return pd.array(values, dtype="boolean") if pd.isna(values).any() else values.astype(bool)
    if values.dtype.kind in "fib":
        return values
    return pd.array(values, dtype="str")


def _as_they_were(
    wanted: NDArray[Any], reasons: NDArray[Any], headings: Headings, seen: Seen
) -> pd.DataFrame:
    """Give rows as they stand in the file, personal columns left out; damaged rows of such files bare."""
    shown = [i for i in range(len(headings.names)) if i not in headings.personal]
    names = _distinct([headings.names[i] for i in shown])
    pieces = []
    for rows, columns in seen.raw_rows:
        at = np.flatnonzero(np.isin(rows, wanted))
        if len(at):
            cells = [unpacked(columns[i]) for i in shown]
            pieces.append(pd.DataFrame({n: [c[k] for k in at] for n, c in zip(names, cells, strict=True)}))
    raw = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=names)
    damaged = reasons == "E109"
    if headings.personal:
        raw.loc[damaged, :] = ""
    raw.loc[damaged] = raw[damaged].map(lambda text: "" if "\ufffd" in text else text)
    return pd.concat([pd.DataFrame({"row": wanted, "reason": reasons}), raw], axis=1)


def _distinct(names: Sequence[str]) -> list[str]:
    """Give each heading a name of its own, apart from ``row`` and ``reason``."""
    taken, given = {"row", "reason"}, []
    for i, name in enumerate(names):
        own = name or f"column {i + 1}"
        while own in taken:
            own += "_"
        taken.add(own)
        given.append(own)
    return given


def _with_sheets(frame: pd.DataFrame, log: IssueLog) -> pd.DataFrame:
    """Name the sheet of each row, and number it as there."""
    places = [log.place(row) for row in frame["row"]]
    frame["row"] = np.array([row for _, row in places], dtype=np.int64)
    return frame.assign(sheet=pd.array([sheet for sheet, _ in places], dtype="str"))


def _account(
    raw_rows: Iterable[tuple[NDArray[np.int64], Any]],
    kept: Sequence[int],
    set_aside: Sequence[int],
    counts: Mapping[str, int],
) -> None:
    """Check that no row is lost or counted twice; a failure is a fault of this package, never of the file."""
    rows = np.concatenate([rows for rows, _ in raw_rows])
    seen = np.sort([*kept, *set_aside])
    if not np.array_equal(np.sort(rows), seen) or counts["data_rows"] != counts["kept"] + counts["set_aside"]:
        raise refusal("", "E901", kind=InstallationError, detail=f"rows unaccounted for: {counts}")


def packed(column: list[str]) -> bytes | list[str]:
    """Keep a column of text in few bytes: a million rows of str objects would not fit the memory."""
    joined = _SEPARATOR.join(column)
    if joined.count(_SEPARATOR) != len(column) - 1:
        return column
    try:
        return zlib.compress(joined.encode("utf-8"), 1)
    except UnicodeEncodeError:
        return column


def unpacked(column: bytes | list[str]) -> list[str]:
    """Give the column back as it was."""
    if isinstance(column, bytes):
        return zlib.decompress(column).decode("utf-8").split(_SEPARATOR)
    return column
