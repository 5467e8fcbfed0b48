"""Quantities and settings → what each assumption moves, how far it would have to, and when demand suffices.

Every assumption with a range is moved by itself; the full model is solved, capacity steps and all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.demand_settings import PARAMETERS as DEMAND_PARAMETERS
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.frames import baseline_option, numbers
from siting.analysis.money.flows import flows_of, productive_hours, use_shares
from siting.analysis.money.formulas import (
    break_even,
    renewal_years,
    sensitivity_coefficient,
    switching_change,
)
from siting.analysis.money.money_settings import PARAMETERS, EconomicsSettings
from siting.analysis.money.quantities import Quantities
from siting.option_kinds import having
from siting.types import Evidence

EXPANSION = "demand.expansion_factor"
"""Key of the number of firms that a row stands for."""

MOST_MULTIPLE = 100.0
"""Multiple of the demand up to which it is looked for when an option pays."""

_STEP = 0.1
"""Relative change by which a sensitivity coefficient is taken."""

_FARTHEST = 10.0
"""Relative change up to which a switching value is looked for."""

_NOTICEABLE = 0.02
"""Sensitivity coefficient from which an assumption can decide when demand suffices."""

Moved = tuple[Quantities, EconomicsSettings]
Move = Callable[[Moved, float], Moved]


@dataclass(frozen=True)
class Lever:
    """An assumption, its range, and how the study is moved by it."""

    key: str
    """Key of the scenario, or ``services.hours_per_test``."""
    value: float
    low: float
    high: float
    move: Move
    """A study and a value → the study with it. Moves of several assumptions follow each other in the order
    of `levers`."""
    start: Moved
    """The study as it is."""
    most: float = math.inf
    """Largest value that makes sense."""
    whole: bool = False
    """Counts years."""
    field: str | None = None
    """Field of the settings that it is; None: it moves amounts, and no price."""

    def at(self, value: float) -> Moved:
        """Return the study with this assumption alone moved."""
        return self.move(self.start, value)


def moved_together(start: Moved, moves: Iterable[tuple[Lever, float]]) -> Moved:
    """Move several assumptions, one after the other; those that are prices in one step."""
    prices: dict[str, float] = {}
    moved = start
    for lever, value in moves:
        if lever.field is None:
            moved = lever.move(moved, value)
        else:
            prices[lever.field] = _as_counted(start[1], lever.field, value)
    amounts, settings = moved
    return (amounts, settings.model_copy(update=prices)) if prices else moved


@dataclass(frozen=True)
class Sensitivity:
    """What moves the national net present value."""

    option: str | None
    """Option that builds and has the largest net present value, of which the rest is told; None: there is
    none."""
    table: pd.DataFrame
    """By assumption, the most sensitive first: ``value, low, high``; ``npv_low, npv_high``, 万元, at its
    ends; ``coefficient`` (敏感度系数, over the size of the net present value); ``switching_change`` and
    ``switching_value`` (临界点, 临界值) at which it turns, NaN where no value would do it;
    ``break_even_low, break_even_high`` (multiple of the demand from which on it pays for good, with the
    assumption at its ends; ``inf``: none; NaN: hardly moves it)."""
    coefficients: pd.DataFrame
    """Sensitivity coefficients, assumption × option."""
    decides: str | None
    """Assumption that moves the break-even demand most."""

    @property
    def break_even_range(self) -> tuple[float, float] | None:
        """Break-even demand at the ends of the assumption that moves it most."""
        if self.decides is None:
            return None
        ends = self.table.loc[[self.decides], ["break_even_low", "break_even_high"]].to_numpy(float)
        return float(ends.min()), float(ends.max())


def sensitivity_of(
    evidence: Evidence,
    amounts: Quantities,
    settings: EconomicsSettings,
    trip_settings: TripSettings,
) -> Sensitivity:
    """Move every assumption that has a range, one at a time."""
    options = evidence.options
    base = _npv((amounts, settings))
    building = having(options["kind"], lambda kind: kind.has_place) & np.isfinite(base)
    if not building.any():
        return Sensitivity(None, pd.DataFrame(columns=_COLUMNS), pd.DataFrame(columns=options.index), None)
    o = int(np.argmax(np.where(building, base, -np.inf)))
    rows, coefficients = {}, {}
    for lever in levers(evidence, amounts, settings, trip_settings):
        found = _moved(lever, base)
        if not _moves(found, base):
            continue
        each = [sensitivity_coefficient(b, c, found.change) for b, c in zip(base, found.changed, strict=True)]
        coefficients[lever.key] = pd.Series(each, options.index).drop(baseline_option(options))
        if _moves(found, base, o):
            rows[lever.key] = _row(lever, found, o, float(base[o]), each[o])
    table = pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)
    order = (table["npv_high"] - table["npv_low"]).abs().fillna(table["coefficient"].abs())
    table = table.loc[order.sort_values(ascending=False, kind="stable").index]
    others = [key for key in coefficients if key not in table.index]
    wide = pd.DataFrame.from_dict(coefficients, orient="index").loc[[*table.index, *others]]
    return Sensitivity(str(options.index[o]), table, wide, _widest(table))


_COLUMNS = [
    *("value", "low", "high", "npv_low", "npv_high", "coefficient"),
    *("switching_change", "switching_value", "break_even_low", "break_even_high"),
]


@dataclass(frozen=True)
class _Moves:
    """Net present values by option with an assumption at its ends and a step away."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    changed: NDArray[np.float64]
    change: float
    """Relative, NaN where the assumption is 0 today."""


