"""Conditions of a study → a letter to each department, and the table that takes up the replies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.outputs.letters.official_document import BODY, HEADING, PAGE_NUMBER, TITLE, OfficialDocument
from siting.outputs.new_study.templates import template
from siting.outputs.text.cells import cell_text, plain
from siting.outputs.text.wording import label, say
from siting.study.adapt import fingerprint

if TYPE_CHECKING:
    import pandas as pd

    from siting.scenario.model import Scenario
    from siting.types import Inputs

_UNSAFE = re.compile(r'[<>:"/\\|?*\s]')
_LONGEST = 40
"""Characters of a department in the name of its file."""


@dataclass(frozen=True)
class Letter:
    """What is asked of one department."""

    department: str
    sites: tuple[str, ...]
    conditions: tuple[str, ...]
    file: str


def letters_of(inputs: Inputs) -> list[Letter]:
    """Return the letters of a study: its departments in the order of the conditions.

    Raises
    ------
    InputError
        No condition is asked of any site.
    """
    table = inputs.conditions
    if table.empty:
        raise refusal("", "R248")
    departments = (
        table["department"].astype(object).where(table["department"].notna(), say("letter.unknown", "zh"))
    )
    found = []
    for number, department in enumerate(dict.fromkeys(departments), 1):
        own = table[departments == department]
        name = _UNSAFE.sub("_", plain(str(department)))[:_LONGEST].strip("._ ")
        found.append(
            Letter(
                str(department),
                tuple(dict.fromkeys(own["site"])),
                tuple(dict.fromkeys(own["condition"])),
                say("letter.file", "zh", n=f"{number:02}", department=name) + ".docx",
            )
        )
    return found


def letter_files(scenario: Scenario, inputs: Inputs) -> dict[str, bytes]:
    """Return a Word file a department and the table of replies, by file name."""
    letters = letters_of(inputs)
    files = {letter.file: _letter(letter, scenario, inputs) for letter in letters}
    return files | {reply_file(): template("replies", _reply_rows(letters, inputs))}


def reply_file() -> str:
    """Name the table that takes up the replies."""
    return say("letter.replies", "zh") + ".xlsx"


def _letter(letter: Letter, scenario: Scenario, inputs: Inputs) -> bytes:
    fonts = {role: say(f"letter.font.{role}", "zh") for role in (TITLE, BODY, HEADING, PAGE_NUMBER)}
    study = scenario.title_zh
    document = OfficialDocument(say("letter.title", "zh"), fonts)
    if scenario.demonstration and fingerprint(inputs.enterprises) in scenario.demonstration.registers:
        document.body(say("letter.demo", "zh"), indent=0, align="CENTER")
    document.body("", indent=0)
    document.body(say("letter.to", "zh", department=letter.department), indent=0)
    document.body(say("letter.opening", "zh", study=study))
    document.heading(say("letter.sites", "zh", n=len(letter.sites)))
    heads = [
        say(f"letter.head.{name}", "zh") for name in ("number", "site", "town", "place", "area", "supply")
    ]
    document.table(heads, _site_rows(letter, inputs), (12, 44, 26, 36, 18, 20))
    document.heading(say("letter.conditions", "zh", n=len(letter.conditions)))
    for number, condition in enumerate(letter.conditions, 1):
        document.body(_asked(number, condition, letter, inputs))
    document.heading(say("letter.how", "zh"))
    for key in ("letter.how.words", "letter.how.number", "letter.how.effect"):
        document.body(say(key, "zh"))
    document.body("")
    for key in ("letter.sender", "letter.date"):
        document.body(say(key, "zh"), align="RIGHT")
    document.new_page()
    document.body(say("letter.attachment", "zh"), indent=0)
    document.title(say("letter.slip", "zh"))
    heads = [say(f"letter.head.{name}", "zh") for name in ("site", "condition", "verdict", "opinion")]
    document.table(heads, _slip_rows(letter, inputs), (42, 38, 34, 42))
    for key in ("letter.slip.number", "letter.slip.date", "letter.slip.seal"):
        document.body(say(key, "zh"), indent=0)
    return document.to_bytes()


def _site_rows(letter: Letter, inputs: Inputs) -> list[list[str]]:
    rows = []
    for number, site in enumerate(letter.sites, 1):
        row = inputs.sites.loc[site]
        place = say("letter.place", "zh", lon=f"{row['lon']:.5f}", lat=f"{row['lat']:.5f}")
        provision = row["land_provision"]
        rows.append(
            [
                str(number),
                str(row["name"]),
                _text(row["town"]),
                place if row["lon"] == row["lon"] else "",
                f"{row['land_area_mu']:g}" if row["land_area_mu"] == row["land_area_mu"] else "",
                cell_text("land_provision", provision, "zh") if isinstance(provision, str) else "",
            ]
        )
    return rows


def _asked(number: int, condition: str, letter: Letter, inputs: Inputs) -> str:
    """Word one condition with the evidence that would decide it, and the remarks on single sites."""
    table = inputs.conditions
    own = table[(table["condition"] == condition) & table["site"].isin(letter.sites)]
    text = say("letter.asked", "zh", n=number, condition=label("condition", condition, "zh"))
    evidence = list(dict.fromkeys(own["evidence_zh"].dropna()))
    if evidence:
        text = say("letter.evidence", "zh", text=text, evidence=evidence[0])
    notes = [
        say("letter.note", "zh", site=inputs.sites["name"][site], note=note)
        for site, note in zip(own["site"], own["note_zh"], strict=True)
        if isinstance(note, str)
    ]
    return text + "".join(notes)


def _slip_rows(letter: Letter, inputs: Inputs) -> list[list[str]]:
    names = inputs.sites["name"]
    choice = say("letter.choice", "zh")
    return [
        [str(names[site]), label("condition", condition, "zh"), choice, ""]
        for site, condition in _pairs(letter, inputs.conditions)
    ]


def _pairs(letter: Letter, table: pd.DataFrame) -> list[tuple[str, str]]:
    stated = set(zip(table["site"], table["condition"], strict=True))
    return [
        (site, condition)
        for site in letter.sites
        for condition in letter.conditions
        if (site, condition) in stated
    ]


def _reply_rows(letters: list[Letter], inputs: Inputs) -> list[dict[str, str]]:
    """Return the rows to fill in; no reply of a department is taken for granted."""
    names = inputs.sites["name"]
    return [
        {
            "department": plain(letter.department),
            "site": plain(str(names[site])),
            "condition": label("condition", condition, "zh"),
        }
        for letter in letters
        for site, condition in _pairs(letter, inputs.conditions)
    ]


def _text(cell: object) -> str:
    return cell if isinstance(cell, str) else ""
