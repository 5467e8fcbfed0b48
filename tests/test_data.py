"""The default study's data: rows account for themselves, scripts give the same bytes, years are not mixed."""

import importlib.util
import json
import re
import tomllib
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely

from siting.analysis.demand.synthetic import SPREAD_RULES, draw_register, spread_weights
from siting.inputs.tables.read_table import read_region, read_table
from tests.paths import ROOT

DATA = ROOT / "data"
RAW = DATA / "raw"
SCENARIOS = DATA / "scenarios"
CSV_FILES = sorted(path.name for path in RAW.glob("*.csv"))
GEOJSON_FILES = sorted(path.name for path in RAW.glob("*.geojson"))
REGISTERS = [f"register-{rule}.csv" for rule in SPREAD_RULES]
TABLES = {
    "conditions.csv": "conditions",
    "industries.csv": "industries",
    "laboratories.csv": "laboratories",
    "more-options.csv": "sites",
    "parameters.csv": "parameters",
    "places.csv": "places",
    "pledges.csv": "pledges",
    "services.csv": "services",
    "sites.csv": "sites",
    "trunk_edges.csv": "road_edges",
    "trunk_nodes.csv": "road_nodes",
} | dict.fromkeys(REGISTERS, "enterprises")


def read(name: str, folder: Path = RAW) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype=str, keep_default_na=False, encoding="utf-8")


def numbers(name: str, index: str, *columns: str) -> pd.DataFrame:
    return read(name).set_index(index)[list(columns)].apply(pd.to_numeric)


def script(name: str):
    spec = importlib.util.spec_from_file_location(name, DATA / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scenario(name: str) -> dict:
    return tomllib.loads((SCENARIOS / name).read_text(encoding="utf-8"))


def outline() -> shapely.Geometry:
    features = json.loads((RAW / "boundary.geojson").read_text(encoding="utf-8"))["features"]
    return shapely.from_geojson(json.dumps(features[0]["geometry"]))


@pytest.fixture(scope="module")
def make_register():
    return script("make_register")


# every file and every row accounts for itself -------------------------------------------


def test_each_file_has_its_source_and_each_source_its_file():
    listed = read("sources.csv", DATA)
    assert listed["file"].is_unique
    assert sorted(listed["file"]) == sorted(path.name for path in RAW.iterdir())
    for column in ("content", "origin", "licence", "basis", "use"):
        assert listed[column].str.strip().ne("").all(), column


def test_counts_in_the_list_of_sources_are_true():
    content = read("sources.csv", DATA).set_index("file")["content"]
    for name in (
        "facts.csv",
        "fees.csv",
        "intervals.csv",
        "parameters.csv",
        "services.csv",
        "trunk_edges.csv",
        "trunk_nodes.csv",
    ):
        assert int(re.search(r"\d+", content[name])[0]) == len(read(name)), name


@pytest.mark.parametrize("name", CSV_FILES)
def test_each_row_states_source_year_confidence_basis(name):
    table = read(name)
    for column in ("source", "year", "confidence", "basis"):
        assert table[column].str.strip().ne("").all(), column
    assert set(table["confidence"]) <= {"high", "medium", "low", "none"}
    basis = "belief" if name == "trunk_edges.csv" else "basis"
    assert set(table[basis]) <= {"sourced", "assumed", "illustrative", "believed"}


@pytest.mark.parametrize("name", GEOJSON_FILES)
def test_each_feature_states_source_year_confidence_basis(name):
    for feature in json.loads((RAW / name).read_text(encoding="utf-8"))["features"]:
        assert {"source", "year", "confidence", "basis"} <= set(feature["properties"])


@pytest.mark.parametrize("name", CSV_FILES)
def test_references_to_facts_lead_somewhere(name):
    facts = set(read("facts.csv")["id"])
    for text in read(name)["source"]:
        for numbers_cited in re.findall(r"facts\.csv ([\d, -]+)", text):
            for first, last in re.findall(r"(\d+)(?:-(\d+))?", numbers_cited):
                assert {first, last or first} <= facts, text


def test_no_low_confidence_place_is_given_as_exact():
    places = numbers("places.csv", "id", "position_error_m")["position_error_m"]
    least = read("places.csv").set_index("id")["confidence"].map({"high": 300, "medium": 1500, "low": 4400})
    assert (places >= least).all()


def test_glossary_gives_one_official_word_a_term():
    glossary = read("glossary.csv", DATA)
    assert glossary["term_en"].is_unique
    assert glossary["term_zh"].str.contains(r"[\u4e00-\u9fff]").all()


# the data dictionary ---------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_tables_keep_to_the_dictionary(name):
    dictionary = pd.read_csv(
        DATA.parent / "siting/inputs/dictionary/columns.csv",
        dtype=str,
        keep_default_na=False,
        encoding="utf-8",
    )
    columns = dictionary[dictionary["table"].eq(TABLES[name])].set_index("column")
    table = read(name)
    assert set(table) <= set(columns.index)
    assert set(columns.index[columns["required"].eq("yes")]) <= set(table)
    for column, rule in columns.loc[list(table)].iterrows():
        cells = table[column]
        if rule["required"] == "yes":
            assert cells.ne("").all(), column
        cells = cells[cells.ne("")]
        if rule["allowed"]:
            assert set(cells) <= set(rule["allowed"].split(";")), column
        if rule["dtype"] in ("int", "float"):
            values = cells.astype(float)
            assert (values >= float(rule["min"] or -np.inf)).all(), column
            assert (values <= float(rule["max"] or np.inf)).all(), column


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (name, "id")
        for name in TABLES
        if name not in ("conditions.csv", "parameters.csv", "trunk_edges.csv", "trunk_nodes.csv")
    ]
    + [("parameters.csv", "parameter"), ("trunk_nodes.csv", "node"), ("facts.csv", "id")],
)
def test_ids_are_unique(name, key):
    assert read(name)[key].is_unique


