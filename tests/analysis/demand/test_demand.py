"""Tests and trips a year: by hand, against naive loops, and the modelling rules one by one."""

from dataclasses import replace
from operator import attrgetter
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.access.coverage import CoverageSettings, huff_shares
from siting.analysis.demand.annual_tests import annual_tests, carried_trips, pillar_of, travelling_share
from siting.analysis.demand.demand_settings import PARAMETERS, DemandSettings, TripSettings
from siting.analysis.demand.options import taken_shares
from siting.analysis.demand.trips import trips
from siting.analysis.frames import numbers, words
from siting.analysis.money.money_settings import PARAMETERS as COST_PARAMETERS
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.network.speeds import TravelTimeSettings
from siting.scenario.model import PARAMETERS as ALL_PARAMETERS
from siting.types import InputError
from tests.analysis import county
from tests.analysis.county import TRIPS
from tests.paths import ROOT

RAW = ROOT / "data" / "raw"


def demand_of(settings: DemandSettings | None = None, **changes):
    firms = county.enterprises().assign(**changes)
    return annual_tests(firms, county.services(), county.industries(), settings)


def made(settings: TripSettings = TRIPS, *, services=None, sites=None, travel=None, expansion=1.0):
    services = county.services() if services is None else services
    demand = annual_tests(
        county.enterprises(), services, county.industries(), DemandSettings(expansion_factor=expansion)
    )
    sites = county.sites() if sites is None else sites
    return trips(demand, services, sites, travel or county.travel(), settings)


# tests a year


def test_tests_by_hand():
    demand = demand_of()
    expected = [[20, 1, 4, 0, 0], [40, 0, 0, 8, 0], [2, 0, 0, 0, 6]]
    assert demand.tests.to_numpy().tolist() == expected
    assert demand.high.loc["a"].tolist() == [40, 2, 6, 0, 0]
    assert not demand.assumed[["employees", "equipment", "output_wan"]].to_numpy().any()


def test_missing_figures_are_estimated_and_marked():
    missing = [np.nan] * 3
    demand = demand_of(DemandSettings(), employees=missing, equipment=missing, output_wan=missing)
    assert demand.assumed[["employees", "equipment", "output_wan"]].to_numpy().all()
    assert demand.tests["gauges"].tolist() == pytest.approx([0.4 * 20, 0.6 * 20, 0.3 * 20])
    assert demand.tests["vessels"].tolist() == pytest.approx([0.4 * 3 * 0.5, 0.6 * 3 * 0.5, 0.3 * 3 * 0.5])
    assert demand.high.loc["a", "vessels"] == pytest.approx(0.4 * 8 * 1)


def test_unlisted_industry_takes_the_middle_industry():
    demand = demand_of(industry=["9999", None, "1810"], employees=[np.nan] * 3)
    assert demand.tests["gauges"].tolist() == pytest.approx([8, 8, 12])  # median of 40, 60, 30 employees
    assert demand.tests.loc["a", ["food", "cloth", "cars"]].tolist() == [0, 0, 0]


def test_output_is_a_unit_and_estimated_by_employees():
    services = county.services()
    services.loc["food", ["unit", "tests_likely"]] = ["wan_output", 0.01]
    firms = county.enterprises()
    likely = annual_tests(firms, services, county.industries()).tests
    assert likely.loc["a", "food"] == pytest.approx(5.0)
    firms["output_wan"] = np.nan
    likely = annual_tests(firms, services, county.industries()).tests
    assert likely.loc["a", "food"] == pytest.approx(100 * 50 * 0.01)


def test_own_figure_overrides_and_keeps_the_mix():
    demand = demand_of(tests_per_year=[50.0, np.nan, 0.0])
    assert demand.tests.loc["a"].tolist() == pytest.approx([40, 2, 8, 0, 0])
    assert demand.high.loc["a"].tolist() == demand.tests.loc["a"].tolist()
    assert demand.tests.loc["b"].sum() == 48
    assert demand.tests.loc["c"].sum() == 0


