"""Credit codes against python-stdnum, organisation codes by hand, industries by division."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from siting.inputs.tables.codes import (
    SECTIONS,
    check_industries,
    check_uscc,
    is_organisation_code,
    is_uscc,
    parse_standard,
    sections,
    settle_short_codes,
)
from siting.inputs.tables.read_table import read_table
from siting.types import InputError

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def valid_code(seed: int) -> str:
    """Make a code whose inner organisation code and outer check digit both hold."""
    draw = random.Random(seed)
    inner = "".join(draw.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(8))
    total = sum(w * int(c, 36) for w, c in zip((3, 7, 9, 10, 5, 8, 4, 2), inner, strict=True))
    head = "91120119" + inner + "0123456789X0"[(11 - total % 11) % 11]
    return head + stdnum_uscc.calc_check_digit(head)


@given(st.integers(0, 10**6))
def test_valid_codes_pass_as_in_stdnum(seed):
    code = valid_code(seed)
    assert stdnum_uscc.is_valid(code)
    assert is_uscc([code]).all()


@given(st.integers(0, 10**4), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_changed_character_is_always_detected(seed, at, letter):
    code = valid_code(seed)
    changed = code[:at] + letter + code[at + 1 :]
    assert is_uscc([changed])[0] == (changed == code)


@given(st.integers(0, 10**4), st.integers(0, 16))
def test_swapped_neighbours_are_detected(seed, at):
    code = valid_code(seed)
    swapped = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert is_uscc([swapped])[0] == (swapped == code)


@given(st.text(alphabet=ALPHABET + "IOSVZ中-", min_size=0, max_size=20))
def test_never_more_lenient_than_stdnum(text):
    if is_uscc([text])[0]:
        assert stdnum_uscc.is_valid(text)


def test_organisation_code_of_the_standard():
    # GB 11714-1997, example: D2143569-X
    assert is_organisation_code(["D2143569X", "D21435690", "MAFAKE019", "short"]).tolist() == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "code", "fault"),
    [
        ("91120119MAFAKE0198", "91120119MAFAKE0198", None),
        ("91120119mafake0198", "91120119MAFAKE0198", "reformed"),
        ("９１１２０１１９MAFAKE0198", "91120119MAFAKE0198", "reformed"),
        ("91120119 MAFAKE 0198", "91120119MAFAKE0198", "reformed"),
        ("'91120119MAFAKE0198", "91120119MAFAKE0198", "reformed"),
        ("91120119MAFAKE0199", None, "check"),
        ("91120119MAFAKEO198", None, "check"),
        ("91120119MAFAKE01", None, "length"),
        ("MAFAKE01-9", None, "organisation"),
        ("120225000012345", None, "registration"),
        ("9.11201E+17", None, "rounded"),
        ("911201190000000000", None, "rounded"),
        ("911201190123456000", None, "rounded"),
        ("—", None, None),
        ("", None, None),
    ],
)
def test_codes_as_found(text, code, fault):
    codes, faults = check_uscc([text])
    assert codes[0] == code
    assert faults.get(0) == fault


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1512", "1512"), ("C1512", "1512"), ("c1512", "1512"), ("Ｃ１５１２", "1512"), ("1512.0", "1512"),
        (" 1512 ", "1512"), ("C15", "15"), ("15", "15"), ("151", "151"), ("C15酒、饮料和精制茶制造业", "15"),
        ("1512 白酒制造", "1512"), ("A0111", "0111"), ("0111", "0111"), ("4412", "4412"),
        ("9999", None), ("白酒制造", None), ("", None), ("C", None), ("D1512", None), ("1512;1432", None),
        ("15123", None), ("0012", None), ("-1512", None), ("5", None), ("1512/1432", None),
    ],
)  # fmt: skip
def test_industry_forms(text, code):
    codes, faults = check_industries([text], year=2017)
    assert codes[0] == code
    assert (0 in faults) == (code is None and text != "")


def test_the_year_decides_the_letter_and_the_last_division():
    def code(text, year):
        return check_industries([text], year=year)[0][0]

    assert code("S9010", 2011) == "9010"
    assert code("S9010", 2017) is None  # R in 2017
    assert code("9710", 2017) == "9710"
    assert code("9710", 2011) is None
    assert code("9810", None) == "9810"  # 2002 had a division 98
    assert code("4412", 2011) == code("4412", 2017) == "4412"  # never translated


def test_sections_hold_each_division_once():
    # GB/T 4754-2017: 20 sections, 97 divisions; C 13–43, S 91–96, T 97
    assert "".join(SECTIONS[2017]) == "ABCDEFGHIJKLMNOPQRST"
    for year, last in ((2002, 98), (2011, 96), (2017, 97)):
        assert [len(sections(d, year)) for d in range(1, last + 1)] == [1] * last if year != 2002 else True
        assert sections(last + 1, year) == set()
    assert sections(15, 2017) == {"C"}
    assert sections(90, 2011) == {"S"}
    assert sections(90, 2017) == {"R"}


def test_short_codes_need_a_class_of_their_group():
    codes = np.array(["1512", "151", "111", "142", "0111", None, "15"], dtype=object)
    assert settle_short_codes(codes).tolist() == [False, False, True, True, False, False, False]
    both = np.array(["1512", "151", "0151"], dtype=object)
    assert settle_short_codes(both).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("text", "year"), [("2017", 2017), (2011, 2011), ("GB/T 4754-2017", 2017), (None, None)]
)
def test_declared_year(text, year):
    assert parse_standard(text) == year


@pytest.mark.parametrize("text", ["1994", "2020", "latest", 17])
def test_other_years_are_refused(text):
    with pytest.raises(InputError, match="is not known; allowed: GB/T 4754 of 2002, 2011, 2017"):
        parse_standard(text)


@pytest.mark.parametrize("cell", ["13;14", "13 14", "13，14", "13、14", "13, 14", " 13；14 "])
def test_code_prefixes_are_told_apart_however_they_are_listed(tmp_path, cell):
    path = tmp_path / "industries.csv"
    path.write_text(f'id,name,codes,pillar\nfood,食品,"{cell}",yes\nmetal,金属,33,yes\n', encoding="utf-8")
    assert read_table(path, "industries").frame["codes"].tolist() == ["13;14", "33"]


def codes_told(path, **options):
    table = read_table(path, crs="WGS84", **options)
    return table, [issue.code for issue in table.issues if issue.code in ("E315", "E923", "E924")]


@pytest.mark.parametrize(
    ("title", "heading"),
    [("企业名录", "行业代码（GB/T 4754-2017）"), ("行业代码依GB/T4754—2017", "行业代码")],
)
def test_the_year_of_the_standard_that_a_file_states(tmp_path, title, heading):
    path = tmp_path / "a.csv"
    text = f"{title},,,\n企业名称,{heading},经度,纬度\n虚构甲厂,8610,117.401,40.045\n"
    path.write_text(text, encoding="utf-8")
    table, told = codes_told(path)
    assert (told, table.frame["industry_section"].tolist()) == (["E923"], ["R"])
    assert codes_told(path, industry_standard=2017)[1] == []
    table, told = codes_told(path, industry_standard=2002)
    assert (told, table.frame["industry_section"].tolist()) == (["E924"], ["Q"])
