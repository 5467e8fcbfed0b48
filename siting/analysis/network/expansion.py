"""Roads with banned sequences of arcs → the same roads with copies of nodes, on which every way is allowed.

A node whose next turn depends on how it was come to has copies that remember just that much: the arcs driven
so far that begin a banned sequence (an Aho-Corasick automaton, as Villeneuve & Desaulniers 2005 treat
forbidden subpaths). Roads for the ends of a trip only are copied twice: as long as a trip has not left them,
and from where it enters them again. All other nodes and stretches stay single and keep their numbers.

An arc is a stretch in one direction: ``2 × stretch``, plus 1 against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siting.analysis.network.contraction import Chains
from siting.analysis.network.search import Places
from siting.common.connectivity import components, reached

Ints = NDArray[np.int64]
FREE, LEAVING, ENTERING = 0, 1, 2
"""Where on a trip a copy stands: on roads for all, still on those for trip ends only, on such ones again."""


class Arcs(NamedTuple):
    """Arcs of the network, open or not."""

    tail: Ints
    """n_arcs, nodes."""
    head: Ints
    is_open: NDArray[np.bool_]
    begin: Ints
    """n_nodes + 1: the open arcs out of node ``v`` are ``out[begin[v]:begin[v + 1]]``."""
    out: Ints

    @classmethod
    def of(cls, n_nodes: int, tail: np.ndarray, head: np.ndarray, is_open: np.ndarray) -> Arcs:
        """List both directions of stretches; `is_open` is 2 × n_edges."""
        start = np.stack([tail, head], axis=1).ravel().astype(np.int64)
        end = np.stack([head, tail], axis=1).ravel().astype(np.int64)
        opened = is_open.T.ravel()
        number = np.flatnonzero(opened)
        out = number[np.argsort(start[number], kind="stable")]
        begin = np.append(0, np.cumsum(np.bincount(start[number], minlength=n_nodes)))
        return cls(start, end, opened, begin, out)

    def leaving(self, nodes: Ints) -> tuple[Ints, Ints]:
        """Return the open arcs out of each node, one after another: position in `nodes`, arc."""
        size = self.begin[nodes + 1] - self.begin[nodes]
        which = np.repeat(np.arange(len(nodes)), size)
        within = np.arange(len(which)) - np.repeat(np.cumsum(size) - size, size)
        return which, self.out[self.begin[nodes][which] + within]


@dataclass(frozen=True)
class Expansion:
    """Copies of nodes and stretches; the first of each are those of the network, under their own numbers."""

    node: Ints
    """n_states: node of each copy."""
    stage: Ints
    """n_states: where on a trip the copy stands."""
    edge: Ints
    """n_copies: stretch of each copy."""
    tail: Ints
    """n_copies: copies of nodes."""
    head: Ints
    is_open: NDArray[np.bool_]
    """2 × n_copies: whether the copy is driven along, and against its stretch."""
    fresh: Ints
    """2 × n_edges: copy that a trip drives which begins on the stretch, along, against; −1 where closed."""
    start: Ints
    """n_nodes: copy of the node at which a trip begins there."""

    @cached_property
    def _states(self) -> tuple[Ints, Ints]:
        return _grouped(self.node, len(self.start))

    @cached_property
    def _copies(self) -> tuple[Ints, Ints]:
        return _grouped(self.edge, self.fresh.shape[1])

    def costs(self, cost: np.ndarray) -> NDArray[np.float64]:
        """Return the cost of each copy along and against it; `cost` is 2 × n_edges."""
        copied: NDArray[np.float64] = np.where(self.is_open, cost[:, self.edge], np.inf)
        return copied

    def main(self, would_be: NDArray[np.bool_], metres: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which stretches belong to the main network: all that it leads to, and that lead to it.

        Parameters
        ----------
        would_be
            n_edges: the same, if nothing were banned or limited.
        metres
        """
        ways = [np.flatnonzero(way) for way in self.is_open]
        copy = np.concatenate(ways)
        tail = np.concatenate([self.tail[ways[0]], self.head[ways[1]]])
        head = np.concatenate([self.head[ways[0]], self.tail[ways[1]]])
        n_states, n_edges = len(self.node), len(metres)
        circuit = components(n_states, tail, head, "strong")
        inside = (circuit[tail] == circuit[head]) & would_be[self.edge[copy]]
        for stage in (FREE, LEAVING):
            here = np.flatnonzero(inside & (self.stage[tail] == stage))
            if len(here):
                break
        else:
            return np.zeros(n_edges, bool)
        pairs = np.unique(circuit[tail[here]].astype(np.int64) * n_edges + self.edge[copy[here]])
        of_circuit, edge = np.divmod(pairs, n_edges)
        most = np.bincount(of_circuit, weights=metres[edge]).argmax()
        hub = int(tail[here[circuit[tail[here]] == most][0]])
        comes, leads = np.zeros(n_edges, bool), np.zeros(n_edges, bool)
        comes[self.edge[copy[reached(n_states, tail, head, hub)[tail]]]] = True
        back = reached(n_states, head, tail, hub)
        for fresh, end in zip(self.fresh, (self.head, self.tail), strict=True):
            leads |= (fresh >= 0) & back[end[fresh]]
        main: NDArray[np.bool_] = comes & leads
        return main

    def starts(self, places: Places, chains: Chains) -> Places:
        """Return the spots from which a trip may begin at each place."""
        laid = places.edge >= 0
        edge = np.maximum(places.edge, 0)
        along, against = np.where(laid & (places.node < 0), self.fresh[:, edge], -1)
        at = np.flatnonzero((along >= 0) & (against >= 0) & (along != against))
        copy = np.where(along >= 0, along, against)
        node = np.where(places.node >= 0, self.start[places.node], -1)
        spots = self._spots(places, np.arange(len(edge)), copy, node, chains)
        second = self._spots(places, at, against[at], np.full(len(at), -1), chains)
        return _in_order(spots, second)

    def ends(self, places: Places, chains: Chains) -> Places:
        """Return the spots at which a trip may end at each place: whatever copy it comes to."""
        is_node = places.node >= 0
        begin, states = self._states
        of_node, state = members(begin, states, np.where(is_node, places.node, -1))
        begin, copies = self._copies
        of_edge, copy = members(begin, copies, np.where(is_node, -1, places.edge))
        nowhere = np.flatnonzero(~is_node & (places.edge < 0))
        return _in_order(
            self._spots(places, of_node, np.full(len(state), -1), state, chains),
            self._spots(places, of_edge, copy, np.full(len(copy), -1), chains),
            self._spots(places, nowhere, np.full(len(nowhere), -1), np.full(len(nowhere), -1), chains),
        )

    def at(self, states: Ints, chains: Chains) -> Places:
        """Return copies of nodes as places of their own."""
        edge = chains.edge_at[states].astype(np.int64)
        return Places(edge, np.where(chains.at_head[states], 1.0, 0.0), states)

    def _spots(self, places: Places, which: Ints, copy: Ints, state: Ints, chains: Chains) -> Places:
        at = self.at(np.maximum(state, 0), chains)
        edge = np.where(state >= 0, at.edge, np.where(chains.chain[copy] >= 0, copy, -1))
        return Places(edge, np.where(state >= 0, at.position, places.position[which]), state, which)

    def times_at_ends(self, times: np.ndarray, *, towards: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return times at tail and head of every stretch for one who drives it, n_edges × n_places.

        Parameters
        ----------
        times
            n_states × n_places, from each copy of a node (or to it).
        towards
            Times are to places: they count from the copy that one comes to by the stretch; else those of the
            copies from which it may be driven.
        """
        at = np.full((2, self.fresh.shape[1], times.shape[1]), np.inf)
        for against, ends in enumerate(((self.tail, self.head), (self.head, self.tail))):
            if towards:
                copy = self.fresh[against]
                at[1 - against] = np.where((copy >= 0)[:, None], times[ends[1][copy]], np.inf)
            else:
                copy = np.flatnonzero(self.is_open[against])
                np.minimum.at(at[against], self.edge[copy], times[ends[0][copy]])
        return at[0], at[1]


def _grouped(group: Ints, n: int) -> tuple[Ints, Ints]:
    """Return where the members of each group begin, and all members by group."""
    return np.append(0, np.cumsum(np.bincount(group, minlength=n))), np.argsort(group, kind="stable")


def members(begin: Ints, listed: Ints, groups: Ints) -> tuple[Ints, Ints]:
    """Return the members of some groups (−1: none): position in `groups`, member."""
    size = np.where(groups >= 0, begin[groups + 1] - begin[groups], 0)
    which = np.repeat(np.arange(len(groups)), size)
    within = np.arange(len(which)) - np.repeat(np.cumsum(size) - size, size)
    return which, listed[begin[groups[which]] + within]


def _in_order(*parts: Places) -> Places:
    """Join spots, by the place that they belong to."""
    edge, position, node, owner = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("edge", "position", "node", "owner")
    )
    order = np.argsort(owner, kind="stable")
    return Places(edge[order], position[order], node[order], owner[order])


class Automaton:
    """Which arcs driven so far begin a banned sequence; state 0 remembers nothing.

    Parameters
    ----------
    banned
        n_banned × longest: sequences of two arcs and more, −1 behind the end of shorter ones.
    n_arcs
    """

    def __init__(self, banned: Ints, n_arcs: int):
        length = (banned >= 0).sum(axis=1)
        self.n_arcs = n_arcs
        self.last = np.full(1, -1, np.int64)
        """n_states: arc last driven."""
        self.fail = np.zeros(1, np.int64)
        """n_states: state that remembers the next shorter sequence."""
        self.prefixes: list[tuple[Ints, Ints]] = []
        """By step: which sequences go on behind it, and the state that remembers each so far."""
        self._stops = np.zeros(0, np.int64)
        self._steps = (np.zeros(0, np.int64), np.zeros(0, np.int64))
        state = np.zeros(len(banned), np.int64)
        for step in range(banned.shape[1]):
            key = state * n_arcs + np.maximum(banned[:, step], 0)
            self._stops = np.union1d(self._stops, key[length == step + 1])
            longer = length > step + 1
            new, inverse = np.unique(key[longer], return_inverse=True)
            before, arc = np.divmod(new, n_arcs)
            fail = self.after(self.fail[before], arc)[0] if step else np.zeros(len(new), np.int64)
            number = len(self.last) + np.arange(len(new))
            state[longer] = number[inverse]
            self.prefixes.append((np.flatnonzero(longer), state[longer]))
            self.last, self.fail = np.append(self.last, arc), np.append(self.fail, fail)
            self._steps = np.append(self._steps[0], new), np.append(self._steps[1], number)

    def after(self, state: Ints, arc: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """Return what is remembered after one more arc, and whether it is banned."""
        keys, numbers = self._steps
        is_banned = np.zeros(len(state), bool)
        then = np.zeros(len(state), np.int64)
        while True:
            key = state * self.n_arcs + arc
            is_banned |= find(self._stops, key)[0]
            known, at = find(keys, key)
            then = np.where((then == 0) & known, numbers[at] if len(keys) else 0, then)
            if not state.any():
                return then, is_banned
            state = self.fail[state]


def find(keys: Ints, wanted: Ints) -> tuple[NDArray[np.bool_], Ints]:
    """Tell which values stand in a sorted list, and where."""
    if not len(keys):
        return np.zeros(len(wanted), bool), np.zeros(len(wanted), np.int64)
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return keys[at] == wanted, at


def expand(arcs: Arcs, banned: Ints, is_limited: NDArray[np.bool_]) -> Expansion:
    """Copy nodes and stretches so that no way drives a banned sequence, or through limited stretches.

    Parameters
    ----------
    arcs
    banned
        As `Automaton` takes them.
    is_limited
        n_edges: whether the stretch is for the ends of a trip only. A trip may begin on such stretches and
        leave them, enter others and end there, and drive on them alone from start to end.
    """
    return _Builder(arcs, banned, is_limited).build()


class _Copies(NamedTuple):
    """Copies of stretches; one is driven both ways, or along, or against."""

    edge: Ints
    tail: Ints
    head: Ints
    along: NDArray[np.bool_]
    against: NDArray[np.bool_]


class _Builder:
    """Numbers the copies of nodes by where on a trip they stand and what they remember."""

    def __init__(self, arcs: Arcs, banned: Ints, is_limited: NDArray[np.bool_]):
        self.arcs, self.n_nodes = arcs, len(arcs.begin) - 1
        self.is_limited = np.repeat(is_limited, 2)
        self.automaton = Automaton(banned, len(arcs.tail))
        last = self.automaton.last[1:]
        limited = np.flatnonzero(self.is_limited & arcs.is_open)
        touched = np.unique(np.concatenate([arcs.tail[limited], arcs.head[limited]]))
        plain = np.full((3, self.n_nodes), -1, np.int64)
        minding = np.full((3, len(last) + 1), -1, np.int64)
        plain[FREE] = np.arange(self.n_nodes)
        stage, memory, node = (
            [np.zeros(self.n_nodes, np.int64)],
            [np.zeros(self.n_nodes, np.int64)],
            [plain[0]],
        )
        count = self.n_nodes
        on_limited = self.is_limited[last]
        for each in (FREE, LEAVING, ENTERING):
            remembered = 1 + np.flatnonzero(on_limited == (each != FREE))
            nodes = touched if each != FREE else touched[:0]
            plain[each, nodes] = count + np.arange(len(nodes))
            minding[each, remembered] = count + len(nodes) + np.arange(len(remembered))
            stage.append(np.full(len(nodes) + len(remembered), each))
            memory += [np.zeros(len(nodes), np.int64), remembered]
            node += [nodes, arcs.head[last[remembered - 1]]]
            count += len(nodes) + len(remembered)
        self.plain, self.minding = plain, minding
        self.stage, self.memory, self.node = map(np.concatenate, (stage, memory, node))

    def _number(self, stage: Ints, memory: Ints, node: Ints) -> Ints:
        number: Ints = np.where(memory > 0, self.minding[stage, memory], self.plain[stage, node])
        return number

    def build(self) -> Expansion:
        n_edges = len(self.arcs.tail) // 2
        edges = np.arange(n_edges)
        limited = edges[self.is_limited[::2] & self.arcs.is_open.reshape(-1, 2).any(axis=1)]
        own, behind = self._whole(edges, np.where(self.is_limited[::2], LEAVING, FREE))
        again = self._whole(limited, np.full(len(limited), ENTERING))
        parts = (own, behind, *again, self._single())
        edge, tail, head = (np.concatenate([part[k] for part in parts]) for k in range(3))
        along, against = (
            np.concatenate([getattr(part, way) for part in parts]) for way in ("along", "against")
        )
        fresh = np.stack([np.where(own.along, edges, -1), np.where(own.against, edges, -1)])
        fresh[1, behind.edge] = n_edges + np.arange(len(behind.edge))
        start = self.plain[FREE].copy()
        out = self.arcs.out[~self.is_limited[self.arcs.out]]
        leads_on = np.bincount(self.arcs.tail[out], minlength=self.n_nodes) > 0
        inside = ~leads_on & (self.plain[LEAVING] >= 0)
        start[inside] = self.plain[LEAVING, inside]
        return Expansion(self.node, self.stage, edge, tail, head, np.stack([along, against]), fresh, start)

    def _whole(self, edges: Ints, stage: Ints) -> tuple[_Copies, _Copies]:
        """Copy stretches from the copies of their ends that remember nothing, on one stage.

        The second part holds what is driven against a stretch where that leads between other copies of nodes.
        """
        ways = []
        for arc in (2 * edges, 2 * edges + 1):
            memory = self.automaton.after(np.zeros(len(arc), np.int64), arc)[0]
            begin, end = (
                self.plain[stage, self.arcs.tail[arc]],
                self._number(stage, memory, self.arcs.head[arc]),
            )
            ways.append((begin, end, self.arcs.is_open[arc]))
        (tail, head, along), (other_head, other_tail, against) = ways
        apart = along & against & ((tail != other_tail) | (head != other_head))
        only_back = against & ~along
        first = _Copies(
            edges,
            np.where(only_back, other_tail, tail),
            np.where(only_back, other_head, head),
            along,
            against & ~apart,
        )
        no = np.zeros(int(apart.sum()), bool)
        return first, _Copies(edges[apart], other_tail[apart], other_head[apart], no, ~no)

    def _single(self) -> _Copies:
        """Copy the arcs that lead out of, or into, copies of nodes that are not those of whole stretches."""
        entries = np.unique(self.arcs.tail[np.flatnonzero(self.is_limited & self.arcs.is_open)])
        state = np.concatenate([entries, np.arange(self.n_nodes, len(self.node))])
        which, arc = self.arcs.leaving(self.node[state])
        which = state[which]
        stage, memory, limited = self.stage[which], self.memory[which], self.is_limited[arc]
        is_whole = (memory == 0) & (limited == (stage != FREE))
        gone = limited < (stage == ENTERING)
        which, arc = which[~is_whole & ~gone], arc[~is_whole & ~gone]
        stage, memory, limited = self.stage[which], self.memory[which], self.is_limited[arc]
        then, is_banned = self.automaton.after(memory, arc)
        after = np.where(limited, np.where(stage == LEAVING, LEAVING, ENTERING), FREE)
        kept = ~is_banned
        begin, end = which[kept], self._number(after, then, self.arcs.head[arc])[kept]
        along = arc[kept] % 2 == 0
        return _Copies(
            arc[kept] // 2, np.where(along, begin, end), np.where(along, end, begin), along, ~along
        )
