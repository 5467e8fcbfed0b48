"""Every notebook is clean in git, small, and runs from top to bottom without a word on standard error."""

import ast
import html
import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.paths import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXPECTED = {"01-the-question.ipynb", "02-your-own-register.ipynb", "03-how-sure.ipynb"}


def source(cell) -> str:
    return "".join(cell["source"])


def code_cells(path: Path) -> list[dict]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_the_notebooks_are_there():
    assert {path.name for path in NOTEBOOKS} == EXPECTED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_clean_and_small(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = code_cells(path)
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert notebook["cells"][0]["cell_type"] == "markdown"
    assert len(code) <= 12
    assert set(notebook["metadata"]) <= {"kernelspec", "language_info"}
    assert path.stat().st_size < 20_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_cells_are_short_and_hold_no_logic(path):
    for cell in code_cells(path):
        assert len(source(cell).splitlines()) <= 15
        tree = ast.parse(source(cell))
        kinds = ast.FunctionDef | ast.ClassDef | ast.For | ast.While | ast.Try
        assert not [node for node in ast.walk(tree) if isinstance(node, kinds)], "move it into the library"
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert not [text for text in texts if re.search(r"[/\\]\w", text)], "no paths in notebooks"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_uses_public_names_only(path):
    import siting

    text = "\n".join(source(cell) for cell in code_cells(path))
    assert set(re.findall(r"\bsiting\.(\w+)", text)) <= set(siting.__all__)
    assert re.findall(r"^(?:from|import) .*", text, re.MULTILINE) == ["import siting"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_speaks_both_languages(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            assert re.search(r"[\u4e00-\u9fff]", source(cell))
            assert re.search(r"\n\*[^*]*[A-Za-z]{3}[^*]*\*$", source(cell)), (
                "English stands below, in italics"
            )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_runs_and_shows_nothing_from_elsewhere(path):
    before = sorted(FOLDER.parent.glob("*")) + sorted(FOLDER.glob("*"))
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": FOLDER}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    shown = html.unescape("".join(output.get("data", {}).get("text/html", "") for output in outputs))
    assert not re.search(r"""(?:src=["']|<link[^>]+|url\(["']?)https?:""", shown)
    assert sorted(FOLDER.parent.glob("*")) + sorted(FOLDER.glob("*")) == before, "a notebook wrote a file"


def test_the_story_shows_its_table_and_its_page():
    notebook = nbformat.read(FOLDER / "01-the-question.ipynb", as_version=4)
    shown = [source(cell) for cell in notebook.cells if cell["cell_type"] == "code"]
    assert any("result.table" in text for text in shown)
    assert any("result.explore()" in text for text in shown)
