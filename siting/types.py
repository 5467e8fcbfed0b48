"""The nouns: what one stage hands to the next. Imports nothing of siting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_M = 6371000.0
"""Mean radius, as routers take it: lengths lie within 0.35 % of those on the ellipsoid."""

MARGIN_DEG = 0.02
"""Room left around the points of a study that gives no county outline, about 2 km."""

Severity = Literal["set_aside", "changed", "note"]
Language = Literal["zh", "en"]
Json: TypeAlias = Any
"""A value that JSON or TOML can hold: text, number, boolean, nothing, list, or table of such values."""
Cell: TypeAlias = Any
"""A value as it stands in a cell of a table: text, number, boolean, date or missing."""


class Settings(BaseModel):
    """Base of every section of a scenario: frozen, unknown keys refused, documented under the field."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False, strict=False
    )


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing found in an input: where, what, what was done, what to do."""

    file: str
    code: str
    """Stable code, letter and three digits, such as ``E101``."""
    severity: Severity
    action: str
    """What was done, English."""
    sheet: str | None = None
    row: int | None = None
    """Row that a planner sees in Excel, or physical line of a text file; from 1."""
    column: str | None = None
    """Heading as it stands in the file."""
    value: str | None = None
    """Value found, cut at 80 characters, control characters shown."""
    hint: str | None = None
    """What the planner should do."""
    action_zh: str = ""
    hint_zh: str = ""


class SitingError(Exception):
    """Base of the errors below; `message_zh` says in Chinese what ``str()`` says in English."""

    def __init__(
        self,
        message: str,
        issues: tuple[Issue, ...] = (),
        *,
        message_zh: str = "",
        codes: tuple[str, ...] = (),
    ):
        self.codes = codes
        """Codes of the messages that the error was made of."""
        self.issues = tuple(issues)
        """Every problem found, where the rows of a file are to blame."""
        self.message_zh = message_zh or message
        super().__init__(message)


class InputError(SitingError, ValueError):
    """Input refused; the text of the error names all problems."""


class ScenarioError(SitingError, ValueError):
    """A scenario breaks its contract; the text names file, line, key and the nearest known key."""


class OutputError(SitingError, OSError):
    """An output cannot be written; the text names it and says what to do."""


class InstallationError(SitingError):
    """The program or what it needs is at fault, never the user's file."""


@dataclass(frozen=True)
class ColumnUse:
    """A column of a file that is used, with a few of its values, so that a planner sees whether it fits."""

    heading: str
    samples: tuple[str, ...]
    """Up to three different values as they stand in the file."""


@dataclass(frozen=True)
class Table:
    """A checked table: ``counts["data_rows"] == counts["kept"] + counts["set_aside"]``, always."""

    frame: pd.DataFrame
    """Kept rows, indexed by id, columns of the data dictionary, plus ``row``; lon and lat in WGS-84.

    Where several sheets are read as one table, ``sheet`` says in which of them the row stands.
    """
    set_aside: pd.DataFrame
    """Rows not used, as they stood (text), with ``row`` and ``reason``."""
    issues: tuple[Issue, ...]
    counts: Mapping[str, int]
    """``data_rows, kept, set_aside, ignored_lines``."""
    file: str
    """Name of the file, no folder."""
    sha256: str
    """Hash of the very bytes that were parsed."""
    sheet: str | None = None
    encoding: str | None = None
    headings: Mapping[str, str] = field(default_factory=dict)
    """Column of the dictionary → heading in the file."""
    mapping: Mapping[str, ColumnUse] = field(default_factory=dict)
    """Column of the dictionary → what of the file it is read from."""
    aside: pd.DataFrame | None = None
    """What could be read of the rows set aside, columns of `frame` that were read by then, and ``reason``;
    None: not kept."""


