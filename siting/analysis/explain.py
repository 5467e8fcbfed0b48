"""Scores → why an option stands where it stands, in numbers; the words are those of `outputs.text`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from siting.analysis.decision.value_functions import DECIMALS

NOTICEABLE = 0.0005
"""Differences that print as 0.0 points are not worth a sentence; the live panel holds the same figure."""

MOST_LEADS = 3
"""Criteria named to each side."""


@dataclass(frozen=True)
class Lead:
    """A criterion in which one option is ahead of another, or behind it."""

    criterion: str
    points: float
    """Contribution less that of the other option, points of the score; below 0: behind."""


@dataclass(frozen=True)
class OptionExplanation:
    """Why one option stands where it stands."""

    rival: str | None
    """The option it is measured against: the winner; for the winner the runner-up; None if it is alone."""
    gap: float
    """Score less the rival's, points of the score; 0 without a rival."""
    ahead: tuple[Lead, ...]
    """Criteria in which it is ahead of the rival, the largest first."""
    behind: tuple[Lead, ...]
    weakest: str
    """Criterion that costs it most points against a full value: weight × (1 − value)."""
    lost_points: float
    """Points that it loses there."""


@dataclass(frozen=True)
class Explanation:
    """Why the ranking is as it is."""

    running: tuple[str, ...]
    """Options that fail no condition, best first; none where there is nothing to rank."""
    options: Mapping[str, OptionExplanation]
    """By option, in order of the ranking."""


def explain(contributions: pd.DataFrame, weights: pd.Series, ranking: pd.DataFrame) -> Explanation:
    """Explain every option's place.

    Options that fail a condition are explained against the winner, but are nobody's rival.

    Parameters
    ----------
    contributions : option × criterion, see `siting.analysis.decision.scoring.contributions`
    weights : effective weight by criterion
    ranking : see `siting.analysis.decision.scoring.ranking`

    """
    running = tuple(ranking.index[ranking["verdict"] != "fail"])
    options = {}
    for option in ranking.index:
        rival = next((other for other in running if other != option), None)
        ahead, behind = leads(contributions, option, rival) if rival is not None else ((), ())
        lost = weights - contributions.loc[option]
        weakest = str(lost.round(DECIMALS).idxmax())
        options[option] = OptionExplanation(
            rival=rival,
            gap=float(ranking["score"][option] - ranking["score"][rival]) if rival is not None else 0.0,
            ahead=ahead,
            behind=behind,
            weakest=weakest,
            lost_points=float(lost[weakest]),
        )
    return Explanation(running=running, options=options)


def leads(contributions: pd.DataFrame, option: str, rival: str) -> tuple[tuple[Lead, ...], tuple[Lead, ...]]:
    """Return the criteria in which an option is ahead of another, and behind it, the largest first."""
    by_option = contributions.T
    difference = by_option[option] - by_option[rival]
    order = difference.abs().sort_values(ascending=False, kind="stable").index
    found = [Lead(str(name), float(difference[name])) for name in order]
    ahead = tuple(lead for lead in found if lead.points >= NOTICEABLE)
    behind = tuple(lead for lead in found if lead.points <= -NOTICEABLE)
    return ahead[:MOST_LEADS], behind[:MOST_LEADS]
