"""Tables that an office hands in: five sheets first, one heading row, words and units, scores to check."""

import csv
import io
import math
import re
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

import siting
from siting.outputs.tables.hand_in_sheets import firms_sheet
from siting.outputs.tables.results_workbook import workbook
from siting.outputs.tables.table_files import table_files
from siting.outputs.text.conclusion import conclusion, open_questions
from siting.study.evaluation import Evaluation

FIRST = ["结论", "排序", "指标值", "经济", "企业", "得分复算", "字段说明"]


@pytest.fixture(scope="module")
def base() -> Evaluation:
    return siting.load().run().evaluation


@pytest.fixture(scope="module")
def book(base):
    return openpyxl.load_workbook(io.BytesIO(workbook(base)))


def table(book, title: str) -> pd.DataFrame:
    head, *rest = book[title].iter_rows(values_only=True)
    return pd.DataFrame(rest, columns=head)


# the workbook ---------------------------------------------------------------------------------------


def test_workbook_opens_on_what_a_reader_needs(book):
    assert book.sheetnames[:7] == FIRST
    assert book.active.title == "结论"


def test_every_table_has_one_heading_row_that_stays_and_filters(book):
    for page in book:
        assert page.freeze_panes[1:] == "2", page.title
        last = page.cell(page.max_row, page.max_column).coordinate
        assert page.auto_filter.ref == f"A1:{last}", page.title
        assert all(isinstance(cell.value, str) and cell.value for cell in page[1]), page.title


def test_first_sheet_holds_every_sentence_of_the_conclusion(base, book):
    told = table(book, "结论")
    by_part = told.groupby("栏目", sort=False)["内容"].agg(list)
    assert by_part["比选结论"] == conclusion(base, "zh")
    assert by_part["使用限制"][0] == "演示结果，不得作为选址依据"
    assert base.scenario.anchors_record.made_for in by_part["评分标准依据"][0]
    assert "尚待答复的问题" not in by_part


def test_cells_have_the_formats_of_what_they_hold(book):
    assert book["结论"]["B2"].alignment.wrap_text
    assert book["结论"].column_dimensions["B"].width > 90
    assert book["排序"]["C2"].number_format == "#,##0.0"
    assert book["排序"]["A2"].number_format == "General"
    assert book["得分复算"]["H2"].number_format == "0.0000"
    assert book["结果稳定性"]["C2"].number_format == "#,##0.000"


def test_open_questions_and_remade_scales_are_told(base):
    record = base.scenario.anchors_record.model_copy(update={"remade": True})
    asked = replace(
        base,
        open_questions=("expansion", "weights"),
        scenario=base.scenario.model_copy(update={"anchors_record": record}),
    )
    told = table(openpyxl.load_workbook(io.BytesIO(workbook(asked))), "结论")
    by_part = told.groupby("栏目")["内容"].agg(list)
    assert by_part["尚待答复的问题"] == open_questions(asked, "zh")
    assert "重新测算" in by_part["评分标准依据"][0]


def test_ranking_sheet_adds_up(base, book):
    told = table(book, "排序")
    sites = told.iloc[: len(base.ranking)]
    points = sites.filter(like="得分贡献").sum(axis=1)
    assert points.tolist() == pytest.approx(sites["综合得分（分）"].tolist())
    assert told["备选方案编号"].tolist() == [*base.ranking.index, "mobile", "city"]
    assert told["位次"].tolist()[len(sites) :] == ["不参与排序"] * 2
    assert set(told["否决性指标"]) == {"待核实", "不涉及"}


def test_indicators_are_the_matrix_in_units_people_read(base, book):
    told = table(book, "指标值").set_index("备选方案编号")
    assert told.loc["shangcang", "服务覆盖率（%）"] == pytest.approx(
        100 * base.matrix.loc["shangcang", "demand_covered"]
    )
    assert told.loc["yinliu", "净费用（万元）"] == pytest.approx(base.matrix.loc["yinliu", "net_cost_wan"])
    assert told.loc["city", "职工通勤时间（分钟）"] == "不适用"
    assert all(re.search("（.+）$", head) for head in told.columns[1:])


def test_appraisal_says_in_words_what_is_no_figure(base, book):
    told = table(book, "经济").set_index("备选方案编号")
    assert told.loc["mobile", "盈亏平衡需求倍数"] == "不能平衡"
    assert told.loc["city", "盈亏平衡需求倍数"] == "不适用"
    assert told.loc["yinliu", "净现值（万元）"] == pytest.approx(base.economics.summary["npv_wan"]["yinliu"])


