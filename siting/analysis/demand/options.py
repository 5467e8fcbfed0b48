"""Kinds of option → the share of each service's tests that an option takes from the city."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.frames import numbers, words
from siting.option_kinds import KINDS, OptionKind


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

        What a kind takes stands in its record: services of the phases open whose permission it has,
        less the leakage; all, what can wait for its van, or what teams can do on the spot.
        An option that lists its ``services`` takes none but these.
    issued : n_services × n_options
        Share of the tests whose report the option may sign. What a new centre sends on by van is signed
        in the city; what belongs to the institutes of the city signs everything.
    """
    takes = {kind: _factors(KINDS[kind], services, settings) for kind in sites["kind"].unique()}
    lists = [words(cell) for cell in sites["services"]] if "services" in sites else [()] * len(sites)
    taken, issued = np.zeros((2, len(services), len(sites)))
    for o, (kind, listed) in enumerate(zip(sites["kind"], lists, strict=True)):
        offered = services.index.isin(listed) if listed else np.ones(len(services), dtype=bool)
        taken[:, o] = takes[kind][0] * offered
        issued[:, o] = takes[kind][1] * (offered | KINDS[kind].of_the_city)
    return pd.DataFrame(taken, services.index, sites.index), pd.DataFrame(issued, services.index, sites.index)


def opened_by(services: pd.DataFrame, settings: TripSettings) -> np.ndarray:
    """Tell of each service whether a phase up to that of the study opens it.

    Examples
    --------
    >>> opened_by(pd.DataFrame({"phase": [0, 1, 2]}), TripSettings(phase=1)).tolist()
    [False, True, False]
    """
    phase = numbers(services, "phase", 0.0)
    return (phase >= 1) & (phase <= settings.phase)


def permitted(kind: OptionKind, services: pd.DataFrame, settings: TripSettings) -> np.ndarray:
    """Tell of each service whether a kind of option has the permission that it asks for.

    Examples
    --------
    >>> asked = pd.DataFrame({"permission": ["none", "metrology"]})
    >>> permitted(KINDS["build"], asked, TripSettings(approvals=())).tolist()
    [True, False]
    """
    permission = services["permission"]
    granted = {"granted": ["none", *settings.approvals], "simple": ["none", "cma"]}
    if kind.permissions == "any":
        return np.ones(len(services), dtype=bool)
    return permission.isin(granted[kind.permissions]).to_numpy()


def _factors(
    kind: OptionKind, services: pd.DataFrame, settings: TripSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a kind of option takes of each service and may sign of it, n_services each."""
    everything = np.ones(len(services))
    first = numbers(services, "phase", 0.0) == 1
    opened = {"any": everything, "open": opened_by(services, settings), "first": first}
    part = {
        "all": everything,
        "waiting": (services["trip_kind"] != "inspector_out").to_numpy() * settings.window_share,
        "on_site": numbers(services, "onsite_share", settings.mobile_share),
    }
    open_to_it = opened[kind.phases] * permitted(kind, services, settings)
    taken = open_to_it * part[kind.share]
    if kind.leaks:
        taken = taken * (1.0 - numbers(services, "leakage_share", 0.0) * (settings.leakage == "stated"))
    if kind.of_the_city:
        return taken, everything
    return taken, open_to_it * (1.0 - settings.subcontracted_share if kind.runs_van else 1.0)
