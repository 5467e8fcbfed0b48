"""Road layer → the same layer with remarks on its parts: islands, and roads without a way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from siting.connectivity import components
from siting.types import Issue, RoadLayer

if TYPE_CHECKING:
    from numpy.typing import NDArray

LISTED = 20
"""Ways, nodes or spellings that a message names."""
PARTS = ("R120", "R121")
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
    n, others = int((km > 0).sum()), np.delete(km, mainland)
    ways = listed(layer.edges["way"][off].unique())
    return Issue(
        layer.file, "R120", "note",
        f"The network has {n} parts that no road joins; {n - 1} of them ({others.sum():.1f} km) cannot be "
        f"reached from the main one ({km[mainland]:.1f} km): ways {ways}.",
        value=str(n - 1),
        hint="Join them to the network where they are joined in truth.",
        action_zh=f"路网分为互不相连的 {n} 部分，其中 {n - 1} 部分（共 {others.sum():.1f} 公里）"
        f"与主路网（{km[mainland]:.1f} 公里）不通：道路 {ways}。",
        hint_zh="如实际相通，请在路网中补连。",
    )  # fmt: skip


def _one_way(layer: RoadLayer, dead: np.ndarray, km: float) -> Issue:
    names = layer.edges["way"][dead].unique()
    return Issue(
        layer.file, "R121", "note",
        f"{len(names)} ways ({km:.1f} km) are joined to the main network one way only, without a way back "
        f"(as a rule one-way roads that end at the edge of the file): ways {listed(names)}.",
        value=str(len(names)),
        hint="If they matter, cut the extract wider or correct their one-way tags.",
        action_zh=f"{len(names)} 条道路（共 {km:.1f} 公里）与主路网只能单向相通、有去无回"
        f"（多为数据边缘处断开的单行道路）：道路 {listed(names)}。",
        hint_zh="如涉及重要道路，请扩大数据裁切范围或更正单行标记。",
    )  # fmt: skip
