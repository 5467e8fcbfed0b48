"""Who comes first under each assumption → the matrix of winners: assumption × plausible value.

A cell without randomness holds one winner; a cell that rests on draws holds who wins most of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from siting.analysis.decision.scoring import weighted_sum
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.robustness.assess import Ensembles, Robustness
from siting.analysis.robustness.leave_one_out import winners
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
    is_end: bool = False
    """Whether the value is one end of a stated range, not one of a few choices."""
    lead: float | None = None
    """Score by which the option that comes first as things stand leads the best other one here, below 0 where
    it does not; None where that is not one figure."""

    def turns(self, current: str) -> bool:
        """Say whether the option that comes first as things stand does not do so here."""
        return current not in self.even


def cell_of_scores(assumption: str, value: str, winner: str, lead: float | None = None) -> Cell:
    """Make a cell in which nothing is drawn.

    >>> cell_of_scores("peak_factor", "1.3", "north").turns("south")
    True
    """
    return Cell(assumption, value, winner, (winner,), lead=lead)


def cell_of_draws(assumption: str, value: str, standing: Standing, current: str | None = None) -> Cell:
    """Make a cell of who wins most of its draws; of equal shares those of `current` go first.

    >>> drawn = Standing.of_scores(pd.DataFrame({"north": [1.0, 1.0, 0.0], "south": [0.0, 0.0, 1.0]}))
    >>> cell_of_draws("spread", "parks", drawn).winner
    'north'
    """
    found = standing.leaders(current)
    return Cell(assumption, value, found[0], tuple(found), float(standing.wins[found[0]]), standing.draws)


def cells_of_table(table: pd.DataFrame) -> list[Cell]:
    """Turn a table by label ``assumption:value`` with columns ``winner, lead`` into cells."""
    rows = (str(label).partition(":") for label in table.index)
    return [
        cell_of_scores(kind, detail, str(winner), float(lead))
        for (kind, _, detail), winner, lead in zip(rows, table["winner"], table["lead"], strict=True)
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
    values: pd.DataFrame,
    weights: pd.Series,
    by_cutoff: Mapping[float, pd.DataFrame],
    more: Ensembles,
) -> tuple[Cell, ...]:
    """Gather who comes first under each assumption; of anchors moved one by one only what turns.

    Parameters
    ----------
    robustness : of the study
    values : option × criterion, 0..1, of the options that fail no condition
    weights : effective weight by criterion
    by_cutoff : such values at each cutoff, minutes
    more : draws, variants and scores at the ends of ranges
    """
    current = robustness.winner
    cutoffs = {
        ("cutoff_min", f"{cutoff:g}"): weighted_sum(table[weights.index], weights)
        for cutoff, table in by_cutoff.items()
    }
    ends = {at: scores[values.index] for at, scores in more.at_ends.items()}
    return (
        *_of_versions({("weights", "stated"): weighted_sum(values[weights.index], weights)}, current),
        *_of_weights(robustness, values, more),
        *_of_versions(cutoffs, current),
        *_of_registers(robustness),
        *([] if robustness.variants is None else cells_of_table(robustness.variants)),
        *_of_methods(robustness),
        *(replace(cell, is_end=True) for cell in _of_versions(ends, current)),
    )


def _of_weights(robustness: Robustness, values: pd.DataFrame, more: Ensembles) -> Iterator[Cell]:
    """Draw weights alone, then with everything else; then each viewpoint's own."""
    current = robustness.winner
    laws = {} if more.draws is None else {"free": more.draws.free, "order_keeping": more.draws.ordered}
    for law, drawn in laws.items():
        scores = drawn.weights.to_numpy() @ values[list(drawn.weights)].to_numpy().T
        alone = Standing.of_scores(pd.DataFrame(scores, columns=values.index).round(DECIMALS))
        yield cell_of_draws("weights", law, alone, current)
    for law, drawn in laws.items():
        yield cell_of_draws("everything", law, drawn.standing, current)
    if robustness.agreement is not None:
        for name, favourite in robustness.agreement.gives_way["favourite"].items():
            yield cell_of_scores("viewpoint", str(name), str(favourite))


def _of_versions(scores: Mapping[tuple[str, str], pd.Series], current: str) -> list[Cell]:
    """Make a cell of each assumption and value from the scores that it gives."""
    if not scores:
        return []
    table = winners(pd.DataFrame(list(scores.values())), current)
    return [
        cell_of_scores(*at, str(winner), float(lead))
        for at, winner, lead in zip(scores, table["winner"], table["lead"], strict=True)
    ]


def _of_registers(robustness: Robustness) -> Iterator[Cell]:
    for rule, standing in (robustness.registers or {}).items():
        yield cell_of_draws("spread", rule, standing, robustness.winner)


def _of_methods(robustness: Robustness) -> Iterator[Cell]:
    """Other methods of comparison, and the scales moved: all of them, and single ones where that turns."""
    for method in robustness.second_opinions:
        yield cell_of_scores("method", str(method), str(robustness.second_opinions[method].idxmin()))
    moved = robustness.anchors
    telling = moved["changed"] | moved.index.str.startswith(ALL_CRITERIA)
    yield from cells_of_table(moved[telling].rename(index=lambda label: f"anchors:{label}"))
