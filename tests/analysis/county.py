"""A county small enough to reckon by hand: three enterprises, two sites, a mobile team, the city."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from siting.analysis.demand.demand_settings import DemandSettings, TripSettings
from siting.analysis.evidence import build_evidence
from siting.analysis.money.money_settings import EconomicsSettings
from siting.types import Demand, Evidence, Inputs, TravelTimes

ROW = {"expansion_factor": 1.0}
TRIPS = TripSettings(
    persons=2.0,
    waiting_city_min=60.0,
    waiting_centre_min=30.0,
    report_collection=0.5,
    combined_errands_share=0.2,
    subcontracted_share=0.25,
)
"""Flow = trips × (1 + 0.5) × (1 − 0.2) = 1.2 × trips."""


def enterprises() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["甲", "乙", "丙"],
            "industry": ["1512", "1810", "3660"],
            "town": ["上仓镇", "上仓镇", "邦均镇"],
            "employees": [100.0, 200.0, 10.0],
            "equipment": [2.0, 0.0, 0.0],
            "output_wan": [500.0, 300.0, 50.0],
            "tests_per_year": [np.nan, np.nan, np.nan],
            "backlog": [21.0, np.nan, np.nan],
        },
        index=pd.Index(["a", "b", "c"], name="id"),
    )


def services() -> pd.DataFrame:
    columns = ("industries", "unit", "tests_low", "tests_likely", "tests_high", "trip_kind", "tests_per_trip")
    columns += ("phase", "setup_wan", "permission", "onsite_share", "courier_share", "leakage_share")
    columns += ("city_days", "centre_days", "laboratory")
    rows = {
        "gauges": (["*"], "100_employees", 10, 20, 40, "sample_in", 10, 1, 100, "metrology", 0.5, 0, 0),
        "vessels": (["*"], "piece", 0.1, 0.5, 1, "inspector_out", 5, 1, 30, "special_equipment", 1, 0, 0),
        "food": (["13", "15"], "firm", 2, 4, 6, "sample_in", 1, 1, 200, "cma", 0, 0, 0.25),
        "cloth": (["18"], "firm", 2, 8, 9, "courier", 2, 1, 0, "cma", 0, 0.5, 0),
        "cars": (["36"], "firm", 1, 6, 12, "sample_in", 1, 2, 300, "cma", 0, 0, 0),
    }
    laboratories = {"gauges": "metrology", "vessels": "special"}
    full = {k: (*row, 10.0, 5.0, laboratories.get(k, "product")) for k, row in rows.items()}
    return pd.DataFrame.from_dict(full, orient="index", columns=columns).rename_axis("id")


def industries() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "codes": [["13", "15"], ["18"], ["36"]],
            "pillar": [True, True, True],
            "employees_typical": [40.0, 60.0, 30.0],
            "output_per_employee_wan": [50.0, 20.0, 40.0],
        },
        index=pd.Index(["food", "clothing", "machinery"], name="id"),
    )


def sites() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": ["build", "build", "mobile", "city"],
            "name": ["北", "南", "流动", "市区"],
            "land_area_mu": [10.0, 10.0, np.nan, np.nan],
            "land_price_wan": [20.0, 0.0, np.nan, np.nan],
            "land_provision": ["granted", "undecided", "none", "none"],
        },
        index=pd.Index(["north", "south", "mobile", "city"], name="id"),
    )


def pledges() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "who": ["园区", "企业", "乡镇"],
            "site": ["south", None, "north"],
            "amount_wan": [np.nan, 500.0, 40.0],
            "land_mu": [np.nan, np.nan, np.nan],
            "firmness": ["oral", "signed", "signed"],
            "conflict": [False, True, False],
        },
        index=pd.Index(["land", "firms", "town"], name="id"),
    )


def travel() -> TravelTimes:
    firms, places = ["a", "b", "c"], ["north", "south"]
    laboratories = ["metrology", "product", "special"]

    def table(rows, columns):
        return pd.DataFrame(rows, firms, columns, dtype=float)

    far = table([[90] * 3, [100] * 3, [80] * 3], laboratories)
    return TravelTimes(
        to_site=table([[10, 40], [30, 20], [50, 5]], places),
        from_site=table([[20, 40], [30, 20], [50, 5]], places),
        to_laboratory=far,
        from_laboratory=far,
        to_site_km=table([[8, 30], [20, 15], [40, 4]], places),
        to_laboratory_km=table([[100] * 3, [110] * 3, [90] * 3], laboratories),
        site_to_city=pd.Series([90.0, 60.0], places),
        city_to_site=pd.Series([90.0, 60.0], places),
        site_to_city_km=pd.Series([100.0, 70.0], places),
        site_to_seat=pd.Series([0.0, 25.0], places),
        city_to_enterprise=pd.Series([90.0, 100.0, 80.0], firms),
        snapping=pd.DataFrame(),
    )


def evidence(
    *,
    demand: DemandSettings | None = None,
    trip_settings: TripSettings = TRIPS,
    economics: EconomicsSettings | None = None,
    travel_times: TravelTimes | None = None,
    tests: Demand | None = None,
    **tables: pd.DataFrame,
) -> Evidence:
    """Put the county together; `tables` replace the tables of the same name."""
    names = ("enterprises", "sites", "services", "industries", "pledges")
    given = {name: tables.get(name, globals()[name]()) for name in names}
    empty = pd.DataFrame()
    inputs = Inputs(
        **given,
        roads=None,
        laboratories=empty,
        conditions=empty,
        places=empty,
        boundary=None,
        sources=empty,
        parameters=empty,
    )
    return build_evidence(
        inputs,
        travel_times or travel(),
        demand=demand or DemandSettings(**ROW),
        trip_settings=trip_settings,
        economics=economics or EconomicsSettings(),
        tests=tests,
    )


def with_minutes(times: TravelTimes, firm: str, site: str, minutes: float) -> TravelTimes:
    """Set the way between a firm and a site, both directions."""
    to, back = times.to_site.copy(), times.from_site.copy()
    to.loc[firm, site] = back.loc[firm, site] = minutes
    return replace(times, to_site=to, from_site=back)
