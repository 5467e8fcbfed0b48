"""What a heading names: the whole quantity or a part of it, and which of several coordinate columns count."""

import pytest

from siting.inputs.headings.naming import is_personal, read_heading
from siting.inputs.places.crs import from_wgs84
from siting.inputs.tables.read_table import read_table
from siting.types import InputError


@pytest.fixture
def read(tmp_path):
    def run(content, **options):
        (tmp_path / "t.csv").write_text(content, encoding="utf-8")
        return read_table(tmp_path / "t.csv", **options)

    return run


def field(heading):
    named = read_heading(heading, "enterprises")
    return named and named.field


def told(table, code):
    return [issue for issue in table.issues if issue.code == code]


# --- the whole and its parts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("从业人员（其中：男）", None), ("从业人员-在岗", None), ("从业人员_大专以上", None),
        ("职工人数（临时工）", None), ("从业人员：女", None), ("员工人数/外籍", None),
        ("从业人员（%）", None), ("从业人员（万元）", None), ("其中：从业人员", None),
        ("总产值-增速", None), ("工业总产值（同比±%）", None), ("产值（%）", None), ("产值_计划", None),
        ("工业产值（万元/人）", None), ("营业收入/上年同期", None), ("营业收入（外销）", None),
        ("特种设备数量（报废）", None), ("特种设备-电梯", None), ("年检测批次（外送）", None),
        ("从业人员（人）", "employees"), ("从业人员/合计", "employees"), ("从业人员-期末人数", "employees"),
        ("职工人数（万人）", "employees"), ("人员情况/年末人数", "employees"), ("从业人员(12)", "employees"),
        ("工业总产值（现价，千元）", "output_wan"), ("产值-2010年", "output_wan"),
        ("产值/千元", "output_wan"),
        ("2010年工业总产值（万元）", "output_wan"), ("主要经济指标（人、万元）/产值", "output_wan"),
        ("营业收入/本年", "revenue_wan"), ("设备数量（台（套））", "equipment"),
        ("特种设备/数量", "equipment"),
        ("特种设备数量（台/套）", "equipment"),
    ],
)  # fmt: skip
def test_only_what_leaves_a_quantity_whole_is_dropped(heading, expected):
    assert field(heading) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("行业类别/代码", "industry"), ("国民经济行业分类/小类代码", "industry"), ("行业/名称", None),
        ("行业代码/名称", None), ("主要产品/名称", None), ("母公司/企业名称", None), ("上级单位/地址", None),
        ("企业基本情况/名称", "name"), ("单位/名称", "name"), ("基本信息/企业名称", "name"),
        ("住所/街道", "town"), ("地址/所属乡镇", "town"), ("乡镇/名称", "town"), ("产品/产值", None),
        ("坐标系/名称", None), ("地理位置/名称", None), ("注册地址/住所", "address"),
        ("GB/T4754-2017", "industry"), ("name:en", None), ("name_2", None), ("id_card", None),
        ("企业名称（全称）", "name"), ("所属乡镇（街道）", "town"), ("统一社会信用代码（18位）", "uscc"),
        ("地址（联系电话）", None), ("经度、纬度", "lon,lat"),
    ],
)  # fmt: skip
def test_a_group_must_be_neutral_or_part_of_the_name(heading, expected):
    assert field(heading) == expected


@pytest.mark.parametrize(
    "heading", ["联系人/名称", "负责人信息/姓名", "联系方式/企业", "地址（联系电话）", "contact:phone"]
)
def test_what_stands_below_a_person_is_personal(heading):
    assert field(heading) is None
    assert is_personal(heading)


def test_the_whole_is_taken_though_parts_and_rates_stand_before_it(read):
    heads = "企业名称,经度,纬度,产值-增长率（%）,职工人数（女）,职工人数,产值（千元）"
    table = read(f"{heads}\n虚构厂,117.4,40.045,8.5,12,300,52000\n", crs="WGS84")
    assert table.frame[["output_wan", "employees"]].to_numpy().tolist() == [[5200, 300]]
    assert told(table, "E313")[0].action == "not used: 产值-增长率（%）, 职工人数（女）"


