"""Columns of a register that describe single devices: which they are, and whose device a row is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from siting.inputs.dictionary.issues import SHEET_ROWS
from siting.inputs.dictionary.words import words
from siting.inputs.files.raw import Chunk
from siting.inputs.headings.match_headings import Headings
from siting.inputs.headings.naming import plain_heading
from siting.inputs.tables.values import missing_mask

RowsAre = Literal["firms", "devices"]
FILLED = "filled"
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
            columns[f"{name} {FILLED}"] = merged
        return columns
