"""Two evaluations → which change of the register moved what their joint draws say.

The share of draws in which building pays, and the share that each site wins, are shared out as the scores are
(`siting.study.changes.attribution`), draw by draw on the same unknowns. What the record of the runs says
beyond these draws is a line of its own, so that all lines sum to the change that is told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.kernel import Arrays, Traffic, Version, sizes_of, values_of_raw
from siting.analysis.robustness.joint_draws import NPV_DECIMALS, Draws
from siting.scenario.model import Scenario
from siting.study.changes.attribution import ANCHORS, SETTINGS, Game, share_matrix, towns_of
from siting.study.changes.joint_register import players_of
from siting.study.compare import is_set_alike
from siting.study.draws.frozen import drawn_versions, freeze
from siting.study.draws.unions import Parts, Unions
from siting.study.draws.unknowns import Unknowns, draw_unknowns
from siting.study.prepared import prepare

if TYPE_CHECKING:
    from siting.study.changes.attribution import Attribution
    from siting.study.changes.registers import RegisterChanges
    from siting.study.evaluation import Evaluation

Figures = NDArray[np.float64]

PAYS, DRAWS = "pays", "draws"
"""The outcome beside the sites; the line of what the draws say that are not shared out."""

CLEAR = 2.0
"""Standard errors within which a difference is none."""

DRAWN_ROWS = 2_000_000
"""Rows evaluated over all draws, about as many at most."""
FEWEST_DRAWS, MOST_DRAWS = 60, 200


@dataclass(frozen=True)
class VerdictShares:
    """What each change did to what the joint draws say.

    Outcomes: ``pays`` (share of the draws in which some option that builds covers its costs; absent without
    an appraisal), and by site the share of the draws that it wins.
    """

    before: pd.Series
    """As the runs tell it; so is the next."""
    after: pd.Series
    kinds: pd.DataFrame
    """Line × outcome: kinds of change, ``settings``, ``anchors``, ``draws``; sums to `after` − `before`."""
    errors: pd.DataFrame
    """Standard errors of the same; NaN: no error of sampling."""
    change_error: pd.Series
    """Standard error of `after` − `before`."""
    towns: pd.DataFrame
    """Town × outcome; sums to the kinds, without the other lines."""
    rows: pd.DataFrame
    """(unit, kind) × outcome, within a kind in proportion to what each did to the score, or to the net
    present values; sums to the kinds."""
    n_draws: int
    """Draws that were shared out."""

    @cached_property
    def clear(self) -> pd.DataFrame:
        """Line × outcome: whether what it did exceeds `CLEAR` standard errors; not where none is known."""
        return self.kinds.abs() > CLEAR * self.errors

    def is_clear(self, outcome: str) -> bool:
        """Whether an outcome changed by more than `CLEAR` standard errors."""
        change = abs(float(self.after[outcome] - self.before[outcome]))
        return change > CLEAR * float(self.change_error[outcome])


def verdict_shares(
    first: Evaluation, second: Evaluation, changes: RegisterChanges, shares: Attribution
) -> VerdictShares | None:
    """Share out what the joint draws say; None where nothing was drawn, or rows were drawn anew."""
    if first.draws is None or second.draws is None:
        return None
    records = (first.draws, second.draws)
    told = list(map(_outcomes_told, records))
    outcomes = list(dict.fromkeys(str(name) for table in told for name in table))
    told = [table.reindex(columns=outcomes, fill_value=0.0) for table in told]
    if not players_of(changes):
        line = ANCHORS if is_set_alike(first, second) else SETTINGS
        return _one_party(told, line)
    game = Game(first, second, changes)
    sample = _sample(told, DRAWN_ROWS // len(game.versions.unit))
    lines = _drawn(game, records, outcomes, sample)
    return None if lines is None else _shared_out(told, lines, sample, changes, shares)


def _outcomes_told(draws: Draws) -> pd.DataFrame:
    """Give the outcomes of each draw of a run, n_draws × n_outcomes."""
    found = pd.DataFrame(_wins(draws.applying.scores.to_numpy()), columns=draws.sites)
    if draws.building is not None:
        found.insert(0, PAYS, (draws.building.npv_wan >= 0).any(axis=1).to_numpy(float))
    return found


def _wins(scores: Figures) -> Figures:
    """Which site wins, … × n_sites; tied ones in equal parts."""
    best = (scores >= scores.max(axis=-1, keepdims=True) - 10.0**-DECIMALS).astype(float)
    shares: Figures = best / best.sum(axis=-1, keepdims=True)
    return shares


def _one_party(told: list[pd.DataFrame], line: str) -> VerdictShares:
    """Put the whole change down to the one thing that differs."""
    before, after = (table.mean() for table in told)
    error = _change_error(told)
    nothing = pd.DataFrame(columns=before.index, dtype=float)
    return VerdictShares(
        before=before,
        after=after,
        kinds=pd.DataFrame({line: after - before}).T,
        errors=pd.DataFrame({line: error}).T,
        change_error=error,
        towns=nothing,
        rows=nothing,
        n_draws=min(map(len, told)),
    )


def _change_error(told: list[pd.DataFrame]) -> pd.Series:
    """Take the standard error draw by draw where both runs have as many: they share their unknowns."""
    before, after = told
    if len(before) == len(after):
        variance = (after - before).var() / len(after)
    else:
        variance = before.var() / len(before) + after.var() / len(after)
    error: pd.Series = variance**0.5
    return error


# sharing out -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sample:
    """Draws that are shared out: of those in which something changed all, if not too many, of others some."""

    draws: NDArray[np.int64]
    stratum: NDArray[np.int64]
    """1 where something changed, else 0."""
    sizes: NDArray[np.int64]
    """Draws of each stratum that there are."""

    def mean(self, table: Figures) -> Figures:
        """Mean over all draws of n_draws × any figures."""
        parts = [table[self.stratum == h].mean(axis=0) * n for h, n in enumerate(self.sizes) if n]
        return np.asarray(np.sum(parts, axis=0) / self.sizes.sum(), np.float64)

    def error(self, table: Figures) -> Figures:
        """Take the standard error: of all draws, and of taking some of them (Cochran 1977, 12.2)."""
        whole = self.sizes.sum()
        variance = self.mean((table - self.mean(table)) ** 2) / whole
        for h, n in enumerate(self.sizes):
            own = table[self.stratum == h]
            if len(own) > 1:
                variance += (n / whole) ** 2 * (1.0 / len(own) - 1.0 / n) * own.var(axis=0, ddof=1)
        error: Figures = np.sqrt(variance)
        return error


def _sample(told: list[pd.DataFrame], most: int) -> _Sample:
    """Choose draws that both runs made, evenly spread.

    Where nothing changed the shares sum to nothing: as long as all other draws are taken, they sum to the
    change that is told, however few of these are.
    """
    n = min(map(len, told))
    before, after = (table.to_numpy()[:n] for table in told)
    changed = (before != after).any(axis=1)
    most = int(np.clip(most, FEWEST_DRAWS, MOST_DRAWS))
    taken: list[NDArray[np.int64]] = []
    for part in (np.flatnonzero(changed), np.flatnonzero(~changed)):
        # At least a quarter is left to the draws without a change.
        many = min(len(part), 3 * most // 4 if not taken else max(most - len(taken[0]), most // 4))
        taken.append(part[np.linspace(0, len(part), many, endpoint=False).astype(np.int64)])
    draws = np.sort(np.concatenate(taken))
    return _Sample(draws, changed[draws].astype(np.int64), np.bincount(changed, minlength=2))


def _shared_out(
    told: list[pd.DataFrame],
    lines: dict[str, Figures],
    sample: _Sample,
    changes: RegisterChanges,
    shares: Attribution,
) -> VerdictShares:
    before, after = (table.mean() for table in told)
    kinds = pd.DataFrame({line: sample.mean(table) for line, table in lines.items()}, before.index).T
    errors = pd.DataFrame({line: sample.error(table) for line, table in lines.items()}, before.index).T
    rest = after - before - kinds.sum()
    if (rest.abs() > 10.0**-DECIMALS).any():
        kinds.loc[DRAWS] = rest
        errors.loc[DRAWS] = np.nan
    rows = _by_row(kinds, shares)
    towns = towns_of(rows.index.get_level_values("unit"), changes)
    return VerdictShares(
        before=before,
        after=after,
        kinds=kinds,
        errors=errors,
        change_error=_change_error(told),
        towns=rows.groupby(towns).sum().rename_axis("town"),
        rows=rows,
        n_draws=len(sample.draws),
    )


def _by_row(kinds: pd.DataFrame, shares: Attribution) -> pd.DataFrame:
    """Share out each kind to its enterprises by the size of what each did to the score, or to the worth."""
    score, worth = (shares.rows[name].unstack("option").abs().fillna(0.0) for name in ("score", "npv_wan"))
    of_kind = score.index.get_level_values("kind")
    found = {}
    for outcome in kinds:
        size = worth.sum(axis=1) if outcome == PAYS else score[outcome]
        for other in (score.sum(axis=1), pd.Series(1.0, score.index)):
            whole = size.groupby(of_kind).transform("sum")
            size = size.where(whole > 10.0**-DECIMALS, other)
        part = size / size.groupby(of_kind).transform("sum")
        found[outcome] = part * kinds[outcome].reindex(of_kind).to_numpy()
    return pd.DataFrame(found)


# draws -----------------------------------------------------------------------------------


def _drawn(
    game: Game, records: tuple[Draws, Draws], outcomes: list[str], sample: _Sample
) -> dict[str, Figures] | None:
    """Work out what each party did in each draw, n_draws × n_outcomes; None: rows are drawn anew."""
    parts = _parts(game)
    worlds = [_DrawnWorld(game, number, parts) for number in range(len(game.worlds))]
    if not all(world.can_be_drawn for world in worlds):
        return None
    held = worlds[0].sizes(0)
    last = _Scale(game.second.scenario, worlds[-1].sizes(-1))
    tables = []
    for world, record in zip(worlds, records, strict=False):
        read = _Reading(record, world.frozen.arrays, outcomes)
        scales = [_Scale(world.world.scenario, held), last][: 2 if world is worlds[-1] else 1]
        tables.append(world.outcomes(sample.draws, read, scales))
    before, after, own = tables[0][0][:, 0], tables[-1][0][:, -1], tables[-1][1][:, -1]
    value = np.mean([table[0] for table in tables], axis=0)
    shared = np.einsum("ku,duo->kdo", share_matrix(len(game.players)), value).round(DECIMALS)
    lines = dict(zip(game.players, shared, strict=True))
    if len(worlds) > 1:
        lines[SETTINGS] = after - before - shared.sum(axis=0)
    lines[ANCHORS] = own - after
    return lines


def _parts(game: Game) -> Parts:
    """Cut the joint register where its rows stand under other sets of changes."""
    versions, made = game.versions, np.arange(1 << len(game.players))
    new = (np.diff(versions.has) != 0) | (np.diff(versions.made) != 0)
    ends = np.append(np.flatnonzero(new) + 1, len(versions.unit))
    has, done = versions.has[ends - 1], versions.made[ends - 1]
    return Parts(ends, (made[:, None] & has) == done)


class _DrawnWorld:
    """The joint register under the settings of one evaluation, ready to be drawn."""

    def __init__(self, game: Game, number: int, parts: Parts):
        self.world, self.parts = game.worlds[number], parts
        frozen = freeze(prepare(self.world.scenario, self.world.inputs), self.world.whole())
        register = replace(frozen.register, own_number=game.own_numbers())
        self.frozen = replace(frozen, register=register, given=game.given(number))

    @property
    def can_be_drawn(self) -> bool:
        """Whether no row is drawn anew, and what an option takes is the same whoever is there."""
        return self.frozen.redrawing is None and self.frozen.arrays.trips.leakage != "huff"

    def sizes(self, union: int) -> Figures:
        """Sizes of the study as it is where the changes of a union have been made, see `sizes_of`."""
        frozen, parts = self.frozen, Parts(self.parts.ends, self.parts.unions[[union]])
        firms = frozen.register.firms(np.ones(len(frozen.arrays.travelling)))
        version = Version(Traffic(frozen.arrays, firms, frozen.ways))
        return sizes_of(Unions(version, parts).raw[0], frozen.arrays.uses)

    def outcomes(self, draws: NDArray[np.int64], read: _Reading, scales: list[_Scale]) -> list[Figures]:
        """Evaluate draws on each of some scales, n_draws × n_unions × n_outcomes."""
        frozen, rules = self.frozen, self.world.scenario.robustness
        size, last = rules.joint_draws, int(draws.max())
        batches = [draw_unknowns(frozen.laws, size, rules.seed, n) for n in range(last // size + 1)]
        unknowns = Unknowns.joined(batches).chosen(draws)
        found: list[list[Figures]] = [[] for _ in scales]
        for first in range(0, len(draws), frozen.chunk):
            some = unknowns.part(first, first + frozen.chunk)
            for draw, version in zip(draws[first:], drawn_versions(frozen, some), strict=False):
                unions = Unions(version, self.parts)
                for table, scale in zip(found, scales, strict=True):
                    values = values_of_raw(unions.raw, scale.scenario.criteria, scale.sizes)
                    table.append(read.outcomes(values, unions.npv_wan, int(draw)))
        return [np.stack(table) for table in found]


@dataclass(frozen=True)
class _Scale:
    """What raw figures are measured on."""

    scenario: Scenario
    sizes: Figures


class _Reading:
    """Reads outcomes off values, by the weights and the sites of a record of draws."""

    def __init__(self, record: Draws, arrays: Arrays, outcomes: list[str]):
        names, weights = [use.name for use in arrays.uses], record.applying.weights
        self.weights, self.criteria = weights.to_numpy(), [names.index(str(name)) for name in weights]
        self.sites = [arrays.sites.index(site) for site in record.sites]
        self.columns = [outcomes.index(site) for site in record.sites]
        self.pays = None if record.building is None else outcomes.index(PAYS)
        self.n_outcomes = len(outcomes)

    def outcomes(self, values: Figures, npv_wan: Figures, draw: int) -> Figures:
        """Say of each union who wins a draw and whether building pays, n_unions × n_outcomes."""
        found = np.zeros((len(values), self.n_outcomes))
        chosen = values[:, self.sites][:, :, self.criteria]
        found[:, self.columns] = _wins((chosen @ self.weights[draw]).round(DECIMALS))
        if self.pays is not None:
            found[:, self.pays] = (npv_wan[:, self.sites].round(NPV_DECIMALS) >= 0).any(axis=1)
        return found
