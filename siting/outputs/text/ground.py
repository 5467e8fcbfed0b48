"""Evaluation → on how many enterprises and how much demand a conclusion stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.text.wording import grouped, say
from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation

FEWEST_FIRMS = 30
"""Enterprises below which a reader is told that a ranking stands on few."""


def is_nothing_to_serve(evaluation: Evaluation) -> bool:
    """Whether no enterprise needs a test, so that no place serves anybody."""
    return not evaluation.evidence.demand.tests.to_numpy().sum() > 0


def ranked(evaluation: Evaluation) -> pd.DataFrame:
    """Return the ranking, best first; without demand the options as the study lists them, unranked.

    Their scores would tell of costs alone, and would read as a choice.
    """
    if not is_nothing_to_serve(evaluation):
        return evaluation.ranking
    listed = evaluation.ranking.reindex(evaluation.evidence.options.index)
    return listed.assign(rank=None, score=float("nan"), tie=None)


def ranked_points(evaluation: Evaluation) -> pd.DataFrame:
    """Return the points of each criterion as a share of 1, missing where nothing is ranked."""
    points = evaluation.contributions
    return points * float("nan") if is_nothing_to_serve(evaluation) else points


def thin_ground(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say on how few enterprises a ranking stands; nothing where there are enough."""
    n = len(evaluation.evidence.inputs.enterprises)
    if n >= FEWEST_FIRMS:
        return []
    return [say("conclude.few", lang, n=grouped(n), least=FEWEST_FIRMS)]
