"""What a rule is: a function of rows and of what is known of their file → findings and changed columns.

A rule changes nothing itself. `run` words its findings as issues, sets aside the rows of those whose code
says so, and lays the columns that it gives into the frame, so that no rule can lose a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.dictionary.columns import COORDINATES, PAIR, Column
from siting.inputs.dictionary.issues import IssueLog, sets_aside
from siting.inputs.files.raw import Chunk, RawTable
from siting.inputs.headings.match_headings import Headings
from siting.inputs.places.region import Region
from siting.inputs.tables.device_columns import DeviceColumns
from siting.inputs.tables.positions import Declaration

Columns: TypeAlias = dict[str, Any]
"""Name → values of a column that a rule adds or changes, one a row of the frame.

One whose name begins with `WORKING` serves the rules after it and is let go with the chunk.
"""
WORKING = "_"


@dataclass(frozen=True)
class Finding:
    """What a rule says of rows of its frame, or of the file as a whole."""

    code: str
    at: NDArray[np.int64] | None
    """Positions in the frame; None for the file as a whole."""
    column: str | None = None
    """Heading as it stands in the file."""
    values: Sequence[object] | NDArray[np.generic] | None = None
    """Values as found, one a position."""
    words: Mapping[str, object] = field(default_factory=dict)
    """What fills the places of the message; a list gives each position its own."""
    row: int | None = None
    """Row number of a line that is no row of the frame."""


def on_rows(
    code: str,
    at: Sequence[int] | NDArray[np.integer] | pd.Index,
    column: str | None = None,
    values: Sequence[object] | NDArray[np.generic] | None = None,
    **words: object,
) -> Finding:
    """Say something of the rows at these positions of the frame."""
    return Finding(code, np.asarray(at, dtype=np.int64), column, values, words)


def on_file(
    code: str, *, row: int | None = None, column: str | None = None, value: object = None, **words: object
) -> Finding:
    """Say something of the file, or of a line that is no row of the frame."""
    return Finding(code, None, column, None if value is None else [value], words, row)


@dataclass
class Seen:
    """What has been met while the rows of a file were read, chunk by chunk."""

    raw_rows: list[tuple[NDArray[np.int64], list[bytes | list[str]]]] = field(default_factory=list)
    """Row numbers and packed columns of every chunk, as they stand in the file."""
    ignored: int = 0
    """Lines among the rows that are no data."""
    others: list[tuple[int, int]] = field(default_factory=list)
    """Rows where another table begins, each with itself; where this one goes on, with 0. Ascending."""
    samples: dict[str, list[str]] = field(default_factory=dict)
    """Field → its first different values, as they stand."""
    nameless: set[int] = field(default_factory=set)
    """Positions of columns that hold something but have no heading."""
    personal: list[int] = field(default_factory=list)
    """Rows in which a personal number was masked."""


@dataclass(frozen=True)
class Context:
    """What a rule may know of a file beside its rows."""

    rules: TableRules
    table: str
    columns: Mapping[str, Column]
    """Columns of the table in the data dictionary."""
    headings: Headings
    raw: RawTable
    region: Region | None
    standard: int | None
    """Year of GB/T 4754 that the industry codes follow."""
    by_town: bool
    """Rows without coordinates are placed at the point of their township."""
    devices: DeviceColumns
    shown_row: Callable[[int], str]
    """Row number → how a text shows it, with its sheet where there are several."""
    declaration: Declaration = Declaration(None)
    seen: Seen = field(default_factory=Seen)

    @property
    def has_places(self) -> bool:
        """True if rows of this file can have a place."""
        given = self.headings.fields
        stated = self.raw.kind == "layer" or PAIR in given or set(COORDINATES) <= given.keys()
        return "lon" in self.columns and (stated or (self.by_town and "town" in given))

    def measures(self, frame: pd.DataFrame) -> list[str]:
        """Give the columns of the frame that hold numbers other than coordinates."""
        numbers = [n for n, c in self.columns.items() if c.dtype in ("int", "float") and n not in COORDINATES]
        return [name for name in numbers if name in frame]

    def texts(self, frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
        """Copy a column of texts; all missing where the file has none."""
        if name not in frame:
            return np.full(len(frame), None, dtype=object)
        return frame[name].to_numpy(dtype=object, copy=True)

    def of_chunk(self, chunk: Chunk) -> RowContext:
        """Give the same with the cells of some rows."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return RowContext(**own, chunk=chunk)


@dataclass(frozen=True, kw_only=True)
class RowContext(Context):
    """What a rule for single rows may know: the file, and the cells of the rows as found."""

    chunk: Chunk


Found: TypeAlias = Iterable[Finding | Columns]
HeadingRule: TypeAlias = Callable[[Context], Iterable[Finding]]
RowRule: TypeAlias = Callable[[pd.DataFrame, RowContext], Found]
"""Looks at each row by itself."""
FileRule: TypeAlias = Callable[[pd.DataFrame, Context], Found]
"""Looks at all rows of a file side by side, or at the file as a whole."""


def place_required(frame: pd.DataFrame, context: Context) -> NDArray[np.bool_]:
    """Tell of each row whether it needs a place: what the data dictionary says of the table."""
    return np.full(len(frame), context.columns["lon"].required)


@dataclass(frozen=True)
class TableRules:
    """All that sets a table apart, beside its columns in `columns.csv`."""

    key: str | None
    """Column that identifies a row; None for tables whose rows have no identifier."""
    rows: Sequence[RowRule]
    """Rules for single rows, in order."""
    file: Sequence[FileRule]
    """Rules for all rows of a file, in order, after those for single rows."""
    headings: Sequence[HeadingRule] = ()
    """Rules for the headings alone, before any row."""
    derived: Sequence[str] = ()
    """Columns that the rules add to those of the data dictionary."""
    needs_place: Callable[[pd.DataFrame, Context], NDArray[np.bool_]] = place_required
    """Which rows need a place; it must lie in the county where that is tested."""
    by_town: bool = False
    """Rows without coordinates may be placed at the point of their township."""
    devices: bool = False
    """A row may be one of several devices of a firm."""


def alive(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the rows that are not set aside."""
    return frame["reason"].isna().to_numpy()


def objects(values: Sequence[object] | NDArray[np.generic]) -> pd.Series:
    """Keep texts and None as they are: pandas would make a column of its own type of them."""
    return pd.Series(values, dtype=object)


C = TypeVar("C", bound=Context)


def run(
    rules: Iterable[Callable[[pd.DataFrame, C], Found]], frame: pd.DataFrame, context: C, log: IssueLog
) -> pd.DataFrame:
    """Apply rules in order: each sees what those before it changed and set aside."""
    for rule in rules:
        changed: Columns = {}
        reasons = frame["reason"].to_numpy(copy=True)
        for found in rule(frame, context):
            if not isinstance(found, Finding):
                changed |= found
                continue
            record([found], frame, log)
            if found.at is not None and sets_aside(found.code):
                reasons[found.at] = found.code
                changed["reason"] = objects(reasons)
        frame = frame.assign(**changed)
    return frame


def record(findings: Iterable[Finding], frame: pd.DataFrame, log: IssueLog) -> None:
    """Word findings as issues."""
    for found in findings:
        rows = [found.row] if found.at is None else frame["row"].to_numpy()[found.at].tolist()
        if rows:
            log.add_rows(found.code, rows, found.column, found.values, **found.words)
