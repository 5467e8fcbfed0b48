"""One study → the same study under other roads, speeds, registers, demand and positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely

from siting.analysis import criteria, influence, scoring
from siting.analysis.coverage import covered_trips
from siting.analysis.demand import pillar_of
from siting.analysis.flips import Flip, smallest_flip
from siting.analysis.gains import gains
from siting.analysis.register import SPREAD_RULES, draw_register
from siting.analysis.robustness import Ensembles
from siting.analysis.travel import points_of, snap_all
from siting.scenario import Scenario
from siting.setting import (
    Setting,
    drive,
    gather,
    values_of,
    weights_of,
    with_enterprises,
    with_roads,
    with_settings,
)
from siting.types import Evidence, InputError, TravelTimes

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

METRES_PER_DEGREE = 111_200.0
"""Length of a degree of latitude on a sphere of 6371 km."""


def redrawn(setting: Setting, rule: str, seed: int) -> pd.DataFrame:
    """Draw the illustrative part of the register anew; sourced rows stay.

    Raises
    ------
    InputError
        The register has no illustrative row: a real register is not drawn.
    """
    firms = setting.inputs.enterprises
    illustrative = firms["basis"] == "illustrative"
    if not illustrative.any():
        raise InputError("the register has no illustrative row, so there is nothing to draw anew")
    inputs = setting.inputs
    drawn = draw_register(
        inputs.places,
        inputs.industries,
        rule=rule,
        seed=seed,
        boundary=inputs.boundary,
        settings=setting.scenario.illustrative.model_copy(update={"n_firms": int(illustrative.sum())}),
    )
    kept = pd.DataFrame(firms[~illustrative].drop(columns="geometry", errors="ignore"))
    return pd.concat([kept.reindex(columns=drawn.columns), drawn])


def readout_variants(setting: Setting, travel: TravelTimes) -> dict[str, pd.DataFrame]:
    """Values under each variant of the readout, by label ``kind:detail``.

    ``spread`` rules of the illustrative register, believed ``road`` stretches taken out one by one, the
    other ``account``, ``cutoff`` and ``expansion`` ends, and driving times at the ``peak``.
    """
    return dict(_variants(setting, travel))


def _variants(setting: Setting, travel: TravelTimes) -> Iterator[tuple[str, pd.DataFrame]]:
    scenario = setting.scenario
    if (setting.inputs.enterprises["basis"] == "illustrative").any():
        for rule in SPREAD_RULES:
            drawn = redrawn(setting, rule, scenario.seed)
            yield f"spread:{rule}", values_of(with_enterprises(setting, drawn))
    for number, name in believed_stretches(setting).items():
        without = (*scenario.travel_time.without_edges, number)
        yield f"road:{name}", values_of(with_roads(setting, without_edges=without))
    for account in ("financial", "economic"):
        if account != scenario.economics.account:
            yield f"account:{account}", values_of(with_settings(setting, economics__account=account), travel)
    for factor in (1.0, 19.0):
        yield (
            f"expansion:{factor:g}",
            values_of(with_settings(setting, demand__expansion_factor=factor), travel),
        )
    yield "peak:1.3", values_of(with_roads(setting, peak_factor=1.3 * scenario.travel_time.peak_factor))


def believed_stretches(setting: Setting) -> dict[int, str]:
    """Open stretches whose existence is only believed: number → a name that tells where."""
    layer = setting.inputs.roads
    edges = layer.edges
    open_ = setting.graph.is_open
    names = layer.nodes["name"].astype("string").fillna("")
    chosen = edges.index[(edges["belief"] == "believed").fillna(False).to_numpy(bool) & open_]
    return {
        int(
            k
        ): f"{edges.at[k, 'name']}（{names.iloc[edges.at[k, 'tail']]}—{names.iloc[edges.at[k, 'head']]}）"
        for k in chosen
    }


# ensembles: as long as one likes -----------------------------------------------------


def register_ensemble(
    setting: Setting, *, seeds: int, rules: Sequence[str] = SPREAD_RULES, progress: Progress | None = None
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


@dataclass(frozen=True)
class Joint:
    """Draws of everything uncertain at once."""

    values: np.ndarray
    """n_draws × n_options × n_criteria, 0..1."""
    unknowns: pd.DataFrame
    """n_draws × n_unknowns: factors ``speed:<class>``, ``demand:<service>``, metres ``place:<name>``."""
    options: tuple[str, ...]
    criteria: tuple[str, ...]


def joint_ensemble(setting: Setting, *, draws: int, seed: int, progress: Progress | None = None) -> Joint:
    """Draw travel speeds, demand and the positions of uncertain places together.

    Speeds: a factor per road class, lognormal, 95 % within ± `robustness.speed_spread`. Demand: tests of a
    service between its low and high, triangular around the likely figure. Places: each township whose
    position is uncertain, and the firms and sites there, moved by a normal with its stated error as the
    95 % radius. All draws are independent.
    """
    rng = np.random.default_rng(seed)
    scenario, inputs = setting.scenario, setting.inputs
    classes = sorted(inputs.roads.edges["class"].astype(str).unique())
    uncertain = inputs.places[inputs.places["position_error_m"].fillna(0) > 1000]
    sigma = np.log1p(scenario.robustness.speed_spread) / 1.96
    rows, tables = [], []
    for n in range(draws):
        speed = dict(zip(classes, np.exp(rng.normal(0, sigma, len(classes))), strict=True))
        moved = (
            rng.normal(0, 1 / 2.448, (len(uncertain), 2)) * uncertain["position_error_m"].to_numpy()[:, None]
        )
        share = _triangular(rng, inputs.services)
        varied = _moved(setting, uncertain, moved)
        varied = with_roads(varied, speed_factors=_times(scenario.travel_time.speed_factors, speed))
        varied = replace(varied, inputs=replace(varied.inputs, services=_scaled(inputs.services, share)))
        tables.append(values_of(varied).to_numpy())
        rows.append(
            {f"speed:{k}": v for k, v in speed.items()}
            | {f"demand:{k}": v for k, v in share.items()}
            | dict(zip(("place:" + uncertain["name"]).tolist(), np.hypot(*moved.T), strict=True))
        )
        if progress:
            progress(n + 1, draws)
    names = tuple(use.name for use in scenario.criteria)
    return Joint(np.stack(tables), pd.DataFrame(rows), tuple(inputs.sites.index), names)


def _times(factors: Mapping[str, float], others: Mapping[str, float]) -> dict[str, float]:
    return {kind: float(factors.get(kind, 1.0) * value) for kind, value in others.items()}


def _triangular(rng: np.random.Generator, services: pd.DataFrame) -> pd.Series:
    """Factor on the likely tests of each service, between its low and high."""
    low, likely, high = (services[f"tests_{k}"].to_numpy(float) for k in ("low", "likely", "high"))
    certain = high <= low
    drawn = rng.triangular(low, np.clip(likely, low, high), np.where(certain, low + 1.0, high))
    factor = np.divide(drawn, likely, out=np.ones_like(likely), where=(likely > 0) & ~certain)
    return pd.Series(factor, services.index)


def _scaled(services: pd.DataFrame, factor: pd.Series) -> pd.DataFrame:
    return services.assign(tests_likely=services["tests_likely"] * factor)


def _moved(setting: Setting, places: pd.DataFrame, by_m: np.ndarray) -> Setting:
    """Move uncertain places, and the firms and sites of those townships, by metres east and north."""
    shift = dict(zip(places["name"], by_m, strict=True))
    inputs = setting.inputs
    enterprises, sites = (_shifted(frame, shift) for frame in (inputs.enterprises, inputs.sites))
    points = points_of(enterprises, sites, inputs.laboratories, inputs.places)
    snapped = {**setting.snapped, **snap_all(setting.graph, {k: points[k] for k in ("enterprise", "site")})}
    return replace(
        setting,
        inputs=replace(inputs, enterprises=enterprises, sites=sites),
        points={**setting.points, "enterprise": points["enterprise"], "site": points["site"]},
        snapped=snapped,
    )


def _shifted(frame: pd.DataFrame, shift: Mapping[str, np.ndarray]) -> pd.DataFrame:
    by = np.array([shift.get(town, np.zeros(2)) for town in frame["town"]]).reshape(-1, 2)
    lat = frame["lat"].to_numpy(float)
    return frame.assign(
        lon=frame["lon"] + by[:, 0] / (METRES_PER_DEGREE * np.cos(np.radians(np.nan_to_num(lat)))),
        lat=lat + by[:, 1] / METRES_PER_DEGREE,
    )


# what the readout is made from ----------------------------------------------------------


def additive_parts(scenario: Scenario, evidence: Evidence) -> dict[str, influence.Additive]:
    """Criteria that are sums or weighted means over enterprises, taken apart by enterprise."""
    taken, carried = covered_trips(
        evidence, cutoff_min=scenario.coverage.cutoff_min, decay=scenario.coverage.decay
    )
    minutes = evidence.trips.minutes
    return {
        "hours_saved": influence.Additive(gains(evidence)),
        "demand_covered": influence.Additive(taken, carried),
        "mean_trip_min": influence.Additive(minutes.mul(carried, axis=0).where(carried > 0, 0.0), carried),
    }


def viewpoint_weights(scenario: Scenario) -> dict[str, pd.Series]:
    """Effective weights of each viewpoint; criteria it does not name keep the scenario's weight."""
    sets = {}
    for name, view in scenario.viewpoints.items():
        uses = [
            use.model_copy(update={"weight": view.criteria.get(use.name, use.weight)})
            for use in scenario.criteria
        ]
        sets[name] = scoring.effective_weights(view.groups.model_dump(), uses)
    return sets


