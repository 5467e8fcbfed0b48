"""Numbers, degrees, missing markers and names as people type them."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.inputs.tables.values import (
    ABOUT,
    BAD,
    COARSE,
    ERROR,
    MISSING,
    PLAIN,
    RANGE,
    REFORMED,
    clean_texts,
    is_missing,
    missing_mask,
    parse_degree,
    parse_degrees,
    parse_number,
    parse_numbers,
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\u3000",
        "—",
        "－",
        "-",
        "--",
        "——",
        "/",
        "无",
        "N/A",
        "n/a",
        "NA",
        "NULL",
        "null",
        "None",
        "nan",
        "NaN",
        "暂无",
        "不详",
        "未知",
        ".",
        "*",
        "…",
        "？",
        "<NA>",
        "- -",
        "_",
    ],
)
def test_missing_markers(text):
    assert is_missing(text)
    assert missing_mask([text, "320"]).tolist() == [True, False]
    assert parse_number(text)[1] == MISSING


@pytest.mark.parametrize("text", ["0", "NULL科技", "无锡厂", "虚构无名厂", "O", "NAN酒业"])
def test_what_only_looks_missing(text):
    assert not is_missing(text)


@pytest.mark.parametrize(
    ("text", "factor", "wan"),
    [
        ("¥15,800.00", 1.0, 15800), ("￥ 98000000", 0.0001, 9800), ("RMB 300", 1.0, 300),
        ("人民币5亿元", 0.0001, 50000), ("3,500,000元整", 1.0, 350),
    ],
)  # fmt: skip
def test_signs_of_the_currency_are_no_part_of_an_amount(text, factor, wan):
    parsed = parse_numbers([text], dimension="money", factor=factor)
    assert (parsed.values[0], parsed.found[0]) == (pytest.approx(wan), REFORMED)
    assert parse_number("¥30")[1] == BAD


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("320", 320, PLAIN),
        ("-5", -5, PLAIN),
        ("1e3", 1000, PLAIN),
        ("320.0", 320, PLAIN),
        ("３２０", 320, REFORMED),
        ("1,320", 1320, REFORMED),
        ("１，３２０", 1320, REFORMED),
        ("1 320", 1320, REFORMED),
        ("320人", 320, REFORMED),
        ("8 台", 8, REFORMED),
        ("1.2万", 12000, REFORMED),
        ("1.2万人", 12000, REFORMED),
        ("约320", 320, ABOUT),
        ("300余人", 300, ABOUT),
        ("近500", 500, ABOUT),
        ("320左右", 320, ABOUT),
        ("100-200", None, RANGE),
        ("100～200人", None, RANGE),
        ("100至200", None, RANGE),
        ("#DIV/0!", None, ERROR),
        ("#N/A", None, ERROR),
        ("inf", None, BAD),
        ("三百", None, BAD),
        ("12O", None, BAD),
        ("12,34", None, BAD),
        ("1_000", None, BAD),
        ("0x12", None, BAD),
        ("18%", None, BAD),
        (">300", None, BAD),
        ("TRUE", None, BAD),
        ("1e400", None, BAD),
        ("320人/120人", None, BAD),
        ("300美元", None, BAD),
    ],
)
def test_numbers(text, value, found):
    parsed = parse_numbers([text, "1"])
    assert parsed.found[0] == found
    assert math.isnan(parsed.values[0]) if value is None else parsed.values[0] == value
    assert parsed.values[1] == 1


@pytest.mark.parametrize(
    ("text", "factor", "wan"),
    [
        ("15800", 1, 15800),
        ("1.58", 10_000, 15800),
        ("1.58亿元", 1, 15800),
        ("15800万元", 10_000, 15800),
        ("158000000元", 1, 15800),
        ("500万元人民币", 1, 500),
    ],
)
def test_the_unit_in_the_cell_goes_before_the_heading(text, factor, wan):
    assert parse_numbers([text], dimension="money", factor=factor).values[0] == pytest.approx(wan)


@given(st.integers(0, 10**9))
def test_numbers_survive_being_written(n):
    wide = str(n).translate({ord("0") + i: ord("０") + i for i in range(10)})
    for text in (str(n), f"{n:,}", f" {n} ", f"{n}人", f"约{n}", wide, f"{n}.0", f"{n}台"):
        assert parse_number(text)[0] == n


@given(st.text(max_size=12))
def test_any_text_gives_a_number_or_a_reason(text):
    value, found, _ = parse_number(text)
    assert math.isfinite(value) == (found in (PLAIN, REFORMED, ABOUT))
    degree, kind = parse_degree(text, "E")
    assert math.isfinite(degree) == (kind == REFORMED)


DMS = [
    "117°24′00″E",
    "117°24'00\"E",
    "E117°24′00″",
    "东经117度24分0秒",
    "117度24分",
    "117°24.000′",
    "117.4°",
    "117.4E",
    "117:24:00",
    "117 24 00",
    "１１７°２４′００″",
    "117º24’00”",
    "117°24′0.0″",
    "经度：117.4",
    "117．4",
    "117.4000000000000057",
    "117-24-00",
    "117.24.00",
    "117° 24' 00\"",
    "lon: 117.4",
    "117°24'00''",
    "东经117.4°",
]


@pytest.mark.parametrize("text", DMS)
def test_degrees_in_many_spellings(text):
    parsed = parse_degrees([text], "E")
    assert parsed.values[0] == pytest.approx(117.4, abs=1e-9)
    assert parsed.found[0] == REFORMED


@pytest.mark.parametrize(
    ("text", "axis", "found"),
    [
        ("117°61′00″E", "E", BAD),
        ("117°24′75″", "E", BAD),
        ("40°02′42″E", "N", BAD),
        ("117°24′N", "E", BAD),
        ("117°", "E", COARSE),
        ("40度", "N", COARSE),
        ("117.4°24′", "E", BAD),
        ("E117.4E", "E", BAD),
        ("117.4O", "E", BAD),
        ("abc", "E", BAD),
        ("", "E", MISSING),
        ("—", "N", MISSING),
    ],
)
def test_impossible_degrees(text, axis, found):
    value, kind = parse_degree(text, axis)
    assert (math.isnan(value), kind) == (True, found)


def test_western_and_southern_degrees_are_negative():
    assert parse_degree("117°24′00″W", "E")[0] == pytest.approx(-117.4)
    assert parse_degree("南纬40度3分", "N")[0] == pytest.approx(-40.05)


def test_metres_with_separators_pass_as_numbers():
    assert parse_degree("4,415,165.63", "E") == (4415165.63, REFORMED)
    assert parse_degree("532938.94m", "N") == (532938.94, REFORMED)


@given(st.floats(73, 135, allow_nan=False))
def test_degrees_survive_being_written_as_dms(x):
    minutes, seconds = divmod(round(x * 3600 * 1000) / 1000, 60)
    degrees, minutes = divmod(int(minutes), 60)
    for form in ("{}°{:02d}′{:06.3f}″E", "东经{}度{}分{:.3f}秒", "{}:{}:{:.3f}", "{} {} {:.3f}"):
        text = form.format(degrees, minutes, min(seconds, 59.999))
        assert parse_degree(text, "E")[0] == pytest.approx(x, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("虚构春山\x00酒业有限公司", "虚构春山酒业有限公司"),
        ("虚构渔歌\u200b食品有限公司\ufeff", "虚构渔歌食品有限公司"),
        ("\u202e司公限有\u202c", "司公限有"),
        ("虚构长城\t建材厂\r", "虚构长城建材厂"),
        ("  虚构\n换行\u3000试验厂 ", "虚构 换行 试验厂"),
        ("虚构厂\u2028换行\u2029", "虚构厂 换行"),
        ("ABC\tCo  Ltd", "ABC Co Ltd"),
        ("cafe\u0301", "café"),
        ("虚构（蓟州）ＡＢ厂", "虚构（蓟州）ＡＢ厂"),
        ("虚构厂😀🏭", "虚构厂😀🏭"),
    ],
)
def test_names_are_cleaned_and_told(text, clean):
    cleaned, changed = clean_texts(["虚构厂", text])
    assert cleaned == ["虚构厂", clean]
    assert changed == ([1] if text != clean else [])


@given(st.lists(st.text(max_size=20), max_size=5))
def test_clean_names_hold_nothing_hidden_and_are_stable(texts):
    cleaned, _ = clean_texts(texts)
    assert not any(
        re.search("[\x00-\x08\x0e-\x1f\u200b-\u200f\u2028-\u202e\ufeff]", text) for text in cleaned
    )
    assert clean_texts(cleaned) == (cleaned, [])
