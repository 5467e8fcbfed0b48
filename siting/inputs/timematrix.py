"""A table of travel times from elsewhere → a checked, frozen matrix.

First column: ids of the origins; one column a destination. Empty cells and ``inf`` mean that no way leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Literal

import numpy as np
import pandas as pd

from siting.inputs.text import read_raw
from siting.types import InputError, Issue, TimeMatrix

Unit = Literal["min", "s", "h"]
MINUTES = {"min": 1.0, "s": 1.0 / 60.0, "h": 60.0}
LONGEST_MIN = 24 * 60.0
"""Above this a time is taken for a wrong unit, minutes."""
TRIANGLE_TOLERANCE_MIN = 0.5
"""By how much a way round a third place must be shorter to be reported, minutes."""
LISTED = 20
"""Problems that one message lists."""


def read_time_matrix(
    path: str | PathLike[str], *, origins: Sequence[str], destinations: Sequence[str], unit: Unit
) -> TimeMatrix:
    """Read travel times that the user brings.

    Parameters
    ----------
    path
        CSV or workbook.
    origins, destinations
        Ids that must be there; others are passed over and reported.
    unit
        Unit of the cells: minutes, seconds or hours.

    Raises
    ------
    InputError
        All at once: unknown unit, ids missing or repeated, cells that are no time (negative, text, NaN,
        more than a day).
    """
    if unit not in MINUTES:
        raise InputError(f"unit is {unit!r}; allowed: {', '.join(MINUTES)}.")
    wanted = {str(name) for name in destinations}
    table = read_raw(path, is_heading=lambda cells: sum(cell.strip() in wanted for cell in cells))
    columns: list[list[str]] = [[] for _ in table.headings]
    rows: list[int] = []
    for chunk in table.chunks():
        rows += chunk.row_numbers.tolist()
        for whole, part in zip(columns, chunk.columns, strict=True):
            whole += [cell.strip() for cell in part]
    cells = pd.DataFrame(dict(enumerate(columns[1:])), index=pd.Index(columns[0]), dtype=object)
    cells.columns = pd.Index([heading.strip() for heading in table.headings[1:]])
    problems = _ids_wrong(cells.index, origins, "row") + _ids_wrong(cells.columns, destinations, "column")
    _refuse(table.file, problems)
    row_of = dict(zip(cells.index, rows, strict=True))
    cells = cells.loc[[str(name) for name in origins], [str(name) for name in destinations]]
    minutes, problems = _minutes(cells, row_of, MINUTES[unit])
    _refuse(table.file, problems)
    frozen = minutes.to_numpy(copy=True)
    frozen.flags.writeable = False
    issues = _passed_over(table.file, len(rows) - len(origins), len(columns) - 1 - len(destinations))
    issues += _triangles(table.file, minutes)
    return TimeMatrix(frozen, tuple(minutes.index), tuple(minutes.columns), table.file, table.sha256, issues)


def _refuse(file: str, problems: list[str]) -> None:
    if problems:
        more = f"; and {len(problems) - LISTED} more" if len(problems) > LISTED else ""
        raise InputError(f"{file}: " + "; ".join(problems[:LISTED]) + more + ". Correct the matrix.")


def _ids_wrong(have: pd.Index, wanted: Sequence[str], what: str) -> list[str]:
    known = set(have)
    missing = [f"no {what} {name!r}" for name in map(str, wanted) if name not in known]
    twice = [
        f"{what} {name!r} stands twice" for name in have[have.duplicated()].unique() if name in set(wanted)
    ]
    return missing + twice


def _minutes(cells: pd.DataFrame, row_of: dict[str, int], factor: float) -> tuple[pd.DataFrame, list[str]]:
    text = cells.replace("", "inf")
    numbers = text.apply(pd.to_numeric, errors="coerce").astype(np.float64) * factor
    wrong = numbers.isna() | (numbers < 0) | ((numbers > LONGEST_MIN) & np.isfinite(numbers))
    problems = [
        f"row {row_of[cells.index[i]]}, column {cells.columns[j]!r}: {cells.iat[i, j]!r} is no travel time "
        f"(0 to {LONGEST_MIN / factor:g}; empty where no way leads)"
        for i, j in np.argwhere(wrong.to_numpy())
    ]
    return numbers, problems


def _passed_over(file: str, rows: int, columns: int) -> tuple[Issue, ...]:
    if rows + columns == 0:
        return ()
    text = f"{rows} rows and {columns} columns of other places were passed over."
    return (
        Issue(file, "R130", "note", text, action_zh=f"其他地点的 {rows} 行、{columns} 列未采用。"),
    )  # fmt: skip


def _triangles(file: str, minutes: pd.DataFrame) -> tuple[Issue, ...]:
    """Report where a way round a third place is shorter: a sign of mixed units, peaks or typing errors."""
    common = minutes.index.intersection(minutes.columns)
    times = minutes.loc[common, common].to_numpy()
    worst, where = 0.0, None
    for via in range(len(common)):
        excess = times - (times[:, [via]] + times[[via], :])
        excess[np.isnan(excess)] = 0.0
        if excess.size and excess.max() > worst:
            worst = float(excess.max())
            where = (*np.unravel_index(excess.argmax(), excess.shape), via)
    if where is None or worst <= TRIANGLE_TOLERANCE_MIN:
        return ()
    start, end, via = (common[k] for k in where)
    direct = f"{times[where[0], where[1]]:.1f}"
    return (
        Issue(
            file, "R131", "note",
            f"From {start} to {end} takes {direct} min, but {worst:.1f} min less by way of {via}.",
            value=direct, hint="Check the unit and the hour of these times.",
            action_zh=f"{start} 至 {end} 为 {direct} 分钟，而绕经 {via} 反而少 {worst:.1f} 分钟。",
            hint_zh="请核对这些时间的单位和时段。",
        ),
    )  # fmt: skip
