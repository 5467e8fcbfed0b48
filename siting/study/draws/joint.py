"""A study → the record of its joint draws: as many as it takes to know what the conclusion rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.analysis.decision.criteria import GROUP_OF
from siting.analysis.robustness.building import BuildingDraws
from siting.analysis.robustness.joint_draws import MOST_BATCHES, Draws, Weightings, draw_both, npv_table
from siting.scenario.model import Scenario, weights_of
from siting.study.draws.executor import Executor, evaluate_all
from siting.study.draws.frozen import Figures, Frozen
from siting.study.draws.unknowns import Unknowns, draw_unknowns, table_of


def joint_draws(
    frozen: Frozen,
    scenario: Scenario,
    feasible: pd.Index,
    *,
    executor: Executor | None = None,
) -> Draws | None:
    """Draw everything uncertain together, and evaluate the sites and the appraisal in every draw.

    A batch holds `robustness.joint_draws`; more follow until two standard errors of the leader's share of
    wins, and of its share over each site that is nearly told apart, are at most 0.05, ten batches at most.

    Parameters
    ----------
    frozen, scenario : the study
    feasible : options that fail no condition
    executor : see `evaluate_all`

    Returns
    -------
    None where no site is left.
    """
    chosen = np.flatnonzero(np.isin(frozen.arrays.sites, feasible.to_numpy(object)))
    if not len(chosen):
        return None
    draws, seed = scenario.robustness.joint_draws, scenario.robustness.seed
    parts: list[tuple[Unknowns, Figures, Figures]] = []
    weights: list[tuple[pd.DataFrame, pd.DataFrame]] = []
    while True:
        unknowns = draw_unknowns(frozen.laws, draws, seed, len(parts))
        parts.append((unknowns, *evaluate_all(frozen, unknowns, executor=executor)))
        weights.append(_weights(scenario, draws, seed + len(weights)))
        found = _record(frozen, scenario, chosen, parts, weights)
        if found.applying.is_enough() or len(parts) >= MOST_BATCHES:
            return found


def _weights(scenario: Scenario, draws: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    stated = weights_of(scenario)
    constraints = scenario.robustness.weights
    return draw_both(stated[stated > 0], GROUP_OF, constraints, draws=draws, seed=seed)


def _record(
    frozen: Frozen,
    scenario: Scenario,
    chosen: np.ndarray,
    parts: list[tuple[Unknowns, Figures, Figures]],
    weights: list[tuple[pd.DataFrame, pd.DataFrame]],
) -> Draws:
    sites = [frozen.arrays.sites[k] for k in chosen]
    unknowns = Unknowns.joined([drawn for drawn, _, _ in parts])
    of_sites = np.concatenate([values[:, chosen] for _, values, _ in parts])
    npv_wan = np.concatenate([worth[:, chosen] for _, _, worth in parts])
    free, ordered = (pd.concat(tables, ignore_index=True) for tables in zip(*weights, strict=True))
    names = [use.name for use in frozen.arrays.uses]
    values = of_sites[:, :, [names.index(name) for name in free.columns]]
    levers = [lever.key for lever in frozen.laws.levers]
    return Draws(
        unknowns=table_of(frozen.laws, unknowns),
        values=values,
        free=Weightings.of(values, sites, free),
        ordered=Weightings.of(values, sites, ordered),
        is_adopted=scenario.weights_adopted,
        building=BuildingDraws(npv_table(npv_wan, sites), pd.DataFrame(unknowns.levers, columns=levers))
        if frozen.arrays.is_appraised
        else None,
    )