def test_nothing_counts_as_estimated_where_the_enterprise_states_its_tests():
    demand = demand_of(tests_per_year=[50.0, np.nan, 0.0], equipment=[np.nan] * 3)
    assert demand.assumed["equipment"].tolist() == [False, True, False]


def test_stated_tests_that_no_service_fits_are_said_not_lost():
    services = county.services().drop(index=["gauges", "vessels"])
    firms = county.enterprises().assign(
        industry=["9999", "1810", "3660"], tests_per_year=[7.0, np.nan, np.nan]
    )
    demand = annual_tests(firms, services, county.industries())
    assert demand.tests.loc["a"].sum() == 0
    assert demand.assumed["unplaced"].tolist() == [7, 0, 0]


def test_the_backlog_stands_apart():
    assert demand_of().backlog.tolist() == [21, 0, 0]
    without = demand_of(backlog=[0.0, 0.0, 0.0])
    pd.testing.assert_frame_equal(without.tests, demand_of().tests)


def test_pillar_is_the_longest_prefix():
    industries = county.industries()
    industries.loc["bicycles"] = [["366"], True, 40.0, 35.0]
    firms = county.enterprises().assign(industry=["3660", "36", None])
    assert pillar_of(firms, industries).tolist() == ["bicycles", "machinery", None]


def test_demand_that_nothing_tells_is_refused():
    bare = county.industries().assign(employees_typical=np.nan)
    firms = county.enterprises().assign(employees=[100.0, np.nan, np.nan])
    with pytest.raises(InputError, match=r"missing for 2 rows \(b, c\).*fill in employees"):
        annual_tests(firms, county.services(), bare)


def test_unknown_unit_is_refused():
    services = county.services()
    services.loc["food", "unit"] = "tonnes"
    with pytest.raises(InputError, match="food: 'tonnes'; allowed are piece, 100_employees, firm"):
        annual_tests(county.enterprises(), services, county.industries())


def test_cells_of_lists_and_numbers():
    assert words("13; 14") == words(["13", "14"]) == ("13", "14")
    assert words(None) == words(np.nan) == ()
    frame = pd.DataFrame({"x": pd.array([1, None], dtype="Int64"), "y": ["2", None]}, dtype=object)
    assert numbers(frame, "x", 9.0).tolist() == [1, 9]
    assert numbers(frame, "y", 9.0).tolist() == [2, 9]
    assert numbers(frame, "z", 9.0).tolist() == [9, 9]


def test_no_enterprise_no_service():
    none = county.enterprises().iloc[:0]
    demand = annual_tests(none, county.services(), county.industries())
    assert demand.tests.shape == (0, 5)
    result = trips(demand, county.services(), county.sites(), county_of(none), TRIPS)
    assert result.hours.sum().tolist() == [0, 0, 0, 0]
    assert annual_tests(
        county.enterprises(), county.services().iloc[:0], county.industries()
    ).tests.shape == (3, 0)


def county_of(firms):
    """Travel times of a part of the firms."""
    times = county.travel()
    rows = ("to_site", "from_site", "to_laboratory", "from_laboratory", "to_site_km", "to_laboratory_km")
    return replace(times, **{name: getattr(times, name).loc[firms.index] for name in rows})


# trips a year


def test_trips_by_hand():
    """甲: 2 gauge trips and 4 food trips; flow 2.4 and 4.8; city 8 person-hours a trip, north 2."""
    result = made()
    hours = result.hours.loc["a"]
    assert hours["city"] == pytest.approx(7.2 * 8)
    assert hours["north"] == pytest.approx(2.4 * 2 + 4.8 * (0.75 * 2 + 0.25 * 8))
    assert hours["mobile"] == pytest.approx(2.4 * 0.5 * 8 + 4.8 * 8)
    assert result.vehicle_km.loc["a", "city"] == pytest.approx(7.2 * 200)
    assert result.vehicle_km.loc["a", "north"] == pytest.approx(2.4 * 16 + 4.8 * (0.75 * 16 + 0.25 * 200))
    assert result.trips.loc["a"].tolist() == pytest.approx([7.2, 7.2, 6.0, 7.2])
    assert result.city_trips.loc["a"].tolist() == pytest.approx([1.2, 1.2, 6.0, 7.2])
    assert result.minutes.loc["a", "north"] == pytest.approx((2 * 10 + 4 * (0.75 * 10 + 0.25 * 90)) / 6)
    assert result.minutes.loc["a", "mobile"] == pytest.approx((2 * 45 + 4 * 90) / 6)


