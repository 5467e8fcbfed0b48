"""Cutoffs, decay, accessibility, Huff shares: published cases, PySAL beside, naive loops, properties."""

import numpy as np
import pandas as pd
import pytest
from access.fca import two_stage_fca
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.access import coverage
from siting.analysis.access.coverage import (
    covered,
    covered_trips,
    huff_shares,
    two_step_floating_catchment,
)
from siting.types import InputError
from tests.analysis import county

STEPS = {20: 1.0, 40: 0.68, 60: 0.22}

# Luo & Wang 2003, Fig. 3 (doi 10.1068/b29120): minutes of 11 tracts to 2 physicians.
LUO_WANG = [[20, 40]] * 3 + [[20, 20], [40, 20], [20, 40], [20, 40], [40, 20], [20, 40], [20, 40], [40, 20]]

# R package catchment, test-catchment_ratio.R.
CATCHMENT = {"demand": [5, 10, 50], "supply": [5, 10], "travel_time": [[5, 55], [35, 15], [40, 25]]}

# PySAL access, test_hospital_example.py: costs, beds, people.
HOSPITAL = {
    "demand": [100, 50, 10],
    "supply": [15, 20, 100],
    "travel_time": [[1, 80, 40], [80, 1, 40], [40, 40, 1]],
}

# R package accessibility, Belo Horizonte sample: minutes, population, jobs of five cells.
BHO_MINUTES = [
    [5.8, 47.0, 48.0, 47.0, 64.0],
    [45.0, 5.8, 13.0, 41.0, 70.0],
    [44.0, 13.0, 5.8, 42.0, 67.0],
    [43.0, 43.0, 49.0, 5.8, 58.0],
    [60.0, 70.0, 68.0, 64.0, 5.8],
]
BHO_PEOPLE = [852.0, 394.0, 1969.0, 2189.0, 0.0]
BHO_JOBS = [82.0, 308.0, 100.0, 109.0, 0.0]


def test_covered_counts_the_cutoff_itself_and_never_the_unreachable():
    assert covered([0, 30, 30.001, np.inf], 30).tolist() == [1, 1, 0, 0]
    assert covered([0, 15, 30, np.inf], 30, "linear").tolist() == [1, 0.5, 0, 0]
    gaussian = covered([0, 15, 30, 31, np.inf], 30, "gaussian")
    middle = (np.exp(-0.125) - np.exp(-0.5)) / (1 - np.exp(-0.5))
    assert gaussian == pytest.approx([1, middle, 0, 0, 0])


def test_two_step_luo_wang_2003():
    result = two_step_floating_catchment([1] * 11, [1, 1], LUO_WANG, cutoff_min=30)
    expected = [0.125, 0.125, 0.125, 0.375, 0.25, 0.125, 0.125, 0.25, 0.125, 0.125, 0.25]
    assert result == pytest.approx(expected, abs=1e-12)


def test_steps_hold_at_their_own_end():
    alone = [
        two_step_floating_catchment([1, 1], [1], [[0], [t]], cutoff_min=90, decay=STEPS)[1]
        for t in (0, 20, 20.5, 40, 60, 61)
    ]
    assert alone == pytest.approx([w / (1 + w) for w in (1, 1, 0.68, 0.68, 0.22, 0)])


def test_two_step_and_steps_of_r_catchment():
    assert two_step_floating_catchment(**CATCHMENT, cutoff_min=29.9) == pytest.approx([1, 1 / 6, 1 / 6])
    expected = [0.15795079348173394, 0.2959652978824349, 0.2250118610753396]
    for decay in (STEPS, lambda t: 1.0 if t <= 20 else 0.68 if t <= 40 else 0.22):
        result = two_step_floating_catchment(**CATCHMENT, cutoff_min=60, decay=decay)
        assert result == pytest.approx(expected, rel=1e-12)


def test_competitive_gravity_of_r_twostepr():
    result = two_step_floating_catchment(
        [1, 1, 1], [1, 1], [[1, 1], [1, 1], [1, 2]], cutoff_min=np.inf, decay=lambda t: 1 / t
    )
    assert result == pytest.approx([0.733333333333333, 0.733333333333333, 0.533333333333333])


