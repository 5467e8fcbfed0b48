"""The planner's desk: what a notebook calls, and what it shows."""

import json
import re
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

import siting
from siting.comparison import Comparison
from siting.result import Page
from siting.types import InputError, ScenarioError, Table
from tests.outputs.frames import page_in

FIRMS = """企业名称,所属行业代码,乡镇,经度,纬度,从业人数
虚构食品厂,1411,上仓镇,117.39,39.90,80
虚构服装厂,1810,邦均镇,117.26,39.99,120
虚构建材厂,3031,别山镇,117.46,39.98,60
虚构无坐标厂,3031,别山镇,,,60
"""


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    path = tmp_path_factory.mktemp("desk") / "企业名单.csv"
    path.write_text(FIRMS, encoding="utf-8")
    return siting.read_enterprises(path, crs="WGS84", industry_standard=2011)


@pytest.fixture(scope="module")
def other_result(base_study, register):
    return base_study.with_(enterprises=register, weights={"balance": 0.4}, name="own").run()


def test_load_takes_settings():
    study = siting.load(
        settings={"register.spread": "urban", "travel_time.closures": ["S1"], "title_en": "a: b"}
    )
    assert study.inputs.tables["enterprises"].file == "register-urban.csv"
    assert study.scenario.travel_time.closures == ("S1",)
    assert study.scenario.title_en == "a: b"
    with pytest.raises(ScenarioError, match="did you mean 'register'"):
        siting.load(settings={"registers.spread": "urban"})


def test_texts_stay_texts_whatever_they_look_like():
    titles = {"title_en": '12 "quoted" \\ [x]', "title_zh": "true"}
    scenario = siting.load(settings=titles).scenario
    assert (scenario.title_en, scenario.title_zh) == tuple(titles.values())


def test_a_study_shows_its_tables(base_study):
    assert len(base_study.enterprises) == 400
    assert {"shangcang", "city", "mobile"} <= set(base_study.sites.index)
    assert base_study.issues == base_study.inputs.issues


def test_read_enterprises_keeps_and_sets_aside(register):
    assert isinstance(register, Table)
    assert dict(register.counts) | {"ignored_lines": 0} == {
        "data_rows": 4,
        "kept": 3,
        "set_aside": 1,
        "ignored_lines": 0,
    }
    assert list(register.frame["name"]) == ["虚构食品厂", "虚构服装厂", "虚构建材厂"]
    assert list(register.set_aside["row"]) == [5]


def test_read_enterprises_without_a_scenario(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_text(FIRMS, encoding="utf-8")
    table = siting.read_enterprises(path, crs="WGS84", scenario=tmp_path / "none.toml")
    assert table.counts["kept"] == 3


def test_with_leaves_the_study_as_it_is(base_study, register):
    before = base_study.scenario.sha256
    other = base_study.with_(
        enterprises=register,
        weights={"hours_saved": 0.9, "balance": 0.4},
        name="other",
        settings={"coverage.cutoff_min": 45},
    )
    assert (base_study.scenario.sha256, len(base_study.enterprises)) == (before, 400)
    assert len(other.enterprises) == 3
    assert other.enterprises.crs == base_study.enterprises.crs
    weights = {use.name: use.weight for use in other.scenario.criteria}
    assert (weights["hours_saved"], other.scenario.groups.balance) == (0.9, 0.4)
    assert (other.scenario.name, other.scenario.coverage.cutoff_min) == ("other", 45)
    assert base_study.with_() == base_study


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"weights": {"hour_saved": 1}}, ScenarioError, "did you mean 'hours_saved'"),
        ({"weights": {"hours_saved": float("nan")}}, ScenarioError, "finite number"),
        ({"weights": {"hours_saved": -1}}, ScenarioError, "greater than or equal to 0"),
        ({"settings": {"coverage.cutoff": 45}}, ScenarioError, "did you mean 'cutoff_min'"),
        ({"settings": {"register.spread": "urban"}}, ScenarioError, "settles how files are read"),
        ({"settings": {"data.sites": "x.csv"}}, ScenarioError, "settles how files are read"),
        ({"name": ""}, ScenarioError, "at least 1 character"),
        ({"enterprises": pd.DataFrame()}, InputError, "read by siting.read_enterprises"),
        ({"enterprises": "名单.csv"}, InputError, "read by siting.read_enterprises"),
    ],
)
def test_changes_that_are_refused(base_study, change, error, message):
    with pytest.raises(error, match=message):
        base_study.with_(**change)


