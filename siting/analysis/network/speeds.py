"""Road layer and settings → which stretches are open, and the minutes to drive each."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from siting.analysis.network.snapping import mercator
from siting.common.near_words import suggestion_if_near
from siting.messages import joined, refusal, text_of
from siting.types import RoadLayer, Settings

METRES_PER_KMH_MIN = 1000.0 / 60.0
"""Metres a minute at 1 km/h."""

RoadClass = Literal[
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
    "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "living_street",
    "service", "road", "winter_road", "ice_road", "ferry", "shuttle_train", "urban", "access",
    "mountain", "track", "path", "footway", "cycleway", "pedestrian", "bridleway",
]  # fmt: skip
"""Classes that a factor may name: those of OpenStreetMap on which cars may drive, and the curated ones."""


FREE_OF_LIMITS = ("ferry", "shuttle_train")
"""Classes whose speed is a timetable's."""


PARAMETERS: Mapping[str, str] = {
    key: key
    for key in (
        "travel_time.posted_factor",
        "travel_time.class_factor",
        "travel_time.junction_delay_s.minor",
        "travel_time.junction_delay_s.secondary",
        "travel_time.junction_delay_s.trunk",
        "travel_time.signal_delay_s",
        "travel_time.mountain_factor",
    )
}
"""Scenario key → row of the parameters table that its default comes from."""


class JunctionDelays(Settings):
    """Delay at a junction without signals, by the class of the road crossed. Assumed."""

    minor: float = Field(1.0, ge=0.0, le=300.0)
    """Delay where a road below the secondary class is crossed, seconds. Assumed."""
    secondary: float = Field(4.0, ge=0.0, le=300.0)
    """Delay where a secondary or primary road is crossed, seconds. Assumed."""
    trunk: float = Field(10.0, ge=0.0, le=300.0)
    """Delay where a trunk road is crossed, seconds. Assumed."""

    def by_group(self) -> tuple[float, float, float]:
        """Return the seconds in the order of the groups of crossing roads."""
        return self.minor, self.secondary, self.trunk


class TravelTimeSettings(Settings):
    """How roads turn into minutes."""

    posted_factor: float = Field(0.9, ge=0.2, le=2.0)
    """Share of a posted limit that is really driven. Assumed."""
    class_factor: float = Field(1.0, ge=0.2, le=2.0)
    """Share of the speed assumed for a class that is really driven: a travel speed already. Assumed."""
    junction_delay_s: JunctionDelays = JunctionDelays()
    signal_delay_s: float = Field(2.0, ge=0.0, le=300.0)
    """Delay at each traffic signal passed, in place of the junction's, seconds. Assumed."""
    stated_are_limits: bool = False
    """Stated travel speeds (curated networks) are limits too: share driven and delays hold for them."""
    speed_factors: dict[RoadClass, Annotated[float, Field(gt=0.0)]] = Field(default_factory=dict)
    """Factor on the travel speed, by road class; 1 where a class is not named. Assumed."""
    peak_factor: float = Field(1.0, ge=0.2, le=5.0)
    """Factor on driving time at the hour of the trip (1 = free flow). Assumed."""
    peak_by_class: dict[RoadClass, Annotated[float, Field(gt=0.0)]] = Field(default_factory=dict)
    """The same for single road classes, in place of `peak_factor`. Assumed."""
    season_factor: float = Field(1.0, ge=0.2, le=5.0)
    """Factor on driving time in the season of the trip (snow, holiday traffic to the hills). Assumed."""
    season_by_class: dict[RoadClass, Annotated[float, Field(gt=0.0)]] = Field(default_factory=dict)
    """The same for single road classes, in place of `season_factor`. Assumed."""
    mountain_factor: float = Field(1.0, gt=0.0, le=1.0)
    """Factor on speeds in the hills: class ``mountain``, by a column of the road layer, in
    `data.mountain_area`, or by `winding_from`. Assumed."""
    winding_from: float = Field(1.5, ge=1.0)
    """Length over straight line from which a stretch of 1 km and more without posted speed is winding."""
    access_speed_kmh: float = Field(15.0, gt=0.0, le=60.0)
    """Speed from a point's own place to the road, km/h. Assumed."""
    snap_limit_m: float = Field(1000.0, ge=0.0)
    """A point further than this from any road is unlocated, metres."""
    main_network_within_m: float = Field(200.0, ge=0.0)
    """A point on an island, or on a road without a way back, is laid on the main network (the largest part
    in which all roads lead to each other) if that is this near, metres."""
    no_access_classes: tuple[RoadClass, ...] = (
        "motorway", "motorway_link", "trunk_link", "ferry", "shuttle_train",
    )  # fmt: skip
    """Classes driven but entered at their junctions only, as tunnels are: no point is laid on them."""
    tracks: Literal["closed", "open"] = "closed"
    """Tracks of which no tag says whether cars may drive them: closed, or open unless a tag closes them."""
    closures: tuple[str, ...] = ()
    """Roads taken out: road numbers, road names or way ids."""
    turn_restrictions: bool = True
    """Obey the turn restrictions of the road file; false compares with a search that knows none."""
    without_edges: tuple[int, ...] = ()
    """Stretches taken out, by number (what one stretch is worth)."""
    without_believed: bool = False
    """Take out the stretches whose existence is only believed."""


