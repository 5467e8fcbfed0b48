"""Several evaluations → what differs between the first and each other, and what that did."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.study.changes.attribution import Attribution, attribution
from siting.study.changes.registers import RegisterChanges, register_changes
from siting.study.changes.verdicts import VerdictShares, verdict_shares
from siting.study.compare import Evaluations

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation


@dataclass(frozen=True)
class Difference:
    """What differs between two evaluations, and what each change did."""

    names: tuple[str, str]
    first: Evaluation
    second: Evaluation
    registers: RegisterChanges
    """With columns ``effect.<option>``: what the change did to each score, 0..1."""
    shares: Attribution

    @cached_property
    def verdicts(self) -> VerdictShares | None:
        """What each change did to what the joint draws say; None where that cannot be shared out."""
        return verdict_shares(self.first, self.second, self.registers, self.shares)


def differences(evaluations: Evaluations) -> list[Difference]:
    """Hold every evaluation after the first against the first."""
    (name, first), *others = evaluations.items()
    found = []
    for other, second in others:
        changes = register_changes(first, second)
        shares = attribution(first, second, changes)
        found.append(Difference((name, other), first, second, _with_effects(changes, shares), shares))
    return found


def _with_effects(changes: RegisterChanges, shares: Attribution) -> RegisterChanges:
    """Write beside each change what it did to the scores; a new name does nothing."""
    options = shares.before.index[shares.before["score"].notna()]
    points = shares.rows["score"].unstack("option").reindex(columns=options)
    found: dict[str, Any] = {}
    for kind, frame in changes.listed().items():
        own = pd.MultiIndex.from_arrays([frame["unit"], [kind] * len(frame)])
        effects = points.reindex(own).fillna(0.0).add_prefix("effect.")
        found[kind] = frame.join(effects.set_axis(frame.index))
    return replace(changes, **found)
