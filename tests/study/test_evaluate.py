"""The default study end to end, its invariants, and studies that go wrong."""

import csv
import shutil
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest
import shapely

import siting
from siting.analysis.decision import scoring
from siting.analysis.network import isochrones
from siting.comparison import Comparison
from siting.outputs.text.conclusion import notices
from siting.planner import Result
from siting.scenario.model import weights_of
from siting.study import prepared as steps
from siting.study.ensembles import attainable_anchors
from siting.study.evaluate import _draw_isochrones
from siting.study.evaluation import Evaluation
from siting.study.read_inputs import with_register
from siting.study.variants import believed_edges
from siting.types import InputError
from tests.paths import ROOT

SCENARIOS = ROOT / "data" / "scenarios"
BUILD = {"shangcang", "county_seat", "yinliu", "bieshan", "bangjun", "xiacang", "mashenqiao"}


def setting_of(study):
    return steps.prepare(study.scenario, study.inputs)


def evidence_of(study):
    ready = setting_of(study)
    return steps.evidence_of(ready)


def scores_of(study):
    """Scores by the plain chain, without summary, economics or explanation."""
    values = steps.evaluate_criteria(study.scenario, evidence_of(study))[2]
    return scoring.weighted_sum(values, weights_of(study.scenario))


@pytest.fixture(scope="module")
def base_setting(base_study):
    return setting_of(base_study)


@pytest.fixture(scope="module")
def base_scores(base_study):
    return scores_of(base_study)


@pytest.fixture
def copy(tmp_path):
    """A copy of the data folder, to be damaged."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    return tmp_path / "data"


def edit(path, change):
    """Change the rows of a CSV table in place; `change` gets heading → cell of each row and its number."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for number, row in enumerate(rows, start=2):
        change(number, row)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


# the default study ------------------------------------------------------------------------


def test_every_site_is_ranked_and_its_contributions_add_up(base_result):
    ev = base_result.evaluation
    assert set(ev.ranking.index) == BUILD
    assert set(ev.matrix.index) == set(ev.verdicts.index) == BUILD | {"mobile", "city"}
    np.testing.assert_allclose(
        ev.contributions.sum(axis=1), ev.ranking["score"].reindex(ev.contributions.index)
    )
    np.testing.assert_allclose(ev.contributions, ev.values * ev.weights)
    assert ev.ranking["score"].is_monotonic_decreasing
    assert ev.ranking["score"].between(0, 1).all()
    assert list(ev.ranking["rank"]) == sorted(ev.ranking["rank"])
    assert ev.weights.sum() == pytest.approx(1)


def test_what_needs_no_place_has_figures_and_no_score(base_result):
    ev = base_result.evaluation
    for option in ("city", "mobile"):
        assert not ev.applies.loc[option, "city_link_hours"]
        assert np.isnan(ev.matrix.loc[option, "city_link_hours"])
        assert option not in ev.values.index
    assert ev.applies.loc[list(BUILD)].all(axis=None)
    assert ev.matrix.loc["city", "hours_saved"] == 0
    assert ev.matrix.loc["city", "net_cost_wan"] == 0


def test_a_weight_changes_the_ranking_as_reckoned_by_hand(base_study, base_result):
    """Group weights scaled to 1, then the weights within; by hand from the values of the base."""
    groups = {"enterprises": 0.1, "industries": 0.3, "building": 0.2, "balance": 0.9}
    within = {
        "enterprises": {"hours_saved": 0.6, "demand_covered": 0.4},
        "industries": {"industry_coverage": 0.4, "worst_industry": 0.3, "authority": 0.3},
        "building": {"net_cost_wan": 0.75, "staff_commute_min": 0.25},
        "balance": {"worst_tenth_min": 1.0},
    }
    by_hand = sum(
        groups[group] / 1.5 * weight * base_result.values[name]
        for group, weights in within.items()
        for name, weight in weights.items()
    )
    changed = base_study.with_(settings={f"groups.{k}": v for k, v in groups.items()})
    np.testing.assert_allclose(scores_of(changed)[by_hand.index], by_hand, atol=1e-12)
    order = by_hand.sort_values(ascending=False).index
    assert list(order) != list(base_result.evaluation.ranking.index)
    ranked = scoring.ranking(scoring.contributions(base_result.values, weights_of(changed.scenario)))
    assert list(ranked.index) == list(order)


