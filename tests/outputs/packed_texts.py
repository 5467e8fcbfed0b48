"""Packed numbers of the page, read by another hand than its scripts'."""

import re

import numpy as np
import pandas as pd

from siting.outputs.page.packed import packing


def unpacked(text):
    """Read packed numbers by long division, as another hand would: None where one is missing."""
    alphabet = packing.DIGITS.tobytes().decode("ascii")
    numbers = []
    for word in re.findall("[g-z0-9_-]*[A-Za-f]", text):
        code = sum((alphabet.index(letter) % 32) * 32**place for place, letter in enumerate(word))
        sign = 1 if code % 2 else -1
        numbers.append(sign * (code // 2) if code else None)
    return numbers


def walked(text):
    """Add up packed steps; a missing number makes no step."""
    total, numbers = 0, []
    for step in unpacked(text):
        total += step or 0
        numbers.append(None if step is None else total)
    return numbers


def close_numbers(text):
    """Read numbers near 0 character by character: three in one, one, or one as `unpacked` reads it."""
    alphabet = packing.DIGITS.tobytes().decode("ascii")
    numbers = []
    for word in re.findall("_[g-z0-9_-]*[A-Za-f]|[^_]", text):
        digit = alphabet.index(word[0])
        if word[1:]:
            numbers += unpacked(word[1:])
        elif digit < 27:
            numbers += [int(place) - 1 for place in np.base_repr(digit, 3).zfill(3)]
        else:
            numbers.append(digit - 45)
    return numbers


def columns_read(told):
    """Read columns of which each differs little from an earlier one; an unknown number makes no step."""
    found = []
    for like, text in told:
        other = pd.Series(found[like], dtype=float).ffill().fillna(0).tolist() if like >= 0 else None
        total, column = 0, []
        for n, step in enumerate(close_numbers(text)):
            total += step or 0
            column.append(None if step is None else total + (other[n] if other else 0))
        found.append(column)
    return found


def cells_of(column):
    """Read a column that may tell each of its values once."""
    return column if isinstance(column, list) else [column["of"][n] for n in unpacked(column["at"])]
