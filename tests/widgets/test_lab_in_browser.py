"""`siting lab` driven by somebody who never programmed: the first notebook, its form, a saved page."""

import re
import shutil
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import TimeoutError as NotSeen

from tests.outputs.browsing import DESKTOP
from tests.outputs.conftest import browser  # noqa: F401 - a fixture
from tests.paths import ROOT
from tests.widgets.serving import LONG_MS, served

LIST = """企业名称,行业代码,乡镇,经度,纬度,从业人数
虚构食品厂,1411,上仓镇,117.39,39.90,80
虚构服装厂,1810,邦均镇,117.26,39.99,120
"""
NOTEBOOK = "00-start-here.ipynb"


@pytest.fixture
def address(own_study):
    """Where Lab shows the study of the folder, by the very command that a planner types."""
    (own_study / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / NOTEBOOK, own_study / "notebooks")
    with served(own_study, "lab", "--IdentityProvider.token=", "--ServerApp.port_retries=0") as found:
        yield found


@pytest.mark.browser
def test_from_the_list_to_the_saved_page_in_lab(browser, address, own_study):  # noqa: F811
    """No code is typed: cells are run, a file is chosen, buttons are clicked."""
    context = browser.new_context(viewport=DESKTOP, locale="zh-CN")
    tab, elsewhere = context.new_page(), []
    tab.on("request", lambda request: elsewhere.append(request.url))
    tab.goto(address)
    cells = tab.locator(".jp-Notebook .jp-Cell")
    cells.first.wait_for(timeout=LONG_MS)
    tab.get_by_text("Python 3 (ipykernel) | 空闲").first.wait_for(timeout=LONG_MS)
    assert tab.get_by_role("menuitem", name="文件").count() == 1, "Lab speaks Chinese"
    choose = tab.get_by_role("button", name=re.compile("选择名单文件"))
    for patience_ms in (10_000, 20_000, LONG_MS):
        # Lab may still lay itself out and take the keys; whoever sees no form presses them again.
        cells.first.click()
        for _ in range(4):
            tab.keyboard.press("Shift+Enter")
        with suppress(NotSeen):
            choose.wait_for(timeout=patience_ms)
            break
    assert choose.is_visible()
    with tab.expect_file_chooser() as chooser:
        choose.click()
    content = LIST.encode("utf-8")
    chooser.value.set_files({"name": "企业名单.csv", "mimeType": "text/csv", "buffer": content})

    def click(name):
        tab.get_by_role("button", name=name, exact=True).click()

    def told(text):
        tab.get_by_text(text).first.wait_for(timeout=LONG_MS)

    told("已选择 企业名单.csv")
    tab.get_by_label("坐标系").select_option(label="GCJ-02（高德、腾讯地图取点）")
    click("核对名单")
    told("核对完毕：采用 2 行，未采用 0 行。")
    click("测算排序")
    told("测算完毕")
    told("得分最高")
    tab.frame_locator("iframe").locator(".leaflet-control-zoom").wait_for(timeout=LONG_MS)
    click("保存")
    told("已存入文件夹")
    folder = own_study / "maps" / "企业名单"
    assert {"index.html", "map.html", "results.xlsx"} <= {path.name for path in folder.iterdir()}
    hosts = {urlsplit(url).netloc for url in elsewhere if url.startswith("http")}
    assert hosts == {urlsplit(address).netloc}, "nothing comes from the network"
    context.close()
