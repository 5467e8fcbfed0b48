"""What the joint draws say is shared out to the last digit, as over all orders."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

import siting
from siting.outputs.new_study.starter import SCENARIO, write_study
from siting.study.changes import verdicts as module
from siting.study.changes.attribution import ANCHORS, SETTINGS, Game, attribution
from siting.study.changes.registers import register_changes
from siting.study.changes.verdicts import DRAWS, PAYS, verdict_shares
from tests.study import monthly_lists as lists

PAYING = {"demand.expansion_factor": 45}
"""So many firms a row that building pays in some draws and not in others."""


def read(folder, name, month):
    return siting.read_enterprises(lists.write(folder / f"{name}.csv", month), crs="WGS84")


@pytest.fixture(scope="module")
def study(base_study):
    return base_study.with_(settings=PAYING)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """October; with three firms gone; with four that grew; with both."""
    folder = tmp_path_factory.mktemp("lists")
    firms = lists.october().firms
    fewer = {n: cells for n, cells in firms.items() if n not in (0, 1, 2)}
    months = {"october": firms, "gone": fewer}
    for name, rows in (("resized", firms), ("both", fewer)):
        months[name] = rows | {n: rows[n] | {"employees": 900} for n in (10, 11, 12, 13)}
    return {name: read(folder, name, lists.Month(rows)) for name, rows in months.items()}


@pytest.fixture(scope="module")
def runs(study, tables):
    return {name: study.with_(enterprises=t, name=name).run().evaluation for name, t in tables.items()}


def shared(first, second):
    changes = register_changes(first, second)
    return verdict_shares(first, second, changes, attribution(first, second, changes))


@pytest.fixture(scope="module")
def found(runs):
    return shared(runs["october"], runs["both"])


def told(evaluation):
    return evaluation.building.pays_share, evaluation.draws.applying.standing.wins


def test_shares_sum_to_the_change_that_is_told(found, runs):
    for shares, evaluation in ((found.before, runs["october"]), (found.after, runs["both"])):
        pays, wins = told(evaluation)
        assert shares[PAYS] == pays
        pd.testing.assert_series_equal(shares[wins.index], wins, check_names=False)
    assert found.kinds.index.tolist() == ["gone", "resized", ANCHORS], "all draws are accounted for"
    np.testing.assert_allclose(found.kinds.sum(), found.after - found.before, atol=1e-12)
    of_registers = found.kinds.drop(index=ANCHORS)
    for part in (found.rows.groupby("kind").sum(), of_registers):
        np.testing.assert_allclose(part.loc[["gone", "resized"]], of_registers, atol=1e-12)
    np.testing.assert_allclose(found.towns.sum(), of_registers.sum(), atol=1e-12)
    assert 0.0 < found.before[PAYS] < 1.0
    assert (found.kinds.abs().max() > 0.01).sum() >= 2


def test_shares_are_those_of_runs_of_every_list_in_between(monkeypatch, runs):
    """By hand: whether building pays in the run of each list, over both orders; money knows no anchors."""
    monkeypatch.setattr(module, "FEWEST_DRAWS", 1000)
    monkeypatch.setattr(module, "MOST_DRAWS", 1000)
    found = shared(runs["october"], runs["both"])
    assert found.n_draws == 400
    pays = {name: told(run)[0] for name, run in runs.items()}
    gone = (pays["gone"] - pays["october"] + pays["both"] - pays["resized"]) / 2
    resized = (pays["resized"] - pays["october"] + pays["both"] - pays["gone"]) / 2
    assert found.kinds[PAYS].tolist() == pytest.approx([gone, resized, 0.0], abs=1e-12)
    assert gone < 0 < resized


def test_shares_are_means_over_all_orders(base_study, tmp_path):
    """Four kinds, brute force: every draw, every order, one kind of change after the other."""
    later = lists.october().firms
    del later[3]
    later |= {
        7: later[7] | {"employees": 900},
        8: later[8] | dict(zip(("lon", "lat"), (117.41, 39.79), strict=True)),
    }
    later |= {40: lists.firm(40, employees=800)}
    study = base_study.with_(settings={"robustness.joint_draws": 40})
    first, second = (
        study.with_(enterprises=read(tmp_path, name, lists.Month(rows)), name=name).run().evaluation
        for name, rows in (("a", lists.october().firms), ("b", later))
    )
    changes = register_changes(first, second)
    game = Game(first, second, changes)
    assert game.players == ("new", "gone", "moved", "resized")
    world = module._DrawnWorld(game, 0, module._parts(game))
    outcomes = [PAYS, *first.draws.sites]
    reading = module._Reading(first.draws, world.frozen.arrays, outcomes)
    scale = module._Scale(first.scenario, world.sizes(0))
    (value,) = world.outcomes(np.arange(40), reading, [scale])
    expected = dict.fromkeys(game.players, 0.0)
    for order in permutations(range(4)):
        made = 0
        for player in order:
            step = value[:, made | 1 << player] - value[:, made]
            expected[game.players[player]] += step.mean(axis=0) / 24
            made |= 1 << player
    sample = module._Sample(np.arange(40), np.zeros(40, np.int64), np.array([40, 0]))
    lines = module._drawn(game, (first.draws, second.draws), outcomes, sample)
    for kind, shares in expected.items():
        np.testing.assert_allclose(sample.mean(lines[kind]), shares, atol=1e-12)
    assert max(np.abs(shares).max() for shares in expected.values()) > 0.01


def test_looking_back_takes_back_what_was_added(found, runs):
    back = shared(runs["both"], runs["october"])
    for forth, home in (("gone", "new"), ("resized", "resized")):
        assert back.kinds[PAYS][home] == pytest.approx(-found.kinds[PAYS][forth], abs=1e-12)


def test_firms_placed_by_their_township_are_the_same_in_every_draw(base_study, tmp_path):
    """Rows without coordinates move from draw to draw: nothing of it is left over."""
    rows = {
        n: cells | {"lon": None, "lat": None} if n % 2 else cells
        for n, cells in lists.october().firms.items()
    }
    fewer = {n: cells for n, cells in rows.items() if n != 29}
    study = base_study.with_(settings={"robustness.joint_draws": 20, "robustness.quick_seeds": 1})
    first, second = (
        study.with_(enterprises=read(tmp_path, name, lists.Month(some)), name=name).run().evaluation
        for name, some in (("a", rows), ("b", fewer))
    )
    assert shared(first, second).kinds.index.tolist() == ["gone", ANCHORS]


def test_settings_stand_apart(runs, study, tables):
    other = study.with_(
        enterprises=tables["gone"], name="dear", settings={"economics.land_price_wan_mu": 200}
    ).run()
    found = shared(runs["october"], other.evaluation)
    assert found.kinds.index.tolist() == ["gone", SETTINGS, ANCHORS]
    np.testing.assert_allclose(found.kinds.sum(), found.after - found.before, atol=1e-12)
    alone = study.with_(
        enterprises=tables["october"], name="alone", settings={"economics.land_price_wan_mu": 200}
    ).run()
    only = shared(runs["october"], alone.evaluation)
    assert only.kinds.index.tolist() == [SETTINGS]
    assert only.kinds[PAYS][SETTINGS] == told(alone.evaluation)[0] - told(runs["october"])[0]
    assert only.kinds[PAYS][SETTINGS] < 0


def test_few_draws_shared_out_are_told_from_the_rest(monkeypatch, runs, found):
    """Where nothing changed a few draws do; what changed is taken whole, as far as there is room."""
    monkeypatch.setattr(module, "FEWEST_DRAWS", 50)
    monkeypatch.setattr(module, "MOST_DRAWS", 50)
    some = shared(runs["october"], runs["both"])
    assert some.n_draws == 50 < found.n_draws
    np.testing.assert_allclose(some.kinds.sum(), some.after - some.before, atol=1e-12)
    assert DRAWS in some.kinds.index
    for kind in ("gone", "resized"):
        away = (some.kinds - found.kinds).loc[kind, [PAYS, "county_seat", "shangcang"]].abs()
        assert (away > 0).any()
        assert (away <= 4 * some.errors.loc[kind, away.index]).all()


def test_residents_have_winners_alone(tmp_path):
    """A station's table has no column of errors: a place that grew, one that is gone."""
    found = []
    for name in ("before", "after"):
        write_study(tmp_path / name, "fire-station")
        path = tmp_path / name / "data/raw/residents.csv"
        if name == "after":
            places = pd.read_csv(path, dtype=str, encoding="utf-8-sig").iloc[1:]
            places.loc[places["id"] == "e6", "population"] = "30000"
            places.to_csv(path, index=False, encoding="utf-8-sig")
        settings = {"name": name, "robustness.joint_draws": 40, "robustness.quick_seeds": 1}
        found.append(siting.load(tmp_path / name / SCENARIO, settings=settings).run().evaluation)
    shares = shared(*found)
    assert PAYS not in shares.kinds
    assert shares.kinds.index[:2].tolist() == ["gone", "resized"]
    np.testing.assert_allclose(shares.kinds.sum(), shares.after - shares.before, atol=1e-12)
    assert shares.kinds.loc["resized"].abs().max() > 0.1


