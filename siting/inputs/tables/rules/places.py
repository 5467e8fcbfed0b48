"""Coordinates and townships of rows → places, or the reason why a row has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES
from siting.inputs.dictionary.issues import shown
from siting.inputs.dictionary.words import words
from siting.inputs.places.crs import project
from siting.inputs.places.region import FAR_FROM_TOWN_KM, TOWNSHIP_REACH_M
from siting.inputs.tables.positions import (
    NO_COORDINATES,
    NO_GEOMETRY,
    UNKNOWN_TOWN,
    cells_found,
    in_metres,
    place_rows,
)
from siting.inputs.tables.rule import Context, Finding, Found, RowContext, alive, objects, on_rows
from siting.inputs.tables.values import missing_mask
from siting.messages import Text


def read_places(_frame: pd.DataFrame, context: RowContext) -> Found:
    """Read the coordinates of each row in the system that is declared for it."""
    if not context.has_places:
        return
    found = place_rows(context.chunk, context.headings, context.declaration, context.raw.file)
    yield {
        "x": found.x,
        "y": found.y,
        "swapped": found.swapped,
        "system": found.system,
        "lon": found.lon,
        "lat": found.lat,
        "placed": np.where(np.isnan(found.lon), np.array(None), np.array("point")),
        "_reformed": found.reformed,
        "_system": objects(found.system),
        "_no_place": objects(found.reason),
        "_detail": objects(found.detail),
        "_note": objects(found.note),
    }


def place_by_town(frame: pd.DataFrame, context: RowContext) -> Found:
    """Place rows without coordinates at the point of the township that their own column names."""
    fields, region = context.headings.fields, context.region
    if not context.by_town or region is None or "town" not in fields:
        return
    columns: dict[str, Any] = {n: frame[n].to_numpy(copy=True) for n in (*COORDINATES, "_no_place")}
    columns["placed"] = frame["placed"].to_numpy(dtype=object, copy=True)
    columns["position_error_m"] = np.full(len(frame), np.nan)
    homeless = alive(frame) & np.isin(columns["_no_place"], (NO_COORDINATES, NO_GEOMETRY))
    towns = context.chunk.columns[fields["town"]]
    points = region.town_points(towns)
    lon, lat = (points[name].to_numpy(float) for name in COORDINATES)
    error_m = np.hypot(points["error_m"].fillna(0.0).to_numpy(float), TOWNSHIP_REACH_M)
    at = np.flatnonzero(homeless & ~np.isnan(lon))
    columns["lon"][at], columns["lat"][at], columns["position_error_m"][at] = lon[at], lat[at], error_m[at]
    columns["placed"][at], columns["_no_place"][at] = "town", None
    columns["_no_place"][homeless & np.isnan(lon) & ~missing_mask(towns)] = UNKNOWN_TOWN
    yield columns | {"_no_place": objects(columns["_no_place"])}
    heading = context.headings.name(*COORDINATES) or context.headings.name("town")
    metres = [f"{e:.0f}" for e in error_m[at]]
    yield on_rows("E217", at, heading, town=[towns[i] for i in at], metres=metres)


def set_aside_unplaced(frame: pd.DataFrame, context: RowContext) -> Found:
    """Set aside the rows without a place that need one, or whose coordinates cannot be read."""
    if "_no_place" not in frame:
        return
    reasons, details = frame["_no_place"].to_numpy(), frame["_detail"].to_numpy()
    needed = context.rules.needs_place(frame, context) | ~np.isin(reasons, (NO_COORDINATES, UNKNOWN_TOWN))
    at = np.flatnonzero(alive(frame) & ~pd.isna(reasons) & needed)
    heading = context.headings.name(*COORDINATES) or context.headings.name("town") or None
    for code in dict.fromkeys(reasons[at]):
        own = at[reasons[at] == code]
        each: dict[str, Any] = {}
        column, values = heading, _as_found(own, frame, context)
        if code == "E105":
            said = [detail or "cannot be read" for detail in details[own]]
            each = {"reason": said, "reason_zh": [words("reason")[word] for word in said]}
        elif code == UNKNOWN_TOWN:
            column, values, each = _towns_unknown(own, context)
        elif code == "E106" and (by_row := context.declaration.by_row) is not None:
            cells = context.chunk.columns[by_row]
            column, values = context.headings.names[by_row], [cells[i] for i in own]
        yield on_rows(code, own, column, values, **each)


def _towns_unknown(at: np.ndarray, context: RowContext) -> tuple[str, list[str], dict[str, Any]]:
    """Give heading, cells and words of the rows whose townships nobody knows."""
    cells = context.chunk.columns[context.headings.fields["town"]]
    values = [cells[i] for i in at]
    near = {
        town: context.region.nearest_town(town) if context.region else Text("", "") for town in set(values)
    }
    said = [near[town] for town in values]
    each = {
        "town": list(map(shown, values)),
        "near": [f" {text.en}" * bool(text.en) for text in said],
        "near_zh": [text.zh for text in said],
    }
    return context.headings.name("town"), values, each


def set_aside_outside(frame: pd.DataFrame, context: RowContext) -> Found:
    """Set aside what lies beyond the county; name what lies between the outline and its tolerance."""
    region = context.region
    if region is None or "lon" not in frame:
        return
    lon, lat = (frame[name].to_numpy() for name in COORDINATES)
    tested = alive(frame) & ~np.isnan(lon) & context.rules.needs_place(frame, context)
    outside = tested & region.outside(lon, lat)
    near = tested & ~outside & ~region.covers(lon, lat)
    for code, at in (("E101", np.flatnonzero(outside)), ("E303", np.flatnonzero(near))):
        if len(at):
            km = [f"{d:.1f}" for d in region.beyond_km(lon[at], lat[at])]
            yield _on_places(code, at, frame, context, km=km)


def report_positions(frame: pd.DataFrame, context: RowContext) -> Found:
    """Tell of each kept position how it was read: from degrees and minutes, from another system."""
    if "lon" not in frame:
        return
    read = alive(frame) & (frame["placed"] == "point").to_numpy()
    x, y, system, note = (frame[name].to_numpy() for name in ("x", "y", "_system", "_note"))
    at = np.flatnonzero(read & frame["_reformed"].to_numpy())
    yield _on_places("E202", at, frame, context, value=[f"{x[i]:.7g}, {y[i]:.7g}" for i in at])
    turned = read & frame["swapped"].to_numpy() & ~in_metres(system)
    yield _on_places("E104", np.flatnonzero(turned), frame, context)
    yield _on_places("E307", np.flatnonzero(read & (note == "E307")), frame, context)
    yield _on_places("E325", np.flatnonzero(read & (system == "CGCS2000")), frame, context)
    moved = read & ~pd.isna(system) & ~np.isin(system, ("WGS84", "CGCS2000"))
    at = np.flatnonzero(moved)
    yield _on_places("E201", at, frame, context, crs=system[at].tolist())


def compare_addresses(frame: pd.DataFrame, context: Context) -> Found:
    """Say where an address speaks of another place than the coordinates, which decide."""
    if context.region is None or "address" not in frame:
        return
    kept = np.flatnonzero(alive(frame) & frame["address"].notna().to_numpy())
    addresses = frame["address"].to_numpy()[kept]
    heading = context.headings.name("address")
    towns, elsewhere = context.region.read_addresses(addresses.tolist())
    away = np.flatnonzero(elsewhere)
    yield on_rows("E304", kept[away], heading, addresses[away])
    x, y = project(*(frame[name].to_numpy()[kept] for name in COORDINATES))
    town_x, town_y = project(towns["lon"].to_numpy(float), towns["lat"].to_numpy(float))
    km = np.hypot(x - town_x, y - town_y) / 1000
    far = np.flatnonzero(km > FAR_FROM_TOWN_KM + towns["error_m"].to_numpy(float) / 1000)
    yield on_rows(
        "E305", kept[far], heading, addresses[far],
        town=towns["name"].to_numpy()[far].tolist(), km=[f"{d:.0f}" for d in km[far]],
    )  # fmt: skip


def _on_places(
    code: str, at: np.ndarray, frame: pd.DataFrame, context: RowContext, **each: object
) -> Finding:
    heading = context.headings.name(*COORDINATES) or None
    return on_rows(code, at, heading, _as_found(at, frame, context), **each)


def _as_found(at: np.ndarray, frame: pd.DataFrame, context: RowContext) -> list[str]:
    x, y = frame["x"].to_numpy(), frame["y"].to_numpy()
    return cells_found(at.tolist(), x, y, context.chunk, context.headings)
