"""Cells that hold a mobile or an identity number, whatever their heading → the cells with it masked."""

from __future__ import annotations

import re
from datetime import date

from siting.inputs.files.raw import Chunk

# Digits behind a point belong to a coordinate or an amount.
_MOBILE = re.compile(r"(?<![\d.])(1[3-9]\d)\d{4}(\d{4})(?![\d.])")
_IDENTITY = re.compile(r"(?<![\dA-Za-z.])([1-8]\d{5})(\d{8})(\d{3})([\dXx])(?![\dA-Za-z.])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the check digit (GB 11643-1999)."""


def mask_personal(chunk: Chunk) -> list[int]:
    """Mask personal numbers in every cell of a chunk, in place; return the rows that held one.

    A mobile number keeps its first three and last four digits, an identity number its region. A credit code
    of digits alone is none: birthday and check digit (GB 11643-1999) must be those of an identity number.
    """
    rows: set[int] = set()
    for column in chunk.columns:
        whole = "\n".join(column)
        if not (_MOBILE.search(whole) or _IDENTITY.search(whole)):
            continue
        for i, cell in enumerate(column):
            if (masked := masked_text(cell)) != cell:
                column[i] = masked
                rows.add(int(chunk.row_numbers[i]))
    for row, cells in chunk.damaged_cells.items():
        masked_cells = [masked_text(cell) for cell in cells]
        if masked_cells != cells:
            chunk.damaged_cells[row] = masked_cells
            rows.add(row)
    return sorted(rows)


def masked_text(text: str) -> str:
    """Mask the mobile and identity numbers in a text.

    >>> masked_text("联系 13800001234")
    '联系 138****1234'
    """
    text = _MOBILE.sub(r"\1****\2", text)
    return _IDENTITY.sub(lambda found: _masked_identity(found), text)


def _masked_identity(found: re.Match[str]) -> str:
    number = found[0].upper()
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if "10X98765432"[total % 11] != number[-1] or not _is_birthday(found[2]):
        return found[0]
    return found[1] + "*" * 12


def _is_birthday(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= 1900
    except ValueError:
        return False
