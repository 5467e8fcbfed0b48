"""The command line as scripts and planners meet it: exit codes, JSON, one message, nothing half written."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from siting import cli
from siting.cli import app
from tests.few_draws import FEW_DRAWS
from tests.paths import ROOT

STARTS = pytest.mark.skipif(
    sys.version_info < (3, 13) and not str(ROOT).isascii(),
    reason="installed from a folder with such a name, Python before 3.13 cannot start in an ASCII locale",
)
BASE = ROOT / "data" / "scenarios" / "base.toml"
CRITERIA = [
    "hours_saved",
    "demand_covered",
    "mean_trip_min",
    "industry_coverage",
    "worst_industry",
    "authority",
    "city_link_hours",
    "net_cost_wan",
    "staff_commute_min",
    "worst_tenth_min",
]
OUTPUTS = {
    "index.html",
    "map.html",
    "ranking.csv",
    "results.xlsx",
    "study.gpkg",
    "enterprises.geojson",
    "sites.geojson",
    "issues.csv",
}


def process(*arguments, cwd=None, **env) -> subprocess.CompletedProcess:
    """Run the command line as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "siting", *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        check=False,
    )


def siting(*arguments):
    """Run the command line in this process, which has all modules loaded."""
    return CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture(scope="module")
def base_run(tmp_path_factory):
    """The default study, run once with `--json`."""
    out = tmp_path_factory.mktemp("maps") / "基准 一"
    done = process("run", "--out", out, "--json")
    assert done.returncode == 0, done.stderr.decode()
    return done, out


def test_run_prints_one_json_object_and_nothing_else(base_run):
    done, _ = base_run
    assert (done.returncode, done.stderr) == (0, b"")
    report = json.loads(done.stdout)
    assert set(report) == {
        "scenario",
        "conclusion",
        "sureness",
        "winners",
        "options",
        "appraisal",
        "ranking",
        "robustness",
        "tradeoff",
        "open_questions",
        "conditions",
        "roles",
        "concerns",
        "outdated",
        "anchors",
        "manifest",
    }
    assert report["scenario"] == "base"
    appraised = {row["option"]: row for row in report["appraisal"]}
    assert {"mobile", "city"} < set(appraised)
    assert set(appraised["shangcang"]["npv_wan"]) == {"national", "public", "enterprises"}
    for row in report["appraisal"]:
        assert (row["eirr"] is None) == bool(row["eirr_note"])
    for question in report["open_questions"]:
        assert set(question) == {"id", "text_zh", "text_en"}


def test_run_lists_every_site_with_contributions_that_add_up(base_run):
    report = json.loads(base_run[0].stdout)
    ranking, options = report["ranking"], report["options"]
    sites = {entry["site"] for entry in ranking}
    assert {"shangcang", "county_seat"} <= sites
    assert set(options) - sites == {"city", "mobile"}
    assert {option["kind"] for option in options.values()} == {"build", "city", "mobile"}
    for option in options.values():
        assert set(option) == {"kind", "raw", "conditions"}
        assert list(option["raw"]) == CRITERIA
    assert options["city"]["raw"]["staff_commute_min"] is None
    assert options["city"]["conditions"] == {}
    assert set(options["shangcang"]["conditions"].values()) == {"pending"}
    assert all(options[entry["site"]]["raw"] == entry["raw"] for entry in ranking)
    for entry in ranking:
        assert set(entry) == {"rank", "site", "name", "score", "contributions", "values", "raw"}
        assert list(entry["contributions"]) == list(entry["values"]) == list(entry["raw"]) == CRITERIA
        assert sum(entry["contributions"].values()) == pytest.approx(entry["score"], abs=1e-12)
    assert [entry["rank"] for entry in ranking] == sorted(entry["rank"] for entry in ranking)


