"""Workbooks .xls, .xlsb and .ods → grids, read by calamine in a process of its own.

Calamine is made for sound files: on a damaged one it may panic, fill the memory or end its process. So it
runs in a child with bounds on time and memory, and what happens to the child is a refusal here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from siting.inputs.files.raw import IsHeading, RawTable, note, refuse, sound
from siting.inputs.files.workbook import read_sheets
from siting.inputs.files.xlsx import MAX_CELLS, MAX_COLUMNS, Grid, GridRow, column_letters

SECONDS = 120
MEMORY_MB = 2048
MAX_TEXT_MB = 256
"""Text of all cells together, MB."""
_ROOT = Path(__file__).resolve().parents[3]
"""Folder from which the child imports this very package, wherever it was started."""


def read_foreign(data: bytes, file: str, kind: str, sheet: str | None, is_heading: IsHeading) -> RawTable:
    """Read a workbook that is no .xlsx; `kind` is its usual ending.

    Raises
    ------
    InputError
        If it is damaged, protected or too large, or makes its reader fail.
    """
    grids: dict[str, Grid] = {}
    hidden: dict[str, bool] = {}
    for line in _ask(data, file, kind):
        answer = json.loads(line)
        if "refused" in answer:
            refuse(file, answer["refused"], kind=kind, limit=answer.get("limit"))
        name = answer["sheet"]
        if "hidden" in answer:
            grids[name] = Grid(merges=[tuple(area) for area in answer["merges"]])
            hidden[name] = answer["hidden"]
        else:
            _add_row(grids[name], answer)
    entries = [(name, name, hidden[name]) for name in grids]
    table = read_sheets(entries, lambda name, _: grids[name], file, sheet, is_heading)
    table.notes.append(note(file, "E015", kind, sheet=table.sheet))
    return table


def _add_row(grid: Grid, answer: dict[str, Any]) -> None:
    number, cells = answer["row"], [sound(cell) for cell in answer["cells"]]
    stray = [i for i in range(MAX_COLUMNS, len(cells)) if cells[i]]
    grid.stray += [(number, f"{column_letters(i)}{number}") for i in stray]
    del cells[MAX_COLUMNS:]
    while cells and not cells[-1].strip():
        cells.pop()
    if cells:
        grid.rows.append(GridRow(number, cells, sum(1 << column for column in answer["numbers"])))
        grid.odd |= {(number, column): kind for column, kind in answer["odd"]}


def _ask(data: bytes, file: str, kind: str) -> Iterator[str]:
    """Run the child on the bytes and give its lines; its death or silence is a refusal."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
        )
    except subprocess.TimeoutExpired:
        refuse(file, "E519", kind=kind)
    except OSError as error:
        refuse(file, "E506", reason=error.strerror or error)
    lines = done.stdout.decode("utf-8", "surrogatepass").splitlines()
    if done.returncode or not lines or lines.pop() != "end":
        refuse(file, "E519", kind=kind)
    return iter(lines)


# --- in the child ---------------------------------------------------------------------------------------


def main() -> None:
    """Read a workbook from standard input and write its cells to standard output, a line a row."""
    data = sys.stdin.buffer.read()
    _bound_memory()
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        _write_sheets(book)
    except python_calamine.PasswordError:
        _write({"refused": "E520"})
    except (python_calamine.CalamineError, OSError):
        _write({"refused": "E518"})
    sys.stdout.write("end\n")


def _bound_memory() -> None:
    """Bound the memory where the system can; elsewhere the time and the number of cells bound it."""
    try:
        import resource
    except ImportError:
        return
    limit = MEMORY_MB * 2**20
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ValueError, OSError):
        return


def _write(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


def _write_sheets(book: Any) -> None:
    cells = text = 0
    for meta in book.sheets_metadata:
        if str(meta.typ) != "SheetTypeEnum.WorkSheet":
            continue
        sheet = book.get_sheet_by_name(meta.name)
        merges = [(a[0] + 1, a[1], b[0] + 1, b[1]) for a, b in sheet.merged_cell_ranges or ()]
        hidden = str(meta.visible) != "SheetVisibleEnum.Visible"
        _write({"sheet": meta.name, "hidden": hidden, "merges": merges})
        if cells + sheet.total_width * sheet.total_height > MAX_CELLS * 20:
            _write({"refused": "E528", "limit": MAX_CELLS})
            return
        for number, values in enumerate(sheet.iter_rows(), 1):
            row = _row(meta.name, number, values)
            if row is not None:
                cells += len(row["cells"])
                text += sum(map(len, row["cells"]))
                if cells > MAX_CELLS or text > MAX_TEXT_MB * 2**20:
                    _write({"refused": "E501"})
                    return
                _write(row)


def _row(sheet: str, number: int, values: list[Any]) -> dict[str, Any] | None:
    while values and values[-1] == "":
        values.pop()
    if not values:
        return None
    odd = [(i, kind) for i, value in enumerate(values) if (kind := _kind(value))]
    numbers = [i for i, value in enumerate(values) if type(value) in (int, float)]
    return {"sheet": sheet, "row": number, "cells": list(map(_text, values)), "numbers": numbers, "odd": odd}


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "boolean"
    return None if isinstance(value, str | int | float) else "date"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return value.isoformat() if isinstance(value, date) else str(value)


if __name__ == "__main__":
    main()
