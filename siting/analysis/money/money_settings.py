"""Settings of costs and prices, and the parameters that their defaults come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from siting.types import Settings

Account = Literal["financial", "economic"]
Counted = Literal["all", "firm", "none"]

YUAN_PER_WAN = 10_000.0


class EconomicsSettings(Settings):
    """``[economics]``: prices, costs, and the account on which options are compared."""

    account: Account = "economic"
    """``financial``: land at its price or as offered; ``economic``: the same shadow price for all sites."""
    pledges: Counted = "all"
    """Pledges that the financial account counts: all, only firm ones (signed, paid), none."""
    count_conflicts: bool = False
    """Count money from enterprises that the facility would serve; out by default, shown apart."""
    value_of_time_yuan_h: float = Field(default=23.0, ge=0)
    """Value of an hour of an enterprise's staff, yuan (`value_of_time`)."""
    vehicle_cost_yuan_km: float = Field(default=1.0, ge=0)
    """Cost of driving, yuan a km (`trip.vehicle_cost`)."""
    toll_yuan: float = Field(default=40.0, ge=0)
    """Toll of one way to the city, yuan (`trip.toll_S1_full`)."""
    co2_kg_km: float = Field(default=0.20, ge=0)
    """Carbon dioxide, kg a vehicle-km (`trip.co2`)."""
    discount_rate: float = Field(default=0.08, ge=0, lt=1)
    """Discount rate, 1/a (`discount_rate`)."""
    horizon_years: int = Field(default=20, ge=1, le=100)
    """Years counted (`horizon`)."""
    years_to_accreditation: int = Field(default=2, ge=0, le=20)
    """Years of cost without benefit of a new centre, until it is built, staffed and accredited
    (`centre.years_to_accreditation`)."""
    ramp_up_years: int = Field(default=3, ge=1, le=20)
    """Years over which enterprises come over after that, in equal steps (assumed)."""
    equipment_life_years: int = Field(default=9, ge=1, le=100)
    """Equipment is renewed after so many years (`centre.equipment_life`)."""
    building_life_years: int = Field(default=50, ge=1, le=200)
    """Life of the building, years: what is left of it at the end is a residual value
    (`centre.building_life`)."""
    demand_growth: float = Field(default=0.0, gt=-1, le=1)
    """Growth of the demand a year, from year 1 on (`demand_growth`)."""
    building_optimism: float = Field(default=0.0, ge=0)
    """Share by which building costs more than estimated; 0: not counted (`optimism.building`)."""
    equipment_optimism: float = Field(default=0.0, ge=0)
    """The same of equipment (`optimism.equipment`)."""
    area_m2: float = Field(default=2500.0, ge=0)
    """Floor area of phase 1, m² (`centre.area_phase1`)."""
    building_cost_wan_m2: float = Field(default=0.20, ge=0)
    """Building cost, 万元/m² (`centre.building_cost`)."""
    conversion_share: float = Field(default=0.4, ge=0)
    """Cost of converting existing premises as a share of building anew (assumed)."""
    site_area_mu: float = Field(default=10.0, ge=0)
    """Land where the sites table states none, 亩 (`centre.site_area`)."""
    land_price_wan_mu: float = Field(default=15.0, ge=0)
    """Shadow price of land, and its price where none is stated or an offer does not count, 万元/亩
    (`land.price_industrial`)."""
    land_preparation_wan_mu: float = Field(default=8.0, ge=0)
    """Roads, power, water and levelling (三通一平), 万元/亩; due on free land too (`land.preparation`)."""
    staff: float = Field(default=25.0, ge=0)
    """Fewest staff of a centre in phase 1; more where the work takes more hours (`centre.staff_phase1`)."""
    staff_phase2: float = Field(default=15.0, ge=0)
    """Further staff, at least, once lines of phase 2 are open (`centre.staff_phase2`)."""
    usable_share: float = Field(default=0.75, gt=0, le=1)
    """Share of the paid hours that goes into services (`centre.usable_share`)."""
    line_hours: float = Field(default=12_000.0, gt=0)
    """Person-hours a year that the equipment of one line takes; beyond them it is bought once more
    (`centre.line_hours`)."""
    staff_cost_wan: float = Field(default=6.0, ge=0)
    """Wage and charges, 万元 a person and year (`centre.staff_cost`)."""
    other_running_wan: float = Field(default=80.0, ge=0)
    """Consumables, energy, review, calibration, 万元 a year, with the staff of phase 1 at work
    (`centre.other_running`)."""
    consumables_share: float = Field(default=0.5, ge=0, le=1)
    """Share of that which goes with the hours of work, the rest being fixed (`centre.consumables_share`)."""
    city_saving_share: float = Field(default=1.0, ge=0, le=1)
    """Share of the hours and consumables of a service that the city no longer spends where it is done
    elsewhere; 0: its staff stay on unused (`city.saving_share`)."""
    window_staff: float = Field(default=2.0, ge=0)
    """Staff of a collection window, or added to a shared or neighbouring body (assumed)."""
    city_runs_per_year: float = Field(default=52.0, ge=0)
    """Runs of the option's van to the city and back, a year (`centre.city_run_by_van`)."""
    city_run_persons: float = Field(default=1.5, gt=0)
    """Persons on such a run (`trip.persons`)."""
    team_staff: float = Field(default=3.8, gt=0)
    """Persons in a mobile team (`mobile.team_staff`)."""
    van_capex_wan: float = Field(default=80.0, ge=0)
    """Price of an equipped van, 万元 (`mobile.van_capex`)."""
    van_life_years: float = Field(default=8.0, gt=0)
    """Life of a van, years (note of `mobile.van_capex`)."""
    visits_per_team_day: float = Field(default=2.0, gt=0)
    """Visits of a team a day (`mobile.visits_per_team_day`)."""
    team_days_per_year: float = Field(default=60.0, gt=0)
    """Days that one team can spend in the county a year (`mobile.days_in_county`)."""
    working_days_per_year: float = Field(default=250.0, gt=0)
    """Working days of a person or van a year; the rest of them serve elsewhere (assumed)."""
    days_per_stay: float = Field(default=1.0, ge=1)
    """Days that a team stays before it drives home; 1: it returns to the city every evening (assumed)."""
    night_yuan: float = Field(default=150.0, ge=0)
    """Bed and allowance of one person and night, yuan (assumed)."""


