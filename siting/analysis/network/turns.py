"""Turn restrictions → the sequences of arcs that no car may drive.

Round a restricted turn cars do not turn round either, up to the second junction beyond, unless no other road
leads on: searches know no cost of turning round, and every restriction could be evaded by it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.network.expansion import Arcs, Ints
from siting.common.connectivity import components

JUNCTIONS_ON = 2
"""Junctions beyond a restricted turn up to which cars do not turn round.

From 6 on two ways in Moscow are as long as GraphHopper publishes them (1,044 and 1,048 m; here 806 and 626);
but from 3 on searches take over twice as long as without restrictions where one junction in 30 has some.
"""
JUNCTION = 3
"""Stretches that meet at a junction, at least."""


def banned_sequences(restrictions: pd.DataFrame, arcs: Arcs, is_private: NDArray[np.bool_]) -> Ints:
    """Return banned sequences of arcs, one a row, −1 behind the end of shorter ones.

    Parameters
    ----------
    restrictions
        As in `RoadLayer`. Those over arcs that are not open have nothing to say.
    arcs
    is_private
        n_edges: whether the stretch is for the ends of a trip only; cars do not turn round there in passing.
    """
    paths = _paths(restrictions, arcs)
    banned = [path for path, only in paths if not only]
    for path, only in paths:
        banned += _others(path, arcs) if only else []
    before = [arc for path, only in paths if only or not _turns_round(path) for arc in path[:-1]]
    around = _arcs_around(np.unique(np.array(before, np.int64)), arcs)
    round_ = _turning_round(around, arcs, is_private)
    longest = max([len(path) for path in banned], default=0)
    table = np.full((len(banned) + len(round_), max(longest, 2)), -1, np.int64)
    for row, path in enumerate(banned):
        table[row, : len(path)] = path
    table[len(banned) :, 0], table[len(banned) :, 1] = round_, round_ ^ 1
    return table


def _paths(restrictions: pd.DataFrame, arcs: Arcs) -> list[tuple[list[int], bool]]:
    """Return the arcs of each restriction in order, and whether it allows these turns only."""
    number = restrictions["restriction"].to_numpy()
    arc = 2 * restrictions["edge"].to_numpy(np.int64) + restrictions["against"].to_numpy(np.int64)
    cut = np.flatnonzero(np.diff(number)) + 1
    kinds = restrictions["only"].to_numpy(bool)[np.append(0, cut)] if len(arc) else []
    paths = zip(np.split(arc, cut), kinds, strict=False)
    return [(path.tolist(), bool(only)) for path, only in paths if arcs.is_open[path].all()]


def _others(path: list[int], arcs: Arcs) -> list[list[int]]:
    """Return the ways that leave the path which alone is allowed."""
    return [
        [*path[:step], arc]
        for step in range(1, len(path))
        for arc in arcs.leaving(arcs.head[path[step - 1 : step]])[1].tolist()
        if arc != path[step]
    ]


def _turns_round(path: list[int]) -> bool:
    return len(path) == 2 and path[1] == path[0] ^ 1


def _arcs_around(first: Ints, arcs: Arcs) -> Ints:
    """Return arcs, and those driven on from them up to some junctions on, without turning round."""
    stretch = np.flatnonzero(arcs.is_open.reshape(-1, 2).any(axis=1))
    ends = np.concatenate([arcs.tail[2 * stretch], arcs.head[2 * stretch]])
    is_junction = np.bincount(ends, minlength=len(arcs.begin) - 1) >= JUNCTION
    known = np.zeros(len(arcs.tail), bool)
    known[first] = True
    level = first
    for step in range(JUNCTIONS_ON + 1):
        if step:
            level = _next(level[is_junction[arcs.head[level]]], arcs, known)
        ahead = level
        while len(ahead):  # along a road, to the next junction
            ahead = _next(ahead[~is_junction[arcs.head[ahead]]], arcs, known)
            level = np.concatenate([level, ahead])
    return np.flatnonzero(known)


def _next(arc: Ints, arcs: Arcs, known: NDArray[np.bool_]) -> Ints:
    """Return what leads on from arcs and is not known yet, and mark it."""
    which, on = arcs.leaving(arcs.head[arc])
    new = np.unique(on[(on != arc[which] ^ 1) & ~known[on]])
    known[new] = True
    return new


def _turning_round(around: Ints, arcs: Arcs, is_private: NDArray[np.bool_]) -> Ints:
    """Return those arcs at whose end cars do not turn round: another road leads on, and from it back."""
    opened = np.flatnonzero(arcs.is_open)
    circuit = components(len(arcs.begin) - 1, arcs.tail[opened], arcs.head[opened], "strong")
    around = around[arcs.is_open[around ^ 1]]
    which, on = arcs.leaving(arcs.head[around])
    other = (on != around[which] ^ 1) & (circuit[arcs.head[on]] == circuit[arcs.tail[on]])
    leads_on = np.bincount(which[other], minlength=len(around)) > 0
    return around[leads_on | is_private[around // 2]]
