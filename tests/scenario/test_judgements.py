"""Experts' score sheets → weights of a viewpoint: published tables, contradictions asked again, refusals."""

import io
import shutil

import numpy as np
import openpyxl
import pandas as pd
import pytest

import siting
from siting.inputs.dictionary.columns import columns_of
from siting.outputs.new_study.templates import score_sheet
from siting.outputs.text.wording import criterion_label, words
from siting.scenario.build import change, read_scenario
from siting.scenario.judgements import read_judgements, with_judgements
from siting.scenario.model import Groups, viewpoint_weights
from siting.scenario.toml_files import DEFAULT
from siting.study.read_inputs import read_inputs
from siting.types import InputError, ScenarioError

GROUP_NAMES = [name for name in Groups.model_fields if name != "residents"]

SAATY = [  # on coffee, wine, tea and beer: Saaty (2008), Decision making with the AHP, IJSS 1
    ("enterprises", "industries", 9),
    ("enterprises", "building", 5),
    ("enterprises", "balance", 2),
    ("building", "industries", 3),
    ("balance", "industries", 9),
    ("balance", "building", 3),
]


def eigenvector(pairs, names):
    """Weights and consistency ratio by the power method, step by step."""
    table = np.eye(len(names))
    for first, second, times in pairs:
        i, j = names.index(first), names.index(second)
        table[i, j], table[j, i] = times, 1 / times
    weight = np.ones(len(names))
    for _ in range(500):
        weight = table @ weight
        weight /= weight.sum()
    largest = float(np.mean(table @ weight / weight))
    return weight, (largest - len(names)) / (len(names) - 1) / 0.89


def sheet(path, rows, head=("评分人", "指标甲", "指标乙", "甲比乙重要的倍数")):
    book = openpyxl.Workbook()
    for row in [head, *rows]:
        book.active.append(row)
    book.save(path)


@pytest.fixture
def study(tmp_path):
    """A scenario beside the default study's data, whose bureau is judged by a sheet; returns its path."""
    (tmp_path / "data" / "scenarios").mkdir(parents=True)
    (tmp_path / "data" / "raw").mkdir()
    text = DEFAULT.read_text(encoding="utf-8-sig").replace("../", f"{'../' * 1}")
    path = tmp_path / "data" / "scenarios" / "s.toml"
    shutil.copy(DEFAULT.with_name("method.toml"), path.parent)
    head, _, rest = text.partition("[viewpoints.bureau]")
    _, _, rest = rest.partition("[viewpoints.county]")
    view = '[viewpoints.bureau]\nlabel_zh = "主管部门"\nlabel_en = "Bureau"\n{keys}\n\n[viewpoints.county]'
    path.write_text(head + view.format(keys='judgements = "../raw/bureau.xlsx"') + rest, encoding="utf-8")
    return path


def stated(path, pairs):
    """The same scenario with pairs instead of a sheet."""
    listed = ", ".join(f'["{a}", "{b}", {n}]' for a, b, n in pairs)
    text = path.read_text(encoding="utf-8").replace(
        'judgements = "../raw/bureau.xlsx"', f"pairs = [{listed}]"
    )
    path.write_text(text, encoding="utf-8")
    return read_scenario(path)


def test_one_sheet_gives_the_principal_eigenvector(study):
    sheet(study.parent.parent / "raw" / "bureau.xlsx", [("甲", *pair) for pair in SAATY])
    scenario = read_scenario(study)
    tables, weights = read_judgements(scenario)
    settled = with_judgements(scenario, weights)
    expected, ratio = eigenvector(SAATY, GROUP_NAMES)
    groups = settled.viewpoints["bureau"].groups
    assert [getattr(groups, name) for name in GROUP_NAMES] == pytest.approx(list(expected), abs=1e-9)
    found = weights["bureau"]
    assert found["consistency_ratio"].unique() == pytest.approx([ratio], abs=1e-9)
    assert set(found["expert"]) == {"甲", "all"}
    assert tables["judgements.bureau"].counts["kept"] == 6
    assert viewpoint_weights(settled, "bureau").sum() == pytest.approx(1)


