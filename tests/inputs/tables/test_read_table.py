"""`read_table`: headings, declared systems, county, places, sites; refusals by their text."""

import json

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import box

from siting.inputs.dictionary.issues import messages
from siting.inputs.places.crs import from_wgs84, to_wgs84
from siting.inputs.places.region import Region, read_outline
from siting.inputs.tables.read_table import read_region, read_table
from siting.inputs.tables.references import check_references, note_unmatched
from siting.outputs.check.report import check_file, report, row_ranges
from siting.types import InputError
from tests.paths import ROOT

RAW = ROOT / "data" / "raw"
CASES = ROOT / "tests" / "inputs" / "cases"


@pytest.fixture(scope="module")
def county():
    return read_region(RAW / "boundary.geojson", RAW / "places.csv")


@pytest.fixture
def read(tmp_path, county):
    """Write a text and read it as a table; WGS-84 in the county unless said otherwise."""

    def reader(text, table="enterprises", **options):
        path = tmp_path / "t.csv"
        path.write_text(text, encoding="utf-8")
        return read_table(path, table, **{"crs": "WGS84", "region": county, **options})

    return reader


def codes(table, row=None):
    return [
        issue.code for issue in table.issues if issue.code != "E001" and (row is None or issue.row == row)
    ]


def one(table, code):
    found = [issue for issue in table.issues if issue.code == code]
    assert len(found) == 1, [issue.code for issue in table.issues]
    return found[0]


# --- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "企业名称,行业代码\n虚构厂,1512\n",
            r"no column for 经度 \(lon\), 纬度 \(lat\); headings seen: 企业名称, 行业代码",
        ),
        ("企业名称,经 度数,纬度\n虚构厂,1,2\n", "did you mean '经 度数'"),
        (
            "企业名称,经度,经度,纬度\n虚构厂,1,2,3\n",
            r"stands twice: '经度' \(column 2\) and '经度' \(column 3\)",
        ),
        ("行业代码,经度,纬度\n1512,117.4,40.0\n", r"no column for 企业名称 \(name\)"),
        ("企业名称,经度,纬度\n合计,,\n", "no rows of data"),
        ("企业名称,经度,纬度\n", "no rows"),
        ("虚构厂,117.4,40.0\n虚构厂,117.4,40.0\n", "no heading row"),
    ],
)
def test_files_refused(read, text, message):
    with pytest.raises(InputError, match=message):
        read(text)


@pytest.mark.parametrize(
    ("numbers", "likely"),
    [("117.4,40.0", "degrees"), ("534817.9,4434605.4", "EPSG:4548"), ("4434605.4,39534817.9", "EPSG:4527")],
)
def test_an_undeclared_system_is_asked_for(read, numbers, likely):
    with pytest.raises(InputError, match=f"not declared.*{likely}.*declare crs"):
        read(f"企业名称,X,Y\n虚构厂,{numbers}\n", crs=None)


def test_unknown_system_names_the_file(read):
    with pytest.raises(InputError, match=r"t\.csv: unknown coordinate system 'Mars'; allowed: WGS84"):
        read("企业名称,经度,纬度\n虚构厂,117.4,40.0\n", crs="Mars")


def test_column_declared_but_absent(read):
    with pytest.raises(
        InputError, match="no column names the coordinate system; headings: 企业名称, 经度, 纬度"
    ):
        read("企业名称,经度,纬度\n虚构厂,117.4,40.0\n", crs="column")


def test_unknown_table(read):
    with pytest.raises(InputError, match="no table is called 'firms'; allowed: enterprises, sites"):
        read("a,b\n1,2\n", "firms")


# --- headings -------------------------------------------------------------------------------------------


def test_of_several_spellings_the_label_counts(read):
    table = read(
        "企业名称,统一社会信用代码,组织机构代码,经度,纬度\n虚构厂,91120119MAFAKE0198,MAFAKE019,117.4,40.0\n"
    )
    assert table.frame["uscc"].tolist() == ["91120119MAFAKE0198"]
    assert one(table, "E314").column == "组织机构代码"


