"""A table of travel times from elsewhere → a checked, frozen matrix.

First column: ids of the origins; one column a destination. Empty cells and ``inf`` mean that no way leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Any, Literal

import numpy as np
import pandas as pd

from siting.inputs.dictionary.issues import IssueLog, shown
from siting.inputs.files.levels import HEADING_SCORE
from siting.inputs.files.opener import read_raw
from siting.inputs.files.raw import RawTable, refuse
from siting.messages import Text, joined, refusal, text_of
from siting.types import Issue, TimeMatrix

Unit = Literal["min", "s", "h"]
MINUTES = {"min": 1.0, "s": 1.0 / 60.0, "h": 60.0}
LONGEST_MIN = 24 * 60.0
"""Above this a time is taken for a wrong unit, minutes."""
DETOUR_TOLERANCE_MIN = 2.0
"""By how much a way round must be shorter to be reported: what four times in whole minutes may add up to."""
ROUNDING_MIN = 0.5
"""What a time in whole minutes may lack."""
FASTEST_KMH = 150.0
"""No car averages more over a trip, least of all in a straight line."""
USUAL = (0.5, 2.0)
"""Ratio to the times by road within which nothing is said: their speeds are assumed."""
CREDIBLE = (0.1, 10.0)
"""Ratio beyond which no traffic and no road explains the difference."""
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
        more than a day). No time above 0.
    """
    if unit not in MINUTES:
        raise refusal("", "E660", unit=unit, allowed=", ".join(MINUTES))
    wanted = {str(name) for name in destinations}
    # One site is enough to know the heading, though a table wants two columns known.
    table = read_raw(
        path, is_heading=lambda cells: HEADING_SCORE * sum(cell.strip() in wanted for cell in cells)
    )
    cells, rows = _cells(table)
    others = len(rows) - len(origins), len(cells.columns) - len(destinations)
    problems = _ids_wrong(cells.index, origins, "P93") + _ids_wrong(cells.columns, destinations, "P94")
    _refuse(table.file, problems)
    row_of = dict(zip(cells.index, rows, strict=True))
    cells = cells.loc[[str(name) for name in origins], [str(name) for name in destinations]]
    minutes, problems = _minutes(cells, row_of, MINUTES[unit])
    _refuse(table.file, problems)
    frozen = minutes.to_numpy(copy=True)
    frozen.flags.writeable = False
    if frozen.size and not ((frozen > 0) & np.isfinite(frozen)).any():
        refuse(table.file, "E595")
    log = IssueLog(table.file)
    if any(others):
        log.add("R130", origins=others[0], destinations=others[1])
    _note_detours(log, minutes)
    log.add("R132")
    return TimeMatrix(
        frozen, tuple(minutes.index), tuple(minutes.columns), table.file, table.sha256, log.sorted()
    )


def _cells(table: RawTable) -> tuple[pd.DataFrame, list[int]]:
    """Gather the cells of a matrix, by the ids of both sides, and the row number of each origin."""
    columns: list[list[str]] = [[] for _ in table.headings]
    rows: list[int] = []
    for chunk in table.chunks():
        rows += chunk.row_numbers.tolist()
        for whole, part in zip(columns, chunk.columns, strict=True):
            whole += [cell.strip() for cell in part]
    cells = pd.DataFrame(dict(enumerate(columns[1:])), index=pd.Index(columns[0]), dtype=object)
    cells.columns = pd.Index([heading.strip() for heading in table.headings[1:]])
    return cells, rows


def _refuse(file: str, problems: list[Text]) -> None:
    if problems:
        rest = len(problems) - LISTED
        more = [text_of("P90", count=rest)] if rest > 0 else []
        raise refusal(file, "E661", problems=joined([*problems[:LISTED], *more]))


def _ids_wrong(have: pd.Index, wanted: Sequence[str], code: str) -> list[Text]:
    known, what = set(have), text_of(code)
    missing = [text_of("P91", what=what, name=name) for name in map(str, wanted) if name not in known]
    repeated = [name for name in have[have.duplicated()].unique() if name in set(wanted)]
    return missing + [text_of("P92", what=what, name=name) for name in repeated]


def _minutes(cells: pd.DataFrame, row_of: dict[str, int], factor: float) -> tuple[pd.DataFrame, list[Text]]:
    text = cells.replace("", "inf")
    numbers = text.apply(pd.to_numeric, errors="coerce").astype(np.float64) * factor
    wrong = numbers.isna() | (numbers < 0) | ((numbers > LONGEST_MIN) & np.isfinite(numbers))
    problems = [
        text_of(
            "P95",
            row=row_of[cells.index[i]],
            column=cells.columns[j],
            value=cells.iat[i, j],
            most=LONGEST_MIN / factor,
        )
        for i, j in np.argwhere(wrong.to_numpy())
    ]
    return numbers, problems


