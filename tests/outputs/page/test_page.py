"""The decision page: what stands in its bytes, and what a browser without network makes of it."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from siting.analysis.explain import explain
from siting.outputs.inlining import json_text
from siting.outputs.page import figure, page_words, payload
from siting.outputs.page.packed import packing
from siting.outputs.page.page import render_page
from siting.outputs.text.conclusion import conclusion, headlines, open_questions
from siting.outputs.text.sentences import sentences
from siting.outputs.text.weighing.weight_sentences import hour_sentences, weight_sentences
from siting.outputs.text.wording import BASES, form_of, number, words
from tests.outputs import toy
from tests.outputs.browsing import DESKTOP, PHONE, noise
from tests.outputs.packed_texts import cells_of, columns_read, unpacked, walked
from tests.outputs.roads import extract

HOSTILE = [
    "{{7*7}}",
    "{% for x in y %}",
    "<img src=x onerror=\"window.ran='img'\">",
    "${window.ran='dollar'}",
    "</script><script>window.ran='script'</script>",
    "`+(window.ran='tick')+`",
    "甲\u2028乙\u2029丙\"'\\",
    "javascript:window.ran='url'",
    "<!--<script>",
    "\u202eأبجد [[title]] {name}",
]


CONCLUSION = "#heads p, #reasons p"


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


@pytest.fixture(scope="module")
def html(evaluation):
    return render_page(evaluation)


@pytest.fixture
def opened(opened):
    """Open a page with all that is folded unfolded: what a closed fold holds has no inner text."""

    def open_page(text, **how):
        tab = opened(text, **how)
        if how.get("scripts", True):
            unfold(tab)
        return tab

    return open_page


def unfold(tab):
    tab.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")


def texts(tab, selector):
    return tab.locator(selector).all_inner_texts()


def rows_in_page(evaluation):
    """Enterprises in the order of the page: neighbours together."""
    return evaluation.evidence.inputs.enterprises.sort_values(["town", "lon", "lat"])


# --- Bytes -------------------------------------------------------------------------------------------


class Skeleton(HTMLParser):
    """Scripts, attributes and text of a page, as a browser's tokenizer sees them."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_data(self, data):
        if self.tags and self.tags[-1] not in ("script", "style"):
            self.texts.append(data)


def test_same_evaluation_gives_the_same_bytes(html):
    assert render_page(toy.with_summaries(toy.evaluation())) == html


def test_page_renders_without_summaries_context_and_isochrones():
    bare = toy.evaluation()
    inputs = replace(bare.evidence.inputs, context=None)
    bare = replace(bare, isochrones=None, routes=None, evidence=replace(bare.evidence, inputs=inputs))
    made = payload.payload(bare)
    assert (made["robustness"], made["economics"]) == (None, None)
    assert (made["layers"]["context"], made["layers"]["isochrones"]) == ([], {})
    assert "</html>" in render_page(bare)


def test_page_stays_small_up_to_500_enterprises(evaluation):
    """The toy has 40 firms; what 460 more would add is measured on the firms of the toy."""
    made = payload.payload(evaluation)
    each = len(json.dumps(made["firms"], separators=(",", ":"))) / 40
    assert len(render_page(evaluation).encode("utf-8")) + 460 * each < 350_000


def with_sites_to(study, n, file):
    """The study with sites strewn over its county until it has `n` options."""
    rng = np.random.default_rng(1)
    west, south, east, north = study.inputs.boundary.bounds
    points = rng.uniform([west, south], [east, north], (20 * n, 2)).round(5)
    inside = points[shapely.contains_xy(study.inputs.boundary, points)][: n - len(study.sites)]
    rows = [f"虚构场址{k},{lon},{lat},10,15" for k, (lon, lat) in enumerate(inside, start=1)]
    file.write_text("\n".join(["地块名称,经度,纬度,亩,万元/亩", *rows]), encoding="utf-8")
    return study.with_sites(file)


def test_pages_of_the_studies_that_come_along_and_of_30_sites_stay_small(base_study, base_result, tmp_path):
    import siting

    more = siting.load(Path(siting.__file__).parents[1] / "data" / "scenarios" / "more-options.toml").run()
    many = with_sites_to(base_study, 32, tmp_path / "sites.csv").run()
    assert many.evaluation.evidence.options["lon"].notna().sum() == 30
    for result, most in ((base_result, 330_000), (more, 340_000), (many, 350 * 1024)):
        assert len(render_page(result.evaluation).encode("utf-8")) < most


def test_page_names_no_address_and_no_inline_handler_or_style(html):
    seen = Skeleton(html)
    assert "选址" in re.search("<title>(.*?)</title>", html)[1]
    assert not [a for a in seen.attributes if a[1] in ("src", "srcset", "style") or a[1].startswith("on")]
    links = [value for _, name, value in seen.attributes if name == "href"]
    assert all(link.startswith("#") for link in links)
    assert {"iframe", "object", "embed", "base", "form", "link", "img"}.isdisjoint(seen.tags)


