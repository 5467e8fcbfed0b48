"""Hours of work a year → staff and test lines: what a centre needs to do the tests handed in.

Hours, not tests: a gauge takes minutes, a full test of food a day and a half.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.frames import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

HOURS_PER_TEST = 2.0
"""Person-hours a test where the catalogue states none (assumed)."""

_TINY = 1e-9
"""Part of a person or line that is rounding."""


def hours_per_test(services: pd.DataFrame) -> NDArray[np.float64]:
    """Return the person-hours that one test takes, by service; see `HOURS_PER_TEST`."""
    stated: NDArray[np.float64] = numbers(services, "hours_per_test", HOURS_PER_TEST)
    return stated


def staff_needed(
    work_hours: ArrayLike, hours_per_person: float, minimum: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """Return the whole persons that do the work, never fewer than the minimum.

    >>> staff_needed([1000, 30_001, 60_000], 1500, 20).tolist()
    [20.0, 21.0, 40.0]
    """
    return np.maximum(minimum, np.ceil(np.asarray(work_hours, float) / hours_per_person - _TINY))


def lines_needed(work_hours: ArrayLike, hours_per_line: float) -> NDArray[np.float64]:
    """Return how many times the equipment of a test line is bought: once, and once more for each overflow.

    >>> lines_needed([0, 12_000, 12_001], 12_000).tolist()
    [1.0, 1.0, 2.0]
    """
    return staff_needed(work_hours, hours_per_line, 1.0)


def load_per_person(tests: ArrayLike, staff: ArrayLike) -> NDArray[np.float64]:
    """Return the tests a year that fall to one person; NaN where nobody is employed.

    >>> load_per_person([39785, 0], [25, 0]).tolist()
    [1591.4, nan]
    """
    many, persons = np.asarray(tests, float), np.asarray(staff, float)
    load: NDArray[np.float64] = np.divide(many, persons, out=np.full(many.shape, np.nan), where=persons > 0)
    return load
