"""Road layer and settings → minutes of every stretch in parts: driving, junction delays, signal delays.

A trip pays the delay of a junction or signal where it arrives there, by the class of the road that it
crosses; turning left costs no more than going on. A trip that ends on a stretch pays its share of the delay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from siting.analysis.network.speeds import (
    TravelTimeSettings,
    busy_factor,
    by_class,
    edge_minutes,
    in_mountains,
    is_class_speed,
    is_limit,
)
from siting.types import RoadLayer

MINOR, SECONDARY, TRUNK = range(3)
GROUP_OF_CLASS = {
    **dict.fromkeys(("tertiary", "tertiary_link", "unclassified", "residential", "living_street"), MINOR),
    **dict.fromkeys(("road", "access", "mountain"), MINOR),
    **dict.fromkeys(("primary", "primary_link", "secondary", "secondary_link", "urban"), SECONDARY),
    **dict.fromkeys(("trunk", "trunk_link", "motorway", "motorway_link"), TRUNK),
}
"""Class → group of crossing roads. Drives to houses, tracks and ferries are no arms of a junction."""
JUNCTION_WIDTH_M = 40.0
"""Junctions and signals this near along the road are one: carriageways, stop lines of all arms."""


@dataclass(frozen=True)
class MinuteParts:
    """Minutes of every stretch, open or not, in parts that add up."""

    driving: NDArray[np.float64]
    """n_edges."""
    is_limit: NDArray[np.bool_]
    """n_edges: whether `driving` follows from a limit, of which a share is driven."""
    is_class_speed: NDArray[np.bool_]
    """n_edges: whether it follows from a speed assumed for the class."""
    junctions: NDArray[np.float64]
    """2 × n_edges, along and against the stretch."""
    signals: NDArray[np.float64]
    mountain: NDArray[np.float64]
    """n_edges: share of `driving` that falls on hills; 0 where the travel speed is stated."""

    @property
    def moves_freely(self) -> NDArray[np.bool_]:
        """Tell of each stretch whether its speed leaves delays aside."""
        return self.is_limit | self.is_class_speed

    def total(
        self,
        *,
        limit_share: float = 1.0,
        class_share: float = 1.0,
        junctions: float = 1.0,
        signals: float = 1.0,
        mountain: float = 1.0,
    ) -> NDArray[np.float64]:
        """Add the parts, each multiplied; of limits and class speeds their shares are driven.

        `mountain` is a factor on the speed in the hills.

        Returns
        -------
        2 × n_edges
        """
        share = np.where(self.is_limit, limit_share, np.where(self.is_class_speed, class_share, 1.0))
        driving = self.driving / share * (1.0 + self.mountain * (1.0 / mountain - 1.0))
        return driving + junctions * self.junctions + signals * self.signals


class Arms(NamedTuple):
    """The roads that meet at each node."""

    group: NDArray[np.int8]
    """n_edges, by `GROUP_OF_CLASS`; −1 where a stretch is no arm."""
    by_group: NDArray[np.int64]
    """3 × n_nodes, arms of each group."""
    is_junction: NDArray[np.bool_]
    """n_nodes: three arms or more cross, neither on a motorway nor on a roundabout."""


def minute_parts(
    layer: RoadLayer, settings: TravelTimeSettings, is_open: NDArray[np.bool_] | None = None
) -> MinuteParts:
    """Work out driving, junction and signal minutes of every stretch.

    Parameters
    ----------
    layer
    settings
    is_open
        n_edges: stretches in use; others are no arms of a junction. None: all.
    """
    edges = layer.edges
    limit, assumed = is_limit(layer, settings), is_class_speed(layer)
    busy = busy_factor(layer, settings) / 60.0
    is_open = np.ones(len(edges), bool) if is_open is None else is_open
    arms = _arms(layer, is_open)
    signal = has_signal(layer)
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    part_of, within = _crossings(layer, is_open, arms.is_junction | signal)
    has_signals = np.bincount(part_of, weights=signal) > 0
    holds = _holding(layer, part_of, arms)
    delay_s = np.array([*settings.junction_delay_s.by_group(), 0.0])
    junctions, signals = np.zeros((2, 2, len(edges)))
    paid = (limit | assumed) & ~within
    for way, end in enumerate((head, tail)):
        stops, signalled = (arms.is_junction | signal)[end], has_signals[part_of[end]]
        crossed = np.where(stops & ~signalled, _crossed(arms, end), -1)
        junctions[way] = np.where(paid, delay_s[crossed], 0.0) * busy
        signals[way] = np.where(paid & stops & holds[way][part_of[end]], settings.signal_delay_s, 0.0) * busy
    return MinuteParts(
        edge_minutes(layer, settings),
        limit,
        assumed,
        junctions,
        signals,
        np.where(limit | assumed, _share_of_minutes(layer, settings), 0.0),
    )


def _share_of_minutes(layer: RoadLayer, settings: TravelTimeSettings) -> NDArray[np.float64]:
    """Return the share of each stretch's driving minutes that falls on hills."""
    length = in_mountains(layer, settings)
    slow = length / settings.mountain_factor
    share: NDArray[np.float64] = slow / (1.0 - length + slow)
    return share


