"""The study varied: each variant as if the study had been built anew, draws reproducible by their seed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.decision.criteria import components_of
from siting.analysis.frames import placed_options
from siting.analysis.robustness import assess as robustness
from siting.scenario.build import change
from siting.scenario.model import weights_of
from siting.study import ensembles, variants
from siting.study import prepared as steps
from siting.study.draws.frozen import freeze
from siting.study.draws.left_out import exact_left_out
from siting.study.draws.versions import Scored, roads_taken_out
from tests.study import by_frames

SPREAD = {"committees", "urban", "parks", "villages"}


@pytest.fixture(scope="module")
def ready(base_study):
    return steps.prepare(base_study.scenario, base_study.inputs)


@pytest.fixture(scope="module")
def evidence(ready):
    return steps.evidence_of(ready)


@pytest.fixture(scope="module")
def weights(base_study):
    return weights_of(base_study.scenario)


@pytest.fixture(scope="module")
def small(base_study):
    """The default study with every 25th firm, so that whole ensembles take a moment."""
    inputs = base_study.inputs
    scenario = change(base_study.scenario, {"robustness.seeds": 1, "robustness.joint_draws": 20})
    return steps.prepare(scenario, replace(inputs, enterprises=inputs.enterprises.iloc[::25]))


@pytest.fixture(scope="module")
def tiny(small):
    """Five firms: flips and long ensembles ask for scores a thousand times over."""
    return by_frames.with_enterprises(small, small.inputs.enterprises.iloc[::4])


@pytest.fixture(scope="module")
def small_evidence(small):
    return steps.evidence_of(small)


def rebuilt(ready, changes=(), **inputs):
    """Values of a changed study by the plain chain: everything built anew."""
    scenario = change(ready.scenario, dict(changes))
    anew = steps.prepare(scenario, replace(ready.inputs, **inputs))
    return steps.values_of(anew)


# variants ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def summarised(ready, evidence):
    scored = Scored(ready, freeze(ready, evidence), weights_of(ready.scenario))
    return {**roads_taken_out(scored), **variants.settings_varied(ready, evidence)}


def test_the_summary_has_every_kind_of_variant(ready, summarised):
    kinds = pd.Series([label.partition(":")[0] for label in summarised]).value_counts()
    assert set(kinds.index) == {"road", "account", "phase", "expansion", "peak", "hard_cutoff"}
    assert kinds["road"] == len(variants.believed_edges(ready)) > 10
    for table in summarised.values():
        assert list(table.columns) == [use.name for use in ready.scenario.criteria]
        assert table.to_numpy().min() >= 0
        assert table.to_numpy().max() <= 1


def test_a_stretch_taken_out_is_as_if_it_had_never_been(ready, summarised):
    """Points that need it only are laid anew; nothing else may differ from a graph built without it."""
    for number, name in list(variants.believed_edges(ready).items())[::4]:
        anew = rebuilt(ready, {"travel_time.without_edges": [number]})
        np.testing.assert_allclose(summarised[f"road:{name}"], anew, atol=1e-12, err_msg=name)


def test_laying_points_anew_by_halves_is_laying_them_anew(ready):
    """Where several stretches meet, any of them will do: what counts is the place and the way from it."""
    for number in list(variants.believed_edges(ready))[::3]:
        quick = steps.without_edge(ready, number)
        whole = steps.with_roads(ready, without_edges=(number,))
        for role, laid in quick.snapped.items():
            for column in ("snap_m", "located", "on_main"):
                expected = getattr(whole.snapped[role], column)
                np.testing.assert_allclose(getattr(laid, column), expected, err_msg=f"{number} {role}")
        times, expected = steps.compute_travel_times(quick), steps.compute_travel_times(whole)
        np.testing.assert_allclose(times.to_site, expected.to_site)
        np.testing.assert_allclose(times.to_laboratory_km, expected.to_laboratory_km)


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("phase:1", {"trips.phase": 1}),
        ("expansion:12", {"demand.expansion_factor": 12.0}),
        ("account:financial", {"economics.account": "financial"}),
        ("peak:1.3", {"travel_time.peak_factor": 1.3}),
    ],
)
def test_settings_varied_are_the_settings_changed(ready, summarised, label, changes):
    np.testing.assert_allclose(summarised[label], rebuilt(ready, changes), atol=1e-12)


def test_the_register_of_the_scenario_is_one_of_its_own_rule(ready):
    """The register in the data was drawn with the scenario's rule and seed."""
    drawn = by_frames.with_enterprises(ready, by_frames.redrawn(ready, "committees", ready.scenario.seed))
    np.testing.assert_allclose(steps.values_of(drawn), steps.values_of(ready), atol=2e-3)


