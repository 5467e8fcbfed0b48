"""CSV dialects: blanks about quotes, escaped quotes, single quotes, text kept as text, two marks."""

import codecs

import pytest

from siting.inputs.files.quoting import unwrap
from siting.inputs.tables.read_table import read_table

FIRM = ["虚构甲厂", "虚构路1号,2号楼", "117.401", "40.045"]
NAMES = ["企业名称", "地址", "经度", "纬度"]


@pytest.fixture
def read(tmp_path):
    def reader(text, encoding="utf-8"):
        path = tmp_path / "a.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return read_table(path, crs="WGS84")

    return reader


def quoted(cells, quote, join):
    return join.join(f"{quote}{cell}{quote}" for cell in cells)


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("join", [",", ", ", ",  ", " , ", ";", "; ", "\t"])
@pytest.mark.parametrize("heading_quoted", [True, False])
def test_quotes_of_either_kind_with_blanks_about_them(read, quote, join, heading_quoted):
    heading = quoted(NAMES, quote if heading_quoted else "", join)
    table = read(f"{heading}\n{quoted(FIRM, quote, join)}\n{quoted(FIRM, quote, join)}\n")
    assert table.frame[["name", "address", "lon", "lat"]].values.tolist() == [[*FIRM[:2], 117.401, 40.045]]
    assert table.counts == {"data_rows": 2, "kept": 1, "set_aside": 1, "ignored_lines": 0}
    assert table.set_aside["reason"].tolist() == ["E107"]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (r'"\"虚构路\"1号,2号楼"', '"虚构路"1号,2号楼'),
        (r'"D:\\表\\1,2"', r"D:\表\1,2"),
        ('"虚构路1号,""甲""楼"', '虚构路1号,"甲"楼'),
        ('"虚构路1号" ', "虚构路1号"),
        ('虚构"路"1号', '虚构"路"1号'),
    ],
)
def test_escaped_quotes(read, written, address):
    broken_elsewhere = '"虚构乙厂" ,"路",117.4,40.03\n'
    table = read(f"企业名称,地址,经度,纬度\n{broken_elsewhere}虚构甲厂,{written},117.401,40.045\n")
    assert table.frame["name"].tolist() == ["虚构乙厂", "虚构甲厂"]
    if "\\" not in written or r"\"" in written:
        assert table.frame["address"].tolist() == ["路", address]


def test_an_apostrophe_is_no_quote_where_no_cell_is_so_quoted(read):
    text = "企业名称,地址,经度,纬度\n虚构甲厂,'东路'1号,117.401,40.045\n虚构O'乙厂,路,117.41,40.04\n"
    assert read(text).frame["address"].tolist() == ["'东路'1号", "路"]


def test_text_kept_as_text_is_that_text(read):
    text = "企业名称,地址,统一社会信用代码,行业代码,经度,纬度,从业人员\n"
    text += '"=""虚构甲厂""",路,="91120119MAFAKE0198",="0142",="117.401",40.045,="120"\n'
    text += "虚构乙厂,'东路',\"'91120119MAFAKE0273\",'0141,117.385,39.87,'56\n"
    table = read(text)
    assert table.frame[["name", "uscc", "industry", "employees"]].values.tolist() == [
        ["虚构甲厂", "91120119MAFAKE0198", "0142", 120],
        ["虚构乙厂", "91120119MAFAKE0273", "0141", 56],
    ]
    assert [issue.action for issue in table.issues if issue.code == "E014"] == [
        'cells written as text for Excel (="…" or a leading apostrophe) read as that text: 8'
    ]
    assert {issue.code for issue in table.issues} == {"E001", "E014", "E315", "E321"}


def test_headings_kept_as_text_are_that_text(read):
    table = read('="企业名称",="经度",="纬度"\n虚构甲厂,117.401,40.045\n')
    assert dict(table.headings) == {"name": "企业名称", "lon": "经度", "lat": "纬度"}


def test_a_formula_that_is_more_than_a_text_stays():
    cells = ['=HYPERLINK("x","y")', '="a"&"b"', "='x'", "'甲厂", "'1'", '="a""b"']
    assert unwrap(cells) == 1
    assert cells == ['=HYPERLINK("x","y")', '="a"&"b"', "='x'", "'甲厂", "'1'", 'a"b']


@pytest.mark.parametrize("marks", [2, 3])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_every_byte_order_mark_goes(read, marks, encoding):
    mark = {
        "utf-8": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE
    }[encoding]  # fmt: skip
    content = mark * marks + "企业名称,经度,纬度\n虚构甲厂,117.401,40.045\n".encode(encoding)
    assert read(content).headings["name"] == "企业名称"
