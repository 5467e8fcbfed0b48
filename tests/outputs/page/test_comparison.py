"""The page of a comparison: short however many rows, no script, hostile names as text."""

from dataclasses import replace

import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

import siting
from siting.outputs.comparison.comparison_page import comparison_page
from tests.study import monthly_lists as lists

HOSTILE = '<img src=x onerror="alert(1)">\u202e=1+1"&{name}'
LARGEST, TALLEST = 300_000, 3000
"""Bytes and pixels (at 1366 wide) of the page, however many rows."""


def compared(study, first, second):
    tables = [siting.read_enterprises(path, crs="WGS84") for path in (first, second)]
    return siting.compare(
        *(study.with_(enterprises=t, name=n).run() for t, n in zip(tables, ("十月", "十一月"), strict=True))
    )


@pytest.fixture(scope="module")
def many(base_study, tmp_path_factory):
    """Nine hundred firms with long and hostile names, most of them changed."""
    folder = tmp_path_factory.mktemp("many")
    towns = list(lists.TOWNS.values())
    firms = {}
    for n in range(900):
        lon, lat = towns[n % 5]
        place = {"lon": lon + 0.0013 * (n % 37), "lat": lat + 0.0011 * (n % 41)}
        firms[n] = lists.firm(n, name=f"{HOSTILE}{n}" + "长" * 150, employees=20, **place)
    second = {n: dict(cells) for n, cells in firms.items() if n % 7}
    for n, cells in second.items():
        if n % 2:
            cells |= {"lon": cells["lon"] + 0.03}
        if n % 3:
            cells |= {"employees": 90}
    second |= {2000 + n: lists.firm(2000 + n, name=f"新{n}{HOSTILE}") for n in range(150)}
    paths = [lists.write(folder / f"{n}.csv", lists.Month(rows)) for n, rows in enumerate((firms, second))]
    return compared(base_study, *paths)


@pytest.fixture(scope="module")
def pages(many, browser_path, tmp_path_factory):
    """Heights, widths, requests and running scripts of the page in both languages, at two widths."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for lang in ("zh", "en"):
            path = folder / f"{lang}.html"
            path.write_text(many.explore(lang=lang).source, encoding="utf-8")
            for width in (1366, 390):
                page = browser.new_page(viewport={"width": width, "height": 900})
                told = []
                page.on("dialog", lambda dialog, told=told: (told.append(dialog.message), dialog.dismiss()))
                page.on("console", lambda message, told=told: told.append(message.text))
                page.on("request", lambda request, told=told: told.append(request.url))
                page.goto(path.as_uri())
                size = page.evaluate(
                    "[document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
                )
                pictures = page.locator("img").count()
                found[lang, width] = (path.stat().st_size, *size, told[1:], pictures)
        browser.close()
    return found


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_short_however_many_rows(pages, lang):
    size, height, width, told, pictures = pages[lang, 1366]
    assert size <= LARGEST
    assert height <= TALLEST
    assert (width, told, pictures) == (1366, [], 0)
    assert pages[lang, 390][2] == 390, "tables scroll by themselves on a phone"


def test_hostile_names_are_text(many):
    page = many.explore(lang="zh").source
    assert "<img" not in page
    assert "&lt;img src=x" in page
    assert "\u202e" not in page
    assert "<script" not in page


def test_the_rest_is_summed_and_counted(many):
    """What the page lists and what it sums come to the whole."""
    page = many.explore(lang="en").source
    units = many.attribution.rows.index.unique("unit")
    assert f"The other {len(units) - 8:,} together" in page


def test_the_page_says_what_changed_and_what_that_did(base_study, tmp_path):
    keep = (0, 1, 2, 3, 4, 5, 7, 12, 40)
    paths = [
        lists.write(tmp_path / f"{n}.csv", lists.Month({k: m.firms[k] for k in keep if k in m.firms}))
        for n, m in enumerate((lists.october(), lists.november()))
    ]
    found = compared(base_study, *paths)
    page = found.explore().source
    assert "新增 1、注销 1、迁移 1、规模变化 1、补充坐标 1" in page
    assert page.count("<svg class") == 2
    for text in ("得分最高", "评分标准重算", "Shapley 1953", "从业人员 104→500", "最大后悔值"):
        assert text in page
    english = found.explore(lang="en").source
    assert "New: 1, Gone: 1, Moved: 1, Resized: 1, Coordinates given: 1" in english
    assert english.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_scenarios_of_one_register_show_no_map(base_study, base_result):
    other = base_study.with_(name="覆盖二十分钟", settings={"coverage.cutoff_min": 20}).run()
    page = siting.compare(base_result, other).explore().source
    assert "两份名录的企业没有变化" in page
    assert "<svg class" not in page
    assert "测算设置" in page
    assert "coverage.cutoff_min" in page


def test_a_page_of_three_tells_of_the_last(base_study, base_result):
    others = [base_study.with_(name=f"覆盖{m}", settings={"coverage.cutoff_min": m}).run() for m in (20, 25)]
    found = siting.compare(base_result, *others)
    assert [difference.names for difference in found.differences] == [("base", "覆盖20"), ("base", "覆盖25")]
    moved = found.differences[0].shares.kinds.loc["settings"]["score"].dropna()
    expected = (found.table["覆盖20"] - found.table["base"])[moved.index]
    pd.testing.assert_series_equal(moved, expected, check_names=False, atol=1e-9)
    source = comparison_page(
        {name: result.evaluation for name, result in found.results.items()},
        found.table,
        found.regret,
        found.differences,
    )
    assert source == replace(found).explore().source
