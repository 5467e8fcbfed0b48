"""The recipe: every step of the analysis, in order, once."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from siting.analysis.decision import criteria, scoring
from siting.analysis.decision.tradeoff import Tradeoff, tradeoff
from siting.analysis.demand.baseline import check_baseline
from siting.analysis.explain import explain
from siting.analysis.frames import numbers
from siting.analysis.money import appraisal as economics
from siting.analysis.money.money_settings import YUAN_PER_WAN
from siting.analysis.robustness import assess as robustness
from siting.analysis.robustness.assess import Ensembles, Robustness
from siting.analysis.robustness.winners import Cell, winners_matrix
from siting.inputs.dictionary.issues import IssueLog
from siting.scenario.judgements import with_judgements
from siting.scenario.model import PARAMETERS, Scenario, weights_of
from siting.scenario.weight_records import with_records
from siting.study import ensembles
from siting.study.adapt import adapt, open_questions
from siting.study.draws.executor import Executor, started
from siting.study.draws.versions import Progress
from siting.study.evaluation import Evaluation
from siting.study.prepared import (
    Setting,
    evaluate_criteria,
    evidence_of,
    hold_matrix_against_roads,
    prepare,
    trip_parts,
)
from siting.study.read_inputs import read_inputs
from siting.study.variants import contributions_at
from siting.types import Evidence, Inputs, Json

if TYPE_CHECKING:
    import geopandas as gpd

_LOG = logging.getLogger(__name__)

DEMAND_MULTIPLES = (0.1, 4.0)
"""Multiples of the demand at which it is looked whether another option comes first."""


def evaluate(
    scenario: Scenario,
    *,
    inputs: Inputs | None = None,
    thorough: bool = False,
    progress: Progress | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
) -> Evaluation:
    """Appraise the options of a scenario, and rank those that need a place.

    Parameters
    ----------
    scenario
    inputs : tables already read, for a what-if without reading again
    thorough : add the long ensembles (registers, firms left out, smallest decisive changes) to the summary
    progress : called with steps done and steps in all of the long ensembles
    jobs : processes that evaluate the draws
    executor : anything with a ``map`` that evaluates them instead

    Raises
    ------
    InputError
        A table is wrong, or no enterprise is left.
    """
    with started(jobs, executor) as running:
        return _evaluated(scenario, inputs, thorough, progress, running)


def _evaluated(
    scenario: Scenario,
    inputs: Inputs | None,
    thorough: bool,
    progress: Progress | None,
    executor: Executor | None,
) -> Evaluation:
    scenario, inputs = adapt(scenario, inputs or read_inputs(scenario))
    scenario = with_records(with_judgements(scenario, inputs.judgements), inputs.weight_records)
    setting = hold_matrix_against_roads(prepare(scenario, inputs))
    setting, isochrones = _draw_isochrones(setting)
    _LOG.info("prepared %d enterprises and %d options", len(inputs.enterprises), len(inputs.sites))
    evidence = evidence_of(setting)
    _LOG.info("computed travel times, trips and costs")
    matrix, applies, values = evaluate_criteria(scenario, evidence)
    _LOG.info("evaluated %d criteria", matrix.shape[1])
    weights = weights_of(scenario)
    contributions = scoring.contributions(values, weights)
    verdicts = scoring.verdicts(inputs.conditions, inputs.sites)
    ranking = scoring.ranking(contributions, verdicts=verdicts, near_tie=scenario.robustness.near_tie)
    # Before the long ensembles: without demand known today there is nothing to appraise.
    worth = _appraisal(scenario, evidence, weights, has_sites=bool(len(values)))
    raw_by_cutoff = _at_cutoffs(scenario, evidence)
    feasible = values.index[verdicts[values.index] != "fail"]
    best = str(ranking.index[0]) if len(feasible) else None
    more, sure = Ensembles(), None
    if best is not None:
        work = ensembles.thorough if thorough else ensembles.quick
        found = work(setting, evidence, values, feasible, progress, executor=executor)
        more = _among(found, feasible)
        sure = robustness.assess(
            values.loc[feasible],
            weights,
            matrix,
            scenario.criteria,
            settings=scenario.robustness,
            ensembles=more,
        )
    _LOG.info("computed %d variants of the study", len(more.variants))
    by_cutoff = {
        cutoff: scoring.values(raw.loc[values.index], scenario.criteria)
        for cutoff, raw in raw_by_cutoff.items()
    }
    return Evaluation(
        scenario=scenario,
        evidence=evidence,
        matrix=matrix,
        values=values,
        applies=applies,
        weights=weights,
        contributions=contributions,
        ranking=ranking,
        verdicts=verdicts,
        robustness=sure,
        explanation=explain(contributions, weights, ranking),
        economics=worth,
        by_cutoff=by_cutoff,
        raw_by_cutoff=raw_by_cutoff,
        by_demand={times: contributions_at(setting, evidence, times) for times in DEMAND_MULTIPLES},
        isochrones=isochrones,
        routes=_site_routes(setting),
        graph=setting.graph,
        provenance=provenance(scenario, evidence),
        trip_parts=trip_parts(setting, evidence) if worth else None,
        draws=more.draws,
        winners=_winners(sure, values.loc[feasible], weights, by_cutoff, more)
        if evidence.demand.is_served
        else (),
        tradeoff=_tradeoff(scenario, evidence, best, matrix, worth) if best else None,
        open_questions=open_questions(scenario, inputs),
    )


def _appraisal(
    scenario: Scenario, evidence: Evidence, weights: pd.Series, *, has_sites: bool
) -> economics.Economics | None:
    """Appraise the options; None in a study of whom no trip is saved."""
    if not scenario.demand.kind.is_appraised:
        return None
    found = economics.assess(
        evidence,
        scenario.economics,
        trip_settings=scenario.trips,
        year=scenario.study_year,
        score=partial(_score, scenario) if has_sites else None,
        cost_anchors=_cost_anchors(scenario),
        cost_weight=float(weights.get("net_cost_wan", 0.0)),
    )
    _LOG.info("appraised costs and benefits")
    return found


def score(scenario: Scenario, inputs: Inputs) -> pd.Series:
    """Score the sites of a scenario, without summary, economics or explanation; by site."""
    scenario, inputs = adapt(scenario, inputs)
    setting = prepare(scenario, inputs)
    evidence = evidence_of(setting)
    check_baseline(evidence)
    return _score(scenario, evidence)


def _score(scenario: Scenario, evidence: Evidence) -> pd.Series:
    return scoring.weighted_sum(evaluate_criteria(scenario, evidence)[2], weights_of(scenario))


def _winners(
    sure: Robustness | None,
    values: pd.DataFrame,
    weights: pd.Series,
    by_cutoff: Mapping[float, pd.DataFrame],
    more: Ensembles,
) -> tuple[Cell, ...]:
    """Gather who comes first under each assumption; nobody where no two sites are left."""
    if sure is None or len(values) < 2:
        return ()
    return winners_matrix(
        sure,
        values,
        weights,
        {cutoff: table.loc[values.index] for cutoff, table in by_cutoff.items()},
        more,
    )


def _tradeoff(
    scenario: Scenario,
    evidence: Evidence,
    best: str,
    matrix: pd.DataFrame,
    worth: economics.Economics | None,
) -> Tradeoff:
    """Work out what the weights exchange for what, curved values about the figures of the best site."""
    own_yuan = scenario.economics.value_of_time_yuan_h
    hours_wan, present_wan = 0.0, 0.0
    if worth is not None:
        hours_wan = float(worth.summary["hours_saved"][best]) * own_yuan / YUAN_PER_WAN
        present_wan = float(worth.items["national"].unstack()["travel_time"][best])
    table = evidence.inputs.parameters.reindex([PARAMETERS["economics.value_of_time_yuan_h"]])
    low, high = (float(numbers(table, end)[0]) for end in ("low", "high"))
    return tradeoff(
        scenario.criteria,
        weights_of(scenario),
        matrix.T[best],
        years=present_wan / hours_wan if hours_wan > 0 else math.nan,
        own_hour_yuan=own_yuan,
        own_range=(low, high) if low < high else None,
    )


def _cost_anchors(scenario: Scenario) -> tuple[float, float] | None:
    """Return the anchors of net cost where it is scored on a straight line between them."""
    linear = (use for use in scenario.criteria if use.name == "net_cost_wan" and use.value == "linear")
    return next((use.anchors for use in linear), None)


def _among(more: Ensembles, feasible: pd.Index) -> Ensembles:
    """Leave out of every version of the study the sites that fail a condition."""
    return replace(
        more,
        variants={label: table.loc[feasible] for label, table in more.variants.items()},
        registers=None if more.registers is None else more.registers[feasible],
        scenarios={label: scores[feasible] for label, scores in more.scenarios.items()},
    )


def _at_cutoffs(scenario: Scenario, evidence: Evidence) -> dict[float, pd.DataFrame]:
    offered = scenario.demand.kind.cutoffs_min
    cutoffs = sorted({*offered, scenario.coverage.cutoff_min} if offered else ())
    return criteria.matrix_at_cutoffs(evidence, scenario.criteria, cutoffs, coverage=scenario.coverage)


def _draw_isochrones(setting: Setting) -> tuple[Setting, gpd.GeoDataFrame]:
    """Draw the isochrones of all sites, ``site, minutes, geometry``; the roads' issues list coarse ones."""
    sites = setting.points["site"]
    limits = setting.scenario.demand.kind.isochrones_min
    areas = setting.graph.isochrones(setting.snapped["site"], limits)
    coarse = areas[areas["cell_m"] > 0]
    if len(coarse):
        roads = setting.inputs.roads
        log = IssueLog(roads.file)
        log.add(
            "R200", value=len(coarse), n=len(coarse), all=len(areas), side=f"{coarse['cell_m'].max():.0f}"
        )
        # Where a result's tables are evaluated anew, the same is not told twice.
        issues = tuple(dict.fromkeys((*roads.issues, *log.issues)))
        setting = replace(setting, inputs=replace(setting.inputs, roads=replace(roads, issues=issues)))
    frame = areas.assign(site=sites.index.to_numpy()[areas["point"]])
    return setting, frame[["site", "minutes", "geometry"]]


