"""Every notebook is clean in git, small, and runs from top to bottom without a word on standard error."""

import ast
import html
import json
import re
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.outputs.frames import page_in
from tests.paths import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
EXPECTED = [
    "00-start-here", "01-question-and-data", "02-travel-times", "03-demand-and-coverage", "04-build-or-not",
    "05-where", "06-how-sure", "07-your-own-list",
]  # fmt: skip
LARGEST = 300_000
"""Bytes of a notebook with all that it shows, images as text."""
QUICK = """%reset -f
import siting.planner as planner
if not hasattr(planner, "shared"):
    def shared(path=planner.DEFAULT, whole=planner.load, kept={}, **more):
        key = (str(path), repr(more))
        if key not in kept:
            few = {"robustness.quick_seeds": 1, "robustness.joint_draws": 20}
            kept[key] = whole(path, **more).with_(settings=few)
        return kept[key]
    planner.load = planner.shared = shared
"""
"""Before each notebook: nothing left of the one before; studies read once for all, with few draws."""
SEEN = ("image/png", "application/vnd.jupyter.widget-view+json")
"""Kinds of output that are looked at, beside the frame of a map or page."""


def source(cell) -> str:
    return "".join(cell["source"])


def code_cells(path: Path) -> list[dict]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_the_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == EXPECTED


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


@pytest.fixture(scope="module")
def kernel():
    """One kernel for all notebooks, since starting and reading take most of the time."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(FOLDER))
    yield manager
    manager.shutdown_kernel(now=True)
    manager.context.destroy()


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda p: p.stem)
def executed(request, kernel):
    """A notebook run from top to bottom, its outputs as they are saved."""
    before = sorted(FOLDER.parent.glob("*")) + sorted(FOLDER.glob("*"))
    notebook = nbformat.read(request.param, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(QUICK))
    resources = {"metadata": {"path": str(FOLDER)}}
    client = NotebookClient(notebook, timeout=300, km=kernel, resources=resources, store_widget_state=False)
    client.execute()
    client.kc.stop_channels()
    assert sorted(FOLDER.parent.glob("*")) + sorted(FOLDER.glob("*")) == before, "a notebook wrote a file"
    del notebook.cells[0]
    return notebook


def outputs_of(cells):
    return [output for cell in cells for output in cell.get("outputs", [])]


def test_runs_and_shows_nothing_from_elsewhere(executed):
    outputs = outputs_of(executed.cells)
    assert [output["text"] for output in outputs if output.get("name") == "stderr"] == []
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    pages = [page_in(part) for part in re.findall("<iframe[^>]*>", shown)]
    text = html.unescape(shown) + "".join(pages)
    assert not re.search(r"""(?:src=["']|<link[^>]+|url\(["']?)https?:""", text)


def test_a_map_or_plot_stands_in_every_section(executed):
    sections = [[]]
    for cell in executed.cells[1:]:
        if cell.cell_type == "markdown":
            sections.append([])
        sections[-1].append(cell)
    assert len(sections) >= 3
    for section in sections[1:]:
        data = [output.get("data", {}) for output in outputs_of(section)]
        seen = [d for d in data if set(SEEN) & set(d) or "<iframe" in d.get("text/html", "")]
        assert seen, source(section[0]).splitlines()[0]


def test_saved_it_stays_small(executed):
    assert len(nbformat.writes(executed).encode("utf-8")) <= LARGEST


def test_a_list_of_ones_own_is_read_ranked_and_compared(executed):
    """In 07: the lists beside it, not the demonstration's; every kind of change is met."""
    if executed.cells[0]["id"] != "07-00":
        return
    told = str(outputs_of(executed.cells))
    assert "'kept': 60" in told
    assert "'set_aside': 1" in told
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs_of(executed.cells))
    pages = "".join(map(page_in, re.findall("<iframe[^>]*>", shown)))
    for change in ("新增 4", "注销 3", "迁移 2", "规模变化 1"):
        assert change in pages


def test_the_lists_beside_the_notebooks_are_fictional():
    for name in ("企业名单-十月.csv", "企业名单-十一月.csv"):
        lines = (FOLDER / name).read_text(encoding="utf-8-sig").splitlines()
        assert len(lines) > 55
        assert all(re.match(r"虚构\d{3}号厂,", line) for line in lines[1:])
