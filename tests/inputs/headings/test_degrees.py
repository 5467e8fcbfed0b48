"""Degrees, minutes and seconds in columns of their own → one position."""

import openpyxl
import pytest

from siting.inputs.headings.match_headings import count_known, match_headings
from siting.inputs.places.crs import from_wgs84
from siting.inputs.tables.read_table import read_table
from siting.types import InputError

LON, LAT = 117.401, 40.045
CELLS = "117,24,3.6,40,2,42"


@pytest.fixture
def read(tmp_path):
    def reader(text, crs="WGS84"):
        path = tmp_path / "a.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path, crs=crs)

    return reader


def headings_of(form):
    return ",".join(form.format(axis=axis, part=part) for axis in ("经度", "纬度") for part in "度分秒")


@pytest.mark.parametrize(
    "heads",
    [
        headings_of("企业中心{axis}（{part}）"),
        headings_of("{axis}{part}"),
        headings_of("{axis}-{part}"),
        headings_of("{axis}/{part}"),
        headings_of("{axis}（高德）_{part}").replace("（高德）", ""),
        "lon_deg,lon_min,lon_sec,lat_deg,lat_min,lat_sec",
        "东经（°）,东经（′）,东经（″）,北纬（°）,北纬（′）,北纬（″）",
        "经度,经度（分）,经度（秒）,纬度,纬度（分）,纬度（秒）",
    ],
)
def test_three_columns_an_axis_are_one_position_and_told(read, heads):
    table = read(f"企业名称,{heads}\n虚构甲厂,{CELLS}\n")
    assert table.frame[["lon", "lat"]].values[0] == pytest.approx([LON, LAT])
    (told,) = (issue for issue in table.issues if issue.code == "E202")
    assert (told.row, told.value) == (2, "117 24 3.6|40 2 42")
    assert not [issue for issue in table.issues if issue.code in ("E313", "E314")]


@pytest.mark.parametrize("merged", [True, False])
def test_a_group_of_three_below_each_axis(tmp_path, merged):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["企业名称", "东经", None, None, "北纬"])
    sheet.append([None, *"度分秒度分秒"])
    sheet.append(["虚构甲厂", 117, 24, 3.6, 40, 2, 42])
    for area in ("A1:A2", "B1:D1", "E1:G1") if merged else ():
        sheet.merge_cells(area)
    book.save(tmp_path / "a.xlsx")
    table = read_table(tmp_path / "a.xlsx", crs="WGS84")
    assert table.frame[["row", "lon", "lat"]].values[0] == pytest.approx([3, LON, LAT])


@pytest.mark.parametrize(
    ("cells", "position"),
    [
        ("117度,24分,3.6秒,40度,2分,42秒", (LON, LAT)),
        ("117°,24′,3.6″,40°,2′,42″", (LON, LAT)),
        ("117,24.06,,40,2.7,", (LON, LAT)),
        ("117.401,,,40.045,,", (LON, LAT)),
        ("117.401,/,/,40.045,—,—", (LON, LAT)),
        ("117,,,40,,", "E105"),
        ("117,61,0,40,2,42", "E105"),
        ("117,24,60,40,2,42", "E105"),
        ("117.5,24,3.6,40,2,42", "E105"),
        (",24,3.6,40,2,42", "E105"),
        (",,,40,2,42", "E103"),
        (",,,,,", "E103"),
        ("11.7,1e1,x,40,2,42", "E105"),
    ],
)
def test_what_the_cells_may_hold(read, cells, position):
    table = read(f"企业名称,{headings_of('{axis}{part}')}\n虚构甲厂,{cells}\n")
    if isinstance(position, str):
        assert table.set_aside["reason"].tolist() == [position]
    else:
        assert table.frame[["lon", "lat"]].values[0] == pytest.approx(position)


def test_a_system_in_the_headings_counts(read):
    x, y = from_wgs84(LON, LAT, "GCJ-02")
    cells = ",".join(f"{int(v)},{v % 1 * 60:.9f}" for v in (float(x), float(y)))
    table = read(
        f"企业名称,高德经度（度）,高德经度（分）,高德纬度（度）,高德纬度（分）\n虚构甲厂,{cells}\n", None
    )
    assert table.frame[["lon", "lat"]].values[0] == pytest.approx([LON, LAT], abs=1e-8)


def test_limits_of_an_area_are_no_minutes(read):
    table = read("企业名称,lon,lat,lon_min,lat_min\n虚构甲厂,117.401,40.045,117.3,40.0\n")
    assert table.frame[["lon", "lat"]].values.tolist() == [[LON, LAT]]
    found = match_headings(["企业名称", "lon", "lat", "lon_min"], "enterprises", file="a.csv")
    assert found.degree_parts == {}


def test_minutes_without_degrees_are_no_position(read):
    with pytest.raises(InputError, match=r"no column for 纬度 \(lat\)"):
        read("企业名称,经度,北分,北秒\n虚构甲厂,117.4,2,42\n")


def test_minutes_and_seconds_count_for_the_score_of_a_heading():
    assert count_known(["企业名称", *["经度分", "经度秒"]], "enterprises") == 3
    assert count_known(["企业名称", "经度", "分"], "enterprises") == 2
