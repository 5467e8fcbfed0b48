"""Workbooks .xls, .xlsb and .ods, made of bytes here: read in a child whose failure is a refusal."""

import struct
import subprocess
import sys
import zipfile

import pytest

from siting.inputs.files import foreign
from siting.inputs.tables.read_table import read_table
from siting.types import InputError

HEADING = ["企业名称", "行业代码", "经度", "纬度", "从业人员"]
FIRMS = [["虚构甲厂", "0142", 117.401, 40.045, 120.0], ["虚构乙厂", "1353", 117.385, 39.87, 56.0]]


# --- Excel 97: records in a compound file ---------------------------------------------------------------


def record(kind, body=b""):
    return struct.pack("<HH", kind, len(body)) + body


def bof(kind):
    return record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def text_cell(row, column, text):
    """A LABEL record, its text in UTF-16."""
    body = struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le")
    return record(0x0204, body)


def number_cell(row, column, value):
    return record(0x0203, struct.pack("<HHHd", row, column, 0, value))


def biff(sheets):
    """The stream of a workbook: its globals, then the sheets."""
    streams = []
    for rows in sheets.values():
        width = max(map(len, rows))
        cells = b"".join(
            number_cell(i, j, cell) if isinstance(cell, float) else text_cell(i, j, cell)
            for i, row in enumerate(rows)
            for j, cell in enumerate(row)
            if cell is not None
        )
        dimensions = record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
        streams.append(bof(0x0010) + dimensions + cells + record(0x000A))
    names = [name.encode("utf-16-le") for name in sheets]
    size = len(bof(5)) + len(record(0x0042, b"00")) + sum(12 + len(name) for name in names) + 4
    bounds = b""
    for name, title, stream in zip(names, sheets, streams, strict=True):
        bounds += record(0x0085, struct.pack("<IBBBB", size, 0, 0, len(title), 1) + name)
        size += len(stream)
    return bof(0x0005) + record(0x0042, struct.pack("<H", 1200)) + bounds + record(0x000A) + b"".join(streams)