def test_pairs_in_the_scenario_say_the_same_as_a_sheet(study):
    sheet(study.parent.parent / "raw" / "bureau.xlsx", [(None, *pair) for pair in SAATY])
    by_sheet = read_judgements(read_scenario(study))[1]["bureau"]
    by_pairs = read_judgements(stated(study, SAATY))[1]["bureau"]
    pd.testing.assert_frame_equal(by_sheet, by_pairs)


def test_chinese_and_english_labels_and_ids_are_the_same(study):
    path = study.parent.parent / "raw" / "bureau.xlsx"
    frames = []
    for lang in ("zh", "en"):
        say = words(lang)
        rows = [("甲", say[f"group.{a}"], say[f"group.{b}"], n) for a, b, n in SAATY]
        sheet(
            path,
            [*rows, ("甲", criterion_label("hours_saved", lang), criterion_label("demand_covered", lang), 3)],
        )
        frames.append(read_judgements(read_scenario(study))[1]["bureau"])
    pd.testing.assert_frame_equal(*frames)
    assert set(frames[0]["level"]) == {"groups", "enterprises"}


def test_criteria_compared_share_their_group_and_others_keep_their_weights(study):
    scenario = stated(study, [("hours_saved", "demand_covered", 3)])
    settled = with_judgements(scenario, read_judgements(scenario)[1])
    found = viewpoint_weights(settled, "bureau")
    assert found["hours_saved"] == pytest.approx(0.4 * 0.75)
    assert found["demand_covered"] == pytest.approx(0.4 * 0.25)
    assert found["mean_trip_min"] == 0
    own = scenario.groups.industries * 0.4
    assert found["industry_coverage"] == pytest.approx(own)


def test_the_contradiction_is_asked_again_at_its_row(study):
    upside_down = [("enterprises", "industries", 0.11), *SAATY[1:]]
    rows = [("甲", *pair) for pair in SAATY] + [("乙", *pair) for pair in upside_down]
    sheet(study.parent.parent / "raw" / "bureau.xlsx", rows)
    tables, weights = read_judgements(read_scenario(study))
    [issue] = tables["judgements.bureau"].issues
    assert (issue.code, issue.row, issue.severity) == ("E403", 8, "note")
    assert "how many times does industries matter more than enterprises? answered 9" in issue.hint
    assert "乙" in issue.action_zh
    assert "请再问一次：产业支撑比便企服务重要多少倍？原答 9" in issue.hint_zh
    by_expert = weights["bureau"].groupby("expert")["consistency_ratio"].first()
    assert by_expert["乙"] > 0.1 > by_expert["甲"]


def test_unanswered_rows_of_the_blank_sheet_are_no_fault(study):
    path = study.parent.parent / "raw" / "bureau.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(score_sheet()))
    page = book.worksheets[0]
    assert page.max_row - 1 == 6 + 3 + 3 + 3  # groups; three criteria in each of three groups; one alone
    for row in range(2, 8):  # the groups are judged, the criteria left to the scenario
        page.cell(row, 4, 1)
    book.save(path)
    found = read_judgements(read_scenario(study))[1]["bureau"]
    assert found["weight"].tolist() == pytest.approx([0.25] * 8)
    assert score_sheet() == score_sheet()


