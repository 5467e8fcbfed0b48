"""Workbooks and HTML tables → rows: typed cells, merges, sheets, and archives that attack."""

import re
import struct
import zipfile
from datetime import date

import openpyxl
import pytest
import xlsxwriter

from siting.inputs.files.xlsx import _format_kind, column_index, column_letters
from siting.types import InputError
from tests.inputs.raw_rows import read, rows_of

HEADING = ["企业名称", "行业代码", "经度", "纬度", "从业人员"]
ROW = ["虚构春山酒业有限公司", "0142", 117.385, 39.87, 320]
CONTENT_TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CELL = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'


def heading_xml(names=HEADING, row=1):
    cells = "".join(CELL.format(f"{chr(65 + i)}{row}", name) for i, name in enumerate(names))
    return f'<row r="{row}">{cells}</row>'


def sheet_xml(rows, after="", prefix=""):
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'
    return (
        re.sub(r"<(/?)(?=\w)", rf"<\1{prefix}", xml).replace("xmlns=", f"xmlns:{prefix[:-1]}=")
        if prefix
        else xml
    )


def parts(rows, after="", **more):
    """The parts of the smallest workbook: one sheet 名录."""
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="名录" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="rId1" Type="{OFFICE}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet_xml(rows, after),
    } | more


def pack(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path, message, **options):
    with pytest.raises(InputError, match=message) as caught:
        read(path, **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(path.name)


# --- values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter"])
@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a"])
def test_a_plain_workbook_under_any_name(tmp_path, writer, name):
    path = tmp_path / name
    if writer == "openpyxl":
        book = openpyxl.Workbook()
        book.active.append(HEADING)
        book.active.append(ROW)
        with path.open("wb") as stream:
            book.save(stream)
    else:
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Sheet")
            sheet.write_row(0, 0, HEADING)
            sheet.write_row(1, 0, ROW)
    table, (chunk,) = read(path)
    assert (table.kind, table.sheet, table.headings) == ("workbook", "Sheet", tuple(HEADING))
    assert rows_of([chunk]) == {2: ["虚构春山酒业有限公司", "0142", "117.385", "39.87", "320"]}
    assert [None if mask is None else mask.tolist() for mask in chunk.numeric] == [
        None, None, [True], [True], [True]
    ]  # fmt: skip
    assert table.notes == []
    assert table.ignored == []


def test_typed_cells_are_listed_with_what_they_hold(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADING)
    for value in (True, date(2011, 2, 18), "=SUM(A1:A2)", 0.18, "#N/A", 9.1120119e17, 1.25):
        sheet.append(["虚构甲厂", "1512", 117.4, 40, value])
    sheet["E5"].number_format = "0.0%"
    book.save(path)
    _, (chunk,) = read(path)
    assert chunk.columns[4] == [
        "TRUE", "2011-02-18", "=SUM(A1:A2)", "0.18", "#N/A", "9.1120119e+17", "1.25"
    ]  # fmt: skip
    assert chunk.odd == {
        (2, 4): "boolean",
        (3, 4): "date",
        (4, 4): "formula_no_value",
        (5, 4): "percent",
        (6, 4): "error",
    }
    assert chunk.numeric[4].tolist() == [False, False, False, True, False, True, True]


@pytest.mark.parametrize(
    ("cell", "text", "kind"),
    [
        ('<c r="E2"><f>1+2</f><v>3</v></c>', "3", None),
        ('<c r="E2"><f>1+2</f><v/></c>', "=1+2", "formula_no_value"),
        ('<c r="E2" t="str"><f>A1&amp;""</f><v></v></c>', "", None),
        ('<c r="E2" t="str"><f>A1</f><v>甲</v></c>', "甲", None),
        ('<c r="E2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", "error"),
        ('<c r="E2" t="d"><v>2011-02-18</v></c>', "2011-02-18", "date"),
        ('<c r="E2" t="inlineStr"><is><r><t>虚</t></r><r><t>构</t></r></is></c>', "虚构", None),
        ('<c r="E2" t="inlineStr"><is><t>甲</t><rPh><t>jiǎ</t></rPh></is></c>', "甲", None),
        ('<c r="E2" t="str"><v>a_x000D_b</v></c>', "a\rb", None),
        ('<c r="E2" t="str"><v>_xD840__xDC00_</v></c>', "\U00020000", None),
        ('<c t="str"><v>无坐标</v></c>', "无坐标", None),
        ('<c r="E2"><v>12.000000000000002</v></c>', "12.000000000000002", None),
        ('<c r="E2" s="7"/>', "", None),
    ],
)
def test_one_cell(tmp_path, cell, text, kind):
    first = "".join(CELL.format(f"{c}2", "x") for c in "ABCD")
    _, (chunk,) = read(pack(tmp_path / "a.xlsx", parts(heading_xml() + f'<row r="2">{first}{cell}</row>')))
    assert chunk.columns[4] == [text]
    assert chunk.odd.get((2, 4)) == kind


def test_names_with_a_prefix_are_the_same_names(tmp_path):
    members = parts("")
    rows = heading_xml() + '<row r="2"><c r="C2"><v>117.4</v></c></row>'
    members["xl/worksheets/sheet1.xml"] = sheet_xml(rows, prefix="x:")
    assert rows_of(read(pack(tmp_path / "a.xlsx", members))[1]) == {2: ["", "", "117.4", "", ""]}


def test_dates_count_from_1904_where_the_book_says_so(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADING)
        sheet.write_datetime(1, 4, date(2011, 2, 18), book.add_format({"num_format": "yyyy年m月d日"}))
    _, (chunk,) = read(path)
    assert chunk.columns[4] == ["2011-02-18"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", None), ("G/通用格式", None), ("0.00", None), ("0.00_);[Red](0.00)", None), ('0"h"', None),
        ("yyyy-mm-dd", "date"), ('yyyy"年"m"月"', "date"), ("[$-804]aaaa;@", None), ("h:mm", "date"),
        ("[h]:mm", "date"), ("0.0%", "percent"), ("@", None), (r"\d0", None),
    ],
)  # fmt: skip
def test_number_formats(code, kind):
    assert _format_kind("164", {"164": code}) == kind


