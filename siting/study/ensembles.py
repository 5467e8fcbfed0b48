"""One study → the same study many times over: other registers, and everything uncertain drawn at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.analysis.decision import criteria, scoring
from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.demand.synthetic import SPREAD_RULES, SpreadRule
from siting.analysis.frames import numbers
from siting.analysis.network.delays import MinuteParts, minute_parts
from siting.analysis.network.speeds import TravelTimeSettings
from siting.analysis.network.travel import points_of, snap_all
from siting.analysis.robustness.assess import Ensembles, RobustnessSettings
from siting.option_kinds import DEFAULT, having
from siting.scenario.model import viewpoint_weights, weights_of
from siting.study.prepared import (
    Setting,
    evaluate_criteria,
    evidence_of,
    values_of,
    with_enterprises,
    with_minutes,
)
from siting.study.variants import (
    N_QUANTITIES,
    demanded,
    firm_groups,
    place_variants,
    placed_by_town_error_m,
    redrawn,
    scaled_demand,
    smallest_flips,
    summary_variants,
    uncertain_places,
    with_places_moved,
)
from siting.types import Evidence

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""


def register_ensemble(
    setting: Setting,
    *,
    seeds: int,
    rules: Sequence[SpreadRule] = SPREAD_RULES,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Score the options under many illustrative registers.

    Parameters
    ----------
    setting
    seeds : registers drawn under each rule
    rules : spread rules

    Returns
    -------
    DataFrame
        (rule, seed) × option, scores 0..1.
    """
    weights = weights_of(setting.scenario)
    rows = {}
    for n, (rule, seed) in enumerate((r, s) for r in rules for s in range(seeds)):
        drawn = redrawn(setting, rule, setting.scenario.seed + seed)
        values = values_of(with_enterprises(setting, drawn))
        rows[rule, seed] = scoring.weighted_sum(values, weights)
        if progress:
            progress(n + 1, seeds * len(rules))
    return pd.DataFrame(rows).T.rename_axis(["rule", "seed"])


TWO_SIDED_95 = 2.448
"""Radius of the circle that holds 95 % of a round normal of standard deviation 1."""


@dataclass(frozen=True)
class Joint:
    """Draws of everything uncertain at once."""

    values: np.ndarray
    """n_draws × n_options × n_criteria, 0..1."""
    unknowns: pd.DataFrame
    """n_draws × n_unknowns: factors ``speed:<class>``, ``demand:<service>``, metres ``place:<name>``, factors
    ``posted_factor, junction_delay, signal_delay``."""


def joint_ensemble(setting: Setting, *, draws: int, seed: int, progress: Progress | None = None) -> Joint:
    """Draw travel speeds, demand and the positions of uncertain places together.

    Speeds: a factor per road class, lognormal, 95 % within ± `robustness.speed_spread`. Share of the limit
    driven, delays at junctions, delays at signals: a factor on each, triangular within its range of
    `robustness`, where roads of the study have such. Demand: tests of a
    service between its low and high, triangular around the likely figure. Places: each township whose
    position is uncertain, and the firms and sites there, moved by a normal with its stated error as the
    95 % radius; so is each enterprise by itself that stands at its township's point for want of coordinates.
    All draws are independent.
    """
    rng = np.random.default_rng(seed)
    scenario, inputs = setting.scenario, setting.inputs
    classes, of_edge = np.unique(inputs.roads.edges["class"].astype(str), return_inverse=True)
    uncertain = uncertain_places(setting)
    error_m = uncertain["position_error_m"].to_numpy(float)[:, None]
    own_error_m = placed_by_town_error_m(inputs.enterprises)[:, None]
    sigma = np.log1p(scenario.robustness.speed_spread) / 1.96
    parts = minute_parts(inputs.roads, scenario.travel_time, setting.graph.is_open)
    ranges = _ranges_of_times(parts, scenario.travel_time, scenario.robustness)
    rows, tables = [], []
    for n in range(draws):
        speed = np.exp(rng.normal(0, sigma, len(classes)))
        by_m = rng.normal(0, 1 / TWO_SIDED_95, (len(uncertain), 2)) * error_m
        share = _triangular(rng, inputs.services)
        # Drawn only where a row was placed so: other studies keep the draws they had.
        each_by_m = None
        if own_error_m.any():
            each_by_m = rng.normal(0, 1 / TWO_SIDED_95, (len(own_error_m), 2)) * own_error_m
        moves = dict(zip(uncertain["name"], by_m, strict=True))
        varied = with_places_moved(setting, moves, each_by_m=each_by_m)
        times = {name: rng.triangular(*ends) for name, ends in ranges.items()}
        varied = with_minutes(varied, _drawn_minutes(parts, 1.0 / speed[of_edge], times))
        tables.append(values_of(varied, None, scaled_demand(setting, share)).to_numpy())
        rows.append(np.concatenate([speed, share, np.hypot(*by_m.T), [*times.values()]]))
        if progress:
            progress(n + 1, draws)
    names = [f"speed:{k}" for k in classes] + [f"demand:{k}" for k in inputs.services.index]
    names += [f"place:{k}" for k in uncertain["name"]] + list(ranges)
    return Joint(np.stack(tables), pd.DataFrame(rows, columns=names))


