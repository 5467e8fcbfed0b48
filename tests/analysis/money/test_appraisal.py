"""Benefits, present values, break-even, tie prices, pledges, gainers: by hand and by identity."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.decision.measures import criteria_enterprises as measures
from siting.analysis.demand.demand_settings import DemandSettings
from siting.analysis.money import appraisal as economics
from siting.analysis.money.flows import ITEMS, PARTIES
from siting.analysis.money.land_and_pledges import land_price_to_tie
from siting.analysis.money.money_settings import EconomicsSettings
from tests.analysis import county
from tests.analysis.county import TRIPS

PLAIN = EconomicsSettings(
    discount_rate=0.0, horizon_years=5, years_to_accreditation=1, ramp_up_years=2, equipment_life_years=3
)


def assessed(settings=None, *, score=None, **case_options):
    case = county.evidence(economics=settings, **case_options)
    return economics.assess(case, settings, trip_settings=TRIPS, score=score)


def test_a_year_against_today_by_hand():
    summary, case = assessed().summary, county.evidence()
    made = case.trips
    hours, km = made.hours.sum(), made.vehicle_km.sum()
    assert summary["hours"].tolist() == hours.tolist()
    yuan = hours["north"] * 23 + km["north"] * 1.0 + made.city_trips["north"].sum() * 80
    assert summary.at["north", "user_wan"] == pytest.approx(yuan / 1e4)
    assert summary.at["north", "co2_t"] == pytest.approx(km["north"] * 0.2 / 1000)
    saved = summary.loc["city", ["hours", "vehicle_km", "user_wan", "co2_t"]]
    less = saved.to_numpy() - summary[["hours", "vehicle_km", "user_wan", "co2_t"]].to_numpy()
    named = ["hours_saved", "vehicle_km_saved", "user_saving_wan", "co2_saved_t"]
    np.testing.assert_allclose(summary[named].to_numpy(), less.astype(float), atol=1e-12)
    assert summary.loc["city", named].eq(0).all()


def test_hours_saved_are_the_criterion():
    case = county.evidence()
    assert assessed().summary["hours_saved"].tolist() == pytest.approx(measures.hours_saved(case).tolist())
    gains = assessed().gains
    assert gains.hours.sum().tolist() == pytest.approx(measures.hours_saved(case).tolist())
    for _, part in gains.by_group.groupby("dimension"):
        by_option = part.groupby("option")["hours_saved"].sum()
        assert by_option.to_dict() == pytest.approx(measures.hours_saved(case).to_dict())


def test_report_days_by_hand():
    """Tests, not visits: 62 gauges, 1 vessel, 4 food (a quarter leaks), 8 cloth, 6 cars; 3/4 signed."""
    here = (62 + 4 * 0.75 + 8) * 0.75
    assert assessed().summary.at["north", "report_days"] == pytest.approx(10 - 5 * here / 81)
    assert assessed().summary.loc[["mobile", "city"], "report_days"].tolist() == [10, 10]


def test_a_collection_window_adds_the_wait_for_its_van():
    sites = county.sites()
    sites.loc["south", "kind"] = "collection"
    handed_in = (62 + 4 + 8 + 6) / 2  # half of what is carried; the vessel is not
    expected = 10 + handed_in / 81 * (250 / 52 / 2)
    assert assessed(sites=sites).summary.at["south", "report_days"] == pytest.approx(expected)


def test_inspectors_drive_less_where_the_option_has_the_approval():
    """0.2 visits to 甲: 180 minutes from the city, 30 from the north."""
    assert assessed().summary["inspector_hours_saved"].tolist() == [0] * 4
    approved = TRIPS.model_copy(update={"approvals": ("special_equipment",)})
    result = assessed(trip_settings=approved)
    saved = result.summary.at["north", "inspector_hours_saved"]
    assert saved == pytest.approx(0.2 * (3 - 0.5) * 1.5)
    item = result.items.loc[("north", "inspection")]
    year = 0.2 * 3 * 1.5 * 6 / 1500 + 0.2 * (200 + 80) / 1e4  # hours, 2 × 100 km, tolls
    assert item["city_laboratory"] == pytest.approx(year * RAMPED)
    assert item["public"] == pytest.approx(-0.2 * 16 / 1e4 * RAMPED)
    assert item["toll_operator"] == pytest.approx(-0.2 * 80 / 1e4 * RAMPED)


RAMPED = sum(min(1, max(0, (n - 2) / 3)) * 1.08**-n for n in range(21))
"""Present value of 1 a year from accreditation on, in three steps."""


def test_present_value_by_hand():
    """Years 1–5 without discount: benefit 0, ½, 1, 1, 1; staff every year; equipment again in year 3."""
    result, cost = assessed(PLAIN), county.evidence(economics=PLAIN).costs.loc["north"]
    summary, items = result.summary, result.items.loc["north", "national"]
    year = summary.loc["north", "user_saving_wan"]
    made = county.evidence().trips.city_trips
    tolls = (made["city"] - made["north"]).sum() * 80 / 1e4
    users = items[["travel_time", "vehicle", "tolls"]].sum()
    assert users == pytest.approx(3.5 * (year - tolls))
    hour_wan, consumables = 6 / 1500, 0.5 * 80 / (25 * 1500)
    assert items["city_testing"] == pytest.approx(3.5 * cost["work_hours"] * (hour_wan + consumables))
    outlay = 500 + 2 * 300 + 150 + 80 - (500 * 45 / 50 + 300 / 3 + 150)
    outlay += 5 * (190 + cost["city_run_year"]) + 3.5 * cost["work_hours"] * consumables
    assert summary.at["north", "cost_wan"] == pytest.approx(outlay) == pytest.approx(cost["net_cost_wan"])
    assert summary.at["north", "npv_wan"] == pytest.approx(users + items["city_testing"] - outlay)
    ratio = (users + items["city_testing"]) / outlay
    assert summary.at["north", "bcr"] == pytest.approx(ratio)
    mobile = summary.loc["mobile"]
    at_bench = 0.5 * 62 * 2 * hour_wan  # half of the gauges are tested at the gate
    tolls = (made["city"] - made["mobile"]).sum() * 80 / 1e4
    assert mobile["benefit_wan"] == pytest.approx(5 * (mobile["user_saving_wan"] - tolls + at_bench))
    assert summary.loc["city", ["benefit_wan", "cost_wan", "npv_wan"]].eq(0).all()
    assert summary.loc["city", ["bcr", "eirr", "payback_years"]].isna().all()


def test_at_the_break_even_demand_the_present_value_is_zero():
    settings = PLAIN.model_copy(update={"value_of_time_yuan_h": 5e3})
    first = assessed(settings)
    multiple = first.summary.at["north", "break_even_demand"]
    assert 1 < multiple < 100
    again = assessed(settings, demand=DemandSettings(expansion_factor=multiple))
    assert again.summary.at["north", "npv_wan"] == pytest.approx(0, abs=1e-6)
    assert assessed(PLAIN).summary.at["north", "break_even_demand"] == np.inf  # not up to a hundredfold
    assert np.isnan(first.summary.at["city", "break_even_demand"])


def test_payback_by_hand():
    rich = EconomicsSettings(**{**PLAIN.model_dump(), "value_of_time_yuan_h": 1e6})
    early = assessed(rich).summary
    poor = assessed(PLAIN).summary
    assert 1 < early.at["north", "payback_years"] < 2  # within the first year with any benefit
    assert early.at["mobile", "payback_years"] == 0
    assert poor["payback_years"].loc[["north", "city"]].isna().all()
    assert early.at["north", "eirr"] > 0
    assert poor.at["north", "eirr_note"] == "costs_exceed"


def test_a_service_that_costs_more_than_it_saves_never_breaks_even():
    dear = EconomicsSettings(van_capex_wan=1e6)
    assert assessed(dear).summary.at["mobile", "break_even_demand"] == np.inf


def test_present_value_by_expansion_factor():
    result = assessed()
    assert result.by_expansion.columns.tolist() == [1, 3, 12, 19]
    assert result.by_expansion[1.0].tolist() == pytest.approx(result.summary["npv_wan"].tolist())
    threefold = assessed(demand=DemandSettings(expansion_factor=3)).summary["npv_wan"]
    assert result.by_expansion[3.0].tolist() == pytest.approx(threefold.tolist())
    assert not result.hinges_on_expansion  # three firms never pay for a laboratory


def test_parties_at_multiples_of_the_demand_add_up_to_the_national_economy():
    result = assessed()
    once = result.by_demand[1.0].unstack()
    for party in once:
        assert once[party].tolist() == pytest.approx(result.accounts[f"npv_{party}"].tolist())
    assert result.by_demand[3.0].groupby("option", sort=False).sum().tolist() == pytest.approx(
        result.by_expansion[3.0].tolist()
    )


def test_a_result_that_hinges_on_the_expansion_says_so():
    rich = EconomicsSettings(value_of_time_yuan_h=2e4)
    result = assessed(rich)
    assert result.by_expansion.idxmax().nunique() > 1
    assert result.hinges_on_expansion


def test_accounts_side_by_side():
    """The signed 40 of a town and land paid dear or given move between the parties alone."""
    result = assessed()
    items, accounts = result.items, result.accounts
    assert items.loc[("north", "land")].tolist() == [0, -200, 0, 0, 50, -150]
    assert items.loc[("south", "land")].tolist() == [0, 0, 0, 0, -150, -150]
    assert items.loc[("north", "pledged")].tolist() == [0, 40, 0, 0, -40, 0]
    parties = accounts[[f"npv_{party}" for party in PARTIES]]
    np.testing.assert_allclose(accounts["npv_national"], parties.sum(axis=1))
    assert list(items.columns) == [*PARTIES, "national"]
    assert items.loc["north"].index.tolist() == list(ITEMS)
    assert accounts["npv_national"].tolist() == pytest.approx(result.summary["npv_wan"].tolist())
    counted = assessed(EconomicsSettings(count_conflicts=True)).items
    assert counted.loc[("south", "pledged")].tolist() == [-500, 500, 0, 0, 0, 0]


def test_fees_change_hands_while_the_law_lets_them():
    fees = {"fee_yuan": 100.0, "payer": ["enterprise", "enterprise", "finance", None, "none"]}
    until = {"valid_until": [2013.0, np.nan, np.nan, np.nan, np.nan]}
    services = county.services().assign(**fees, **until)
    case = county.evidence(services=services)
    ever = economics.assess(case, trip_settings=TRIPS).items.loc[("north", "fees")]
    gauges = 62 * 0.75 * 100 / 1e4
    assert ever.tolist() == pytest.approx([0, gauges * RAMPED, -gauges * RAMPED, 0, 0, 0])
    ended = economics.assess(case, trip_settings=TRIPS, year=2010).items.loc[("north", "fees")]
    assert ended["public"] == pytest.approx(gauges / 3 * 1.08**-3)  # year 3 is 2013, the last
    assert ended["national"] == 0


def test_what_a_neighbour_takes_and_spends_is_the_neighbours():
    sites = county.sites()
    sites.loc["south", "kind"] = "neighbour"
    services = county.services().assign(fee_yuan=100.0, payer="enterprise")
    case = county.evidence(sites=sites, services=services)
    items = economics.assess(case, trip_settings=TRIPS).items.loc["south"]
    tests = 4 * 0.75 + 8 + 6
    years = sum(1.08**-n for n in range(1, 21))
    fees = tests * 100 / 1e4 * years
    assert items.loc["fees"].tolist() == pytest.approx([0, 0, -fees, 0, fees, 0])
    assert items.loc["host_testing", "public"] == 0
    assert items.loc["host_testing", "others"] < 0
    assert items.loc["staff", "public"] < 0  # the window's are paid from here


def test_the_best_option_may_be_today():
    assert assessed(EconomicsSettings(van_capex_wan=1e4)).best == "city"
    assert assessed(EconomicsSettings(value_of_time_yuan_h=1e6)).best == "north"


def test_what_free_land_is_worth_in_minutes():
    settings = PLAIN.model_copy(update={"discount_rate": 0.25})
    result = assessed(settings)
    offer = result.offers.loc["south"]
    assert offer[["land_mu", "worth_wan"]].tolist() == [10, 150]
    case = county.evidence(economics=settings)
    longer = offer["minutes_per_trip"]
    trips = (case.trips.trips["south"] - case.trips.city_trips["south"]).sum()
    speed_kmh = 60 * (30 + 15 + 4) / (40 + 20 + 5)
    yuan = 2 * trips * longer / 60 * (2 * 23 + speed_kmh * 1.0)
    years = 0.5 * 0.8**2 + 0.8**3 + 0.8**4 + 0.8**5
    assert years * yuan / 1e4 == pytest.approx(150 * (1 - 0.8**5))  # the land goes back after five years
    assert "north" not in result.offers.index  # its land has a price


def test_the_land_price_that_ties():
    anchors, weight = (5000.0, 0.0), 0.2
    cost, area, price = (
        np.array([4000.0, 4400.0, 300.0]),
        np.array([10.0, 10.0, 0.0]),
        np.array([15.0, 0.0, 0.0]),
    )
    rest = np.array([0.5, 0.48, 0.1])

    def score(c):
        return rest + weight * np.clip((anchors[0] - c) / anchors[0], 0, 1)

    tie = land_price_to_tie(score(cost), cost, area, price, anchors=anchors, weight=weight)
    moved = cost[0] + area[0] * (tie[0, 1] - price[0])
    assert score(np.array([moved, cost[1], cost[2]]))[0] == pytest.approx(score(cost)[1])
    assert np.isnan(np.diag(tie)).all()
    assert np.isnan(tie[2]).all()  # no land, no price
    assert np.isnan(tie[0, 2])  # no price within the anchors brings it down so far


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5), st.floats(0.01, 1))
def test_a_tie_price_ties_whenever_there_is_one(rest, weight):
    n = len(rest)
    cost, area, price = np.linspace(500, 4500, n), np.full(n, 8.0), np.full(n, 15.0)
    rest = np.array(rest)

    def score(c):
        return rest + weight * np.clip(1 - c / 5000, 0, 1)

    tie = land_price_to_tie(score(cost), cost, area, price, anchors=(5000, 0), weight=weight)
    for i, j in np.argwhere(~np.isnan(tie)):
        moved = cost.copy()
        moved[i] += area[i] * (tie[i, j] - price[i])
        assert score(moved)[i] == pytest.approx(score(cost)[j], abs=1e-9)


def test_at_its_tie_price_a_site_ties():
    """Weigh net cost alone: the sites tie when their lands and pledges cost the same."""

    def score(case):
        return 1.0 - case.costs["net_cost_wan"] / 5000.0

    case = county.evidence()
    settings = EconomicsSettings()
    scored = {"score": score, "cost_anchors": (5000, 0), "cost_weight": 1.0}
    found = economics.assess(case, settings, trip_settings=TRIPS, **scored)
    price = found.land_ties.at["south", "north"]
    dearer = county.sites()
    dearer.loc["south", ["land_price_wan", "land_provision"]] = [price, "granted"]
    again = county.evidence(sites=dearer, economics=settings.model_copy(update={"account": "financial"}))
    assert score(again)["south"] == pytest.approx(score(again)["north"])
    assert found.land_ties.loc["mobile"].isna().all()
    assert assessed(score=score).land_ties.empty


def test_no_price_of_land_ties_a_site_that_no_road_leads_to():
    cost, area = np.array([np.inf, 4000.0, 4200.0]), np.full(3, 10.0)
    score = np.array([0.4, 0.45, 0.42])
    tie = land_price_to_tie(score, cost, area, np.full(3, 15.0), anchors=(5000, 0), weight=0.2)
    assert np.isnan(tie[0]).all()
    assert np.isfinite(tie[1:][~np.isnan(tie[1:])]).all()
    assert np.isfinite(tie[2, 1])


def test_teams_that_cannot_drive_back_never_break_even():
    """From 甲 no road leads to the city, though teams get there: what they would cost is infinite."""
    times = county.travel()
    km, to = times.to_laboratory_km.copy(), times.to_laboratory.copy()
    km.loc["a"], to.loc["a"] = np.inf, np.inf
    result = assessed(travel_times=replace(times, to_laboratory_km=km, to_laboratory=to))
    mobile = result.summary.loc["mobile"]
    assert mobile["cost_wan"] == np.inf
    assert mobile["npv_wan"] == -np.inf
    assert mobile["break_even_demand"] == np.inf
    assert (result.by_expansion.loc["mobile"] == -np.inf).all()
    assert np.isfinite(result.by_expansion.drop(index="mobile")).all(axis=None)


def net_cost_score(case):
    return -case.costs["net_cost_wan"].drop(index=["mobile", "city"])


def test_pledges_decide_and_it_is_said_which():
    result = assessed(score=net_cost_score)
    scores = result.pledge_scores
    assert list(scores) == ["all", "firm", "none"]
    assert scores["all"].idxmax() == "south"  # land free, against 200 − 40 in the north
    assert (scores.loc["south", "all"] - scores.loc["south", "none"]) == pytest.approx(150 * (1 - 1.08**-20))
    assert (scores.loc["north", "firm"] - scores.loc["north", "none"]) == pytest.approx(40)
    assert result.pledge_decides == ()
    bigger = county.pledges()
    bigger.loc["town", "amount_wan"] = 1000.0
    assert assessed(score=net_cost_score, pledges=bigger).pledge_decides == ("town",)


def test_conflicts_of_interest_decide_nothing_by_default():
    rich = county.pledges()
    rich.loc["firms", ["site", "amount_wan"]] = ["north", 1e6]
    result = assessed(score=net_cost_score, pledges=rich)
    assert result.pledge_scores["all"].idxmax() == "south"
    assert "firms" not in result.pledge_decides
    counted = EconomicsSettings(count_conflicts=True)
    assert assessed(counted, score=net_cost_score, pledges=rich).pledge_decides == ("firms",)


def test_ledger():
    ledger = assessed().ledger
    assert ledger["worth_wan"].tolist() == [150, 500, 40]  # land offered, no area stated: the site's 10 mu
    assert ledger["firm"].tolist() == [False, True, True]
    assert ledger["counted"].tolist() == [True, False, True]
    unknown = county.pledges().assign(amount_wan=np.nan, site=None)
    assert assessed(pledges=unknown).ledger["worth_wan"].isna().all()  # never a price of zero
    assert assessed(pledges=county.pledges().iloc[:0]).ledger.empty


def test_without_a_scoring_no_pledge_is_judged():
    result = assessed()
    assert result.pledge_scores.empty
    assert result.pledge_decides == ()


# who gains, who loses


def test_gainers_by_hand():
    gains = assessed().gains
    firms = gains.enterprises
    assert firms["favourite"].tolist() == ["north", "south", "south"]
    assert firms.loc["a", "favourite_hours"] == pytest.approx(36)
    assert firms["size"].tolist() == ["small", "small", "micro"]
    assert firms["industry"].tolist() == ["food", "clothing", "machinery"]
    assert (gains.regret.min(axis=1) == 0).all()
    assert gains.regret.loc["a", "city"] == pytest.approx(36)
    by_option = gains.by_option
    assert by_option["better_off"].tolist() == [1, 1, 1, 0]
    assert by_option["favourite_of"].tolist() == [1, 2, 0, 0]
    assert by_option.at["city", "worst_tenth_min"] == 100


def test_whom_nothing_helps_stays_with_today():
    services = county.services().assign(trip_kind="inspector_out")
    gains = assessed(services=services).gains
    assert gains.enterprises["favourite"].tolist() == ["city"] * 3
    assert gains.by_option[["better_off", "worse_off"]].eq(0).all().all()


def test_groups_leave_out_what_is_unknown():
    firms = county.enterprises().assign(town=["上仓镇", None, "邦均镇"], employees=[10.0, np.nan, 2000.0])
    groups = assessed(enterprises=firms).gains.by_group
    towns = groups[(groups["dimension"] == "town") & (groups["option"] == "north")]
    assert towns["group"].tolist() == ["上仓镇", "邦均镇"]
    assert towns["enterprises"].tolist() == [1, 1]
    assert set(groups[groups["dimension"] == "size"]["group"]) == {"micro", "large"}


def test_a_register_without_towns():
    assert (
        assessed(enterprises=county.enterprises().drop(columns="town")).gains.enterprises["town"].isna().all()
    )


def test_cut_off_today_has_no_gain_and_spoils_no_sum():
    times = county.travel()
    far = times.to_laboratory.copy()
    far.loc["a"] = np.inf
    result = assessed(travel_times=replace(times, to_laboratory=far))
    assert result.gains.hours.loc["a"].eq(0).all()
    finite = result.summary[["hours_saved", "vehicle_km_saved", "user_saving_wan", "npv_wan"]]
    assert np.isfinite(finite.to_numpy()).all()
    assert np.isnan(result.gains.by_option.at["city", "gini"])


@given(st.floats(0.5, 20))
def test_expansion_scales_gains(factor):
    one, more = assessed().gains, assessed(demand=DemandSettings(expansion_factor=factor)).gains
    np.testing.assert_allclose(more.hours, one.hours * factor, atol=1e-9)
    pd.testing.assert_series_equal(one.by_option["better_off"], more.by_option["better_off"])