def test_columns_are_counted_as_excel_counts_them():
    assert [column_index(name) for name in ("A", "Z", "AA", "XFD")] == [0, 25, 26, 16383]
    assert [column_letters(i) for i in (0, 25, 26, 16383)] == ["A", "Z", "AA", "XFD"]


# --- layout ---------------------------------------------------------------------------------------------


def test_titles_two_level_headings_and_blank_rows_keep_excel_numbers(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"] = "虚构县企业名录"
    sheet.merge_cells("A1:E1")
    for cell, text in {
        "A3": "企业名称",
        "B3": "坐标",
        "D3": "从业\n人员",
        "B4": "经度",
        "C4": "纬度",
    }.items():
        sheet[cell] = text
    for area in ("A3:A4", "B3:C3", "D3:D4"):
        sheet.merge_cells(area)
    sheet["A5"], sheet["B5"], sheet["A8"] = "虚构甲厂", 117.4, "合计"
    sheet["A12"].font = openpyxl.styles.Font(bold=True)
    book.save(path)
    table, chunks = read(path)
    assert table.headings == ("企业名称", "坐标/经度", "坐标/纬度", "从业\n人员")
    assert table.heading_rows == (3, 4)
    assert rows_of(chunks) == {5: ["虚构甲厂", "117.4", "", ""], 8: ["合计", "", "", ""]}
    assert table.ignored == [(1, "title"), (2, "blank"), (6, "blank"), (7, "blank")]


def test_merged_cells_are_filled_downwards_and_noted(tmp_path):
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["企业名称", "所属乡镇", "从业人员"])
    for name in "甲乙丙丁":
        sheet.append([f"虚构{name}厂", None, None])
    sheet["B2"], sheet["C3"], sheet["B5"] = "上仓镇", 12, "渔阳镇"
    sheet.merge_cells("B2:B4")
    sheet.merge_cells("C3:C4")
    book.save(path)
    table, (chunk,) = read(path)
    assert chunk.columns[1:] == [["上仓镇", "上仓镇", "上仓镇", "渔阳镇"], ["", "12", "12", ""]]
    assert chunk.numeric[2].tolist() == [False, True, True, False]
    notes = [(issue.code, issue.row, issue.column, issue.value) for issue in table.notes]
    assert notes == [("E004", 2, "所属乡镇", "上仓镇"), ("E004", 3, "从业人员", "12")]
    assert "B2:B4" in table.notes[0].action


