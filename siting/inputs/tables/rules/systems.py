"""Coordinate systems: which counts for a file, how exact it is, and which would fit better."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.issues import shown
from siting.inputs.dictionary.words import words
from siting.inputs.headings.titles import coordinate_system
from siting.inputs.places.crs import ACCEPTED, Crs, neighbouring_zones, parse_crs, suggest_crs
from siting.inputs.places.region import better_crs, looks_shifted
from siting.inputs.tables.positions import Declaration, in_metres
from siting.inputs.tables.rule import Context, Finding, Found, alive, on_file
from siting.messages import error_of, refusal, said, text_of
from siting.types import InputError

SAMPLE_ROWS = 2000
"""Rows that the hint on the datum looks at."""
_NAMED_AFTER_PLACE = ("WGS84", "CGCS2000")
"""Systems in whose name coordinates of map services often come."""


def settle_crs(context: Context, declared: str | None) -> tuple[Declaration, list[Finding]]:
    """Decide which coordinate system counts: the file's own goes before the declared one.

    Raises
    ------
    InputError
        If a system is unknown, or ``column`` is declared and there is no such column.
    """
    raw, headings = context.raw, context.headings
    from_column = declared is not None and declared.strip().lower().startswith(("column", "列"))
    carried, where = (raw.crs, "file") if raw.crs else (headings.crs, "heading")
    found: list[Finding] = []
    if not carried and "crs" not in headings.fields:
        carried, where = coordinate_system(raw.titles), "title"
    if carried and _is_usable(carried):
        return _carried(carried, where, None if from_column else declared, context)
    if carried:
        if not declared or from_column:
            raise refusal(raw.file, "E589", crs=shown(carried), accepted=ACCEPTED)
        found.append(on_file("E332", crs=shown(carried), declared=declared))
    by_row = headings.fields.get("crs")
    if from_column and by_row is None:
        raise refusal(raw.file, "E580", seen=", ".join(headings.names))
    if by_row is not None:
        name, kind = headings.names[by_row], "column"
        crs, where_zh = text_of("P920", name=shown(name)), words("where")[kind]
        found.append(on_file("E317", column=name, crs=crs, where=kind, where_zh=where_zh))
    of_all = _parsed(declared, raw.file) if declared and not from_column else None
    return Declaration(of_all, by_row), found


def _carried(
    carried: str, where: str, declared: str | None, context: Context
) -> tuple[Declaration, list[Finding]]:
    crs, found = _parsed(carried, context.raw.file), []
    if where != "file" or context.raw.kind == "layer":
        found.append(on_file("E317", crs=crs.name, where=where, where_zh=words("where")[where]))
    if declared and _parsed(declared, context.raw.file).name != crs.name:
        found.append(on_file("E316", crs=crs.name, declared=declared))
    return Declaration(crs, carried=True), found


def _is_usable(text: str) -> bool:
    try:
        parse_crs(text)
    except InputError:
        return False
    return True


def _parsed(text: str, file: str) -> Crs:
    try:
        return parse_crs(text)
    except InputError as error:
        raise error_of(text_of("P08", key=file, fault=said(error))) from None


def inexact_shift(crs: Crs) -> Iterator[tuple[str, str]]:
    """Yield the code of the note on the way to WGS-84 where it is not exact, and its accuracy in m."""
    if crs.accuracy_m is None:
        yield "E320", ""
    elif crs.accuracy_m != 0.0:
        yield "E319", f"{crs.accuracy_m:g}"


def report_datum(frame: pd.DataFrame, context: Context) -> Found:
    """Say how exact the way to WGS-84 is where it is not, and whether easting and northing were crossed."""
    crs = context.declaration.crs
    if crs is not None:
        for code, metres in inexact_shift(crs):
            yield on_file(code, datum=crs.datum, metres=metres)
    if "swapped" in frame and (frame["swapped"].to_numpy() & in_metres(frame["system"].to_numpy())).any():
        yield on_file("E318", column=context.headings.name(*COORDINATES) or None)


def report_no_county(_frame: pd.DataFrame, context: Context) -> Found:
    """Say that nothing tells whether positions lie in the county."""
    if context.has_places and (context.region is None or context.region.boundary is None):
        yield on_file("E321")


def report_wrong_crs(frame: pd.DataFrame, context: Context) -> Found:
    """Say which system would fit where nearly no position lies in the county (or in China)."""
    crs, region = context.declaration.crs, context.region
    if crs is None or context.declaration.by_row is not None:
        return
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    numbers = np.isfinite(x)
    lost = numbers & frame["reason"].isin(("E101", "E105")).to_numpy()
    if not numbers.any() or lost.sum() < 0.9 * numbers.sum():
        return
    first = suggest_crs(x, y, crs)
    candidates = dict.fromkeys(filter(None, [first, *(c.name for c in neighbouring_zones(crs))]))
    candidates.pop(crs.name, None)
    sample = np.flatnonzero(numbers)[:1000]
    suggestion = better_crs(x[sample], y[sample], list(candidates), region) if region else None
    suggestion = suggestion or (first if first != crs.name else None)
    if suggestion:
        share = f"{lost.sum() / numbers.sum():.0%}"
        code = "E921" if context.declaration.carried else "E323"
        yield on_file(code, share=share, crs=crs.name, suggestion=suggestion)


def report_shift(frame: pd.DataFrame, context: Context) -> Found:
    """Say where positions look like those of a map service, moved by its own shift."""
    crs, region = context.declaration.crs, context.region
    if crs is None or crs.name not in _NAMED_AFTER_PLACE:
        return
    sample = frame[alive(frame) & (frame["placed"] == "point").to_numpy()].head(SAMPLE_ROWS)
    parts = [sample[name].fillna("").tolist() for name in ("address", "town") if name in sample]
    addresses = [" ".join(texts) for texts in zip(*parts, strict=True)] if parts else [""] * len(sample)
    if region is not None:
        towns, _ = region.read_addresses(addresses)
    else:
        towns = pd.DataFrame(np.nan, index=range(len(sample)), columns=["lon", "lat", "error_m"])
    sign = looks_shifted(sample["lon"].to_numpy(), sample["lat"].to_numpy(), towns)
    if sign:
        likely, kind, found = sign
        english, chinese = words("shift_sign")[f"{kind}"].split("|")
        evidence, evidence_zh = english.format(**found), chinese.format(**found)
        yield on_file("E322", crs=likely, evidence=evidence, evidence_zh=evidence_zh)