def test_policy_admits_the_own_scripts_and_styles_only(html):
    policy = re.search('Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert policy.count("'sha256-") == html.count("<style>") + html.count("<script>") == 3


def test_title_says_siting_whatever_the_scenario_calls_it(evaluation):
    scenario = toy.scenario()
    scenario.title_zh, scenario.title_en = "蓟县技术检测中心", "Centre"
    found = re.search("<title>(.*?)</title>", render_page(replace(evaluation, scenario=scenario)))[1]
    assert found == "蓟县技术检测中心 · 选址方案比选"


def test_json_block_cannot_be_left_and_reads_back(evaluation):
    text = json_text({"lang": "zh", **payload.payload(toy.with_text(evaluation, HOSTILE))})
    assert not re.search("[<>&\u2028\u2029]", text)
    assert cells_of(json.loads(text)["options"]["name"])[2][0] == HOSTILE[2]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_plain_html_shows_hostile_names_as_text(evaluation, lang):
    hostile = toy.with_text(evaluation, HOSTILE)
    plain = re.sub(r"<script.*?</script>", "", render_page(hostile, lang=lang), flags=re.DOTALL)
    seen = Skeleton(plain)
    assert "img" not in seen.tags
    shown = "".join(seen.texts)
    column = "name" if lang == "zh" else "name_en"
    for name in hostile.evidence.inputs.sites[column]:
        assert name in shown
    assert "49" not in re.findall(r"\b49\b", shown)


def test_static_part_holds_conclusion_ranking_and_map(evaluation, html):
    plain = "".join(Skeleton(html).texts)
    for sentence in conclusion(evaluation, "zh"):
        assert sentence in plain
    assert html.count("data-pin=") == 7
    assert "演示结果，不得作为选址依据" in plain
    assert "推荐" not in plain


def test_a_page_without_scripts_recommends_what_nothing_stands_against(evaluation):
    plain = "".join(Skeleton(render_page(toy.sound(evaluation))).texts)
    assert "演示结果" not in plain
    assert "推荐方案：邦均镇（51.2 分）" in plain
    assert "按基准权重（示例" not in plain


def test_rows_that_state_no_basis_are_called_so(evaluation):
    """They are no illustration: no banner, no share of the demand, and a word of their own."""
    made = payload.payload(toy.resting_on(evaluation, None))
    assert made["demo"] == ["", ""]
    zh, en = made["data"]["basis"]
    assert zh.startswith("企业记录：未注明 40。")
    assert en.startswith("Enterprise rows: 40 not stated.")
    assert set(unpacked(made["firms"]["basis"])) == {BASES.index("unstated")}
    shown = payload.payload(evaluation)
    assert shown["data"]["basis"][0].startswith("企业记录：有据可查 1、演示数据 39；演示数据占检测需求的 ")
    assert unpacked(shown["firms"]["basis"]).count(BASES.index("illustrative")) == 39


def test_unreachable_and_missing_are_told_apart(evaluation):
    made = payload.payload(evaluation)
    order = rows_in_page(evaluation)
    minutes = evaluation.evidence.travel.to_site.loc[order.index]
    told = made["firms"]["minutes"]
    read = dict(zip(told, columns_read(told.values()), strict=True))
    assert read["bieshan"] == minutes["bieshan"].round().tolist()
    to_yinliu = [None if np.isinf(m) else round(m) for m in minutes["yinliu"]]
    assert to_yinliu.count(None) == 1
    assert read["yinliu"] == to_yinliu
    xiacang = list(evaluation.matrix.index).index("xiacang")
    assert made["raw"][xiacang][2] == "inf"
    city = list(evaluation.matrix.index).index("city")
    assert made["raw"][city][6] is None
    assert cells_of(made["options"]["na"])[city] == [6, 8]


def test_names_of_the_study_year_only(html):
    assert "五百户镇" in html
    assert "州河湾镇" not in html


def test_payload_rebuilds_positions_names_and_values(evaluation):
    made = json.loads(json.dumps(payload.payload(evaluation)))
    frame = rows_in_page(evaluation)
    lon = np.array(walked(made["firms"]["lon"])) / 1e4
    assert lon == pytest.approx(frame["lon"].to_numpy(), abs=6e-5)
    named, width = made["firms"], made["firms"]["width"]
    tails = ["" if tail is None else f"{tail:0{width}d}" for tail in unpacked(named["tail"])]
    stems = [named["stems"][number_] for number_ in unpacked(named["stem"])]
    assert [stem + tail for stem, tail in zip(stems, tails, strict=True)] == list(frame["name"])
    own = next(entry for entry in made["values"] if entry["cutoff"] == 30)
    placed = len(evaluation.values)
    cells = [None if n is None else n / 1e10 for n in unpacked(own["table"])]
    known = evaluation.values.size
    assert cells[:known] == pytest.approx(evaluation.values.to_numpy().ravel(), abs=1e-10)
    assert cells[known:] == [None] * (2 * evaluation.values.shape[1])
    other = next(entry for entry in made["values"] if entry["cutoff"] == 15)
    assert other["columns"] == [1]
    covered = [n / 1e10 for n in unpacked(other["table"])[:placed]]
    assert covered == pytest.approx(evaluation.by_cutoff[15.0]["demand_covered"].tolist())


@given(st.lists(st.lists(st.sampled_from(["", "ab", "MIT", "ODbL", "7"]), min_size=2, max_size=2)))
def test_repeated_texts_are_told_once(rows):
    told = payload._repeats(rows)
    again = [[told[cell][k] if isinstance(cell, int) else cell for k, cell in enumerate(row)] for row in told]
    assert again == rows
    long = [cell for row in told for cell in zip(row, "01", strict=True) if str(cell[0]).isalpha()]
    long = [cell for cell in long if len(cell[0]) > 2]
    assert len(long) == len(set(long))


def test_the_languages_of_a_word_can_be_told_apart(evaluation):
    assert not [
        key for lang in ("zh", "en") for key, text in words(lang).items() if page_words.WORD_MARK in text
    ]
    made = payload.payload(evaluation)["words"]
    assert made["joiner"][""] == "、|, "
    assert made["map"]["note"] == "|".join(words(lang)["map.note"] for lang in ("zh", "en"))
    assert {"note.osm", "note.layer", "drawn"}.isdisjoint(made["map"])


@given(st.lists(st.one_of(st.none(), st.integers(-(2**40), 2**40)), max_size=30))
def test_packed_numbers_read_back(numbers):
    exact = [float("nan") if n is None else n for n in numbers]
    assert unpacked(packing.packed(exact)) == numbers


def test_small_numbers_take_one_character():
    assert packing.packed([0, -1, 1, -15, 15, -16]) == "BCDef" + "gB"
    assert packing.packed([float("inf")]) == "A"


@pytest.fixture(scope="module")
def many(evaluation):
    """The toy with 5,001 enterprises: those of the toy over and over, a hundred metres apart."""
    return toy.with_firms(evaluation, 5_001)


def test_page_of_many_enterprises_names_none_and_stays_small(evaluation, many):
    text = render_page(many)
    assert "演示企业 机械" not in text
    assert "大唐国际盘山电厂" not in text
    assert "企业 5001 家" in text
    assert len(text.encode("utf-8")) < 500_000
    assert "大唐国际盘山电厂" in render_page(toy.with_firms(evaluation, 5_000))


def test_groups_add_up_to_their_enterprises(many):
    made = json.loads(json.dumps(payload.payload(many)))["firms"]
    counts = unpacked(made["firms"])
    assert sum(counts) == made["all"] == 5_001
    assert len(unpacked(made["dots"]["lon"])) == 5_001
    saved = many.evidence.trips.hours["city"] - many.evidence.trips.hours["bangjun"]
    steps = [unpacked(made["saved"][option]) for option in toy.SITES]
    of_groups = np.cumsum(steps, axis=0)[list(toy.SITES).index("bangjun")]
    assert of_groups.sum() == pytest.approx(saved.sum(), abs=len(counts))
    better, worse, same, total = made["summary"]["bangjun"]
    assert (better, worse, better + worse + same) == ((saved > 0.5).sum(), (saved < -0.5).sum(), 5_001)
    assert total == pytest.approx(saved.sum(), abs=0.1)
    frame = many.evidence.inputs.enterprises
    town = sorted(frame["town"].unique()).index("上仓镇")
    of_town = [n for n, at in zip(counts, walked(made["town"]), strict=True) if at == town]
    assert sum(of_town) == (frame["town"] == "上仓镇").sum()


@pytest.fixture(scope="module")
def on_extract(evaluation):
    """The toy on an extract of which the map shows a part, with a row among the sources for another one."""
    read = extract(7, speed_basis=["class"] * 13)
    read = replace(
        read, file="县域<b>{kept}.osm.pbf", counts={**read.counts, "data_rows": 1_300, "kept": 1_234}
    )
    inputs = evaluation.evidence.inputs
    more = inputs.sources.rename({"sites.csv": "trunk.osm.pbf"}).assign(content="示意路网")
    inputs = replace(inputs, roads=read, sources=pd.concat([inputs.sources, more]))
    routes = evaluation.routes.assign(edges=[()] * len(evaluation.routes))
    return replace(evaluation, routes=routes, evidence=replace(evaluation.evidence, inputs=inputs))


SAID_OF_AN_EXTRACT = {
    "zh": ("道路取自 县域<b>{kept}.osm.pbf（© OpenStreetMap 贡献者，ODbL）", "图上只画：国道、省级干道、"),
    "en": ("roads of 县域<b>{kept}.osm.pbf (© OpenStreetMap", "Drawn: national road, primary road, "),
}

NAMES_OF_A_SCHEMATIC_NETWORK = ("示意路网", "curated", "trunk roads", "Trunk roads", "trunk.osm.pbf")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_scripts_an_extract_is_called_what_it_is(on_extract, lang):
    text = render_page(on_extract, lang=lang)
    plain = "".join(Skeleton(re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)).texts)
    for part in SAID_OF_AN_EXTRACT[lang]:
        assert part in plain
    assert [name for name in NAMES_OF_A_SCHEMATIC_NETWORK if name in plain] == []
    assert "trunk.osm.pbf" not in text