PARAMETERS: Mapping[str, str] = {
    f"economics.{field}": parameter
    for field, parameter in {
        "value_of_time_yuan_h": "value_of_time",
        "vehicle_cost_yuan_km": "trip.vehicle_cost",
        "toll_yuan": "trip.toll_S1_full",
        "co2_kg_km": "trip.co2",
        "discount_rate": "discount_rate",
        "horizon_years": "horizon",
        "years_to_accreditation": "centre.years_to_accreditation",
        "equipment_life_years": "centre.equipment_life",
        "building_life_years": "centre.building_life",
        "demand_growth": "demand_growth",
        "building_optimism": "optimism.building",
        "equipment_optimism": "optimism.equipment",
        "area_m2": "centre.area_phase1",
        "building_cost_wan_m2": "centre.building_cost",
        "site_area_mu": "centre.site_area",
        "land_price_wan_mu": "land.price_industrial",
        "land_preparation_wan_mu": "land.preparation",
        "staff": "centre.staff_phase1",
        "staff_phase2": "centre.staff_phase2",
        "usable_share": "centre.usable_share",
        "line_hours": "centre.line_hours",
        "staff_cost_wan": "centre.staff_cost",
        "other_running_wan": "centre.other_running",
        "consumables_share": "centre.consumables_share",
        "city_saving_share": "city.saving_share",
        "city_runs_per_year": "centre.city_run_by_van",
        "city_run_persons": "trip.persons",
        "team_staff": "mobile.team_staff",
        "van_capex_wan": "mobile.van_capex",
        "visits_per_team_day": "mobile.visits_per_team_day",
        "team_days_per_year": "mobile.days_in_county",
    }.items()
}
"""Scenario key → row of the parameters table that its default comes from."""
