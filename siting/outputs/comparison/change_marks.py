"""Differences between two registers → where each kind of change lies on a map, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import TYPE_CHECKING

from siting.outputs.colours import FLOW, GAIN, LOSS, OPTION_COLOURS, WARNING

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.changes.differences import Difference

Place = tuple[float, float]
"""Longitude and latitude."""

MOST_MARKS = 600
"""Changes of a kind marked on a map, those with the largest effect."""


@dataclass(frozen=True)
class Look:
    """How a kind of change is drawn, and on which side."""

    kind: str
    form: str
    """Path around the point, in pixels."""
    colour: str
    before: bool
    after: bool


LOOKS = (
    Look("new", "m-7 0h14m-7-7v14", GAIN, before=False, after=True),
    Look("gone", "m-6-6l12 12m0-12l-12 12", WARNING, before=True, after=False),
    Look("moved", "m-6-6h12v12h-12Z", LOSS, before=True, after=True),
    Look("resized", "m0-8l8 8l-8 8l-8-8Z", FLOW, before=True, after=True),
    Look("placed", "m0-8l7 13h-14Z", OPTION_COLOURS[0], before=False, after=True),
    Look("unplaced", "m0 8l7-13h-14Z", OPTION_COLOURS[0], before=True, after=False),
)
"""Forms differ as colours do, for readers who tell no colours apart."""


@dataclass(frozen=True)
class PlacedChanges:
    """Changes of one kind that have a place on one side, those with the largest effect last."""

    look: Look
    rows: pd.DataFrame
    """Of `RegisterChanges`."""
    places: Sequence[Place]
    origins: Sequence[Place]
    """Where each came from; none unless it moved, seen from after."""


def placed_changes(difference: Difference, is_after: bool) -> list[PlacedChanges]:
    """Place the changes on the map of one side, at most `MOST_MARKS` of a kind."""
    changes = difference.registers
    rows = changes.after if is_after else changes.before
    found = []
    for look in LOOKS:
        frame = changes.listed()[look.kind]
        if not len(frame) or not (look.after if is_after else look.before):
            continue
        effects = frame[[name for name in frame if str(name).startswith("effect.")]].abs().max(axis=1)
        largest = frame.iloc[effects.to_numpy().argsort(kind="stable")[::-1][:MOST_MARKS]]
        units = changes.units.loc[largest["unit"]]
        places = _places(rows, units["after" if is_after else "before"])
        known = [place is not None for place in places]
        origins: list[Place | None] = []
        if is_after and look.kind == "moved":
            origins = _places(changes.before, units["before"])
            known = [here and start is not None for here, start in zip(known, origins, strict=True)]
        ends = [[place for place in compress(ends, known) if place] for ends in (places, origins)]
        found.append(PlacedChanges(look, largest[known], *ends))
    return found


def _places(rows: pd.DataFrame, at: pd.Series) -> list[Place | None]:
    """Longitude and latitude of rows; None where a row has none or is not used."""
    chosen = rows.loc[at, ["lon", "lat", "kept"]]
    return [(lon, lat) if kept and lon == lon else None for lon, lat, kept in chosen.itertuples(index=False)]
