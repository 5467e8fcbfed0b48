"""Evaluation → the plain geometry of each map layer, as whole numbers the page can afford.

Coordinates are WGS-84 degrees × 10⁴ (about 10 m; × 500 where the shape itself is coarse), each vertex as
the step from the one before, and all numbers of a line packed into one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.outputs.text import bilingual

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike
    from shapely.geometry.base import BaseGeometry

    from siting.types import Evaluation

SCALE = 10_000
"""Steps of a coordinate in a degree."""

DIGITS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", np.uint8)
"""Characters of packed numbers: none that JSON or HTML would have to escape."""

COARSE = 500
"""Steps in a degree for isochrones and neighbouring districts (about 200 m)."""

ISOCHRONES_MAX_MIN = 30.0
"""Largest isochrone drawn: larger ones cover one another and the county, and the page must stay small."""

ISOCHRONE_TOLERANCE_DEG = 0.007
"""About 700 m: below the error of the curated network."""

VIEW_MARGIN_DEG = 0.06
"""How far beyond the county isochrones are drawn."""

CONTEXT_TOLERANCE_DEG = 0.006

LINE_TOLERANCE_DEG = 0.0003

ROAD_CLASSES = ("motorway", "trunk", "primary", "other")
"""Classes that the map tells apart, the most important first."""


@dataclass(frozen=True)
class Layer:
    """One layer of the map: what it is called in the payload and how it is made."""

    id: str
    build: Callable[[Evaluation], Any]


def packed(numbers: ArrayLike) -> str:
    """Write whole numbers as one text, a digit to the base 32 in a character, small numbers the shortest.

    Each number is folded (0, −1, 1, −2 … → 1, 2, 3, 4 …; 0 stands for missing or infinite) and written from
    its last digit on, 32 added to every digit but its first: variable-length quantities, as MIDI files
    have them. ``SitingCore.unpack`` reads it.
    """
    exact = np.asarray(numbers, float)
    missing = ~np.isfinite(exact)
    whole = np.where(missing, 0, exact).round().astype(np.int64)
    code = np.where(missing, 0, ((whole << 1) ^ (whole >> 63)) + 1)
    # One step more than the longest number needs, so that a number's last digit is told by what is left.
    places = 5 * np.arange(max(int(code.max(initial=0)).bit_length() // 5 + 1, 1))
    left = code[:, None] >> places
    more = left >> 5 > 0
    written = DIGITS[(left & 31) + 32 * more]
    return written[(left > 0) | (places == 0)].tobytes().decode("ascii")


def steps(xy: Iterable[Iterable[float]], scale: int = SCALE) -> str:
    """Flatten vertices (n × 2, degrees) to x, y of the first and then the steps, as whole numbers, packed."""
    whole = np.round(np.asarray(list(xy), float)[:, :2] * scale).astype(int)
    moved = np.diff(whole, axis=0, prepend=np.zeros((1, 2), int))
    keep = moved.any(axis=1)
    keep[:1] = True
    return packed(moved[keep].ravel())


def rings(geometry: BaseGeometry, tolerance_deg: float, scale: int = SCALE) -> list[list[str]]:
    """Polygons of a geometry, each a list of rings, the outer one first; specks are left out."""
    simple = geometry.simplify(tolerance_deg)
    parts = [part for part in getattr(simple, "geoms", [simple]) if part.geom_type == "Polygon"]
    return [
        [
            steps(ring.coords, scale)
            for ring in (part.exterior, *part.interiors)
            if _is_visible(ring, tolerance_deg)
        ]
        for part in parts
        if _is_visible(part.exterior, tolerance_deg)
    ]


def _is_visible(ring: BaseGeometry, tolerance_deg: float) -> bool:
    west, south, east, north = ring.bounds
    return max(east - west, north - south) > 4 * tolerance_deg


def lines(geometry: BaseGeometry) -> list[str]:
    """Lines of a geometry as steps."""
    simple = geometry.simplify(LINE_TOLERANCE_DEG)
    return [steps(part.coords) for part in getattr(simple, "geoms", [simple])]


def outline(evaluation: Evaluation) -> list[list[str]]:
    """County outline, schematic."""
    return rings(evaluation.evidence.inputs.boundary, LINE_TOLERANCE_DEG)


def context(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Neighbouring districts: name, a point for it, rings."""
    districts = evaluation.evidence.inputs.context
    if districts is None:
        return []
    return [
        {
            "name": list(bilingual(row.name_zh, row.name_en).values()),
            "at": steps([row.geometry.representative_point().coords[0]]),
            "rings": rings(row.geometry, CONTEXT_TOLERANCE_DEG, COARSE),
        }
        for row in districts.rename(columns={"name": "name_zh"}).itertuples(index=False)
    ]