def test_hidden_rows_are_read_and_counted(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADING)
        for i in range(1, 9):
            sheet.write_row(i, 0, ROW)
            if i % 4 == 0:
                sheet.set_row(i, None, None, {"hidden": True})
    table, chunks = read(path)
    assert len(rows_of(chunks)) == 8
    assert [(issue.code, issue.row) for issue in table.notes] == [("E003", 5)]
    assert "5, 9" in table.notes[0].action


def book_of(path, sheets, hidden=()):
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
            if name in hidden:
                sheet.hide()
    return path


def test_two_matching_sheets_are_asked_about(tmp_path):
    path = book_of(
        tmp_path / "a.xlsx", {"说明": [["一"]], "2010": [HEADING, ROW], "2011": [HEADING, ROW, ROW]}
    )
    refused(path, r"2 sheets hold such a table: 2010, 2011; say which with sheet=")
    table, chunks = read(path, sheet="2011")
    assert (table.sheet, len(rows_of(chunks))) == ("2011", 2)
    refused(path, "has no sheet '2012'; choose one of: 说明, 2010, 2011", sheet="2012")
    refused(path, r"a.xlsx \[说明\]: no heading row", sheet="说明")


def test_the_sheet_with_rows_wins_over_a_blank_form_and_a_hidden_one(tmp_path):
    sheets = {"空表": [HEADING], "底稿": [HEADING, ROW, ROW], "名录": [HEADING, ROW]}
    table, chunks = read(book_of(tmp_path / "a.xlsx", sheets, hidden=["底稿"]))
    assert (table.sheet, len(rows_of(chunks))) == ("名录", 1)


def test_a_sheet_that_knows_twice_the_headings_is_read_and_the_other_named(tmp_path):
    sheets = {"汇总": [["企业名称", "从业人员", "x"], ["甲", 1, 2]], "名录": [HEADING, ROW]}
    table, _ = read(book_of(tmp_path / "a.xlsx", sheets))
    assert table.sheet == "名录"
    assert [issue.code for issue in table.notes] == ["E002"]
    assert "汇总" in table.notes[0].action


def test_a_hidden_sheet_is_read_and_said_so(tmp_path):
    sheets = {"说明": [["一"]], "名录": [HEADING, ROW]}
    table, _ = read(book_of(tmp_path / "a.xlsx", sheets, hidden=["名录"]))
    assert [issue.code for issue in table.notes] == ["E006"]


def test_no_matching_sheet_lists_the_headings_seen(tmp_path):
    path = book_of(tmp_path / "a.xlsx", {"设备": [["设备编号", "型号"], ["1", "2"]], "空": []})
    refused(path, "no sheet has a heading row .*设备: 设备编号, 型号; 空: —")


def test_heading_only(tmp_path):
    refused(book_of(tmp_path / "a.xlsx", {"名录": [HEADING]}), "has a heading but no rows")


def test_cells_beside_the_table_are_noted_and_never_read(tmp_path):
    rows = [[*HEADING], [*ROW, "", "旁注"], ["", "", "", "", "", "", "独行"]]
    table, chunks = read(book_of(tmp_path / "a.xlsx", {"名录": rows}))
    assert list(rows_of(chunks)) == [2]
    assert table.ignored == [(3, "stray")]
    assert [(issue.code, issue.row) for issue in table.notes] == [("E005", 2)]
    assert "G2, G3" in table.notes[0].action


def test_a_far_cell_and_a_sheet_styled_to_the_last_row(tmp_path):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    data = '<row r="2"><c r="A2" t="str"><v>虚构甲厂</v></c></row>'
    table, chunks = read(pack(tmp_path / "a.xlsx", parts(heading_xml() + data + far)))
    assert list(rows_of(chunks)) == [2]
    assert table.ignored == [(1048576, "stray")]
    styled = "".join(f'<row r="{i}"><c r="A{i}" s="1"/></row>' for i in range(900_000, 1_048_577))
    table, chunks = read(pack(tmp_path / "b.xlsx", parts(heading_xml() + data + styled)))
    assert list(rows_of(chunks)) == [2]
    assert table.ignored == []


