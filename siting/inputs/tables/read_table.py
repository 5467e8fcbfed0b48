"""Rows of a file → a checked table of the data dictionary; rows in = kept + set aside, each change told.

The way of a row: `read_raw` takes it from the file, `match_headings` tells what its cells are, the rules of
its table in `TABLES` look at it one after the other, by itself and then beside all others, and
`checked_table` hands it over, kept or set aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.dictionary.columns import columns_of
from siting.inputs.dictionary.issues import IssueLog, shown
from siting.inputs.files.opener import read_raw
from siting.inputs.files.raw import Chunk
from siting.inputs.headings.given import check_fields
from siting.inputs.headings.match_headings import count_known, match_headings
from siting.inputs.places.region import BOUNDARY_TOLERANCE_M, Region, read_outline
from siting.inputs.tables.codes import parse_standard
from siting.inputs.tables.device_columns import DeviceColumns, RowsAre
from siting.inputs.tables.hand_over import checked_table, empty_frame, packed
from siting.inputs.tables.personal import mask_personal
from siting.inputs.tables.references import code_aliases, with_aliases
from siting.inputs.tables.rule import WORKING, Context, FileRule, RowRule, TableRules, objects, record, run
from siting.inputs.tables.rules.columns import drop_shared_figures, read_columns, report_closed
from siting.inputs.tables.rules.devices import join_devices, read_device_cells
from siting.inputs.tables.rules.duplicates import compare_firms, set_aside_repeated
from siting.inputs.tables.rules.file_notes import (
    report_ignored_lines,
    report_personal,
    report_units,
    report_unused_columns,
)
from siting.inputs.tables.rules.identifiers import rename_repeated_keys, set_aside_repeated_keys
from siting.inputs.tables.rules.industries import classify_industries, settle_industries, settle_standard
from siting.inputs.tables.rules.lines import set_aside_damaged, set_aside_foreign, without_ignored
from siting.inputs.tables.rules.names import (
    kind_needs_place,
    read_kinds,
    read_names,
    read_names_beside_keys,
    report_no_kinds,
)
from siting.inputs.tables.rules.places import (
    compare_addresses,
    place_by_town,
    read_places,
    report_positions,
    set_aside_outside,
    set_aside_unplaced,
)
from siting.inputs.tables.rules.systems import (
    report_datum,
    report_no_county,
    report_shift,
    report_wrong_crs,
    settle_crs,
)
from siting.inputs.tables.units_row import ROWS_BELOW, units_below
from siting.messages import refusal
from siting.types import Table

__all__ = ["TABLES", "Region", "read_region", "read_table"]

Locate = Literal["none", "town"]
SAMPLES = 3
"""Values of each column that the report on the mapping shows."""

_ENTERPRISES = TableRules(
    key="id",
    rows=(
        set_aside_foreign,
        set_aside_damaged,
        read_names,
        read_places,
        place_by_town,
        set_aside_unplaced,
        set_aside_outside,
        report_positions,
        read_columns,
        drop_shared_figures,
        compare_addresses,
        report_closed,
        read_device_cells,
    ),
    file=(
        report_personal,
        join_devices,
        report_ignored_lines,
        report_units,
        report_unused_columns,
        report_datum,
        report_no_county,
        report_wrong_crs,
        report_shift,
        compare_firms,
        rename_repeated_keys,
        settle_industries,
        classify_industries,
    ),
    derived=("industry_division", "industry_section", "placed", "position_error_m"),
    by_town=True,
    devices=True,
)
_SITES = TableRules(
    key="id",
    headings=(report_no_kinds,),
    rows=(
        set_aside_foreign,
        set_aside_damaged,
        read_names_beside_keys,
        read_kinds,
        read_places,
        set_aside_unplaced,
        set_aside_outside,
        report_positions,
        read_columns,
    ),
    file=(
        report_personal,
        report_ignored_lines,
        report_units,
        report_unused_columns,
        report_datum,
        report_no_county,
        report_wrong_crs,
        set_aside_repeated,
        set_aside_repeated_keys,
    ),
    needs_place=kind_needs_place,
)
_ROWS: tuple[RowRule, ...] = (
    set_aside_foreign,
    set_aside_damaged,
    read_names,
    read_places,
    set_aside_unplaced,
    report_positions,
    read_columns,
)
"""Rules for single rows of a table of which nothing more is known than its columns."""
_FILE: tuple[FileRule, ...] = (
    report_personal,
    report_ignored_lines,
    report_units,
    report_unused_columns,
    report_datum,
    report_wrong_crs,
    set_aside_repeated_keys,
)
"""Rules for all rows of such a table."""
_RESIDENTS = TableRules(
    key="id",
    rows=(
        set_aside_foreign,
        set_aside_damaged,
        read_names,
        read_places,
        set_aside_unplaced,
        set_aside_outside,
        report_positions,
        read_columns,
        drop_shared_figures,
    ),
    file=(
        report_personal,
        report_ignored_lines,
        report_units,
        report_unused_columns,
        report_datum,
        report_no_county,
        report_wrong_crs,
        report_shift,
        rename_repeated_keys,
    ),
)

TABLES: Mapping[str, TableRules] = {
    "enterprises": _ENTERPRISES,
    "sites": _SITES,
    "conditions": TableRules(None, _ROWS, _FILE),
    "replies": TableRules(None, _ROWS, _FILE),
    "services": TableRules("id", _ROWS, _FILE),
    "laboratories": TableRules("id", _ROWS, _FILE),
    "residents": _RESIDENTS,
    "stations": TableRules("id", _ROWS, _FILE),
    "pledges": TableRules("id", _ROWS, _FILE),
    "places": TableRules("id", _ROWS, _FILE),
    "industries": TableRules("id", _ROWS, _FILE),
    "road_nodes": TableRules("node", _ROWS, _FILE),
    "road_edges": TableRules(None, _ROWS, _FILE),
    "parameters": TableRules("parameter", _ROWS, _FILE),
    "sources": TableRules("file", _ROWS, _FILE),
    "aliases": TableRules(None, _ROWS, _FILE),
    "judgements": TableRules(None, _ROWS, _FILE),
    "measured_trips": TableRules(None, _ROWS, _FILE),
    "weight_answers": TableRules(None, _ROWS, _FILE),
}
"""Table of the data dictionary → its rules; a new table is a new record."""


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
    rules = TABLES[table]
    if rows not in (None, *get_args(RowsAre)):
        raise refusal("", "E596", rows=rows, allowed=", ".join(get_args(RowsAre)))
    standard = parse_standard(industry_standard)
    given = check_fields(columns or {}, table, Path(path).name)
    raw = read_raw(path, sheet=sheet, is_heading=partial(count_known, table=table, given=given))
    is_layer, by_town = raw.kind == "layer", locate == "town" and rules.by_town
    headings = match_headings(
        raw.headings,
        table,
        file=raw.file,
        layer=is_layer,
        declared=crs,
        by_town=by_town,
        given=given,
        titles=raw.titles,
        units={} if is_layer else units_below(raw.first_rows(ROWS_BELOW)),
    )
    devices = DeviceColumns.of(headings, rows if rules.devices else "firms")
    log = IssueLog(raw.file, raw.sheet, raw.sheets)
    context = Context(rules, table, known, headings, raw, region, standard, by_town, devices, log.shown_row)
    return _read_rows(_settled(context, crs, log), log)


def _settled(context: Context, crs: str | None, log: IssueLog) -> Context:
    """Settle what the headings alone tell."""
    frame = pd.DataFrame()
    if context.has_places:
        declaration, found = settle_crs(context, crs)
        record(found, frame, log)
        context = replace(context, declaration=declaration)
    for rule in context.rules.headings:
        record(rule(context), frame, log)
    standard, told = settle_standard(context)
    record(told, frame, log)
    return replace(context, standard=standard)


def _read_rows(context: Context, log: IssueLog) -> Table:
    """Take the rows chunk by chunk, then lay them side by side and account for every one."""
    chunks = (_read_chunk(chunk, context, log) for chunk in context.raw.chunks())
    parts = [part for part in chunks if part]
    if not parts:
        raise refusal(context.raw.file, "E517")
    context.raw.source = iter(())  # lets go of the bytes
    frame = run(context.rules.file, _side_by_side(parts), context, log)
    return checked_table({str(name): frame[name].to_numpy() for name in frame}, context, log)


def _side_by_side(parts: Sequence[dict[str, NDArray[np.generic]]]) -> pd.DataFrame:
    """Join the columns of all chunks; each piece is let go once it is copied."""
    whole = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
    reasons = objects(whole.pop("reason"))
    return pd.DataFrame({**whole, "reason": reasons}, copy=False)


def _read_chunk(chunk: Chunk, context: Context, log: IssueLog) -> dict[str, NDArray[np.generic]]:
    """Apply the rules for single rows; nothing is left of a chunk without data."""
    context.seen.personal.extend(mask_personal(chunk))
    context.devices.fill_down(chunk)
    chunk, ignored = without_ignored(chunk, context)
    frame = pd.DataFrame({"row": chunk.row_numbers})
    record(ignored, frame, log)
    if frame.empty:
        return {}
    _note_columns(chunk, context)
    context.seen.raw_rows.append((chunk.row_numbers, [packed(column) for column in chunk.columns]))
    frame["reason"] = objects([None] * len(frame))
    frame = run(context.rules.rows, frame, context.of_chunk(chunk), log)
    return {name: frame[name].to_numpy() for name in map(str, frame) if not name.startswith(WORKING)}


def _note_columns(chunk: Chunk, context: Context) -> None:
    """Note the first values of each column that is used, and which columns without a heading are filled."""
    for i, name in enumerate(context.headings.names):
        if not name and any(map(str.strip, chunk.columns[i])):
            context.seen.nameless.add(i)
    for name, at in context.headings.fields.items():
        found = context.seen.samples.setdefault(name, [])
        for cell in dict.fromkeys(chunk.columns[at]) if len(found) < SAMPLES else ():
            value = shown(cell.strip())
            if value and value not in found and "\ufffd" not in value:
                found.append(value)
            if len(found) == SAMPLES:
                break


def empty_table(table: str) -> pd.DataFrame:
    """Give a table of the data dictionary without a row, for a study that has none of it."""
    return empty_frame(columns_of(table), TABLES[table].key)


def read_region(
    boundary: str | Path | None,
    places: str | Path | None = None,
    aliases: str | Path | None = None,
    *,
    tolerance_m: float = BOUNDARY_TOLERANCE_M,
) -> Region:
    """Read the county outline (GeoJSON), the table of places, and what a table of aliases adds to them.

    Raises
    ------
    InputError
        If either file is refused.
    """
    shape, names = (None, ()) if boundary is None else read_outline(Path(boundary))
    table = read_table(places, "places", crs="WGS84").frame if places is not None else None
    if aliases is None:
        return Region(shape, table, tolerance_m, names)
    further = read_table(aliases, "aliases")
    known = None if table is None else with_aliases(table, further)
    return Region(shape, known, tolerance_m, names, code_aliases(further))
