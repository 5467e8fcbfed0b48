"""Evidence → whose trips of today are known: without them there is nothing to set an option against."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.demand.demand_kinds import Served
from siting.analysis.frames import baseline_option
from siting.messages import Text, refusals, text_of
from siting.types import Evidence

# their shared parts -----------------------------------------------------------------------


def time_savings(evidence: Evidence) -> pd.DataFrame:
    """Person-hours a year that each enterprise saves against today, n_enterprises × n_options.

    0 for an enterprise cut off from the city today. Columns sum to `hours_saved`.
    """
    return _less_than_today(evidence, evidence.trips.hours)


def minutes_sooner(evidence: Evidence) -> pd.DataFrame:
    """Minutes by which help reaches each place sooner than today, n_places × n_options.

    0 where help cannot reach a place, today or under the option.
    """
    return _less_than_today(evidence, evidence.trips.minutes)


def _less_than_today(evidence: Evidence, table: pd.DataFrame) -> pd.DataFrame:
    """Take each option's figures from those of today; 0 where either is not finite."""
    today = table[baseline_option(evidence.options)].to_numpy()[:, None]
    known = np.isfinite(today) & np.isfinite(table.to_numpy())
    less = np.subtract(today, table.to_numpy(), out=np.zeros(table.shape), where=known)
    return pd.DataFrame(less, table.index, table.columns)


GAINS: Mapping[Served, Callable[[Evidence], pd.DataFrame]] = {
    "enterprises": time_savings,
    "residents": minutes_sooner,
}
"""What each row of a register gains under each option, by whom the study serves."""


CAUSES = {
    "unlocated": "P80",
    "island": "P81",
    "no_way_in": "P82",
    "no_way_out": "P83",
}
"""Status of a point off the main network (`travel.statuses`) → code of the words that say what is wrong."""


def uncompared(evidence: Evidence) -> pd.Series:
    """Tell of each enterprise whether a trip of today, there or back, wants a road that does not exist.

    What it would save under an option is not known, and counts as 0.
    """
    hours = evidence.trips.hours[baseline_option(evidence.options)]
    return pd.Series(np.isinf(hours.to_numpy()), hours.index, name=hours.name)


def check_baseline(evidence: Evidence) -> None:
    """Refuse a study in which no enterprise that travels can be compared with today.

    Every option would save 0 hours, good or bad, for want of roads alone.

    Raises
    ------
    InputError
        Names the laboratories and counts the enterprises off the network, and says what to change.
    """
    travels = carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1) > 0
    if not travels.any() or not uncompared(evidence)[travels].all():
        return
    head = text_of("P84", evidence.inputs.roads.file)
    raise refusals([head, *_off_the_network(evidence), text_of("P85")])


def _off_the_network(evidence: Evidence) -> list[Text]:
    points, names = evidence.travel.snapping, evidence.inputs.laboratories["name"]
    off = points[(points["kind"] == "laboratory") & (points["status"] != "connected")]
    laboratories = [
        text_of(
            "P78",
            id=lab,
            name=names[lab],
            km=f"{snap_m / 1000:.1f}",
            cause=text_of(CAUSES[status]),
        )
        for lab, snap_m, status in zip(off["id"], off["snap_m"], off["status"], strict=True)
    ]
    firms = points.loc[points["kind"] == "enterprise", "status"]
    counts = {status: int((firms == status).sum()) for status in CAUSES}
    return laboratories + [
        text_of("P79", n=n, all=len(firms), cause=text_of(CAUSES[status]))
        for status, n in counts.items()
        if n
    ]
