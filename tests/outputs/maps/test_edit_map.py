"""Sites and red lines put onto a study's map by mouse and by keys, handed over as files that are read."""

import pytest

from siting.inputs.sections import RedLines
from siting.inputs.tables.areas.red_lines import read_red_lines
from siting.inputs.tables.read_table import read_table
from siting.outputs.maps.edit_map import edit_map
from tests.outputs import toy
from tests.outputs.browsing import noise
from tests.outputs.maps.test_offline_map import page_of

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def tab(opened):
    return opened(page_of(edit_map(toy.with_summaries(toy.evaluation()))))


def button(tab, name):
    return tab.locator(".editor").get_by_role("button", name=name)


def file_of(tab, name, folder):
    with tab.expect_download() as found:
        button(tab, name).click()
    path = folder / found.value.suggested_filename
    found.value.save_as(path)
    return path


def middle(tab):
    box = tab.locator(".folium-map").bounding_box()
    return box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"]


def test_sites_are_put_by_click_and_by_key_and_read_as_candidates(tab, tmp_path):
    assert not button(tab, "下载场址").is_visible()
    button(tab, "添加场址").click()
    tab.mouse.click(*middle(tab))
    rows = tab.locator(".editor fieldset")
    assert rows.count() == 1, "one click is one site"
    tab.mouse.click(*middle(tab))
    assert rows.count() == 1, "what is clicked afterwards is no site"
    rows.nth(0).get_by_label("名称").fill(HOSTILE)
    rows.nth(0).get_by_label("面积（亩）").fill("12.5")
    button(tab, "添加场址").click()
    tab.keyboard.press("Enter")
    rows.nth(1).get_by_label("经度（WGS-84）").fill("117.4")
    rows.nth(1).get_by_label("地价（万元/亩）").fill("9")
    assert 'study.with_sites("新增场址.geojson")' in tab.locator(".editor code").inner_text()
    table = read_table(file_of(tab, "下载场址", tmp_path), "sites")
    assert (len(table.frame), len(table.set_aside)) == (2, 0)
    assert table.frame["name"].tolist() == [HOSTILE, "新增场址 2"]
    assert table.frame["lon"].iloc[1] == 117.4
    area, price = table.frame["land_area_mu"], table.frame["land_price_wan"]
    assert (area.iloc[0], price.iloc[1]) == (12.5, 9)
    assert area.isna().tolist() == [False, True]
    rows.nth(0).get_by_role("button", name="删除").click()
    assert rows.count() == 1
    assert noise(tab) == []


def test_red_lines_are_drawn_and_read_as_conditions(tab, tmp_path):
    x, y = middle(tab)
    button(tab, "画红线").click()
    tab.mouse.click(x, y)
    tab.keyboard.press("Escape")
    assert tab.locator(".editor fieldset").count() == 0, "Esc ends what was begun"
    button(tab, "画红线").click()
    for dx, dy in ((0, 0), (60, 0), (60, 60)):
        tab.mouse.click(x + dx, y + dy, delay=10)
    button(tab, "完成").click()
    tab.locator(".editor fieldset").get_by_role("combobox").select_option("flood_detention")
    file = file_of(tab, "下载红线", tmp_path)
    (line,) = read_red_lines(RedLines(file=file, column="condition", label="name")).to_dict("records")
    assert (line["condition"], line["name"], line["verdict"]) == ("flood_detention", "红线 1", "fail")
    assert line["geometry"].area > 0
    assert "with_red_lines" in tab.locator(".editor code").inner_text()
    assert noise(tab) == []