# --- In the browser ----------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_opens_without_request_message_or_axe_finding(opened, html, viewport, lang):
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(html, viewport=viewport, hash_=f"#l={lang}")
    for fold in tab.locator("details").all():
        fold.evaluate("node => (node.open = true)")
    assert noise(tab) == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert tab.evaluate("document.documentElement.lang") == {"zh": "zh-CN", "en": "en"}[lang]
    # axe is put into the page by the debugger, past the page's own policy.
    found = Axe().run(tab).response["violations"]
    assert [(f["id"], [n["html"][:120] for n in f["nodes"]]) for f in found] == []


@pytest.mark.browser
def test_opens_in_chinese_whatever_the_browser_speaks(opened, html):
    tab = opened(html)
    assert tab.evaluate("navigator.language") == "en-US"
    assert "选址" in tab.title()
    assert "综合排序" in texts(tab, "#h-ranking")


@pytest.mark.browser
def test_map_draws_every_layer_in_its_place(opened, html):
    """Shapes, pins and names lie on one another: a county, 40 firms and 7 pins within the map's frame."""
    tab = opened(html)
    frame = tab.locator("#map").bounding_box()
    county = tab.locator(".leaflet-outline-pane path").bounding_box()
    assert county["height"] > 0.6 * frame["height"]
    count = """selector => {
          const c = document.querySelector('.leaflet-outline-pane path').getBoundingClientRect();
          return [...document.querySelectorAll(selector)].map(n => n.getBoundingClientRect())
            .filter(r => r.width && r.left > c.left - 30 && r.right < c.right + 30 && r.top > c.top - 50
              && r.bottom < c.bottom + 30).length; }"""
    assert tab.evaluate(count, ".leaflet-firms-pane path") == toy.N_FIRMS
    assert tab.evaluate(count, ".pin svg") == len(toy.SITES)
    assert tab.evaluate(count, ".leaflet-isochrones-pane path") == 2
    assert (
        tab.locator(".leaflet-zoom-animated").first.evaluate("n => getComputedStyle(n).position") != "static"
    )


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_extract_is_called_what_it_is(opened, on_extract, lang):
    tab = opened(render_page(on_extract), hash_=f"#l={lang}")
    shown = tab.evaluate("document.body.innerText")
    for part in SAID_OF_AN_EXTRACT[lang]:
        assert part in shown
    counts = {
        "zh": "道路（县域<b>{kept}.osm.pbf）：采用 1,234 条（共 1,300 条），暂未采用 66 条。",
        "en": "Roads (县域<b>{kept}.osm.pbf): 1,234 of 1,300 ways used, 66 set aside.",
    }[lang]
    assert counts in texts(tab, "#data-quality > ul > li")
    file, content, origin, licence, _ = texts(tab, "#sources details:nth-child(2) tbody tr")[1].split("\t")
    assert (file, content.strip()) == ("县域<b>{kept}.osm.pbf", counts)
    assert origin == {"zh": "来源未登记", "en": "source not stated"}[lang]
    assert licence == "ODbL 1.0 (© OpenStreetMap contributors)"
    assert tab.locator("label[for=layer-roads]").inner_text() == {"zh": "道路", "en": "Roads"}[lang]
    assert tab.locator("svg.figure").get_attribute("aria-label") == words(lang)["map.static.file"]
    assert words(lang)["legend.believed"] not in shown
    assert [name for name in NAMES_OF_A_SCHEMATIC_NETWORK if name in shown] == []


