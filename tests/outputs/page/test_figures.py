"""Figures of the decision page: a firm's card, townships, intervals, what moves the lead, the triangle."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.robustness.winners import cell_of_scores
from siting.outputs.page import payload
from siting.outputs.page.packed import firms
from siting.outputs.page.page import render_page
from siting.outputs.page.winners_table import leads, winners_data, winners_table
from siting.outputs.text.wording import words
from tests.outputs import toy
from tests.outputs.browsing import noise


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


def texts(tab, selector):
    return tab.locator(selector).all_inner_texts()


def test_what_moves_the_lead_most_comes_first_and_both_ends_are_named(evaluation):
    """A single value is set against the lead as things stand."""
    made = {("weights", "stated"): 0.01, ("cutoff_min", "15"): -0.02, ("cutoff_min", "45"): 0.05,
            ("peak", "1.3"): 0.2, ("speed:trunk", "0.8"): 0.02, ("speed:trunk", "1.2"): 0.005}  # fmt: skip
    cells = [cell_of_scores(*at, "bangjun", lead) for at, lead in made.items()]
    unknown = cell_of_scores("method", "topsis", "bangjun")
    found = leads(replace(evaluation, winners=(*cells, unknown)))
    assert found[0] == [1.0]
    assert [[row[0][0], *row[1:3]] for row in found[1:]] == [
        [words("zh")["test.peak"], 20.0, 20.0], [words("zh")["test.cutoff_min"], -2.0, 5.0],
        ["国道车速", 0.5, 2.0],
    ]  # fmt: skip
    assert found[2][3:] == [["15 分钟", "15 min"], ["45 分钟", "45 min"]]
    assert leads(replace(evaluation, winners=())) == []


@pytest.fixture(scope="module")
def drawn(evaluation):
    """The toy with draws in which each site's values move together, and leads at both ends of the cutoff."""
    rng = np.random.default_rng(2)
    sites = [site for site in toy.SITES if site != "xiacang"]
    assumptions = pd.DataFrame({"demand.expansion_factor": np.ones(80)})
    found = toy.with_building(evaluation, pd.DataFrame(0.0, range(80), sites), assumptions)
    moved = (found.draws.values + rng.normal(0, 0.05, (80, len(sites), 1))).clip(0, 1)
    made = {("weights", "stated"): 0.01, ("cutoff_min", "15"): -0.02, ("cutoff_min", "45"): 0.05}
    cells = [cell_of_scores(*at, "bangjun", lead) for at, lead in made.items()]
    return replace(found, draws=replace(found.draws, values=moved), winners=tuple(cells))


