"""A study may be without conditions, pledges, sources, outline or neighbours, each alone and all together."""

import json
import re
import shutil

import pytest
from typer.testing import CliRunner

import siting
from siting.cli import app
from siting.scenario.toml_files import DEFAULT

TOLD = {"boundary": "未提供县界", "conditions": "未提供否决性指标", "sources": "未提供数据来源表"}
OPTIONAL = ("conditions", "pledges", "sources", "boundary", "context")
LIST = "企业名称,行业代码,经度,纬度,从业人员\n" + "".join(
    f"虚构{n:02}号厂,{code},{117.3 + 0.005 * n:.3f},{39.9 + 0.004 * (7 * n % 32):.3f},{30 + n}\n"
    for n, code in enumerate(("1512", "3484", "1810", "3011") * 9)
)
OUTSIDE = "虚构远方厂,1512,116.40,39.90,50\n"


def study_without(folder, *absent):
    """Copy the default study without some of its files and the keys that name them; give its scenario."""
    data = folder / "data"
    shutil.copytree(DEFAULT.parent.parent, data)
    path = data / "scenarios" / "base.toml"
    text = path.read_text(encoding="utf-8")
    for key in absent:
        text, n = re.subn(rf'(?m)^{key} = "\.\./(.+)"\n', "", text)
        assert n == 1
    path.write_text(text, encoding="utf-8")
    for key in absent:
        for file in data.rglob(f"{key}.*"):
            file.unlink()
    return path


@pytest.mark.parametrize("absent", [*((key,) for key in OPTIONAL), OPTIONAL])
def test_a_study_runs_without(tmp_path, absent):
    study = siting.load(study_without(tmp_path, *absent))
    result = study.run()
    result.save(tmp_path / "out")
    html = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    payload = json.loads(re.search(r'<script[^>]*id="data"[^>]*>(.*?)</script>', html, re.DOTALL)[1])
    seen = [pair[0] for pair in payload["data"]["notices"]]
    for key, told in TOLD.items():
        assert sum(told in line for line in seen) == (key in absent), key
    assert payload["recommended"] is False
    verdicts = result.evaluation.verdicts
    assert set(verdicts) == {"pending", "pass"}
    assert (verdicts[["city", "mobile"]] == "pass").all()


def test_values_stay_where_what_is_absent_does_not_count(tmp_path, base_result):
    absent = ("conditions", "sources", "context")
    values = siting.load(study_without(tmp_path, *absent)).run().values
    assert (values == base_result.values).all(axis=None)


@pytest.mark.parametrize("absent", [("boundary",), OPTIONAL])
def test_a_list_runs_in_a_study_without(tmp_path, absent):
    scenario = study_without(tmp_path, *absent)
    path = tmp_path / "名单.csv"
    path.write_text(LIST + OUTSIDE, encoding="utf-8")
    given = [str(scenario), "--enterprises", str(path), "--crs", "WGS84", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, ["run", *given])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("未提供县界") == 1
    assert "采用行数／总行数: 37 / 37" in done.stdout
    checked = ["check", str(path), "--crs", "WGS84", "--scenario", str(scenario), "--json"]
    counts = json.loads(CliRunner().invoke(app, checked).stdout)["counts"]
    assert counts["kept"] == 37


def test_with_an_outline_the_same_list_loses_what_lies_outside(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_text(LIST + OUTSIDE, encoding="utf-8")
    assert siting.read_enterprises(path, crs="WGS84").counts["set_aside"] == 1


def test_the_map_frames_on_the_points(tmp_path):
    inputs = siting.load(study_without(tmp_path, "boundary")).inputs
    points = inputs.enterprises[["lon", "lat"]]
    west, south, east, north = inputs.area.bounds
    assert points["lon"].between(west, east).all()
    assert points["lat"].between(south, north).all()
    assert east - west < 1.0
