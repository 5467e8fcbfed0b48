"""Evidence → the criteria of building and running (建设运营): city link, cost, commuting; raw."""

from __future__ import annotations

import pandas as pd

from siting.option_kinds import having
from siting.types import Evidence


def city_link_hours(evidence: Evidence) -> pd.Series:
    """Hours a year of staff, samples sent on and instruments on the road between option and city.

    None where no van of a place runs; does not apply to options without one.
    """
    return _of_places(evidence, evidence.costs["city_link_hours"].fillna(0.0))


def net_cost_wan(evidence: Evidence) -> pd.Series:
    """Present value of set-up, land on the account chosen and running, 万元; see `costs.costs`."""
    return evidence.costs["net_cost_wan"]


def staff_commute_min(evidence: Evidence) -> pd.Series:
    """One-way minutes between the county seat, where staff live, and the option.

    None at a place without staff of its own; does not apply to options without a place.
    """
    minutes = evidence.travel.site_to_seat.reindex(evidence.options.index)
    own_staff = having(evidence.options["kind"], lambda kind: kind.own_staff)
    return _of_places(evidence, minutes.where(own_staff, 0.0))


def _of_places(evidence: Evidence, figures: pd.Series) -> pd.Series:
    """Keep the figures of options with a place: what is absent there is measured as none."""
    return figures.where(having(evidence.options["kind"], lambda kind: kind.has_place))
