"""`siting weights` as departments meet it: sheets out and back, questions one by one, records summed up."""

import io
import json
import shutil
import tomllib

import openpyxl
import pytest
from typer.testing import CliRunner

from siting.cli import app
from siting.commands import ask_weights
from siting.scenario.build import read_scenario
from siting.scenario.toml_files import DEFAULT
from siting.scenario.weight_records import read_record, read_records
from siting.study.read_inputs import read_inputs
from tests.paths import ROOT

ANSWERS = {
    **{"who": "甲", "given_on": "2011-05-20", "before_results": "是"},
    **{"enterprises": 100, "industries": 80, "building": 40, "balance": 50},
    **{"hours_saved": 100, "demand_covered": 70, "industry_coverage": 100, "worst_industry": 60},
    **{"net_cost_wan": 100, "staff_commute_min": 30, "check": "300万元"},
}
"""What a department of a made-up meeting answers."""


def siting(*arguments):
    return CliRunner().invoke(app, ["weights", *map(str, arguments)])


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """The sheet of the default study, names hidden, not filled in."""
    path = tmp_path_factory.mktemp("blank") / "q.xlsx"
    done = siting("--blind", "--sheet", path)
    assert done.exit_code == 0, done.output
    return path.read_bytes()


def cells(content):
    return [
        list(row)
        for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    ]


