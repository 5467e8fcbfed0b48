"""Rows of a file → a checked table of the data dictionary; rows in = kept + set aside, each change told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES, columns_of, key_of
from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.dictionary.issues import shown as shown_value
from siting.inputs.dictionary.words import words
from siting.inputs.files.opener import read_raw
from siting.inputs.headings.given import check_fields
from siting.inputs.headings.match_headings import count_known, match_headings
from siting.inputs.places.region import BOUNDARY_TOLERANCE_M, Region, looks_shifted, read_outline
from siting.inputs.tables.codes import parse_standard, sections, settle_short_codes
from siting.inputs.tables.devices import DeviceColumns, RowsAre, join_devices
from siting.inputs.tables.duplicates import Duplicates, find_duplicates
from siting.inputs.tables.personal import mask_personal
from siting.inputs.tables.positions import Declaration, report_datum, report_wrong_crs, settle_crs
from siting.inputs.tables.references import with_aliases
from siting.inputs.tables.rows import RowReader, unpacked
from siting.messages import refusal
from siting.types import ColumnUse, InstallationError, Table

__all__ = ["Region", "read_region", "read_table"]

Locate = Literal["none", "town"]
MOST_NAMES = 30
"""Names of columns left out that one note lists."""
SAMPLE_ROWS = 2000
"""Rows that the hint on the datum looks at."""


def read_table(
    path: str | PathLike[str],
    table: str = "enterprises",
    *,
    crs: str | None = None,
    sheet: str | None = None,
    industry_standard: int | str | None = None,
    region: Region | None = None,
    locate: Locate = "none",
    rows: RowsAre | None = None,
    columns: Mapping[str, str] | None = None,
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
        Sheet of a workbook; needed where several hold such a table. ``"all"`` reads all sheets of one shape
        as one table, with a column ``sheet``.
    industry_standard
        Year of GB/T 4754 that the industry codes follow: 2002, 2011 or 2017.
    region
        County and places: for the county test, the check of addresses and ``locate``. Without it there
        is no county test, and a note says so.
    locate
        ``"town"`` places enterprises without coordinates at the point of the township that their own
        column names (never by the address), column ``placed`` = ``town``; ``"none"`` sets them aside.
    rows
        What a row of a register is. ``"devices"``: rows of one firm, by code or name and place, become
        one, its ``equipment`` their sum or number; ``"firms"``: a repeated firm is a duplicate. None: devices
        where columns or merged cells show it, refused where they leave it open. Joined rows count as kept.
    columns
        Field → heading as it stands in the file, or its last level; goes before what is recognised.

    Returns
    -------
    Table
        The frame has every column of the dictionary that the table has (absent ones are missing) and
        ``row``; enterprises also ``industry_division, industry_section, placed, position_error_m``.
        Numbers are floats with NaN (columns of whole numbers without gaps integers), texts str, lists text
        with semicolons, yes and no booleans.

    Raises
    ------
    InputError
        If the file is refused: one line that names file, cause and what to do.
    """
    known = columns_of(table)
    if rows not in (None, *get_args(RowsAre)):
        raise refusal("", "E596", rows=rows, allowed=", ".join(get_args(RowsAre)))
    standard = parse_standard(industry_standard)
    given = check_fields(columns or {}, table, Path(path).name)
    raw = read_raw(path, sheet=sheet, is_heading=partial(count_known, table=table, given=given))
    log = IssueLog(raw.file, raw.sheet, raw.sheets)
    is_layer = raw.kind == "layer"
    by_town = locate == "town"
    headings = match_headings(
        raw.headings, table, file=raw.file, layer=is_layer, declared=crs, by_town=by_town, given=given
    )
    devices = DeviceColumns.of(headings, rows if table == "enterprises" else "firms")
    reader = RowReader(table, known, headings, raw, log, region, standard, by_town, devices)
    reader.declaration = settle_crs(raw, headings, crs, log) if reader.has_places else Declaration(None)
    personal: list[int] = []
    for chunk in raw.chunks():
        personal += mask_personal(chunk)
        reader.take(chunk)
    if personal:
        log.add("E329", row=personal[0], count=len(personal))
    return _WholeFile(reader).finish()


