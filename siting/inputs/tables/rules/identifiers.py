"""Identifiers as found → one a row: made from the row's number where none is given, never twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.tables.rule import Context, Finding, Found, alive, on_rows


def rename_repeated_keys(frame: pd.DataFrame, context: Context) -> Found:
    """Give a row whose identifier stands in an earlier row one of its own number."""
    if (key := context.rules.key) is not None:
        made = _made(frame, context)
        keys, lacking = _filled(key, made, frame, context)
        again, repeated = _repeated("E218", key, keys, frame, context)
        yield from lacking
        yield replace(repeated, words={**repeated.words, "value": made[again].tolist()})
        keys[again] = made[again]
        yield {key: keys}


def set_aside_repeated_keys(frame: pd.DataFrame, context: Context) -> Found:
    """Set aside a row whose identifier stands in an earlier row."""
    if (key := context.rules.key) is not None:
        keys, lacking = _filled(key, _made(frame, context), frame, context)
        yield from lacking
        yield _repeated("E108", key, keys, frame, context)[1]
        yield {key: keys}


def _made(frame: pd.DataFrame, context: Context) -> NDArray[np.object_]:
    """Make an identifier of each row's number."""
    made = ("row-" + frame["row"].astype(str)).to_numpy(dtype=object)
    if context.raw.sheets:
        made[:] = [f"row-{context.shown_row(row).replace('!', '-')}" for row in frame["row"]]
    return made


def _filled(
    key: str, made: NDArray[np.object_], frame: pd.DataFrame, context: Context
) -> tuple[NDArray[np.object_], list[Finding]]:
    """Give the identifiers, those that lack made, and what is said of them where the file has a column."""
    keys = context.texts(frame, key)
    lacking = np.flatnonzero(pd.isna(keys) & alive(frame))
    keys[lacking] = made[lacking]
    if key != "id" or key not in context.headings.fields:
        return keys, []
    return keys, [on_rows("E214", lacking, context.headings.name(key), value=made[lacking].tolist())]


def _repeated(
    code: str, key: str, keys: NDArray[np.object_], frame: pd.DataFrame, context: Context
) -> tuple[NDArray[np.int64], Finding]:
    """Find the rows whose identifier an earlier row has; the finding names that row."""
    kept = np.flatnonzero(alive(frame))
    first = pd.Series(kept).groupby(keys[kept]).transform("min").to_numpy()
    again, firsts = kept[first < kept], frame["row"].to_numpy()[first[first < kept]].tolist()
    return again, on_rows(code, again, context.headings.name(key) or None, keys[again], first=firsts)
