"""Facts of the report on the page: what the panel shows of them, and the marks of the matrix."""

import pytest

from siting.outputs.page.page import render_page
from siting.outputs.page.summaries import concern_rows
from siting.outputs.text.wording import say


@pytest.fixture(scope="module")
def evaluation(base_result):
    return base_result.evaluation


def test_pillar_industries_by_services_are_marked_by_phase(evaluation):
    rows = concern_rows(evaluation)
    assert len(rows["industries"]) == 8
    marks = {name: marks for (name, _), marks in rows["services"]}
    assert marks["压力容器定期检验"] == "x" * 8
    assert marks["压力表等计量器具检定"] == "1" * 8
    assert set(marks["化工产品检验"]) == {" ", "2"}
    assert set(marks["食品、白酒型式检验"]) == {" ", "1"}
    industries = list(evaluation.evidence.inputs.industries.index)
    chemicals = rows["industries"].index(industries.index("chemicals"))
    assert marks["化工产品检验"][chemicals] == "2"


@pytest.mark.browser
def test_a_reader_of_the_page_finds_each_fact_of_the_report(opened, evaluation):
    page = render_page(evaluation)
    assert len(page.encode("utf-8")) < 350_000
    tab = opened(page, hash_="#l=zh")
    asked = tab.locator("#concerns").text_content()
    for fact in (
        *(
            "目前只是意向",
            "21 台",
            "安全事项",
            "原始资料遗失",
            "10 家",
            "口头",
            "2011 年提出",
            "未注明有效期",
        ),
        *("无偿提供用地", "150 万元", "小时/年", "特种设备安全监察条例", "1 期建成后", "2 期建成后"),
    ):
        assert fact in asked, fact
    cells = tab.locator("#concerns td").all_text_contents()
    assert {say("concerns.here", "zh", phase=1), say("concerns.here", "zh", phase=2), "不承接"} <= set(cells)
    assert "流动检测与上门服务" in tab.locator("#options").text_content()
    english = opened(page, hash_="#l=en").locator("#concerns").text_content()
    assert "21 pieces" in english
    assert "tested from phase 2" in english
