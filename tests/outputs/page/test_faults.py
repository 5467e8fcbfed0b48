"""Faults that readers met on the page: each stays mended."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from types import SimpleNamespace

import pytest

from siting.outputs.page.page import render_page
from tests.outputs import toy
from tests.outputs.browsing import DESKTOP, PHONE, noise

LONG = "检测" * 150


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


def prepared(evaluation, by, on):
    scenario = SimpleNamespace(**{**vars(evaluation.scenario), "prepared_by": by, "prepared_on": on})
    return replace(evaluation, scenario=scenario)


@pytest.mark.parametrize("table", ["wording.csv", "labels.csv"])
def test_no_word_is_given_twice(table):
    """Two rows of one key once made near-ties read as a price of land."""
    text = files("siting.outputs.text").joinpath("words", table).read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    keys = [row[0] for row in rows[1:]]
    assert [key for key, n in Counter(keys).items() if n > 1] == []


def test_no_selector_that_older_engines_drop_a_rule_for():
    """One unknown selector drops its whole rule, as `:has()` did with what print hides."""
    css = files("siting.outputs.page").joinpath("static", "panel.css").read_text(encoding="utf-8")
    assert re.findall(r":(?:has|is|where)\(", css) == []


def test_an_old_engine_is_told_and_asked_to_render_with_webkit(evaluation):
    text = render_page(evaluation)
    assert '<meta name="renderer" content="webkit">' in text
    assert "请切换到极速模式后重新打开" in text


def test_the_page_names_who_prepared_it_and_when_as_given(evaluation):
    assert "编制单位：＿＿＿＿　编制日期：＿＿＿＿　程序版本：" in render_page(evaluation)
    told = render_page(prepared(evaluation, "县市场局<b>", "2011年5月"))
    assert "编制单位：县市场局&lt;b&gt;　编制日期：2011年5月" in told


@pytest.mark.browser
def test_phone_of_360_px_does_not_overflow_and_targets_can_be_hit(opened, evaluation):
    sites = evaluation.evidence.inputs.sites.copy()
    sites.loc["bangjun", ["name", "name_en"]] = [LONG, "testing" * 50]
    inputs = replace(evaluation.evidence.inputs, sites=sites)
    html = render_page(replace(evaluation, evidence=replace(evaluation.evidence, inputs=inputs)))
    tab = opened(html, viewport={"width": 360, "height": 780})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    small = tab.evaluate(
        """[...document.querySelectorAll('button, select, input, nav a, .leaflet-bar a, .check')]
        .filter(n => n.getClientRects().length && n.type !== 'checkbox' && !n.matches('.src'))
        .map(n => [n.id || n.className || n.tagName, n.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)"""
    )
    assert small == []
    tab.locator("#appendix > summary").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_a_permalink_pasted_into_an_open_page_is_followed(opened, evaluation):
    tab = opened(render_page(evaluation))
    tab.evaluate("location.hash = 'l=en&s=yinliu&c=45&g=1,0,0,0'")
    tab.wait_for_function("document.documentElement.lang === 'en'")
    assert tab.locator("#cutoff").input_value() == "45"
    assert tab.locator("output[for=group-0]").inner_text() == "100%"
    assert tab.locator("#why .note").inner_text().endswith("Development zone at Yinliu")
    tab.locator("#contents a").nth(2).click()
    assert "s=yinliu" in tab.evaluate("location.hash")
    assert tab.evaluate("document.activeElement.id") == "where"
    assert noise(tab) == []


@pytest.mark.browser
def test_search_by_township_and_industry_finds_all_of_them(opened, evaluation):
    tab = opened(render_page(evaluation), viewport=DESKTOP)
    firms = evaluation.evidence.inputs.enterprises
    tab.locator("#search").fill("上仓镇")
    tab.locator("#search").press("Enter")
    found = int((firms["town"] == "上仓镇").sum())
    assert f"“上仓镇”：{found} 家" in tab.locator("#search-box").inner_text()
    assert tab.locator("#firm-search").input_value() == "上仓镇"


@pytest.mark.browser
def test_more_than_five_thousand_enterprises_are_hexagons_until_enlarged(opened, evaluation):
    tab = opened(render_page(toy.with_firms(evaluation, 5_001)), viewport=PHONE)
    hues = """() => { const c = document.querySelector('.leaflet-firms-pane canvas');
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        const seen = { blue: 0, other: 0 };
        for (let i = 0; i < d.length; i += 4) {
          if (d[i + 3] > 200) seen[d[i + 2] > d[i] + 60 ? 'blue' : 'other'] += 1;
        }
        return seen; }"""
    crowded = tab.evaluate(hues)
    assert (crowded["blue"] > 0, crowded["other"]) == (True, 0)
    for _ in range(4):
        tab.locator(".leaflet-control-zoom-in").click()
        tab.wait_for_timeout(400)
    assert tab.evaluate(hues)["other"] > 0
    # Reading pixels back draws a hint of the browser's own.
    assert [said for said in noise(tab) if "willReadFrequently" not in said] == []
