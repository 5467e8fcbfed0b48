"""Whom a study serves, as one table: what sets such a study apart stands in its record, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Served = Literal["enterprises", "residents"]
"""Whom a study serves; ``demand.of`` of a scenario."""


@dataclass(frozen=True)
class DemandKind:
    """What a study of this kind reads, judges and leaves out; its criteria name it as ``serves``."""

    id: Served
    register: str
    """Key of ``[data]`` and table of the dictionary that list who is served, one row each."""
    today: str
    """Key and table of what serves them today."""
    needs: tuple[str, ...]
    """Further keys of ``[data]`` without which such a study says nothing."""
    place_kinds: tuple[str, ...]
    """Kinds of place that the table of places must hold one of."""
    is_appraised: bool
    """Whether costs and benefits are worked out: it takes trips that somebody saves."""
    is_drawn: bool
    """Whether illustrative rows are drawn anew, elsewhere and under other rules."""
    isochrones_min: tuple[float, ...]
    """Limits of the isochrones, minutes."""
    cutoffs_min: tuple[float, ...]
    """Cutoffs that a page offers beside the scenario's own, minutes."""


DEMAND_KINDS: Mapping[str, DemandKind] = {
    kind.id: kind
    for kind in (
        DemandKind(
            id="enterprises",
            register="enterprises",
            today="laboratories",
            needs=("services", "laboratories", "industries", "parameters"),
            place_kinds=("city", "seat"),
            is_appraised=True,
            is_drawn=True,
            isochrones_min=(10.0, 20.0, 30.0, 45.0, 60.0),
            cutoffs_min=(15.0, 20.0, 30.0, 45.0, 60.0),
        ),
        # Vehicles drive out to them: nobody brings anything anywhere, so no trip is saved that has a price.
        DemandKind(
            id="residents",
            register="residents",
            today="stations",
            needs=(),
            place_kinds=(),
            is_appraised=False,
            is_drawn=False,
            isochrones_min=(5.0, 8.0, 15.0),
            cutoffs_min=(),
        ),
    )
}
"""By id, in the order in which a message lists them."""
