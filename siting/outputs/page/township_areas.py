"""Townships as the decision page paints them: an area each, and the minutes of its enterprises' trips.

No study brings borders of townships, so an area is what lies nearer to one township's point than to any
other's (Thiessen polygons, 示意), cut at the outline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from siting.analysis.frames import baseline_option
from siting.outputs.page.firms import townships
from siting.outputs.page.map_layers import COARSE, packed, rings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from siting.study.evaluation import Evaluation
    from siting.types import Json

KINDS = ("subdistrict", "town", "township")
"""Kinds of place that have an area even where no enterprise names them."""

TOLERANCE_DEG = 0.002
"""About 200 m, less than a pixel of a small map."""


def township_areas(evaluation: Evaluation) -> dict[str, Json]:
    """Pack the areas: numbers of the page's townships in each, rings, and minutes by option.

    Townships whose points are the same share an area; minutes are a mean of the trips that roads allow.
    """
    towns = townships(evaluation)
    points = _points(evaluation, towns)
    places = points.drop_duplicates(["lon", "lat"])[["lon", "lat"]]
    number = pd.MultiIndex.from_frame(places).get_indexer(pd.MultiIndex.from_frame(points))
    area_of = dict(zip(points.index, number.tolist(), strict=True))
    cells = thiessen(places.to_numpy(float), evaluation.evidence.inputs.area.simplify(TOLERANCE_DEG))
    members: list[list[int]] = [[] for _ in cells]
    for n, town in enumerate(towns):
        members[area_of[town]].append(n)
    minutes = _minutes(evaluation, area_of).reindex(range(len(cells)))
    return {
        "towns": members,
        "rings": [rings(cell, TOLERANCE_DEG, COARSE) for cell in cells],
        "minutes": [packed(minutes[option].round()) for option in minutes],
    }


def _points(evaluation: Evaluation, towns: list[str]) -> pd.DataFrame:
    """Point of each township by name: its place, else the middle of its enterprises; ``lon, lat``."""
    inputs = evaluation.evidence.inputs
    places = inputs.places
    known = pd.concat([places, places.assign(name=places["name_2011"])])[["name", "lon", "lat", "kind"]]
    known = known.dropna(subset=["name"]).drop_duplicates("name").set_index("name")
    middle = inputs.enterprises.groupby("town")[["lon", "lat"]].mean()
    named = known.loc[known.index.isin(towns) | known["kind"].isin(KINDS), ["lon", "lat"]]
    return pd.concat([named, middle[~middle.index.isin(named.index)]])


def thiessen(points: NDArray[np.float64], area: BaseGeometry) -> list[BaseGeometry]:
    """Cut an area into what lies nearest to each point (n × 2, degrees, no two the same)."""
    if not len(points):
        return []
    stretch = np.cos(np.radians(points[:, 1].mean()))

    def stretched(shape: BaseGeometry, by: float) -> BaseGeometry:
        return shapely.transform(shape, lambda xy: xy * [by, 1.0])

    flat = shapely.points(points * [stretch, 1.0])
    frame = stretched(area, stretch)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(flat), extend_to=frame))
    if len(points) == 1:
        cells = np.array([shapely.box(*shapely.total_bounds([frame, *flat])).buffer(1.0)])
    # In which order the cells come is not told; each holds one point.
    at = shapely.STRtree(cells).query(flat, predicate="within")[1]
    return [stretched(shapely.intersection(cells[n], frame), 1 / stretch) for n in at]


def _minutes(evaluation: Evaluation, area_of: dict[str, int]) -> pd.DataFrame:
    """Mean one-way minutes, area × option: of trips, weighted by those of today, or of residents."""
    evidence = evaluation.evidence
    area = evidence.inputs.enterprises["town"].map(area_of)
    trips = evidence.trips.trips[baseline_option(evidence.options)]
    trips = trips if trips.any() else evidence.demand.tests.sum(axis=1)
    reached = evidence.trips.minutes.where(np.isfinite(evidence.trips.minutes))
    weights = reached.notna().mul(trips, axis=0)
    return reached.mul(trips, axis=0).groupby(area).sum() / weights.groupby(area).sum()
