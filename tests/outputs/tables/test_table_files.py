"""Tables that people open elsewhere: nothing runs, nothing is lost, equal results give equal bytes."""

import csv
import io
import json
import math
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siting
from siting.analysis.robustness.joint_draws import MOST_BATCHES
from siting.outputs.tables.results_workbook import SHEETS, workbook
from siting.outputs.tables.table_files import check_files, csv_bytes, ranking, ranking_records, table_files
from siting.outputs.text.cells import guarded, heading, json_tree, json_value, plain
from siting.study.evaluation import Evaluation
from siting.types import Issue, Table

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "http://example.org",
    "a\x00b\x1b[31m",
    "\u202eabc",
    "a\nb",
]


@pytest.fixture(scope="module")
def base() -> Evaluation:
    """The default study."""
    return siting.load().run().evaluation


@pytest.fixture(scope="module")
def hostile(base) -> Evaluation:
    """The default study with names that a spreadsheet would run."""
    inputs = base.evidence.inputs
    names = [HOSTILE[i % len(HOSTILE)] for i in range(len(inputs.enterprises))]
    sites = inputs.sites.assign(name=HOSTILE[: len(inputs.sites)])
    changed = replace(inputs, enterprises=inputs.enterprises.assign(name=names), sites=sites)
    return replace(base, evidence=replace(base.evidence, inputs=changed))


def rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark to read UTF-8"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheets(content: bytes) -> dict[str, list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: list(page.iter_rows()) for page in book}


# cells ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\u200b=1+1", "'=1+1"),
        ("\x00@x", "'@x"),
        ("\tx", "'\tx"),
        ("-5", "'-5"),
        ("＝1", "'＝1"),
        ("上仓", "上仓"),
        ("a=b", "a=b"),
        (-5, -5),
        (-5.5, -5.5),
        (None, ""),
        (math.nan, ""),
        (pd.NA, ""),
    ],
)
def test_cell_of_a_csv(value, cell):
    assert guarded(value) == cell


@given(st.text())
def test_no_text_starts_as_a_formula(text):
    assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", guarded(text))


@given(st.text())
def test_plain_text_holds_no_control_character(text):
    assert not re.search(r"[\x00-\x08\x0e-\x1f\x7f\u202a-\u202e]", plain(text))


@given(st.lists(st.tuples(st.text(alphabet="ab,\"' 上"), st.floats(allow_nan=False)), max_size=5))
def test_csv_reads_back_as_it_was(cells):
    frame = pd.DataFrame(cells, columns=["name", "value"]).astype({"name": object, "value": float})
    head, *read = rows(csv_bytes(frame))
    assert head == ["name", "value"]
    assert [(name, float(value)) for name, value in read] == cells


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (math.inf, None),
        (math.nan, None),
        (None, None),
        (pd.NA, None),
        ("a\x00", "a"),
        (["13", "14"], "13;14"),
    ],
)
def test_cell_of_json(value, found):
    assert json_value(value) == found
    assert type(json_value(value)) is type(found)


def test_records_become_json():
    table = pd.DataFrame({"x": [1.0, math.inf]}, index=["a", "b"])
    tree = json_tree({"table": table, "row": pd.Series({"a": 1}), "array": np.array([[1, 2]]), "ids": ("a",)})
    assert tree["table"] == {"a": {"x": 1.0}, "b": {"x": None}}
    assert (tree["row"], tree["array"], tree["ids"]) == ({"a": 1}, [[1, 2]], ["a"])
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree


# the study ------------------------------------------------------------------------------------------


def test_ranking_adds_up(base):
    frame = ranking(base)
    sites = frame.loc[base.ranking.index]
    points = sites.filter(like="contribution.").sum(axis=1)
    assert points.to_numpy() == pytest.approx(sites["score"].to_numpy(), abs=1e-9)
    assert list(frame.index) == [*base.ranking.index, "mobile", "city"]
    assert frame.loc[["mobile", "city"], ["rank", "score", "tie"]].isna().all(axis=None)
    assert (frame["illustrative_demand"] == base.provenance["illustrative_demand"]).all()