def test_two_step_belo_horizonte_and_nobody_at_home():
    result = two_step_floating_catchment(BHO_PEOPLE, BHO_JOBS, BHO_MINUTES, cutoff_min=45)
    assert result == pytest.approx([0.0152, 0.1491, 0.1491, 0.1068, 0], abs=5e-5)


def test_hospital_of_pysal():
    result = two_step_floating_catchment(**HOSPITAL, cutoff_min=60.9, decay=lambda t: 1 / t)
    assert result == pytest.approx([0.3314441169802766, 0.5798281320669381, 7.286418169862544], rel=1e-12)


def random_case(seed, n=12, m=5):
    rng = np.random.default_rng(seed)
    return (
        rng.integers(1, 50, n).astype(float),
        rng.integers(1, 9, m).astype(float),
        rng.uniform(1, 90, (n, m)),
    )


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # PySAL's own use of pandas
@pytest.mark.parametrize("seed", range(5))
def test_catchments_equal_pysal_access(seed):
    demand, supply, minutes = random_case(seed)
    people = pd.DataFrame({"demand": demand}, pd.RangeIndex(12, name="geoid"))
    places = pd.DataFrame({"supply": supply}, pd.RangeIndex(5, name="geoid"))
    long = pd.DataFrame(minutes).stack().rename_axis(["origin", "dest"]).rename("cost").reset_index()

    def weight(t):
        return np.exp(-0.05 * np.asarray(t, float))

    two = two_stage_fca(people, places, long.copy(), max_cost=60, weight_fn=weight)
    result = two_step_floating_catchment(demand, supply, minutes, cutoff_min=60, decay=weight)
    np.testing.assert_allclose(result, two.reindex(range(12), fill_value=0), rtol=1e-12)


@given(st.integers(0, 10_000), st.floats(5, 100))
def test_two_step_equals_naive_loops_and_hands_out_what_is_reached(seed, cutoff):
    demand, supply, minutes = random_case(seed)
    minutes[0, :] = np.inf
    result = two_step_floating_catchment(demand, supply, minutes, cutoff_min=cutoff)
    near = [[i for i in range(12) if minutes[i, j] <= cutoff] for j in range(5)]
    ratio = [supply[j] / sum(demand[i] for i in near[j]) if near[j] else 0.0 for j in range(5)]
    naive = [sum(ratio[j] for j in range(5) if i in near[j]) for i in range(12)]
    np.testing.assert_allclose(result, naive, rtol=1e-12)
    assert result[0] == 0
    reached = sum(supply[j] for j in range(5) if near[j])
    assert result @ demand == pytest.approx(reached)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"demand": [1, -2, 3]}, r"demand: -2.0 at position \[1\]"),
        ({"supply": [1, np.nan]}, r"supply: nan at position \[1\]"),
        ({"travel_time": [[1, 2]]}, r"travel_time is \(1, 2\), but demand × supply is \(3,\) × \(2,\)"),
        ({"cutoff_min": 0}, "cutoff_min = 0; give minutes above 0"),
        ({"decay": lambda t: -t}, "negative or not finite"),
        ({"decay": lambda t: np.full_like(t, np.inf)}, "negative or not finite"),
    ],
)
def test_catchment_refuses_nonsense(change, message):
    case = {**CATCHMENT, "cutoff_min": 30} | change
    with pytest.raises(InputError, match=message):
        two_step_floating_catchment(**case)


def test_huff_closed_form():
    expected = [[0.7009345794392524, 0.19225634178905207, 0.10680907877169561]]
    assert huff_shares([3500, 1500, 300], [[4, 5, 3]], exponent=2) == pytest.approx(
        np.array(expected), abs=1e-12
    )


def test_huff_at_the_door_unreachable_and_no_place():
    shares = huff_shares([1, 3, 1], [[0, 0, 5], [np.inf, 2, np.inf], [np.inf] * 3], exponent=2)
    assert shares.tolist() == [[0.25, 0.75, 0], [0, 1, 0], [0, 0, 0]]
    assert huff_shares([0, 0], [[1, 2]], exponent=1).tolist() == [[0, 0]]
    assert huff_shares([1, 1], [[1e-300, 2e-300]], exponent=2)[0] == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize("wrong", [{"exponent": 0}, {"attractiveness": [1, np.inf]}, {"attractiveness": [1]}])
