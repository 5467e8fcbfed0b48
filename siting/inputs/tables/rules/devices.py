"""Rows that are devices, several a firm → one row a firm with its devices counted; every row accounted for.

A row joins the first row of its firm: the same code, or the same name, at the same place. Where the columns
do not tell whether their figures speak of a device or of the whole firm, nothing is joined in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.tables.device_columns import FILLED
from siting.inputs.tables.rule import Columns, Context, Finding, Found, RowContext, alive, on_rows
from siting.inputs.tables.rules.duplicates import find_duplicates
from siting.inputs.tables.values import missing_mask
from siting.messages import refusal

MOST_ROWS = 20
"""Row numbers that the note on one firm lists."""
_OWN_RULE = ("equipment", "year")
"""Numbers that the rows of a firm may differ in: pieces are counted, a year is a device's own."""


def read_device_cells(_frame: pd.DataFrame, context: RowContext) -> Found:
    """Keep what joining needs of a chunk."""
    yield context.devices.cells(context.chunk)


def join_devices(frame: pd.DataFrame, context: Context) -> Found:
    """Join the rows of devices to the first row of their firm, which counts them.

    Raises
    ------
    InputError
        If the columns do not tell whether a figure speaks of the device or of the firm.
    """
    devices = context.devices
    shown = bool(devices.at) or bool(frame[f"name {FILLED}"].any())
    if devices.rows_are == "firms" or not (shown or devices.rows_are == "devices"):
        return
    joining = _Joining(context, frame, _firsts(frame, context))
    joined = joining.join()
    yield from joining.found
    yield joining.columns
    names = frame["name"].to_numpy()[joined] if "name" in frame else None
    firsts = frame["row"].to_numpy()[joining.firsts[joined]].tolist()
    yield on_rows("E116", joined, context.headings.name("name") or None, names, first=firsts)


def _firsts(frame: pd.DataFrame, context: Context) -> NDArray[np.int64]:
    """Give the position of the first row of the same firm; −1 for that row itself."""
    firsts = np.full(len(frame), -1)
    at = np.flatnonzero(alive(frame) & frame["lon"].notna().to_numpy())
    if len(at):
        names, *places = (frame[name].to_numpy()[at] for name in ("name", *COORDINATES))
        repeats = find_duplicates(names, context.texts(frame, "uscc")[at], *places).repeats
        firsts[at] = np.where(repeats >= 0, at[repeats], -1)
    return firsts


