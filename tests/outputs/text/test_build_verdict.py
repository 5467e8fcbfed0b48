"""What is said of whether to build: one line, and the draws behind it."""

from copy import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.money.sensitivity import EXPANSION
from siting.outputs.text.build_verdict import build_headline, building_pays, building_record
from siting.outputs.text.conclusion import conclusion, may_recommend
from tests.outputs import toy


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


def with_draws(evaluation, paying, rows=None):
    """Twenty draws, of which so many pay."""
    npv = pd.DataFrame({"bangjun": np.where(np.arange(20) < paying, 1.0, -1.0)})
    drawn = {} if rows is None else {EXPANSION: np.linspace(*rows, 20)}
    return toy.with_building(evaluation, npv, pd.DataFrame(drawn, index=range(20)))


@pytest.mark.parametrize(
    ("paying", "zh", "en"),
    [
        (20, "按所列假定，建设效益大于费用", "the benefits of building exceed its costs"),
        (1, "按所列假定，建设效益不足以抵偿费用", "the benefits of building do not cover its costs"),
        (10, "是否建设尚不能定论", "Whether to build cannot be settled yet"),
    ],
)
def test_the_headline_follows_the_draws(evaluation, paying, zh, en):
    drawn = with_draws(evaluation, paying)
    assert build_headline(drawn, "zh").startswith(zh)
    assert en in build_headline(drawn, "en")
    assert conclusion(drawn, "zh")[0] == build_headline(drawn, "zh")
    assert building_record(drawn) == {"bangjun": paying / 20}


@pytest.mark.parametrize(
    ("times", "zh", "en"),
    [
        (2.5, "：需求达到现有的 2.5 倍起，效益方能抵偿费用", "cover costs from 2.5 times today's demand on"),
        (0.4, "：需求低于现有的 0.4 倍，效益即不抵费用", "below 0.4 times today's demand benefits would not"),
        (0.0249, "：需求低于现有的 0.02 倍，效益即不抵费用", "below 0.02 times today's demand"),
        (
            1.04,
            "：需求达到现有的 1.04 倍起，效益方能抵偿费用",
            "cover costs from 1.04 times today's demand on",
        ),
        (0.0, "是否建设尚不能定论", "Whether to build cannot be settled yet"),
        (np.inf, "是否建设尚不能定论", "Whether to build cannot be settled yet"),
    ],
)
def test_where_it_turns_is_told_from_todays_demand(evaluation, times, zh, en):
    drawn = with_draws(evaluation, 10)
    worth = copy(drawn.economics)
    worth.summary = worth.summary.assign(break_even_demand=times)
    drawn = replace(drawn, economics=worth)
    assert build_headline(drawn, "zh").endswith(zh)
    assert en in build_headline(drawn, "en")


def test_the_draws_say_what_a_row_stood_for(evaluation):
    drawn = with_draws(evaluation, 4, rows=(3, 12))
    assert building_pays(drawn, "zh") == (
        "一行代表的企业数在 3–12 之间、其余各项假定在各自区间内同时变动 20 次，"
        "20.0% 的情形下有建设方案效益大于费用。"
    )
    assert building_pays(with_draws(evaluation, 4), "zh").startswith("各项假定在各自区间内同时变动 20 次，")
    assert building_pays(with_draws(evaluation, 4), "en").startswith("All assumptions moving together")


def test_nothing_is_recommended_while_building_is_open(evaluation):
    sound = toy.sound(evaluation)
    assert may_recommend(with_draws(sound, 20))
    assert not may_recommend(with_draws(sound, 10))


def test_without_draws_nothing_is_said_of_them(evaluation):
    bare = replace(evaluation, draws=None)
    assert (build_headline(bare, "zh"), building_pays(bare, "en"), building_record(bare)) == ("", "", {})