def test_taken_and_issued_by_hand():
    taken, issued = taken_shares(county.services(), county.sites(), TRIPS)
    assert taken["north"].tolist() == [1, 0, 0.75, 1, 0]
    assert taken["mobile"].tolist() == [0.5, 1, 0, 0, 0]
    assert taken["city"].tolist() == [1, 1, 1, 1, 1]
    assert issued["north"].tolist() == [0.75, 0, 0.75, 0.75, 0]
    assert issued["city"].tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("convert", [1, 0, 0.75, 1, 0]),
        ("branch", [1, 1, 0.75, 1, 0]),
        ("collection", [0.5, 0, 0.5, 0.5, 0.5]),
        ("shared", [0, 0, 0.75, 1, 0]),
        ("neighbour", [0, 0, 0.75, 1, 1]),
    ],
)
def test_other_kinds_of_option(kind, expected):
    sites = county.sites()
    sites.loc["south", "kind"] = kind
    assert taken_shares(county.services(), sites, TRIPS)[0]["south"].tolist() == expected


def test_an_option_that_lists_its_services_takes_no_others():
    sites = county.sites()
    sites["services"] = [["food"], None, None, None]
    taken, issued = taken_shares(county.services(), sites, TRIPS)
    assert taken["north"].tolist() == [0, 0, 0.75, 0, 0]
    assert issued["north"].tolist() == [0, 0, 0.75, 0, 0]


def test_approval_and_phase_open_services():
    settings = TRIPS.model_copy(update={"approvals": ("cma", "special_equipment"), "phase": 2})
    assert taken_shares(county.services(), county.sites(), settings)[0]["north"].tolist() == [
        0,
        1,
        0.75,
        1,
        1,
    ]


def test_inspectors_make_no_trip_of_the_enterprise_even_with_the_approval():
    approved = TRIPS.model_copy(update={"approvals": ("cma", "metrology", "special_equipment")})
    for settings in (TRIPS, approved):
        vessels = made(settings, services=county.services().loc[["vessels"]])
        assert not vessels.hours.to_numpy().any()


def test_parcels_make_no_trip():
    assert travelling_share(county.services()).tolist() == [1, 0, 1, 0.5, 1]
    services = county.services()
    services["courier_share"] = np.nan
    assert travelling_share(services).tolist() == [1, 0, 1, 0, 1]


def test_batches_share_trips_reports_are_collected_errands_are_not_counted():
    services = county.services()
    assert carried_trips(demand_of(), services).tolist()[0] == [2, 0, 4, 0, 0]
    services["tests_per_trip"] *= 2
    assert made(services=services).hours.to_numpy() == pytest.approx(made().hours.to_numpy() / 2)
    posted = TRIPS.model_copy(update={"report_collection": 0.0})
    assert made(posted).hours.to_numpy() == pytest.approx(made().hours.to_numpy() / 1.5)
    always = TRIPS.model_copy(update={"combined_errands_share": 1.0})
    assert made(always).hours.to_numpy() == pytest.approx(0.0)


