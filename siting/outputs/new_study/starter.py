"""The default study and the data dictionary → the files of a new study: scenario, blank tables, notebook."""

from __future__ import annotations

import re
from pathlib import Path

from siting.messages import refusal
from siting.outputs.new_study.templates import TEMPLATES, score_sheet, template
from siting.outputs.write_files import check_folder, check_name, to_json, write_file
from siting.scenario.toml_files import DEFAULT, DEFAULT_STUDY

SCENARIO = "data/scenarios/base.toml"
NOTEBOOK = "notebooks/01-first-look.ipynb"
_OWN_FILES = {"boundary": "boundary.geojson", "roads": "roads.osm.pbf"}
"""What a planner brings along besides tables: the county's outline and an OpenStreetMap extract."""
_CELLS = (
    f'import siting\n\nstudy = siting.load("../{SCENARIO}")\nstudy.enterprises.head()',
    "result = study.run()\nresult.table",
    'print("\\n".join(result.explain()))',
    "result.explore()",
)


def write_study(folder: Path) -> list[Path]:
    """Write a new study into a folder and return its files.

    Weights, criteria and settings start as in the default study; its figures come along, each still with
    its source, its places and firms do not.

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
    contents = _contents(name)
    there = [path for path in contents if (folder / path).exists()]
    if there:
        raise refusal(folder.name, "E688", files=", ".join(there))
    for path, content in contents.items():
        write_file(folder / path, content)
    return [folder / path for path in contents]


def _contents(name: str) -> dict[str, bytes]:
    raw, sources = DEFAULT_STUDY / "raw", DEFAULT_STUDY / "sources.csv"
    heading = sources.read_text(encoding="utf-8-sig").splitlines()[0]
    return {
        SCENARIO: _scenario(name).encode("utf-8"),
        **{f"data/raw/{table}.xlsx": template(table) for table in TEMPLATES},
        "data/raw/score-sheet.xlsx": score_sheet(),
        "data/raw/parameters.csv": (raw / "parameters.csv").read_bytes(),
        "data/sources.csv": f"{heading}\n".encode("utf-8-sig"),
        NOTEBOOK: to_json(_notebook(name)),
    }


def _scenario(name: str) -> str:
    """Return the default scenario with a name of its own and the new files in ``[data]``."""
    text = DEFAULT.read_text(encoding="utf-8-sig")
    files = {**{table: f"{table}.xlsx" for table in TEMPLATES}, **_OWN_FILES}
    values = dict.fromkeys(("name", "title_zh", "title_en"), name)
    values |= {key: f"../raw/{file}" for key, file in files.items()}
    for key, value in values.items():
        # Sections have keys of the same names: the first line with a text is the one at the top or in [data].
        text = re.sub(rf'^{key} = ".*$', f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
    return re.sub(r"^context = .*\n", "", text, flags=re.MULTILINE)


def _notebook(name: str) -> dict[str, object]:
    cells = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {name}"}]
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