@pytest.mark.browser
def test_every_road_of_a_schematic_network_is_a_line_of_the_map(opened, html):
    """Two roads were open in the study year, each drawn as casing and filling."""
    tab = opened(html)
    paths = tab.locator(".leaflet-roads-pane path").evaluate_all(
        "nodes => nodes.map(n => n.getAttribute('d'))"
    )
    assert [path.count("M") for path in paths] == [1, 1, 1, 1]
    county = tab.locator(".leaflet-outline-pane path").bounding_box()
    motorway = tab.locator(".leaflet-roads-pane path").nth(1).bounding_box()
    assert motorway["height"] > 0.5 * county["height"]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_details_and_pins_tell_the_ways_by_their_roads(opened, html, lang):
    tab = opened(html, hash_=f"#l={lang}")
    said = {
        "zh": ["至市区", "G102 → S1，70.0 分钟，99.0 公里", "至县城", "S1，10.0 分钟，12.3 公里"],
        "en": ["To the city", "G102 → S1, 70.0 min, 99.0 km", "To the county seat", "S1, 10.0 min, 12.3 km"],
    }[lang]
    first = tab.locator(".option").first
    facts = dict(
        zip(first.locator("dt").all_inner_texts(), first.locator("dd").all_inner_texts(), strict=True)
    )
    assert [facts[said[0]], facts[said[2]]] == said[1::2]
    far = tab.locator(".option", has_text={"zh": "下仓镇", "en": "Xiacang"}[lang]).inner_text()
    middle = {"zh": "……（另 3 条道路）", "en": "… (3 more roads)"}[lang]
    spelt = {"zh": "", "en": " (Daolu {n})"}[lang]
    first, *_, last = (" → ".join(f"道路{n}" + spelt.format(n=n) for n in range(k, k + 3)) for k in (1, 7))
    assert f"{first} → {middle} → {last}" in far
    off = tab.locator(".option", has_text={"zh": "盘山电厂一侧", "en": "Bieshan"}[lang]).locator("dd")
    assert words(lang)["number.unreachable"] in off.all_inner_texts()
    colon = {"zh": "：", "en": ": "}[lang]
    tab.locator(".pin").first.focus()
    tip = tab.locator(".leaflet-tooltip").inner_text().split("\n")
    assert tip[1:] == [said[0] + colon + said[1], said[2] + colon + said[3]]
    seat = {"zh": "检验：县城到市区中心 76.7 分钟，99.1 公里。",
            "en": "Check: county seat to the city centre 76.7 min, 99.1 km."}[lang]  # fmt: skip
    assert seat in texts(tab, "#data-quality > ul > li")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hostile_names_stay_text(opened, evaluation, lang):
    tab = opened(render_page(toy.with_text(evaluation, HOSTILE)), hash_=f"#l={lang}")
    for row in tab.locator(".bar").all():
        row.click()
    tab.locator("#layer-saved").check()
    tab.locator("#firm-search").fill("7")
    tab.evaluate("document.querySelectorAll('path.leaflet-interactive').forEach(node => "
                 "node.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})))")  # fmt: skip
    shown = tab.evaluate("document.body.innerText")
    assert tab.evaluate("window.ran") is None
    assert noise(tab) == []
    assert tab.locator("img").count() == 0
    for name in HOSTILE:
        assert re.sub(r"\s+", "", name) in re.sub(r"\s+", "", shown)


