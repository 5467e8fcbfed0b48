"""The frozen settings of a study: weights, viewpoints, records and the sections of every stage."""

from __future__ import annotations

import hashlib
import json
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field, PrivateAttr

from siting.analysis.access import coverage
from siting.analysis.access.coverage import CoverageSettings
from siting.analysis.decision.criteria import GROUP_OF, CriterionUse
from siting.analysis.decision.scoring import effective_weights
from siting.analysis.decision.weights import RandomIndex
from siting.analysis.demand import demand_settings
from siting.analysis.demand.demand_settings import DemandSettings, TripSettings
from siting.analysis.demand.synthetic import RegisterSettings
from siting.analysis.money import money_settings
from siting.analysis.money.money_settings import EconomicsSettings
from siting.analysis.network import speeds
from siting.analysis.network.speeds import TravelTimeSettings
from siting.analysis.robustness.assess import RobustnessSettings
from siting.inputs.sections import Data, RedLines, Register, RoadLayerReading
from siting.option_kinds import Kind
from siting.scenario.facility import Facility
from siting.types import Settings

if TYPE_CHECKING:
    import pandas as pd


READ_ONCE = ("data", "red_lines", "register", "study_year", "option_kinds", "tests_factor")
"""Keys that settle how the files are read: changed where a study is loaded, not afterwards."""

PARAMETERS: Mapping[str, str] = {
    **demand_settings.PARAMETERS,
    **coverage.PARAMETERS,
    **money_settings.PARAMETERS,
    **speeds.PARAMETERS,
}
"""Scenario key → row of the parameters table that its default comes from."""


ProjectStage = Literal["intention", "proposal", "feasibility"]


class Groups(Settings):
    """``[groups]``: weights of the criterion groups (一级指标); scaled to sum 1."""

    enterprises: float = Field(default=0.0, ge=0)
    """Service to enterprises (便企)."""
    industries: float = Field(default=0.0, ge=0)
    """Industries (产业支撑)."""
    building: float = Field(default=0.0, ge=0)
    """Building and running (建设运营)."""
    balance: float = Field(default=0.0, ge=0)
    """Regional balance (区域均衡)."""
    residents: float = Field(default=0.0, ge=0)
    """Service to residents (便民); in studies of residents."""


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
    random_index: RandomIndex = "saaty_2008"
    """Saaty's table of random indices that the consistency of judgements is measured by."""


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
    method: Literal["direct", "ranked", "swing", "ahp", "mean", "geometric_mean"] | None = None
    """How they came about; mean and geometric_mean are those of `records`."""
    records: tuple[Path, ...] = ()
    """Records of departments, made by `siting weights`; each becomes a viewpoint."""


class Demonstration(Settings):
    """``[demonstration]``: marks the settings of its file as belonging to these registers alone."""

    registers: tuple[str, ...]
    """Fingerprints of the demonstration's registers; `siting anchors --json` prints them."""


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


