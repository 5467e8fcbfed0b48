"""Evaluation → a map as static SVG: outline, roads, sites and enterprises.

For paper and for browsers without scripts. Presentation attributes only, so that the strict policy of
the page lets it through.
"""

from __future__ import annotations

import html
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.outputs.colours import BORDER, FAINT, INK, LAND, ROAD_COLOURS, SITE, WHITE
from siting.outputs.page.packed.map_layers import ROAD_TOLERANCE_DEG, drawn_roads
from siting.outputs.page.road_notes import road_texts
from siting.outputs.text.wording import option_name, say
from siting.types import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from siting.study.evaluation import Evaluation

WIDTH = 700
MARGIN = 14

GRAIN = 2
"""Pixels within which enterprises share a dot (half of its width), and the step of roads of an extract."""

PIN = 36
"""Pixels between pins at one place: the width of a pin."""

ROAD_WIDTHS = {"motorway": 3.2, "trunk": 2.4, "primary": 1.8, "other": 1.1}


class _Plane:
    """Degrees → pixels of the figure, stretched by latitude so that the county keeps its shape."""

    def __init__(self, boundary: BaseGeometry):
        self.west, south, east, self.north = boundary.bounds
        self.stretch = math.cos(math.radians((south + self.north) / 2))
        self.scale = (WIDTH - 2 * MARGIN) / ((east - self.west) * self.stretch)
        self.height = round((self.north - south) * self.scale + 2 * MARGIN)

    def at(self, lon: float, lat: float) -> tuple[int, int]:
        x = MARGIN + (lon - self.west) * self.stretch * self.scale
        y = MARGIN + (self.north - lat) * self.scale
        return round(x), round(y)

    def ring(self, coords: Iterable[tuple[float, ...]]) -> str:
        pairs = np.array([self.at(*xy[:2]) for xy in coords])
        moves = np.diff(pairs, axis=0)
        shifts = "".join(f"{x} {y}," for x, y in moves[moves.any(axis=1)])
        return f"M{pairs[0, 0]} {pairs[0, 1]}l{shifts}0 0Z"

    def strokes(self, lines: Iterable[BaseGeometry], grain: int) -> str:
        """Lines as one path in steps of `grain` pixels, each from where the last ends; no specks."""
        at, path = np.zeros((1, 2), int), ""
        for line in lines:
            pairs = np.array([self.at(*xy[:2]) for xy in line.coords]) // grain
            moves = np.diff(pairs, axis=0, prepend=at)
            keep = np.asarray(moves.any(axis=1))
            keep[0] = True
            if keep.sum() > 1:
                path += "m" + " ".join(f"{x} {y}" for x, y in moves[keep])
                at = pairs[-1:]
        return path.replace(" -", "-")


@dataclass(frozen=True)
class Mark:
    """Enterprises that a map brings out, one form a kind."""

    form: str
    """Path around the point, in pixels."""
    colour: str
    places: Sequence[tuple[float, float]]
    """Longitude and latitude of each."""
    origins: Sequence[tuple[float, float]] = ()
    """Where each came from, a line from there."""


def static_map(
    evaluation: Evaluation,
    lang: Language = "zh",
    *,
    marks: Sequence[Mark] = (),
    most_dots: int | None = None,
    area: BaseGeometry | None = None,
) -> str:
    """Draw the map; every pin carries the option's letter.

    Parameters
    ----------
    evaluation, lang
    marks : enterprises to bring out
    most_dots : enterprises drawn apart at most; where there are more, near ones share a larger dot
    area : drawn; None: the study's own
    """
    plane = _Plane(evaluation.evidence.inputs.area if area is None else area)
    title = html.escape(road_texts(evaluation.evidence.inputs, lang)["map.static"])
    parts = [
        f'<svg class="figure" viewBox="0 0 {WIDTH} {plane.height}" role="img" aria-label="{title}">',
        *_outline(evaluation, plane),
        *_roads(evaluation, plane),
        _firms(evaluation, plane, most_dots),
        *(mark_shape(mark, plane.at) for mark in marks),
        *_sites(evaluation, plane),
        _scale_bar(plane),
        f'<text data-t="north" x="{WIDTH - 22}" y="24" text-anchor="middle" font-size="20">'
        f"{say('north', lang)}</text>",
        f'<path d="M{WIDTH - 22} 28l7 24l-7-5l-7 5Z" fill="{INK}"/>',
        "</svg>",
    ]
    return "".join(parts)


def _outline(evaluation: Evaluation, plane: _Plane) -> list[str]:
    if evaluation.evidence.inputs.boundary is None:
        return []
    boundary = evaluation.evidence.inputs.boundary.simplify(0.002)
    shapes = [
        plane.ring(ring.coords)
        for part in getattr(boundary, "geoms", [boundary])
        for ring in (part.exterior, *part.interiors)
    ]
    return [f'<path d="{"".join(shapes)}" fill="{LAND}" stroke="{BORDER}" stroke-width="1.5"/>']


