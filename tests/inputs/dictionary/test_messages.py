"""Messages say the same in both languages, and a refusal speaks the language asked for."""

import string

import pytest

from siting.inputs.dictionary.issues import messages
from siting.outputs.check.report import check_file, issue_codes
from siting.types import InputError

REGISTER = "企业名称,经度,纬度\n虚构厂,117.4,40.045\n"


def places(text):
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name.removesuffix("_zh") for name in names}


@pytest.mark.parametrize("code", sorted(messages()))
def test_both_languages_say_the_same(code):
    message = messages()[code]
    assert message["severity"] in ("set_aside", "changed", "note", "refused", "report")
    for part in ("action", "hint"):
        english, chinese = message[part], message[f"{part}_zh"]
        assert bool(english) == bool(chinese)
        assert places(english) == places(chinese)
    if message["severity"] in ("refused", "set_aside"):
        assert message["hint"], "whoever loses a row or a file is told what to do"


def test_codes_are_told_once():
    codes = [row["code"] for row in issue_codes()]
    assert codes == sorted(set(codes))
    assert {"E001", "E101", "E514"} <= set(codes)


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
