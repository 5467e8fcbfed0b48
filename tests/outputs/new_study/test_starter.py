"""A new study of every template: complete, its own, runs to a page at once; nothing is overwritten."""

import json
import re
import zipfile

import nbformat
import pytest

import siting
from siting.outputs.check.report import check_file
from siting.outputs.new_study import STUDIES
from siting.outputs.new_study.starter import NOTEBOOK, SCENARIO, write_study
from siting.outputs.new_study.templates import TEMPLATES
from siting.scenario.build import read_scenario
from siting.scenario.toml_files import region_of
from siting.types import InputError
from tests.paths import ROOT

OF_THE_DEFAULT_STUDY = re.compile(
    "蓟|渔阳|上仓|于桥|洇溜|天津|jixian|jizhou|tianjin|shangcang|yuqiao|yinliu|yuyang", re.IGNORECASE
)
FEW = {"robustness.joint_draws": 40, "robustness.draws": 100, "robustness.quick_seeds": 2}


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    """A study of each template, in folders whose names hold a blank and Chinese."""
    folder = tmp_path_factory.mktemp("studies")
    for study in STUDIES:
        write_study(folder / f"河东 {study}", study)
    return {study: folder / f"河东 {study}" for study in STUDIES}


@pytest.fixture(scope="module")
def results(studies):
    return {study: siting.load(folder / SCENARIO, settings=FEW).run() for study, folder in studies.items()}


@pytest.mark.parametrize("study", STUDIES)
def test_it_runs_under_its_own_name_and_year_and_ranks_its_sites(studies, results, study):
    scenario = read_scenario(studies[study] / SCENARIO)
    assert scenario.name == scenario.title_zh == studies[study].name
    assert scenario.study_year == 2025
    assert list(results[study].table["rank"])[:1] == [1]
    told = {issue.code for issue in results[study].issues}
    assert not told & {"E402", "E405", "E406", "E407", "E408"}, "tables, anchors and settings belong together"


@pytest.mark.parametrize("study", STUDIES)
def test_no_word_of_the_default_study_is_in_folder_or_outputs(studies, results, study, tmp_path):
    results[study].save(tmp_path)
    for folder in (studies[study], tmp_path):
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            for name, text in texts_of(path):
                found = OF_THE_DEFAULT_STUDY.search(text)
                assert not found, f"{name}: …{text[max(0, found.start() - 40) : found.end() + 40]}…"


def texts_of(path):
    """Texts of a file, those of a workbook sheet by sheet; pictures and databases as their bytes read."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            for part in book.namelist():
                yield f"{path.name}/{part}", book.read(part).decode("utf-8", "replace")
    else:
        yield path.name, path.read_bytes().decode("utf-8", "replace")


@pytest.mark.parametrize("study", STUDIES)
def test_what_is_made_up_says_so(studies, results, study):
    from siting.outputs.text.ground import demo_reason

    assert "100.0%" in demo_reason(results[study].evaluation, "zh")
    for path in sorted((studies[study] / "data/raw").glob("*.csv")):
        assert re.search("made up for the example|check it for your county", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("study", STUDIES)
def test_sources_and_units_are_told_in_chinese_too(studies, results, study):
    """What the page and the workbook of an official show of them."""
    tables = results[study].evaluation.evidence.inputs.tables
    told = [tables["sources"].frame[name] for name in ("content", "origin_zh", "licence_zh")]
    told += [tables["parameters"].frame[name] for name in ("unit_zh", "source_zh") if "parameters" in tables]
    for column in told:
        assert column.str.contains("[\u4e00-\u9fff]").all(), column.name


@pytest.mark.parametrize("study", STUDIES)
def test_every_table_checks_by_itself_without_a_row_lost(studies, study):
    folder = studies[study]
    region = region_of(folder / SCENARIO)
    scenario = read_scenario(folder / SCENARIO)
    for table in TEMPLATES:
        if (path := getattr(scenario.data, table)) is not None:
            found = check_file(path, table, crs="WGS84", region=region).json
            assert found["outcome"] == "read"
            assert found["counts"]["set_aside"] == 0


@pytest.mark.parametrize("study", STUDIES)
def test_blank_workbooks_stand_by_for_the_tables_that_it_reads(studies, study):
    scenario = read_scenario(studies[study] / SCENARIO)
    blank = {path.stem for path in (studies[study] / "data/blank").glob("*.xlsx")}
    assert blank - {"score-sheet"} == {t for t in TEMPLATES if getattr(scenario.data, t) is not None}


def test_two_studies_of_a_kind_compare(studies, results):
    other = siting.load(
        studies["fire-station"] / SCENARIO, settings={**FEW, "name": "slow", "trips.turnout_min": 3}
    )
    found = siting.compare(results["fire-station"], other.run())
    assert list(found.table.columns) == [studies["fire-station"].name, "slow"]
    assert (found.table["slow"] <= found.table.iloc[:, 0]).all()
    page = found.explore().source
    assert "居民点" in page
    assert "企业" not in page


def test_the_page_of_a_fire_station_speaks_of_residents_alone(results):
    page = results["fire-station"].explore().source
    shown = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1].replace("<\\/", "</"))
    assert shown["economics"] is None
    assert shown["sure"]["whether"][0].startswith("本研究不作效益费用评价")
    assert "居民点" in page


@pytest.mark.parametrize("study", STUDIES)
def test_the_notebook_runs_beside_its_scenario(studies, study):
    notebook = nbformat.read(studies[study] / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert f'siting.load("../{SCENARIO}")' in notebook.cells[1].source


def test_the_cells_of_the_notebook_run(studies, monkeypatch):
    folder = studies["fire-station"] / "notebooks"
    monkeypatch.chdir(folder)
    names = {}
    for cell in nbformat.read(studies["fire-station"] / NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert names["result"].best == "centre"


def test_another_county_takes_the_place_of_the_example(tmp_path):
    """Rows of another county under the same headings: anchors are made anew, and that is told."""
    folder = tmp_path / "西山"
    write_study(folder, "fire-station")
    raw = folder / "data/raw"
    for name in (
        "residents.csv",
        "sites.csv",
        "stations.csv",
        "places.csv",
        "road_nodes.csv",
        "road_edges.csv",
    ):
        text = (raw / name).read_text(encoding="utf-8")
        (raw / name).write_text(
            text.replace("示例", "西山").replace("illustrative", "assumed"), encoding="utf-8"
        )
    residents = (raw / "residents.csv").read_text(encoding="utf-8").replace(",4000,", ",40000,")
    (raw / "residents.csv").write_text(residents, encoding="utf-8")
    result = siting.load(folder / SCENARIO, settings=FEW).run()
    assert "E406" in {issue.code for issue in result.issues}
    assert result.best == "east"
    assert not OF_THE_DEFAULT_STUDY.search(result.explore().source)


def test_nothing_is_overwritten(studies):
    folder = studies["blank"]
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=r"already holds data/raw/places.csv"):
        write_study(folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_same_bytes_twice(tmp_path):
    for place in ("a", "b"):
        write_study(tmp_path / place / "study", "blank")
    first, second = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "a", tmp_path / "b")
    )
    assert first == second


def test_every_template_has_its_folder_and_its_method_apart():
    folder = ROOT / "siting/outputs/new_study/studies"
    assert {path.name for path in folder.iterdir()} == {*STUDIES, "common"}
    for study in STUDIES:
        method = (folder / study / "data/scenarios/method.toml").read_text(encoding="utf-8")
        assert "[data]" not in method
        assert "[[criteria]]" in method