def _npv(moved: Moved) -> NDArray[np.float64]:
    return flows_of(*moved).present()


def _moved(lever: Lever, base: NDArray[np.float64]) -> _Moves:
    def at(value: float) -> NDArray[np.float64]:
        return base if value == lever.value else _npv(lever.at(value))

    stepped = lever.value * (1 + _STEP)
    if lever.whole:
        stepped = lever.value + 1
    elif stepped > lever.most:
        stepped = lever.value * (1 - _STEP)
    change = stepped / lever.value - 1 if lever.value else math.nan
    missing = np.full(len(base), math.nan)
    low, high = (missing if math.isnan(end) else at(end) for end in (lever.low, lever.high))
    return _Moves(low, high, at(stepped), change)


def _moves(found: _Moves, base: NDArray[np.float64], option: int | slice = slice(None)) -> bool:
    """Whether an assumption moves one option's net present value, or any."""
    values = (found.low, found.high, found.changed)
    return any(
        not np.allclose(v[option], base[option], rtol=1e-12, atol=0) for v in values if not np.isnan(v).all()
    )


def _row(lever: Lever, found: _Moves, o: int, base: float, coefficient: float) -> list[float]:
    value = _switching_value(lever, o, base, float(found.changed[o]), found.change)
    ends = [math.nan, math.nan]
    if lever.key != EXPANSION and abs(coefficient) >= _NOTICEABLE:
        ends = [_break_even_at(lever, end, o) for end in (lever.low, lever.high)]
    change = value / lever.value - 1 if lever.value else math.nan
    known = [lever.value, lever.low, lever.high, found.low[o], found.high[o], coefficient]
    return [*known, change, value, *ends]


def _switching_value(lever: Lever, o: int, base: float, changed: float, change: float) -> float:
    """Return the value nearest to today's at which the option's net present value turns; NaN: none."""

    def npv(value: float) -> float:
        return float(_npv(lever.at(value))[o])

    straight = None if math.isnan(change) else switching_change(base, changed, change)
    if straight is not None and not lever.whole:
        value = lever.value * (1 + straight)
        if 0 <= value <= lever.most and abs(npv(value)) <= 1e-9 * abs(base):
            return value
    far = max(lever.value, lever.high if lever.value == 0 else 0.0) * (1 + _FARTHEST)
    tried = np.linspace(1.0, 56.0, 12) if lever.whole else np.linspace(_LEAST * far, min(far, lever.most), 12)
    tried = np.unique([*tried[np.isfinite(tried)], lever.value])
    turned = [value for value in tried if (npv(value) >= 0) != (base >= 0)]
    if not turned:
        return math.nan
    there = min(turned, key=lambda value: abs(value - lever.value))
    # The neighbour on the side of today's value has not turned yet.
    near = tried[np.searchsorted(tried, there) + (1 if there < lever.value else -1)]
    while abs(there - near) > (1 if lever.whole else 1e-9 * max(abs(there), abs(near))):
        middle = (near + there) // 2 if lever.whole else (near + there) / 2
        near, there = (near, middle) if (npv(middle) >= 0) != (base >= 0) else (middle, there)
    return float(there)


