"""The page of many options: nothing grows with each pair of them, and what is left out is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.outputs.page import payload as payloads
from siting.outputs.page import summaries
from siting.outputs.page.page import render_page
from tests.outputs import toy
from tests.outputs.browsing import noise


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


@pytest.fixture
def few(monkeypatch):
    """A page whose long lists hold three sites of the seven."""
    monkeypatch.setattr(payloads, "MOST_OPTIONS", 3)
    monkeypatch.setattr(summaries, "MOST_TIED", 3)


def with_pairs(evaluation):
    """Every site ties with every other, and every site is beaten by all before it in the ranking."""
    ranks = [str(site) for site in evaluation.ranking.index]
    prices = pd.DataFrame(np.arange(49.0).reshape(7, 7), ranks, ranks)
    sure = replace(
        evaluation.robustness, dominated={site: tuple(ranks[:n]) for n, site in enumerate(ranks) if n}
    )
    evaluation.economics.land_ties = prices
    return replace(evaluation, robustness=sure), ranks


def test_nothing_is_told_of_every_pair_of_options(few):
    changed, ranks = with_pairs(toy.with_summaries(toy.evaluation()))
    made = payloads.payload(changed)
    number = changed.evidence.options.index.get_loc
    first = {number(site) for site in ranks[:3]}
    assert first <= set(made["listed"])
    assert len(made["listed"]) == 3 + len(changed.evidence.options) - 7
    assert {j for pair in made["economics"]["land_ties"] for j in pair[:2]} == first
    assert all(len(by) <= summaries.MOST_BETTER for _, by, _ in made["robustness"]["dominated"])
    last = next(row for row in made["robustness"]["dominated"] if row[0] == number(ranks[-1]))
    assert last == [number(ranks[-1]), [number(site) for site in ranks[:3]], 6]


def test_up_to_the_limit_every_option_is_listed(evaluation):
    made = json.loads(json.dumps(payloads.payload(evaluation)))
    assert made["listed"] == list(range(len(evaluation.evidence.options)))


@pytest.mark.browser
def test_long_lists_hold_the_foremost_and_say_so(opened, few):
    changed, _ = with_pairs(toy.with_summaries(toy.evaluation()))
    tab = opened(render_page(changed), hash_="#l=zh")
    rows, others = tab.locator(".bars li"), len(changed.evidence.options) - 7
    assert rows.count() == 3 + others
    # A site that is chosen is listed however late it comes.
    tab.locator("#bars > button").click()
    assert rows.count() == 7 + others
    tab.locator(".bar").nth(5).click()
    tab.locator("#bars > button").click()
    assert rows.count() == 4 + others
    assert tab.locator("#bars > button").inner_text() == "显示或收起其余 3 个场址"
    assert tab.locator(".pin.late").count() == 3
    tab.locator("#appendix > summary").click()
    said = f"共 {7 + others} 个方案，只列居前的 3 个场址"
    for part in ("#table", "#needs", "#economics", "#robust"):
        assert said in tab.locator(part).inner_text(), part
    assert tab.locator("#options > article").count() == 3 + others
    folded = tab.locator("#options > details", has_text="其余 4 个方案")
    assert folded.locator("article").count() == 4
    assert folded.get_attribute("open") is None
    assert "只列得分最高的 3 个场址之间的" in tab.locator("#economics").text_content()
    assert "等 6 个）" not in tab.locator("#robust").inner_text()
    assert "各项指标均不优于另一方案的共 6 个" in tab.locator("#robust").inner_text()
    assert noise(tab) == []


@pytest.mark.browser
def test_a_drag_does_only_what_is_seen(opened, evaluation):
    """Browsers are slow to change the address, and the appendix is closed."""
    tab = opened(render_page(evaluation))
    tab.evaluate(
        """() => {
            window.counts = { address: 0, table: 0 };
            const replace = history.replaceState.bind(history);
            history.replaceState = (...given) => { counts.address += 1; replace(...given); };
            new MutationObserver(() => (counts.table += 1))
                .observe(document.getElementById('table'), { childList: true });
        }"""
    )
    slider = tab.locator("#group-0")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    across = [box["x"] + box["width"] * part for part in (0.3, 0.4, 0.5, 0.6, 0.7)]
    tab.mouse.move(across[0], box["y"] + box["height"] / 2)
    tab.mouse.down()
    before = tab.locator("output[for=group-0]").inner_text()
    for x in across[1:]:
        tab.mouse.move(x, box["y"] + box["height"] / 2)
    assert tab.locator("output[for=group-0]").inner_text() != before
    assert tab.evaluate("counts") == {"address": 0, "table": 0}
    tab.mouse.up()
    assert tab.evaluate("counts.address") == 1
    weight = tab.locator("output[for=group-0]").inner_text()
    tab.locator("#appendix > summary").click()
    tab.wait_for_function("counts.table > 0")
    assert weight == tab.locator("output[for=group-0]").inner_text()
    totals = tab.locator("#table tr").last.locator("strong").all_inner_texts()
    assert totals == [text for text in tab.locator(".bar .score").all_inner_texts() if text]
