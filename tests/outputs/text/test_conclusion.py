"""What the page and the console conclude: no more than the data carry, whether to build before where."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from siting.analysis.demand.demand_settings import DemandSettings
from siting.analysis.robustness.standing import Standing
from siting.analysis.robustness.winners import cell_of_scores
from siting.outputs.text import conclusion as conclude
from siting.outputs.text import ground
from siting.outputs.text.conclusion import conclusion, headlines, likelihood, may_recommend
from siting.outputs.text.sentences import is_demonstration, sentences, verdict_text
from siting.outputs.text.weighing import weights_words
from siting.outputs.text.wording import say, words
from tests.outputs import toy


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


@pytest.fixture(scope="module")
def sound(evaluation):
    return toy.sound(evaluation)


# what may be recommended --------------------------------------------------------------------------------


def with_scenario(evaluation, **changes):
    return replace(evaluation, scenario=SimpleNamespace(**{**vars(evaluation.scenario), **changes}))


def with_npv(evaluation, npv_wan):
    summary = evaluation.economics.summary.assign(npv_wan=npv_wan)
    return replace(
        evaluation, economics=SimpleNamespace(**{**vars(evaluation.economics), "summary": summary})
    )


def with_conditions(evaluation, change):
    inputs = evaluation.evidence.inputs
    changed = replace(inputs, conditions=change(inputs.conditions))
    return replace(evaluation, evidence=replace(evaluation.evidence, inputs=changed))


def with_verdict(evaluation, verdict):
    table = evaluation.ranking.copy()
    table.loc["bangjun", "verdict"] = verdict
    verdicts = evaluation.verdicts.copy()
    verdicts["bangjun"] = verdict
    return replace(evaluation, ranking=table, verdicts=verdicts)


def with_tie(evaluation):
    table = evaluation.ranking.copy()
    table.loc["mashenqiao", "score"] = table["score"]["bangjun"] - 0.004
    table.loc[["bangjun", "mashenqiao"], "tie"] = True
    return replace(evaluation, ranking=table)


def with_wins(evaluation, share):
    """Bangjun beats every other option in seven draws of ten, and wins as many as are given."""
    standing = evaluation.robustness.standing
    wins = standing.wins * 0.0
    wins["bangjun"] = share
    wins[[option for option in wins.index if option != "bangjun"]] = (1 - share) / (len(wins) - 1)
    beats = standing.beats.copy()
    beats.loc["bangjun"] = 0.7
    standing = replace(standing, wins=wins, beats=beats)
    return replace(evaluation, robustness=replace(evaluation.robustness, joint_standing=standing))


AGAINST = {
    "a thousandth of the demand is illustrative": lambda ev: replace(
        ev, provenance={**ev.provenance, "illustrative_demand": 0.001}
    ),
    "nobody adopted the weights": lambda ev: with_scenario(ev, weights_adopted=False),
    "a question is open": lambda ev: replace(ev, open_questions=("year",)),
    "a condition is to be verified": lambda ev: with_verdict(ev, "pending"),
    "a condition is missing": lambda ev: with_conditions(ev, lambda table: table.iloc[:-1]),
    "benefits do not cover costs": lambda ev: with_npv(ev, -0.1),
    "the net present value is unknown": lambda ev: with_npv(ev, math.nan),
    "there is no appraisal": lambda ev: replace(ev, economics=None),
    "another scores as well": with_tie,
    "another wins as many draws": lambda ev: toy.with_shares(ev, {"bangjun": 0.5, "county_seat": 0.5}),
    "it beats each other and wins less than two thirds": lambda ev: with_wins(ev, 0.6),
    "nothing was drawn": lambda ev: replace(ev, robustness=None),
    "another wins more draws": lambda ev: toy.with_shares(ev, {"bangjun": 0.1, "county_seat": 0.9}),
}


def test_what_nothing_stands_against_is_recommended(sound):
    assert may_recommend(sound)
    assert headlines(sound, "zh")[1] == "推荐方案：邦均镇（51.2 分）"
    assert headlines(sound, "en")[1] == "Recommended option: Bangjun (51.2 points)"
    assert may_recommend(with_wins(sound, 0.67))


@pytest.mark.parametrize("reason", AGAINST)
def test_any_single_thing_against_it_forbids_a_recommendation(sound, reason):
    changed = AGAINST[reason](sound)
    assert not may_recommend(changed)
    assert not [text for text in conclusion(changed, "zh") if "推荐" in text]
    assert any(text.startswith("得分最高：邦均镇（51.2 分）") for text in headlines(changed, "zh"))


def test_conditions_that_nobody_looked_at_are_not_passed(sound):
    """The city needs none; an option with a place of which no row tells anything has no record."""
    assert verdict_text(with_verdict(sound, "pass"), "bangjun", "zh") == "通过"
    assert verdict_text(sound, "city", "zh") == "不涉及"
    assert verdict_text(sound, "xiacang", "en") == "fail"
    verdicts = sound.verdicts.where(sound.verdicts.index != "yinliu", "pass")
    assert verdict_text(replace(sound, verdicts=verdicts), "yinliu", "zh") == "无记录"
    missing = AGAINST["a condition is missing"](sound)
    assert "邦均镇有 1 项否决性指标没有记录，须先核实：蓄滞洪区。" in conclusion(missing, "zh")


# the banner ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "said"), [(0.969, "96.9%"), (0.0005, "0.1%"), (1e-9, "不足 0.1%")])
def test_any_illustrative_demand_makes_a_demonstration(sound, share, said):
    changed = replace(sound, provenance={**sound.provenance, "illustrative_demand": share})
    assert is_demonstration(changed)
    assert f"占 {said}，" in ground.demo_reason(changed, "zh")


def test_rows_without_a_basis_are_no_demonstration(evaluation):
    changed = toy.resting_on(evaluation, None)
    assert not is_demonstration(changed)
    assert ground.demo_reason(changed, "en") == ""
    assert ground.register_rows(changed, "zh") == (
        "企业记录：未注明 40。未填报、据同行业典型值或从业人数估算的指标：从业人数 1 家、特种设备台数 3 家。"
    )


# whether to build, then where ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("npv_wan", "zh", "en"),
    [
        (-4264.4, "净现值为负 4,264 万元，效益不抵费用，是否建设须先行论证。", "minus CNY 42.6 million"),
        (
            4264.4,
            "净现值为 4,264 万元，效益大于费用。",
            "of CNY 42.6 million in the economic account: benefits",
        ),
        (-math.inf, "净现值无法计算，是否建设尚不能判断。", "cannot be worked out"),
    ],
)
def test_whether_building_pays_comes_first(evaluation, npv_wan, zh, en):
    changed = with_npv(evaluation, npv_wan)
    first = conclusion(changed, "zh")[0]
    assert "得分最高的场址邦均镇按国民经济评价口径" in first
    assert first.endswith(zh)
    assert en in conclusion(changed, "en")[0]
    assert conclusion(changed, "zh")[1].startswith("得分最高：邦均镇")


def test_demand_is_named_by_its_expansion(evaluation):
    demand = DemandSettings(expansion_factor=3.0)
    said = headlines(with_scenario(evaluation, demand=demand), "zh")[0]
    assert said.startswith("在现有需求下（扩样系数 3），")


def test_a_near_tie_is_told_in_headline_and_sentence(sound):
    said = conclusion(with_tie(sound), "zh")
    assert said[1] == "得分最高：邦均镇（51.2 分）；与马伸桥镇得分相当"
    assert "邦均镇、马伸桥镇得分相差不足 1 分，视为相当，不宜仅凭得分取舍。" in said


def without_sites(evaluation):
    """Leave nothing that needs a place."""
    nothing = {name: getattr(evaluation, name).iloc[:0] for name in ("values", "contributions", "ranking")}
    inputs = evaluation.evidence.inputs
    evidence = replace(
        evaluation.evidence, inputs=replace(inputs, sites=inputs.sites.loc[["mobile", "city"]])
    )
    return replace(evaluation, evidence=evidence, robustness=None, **nothing)


@pytest.mark.parametrize(
    ("npv_wan", "said"),
    [
        (12.0, "净现值为 12 万元，效益大于费用。"),
        (-12.0, "净现值为负 12 万元，效益不抵费用。"),
        (math.nan, "净现值无法计算。"),
    ],
)
def test_where_no_option_needs_a_place_the_appraisal_speaks(evaluation, npv_wan, said):
    found = conclusion(without_sites(with_npv(evaluation, npv_wan)), "zh")
    assert "不需要场址" in found[0]
    # Today's is worth 0, more than what does not pay.
    assert ("除维持现状外，" in found[0]) == math.isfinite(npv_wan)
    assert "流动检测与上门服务" in found[0]
    assert found[0].endswith(said)
    assert found[1:] == ["没有需要选址的方案，不作场址排序"]


def test_what_needs_no_place_is_not_ranked(evaluation):
    assert verdict_text(evaluation, "city", "zh") == "不涉及"
    assert sentences(evaluation, "mobile", "zh") == [
        "流动检测与上门服务不需要场址，不参与场址排序；是否值得，见“费用与效益”。"
    ]


def test_one_option_and_no_running_option(evaluation):
    table = evaluation.ranking.assign(verdict="fail", tie=False)
    nothing = replace(evaluation, ranking=table)
    assert headlines(nothing, "zh")[1:] == ["各场址均未通过否决性指标，没有可供排序的场址"]
    assert "不需要场址的方案中以流动检测与上门服务为最优" in headlines(nothing, "zh")[0]
    assert len(conclusion(nothing, "zh")) == 4
    assert not may_recommend(nothing)
    table.loc["bangjun", "verdict"] = "pass"
    alone = replace(evaluation, ranking=table.sort_values("verdict", ascending=False), robustness=None)
    assert conclusion(alone, "zh")[2] == "参与排序的场址只有一个。"


def test_failed_options_are_named_last_with_the_reason(evaluation):
    said = ["下仓镇未通过否决性指标，不参与排序。", "下仓镇出局：蓄滞洪区——不通过。"]
    assert conclusion(evaluation, "zh")[-2:] == said


# who can be told apart ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "rest", "sentence"),
    [
        (
            {"bangjun": 0.49, "county_seat": 0.48, "yinliu": 0.03},
            "；与城区不分上下",
            "邦均镇居首 49.0%、城区 48.0%，不分上下。",
        ),
        (
            {"bangjun": 0.48, "county_seat": 0.49, "yinliu": 0.03},
            "；与城区不分上下",
            "城区居首 49.0%、邦均镇 48.0%，不分上下。",
        ),
        (
            {"bangjun": 0.7, "county_seat": 0.2, "yinliu": 0.1},
            "",
            "居首最多的是邦均镇（70.0%），其次为城区（20.0%）。",
        ),
        (
            {"bangjun": 0.05, "county_seat": 0.8, "yinliu": 0.15},
            "；各项假定同时变动时居首最多的是城区",
            "居首最多的是城区（80.0%），邦均镇仅 5.0%，结论不稳。",
        ),
        (
            {"bangjun": 0.02, "county_seat": 0.5, "yinliu": 0.48},
            "；各项假定同时变动时居首最多的是城区（与经济开发区（洇溜）不分上下）",
            "居首最多的是城区（50.0%），与经济开发区（洇溜）（48.0%）不分上下；邦均镇居首 2.0%，结论不稳。",
        ),
    ],
)
def test_the_rival_is_named_by_its_share(evaluation, shares, rest, sentence):
    """Mashenqiao is second by its score, and wins no draw."""
    said = conclusion(toy.with_shares(evaluation, shares), "zh")
    assert said[1] == f"得分最高：邦均镇（51.2 分）{rest}"
    assert said[2].endswith("其次为马伸桥镇，48.0 分。")
    assert f"权重任意取值 500 次，{sentence}" in said


def test_who_is_beaten_more_often_is_not_put_after_who_wins_less(evaluation):
    """The leader beats who wins second most, and cannot be told apart from who wins less."""
    shares = toy.with_shares(evaluation, {"county_seat": 0.59, "bangjun": 0.23, "yinliu": 0.18})
    standing = shares.robustness.standing
    beats = standing.beats.copy()
    beats.loc["county_seat", ["bangjun", "yinliu"]] = [0.7, 0.64]
    changed = replace(
        shares, robustness=replace(shares.robustness, joint_standing=replace(standing, beats=beats))
    )
    said = conclusion(changed, "zh")
    assert said[1].endswith("；各项假定同时变动时居首最多的是城区（与经济开发区（洇溜）不分上下）")
    assert any(
        "居首最多的是城区（59.0%），与经济开发区（洇溜）（18.0%）不分上下；邦均镇居首 23.0%" in s
        for s in said
    )
    assert "most often to County town (not told apart from" in conclusion(changed, "en")[1]


def test_even_shares_keep_their_word_in_brackets(evaluation):
    """Behind a comma the word would read as one more of those listed."""
    even = toy.with_shares(evaluation, {"bangjun": 0.5, "county_seat": 0.5})
    drawn = replace(even.robustness, joint=even.robustness.acceptability)
    said = conclusion(replace(even, robustness=drawn), "zh")
    assert any(
        "居首 50.0%（可能与否约各半）、城区 50.0%（可能与否约各半），不分上下。" in text for text in said
    )


def with_unknowns(evaluation, columns):
    """The evaluation with draws of these, in which nothing moves."""
    return replace(evaluation, draws=SimpleNamespace(unknowns=pd.DataFrame(columns=columns), building=None))


@pytest.mark.parametrize(
    ("columns", "zh", "en"),
    [
        (
            ["speed:trunk", "place_east_m:a", "seed"],
            "权重与车速、地点误差同时变动",
            "With weights, speeds and positions",
        ),
        (
            ["speed:trunk", "demand:x", "economics.staff"],
            "权重与车速、需求、费用同时变动",
            "speeds, demand and costs",
        ),
        (["peak", "seed"], "权重任意取值", "random weightings"),
    ],
)
def test_only_what_was_drawn_is_said_to_move(evaluation, columns, zh, en):
    """A register of enterprises that exist is not spread anew, and one that was surveyed has no error."""
    drawn = with_unknowns(toy.with_ensembles(evaluation), columns)
    for lang, said in (("zh", zh), ("en", en)):
        assert any(said in text for text in conclusion(drawn, lang))


def test_one_statement_is_made_of_the_joint_draws_where_there_are_any(evaluation):
    thorough = toy.with_ensembles(toy.with_shares(evaluation, {"bangjun": 0.5, "county_seat": 0.5}))
    drawn = toy.with_shares(thorough, {"bangjun": 0.9, "county_seat": 0.1}).robustness.acceptability
    joint = replace(drawn, draws=200)
    stands = {"joint": joint, "joint_standing": Standing.of_weightings(joint)}
    changed = replace(thorough, robustness=replace(thorough.robustness, **stands))
    everything = ["speed:trunk", "demand:boilers", "place_east_m:上仓镇", "economics.staff", "spread"]
    said = conclusion(with_unknowns(changed, everything), "zh")
    assert said[1] == "得分最高：邦均镇（51.2 分）"
    wanted = (
        "权重与车速、需求、企业分布、地点误差、费用同时变动 200 次，"
        "居首最多的是邦均镇（90.0%，很可能），其次为城区（10.0%）。"
    )
    assert wanted in said
    assert not [text for text in said if text.startswith("权重任意取值")]
    assert not [text for text in said if "不分上下" in text and "布点" not in text]


@pytest.mark.parametrize(
    ("share", "zh", "en"),
    [
        (0.9, "很可能", "very likely"),
        (0.66, "可能", "likely"),
        (0.65, "可能与否约各半", "about as likely as not"),
        (0.33, "可能与否约各半", "about as likely as not"),
        (0.32, "不大可能", "unlikely"),
    ],
)
def test_shares_have_one_word_each(share, zh, en):
    assert (likelihood(share, "zh"), likelihood(share, "en")) == (zh, en)


def test_a_headline_without_rivals_says_how_much_would_turn_it(evaluation):
    sure = toy.with_shares(evaluation, {"bangjun": 1.0})
    cells = [cell_of_scores("peak", "1.3", "yinliu"), cell_of_scores("phase", "1", "bangjun")]
    turned = replace(sure, winners=(*cells, cell_of_scores("peak", "1.5", "county_seat")))
    assert headlines(turned, "zh")[1].endswith("分）；有 1 项假定改取另一合理值即会换位")
    assert headlines(replace(sure, winners=(cells[1],)), "zh")[1].endswith("分）")


def test_spread_rules_speak_by_many_registers_only(evaluation):
    quick = conclusion(evaluation, "zh")
    assert not [text for text in quick if "布点" in text]
    thorough = toy.with_ensembles(evaluation)
    rules = {
        "committees": {"bangjun": 0.52, "county_seat": 0.48},
        "urban": {"bangjun": 0.1, "county_seat": 0.9},
    }
    options = evaluation.values.index
    standing = {rule: toy.standing_of(options, shares, 200) for rule, shares in rules.items()}
    thorough = replace(thorough, robustness=replace(thorough.robustness, registers=standing))
    wanted = (
        "虚拟企业换一种布点方式，各抽取名录 200 次："
        "按全部村居委会布点，邦均镇居首 52.0%、城区 48.0%，不分上下；"
        "按城镇人口比重布点，居首最多的是城区（90.0%），其次为邦均镇（10.0%）。"
    )
    assert wanted in conclusion(thorough, "zh")
    rules["urban"] = {"bangjun": 0.0, "county_seat": 1.0}
    sole = {rule: toy.standing_of(options, shares, 200) for rule, shares in rules.items()}
    sole = replace(thorough, robustness=replace(thorough.robustness, registers=sole))
    assert wanted.partition("居首最多的")[0] + "居首的都是城区。" in conclusion(sole, "zh")
    alone = {rule: toy.standing_of(options, shares, 1) for rule, shares in rules.items()}
    few = replace(thorough, robustness=replace(thorough.robustness, registers=alone))
    assert not [text for text in conclusion(few, "zh") if "布点" in text]


# weights and questions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (True, "权重由县政府常务会议确定（2011-02），早于得出结果。"),
        (False, "权重由县政府常务会议确定（2011-02），晚于得出结果。"),
        (None, "权重由县政府常务会议确定（2011-02）。"),
    ],
)
def test_adopted_weights_are_told_as_recorded(sound, before, said):
    record = SimpleNamespace(set_by="县政府常务会议", set_on="2011-02", before_results=before, method=None)
    assert weights_words.weights_record(with_scenario(sound, weights_record=record), "zh") == said


@pytest.mark.parametrize("record", [None, SimpleNamespace(set_by="某", set_on="某日", before_results=True)])
def test_weights_that_nobody_adopted_are_examples(evaluation, record):
    changed = with_scenario(evaluation, weights_record=record, weights_adopted=False)
    assert weights_words.weights_record(changed, "zh") == "权重为示例，尚未经会议确定。"
    assert conclude.weights_basis(changed, "zh") == "按基准权重（示例，尚未经会议确定）"
    assert [
        text for text in conclusion(changed, "zh") if text.startswith("按基准权重（示例，尚未经会议确定），")
    ]


def test_open_questions_say_what_is_reckoned_meanwhile(evaluation):
    changed = replace(evaluation, open_questions=("expansion", "year", "weights"))
    assert conclude.open_questions(changed, "zh") == [
        "名录中一行代表几家企业？现按 1 家计。",
        "名录和研究属于哪一年？现按 2011 年。",
        "权重由谁、何时确定？",
    ]
    records = conclude.question_records(changed)
    assert [record["id"] for record in records] == ["expansion", "year", "weights"]
    assert [record["text_zh"] for record in records] == conclude.open_questions(changed, "zh")
    assert records[2]["text_en"] == say("question.weights", "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_speaks_of_weights_in_force(lang):
    """Until a meeting has adopted them there are none."""
    assert not [
        key for key, text in words(lang).items() if "现行权重" in text or "Under these weights" in text
    ]
