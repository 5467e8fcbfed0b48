"""What a scenario comes to: the one record that pages, tables and notebooks receive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siting.analysis.concerns.concerns_of import Concerns
    from siting.analysis.decision.tradeoff import Tradeoff
    from siting.analysis.explain import Explanation
    from siting.analysis.money.appraisal import Economics
    from siting.analysis.network.graph import RoadGraph
    from siting.analysis.robustness.assess import Robustness
    from siting.analysis.robustness.building import BuildingDraws
    from siting.analysis.robustness.joint_draws import Draws
    from siting.analysis.robustness.winners import Cell
    from siting.scenario.model import Scenario
    from siting.types import Evidence, Json


@dataclass(frozen=True)
class TripParts:
    """Minutes of today's mean test trip to the laboratory, one way, weighted by trips."""

    whole: float
    delays: float
    """What junctions and signals add."""
    limits: float
    """What driving a share of the limits adds (less than nothing above 1)."""


@dataclass(frozen=True)
class Evaluation:
    """A scenario and all that follows from it."""

    scenario: Scenario
    evidence: Evidence
    matrix: pd.DataFrame
    """Raw criterion values in their own units, of all options, option × criterion."""
    values: pd.DataFrame
    """0..1 between the scenario's anchors, of the options that need a place, site × criterion."""
    applies: pd.DataFrame
    """False where a criterion does not apply to an option (marked 不适用)."""
    weights: pd.Series
    """Effective weight by criterion; sums to 1."""
    contributions: pd.DataFrame
    """values × weights; rows sum to the score."""
    ranking: pd.DataFrame
    """By site, best first: ``rank, score, tie, verdict``; empty where no option needs a place."""
    verdicts: pd.Series
    """Of all options, how each stands with its pass/fail conditions: ``pass, pending, fail``."""
    robustness: Robustness | None
    """None where no site is left to rank."""
    explanation: Explanation
    economics: Economics | None
    """Costs and benefits of all options; None in a study of whom no trip is saved."""
    by_cutoff: Mapping[float, pd.DataFrame]
    """Values (site × criterion) at each cutoff that the page offers, minutes."""
    isochrones: gpd.GeoDataFrame
    """``site, minutes, geometry`` (WGS-84), nested: 10 min lies within 15."""
    graph: RoadGraph
    """Roads that gave the travel times."""
    provenance: Mapping[str, Json]
    """Shares of illustrative rows and demand, hashes, versions; no clock, host or path."""
    raw_by_cutoff: Mapping[float, pd.DataFrame] = field(default_factory=dict)
    """The matrices of all options that `by_cutoff` values, in the criteria's own units."""
    by_demand: Mapping[float, pd.DataFrame] = field(default_factory=dict)
    """Contributions (site × criterion) at multiples of the demand, on scales that go with it."""
    routes: pd.DataFrame | None = None
    """Fastest routes of the sites, one row a site and goal: ``site, to`` (``city, seat``), ``minutes,
    metres`` (on the road), ``roads`` (names in order), ``edges`` (driven); None: not computed."""
    trip_parts: TripParts | None = None
    """What today's mean trip is made of; None where no speed of the roads is a limit, or nobody travels."""
    draws: Draws | None = None
    """Everything uncertain drawn together: scores, winners, net present values; None: no site is left."""
    winners: tuple[Cell, ...] = ()
    """Who comes first under each assumption, at each of its plausible values."""
    tradeoff: Tradeoff | None = None
    """What one point of the score is worth in each criterion; None where no site is left to rank."""
    open_questions: tuple[str, ...] = ()
    """What only the planner can say and has not said, by id (``expansion, year, weights``): see
    `siting.study.adapt.open_questions`."""

    @property
    def building(self) -> BuildingDraws | None:
        """Whether building pays, everything uncertain drawn together; None: no site left, no appraisal."""
        return None if self.draws is None else self.draws.building

    @cached_property
    def concerns(self) -> Concerns:
        """What is asked for beside the score: backlog, favourite sites, industries served, reports."""
        from siting.analysis.concerns.concerns_of import concerns_of

        # Residents have neither trips to save nor reports to ask for.
        is_asked = self.economics is not None and self.evidence.demand.tests.to_numpy().sum() > 0
        running = self.ranking.index[(self.ranking["verdict"] != "fail") & is_asked]
        return concerns_of(
            self.evidence, [str(site) for site in running], self.scenario.economics, self.scenario.trips
        )
