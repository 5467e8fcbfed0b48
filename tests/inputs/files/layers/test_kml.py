"""KML and KMZ → registers: placemarks at any depth, fields in any of three ways, links never followed."""

import zipfile

import pytest

from siting.inputs.files.opener import read_raw
from siting.inputs.tables.read_table import read_table
from siting.types import InputError

SPACE = "http://www.opengis.net/kml/2.2"
POINT = "<Point><coordinates> 117.401 , 40.045 , 12 </coordinates></Point>"
DATA = '<ExtendedData><Data name="从业人员"><value>{}</value></Data></ExtendedData>'
SIMPLE = '<SimpleData name="从业人员">{}</SimpleData>'
SCHEMA = f'<ExtendedData><SchemaData schemaUrl="#a">{SIMPLE}</SchemaData></ExtendedData>'


def document(*placemarks, declared="utf-8"):
    inner = "".join(f"<Folder><name>层</name>{placemark}</Folder>" for placemark in placemarks)
    xml = f'<?xml version="1.0" encoding="{declared}"?>'
    return f'{xml}<kml xmlns="{SPACE}"><Document>{inner}</Document></kml>'


def placemark(name, geometry=POINT, extended=""):
    description = "<description><![CDATA[<b>说明</b>]]></description>"
    return f"<Placemark><name>{name}</name>{description}{extended}{geometry}</Placemark>"


@pytest.fixture
def save(tmp_path):
    def writer(text, name="a.kml", encoding="utf-8"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return writer


@pytest.mark.parametrize(
    ("declared", "encoding"), [("utf-8", "utf-8"), ("UTF-8", "utf-8-sig"), ("gb2312", "gb18030")]
)
def test_placemarks_become_firms(save, declared, encoding):
    firms = [("虚构甲厂", DATA.format(120)), ("虚构乙厂", SCHEMA.format(56))]
    text = document(*(placemark(name, extended=data) for name, data in firms), declared=declared)
    table = read_table(save(text, encoding=encoding))
    assert table.frame[["row", "name", "lon", "lat", "employees"]].values.tolist() == [
        [1, "虚构甲厂", 117.401, 40.045, 120], [2, "虚构乙厂", 117.401, 40.045, 56]
    ]  # fmt: skip
    assert {"E016", "E317"} <= {issue.code for issue in table.issues}


def test_a_name_in_the_extended_data_goes_before_the_label(save):
    extended = DATA.replace("从业人员", "企业名称").format("虚构丙厂")
    table = read_table(save(document(placemark("A1", extended=extended))))
    assert table.frame["name"].tolist() == ["虚构丙厂"]


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ("", "E110"),
        ("<Point><coordinates/></Point>", "E110"),
        ("<Point><coordinates>x,y</coordinates></Point>", "E105"),
        ("<Point><coordinates>117.4</coordinates></Point>", "E105"),
        ("<Point><coordinates>nan,40</coordinates></Point>", "E105"),
        ("<LineString><coordinates>117.4,40 117.5,40</coordinates></LineString>", "E114"),
        (f"<MultiGeometry>{POINT}{POINT.replace('117.401', '117.5')}</MultiGeometry>", "E112"),
        (f"<MultiGeometry>{POINT}</MultiGeometry>", None),
        (
            "<Polygon><outerBoundaryIs><LinearRing><coordinates>117.3,40 117.5,40 117.4,40.1 117.3,40"
            "</coordinates></LinearRing></outerBoundaryIs></Polygon>",
            None,
        ),
        ("<Polygon><outerBoundaryIs/></Polygon>", "E110"),
    ],
)
def test_geometries(save, geometry, reason):
    table = read_table(save(document(placemark("虚构甲厂", geometry))))
    assert table.set_aside["reason"].tolist() == ([reason] if reason else [])


@pytest.mark.parametrize("name", ["doc.kml", "files/a.KML"])
def test_a_kmz_is_read_and_its_links_are_not(tmp_path, save, name):
    (tmp_path / "canary.kml").write_text(document(placemark("CANARY")), encoding="utf-8")
    link = "<NetworkLink><Link><href>canary.kml</href></Link></NetworkLink>"
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, document(placemark("虚构甲厂"), link))
        archive.writestr("files/icon.png", b"x")
    assert read_table(path).frame["name"].tolist() == ["虚构甲厂"]


def test_several_layers_of_a_kmz_are_asked_about(tmp_path):
    path = tmp_path / "a.kmz"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a.kml", "b.kml"):
            archive.writestr(name, document(placemark(f"虚构{name}厂")))
    with pytest.raises(InputError, match="2 layers would do: a.kml, b.kml"):
        read_table(path)
    assert read_table(path, sheet="b.kml").frame["name"].tolist() == ["虚构b.kml厂"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (document(), "holds no features"),
        (f'<!DOCTYPE kml [<!ENTITY a "b">]><kml xmlns="{SPACE}"/>', "declares entities"),
        (document(placemark("虚构甲厂"))[:-20], "damaged KML"),
    ],
)
def test_unsound_kml_is_refused_in_one_line(save, text, message):
    path = save(text)
    with pytest.raises(InputError, match=f"^a.kml: .*{message}") as refused:
        read_raw(path, is_heading=lambda cells: len(cells))
    assert "\n" not in str(refused.value)
