"""Whole numbers → texts that the page can afford; ``static/core/packing.js`` reads them back."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from siting.types import Cell, Json

DIGITS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", np.uint8)
"""Characters of packed numbers: none that JSON or HTML would have to escape."""


THREES = 27
"""Characters that hold three numbers, each −1, 0 or 1."""
ALONE = 18
"""From minus this to one less, a number stands in a character alone."""

MOST_COMPARED = 200
"""Rows by which columns are held against one another."""


def packed(numbers: ArrayLike) -> str:
    """Write whole numbers as one text, a digit to the base 32 in a character, small numbers the shortest.

    Each number is folded (0, −1, 1, −2 … → 1, 2, 3, 4 …; 0 stands for missing or infinite) and written from
    its last digit on, 32 added to every digit but its first: variable-length quantities, as MIDI files
    have them. ``unpack`` reads it.

    >>> packed([0, -1, 1, float("nan")])
    'BCDA'
    """
    written, told = _digits(np.asarray(numbers, float))
    return _text(written[told])


def close_packed(numbers: ArrayLike) -> str:
    """Write whole numbers of which most are 0 or next to it: three in a character where all lie within ±1.

    A character below 27 holds three numbers, one below 63 a number from −18 to 17; the last one announces a
    number as `packed` writes it. ``unpackClose`` reads it.

    >>> close_packed([0, -1, 1, 5, 40])
    'Ly_xC'
    """
    exact = np.asarray(numbers, float)
    place = np.arange(len(exact))
    small = np.abs(exact) <= 1
    # Threes are counted off from the start of every run of small numbers.
    start = np.maximum.accumulate(np.where(small, 0, place + 1))
    after = np.append(small, [False, False])
    first = small & after[1:-1] & after[2:] & ((place - start) % 3 == 0)
    behind = np.append([False, False], first)
    second, third = behind[1:-1], behind[:-2]
    alone = ~(first | second | third) & (exact >= -ALONE) & (exact < ALONE)
    whole = np.where(small | alone, exact, 0).astype(np.int64)
    three = 9 * (whole + 1) + 3 * (np.roll(whole, -1) + 1) + np.roll(whole, -2) + 1
    lead = np.where(first, three, np.where(alone, THREES + whole + ALONE, len(DIGITS) - 1))
    written, told = _digits(exact)
    told &= ~(first | second | third | alone)[:, None]
    return _text(np.column_stack([lead, written])[np.column_stack([~second & ~third, told])])


def _digits(exact: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Digits of each number, the last first, n × places, and which of them are written."""
    missing = ~np.isfinite(exact)
    whole = np.where(missing, 0, exact).round().astype(np.int64)
    code = np.where(missing, 0, ((whole << 1) ^ (whole >> 63)) + 1)
    # One step more than the longest number needs, so that a number's last digit is told by what is left.
    places = 5 * np.arange(max(int(code.max(initial=0)).bit_length() // 5 + 1, 1))
    left = code[:, None] >> places
    return (left & 31) + 32 * (left >> 5 > 0), (left > 0) | (places == 0)


def _text(digits: NDArray[np.int64]) -> str:
    return str(DIGITS[digits].tobytes(), "ascii")


def number_steps(numbers: pd.Series, pack: Callable[[ArrayLike], str] = packed) -> str:
    """Pack whole numbers as steps from the last that was not missing: neighbours are near everything alike.

    >>> number_steps(pd.Series([20.0, 21.0, np.nan, 23.0]))
    'pBDAF'
    """
    whole = numbers.round().replace([np.inf, -np.inf], np.nan)
    moved = whole.ffill().fillna(0).diff().fillna(whole.iloc[:1].fillna(0))
    return pack(moved.where(whole.notna()))


def like_columns(table: pd.DataFrame) -> list[tuple[int, str]]:
    """Pack columns of whole numbers, each as what it differs from the earlier column most like it.

    Returns
    -------
    list of (number of that column or −1, steps of the differences as `close_packed` writes them); where
    the other column knows nothing, its last number stands. ``unpackColumns`` reads it.
    """
    whole = table.round().replace([np.inf, -np.inf], np.nan)
    filled = whole.ffill().fillna(0)
    told = []
    for j, of in enumerate(_most_like(filled.to_numpy(float))):
        apart = whole.iloc[:, j] - (filled.iloc[:, of] if of >= 0 else 0)
        told.append((of, number_steps(apart, close_packed)))
    return told


def _most_like(filled: NDArray[np.float64]) -> list[int]:
    """Find the earlier column whose steps each column follows best; −1 where it follows none."""
    every = max(len(filled) // MOST_COMPARED, 1)
    steps = np.diff(filled, axis=0)[::every].T
    found = []
    for j, own in enumerate(steps):
        away = np.abs(own - np.vstack([np.zeros_like(own), steps[:j]])).sum(axis=1)
        found.append(int(away.argmin()) - 1)
    return found


def json_number(value: Cell) -> float | str | None:
    """Turn a number into what JSON knows: missing is None, unreachable ``"inf"``, six digits kept."""
    if value is None or pd.isna(value):
        return None
    number = float(value)
    if math.isinf(number):
        return "inf"
    kept = float(f"{number:.6g}")
    return int(kept) if kept.is_integer() else kept


def column_once(cells: list[Json]) -> list[Json] | dict[str, Json]:
    """Tell each value of a column once, ``of``, and its number in each row, ``at``, where that is shorter.

    >>> column_once(["build", "build", "mobile", "build", "build"])
    {'of': ['build', 'mobile'], 'at': 'BBDBB'}
    """
    texts = [_json(cell) for cell in cells]
    known = dict(zip(texts, cells, strict=True))
    number = {text: n for n, text in enumerate(known)}
    once: dict[str, Json] = {"of": list(known.values()), "at": packed([number[text] for text in texts])}
    return once if len(_json(once)) < len(_json(cells)) else cells


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
