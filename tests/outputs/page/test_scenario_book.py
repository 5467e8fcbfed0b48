"""Many scenarios beside each other: shifts of rank, agreement, regret, and those that rank no site."""

import io

import openpyxl
import pandas as pd
import pytest

import siting
from siting.analysis.robustness.across_scenarios import across_scenarios
from siting.outputs.new_study.starter import SCENARIO, write_study
from siting.outputs.tables.comparison_tables import comparison_workbook, scenario_table
from siting.outputs.text.changes import book_lines
from siting.scenario.build import read_scenario
from tests.paths import ROOT

FEW = {"robustness.joint_draws": 20, "robustness.draws": 100, "robustness.quick_seeds": 2}
BOOK = {
    "land-bought": {"economics.account": "financial", "economics.land_price_wan_mu": 25.0},
    "no-pledges": {"economics.pledges": "none"},
    "firm-pledges": {"economics.pledges": "firm"},
    "all-pledges": {"economics.account": "financial"},
    "winter-roads": {"travel_time.mountain_factor": 0.7},
    "peak-s1": {"travel_time.peak_by_class": {"motorway": 1.5}},
    "today-roads": {"study_year": 2024},
    "food-first": {"demand.pillars": ("food",), "groups.industries": 0.6},
    "power-first": {"demand.pillars": ("power",)},
    "double-demand": {"demand.multiple": 2.0},
    "mobile-only": {"option_kinds": ("mobile",)},
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A small county: as it is, the hills' station first, help slow to leave, and nothing built."""
    folder = tmp_path_factory.mktemp("book") / "small"
    write_study(folder, "testing-centre")
    beside = (folder / SCENARIO).parent
    changes = {
        "balance": "[groups]\nenterprises = 0.1\nindustries = 0\nbuilding = 0\nbalance = 0.9",
        "commute": "[groups]\nenterprises = 0\nindustries = 0\nbuilding = 1\nbalance = 0",
        "mobile": 'option_kinds = ["mobile"]',
    }
    files = [folder / SCENARIO]
    for name, text in changes.items():
        head = f'base = "base.toml"\nname = "{name}"\ntitle_zh = "{name}"\ntitle_en = "{name}"\n'
        files.append(beside / f"{name}.toml")
        files[-1].write_text(head + text + "\n", encoding="utf-8")
    return siting.compare(*(siting.load(file, settings=FEW).run() for file in files))


@pytest.fixture(scope="module")
def tables(compared):
    evaluations = {name: result.evaluation for name, result in compared.results.items()}
    return evaluations, compared.table, compared.regret


def test_ranks_and_shifts_by_hand():
    scores = pd.DataFrame(
        {"base": [0.9, 0.8, 0.7], "winter": [0.6, 0.8, 0.6], "none": [0.1, 0.1, 0.1]}, ["a", "b", "c"]
    )
    found = across_scenarios(scores)
    assert found.ranks["winter"].tolist() == [2, 1, 2]
    assert found.shifts["winter"].tolist() == [1, -1, -1]
    assert found.firsts.to_dict() == {"a": 2, "b": 2, "c": 1}
    # Kendall's W with ties: rank sums 1+2.5+2, 2+1+2, 3+2.5+2
    deviation = sum((r - 6) ** 2 for r in (5.5, 5, 7.5))
    assert found.concordance == pytest.approx(12 * deviation / (9 * 24 - 3 * (6 + 24)))


def test_a_scenario_that_ranks_no_site_stands_beside_the_others(compared, tables):
    assert compared.table["mobile"].isna().all()
    assert list(compared.regret.winners.index) == ["small", "balance", "commute"]
    assert book_lines(*tables, "zh")[-1] == "不比选场址的情景：mobile。"
    row = scenario_table(*tables[:2], "en").loc["mobile"]
    assert pd.isna(row["first_site"])
    assert row["build_verdict"] == "open"


def test_one_table_tells_of_every_scenario(compared, tables):
    page = compared.explore().source
    assert "各情景结果" in page
    assert "<svg class" not in page
    for name in ("balance", "commute", "mobile"):
        assert f"<bdi>{name}</bdi>" in page
    table = scenario_table(*tables[:2], "zh")
    moved = table.filter(like="rank_shift.").loc["balance"]
    best = compared.table["balance"].idxmax()
    assert table.loc["balance", f"rank.{best}"] == 1
    for option, shift in moved.items():
        if shift:
            rank = table.loc["balance", str(option).replace("rank_shift.", "rank.")]
            assert f"{rank:.0f}（{'升' if shift < 0 else '降'} {abs(shift):.0f}）" in page


def test_workbook_and_json_hold_the_same(compared, tables):
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(*tables, compared.differences)))
    sheet = book["各情景结果"]
    titles = {row[0] for row in sheet.iter_rows(values_only=True)}
    assert {"balance", "commute", "mobile"} <= titles
    record = compared.to_dict()
    assert record["across"]["concordance"] == pytest.approx(compared.across.concordance)
    assert record["scores"]["centre"]["mobile"] is None


# the book of the default study ------------------------------------------------------------


@pytest.mark.parametrize("name", BOOK)
def test_each_question_is_a_few_lines_over_the_base(name):
    file = ROOT / f"data/scenarios/{name}.toml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    assert lines[0] == 'base = "base.toml"'
    assert len(lines) <= 12
    scenario = read_scenario(file)
    assert scenario.name == name
    for key, value in BOOK[name].items():
        found = scenario
        for part in key.split("."):
            found = getattr(found, part)
        assert found == value, key


def test_the_guide_names_every_scenario():
    for lang in ("zh", "en"):
        text = (ROOT / "docs" / lang / "guide" / "scenarios.md").read_text(encoding="utf-8")
        assert [name for name in BOOK if name not in text] == [], lang