def has_signal(layer: RoadLayer) -> NDArray[np.bool_]:
    """Tell of each node whether it has traffic signals; road files without them have none."""
    return _flag(layer.nodes, "signal")


def _holding(layer: RoadLayer, part_of: NDArray[np.int64], arms: Arms) -> list[NDArray[np.bool_]]:
    """Tell of each crossing whether its signals hold for those who come along a way, and against it.

    Where roads cross they hold for both: one road may be drawn towards them, another away from them.
    """
    signal, crossed = has_signal(layer), np.bincount(part_of, weights=arms.is_junction) > 0
    one_way = np.zeros(len(signal))
    if "signal_one_way" in layer.nodes:
        one_way = layer.nodes["signal_one_way"].fillna(0).to_numpy(np.float64)
    return [
        np.bincount(part_of, weights=signal & ((sign * one_way >= 0) | crossed[part_of])) > 0
        for sign in (1, -1)
    ]


def _flag(frame: pd.DataFrame, column: str) -> NDArray[np.bool_]:
    """Return a column of yes and no; what is missing (or the whole column) is no."""
    if column not in frame:
        return np.zeros(len(frame), bool)
    flag: NDArray[np.bool_] = frame[column].eq(True).fillna(False).to_numpy(bool)
    return flag


def _crossings(
    layer: RoadLayer, is_open: NDArray[np.bool_], stops: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Join junctions and signals near to each other; return each node's crossing, and stretches within one.

    A large junction is mapped as many nodes: where carriageways meet, and at the stop line of every arm, that
    of the other direction too, with driveways between them. Whoever drives through stops once.
    """
    edges, n_nodes = layer.edges, len(layer.nodes)
    length = edges["length_m"].to_numpy(np.float64)
    short = np.flatnonzero(is_open & (length < JUNCTION_WIDTH_M))
    tail, head = (edges[end].to_numpy()[short] for end in ("tail", "head"))
    joined = _between_stops(tail, head, length[short], stops)
    pairs = (np.ones(joined.sum(), np.int8), (tail[joined], head[joined]))
    _, part_of = csgraph.connected_components(sparse.coo_array(pairs, (n_nodes, n_nodes)), directed=False)
    within = np.zeros(len(edges), bool)
    within[short] = part_of[tail] == part_of[head]
    return part_of.astype(np.int64), within


def _between_stops(
    tail: NDArray[np.int64], head: NDArray[np.int64], length: NDArray[np.float64], stops: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Tell which stretches lie on a way from one stop to another that is shorter than a junction is wide."""
    nodes, ends = np.unique(np.concatenate([tail, head]), return_inverse=True)
    sources = np.flatnonzero(stops[nodes])
    if not len(sources):
        return np.zeros(len(tail), bool)
    a, b = ends.reshape(2, -1)
    # Of several stretches between the same nodes the shortest counts; without length there is no entry.
    order = np.argsort(length, kind="stable")
    low, high = np.minimum(a, b)[order], np.maximum(a, b)[order]
    _, first = np.unique(low * np.int64(len(nodes)) + high, return_index=True)
    lengths = np.maximum(length[order][first], 1e-3)
    graph = sparse.csr_array((lengths, (low[first], high[first])), (len(nodes), len(nodes)))
    far, before, source = csgraph.dijkstra(
        graph,
        directed=False,
        indices=sources,
        min_only=True,
        return_predecessors=True,
        limit=JUNCTION_WIDTH_M,
    )
    found: NDArray[np.bool_] = (source[a] != source[b]) & (far[a] + length + far[b] < JUNCTION_WIDTH_M)
    on_way = np.zeros(len(nodes), bool)
    new = np.unique(np.concatenate([a[found], b[found]]))
    while len(new):
        on_way[new] = True
        new = np.unique(before[new[~stops[nodes[new]]]])
        new = new[~on_way[new]]
    passed = on_way & ~stops[nodes]
    found |= (passed[a] & (before[a] == b)) | (passed[b] & (before[b] == a))
    return found


def _arms(layer: RoadLayer, is_open: NDArray[np.bool_]) -> Arms:
    edges, n_nodes = layer.edges, len(layer.nodes)
    kinds = edges["class"]
    known = by_class(kinds, GROUP_OF_CLASS, -1).astype(np.int8)
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    forward, backward = (edges[way].to_numpy(bool) for way in ("forward", "backward"))
    group = np.where(is_open & (forward | backward), known, np.int8(-1))

    def at_nodes(chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(tail[chosen], minlength=n_nodes) + np.bincount(head[chosen], minlength=n_nodes)

    by_group = np.stack([at_nodes(group == k) for k in range(3)])
    counted = group >= 0
    entering = np.bincount(head[counted & forward], minlength=n_nodes)
    entering += np.bincount(tail[counted & backward], minlength=n_nodes)
    degree = by_group.sum(axis=0)
    # Where others only leave, nobody crosses; ramps join and part among themselves without a stop.
    is_junction = (degree >= 3) & (entering >= 2)
    is_junction &= at_nodes(counted & (kinds == "motorway").to_numpy()) == 0
    is_junction &= at_nodes(counted & (kinds == "motorway_link").to_numpy()) < degree
    is_junction &= at_nodes(counted & _flag(edges, "roundabout")) == 0
    is_junction &= ~_parts_in_two(layer, counted, degree, entering)
    return Arms(group, by_group, is_junction)


def _parts_in_two(
    layer: RoadLayer, counted: NDArray[np.bool_], degree: NDArray[np.int64], entering: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell where one road parts into two carriageways: three arms, one two-way, one in, one out."""
    edges = layer.edges
    forward, backward = (edges[way].to_numpy(bool) for way in ("forward", "backward"))
    leaving = np.bincount(edges["tail"].to_numpy()[counted & forward], minlength=len(degree))
    leaving += np.bincount(edges["head"].to_numpy()[counted & backward], minlength=len(degree))
    parts: NDArray[np.bool_] = (degree == 3) & (entering == 2) & (leaving == 2)
    ends = np.concatenate([edges["tail"].to_numpy(), edges["head"].to_numpy()])
    arms = np.flatnonzero(np.tile(counted, 2) & parts[ends])
    road = edges[["class", "ref", "name"]].iloc[arms % len(edges)].astype(str)
    number = road.groupby(list(road), sort=False).ngroup().to_numpy()
    low, high = np.full(len(degree), len(arms)), np.full(len(degree), -1)
    np.minimum.at(low, ends[arms], number)
    np.maximum.at(high, ends[arms], number)
    parts &= low == high
    return parts


def _crossed(arms: Arms, end: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return the highest group that each stretch crosses at its end, its own continuation aside; −1: none."""
    found = np.full(len(end), -1, np.int8)
    for k, arms_here in enumerate(arms.by_group):
        # Of its own group it is one itself, and another the arm by which its road goes on.
        found[arms_here[end] > np.where(arms.group == k, 2, 0)] = k
    # Where only its own group meets, at least one arm is left to cross.
    return np.where((found < 0) & (arms.group >= 0), arms.group, found)
