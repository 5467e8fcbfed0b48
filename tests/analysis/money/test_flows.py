"""The table of flows: parties add up, transfers cancel, the city's costs fall where the centre's grow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.money.flows import ACCOUNTS, ITEMS, PARTIES, flows_of
from siting.analysis.money.money_settings import EconomicsSettings
from tests.analysis.money.one_centre import centre

AMOUNT = st.floats(0, 1e5)
CENTRES = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("time_h", "vehicle_km", "city_trips", "fees", "setup_wan", "area_mu", "van_km"), AMOUNT
        ),
        **dict.fromkeys(("work_hours", "road_hours", "road_km", "city_road_hours", "city_road_km"), AMOUNT),
        **dict.fromkeys(("city_calls", "visits", "visit_km", "pledged_by_enterprises"), AMOUNT),
        **dict.fromkeys(("pledged_by_others", "land_paid", "city_work_hours", "city_bench_hours"), AMOUNT),
    }
)
SETTINGS = st.builds(
    EconomicsSettings,
    discount_rate=st.floats(0, 0.5),
    horizon_years=st.integers(1, 40),
    demand_growth=st.floats(-0.1, 0.1),
    city_saving_share=st.floats(0, 1),
    equipment_life_years=st.integers(1, 30),
    building_life_years=st.integers(1, 60),
    building_optimism=st.floats(0, 1),
)


@given(CENTRES, SETTINGS)
def test_the_national_economy_is_the_sum_of_all_parties(figures, settings):
    """And what is only paid from one to another is nothing to it."""
    flows = flows_of(centre(**figures), settings)
    by_party = sum(flows.yearly([party]) for party in PARTIES)
    by_item = sum(flows.yearly(items=[item]) for item in ITEMS)
    scale = 1e-9 * sum(np.abs(flow).max() for flow in flows.book.values()) + 1e-9
    np.testing.assert_allclose(flows.yearly(ACCOUNTS["national"]), by_party, atol=scale)
    np.testing.assert_allclose(flows.yearly(), by_item, atol=scale)
    assert {item for item, _ in flows.book} == set(ITEMS)
    for transfer in ("tolls", "fees", "pledged"):
        assert np.abs(flows.yearly(items=[transfer])).max() <= scale
    land = figures["area_mu"] * settings.land_price_wan_mu
    assert flows.yearly(items=["land"])[0, 0] == pytest.approx(-land, abs=scale)
    table = flows.table(0)
    assert table["national"].sum() == pytest.approx(flows.present()[0], abs=1e3 * scale, rel=1e-9)


@given(CENTRES, st.floats(0, 100), st.floats(0, 100))
def test_no_toll_moves_the_national_economy(figures, toll, other):
    values = [
        flows_of(centre(**figures), EconomicsSettings(toll_yuan=yuan)).present()[0] for yuan in (toll, other)
    ]
    assert values[0] == pytest.approx(values[1], rel=1e-9, abs=1e-6)


def test_a_land_price_paid_is_a_matter_of_the_parties():
    settings = EconomicsSettings(land_price_wan_mu=15)
    free, dear = (flows_of(centre(area_mu=10, land_paid=price), settings) for price in (0, 40))
    assert free.present()[0] == pytest.approx(dear.present()[0])
    assert free.yearly(["public"], ["land"])[0, 0] == 0
    assert dear.yearly(["others"], ["land"])[0, 0] == 400 - 150
    assert dear.yearly(["public"], ["residual"])[0, -1] >= 400  # bought, so it is the county's to keep


def test_what_the_centre_spends_more_the_city_spends_less():
    """Beyond the fewest staff and one line each, an hour here is an hour there."""
    settings = EconomicsSettings(discount_rate=0.0, years_to_accreditation=0, ramp_up_years=1)
    most = [centre(work_hours=h, city_work_hours=h, city_bench_hours=h, setup_wan=300) for h in (6e4, 12e4)]
    cost, saved = np.array(
        [
            (
                flows_of(amounts, settings).present(
                    items=["equipment", "staff", "other_running", "residual"]
                )[0],
                flows_of(amounts, settings).present(items=["city_testing"])[0],
            )
            for amounts in most
        ]
    ).T
    assert cost[1] < cost[0]
    assert saved[1] - saved[0] == pytest.approx(cost[0] - cost[1], rel=1e-9)
    kept = settings.model_copy(update={"city_saving_share": 0.0})
    assert flows_of(most[0], kept).present(items=["city_testing"])[0] == 0


def test_optimism_makes_capital_dearer():
    plain = EconomicsSettings(equipment_life_years=50, horizon_years=10)
    raised = plain.model_copy(update={"building_optimism": 0.24, "equipment_optimism": 0.5})
    item = [
        [flows_of(centre(setup_wan=100), on).present(items=[name])[0] for name in ("building", "equipment")]
        for on in (plain, raised)
    ]
    assert item[0] == [-500, -100]
    assert item[1] == pytest.approx([-620, -150])


def test_demand_that_grows_is_met_by_more_staff():
    settings = EconomicsSettings(demand_growth=0.05, years_to_accreditation=0, ramp_up_years=1)
    staff = -flows_of(centre(work_hours=45_000), settings).yearly(items=["staff"])[0] / 6
    assert staff[:3].tolist() == pytest.approx([0, 30, 32])
    assert (np.diff(staff) >= 0).all()
