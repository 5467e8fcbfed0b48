"""A list on the command line → what to type where it was refused."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from siting.messages import Text, command, error_of, said, text_of
from siting.scenario.own_list import SYSTEMS
from siting.types import InputError

ASKS_FOR_CRS = frozenset({"E581", "E582", "E583"})
"""Refusals that a coordinate system settles."""


@contextmanager
def naming_commands(arguments: list[str]) -> Iterator[None]:
    """Add to a refusal that asks for a coordinate system the whole command for each system."""
    try:
        yield
    except InputError as error:
        if not ASKS_FOR_CRS & set(error.codes):
            raise
        commands = "\n".join(f"  {command_line([*arguments, '--crs', system])}" for system in SYSTEMS)
        ask, text = text_of("P112"), said(error)
        english, chinese = (f"{first}\n{head}\n{commands}" for first, head in zip(text, ask, strict=True))
        raise error_of(Text(english, chinese), issues=error.issues) from None


def command_line(arguments: list[str]) -> str:
    """Write the command that a planner types, for the shell at hand."""
    parts = [*command().split(), *arguments]
    return subprocess.list2cmdline(parts) if sys.platform == "win32" else shlex.join(parts)
