"""A table of measured trips → ends in WGS-84 degrees and minutes; every fault of the file at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.inputs.dictionary.issues import shown
from siting.inputs.places.crs import to_wgs84
from siting.inputs.tables.read_table import read_table
from siting.messages import Text, joined, refusal, text_of
from siting.types import Issue, Table

TABLE = "measured_trips"
ENDS = ("origin", "destination")
HOUR = re.compile(r"(\d{1,2})(?::\d{2}(?::\d{2})?|时|点)?")
"""An hour of the day: ``8``, ``08:30``, ``8时``."""
LISTED = 20
"""Faults that one message lists."""


def read_trips(
    path: str | PathLike[str], places: Mapping[str, tuple[float, float]], *, crs: str = "WGS84"
) -> tuple[pd.DataFrame, Table]:
    """Read measured trips, or those of a map service.

    Parameters
    ----------
    path
        Table ``measured_trips`` of the data dictionary.
    places
        Name → longitude and latitude, WGS-84 degrees.
    crs
        Coordinate system of the coordinates in the table.

    Returns
    -------
    trips : DataFrame
        By trip: ``row, origin_lon, origin_lat, destination_lon, destination_lat, minutes, hour``.
    table : as read, with its issues

    Raises
    ------
    InputError
        All at once: places not known, ends without name and coordinates, times or hours that are none.
    """
    table = read_table(path, TABLE)
    frame = table.frame
    faults = [_as_text(issue) for issue in table.issues if issue.severity != "note"]
    trips = pd.DataFrame({"row": frame["row"].to_numpy(), "minutes": frame["minutes"].to_numpy(float)})
    for end in ENDS:
        at, lost = _places(frame, end, places, crs)
        faults += lost
        trips[[f"{end}_lon", f"{end}_lat"]] = at
    trips["hour"], wrong = _hours(frame)
    faults += wrong
    if faults:
        more = [text_of("P03", count=len(faults) - LISTED)] if len(faults) > LISTED else []
        raise refusal(table.file, "E774", problems=joined([*faults[:LISTED], *more]))
    return trips, table


def _as_text(issue: Issue) -> Text:
    return text_of(
        "P116", row=issue.row, column=issue.column or "", problem=Text(issue.action, issue.action_zh)
    )


def _places(
    frame: pd.DataFrame, end: str, places: Mapping[str, tuple[float, float]], crs: str
) -> tuple[NDArray[np.float64], list[Text]]:
    """Find each end by its coordinates, else by its name; say which are not found."""
    lon, lat = to_wgs84(frame[f"{end}_lon"].to_numpy(float), frame[f"{end}_lat"].to_numpy(float), crs)
    at = np.stack([lon, lat], axis=1)
    faults = []
    for k in np.flatnonzero(np.isnan(at).any(axis=1)):
        name, row = frame[end].iloc[k], frame["row"].iloc[k]
        if pd.isna(name):
            faults.append(text_of("P190", row=row, column=end))
        elif str(name).strip() in places:
            at[k] = places[str(name).strip()]
        else:
            faults.append(text_of("P115", row=row, column=end, name=shown(name)))
    return at, faults


def _hours(frame: pd.DataFrame) -> tuple[NDArray[np.float64], list[Text]]:
    """Read the hour of each trip; NaN where none is given."""
    hours, faults = np.full(len(frame), np.nan), []
    for k, text in enumerate(frame["hour"]):
        if pd.isna(text):
            continue
        found = HOUR.fullmatch(str(text).strip())
        if found and int(found[1]) < 24:
            hours[k] = int(found[1])
        else:
            faults.append(text_of("P117", row=frame["row"].iloc[k], found=shown(text)))
    return hours, faults
