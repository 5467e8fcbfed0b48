"""Evidence → the criteria of building and running (建设运营): city link, cost, commuting; raw."""

from __future__ import annotations

import pandas as pd

from siting.option_kinds import having
from siting.types import Evidence


def city_link_hours(evidence: Evidence) -> pd.Series:
    """Hours a year of staff, samples sent on and instruments on the road between option and city.

    Does not apply where no van of the option runs: ``city``, ``mobile`` (its driving is in its cost) and
    laboratories of other counties.
    """
    return evidence.costs["city_link_hours"]


def net_cost_wan(evidence: Evidence) -> pd.Series:
    """Present value of set-up, land on the account chosen and running, 万元; see `costs.costs`."""
    return evidence.costs["net_cost_wan"]


def staff_commute_min(evidence: Evidence) -> pd.Series:
    """One-way minutes between the county seat, where staff live, and the option.

    Applies to options with their own staff at a place: ``build``, ``convert``, ``branch``.
    """
    minutes = evidence.travel.site_to_seat.reindex(evidence.options.index)
    return minutes.where(having(evidence.options["kind"], lambda kind: kind.own_staff))
