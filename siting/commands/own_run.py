"""A list on the command line → where its run goes, what goes along, and what to type where it was refused."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siting.messages import Text, command, error_of, refusal, said, text_of
from siting.outputs.save import MANIFEST
from siting.scenario.own_list import SYSTEMS
from siting.types import InputError, Json

ASKS_FOR_CRS = frozenset({"E581", "E582", "E583"})
"""Refusals that a coordinate system settles."""


def free_folder(folder: Path, list_sha256: str) -> Path:
    """Return the folder of a list's run: `folder`, or one beside it where another list's run lies there."""
    try:
        is_own = read_manifest(folder)["register"] == list_sha256
    except InputError:
        return folder
    return folder if is_own else folder.with_name(f"{folder.name}-{list_sha256[:6]}")


def read_manifest(folder: Path) -> dict[str, Json]:
    """Return what the manifest of a run tells of its ``scenario, register, settings``.

    Raises
    ------
    InputError
        No run lies in the folder.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        name, register = found["scenario"], found["files"]["enterprises"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        raise refusal(folder.name, "E674", manifest=MANIFEST) from None
    return {"scenario": name, "register": register, "settings": found.get("scenario_sha256")}


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
