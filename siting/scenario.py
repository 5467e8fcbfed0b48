"""One TOML file → a frozen `Scenario`; each section's keys are declared beside the code that reads them.

Precedence, last wins: default of the key < ``base = "…"`` < the file itself < ``--set key=value``.
Two overrides of one key are an error. Every value remembers the file and line that it comes from.
"""

from __future__ import annotations

import hashlib
import json
import types
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from siting.analysis.coverage import CoverageSettings
from siting.analysis.criteria import BY_ID, CriterionUse
from siting.analysis.demand import DemandSettings, TripSettings
from siting.analysis.economics import EconomicsSettings
from siting.analysis.network import TravelTimeSettings
from siting.analysis.register import RegisterSettings
from siting.analysis.robustness import RobustnessSettings
from siting.settings_file import entry_name, inside, nearest, parse_overrides, read_chain, set_key
from siting.types import ScenarioError, Settings

DEFAULT = Path(__file__).resolve().parent.parent / "data" / "scenarios" / "base.toml"
"""The default study, found beside the package in a checkout."""


class RoadTables(Settings):
    """A curated road network as two tables."""

    nodes: Path
    """Table ``road_nodes`` of the data dictionary."""
    edges: Path
    """Table ``road_edges`` of the data dictionary."""


class Data(Settings):
    """``[data]``: the files of the study, relative to the scenario's file."""

    enterprises: Path
    """Enterprise register; ``{spread}`` stands for ``register.spread``."""
    sites: Path
    """Options: candidate sites, mobile service, keep going to the city."""
    conditions: Path
    """Pass/fail conditions, option × condition."""
    services: Path
    """Service catalogue."""
    laboratories: Path
    """Laboratories of today."""
    pledges: Path
    """Pledge ledger."""
    industries: Path
    """Industries, pillar or not, and the codes that belong to each."""
    places: Path
    """Townships, zones, county seat and city."""
    boundary: Path
    """County outline, GeoJSON."""
    context: Path | None = None
    """Neighbouring districts, GeoJSON, drawn faintly."""
    roads: Path | RoadTables
    """OSM extract (``.osm``, with ``.gz`` or ``.bz2``, ``.osm.pbf``), GPKG or GeoJSON, or two tables."""
    sources: Path
    """One row a file: where it came from, licence."""
    parameters: Path
    """Default figures with range, basis and source."""


class Register(Settings):
    """``[register]``: how the enterprise register is to be read."""

    spread: Literal["committees", "urban", "parks", "villages"] = "committees"
    """Spread rule of the illustrative register."""
    crs: str | None = None
    """Coordinate system of a register that does not carry one: WGS84, GCJ-02, BD-09, EPSG:n, ``column``."""
    industry_standard: Literal[2002, 2011, 2017] | None = None
    """Year of GB/T 4754 that the register's codes follow."""
    sheet: str | None = None
    """Sheet of a workbook that has several."""
    locate: Literal["none", "town"] = "none"
    """``town`` places rows without coordinates at their township point, flagged and counted."""


class Groups(Settings):
    """``[groups]``: weights of the criterion groups (一级指标); scaled to sum 1."""

    enterprises: float = Field(ge=0)
    """Service to enterprises (便企)."""
    industries: float = Field(ge=0)
    """Industries (产业支撑)."""
    building: float = Field(ge=0)
    """Building and running (建设运营)."""
    balance: float = Field(ge=0)
    """Regional balance (区域均衡)."""


class Viewpoint(Settings):
    """``[viewpoints.*]``: a weight set of one party (评价立场)."""

    label_zh: str
    """Name on the page, Chinese."""
    label_en: str
    """Name on the page, English."""
    reason_zh: str = ""
    """Why this party weighs so, Chinese."""
    reason_en: str = ""
    """Why this party weighs so, English."""
    groups: Groups
    """Group weights."""
    criteria: dict[str, float] = {}
    """Weights within groups that differ from the scenario's, by criterion."""


class WeightsRecord(Settings):
    """``[weights_record]``: who set the weights, when, and whether before the results were seen."""

    set_by: str
    """Who set the weights."""
    set_on: str
    """When, as a date in words or ISO form."""
    before_results: bool
    """True if the weights were set before the results were seen."""
    note: str = ""
    """What else a reader should know of them."""


