"""A frozen study with one thing changed → scores: other registers, roads, places, a quantity moved.

The anchors are held: these versions ask what else comes first on the study's own scale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import weighted_sum
from siting.analysis.demand.synthetic import SPREAD_RULES, SpreadRule
from siting.analysis.kernel import Arrays, Traffic, Version, held_values, options_of
from siting.analysis.money.quantities import Basis
from siting.analysis.money.sensitivity import EXPANSION
from siting.analysis.network.travel import drive, driven_as_given
from siting.analysis.robustness.flips import Flip, smallest_flip
from siting.study.draws.executor import Executor, evaluate_all
from siting.study.draws.frozen import Figures, Frozen
from siting.study.draws.unknowns import Laws, Unknowns
from siting.study.prepared import Setting, without_edge
from siting.study.variants import believed_edges, firm_groups
from siting.types import Ways

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

N_QUANTITIES = 3
"""Quantities of the whole study that `smallest_flips` moves, before the demand of each group."""

GRID_OF_DEMAND = 4
"""Grid steps to each side where the demand of a group is moved: scores bend little there."""


OF_VARIANTS = ("peak", EXPANSION)
"""Uncertain figures whose ends are variants of their own, see `siting.study.variants`."""


@dataclass(frozen=True)
class Scored:
    """A frozen study and its weights: scores of versions of it."""

    setting: Setting
    frozen: Frozen
    weights: pd.Series
    """Effective weight by criterion; sums to 1."""

    def weighted(self, values: Figures) -> Figures:
        """Score values 0..1, … × n_sites × n_criteria."""
        weight = self.weights[[use.name for use in self.frozen.arrays.uses]].to_numpy(float)
        scores: Figures = (values * weight).sum(axis=-1)
        return scores

    def scores(
        self, *, arrays: Arrays | None = None, ways: Ways | None = None, factor: Figures | None = None
    ) -> pd.Series:
        """Score the sites of a version.

        Parameters
        ----------
        arrays, ways : in place of the study's
        factor : n_enterprises, on the demand of each
        """
        traffic = self.traffic(arrays=arrays, ways=ways, factor=factor)
        values = held_values(Version(traffic).raw, traffic.arrays.uses)
        return pd.Series(self.weighted(values), list(traffic.arrays.sites))

    def traffic(
        self, *, arrays: Arrays | None = None, ways: Ways | None = None, factor: Figures | None = None
    ) -> Traffic:
        """Return the traffic of a version; arguments as of `scores`."""
        arrays, frozen = arrays or self.frozen.arrays, self.frozen
        firms = frozen.register.firms(np.ones(len(arrays.travelling)))
        if factor is not None:
            firms = replace(firms, tests=firms.tests * factor[:, None])
        return Traffic(arrays, firms, ways or frozen.ways)

    def at_peak(self, factor: float) -> Ways:
        """Drive with the peak factor at another value."""
        frozen, now = self.frozen, self.setting.scenario.travel_time.peak_factor
        minutes = np.where(frozen.has_peak, factor / now, 1.0) * frozen.graph.minutes
        ways = drive(frozen.graph.with_minutes(minutes), frozen.snapped, frozen.graph)
        return ways if frozen.given is None else driven_as_given(ways, frozen.given)

    def at_price(self, price_wan_mu: float) -> Arrays:
        """Buy land at another price."""
        arrays, inputs = self.frozen.arrays, self.setting.inputs
        economics = arrays.economics.model_copy(update={"land_price_wan_mu": price_wan_mu})
        placed = pd.Index(arrays.sites)
        basis = Basis.of(
            options_of(inputs, placed), inputs.services, inputs.pledges, economics, placed=placed
        )
        return replace(arrays, economics=economics, basis=basis)

    def at_cutoff(self, cutoff_min: float) -> Arrays:
        """Count trips as covered within another cutoff."""
        arrays = self.frozen.arrays
        return replace(arrays, coverage=arrays.coverage.model_copy(update={"cutoff_min": cutoff_min}))


def register_ensemble(
    scored: Scored,
    *,
    seeds: int,
    rules: Sequence[SpreadRule] = SPREAD_RULES,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Score the sites under many illustrative registers; all else is as in the study.

    Parameters
    ----------
    scored
    seeds : registers drawn under each rule, from the scenario's seed on
    rules : spread rules
    executor : see `evaluate_all`

    Returns
    -------
    DataFrame
        (rule, seed) × site, scores 0..1.
    """
    frozen, first = scored.frozen, scored.setting.scenario.seed
    picked = [(rule, seed) for rule in rules for seed in range(seeds)]
    drawn = _nothing_drawn(frozen, len(picked))
    drawn = replace(
        drawn,
        rule=np.array([SPREAD_RULES.index(rule) for rule, _ in picked]),
        seed=np.array([first + seed for _, seed in picked]),
    )
    values, _ = evaluate_all(_held(frozen), drawn, executor=executor)
    index = pd.MultiIndex.from_tuples(picked, names=["rule", "seed"])
    return pd.DataFrame(scored.weighted(values), index, list(frozen.arrays.sites))


