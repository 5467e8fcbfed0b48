"""The map of a result: what stands on it, in both languages, with the network off and hostile names."""

import re
from dataclasses import replace

import folium
import pandas as pd
import pytest
import shapely

from siting.outputs.maps import result_map as maps
from siting.outputs.maps.result_map import result_map, study_map
from siting.types import InputError
from tests.outputs import toy
from tests.outputs.browsing import DESKTOP, noise
from tests.outputs.maps.test_offline_map import HOSTILE, page_of

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


@pytest.fixture(scope="module")
def text(evaluation):
    return page_of(result_map(evaluation))


def layer_names(tab):
    return tab.locator(".leaflet-control-layers-overlays label").all_inner_texts()


def open_all(tab):
    """Turn every layer on; open every tooltip and popup, and return what they say."""
    for box in tab.locator(".leaflet-control-layers-overlays input").all():
        box.check()
    return tab.evaluate(
        """() => {
            const seen = [];
            const map = Object.values(window).find((v) => v instanceof L.Map);
            const note = (overlay) => seen.push(overlay.getElement().innerText);
            map.on('popupopen', (e) => note(e.popup)).on('tooltipopen', (e) => note(e.tooltip));
            const open = (layer) => {
                if (layer.eachLayer) { layer.eachLayer(open); return; }
                if (layer.getTooltip && layer.getTooltip()) layer.openTooltip();
                if (layer.getPopup && layer.getPopup()) layer.openPopup();
            };
            map.eachLayer(open);
            return seen;
        }"""
    )


def test_it_opens_offline_with_all_that_a_map_needs(opened, text):
    tab = opened(text)
    names = layer_names(tab)
    assert len(names) <= 12
    assert {"备选场址", "企业", "地名"} <= {name.strip() for name in names}
    assert tab.locator(".layer-group").all_inner_texts() == ["结果", "检测需求", "底图"]
    assert tab.locator(".leaflet-control-scale").is_visible()
    assert tab.locator(".north").inner_text() == "北"
    assert "示意图，不作为划界依据" in tab.locator(".leaflet-control-attribution").inner_text()
    assert tab.locator(".frame-demo strong").inner_text() == "演示结果，不得作为选址依据"
    assert "食品（含酒）" in tab.locator(".legend").inner_text()
    assert noise(tab) == []


def test_language_is_switched_and_nothing_of_the_other_is_seen(opened, text, evaluation):
    tab = opened(text)
    tab.locator(".frame-lang").click()
    seen = tab.locator("body").inner_text().replace("中文", "")
    # Names without an English form stay as they are.
    own = [place for names in (toy.SITES.values(), toy.INDUSTRIES.items()) for place in map(str, names)]
    assert not re.search("[\u4e00-\u9fff]", re.sub("津蓟高速|京哈公路", "", seen)), own
    assert tab.evaluate("document.documentElement.lang") == "en"
    assert tab.locator(".leaflet-control-zoom-in").get_attribute("aria-label") == "Zoom in"
    assert page_of(result_map(evaluation, lang="en")).startswith('<!DOCTYPE html>\n<html lang="en">')
    assert noise(tab) == []


def test_sites_stand_on_top_and_say_how_they_stand(opened, text, evaluation):
    tab = opened(text)
    best = next(i for i in evaluation.ranking.index if i in toy.SITES)
    pin = tab.locator(".site.best")
    assert pin.count() == 1
    pin.locator("b").hover()
    assert "第 " in tab.locator(".leaflet-tooltip").inner_text()
    pin.locator("b").click()
    shown = tab.locator(".leaflet-popup-content").inner_text()
    assert toy.SITES[best][0] in shown
    assert f"{100 * evaluation.ranking.at[best, 'score']:.1f}" in shown
    tab.locator(".leaflet-tooltip").wait_for(state="detached")
    panes = [tab.locator(f".leaflet-{name}-pane") for name in ("sites", "marker", "overlay")]
    heights = [int(pane.evaluate("(pane) => getComputedStyle(pane).zIndex")) for pane in panes]
    assert heights == sorted(heights, reverse=True)