@dataclass
class _Joining:
    """Rows of a file that may be devices of one firm."""

    context: Context
    frame: pd.DataFrame
    firsts: NDArray[np.int64]
    """Position of the first row of the same firm; −1 for that row itself."""
    columns: Columns = field(default_factory=dict)
    """Columns with the figures of a firm gathered in its first row."""
    found: list[Finding] = field(default_factory=list)

    def join(self) -> NDArray[np.int64]:
        """Give the positions of the rows that are joined to another."""
        again = np.flatnonzero(self.firsts >= 0)
        if not (self.context.devices.rows_are == "devices" or self._are_devices(again)):
            return again[:0]
        again = again[~self._listed_twice()[again]]
        groups: dict[int, list[int]] = {}
        for i in again.tolist():
            groups.setdefault(int(self.firsts[i]), []).append(i)
        self._settle_measures(groups)
        self._count(groups)
        heading = self.context.headings.name("equipment") or None
        for first, others in groups.items():
            self.found.append(self._counted(first, others, heading))
        return again

    def _counted(self, first: int, others: Sequence[int], heading: str | None) -> Finding:
        rows = self.frame["row"].to_numpy()[others].tolist()
        joined = ", ".join(map(self.context.shown_row, rows[:MOST_ROWS]))
        joined += " …" if len(rows) > MOST_ROWS else ""
        value = self.columns["equipment"][first]
        pieces = "—" if np.isnan(value) else f"{value:g}"
        return on_rows("E330", [first], heading, joined=joined, count=len(others) + 1, pieces=pieces)

    def _are_devices(self, again: np.ndarray) -> bool:
        """Tell whether rows of one firm differ in what describes a device, or stand under merged cells."""
        firsts = self.firsts[again]
        for i in self.context.devices.at:
            cells = self.frame[f"device {i}"].to_numpy()
            if (cells[again] != cells[firsts]).any():
                return True
        return "equipment" in self.frame and bool(self._sub_rows()[again].any())

    def _sub_rows(self) -> np.ndarray:
        """Mark rows whose firm cells are filled from above while their number of pieces is their own."""
        return (self.frame[f"name {FILLED}"] & ~self.frame[f"equipment {FILLED}"]).to_numpy()

    def _listed_twice(self) -> NDArray[np.bool_]:
        """Mark rows that repeat a device of their firm by its number: they stay duplicates."""
        numbers = [self.frame[f"device {i}"] for i, unique in self.context.devices.at.items() if unique]
        firm = pd.Series(np.where(self.firsts < 0, np.arange(len(self.frame)), self.firsts))
        if not numbers:
            return np.zeros(len(self.frame), bool)
        given = np.logical_or.reduce([~missing_mask(cells.tolist()) for cells in numbers])
        keys = pd.concat([firm, *(cells.reset_index(drop=True) for cells in numbers)], axis=1)
        twice: NDArray[np.bool_] = keys.duplicated().to_numpy() & given
        return twice

    def _settle_measures(self, groups: Mapping[int, Sequence[int]]) -> None:
        """Take each figure of a firm from its first row that states it; two figures are told or refused."""
        rows = self.frame["row"].to_numpy()
        for name in (n for n in self.context.measures(self.frame) if n not in _OWN_RULE):
            heading = self.context.headings.name(name)
            values = self.frame[name].to_numpy(dtype=float, copy=True)
            for first, others in groups.items():
                stated = [i for i in (first, *others) if not np.isnan(values[i])]
                apart = [i for i in stated if values[i] != values[stated[0]]]
                if apart and self.context.devices.rows_are is None:
                    self._refuse(rows[first], rows[apart[0]], heading)
                if apart:
                    other, of_first = [f"{values[i]:g}" for i in apart], [int(rows[stated[0]])] * len(apart)
                    self.found.append(on_rows("E331", apart, heading or None, other, first=of_first))
                values[first] = values[stated[0]] if stated else np.nan
            self.columns[name] = values

    def _count(self, groups: Mapping[int, Sequence[int]]) -> None:
        """Count the pieces of each firm into its first row: the sum of the column, or a piece a row."""
        if "equipment" not in self.frame:
            pieces = np.ones(len(self.frame))
            for first, others in groups.items():
                pieces[first] += len(others)
            self.columns["equipment"] = pieces
            return
        values = self.frame["equipment"].to_numpy(dtype=float, copy=True)
        repeated = self.frame[f"equipment {FILLED}"].to_numpy()
        totals = self._are_totals(groups, values, repeated)
        for first, others in groups.items():
            own = [i for i in (first, *others) if not repeated[i]]
            values[first] = values[own[0]] if totals else values[own].sum()
        self.columns["equipment"] = values

    def _are_totals(
        self, groups: Mapping[int, Sequence[int]], values: np.ndarray, repeated: np.ndarray
    ) -> bool:
        """Tell whether each row repeats the number of pieces of the whole firm, rather than its own.

        It surely does not where a firm's rows differ, where they say less than there are rows, or where the
        firm's cells are merged and these are not. It does where devices are numbered and each row says how
        many rows there are.
        """
        alike, counts = True, True
        for first, others in groups.items():
            own = values[[i for i in (first, *others) if not repeated[i]]]
            alike &= len(own) > 1 and bool((own == own[0]).all()) and own[0] >= len(own)
            counts &= len(own) == own[0]
        if not groups or not alike or self._sub_rows().any():
            return False
        if counts and any(self.context.devices.at.values()):
            return True
        if self.context.devices.rows_are is None:
            first, others = next(iter(groups.items()))
            rows = self.frame["row"].to_numpy()
            self._refuse(rows[first], rows[others[0]], self.context.headings.name("equipment"))
        return False

    def _refuse(self, first: int, other: int, column: str) -> NoReturn:
        first_row, other_row = map(self.context.shown_row, (first, other))
        raise refusal(self.context.raw.file, "E575", first=first_row, other=other_row, column=column)
