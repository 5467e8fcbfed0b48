"""Facts of the report in the workbook: each has its sheet, in words."""

import pytest

from siting.outputs.tables.concerns import concern_sheets
from siting.outputs.tables.result_sheets import parameters, pledges
from siting.outputs.tables.results_workbook import SHEETS
from tests.outputs import toy


@pytest.fixture(scope="module")
def evaluation(base_result):
    return base_result.evaluation


def test_every_sheet_is_in_the_workbook():
    ids = {sheet.id for sheet in SHEETS}
    assert {"concerns", "backlog", "favourites", "industry_services", "reports", "authority"} <= ids


def test_the_backlog_by_option(evaluation):
    table = concern_sheets.backlog(evaluation)
    assert set(table["backlog"]) == {21}
    assert set(table["service"]) == {"压力容器定期检验"}
    assert not table["inspects"].any()
    assert table["days"]["mobile"] < table["days"]["city"] == table["days"]["shangcang"]
    assert table["days_if_approved"]["bieshan"] < table["days"]["city"]


def test_favourites_pledges_and_sentences(evaluation):
    firms = concern_sheets.favourites(evaluation)
    assert firms.loc["datang_panshan", "favourite_site"] == "别山（盘山电厂一侧）"
    assert firms.loc["datang_panshan", "extra_hours"] > 0
    assert len(firms) == len(evaluation.evidence.inputs.enterprises)
    made = pledges(evaluation)
    assert made["parties"].tolist() == [1, 10]
    assert made["firmness"].tolist() == ["oral", "oral"]
    assert {"made_on", "valid_until", "expired"} <= set(made)
    said = concern_sheets.concerns(evaluation)["sentence"]
    assert "意向" in said.iloc[0]


def test_industries_reports_and_authority(evaluation):
    served = concern_sheets.industry_services(evaluation)
    assert served.filter(like="served_pct").sum(axis=1).to_numpy() == pytest.approx(100)
    chemicals = served[served["service"] == "化工产品检验"]
    assert chemicals["state"].to_dict() == {1: "未承接（仍由市区办理）", 2: "本中心检测"}
    assert chemicals["why"].to_dict() == {1: "本期未开办", 2: ""}
    reports = concern_sheets.reports(evaluation)
    barred = reports[reports["why"] == "无相应资质"]
    assert set(barred["issued_pct"]) == {0}
    assert all("第四十一条" in law for law in barred["law"])
    shares = concern_sheets.authority(evaluation)
    assert (shares["issued_pct.1"] <= shares["issued_pct.2"]).all()


def test_figures_newer_than_the_study_are_marked(evaluation):
    table = parameters(evaluation)
    assert set(table.index[table["newer"] == "是"]) == set(table.index[table["year"] > 2011])
    assert (table["newer"] == "是").sum() == 5


def test_a_study_without_anything_asked_has_no_such_sheet():
    base = toy.evaluation()
    assert concern_sheets.backlog(base) is None
    pledged = base.evidence.inputs.pledges
    assert concern_sheets.concerns(base)["sentence"].str.contains(str(pledged["who"].iloc[0])).any()