def test_sourced_firms_stay_when_the_others_are_drawn(ready):
    drawn = by_frames.redrawn(ready, "urban", 7)
    assert len(drawn) == 400
    sourced = drawn[drawn["basis"] == "sourced"]
    pd.testing.assert_series_equal(
        sourced["name"], ready.inputs.enterprises.query("basis == 'sourced'")["name"], check_dtype=False
    )
    assert not drawn.index.has_duplicates


# places -----------------------------------------------------------------------------------


def test_places_move_by_metres(ready):
    towns = {"上仓镇": np.array([1000.0, -2000.0])}
    moved = by_frames.with_places_moved(ready, towns)
    before, after = ready.inputs.enterprises, moved.inputs.enterprises
    there = (before["town"] == "上仓镇").to_numpy()
    assert there.any()
    north_m = (after["lat"] - before["lat"]) * variants.METRES_PER_DEGREE
    east_m = (after["lon"] - before["lon"]) * variants.METRES_PER_DEGREE * np.cos(np.radians(before["lat"]))
    np.testing.assert_allclose(north_m, np.where(there, -2000, 0), atol=1e-6)
    np.testing.assert_allclose(east_m, np.where(there, 1000, 0), atol=1e-6)
    assert moved.inputs.sites.loc["shangcang", "lat"] < ready.inputs.sites.loc["shangcang", "lat"]
    assert np.isnan(moved.inputs.sites.loc["city", "lat"])
    pd.testing.assert_frame_equal(
        steps.values_of(by_frames.with_places_moved(ready, {})), steps.values_of(ready), check_exact=True
    )


def test_enterprises_placed_by_township_move_one_by_one(small):
    """Rows without coordinates are moved about in the joint draws, each by itself; the others keep theirs."""
    enterprises = small.inputs.enterprises
    there = np.arange(len(enterprises)) < 3
    placed = enterprises.assign(
        placed=np.where(there, "town", "point"), position_error_m=np.where(there, 900.0, np.nan)
    )
    np.testing.assert_array_equal(variants.placed_by_town_error_m(placed), np.where(there, 900, 0))
    assert not variants.placed_by_town_error_m(enterprises.drop(columns="placed")).any()

    by_m = np.outer(np.where(there, 1.0, 0.0), (100.0, -200.0))
    moved = by_frames.with_places_moved(small, {}, each_by_m=by_m).inputs.enterprises
    north_m = (moved["lat"] - enterprises["lat"]) * variants.METRES_PER_DEGREE
    np.testing.assert_allclose(north_m, np.where(there, -200, 0), atol=1e-6)


# ensembles ----------------------------------------------------------------------------------


def test_a_speed_drawn_is_a_speed_factor(ready, evidence):
    """Twice the speed on one class is the study with that speed factor."""
    kinds = ready.inputs.roads.edges["class"].astype(str).to_numpy()
    quick = by_frames.with_minutes(ready, ready.graph.minutes * np.where(kinds == "motorway", 0.5, 1.0))
    anew = steps.with_roads(ready, speed_factors={"motorway": 2.0})
    np.testing.assert_allclose(
        steps.values_of(quick, None, evidence.demand), steps.values_of(anew), atol=1e-12
    )


def test_demand_is_unsure_unless_it_was_stated(small, small_evidence):
    spread = ensembles.demand_spread(small_evidence)
    assert list(spread.index) == list(small.inputs.enterprises.index)
    assert (spread >= 0).all()
    assert (spread > 0).any()
    stated = small.inputs.enterprises.assign(tests_per_year=40.0)
    told = by_frames.with_enterprises(small, stated)
    assert (ensembles.demand_spread(steps.evidence_of(told)) == 0).all()


