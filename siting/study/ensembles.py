"""One study → the same study many times over: other registers, and everything uncertain drawn at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from siting.analysis.decision import criteria, scoring
from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.frames import is_illustrative, numbers
from siting.analysis.network.travel import points_of, snap_all
from siting.analysis.robustness.assess import Ensembles
from siting.option_kinds import DEFAULT, having
from siting.scenario.model import viewpoint_weights, weights_of
from siting.study.draws.executor import Executor
from siting.study.draws.frozen import freeze
from siting.study.draws.joint import joint_draws
from siting.study.draws.left_out import exact_left_out
from siting.study.draws.versions import (
    N_QUANTITIES,
    Progress,
    Scored,
    place_variants,
    register_ensemble,
    roads_taken_out,
    scores_at_ends,
    smallest_flips,
)
from siting.study.prepared import (
    Setting,
    evidence_of,
)
from siting.study.variants import (
    firm_groups,
    settings_varied,
)
from siting.types import Evidence

# what the summary is made from ----------------------------------------------------------


def demand_spread(evidence: Evidence) -> pd.Series:
    """How uncertain each enterprise's test trips are: standard deviation of their logarithm.

    The high end of the catalogue's ranges is read as the upper end of a 95 % interval, all services of an
    enterprise moving together; 0 where the enterprise has stated its tests, or makes no trip.
    """
    demand = evidence.demand
    likely = carried_trips(demand, evidence.inputs.services).sum(axis=1)
    high = carried_trips(replace(demand, tests=demand.high), evidence.inputs.services).sum(axis=1)
    unsure = (likely > 0) & (high > likely) & np.isnan(numbers(evidence.inputs.enterprises, "tests_per_year"))
    ratio = np.divide(high, likely, out=np.ones_like(likely), where=unsure)
    return pd.Series(np.log(ratio) / 1.96, demand.tests.index)


SCENARIOS = ("account", "phase", "expansion", "peak")
"""Kinds of variant that are other states of the world or of the rules, so that regret means something."""


def _other_scenarios(
    variants: Mapping[str, pd.DataFrame], current: pd.DataFrame, weights: pd.Series
) -> dict[str, pd.Series]:
    """Score the options under each variant that is another scenario; one equal to today's is no other."""
    return {
        label: scoring.weighted_sum(values, weights)
        for label, values in variants.items()
        if label.partition(":")[0] in SCENARIOS and not np.allclose(values, current, rtol=0, atol=1e-12)
    }


def quick(
    setting: Setting,
    evidence: Evidence,
    values: pd.DataFrame,
    feasible: pd.Index,
    progress: Progress | None = None,  # noqa: ARG001 - nothing here takes long
    *,
    executor: Executor | None = None,
) -> Ensembles:
    """Gather what every run reads out: joint draws, viewpoints, variants, influence of firms and groups.

    Parameters
    ----------
    setting, evidence : the study
    values : site × criterion, 0..1, of the study as it is
    feasible : sites that fail no condition
    progress : called with steps done and steps in all
    executor : see `siting.study.draws.executor.evaluate_all`
    """
    scored, seeds = _scored(setting, evidence), setting.scenario.robustness.quick_seeds
    return _read_out(scored, evidence, values, feasible, seeds, executor=executor)


def thorough(
    setting: Setting,
    evidence: Evidence,
    values: pd.DataFrame,
    feasible: pd.Index,
    progress: Progress | None = None,
    *,
    executor: Executor | None = None,
) -> Ensembles:
    """Add the long ensembles; arguments as of `quick`.

    Registers of many seeds under each spread rule, uncertain places moved one by one, whom to ask first,
    enterprises left out with every criterion worked out anew, and the smallest decisive changes; only sites
    of `feasible` can win the places moved and the changes.
    """
    scored, seeds = _scored(setting, evidence), setting.scenario.robustness.seeds
    n_flips = N_QUANTITIES + sum(keys.nunique() for keys in firm_groups(setting).values())
    ends = np.cumsum([1, len(evidence.demand.tests), n_flips]).tolist()

    def after(first: int) -> Progress | None:
        return (lambda done, _: progress(first + done, ends[-1])) if progress else None

    basic = _read_out(scored, evidence, values, feasible, seeds, executor=executor)
    if progress:
        progress(1, ends[-1])
    left_out = exact_left_out(scored, basic.parts, after(ends[0]))
    flips = []
    for flip in smallest_flips(scored, feasible, executor=executor):
        flips.append(flip)
        if progress:
            progress(ends[1] + len(flips), ends[-1])
    return replace(
        basic,
        variants={**basic.variants, **place_variants(scored, feasible, executor=executor)},
        spread=demand_spread(evidence),
        askable=real_enterprises(evidence.inputs.enterprises),
        left_out=left_out,
        flips=tuple(flips),
    )


