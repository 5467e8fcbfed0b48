"""Turn restrictions → the sequences of arcs that no car may drive, and where turning round would evade them.

Searches know no cost of turning round, and every restriction could be evaded by it. So where restrictions are
obeyed cars turn round at dead ends only. On a shortest way none turns round but between two arcs of a banned
sequence, and there only as long as it costs no more than the cheapest loop that leads on. At those few places
the ban needs copies of nodes (`expansion`); at all others nobody gains by turning.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siting.analysis.network.expansion import Arcs, Automaton, Expansion, Ints, expand, find, members
from siting.common.connectivity import components, for_trip_ends
from siting.types import RoadLayer

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOST_STATES = 20_000
"""States of one loop looked at before it counts as endless; then turning round is banned all around."""
SAME = 1e-9
"""Relative difference below which two ways cost the same."""


def restricted_roads(layer: RoadLayer, is_open: Flags, obeyed: bool) -> Restricted | None:
    """Return what is restricted on the roads of a layer; None where nothing is.

    Parameters
    ----------
    layer
    is_open
        2 × n_edges, whether cars drive the stretch along and against it.
    obeyed
        Whether turn restrictions are.
    """
    edges, n_nodes = layer.edges, len(layer.nodes)
    tail, head, metres = (edges[name].to_numpy() for name in ("tail", "head", "length_m"))
    through = edges["through"].to_numpy(bool)
    limited = for_trip_ends(n_nodes, tail, head, is_open, through, metres.astype(np.float64))
    restrictions = layer.restrictions if obeyed else layer.restrictions[:0]
    if not len(restrictions) and not limited.any():
        return None
    arcs = Arcs.of(n_nodes, tail, head, is_open)
    banned = banned_sequences(restrictions, arcs)
    if not len(banned) and not limited.any():
        return None
    return Restricted(arcs, banned, limited, without_turning(arcs, ~through))


def banned_sequences(restrictions: pd.DataFrame, arcs: Arcs) -> Ints:
    """Return banned sequences of arcs, one a row, −1 behind the end of shorter ones.

    Parameters
    ----------
    restrictions
        As in `RoadLayer`. Those over arcs that are not open have nothing to say.
    arcs
    """
    paths = _paths(restrictions, arcs)
    banned = [path for path, only in paths if not only]
    for path, only in paths:
        banned += _others(path, arcs) if only else []
    longest = max([len(path) for path in banned], default=0)
    table = np.full((len(banned), max(longest, 2)), -1, np.int64)
    for row, path in enumerate(banned):
        table[row, : len(path)] = path
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


def without_turning(arcs: Arcs, is_private: Flags) -> Flags:
    """Tell of arcs whether no car turns round at their end: another road leads on, and from it back.

    Parameters
    ----------
    arcs
    is_private
        n_edges: whether the stretch is for the ends of a trip only; none turns round there in passing.
    """
    opened = np.flatnonzero(arcs.is_open)
    circuit = components(len(arcs.begin) - 1, arcs.tail[opened], arcs.head[opened], "strong")
    both = opened[arcs.is_open[opened ^ 1]]
    # Of the arcs out of its head that lead back, one is the arc's own way back, if that does.
    inside = circuit[arcs.head] == circuit[arcs.tail]
    ways_on = np.bincount(arcs.tail[opened[inside[opened]]], minlength=len(arcs.begin) - 1)
    stays = ways_on[arcs.head[both]] > inside[both ^ 1]
    found = np.zeros(len(arcs.tail), bool)
    found[both] = stays | is_private[both // 2]
    return found


class _Loops(NamedTuple):
    """Drives that would spare cars turning round within a banned sequence."""

    start: Ints
    """n_loops: state after the arcs of the sequence that are behind."""
    end: Ints
    """n_loops: state after its last arc, the others forgotten."""
    row: Ints
    """n_loops: banned sequence."""
    step: Ints
    """n_loops: how many arcs of it are behind."""


class _Links(NamedTuple):
    """Which states each leads to."""

    begin: Ints
    """n_states + 1: state ``k`` leads to ``on[begin[k]:begin[k + 1]]``."""
    on: Ints

    def turned(self) -> _Links:
        """Return which states lead to each."""
        shape = (len(self.begin) - 1, len(self.begin) - 1)
        back = csr_array((np.ones(len(self.on), np.int8), self.on, self.begin), shape=shape).T.tocsr()
        return _Links(back.indptr.astype(np.int64), back.indices.astype(np.int64))


class _States(NamedTuple):
    """What a driver who never turns round is to remember: his last arc, or what begins a banned sequence."""

    last: Ints
    """n_states: last arc; the first states are those of the arcs themselves."""
    ahead: _Links
    behind: _Links


@dataclass(frozen=True)
class Restricted:
    """A network with banned sequences and stretches for trip ends only."""

    arcs: Arcs
    banned: Ints
    """As `Automaton` takes them."""
    is_limited: Flags
    """n_edges, as `expand` takes them."""
    stays: Flags
    """n_arcs, as `without_turning` finds them."""

    def expand(self, turning: Flags) -> Expansion:
        """Copy nodes so that no way drives what is banned, or turns at the end of the arcs marked."""
        arc = np.flatnonzero(turning)
        rows = np.full((len(self.banned) + len(arc), self.banned.shape[1]), -1, np.int64)
        rows[: len(self.banned)] = self.banned
        rows[len(self.banned) :, 0], rows[len(self.banned) :, 1] = arc, arc ^ 1
        return expand(self.arcs, rows, self.is_limited)

    def evading(self, minutes: Floats) -> Flags:
        """Tell of arcs whether to turn round at their end may evade a restriction.

        Parameters
        ----------
        minutes
            2 × n_edges, along and against the stretch; ``inf`` where cars may not pass.
        """
        if not len(self.banned):
            return np.zeros(len(self.stays), bool)
        return self._evading(minutes.T.ravel()) & self.stays

    @cached_property
    def _automaton(self) -> Automaton:
        return Automaton(self.banned, len(self.arcs.tail))

    @cached_property
    def _loops(self) -> _Loops:
        """List, by what may be remembered, the sequences that it begins, and that its ends begin."""
        automaton, n_arcs = self._automaton, len(self.arcs.tail)
        row = np.concatenate([rows for rows, _ in automaton.prefixes])
        prefix = np.concatenate([states for _, states in automaton.prefixes])
        step = 1 + np.repeat(
            np.arange(len(automaton.prefixes)), [len(rows) for rows, _ in automaton.prefixes]
        )
        order = np.argsort(prefix, kind="stable")
        begin = np.searchsorted(prefix[order], np.arange(len(automaton.last) + 1))
        memory = known = np.arange(1, len(automaton.last))
        parts = []
        while len(known):
            which, at = members(begin, order, known)
            parts.append((memory[which], at))
            known = automaton.fail[known]
            memory, known = memory[known > 0], known[known > 0]
        start, at = (np.concatenate(column) for column in zip(*parts, strict=True))
        row, step = row[at], step[at]
        # Who is to turn round at once has come that way before: it is one more arc there and back.
        on = self.banned[row, step] != automaton.last[start] ^ 1
        start, row, step = start[on], row[on], step[on]
        end = self.banned[row, (self.banned[row] >= 0).sum(axis=1) - 1]
        return _Loops(n_arcs + start - 1, self._state_after(np.zeros(len(end), np.int64), end)[0], row, step)

    def _state_after(self, memory: Ints, arc: Ints) -> tuple[Ints, Flags]:
        then, is_banned = self._automaton.after(memory, arc)
        return np.where(then > 0, len(self.arcs.tail) + then - 1, arc), is_banned

    @cached_property
    def _states(self) -> _States:
        arcs, last = self.arcs, self._automaton.last[1:]
        opened = np.flatnonzero(arcs.is_open)
        state = np.concatenate([opened, len(arcs.tail) + np.arange(len(last))])
        arc = np.concatenate([opened, last])
        memory = np.concatenate([np.zeros(len(opened), np.int64), 1 + np.arange(len(last))])
        which, on = arcs.leaving(arcs.head[arc])
        kept = (on != arc[which] ^ 1) | ~self.stays[arc[which]]
        which, on = which[kept], on[kept]
        fresh, begins = np.arange(len(arcs.tail)), np.unique(self.banned[:, 0])
        fresh[begins] = self._state_after(np.zeros(len(begins), np.int64), begins)[0]
        then, minding = fresh[on], np.flatnonzero(memory[which])
        then[minding], is_banned = self._state_after(memory[which[minding]], on[minding])
        allowed = np.ones(len(then), bool)
        allowed[minding] = ~is_banned
        n_states = len(arcs.tail) + len(last)
        begin = np.append(0, np.cumsum(np.bincount(state[which[allowed]], minlength=n_states)))
        ahead = _Links(begin, then[allowed])
        return _States(np.append(np.arange(len(arcs.tail)), last), ahead, ahead.turned())

    def _evading(self, cost: Floats) -> Flags:
        loops = self._loops
        on_limited = np.repeat(self.is_limited, 2)[self._states.last]
        ends_limited = np.stack([on_limited[loops.start], on_limited[loops.end]])
        # Who turns round comes back on the kind of road that he left on, and stays on it so long.
        length, found = self._lengths(cost, np.arange(len(loops.start)), ends_limited[0] & ends_limited[1])
        odd = np.flatnonzero(np.isneginf(length) & ends_limited.any(axis=0))
        if len(odd):
            again, more = self._lengths(cost, odd, None)
            length[odd] = np.where(np.isneginf(again), again, np.inf)
            found |= more
        steps = np.arange(self.banned.shape[1] - 1)
        passed = (steps >= loops.step[:, None]) & (self.banned[loops.row, 1:] >= 0)
        length -= np.where(passed, cost[self.banned[loops.row, :-1]], 0.0).sum(axis=1)
        return found | self._within(cost, length)

    def _lengths(self, cost: Floats, loop: Ints, kind: Flags | None) -> tuple[Floats, Flags]:
        """Search for loops, from both their ends at once.

        Parameters
        ----------
        cost
            n_arcs.
        loop
        kind
            Whether each is driven on stretches for trip ends alone, or on others alone; None: on any.

        Returns
        -------
        Cost of each but for its last arc, ``inf`` where it was not found, −inf where there is none; and the
        arcs at which turning round would lead to the ends of the latter.
        """
        states, n_states = self._states, len(self._states.last)
        start, end = self._loops.start[loop], self._loops.end[loop]
        of_state, on_limited = cost[states.last], np.repeat(self.is_limited, 2)[states.last]
        fronts = (
            _Front(states.ahead, of_state, start, np.zeros(len(loop)), is_ahead=True),
            _Front(states.behind, of_state, end, -of_state[end], is_ahead=False),
        )
        best, found = np.full(len(loop), np.inf), np.zeros(len(cost), bool)
        given_up = np.zeros(len(loop), bool)
        while any(len(front.new) for front in fronts):
            for front, other, goal in zip(fronts, fronts[::-1], (end, start), strict=True):
                of_loop, state, total = front.ways_on(best)
                if kind is not None:
                    kept = (on_limited[state] == kind[of_loop]) | (state == goal[of_loop])
                    of_loop, state, total = of_loop[kept], state[kept], total[kept]
                front.take(of_loop, state, total)
                met, at = find(other.keys, front.new)
                met_by = front.new[met] // n_states
                np.minimum.at(best, met_by, front.new_costs[met] + other.costs[at[met]])
            for front in fronts:
                ends = np.isposinf(best) & ~front.goes_on(len(loop)) & ~given_up
                best[ends] = -np.inf
                arc = states.last[front.keys[ends[front.keys // n_states]] % n_states]
                found[arc if front.is_ahead else arc ^ 1] = True
            given_up |= fronts[0].n_known + fronts[1].n_known > MOST_STATES
            for front in fronts:
                front.drop(given_up | np.isneginf(best))
        return best, found

    def _within(self, cost: Floats, length: Floats) -> Flags:
        """Tell of arcs whether driving there and back costs no more than a loop from where one sets out."""
        arcs, n_nodes = self.arcs, len(self.arcs.begin) - 1
        there_and_back = cost + cost[np.arange(len(cost)) ^ 1]
        twoway = np.flatnonzero(np.isfinite(there_and_back))
        most = np.full(len(self._states.last), -np.inf)
        np.maximum.at(most, self._loops.start, length)
        state = np.flatnonzero(most >= 0)
        most = np.minimum(most[state], there_and_back[twoway].sum())
        farthest = most.max(initial=0.0) * (1 + SAME)
        which, on = members(*self._states.ahead, state)
        arc = self._states.last[on]
        passed = farthest - most[which] + there_and_back[arc]
        # Rows of arcs by their tail, and one more from which all are set out at once.
        data = np.concatenate([there_and_back[arcs.out], passed])
        heads = np.concatenate([arcs.head[arcs.out], arcs.head[arc]])
        begin = np.append(arcs.begin, len(data))
        graph = csr_array((data, heads, begin), shape=(n_nodes + 1, n_nodes + 1))
        far = dijkstra(graph, indices=np.array([n_nodes]), limit=farthest)[0]
        found: Flags = far[arcs.tail] + there_and_back <= farthest
        found[arc[passed <= farthest]] = True
        return found


class _Front:
    """What searches for loops have come to from one of their ends; a key is loop × n_states + state."""

    def __init__(self, links: _Links, of_state: Floats, first: Ints, cost: Floats, *, is_ahead: bool) -> None:
        self.links, self.of_state, self.is_ahead = links, of_state, is_ahead
        self.keys = self.new = np.arange(len(first)) * len(of_state) + first
        self.costs, self.new_costs = cost, cost.copy()
        self.n_known = np.ones(len(first), np.int64)

    def ways_on(self, best: Floats) -> tuple[Ints, Ints, Floats]:
        """Return what leads on from the newest states, up to half of the best loop: loop, state, cost."""
        loop, state = np.divmod(self.new, len(self.of_state))
        near = self.new_costs <= best[loop] * (0.5 + SAME)
        loop, state, cost = loop[near], state[near], self.new_costs[near]
        which, on = members(*self.links, state)
        return loop[which], on, cost[which] + self.of_state[on if self.is_ahead else state[which]]

    def take(self, loop: Ints, state: Ints, cost: Floats) -> None:
        """Keep what is cheaper than known, as the newest."""
        key = loop * len(self.of_state) + state
        order = np.lexsort((cost, key))
        key, cost = key[order], cost[order]
        first = np.append(True, key[1:] != key[:-1])[: len(key)]
        key, cost = key[first], cost[first]
        known, at = find(self.keys, key)
        cheaper = known & (cost < self.costs[at])
        self.costs[at[cheaper]] = cost[cheaper]
        place = np.searchsorted(self.keys, key[~known])
        self.n_known += np.bincount(key[~known] // len(self.of_state), minlength=len(self.n_known))
        self.costs = np.insert(self.costs, place, cost[~known])
        self.keys = np.insert(self.keys, place, key[~known])
        self.new, self.new_costs = key[cheaper | ~known], cost[cheaper | ~known]

    def goes_on(self, n_loops: int) -> Flags:
        """Tell of each loop whether its search has come to anything new."""
        return np.bincount(self.new // len(self.of_state), minlength=n_loops) > 0

    def drop(self, ends: Flags) -> None:
        """End the searches for some loops."""
        kept = ~ends[self.new // len(self.of_state)]
        self.new, self.new_costs = self.new[kept], self.new_costs[kept]
