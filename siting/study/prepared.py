"""Settings and tables → evidence, matrix and values, in steps that a what-if can take again one by one.

Nothing is read again: points stay on the network where only minutes change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.analysis.decision import criteria, scoring
from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.evidence import build_evidence
from siting.analysis.frames import placed_options
from siting.analysis.network.delays import minute_parts
from siting.analysis.network.graph import RoadGraph, build_graph
from siting.analysis.network.snapping import Snapped
from siting.analysis.network.travel import beside_roads, points_of, snap_all, travel_times, with_given_times
from siting.scenario.build import change
from siting.scenario.model import Scenario
from siting.study.evaluation import TripParts
from siting.types import Demand, Evidence, Inputs, Json, TimeMatrix, TravelTimes

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Setting:
    """A study ready to be varied: settings, tables, graph, and every point on the network."""

    scenario: Scenario
    inputs: Inputs
    graph: RoadGraph
    points: Mapping[str, pd.DataFrame]
    snapped: Mapping[str, Snapped]


def prepare(scenario: Scenario, inputs: Inputs) -> Setting:
    """Build the road graph and snap every point to it."""
    graph = build_graph(inputs.roads, scenario.travel_time, year=scenario.study_year)
    points = points_of(inputs.enterprises, inputs.sites, inputs.laboratories, inputs.places)
    return Setting(scenario, inputs, graph, points, snap_all(graph, points))


def compute_travel_times(setting: Setting) -> TravelTimes:
    """Compute the travel times of a setting: by road, or as the time matrix gives them."""
    by_road = travel_times(setting.graph, setting.points, setting.snapped)
    matrix = setting.inputs.time_matrix
    if matrix is None:
        return by_road
    return with_given_times(by_road, _given(matrix))


def hold_matrix_against_roads(setting: Setting) -> Setting:
    """Copy a setting whose time matrix lists among its issues where it contradicts the roads."""
    from siting.inputs.tables.time_matrix import compare_with_roads

    matrix, declared = setting.inputs.time_matrix, setting.scenario.data.time_matrix
    if matrix is None:
        return setting
    by_road = travel_times(setting.graph, setting.points, setting.snapped)
    cells = beside_roads(_given(matrix), by_road, setting.points)
    found = compare_with_roads(matrix.file, declared.unit if declared else "min", cells)
    # Where a result's tables are evaluated anew, the same is not told twice.
    issues = tuple(dict.fromkeys((*matrix.issues, *found)))
    return replace(setting, inputs=replace(setting.inputs, time_matrix=replace(matrix, issues=issues)))


def _given(matrix: TimeMatrix) -> pd.DataFrame:
    return pd.DataFrame(matrix.minutes, matrix.origins, matrix.destinations)


def evidence_of(setting: Setting, travel: TravelTimes | None = None, tests: Demand | None = None) -> Evidence:
    """Build the evidence of a setting; times and demand are computed if not given."""
    scenario = setting.scenario
    return build_evidence(
        setting.inputs,
        travel or compute_travel_times(setting),
        demand=scenario.demand,
        trip_settings=scenario.trips,
        economics=scenario.economics,
        tests=tests,
    )


def evaluate_criteria(
    scenario: Scenario, evidence: Evidence
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return raw values and where they apply, of all options, and values 0..1 of those with a place.

    Whether to build is the appraisal's question: an option that needs no place has no value as a site.
    """
    matrix, applies = criteria.decision_matrix(evidence, scenario.criteria, coverage=scenario.coverage)
    placed = placed_options(evidence.options)
    return matrix, applies, scoring.values(matrix.loc[placed], scenario.criteria, applies.loc[placed])


def values_of(
    setting: Setting, travel: TravelTimes | None = None, tests: Demand | None = None
) -> pd.DataFrame:
    """Compute the values of a setting, site × criterion, 0..1; arguments as in `evidence_of`."""
    return evaluate_criteria(setting.scenario, evidence_of(setting, travel, tests))[2]


def trip_parts(setting: Setting, evidence: Evidence) -> TripParts | None:
    """Work out what delays and limits add to today's mean trip; None where all speeds are stated."""
    graph, settings = setting.graph, setting.scenario.travel_time
    parts = minute_parts(setting.inputs.roads, settings, graph.is_open)
    if not (parts.moves_freely & graph.is_open).any():
        return None
    carried = carried_trips(evidence.demand, evidence.inputs.services)
    laboratories = setting.points["laboratory"].index
    column = laboratories.get_indexer(pd.Index(evidence.inputs.services["laboratory"]))
    trips = np.zeros((len(carried), len(laboratories)))
    np.add.at(trips.T, column, carried.T)

    def mean(minutes: np.ndarray) -> float:
        changed = graph.with_minutes(np.where(np.isfinite(graph.minutes), minutes, np.inf))
        times = changed.travel_times(setting.snapped["enterprise"], setting.snapped["laboratory"])
        driven = (trips > 0) & np.isfinite(times)
        return float(trips[driven] @ times[driven] / (trips[driven].sum() or np.nan))

    whole, moving = mean(parts.total()), mean(parts.total(junctions=0.0, signals=0.0))
    free = mean(parts.total(limit_share=1.0 / settings.posted_factor, junctions=0.0, signals=0.0))
    return TripParts(whole, whole - moving, moving - free)


# changes ------------------------------------------------------------------------------


def with_settings(setting: Setting, **changes: Json) -> Setting:
    """Copy a setting with dotted scenario keys changed (``__`` for the dot); roads are kept."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return replace(setting, scenario=change(setting.scenario, keys))


def with_roads(setting: Setting, **changes: Json) -> Setting:
    """Copy a setting with keys of ``[travel_time]`` changed; points follow where roads fall away."""
    scenario = change(setting.scenario, {f"travel_time.{key}": value for key, value in changes.items()})
    graph = build_graph(setting.inputs.roads, scenario.travel_time, year=scenario.study_year)
    same = (graph.is_open == setting.graph.is_open).all()
    snapped = setting.snapped if same else snap_all(graph, setting.points)
    return replace(setting, scenario=scenario, graph=graph, snapped=snapped)


def without_edge(setting: Setting, number: int) -> Setting:
    """Copy a setting with one more edge closed; snap only the affected points again."""
    gone = np.arange(len(setting.graph.tail)) == number
    graph = setting.graph.with_minutes(np.where(gone, np.inf, setting.graph.minutes))
    snapped = {role: _snapped_again(graph, points) for role, points in setting.snapped.items()}
    return replace(setting, graph=graph, snapped=snapped)


def _snapped_again(graph: RoadGraph, snapped: Snapped) -> Snapped:
    """Snap those points again whose edge is closed, or cut off from the main network.

    All others stay: what was the nearest road of the main network is still that.
    """
    edge = np.maximum(snapped.edge, 0)
    stale = (snapped.edge < 0) | ~graph.is_main[edge]
    still = replace(snapped, on_main=graph.is_main[edge] & (snapped.edge >= 0))
    if not stale.any():
        return still
    anew = graph.snap(snapped.lon[stale], snapped.lat[stale])
    columns = {}
    for column in fields(Snapped):
        columns[column.name] = getattr(still, column.name).copy()
        columns[column.name][stale] = getattr(anew, column.name)
    return Snapped(**columns)