def shown_ends(values, weights):
    """Ends of the intervals as the page writes them, by site, and who is first most often."""
    scores = (100 * values).round() / 100 @ np.asarray(weights)
    ends = np.quantile(scores, [0.05, 0.95], axis=0).T
    return ["–".join(f"{100 * end:.0f}" for end in pair) for pair in ends], int(
        np.bincount(scores.argmax(1)).argmax()
    )


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_intervals_follow_the_weights_and_leads_are_withdrawn_with_them(opened, drawn, lang):
    tab = opened(render_page(drawn), hash_=f"#l={lang}")
    names = drawn.evidence.inputs.sites[{"zh": "name", "en": "name_en"}[lang]]
    sites = drawn.draws.sites

    def intervals():
        """Ends of each named site, as its row tells a screen reader."""
        said = tab.locator(".bar").evaluate_all("rows => rows.map(row => row.ariaLabel)")
        return dict(zip(texts(tab, ".bar .name"), said, strict=True))

    def assert_shown(weights):
        ends, first = shown_ends(drawn.draws.values, weights)
        said = intervals()
        assert [site for site, end in zip(sites, ends, strict=True) if end not in said[names[site]]] == []
        assert f"{names[sites[first]]} " in tab.locator("#bar-legend").inner_text()

    assert_shown(drawn.weights)
    assert tab.locator(".bar line").count() == len(sites)
    assert tab.locator("#tornado").is_visible()
    told = tab.locator(".leads > :nth-child(3n)").all_inner_texts()
    assert len(told) == 1
    assert all(part in told[0] for part in ("−2.0", "5.0", "15", "45"))
    tab.locator("#group-3").evaluate(
        "node => { node.value = 100; node.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    assert_shown([0.0] * 9 + [1.0])
    assert not tab.locator("#tornado").is_visible()
    tab.locator("#cutoff").select_option("45")
    assert "–" not in "".join(intervals().values())
    assert tab.locator(".bar line").count() == 0
    assert noise(tab) == []


@pytest.mark.browser
def test_the_waterfall_follows_the_demand(opened, evaluation):
    tab = opened(render_page(evaluation))

    def amounts():
        return [
            int(text.replace("−", "-"))
            for text in texts(tab, "#worth .fall")[0].split()
            if text[-1].isdigit()
        ]

    assert amounts() == [90, -20, -50, 20]
    tab.locator("#demand").fill("2")
    assert amounts() == [180, -40, -100, 40]
    tab.locator("#demand").press("ArrowLeft")
    assert amounts() == [135, -30, -75, 30]
    assert noise(tab) == []


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_click_on_the_triangle_takes_its_weights(opened, evaluation, lang):
    tab = opened(render_page(evaluation), hash_=f"#l={lang}")
    told = tab.locator("#split figcaption").inner_text()
    assert tab.locator(".triangle").get_attribute("aria-label") == told
    first = texts(tab, ".bar .name")[0]
    assert first in told
    shares = [int(share) for share in re.findall(r"(\d+)%", told)]
    assert shares[0] == 90
    assert 98 <= sum(shares[1:]) <= 102
    ring = tab.locator(".triangle circle").get_attribute("cy")
    picture = tab.locator(".triangle")
    width = picture.bounding_box()["width"]
    # Near the upper corner nearly all weight goes to the first group.
    picture.click(position={"x": width / 2, "y": width * 35 / 340})
    assert int(tab.locator("output[for=group-0]").inner_text()[:-1]) > 80
    assert tab.locator("output[for=group-3]").inner_text() == "10%"
    assert float(tab.locator(".triangle circle").get_attribute("cy")) < float(ring)
    assert noise(tab) == []


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_enterprise_is_looked_up_by_name_and_told_what_each_option_means_to_it(opened, evaluation, lang):
    tab = opened(render_page(evaluation), hash_=f"#l={lang}")
    assert texts(tab, "#firm-card") == [""]
    assert not tab.locator("#firm-found").is_visible()
    tab.locator("#firm-search").fill("大唐")
    hours = evaluation.evidence.trips.hours.loc["e039"]
    saved = (hours["city"] - hours).round()
    cells = [[cell.strip() for cell in row.split("\t")] for row in texts(tab, "#firm-card tbody tr")]
    names = {"zh": "name", "en": "name_en"}[lang]
    order = saved.sort_values(ascending=False, kind="stable").index
    assert [row[0].split(" ", 1)[-1].removeprefix("\xa0") for row in cells] == list(
        evaluation.evidence.inputs.sites.loc[order, names]
    )
    assert [int(row[3].replace("−", "-")) for row in cells] == saved[order].astype(int).tolist()
    assert [int(row[2]) for row in cells] == (round(hours["city"]) - saved[order]).astype(int).tolist()
    rate = evaluation.scenario.economics.value_of_time_yuan_h
    assert [int(row[4].replace(",", "")) for row in cells] == (rate * saved[order]).astype(int).tolist()
    first = texts(tab, ".bar .name")[0]
    told = tab.locator("#firm-card p").inner_text()
    assert f"{saved[order[0]]:.0f}" in told
    assert (first in told) == (first != cells[0][0])
    tab.locator("#firm-search").fill({"zh": "上仓镇", "en": "Shangcang"}[lang])
    of_town = (evaluation.evidence.inputs.enterprises["town"] == "上仓镇").sum()
    assert tab.locator("#firm-found option").count() == of_town
    tab.locator("#firm-found").select_option(index=1)
    chosen = tab.locator("#firm-found option").nth(1).inner_text()
    assert chosen.startswith(tab.locator("#firm-card h3 bdi").inner_text())
    tab.locator("#firm-search").fill("datang")
    name = tab.locator("#firm-card h3 bdi").inner_text()
    assert name.startswith("大唐")
    assert (" (Da tang guo ji pan shan dian Chang)" in name) == (lang == "en")
    tab.locator("#firm-search").fill("nobody of that name")
    assert texts(tab, "#firm-card") == [""]
    assert noise(tab) == []


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_small_maps_compare_today_the_leading_site_and_another(opened, evaluation, lang):
    """Each map has a shape an area; what the shapes show stands in the table and in the line below."""
    tab = opened(render_page(evaluation), hash_=f"#l={lang}")
    maps = tab.locator("#townships .areas")
    areas = len(payload.payload(evaluation)["townships"]["rings"])
    assert [maps.nth(n).locator("path").count() for n in range(4)] == [areas] * 4
    assert len(texts(tab, "#township option")) == len({"上仓镇", "邦均镇", "五百户镇"})
    rows = tab.locator("#townships tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    trips, towns = evaluation.evidence.trips, evaluation.evidence.inputs.enterprises["town"]
    shown = {}
    for town in firms.townships(evaluation):
        mine = towns == town
        means = (
            np.average(trips.minutes.loc[mine, option], weights=trips.trips.loc[mine, "city"])
            for option in ("city", "bangjun")
        )
        shown[firms.town_name(evaluation, town)[lang == "en"]] = [round(mean) for mean in means]
    assert {row[0]: [int(cell.split()[0]) for cell in row[1:3]] for row in rows} == shown
    apart = [abs(int(row[4].split()[0].replace("−", "-"))) for row in rows]
    told = tab.locator("#townships p[role=status]").inner_text()
    assert told.startswith(rows[int(np.argmax(apart))][0])
    before = texts(tab, "#townships figcaption")[2]
    tab.locator(".bar").nth(4).click()
    assert texts(tab, "#townships figcaption")[2] != before
    assert tab.locator("#gains .areas path").count() == areas
    assert noise(tab) == []


def test_a_matrix_without_rows_is_no_table(evaluation):
    """Where nothing turns the winner only the folded rows and the note stand there."""
    data = winners_data(evaluation)
    assert "<table" in winners_table(evaluation, {**data, "rows": [[["权重", "Weights"]]]}, "zh")
    alone = winners_table(evaluation, {**data, "rows": [], "ends": []}, "zh")
    assert alone.startswith('<p class="note">')
    assert "0 项" not in alone
