import math

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.analysis.demand.synthetic import SPREAD_RULES, RegisterSettings, draw_register, spread_weights
from siting.types import InputError


def place(name: str, kind: str, lon: float, lat: float, residents: int, villages: int) -> dict:
    return {
        "name": name,
        "kind": kind,
        "lon": lon,
        "lat": lat,
        "committees_total": residents + villages,
        "committees_resident": residents,
        "committees_village": villages,
    }


PLACES = pd.DataFrame.from_dict(
    {
        "town": place("Town", "subdistrict", 117.40, 40.05, 10, 0),
        "north": place("North", "town", 117.40, 40.15, 2, 28),
        "south": place("South", "town", 117.40, 39.85, 0, 60),
        "park": place("Park", "zone", 117.35, 39.90, 0, 0),
        "city": place("City", "city", 117.20, 39.13, 0, 0),
    },
    orient="index",
)
INDUSTRIES = pd.DataFrame(
    {
        "share": [0.75, 0.25, 0.0],
        "register_codes": ["1411;1512", "3011", None],
        "register_name": ["Demo food", "Demo cement", None],
        "employees_typical": [40.0, 20.0, 500.0],
        "output_per_employee_wan": [50.0, 40.0, 100.0],
    },
    index=["food", "cement", "power"],
)
BOX = shapely.box(117.30, 39.80, 117.50, 40.20)
PARK = RegisterSettings(parks={"park": 1.0})


def draw(rule: str = "committees", seed: int = 1, **kwargs) -> pd.DataFrame:
    return draw_register(
        PLACES, INDUSTRIES, rule=rule, seed=seed, **{"boundary": BOX, "settings": PARK} | kwargs
    )


# weights by hand: 100 committees, 12 of residents (10 of them in the town), 88 of villages


@pytest.mark.parametrize(
    ("rule", "town", "north", "south", "park"),
    [
        ("committees", 0.10, 0.30, 0.60, 0.0),
        ("villages", 0.0, 28 / 88, 60 / 88, 0.0),
        ("urban", 0.3443, 0.6557 * 28 / 88, 0.6557 * 60 / 88, 0.0),
        ("parks", 0.05, 0.15, 0.30, 0.50),
    ],
)
def test_weights_follow_the_rule(rule, town, north, south, park):
    weights = spread_weights(PLACES, rule, PARK)
    np.testing.assert_allclose(weights, [town, north, south, park, 0.0], atol=1e-12)


def test_parks_share_as_stated():
    two = RegisterSettings(parks={"park": 3.0, "town": 1.0}, park_share=0.4)
    weights = spread_weights(PLACES, "parks", two)
    np.testing.assert_allclose(weights, [0.06 + 0.1, 0.18, 0.36, 0.3, 0.0], atol=1e-12)


def test_urban_share_is_that_of_the_census():
    assert RegisterSettings().urban_share == round(270_236 / 784_789, 4)


def test_a_subdistrict_without_villages_receives_firms_but_under_villages():
    for rule in SPREAD_RULES:
        assert (draw(rule)["town"].eq("Town").sum() == 0) == (rule == "villages")


@pytest.mark.parametrize("rule", SPREAD_RULES)
def test_counts_by_place_follow_the_weights(rule):
    n = 20_000
    counts = draw(rule, settings=PARK.model_copy(update={"n_firms": n}))["town"].value_counts()
    weights = spread_weights(PLACES, rule, PARK).set_axis(PLACES["name"])
    for name, weight in weights.items():
        spread = math.sqrt(n * weight * (1 - weight))
        assert abs(counts.get(name, 0) - n * weight) <= 5 * spread


def test_shares_sizes_and_codes_follow_the_industries():
    firms = draw(settings=PARK.model_copy(update={"n_firms": 20_000}))
    industry = firms.index.str.rpartition("-").get_level_values(0)
    assert (industry == "food").mean() == pytest.approx(0.75, abs=0.015)
    assert "power" not in industry
    assert set(firms.loc[industry == "food", "industry"]) == {"1411", "1512"}
    assert firms.loc[industry == "food", "industry"].eq("1411").mean() == pytest.approx(0.5, abs=0.02)
    assert firms.loc[industry == "food", "employees"].median() == pytest.approx(40, rel=0.05)
    assert firms.loc[industry == "cement", "employees"].median() == pytest.approx(20, rel=0.05)
    per_head = firms["output_wan"] / firms["employees"]
    assert per_head[industry == "cement"].median() == pytest.approx(40, rel=0.03)
    assert firms["equipment"].sum() / firms["employees"].sum() == pytest.approx(0.03, rel=0.05)


