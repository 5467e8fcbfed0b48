"""Identifiers as found → one a row: made from the row's number where none is given, never twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.tables.rule import Context, Finding, Found, alive, on_rows


def rename_repeated_keys(frame: pd.DataFrame, context: Context) -> Found:
    """Give a row whose identifier stands in an earlier row one of its own number."""
    key = context.rules.key
    if key is None:
        return
    keys, made, found = _keys(key, frame, context)
    again, firsts = _repeated(keys, frame)
    rows = frame["row"].to_numpy()[firsts].tolist()
    yield from found
    heading = context.headings.name(key) or None
    yield on_rows("E218", again, heading, keys[again], first=rows, value=made[again].tolist())
    keys[again] = made[again]
    yield {key: keys}


def set_aside_repeated_keys(frame: pd.DataFrame, context: Context) -> Found:
    """Set aside a row whose identifier stands in an earlier row."""
    key = context.rules.key
    if key is None:
        return
    keys, _, found = _keys(key, frame, context)
    again, firsts = _repeated(keys, frame)
    yield from found
    heading = context.headings.name(key) or None
    yield on_rows("E108", again, heading, keys[again], first=frame["row"].to_numpy()[firsts].tolist())
    yield {key: keys}


def _keys(
    key: str, frame: pd.DataFrame, context: Context
) -> tuple[NDArray[np.object_], NDArray[np.object_], list[Finding]]:
    """Give the identifiers with the lacking ones made, and those made of every row's number."""
    made = ("row-" + frame["row"].astype(str)).to_numpy(dtype=object)
    if context.raw.sheets:
        made[:] = [f"row-{context.shown_row(row).replace('!', '-')}" for row in frame["row"]]
    keys = context.texts(frame, key)
    lacking = np.flatnonzero(pd.isna(keys) & alive(frame))
    keys[lacking] = made[lacking]
    found = []
    if key == "id" and key in context.headings.fields:
        found = [on_rows("E214", lacking, context.headings.name(key), value=made[lacking].tolist())]
    return keys, made, found


def _repeated(keys: NDArray[np.object_], frame: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the rows whose identifier an earlier row has, and that row."""
    kept = np.flatnonzero(alive(frame))
    first = pd.Series(kept).groupby(keys[kept]).transform("min").to_numpy()
    return kept[first < kept], first[first < kept]