def test_a_long_run_of_blank_rows_is_one_note(tmp_path):
    last = '<row r="90000"><c r="A90000" t="str"><v>虚构甲厂</v></c></row>'
    table, chunks = read(pack(tmp_path / "a.xlsx", parts(heading_xml() + last)))
    assert (list(rows_of(chunks)), table.ignored) == ([90000], [])
    assert "2–89999" in table.notes[0].action


# --- archives that attack -------------------------------------------------------------------------------

DATA = heading_xml() + '<row r="2"><c r="A2" t="str"><v>虚构甲厂</v></c></row>'
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def test_a_zip_bomb_is_refused_before_unpacking(tmp_path, monkeypatch):
    bomb = parts(DATA, after=f"<!--{'A' * 30_000_000}-->")
    refused(pack(tmp_path / "a.xlsx", bomb), "packed over 100 times: a zip bomb")
    monkeypatch.setattr("siting.inputs.files.archive.MAX_MEMBERS", 2000)
    refused(pack(tmp_path / "b.xlsx", parts(DATA) | {f"x/{i}": "" for i in range(2001)}), "holds 2005 parts")


def test_a_directory_that_promises_too_much_is_refused(tmp_path):
    path = pack(tmp_path / "a.xlsx", parts(DATA))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 300 * 2**20)
    path.write_bytes(content)
    refused(path, "unpacks to 300 MB, more than 256 MB")


def test_a_lying_directory_is_noticed_while_reading(tmp_path):
    path = pack(tmp_path / "a.xlsx", parts(DATA + "<!--" + "ab" * 5000 + "-->"))
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 600)
    path.write_bytes(content)
    refused(path, "damaged or incomplete")


@pytest.mark.parametrize("name", ["../../evil.txt", "/etc/evil", "C:/evil", "a/../../evil", "..\\evil"])
def test_paths_that_lead_out_are_refused(tmp_path, name):
    path = pack(tmp_path / "a.xlsx", parts(DATA) | {name: "x"})
    refused(path, "that leads out of it")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"]
)
@pytest.mark.parametrize("doctype", [ENTITIES, EXTERNAL])
def test_entities_are_refused(tmp_path, part, doctype):
    members = parts(DATA)
    members[part] = doctype + members[part]
    refused(pack(tmp_path / "a.xlsx", members), "declares entities")


def test_a_member_twice_and_a_password_on_a_member(tmp_path):
    path = tmp_path / "a.xlsx"
    pack(path, parts(DATA))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/workbook.xml", "x")
    refused(path, "holds 'xl/workbook.xml' twice")
    path = pack(tmp_path / "b.xlsx", parts(DATA))
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    refused(path, "protected by a password")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            '<row r="2"><c r="A2"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>',
            "row 2 out of order",
        ),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "row 1048577 out of order"),
        ('<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>', "cells of row 2 out of order"),
        ('<row r="x"><c r="A2"><v>1</v></c></row>', "damaged or incomplete: part 'xl/worksheets/s"),
        ('<row r="2"><c r="é2"><v>1</v></c></row>', "damaged or incomplete"),
        ('<row r="2"><c r="A2" t="s"><v>7</v></c></row>', "damaged or incomplete"),
        ('<row r="2"><c r="A2"><v>1</v></row>', "damaged or incomplete"),
    ],
)
def test_broken_sheets_are_refused(tmp_path, rows, message):
    refused(pack(tmp_path / "a.xlsx", parts(heading_xml() + rows)), message)


def test_an_unknown_xml_encoding_is_damage(tmp_path):
    for part in ("xl/worksheets/sheet1.xml", "xl/workbook.xml"):
        members = parts(DATA)
        members[part] = '<?xml version="1.0" encoding="UTG-8"?>' + members[part]
        refused(pack(tmp_path / "a.xlsx", members), "damaged or incomplete: part")


def test_a_sheet_with_too_many_cells_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("siting.inputs.files.xlsx.MAX_CELLS", 50)
    refused(book_of(tmp_path / "a.xlsx", {"名录": [HEADING, *[ROW] * 20]}), "over 50 cells at row")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"[Content_Types].xml": "", "xl/workbook.bin": ""}, "no workbook of the kind .xlsb; open it"),
        ({"mimetype": "application/vnd.oasis", "content.xml": ""}, "no workbook of the kind .ods"),
        ({"[Content_Types].xml": "", "word/document.xml": ""}, "archive without a workbook or shapefile"),
        ({"firms.csv": "企业名称"}, r"archive without a workbook .*\(firms.csv\); give the file inside"),
        ({"[Content_Types].xml": "", "xl/a.xml": ""}, "damaged"),
    ],
)
def test_other_archives_are_named(tmp_path, members, message):
    refused(pack(tmp_path / "a.zip", members), message)


