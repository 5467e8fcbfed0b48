"""Points laid on the roads → what a planner should know of them: how far off, who is cut off, which roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.outputs.text import grouped, say
from siting.types import Language

if TYPE_CHECKING:
    from siting.types import Evaluation

LISTED = 20
"""Enterprises that a line names; the workbook lists all."""
NAMES_UP_TO = 5000
"""Enterprises above which none is named: nobody reads so many, and they need not travel with the page."""


def distance_line(evaluation: Evaluation, lang: Language) -> str:
    """Say how far enterprises lie from the roads on which they are laid."""
    firms = _enterprises(evaluation)
    worst = firms["snap_m"].idxmax()
    return say(
        "access.distance",
        lang,
        median=grouped(firms["snap_m"].median() / 1000, 1),
        max=grouped(firms["snap_m"].max() / 1000, 1),
        name=evaluation.evidence.inputs.enterprises["name"][worst],
    )


def cut_off_lines(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name enterprises placed by township only, those off the network or cut off, and parts left aside."""
    firms = _enterprises(evaluation)
    placed = evaluation.evidence.inputs.enterprises.get("placed", pd.Series(dtype=object)).eq("town")
    travel = evaluation.evidence.travel
    reached = np.isfinite(travel.to_site).any(axis=1) | np.isfinite(travel.to_laboratory).any(axis=1)
    located = firms["located"].astype(bool)
    limit = evaluation.scenario.travel_time.snap_limit_m / 1000
    lines = [
        say(key, lang, n=len(found), names=_names(evaluation, found, lang), limit=grouped(limit, 1))
        for key, found in (
            ("access.placed", placed.index[placed]),
            ("access.unlocated", firms.index[~located]),
            ("access.unreached", firms.index[located & ~reached.reindex(firms.index)]),
        )
        if len(found)
    ]
    islands = evaluation.graph.components.iloc[1:] if evaluation.graph is not None else ()
    if len(islands):
        km = grouped(islands["length_km"].sum(), 1)
        lines.append(say("access.islands", lang, n=len(islands), km=km))
    return lines


def _enterprises(evaluation: Evaluation) -> pd.DataFrame:
    snapping = evaluation.evidence.travel.snapping
    return snapping[snapping["kind"] == "enterprise"].set_index("id")


def _names(evaluation: Evaluation, ids: pd.Index, lang: Language) -> str:
    """List names, first of the register first; none of a large register."""
    table = evaluation.evidence.inputs.enterprises["name"]
    if len(table) > NAMES_UP_TO:
        return say("access.unnamed", lang)
    names = ("、" if lang == "zh" else ", ").join(table.loc[ids[:LISTED]].astype(str))
    return say("access.more", lang, names=names) if len(ids) > LISTED else names
