"""Roads of the county and a coarse network beyond them → one layer on which the city can be reached.

An extract of the county ends at its border, while today's laboratories stand in the city. Of the coarse
network only what leads on from there is taken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.roads.components import PARTS, is_main_network, note_parts
from siting.inputs.roads.distance import great_circle_m
from siting.inputs.roads.rules import road_classes
from siting.types import Issue, RoadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

JOINED_WITHIN_M = 1000.0
"""A junction of the coarse network this near to one of the roads is the same place: it is schematic."""
LINK_CLASS = "access"
"""Class of the straight links between the two."""
CATEGORIES = ("speed_basis", "class", "ref", "name", "belief")
"""Columns of stretches that are categories."""


def lie_off(roads: RoadLayer, places: NDArray[np.float64], limit_m: float) -> NDArray[np.bool_]:
    """Tell of places (n × 2, degrees) whether they lie farther than this from each junction of the roads."""
    return _nearest_junctions(roads, places)[1] > limit_m


def join_beyond(roads: RoadLayer, beyond: RoadLayer) -> RoadLayer:
    """Lead roads on by a coarse network where they end.

    Junctions of the coarse network near to the main network of the roads are covered by them. Its stretches
    between two covered junctions are left out; where others begin at a covered one, a straight link joins it
    to the nearest junction of the roads.

    Parameters
    ----------
    roads
        Detailed; its stretches keep their numbers.
    beyond

    Returns
    -------
    RoadLayer
        `roads` itself where nothing of the coarse network is needed, or nothing can be joined.
    """
    near, link_m = _nearest_junctions(roads, beyond.nodes[["lon", "lat"]].to_numpy(np.float64))
    covered = link_m <= JOINED_WITHIN_M
    tail, head = (beyond.edges[end].to_numpy() for end in ("tail", "head"))
    kept = ~(covered[tail] & covered[head])
    outside = np.unique(np.concatenate([tail[kept], head[kept]]))
    joints = outside[covered[outside]]
    if not len(joints):
        return roads
    shift = len(roads.nodes)
    added = _stretches(beyond, kept, shift)
    links = _links(roads, joints + shift, near[joints], link_m[joints])
    edges = pd.concat([roads.edges, added, links], ignore_index=True).rename_axis("edge")
    for column in ("tail", "head"):
        edges[column] = edges[column].astype(np.int32)
    for column in CATEGORIES:
        edges[column] = pd.Categorical(edges[column].astype(object))
    shape, size = _points(roads, beyond, kept, links, shift)
    issues = tuple(issue for issue in roads.issues if issue.code not in PARTS)
    return note_parts(
        replace(
            roads,
            edges=edges,
            nodes=pd.concat([roads.nodes, beyond.nodes], ignore_index=True),
            shape=shape,
            shape_start=np.append(0, np.cumsum(size)),
            issues=(*issues, _told(roads, beyond, int(kept.sum()), added["length_m"].sum(), link_m[joints])),
            sha256=f"{roads.sha256} {beyond.sha256}",
            beyond=beyond.file,
        )
    )


def _nearest_junctions(
    roads: RoadLayer, places: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return for each place the nearest node of the roads' main network, and metres."""
    is_main = is_main_network(roads)
    nodes = np.unique(roads.edges.loc[is_main, ["tail", "head"]].to_numpy())
    if not len(nodes):
        return np.zeros(len(places), np.int64), np.full(len(places), np.inf)
    own = roads.nodes[["lon", "lat"]].to_numpy(np.float64)[nodes]
    # Degrees of longitude are shorter: near enough to find the nearest within a few km.
    stretch = np.array([np.cos(np.radians(own[:, 1].mean())), 1.0])
    _, found = cKDTree(own * stretch).query(places * stretch)
    return nodes[found], great_circle_m(places, own[found])


def _stretches(beyond: RoadLayer, kept: np.ndarray, shift: int) -> pd.DataFrame:
    edges = beyond.edges[kept].copy()
    edges[["tail", "head"]] += shift
    return edges


def _links(roads: RoadLayer, tail: np.ndarray, head: np.ndarray, length_m: np.ndarray) -> pd.DataFrame:
    """Return a straight link for each joint, open both ways; it is no way of any file."""
    rules = road_classes()[LINK_CLASS]
    values = {
        "way": 0 if roads.edges["way"].dtype.kind in "iu" else "link",
        "tail": tail, "head": head, "forward": True, "backward": True, "length_m": length_m,
        "speed_kmh": rules.travel_kmh, "legal_kmh": rules.legal_kmh, "speed_basis": "class",
        "class": LINK_CLASS, "ref": "", "name": "", "opened": pd.array([pd.NA] * len(tail), dtype="Int16"),
    }  # fmt: skip
    return pd.DataFrame(values, index=range(len(tail))).assign(belief=None, through=True, tunnel=False)


def _points(
    roads: RoadLayer, beyond: RoadLayer, kept: np.ndarray, links: pd.DataFrame, shift: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return points and numbers of points of all stretches."""
    size = np.diff(beyond.shape_start)
    ends = np.stack([links["tail"].to_numpy(int) - shift, links["head"].to_numpy(int)], axis=1)
    place, other = (layer.nodes[["lon", "lat"]].to_numpy(np.float64) for layer in (roads, beyond))
    straight = np.stack([other[ends[:, 0]], place[ends[:, 1]]], axis=1).reshape(-1, 2)
    shape = np.concatenate([roads.shape, beyond.shape[np.repeat(kept, size)], straight])
    return shape, np.concatenate([np.diff(roads.shape_start), size[kept], np.full(len(links), 2)])


def _told(roads: RoadLayer, beyond: RoadLayer, n: int, length_m: float, link_m: np.ndarray) -> Issue:
    km, links, longest = f"{length_m / 1000:.1f}", len(link_m), f"{link_m.max():.0f}"
    log = IssueLog(roads.file)
    log.add("R115", value=n, n=n, km=km, beyond=beyond.file, links=links, longest=longest)
    return log.issues[0]