# all of it ----------------------------------------------------------------------------------


def test_a_thorough_run_reads_everything_out(tiny, weights):
    seen = []
    evidence = steps.evidence_of(tiny)
    able = placed_options(tiny.inputs.sites)
    matrix, _, values = steps.evaluate_criteria(tiny.scenario, evidence)
    more = ensembles.thorough(tiny, evidence, values, able, lambda *at: seen.append(at))
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert {steps_ for _, steps_ in seen} == {len(seen)}
    sure = robustness.assess(
        values, weights, matrix, tiny.scenario.criteria, settings=tiny.scenario.robustness, ensembles=more
    )
    assert set(sure.registers) == SPREAD
    np.testing.assert_allclose([standing.wins.sum() for standing in sure.registers.values()], 1)
    assert set(sure.telephone.index) == set(ensembles.real_enterprises(tiny.inputs.enterprises))
    assert set(sure.influence) == {"enterprise", "industry", "town"}
    assert {flip.what for flip in sure.flips} >= {"land_price_wan_mu", "peak_factor", "cutoff_min"}
    assert len(sure.flips) == len({flip.what for flip in sure.flips})


def test_a_decisive_firm_is_found_first(small):
    """Planted: one firm far larger than all others together, beside the site that it makes win."""
    firms = small.inputs.enterprises.copy()
    giant = firms.index[7]
    site = small.inputs.sites.loc["xiacang"]
    firms.loc[giant, ["lon", "lat", "town"]] = [site["lon"], site["lat"], site["town"]]
    firms["employees"] = firms["employees"].fillna(1).astype(float)
    firms.loc[giant, "employees"] = 50 * firms["employees"].sum()
    only = {f"groups.{name}": 0.0 for name in ("industries", "building", "balance")}
    scenario = change(small.scenario, only)
    planted = replace(by_frames.with_enterprises(small, firms), scenario=scenario)
    weights = weights_of(scenario)
    evidence = steps.evidence_of(planted)
    parts = components_of(evidence, scenario.criteria, coverage=scenario.coverage)
    left_out = exact_left_out(Scored(planted, freeze(planted, evidence), weights), parts)
    matrix, _, values = steps.evaluate_criteria(planted.scenario, evidence)
    sure = robustness.assess(
        values,
        weights,
        matrix,
        planted.scenario.criteria,
        settings=planted.scenario.robustness,
        ensembles=replace(ensembles.quick(planted, evidence, values, values.index), left_out=left_out),
    )
    assert sure.winner == "xiacang"
    assert sure.influence["enterprise"].index[0] == giant
    assert sure.influence["enterprise"]["changed"].iloc[0]


# other scenarios --------------------------------------------------------------------------


def test_regret_is_over_the_variants_that_are_other_scenarios(base_result):
    """Not over roads left out one by one, nor over a variant that is the study itself."""
    found = base_result.robustness.regret
    kinds = {label.partition(":")[0] for label in found.table.columns}
    assert kinds == {"base", "account", "phase", "expansion", "peak"}
    scores = base_result.robustness.variants["score"]
    for label, winner in found.winners.drop("base").items():
        assert winner == base_result.robustness.variants.loc[label, "winner"]
        assert found.table.loc[winner, label] == 0
        assert scores[label] > 0
    assert found.largest[found.minimax] == found.largest.min()


def test_a_ranking_that_hinges_on_the_expansion_says_so(base_study, base_result):
    """Asked of the variants at the ends of the factor's range."""
    found = base_result.robustness
    ends = found.variants[found.variants.index.str.startswith("expansion:")]
    assert list(ends.index) == ["expansion:12"], "the low end is the study's own"
    assert found.hinges_on_expansion == (ends["winner"] != found.winner).any()
    turned = found.variants.copy()
    turned.loc["expansion:12", "changed"] = True
    assert replace(found, variants=turned).hinges_on_expansion
    assert not replace(found, variants=None).hinges_on_expansion
