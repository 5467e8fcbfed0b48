"""A letter of refusal or a red line takes a site out of the ranking, and every output says why."""

import json
from dataclasses import replace

import geopandas as gpd
import pytest
import shapely

import siting
from siting.inputs.sections import RedLines
from siting.inputs.tables.areas.red_lines import read_red_lines
from siting.outputs.page.payload import payload
from siting.outputs.tables.table_files import run_record
from siting.outputs.text.conclusion import conclusion, notices
from siting.scenario.build import read_scenario
from siting.scenario.toml_files import DEFAULT
from siting.study.adapt import adapt
from siting.types import InputError
from tests.outputs.packed_texts import cells_of

HEAD = "蓟县选址征求意见回复表,,,,,,\n部门,场址,事项,回复意见,文号,日期,具体意见\n"
REFUSED = (
    "水行政主管部门,上仓酒业绿色食品加工区,蓄滞洪区, 不同意 ,津水函〔2012〕3号,2012年3月5日,位于蓄滞洪区内\n"
)


def load(tmp_path, rows):
    path = tmp_path / "replies.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return siting.load(settings={"data.replies": str(path)})


def verdict_of(study, site, condition):
    table = study.inputs.conditions
    return table[(table["site"] == site) & (table["condition"] == condition)]["verdict"].item()


def test_a_refusal_with_a_letter_number_takes_a_site_out_and_says_why(tmp_path):
    evaluation = load(tmp_path, REFUSED).run().evaluation
    ranking = evaluation.ranking
    assert ranking.index[-1] == "shangcang"
    assert ranking["verdict"]["shangcang"] == "fail"
    assert ranking["score"].nlargest(2).index[-1] == "shangcang", "it is out although only one scores more"
    reason = "蓄滞洪区——水行政主管部门答复不同意（津水函〔2012〕3号、2012-03-05）：位于蓄滞洪区内"
    assert f"上仓酒业绿色食品加工区出局：{reason}。" in conclusion(evaluation, "zh")
    record = json.loads(json.dumps(run_record(evaluation, {})))
    told = [row for row in record["conditions"] if row["verdict"] == "fail"]
    assert [(row["site"], row["condition"], row["text_zh"]) for row in told] == [
        ("shangcang", "flood_detention", reason)
    ]
    out = cells_of(payload(evaluation)["options"]["out"])[0]
    assert reason in out[0][0]
    assert "2012-03-05" in out[0][1]


def test_sixteen_conditions_of_seven_sites_are_one_sentence(base_result):
    said = conclusion(base_result.evaluation, "zh")
    assert "7 个新建方案的 14 项否决性指标均待核实，任何一项不通过即出局。" in said
    assert sum("否决性指标" in text for text in said) == 1


@pytest.mark.parametrize(
    ("row", "verdict", "code"),
    [
        ("供电企业,县城,供电,同意,,,\n", "pending", "R241"),
        ("供电企业,county_seat,power,同意,供〔2012〕1号,20120305,\n", "pass", None),
        ("供电企业,城区,供电,,,,\n", "pending", None),
    ],
)
def test_a_consent_counts_with_number_and_date(tmp_path, row, verdict, code):
    study = load(tmp_path, row.replace("县城", "County town"))
    assert verdict_of(study, "county_seat", "power") == verdict
    issues = study.inputs.tables["replies"].issues
    found = [issue.code for issue in issues if issue.code.startswith("R24")]
    assert found == ([code] if code else [])


def test_reading_twice_is_reading_once(tmp_path):
    study = load(tmp_path, REFUSED)
    scenario, again = adapt(study.scenario, study.inputs)
    assert (scenario, again) == (study.scenario, study.inputs)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("供电企业,某镇,供电,同意,1,2012-03-05,\n", "某镇"),
        ("供电企业,城区,供电,可以吧,1,2012-03-05,\n", "可以吧"),
        ("供电企业,城区,风水,同意,1,2012-03-05,\n", "风水"),
        ("供电企业,城区,供电,同意,1,2012年2月30日,\n", "2月30日"),
    ],
)
def test_a_reply_that_cannot_be_read_is_refused_with_its_row(tmp_path, row, said):
    with pytest.raises(InputError) as refused:
        load(tmp_path, row)
    assert "replies.csv:3" in str(refused.value)
    assert said in str(refused.value)


def red_line(tmp_path, around, **settings):
    path = tmp_path / "lines.geojson"
    lon, lat = around
    box = shapely.box(lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    gpd.GeoDataFrame({"区": ["<b>甲</b>"]}, geometry=[box], crs=4326).to_file(path)
    text = f'base = "base.toml"\n[[red_lines]]\nfile = "{path.name}"\ncondition = "heritage"\nlabel = "区"\n'
    return path, text


def test_a_site_inside_a_red_line_is_out_and_the_others_stay(tmp_path, base_study):
    at = base_study.sites.loc["bangjun", ["lon", "lat"]]
    path, _ = red_line(tmp_path, at)
    lines = read_red_lines(RedLines(file=path, condition="heritage", label="区"))
    _, inputs = adapt(base_study.scenario, replace(base_study.inputs, red_lines=lines))
    table = inputs.conditions
    out = table[table["verdict"] == "fail"]
    assert out[["site", "condition", "decided_by", "red_line"]].to_numpy().tolist() == [
        ["bangjun", "heritage", "red_line", "<b>甲</b>"]
    ]


def test_a_scenario_names_its_red_lines(tmp_path, base_study):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    at = base_study.sites.loc["bangjun", ["lon", "lat"]]
    _, text = red_line(folder, at)
    below = folder / "lines.toml"
    for name in ("base.toml", "method.toml"):
        text_of_base = DEFAULT.with_name(name).read_text(encoding="utf-8")
        (folder / name).write_text(text_of_base, encoding="utf-8")
    below.write_text(text, encoding="utf-8")
    scenario = read_scenario(below)
    assert [layer.file.name for layer in scenario.red_lines] == ["lines.geojson"]
    assert scenario.red_lines[0].file.is_absolute()
    assert '"lines.geojson"' in scenario.canonical()


def test_a_site_outside_the_county_is_told(base_study):
    sites = base_study.inputs.sites.copy()
    sites.loc["bangjun", ["lon", "lat"]] = [117.2, 39.13]
    _, inputs = adapt(base_study.scenario, replace(base_study.inputs, sites=sites))
    told = [issue for issue in inputs.tables["sites"].issues if issue.code == "R247"]
    assert [issue.action_zh for issue in told] == ["邦均镇位于县界以外"]
    assert not [i for i in base_study.inputs.tables["sites"].issues if i.code == "R247"]


def test_what_is_told_of_the_sites_stands_among_the_notices(base_result):
    evaluation = base_result.evaluation
    inputs = evaluation.evidence.inputs
    sites = inputs.sites.copy()
    sites.loc["bangjun", ["lon", "lat"]] = [117.2, 39.13]
    _, inputs = adapt(evaluation.scenario, replace(inputs, sites=sites))
    changed = replace(evaluation, evidence=replace(evaluation.evidence, inputs=inputs))
    assert "R247" in {issue.code for issue in notices(changed)}