@pytest.mark.browser
def test_without_scripts_the_answer_stands(opened, evaluation, html):
    tab = opened(html, scripts=False)
    assert tab.locator("svg.figure").is_visible()
    assert tab.locator(".plain-only").is_visible()
    # Every word of the skeleton is written, in whatever order its attributes stand.
    assert tab.eval_on_selector_all("[data-t]", "nodes => nodes.filter(n => !n.textContent).length") == 0
    rows = texts(tab, "#ranking tbody tr")
    assert len(rows) == 9
    assert rows[0].split("\t") == ["1", "E 邦均镇", "51.2", "待核实"]
    assert rows[6].startswith("—\tF 下仓镇\t65.5\t不通过")
    assert rows[7].split("\t") == ["不参与排序", "H 流动检测与上门服务", "—", "不涉及"]
    assert tab.locator("#sliders").is_visible() is False
    assert texts(tab, CONCLUSION) == conclusion(evaluation, "zh")
    assert texts(tab, ".basis") == ["按基准权重（示例，尚未经会议确定）"] * 2


def asked(evaluation):
    return replace(evaluation, open_questions=("expansion", "year", "weights"))


def with_npv(evaluation, npv_wan):
    worth = evaluation.economics
    summary = worth.summary.assign(npv_wan=npv_wan)
    return replace(evaluation, economics=SimpleNamespace(**{**vars(worth), "summary": summary}))


def all_failed(evaluation):
    verdicts = evaluation.verdicts.mask(evaluation.verdicts != "pass", "fail")
    ranking = toy._ranking(evaluation.contributions).assign(verdict="fail", tie=False)
    why = explain(evaluation.contributions, evaluation.weights, ranking)
    return replace(evaluation, ranking=ranking, verdicts=verdicts, explanation=why, robustness=None)


CASES = {
    "toy": lambda evaluation: evaluation,
    "thorough": lambda evaluation: toy.with_ensembles(evaluation),
    "sound": lambda evaluation: toy.sound(evaluation),
    "asked": asked,
    "unstated": lambda evaluation: toy.resting_on(evaluation, None),
    "building does not pay": lambda evaluation: with_npv(evaluation, -1234.6),
    "building pays": lambda evaluation: with_npv(evaluation, 12.3),
    "net present value unknown": lambda evaluation: with_npv(evaluation, -np.inf),
    "every site failed": all_failed,
}


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("case", CASES)
def test_live_conclusion_equals_that_of_python(opened, evaluation, case, lang):
    changed = CASES[case](evaluation)
    tab = opened(render_page(changed), hash_=f"#l={lang}")
    assert texts(tab, CONCLUSION) == conclusion(changed, lang)
    assert texts(tab, "#heads p") == headlines(changed, lang)
    assert texts(tab, "#questions li") == open_questions(changed, lang)
    assert tab.locator("#demo").count() == (case not in ("sound", "unstated"))
    tab.locator("#en" if lang == "zh" else "#zh").click()
    other = {"zh": "en", "en": "zh"}[lang]
    assert texts(tab, CONCLUSION) == conclusion(changed, other)
    assert texts(tab, "#questions li") == open_questions(changed, other)
    assert noise(tab) == []


def move(tab, slider, share):
    tab.locator(slider).evaluate(
        "(node, share) => { node.value = share; node.dispatchEvent(new Event('input', { bubbles: true })); }",
        share,
    )


OWN = {
    "slider": (lambda tab: move(tab, "#group-2", 21), "按读者自设权重"),
    "slider within a group": (lambda tab: move(tab, "#criterion-0", 71), "按读者自设权重"),
    "viewpoint": (lambda tab: tab.locator("#viewpoints button").nth(1).click(), "按读者自设权重"),
    "cutoff": (lambda tab: tab.locator("#cutoff").select_option("45"), "按读者自设时限（45 分钟）"),
}


@pytest.mark.browser
@pytest.mark.parametrize("change", OWN)
def test_what_the_reader_moves_is_marked_and_withdraws_the_recommendation(opened, evaluation, change):
    html = render_page(toy.sound(evaluation))
    tab, (act, mark) = opened(html), OWN[change]
    shares = conclusion(toy.sound(evaluation), "zh")[3]
    assert shares.startswith("权重任意取值 500 次，居首的都是邦均镇")
    before = texts(tab, CONCLUSION)
    assert texts(tab, ".basis") == ["按基准权重"] * 2
    assert before[1] == "推荐方案：邦均镇（51.2 分）"
    act(tab)
    for shown in (tab, opened(html, hash_=tab.evaluate("location.hash"))):
        assert texts(shown, ".basis") == [mark] * 2
        head, first = (texts(shown, CONCLUSION)[n] for n in (1, 2))
        assert head.startswith(f"{mark}，得分最高：")
        assert first.startswith(f"{mark}，")
        assert "推荐方案" not in shown.evaluate("document.body.innerText")
        # Random weightings do not follow the sliders, but were drawn for the study's own cutoff.
        assert (shares in texts(shown, CONCLUSION)) == (change != "cutoff")
        shown.emulate_media(media="print")
        assert shown.locator(".basis").first.is_visible()
        shown.emulate_media(media="screen")
    tab.locator("#reset").click()
    assert tab.locator("#cutoff").input_value() == "30"
    assert texts(tab, CONCLUSION) == before


