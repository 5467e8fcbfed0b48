"""One series of yearly flows → present value, pay-back, residual value, ratios, what a change of sign takes.

Flows fall at the ends of the years 0 … n, constant prices; outflows are negative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Rates = float | Sequence[tuple[int, float]]
"""One rate, or the rates of a declining scale: (last year at it, rate), the last one holds on."""


def discount_factors(rates: Rates, horizon: int) -> NDArray[np.float64]:
    """Return what 1 of each year 0 … horizon is worth today.

    >>> discount_factors(0.25, 2).tolist()
    [1.0, 0.8, 0.64]
    >>> discount_factors([(1, 0.25), (75, 0.0)], 3).tolist()
    [1.0, 0.8, 0.8, 0.8]
    """
    if isinstance(rates, float | int):
        return np.array([(1.0 + rates) ** -year for year in range(horizon + 1)], dtype=np.float64)
    last = rates[-1][1]
    yearly = [next((r for until, r in rates if year <= until), last) for year in range(1, horizon + 1)]
    return np.array(list(accumulate(yearly, lambda f, rate: f / (1.0 + rate), initial=1.0)), dtype=np.float64)


def present_value(flows: ArrayLike, rate: Rates, *, first_year: int = 0) -> float:
    """Return the net present value of flows (净现值).

    Excel's ``NPV()`` puts the first flow at the end of year 1: ``first_year=1``.

    >>> present_value([-27, 27, 0, 27], 0.5)
    -1.0
    """
    amounts = np.asarray(flows, float)
    factors = discount_factors(rate, first_year + len(amounts) - 1)[first_year:]
    return float(amounts @ factors)


def growth_factors(growth: float, horizon: int) -> NDArray[np.float64]:
    """Return yearly amounts that grow from 1 in year 1; 0 in year 0.

    >>> growth_factors(0.5, 3).tolist()
    [0.0, 1.0, 1.5, 2.25]
    """
    year = np.arange(horizon + 1.0)
    return np.where(year >= 1, (1.0 + growth) ** np.maximum(year - 1.0, 0.0), 0.0)


def ramp_shares(years_to_start: int, ramp_years: int, horizon: int) -> NDArray[np.float64]:
    """Return the share of the full amount reached in each year 0 … horizon, in equal steps.

    >>> ramp_shares(1, 2, 4).tolist()
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    return np.clip((np.arange(horizon + 1.0) - years_to_start) / ramp_years, 0.0, 1.0)


def renewal_years(life: int, horizon: int) -> list[int]:
    """Return the years in which what lasts `life` years is bought again, before the horizon ends.

    >>> renewal_years(9, 20), renewal_years(10, 20)
    ([9, 18], [10])
    """
    return list(range(life, horizon, life))


def residual_share(life: int, horizon: int) -> float:
    """Return the share of its price that the last one bought is still worth, straight line (残值).

    >>> residual_share(50, 20), residual_share(10, 20)
    (0.6, 0.0)
    """
    bought = [0, *renewal_years(life, horizon)][-1]
    return max(0, bought + life - horizon) / life


def payback_years(flows: ArrayLike, rate: float = 0.0) -> float | None:
    """Return the years after which the sum stays at or above 0 (投资回收期); None if never.

    Static at a rate of 0, dynamic at the discount rate; the last crossing counts.

    >>> payback_years([-1000, 200, 300, 400, 500])
    3.2
    """
    discounted = np.asarray(flows, float) * discount_factors(rate, len(np.asarray(flows)) - 1)
    sums = np.cumsum(discounted)
    tiny = 1e-12 * float(np.abs(discounted).sum())
    if not sums[-1] >= -tiny:
        return None
    behind = np.flatnonzero(sums < -tiny)
    if not len(behind):
        return 0.0
    last = int(behind[-1])
    return last + float(-sums[last] / discounted[last + 1])


def benefit_cost_ratio(
    benefits: float,
    costs: float,
    residual: float = 0.0,
    *,
    residual_as: Literal["less_cost", "benefit"] = "less_cost",
) -> float | None:
    """Return present benefits over present costs (效益费用比); None where there is no cost.

    Its side of 1 is that of the net present value under either place of the residual value.

    >>> benefit_cost_ratio(1300, 1000, 100), benefit_cost_ratio(1300, 1000, 100, residual_as="benefit")
    (1.4444444444444444, 1.4)
    """
    if residual_as == "benefit":
        benefits += residual
    else:
        costs -= residual
    return benefits / costs if costs > 0 else None


def best_by_present_value(net_present: dict[str, float], today: str) -> str:
    """Return the option with the largest net present value; none below 0, which is today's.

    Never the one with the largest rate of return or ratio: they favour the small.

    >>> best_by_present_value({"large": 39.6, "small": 22.9, "today": 0.0}, "today")
    'large'
    """
    best = max(net_present, key=lambda option: net_present[option])
    return best if net_present[best] > net_present[today] else today


