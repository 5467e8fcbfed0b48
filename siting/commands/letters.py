"""Study → letters to the departments, written into a folder and listed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from siting.commands.console import print_json, print_lines, ready_folder, worded

if TYPE_CHECKING:
    from siting.scenario.model import Scenario
    from siting.types import Language


def write_letters(scenario: Scenario, folder: Path, *, as_json: bool, lang: Language) -> None:
    """Write a letter a department and the table of replies, and say what to do with them."""
    from siting.outputs.letters.write_letters import letter_files, letters_of, reply_file
    from siting.outputs.write_files import write_files
    from siting.planner import study_of

    ready_folder(folder, lang)
    inputs = study_of(scenario).inputs
    files = letter_files(scenario, inputs)
    write_files(folder, files)
    if as_json:
        listed = [
            {"department": letter.department, "file": letter.file}
            | {"sites": list(letter.sites), "conditions": list(letter.conditions)}
            for letter in letters_of(inputs)
        ]
        print_json({"letters": listed, "replies": reply_file()})
        return
    hint = worded("P249", lang, file=folder / reply_file())
    print_lines([*(str(folder / name) for name in files), hint])
