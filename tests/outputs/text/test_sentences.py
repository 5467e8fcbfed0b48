"""Words complete in both languages; numbers and sentences as officials write them."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from dataclasses import replace

import pytest

from siting.analysis.explain import explain
from siting.analysis.money.sensitivity import MOST_MULTIPLE
from siting.inputs.dictionary.columns import columns_of
from siting.option_kinds import KINDS
from siting.outputs.text import wording as text
from siting.outputs.text.sentences import estimated_figures, estimated_line, sentences
from siting.outputs.text.wording import (
    bilingual,
    fill,
    filled_words,
    grouped,
    number,
    option_name,
    points,
    say,
    words,
)
from tests.outputs import toy
from tests.paths import ROOT


@pytest.fixture(scope="module")
def evaluation():
    return toy.evaluation()


def test_words_are_complete_in_both_languages():
    chinese, english = words("zh"), words("en")
    assert chinese.keys() == english.keys()
    placeholders = re.compile(r"\{(\w+)\}")
    for key, said in chinese.items():
        assert said.strip(), key
        assert english[key].strip(), key
        assert not re.search("[\u4e00-\u9fff（），。：；、]", english[key]), key
        assert sorted(set(placeholders.findall(said))) == sorted(set(placeholders.findall(english[key]))), key


def test_no_key_is_defined_twice():
    """Of two lines the later would win in silence, wherever the words are asked for."""
    root = ROOT / "siting"
    keys = {
        "outputs/text/words/wording.csv": ("key",),
        "outputs/text/words/labels.csv": ("id",),
        "outputs/new_study/examples.csv": ("table", "column"),
        "inputs/dictionary/words.csv": ("kind", "word"),
        "messages.csv": ("code",),
        "inputs/dictionary/columns.csv": ("table", "column"),
    }
    for name, columns in keys.items():
        with (root / name).open(encoding="utf-8", newline="") as table:
            found = Counter(tuple(row[column] for column in columns) for row in csv.DictReader(table))
        assert len(found) > 50, name
        assert [key for key, n in found.items() if n > 1] == [], name


def test_words_that_scripts_and_skeleton_ask_for_exist():
    folder = ROOT / "siting/outputs/page/static"
    asked = set()
    for file in sorted(folder.rglob("*.js")):
        source = file.read_text(encoding="utf-8")
        asked |= set(re.findall(r"say\('([\w.]+)'[,)]", source))
    asked |= set(re.findall(r'data-t="([\w.]+)"', (folder / "skeleton.html").read_text(encoding="utf-8")))
    assert len(asked) > 80
    assert asked - words("zh").keys() == set()


FAMILIES = (
    "build.",
    *("criterion", "group", "condition", "kind", "land", "firmness", "basis", "table", "number", "test"),
    *("spread", "account", "phase", "what", "road", "method", "influence", "eco", "parameter", "anchor"),
    *(
        "answer",
        "worth",
        "source.",
        "layer",
        "size",
        "template",
        "why.ahead",
        "why.behind",
        "needs.raw",
        "gains.most",
        "gains.least",
    ),
    *("access.who", "access.status", "access.effect", "estimated."),
    *("console.command.", "console.help.", "console.click."),
    *("map.note.", "map.static.", "mapedit.", "data.speeds.", "attribution.", "way.", "question."),
    *("eirr.", "letter.", "lever.", "outdated.", "reply.", "role.", "weights.", "everything.", "coverage."),
    *("changes.kind.", "changes.reason."),
    *("weigh.header.", "weigh.settled.", "weigh.unit.", "weigh.how.", "weigh.method.", "weigh.sum."),
    "weigh.blind.",
    "likelihood.",
    "conclude.joint.",
    "plot.party.",
    *("concern.stage.", "law.", "served.", "unserved.", "survey."),
)
"""Words that are asked for by a key put together from data."""


def test_no_word_is_left_over():
    root = ROOT / "siting"
    kinds = ("*.py", "static/**/*.js", "*.html")
    sources = [path for kind in kinds for path in sorted(root.rglob(kind))]
    asked = "".join(path.read_text(encoding="utf-8") for path in sources)
    left = [
        key for key in words("zh")
        if not key.startswith(FAMILIES) and not re.search(f"[\"']{re.escape(key)}[\"']", asked)
    ]  # fmt: skip
    assert left == []


def test_what_is_said_of_todays_demand_has_words_for_another_multiple():
    """A study that sets a multiple would else read as if its own demand were today's."""
    own = filled_words("multiple_words.csv", (("multiple", "2", "2"),))
    of_today = {
        key for key, text in words("zh").items() if re.search("现有需求下|需求.*现有的 ?[{0-9几]", text)
    }
    assert of_today
    assert of_today - {*own, "worth.demand"} == set()
    for key in ("answer.never", "money.never"):
        told = fill(own[key]["zh"], {"name": "", "between": "", "most": f"{MOST_MULTIPLE:g}"})
        assert f"的 {MOST_MULTIPLE:g} 倍" in told


def test_every_allowed_value_of_the_dictionary_has_a_word():
    known = words("zh").keys()
    conditions = columns_of("conditions")["condition"].allowed
    replies = columns_of("replies")["verdict"].allowed
    wanted = {
        *(f"kind.{kind}" for kind in KINDS),
        *(f"condition.{condition}" for condition in conditions),
        *(f"reply.{reply}" for reply in replies),
        *(f"land.{provision}" for provision in ("allocated", "granted", "undecided", "none")),
        *(f"firmness.{firmness}" for firmness in ("oral", "written", "signed", "paid")),
        *(f"basis.{basis}" for basis in ("sourced", "curated", "assumed", "illustrative")),
        *("pass", "fail", "pending"),
    }
    assert wanted - known == set()


