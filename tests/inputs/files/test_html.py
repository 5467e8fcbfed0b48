"""Pages saved as .xls: tables that only arrange others, text before the first tag, a charset that lies."""

import pytest

from siting.inputs.files.html_tables import MAX_NESTED
from siting.inputs.tables.read_table import read_table
from siting.types import InputError

HEADING = "<tr><th>企业名称</th><th>经度</th><th>纬度</th><th>所属乡镇</th></tr>"
ROWS = "<tr><td>虚构甲厂</td><td>117.401</td><td>40.045</td><td rowspan=2>渔阳镇</td></tr>"
ROWS += "<tr><td>虚构乙厂</td><td>117.385</td><td>39.87</td></tr>"
TABLE = f"<table>{HEADING}{ROWS}</table>"
NAMES = ["虚构甲厂", "虚构乙厂"]


@pytest.fixture
def read(tmp_path):
    def reader(page, encoding="utf-8"):
        path = tmp_path / "a.xls"
        path.write_bytes(page if isinstance(page, bytes) else page.encode(encoding))
        return read_table(path, crs="WGS84")

    return reader


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        (f"<table><tr><td>{TABLE}</td></tr></table>", [2, 3]),
        (f"<table><tr><td>导出结果{TABLE}</td></tr></table>", [3, 4]),
        (f"<table><tr><td>菜单</td><td>{TABLE}</td></tr><tr><td>版权</td></tr></table>", [3, 4]),
        (f"<div><table><tr><td><table><tr><td>{TABLE}</td></tr></table></td></tr></table></div>", [2, 3]),
        (
            f"<table><tr><td><table>{HEADING}</table></td></tr>"
            f"<tr><td><table>{ROWS}</table></td></tr></table>",
            [2, 3],
        ),
        (f"<table><tr><td>{TABLE}", [2, 3]),
    ],
)
def test_a_table_within_one_that_arranges_the_page(read, page, rows):
    table = read(f"<html><body>{page}</body></html>")
    assert table.frame["name"].tolist() == NAMES
    assert table.frame["row"].tolist() == rows
    assert table.frame["town"].tolist() == ["渔阳镇", "渔阳镇"]


def test_a_table_within_a_cell_of_the_register_is_text(read):
    inner = "<table><tr><td>甲</td><td>车间</td></tr><tr><td>乙</td><td>车间</td></tr></table>"
    page = f"<table>{HEADING.replace('所属乡镇', '地址')}<tr><td>虚构甲厂</td><td>117.401</td><td>40.045</td>"
    table = read(f"{page}<td>路{inner}</td></tr></table>")
    assert table.frame["address"].tolist() == ["路甲 车间 乙 车间"]
    assert table.counts["data_rows"] == 1


def test_tables_within_each_other_without_end(read):
    deep = "<table><tr><td>" * (MAX_NESTED * 50)
    with pytest.raises(InputError, match="no heading row"):
        read(f"<html>{deep}{TABLE}")
    assert read(f"{TABLE}{deep}").frame["name"].tolist() == NAMES


@pytest.mark.parametrize("before", ["导出时间：2011-03-01\n", "\n\n 共 2 家<br>", "\ufeff列表 "])
def test_text_before_the_first_tag(read, before):
    assert read(before + TABLE).frame["name"].tolist() == NAMES


def test_rows_with_tags_below_a_heading_are_no_page(read):
    table = read("企业名称,经度,纬度,地址\n虚构甲厂,117.401,40.045,<table><tr><td>路</td></tr></table>\n")
    assert table.frame["address"].tolist() == ["<table><tr><td>路</td></tr></table>"]


@pytest.mark.parametrize("real", ["utf-8", "gb18030"])
@pytest.mark.parametrize("said", ["utf-8", "gb2312", "big5", "iso-8859-1", ""])
def test_a_charset_that_lies(read, real, said):
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={said}">' if said else ""
    page = f"<html><head>{meta}</head><body>{TABLE}</body></html>"
    table = read(page, real)
    assert table.frame["name"].tolist() == NAMES
    assert table.encoding == real
