"""Settings and tables → evidence, matrix and values, in steps that a what-if can take again one by one.

Nothing is read again: points stay on the network where only minutes change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.analysis import criteria, demand, economics, scoring
from siting.analysis.network import RoadGraph, build_graph
from siting.analysis.travel import points_of, snap_all, travel_times
from siting.scenario import Scenario, change
from siting.types import Evidence, Inputs, TravelTimes

if TYPE_CHECKING:
    from siting.analysis.network import Snapped


@dataclass(frozen=True)
class Setting:
    """A study ready to be varied: settings, tables, graph, and every point on the network."""

    scenario: Scenario
    inputs: Inputs
    graph: RoadGraph
    points: Mapping[str, pd.DataFrame]
    snapped: Mapping[str, Snapped]


def prepare(scenario: Scenario, inputs: Inputs) -> Setting:
    """Build the road graph and lay every point on it."""
    graph = build_graph(inputs.roads, scenario.travel_time, year=scenario.study_year)
    points = points_of(inputs.enterprises, inputs.sites, inputs.laboratories, inputs.places)
    return Setting(scenario, inputs, graph, points, snap_all(graph, points))


def drive(setting: Setting) -> TravelTimes:
    """Work out the travel times of a setting."""
    return travel_times(setting.graph, setting.points, setting.snapped)


def gather(setting: Setting, travel: TravelTimes) -> Evidence:
    """Put together all that a criterion may see."""
    scenario, inputs = setting.scenario, setting.inputs
    tests = demand.annual_tests(inputs.enterprises, inputs.services, inputs.industries, scenario.demand)
    trips = demand.trips(tests, inputs.services, inputs.sites, travel, scenario.trips)
    costs = economics.costs(inputs.sites, inputs.services, inputs.pledges, travel, trips, scenario.economics)
    return Evidence(inputs=inputs, demand=tests, travel=travel, trips=trips, costs=costs)


def judge(scenario: Scenario, evidence: Evidence) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return raw criterion values, where they apply, and values 0..1; option × criterion."""
    matrix, applies = criteria.decision_matrix(evidence, scenario.criteria, coverage=scenario.coverage)
    return matrix, applies, scoring.values(matrix, scenario.criteria, applies)


def weights_of(scenario: Scenario) -> pd.Series:
    """Effective weight of each criterion; they sum to 1."""
    return scoring.effective_weights(scenario.groups.model_dump(), scenario.criteria)


def values_of(setting: Setting, travel: TravelTimes | None = None) -> pd.DataFrame:
    """Values of a setting, option × criterion, 0..1."""
    return judge(setting.scenario, gather(setting, travel or drive(setting)))[2]


# changes ------------------------------------------------------------------------------


def with_settings(setting: Setting, **changes: Any) -> Setting:
    """Copy a setting with dotted scenario keys changed (``__`` for the dot); roads are kept."""
    keys = {key.replace("__", "."): value for key, value in changes.items()}
    return replace(setting, scenario=change(setting.scenario, keys))


def with_roads(setting: Setting, **changes: Any) -> Setting:
    """Copy a setting with keys of ``[travel_time]`` changed; points are laid anew where roads fall away."""
    scenario = change(setting.scenario, {f"travel_time.{key}": value for key, value in changes.items()})
    graph = build_graph(setting.inputs.roads, scenario.travel_time, year=scenario.study_year)
    same = (graph.is_open == setting.graph.is_open).all()
    snapped = setting.snapped if same else snap_all(graph, setting.points)
    return replace(setting, scenario=scenario, graph=graph, snapped=snapped)


def with_enterprises(setting: Setting, enterprises: pd.DataFrame) -> Setting:
    """Copy a setting with another register, laid on the same roads."""
    points = {**setting.points, "enterprise": enterprises}
    snapped = {**setting.snapped, **snap_all(setting.graph, {"enterprise": enterprises})}
    return replace(
        setting, inputs=replace(setting.inputs, enterprises=enterprises), points=points, snapped=snapped
    )