def filled(content, path, department, **changed):
    """Fill in a sheet as a person does: the yellow cells."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    answers = {"department": department, **ANSWERS, **changed}
    for row in book.worksheets[0].iter_rows(min_row=2):
        if not row[6].protection.locked:
            row[6].value = answers[row[0].value]
    book.save(path)
    return path


# the sheet ------------------------------------------------------------------------------------------


def test_a_blind_sheet_names_no_site_and_no_result(blank):
    book = openpyxl.load_workbook(io.BytesIO(blank))
    text = " ".join(
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell
    )
    sites = read_inputs(read_scenario(DEFAULT)).sites
    names = [*sites["name"], *sites["name_en"], *sites.index[sites["lon"].notna()]]
    assert [name for name in names if name in text] == []
    assert "26,310 小时/年变到 31,080 小时/年" in text
    assert "from 26,310 h/yr to 31,080 h/yr" in text


def test_an_open_sheet_names_the_sites_at_the_ends(tmp_path):
    done = siting("--sheet", tmp_path / "q.xlsx")
    assert done.exit_code == 0, done.output
    rows = {row[0]: row for row in cells((tmp_path / "q.xlsx").read_bytes())}
    assert "26,310 小时/年（马伸桥镇）变到" in rows["hours_saved"][1]
    assert rows["blind"][6] == "no"


def test_only_the_answers_can_be_written(blank):
    sheet = openpyxl.load_workbook(io.BytesIO(blank)).worksheets[0]
    assert sheet.protection.sheet
    open_cells = {
        row[0].value for row in sheet.iter_rows(min_row=2) for cell in row if not cell.protection.locked
    }
    assert open_cells == {*ANSWERS, "department"}
    assert sum(not cell.protection.locked for row in sheet.iter_rows(min_row=2) for cell in row) == len(
        open_cells
    )


def test_equal_studies_give_equal_sheets(blank, tmp_path):
    siting("--blind", "--sheet", tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == blank


def test_criteria_left_out_and_narrow_ranges_are_told(blank):
    notes = " ".join(
        str(row[0])
        for row in openpyxl.load_workbook(io.BytesIO(blank)).worksheets[1].iter_rows(values_only=True)
    )
    assert "不提问、不计权重：报告的权威性" in notes
    assert "不要凭指标名称：净费用" in notes


# read back ------------------------------------------------------------------------------------------


def test_a_filled_sheet_becomes_a_record(blank, tmp_path):
    sheet = filled(blank, tmp_path / "质监局.xlsx", "质监局")
    done = siting("--read", sheet, "--json")
    assert done.exit_code == 0, done.output
    told, raw = json.loads(done.stdout), tomllib.loads((tmp_path / "质监局.toml").read_text(encoding="utf-8"))
    record, _ = read_record(tmp_path / "质监局.toml")
    assert (record.department, record.who, record.given_on) == ("质监局", "甲", "2011-05-20")
    assert (record.blind, record.before_results, record.method) == (True, True, "swing")
    assert record.check.amount == 300
    assert told["weights"] == pytest.approx(raw["result"]["weights"], abs=1e-6)
    # Groups 100 : 80 : 40 : 50, within the third 100 : 20 : 30.
    assert told["shares"]["net_cost_wan"] == pytest.approx(40 / 270 * 100 / 130)
    assert told["shares"]["hours_saved"] == pytest.approx(100 / 270 * 100 / 170)
    implied = told["shares"]["hours_saved"] / told["shares"]["net_cost_wan"] * (6323.5 - 6316.73)
    assert told["check_implied"] == pytest.approx(implied)
    assert told["check_factor"] == pytest.approx(300 / implied)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hours_saved": None}, "no answer for: hours_saved"),
        ({"given_on": None}, "no answer for: given_on"),
        ({"hours_saved": 90}, "none of hours_saved, demand_covered has 100"),
        ({"building": 140}, "building: 140 is not between 0 and 100"),
        ({"net_cost_wan": "很重要"}, "'很重要' is no answer"),
        ({"before_results": "也许"}, "'也许' is no answer"),
    ],
)
def test_answers_that_are_none_are_refused(blank, tmp_path, changed, said):
    sheet = filled(blank, tmp_path / "s.xlsx", "质监局", **changed)
    done = siting("--read", sheet, "--lang", "en")
    assert done.exit_code == 1
    assert said in done.output
    assert not (tmp_path / "s.toml").exists()


def test_answers_are_not_written_over(blank, tmp_path):
    sheet = filled(blank, tmp_path / "s.xlsx", "质监局")
    assert siting("--read", sheet).exit_code == 0
    before = (tmp_path / "s.toml").read_bytes()
    done = siting("--read", sheet, "--lang", "en")
    assert done.exit_code == 1
    assert "s.toml is there already" in done.output
    assert (tmp_path / "s.toml").read_bytes() == before


def test_names_in_a_sheet_are_text(blank, tmp_path):
    sheet = filled(blank, tmp_path / "s.xlsx", '某局"\n[x]\ny = 1 # ', who="某\u202e人", given_on="2011-05")
    assert siting("--read", sheet).exit_code == 0
    assert set(tomllib.loads((tmp_path / "s.toml").read_text(encoding="utf-8"))) == {
        *("record", "groups", "criteria", "check", "result")
    }


# asked one by one -----------------------------------------------------------------------------------


def test_questions_on_a_terminal(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    typed = iter(["", "甲", "是", "1", "80", "40", "50", "1", "七十", "70", "1", "60", "1", "30", "300"])
    asked = []

    def answer(prompt):
        asked.append(prompt)
        return next(typed)

    monkeypatch.setattr(ask_weights, "at_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    person = ("--department", "质监局", "--on", "2011-05-20")
    done = siting("--blind", *person)
    assert done.exit_code == 0, done.output
    assert next(typed, None) is None
    assert [prompt.startswith("填写人") for prompt in asked[:3]] == [True, True, False], "asked until told"
    assert "“七十”不能作为回答" in done.output
    record, _ = read_record(tmp_path / "质监局.toml")
    assert {g.name: g.answer for g in record.groups} == {
        **{"enterprises": 100, "industries": 80, "building": 40, "balance": 50}
    }
    assert {c.name: c.answer for c in record.criteria}["worst_tenth_min"] == 100
    assert "马伸桥" not in done.output


def test_ranks_on_a_terminal(monkeypatch, tmp_path):
    typed = iter(["", "1", "2", "3", "4", "1", "2", "2", "1", "1", "3", "2", ""])
    monkeypatch.setattr(ask_weights, "at_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    out = tmp_path / "r.toml"
    person = ("--department", "质监局", "--who", "甲", "--on", "2011-05-20")
    done = siting("--method", "ranked", "--out", out, "--json", *person)
    assert done.exit_code == 0, done.output
    shares = json.loads(done.stdout[done.stdout.index("{") :])["shares"]
    assert shares["hours_saved"] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4 * 0.75)
    assert shares["worst_tenth_min"] == pytest.approx(1 / 16)
    assert read_record(out)[0].check is None, "left blank"


# summed up ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def study(blank, tmp_path_factory):
    """A copy of the default study with the records of three departments of a made-up meeting."""
    root = tmp_path_factory.mktemp("study") / "data"
    shutil.copytree(ROOT / "data", root)
    (root / "records").mkdir()
    treasury = {
        "enterprises": 60,
        "industries": 40,
        "building": 100,
        "net_cost_wan": 100,
        "staff_commute_min": 10,
    }
    towns = {"enterprises": 60, "balance": 100, "who": "乙", "before_results": "否"}
    for name, department, changed in (("a", "质监局", {}), ("b", "财政局", treasury), ("c", "乡镇", towns)):
        sheet = filled(blank, root / "records" / f"{name}.xlsx", department, **changed)
        assert siting(root / "scenarios" / "base.toml", "--read", sheet).exit_code == 0
    return root


def test_records_are_summed_up(study):
    records = [study / "records" / f"{name}.toml" for name in "abc"]
    done = siting(study / "scenarios" / "base.toml", "--aggregate", *records, "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [row["name"] for row in told["records"]] == ["质监局", "财政局", "乡镇"]
    costs = [row["shares"]["net_cost_wan"] for row in told["records"]]
    assert told["spread"]["net_cost_wan"] == pytest.approx(max(costs) - min(costs))
    assert told["furthest_apart"] == max(told["spread"], key=told["spread"].get)
    assert all(row["ranking"] for row in told["records"])
    spoken = siting(study / "scenarios" / "base.toml", "--aggregate", *records)
    assert "按各部门记录的算术平均：首选" in spoken.output


def test_the_mean_becomes_a_scenario_that_says_where_it_comes_from(study):
    records = [study / "records" / f"{name}.toml" for name in "abc"]
    out = study / "scenarios" / "met.toml"
    adopted = ("--who", "联席会议", "--on", "2011-06-01")
    done = siting(study / "scenarios" / "base.toml", "--aggregate", *records, "--out", out, *adopted)
    assert done.exit_code == 0, done.output
    scenario = read_scenario(out)
    record = scenario.weights_record
    assert (record.set_by, record.set_on, record.method, record.example) == (*adopted[1::2], "mean", False)
    assert record.before_results is False, "one of the three had seen results"
    assert list(read_records(scenario)[1]) == ["a", "b", "c"]
    unsaid = study / "scenarios" / "open.toml"
    siting(study / "scenarios" / "base.toml", "--aggregate", *records, "--out", unsaid)
    assert read_scenario(unsaid).weights_record.example, "nobody adopted them"


def test_records_reach_page_json_and_workbook(study, tmp_path):
    import siting as desk

    met = study / "scenarios" / "with-records.toml"
    met.write_text(
        'base = "base.toml"\nname = "with-records"\n[weights_record]\nset_by = "某"\nset_on = "某日"\n'
        'method = "direct"\nrecords = ["../records/a.toml", "../records/b.toml", "../records/c.toml"]\n',
        encoding="utf-8",
    )
    from siting.outputs.page.payload import payload
    from siting.outputs.tables.results_workbook import workbook
    from siting.outputs.tables.table_files import run_record

    evaluation = desk.load(met).run().evaluation
    page = payload(evaluation)
    assert {view["label"][0] for view in page["viewpoints"]} >= {"质监局", "财政局", "乡镇"}
    assert set(page["robustness"]["agreement"]["favourites"]) == {"a", "b", "c"}
    told = run_record(evaluation, None)["robustness"]["weight_records"]
    assert page["robustness"]["apart"][0] == "net_cost_wan"
    assert told["b"]["department"] == "财政局"
    rows = openpyxl.load_workbook(io.BytesIO(workbook(evaluation)))["部门权重记录"]
    found = {(row[0], row[6]): row for row in rows.iter_rows(values_only=True)}
    assert found["财政局", "净费用"][10] == pytest.approx(100 * told["b"]["shares"]["net_cost_wan"])
    assert page["data"]["weights"][0].endswith("方法：直接赋权。")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--aggregate"], "no file to read or sum up"),
        (["x.xlsx"], "no file to read or sum up"),
        (["--aggregate", DEFAULT, DEFAULT], "record"),
        (["--aggregate", DEFAULT, "nowhere.toml"], "nowhere.toml: is no record of weights"),
    ],
)
def test_wrong_calls_are_refused(arguments, said):
    done = siting(*arguments, "--lang", "en")
    assert done.exit_code == 1
    assert said in done.output