def roads_taken_out(scored: Scored) -> dict[str, pd.DataFrame]:
    """Values without each road that is only believed to exist, site × criterion, by label ``road:<name>``."""
    frozen, arrays, found = scored.frozen, scored.frozen.arrays, {}
    firms, uses = frozen.register.firms(np.ones(len(arrays.travelling))), [use.name for use in arrays.uses]
    for number, name in believed_edges(scored.setting).items():
        changed = without_edge(scored.setting, number)
        ways = drive(changed.graph, changed.snapped)
        ways = ways if frozen.given is None else driven_as_given(ways, frozen.given)
        values = held_values(Version(Traffic(arrays, firms, ways)).raw, arrays.uses)
        found[f"road:{name}"] = pd.DataFrame(values, list(arrays.sites), uses)
    return found


def place_variants(
    scored: Scored, feasible: pd.Index, *, executor: Executor | None = None
) -> dict[str, pd.DataFrame]:
    """Values with each uncertain place moved by its stated error, by label ``place:<name>``.

    Of the four points of the compass the one is kept that leaves the best site of today the least lead.
    Places without a firm or site change nothing and are left out.
    """
    frozen, inputs = replace(scored.frozen, redrawing=None), scored.setting.inputs
    towns, laws = {*inputs.enterprises["town"], *inputs.sites["town"]}, frozen.laws
    names = [name for name in laws.places if name in towns]
    drawn = _nothing_drawn(frozen, 4 * len(names))
    for number, name in enumerate(names):
        place = laws.places.index(name)
        drawn.moves_m[4 * number : 4 * number + 4, place] = laws.error_m[place] * _COMPASS
    if not names:
        return {}
    values, _ = evaluate_all(_held(frozen), drawn, executor=executor)
    uses = [use.name for use in frozen.arrays.uses]
    current = str(scored.scores()[feasible].idxmax())
    found = {}
    for number, name in enumerate(names):
        four = values[4 * number : 4 * number + 4]
        tables = [pd.DataFrame(table, list(frozen.arrays.sites), uses) for table in four]
        leads = [_lead(weighted_sum(table.loc[feasible], scored.weights[uses]), current) for table in tables]
        found[f"place:{name}"] = tables[int(np.argmin(leads))]
    return found


_COMPASS = np.array([(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)])
"""North, east, south, west."""


def _lead(scores: pd.Series, option: str) -> float:
    return float(scores[option] - scores.drop(option).max()) if len(scores) > 1 else 1.0


def _held(frozen: Frozen) -> Frozen:
    """Hold the anchors, every assumption of the appraisal, and firms where the register has them."""
    return replace(
        frozen,
        laws=replace(frozen.laws, levers=()),
        sizes=np.full_like(frozen.sizes, np.nan),
        register=frozen.register.placed_surely(),
        kept=frozen.kept.placed_surely(),
    )


def _nothing_drawn(frozen: Frozen, n: int) -> Unknowns:
    laws = frozen.laws
    return Unknowns(
        speed=np.ones((n, len(laws.classes))),
        times=np.ones((n, len(laws.times))),
        tests=np.ones((n, len(laws.services))),
        moves_m=np.zeros((n, len(laws.places), 2)),
        rule=np.zeros(n, np.int64),
        seed=np.zeros(n, np.int64),
        levers=np.zeros((n, 0)),
    )


