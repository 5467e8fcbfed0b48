"""Codes of firms and industries as found → checked codes, or missing with the reason.

Credit codes after GB 32100 (mod 31) with the organisation code inside after GB 11714 (mod 11);
industries after GB/T 4754 of a declared year, by the divisions that each section holds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.inputs.dictionary.words import fold
from siting.inputs.tables.values import is_missing, unhidden
from siting.messages import refusal

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])

SECTIONS: dict[int, dict[str, tuple[int, int]]] = {
    2002: {
        "A": (1, 5), "B": (6, 11), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 59), "G": (60, 62),
        "H": (63, 65), "I": (66, 67), "J": (68, 71), "K": (72, 72), "L": (73, 74), "M": (75, 78),
        "N": (79, 81), "O": (82, 83), "P": (84, 84), "Q": (85, 87), "R": (88, 92),
        "S": (93, 97), "T": (98, 98),
    },
    2011: {
        "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
        "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75),
        "N": (76, 78), "O": (79, 81), "P": (82, 82), "Q": (83, 84), "R": (85, 89),
        "S": (90, 95), "T": (96, 96),
    },
    2017: {
        "A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60),
        "H": (61, 62), "I": (63, 65), "J": (66, 69), "K": (70, 70), "L": (71, 72), "M": (73, 75),
        "N": (76, 79), "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90),
        "S": (91, 96), "T": (97, 97),
    },
}  # fmt: skip
"""Section → first and last division, by year of the standard (GB/T 4754-2002, -2011, -2017).

Classes below the division are not listed here: a code is judged by its form, its division and its letter.
"""


def parse_standard(text: str | int | None) -> int | None:
    """Read the year of GB/T 4754 from "2017" or "GB/T 4754-2017"; None stays None.

    Raises
    ------
    InputError
        If the year is none of 2002, 2011, 2017.

    Examples
    --------
    >>> parse_standard("GB/T 4754-2011"), parse_standard(2017), parse_standard(None)
    (2011, 2017, None)
    """
    if text is None:
        return None
    year = re.search(r"(?:19|20)\d\d", str(text))
    if year is None or int(year[0]) not in SECTIONS:
        raise refusal("", "E586", year=text, allowed=", ".join(map(str, SECTIONS)))
    return int(year[0])


def is_uscc(codes: Sequence[str]) -> NDArray[np.bool_]:
    """Check 18-character credit codes: alphabet, outer and inner check digit. Vectorised.

    >>> is_uscc(["91350100M000100Y43", "91350100M000100Y44"])
    array([ True, False])
    """
    fixed = np.array(codes, dtype="U18")
    right_length = np.array([len(code) == 18 for code in codes], dtype=bool)
    letters = fixed.view(np.uint32).reshape(len(fixed), 18)
    values = _table(_ALPHABET)[np.minimum(letters, 127)]
    inner = _table(_ORGANISATION_ALPHABET)[np.minimum(letters[:, 8:17], 127)]
    outer_ok = (31 - values[:, :17] @ _WEIGHTS % 31) % 31 == values[:, 17]
    registered = letters[:, 0] != ord("0")  # no authority has the number 0
    inner_ok = _inner_ok(inner, letters[:, 16])
    sound: NDArray[np.bool_] = right_length & registered & (values >= 0).all(axis=1) & outer_ok & inner_ok
    return sound


def is_organisation_code(codes: Sequence[str]) -> NDArray[np.bool_]:
    """Check 9-character organisation codes (GB 11714), the dash dropped. Vectorised."""
    fixed = np.array(codes, dtype="U9")
    right_length = np.array([len(code) == 9 for code in codes], dtype=bool)
    letters = np.minimum(fixed.view(np.uint32).reshape(len(fixed), 9), 127)
    values = _table(_ORGANISATION_ALPHABET)[letters]
    return right_length & (values >= 0).all(axis=1) & _inner_ok(values, letters[:, 8])


def _inner_ok(values: NDArray[np.int64], last: NDArray[np.uint32]) -> NDArray[np.bool_]:
    check = (11 - values[:, :8] @ _ORGANISATION_WEIGHTS % 11) % 11
    fits: NDArray[np.bool_] = np.where(check == 10, last == ord("X"), last == ord("0") + check)
    return fits


def _table(alphabet: str) -> NDArray[np.int64]:
    values = np.full(128, -1, dtype=np.int64)
    values[[ord(letter) for letter in alphabet]] = np.arange(len(alphabet))
    return values


def check_uscc(texts: Sequence[str]) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Keep sound credit codes; say of each other cell what it is.

    Returns
    -------
    codes, faults
        Codes as text, None where missing; position → ``reformed`` (kept without blanks, in capitals),
        ``rounded, organisation, registration, length, check`` (missing).
    """
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    good = is_uscc(texts) if len(texts) else np.zeros(0, bool)
    faults: dict[int, str] = {}
    for i in np.flatnonzero(~good).tolist():
        found[i], fault = _other_code(texts[i])
        if fault:
            faults[i] = fault
    return found, faults


