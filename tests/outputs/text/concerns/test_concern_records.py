"""Every fact of the report has its place in the JSON and its effect; sentences in both languages."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from siting.outputs.tables.table_files import run_record
from siting.outputs.text.concerns.concern_records import concern_record
from siting.outputs.text.concerns.concern_sentences import concern_sentences, law_text
from siting.study.adapt import adapt
from tests.outputs import toy

SPECIAL = {"pressure_vessels", "boilers", "lifting", "safety_valves"}


@pytest.fixture(scope="module")
def evaluation(base_result):
    return base_result.evaluation


@pytest.fixture(scope="module")
def record(evaluation):
    whole = run_record(evaluation, {})
    return json.loads(json.dumps(whole, allow_nan=False))


def test_the_centre_is_an_intention_and_on_site_teams_are_an_option(record):
    assert record["concerns"]["stage"] == "intention"
    assert record["options"]["mobile"]["kind"] == "mobile"
    assert {"mobile", "city"} <= {row["option"] for row in record["appraisal"]}


def test_the_21_vessels_are_a_backlog_that_no_site_clears_without_the_approval(record):
    backlog = record["concerns"]["backlog"]
    assert {firm: row["pieces"] for firm, row in backlog["enterprises"].items()} == {"datang_panshan": 21}
    assert "原始资料遗失" in backlog["enterprises"]["datang_panshan"]["source_zh"]
    assert backlog["service"] == "pressure_vessels"
    days = {option: row["days"] for option, row in backlog["options"].items()}
    assert days["shangcang"] == days["city"] > days["mobile"] > 0
    approved = {option: row["days_if_approved"] for option, row in backlog["options"].items()}
    assert approved["bieshan"] < days["city"] == approved["city"]
    saved = {option: row["saved_once_if_approved_yuan"] for option, row in backlog["options"].items()}
    assert saved["bieshan"] == max(saved.values()) > 0 == saved["city"]


def test_the_plants_have_their_favourite_and_what_the_leading_site_costs_them(record, evaluation):
    found = record["concerns"]["favourites"]
    assert set(found["enterprises"]) == {"guohua_panshan", "datang_panshan"}
    leader = record["concerns"]["leader"]
    assert leader == record["ranking"][0]["site"]
    hours = evaluation.evidence.trips.hours
    for firm, row in found["enterprises"].items():
        assert row["favourite"] == "bieshan"
        extra = hours.loc[firm, leader] - hours.loc[firm, "bieshan"]
        assert row["extra_hours"] == pytest.approx(extra)
    assert sum(row["enterprises"] for row in found["sites"].values()) == len(hours)


def test_pledges_tell_who_how_firm_when_and_what_they_are_worth(record):
    pledges = {row["pledge"]: row for row in record["concerns"]["pledges"]}
    meeting, land = pledges["enterprises"], pledges["shangcang_land"]
    assert (meeting["parties"], meeting["firmness"], meeting["conflict"], meeting["counted"]) == (
        10, "oral", True, False,
    )  # fmt: skip
    assert (land["site"], land["worth_wan"], land["year"], land["expired"]) == ("shangcang", 150, 2011, False)
    assert (land["made_on"], land["valid_until"]) == (None, None)


def test_industries_by_services_and_what_may_be_issued_by_phase(record):
    concerns = record["concerns"]
    states = {(row["phase"], row["service"]): row["state"] for row in concerns["industry_services"]}
    assert {state for (_, service), state in states.items() if service in SPECIAL} == {"elsewhere"}
    assert (states[1, "chemicals"], states[2, "chemicals"]) == ("elsewhere", "here")
    assert len({row["industry"] for row in concerns["industries"]}) == 8
    barred = [row for row in concerns["reports"] if row["why"] == "permission"]
    assert {row["service"] for row in barred} == SPECIAL
    assert all("特种设备安全监察条例" in row["law_zh"] for row in barred)
    shares = concerns["authority"][concerns["leader"]]
    assert 0 < shares["1"] < shares["2"] < 1
    assert concerns["authority"]["city"]["1"] == pytest.approx(1)


def test_sentences_tell_the_same_in_both_languages(record, evaluation):
    zh, en = record["concerns"]["text_zh"], record["concerns"]["text_en"]
    assert len(zh) == len(en) == 6
    assert "意向" in zh[0]
    assert "21 台" in zh[1]
    assert "10 家" in zh[3]
    assert "150 万元" in zh[2]
    assert "nan" not in " ".join([*zh, *en])
    assert law_text(evaluation, "special_equipment", "zh") in zh[-1]


def with_pledges(study, **columns):
    inputs = replace(study.inputs, pledges=study.inputs.pledges.assign(**columns))
    return adapt(study.scenario, inputs)


def test_a_pledge_that_has_ended_is_told_and_counts_nowhere(base_study, evaluation):
    scenario, inputs = with_pledges(base_study, valid_until=["2010-12-31", "2011-06-30"])
    assert inputs.pledges["expired"].tolist() == [True, False]
    later = scenario.model_copy(update={"study_date": "2011-07-01"})
    assert adapt(later, inputs)[1].pledges["expired"].tolist() == [True, True]
    from siting.analysis.money.pledged import counted_pledges, land_prices

    settings = scenario.economics.model_copy(update={"pledges": "all"})
    assert counted_pledges(inputs.pledges, settings).tolist() == [False, False]
    prices = dict(zip(inputs.sites.index, land_prices(inputs.sites, inputs.pledges, settings), strict=True))
    assert prices["shangcang"] == settings.land_price_wan_mu
    evidence = replace(evaluation.evidence, inputs=inputs)
    said = " ".join(concern_sentences(replace(evaluation, evidence=evidence), "zh"))
    assert "有效期至 2010-12-31，截至 2011-01-01 已过期" in said
    assert "有效期至 2011-06-30" in said


def test_the_law_on_special_equipment_goes_by_the_year(evaluation):
    later = replace(evaluation, scenario=evaluation.scenario.model_copy(update={"study_year": 2014}))
    assert "特种设备安全法第五十条" in law_text(later, "special_equipment", "zh")
    assert law_text(later, "cma", "en") == law_text(evaluation, "cma", "en")


def test_a_study_with_nothing_asked_or_served_says_what_there_is():
    base = toy.evaluation()
    demand = replace(base.evidence.demand, backlog=base.evidence.demand.backlog * 0)
    nothing = replace(base, evidence=replace(base.evidence, demand=demand))
    found = concern_record(nothing)
    assert (found["stage"], found["backlog"]["enterprises"], found["backlog"]["options"]) == (None, {}, {})
    idle = replace(demand, tests=demand.tests * 0)
    unasked = replace(base, evidence=replace(base.evidence, demand=idle))
    record = concern_record(unasked)
    assert (record["leader"], record["industries"], record["reports"]) == (None, [], [])
    assert isinstance(record["text_zh"], list)
    assert isinstance(unasked.concerns.by_site, pd.DataFrame)
