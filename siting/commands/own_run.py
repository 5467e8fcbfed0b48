"""A list or table on the command line → how a study reads it, and what to type where it was refused."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from siting.commands.console import say_aside, worded
from siting.commands.shared_options import scenario_file
from siting.messages import Text, command, error_of, said, text_of
from siting.scenario.own_list import SYSTEMS
from siting.types import InputError, SitingError

if TYPE_CHECKING:
    from siting.inputs.sections import Register
    from siting.types import Language

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


def own_reading(file: Path, table: str, scenario: Path | None, lang: Language) -> tuple[Path, Register]:
    """Find the study that a table is of, and how it reads it; tell so on standard error.

    Without a scenario it is looked for around the table; a table that is no study's own belongs to the one at
    hand and is read as the options alone say.
    """
    from siting.inputs.sections import Register
    from siting.scenario.build import read_scenario
    from siting.scenario.toml_files import base_in
    from siting.study.read_inputs import stated_reading

    at_hand = scenario_file(scenario)
    around = () if scenario else (base_in(*file.resolve().parents),)
    for study in dict.fromkeys((at_hand, *around)):
        try:
            reading = stated_reading(read_scenario(study), table, file)
        except SitingError:
            continue  # what ails the study is told by its run
        if reading is not None:
            stated = reading.model_dump(mode="json", exclude_defaults=True, exclude={"spread", "origin"})
            settings = "; ".join(f"{key} = {value}" for key, value in stated.items())
            if settings:
                say_aside(worded("P193", lang, file.name, study=study.name, settings=settings))
            return study, reading
    return at_hand, Register()


def command_line(arguments: list[str]) -> str:
    """Write the command that a planner types, for the shell at hand."""
    parts = [*command().split(), *arguments]
    return subprocess.list2cmdline(parts) if sys.platform == "win32" else shlex.join(parts)