def _break_even_at(lever: Lever, end: float, o: int) -> float:
    if math.isnan(end):
        return math.nan
    found = break_even_demand(*_of_option(lever.at(end), o))
    return math.inf if found is None else found


def _of_option(moved: Moved, o: int) -> tuple[Quantities, int, EconomicsSettings]:
    return moved[0], o, moved[1]


def _widest(table: pd.DataFrame) -> str | None:
    """Assumption between whose ends the break-even demand moves most, as a ratio."""
    ends = table[["break_even_low", "break_even_high"]].astype(float).dropna()
    if ends.empty:
        return None
    bounded = np.log(ends.clip(lower=1e-3, upper=10 * MOST_MULTIPLE))
    spread = (bounded["break_even_high"] - bounded["break_even_low"]).abs()
    return str(spread.idxmax()) if spread.max() > 0 else None


def break_even_demand(amounts: Quantities, option: int, settings: EconomicsSettings) -> float | None:
    """Return the multiple of the demand from which on an option pays for good; None up to `MOST_MULTIPLE`.

    Where a further person or line is due its worth jumps down: as long as it is worth less than one of each,
    every jump is looked at.
    """

    def npv(multiples: NDArray[np.float64]) -> NDArray[np.float64]:
        return _npv((amounts.repeated(option, len(multiples)).times(multiples), settings))

    grid = np.linspace(0.0, MOST_MULTIPLE, 201)
    worth = npv(grid)
    losses = np.flatnonzero(~(worth >= 0))
    if not len(losses):
        return 0.0
    if losses[-1] == len(grid) - 1:
        return None
    near = np.flatnonzero(worth < _largest_jump(amounts, option, settings))
    window = grid[losses[-1]], grid[min(max(near[-1], losses[-1]) + 1, len(grid) - 1)]
    jumps = _jumps(amounts, option, settings, window)
    return break_even(npv, window[1], start=window[0], steps=jumps, grid=20).from_then_on


def _largest_jump(amounts: Quantities, option: int, settings: EconomicsSettings) -> float:
    """Bound what one more person and one more of every line cost over the horizon, 万元."""
    times = 1 + len(renewal_years(settings.equipment_life_years, settings.horizon_years))
    lines = float(amounts.setup_wan @ amounts.lines[:, option]) * (1.0 + settings.equipment_optimism)
    return settings.staff_cost_wan * settings.horizon_years + times * lines


def _jumps(
    amounts: Quantities, option: int, settings: EconomicsSettings, window: tuple[float, float]
) -> NDArray[np.float64]:
    """Multiples within a window at which one more person or line is due, in the busiest year."""
    busiest = float(use_shares(amounts.from_year_1[[option]], settings).max())
    hours = float(amounts.work_hours[option] + amounts.road_hours[option])
    blocks = [(hours, productive_hours(settings))] if amounts.own_staff[option] else []
    blocks += [(float(h), settings.line_hours) for h in amounts.line_hours[:, option]]
    found = []
    for need, block in blocks:
        if need > 0 and busiest > 0:
            first, last = (math.ceil(m * need * busiest / block) for m in window)
            found += [k * block / need / busiest for k in range(max(first, 1), last + 1)]
    return np.array(found)


# assumptions ------------------------------------------------------------------------------


def levers(
    evidence: Evidence, amounts: Quantities, settings: EconomicsSettings, trip_settings: TripSettings
) -> Iterator[Lever]:
    """Yield every assumption that bears on the appraisal, with the range that the parameters table states."""
    parameters = evidence.inputs.parameters
    ranges = ranges_of(parameters)
    for key, parameter in PARAMETERS.items():
        field = key.partition(".")[2]
        value = getattr(settings, field)
        yield Lever(
            key,
            float(value),
            *ranges.get(parameter, (math.nan, math.nan)),
            move=partial(_priced, field),
            start=(amounts, settings),
            most=1.0 if field in _SHARES else math.inf,
            whole=isinstance(value, int),
            field=field,
        )
    yield from _levers_of_trips(evidence, amounts, settings, trip_settings, ranges)
    low, high = ranges.get("service.hours_factor", (math.nan, math.nan))
    hours = partial(_scaled, ("work_hours", "line_hours", "city_work_hours", "city_bench_hours"))
    yield Lever("services.hours_per_test", 1.0, low, high, hours, (amounts, settings))