def test_run_writes_what_the_manifest_says(base_run):
    import hashlib

    done, out = base_run
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest == json.loads(done.stdout)["manifest"]
    written = {path.name: path.read_bytes() for path in out.iterdir() if path.name != "manifest.json"}
    assert set(written) >= OUTPUTS
    assert {name: entry["sha256"] for name, entry in manifest["outputs"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in written.items()
    }


@STARTS
def test_same_bytes_whatever_the_machine_says(base_run, tmp_path):
    """Hash seed, time zone, locale, threads and working folder leave no trace in any output."""
    out = tmp_path / "out"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    odd = {"PYTHONHASHSEED": "1", "TZ": "Asia/Shanghai", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    done = process("run", "--out", out, cwd=elsewhere, PYTHONIOENCODING="gbk", **odd)
    assert done.returncode == 0
    # How far firms and two laboratories lie from a road, what was estimated, what is out of date.
    remark, far, estimated, outdated = done.stderr.decode("gbk").splitlines()
    assert remark.startswith("企业到路网的接驳距离")
    assert "的现有检测机构 2 家：" in far
    assert estimated.endswith("估算的指标：从业人数 2 家、特种设备台数 2 家、产值 2 家。")
    assert outdated.startswith("时效提示：2011 年以后通车的 5 段道路未计入")
    lines = done.stdout.decode("gbk").splitlines()
    assert "演示结果，不得作为选址依据" in lines[0]
    assert lines[-1] == str(out / "index.html")
    first = {path.name: path.read_bytes() for path in base_run[1].iterdir()}
    second = {path.name: path.read_bytes() for path in out.iterdir()}
    assert first == second


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_console_says_banner_conclusion_questions_and_ranking_in_this_order(
    base_result, tmp_path, capsys, lang
):
    from siting.commands.console import print_ranking
    from siting.outputs.text.conclusion import conclusion, open_questions
    from siting.outputs.text.weighing.weight_sentences import weight_sentences
    from siting.outputs.text.wording import say

    evaluation = replace(base_result.evaluation, open_questions=("year", "weights"))
    print_ranking(evaluation, tmp_path, lang)
    lines = capsys.readouterr().out.splitlines()
    said = conclusion(evaluation, lang)
    asked = [say("questions", lang), *(f"- {text}" for text in open_questions(evaluation, lang))]
    assert lines[0] == say("demo", lang)
    assert lines[2 : 2 + len(said) + len(asked)] == [*said, *asked]
    table = lines[2 + len(said) + len(asked) :]
    ranks, rest = table[: len(evaluation.ranking)], table[len(evaluation.ranking) :]
    assert [int(line.split()[0]) for line in ranks] == list(evaluation.ranking["rank"])
    assert all(line.endswith(f"[{say('unranked.place', lang)}]") for line in rest[:2])
    assert rest[2:-2] == weight_sentences(evaluation, lang)
    assert table[-1] == str(tmp_path / "index.html")


def test_default_study_settles_neither_whether_to_build_nor_where(base_result):
    """What the page, the console and their reader in a hurry must not miss."""
    from siting.outputs.text.conclusion import conclusion

    said = conclusion(base_result.evaluation, "zh")
    assert said[0] == "是否建设尚不能定论：需求达到现有的 2.5 倍起，效益方能抵偿费用"
    assert said[1] == "得分最高：经济开发区（洇溜）（79.6 分）；各项假定同时变动时居首最多的是城区"
    assert said[2].startswith("在现有需求下（扩样系数 3），得分最高的场址经济开发区（洇溜）按")
    assert said[2].endswith("净现值为负 3,129 万元，效益不抵费用，是否建设须先行论证。")
    assert said[3].startswith("一行代表的企业数在 3–12 之间、其余各项假定在各自区间内同时变动 400 次，")
    drawn = next(text for text in said if "、地点误差、费用同时变动" in text)
    assert "居首最多的是城区（" in drawn
    assert drawn.endswith("结论不稳。")
    assert any(text.startswith("按基准权重（示例，尚未经会议确定），") for text in said)


def test_outputs_tell_no_machine(base_run):
    for path in base_run[1].iterdir():
        content = path.read_bytes()
        assert str(ROOT).encode() not in content
        assert str(base_run[1].parent).encode() not in content


def test_set_changes_the_ranking_as_computed_by_hand(base_run, tmp_path):
    """With all weight on one group of one criterion, score and order are that criterion's values."""
    values = {
        entry["site"]: entry["values"]["worst_tenth_min"]
        for entry in json.loads(base_run[0].stdout)["ranking"]
    }
    zeros = [f"--set=groups.{group}=0" for group in ("enterprises", "industries", "building")]
    done = siting("run", *zeros, *FEW_DRAWS, "--out", tmp_path / "out", "--json")
    ranking = json.loads(done.stdout)["ranking"]
    assert {entry["site"]: entry["score"] for entry in ranking} == pytest.approx(values)
    assert [entry["score"] for entry in ranking] == pytest.approx(sorted(values.values(), reverse=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--set", "groups.enterprise=1"], "did you mean 'enterprises'"),
        (["run", "--set", "seed=1", "--set", "seed=2"], "given twice"),
        (["run", "--set", "seed"], "key=value"),
        (["run", "--set", "groups.balance=-1"], "groups.balance"),
        (["run", "none.toml"], "none.toml: no such scenario file"),
        (["run", "--public"], "--review-number"),
        (["run", "--public", "--review-number", " "], "--review-number"),
        (["show", "none.toml"], "none.toml"),
        (["roads", "x.osm.pbf", "--out", "x.gpkg", "--bbox", "1,2,3"], "W,S,E,N"),
        (["roads", "none.osm.pbf", "--out", "x.gpkg"], "none.osm.pbf"),
        (["roads", "x.osm.pbf", "--out", "x.osm.pbf"], "ends in .gpkg"),
        (["roads", "x.gpkg", "--out", "x.gpkg"], "another name"),
        (["check", "none.csv"], "none.csv"),
        (["check", "none.csv", "--as", "firms"], "firms"),
    ],
)
def test_refused_with_one_message_and_nothing_written(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = siting(*arguments, "--lang", "en")
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


REFUSALS = [
    (["run", "none.toml"], "none.toml：", "中没有这个情景文件"),
    (["run", "--public"], "--public：公开地图须有审图号", ""),
    (["run", "--out", "con"], "输出文件夹：“con”是 Windows 保留的名称", ""),
    (["compare", BASE], "compare：请给出两个以上名称不同的情景", ""),
    (["sweep", "seed"], "sweep：“seed”不是", ""),
    (["show", BASE, "--set", "weights.balance=1"], "weights：没有这个键；是否应为", "“groups.balance”"),
    (["check", "none.csv"], "none.csv：没有这个文件", ""),
    (["roads", "none.osm.pbf", "--out", "x.gpkg"], "none.osm.pbf：没有这个文件", ""),
    (["init", "con"], "研究名称：“con”是 Windows 保留的名称", ""),
]


@pytest.mark.parametrize(("arguments", "begins", "holds"), REFUSALS, ids=lambda a: str(a)[:30])
def test_every_command_refuses_in_the_language_asked_for(tmp_path, monkeypatch, arguments, begins, holds):
    monkeypatch.chdir(tmp_path)
    chinese, english = siting(*arguments), siting(*arguments, "--lang", "en")
    assert chinese.exit_code == english.exit_code == 1
    assert begins in chinese.stderr
    assert holds in chinese.stderr
    assert re.search("[\u4e00-\u9fff]", english.stderr) is None
    assert chinese.stdout == english.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "english", "chinese"),
    [
        (ImportError("No module named 'x'"), "a component of the installation is missing", "安装不完整"),
        (
            RuntimeError("boom"),
            "a fault of this program, not of your files (Runt",
            "程序自身的故障",
        ),
        (MemoryError(), "not enough memory", "内存不足"),
        (PermissionError(13, "denied", "a.csv"), "the system refused", "系统拒绝操作"),
        (
            FileNotFoundError(2, "gone", str(ROOT / "siting" / "x.csv")),
            "a file of the installation",
            "安装文件",
        ),
    ],
    ids=lambda case: type(case).__name__,
)
def test_a_fault_of_the_installation_blames_no_file(monkeypatch, error, english, chinese):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("siting.scenario.build.read_scenario", fail)
    for lang, begins in (("en", english), ("zh", chinese)):
        done = siting("show", BASE, "--lang", lang)
        assert done.exit_code == 1
        assert done.stderr.startswith(begins)
        assert len(done.stderr.splitlines()) == 1


def test_refusal_of_a_process_has_no_traceback(tmp_path):
    done = process("run", "none.toml", cwd=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.decode().splitlines()) == 1


@pytest.mark.parametrize("out", ["con", "a?b", "x.", "http://example.org"])
def test_output_folders_that_some_system_refuses(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    done = siting("run", "--out", out, "--lang", "en")
    assert done.exit_code == 1
    assert "output folder" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_output_folder_that_is_a_file_is_refused_before_the_computation(tmp_path):
    (tmp_path / "out").touch()
    done = siting("run", "--out", tmp_path / "out", "--set", "data.enterprises=none.csv", "--lang", "en")
    assert done.exit_code == 1
    assert done.stderr.strip().startswith("out: is a file, not a folder; name another")


@pytest.mark.parametrize("line", ["nonsense", "run --nonsense", "check", "run --lang fr"])
def test_wrong_usage_exits_2(line):
    assert siting(*line.split()).exit_code == 2


COMMANDS = ["run", "compare", "sweep", "check", "show", "weights", "anchors", "letters", "keys", "roads"]
COMMANDS += ["init", "lab", "app"]


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=str)
def test_help_speaks_the_language_asked_for(command):
    chinese, english = siting(*command, "--help"), siting(*command, "--help", "--lang", "en")
    assert (chinese.exit_code, english.exit_code) == (0, 0)
    assert chinese.stdout.startswith("用法：")
    assert english.stdout.startswith("Usage: ")
    assert not re.search("[\u4e00-\u9fff]", english.stdout)
    words = re.sub(r"JupyterLab|OpenStreetMap|Settings|Language|Arguments?", "", chinese.stdout)
    assert re.findall(r"(?<![-<\w])[A-Z][a-z]+ [a-z]+", words) == [], "English sentences"
    # Before the command as well as behind it, in either spelling, and the last one counts.
    before = siting("--lang", "en", *command, "--help")
    assert before.stdout == siting("--lang=zh", *command, "--lang=en", "--help").stdout == english.stdout


def test_help_lists_every_command_and_tells_of_every_option():
    listed = siting("--help", "--lang", "en").stdout.partition("Commands:")[2]
    assert re.findall(r"^  (\w+)  ", listed, re.MULTILINE) == COMMANDS
    for lang in ("zh", "en"):
        for command in COMMANDS:
            lines = siting(command, "--help", "--lang", lang).stdout.splitlines()
            bare = [line for line in lines if re.fullmatch(r"  (--\S+|[A-Z]\S* <path>)( \S+)?", line)]
            assert bare == [], "an option without words"


def test_a_language_before_the_command_holds_for_what_it_prints():
    assert siting("--lang", "en", "keys").stdout == siting("keys", "--lang", "en").stdout
    assert siting("--lang", "en", "keys", "--lang", "zh").stdout == siting("keys").stdout


def test_keys_names_types_in_the_language_asked_for():
    assert "study_year = required  [whole number]" in siting("keys", "--lang", "en").stdout
    assert "study_year = required  [整数]" in siting("keys").stdout
    rows = json.loads(siting("keys", "--json").stdout)
    assert all(row["type"] and row["type_zh"] for row in rows["scenario"] + rows["columns"])


def test_progress_speaks_the_language_asked_for(tmp_path, monkeypatch):
    shown = []

    @contextlib.contextmanager
    def progress(first):
        shown.append(first)
        yield lambda text, *_: shown.append(text)

    monkeypatch.setattr(cli, "progress", progress)
    for lang in ("zh", "en"):
        assert siting("run", *FEW_DRAWS, "--out", tmp_path / lang, "--lang", lang).exit_code == 0
    assert list(dict.fromkeys(shown)) == [
        *("正在读取数据表", "正在测算", "正在写出"),
        *("Reading tables", "Evaluating", "Writing"),
    ]


@pytest.mark.parametrize(
    "console",
    [
        pytest.param({"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, marks=STARTS),
        {"PYTHONIOENCODING": "gbk"},
        {"PYTHONIOENCODING": "ascii"},
    ],
    ids=["posix", "gbk", "ascii"],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_printing_never_fails(tmp_path, console, lang):
    register = tmp_path / "名单.csv"
    register.write_text("企业名称,经度,纬度\n虚构䶮厂,117.4,40.04\n虚构二厂,,\n", encoding="utf-8")
    done = process("check", register, "--crs", "WGS84", "--lang", lang, **console)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout


def test_check_accounts_for_every_row(tmp_path):
    register = tmp_path / "名单.csv"
    register.write_text(
        "企业名称,经度,纬度,从业人员\n虚构一厂,117.4,40.04,12\n虚构二厂,,,3\n", encoding="utf-8"
    )
    done = siting("check", register, "--crs", "WGS84", "--json", "--out", tmp_path / "out")
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert report["outcome"] == "read"
    assert report["counts"]["data_rows"] == report["counts"]["kept"] + report["counts"]["set_aside"] == 2
    assert {row["row"]: row["status"] for row in report["rows"]} == {2: "kept", 3: "set_aside"}
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"kept.csv", "set_aside.csv", "issues.csv", "issues.json"}
    issues = json.loads((tmp_path / "out" / "issues.json").read_text(encoding="utf-8"))
    assert [issue["code"] for issue in issues] == [issue["code"] for issue in report["issues"]]


def test_refused_file_is_said_in_json_too(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"")
    done = siting("check", tmp_path / "x.csv", "--json", "--out", tmp_path / "out")
    report = json.loads(done.stdout)
    assert done.exit_code == 1
    assert report["outcome"] == "refused"
    assert "x.csv" in report["message"]
    assert done.stderr
    assert not (tmp_path / "out").exists()


def test_keys_lists_settings_and_columns():
    listed = json.loads(siting("keys", "--json").stdout)
    settings = {row["key"]: row for row in listed["scenario"]}
    assert settings["coverage.cutoff_min"]["default"] == "40.0"
    assert all(row["meaning"] for row in listed["scenario"]), "every key says what it means"
    assert all(re.search("[\u4e00-\u9fff]", row["meaning_zh"]) for row in listed["scenario"])
    assert all(row["meaning_zh"].partition("：")[2] for row in listed["columns"])
    assert "覆盖时限" in siting("keys").stdout
    assert "Drive from which on nothing counts" in siting("keys", "--lang", "en").stdout
    assert {"enterprises.lon", "services.phase"} <= {row["key"] for row in listed["columns"]}


def test_a_scenario_is_no_table(tmp_path):
    done = siting("check", BASE)
    assert done.exit_code == 1
    assert "是情景文件，不是表格" in done.stderr
    assert "siting run" in done.stderr


def test_keys_say_what_they_mean_in_any_study():
    """Keys stand outside any study: words of testing only where a law or the words left out are meant."""
    named = {"trips.approvals", "facility.name_zh"}
    rows = json.loads(siting("keys", "--json").stdout)["scenario"]
    testing = re.compile(
        r"检测|送检|受检|化验|检定机构|\b(tests?|inspects?|inspection)\b|laborator", re.IGNORECASE
    )
    found = {row["key"] for row in rows if testing.search(row["meaning"] + row["meaning_zh"])}
    assert found == named


def test_show_resolved_names_the_file_and_line_of_every_value():
    shown = json.loads(siting("show", BASE, "--resolved", "--set", "groups.balance=0.2", "--json").stdout)
    rows = {row["key"]: row for row in shown["values"]}
    line = 1 + BASE.read_text(encoding="utf-8").splitlines().index(
        next(text for text in BASE.read_text(encoding="utf-8").splitlines() if text.startswith("study_year"))
    )
    assert rows["study_year"] == {"key": "study_year", "value": "2011", "from": f"base.toml:{line}"}
    assert rows["groups.balance"]["from"] == "--set"
    assert {row["from"] for row in rows.values()} >= {"default", "--set"}


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_interrupted_run_exits_130_and_leaves_nothing(tmp_path):
    command = [sys.executable, "-m", "siting", "run", "--out", tmp_path / "out"]
    for wait_s in (0.6, 1.2):
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as running:
            time.sleep(wait_s)
            running.send_signal(signal.SIGINT)
            _, error = running.communicate()
        assert running.returncode in (130, 0)
        assert b"Traceback" not in error
        assert list(tmp_path.rglob(".*")) == []


def test_help_loads_nothing_heavy():
    heavy = {"pandas", "numpy", "pydantic", "rich"}
    code = f"import sys, siting.cli; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_version_is_the_library_s():
    import siting as library

    done = siting("--version")
    assert (done.exit_code, done.stdout) == (0, f"siting {library.__version__}\n")


def test_verbose_tells_the_steps_on_standard_error_and_changes_nothing_else(base_run, tmp_path):
    told = siting("--verbose", "run", "--out", tmp_path / "out", "--json")
    assert told.exit_code == 0
    assert told.stdout.encode() == base_run[0].stdout
    lines = told.stderr.splitlines()
    assert "siting.study.evaluate: evaluated 10 criteria" in lines
    assert "siting.study.read_inputs: table sites: 9 rows kept, file 'sites.csv'" in lines
    assert not [line for line in lines if not line.startswith("siting.study.")]
    assert len(set(lines)) == len(lines)
    again = siting("-v", "run", *FEW_DRAWS, "--out", tmp_path / "out", "--json")
    assert again.stderr == told.stderr, "no clock, and no line twice"
    assert base_run[0].stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="bash is a shell of POSIX systems")
def test_bash_completes_commands(tmp_path):
    """The script that `--show-completion` prints, sourced by bash, completes what is being typed."""
    program = tmp_path / "siting"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m siting "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path}

    def bash(text):
        done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True, env=env)
        return done.stdout

    script = bash("siting --show-completion; true")  # `true`: bash stays the parent, which tells the shell
    assert "complete -o default -F _siting_completion siting" in script
    assert not re.search(r"/(?:home|root|usr|tmp)/", script)
    typed = 'COMP_WORDS=(siting ch); COMP_CWORD=1; _siting_completion siting; echo "${COMPREPLY[@]}"'
    assert bash(f"{script}\n{typed}").split() == ["check"]


# several scenarios, several values ------------------------------------------------------------------


def test_compare_tells_what_differs(tmp_path):
    out = tmp_path / "对比"
    found = siting("compare", BASE, BASE.with_name("city-wins.toml"), *FEW_DRAWS, "--out", out, "--json")
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert told["scenarios"] == ["base", "city-wins"]
    scores = told["scores"]
    assert not {"city", "mobile"} & set(scores)
    assert set(scores["yinliu"]) == {"base", "city-wins"}
    largest = {
        option: max(max(s[name] for s in scores.values()) - row[name] for name in row)
        for option, row in scores.items()
    }
    assert told["regret"] == pytest.approx(largest, abs=1e-9)
    assert told["minimax_regret"] == min(largest, key=largest.get)
    changed = {row["key"]: (row["base"], row["city-wins"]) for row in told["changes"]["settings"]}
    assert changed["demand.expansion_factor"] == ("3.0", "1.0")
    assert told["changes"]["rows"] == []
    assert {path.name for path in out.iterdir()} == {"comparison.csv", "comparison.xlsx", "index.html"}


@pytest.mark.parametrize("paths", [[BASE], [BASE, BASE]])
def test_compare_needs_two_names(paths):
    found = siting("compare", *paths, "--lang", "en")
    assert found.exit_code == 1
    assert "two or more scenarios of different names; found base" in found.output


def test_sweep_scores_each_value():
    found = siting("sweep", BASE, "coverage.cutoff_min=20,30", "--json")
    assert found.exit_code == 0, found.output
    told = json.loads(found.stdout)
    assert told["key"] == "coverage.cutoff_min"
    assert [row["value"] for row in told["values"]] == [20, 30]
    for row in told["values"]:
        assert row["winner"] == max(row["scores"], key=row["scores"].get)
    assert told["values"][0]["scores"] != told["values"][1]["scores"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["coverage.cutoff_min"], r"is not [SCENARIO.toml] KEY=V1,V2"),
        (["coverage.cutoff_min="], r"is not [SCENARIO.toml] KEY=V1,V2"),
        ([BASE, BASE, "coverage.cutoff_min=1"], r"is not [SCENARIO.toml] KEY=V1,V2"),
        (["coverage.cutof_min=20"], "did you mean 'cutoff_min'"),
        (["groups.balance=-1"], "greater than or equal to 0"),
    ],
)
def test_sweep_refuses_in_one_message(arguments, message):
    found = siting("sweep", *arguments, "--lang", "en")
    assert found.exit_code == 1
    assert message in found.output
