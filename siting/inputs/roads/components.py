"""Road layer → the same layer with remarks on its parts: islands, and roads without a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.common.connectivity import components, for_trip_ends
from siting.inputs.dictionary.issues import IssueLog
from siting.types import Issue, RoadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

LISTED = 20
"""Ways, nodes or spellings that a message names."""
PARTS = ("R120", "R121", "R171")
"""Codes of the issues made here; they depend on the part of a file that is loaded."""


def listed(names: Sequence[object] | NDArray[np.generic]) -> str:
    """Name the first few."""
    return ", ".join(map(str, names[:LISTED])) + (" …" if len(names) > LISTED else "")


def note_parts(layer: RoadLayer) -> RoadLayer:
    """Report what of a layer is not joined to its main network.

    Parts that no road joins to it are islands; what is joined to it one way only is told apart.
    """
    tail, head = (layer.edges[end].to_numpy() for end in ("tail", "head"))
    km = layer.edges["length_m"].to_numpy() / 1000.0
    island = components(len(layer.nodes), tail, head, connection="weak")
    is_main = is_main_network(layer)
    # Where no road leads back anywhere, the longest part stands for the main network.
    joined_km = np.bincount(island[tail], weights=km)
    mainland = island[tail[is_main][0]] if is_main.any() else joined_km.argmax()
    off = island[tail] != mainland
    dead = ~off & ~is_main
    issues = [*layer.issues]
    if off.any():
        issues.append(_islands(layer, off, joined_km, int(mainland)))
    if dead.any() and is_main.any():
        issues.append(_one_way(layer, dead, km[dead].sum()))
    if not layer.edges["through"].all():
        issues.append(_trip_ends(layer, km))
    return replace(layer, issues=tuple(issues))


def is_main_network(layer: RoadLayer) -> NDArray[np.bool_]:
    """Tell for each stretch whether it belongs to the main network.

    That is the part with the greatest length of road within which every road leads to every other and back.
    """
    edges = layer.edges
    tail, head = (edges[end].to_numpy() for end in ("tail", "head"))
    forward, backward = (edges[way].to_numpy() for way in ("forward", "backward"))
    start = np.concatenate([tail[forward], head[backward]])
    end = np.concatenate([head[forward], tail[backward]])
    circuit = components(len(layer.nodes), start, end, connection="strong")
    closed: NDArray[np.bool_] = circuit[tail] == circuit[head]
    if not closed.any():
        return closed
    length_m = edges["length_m"].to_numpy()
    main = np.bincount(circuit[tail[closed]], weights=length_m[closed]).argmax()
    closed &= circuit[tail] == main
    return closed


def _islands(layer: RoadLayer, off: np.ndarray, km: np.ndarray, mainland: int) -> Issue:
    parts = int((km > 0).sum())
    return _noted(
        layer, "R120", parts - 1,
        parts=parts, n=parts - 1, others=f"{np.delete(km, mainland).sum():.1f}", main=f"{km[mainland]:.1f}",
        ways=listed(layer.edges["way"][off].unique()),
    )  # fmt: skip


def _one_way(layer: RoadLayer, dead: np.ndarray, km: float) -> Issue:
    names = layer.edges["way"][dead].unique()
    return _noted(layer, "R121", len(names), n=len(names), km=f"{km:.1f}", ways=listed(names))


def _trip_ends(layer: RoadLayer, km: np.ndarray) -> Issue:
    edges = layer.edges
    through = edges["through"].to_numpy(bool)
    tail, head, forward, backward = (
        edges[name].to_numpy() for name in ("tail", "head", "forward", "backward")
    )
    limited = for_trip_ends(
        len(layer.nodes), tail, head, np.stack([forward, backward]), through, edges["length_m"].to_numpy()
    )
    n = edges["way"][~through].nunique()
    joined = limited & through & is_main_network(layer)
    own, others = (f"{km[which].sum():.1f}" for which in (~through, joined))
    return _noted(layer, "R171", n, n=n, km=own, others=others)


def _noted(layer: RoadLayer, code: str, value: int, **words: Any) -> Issue:
    log = IssueLog(layer.file)
    log.add(code, value=value, **words)
    return log.issues[0]