def test_output_and_revenue_are_never_mixed(read):
    table = read("企业名称,经度,纬度,营业收入（万元）,净产值（万元）\n虚构厂,117.4,40.0,500,30\n")
    assert table.frame["output_wan"].isna().all()
    assert table.frame["revenue_wan"].tolist() == [500]
    assert "净产值" in one(table, "E313").action


def test_unit_that_cannot_be_converted(read):
    table = read("企业名称,经度,纬度,产值（万美元）\n虚构厂,117.4,40.0,500\n")
    assert table.frame["output_wan"].isna().all()
    assert "万美元" in one(table, "E220").action


def test_money_without_a_unit_is_said(read):
    assert one(read("企业名称,经度,纬度,产值\n虚构厂,117.4,40.0,500\n"), "E311").column == "产值"


def test_persons_in_the_cell_go_before_ten_thousands_in_the_heading(read):
    table = read(
        "企业名称,经度,纬度,从业人员（万人）\n虚构甲厂,117.4,40.0,0.032\n虚构乙厂,117.41,40.0,320人\n"
    )
    assert table.frame["employees"].tolist() == [320, 320]


@pytest.mark.parametrize(
    "cell", ["117.4,40.045", "40.045,117.4", "117°24′00″E，40°02′42″N", "POINT (117.4 40.045)"]
)
def test_both_coordinates_in_one_cell(read, cell):
    frame = read(f'name,location\n虚构厂,"{cell}"\n').frame
    assert (frame["lon"].iat[0], frame["lat"].iat[0]) == pytest.approx((117.4, 40.045))


def test_identifiers_are_unique_and_made_from_the_row(read):
    table = read(
        "编号,企业名称,经度,纬度\nA,虚构甲厂,117.4,40\nA,虚构乙厂,117.41,40.0\n,虚构丙厂,117.42,40.0\n"
    )
    assert table.frame.index.tolist() == ["A", "row-3", "row-4"]
    assert codes(table, 3) == ["E218"]
    assert codes(table, 4) == ["E214"]


def test_codes_without_a_declared_year_are_noted_once(read):
    table = read("企业名称,行业代码,经度,纬度\n虚构甲厂,4412,117.4,40.0\n虚构乙厂,1512,117.41,40.0\n")
    assert table.frame["industry"].tolist() == ["4412", "1512"]
    assert one(table, "E315").row is None


# --- coordinate systems ---------------------------------------------------------------------------------


def test_the_heading_may_declare_the_system(read):
    lon, lat = from_wgs84(117.4, 40.0, "GCJ-02")
    table = read(f"企业名称,经度（GCJ-02）,纬度（GCJ-02）\n虚构厂,{lon},{lat}\n", crs=None)
    assert table.frame["lon"].iat[0] == pytest.approx(117.4)
    assert "GCJ-02" in one(table, "E317").action


@pytest.mark.parametrize(
    "title",
    [
        "填报单位：某局　坐标系：GCJ-02　2024年",
        "企业一览（坐标系统为高德坐标；单位：人）",
        "Register, CRS: GCJ 02, October",
    ],
)
def test_a_title_may_declare_the_system(read, title):
    lon, lat = from_wgs84(117.4, 40.0, "GCJ-02")
    rows = f"企业名称,经度,纬度\n虚构厂,{lon},{lat}\n虚构二厂,{lon},{lat}\n"
    table = read(f'"{title}",,\n{rows}', crs=None)
    assert table.frame["lon"].tolist() == pytest.approx([117.4] * 2)
    found = one(table, "E317")
    assert "GCJ-02" in found.action
    assert "title" in found.action
    assert "表头说明" in found.action_zh
    assert "WGS84" in one(read(f'"{title}",,\n{rows}', crs="WGS84"), "E316").action