def road_class(name: str) -> str:
    """Class of the map for a class of the road table."""
    return name if name in ROAD_CLASSES else "primary" if name == "secondary" else "other"


def roads(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Roads open in the study year by class; stretches that are only believed apart."""
    frame = evaluation.evidence.inputs.roads.to_frame()
    opened = frame["opened"].fillna(0) <= evaluation.scenario.study_year
    frame = frame[opened & frame.geometry.notna()]
    groups: dict[tuple[str, bool], list[str]] = {}
    for kind, belief, geometry in zip(frame["class"], frame["belief"], frame.geometry, strict=True):
        groups.setdefault((road_class(kind), belief == "believed"), []).extend(lines(geometry))
    order = sorted(groups, key=lambda key: (-ROAD_CLASSES.index(key[0]), key[1]))
    return [
        {"class": kind, "believed": believed, "lines": groups[kind, believed]} for kind, believed in order
    ]


def road_names(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One label for each road number, at the middle of its longest stretch."""
    frame = evaluation.evidence.inputs.roads.to_frame()
    frame = frame[frame["ref"].fillna("").ne("") & frame.geometry.notna()]
    longest = frame.assign(span=frame.geometry.map(lambda line: line.length)).sort_values(
        "span", kind="stable"
    )
    labels = longest.drop_duplicates("ref", keep="last").sort_values("ref")
    return [
        {"ref": str(ref), "at": steps([geometry.interpolate(0.5, normalized=True).coords[0]])}
        for ref, geometry in zip(labels["ref"], labels.geometry, strict=True)
    ]


def places(evaluation: Evaluation) -> list[list[Any]]:
    """Places under their name of the study year: name, kind, position, 1 where that is uncertain."""
    return [
        [
            place_name(row, evaluation.scenario.study_year),
            row["kind"],
            steps([(row["lon"], row["lat"])]),
            int(row["confidence"] in ("low", "none")),
        ]
        for _, row in evaluation.evidence.inputs.places.iterrows()
    ]


def place_name(row: Any, year: int) -> list[str]:
    """Name of a place in the study year: 五百户镇 in 2011, 州河湾镇 today."""
    then = row.get("name_2011")
    name = then if year < 2016 and isinstance(then, str) and then else row["name"]
    return list(bilingual(name, row["name_en"]).values())


def same_place(options: pd.DataFrame) -> dict[str, str]:
    """Options that stand where another stands already → that other; what hangs on the place is told once."""
    placed = options[options["lon"].notna()]
    first = placed.groupby(["lon", "lat"], sort=False)["lon"].transform(lambda group: group.index[0])
    return {str(option): str(other) for option, other in first.items() if option != other}


def isochrones(evaluation: Evaluation) -> dict[str, list[dict[str, Any]]]:
    """Reach of each place of a site, the largest time first, so that shorter times are drawn above."""
    frame = evaluation.isochrones
    if frame is None:
        return {}
    frame = frame[~frame["site"].isin(list(same_place(evaluation.evidence.options)))]
    west, south, east, north = evaluation.evidence.inputs.boundary.buffer(VIEW_MARGIN_DEG).bounds
    frame = frame[frame["minutes"] <= ISOCHRONES_MAX_MIN]
    frame = frame.assign(geometry=frame.geometry.clip_by_rect(west, south, east, north))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in frame.sort_values(["site", "minutes"], ascending=[True, False]).itertuples(index=False):
        band = {"minutes": float(row.minutes), "rings": rings(row.geometry, ISOCHRONE_TOLERANCE_DEG, COARSE)}
        found.setdefault(str(row.site), []).append(band)
    return found


LAYERS: tuple[Layer, ...] = (
    Layer("context", context),
    Layer("outline", outline),
    Layer("isochrones", isochrones),
    Layer("roads", roads),
    Layer("road_names", road_names),
    Layer("places", places),
)
