"""Files → raw rows, with the headings of a small register known."""

import re

from siting.inputs.files.opener import read_raw

KNOWN = {"企业名称", "行业代码", "经度", "纬度", "从业人员", "地址", "所属乡镇"}


def is_heading(cells):
    names = (re.sub(r"\s|（.*?）", "", cell) for cell in cells)
    return sum(name in KNOWN or name.rpartition("/")[2] in KNOWN for name in names)


def read(path, **options):
    table = read_raw(path, is_heading=is_heading, **options)
    return table, list(table.chunks())


def rows_of(chunks):
    return {
        number: list(cells)
        for chunk in chunks
        for number, cells in zip(chunk.row_numbers.tolist(), zip(*chunk.columns, strict=True), strict=True)
    }
