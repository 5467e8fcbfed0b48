"""The recipe: every step of the analysis, in order, once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.analysis import criteria, demand, economics, explain, robustness, scoring
from siting.analysis.network import RoadGraph, build_graph
from siting.analysis.travel import points_of, snap_all, travel_times
from siting.scenario import RoadTables, Scenario, read_scenario
from siting.types import Evaluation, Evidence, InputError, Inputs, ScenarioError, Table, TravelTimes

if TYPE_CHECKING:
    import pandas as pd

    from siting.inputs.tables import Region

CUTOFFS_MIN = (15.0, 20.0, 30.0, 45.0, 60.0)
"""Cutoffs that a page offers beside the scenario's own, minutes."""

ISOCHRONES_MIN = (10.0, 20.0, 30.0, 45.0, 60.0)
"""Limits of the isochrones, minutes."""

STUDY_TABLES = (
    "sites",
    "conditions",
    "services",
    "laboratories",
    "pledges",
    "industries",
    "places",
    "sources",
    "parameters",
)
"""Tables that are the study's own: a wrong row there is a mistake to mend, never set aside."""


def evaluate(scenario: Scenario, *, inputs: Inputs | None = None) -> Evaluation:
    """Score the options of a scenario.

    Parameters
    ----------
    scenario
    inputs : tables already read, for a what-if without reading again

    Raises
    ------
    InputError
        A table is wrong, or no option or no enterprise is left.
    """
    inputs = inputs or read_inputs(scenario)
    graph = build_graph(inputs.roads, scenario.travel_time, year=scenario.study_year)
    points = points_of(inputs.enterprises, inputs.sites, inputs.laboratories, inputs.places)
    travel = travel_times(graph, points, snap_all(graph, points))
    evidence = gather(scenario, inputs, travel)
    matrix, applies = criteria.decision_matrix(evidence, scenario.criteria, coverage=scenario.coverage)
    values = scoring.values(matrix, scenario.criteria, applies)
    weights = scoring.effective_weights(scenario.groups.model_dump(), scenario.criteria)
    contributions = scoring.contributions(values, weights)
    ranking = scoring.ranking(
        contributions,
        verdicts=scoring.verdicts(inputs.conditions, inputs.sites),
        near_tie=scenario.robustness.near_tie,
    )
    return Evaluation(
        scenario=scenario,
        evidence=evidence,
        matrix=matrix,
        values=values,
        applies=applies,
        weights=weights,
        contributions=contributions,
        ranking=ranking,
        robustness=None,
        explanation=None,
        economics=None,
        by_cutoff={},
        isochrones=None,
        graph=graph,
        provenance=provenance(scenario, evidence),
    )


def gather(scenario: Scenario, inputs: Inputs, travel: TravelTimes) -> Evidence:
    """Put together all that a criterion may see."""
    tests = demand.annual_tests(inputs.enterprises, inputs.services, inputs.industries, scenario.demand)
    trips = demand.trips(tests, inputs.services, inputs.sites, travel, scenario.trips)
    costs = economics.costs(inputs.sites, inputs.services, inputs.pledges, travel, trips, scenario.economics)
    return Evidence(inputs=inputs, demand=tests, travel=travel, trips=trips, costs=costs)


def provenance(scenario: Scenario, evidence: Evidence) -> dict[str, Any]:
    """Say how much of the result rests on what: shares of rows and of demand by basis, hashes of the inputs."""
    firms = evidence.inputs.enterprises
    tests = evidence.demand.tests.sum(axis=1)
    total = float(tests.sum())
    basis = firms["basis"].fillna("unstated")
    return {
        "scenario_sha256": scenario.sha256,
        "rows_by_basis": {str(k): int(n) for k, n in basis.value_counts().sort_index().items()},
        "demand_by_basis": {
            str(k): float(n) / total if total else 0.0 for k, n in tests.groupby(basis).sum().items()
        },
        "illustrative_rows": float((basis == "illustrative").mean()),
        "illustrative_demand": float(tests[basis == "illustrative"].sum()) / total if total else 0.0,
        "files": {
            name: {"file": table.file, "sha256": table.sha256, **dict(table.counts)}
            for name, table in sorted(evidence.inputs.tables.items())
        },
        "roads": {"file": evidence.inputs.roads.file, "sha256": evidence.inputs.roads.sha256},
    }


# reading ------------------------------------------------------------------------------


def read_inputs(scenario: Scenario) -> Inputs:
    """Read and check every table of a scenario.

    Raises
    ------
    InputError
        All problems of all tables at once. Only the register may have rows set aside: the other tables
        are the study's own, and a wrong row there is a mistake to mend.
    """
    from siting.inputs.tables import read_table

    tables: dict[str, Table] = {}
    faults: list[InputError] = []
    for name in STUDY_TABLES:
        try:
            tables[name] = read_table(getattr(scenario.data, name), name, crs="WGS84")
        except InputError as fault:
            faults.append(fault)
    raise NotImplementedError