@pytest.mark.browser
def test_both_weights_and_cutoff_of_the_reader_are_marked(opened, html):
    tab = opened(html)
    move(tab, "#group-0", 90)
    tab.locator("#cutoff").select_option("15")
    assert texts(tab, ".basis") == ["按读者自设权重与时限（15 分钟）"] * 2


@pytest.mark.browser
def test_the_panel_recommends_nothing_that_python_does_not(opened, html):
    """Whatever the reader moves."""
    tab = opened(html)
    assert tab.locator("#cutoff option").count() == len(toy.CUTOFFS)
    for button in tab.locator("#viewpoints button").all():
        button.click()
        for cutoff in toy.CUTOFFS:
            tab.locator("#cutoff").select_option(f"{cutoff:g}")
            assert "推荐" not in tab.evaluate("document.body.innerText")


@pytest.mark.browser
def test_headline_marks_options_that_no_draw_tells_apart_from_the_reader_s_first(opened, evaluation):
    """An option that leads by the reader's weights alone is said to fall behind as weights vary."""
    changed = toy.with_shares(evaluation, {"bangjun": 0.5, "mashenqiao": 0.48, "yinliu": 0.02})
    tab = opened(render_page(changed))
    assert texts(tab, CONCLUSION)[1] == "得分最高：邦均镇（51.2 分）；与马伸桥镇不分上下"
    move(tab, "#group-0", 100)
    head = texts(tab, CONCLUSION)[1]
    first = texts(tab, ".bar .name")[0]
    assert first not in ("邦均镇", "马伸桥镇")
    assert head.startswith(f"按读者自设权重，得分最高：{first}")
    assert head.endswith("；各项假定同时变动时居首最多的是邦均镇（与马伸桥镇不分上下）")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_weights_exchange_is_told_as_python_tells_it_and_follows_the_sliders(opened, evaluation, lang):
    tab = opened(render_page(evaluation), hash_=f"#l={lang}")
    assert texts(tab, "#hour") == hour_sentences(evaluation, lang)
    assert set(weight_sentences(evaluation, lang)) <= set(texts(tab, "#robust p"))
    amounts = evaluation.tradeoff.per_point["amount"].reindex(evaluation.values.columns)
    shown = [cell.split("\t")[2] for cell in texts(tab, "#table tbody tr")][:-1]
    wanted = [
        number(None if np.isnan(amount) else amount, form_of(name), lang) for name, amount in amounts.items()
    ]
    assert shown == wanted
    move(tab, "#group-2", 0)
    assert texts(tab, "#hour") == [""]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_live_sentences_equal_those_of_python(opened, evaluation, lang):
    tab = opened(render_page(evaluation), hash_=f"#l={lang}")
    for option in evaluation.ranking.index:
        tab.goto(f"{tab.address}#l={lang}&s={option}")
        tab.reload()
        shown = texts(tab, "#why p")[1:]
        assert shown == sentences(evaluation, option, lang)


@pytest.mark.browser
def test_long_ensembles_are_read_out_where_there_are_any(opened, evaluation, html):
    thorough = toy.with_ensembles(evaluation)
    tab = opened(render_page(thorough), hash_="#l=zh")
    shown = tab.locator("#robust").inner_text()
    said = conclusion(thorough, "zh")
    drawn = "权重任意取值 500 次，"  # the toy has shares, and no draw of anything else
    assert f"{drawn}居首最多的是城区（75.0%，可能），邦均镇仅 25.0%，结论不稳。" in said
    assert texts(tab, CONCLUSION) == said
    rows = [" ".join(row.split()) for row in texts(tab, "#robust tr")]
    assert "全部村居委会 40.0% 60.0%" in rows
    assert "城镇人口比重 90.0% 10.0%" in rows
    assert "最值得实测的车速：省级干道。" in shown
    assert "单独查清即值得的：车速：省级干道（可多得 1.10 分，标准误 0.30 分）。" in shown
    assert "首先应以真实企业名录替换演示名录。" in shown
    assert "大唐国际盘山电厂（领先幅度在 2.0—3.0 分之间）" in shown
    assert "覆盖时限（分钟）由 30.0 变为 36.5 时，城区居首。" in shown
    assert words("zh")["robust.quick"] not in shown
    assert words("zh")["robust.quick"] in opened(html).locator("#robust").inner_text()
    english = opened(render_page(thorough), hash_="#l=en")
    assert "The one speed to measure: primary road." in english.locator("#robust").inner_text()
    assert re.search(r"undefined|NaN|\{\w+\}", english.locator("#robust").inner_text()) is None


