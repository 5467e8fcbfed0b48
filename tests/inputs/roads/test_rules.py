"""Tags of one way → access, direction, speed; the rows restate OSM's access and one-way rules."""

import csv
from importlib.resources import files
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.network.speeds import RoadClass
from siting.inputs.roads.rules import (
    barrier_blocks,
    car_rules,
    carries_through,
    crossing_minutes,
    is_impossible_speed,
    is_tunnel,
    parse_maxspeed,
    road_classes,
    way_conditions,
)

BOTH, ALONG, AGAINST, NONE = (True, True), (True, False), (False, True), (False, False)


def tags(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # classes
        ("highway=primary", BOTH),
        ("highway=service service=parking_aisle", BOTH),
        ("highway=service service=emergency_access", NONE),
        ("highway=footway", NONE),
        ("highway=track", NONE),
        ("highway=steps access=yes", NONE),
        ("highway=construction", NONE),
        ("highway=proposed", NONE),
        ("highway=primary construction=yes", BOTH),
        ("highway=primary construction=minor", BOTH),
        ("highway=primary proposed=yes", BOTH),
        ("highway=primary proposed=trunk", BOTH),
        ("highway=primary area=yes", NONE),
        ("highway=primary impassable=yes", NONE),
        ("highway=primary smoothness=impassable", NONE),
        ("highway=primary smoothness=horrible", BOTH),
        ("highway=winter_road", BOTH),
        ("highway=unheard_of", NONE),
        ("highway=unheard_of access=permissive", BOTH),
        ("railway=rail maxspeed=100", NONE),
        ("route=ferry", BOTH),
        ("route=ferry motor_vehicle=no", NONE),
        ("route=ferry oneway=yes", ALONG),
        ("route=bus", NONE),
        ("building=yes", NONE),
        # access: the narrower vehicle decides, a direction before none
        ("highway=primary access=no", NONE),
        ("highway=primary access=private", BOTH),
        ("highway=primary access=customers", BOTH),
        ("highway=primary access=military", NONE),
        ("highway=primary access=psv", NONE),
        ("highway=primary motorcar=share_taxi", NONE),
        ("highway=primary access=no motor_vehicle=yes", BOTH),
        ("highway=primary access=yes vehicle=no", NONE),
        ("highway=primary vehicle=yes motorcar=no", NONE),
        ("highway=primary access=forestry motor_vehicle=yes", BOTH),
        ("highway=primary bicycle=no foot=no psv=no", BOTH),
        ("highway=primary toll=yes", BOTH),
        ("highway=primary access=no access:backward=yes", AGAINST),
        ("highway=primary access=yes access:forward=yes motorcar=no", NONE),
        ("highway=primary access:forward=no motorcar:forward=yes", BOTH),
        ("highway=primary access=no motorcar=no motorcar:forward=yes", ALONG),
        ("highway=primary motor_vehicle:forward=no motor_vehicle:backward=destination", AGAINST),
        ("highway=primary access=yes;agricultural", BOTH),
        ("highway=primary motorcar=agricultural;forestry", NONE),
        # ways not made for cars need a tag that lets them in outright
        ("highway=cycleway motor_vehicle=designated", BOTH),
        ("highway=pedestrian motorcar=destination", NONE),
        ("highway=footway access=customers", NONE),
        ("highway=track motor_vehicle=yes", BOTH),
        ("highway=track motor_vehicle=destination;agricultural", NONE),
        ("highway=runway", NONE),
        ("highway=runway vehicle=yes", BOTH),
        # one-way
        ("highway=primary oneway=yes", ALONG),
        ("highway=primary oneway=1", ALONG),
        ("highway=primary oneway=-1", AGAINST),
        ("highway=primary oneway=no", BOTH),
        ("highway=primary oneway=reversible", NONE),
        ("highway=primary oneway=alternating", BOTH),
        ("highway=motorway", ALONG),
        ("highway=motorway oneway=no", BOTH),
        ("highway=motorway oneway=-1", AGAINST),
        ("highway=motorway oneway=alternating", ALONG),
        ("highway=motorway_link", BOTH),
        ("highway=primary junction=roundabout", ALONG),
        ("highway=primary junction=roundabout oneway=no", BOTH),
        ("highway=primary junction=circular", ALONG),
        ("highway=primary oneway:motorcar=yes", ALONG),
        ("highway=primary oneway:vehicle=yes oneway=no", ALONG),
        ("highway=primary oneway:motor_vehicle=no oneway:vehicle=yes", BOTH),
        ("highway=primary oneway=yes oneway:bicycle=no", ALONG),
        # too low, narrow, short or light for a car; a physical limit goes before a sign
        ("highway=primary maxheight=1.8", NONE),
        ("highway=primary maxheight=2.2", BOTH),
        ("highway=primary maxheight=none", BOTH),
        ("highway=primary maxheight=6'3\"", NONE),
        ("highway=primary maxheight=6'8\"", BOTH),
        ("highway=primary maxheight=1.8 maxheight:physical=2.1", BOTH),
        ("highway=primary maxheight:forward=1.8 maxheight:backward=3", AGAINST),
        ("highway=residential maxwidth=1.8", NONE),
        ("highway=residential maxwidth=2", BOTH),
        ("highway=residential width=6'3\"", BOTH),
        ("highway=residential width=6'2\"", NONE),
        ("highway=residential width=150cm", NONE),
        ("highway=residential est_width=wide", BOTH),
        ("highway=primary maxlength=4", NONE),
        ("highway=primary maxweight=1.5", NONE),
        ("highway=primary maxweight=1500kg", NONE),
        ("highway=primary maxweight=20", BOTH),
        # speeds that cannot be driven close the way
        ("highway=primary maxspeed=0", NONE),
        ("highway=primary maxspeed=-60", NONE),
        ("highway=primary maxspeed=NaN", NONE),
        ("highway=primary maxspeed=signals", BOTH),
    ],
)
def test_directions(text, expected):
    forward, backward, speed = car_rules(tags(text))
    assert (forward, backward) == expected
    assert (speed is None) == (expected == NONE)


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("highway=service", True),
        ("highway=service access=yes", True),
        ("highway=service access=permissive", True),
        ("highway=service access=private", False),
        ("highway=residential motor_vehicle=destination", False),
        ("highway=service access=customers", False),
        ("highway=service access=delivery", False),
        ("highway=residential vehicle=residents", False),
        # the narrower vehicle decides, and the widest of several values
        ("highway=service access=private motor_vehicle=yes", True),
        ("highway=service access=yes motorcar=destination", False),
        ("highway=service access=private;yes", True),
        ("highway=service access=destination;agricultural", False),
        # one open direction that lets traffic through is enough
        ("highway=tertiary motor_vehicle:backward=destination", True),
        ("highway=tertiary motor_vehicle:backward=destination motor_vehicle:forward=no", False),
        ("highway=tertiary oneway=yes motor_vehicle:forward=destination", False),
    ],
)
def test_who_passes_through(text, passes):
    found = tags(text)
    assert carries_through(found, *car_rules(found)[:2]) is passes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("highway=primary", False),
        ("highway=primary tunnel=yes", True),
        ("highway=primary tunnel=no", False),
        ("highway=service tunnel=building_passage", False),
        ("highway=primary tunnel=culvert", False),
    ],
)
def test_tunnels(text, expected):
    assert is_tunnel(tags(text)) is expected


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("highway=primary", 60),
        ("highway=primary maxspeed=80", 80),
        ("highway=primary maxspeed=30mph", 48.28032),
        ("highway=primary maxspeed=none", 60),
        ("highway=primary maxspeed=1000", 60),
        ("highway=motorway maxspeed=140", 140),
        ("highway=primary maxspeed=60;80", 60),
        ("highway=primary maxspeed:forward=40", 40),
        ("highway=primary maxspeed=50 maxspeed:backward=30", 30),
        ("highway=primary maxspeed=50 maxspeed:backward=30 oneway=yes", 50),
        ("highway=secondary maxspeed:type=CN:urban", 50),
        ("highway=primary source:maxspeed=CN:urban", 50),
        ("highway=tertiary surface=gravel", 30),
        ("highway=tertiary maxspeed=60 surface=gravel", 30),
        ("highway=trunk surface=gravel", 70),
        ("highway=tertiary surface=asphalt;gravel", 30),
        ("highway=tertiary surface=rock", 20),
        ("highway=trunk smoothness=very_bad", 20),
        ("highway=tertiary smoothness=good", 40),
        ("highway=unclassified tracktype=grade5", 20),
        ("highway=track motor_vehicle=yes tracktype=grade2", 15),
        ("highway=secondary lanes=1", 40),
        ("highway=secondary lanes=1 oneway=yes", 50),
        ("highway=secondary lane_markings=no", 40),
        ("highway=footway access=yes", 10),
        ("siting:class=mountain highway=tertiary", 40),
        ("route=ferry", 5),
    ],
)
def test_speed(text, kmh):
    assert car_rules(tags(text))[2] == pytest.approx(kmh)


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50),
        (" 50 ", 50),
        ("40kmh", 40),
        ("50 km/h", 50),
        ("100,2", 100.2),
        ("30 mph", 48.28032),
        ("3 mph", 4.828032),
        ("20 knots", 37.04),
        ("50 km", 50),
        ("50 km / h", 50),
        ("50.", 50),
        ("20 mp/h", 32.18688),
        ("20 mph (advisory)", 32.18688),
        ("AR:rural", 110),
        ("60;80", 60),
        ("80|60", 60),
        ("30;40 mph", 48.28032),
        ("CN:urban", 50),
        ("CN:rural", 70),
        ("CN:motorway", 120),
        ("FR:urban", 50),
        ("DE:zone:30", 30),
        ("DE:zone30", 30),
        ("RU:urban", 60),
        ("XX:rural", 90),
        ("walk", 5),
        ("none", None),
        ("signals", None),
        ("abc", None),
        ("", None),
        ("0", None),
        ("-20", None),
        ("NaN", None),
        ("inf", None),
        ("60;signals", None),
        ("none;80", 80),
        ("80|none", 80),
        ("none;none", None),
        ("60公里/小时", 60),
        ("60 公里／小时", 60),
        ("60公里每小时", 60),
        ("60千米/时", 60),
        ("60迈", 60),
        ("60;80公里/小时", 60),
        ("６０", 60),
        ("400", None),
        ("151", None),
        ("150", 150),
        ("100 mph", None),
        ("1" + " " * 100_000 + "1", None),
        (None, None),
    ],
)
def test_maxspeed(text, kmh):
    assert parse_maxspeed(text) == (None if kmh is None else pytest.approx(kmh))


