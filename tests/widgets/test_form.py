"""The form: a list goes in, a saved page comes out; what is wrong is said in words, not raised."""

from datetime import UTC, datetime

import pytest

import siting
from siting.messages import text_of
from siting.widgets import form as forms
from tests.outputs.frames import page_in

LIST = """企业名称,所属行业代码,乡镇,经度,纬度,从业人数
虚构食品厂,1411,上仓镇,117.39,39.90,80
虚构服装厂,1810,邦均镇,117.26,39.99,120
<img src=x onerror=alert(1)>,3031,某某乡,,,60
"""
QUICK = {"robustness.quick_seeds": 1, "robustness.joint_draws": 20}


def chosen(name, text):
    content = text.encode("utf-8")
    return {
        "name": name,
        "type": "text/csv",
        "size": len(content),
        "content": content,
        "last_modified": datetime(2026, 1, 1, tzinfo=UTC),
    }


@pytest.fixture
def form(base_study, monkeypatch, tmp_path):
    monkeypatch.setattr(forms, "load", lambda _: base_study.with_(settings=QUICK))
    monkeypatch.setattr(forms, "maps_folder", lambda _: tmp_path / "maps")
    return siting.form()


def test_from_the_list_to_the_saved_page(form, tmp_path):
    """Chosen, checked, a township assigned, weights moved, evaluated, drawn and saved: no code but clicks."""
    form.upload.value = (chosen("../企业名单.csv", LIST),)
    form.check.click()
    assert "未声明坐标系" in form.report.value
    assert form.run.disabled
    form.system.value, form.locate.value = "WGS84", True
    form.check.click()
    assert "数据 3 行 = 采用 2 行 + 未采用 1 行" in form.report.value
    assert "企业名称（虚构食品厂、虚构服装厂" in form.report.value, "columns are shown with samples"
    assert "<img" not in form.report.value
    (town,) = form.towns.children
    assert town.description == "某某乡"
    assert text_of("E845").zh not in form.said.value
    town.value = "下仓镇"
    form.check.click()
    assert "采用 3 行 + 未采用 0 行" in form.report.value
    assert (form.folder.value, form.run.disabled, form.save.disabled) == ("企业名单", False, True)
    form.weights["balance"].value, form.cutoff.value = 0, 30
    form.run.click()
    assert "得分最高" in form.found.value
    scenario = form.result.evaluation.scenario
    assert (scenario.groups.balance, scenario.coverage.cutoff_min) == (0, 30)
    assert "下仓镇" in page_in(form.found.value)
    form.save.click()
    written = {path.name for path in (tmp_path / "maps" / "企业名单").iterdir()}
    assert {"index.html", "map.html", "results.xlsx"} <= written
    assert "index.html" in form.said.value


def test_what_is_wrong_is_said(form):
    form.check.click()
    assert text_of("E845").zh in form.said.value
    form.upload.value = (chosen("x.csv", "<b>x</b>"),)
    form.check.click()
    assert form.run.disabled
    assert "<b>x" not in form.report.value
    form.table, form.folder.value = None, "con"
    form.run.click()
    assert form.result is None
    assert "<p><b>" in form.said.value
    form.save.click()
    assert form.result is None


def test_it_speaks_english_and_needs_ipywidgets(base_study, monkeypatch):
    monkeypatch.setattr(forms, "load", lambda _: base_study)
    panel = siting.form(lang="en")
    assert panel.check.description == "Check the list"
    shown = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "Controls stand here" in shown["text/html"]
