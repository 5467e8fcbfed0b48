"""Cells of one column, other than coordinates → checked values by the data dictionary, and findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.inputs.dictionary.columns import Column
from siting.inputs.dictionary.words import fold, words
from siting.inputs.headings.match_headings import Headings
from siting.inputs.tables.codes import check_industries, check_uscc
from siting.inputs.tables.rule import Context, Finding, RowContext, on_rows
from siting.inputs.tables.values import (
    ABOUT,
    BAD,
    ERROR,
    RANGE,
    REFORMED,
    clean_texts,
    iso_date,
    missing_mask,
    parse_numbers,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ODD_CELLS = {
    "error": "an error",
    "boolean": "true or false",
    "date": "a date",
    "percent": "a percentage",
    "formula_no_value": "a formula without a stored result",
    "list": "a list",
}
_CODE_FAULTS = {
    "organisation": "an old organisation code",
    "registration": "an old registration number",
    "length": "not 18 characters",
    "check": "a check digit fails",
}


@dataclass(frozen=True)
class Cells:
    """One column of a chunk, and which of its rows are to be reported on."""

    column: Column
    heading: str
    texts: Sequence[str]
    alive: NDArray[np.bool_]
    """Rows not set aside already: of the others nothing more is said."""
    odd: Mapping[int, str]
    """Position → kind of a typed workbook cell that is no value."""
    found: list[Finding] = field(default_factory=list)
    """What has been said of the cells so far."""

    def report(self, code: str, positions: Sequence[int] | NDArray[np.int64], **each: object) -> None:
        """Say something of the cells at these positions; lists among the words belong to the positions."""
        keep = [k for k, i in enumerate(positions) if self.alive[i]]
        if keep:
            chosen = [int(positions[k]) for k in keep]
            own = {n: [v[k] for k in keep] if isinstance(v, list) else v for n, v in each.items()}
            values = [self.texts[i] for i in chosen]
            self.found.append(on_rows(code, chosen, self.heading, values, **own))


def cells_of(context: RowContext, name: str, alive: NDArray[np.bool_]) -> Cells:
    """Take one column out of a chunk."""
    chunk, headings = context.chunk, context.headings
    at = headings.fields[name]
    odd = {}
    if chunk.odd:
        place = {int(row): i for i, row in enumerate(chunk.row_numbers)}
        odd = {place[row]: kind for (row, c), kind in chunk.odd.items() if c == at and row in place}
    return Cells(context.columns[name], headings.names[at], chunk.columns[at], alive, odd)


def read_cells(cells: Cells, context: Context) -> NDArray[np.generic]:
    """Check a column by its rule in the dictionary; missing is NaN in numbers and None elsewhere."""
    column = cells.column
    if column.column in _CODES:
        return _CODES[column.column](cells, context)
    if column.dtype in ("int", "float"):
        return _numbers(cells, context.headings)
    if column.allowed:
        return _choices(cells)
    if column.dtype == "date":
        return _dates(cells)
    return _texts(cells)


def _texts(cells: Cells) -> np.ndarray:
    cleaned, changed = clean_texts(cells.texts)
    values = np.array(cleaned, dtype=object)
    is_list = cells.column.dtype == "list"
    # In a list "*" means all, not missing.
    values[[i for i in np.flatnonzero(missing_mask(cleaned)) if not (is_list and cleaned[i] == "*")]] = None
    _drop_odd(cells, values, kinds=("error", "formula_no_value"))
    cells.report(
        "E213", [i for i in changed if values[i] is not None and cleaned[i] != cells.texts[i].strip()]
    )
    if is_list:
        values = np.array([_listed(text) if text else None for text in values], dtype=object)
    return values


_CODE_LIST = re.compile(r"[\d\s;；、|,，]+")


def _listed(text: str) -> str:
    # Codes hold neither commas nor spaces, as names may.
    marks = r"[;；、|,，\s]" if _CODE_LIST.fullmatch(text) else r"[;；、|]"
    parts = (part.strip() for part in re.split(marks, text))
    return ";".join(part for part in parts if part)


def _drop_odd(cells: Cells, values: np.ndarray, kinds: Sequence[str] = tuple(_ODD_CELLS)) -> None:
    """Make typed workbook cells that are no value here missing, and say so."""
    for kind in kinds:
        at = [i for i, found in cells.odd.items() if found == kind]
        if at:
            values[at] = np.nan if values.dtype.kind == "f" else None
            reason = _ODD_CELLS[kind]
            cells.report("E208", at, reason=reason, reason_zh=words("reason")[reason])


def _numbers(cells: Cells, headings: Headings) -> np.ndarray:
    column = cells.column
    if column.column in headings.unusable:
        return np.full(len(cells.texts), np.nan)
    factor = headings.factors.get(column.column, 1.0)
    parsed = parse_numbers(cells.texts, dimension=column.dimension, factor=factor)
    values, found = parsed.values, parsed.found
    typed = np.zeros(len(values), bool)
    typed[list(cells.odd)] = True
    _drop_odd(cells, values)
    for kind, code in ((BAD, "E205"), (RANGE, "E207")):
        cells.report(code, np.flatnonzero((found == kind) & ~typed))
    broken = np.flatnonzero((found == ERROR) & ~typed)
    cells.report("E208", broken, reason="an error", reason_zh=words("reason")["an error"])
    _drop_impossible(cells, values)
    for kind, code in ((REFORMED, "E203"), (ABOUT, "E204")):
        at = np.flatnonzero((found == kind) & ~np.isnan(values))
        cells.report(code, at, value=[f"{v:.10g}" for v in values[at]])
    return values


def _drop_impossible(cells: Cells, values: np.ndarray) -> None:
    """Make numbers out of range, and parts of persons or pieces, missing."""
    column = cells.column
    with np.errstate(invalid="ignore"):
        outside = np.flatnonzero((values < column.minimum) | (values > column.maximum))
        broken = np.flatnonzero((values % 1 != 0) & ~np.isnan(values) & (column.dtype == "int"))
    parts = np.setdiff1d(broken, outside)
    cells.report("E206", outside, minimum=f"{column.minimum:,.10g}", maximum=f"{column.maximum:,.10g}")
    cells.report("E216", parts)
    values[outside] = np.nan
    values[parts] = np.nan


def _choices(cells: Cells) -> np.ndarray:
    """Read one of the allowed words, in English or Chinese; yes and no become true and false."""
    column = cells.column
    codes, uniques = pd.factorize(np.array(cells.texts, dtype=object))
    chosen = np.array([choice(text, column) for text in uniques], dtype=object)
    values = chosen[codes] if len(uniques) else np.empty(0, dtype=object)
    unknown = np.flatnonzero(pd.isna(values) & ~missing_mask(cells.texts))
    cells.report("E215", unknown, allowed=", ".join(column.allowed))
    if column.dtype == "bool":
        values = np.array([None if v is None else v == "yes" for v in values], dtype=object)
    return values


def _dates(cells: Cells) -> np.ndarray:
    """Read days as ISO 8601, as Excel keeps them or as people write them."""
    values = np.array([iso_date(text) for text in cells.texts], dtype=object)
    cells.report("R240", np.flatnonzero(pd.isna(values) & ~missing_mask(cells.texts)))
    return values


_ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""An id that a study may give by itself."""


