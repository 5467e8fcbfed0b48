"""Lists, runs and scenarios compared on the command line: who changed, and what that did."""

import json
import re
import shutil

import openpyxl
import pytest
from typer.testing import CliRunner

from siting.cli import app
from siting.commands.compared import with_folders
from siting.scenario.toml_files import DEFAULT_STUDY
from tests.study import monthly_lists as lists

BASE = "data/scenarios/base.toml"
CRS = ("--crs", "WGS84")


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def short(month, *numbers):
    """Take a few firms of a month: what a command does with them is what counts."""
    return lists.Month({number: month.firms[number] for number in numbers if number in month.firms})


FIRST = short(lists.october(), 0, 1, 2, 3, 4, 5, 7, 12)
SECOND = short(lists.november(), 0, 1, 2, 3, 4, 5, 7, 12, 40)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of the data with two lists, as the current folder."""
    shutil.copytree(DEFAULT_STUDY, tmp_path / "data")
    for month, rows, shuffle in (("十月", FIRST, 0), ("十一月", SECOND, 3)):
        (tmp_path / month).mkdir()
        lists.write(tmp_path / month / "企业名单.csv", rows, shuffle=shuffle)
        lists.write(tmp_path / f"{month}.csv", rows, shuffle=shuffle)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def compared(*arguments):
    done = run("compare", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


CHANGES = {
    "new": ["虚构40号厂"],
    "gone": ["虚构07号厂"],
    "moved": ["虚构12号厂"],
    "resized": ["虚构12号厂"],
    "placed": ["虚构04号厂"],
}


def named(told):
    (difference,) = told["differences"]
    rows = difference["registers"]
    return {kind: [row["name"] for row in rows[kind]] for kind in rows if rows[kind]}


def test_two_lists_name_the_enterprises_and_share_out_the_change(folder):
    told = compared("十月.csv", "十一月.csv", *CRS)
    assert named(told) == CHANGES
    (difference,) = told["differences"]
    shares = difference["attribution"]
    for site, before in shares["before"].items():
        if before["score"] is not None:
            own = shares["after_on_own_anchors"][site]
            kinds = [effects[site]["score"] for effects in shares["kinds"].values()]
            assert sum(kinds) == pytest.approx(own["score"] - before["score"], abs=1e-9)
            rows = [
                sum(effects[site]["score"] for effects in row["kinds"].values())
                for row in shares["enterprises"]
            ]
            assert sum(rows) == pytest.approx(shares["after"][site]["score"] - before["score"], abs=1e-9)
            assert told["scores"][site]["十一月"] == pytest.approx(shares["after"][site]["score"], abs=1e-9)
    assert "Shapley 1953" in shares["method"]["zh"]
    assert set(difference["conclusion"]) == {"before", "after"}


def test_lists_of_one_name_are_told_apart_by_their_folders(folder):
    told = compared("十月/企业名单.csv", "十一月/企业名单.csv", *CRS)
    assert told["scenarios"] == ["企业名单", "十一月-企业名单"]
    assert named(told) == CHANGES


def test_folders_of_runs_compare_as_their_lists_do(folder):
    for month in ("十月", "十一月"):
        assert (
            run("run", "--enterprises", f"{month}/企业名单.csv", *CRS, "--out", f"结果/{month}").exit_code
            == 0
        )
    told = compared("结果/十月", "结果/十一月")
    assert told["scenarios"] == ["企业名单", "十一月"]
    assert named(told) == CHANGES
    mixed = compared("结果/十月", "十一月.csv", *CRS)
    assert named(mixed) == CHANGES
    values = [list(told["scores"][site].values()) for site in told["scores"]]
    assert values == [list(mixed["scores"][site].values()) for site in told["scores"]]


def test_a_run_of_a_scenario_is_found_by_its_name(folder):
    assert run("run", BASE, "--out", "结果/基准").exit_code == 0
    told = compared(BASE, "结果/基准")
    assert told["scenarios"] == ["base", "基准"]
    assert named(told) == {}
    assert set(told["differences"][0]["attribution"]["kinds"]) == {"anchors"}


def test_a_run_keeps_the_settings_it_was_made_with(folder):
    files = folder / "elsewhere" / "runs"
    assert run("run", BASE, "--set", "coverage.cutoff_min=15", "--out", files / "严").exit_code == 0
    path = folder / "data" / "scenarios" / "strict.toml"
    path.write_text('base = "base.toml"\nname = "strict"\ncoverage.cutoff_min = 15\n', encoding="utf-8")
    done = run("compare", path, files / "严", "--json")
    assert done.exit_code == 0, done.output
    assert "清单不一致" not in done.stderr
    values = [list(scores.values()) for scores in json.loads(done.stdout)["scores"].values()]
    assert [strict for strict, _ in values] == [as_run for _, as_run in values]
    usual = compared(BASE, files / "严")["scores"]
    assert any(len(set(scores.values())) == 2 for scores in usual.values())


def test_a_run_of_which_any_table_has_changed_since_is_told(folder):
    assert run("run", BASE, "--out", "结果").exit_code == 0
    pledges = folder / "data" / "raw" / "pledges.csv"
    rows = pledges.read_text(encoding="utf-8-sig").splitlines()
    pledges.write_text("\n".join(rows[:-1]), encoding="utf-8")
    assert "清单不一致" in run("compare", "结果", "十月.csv", *CRS).stderr


def test_a_run_whose_data_have_changed_since_is_told(folder):
    assert run("run", "--enterprises", "十月.csv", *CRS, "--out", "结果").exit_code == 0
    silent = run("compare", "结果", "十一月.csv", *CRS)
    assert "与文件夹中那次运行的清单不一致" not in silent.stderr
    kept = next((folder / "结果" / "study").rglob("十月.csv"))
    kept.write_text(
        kept.read_text(encoding="utf-8-sig").replace("虚构02号厂", "虚构二号厂"), encoding="utf-8"
    )
    done = run("compare", "结果", "十一月.csv", *CRS)
    assert done.exit_code == 0, done.output
    assert "结果：现有数据或设置与文件夹中那次运行的清单不一致" in done.stderr


def test_a_folder_of_scenarios_is_all_of_them_the_base_first(tmp_path):
    book = tmp_path / "scenarios"
    book.mkdir()
    for name, base in (("method", None), ("base", "method"), ("a", "base"), ("z", "a")):
        (book / f"{name}.toml").write_text(f'base = "{base}.toml"\n' if base else "", encoding="utf-8")
    assert [path.stem for path in with_folders([book])] == ["base", "a", "z"]
    assert with_folders([tmp_path, book / "a.toml"]) == [tmp_path, book / "a.toml"]


def test_a_folder_without_a_run_is_refused(folder):
    (folder / "空").mkdir()
    for lang, words in (("zh", "空：不是运行结果文件夹"), ("en", "holds no run")):
        done = run("compare", "空", "十月.csv", *CRS, "--lang", lang)
        assert done.exit_code == 1
        assert words in done.stderr
    (folder / "空" / "manifest.json").write_text(
        json.dumps({"scenario": "无此情景", "files": {"enterprises": {"sha256": ""}}}), encoding="utf-8"
    )
    done = run("compare", "空", "十月.csv", *CRS)
    assert done.exit_code == 1
    assert "这次运行所用的情景“无此情景”" in done.stderr
    assert run("compare", "十月.csv", "十月.csv", *CRS).exit_code == 1


def test_lists_are_laid_over_the_scenario_that_is_named(folder):
    path = folder / "data" / "scenarios" / "严.toml"
    path.write_text('base = "base.toml"\nname = "strict"\ncoverage.cutoff_min = 15\n', encoding="utf-8")
    usual = compared("十月.csv", "十一月.csv", *CRS)["scores"]
    strict = compared("十月.csv", "十一月.csv", *CRS, "--scenario", path)["scores"]
    assert usual != strict


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("zh", "新增 1、注销 1、迁移 1、规模变化 1、补充坐标 1"),
        ("en", "New: 1, Gone: 1, Moved: 1, Resized: 1,"),
    ],
)
def test_the_console_counts_the_changes(folder, lang, line):
    done = run("compare", "十月.csv", "十一月.csv", *CRS, "--lang", lang)
    assert done.exit_code == 0, done.output
    assert line in done.stdout


def test_a_comparison_is_the_same_byte_for_byte(folder):
    for out in ("甲", "乙"):
        assert run("compare", "十月.csv", "十一月.csv", *CRS, "--out", out).exit_code == 0
    for name in ("comparison.csv", "comparison.xlsx", "index.html"):
        assert (folder / "甲" / name).read_bytes() == (folder / "乙" / name).read_bytes()
    book = openpyxl.load_workbook(folder / "甲" / "comparison.xlsx")
    rows = list(book["企业变化"].iter_rows(values_only=True))
    assert [row[1:3] for row in rows[1:]] == [
        ("新增", "虚构40号厂"), ("注销", "虚构07号厂"), ("迁移", "虚构12号厂"),
        ("规模变化", "虚构12号厂"), ("补充坐标", "虚构04号厂"),
    ]  # fmt: skip
    texts = [row[rows[0].index("变化内容")] for row in rows[1:]]
    assert re.fullmatch(r"邦均镇→上仓镇，\d+\.\d 公里", texts[2])
    assert texts[3] == "从业人员 104→500"
    assert all(re.search("[\u4e00-\u9fff]", str(cell.value)) for sheet in book for cell in sheet[1])
