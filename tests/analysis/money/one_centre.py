"""One centre whose year is given in figures, so that flows can be worked out by hand."""

import numpy as np

from siting.analysis.money.quantities import Quantities


def centre(
    *,
    time_h=0.0,
    vehicle_km=0.0,
    city_trips=0.0,
    fees=0.0,
    setup_wan=0.0,
    area_mu=0.0,
    land_paid=0.0,
    van_km=0.0,
    **more,
):
    """Make the quantities of one building option with one test line; what is not named is 0."""
    zero, no, yes = np.zeros(1), np.zeros(1, bool), np.ones(1, bool)
    names = ("tests", "work_hours", "road_hours", "road_km", "city_work_hours", "city_bench_hours")
    names += ("city_road_hours", "city_road_km", "city_calls", "visits", "visit_km")
    names += ("pledged_by_enterprises", "pledged_by_others")
    given = {name: np.array([more.get(name, 0.0)], float) for name in names}
    return Quantities(
        own_staff=yes,
        window=no,
        at_neighbour=no,
        from_year_1=no,
        new=yes,
        converted=no,
        later_phase=no,
        lines=np.ones((1, 1), bool),
        setup_wan=np.array([setup_wan]),
        area_mu=np.array([area_mu]),
        land_paid_wan_mu=np.array([land_paid]),
        van_hours=zero,
        van_km=np.array([van_km]),
        time_h=np.array([time_h]),
        vehicle_km=np.array([vehicle_km]),
        city_trips=np.array([city_trips]),
        line_hours=np.array([[more.get("work_hours", 0.0)]]),
        fees_yuan=np.array([[fees]]),
        fee_from=np.array([-np.inf]),
        fee_until=np.array([np.inf]),
        **given,
    )
