"""The tags of one OpenStreetMap way → may a car pass, which way, and how fast.

Access follows the OSM hierarchy (the tag of the narrower vehicle wins, a direction before none); speeds come
from the posted limit, else from ``road_classes.csv`` (assumed travel speeds, legal maximum beside them).

Where routers differ, or we differ from them (OSRM's tables: 655 of 664 rows agree, the rest is here):

- private, destination, delivery and customers' roads are open, but to trips that start or end on them
  (`carries_through`), as in OSRM and Valhalla; GraphHopper closes private ones;
- ``highway=road`` is open, as GraphHopper and osmnx have it; tracks need a tag that lets cars in, as in
  OSRM, unless the settings open them;
- a kerb or an audible fence as a barrier: kerbs are passed, fences are not;
- several limits in one value (``60;80``) give the lowest, knots are converted, ``walk`` is a walking pace;
- limits that hold at certain hours only (``:conditional``) are not read; turns are
  restricted by relations (`relations.restrictions`).
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Literal, NamedTuple

Tracks = Literal["closed", "open"]
"""Whether cars may use tracks of which no tag says so."""
CROSSINGS = ("ferry", "shuttle_train")
"""Classes whose travel time may be stated."""
DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
    r"|(?P<clock>\d{1,3}):(?P<clock_minutes>[0-5]\d)(?::(?P<clock_seconds>[0-5]\d))?"
    r"|(?P<plain>\d{1,4})(?: ?MIN(?:UTES)?)?",
    re.ASCII,
)
VEHICLES = ("motorcar", "motor_vehicle", "vehicle", "access")
"""From the narrowest to the widest: the first that is tagged decides."""
ALLOWED = frozenset(
    {"yes", "permissive", "designated", "motorcar", "motor_vehicle", "vehicle", "hov", "public"}
)
"""Values that open a way whose class is not for cars."""
REFUSED = frozenset(
    (
        "no", "agricultural", "forestry", "emergency", "emergency_vehicle", "psv", "bus", "minibus", "taxi",
        "share_taxi", "tourist_bus", "foot", "bicycle", "hgv", "military", "official", "restricted",
        "use_sidepath", "prohibited", "closed", "impassable", "horse", "pedestrian",
    )
)  # fmt: skip
ENDS_ONLY = frozenset({"private", "destination", "customers", "delivery", "permit", "residents"})
"""Values under which cars may come and go, but not pass through."""
NO_RULE = frozenset({"unknown", "variable", "discouraged", "limited"})
"""Values of access that say nothing of whether cars may pass."""
OPEN_BARRIERS = frozenset(
    (
        "no", "entrance", "gate", "lift_gate", "swing_gate", "sliding_gate", "toll_booth", "border_control",
        "cattle_grid", "sally_port", "height_restrictor", "arch", "kerb", "rumble_strip", "speed_bump",
    )
)  # fmt: skip
NO_TUNNEL = frozenset({"no", "building_passage", "culvert"})
"""Values of ``tunnel`` of roads that can be entered on their way; a culvert runs below the road."""
BUILT = frozenset({"no", "minor", "widening"})
"""Values of ``construction`` that say nothing against the class; others are taken as left over."""
ROOM = (
    (("maxheight:physical", "maxheight"), 2.0),
    (("maxwidth:physical", "maxwidth", "width", "est_width"), 1.9),
    (("maxlength",), 4.8),
    (("maxweight",), 2.0),
)
"""What a large car needs, m and t, as OSRM assumes: of each group the first that is tagged decides."""
PER_UNIT = {
    "": 1.0, "m": 1.0, "cm": 0.01, "'": 0.3048, "ft": 0.3048,
    "t": 1.0, "kg": 0.001, "st": 0.90718474, "lbs": 0.00045359237,
}  # fmt: skip
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z']*)\s*(?:(\d+(?:\.\d+)?)\s*(?:in|\"|''))?")
LONGEST_VALUE = 255
"""OSM takes no longer values; patterns would take long on them."""
HIGHEST_KMH = 150.0
"""A posted limit above this is a typing error: no road of the world bears a higher one."""
ONEWAY_VALUES = frozenset(
    ("yes", "no", "true", "false", "1", "0", "-1", "reverse", "reversible", "alternating")
)
"""Values of ``oneway`` that are understood; others leave a way open both ways."""
TERRAIN_KEYS = ("terrain", "slope_class")
"""Keys that say whether a road runs through hills, as road bureaus and land surveys class them."""
TERRAINS = ("plain", "mountain")
"""Their values that are understood."""
NO_CENTRE_LINE_KMH = 40
"""Highway without a centre line (道路交通安全法实施条例 art. 45); urban classes lie below it anyway."""


class RoadClass(NamedTuple):
    """One row of ``road_classes.csv``."""

    car: str
    """``yes``, ``permit`` (only where a tag lets cars in) or ``no``."""
    legal_kmh: float | None
    travel_kmh: float
    """NaN where no car may drive."""
    implied_oneway: bool
    surface_matters: bool


@cache
def road_classes() -> dict[str, RoadClass]:
    """Read the class table of the package."""
    return {
        row["class"]: RoadClass(
            row["car"],
            float(row["legal_kmh"]) if row["legal_kmh"] else None,
            float(row["travel_kmh"] or "nan"),
            row["implied_oneway"] == "yes",
            row["surface_matters"] == "yes",
        )
        for row in read_rows("road_classes.csv")
    }


@cache
def speed_zones() -> dict[str, float]:
    """Read the implied limits (``CN:urban`` …) of the package, km/h."""
    return {row["zone"]: float(row["kmh"]) for row in read_rows("speed_zones.csv")}


@cache
def way_conditions() -> dict[tuple[str, str], float]:
    """Read the highest travel speed by surface, smoothness and kind of track, km/h."""
    return {(row["key"], row["value"]): float(row["kmh"]) for row in read_rows("way_conditions.csv")}


def read_rows(name: str) -> list[dict[str, str]]:
    """Read one of this package's tables."""
    text = resources.files("siting.inputs.roads").joinpath("tables", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def speed_units() -> dict[str, float]:
    """Read the units of posted speeds, without blanks and strokes → km/h."""
    return {"": 1.0} | {
        row["unit"].replace("/", ""): float(row["kmh"]) for row in read_rows("speed_units.csv")
    }


@cache
def _speed_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a figure with its unit, and of a unit; a remark in brackets may follow."""
    units = sorted((row["unit"] for row in read_rows("speed_units.csv")), key=len, reverse=True)
    unit = "|".join(re.escape(each).replace("/", r"\s*/?\s*") for each in units)
    return re.compile(rf"([+-]?\d+(?:[.,]\d*)?)\s*(?:({unit})(?:\s*\(.*\))?)?", re.IGNORECASE), re.compile(
        unit
    )


def parse_maxspeed(text: str | None) -> float | None:
    """Read a ``maxspeed`` value.

    Figures in km/h (``60公里/小时``, ``60迈``), mph or knots; several (``60;80``, ``none;80``): the lowest;
    a zone (``CN:urban``) its limit by law; ``walk`` a walking pace. ``none``, ``signals``, ``variable`` and
    what is no speed above zero and up to `HIGHEST_KMH` give None: the class then decides.

    Returns
    -------
    float or None
        km/h.

    Examples
    --------
    >>> parse_maxspeed("60;80"), parse_maxspeed("30 mph"), parse_maxspeed("none")
    (60.0, 48.28032, None)
    """
    if text is None or len(str(text)) > LONGEST_VALUE:
        return None
    plain = unicodedata.normalize("NFKC", str(text)).lower()
    parts = [part.strip() for part in re.split(r"[;|]", plain)]
    # Who may drive at any speed on one lane may not on the others.
    parts = [part for part in parts if part != "none"] or parts
    behind = re.search(r"\d(\D+)$", parts[-1])
    if behind and _speed_patterns()[1].fullmatch(behind[1].strip()):
        # "30;40 mph": the unit at the end is that of all.
        parts = [part + behind[1] if part[-1:].isdigit() and ":" not in part else part for part in parts]
    speeds = [_one_speed(part) for part in parts]
    known = [speed for speed in speeds if speed is not None]
    lowest = min(known, default=math.inf)
    return lowest if len(known) == len(speeds) and lowest <= HIGHEST_KMH else None


def _one_speed(text: str) -> float | None:
    zone = re.fullmatch(r"([a-z]{2}(?:-[a-z]{2,3})?):(?:zone:?)?(\w+)", text)
    if zone:
        country, kind = zone.groups()
        if kind.isdigit():
            return float(kind) or None
        return speed_zones().get(f"{country}:{kind}", speed_zones().get(kind))
    if text in speed_zones():
        return speed_zones()[text]
    figure = _speed_patterns()[0].fullmatch(text)
    if not figure:
        return None
    unit = re.sub(r"[\s/]", "", figure[2] or "")
    speed = float(figure[1].replace(",", ".")) * speed_units()[unit]
    return speed if speed > 0 else None


def is_impossible_speed(text: str | None) -> bool:
    """Tell whether a posted speed is a figure that no car can drive: zero, negative, NaN, infinite."""
    if text is None or len(str(text)) > LONGEST_VALUE:
        return False
    figure = _speed_patterns()[0].fullmatch(str(text).strip())
    try:
        speed = float(figure[1].replace(",", ".") if figure else str(text).strip())
    except ValueError:
        return False
    return not (math.isfinite(speed) and speed > 0)


def road_class(tags: Mapping[str, str]) -> str | None:
    """Return the class that rules a way: ``siting:class``, ``highway``, ferry or car train; else None."""
    curated = tags.get("siting:class")
    if curated:
        return curated
    highway = tags.get("highway")
    if highway:
        return highway
    route = tags.get("route")
    return route if route in CROSSINGS else None


def car_rules(tags: Mapping[str, str], tracks: Tracks = "closed") -> tuple[bool, bool, float | None]:
    """Say whether a car may drive a way, with and against its direction, and how fast.

    Parameters
    ----------
    tags
        Tags of one OpenStreetMap way.
    tracks
        Whether tracks are closed unless a tag lets cars in, or open unless one keeps them out.

    Returns
    -------
    forward, backward : bool
    speed_kmh : float or None
        Assumed travel speed; None where both are False.

    Examples
    --------
    >>> car_rules({"highway": "residential", "oneway": "yes", "maxspeed": "30"})
    (True, False, 30.0)
    >>> car_rules({"highway": "footway"})
    (False, False, None)
    """
    kind = road_class(tags)
    rules = road_classes().get(kind or "", RoadClass("permit", None, 10.0, False, True))
    if kind == "track" and tracks == "open":
        rules = rules._replace(car="yes")
    if kind is None or rules.car == "no" or _is_closed(tags) or is_impossible_speed(tags.get("maxspeed")):
        return False, False, None
    forward, backward = _directions(tags, rules)
    forward = forward and _may_enter(tags, "forward", rules) and _has_room(tags, "forward")
    backward = backward and _may_enter(tags, "backward", rules) and _has_room(tags, "backward")
    if not (forward or backward):
        return False, False, None
    return forward, backward, _speed(tags, rules, forward, backward)


def carries_through(tags: Mapping[str, str], forward: bool, backward: bool) -> bool:
    """Tell whether trips that neither start nor end on a way may drive it.

    A way of which one open direction carries them does.
    """
    ways = [name for name, is_open in (("forward", forward), ("backward", backward)) if is_open]
    return not all((_access(tags, name) or {"yes"}) - REFUSED <= ENDS_ONLY for name in ways)


def is_known_access(text: str) -> bool:
    """Tell whether all that a tag of access says is understood; other words leave a way open."""
    return _values(text) <= ALLOWED | REFUSED | ENDS_ONLY | NO_RULE


def is_tunnel(tags: Mapping[str, str]) -> bool:
    """Tell whether a way runs where nothing stands beside it; a passage through a building does not."""
    return tags.get("tunnel", "no") not in NO_TUNNEL


def is_in_mountains(tags: Mapping[str, str]) -> bool:
    """Tell whether a way runs through hills, by a column of its layer."""
    return any(tags.get(key) == "mountain" for key in TERRAIN_KEYS)


def signal_direction(tags: Mapping[str, str]) -> int:
    """Return 1 if signals hold along their way only, −1 against it, 0 both.

    Examples
    --------
    >>> signal_direction({"highway": "traffic_signals", "traffic_signals:direction": "backward"})
    -1
    """
    return {"forward": 1, "backward": -1}.get(tags.get("traffic_signals:direction", ""), 0)


def barrier_blocks(tags: Mapping[str, str]) -> bool:
    """Tell whether a node (a bollard, a closed gate) stops cars."""
    values = _access_at(tags)
    if tags.get("locked") == "yes":
        return not (values and values & ALLOWED)
    if values is not None:
        return values <= REFUSED
    barrier = tags.get("barrier")
    if barrier == "bollard":
        return tags.get("bollard") != "rising"
    return barrier is not None and (barrier not in OPEN_BARRIERS or not _has_room(tags, "both"))


def barrier_limits(tags: Mapping[str, str]) -> bool:
    """Tell whether a barrier that stops nobody lets nobody through who only passes (a private gate)."""
    values = _access_at(tags)
    return "barrier" in tags and values is not None and values - REFUSED <= ENDS_ONLY


def _access_at(tags: Mapping[str, str]) -> set[str] | None:
    """Return the values of the tag that decides who may pass a node; None where there is none."""
    return next((_values(tags[key]) for key in VEHICLES if key in tags), None)


def _is_closed(tags: Mapping[str, str]) -> bool:
    return (
        tags.get("area") == "yes"
        or tags.get("smoothness") == "impassable"
        or tags.get("impassable") == "yes"
        or tags.get("status") == "impassable"
        or tags.get("service") == "emergency_access"
    )


def _directions(tags: Mapping[str, str], rules: RoadClass) -> tuple[bool, bool]:
    """Read the one-way tags; what is implied counts unless ``no`` is said."""
    keys = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
    oneway = next((tags[key].lower() for key in keys if key in tags), None)
    if oneway == "reversible":
        return False, False
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway in ("yes", "1", "true"):
        return True, False
    implied = rules.implied_oneway or tags.get("junction") in ("roundabout", "circular")
    return True, oneway in ("no", "false", "0") or not implied


def _may_enter(tags: Mapping[str, str], direction: str, rules: RoadClass) -> bool:
    values = _access(tags, direction)
    if values is None:
        return rules.car == "yes"
    return not values <= REFUSED if rules.car == "yes" else bool(values & ALLOWED)


def _access(tags: Mapping[str, str], direction: str) -> set[str] | None:
    """Return the values of the tag that decides who may drive a direction; None where there is none."""
    for vehicle in VEHICLES:
        value = tags.get(f"{vehicle}:{direction}", tags.get(vehicle))
        if value is not None:
            return _values(value)
    return None


def _has_room(tags: Mapping[str, str], direction: str) -> bool:
    """Tell whether a car is low, narrow, short and light enough."""
    for keys, need in ROOM:
        given = (tags.get(f"{key}:{direction}", tags.get(key)) for key in keys)
        if _amount(next((text for text in given if text is not None), "")) < need:
            return False
    return True


def _amount(text: str) -> float:
    """Read a length (m) or a weight (t); what is no figure limits nothing."""
    found = AMOUNT.fullmatch(text.strip().lower())
    if not found or found[2] not in PER_UNIT:
        return math.inf
    return float(found[1].replace(",", ".")) * PER_UNIT[found[2]] + float(found[3] or 0) * 0.0254


def _values(value: str) -> set[str]:
    return {part.strip() for part in value.lower().split(";")}


def posted_limit(tags: Mapping[str, str], forward: bool, backward: bool) -> float | None:
    """Return the posted limit of the directions that are open (the lower one), km/h."""
    general = parse_maxspeed(tags.get("maxspeed"))
    limits = [
        parse_maxspeed(tags.get(f"maxspeed:{name}")) or general
        for name, is_open in (("forward", forward), ("backward", backward))
        if is_open
    ]
    return min((limit for limit in limits if limit is not None), default=None)


def unposted_limit(tags: Mapping[str, str], forward: bool, backward: bool) -> float | None:
    """Return the legal maximum of a way without a sign, km/h: of its zone, else of its class; None: no law.

    Without a centre line a highway's is 40 (道路交通安全法实施条例 art. 45).
    """
    rules = road_classes().get(road_class(tags) or "")
    limits = [_zone_limit(tags) or (rules.legal_kmh if rules else None)]
    if _has_no_centre_line(tags, forward, backward):
        limits.append(NO_CENTRE_LINE_KMH)
    return min((limit for limit in limits if limit is not None), default=None)


def _zone_limit(tags: Mapping[str, str]) -> float | None:
    return parse_maxspeed(
        tags.get("maxspeed:type") or tags.get("zone:traffic") or tags.get("source:maxspeed")
    )


def _has_no_centre_line(tags: Mapping[str, str], forward: bool, backward: bool) -> bool:
    return tags.get("lane_markings") == "no" or (tags.get("lanes") == "1" and forward and backward)


def _speed(tags: Mapping[str, str], rules: RoadClass, forward: bool, backward: bool) -> float:
    posted = posted_limit(tags, forward, backward)
    caps = [posted if posted is not None else rules.travel_kmh]
    if posted is None:
        caps += [limit for limit in [_zone_limit(tags)] if limit is not None]
        if _has_no_centre_line(tags, forward, backward):
            caps.append(NO_CENTRE_LINE_KMH)
    return float(min([*caps, *_condition_speeds(tags, rules)]))


def _condition_speeds(tags: Mapping[str, str], rules: RoadClass) -> Iterator[float]:
    """Yield the highest speeds that the state of a way allows; of several surfaces the worst counts."""
    keys = ("surface", "smoothness", "tracktype") if rules.surface_matters else ("smoothness", "tracktype")
    for key in keys:
        for value in _values(tags.get(key, "")):
            yield way_conditions().get((key, value), math.inf)


def crossing_minutes(tags: Mapping[str, str]) -> float | None:
    """Read how long a ferry or car train takes: ``PT1H30M``, ``01:30``, ``1:30:00`` or ``90``."""
    if road_class(tags) not in CROSSINGS:
        return None
    found = DURATION.fullmatch(tags.get("duration", "").strip().upper())
    if not found:
        return None
    part = {name: float(text) for name, text in found.groupdict().items() if text}
    minutes = part.get("days", 0.0) * 1440 + part.get("minutes", 0.0) + part.get("seconds", 0.0) / 60
    minutes += (part.get("hours", 0.0) + part.get("clock", 0.0)) * 60
    minutes += part.get("clock_minutes", 0.0) + part.get("clock_seconds", 0.0) / 60 + part.get("plain", 0.0)
    return minutes or None
