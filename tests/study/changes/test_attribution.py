"""What changed a result is shared out to the last digit, whatever the order of rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import siting
from siting.study.changes import attribution as module
from siting.study.changes.attribution import ANCHORS, SETTINGS, attribution
from siting.study.changes.joint_register import OUTCOMES
from siting.study.changes.registers import register_changes
from siting.study.compare import scores_on
from tests.study import monthly_lists as lists

KINDS = ["new", "gone", "moved", "placed", "unplaced", "resized", "other", "slight"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    paths = [
        lists.write(folder / "十月.csv", lists.october()),
        lists.write(folder / "十一月.csv", lists.november(), shuffle=7, again=20),
    ]
    return [siting.read_enterprises(path, crs="WGS84") for path in paths]


@pytest.fixture(scope="module")
def months(base_study, tables):
    return [
        base_study.with_(enterprises=table, name=name).run().evaluation
        for table, name in zip(tables, ("十月", "十一月"), strict=True)
    ]


@pytest.fixture(scope="module")
def changes(months):
    return register_changes(*months)


@pytest.fixture(scope="module")
def found(months, changes):
    return attribution(*months, changes)


@pytest.fixture(scope="module")
def few(base_study, tables, months):
    """October with three firms gone and two that grew."""
    frame = tables[0].frame.iloc[3:]
    frame = frame.assign(employees=[*(5 * frame["employees"].iloc[:2]), *frame["employees"].iloc[2:]])
    table = replace(tables[0], frame=frame, sha256="few")
    other = base_study.with_(enterprises=table, name="少").run().evaluation
    return table, other, register_changes(months[0], other)


def summed(frame, level="option"):
    return frame.groupby(level).sum().reindex(columns=list(OUTCOMES))


def test_every_change_is_shared_out_exactly(found):
    change = (found.own - found.before).fillna(0.0)
    assert found.kinds.index.get_level_values("kind").unique().tolist() == [*KINDS, ANCHORS]
    pd.testing.assert_frame_equal(summed(found.kinds).loc[change.index], change, atol=1e-9, rtol=0)
    of_registers = found.kinds.drop(index=ANCHORS, level="kind")
    for part in (found.rows, found.towns):
        pd.testing.assert_frame_equal(summed(part), summed(of_registers), atol=1e-9, rtol=0)
    by_kind = found.rows.groupby(["kind", "option"]).sum().sort_index()
    pd.testing.assert_frame_equal(by_kind, of_registers.fillna(0.0).sort_index(), atol=1e-9, rtol=0)
    assert change["score"].abs().max() > 0.01
    assert change["rank"].abs().max() >= 1


def test_both_ends_are_what_the_lists_come_to_by_themselves(found, months):
    first, second = months
    placed = found.before["score"].dropna().index
    for frame, evaluation in ((found.before, first), (found.own, second)):
        np.testing.assert_allclose(frame["score"][placed], evaluation.ranking["score"][placed], atol=1e-9)
        worth = evaluation.economics.summary["npv_wan"][frame.index]
        np.testing.assert_allclose(frame["npv_wan"], worth, atol=1e-6)
    np.testing.assert_allclose(found.after["score"][placed], scores_on(first, second)[placed], atol=1e-9)


def test_the_order_of_rows_says_nothing(base_study, found, changes, months, tmp_path):
    path = lists.write(tmp_path / "乱序.csv", lists.november(), shuffle=99, again=20)
    other = base_study.with_(enterprises=siting.read_enterprises(path, crs="WGS84"), name="乱序").run()
    again = attribution(months[0], other.evaluation, register_changes(months[0], other.evaluation))
    pd.testing.assert_frame_equal(again.kinds, found.kinds, atol=1e-9, rtol=0)
    pd.testing.assert_frame_equal(again.towns, found.towns, atol=1e-9, rtol=0)


def test_looking_back_takes_back_what_was_added(months, few):
    """On one scale the shares of a kind turn their sign: no order is preferred."""
    _, other, changes = few
    there = attribution(months[0], other, changes)
    held = replace(
        other, scenario=other.scenario.model_copy(update={"criteria": months[0].scenario.criteria})
    )
    back = attribution(held, months[0], register_changes(held, months[0]))
    for forth, home in (("gone", "new"), ("resized", "resized")):
        shares = there.kinds.loc[forth][["score", "npv_wan"]]
        np.testing.assert_allclose(-back.kinds.loc[home][["score", "npv_wan"]], shares, atol=1e-9)
    assert there.kinds.loc["resized"]["score"].abs().max() > 1e-3


def test_a_kind_takes_the_mean_over_both_orders(base_study, tables, months, few):
    """Two kinds, by hand: the one without the other, and the one after the other."""
    _, other, changes = few
    found = attribution(months[0], other, changes)
    only = replace(tables[0], frame=tables[0].frame.iloc[3:], sha256="only")
    alone = base_study.with_(enterprises=only, name="仅注销").run().evaluation
    gone_first = scores_on(months[0], alone) - months[0].ranking["score"]
    resized_last = scores_on(months[0], other) - scores_on(months[0], alone)
    grown = tables[0].frame.assign(employees=tables[0].frame["employees"].astype(float))
    ids = few[0].frame.index[:2]
    grown.loc[ids, "employees"] = few[0].frame.loc[ids, "employees"].astype(float)
    bigger = replace(tables[0], frame=grown, sha256="bigger")
    second = base_study.with_(enterprises=bigger, name="仅规模").run().evaluation
    resized_first = scores_on(months[0], second) - months[0].ranking["score"]
    resized = found.kinds.loc["resized"]["score"].dropna()
    mean = ((resized_first + resized_last) / 2)[resized.index]
    np.testing.assert_allclose(resized, mean, atol=1e-9)
    gone = found.kinds.loc["gone"]["score"].dropna()
    total = (scores_on(months[0], other) - months[0].ranking["score"])[gone.index]
    np.testing.assert_allclose(gone, total - mean, atol=1e-9)
    assert (gone_first[gone.index] - gone).abs().max() > 1e-6


def test_settings_stand_apart(base_study, tables, months, few):
    table, _, changes = few
    settings = {"coverage.cutoff_min": 20, "economics.land_price_wan_mu": 60}
    other = base_study.with_(enterprises=table, name="少而严", settings=settings).run().evaluation
    found = attribution(months[0], other, changes)
    assert found.kinds.index.get_level_values("kind").unique().tolist() == [
        "gone",
        "resized",
        SETTINGS,
        ANCHORS,
    ]
    change = (found.own - found.before).fillna(0.0)
    pd.testing.assert_frame_equal(summed(found.kinds).loc[change.index], change, atol=1e-9, rtol=0)
    alone = base_study.with_(enterprises=tables[0], name="仅设置", settings=settings).run().evaluation
    only = attribution(months[0], alone, register_changes(months[0], alone))
    assert only.rows.empty
    held = scores_on(months[0], alone) - months[0].ranking["score"]
    moved = only.kinds.loc[SETTINGS]["score"].dropna()
    np.testing.assert_allclose(moved, held[moved.index], atol=1e-9)
    assert moved.abs().max() > 0.01


def test_who_turned_the_lead_is_named(base_study, tmp_path, months):
    """One large firm next to another site takes the lead there; without it the old leader leads."""
    lon, lat = lists.TOWNS["邦均镇"]
    month = lists.october()
    month.firms |= {n: lists.firm(n, lon=lon, lat=lat, town="邦均镇", employees=1000) for n in (50, 51, 52)}
    path = lists.write(tmp_path / "大厂.csv", month)
    table = siting.read_enterprises(path, crs="WGS84")
    other = base_study.with_(enterprises=table, name="大厂").run().evaluation
    changes = register_changes(months[0], other)
    found = attribution(months[0], other, changes)
    assert found.leaders == ("shangcang", "county_seat")
    first = found.kinds.loc["new"]["first"]
    assert first[["county_seat", "shangcang"]].tolist() == pytest.approx([1.0, -1.0])
    names = changes.after["name"].reindex(changes.units["after"].reindex(found.deciding.index)).tolist()
    assert set(names) <= {"虚构50号厂", "虚构51号厂", "虚构52号厂"}
    assert found.deciding["turns"].tolist() == [False] * (len(names) - 1) + [True]
    assert (found.deciding["lead"] < 0).all()


def test_a_long_list_is_shared_out_as_exactly(monkeypatch, months, changes, found):
    monkeypatch.setattr(module, "MOST_EXACT", 2)
    monkeypatch.setattr(module, "FEWEST_EXACT", 2)
    short = attribution(*months, changes)
    assert found.is_exact
    assert not short.is_exact
    pd.testing.assert_frame_equal(short.kinds, found.kinds, atol=1e-9, rtol=0)
    by_kind = short.rows.groupby(["kind", "option"]).sum().sort_index()
    whole = found.kinds.drop(index=ANCHORS, level="kind").fillna(0.0).sort_index()
    pd.testing.assert_frame_equal(by_kind, whole, atol=1e-9, rtol=0)


def test_registers_that_share_no_row_can_be_held_together(months, base_result):
    other = base_result.evaluation
    changes = register_changes(months[0], other)
    assert len(changes.gone) == 30
    assert len(changes.new) == len(changes.after)
