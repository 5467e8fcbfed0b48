"""Coordinates as they stand in a file → WGS-84, by the system that is declared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import COORDINATES, PAIR
from siting.inputs.files.raw import Chunk
from siting.inputs.headings.match_headings import Headings
from siting.inputs.places.crs import ACCEPTED, Crs, locate, parse_crs, suggest_crs
from siting.inputs.tables.values import BAD, COARSE, MISSING, REFORMED, is_missing, parse_degrees
from siting.messages import refusal
from siting.types import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEGREE_MARKS = " \t\u3000°′″'\"度分秒"
_DECIMAL_COMMA = re.compile(r"\s*[+-]?\d{1,3},\d+\s*")
NO_COORDINATES, IMPOSSIBLE, CRS_UNKNOWN, NO_GEOMETRY = "E103", "E105", "E106", "E110"
UNKNOWN_TOWN = "E920"
"""No coordinates, and no known township in whose place they could stand."""


@dataclass
class Positions:
    """Positions of the rows of a chunk."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    x: NDArray[np.float64]
    """Numbers as found, first column; NaN where unreadable."""
    y: NDArray[np.float64]
    swapped: NDArray[np.bool_]
    reformed: NDArray[np.bool_]
    """True where a number was written as degrees, minutes, seconds or the like."""
    reason: NDArray[np.object_]
    """Code of the issue for which a row has no position, None where it has one."""
    detail: NDArray[np.object_]
    """English detail of the reason, a word of kind ``reason``; None where there is none."""
    system: NDArray[np.object_]
    """Name of the coordinate system of each row."""
    note: NDArray[np.object_]
    """Code of a note on how the position was taken, None for none."""


@dataclass(frozen=True)
class Declaration:
    """Where the coordinate system of a file comes from."""

    crs: Crs | None
    """System of all rows, or of those whose own column is blank."""
    by_row: int | None = None
    """Position of the column that names it row by row."""
    carried: bool = False
    """The file itself states it."""


