"""The form: a list goes in, a saved page comes out; what is wrong is said in words, not raised."""

import base64
import re
from datetime import UTC, datetime

import pytest

import siting
from siting.messages import text_of
from siting.outputs.new_study.starter import write_study
from siting.types import InputError
from siting.widgets import form as forms
from tests.outputs.frames import page_in

LIST = """企业名称,所属行业代码,乡镇,经度,纬度,从业人数
虚构食品厂,1411,上仓镇,117.39,39.90,80
虚构服装厂,1810,邦均镇,117.26,39.99,120
虚构家具厂,2110,邦均镇,117.27,39.98,30
<img src=x onerror=alert(1)>,水泥,某某乡,,,60
"""


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
def form(own_study):
    return siting.form(own_study / "data" / "scenarios" / "base.toml")


def downloaded(form):
    """What the link to the corrected list holds, and under which name."""
    found = re.search(r'download="([^"]+)" href="data:[^;]+;base64,([^"]+)"', form.download.value)
    return found[1], base64.b64decode(found[2])


def test_from_the_list_to_the_saved_page(form, own_study):
    """Chosen, checked, assigned, answered, weights moved, evaluated, drawn and saved: no code but clicks."""
    form.upload.value = (chosen("../企业名单.csv", LIST),)
    assert "已选择" in form.said["list"].value
    form.check.click()
    assert "未声明坐标系" in form.report.value
    assert "名单未能读取" in form.said["list"].value
    assert form.run.disabled
    form.reading.system.value, form.reading.locate.value = "WGS84", True
    form.check.click()
    assert "数据 4 行 = 采用 3 行 + 未采用 1 行" in form.report.value
    assert "企业名称（虚构食品厂、虚构服装厂" in form.report.value, "columns are shown with samples"
    assert "<img" not in form.report.value
    assert "采用 3 行，未采用 1 行" in form.said["list"].value
    towns, codes = form.assignments.towns, form.assignments.codes
    assert (list(towns), list(codes)) == (["某某乡"], ["2110"])
    assert "1 家：虚构家具厂" in form.assignments.box.children[1].children[1].value
    assert "<img" not in form.assignments.box.children[0].children[1].value
    towns["某某乡"].value, codes["2110"].value = "下仓镇", "33"
    form.again.click()
    assert "采用 4 行 + 未采用 0 行" in form.report.value
    assert list(codes) == ["2110", "水泥"], "a row that is used now brings its own code"
    codes["水泥"].value = "30"
    form.again.click()
    assert "均已指定" in form.open.value
    assert (form.folder.value, form.run.disabled, form.save.disabled) == ("企业名单", False, True)
    fields = form.questions.fields
    assert len(fields) == 5
    assert "现按 1 家计" in form.questions.box.children[0].children[0].value
    fields["study_year"].value, fields["register.origin"].value = "２０２４", "区市场监管局登记信息"
    form.weights["balance"].value, form.cutoff.value = 0, 30
    form.reading.standard.value, form.reading.columns["employees"].value = 2017, "从业人数"
    steps = []
    form.step.observe(lambda change: steps.append(change.new), names="value")
    form.run.click()
    assert (steps[0], steps[-2:]) == ("正在读取数据", ["正在绘制地图", ""])
    assert [text for text in steps if re.fullmatch(r"正在测算 \d+/\d+", text)], "how far the draws have come"
    assert "得分最高" in form.found.value
    evaluation = form.result.evaluation
    scenario = evaluation.scenario
    assert (scenario.groups.balance, scenario.coverage.cutoff_min, scenario.study_year) == (0, 30, 2024)
    register = scenario.register_
    assert (register.columns, register.industry_standard) == ({"employees": "从业人数"}, 2017)
    assert evaluation.open_questions == ("expansion", "weights")
    assert "下仓镇" in page_in(form.found.value)
    assert sorted(evaluation.evidence.inputs.enterprises["industry"]) == ["1411", "1810", "30", "33"]
    assert not [issue for issue in evaluation.evidence.inputs.issues if issue.code in ("E402", "E405")]
    form.cutoff.value = 35
    assert "仍按改动前测算" in form.said["run"].value
    form.save.click()
    folder = own_study / "maps" / "企业名单"
    assert {"index.html", "map.html", "results.xlsx", "study"} <= {path.name for path in folder.iterdir()}
    assert "index.html" in form.said["keep"].value
    issues = (folder / "issues.csv").read_text(encoding="utf-8-sig")
    assert "按对照表改作 33" in issues, "what was assigned is on record"
    assert (folder / "study" / "企业名单-更正.xlsx").read_bytes() == downloaded(form)[1]
    again = siting.load(folder / "study" / "scenarios" / "企业名单.toml").run()
    assert again.table.equals(form.result.table), "the study that is saved repeats the run shown"
    form.upload.value = (chosen("下月.csv", LIST),)
    assert (form.result, form.found.value, form.save.disabled) == (None, "", True)
    assert form.questions.fields == {}, "another list has another year and origin"