def _roads(evaluation: Evaluation, plane: _Plane) -> list[str]:
    """Roads of the study year, cut at the county's surroundings by the view itself."""
    drawn = drawn_roads(evaluation)
    kinds, grain = drawn.kinds, 1 if drawn.is_schematic else GRAIN
    how = "" if grain == 1 else f' transform="scale({grain})" stroke-linecap="round"'
    return [
        f'<path d="{plane.strokes(drawn.lines(kinds == kind, ROAD_TOLERANCE_DEG), grain)}" fill="none" '
        f'stroke="{ROAD_COLOURS[kind]}" stroke-width="{width / grain:g}" stroke-linejoin="round"{how}/>'
        for kind, width in reversed(ROAD_WIDTHS.items())
        if (kinds == kind).any()
    ]


def _firms(evaluation: Evaluation, plane: _Plane, most: int | None) -> str:
    """All enterprises as one path: a dot is a stroke of hardly any length, there and back, with round joins.

    A closed stroke has no ends to put caps on, and of a stroke without length a PDF shows nothing. Dots that
    would lie on one another are drawn once, so that a large register fits.
    """
    frame = evaluation.evidence.inputs.enterprises
    points = np.array([plane.at(*point) for point in zip(frame["lon"], frame["lat"], strict=True)])
    grain = GRAIN
    dots = np.unique(points.reshape(-1, 2) // grain, axis=0)
    while most is not None and len(dots) > most:
        grain *= 2
        dots = np.unique(points // grain, axis=0)
    moves = np.diff(dots, axis=0, prepend=0)
    path = "".join(f"m{x} {y}h.1z" for x, y in moves).replace(" -", "-")
    return (
        f'<path d="{path}" transform="scale({grain})" stroke="{FAINT}" stroke-width="2" '
        'stroke-linejoin="round" opacity=".6"/>'
    )


def mark_shape(mark: Mark, at: Callable[[float, float], tuple[int, int]]) -> str:
    """Draw the marks of one kind as one path; those on one spot are drawn once."""
    spots = sorted({at(*place) for place in mark.places})
    path = "".join(f"M{x} {y}{mark.form}" for x, y in spots)
    ways = sorted({(at(*start), at(*end)) for start, end in zip(mark.origins, mark.places, strict=False)})
    lines = "".join(f"M{a} {b}L{c} {d}" for (a, b), (c, d) in ways)
    line = f'<path d="{lines}" fill="none" stroke="{mark.colour}" stroke-width="1.2" opacity=".7"/>'
    return (line if lines else "") + (
        f'<path d="{path}" fill="none" stroke="{WHITE}" stroke-width="6"/>'
        f'<path d="{path}" fill="none" stroke="{mark.colour}" stroke-width="3"/>'
    )


def _sites(evaluation: Evaluation, plane: _Plane) -> list[str]:
    """Pins with the option's letter, side by side where options share a place; `site_keys` names them."""
    drawn: list[str] = []
    taken: Counter[tuple[float, float]] = Counter()
    options = evaluation.evidence.options
    for letter, (option, row) in zip(letters(len(options)), options.iterrows(), strict=True):
        if pd.isna(row["lon"]):
            continue
        x, y = plane.at(row["lon"], row["lat"])
        x += PIN * taken[row["lon"], row["lat"]]
        taken[row["lon"], row["lat"]] += 1
        drawn.append(
            f'<g data-pin="{html.escape(str(option))}">'
            f'<path d="M{x} {y}l-13-20a17 17 0 1 1 26 0Z" fill="{SITE}" stroke="{WHITE}"/>'
            f'<text x="{x}" y="{y - 24}">{letter}</text></g>'
        )
    style = f'fill="{WHITE}" stroke-width="2" text-anchor="middle" font-size="20" font-weight="700"'
    return [f"<g {style}>", *drawn, "</g>"]


def site_keys(evaluation: Evaluation, lang: Language) -> str:
    """Name the options in their order, by the letters that they have on every map."""
    options = evaluation.evidence.options
    keys = []
    for letter, option in zip(letters(len(options)), options.index, strict=True):
        name = html.escape(option_name(options, str(option), lang))
        keys.append(f"<span><b>{letter}</b><bdi>{name}</bdi></span>")
    return "".join(keys)


def letters(n: int) -> list[str]:
    """Letter the options: A, B, … Z, A1, B1, …."""
    return [chr(65 + k % 26) + (str(k // 26) if k >= 26 else "") for k in range(n)]


def _scale_bar(plane: _Plane) -> str:
    """Ten kilometres; a degree of latitude is 111.2 km."""
    length = 10 / 111.2 * plane.scale
    y = plane.height - 16
    return (
        f'<path d="M{MARGIN} {y - 5}v5h{length:.0f}v-5" fill="none" stroke="{INK}"/>'
        f'<text x="{MARGIN + 4}" y="{y - 4}" font-size="18">10 km</text>'
    )