def test_a_run_with_joint_draws_alone_is_called_a_quick_one(evaluation):
    thorough = toy.with_ensembles(evaluation)
    drawn = replace(thorough, robustness=replace(thorough.robustness, telephone=None, flips=()))
    made = [payload.payload(found) for found in (evaluation, drawn, thorough)]
    assert [found["robustness"]["quick"] for found in made] == [True, True, False]
    assert ["flip" in found["words"]["robust"] for found in made] == [False, False, True]


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_word_is_missing_and_no_placeholder_is_left(opened, html, lang):
    tab = opened(html, hash_=f"#l={lang}")
    visible = tab.evaluate("document.body.innerText")
    for text in (visible, tab.evaluate("[...document.querySelectorAll('[aria-label]')]"
                                       ".map(n => n.ariaLabel).join('\\n')")):  # fmt: skip
        assert not re.search(r"\bundefined\b|\bNaN\b|\bnull\b|\{\w+\}|\[object", text)
    if lang == "en":
        # Only what users wrote may be Chinese on an English page: here names of firms and towns.
        rest = re.sub(
            r"演示企业 机械-|大唐国际盘山电厂|上仓镇|邦均镇|中文|待会议确定|备选方案|津蓟高速|道路\d",
            "",
            visible,
        )
        assert re.findall("[\u4e00-\u9fff]+", rest) == []


