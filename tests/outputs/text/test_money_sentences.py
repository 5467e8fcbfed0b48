"""What page and JSON say of the appraisal, on the default study and where there is nothing to say."""

from dataclasses import replace

import pandas as pd
import pytest

from siting.analysis.money.sensitivity import Sensitivity
from siting.outputs.text.money_sentences import appraisal_records, money_sentences


@pytest.fixture(scope="module")
def base(base_result):
    return base_result.evaluation


def changed(evaluation, **economics):
    """Exchange parts of the appraisal."""
    return replace(evaluation, economics=replace(evaluation.economics, **economics))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sentences_tell_the_figures_of_the_appraisal(base, lang):
    said, found = money_sentences(base, lang), base.economics
    option = found.sensitivity.option
    row = found.summary.loc[option]
    national = f"{abs(row['npv_wan']):,.0f}"
    assert national in said[0]
    assert f"{row['staff']:.0f}" in said[1]
    assert f"{row['load_per_person']:,.0f}" in said[1]
    assert "6%" in said[2]
    assert f"{row['break_even_demand']:.1f}" in said[3]
    turning = found.sensitivity.table.loc["demand.expansion_factor", "switching_value"]
    assert f"{turning:.3g}" in said[4]
    assert len(said) == 6


def test_an_option_that_never_pays_says_so(base):
    summary = base.economics.summary.assign(break_even_demand=float("inf"))
    told = changed(base, summary=summary)
    assert any("需求增至现有的 100 倍" in text for text in money_sentences(told, "zh"))
    none = base.economics.sensitivity.table.assign(switching_value=float("nan"))
    stuck = changed(told, sensitivity=replace(base.economics.sensitivity, table=none))
    assert "没有一项假定单独变动即可使净现值转正。" in money_sentences(stuck, "zh")


def test_where_nothing_builds_nothing_is_said(base):
    nobody = Sensitivity(None, pd.DataFrame(), pd.DataFrame(), None)
    assert money_sentences(changed(base, sensitivity=nobody), "zh") == []


def test_records_hold_the_accounts_and_the_reason_where_there_is_no_rate(base):
    records = {record["option"]: record for record in appraisal_records(base)}
    assert set(records) == set(base.evidence.options.index)
    city, best = records["city"], records[base.economics.sensitivity.option]
    assert city["npv_wan"] == {"national": 0.0, "public": 0.0, "enterprises": 0.0}
    assert (city["kind"], city["eirr_note"]) == ("city", "no_flows")
    assert best["eirr_note"] == "costs_exceed"
    assert best["break_even_demand"] > 1
    assert best["bcr"] < 1
    assert best["load_per_person"] > 0