def test_known_ways(base_setting, base_result):
    """County seat to the city about an hour and a half and 120 km; Shangcang by its exit of the S1 or not."""
    travel = base_result.evaluation.evidence.travel
    assert travel.site_to_city["county_seat"] == pytest.approx(91, abs=1.5)
    assert travel.site_to_city_km["county_seat"] == pytest.approx(120, abs=2)
    assert travel.site_to_city["shangcang"] == pytest.approx(77, abs=1.5)
    [exit_] = [n for n, name in believed_edges(base_setting).items() if name.startswith("上仓连接线")]
    without = steps.compute_travel_times(steps.without_edge(base_setting, exit_))
    assert without.site_to_city["shangcang"] == pytest.approx(94, abs=1.5)


def test_what_the_meeting_was_about(base_study, base_result):
    """Two power plants, sourced; 21 vessels wait for documents and are credited to nobody."""
    firms = base_study.enterprises
    plants = firms[firms["basis"] == "sourced"]
    assert len(plants) == 2
    assert set(plants["town"]) == {"别山镇"}
    evidence = base_result.evaluation.evidence
    assert evidence.demand.backlog.sum() == 21
    inputs = base_study.inputs
    waiting = firms["backlog"].fillna(0)
    without = replace(inputs, enterprises=firms.assign(backlog=np.nan))
    scores = scores_of(replace(base_study, inputs=without))
    assert waiting.sum() == 21
    pd.testing.assert_series_equal(scores, scores_of(base_study), check_exact=True)


def test_provenance_says_how_much_is_illustrative(base_result):
    known = base_result.evaluation.provenance
    assert known["rows_by_basis"] == {"illustrative": 398, "sourced": 2}
    assert known["illustrative_demand"] > 0.9
    assert sum(known["demand_by_basis"].values()) == pytest.approx(1)
    assert known["files"]["enterprises"]["data_rows"] == 400
    assert str(ROOT) not in repr(known)


def test_cutoffs_and_isochrones(base_result):
    ev = base_result.evaluation
    pd.testing.assert_frame_equal(ev.by_cutoff[40.0], ev.values)
    covered = [table["demand_covered"] for _, table in sorted(ev.by_cutoff.items())]
    assert all((after >= before - 1e-12).all() for before, after in zip(covered, covered[1:], strict=False))
    for _, areas in ev.isochrones.groupby("site"):
        nested = list(areas.sort_values("minutes")["geometry"])
        assert all(
            shapely.area(shapely.difference(small, large)) < 1e-9
            for small, large in zip(nested, nested[1:], strict=False)
        )


def test_the_anchors_are_those_that_the_county_attains(base_study, base_setting):
    found = attainable_anchors(base_setting)
    for use in base_study.scenario.criteria:
        best = max(map(abs, use.anchors))
        for frozen, attained in zip(use.anchors, found.loc[use.name, ["anchor_0", "anchor_1"]], strict=True):
            assert frozen == pytest.approx(attained, rel=2e-3, abs=2e-3 * best), use.name


# invariants -------------------------------------------------------------------------------


def test_the_order_of_the_rows_does_not_matter(base_study, base_scores):
    inputs = base_study.inputs
    shuffled = replace(
        inputs,
        enterprises=inputs.enterprises.sample(frac=1, random_state=1),
        sites=inputs.sites.sample(frac=1, random_state=2),
        services=inputs.services.sample(frac=1, random_state=3),
        places=inputs.places.sample(frac=1, random_state=4),
    )
    scores = scores_of(replace(base_study, inputs=shuffled))
    np.testing.assert_allclose(scores[base_scores.index], base_scores, atol=1e-9)


def test_a_hopeless_site_moves_nobody_elses_score(base_study, base_scores):
    sites = base_study.sites
    far = sites.loc[["xiacang"]].rename(index={"xiacang": "nowhere"}).assign(lon=117.30, lat=40.20)
    more = replace(base_study.inputs, sites=pd.concat([sites, far]))
    scores = scores_of(replace(base_study, inputs=more))
    np.testing.assert_allclose(scores[base_scores.index], base_scores, atol=1e-12)


def test_the_extract_and_the_two_tables_give_the_same_study(base_study, base_scores):
    """The base study reads the trunk roads from an OSM extract, this one from the tables behind it."""
    tables = f'{{ nodes = "{ROOT}/data/raw/trunk_nodes.csv", edges = "{ROOT}/data/raw/trunk_edges.csv" }}'
    from siting.scenario.build import read_scenario
    from siting.study.read_inputs import read_inputs

    scenario = read_scenario(SCENARIOS / "base.toml", [f"data.roads={tables}"])
    scores = scores_of(replace(base_study, scenario=scenario, inputs=read_inputs(scenario)))
    np.testing.assert_allclose(scores, base_scores, atol=1e-9)