def test_a_year_stands_back_behind_the_plain_heading(read):
    table = read("企业名称,经度,纬度,2009年产值,产值（万元）\n虚构厂,117.4,40.045,1,2\n", crs="WGS84")
    assert table.frame["output_wan"].tolist() == [2]
    assert told(table, "E314")[0].column == "2009年产值"
    with pytest.raises(InputError, match="stands twice: '产值_2009' .* and '产值_2010'"):
        read("企业名称,经度,纬度,产值_2009,产值_2010\n虚构厂,117.4,40.045,1,2\n", crs="WGS84")


def test_a_personal_level_is_neither_kept_nor_shown(read):
    table = read("企业名称,经度,纬度,联系人/名称\n虚构厂,117.4,40.045,某某\n虚构二厂,,,某某\n", crs="WGS84")
    assert "某某" not in table.frame.to_csv() + table.set_aside.to_csv() + repr(table.issues)
    assert told(table, "E312")[0].column == "联系人/名称"


# --- coordinates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "axis", "system"),
    [
        ("wgs84_lng", "lon", "WGS84"), ("lat_gcj02", "lat", "GCJ-02"), ("百度纬度", "lat", "BD-09"),
        ("高德坐标/经度", "lon", "GCJ-02"), ("坐标（火星坐标系）/北纬", "lat", "GCJ-02"),
        ("84坐标/X", "lon", "WGS84"),
        ("经度-WGS-84", "lon", "WGS84"), ("Y（EPSG:4548）", "lat", "EPSG:4548"),
        ("经度2000", "lon", "CGCS2000"),
        ("腾讯坐标", "lon,lat", "GCJ-02"), ("厂区位置/经度", "lon", None), ("location.lng", "lon", None),
        ("location/longitude", "lon", None), ("GPS/lat", "lat", "WGS84"),
    ],
)  # fmt: skip
def test_a_system_on_either_side_of_an_axis(heading, axis, system):
    named = read_heading(heading, "enterprises")
    assert (named.field, named.system) == (axis, system)


@pytest.mark.parametrize(
    ("lon", "system"),
    [
        ("中心经度", None), ("企业中心经度", None), ("生产经营地址经度", None), ("厂区中心点经度", None),
        ("经度值", None), ("JD", None), ("GPS经度", "WGS84"), ("gcj02_lng", "GCJ-02"), ("gd_lng", "GCJ-02"),
        ("高德坐标经度", "GCJ-02"), ("百度中心经度", "BD-09"), ("center_lng", None), ("map_lng", None),
        ("经度E", None), ("E坐标", None), ("lngX", None), ("jingdu", None), ("十进制经度", None),
        ("long", None),
    ],
)  # fmt: skip
def test_usual_names_of_a_pair(lon, system):
    lat = lon
    for x, y in zip(
        ["经度", "E", "X", "JD", "lng", "jingdu", "long"],
        ["纬度", "N", "Y", "WD", "lat", "weidu", "lat"],
        strict=False,
    ):
        lat = lat.replace(x, y)
    axes = [read_heading(heading, "enterprises") for heading in (lon, lat)]
    assert [(axis.field, axis.system) for axis in axes] == [("lon", system), ("lat", system)]


def test_a_plain_coordinate_goes_before_that_of_a_part(read):
    table = read("企业名称,中心经度,中心纬度,经度,纬度\n虚构厂,117.5,40.1,117.4,40.045\n", crs="WGS84")
    assert table.headings["lon"] == "经度"
    assert [issue.column for issue in told(table, "E314")] == ["中心经度", "中心纬度"]


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("使用单位名称", "name"), ("排污单位名称", "name"), ("DWMC", "name"), ("title", "name"),
        ("设备使用单位", "name"), ("社会统一信用代码", "uscc"), ("纳税人识别号", "uscc"),
        ("2010年工业总产值（万元）", "output_wan"), ("设备总数", "equipment"), ("在册设备数量", "equipment"),
        ("使用单位统一社会信用代码", "uscc"), ("经营主体名称", "name"), ("行业小类编码", "industry"),
        ("从业人员期末数", "employees"), ("所属街镇", "town"), ("特种设备保有量", "equipment"),
        ("设备名称", None), ("设备注册代码", None), ("排污口经度", None), ("最大经度", None),
        ("使用单位代码", None), ("在岗职工", None), ("行业名称", None), ("属地", None),
    ],
)  # fmt: skip
def test_usual_names_of_firms_codes_and_figures(heading, expected):
    assert field(heading) == expected