def empty_table(table: str) -> pd.DataFrame:
    """Give a table of the data dictionary without a row, for a study that has none of it."""
    typed = {
        name: _typed(np.array([], dtype=object), column.dtype) for name, column in columns_of(table).items()
    }
    frame = pd.DataFrame({**typed, "row": np.array([], dtype=np.int64)})
    key = key_of(table)
    return frame.set_index(key) if key else frame


def read_region(
    boundary: str | Path | None,
    places: str | Path | None = None,
    aliases: str | Path | None = None,
    *,
    tolerance_m: float = BOUNDARY_TOLERANCE_M,
) -> Region:
    """Read the county outline (GeoJSON) and the table of places, with further names of them.

    Raises
    ------
    InputError
        If either file is refused.
    """
    shape, names = (None, ()) if boundary is None else read_outline(Path(boundary))
    table = read_table(places, "places", crs="WGS84").frame if places is not None else None
    if table is not None and aliases is not None:
        table = with_aliases(table, read_table(aliases, "aliases"))
    return Region(shape, table, tolerance_m, names)


@dataclass
class _WholeFile:
    """The rows of a file side by side, after each has been checked by itself."""

    rows: RowReader

    def finish(self) -> Table:
        """Compare the rows with each other, account for every row, and hand the table over."""
        if not self.rows.parts:
            raise refusal(self.rows.raw.file, "E517")
        self.rows.raw.source = iter(())  # lets go of the bytes
        names = list(self.rows.parts[0])
        whole = pd.DataFrame(
            {n: np.concatenate([part.pop(n) for part in self.rows.parts]) for n in names}, copy=False
        )
        reasons = whole.pop("reason").to_numpy(dtype=object, copy=True)
        if self.rows.table == "enterprises" and self.rows.has_places:
            self._join_devices(whole, reasons)
        self._report_file(whole, reasons)
        if self.rows.table in ("enterprises", "sites"):
            self._duplicates(whole, reasons)
        self._identify(whole, reasons)
        if self.rows.table == "enterprises":
            self._classify(whole, reasons)
        columns = {str(name): whole[name].to_numpy() for name in whole}
        del whole
        return self._table(columns, reasons)

    def _join_devices(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Set aside rows of devices that are counted in the row of their firm."""
        measures = [name for name in self._measures(whole) if name not in ("equipment", "year")]
        firm = join_devices(
            self.rows.devices, whole, pd.isna(reasons), measures, self.rows.raw.file, self.rows.log
        )
        rows, joined = whole["row"].to_numpy(), np.flatnonzero(firm >= 0)
        names = whole["name"].to_numpy()[joined] if "name" in whole else None
        heading = self.rows.headings.name("name") or None
        self.rows.log.add_rows("E116", rows[joined], heading, names, first=rows[firm[joined]].tolist())
        reasons[joined] = "E116"

    def _measures(self, whole: pd.DataFrame) -> list[str]:
        columns = self.rows.columns.items()
        numbers = [n for n, c in columns if c.dtype in ("int", "float") and n not in COORDINATES]
        return [n for n in numbers if n in whole]

    def _report_file(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Add the notes that concern the file as a whole."""
        first, last = self.rows.raw.heading_rows
        heading_lines = last - first + 1 if last > first else 0
        self.rows.ignored += len(self.rows.raw.ignored) + heading_lines
        for row, kind in self.rows.raw.ignored:
            self.rows.report_ignored(row, kind)
        self._report_columns(reasons)
        if not self.rows.has_places:
            return
        x, y = whole["x"].to_numpy(), whole["y"].to_numpy()
        crs = self.rows.declaration.crs
        report_datum(crs, self.rows.log)
        if crs is not None and crs.metres and whole["swapped"].any() and self.rows.declaration.by_row is None:
            self.rows.log.add("E318", column=self.rows.headings.name(*COORDINATES) or None)
        if (self.rows.region is None or self.rows.region.boundary is None) and self.rows.table in (
            "enterprises",
            "sites",
        ):
            self.rows.log.add("E321")
        lost = np.isin(reasons, ("E101", "E105"))
        report_wrong_crs(x, y, lost, self.rows.declaration, self.rows.region, self.rows.log)
        if self.rows.table == "enterprises" and crs is not None and crs.name in ("WGS84", "CGCS2000"):
            surveyed = whole["placed"].to_numpy() == "point"
            self._report_shift(whole[pd.isna(reasons) & surveyed].head(SAMPLE_ROWS))

    def _report_columns(self, reasons: np.ndarray) -> None:
        """Name the units converted and the columns left out."""
        names = self.rows.headings.names
        for name, at in self.rows.headings.fields.items():
            column = self.rows.columns.get(name)
            target = words("target").get(column.unit.removesuffix("/a")) if column else None
            if column is None or target is None:
                continue
            if name in self.rows.headings.factors:
                self.rows.log.add(
                    "E310", column=names[at], unit=self.rows.headings.units[name], target=target
                )
            elif column.dimension == "money" and not self._says_unit(name, names[at]):
                self.rows.log.add("E311", column=names[at], target=target)
        for name, unit in self.rows.headings.unusable.items():
            self.rows.log.add("E220", column=names[self.rows.headings.fields[name]], unit=unit)
        for i in self.rows.headings.personal:
            self.rows.log.add("E312", column=names[i])
        counted = self.rows.devices.at if "E116" in reasons else ()
        if extra := [names[i] for i in self.rows.headings.extra if i not in counted]:
            self.rows.log.add("E313", columns=_listed(extra))
        if self.rows.nameless:
            self.rows.log.add("E327", columns=_listed([str(i + 1) for i in sorted(self.rows.nameless)]))
        for i, name in self.rows.headings.surplus.items():
            self.rows.log.add(
                "E314",
                column=names[i],
                field=self.rows.columns[name].label_zh if name in self.rows.columns else name,
            )

    def _says_unit(self, name: str, heading: str) -> bool:
        headings = self.rows.headings
        return name in headings.units or name in headings.unusable or heading == name

    def _report_shift(self, sample: pd.DataFrame) -> None:
        said = [sample[name].fillna("").tolist() for name in ("address", "town") if name in sample]
        addresses = [" ".join(texts) for texts in zip(*said, strict=True)] if said else [""] * len(sample)
        if self.rows.region is not None:
            towns, _ = self.rows.region.read_addresses(addresses)
        else:
            towns = pd.DataFrame(np.nan, index=range(len(sample)), columns=["lon", "lat", "error_m"])
        sign = looks_shifted(sample["lon"].to_numpy(), sample["lat"].to_numpy(), towns)
        if sign:
            crs, kind, found = sign
            english, chinese = words("shift_sign")[f"{kind}"].split("|")
            self.rows.log.add(
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
        kept = whole[["row", "name", *COORDINATES, *self._measures(whole)]].iloc[at]
        codes = whole["uscc"].to_numpy()[at] if "uscc" in whole else np.full(len(at), None, dtype=object)
        found = find_duplicates(
            kept["name"].replace("", None).to_numpy(), codes, *(kept[c].to_numpy() for c in COORDINATES)
        )
        rows, names = kept["row"].to_numpy(), kept["name"].to_numpy()
        heading = self.rows.headings.name("name") or None
        again = np.flatnonzero(found.repeats >= 0)
        reason = ["same code and place" if found.by_code[i] else "same name and place" for i in again]
        firsts = rows[found.repeats[again]].tolist()
        differences = [self._differences(kept, i, int(found.repeats[i])) for i in again.tolist()]
        self.rows.log.add_rows(
            "E107", rows[again], heading, names[again], first=firsts,
            reason=[r + d for r, d in zip(reason, differences, strict=True)],
            reason_zh=[words("reason")[r] + d for r, d in zip(reason, differences, strict=True)],
        )  # fmt: skip
        reasons[at[again]] = "E107"
        if self.rows.table == "enterprises":
            self._report_alike(found, rows, codes, names, heading)

    def _differences(self, kept: pd.DataFrame, i: int, first: int) -> str:
        """List numbers in which a repeated row differs from the first: which of them is right is unknown."""
        numbers = [n for n in map(str, kept) if n not in ("row", "name", *COORDINATES)]
        pairs = [(n, *kept[n].to_numpy(float)[[first, i]].tolist()) for n in numbers]
        return "".join(
            f"; {self.rows.headings.name(n)} {a:g} / {b:g}"
            for n, a, b in pairs
            if a != b and a == a and b == b
        )

    def _report_alike(
        self, found: Duplicates, rows: np.ndarray, codes: np.ndarray, names: np.ndarray, heading: str | None
    ) -> None:
        at = np.flatnonzero(found.same_code >= 0)
        km = [f"{found.distance_km[i]:.2f}" for i in at]
        self.rows.log.add_rows(
            "E301",
            rows[at],
            self.rows.headings.name("uscc") or None,
            codes[at],
            first=rows[found.same_code[at]].tolist(),
            km=km,
        )
        at = np.flatnonzero(found.same_name >= 0)
        self.rows.log.add_rows("E302", rows[at], heading, names[at], first=rows[found.same_name[at]].tolist())

    def _identify(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Make identifiers unique: enterprises are renamed, rows of other tables set aside."""
        key = key_of(self.rows.table)
        if key is None:
            return
        made = ("row-" + whole["row"].astype(str)).to_numpy(dtype=object)
        if self.rows.raw.sheets:
            made[:] = [f"row-{self.rows.log.shown_row(row).replace('!', '-')}" for row in whole["row"]]
        given = self._column(whole, key)
        heading, rows = self.rows.headings.name(key) or None, whole["row"].to_numpy()
        lacking = np.flatnonzero(pd.isna(given) & pd.isna(reasons))
        if key in self.rows.headings.fields and key == "id":
            self.rows.log.add_rows("E214", rows[lacking], heading, value=made[lacking].tolist())
        given[lacking] = made[lacking]
        alive = np.flatnonzero(pd.isna(reasons))
        first = pd.Series(alive).groupby(given[alive]).transform("min").to_numpy()
        again = alive[first < alive]
        firsts = rows[first[first < alive]].tolist()
        if self.rows.table == "enterprises":
            self.rows.log.add_rows(
                "E218", rows[again], heading, given[again], first=firsts, value=made[again].tolist()
            )
            given[again] = made[again]
        else:
            self.rows.log.add_rows("E108", rows[again], heading, given[again], first=firsts)
            reasons[again] = "E108"
        whole[key] = given

    def _classify(self, whole: pd.DataFrame, reasons: np.ndarray) -> None:
        """Settle short industry codes with the whole column in view; add division and section."""
        codes, alive = self._column(whole, "industry"), pd.isna(reasons)
        heading = self.rows.headings.name("industry") or None
        short = np.flatnonzero(settle_short_codes(codes) & alive)
        self.rows.log.add_rows(
            "E221", whole["row"].to_numpy()[short], heading, codes[short], value=codes[short].tolist()
        )
        codes[short] = None
        whole["industry"] = codes
        divisions = pd.Series(codes, dtype=object).str[:2]
        by_division = {d: sections(int(d), self.rows.standard) for d in divisions.dropna().unique()}
        whole["industry_division"] = divisions.to_numpy()
        whole["industry_section"] = divisions.map(
            {d: min(s) for d, s in by_division.items() if len(s) == 1}
        ).to_numpy()
        if heading and self.rows.standard is None and (~pd.isna(codes)).any():
            self.rows.log.add("E315", column=heading)
        unclassified = int((pd.isna(codes) & alive).sum())
        if heading and unclassified:
            self.rows.log.add("E308", column=heading, count=unclassified)

    def _table(self, columns: dict[str, np.ndarray], reasons: np.ndarray) -> Table:
        alive = pd.isna(reasons)
        aside = columns["row"][~alive]
        frame = self._frame(columns, np.flatnonzero(alive))
        set_aside = self._as_they_were(aside, reasons[~alive])
        counts = {
            "data_rows": sum(len(rows) for rows, _ in self.rows.stash),
            "kept": len(frame),
            "set_aside": len(set_aside),
            "ignored_lines": self.rows.ignored,
        }
        issues = (*self.rows.raw.notes, *self.rows.log.sorted())
        raw, headings, log = self.rows.raw, self.rows.headings, self.rows.log
        used = frame["row"].tolist()
        told = {(issue.sheet, issue.row) for issue in issues if issue.severity == "set_aside"}
        _account(self.rows.stash, used, aside.tolist(), counts, [log.place(row) in told for row in aside])
        if raw.sheets:
            frame, set_aside = (_with_sheets(part, log) for part in (frame, set_aside))
        return Table(
            frame, set_aside, issues, counts, raw.file, raw.sha256, raw.sheet, raw.encoding,
            {name: headings.name(name) for name in headings.fields},
            {name: ColumnUse(headings.name(name), tuple(found)) for name, found in self.rows.samples.items()},
        )  # fmt: skip

    def _frame(self, columns: dict[str, np.ndarray], alive: np.ndarray) -> pd.DataFrame:
        """Give the kept rows with every column of the dictionary, typed, indexed by their identifier.

        Each of ``columns`` is let go once it is typed: a million rows would not fit the memory twice.
        """
        extra = ["industry_division", "industry_section", "placed", "position_error_m"]
        names = [n for n in self.rows.columns if n != "crs"]
        names += [*(extra if self.rows.table == "enterprises" else ()), "row"]
        typed = {}
        for name in names:
            column = self.rows.columns.get(name)
            values = columns.pop(name)[alive] if name in columns else np.full(len(alive), np.nan)
            typed[name] = _typed(values, column.dtype if column else None)
        frame = pd.DataFrame(typed, copy=False)
        key = key_of(self.rows.table)
        return frame.set_index(key) if key else frame

    def _as_they_were(self, wanted: np.ndarray, reasons: np.ndarray) -> pd.DataFrame:
        """Give rows as they stand in the file, personal columns left out; damaged rows of such files bare."""
        shown = [i for i in range(len(self.rows.headings.names)) if i not in self.rows.headings.personal]
        names = _distinct([self.rows.headings.names[i] for i in shown])
        pieces = []
        for rows, packed in self.rows.stash:
            at = np.flatnonzero(np.isin(rows, wanted))
            if len(at):
                columns = [unpacked(packed[i]) for i in shown]
                pieces.append(
                    pd.DataFrame({n: [c[k] for k in at] for n, c in zip(names, columns, strict=True)})
                )
        raw = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=names)
        damaged = reasons == "E109"
        if self.rows.headings.personal:
            raw.loc[damaged, :] = ""
        raw.loc[damaged] = raw[damaged].map(lambda text: "" if "\ufffd" in text else text)
        return pd.concat([pd.DataFrame({"row": wanted, "reason": reasons}), raw], axis=1)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(shown_value(name) for name in names[:MOST_NAMES])
    return shown + (f" … ({len(names)})" if len(names) > MOST_NAMES else "")


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


def _with_sheets(frame: pd.DataFrame, log: IssueLog) -> pd.DataFrame:
    """Name the sheet of each row, and number it as there."""
    places = [log.place(row) for row in frame["row"]]
    frame["row"] = np.array([row for _, row in places], dtype=np.int64)
    return frame.assign(sheet=pd.array([sheet for sheet, _ in places], dtype="str"))


def _account(
    stash: Iterable[tuple[np.ndarray, Any]],
    used: Sequence[int],
    set_aside: Sequence[int],
    counts: dict[str, int],
    told: Sequence[bool],
) -> None:
    """Check that no row is lost or counted twice; a failure is a fault of this package, never of the file."""
    rows = np.concatenate([rows for rows, _ in stash])
    seen = np.sort([*used, *set_aside])
    if not np.array_equal(np.sort(rows), seen) or counts["data_rows"] != counts["kept"] + counts["set_aside"]:
        raise refusal("", "E901", kind=InstallationError, detail=f"rows unaccounted for: {counts}")
    if silent := [row for row, is_told in zip(set_aside, told, strict=True) if not is_told]:
        lost = f"rows set aside without an issue: {silent[:5]}"
        raise refusal("", "E901", kind=InstallationError, detail=lost)