class Scenario(Settings):
    """Everything that decides a result, frozen."""

    name: str = Field(min_length=1, max_length=80)
    """Short name; names the output folder."""
    title_zh: str
    """Title of the study, Chinese."""
    title_en: str
    """Title of the study, English."""
    study_year: int = Field(ge=1949, le=2100)
    """Year of the study: place names of that year, roads opened by then."""
    county: str = "jizhou"
    """Name of the county in file names and reports."""
    seed: int = Field(default=2011, ge=0)
    """Seed of all random draws."""
    data: Data
    register_: Register = Field(default=Register(), alias="register")
    travel_time: TravelTimeSettings = TravelTimeSettings()
    demand: DemandSettings = DemandSettings()
    trips: TripSettings = TripSettings()
    coverage: CoverageSettings = CoverageSettings()
    economics: EconomicsSettings = EconomicsSettings()
    robustness: RobustnessSettings = RobustnessSettings()
    illustrative: RegisterSettings = RegisterSettings()
    """How the illustrative part of a register is drawn."""
    groups: Groups
    criteria: tuple[CriterionUse, ...] = Field(min_length=1)
    """``[[criteria]]``: criteria used, weight within the group, anchors."""
    viewpoints: dict[str, Viewpoint] = {}
    weights_record: WeightsRecord | None = None

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of all settings; the paths count as written, so two checkouts agree."""
        return hashlib.sha256(self.canonical().encode("utf-8")).hexdigest()

    def canonical(self) -> str:
        """Write the settings as sorted JSON, file names instead of paths."""
        raw = self.model_dump(mode="python", by_alias=True)
        raw["data"] = {k: _file_names(v) for k, v in raw["data"].items()}
        return json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)

    def origin(self, key: str) -> str:
        """File and line that a key comes from, or ``default``."""
        return _origin(self._origins, key, headers=False) or "default"


def read_scenario(path: str | Path, overrides: Iterable[str] = ()) -> Scenario:
    """Read a scenario, its bases and the overrides.

    Parameters
    ----------
    path : file, TOML in UTF-8
    overrides : ``key=value`` texts; the value in TOML notation, or plain text

    Raises
    ------
    ScenarioError
        Names file, line, key and the nearest known key of every problem at once.
    """
    path = Path(path)
    raw, origins = read_chain(path, ())
    for key, value in parse_overrides(overrides):
        set_key(raw, key, value)
        origins[key] = "--set"
    return build_scenario(raw, origins, path)


def build_scenario(raw: Mapping[str, Any], origins: Mapping[str, str], path: Path) -> Scenario:
    """Check merged settings; `origins` maps dotted keys to ``file:line``."""
    raw = dict(raw)
    raw["criteria"] = list(raw.get("criteria", ()))
    try:
        scenario = Scenario.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        raise ScenarioError(_explain(error, raw, origins, path.name)) from None
    names = [use.name for use in scenario.criteria]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ScenarioError(f"{path.name}: criteria: {', '.join(twice)} listed twice; keep one entry each")
    scenario = scenario.model_copy(update={"data": _resolve_paths(scenario, origins, path)})
    scenario._origins.update(origins)
    return scenario


def change(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Copy a scenario with dotted keys set to new values; checked like a file."""
    raw = scenario.model_dump(mode="json", by_alias=True)
    data = raw.pop("data")
    for key, value in changes.items():
        if key == "data" or key.startswith("data."):
            raise ScenarioError(f"{key}: files are read when a study is loaded; use siting.load(…)")
        set_key(raw, key, value)
    raw["data"] = data
    try:
        changed = Scenario.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        raise ScenarioError(_explain(error, raw, {}, scenario.name)) from None
    changed._origins.update(scenario._origins | dict.fromkeys(changes, "changed in Python"))
    return changed


def describe_keys(model: type[BaseModel] = Scenario, prefix: str = "") -> list[dict[str, str]]:
    """Every scenario key with its type, default and meaning, in order."""
    rows = []
    for name, info in model.model_fields.items():
        key = prefix + (info.alias or name)
        section = _section_of(info.annotation)
        if section:
            marker = {"criteria": ".<name>", "viewpoints": ".<id>"}.get(key, "")
            rows += describe_keys(section, f"{key}{marker}.")
            continue
        value = info.get_default(call_default_factory=True)
        default = "required" if info.is_required() else json.dumps(value, ensure_ascii=False, default=str)
        kind = getattr(info.annotation, "__name__", str(info.annotation).replace("typing.", ""))
        meaning = " ".join((info.description or "").split())
        rows.append({"key": key, "type": kind, "default": default, "meaning": meaning})
    return rows


