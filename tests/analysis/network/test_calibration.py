"""Measured trips with known factors, noise and outliers: what the fit finds, and when it refuses."""

from dataclasses import replace

import numpy as np
import pytest

from siting.analysis.network.calibration import calibrate
from siting.analysis.network.delays import minute_parts
from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from siting.types import InputError
from tests.analysis.roads import layer

TRUE = (1.25, 1.6)
"""Driving takes 1.25 times, a junction 1.6 times as long as the settings say."""
TOWN = 16
"""Streets each way in the town, 150 m apart."""


def town_and_roads():
    """A grid of streets with a junction every 150 m, and six long roads that lead out of it without any."""
    places = [(150 * x, 150 * y) for y in range(TOWN) for x in range(TOWN)]
    ends = [(y * TOWN + x, y * TOWN + x + 1) for y in range(TOWN) for x in range(TOWN - 1)]
    ends += [(y * TOWN + x, (y + 1) * TOWN + x) for y in range(TOWN - 1) for x in range(TOWN)]
    out = []
    for k in range(6):
        places.append((150 * (TOWN - 1) + 4000 * (k + 1), 300 * k))
        ends.append(((2 * k + 1) * TOWN - 1, len(places) - 1))
        out.append(len(places) - 1)
    kinds = ["residential"] * (len(ends) - 6) + ["primary"] * 6
    speeds = [50.0] * (len(ends) - 6) + [80.0] * 6
    return layer(places, ends, speed_kmh=speeds, speed_basis="posted", **{"class": kinds}), out


ROADS, OUT = town_and_roads()
SETTINGS = TravelTimeSettings(
    posted_factor=1.0, junction_delay_s={"minor": 15.0, "secondary": 15.0, "trunk": 15.0}
)


def trips_of(start, end, roads=ROADS):
    """Return a function that gives the minutes of trips under factors."""
    graph, parts = build_graph(roads, SETTINGS), minute_parts(roads, SETTINGS)

    def times_of(driving, junctions, signals):
        minutes = parts.total(limit_share=1.0 / driving, junctions=junctions, signals=signals)
        return graph.with_minutes(minutes).travel_times(start, end).diagonal()

    return times_of


def town_trips(rng, n):
    """Trips of seven blocks and more inside the town."""
    found = []
    while len(found) < n:
        a, b = rng.integers(0, TOWN**2, 2)
        if abs(a % TOWN - b % TOWN) + abs(a // TOWN - b // TOWN) >= 7:
            found.append((a, b))
    return found


def mixed(seed, n=30):
    """Half of the trips inside the town, half along the roads; 10 % noise, three of them far off."""
    rng = np.random.default_rng(seed)
    roads = [(TOWN * int(2 * (k % 6) + 1) - 1, OUT[k % 6]) for k in range(n // 2)]
    start, end = np.array(town_trips(rng, n - n // 2) + roads).T
    times_of = trips_of(start, end)
    measured = times_of(*TRUE, 1.0) * rng.uniform(0.9, 1.1, n)
    measured[rng.choice(n, 3, replace=False)] *= [2.0, 0.5, 1.8]
    return times_of, measured


@pytest.mark.parametrize("seed", range(8))
def test_known_factors_are_found_in_spite_of_noise_and_outliers(seed):
    found = calibrate(*mixed(seed))
    assert found.settled
    np.testing.assert_allclose(found.factors[:2], TRUE, rtol=0.05)
    assert (np.abs(found.factors[:2] - TRUE) < 2 * found.half_width[:2]).all()


def test_the_fit_is_judged_on_trips_held_out():
    times_of, measured = mixed(3)
    found = calibrate(times_of, measured)
    np.testing.assert_array_equal(found.before_min, times_of(1.0, 1.0, 1.0))
    before, after = (
        np.abs(minutes - measured) / measured for minutes in (found.before_min, found.held_out_min)
    )
    assert after.mean() < 0.6 * before.mean()
    assert (found.held_out_min != found.after_min).any()


def test_the_bare_truth_is_found_to_the_digit():
    times_of, _ = mixed(1)
    found = calibrate(times_of, times_of(*TRUE, 1.0))
    np.testing.assert_allclose(found.factors[:2], TRUE, rtol=1e-3)
    assert found.factors[2] == found.factors[1]
    assert not found.own_signals


def test_signals_have_a_factor_of_their_own_where_the_trips_tell():
    rng = np.random.default_rng(5)
    signal = np.zeros(len(ROADS.nodes), bool)
    signal[: TOWN**2 // 2] = rng.random(TOWN**2 // 2) < 0.7
    roads = replace(ROADS, nodes=ROADS.nodes.assign(signal=signal))
    start, end = np.array(town_trips(rng, 40) + [(TOWN - 1, OUT[0]), (3 * TOWN - 1, OUT[1])]).T
    times_of = trips_of(start, end, roads)
    found = calibrate(times_of, times_of(1.25, 1.6, 2.5))
    assert found.own_signals
    np.testing.assert_allclose(found.factors, (1.25, 1.6, 2.5), rtol=0.01)


def test_trips_of_one_kind_are_refused():
    """Along streets alone, driving and delays grow together."""
    rng = np.random.default_rng(2)
    start, end = np.array(town_trips(rng, 20)).T
    times_of = trips_of(start, end)
    with pytest.raises(InputError, match="do not tell the share of the limit from the delays") as caught:
        calibrate(times_of, times_of(*TRUE, 1.0) * rng.uniform(0.9, 1.1, 20))
    assert "分不清" in caught.value.message_zh
    road = trips_of(np.array([TOWN - 1] * 9), np.array(OUT[:1] * 9))
    with pytest.raises(InputError, match="add trips of both kinds"):
        calibrate(lambda *factors: road(*factors) * np.arange(1, 10), np.arange(1.0, 10.0))


def test_too_few_trips_and_impossible_times_are_refused():
    times_of, measured = mixed(4)
    with pytest.raises(InputError, match="7 trips can be used, at least 8"):
        calibrate(lambda *factors: times_of(*factors)[:7], measured[:7])
    with pytest.raises(InputError, match="runs to its bounds"):
        calibrate(times_of, times_of(1.0, 1.0, 1.0) * 60)
