"""Rows that are devices, several a firm → one row a firm with its devices counted; every row accounted for.

A row joins the first row of its firm: the same code, or the same name, at the same place. Where the columns
do not tell whether their figures speak of a device or of the whole firm, nothing is joined in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NoReturn

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.issues import SHEET_ROWS, IssueLog
from siting.inputs.dictionary.words import words
from siting.inputs.files.raw import Chunk
from siting.inputs.headings.match_headings import Headings
from siting.inputs.headings.naming import plain_heading
from siting.inputs.tables.duplicates import find_duplicates
from siting.inputs.tables.values import missing_mask
from siting.messages import refusal

RowsAre = Literal["firms", "devices"]
MOST_ROWS = 20
"""Row numbers that the note on one firm lists."""
_FILLED = "filled"
"""Suffix of the columns that mark cells filled from a merge."""
_FIRM_FIELDS = ("name", "uscc", "lon", "lat", "lon,lat", "address", "town", "industry")


@dataclass
class DeviceColumns:
    """Which columns of a register describe single devices."""

    at: Mapping[int, bool]
    """Position → whether it identifies the device, as a serial number does."""
    headings: Headings
    rows_are: RowsAre | None
    _last: dict[int, str] = field(default_factory=dict)
    """Cells of the last row that named its firm."""
    _sheet: int = 0

    @classmethod
    def of(cls, headings: Headings, rows_are: RowsAre | None) -> DeviceColumns:
        """Find them by their headings; none if each row is said to be a firm."""
        known = {plain_heading(word): value == "id" for word, value in words("device").items()}
        used = set(headings.fields.values())
        last = [plain_heading(name.rpartition("/")[2]) for name in headings.names]
        at = {i: known[name] for i, name in enumerate(last) if name in known and i not in used}
        return cls({} if rows_are == "firms" else at, headings, rows_are)

    def fill_down(self, chunk: Chunk) -> None:
        """Repeat a firm's own cells in the rows of devices below it that leave them all blank."""
        own = [i for name, i in self.headings.fields.items() if name in _FIRM_FIELDS]
        if not self.at or not own or chunk.geometry is not None:
            return
        blank = np.logical_and.reduce([missing_mask(chunk.columns[i]) for i in own])
        device = np.logical_or.reduce([~missing_mask(chunk.columns[i]) for i in self.at])
        for k, row in enumerate(chunk.row_numbers.tolist()):
            if row // SHEET_ROWS != self._sheet:
                self._sheet, self._last = row // SHEET_ROWS, {}
            if not blank[k]:
                self._last = {i: chunk.columns[i][k] for i in own}
            elif device[k] and self._last and row not in chunk.damaged:
                for i, cell in self._last.items():
                    chunk.columns[i][k] = cell
                    chunk.filled.add((row, i))

    def cells(self, chunk: Chunk) -> dict[str, np.ndarray]:
        """Give what joining needs of a chunk: the cells of devices, and marks of filled ones."""
        columns = {f"device {i}": np.array([c.strip() for c in chunk.columns[i]], object) for i in self.at}
        for name in ("name", "equipment"):
            at = self.headings.fields.get(name)
            merged = np.zeros(len(chunk.row_numbers), bool)
            if chunk.filled:
                merged[:] = [(row, at) in chunk.filled for row in chunk.row_numbers.tolist()]
            columns[f"{name} {_FILLED}"] = merged
        return columns


def join_devices(
    columns: DeviceColumns,
    whole: pd.DataFrame,
    alive: np.ndarray,
    measures: Sequence[str],
    file: str,
    log: IssueLog,
) -> np.ndarray:
    """Join the rows of devices to the first row of their firm, in ``whole``.

    Returns
    -------
    array
        Position of the firm's row for each row that was joined, −1 for all others.

    Raises
    ------
    InputError
        If the columns do not tell whether a figure speaks of the device or of the firm.
    """
    shown = bool(columns.at) or bool(whole[f"name {_FILLED}"].any())
    if columns.rows_are == "firms" or not (shown or columns.rows_are == "devices"):
        return np.full(len(whole), -1)
    at = np.flatnonzero(alive & whole["lon"].notna().to_numpy())
    firsts = np.full(len(whole), -1)
    if len(at):
        codes = whole["uscc"].to_numpy()[at] if "uscc" in whole else np.full(len(at), None, dtype=object)
        names, *places = (whole[name].to_numpy()[at] for name in ("name", *COORDINATES))
        repeats = find_duplicates(names, codes, *places).repeats
        firsts[at] = np.where(repeats >= 0, at[repeats], -1)
    return _Joining(columns, whole, firsts, measures, file, log).join()


