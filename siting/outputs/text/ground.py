"""Evaluation → on how many enterprises and how much demand a conclusion stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.text.wording import grouped, say
from siting.types import Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

FEWEST_FIRMS = 30
"""Enterprises below which a reader is told that a ranking stands on few."""


def is_nothing_to_serve(evaluation: Evaluation) -> bool:
    """Whether no enterprise needs a test, so that no place serves anybody."""
    return not evaluation.evidence.demand.tests.to_numpy().sum() > 0


def thin_ground(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say on how few enterprises a ranking stands; nothing where there are enough."""
    n = len(evaluation.evidence.inputs.enterprises)
    if n >= FEWEST_FIRMS:
        return []
    return [say("conclude.few", lang, n=grouped(n), least=FEWEST_FIRMS)]
