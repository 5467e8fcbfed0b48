"""What is said of the roads: what was read, with whose rights, and by which roads the sites are reached."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from siting.outputs.page import road_notes as roadnotes
from siting.outputs.page.road_notes import (
    few,
    kind_of,
    road_texts,
    road_words,
    routes,
    sources,
    unchosen_words,
)
from siting.outputs.text.wording import words
from tests.analysis.roads import layer
from tests.outputs import toy

ENDS = [(0, 0), (1000, 0), (2000, 0), (9000, 0)]
JOINS = [(0, 1), (1, 2), (2, 3)]


def roads(basis="posted", way=(101, 102, 103), file="county.osm.pbf", **counts):
    made = layer(ENDS, JOINS, speed_basis=basis, way=list(way))
    return replace(made, file=file, counts={**made.counts, **counts})


def inputs(read, licence="ODbL 1.0 (OpenStreetMap)", **changes):
    found = toy.evaluation().evidence.inputs
    return replace(found, roads=read, sources=found.sources.assign(licence=licence), **changes)


@pytest.mark.parametrize(
    ("read", "kind"),
    [
        (roads("stated"), "schematic"),
        (roads(["class", "posted", "stated"]), "schematic"),
        (roads(["stated", "stated", "class"]), "osm"),
        (roads(), "osm"),
        (roads(file="county.gpkg"), "osm"),
        (roads(way=("1", "2", "3"), file="county.geojson"), "layer"),
    ],
    ids=["all stated", "most of the length stated", "less stated", "extract", "compact", "layer"],
)
def test_a_curated_network_an_extract_and_a_layer_are_told_apart(read, kind):
    assert kind_of(read) == kind


def test_words_of_a_schematic_network_are_those_of_the_table():
    chosen = road_words(inputs(roads("stated")))
    assert chosen == {key: [words("zh")[key], words("en")[key]] for key in roadnotes.VARIED}


def test_data_without_openstreetmap_are_not_called_its_own():
    chosen = road_words(inputs(roads("stated"), licence="")) | {
        "osm": road_words(inputs(roads(), licence=""))
    }
    assert chosen["attribution"] == [words(lang)["attribution.own"] for lang in ("zh", "en")]
    assert "OpenStreetMap" in chosen["osm"]["attribution"][1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_extract_goes_by_its_name_and_licence(lang):
    told = road_texts(inputs(roads()), lang)
    assert "示意路网" not in "".join(told.values())
    assert "curated" not in "".join(told.values())
    assert "trunk roads" not in "".join(told.values()).lower()
    assert "county.osm.pbf（© OpenStreetMap 贡献者，ODbL）" in told["map.note"] or lang == "en"
    assert "county.osm.pbf (© OpenStreetMap contributors, ODbL)" in told["map.note"] or lang == "zh"
    assert "county.osm.pbf" in told["data.speeds"]
    assert told["attribution"] == words(lang)["attribution"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_layer_of_unknown_origin_is_not_called_openstreetmap_s(lang):
    told = road_texts(inputs(roads(way=("a", "b", "c"), file="county.geojson")), lang)
    assert "county.geojson" in told["map.note"]
    assert "OpenStreetMap" not in told["map.note"] + told["data.speeds"]
    assert told["attribution"] == words(lang)["attribution.layer"]


def test_what_is_drawn_and_a_time_matrix_are_added_where_they_are():
    matrix = SimpleNamespace(file="times.csv", issues=())
    given = inputs(roads(), time_matrix=matrix)
    told = road_texts(given, "zh", ["trunk", "primary", "ways"])
    assert told["map.note"].endswith(
        "假定车速。图上只画：国道、省级干道、各场址到市区、县城所经道路；行车时间按全部道路计算。"
    )
    assert told["data.speeds"].endswith("未经实测。其中企业与各场址之间的行车时间取自 times.csv。")
    english = road_texts(given, "en", ["ways"])
    assert english["map.note"].endswith(
        "unless posted. Drawn: the ways of the sites to the city and the county seat; all roads count in "
        "travel times."
    )
    assert (
        "not measured. Those between enterprises and sites are taken from times.csv."
        in english["data.speeds"]
    )
    schematic = road_texts(replace(given, roads=roads("stated")), "zh")
    assert schematic["data.speeds"].endswith(
        "示意路网计算，未经实测。其中企业与各场址之间的行车时间取自 times.csv。"
    )


def test_a_file_name_is_never_read_as_a_template():
    told = road_texts(inputs(roads(file="{kept} {classes} [[title]].osm.pbf")), "en", ["trunk"])
    assert "roads of {kept} {classes} [[title]].osm.pbf (©" in told["map.note"]
    assert "Drawn: national road;" in told["map.note"]


def test_a_page_carries_the_chosen_words_only():
    assert {"map.note.osm", "map.note.layer", "map.drawn", "data.matrix"} < unchosen_words()
    assert unchosen_words() & set(roadnotes.VARIED) == set()


# --- Sources -----------------------------------------------------------------------------------------


def registered(base_result):
    return base_result.evaluation.evidence.inputs


def test_sources_of_the_default_study_are_all_listed(base_result):
    read = registered(base_result)
    pd.testing.assert_frame_equal(sources(read), read.sources)


def test_an_unregistered_extract_takes_the_place_of_the_network_that_was_not_read(base_result):
    read = registered(base_result)
    table = sources(replace(read, roads=roads()))
    gone = ["trunk.osm.pbf", "trunk_edges.csv", "trunk_nodes.csv"]
    assert list(table.index) == [*read.sources.index.difference(gone, sort=False), "county.osm.pbf"]
    row = table.loc["county.osm.pbf"]
    assert row.dropna().to_dict() == {"licence": "ODbL 1.0 (© OpenStreetMap contributors)"}
    pd.testing.assert_frame_equal(table.iloc[:-1], read.sources.loc[table.index[:-1]], check_dtype=False)


def test_of_an_unregistered_layer_not_even_the_licence_is_known(base_result):
    table = sources(replace(registered(base_result), roads=roads(way=("a", "b", "c"), file="a, b.geojson")))
    assert table.loc["a, b.geojson"].isna().all()


def test_a_registered_extract_keeps_its_row_and_what_it_is_made_from(base_result):
    read = registered(base_result)
    row = read.sources.loc[["trunk.osm.pbf"]].rename({"trunk.osm.pbf": "county.osm.pbf"})
    row["origin"] = "a cut of 2024, joined with trunk_edges.csv"
    table = sources(replace(read, roads=roads(), sources=pd.concat([read.sources, row])))
    assert table.loc["county.osm.pbf", "origin"] == "a cut of 2024, joined with trunk_edges.csv"
    assert "trunk_edges.csv" in table.index
    assert {"trunk.osm.pbf", "trunk_nodes.csv"}.isdisjoint(table.index)


def test_both_tables_of_a_curated_network_are_sources(base_result):
    read = registered(base_result)
    table = sources(replace(read, roads=roads("stated", file="trunk_nodes.csv, trunk_edges.csv")))
    assert list(table.index) == [name for name in read.sources.index if name != "trunk.osm.pbf"]


# --- Ways --------------------------------------------------------------------------------------------


def test_ways_of_the_default_study_are_those_of_its_travel_times(base_result):
    evaluation = base_result.evaluation
    found, travel = evaluation.routes.set_index(["to", "site"]), evaluation.evidence.travel
    for goal, minutes in (("city", travel.site_to_city), ("seat", travel.site_to_seat)):
        np.testing.assert_allclose(found.loc[goal, "minutes"][minutes.index], minutes, rtol=1e-12, atol=1e-12)
    told = routes(evaluation)
    assert set(told["city"]) == set(travel.site_to_city.index)
    # At the county seat itself there is no way to go.
    assert set(told["city"]) - set(told["seat"]) == {"county_seat"}
    minutes, km, *roads_driven = told["city"]["county_seat"]
    assert (minutes, km) == (pytest.approx(91.308, abs=0.001), pytest.approx(119.81))
    assert [told["names"][n] for n in roads_driven] == [
        ["北环路", "北环路 (Beihuan Lu)"],
        ["S1"],
        ["市区道路", "市区道路 (Shiqu Daolu)"],
    ]
    edges = evaluation.evidence.inputs.roads.edges
    driven = list(found.loc[("city", "county_seat"), "edges"])
    assert edges["length_m"].iloc[driven].sum() / 1000 == pytest.approx(km, abs=0.5)
    assert "津蓟高速" in set(edges["name"].iloc[driven])


def test_ways_are_told_by_numbers_of_names():
    told = routes(toy.evaluation())
    assert told["names"][:2] == [["G102"], ["S1"]]
    assert told["city"]["shangcang"] == [70.0, 99.0, 0, 1]
    assert told["seat"]["shangcang"] == [10.0, 12.345, 1]
    assert told["seat"]["bieshan"] == ["inf", "inf"]
    assert "county_seat" not in told["seat"]
    named = [told["names"][n][0] if n >= 0 else -n for n in told["city"]["xiacang"][2:]]
    assert named == [*toy.LONG_WAY[:3], 3, *toy.LONG_WAY[-3:]]


def test_options_at_one_place_share_their_way():
    study = toy.evaluation()
    sites = study.evidence.inputs.sites
    sites.loc["yinliu", ["lon", "lat"]] = sites.loc["shangcang", ["lon", "lat"]]
    told = routes(study)
    assert "shangcang" in told["city"]
    assert "yinliu" not in told["city"]


def test_no_ways_none_told():
    assert routes(replace(toy.evaluation(), routes=None)) == {"names": [], "city": {}, "seat": {}}


@pytest.mark.parametrize(
    ("driven", "told"),
    [
        ("", []),
        ("S1", ["S1"]),
        ("a → b → c → d → e → f → g", ["a", "b", "c", "d", "e", "f", "g"]),
        ("a → b → c → d → e → f → g → h", ["a", "b", "c", 2, "f", "g", "h"]),
        ("a → b → c → x → y → x → f → g → h", ["a", "b", "c", 2, "f", "g", "h"]),
        ("路" * 41, ["路" * 39 + "…"]),
        ("\u202eS\x001", ["S1"]),
    ],
)
def test_of_long_ways_both_ends_are_named(driven, told):
    assert few(driven) == told
