"""What READMEs and documentation tell people to type, tried against the program."""

import shlex

from typer.testing import CliRunner

import go
from siting.cli import app

OF_THE_CHECKOUT = ("test", "docs")
"""Jobs of `go.py` itself, each with an extra of its name."""


def check_command(command: str) -> None:
    """Fail unless a ``python3 go.py …`` exists and takes its options."""
    job, *arguments = shlex.split(command)[2:] or ["run"]
    if job in OF_THE_CHECKOUT:
        assert go.EXTRAS[job] == job
        return
    shown = CliRunner().invoke(app, [job, "--help"])
    assert shown.exit_code == 0
    options = [argument for argument in arguments if argument.startswith("--")]
    assert all(option in shown.output for option in options)