def test_references_between_tables_hold():
    sites = read("sites.csv")
    build = sites.loc[sites["kind"].eq("build"), "id"]
    conditions = read("conditions.csv")
    assert set(conditions["site"]) - {"all"} <= set(build)
    assert conditions["site"].eq("all").sum() == 16
    assert len(conditions) == len(conditions[["site", "condition"]].drop_duplicates())
    assert set(conditions["role"]) == {"condition", "note"}
    assert set(read("pledges.csv")["site"]) <= {*sites["id"], ""}
    assert set(read("services.csv")["laboratory"]) == set(read("laboratories.csv")["id"])
    nodes = set(read("trunk_nodes.csv")["node"])
    edges = read("trunk_edges.csv")
    assert set(edges["from"]) | set(edges["to"]) == nodes
    places = read("places.csv")
    assert set(sites["town"]) <= {*places["name"], ""}


@pytest.fixture(scope="module")
def county():
    return read_region(RAW / "boundary.geojson", RAW / "places.csv")


@pytest.mark.parametrize(("name", "table"), [*TABLES.items(), ("../sources.csv", "sources")])
def test_tables_are_read_whole_and_without_an_issue(name, table, county):
    standard = 2011 if table == "enterprises" else None
    found = read_table(RAW / name, table, crs="WGS84", industry_standard=standard, region=county)
    assert [issue for issue in found.issues if issue.code != "E001"] == []  # E001 names the encoding
    assert found.counts["data_rows"] == found.counts["kept"] == len(read(name))


# what is known, and no more --------------------------------------------------------------


def test_shares_sum_to_one():
    assert numbers("industries.csv", "id", "share")["share"].sum() == pytest.approx(1)
    assert sum(scenario("method.toml")["groups"].values()) == pytest.approx(1)
    for viewpoint in scenario("base.toml")["viewpoints"].values():
        assert sum(viewpoint["groups"].values()) == pytest.approx(1)
    parameter = read("parameters.csv").set_index("parameter")["value"]
    lines = ("food", "building_materials", "metrology", "textile")
    setup = sum(float(parameter[f"service.setup.{line}"]) for line in lines)
    assert setup == float(parameter["centre.equipment_phase1"])


