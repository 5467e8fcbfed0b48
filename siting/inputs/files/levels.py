"""Rows at the top of a table → its heading: which rows it takes, and one name a column, joined by merges."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from siting.inputs.files.raw import HEADING_SEARCH_ROWS, IsHeading, printable

Merge = tuple[int, int, int, int]
"""First row, first column, last row, last column: rows by their position in the list of rows."""

HEADING_SCORE = 2
"""Known headings that make a row a heading."""
MOST_LEVELS = 6
"""Rows that a heading may take; a merge over more of them is no part of it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading stands: positions in the list of rows searched, both ends included."""

    first: int
    last: int
    cells: tuple[str, ...]
    score: int


def find_heading(
    rows: Sequence[Sequence[str]], is_heading: IsHeading, merges: Sequence[Merge] = ()
) -> Heading | None:
    """Find the first row, or rows, that name enough known columns.

    The merges of a sheet tell first how many rows belong together. Where they tell nothing, several rows
    count as one heading only where their levels together name more columns than any of them alone, so that
    a title above a heading and a row of units below it stay what they are.
    """
    search = _Search(rows, is_heading, sorted(merges))
    for first in range(min(len(rows), HEADING_SEARCH_ROWS)):
        heading = search.by_merges(first) or search.by_count(first)
        if heading:
            return heading
    return None


@dataclass(frozen=True, slots=True)
class _Search:
    rows: Sequence[Sequence[str]]
    is_heading: IsHeading
    merges: Sequence[Merge]
    """Ascending."""
    scores: dict[int, int] = field(default_factory=dict)
    """Row → known headings in it, once counted."""

    def by_merges(self, first: int) -> Heading | None:
        """Take the rows that merges tie together, unless a lower row alone names more columns."""
        for last, surely in reversed(list(self._ends(first))):
            heading = self._joined(first, last)
            alone, *lower = map(self._alone, range(first, last + 1))
            enough = max(heading.score, alone if surely and heading.score else 0) >= HEADING_SCORE
            if enough and heading.score >= max(lower if surely else (alone, *lower)):
                return heading
        return None

    def by_count(self, first: int) -> Heading | None:
        """Take the rows whose levels together name more columns than any fewer of them."""
        best = Heading(first, first, tuple(self.rows[first]), self._alone(first))
        for last in range(first + 1, min(first + MOST_LEVELS, len(self.rows))):
            if any(map(self._alone, range(first, last + 1))):
                heading = self._joined(first, last)
                if heading.score < best.score:
                    break  # a row of data
                if heading.score > max(best.score, self._alone(last)):
                    lower = (self._joined(top, last).score for top in range(first + 1, last))
                    best = heading if heading.score > max(lower, default=0) else best
        return best if best.score >= HEADING_SCORE else None

    def _alone(self, row: int) -> int:
        if row not in self.scores:
            self.scores[row] = self.is_heading(self.rows[row])
        return self.scores[row]

    def _joined(self, first: int, last: int) -> Heading:
        within = [(top - first, left, bottom - first, right) for top, left, bottom, right in self.merges]
        cells = tuple(join_levels(self.rows[first : last + 1], within))
        return Heading(first, last, cells, self.is_heading(cells))

    def _ends(self, first: int) -> Iterator[tuple[int, bool]]:
        """Give the rows at which merges let a heading end, and whether they leave no choice."""
        last, surely = first, True
        while True:
            end = self._down(first, last)
            if end > last:
                yield end, surely
            beneath = self._beneath(first, end)
            if beneath is None:
                return
            last, surely = end + 1, surely and beneath
            if self._down(first, last) == last:
                yield last, surely

    def _down(self, first: int, last: int) -> int:
        """Follow the merges that reach down from rows of the heading."""
        end = last
        for top, _, bottom, _ in self.merges:
            if first <= top <= end < bottom < first + MOST_LEVELS:
                end = bottom
        return end

    def _beneath(self, first: int, row: int) -> bool | None:
        """Tell whether the next row divides a merge of this one; true if it holds nothing else."""
        if not row + 1 < min(first + MOST_LEVELS, len(self.rows)):
            return None
        filled = [i for i, cell in enumerate(self.rows[row + 1]) if cell.strip()]
        above = [i for i, cell in enumerate(self.rows[row]) if cell.strip()]
        spans = [(left, right) for top, left, bottom, right in self.merges if first <= top <= row <= bottom]
        spans = [(left, right) for left, right in spans if left < right]
        if len(above) < 2 and any(left <= min(filled) and max(filled) <= right for left, right in spans):
            return None  # a title over the whole of the table
        if not any(bisect_right(filled, right) - bisect_left(filled, left) > 1 for left, right in spans):
            return None
        under = {
            i
            for left, right in spans
            for i in filled[bisect_left(filled, left) : bisect_right(filled, right)]
        }
        return len(under) == len(filled)


def join_levels(levels: Sequence[Sequence[str]], merges: Sequence[Merge] = ()) -> list[str]:
    """Join the levels of a heading to one name a column: ``坐标`` above ``经度`` gives ``坐标/经度``.

    A merge spreads its text over exactly its columns. A blank cell of an upper level that no merge covers
    belongs to the unmerged group on its left wherever a lower level has a cell. A column that has nothing
    but the text of a group further left has no name of its own.
    """
    sources = _sources(levels, merges)
    return [_name(levels, [row[column] for row in sources], column) for column in range(len(sources[0]))]


_Cell = tuple[int, int]


def _sources(levels: Sequence[Sequence[str]], merges: Sequence[Merge]) -> list[list[_Cell | None]]:
    """Give for each cell the level and column of the cell whose text counts there, None for none."""
    width = max(map(len, levels))
    own = [
        [(level, column) if column < len(row) and row[column].strip() else None for column in range(width)]
        for level, row in enumerate(levels)
    ]
    sources, stated = [list(row) for row in own], set()
    for top, left, bottom, right in merges:
        for level in range(max(top, 0), min(bottom + 1, len(levels))):
            for column in range(left, min(right + 1, width)):
                stated.add((level, column))
                # Text that a merge hides still names its column: scripts leave merges behind on wrong rows.
                if level == top and own[level][column] is None:
                    sources[level][column] = own[top][left]
    for level in range(len(levels) - 1):
        divided = [any(row[column] for row in own[level + 1 :]) for column in range(width)]
        for before, column in zip(range(width), range(1, width), strict=False):
            unmerged = (level, before) not in stated and (level, column) not in stated
            same_group = level == 0 or sources[level - 1][before] == sources[level - 1][column]
            if divided[before] and divided[column] and unmerged and same_group:
                sources[level][column] = sources[level][column] or sources[level][before]
    return sources


def _name(levels: Sequence[Sequence[str]], sources: Sequence[_Cell | None], column: int) -> str:
    cells = [cell for cell in sources if cell is not None]
    if not cells or cells[-1][1] != column:
        return ""
    parts: list[str] = []
    for level, at in cells:
        text = levels[level][at].strip()
        if not parts or parts[-1] != text:
            parts.append(text)
    return "/".join(parts)


def headings_seen(rows: Sequence[Sequence[str]]) -> str:
    """Show the widest of the first rows, for a refusal: the names that stand where a heading should."""
    widest = max(rows[:HEADING_SEARCH_ROWS], key=lambda row: sum(map(bool, row)), default=())
    names = [printable(cell.strip(), 20) for cell in widest if cell.strip()]
    more = f" … ({len(names)} in all)" if len(names) > 12 else ""
    return (", ".join(names[:12]) + more) or "—"
