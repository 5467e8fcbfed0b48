"""Where to build and whether to, worked out again from draws.csv alone."""

import io
import itertools
import json

import numpy as np
import pandas as pd
import pytest

from siting.outputs.tables.draws_table import draws_files, draws_table
from siting.outputs.tables.table_files import run_record

LAWS = ("free", "order")


@pytest.fixture(scope="module")
def written(base_result):
    return pd.read_csv(io.BytesIO(draws_files(base_result.evaluation)["draws.csv"]), encoding="utf-8-sig")


@pytest.fixture(scope="module")
def record(base_result):
    return json.loads(json.dumps(run_record(base_result.evaluation, {})))


def columns(table, kind):
    part = table[[name for name in table if name.startswith(f"{kind}:")]]
    return part.rename(columns=lambda name: name.removeprefix(f"{kind}:"))


def wins_of(scores):
    best = scores.eq(scores.max(axis=1), axis=0)
    return best.div(best.sum(axis=1), axis=0).mean()


def test_the_sites_are_those_that_the_leader_beats_in_fewer_than_two_thirds(written, record):
    (law,) = set(written["law"])
    scores = columns(written, f"score_{law}")
    wins = wins_of(scores)
    leader = wins.idxmax()
    even = [site for site in scores if site != leader and (scores[leader] > scores[site]).mean() < 2 / 3]
    assert set(record["conclusion"]["where"]["sites"]) == {leader, *even}
    assert record["sureness"]["draws"] == len(written)
    for site, share in record["sureness"]["wins"].items():
        assert wins[site] == pytest.approx(share, abs=1e-12)
    for site, share in record["sureness"]["beats"].items():
        assert (scores[leader] > scores[site]).mean() == pytest.approx(share, abs=1e-6)


def test_both_laws_are_told(written, record):
    for law, name in zip(LAWS, ("free", "order_keeping"), strict=True):
        wins = wins_of(columns(written, f"score_{law}"))
        assert wins.to_dict() == pytest.approx(record["sureness"][name]["wins"])


def test_building_pays_where_the_sign_holds_in_nine_draws_of_ten(written, record):
    npv = columns(written, "npv_wan")
    pays = (npv >= 0).any(axis=1).mean()
    verdict = "pays" if pays >= 0.9 else "does_not_pay" if pays <= 0.1 else "open"
    assert record["conclusion"]["build"]["verdict"] == verdict
    assert (npv >= 0).mean().to_dict() == pytest.approx(record["sureness"]["npv_positive"])


def test_a_winner_has_the_largest_score(written):
    (law,) = set(written["law"])
    scores = columns(written, f"score_{law}")
    own = scores.to_numpy()[np.arange(len(scores)), scores.columns.get_indexer(written["winner"])]
    np.testing.assert_array_equal(own, scores.max(axis=1))


def test_every_unknown_stands_in_the_table(base_result, written):
    assert list(written["draw"]) == list(range(1, len(written) + 1))
    drawn = base_result.evaluation.draws.unknowns
    assert set(drawn) <= set(written)
    figures = drawn.select_dtypes("number")
    np.testing.assert_allclose(written[list(figures)], figures, rtol=1e-5)
    for law in LAWS:
        np.testing.assert_allclose(columns(written, f"weight_{law}").sum(axis=1), 1, atol=1e-7)
    assert all(len(set(written[name])) > 1 for name in itertools.chain(figures, ["spread"]))


def test_no_sites_no_table(base_result):
    from dataclasses import replace

    none = replace(base_result.evaluation, draws=None)
    assert draws_table(none) is None
    assert draws_files(none) == {}