def test_a_title_that_names_no_known_system_says_nothing(read):
    for title in ("坐标系：本县独立坐标系", "坐标系：WGS84；坐标系：BD-09", "本表坐标待核"):
        with pytest.raises(InputError, match="not declared"):
            read(f'"{title}",,\n企业名称,经度,纬度\n虚构厂,117.4,40.0\n', crs=None)


def test_a_column_of_systems_goes_before_the_title(read):
    text = '"坐标系：GCJ-02",,,\n企业名称,经度,纬度,坐标系\n虚构厂,117.4,40.0,WGS84\n'
    assert read(text, crs=None).frame["lon"].tolist() == [117.4]


def test_a_file_that_carries_its_system_wins(tmp_path):
    path = tmp_path / "t.geojson"
    feature = {
        "type": "Feature",
        "properties": {"name": "虚构厂"},
        "geometry": {"type": "Point", "coordinates": [117.4, 40]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    table = read_table(path, crs="EPSG:4527")
    assert table.frame["lon"].tolist() == [117.4]
    assert "EPSG:4527 is ignored" in one(table, "E316").action


def test_a_column_declares_row_by_row(read):
    text = "企业名称,经度,纬度,坐标系\n虚构甲厂,117.4,40.0,WGS84\n虚构乙厂,117.41,40.0,\n"
    text += "虚构丙厂,117.42,40.0,地方\n"
    by_column = read(text, crs="column")
    assert by_column.frame["row"].tolist() == [2]
    assert by_column.set_aside["reason"].tolist() == ["E106", "E106"]
    with_default = read(text, crs="WGS84")  # a blank cell takes the declared one
    assert with_default.frame["row"].tolist() == [2, 3]


@pytest.mark.parametrize(("lon", "lat"), [("117,401", "40,045"), ("117,4", "40,05"), ("40,045", "117,401")])
def test_a_comma_for_the_decimal_point_is_named(read, lon, lat):
    table = read(f"企业名称;经度;纬度\n虚构甲厂;{lon};{lat}\n")
    assert table.counts["kept"] == 0
    assert "a comma for the decimal point" in one(table, "E105").action
    assert "以逗号作小数点" in one(table, "E105").action_zh


def test_a_wrong_system_in_the_file_is_to_be_mended_there(read):
    x, y = from_wgs84([117.4, 117.45, 117.5], [40.0, 40.01, 39.9], "EPSG:4527")
    rows = "".join(f"虚构{i}号厂,{a:.3f},{b:.3f}\n" for i, (a, b) in enumerate(zip(x, y, strict=True)))
    table = read(f"企业名称,X（CGCS2000）,Y（CGCS2000）\n{rows}", crs="EPSG:4527")
    assert table.counts["kept"] == 0
    assert "correct the system in the file" in one(table, "E921").hint
    assert "EPSG:4527" in one(table, "E921").hint
    assert "export its coordinates" in one(table, "E316").hint


def test_northings_of_rows_in_metres_are_no_swapped_degrees(read):
    x, y = from_wgs84([117.4, 117.45], [40.0, 40.01], "EPSG:4527")
    rows = [f"虚构{i}号厂,{b:.3f},{a:.3f},EPSG:4527" for i, (a, b) in enumerate(zip(x, y, strict=True))]
    table = read("\n".join(["企业名称,X,Y,坐标系", *rows, "虚构丙厂,39.9,117.4,WGS84"]), crs="column")
    assert table.frame["lon"].tolist() == pytest.approx([117.4, 117.45, 117.4])
    assert [issue.row for issue in table.issues if issue.code == "E104"] == [4]
    assert one(table, "E318").column == "X/Y"
    assert one(table, "E317").action_zh == "坐标系 逐行声明（坐标系），依据坐标系列"


@pytest.mark.parametrize(
    ("true", "declared", "hint"),
    [
        ("EPSG:4527", "EPSG:4526", "declare EPSG:4527"),
        ("EPSG:4527", "EPSG:4548", "declare EPSG:4527"),
        ("EPSG:4548", "EPSG:4549", "declare EPSG:4548"),
        ("EPSG:4548", "WGS84", "declare EPSG:4548"),
        ("WGS84", "EPSG:4548", "declare WGS84"),
        ("EPSG:2363", "EPSG:2362", "declare EPSG:2363"),
    ],
)
def test_wrong_system_sets_all_aside_and_hints_at_the_right_one(read, true, declared, hint):
    x, y = from_wgs84([117.4, 117.45, 117.5], [40.0, 40.01, 39.9], true)
    rows = "".join(f"虚构{i}号厂,{a:.6f},{b:.6f}\n" for i, (a, b) in enumerate(zip(x, y, strict=True)))
    table = read(f"企业名称,X,Y\n{rows}", crs=declared)
    assert table.counts["kept"] == 0
    assert one(table, "E323").hint == hint
    assert report(table, lang="en").splitlines()[4].strip().startswith(hint)


def test_accuracy_of_old_datums_is_told(read):
    old = "企业名称,X,Y\n虚构厂,4434639.83,534078.02\n"
    assert "stated accuracy 15 m" in one(read(old, crs="EPSG:2436"), "E319").action
    assert "never exact" in one(read(old, crs="EPSG:2384"), "E320").action


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_a_forgotten_offset_is_guessed_from_round_numbers(tmp_path, county, crs):
    clean = pd.read_csv(CASES / "enterprises" / "dirty_01_utf8_bom.csv", dtype=str, encoding="utf-8-sig")
    lon, lat = from_wgs84(clean["经度"].astype(float), clean["纬度"].astype(float), crs)
    shifted = clean.assign(经度=[f"{x:.6f}" for x in lon], 纬度=[f"{y:.6f}" for y in lat])
    for frame, expected in ((shifted, [crs]), (clean, [])):
        frame.to_csv(tmp_path / "t.csv", index=False)
        table = read_table(tmp_path / "t.csv", crs="WGS84", region=county)
        found = [issue.action for issue in table.issues if issue.code == "E322"]
        assert len(found) == len(expected)
        assert all(f"looks like {crs}" in text for text in found)


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09", "WGS84"])
def test_a_forgotten_offset_is_guessed_from_the_townships(read, crs):
    rng = np.random.default_rng(7)
    names = [f"虚构{i}镇" for i in range(30)]
    lon, lat = rng.uniform(117.3, 117.5, 30), rng.uniform(39.9, 40.1, 30)
    places = pd.DataFrame({"name": names, "kind": "town", "lon": lon, "lat": lat, "position_error_m": 100.0})
    region = Region(box(117, 39.6, 118, 40.4), places)
    x, y = from_wgs84(lon + rng.normal(0, 0.001, 30), lat + rng.normal(0, 0.001, 30), crs)
    rows = "".join(
        f"虚构{i:02d}号厂,{n},{a},{b}\n" for i, (n, a, b) in enumerate(zip(names, x, y, strict=True))
    )
    table = read(f"企业名称,所属乡镇,经度,纬度\n{rows}", region=region)
    found = [issue.action for issue in table.issues if issue.code == "E322"]
    assert len(found) == (crs != "WGS84")
    assert all(crs in text and "to one side of their townships" in text for text in found)


# --- the county -----------------------------------------------------------------------------------------


def test_border_belongs_to_the_county_and_its_accuracy_is_tolerated(read):
    square = Region(box(117.0, 39.8, 117.8, 40.2), tolerance_m=1000)
    rows = {"on it": 117.8, "within": 117.805, "beyond": 117.83}
    text = "".join(f"虚构{name}厂,{lon},40.0\n" for name, lon in rows.items())
    table = read(f"企业名称,经度,纬度\n{text}", region=square)
    assert table.frame["row"].tolist() == [2, 3]
    assert codes(table, 3) == ["E303"]
    assert codes(table, 4) == ["E101"]


@pytest.mark.parametrize("metres", [-1, 1])
def test_vertices_of_the_outline_are_inside_whatever_the_rounding(county, metres):
    vertices = shapely.get_coordinates(county.boundary)
    shift = metres / 111_200
    assert not county.outside(vertices[:, 0] + shift, vertices[:, 1] + shift).any()


def test_without_a_county_there_is_no_county_test_and_a_note(read):
    table = read("企业名称,经度,纬度\n虚构厂,100.1,30.1\n", region=None)
    assert table.counts["kept"] == 1
    assert codes(table) == ["E321"]


def test_coordinates_decide_over_the_address(read):
    text = (
        "企业名称,注册地址,经度,纬度\n虚构外注厂,北京市朝阳区虚构路1号,117.4,39.9\n"
        "虚构内注厂,天津市蓟州区上仓镇,117.2,39.13\n虚构旧名厂,天津市薊縣上倉鎮,117.39,39.89\n"
        "虚构远厂,蓟县下营镇虚构路,117.43,39.78\n"
    )
    table = read(text)
    assert table.frame["row"].tolist() == [2, 4, 5]
    assert codes(table, 2) == ["E304"]
    assert codes(table, 3) == ["E101"]
    assert codes(table, 4) == []
    assert codes(table, 5) == ["E305"]


def test_rows_without_coordinates_are_placed_by_their_town_column_only_when_asked(read):
    text = "企业名称,所属乡镇,注册地址,经度,纬度\n虚构甲厂,下营镇,,,\n"
    text += "虚构乙厂,,天津市蓟州区下营镇,,\n虚构丙厂,某镇,,,\n"
    text += "虚构丁厂,上仓镇,,117.38,39.9\n虚构戊厂,五百户镇,,,\n"
    table = read(text, locate="town")
    assert table.frame["placed"].tolist() == ["town", "point", "town"]
    assert table.frame["row"].tolist() == [2, 5, 6]
    # The point of the township is known to 300 m, but the firm may lie anywhere within the township.
    assert table.frame["position_error_m"].iat[0] == pytest.approx(np.hypot(300, 4300))
    assert (table.frame["lon"].iat[0], table.frame["lat"].iat[0]) == (
        117.43788,
        pytest.approx(40.19, abs=0.01),
    )
    assert sorted(issue.row for issue in table.issues if issue.code == "E217") == [2, 6]
    assert read(text).frame["row"].tolist() == [5]


def test_a_list_without_coordinate_columns_is_placed_by_its_townships(read):
    text = "企业名称,所属乡镇,从业人员\n虚构甲厂,别山镇,30\n虚构乙厂,某镇,12\n合计,,42\n"
    table = read(text, locate="town", crs=None)
    assert table.frame[["row", "placed", "employees"]].values.tolist() == [[2, "town", 30]]
    assert table.frame["lon"].notna().all()
    assert table.set_aside["reason"].tolist() == ["E920"]
    assert one(table, "E217").column == "所属乡镇"
    assert table.counts == {"data_rows": 2, "kept": 1, "set_aside": 1, "ignored_lines": 1}
    with pytest.raises(InputError, match=r"no column for 经度 .*; enter .* or .* --locate town") as refused:
        read(text)
    assert "--locate town" in refused.value.message_zh


@pytest.mark.parametrize("heading", ["企业名称,经度,所属乡镇", "企业名称,从业人员,注册地址"])
def test_one_coordinate_or_no_township_column_is_refused_all_the_same(read, heading):
    with pytest.raises(InputError, match=r"no column for .*; rename the column"):
        read(f"{heading}\n虚构甲厂,117.4,别山镇\n", locate="town")


def test_features_without_geometry_are_placed_by_their_township_when_asked(tmp_path, county):
    path = tmp_path / "a.geojson"
    fields = {"企业名称": "虚构甲厂", "所属乡镇": "别山镇"}
    feature = {"type": "Feature", "properties": fields, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert read_table(path, region=county, locate="town").frame["placed"].tolist() == ["town"]
    assert read_table(path, region=county).set_aside["reason"].tolist() == ["E110"]


@pytest.mark.parametrize("carried", ['LOCAL_CS["Tianjin 1990",UNIT["Meter",1.0]]', "nonsense"])
def test_a_declared_system_overrules_one_that_is_of_no_use(tmp_path, county, carried):
    """A city's own grid has no published way to WGS-84, and a .prj may hold anything."""
    path = tmp_path / "a.geojson"
    point = {"type": "Point", "coordinates": [117.401, 40.045]}
    feature = {"type": "Feature", "properties": {"企业名称": "虚构甲厂"}, "geometry": point}
    member = {"type": "name", "properties": {"name": carried}}
    document = {"type": "FeatureCollection", "crs": member, "features": [feature]}
    path.write_text(json.dumps(document), encoding="utf-8")
    table = read_table(path, region=county, crs="CGCS2000")
    assert table.frame[["lon", "lat"]].values.tolist() == [[117.401, 40.045]]
    assert carried in one(table, "E332").action
    for declared in (None, "column"):
        with pytest.raises(InputError, match=r"is of no use here: .*; declare the one .* counts instead"):
            read_table(path, region=county, crs=declared)


def test_outline_refused(tmp_path):
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    (tmp_path / "b.geojson").write_text("no json", encoding="utf-8")
    for name, message in (("a", "no polygon"), ("b", "not a GeoJSON"), ("c", "no such file")):
        with pytest.raises(InputError, match=rf"{name}\.geojson: .*{message}"):
            read_outline(tmp_path / f"{name}.geojson")


# --- other tables ---------------------------------------------------------------------------------------


def test_only_built_sites_need_a_place_in_the_county(read):
    text = "id,name,kind,lon,lat\na,建,build,117.4,40.0\nb,无,build,,\nc,外,build,117.2,39.13\n"
    text += "d,市,city,117.2,39.13\ne,流,mobile,,\n"
    table = read(text, "sites")
    assert table.frame.index.tolist() == ["a", "d", "e"]
    assert table.set_aside["reason"].tolist() == ["E103", "E101"]


def test_choices_are_read_in_both_languages(read):
    table = read(
        "site,condition,verdict\na,水源保护,通过\na,power,待核实\na,power,perhaps\n", "conditions", crs=None
    )
    assert table.frame["verdict"].tolist() == ["pass", "pending"]
    assert table.set_aside["reason"].tolist() == ["E113"]
    assert "pass, fail, pending" in one(table, "E113").hint


def test_references_between_tables(read):
    tables = {
        "sites": read("id,name,kind,lon,lat\na,建,build,117.4,40.0\n", "sites"),
        "conditions": read("site,condition,verdict\na,power,pass\nb,power,pass\n", "conditions"),
    }
    found = [(issue.code, issue.row, issue.value) for issue in check_references(tables)]
    assert found == [("E401", 3, "b"), ("E404", 2, "")]
    # The study's own tables are refused for such a row: a note would let the run go on.
    assert {issue.severity for issue in check_references(tables)} == {"set_aside"}


def test_what_a_register_does_not_share_with_the_study_is_noted_in_one_line_each(read):
    industries = read("id,name,codes,pillar\nfood,食品,13;15,yes\n", "industries").frame
    places = read(
        "id,name,kind,lon,lat,aliases\na,渔阳镇,town,117.4,40.04,城关\nb,上仓镇,town,117.39,39.9,\n",
        "places",
    ).frame
    register = read(
        "企业名称,行业代码,乡镇,经度,纬度\n虚构甲厂,1512,城关,117.4,40.0\n虚构乙厂,3021,渔阳,117.41,40.0\n"
        "虚构丙厂,3021,渔阳,117.42,40.0\n虚构丁厂,2921,上仓镇,117.43,40.0\n虚构戊厂,,别处,117.44,40.0\n"
    )
    towns, codes = note_unmatched(register, places, industries)
    assert (towns.code, towns.severity) == ("E405", "note")
    assert "渔阳（2 行，是否渔阳镇）、别处（1 行）" in towns.action_zh
    assert (codes.code, codes.severity) == ("E402", "note")
    assert "3 rows" in codes.action
    assert "2921 (1), 3021 (2)" in codes.action


def test_the_study_is_consistent():
    names = ("sites", "conditions", "services", "laboratories", "pledges", "places", "industries")
    files = {name: name for name in names} | {"road_nodes": "trunk_nodes", "road_edges": "trunk_edges"}
    tables = {table: read_table(RAW / f"{file}.csv", table, crs="WGS84") for table, file in files.items()}
    assert check_references(tables) == ()


# --- the report -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_opens_with_what_matters(lang, county):
    result = check_file(
        CASES / "enterprises" / "dirty_20_missing_markers.csv", crs="WGS84", region=county, lang=lang
    )
    lines = result.text.splitlines()
    assert lines[0].startswith("dirty_20_missing_markers.csv")
    assert (
        "27 行 = 采用 19 行 + 未采用 8 行" if lang == "zh" else "27 rows = 19 kept + 8 set aside"
    ) in lines[0]
    assert "20–23" in lines[2]
    assert any(":27:经度/纬度: E103" in line for line in lines)


def test_a_refusal_is_one_line_and_no_row(tmp_path):
    path = tmp_path / "空.csv"
    path.write_bytes(b"")
    result = check_file(path, crs="WGS84")
    assert result.json["outcome"] == "refused"
    assert result.json["counts"]["data_rows"] == 0
    assert result.text == result.json["message"]
    assert "空.csv" in result.text


def test_many_alike_are_drawn_together(read):
    lon, lat = from_wgs84(np.linspace(117.3, 117.5, 200), np.full(200, 40.0), "GCJ-02")
    rows = "".join(f"虚构{i:03d}号厂,{a},{b}\n" for i, (a, b) in enumerate(zip(lon, lat, strict=True)))
    table = read(f"企业名称,经度,纬度\n{rows}", crs="GCJ-02")
    assert sum(issue.code == "E201" for issue in table.issues) == 200
    assert len(report(table, lang="en").splitlines()) < 10
    assert "2–201 (200 rows)" in report(table, lang="en")


def test_row_ranges():
    assert row_ranges([5, 2, 3, 4, 9]) == "2–5, 9"
    assert row_ranges(range(1, 100, 2)).endswith("…")


def test_every_code_is_explained_in_both_languages():
    listed = [row for row in messages().values() if row["severity"] != "report"]
    assert len({row["code"] for row in listed}) == len(listed)
    assert all(row["action"] and row["action_zh"] for row in listed)
    assert all(bool(row["hint"]) == bool(row["hint_zh"]) for row in listed)


def test_positions_convert_as_the_public_functions_do(read):
    lon, lat = to_wgs84(117.406687, 40.046433, "GCJ-02")
    frame = read("企业名称,经度,纬度\n虚构厂,117.406687,40.046433\n", crs="高德").frame
    assert (frame["lon"].iat[0], frame["lat"].iat[0]) == (lon, lat)


def test_notes_beyond_a_thousand_are_counted_not_listed(read):
    rows = "".join(f"虚构{i:04d}号厂,{117.3 + i / 1e5:.6f},39.95\n" for i in range(1500))
    table = read(f"企业名称,经度,纬度\n{rows}", crs="CGCS2000")
    assert codes(table).count("E325") == 1000
    assert one(table, "E399").action == "500 more notes E325 are not listed one by one"


def test_short_lines_that_announce_themselves_are_no_records(read):
    table = read(
        "企业名称,经度,纬度,从业人员\n"
        "虚构甲厂,117.40,40.04,12\n"
        "虚构乙厂,117.40\n"
        "合计,\n"
        "注：数据来自年报\n"
        "填表人：某某,\n"
    )
    assert table.counts == {"data_rows": 2, "kept": 1, "set_aside": 1, "ignored_lines": 3}
    assert table.set_aside["row"].tolist() == [3]
