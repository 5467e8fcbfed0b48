"""Catalogue and phases → what an option does for each pillar industry, and which reports it may issue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from siting.analysis.decision.measures.criteria_industries import share_issued
from siting.analysis.demand.annual_tests import industry_position, visits
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.options import opened_by, permitted, taken_shares
from siting.analysis.frames import numbers, words
from siting.option_kinds import KINDS, OptionKind
from siting.types import Evidence


def phases_of(services: pd.DataFrame, settings: TripSettings) -> tuple[int, ...]:
    """Return the building phases that open a service, and the one looked at."""
    opened = numbers(services, "phase", 0.0)
    return tuple(sorted({*(int(phase) for phase in opened if phase >= 1), settings.phase}))


def industry_services(
    evidence: Evidence, option: str, settings: TripSettings, phases: Sequence[int]
) -> pd.DataFrame:
    """Say of each pillar industry and service that it asks for who does the tests, phase by phase.

    Returns
    -------
    Long table: ``phase, industry, service``, ``tests`` (a year, scaled), shares of the tests that sum to 1:
    ``here`` (tested and signed at the option), ``sent_on`` (handed in there, tested in the city),
    ``elsewhere`` (with the city as today); ``state``, the first of these that is not 0; and ``why`` not here:
    ``phase`` (opens later or never), ``permission``, ``unlisted`` (not among the option's own services).
    """
    inputs = evidence.inputs
    position = industry_position(inputs.enterprises["industry"], inputs.industries)
    tests = evidence.demand.tests.groupby(position).sum() * evidence.demand.expansion_factor
    pillars = np.flatnonzero(inputs.industries["pillar"].to_numpy(dtype=bool))
    tests = tests.reindex(pillars, fill_value=0.0).set_axis(inputs.industries.index[pillars])
    asked = (
        tests.rename_axis("industry").reset_index().melt("industry", var_name="service", value_name="tests")
    )
    asked = asked[asked["tests"] > 0]
    parts = []
    for phase in phases:
        shares = service_shares(evidence, option, settings, phase)
        parts.append(asked.join(shares, on="service").assign(phase=phase))
    found = pd.concat(parts, ignore_index=True)
    columns = ["phase", "industry", "service", "tests", "here", "sent_on", "elsewhere", "state", "why"]
    return pd.DataFrame(found[columns])


def service_shares(evidence: Evidence, option: str, settings: TripSettings, phase: int) -> pd.DataFrame:
    """Say of each service who does its tests under an option in a phase; columns as `industry_services`."""
    services, row = evidence.inputs.services, evidence.options.loc[[option]]
    at_phase = settings.model_copy(update={"phase": phase})
    taken, issued = (table[option].to_numpy() for table in taken_shares(services, row, at_phase))
    kind = KINDS[row["kind"].iloc[0]]
    here = np.zeros(len(services)) if kind.of_the_city else taken * issued
    shares = pd.DataFrame({"here": here, "sent_on": taken - here, "elsewhere": 1.0 - taken}, services.index)
    listed = words(row["services"].iloc[0]) if "services" in row else ()
    return shares.assign(
        state=np.select([here > 0, taken > 0], ["here", "sent_on"], "elsewhere"),
        why=np.where(taken > 0, "", _why_not(services, at_phase, kind, listed)),
    )


def _why_not(
    services: pd.DataFrame, settings: TripSettings, kind: OptionKind, listed: Sequence[str]
) -> np.ndarray:
    """Say why an option does not take a service: for want of permission first, as no phase brings one."""
    return np.select(
        [
            ~permitted(kind, services, settings),
            ~services.index.isin(listed) if len(listed) else np.zeros(len(services), dtype=bool),
            ~opened_by(services, settings),
        ],
        ["permission", "unlisted", "phase"],
        "kind",
    )


def industries_by_phase(found: pd.DataFrame) -> pd.DataFrame:
    """Sum `industry_services` up: shares of an industry's tests by phase, and how many services are here.

    Examples
    --------
    >>> row = {"phase": 1, "industry": "food", "here": 0.5, "sent_on": 0.5, "elsewhere": 0.0, "state": "here"}
    >>> industries_by_phase(pd.DataFrame([row | {"tests": 4.0}]))["services_here"].tolist()
    [1]
    """
    shares = ["here", "sent_on", "elsewhere"]
    weighted = found.assign(
        **{name: found[name] * found["tests"] for name in shares},
        services=1,
        services_here=(found["state"] == "here").astype(int),
    )
    summed = [*shares, "services", "services_here", "tests"]
    sums = weighted.groupby(["phase", "industry"], sort=False)[summed].sum()
    return sums.assign(**{name: sums[name] / sums["tests"] for name in shares})


def reports_by_phase(
    evidence: Evidence, option: str, settings: TripSettings, phases: Sequence[int]
) -> pd.DataFrame:
    """Say which reports an option may issue in each phase: ``phase, service, permission, issued, why``.

    ``issued`` is the share of the tests handed in whose report it may sign itself; ``why`` it may not, as in
    `industry_services`.
    """
    services, row = evidence.inputs.services, evidence.options.loc[[option]]
    parts = []
    for phase in phases:
        at_phase = settings.model_copy(update={"phase": phase})
        issued = taken_shares(services, row, at_phase)[1][option]
        why = service_shares(evidence, option, settings, phase)["why"].where(issued == 0, "")
        table = pd.DataFrame({"permission": services["permission"], "issued": issued, "why": why})
        parts.append(table.rename_axis("service").reset_index().assign(phase=phase))
    return pd.concat(parts, ignore_index=True)[["phase", "service", "permission", "issued", "why"]]


def authority_by_phase(evidence: Evidence, settings: TripSettings, phases: Sequence[int]) -> pd.DataFrame:
    """Return the share of all demand whose report each option may issue, option × phase."""
    inputs = evidence.inputs
    demand = visits(evidence.demand, inputs.services).sum(axis=0)
    found = {}
    for phase in phases:
        at_phase = settings.model_copy(update={"phase": phase})
        issued = taken_shares(inputs.services, inputs.sites, at_phase)[1]
        found[phase] = share_issued(demand, issued.to_numpy())
    return pd.DataFrame(found, inputs.sites.index).rename_axis(columns="phase")
