"""The record of the joint draws: seeds, ranges, laws of the weights, processes, what is held."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.money.sensitivity import EXPANSION
from siting.analysis.robustness.building import HELD
from siting.analysis.robustness.joint_draws import MOST_BATCHES
from siting.scenario.build import change
from siting.study import prepared as steps
from siting.study import variants
from siting.study.draws.executor import started
from siting.study.draws.frozen import freeze
from siting.study.draws.joint import joint_draws
from siting.study.draws.unknowns import draw_unknowns, table_of


def narrowed(study, changes, firms=None):
    inputs = study.inputs
    firms = inputs.enterprises.iloc[::25] if firms is None else firms
    return steps.prepare(change(study.scenario, changes), replace(inputs, enterprises=firms))


@pytest.fixture(scope="module")
def small(base_study):
    return narrowed(base_study, {"robustness.joint_draws": 40})


@pytest.fixture(scope="module")
def evidence(small):
    return steps.evidence_of(small)


def record(study, **ask):
    return joint_draws(
        freeze(study, steps.evidence_of(study)), study.scenario, study.inputs.sites.index, **ask
    )


@pytest.fixture(scope="module")
def drawn(small):
    return record(small)


def same(first, second):
    np.testing.assert_array_equal(first.values, second.values)
    pd.testing.assert_frame_equal(first.building.npv_wan, second.building.npv_wan, check_exact=True)
    pd.testing.assert_frame_equal(first.unknowns, second.unknowns, check_exact=True)
    pd.testing.assert_frame_equal(first.free.scores, second.free.scores, check_exact=True)


def test_draws_follow_their_seed(small, drawn):
    same(record(small), drawn)
    other = record(replace(small, scenario=change(small.scenario, {"robustness.seed": 5})))
    assert (other.values[:40] != drawn.values[:40]).any()
    assert np.isfinite(drawn.values).all()
    kinds = {name.partition(":")[0] for name in drawn.unknowns}
    assert {"speed", "demand", "place_east_m", "place_north_m", "spread", "seed", EXPANSION} <= kinds
    assert set(drawn.unknowns["spread"]) == {"committees", "urban", "parks", "villages"}


def test_processes_and_executors_change_no_bit(small, drawn):
    with started(2) as processes:
        same(record(small, executor=processes), drawn)
        same(record(small, executor=processes), drawn)
    with ThreadPoolExecutor(2) as threads, started(2, threads) as own:
        assert own is threads
        same(record(small, executor=threads), drawn)
    with started(1) as nothing:
        assert nothing is None


def test_as_many_batches_as_it_takes(drawn):
    assert len(drawn.values) in {40 * k for k in range(1, MOST_BATCHES + 1)}
    assert drawn.free.is_enough() or len(drawn.values) == 40 * MOST_BATCHES
    halves = replace(drawn.free, scores=pd.DataFrame({"a": [1.0, 0.0] * 50, "b": [0.0, 1.0] * 50}))
    assert not halves.is_enough()
    assert replace(halves, scores=pd.concat([halves.scores] * 4)).is_enough()


def test_draws_lie_where_the_settings_say(base_study, small, evidence):
    laws = freeze(small, evidence).laws
    table = table_of(laws, draw_unknowns(laws, 4000, 3, 0))
    speeds = table.filter(like="speed:").to_numpy()
    assert (np.abs(np.log(speeds)) <= np.log(1.2)).mean() == pytest.approx(0.95, abs=0.01)
    for name, row in base_study.inputs.services.iterrows():
        factors = table[f"demand:{name}"]
        assert factors.min() >= row["tests_low"] / row["tests_likely"] - 1e-9
        assert factors.max() <= row["tests_high"] / row["tests_likely"] + 1e-9
    uncertain = variants.uncertain_places(small).set_index("name")["position_error_m"]
    for name, error_m in uncertain.items():
        far = np.hypot(table[f"place_east_m:{name}"], table[f"place_north_m:{name}"])
        assert (far <= error_m).mean() == pytest.approx(0.95, abs=0.015)
    assert table["spread"].value_counts(normalize=True).to_numpy() == pytest.approx(0.25, abs=0.03)
    known = base_study.inputs.parameters.loc["register.expansion_factor"]
    low, high = float(known["low"]), float(known["high"])
    assert table[EXPANSION].min() == pytest.approx(low, rel=0.01)
    assert table[EXPANSION].max() == pytest.approx(high, rel=0.01)
    assert table[EXPANSION].mean() == pytest.approx((low + high) / 2, rel=0.02)
    assert not HELD & set(table)


def test_limits_and_delays_are_drawn_where_roads_have_them(small):
    limits = steps.with_roads(small, stated_are_limits=True)
    laws = freeze(limits, steps.evidence_of(limits)).laws
    table = table_of(laws, draw_unknowns(laws, 200, 3, 0))
    assert table["posted_factor"].between(0.8 / 0.9, 1.0 / 0.9).all()
    assert table["junction_delay"].between(0.3, 2.0).all()
    assert "signal_delay" not in table  # the network has none
    assert table[["posted_factor", "junction_delay"]].std().min() > 0.02
    assert table["mountain_factor"].between(0.7, 1.0).all()
    assert not {"posted_factor", "junction_delay", "mountain_factor"} & set(table_of(*undelayed(small)))


def undelayed(study):
    laws = freeze(study, steps.evidence_of(study)).laws
    return laws, draw_unknowns(laws, 2, 3, 0)


def test_a_real_register_is_held(base_study, small):
    firms = base_study.inputs.enterprises.iloc[::25].assign(basis="sourced")
    real = record(narrowed(base_study, {"robustness.joint_draws": 20}, firms))
    assert not {EXPANSION, "spread"} & set(real.unknowns)
    assert real.building.expansion is None


def test_weights_that_keep_the_order_keep_it(small, drawn):
    stated = {use.name: use.weight for use in small.scenario.criteria if use.weight > 0}
    groups = {use.name: use.group for use in small.scenario.criteria}
    by_group = drawn.ordered.weights.T.groupby(groups).sum().T
    named = small.scenario.groups.model_dump()
    order = sorted(by_group.columns, key=lambda group: -named[group])
    assert (by_group[order].diff(axis=1).iloc[:, 1:] <= 1e-9).all(axis=None)
    for first in stated:
        for second in stated:
            if groups[first] == groups[second] and stated[first] > stated[second]:
                assert (drawn.ordered.weights[first] >= drawn.ordered.weights[second] - 1e-9).all()
                assert (drawn.free.weights[first] < drawn.free.weights[second]).any()
    np.testing.assert_allclose(drawn.ordered.weights.sum(axis=1), 1)
    np.testing.assert_allclose(drawn.free.weights.sum(axis=1), 1)


def test_the_statement_rests_on_the_law_that_applies(drawn):
    assert not drawn.is_adopted
    assert drawn.applying is drawn.free
    adopted = replace(drawn, is_adopted=True)
    assert adopted.applying is drawn.ordered
    scores = drawn.ordered.scores
    assert (scores.max(axis=1) == [scores.loc[k, site] for k, site in adopted.winner.items()]).all()


def test_sites_that_failed_are_not_drawn(small, evidence):
    frozen = freeze(small, evidence)
    found = joint_draws(frozen, small.scenario, pd.Index(["yinliu", "bangjun", "city"]))
    assert found.sites == ["yinliu", "bangjun"]
    assert list(found.building.npv_wan) == found.sites
    assert joint_draws(frozen, small.scenario, pd.Index(["city", "mobile"])) is None


def test_what_is_asked_of_are_figures(drawn):
    figures = drawn.figures
    assert all(draws.dtype.kind == "f" for draws in figures.values())
    assert "seed" not in figures
    place = next(name for name in figures if name.startswith("place:")).partition(":")[2]
    both = drawn.unknowns[[f"place_east_m:{place}", f"place_north_m:{place}"]]
    np.testing.assert_array_equal(figures[f"place:{place}"], both)
    assert len(np.unique(figures["spread"])) == 4
