"""What was found in a file → `Issue` records, worded from one table (`messages.csv`), in both languages."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from siting.messages import Text, messages
from siting.types import Issue, Severity

IGNORED_LINE = "E324"
"""Ignored lines are listed one by one, however many: rows have to add up."""
MOST_NOTES = 1000
"""Notes of one kind that are listed; set-aside rows and changed values are all listed."""
SHEET_ROWS = 10_000_000
"""Where the sheets of a workbook are read as one table, the rows of the next begin so many further down."""
VALUE_LENGTH = 80
"""Longest value that a message shows, characters."""


def shown(value: object) -> str:
    """Show a value as a message does: cut at 80 characters, control characters written out."""
    text = str(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(c) for c in text[:VALUE_LENGTH])
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 1] + "…"


def _escaped(character: str) -> str:
    blank = unicodedata.category(character) == "Zs"
    return character if blank else f"\\u{ord(character):04x}"


def sets_aside(code: str) -> bool:
    """Tell whether a row of which this is said is not used."""
    return messages()[code]["severity"] == "set_aside"


@dataclass
class IssueLog:
    """Collects the issues of one file; the words come from `messages.csv`."""

    file: str
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    """Names of the sheets that are read as one table; empty for one sheet."""
    issues: list[Issue] = field(default_factory=list)
    noted: Counter[str] = field(default_factory=Counter)
    """Notes on single rows so far, by code."""

    def place(self, row: int) -> tuple[str | None, int]:
        """Give sheet and row, as a planner sees them, of a row of the whole table."""
        if not self.sheets:
            return self.sheet, int(row)
        at, own = divmod(int(row), SHEET_ROWS)
        return self.sheets[at], own

    def shown_row(self, row: int) -> str:
        """Show a row within a text, with its sheet where there are several: ``城关镇!12``."""
        sheet, own = self.place(row)
        return f"{sheet}!{own}" if self.sheets else str(own)

    def add(
        self,
        code: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        **words: object,
    ) -> None:
        """Record one issue; ``words`` fill the places of the message."""
        self.add_rows(code, [row], column, None if value is None else [value], **words)

    def add_rows(
        self,
        code: str,
        rows: Iterable[int | None],
        column: str | None = None,
        values: Iterable[object] | None = None,
        **words: object,
    ) -> None:
        """Record the same issue for several rows; a list among ``words`` gives each row its own."""
        message = messages()[code]
        rows = [None if row is None else int(row) for row in rows]
        values = None if values is None else list(values)
        if message["severity"] == "note" and code != IGNORED_LINE:
            listed = max(0, MOST_NOTES - self.noted[code])
            self.noted[code] += len(rows)
            rows, values = rows[:listed], values if values is None else values[:listed]
            words = {name: word[:listed] if isinstance(word, list) else word for name, word in words.items()}
        firsts = words.get("first")
        if self.sheets and isinstance(firsts, list):
            words["first"] = [self.shown_row(row) for row in firsts]
        texts = [None if values is None else shown(values[i]) for i in range(len(rows))]
        each = {name: word for name, word in words.items() if isinstance(word, list)}
        common = _filled(message, {name: word for name, word in words.items() if name not in each}, each)
        # The other severities of the table, of refusals and reports, never come here.
        severity = cast("Severity", message["severity"])
        for i, row in enumerate(rows):
            own = {name: word[i] for name, word in each.items()}
            action, action_zh, hint, hint_zh = (text.format(**own) for text in common) if own else common
            sheet, at = (self.sheet, None) if row is None else self.place(row)
            self.issues.append(
                Issue(
                    self.file, code, severity, action, sheet, at, column,
                    texts[i], hint or None, action_zh, hint_zh,
                )
            )  # fmt: skip

    def sorted(self) -> tuple[Issue, ...]:
        """Give all issues: those of the file first, then by row; notes beyond the limit as one count."""
        for code, count in self.noted.items():
            if count > MOST_NOTES:
                more = messages()["E399"]
                words = {"count": count - MOST_NOTES, "code": code}
                action, action_zh = (more[part].format(**words) for part in ("action", "action_zh"))
                self.issues.append(Issue(self.file, "E399", "note", action, self.sheet, action_zh=action_zh))
        order = {name: at for at, name in enumerate(self.sheets, 1)}
        return tuple(sorted(self.issues, key=lambda issue: (order.get(issue.sheet or "", 0), issue.row or 0)))


def _filled(
    message: Mapping[str, str], words: Mapping[str, object], each: Mapping[str, list[Any]]
) -> tuple[str, ...]:
    """Fill the words that all rows share; places of the others stay open."""
    places = {name: "{" + name + "}" for name in each}
    filled = []
    for part in ("action", "action_zh", "hint", "hint_zh"):
        own = {n: word[part.endswith("_zh")] if isinstance(word, Text) else word for n, word in words.items()}
        if each:
            own = {name: str(word).replace("{", "{{").replace("}", "}}") for name, word in own.items()}
        filled.append(message[part].format(**own, **places))
    return tuple(filled)
