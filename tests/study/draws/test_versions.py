"""Versions of a study on arrays: each as if the study had been built anew."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.decision import scoring
from siting.analysis.frames import placed_options
from siting.analysis.network import travel
from siting.scenario.build import change
from siting.scenario.model import weights_of
from siting.study import prepared as steps
from siting.study import variants
from siting.study.draws.executor import started
from siting.study.draws.frozen import freeze
from siting.study.draws.versions import (
    Scored,
    place_variants,
    register_ensemble,
    smallest_flips,
)
from tests.study import by_frames


@pytest.fixture(scope="module")
def small(base_study):
    """The default study with every 25th firm, so that whole ensembles take a moment."""
    inputs = base_study.inputs
    return steps.prepare(base_study.scenario, replace(inputs, enterprises=inputs.enterprises.iloc[::25]))


@pytest.fixture(scope="module")
def tiny(small):
    """Five firms: flips ask for scores a thousand times over."""
    return by_frames.with_enterprises(small, small.inputs.enterprises.iloc[::4])


@pytest.fixture(scope="module")
def weights(base_study):
    return weights_of(base_study.scenario)


@pytest.fixture(scope="module")
def scored(small, weights):
    return scored_of(small, weights)


def scored_of(study, weights):
    evidence = steps.evidence_of(study)
    return Scored(study, freeze(study, evidence), weights)


def rebuilt(ready, changes=(), **inputs):
    """Values of a changed study by the plain chain: everything built anew."""
    anew = steps.prepare(change(ready.scenario, dict(changes)), replace(ready.inputs, **inputs))
    return steps.values_of(anew)


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        ({"economics.land_price_wan_mu": 45.0}, lambda s: {"arrays": s.at_price(45.0)}),
        ({"travel_time.peak_factor": 1.4}, lambda s: {"ways": s.at_peak(1.4)}),
        ({"coverage.cutoff_min": 21.0}, lambda s: {"arrays": s.at_cutoff(21.0)}),
    ],
    ids=["price", "peak", "cutoff"],
)
def test_a_quantity_moved_is_the_setting_changed(small, scored, weights, changes, version):
    found = scored.scores(**version(scored))
    expected = scoring.weighted_sum(rebuilt(small, changes), weights)[list(found.index)]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_registers_of_many_seeds(scored):
    found = register_ensemble(scored, seeds=2, rules=("urban", "parks"))
    assert list(found.index) == [("urban", 0), ("urban", 1), ("parks", 0), ("parks", 1)]
    assert found.to_numpy().min() >= 0
    assert found.to_numpy().max() <= 1
    assert (found.loc[("urban", 0)] != found.loc[("urban", 1)]).any()
    for rule, seed in found.index:
        drawn = by_frames.redrawn(scored.setting, rule, scored.setting.scenario.seed + seed)
        anew = steps.values_of(by_frames.with_enterprises(scored.setting, drawn))
        expected = scoring.weighted_sum(anew, scored.weights)[list(found)]
        np.testing.assert_allclose(found.loc[(rule, seed)], expected, atol=1e-9)


def test_registers_are_driven_together_as_each_alone(scored, monkeypatch):
    """Few searches serve all registers, and change no bit of what each gives."""
    searches = []
    drive = travel.drive
    monkeypatch.setattr(travel, "drive", lambda *a: searches.append(1) or drive(*a))
    together = register_ensemble(scored, seeds=6, rules=("urban", "parks"))
    assert searches == [1]
    monkeypatch.setattr(travel, "_CELLS_AT_ONCE", 1)
    alone = register_ensemble(scored, seeds=6, rules=("urban", "parks"))
    assert len(searches) == 1 + len(alone)
    np.testing.assert_array_equal(together, alone)


# how far a quantity may move --------------------------------------------------------------


def flips_of(ready, weights, kinds):
    able = placed_options(ready.inputs.sites)
    found = {}
    for flip in smallest_flips(scored_of(ready, weights), able):
        found[flip.what] = flip
        if set(kinds) <= set(found):
            return found
    return found


def test_the_land_price_that_ties_two_sites_is_found(small):
    """Planted: only the cost counts, and one site needs more land; the price where both cost alike."""
    sites = small.inputs.sites.loc[["shangcang", "county_seat", "city"]]
    sites = sites.assign(land_area_mu=[10.0, 5.0, np.nan])
    scenario = change(
        small.scenario,
        {
            "groups.enterprises": 0.5,
            "groups.industries": 0.0,
            "groups.building": 0.5,
            "groups.balance": 0.0,
            "criteria.city_link_hours.weight": 0.0,
            "criteria.staff_commute_min.weight": 0.0,
        },
    )
    planted = steps.prepare(scenario, replace(small.inputs, sites=sites))
    weights = weights_of(scenario)
    flip = flips_of(planted, weights, ["land_price_wan_mu"])["land_price_wan_mu"]
    if flip.at is None:
        low, high = (
            scoring.weighted_sum(
                steps.values_of(steps.with_settings(planted, economics__land_price_wan_mu=price)), weights
            ).idxmax()
            for price in (0.0, 10 * flip.current)
        )
        assert low == high == flip.winner
    else:
        tied = steps.with_settings(planted, economics__land_price_wan_mu=flip.at)
        scores = scoring.weighted_sum(steps.values_of(tied), weights)
        assert scores[flip.winner] == pytest.approx(scores[flip.to], abs=1e-6)


def test_at_the_flip_another_option_wins(tiny, weights):
    found = flips_of(tiny, weights, ["peak_factor", "cutoff_min"])
    keys = {"peak_factor": "travel_time.peak_factor", "cutoff_min": "coverage.cutoff_min"}
    for what, key in keys.items():
        flip = found[what]
        if flip.at is not None:
            beyond = flip.at + np.sign(flip.change) * 1e-6 * abs(flip.at)
            scores = scoring.weighted_sum(rebuilt(tiny, {key: float(beyond)}), weights)
            assert scores.drop(flip.winner).max() >= scores[flip.winner] - 1e-9, what


def test_processes_change_no_flip_and_no_place_moved(tiny, weights):
    able, scored = placed_options(tiny.inputs.sites), scored_of(tiny, weights)
    with started(2) as processes:
        assert list(smallest_flips(scored, able, executor=processes)) == list(smallest_flips(scored, able))
        moved = place_variants(scored, able, executor=processes)
    for name, table in place_variants(scored, able).items():
        pd.testing.assert_frame_equal(moved.pop(name), table, check_exact=True)
    assert not moved


def test_each_uncertain_place_is_moved_where_it_hurts(small, scored, weights):
    found = place_variants(scored, placed_options(small.inputs.sites))
    uncertain = variants.uncertain_places(small)
    assert (uncertain["position_error_m"] > 1000).all()
    towns = {*small.inputs.enterprises["town"], *small.inputs.sites["town"]}
    assert set(found) == {f"place:{name}" for name in uncertain["name"] if name in towns}
    now = scoring.weighted_sum(steps.values_of(small), weights)
    today = now.idxmax()
    name = small.inputs.sites.at["shangcang", "town"]
    error = float(uncertain.set_index("name").at[name, "position_error_m"])

    def lead(values):
        scores = scoring.weighted_sum(values, weights)
        return scores[today] - scores.drop(today).max()

    around = [(0, error), (error, 0), (0, -error), (-error, 0)]
    least = min(
        lead(steps.values_of(by_frames.with_places_moved(small, {name: np.array(by)}))) for by in around
    )
    assert lead(found[f"place:{name}"]) == pytest.approx(least, abs=1e-12)
