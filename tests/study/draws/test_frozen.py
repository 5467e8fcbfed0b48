"""Draws evaluated on arrays are the same draws evaluated by the tables, criterion for criterion, to 1e-9."""

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis import kernel
from siting.analysis.decision.criteria import BY_ID
from siting.analysis.demand.synthetic import SPREAD_RULES
from siting.analysis.demand.trip_amounts import trip_amounts
from siting.analysis.kernel import AMOUNTS, MEASURES, Traffic, Version, sizes_of, values_of_raw
from siting.analysis.money.costs import net_cost_wan
from siting.analysis.money.flows import flows_of
from siting.analysis.money.quantities import quantities_of
from siting.analysis.money.sensitivity import levers
from siting.scenario.build import change
from siting.study import prepared as steps
from siting.study import variants
from siting.study.draws import frozen as arrays
from siting.study.draws.unknowns import TWO_SIDED_95, draw_unknowns
from siting.types import TimeMatrix, Ways
from tests.study import by_frames

STUDIES = {
    "base": {},
    "huff": {"trips.leakage": "huff", "trips.huff_exponent": 1.5},
    "half days": {"trips.half_day_blocks": True},
    "linear": {"coverage.decay": "linear", "coverage.cutoff_min": 50},
    "gaussian": {"coverage.decay": "gaussian", "criteria.demand_covered.parameters.cutoff_min": 20},
    "phase 1, purse": {"trips.phase": 1, "economics.account": "financial"},
    "more staff than the least": {"economics.staff": 2, "demand.expansion_factor": 12},
    "weighted": {
        "criteria.industry_coverage.parameters.weighting": "output",
        "criteria.worst_tenth_min.parameters.weighting": "enterprises",
    },
    "limits driven": {"travel_time.stated_are_limits": True, "travel_time.peak_factor": 1.2},
}
KINDS = ("build", "convert", "branch", "shared", "collection", "neighbour")


def with_tables(study, changes, firms=None, sites=None, matrix=None):
    inputs = study.inputs
    inputs = replace(
        inputs,
        enterprises=inputs.enterprises.iloc[::9] if firms is None else firms,
        sites=inputs.sites if sites is None else sites,
        time_matrix=matrix,
    )
    return steps.prepare(change(study.scenario, changes), inputs)


def real(firms, **columns):
    """The same rows as if each firm had been found, and stood for itself."""
    return firms.assign(basis="sourced", **columns)


@pytest.fixture(scope="module")
def studies(base_study):
    """Made-up studies, by what is particular to them."""
    made = {name: with_tables(base_study, changes) for name, changes in STUDIES.items()}
    firms, sites = base_study.inputs.enterprises.iloc[::9], base_study.inputs.sites
    n = np.arange(len(firms))
    made["all stated or placed by town"] = with_tables(
        base_study,
        {},
        real(
            firms,
            tests_per_year=np.where(n % 3 == 0, 7.0 * n, np.nan),
            placed=np.where(n % 2 == 0, "town", "point"),
            position_error_m=np.where(n % 2 == 0, 1500.0, np.nan),
        ),
    )
    far = real(firms, lon=np.where(n % 4 == 0, firms["lon"] + 2.0, firms["lon"]))
    made["cut off"] = with_tables(base_study, {}, far)
    kinds = sites["kind"].to_numpy(object).copy()
    kinds[kinds == "build"] = np.resize(KINDS, (kinds == "build").sum())
    made["every kind"] = with_tables(base_study, {}, None, sites.assign(kind=kinds))
    named = real(firms)
    minutes = np.add.outer(np.arange(len(named)) % 17 * 3.0, [4.0, 9.0])
    minutes[3, 0] = np.inf
    made["given times"] = with_tables(
        base_study,
        {},
        named,
        None,
        TimeMatrix(minutes, tuple(named.index), ("yinliu", "shangcang"), "times.csv", "", ()),
    )
    return made


