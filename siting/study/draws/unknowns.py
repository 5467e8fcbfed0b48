"""Ranges of everything uncertain → draws of it, all from one seeded stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.demand.synthetic import SPREAD_RULES
from siting.analysis.money.sensitivity import EXPANSION, Lever, ranges_of
from siting.analysis.network.delays import MinuteParts

if TYPE_CHECKING:
    from siting.analysis.robustness.assess import RobustnessSettings
    from siting.scenario.model import Scenario

Figures = NDArray[np.float64]

TWO_SIDED_95 = 2.448
"""Radius of the circle that holds 95 % of a round normal of standard deviation 1."""

PEAK_PARAMETER = "travel_time.peak_factor"
"""Row of the parameters table whose range the peak factor is drawn from."""
MOUNTAIN_PARAMETER = "travel_time.mountain_factor"
"""The same of the factor on speeds in the hills."""

Triangle = tuple[float, float, float]
"""Lowest, likely and highest value."""


@dataclass(frozen=True)
class Laws:
    """What is drawn, and how."""

    classes: tuple[str, ...]
    """Road classes; their speeds are lognormal."""
    speed_sigma: float
    times: dict[str, Triangle]
    """Factors on what the times of the study's roads rest on."""
    services: tuple[str, ...]
    tests: Figures
    """n_services × 3: low, likely and high tests a unit."""
    places: tuple[str, ...]
    """Townships whose position is uncertain."""
    error_m: Figures
    """By such a township, radius that holds 95 % of its positions."""
    is_redrawn: bool
    """Whether the illustrative part of the register is drawn under each spread rule."""
    levers: tuple[Lever, ...]
    """Assumptions of the appraisal that have a range."""


@dataclass(frozen=True)
class Unknowns:
    """Draws; the first axis is the draw."""

    speed: Figures
    """By road class."""
    times: Figures
    """By factor of `Laws.times`."""
    tests: Figures
    """By service, factor on its likely tests."""
    moves_m: Figures
    """n_draws × n_places × 2, metres east and north."""
    rule: NDArray[np.int64]
    """Position of the spread rule in `SPREAD_RULES`."""
    seed: NDArray[np.int64]
    """Of the register, and of where each firm lies that is placed by its township."""
    levers: Figures
    """By assumption of the appraisal."""

    def __len__(self) -> int:
        return len(self.speed)

    def part(self, first: int, end: int) -> Unknowns:
        """Return some of the draws."""
        return Unknowns(*(getattr(self, name)[first:end] for name in self.__dataclass_fields__))

    def chosen(self, draws: NDArray[np.int64]) -> Unknowns:
        """Return draws by their numbers."""
        return Unknowns(*(getattr(self, name)[draws] for name in self.__dataclass_fields__))

    @classmethod
    def joined(cls, parts: Sequence[Unknowns]) -> Unknowns:
        """Put draws one after the other."""
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def draw_unknowns(laws: Laws, draws: int, seed: int, batch: int) -> Unknowns:
    """Draw everything uncertain, each thing independent of the others.

    Speeds: a factor a road class, lognormal. Delays, share of the limit, peak, hills: triangular. Tests of a
    service: triangular between low and high around the likely figure. Places: a normal whose 95 % radius is
    the stated error. Spread rule: each as likely as another. Assumptions of the appraisal: see `_lever`.
    """
    rng = np.random.default_rng([seed, batch])
    sigma = 1.0 / TWO_SIDED_95
    speed = np.exp(rng.normal(0.0, laws.speed_sigma, (draws, len(laws.classes))))
    times = [rng.triangular(low, likely, high, draws) for low, likely, high in laws.times.values()]
    tests = [_test_factor((low, likely, high), draws, rng) for low, likely, high in laws.tests.tolist()]
    moves = rng.normal(0.0, sigma, (draws, len(laws.places), 2)) * laws.error_m[:, None]
    rule, own_seed = rng.integers(len(SPREAD_RULES), size=draws), rng.integers(2**31, size=draws)
    levers = [_lever(lever, draws, rng) for lever in laws.levers]
    return Unknowns(
        speed=speed,
        times=_columns(times, draws),
        tests=_columns(tests, draws),
        moves_m=moves,
        rule=rule,
        seed=own_seed,
        levers=_columns(levers, draws),
    )


def _columns(columns: Sequence[Figures], draws: int) -> Figures:
    return np.stack(columns, axis=1) if columns else np.zeros((draws, 0))


def _test_factor(tests: Triangle, draws: int, rng: np.random.Generator) -> Figures:
    low, likely, high = tests
    if not (high > low and likely > 0):
        return np.ones(draws)
    return rng.triangular(low, min(max(likely, low), high), high, draws) / likely


def _lever(lever: Lever, draws: int, rng: np.random.Generator) -> Figures:
    """Draw an assumption: triangular around the study's own value, years rounded.

    The firms that a row of an illustrative register stands for are uniform over their range, since nothing
    says which figure is likely.
    """
    if lever.key == EXPANSION:
        return rng.uniform(lever.low, lever.high, draws)
    low, high = min(lever.low, lever.value), max(lever.high, lever.value)
    drawn = rng.triangular(low, lever.value, high, draws)
    return np.round(drawn) if lever.whole else drawn


def ranges_of_times(parts: MinuteParts, scenario: Scenario, parameters: pd.DataFrame) -> dict[str, Triangle]:
    """Return low, likely and high factor of what the times of these roads rest on; what changes none is left.

    So a study without limits, junctions or signals keeps the draws that it had.
    """
    robustness: RobustnessSettings = scenario.robustness
    low, high = robustness.posted_factor_range
    times, stated = scenario.travel_time, ranges_of(parameters)
    likely, peak, mountain = times.posted_factor, times.peak_factor, times.mountain_factor
    busiest = stated.get(PEAK_PARAMETER, (peak, peak))
    steepest = stated.get(MOUNTAIN_PARAMETER, (mountain, mountain))
    candidates: list[tuple[str, np.ndarray, tuple[float, float]]] = [
        ("posted_factor", parts.is_limit, (low / likely, high / likely)),
        ("junction_delay", parts.junctions, robustness.junction_delay_range),
        ("signal_delay", parts.signals, robustness.signal_delay_range),
        ("peak", parts.driving, (busiest[0] / peak, busiest[1] / peak)),
        ("mountain_factor", parts.mountain, (steepest[0] / mountain, steepest[1] / mountain)),
    ]
    ranges = {name: (min(*ends, 1.0), 1.0, max(*ends, 1.0)) for name, used, ends in candidates if used.any()}
    return {name: ends for name, ends in ranges.items() if ends[0] < ends[2]}


def table_of(laws: Laws, unknowns: Unknowns) -> pd.DataFrame:
    """Lay out draws as a table: factors, metres, the spread rule and its seed, assumptions by their key."""
    columns: dict[str, np.ndarray] = {}
    for kind, names, table in (
        ("speed:", laws.classes, unknowns.speed),
        ("", tuple(laws.times), unknowns.times),
        ("demand:", laws.services, unknowns.tests),
        ("place_east_m:", laws.places, unknowns.moves_m[:, :, 0]),
        ("place_north_m:", laws.places, unknowns.moves_m[:, :, 1]),
        ("", tuple(lever.key for lever in laws.levers), unknowns.levers),
    ):
        columns |= {f"{kind}{name}": table[:, number] for number, name in enumerate(names)}
    if laws.is_redrawn:
        columns["spread"] = np.array(SPREAD_RULES, dtype=object)[unknowns.rule]
    columns["seed"] = unknowns.seed
    return pd.DataFrame(columns)