class CalibrationRecord(Settings):
    """``[calibration_record]``: the measured trips that the travel times were fitted to."""

    file: str
    """Name of the table of trips."""
    sha256: str
    """Hash of that file."""
    trips: int = Field(ge=1)
    """Trips that the fit rests on."""
    mean_error_before_min: float = Field(ge=0)
    """Mean error of a trip before the fit, minutes."""
    mean_error_held_out_min: float = Field(ge=0)
    """Mean error of a trip held out of its own fit, minutes."""
    mean_error_before_percent: float = Field(ge=0)
    """Mean error before the fit, percent of the measured time."""
    mean_error_held_out_percent: float = Field(ge=0)
    """Mean error of a trip held out of its own fit, percent of the measured time."""
    set_on: str = ""
    """When it was fitted, as a date in words or ISO form."""


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
    study_date: str = Field(default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$")
    """Day on which pledges are looked at, as 2011-03-01; blank: the first day of the study's year."""
    project_stage: ProjectStage | None = None
    """How far the centre has come: an intention, or approved as a proposal or by its feasibility study."""
    prepared_by: str = Field(default="", max_length=80)
    """Who prepared the study, as the page names it."""
    prepared_on: str = Field(default="", max_length=40)
    """When, as a date in words or ISO form; no clock is read."""
    seed: int = Field(default=2011, ge=0)
    """Seed of all random draws."""
    option_kinds: tuple[Kind, ...] = ()
    """Kinds of option that are compared, beside today; none: all that the table of sites holds."""
    data: Data
    register_: Register = Field(default=Register(), alias="register")
    tests_factor: dict[str, Annotated[float, Field(ge=0)]] = {}
    """Factor on the demand for single services, by id, where a count replaces what the catalogue assumes."""
    red_lines: tuple[RedLines, ...] = ()
    roads: RoadLayerReading = RoadLayerReading()
    travel_time: TravelTimeSettings = TravelTimeSettings()
    demand: DemandSettings = DemandSettings()
    facility: Facility | None = None
    """What the study calls what it sites; none: a testing centre's words."""
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
    calibration_record: CalibrationRecord | None = None
    """What the travel times were fitted to."""
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
        raw["register"]["aliases"] = _file_names(raw["register"]["aliases"])
        if self.facility is None:
            del raw["facility"]  # words that nobody states leave no trace
        for layer in raw["red_lines"]:
            layer["file"] = _file_names(layer["file"])
        for view in raw["viewpoints"].values():
            view["judgements"] = _file_names(view["judgements"])
        if self.weights_record is not None:
            raw["weights_record"]["records"] = [path.name for path in self.weights_record.records]
        return json.dumps(raw, ensure_ascii=False, sort_keys=True, default=str)

    @property
    def as_of(self) -> str:
        """Day on which pledges are looked at; never a clock's."""
        return self.study_date or f"{self.study_year}-01-01"

    @property
    def weights_adopted(self) -> bool:
        """Whether somebody adopted the weights and the scenario records who and when."""
        return self.weights_record is not None and not self.weights_record.example

    def origin(self, key: str) -> str:
        """File and line that a key comes from, or ``default``."""
        return _origin(self._origins, key, headers=False) or "default"

    def belongs_to_demonstration(self, key: str) -> bool:
        """Tell whether a key's value comes from the file that marks itself as the demonstration's."""
        mark = self.file_of("demonstration.registers")
        return mark is not None and self.file_of(key) == mark

    def is_on_record(self, criterion: str) -> bool:
        """Tell whether a criterion's anchors are those of `anchors_record`, not stated by themselves."""
        record = self.file_of("anchors_record.made_for")
        return record is not None and self.file_of(f"criteria.{criterion}.anchors") == record

    def file_of(self, key: str) -> str | None:
        """File that a key, or the section around it, comes from; None where no file sets it."""
        origin = _origin(self._origins, key) or ""
        return origin.rpartition(":")[0] or origin or None


def weights_of(scenario: Scenario) -> pd.Series:
    """Effective weight of each criterion; they sum to 1."""
    return effective_weights(scenario.groups.model_dump(), scenario.criteria, group_of=GROUP_OF)


def viewpoint_weights(scenario: Scenario, viewpoint: str) -> pd.Series:
    """Effective weights of a viewpoint; criteria that it does not name keep the scenario's weight."""
    view = scenario.viewpoints[viewpoint]
    uses = [
        use.model_copy(update={"weight": view.criteria.get(use.name, use.weight)})
        for use in scenario.criteria
    ]
    return effective_weights((view.groups or scenario.groups).model_dump(), uses, group_of=GROUP_OF)


def section_of(annotation: object) -> type[BaseModel] | None:
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


def _origin(origins: Mapping[str, str], key: str, *, headers: bool = True) -> str | None:
    """Place of a key, or of what it stands in: an inline table, or the header of its section."""
    while key:
        found = origins.get(key) or (origins.get(f"[{key}]") if headers else None)
        if found:
            return found
        key = key.rpartition(".")[0]
    return None
