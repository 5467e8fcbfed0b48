"""`siting app` driven as a planner does: from a list to a saved page in Chromium, without a line of code."""

import re
from urllib.parse import urlsplit

import pytest

import siting
from tests.outputs.browsing import DESKTOP
from tests.outputs.conftest import browser  # noqa: F401 - a fixture
from tests.widgets.serving import LONG_MS, served

LIST = """某某区统计局 企业名录,,,,,
单位详细名称,行业小类代码,所在乡镇,经度,纬度,期末从业人员
虚构食品厂,1411,上仓镇,117.396,39.901,80
虚构服装厂,1810,邦均镇,117.266,39.992,120
虚构家具厂,2110,邦均镇,117.271,39.983,30
=虚构水泥厂,3011,某某乡,,,60
,1411,上仓镇,117.391,39.902,8
<img src=x onerror=alert(1)>厂,1512,<b>乡</b>,117.392,39.903,8
"""


@pytest.fixture
def address(own_study):
    """Where the form of the study is served, by the very command that a planner types."""
    with served(own_study, "app", "--Voila.port_retries=0") as found:
        yield found


@pytest.mark.browser
def test_from_the_list_to_the_saved_page_in_the_browser(browser, address, own_study, tmp_path):  # noqa: F811
    context = browser.new_context(viewport=DESKTOP, locale="zh-CN", accept_downloads=True)
    tab, elsewhere, broken = context.new_page(), [], []
    tab.on("request", lambda request: elsewhere.append(request.url))
    tab.on("pageerror", lambda error: broken.append(str(error)))
    tab.on("dialog", lambda dialog: broken.append(dialog.message))

    def click(name):
        tab.get_by_role("button", name=name, exact=True).click()

    def told(text, timeout=LONG_MS):
        tab.get_by_text(text).first.wait_for(timeout=timeout)

    tab.goto(address)
    assert tab.title() == "企业名单选址测算"
    choose = tab.get_by_role("button", name=re.compile("选择名单文件"))
    choose.wait_for(timeout=LONG_MS)
    shown = tab.locator("body").inner_text()
    assert not re.search(r"[A-Za-z]{3,}", re.sub("GCJ-02|BD-09|WGS84|CGCS2000|GPS", "", shown)), shown

    click("核对名单")
    told("尚未选择名单文件")
    with tab.expect_file_chooser() as chooser:
        choose.click()
    content = LIST.encode("gb18030")
    chooser.value.set_files({"name": "企业名单.csv", "mimeType": "text/csv", "buffer": content})
    told("已选择 企业名单.csv，请点“核对名单”。")
    tab.get_by_label("坐标系").select_option(label="GCJ-02（高德、腾讯地图取点）")
    tab.get_by_label("无坐标的企业按所在乡镇定位").check()
    click("核对名单")
    told("核对完毕：采用 4 行，未采用 2 行。")
    told("1 家：虚构家具厂")
    told("1 家：<img src=x onerror=alert(1)>厂")
    assert tab.get_by_label("<b>乡</b>").count() == 1, "names are text"

    tab.get_by_label("某某乡").select_option(label="下仓镇")
    tab.get_by_label("2110").select_option(label="建材（按 30 计）")
    click("按指定重新核对")
    told("核对完毕：采用 5 行，未采用 1 行。")
    tab.get_by_label("年份").fill("2024")
    tab.get_by_label("名单来源与使用依据").fill("区市场监管局登记信息")
    click("测算排序")
    told("测算完毕")
    told("得分最高")
    assert tab.locator("td", has_text="上仓酒业绿色食品加工区").count() == 1, "the ranking"
    drawn = tab.frame_locator("iframe")
    drawn.locator(".leaflet-control-zoom").wait_for(timeout=LONG_MS)
    assert drawn.locator(".leaflet-interactive, .leaflet-marker-icon").count() > 7, "sites and enterprises"

    click("保存")
    told("已存入文件夹")
    folder = own_study / "maps" / "企业名单"
    assert {"index.html", "map.html", "results.xlsx"} <= {path.name for path in folder.iterdir()}
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "区市场监管局登记信息" in (folder / "manifest.json").read_text(encoding="utf-8")
    assert "=虚构水泥厂" in page

    with tab.expect_download() as link:
        tab.get_by_role("link", name="下载更正后的名单").click()
    assert link.value.suggested_filename == "企业名单-更正.xlsx"
    link.value.save_as(tmp_path / "更正.xlsx")
    again = siting.read_enterprises(tmp_path / "更正.xlsx", locate="town")
    assert (len(again.frame), len(again.set_aside)) == (5, 0)
    assert dict(zip(again.frame["name"], again.frame["industry"], strict=True))["虚构家具厂"] == "30"
    assert again.frame["town"].tolist() == ["上仓镇", "邦均镇", "邦均镇", "下仓镇", "<b>乡</b>"]

    hosts = {urlsplit(url).netloc for url in elsewhere if not url.startswith(("data:", "blob:", "about:"))}
    assert hosts == {urlsplit(address).netloc}, "nothing comes from the network"
    assert broken == []
    context.close()