def test_hostile_names_are_text_in_every_layer(opened, evaluation):
    hostile = toy.with_text(evaluation, HOSTILE)
    m = result_map(hostile)
    folium.Marker([40, 117.4], popup=HOSTILE[4], tooltip=HOSTILE[5]).add_to(m)
    tab = opened(page_of(m))
    said = "\n".join(open_all(tab))
    tab.wait_for_timeout(200)
    assert tab.evaluate("window.ran") is None
    assert noise(tab) == []
    for name in (HOSTILE[0], HOSTILE[2], HOSTILE[4], HOSTILE[7], HOSTILE[10]):
        assert name in said
    legend = tab.locator(".legend").inner_text()
    assert HOSTILE[4] in legend
    assert tab.url == tab.address


def test_planners_add_to_it_what_folium_offers(opened, evaluation):
    m = result_map(evaluation)
    folium.Marker([40.05, 117.4], popup="<b>县政府</b>", icon=folium.Icon("red")).add_to(
        folium.FeatureGroup(name="我的图层").add_to(m)
    )
    folium.FeatureGroup().add_to(m)
    tab = opened(page_of(m))
    assert [name.strip() for name in layer_names(tab)][-2:] == ["我的图层", "未命名图层"]
    assert tab.locator(".layer-group").all_inner_texts()[-1] == "其他图层"
    tab.locator("img.leaflet-marker-icon").click(force=True)
    assert tab.locator(".leaflet-popup-content").inner_text() == "县政府"
    assert noise(tab) == []


def test_the_same_result_gives_the_same_bytes(evaluation, text):
    assert page_of(result_map(evaluation)) == text


def test_it_fits_a_phone_and_a_sheet(opened, text):
    tab = opened(text, viewport=PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert not tab.locator(".legend-body").is_visible()
    tab.locator(".legend summary").click()
    assert tab.locator(".legend-body").is_visible()
    paper = opened(text, viewport=DESKTOP)
    pdf = paper.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    paper.emulate_media(media="print")
    assert paper.locator(".legend-body").is_visible()
    assert not paper.locator(".frame-lang").is_visible()
    assert noise(paper) == []


def test_another_site_is_drawn_when_named_and_an_unknown_one_refused(evaluation):
    assert "等时圈：邦均镇" in page_of(result_map(evaluation, site="bangjun"))
    for site in ("nowhere", "city"):
        with pytest.raises(InputError, match="no option"):
            result_map(evaluation, site=site)


def test_a_large_register_is_drawn_without_names(evaluation, monkeypatch):
    monkeypatch.setattr(maps, "NAMED_UP_TO", toy.N_FIRMS - 1)
    text = page_of(result_map(evaluation))
    assert "演示企业 机械-001" not in text
    assert "上仓镇" in text


def test_the_map_of_a_study_ranks_nothing(opened, evaluation):
    tab = opened(page_of(study_map(evaluation)))
    said = "\n".join(open_all(tab))
    assert "得分" not in said + tab.locator("body").inner_text()
    assert "新建" in said
    assert noise(tab) == []


def test_red_lines_are_drawn_with_what_they_decide(opened, evaluation):
    square = shapely.box(*evaluation.evidence.inputs.area.buffer(-0.05).bounds)
    rows = {"condition": "power", "verdict": "fail", "name": HOSTILE[0], "file": "x", "geometry": square}
    inputs = replace(evaluation.evidence.inputs, red_lines=pd.DataFrame([rows]))
    tab = opened(
        page_of(study_map(replace(evaluation, evidence=replace(evaluation.evidence, inputs=inputs))))
    )
    assert "红线" in {name.strip() for name in layer_names(tab)}
    told = open_all(tab)
    assert any(HOSTILE[0] in text and "供电" in text and "不通过" in text for text in told), told
    assert noise(tab) == []
