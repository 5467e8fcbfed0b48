"""What a list names and the study does not know → a choice for each, and the table that hands them on."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from siting.analysis.frames import words
from siting.inputs.places.region import TOWNSHIPS
from siting.inputs.tables.references import uncovered
from siting.outputs.text.wording import bilingual, say
from siting.study.read_inputs import named_towns
from siting.widgets.panel import HALF, WIDE, toolkit

if TYPE_CHECKING:
    from siting.planner import Study
    from siting.types import Json, Language, Table

MOST_FIRMS = 3
"""Firms that are named beside a choice."""

UNREADABLE = ("E212", "E221")
"""What the reader says of a code that it takes for missing."""

Firms = Mapping[str, tuple[str, ...]]
"""As the list writes it → the names of the firms that carry it."""


class Assignments:
    """A drop-down for each township and each industry code of a list that the study does not know.

    Attributes
    ----------
    towns, codes : as the list writes it → its drop-down
    box : all of them, each with the firms that carry it
    """

    def __init__(self, study: Study, lang: Language) -> None:
        self.study, self.lang = study, lang
        self.box = toolkit().VBox([])
        self.clear()

    def clear(self) -> None:
        """Forget what was asked, for another list."""
        self.towns: dict[str, Json] = {}
        self.codes: dict[str, Json] = {}
        self.box.children = []

    def ask(self, table: Table) -> bool:
        """Lay out a choice for each unknown name and code of a list; tell whether one is left unassigned."""
        inputs = self.study.inputs
        self._lay_out(self.towns, unknown_towns(table, inputs.places), self._known_towns())
        self._lay_out(self.codes, unknown_codes(table, inputs.industries), self._known_codes())
        return any(not box.value for box in (*self.towns.values(), *self.codes.values()))

    @property
    def assigned_towns(self) -> dict[str, str]:
        """Township as the list writes it → the name chosen."""
        return {written: box.value for written, box in self.towns.items() if box.value}

    @property
    def assigned_codes(self) -> dict[str, str]:
        """Industry code as the list writes it → the code chosen."""
        return {written: box.value for written, box in self.codes.items() if box.value}

    def write(self, folder: Path) -> Path | None:
        """Write what was assigned as a table of aliases; None where nothing was."""
        assigned = {**self.assigned_towns, **self.assigned_codes}
        if not assigned:
            return None
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["alias", "name"])
        rows.writerows(assigned.items())
        path = folder / "aliases.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    def _lay_out(self, boxes: dict[str, Json], unknown: Firms, known: list[tuple[str, str]]) -> None:
        w = toolkit()
        for written, firms in unknown.items():
            if written not in boxes:
                boxes[written] = w.Dropdown(options=known, description=written, style=WIDE, layout=HALF)
                carriers = w.HTML(html.escape(_carriers(firms, self.lang)))
                self.box.children = [*self.box.children, w.HBox([boxes[written], carriers])]

    def _known_towns(self) -> list[tuple[str, str]]:
        places = self.study.inputs.places
        names = sorted(places.loc[places["kind"].isin(TOWNSHIPS), "name"].dropna().astype(str))
        return [(say("form.unassigned", self.lang), ""), *((name, name) for name in names)]

    def _known_codes(self) -> list[tuple[str, str]]:
        """Offer the industries of the study by name, each with a code that is read as its own."""
        known = [(say("form.other_industry", self.lang), "")]
        for row in self.study.inputs.industries.itertuples():
            code = next(filter(_is_plain, (*words(row.codes), *words(row.register_codes))), "")
            name = bilingual(row.name, row.name_en)[self.lang]
            known += [(say("form.industry", self.lang, name=name, code=code), code)] if code else []
        return known


def unknown_towns(table: Table, places: pd.DataFrame) -> Firms:
    """Find the townships that a list names and the table of places does not, set aside or not."""
    parts = [table.frame[["town", "name"]]]
    headings = table.headings
    if (town := headings.get("town")) in table.set_aside:
        name = table.set_aside.get(headings.get("name", ""), pd.Series("", table.set_aside.index))
        parts.append(pd.DataFrame({"town": table.set_aside[town], "name": name}))
    named = named_towns(pd.concat(parts).dropna(subset=["town"]), places)
    towns = named["town"].astype(str).str.strip()
    is_known = towns.isin({"", *places["name"].astype(str)})
    return _by_value(zip(towns[~is_known], named["name"][~is_known], strict=True))


def unknown_codes(table: Table, industries: pd.DataFrame) -> Firms:
    """Find the industry codes of the rows kept that no industry covers, and what is no code at all."""
    lost = uncovered(table.frame, industries)
    found = [*zip(lost["industry"].astype(str), lost["name"], strict=True)]
    names = dict(zip(_places(table.frame), table.frame["name"], strict=True))
    for issue in table.issues:
        place = (issue.sheet if "sheet" in table.frame else None, issue.row)
        if issue.code in UNREADABLE and issue.value and place in names:
            found.append((issue.value.strip(), names[place]))
    return _by_value(found)


def _places(frame: pd.DataFrame) -> Iterator[tuple[str | None, int]]:
    sheets = frame["sheet"].tolist() if "sheet" in frame else [None] * len(frame)
    return zip(sheets, frame["row"].tolist(), strict=True)


def _by_value(pairs: Iterable[tuple[str, object]]) -> Firms:
    found: dict[str, list[str]] = {}
    for written, name in pairs:
        found.setdefault(written, []).append(str(name))
    return {written: tuple(names) for written, names in sorted(found.items(), key=_most_first)}


def _most_first(unknown: tuple[str, list[str]]) -> tuple[int, str]:
    written, firms = unknown
    return -len(firms), written


def _carriers(firms: tuple[str, ...], lang: Language) -> str:
    """Count the firms that carry a name or code, and name the first."""
    names = say("joiner", lang).join(firms[:MOST_FIRMS])
    more = "…" if len(firms) > MOST_FIRMS else ""
    return say("form.carriers", lang, n=len(firms), names=names + more)


def _is_plain(code: str) -> bool:
    """Whether a list may write a code as it is: of three digits, one may be lost."""
    return code.isdigit() and len(code) in (2, 4)
