"""Restriction relations of an extract → what searches obey, and the account of what they do not."""

import numpy as np
import pytest

from siting.analysis.network.graph import build_graph
from siting.analysis.network.speeds import TravelTimeSettings
from siting.inputs.roads.read_roads import read_roads
from siting.outputs.tables.road_layer import write_road_layer

# A crossroads at 5 with arms 1 (west), 2 (north), 3 (east) and 4 (south), all 1.11 km; streets 1-2, 2-3, 3-4
# round it, and a one-way street from 3 back to 5 beside the eastern arm.
PLACES = {1: (-1, 0), 2: (0, 1), 3: (1, 0), 4: (0, -1), 5: (0, 0), 6: (0.5, 0.1)}
WAYS = {
    10: (1, 5), 20: (2, 5), 30: (5, 3), 40: (4, 5), 12: (1, 2), 23: (2, 3), 34: (3, 4), 35: (3, 6, 5),
}  # fmt: skip
ARM_KM = 0.01 * np.radians(1.0) * 6371.0
ROUND_KM = ARM_KM * np.sqrt(2)


def extract(tmp_path, *relations, ways=WAYS):
    """Relations are texts such as ``restriction=no_left_turn | w10@from n5@via w20@to``."""
    lines = [f'<node id="{node}" lat="{0.01 * y}" lon="{0.01 * x}"/>' for node, (x, y) in PLACES.items()]
    for way, nodes in ways.items():
        points = "".join(f'<nd ref="{node}"/>' for node in nodes)
        oneway = '<tag k="oneway" v="yes"/>' if way == 35 else ""
        lines.append(f'<way id="{way}">{points}<tag k="highway" v="primary"/>{oneway}</way>')
    for number, text in enumerate(relations, 1):
        tags, members = text.split(" | ")
        pairs = [tag.split("=", 1) for tag in f"type=restriction {tags}".split() if "=" in tag]
        lines.append(f'<relation id="{number}">')
        for member in members.split():
            (kind, ref), role = (member[0], member[1:].split("@")[0]), member.split("@")[1]
            kind = {"w": "way", "n": "node", "r": "relation"}[kind]
            lines.append(f'<member type="{kind}" ref="{ref}" role="{role}"/>')
        lines += [f'<tag k="{key}" v="{value}"/>' for key, value in dict(pairs).items()]
        lines.append("</relation>")
    path = tmp_path / "town.osm"
    path.write_text(f'<osm version="0.6">{"".join(lines)}</osm>', encoding="utf-8")
    return path


def km(layer, start, end, **settings):
    graph = build_graph(layer, TravelTimeSettings(**settings))
    ids = layer.nodes["id"].astype(int).tolist()
    table = graph.travel_times([ids.index(start)], [ids.index(end)], weight="metres")
    return table[0, 0] / 1000


def told(layer):
    return [issue.action for issue in layer.issues if issue.code == "R170"]


def by_way(layer):
    """Restrictions as lists of ways, one a restriction."""
    rows = layer.restrictions.assign(way=layer.edges["way"].to_numpy()[layer.restrictions["edge"]])
    return rows.groupby("restriction")["way"].agg(list).tolist()


def test_no_left_turn_leads_round(tmp_path):
    layer = read_roads(extract(tmp_path, "restriction=no_left_turn | w10@from n5@via w20@to"))
    assert km(layer, 1, 2) == pytest.approx(ROUND_KM, rel=1e-4)  # by the street round the crossroads
    without = {k: v for k, v in WAYS.items() if k != 12}
    layer = read_roads(extract(tmp_path, "restriction=no_left_turn | w10@from n5@via w20@to", ways=without))
    assert km(layer, 1, 2) == pytest.approx(2 * ARM_KM + ROUND_KM, rel=1e-4)
    assert km(layer, 1, 2, turn_restrictions=False) == pytest.approx(2 * ARM_KM, rel=1e-4)
    assert km(layer, 2, 1) == pytest.approx(2 * ARM_KM, rel=1e-4)
    assert told(layer) == [
        "Turn restrictions: 1; obeyed: 1. To compare: travel_time.turn_restrictions = false."
    ]


def test_only_straight_on_bans_every_other_turn(tmp_path):
    without = {k: v for k, v in WAYS.items() if k not in (12, 35)}
    relation = "restriction=only_straight_on | w10@from n5@via w30@to"
    layer = read_roads(extract(tmp_path, relation, ways=without))
    assert km(layer, 1, 3) == pytest.approx(2 * ARM_KM, rel=1e-4)
    for end in (2, 4):
        assert km(layer, 1, end) == pytest.approx(2 * ARM_KM + ROUND_KM, rel=1e-4)
    assert km(layer, 2, 4) == pytest.approx(2 * ARM_KM, rel=1e-4)


def test_no_u_turn_over_a_way_between(tmp_path):
    relation = "restriction=no_u_turn | w20@from w30@via w34@to"
    layer = read_roads(extract(tmp_path, relation, ways={k: WAYS[k] for k in (10, 20, 30, 34)}))
    assert by_way(layer) == [[20, 30, 34]]
    # What is left is to turn round at the end of the western arm.
    assert km(layer, 2, 4) == pytest.approx(4 * ARM_KM + ROUND_KM, rel=1e-4)
    assert km(layer, 2, 3) == pytest.approx(2 * ARM_KM, rel=1e-4)
    assert km(layer, 1, 4) == pytest.approx(2 * ARM_KM + ROUND_KM, rel=1e-4)