def test_a_result_shows_itself(base_result):
    table = base_result.table
    assert list(table.columns[:5]) == ["rank", "name", "score", "tie", "verdict"]
    np.testing.assert_allclose(table[base_result.contributions.columns].sum(axis=1), table["score"])
    assert base_result.best == table.index[0]
    assert list(base_result.matrix.columns) == list(base_result.values.columns)
    assert base_result.robustness.winner == base_result.best
    assert base_result.appraisal.summary.loc["city", "hours_saved"] == 0


def test_everything_shows_itself_shortly(base_study, base_result, other_result):
    """One line each, and a small table that names options, scores in points; no id, no share of 1."""
    compared = siting.compare(base_result, other_result)
    shows = {
        "400 家": base_study,
        "79.6": base_result,
        "得分最高": compared,
        "离线地图": base_result.map(),
        "选址方案比选": base_result.explore(),
    }
    for told, thing in shows.items():
        line, shown = repr(thing), thing._repr_html_()
        assert told in line
        assert len(line) < 300
        assert "\n" not in line
        if told not in ("离线地图", "选址方案比选"):
            assert len(shown) < 3_000
            assert not re.search(r"yinliu|county_seat|\b0\.\d{3}", shown)
            assert base_result.table.loc["yinliu", "name"] in shown


def test_a_result_says_first_what_page_and_json_say_first(base_result):
    shown = base_result._repr_html_()
    build, where = (base_result.conclusion[key]["text_zh"] for key in ("build", "where"))
    told = re.findall("<p><b>(.*?)</b></p>", shown)
    assert build.startswith(told[0])
    assert where.startswith(told[1])
    assert all(line in base_result.explore().source for line in told)


def test_names_cannot_leave_a_card(base_study, base_result):
    scenario = base_study.scenario.model_copy(update={"title_zh": "<b onload=x>\u202e"})
    inputs = replace(base_study.inputs, sites=base_study.sites.assign(name="<img src=x>"))
    shown = siting.Study(scenario, inputs)._repr_html_()
    evidence = replace(base_result.evaluation.evidence, inputs=inputs)
    shown += siting.Result(replace(base_result.evaluation, evidence=evidence))._repr_html_()
    assert "<img" not in shown
    assert "<b onload" not in shown
    assert "\u202e" not in shown
    assert "&lt;img" in shown


def test_explain_speaks_both_languages(base_result):
    for lang in ("zh", "en"):
        said = base_result.explain(lang=lang)
        assert said
        assert all(isinstance(line, str) and "{" not in line for line in said)
    name = base_result.table.loc["xiacang", "name"]
    assert any(name in line for line in base_result.explain("xiacang"))
    with pytest.raises(InputError, match="no option 'atlantis'; options: .*shangcang"):
        base_result.explain("atlantis")


def test_explore_shows_the_page_in_a_frame(base_result):
    page = base_result.explore(height=500)
    shown = page._repr_html_()
    assert page_in(shown) == page.source
    assert "height:500px" in shown
    assert len(shown) < 200_000


def test_a_result_is_drawn_on_a_folium_map(base_result):
    import folium

    m = base_result.map(site="bangjun", lang="en")
    folium.Marker([40.05, 117.4], tooltip="{{ 1 }}").add_to(m)
    assert isinstance(m, folium.Map)
    shown = m._repr_html_()
    page = page_in(shown)
    assert "Isochrones: Bangjun" in page
    assert "{{ 1 }}" in page
    assert len(shown) < 150_000


def test_a_study_is_drawn_without_ranks(base_study, base_result, monkeypatch):
    monkeypatch.setattr(siting.Study, "run", lambda study: base_result)
    page = base_study.map().get_root().render()
    assert "上仓酒业绿色食品加工区" in page
    assert "得分最高的场址" not in page