def test_every_group_and_criterion_can_be_named():
    scenario = read_scenario(DEFAULT)
    names = {*GROUP_NAMES, *(use.name for use in scenario.criteria)}
    assert (
        names
        <= set(columns_of("judgements")["first"].allowed)
        == set(columns_of("judgements")["second"].allowed)
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("甲", "便企服务", "净费用", 3)],
            r"bureau\.xlsx:2: enterprises and net_cost_wan cannot be compared",
        ),
        ([("甲", "净费用", "净费用", 3)], r"bureau\.xlsx:2: net_cost_wan and net_cost_wan cannot"),
        ([("甲", "便企", "净费用", 3)], r"bureau\.xlsx:2:指标甲: .*found '便企'"),
        ([("甲", "便企服务", "产业支撑", -3)], r"bureau\.xlsx:2:甲比乙重要的倍数: .*found '-3'"),
        ([("甲", "便企服务", "产业支撑", 12)], r"bureau\.xlsx:2:甲比乙重要的倍数: .*found '12'"),
        ([("甲", "便企服务", "产业支撑", None)], r"bureau\.xlsx: no pair is answered"),
        (
            [("甲", "便企服务", "产业支撑", 2), ("甲", "产业支撑", "便企服务", 2)],
            r"bureau\.xlsx: groups: .*compared twice",
        ),
        (
            [("甲", *pair) for pair in SAATY[:5]],
            r"bureau\.xlsx: groups: .*balance and building are not compared",
        ),
    ],
)
def test_wrong_sheets_are_refused(study, rows, message):
    sheet(study.parent.parent / "raw" / "bureau.xlsx", rows)
    with pytest.raises(InputError, match=message):
        read_judgements(read_scenario(study))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("", r"viewpoints\.bureau\.groups: missing; give groups, judgements or pairs"),
        (
            'judgements = "../raw/a.xlsx"\npairs = [["enterprises", "industries", 2]]',
            r"viewpoints\.bureau\.pairs: give judgements or pairs, not both",
        ),
        ('judgements = "/etc/a.xlsx"', r"viewpoints\.bureau\.judgements: '/etc/a\.xlsx' is an absolute path"),
        ('judgements = "../../../a.xlsx"', r"viewpoints\.bureau\.judgements: .*leads out of the study"),
        ('pairs = [["enterprises", "industries"]]', r"s\.toml:\d+: viewpoints\.bureau\.pairs"),
    ],
)
def test_wrong_keys_are_refused(study, keys, message):
    text = study.read_text(encoding="utf-8").replace('judgements = "../raw/bureau.xlsx"', keys)
    study.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        read_scenario(study)


def test_names_in_pairs_are_checked(study):
    with pytest.raises(
        InputError, match=r"viewpoints\.bureau\.pairs:1: 'enterprise' is no group or criterion"
    ):
        read_judgements(stated(study, [("enterprise", "industries", 2)]))


def test_a_child_in_another_folder_keeps_the_sheet_and_the_hash_its_file_name(study):
    sheet(study.parent.parent / "raw" / "bureau.xlsx", [("甲", *pair) for pair in SAATY])
    child = study.parent.parent / "child.toml"
    child.write_text('base = "scenarios/s.toml"\nname = "child"\n', encoding="utf-8")
    found = read_scenario(child).viewpoints["bureau"].judgements
    assert found == study.parent.parent / "raw" / "bureau.xlsx"
    assert '"judgements": "bureau.xlsx"' in read_scenario(child).canonical()


def test_a_judged_viewpoint_runs_through_the_study(base_study):
    pairs = [list(pair) for pair in SAATY]
    scenario = change(base_study.scenario, {"viewpoints.bureau.pairs": pairs})
    result = siting.planner.Study(scenario, read_inputs(scenario)).run()
    evaluation = result.evaluation
    assert evaluation.scenario.viewpoints["bureau"].groups.enterprises == pytest.approx(
        eigenvector(SAATY, GROUP_NAMES)[0][0], abs=1e-9
    )
    assert "bureau" in result.robustness.agreement.ranks
    assert set(evaluation.evidence.inputs.judgements) == {"bureau"}
    assert result.table["score"].equals(base_study.run().table["score"])  # only the viewpoint's weights


def test_the_random_index_is_chosen_and_named(study):
    """λ of 3 criteria: index .52 of 2008 against .58 of 1980 (Saaty), so the older asks again less often."""
    stated_pairs = [
        ("enterprises", "industries", 2),
        ("industries", "building", 2),
        ("enterprises", "building", 7),
    ]
    ratios = {}
    for table in ("saaty_2008", "saaty_1980"):
        scenario = stated(study, stated_pairs)
        view = scenario.viewpoints["bureau"].model_copy(update={"random_index": table})
        scenario = scenario.model_copy(update={"viewpoints": {"bureau": view}})
        rows = read_judgements(scenario)[1]["bureau"]
        assert set(rows["random_index"]) == {table}
        ratios[table] = rows["consistency_ratio"].iloc[0]
    assert ratios["saaty_2008"] * 0.52 == pytest.approx(ratios["saaty_1980"] * 0.58)


def test_an_unknown_random_index_is_refused(study):
    with pytest.raises(ScenarioError, match="saaty_2008"):
        read_scenario(study, ['viewpoints.bureau.random_index="saaty_2000"'])