def no_restrictions() -> pd.DataFrame:
    """Return the table of turn restrictions without any."""
    import pandas as pd

    kinds = {"restriction": "int32", "only": "bool", "edge": "int32", "against": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


@dataclass(frozen=True)
class RoadLayer:
    """Roads as read: edges between junctions, each with its geometry; lon and lat in WGS-84."""

    edges: pd.DataFrame
    """One row an edge, numbered from 0.

    ``way`` (id in the file), ``tail, head`` (node numbers), ``forward, backward`` (open to cars),
    ``length_m``, ``speed_kmh`` (assumed travel speed), ``legal_kmh``, ``speed_basis`` (``posted, class,
    stated``), ``class``, ``ref``, ``name``, ``opened`` (year, NA if unknown), ``belief`` (``sourced,
    believed`` or missing), ``through`` (False: only trips that start or end on it may drive it), ``tunnel``,
    ``roundabout``, ``mountain`` (share of it in the hills, as the file or an area says).
    """
    nodes: pd.DataFrame
    """One row a junction or road end, numbered from 0: ``lon, lat, id, name, signal`` (traffic signals),
    ``signal_one_way`` (1: for those who drive along the way only, −1: against it, 0: all)."""
    shape: NDArray[np.float64]
    """n_points × 2: lon and lat of all edges, one after the other, both ends included."""
    shape_start: NDArray[np.int64]
    """n_edges + 1: edge ``k`` has the points ``shape[shape_start[k]:shape_start[k + 1]]``."""
    set_aside: pd.DataFrame
    """Ways not used: ``way, row, reason``."""
    issues: tuple[Issue, ...]
    counts: Mapping[str, int]
    """``data_rows, kept, set_aside, ignored_lines``, in ways."""
    file: str
    sha256: str
    rows: Mapping[int, str] = field(default_factory=dict)
    """Row of each way used → its id; empty where ways have no rows (extracts)."""
    beyond: str = ""
    """File of the coarse network by which the roads are led on, where they are."""
    restrictions: pd.DataFrame = field(default_factory=no_restrictions)
    """Turn restrictions, one row a stretch of the way that they are about, in driving order.

    ``restriction`` (number), ``only`` (from its first stretch no other way may be driven; else not this one),
    ``edge``, ``against`` (the stretch is driven from its head).
    """

    @property
    def share_in_mountains(self) -> NDArray[np.float64]:
        """Share of each stretch in the hills; 0 where nothing says so."""
        import numpy as np

        share: NDArray[np.float64] = np.zeros(len(self.edges), np.float64)
        if "mountain" in self.edges:
            # Stretches of a coarse network joined to others have no such column of their own.
            share = np.asarray(self.edges["mountain"].astype(float).fillna(0.0), np.float64)
        return share

    def to_frame(self) -> gpd.GeoDataFrame:
        """Return the edges with their geometry, WGS-84."""
        import geopandas as gpd
        import numpy as np
        import shapely

        owner = np.repeat(np.arange(len(self.edges)), np.diff(self.shape_start))
        return gpd.GeoDataFrame(
            self.edges, geometry=shapely.linestrings(self.shape, indices=owner), crs="OGC:CRS84"
        )


@dataclass(frozen=True, eq=False)
class TimeMatrix:
    """Travel times given by the user; read-only."""

    minutes: NDArray[np.float64]
    """n_origins × n_destinations, read-only; ``inf`` where no way leads."""
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    file: str
    sha256: str
    issues: tuple[Issue, ...]


class AskedGroup(Settings):
    """``[[groups]]`` of a weights' record: what one group was answered."""

    name: Literal["enterprises", "industries", "building", "balance", "residents"]
    answer: float
    """Points, percent or rank, by the method of the record."""


class AskedCriterion(Settings):
    """``[[criteria]]`` of a weights' record: the range asked about, and the answer."""

    name: str
    worst: float
    """Raw figure from which the step was asked, in the criterion's unit."""
    best: float
    """Raw figure to which the step was asked."""
    answer: float
    """Points, percent or rank within the group, by the method of the record."""


class CrossCheck(Settings):
    """``[check]`` of a weights' record: one trade-off asked directly."""

    first: str
    """Criterion whose whole range is gained."""
    second: str
    """Criterion that pays for it."""
    amount: float
    """Most of the second, in its unit, that the whole range of the first is worth to the person."""


class DepartmentRecord(Settings):
    """What one department answered when it was asked for weights; a file of its own."""

    department: str
    who: str
    """Who answered for it."""
    given_on: str
    """When, as the person states it."""
    method: Literal["swing", "ranked", "direct"]
    """Points for ranges, ranks of ranges, or percent for whole anchors."""
    blind: bool
    """Whether names of sites, scores and results were hidden in the questions."""
    before_results: bool | None = None
    """True if the person had seen no result before; left out where the person did not say."""
    study: str
    """Name of the scenario whose ranges were asked about."""
    groups: tuple[AskedGroup, ...]
    criteria: tuple[AskedCriterion, ...]
    check: CrossCheck | None = None
    result: Json = None
    """What the answers came to when they were given; worked out anew whenever the record is used."""


@dataclass(frozen=True)
class Inputs:
    """Checked tables of one study, each indexed by id."""

    enterprises: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    """The options: ``kind`` is ``build, city, mobile``, …; only building kinds have a place."""
    roads: RoadLayer
    """The `RoadLayer`."""
    services: pd.DataFrame
    laboratories: gpd.GeoDataFrame
    industries: pd.DataFrame
    conditions: pd.DataFrame
    pledges: pd.DataFrame
    places: gpd.GeoDataFrame
    boundary: BaseGeometry | None
    """County outline, WGS-84 degrees; None where the study gives none."""
    sources: pd.DataFrame
    """One row a file of ``data/raw``: where it came from, licence."""
    parameters: pd.DataFrame
    """Default figures with range, basis and source, indexed by parameter."""
    red_lines: pd.DataFrame | None = None
    """Polygons that decide conditions: ``condition, verdict, name, geometry`` (WGS-84); None: none given."""
    township_areas: pd.DataFrame | None = None
    """``geometry`` (WGS-84) by township; None: none given."""
    context: gpd.GeoDataFrame | None = None
    """Neighbouring districts (``name, name_en, geometry``, WGS-84), drawn faintly; None: not drawn."""
    judgements: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """By viewpoint, the weights that experts' judgements come to; see `judgements.read_judgements`."""
    weight_records: Mapping[str, DepartmentRecord] = field(default_factory=dict)
    """By viewpoint, the records of departments that the weights' record names."""
    time_matrix: TimeMatrix | None = None
    """Minutes between enterprises and sites that stand in place of those by road."""
    tables: Mapping[str, Table] = field(default_factory=dict)
    """The tables as read: issues, row accounts and hash of each file."""

    @cached_property
    def area(self) -> BaseGeometry:
        """County outline; where there is none, what enterprises and sites span, WGS-84 degrees."""
        import geopandas as gpd
        import pandas as pd

        if self.boundary is not None:
            return self.boundary
        points = pd.concat([self.enterprises[["lon", "lat"]], self.sites[["lon", "lat"]]]).dropna()
        spanned = gpd.points_from_xy(points["lon"], points["lat"]).union_all()
        return spanned.convex_hull.buffer(MARGIN_DEG)

    @property
    def issues(self) -> tuple[Issue, ...]:
        """Issues of all tables, in the tables' order, then of the roads and the time matrix."""
        matrix = () if self.time_matrix is None else self.time_matrix.issues
        tables = (issue for table in self.tables.values() for issue in table.issues)
        return (*tables, *self.roads.issues, *matrix)


@dataclass(frozen=True)
class Demand:
    """Tests a year, enterprise × service."""

    tests: pd.DataFrame
    """Likely number, n_enterprises × n_services, tests a year."""
    high: pd.DataFrame
    """High end of the same."""
    backlog: pd.Series
    """Pieces waiting once, by enterprise; never part of the yearly flow."""
    assumed: pd.DataFrame
    """By enterprise, True where its tests rest on an estimated figure: ``employees, equipment, output_wan``;
    ``unplaced``: tests a year that the enterprise states though no service of the catalogue fits it."""
    expansion_factor: float = 1.0
    """Enterprises that a row stands for; scales hours, yuan and NPV, never shares. ``tests`` are unscaled."""

    @property
    def in_all(self) -> float:
        """Tests a year (residents) of all enterprises that the rows stand for."""
        return float(self.tests.to_numpy().sum()) * self.expansion_factor

    @property
    def is_served(self) -> bool:
        """Whether there is anything to serve: no place serves a part of one test a year."""
        return self.in_all >= 1.0


@dataclass(frozen=True)
class TravelTimes:
    """One-way driving, access legs included; ``inf`` where no road leads."""

    to_site: pd.DataFrame
    """n_enterprises × n_located_options, minutes, enterprise → site."""
    from_site: pd.DataFrame
    """The way back (site → enterprise), same shape, minutes."""
    to_laboratory: pd.DataFrame
    """n_enterprises × n_laboratories, minutes."""
    from_laboratory: pd.DataFrame
    to_site_km: pd.DataFrame
    to_laboratory_km: pd.DataFrame
    site_to_city: pd.Series
    """Minutes, by located option."""
    city_to_site: pd.Series
    site_to_city_km: pd.Series
    site_to_seat: pd.Series
    """Minutes between site and county seat, where staff live, by located option."""
    city_to_enterprise: pd.Series
    """Minutes, city → enterprise: teams that drive out."""
    snapping: pd.DataFrame
    """Every point snapped to the network: ``kind`` (enterprise, site, laboratory, city, seat), ``id, snap_m,
    located, status`` (``connected, unlocated, island, no_way_in, no_way_out``; see `travel.statuses`),
    ``road``."""


@dataclass(frozen=True)
class Ways:
    """The figures of `TravelTimes` as arrays, for what is worked out many times over."""

    to_site: NDArray[np.float64]
    """n_enterprises × n_located_options, minutes; so are the others as in `TravelTimes`."""
    from_site: NDArray[np.float64]
    to_laboratory: NDArray[np.float64]
    from_laboratory: NDArray[np.float64]
    to_site_km: NDArray[np.float64]
    to_laboratory_km: NDArray[np.float64]
    site_to_city: NDArray[np.float64]
    city_to_site: NDArray[np.float64]
    site_to_city_km: NDArray[np.float64]
    site_to_seat: NDArray[np.float64]
    city_to_enterprise: NDArray[np.float64]

    @classmethod
    def of(cls, travel: TravelTimes) -> Ways:
        """Take the figures out of their frames."""
        return cls(
            to_site=travel.to_site.to_numpy(dtype=float),
            from_site=travel.from_site.to_numpy(dtype=float),
            to_laboratory=travel.to_laboratory.to_numpy(dtype=float),
            from_laboratory=travel.from_laboratory.to_numpy(dtype=float),
            to_site_km=travel.to_site_km.to_numpy(dtype=float),
            to_laboratory_km=travel.to_laboratory_km.to_numpy(dtype=float),
            site_to_city=travel.site_to_city.to_numpy(dtype=float),
            city_to_site=travel.city_to_site.to_numpy(dtype=float),
            site_to_city_km=travel.site_to_city_km.to_numpy(dtype=float),
            site_to_seat=travel.site_to_seat.to_numpy(dtype=float),
            city_to_enterprise=travel.city_to_enterprise.to_numpy(dtype=float),
        )

    def of_enterprises(self, some: slice | NDArray[np.int64]) -> Ways:
        """Return the ways of some enterprises; figures lie in memory as before, so sums come out alike."""
        tables = {field.name: getattr(self, field.name) for field in fields(self)}
        own = {name for name, table in tables.items() if table.ndim == 2 or name == "city_to_enterprise"}
        return replace(self, **{name: tables[name][some].copy(order="K") for name in own})


@dataclass(frozen=True)
class Trips:
    """What the trips of the enterprises come to in a year under each option.

    Columns are the options; the option of kind ``city`` is today.
    """

    trips: pd.DataFrame
    """n_enterprises × n_options, round trips a year (report collection in, combined errands out)."""
    hours: pd.DataFrame
    """n_enterprises × n_options, person-hours a year: driving and waiting."""
    vehicle_km: pd.DataFrame
    """n_enterprises × n_options, km a year."""
    minutes: pd.DataFrame
    """n_enterprises × n_options, one-way minutes of a test trip, mean over the enterprise's demand."""
    taken: pd.DataFrame
    """n_services × n_options, share of the service's tests that the option takes (0..1)."""
    city_trips: pd.DataFrame
    """n_enterprises × n_options, round trips a year that still lead to the laboratories of today."""
    issued: pd.DataFrame
    """n_services × n_options, share of the tests whose report the option may legally issue (0..1)."""


@dataclass(frozen=True)
class Evidence:
    """All that a criterion may see."""

    inputs: Inputs
    demand: Demand
    travel: TravelTimes
    trips: Trips
    costs: pd.DataFrame
    """Option × cost item (万元): set-up, land on the account chosen, running …; see `economics.costs`."""

    @property
    def options(self) -> gpd.GeoDataFrame:
        """The options, indexed by id, in the table's order."""
        return self.inputs.sites


@dataclass(frozen=True)
class Location:
    """A solved location problem."""

    facilities: tuple[int, ...]
    """Sorted column numbers."""
    assignment: NDArray[np.int64]
    """A column number per demand row, −1 unserved."""
    objective: float
    bound: float
    proven: bool