@pytest.mark.browser
def test_slider_reranks_map_bars_strips_and_sentences(opened, evaluation, html):
    tab = opened(html)
    before = texts(tab, ".bar .name")
    tab.locator("#group-0").evaluate(
        "node => { node.value = 100; node.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    within = np.array(toy.WEIGHTS[:3]) / sum(toy.WEIGHTS[:3])
    score = evaluation.values.iloc[:, :3] @ within
    running = score.drop("xiacang").sort_values(ascending=False)
    names = [toy.SITES[o][0] for o in running.index]
    after = texts(tab, ".bar .name")
    assert after[:6] == names
    assert after[7:] == [toy.MOBILE[1], toy.CITY[1]]
    assert texts(tab, ".bar .mark")[7:] == ["不参与排序"] * 2
    assert after != before
    assert texts(tab, ".bar .score")[0] == f"{100 * running.iloc[0]:.1f}"
    assert names[0] in texts(tab, CONCLUSION)[1]
    pins = tab.evaluate("[...document.querySelectorAll('.pin')].map(n => n.ariaLabel)")
    assert any(pin.startswith("第 1 位") and names[0] in pin for pin in pins)
    assert tab.locator("output[for=group-1]").inner_text() == "0%"


@pytest.mark.browser
def test_permalink_carries_weights_cutoff_option_and_language(opened, html):
    first = opened(html)
    first.locator("#en").click()
    first.locator("#group-2").evaluate(
        "node => { node.value = 55; node.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    first.locator("#cutoff").select_option("45")
    first.locator(".bar").nth(3).click()
    link = first.evaluate("location.hash")
    second = opened(html, hash_=link)
    for selector in (".bar", "#why p", "#needs li", CONCLUSION, ".slider output", "h1"):
        assert texts(second, selector) == texts(first, selector)
    assert second.locator("#cutoff").input_value() == "45"
    assert second.evaluate("location.hash") == link


@pytest.mark.browser
@pytest.mark.parametrize(
    "link", ["#g=1,2&s=nowhere&c=99&l=fr", "#g=a,b,c,d&w=-1", "#g=NaN,1,1,1", "#%E0%A4%A", "#<img src=x>"]
)
def test_a_broken_permalink_gives_the_base_view(opened, html, link):
    tab = opened(html, hash_=link)
    assert noise(tab) == []
    assert texts(tab, ".bar .score")[0] == "51.2"


@pytest.mark.browser
def test_keyboard_reaches_and_moves_everything(opened, html):
    tab = opened(html)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    tab.locator(".bar").nth(1).focus()
    tab.keyboard.press("Enter")
    name = texts(tab, ".bar .name")[1]
    assert tab.locator("#why .note").inner_text().endswith(name)
    assert tab.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    tab.locator("#group-0").focus()
    before = tab.locator("output[for=group-0]").inner_text()
    tab.keyboard.press("ArrowRight")
    assert tab.locator("output[for=group-0]").inner_text() != before
    assert tab.evaluate("document.activeElement.id") == "group-0"
    pin = tab.locator(".pin").first
    pin.focus()
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"
    outline = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.browser
def test_many_enterprises_are_dots_and_groups(opened, many):
    """A canvas stands for the symbols; it is searched by township, industry and size, and can be asked."""
    tab = opened(render_page(many), hash_="#s=bangjun")
    assert tab.locator(".leaflet-firms-pane path").count() == 0
    inked = """() => { const c = document.querySelector('.leaflet-firms-pane canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        return d.filter((v, i) => i % 4 === 3 && v > 0).length; }"""
    assert tab.evaluate(inked) > 1_000
    tab.locator("#firm-search").fill("上仓 小型")
    found = texts(tab, "#firm-found option")
    assert found
    assert all(name.startswith("上仓镇 · ") and name.endswith(" · 小型") for name in found)
    frame = many.evidence.inputs.enterprises
    chosen = frame[(frame["town"] == "上仓镇") & frame["employees"].between(20, 299)]
    assert len(found) == chosen["industry"].nunique()
    tab.locator("#search").fill("邦均")
    tab.locator("#search").press("Enter")
    assert {name.split(" · ")[0] for name in texts(tab, "#firm-found option")} == {"邦均镇"}
    assert tab.locator("#search-box [role=status]").inner_text().startswith("“邦均”：")
    tab.locator("#layer-saved").check()
    assert noise(tab) == []


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["A4", "A3"])
def test_prints_the_answer_with_the_static_map(opened, html, paper):
    tab = opened(html)
    tab.emulate_media(media="print")
    assert tab.locator("svg.figure").is_visible()
    assert tab.locator("#map").is_visible() is False
    assert tab.locator(".bars").is_visible()
    assert tab.pdf(format=paper, print_background=True).startswith(b"%PDF")


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_static_map_speaks_the_language(opened, html, lang):
    tab = opened(html, hash_=f"#l={lang}")
    north = {"zh": "北", "en": "N"}[lang]
    assert tab.locator("svg.figure text[data-t=north]").text_content() == north


def area_of_dots(tab):
    """Dots of the static map, their area in pixels by their radius, and the pixels that show them."""
    with_dots = picture_of(tab)
    dots, scale = tab.eval_on_selector(
        "svg.figure path[opacity]",
        """path => { path.setAttribute('visibility', 'hidden');
          return [path.getAttribute('d').split('m').length - 1, path.ownerSVGElement.getScreenCTM().a]; }""",
    )
    changed = np.abs(with_dots - picture_of(tab)).max(axis=2) > 12
    return dots, dots * np.pi * (figure.GRAIN * scale) ** 2, int(changed.sum())


def picture_of(tab):
    return np.asarray(Image.open(io.BytesIO(tab.locator("svg.figure").screenshot())).convert("RGB"), float)


@pytest.mark.browser
@pytest.mark.parametrize("printed", [False, True], ids=["without scripts", "printed"])
def test_enterprises_of_the_static_map_can_be_seen(opened, html, printed):
    """Strokes that are closed have no ends to put caps on, and PDF viewers leave out those without length."""
    tab = opened(html, scripts=printed)
    tab.emulate_media(media="print" if printed else "screen")
    dots, area, changed = area_of_dots(tab)
    assert dots == toy.N_FIRMS
    assert changed > 0.8 * area
    length = tab.eval_on_selector("svg.figure path[opacity]", "path => path.getTotalLength()")
    assert length == pytest.approx(0.2 * dots, rel=1e-3)  # there and back again, by a tenth of a step each


@pytest.mark.browser
def test_all_accounts_and_prices_of_land_that_tie(opened, html):
    tab = opened(html, hash_="#l=zh")
    rows = [" ".join(row.split()) for row in texts(tab, "#economics tbody tr")]
    assert any(row.startswith("净现值·县财政（万元） −50.0") for row in rows)
    assert any(row.startswith("净现值·国民经济（万元） 20.0") for row in rows)
    rates = next(row for row in rows if row.startswith("经济内部收益率"))
    assert "累计净流量为负" in rates
    rows = [row.split() for row in texts(tab, "#economics details tbody tr")]
    assert rows == [["上仓酒业绿色食品加工区", "—", "12.5"], ["邦均镇", "即使无偿供地仍低", "—"]]


@pytest.mark.browser
def test_figures_at_another_cutoff_are_those_of_the_matrix(opened, evaluation):
    """Clipped figures come as they are; the others are read off their straight line."""
    raw = evaluation.matrix.assign(demand_covered=np.linspace(-0.2, 1.2, 9).round(4))
    values = evaluation.values.assign(demand_covered=raw["demand_covered"].clip(0, 1))
    changed = replace(
        evaluation,
        by_cutoff={**evaluation.by_cutoff, 45.0: values},
        raw_by_cutoff={45.0: raw, 30.0: evaluation.matrix},
    )
    tab = opened(render_page(changed), hash_="#c=45&l=zh")
    head = texts(tab, "#table thead th")[3:]
    row = tab.locator("#table tbody tr").nth(1).locator(".figure-raw").all_inner_texts()
    names = evaluation.evidence.inputs.sites["name"]
    shown = {cell.split()[-1]: figure for cell, figure in zip(head, row, strict=True)}
    assert shown == {names[o]: number(raw["demand_covered"][o], "share", "zh") for o in raw.index}


@pytest.mark.browser
def test_equal_weights_when_all_are_zero(opened, html):
    tab = opened(html, hash_="#g=0,0,0,0")
    assert noise(tab) == []
    assert texts(tab, "output[for=group-0]") == ["25%"]


def test_without_demand_the_page_ranks_nothing(opened, evaluation):
    demand = evaluation.evidence.demand
    idle = replace(evaluation.evidence, demand=replace(demand, tests=demand.tests * 0))
    tab = opened(render_page(replace(evaluation, evidence=idle)))
    assert tab.locator(".bar").count() == len(evaluation.matrix)
    assert tab.locator(".bar rect, .pin-badge").count() == 0
    assert set(tab.locator(".bar .rank, .bar .score, .pin-rank").all_text_contents()) == {""}
    for part in ("#why", "#sliders", "#needs", "#robust", "#table", ".basis", "#bar-legend"):
        assert not any(place.is_visible() for place in tab.locator(part).all()), part
    assert tab.locator("#h-ranking").inner_text() == "无检测需求，不排序"
    assert "居首" not in tab.locator("main").inner_text()


def test_a_ledger_without_pledges_is_no_section(opened, evaluation):
    inputs = evaluation.evidence.inputs
    without = replace(evaluation.evidence, inputs=replace(inputs, pledges=inputs.pledges.iloc[:0]))
    tab = opened(render_page(evaluation))
    assert "园区管委会" in tab.locator("#concerns").inner_text()
    assert "意向不是承诺" in tab.locator("main").inner_text()
    assert "计入全部意向" in tab.locator("#economics").inner_text()
    tab = opened(render_page(replace(evaluation, evidence=without)))
    assert "园区管委会" not in tab.locator("#concerns").inner_text()
    assert "意向不是承诺" not in tab.locator("main").inner_text()
    assert "计入全部意向" not in tab.locator("#economics").inner_text()
