"""One TOML file → a frozen `Scenario`; each section's keys are declared beside the code that reads them.

Precedence, last wins: default of the key < ``base = "…"`` < the file itself < ``--set key=value``.
Two overrides of one key are an error. Every value remembers the file and line that it comes from.
"""

from __future__ import annotations

import hashlib
import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from siting.analysis.coverage import CoverageSettings
from siting.analysis.criteria import BY_ID, CriterionUse
from siting.analysis.demand import DemandSettings, TripSettings
from siting.analysis.economics import EconomicsSettings
from siting.analysis.network import TravelTimeSettings
from siting.analysis.register import RegisterSettings
from siting.analysis.robustness import RobustnessSettings
from siting.analysis.scoring import effective_weights, normalised
from siting.settings_file import DEFAULT as DEFAULT
from siting.settings_file import (
    entry_name,
    inside,
    nearest,
    parse_overrides,
    path_fault,
    read_chain,
    set_key,
)
from siting.types import InputError, ScenarioError, Settings

if TYPE_CHECKING:
    import pandas as pd

READ_ONCE = ("data", "register", "study_year")
"""Keys that settle how the files are read: changed where a study is loaded, not afterwards."""


class RoadTables(Settings):
    """A curated road network as two tables."""

    nodes: Path
    """Table ``road_nodes`` of the data dictionary."""
    edges: Path
    """Table ``road_edges`` of the data dictionary."""


class TimeMatrixFile(Settings):
    """Travel times from elsewhere (a map service, a traffic model)."""

    file: Path
    """CSV or workbook, enterprise × site by their ids; the way back counts alike; see data/README.md."""
    unit: Literal["min", "s", "h"]
    """Unit of its cells: minutes, seconds or hours."""


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
    pledges: Path | None = None
    """Pledge ledger; none where nobody has offered anything."""
    industries: Path
    """Industries, pillar or not, and the codes that belong to each."""
    places: Path
    """Townships, zones, county seat and city."""
    boundary: Path
    """County outline, GeoJSON."""
    context: Path | None = None
    """Neighbouring districts, GeoJSON, drawn faintly."""
    roads: Path | RoadTables
    """OSM extract (``.osm.pbf``, ``.osm``), GPKG or GeoJSON, or two tables ``{ nodes = …, edges = … }``."""
    network_beyond: Path | None = None
    """Coarse network that leads on to laboratories and the city where `roads` end before them."""
    time_matrix: TimeMatrixFile | None = None
    """Minutes between enterprises and sites, both ways, in place of those that the roads give."""
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
    groups: Groups | None = None
    """Group weights; needed unless judgements compare the groups."""
    criteria: dict[str, float] = {}
    """Weights within groups that differ from the scenario's, by criterion."""
    judgements: Path | None = None
    """Score sheet filled in by experts, table ``judgements``: its weights (AHP) go before the two above."""
    pairs: tuple[tuple[str, str, float], ...] = ()
    """Judgements written here, not in a sheet: [first, second, how many times the first matters more]."""


class WeightsRecord(Settings):
    """``[weights_record]``: who adopted the weights, when, and whether before the results were seen."""

    set_by: str
    """Who set the weights."""
    set_on: str
    """When, as a date in words or ISO form."""
    before_results: bool | None = None
    """True if the weights were set before the results were seen; left out where nobody recorded it."""
    example: bool = False
    """True while the weights are examples that no meeting has adopted."""
    note: str = ""
    """What else a reader should know of them."""


class Demonstration(Settings):
    """``[demonstration]``: marks the settings of its file as belonging to these registers alone."""

    registers: tuple[str, ...]
    """Fingerprints of the demonstration's registers; `data/make_anchors.py` prints them."""