def _other_code(text: str) -> tuple[str | None, str | None]:
    if re.fullmatch(r"[0-9A-Z]{18}", text):
        return None, "rounded" if re.fullmatch(r"\d{15}000", text) else "check"
    if is_missing(text):
        return None, None
    code = re.sub(r"[\s\-'`]", "", fold(unhidden(text))).upper().removesuffix(".0")
    if is_uscc([code])[0]:
        return code, "reformed"
    if re.fullmatch(r"\d(?:\.\d+)?E\+?1[78]", code) or re.fullmatch(r"\d{15}000", code):
        return None, "rounded"
    if is_organisation_code([code])[0]:
        return None, "organisation"
    if re.fullmatch(r"\d{15}|\d{13}", code):
        return None, "registration"
    return None, "length" if len(code) != 18 else "check"


_INDUSTRY = re.compile(r"([A-T])?\s*(\d{2,4})(?:\.0*)?(?:\s*[^\W\d_][^;,/|\d]*)?", re.IGNORECASE)


def check_industries(texts: Sequence[str], *, year: int | None) -> tuple[NDArray[np.object_], dict[int, str]]:
    """Keep industry codes as text, 2 to 4 digits; say of each other cell why it is unclear.

    A code is never translated and never completed. Its division must exist in the standard of the
    declared year (in any, if none is declared) and its letter must fit. Three digits are left to
    `settle_short_codes`, which needs the whole column.

    Returns
    -------
    codes, faults
        Codes, None where missing; position → ``unclear``.
    """
    codes, uniques = pd.factorize(np.array(texts, dtype=object))
    parsed = np.empty(len(uniques), dtype=object)
    parsed[:] = [_industry(text, year) for text in uniques]
    found = parsed[codes] if len(uniques) else np.empty(0, dtype=object)
    unclear = np.array([code is None and not is_missing(t) for code, t in zip(parsed, uniques, strict=True)])
    positions: list[int] = np.flatnonzero(unclear[codes]).tolist() if len(uniques) else []
    return found, dict.fromkeys(positions, "unclear")


def _industry(text: str, year: int | None) -> str | None:
    match = _INDUSTRY.fullmatch(fold(text))
    if not match:
        return None
    letter, digits = (match[1] or "").upper(), match[2]
    found = sections(int(digits[:2]), year)
    return digits if found and (not letter or letter in found) else None


def sections(division: int, year: int | None) -> set[str]:
    """Give the sections that hold a division: one for a declared year, perhaps several without.

    >>> sections(44, 2017)  # electricity and heat
    {'D'}
    """
    years = [year] if year else list(SECTIONS)
    return {s for y in years for s, (first, last) in SECTIONS[y].items() if first <= division <= last}


def settle_short_codes(codes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Mark three-digit codes that may have lost a leading zero.

    111 may be group 111 or class 0111 saved as a number. It counts as a group only where the same file
    writes a class of that group in full (1512 beside 151) and does not write 0111.
    """
    present = {code for code in pd.unique(codes) if isinstance(code, str)}
    full = {code for code in present if len(code) == 4}
    groups = {code[:3] for code in full}
    doubtful = [
        code
        for code in present
        if len(code) == 3 and code[0] != "0" and (code not in groups or "0" + code in full)
    ]
    return pd.Series(codes).isin(doubtful).to_numpy()
