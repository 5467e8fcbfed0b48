"""Places → distances on the sphere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from siting.types import EARTH_RADIUS_M

if TYPE_CHECKING:
    from numpy.typing import NDArray


def great_circle_m(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return distances between places, n × 2 degrees, in metres (haversine, Sinnott 1984)."""
    (lon, lat), (lon2, lat2) = np.radians(before).T, np.radians(after).T
    half = np.sin((lat2 - lat) / 2) ** 2 + np.cos(lat) * np.cos(lat2) * np.sin((lon2 - lon) / 2) ** 2
    distance_m: NDArray[np.float64] = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half))
    return distance_m
