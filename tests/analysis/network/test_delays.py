"""Junction and signal delays against minutes worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from siting.analysis.network.delays import minute_parts
from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from tests.analysis.roads import layer, points

DELAYS = {"minor": 3.0, "secondary": 6.0, "trunk": 12.0}
SETTINGS = TravelTimeSettings(posted_factor=0.8, junction_delay_s=DELAYS, signal_delay_s=30.0)
CROSS = [(0, 0), (1000, 0), (-1000, 0), (0, 1000), (0, -1000)]
ARMS = [(1, 0), (2, 0), (3, 0), (4, 0)]


def seconds(roads, settings=SETTINGS):
    """Delay at the head of each stretch, seconds, junctions and signals."""
    parts = minute_parts(roads, settings)
    return (60 * (parts.junctions + parts.signals)[0]).round(9).tolist()


def crossing(*classes, **columns):
    return layer(
        CROSS[: len(classes) + 1],
        ARMS[: len(classes)],
        **{"class": classes, "speed_basis": "posted"} | columns,
    )


def with_signal(roads, *nodes):
    return replace(roads, nodes=roads.nodes.assign(signal=np.isin(np.arange(len(roads.nodes)), nodes)))


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (("trunk", "trunk", "residential", "residential"), [3, 3, 12, 12]),
        (("primary", "primary", "secondary", "tertiary"), [6, 6, 6, 6]),
        (("residential",) * 4, [3, 3, 3, 3]),
        (("trunk", "trunk", "tertiary"), [3, 3, 12]),
        (("residential",) * 3, [3, 3, 3]),
        (("trunk", "trunk"), [0, 0]),
        (("trunk", "trunk", "service"), [0, 0, 0]),
        (("motorway", "motorway", "motorway_link"), [0, 0, 0]),
        (("motorway_link",) * 3, [0, 0, 0]),
        (("primary", "primary", "motorway_link"), [12, 12, 6]),
    ],
)
def test_a_trip_pays_for_the_class_of_the_road_it_crosses(classes, expected):
    assert seconds(crossing(*classes)) == expected


def test_a_roundabout_and_a_parting_road_delay_nobody():
    assert seconds(crossing(*["primary"] * 3, roundabout=[True, True, False])) == [0, 0, 0]
    # One two-way road parts into two carriageways; under another name the third is a side road.
    parting = {"backward": [True, False, False], "forward": [True, True, False]}
    roads = crossing(*["primary"] * 3, **parting)
    roads.edges["backward"] = [True, False, True]
    assert seconds(roads) == [0, 0, 0]
    roads.edges["name"] = ["a", "a", "b"]
    assert seconds(roads) == [6, 6, 6]


def test_where_others_only_leave_nobody_crosses():
    roads = crossing(*["primary"] * 3)
    roads.edges["forward"], roads.edges["backward"] = [True, False, False], [False, True, True]
    assert seconds(roads)[0] == 0


def test_a_signal_replaces_the_junction_and_stands_between_junctions_too():
    assert seconds(with_signal(crossing("trunk", "trunk", "tertiary"), 0)) == [30, 30, 30]
    assert seconds(with_signal(crossing("trunk", "trunk"), 0)) == [30, 30]


def test_a_crossing_of_two_carriageways_is_paid_once():
    """Eastward over two carriageways 30 m apart; 50 m apart they are two junctions."""
    for apart, expected in ((30.0, 6.0), (50.0, 12.0)):
        places = [(-500, 0), (0, 0), (apart, 0), (500, 0), (0, 400), (0, -400), (apart, 400), (apart, -400)]
        ends = [(0, 1), (1, 2), (2, 3), (4, 1), (1, 5), (7, 2), (2, 6)]
        ways = {"backward": [True, True, True, False, False, False, False], "speed_basis": "posted"}
        roads = layer(places, ends, **ways)
        found = build_graph(roads, SETTINGS).travel_times([0], [3])[0, 0]
        driven = (1000 / 1000) / (60 * 0.8) * 60
        assert found == pytest.approx(driven + expected / 60)


def along(*stops_m, width=600, arms=(), signals=()):
    """Seconds of delay on a road through nodes at `stops_m`, some of them with side roads."""
    places = [(-width, 0), *((x, 0) for x in stops_m), (width, 0), *((x, 400) for x in arms)]
    ends = [(k, k + 1) for k in range(len(stops_m) + 1)]
    ends += [(1 + stops_m.index(x), len(stops_m) + 2 + k) for k, x in enumerate(arms)]
    roads = with_signal(layer(places, ends), *(1 + stops_m.index(x) for x in signals))
    graph = build_graph(roads, SETTINGS.model_copy(update={"posted_factor": 1.0}))
    return 60 * graph.travel_times([0], [len(stops_m) + 1])[0, 0] - 2 * width / 1000 * 60


@pytest.mark.parametrize("factor", [1.0, 0.8])
def test_a_draw_of_the_factor_in_hills_gives_the_minutes_of_that_factor(factor):
    """Where the travel speed is stated nothing is drawn: it holds hills already."""
    roads = layer(
        [(0, 0), (1000, 0)],
        [(0, 1)] * 4,
        mountain=[0.0, 0.25, 1.0, 1.0],
        speed_basis=["class", "class", "posted", "stated"],
    )
    slow, given = (SETTINGS.model_copy(update={"mountain_factor": each}) for each in (0.7, factor))
    drawn = minute_parts(roads, given).total(mountain=0.7 / factor)
    expected = minute_parts(roads, slow).total()
    assert drawn[:, :3] == pytest.approx(expected[:, :3])
    assert drawn[:, 3] == pytest.approx(minute_parts(roads, given).total()[:, 3])


def test_stop_lines_of_both_directions_and_their_junction_are_one_signal():
    """Stop lines 20 m before and behind the junction, 15 m of it past a driveway; at 45 m three."""
    assert along(-20, -5, 0, 20, arms=(0,), signals=(-20, 20)) == pytest.approx(30.0)
    assert along(-20, -5, 0, 20, arms=(0,), signals=(20,)) == pytest.approx(30.0)
    assert along(-45, 0, 45, arms=(0,), signals=(-45, 45)) == pytest.approx(30 + 6 + 30)


def with_one_way_signal(roads, **direction_of_node):
    nodes = with_signal(roads, *(int(name[1:]) for name in direction_of_node)).nodes
    for name, direction in direction_of_node.items():
        nodes.loc[int(name[1:]), "signal_one_way"] = direction
    return replace(roads, nodes=nodes)


def test_signals_for_one_direction_delay_those_who_come_that_way():
    """Along, against; stop lines on both sides of a footway are one signal for either."""
    line = layer([(-500, 0), (0, 0), (30, 0), (500, 0)], [(0, 1), (1, 2), (2, 3)], speed_basis="posted")

    def paid(**signals):
        parts = minute_parts(with_one_way_signal(line, **signals), SETTINGS)
        return (60 * parts.signals.sum(axis=1)).round(9).tolist()

    assert paid(n1=1) == [30, 0]
    assert paid(n1=-1) == [0, 30]
    assert paid(n1=0) == [30, 30]
    assert paid(n1=1, n2=-1) == paid(n1=-1, n2=1) == [30, 30]
    assert paid(n1=1, n2=1) == [30, 0]


def test_where_roads_cross_signals_hold_for_all():
    roads = with_one_way_signal(crossing("primary", "primary", "tertiary"), n0=1)
    assert seconds(roads) == [30, 30, 30]


def test_a_road_cut_shortly_before_a_junction_still_pays_there():
    assert along(-15, 0, arms=(0,)) == pytest.approx(6.0)
    assert along(-15, 0, 15, arms=(0,), signals=(0,)) == pytest.approx(30.0)


def test_closed_arms_make_no_junction():
    roads = crossing("trunk", "trunk", "tertiary", way=[1, 2, 3])
    graph = build_graph(roads, TravelTimeSettings(closures=("3",), junction_delay_s=DELAYS))
    assert graph.minutes[0, 0] == pytest.approx(1.0 / 0.9)


def test_stated_speeds_keep_their_minutes_unless_they_are_limits():
    roads = with_signal(crossing("trunk", "trunk", "tertiary", speed_basis="stated"), 0)
    assert build_graph(roads, SETTINGS).minutes[0].tolist() == pytest.approx([1.0] * 3)
    limits = SETTINGS.model_copy(update={"stated_are_limits": True})
    assert build_graph(roads, limits).minutes[0].tolist() == pytest.approx([1.0 / 0.8 + 0.5] * 3)


def test_a_share_is_driven_of_posted_limits_and_delays_hold_for_class_speeds_too():
    """60 km/h posted at 0.8, of the class in full and at 0.5; stated as it stands."""
    bases = ["posted", "class", "stated"]
    roads = crossing("trunk", "trunk", "tertiary", speed_basis=bases)
    assert 60 * minute_parts(roads, SETTINGS).driving == pytest.approx([75.0, 60.0, 60.0])
    assert seconds(roads) == [3, 3, 0]
    half = SETTINGS.model_copy(update={"class_factor": 0.5})
    assert 60 * minute_parts(roads, half).driving == pytest.approx([75.0, 120.0, 60.0])
    shares = minute_parts(roads, SETTINGS).total(limit_share=0.5, class_share=0.25)[1]
    assert 60 * shares == pytest.approx([150.0, 240.0, 60.0])


def test_ferries_keep_their_timetable():
    roads = crossing("ferry", "primary", "primary", "primary", speed_kmh=[6.0, 60.0, 60.0, 60.0])
    minutes = build_graph(roads, SETTINGS).minutes[0]
    assert minutes[:2].tolist() == pytest.approx([10.0, 1.25 + 0.1])


def test_the_busy_hour_lengthens_delays_as_it_does_the_drive():
    roads = crossing("trunk", "trunk", "tertiary")
    calm, busy = (build_graph(roads, SETTINGS.model_copy(update={"peak_factor": f})) for f in (1.0, 1.5))
    assert busy.minutes == pytest.approx(1.5 * calm.minutes)


def test_parts_add_up_and_scale_by_themselves():
    roads = with_signal(crossing("trunk", "trunk", "tertiary"), 1)
    parts = minute_parts(roads, SETTINGS)
    plain = minute_parts(roads, TravelTimeSettings(posted_factor=1.0)).driving
    assert parts.total()[0] == pytest.approx(plain / 0.8 + parts.junctions[0] + parts.signals[0])
    twice = parts.total(limit_share=0.5, junctions=2.0, signals=3.0)
    assert twice == pytest.approx(plain / 0.4 + 2 * parts.junctions + 3 * parts.signals)


def test_a_delay_sends_trips_another_way():
    """By five crossings of trunk roads 5 km, round them 6 km: at 60 s a crossing the way round is faster."""
    direct = [(1000 * k, 0) for k in range(7)]
    sides = [(x, side) for x, _ in direct[1:6] for side in (900, -900)]
    places = [*direct, *sides, (0, -1000), (6000, -1000)]
    ends = [(k, k + 1) for k in range(6)] + [(7 + k, 1 + k // 2) for k in range(10)]
    ends += [(0, 17), (17, 18), (18, 6)]
    kinds = ["tertiary"] * 6 + ["trunk"] * 10 + ["tertiary"] * 3
    roads = layer(places, ends, **{"class": kinds, "speed_basis": "posted"})
    slow = {"minor": 0.0, "secondary": 0.0, "trunk": 60.0}
    free, held = (
        build_graph(roads, TravelTimeSettings(posted_factor=1.0, junction_delay_s=delay))
        for delay in (dict.fromkeys(slow, 0.0), slow)
    )
    ends_at = points((0, 0)), points((6000, 0))
    assert free.travel_times(*ends_at)[0, 0] == pytest.approx(6.0)
    assert held.travel_times(*ends_at)[0, 0] == pytest.approx(8.0)