def in_metres(systems: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Mark the rows whose system counts in metres."""
    codes, names = pd.factorize(systems)
    return np.array([*(parse_crs(name).metres for name in names), False])[codes]


def place_rows(chunk: Chunk, headings: Headings, declaration: Declaration, file: str) -> Positions:
    """Place the rows of a chunk, each in its own system; rows without a place get a reason.

    Raises
    ------
    InputError
        If numbers stand there and no coordinate system is declared anywhere.
    """
    positions = _raw_numbers(chunk, headings)
    readable = pd.isna(positions.reason)
    if declaration.by_row is not None:
        systems, codes = _systems_by_row(chunk.columns[declaration.by_row], declaration.crs)
        positions.reason[readable & (codes < 0)] = CRS_UNKNOWN
    elif declaration.crs is None:
        if readable.any():
            _refuse_undeclared(positions, file)
        return positions
    else:
        systems, codes = [declaration.crs], np.zeros(len(readable), dtype=int)
    for number, crs in enumerate(systems):
        own = np.flatnonzero(readable & (codes == number))
        found = locate(positions.x[own], positions.y[own], crs)
        positions.lon[own], positions.lat[own], positions.swapped[own] = found.lon, found.lat, found.swapped
        positions.system[own] = crs.name
        lost = own[np.isnan(found.lon)]
        positions.reason[lost] = IMPOSSIBLE
        positions.detail[lost] = [_why_impossible(positions.x[i], positions.y[i], crs) for i in lost]
        _refuse_whole_degrees(positions, own, crs)
    return positions


def _refuse_whole_degrees(positions: Positions, own: np.ndarray, crs: Crs) -> None:
    if not crs.metres:
        whole = own[(positions.x[own] % 1 == 0) & (positions.y[own] % 1 == 0) & ~np.isnan(positions.lon[own])]
        positions.reason[whole], positions.detail[whole] = IMPOSSIBLE, "whole degrees only, ±50 km"


def _why_impossible(x: float, y: float, crs: Crs) -> str:
    if not crs.metres and max(abs(x), abs(y)) > 1000 and min(abs(x), abs(y)) > 1000:
        return "metres where degrees are declared"
    if crs.metres and max(abs(x), abs(y)) <= 180 and x and y:
        return "degrees where metres are declared"
    if crs.zone_easting_m is not None and max(abs(x), abs(y)) < 5e7 and min(abs(x), abs(y)) > 1e5:
        return "another zone than the one declared"
    return "outside China or in other units"


def _systems_by_row(cells: Sequence[str], default: Crs | None) -> tuple[list[Crs], np.ndarray]:
    """Read the systems that a column names, −1 where unknown; a blank cell takes the declared one."""
    codes, uniques = pd.factorize(np.array(cells, dtype=object))
    systems: list[Crs] = []
    numbers = np.full(len(uniques), -1)
    for i, text in enumerate(uniques):
        try:
            crs = default if is_missing(text) else parse_crs(text)
        except InputError:
            continue
        if crs is not None:
            systems.append(crs)
            numbers[i] = len(systems) - 1
    return systems, numbers[codes]


def _refuse_undeclared(positions: Positions, file: str) -> None:
    likely = suggest_crs(positions.x, positions.y)
    code = "E581" if likely == "WGS84" else "E582" if likely else "E583"
    raise refusal(file, code, likely=likely, accepted=ACCEPTED)


def _raw_numbers(chunk: Chunk, headings: Headings) -> Positions:
    n = len(chunk.row_numbers)
    nothing = np.full(n, None, dtype=object)
    positions = Positions(
        *(np.full(n, np.nan) for _ in range(4)),
        *(np.zeros(n, bool) for _ in range(2)),
        *(nothing.copy() for _ in range(4)),
    )
    if chunk.geometry is not None:
        _from_geometry(chunk, positions)
        return positions
    fields = headings.fields
    if PAIR not in fields and not set(COORDINATES) <= fields.keys():
        positions.reason[:] = NO_COORDINATES
        return positions
    first: Sequence[str]
    second: Sequence[str]
    if PAIR in fields:
        first, second = _split_pairs(chunk.columns[fields[PAIR]])
    else:
        first, second = (_degree_cells(chunk, headings, fields[name]) for name in COORDINATES)
    _read_degrees(first, second, positions)
    return positions


def _degree_cells(chunk: Chunk, headings: Headings, at: int) -> Sequence[str]:
    """Give the cells of an axis; degrees, minutes and seconds of columns of their own in one text."""
    parts = headings.degree_parts.get(at, ())
    if not parts:
        return chunk.columns[at]
    own = [[cell.strip(_DEGREE_MARKS) for cell in chunk.columns[i]] for i in (at, *parts)]
    marks = "°'\""[: len(own)]
    return [
        "".join(cell + mark for cell, mark in zip(cells, marks, strict=True) if not is_missing(cell))
        for cells in zip(*own, strict=True)
    ]


def _read_degrees(first: Sequence[str], second: Sequence[str], positions: Positions) -> None:
    """Read both columns, each as the axis it is named after, or as the other where only that is possible."""
    lon, lat = parse_degrees(first, "E"), parse_degrees(second, "N")
    crossed = np.flatnonzero((lon.found == BAD) & (lat.found == BAD))
    if len(crossed):
        other_lon = parse_degrees([first[i] for i in crossed.tolist()], "N")
        other_lat = parse_degrees([second[i] for i in crossed.tolist()], "E")
        for parsed, other in ((lon, other_lon), (lat, other_lat)):
            parsed.values[crossed], parsed.found[crossed] = other.values, other.found
    positions.x[:], positions.y[:] = lon.values, lat.values
    positions.reformed |= (lon.found == REFORMED) | (lat.found == REFORMED)
    for found, reason, detail in (
        (COARSE, IMPOSSIBLE, "whole degrees only, ±50 km"),
        (BAD, IMPOSSIBLE, "not a number"),
        (MISSING, NO_COORDINATES, None),
    ):
        rows = ((lon.found == found) | (lat.found == found)) & (
            (pd.isna(positions.reason)) | (found == MISSING)
        )
        positions.reason[rows], positions.detail[rows] = reason, detail
    commas = [i for i, cells in enumerate(zip(first, second, strict=True)) if _have_decimal_commas(*cells)]
    positions.reason[commas], positions.detail[commas] = IMPOSSIBLE, "a comma for the decimal point"
    lost = ~pd.isna(positions.reason)
    positions.x[lost] = positions.y[lost] = np.nan


def _have_decimal_commas(first: str, second: str) -> bool:
    """Tell whether two cells are degrees whose point is a comma: a northing in metres would have two."""
    return "," in first and "," in second and all(map(_DECIMAL_COMMA.fullmatch, (first, second)))


def _split_pairs(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    first, second = [""] * len(cells), [""] * len(cells)
    for i, cell in enumerate(cells):
        if is_missing(cell):
            continue
        text = re.sub(r"^\s*POINT\s*(?:Z\s*)?", "", cell.strip(), flags=re.IGNORECASE).strip("()[]（）【】 ")
        parts = [p for p in re.split(r"[,，;；/|、]", text) if p.strip()]
        parts = parts if len(parts) == 2 else text.split()
        if len(parts) == 2:
            first[i], second[i] = parts
        else:
            first[i] = second[i] = "?!"
    return first, second


def _from_geometry(chunk: Chunk, positions: Positions) -> None:
    """Take the point of each feature; of an area its middle, or a point inside where that lies outside."""
    import shapely

    faults = {
        "null": NO_GEOMETRY,
        "empty": NO_GEOMETRY,
        "not_finite": IMPOSSIBLE,
        "malformed": IMPOSSIBLE,
        "invalid": "E111",
    }
    for i, (row, shape) in enumerate(zip(chunk.row_numbers, chunk.geometry or (), strict=True)):
        fault = chunk.geometry_faults.get(int(row))
        if fault or shape is None or shape.is_empty:
            positions.reason[i] = faults.get(fault or "null", IMPOSSIBLE)
            if positions.reason[i] == IMPOSSIBLE:
                positions.detail[i] = "geometry cannot be read"
            continue
        kind = shape.geom_type.removeprefix("Multi")
        parts = shapely.get_parts(shape)
        if kind == "Polygon":
            middle = shape.centroid if shape.covers(shape.centroid) else shape.representative_point()
            positions.x[i], positions.y[i], positions.note[i] = middle.x, middle.y, "E307"
        elif kind != "Point":
            positions.reason[i] = "E114"
        elif len(parts) > 1:
            positions.reason[i] = "E112"
        else:
            positions.x[i], positions.y[i] = parts[0].x, parts[0].y


def cells_found(
    rows: Iterable[int], x: NDArray[np.float64], y: NDArray[np.float64], chunk: Chunk, headings: Headings
) -> list[str]:
    """Give the coordinates of rows as they stand in the file, for messages."""
    if chunk.geometry is not None:
        return ["" if np.isnan(x[i]) else f"{x[i]:.10g}, {y[i]:.10g}" for i in rows]
    where = dict.fromkeys(headings.fields.get(f, headings.fields.get(PAIR)) for f in COORDINATES)
    columns = [(c, *headings.degree_parts.get(c, ())) for c in where if c is not None]
    return ["|".join(" ".join(chunk.columns[c][i].strip() for c in own) for own in columns) for i in rows]
