"""One study → the same study with one thing changed: who is where, which roads, which account or cutoff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision import scoring
from siting.analysis.decision.criteria import BY_ID, CriterionUse
from siting.analysis.demand.annual_tests import annual_tests, pillar_of
from siting.analysis.demand.synthetic import KM_PER_DEGREE, SpreadRule, draw_register
from siting.analysis.network.travel import points_of, snap_all
from siting.messages import refusal
from siting.scenario.model import weights_of
from siting.study.prepared import (
    Setting,
    compute_travel_times,
    evaluate_criteria,
    values_of,
    with_roads,
    with_settings,
    without_edge,
)
from siting.study.read_inputs import with_points
from siting.types import Demand, Evidence, TravelTimes

if TYPE_CHECKING:
    import geopandas as gpd

METRES_PER_DEGREE = 1000 * KM_PER_DEGREE

UNCERTAIN_M = 1000.0
"""A place whose stated error is larger than this is moved to see whether it matters."""

PEAK = 1.3
"""Driving times at the busiest hour over those of the study (assumed)."""


# registers and positions --------------------------------------------------------------


def redrawn(setting: Setting, rule: SpreadRule, seed: int) -> gpd.GeoDataFrame:
    """Draw the illustrative part of the register anew; sourced rows stay.

    Raises
    ------
    InputError
        The register has no illustrative row: a real register is not drawn.
    """
    firms = setting.inputs.enterprises
    illustrative = firms["basis"] == "illustrative"
    if not illustrative.any():
        raise refusal("", "E657")
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
    return with_points(pd.concat([kept.reindex(columns=drawn.columns), drawn]))


def uncertain_places(setting: Setting) -> pd.DataFrame:
    """Places of the county whose stated position may be off by more than `UNCERTAIN_M`."""
    places = setting.inputs.places
    return places[places["position_error_m"].fillna(0) > UNCERTAIN_M]


def placed_by_town_error_m(enterprises: pd.DataFrame) -> np.ndarray:
    """Error of each enterprise that stands at its township's point for want of coordinates, m; else 0."""
    if "placed" not in enterprises:
        return np.zeros(len(enterprises))
    at_town = (enterprises["placed"] == "town").to_numpy(bool)
    return np.where(at_town, enterprises["position_error_m"].fillna(0.0).to_numpy(float), 0.0)


def with_places_moved(
    setting: Setting, by_m: Mapping[str, np.ndarray], *, each_by_m: np.ndarray | None = None
) -> Setting:
    """Move the firms and sites of townships, by metres east and north; `by_m` goes by township name.

    ``each_by_m``: n_enterprises × 2, what each enterprise moves besides.
    """
    inputs = setting.inputs
    enterprises, sites = (_shifted(frame, by_m) for frame in (inputs.enterprises, inputs.sites))
    if each_by_m is not None:
        enterprises = _moved(enterprises, each_by_m)
    points = points_of(enterprises, sites, inputs.laboratories, inputs.places)
    moved = {role: points[role] for role in ("enterprise", "site")}
    return replace(
        setting,
        inputs=replace(inputs, enterprises=enterprises, sites=sites),
        points={**setting.points, **moved},
        snapped={**setting.snapped, **snap_all(setting.graph, moved)},
    )


def _shifted(frame: gpd.GeoDataFrame, by_m: Mapping[str, np.ndarray]) -> gpd.GeoDataFrame:
    return _moved(frame, np.array([by_m.get(town, (0.0, 0.0)) for town in frame["town"]]).reshape(-1, 2))


def _moved(frame: gpd.GeoDataFrame, by: np.ndarray) -> gpd.GeoDataFrame:
    lon, lat = moved_points(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float), by)
    moved: gpd.GeoDataFrame = frame.assign(lon=lon, lat=lat)
    return moved