def real_enterprises(enterprises: pd.DataFrame) -> pd.Index:
    """Return the ids of those that exist: nobody can ask an illustrative enterprise.

    Examples
    --------
    >>> real_enterprises(pd.DataFrame({"basis": ["illustrative", "sourced", None]}, ["a", "b", "c"])).tolist()
    ['b', 'c']
    """
    return enterprises.index[~is_illustrative(enterprises)]


def _scored(setting: Setting, evidence: Evidence) -> Scored:
    return Scored(setting, freeze(setting, evidence), weights_of(setting.scenario))


def _read_out(
    scored: Scored,
    evidence: Evidence,
    values: pd.DataFrame,
    feasible: pd.Index,
    seeds: int,
    *,
    executor: Executor | None,
) -> Ensembles:
    """Work out what `quick` gathers, with so many registers under each spread rule."""
    setting, scenario = scored.setting, scored.setting.scenario
    variants = {**roads_taken_out(scored), **settings_varied(setting, evidence)}
    is_redrawn = scored.frozen.redrawing is not None
    # What departments answered counts before what the study supposes that parties care for.
    voices = [name for name in scenario.viewpoints if name in setting.inputs.weight_records]
    return Ensembles(
        viewpoints={name: viewpoint_weights(scenario, name) for name in voices or scenario.viewpoints},
        variants=variants,
        scenarios=_other_scenarios(variants, values, scored.weights),
        parts=criteria.components_of(evidence, scenario.criteria, coverage=scenario.coverage),
        groupings=firm_groups(setting),
        draws=joint_draws(scored.frozen, scenario, feasible, executor=executor),
        registers=register_ensemble(scored, seeds=seeds, executor=executor) if is_redrawn else None,
        at_ends=scores_at_ends(scored, executor=executor),
    )


# anchors ------------------------------------------------------------------------------

MOST_JUNCTIONS = 1000
"""Junctions that anchors are looked for at: the best of a thousand spread over a county is its best."""


def attainable_anchors(setting: Setting) -> pd.DataFrame:
    """Propose anchors from what any junction of the county could attain, and from today.

    Run once when a study is set up; the figures are then frozen in the scenario, so that another option,
    or another register, moves nobody's score by moving the scale.

    Returns
    -------
    DataFrame
        By criterion, see `siting.analysis.decision.criteria.attainable`.
    """
    inputs = setting.inputs
    nodes = inputs.roads.nodes
    inside = np.flatnonzero(shapely.intersects_xy(inputs.area, nodes["lon"], nodes["lat"]))
    inside = inside[_spread(nodes["lon"].to_numpy(float)[inside], nodes["lat"].to_numpy(float)[inside])]
    sites = inputs.sites.drop(columns="geometry")
    fields = {"kind": DEFAULT.id, "land_provision": "undecided", "town": None}
    junctions = nodes.iloc[inside][["lon", "lat", "name"]].assign(**fields)
    junctions.index = [f"junction-{k}" for k in junctions.index]
    options = pd.concat([junctions, sites[having(sites["kind"], lambda kind: kind.is_today)]])[
        list(sites)
    ].rename_axis("id")
    points = points_of(inputs.enterprises, options, inputs.laboratories, inputs.places)
    everywhere = replace(
        setting,
        inputs=replace(inputs, sites=options),
        points=points,
        snapped={**setting.snapped, **snap_all(setting.graph, {"site": points["site"]})},
    )
    evidence = evidence_of(everywhere)
    return criteria.attainable(evidence, setting.scenario.criteria, coverage=setting.scenario.coverage)


def _spread(lon: np.ndarray, lat: np.ndarray, most: int = MOST_JUNCTIONS) -> np.ndarray:
    """Choose at most `most` points spread over the area: in each grid cell the one nearest its middle."""
    chosen, cells = np.arange(len(lon)), math.isqrt(most)
    while len(chosen) > most:
        x = (lon - lon.min()) / (np.ptp(lon) or 1.0) * cells
        y = (lat - lat.min()) / (np.ptp(lat) or 1.0) * cells
        off = (x % 1 - 0.5) ** 2 + (y % 1 - 0.5) ** 2
        cell = pd.Series(np.floor(x) * (cells + 1) + np.floor(y))
        chosen = np.sort(pd.Series(off).groupby(cell).idxmin().to_numpy())
        cells -= 1
    return chosen
