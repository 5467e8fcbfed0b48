"""What a table may hold at most, whatever the format: columns, characters of a cell, characters in all."""

import json

import geopandas as gpd
import openpyxl
import pytest
import xlsxwriter
from shapely import Point

from siting.inputs.files import raw
from siting.inputs.tables.read_table import read_table
from siting.types import InputError
from tests.inputs.files.test_foreign import WRITERS

HEAD = ["企业名称", "经度", "纬度", "从业人员"]
SHORT, LONG = "虚构甲厂", "虚构甲厂" * 20
MOST = 60


def firms(name):
    return [[SHORT, 117.4, 40.0, 3.0], [name, 117.41, 40.0, 4.0]]


def csv(path, heading, rows):
    path.write_text("\n".join(",".join(map(str, row)) for row in [heading, *rows]), encoding="utf-8")


def xlsx(path, heading, rows):
    book = openpyxl.Workbook()
    for row in [heading, *rows]:
        book.active.append(row)
    book.save(path)


def foreign(kind):
    def write(path, heading, rows):
        WRITERS[kind](path, {"名录": [heading, *rows]})

    return write


def html(path, heading, rows):
    lines = ("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in [heading, *rows])
    path.write_text(f"<html><table>{''.join(lines)}</table></html>", encoding="utf-8")


def geojson(path, heading, rows):
    features = [
        {
            "type": "Feature",
            "properties": dict(zip(heading, row, strict=True)),
            "geometry": {"type": "Point", "coordinates": row[1:3]},
        }
        for row in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")


def gpkg(path, heading, rows):
    columns = {name: [row[i] for row in rows] for i, name in enumerate(heading)}
    places = [Point(row[1:3]) for row in rows]
    gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4326").to_file(path, driver="GPKG")


def kml(path, _heading, rows):
    marks = "".join(
        f"<Placemark><name>{row[0]}</name><Point><coordinates>{row[1]},{row[2]}</coordinates></Point></Placemark>"
        for row in rows
    )
    space = "http://www.opengis.net/kml/2.2"
    path.write_text(f'<kml xmlns="{space}"><Document>{marks}</Document></kml>', encoding="utf-8")


FORMATS = {
    ".csv": csv,
    ".xlsx": xlsx,
    ".xls": foreign(".xls"),
    ".xlsb": foreign(".xlsb"),
    ".ods": foreign(".ods"),
    ".html": html,
    ".geojson": geojson,
    ".gpkg": gpkg,
    ".kml": kml,
}


def refused(path, code):
    with pytest.raises(InputError) as caught:
        read_table(path, crs="WGS84")
    assert caught.value.codes == (code,)
    return caught.value


@pytest.mark.parametrize("kind", FORMATS)
def test_a_cell_too_long_is_refused_with_its_place(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "MOST_CHARACTERS", MOST)
    path = tmp_path / f"a{kind}"
    FORMATS[kind](path, HEAD, firms("虚构乙厂"))
    assert len(read_table(path, crs="WGS84").frame) == 2
    path.unlink()
    FORMATS[kind](path, HEAD, firms(LONG))
    error = refused(path, "E538")
    row = 2 if kind in (".geojson", ".gpkg", ".kml") else 3
    name = "name" if kind == ".kml" else HEAD[0]
    assert f"the cell in row {row}, column {name}, holds over 60 characters" in str(error)
    assert f"第 {row} 行“{name}”列的单元格超过 60 个字符" in error.message_zh


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != ".kml"])
def test_too_many_columns_are_refused(kind, tmp_path, monkeypatch):
    path = tmp_path / f"a{kind}"
    FORMATS[kind](path, HEAD, firms("虚构乙厂"))
    columns = len(HEAD) + (kind == ".gpkg")  # the number of the feature
    monkeypatch.setattr(raw, "MOST_COLUMNS", columns)
    assert len(read_table(path, crs="WGS84").frame) == 2
    monkeypatch.setattr(raw, "MOST_COLUMNS", columns - 1)
    assert f"has {columns} columns, more than {columns - 1}; keep the" in str(refused(path, "E549"))


@pytest.mark.parametrize("write", [csv, xlsx, html])
def test_a_heading_too_long_is_refused(write, tmp_path, monkeypatch):
    monkeypatch.setattr(raw, "MOST_CHARACTERS", MOST)
    path = tmp_path / "a.file"
    write(path, [*HEAD, LONG], [[*row, "x"] for row in firms("虚构乙厂")])
    assert "the cell in row 1, column 5, holds over" in str(refused(path, "E538"))


def test_one_text_named_in_many_cells_counts_in_each(tmp_path, monkeypatch):
    """A workbook states it once: a small file, whose cells together would not fit the memory."""
    monkeypatch.setattr(raw, "MOST_TEXT", 2000)
    path = tmp_path / "a.xlsx"
    for rows, too_many in ((20, False), (40, True)):
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, HEAD)
            for i in range(rows):
                sheet.write_row(i + 1, 0, [LONG, 117.4 + i / 1e3, 40.0, 3])
        if too_many:
            assert "hold over 2,000 characters together" in str(refused(path, "E539"))
        else:
            assert read_table(path, crs="WGS84").counts["data_rows"] == rows