@pytest.mark.parametrize("name", ["isochrones", "flows", "sites", "enterprises", "townships"])
def test_results_come_as_layers(base_result, name):
    layer = getattr(base_result, name)
    assert len(layer) > 5
    assert layer.geometry.notna().all()


def test_layers_are_saved_in_the_system_of_the_county(base_result, tmp_path):
    import geopandas as gpd

    base_result.save_layers(tmp_path / "成果.gpkg", crs="EPSG:4548")
    sites = gpd.read_file(tmp_path / "成果.gpkg", layer="备选场址")
    assert sites.crs.to_epsg() == 4548
    assert len(sites) == 7


def test_a_page_cannot_leave_its_frame():
    shown = Page('"><script>alert(1)</script>', 10)._repr_html_()
    assert "<script" not in shown
    assert page_in(shown) == '"><script>alert(1)</script>'


def test_save_writes_what_the_manifest_says(base_result, tmp_path):
    manifest = base_result.save(tmp_path / "结果")
    written = {path.name for path in (tmp_path / "结果").iterdir()}
    assert written == set(manifest["outputs"]) | {"manifest.json"}
    assert json.loads((tmp_path / "结果" / "manifest.json").read_text(encoding="utf-8")) == manifest


def test_compare_lays_results_side_by_side(base_result, other_result):
    found = siting.compare(base_result, other_result)
    assert isinstance(found, Comparison)
    assert list(found.table.columns) == ["base", "own"]
    assert list(found.table.index) == list(base_result.evaluation.ranking.index)
    # The first run's anchors hold for both, so the other's score is another than in its own ranking.
    assert found.table.loc["yinliu", "base"] == base_result.table.loc["yinliu", "score"]
    assert found.table.loc["yinliu", "own"] != other_result.table.loc["yinliu", "score"]
    largest = (found.table.max() - found.table).max(axis=1)
    np.testing.assert_allclose(found.regret.largest[largest.index], largest, atol=1e-12)


