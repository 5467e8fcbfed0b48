"""Rows of a file → a checked table of the data dictionary; rows in = kept + set aside, each change told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from typing import Any, Literal

import numpy as np
import pandas as pd

from siting.inputs.codes import parse_standard, sections, settle_short_codes
from siting.inputs.coordinates import project
from siting.inputs.duplicates import find_duplicates
from siting.inputs.fields import cells_of, read_cells
from siting.inputs.headings import (
    COORDINATES,
    PAIR,
    Column,
    Headings,
    columns_of,
    count_known,
    match_headings,
)
from siting.inputs.issues import IssueLog
from siting.inputs.lines import ignored_lines
from siting.inputs.places import FAR_FROM_TOWN_KM, Region, looks_shifted
from siting.inputs.positions import (
    NO_COORDINATES,
    Declaration,
    Positions,
    place_rows,
    report_datum,
    report_wrong_crs,
    settle_crs,
)
from siting.inputs.raw import Chunk, RawTable
from siting.inputs.text import read_raw
from siting.inputs.words import words
from siting.types import InputError, Table

__all__ = ["Region", "read_table"]

Locate = Literal["none", "town"]
BUILT_KINDS = ("build", "convert", "branch", "collection", "shared")
"""Kinds of site that stand on a place in the county."""
SAMPLE_ROWS = 2000
"""Rows that the hint on the datum looks at."""
_SEPARATOR = "\x1d"


def read_table(
    path: str | PathLike[str],
    table: str = "enterprises",
    *,
    crs: str | None = None,
    sheet: str | None = None,
    industry_standard: int | str | None = None,
    region: Region | None = None,
    locate: Locate = "none",
) -> Table:
    """Read and check one table of the data dictionary.

    A row is set aside only without a name (or a needed value), without a possible position, outside the
    county, in an unknown coordinate system, as a duplicate, or damaged. Any other bad value becomes missing.

    Parameters
    ----------
    table
        Name of the table in ``columns.csv``.
    crs
        Coordinate system of the coordinates: ``WGS84``, ``CGCS2000``, ``GCJ-02``, ``BD-09``, ``EPSG:n``,
        or ``column`` if a column names it. Not needed for files that carry their own.
    sheet
        Sheet of a workbook; needed where several hold such a table.
    industry_standard
        Year of GB/T 4754 that the industry codes follow: 2002, 2011 or 2017.
    region
        County and places: for the county test, the check of addresses and ``locate``. Without it there
        is no county test, and a note says so.
    locate
        ``"town"`` places enterprises without coordinates at the point of the township that their own
        column names (never by the address), column ``placed`` = ``town``; ``"none"`` sets them aside.

    Returns
    -------
    Table
        The frame has every column of the dictionary that the table has (absent ones are missing) and
        ``row``; enterprises also ``industry_division, industry_section, placed, position_error_m``. Numbers are floats with
        NaN (whole columns of whole numbers integers), texts str, choices of yes and no booleans.

    Raises
    ------
    InputError
        If the file is refused: one line that names file, cause and what to do.
    """
    columns = columns_of(table)
    standard = parse_standard(industry_standard)
    raw = read_raw(path, sheet=sheet, is_heading=partial(count_known, table=table))
    log = IssueLog(raw.file, raw.sheet)
    headings = match_headings(raw.headings, table, file=raw.file, layer=raw.kind == "layer")
    reading = _Reading(table, columns, headings, raw, log, region, standard, locate == "town")
    reading.declaration = settle_crs(raw, headings, crs, log) if reading.has_places else Declaration(None)
    for chunk in raw.chunks():
        reading.take(chunk)
    return reading.finish()


@dataclass
class _Reading:
    """A table under way: what has been kept of the chunks so far."""

    table: str
    columns: dict[str, Column]
    headings: Headings
    raw: RawTable
    log: IssueLog
    region: Region | None
    standard: int | None
    by_town: bool
    declaration: Declaration = Declaration(None)
    parts: list[dict[str, np.ndarray]] = field(default_factory=list)
    stash: list[tuple[np.ndarray, list[Any]]] = field(default_factory=list)
    ignored: int = 0

    @property
    def has_places(self) -> bool:
        """True if rows of this file can have a place."""
        given = self.headings.fields
        return self.raw.kind == "layer" or PAIR in given or set(COORDINATES) <= given.keys()

    # --- chunk by chunk ---------------------------------------------------------------------------------

    def take(self, chunk: Chunk) -> None:
        """Check the rows of a chunk by themselves."""
        chunk = self._without_ignored(chunk)
        if not len(chunk.row_numbers):
            return
        self.stash.append((chunk.row_numbers, [_packed(column) for column in chunk.columns]))
        part = pd.DataFrame({"row": chunk.row_numbers})
        reasons = np.full(len(part), None, dtype=object)
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
            self._compare_addresses(part, pd.isna(reasons))
        part["reason"] = reasons
        self.parts.append({name: part[name].to_numpy() for name in part})

    def _without_ignored(self, chunk: Chunk) -> Chunk:
        ignored = ignored_lines(chunk, self.headings)
        if not ignored:
            return chunk
        for i, kind in ignored.items():
            self._report_ignored(int(chunk.row_numbers[i]), kind)
        self.ignored += len(ignored)
        keep = np.setdiff1d(np.arange(len(chunk.row_numbers)), list(ignored))
        chunk.columns = [[column[i] for i in keep] for column in chunk.columns]
        chunk.row_numbers = chunk.row_numbers[keep]
        chunk.numeric = []
        return chunk

    def _report_ignored(self, row: int, kind: str) -> None:
        self.log.add("E324", row=row, reason=kind, reason_zh=words("reason").get(kind, kind))

    def _set_aside_damaged(self, chunk: Chunk, reasons: np.ndarray) -> None:
        says = {"undecodable": "not decodable", "unclosed_quote": "quotation mark not closed"}
        for i, row in enumerate(chunk.row_numbers.tolist()) if chunk.damaged else ():
            if row in chunk.damaged:
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
        part["kind"] = part["kind"].fillna("build")

    def _require(
        self, column: Column, values: pd.Series, texts: Sequence[str], reasons: np.ndarray, chunk: Chunk
    ) -> None:
        if column.required and column.column not in ("id", "name", "kind"):
            lacking = np.flatnonzero(values.isna() & pd.isna(reasons))
            allowed = ", ".join(column.allowed) or column.meaning_en
            self.log.add_rows(
                "E113", chunk.row_numbers[lacking], self.headings.name(column.column),
                [texts[i] for i in lacking], allowed=allowed,
            )  # fmt: skip
            reasons[lacking] = "E113"

    # --- places -----------------------------------------------------------------------------------------

    def _places(self, chunk: Chunk, part: pd.DataFrame, reasons: np.ndarray) -> None:
        found = place_rows(chunk, self.headings, self.declaration, self.raw.file)
        part["x"], part["y"], part["swapped"], part["system"] = found.x, found.y, found.swapped, found.system
        part["lon"], part["lat"] = found.lon, found.lat
        part["placed"] = np.where(np.isnan(found.lon), None, "point")
        alive = pd.isna(reasons)
        unplaced = ~pd.isna(found.reason)
        if self.table == "sites":
            unplaced &= part["kind"].isin(BUILT_KINDS).to_numpy() | (found.reason != NO_COORDINATES)
        elif not self.columns["lon"].required:
            unplaced &= found.reason != NO_COORDINATES
        if self.by_town and self.table == "enterprises":
            unplaced &= ~self._place_by_town(chunk, part, alive & (found.reason == NO_COORDINATES))
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
        at = np.flatnonzero(homeless & points["lon"].notna().to_numpy())
        for column, source in (("lon", "lon"), ("lat", "lat"), ("position_error_m", "error_m")):
            part.loc[at, column] = points.loc[at, source].to_numpy(float)
        part.loc[at, "placed"] = "town"
        self.log.add_rows(
            "E217", chunk.row_numbers[at], self.headings.name(*COORDINATES),
            town=[towns[i] for i in at], metres=[f"{e:.0f}" for e in points.loc[at, "error_m"]],
        )  # fmt: skip
        return np.isin(np.arange(len(part)), at)

    def _report_unplaced(self, found: Positions, chunk: Chunk, rows: np.ndarray) -> None:
        at = np.flatnonzero(rows)
        heading = self.headings.name(*COORDINATES) or None
        for code in dict.fromkeys(found.reason[at]):
            own = [i for i in at if found.reason[i] == code]
            words_of: dict[str, Any] = {}
            column, values = heading, found.found(own, chunk, self.headings)
            if code == "E105":
                details = [found.detail[i] or "cannot be read" for i in own]
                words_of = {"reason": details, "reason_zh": [words("reason")[d] for d in details]}
            elif code == "E106":
                at_crs = self.declaration.by_row
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
            tested &= part["kind"].isin(BUILT_KINDS).to_numpy()
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

    def _compare_addresses(self, part: pd.DataFrame, alive: np.ndarray) -> None:
        """Say where an address speaks of another place than the coordinates, which decide."""
        alive = np.flatnonzero(alive & part["address"].notna().to_numpy())
        addresses = part["address"].to_numpy()[alive].tolist()
        rows, heading = part["row"].to_numpy()[alive], self.headings.name("address")
        towns, elsewhere = self.region.read_addresses(addresses)
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

    # --- the whole file ---------------------------------------------------------------------------------

    def finish(self) -> Table:
        """Compare the rows with each other, account for every row, and hand the table over."""
        if not self.parts:
            raise InputError(
                f"{self.raw.file}: has a heading but no rows of data; give the file with its rows"
            )
        self.raw.source = iter(())  # lets go of the bytes
        names = list(self.parts[0])
        whole = pd.DataFrame(
            {n: np.concatenate([part.pop(n) for part in self.parts]) for n in names}, copy=False
        )
        reasons = whole.pop("reason").to_numpy(dtype=object, copy=True)
        self._report_file(whole, reasons)
        if self.table in ("enterprises", "sites"):
            self._duplicates(whole, reasons)
        self._identify(whole, reasons)
        if self.table == "enterprises":
            self._classify(whole, reasons)
        return self._table(whole, reasons)

    def _report_file(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Add the notes that concern the file as a whole."""
        first, last = self.raw.heading_rows
        heading_lines = last - first + 1 if last > first else 0
        self.ignored += len(self.raw.ignored) + heading_lines
        for row, kind in self.raw.ignored:
            self._report_ignored(row, kind)
        self._report_columns()
        if not self.has_places:
            return
        x, y = whole["x"].to_numpy(), whole["y"].to_numpy()
        crs = self.declaration.crs
        report_datum(crs, self.log)
        if crs is not None and crs.metres and whole["swapped"].any() and self.declaration.by_row is None:
            self.log.add("E318", column=self.headings.name(*COORDINATES) or None)
        if self.region is None and self.table in ("enterprises", "sites"):
            self.log.add("E321")
        lost = np.isin(reasons, ("E101", "E105"))
        report_wrong_crs(x, y, lost, self.declaration, self.region, self.log)
        if self.table == "enterprises" and crs is not None and crs.name in ("WGS84", "CGCS2000"):
            self._report_shift(whole[pd.isna(reasons)].head(SAMPLE_ROWS))

    def _report_columns(self) -> None:
        """Name the units converted and the columns left out."""
        names = self.headings.names
        for name, at in self.headings.fields.items():
            column = self.columns.get(name)
            target = words("target").get(column.unit.removesuffix("/a")) if column else None
            if target and name in self.headings.factors:
                self.log.add("E310", column=names[at], unit=self.headings.units[name], target=target)
            elif target and column.dimension == "money" and name not in self.headings.units:
                if name not in (*self.headings.unusable, names[at]):
                    self.log.add("E311", column=names[at], target=target)
        for name, unit in self.headings.unusable.items():
            self.log.add("E220", column=names[self.headings.fields[name]], unit=unit)
        for i in self.headings.personal:
            self.log.add("E312", column=names[i])
        if self.headings.extra:
            self.log.add("E313", columns=", ".join(names[i] for i in self.headings.extra))
        for i, name in self.headings.surplus.items():
            self.log.add(
                "E314", column=names[i], field=self.columns[name].label_zh if name in self.columns else name
            )

    def _report_shift(self, sample: pd.DataFrame) -> None:
        said = [sample[name].fillna("").tolist() for name in ("address", "town") if name in sample]
        addresses = [" ".join(texts) for texts in zip(*said, strict=True)] if said else [""] * len(sample)
        if self.region is not None:
            towns, _ = self.region.read_addresses(addresses)
        else:
            towns = pd.DataFrame(np.nan, index=range(len(sample)), columns=["lon", "lat", "error_m"])
        sign = looks_shifted(sample["lon"].to_numpy(), sample["lat"].to_numpy(), towns)
        if sign:
            crs, kind, found = sign
            english, chinese = words("shift_sign")[f"{kind}"].split("|")
            self.log.add(
                "E322", crs=crs, evidence=english.format(**found), evidence_zh=chinese.format(**found)
            )

    @staticmethod
    def _column(whole: pd.DataFrame, name: str) -> np.ndarray:
        """Copy a column of texts; all missing where the file has none."""
        if name not in whole:
            return np.full(len(whole), None, dtype=object)
        return whole[name].to_numpy(dtype=object, copy=True)

    def _duplicates(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Set aside rows that repeat another; name those that share a code or a name with another."""
        at = np.flatnonzero(pd.isna(reasons) & whole["lon"].notna().to_numpy())
        if not len(at):
            return
        measures = [
            n for n, c in self.columns.items() if c.dtype in ("int", "float") and n not in COORDINATES
        ]
        numbers = [n for n in measures if n in whole]
        kept = whole[["row", "name", *COORDINATES, *numbers]].iloc[at]
        codes = whole["uscc"].to_numpy()[at] if "uscc" in whole else np.full(len(at), None, dtype=object)
        found = find_duplicates(
            kept["name"].replace("", None).to_numpy(), codes, *(kept[c].to_numpy() for c in COORDINATES)
        )
        rows, names = kept["row"].to_numpy(), kept["name"].to_numpy()
        heading = self.headings.name("name") or None
        again = np.flatnonzero(found.repeats >= 0)
        reason = ["same code and place" if found.by_code[i] else "same name and place" for i in again]
        firsts = rows[found.repeats[again]].tolist()
        differences = [self._differences(kept, i, found.repeats[i]) for i in again]
        self.log.add_rows(
            "E107", rows[again], heading, names[again], first=firsts,
            reason=[r + d for r, d in zip(reason, differences, strict=True)],
            reason_zh=[words("reason")[r] + d for r, d in zip(reason, differences, strict=True)],
        )  # fmt: skip
        reasons[at[again]] = "E107"
        if self.table == "enterprises":
            self._report_alike(found, rows, codes, names, heading)

    def _differences(self, kept: pd.DataFrame, i: int, first: int) -> str:
        """List numbers in which a repeated row differs from the first: which of them is right is unknown."""
        pairs = [
            (n, kept[n].iat[first], kept[n].iat[i]) for n in kept if n not in ("row", "name", *COORDINATES)
        ]
        return "".join(
            f"; {self.headings.name(n)} {a:g} / {b:g}" for n, a, b in pairs if a != b and a == a and b == b
        )

    def _report_alike(
        self, found: Any, rows: np.ndarray, codes: np.ndarray, names: np.ndarray, heading: str | None
    ) -> None:
        at = np.flatnonzero(found.same_code >= 0)
        km = [f"{found.distance_km[i]:.2f}" for i in at]
        self.log.add_rows(
            "E301",
            rows[at],
            self.headings.name("uscc") or None,
            codes[at],
            first=rows[found.same_code[at]].tolist(),
            km=km,
        )
        at = np.flatnonzero(found.same_name >= 0)
        self.log.add_rows("E302", rows[at], heading, names[at], first=rows[found.same_name[at]].tolist())

    def _identify(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Make identifiers unique: enterprises are renamed, rows of other tables set aside."""
        key = key_of(self.table)
        if key is None:
            return
        made = ("row-" + whole["row"].astype(str)).to_numpy(dtype=object)
        given = self._column(whole, key)
        heading, rows = self.headings.name(key) or None, whole["row"].to_numpy()
        lacking = np.flatnonzero(pd.isna(given) & pd.isna(reasons))
        if key in self.headings.fields and key == "id":
            self.log.add_rows("E214", rows[lacking], heading, value=made[lacking].tolist())
        given[lacking] = made[lacking]
        alive = np.flatnonzero(pd.isna(reasons))
        first = pd.Series(alive).groupby(given[alive]).transform("min").to_numpy()
        again = alive[first < alive]
        firsts = rows[first[first < alive]].tolist()
        if self.table == "enterprises":
            self.log.add_rows(
                "E218", rows[again], heading, given[again], first=firsts, value=made[again].tolist()
            )
            given[again] = made[again]
        else:
            self.log.add_rows("E108", rows[again], heading, given[again], first=firsts)
            reasons[again] = "E108"
        whole[key] = given

    def _classify(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Settle short industry codes with the whole column in view; add division and section."""
        codes, alive = self._column(whole, "industry"), pd.isna(reasons)
        heading = self.headings.name("industry") or None
        short = np.flatnonzero(settle_short_codes(codes) & alive)
        self.log.add_rows(
            "E221", whole["row"].to_numpy()[short], heading, codes[short], value=codes[short].tolist()
        )
        codes[short] = None
        whole["industry"] = codes
        divisions = pd.Series(codes, dtype=object).str[:2]
        by_division = {d: sections(int(d), self.standard) for d in divisions.dropna().unique()}
        whole["industry_division"] = divisions.to_numpy()
        whole["industry_section"] = divisions.map(
            {d: min(s) for d, s in by_division.items() if len(s) == 1}
        ).to_numpy()
        if heading and self.standard is None and (~pd.isna(codes)).any():
            self.log.add("E315", column=heading)
        unclassified = int((pd.isna(codes) & alive).sum())
        if heading and unclassified:
            self.log.add("E308", column=heading, count=unclassified)

    def _table(self, whole: pd.DataFrame, reasons: np.ndarray) -> Table:
        alive = pd.isna(reasons)
        aside = whole["row"].to_numpy()[~alive]
        frame = self._frame(whole, np.flatnonzero(alive))
        set_aside = self._as_they_were(aside, reasons[~alive])
        counts = {
            "data_rows": sum(len(rows) for rows, _ in self.stash),
            "kept": len(frame),
            "set_aside": len(set_aside),
            "ignored_lines": self.ignored,
        }
        issues = (*self.raw.notes, *self.log.sorted())
        _account(self.stash, frame, set_aside, counts, issues)
        return Table(
            frame, set_aside, issues, counts, self.raw.file, self.raw.sha256, self.raw.sheet, self.raw.encoding,
            {name: self.headings.name(name) for name in self.headings.fields},
        )  # fmt: skip

    def _frame(self, whole: pd.DataFrame, alive: np.ndarray) -> pd.DataFrame:
        """Give the kept rows with every column of the dictionary, typed, indexed by their identifier."""
        extra = ["industry_division", "industry_section", "placed", "position_error_m"]
        names = [n for n in self.columns if n != "crs"]
        names += [*(extra if self.table == "enterprises" else ()), "row"]
        typed = {}
        for name in names:
            column = self.columns.get(name)
            values = whole.pop(name).to_numpy()[alive] if name in whole else np.full(len(alive), np.nan)
            typed[name] = _typed(values, column.dtype if column else None)
        frame = pd.DataFrame(typed, copy=False)
        key = key_of(self.table)
        return frame.set_index(key) if key else frame

    def _as_they_were(self, wanted: np.ndarray, reasons: np.ndarray) -> pd.DataFrame:
        """Give rows as they stand in the file, personal columns left out; damaged rows of such files bare."""
        shown = [i for i in range(len(self.headings.names)) if i not in self.headings.personal]
        names = _distinct([self.headings.names[i] for i in shown])
        pieces = []
        for rows, packed in self.stash:
            at = np.flatnonzero(np.isin(rows, wanted))
            if len(at):
                columns = [_unpacked(packed[i]) for i in shown]
                pieces.append(
                    pd.DataFrame({n: [c[k] for k in at] for n, c in zip(names, columns, strict=True)})
                )
        raw = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=names)
        damaged = reasons == "E109"
        if self.headings.personal:
            raw.loc[damaged, :] = ""
        raw.loc[damaged] = raw[damaged].map(lambda text: "" if "\ufffd" in text else text)
        return pd.concat([pd.DataFrame({"row": wanted, "reason": reasons}), raw], axis=1)


def key_of(table: str) -> str | None:
    """Give the column that identifies a row; None for tables whose rows have no identifier."""
    return {
        "conditions": None,
        "road_edges": None,
        "road_nodes": "node",
        "parameters": "parameter",
        "sources": "file",
    }.get(table, "id")


def _distinct(names: Sequence[str]) -> list[str]:
    """Number unnamed and repeated headings, and those that would clash with ``row`` and ``reason``."""
    taken, given = {"row", "reason"}, []
    for i, name in enumerate(names):
        own = name or f"column {i + 1}"
        while own in taken:
            own += "_"
        taken.add(own)
        given.append(own)
    return given


def _packed(column: list[str]) -> bytes | list[str]:
    """Keep a column of text in few bytes: a million rows of str objects would not fit the memory."""
    joined = _SEPARATOR.join(column)
    if joined.count(_SEPARATOR) != len(column) - 1:
        return column
    try:
        return joined.encode("utf-8")
    except UnicodeEncodeError:
        return column


def _unpacked(packed: bytes | list[str]) -> list[str]:
    return packed.decode("utf-8").split(_SEPARATOR) if isinstance(packed, bytes) else packed


def _typed(values: np.ndarray, dtype: str | None) -> Any:
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


def _account(
    stash: Iterable[tuple[np.ndarray, Any]],
    frame: pd.DataFrame,
    set_aside: pd.DataFrame,
    counts: dict[str, int],
    issues: Sequence[Any],
) -> None:
    """Check that no row is lost or counted twice; a failure is a fault of this package, never of the file."""
    rows = np.concatenate([rows for rows, _ in stash])
    seen = np.sort(np.concatenate([frame["row"].to_numpy(), set_aside["row"].to_numpy().astype(np.int64)]))
    told = {issue.row for issue in issues if issue.severity == "set_aside"}
    if not np.array_equal(np.sort(rows), seen) or counts["data_rows"] != counts["kept"] + counts["set_aside"]:
        raise RuntimeError(f"rows unaccounted for: {counts}")
    if silent := set(set_aside["row"]) - told:
        raise RuntimeError(f"rows set aside without an issue: {sorted(silent)[:5]}")
