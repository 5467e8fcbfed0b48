"""Notebooks as pages: run, drawn, offline; what does not run is named."""

import nbformat
import pytest

from siting.commands.browser import lab, needs
from siting.types import InputError, InstallationError
from tests.outputs.conftest import browser, opened  # noqa: F401 - fixtures of pages

MAP = """import siting
m = siting.OfflineMap([40.05, 117.4], zoom_start=9)
m"""


def write(folder, *cells):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_markdown_cell("# 题\n\n[x](javascript:parent.ran=1)")]
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, folder / "01-一.ipynb")


@pytest.mark.browser
def test_a_notebook_becomes_a_page_with_its_map_drawn(tmp_path, opened):  # noqa: F811
    write(tmp_path, MAP)
    (page,) = lab.export_notebooks(tmp_path, tmp_path / "out", "zh")
    assert page == tmp_path / "out" / "01-一.html"
    tab = opened(page.read_text(encoding="utf-8"))
    frame = tab.frame_locator("iframe")
    frame.locator(".leaflet-control-zoom").wait_for()
    assert tab.locator("h1").inner_text().startswith("题")
    told = [text for text in tab.seen if text.startswith("http")]
    assert told == []


def test_a_notebook_that_does_not_run_is_named(tmp_path):
    write(tmp_path, "1 / 0")
    with pytest.raises(InputError, match="01-一.ipynb: does not run: ZeroDivisionError"):
        lab.export_notebooks(tmp_path, tmp_path, "zh")
    assert not list(tmp_path.glob("*.html"))


def test_without_notebooks_or_packages_a_message_says_so(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="no notebook lies there"):
        lab.export_notebooks(tmp_path, tmp_path, "zh")
    monkeypatch.setattr(needs.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InstallationError):
        lab.export_notebooks(tmp_path, tmp_path, "zh")


def test_the_study_is_the_root(tmp_path, monkeypatch):
    from tests.paths import ROOT

    monkeypatch.chdir(tmp_path)
    assert lab.lab_root() == ROOT, "the checkout, wherever the user stands"
    (tmp_path / "data" / "scenarios").mkdir(parents=True)
    assert lab.lab_root() == tmp_path
