"""Kinds of option as one table: all that is particular to a kind stands in its record, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np


Kind = Literal["build", "convert", "branch", "collection", "shared", "neighbour", "mobile", "city"]
"""Id of a kind of option."""


@dataclass(frozen=True)
class OptionKind:
    """What an option of this kind is, takes, costs and needs; its label is ``kind.<id>`` of the wording."""

    id: Kind
    """As in the column ``kind`` of the sites table."""
    place: Literal["county", "neighbour", "none"]
    """Where its counter stands; one without a place is not driven to."""
    premises: Literal["new", "converted", "existing"]
    """``new`` needs land and a building, ``converted`` a share of a building's cost."""
    staff: Literal["centre", "window", "none"]
    """``centre``: a testing centre's own staff, test lines and accreditation; ``window``: a few added."""
    runs_van: bool
    """A van runs between it and the laboratories of the city, and takes what it cannot test there."""
    of_the_city: bool
    """The institutes of the city test what it takes, and sign every report."""
    phases: Literal["any", "open", "first"]
    """Building phases whose services it takes."""
    permissions: Literal["any", "granted", "simple"]
    """Services it takes by permission: ``granted`` by the scenario, ``simple`` needs no more than a CMA."""
    share: Literal["all", "waiting", "on_site"]
    """Part of a service it can take: all, what can wait for its van, what a team does on the spot."""
    is_today: bool = False
    """The enterprises keep going where they go today; everything is counted against it."""
    comes_to_gate: bool = False
    """Teams come to the enterprise, which makes no trip."""
    conditions_pending: bool = False
    """Its pass/fail conditions are open until a row of the table decides them."""

    @property
    def has_place(self) -> bool:
        """Whether it stands at a place of its own, so that conditions and travel times concern it."""
        return self.place != "none"

    @property
    def in_county(self) -> bool:
        """Whether its place must lie inside the county."""
        return self.place == "county"

    @property
    def in_other_county(self) -> bool:
        """Whether another county's laboratory does the tests."""
        return self.place == "neighbour"

    @property
    def on_new_land(self) -> bool:
        """Whether it puts up a building on land of its own."""
        return self.premises == "new"

    @property
    def own_staff(self) -> bool:
        """Whether it is a testing centre with its own staff."""
        return self.staff == "centre"

    @property
    def leaks(self) -> bool:
        """Whether it competes with the city for trips."""
        return not self.of_the_city


KINDS: Mapping[str, OptionKind] = {
    kind.id: kind
    for kind in (
        OptionKind(
            id="build",
            place="county",
            premises="new",
            staff="centre",
            runs_van=True,
            of_the_city=False,
            phases="open",
            permissions="granted",
            share="all",
            conditions_pending=True,
        ),
        OptionKind(
            id="convert",
            place="county",
            premises="converted",
            staff="centre",
            runs_van=True,
            of_the_city=False,
            phases="open",
            permissions="granted",
            share="all",
        ),
        # An institute of the city opens it, and brings every permission along.
        OptionKind(
            id="branch",
            place="county",
            premises="new",
            staff="centre",
            runs_van=True,
            of_the_city=False,
            phases="open",
            permissions="any",
            share="all",
        ),
        OptionKind(
            id="collection",
            place="county",
            premises="existing",
            staff="window",
            runs_van=True,
            of_the_city=True,
            phases="any",
            permissions="any",
            share="waiting",
        ),
        # Laboratories that the county has, with what they can do from the start.
        OptionKind(
            id="shared",
            place="county",
            premises="existing",
            staff="window",
            runs_van=True,
            of_the_city=False,
            phases="first",
            permissions="simple",
            share="all",
        ),
        OptionKind(
            id="neighbour",
            place="neighbour",
            premises="existing",
            staff="window",
            runs_van=False,
            of_the_city=False,
            phases="any",
            permissions="simple",
            share="all",
        ),
        OptionKind(
            id="mobile",
            place="none",
            premises="existing",
            staff="none",
            runs_van=False,
            of_the_city=True,
            phases="any",
            permissions="any",
            share="on_site",
            comes_to_gate=True,
        ),
        OptionKind(
            id="city",
            place="none",
            premises="existing",
            staff="none",
            runs_van=False,
            of_the_city=True,
            phases="any",
            permissions="any",
            share="all",
            is_today=True,
        ),
    )
}
"""By id, in the order of the data dictionary."""

DEFAULT = KINDS["build"]
"""Kind of an option whose row states none, and of the junctions at which anchors are looked for."""

TODAY = next(kind for kind in KINDS.values() if kind.is_today)


def having(kinds: Iterable[str], trait: Callable[[OptionKind], bool]) -> np.ndarray:
    """Tell of each option, by its kind, whether it has a trait."""
    import numpy as np

    return np.array([trait(KINDS[kind]) for kind in kinds], dtype=bool)