@dataclass
class _Joining:
    """Rows of a file that may be devices of one firm."""

    columns: DeviceColumns
    whole: pd.DataFrame
    firsts: np.ndarray
    """Position of the first row of the same firm; −1 for that row itself."""
    measures: Sequence[str]
    """Columns with figures of a firm, `equipment` apart."""
    file: str
    log: IssueLog

    def join(self) -> np.ndarray:
        by_device = self.columns.rows_are == "devices"
        again = np.flatnonzero(self.firsts >= 0)
        if not (by_device or self._are_devices(again)):
            return np.full(len(self.whole), -1)
        again = again[~self._listed_twice(again)]
        groups: dict[int, list[int]] = {}
        for i in again.tolist():
            groups.setdefault(int(self.firsts[i]), []).append(i)
        self._settle_measures(groups)
        counted = self._count(groups)
        for first, others in groups.items():
            rows = self.whole["row"].to_numpy()[others].tolist()
            shown = ", ".join(map(self.log.shown_row, rows[:MOST_ROWS]))
            shown += " …" if len(rows) > MOST_ROWS else ""
            value = counted[first]
            self.log.add(
                "E330",
                row=int(self.whole["row"].to_numpy()[first]),
                column=self.columns.headings.name("equipment") or None,
                joined=shown,
                count=len(others) + 1,
                pieces="—" if np.isnan(value) else f"{value:g}",
            )
        joined = np.full(len(self.whole), -1)
        joined[again] = self.firsts[again]
        return joined

    def _are_devices(self, again: np.ndarray) -> bool:
        """Tell whether rows of one firm differ in what describes a device, or stand under merged cells."""
        firsts = self.firsts[again]
        for i in self.columns.at:
            cells = self.whole[f"device {i}"].to_numpy()
            if (cells[again] != cells[firsts]).any():
                return True
        return "equipment" in self.whole and bool(self._sub_rows()[again].any())

    def _sub_rows(self) -> np.ndarray:
        """Mark rows whose firm cells are filled from above while their number of pieces is their own."""
        return (self.whole[f"name {_FILLED}"] & ~self.whole[f"equipment {_FILLED}"]).to_numpy()

    def _listed_twice(self, again: np.ndarray) -> np.ndarray:
        """Mark rows that repeat a device of their firm by its number: they stay duplicates."""
        numbers = [self.whole[f"device {i}"] for i, unique in self.columns.at.items() if unique]
        firm = pd.Series(np.where(self.firsts < 0, np.arange(len(self.whole)), self.firsts))
        twice = np.zeros(len(self.whole), bool)
        if numbers:
            given = np.logical_or.reduce([~missing_mask(cells.tolist()) for cells in numbers])
            keys = pd.concat([firm, *(cells.reset_index(drop=True) for cells in numbers)], axis=1)
            twice = keys.duplicated().to_numpy() & given
        repeated: np.ndarray = twice[again]
        return repeated

    def _settle_measures(self, groups: Mapping[int, Sequence[int]]) -> None:
        """Take each figure of a firm from its first row that states it; two figures are told or refused."""
        rows = self.whole["row"].to_numpy()
        for name in self.measures:
            values = self.whole[name].to_numpy(dtype=float, copy=True)
            for first, others in groups.items():
                stated = [i for i in (first, *others) if not np.isnan(values[i])]
                apart = [i for i in stated if values[i] != values[stated[0]]]
                if apart and self.columns.rows_are is None:
                    self._refuse(rows[first], rows[apart[0]], self.columns.headings.name(name))
                if apart:
                    self.log.add_rows(
                        "E331", rows[apart], self.columns.headings.name(name) or None,
                        [f"{values[i]:g}" for i in apart], first=[int(rows[stated[0]])] * len(apart),
                    )  # fmt: skip
                values[first] = values[stated[0]] if stated else np.nan
            self.whole[name] = values

    def _count(self, groups: Mapping[int, Sequence[int]]) -> np.ndarray:
        """Count the pieces of each firm into its first row: the sum of the column, or a piece a row."""
        if "equipment" not in self.whole:
            pieces = np.ones(len(self.whole))
            for first, others in groups.items():
                pieces[first] += len(others)
            self.whole["equipment"] = pieces
            return pieces
        values = self.whole["equipment"].to_numpy(dtype=float, copy=True)
        repeated = self.whole[f"equipment {_FILLED}"].to_numpy()
        totals = self._are_totals(groups, values, repeated)
        for first, others in groups.items():
            own = [i for i in (first, *others) if not repeated[i]]
            values[first] = values[own[0]] if totals else values[own].sum()
        self.whole["equipment"] = values
        return values

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
        if counts and any(self.columns.at.values()):
            return True
        if self.columns.rows_are is None:
            first, others = next(iter(groups.items()))
            rows = self.whole["row"].to_numpy()
            self._refuse(rows[first], rows[others[0]], self.columns.headings.name("equipment"))
        return False

    def _refuse(self, first: int, other: int, column: str) -> NoReturn:
        first_row, other_row = map(self.log.shown_row, (first, other))
        raise refusal(self.file, "E575", first=first_row, other=other_row, column=column)