def _note_detours(log: IssueLog, minutes: pd.DataFrame) -> None:
    """Report where a way round another site and another enterprise is shorter, if times are alike both ways.

    Origin i to site j takes no longer than i to site l, back to the origin k that lies best between l and j,
    and on to j. Whoever breaks this has mixed units or hours, or a typing error.
    """
    times = minutes.to_numpy()
    worst, where, count = DETOUR_TOLERANCE_MIN, None, 0
    for j in range(times.shape[1]):
        legs = times + times[:, [j]]
        round_about = times + legs.min(axis=0, initial=np.inf)
        straight = np.where(np.isfinite(times[:, j]), times[:, j], 0.0)
        less = straight - round_about.min(axis=1, initial=np.inf)
        count += int((less > DETOUR_TOLERANCE_MIN).sum())
        if less.max(initial=0.0) > worst:
            i = int(less.argmax())
            via = int(round_about[i].argmin())
            worst, where = float(less[i]), (i, j, via, int(legs[:, via].argmin()))
    if where is None:
        return
    i, j, via, k = where
    end = minutes.columns[j]
    # Where places are both row and column, one of them may be met twice.
    stops = dict.fromkeys(stop for stop in (minutes.columns[via], minutes.index[k]) if stop != end)
    log.add(
        "R131",
        value=f"{times[i, j]:.1f}",
        start=shown(minutes.index[i]),
        end=shown(end),
        minutes=f"{times[i, j]:.1f}",
        less=f"{worst:.1f}",
        via=" → ".join(map(shown, stops)),
        count=count,
        cells=int(np.isfinite(times).sum()),
    )


def compare_with_roads(file: str, unit: Unit, cells: pd.DataFrame) -> tuple[Issue, ...]:
    """Report what of a matrix does not go with the times by road: wrong units, typing errors, gaps.

    Parameters
    ----------
    file
        Name of the matrix's file.
    unit
        Unit in which its cells were read.
    cells
        One row a cell, see `siting.analysis.travel.beside_roads`.
    """
    log = IssueLog(file)
    timed, by_road = np.isfinite(cells["given"]), np.isfinite(cells["road"])
    both = cells[timed & by_road]
    if len(both):
        _note_ratio(log, both, unit)
    lacking = cells["km"] / FASTEST_KMH * 60.0 - cells["given"]
    fast = cells[lacking > ROUNDING_MIN]
    if len(fast):
        worst = cells.iloc[int(lacking.argmax())]
        _add(log, "R135", worst, len(fast), timed.sum(), kmh=f"{FASTEST_KMH:g}")
    for code, odd, among in (("R137", by_road & ~timed, len(cells)), ("R138", timed & ~by_road, timed.sum())):
        if odd.any():
            _add(log, code, cells[odd].iloc[0], odd.sum(), among)
    return log.sorted()


def _note_ratio(log: IssueLog, both: pd.DataFrame, unit: Unit) -> None:
    """Compare the medians; where they agree, single cells."""
    given, road = both["given"].median(), both["road"].median()
    ratio = given / road if road > 0 else np.inf
    farthest = both.loc[np.log(both["factor"]).abs().idxmax()]
    off = (both["factor"] < CREDIBLE[0]) | (both["factor"] > CREDIBLE[1])
    if USUAL[0] <= ratio <= USUAL[1]:
        if off.any():
            _add(log, "R136", farthest, off.sum(), len(both))
        return
    fits = [
        other for other, factor in MINUTES.items() if USUAL[0] <= ratio * factor / MINUTES[unit] <= USUAL[1]
    ]
    _add(
        log,
        "R133" if CREDIBLE[0] <= ratio <= CREDIBLE[1] else "R134",
        farthest,
        ratio=f"{ratio:.2g}",
        given=f"{given:.1f}",
        road=f"{road:.1f}",
        unit=unit,
        guess=f' (unit = "{fits[0]}" would fit)' if fits else "",
        guess_zh=f'（改为 unit = "{fits[0]}" 则与路网相当）' if fits else "",
    )


def _add(
    log: IssueLog,
    code: str,
    cell: pd.Series,
    count: int | None = None,
    cells: int | None = None,
    **words: Any,
) -> None:
    """Record an issue that names one cell and says how many are like it."""
    log.add(
        code,
        value=None if count is None else int(count),
        start=shown(cell["start"]),
        end=shown(cell["end"]),
        minutes=f"{cell['given']:.1f}",
        far=f"{cell['given']:.1f}",
        far_road=f"{cell['road']:.1f}",
        km=f"{cell['km']:.1f}",
        count=count,
        cells=cells,
        **words,
    )