def moved_points(
    lon: NDArray[np.float64], lat: NDArray[np.float64], by_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move points by metres east and north (n_points × 2); return lon and lat, 2 × n_points."""
    east = by_m[:, 0] / (METRES_PER_DEGREE * np.cos(np.radians(np.nan_to_num(lat))))
    return np.stack([lon + east, lat + by_m[:, 1] / METRES_PER_DEGREE])


def place_variants(
    setting: Setting, evidence: Evidence, weights: pd.Series, feasible: pd.Index
) -> dict[str, pd.DataFrame]:
    """Values with each uncertain place moved by its stated error, by label ``place:<name>``.

    Of the four points of the compass the one is kept that leaves the best option of today the least lead.
    Places without a firm or site change nothing and are left out.
    """
    tests = evidence.demand
    current = str(_scores(values_of(setting, evidence.travel, tests), weights, feasible).idxmax())
    towns = {*setting.inputs.enterprises["town"], *setting.inputs.sites["town"]}
    found = {}
    for name, error_m in uncertain_places(setting)[["name", "position_error_m"]].itertuples(index=False):
        if name in towns:
            moves = error_m * np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])
            tables = [values_of(with_places_moved(setting, {name: by}), None, tests) for by in moves]
            leads = [_lead(_scores(table, weights, feasible), current) for table in tables]
            found[f"place:{name}"] = tables[int(np.argmin(leads))]
    return found


def _scores(values: pd.DataFrame, weights: pd.Series, feasible: pd.Index) -> pd.Series:
    return scoring.weighted_sum(values.loc[feasible], weights)


def _lead(scores: pd.Series, option: str) -> float:
    return float(scores[option] - scores.drop(option).max()) if len(scores) > 1 else 1.0


# what every run reads out ---------------------------------------------------------------


def summary_variants(setting: Setting, evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Values under each variant of the summary, by label ``kind:detail``.

    Believed ``road`` edges taken out one by one, the other ``account``, building ``phase`` 1 alone, the
    ends of the ``expansion`` factor, and driving times at the ``peak``. Registers drawn anew are no variant:
    one of them proves nothing, see `siting.ensembles.register_ensemble`.
    """
    return dict(_variants(setting, evidence))


def _variants(setting: Setting, evidence: Evidence) -> Iterator[tuple[str, pd.DataFrame]]:
    scenario, travel, tests = setting.scenario, evidence.travel, evidence.demand
    now = evaluate_criteria(scenario, evidence)[2]
    for number, name in believed_edges(setting).items():
        changed = without_edge(setting, number)
        times = compute_travel_times(changed)
        # An edge that nobody's fastest route uses changes no value.
        yield f"road:{name}", now if _same(times, travel) else values_of(changed, times, tests)
    for account in ("financial", "economic"):
        if account != scenario.economics.account:
            varied = with_settings(setting, economics__account=account)
            yield f"account:{account}", values_of(varied, travel, tests)
    if scenario.trips.phase != 1:
        yield "phase:1", values_of(with_settings(setting, trips__phase=1), travel, tests)
    for factor in (1.0, 19.0):
        varied = with_settings(setting, demand__expansion_factor=factor)
        yield f"expansion:{factor:g}", values_of(varied, travel, replace(tests, expansion_factor=factor))
    busy = with_roads(setting, peak_factor=PEAK * scenario.travel_time.peak_factor)
    yield f"peak:{PEAK:g}", values_of(busy, None, tests)


def contributions_at(setting: Setting, evidence: Evidence, times: float) -> pd.DataFrame:
    """Contributions at a multiple of the demand, on scales that go with it; option × criterion.

    Criteria proportional to demand keep their values so: what differs follows it otherwise, as costs do.
    """
    factor = times * evidence.demand.expansion_factor
    varied = with_settings(setting, demand__expansion_factor=factor)
    uses = tuple(_scaled(use, times) for use in varied.scenario.criteria)
    varied = replace(varied, scenario=varied.scenario.model_copy(update={"criteria": uses}))
    values = values_of(varied, evidence.travel, replace(evidence.demand, expansion_factor=factor))
    return scoring.contributions(values, weights_of(varied.scenario))


def _scaled(use: CriterionUse, times: float) -> CriterionUse:
    """Stretch the scale of a criterion that is proportional to demand."""
    if not BY_ID[use.name].scales_with_demand:
        return use
    anchors = None if use.anchors is None else (times * use.anchors[0], times * use.anchors[1])
    points = tuple((times * raw, value) for raw, value in use.points)
    return use.model_copy(update={"anchors": anchors, "points": points})


def _same(times: TravelTimes, others: TravelTimes) -> bool:
    """Whether every trip takes as long and is as far as before."""
    return all(
        np.array_equal(getattr(times, name).to_numpy(), getattr(others, name).to_numpy())
        for name in TravelTimes.__dataclass_fields__
        if name != "snapping"
    )


def believed_edges(setting: Setting) -> dict[int, str]:
    """Open edges whose existence is only believed: number → a name that tells where."""
    layer = setting.inputs.roads
    believed = (layer.edges["belief"] == "believed").fillna(False).to_numpy(bool)
    chosen = np.flatnonzero(believed & setting.graph.is_open)
    places = layer.nodes["name"].astype("string").fillna("").to_numpy(object)
    ends = (places[layer.edges[end].to_numpy()[chosen]] for end in ("tail", "head"))
    names = layer.edges["name"].to_numpy(object)[chosen]
    return {
        int(number): f"{name}（{tail}—{head}）"
        for number, name, tail, head in zip(chosen, names, *ends, strict=True)
    }


# groups and demand ------------------------------------------------------------------------


def firm_groups(setting: Setting) -> dict[str, pd.Series]:
    """Group of each enterprise by ``industry`` and ``town``; what no row states is left out."""
    firms = setting.inputs.enterprises
    groups = {"industry": pillar_of(firms, setting.inputs.industries), "town": firms["town"]}
    return {kind: keys for kind, keys in groups.items() if keys.notna().any()}


def scaled_demand(setting: Setting, factor: pd.Series) -> Demand:
    """Work out the demand with the likely tests of each service multiplied."""
    inputs = setting.inputs
    services = inputs.services.assign(tests_likely=inputs.services["tests_likely"] * factor)
    return annual_tests(inputs.enterprises, services, inputs.industries, setting.scenario.demand)
