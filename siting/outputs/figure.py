"""Evaluation → a map as static SVG: outline, roads, sites and enterprises.

For paper and for browsers without scripts. Presentation attributes only, so that the strict policy of
the page lets it through.
"""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.outputs.layers import road_class
from siting.outputs.text import bilingual, option_name, say
from siting.types import Language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

    from siting.types import Evaluation

WIDTH = 700
MARGIN = 14

ROAD_WIDTHS = {"motorway": 3.2, "trunk": 2.4, "primary": 1.8, "other": 1.1}
ROAD_COLOURS = {"motorway": "#c98a3f", "trunk": "#d9b063", "primary": "#b9b2a4", "other": "#c9c4b9"}


class _Plane:
    """Degrees → pixels of the figure, stretched by latitude so that the county keeps its shape."""

    def __init__(self, boundary: BaseGeometry):
        self.west, south, east, self.north = boundary.bounds
        self.stretch = math.cos(math.radians((south + self.north) / 2))
        self.scale = (WIDTH - 2 * MARGIN) / ((east - self.west) * self.stretch)
        self.height = round((self.north - south) * self.scale + 2 * MARGIN)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        x = MARGIN + (lon - self.west) * self.stretch * self.scale
        y = MARGIN + (self.north - lat) * self.scale
        return round(x, 1), round(y, 1)

    def path(self, coords: Iterable[tuple[float, ...]], *, closed: bool = False) -> str:
        pairs = [self.at(*xy[:2]) for xy in coords]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in pairs) + ("Z" if closed else "")


def static_map(evaluation: Evaluation, lang: Language = "zh") -> str:
    """Draw the map; every pin carries the rank of the base weights."""
    plane = _Plane(evaluation.evidence.inputs.boundary)
    title = html.escape(say("map.static", lang))
    parts = [
        f'<svg class="figure" viewBox="0 0 {WIDTH} {plane.height}" role="img" aria-label="{title}">',
        *_outline(evaluation, plane),
        *_roads(evaluation, plane),
        _firms(evaluation, plane),
        *_sites(evaluation, plane, lang),
        _scale_bar(plane),
        f'<text x="{WIDTH - 22}" y="24" text-anchor="middle" font-size="14">{say("north", lang)}</text>'
        f'<path d="M{WIDTH - 22} 28l7 24l-7-5l-7 5Z" fill="#1b2733"/>',
        "</svg>",
    ]
    return "".join(parts)


def _outline(evaluation: Evaluation, plane: _Plane) -> list[str]:
    boundary = evaluation.evidence.inputs.boundary.simplify(0.002)
    shapes = [
        plane.path(ring.coords, closed=True)
        for part in getattr(boundary, "geoms", [boundary])
        for ring in (part.exterior, *part.interiors)
    ]
    return [f'<path d="{"".join(shapes)}" fill="#fdfcf8" stroke="#6b6257" stroke-width="1.5"/>']


def _roads(evaluation: Evaluation, plane: _Plane) -> list[str]:
    """Roads of the study year, cut at the county's surroundings by the view itself."""
    frame = evaluation.evidence.inputs.roads.to_frame()
    frame = frame[(frame["opened"].fillna(0) <= evaluation.scenario.study_year) & frame.geometry.notna()]
    by_class: dict[str, list[str]] = {}
    for kind, line in zip(frame["class"], frame.geometry, strict=True):
        simple = line.simplify(0.002)
        for part in getattr(simple, "geoms", [simple]):
            by_class.setdefault(road_class(kind), []).append(plane.path(part.coords))
    return [
        f'<path d="{"".join(by_class[kind])}" fill="none" stroke="{ROAD_COLOURS[kind]}" '
        f'stroke-width="{ROAD_WIDTHS[kind]}" stroke-linejoin="round"/>'
        for kind in reversed(ROAD_WIDTHS)
        if kind in by_class
    ]


def _firms(evaluation: Evaluation, plane: _Plane) -> str:
    """All enterprises as one path: a dot is a stroke of no length with round ends."""
    frame = evaluation.evidence.inputs.enterprises
    dots = np.array([plane.at(*point) for point in zip(frame["lon"], frame["lat"], strict=True)]).round()
    moves = np.diff(dots.reshape(-1, 2), axis=0, prepend=0).astype(int)
    path = "".join(f"m{x} {y}h0" for x, y in moves)
    return f'<path d="{path}" stroke="#3b6f6c" stroke-width="4" stroke-linecap="round" opacity=".6"/>'


def _sites(evaluation: Evaluation, plane: _Plane, lang: Language) -> list[str]:
    """Pins with the rank inside; the panel writes the rank anew when weights change."""
    drawn = []
    for option, row in evaluation.evidence.options.iterrows():
        if pd.isna(row["lon"]):
            continue
        x, y = plane.at(row["lon"], row["lat"])
        name = html.escape(option_name(evaluation.evidence.options, option, lang))
        names = {key: html.escape(text) for key, text in bilingual(row["name"], row["name_en"]).items()}
        rank = evaluation.ranking["rank"][option]
        first = ' class="first"' if rank == 1 else ""
        drawn.append(
            f'<g data-pin="{html.escape(str(option))}"{first}>'
            f'<path d="M{x:g} {y:g}l-7-12a9 9 0 1 1 14 0Z" fill="#1f4e79" stroke="#fff"/>'
            f'<text x="{x:g}" y="{y - 13:g}" text-anchor="middle" font-size="11" fill="#fff" '
            f'data-rank="1">{rank}</text>'
            f'<text x="{x + 12:g}" y="{y - 12:g}" font-size="12" stroke="#fff" stroke-width="3" '
            f'paint-order="stroke" data-zh="{names["zh"]}" data-en="{names["en"]}">{name}</text></g>'
        )
    return drawn


def _scale_bar(plane: _Plane) -> str:
    """Ten kilometres; a degree of latitude is 111.2 km."""
    length = 10 / 111.2 * plane.scale
    y = plane.height - 16
    return (
        f'<path d="M{MARGIN} {y - 5}v5h{length:.1f}v-5" fill="none" stroke="#1b2733"/>'
        f'<text x="{MARGIN + 4}" y="{y - 4}" font-size="12">10 km</text>'
    )
