"""Chunks of raw rows → rows checked one by one: values, place, or the reason why there is none."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES, PAIR, Column
from siting.inputs.dictionary.issues import SHEET_ROWS, IssueLog, shown
from siting.inputs.dictionary.words import words
from siting.inputs.files.raw import Chunk, RawTable
from siting.inputs.headings.match_headings import Headings
from siting.inputs.places.crs import project
from siting.inputs.places.region import FAR_FROM_TOWN_KM, TOWNSHIP_REACH_M, Region
from siting.inputs.tables.devices import DeviceColumns
from siting.inputs.tables.fields import cells_of, read_cells
from siting.inputs.tables.ignored import ANOTHER, NOTHING_KNOWN, ignored_lines
from siting.inputs.tables.positions import (
    NO_COORDINATES,
    NO_GEOMETRY,
    Declaration,
    Positions,
    place_rows,
)
from siting.option_kinds import DEFAULT, having

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLES = 3
"""Values of each column that the report on the mapping shows."""
_CLOSED = "(?<![未无非])(?:" + "|".join(words("closed")) + ")"
_SEPARATOR = "\x1d"


@dataclass
class RowReader:
    """A table under way: what has been kept of the chunks so far."""

    table: str
    columns: Mapping[str, Column]
    headings: Headings
    raw: RawTable
    log: IssueLog
    region: Region | None
    standard: int | None
    by_town: bool
    devices: DeviceColumns
    declaration: Declaration = Declaration(None)
    parts: list[dict[str, NDArray[np.generic]]] = field(default_factory=list)
    stash: list[tuple[NDArray[np.int64], list[bytes | list[str]]]] = field(default_factory=list)
    ignored: int = 0
    others: list[tuple[int, int]] = field(default_factory=list)
    """Rows where another table begins, each with itself; where this one goes on, with 0. Ascending."""
    samples: dict[str, list[str]] = field(default_factory=dict)
    """Field → its first different values, as they stand."""
    nameless: set[int] = field(default_factory=set)
    """Positions of columns that hold something but have no heading."""

    @property
    def has_places(self) -> bool:
        """True if rows of this file can have a place."""
        given = self.headings.fields
        by_town = self.by_town and self.table == "enterprises" and "town" in given
        return by_town or self.raw.kind == "layer" or PAIR in given or set(COORDINATES) <= given.keys()

    # --- chunk by chunk ---------------------------------------------------------------------------------

    def take(self, chunk: Chunk) -> None:
        """Check the rows of a chunk by themselves."""
        self.devices.fill_down(chunk)
        chunk = self._without_ignored(chunk)
        if not len(chunk.row_numbers):
            return
        for i, name in enumerate(self.headings.names):
            if not name and any(map(str.strip, chunk.columns[i])):
                self.nameless.add(i)
        self._sample(chunk)
        self.stash.append((chunk.row_numbers, [_packed(column) for column in chunk.columns]))
        part = pd.DataFrame({"row": chunk.row_numbers})
        reasons = np.full(len(part), None, dtype=object)
        self._set_aside_foreign(chunk, reasons)
        self._set_aside_damaged(chunk, reasons)
        self._names(chunk, part, reasons)
        self._kinds(chunk, part, reasons)
        if self.has_places:
            self._places(chunk, part, reasons)
        for name, column in self.columns.items():
            if name in self.headings.fields and name not in (*part.columns, *COORDINATES, "crs"):
                cells = cells_of(chunk, name, column, self.headings, pd.isna(reasons), self.log)
                part[name] = read_cells(cells, self.headings, self.standard)
                self._require(column, part[name], cells.texts, reasons, chunk)
        if self.table == "enterprises" and self.region is not None and "address" in part:
            self._compare_addresses(self.region, part, pd.isna(reasons))
        if "registration" in part:
            self._report_closed(part, pd.isna(reasons))
        if self.table == "enterprises":
            part = part.assign(**self.devices.cells(chunk))
        part["reason"] = reasons
        self.parts.append({str(name): part[name].to_numpy() for name in part})

    def _sample(self, chunk: Chunk) -> None:
        for name, at in self.headings.fields.items():
            found = self.samples.setdefault(name, [])
            for cell in dict.fromkeys(chunk.columns[at]) if len(found) < SAMPLES else ():
                value = shown(cell.strip())
                if value and value not in found and "\ufffd" not in value:
                    found.append(value)
                if len(found) == SAMPLES:
                    break

    def _without_ignored(self, chunk: Chunk) -> Chunk:
        ignored = ignored_lines(chunk, self.headings, self.table)
        self._find_other_tables(chunk, ignored)
        if not ignored:
            return chunk
        for i, kind in ignored.items():
            self.report_ignored(int(chunk.row_numbers[i]), kind)
        self.ignored += len(ignored)
        keep = np.setdiff1d(np.arange(len(chunk.row_numbers)), list(ignored))
        chunk.columns = [[column[i] for i in keep] for column in chunk.columns]
        chunk.row_numbers = chunk.row_numbers[keep]
        chunk.numeric = []
        return chunk

    def _find_other_tables(self, chunk: Chunk, ignored: dict[int, str]) -> None:
        """Note where another table begins, and where the heading of this one comes again."""
        for i, kind in list(ignored.items()):
            row = int(chunk.row_numbers[i])
            if kind == ANOTHER:
                self.others.append((row, row))
            elif kind == "repeated heading":
                self.others.append((row, 0))
            elif kind == NOTHING_KNOWN and self._table_at(row):
                del ignored[i]

    def _table_at(self, row: int) -> int:
        """Give the row in which the table that a row belongs to begins; 0 is the table asked for."""
        at = bisect_right(self.others, row, key=lambda other: other[0]) - 1
        same_sheet = at >= 0 and self.others[at][0] // SHEET_ROWS == row // SHEET_ROWS
        return self.others[at][1] if same_sheet else 0

    def _set_aside_foreign(self, chunk: Chunk, reasons: np.ndarray) -> None:
        """Set aside the rows of another table further down, whose columns are others."""
        begins = np.array([self._table_at(row) for row in chunk.row_numbers.tolist()] if self.others else [])
        foreign = np.flatnonzero(begins)
        self.log.add_rows("E115", chunk.row_numbers[foreign], first=begins[foreign].tolist())
        reasons[foreign] = "E115"

    def report_ignored(self, row: int, kind: str) -> None:
        """Tell of a line that is no data."""
        self.log.add("E324", row=row, reason=kind, reason_zh=words("reason").get(kind, kind))

    def _set_aside_damaged(self, chunk: Chunk, reasons: np.ndarray) -> None:
        says = {"undecodable": "not decodable", "unclosed_quote": "quotation mark not closed"}
        for i, row in enumerate(chunk.row_numbers.tolist()) if chunk.damaged else ():
            if row in chunk.damaged and reasons[i] is None:
                reasons[i] = "E109"
                kind = chunk.damaged[row]
                reason = says.get(
                    kind, "too few or too many fields" if kind == "ragged" else "cannot be read"
                )
                found = chunk.damaged_cells.get(row)
                value = (
                    f"{len(found)} of {len(self.headings.names)} fields"
                    if found and kind == "ragged"
                    else None
                )
                self.log.add("E109", row=row, value=value, reason=reason, reason_zh=words("reason")[reason])

    def _names(self, chunk: Chunk, part: pd.DataFrame, reasons: np.ndarray) -> None:
        """Read the name; a firm without one is set aside, a site is shown by its identifier."""
        if "name" not in self.columns:
            return
        if "name" not in self.headings.fields:
            part["name"] = None
            return
        cells = cells_of(chunk, "name", self.columns["name"], self.headings, pd.isna(reasons), self.log)
        part["name"] = read_cells(cells, self.headings, None)
        nameless = np.flatnonzero(part["name"].isna() & pd.isna(reasons))
        if self.table == "sites":
            cells.report("E306", nameless)
            part.loc[nameless, "name"] = ""
        elif self.columns["name"].required:
            cells.report("E102", nameless)
            reasons[nameless] = "E102"

    def _kinds(self, chunk: Chunk, part: pd.DataFrame, reasons: np.ndarray) -> None:
        """Read the kind of each site first: it decides whether the site needs a place."""
        if self.table != "sites":
            return
        if "kind" in self.headings.fields:
            cells = cells_of(chunk, "kind", self.columns["kind"], self.headings, pd.isna(reasons), self.log)
            part["kind"] = read_cells(cells, self.headings, None)
            unknown = np.flatnonzero(part["kind"].isna() & pd.isna(reasons))
            cells.report("E219", unknown)
        else:
            part["kind"] = None
            if not self.parts:
                self.log.add("E219")
        part["kind"] = part["kind"].fillna(DEFAULT.id)

    def _require(
        self, column: Column, values: pd.Series, texts: Sequence[str], reasons: np.ndarray, chunk: Chunk
    ) -> None:
        if column.required and column.column not in ("id", "name", "kind"):
            lacking = np.flatnonzero(values.isna() & pd.isna(reasons))
            allowed = ", ".join(column.allowed) or column.meaning_en
            self.log.add_rows(
                "E113", chunk.row_numbers[lacking], self.headings.name(column.column),
                [texts[i] for i in lacking.tolist()], allowed=allowed,
            )  # fmt: skip
            reasons[lacking] = "E113"

    # --- places -----------------------------------------------------------------------------------------

    def _places(self, chunk: Chunk, part: pd.DataFrame, reasons: np.ndarray) -> None:
        found = place_rows(chunk, self.headings, self.declaration, self.raw.file)
        part["x"], part["y"], part["swapped"], part["system"] = found.x, found.y, found.swapped, found.system
        part["lon"], part["lat"] = found.lon, found.lat
        part["placed"] = np.where(np.isnan(found.lon), np.array(None), np.array("point"))
        alive = pd.isna(reasons)
        unplaced = ~pd.isna(found.reason)
        if self.table == "sites":
            unplaced &= having(part["kind"], lambda kind: kind.in_county) | (found.reason != NO_COORDINATES)
        elif not self.columns["lon"].required:
            unplaced &= found.reason != NO_COORDINATES
        if self.by_town and self.table == "enterprises":
            homeless = np.isin(found.reason, (NO_COORDINATES, NO_GEOMETRY))
            unplaced &= ~self._place_by_town(chunk, part, alive & homeless)
        self._report_unplaced(found, chunk, alive & unplaced)
        reasons[alive & unplaced] = found.reason[alive & unplaced]
        alive &= ~unplaced
        self._county_test(found, chunk, part, reasons, alive)
        self._report_read(found, chunk, pd.isna(reasons) & (part["placed"] == "point").to_numpy())

    def _place_by_town(self, chunk: Chunk, part: pd.DataFrame, homeless: np.ndarray) -> np.ndarray:
        """Place rows at the point of the township that their own column names."""
        part["position_error_m"] = np.nan
        if self.region is None or "town" not in self.headings.fields:
            return np.zeros(len(part), bool)
        towns = chunk.columns[self.headings.fields["town"]]
        points = self.region.town_points(towns).reset_index(drop=True)
        points["error_m"] = np.hypot(points["error_m"].fillna(0.0), TOWNSHIP_REACH_M)
        at = np.flatnonzero(homeless & points["lon"].notna().to_numpy())
        for column, source in (("lon", "lon"), ("lat", "lat"), ("position_error_m", "error_m")):
            part.loc[at, column] = points.loc[at, source].to_numpy(float)
        part.loc[at, "placed"] = "town"
        self.log.add_rows(
            "E217", chunk.row_numbers[at], self.headings.name(*COORDINATES) or self.headings.name("town"),
            town=[towns[i] for i in at], metres=[f"{e:.0f}" for e in points.loc[at, "error_m"]],
        )  # fmt: skip
        return np.isin(np.arange(len(part)), at)

    def _report_unplaced(self, found: Positions, chunk: Chunk, rows: np.ndarray) -> None:
        at = np.flatnonzero(rows)
        heading = self.headings.name(*COORDINATES) or None
        for code in dict.fromkeys(found.reason[at]):
            own = [i for i in at.tolist() if found.reason[i] == code]
            words_of: dict[str, Any] = {}
            column, values = heading, found.found(own, chunk, self.headings)
            if code == "E105":
                details = [found.detail[i] or "cannot be read" for i in own]
                words_of = {"reason": details, "reason_zh": [words("reason")[d] for d in details]}
            elif code == "E106" and (at_crs := self.declaration.by_row) is not None:
                column, values = self.headings.names[at_crs], [chunk.columns[at_crs][i] for i in own]
            self.log.add_rows(code, chunk.row_numbers[own], column, values, **words_of)

    def _county_test(
        self, found: Positions, chunk: Chunk, part: pd.DataFrame, reasons: np.ndarray, alive: np.ndarray
    ) -> None:
        """Set aside what lies beyond the county; name what lies between the outline and its tolerance."""
        if self.region is None or self.table not in ("enterprises", "sites"):
            return
        tested = alive & ~np.isnan(part["lon"].to_numpy())
        if self.table == "sites":
            tested &= having(part["kind"], lambda kind: kind.in_county)
        lon, lat = part["lon"].to_numpy(), part["lat"].to_numpy()
        outside = tested & self.region.outside(lon, lat)
        near = np.flatnonzero(tested & ~outside & ~self.region.covers(lon, lat))
        for code, at in (("E101", np.flatnonzero(outside)), ("E303", near)):
            if len(at):
                km = [f"{d:.1f}" for d in self.region.beyond_km(lon[at], lat[at])]
                values = found.found(at, chunk, self.headings)
                self.log.add_rows(
                    code, chunk.row_numbers[at], self.headings.name(*COORDINATES) or None, values, km=km
                )
        reasons[outside] = "E101"

    def _report_read(self, found: Positions, chunk: Chunk, alive: np.ndarray) -> None:
        """Tell of each kept position how it was read: from degrees and minutes, from another system."""
        heading = self.headings.name(*COORDINATES) or None
        at = np.flatnonzero(alive & found.reformed)
        self._tell(
            "E202", at, found, chunk, heading, value=[f"{found.x[i]:.7g}, {found.y[i]:.7g}" for i in at]
        )
        metres = self.declaration.crs is not None and self.declaration.crs.metres
        if not metres:
            self._tell("E104", np.flatnonzero(alive & found.swapped), found, chunk, heading)
        self._tell("E307", np.flatnonzero(alive & (found.note == "E307")), found, chunk, heading)
        self._tell("E325", np.flatnonzero(alive & (found.system == "CGCS2000")), found, chunk, heading)
        at = np.flatnonzero(alive & ~pd.isna(found.system) & ~np.isin(found.system, ("WGS84", "CGCS2000")))
        self._tell("E201", at, found, chunk, heading, crs=found.system[at].tolist())

    def _tell(
        self, code: str, at: np.ndarray, found: Positions, chunk: Chunk, heading: str | None, **each: Any
    ) -> None:
        if len(at):
            values = found.found(at, chunk, self.headings)
            self.log.add_rows(code, chunk.row_numbers[at], heading, values, **each)

    def _compare_addresses(self, region: Region, part: pd.DataFrame, alive: np.ndarray) -> None:
        """Say where an address speaks of another place than the coordinates, which decide."""
        alive = np.flatnonzero(alive & part["address"].notna().to_numpy())
        addresses = part["address"].to_numpy()[alive].tolist()
        rows, heading = part["row"].to_numpy()[alive], self.headings.name("address")
        towns, elsewhere = region.read_addresses(addresses)
        away = np.flatnonzero(elsewhere)
        self.log.add_rows("E304", rows[away], heading, [addresses[i] for i in away])
        x, y = project(part["lon"].to_numpy()[alive], part["lat"].to_numpy()[alive])
        town_x, town_y = project(towns["lon"].to_numpy(float), towns["lat"].to_numpy(float))
        km = np.hypot(x - town_x, y - town_y) / 1000
        far = np.flatnonzero(km > FAR_FROM_TOWN_KM + towns["error_m"].to_numpy(float) / 1000)
        self.log.add_rows(
            "E305", rows[far], heading, [addresses[i] for i in far],
            town=towns["name"].to_numpy()[far].tolist(), km=[f"{km[i]:.0f}" for i in far],
        )  # fmt: skip

    def _report_closed(self, part: pd.DataFrame, alive: np.ndarray) -> None:
        """Name the kept enterprises that are registered as closed: whether they still work is unknown."""
        states = part["registration"].fillna("")
        closed = np.flatnonzero(alive & states.str.contains(_CLOSED).to_numpy(bool))
        heading = self.headings.name("registration")
        self.log.add_rows("E328", part["row"].to_numpy()[closed], heading, states.iloc[closed].tolist())


def _packed(column: list[str]) -> bytes | list[str]:
    """Keep a column of text in few bytes: a million rows of str objects would not fit the memory."""
    joined = _SEPARATOR.join(column)
    if joined.count(_SEPARATOR) != len(column) - 1:
        return column
    try:
        return zlib.compress(joined.encode("utf-8"), 1)
    except UnicodeEncodeError:
        return column


def unpacked(packed: bytes | list[str]) -> list[str]:
    """Give the column back as it was."""
    if isinstance(packed, bytes):
        return zlib.decompress(packed).decode("utf-8").split(_SEPARATOR)
    return packed
