"""County outline and township points → where a row may lie: inside, within tolerance, near its address."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from siting.common.file_bytes import file_bytes
from siting.common.near_words import suggestion_if_near
from siting.inputs.dictionary.words import fold, words
from siting.inputs.places.crs import from_wgs84, locate, parse_crs, project, to_wgs84, unproject
from siting.messages import Text, quoted, refusal, text_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

BOUNDARY_TOLERANCE_M = 2200.0
"""Worst deviation of the study's schematic outline from a detailed one, m (see data/README.md)."""
TOWNSHIP_REACH_M = 4300.0
"""How far a firm may lie from its township's point, m: radius of 59 km², the mean (1592 km² over 27)."""
FAR_FROM_TOWN_KM = 12.0
"""A township of the county is at most about this wide; beyond it an address contradicts the coordinates."""
ADDRESS_BEGINNING = 12
"""Characters of an address that mostly reach as far as the township: equal beginnings are read once."""
SHIFTED_M = (500.0, 1450.0)
"""Length of the GCJ-02 and BD-09 offsets in China's north, with room for the spread of the points."""


@dataclass(frozen=True)
class Region:
    """What is known of the county: its outline, its places, and how far the outline can be trusted."""

    boundary: BaseGeometry | None
    """A polygon, WGS-84 degrees; None: no point is known to lie outside."""
    places: pd.DataFrame | None = None
    """Table ``places``: ``name, aliases, kind, lon, lat, position_error_m``."""
    tolerance_m: float = BOUNDARY_TOLERANCE_M
    names: tuple[str, ...] = field(default=())
    """Names and codes of the county, old and new, as addresses write them."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """Industry code as a list writes it → the code that a table of aliases gives in its place."""

    @cached_property
    def _metres(self) -> BaseGeometry:
        import shapely

        outline = cast("BaseGeometry", self.boundary)  # asked for where there is one
        shape = shapely.transform(outline, lambda xy: np.stack(project(xy[:, 0], xy[:, 1]), axis=1))
        shapely.prepare(shape)
        return shape

    @cached_property
    def _tolerated(self) -> BaseGeometry:
        import shapely

        wide = self._metres.buffer(self.tolerance_m)
        wide = shapely.transform(wide, lambda xy: np.stack(unproject(xy[:, 0], xy[:, 1]), axis=1))
        shapely.prepare(wide)
        return wide

    def outside(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Mark points beyond the outline by more than its tolerance; points on its edge are inside."""
        import shapely

        if self.boundary is None:
            return np.zeros(len(lon), dtype=bool)
        return np.isfinite(lon) & ~shapely.intersects_xy(self._tolerated, lon, lat)

    def covers(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Mark points inside the outline itself or on its edge."""
        import shapely

        if self.boundary is None:
            return np.ones(len(lon), dtype=bool)
        return shapely.intersects_xy(self.boundary, lon, lat)

    def beyond_km(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
        """Measure how far points lie outside the outline, km; 0 inside."""
        import shapely

        return np.asarray(shapely.distance(self._metres, shapely.points(*project(lon, lat)))) / 1000

    @cached_property
    def _towns(self) -> pd.DataFrame:
        """Points by every name of a place, the longest name first; places of one name twice are left out."""
        if self.places is None or not len(self.places):
            return pd.DataFrame({"name": [], "lon": [], "lat": [], "error_m": []})
        rows = [
            (alias, place["lon"], place["lat"], float(place.get("position_error_m", np.nan)))
            for place in self.places.to_dict("records")
            if place.get("kind") in (*TOWNSHIPS, "zone", "seat")
            for alias in _names_of(place)
        ]
        frame = pd.DataFrame(rows, columns=["name", "lon", "lat", "error_m"]).drop_duplicates()
        frame = frame[~frame["name"].duplicated(keep=False)]
        return frame.sort_values("name", key=lambda names: -names.str.len(), kind="stable").reset_index(
            drop=True
        )

    def town_points(self, names: Sequence[str]) -> pd.DataFrame:
        """Give the point of each township by name or alias: ``lon, lat, error_m``, NaN if unknown."""
        points = self._towns.set_index("name")
        return points.reindex([fold_place(name) for name in names])

    def nearest_town(self, name: str) -> Text:
        """Suggest the township that an unknown name contains, else the nearest, in brackets."""
        number, _ = self._read_address(name)
        if number < 0:
            return suggestion_if_near(fold_place(name), self._towns["name"])
        return text_of("P43", names=quoted([self._towns["name"][number]]))

    def read_addresses(self, addresses: Sequence[str]) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
        """Read which township each address names, and whether it lies in another county or province.

        Returns
        -------
        towns, elsewhere
            ``name, lon, lat, error_m`` by position, NaN where no township is named; a mask.
        """
        beginnings = [address[:ADDRESS_BEGINNING] for address in addresses]
        codes, uniques = pd.factorize(np.array(beginnings, dtype=object))
        numbers, away = np.full(len(uniques), -1), np.zeros(len(uniques), bool)
        for i, text in enumerate(uniques):
            numbers[i], away[i] = self._read_address(text)
        town, elsewhere = numbers[codes], away[codes]
        long = np.array([len(address) > ADDRESS_BEGINNING for address in addresses], dtype=bool)
        for i in np.flatnonzero((town < 0) & long).tolist():
            town[i], elsewhere[i] = self._read_address(addresses[i])
        return self._towns.reindex(town).reset_index(drop=True), elsewhere

    def _read_address(self, address: str) -> tuple[int, bool]:
        """Give the number of the township that an address names, −1 for none, and whether it is elsewhere."""
        text = fold_place(address)
        found = self._town_pattern.search(text) if self._town_numbers else None
        town = self._town_numbers[found[0]] if found else -1
        stated = re.search(next(iter(words("district_mark"))), text)
        return town, bool(self.names and stated and town < 0 and not self._county_pattern.search(text))

    @cached_property
    def _town_numbers(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self._towns["name"]) if len(name) > 2}

    @cached_property
    def _town_pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self._town_numbers)))

    @cached_property
    def _county_pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(fold_place(name)) for name in self.names))


TOWNSHIPS = ("subdistrict", "town", "township")
"""Kinds of place that a township of a list may be."""

NAMES = ("name", "name_2011", "id", "id_2011", "adcode")
"""Properties of an outline that name the county, today or before."""


def read_outline(path: Path) -> tuple[BaseGeometry, tuple[str, ...]]:
    """Read an outline (GeoJSON): a shapely shape in WGS-84 degrees, and the names that its file gives it."""
    import shapely
    from shapely.errors import GEOSException

    try:
        features = json.loads(file_bytes(path).decode("utf-8-sig"))["features"]
        shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in features])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, GEOSException) as error:
        known: dict[type, str] = {FileNotFoundError: "no such file", IsADirectoryError: "cannot be read"}
        reason = known.get(type(error), "not a GeoJSON collection of polygons")
        raise refusal(path.name, "E590", reason=reason, reason_zh=words("outline")[reason]) from None
    outline = shapely.union_all(shapely.make_valid(shapes))
    if outline.is_empty or outline.area == 0:
        raise refusal(
            path.name, "E590", reason="holds no polygon", reason_zh=words("outline")["holds no polygon"]
        )
    properties: list[Mapping[str, Any]] = [f.get("properties") or {} for f in features]
    named = {str(v) for p in properties for k, v in p.items() if v and k in NAMES}
    return outline, tuple(sorted(named))


def _names_of(place: Mapping[Hashable, Any]) -> list[str]:
    names = [place.get("name"), place.get("name_2011"), *re.split(r"[;；]", str(place.get("aliases") or ""))]
    return [
        fold_place(name)
        for name in dict.fromkeys(names)
        if isinstance(name, str) and name.strip() and name != "nan"
    ]


def fold_place(text: str) -> str:
    """Fold width and traditional characters, drop blanks: what two spellings of one place share."""
    return fold(text).replace(" ", "").translate(traditional())


@lru_cache(maxsize=1)
def traditional() -> dict[int, str]:
    """Map traditional characters that occur in names of firms and places to simplified ones."""
    return {ord(old): new for old, new in words("traditional").items()}


def looks_shifted(
    lon: NDArray[np.float64], lat: NDArray[np.float64], towns: pd.DataFrame
) -> tuple[str, str, dict[str, str | float]] | None:
    """Tell whether positions declared as WGS-84 are GCJ-02 or BD-09 that nobody converted.

    Two signs count. Measured against the townships that the addresses name, all points lie to one side
    by the very offset of the system (mean within three standard errors of it, and not of zero). Or
    undoing the offset turns unround numbers into round ones, which chance does not.

    Returns
    -------
    crs, sign, words
        The system, ``offset`` or ``round``, and the numbers for the message; None if neither sign.
    """
    finite = np.isfinite(lon) & np.isfinite(lat)
    if finite.sum() < 5:
        return None
    for name in ("GCJ-02", "BD-09"):
        back = to_wgs84(lon[finite], lat[finite], name)
        share = _round_share(*back)
        if share >= 0.9 and _round_share(lon[finite], lat[finite]) < 0.3:
            return name, "round", {"share": f"{share:.0%}"}
    return _offset_from_towns(lon, lat, towns)


def _round_share(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> float:
    """Share of positions with both numbers within 2 × 10⁻⁶ ° of whole thousandths."""
    both = np.stack([lon, lat]) * 1000
    return float((np.abs(both - np.round(both)) < 2e-3).all(axis=0).mean())


def _offset_from_towns(
    lon: NDArray[np.float64], lat: NDArray[np.float64], towns: pd.DataFrame
) -> tuple[str, str, dict[str, str | float]] | None:
    known = np.isfinite(lon) & (towns["error_m"].to_numpy(float) <= SHIFTED_M[1])
    if known.sum() < 5:
        return None
    towns_lon, towns_lat = towns["lon"].to_numpy(float)[known], towns["lat"].to_numpy(float)[known]
    x, y = project(lon[known], lat[known])
    town_x, town_y = project(towns_lon, towns_lat)
    residual = np.stack([x - town_x, y - town_y])
    mean, spread = residual.mean(axis=1), residual.std(axis=1, ddof=1) / np.sqrt(known.sum())
    if not SHIFTED_M[0] <= np.hypot(*mean) <= SHIFTED_M[1] or np.hypot(*spread) > 150:
        return None
    for name in ("GCJ-02", "BD-09"):
        moved = np.stack(project(*from_wgs84(towns_lon, towns_lat, name))) - np.stack([town_x, town_y])
        if np.hypot(*(mean - moved.mean(axis=1))) < max(100.0, 3 * float(np.hypot(*spread))):
            return name, "offset", {"metres": round(float(np.hypot(*mean)), -1)}
    return None


def better_crs(
    x: NDArray[np.float64], y: NDArray[np.float64], candidates: Sequence[str], region: Region
) -> str | None:
    """Name the first system in which nearly all raw numbers lie in the county, if its outline is known."""
    if region.boundary is None:
        return None
    for name in candidates:
        crs = parse_crs(name)
        found = locate(x, y, crs)
        inside = np.isfinite(found.lon) & ~region.outside(found.lon, found.lat)
        if inside.mean() >= 0.9:
            return crs.name
    return None
