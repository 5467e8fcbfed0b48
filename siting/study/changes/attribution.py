"""Two evaluations → how much of each change of score, rank and worth comes from which change of the register.

Shared out by the mean over all orders in which the kinds of change could have come (Shapley 1953), settings
against registers as one player each (Owen 1977), on the anchors of the first evaluation. Within a kind every
enterprise takes its own effect, the mean of coming first and of coming last; what the enterprises of a kind
do only together is shared in proportion to the size of these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.frames import placed_options
from siting.analysis.network.travel import located
from siting.option_kinds import having
from siting.scenario.model import Scenario
from siting.study.changes.joint_register import (
    OUTCOMES,
    Figures,
    World,
    ids_of,
    players_of,
    stacked,
    versions_of,
)
from siting.study.changes.registers import RegisterChanges, units_of
from siting.study.compare import held_to, is_set_alike
from siting.study.prepared import compute_travel_times, prepare
from siting.types import TravelTimes

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

SETTINGS, ANCHORS = "settings", "anchors"
"""Lines beside the kinds: what is set otherwise; what making the anchors anew for the register does."""

EVALUATED = 40_000
"""Rows of registers worked through, at most, to find the enterprises' own effects one by one."""
FEWEST_EXACT, MOST_EXACT = 10, 250
"""Changes whose own effect is worked out by itself; the rest of a kind goes together, by its demand."""
MOST_TURNED_BACK = 20
"""Enterprises whose changes are turned back, at most, to see which of them decide."""


@dataclass(frozen=True)
class Attribution:
    """What each change of a register, and each kind of them, did to the options.

    All frames have `OUTCOMES` as columns; scores 0..1, on the anchors of the first evaluation.
    """

    before: pd.DataFrame
    """By option."""
    after: pd.DataFrame
    own: pd.DataFrame
    """By option, the second evaluation on its own anchors."""
    kinds: pd.DataFrame
    """(kind, option): kinds of change that there are, then ``settings``, then ``anchors``; they sum to
    `own` less `before`, and without ``anchors`` to `after` less `before`."""
    towns: pd.DataFrame
    """(town, option): enterprises by the township where they are after, or were before; sums to the kinds."""
    rows: pd.DataFrame
    """(unit, kind, option): `unit` is the row of `RegisterChanges.units`; sums to the kinds."""
    deciding: pd.DataFrame
    """Enterprises that moved the lead most, by unit, the most decisive first: ``lead`` (points of the score,
    0..1), ``turns`` (True: with the changes of this one and those before it turned back, the first
    evaluation's leader leads again)."""
    leaders: tuple[str, str]
    """Option with the best score before and after."""
    is_exact: bool
    """Whether every enterprise's own effect was worked out by itself."""


def attribution(first: Evaluation, second: Evaluation, changes: RegisterChanges) -> Attribution:
    """Share out what changed from one evaluation to the next."""
    game = Game(first, second, changes)
    shares = game.shares()
    before, after = game.worlds[0].at(0), game.worlds[-1].at(game.everything)
    own = game.own()
    lines = {name: shares[k] for k, name in enumerate(game.players)}
    if len(game.worlds) > 1:
        lines[SETTINGS] = after - before - shares.sum(axis=0)
    lines[ANCHORS] = own - after
    rows, is_exact = game.rows(shares)
    frames = {name: game.framed(table) for name, table in lines.items()}
    by_row = {(unit, kind): game.framed(table) for (unit, kind), table in rows.items()}
    units = pd.concat(by_row, names=["unit", "kind", "option"]) if by_row else _no_rows()
    names = [str(game.framed(table)["score"].idxmax()) for table in (before, after)]
    return Attribution(
        before=game.framed(before),
        after=game.framed(after),
        own=game.framed(own),
        kinds=pd.concat(frames, names=["kind", "option"]),
        towns=_by_town(units, changes),
        rows=units,
        deciding=game.deciding(rows, *names),
        leaders=(names[0], names[1]),
        is_exact=is_exact,
    )


def share_matrix(n: int) -> Figures:
    """Return what the share of each player takes of the outcome of each set of players, n × 2ⁿ.

    >>> share_matrix(2).tolist()
    [[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5]]
    """
    matrix = np.zeros((n, 1 << n))
    for k in range(n):
        for made in range(1 << n):
            if not made >> k & 1:
                weight = 1.0 / (n * comb(n - 1, made.bit_count()))
                matrix[k, made | 1 << k] += weight
                matrix[k, made] -= weight
    return matrix


def _no_rows() -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays([[], [], []], names=["unit", "kind", "option"])
    return pd.DataFrame(columns=list(OUTCOMES), index=index, dtype=float)


