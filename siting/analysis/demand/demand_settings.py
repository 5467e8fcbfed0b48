"""Settings of demand and trips: how many tests a register stands for, how enterprises travel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from siting.analysis.demand.demand_kinds import DEMAND_KINDS, DemandKind, Served
from siting.types import Settings


class DemandSettings(Settings):
    """``[demand]``: whom the study serves, and how many tests the register stands for."""

    of: Served = "enterprises"
    """Whom the study serves: ``enterprises`` that bring something, ``residents`` whom vehicles reach."""
    pillars: tuple[str, ...] = ()
    """Industries, by id, that count as pillars in place of those of their table; none: the table's."""
    expansion_factor: float = Field(default=3.0, gt=0)
    """Enterprises that a row stands for; scales hours, yuan and NPV, never shares
    (`register.expansion_factor`)."""
    multiple: float = Field(default=1.0, gt=0, le=100)
    """Demand as a multiple of what register and catalogue come to: moves hours, yuan and every draw of them,
    whatever number of firms a row is drawn to stand for."""
    pieces_per_100_employees: float = Field(default=3.0, ge=0)
    """Pieces of special equipment per 100 employees where an enterprise states none
    (`special_equipment.pieces_per_100_employees`)."""
    pieces_per_100_employees_high: float = Field(default=8.0, ge=0)
    """High end of the same (`special_equipment.pieces_per_100_employees`)."""

    @property
    def kind(self) -> DemandKind:
        """What sets a study of those whom it serves apart."""
        return DEMAND_KINDS[self.of]


class TripSettings(Settings):
    """``[trips]``: how enterprises travel, and what an option may take from the city."""

    persons: float = Field(default=1.5, gt=0)
    """Persons on a trip (`trip.persons`)."""
    waiting_city_min: float = Field(default=60.0, ge=0)
    """Parking, queue and form at a body in the city, minutes a trip (`trip.waiting_at_city`)."""
    waiting_centre_min: float = Field(default=30.0, ge=0)
    """The same at an option in the county, minutes a trip (`trip.waiting_at_centre`)."""
    report_collection: float = Field(default=0.5, ge=0)
    """Further trips, such as to collect a report, per trip (`trip.return_to_collect_report`)."""
    combined_errands_share: float = Field(default=0.3, ge=0, le=1)
    """Share of trips that another errand causes anyway: not counted, under no option
    (`trip.combined_with_other_errand`)."""
    phase: int = Field(default=1, ge=1, le=9)
    """Building phase looked at: services of this phase and earlier are open."""
    approvals: tuple[str, ...] = ("cma", "metrology")
    """Permissions that a new centre is granted, ids as in the services; statutory inspection of special
    equipment is not assumed (`special_equipment.available_at_centre` = 0)."""
    subcontracted_share: float = Field(default=0.3, ge=0, le=1)
    """Share of what is handed in at a new centre that it cannot do itself: its van takes them to the city,
    whose body finishes it (`centre.share_subcontracted_phase1`)."""
    mobile_share: float = Field(default=0.35, ge=0, le=1)
    """Share of a service that a mobile team can do where the catalogue does not say
    (`mobile.share_of_tests_possible`)."""
    window_share: float = Field(default=0.5, ge=0, le=1)
    """Share of what can wait at a collection window for its van; dated specimens, release batches
    and dangerous goods cannot (assumed)."""
    leakage: Literal["stated", "huff"] = "stated"
    """Who goes on to the city though the option could serve: the share that the catalogue states, or a share
    that falls with the drive (Huff 1964), see `trips`."""
    huff_exponent: float = Field(default=2.0, gt=0)
    """How fast the pull of a place falls with the minutes to it (Huff 1964; assumed)."""
    huff_city_attractiveness: float = Field(default=5.0, gt=0)
    """Pull of the city's bodies at equal minutes, an option in the county being 1 (assumed)."""
    turnout_min: float = Field(default=1.0, ge=0, le=60)
    """Minutes from the alarm until a vehicle leaves its station; part of every response time (assumed)."""
    half_day_blocks: bool = False
    """Count each round trip in whole half working days (4 h), as a person away rarely works the rest."""


PARAMETERS: Mapping[str, str] = {
    "demand.expansion_factor": "register.expansion_factor",
    "demand.pieces_per_100_employees": "special_equipment.pieces_per_100_employees",
    "trips.persons": "trip.persons",
    "trips.waiting_city_min": "trip.waiting_at_city",
    "trips.waiting_centre_min": "trip.waiting_at_centre",
    "trips.report_collection": "trip.return_to_collect_report",
    "trips.combined_errands_share": "trip.combined_with_other_errand",
    "trips.subcontracted_share": "centre.share_subcontracted_phase1",
    "trips.mobile_share": "mobile.share_of_tests_possible",
}
"""Scenario key → row of the parameters table that its default comes from."""