def _site_routes(setting: Setting) -> pd.DataFrame:
    """Find the routes of all sites to the city and the county seat; see `Evaluation.routes`."""
    sites = setting.points["site"].index.to_numpy()
    parts = []
    for goal in ("city", "seat"):
        found = setting.graph.paths(setting.snapped["site"], setting.snapped[goal])
        parts.append(
            found.drop(columns="geometry").assign(site=sites[found["origin"].to_numpy(int)], to=goal)
        )
    return pd.concat(parts, ignore_index=True)[["site", "to", "minutes", "metres", "roads", "edges"]]


def provenance(scenario: Scenario, evidence: Evidence) -> dict[str, Json]:
    """Say how much rests on what: shares of rows and of demand by basis, hashes of the inputs."""
    firms, matrix, roads = evidence.inputs.enterprises, evidence.inputs.time_matrix, evidence.inputs.roads
    tests = evidence.demand.tests.sum(axis=1)
    total = float(tests.sum())
    # A column that no row fills is read as numbers.
    basis = firms["basis"].astype(object).where(firms["basis"].notna(), "unstated")
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
        "roads": {"file": ", ".join(filter(None, (roads.file, roads.beyond))), "sha256": roads.sha256},
        **({"time_matrix": {"file": matrix.file, "sha256": matrix.sha256}} if matrix else {}),
    }