def test_no_condition_is_decided_without_a_source():
    assert set(read("conditions.csv")["verdict"]) == {"pending"}


def test_pledges_are_oral_and_without_amounts():
    pledges = read("pledges.csv").set_index("id")
    assert set(pledges["firmness"]) == {"oral"}
    assert set(pledges["amount_wan"]) == {""}
    assert pledges.loc["enterprises", "conflict"] == "yes"
    assert pledges.loc["shangcang_land", "conflict"] == "no"


def test_how_land_is_provided_is_always_stated():
    sites = read("more-options.csv").set_index("id")
    assert set(sites.loc[sites["kind"].eq("build"), "land_provision"]) == {"undecided"}
    assert "口头" in sites.loc["shangcang", "land_note_zh"]


def test_more_options_begin_with_the_base_options():
    sites, more = read("sites.csv"), read("more-options.csv")
    pd.testing.assert_frame_equal(more.iloc[: len(sites)], sites)
    assert set(more["kind"][len(sites) :]) == {"convert", "collection", "branch", "shared", "neighbour"}


def test_sources_and_units_are_told_in_both_languages():
    for name, pairs in (
        ("parameters.csv", (("unit", "unit_zh"), ("source", "source_zh"))),
        ("../sources.csv", (("content_en", "content"), ("origin", "origin_zh"), ("licence", "licence_zh"))),
    ):
        table = read(name)
        for en, zh in pairs:
            assert table[en].ne("").eq(table[zh].ne("")).all()
            # The title of a handbook is its name, whatever the language.
            assert (
                not table[en]
                .str.replace(r"《.*》第三版|水利水电建设项目经济评价及案例分析|鲁价费发.*号", "", regex=True)
                .str.contains("[\u4e00-\u9fff]")
                .any()
            ), en


def test_parameters_lie_in_their_range():
    table = read("parameters.csv")
    table = table[table["low"].ne("") & table["high"].ne("")]
    low, value, high = (pd.to_numeric(table[c]) for c in ("low", "value", "high"))
    assert ((low <= value) & (value <= high)).all()


# the service catalogue follows from the parameters ---------------------------------------

