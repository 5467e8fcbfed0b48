"""Whole numbers → texts that the page can afford; ``static/core/packing.js`` reads them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

DIGITS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", np.uint8)
"""Characters of packed numbers: none that JSON or HTML would have to escape."""


def packed(numbers: ArrayLike) -> str:
    """Write whole numbers as one text, a digit to the base 32 in a character, small numbers the shortest.

    Each number is folded (0, −1, 1, −2 … → 1, 2, 3, 4 …; 0 stands for missing or infinite) and written from
    its last digit on, 32 added to every digit but its first: variable-length quantities, as MIDI files
    have them. ``unpack`` reads it.
    """
    exact = np.asarray(numbers, float)
    missing = ~np.isfinite(exact)
    whole = np.where(missing, 0, exact).round().astype(np.int64)
    code = np.where(missing, 0, ((whole << 1) ^ (whole >> 63)) + 1)
    # One step more than the longest number needs, so that a number's last digit is told by what is left.
    places = 5 * np.arange(max(int(code.max(initial=0)).bit_length() // 5 + 1, 1))
    left = code[:, None] >> places
    more = left >> 5 > 0
    written = DIGITS[(left & 31) + 32 * more]
    return str(written[(left > 0) | (places == 0)].tobytes(), "ascii")


def number_steps(numbers: pd.Series) -> str:
    """Whole numbers as steps from the last that was not missing: neighbours are near everything alike."""
    whole = numbers.round().replace([np.inf, -np.inf], np.nan)
    moved = whole.ffill().fillna(0).diff().fillna(whole.iloc[:1].fillna(0))
    return packed(moved.where(whole.notna()))
