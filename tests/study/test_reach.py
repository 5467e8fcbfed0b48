"""Studies in which roads do not lead everywhere: told in words, or refused where nothing can be compared."""

import json
import re

import numpy as np
import osmium
import pytest
from osmium.osm import mutable
from typer.testing import CliRunner

from siting.cli import app
from tests.few_draws import FEW_DRAWS


def run(folder, *settings, lang="zh"):
    """Run the default study with some keys set; lines of standard error and the exit code count."""
    keys = [part for setting in settings for part in ("--set", setting)]
    return CliRunner().invoke(app, ["run", "--out", str(folder / "out"), "--lang", lang, *FEW_DRAWS, *keys])


def write_county_only(path):
    """Write country roads 4 km apart over the county: an extract cut at its border."""
    lon, lat = np.meshgrid(np.arange(117.05, 117.86, 0.05), np.arange(39.70, 40.26, 0.04))
    number = np.arange(lon.size).reshape(lon.shape) + 1
    with osmium.SimpleWriter(str(path)) as writer:
        for node, x, y in zip(number.ravel().tolist(), lon.ravel(), lat.ravel(), strict=True):
            writer.add_node(mutable.Node(id=node, location=(float(x), float(y)), version=1))
        for way, nodes in enumerate((*number.tolist(), *number.T.tolist()), start=1):
            writer.add_way(mutable.Way(id=way, nodes=nodes, tags={"highway": "tertiary"}, version=1))


def test_an_extract_of_the_county_is_led_on_to_the_city_by_the_trunk_roads(tmp_path):
    """One line of the scenario changes; what was joined, and how, is told everywhere."""
    write_county_only(tmp_path / "county.osm.pbf")
    done = run(tmp_path, f"data.roads={tmp_path / 'county.osm.pbf'}")
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "路网数据以外通往市区的路段由 {beyond} 续接（示意路网）" in page
    issues = (tmp_path / "out" / "issues.csv").read_text(encoding="utf-8-sig")
    assert re.search(r"county\.osm\.pbf,R115,note,.*trunk\.osm\.pbf lead on, joined at \d+ places", issues)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["roads"]["file"] == "county.osm.pbf, trunk.osm.pbf"
    assert len(manifest["roads"]["sha256"].split()) == 2


def test_an_extract_that_ends_short_of_the_city_is_refused_with_the_laboratories(tmp_path):
    write_county_only(tmp_path / "county.osm.pbf")
    county = tmp_path / "county.osm.pbf"
    done = run(tmp_path, f"data.roads={county}", f"data.network_beyond={county}", lang="en")
    assert done.exit_code == 1
    assert done.stderr.startswith("county.osm.pbf: no enterprise can drive to the laboratories")
    assert len(re.findall(r"^laboratory \w+ .*too far from any road", done.stderr, re.MULTILINE)) == 4
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("travel_time.snap_limit_m=0", "400 of 400 enterprises: too far from any road"),
        ("travel_time.snap_limit_m=500", "10.3 km from a road: too far from any road"),
        ("travel_time.without_believed=true", "9.5 km from a road: on a road that nothing joins to the main"),
    ],
)
def test_settings_that_shut_off_every_laboratory_are_refused(tmp_path, setting, told):
    done = run(tmp_path, setting, lang="en")
    assert done.exit_code == 1
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_site_that_no_road_leads_to_is_told_in_words(tmp_path):
    """Without 津围公路 the south of the county hangs on a branch of its own."""
    done = run(tmp_path, 'travel_time.closures=["津围公路"]')
    assert done.exit_code == 0, done.output
    assert "进出均不通的备选场址 1 个：下仓镇。" in done.stderr
    assert "进出均不通的企业 59 家：" in done.stderr
    assert "净费用（下仓镇）" in done.stderr
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "进出均不通的备选场址 1 个：下仓镇。" in page


def test_a_laboratory_beyond_the_limit_is_named(tmp_path):
    done = run(tmp_path, "travel_time.snap_limit_m=8000", lang="en")
    assert done.exit_code == 0, done.output
    assert "off the network: Tianjin product-quality institute (10.3 km)." in done.stderr
    assert "cannot be reckoned for want of a road: 398 of 400;" in done.stderr