def test_names_are_invented_for_no_firm_and_unique():
    firms = draw()
    assert firms["name"].str.fullmatch(r"Demo (food|cement)-\d{3}").all()
    assert firms["name"].is_unique
    assert firms.index.is_unique
    food = firms[firms.index.str.startswith("food")]
    assert sorted(food.index) == [f"food-{k:03d}" for k in range(1, len(food) + 1)]


def test_rows_say_that_they_are_illustrative():
    firms = draw("urban", 7)
    assert len(firms) == 398
    assert set(firms["basis"]) == {"illustrative"}
    assert set(firms["confidence"]) == {"none"}
    assert set(firms["source"]) == {"data/make_register.py, spread urban, seed 7"}
    assert firms[["uscc", "tests_per_year", "backlog"]].isna().all(axis=None)


def test_one_seed_one_register():
    pd.testing.assert_frame_equal(draw(), draw())
    assert not draw(seed=1)["lon"].equals(draw(seed=2)["lon"])


def test_rules_with_one_seed_differ_by_places_alone():
    same = ["name", "industry", "employees", "output_wan", "equipment"]
    for rule in SPREAD_RULES:
        pd.testing.assert_frame_equal(draw(rule)[same], draw()[same])


@given(
    seed=st.integers(0, 2**32 - 1),
    rule=st.sampled_from(SPREAD_RULES),
    spread_km=st.floats(0, 20),
    n_firms=st.integers(1, 60),
)
@settings(max_examples=60, deadline=None)
def test_firms_stay_in_the_county_and_near_their_place(seed, rule, spread_km, n_firms):
    asked = PARK.model_copy(update={"spread_km": spread_km, "n_firms": n_firms})
    firms = draw(rule, seed, settings=asked)
    assert len(firms) == n_firms
    assert shapely.contains_xy(BOX, firms["lon"], firms["lat"]).all()
    home = PLACES.set_index("name").loc[firms["town"]]
    north_km = (firms["lat"].to_numpy() - home["lat"].to_numpy()) * 111.2
    east_km = (firms["lon"].to_numpy() - home["lon"].to_numpy()) * 111.2 * math.cos(math.radians(40))
    reach = np.where(home["kind"].eq("zone"), 1.0, spread_km)
    assert (np.hypot(north_km, east_km) <= reach * 1.01 + 0.01).all()


def test_positions_fill_the_disc_evenly():
    firms = draw("villages", boundary=None, settings=PARK.model_copy(update={"n_firms": 20_000}))
    south = firms[firms["town"].eq("South")]
    distance = np.hypot(
        (south["lat"] - 39.85) * 111.2, (south["lon"] - 117.40) * 111.2 * math.cos(math.radians(39.85))
    )
    # half of an even disc's area lies within radius / sqrt(2)
    assert (distance < 3 / math.sqrt(2)).mean() == pytest.approx(0.5, abs=0.02)


def test_empty_committees_count_nothing():
    places = PLACES.astype({"committees_village": "Int64", "committees_total": "Int64"})
    places.loc["park", ["committees_village", "committees_total"]] = pd.NA
    assert spread_weights(places, "committees", PARK)["park"] == 0


def test_unknown_rule_is_refused():
    with pytest.raises(InputError, match=r"'parcs' is not a spread rule; allowed: committees, urban"):
        spread_weights(PLACES, "parcs")


def test_unknown_park_is_refused():
    with pytest.raises(InputError, match=r"no place has the id elsewhere"):
        spread_weights(PLACES, "parks", RegisterSettings(parks={"elsewhere": 1.0}))


def test_without_a_park_firms_go_by_the_committees():
    weights = [spread_weights(PLACES, rule).tolist() for rule in ("parks", "committees")]
    assert weights[0] == weights[1]


def test_places_without_committees_are_refused():
    with pytest.raises(InputError, match="no row of the table has village committees"):
        spread_weights(PLACES.loc[["park", "city"]], "committees")


def test_a_place_beyond_the_outline_is_refused():
    with pytest.raises(InputError, match="South lies outside the county"):
        draw("villages", boundary=shapely.box(117.3, 39.9, 117.5, 40.2))


def test_gaps_in_the_profile_are_refused_all_at_once():
    gaps = INDUSTRIES.drop(columns="employees_typical").assign(register_name=["Demo food", None, None])
    with pytest.raises(InputError, match="food: employees_typical; cement: register_name; cement: employees"):
        draw_register(PLACES, gaps, rule="committees", seed=1)


def test_industries_without_a_share_are_refused():
    nobody = INDUSTRIES.assign(share=0.0)
    with pytest.raises(InputError, match="a share of the industries.*fill in the table industries") as e:
        draw_register(PLACES, nobody, rule="committees", seed=1)
    assert "产业占比" in e.value.message_zh
