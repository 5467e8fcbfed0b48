"""Cost items by hand, the two accounts, pledges and the other kinds of option."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.money.costs import costs
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.pledged import counted_pledges
from tests.analysis import county

ANNUITY = sum(1.08**-n for n in range(1, 21))
WORK_H = 2 * (62 + 4 * 0.75 + 8) * 0.75
"""Person-hours of the tests done in the north: two each, a quarter is sent on."""
CONSUMABLES = 0.5 * 80 / (25 * 1500)
FINANCIAL = EconomicsSettings(account="financial")


def items(settings=None, **tables):
    return county.evidence(economics=settings, **tables).costs


def test_items_by_hand():
    north = items().loc["north"]
    once = {"setup_building": 500, "setup_equipment": 300, "land": 150, "land_preparation": 80, "pledged": 0}
    assert north[list(once)].to_dict() == once
    assert north["running_year"] == pytest.approx(25 * 6 + 40 + WORK_H * CONSUMABLES)
    hours = 52 * 1.5 * 3
    assert north["city_link_hours"] == hours
    van = hours * 6 / 2000 + 2 * 52 * 100 * 1.0 / 1e4
    assert north["city_run_year"] == pytest.approx(van)
    assert items(FINANCIAL).at["north", "city_run_year"] == pytest.approx(van + 2 * 52 * 40 / 1e4)
    renewal = 300 * (1.08**-9 + 1.08**-18)
    assert north["renewal"] == pytest.approx(renewal)
    consumed = sum(min(1, max(0, (n - 2) / 3)) * 1.08**-n for n in range(21)) * WORK_H * CONSUMABLES
    running = (190 + van) * ANNUITY + consumed
    assert north["running"] == pytest.approx(running)
    residual = -(500 * 30 / 50 + 300 * 7 / 9 + 150) * 1.08**-20
    assert north["residual"] == pytest.approx(residual)
    assert north["net_cost_wan"] == pytest.approx(1030 + renewal + running + residual)


def test_staff_by_the_hours_of_tests():
    north = items().loc["north", ["tests", "work_hours", "staff"]]
    assert north.tolist() == pytest.approx([WORK_H / 2, WORK_H, 25])
    assert items().at["north", "load_per_person"] == pytest.approx(WORK_H / 2 / 25)
    busy = items(services=county.services().assign(hours_per_test=800.0)).loc["north"]
    assert busy["staff"] == np.ceil(WORK_H / 2 * 800 / 1500) == 30
    lines = busy["setup_equipment"]
    assert lines == 100 * 4 + 200  # 46.5 gauges × 800 h are more than three lines of 12,000 h can do


def test_equipment_of_phase_2_needs_staff_of_phase_2():
    both = items(trip_settings=county.TRIPS.model_copy(update={"phase": 2})).loc["north"]
    assert both["setup_equipment"] == 600
    assert both["staff"] == 25 + 15


def test_today_costs_nothing_more():
    assert items().loc["city"].drop(["city_link_hours", "load_per_person"]).eq(0).all()


def test_mobile_by_hand():
    """One visit for each trip saved: half of the gauge trips, 3.72 a year, two a day."""
    mobile = items().loc["mobile"]
    assert mobile["mobile_team_days"] == pytest.approx(1.86)
    assert mobile["mobile_teams"] == 1
    km = (1.2 * 100 + 2.4 * 110 + 0.12 * 90) / 3.72
    team = 1.86 * (3.8 * 6 / 250 + 80 / 8 / 250)
    road = 2 * 1.86 * km / 1e4
    assert mobile["mobile_year"] == pytest.approx(team + road)
    assert mobile["net_cost_wan"] == pytest.approx((team + road) * ANNUITY)
    tolled = items(FINANCIAL).at["mobile", "mobile_year"]
    assert tolled == pytest.approx(team + 2 * 1.86 * (km + 40) / 1e4)
    stay = items(EconomicsSettings(days_per_stay=5)).loc["mobile", "mobile_year"]
    nights = (1.86 - 1.86 / 5) * 3.8 * 150 / 1e4
    assert stay == pytest.approx(team + road / 5 + nights)


def test_a_mobile_team_reaches_no_one_whom_no_road_leads_to():
    times = county.travel()
    times = replace(times, city_to_enterprise=pd.Series([np.inf] * 3, list("abc")))
    mobile = items(travel_times=times).loc["mobile"]
    assert mobile["mobile_team_days"] == mobile["mobile_year"] == 0


def test_two_accounts():
    economic, financial = items(), items(FINANCIAL)
    assert economic.loc[["north", "south"], "land"].tolist() == [150, 150]
    assert financial.loc[["north", "south"], "land"].tolist() == [200, 0]
    assert financial.loc["south", "land_preparation"] == 80  # free land pays for its roads and pipes too
    assert economic["pledged"].eq(0).all()  # gifts are transfers


def test_an_offer_of_land_holds_as_far_as_pledges_count():
    land = {
        counted: items(EconomicsSettings(account="financial", pledges=counted)).at["south", "land"]
        for counted in ("all", "firm", "none")
    }
    assert land == {"all": 0, "firm": 150, "none": 150}
    signed = county.pledges().assign(firmness="signed")
    firm = EconomicsSettings(account="financial", pledges="firm")
    assert items(firm, pledges=signed).at["south", "land"] == 0
    settled = county.sites().assign(land_provision="allocated")
    none = EconomicsSettings(account="financial", pledges="none")
    assert items(none, sites=settled).at["south", "land"] == 0


def test_money_for_a_site_does_not_make_its_land_free():
    money = county.pledges()
    money.loc["gift"] = ["乡镇", "south", 10.0, np.nan, "signed", False]
    firm = EconomicsSettings(account="financial", pledges="firm")
    assert items(firm, pledges=money).at["south", "land"] == 150
    money.loc["gift", "land_mu"] = 10.0
    assert items(firm, pledges=money).at["south", "land"] == 0


def test_money_of_those_inspected_stays_out_by_default():
    assert items(FINANCIAL)["pledged"].tolist() == [-40, 0, 0, 0]
    counted = EconomicsSettings(account="financial", count_conflicts=True)
    assert items(counted)["pledged"].tolist() == [-540, -500, 0, 0]
    assert counted_pledges(county.pledges(), FINANCIAL).tolist() == [True, False, True]
    assert not counted_pledges(county.pledges(), EconomicsSettings(pledges="none")).any()


def test_no_pledge_at_all():
    bare = items(FINANCIAL, pledges=county.pledges().iloc[:0])
    assert bare.at["south", "land"] == 150
    assert bare["pledged"].eq(0).all()


def test_a_site_without_stated_land_takes_the_defaults():
    sites = county.sites().assign(land_area_mu=np.nan, land_price_wan=np.nan)
    assert items(FINANCIAL, sites=sites)["land"].tolist() == [150, 150, 0, 0]


@pytest.mark.parametrize(
    ("kind", "building", "land", "running", "tests", "runs_van"),
    [
        ("convert", 200, 0, 190, WORK_H / 2, True),
        ("branch", 500, 150, 190, (62 + 1 + 4 * 0.75 + 8) * 0.75, True),
        ("collection", 0, 0, 12, 0, True),
        ("shared", 0, 0, 12, (4 * 0.75 + 8) * 0.75, True),
        ("neighbour", 0, 0, 12, 4 * 0.75 + 8 + 6, False),
    ],
)
def test_other_kinds(kind, building, land, running, tests, runs_van):
    """A host laboratory is paid by the hour; a centre's own staff are paid anyway."""
    sites = county.sites()
    sites.loc["south", "kind"] = kind
    south = items(sites=sites).loc["south"]
    assert south[["setup_building", "land"]].tolist() == [building, land]
    assert south["tests"] == pytest.approx(tests)
    hour = CONSUMABLES + (6 / 1500 if kind in ("shared", "neighbour") else 0)
    assert south["running_year"] == pytest.approx(running + 2 * tests * hour)
    assert np.isfinite(south["city_link_hours"]) == runs_van
    assert (south["city_run_year"] > 0) == runs_van
    assert np.isfinite(south["net_cost_wan"])


def test_dropping_a_test_line_saves_its_set_up():
    fewer = items(services=county.services().drop(index="food"))
    assert items().at["north", "setup_equipment"] - fewer.at["north", "setup_equipment"] == 200


def test_costs_need_no_mobile_option_and_no_settings():
    case = county.evidence()
    sites = case.options.drop(index="mobile")
    frames = ("trips", "hours", "vehicle_km", "minutes", "taken", "city_trips", "issued")
    made = replace(case.trips, **{name: getattr(case.trips, name)[sites.index] for name in frames})
    table = costs(sites, case.inputs.services, case.inputs.pledges, case.demand, case.travel, made)
    pd.testing.assert_frame_equal(table, case.costs.loc[sites.index])
