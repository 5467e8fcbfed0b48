"""Delimited lines → cells, in the ways of quoting that programs have besides the standard one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

QUOTES = ('"', "'")
"""Quotation marks about a cell, the standard one first."""
_WRAPPED = re.compile(r'="((?:[^"]|"")*)"')
_APOSTROPHE = re.compile(r"'(?=[\d+-])[^']*")


@dataclass(frozen=True)
class Dialect:
    """What stands between cells, and what about them."""

    delimiter: str
    quote: str = '"'
    blanks: bool = False
    """Blanks stand before opening quotes."""

    def split(self, line: str) -> list[str]:
        """Split a line that breaks the standard: blanks about the quotes, quotes escaped by a backslash.

        A cell whose quotes do not close before the next separator is taken as it stands.
        """
        cells, at = [], 0
        line = line.rstrip("\r\n")
        while True:
            if found := _cell_in_quotes(self).match(line, at):
                text = found[1].replace(self.quote * 2, self.quote)
                cells.append(re.sub(rf"\\([\\{self.quote}])", r"\1", text))
                end = found.end()
            else:
                end = line.find(self.delimiter, at)
                end = len(line) if end < 0 else end
                cells.append(line[at:end])
            if end >= len(line):
                return cells
            at = end + 1

    def seen_in(self, lines: Sequence[str]) -> Dialect | None:
        """Give this dialect as the lines have it, with or without blanks; None if no cell is so quoted."""
        cell, found = _quoted_cell(self), None
        for line in lines:
            for match in cell.finditer(line) if self.quote in line else ():
                if match[1]:
                    return replace(self, blanks=True)
                found = self
        return found

    def lines_quoted(self, lines: Sequence[str]) -> int:
        """Count the lines in which several cells are quoted."""
        cell = _quoted_cell(self)
        return sum(self.quote in line and len(cell.findall(line)) > 1 for line in lines)


@lru_cache(maxsize=32)
def _quoted_cell(dialect: Dialect) -> re.Pattern[str]:
    """Match a quoted cell behind the start of its line or a separator, with the blanks before it."""
    quote, delimiter = map(re.escape, (dialect.quote, dialect.delimiter))
    return re.compile(rf"(?:^|(?<={delimiter}))( *){quote}[^{quote}]*{quote}\s*(?={delimiter}|$)")


@lru_cache(maxsize=32)
def _cell_in_quotes(dialect: Dialect) -> re.Pattern[str]:
    quote, delimiter = map(re.escape, (dialect.quote, dialect.delimiter))
    blank = r"[^\S\t]*" if dialect.delimiter == "\t" else r"\s*"
    inside = rf"(?:[^{quote}\\]|\\.|{quote}{quote})*"
    return re.compile(rf"{blank}{quote}({inside}){quote}{blank}(?={delimiter}|$)", re.DOTALL)


def unwrap(cells: list[str]) -> int:
    """Take off, in place, what only keeps text as text for Excel; count the cells.

    ``="0142"`` is a formula that gives a text, and an apostrophe before a number is none of its characters.
    """
    whole = "\n" + "\n".join(cells)
    if "\n=" not in whole and "\n'" not in whole and '="' not in whole:
        return 0  # nearly every column, at the price of one pass
    count = 0
    for i, cell in enumerate(cells):
        if cell[:1] == "=" and (found := _WRAPPED.fullmatch(cell.strip())):
            cells[i] = found[1].replace('""', '"')
        elif cell[:1] == "'" and _APOSTROPHE.fullmatch(cell):
            cells[i] = cell[1:]
        else:
            continue
        count += 1
    return count
