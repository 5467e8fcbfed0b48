"""A frozen study without each enterprise, and without each group of them → scores, in every criterion.

Whatever adds up over the enterprises loses the part of those left out: one subtraction. Only orders, such as
the worst-served tenth, are worked out anew from those that stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.additive import Additive
from siting.analysis.decision.criteria import arguments
from siting.analysis.frames import grouped
from siting.analysis.kernel import AMOUNTS, MEASURES, Priced, Traffic, Version, held_values
from siting.analysis.money.quantities import Quantities
from siting.study.draws.frozen import Figures
from siting.study.draws.versions import Progress, Scored
from siting.study.variants import firm_groups

Groups = NDArray[np.int64]
"""By enterprise, number of its group; −1: in none."""


def exact_left_out(
    scored: Scored, parts: Mapping[str, Additive], progress: Progress | None = None
) -> dict[str, pd.DataFrame]:
    """Score the sites without each enterprise, and without each group of them.

    Parameters
    ----------
    scored
    parts : criteria that add up over the enterprises, see `siting.analysis.decision.criteria.components_of`
    progress : called with the enterprises done and all of them

    Returns
    -------
    By ``enterprise, industry, town``: left out × site, scores 0..1.
    """
    firms = scored.setting.inputs.enterprises.index
    groups = {"enterprise": (np.arange(len(firms)), firms)} | {
        kind: pd.factorize(keys, sort=True) for kind, keys in firm_groups(scored.setting).items()
    }
    traffic, arrays = scored.traffic(), scored.frozen.arrays
    own = [] if traffic.rests_on_all else _by_enterprise(traffic, progress)
    tables = {}
    for kind, (group, labels) in groups.items():
        if traffic.rests_on_all:
            raw = _raw_anew(traffic, group, progress if kind == "enterprise" else None)
        else:
            raw = _raw_without(traffic, own, parts, group)
        scores = scored.weighted(held_values(raw, arrays.uses))
        tables[kind] = pd.DataFrame(scores, labels, list(arrays.sites))
    return tables


def _raw_anew(traffic: Traffic, group: Groups, progress: Progress | None) -> Figures:
    """Work every version out by itself, n_groups × n_sites × n_criteria."""
    raw, n_groups = [], int(group.max(initial=-1)) + 1
    for left_out in range(n_groups):
        raw.append(Version(traffic.of_firms(np.flatnonzero(group != left_out))).raw)
        if progress:
            progress(left_out + 1, n_groups)
    return np.stack(raw)


def _by_enterprise(traffic: Traffic, progress: Progress | None) -> list[Quantities]:
    """Work out what each enterprise adds to the amounts of a year."""
    own, n_firms = [], len(traffic.firms.tests)
    for firm in range(n_firms):
        own.append(traffic.of_firms(np.array([firm])).start)
        if progress:
            progress(firm + 1, n_firms)
    return own


def _raw_without(
    traffic: Traffic, own: list[Quantities], parts: Mapping[str, Additive], group: Groups
) -> Figures:
    """Return the criteria in their units without each group, n_groups × n_sites × n_criteria."""
    arrays, n_groups = traffic.arrays, int(group.max(initial=-1)) + 1
    raw = np.empty((n_groups, len(arrays.sites), len(arrays.uses)))
    priced = Priced(traffic.start.without(own, group), arrays.economics)
    orders = []
    for number, use in enumerate(arrays.uses):
        if use.name in AMOUNTS:
            raw[:, :, number] = MEASURES[use.name](priced).reshape(n_groups, -1)[:, 1:]
        elif use.name in parts:
            part = parts[use.name]
            found = part.of(lambda table: table.sum(axis=0) - grouped(table, group))
            sites: NDArray[np.int64] = part.numerator.columns.get_indexer(pd.Index(arrays.sites))
            raw[:, :, number] = found[:, sites]
        else:
            orders.append((number, partial(MEASURES[use.name], **arguments(use, arrays.coverage))))
    for left_out in range(n_groups if orders else 0):
        stay = traffic.of_firms(np.flatnonzero(group != left_out))
        for number, measure in orders:
            raw[left_out, :, number] = measure(stay)
    return raw
