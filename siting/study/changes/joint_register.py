"""Two registers laid into one, in every state between the first and the second → what it comes to.

Rows are taken in and out and travel times looked up, so that no road is driven again.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision import scoring
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.demand.annual_tests import annual_tests
from siting.analysis.evidence import build_evidence
from siting.analysis.money.appraisal import npv_by_expansion
from siting.scenario.model import Scenario, weights_of
from siting.study.changes.registers import SETTLING, SIZES, RegisterChanges, units_of
from siting.study.prepared import evaluate_criteria
from siting.types import Demand, Evidence, TravelTimes

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

Figures = NDArray[np.float64]

PLAYERS = ("new", "gone", "moved", "placed", "unplaced", "resized", "other", "slight")
"""Kinds of change that can move a result; ``slight``: places that differ by less than counts as moved."""

OUTCOMES = ("score", "rank", "first", "npv_wan", "pays")
"""What is shared out, by option: ``first`` and ``pays`` are 1 where it ranks first, where its national net
present value is above 0; so the shares of a conclusion that turns sum to 1."""


@dataclass(frozen=True)
class Versions:
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


def versions_of(changes: RegisterChanges, players: tuple[str, ...]) -> Versions:
    """List the forms of all rows that are used in one of them, those of the same states together."""
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
    table = table[kept[table[:, 3]]]
    # Forms that stand in the same states lie together, so that they can be summed together.
    return Versions(*table[np.lexsort((table[:, 2], table[:, 1]))].T)


def players_of(changes: RegisterChanges) -> tuple[str, ...]:
    """List the kinds of change that there are."""
    return tuple(kind for kind in PLAYERS if units_of(changes.units, kind).any())


class World:
    """The joint register under the settings of one evaluation; scores any state of it."""

    def __init__(
        self,
        evaluation: Evaluation,
        scenario: Scenario,
        versions: Versions,
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

    def whole(self) -> Evidence:
        """Build the evidence of all forms of all rows at once."""
        return self._evidence(np.ones(len(self.demand.tests), dtype=bool), 1.0)

    def scored_by(self, scenario: Scenario) -> World:
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
        now = evidence.demand.expansion_factor
        worth = npv_by_expansion(evidence, self.scenario.economics, [now])[now]
        npv = worth.reindex(self.options).to_numpy(float)
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


def stacked(own: TravelTimes, parts: list[tuple[TravelTimes, pd.DataFrame]]) -> TravelTimes:
    """Lay travel times of all rows of the registers one after the other; missing for rows set aside.

    What has no row an enterprise is as in `own`.
    """
    joined = {}
    for name in _BY_ENTERPRISE:
        found = [getattr(travel, name).reindex(ids_of(rows)) for travel, rows in parts]
        joined[name] = pd.concat([part.set_axis(range(len(part))) for part in found])
    return replace(own, **joined)


def ids_of(rows: pd.DataFrame) -> pd.Index:
    """Ids by which travel times know the rows that are used; those of other rows are nobody's."""
    return pd.Index(
        [name if kept else None for name, kept in rows[["enterprise", "kept"]].to_numpy()], dtype=object
    )
