"""One study → the same study with one thing changed: who is where, which roads, which account or cutoff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision import scoring
from siting.analysis.decision.criteria import BY_ID, CriterionUse
from siting.analysis.demand.annual_tests import pillar_of
from siting.analysis.demand.demand_settings import PARAMETERS as DEMAND_PARAMETERS
from siting.analysis.demand.synthetic import KM_PER_DEGREE
from siting.analysis.frames import is_illustrative
from siting.analysis.money.sensitivity import EXPANSION, ranges_of
from siting.scenario.model import weights_of
from siting.study.prepared import (
    Setting,
    values_of,
    with_roads,
    with_settings,
)
from siting.types import Evidence

METRES_PER_DEGREE = 1000 * KM_PER_DEGREE

UNCERTAIN_M = 1000.0
"""A place whose stated error is larger than this is moved to see whether it matters."""

PEAK = 1.3
"""Driving times at the busiest hour over those of the study (assumed)."""


# registers and positions --------------------------------------------------------------


def uncertain_places(setting: Setting) -> pd.DataFrame:
    """Places of the county whose stated position may be off by more than `UNCERTAIN_M`."""
    places = setting.inputs.places
    return places[places["position_error_m"].fillna(0) > UNCERTAIN_M]


def stand_with_town(enterprises: pd.DataFrame) -> pd.Series:
    """Tell of each enterprise whether it is known by its township alone, and so moves with its point.

    What is made up stands around that point; who states coordinates of its own stays where it is.
    """
    made_up = pd.Series(is_illustrative(enterprises), enterprises.index)
    return made_up | (enterprises["placed"] == "town") if "placed" in enterprises else made_up


def placed_by_town_error_m(enterprises: pd.DataFrame) -> np.ndarray:
    """Error of each enterprise that stands at its township's point for want of coordinates, m; else 0."""
    if "placed" not in enterprises:
        return np.zeros(len(enterprises))
    at_town = (enterprises["placed"] == "town").to_numpy(bool)
    return np.where(at_town, enterprises["position_error_m"].fillna(0.0).to_numpy(float), 0.0)


def moved_points(
    lon: NDArray[np.float64], lat: NDArray[np.float64], by_m: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Move points by metres east and north (n_points × 2); return lon and lat, 2 × n_points."""
    east = by_m[:, 0] / (METRES_PER_DEGREE * np.cos(np.radians(np.nan_to_num(lat))))
    return np.stack([lon + east, lat + by_m[:, 1] / METRES_PER_DEGREE])


# what every run reads out ---------------------------------------------------------------


def settings_varied(setting: Setting, evidence: Evidence) -> dict[str, pd.DataFrame]:
    """Values under each variant of the settings, by label ``kind:detail``.

    The other ``account``, building ``phase`` 1 alone, the ends of the ``expansion`` factor, a ``hard_cutoff``
    midway between the two radii, and driving times at the ``peak``. Registers drawn anew are no variant: one
    of them proves nothing, see `siting.study.draws.versions.register_ensemble`.
    """
    return dict(_settings_varied(setting, evidence))


def _settings_varied(setting: Setting, evidence: Evidence) -> Iterator[tuple[str, pd.DataFrame]]:
    scenario, travel, tests = setting.scenario, evidence.travel, evidence.demand
    is_appraised = scenario.demand.kind.is_appraised
    for account in ("financial", "economic"):
        if is_appraised and account != scenario.economics.account:
            varied = with_settings(setting, economics__account=account)
            yield f"account:{account}", values_of(varied, travel, tests)
    if is_appraised and scenario.trips.phase != 1:
        yield "phase:1", values_of(with_settings(setting, trips__phase=1), travel, tests)
    for factor in expansion_ends(setting):
        varied = with_settings(setting, demand__expansion_factor=factor)
        yield f"expansion:{factor:g}", values_of(varied, travel, replace(tests, expansion_factor=factor))
    reach = scenario.coverage
    if reach.decay == "two_radii" and any(
        "cutoff_min" in BY_ID[use.name].parameters for use in scenario.criteria
    ):
        half = (reach.full_min + reach.cutoff_min) / 2.0
        varied = with_settings(setting, coverage__decay="none", coverage__cutoff_min=half)
        yield f"hard_cutoff:{half:g}", values_of(varied, travel, tests)
    busy = with_roads(setting, peak_factor=PEAK * scenario.travel_time.peak_factor)
    yield f"peak:{PEAK:g}", values_of(busy, None, tests)


def is_redrawn(setting: Setting) -> NDArray[np.bool_]:
    """Tell of each row whether it is illustrative and can be drawn anew elsewhere.

    Registers are drawn by the committees of the places; a study that counts none keeps its rows.
    """
    inputs = setting.inputs
    counts = bool(inputs.places["committees_total"].notna().any())
    return is_illustrative(inputs.enterprises) & (setting.scenario.demand.kind.is_drawn and counts)


def expansion_ends(setting: Setting) -> tuple[float, ...]:
    """Return the ends of the firms that a row may stand for; none where every row is a firm itself."""
    inputs, stated = setting.inputs, setting.scenario.demand.expansion_factor
    if not is_redrawn(setting).any():
        return ()
    known = ranges_of(inputs.parameters).get(DEMAND_PARAMETERS[EXPANSION], ())
    return tuple(end for end in known if end != stated)


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