Name = TypeVar("Name", bound=str)
"""A class of roads, as a text or as one of `RoadClass`."""

FREE_FLOW = TravelTimeSettings(
    posted_factor=1.0,
    junction_delay_s=JunctionDelays(minor=0.0, secondary=0.0, trunk=0.0),
    signal_delay_s=0.0,
)
"""Limits driven in full, nothing in the way: roads as posted, without a study's assumptions."""


def check_edges(layer: RoadLayer) -> None:
    """Refuse speeds and lengths that would corrupt every time behind them."""
    edges = layer.edges
    length, speed = edges["length_m"], edges["speed_kmh"]
    problems = [
        text_of(
            "P50",
            layer.file,
            way=edges["way"].iloc[k],
            column=column,
            found=edges[column].iloc[k],
            rule=text_of(rule),
        )
        for column, rule, good in (
            ("speed_kmh", "P51", (speed > 0) & np.isfinite(speed)),
            ("length_m", "P52", (length >= 0) & np.isfinite(length)),
        )
        for k in np.flatnonzero(~good)
    ]
    if problems:
        raise refusal("", "E701", problems=joined(problems[:20]))


def closed(layer: RoadLayer, settings: TravelTimeSettings, year: int | None) -> np.ndarray:
    """Tell for each stretch whether the settings or the year take it out."""
    edges = layer.edges
    closed = np.zeros(len(edges), bool)
    if year is not None:
        closed |= (edges["opened"] > year).fillna(False).to_numpy(bool)
    if settings.without_believed:
        closed |= (edges["belief"] == "believed").to_numpy(bool)
    unknown = [
        text_of("P53", name=str(k), suggestion="") for k in settings.without_edges if not 0 <= k < len(edges)
    ]
    closed[[k for k in settings.without_edges if 0 <= k < len(edges)]] = True
    if settings.closures:
        known = _stretches_of_roads(edges)
        for road in settings.closures:
            hit = known.get(_plain(road))
            if hit is None:
                roads = [name for name in known if not name.isdecimal()]
                unknown.append(text_of("P53", name=road, suggestion=suggestion_if_near(_plain(road), roads)))
            else:
                closed[hit] = True
    if unknown:
        names = joined(unknown, ", ", "、")
        raise refusal("", "E702", names=names, file=layer.file, last=len(edges) - 1)
    return closed


def _stretches_of_roads(edges: pd.DataFrame) -> dict[str, NDArray[np.int64]]:
    """Return the stretches of each road by number, name and way id; ``G102;G112`` is both roads."""
    named = [edges[column].astype("string").str.split(";").explode() for column in ("ref", "name", "way")]
    roads = pd.concat(named).dropna().map(_plain)
    stretches = roads.index.to_series().groupby(roads.to_numpy()).unique()
    return {str(name): edges_of for name, edges_of in stretches.items()}