def scores_at_ends(scored: Scored, *, executor: Executor | None = None) -> dict[tuple[str, str], pd.Series]:
    """Score the sites with each uncertain figure at either end of its range; all else is as in the study.

    Ends: of speeds and of nothing else the 95 % interval, of the others the range that is stated. Positions
    of townships have no ends; see `place_variants`.

    Returns
    -------
    By figure (``speed:<class>``, ``demand:<service>``, ``peak`` …, key of an assumption) and its value:
    scores by site, 0..1.
    """
    frozen, laws = scored.frozen, scored.frozen.laws
    cases = [
        (column, name, end)
        for column, (name, pair) in enumerate(_ends(laws))
        for end in pair
        if pair[0] < pair[1] and name not in OF_VARIANTS
    ]
    if not cases:
        return {}
    drawn = _nothing_drawn(frozen, len(cases))
    usual = np.tile([lever.value for lever in laws.levers], (len(cases), 1))
    drawn = replace(drawn, levers=usual.reshape(len(cases), len(laws.levers)))
    blocks = (drawn.speed, drawn.times, drawn.tests, drawn.levers)
    columns = [(block, column) for block in blocks for column in range(block.shape[1])]
    for row, (column, _, end) in enumerate(cases):
        block, at = columns[column]
        block[row, at] = end
    held = replace(_held(frozen), laws=laws, redrawing=None)
    values, _ = evaluate_all(held, drawn, executor=executor)
    return {
        (name, f"{end:.3g}"): pd.Series(scores, list(frozen.arrays.sites))
        for (_, name, end), scores in zip(cases, scored.weighted(values), strict=True)
    }


def _ends(laws: Laws) -> list[tuple[str, tuple[float, float]]]:
    """List what is drawn, in the order of the columns of `Unknowns`, with both ends."""
    far = float(np.exp(1.96 * laws.speed_sigma))
    tests = [
        (low / likely, high / likely) if high > low and likely > 0 else (1.0, 1.0)
        for low, likely, high in laws.tests.tolist()
    ]
    return [
        *((f"speed:{name}", (1.0 / far, far)) for name in laws.classes),
        *((name, (low, high)) for name, (low, _, high) in laws.times.items()),
        *((f"demand:{name}", pair) for name, pair in zip(laws.services, tests, strict=True)),
        *((lever.key, (lever.low, lever.high)) for lever in laws.levers),
    ]


def smallest_flips(scored: Scored, feasible: pd.Index, *, executor: Executor | None = None) -> Iterable[Flip]:
    """Find how far prices, driving times, the cutoff and demand may move before another site wins.

    Only sites of `feasible` can win. Each quantity is moved by itself, in whatever process `executor` has.
    """
    scenario = scored.setting.scenario
    price = scenario.economics.land_price_wan_mu
    moves = [
        _Move("land_price_wan_mu", price, (0.0, 10 * price)),
        _Move("peak_factor", scenario.travel_time.peak_factor, (0.5, 3.0)),
        _Move("cutoff_min", scenario.coverage.cutoff_min, (5.0, 90.0)),
    ]
    for kind, keys in firm_groups(scored.setting).items():
        for group in sorted(keys.dropna().unique()):
            member = (keys == group).to_numpy()
            moves.append(_Move(f"{kind}:{group}", 1.0, (0.0, 5.0), GRID_OF_DEMAND, member))
    return (map if executor is None else executor.map)(partial(_flip, scored, feasible), moves)


@dataclass(frozen=True)
class _Move:
    """A quantity that is moved until another site wins."""

    what: str
    current: float
    between: tuple[float, float]
    steps: int = 16
    member: NDArray[np.bool_] | None = None
    """Enterprises whose demand it is."""

    def scores(self, scored: Scored, x: float) -> pd.Series:
        """Score the sites with the quantity at a value."""
        if self.member is not None:
            return scored.scores(factor=np.where(self.member, x, 1.0))
        if self.what == "peak_factor":
            return scored.scores(ways=scored.at_peak(x))
        move = scored.at_price if self.what == "land_price_wan_mu" else scored.at_cutoff
        return scored.scores(arrays=move(x))


def _flip(scored: Scored, sites: pd.Index, move: _Move) -> Flip:
    return smallest_flip(
        lambda x: move.scores(scored, x)[sites], move.current, move.between, what=move.what, steps=move.steps
    )