SE = "special_equipment."
TESTS_A_YEAR = {
    # with(name) is the parameter at the end asked for, against(name) at the other end: an interval divides
    "pressure_vessels": lambda w, a: w(SE + "share_pressure_vessels") / a(SE + "pressure_vessel.interval"),
    "boilers": lambda w, a: (
        w(SE + "share_boilers")
        * (
            w(SE + "boiler.external")
            + 1 / a(SE + "boiler.internal_interval")
            + 1 / a(SE + "boiler.pressure_test_interval")
        )
    ),
    "lifting": lambda w, a: (
        w(SE + "share_lifting") * (1 / a(SE + "lift.interval") + 1 / a(SE + "crane.interval")) / 2
    ),
    "safety_valves": lambda w, a: (
        (w(SE + "share_pressure_vessels") + w(SE + "share_boilers"))
        * w(SE + "safety_valves_per_vessel_or_boiler")
        / a(SE + "safety_valve.interval")
    ),
    "instruments": lambda w, a: (
        w("metrology.instruments_per_100_employees")
        * (1 - a("metrology.share_on_site"))
        / a("metrology.pressure_gauge.interval")
    ),
    "instruments_onsite": lambda w, a: (
        w("metrology.instruments_per_100_employees")
        * w("metrology.share_on_site")
        / a("metrology.interval_other")
    ),
    "food_type": lambda w, _: w("food.type_test") * w("food.product_types_per_firm"),
    "food_release": lambda w, _: w("food.release_batches_per_firm") * w("food.release_test_outsourced_share"),
    "food_sampling": lambda w, _: w("food.supervision_sampling"),
    "building_products": lambda w, _: w("building_materials.cement_comparison"),
    "site_samples": lambda w, _: w("building_materials.site_sample_trips"),
    "textiles": lambda w, _: w("textile.tests"),
    "machinery_parts": lambda w, _: w("machinery.tests"),
    "chemicals": lambda w, _: w("chemicals.tests"),
    "environment": lambda w, _: w("environment.tests"),
}
OTHER_FIGURES = [
    ("pressure_vessels", "tests_per_trip", "special_equipment.pieces_per_visit"),
    ("boilers", "fee_yuan", "special_equipment.boiler.fee_external"),
    ("lifting", "fee_yuan", "special_equipment.lift.fee"),
    ("safety_valves", "tests_per_trip", "special_equipment.safety_valve.batch_per_trip"),
    ("safety_valves", "onsite_share", "mobile.share_of_tests_possible"),
    ("instruments", "tests_per_trip", "metrology.batch_per_trip"),
    ("instruments", "onsite_share", "mobile.share_of_tests_possible"),
    ("instruments", "setup_wan", "service.setup.metrology"),
    ("instruments_onsite", "tests_per_trip", "metrology.instruments_per_visit"),
    ("instruments_onsite", "fee_yuan", "metrology.fee"),
    ("food_type", "tests_per_trip", "food.samples_per_trip"),
    ("food_type", "fee_yuan", "food.fee_per_full_test"),
    ("food_type", "setup_wan", "service.setup.food"),
    ("food_sampling", "tests_per_trip", "food.samples_per_supervision_visit"),
    ("building_products", "tests_per_trip", "building_materials.samples_per_trip"),
    ("building_products", "fee_yuan", "building_materials.fee"),
    ("building_products", "setup_wan", "service.setup.building_materials"),
    ("textiles", "courier_share", "textile.courier_share"),
    ("textiles", "setup_wan", "service.setup.textile"),
    ("machinery_parts", "leakage_share", "machinery.leakage_to_city"),
    ("machinery_parts", "setup_wan", "service.setup.machinery"),
    ("chemicals", "setup_wan", "service.setup.chemicals"),
    ("environment", "tests_per_trip", "environment.samples_per_visit"),
    ("environment", "setup_wan", "service.setup.environment"),
]


def parameter_at(end: str):
    """Return a look-up of parameters at one end of their range; those without a range have one value."""
    table = read("parameters.csv").set_index("parameter")
    return lambda name: float(table[end][name] or table["value"][name])


@pytest.mark.parametrize(
    ("end", "other", "column"),
    [("low", "high", "tests_low"), ("value", "value", "tests_likely"), ("high", "low", "tests_high")],
)
def test_tests_a_year_follow_from_the_parameters(end, other, column):
    services = numbers("services.csv", "id", column)[column]
    assert set(services.index) == set(TESTS_A_YEAR)
    for service, formula in TESTS_A_YEAR.items():
        expected = formula(parameter_at(end), parameter_at(other))
        assert services[service] == pytest.approx(expected, abs=5e-5), service


@pytest.mark.parametrize(("service", "column", "parameter"), OTHER_FIGURES)
def test_other_figures_of_services_are_those_of_the_parameters(service, column, parameter):
    row = read("services.csv").set_index("id").loc[service]
    assert float(row[column]) == parameter_at("value")(parameter)
    assert parameter in row["source"] or parameter.split(".")[0] in row["source"]


@pytest.mark.parametrize(("name", "column"), [("intervals.csv", "interval_years"), ("fees.csv", "fee_yuan")])
def test_intervals_and_fees_are_those_of_the_parameters(name, column):
    for row in read(name).to_dict("records"):
        for cell, end in ((column, "value"), ("low", "low"), ("high", "high")):
            assert float(row[cell]) == parameter_at(end)(row["parameter"]), row["id"]


def test_fees_of_services_name_their_province():
    services = read("services.csv")
    charged = services[services["fee_yuan"].ne("")]
    assert set(charged["fee_province"]) == set(read("fees.csv")["province"])
    assert set(charged["fee_yuan"]) <= set(read("fees.csv")["fee_yuan"])


