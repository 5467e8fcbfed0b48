"""``siting app``: the form as a page of its own, served by voila on this machine alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from siting.commands.browser.needs import need
from siting.commands.console import say_aside, worded
from siting.commands.shared_options import scenario_file
from siting.outputs.inlining import policy
from siting.outputs.text.wording import say
from siting.widgets.form import form

if TYPE_CHECKING:
    from siting.types import Json, Language

TEMPLATE = "siting"
"""Name of the page's template among voila's."""

NEEDED = ("voila", "ipywidgets", "ipykernel")
"""Packages of ``siting[app]``."""

LARGEST_LIST = 300_000_000
"""Bytes of a list that can be uploaded; the server's own limit is a thirtieth of it."""

SOURCES: Mapping[str, str] = {
    # Voila's bundles are many and change with its versions; maps stand in frames that add their policies.
    "script_src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style_src": "'self' 'unsafe-inline'",
    "img_src": "'self' data: blob:",
    "font_src": "'self' data:",
    "connect_src": "'self' ws://localhost:* ws://127.0.0.1:*",
}
"""What the page may load: nothing but from the server that it comes from."""


def open_app(arguments: Sequence[str], lang: Language) -> int:
    """Serve the form for the study at hand, and open it in the browser; return voila's exit code.

    Parameters
    ----------
    arguments : passed on to voila
    lang : of the form

    Raises
    ------
    InstallationError
        A package of ``siting[app]`` is not installed.
    ScenarioError, InputError
        The study's scenario or a table of it is wrong, or it is no study of enterprises.
    """
    need("E862", *NEEDED)
    scenario = scenario_file(None).resolve()
    form(scenario, lang=lang)  # what is wrong with the study is told here: the page could not
    with TemporaryDirectory() as folder:
        with as_file(files("siting.commands.browser") / "page") as page:
            shutil.copytree(page, Path(folder, "voila", "templates", TEMPLATE))
        settings = {"Voila": {"tornado_settings": {"websocket_max_message_size": LARGEST_LIST}}}
        Path(folder, "voila.json").write_text(json.dumps(settings), encoding="utf-8")
        notebook = Path(folder, f"{TEMPLATE}.ipynb")
        notebook.write_text(json.dumps(form_notebook(scenario, lang)), encoding="utf-8")
        paths = {name: _before(folder, name) for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH")}
        environment = {**os.environ, **paths}
        command = [sys.executable, "-m", "voila", str(notebook), f"--template={TEMPLATE}", *arguments]
        say_aside(worded("P860", lang))
        return subprocess.run(command, env=environment, check=False).returncode


def _before(folder: str, name: str) -> str:
    """Put a folder before those that an environment variable lists."""
    return os.pathsep.join(filter(None, (folder, os.environ.get(name, ""))))


def form_notebook(scenario: Path, lang: Language) -> Json:
    """Return the notebook that voila shows: the form alone."""
    code = f"from siting import form\nform({str(scenario)!r}, lang={lang!r})"
    own = {"policy": policy([], **SOURCES), "loading": say("app.loading", lang)}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    title = say("app.title", lang)
    head = {"cell_type": "markdown", "source": f"# {title}", "metadata": {}}
    cell: Json = {"cell_type": "code", "source": code, "metadata": {}, "outputs": [], "execution_count": None}
    return {
        "cells": [head, cell],
        "metadata": {"kernelspec": kernel, "title": title, "siting": own},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
