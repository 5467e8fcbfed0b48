"""Evaluation → the plain geometry of each map layer, as whole numbers the page can afford.

Coordinates are WGS-84 degrees × 10⁴ (about 10 m; × 500 where the shape itself is coarse), each vertex as
the step from the one before, and all numbers of a line packed into one text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from siting.outputs.page.packed.packing import json_number, packed
from siting.outputs.text.wording import named

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from siting.study.evaluation import Evaluation
    from siting.types import Json, RoadLayer

SCALE = 10_000
"""Steps of a coordinate in a degree."""

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

ROAD_RANKS = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "other",
)  # fmt: skip
"""Classes of an extract in the order in which the map takes them in; ramps go with their road."""

PIXELS = 1_000
"""Steps in a degree for roads of an extract: about 100 m, a pixel of the maps as they open."""

ROAD_TOLERANCE_DEG = 2 / PIXELS
"""Two pixels, less than the width of a road on the maps."""

MOST_ROAD_POINTS = 2_500
"""Points of roads that the maps of an extract take in: 16 KB in a page that must stay below 350 KB."""

MOST_ROAD_NAMES = 40
"""Road numbers written on the map of an extract."""


@dataclass(frozen=True)
class Layer:
    """One layer of the map: what it is called in the payload and how it is made."""

    id: str
    build: Callable[[Evaluation], Json]


def steps(xy: Iterable[Iterable[float]], scale: int = SCALE) -> str:
    """Flatten vertices (n × 2, degrees) to x, y of the first and then the steps, as whole numbers, packed."""
    whole = np.round(np.asarray(list(xy), float)[:, :2] * scale).astype(int)
    moved = np.diff(whole, axis=0, prepend=np.zeros((1, 2), int))
    keep = np.asarray(moved.any(axis=1))
    keep[:1] = True
    return packed(moved[keep].ravel())


def rings(geometry: BaseGeometry, tolerance_deg: float, scale: int = SCALE) -> str:
    """Rings of a geometry's polygons, packed as lines that close; specks are left out.

    Which ring is a hole need not be told: a point is inside where an odd number of rings goes round it.
    """
    simple = geometry.simplify(tolerance_deg)
    parts = [part for part in getattr(simple, "geoms", [simple]) if part.geom_type == "Polygon"]
    seen = [
        shapely.LineString(ring.coords[:-1])
        for part in parts
        if _is_visible(part.exterior, tolerance_deg)
        for ring in (part.exterior, *part.interiors)
        if _is_visible(ring, tolerance_deg)
    ]
    return many_steps(seen, scale)


def _is_visible(ring: BaseGeometry, tolerance_deg: float) -> bool:
    west, south, east, north = ring.bounds
    return max(east - west, north - south) > 4 * tolerance_deg


def many_steps(lines: Iterable[BaseGeometry], scale: int) -> str:
    """Pack several lines: each starts with the step from the end of the last, a missing number before it."""
    at = np.zeros((1, 2), int)
    numbers: list[float] = []
    for line in lines:
        whole = np.round(shapely.get_coordinates(line) * scale).astype(int)
        moved = np.diff(whole, axis=0, prepend=at)
        keep = np.asarray(moved.any(axis=1))
        keep[0] = True
        if keep.sum() > 1:
            numbers += [*([np.nan] if numbers else []), *moved[keep].ravel()]
            at = whole[-1:]
    return packed(numbers)


def outline(evaluation: Evaluation) -> str:
    """County outline, schematic; where there is none, the area that the map frames on."""
    return rings(evaluation.evidence.inputs.area, LINE_TOLERANCE_DEG)


def is_bounded(evaluation: Evaluation) -> bool:
    """Whether the outline is the county's, and drawn."""
    return evaluation.evidence.inputs.boundary is not None


def context(evaluation: Evaluation) -> list[dict[str, Json]]:
    """Neighbouring districts: name, a point for it, rings."""
    districts = evaluation.evidence.inputs.context
    if districts is None:
        return []
    return [
        {
            "name": list(named(name, name_en).values()),
            "at": steps([shape.representative_point().coords[0]]),
            "rings": rings(shape, CONTEXT_TOLERANCE_DEG, COARSE),
        }
        for name, name_en, shape in zip(
            districts["name"], districts["name_en"], districts.geometry, strict=True
        )
    ]