def resolved(scenario: Scenario) -> list[dict[str, str]]:
    """Every value of a scenario with the file and line that it comes from."""
    raw = json.loads(scenario.canonical())
    raw["criteria"] = {use["name"]: use for use in raw["criteria"]}
    return [
        {"key": key, "value": json.dumps(value, ensure_ascii=False), "from": scenario.origin(key)}
        for key, value in _leaves(raw)
    ]


def _leaves(raw: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in raw.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the settings class inside an annotation such as ``tuple[CriterionUse, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    origin = typing.get_origin(annotation)
    parts = [part for part in typing.get_args(annotation) if part is not type(None)]
    if origin in (tuple, dict) or (origin is types.UnionType and len(parts) == 1):
        return next(filter(None, map(_section_of, parts)), None)
    return None


def _file_names(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _file_names(v) for k, v in value.items()}
    return Path(value).name if value is not None else None


def _resolve_paths(scenario: Scenario, origins: Mapping[str, str], path: Path) -> Data:
    def place(key: str, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, RoadTables):
            return RoadTables(
                nodes=place(f"{key}.nodes", value.nodes), edges=place(f"{key}.edges", value.edges)
            )
        text = str(value).replace("{spread}", scenario.register_.spread)
        where = origins.get(f"data.{key}", path.name)
        if where == "--set":
            return Path(text).expanduser().resolve()
        return inside(path.parent, text, f"data.{key}", where, path)

    fields = Data.model_fields
    return Data.model_construct(**{key: place(key, getattr(scenario.data, key)) for key in fields})


# messages -----------------------------------------------------------------------------


def _explain(error: ValidationError, raw: Mapping[str, Any], origins: Mapping[str, str], name: str) -> str:
    """Turn pydantic's list into one line a problem: file:line: key: what, what is allowed."""
    found = []
    for problem in error.errors(include_url=False):
        loc = [part for part in problem["loc"] if part not in ("function-after", "RoadTables", "path")]
        key = ".".join(_readable(loc, raw))
        where = _origin(origins, key) or name
        if problem["type"] == "extra_forbidden":
            found.append(f"{where}: {key}: unknown key{nearest(str(loc[-1]), _known_keys(loc))}")
        elif problem["type"] == "missing":
            found.append(f"{where}: {key}: missing; see `siting keys`")
        else:
            text = problem["msg"].removeprefix("Value error, ")
            found.append(f"{where}: {key}: {text} (found {str(problem['input'])[:80]!r})")
    return "\n".join(dict.fromkeys(found))


def _readable(loc: list[Any], raw: Mapping[str, Any]) -> list[str]:
    """Key as a planner writes it: entries of ``[[criteria]]`` by their name, not their number."""
    if len(loc) > 1 and loc[0] == "criteria" and isinstance(loc[1], int):
        entry = raw["criteria"][loc[1]]
        return ["criteria", entry_name(entry), *map(str, loc[2:])]
    return [str(part) for part in loc]


def _origin(origins: Mapping[str, str], key: str, *, headers: bool = True) -> str | None:
    """Place of a key, or of what it stands in: an inline table, or the header of its section."""
    while key:
        found = origins.get(key) or (origins.get(f"[{key}]") if headers else None)
        if found:
            return found
        key = key.rpartition(".")[0]
    return None


def _known_keys(loc: list[Any]) -> list[str]:
    """Keys known where an unknown one stands."""
    model: Any = Scenario
    for part in loc[:-1]:
        fields = {info.alias or name: info for name, info in model.model_fields.items()}
        if str(part) in fields:
            model = _section_of(fields[str(part)].annotation) or model
    return [info.alias or name for name, info in model.model_fields.items()]


def check_weight_keys(weights: Mapping[str, float]) -> dict[str, float]:
    """Translate ``{criterion or group: weight}`` to scenario keys.

    Raises
    ------
    ScenarioError
        A name is neither a criterion nor a group.
    """
    keys = {}
    groups = list(Groups.model_fields)
    for name, weight in weights.items():
        if name in BY_ID:
            keys[f"criteria.{name}.weight"] = weight
        elif name in groups:
            keys[f"groups.{name}"] = weight
        else:
            raise ScenarioError(
                f"weights: {name!r} is no criterion or group{nearest(name, [*BY_ID, *groups])}"
            )
    return keys
