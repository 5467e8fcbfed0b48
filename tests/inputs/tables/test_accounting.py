"""Registers built from a grammar of defects, the truth known: nothing lost, nothing guessed in silence."""

import csv
import io
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siting.inputs.places.crs import from_wgs84
from siting.inputs.tables.read_table import read_region, read_table
from tests.paths import ROOT

RAW = ROOT / "data" / "raw"
HEADINGS = (
    "企业名称",
    "统一社会信用代码",
    "行业代码",
    "注册地址",
    "经度",
    "纬度",
    "从业人员",
    "产值（万元）",
    "特种设备数量",
)
PHONE = "13800001234"
VALUES = ("name", "uscc", "industry", "lon", "lat", "employees", "output_wan", "equipment")


@pytest.fixture(scope="module")
def county():
    return read_region(RAW / "boundary.geojson", RAW / "places.csv")


# --- the grammar: each defect changes cells and says what must come of it -------------------------------
# A row is (cells, truth); truth None means set aside, else the values that must be kept; "ignored" no data.


def sound(i):
    """Make row i without a defect; every row has a name and a place of its own."""
    lon, lat = round(117.30 + (i % 40) * 0.005, 6), round(39.86 + (i // 40 % 40) * 0.005, 6)
    cells = [f"虚构{i:05d}号试验厂", "", "1512", "天津市蓟州区", f"{lon}", f"{lat}", "120", "340.5", "2"]
    truth = dict(zip(VALUES, (cells[0], None, "1512", lon, lat, 120, 340.5, 2), strict=True))
    return cells, truth


def cell(at, text, **truth):
    """Make a defect that replaces one cell and changes some of the truth."""

    def damage(cells, kept):
        cells[at] = text
        return cells, {**kept, **truth}

    return damage


def aside(at, text):
    """Make a defect for which the row is set aside."""

    def damage(cells, _):
        cells[at] = text
        return cells, None

    return damage


def swapped(cells, kept):
    cells[4], cells[5] = cells[5], cells[4]
    return cells, kept


def in_minutes(cells, kept):
    for at, value in ((4, kept["lon"]), (5, kept["lat"])):
        cells[at] = f"{int(value)}°{(value % 1) * 60:.6f}′"
    return cells, kept


def whole(*cells):
    """Make a line that is no data."""
    return lambda *_: ([*cells, *[""] * (9 - len(cells))], "ignored")


DEFECTS = {
    "none": lambda cells, kept: (cells, kept),
    "no name": aside(0, ""),
    "name missing": aside(0, "—"),
    "no longitude": aside(4, ""),
    "latitude missing": aside(5, "暂无"),
    "text": aside(4, "东边"),
    "letter": aside(5, "39.9O"),
    "zero": aside(4, "0"),
    "far": aside(4, "116.4"),
    "minutes 61": aside(4, "117°61′00″"),
    "swapped": swapped,
    "minutes": in_minutes,
    "missing": cell(6, "无", employees=None),
    "range": cell(6, "100-200", employees=None),
    "negative": cell(6, "-5", employees=None),
    "half a person": cell(6, "11.5", employees=None),
    "about": cell(6, "约120"),
    "persons": cell(6, "１２０人"),
    "thousands": cell(7, "1,340.5", output_wan=1340.5),
    "yi": cell(7, "1.2亿元", output_wan=12000.0),
    "text output": cell(7, "保密中", output_wan=None),
    "infinite": cell(7, "inf", output_wan=None),
    "good code": cell(1, "91120119MAFAKE0198", uscc="91120119MAFAKE0198"),
    "wrong code": cell(1, "91120119MAFAKE0199"),
    "rounded code": cell(1, "9.11201E+17"),
    "letter before industry": cell(2, "C1512"),
    "lost zero": cell(2, "142", industry=None),
    "no industry": cell(2, "白酒制造", industry=None),
    "error cell": cell(8, "#DIV/0!", equipment=None),
    "blank line": whole(),
    "total": whole("合计", "", "", "", "", "", "999", "888", "7"),
    "note": whole("注：本表为虚构"),
    "signature": whole("填表人：虚构甲"),
    "heading again": whole(*HEADINGS),
    "units": whole("", "", "", "", "（度）", "（度）", "（人）", "（万元）", "（台）"),
}


def make_rows(defects, start=0):
    """Build rows from names of defects; a credit code stands once only, else it is a second site."""
    rows, taken = [], set()
    for i, defect in enumerate(defects, start):
        defect = "none" if defect in taken and defect == "good code" else defect
        taken.add(defect)
        rows.append((DEFECTS[defect](*sound(i)), defect))
    return rows


def as_csv(rows, encoding="utf-8", personal=False):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    extra = ["联系电话"] if personal else []
    writer.writerow([*HEADINGS, *extra])
    for (cells, truth), _ in rows:
        writer.writerow([*cells, *([PHONE if truth != "ignored" else ""] if personal else [])])
    return out.getvalue().encode(encoding)


def read(content, path, county, **options):
    path.write_bytes(content)
    declared = {"crs": "WGS84", "industry_standard": 2017, "region": county, **options}
    return read_table(path, **declared)


def kept_values(table):
    """Give the kept rows as the truth is written, by name."""
    frame = table.frame[list(VALUES)].set_index("name", drop=False)
    frame = frame.astype(object).where(frame.notna(), None)
    return {
        name: {v: row[v] for v in VALUES}
        for name, row in zip(frame.index, frame.to_dict("records"), strict=True)
    }


def matches(found, truth):
    near = all(abs(found[c] - truth[c]) < 2e-7 for c in ("lon", "lat"))
    return near and all(found[c] == truth[c] for c in VALUES if c not in ("lon", "lat"))


REGISTERS = st.lists(st.sampled_from(sorted(DEFECTS)), min_size=1, max_size=10).filter(
    lambda names: any(DEFECTS[name](*sound(0))[1] != "ignored" for name in names)
)


@given(defects=REGISTERS)
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_kept_set_aside_or_ignored(defects, tmp_path, county):
    rows = make_rows(defects)
    table = read(as_csv(rows), tmp_path / "register.csv", county)
    truths = {row: truth for row, ((_, truth), _) in enumerate(rows, start=2)}
    kept = {row: truth for row, truth in truths.items() if isinstance(truth, dict)}
    aside_rows = {row for row, truth in truths.items() if truth is None}

    assert table.counts["data_rows"] == table.counts["kept"] + table.counts["set_aside"]
    assert table.counts["ignored_lines"] == sum(truth == "ignored" for truth in truths.values())
    assert set(table.frame["row"]) == set(kept)
    assert set(table.set_aside["row"]) == aside_rows
    found = dict(zip(table.frame["row"], kept_values(table).values(), strict=True))
    for row, truth in kept.items():
        assert matches(found[row], truth), (row, found[row], truth)

    told = {(issue.row, issue.severity) for issue in table.issues}
    for row, (_, defect) in enumerate(rows, start=2):
        if row in aside_rows:
            assert (row, "set_aside") in told
        elif truths[row] == "ignored":
            assert (row, "note") in told
        elif defect not in ("none", "missing", "good code", "letter before industry"):
            assert (row, "changed") in told, defect
    assert all(issue.row is None or issue.row in truths for issue in table.issues)


@given(defects=REGISTERS, seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_order_and_encoding_change_nothing(defects, seed, tmp_path, county):
    rows = make_rows(defects)
    before = kept_values(read(as_csv(rows), tmp_path / "a.csv", county))
    shuffled = rows.copy()
    random.Random(seed).shuffle(shuffled)
    for content in (
        as_csv(shuffled),
        as_csv(rows, "gb18030"),
        as_csv(rows, "utf-8-sig"),
        as_csv(rows, "utf-16"),
    ):
        assert kept_values(read(content, tmp_path / "b.csv", county)) == before


@given(defects=st.lists(st.sampled_from(sorted(set(DEFECTS) - {"lost zero"})), min_size=2, max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_halves_hold_what_the_whole_holds(defects, tmp_path, county):
    rows = [((cells, truth), d) for (cells, truth), d in make_rows(["none", *defects, "none"])]
    whole_table = kept_values(read(as_csv(rows), tmp_path / "whole.csv", county))
    middle = len(rows) // 2
    halves = {}
    for half in (rows[:middle], rows[middle:]):
        halves |= kept_values(read(as_csv(half), tmp_path / "half.csv", county))
    assert halves == whole_table


def test_reading_a_file_twice_over_keeps_the_same_set(tmp_path, county):
    rows = make_rows(list(DEFECTS))
    once = read(as_csv(rows), tmp_path / "once.csv", county)
    twice = read(as_csv([*rows, *rows]), tmp_path / "twice.csv", county)
    assert kept_values(twice) == kept_values(once)
    repeated = [issue for issue in twice.issues if issue.code == "E107"]
    assert len(repeated) == once.counts["kept"]
    assert all("repeats row" in issue.action for issue in repeated)


@pytest.mark.parametrize(
    "unit", [("产值（元）", 1e4), ("产值（千元）", 10), ("产值（万元）", 1), ("产值（亿元）", 1e-4)]
)
def test_the_unit_of_money_changes_nothing(unit, tmp_path, county):
    heading, factor = unit
    text = (
        f"企业名称,经度,纬度,{heading}\n虚构甲厂,117.4,39.91,{15800 * factor:.10g}\n虚构乙厂,117.41,39.91,\n"
    )
    table = read(text.encode(), tmp_path / "a.csv", county)
    assert table.frame["output_wan"].tolist() == pytest.approx([15800, np.nan], nan_ok=True)
    assert ("E310" in {issue.code for issue in table.issues}) == (factor != 1)


@pytest.mark.parametrize(
    "crs", ["WGS84", "CGCS2000", "GCJ-02", "BD-09", "EPSG:4548", "EPSG:4527", "EPSG:2384", "EPSG:32650"]
)
def test_the_datum_changes_nothing(crs, tmp_path, county):
    lon, lat = np.array([117.385, 117.40, 117.505]), np.array([39.87, 40.045, 39.975])
    x, y = from_wgs84(lon, lat, crs)
    frame = pd.DataFrame({"企业名称": ["虚构甲厂", "虚构乙厂", "虚构丙厂"], "X坐标": x, "Y坐标": y})
    for columns in (["企业名称", "X坐标", "Y坐标"], ["企业名称", "Y坐标", "X坐标"]):
        table = read(frame[columns].to_csv(index=False).encode(), tmp_path / "a.csv", county, crs=crs)
        assert table.frame["lon"].tolist() == pytest.approx(lon, abs=1e-8)
        assert table.frame["lat"].tolist() == pytest.approx(lat, abs=1e-8)
    table = read(
        frame.set_axis(["企业名称", "Y坐标", "X坐标"], axis=1).to_csv(index=False).encode(),
        tmp_path / "a.csv",
        county,
        crs=crs,
    )
    assert table.frame["lon"].tolist() == pytest.approx(lon, abs=1e-8)  # northing first, read so all the same


def test_a_blank_column_changes_nothing(tmp_path, county):
    rows = make_rows(list(DEFECTS))
    before = kept_values(read(as_csv(rows), tmp_path / "a.csv", county))
    lines = as_csv(rows).decode().split("\r\n")
    wider = "\r\n".join(f"{line}," if line else line for line in lines)
    assert kept_values(read(wider.encode(), tmp_path / "b.csv", county)) == before


def test_personal_data_is_nowhere_in_what_leaves(tmp_path, county):
    rows = make_rows([name for name in DEFECTS if name not in ("blank line", "units")])
    table = read(as_csv(rows, personal=True), tmp_path / "a.csv", county)
    everything = table.frame.to_csv() + table.set_aside.to_csv() + repr(table.issues)
    assert PHONE not in everything
    assert any(issue.code == "E312" and issue.column == "联系电话" for issue in table.issues)


def test_what_was_read_of_rows_set_aside_is_kept_too(tmp_path):
    """A later list is held against all rows of an earlier one."""
    path = tmp_path / "名录.csv"
    rows = [
        "虚构甲厂,1512,上仓镇,,,80 人",
        "虚构乙厂,2110,洇溜镇,117.413,39.977,60",
        ",2110,洇溜镇,117.4,39.9,9",
    ]
    path.write_text("\n".join(["企业名称,行业代码,乡镇,经度,纬度,从业人员", *rows]), encoding="utf-8")
    table = read_table(path, "enterprises", crs="WGS84")
    assert table.aside[["row", "reason"]].values.tolist() == [[2, "E103"], [4, "E102"]]
    assert table.aside[["name", "industry", "town", "employees"]].iloc[0].tolist() == [
        "虚构甲厂", "1512", "上仓镇", 80,
    ]  # fmt: skip
    assert table.aside["row"].tolist() == table.set_aside["row"].tolist()
