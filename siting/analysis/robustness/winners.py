"""Who comes first under each assumption → the matrix of winners: assumption × plausible value.

A cell without randomness holds one winner; a cell that rests on draws holds who wins most of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from siting.analysis.decision.scoring import best_option, weighted_sum
from siting.analysis.robustness.assess import Robustness
from siting.analysis.robustness.standing import Standing

ALL_CRITERIA = "all "
"""Start of the label of a variant that moves the anchors of every criterion."""


@dataclass(frozen=True)
class Cell:
    """An assumption at one of its plausible values, and who comes first there."""

    assumption: str
    value: str
    """Id of the value, such as ``1.3`` or ``parks``."""
    winner: str
    even: tuple[str, ...]
    """Options that cannot be told apart from the winner over the cell's draws, itself included."""
    share: float | None = None
    """Share of the cell's own draws that the winner takes; None where nothing was drawn."""
    draws: int | None = None

    def turns(self, current: str) -> bool:
        """Say whether the option that comes first as things stand does not do so here."""
        return current not in self.even


def cell_of_scores(assumption: str, value: str, winner: str) -> Cell:
    """Make a cell in which nothing is drawn.

    >>> cell_of_scores("peak_factor", "1.3", "north").turns("south")
    True
    """
    return Cell(assumption, value, winner, (winner,))


def cell_of_draws(assumption: str, value: str, standing: Standing, current: str | None = None) -> Cell:
    """Make a cell of who wins most of its draws; of equal shares those of `current` go first.

    >>> drawn = Standing.of_scores(pd.DataFrame({"north": [1.0, 1.0, 0.0], "south": [0.0, 0.0, 1.0]}))
    >>> cell_of_draws("spread", "parks", drawn).winner
    'north'
    """
    found = standing.leaders(current)
    return Cell(assumption, value, found[0], tuple(found), float(standing.wins[found[0]]), standing.draws)


def cells_of_table(table: pd.DataFrame, rename: Mapping[str, str] | None = None) -> list[Cell]:
    """Turn a table by label ``assumption:value`` with a column ``winner`` into cells.

    ``rename``: other names for assumptions.
    """
    rows = (str(label).partition(":") for label in table.index)
    return [
        cell_of_scores((rename or {}).get(kind, kind), detail, str(winner))
        for (kind, _, detail), winner in zip(rows, table["winner"], strict=True)
    ]


def turning(cells: Iterable[Cell], current: str) -> dict[str, list[Cell]]:
    """List by assumption the cells in which another option than the current one comes first."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.turns(current):
            found.setdefault(cell.assumption, []).append(cell)
    return found


def winners_matrix(
    robustness: Robustness,
    weights: pd.Series,
    by_cutoff: Mapping[float, pd.DataFrame],
    by_weights: Mapping[str, Standing],
) -> tuple[Cell, ...]:
    """Gather who comes first under each assumption; of anchors moved one by one only what turns.

    Parameters
    ----------
    robustness : of the study
    weights : effective weight by criterion
    by_cutoff : values (option × criterion, 0..1; options that pass their conditions) at each cutoff, minutes
    by_weights : how the options stand under each law of weights that are not fixed, by the law's name
    """
    return tuple(_cells(robustness, weights, by_cutoff, by_weights))


def _cells(
    robustness: Robustness,
    weights: pd.Series,
    by_cutoff: Mapping[float, pd.DataFrame],
    by_weights: Mapping[str, Standing],
) -> Iterator[Cell]:
    current = robustness.winner
    yield cell_of_scores("weights", "stated", current)
    for law, standing in by_weights.items():
        yield cell_of_draws("weights", law, standing, current)
    if robustness.agreement is not None:
        for name, favourite in robustness.agreement.gives_way["favourite"].items():
            yield cell_of_scores("viewpoint", str(name), str(favourite))
    for cutoff, values in by_cutoff.items():
        scores = weighted_sum(values[weights.index], weights)
        yield cell_of_scores("cutoff_min", f"{cutoff:g}", best_option(scores))
    for rule, standing in (robustness.registers or {}).items():
        yield cell_of_draws("spread", rule, standing, current)
    if robustness.variants is not None:
        yield from cells_of_table(robustness.variants)
    for method in robustness.second_opinions:
        yield cell_of_scores("method", str(method), str(robustness.second_opinions[method].idxmin()))
    moved = robustness.anchors
    telling = moved["changed"] | moved.index.str.startswith(ALL_CRITERIA)
    yield from cells_of_table(moved[telling].rename(index=lambda label: f"anchors:{label}"))