def test_huff_refuses_nonsense(wrong):
    case = {"attractiveness": [1, 2], "travel_time": [[1, 2]], "exponent": 2} | wrong
    with pytest.raises(InputError, match="huff_shares"):
        huff_shares(**case)


@given(st.integers(0, 10_000), st.floats(0.1, 5), st.floats(0.01, 100))
def test_huff_rows_sum_to_one_and_scale_away(seed, exponent, factor):
    _, size, minutes = random_case(seed)
    shares = huff_shares(size, minutes, exponent=exponent)
    assert shares.sum(axis=1) == pytest.approx(1.0)
    np.testing.assert_allclose(huff_shares(size, minutes * factor, exponent=exponent), shares, rtol=1e-9)


# coverage of the county


def test_staff_within_reach():
    """North within 30 minutes: 甲 and 乙, 12 trips; ten persons are 833 per 1,000 trips."""
    reach = coverage.staff_within_reach(county.evidence(), 10, cutoff_min=30)
    assert reach["north"].tolist() == pytest.approx([10 / 0.012, 10 / 0.012, 0])
    assert list(reach.columns) == ["north", "south"]


def test_covered_trips_by_hand():
    """Trips: 甲 2 gauges + 4 food; 乙 4 gauges + 2 cloth; 丙 0.2 gauges + 6 cars (phase 2)."""
    taken, demand = covered_trips(county.evidence(), cutoff_min=30, decay="none")
    assert demand.tolist() == pytest.approx([6, 6, 6.2])
    assert taken["north"].tolist() == pytest.approx([2 + 3, 4 + 2, 0])
    assert taken["south"].tolist() == pytest.approx([0, 6, 0.2])
    assert taken["mobile"].tolist() == pytest.approx([1, 2, 0.1])
    assert taken["city"].tolist() == [0, 0, 0]
    city, _ = covered_trips(county.evidence(), cutoff_min=90, decay="none")
    assert city["city"].tolist() == pytest.approx([6, 0, 6.2])


def test_decay_lies_between_the_neighbouring_cutoffs():
    case = county.evidence()
    all_or_nothing, _ = covered_trips(case, cutoff_min=30, decay="none")
    for decay in ("linear", "gaussian"):
        gradual, _ = covered_trips(case, cutoff_min=30, decay=decay)
        assert (gradual.to_numpy() <= all_or_nothing.to_numpy()).all()
        assert gradual.loc["a", "north"] == pytest.approx(5 * covered(10, 30, decay))


def test_coverage_table_names_who_falls_out_with_a_test_line():
    table = coverage.coverage_table(county.evidence(), cutoff_min=30, decay="none").set_index(
        ["option", "industry", "service"]
    )
    food = table.loc[("north", "food", "food")]
    assert (food["demand"], food["covered"], food["share"], food["enterprises"]) == (4, 3, 0.75, 1)
    assert food["fall_out"] == ()  # 甲 still brings its gauges
    assert table.loc[("south", "machinery", "gauges"), "fall_out"] == ("c",)
    assert table.loc[("south", "machinery", "cars"), "covered"] == 0
    assert ("north", "food", "cloth") not in table.index  # 0 of 0 is no row
    without = county.evidence(services=county.services().drop(index="gauges"))
    taken, _ = covered_trips(without, cutoff_min=30)
    assert taken.loc["c", "south"] == 0


def test_coverage_table_adds_up_to_the_covered_trips():
    case = county.evidence()
    taken, demand = covered_trips(case, cutoff_min=30, decay="none")
    table = (
        coverage.coverage_table(case, cutoff_min=30, decay="none")
        .groupby("option")[["covered", "demand"]]
        .sum()
    )
    assert table["covered"].to_dict() == pytest.approx(taken.sum().to_dict())
    assert table["demand"].tolist() == pytest.approx([demand.sum()] * 4)