@given(st.text(max_size=20))
def test_maxspeed_is_a_speed_or_nothing(text):
    speed = parse_maxspeed(text)
    assert speed is None or 0 < speed < float("inf")


KEYS = [
    "highway",
    "route",
    "access",
    "motorcar",
    "vehicle:forward",
    "oneway",
    "maxspeed",
    "surface",
    "junction",
]
VALUES = ["yes", "no", "-1", "primary", "track", "ferry", "0", "60", "gravel", "roundabout", "private", "???"]


@given(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES)))
def test_a_speed_comes_with_a_direction_and_only_then(found):
    forward, backward, speed = car_rules(found)
    assert (forward or backward) == (speed is not None)
    assert speed is None or 0 < speed <= 140


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("0", True),
        ("-5", True),
        ("nan", True),
        ("inf", True),
        ("0 mph", True),
        ("-5 km/h", True),
        ("abc", False),
        ("30 mph", False),
        ("none", False),
    ],
)
def test_impossible_speed(text, wrong):
    assert is_impossible_speed(text) is wrong


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("barrier=bollard", True),
        ("barrier=bollard bollard=rising", False),
        ("barrier=gate", False),
        ("barrier=gate access=no", True),
        ("barrier=gate motor_vehicle=private", False),
        ("barrier=gate locked=yes", True),
        ("barrier=gate locked=yes access=private", True),
        ("barrier=gate locked=yes motor_vehicle=yes", False),
        ("barrier=gate locked=no", False),
        ("barrier=block", True),
        ("barrier=toll_booth", False),
        ("barrier=height_restrictor", False),
        ("barrier=height_restrictor maxheight=1.9", True),
        ("highway=crossing motor_vehicle=no", True),
        ("barrier=bollard motorcar=yes", False),
        ("highway=crossing", False),
    ],
)
def test_barriers(text, blocks):
    assert barrier_blocks(tags(text)) is blocks


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("PT45M", 45),
        ("PT1H30M", 90),
        ("P1DT1H", 1500),
        ("PT90S", 1.5),
        ("00:45", 45),
        ("1:30:30", 90.5),
        ("45", 45),
        ("45 min", 45),
        ("00:00", None),
        ("P", None),
        ("about an hour", None),
        ("0:75", None),
        ("", None),
    ],
)
def test_durations_of_crossings(text, minutes):
    assert crossing_minutes({"route": "ferry", "duration": text}) == minutes
    assert crossing_minutes({"highway": "primary", "duration": text}) is None