def towns_of(unit: pd.Index, changes: RegisterChanges) -> NDArray[np.object_]:
    """Return the township of enterprises: where they are after, or were before."""
    units = changes.units
    after, before = (
        rows_of.reindex(units[side].to_numpy())["town"].to_numpy(object)
        for side, rows_of in (("after", changes.after), ("before", changes.before))
    )
    towns = pd.Series(np.where(units["after"] >= 0, after, before), units.index).fillna("")
    found: NDArray[np.object_] = np.array(towns.reindex(unit), dtype=object)
    return found


def _by_town(rows: pd.DataFrame, changes: RegisterChanges) -> pd.DataFrame:
    town = towns_of(rows.index.get_level_values("unit"), changes)
    return rows.groupby([town, rows.index.get_level_values("option")]).sum().rename_axis(["town", "option"])


# sharing out -----------------------------------------------------------------------------


class Game:
    """The changes as players, the outcomes as what they win together."""

    def __init__(self, first: Evaluation, second: Evaluation, changes: RegisterChanges):
        self.first, self.second, self.changes = first, second, changes
        self.players = players_of(changes)
        self.everything = (1 << len(self.players)) - 1
        self.versions = versions_of(changes, self.players)
        self.rows_of = pd.concat([changes.before, changes.after], ignore_index=True)
        options = first.evidence.options
        today = having(options["kind"], lambda kind: kind.is_today)
        self.options = options.index[options.index.isin(second.evidence.options.index) & ~today]
        fit = (evaluation.ranking["verdict"].reindex(self.options) for evaluation in (first, second))
        self.running = self.options.isin(placed_options(options))
        for verdict in fit:
            self.running &= (verdict != "fail").to_numpy(bool)
        alike = is_set_alike(first, second)
        seen = (first,) if alike else (first, second)
        self.worlds = [self._world(evaluation, held_to(first, evaluation), alike) for evaluation in seen]

    def _world(self, evaluation: Evaluation, scenario: Scenario, alike: bool) -> World:
        parts = []
        for other, rows in ((self.first, self.changes.before), (self.second, self.changes.after)):
            if alike or other is evaluation:
                parts.append((other.evidence.travel, rows))
            elif self._is_one_list():
                parts.append((evaluation.evidence.travel, rows))
            else:
                parts.append((_driven(evaluation, other), rows))
        travel = stacked(evaluation.evidence.travel, parts)
        return World(evaluation, scenario, self.versions, self.rows_of, travel, self.options, self.running)

    def _is_one_list(self) -> bool:
        """Whether both registers hold the same enterprises under the same ids."""
        sides = (self.changes.before, self.changes.after)
        ids = [
            rows["enterprise"].iloc[self.changes.units[at]].tolist()
            for rows, at in zip(sides, ("before", "after"), strict=True)
        ]
        return not self.players and ids[0] == ids[1]

    def own(self) -> Figures:
        """Work out the second evaluation on its own anchors."""
        world = self.worlds[-1]
        if held_to(self.first, self.second).criteria != self.second.scenario.criteria:
            world = world.scored_by(self.second.scenario)
        return world.at(self.everything)

    def shares(self) -> Figures:
        """Mean of what each player adds over all orders, n_players × n_options × n_outcomes."""
        n = len(self.players)
        won = [[world.at(made) for made in range(1 << n)] for world in self.worlds]
        return np.tensordot(share_matrix(n), np.mean(won, axis=0), axes=1)

    def own_numbers(self) -> NDArray[np.int64]:
        """Row of its own list that each row of the joint register stands at."""
        place, n_before = self.versions.place, len(self.changes.before)
        return np.where(place < n_before, place, place - n_before)

    def given(self, number: int) -> Figures | None:
        """Minutes that a time matrix gives in one of the worlds, NaN where driven; None where none does."""
        sites = located(self.worlds[number].inputs.sites).index
        parts, known = [], False
        sides = ((self.first, self.changes.before), (self.second, self.changes.after))
        for side, (evaluation, rows) in enumerate(sides):
            matrix = evaluation.evidence.inputs.time_matrix
            is_own = len(self.worlds) == 1 or side == number
            found = pd.DataFrame(np.nan, range(len(rows)), sites)
            if matrix is not None and is_own:
                table = pd.DataFrame(matrix.minutes, matrix.origins, matrix.destinations)
                found = table.reindex(index=ids_of(rows), columns=sites)
                known = True
            parts.append(found.to_numpy(float))
        return np.concatenate(parts)[self.versions.place] if known else None

    def rows(self, shares: Figures) -> tuple[dict[tuple[int, str], Figures], bool]:
        """Share out what each kind did to its enterprises."""
        weight = self._weights()
        changes = [(unit, k) for k in range(len(self.players)) for unit in self._units_of(k)]
        budget = int(np.clip(EVALUATED // max(len(self.versions.unit), 1), FEWEST_EXACT, MOST_EXACT))
        heaviest = sorted(changes, key=lambda change: (-weight[change[0]], change))
        alone = set(heaviest[:budget])
        found: dict[tuple[int, str], Figures] = {}
        for k, kind in enumerate(self.players):
            units = self._units_of(k)
            exact = [unit for unit in units if (unit, k) in alone]
            rest = [unit for unit in units if (unit, k) not in alone]
            effects = {unit: self._own_effect([unit], k) for unit in exact}
            if rest:
                together = self._own_effect(rest, k)
                parts = _proportions(weight[rest])
                effects |= {unit: part * together for unit, part in zip(rest, parts, strict=True)}
            if units:
                own = np.array([effects[unit] for unit in units])
                for unit, share in zip(units, _fitted(own, shares[k], weight[units]), strict=True):
                    found[unit, kind] = share
        return found, len(changes) <= budget

    def _units_of(self, k: int) -> list[int]:
        units = self.changes.units
        return [int(unit) for unit in units.index[units_of(units, self.players[k])]]

    def _weights(self) -> Figures:
        """Return the tests a year of each enterprise, in whichever of its forms it has most."""
        tests = self.worlds[0].demand.tests.sum(axis=1).to_numpy()
        weight = np.zeros(len(self.changes.units))
        np.maximum.at(weight, self.versions.unit, tests)
        return weight

    def _own_effect(self, units: list[int], k: int) -> Figures:
        """Mean of what the change of some enterprises does where it comes first, and where it comes last."""
        made = np.zeros(len(self.changes.units), dtype=np.int64)
        first, last = self.worlds[0], self.worlds[-1]
        made[units] = 1 << k
        comes_first = first.at(made) - first.at(0)
        made[:] = self.everything
        made[units] ^= 1 << k
        return (comes_first + last.at(self.everything) - last.at(made)) / 2.0

    def deciding(self, rows: dict[tuple[int, str], Figures], leader: str, later: str) -> pd.DataFrame:
        """Find who moved the lead most; where another leads now, turn the changes back one by one."""
        after = self.framed(self.worlds[-1].at(self.everything))["score"]
        rival = later
        if later == leader and len(after.dropna()) > 1:
            rival = str(after.drop(leader).idxmax())
        at, against = (self.options.get_loc(option) for option in (leader, rival))
        moved: dict[int, float] = {}
        for (unit, _), share in rows.items():
            moved[unit] = moved.get(unit, 0.0) + float(share[at, 0] - share[against, 0])
        lead = pd.Series(moved, dtype=float)
        order = (lead if later != leader else -lead.abs()).sort_values(kind="stable").index[:MOST_TURNED_BACK]
        turns = []
        made = np.full(len(self.changes.units), self.everything, dtype=np.int64)
        for unit in order if later != leader else ():
            made[unit] = 0
            turns.append(bool(self.worlds[-1].at(made)[at, 2]))
            if turns[-1]:
                break
        kept = order[: len(turns)] if turns and turns[-1] else order
        table = pd.DataFrame({"lead": lead[kept]}).rename_axis("unit")
        return table.assign(turns=[*turns[: len(kept)], *[False] * (len(kept) - len(turns))])

    def framed(self, table: Figures) -> pd.DataFrame:
        """Name the outcomes of each option; options that are not ranked have no score."""
        frame = pd.DataFrame(table, self.options, list(OUTCOMES)).rename_axis("option")
        frame.loc[~self.running, ["score", "rank", "first"]] = np.nan
        return frame


def _driven(evaluation: Evaluation, other: Evaluation) -> TravelTimes:
    """Work out the travel times of another evaluation's enterprises under the settings of this one."""
    firms = other.evidence.inputs.enterprises
    inputs = replace(evaluation.evidence.inputs, enterprises=firms, time_matrix=None)
    return compute_travel_times(prepare(evaluation.scenario, inputs))


def _proportions(weight: Figures) -> Figures:
    total = weight.sum()
    return weight / total if total > 0 else np.full(len(weight), 1.0 / len(weight))


def _fitted(own: Figures, total: Figures, weight: Figures) -> Figures:
    """Let own effects (n_enterprises × options × outcomes) sum to `total`, the difference by their size.

    An outcome that no enterprise moves by itself goes by what each did to the score, else by its demand.
    """
    size = np.abs(own)
    by_score = np.broadcast_to(size[:, :, :1], size.shape)
    by_weight = np.broadcast_to(_proportions(weight)[:, None, None], size.shape)
    for other in (by_score, by_weight):
        size = np.where(size.sum(axis=0) > 10.0**-DECIMALS, size, other)
    fitted: Figures = own + (total - own.sum(axis=0)) * size / size.sum(axis=0)
    return fitted
