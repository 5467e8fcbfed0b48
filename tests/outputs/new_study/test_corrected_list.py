"""The corrected list reads back whole, and runs nothing in a spreadsheet."""

import io
import zipfile

import openpyxl
import pandas as pd
import pytest

from siting.inputs.places.region import Region
from siting.inputs.tables.read_table import read_table
from siting.outputs.new_study.corrected_list import corrected_list

LIST = """编号,单位名称,行业小类代码,所在乡镇,经度,纬度,期末人数,工业总产值（千元）,数据性质,电话
甲1,虚构食品厂,1411,上仓镇,117.391234,39.901234,80,12500,有据可查,x
乙2,"=HYPERLINK(""http://x.invalid"",""y"")",2921,某某乡,,,60,,,
丙3,,1411,上仓镇,117.39,39.90,5,,,
丁4,@SUM(1),水泥,上仓镇,117.38,39.91,,,测算假定,
"""
PLACES = pd.DataFrame(
    {
        "name": ["上仓镇", "下仓镇"],
        "name_2011": [None, None],
        "aliases": [None, "某某乡"],
        "kind": ["town", "town"],
        "lon": [117.39, 117.41],
        "lat": [39.9, 39.8],
        "position_error_m": [500.0, 500.0],
    }
)
TOWNS, CODES = {"某某乡": "下仓镇"}, {"2921": "30", "水泥": "3011"}


@pytest.fixture
def read(tmp_path):
    def read_list(content, name):
        path = tmp_path / name
        path.write_bytes(content)
        region = Region(None, PLACES, codes=CODES)
        return read_table(path, crs="WGS84", locate="town", region=region)

    return read_list


def test_it_reads_back_whole_with_what_was_assigned(read):
    table = read(LIST.encode("utf-8"), "名单.csv")
    assert len(table.set_aside) == 1
    content = corrected_list(table, TOWNS, CODES)
    assert content == corrected_list(table, TOWNS, CODES)
    again = read(content, "名单.xlsx")
    assert len(again.set_aside) == 0
    assert again.frame["town"].tolist() == ["上仓镇", "下仓镇", "上仓镇"]
    assert again.frame["industry"].tolist() == ["1411", "30", "3011"]
    assert again.frame["placed"].tolist() == table.frame["placed"].tolist()
    assert {issue.code for issue in again.issues if issue.severity == "changed"} == {"E217"}
    same = ["name", "lon", "lat", "employees", "output_wan", "basis"]
    pd.testing.assert_frame_equal(again.frame[same], table.frame[same], rtol=1e-9)


def test_names_stay_text_and_rows_set_aside_have_a_sheet(read):
    content = corrected_list(read(LIST.encode("utf-8"), "名单.csv"), TOWNS, CODES)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name).decode("utf-8") for name in parts.namelist() if "sheets/sheet" in name]
        assert not [name for name in parts.namelist() if "externalLink" in name or "_rels/sheet" in name]
    assert not [text for text in sheets if "<f>" in text]
    book = openpyxl.load_workbook(io.BytesIO(content))
    kept, aside, assigned = (list(page.iter_rows(values_only=True)) for page in book.worksheets)
    assert kept[2][1] == '=HYPERLINK("http://x.invalid","y")'
    assert book.worksheets[0].cell(3, 2).data_type == "s"
    assert kept[0][1] == "企业名称\n(name)"
    assert aside[1][:3] == (4, "无企业名称", "丙3")
    assert aside[0][3] == "原表·单位名称"
    assert assigned[1:] == [("某某乡", "下仓镇"), ("2921", "30"), ("水泥", "3011")]