def choice(text: str, column: Column) -> str | None:
    """Find the allowed value that a text means, in English or Chinese; None if it means none.

    Where the column is open to ids of a study's own, another text is such an id.
    """
    plain = fold(text).lower().replace(" ", "_")
    meant = [plain, *words("choice").get(fold(text), "").split(";")]
    if column.dtype == "bool":
        meant.append(
            {"true": "yes", "false": "no", "1": "yes", "0": "no", "y": "yes", "n": "no"}.get(plain, "")
        )
    known = next((word for word in meant if word in column.allowed), None)
    return known or (plain if column.is_open and _ID.fullmatch(plain) else None)


def _credit_codes(cells: Cells, _context: Context) -> np.ndarray:
    codes, faults = check_uscc(cells.texts)
    _drop_odd(cells, codes, kinds=("error", "formula_no_value"))
    by_fault: dict[str, list[int]] = {}
    for i, fault in faults.items():
        by_fault.setdefault(fault, []).append(i)
    cells.report(
        "E209", by_fault.pop("reformed", []), value=[codes[i] for i, f in faults.items() if f == "reformed"]
    )
    cells.report("E210", by_fault.pop("rounded", []))
    for fault, at in by_fault.items():
        reason = _CODE_FAULTS[fault]
        cells.report("E211", at, reason=reason, reason_zh=words("reason")[reason])
    return codes


def _industries(cells: Cells, context: Context) -> np.ndarray:
    known = context.region.codes if context.region else {}
    written = map(fold, cells.texts if known else ())
    assigned = {i: known[text] for i, text in enumerate(written) if text in known}
    texts = [assigned.get(i, text) for i, text in enumerate(cells.texts)]
    codes, faults = check_industries(texts, year=context.standard)
    cells.report("E860", list(assigned), to=list(assigned.values()))
    _drop_odd(cells, codes, kinds=("error", "formula_no_value", "date", "boolean"))
    cells.report("E212", list(faults))
    return codes


_CODES: Mapping[str, Callable[[Cells, Context], NDArray[np.generic]]] = {
    "uscc": _credit_codes,
    "industry": _industries,
}
"""Columns of codes, which check digits or the standard decide."""