def test_half_day_blocks_round_each_round_trip_up():
    blocks = made(TRIPS.model_copy(update={"half_day_blocks": True}))
    assert blocks.hours.loc["a", "city"] == pytest.approx(7.2 * 2 * 4)  # 4 h: exactly one block
    assert blocks.hours.loc["b", "city"] == pytest.approx(made().trips.loc["b", "city"] * 2 * 8)  # 4.33 h
    assert blocks.hours.loc["c", "south"] > made().hours.loc["c", "south"]
    pd.testing.assert_frame_equal(blocks.vehicle_km, made().vehicle_km)


def test_expansion_scales_amounts_never_shares():
    one, three = made(), made(expansion=3.0)
    for name in ("trips", "hours", "vehicle_km", "city_trips"):
        np.testing.assert_allclose(getattr(three, name), 3 * getattr(one, name), rtol=1e-12)
    for name in ("minutes", "taken", "issued"):
        pd.testing.assert_frame_equal(getattr(three, name), getattr(one, name))


def test_nobody_is_made_to_drive_farther_than_today():
    times = county.with_minutes(county.travel(), "a", "north", 500.0)
    far = made(travel=times)
    assert far.hours.loc["a", "north"] == pytest.approx(far.hours.loc["a", "city"])
    cut = made(travel=county.with_minutes(county.travel(), "a", "north", np.inf))
    assert cut.hours.loc["a", "north"] == pytest.approx(far.hours.loc["a", "city"])
    assert cut.minutes.loc["a", "north"] == 90


def test_cut_off_today_is_infinite_and_reaches_no_one_else():
    times = county.travel()
    to = times.to_laboratory.copy()
    to.loc["a"] = np.inf
    result = made(travel=replace(times, to_laboratory=to))
    assert result.hours.loc["a", ["north", "city"]].tolist() == [
        np.inf,
        np.inf,
    ]  # a quarter leaks to the city
    assert np.isfinite(result.hours.loc[["b", "c"]].to_numpy()).all()
    assert not result.hours.isna().to_numpy().any()


def test_leakage_by_distance_is_the_share_of_huff():
    huff = TRIPS.model_copy(update={"leakage": "huff"})
    result, far = made(huff), 90.0
    shares = huff_shares([1, 5], [[10, far], [30, 100], [50, 80]], exponent=2)[:, 0]
    hours = 7.2 * (shares[0] * 2 + (1 - shares[0]) * 8)  # 甲 to the north: 2 person-hours against 8
    assert result.hours.loc["a", "north"] == pytest.approx(hours)
    gauges = (np.array([2, 4, 0.2]) * shares).sum() / 6.2
    assert result.taken.loc["gauges", "north"] == pytest.approx(gauges)
    assert result.taken.loc["food", "north"] == pytest.approx(shares[0])
    pd.testing.assert_frame_equal(result.hours[["mobile", "city"]], made().hours[["mobile", "city"]])
    cut_off = county.travel().to_laboratory * np.inf
    alone = made(huff, travel=replace(county.travel(), to_laboratory=cut_off))
    assert alone.taken.loc["gauges", "north"] == 1


def test_no_trip_no_minutes():
    services = county.services().assign(trip_kind="inspector_out")
    result = made(services=services)
    assert result.minutes.isna().to_numpy().all()
    assert result.hours.to_numpy().tolist() == np.zeros((3, 4)).tolist()


def test_wrong_laboratory_and_missing_place_are_refused_together():
    services = county.services()
    services.loc["food", "laboratory"] = "nowhere"
    sites = county.sites().rename(index={"south": "elsewhere"})
    with pytest.raises(
        InputError, match="(?s)food: unknown laboratory 'nowhere'.*elsewhere: an option of kind"
    ):
        made(services=services, sites=sites)