class AnchorsRecord(Settings):
    """``[anchors_record]``: what the anchors of its file were made for."""

    made_for: str
    """Register and roads in words."""
    registers: tuple[str, ...]
    """Fingerprints of the registers that the anchors hold for."""
    roads: tuple[str, ...]
    """Hashes of the road files that the anchors hold for."""
    remade: bool = False
    """True where a run made the anchors anew, as those of the scenario were made for other data."""


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
    """Who set the weights, when, and whether before the results were seen."""

    demonstration: Demonstration | None = None
    """Registers of a demonstration, whose other settings reach no other register."""
    anchors_record: AnchorsRecord | None = None
    """What the anchors were made for."""

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of all settings; the paths count as written, so two checkouts agree."""
        return hashlib.sha256(self.canonical().encode("utf-8")).hexdigest()

    def canonical(self) -> str:
        """Write the settings as sorted JSON, file names instead of paths."""
        raw = self.model_dump(mode="python", by_alias=True)
        raw["data"] = {k: _file_names(v) for k, v in raw["data"].items()}
        for view in raw["viewpoints"].values():
            view["judgements"] = _file_names(view["judgements"])
        return json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)

    @property
    def weights_adopted(self) -> bool:
        """Whether somebody adopted the weights and the scenario records who and when."""
        return self.weights_record is not None and not self.weights_record.example

    def origin(self, key: str) -> str:
        """File and line that a key comes from, or ``default``."""
        return _origin(self._origins, key, headers=False) or "default"

    def file_of(self, key: str) -> str | None:
        """File that a key, or the section around it, comes from; None where no file sets it."""
        origin = _origin(self._origins, key) or ""
        return origin.rpartition(":")[0] or origin or None


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
    scenario = _checked({"criteria": [], **raw}, origins, path.name)
    place = partial(_place, scenario, origins, path)
    views = {
        name: view.model_copy(update={"judgements": place(f"viewpoints.{name}.judgements", view.judgements)})
        for name, view in scenario.viewpoints.items()
    }
    scenario = scenario.model_copy(update={"data": _resolve_paths(scenario, place), "viewpoints": views})
    scenario._origins.update(origins)
    return scenario


def _checked(raw: Mapping[str, Any], origins: Mapping[str, str], name: str) -> Scenario:
    try:
        scenario = Scenario.model_validate_json(json.dumps(raw, default=str), strict=True)
    except ValidationError as error:
        raise ScenarioError(_explain(error, raw, origins, name)) from None
    problems = _weight_problems(scenario)
    if problems:
        lines = [f"{_origin(origins, key) or name}: {key}: {problem}" for key, problem in problems]
        raise ScenarioError("\n".join(lines))
    return scenario


def _weight_problems(scenario: Scenario) -> list[tuple[str, str]]:
    """Weights that no score can be made of: all zero, lost in rounding, or of an unknown criterion."""
    problems = []
    for name, view in scenario.viewpoints.items():
        if view.judgements and view.pairs:
            problems.append((f"viewpoints.{name}.pairs", "give judgements or pairs, not both"))
        if not (view.groups or view.judgements or view.pairs):
            problems.append((f"viewpoints.{name}.groups", "missing; give groups, judgements or pairs"))
        for criterion, weight in view.criteria.items():
            key = f"viewpoints.{name}.criteria.{criterion}"
            if criterion not in BY_ID:
                problems.append((key, f"no criterion {criterion!r}{nearest(criterion, BY_ID)}"))
            elif weight < 0:
                problems.append((key, f"a weight is 0 or more (found {weight})"))
    if problems:
        return problems
    sets = {"groups": partial(weights_of, scenario)}
    sets |= {f"viewpoints.{name}": partial(viewpoint_weights, scenario, name) for name in scenario.viewpoints}
    for key, work_out in sets.items():
        try:
            normalised(work_out().to_dict())  # the product of two small weights may be lost too
        except InputError as fault:
            problems.append((key, str(fault)))
    return problems


def weights_of(scenario: Scenario) -> pd.Series:
    """Effective weight of each criterion; they sum to 1."""
    return effective_weights(scenario.groups.model_dump(), scenario.criteria)


def viewpoint_weights(scenario: Scenario, viewpoint: str) -> pd.Series:
    """Effective weights of a viewpoint; criteria that it does not name keep the scenario's weight."""
    view = scenario.viewpoints[viewpoint]
    uses = [
        use.model_copy(update={"weight": view.criteria.get(use.name, use.weight)})
        for use in scenario.criteria
    ]
    return effective_weights((view.groups or scenario.groups).model_dump(), uses)