def test_hours_of_tests_are_those_of_the_parameters():
    """And all together are thought possible from half to twice."""
    for row in read("services.csv").to_dict("records"):
        name = f"service.hours.{row['id']}"
        assert float(row["hours_per_test"]) == parameter_at("value")(name)
        assert name in row["source"]
    assert [parameter_at(end)("service.hours_factor") for end in ("low", "value", "high")] == [0.5, 1, 2]


def test_a_fee_names_who_pays_it_and_why():
    services = read("services.csv")
    charged = services["fee_yuan"].ne("")
    assert services.loc[charged, ["payer", "fee_basis"]].ne("").all(axis=None)
    free = services["payer"].eq("none")
    assert services.loc[free, "id"].tolist() == ["food_sampling"]
    assert "食品安全法第八十七条" in services.loc[free, "fee_basis"].item()
    assert services.loc[~charged & ~free, ["payer", "fee_basis", "valid_until"]].eq("").all(axis=None)


def test_shares_of_special_equipment_add_up():
    table = numbers("special_equipment.csv", "kind", "pieces", "share", "share_without_lifts")
    assert table["pieces"].sum() == 154_994
    assert table["share"].to_numpy() == pytest.approx(table["pieces"] / 154_994, abs=5e-5)
    rest = table.drop(index="lifts")
    assert rest["share_without_lifts"].to_numpy() == pytest.approx(
        rest["pieces"] / rest["pieces"].sum(), abs=5e-5
    )


@pytest.mark.parametrize(
    ("name", "column"), [("city-counts", "share"), ("city-counts-without-lifts", "share_without_lifts")]
)
def test_city_counts_are_the_shares_over_those_assumed(name, column):
    """Lifts are tested once a year and cranes every other year, as their intervals say."""
    share = numbers("special_equipment.csv", "kind", "share", "share_without_lifts")[column].fillna(0.0)
    known = parameter_at("value")
    lifted = share["lifts"] / known(SE + "lift.interval") + share["cranes"] / known(SE + "crane.interval")
    vessels, boilers = known(SE + "share_pressure_vessels"), known(SE + "share_boilers")
    assumed = (
        known(SE + "share_lifting") * (1 / known(SE + "lift.interval") + 1 / known(SE + "crane.interval")) / 2
    )
    assert scenario(f"{name}.toml")["tests_factor"] == pytest.approx(
        {
            "pressure_vessels": share["pressure_vessels"] / vessels,
            "boilers": share["boilers"] / boilers,
            "lifting": lifted / assumed,
            "safety_valves": (share["pressure_vessels"] + share["boilers"]) / (vessels + boilers),
            "food_sampling": 1894 / 1675 / known("food.supervision_sampling"),
        },
        abs=1e-3,
    )


def test_sources_of_services_name_known_parameters():
    known = set(read("parameters.csv")["parameter"])
    groups = "|".join(sorted({name.split(".")[0] for name in known}))
    for text in read("services.csv")["source"]:
        cited = re.findall(rf"\b(?:{groups})\.\w+(?:\.\w+)*", text.replace("parameters.csv", ""))
        assert cited
        for name in cited:
            assert name in known or f"special_equipment.{name}" in known, name


def test_inspection_of_special_equipment_needs_an_approval():
    services = read("services.csv").set_index("id")
    special = ["pressure_vessels", "boilers", "lifting", "safety_valves"]
    assert set(services.index[services["permission"].eq("special_equipment")]) == set(special)
    fixed = [*special[:3], "instruments_onsite", "food_sampling", "environment"]
    assert set(services.index[services["trip_kind"].eq("inspector_out")]) == set(fixed)


def test_each_pillar_industry_has_a_service_in_phase_one():
    services = read("services.csv")
    services = services[services["phase"].eq("1") & services["permission"].ne("special_equipment")]
    prefixes = {p for cell in services["industries"] for p in cell.split(";")}
    for codes in read("industries.csv")["register_codes"]:
        for code in codes.split(";"):
            assert "*" in prefixes or any(code.startswith(p) for p in prefixes), code