NAMES = [*STUDIES, "all stated or placed by town", "cut off", "every kind", "given times"]


def by_tables(study, frozen, drawn, draw):
    """A draw as a study of its own, by frames: its evidence."""
    laws, varied = frozen.laws, study
    if laws.is_redrawn:
        rule, seed = SPREAD_RULES[drawn.rule[draw]], int(drawn.seed[draw])
        varied = by_frames.with_enterprises(varied, by_frames.redrawn(varied, rule, seed))
    own = variants.placed_by_town_error_m(varied.inputs.enterprises)[:, None]
    rng = np.random.default_rng([int(drawn.seed[draw]), 1])
    own = rng.normal(0, 1 / TWO_SIDED_95, (len(own), 2)) * own if own.any() else None
    moves = dict(zip(laws.places, drawn.moves_m[draw], strict=True))
    varied = by_frames.with_places_moved(varied, moves, each_by_m=own)
    factor = dict(zip(laws.times, drawn.times[draw].tolist(), strict=True))
    peak = factor.get("peak", 1.0) * study.scenario.travel_time.peak_factor
    busy = steps.with_roads(varied, peak_factor=peak)
    parts = steps.minute_parts(varied.inputs.roads, busy.scenario.travel_time, busy.graph.is_open)
    parts = replace(parts, driving=parts.driving / drawn.speed[draw][frozen.class_of_edge])
    minutes = parts.total(
        limit_share=factor.get("posted_factor", 1.0),
        junctions=factor.get("junction_delay", 1.0),
        signals=factor.get("signal_delay", 1.0),
        mountain=factor.get("mountain_factor", 1.0),
    )
    tests = by_frames.scaled_demand(varied, pd.Series(drawn.tests[draw], laws.services))
    return steps.evidence_of(by_frames.with_minutes(varied, minutes), None, tests)


def test_who_states_coordinates_does_not_move_with_its_township(studies):
    study = studies["all stated or placed by town"]
    at_town = (study.inputs.enterprises["placed"] == "town").to_numpy()
    moves_with = arrays.freeze(study, steps.evidence_of(study)).register.moves_with
    assert (moves_with[~at_town] == -1).all()
    assert (moves_with[at_town] >= 0).any()


def test_assumptions_of_the_appraisal_are_moved_without_new_trips(studies, monkeypatch):
    """Draws that differ in money alone: the same to the last bit as each by itself, trips made up once."""
    study = studies["given times"]
    frozen = arrays.freeze(study, steps.evidence_of(study))
    drawn = draw_unknowns(frozen.laws, 6, 7, 0)
    still = {"speed": 1.0, "times": 1.0, "tests": 1.0, "moves_m": 0.0, "seed": 0, "rule": 0}
    drawn = replace(drawn, **{name: np.full_like(getattr(drawn, name), x) for name, x in still.items()})
    alone = [arrays.evaluate_draws(frozen, drawn.part(draw, draw + 1)) for draw in range(6)]
    made = []
    monkeypatch.setattr(kernel, "trip_amounts", lambda *a, **k: made.append(1) or trip_amounts(*a, **k))
    values, npv = arrays.evaluate_draws(frozen, drawn)
    assert made == [1]
    np.testing.assert_array_equal(values, np.concatenate([one for one, _ in alone]))
    np.testing.assert_array_equal(npv, np.concatenate([one for _, one in alone]))
    assert len(np.unique(npv[:, 0])) == 6


