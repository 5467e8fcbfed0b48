"""What the weights move, which criteria count one thing, and what they put on an hour: in words."""

from dataclasses import replace

import pandas as pd
import pytest

from siting.analysis.decision.weight_use import weight_use
from siting.outputs.text.weighing.weight_sentences import hour_sentences, weight_sentences
from tests.outputs import toy


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


def with_values(evaluation, **columns):
    """Let the sites be alike, or nearly so, in some criteria."""
    values = evaluation.values.drop(index="xiacang").assign(**columns)
    weights = evaluation.weights[evaluation.weights > 0]
    use = weight_use(values[weights.index], weights, inert=0.005)
    return replace(evaluation, robustness=replace(evaluation.robustness, weight_use=use))


def test_weight_that_moves_no_site_is_told_with_its_share(evaluation):
    """Authority holds 0.3 × 0.3, net cost 0.2 × 0.6 of the weight."""
    said = weight_sentences(with_values(evaluation, authority=0.6, net_cost_wan=0.3), "zh")
    assert "权重中有 21.0% 不影响场址之间的高下：报告的权威性、净费用（各场址得分相差不足 0.5 分）。" in said
    english = weight_sentences(with_values(evaluation, authority=0.6, net_cost_wan=0.3), "en")
    assert english[0].startswith("21.0% of the weight moves no site: Authority of reports, Net cost")


def test_criteria_that_rise_and_fall_together_are_told_with_their_share(evaluation):
    near = evaluation.values["hours_saved"].drop("xiacang")
    found = with_values(evaluation, demand_covered=near * 0.9, industry_coverage=near * 0.5)
    (said,) = [text for text in weight_sentences(found, "zh") if "同一件事" in text]
    assert said.startswith(
        "权重中有 55.0% 说的其实是同一件事：节约出行时间、产业覆盖率、服务覆盖率在各场址之间"
    )


def test_nothing_is_said_of_one_site_or_none(evaluation):
    assert weight_sentences(replace(evaluation, robustness=None, tradeoff=None), "zh") == []
    alone = replace(evaluation.robustness, best_margin=pd.Series({"bangjun": 1.0}))
    changed = with_values(replace(evaluation, robustness=alone), authority=0.6)
    assert not [text for text in weight_sentences(changed, "zh") if "高下" in text]


def test_the_price_of_an_hour_stands_beside_the_study_s_own(evaluation):
    """A point is 3,000 / 12 = 250 万元, or 9,000 / 28 hours a year that count ten times."""
    price = 10_000 * (30 / 0.12) / (90 / 0.28 * 10)
    (said,) = hour_sentences(evaluation, "zh")
    assert f"企业少跑一小时抵得上 {price:,.0f} 元净费用" in said
    assert "一小时按 23 元（15–35 元）计。打分对时间的看重高于费用效益评价的区间" in said
    cheap = replace(evaluation, tradeoff=replace(evaluation.tradeoff, hour_yuan=20.0))
    assert hour_sentences(cheap, "en")[0].endswith("an hour counts 23 yuan (15 to 35).")
    cheaper = replace(evaluation, tradeoff=replace(evaluation.tradeoff, hour_yuan=2.0, own_range=None))
    assert hour_sentences(cheaper, "zh")[0].endswith("一小时按 23 元计。")
    assert hour_sentences(replace(evaluation, tradeoff=None), "zh") == []