def test_register_codes_belong_to_their_industry_alone():
    industries = read("industries.csv").set_index("id")
    prefixes = {p: i for i, cell in industries["codes"].items() for p in cell.split(";")}
    for industry, cell in industries["register_codes"].items():
        for code in cell.split(";"):
            longest = max((p for p in prefixes if code.startswith(p)), key=len)
            assert prefixes[longest] == industry
            assert re.fullmatch(r"\d{4}", code)


# places and roads ------------------------------------------------------------------------


def test_places_of_the_county_lie_inside_the_outline():
    places = read("places.csv")
    lon, lat = places["lon"].astype(float), places["lat"].astype(float)
    inside = shapely.contains_xy(outline(), lon, lat)
    assert (inside == ~places["kind"].isin(["city", "outside"])).all()


def test_points_are_those_of_the_facts():
    facts = read("facts.csv").set_index("id")
    places = read("places.csv")
    for row in places[places["source"].str.startswith("facts.csv")].itertuples():
        cited = re.findall(r"\d+", row.source.split("(")[0] + row.source[:80])
        points = {(facts["lon_wgs84"][i], facts["lat_wgs84"][i]) for i in cited if i in facts.index}
        points |= (
            {(facts["lon_wgs84"]["63"], facts["lat_wgs84"]["63"])} if row.id == "zone_vehicle" else set()
        )
        assert (row.lon, row.lat) in points, row.name


def test_townships_are_those_of_the_code_list():
    places = read("places.csv")
    coded = places[places["id"].str.fullmatch(r"120119\d{3}")]
    assert len(coded) == 28
    total = coded["committees_total"].astype(int)
    parts = coded["committees_resident"].astype(int) + coded["committees_village"].astype(int)
    assert (total == parts).all()
    assert total.sum() == 983
    then = coded["name_2011"].where(coded["name_2011"].ne(""), coded["name"])
    kinds = then[coded["kind"].ne("zone")].str[-1].value_counts()
    assert kinds.to_dict() == {"镇": 20, "乡": 6, "道": 1}  # facts 7


def road_graph(year: int) -> nx.Graph:
    edges = read("trunk_edges.csv")
    graph = nx.Graph()
    for edge in edges.to_dict("records"):
        if not edge["opened"] or int(edge["opened"]) <= year:
            km = float(edge["length_km"])
            graph.add_edge(edge["from"], edge["to"], km=km, minutes=60 * km / float(edge["speed_kmh"]))
    return graph


def test_county_town_to_the_city_is_that_of_the_facts():
    graph = road_graph(2011)
    assert nx.shortest_path_length(graph, "n_yuyang", "c_tianjin", "minutes") == pytest.approx(91, abs=1)
    assert nx.shortest_path_length(graph, "n_yuyang", "c_tianjin", "km") == pytest.approx(120, abs=3)
    assert nx.is_connected(graph)
    assert nx.is_connected(road_graph(2024))


def test_later_roads_have_the_sourced_lengths():
    edges = read("trunk_edges.csv")
    later = edges[edges["opened"].ne("")]
    assert set(later["opened"]) == {"2019"}
    km = later.groupby("road")["length_km"].apply(lambda cells: cells.astype(float).sum())
    assert km["塘承高速"] == pytest.approx(69.5)
    assert km["京秦高速"] == pytest.approx(9.7)
    nodes = read("trunk_nodes.csv").set_index("node")
    ends = set(later["from"]) | set(later["to"])
    new = ends - set(road_graph(2011))
    assert set(nodes["confidence"][list(new)]) == {"low"}
    assert nodes["source"][list(new)].str.contains("estimated").all()


def test_no_road_is_shorter_than_the_straight_line():
    nodes = numbers("trunk_nodes.csv", "node", "lon", "lat")
    for edge in read("trunk_edges.csv").to_dict("records"):
        (x0, y0), (x1, y1) = nodes.loc[edge["from"]], nodes.loc[edge["to"]]
        straight = np.hypot((x1 - x0) * 111.2 * np.cos(np.radians((y0 + y1) / 2)), (y1 - y0) * 111.2)
        assert straight * 0.99 <= float(edge["length_km"]) <= straight * 1.6, edge