def test_no_heading_is_offered_for_two_columns(read):
    with pytest.raises(InputError, match="did you mean '经纬度数'?") as refused:
        read("企业名称,经纬度数,从业人员\n虚构厂,1,2\n")
    assert str(refused.value).count("'经纬度数'") == 1


def test_a_heading_that_names_two_systems_is_no_coordinate():
    assert field("坐标（高德）/经度_wgs84") is None


LON, LAT = 117.401, 40.045


@pytest.mark.parametrize(
    ("heads", "systems", "declared", "used"),
    [
        ("X,Y,经度_84,纬度_84", ("BD-09", "WGS84"), "GCJ-02", "经度_84"),
        ("纬度,经度,lat_wgs84,lng_wgs84", ("BD-09", "WGS84"), None, "lng_wgs84"),
        ("百度经度,百度纬度,高德经度,高德纬度", ("BD-09", "GCJ-02"), None, "高德经度"),
        ("经度,纬度,高德经度,高德纬度", ("WGS84", "BD-09"), "WGS84", "经度"),
        ("经度,纬度,高德经度,高德纬度", ("BD-09", "GCJ-02"), None, "高德经度"),
        ("X坐标,Y坐标,经度,纬度坐标", ("EPSG:4527", "WGS84"), "WGS84", "经度"),
        ("经度,纬度,X,Y", ("WGS84", "EPSG:4527"), "EPSG:4527", "X"),
        ("lng,lat,经度,location.lat", ("WGS84", "BD-09"), "WGS84", "lng"),
    ],
)
def test_both_coordinates_come_from_one_pair(read, heads, systems, declared, used):
    """Only the pair that is used holds the true place."""
    names = heads.split(",")
    cells = []
    for first, system in zip(names[::2], systems, strict=True):
        pair = from_wgs84(LON, LAT, system)
        cells += [f"{x:.7f}" for x in (pair[::-1] if first[0] in "纬l" and first[1] in "度a" else pair)]
    table = read(f"企业名称,{heads}\n虚构厂,{','.join(cells)}\n", crs=declared)
    assert table.frame[["lon", "lat"]].to_numpy()[0] == pytest.approx([LON, LAT], abs=1e-6)
    assert table.headings["lon"] == used
    left_out = set(names) - {table.headings["lon"], table.headings["lat"]}
    assert {issue.column for issue in told(table, "E314")} == left_out


@pytest.mark.parametrize(
    "heads", ["lng_wgs84,lat_gcj02", "经度_wgs84,经度_bd09,纬度", "X_wgs84,经度_gcj02,纬度_bd09"]
)
def test_a_mixture_of_systems_is_refused(read, heads):
    cells = ",".join(["117.4"] * heads.count(",") + ["40.0"])
    with pytest.raises(InputError, match="longitude and latitude belong to no one pair: ") as refused:
        read(f"企业名称,{heads}\n虚构厂,{cells}\n", crs="WGS84")
    assert "经度与纬度不成对" in refused.value.message_zh


def test_one_system_named_on_one_of_two_columns_counts_for_both(read):
    x, y = from_wgs84(LON, LAT, "GCJ-02")
    table = read(f"企业名称,经度（高德）,纬度\n虚构厂,{x},{y}\n")
    assert table.frame["lon"].iat[0] == pytest.approx(LON)
    assert "GCJ-02, as the heading says" in told(table, "E317")[0].action


def test_a_column_of_both_goes_before_half_a_pair(read):
    x, y = from_wgs84(LON, LAT, "BD-09")
    table = read(f"企业名称,lng_wgs84,坐标（百度）\n虚构厂,117.5,{x} {y}\n")
    assert table.frame[["lon", "lat"]].to_numpy()[0] == pytest.approx([LON, LAT])
    assert [issue.column for issue in told(table, "E314")] == ["lng_wgs84"]


def test_two_pairs_that_are_alike_are_asked_about(read):
    with pytest.raises(InputError, match="stands twice: '经度' .* and '经度' .*; '纬度' .* and '纬度'"):
        read("企业名称,经度,纬度,经度,纬度\n虚构厂,117.4,40.0,117.5,40.1\n", crs="WGS84")
