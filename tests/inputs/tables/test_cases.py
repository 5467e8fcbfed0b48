"""Every case file gives what EXPECTED.json says, or one of the outcomes that it also accepts."""

import json
import math
from pathlib import Path

import pytest

from siting.inputs.tables.read_table import read_region
from siting.outputs.check.report import check_file
from tests.paths import ROOT

CASES = ROOT / "tests" / "inputs" / "cases"
RAW = ROOT / "data" / "raw"
EXPECTED = json.loads((CASES / "EXPECTED.json").read_text(encoding="utf-8"))["cases"]
TABLES = {"dirty_80": "sites", "dirty_84": "sites", "dirty_96": "roads"}
ALSO_READ = {"workbooks/dirty_61_xlsx_as.csv": 2}
"""Files that EXPECTED.json lets be refused or read; here they are read: rows kept."""
METRES_A_DEGREE = 111_200


@pytest.fixture(scope="module")
def county():
    return read_region(RAW / "boundary.geojson", RAW / "places.csv")


def checked(case, county):
    declared = case["declare"]
    name = Path(case["file"]).name[:8]
    return check_file(
        CASES / case["file"],
        TABLES.get(name, "enterprises"),
        crs=declared.get("crs"),
        sheet=declared.get("sheet"),
        industry_standard=declared.get("industry_standard"),
        region=county,
        lang="en",
    )


def by_id(case):
    return Path(case["file"]).stem


READ = [case for case in EXPECTED if case["outcome"] == "read"]
REFUSED = [case for case in EXPECTED if case["outcome"] == "refuse" and case["file"] not in ALSO_READ]


def test_the_corpus_is_whole():
    assert len(READ) >= 20
    assert len(REFUSED) >= 3
    assert {case["file"] for case in EXPECTED} >= set(ALSO_READ)


@pytest.mark.parametrize("case", REFUSED, ids=by_id)
def test_refused_in_one_line_that_names_the_file(case, county):
    result = checked(case, county)
    assert result.json["outcome"] == "refused"
    assert result.table is None
    assert result.json["rows"] == []
    assert "\n" not in result.text
    assert Path(case["file"]).name in result.text


@pytest.mark.parametrize("file", ALSO_READ)
def test_read_although_the_name_misleads(file, county):
    case = next(case for case in EXPECTED if case["file"] == file)
    assert checked(case, county).json["counts"]["kept"] == ALSO_READ[file]


@pytest.mark.parametrize("case", READ, ids=by_id)
def test_read_as_expected(case, county):
    result = checked(case, county)
    assert result.json["outcome"] == "read", result.text
    assert result.json["counts"] == case["counts"]
    rows = {row["row"]: row for row in result.json["rows"]}
    told = {issue["row"] for issue in result.json["issues"]}
    assert set(rows) == {row["row"] for row in case["rows"]}
    for expected in case["rows"]:
        found = rows[expected["row"]]
        assert found["status"] == expected["status"], expected
        if expected["status"] == "set_aside":
            assert expected["row"] in told
            assert found["name"] == expected["name"]
        elif expected["value"]:
            assert same(found, expected["value"], case["tol_m"]), (found, expected)
        if expected.get("changed"):
            assert expected["row"] in told, expected


def same(found, value, tolerance_m):
    """Compare a kept row with the truth: place on the ground, all else exactly."""
    degree = tolerance_m / METRES_A_DEGREE
    return all(
        math.isclose(found[name], truth, abs_tol=degree) if name in ("lon", "lat") else found[name] == truth
        for name, truth in value.items()
        if name in found
    )


@pytest.mark.parametrize("case", READ, ids=by_id)
def test_nothing_unreadable_is_passed_on(case, county):
    result = checked(case, county)
    everything = json.dumps(result.json, ensure_ascii=False) + result.text
    everything += result.table.set_aside.to_csv() + result.table.frame.to_csv()
    for odd in ("\ufffd", "\x00", "\u200b", "\ufeff", "\u202e", "\u202c"):
        assert odd not in everything
    for ignored in case["ignored"]:
        assert ignored["row"] in {i["row"] for i in result.json["issues"]} or ignored["kind"] == "header"


def test_units_in_the_heading_are_honoured_and_reported(county):
    case = next(case for case in EXPECTED if "dirty_09" in case["file"])
    result = checked(case, county)
    assert [row["output_wan"] for row in result.json["rows"]] == [15800, 6200.5, 98000, 2300]
    assert any(issue["code"] == "E310" and "亿元" in issue["action"] for issue in result.json["issues"])


def test_each_duplicate_names_the_row_it_repeats(county):
    case = next(case for case in EXPECTED if "dirty_36" in case["file"])
    found = {i["row"]: i["action"] for i in checked(case, county).json["issues"] if i["code"] == "E107"}
    assert {row: int(text.split("repeats row ")[1].split(" ")[0]) for row, text in found.items()} == {
        3: 2, 5: 4, 7: 6, 11: 10, 18: 17,
    }  # fmt: skip
    assert "145 / 150" in found[5]


def test_unclassified_rows_are_counted(county):
    case = next(case for case in EXPECTED if "dirty_38" in case["file"])
    result = checked(case, county)
    divisions = result.table.frame.set_index("row")["industry_division"]
    for row in case["rows"]:
        truth = row["value"]["industry_division"]
        assert divisions[row["row"]] == truth or (truth is None and divisions.isna()[row["row"]])
    assert any(
        issue["code"] == "E308" and issue["action"].startswith("8 rows") for issue in result.json["issues"]
    )


def test_encoding_is_stated(county):
    case = next(case for case in EXPECTED if "dirty_02" in case["file"])
    assert checked(case, county).json["encoding"] == "gb18030"
