"""Positions in any system found in Chinese registers → WGS-84 degrees, and back; the project's metres.

The only module that names an EPSG code. GCJ-02 and BD-09 follow the formulas that are publicly known;
nobody outside can say whether they are the official ones, so a converted position is for comparing
sources and never a survey result.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import numpy as np

from siting.inputs.dictionary.words import fold, words
from siting.messages import refusal
from siting.types import InstallationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from pyproj import CRS, Transformer

    _Pair = tuple[NDArray[np.float64], NDArray[np.float64]]

PROJECT_CRS = "EPSG:4548"
"""CGCS2000, 3-degree Gauss-Krüger, central meridian 117° E: metres; the county lies on the meridian."""
PROJECT_CENTRE = (117.4, 40.05)
"""Longitude and latitude near which the best of several datum shifts is chosen."""
GEOGRAPHIC = {"WGS84": "EPSG:4326", "CGCS2000": "EPSG:4490"}
LON_RANGE, LAT_RANGE = (73.0, 136.0), (3.0, 54.0)
"""China, degrees. The ranges do not overlap, so swapped columns show themselves."""
ACCEPTED = "WGS84, CGCS2000, GCJ-02, BD-09, EPSG:n"
ZONES = {
    "China Geodetic Coordinate System 2000": (4513, 4534, 4491, 4502),
    "Xian 1980": (2349, 2370, 2327, 2338),
    "Beijing 1954": (2401, 2422, 21413, 21453),
}
"""First EPSG code of each row of Gauss-Krüger zones by datum: 3° with prefix (zone 25), 3° by central
meridian (75° E), 6° with prefix (zone 13), 6° by central meridian (75° E)."""
_A, _EE = 6378245.0, 0.00669342162296594323  # Krasovsky ellipsoid, as in the public GCJ-02 formula
_BD_ANGLE = np.pi * 3000.0 / 180.0
_CHINA_BOX = (72.004, 137.8347, 0.8293, 55.8271)  # where the public GCJ-02 formula is applied


@dataclass(frozen=True)
class Crs:
    """A coordinate reference system as declared."""

    name: str
    """``WGS84, CGCS2000, GCJ-02, BD-09`` or ``EPSG:n``; the definition's own name if it has no code."""
    definition: str
    """What pyproj reads: the system itself, or the one that GCJ-02 and BD-09 disturb (WGS 84)."""
    metres: bool = False
    zone_easting_m: float | None = None
    """False easting of a transverse Mercator grid, m (prefix × 10⁶ + 500 000); None for all else."""
    datum: str = "WGS 84"
    accuracy_m: float | None = 0.0
    """Accuracy of the way to WGS-84 as its source states it; None: no shift is known."""


@dataclass(frozen=True)
class Located:
    """Positions in WGS-84 degrees, NaN where the numbers are no place in China."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    swapped: NDArray[np.bool_]
    """The second number was the easting or longitude."""


def parse_crs(text: str) -> Crs:
    """Read the name of a coordinate reference system: ``GCJ-02``, ``高德``, ``EPSG:4527``, WKT, URN.

    Raises
    ------
    InputError
        If the system is unknown, or of no use for places in China.

    Examples
    --------
    >>> parse_crs("高德").name, parse_crs("EPSG:4326").name
    ('GCJ-02', 'WGS84')
    """
    known = _known_name(text)
    if known in ("GCJ-02", "BD-09"):
        return Crs(known, GEOGRAPHIC["WGS84"])
    if known in GEOGRAPHIC:
        return Crs(known, GEOGRAPHIC[known], datum=known)
    code = re.fullmatch(r"EPSG\W*(\d{4,6})", fold(text), re.IGNORECASE)
    is_wkt = re.match(r"\s*[A-Z_]+\[", text)  # states its own meridian
    spelled = None if is_wkt else _spelled_grid(text)
    return _crs_from_proj(known or (f"EPSG:{code[1]}" if code else spelled or text.strip()))


def is_crs_name(text: str) -> bool:
    """Tell whether a text looks like the name of a system: one we know, or an EPSG code.

    >>> is_crs_name("百度地图(BD-09)"), is_crs_name("电话")
    (True, False)
    """
    return _known_name(text) is not None or re.search(r"EPSG\W*\d{4}", text, re.IGNORECASE) is not None


def to_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert positions to WGS-84 degrees.

    Parameters
    ----------
    lon, lat
        Degrees, or easting and northing in metres; arrays of one shape. NaN stays NaN.
    crs
        Any spelling that `parse_crs` knows.

    Returns
    -------
    lon, lat
        Arrays of the same shape, degrees. GCJ-02 and BD-09 are inverted exactly (fixed point,
        < 1e-9°); points outside the box of China that the formula covers are returned unchanged.

    Raises
    ------
    InputError
        If the system is unknown, or a finite point has no place in it.

    Examples
    --------
    >>> lon, lat = to_wgs84(116.38404722455657, 39.91334545536069, "GCJ-02")
    >>> round(float(lon), 6), round(float(lat), 6)
    (116.377817, 39.911954)
    """
    x, y = _pair(lon, lat)
    out = _to_wgs84(x, y, parse_crs(crs))
    _refuse_nowhere(x, y, out, crs)
    return out