def quick(setting: Setting, travel: TravelTimes, evidence: Evidence) -> Ensembles:
    """Gather what every run reads out: viewpoints, variants, influence of firms and groups of them."""
    scenario, firms = setting.scenario, setting.inputs.enterprises
    return Ensembles(
        viewpoints=viewpoint_weights(scenario),
        variants=readout_variants(setting, travel),
        parts=additive_parts(scenario, evidence),
        groupings={"industry": pillar_of(firms, setting.inputs.industries), "town": firms["town"]},
    )


def thorough(
    setting: Setting, travel: TravelTimes, evidence: Evidence, progress: Progress | None = None
) -> Ensembles:
    """Add the long ensembles: registers of many seeds, joint draws, and the smallest decisive changes."""
    scenario, weights = setting.scenario, weights_of(setting.scenario)
    draws = joint_ensemble(
        setting, draws=scenario.robustness.joint_draws, seed=scenario.seed, progress=progress
    )
    return replace(
        quick(setting, travel, evidence),
        joint=draws.values,
        unknowns=draws.unknowns,
        flips=tuple(smallest_flips(setting, travel, evidence, weights)),
    )


def smallest_flips(
    setting: Setting, travel: TravelTimes, evidence: Evidence, weights: pd.Series
) -> Iterator[Flip]:
    """Find how far prices, driving times, the cutoff and demand may move before another option wins."""
    scenario = setting.scenario

    def scores(changed: Setting, times: TravelTimes | None = None) -> pd.Series:
        return scoring.weighted_sum(values_of(changed, times), weights)

    def demanded(factor: np.ndarray) -> pd.Series:
        matrix = criteria.matrix_for(
            evidence,
            scenario.criteria,
            scenario.trips,
            scenario.economics,
            coverage=scenario.coverage,
            demand_weights=factor,
        )
        return scoring.weighted_sum(scoring.values(matrix, scenario.criteria), weights)

    price = scenario.economics.land_price_wan_mu
    yield smallest_flip(
        lambda x: scores(with_settings(setting, economics__land_price_wan_mu=x), travel),
        price,
        (0.0, 10 * price),
        what="land_price_wan_mu",
    )
    yield smallest_flip(
        lambda x: scores(with_roads(setting, peak_factor=x)),
        scenario.travel_time.peak_factor,
        (0.5, 3.0),
        what="peak_factor",
    )
    yield smallest_flip(
        lambda x: scores(with_settings(setting, coverage__cutoff_min=x), travel),
        scenario.coverage.cutoff_min,
        (5.0, 90.0),
        what="cutoff_min",
    )
    firms = setting.inputs.enterprises
    for kind, keys in (
        ("industry", pillar_of(firms, setting.inputs.industries)),
        ("town", firms["town"]),
    ):
        for group in sorted(keys.dropna().unique()):
            member = (keys == group).to_numpy()
            yield smallest_flip(
                lambda x, member=member: demanded(np.where(member, x, 1.0)),
                1.0,
                (0.0, 5.0),
                what=f"{kind}:{group}",
                steps=8,
            )


