"""One command from a list to a page, and a study to go on from."""

import errno
import itertools
import json
import os
import re
import shutil

import geopandas as gpd
import pytest
import shapely
from typer.testing import CliRunner

from siting.cli import app
from siting.messages import command
from siting.scenario.toml_files import DEFAULT_STUDY
from tests.few_draws import FEW_DRAWS

ROWS = """虚构甲酒厂,1512,上仓镇,117.402,40.045,80
虚构乙机械厂,3484,洇溜,117.413,39.977,60
虚构丙服装厂,1810,上仓镇,117.389,39.899,120
虚构丁家具厂,2110,邦均镇,117.263,39.991,40
虚构戊水泥厂,3011,马伸桥镇,117.535,40.070,90
"""
LIST = "企业名称,行业代码,乡镇,经度,纬度,从业人员\n" + ROWS


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A copy of the data beside which runs are written, as the current folder."""
    shutil.copytree(DEFAULT_STUDY, tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def write(folder, text=LIST, name="企业名单.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return name


BASE = "data/scenarios/base.toml"


def test_a_list_becomes_a_page_and_a_study_of_its_own(checkout):
    name = write(checkout)
    done = run("run", BASE, "--enterprises", name, "--crs", "WGS84", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["scenario"] == "企业名单"
    assert told["anchors"] == {"made_for": "企业名单.csv, trunk.osm.pbf", "remade": True}
    assert [q["id"] for q in told["open_questions"]] == ["expansion", "year", "weights", "origin"]
    folder = checkout / "maps" / "企业名单"
    assert "<title>企业名单：选址方案比选" in (folder / "index.html").read_text(encoding="utf-8")
    again = run("run", folder / "study" / "scenarios" / "企业名单.toml", "--out", checkout / "again")
    assert again.exit_code == 0, again.output
    for file in ("ranking.csv", "issues.csv", "enterprises.geojson"):
        assert (checkout / "again" / file).read_bytes() == (folder / file).read_bytes()


def test_a_list_called_as_a_file_of_the_base_study_replaces_none(checkout):
    name = write(checkout, name="sites.csv")
    assert run("run", BASE, "--enterprises", name, "--crs", "WGS84").exit_code == 0
    study = checkout / "maps" / "sites" / "study"
    assert (study / "raw" / "sites.csv").read_bytes() == (
        checkout / "data" / "raw" / "sites.csv"
    ).read_bytes()
    again = run("run", study / "scenarios" / "sites.toml", "--out", checkout / "again")
    assert again.exit_code == 0, again.output
    ranking = [(folder / "ranking.csv").read_bytes() for folder in (checkout / "again", study.parent)]
    assert ranking[0] == ranking[1]


def test_a_shapefile_goes_along_with_all_its_parts(checkout):
    points = [shapely.Point(117.402, 40.045), shapely.Point(117.413, 39.977)]
    firms = gpd.GeoDataFrame({"名称": ["虚构甲酒厂", "虚构乙机械厂"]}, geometry=points, crs=4326)
    firms.to_file(checkout / "firms.shp", encoding="utf-8")
    assert run("run", BASE, "--enterprises", "firms.shp").exit_code == 0
    study = checkout / "maps" / "firms" / "study"
    for part in checkout.glob("firms.*"):
        part.unlink()
    again = run("run", study / "scenarios" / "firms.toml", "--out", checkout / "again")
    assert again.exit_code == 0, again.output


def test_answers_written_into_the_study_close_the_questions(checkout):
    run("run", BASE, "--enterprises", write(checkout), "--crs", "WGS84")
    path = checkout / "maps" / "企业名单" / "study" / "scenarios" / "企业名单.toml"
    text = path.read_text(encoding="utf-8")
    answered = text.replace("# study_year", "study_year").replace("# demand", "demand")
    answered = answered.replace('# register.origin = ""', 'register.origin = "登记信息"')
    record = 'weights_record = { set_by = "示例会议", set_on = "2026年" }'
    answered = answered.replace('# weights_record = { set_by = "", set_on = "" }', record)
    path.write_text(answered, encoding="utf-8")
    done = run("run", path, "--out", checkout / "again", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["open_questions"] == []


def test_only_the_coordinate_system_is_asked_for_with_the_whole_commands(checkout, monkeypatch):
    name = write(checkout)
    arguments = ["run", BASE, "--enterprises", name]
    monkeypatch.setattr("sys.argv", ["siting", *arguments])
    done = run(*arguments)
    assert done.exit_code == 1
    told = done.stderr.splitlines()
    for system in ("GCJ-02", "BD-09", "WGS84", "CGCS2000"):
        (line,) = [text for text in told if text.endswith(f"--crs {system}")]
        assert "--enterprises" in line
        assert name in line
    assert not (checkout / "maps").exists()


def test_a_refusal_names_the_command_as_it_is_typed(checkout, monkeypatch):
    name = write(checkout, LIST.replace("117.", "17."))
    given = ("run", BASE, "--enterprises", name, "--crs", "WGS84")
    assert f"{command()} check {name}" in run(*given).stderr
    assert command().endswith("go.py")
    monkeypatch.setattr("siting.messages._PACKAGE", str(checkout / "siting"))
    assert f"请运行 siting check {name}" in run(*given).stderr


def test_another_lists_run_is_never_overwritten(checkout):
    run("run", BASE, "--enterprises", write(checkout), "--crs", "WGS84")
    first = (checkout / "maps" / "企业名单" / "ranking.csv").read_bytes()
    write(checkout, LIST.replace("80\n", "800\n"))
    run("run", BASE, "--enterprises", "企业名单.csv", "--crs", "WGS84")
    folders = sorted(path.name for path in (checkout / "maps").iterdir())
    assert len(folders) == 2
    assert folders[1].startswith("企业名单-")
    assert (checkout / "maps" / "企业名单" / "ranking.csv").read_bytes() == first


def test_what_the_planner_states_on_the_spot_stays(checkout):
    stated = ("--year", 2024, "--expansion", 2, "--set", "register.origin=登记信息")
    done = run("run", BASE, "--enterprises", write(checkout), "--crs", "WGS84", *stated, "--json")
    told = json.loads(done.stdout)
    assert [q["id"] for q in told["open_questions"]] == ["weights"]
    assert told["manifest"]["settings"]["demand"]["expansion_factor"] == 2
    assert told["manifest"]["settings"]["study_year"] == 2024


def test_townships_are_known_by_a_table_of_aliases(checkout):
    name = write(checkout)
    (checkout / "别名.csv").write_text("名录中的名称,标准名称\n洇溜,洇溜镇\n", encoding="utf-8")
    plain = run("run", BASE, "--enterprises", name, "--crs", "WGS84")
    known = run("run", BASE, "--enterprises", name, "--crs", "WGS84", "--aliases", "别名.csv")
    assert "洇溜（1 行，是否洇溜镇）" in plain.stderr
    assert "洇溜（1 行" not in known.stderr
    (checkout / "别名.csv").write_text("名录中的名称,标准名称\n洇溜,没有镇\n", encoding="utf-8")
    refused = run("run", BASE, "--enterprises", name, "--crs", "WGS84", "--aliases", "别名.csv")
    assert refused.exit_code == 1
    assert "没有镇" in refused.stderr


def test_industry_codes_are_assigned_by_the_same_table(checkout):
    """What no industry covers, and what is no code at all; each row says what was taken in its place."""
    name = write(checkout, LIST.replace("1512", "2921").replace("3011", "水泥"))
    (checkout / "别名.csv").write_text(
        "名录写法,规范名称\n２９２１,30\n水泥,3011\n洇溜,洇溜镇\n", encoding="utf-8"
    )
    plain = run("check", name, "--crs", "WGS84", "--json")
    known = run("check", name, "--crs", "WGS84", "--aliases", "别名.csv", "--json")
    before, after = (json.loads(done.stdout) for done in (plain, known))
    pairs = zip(before["rows"], after["rows"], strict=True)
    changed = {(row["industry"], new["industry"]) for row, new in pairs if row["industry"] != new["industry"]}
    assert changed == {("2921", "30"), (None, "3011")}
    told = {(issue["value"], issue["action"]) for issue in after["issues"] if issue["code"] == "E860"}
    assert {(value, action.partition(":")[0]) for value, action in told} == {
        ("2921", "taken as 30"),
        ("水泥", "taken as 3011"),
    }
    done = run("run", BASE, "--enterprises", name, "--crs", "WGS84", "--aliases", "别名.csv", "--json")
    assert done.exit_code == 0, done.output
    issues = (checkout / "maps" / "企业名单" / "issues.csv").read_text(encoding="utf-8-sig")
    assert "按对照表改作 3011" in issues
    assert "2921 (" not in done.stderr


def test_the_study_of_a_list_takes_its_aliases_along(checkout, monkeypatch):
    """Wherever it is run from; the settings name the file, not the folder it lay in."""
    name = write(checkout, LIST.replace("1512", "2921"))
    (checkout / "别名.csv").write_text("名录写法,规范名称\n2921,30\n", encoding="utf-8")
    done = run(
        *("run", BASE, "--enterprises", name, "--crs", "WGS84", *FEW_DRAWS),
        *("--aliases", checkout / "别名.csv", "--json"),
    )
    assert json.loads(done.stdout)["manifest"]["settings"]["register"]["aliases"] == "别名.csv"
    study = checkout / "maps" / "企业名单" / "study"
    assert (study / "raw" / "别名.csv").is_file()
    monkeypatch.chdir(study)
    again = run("run", "scenarios/企业名单.toml", "--out", checkout / "again")
    assert again.exit_code == 0, again.output
    first = (checkout / "maps" / "企业名单" / "ranking.csv").read_bytes()
    assert (checkout / "again" / "ranking.csv").read_bytes() == first


def test_lists_are_compared_on_the_first_ones_anchors(checkout):
    names = write(checkout), write(checkout, LIST.replace("80\n", "800\n"), "下月名单.csv")
    done = run("compare", *names, "--crs", "WGS84", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["scenarios"] == ["企业名单", "下月名单"]


@pytest.mark.parametrize(
    ("lang", "head", "option"),
    [
        ("zh", "综合得分（分）：企业名单 | 下月名单", "城区"),
        ("en", "Score (points): 企业名单 | 下月名单", "County town"),
    ],
)
def test_a_comparison_is_printed_by_names(checkout, lang, head, option):
    names = write(checkout), write(checkout, LIST.replace("80\n", "800\n"), "下月名单.csv")
    lines = run("compare", *names, "--crs", "WGS84", "--lang", lang).stdout.splitlines()
    assert lines[0] == head
    assert any(re.fullmatch(rf"( +\d+\.\d){{2}}  {option}", line) for line in lines)
    assert "county_seat" not in "".join(lines)


def test_anchors_are_printed_with_the_names_of_criteria(checkout):
    path = checkout / BASE
    assert re.search(r"^hours_saved +0 – [\d.]+ +节约出行时间$", run("anchors", path).stdout, re.MULTILINE)


def test_anchors_are_written_into_the_planners_file(checkout):
    run("run", BASE, "--enterprises", write(checkout), "--crs", "WGS84")
    path = checkout / "maps" / "企业名单" / "study" / "scenarios" / "企业名单.toml"
    assert run("anchors", path, "--write").exit_code == 0
    done = run("run", path, "--out", checkout / "again", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["anchors"] == {"made_for": "企业名单.csv, trunk.osm.pbf", "remade": False}


def test_a_run_that_died_while_writing_is_finished_and_told(checkout, monkeypatch):
    """The study that goes along belongs to the same run as its page."""
    name = write(checkout)
    command = ["run", BASE, "--enterprises", name, "--crs", "WGS84", "--out", "out"]
    assert run(*command).exit_code == 0
    before = files_below(checkout / "out")
    real, calls = os.replace, itertools.count()

    def fail(*given):
        if next(calls) == 9:
            raise OSError(errno.EIO, "Input/output error")
        return real(*given)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        assert run(*command, "--set", "coverage.cutoff_min=45").exit_code == 1
    assert files_below(checkout / "out") == before
    stage = checkout / "out" / ".run.1.part"
    (stage / "new").mkdir(parents=True)
    (stage / "new" / "1").write_bytes(b"page")
    (stage / "list.json").write_text('["ranking.csv", "index.html"]', encoding="utf-8")
    done = run(*command)
    assert "out：上一次运行在写入时中断" in done.stderr
    assert "中断" not in run(*command).stderr
    assert files_below(checkout / "out") == before


def files_below(folder):
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("table", "file", "settings"),
    [
        ("enterprises", "register-committees.csv", "crs = WGS84; industry_standard = 2011"),
        ("sites", "sites.csv", "crs = WGS84"),
        ("laboratories", "laboratories.csv", "crs = WGS84"),
    ],
)
def test_a_study_s_own_table_is_checked_as_the_study_reads_it(checkout, table, file, settings):
    done = run("check", f"data/raw/{file}", "--as", table)
    assert done.exit_code == 0, done.output
    assert f"{file}：按 base.toml 的设置读取：{settings}；" in done.stderr
    told = run("check", f"data/raw/{file}", "--as", table, "--crs", "GCJ-02", "--json")
    assert (
        json.loads(told.stdout)["rows"]
        != json.loads(run("check", f"data/raw/{file}", "--as", table, "--json").stdout)["rows"]
    )


def test_the_study_of_a_table_is_found_around_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("init", "县", "--template", "fire-station").exit_code == 0
    for file, table in (("residents", "residents"), ("road_nodes", "road_nodes"), ("sites", "sites")):
        done = run("check", f"县/data/raw/{file}.csv", "--as", table, "--lang", "en")
        assert done.exit_code == 0, done.output
        assert "read as base.toml states: crs = WGS84" in done.stderr


def test_a_table_that_is_no_study_s_own_is_read_as_the_options_say(checkout):
    shutil.copy("data/raw/sites.csv", "data/raw/other.csv")
    done = run("check", "data/raw/other.csv", "--as", "sites")
    assert done.exit_code == 1
    assert "按 base.toml 的设置读取" not in done.stderr
    assert "未声明坐标系" in done.stderr
