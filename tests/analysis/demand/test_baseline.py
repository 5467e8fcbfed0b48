"""Whose trips of today are known, and a refusal where they are known of nobody."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.demand.baseline import check_baseline, uncompared
from siting.analysis.money import appraisal as economics
from siting.types import Evidence, InputError
from tests.analysis import county


def cut_off(*firms: str, **tables: pd.DataFrame) -> Evidence:
    """Build the county with firms from which no road leads to the laboratories of today."""
    times = county.travel()
    to = times.to_laboratory.copy()
    to.loc[list(firms)] = np.inf
    points = [
        ("enterprise", "a", 12.0, "island"),
        ("enterprise", "b", 2_400.0, "unlocated"),
        ("enterprise", "c", 0.0, "connected"),
        ("laboratory", "metrology", 83_472.8, "unlocated"),
        ("laboratory", "product", 10.0, "no_way_in"),
        ("laboratory", "special", 10.0, "connected"),
    ]
    snapping = pd.DataFrame(points, columns=["kind", "id", "snap_m", "status"])
    case = county.evidence(travel_times=replace(times, to_laboratory=to, snapping=snapping), **tables)
    names = pd.DataFrame({"name": ["计量院", "质检院", "特检院"]}, index=["metrology", "product", "special"])
    inputs = replace(case.inputs, laboratories=names, roads=SimpleNamespace(file="county.osm.pbf"))
    return replace(case, inputs=inputs)


def test_who_is_cut_off_from_the_laboratories_has_no_trips_of_today():
    assert uncompared(cut_off("a", "c")).to_dict() == {"a": True, "b": False, "c": True}
    assert not uncompared(county.evidence()).any()


def test_one_enterprise_that_can_be_compared_is_enough():
    check_baseline(cut_off("a", "b"))
    assert economics.assess(cut_off("a", "b")).summary["hours_saved"].max() > 0


def test_a_study_in_which_nobody_can_be_compared_is_refused_with_cause_and_cure():
    with pytest.raises(InputError) as refused:
        economics.assess(cut_off("a", "b", "c"))
    head, *causes, cure = str(refused.value).splitlines()
    assert head.startswith("county.osm.pbf: no enterprise can drive to the laboratories that it needs today")
    assert [cause.strip() for cause in causes] == [
        "laboratory metrology (计量院), 83.5 km from a road: too far from any road "
        "(travel_time.snap_limit_m)",
        "laboratory product (质检院), 0.0 km from a road: on a road that can be left, not reached",
        "1 of 3 enterprises: too far from any road (travel_time.snap_limit_m)",
        "1 of 3 enterprises: on a road that nothing joins to the main network",
    ]
    assert "give roads that reach from the county to these laboratories (data.roads" in cure


def test_where_nobody_travels_there_is_nothing_to_compare_and_nothing_to_refuse():
    staying = county.services().assign(trip_kind="inspector_out")
    check_baseline(cut_off("a", "b", "c", services=staying))