def from_wgs84(lon: ArrayLike, lat: ArrayLike, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Convert WGS-84 degrees to another system; the exact inverse of `to_wgs84`.

    Returns
    -------
    lon, lat
        Degrees, or easting and northing in metres for a projected system; arrays of the same shape.
        For GCJ-02 and BD-09, points outside the box of China are returned unchanged.

    Raises
    ------
    InputError
        If the system is unknown, or a finite point has no place in it.

    Examples
    --------
    >>> lon, lat = to_wgs84(*from_wgs84(117.4, 40.0, "BD-09"), "BD-09")
    >>> round(float(lon), 6), round(float(lat), 6)
    (117.4, 40.0)
    """
    x, y = _pair(lon, lat)
    target = parse_crs(crs)
    disturbed = target.name in _DISTURBED
    out = _disturb(x, y, target.name) if disturbed else _way(target.definition).back(x, y)
    _refuse_nowhere(x, y, out, crs)
    return out


def project(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take WGS-84 degrees to the project's metres (easting, northing)."""
    return _way(PROJECT_CRS).back(*_pair(lon, lat))


def unproject(x_m: ArrayLike, y_m: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take the project's metres (easting, northing) to WGS-84 degrees."""
    return _way(PROJECT_CRS).forth(*_pair(x_m, y_m))


def locate(x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs) -> Located:
    """Place raw numbers in China, whichever of the two columns holds the easting.

    The order is decided number by number: longitude and latitude of China cannot be confused, nor can
    a Gauss-Krüger easting and northing. Numbers that are no place in China in either order, or that
    carry another zone's prefix, become NaN.
    """
    lon, lat = _place(x, y, crs)
    swapped = np.isnan(lon) & np.isfinite(x) & np.isfinite(y)
    if swapped.any():
        lon[swapped], lat[swapped] = _place(y[swapped], x[swapped], crs)
        swapped &= np.isfinite(lon)
    return Located(lon, lat, swapped)


def suggest_crs(x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs | None = None) -> str | None:
    """Name the system that raw numbers look like: degrees, or a Gauss-Krüger zone by its prefix.

    ``crs`` is the system declared, whose datum is kept; CGCS2000 without one.
    """
    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return None
    low, high = np.sort(np.abs(np.median(np.stack([x[finite], y[finite]]), axis=1)))
    if high <= 180:
        return "WGS84"
    three, three_cm, six, _ = ZONES.get(crs.datum if crs else "", ZONES[_CGCS2000])
    zone = int(high // 1e6)
    if 25 <= zone <= 45 and low < 1e7:
        return f"EPSG:{three + zone - 25}"
    if 13 <= zone <= 23 and low < 1e7:
        return f"EPSG:{six + zone - 13}"
    if 1e5 <= low < 1e6 and 1.9e6 <= high < 6e6:
        return f"EPSG:{three_cm + 14}"
    return None


def neighbouring_zones(crs: Crs) -> list[Crs]:
    """List the grids of the same datum by central meridian or by prefix, to find the one meant."""
    if crs.zone_easting_m is None:
        return []
    three, three_cm, six, six_cm = ZONES.get(crs.datum, ZONES[_CGCS2000])
    prefixed = crs.zone_easting_m > 1e6
    first = [(three, 21), (six, 11)] if prefixed else [(three_cm, 21), (six_cm, 11)]
    return [parse_crs(f"EPSG:{code + i}") for code, n in first for i in range(n)]


_CGCS2000 = "China Geodetic Coordinate System 2000"


def _known_name(text: str) -> str | None:
    """Look a name up: whole, or its parts about a bracket if they mean one system: ``百度地图(BD-09)``."""
    known = words("crs")
    whole = known.get(_plain_name(text))
    parts = [part for part in re.split(r"[()\[\]【】]", fold(text)) if part.strip()]
    meant = {known.get(_plain_name(part)) for part in parts}
    return whole or (meant.pop() if len(parts) > 1 and len(meant) == 1 else None)


def _plain_name(text: str) -> str:
    """Fold a name to capitals without blanks, dashes and words such as 坐标系."""
    plain = re.sub(r"[\s\-_—–:/()（）]", "", fold(text)).upper()
    if plain in words("crs"):
        return plain
    for noise in words("crs_noise"):
        plain = plain.replace(noise, "")
    return plain


def _spelled_grid(text: str) -> str | None:
    """Read "CGCS2000 3° zone 39" and "国家2000 中央子午线117" as the EPSG code of the grid."""
    plain = _plain_name(text)
    datum = next((name for word, name in _grid_datums() if word in plain), None)
    if datum is None:
        return None
    rest = re.sub(r"2000|1954|1980|(?<!\d)(54|80)(?!\d)", "", plain)
    three, three_cm, six, six_cm = ZONES[datum]
    if meridian := re.search(r"(?:CM|中央子午线|中央经线|MERIDIAN)(\d{2,3})", rest):
        degree = int(meridian[1])
        return f"EPSG:{three_cm + (degree - 75) // 3}" if degree % 3 == 0 and 75 <= degree <= 135 else None
    if zone := re.search(r"(?:ZONE|第)?(\d{2})(?:带|号带|$)", rest):
        number = int(zone[1])
        if 25 <= number <= 45:
            return f"EPSG:{three + number - 25}"
        if 13 <= number <= 23:
            return f"EPSG:{six + number - 13}"
    return None


def _grid_datums() -> list[tuple[str, str]]:
    """Pair each spelling of a datum with the datum's name in `ZONES`, the longest first."""
    datums = {"CGCS2000": _CGCS2000, "EPSG:4214": "Beijing 1954", "EPSG:4610": "Xian 1980"}
    pairs = [(w, datums[v]) for w, v in words("crs").items() if v in datums and not w.isdigit()]
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def _check_proj() -> None:
    """Tell a PROJ without its database from a system that no database holds."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_epsg(4326)
    except CRSError:
        raise refusal("", "E907", kind=InstallationError) from None


_PARAMETERS = frozenset(
    ("proj", "lat_0", "lat_1", "lat_2", "lat_ts", "lon_0", "k", "k_0", "x_0", "y_0", "ellps", "a", "b")
    + ("rf", "f", "units", "to_meter", "zone", "south", "no_defs", "type", "towgs84", "datum", "pm", "over")
)
"""Parameters of a PROJ string that describe a system; others have PROJ open files or follow a chain."""

_OPENS_FILES = re.compile(r"grids|pipeline|\binit=|\bfile=", re.IGNORECASE)


def _is_plain(definition: str) -> bool:
    """Tell whether a definition has PROJ open no file: known parameters, no grids."""
    named = re.findall(r"\+\s*([A-Za-z_0-9]+)", definition) if "+proj" in definition else []
    return not _OPENS_FILES.search(definition) and set(named) <= _PARAMETERS


@lru_cache(maxsize=64)
def _crs_from_proj(definition: str) -> Crs:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if not _is_plain(definition):
        raise refusal("", "E584", crs=definition[:80], accepted=ACCEPTED)
    try:
        crs = CRS.from_user_input(int(definition) if definition.isdigit() else definition)
    except (CRSError, ValueError, OverflowError):
        _check_proj()
        raise refusal("", "E584", crs=definition[:80], accepted=ACCEPTED) from None
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if not (crs.is_projected or crs.is_geographic) or crs.geodetic_crs is None:
        raise refusal("", "E585", crs=crs.name, accepted=ACCEPTED)
    # Below 70, PROJ's match is one of names, and the system another.
    code = crs.to_epsg(min_confidence=70)
    plain = {4326: "WGS84", 4490: "CGCS2000"}.get(code or 0)
    if plain or crs.to_authority() == ("OGC", "CRS84"):
        plain = plain or "WGS84"
        return Crs(plain, GEOGRAPHIC[plain], datum=plain)
    name = f"EPSG:{code}" if code else crs.name
    definition = name if code else crs.to_wkt()
    return Crs(
        name,
        definition,
        crs.is_projected,
        _zone_easting_m(crs),
        crs.geodetic_crs.name,
        _way(definition).accuracy_m,
    )


def _zone_easting_m(crs: CRS) -> float | None:
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(p.value) for p in operation.params if p.name == "False easting"), None)


@dataclass(frozen=True)
class _Way:
    """The way between a system and WGS-84: unproject, then shift the datum."""

    grid: Transformer
    shift: Transformer | None
    accuracy_m: float | None

    def forth(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> _Pair:
        lon, lat = self.grid.transform(x, y)
        return _finite(*(self.shift.transform(lon, lat) if self.shift else (lon, lat)))

    def back(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Pair:
        if self.shift:
            lon, lat = self.shift.transform(lon, lat, direction="INVERSE")
        return _finite(*self.grid.transform(lon, lat, direction="INVERSE"))


@lru_cache(maxsize=64)
def _way(definition: str) -> _Way:
    """Build the way to WGS-84; of several datum shifts take the one made for the nearest area.

    CGCS2000 and WGS-84 agree within decimetres and are taken as equal. PROJ has no shift at all for
    Xian 1980: its numbers pass unchanged and the accuracy is None, never 0.
    """
    from pyproj import CRS, Transformer
    from pyproj.exceptions import ProjError
    from pyproj.transformer import TransformerGroup

    crs = CRS.from_user_input(definition)
    base = cast("CRS", crs.geodetic_crs)  # `parse_crs` refuses a system without one
    try:
        grid = Transformer.from_crs(crs, base, always_xy=True)
    except ProjError:  # a text that PROJ can parse, of a projection that it cannot compute
        raise refusal("", "E584", crs=definition[:80], accepted=ACCEPTED) from None
    if base.name in ("WGS 84", "WGS 84 (CRS84)", _CGCS2000):
        return _Way(grid, None, 0.0)
    with warnings.catch_warnings():  # a grid file that is not installed is no fault of the planner's
        warnings.simplefilter("ignore")
        group = TransformerGroup(base, GEOGRAPHIC["WGS84"], always_xy=True)
    known = [t for t in group.transformers if t.accuracy >= 0]
    if not known:
        return _Way(grid, None, None)
    best = min(known, key=lambda t: (_distance_to_area(t), t.accuracy))
    return _Way(grid, best, best.accuracy)


def _distance_to_area(shift: Transformer) -> float:
    area, (lon, lat) = shift.area_of_use, PROJECT_CENTRE
    return float(
        np.hypot(
            max(area.west - lon, lon - area.east, 0.0),
            max(area.south - lat, lat - area.north, 0.0),
        )
    )


def _finite(x: NDArray[np.float64], y: NDArray[np.float64]) -> _Pair:
    """Turn PROJ's inf, which means "no such place", into NaN in both numbers."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    nowhere = ~(np.isfinite(x) & np.isfinite(y))
    return np.where(nowhere, np.nan, x), np.where(nowhere, np.nan, y)


def _to_wgs84(x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs) -> _Pair:
    if crs.name in _DISTURBED:
        return _restore(x, y, crs.name)
    if not crs.metres and crs.datum in GEOGRAPHIC:
        return _finite(x, y)
    return _way(crs.definition).forth(x, y)


def _place(x: NDArray[np.float64], y: NDArray[np.float64], crs: Crs) -> _Pair:
    """Convert numbers in the order easting, northing; NaN where that gives no place in China."""
    possible = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < 1e8) & (np.abs(y) < 1e8)
    if not crs.metres:
        possible &= (np.abs(x) <= 360) & (np.abs(y) <= 90)
    if crs.zone_easting_m is not None:
        possible &= np.abs(x - crs.zone_easting_m) < 5e5
    lon, lat = _to_wgs84(np.where(possible, x, np.nan), np.where(possible, y, np.nan), crs)
    inside = (lon >= LON_RANGE[0]) & (lon <= LON_RANGE[1]) & (lat >= LAT_RANGE[0]) & (lat <= LAT_RANGE[1])
    return np.where(inside, lon, np.nan), np.where(inside, lat, np.nan)


def _pair(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.array(lon, float), np.array(lat, float)
    if x.shape != y.shape:
        raise refusal("", "E587", lon=x.shape, lat=y.shape)
    return x, y


def _refuse_nowhere(x: NDArray[np.float64], y: NDArray[np.float64], out: _Pair, crs: str) -> None:
    lost = np.isfinite(x) & np.isfinite(y) & ~np.isfinite(out[0])
    if lost.any():
        first = int(np.flatnonzero(lost)[0])
        at_x, at_y = float(x.flat[first]), float(y.flat[first])
        raise refusal("", "E588", count=int(lost.sum()), crs=crs, first=first, x=at_x, y=at_y)


def _gcj_shift(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Pair:
    """Move points by the GCJ-02 offset wherever they lie."""
    x, y = lon - 105.0, lat - 35.0
    wave = (20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)) * 2 / 3
    root = 0.1 * np.sqrt(np.abs(x))
    north_m = (
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 2 * root + wave
        + (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
        + (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    )  # fmt: skip
    east_m = (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + root + wave
        + (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
        + (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    )  # fmt: skip
    phi = np.radians(lat)
    w = 1 - _EE * np.sin(phi) ** 2
    return (
        lon + np.degrees(east_m * np.sqrt(w) / (_A * np.cos(phi))),
        lat + np.degrees(north_m * w * np.sqrt(w) / (_A * (1 - _EE))),
    )


def _bd_shift(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Pair:
    """Move points from GCJ-02 to BD-09."""
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_ANGLE)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _gcj_bd_shift(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> _Pair:
    return _bd_shift(*_gcj_shift(lon, lat))


_DISTURBED: dict[str, Callable[[NDArray[np.float64], NDArray[np.float64]], _Pair]] = {
    "GCJ-02": _gcj_shift,
    "BD-09": _gcj_bd_shift,
}


def _disturb(lon: NDArray[np.float64], lat: NDArray[np.float64], name: str) -> _Pair:
    moved = _DISTURBED[name](lon, lat)
    inside = _in_box(lon, lat)
    return np.where(inside, moved[0], lon), np.where(inside, moved[1], lat)


def _restore(lon: NDArray[np.float64], lat: NDArray[np.float64], name: str) -> _Pair:
    """Invert by fixed point: the shift changes by < 1 % of a step, so eight steps reach rounding."""
    shift = _DISTURBED[name]
    x, y = lon.copy(), lat.copy()
    for _ in range(8):
        moved_x, moved_y = shift(x, y)
        x, y = x - (moved_x - lon), y - (moved_y - lat)
    inside = _in_box(x, y)
    return np.where(inside, x, lon), np.where(inside, y, lat)


def _in_box(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.bool_]:
    west, east, south, north = _CHINA_BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