def test_evaluating_twice_gives_the_same(base_study, base_result):
    again = base_study.run().evaluation
    pd.testing.assert_frame_equal(again.ranking, base_result.evaluation.ranking, check_exact=True)
    pd.testing.assert_frame_equal(
        again.robustness.acceptability.acceptability,
        base_result.robustness.acceptability.acceptability,
        check_exact=True,
    )


# the other scenarios ----------------------------------------------------------------------


def test_todays_roads_and_names(base_result):
    study = siting.load(SCENARIOS / "today-roads.toml")
    assert "州河湾镇" in set(study.inputs.places["name"])
    assert not {"五百户镇"} & set(study.enterprises["town"])
    scores = scores_of(study)
    assert np.isfinite(scores).all()
    travel = evidence_of(study).travel
    assert (travel.site_to_city < 200).all()
    expressways = study.inputs.roads.edges.query("`class` == 'motorway'")["ref"]
    assert not travel.snapping["road"].isin(expressways).any()
    # New roads lengthen nobody's way from where they enter the network.
    before = base_result.evaluation.evidence.travel
    same_road = (travel.snapping["road"] == before.snapping["road"]) & (
        travel.snapping["kind"] == "enterprise"
    )
    firms = travel.snapping.loc[same_road, "id"]
    assert len(firms) > 390
    assert (travel.to_site.loc[firms] <= before.to_site.loc[firms] + 1e-9).all(axis=None)


def test_areas_made_of_cells_are_told(base_setting, base_result, monkeypatch):
    """On page and console too: the map then shows more than what is reached."""
    assert "R200" not in [issue.code for issue in base_result.evaluation.evidence.inputs.issues]
    monkeypatch.setattr(isochrones, "MOST_POINTS", 0)
    told, areas = _draw_isochrones(_draw_isochrones(base_setting)[0])
    found = [issue for issue in told.inputs.issues if issue.code == "R200"]
    assert len(found) == 1
    located = (~areas.geometry.is_empty).sum()
    assert f"{located} of {len(areas)} areas" in str(found[0])
    evaluation = base_result.evaluation
    evaluation = replace(evaluation, evidence=replace(evaluation.evidence, inputs=told.inputs))
    assert notices(evaluation)[-1].code == "R200"


def test_more_options_run():
    study = siting.load(SCENARIOS / "more-options.toml")
    assert {"convert", "collection", "branch", "shared", "neighbour"} <= set(study.sites["kind"])
    assert scores_of(study).between(0, 1).all()


def test_an_absent_van_or_commute_is_the_best_there_is():
    """What a place without a van or staff of its own does not have is measured as none, not as the worst."""
    matrix = siting.load(SCENARIOS / "more-options.toml").run().evaluation.matrix
    kinds = siting.load(SCENARIOS / "more-options.toml").sites["kind"]
    assert (matrix.loc[kinds.index[kinds == "neighbour"], "city_link_hours"] == 0).all()
    windows = kinds.index[kinds.isin(["collection", "shared", "neighbour"])]
    assert len(windows) > 2
    assert (matrix.loc[windows, "staff_commute_min"] == 0).all()


# pass or fail -----------------------------------------------------------------------------


def failing(study, *sites):
    table = study.inputs.conditions
    failed = table.assign(verdict=table["verdict"].where(~table["site"].isin(sites), "fail"))
    return replace(study, inputs=replace(study.inputs, conditions=failed))


def test_a_site_that_fails_a_condition_ranks_last_and_takes_part_in_no_summary(base_study, base_result):
    best = base_result.best
    result = failing(base_study, best).run()
    ranking = result.evaluation.ranking
    assert ranking.index[-1] == best
    assert ranking.loc[best, "verdict"] == "fail"
    assert result.robustness.winner == ranking.index[0] != best
    assert best not in result.robustness.acceptability.acceptability.index
    assert best not in set(result.robustness.variants["winner"])


# studies that go wrong --------------------------------------------------------------------


def test_faults_of_all_tables_are_told_at_once(copy):
    raw = copy / "raw"

    def spoil_service(number, row):
        if number == 2:
            row["setup_wan"] = "-5"
        if number == 3:
            row["unit"] = "bucket"

    def spoil_pledge(number, row):
        if number == 2:
            row["site"] = "atlantis"

    def spoil_site(number, row):
        if number == 4:
            row["kind"] = "castle"

    for name, spoil in (("services", spoil_service), ("pledges", spoil_pledge), ("sites", spoil_site)):
        edit(raw / f"{name}.csv", spoil)
    with pytest.raises(InputError) as caught:
        siting.load(copy / "scenarios" / "base.toml")
    told = str(caught.value)
    assert "services.csv:2:setup_wan" in told
    assert "services.csv:3:unit" in told
    assert "sites.csv:4:kind" in told
    assert {issue.file for issue in caught.value.issues} >= {"services.csv", "sites.csv"}