def _plain(road: str) -> str:
    """Write a road as it is looked up: full-width and small letters, blanks about it make no other road."""
    return unicodedata.normalize("NFKC", road).strip().upper()


def edge_minutes(layer: RoadLayer, settings: TravelTimeSettings) -> NDArray[np.float64]:
    """Return the driving minutes of every stretch, open or not, under the settings' factors."""
    edges = layer.edges
    speed = edges["speed_kmh"].to_numpy(np.float64) * by_class(edges["class"], settings.speed_factors, 1.0)
    limit, assumed = is_limit(layer, settings), is_class_speed(layer)
    speed *= np.where(limit, settings.posted_factor, np.where(assumed, settings.class_factor, 1.0))
    minutes: NDArray[np.float64] = edges["length_m"].to_numpy(np.float64) / (speed * METRES_PER_KMH_MIN)
    if settings.mountain_factor != 1.0:
        minutes *= 1.0 + in_mountains(layer, settings) * (1.0 / settings.mountain_factor - 1.0)
    return minutes * busy_factor(layer, settings)


def in_mountains(layer: RoadLayer, settings: TravelTimeSettings) -> NDArray[np.float64]:
    """Return the share of each stretch on which `mountain_factor` holds."""
    kinds = layer.edges["class"]
    whole = (kinds == "mountain").to_numpy() | _winding(layer, settings)
    share = np.where(whole, 1.0, layer.share_in_mountains)
    found: NDArray[np.float64] = np.where(kinds.isin(FREE_OF_LIMITS), 0.0, share)
    return found


def is_limit(layer: RoadLayer, settings: TravelTimeSettings) -> NDArray[np.bool_]:
    """Tell of each stretch whether its speed is a limit, of which a share is driven.

    A stated travel speed is a mean over the stretch, with all that holds one up on the way.
    """
    bases = ("posted", "stated") if settings.stated_are_limits else ("posted",)
    return _has_basis(layer, *bases)


def is_class_speed(layer: RoadLayer) -> NDArray[np.bool_]:
    """Tell of each stretch whether its speed is assumed for its class, delays aside."""
    return _has_basis(layer, "class")


def _has_basis(layer: RoadLayer, *bases: str) -> NDArray[np.bool_]:
    runs_free = layer.edges["class"].isin(FREE_OF_LIMITS)
    return (layer.edges["speed_basis"].isin(bases) & ~runs_free).to_numpy(bool)


def busy_factor(layer: RoadLayer, settings: TravelTimeSettings) -> NDArray[np.float64]:
    """Return the factor on the time of each stretch at the hour and in the season of the trip."""
    kinds = layer.edges["class"]
    peak = by_class(kinds, settings.peak_by_class, settings.peak_factor)
    return peak * by_class(kinds, settings.season_by_class, settings.season_factor)


def by_class(kinds: pd.Series, values: Mapping[Name, float], default: float) -> NDArray[np.float64]:
    """Return the value of each stretch's class, else `default`.

    Examples
    --------
    >>> by_class(pd.Series(["primary", "track"]), {"primary": 1.5}, 1.0)
    array([1.5, 1. ])
    """
    # One look-up a class, none a stretch: there may be a million of these.
    classes, known = pd.Categorical(kinds), {str(kind): value for kind, value in values.items()}
    of_class = np.array(
        [*(known.get(str(kind), default) for kind in classes.categories), default], np.float64
    )
    found: NDArray[np.float64] = of_class[classes.codes]
    return found


def _winding(layer: RoadLayer, settings: TravelTimeSettings) -> NDArray[np.bool_]:
    edges = layer.edges
    lat = layer.nodes["lat"].to_numpy(np.float64)
    x, y = mercator(layer.nodes["lon"].to_numpy(np.float64), lat)
    tail, head = edges["tail"].to_numpy(), edges["head"].to_numpy()
    straight = np.hypot(x[tail] - x[head], y[tail] - y[head]) * np.cos(np.radians(lat[tail]))
    length = edges["length_m"].to_numpy(np.float64)
    bends = (edges["speed_basis"] == "class").to_numpy() & (length >= 1000.0)
    winding: NDArray[np.bool_] = bends & (length >= settings.winding_from * straight)
    return winding