@pytest.mark.parametrize("name", NAMES)
def test_arrays_and_tables_agree(studies, name):
    study = studies[name]
    frozen = arrays.freeze(study, steps.evidence_of(study))
    drawn = draw_unknowns(frozen.laws, 5, 7, 0)
    still = [lever.value for lever in frozen.laws.levers]
    drawn = replace(drawn, levers=np.tile(still, (5, 1)).reshape(5, len(still)))
    values, npv = arrays.evaluate_draws(frozen, drawn)
    raw, worth = [], []
    for draw in range(len(drawn)):
        evidence = by_tables(study, frozen, drawn, draw)
        matrix, _, _ = steps.evaluate_criteria(study.scenario, evidence)
        raw.append(matrix.loc[list(frozen.arrays.sites)].to_numpy())
        amounts = amounts_of(evidence, study.scenario.economics)
        present = pd.Series(flows_of(amounts, study.scenario.economics).present(), evidence.options.index)
        worth.append(present[list(frozen.arrays.sites)].to_numpy())
    uses = study.scenario.criteria
    np.testing.assert_allclose(values, values_of_raw(np.stack(raw), uses, frozen.sizes), atol=1e-9, rtol=0)
    np.testing.assert_allclose(npv, np.stack(worth), rtol=1e-9, atol=1e-6)
    assert (values > 0).any()


def amounts_of(evidence, settings):
    tables = evidence.inputs.sites, evidence.inputs.services, evidence.inputs.pledges
    return quantities_of(*tables, evidence.demand, evidence.travel, evidence.trips, settings)


@pytest.mark.parametrize("name", ["base", "half days", "every kind"])
def test_assumptions_move_arrays_as_they_move_the_appraisal(studies, name):
    study = studies[name]
    evidence, scenario = steps.evidence_of(study), study.scenario
    frozen = arrays.freeze(study, evidence)
    start = frozen.register.firms(np.ones(len(frozen.laws.services)))
    at = draw_unknowns(frozen.laws, 1, 3, 0).levers[0]
    moves = tuple(zip(frozen.laws.levers, at.tolist(), strict=True))
    found = Version(Traffic(frozen.arrays, start, Ways.of(evidence.travel)), moves)
    moved = amounts_of(evidence, scenario.economics), scenario.economics
    values = dict(zip([lever.key for lever in frozen.laws.levers], at.tolist(), strict=True))
    for lever in levers(evidence, *moved, scenario.trips):
        if lever.key in values:
            moved = lever.move(moved, values[lever.key])
    flows, sites = flows_of(*moved), evidence.options.index.get_indexer(list(frozen.arrays.sites))
    assert len(values) > 10
    np.testing.assert_allclose(found.npv_wan, flows.present()[sites], rtol=1e-9)
    column = [use.name for use in frozen.arrays.uses].index("net_cost_wan")
    np.testing.assert_allclose(found.raw[:, column], net_cost_wan(flows, moved[1])[sites], rtol=1e-9)


def test_every_criterion_is_measured():
    assert set(MEASURES) == set(BY_ID)
    assert set(BY_ID) > AMOUNTS


def test_scales_of_amounts_go_with_the_size_of_a_version(studies):
    """Twice the hours of every site are the same values; a trip twice as long is not."""
    study = studies["base"]
    uses, matrix = (
        study.scenario.criteria,
        steps.evaluate_criteria(study.scenario, steps.evidence_of(study))[0],
    )
    raw = matrix.loc[matrix.index.isin(study.points["site"].index)].to_numpy()[None]
    sizes = sizes_of(raw[0], uses)
    is_amount = np.array([use.name in AMOUNTS for use in uses])
    plain, grown = (values_of_raw(table, uses, sizes) for table in (raw, np.where(is_amount, 2 * raw, raw)))
    np.testing.assert_allclose(plain, grown)
    longer = values_of_raw(np.where(is_amount, raw, 2 * raw), uses, sizes)
    assert not np.allclose(plain[..., ~is_amount], longer[..., ~is_amount])


def test_a_frozen_study_can_be_sent_to_another_process(studies):
    study = studies["base"]
    frozen = arrays.freeze(study, steps.evidence_of(study))
    sent = pickle.loads(pickle.dumps(frozen))
    drawn = draw_unknowns(frozen.laws, 2, 1, 0)
    for here, there in zip(*(arrays.evaluate_draws(f, drawn) for f in (frozen, sent)), strict=True):
        np.testing.assert_array_equal(here, there)
