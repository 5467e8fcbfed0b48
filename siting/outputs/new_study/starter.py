"""A template's files and the data dictionary → a new study that runs at once, and blank tables to fill in."""

from __future__ import annotations

import csv
import io
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from siting.messages import refusal
from siting.outputs.new_study import StudyTemplate
from siting.outputs.new_study.templates import TEMPLATES, score_sheet, template
from siting.outputs.text.wording import LANGUAGES, say
from siting.outputs.write_files import check_folder, check_name, to_json, write_file
from siting.scenario.toml_files import BASE, to_toml

SCENARIO = BASE.as_posix()
NOTEBOOK = "notebooks/01-first-look.ipynb"
_SOURCES = "data/sources.csv"
_RAW = "data/raw/"
_BLANK = "data/blank/"
"""Folder of blank bilingual workbooks, one a table that the study reads."""
_NAME = "{name}"
"""Where a template's scenario names the study."""
_CELLS = (
    f'import siting\n\nstudy = siting.load("../{SCENARIO}")\nstudy.enterprises.head()',
    "result = study.run()\nresult.table",
    'print("\\n".join(result.explain()))',
    "result.explore()",
)


def write_study(folder: Path, study: StudyTemplate = "testing-centre") -> list[Path]:
    """Write a new study into a folder and return its files; it runs as it stands.

    Its places, firms or residents are made up and called examples; beside them stand blank workbooks.

    Raises
    ------
    InputError
        The folder holds one of the files already.
    OutputError
        The folder cannot be written to.
    """
    name = folder.resolve().name
    check_name(name, "name of the study")
    check_folder(folder)
    contents = _contents(name, study)
    there = [path for path in contents if (folder / path).exists()]
    if there:
        raise refusal(folder.name, "E688", files=", ".join(there))
    for path, content in contents.items():
        write_file(folder / path, content)
    return [folder / path for path in contents]


def _contents(name: str, study: StudyTemplate) -> dict[str, bytes]:
    root = files("siting.outputs.new_study") / "studies"
    own = {**_files(root / "common"), **_files(root / study)}
    scenario = own[SCENARIO].decode("utf-8").replace(_NAME, to_toml(name))
    tables = [path.removeprefix(_RAW) for path in own if path.startswith(_RAW)]
    blank = {f"{_BLANK}{table}.xlsx": template(table) for table in TEMPLATES if f"{table} = " in scenario}
    return {
        **own,
        SCENARIO: scenario.encode("utf-8"),
        _SOURCES: _sources(sorted(tables)),
        **blank,
        f"{_BLANK}score-sheet.xlsx": score_sheet(),
        NOTEBOOK: to_json(_notebook(name)),
    }


def _files(folder: Traversable, above: str = "") -> dict[str, bytes]:
    """Read the files of a folder and those within it, by path, in the order of their names."""
    found: dict[str, bytes] = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{above}{entry.name}"
        found |= _files(entry, f"{path}/") if entry.is_dir() else {path: entry.read_bytes()}
    return found


def _sources(tables: list[str]) -> bytes:
    """List the files of a template: every one is made up, and to be replaced."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    pairs = [("content", "content_en"), ("origin_zh", "origin"), ("licence_zh", "licence")]
    told = {
        column: say(f"template.made_up.{zh.partition('_')[0]}", lang)
        for zh, en in pairs
        for column, lang in zip((zh, en), LANGUAGES, strict=True)
    }
    writer.writerow(("file", *told, "basis", "use"))
    for table in tables:
        writer.writerow((table, *told.values(), "illustrative", ""))
    return stream.getvalue().encode("utf-8")


def _notebook(name: str) -> dict[str, object]:
    cells: list[dict[str, object]] = [
        {"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {name}"}
    ]
    cells += [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for number, source in enumerate(_CELLS, start=1)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
