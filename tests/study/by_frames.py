"""A draw the long way: by frames, every table built anew, for holding the arrays of the draws against."""

from dataclasses import replace

import numpy as np
import pandas as pd

from siting.analysis.demand.annual_tests import annual_tests
from siting.analysis.demand.synthetic import draw_register
from siting.analysis.network.travel import points_of, snap_all
from siting.study.read_inputs import with_points
from siting.study.variants import moved_points, stand_with_town


def with_enterprises(setting, enterprises):
    """Copy a setting with another register, snapped to the same roads, without its time matrix."""
    inputs = replace(setting.inputs, enterprises=enterprises, time_matrix=None)
    points = {**setting.points, "enterprise": enterprises}
    snapped = {**setting.snapped, **snap_all(setting.graph, {"enterprise": enterprises})}
    return replace(setting, inputs=inputs, points=points, snapped=snapped)


def with_minutes(setting, minutes):
    """Copy a setting with other minutes of every open direction; `minutes` is 2 × n_edges, finite."""
    kept = np.where(np.isfinite(setting.graph.minutes), minutes, np.inf)
    return replace(setting, graph=setting.graph.with_minutes(kept))


def redrawn(setting, rule, seed):
    """Draw the illustrative part of the register anew; sourced rows stay."""
    firms = setting.inputs.enterprises
    illustrative = firms["basis"] == "illustrative"
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


def with_places_moved(setting, by_m, *, each_by_m=None):
    """Move the firms and sites of townships, by metres east and north; `by_m` goes by township name.

    ``each_by_m``: n_enterprises × 2, what each enterprise moves besides.
    """
    inputs = setting.inputs
    sites = _shifted(inputs.sites, by_m)
    enterprises = _shifted(inputs.enterprises, by_m, stand_with_town(inputs.enterprises).to_numpy())
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


def _shifted(frame, by_m, moves=1):
    by = np.array([by_m.get(town, (0.0, 0.0)) for town in frame["town"]]).reshape(-1, 2)
    return _moved(frame, by * np.reshape(moves, (-1, 1)))


def _moved(frame, by):
    lon, lat = moved_points(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float), by)
    moved = frame.assign(lon=lon, lat=lat)
    return moved


def scaled_demand(setting, factor):
    """Work out the demand with the likely tests of each service multiplied."""
    inputs = setting.inputs
    services = inputs.services.assign(tests_likely=inputs.services["tests_likely"] * factor)
    return annual_tests(inputs.enterprises, services, inputs.industries, setting.scenario.demand)