def test_records_of_the_command_line(base):
    records = ranking_records(base)
    assert [record["site"] for record in records] == list(base.ranking.index)
    assert json.loads(json.dumps(records, allow_nan=False)) == records


def test_equal_bytes_each_time(base):
    assert table_files(base) == table_files(base)
    assert workbook(base) == workbook(base)


def test_workbook_keeps_no_date_but_the_fixed_one(base):
    with zipfile.ZipFile(io.BytesIO(workbook(base))) as book:
        assert {member.date_time for member in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = book.read("docProps/core.xml").decode()
    assert re.findall(r"\d{4}-\d\d-\d\d", core) == ["2000-01-01"] * 2


def test_workbook_has_every_sheet_with_headings_in_chinese(base):
    found = sheets(workbook(base))
    elsewhere = {"judgements", "weight_records", "flips", "telephone"}
    shown = [sheet.id for sheet in SHEETS if sheet.id not in elsewhere]
    assert list(found) == [heading(f"sheet_{name}", base, "zh") for name in shown]
    plain_names = {"TOPSIS"}
    for title, lines in found.items():
        heads = [cell.value for cell in lines[0]]
        assert len(set(heads)) == len(heads), title
        bare = [head for head in heads if not re.search(r"[\u4e00-\u9fff]", head)]
        assert set(bare) <= plain_names, title


def test_workbook_enterprise_hours_equal_the_evidence(base):
    lines = sheets(workbook(base))[heading("sheet_enterprises", base, "zh")]
    wanted = heading("hours.shangcang", base, "zh")
    place = [cell.value for cell in lines[0]].index(wanted)
    hours = base.evidence.trips.hours["shangcang"]
    assert [line[place].value for line in lines[1:]] == pytest.approx(hours.tolist())
    assert [line[0].value for line in lines[1:]] == list(hours.index)


def test_workbook_says_that_it_is_a_demonstration(base):
    first = sheets(workbook(base))[heading("sheet_about", base, "zh")]
    assert "演示结果，不得作为选址依据" in first[1][0].value


def test_unreachable_is_said_in_words(base):
    travel = base.evidence.travel
    cut_off = travel.to_site.copy()
    cut_off.iloc[0, 0] = math.inf
    evidence = replace(base.evidence, travel=replace(travel, to_site=cut_off))
    lines = sheets(workbook(replace(base, evidence=evidence)))[heading("sheet_travel_times", base, "zh")]
    assert lines[1][2].value == "路网不通"


def test_nothing_of_a_user_runs_in_the_workbook(hostile):
    """Formulas stand in one sheet alone and hold nothing but places of its cells."""
    for title, lines in sheets(workbook(hostile)).items():
        cells = [cell for line in lines for cell in line]
        assert not [cell.coordinate for cell in cells if cell.hyperlink], title
        formulas = [cell.value for cell in cells if cell.data_type == "f"]
        assert bool(formulas) == (title == "得分复算"), title
        for formula in formulas:
            assert re.fullmatch(r"=(?:SUM|MAX|MIN|[A-K]\d+|[01]|[-(),*/:])+", formula)


def test_nothing_runs_in_csv(hostile):
    for name, content in table_files(hostile).items():
        if name.endswith(".csv"):
            for row in rows(content):
                assert not [cell for cell in row if re.match(r"[=+@\t\r＝＋－＠]|-\D", cell)]


@pytest.mark.parametrize("name", ["enterprises.geojson", "sites.geojson"])
def test_geojson_is_geojson(base, hostile, name, tmp_path):
    import geopandas as gpd

    for evaluation in (base, hostile):
        content = table_files(evaluation)[name]
        collection = json.loads(content)
        assert collection["type"] == "FeatureCollection"
        assert collection["illustrative_demand"] > 0.5
        assert "crs" not in collection, "RFC 7946 has no crs member"
        assert len({feature["id"] for feature in collection["features"]}) == len(collection["features"])
        (tmp_path / name).write_bytes(content)
        layer = gpd.read_file(tmp_path / name)
        assert len(layer) == len(collection["features"])
    points = [feature["geometry"] for feature in json.loads(table_files(base)[name])["features"]]
    assert all(-180 <= p["coordinates"][0] <= 180 and 38 < p["coordinates"][1] < 41 for p in points if p)


def test_sites_without_a_place_have_null_geometry(base):
    features = json.loads(table_files(base)["sites.geojson"])["features"]
    assert {f["id"]: f["geometry"] for f in features}["mobile"] is None


def test_check_files_account_for_every_row(tmp_path: Path):
    issue = Issue("a.csv", "E101", "set_aside", "outside the county", row=3, value="=x", action_zh="县域以外")
    table = Table(
        frame=pd.DataFrame({"name": ["甲"], "row": [2]}, index=pd.Index(["e1"], name="id")),
        set_aside=pd.DataFrame({"row": [3], "企业名称": ["=乙"], "reason": ["E101"]}),
        issues=(issue,),
        counts={"data_rows": 2, "kept": 1, "set_aside": 1, "ignored_lines": 0},
        file="a.csv",
        sha256="0" * 64,
    )
    written = check_files(table)
    assert rows(written["kept.csv"]) == [["id", "name", "row"], ["e1", "甲", "2"]]
    assert rows(written["set_aside.csv"]) == [["row", "企业名称", "reason"], ["3", "'=乙", "E101"]]
    record = json.loads(written["issues.json"])[0]
    assert (record["row"], record["value"], record["action_zh"]) == (3, "=x", "县域以外")
    assert len(rows(written["issues.csv"])) == 2


# what the workbook says of issues 5 and 6 ------------------------------------------------------------


@pytest.fixture(scope="module")
def thorough() -> dict[str, list[tuple]]:
    """Sheets of a small thorough run whose bureau judges in pairs, by id."""
    pairs = [["enterprises", "industries", 9], ["industries", "building", 5], ["enterprises", "building", 1]]
    pairs += [[group, "balance", 1] for group in ("enterprises", "industries", "building")]
    settings = {"robustness.seeds": 1, "robustness.joint_draws": 20, "viewpoints.bureau.pairs": pairs}
    evaluation = siting.load(settings=settings).run(thorough=True).evaluation
    found = sheets(workbook(evaluation))
    ids = {heading(f"sheet_{sheet.id}", evaluation, "zh"): sheet.id for sheet in SHEETS}
    # None of the two enterprises that exist is clearly worth asking.
    shown = [sheet.id for sheet in SHEETS if sheet.id not in ("weight_records", "telephone")]
    assert list(found) == [heading(f"sheet_{name}", evaluation, "zh") for name in shown]
    tables = {}
    for title, lines in found.items():
        head, rest = [cell.value for cell in lines[0]], [[cell.value for cell in line] for line in lines[1:]]
        tables[ids[title]] = pd.DataFrame(rest, columns=head)
    return tables | {"evaluation": evaluation}


def test_groups_of_gainers_add_up_to_the_criterion(thorough):
    table, evaluation = thorough["gains"], thorough["evaluation"]
    towns = table[table["分组方式"] == "乡镇"]
    column = heading("hours_saved.shangcang", evaluation, "zh")
    assert towns[column].sum() == pytest.approx(evaluation.matrix.loc["shangcang", "hours_saved"])
    assert set(table["分组方式"]) == {"乡镇", "产业", "规模"}
    assert {"服装", "微型"} <= set(table["组别"])


def test_shares_of_ranks_sum_to_one_and_carry_their_standard_error(thorough):
    for sheet, draws in (("acceptability", 2000), ("joint", 20 * MOST_BATCHES)):
        table = thorough[sheet]
        shares = table.filter(like="居该位次的比例").to_numpy() / 100
        errors = table.filter(like="标准误").to_numpy() / 100
        assert shares.sum(axis=1) == pytest.approx(1)
        assert errors == pytest.approx(np.sqrt(shares * (1 - shares) / draws), abs=1e-9)


def test_who_falls_out_is_named(thorough):
    table = thorough["coverage"]
    named = table["停办即失去服务的企业"].fillna("")
    assert (
        named.map(lambda text: len(text.split("、")) if text else 0).tolist()
        == table["停办该项目即失去服务的企业数"].tolist()
    )
    assert (named != "").any()


def test_staff_within_reach_spreads_over_the_trips_it_serves(thorough):
    """One supply, shared among the trips within reach, full to 20 minutes and none beyond 40."""
    from siting.analysis.demand.annual_tests import carried_trips

    evaluation = thorough["evaluation"]
    evidence, scenario = evaluation.evidence, evaluation.scenario
    weight = np.clip((40 - evidence.travel.to_site["yinliu"].to_numpy()) / 20, 0, 1)
    trips = weight @ carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
    row = thorough["accessibility"].set_index("备选方案编号").loc["yinliu"]
    per_head = scenario.economics.staff / (trips * scenario.demand.expansion_factor / 1000)
    expected = per_head * weight[weight > 0].mean()
    assert row["每千趟次可得检测人员（两步移动搜索法）"] == pytest.approx(expected)
    assert row["覆盖企业数"] == (weight > 0).sum()


def test_every_figure_with_a_source_row_leads_to_it(thorough):
    """A setting that no row of the parameters explains would stand there without a source."""
    table = thorough["settings"]
    assert table["来源"].notna().all()
    assert len(table) > 25
    row = table.set_index("参数键").loc["economics.discount_rate"]
    assert row["本次取值"] == pytest.approx(float(row["参数表取值"]))


def test_pledges_stand_with_three_rankings_and_land_with_its_ties(thorough):
    evaluation = thorough["evaluation"]
    ranks = thorough["pledge_scores"].filter(like="位次")
    assert ranks.shape == (len(evaluation.ranking), 3)
    ties = thorough["land"].set_index("备选方案编号")
    column = heading("land_tie.county_seat", evaluation, "zh")
    assert ties.loc["yinliu", column] == pytest.approx(
        evaluation.economics.land_ties.loc["yinliu", "county_seat"]
    )
    assert ties.loc["shangcang", "相当于每趟单程可多行（分钟）"] > 0


def test_what_would_change_the_winner_is_told(thorough):
    evaluation = thorough["evaluation"]
    flips = thorough["flips"].set_index("数量")
    assert flips.loc["覆盖时限（分钟）", "现取值"] == 40
    assert flips.loc["覆盖时限（分钟）", "届时居首方案"] == "上仓酒业绿色食品加工区"
    assert any(name.startswith("产业需求倍数：") for name in flips.index)
    left_out = thorough["influence"]
    assert set(left_out["分组方式"]) == {"企业", "产业", "乡镇"}
    assert len(left_out) == sum(len(table) for table in evaluation.robustness.influence.values())
    asked = evaluation.robustness.telephone
    assert set(asked.index) == {"guohua_panshan", "datang_panshan"}, "nobody can ask an illustrative firm"
    assert thorough["information"].iloc[0, 0] == "全部不确定因素"
    clear = thorough["information"].set_index("数量")["选址：超过两倍标准误"].dropna()
    assert (clear == "是").sum() == evaluation.robustness.evppi["is_clear"].sum()
    unknowns = list(thorough["information"]["数量"])
    assert "车速：省级干道" in unknowns
    assert [name for name in unknowns if re.search("[a-z]{3}", name)] == []
    assert thorough["registers"].filter(regex="^(?!企业分布)").sum(axis=1).to_numpy() == pytest.approx(100)


def test_judgements_are_told_with_the_question_to_ask_again(thorough):
    table = thorough["judgements"]
    assert set(table["评分人"]) == {"1", "全体评分人"}
    assert table.groupby("评分人")["权重（%）"].sum().tolist() == pytest.approx([100, 100])
    first = table.iloc[0]
    assert (first["建议再问：指标甲"], first["建议再问：指标乙"]) == ("便企服务", "产业支撑")
    assert (first["原答倍数"], first["按其余回答推算"]) == (9, pytest.approx(0.5))


def test_points_far_from_a_road_come_first(thorough):
    distances = thorough["snapping"]["到道路距离（米）"].tolist()
    assert distances == sorted(distances, reverse=True)


def test_no_word_of_the_workbook_speaks_of_a_price_of_nothing(thorough):
    text = "\n".join(
        str(cell)
        for name, table in thorough.items()
        if name != "evaluation"
        for cell in [*table.columns, *table.to_numpy().ravel()]
    )
    assert not re.search("零地价|地价为零|zero land price", text, re.IGNORECASE)
