"""Workbooks as odd programs write them, sound all the same: part names, rows in pieces, styles, pictures."""

import itertools
import zipfile

import openpyxl
import pytest

from siting.inputs.files.opener import read_raw
from siting.inputs.tables.read_table import read_table

HEADING = ["企业名称", "经度", "纬度", "从业人员"]
FIRMS = [["虚构甲厂", 117.401, 40.045, 120], ["虚构乙厂", 117.385, 39.87, 56]]
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def sound(tmp_path):
    """The parts of a workbook as openpyxl packs them."""
    path = tmp_path / "sound.xlsx"
    book = openpyxl.Workbook()
    for row in [HEADING, *FIRMS]:
        book.active.append(row)
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def check(tmp_path):
    """Pack parts and read the register in them."""

    def reader(members, rename=lambda name: name):
        path = tmp_path / "a.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(rename(name), content)
        return read_table(path, crs="WGS84").frame

    return reader


def are_the_firms(frame):
    assert frame[["name", "lon", "lat", "employees"]].to_numpy().tolist() == FIRMS


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("/", "\\"),
        str.upper,
        str.lower,
        lambda name: name.replace("/s", "/S").replace("workbook", "WorkBook"),
        lambda name: name.lower().replace("/", "\\"),
    ],
)
def test_names_of_parts_in_any_case_and_with_either_slash(sound, check, rename):
    are_the_firms(check(sound, rename))


def test_relations_with_the_other_slash(sound, check):
    name = "xl/_rels/workbook.xml.rels"
    turned = sound[name].replace(b"worksheets/sheet1.xml", b"worksheets\\sheet1.xml")
    assert turned != sound[name]
    are_the_firms(check(sound | {name: turned}))


def test_of_two_names_that_differ_in_case_the_exact_one_counts(sound, check):
    are_the_firms(check({"XL/workbook.xml": b"<x/>"} | sound | {"xl/WORKBOOK.xml": b"<x/>"}))


def test_references_in_small_letters(sound, check):
    sheet = sound[SHEET].decode("utf-8")
    for letter, number in itertools.product("ABCD", "123"):
        sheet = sheet.replace(f'"{letter}{number}"', f'"{letter.lower()}{number}"')
    assert '"a1"' in sheet
    are_the_firms(check(sound | {SHEET: sheet}))


def sheet_of(rows, after=""):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def cell(at, value):
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{at}"><v>{value}</v></c>'


def in_pieces(attributes=""):
    """Every cell in a row element of its own."""
    return "".join(
        f'<row r="{number}"{attributes}>{cell(f"{letter}{number}", value)}</row>'
        for number, row in enumerate([HEADING, *FIRMS], 1)
        for letter, value in zip("ABCD", row, strict=True)
    )


def test_a_row_in_pieces_is_one_row(sound, check):
    are_the_firms(check(sound | {SHEET: sheet_of(in_pieces())}))


def test_a_row_in_pieces_is_hidden_once_and_typed_as_a_whole(sound, tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (sound | {SHEET: sheet_of(in_pieces(' hidden="1"'))}).items():
            archive.writestr(name, content)
    table = read_raw(path, is_heading=lambda cells: len(set(HEADING) & set(cells)))
    (chunk,) = table.chunks()
    assert [None if mask is None else mask.tolist() for mask in chunk.numeric] == [None, *[[True, True]] * 3]
    assert [note.action for note in table.notes if note.code == "E003"] == [
        "hidden or filtered rows are read like the others: 2, 3"
    ]


@pytest.mark.parametrize(
    ("written", "employees"),
    [
        ('t="inlineStr"><v>7</v><is><t>120</t></is>', 120),
        ('t="inlineStr"><is><t>120</t></is><v>7</v>', 120),
        ('t="inlineStr"><v>120</v>', 120),
        ('t="n"><v>120</v><is><t>7</t></is>', 120),
        ('t="str"><is><t>7</t></is><v>120</v>', 120),
        ('t="n"><is><t>120</t></is>', 120),
        ('t="inlineStr"><v>7</v><is><r><t>12</t></r><r><t>0</t></r></is>', 120),
    ],
)
def test_a_value_beside_inline_text_never_adds_to_it(sound, check, written, employees):
    first = "".join(cell(f"{letter}2", value) for letter, value in zip("ABC", FIRMS[0], strict=False))
    heading = "".join(cell(f"{letter}1", name) for letter, name in zip("ABCD", HEADING, strict=True))
    rows = f'<row r="1">{heading}</row><row r="2">{first}<c r="D2" {written}</c></row>'
    assert check(sound | {SHEET: sheet_of(rows)})["employees"].tolist() == [employees]


def test_thousands_of_equal_styles_are_no_bomb(sound, check):
    styles = sound["xl/styles.xml"].decode("utf-8")
    xf = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    start, _, end = styles.partition("<cellXfs")
    styles = f"{start}<cellXfs>{xf * 6000}</cellXfs>{end.partition('</cellXfs>')[2]}"
    assert len(styles) > 300_000
    are_the_firms(check(sound | {"xl/styles.xml": styles}))


def test_a_picture_a_firm_is_no_bomb(sound, check, monkeypatch):
    monkeypatch.setattr("siting.inputs.files.archive.MAX_UNPACKED_MB", 1)
    pictures = {f"xl/media/image{i}.png": bytes(1000) for i in range(3000)}
    are_the_firms(check(sound | pictures))