def naive_hours(times, settings=TRIPS):
    """Loops over enterprises, services and options, written from the rules alone."""
    services, sites = county.services(), county.sites()
    demand = demand_of()
    total = {}
    for firm in demand.tests.index:
        for option, site in sites.iterrows():
            hours = 0.0
            for service, row in services.iterrows():
                if row["trip_kind"] == "inspector_out":
                    continue
                visits = demand.tests.at[firm, service] * (1 - row["courier_share"]) / row["tests_per_trip"]
                visits *= (1 + settings.report_collection) * (1 - settings.combined_errands_share)
                lab = row["laboratory"]
                city = times.to_laboratory.at[firm, lab] + times.from_laboratory.at[firm, lab]
                city = settings.persons * (city + settings.waiting_city_min) / 60
                there, share = city, 0.0
                if site["kind"] == "mobile":
                    there, share = 0.0, row["onsite_share"]
                elif site["kind"] == "build":
                    there = times.to_site.at[firm, option] + times.from_site.at[firm, option]
                    there = settings.persons * (there + settings.waiting_centre_min) / 60
                    if there > city or times.to_site.at[firm, option] > times.to_laboratory.at[firm, lab]:
                        there = city
                    if row["phase"] == 1 and row["permission"] in ("cma", "metrology"):
                        share = 1 - row["leakage_share"]
                hours += visits * (share * there + (1 - share) * city)
            total[firm, option] = hours
    return pd.Series(total).unstack()


minutes = st.floats(min_value=0, max_value=300, allow_nan=False)


@given(st.lists(minutes, min_size=6, max_size=6), st.lists(minutes, min_size=9, max_size=9))
def test_trips_equal_naive_loops(near, far):
    times = county.travel()
    to_site = pd.DataFrame(np.reshape(near, (3, 2)), times.to_site.index, times.to_site.columns)
    to_lab = pd.DataFrame(np.reshape(far, (3, 3)), times.to_laboratory.index, times.to_laboratory.columns)
    times = replace(times, to_site=to_site, from_site=to_site * 0.5, to_laboratory=to_lab)
    result = made(travel=times)
    naive = naive_hours(times)
    np.testing.assert_allclose(result.hours, naive.loc[result.hours.index, result.hours.columns], atol=1e-9)


def test_the_order_of_rows_changes_nothing():
    services = county.services().iloc[::-1]
    result = made(services=services)
    np.testing.assert_allclose(result.hours, made().hours, rtol=1e-12)


# defaults


def test_defaults_are_those_of_the_parameters_table():
    table = pd.read_csv(RAW / "parameters.csv", dtype=str, encoding="utf-8").set_index("parameter")["value"]
    defaults = SimpleNamespace(
        demand=DemandSettings(),
        trips=TripSettings(),
        economics=EconomicsSettings(),
        travel_time=TravelTimeSettings(),
        coverage=CoverageSettings(),
    )
    for key, parameter in ALL_PARAMETERS.items():
        assert float(attrgetter(key)(defaults)) == float(table[parameter]), key


def test_each_key_names_its_parameter_or_says_assumed():
    for settings, mapping in ((TripSettings, PARAMETERS), (EconomicsSettings, COST_PARAMETERS)):
        for key, parameter in mapping.items():
            field = settings.model_fields.get(key.split(".")[1])
            assert field is None or f"`{parameter}`" in field.description, key


def test_every_figure_has_a_source_or_is_called_assumed():
    choices = {"phase", "multiple"}
    for settings in (DemandSettings, TripSettings, EconomicsSettings):
        for name, field in settings.model_fields.items():
            text = field.description
            figure = isinstance(field.default, (int, float)) and not isinstance(field.default, bool)
            if figure and name not in choices:
                assert "`" in text or "(assumed)" in text or "; assumed)" in text, name


def test_the_high_end_of_equipment_is_that_of_the_parameters_table():
    table = pd.read_csv(RAW / "parameters.csv", encoding="utf-8").set_index("parameter")
    row = table.loc["special_equipment.pieces_per_100_employees"]
    assert DemandSettings().pieces_per_100_employees_high == row["high"]


def test_special_equipment_is_not_granted_by_default():
    table = pd.read_csv(RAW / "parameters.csv", dtype=str, encoding="utf-8").set_index("parameter")["value"]
    assert float(table["special_equipment.available_at_centre"]) == 0
    assert "special_equipment" not in TripSettings().approvals