def _ranges_of_times(
    parts: MinuteParts, travel_time: TravelTimeSettings, robustness: RobustnessSettings
) -> dict[str, tuple[float, float, float]]:
    """Return low, likely and high factor of what the times of these roads rest on; what changes none is left.

    So a study without limits, junctions or signals keeps the draws that it had.
    """
    low, high = robustness.posted_factor_range
    likely = travel_time.posted_factor
    candidates: list[tuple[str, np.ndarray, tuple[float, float]]] = [
        ("posted_factor", parts.is_limit, (low / likely, high / likely)),
        ("junction_delay", parts.junctions, robustness.junction_delay_range),
        ("signal_delay", parts.signals, robustness.signal_delay_range),
    ]
    ranges = {name: (min(*ends, 1.0), 1.0, max(*ends, 1.0)) for name, used, ends in candidates if used.any()}
    return {name: ends for name, ends in ranges.items() if ends[0] < ends[2]}


def _drawn_minutes(
    parts: MinuteParts, by_class: np.ndarray, factors: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return the minutes (2 × n_edges) under drawn factors; `by_class` multiplies the driving alone."""
    return replace(parts, driving=parts.driving * by_class).total(
        limit_share=factors.get("posted_factor", 1.0),
        junctions=factors.get("junction_delay", 1.0),
        signals=factors.get("signal_delay", 1.0),
    )


def _triangular(rng: np.random.Generator, services: pd.DataFrame) -> pd.Series:
    """Factor on the likely tests of each service, between its low and high."""
    low, likely, high = (services[f"tests_{k}"].to_numpy(float) for k in ("low", "likely", "high"))
    certain = high <= low
    drawn = rng.triangular(low, np.clip(likely, low, high), np.where(certain, low + 1.0, high))
    factor = np.divide(drawn, likely, out=np.ones_like(likely), where=(likely > 0) & ~certain)
    return pd.Series(factor, services.index)


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


def exact_left_out(
    setting: Setting, evidence: Evidence, progress: Progress | None = None
) -> dict[str, pd.DataFrame]:
    """Score the options without each enterprise, and without each group of them, in every criterion.

    Returns
    -------
    By ``enterprise, industry, town``: left out × option, scores 0..1.
    """
    firms = evidence.demand.tests.index
    score = partial(demanded, setting, evidence, weights_of(setting.scenario))
    alone = {}
    for n, firm in enumerate(firms):
        alone[firm] = score((firms != firm).astype(float))
        if progress:
            progress(n + 1, len(firms))
    tables = {"enterprise": alone} | {
        kind: {group: score((keys != group).to_numpy(float)) for group in sorted(keys.dropna().unique())}
        for kind, keys in firm_groups(setting).items()
    }
    return {kind: pd.DataFrame(rows).T for kind, rows in tables.items()}


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


def quick(setting: Setting, evidence: Evidence) -> Ensembles:
    """Gather what every run reads out: viewpoints, variants, influence of firms and groups of them."""
    scenario = setting.scenario
    variants = summary_variants(setting, evidence)
    # What departments answered counts before what the study supposes that parties care for.
    voices = [name for name in scenario.viewpoints if name in setting.inputs.weight_records]
    return Ensembles(
        viewpoints={name: viewpoint_weights(scenario, name) for name in voices or scenario.viewpoints},
        variants=variants,
        scenarios=_other_scenarios(variants, evaluate_criteria(scenario, evidence)[2], weights_of(scenario)),
        parts=criteria.components_of(evidence, scenario.criteria, coverage=scenario.coverage),
        groupings=firm_groups(setting),
    )


def thorough(
    setting: Setting, evidence: Evidence, feasible: pd.Index, progress: Progress | None = None
) -> Ensembles:
    """Add the long ensembles.

    Registers of many seeds under each spread rule, joint draws, uncertain places moved one by one, whom to
    ask first, enterprises left out with every criterion worked out anew, and the smallest decisive changes;
    only options of `feasible` can win the places moved and the changes.
    """
    settings, seed, weights = setting.scenario.robustness, setting.scenario.seed, weights_of(setting.scenario)
    is_drawn = (setting.inputs.enterprises["basis"] == "illustrative").any()
    n_registers = settings.seeds * len(SPREAD_RULES) if is_drawn else 0
    n_firms, n_draws = len(evidence.demand.tests), settings.joint_draws
    n_flips = N_QUANTITIES + sum(keys.nunique() for keys in firm_groups(setting).values())
    ends = np.cumsum([n_registers, n_draws, n_firms, n_flips]).tolist()

    def after(first: int) -> Progress | None:
        return (lambda done, _: progress(first + done, ends[-1])) if progress else None

    registers = None
    if is_drawn:
        registers = register_ensemble(setting, seeds=settings.seeds, progress=after(0))
    joint = joint_ensemble(setting, draws=n_draws, seed=seed, progress=after(ends[0]))
    left_out = exact_left_out(setting, evidence, after(ends[1]))
    flips = []
    for flip in smallest_flips(setting, evidence, weights, feasible):
        flips.append(flip)
        if progress:
            progress(ends[2] + len(flips), ends[-1])
    basic = quick(setting, evidence)
    return replace(
        basic,
        variants={**basic.variants, **place_variants(setting, evidence, weights, feasible)},
        spread=demand_spread(evidence),
        left_out=left_out,
        joint=joint.values,
        unknowns=joint.unknowns,
        registers=registers,
        flips=tuple(flips),
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