def test_every_criterion_and_group_has_a_name():
    from siting.analysis.decision.criteria import CRITERIA

    for criterion in CRITERIA:
        assert f"group.{criterion.group}" in words("zh")
        assert text.form_of(criterion.id) != "number"


def test_user_text_is_never_read_as_a_template():
    assert fill("{a}与{b}", {"a": "{b}", "b": "乙"}) == "{b}与乙"


@pytest.mark.parametrize(
    ("value", "form", "zh", "en"),
    [
        (0.8634, "share", "86.3%", "86.3%"),
        (12345.6, "hours", "12,346 小时/年", "12,346 h/yr"),
        (31.24, "minutes", "31.2 分钟", "31.2 min"),
        (-1234.5, "wan", "−1,234 万元", "−1,234 ×10⁴ CNY"),
        (math.inf, "minutes", "路网不通", "unreachable"),
        (math.nan, "share", "—", "–"),
        (-0.0001, "minutes", "0.0 分钟", "0.0 min"),
    ],
)
def test_numbers_carry_their_unit(value, form, zh, en):
    assert number(value, form, "zh") == zh
    assert number(value, form, "en") == en


def test_points_are_of_a_hundred():
    assert points(0.51193) == "51.2"
    assert grouped(1234567.891, 1) == "1,234,567.9"


def test_a_missing_language_is_taken_from_the_other():
    assert bilingual("城区", math.nan) == {"zh": "城区", "en": "城区"}
    assert bilingual(None, "Town") == {"zh": "Town", "en": "Town"}


def test_reasons_of_the_winner_by_hand(evaluation):
    said = sentences(evaluation, "bangjun", "zh")
    parts = evaluation.contributions
    gap = parts.loc["bangjun"] - parts.loc["mashenqiao"]
    assert said[0] == "邦均镇综合得分 51.2 分，在 6 个场址中居首，比马伸桥镇高 3.2 分。"
    assert gap.idxmax() == "hours_saved"
    assert said[1].startswith(
        f"与马伸桥镇相比，得分较高的指标：节约出行时间（+{100 * gap['hours_saved']:.1f} 分）"
    )
    lost = evaluation.weights - parts.loc["bangjun"]
    assert said[-1].startswith("失分最多的指标是节约出行时间：")
    assert said[-1].endswith(f"（满分 100），总分因此少 {100 * lost['hours_saved']:.1f} 分。")


def test_a_failed_option_is_named_with_its_condition(evaluation):
    assert sentences(evaluation, "xiacang", "zh") == ["下仓镇未通过否决性指标（蓄滞洪区），不参与排序。"]


def test_a_near_tie_is_declared(evaluation):
    table = evaluation.ranking.copy()
    table.loc["mashenqiao", "score"] = table["score"]["bangjun"] - 0.004
    table.loc[["bangjun", "mashenqiao"], "tie"] = True
    tied = replace(evaluation, ranking=table)
    names = [option_name(evaluation.evidence.options, o, "zh") for o in table.index if table["tie"][o]]
    assert say("conclude.tie", "zh", names="、".join(names), near="1") in sentences(tied, "mashenqiao", "zh")


def test_three_that_tie_are_all_named(evaluation):
    table = evaluation.ranking.copy()
    table.loc[["bangjun", "mashenqiao", "shangcang"], "tie"] = True
    said = sentences(replace(evaluation, ranking=table), "mashenqiao", "zh")
    tie = next(text for text in said if "视为相当" in text)
    assert all(name in tie for name in ("邦均镇", "马伸桥镇", "上仓酒业绿色食品加工区"))


def test_an_option_that_loses_nothing_loses_most_on_no_criterion(evaluation):
    whole = replace(evaluation.explanation.options["bangjun"], lost_points=0.0)
    options = {**evaluation.explanation.options, "bangjun": whole}
    changed = replace(evaluation, explanation=replace(evaluation.explanation, options=options))
    assert sentences(changed, "bangjun", "zh")[-1] == "各项指标均无失分。"


def test_one_running_option(evaluation):
    table = evaluation.ranking.assign(verdict="fail", tie=False)
    table.loc["bangjun", "verdict"] = "pass"
    table = table.sort_values("verdict", ascending=False)
    alone = replace(
        evaluation, ranking=table, explanation=explain(evaluation.contributions, evaluation.weights, table)
    )
    assert sentences(alone, "bangjun", "zh")[0] == "邦均镇综合得分 51.2 分。"


def test_estimated_figures_are_counted_and_listed(evaluation):
    said = "未填报、据同行业典型值或从业人数估算的指标：从业人数 1 家、特种设备台数 3 家。"
    assert estimated_line(evaluation, "zh") == said
    assert "special equipment (3)" in estimated_line(evaluation, "en")
    listed = estimated_figures(evaluation.evidence.demand).tolist()
    assert listed[:3] == [("equipment",), ("employees", "equipment"), ("equipment",)]
    assert set(listed[3:]) == {()}


def test_nothing_estimated_is_not_mentioned(evaluation):
    demand = evaluation.evidence.demand
    stated = replace(demand, assumed=demand.assumed.assign(employees=False, equipment=False))
    assert (
        estimated_line(replace(evaluation, evidence=replace(evaluation.evidence, demand=stated)), "zh") == ""
    )