def test_references_between_tables_are_checked(copy):
    def spoil(number, row):
        if number == 2:
            row["site"] = "atlantis"

    edit(copy / "raw" / "pledges.csv", spoil)
    with pytest.raises(InputError, match=r"pledges\.csv:2:site.*atlantis"):
        siting.load(copy / "scenarios" / "base.toml")


@pytest.mark.parametrize("said", ["", "none", "不用地"])
def test_land_that_is_built_on_is_provided_in_some_way(copy, said):
    """供地方式 is a required field of options on new land, that offered free included."""

    def spoil(number, row):
        if row["id"] == "shangcang":
            row["land_provision"] = said

    edit(copy / "raw" / "sites.csv", spoil)
    with pytest.raises(
        InputError, match=r"sites\.csv:2:land_provision: .*enter allocated, granted or undecided"
    ):
        siting.load(copy / "scenarios" / "base.toml")


@pytest.mark.parametrize(
    "name", ["services.csv", "trunk.osm.pbf", "boundary.geojson", "register-committees.csv"]
)
def test_a_missing_file_is_named(copy, name):
    (copy / "raw" / name).unlink()
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        siting.load(copy / "scenarios" / "base.toml")


def test_a_damaged_context_is_named(copy):
    (copy / "raw" / "context.geojson").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match=r"context\.geojson: not a GeoJSON collection"):
        siting.load(copy / "scenarios" / "base.toml")


def test_an_empty_register_is_refused(copy):
    path = copy / "raw" / "register-committees.csv"
    heading = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(heading + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"register-committees\.csv"):
        siting.load(copy / "scenarios" / "base.toml")


def test_roads_as_tables_tell_their_faults(copy):
    def spoil(number, row):
        if number == 5:
            row["speed_kmh"] = "-20"

    edit(copy / "raw" / "trunk_edges.csv", spoil)
    (copy / "scenarios" / "tables.toml").write_text(
        'base = "base.toml"\n[data.roads]\n'
        'nodes = "../raw/trunk_nodes.csv"\nedges = "../raw/trunk_edges.csv"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"trunk_edges\.csv:5:speed_kmh"):
        siting.load(copy / "scenarios" / "tables.toml")


# studies of odd size ----------------------------------------------------------------------


def with_firms(study, firms):
    return replace(study, inputs=replace(study.inputs, enterprises=firms))


def test_one_enterprise(base_study):
    result = with_firms(base_study, base_study.enterprises.head(1)).run()
    assert np.isfinite(result.evaluation.ranking["score"]).all()


def test_an_enterprise_that_no_road_reaches(base_study, base_scores):
    """It stays where it is, reached by nobody; the figures of all others stay finite."""
    firms = base_study.enterprises
    first = firms.index[5]
    far = firms.assign(lat=firms["lat"].where(firms.index != first, 41.5))
    study = with_firms(base_study, far)
    evidence = evidence_of(study)
    assert np.isinf(evidence.travel.to_site.loc[first]).all()
    scores = scores_of(study)
    assert np.isfinite(scores).all()
    assert (scores <= base_scores + 0.02).all()


def test_one_site_beside_the_city(base_study):
    sites = base_study.sites.loc[["xiacang", "city"]]
    result = replace(base_study, inputs=replace(base_study.inputs, sites=sites)).run()
    assert set(result.evaluation.ranking.index) == {"xiacang"}
    assert result.robustness.winner == result.best


def test_without_the_city_there_is_nothing_to_compare_with(base_study):
    sites = base_study.sites.drop(index="city")
    with pytest.raises(InputError, match="no option of kind 'city'"):
        replace(base_study, inputs=replace(base_study.inputs, sites=sites)).run()


def test_a_register_without_a_usable_row(base_study):
    table = base_study.inputs.tables["enterprises"]
    with pytest.raises(InputError, match="no row can be used"):
        with_register(base_study.inputs, replace(table, frame=table.frame.head(0)))


def test_types_of_the_result_are_named():
    """A field typed `Any` would tell neither a reader nor a type checker what it holds."""
    untyped = {f.name for f in fields(Evaluation) if "Any" in str(f.type)} - {"provenance"}
    assert siting.Evaluation is Evaluation
    assert untyped == set()
    for holder, name in ((Result, "robustness"), (Result, "appraisal"), (Comparison, "regret")):
        assert getattr(holder, name).fget.__annotations__["return"] != "Any"