# anchors ------------------------------------------------------------------------------


def attainable_anchors(setting: Setting) -> pd.DataFrame:
    """Propose anchors from what any junction of the county could attain, and from today.

    Run once when a study is set up; the figures are then frozen in the scenario, so that another option,
    or another register, moves nobody's score by moving the scale.

    Returns
    -------
    DataFrame
        By criterion, see `siting.analysis.criteria.attainable`.
    """
    inputs = setting.inputs
    nodes = inputs.roads.nodes
    inside = shapely.intersects_xy(inputs.boundary, nodes["lon"], nodes["lat"])
    sites = inputs.sites.drop(columns="geometry")
    fields = {"kind": "build", "land_provision": "undecided", "town": None}
    junctions = nodes.loc[inside, ["lon", "lat", "name"]].assign(**fields)
    junctions.index = [f"junction-{k}" for k in junctions.index]
    options = pd.concat([junctions, sites[sites["kind"] == "city"]])[list(sites)].rename_axis("id")
    points = points_of(inputs.enterprises, options, inputs.laboratories, inputs.places)
    everywhere = replace(
        setting,
        inputs=replace(inputs, sites=options),
        points=points,
        snapped={**setting.snapped, **snap_all(setting.graph, {"site": points["site"]})},
    )
    evidence = gather(everywhere, drive(everywhere))
    return criteria.attainable(evidence, setting.scenario.criteria, coverage=setting.scenario.coverage)
