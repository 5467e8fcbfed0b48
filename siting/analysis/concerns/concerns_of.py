"""Evidence → one record of what was asked for beside the score, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from siting.analysis.concerns.backlog import Backlog, clear_backlog
from siting.analysis.concerns.favourites import favourites, favourites_by_site
from siting.analysis.concerns.industry_services import (
    authority_by_phase,
    industries_by_phase,
    industry_services,
    phases_of,
    reports_by_phase,
)
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.money.money_settings import EconomicsSettings
from siting.types import Evidence


@dataclass(frozen=True)
class Concerns:
    """What was asked for beside the score, held against the site that leads."""

    leader: str | None
    """Site that leads; None where no site is left to rank: then tables by site are empty."""
    backlog: Backlog
    favourites: pd.DataFrame
    """By enterprise, see `siting.analysis.concerns.favourites.favourites`."""
    by_site: pd.DataFrame
    """By site, see `favourites_by_site`."""
    industry_services: pd.DataFrame
    """Of the leader, see `siting.analysis.concerns.industry_services.industry_services`."""
    industries: pd.DataFrame
    """By phase and industry, of the leader, see `industries_by_phase`."""
    reports: pd.DataFrame
    """Of the leader, see `reports_by_phase`."""
    authority: pd.DataFrame
    """Option × phase, share of the demand whose report the option may issue."""


def concerns_of(
    evidence: Evidence, sites: Sequence[str], settings: EconomicsSettings, trip_settings: TripSettings
) -> Concerns:
    """Gather what was asked for beside the score.

    Parameters
    ----------
    evidence
    sites : those in the running, the leading one first
    settings, trip_settings : of the study
    """
    phases = phases_of(evidence.inputs.services, trip_settings)
    backlog = clear_backlog(evidence, settings, trip_settings)
    authority = authority_by_phase(evidence, trip_settings, phases)
    if not sites:
        none = pd.DataFrame()
        return Concerns(None, backlog, none, none, none, none, none, authority)
    leader = sites[0]
    found = favourites(evidence, sites, leader)
    served = industry_services(evidence, leader, trip_settings, phases)
    return Concerns(
        leader=leader,
        backlog=backlog,
        favourites=found,
        by_site=favourites_by_site(evidence, found, sites),
        industry_services=served,
        industries=industries_by_phase(served),
        reports=reports_by_phase(evidence, leader, trip_settings, phases),
        authority=authority,
    )