def test_the_corrected_list_reads_back_whole(form, tmp_path):
    form.upload.value = (chosen("企业名单.csv", LIST),)
    form.reading.system.value, form.reading.locate.value = "WGS84", True
    form.check.click()
    assert "未采用 1 行" in form.said["list"].value
    form.assignments.towns["某某乡"].value = "下仓镇"
    form.again.click()
    name, content = downloaded(form)
    assert name == "企业名单-更正.xlsx"
    (tmp_path / name).write_bytes(content)
    again = siting.read_enterprises(tmp_path / name, locate="town")
    assert (len(again.frame), len(again.set_aside)) == (4, 0)
    assert again.frame["town"].tolist()[-1] == "下仓镇"
    assert again.frame["name"].tolist()[-1].startswith("<img")


def test_what_is_wrong_is_said(form):
    form.check.click()
    assert text_of("E845").zh in form.said["list"].value
    form.upload.value = (chosen("x.csv", "<b>x</b>"),)
    form.check.click()
    assert form.run.disabled
    assert "<b>x" not in form.report.value
    form.folder.value = "con"
    form.run.click()
    assert form.result is None
    assert "<p><b>" in form.said["run"].value
    assert "程序自身的故障" not in form.said["run"].value
    form.save.click()
    assert form.result is None


def test_half_an_answer_and_words_for_a_number_are_refused(form):
    form.upload.value = (chosen("企业名单.csv", LIST),)
    form.reading.system.value = "WGS84"
    form.check.click()
    fields = form.questions.fields
    fields["weights_record.set_by"].value = "选址领导小组"
    form.run.click()
    assert text_of("E861").zh in form.said["run"].value
    fields["weights_record.set_on"].value, fields["study_year"].value = "2026-03-05", "去年"
    form.run.click()
    assert "study_year" in form.said["run"].value
    assert form.result is None
    stated = form.questions.settings()
    assert stated["weights_record"] == {"set_by": "选址领导小组", "set_on": "2026-03-05"}


def test_a_list_that_leaves_its_reading_open_is_read_as_said(form):
    """What the check speaks of, such as columns and the year of the standard, can be stated."""
    text = LIST.replace("企业名称", "甲").replace("所属行业代码", "乙").replace("1411", "A0111")
    form.upload.value = (chosen("企业名单.csv", text),)
    form.reading.system.value = "WGS84"
    form.check.click()
    assert form.run.disabled
    reading = form.reading
    reading.columns["name"].value, reading.columns["industry"].value = "甲", "乙"
    reading.standard.value = 2017
    form.check.click()
    assert "采用 3 行，未采用 1 行" in form.said["list"].value
    assert reading.columns["industry"].placeholder == "乙"
    assert reading.columns["uscc"].placeholder == "名单中未识别出此列"
    assert "E315" not in form.report.value


def test_another_list_starts_anew(form):
    form.upload.value = (chosen("企业名单.csv", LIST),)
    form.reading.system.value = "WGS84"
    form.check.click()
    assert form.assignments.box.children
    assert not form.run.disabled
    form.upload.value = (chosen("下月.csv", LIST),)
    assert form.assignments.box.children == ()
    assert (form.report.value, form.run.disabled, form.folder.value) == ("", True, "下月")


def test_a_study_of_residents_is_no_place_for_a_list_of_enterprises(tmp_path):
    write_study(tmp_path / "fire", "fire-station")
    with pytest.raises(InputError, match="base.toml: the form takes lists of enterprises"):
        siting.form(tmp_path / "fire" / "data" / "scenarios" / "base.toml")


def test_it_speaks_english_and_needs_ipywidgets(base_study, monkeypatch):
    monkeypatch.setattr(forms, "load", lambda _: base_study)
    panel = siting.form(lang="en")
    assert panel.check.description == "Check the list"
    shown = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert "Controls stand here" in shown["text/html"]