def test_made_up_rows_are_not_shared_out(runs, base_result):
    assert shared(runs["october"], base_result.evaluation) is None


def test_shares_of_huffs_model_are_not_shared_out(base_study, tables):
    huff = base_study.with_(settings={"trips.leakage": "huff", "robustness.joint_draws": 20})
    first, second = (
        huff.with_(enterprises=tables[name], name=name).run().evaluation for name in ("october", "gone")
    )
    assert shared(first, second) is None


def test_error_of_a_sample_by_hand():
    """Ten draws, two of which changed and are taken both; of the others two: 0 and 1."""
    sample = module._Sample(np.arange(4), np.array([1, 1, 0, 0]), np.array([8, 2]))
    table = np.array([[1.0], [1.0], [0.0], [1.0]])
    assert sample.mean(table).tolist() == pytest.approx([(2 * 1 + 8 * 0.5) / 10])
    # of ten draws: mean square 0.4 × 0.6; of two of eight: 0.8² (1/2 − 1/8) 0.5
    whole = (2 * 0.4**2 + 8 * (0.6**2 + 0.4**2) / 2) / 10 / 10
    assert sample.error(table).tolist() == pytest.approx([np.sqrt(whole + 0.64 * (1 / 2 - 1 / 8) * 0.5)])


def test_a_difference_within_two_errors_is_none(found):
    wide = replace(found, change_error=found.change_error * 0 + 1.0)
    assert not any(map(wide.is_clear, wide.before.index))
    narrow = replace(found, change_error=found.change_error * 0)
    assert narrow.is_clear(PAYS)
