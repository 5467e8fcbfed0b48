"""Two evaluations → how much of each change of score, rank and worth comes from which change of the register.

Shared out by the mean over all orders in which the kinds of change could have come (Shapley 1953), settings
against registers as one player each (Owen 1977), on the anchors of the first evaluation. Within a kind every
enterprise takes its own effect, the mean of coming first and of coming last; what the enterprises of a kind
do only together is shared in proportion to the size of these.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision import scoring
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.demand.annual_tests import annual_tests
from siting.analysis.evidence import build_evidence
from siting.analysis.money.appraisal import npv_by_expansion
from siting.option_kinds import KINDS
from siting.scenario.model import Scenario, weights_of
from siting.study.compare import Evaluations, held_to, is_set_alike
from siting.study.prepared import compute_travel_times, evaluate_criteria, prepare
from siting.study.registers import SETTLING, SIZES, RegisterChanges, register_changes
from siting.types import Demand, Evidence, TravelTimes

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

Figures = NDArray[np.float64]

PLAYERS = ("new", "gone", "moved", "placed", "unplaced", "resized", "other", "slight")
"""Kinds of change that can move a result; ``slight``: places that differ by less than counts as moved."""

OUTCOMES = ("score", "rank", "first", "npv_wan", "pays")
"""What is shared out, by option: ``first`` and ``pays`` are 1 where it ranks first, where its national net
present value is above 0; so the shares of a conclusion that turns sum to 1."""

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


@dataclass(frozen=True)
class Difference:
    """What differs between two evaluations, and what each change did."""

    names: tuple[str, str]
    first: Evaluation
    second: Evaluation
    registers: RegisterChanges
    """With columns ``effect.<option>``: what the change did to each score, 0..1."""
    shares: Attribution


def differences(evaluations: Evaluations) -> list[Difference]:
    """Hold every evaluation after the first against the first."""
    (name, first), *others = evaluations.items()
    found = []
    for other, second in others:
        changes = register_changes(first, second)
        shares = attribution(first, second, changes)
        found.append(Difference((name, other), first, second, _with_effects(changes, shares), shares))
    return found


def _with_effects(changes: RegisterChanges, shares: Attribution) -> RegisterChanges:
    """Write beside each change what it did to the scores; a new name does nothing."""
    options = shares.before.index[shares.before["score"].notna()]
    points = shares.rows["score"].unstack("option").reindex(columns=options)
    found: dict[str, Any] = {}
    for kind, frame in changes.listed().items():
        own = pd.MultiIndex.from_arrays([frame["unit"], [kind] * len(frame)])
        effects = points.reindex(own).fillna(0.0).add_prefix("effect.")
        found[kind] = frame.join(effects.set_axis(frame.index))
    return replace(changes, **found)


def attribution(first: Evaluation, second: Evaluation, changes: RegisterChanges) -> Attribution:
    """Share out what changed from one evaluation to the next."""
    game = _Game(first, second, changes)
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


def _no_rows() -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays([[], [], []], names=["unit", "kind", "option"])
    return pd.DataFrame(columns=list(OUTCOMES), index=index, dtype=float)


def _by_town(rows: pd.DataFrame, changes: RegisterChanges) -> pd.DataFrame:
    """Sum what the enterprises did by township, where they are after or were before."""
    units = changes.units
    after, before = (
        rows_of.reindex(units[side].to_numpy())["town"].to_numpy(object)
        for side, rows_of in (("after", changes.after), ("before", changes.before))
    )
    towns = pd.Series(np.where(units["after"] >= 0, after, before), units.index).fillna("")
    town = towns.reindex(rows.index.get_level_values("unit")).to_numpy()
    return rows.groupby([town, rows.index.get_level_values("option")]).sum().rename_axis(["town", "option"])


# the register in all its states -----------------------------------------------------------


@dataclass(frozen=True)
class _Versions:
    """Every form that a row of the joint register can take while changes come one by one.

    A form stands where, of the changes that its enterprise has (`has`, a bit a player), those of `made` have
    been made and no other. `place, size, trade` are the rows of both registers, one after the other, that its
    place, its figures and its industry are taken from.
    """

    unit: NDArray[np.int64]
    has: NDArray[np.int64]
    made: NDArray[np.int64]
    place: NDArray[np.int64]
    size: NDArray[np.int64]
    trade: NDArray[np.int64]


def _versions(changes: RegisterChanges, players: tuple[str, ...]) -> _Versions:
    """List the forms of all rows that are used in one of them."""
    n_before = len(changes.before)
    kept = np.concatenate([changes.before["kept"].to_numpy(bool), changes.after["kept"].to_numpy(bool)])
    columns = ["before", "after", "place", "resized", "other", "status"]
    forms = []
    for unit, cells in enumerate(changes.units[columns].itertuples(index=False, name=None)):
        before, after, place, resized, other, status = cells
        sources = before, after + n_before
        if before < 0 or after < 0:
            bit = 1 << players.index("new" if before < 0 else "gone")
            at = sources[before < 0]
            forms.append((unit, bit, bit if before < 0 else 0, at, at, at))
            continue
        own = [place] * bool(place) + ["resized"] * resized + ["other"] * other
        has = [1 << players.index(kind) for kind in own]
        settles = place if place in SETTLING or not status else "other"
        for number in range(1 << len(own)):
            made = {kind for k, kind in enumerate(own) if number >> k & 1}
            done = sum(bit for k, bit in enumerate(has) if number >> k & 1)
            taken = (sources[kind in made] for kind in (settles, "resized", "other"))
            forms.append((unit, sum(has), done, *taken))
    table = np.array(forms, dtype=np.int64).reshape(-1, 6)
    return _Versions(*table[kept[table[:, 3]]].T)


def _players(changes: RegisterChanges) -> tuple[str, ...]:
    units = changes.units
    paired = (units["before"] >= 0) & (units["after"] >= 0)
    there = {
        "new": units["before"] < 0,
        "gone": units["after"] < 0,
        **{kind: paired & units[kind] for kind in ("resized", "other")},
    }
    return tuple(p for p in PLAYERS if (there[p] if p in there else units["place"] == p).any())


class _World:
    """The joint register under the settings of one evaluation; scores any state of it."""

    def __init__(
        self,
        evaluation: Evaluation,
        scenario: Scenario,
        versions: _Versions,
        rows: pd.DataFrame,
        travel: TravelTimes,
        options: pd.Index,
        running: NDArray[np.bool_],
    ):
        import geopandas as gpd

        inputs = evaluation.evidence.inputs
        joint = rows.iloc[versions.place].copy()
        joint[list(SIZES)] = rows[list(SIZES)].to_numpy(float)[versions.size]
        joint["industry"] = rows["industry"].to_numpy(object)[versions.trade]
        joint = joint.set_axis(pd.RangeIndex(len(joint)))
        firms = gpd.GeoDataFrame(joint, geometry="geometry", crs=inputs.enterprises.crs)
        self.inputs = replace(inputs, enterprises=firms, time_matrix=None)
        self.scenario, self.versions, self.options, self.running = scenario, versions, options, running
        self.travel = _taken(travel, versions.place)
        self.demand = annual_tests(firms, inputs.services, inputs.industries, scenario.demand)
        self._known: dict[bytes, Figures] = {}

    def at(self, made: int | NDArray[np.int64]) -> Figures:
        """Work out the outcomes, n_options × n_outcomes, where changes `made` (bits; by unit) are made."""
        here = self.versions
        of_row = made if isinstance(made, int) else made[here.unit]
        stands = (of_row & here.has) == here.made
        key = np.packbits(stands).tobytes()
        if key not in self._known:
            self._known[key] = self._outcomes(stands)
        return self._known[key]

    def scored_by(self, scenario: Scenario) -> _World:
        """Copy the world with other anchors."""
        other = copy(self)
        other.scenario, other._known = scenario, {}
        return other

    def _outcomes(self, stands: NDArray[np.bool_]) -> Figures:
        # Without a row there is nothing to work with: all rows then stand without demand.
        rows = stands if stands.any() else ~stands
        evidence = self._evidence(rows, float(stands.any()))
        values = evaluate_criteria(self.scenario, evidence)[2]
        scores = np.nan_to_num(scoring.weighted_sum(values, weights_of(self.scenario)).reindex(self.options))
        now = self.scenario.economics, evidence.demand.expansion_factor
        npv = npv_by_expansion(evidence, now[0], [now[1]]).iloc[:, 0].reindex(self.options).to_numpy(float)
        found = np.zeros((len(self.options), len(OUTCOMES)))
        running = scores[self.running].round(DECIMALS)
        found[self.running, 0] = scores[self.running]
        found[self.running, 1] = (running[None, :] > running[:, None]).sum(axis=1) + 1.0
        found[self.running, 2] = running == running.max(initial=-np.inf)
        found[:, 3], found[:, 4] = np.nan_to_num(npv), npv > 0
        return found

    def _evidence(self, rows: NDArray[np.bool_], factor: float) -> Evidence:
        demand, scenario = self.demand, self.scenario
        tests = Demand(
            tests=demand.tests[rows] * factor,
            high=demand.high[rows] * factor,
            backlog=demand.backlog[rows],
            assumed=demand.assumed[rows],
            expansion_factor=demand.expansion_factor,
        )
        return build_evidence(
            replace(self.inputs, enterprises=self.inputs.enterprises[rows]),
            _taken(self.travel, np.flatnonzero(rows)),
            demand=scenario.demand,
            trip_settings=scenario.trips,
            economics=scenario.economics,
            tests=tests,
        )


_BY_ENTERPRISE = (
    *("to_site", "from_site", "to_laboratory", "from_laboratory"),
    *("to_site_km", "to_laboratory_km", "city_to_enterprise"),
)
"""Travel times that have a row an enterprise."""


def _taken(travel: TravelTimes, rows: NDArray[np.int64]) -> TravelTimes:
    """Take travel times of enterprises by row, numbered anew."""
    numbered = pd.RangeIndex(len(rows))
    return replace(
        travel, **{name: getattr(travel, name).iloc[rows].set_axis(numbered) for name in _BY_ENTERPRISE}
    )


def _stacked(own: TravelTimes, parts: list[tuple[TravelTimes, pd.DataFrame]]) -> TravelTimes:
    """Lay travel times of all rows of the registers one after the other; missing for rows set aside.

    What has no row an enterprise is as in `own`.
    """
    joined = {}
    for name in _BY_ENTERPRISE:
        found = [getattr(travel, name).reindex(_ids(rows)) for travel, rows in parts]
        joined[name] = pd.concat([part.set_axis(range(len(part))) for part in found])
    return replace(own, **joined)


def _ids(rows: pd.DataFrame) -> pd.Index:
    """Ids by which travel times know the rows that are used; those of other rows are nobody's."""
    return pd.Index(
        [name if kept else None for name, kept in rows[["enterprise", "kept"]].to_numpy()], dtype=object
    )


