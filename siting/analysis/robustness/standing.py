"""Draws of scores → which options can be told apart from the one that wins most of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.analysis.robustness.acceptability import LabelledAcceptability
from siting.analysis.robustness.leave_one_out import winner_shares

TOLD_APART = 2 / 3
"""Share of the draws in which one option has to beat another to be told apart from it.

A margin of importance: a standard error falls with the number of draws and says nothing of that.
"""
_SAME = 1e-9
"""Shares as close as this are equal."""


@dataclass(frozen=True)
class Standing:
    """How options stand over the same draws."""

    wins: pd.Series
    """By option, share of the draws that it wins; tied winners share in equal parts."""
    beats: pd.DataFrame
    """Option × option, share of the draws in which the row scores strictly more than the column."""
    draws: int

    @classmethod
    def of_scores(cls, scores: pd.DataFrame) -> Standing:
        """Compare scores, draw × option."""
        table = scores.to_numpy(np.float64)
        beats = np.stack([(table[:, [k]] > table).mean(axis=0) for k in range(table.shape[1])])
        names = scores.columns
        return cls(winner_shares(scores), pd.DataFrame(beats, names, names), len(table))

    @classmethod
    def of_weightings(cls, found: LabelledAcceptability) -> Standing:
        """Take what `acceptability_under` counted; above 100 options it compares no pairs."""
        wins, beats = found.first, found.pairwise
        if beats is None:
            # Whoever wins a draw beats all others in it: the least that can be said.
            beats = pd.DataFrame(dict.fromkeys(wins.index, wins))
        return cls(wins, beats, found.draws)

    def leaders(self, winner: str | None = None) -> list[str]:
        """List the option that wins most draws, then those that it cannot be told apart from, by wins.

        Of equal wins the ones of `winner` stand first.
        """
        order = sorted(self.wins.index, key=lambda option: (-round(self.wins[option], 9), option != winner))
        beaten = self.beats.loc[order[0]]
        return [o for o in order if o == order[0] or beaten[o] < TOLD_APART - _SAME]
