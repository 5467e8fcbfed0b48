"""Points snapped to the roads → how far off they are, who is cut off, which roads serve them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.analysis.demand.baseline import uncompared
from siting.analysis.network.speeds import METRES_PER_KMH_MIN
from siting.outputs.text.cells import heading
from siting.outputs.text.wording import criterion_label, grouped, option_name, say, words
from siting.types import Language

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation

LISTED = 20
"""Enterprises that a line names; the workbook lists all."""
NAMES_UP_TO = 5000
"""Enterprises above which none is named: nobody reads so many, and they need not travel with the page."""
LONG_ACCESS_M = 3000.0
"""Way between a point and its road from which it is named: 12 minutes at the 15 km/h assumed for it."""

KINDS = ("laboratory", "city", "seat", "site", "enterprise")
"""Kinds of point, those on which the whole study depends first."""
OFF = ("unlocated", "island", "no_way_in", "no_way_out")
"""Statuses of points off the main network, see `siting.analysis.network.travel.statuses`."""


def distance_line(evaluation: Evaluation, lang: Language) -> str:
    """Say how far enterprises lie from the roads to which they are snapped."""
    snapping = evaluation.evidence.travel.snapping
    firms = snapping[snapping["kind"] == "enterprise"].set_index("id")
    worst = str(firms["snap_m"].idxmax())
    return say(
        "access.distance",
        lang,
        median=grouped(firms["snap_m"].median() / 1000, 1),
        max=grouped(firms["snap_m"].max() / 1000, 1),
        name=evaluation.evidence.inputs.enterprises["name"][worst],
    )


def cut_off_lines(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the points off the network or far from it, and say what follows for the figures.

    Points of every kind: laboratories, city, county seat, sites, enterprises; besides enterprises placed by
    township only, parts of the network left aside, and indicators that read unreachable.
    """
    points = points_named(evaluation, lang)
    return [
        *_placed(evaluation, lang),
        *(line for kind in KINDS for line in _off(points[points["kind"] == kind], kind, evaluation, lang)),
        *(line for kind in KINDS for line in _far(points[points["kind"] == kind], kind, evaluation, lang)),
        *_islands(evaluation, lang),
        *_consequences(evaluation, lang),
        *_trip_parts(evaluation, lang),
    ]


def points_named(evaluation: Evaluation, lang: Language) -> pd.DataFrame:
    """Return how each point lies on the network, see `TravelTimes.snapping`, with its ``name``."""
    inputs, snapping = evaluation.evidence.inputs, evaluation.evidence.travel.snapping
    tables = {
        "enterprise": inputs.enterprises,
        "site": inputs.sites,
        "laboratory": inputs.laboratories,
        "city": inputs.places,
        "seat": inputs.places,
    }
    name = np.empty(len(snapping), object)
    for kind, rows in snapping.groupby("kind").indices.items():
        name[rows] = _names(tables[str(kind)], lang).reindex(snapping["id"].iloc[rows]).to_numpy(object)
    return snapping.assign(name=name)


def _names(table: pd.DataFrame, lang: Language) -> pd.Series:
    if lang == "zh" or "name_en" not in table:
        return table["name"]
    return table["name_en"].fillna(table["name"])


