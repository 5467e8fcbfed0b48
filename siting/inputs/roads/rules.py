"""The tags of one OpenStreetMap way → may a car pass, which way, and how fast.

Access follows the OSM hierarchy (the tag of the narrower vehicle wins, a direction before none); speeds come
from the posted limit, else from ``road_classes.csv`` (assumed travel speeds, legal maximum beside them).

Where routers differ, or we differ from them (OSRM's tables: 655 of 664 rows agree, the rest is here):

- private, delivery and customers' roads are open, for trips end on them; GraphHopper closes private ones;
- ``highway=road`` is open, as GraphHopper and osmnx have it; tracks need a tag that lets cars in, as in OSRM;
- a kerb or an audible fence as a barrier: kerbs are passed, fences are not;
- several limits in one value (``60;80``) give the lowest, knots are converted, ``walk`` is a walking pace;
- limits that hold at certain hours only (``:conditional``), turns and relations are not read.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import NamedTuple

KMH_PER_UNIT = {"": 1.0, "km": 1.0, "kmh": 1.0, "kph": 1.0, "mph": 1.609344, "knots": 1.852, "kn": 1.852}
UNIT = r"km(?:\s*/?\s*h)?|kph|mp/?h|knots|kn"
SPEED = re.compile(rf"([+-]?\d+(?:[.,]\d*)?)\s*(?:({UNIT})(?:\s*\(.*\))?)?", re.IGNORECASE)
"""A figure; behind its unit a remark may stand in brackets."""

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
OPEN_BARRIERS = frozenset(
    (
        "no", "entrance", "gate", "lift_gate", "swing_gate", "sliding_gate", "toll_booth", "border_control",
        "cattle_grid", "sally_port", "height_restrictor", "arch", "kerb", "rumble_strip", "speed_bump",
    )
)  # fmt: skip
BUILT = frozenset({"no", "minor", "widening"})
"""Values of ``construction`` under which traffic goes on."""
ROOM = (
    (("maxheight:physical", "maxheight"), 2.0),
    (("maxwidth:physical", "maxwidth", "width", "est_width"), 1.95),
    (("maxlength",), 4.8),
    (("maxweight",), 2.0),
)
"""What a large car needs, m and t, as OSRM assumes: of each group the first that is tagged decides."""
PER_UNIT = {
    "": 1.0, "m": 1.0, "cm": 0.01, "'": 0.3048, "ft": 0.3048,
    "t": 1.0, "kg": 0.001, "st": 0.90718474, "lbs": 0.00045359237,
}  # fmt: skip
AMOUNT = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z']*)\s*(?:(\d+(?:\.\d+)?)\s*(?:in|\"|''))?")
SURFACE_KMH = {
    "compacted": 50, "paving_stones": 50, "sett": 40, "fine_gravel": 40, "cobblestone": 30, "gravel": 30,
    "pebblestone": 30, "unpaved": 30, "ground": 25, "dirt": 25, "earth": 25, "grass": 15, "sand": 15,
    "mud": 10,
}  # fmt: skip
"""Assumed highest travel speed on a surface, km/h (no law speaks)."""
HIGHEST_KMH = 150.0
"""A posted limit above this is a typing error: no road of the world bears a higher one."""
ONEWAY_VALUES = frozenset(
    ("yes", "no", "true", "false", "1", "0", "-1", "reverse", "reversible", "alternating")
)
"""Values of ``oneway`` that are understood; others leave a way open both ways."""
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


def read_rows(name: str) -> list[dict[str, str]]:
    """Read a table that stands beside this module."""
    text = resources.files("siting.inputs.roads").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def parse_maxspeed(text: str | None) -> float | None:
    """Read a ``maxspeed`` value.

    Figures in km/h, mph or knots; several (``60;80``, ``60|80``) give the lowest; a zone (``CN:urban``)
    its limit by law; ``walk`` a walking pace. ``none``, ``signals``, ``variable`` and what is not a speed
    above zero give None: the class then decides.

    Returns
    -------
    float or None
        km/h.
    """
    if text is None:
        return None
    parts = [part.strip().lower() for part in re.split(r"[;|]", str(text))]
    unit = re.search(rf"(?:{UNIT})$", parts[-1])
    if unit:
        # "30;40 mph": the unit at the end is that of all.
        parts = [part + unit[0] if part[-1:].isdigit() and ":" not in part else part for part in parts]
    speeds = [_one_speed(part) for part in parts]
    known = [speed for speed in speeds if speed is not None]
    return min(known) if len(known) == len(speeds) else None


def _one_speed(text: str) -> float | None:
    zone = re.fullmatch(r"([a-z]{2}(?:-[a-z]{2,3})?):(?:zone:?)?(\w+)", text)
    if zone:
        country, kind = zone.groups()
        if kind.isdigit():
            return float(kind) or None
        return speed_zones().get(f"{country}:{kind}", speed_zones().get(kind))
    if text in speed_zones():
        return speed_zones()[text]
    figure = SPEED.fullmatch(text)
    if not figure:
        return None
    unit = re.sub(r"[\s/]", "", figure[2] or "").lower()
    speed = float(figure[1].replace(",", ".")) * KMH_PER_UNIT[unit]
    return speed if speed > 0 else None


def is_impossible_speed(text: str | None) -> bool:
    """Tell whether a posted speed is a figure that no car can drive: zero, negative, NaN, infinite."""
    if text is None:
        return False
    figure = SPEED.fullmatch(str(text).strip())
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
    return route if route in ("ferry", "shuttle_train") else None


def car_rules(tags: Mapping[str, str]) -> tuple[bool, bool, float | None]:
    """Say whether a car may drive a way, with and against its direction, and how fast.

    Parameters
    ----------
    tags
        Tags of one OpenStreetMap way.

    Returns
    -------
    forward, backward : bool
    speed_kmh : float or None
        Assumed travel speed; None where both are False.
    """
    kind = road_class(tags)
    rules = road_classes().get(kind or "", RoadClass("permit", None, 10.0, False, True))
    if kind is None or rules.car == "no" or _is_closed(tags) or is_impossible_speed(tags.get("maxspeed")):
        return False, False, None
    forward, backward = _directions(tags, rules)
    forward = forward and _may_enter(tags, "forward", rules) and _has_room(tags, "forward")
    backward = backward and _may_enter(tags, "backward", rules) and _has_room(tags, "backward")
    if not (forward or backward):
        return False, False, None
    return forward, backward, _speed(tags, rules, forward, backward)


def barrier_blocks(tags: Mapping[str, str]) -> bool:
    """Tell whether a node (a bollard, a closed gate) stops cars."""
    values = [tags[key] for key in VEHICLES if key in tags]
    if values:
        return _values(values[0]) <= REFUSED
    barrier = tags.get("barrier")
    if barrier == "bollard":
        return tags.get("bollard") != "rising"
    return barrier is not None and (barrier not in OPEN_BARRIERS or not _has_room(tags, "both"))


def _is_closed(tags: Mapping[str, str]) -> bool:
    return (
        tags.get("construction", "no") not in BUILT
        or tags.get("area") == "yes"
        or tags.get("smoothness") == "impassable"
        or tags.get("impassable") == "yes"
        or tags.get("status") == "impassable"
        or tags.get("service") == "emergency_access"
    )


def _directions(tags: Mapping[str, str], rules: RoadClass) -> tuple[bool, bool]:
    """Read the one-way tags; what is implied counts unless ``no`` is said."""
    keys = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
    oneway = next((tags[key] for key in keys if key in tags), None)
    if oneway == "reversible":
        return False, False
    if oneway in ("-1", "reverse"):
        return False, True
    if oneway in ("yes", "1", "true"):
        return True, False
    implied = rules.implied_oneway or tags.get("junction") in ("roundabout", "circular")
    return True, oneway in ("no", "false", "0") or not implied


def _may_enter(tags: Mapping[str, str], direction: str, rules: RoadClass) -> bool:
    for vehicle in VEHICLES:
        value = tags.get(f"{vehicle}:{direction}", tags.get(vehicle))
        if value is not None:
            values = _values(value)
            return not values <= REFUSED if rules.car == "yes" else bool(values & ALLOWED)
    return rules.car == "yes"


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
    return {part.strip() for part in value.split(";")}


def posted_limit(tags: Mapping[str, str], forward: bool, backward: bool) -> float | None:
    """Return the posted limit of the directions that are open (the lower one), km/h."""
    general = parse_maxspeed(tags.get("maxspeed"))
    limits = [
        parse_maxspeed(tags.get(f"maxspeed:{name}")) or general
        for name, is_open in (("forward", forward), ("backward", backward))
        if is_open
    ]
    known = [limit for limit in limits if limit is not None and limit <= HIGHEST_KMH]
    return min(known, default=None)


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
    if rules.surface_matters:
        caps.append(SURFACE_KMH.get(tags.get("surface", ""), math.inf))
    return float(min(caps))