def test_extract_is_written_from_the_tables_byte_for_byte(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["make_trunk.py", "--out", str(tmp_path / "trunk.osm.pbf")])
    script("make_trunk").main()
    assert (tmp_path / "trunk.osm.pbf").read_bytes() == (RAW / "trunk.osm.pbf").read_bytes()


def test_extract_holds_the_tables():
    nodes, edges = read("trunk_nodes.csv"), read("trunk_edges.csv")
    names, ways = {}, []
    for item in osmium.FileProcessor(str(RAW / "trunk.osm.pbf")):
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_node():
            names[item.id] = tags["siting:node"]
        else:
            ways.append(([names[node.ref] for node in item.nodes], tags))
    assert list(names.values()) == nodes["node"].tolist()
    assert len(ways) == len(edges)
    for (ends, tags), edge in zip(ways, edges.to_dict("records"), strict=True):
        assert ends == [edge["from"], edge["to"]]
        assert tags["maxspeed"] == edge["speed_kmh"]
        assert tags["siting:length_km"] == edge["length_km"]
        assert tags.get("start_date", "") == edge["opened"]
        assert tags["oneway"] == "no"


# the registers ---------------------------------------------------------------------------


@pytest.mark.parametrize("rule", SPREAD_RULES)
def test_registers_come_out_byte_for_byte(rule, make_register):
    text = make_register.default_register(rule).to_csv(index=False, lineterminator="\n")
    assert text.encode("utf-8") == (RAW / f"register-{rule}.csv").read_bytes()


@pytest.mark.parametrize("name", REGISTERS)
def test_no_real_firm_but_the_two_plants(name):
    register = read(name)
    assert len(register) == 400
    plants, demo = register.iloc[:2], register.iloc[2:]
    assert plants["name"].tolist() == ["国华盘山发电有限责任公司", "大唐国际盘山发电有限责任公司"]
    assert set(plants["basis"]) == {"sourced"}
    assert plants["backlog"].tolist() == ["", "21"]
    assert plants[["equipment", "employees"]].eq("").all(axis=None)
    assert set(demo["basis"]) == {"illustrative"}
    assert demo["name"].str.fullmatch(r"演示企业 (服装|纺织|食品|建筑|建材|自行车零件|机械|化工)-\d{3}").all()
    assert demo["uscc"].eq("").all()
    assert demo["source"].eq(f"data/make_register.py, spread {name[9:-4]}, seed 2011").all()


def test_plants_stand_where_the_facts_put_them():
    facts = read("facts.csv").set_index("id")
    plants = read(REGISTERS[0]).iloc[:2]
    for fact, (_, plant) in zip(("67", "68"), plants.iterrows(), strict=True):
        assert plant["name"] in facts["name"][fact]
        assert (plant["lon"], plant["lat"]) == (facts["lon_wgs84"][fact], facts["lat_wgs84"][fact])


def test_spread_of_the_county(make_register):
    places = make_register.read_places()
    weights = {rule: spread_weights(places, rule, make_register.SETTINGS) for rule in SPREAD_RULES}
    wenchang = "120119001"
    assert weights["committees"][wenchang] == pytest.approx(31 / 983)
    assert weights["villages"][wenchang] == 0
    assert weights["urban"][wenchang] == pytest.approx(270_236 / 784_789, abs=1e-4)
    assert weights["parks"]["zone_shangcang"] == 0.5
    for rule in SPREAD_RULES:
        assert weights[rule].sum() == pytest.approx(1)
        towns = read(f"register-{rule}.csv")["town"]
        assert towns.eq("文昌街道").any() == (rule != "villages")