def _priced(field: str, moved: Moved, value: float) -> Moved:
    amounts, settings = moved
    return amounts, settings.model_copy(update={field: _as_counted(settings, field, value)})


def _as_counted(settings: EconomicsSettings, field: str, value: float) -> float:
    """Round the value of a field that counts years."""
    return round(value) if isinstance(getattr(settings, field), int) else value


_SHARES = ("consumables_share", "city_saving_share", "usable_share", "discount_rate", "demand_growth")
_LEAST = 1e-6
"""Part of an assumption below which a divisor is not tried."""
_TRAVEL = ("time_h", "vehicle_km", "city_trips", "visits")


def _levers_of_trips(
    evidence: Evidence,
    amounts: Quantities,
    settings: EconomicsSettings,
    trip_settings: TripSettings,
    ranges: Mapping[str, tuple[float, float]],
) -> Iterator[Lever]:
    """Yield what scales demand and trips; who goes where is held."""
    persons, factor = trip_settings.persons, evidence.demand.expansion_factor
    collection, combined = trip_settings.report_collection, trip_settings.combined_errands_share
    at_gate = having(evidence.options["kind"], lambda kind: kind.comes_to_gate)

    moves: dict[str, Move] = {}
    if not trip_settings.half_day_blocks:
        # First, as they add to the hours that the others scale.
        for key, sign, there in (
            ("trips.waiting_city_min", 1.0, np.ones(len(at_gate), bool)),
            ("trips.waiting_centre_min", -1.0, ~at_gate),
        ):
            now = float(getattr(trip_settings, key.partition(".")[2]))
            moves[key] = partial(_waited, sign * persons / 60.0 * there, now)
    moves["trips.persons"] = partial(_scaled_to, ("time_h",), 0.0, persons)
    moves["trips.report_collection"] = partial(_scaled_to, _TRAVEL, 1.0, 1.0 + collection)
    if combined < 1:
        moves["trips.combined_errands_share"] = partial(_scaled_to, _TRAVEL, -1.0, combined - 1.0)
    moves[EXPANSION] = partial(_multiplied, factor)
    for key, move in moves.items():
        value = factor if key == EXPANSION else float(getattr(trip_settings, key.partition(".")[2]))
        low, high = ranges.get(DEMAND_PARAMETERS[key], (math.nan, math.nan))
        most = 1.0 if "share" in key else math.inf
        yield Lever(key, value, low, high, move, (amounts, settings), most)


def _waited(hours_a_min: NDArray[np.float64], now: float, moved: Moved, x: float) -> Moved:
    amounts, settings = moved
    # Where options stand there many times over, their figures repeat in the same order.
    of_each = np.resize(hours_a_min, amounts.time_h.shape)
    return replace(amounts, time_h=amounts.time_h + of_each * (x - now) * amounts.city_trips), settings


def _scaled_to(names: tuple[str, ...], added: float, whole: float, moved: Moved, x: float) -> Moved:
    return _scaled(names, moved, (x + added) / whole)


def _multiplied(factor: float, moved: Moved, x: float) -> Moved:
    return moved[0].times(x / factor), moved[1]


def _scaled(names: tuple[str, ...], moved: Moved, by: float) -> Moved:
    return replace(moved[0], **{name: getattr(moved[0], name) * by for name in names}), moved[1]


def ranges_of(parameters: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return the ends of each parameter's range; those that are no numbers are left out."""
    if parameters.empty:
        return {}
    known = parameters[parameters["low"].notna() & parameters["high"].notna()]
    ends = zip(known.index, numbers(known, "low"), numbers(known, "high"), strict=True)
    return {str(name): (float(low), float(high)) for name, low, high in ends}
