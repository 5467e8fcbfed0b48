"""The county of a scenario is read without the rest of the scenario, so that checking a table stays light."""

import shutil
import subprocess
import sys

import pytest

from siting.scenario.toml_files import DEFAULT, region_of
from siting.types import InputError, ScenarioError
from tests.paths import ROOT

CASE = ROOT / "tests" / "inputs" / "cases" / "enterprises" / "dirty_01_utf8_bom.csv"


@pytest.fixture
def study(tmp_path):
    (tmp_path / "scenarios").mkdir()
    shutil.copytree(DEFAULT.parent.parent / "raw", tmp_path / "raw")
    (tmp_path / "scenarios" / "base.toml").write_text(
        '[data]\nboundary = "../raw/boundary.geojson"\nplaces = "../raw/places.csv"\n', encoding="utf-8"
    )
    return tmp_path / "scenarios"


def test_the_default_study_has_its_county():
    region = region_of(DEFAULT)
    assert region.boundary.geom_type.endswith("Polygon")
    assert "渔阳镇" in region.places["name"].tolist()
    assert "蓟县" in region.names


def test_no_scenario_no_county(tmp_path):
    assert region_of(tmp_path / "none.toml") is None


def test_a_scenario_on_a_base_takes_its_county_from_there(study):
    (study / "mine.toml").write_text('base = "base.toml"\nname = "mine"\n', encoding="utf-8")
    assert region_of(study / "mine.toml").boundary.equals(region_of(study / "base.toml").boundary)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("places = 3", r"mine\.toml:3: data\.places: missing or no path"),
        ('places = "/etc/hosts"', r"mine\.toml:3: data\.places: '/etc/hosts' is an absolute path"),
        (
            'places = "../../../x.csv"',
            r"mine\.toml:3: data\.places: '../../../x\.csv' leads out of the study",
        ),
    ],
)
def test_a_county_that_cannot_be_found_is_named(study, line, message):
    (study / "mine.toml").write_text(f'base = "base.toml"\n[data]\n{line}\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        region_of(study / "mine.toml")


def test_a_county_that_is_no_layer_is_refused(study):
    (study / "mine.toml").write_text('base = "base.toml"\n[data]\nboundary = "base.toml"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"base\.toml: not a GeoJSON"):
        region_of(study / "mine.toml")


def test_checking_a_table_loads_nothing_that_ranks_sites():
    code = (
        f"import sys; sys.argv = ['siting', 'check', {str(CASE)!r}, '--crs', 'WGS84']\n"
        "from siting.cli import main\n"
        "heavy = {'scipy', 'geopandas', 'siting.scenario.model', 'siting.study'}\n"
        "try: main()\n"
        "finally: assert not heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