def test_ways_between_may_be_cut_by_junctions(tmp_path):
    # The way between runs 1-5-3, cut at 5 where others meet it.
    ways = {k: v for k, v in WAYS.items() if k not in (10, 30, 35)} | {13: (1, 5, 3)}
    layer = read_roads(extract(tmp_path, "restriction=no_u_turn | w12@from w13@via w34@to", ways=ways))
    assert by_way(layer) == [[12, 13, 13, 34]]
    assert layer.restrictions["against"].tolist() == [True, False, False, False]


def test_no_u_turn_at_a_node(tmp_path):
    layer = read_roads(extract(tmp_path, "restriction=no_u_turn | w10@from n5@via w10@to"))
    assert by_way(layer) == [[10, 10]]
    assert layer.restrictions["against"].tolist() == [False, True]


def test_no_entry_has_several_roads_before_it(tmp_path):
    relation = "restriction=no_entry | w10@from w40@from n5@via w20@to"
    layer = read_roads(extract(tmp_path, relation))
    assert by_way(layer) == [[10, 20], [40, 20]]
    assert "obeyed: 1." in told(layer)[0]


@pytest.mark.parametrize(
    "tags",
    [
        "restriction:motorcar=no_left_turn restriction=only_right_turn",
        "type=restriction:motorcar restriction=no_left_turn",
        "restriction=no_left_turn;no_u_turn",
        "restriction=no_left_turn except=bus;psv",
        "restriction=no_left_turn restriction:conditional=none",
    ],
)
def test_what_is_said_of_cars_is_obeyed(tmp_path, tags):
    layer = read_roads(extract(tmp_path, f"{tags} | w10@from n5@via w20@to"))
    assert by_way(layer) == [[10, 20]]
    assert not layer.restrictions["only"].any()


@pytest.mark.parametrize(
    ("tags", "members", "reason"),
    [
        ("restriction:conditional=no_left_turn", "w10@from n5@via w20@to", "certain hours"),
        ("restriction=no_left_turn hour_on=07:00", "w10@from n5@via w20@to", "certain hours"),
        ("restriction:hgv=no_left_turn", "w10@from n5@via w20@to", "other vehicles"),
        ("type=restriction:hgv restriction=no_left_turn", "w10@from n5@via w20@to", "other vehicles"),
        ("restriction=no_left_turn except=motorcar", "w10@from n5@via w20@to", "other vehicles"),
        ("restriction=sometimes", "w10@from n5@via w20@to", "not known"),
        ("", "w10@from n5@via w20@to", "not known"),
        ("restriction=no_left_turn", "w10@from n5@via w99@to", "cut off"),
        ("restriction=no_left_turn", "w10@from w20@to", "missing"),
        ("restriction=no_left_turn", "w10@from w30@from n5@via w20@to", "missing"),
        ("restriction=no_left_turn", "w10@from n5@via n5@via w20@to", "missing"),
        ("restriction=no_left_turn", "w10@from n3@via w20@to", "do not meet"),
        ("restriction=no_left_turn", "w12@from w40@via w20@to", "do not meet"),
        ("restriction=no_left_turn", "w13@from n5@via w20@to", "several ways"),
        ("restriction=no_left_turn", "w10@from n5@via w35@to", "one-way"),
    ],
)
def test_what_is_not_obeyed_is_counted_by_its_reason(tmp_path, tags, members, reason):
    ways = WAYS if "w13" not in members else {k: WAYS[k] for k in (20, 40)} | {13: (1, 5, 3)}
    path = extract(tmp_path, f"{tags} | {members}", "restriction=no_exit | w40@from n5@via w20@to", ways=ways)
    layer = read_roads(path)
    assert by_way(layer) == [[40, 20]]
    assert "Turn restrictions: 2; obeyed: 1; not: 1 " in told(layer)[0]
    assert reason in told(layer)[0]


@pytest.mark.parametrize("nodes", [(2, 99), (99, 2), (99, 98)])
def test_a_road_cut_off_at_the_edge_of_the_file_is_told_so(tmp_path, nodes):
    """Of the western arm the file lacks the end at the crossroads, or all but one end."""
    relation = "restriction=no_left_turn | w10@from n5@via w20@to"
    layer = read_roads(extract(tmp_path, relation, ways=WAYS | {10: (1, *nodes)}))
    assert not len(layer.restrictions)
    assert "not: 1 with a road that is cut off at the edge" in told(layer)[0]


def test_hostile_relations_end_in_time(tmp_path):
    many = " ".join(f"w{way}@via" for way in (12, 23, 34) * 300)
    layer = read_roads(extract(tmp_path, f"restriction=no_u_turn | w10@from {many} w20@to"))
    assert not len(layer.restrictions)
    assert "not: 1" in told(layer)[0]


def test_a_compact_layer_keeps_its_restrictions(tmp_path):
    relations = [
        "restriction=no_left_turn | w10@from n5@via w20@to",
        "restriction=only_straight_on | w40@from n5@via w20@to",
        "restriction=no_u_turn | w20@from w30@via w34@to",
        "restriction=no_right_turn | w12@from n2@via w20@to",
    ]
    layer = read_roads(extract(tmp_path, *relations))
    path = tmp_path / "roads.gpkg"
    write_road_layer(layer, path)
    again = read_roads(path)
    assert again.restrictions.equals(layer.restrictions)
    assert told(again) == told(layer)
    north = read_roads(path, bbox=(-0.011, 0.0005, 0.011, 0.011))
    assert set(north.edges["way"]) == {12, 20, 23, 35}
    assert by_way(north) == [[12, 20]]