def test_a_comparison_is_saved_and_shown(base_result, other_result, tmp_path):
    found = siting.compare(base_result, other_result)
    assert found.save(tmp_path / "对比") == ["comparison.csv", "comparison.xlsx", "index.html"]
    lines = (tmp_path / "对比" / "comparison.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + len(found.table)
    page = (tmp_path / "对比" / "index.html").read_text(encoding="utf-8")
    assert base_result.table["name"].iloc[0] in page
    assert "最大后悔值" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert page_in(found.explore(lang="en")._repr_html_()) == found.explore(lang="en").source
    assert "Largest regret" in found.explore(lang="en").source
    again = siting.compare(base_result, other_result)
    assert again.save(tmp_path / "二") == found.save(tmp_path / "对比")
    for name in ("comparison.csv", "comparison.xlsx", "index.html"):
        assert (tmp_path / "二" / name).read_bytes() == (tmp_path / "对比" / name).read_bytes()


def test_a_comparison_is_written_in_words(base_study, base_result, tmp_path):
    other = siting.load(settings={"register.spread": "urban", "name": "城镇"}).run()
    siting.compare(base_result, other).save(tmp_path)
    head, first, *_ = (tmp_path / "comparison.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("备选方案,综合得分：基准情景,综合得分：城镇,位次：基准情景,位次：城镇,")
    assert head.endswith(",备选方案编号")
    assert re.fullmatch(r"经济开发区（洇溜）,79\.6,\d\d\.\d,1,\d,0\.0,.*,yinliu", first)
    book = openpyxl.load_workbook(tmp_path / "comparison.xlsx")
    sheets = "情景对比 各情景结果 企业变化 变化影响 乡镇影响 待核对应 设置差异 数据差异 字段说明"
    assert book.sheetnames == sheets.split()
    for sheet in book:
        heads = [cell.value for cell in sheet[1]]
        assert all(re.search("[\u4e00-\u9fff]", text) for text in heads if text != "urban"), sheet.title
        assert sheet.auto_filter.ref
    kinds = {row[1] for row in book["企业变化"].iter_rows(min_row=2, values_only=True)}
    assert kinds == {"迁移"}, "the same illustrative firms, spread otherwise"
    english = {row[3] for row in book["字段说明"].iter_rows(min_row=2, values_only=True)}
    assert {"Largest regret", "Name of the option"} <= {str(text).split(" (")[0] for text in english}


def test_a_comparison_names_the_enterprises_that_differ(base_study, base_result):
    """Two firms gone, one grown, one come: the rows are those of the file, the effects the whole change."""
    table = base_study.inputs.tables["enterprises"]
    ids = table.frame.index
    frame = table.frame.drop(index=ids[:2])
    frame.loc[ids[2], "employees"] = 77
    frame = pd.concat([frame, frame.loc[[ids[3]]].rename(index={ids[3]: "new"}).assign(name="另一家")])
    changed = replace(table, frame=frame, sha256="other")
    other = base_study.with_(enterprises=changed, name="other").run()
    found = siting.compare(base_result, other)
    assert found.registers.gone.index.tolist() == ids[:2].tolist()
    assert found.registers.new.index.tolist() == ["new"]
    resized = found.registers.resized.loc[ids[2]]
    assert (resized["fields"], resized["employees_after"]) == ("employees", 77)
    assert resized["row_after"] == table.frame.loc[ids[2], "row"]
    frames = [frame for kind, frame in found.registers.listed().items() if len(frame)]
    effects = sum(frame.filter(like="effect.").sum() for frame in frames).rename(
        lambda c: c.partition(".")[2]
    )
    # Another register than the demonstration's leaves its expansion factor: settings stand apart.
    change = (found.attribution.after - found.attribution.before)["score"].dropna()
    change -= found.attribution.kinds.loc["settings"]["score"][change.index]
    np.testing.assert_allclose(effects[change.index], change, atol=1e-9)
    told = found.to_dict()
    assert told["changes"]["rows"] == []
    (difference,) = told["differences"]
    assert {kind: len(rows) for kind, rows in difference["registers"].items() if rows} == {
        "new": 1, "gone": 2, "resized": 1,
    }  # fmt: skip
    assert difference["registers"]["new"][0]["effects"].keys() == set(change.index)


def test_a_comparison_names_the_cells_of_other_tables_that_differ(base_study, base_result):
    sites = base_study.inputs.tables["sites"]
    frame = sites.frame.copy()
    frame.loc["bangjun", "land_area_mu"] = 99
    tables = {**base_study.inputs.tables, "sites": replace(sites, frame=frame, sha256="other")}
    inputs = replace(base_study.inputs, tables=tables)
    other = replace(base_study.with_(name="other"), inputs=inputs).run()
    (row,) = siting.compare(base_result, other).to_dict()["changes"]["rows"]
    assert (row["table"], row["id"], row["column"], row["after"]) == ("sites", "bangjun", "land_area_mu", 99)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_compare_needs_results_of_different_names(base_result, count):
    with pytest.raises(InputError, match="two or more results of different names"):
        siting.compare(*[base_result] * count)


def test_sweep_scores_every_value(base_study, base_result):
    cutoffs = [20, 40]
    found = siting.sweep(base_study, "coverage.cutoff_min", cutoffs)
    assert list(found.index) == cutoffs
    assert found.index.name == "coverage.cutoff_min"
    assert set(found.columns) == set(base_result.table.index)
    np.testing.assert_allclose(found.loc[40], base_result.table["score"][found.columns], atol=1e-12)
    with pytest.raises(ScenarioError, match="did you mean"):
        siting.sweep(base_study, "coverage.cutof_min", cutoffs)


def test_a_comparison_holds_the_first_runs_anchors(base_result, other_result):
    """The other register has anchors of its own; side by side both are measured on the first one's."""
    table = siting.compare(base_result, other_result).table
    pd.testing.assert_series_equal(
        table["base"], base_result.evaluation.ranking["score"], check_names=False, check_exact=True
    )
    own, held = other_result.evaluation.ranking["score"], table["own"]
    assert not np.allclose(held, own[held.index])
    back = siting.compare(other_result, base_result).table
    assert np.allclose(back["own"], own[back.index], rtol=0, atol=1e-12)
