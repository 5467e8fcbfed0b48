"""Road layer → directed road graph: points laid on it, travel times, lengths and routes between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.network.contraction import Chains, check_arcs, contract, two_way
from siting.analysis.network.delays import minute_parts
from siting.analysis.network.expansion import Expansion
from siting.analysis.network.isochrones import Reach, areas
from siting.analysis.network.routes import Piece, route_names, route_points, routes
from siting.analysis.network.search import Places, Search, coincide
from siting.analysis.network.snapping import Locator, Snapped, Stretches, from_mercator, mercator
from siting.analysis.network.speeds import (
    FREE_FLOW,
    METRES_PER_KMH_MIN,
    TravelTimeSettings,
    check_edges,
    closed,
)
from siting.analysis.network.turns import Restricted, restricted_roads
from siting.common.connectivity import parts_by_length
from siting.messages import refusal
from siting.types import Issue, RoadLayer

if TYPE_CHECKING:
    import geopandas as gpd

Weight = Literal["minutes", "metres"]
TIMES_HELD = 1 << 24
"""Times at the ends of stretches held at once for isochrones, at most."""
Points = Snapped | NDArray[np.float64] | NDArray[np.int64] | Sequence[int] | Sequence[Sequence[float]]
"""Points laid on the network, longitudes and latitudes, or numbers of nodes."""


def build_graph(
    layer: RoadLayer, settings: TravelTimeSettings | None = None, *, year: int | None = None
) -> RoadGraph:
    """Turn a road layer into a graph with the travel times that the settings give.

    Parameters
    ----------
    layer
    settings
        None: limits driven in full, no delays; a study's settings have both.
    year
        Roads opened later than this year are left out; None keeps all.

    Raises
    ------
    InputError
        A closure names no road of the layer, or a stretch has no usable speed or length.
    """
    settings = settings or FREE_FLOW
    edges = layer.edges
    check_edges(layer)
    kept = ~closed(layer, settings, year)
    minutes = minute_parts(layer, settings, kept).total()
    return RoadGraph(
        n_nodes=len(layer.nodes),
        tail=edges["tail"].to_numpy(),
        head=edges["head"].to_numpy(),
        minutes=np.stack(
            [
                np.where(edges[way] & kept, taken, np.inf)
                for way, taken in zip(("forward", "backward"), minutes, strict=True)
            ]
        ),
        metres=edges["length_m"].to_numpy(np.float64),
        layer=layer,
        settings=settings,
    )


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Directed roads with travel times; node and stretch numbers are the caller's, chains are inside."""

    n_nodes: int
    tail: np.ndarray
    """n_edges: node at which the stretch starts."""
    head: np.ndarray
    minutes: np.ndarray
    """2 × n_edges: driving minutes along and against the stretch; ``inf`` where cars may not pass."""
    metres: np.ndarray | None
    """n_edges; None where lengths are not known."""
    layer: RoadLayer | None = None
    settings: TravelTimeSettings = FREE_FLOW

    @classmethod
    def from_edges(
        cls,
        n_nodes: int,
        tail: Sequence[int] | np.ndarray,
        head: Sequence[int] | np.ndarray,
        minutes: Sequence[float] | np.ndarray,
        *,
        metres: Sequence[float] | np.ndarray | None = None,
    ) -> RoadGraph:
        """Build a graph from directed arcs; parallel arcs keep the fastest.

        Parameters
        ----------
        n_nodes
            Nodes are numbered 0 to ``n_nodes - 1``.
        tail, head, minutes
            n_arcs; minutes finite and not negative.
        metres
            n_arcs, where lengths are asked for too.

        Raises
        ------
        InputError
            Arrays of unequal length, node numbers out of range, minutes or metres negative or not finite.

        Examples
        --------
        >>> graph = RoadGraph.from_edges(3, tail=[0, 1, 0], head=[1, 2, 1], minutes=[4.0, 5.0, 7.0])
        >>> graph.travel_times([0, 2], [0, 2])
        array([[ 0.,  9.],
               [inf,  0.]])
        """
        tail, head = np.asarray(tail, np.int64), np.asarray(head, np.int64)
        costs = [np.asarray(minutes, np.float64)] + (
            [] if metres is None else [np.asarray(metres, np.float64)]
        )
        check_arcs(n_nodes, tail, head, costs)
        if metres is None:
            tail, head, pair = two_way(tail, head, costs[0])
            return cls(n_nodes, tail, head, pair, None)
        both = np.stack([costs[0], np.full(len(tail), np.inf)])
        return cls(n_nodes, tail, head, both, costs[1])

    @cached_property
    def chains(self) -> Chains:
        """The contracted form: of the copies, where turns or through traffic are restricted."""
        copied = self.expansion
        if copied is not None:
            return contract(len(copied.node), copied.tail, copied.head, *copied.is_open)
        return contract(self.n_nodes, self.tail, self.head, *np.isfinite(self.minutes))

    @cached_property
    def expansion(self) -> Expansion | None:
        """Copies of nodes and stretches by which restrictions are kept; None where nothing is restricted."""
        return self._restricted.expand(self._evading) if self._restricted is not None else None

    @cached_property
    def _restricted(self) -> Restricted | None:
        obeyed, is_open = self.settings.turn_restrictions, np.isfinite(self.minutes)
        return restricted_roads(self.layer, is_open, obeyed) if self.layer is not None else None

    @cached_property
    def _evading(self) -> NDArray[np.bool_]:
        """Arcs at whose end turning round would evade restrictions."""
        return cast("Restricted", self._restricted).evading(self.minutes)

    @cached_property
    def is_open(self) -> NDArray[np.bool_]:
        """n_edges: whether cars may drive the stretch at all, now."""
        is_open: NDArray[np.bool_] = np.isfinite(self.minutes).any(axis=0)
        return is_open

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What the road file and the network's parts give to report."""
        return self.layer.issues if self.layer is not None else ()

    def with_minutes(self, minutes: np.ndarray) -> RoadGraph:
        """Return the same roads under other times; where nothing opens or closes, the contraction is kept.

        Parameters
        ----------
        minutes
            n_edges (both directions alike where open), or 2 × n_edges.
        """
        minutes = np.asarray(minutes, np.float64)
        if minutes.shape == self.tail.shape:
            minutes = np.where(np.isfinite(self.minutes), minutes, np.inf)
        if minutes.shape != self.minutes.shape or np.isnan(minutes).any() or (minutes < 0).any():
            raise refusal("", "E703", n=self.minutes.shape[1])
        changed, shared = replace(self, minutes=minutes), ["_stretches"]
        if np.array_equal(np.isfinite(minutes), np.isfinite(self.minutes)):
            # What follows from the open directions alone needs no second computation.
            shared += ["_restricted", "is_open", "component_of_edge", "is_main", "_locator"]
            restricted = self._restricted if "_evading" in self.__dict__ else None
            if restricted is None or not (restricted.evading(minutes) & ~self._evading).any():
                shared += ["chains", "expansion", "_evading"]
        changed.__dict__.update({name: self.__dict__[name] for name in shared if name in self.__dict__})
        return changed

    @cached_property
    def _search(self) -> Search:
        """The search for the fastest ways."""
        cost = self.minutes if self.expansion is None else self.expansion.costs(self.minutes)
        return Search(self.chains, cost[0], cost[1])

    def _by(self, weight: str) -> RoadGraph:
        """Return the same roads with what is to be least as their minutes."""
        if weight not in ("minutes", "metres"):
            raise refusal("", "E705", weight=weight)
        return self if weight == "minutes" else self._by_length

    @cached_property
    def _by_length(self) -> RoadGraph:
        if self.metres is None:
            raise refusal("", "E704")
        _ = self.chains  # is to be shared
        return self.with_minutes(np.where(np.isfinite(self.minutes), self.metres, np.inf))

    @cached_property
    def components(self) -> pd.DataFrame:
        """Parts of the network with no road between them, largest first: ``stretches, length_km, main``.

        ``component`` numbers them; `component_of_edge` says which stretch lies where.
        """
        length = self.metres if self.metres is not None else np.ones(len(self.tail))
        table = pd.DataFrame({"component": self.component_of_edge, "length_km": length / 1000.0})
        table = table[table["component"] >= 0].groupby("component")["length_km"].agg(["size", "sum"])
        table.columns = ["stretches", "length_km"]
        return table

    @cached_property
    def component_of_edge(self) -> np.ndarray:
        """n_edges: part of the network (0 = the longest); −1 where the stretch is closed."""
        return self._parts("weak")

    @cached_property
    def is_main(self) -> NDArray[np.bool_]:
        """n_edges: whether the stretch lies in the largest strongly connected part (most road length).

        From every point of it every other can be reached, and the way back exists.
        """
        is_main: NDArray[np.bool_] = self._parts("strong") == 0
        if self.expansion is not None:
            return self.expansion.main(is_main, cast("NDArray[np.float64]", self.metres))
        return is_main

    def _parts(self, connection: Literal["weak", "strong"]) -> NDArray[np.int64]:
        """Give the parts of the network numbers by falling road length; stretches between parts −1."""
        length = self.metres if self.metres is not None else np.ones(len(self.tail))
        is_open = np.isfinite(self.minutes)
        return parts_by_length(self.n_nodes, self.tail, self.head, is_open, length, connection)

    @cached_property
    def _stretches(self) -> Stretches:
        if self.layer is None:
            raise refusal("", "E706")
        return Stretches.of(self.layer)

    @cached_property
    def _locator(self) -> Locator:
        stretches = self._stretches
        layer = cast("RoadLayer", self.layer)  # or there were no stretches
        fenced = layer.edges["class"].isin(self.settings.no_access_classes) | layer.edges["tunnel"]
        return Locator(
            stretches, self.is_open & ~fenced.to_numpy(bool), self.component_of_edge == 0, self.is_main
        )

    def snap(self, lon: np.ndarray, lat: np.ndarray, *, round_trip: bool = True) -> Snapped:
        """Lay points on the nearest stretch that is open to cars and can be entered anywhere.

        Where that one lies on an island and the mainland is within ``main_network_within_m``, points are laid
        there instead.

        Parameters
        ----------
        lon, lat
            n_points, WGS-84 degrees.
        round_trip
            Points are driven to and from: they are laid likewise on the main network instead of a stretch
            that can only be left or only be reached.

        Returns
        -------
        Snapped
            Points further than ``snap_limit_m`` from any such road are unlocated.
        """
        settings = self.settings
        return self._locator.snap(
            lon,
            lat,
            limit_m=settings.snap_limit_m,
            main_within_m=settings.main_network_within_m,
            round_trip=round_trip,
        )

    def travel_times(
        self,
        origins: Points,
        destinations: Points,
        *,
        weight: Weight = "minutes",
        limit: float = np.inf,
    ) -> np.ndarray:
        """Return times of the fastest ways, or lengths of the shortest, from each origin to each destination.

        Parameters
        ----------
        origins, destinations
            Node numbers, points (lon, lat), or points already laid on the network by `snap`. Points given
            here are driven one way only: they may lie on a stretch without a way back.
        weight
            ``minutes``: driving, and for points the access legs at ``access_speed_kmh``; ``metres``: length
            of the shortest way on the road.
        limit
            Longer ways count as unreachable.

        Returns
        -------
        ndarray
            len(origins) × len(destinations), ``inf`` where no way leads.

        Raises
        ------
        InputError
            Node number out of range, coordinates that are not finite, unknown weight.
        """
        start, start_access, start_key = self._places(origins)
        end, end_access, end_key = self._places(destinations)
        graph = self._by(weight)
        table = graph._search.table(*graph._spots(start, end), limit)
        if weight == "minutes":
            table += start_access[:, None]
            table += end_access
        table[coincide(start, start_key, end_key)] = 0.0
        table[table > limit] = np.inf
        return table

    def paths(
        self,
        origins: Points,
        destinations: Points,
        *,
        weight: Weight = "minutes",
    ) -> gpd.GeoDataFrame:
        """Return the best way from each origin to each destination.

        Parameters
        ----------
        origins, destinations, weight
            As in `travel_times`.

        Returns
        -------
        GeoDataFrame
            len(origins) × len(destinations) rows, by origin, then destination: ``origin, destination``
            (positions), ``minutes`` (access legs included), ``metres`` (on the road), ``roads`` (such as
            ``S1 → G102``), ``edges`` (numbers of the stretches driven), ``geometry`` (WGS-84; None where no
            way leads).
        """
        import geopandas as gpd
        import shapely

        if self.layer is None:
            raise refusal("", "E706")
        start, start_access, start_key = self._places(origins)
        end, end_access, end_key = self._places(destinations)
        graph = self._by(weight)
        spots, copied = graph._spots(start, end), graph.expansion
        table = graph._search.table(*spots)
        # Shares of a stretch are measured where it was snapped: in Mercator, not in degrees.
        shape = np.stack(mercator(self.layer.shape[:, 0], self.layer.shape[:, 1]), axis=1)
        rows, points = [], []
        edge_of = copied.edge if copied is not None else None
        for i, by_destination in enumerate(routes(graph._search, table, *spots, edge_of)):
            for j, pieces in enumerate(by_destination):
                rows.append(
                    (i, j, *self._driven(pieces, np.isfinite(table[i, j])), tuple(k for k, _, _ in pieces))
                )
                points.append(route_points(pieces, shape, self.layer.shape_start))
        frame = pd.DataFrame(rows, columns=["origin", "destination", "minutes", "metres", "roads", "edges"])
        frame["minutes"] += (start_access[:, None] + end_access).ravel()
        row, column = coincide(start, start_key, end_key)
        frame.loc[row * len(end) + column, "minutes"] = 0.0
        lines = [shapely.linestrings(*from_mercator(*line.T)) if len(line) > 1 else None for line in points]
        return gpd.GeoDataFrame(frame, geometry=lines, crs="OGC:CRS84")  # type: ignore[arg-type]  # None is a missing geometry

    def _driven(self, pieces: list[Piece], is_reached: bool) -> tuple[float, float, str]:
        """Return driving minutes, metres and road names of a route."""
        if not is_reached:
            return np.inf, np.inf, ""
        metres = cast("NDArray[np.float64]", self.metres)  # a graph with a layer has them
        edge = np.array([piece.edge for piece in pieces], np.int64)
        share = np.array([abs(piece.end - piece.start) for piece in pieces])
        against = np.array([int(piece.end < piece.start) for piece in pieces], np.int64)
        minutes = float(share @ self.minutes[against, edge])
        return minutes, float(share @ metres[edge]), route_names(pieces, self._stretches.label)

    def isochrones(
        self,
        points: Points,
        minutes: Sequence[float] = (5.0, 10.0, 15.0, 30.0, 45.0, 60.0),
        *,
        width_m: float = 500.0,
        towards: bool = True,
    ) -> gpd.GeoDataFrame:
        """Draw the areas along the roads from which each point is reached in time.

        Parameters
        ----------
        points
            As in `travel_times`.
        minutes
            Limits; access legs count.
        width_m
            What lies this near to a road reached in time counts as reached, metres.
        towards
            Drive to the point; False: from it.

        Returns
        -------
        GeoDataFrame
            ``point`` (position), ``minutes``, ``cell_m``, ``geometry`` (WGS-84, holes kept, empty where the
            point is unlocated), by point, then minutes; the area of fewer minutes lies inside that of more.
            ``cell_m``: 0, or the side of the cells, too wide by a few, that it is made of among many roads.
        """
        import geopandas as gpd

        if self.layer is None:
            raise refusal("", "E706")
        limits = np.sort(np.asarray(minutes, np.float64))
        places, access, _ = self._places(points)
        left = limits - access[:, None]
        left[np.isnan(left)] = -1.0
        drawn = areas(self.layer, self._reaches(places, towards), left, width_m)
        frame = pd.DataFrame(
            {"point": np.repeat(np.arange(len(places)), len(limits)), "minutes": np.tile(limits, len(places))}
        )
        found = [area for levels in drawn for area in levels]
        frame["cell_m"] = np.array([area.cell_m for area in found], np.float64)
        return gpd.GeoDataFrame(frame, geometry=[area.shape for area in found], crs="OGC:CRS84")

    def _reaches(self, places: Places, towards: bool) -> Iterator[Reach]:
        """Yield how each place is driven to (or from); times at all nodes are held for a few at once."""
        by_tail, by_head = self.minutes[::-1] if towards else self.minutes
        at_once = max(TIMES_HELD // max(len(self.tail), self.n_nodes, 1), 1)
        for first in range(0, len(places), at_once):
            own = slice(first, first + at_once)
            some = Places(places.edge[own], places.position[own], places.node[own])
            ends = (times.T for times in self._times_at_ends(some, towards))
            for tail, head, edge, at in zip(*ends, some.edge.tolist(), some.position.tolist(), strict=True):
                yield Reach(tail, head, by_tail, by_head, edge, at)

    def _times_at_ends(self, places: Places, towards: bool) -> tuple[np.ndarray, np.ndarray]:
        """Return minutes to (or from) places at the tail and at the head of every stretch."""
        search, copied = self._search, self.expansion
        if copied is None:
            nodes, _, _ = self._node_places(np.arange(self.n_nodes))
            times = search.table(nodes, places) if towards else search.table(places, nodes).T
            return times[self.tail], times[self.head]
        states = copied.at(np.arange(len(copied.node)), self.chains)
        if towards:
            times = search.table(states, copied.ends(places, self.chains))
        else:
            times = search.table(copied.starts(places, self.chains), states).T
        return copied.times_at_ends(times, towards=towards)

    def _spots(self, start: Places, end: Places) -> tuple[Places, Places]:
        """Return the spots of origins and destinations on the roads that are searched."""
        if self.expansion is None:
            return start, end
        return self.expansion.starts(start, self.chains), self.expansion.ends(end, self.chains)

    def _places(self, points: Points) -> tuple[Places, np.ndarray, np.ndarray]:
        """Return the places, their access minutes, and what makes two of them the same place."""
        if not isinstance(points, Snapped):
            array = np.asarray(points)
            if array.ndim == 1 and (array.size == 0 or np.issubdtype(array.dtype, np.integer)):
                return self._node_places(array.astype(np.int64))
            if array.ndim != 2 or array.shape[1] != 2:
                raise refusal("", "E707")
            points = self.snap(array[:, 0], array[:, 1], round_trip=False)
        if (points.located & ((points.edge < 0) | ~self.is_open[np.maximum(points.edge, 0)])).any():
            points = self.snap(points.lon, points.lat)
        edge = np.where(points.located, points.edge, -1)
        node = np.full(len(edge), -1, np.int64)
        for position, ends in ((0.0, self.tail), (1.0, self.head)):
            here = (edge >= 0) & (points.position == position)
            node[here] = ends[edge[here]]
        access = points.snap_m / (self.settings.access_speed_kmh * METRES_PER_KMH_MIN)
        access = np.where(points.located, access, np.inf)
        return Places(edge, points.position, node), access, points.lon + 1j * points.lat

    def _node_places(self, nodes: np.ndarray) -> tuple[Places, np.ndarray, np.ndarray]:
        outside = nodes[(nodes < 0) | (nodes >= self.n_nodes)]
        if len(outside):
            raise refusal("", "E708", node=outside[0], last=self.n_nodes - 1)
        edge = self.chains.edge_at[nodes]
        position = np.where(self.chains.at_head[nodes], 1.0, 0.0)
        if self.expansion is not None:
            edge = np.where(edge >= 0, self.expansion.edge[edge], -1)
        return Places(edge, position, nodes), np.zeros(len(nodes)), nodes