def compound(stream, name="Workbook"):
    """The smallest compound file with one stream in it."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    n = len(stream) // 512
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, n + 2), 0xFFFFFFFE]
    fat += [0xFFFFFFFF] * (128 - len(fat))
    assert len(fat) == 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    ends = (0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += struct.pack("<HHHHH6x10I", 0x3E, 3, 0xFFFE, 9, 6, *ends)
    header += struct.pack("<108I", *([0xFFFFFFFF] * 108))
    entries = b""
    listed = (("Root Entry", 5, 1, 0xFFFFFFFE, 0), (name, 2, -1, 2, len(stream)))
    for entry, kind, child, start, size in listed:
        title = entry.encode("utf-16-le").ljust(64, b"\0")
        entries += title + struct.pack("<HBBiii", 2 * len(entry) + 2, kind, 1, -1, -1, child)
        entries += bytes(36) + struct.pack("<IQ", start, size)
    return header + struct.pack("<128I", *fat) + entries.ljust(512, b"\0") + stream


# --- OpenDocument ---------------------------------------------------------------------------------------


def cell_xml(cell):
    if isinstance(cell, float):
        return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
    text = f"<text:p>{cell}</text:p>" if cell else ""
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'


def open_document(sheets):
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(cell_xml, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    return (
        f'<office:document-content xmlns:office="{space}office:1.0" xmlns:table="{space}table:1.0" '
        f'xmlns:text="{space}text:1.0"><office:body><office:spreadsheet>{tables}'
        "</office:spreadsheet></office:body></office:document-content>"
    )


def ods(path, sheets):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", open_document(sheets))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def xls(path, sheets):
    path.write_bytes(compound(biff(sheets)))
    return path


# --- Excel binary ---------------------------------------------------------------------------------------


def binary_record(kind, body=b""):
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, rest = b"", len(body)
    while True:
        size += bytes([rest & 0x7F | (0x80 if rest > 127 else 0)])
        rest >>= 7
        if not rest:
            return number + size + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path, sheets):
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations, bundles, parts = "", b"", {}
    for number, (name, rows) in enumerate(sheets.items(), 1):
        target = f'Type="{office}/worksheet" Target="worksheets/sheet{number}.bin"'
        relations += f'<Relationship Id="rId{number}" {target}/>'
        bundles += binary_record(156, struct.pack("<II", 0, number) + wide(f"rId{number}") + wide(name))
        body = b""
        for i, row in enumerate(rows):
            body += binary_record(0, struct.pack("<I", i) + bytes(21))
            for j, cell in enumerate(row):
                head = struct.pack("<II", j, 0)
                if isinstance(cell, float):
                    body += binary_record(5, head + struct.pack("<d", cell))
                elif cell:
                    body += binary_record(6, head + wide(cell))
        last = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
        parts[f"xl/worksheets/sheet{number}.bin"] = (
            binary_record(129) + binary_record(148, last) + binary_record(145) + body
            + binary_record(146) + binary_record(130)
        )  # fmt: skip
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        bundles = binary_record(143) + bundles + binary_record(144)
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", binary_record(131) + bundles + binary_record(132))
        relations = f'<Relationships xmlns="{package}">{relations}</Relationships>'
        archive.writestr("xl/_rels/workbook.bin.rels", relations)
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


WRITERS = {".xls": xls, ".ods": ods, ".xlsb": xlsb}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["a.xls", "a.csv"])
def test_a_register_in_each_format_whatever_its_name(tmp_path, kind, name):
    path = WRITERS[kind](tmp_path / name, {"说明": [["填表说明"]], "名录": [["虚构名录"], HEADING, *FIRMS]})
    table = read_table(path, crs="WGS84")
    assert (table.sheet, table.encoding) == ("名录", None)
    assert table.frame[["row", "name", "industry", "lon", "lat", "employees"]].values.tolist() == [
        [3, *FIRMS[0]], [4, *FIRMS[1]]
    ]  # fmt: skip
    (told,) = (issue for issue in table.issues if issue.code == "E015")
    assert kind in told.action
    assert table.counts == {"data_rows": 2, "kept": 2, "set_aside": 0, "ignored_lines": 1}


@pytest.mark.parametrize("kind", WRITERS)
def test_sheets_are_chosen_as_in_any_workbook(tmp_path, kind):
    path = WRITERS[kind](tmp_path / "a", {"一": [HEADING, FIRMS[0]], "二": [HEADING, FIRMS[1]]})
    with pytest.raises(InputError, match="2 sheets hold such a table: 一, 二"):
        read_table(path, crs="WGS84")
    assert read_table(path, crs="WGS84", sheet="二").frame["name"].tolist() == ["虚构乙厂"]


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_cut_anywhere_is_refused_in_one_line(tmp_path, kind):
    rows = [[f"虚构{i}厂", "1512", 117.4, 40.0, 5.0] for i in range(200)]
    whole = WRITERS[kind](tmp_path / "a", {"名录": [HEADING, *rows]}).read_bytes()
    path = tmp_path / "cut"
    for tenths in (1, 4, 7, 9):
        path.write_bytes(whole[: len(whole) * tenths // 10])
        with pytest.raises(InputError) as refused:
            read_table(path, crs="WGS84")
        assert str(refused.value).startswith("cut: ")
        assert "\n" not in str(refused.value)


def test_a_cell_far_away_is_a_stray_one(tmp_path):
    stream = biff({"名录": [HEADING, *FIRMS]})
    path = tmp_path / "a.xls"
    path.write_bytes(compound(stream[:-4] + text_cell(0xFFFF, 0xFF, "远") + record(0x000A)))
    table = read_table(path, crs="WGS84")
    assert table.frame["name"].tolist() == ["虚构甲厂", "虚构乙厂"]
    assert [issue.row for issue in table.issues if issue.code == "E005"] == [65536]


@pytest.mark.parametrize(
    ("child", "message"),
    [
        ("import os; os.abort()", "reader of .xls workbooks failed"),
        ("raise RuntimeError", "reader of .xls workbooks failed"),
        ("print('{}')", "reader of .xls workbooks failed"),
        ("import time; time.sleep(60)", "reader of .xls workbooks failed"),
    ],
)
def test_whatever_happens_to_the_child_is_a_refusal(tmp_path, monkeypatch, child, message):
    run = subprocess.run
    monkeypatch.setattr(
        foreign.subprocess, "run", lambda _, **options: run([sys.executable, "-c", child], **options)
    )
    monkeypatch.setattr(foreign, "SECONDS", 3)
    path = xls(tmp_path / "a.xls", {"名录": [HEADING, *FIRMS]})
    with pytest.raises(InputError, match=message):
        read_table(path, crs="WGS84")


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        ("EncryptedPackage", "protected by a password"),
        ("WordDocument", r"text document of Word or WPS .*\.wps"),
    ],
)
def test_other_compound_files_are_named(tmp_path, stream, message):
    path = tmp_path / "a.xls"
    path.write_bytes(compound(b"x", stream))
    with pytest.raises(InputError, match=message):
        read_table(path, crs="WGS84")


def test_a_workbook_under_a_password_is_named(tmp_path):
    stream = biff({"名录": [HEADING, *FIRMS]})
    at = len(bof(5))
    protected = stream[:at] + record(0x002F, struct.pack("<HHH", 1, 1, 1)) + stream[at:]
    path = tmp_path / "a.xls"
    path.write_bytes(compound(protected))
    with pytest.raises(InputError, match="protected by a password"):
        read_table(path, crs="WGS84")
