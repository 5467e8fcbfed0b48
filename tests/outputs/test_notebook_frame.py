"""The frame of a notebook: its page unpacks and keeps its policy; without scripts words and picture stand."""

import pytest

from siting.outputs.inlining import policy
from siting.outputs.maps.result_map import result_map
from siting.outputs.notebook_frame import notebook_frame
from tests.outputs import toy
from tests.outputs.browsing import noise
from tests.outputs.frames import page_in

ALLOWED, FORBIDDEN = "parent.ran = 'allowed'", "parent.ran = 'forbidden'"
PAGE = (
    '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8">'
    f'<meta http-equiv="Content-Security-Policy" content="{policy([ALLOWED])}"></head>'
    f"<body>页<script>{FORBIDDEN}</script><script>{ALLOWED}</script></body></html>"
)


def test_a_page_unpacks_in_its_frame_and_keeps_its_policy(opened):
    shown = notebook_frame(PAGE, "题", "zh", height="300px")
    assert page_in(shown) == PAGE
    tab = opened(f'<!DOCTYPE html><meta charset="utf-8">{shown}')
    tab.frame_locator("iframe").get_by_text("页").wait_for()
    assert tab.evaluate("window.ran") == "allowed"
    told = noise(tab)
    assert len(told) == 1, "the script that the policy does not admit"
    assert "Content Security Policy" in told[0]


def test_a_map_is_drawn_in_its_frame(opened):
    shown = result_map(toy.with_summaries(toy.evaluation()))._repr_html_()
    tab = opened(f'<!DOCTYPE html><meta charset="utf-8">{shown}')
    frame = tab.frame_locator("iframe")
    frame.locator(".site.best").wait_for()
    assert frame.locator(".leaflet-overlay-pane canvas").count() >= 1
    assert noise(tab) == []


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "请在菜单“文件”中选择“信任笔记本”"), ("en", "Trust this notebook")]
)
def test_where_nothing_may_run_words_and_a_picture_stand(opened, lang, words):
    """JupyterLab drops frames and scripts of a notebook that is not trusted; images of data it keeps."""
    shown = result_map(toy.with_summaries(toy.evaluation()), lang=lang)._repr_html_()
    untrusted = shown[: shown.index("<iframe")] + "</div>"
    tab = opened(f'<!DOCTYPE html><meta charset="utf-8">{untrusted}', scripts=False)
    assert words in tab.locator("p").inner_text()
    box = tab.locator("img").bounding_box()
    assert box["width"] > 300
    assert box["height"] > 200
