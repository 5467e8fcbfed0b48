"""The commands ``siting lab`` and ``siting app``; what they need is imported when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siting.commands.console import print_lines, ready_folder
from siting.commands.shared_options import Lang, Speak

PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Settings of a command that hands options which it does not know to another program."""


def lab(
    context: typer.Context,
    export: Annotated[Path | None, typer.Option("--export", metavar="DIR")] = None,
    lang: Speak = Lang.zh,
) -> None:
    """Open the notebooks in JupyterLab, whose options may follow; or write each as one offline page."""
    from siting.commands.browser.lab import NOTEBOOKS, export_notebooks, lab_root, open_lab
    from siting.messages import refusal

    if export is None:
        raise SystemExit(open_lab(context.args, lang.value))
    if context.args:
        raise refusal("", "E848", given=" ".join(context.args))
    ready_folder(export, lang.value)
    print_lines(map(str, export_notebooks(lab_root() / NOTEBOOKS, export, lang.value)))


def app(context: typer.Context, lang: Speak = Lang.zh) -> None:
    """Open the form in the browser through voila, whose options may follow."""
    from siting.commands.browser.form_page import open_app

    raise SystemExit(open_app(context.args, lang.value))
