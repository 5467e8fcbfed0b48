"""Nothing that never ends, and nothing on another computer, is opened; no small file takes long."""

import os
import sqlite3
import subprocess
import sys

import pytest

from siting.common.file_bytes import file_bytes, is_elsewhere
from siting.inputs.files.opener import read_raw
from siting.inputs.places.crs import parse_crs
from siting.inputs.places.region import read_outline
from siting.inputs.roads.read_roads import read_roads
from siting.inputs.tables.values import parse_number
from siting.scenario.build import read_scenario
from siting.types import InputError, ScenarioError


@pytest.mark.parametrize(
    "name", ["https://host/list.csv", "/vsizip/list.zip", "//server/share/a.csv", "\\\\server\\share\\a.csv"]
)
def test_other_computers_are_not_asked(name):
    assert is_elsewhere(name)
    with pytest.raises(InputError):
        read_raw(name, is_heading=len)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in its folders")
@pytest.mark.parametrize("read", [read_scenario, read_outline, read_raw, file_bytes])
def test_a_pipe_is_refused_at_once(tmp_path, read):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    more = {"is_heading": len} if read is read_raw else {}
    with pytest.raises((InputError, ScenarioError, OSError)):
        read(pipe, **more)


def test_a_file_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "base.toml"
    with path.open("wb") as file:
        file.truncate(33 * 2**20)
    with pytest.raises(OSError, match="larger than 32 MB"):
        file_bytes(path)


@pytest.mark.parametrize(
    "definition",
    [
        "+proj=longlat +nadgrids=/etc/hosts",
        "+proj=utm +zone=50 +geoidgrids=x",
        "+proj=pipeline +step +proj=longlat",
        "+init=epsg:4326 +type=crs",
        'GEOGCS["x",DATUM["d",SPHEROID["s",6378137,298],EXTENSION["PROJ4_GRIDS","/etc/hosts"]]]',
    ],
)
def test_a_definition_that_has_proj_open_files_is_no_system(definition):
    with pytest.raises(InputError):
        parse_crs(definition)


def test_a_definition_of_known_parameters_still_is_one():
    assert parse_crs("+proj=tmerc +lat_0=0 +lon_0=117 +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m").metres


def test_blanks_within_a_number_take_no_time_of_their_square():
    """A hundred times the blanks in a child of its own: by the square it would outlast the limit."""
    code = "from siting.inputs.tables.values import parse_number as p; p('1' + ' ' * 400_000 + '1x2')"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert parse_number("1   1x2")[1] == parse_number("1x2x")[1]


@pytest.fixture
def endless(tmp_path):
    """A GeoPackage whose list of contents is a view that calls itself."""
    path = tmp_path / "endless.gpkg"
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE VIEW gpkg_contents AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
            "SELECT 't' || n AS table_name, 'features' AS data_type, 't' AS identifier, 4326 AS srs_id "
            "FROM r;"
            "CREATE TABLE gpkg_geometry_columns(table_name, column_name, geometry_type_name, srs_id, z, m);"
            "CREATE TABLE gpkg_spatial_ref_sys"
            "(srs_name, srs_id, organization, organization_coordsys_id, definition, description);"
        )
    database.close()
    return path


@pytest.mark.parametrize("read", [lambda path: read_raw(path, is_heading=len), read_roads])
def test_a_view_without_end_is_refused(endless, read):
    with pytest.raises(InputError, match=r"endless\.gpkg"):
        read(endless)
