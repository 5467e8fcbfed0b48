"""A new study: the scenario is accepted as it stands, the blank tables are read, nothing is overwritten."""

import nbformat
import pytest

from siting.outputs.new_study.starter import NOTEBOOK, SCENARIO, write_study
from siting.outputs.new_study.templates import TEMPLATES
from siting.scenario.build import read_scenario
from siting.scenario.toml_files import DEFAULT
from siting.types import InputError


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "河东 新区"
    write_study(folder)
    return folder


def test_the_scenario_is_accepted_and_names_the_new_files(study):
    scenario = read_scenario(study / SCENARIO)
    assert scenario.name == scenario.title_zh == study.name
    for table in TEMPLATES:
        file = getattr(scenario.data, table)
        assert file == study / "data" / "raw" / f"{table}.xlsx"
        assert file.is_file()
    assert scenario.data.context is None
    assert scenario.criteria == read_scenario(DEFAULT).criteria


def test_running_it_says_what_is_missing(study):
    from siting.study.read_inputs import read_inputs

    with pytest.raises(InputError) as refused:
        read_inputs(read_scenario(study / SCENARIO))
    assert "roads.osm.pbf" in str(refused.value)
    assert "boundary.geojson" in str(refused.value)


def test_the_notebook_is_one(study):
    notebook = nbformat.read(study / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert f'siting.load("../{SCENARIO}")' in notebook.cells[1].source


def test_nothing_is_overwritten(study):
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="already holds data/scenarios/base.toml"):
        write_study(study)
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before


def test_same_bytes_twice(tmp_path):
    for place in ("a", "b"):
        write_study(tmp_path / place / "study")
    first, second = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (tmp_path / "a", tmp_path / "b")
    )
    assert first == second
