"""A register cut into parts, and one draw of it → what every union of parts comes to, at once.

Sums over enterprises are taken part by part, once a draw; a union adds up those of its parts. The same
formulas as in `siting.analysis.kernel`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from siting.analysis import kernel
from siting.analysis.access.inequality import weight_of_places
from siting.analysis.decision.criteria import arguments
from siting.analysis.decision.measures.criteria_response import NEAR_MIN, REACHED_MIN
from siting.analysis.demand.trip_amounts import times
from siting.analysis.kernel import Priced, Traffic, Version
from siting.analysis.money.quantities import GROWING, Quantities, quantities_on
from siting.analysis.money.sensitivity import moved_together
from siting.study.draws.tails import Tails

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """Rows that lie part by part, one after the other, and unions of parts."""

    ends: NDArray[np.int64]
    """Rows up to the end of each part; none is empty."""
    unions: NDArray[np.bool_]
    """n_unions × n_parts."""

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """First row of each part."""
        return np.concatenate([[0], self.ends[:-1]])

    def rows(self) -> list[slice]:
        """Give the rows of each part."""
        return [slice(*pair) for pair in zip(self.starts.tolist(), self.ends.tolist(), strict=True)]

    def summed(self, table: Figures) -> Figures:
        """Sum a table by enterprise (n × any) in each union; what is infinite is so where it stands."""
        by_part = np.add.reduceat(table, self.starts, axis=0)
        return self.joined(by_part)

    def joined(self, by_part: Figures) -> Figures:
        """Add up sums by part (n_parts × any) to those of the unions."""
        endless = ~np.isfinite(by_part)
        member = self.unions.astype(float)
        total = np.tensordot(member, np.where(endless, 0.0, by_part), axes=1)
        if endless.any():
            total[np.tensordot(member, endless.astype(float), axes=1) > 0] = np.inf
        return np.asarray(total, np.float64)


@dataclass(frozen=True)
class Unions:
    """One draw of a register in parts."""

    version: Version
    """Of all rows together."""
    parts: Parts

    @property
    def traffic(self) -> Traffic:
        """Trips of all rows."""
        return self.version.traffic

    @cached_property
    def raw(self) -> Figures:
        """Criteria in their units, n_unions × n_sites × n_criteria; NaN where one does not apply."""
        arrays = self.traffic.arrays
        shape = len(self.parts.unions), len(arrays.sites)
        columns = [
            self.by_site(kernel.MEASURES[use.name](self.priced))
            if use.name in kernel.AMOUNTS
            else MEASURES[use.name](self, **arguments(use, arrays.coverage))
            for use in arrays.uses
        ]
        return np.stack([np.broadcast_to(column, shape) for column in columns], axis=-1)

    @cached_property
    def npv_wan(self) -> Figures:
        """National net present value, n_unions × n_sites; NaN without an appraisal."""
        if not self.traffic.arrays.is_appraised:
            return np.full((len(self.parts.unions), len(self.traffic.arrays.sites)), np.nan)
        return self.by_site(self.priced.flows.present())

    def by_site(self, by_option: Figures) -> Figures:
        """Part figures of the options of all unions by union and site."""
        return by_option.reshape(len(self.parts.unions), -1)[:, 1:]

    # money ------------------------------------------------------------------------------

    @cached_property
    def priced(self) -> Priced:
        """Amounts, prices and flows of the options of all unions, the assumptions moved."""
        start = self._start, self.traffic.arrays.economics
        return Priced(*moved_together(start, self.version.moves))

    @cached_property
    def _start(self) -> Quantities:
        """Amounts of a year: the options of one union after those of the other."""
        arrays = self.traffic.arrays
        by_part = [
            quantities_on(
                arrays.basis,
                self.traffic.made.of_enterprises(rows),
                arrays.offers.issued,
                self.traffic.ways.of_enterprises(rows),
                self.traffic.firms.tests[rows],
                arrays.expansion_factor,
            )
            for rows in self.parts.rows()
        ]
        grown = {name: self.parts.joined(np.stack([getattr(q, name) for q in by_part])) for name in GROWING}
        driven = self.parts.joined(np.stack([times(q.visits, q.visit_km) for q in by_part]))
        return by_part[0].side_by_side(grown, driven)

    # sums -------------------------------------------------------------------------------

    @cached_property
    def carried(self) -> Figures:
        """Trips a year by union and service."""
        return self.parts.summed(self.traffic.carried)

    @cached_property
    def residents(self) -> Figures:
        """Persons by union."""
        return self.parts.summed(self.traffic.residents)

    @cached_property
    def _by_industry(self) -> dict[tuple[tuple[str, float | str], ...], Figures]:
        return {}

    def industry_shares(self, reach: Mapping[str, float | str]) -> Figures:
        """Shares covered, n_pillars × n_unions × n_sites; NaN of an industry that makes no trip."""
        key = tuple(sorted(reach.items()))
        if key not in self._by_industry:
            taken, total = self.traffic.within(**reach), self.traffic.carried.sum(axis=1)
            self._by_industry[key] = np.stack(
                [
                    _ratio(self.parts.summed(taken * own), self.parts.summed(total[:, None] * own))
                    for own in self.members
                ]
            )
        return self._by_industry[key]

    @cached_property
    def members(self) -> Figures:
        """By pillar industry, which enterprises are of it, n_pillars × n × 1."""
        pillars = np.flatnonzero(self.traffic.arrays.is_pillar)
        member = self.traffic.firms.pillar[None, :, None] == pillars[:, None, None]
        return np.asarray(member, np.float64)


def _ratio(top: Figures, bottom: Figures) -> Figures:
    """Divide; of nothing there is no share."""
    whole = np.broadcast_to(bottom, top.shape)
    ratio: Figures = np.divide(top, whole, out=np.full(top.shape, np.nan), where=whole > 0)
    return ratio


# the criteria -----------------------------------------------------------------------------


def _demand_covered(unions: Unions, **reach: float | str) -> Figures:
    taken = unions.parts.summed(unions.traffic.within(**reach))
    return _ratio(taken, unions.carried.sum(axis=1, keepdims=True))


def _mean_trip_min(unions: Unions) -> Figures:
    carried = unions.traffic.carried.sum(axis=1)
    return _mean_minutes(unions, unions.traffic.made.minutes[:, 1:], carried)


def _mean_minutes(unions: Unions, minutes: Figures, weight: Figures) -> Figures:
    goes = weight > 0
    driven = np.where(goes[:, None], minutes, 0.0) * weight[:, None]
    driven[~goes] = 0.0
    return _ratio(unions.parts.summed(driven), unions.parts.summed(weight[:, None]))


def _industry_coverage(unions: Unions, *, weighting: str = "equal", **reach: float | str) -> Figures:
    shares, firms = unions.industry_shares(reach), unions.traffic.firms
    some = ~np.isnan(shares)
    weight = some.astype(float)
    if weighting != "equal":
        size = firms.output_wan if weighting == "output" else firms.employees
        weight *= np.stack([unions.parts.summed(size[:, None] * own) for own in unions.members])
    return _ratio((np.where(some, shares, 0.0) * weight).sum(axis=0), weight.sum(axis=0))


def _worst_industry(unions: Unions, **reach: float | str) -> Figures:
    shares = unions.industry_shares(reach)
    known = ~np.isnan(shares)
    least = np.where(known, shares, np.inf).min(axis=0, initial=np.inf)
    return np.where(known.any(axis=0), least, np.nan)


def _authority(unions: Unions) -> Figures:
    visits, issued = unions.parts.summed(unions.traffic.visits), unions.traffic.arrays.offers.issued
    return _ratio(visits @ issued[:, 1:], visits.sum(axis=1, keepdims=True))


def _staff_commute_min(unions: Unions) -> Figures:
    arrays = unions.traffic.arrays
    return np.where(arrays.own_staff, unions.traffic.ways.site_to_seat, 0.0)


def _worst_tenth_min(unions: Unions, *, weighting: str = "demand") -> Figures:
    traffic = unions.traffic
    weight = weight_of_places(traffic.carried, "demand" if weighting == "demand" else "enterprises")
    offers, today = traffic.arrays.offers, traffic.ways.to_laboratory
    mix = _ratio(unions.carried, unions.carried.sum(axis=1, keepdims=True))
    tails, found = Tails(unions.parts.starts, unions.parts.unions, weight), []
    taken = traffic.made.taken
    member = (np.arange(today.shape[1])[:, None] == offers.laboratory).astype(float)
    for option in range(1, len(offers.place)):
        there = np.zeros_like(today) if offers.at_gate[option] else today
        if offers.place[option] >= 0:
            there = np.minimum(traffic.ways.to_site[:, [offers.place[option]]], today)
        shares = [np.where(mix > 0, mix * part[:, option], 0.0) @ member.T for part in (taken, 1.0 - taken)]
        found.append(tails.worst(np.hstack([there, today]), np.hstack(shares)))
    return np.stack(found, axis=1)


def _within_min(limit_min: float) -> Callable[[Unions], Figures]:
    def share(unions: Unions) -> Figures:
        residents = unions.traffic.residents[:, None]
        reached = unions.parts.summed(residents * (unions.traffic.response <= limit_min))
        return _ratio(reached, unions.residents[:, None])

    return share


def _mean_response_min(unions: Unions) -> Figures:
    return _mean_minutes(unions, unions.traffic.response, unions.traffic.residents)


def _worst_response_min(unions: Unions) -> Figures:
    traffic = unions.traffic
    tails = Tails(unions.parts.starts, unions.parts.unions, traffic.residents)
    whole = np.ones((len(unions.parts.unions), 1))
    return np.stack([tails.worst(column[:, None], whole) for column in traffic.response.T], axis=1)


MEASURES: Mapping[str, Callable[..., Figures]] = {
    "demand_covered": _demand_covered,
    "mean_trip_min": _mean_trip_min,
    "industry_coverage": _industry_coverage,
    "worst_industry": _worst_industry,
    "authority": _authority,
    "staff_commute_min": _staff_commute_min,
    "worst_tenth_min": _worst_tenth_min,
    "residents_5min": _within_min(NEAR_MIN),
    "residents_8min": _within_min(REACHED_MIN),
    "mean_response_min": _mean_response_min,
    "worst_response_min": _worst_response_min,
}
"""By criterion, all but `kernel.AMOUNTS`: the unions and parameters → raw figure by union and site."""
