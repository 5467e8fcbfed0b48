"""Bytes → rows: encodings, separators, line ends, broken lines, refusals."""

import codecs
import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.inputs.files import delimited, opener
from siting.inputs.files.levels import find_heading, join_levels
from siting.types import InputError
from tests.inputs.raw_rows import is_heading, read, rows_of

HEADING = "企业名称,行业代码,经度,纬度"
ROWS = ["虚构春山酒业有限公司,1512,117.385,39.87", "虚构渔歌食品有限公司,0142,117.4,40.045"]


def write(tmp_path, content, encoding="utf-8", name="firms.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def damaged(chunks):
    return {row: reason for chunk in chunks for row, reason in chunk.damaged.items()}


CONTENT = "\n".join([HEADING, *ROWS]) + "\n"
EXPECTED = {2: ROWS[0].split(","), 3: ROWS[1].split(",")}


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (CONTENT.encode("utf-8"), "utf-8"),
        (codecs.BOM_UTF8 + CONTENT.encode("utf-8"), "utf-8-sig"),
        (CONTENT.encode("gb18030"), "gb18030"),
        (CONTENT.encode("gbk"), "gb18030"),
        (codecs.BOM_UTF16_LE + CONTENT.encode("utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + CONTENT.encode("utf-16-be"), "utf-16"),
        (CONTENT.encode("utf-16-le"), "utf-16-le"),
        (CONTENT.encode("utf-16-be"), "utf-16-be"),
        (CONTENT.encode("utf-32"), "utf-32"),
    ],
)
def test_every_encoding_gives_the_same_rows_and_is_named(tmp_path, content, encoding):
    table, chunks = read(write(tmp_path, content))
    assert rows_of(chunks) == EXPECTED
    assert table.encoding == encoding
    assert table.headings == tuple(HEADING.split(","))
    assert [issue.code for issue in table.notes] == ["E001"]
    assert encoding.upper() in table.notes[0].action
    assert encoding.upper() in table.notes[0].action_zh


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last_end", [True, False])
def test_separators_and_line_ends(tmp_path, separator, end, last_end):
    content = end.join([HEADING, *ROWS]).replace(",", separator) + end * last_end
    table, chunks = read(write(tmp_path, content))
    assert rows_of(chunks) == EXPECTED
    assert table.ignored == []


def test_no_heading_is_looked_for_in_too_few_cells(tmp_path):
    """A stroke stands in one address: cut there, no row has cells enough to name what commas show."""
    asked = []
    rows = [row + "," + "虚构路1号|2号" * (n == 0) for n, row in enumerate(ROWS)]
    path = write(tmp_path, "\n".join([HEADING + ",地址,从业人员", *(row + ",5" for row in rows)]))
    table = opener.read_raw(path, is_heading=lambda cells: asked.append(len(cells)) or is_heading(cells))
    assert len(table.headings) == 6
    assert set(asked) == {6}


def test_declared_separator_counts_as_a_line(tmp_path):
    table, chunks = read(write(tmp_path, "sep=;\n" + CONTENT.replace(",", ";")))
    assert rows_of(chunks) == {3: EXPECTED[2], 4: EXPECTED[3]}
    assert table.ignored == [(1, "separator")]
    assert table.heading_rows == (2, 2)


def test_titles_and_blank_lines_are_ignored_by_number(tmp_path):
    content = f"虚构县企业名录,,,\n填报单位：虚构局,,,\n\n{HEADING}\n{ROWS[0]}\n,,,\n  \n{ROWS[1]}\n\n"
    table, chunks = read(write(tmp_path, content))
    assert sorted(rows_of(chunks)) == [5, 8]
    assert table.ignored == [
        (1, "title"), (2, "title"), (3, "blank"), (6, "blank"), (7, "blank"), (9, "blank")
    ]  # fmt: skip


def test_two_level_heading_is_joined(tmp_path):
    content = "企业名称,坐标,,从业人员\n,经度,纬度,\n虚构甲厂,117.4,40.0,5\n"
    table, chunks = read(write(tmp_path, content))
    assert table.headings == ("企业名称", "坐标/经度", "坐标/纬度", "从业人员")
    assert table.heading_rows == (1, 2)
    assert rows_of(chunks) == {3: ["虚构甲厂", "117.4", "40.0", "5"]}


def test_units_row_below_the_heading_stays_a_row():
    rows = [HEADING.split(","), ["", "", "（度）", "（度）"], ROWS[0].split(",")]
    heading = find_heading(rows, is_heading)
    assert (heading.first, heading.last, heading.cells) == (0, 0, tuple(rows[0]))


def test_join_levels_ends_a_group_where_the_lower_row_is_blank():
    assert join_levels([["企业名称", "", "规模", ""], ["", "地址", "人员", "产值"]]) == [
        "企业名称", "地址", "规模/人员", "规模/产值"
    ]  # fmt: skip


def test_rows_start_where_their_record_starts(tmp_path):
    content = f'企业名称,"行业\n代码",经度,纬度\n"虚构\n换行厂",1512,117.4,40\n{ROWS[1]}\n'
    table, chunks = read(write(tmp_path, content))
    assert table.heading_rows == (1, 2)
    assert rows_of(chunks) == {3: ["虚构\n换行厂", "1512", "117.4", "40"], 5: EXPECTED[3]}
    assert damaged(chunks) == {}


def test_cells_stay_as_found(tmp_path):
    content = f'{HEADING}\n 虚构\x00甲厂 ,"0142","1,512",\t\n"虚构""乙""厂",NA,TRUE,1E5\n'
    _, chunks = read(write(tmp_path, content))
    assert rows_of(chunks) == {
        2: [" 虚构\x00甲厂 ", "0142", "1,512", "\t"],
        3: ['虚构"乙"厂', "NA", "TRUE", "1E5"],
    }


def test_ragged_rows_are_marked_and_trailing_commas_are_not(tmp_path):
    content = f"{HEADING}\n{ROWS[0]},,\n虚构短厂,1512\n虚构长厂,1512,117.4,40,5\n{ROWS[1]},"
    _, chunks = read(write(tmp_path, content))
    assert damaged(chunks) == {3: "ragged", 4: "ragged"}
    assert rows_of(chunks)[2] == EXPECTED[2]
    assert rows_of(chunks)[5] == EXPECTED[3]
    assert chunks[0].damaged_cells == {3: ["虚构短厂", "1512"], 4: ["虚构长厂", "1512", "117.4", "40", "5"]}


def test_heading_with_a_trailing_comma(tmp_path):
    table, chunks = read(write(tmp_path, "\n".join(line + "," for line in [HEADING, *ROWS])))
    assert table.headings == tuple(HEADING.split(","))
    assert damaged(chunks) == {}


@pytest.mark.parametrize(
    "broken",
    [
        '"虚构开口厂,1512,117.4,40',
        '虚构开口厂,"1512,117.4,40',
        '虚构开口厂,1512,117.4,"40',
        '"虚构"开口"厂,1512,117.4,40',
    ],
)
@pytest.mark.parametrize("tail", [[], ['"虚构甲厂",1512,117.4,40'], ["虚构甲厂,1512,117.4,40"] * 3])
def test_an_unclosed_quote_costs_only_its_own_line(tmp_path, broken, tail):
    lines = [HEADING, ROWS[0], broken, ROWS[1], *tail]
    _, chunks = read(write(tmp_path, "\n".join(lines)))
    assert damaged(chunks) == {3: "unclosed_quote"}
    assert sorted(rows_of(chunks)) == list(range(2, len(lines) + 1))
    assert rows_of(chunks)[4] == EXPECTED[3]


def test_two_unclosed_quotes_that_would_pair_up(tmp_path):
    lines = [HEADING, '虚构甲厂,"1512,117.4,40', ROWS[0], '虚构乙厂,1512",117.4,40', ROWS[1]]
    _, chunks = read(write(tmp_path, "\n".join(lines)))
    rows = rows_of(chunks)
    assert sorted(rows) == [2, 3, 4, 5]
    assert damaged(chunks) == {2: "unclosed_quote"}
    assert [rows[3], rows[5]] == list(EXPECTED.values())


def test_many_unclosed_quotes_take_linear_time(tmp_path):
    lines = [HEADING] + ['"虚构甲厂,"",117.4,40'] * 3000
    _, chunks = read(write(tmp_path, "\n".join(lines)))
    assert len(rows_of(chunks)) == 3000
    assert set(damaged(chunks).values()) == {"unclosed_quote"}


def test_paired_quotes_inside_a_cell_are_kept_as_found(tmp_path):
    _, chunks = read(write(tmp_path, f'{HEADING}\n"虚构"甲厂,1512,117.4,40\n'))
    assert rows_of(chunks) == {2: ['"虚构"甲厂', "1512", "117.4", "40"]}
    assert damaged(chunks) == {}


def test_a_very_long_cell_is_read_and_the_global_limit_put_back(tmp_path):
    before = csv.field_size_limit()
    _, chunks = read(write(tmp_path, f'{HEADING}\n"{"长" * 300_000}",1512,117.4,40\n'))
    assert len(rows_of(chunks)[2][0]) == 300_000
    assert csv.field_size_limit() == before


@pytest.mark.parametrize(("main", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_lines_in_another_encoding_are_marked_by_number(tmp_path, main, other):
    lines = [HEADING, *ROWS, *ROWS, *ROWS]
    content = b"\n".join(line.encode(other if i in (2, 4) else main) for i, line in enumerate(lines))
    table, chunks = read(write(tmp_path, content))
    assert table.encoding == main
    assert damaged(chunks) == {3: "undecodable", 5: "undecodable"}
    kept = {row: cells for row, cells in rows_of(chunks).items() if row not in damaged(chunks)}
    assert kept == {row: lines[row - 1].split(",") for row in (2, 4, 6, 7)}


@pytest.mark.parametrize(
    ("name", "encoding"), [("虛構漁歌食品有限公司", "big5"), ("テスト食品", "shift-jis")]
)
def test_names_in_a_foreign_encoding_under_english_headings(tmp_path, name, encoding, monkeypatch):
    monkeypatch.setattr("tests.inputs.raw_rows.KNOWN", {"name", "lon", "lat"})
    path = write(tmp_path, f"name,lon,lat\n{name},117.4,40\n{name},117.4,40\n", encoding)
    with pytest.raises(InputError, match="neither UTF-8 nor GB18030.*seen: name, lon, lat"):
        read(path)


def test_rare_characters_among_common_ones_are_chinese(tmp_path):
    content = f"{HEADING}\n虚构䶮泉饮料有限公司,1512,117.4,40\n虚构\U0002cb5a铁厂,1512,117.4,40\n"
    _, chunks = read(write(tmp_path, content, "gb18030"))
    assert rows_of(chunks)[3][0] == "虚构\U0002cb5a铁厂"


def test_text_lost_before_it_came_is_marked(tmp_path):
    _, chunks = read(
        write(tmp_path, f"{HEADING}\n虚构\ufffd厂,1512,117.4,40\n锟斤拷厂,1512,117.4,40\n{ROWS[0]}\n")
    )
    assert damaged(chunks) == {2: "undecodable", 3: "undecodable"}


def test_chunks_hold_all_rows_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "CHUNK_ROWS", 7)
    monkeypatch.setattr(delimited, "BLOCK_ROWS", 3)
    lines = [HEADING] + [f"虚构{i}厂,1512,117.4,40" if i % 5 else "" for i in range(40)]
    table, chunks = read(write(tmp_path, "\n".join(lines)))
    assert len(chunks) > 3
    assert [row for chunk in chunks for row in chunk.row_numbers] == [i + 2 for i in range(40) if i % 5]
    assert [row for row, _ in table.ignored] == [i + 2 for i in range(40) if not i % 5]


# --- refusals -------------------------------------------------------------------------------------------

FLAT = (
    b"<?xml version='1.0'?><office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0'/>"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "firms.csv: is empty"),
        (b" \r\n\t\n", "is empty"),
        (codecs.BOM_UTF8, "is empty"),
        (HEADING.encode(), "has a heading but no rows"),
        (f"{HEADING}\n,,,\n\n".encode(), "has a heading but no rows"),
        (ROWS[0].encode(), "no heading row with known .*seen: 虚构春山酒业有限公司, 1512"),
        (CONTENT.encode().decode("gb18030", "ignore").encode(), "no heading row .*seen: 浼佷笟"),
        ("企業名稱,經度,緯度\n虛構甲廠,117.4,40".encode("big5"), "no heading row .*read as gb18030"),
        (b"%PDF-1.4 ...", "is a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "is an image"),
        (b"Rar!\x1a\x07", "is a RAR archive"),
        (b"fgb\x03fgb\x00", "is a FlatGeobuf layer .*a layer as GeoJSON"),
        (b"!table\n!version 300\n!charset Neutral", "is a MapInfo table .*a layer as GeoJSON"),
        (b'Version   300\r\nCharset "Neutral"\r\n', "is a MapInfo layer .*a layer as GeoJSON"),
        (FLAT, "is a flat OpenDocument file .*as .xlsx"),
        (b"\x01\x00\x02\x00\x00\x00" * 100, "is not text"),
        (random.Random(0).randbytes(5000), "is not text"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "damaged utf-16 text at byte"),
        (b"{", "not sound GeoJSON"),
        (b"<OGRVRTDataSource></OGRVRTDataSource>", "GDAL virtual layer"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "no workbook of the kind .xls; .* as .xlsx"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_line(tmp_path, content, message):
    with pytest.raises(InputError, match=message) as caught:
        read(write(tmp_path, content))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("firms.csv: ")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("https://example.invalid/firms.csv", "is an address"),
        ("/vsicurl/http://example.invalid/a.csv", "is an address"),
        ("no-such-file.csv", "no such file"),
        (".", "is a folder"),
        ("a\0b.csv", "cannot be opened|no such file"),
        ("x" * 5000, "cannot be opened|no such file"),
    ],
)
def test_paths_that_are_no_file_are_refused(path, message):
    with pytest.raises(InputError, match=message):
        read(path)


def test_a_file_over_the_limit_is_refused_with_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(opener, "MAX_FILE_MB", 0)
    with pytest.raises(InputError, match="larger than 0 MB; split it"):
        read(write(tmp_path, CONTENT))


def test_sheet_for_a_text_file_is_reported(tmp_path):
    table, _ = read(write(tmp_path, CONTENT), sheet="名录")
    assert "E010" in [issue.code for issue in table.notes]


def test_the_hash_is_of_the_bytes_read(tmp_path):
    from hashlib import sha256

    path = write(tmp_path, CONTENT)
    assert read(path)[0].sha256 == sha256(path.read_bytes()).hexdigest()


# --- properties -----------------------------------------------------------------------------------------

CELLS = st.text(st.characters(codec="gb18030", exclude_categories=["Cs", "Cc"]), max_size=8)


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12),
    encoding=st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_written_rows_come_back(tmp_path_factory, cells, encoding, end):
    """Whatever Chinese text the csv module writes is read back cell by cell, each row under its number."""
    if encoding == "gb18030" and any("锟斤拷" in cell or "\ufffd" in cell for row in cells for cell in row):
        return
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADING.split(","))
    writer.writerow(ROWS[0].split(","))
    writer.writerows(cells)
    path = write(tmp_path_factory.mktemp("rows"), buffer.getvalue(), encoding)
    table, chunks = read(path)
    rows, lost = rows_of(chunks), damaged(chunks)
    blank = {row for row, _ in table.ignored}
    assert blank == {i for i, row in enumerate(cells, start=3) if not any(cell.strip() for cell in row)}
    for i, row in enumerate(cells, start=3):
        if i not in blank and i not in lost:
            assert rows[i] == list(row)
    assert all("\ufffd" in "".join(cells[i - 3]) for i in lost)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=300))
def test_every_line_of_any_bytes_is_accounted_for(tmp_path_factory, body):
    """Lines = rows + ignored + lines within a quoted cell; only InputError leaves."""
    path = write(tmp_path_factory.mktemp("bytes"), (HEADING + "\n" + ROWS[0] + "\n").encode() + body)
    try:
        table, chunks = read(path)
    except InputError:
        return
    lines = io.TextIOWrapper(io.BytesIO(path.read_bytes()), encoding="latin-1", newline="").readlines()
    if table.encoding.startswith("utf-16"):
        return
    starts = sorted([*rows_of(chunks), *(row for row, _ in table.ignored), len(lines) + 1])
    assert starts[0] == 2
    for start, following in zip(starts, starts[1:], strict=False):
        inside = b"".join(line.encode("latin-1") for line in lines[start - 1 : following - 1])
        assert following == start + 1 or inside.count(b'"') >= 2
    kept = {row: cells for row, cells in rows_of(chunks).items() if row not in damaged(chunks)}
    assert not any("\ufffd" in cell for cells in kept.values() for cell in cells)