# sharing out -----------------------------------------------------------------------------


class _Game:
    """The changes as players, the outcomes as what they win together."""

    def __init__(self, first: Evaluation, second: Evaluation, changes: RegisterChanges):
        self.first, self.second, self.changes = first, second, changes
        self.players = _players(changes)
        self.everything = (1 << len(self.players)) - 1
        self.versions = _versions(changes, self.players)
        self.rows_of = pd.concat([changes.before, changes.after], ignore_index=True)
        options = first.evidence.options
        today = options.index[[KINDS[kind].is_today for kind in options["kind"]]]
        both = options.index[options.index.isin(second.evidence.options.index)]
        self.options = both.drop(today, errors="ignore")
        fit = (evaluation.ranking["verdict"].reindex(self.options) for evaluation in (first, second))
        placed = [KINDS[options["kind"][option]].has_place for option in self.options]
        self.running = np.array(placed, dtype=bool)
        for verdict in fit:
            self.running &= (verdict != "fail").to_numpy(bool)
        alike = is_set_alike(first, second)
        seen = (first,) if alike else (first, second)
        self.worlds = [self._world(evaluation, held_to(first, evaluation), alike) for evaluation in seen]

    def _world(self, evaluation: Evaluation, scenario: Scenario, alike: bool) -> _World:
        parts = []
        for other, rows in ((self.first, self.changes.before), (self.second, self.changes.after)):
            if alike or other is evaluation:
                parts.append((other.evidence.travel, rows))
            elif self._is_one_list():
                parts.append((evaluation.evidence.travel, rows))
            else:
                parts.append((_driven(evaluation, other), rows))
        travel = _stacked(evaluation.evidence.travel, parts)
        return _World(evaluation, scenario, self.versions, self.rows_of, travel, self.options, self.running)

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
        changed = held_to(self.first, self.second).criteria != self.second.scenario.criteria
        if not changed:
            return world.at(self.everything)
        return world.scored_by(self.second.scenario).at(self.everything)

    def shares(self) -> Figures:
        """Mean of what each player adds over all orders, n_players × n_options × n_outcomes."""
        n = len(self.players)
        won = [[world.at(made) for made in range(1 << n)] for world in self.worlds]
        value = np.mean(won, axis=0)
        shares = np.zeros((n, len(self.options), len(OUTCOMES)))
        for k in range(n):
            for made in range(1 << n):
                if not made >> k & 1:
                    weight = 1.0 / (n * comb(n - 1, made.bit_count()))
                    shares[k] += weight * (value[made | 1 << k] - value[made])
        return shares

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
        kind, units = self.players[k], self.changes.units
        if kind in ("new", "gone"):
            which = units["before" if kind == "new" else "after"] < 0
        elif kind in ("resized", "other"):
            which = units[kind]
        else:
            which = units["place"] == kind
        return [int(unit) for unit in units.index[which]]

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
        rival = (
            later
            if later != leader
            else str(after.drop(leader).idxmax())
            if len(after.dropna()) > 1
            else leader
        )
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