# what a change takes ----------------------------------------------------------------------


def sensitivity_coefficient(base: float, changed: float, change: float) -> float:
    """Return by how many of its own size a figure moves when a parameter moves by one (敏感度系数).

    Over the size of the figure: below 0 the plain ratio would turn its sign.

    >>> round(sensitivity_coefficient(-4220, -4090, 0.10), 3)
    0.308
    """
    if base == 0 or not math.isfinite(base):
        return math.nan
    return (changed - base) / abs(base) / change


def switching_change(base: float, changed: float, change: float) -> float | None:
    """Return the relative change at which a figure that moves in a straight line is 0 (临界点).

    Below −1 no value of the parameter would do; None where the figure doesn't move.

    >>> round(switching_change(160, 30, 0.10), 4)
    0.1231
    """
    return None if changed == base else -base * change / (changed - base)


@dataclass(frozen=True)
class BreakEven:
    """Where a figure changes sign as one number grows."""

    crossings: tuple[float, ...]
    """Every point at which it turns, ascending; a jump counts where it happens."""
    start: float
    pays_at_last: bool
    """Whether it is at or above 0 at the limit of the search."""

    @property
    def from_then_on(self) -> float | None:
        """Smallest value from which on it stays at or above 0, as far as was looked; None: none."""
        if not self.pays_at_last:
            return None
        return self.crossings[-1] if self.crossings else self.start


def break_even(
    net_at: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    up_to: float,
    *,
    start: float = 0.0,
    steps: ArrayLike = (),
    grid: int = 200,
) -> BreakEven:
    """Find where a figure turns from loss to gain and back, up to a limit.

    With capacity that comes in steps it may pay, stop paying and pay again: what counts is from where on
    it pays for good.

    Parameters
    ----------
    net_at : the figure at each of some values, e.g. net present values at multiples of the demand
    up_to : limit of the search, told beside the result
    start : where the search begins
    steps : values just above which the figure jumps
    grid : even steps looked at besides; within one that holds no jump the figure turns once at most

    >>> break_even(lambda multiples: 448 * multiples - 1600, 10).from_then_on
    3.5714285714285716
    """
    jumps = np.asarray(steps, float)
    jumps = jumps[(jumps > start) & (jumps < up_to)]
    looked = np.unique(np.concatenate([np.linspace(start, up_to, grid + 1), jumps, jumps * (1 + _BESIDE)]))
    gains = net_at(looked) >= 0
    turn = np.flatnonzero(gains[1:] != gains[:-1])
    crossings = tuple(_turns(net_at, looked[turn], looked[turn + 1], gains[turn]).tolist())
    return BreakEven(crossings, start, bool(gains[-1]))


_BESIDE = 1e-7
"""How far beyond a jump the figure is looked at, as a part of where it stands."""


def _turns(
    net_at: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    gain: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """Return where the figure turns in each interval: by a straight line where it is one, else by parts."""
    if not len(low):
        return low
    rows, below, above = np.arange(len(low)), net_at(low), net_at(high)
    tiny = 1e-12 * np.maximum(np.abs(below), np.abs(above))
    while True:
        with np.errstate(invalid="ignore", divide="ignore"):
            guess = low - below * (high - low) / (above - below)
        guess = np.where((guess >= low) & (guess <= high), guess, high)
        found = np.abs(net_at(guess)) <= tiny
        low, high = np.where(found, guess, low), np.where(found, guess, high)
        if (high - low <= 1e-10 * high).all():
            return high
        tried = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, _PARTS + 1)
        tried[:, -1] = high
        turned = (net_at(tried.ravel()).reshape(tried.shape) >= 0) != gain[:, None]
        first = np.where(turned.any(axis=1) & ~found, turned.argmax(axis=1), _PARTS)
        low, high = np.where(found, low, tried[rows, np.maximum(first - 1, 0)]), tried[rows, first]
        below, above = net_at(low), net_at(high)


_PARTS = 64
"""Parts into which an interval is cut."""


# optimism ---------------------------------------------------------------------------------


def managed_bias(upper: float, reduction: float) -> float:
    """Return what remains of an upper bound of optimism once part of its causes is dealt with.

    >>> managed_bias(0.5, 0.5)
    0.25
    """
    return upper * (1.0 - reduction)


def mixed_bias(parts: Sequence[tuple[float, float]]) -> float:
    """Return the optimism of a project of several kinds: (share of its cost, bias) each.

    >>> mixed_bias([(0.5, 0.5), (0.5, 0.25)])
    0.375
    """
    return sum(share * bias for share, bias in parts)