def change(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """Copy a scenario with dotted keys set to new values; checked like a file."""
    raw = scenario.model_dump(mode="json", by_alias=True)
    for key, value in changes.items():
        if key.partition(".")[0] in READ_ONCE:
            raise ScenarioError(
                f"{key}: settles how files are read when a study is loaded; "
                f'use siting.load(…, settings={{"{key}": …}})'
            )
        set_key(raw, key, value)
    changed = _checked(raw, {}, scenario.name)
    changed._origins.update(scenario._origins | dict.fromkeys(changes, "changed in Python"))
    return changed


def section_of(annotation: Any) -> type[BaseModel] | None:
    """Return the settings class inside an annotation such as ``tuple[CriterionUse, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    origin = typing.get_origin(annotation)
    parts = [part for part in typing.get_args(annotation) if part is not type(None)]
    if origin in (tuple, dict) or (origin is types.UnionType and len(parts) == 1):
        return next(filter(None, map(section_of, parts)), None)
    return None


def _file_names(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _file_names(v) for k, v in value.items()}
    return Path(value).name if value is not None else None


def _resolve_paths(scenario: Scenario, place: Callable[[str, Any], Any]) -> Data:
    fields = Data.model_fields
    return Data.model_construct(**{key: place(f"data.{key}", getattr(scenario.data, key)) for key in fields})


def _place(scenario: Scenario, origins: Mapping[str, str], path: Path, key: str, value: Any) -> Any:
    """Resolve a path that a key names, relative to the scenario's file."""
    if value is None:
        return None
    if isinstance(value, Settings):
        parts = {name: part for name, part in value if isinstance(part, Path)}
        return value.model_copy(
            update={
                name: _place(scenario, origins, path, f"{key}.{name}", part) for name, part in parts.items()
            }
        )
    text = str(value).replace("{spread}", scenario.register_.spread)
    where = _origin(origins, key) or path.name
    if where == "--set":  # the user's own word, from where the user is
        fault = path_fault(text)
        if fault:
            raise ScenarioError(f"--set {key}: {text[:80]!r} is {fault}; name a file")
        return Path(text).expanduser().resolve()
    return inside(path.parent, text, key, where, path)


_BRANCHES = ("RoadTables", "lax-or-strict")
"""Names that pydantic gives to the alternatives of ``data.roads``."""


# messages -----------------------------------------------------------------------------

_FEW = 8
"""Allowed values up to which a message lists them; of more, it names the nearest."""


def _explain(error: ValidationError, raw: Mapping[str, Any], origins: Mapping[str, str], name: str) -> str:
    """Turn pydantic's list into one line a problem: file:line: key: what, what is allowed."""
    found = []
    for problem in error.errors(include_url=False):
        # Of two kinds of value that may stand here, complain of the kind that was meant.
        branch = next((str(part) for part in problem["loc"] if str(part).startswith(_BRANCHES)), None)
        if branch and (branch == "RoadTables") != isinstance(raw["data"][problem["loc"][1]], Mapping):
            continue
        loc = [part for part in problem["loc"] if part not in (branch, "[key]")]
        key = ".".join(_readable(loc, raw))
        where = _origin(origins, key) or name
        choice, value = problem["type"] == "literal_error", str(problem["input"])[:80]
        if choice and len(known := re.findall(r"'([^']+)'", problem["ctx"]["expected"])) > _FEW:
            found.append(f"{where}: {key}: {value!r} is not known{nearest(value, known)}")
        elif problem["type"] == "extra_forbidden":
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
            model = section_of(fields[str(part)].annotation) or model
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
