"""Scores of several scenarios → how far their rankings agree, and which option moves where."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.decision.weights import kendall_w


@dataclass(frozen=True)
class Across:
    """How options stand over several scenarios, those that stand in all."""

    ranks: pd.DataFrame
    """Option × scenario, from 1; options that tie take the better rank."""
    shifts: pd.DataFrame
    """The same less the rank in the first scenario: below 0 the option moves up."""
    firsts: pd.Series
    """By option, scenarios in which it comes first, alone or tied."""
    concordance: float
    """Kendall's W over the scenarios: 1 all rank alike, 0 no agreement (Kendall & Smith 1939)."""


def across_scenarios(scores: pd.DataFrame) -> Across:
    """Lay the rankings of scenarios beside the first one's; those that rank no option are left out.

    Parameters
    ----------
    scores : option × scenario; NaN where an option does not stand in a scenario

    Examples
    --------
    >>> scores = pd.DataFrame({"base": [0.8, 0.6], "winter": [0.5, 0.6]}, ["north", "south"])
    >>> across_scenarios(scores).shifts["winter"].to_dict()
    {'north': 1, 'south': -1}
    """
    complete = scores.dropna(axis=1, how="all").dropna().round(DECIMALS)
    ranks = complete.rank(ascending=False, method="min").astype(int)
    return Across(
        ranks=ranks,
        shifts=ranks.sub(ranks.iloc[:, 0], axis=0),
        firsts=(ranks == 1).sum(axis=1),
        concordance=kendall_w(complete.rank(ascending=False, method="average").to_numpy()),
    )
