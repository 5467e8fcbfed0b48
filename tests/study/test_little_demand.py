"""Lists that carry little: nobody needs a test, or hardly anybody is on the list."""

import json
import re

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from siting.cli import app
from tests.few_draws import FEW_DRAWS

HEADING = "企业名称,行业代码,经度,纬度,从业人员,年产值（万元）,特种设备数量,年检测量\n"
NONE_NEEDED = HEADING + "".join(
    f"虚构{n}号厂,3484,{117.3 + 0.02 * n},{39.9 + 0.01 * n},60,2500,0,0\n" for n in range(4)
)
SEVEN = HEADING + "".join(
    f"虚构{n}号厂,3484,{117.3 + 0.02 * n},{39.9 + 0.01 * n},{60 + n},2500,3,\n" for n in range(7)
)
FEW_ZH, FEW_EN = "名录中采用的企业只有 7 家", "Enterprises of the register that are used: only 7 (fewer"


def run(folder, text, *more):
    path = folder / "名单.csv"
    path.write_text(text, encoding="utf-8")
    out = folder / "out"
    command = ["run", "--enterprises", str(path), "--crs", "WGS84", "--out", str(out), *more]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    return done, out


def seen(out):
    html = (out / "index.html").read_text(encoding="utf-8")
    return re.sub(r"<script[^>]*>.*?</script>|<[^>]+>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize("text", [NONE_NEEDED, NONE_NEEDED.replace(",60,2500,0,0", ",,,0,0")])
def test_without_demand_there_is_nothing_to_serve(tmp_path, text):
    done, out = run(tmp_path, text, "--json")
    result = json.loads(done.stdout)
    conclusion = result["conclusion"]
    assert conclusion["where"]["verdict"] == "undecided"
    assert conclusion["where"]["sites"] == []
    for question in conclusion.values():
        assert question["text_zh"].startswith("没有需求可服务：名录中采用的 4 家企业均无检测需求")
        assert question["text_en"].startswith("Nothing to serve: none of the 4 enterprises used")
    assert "没有需求可服务" in seen(out)
    assert not re.search("得分最高|推荐方案|NaN", seen(out))
    assert "nan" not in (out / "ranking.csv").read_text(encoding="utf-8-sig").lower()


def test_less_than_one_test_a_year_is_nothing_to_serve(tmp_path):
    """A demand above zero that asks for no place: neither a score nor a best site is told."""
    told = ["run", "--set=demand.multiple=1e-9", "--out", str(tmp_path), "--json", *FEW_DRAWS]
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    build, where = (result["conclusion"][question] for question in ("build", "where"))
    assert (build["verdict"], where["verdict"], where["sites"]) == ("does_not_pay", "undecided", [])
    for question in (build, where):
        assert question["text_zh"].startswith(
            "没有需求可服务：名录中采用的 400 家企业全年检测量合计不足 1 批"
        )
        assert question["text_en"].startswith("Nothing to serve: the 400 enterprises used need less than one")
    assert {row["rank"] for row in result["ranking"]} == {None}
    assert result["winners"] == []
    assert not {"wins", "free", "order_keeping"} & result["sureness"].keys()
    assert not re.search("得分最高|推荐方案|NaN", seen(tmp_path))
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.search('<div hidden[^>]*>\\s*<h3 id="h-winners"', html)
    assert "（现有的 0.000000001 倍）" in html


def test_without_demand_the_console_lists_no_ranks(tmp_path):
    done, _ = run(tmp_path, NONE_NEEDED)
    assert done.stdout.splitlines()[0].startswith("没有需求可服务")
    assert not re.search(r"^ +\d+ +\d+\.\d", done.stdout, re.MULTILINE)
    english, _ = run(tmp_path, NONE_NEEDED, "--lang", "en")
    assert english.stdout.startswith("Nothing to serve")


def test_without_demand_no_table_and_no_page_ranks(tmp_path):
    """Costs alone would give an order, which would read as a choice."""
    done, out = run(tmp_path, NONE_NEEDED, "--json")
    rows = json.loads(done.stdout)["ranking"]
    sites = json.loads((out / "sites.geojson").read_text(encoding="utf-8"))["features"]
    assert [site["id"] for site in sites][len(rows) :] == ["mobile", "city"]
    sites = sites[: len(rows)]
    assert [row["site"] for row in rows] == [site["id"] for site in sites], "in the order of the study"
    for row, site in zip(rows, sites, strict=True):
        on_map = site["properties"]
        assert {row["rank"], row["score"], on_map["rank"], on_map["score"]} == {None}
        assert set(row["contributions"].values()) == {None}
        assert row["raw"]["net_cost_wan"] is not None
    ranking = pd.read_csv(out / "ranking.csv")
    assert set(ranking["位次"]) == {"无检测需求，不排序"}
    assert ranking.filter(regex="得分").isna().all(axis=None)
    assert ranking["净费用（万元）"].notna().all()
    sheets = set(openpyxl.load_workbook(out / "results.xlsx", read_only=True).sheetnames)
    assert {"结论", "排序", "指标值"} < sheets
    assert not {"得分复算", "得分贡献", "结果稳定性"} & sheets
    html = (out / "index.html").read_text(encoding="utf-8")
    for part in ("why-section", "try", "robust-section"):
        assert re.search(f'<(section|div)( class="live")? hidden id="{part}"', html)
    assert "<td>—</td>" in html
    assert not re.search(r"<td>\d+\.\d</td>", html)


def test_a_list_of_few_enterprises_is_told(tmp_path):
    done, out = run(tmp_path, SEVEN, "--json")
    where = json.loads(done.stdout)["conclusion"]["where"]
    assert FEW_ZH in where["text_zh"]
    assert FEW_EN in where["text_en"]
    assert FEW_ZH in seen(out)
    sheets = set(openpyxl.load_workbook(out / "results.xlsx", read_only=True).sheetnames)
    assert not [sheet for sheet in sheets if "意向" in sheet], "nothing was pledged"
    console, _ = run(tmp_path, SEVEN)
    assert FEW_ZH in console.stdout


def test_enough_enterprises_are_not_called_few(base_result, tmp_path):
    base_result.save(tmp_path)
    assert "名录中采用的企业只有" not in seen(tmp_path)
