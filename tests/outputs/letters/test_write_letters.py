"""Letters keep to GB/T 9704—2012 and to the same bytes; their replies come back as a clerk fills them."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

import siting
from siting.outputs.letters.write_letters import letter_files, letters_of, reply_file
from siting.types import InputError

HOSTILE = "=1+1<b>\u202e\x07镇 &amp;\n第二行"


@pytest.fixture(scope="module")
def files(base_study):
    return letter_files(base_study.scenario, base_study.inputs)


@pytest.fixture(scope="module")
def letter(base_study, files):
    first = letters_of(base_study.inputs)[1]
    return docx.Document(io.BytesIO(files[first.file]))


def texts(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def test_each_department_has_its_letter_and_each_question_is_asked_once(base_study, files):
    letters = letters_of(base_study.inputs)
    assert [letter.file for letter in letters] == list(files)[:-1]
    asked = [(site, c) for letter in letters for site in letter.sites for c in letter.conditions]
    assert len(letters) == 8
    assert len(asked) == len(set(asked)) == 16 * 7


def test_a_letter_says_where_the_sites_lie_and_what_is_asked(letter):
    said = "\n".join(texts(letter))
    assert "国土资源主管部门：" in said
    assert "东经 117.38806°，北纬 39.89944°" in said
    assert "地质灾害危险性。请出具：" in said
    assert "企业名录为虚拟企业，不得发出" in said
    assert letter.tables[0].rows[1].cells[4].text == "10"
    assert len(letter.tables[1].rows) == 1 + 7 * 7


def test_the_page_is_that_of_the_standard(letter):
    section = letter.sections[0]
    sides = ("page_width", "page_height", "top_margin", "bottom_margin", "left_margin", "right_margin")
    assert [round(getattr(section, side).mm) for side in sides] == [210, 297, 37, 35, 28, 26]
    title = next(p for p in letter.paragraphs if p.text.startswith("关于"))
    body = next(p for p in letter.paragraphs if p.text.startswith("为做好"))
    assert [title.runs[0].font.size.pt, body.runs[0].font.size.pt] == [22, 16]
    assert body.paragraph_format.line_spacing.pt == 29
    assert body.paragraph_format.first_line_indent.pt == 32
    fonts = [p.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) for p in (title, body)]
    assert fonts == ["方正小标宋简体", "仿宋_GB2312"]
    assert [f.paragraphs[0].text for f in (section.footer, section.even_page_footer)] == ["—  —", "—  —"]


def test_the_bytes_are_the_same_each_time(base_study, files):
    assert letter_files(base_study.scenario, base_study.inputs) == files
    for name, content in files.items():
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}, name


def test_names_are_text_only(base_study):
    inputs = base_study.inputs
    sites = inputs.sites.assign(name=inputs.sites["name"].where(inputs.sites.index != "bangjun", HOSTILE))
    conditions = inputs.conditions.assign(department="../..\\<i>局</i>:*")
    found = letter_files(base_study.scenario, replace(inputs, sites=sites, conditions=conditions))
    name, replies = found
    assert name.startswith("征求意见函-01-")
    assert not set(name) & set('<>:"/\\|?*')
    said = "\n".join(texts(docx.Document(io.BytesIO(found[name]))))
    assert "=1+1<b>镇 &amp; 第二行" in said
    sheet = openpyxl.load_workbook(io.BytesIO(found[replies])).worksheets[0]
    cell = next(cell for cell in sheet["B"] if str(cell.value).startswith("=1+1"))
    assert cell.data_type == "s"


def test_without_conditions_there_is_no_letter(base_study):
    with pytest.raises(InputError, match="no letter to write"):
        letters_of(replace(base_study.inputs, conditions=base_study.inputs.conditions.iloc[:0]))


def filled(files, tmp_path, answers, *, title=True):
    """Fill the table as a clerk does: a merged title above, odd spellings, a date as Excel keeps it."""
    book = openpyxl.load_workbook(io.BytesIO(files[reply_file()]))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        of = (row[1].value, row[2].value)
        if of in answers:
            for cell, value in zip(row[3:], answers[of], strict=False):
                cell.value = value
    if title:
        sheet.insert_rows(1)
        sheet["A1"] = "蓟县选址征求意见回复汇总（2012年3月）"
        sheet.merge_cells("A1:G1")
    path = tmp_path / "回复汇总.xlsx"
    book.save(path)
    return siting.load(settings={"data.replies": str(path)})


def test_the_table_of_replies_comes_back_as_a_clerk_fills_it(files, tmp_path):
    answers = {
        ("邦均镇", "文物与历史文化保护"): (" 不同意", "文函〔2012〕8号 ", date(2012, 3, 9)),
        ("下仓镇", "供电"): ("同意", "供〔2012〕2号", "2012.3.6"),
        ("城区", "供电"): ("同意", "", "2012年3月6日"),
        ("马伸桥镇", "饮用水水源保护区"): ("有条件同意", "环〔2012〕3号", "2012/03/07", "须迁出二级保护区"),
    }
    study = filled(files, tmp_path, answers)
    table = study.inputs.conditions
    decided = table[table["reply"].notna()].set_index(["site", "condition"])
    assert decided["verdict"].to_dict() == {
        ("county_seat", "power"): "pending",
        ("bangjun", "heritage"): "fail",
        ("xiacang", "power"): "pass",
        ("mashenqiao", "water_source"): "pending",
    }
    assert decided.loc[("bangjun", "heritage"), "letter_date"] == "2012-03-09"
    assert len(table) == 16 * 7


def test_an_untouched_table_changes_nothing(files, tmp_path, base_study):
    study = filled(files, tmp_path, {}, title=False)
    assert study.inputs.conditions["verdict"].tolist() == base_study.inputs.conditions["verdict"].tolist()


@pytest.mark.parametrize("damage", ["truncated", "headless"])
def test_a_damaged_table_is_refused(files, tmp_path, damage):
    path = tmp_path / "回复.xlsx"
    content = files[reply_file()]
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        for sheet in book.worksheets:
            sheet.delete_rows(1)
        book.save(path)
    with pytest.raises(InputError, match="回复.xlsx"):
        siting.load(settings={"data.replies": str(path)})


def test_the_command_writes_and_lists_them(tmp_path, capsys):
    from typer.testing import CliRunner

    from siting.cli import app

    done = CliRunner().invoke(app, ["letters", "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    record = json.loads(done.output)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == sorted([*(letter["file"] for letter in record["letters"]), record["replies"]])
