"""Evidence → whose trips of today are known: without them there is nothing to set an option against."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.analysis.demand.annual_tests import carried_trips
from siting.analysis.frames import today_of
from siting.types import Evidence, InputError

# their shared parts -----------------------------------------------------------------------


def gains(evidence: Evidence) -> pd.DataFrame:
    """Person-hours a year that each enterprise saves against today, n_enterprises × n_options.

    0 for an enterprise cut off from the city today. Columns sum to `hours_saved`.
    """
    hours = evidence.trips.hours
    today = hours[today_of(evidence.options)].to_numpy()[:, None]
    known = np.isfinite(today) & np.isfinite(hours.to_numpy())
    saved = np.subtract(today, hours.to_numpy(), out=np.zeros(hours.shape), where=known)
    return pd.DataFrame(saved, hours.index, hours.columns)


CAUSES = {
    "unlocated": "too far from any road (travel_time.snap_limit_m)",
    "island": "on a road that nothing joins to the main network",
    "no_way_in": "on a road that can be left, not reached",
    "no_way_out": "on a road that can be reached, not left",
}
"""Status of a point off the main network (`travel.statuses`) → what is wrong, as an error says it."""

CURE = (
    "give roads that reach from the county to these laboratories (data.roads; cut an extract wide enough to "
    "hold the city, or name a network that leads on, data.network_beyond), or take back what shuts them off "
    "(travel_time.closures, travel_time.without_believed, travel_time.snap_limit_m)"
)


def uncompared(evidence: Evidence) -> pd.Series:
    """Tell of each enterprise whether a trip of today, there or back, wants a road that does not exist.

    What it would save under an option is not known, and counts as 0.
    """
    return np.isinf(evidence.trips.hours[today_of(evidence.options)])


def check_today(evidence: Evidence) -> None:
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
    refused = (
        f"{evidence.inputs.roads.file}: no enterprise can drive to the laboratories that it needs today and "
        "back, so no option can be set against today"
    )
    raise InputError("\n  ".join([refused, *_off_the_network(evidence), CURE]))


def _off_the_network(evidence: Evidence) -> list[str]:
    points, names = evidence.travel.snapping, evidence.inputs.laboratories["name"]
    off = points[(points["kind"] == "laboratory") & (points["status"] != "connected")]
    laboratories = [
        f"laboratory {row.id} ({names[row.id]}), {row.snap_m / 1000:.1f} km from a road: {CAUSES[row.status]}"
        for row in off.itertuples()
    ]
    firms = points.loc[points["kind"] == "enterprise", "status"]
    counts = {status: int((firms == status).sum()) for status in CAUSES}
    return laboratories + [
        f"{n} of {len(firms)} enterprises: {CAUSES[status]}" for status, n in counts.items() if n
    ]
