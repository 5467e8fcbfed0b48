"""Kinds of option → the share of each service's tests that an option takes from the city."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.frames import numbers, words


def taken_shares(
    services: pd.DataFrame, sites: pd.DataFrame, settings: TripSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each option takes of a service, and what it may legally report.

    Parameters
    ----------
    services, sites : tables of the data dictionary
    settings : phase, approvals, subcontracting

    Returns
    -------
    taken : n_services × n_options
        Share of the tests handed in at the option; the rest goes to the city as today.

        ``city`` takes everything. ``build`` and ``convert`` take the services of the phases open whose
        permission the scenario grants, less the leakage; ``branch`` the same with every permission, as
        its institute holds them. ``collection`` takes what can wait for its van: the city's laboratories
        test it, so none leaks. ``shared`` (laboratories that the county has) and
        ``neighbour`` (of another county) take what needs no more than a CMA, less the leakage; the
        former is open in phase 1 only. ``mobile`` takes what teams can do on the spot.
        An option that lists its ``services`` takes none but these.
    issued : n_services × n_options
        Share of the tests whose report the option may sign. What a new centre sends on by van is signed
        in the city; ``mobile`` and ``collection`` belong to the institutes of the city.
    """
    phase = numbers(services, "phase", 0.0)
    opened = (phase >= 1) & (phase <= settings.phase)
    permission = services["permission"].to_numpy()
    granted = np.isin(permission, ["none", *settings.approvals])
    simple = np.isin(permission, ["none", "cma"])
    stays = 1.0 - numbers(services, "leakage_share", 0.0) * (settings.leakage == "stated")
    onsite = numbers(services, "onsite_share", settings.mobile_share)
    carried = services["trip_kind"].to_numpy() != "inspector_out"
    everything = np.ones(len(services))
    signed = 1.0 - settings.subcontracted_share
    rules = {
        "city": (everything, everything),
        "build": (opened * granted * stays, opened * granted * signed),
        "convert": (opened * granted * stays, opened * granted * signed),
        "branch": (opened * stays, opened * signed),
        "collection": (carried * settings.window_share, everything),
        "shared": ((phase == 1) * simple * stays, (phase == 1) * simple * signed),
        "neighbour": (simple * stays, simple * 1.0),
        "mobile": (onsite, everything),
    }
    lists = [words(cell) for cell in sites["services"]] if "services" in sites else [()] * len(sites)
    taken, issued = np.zeros((2, len(services), len(sites)))
    for o, (kind, listed) in enumerate(zip(sites["kind"], lists, strict=True)):
        offered = services.index.isin(listed) if listed else True
        taken[:, o] = rules[kind][0] * offered
        issued[:, o] = rules[kind][1] * (offered if kind not in ("mobile", "collection") else 1.0)
    return pd.DataFrame(taken, services.index, sites.index), pd.DataFrame(issued, services.index, sites.index)


_LEAKING = ("build", "convert", "branch", "shared", "neighbour")
"""Kinds of option that compete with the city for trips; the others are the city's own."""