def _placed(evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the enterprises that stand at the point of their township for want of coordinates."""
    firms = evaluation.evidence.inputs.enterprises
    placed = firms[firms.get("placed", pd.Series(dtype=object, index=firms.index)).eq("town")]
    if placed.empty:
        return []
    names = _listed(list(placed["name"]), "enterprise", evaluation, lang)
    return [say("access.placed", lang, n=len(placed), names=names)]


def _off(points: pd.DataFrame, kind: str, evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the points of a kind that are off the main network, by status, and what follows."""
    limit = grouped(evaluation.scenario.travel_time.snap_limit_m / 1000, 1)
    effect = words(lang).get(f"access.effect.{kind}")
    lines = []
    for status in OFF:
        found = points[points["status"] == status]
        if found.empty:
            continue
        names = found["name"].astype(str).tolist()
        if status == "unlocated":
            names = [
                say("access.item.km", lang, name=name, km=grouped(metres / 1000, 1))
                for name, metres in zip(names, found["snap_m"], strict=True)
            ]
        who = say(f"access.who.{kind}", lang, n=len(found))
        listed = _listed(names, kind, evaluation, lang)
        line = say(f"access.status.{status}", lang, who=who, names=listed, limit=limit)
        lines.append(line if effect is None else line + ("" if lang == "zh" else " ") + effect)
    return lines


def _far(points: pd.DataFrame, kind: str, evaluation: Evaluation, lang: Language) -> list[str]:
    """Name the points of a kind that are on the network by a long way only, the farthest first."""
    speed_kmh = evaluation.scenario.travel_time.access_speed_kmh
    found = points[(points["status"] != "unlocated") & (points["snap_m"] > LONG_ACCESS_M)]
    if found.empty:
        return []
    found = found.sort_values("snap_m", ascending=False, kind="stable")
    items = [
        say(
            "access.item.minutes",
            lang,
            name=name,
            km=grouped(metres / 1000, 1),
            minutes=grouped(metres / (speed_kmh * METRES_PER_KMH_MIN)),
        )
        for name, metres in zip(found["name"], found["snap_m"], strict=True)
    ]
    values = {
        "who": say(f"access.who.{kind}", lang, n=len(found)),
        "limit": grouped(LONG_ACCESS_M / 1000, 1),
        "speed": f"{speed_kmh:g}",
        "names": _listed(items, kind, evaluation, lang),
    }
    return [say("access.long", lang, **values)]


def _islands(evaluation: Evaluation, lang: Language) -> list[str]:
    islands = evaluation.graph.components.iloc[1:] if evaluation.graph is not None else ()
    if not len(islands):
        return []
    return [say("access.islands", lang, n=len(islands), km=grouped(islands["length_km"].sum(), 1))]


def _consequences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say whose savings are not known, and which indicators read unreachable, for want of a road."""
    lines = []
    unknown = uncompared(evaluation.evidence)
    if unknown.any():
        counts = {"n": grouped(int(unknown.sum())), "all": grouped(len(unknown))}
        lines.append(say("access.uncompared", lang, **counts))
    endless, options = evaluation.matrix.isin([np.inf, -np.inf]), evaluation.evidence.options
    items = []
    for criterion in endless.columns[endless.any()]:
        hit = endless.index[endless[criterion]]
        names = [option_name(options, option, lang) for option in hit]
        if len(hit) == evaluation.applies[criterion].sum():
            names = [say("access.all_options", lang)]
        named = {"criterion": criterion_label(criterion, lang), "options": say("joiner", lang).join(names)}
        items.append(say("access.indicators.item", lang, **named))
    if items:
        read = {"unreachable": say("number.unreachable", lang), "items": say("joiner", lang).join(items)}
        lines.append(say("access.indicators", lang, **read))
    return lines


def _trip_parts(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say what delays and limits add to today's mean trip, where the roads have limits."""
    parts = evaluation.trip_parts
    if parts is None or not np.isfinite(parts.whole):
        return []
    minutes = {"whole": parts.whole, "delays": parts.delays, "limits": parts.limits}
    share = f"{evaluation.scenario.travel_time.posted_factor:g}"
    return [say("access.trip_parts", lang, share=share, **{key: grouped(n, 1) for key, n in minutes.items()})]


def _listed(items: list[str], kind: str, evaluation: Evaluation, lang: Language) -> str:
    """List the first of some points, and say where all stand; none of a large register's enterprises."""
    sheet = heading("sheet_snapping", evaluation, "zh")
    if kind == "enterprise" and len(evaluation.evidence.inputs.enterprises) > NAMES_UP_TO:
        return say("access.unnamed", lang, sheet=sheet)
    names = say("joiner", lang).join(items[:LISTED])
    return say("access.more", lang, names=names, sheet=sheet) if len(items) > LISTED else names