def test_every_figure_of_the_appraisal_is_called_what_it_is(book):
    """A demand that never pays is no place out of reach, and staff and hours are no money."""
    told = table(book, "费用与效益").set_index("备选方案编号")
    assert told.loc["mobile", "盈亏平衡需求倍数"] == "不能平衡"
    assert "路网不通" not in told.to_numpy(object)
    assert told.columns.is_unique
    assert {"定员（人）", "年检测量（批、台次）", "期末残值（抵减费用，万元）"} < set(told.columns)
    assert not [name for name in told.columns if name.startswith("费用（万元）：")]


def test_enterprises_have_their_way_to_the_best_site(base, book):
    told = table(book, "企业").set_index("编号")
    best = base.evidence.options["name"][base.ranking.index[0]]
    assert told[f"单程出行（分钟）：{best}"].tolist() == pytest.approx(
        base.evidence.trips.minutes[base.ranking.index[0]].tolist()
    )
    assert told[f"比维持现状节约（小时/年）：{best}"].sum() == pytest.approx(
        base.economics.gains.hours[base.ranking.index[0]].sum()
    )
    assert set(told["产业"]) <= set(base.evidence.inputs.industries["name"]) | {"其他产业"}


def test_an_enterprise_of_no_industry_listed_is_of_another(base):
    evidence = base.evidence
    inputs = evidence.inputs
    changed = replace(inputs, enterprises=inputs.enterprises.assign(industry="9999"))
    told = firms_sheet(replace(base, evidence=replace(evidence, inputs=changed)))
    assert set(told["industry"]) == {"其他产业"}


def test_ways_lead_to_the_best_site_that_passes(base):
    """What fails a condition is no site to send anybody to."""
    failed = base.ranking.assign(verdict=["fail", *base.ranking["verdict"][1:]])
    told = table(openpyxl.load_workbook(io.BytesIO(workbook(replace(base, ranking=failed)))), "企业")
    second = base.evidence.options["name"][base.ranking.index[1]]
    assert f"单程出行（分钟）：{second}" in told


def test_every_heading_is_explained(book):
    told = table(book, "字段说明")
    for page in book:
        heads = [cell.value for cell in page[1]]
        assert told[told["工作表"] == page.title]["中文"].tolist() == heads, page.title
    assert told["英文"].notna().all()
    assert not told["英文"].str.contains("[（）：]").any()
    units = told.set_index(["工作表", "字段编号"])["单位"]
    assert units["排序", "score_points"] == "分"
    assert units["指标值", "net_cost_wan.10^4 CNY"] == "万元"
    assert units["经济", "benefit_wan"] == "万元"


def test_text_that_excel_would_decode_stays_text(base):
    inputs = base.evidence.inputs
    odd = ["_x0041_", "a<b>&\"'", " 前后空格 ", "\ufffe甲", "长" * 40_000, *inputs.enterprises["name"][5:]]
    changed = replace(inputs, enterprises=inputs.enterprises.assign(name=odd))
    found = replace(base, evidence=replace(base.evidence, inputs=changed))
    names = table(openpyxl.load_workbook(io.BytesIO(workbook(found))), "企业")["企业名称"]
    from openpyxl.utils.escape import unescape

    assert [unescape(name) for name in names[:4]] == ["_x0041_", "a<b>&\"'", " 前后空格 ", "甲"]
    assert len(names[4]) == 32_767


# ranking.csv ----------------------------------------------------------------------------------------


def lines(evaluation) -> list[dict[str, str]]:
    text = table_files(evaluation)["ranking.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_ranking_csv_is_for_people(base):
    assert table_files(base)["ranking.csv"].startswith(b"\xef\xbb\xbf")
    found = lines(base)
    assert next(iter(found[0])) == "备选方案"
    assert all(re.search("[\u4e00-\u9fff]", head) for head in found[0])
    best, figures = found[0], base.matrix.loc[base.ranking.index[0]]
    assert best["综合得分（分）"] == f"{100 * base.ranking['score'].iloc[0]:.1f}"
    assert best["否决性指标"] == "待核实"
    assert best["平均单程出行时间（分钟）"] == f"{figures['mean_trip_min']:.1f}"
    assert best["服务覆盖率（%）"] == f"{100 * figures['demand_covered']:.1f}"
    assert best["净费用（万元）"] == f"{figures['net_cost_wan']:.0f}"
    texts = [text for line in found for key, text in line.items() if key != "备选方案编号"]
    assert not [
        text for text in texts if re.search(r"\.\d\d|\b(?:pending|pass|fail|True|False|inf|nan)\b", text)
    ]


def test_unreachable_is_said_in_words_in_the_csv(base):
    matrix = base.matrix.copy()
    matrix.loc["bangjun", "worst_tenth_min"] = math.inf
    by_id = {line["备选方案编号"]: line for line in lines(replace(base, matrix=matrix))}
    assert by_id["bangjun"]["路最远的一成企业的平均单程时间（分钟）"] == "路网不通"
    assert by_id["city"]["职工通勤时间（分钟）"] == "不适用"
