"""Townships as lists write them: what is found, and what is said of those that nobody knows."""

import pytest

from siting.inputs.tables.read_table import read_region, read_table
from tests.paths import ROOT

RAW = ROOT / "data" / "raw"


@pytest.fixture(scope="module")
def region():
    return read_region(RAW / "boundary.geojson", RAW / "places.csv")


@pytest.fixture
def read(tmp_path, region):
    def reader(*towns):
        rows = [f"虚构{at}号厂,{town}" for at, town in enumerate(towns)]
        (tmp_path / "a.csv").write_text("\n".join(["企业名称,乡镇", *rows]), encoding="utf-8")
        return read_table(tmp_path / "a.csv", region=region, locate="town")

    return reader


def test_an_unknown_township_is_named_with_the_nearest(read):
    table = read("渔阳", "天津市蓟州区渔阳镇", "虚构镇", "渔 阳 镇", "")
    told = [issue for issue in table.issues if issue.severity == "set_aside"]
    assert [(i.row, i.code, i.column, i.value) for i in told] == [
        (2, "E920", "乡镇", "渔阳"),
        (3, "E920", "乡镇", "天津市蓟州区渔阳镇"),
        (4, "E920", "乡镇", "虚构镇"),
        (6, "E103", "乡镇", ""),
    ]
    assert ["（是否应为“渔阳镇”？）" in i.action_zh for i in told[:3]] == [True, True, False]
    assert "table of places (did you mean '渔阳镇'?); set aside" in told[0].action
    assert all("--aliases" in i.hint for i in told[:3])
    assert table.frame["placed"].tolist() == ["town"]
