"""Messages say the same in both languages, and a refusal speaks the language asked for."""

import ast
import pickle
import re
import string

import pytest

from siting.messages import messages, refusal, refusals, text_of
from siting.outputs.check.report import check_file
from siting.types import InputError, ScenarioError
from tests.paths import ROOT

NO_LOSS = ("E116", "R101", "R102", "R105", "R106")
"""Not lost: devices counted in their firm; footpaths, roads not open, stretches of no length, repetitions."""
REGISTER = "企业名称,经度,纬度\n虚构厂,117.4,40.045\n"


def places(text):
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name.removesuffix("_zh") for name in names}


@pytest.mark.parametrize("code", sorted(messages()))
def test_both_languages_say_the_same(code):
    message = messages()[code]
    assert message["severity"] in ("set_aside", "changed", "note", "refused", "fault", "report", "part")
    for part in ("action", "hint"):
        english, chinese = message[part], message[f"{part}_zh"]
        assert bool(english) == bool(chinese)
        assert places(english) == places(chinese)
    assert None not in message, "a comma in a text without quotation marks"
    if message["severity"] in ("refused", "fault", "set_aside") and code not in NO_LOSS:
        assert message["hint"], "whoever loses a row or a file is told what to do"


@pytest.mark.parametrize(
    ("content", "options", "english", "chinese"),
    [
        ("", {}, "t.csv: is empty; give the file with its rows", "t.csv：为空文件；请提供有内容的文件"),
        ("%PDF-1.4", {}, "t.csv: is a PDF document; save", "t.csv：并非数据表，而是“PDF 文档”；表格请另存"),
        ("<gml></gml>", {}, "t.csv: is a GML layer; export it", "t.csv：为“GML 图层”，不能直接读取；请导出"),
        (
            REGISTER,
            {"crs": "foo"},
            "t.csv: unknown coordinate system 'foo'",
            "t.csv：无法识别坐标系“foo”；可用",
        ),
        (REGISTER, {}, "t.csv: the coordinate system is not declared", "t.csv：未声明坐标系（数值像经纬度"),
        (
            "企业名称,经度,经度\n虚构厂,117.4,40.045\n",
            {},
            "t.csv: the same heading stands twice: '经度' (column 2) and '经度' (column 3);",
            "t.csv：列标题重复：“经度”（第 2 列）、“经度”（第 3 列）；",
        ),
        (
            "企业名称,经度,伟度\n虚构厂,117.4,40.045\n",
            {},
            "t.csv: no column for 纬度 (lat); headings seen: 企业名称, 经度, 伟度",
            "t.csv：缺少列：纬度；所见列标题：企业名称, 经度, 伟度",
        ),
        (
            REGISTER,
            {"industry_standard": 1999},
            "industry standard 1999 is not known; allowed",
            "没有 1999 年版的行业分类标准；可用",
        ),
    ],
)
def test_a_refusal_in_either_language(tmp_path, content, options, english, chinese):
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8")
    for lang, begins in (("en", english), ("zh", chinese)):
        result = check_file(path, lang=lang, **options)
        assert result.text.startswith(begins)
        assert result.json["message"] == result.text
        assert "\n" not in result.text


def test_an_error_without_a_chinese_text_repeats_the_english():
    assert InputError("no").message_zh == "no"


# the table and the code -----------------------------------------------------------------------------

PACKAGE = ROOT / "siting"
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
ERRORS = {"InputError", "ScenarioError", "OutputError", "InstallationError"}
MAKERS = {
    *("refusal", "refusals", "error_of", "fault_of"),
    *("_refusal", "_no_toml", "_nothing_usable", "_explained"),
}
"""Functions that make an error of codes; those with an underscore call the others in their own module."""
NOBODYS = {
    "cli.py": {"SystemExit", "typer.Exit"},
    "commands/browser/opening.py": {"SystemExit"},
    "__main__.py": {"SystemExit"},
    "__init__.py": {"AttributeError"},
    "inputs/files/delimited.py": {"csv.Error"},
    "inputs/files/xlsx.py": {"Enough"},
    "inputs/roads/extracts/osm.py": {"UnsortedError"},
    "inputs/roads/extracts/osm_filter.py": {"UnsortedError"},
    "outputs/write_files.py": {"IsADirectoryError"},
    "inputs/roads/compact_layer/lines.py": {"DamagedError"},
    "inputs/roads/compact_layer/packed.py": {"DamagedError"},
    "common/file_bytes.py": {"OSError", "IsADirectoryError"},
}
"""Errors that reach no user: caught where they are raised, or a fault in a file of this package."""


