"""Areas of townships: what lies nearest to each point, and the minutes of the enterprises there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from siting.outputs.page.packed.firms import thiessen, township_areas
from tests.outputs import toy
from tests.outputs.packed_texts import columns_read


@pytest.fixture(scope="module")
def evaluation():
    return toy.evaluation()


def test_areas_cover_the_county_once_and_each_holds_what_is_nearest_to_its_point():
    county = shapely.Polygon([(117.1, 39.7), (117.7, 39.7), (117.8, 40.1), (117.4, 40.2), (117.3, 39.9)])
    rng = np.random.default_rng(4)
    points = rng.uniform([117.0, 39.7], [117.8, 40.2], (9, 2))
    cells = thiessen(points, county)
    assert sum(cell.area for cell in cells) == pytest.approx(county.area, rel=1e-9)
    assert shapely.union_all(cells).area == pytest.approx(county.area, rel=1e-9)
    stretch = np.cos(np.radians(points[:, 1].mean()))
    for lon, lat in rng.uniform([117.1, 39.7], [117.8, 40.2], (200, 2)):
        if county.contains(shapely.Point(lon, lat)):
            nearest = int(np.hypot((points[:, 0] - lon) * stretch, points[:, 1] - lat).argmin())
            assert cells[nearest].distance(shapely.Point(lon, lat)) < 1e-9


@pytest.mark.parametrize("points", [[], [(117.3, 39.9)], [(110.0, 30.0)], [(117.2, 39.8), (117.6, 39.8)]])
def test_few_points_share_the_whole_county(points):
    county = shapely.box(117.0, 39.7, 117.8, 40.2)
    cells = thiessen(np.array(points, float).reshape(-1, 2), county)
    assert sum(cell.area for cell in cells) == pytest.approx(county.area if points else 0.0)


def test_townships_at_one_point_share_an_area_and_unknown_ones_lie_amid_their_enterprises(evaluation):
    inputs = evaluation.evidence.inputs
    places = inputs.places.copy()
    places.loc["p2", ["lon", "lat"]] = places.loc["p1", ["lon", "lat"]].to_numpy()
    changed = replace(
        evaluation, evidence=replace(evaluation.evidence, inputs=replace(inputs, places=places))
    )
    # 上仓镇 and 五百户镇 have places, 邦均镇 has none; the reservoir is no township.
    assert sorted(map(sorted, township_areas(changed)["towns"])) == [[0, 1], [2]]
    assert sorted(map(sorted, township_areas(evaluation)["towns"])) == [[0], [1], [2]]


def test_minutes_are_weighted_by_trips_and_leave_out_who_cannot_get_there(evaluation):
    made, trips = township_areas(evaluation), evaluation.evidence.trips
    towns = evaluation.evidence.inputs.enterprises["town"]
    names = sorted(set(towns))
    wanted = []
    for (town,) in made["towns"]:
        mine = (towns == names[town]) & np.isfinite(trips.minutes["yinliu"])
        assert mine.sum() < len(towns)
        wanted.append(np.average(trips.minutes.loc[mine, "yinliu"], weights=trips.trips.loc[mine, "city"]))
    at = list(trips.minutes).index("yinliu")
    assert columns_read(made["minutes"])[at] == np.round(wanted).tolist()
    assert not np.isfinite(trips.minutes["yinliu"]).all()


def test_without_places_and_townships_there_is_no_area(evaluation):
    inputs = evaluation.evidence.inputs
    bare = replace(inputs, places=inputs.places.iloc[:0], enterprises=inputs.enterprises.assign(town=None))
    made = township_areas(replace(evaluation, evidence=replace(evaluation.evidence, inputs=bare)))
    assert (made["towns"], made["rings"]) == ([], [])