@pytest.mark.parametrize(
    ("rule", "nearest"),
    [("committees", "yinliu"), ("urban", "county_seat"), ("parks", "shangcang"), ("villages", "yinliu")],
)
def test_the_spread_rule_decides_which_site_is_near(rule, nearest, make_register):
    sites = read("sites.csv").set_index("id").query("kind == 'build'")[["lon", "lat"]].astype(float)
    places, industries = make_register.read_places(), make_register.read_industries()
    for seed in range(10):
        firms = draw_register(
            places, industries, rule=rule, seed=seed, boundary=outline(), settings=make_register.SETTINGS
        )
        east = np.subtract.outer(firms["lon"].to_numpy(), sites["lon"].to_numpy()) * np.cos(np.radians(40))
        north = np.subtract.outer(firms["lat"].to_numpy(), sites["lat"].to_numpy())
        assert sites.index[np.hypot(east, north).mean(axis=0).argmin()] == nearest


def test_the_method_names_no_county_and_no_file():
    text = (SCENARIOS / "method.toml").read_text(encoding="utf-8")
    assert not re.search("蓟|上仓|[.]csv|anchors|demonstration", text)


STUDIES = sorted(set(SCENARIOS.glob("*.toml")) - {SCENARIOS / "method.toml"})


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.name)
def test_weights_of_the_scenarios_are_examples(path):
    """No meeting has adopted them, so nothing is claimed of when they were set either."""
    from siting.scenario.build import read_scenario

    scenario = read_scenario(path)
    assert scenario.weights_record.example
    assert scenario.weights_record.before_results is None
    assert not scenario.weights_adopted


# names of the year -----------------------------------------------------------------------

TODAY_ONLY = re.compile("蓟州区|州河湾镇")
THEN_ONLY = re.compile("蓟县|五百户镇")


@pytest.mark.parametrize("name", ["base.toml", "more-options.toml"])
def test_scenarios_of_2011_use_the_names_of_2011(name):
    assert not TODAY_ONLY.search((SCENARIOS / name).read_text(encoding="utf-8"))


def test_todays_scenario_uses_todays_names():
    assert not THEN_ONLY.search((SCENARIOS / "today-roads.toml").read_text(encoding="utf-8"))


def test_places_carry_one_name_a_year():
    places = read("places.csv")
    assert not places["name"].str.contains(THEN_ONLY).any()
    then = places["name_2011"].where(places["name_2011"].ne(""), places["name"])
    assert not then.str.contains(TODAY_ONLY).any()
    assert {"五百户镇", "蓟县城区"} <= set(then)
    assert {"州河湾镇", "蓟州城区"} <= set(places["name"])


@pytest.mark.parametrize("name", [n for n in TABLES if n not in ("places.csv", "parameters.csv")])
def test_tables_of_both_years_use_names_that_hold_in_both(name):
    table = read(name).drop(columns=["source", "basis"])
    assert not table.apply(lambda cells: cells.str.contains(TODAY_ONLY)).any(axis=None)
    if not name.startswith("register"):
        assert not table.apply(lambda cells: cells.str.contains(THEN_ONLY)).any(axis=None)


# scenarios -------------------------------------------------------------------------------

CRITERIA = {
    "hours_saved": "enterprises",
    "demand_covered": "enterprises",
    "mean_trip_min": "enterprises",
    "industry_coverage": "industries",
    "worst_industry": "industries",
    "authority": "industries",
    "city_link_hours": "building",
    "net_cost_wan": "building",
    "staff_commute_min": "building",
    "worst_tenth_min": "balance",
}


def test_weights_within_each_group_sum_to_one():
    base = scenario("base.toml")
    weights = {use["name"]: use["weight"] for use in scenario("method.toml")["criteria"]}
    assert list(weights) == list(CRITERIA)
    assert weights["mean_trip_min"] == 0
    for changed in ({}, *(view["criteria"] for view in base["viewpoints"].values())):
        groups = pd.Series(weights | changed).groupby(CRITERIA).sum()
        assert groups.to_numpy() == pytest.approx(1), changed


def test_files_of_the_scenarios_exist():
    for name in ("base.toml", "more-options.toml"):
        for key, path in scenario(name)["data"].items():
            for rule in SPREAD_RULES:
                assert (SCENARIOS / path.replace("{spread}", rule)).is_file(), key
