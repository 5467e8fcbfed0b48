"""A list as a statistics office hands it over, driven through the README's three steps.

The list is written here; neither its headings nor its industries are those of the demonstration.
"""

import json
import re
import shutil

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from siting.cli import app
from siting.inputs.places.crs import from_wgs84
from siting.scenario.toml_files import DEFAULT

TOWNS = (
    ("上仓镇", 117.389, 39.899),
    ("洇溜镇", 117.413, 39.977),
    ("邦均镇", 117.263, 39.991),
    ("渔阳", 117.40, 40.05),
)
CODES = ("1512", "2110", "3484", "3011", "2231", "1810", "4013", "2641")
SCENARIO = """base = "base.toml"
name = "mine"
title_zh = "我的名录"
title_en = "My register"

[data]
enterprises = "../raw/企业名单.xlsx"
"""
FIRST, LAST = 5, 44
WITHOUT_PLACE = (9, 23)
WITHOUT_CODE = 12


def office_list(path):
    """Write title and unit rows, a merged heading of two levels, 40 firms, totals and a note."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "规上工业"
    sheet.append(["某区工业企业名单（示例，企业均为虚构）"])
    sheet.append(["填报单位：某统计局　单位：人、千元"])
    upper = "序号 企业（单位）名称 国民经济行业 - 所在乡镇 从业人员 营业收入（千元） 坐标（高德） -"
    lower = "- - 代码 名称 - - - 经度 纬度"
    for level in (upper, lower):
        sheet.append([None if cell == "-" else cell for cell in level.split()])
    for merge in ("A1:I1", "A2:I2", "C3:D3", "H3:I3", *(f"{c}3:{c}4" for c in "ABEFG")):
        sheet.merge_cells(merge)
    for n, row in enumerate(range(FIRST, LAST + 1)):
        town, lon, lat = TOWNS[n % len(TOWNS)]
        lon, lat = from_wgs84([lon + 0.004 * (n % 5)], [lat + 0.003 * (n % 7)], "GCJ-02")
        place = (None, None) if row in WITHOUT_PLACE else (round(float(lon[0]), 6), round(float(lat[0]), 6))
        code = None if row == WITHOUT_CODE else CODES[n % len(CODES)]
        sheet.append([n + 1, f"虚构{n + 1:02}号厂", code, "某业", town, 20 + 7 * n, 9000 + 800 * n, *place])
    sheet.append(["合计", None, None, None, None, 6260, 984000, None, None])
    sheet.append([None] * 9)
    sheet.append(["注：经纬度由地图取得。"])
    book.create_sheet("填表说明").append(["一、本表为虚构。"])
    book.save(path)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "data"
    shutil.copytree(DEFAULT.parent.parent, folder)
    office_list(folder / "raw" / "企业名单.xlsx")
    (folder / "scenarios" / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(study):
    """The README's third step, as JSON; it ends with a page."""
    done = CliRunner().invoke(app, ["run", str(study / "scenarios" / "mine.toml"), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), study.parent / "maps" / "mine"


def test_check_keeps_what_run_uses(study, run):
    done = CliRunner().invoke(app, ["check", str(study / "raw" / "企业名单.xlsx"), "--json"])
    found = json.loads(done.stdout)
    assert found["outcome"] == "read"
    assert found["counts"] == {"data_rows": 40, "kept": 38, "set_aside": 2, "ignored_lines": 7}
    kept = [row for row in found["rows"] if row["status"] == "kept"]
    assert [row["row"] for row in kept if row["industry"] is None] == [WITHOUT_CODE]
    assert run[0]["manifest"]["files"]["enterprises"]["kept"] == 38


def test_every_site_is_measured_on_the_registers_own_scale(run):
    best = max(run[0]["ranking"], key=lambda row: row["score"])
    assert best["values"]["hours_saved"] > 0.6
    assert best["values"]["industry_coverage"] > 0


def test_notes_come_in_one_line_each(run):
    issues = pd.read_csv(run[1] / "issues.csv", dtype=str, encoding="utf-8-sig")
    codes = issues.iloc[:, issues.columns.str.contains("code|代码")].iloc[:, 0]
    assert codes[codes.isin(["E402", "E405", "E406", "E407"])].value_counts().eq(1).all()
    assert {"E402", "E405", "E406", "E407"} <= set(codes)


def test_nothing_is_recommended_and_the_open_questions_stand_on_page_and_in_json(run):
    result, folder = run
    html = (folder / "index.html").read_text(encoding="utf-8")
    seen = re.sub(r"<script[^>]*>.*?</script>|<[^>]+>", "", html, flags=re.DOTALL)
    assert "推荐方案" not in seen
    asked = ["expansion", "year", "weights", "origin"]
    assert [question["id"] for question in result["open_questions"]] == asked
    for question in result["open_questions"]:
        assert question["text_zh"] in seen
        assert question["text_en"]
