"""``siting lab``: the notebooks in JupyterLab, or each written as one page that opens offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from siting.commands.browser.needs import need
from siting.messages import refusal
from siting.outputs.inlining import document, policy
from siting.outputs.write_files import write_file
from siting.scenario.toml_files import DEFAULT_STUDY, SCENARIOS

if TYPE_CHECKING:
    from siting.types import Json, Language

LOCALES: Mapping[Language, str] = {"zh": "zh_CN", "en": "default"}
"""Language → what JupyterLab calls it."""

NOTEBOOKS, FIRST_PAGE = "notebooks", "00-start-here.ipynb"
"""Folder beside the data, and the notebook that opens first."""

LONGEST_CELL_S = 600
"""Seconds that a cell of an exported notebook may take."""

SHOWN_FIRST = ("text/html", "image/png", "image/svg+xml", "text/plain")
"""Kinds of output that a page shows, the preferred first: no widget moves without a kernel."""

_STYLE = """
body{max-width:1000px;margin:0 auto;padding:1rem;color:#1b2733;font:15px/1.6 "PingFang SC","Microsoft YaHei",
"Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif}
pre{overflow:auto;background:#f5f3ee;padding:.4rem .7rem;font-size:13px}
.jp-InputPrompt,.jp-OutputPrompt,.jp-InputCollapser,.jp-OutputCollapser,.anchor-link{display:none}
img{max-width:100%}
table{border-collapse:collapse;font-size:13px}
th,td{border:1px solid #d9d4c9;padding:.15rem .5rem}
"""


def open_lab(arguments: Sequence[str], lang: Language) -> int:
    """Open JupyterLab at the study, so that data, maps and notebooks are seen; return its exit code.

    Parameters
    ----------
    arguments : passed on to JupyterLab
    lang : of its interface, as long as the planner has chosen none there

    Raises
    ------
    InstallationError
        JupyterLab is not installed.
    """
    need("E908", "jupyterlab")
    root = lab_root()
    command = [sys.executable, "-m", "jupyterlab", str(root)]
    if (root / NOTEBOOKS / FIRST_PAGE).is_file():
        command.append(f"--LabApp.default_url=/lab/tree/{NOTEBOOKS}/{FIRST_PAGE}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:  # in a container there is often nobody else
        command.append("--allow-root")
    with TemporaryDirectory() as folder:
        Path(folder, "overrides.json").write_text(json.dumps(_settings(lang)), encoding="utf-8")
        command += [f"--LabApp.app_settings_dir={folder}", *arguments]
        return subprocess.run(command, check=False).returncode


def lab_root() -> Path:
    """Return the folder of the study: where the user stands if it is one, else the checkout's."""
    here, beside = Path.cwd(), DEFAULT_STUDY.with_name(NOTEBOOKS)
    is_study = (here / SCENARIOS).is_dir()
    return here if is_study or not beside.is_dir() else beside.parent


def _settings(lang: Language) -> dict[str, Json]:
    """Set, until the planner sets others, the language, and that no news comes from the network."""
    return {
        "@jupyterlab/translation-extension:plugin": {"locale": LOCALES[lang]},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }


def export_notebooks(folder: Path, out: Path, lang: Language) -> list[Path]:
    """Run every notebook of a folder, and write each as a page that opens offline.

    Raises
    ------
    InstallationError
        The packages of ``siting[notebooks]`` are not installed.
    InputError
        There is no notebook, or one does not run.
    OutputError
        A page cannot be written.
    """
    need("E908", "nbconvert", "nbclient", "ipykernel")
    notebooks = sorted(folder.glob("*.ipynb"))
    if not notebooks:
        raise refusal(str(folder), "E849")
    return [_exported(path, out / f"{path.stem}.html", lang) for path in notebooks]


def _exported(path: Path, page: Path, lang: Language) -> Path:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(
        notebook, timeout=LONGEST_CELL_S, kernel_name="python3", resources=resources, store_widget_state=False
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise refusal(path.name, "E847", reason=f"{error.ename}: {error.evalue}") from error
    write_file(page, offline_page(notebook, path.stem, lang).encode("utf-8"))
    return page


def offline_page(notebook: Json, title: str, lang: Language) -> str:
    """Write a notebook with its outputs as one page that asks the network for nothing."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    settings = Config({"NbConvertBase": {"display_data_priority": list(SHOWN_FIRST)}})
    body, _ = HTMLExporter(config=settings, template_name="basic").from_notebook_node(notebook)
    # Frames take over the policy of the page they stand in, and add their own.
    admitted = policy(
        [],
        script_src="'unsafe-inline'",
        style_src="'unsafe-inline'",
        img_src="data: blob:",
        font_src="data:",
    )
    return document(title, body, _STYLE, admitted, lang)