def test_tracks_open_by_policy_only_where_no_tag_closes_them():
    assert car_rules(tags("highway=track"), "open") == (True, True, 15)
    assert car_rules(tags("highway=track access=private"), "open")[0]
    assert car_rules(tags("highway=track motor_vehicle=agricultural"), "open")[2] is None
    assert car_rules(tags("highway=footway"), "open")[2] is None


def test_the_table_of_conditions_is_complete():
    text = (files("siting.inputs.roads") / "tables" / "way_conditions.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert all(row["basis"] in ("sourced", "assumed") and row["source"] for row in rows)
    assert len(way_conditions()) == len(rows)
    assert all(0 < kmh <= 80 for kmh in way_conditions().values())


# Ranges of OSRM car.lua, GraphHopper CarAverageSpeedParser and Valhalla graph.lua, widened by 30 %.
PEERS = {
    "motorway": (90, 105), "motorway_link": (45, 70), "trunk": (70, 90), "trunk_link": (40, 65),
    "primary": (65, 75), "primary_link": (30, 60), "secondary": (55, 60), "secondary_link": (25, 50),
    "tertiary": (40, 50), "tertiary_link": (20, 40), "unclassified": (25, 40), "residential": (25, 35),
    "living_street": (6, 10), "service": (15, 25), "road": (20, 20), "track": (15, 15),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "peers"), PEERS.items(), ids=PEERS)
def test_class_speeds_lie_among_those_of_routers(kind, peers):
    assert 0.7 * peers[0] <= road_classes()[kind].travel_kmh <= 1.3 * peers[1]


def test_class_speeds_fall_with_the_class():
    ladder = [
        "motorway",
        "trunk",
        "primary",
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
    ]
    speeds = [road_classes()[kind].travel_kmh for kind in ladder]
    assert speeds == sorted(speeds, reverse=True)
    for kind in ladder[:5]:
        assert road_classes()[f"{kind}_link"].travel_kmh <= road_classes()[kind].travel_kmh


def test_class_table_is_complete():
    text = (files("siting.inputs.roads") / "tables" / "road_classes.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert all(row["basis"] in ("sourced", "assumed") and row["source"] for row in rows)
    for kind, row in road_classes().items():
        assert row.car == "no" or row.travel_kmh > 0, kind
        assert row.legal_kmh is None or row.travel_kmh <= row.legal_kmh, kind


def test_settings_know_every_class_that_cars_may_drive():
    assert set(get_args(RoadClass)) == {kind for kind, row in road_classes().items() if row.car != "no"}
