"""What to find out: the register of a demonstration first, what is clear, enterprises that exist."""

from dataclasses import replace

import pandas as pd
import pytest

from siting.outputs.text.survey.survey_sentences import quantity_name, survey_sentences
from tests.outputs import toy


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_ensembles(toy.with_summaries(toy.evaluation()))


def with_sure(evaluation, **changes):
    return replace(evaluation, robustness=replace(evaluation.robustness, **changes))


def test_a_demonstration_says_first_to_replace_the_register(evaluation):
    said = survey_sentences(evaluation, "zh")
    assert said[0] == "首先应以真实企业名录替换演示名录。"
    worth = toy.worth_knowing({"register": 0.02, "speed:primary": 0.011})
    said = survey_sentences(with_sure(evaluation, evppi=worth), "en")
    assert "where firms lie included, would be worth 2.00 points, standard error 0.30" in said[0]
    assert "register" not in said[1]
    real = toy.resting_on(evaluation, "sourced")
    assert not any("名录" in text for text in survey_sentences(real, "zh"))


def test_only_what_is_worth_two_standard_errors_is_listed(evaluation):
    said = " ".join(survey_sentences(evaluation, "zh"))
    assert "省级干道（可多得 1.10 分，标准误 0.30 分）" in said
    assert "上仓镇" not in said
    assert "材料试验" not in said
    assert "是否建设方面，各项单独查清的预期收益均不超过两倍标准误" in said
    unclear = with_sure(evaluation, evppi=toy.worth_knowing({"speed:primary": 0.001}))
    assert "其余各项单独查清的预期增分均不超过两倍标准误" in " ".join(survey_sentences(unclear, "zh"))
    build = with_sure(evaluation, build_evppi=toy.worth_knowing({"demand.expansion_factor": 321.4}))
    assert "worth 321" not in said
    assert "321 ×10⁴ CNY" in " ".join(survey_sentences(build, "en"))


def test_enterprises_to_ask_exist_and_are_clear(evaluation):
    said = survey_sentences(evaluation, "zh")
    assert "宜先核实检测量的 1 家企业：大唐国际盘山电厂" in said[-1]
    none = evaluation.robustness.telephone.assign(is_clear=False)
    assert "宜先核实" not in " ".join(survey_sentences(with_sure(evaluation, telephone=none), "zh"))
    quick = with_sure(evaluation, telephone=None, evppi=None, build_evppi=None, evpi=None, measure=None)
    assert survey_sentences(quick, "zh") == ["首先应以真实企业名录替换演示名录。"]


def test_names_of_unknowns_are_words_in_both_languages(evaluation):
    assert quantity_name("demand:materials", evaluation, "en") == "Demand of the service: Materials"
    assert quantity_name("industry:food", evaluation, "zh") == "产业需求倍数：食品（含酒）"
    assert quantity_name("register", evaluation, "zh") == "企业名录（含分布）"
    assert quantity_name("economics.discount_rate", evaluation, "zh") != "economics.discount_rate"
    assert isinstance(evaluation.robustness.evppi, pd.DataFrame)
