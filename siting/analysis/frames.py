"""Cells of checked tables → arrays and lists, with a stand-in for what is missing; which option is today."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.messages import refusal
from siting.option_kinds import TODAY, having


def numbers(frame: pd.DataFrame, column: str, missing: float = np.nan) -> NDArray[np.float64]:
    """Return a column as floats; `missing` where a cell or the whole optional column is absent."""
    if column not in frame:
        return np.full(len(frame), missing)
    values = frame[column]
    if values.dtype == object:
        values = pd.to_numeric(values)
    array = values.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(array), missing, array)


def is_illustrative(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell of each row whether it is made up; one that states no basis is not.

    Examples
    --------
    >>> is_illustrative(pd.DataFrame({"basis": ["illustrative", "sourced", None]})).tolist()
    [True, False, False]
    """
    if "basis" not in rows:
        return np.zeros(len(rows), dtype=bool)
    return (rows["basis"] == "illustrative").fillna(False).to_numpy(bool)


def words(cell: object) -> tuple[str, ...]:
    """Return a list cell as a tuple; empty where missing."""
    if isinstance(cell, str):
        cell = cell.split(";")
    return tuple(str(word).strip() for word in cell) if isinstance(cell, list | tuple) else ()


def baseline_option(sites: pd.DataFrame) -> str:
    """Return the id of the option of kind ``city``: today, against which everything is counted.

    Raises
    ------
    InputError
        There is none.
    """
    city = sites.index[having(sites["kind"], lambda kind: kind.is_today)]
    if not len(city):
        raise refusal("", "E735", today=TODAY.id)
    today: str = city[0]
    return today


def placed_options(options: pd.DataFrame) -> pd.Index:
    """Return the ids of the options that need a place: they are ranked, the others appraised only."""
    return options.index[having(options["kind"], lambda kind: kind.has_place)]


def grouped(table: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the rows of each group, n_groups × …; rows of group −1 belong to none.

    Examples
    --------
    >>> grouped(np.array([[1.0], [2.0], [4.0], [8.0]]), np.array([0, 1, 0, -1]))
    array([[5.],
           [2.]])
    """
    sums = np.zeros((int(group.max(initial=-1)) + 1, *table.shape[1:]))
    np.add.at(sums, group[group >= 0], table[group >= 0])
    return sums