def road_class(name: str) -> str:
    """Class of the map for a class of the road table."""
    return name if name in ROAD_CLASSES else "primary" if name == "secondary" else "other"


class DrawnRoads(NamedTuple):
    """Roads that the maps show."""

    edges: gpd.GeoDataFrame
    """``class, ref, belief, geometry``, WGS-84."""
    ranks: tuple[str, ...] | None
    """Classes (`ROAD_RANKS`) drawn around the county; None where all roads are drawn."""
    is_schematic: bool

    @property
    def kinds(self) -> NDArray[np.object_]:
        """n_edges, class of the map."""
        return self.edges["class"].astype(str).map(road_class).to_numpy(object)

    def lines(self, of: NDArray[np.bool_], tolerance_deg: float) -> NDArray[np.object_]:
        """Lines of some edges (mask), simplified; those of an extract as the maps' scale shows them."""
        found = self.edges.geometry.to_numpy()[of]
        return shapely.simplify(found, tolerance_deg) if self.is_schematic else coarse(found)


def coarse(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Join lines where two ends meet and no third, and simplify them; neighbours follow one another."""
    import geopandas as gpd

    joined = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    simple = gpd.GeoSeries(shapely.simplify(joined, ROAD_TOLERANCE_DEG, preserve_topology=False))
    # Short ways from line to line are short numbers.
    return simple.to_numpy()[np.argsort(simple.hilbert_distance(), kind="stable")] if len(simple) else joined


def is_schematic(layer: RoadLayer) -> bool:
    """Whether the roads are a curated network: for most of its length, speeds are stated with the data."""
    if layer.beyond:
        return False
    stated = layer.edges["speed_basis"].eq("stated").to_numpy()
    length_m = layer.edges["length_m"].to_numpy(float)
    return bool(length_m[stated].sum() > length_m.sum() / 2)


def drawn_roads(evaluation: Evaluation) -> DrawnRoads:
    """Roads open in the study year: all of a schematic network, of an extract what a map can show.

    That is the routes of the sites to the city and the county seat, and around the county class after class
    while there are no more than `MOST_ROAD_POINTS`.
    """
    layer = evaluation.evidence.inputs.roads
    frame = layer.to_frame()
    frame = frame[(frame["opened"].fillna(0) <= evaluation.scenario.study_year) & frame.geometry.notna()]
    if is_schematic(layer):
        return DrawnRoads(frame, None, True)
    driven = frame.index.isin([edge for edges in _edges_driven(evaluation) for edge in edges])
    rank = frame["class"].astype(str).map(_rank)
    nearby = _in_view(frame, evaluation)
    ranks = []
    left = MOST_ROAD_POINTS - _count_points(frame.geometry[driven])
    for name in ROAD_RANKS:
        own = nearby & (rank == name)
        left -= _count_points(frame.geometry[own & ~driven])
        if left < 0:
            break
        ranks += [name] if own.any() else []
    drawn = driven | (nearby & rank.isin(ranks))
    return DrawnRoads(frame[drawn], None if drawn.all() else tuple(ranks), False)


def _edges_driven(evaluation: Evaluation) -> Iterable[tuple[int, ...]]:
    return () if evaluation.routes is None else evaluation.routes["edges"]


def _rank(kind: str) -> str:
    name = kind.removesuffix("_link")
    return name if name in ROAD_RANKS else ROAD_RANKS[-1]


def _in_view(frame: gpd.GeoDataFrame, evaluation: Evaluation) -> pd.Series:
    """Whether each edge lies in the county's surroundings."""
    west, south, east, north = evaluation.evidence.inputs.area.buffer(VIEW_MARGIN_DEG).bounds
    box = frame.geometry.bounds
    return (box["minx"] < east) & (box["maxx"] > west) & (box["miny"] < north) & (box["maxy"] > south)


def _count_points(lines: pd.Series) -> int:
    return int(shapely.get_num_coordinates(coarse(lines.to_numpy())).sum())


def roads(evaluation: Evaluation) -> dict[str, Json]:
    """Roads by class, edges that are only believed apart; their numbers; classes drawn of an extract."""
    drawn = drawn_roads(evaluation)
    scale = SCALE if drawn.is_schematic else PIXELS
    kinds, believed = drawn.kinds, drawn.edges["belief"].eq("believed").to_numpy()
    groups = sorted(set(zip(kinds, believed, strict=True)), key=lambda g: (-ROAD_CLASSES.index(g[0]), g[1]))
    return {
        "scale": scale,
        "groups": [
            {
                "class": kind,
                "believed": bool(open_to_doubt),
                "lines": many_steps(
                    drawn.lines((kinds == kind) & (believed == open_to_doubt), LINE_TOLERANCE_DEG), scale
                ),
            }
            for kind, open_to_doubt in groups
        ],
        "names": _road_names(drawn),
        "classes": None if drawn.ranks is None else [*drawn.ranks, "ways"],
    }


def _road_names(drawn: DrawnRoads) -> list[dict[str, Any]]:
    """One label for each road number, at the middle of its longest edge."""
    frame = drawn.edges[["ref", "geometry"]]
    span = shapely.length(frame.geometry.to_numpy())
    frame = frame.assign(ref=frame["ref"].astype("string").fillna(""), span=span)
    frame = frame[frame["ref"] != ""].sort_values("span", kind="stable")
    labels = frame.drop_duplicates("ref", keep="last").set_index("ref").sort_index()
    if not drawn.is_schematic:
        total = frame.groupby("ref")["span"].sum().sort_values(ascending=False, kind="stable")
        labels = labels[labels.index.isin(total.index[:MOST_ROAD_NAMES])]
    return [
        {"ref": str(ref), "at": steps([line.interpolate(0.5, normalized=True).coords[0]])}
        for ref, line in labels["geometry"].items()
    ]


def places(evaluation: Evaluation) -> list[list[Json]]:
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


def place_name(row: pd.Series, year: int) -> list[str]:
    """Name of a place in the study year: 五百户镇 in 2011, 州河湾镇 today."""
    then = row.get("name_2011")
    name = then if year < 2016 and isinstance(then, str) and then else row["name"]
    return list(named(name, row["name_en"]).values())


def same_place(options: pd.DataFrame) -> dict[str, str]:
    """Options that stand where another stands already → that other; what hangs on the place is told once."""
    placed = options[options["lon"].notna()]
    first = placed.groupby(["lon", "lat"], sort=False)["lon"].transform(lambda group: group.index[0])
    return {str(option): str(other) for option, other in first.items() if option != other}


def isochrones(evaluation: Evaluation) -> dict[str, list[Json]]:
    """Reach of each place of a site, minutes and rings, the largest first: shorter times are drawn above."""
    frame = evaluation.isochrones
    if frame is None:
        return {}
    frame = frame[~frame["site"].isin(list(same_place(evaluation.evidence.options)))]
    west, south, east, north = evaluation.evidence.inputs.area.buffer(VIEW_MARGIN_DEG).bounds
    frame = frame[frame["minutes"] <= ISOCHRONES_MAX_MIN]
    frame = frame.assign(geometry=frame.geometry.clip_by_rect(west, south, east, north))
    frame = frame.sort_values(["site", "minutes"], ascending=[True, False])
    found: dict[str, list[Json]] = {}
    for site, minutes, shape in zip(frame["site"], frame["minutes"], frame.geometry, strict=True):
        band = [json_number(minutes), rings(shape, ISOCHRONE_TOLERANCE_DEG, COARSE)]
        found.setdefault(str(site), []).append(band)
    return found


LAYERS: tuple[Layer, ...] = (
    Layer("context", context),
    Layer("outline", outline),
    Layer("bounded", is_bounded),
    Layer("isochrones", isochrones),
    Layer("roads", roads),
    Layer("places", places),
)
