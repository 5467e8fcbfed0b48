"""Hours saved by enterprise and option, packed: of most, minutes and one line an enterprise tell nearly all.

An enterprise makes as many trips wherever the site is, so what it saves falls with the minutes along a
line of its own. The line is sent once, and of each option only what differs from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.outputs.page.packed.packing import close_packed, packed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from siting.types import Json

RATE_SCALE, BASE_SCALE = 256, 16
"""Steps in an hour a minute and in an hour, as ``static/core/enterprises.js`` has them."""

ROUNDS = 4
"""Fits, each on the half of the options that lay nearest to the line before."""


def packed_savings(saved: pd.DataFrame, minutes: pd.DataFrame, same: Mapping[str, str]) -> dict[str, Json]:
    """Pack hours, row × option: ``saved`` as steps between options, ``rest`` as lines leave it.

    Lines are sent where they pay.
    """
    whole = saved.round().copy()
    placed = [option for option in whole if same.get(str(option), option) in minutes]
    if not placed:
        return {"saved": _steps(whole)}
    at = pd.DataFrame(
        {option: minutes[same.get(str(option), option)].round() for option in placed}, saved.index
    )
    rate, base = fit_lines(at.to_numpy(float), whole[placed].to_numpy(float))
    lines = {"rate": packed(rate), "base": packed(base)}
    rest = {}
    for option in placed:
        text = close_packed(whole[option] - on_line(rate, base, at[option].to_numpy(float)))
        if len(text) < len(packed(whole[option])):
            rest[str(option)] = text
    steps = _steps(whole.drop(columns=list(rest)))
    if _size(steps) + _size(rest) + _size(lines) >= _size(_steps(whole)):
        return {"saved": _steps(whole)}
    return {"saved": steps, "rest": rest, **lines}


def fit_lines(minutes: NDArray[np.float64], saved: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Fit a line to the options of each row: hours a minute and hours at none, in whole steps.

    >>> fit_lines(np.array([[10.0, 20.0, 40.0]]), np.array([[90.0, 80.0, 60.0]]))
    (array([-256.]), array([1600.]))
    """
    known = np.isfinite(minutes) & np.isfinite(saved)
    # A row of which nothing is known has the line at none.
    told = known | ~known.any(axis=1, keepdims=True)
    x, y = np.where(known, minutes, 0.0), np.where(known, saved, 0.0)
    used = known.astype(float)
    slope = level = np.zeros(len(x))
    for _ in range(ROUNDS):
        n = np.maximum(used.sum(axis=1), 1.0)
        x_mean, y_mean = (used * x).sum(axis=1) / n, (used * y).sum(axis=1) / n
        apart = used * (x - x_mean[:, None])
        spread = (apart * x).sum(axis=1)
        slope = np.divide((apart * y).sum(axis=1), spread, out=np.zeros(len(x)), where=spread > 0)
        level = y_mean - slope * x_mean
        off = np.abs(y - slope[:, None] * x - level[:, None])
        middle = np.nanmedian(np.where(told, off, np.nan), axis=1, keepdims=True)
        used = (known & (off <= np.maximum(middle, 0.5))).astype(float)
    return np.round(RATE_SCALE * slope), np.round(BASE_SCALE * level)


def on_line(
    rate: NDArray[np.float64], base: NDArray[np.float64], minutes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Read whole hours off the lines; none where the minutes are unknown."""
    each, known = RATE_SCALE // BASE_SCALE, np.isfinite(minutes)
    steps = each * base + rate * np.where(known, minutes, 0.0)
    return np.where(known, np.floor(steps / RATE_SCALE + 0.5), 0.0)


def _steps(whole: pd.DataFrame) -> dict[str, str]:
    """Pack what each option saves more than the one before: small numbers are short."""
    less = whole.diff(axis=1).fillna(whole)
    return {str(option): packed(less[option]) for option in less}


def _size(texts: Mapping[str, str]) -> int:
    return sum(map(len, texts.values()))