def made_by(node):
    """Name of what a `raise` raises; None where an error that was caught goes on."""
    made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return None if node.exc is None else ast.unparse(made)


@pytest.mark.parametrize("name", SOURCES)
def test_every_error_of_a_user_has_a_code(name):
    raised = {made_by(node) for node in ast.walk(SOURCES[name]) if isinstance(node, ast.Raise)}
    assert raised - {None} - MAKERS - NOBODYS.get(name, set()) == set()
    if name != "messages.py":
        made = {ast.unparse(node.func) for node in ast.walk(SOURCES[name]) if isinstance(node, ast.Call)}
        assert made & ERRORS == set(), "errors are made of codes: see `refusal`"


def test_every_code_is_used_and_every_code_used_exists():
    words = {
        node.value
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    used = {word for word in words if re.fullmatch(r"[EPR]\d{2,3}", word)}
    assert used == set(messages())


@pytest.mark.parametrize("name", SOURCES)
def test_every_message_gets_the_words_that_it_needs(name):
    wording = {"text_of", "refusal", "_refusal", "refuse", "_worded", "log.add"}
    own = {"row", "column", "value"}
    always = {"command"}
    for node in ast.walk(SOURCES[name]):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) in wording):
            continue
        codes = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and a.value in messages()]
        given = {keyword.arg for keyword in node.keywords}
        if not codes or None in given:
            continue
        message = messages()[codes[0]]
        needed = places(message["action"]) | places(message["hint"])
        assert needed <= {word.removesuffix("_zh") for word in given} | always, f"{name}:{node.lineno}"
        if ast.unparse(node.func) == "refusal":
            assert "kind" not in needed
        elif ast.unparse(node.func) == "log.add":
            assert needed & own == set()


READ = "a pattern or word by which cells, headings or names are read, never shown"
NAMES = "names of criteria stand in their one record, see CONTRIBUTING"
CHINESE = {
    "analysis/decision/criteria.py": NAMES,
    "common/romanise.py": "ends of names that are written apart in pinyin",
    "inputs/files/encodings.py": READ,
    "inputs/files/raw.py": READ,
    "inputs/headings/axes.py": READ,
    "inputs/headings/degrees.py": READ,
    "inputs/headings/match_headings.py": READ,
    "inputs/headings/naming.py": READ,
    "inputs/headings/titles.py": READ,
    "inputs/places/crs.py": READ,
    "inputs/tables/positions.py": READ,
    "inputs/tables/rules/columns.py": READ,
    "inputs/tables/rules/ignored.py": READ,
    "inputs/tables/rules/systems.py": READ,
    "inputs/tables/times/measured_trips.py": READ,
    "inputs/tables/units_row.py": READ,
    "inputs/tables/values.py": READ,
    "outputs/page/page.py": "the word that every title of a page contains",
    "outputs/tables/results_workbook.py": "units by which a heading is parted",
    "outputs/text/wording.py": "unit by which a criterion is written",
    "study/changes/registers.py": READ,
}
"""Modules that may hold Chinese texts, and why; all others leave them to the tables."""


@pytest.mark.parametrize("name", SOURCES)
def test_modules_leave_chinese_to_the_tables(name):
    nodes = list(ast.walk(SOURCES[name]))
    documentation = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and id(node) not in documentation]
    chinese = [text for text in texts if isinstance(text, str) and re.search("[\u4e00-\u9fff]", text)]
    assert bool(chinese) == (name in CHINESE), chinese


def test_an_error_of_many_tells_all_in_both_languages():
    faults = [text_of("E606", "a.toml:1"), refusal("b.csv", "E507"), text_of("E606", "a.toml:1")]
    error = refusals(faults, ScenarioError)
    assert str(error).splitlines() == [
        "a.toml:1: not UTF-8 text; save the file as UTF-8",
        "b.csv: is empty; give the file with its rows",
    ]
    assert error.message_zh.splitlines() == [
        "a.toml:1：不是 UTF-8 文本；请另存为 UTF-8",
        "b.csv：为空文件；请提供有内容的文件",
    ]
    assert pickle.loads(pickle.dumps(error)).message_zh == error.message_zh


def test_braces_and_line_breaks_in_names_do_no_harm():
    error = refusal("a{b}.csv", "E584", crs="{x}\nEvil: {0}", accepted="WGS84")
    assert "\n" not in str(error)
    assert "{0}" in error.message_zh
    assert "a{b}.csv" in str(error)