def test_a_workbook_cut_anywhere_is_refused(tmp_path):
    whole = book_of(tmp_path / "a.xlsx", {"名录": [HEADING, ROW]}).read_bytes()
    path = tmp_path / "cut.xlsx"
    for size in range(4, len(whole), 97):
        path.write_bytes(whole[:size])
        refused(path, "damaged or incomplete")


# --- HTML -----------------------------------------------------------------------------------------------

PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head>
<meta http-equiv="Content-Type" content="text/html; charset=gb2312"><style>td {color: red}</style></head>
<body>
<table><tr><td colspan="4">虚构县企业名录</td></tr>
<tr><th rowspan=2>企业名称<th colspan=2>坐标</th><th rowspan=2>所属<br>乡镇</th></tr>
<tr><th>经度</th><th>纬度</th></tr>
<tr><td>虚构甲厂 &lt;b&gt;</td><td x:num="117.385">117</td><td>39.87<td rowspan="2">上仓镇</tr>
<tr><td> 虚构&nbsp;乙厂
 </td><td>117.4<script>alert(1)</script></td><td>40.0</td></tr>
<tr><td></td></tr>
<tr><td>合计<table><tr><td>内表</td></tr></table></td></tr>
</table></body></html>"""


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PAGE.encode("gb18030"), "gb18030"),
        (PAGE.replace("gb2312", "utf-8").encode("utf-8"), "utf-8"),
        (PAGE.replace("gb2312", "x-nothing").encode("utf-8"), "utf-8"),
        (PAGE.replace("gb2312", "x-nothing").encode("gb18030"), "gb18030"),
        (PAGE.encode("utf-8-sig"), "utf-8-sig"),
    ],
)
def test_an_html_page_saved_as_xls(tmp_path, content, encoding):
    path = tmp_path / "a.xls"
    path.write_bytes(content)
    table, chunks = read(path)
    assert (table.kind, table.encoding) == ("html", encoding)
    assert table.headings == ("企业名称", "坐标/经度", "坐标/纬度", "所属\n乡镇")
    assert rows_of(chunks) == {
        4: ["虚构甲厂 <b>", "117.385", "39.87", "上仓镇"],
        5: ["虚构 乙厂", "117.4", "40.0", "上仓镇"],
        7: ["合计内表", "", "", ""],
    }
    assert table.ignored == [(1, "title"), (6, "blank")]
    assert [issue.code for issue in table.notes] == ["E001", "E012", "E004"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<html><body>登录超时</body></html>", "no heading row"),
        (
            '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"/>',
            "a.kml: holds no features",
        ),
        ("<gml:FeatureCollection/>", "GML layer"),
        ("<osm version='0.6'/>", "OpenStreetMap extract"),
        ("<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?><Workbook/>", "Office 2003"),
        ("<data/>", "XML or other markup"),
        ("<html><table><tr><td><![x[", "no heading row"),
        ("<html><table><tr><td>企业名称</td><t", "damaged HTML: a tag is not closed"),
        ("<html><table><tr><td>企业名称</td>" + "<a x='" * 20_000, "damaged HTML: a tag is not closed"),
        ("<html><table><tr><td>企业名称</td>" + "<!--" * 100_000, "no heading row"),
    ],
)
def test_other_markup_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "a.kml"
    path.write_text(content, encoding="utf-8")
    refused(path, message)


def test_spans_of_nonsense_do_not_grow(tmp_path):
    path = tmp_path / "a.xls"
    row = "<tr>" + "".join(f"<td colspan=99999999 rowspan=-4>{name}</td>" for name in HEADING) + "</tr>"
    path.write_bytes(f"<html><table>{row}</table>".encode())
    refused(path, "has a heading but no rows")


def test_reading_leaves_the_folder_as_it_was(tmp_path):
    path = book_of(tmp_path / "a.xlsx", {"名录": [HEADING, ROW]})
    before = path.read_bytes()
    read(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.xlsx"]
    assert path.read_bytes() == before
