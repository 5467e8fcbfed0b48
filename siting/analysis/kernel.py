"""One version of a study, as arrays → raw criteria of every site and net present value of every option.

The same formulas as behind the tables, without frames: what is drawn thousands of times comes through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from siting.analysis.access.coverage import CoverageSettings, covered
from siting.analysis.access.inequality import minutes_of_places, weight_of_places, worst_tenths
from siting.analysis.decision.criteria import CriterionUse, arguments
from siting.analysis.decision.measures.criteria_enterprises import mean_minutes, share_covered
from siting.analysis.decision.measures.criteria_industries import (
    covered_by_industry,
    mean_share,
    share_issued,
)
from siting.analysis.decision.measures.criteria_response import NEAR_MIN, REACHED_MIN
from siting.analysis.decision.value_functions import value_of
from siting.analysis.demand.annual_tests import travelling_share
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.response_runs import response_minutes, share_within
from siting.analysis.demand.trip_amounts import Offers, TripAmounts, trip_amounts
from siting.analysis.frames import baseline_option
from siting.analysis.money.costs import city_link_hours, net_cost_wan
from siting.analysis.money.flows import Flows, flows_of
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.money.quantities import Basis, Quantities, quantities_on
from siting.analysis.money.sensitivity import Lever, moved_together
from siting.option_kinds import having
from siting.types import Ways

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siting.types import Inputs

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Firms:
    """Enterprises as arrays, n_enterprises each."""

    tests: Figures
    """n_enterprises × n_services, tests a year, unscaled."""
    pillar: NDArray[np.int64]
    """Row of the table ``industries``, −1 where none fits."""
    output_wan: Figures
    """0 where it is not known; so is the next."""
    employees: Figures


@dataclass(frozen=True)
class Arrays:
    """What of a study is the same in all its versions."""

    sites: tuple[str, ...]
    """Options that stand at a place, in the order of the ways; all else by option is today, then these."""
    is_pillar: NDArray[np.bool_]
    """By industry."""
    travelling: Figures
    """By service, share that the enterprise carries itself."""
    offers: Offers
    basis: Basis
    own_staff: NDArray[np.bool_]
    """By site."""
    uses: tuple[CriterionUse, ...]
    coverage: CoverageSettings
    trips: TripSettings
    economics: EconomicsSettings
    expansion_factor: float
    """Firms that a row stands for."""
    is_appraised: bool = True
    """Whether costs and benefits are worked out."""

    @classmethod
    def of(
        cls,
        inputs: Inputs,
        placed: pd.Index,
        *,
        uses: Sequence[CriterionUse],
        coverage: CoverageSettings,
        trips: TripSettings,
        economics: EconomicsSettings,
        expansion_factor: float,
        is_appraised: bool = True,
    ) -> Arrays:
        """Read the tables; `placed` are the options of the ways, in their order."""
        options = options_of(inputs, placed)
        tables = inputs.services, options
        return cls(
            sites=tuple(map(str, placed)),
            is_pillar=inputs.industries["pillar"].to_numpy(dtype=bool),
            travelling=travelling_share(inputs.services),
            offers=Offers.of(*tables, trips, laboratories=inputs.laboratories.index, placed=placed),
            basis=Basis.of(options, inputs.services, inputs.pledges, economics, placed=placed),
            own_staff=having(options["kind"], lambda kind: kind.own_staff)[1:],
            uses=tuple(uses),
            coverage=coverage,
            trips=trips,
            economics=economics,
            expansion_factor=expansion_factor,
            is_appraised=is_appraised,
        )


def options_of(inputs: Inputs, placed: Iterable[str]) -> gpd.GeoDataFrame:
    """Return the rows of today and of the options that stand at a place, in the order of `Arrays`."""
    return inputs.sites.loc[[baseline_option(inputs.sites), *placed]]


AMOUNTS = frozenset({"hours_saved", "city_link_hours", "net_cost_wan"})
"""Criteria that are amounts a year or sums of money; the others are shares, or minutes of a trip."""


def sizes_of(raw: Figures, uses: Sequence[CriterionUse]) -> Figures:
    """Return the largest figure among the sites in every criterion of `AMOUNTS`; NaN in the others."""
    known = np.where(np.isfinite(raw), raw, -np.inf).max(axis=-2)
    is_amount = np.array([use.name in AMOUNTS for use in uses])
    return np.where(is_amount & (known > 0), known, np.nan)


def values_of_raw(raw: Figures, uses: Sequence[CriterionUse], sizes: Figures) -> Figures:
    """Turn raw figures of versions (n_versions × n_sites × n_criteria) into values 0..1.

    Scales of amounts go with the size of the version, by their largest figure: where demand or prices
    double, sites are still told apart, not all clipped at an end. Those of shares and minutes are held.

    Parameters
    ----------
    raw, uses : of the versions; value 0 where a criterion does not apply
    sizes : `sizes_of` the study for which the anchors were made
    """
    ratio = sizes_of(raw, uses) / sizes
    scaled = raw / np.where(np.isnan(ratio), 1.0, ratio)[:, None, :]
    return held_values(scaled, uses)


def held_values(raw: Figures, uses: Sequence[CriterionUse]) -> Figures:
    """Turn raw figures (any shape × n_criteria) into values 0..1 on the anchors as they stand."""
    columns = [np.nan_to_num(value_of(raw[..., number], use)) for number, use in enumerate(uses)]
    return np.stack(columns, axis=-1)


@dataclass(frozen=True)
class Traffic:
    """Trips of a version and the criteria made of them; no assumption of the appraisal moves these."""

    arrays: Arrays
    firms: Firms
    ways: Ways
    known: TripAmounts | None = None
    """Trips of a year, where they are worked out already."""

    def of_firms(self, some: NDArray[np.int64]) -> Traffic:
        """Return the traffic of some enterprises alone; trips that rest on no other are kept."""
        firms = Firms(*(getattr(self.firms, part.name)[some] for part in fields(Firms)))
        known = None if self.rests_on_all else self.made.of_enterprises(some)
        return Traffic(self.arrays, firms, self.ways.of_enterprises(some), known)

    @property
    def rests_on_all(self) -> bool:
        """Whether the share of a service that options take depends on all enterprises together."""
        return self.arrays.trips.leakage == "huff"

    @cached_property
    def visits(self) -> Figures:
        """Tests a year over tests that share one way, n_enterprises × n_services."""
        errands: Figures = self.firms.tests / self.arrays.basis.per_trip
        return errands

    @cached_property
    def carried(self) -> Figures:
        """Those that the enterprise itself makes."""
        trips: Figures = self.visits * self.arrays.travelling
        return trips

    @cached_property
    def made(self) -> TripAmounts:
        """Trips of a year."""
        arrays = self.arrays
        return self.known or trip_amounts(
            self.carried,
            arrays.offers,
            self.ways,
            arrays.trips,
            expansion_factor=arrays.expansion_factor,
        )

    @cached_property
    def start(self) -> Quantities:
        """Amounts of a year before any assumption is moved."""
        arrays = self.arrays
        return quantities_on(
            arrays.basis,
            self.made,
            arrays.offers.issued,
            self.ways,
            self.firms.tests,
            arrays.expansion_factor,
        )

    @cached_property
    def shares(self) -> Figures:
        """Criteria other than `AMOUNTS` in their units, n_sites × n_criteria; NaN in the columns of those."""
        arrays = self.arrays
        table = np.full((len(arrays.sites), len(arrays.uses)), np.nan)
        for number, use in enumerate(arrays.uses):
            if use.name not in AMOUNTS:
                table[:, number] = MEASURES[use.name](self, **arguments(use, arrays.coverage))
        return table

    @cached_property
    def residents(self) -> Figures:
        """Persons at each place, whom help has to reach."""
        persons: Figures = self.firms.tests.sum(axis=1)
        return persons

    @cached_property
    def response(self) -> Figures:
        """Minutes until help arrives, n_places × n_sites."""
        place, turnout = self.arrays.offers.place[1:], self.arrays.trips.turnout_min
        return response_minutes(self.ways.from_site, self.ways.from_laboratory, place, turnout)

    @cached_property
    def _within(self) -> dict[tuple[tuple[str, float | str], ...], Figures]:
        return {}

    def within(self, **reach: float | str) -> Figures:
        """Trips a year that each site takes within reach, n_enterprises × n_sites."""
        key = tuple(sorted(reach.items()))
        if key not in self._within:
            share = covered(self.ways.to_site, **reach)  # type: ignore[arg-type]  # as the settings have them
            self._within[key] = self.going * share
        return self._within[key]

    @cached_property
    def going(self) -> Figures:
        """Trips a year that each site takes, n_enterprises × n_sites."""
        trips: Figures = self.carried @ self.made.taken[:, 1:]
        return trips


@dataclass(frozen=True)
class Priced:
    """Amounts of a year and the settings that price them, of one version or of several side by side."""

    amounts: Quantities
    settings: EconomicsSettings

    @cached_property
    def flows(self) -> Flows:
        """Yearly flows of every option."""
        return flows_of(self.amounts, self.settings)


@dataclass(frozen=True)
class Version:
    """One version of a study: its traffic, and assumptions of the appraisal that are moved."""

    traffic: Traffic
    moves: tuple[tuple[Lever, float], ...] = ()
    """Assumptions moved, one after the other, and to what."""

    @cached_property
    def now(self) -> tuple[Quantities, EconomicsSettings]:
        """Amounts of a year, and the settings, with the assumptions moved."""
        return moved_together((self.traffic.start, self.traffic.arrays.economics), self.moves)

    @cached_property
    def priced(self) -> Priced:
        """The same, with the flows that follow."""
        return Priced(*self.now)

    @cached_property
    def raw(self) -> Figures:
        """Criteria in their units, n_sites × n_criteria; NaN where one does not apply."""
        arrays, table = self.traffic.arrays, self.traffic.shares.copy()
        for number, use in enumerate(arrays.uses):
            if use.name in AMOUNTS:
                table[:, number] = MEASURES[use.name](self.priced)[1:]
        return table

    @cached_property
    def npv_wan(self) -> Figures:
        """National net present value by site; NaN without an appraisal."""
        if not self.traffic.arrays.is_appraised:
            return np.full(len(self.traffic.arrays.sites), np.nan)
        present: Figures = self.priced.flows.present()[1:]
        return present


# the criteria -----------------------------------------------------------------------------


def _hours_saved(priced: Priced) -> Figures:
    return priced.amounts.time_h


def _demand_covered(traffic: Traffic, **reach: float | str) -> Figures:
    return share_covered(traffic.within(**reach), traffic.carried)


def _mean_trip_min(traffic: Traffic) -> Figures:
    return mean_minutes(traffic.made.minutes[:, 1:], traffic.carried.sum(axis=1))


def _industry_shares(traffic: Traffic, reach: Mapping[str, float | str]) -> tuple[Figures, NDArray[np.int64]]:
    taken, demand = traffic.within(**reach), traffic.carried.sum(axis=1)
    return covered_by_industry(taken, demand, traffic.firms.pillar, traffic.arrays.is_pillar)


def _industry_coverage(traffic: Traffic, *, weighting: str = "equal", **reach: float | str) -> Figures:
    shares, industries = _industry_shares(traffic, reach)
    weights = np.ones(len(shares))
    if weighting != "equal":
        size = traffic.firms.output_wan if weighting == "output" else traffic.firms.employees
        weights = (traffic.firms.pillar == industries[:, None]) @ size
    return mean_share(shares, weights)


def _worst_industry(traffic: Traffic, **reach: float | str) -> Figures:
    shares, _ = _industry_shares(traffic, reach)
    if not len(shares):
        return np.full(shares.shape[1], np.nan)
    worst: Figures = shares.min(axis=0)
    return worst


def _authority(traffic: Traffic) -> Figures:
    return share_issued(traffic.visits.sum(axis=0), traffic.arrays.offers.issued[:, 1:])


def _city_link_hours(priced: Priced) -> Figures:
    # What is absent at a place is measured as none.
    return np.nan_to_num(city_link_hours(priced.amounts, priced.settings), posinf=np.inf)


def _net_cost_wan(priced: Priced) -> Figures:
    return net_cost_wan(priced.flows, priced.settings)


def _staff_commute_min(traffic: Traffic) -> Figures:
    return np.where(traffic.arrays.own_staff, traffic.ways.site_to_seat, 0.0)


def _worst_tenth_min(traffic: Traffic, *, weighting: str = "demand") -> Figures:
    offers, carried = traffic.arrays.offers, traffic.carried
    weight = weight_of_places(carried, "demand" if weighting == "demand" else "enterprises")
    taken, place, at_gate = traffic.made.taken[:, 1:], offers.place[1:], offers.at_gate[1:]
    minutes = minutes_of_places(carried, taken, offers.laboratory, place, at_gate, traffic.ways)
    return worst_tenths(minutes, weight)


def _residents_5min(traffic: Traffic) -> Figures:
    return share_within(traffic.response, traffic.residents, NEAR_MIN)


def _residents_8min(traffic: Traffic) -> Figures:
    return share_within(traffic.response, traffic.residents, REACHED_MIN)


def _mean_response_min(traffic: Traffic) -> Figures:
    return mean_minutes(traffic.response, traffic.residents)


def _worst_response_min(traffic: Traffic) -> Figures:
    return worst_tenths(traffic.response, traffic.residents)


MEASURES: Mapping[str, Callable[..., Figures]] = {
    "hours_saved": _hours_saved,
    "demand_covered": _demand_covered,
    "mean_trip_min": _mean_trip_min,
    "industry_coverage": _industry_coverage,
    "worst_industry": _worst_industry,
    "authority": _authority,
    "city_link_hours": _city_link_hours,
    "net_cost_wan": _net_cost_wan,
    "staff_commute_min": _staff_commute_min,
    "worst_tenth_min": _worst_tenth_min,
    "residents_5min": _residents_5min,
    "residents_8min": _residents_8min,
    "mean_response_min": _mean_response_min,
    "worst_response_min": _worst_response_min,
}
"""By criterion: traffic and parameters → raw figure by site; of `AMOUNTS` what is priced → by option."""
