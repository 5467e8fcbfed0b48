"""The files that a scenario names → `Inputs`: every table checked, all problems told at once."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from siting.analysis.demand.demand_kinds import DEMAND_KINDS
from siting.analysis.network.travel import CITY_PLACE, located
from siting.common.file_bytes import file_bytes
from siting.inputs.places.region import fold_place
from siting.inputs.sections import Register, RoadTables, TimeMatrixFile
from siting.messages import error_of, fault_of, refusal, refusals, text_of
from siting.option_kinds import TODAY
from siting.scenario.judgements import read_judgements
from siting.scenario.model import Scenario
from siting.scenario.weight_records import read_records
from siting.types import InputError, Inputs, Issue, RoadLayer, SitingError, Table, TimeMatrix

if TYPE_CHECKING:
    import geopandas as gpd

    from siting.inputs.places.region import Region

_LOG = logging.getLogger(__name__)
_Frame = TypeVar("_Frame", bound=pd.DataFrame)

RENAMED = 2016
"""Year in which the county became a district and places took their names of today (facts 1)."""

STUDY_TABLES = (
    "sites",
    "conditions",
    "replies",
    "services",
    "laboratories",
    "stations",
    "pledges",
    "industries",
    "places",
    "sources",
    "parameters",
)
"""Tables that are the study's own: a wrong row there is a mistake to mend, never set aside."""

ABSENT = ("conditions", "pledges", "sources", "industries", "parameters")
"""Tables that a study, or one of its kind, may be without."""


def read_inputs(scenario: Scenario) -> Inputs:
    """Read and check every table of a scenario.

    Raises
    ------
    InputError
        All problems of all tables at once. Only the register may have rows set aside: the other tables
        are the study's own, and a wrong row there is a mistake to mend.
    """
    from siting.inputs.tables.areas.townships import read_township_areas
    from siting.inputs.tables.read_table import empty_table, read_region, read_table
    from siting.inputs.tables.references import check_references, code_aliases

    data, tables = scenario.data, {}
    faults: list[SitingError] = []

    def attempt(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except InputError as fault:
            faults.append(fault)
            return None

    kind = scenario.demand.kind
    for name in STUDY_TABLES:
        if getattr(data, name) is None:
            continue
        table = attempt(partial(read_table, getattr(data, name), name, crs="WGS84"))
        if table is not None:
            tables[name] = table
            faults += mistakes_of(table.issues)
    path = register_settings(scenario).aliases
    aliases = None if path is None else attempt(partial(read_table, path, "aliases"))
    if "places" in tables and aliases is not None:
        further = attempt(partial(_further_names, tables["places"], aliases))
        tables["places"] = further or tables["places"]
    region = attempt(partial(read_region, data.boundary))
    more = attempt(partial(read_more_sites, data.more_sites, scenario, region)) if data.more_sites else None
    roads = attempt(partial(_read_roads, scenario, tables))
    if region is not None and "places" in tables:
        codes = code_aliases(aliases) if aliases else {}
        region = replace(region, places=tables["places"].frame, codes=codes)
    register = attempt(partial(_read_register, scenario, region))
    judged = attempt(partial(read_judgements, scenario))
    recorded = attempt(partial(read_records, scenario))
    red_lines = attempt(partial(_read_red_lines, scenario))
    areas = attempt(partial(read_township_areas, data.townships)) if data.townships else None
    if register is not None and "sites" in tables:
        matrix = attempt(partial(read_time_matrix, data.time_matrix, register, tables["sites"].frame))
    if not faults:
        faults += [fault_of(issue) for issue in check_references(tables)]
        faults += _unnamed_permissions(scenario, tables)
        faults += _lacking_places(tables["places"].frame, kind.place_kinds)
    if faults:
        raise refusals(faults)
    if more is not None:
        tables["sites"] = with_more(tables["sites"], more)
        tables["more_sites"] = more
    if scenario.option_kinds:
        tables = _among_kinds(tables, (TODAY.id, *scenario.option_kinds))
    for name, table in sorted({"enterprises": register, **tables}.items()):
        # Names of files are others' text: %r leaves no control character for a terminal to obey.
        _LOG.debug("table %s: %d rows kept, file %r", name, len(table.frame), table.file)
    _LOG.info("read %d tables and %d road edges", len(tables) + 1, len(roads.edges))
    aside = ("more_sites", "replies", *(other.today for other in DEMAND_KINDS.values()))
    frames = {name: table.frame for name, table in tables.items() if name not in aside}
    frames.setdefault("services", _response())
    today = tables[kind.today].frame if kind.today in tables else empty_table(kind.today)
    for name in ABSENT:
        frames.setdefault(name, empty_table(name))
    frames["services"] = _counted_anew(frames["services"], scenario.tests_factor)
    register = _with_notes(register, frames)
    places = _of_year(frames.pop("places"), scenario.study_year)
    told = _areas_told(areas, register, places)
    return Inputs(
        enterprises=_enterprises(register.frame, places),
        sites=with_points(named_towns(frames.pop("sites"), places)),
        laboratories=with_points(today),
        places=with_points(places),
        roads=roads,
        boundary=region.boundary,
        red_lines=red_lines,
        township_areas=_township_areas(areas, places),
        context=_read_context(data.context),
        tables={"enterprises": register, **tables, **judged[0], **recorded[0], **told},
        judgements=judged[1],
        weight_records=recorded[1],
        time_matrix=matrix,
        **frames,
    )


def _counted_anew(services: pd.DataFrame, factors: Mapping[str, float]) -> pd.DataFrame:
    """Scale the tests of the services that the scenario gives a factor for.

    Raises
    ------
    InputError
        The catalogue has no such service.
    """
    unknown = [name for name in factors if name not in services.index]
    if unknown:
        raise refusal("", "E800", names=", ".join(unknown), known=", ".join(map(str, services.index)))
    if not factors:
        return services
    factor = pd.Series(factors).reindex(services.index).fillna(1.0)
    bounds = ["tests_low", "tests_likely", "tests_high"]
    return services.assign(**{column: services[column] * factor for column in bounds})


def _among_kinds(tables: Mapping[str, Table], kinds: Iterable[str]) -> dict[str, Table]:
    """Leave out the options of other kinds, and what other tables say of these."""
    sites = tables["sites"]
    gone = set(sites.frame.index[~sites.frame["kind"].isin(list(kinds))])
    kept = {"sites": replace(sites, frame=sites.frame.drop(index=list(gone)))}
    for name in ("conditions", "pledges"):
        if name in tables:
            frame = tables[name].frame
            kept[name] = replace(tables[name], frame=frame[~frame["site"].isin(gone)])
    return {**tables, **kept}


def _with_notes(register: Table, frames: Mapping[str, pd.DataFrame]) -> Table:
    """Add to a register what it does not share with the study: a note each, which never stops a run."""
    from siting.inputs.tables.references import note_unmatched

    found = note_unmatched(register, frames["places"], frames["industries"])
    return replace(register, issues=tuple(dict.fromkeys((*register.issues, *found))))


def _further_names(places: Table, aliases: Table) -> Table:
    from siting.inputs.tables.references import with_aliases

    return replace(places, frame=with_aliases(places.frame, aliases))


def read_more_sites(path: Path, scenario: Scenario, region: Region | None, crs: str | None = None) -> Table:
    """Read candidate sites of the planner's: how land is provided is undecided where they leave it out.

    A row that would be set aside is refused.

    `crs`: coordinate system of a list that does not carry one; the register's unless given.
    """
    from siting.inputs.tables.read_table import read_table

    settings = register_settings(scenario)
    table = read_table(path, "sites", crs=crs or settings.crs, region=region)
    lost = [fault_of(issue) for issue in table.issues if issue.severity == "set_aside"]
    if lost:
        raise refusals(lost)
    answers = table.frame["land_provision"].astype(object)
    undecided = answers.where(answers.notna(), "undecided").to_numpy()
    return replace(table, frame=table.frame.assign(land_provision=undecided))


def with_more(sites: Table, more: Table) -> Table:
    """Append candidate sites to the study's, under ids of their own."""
    frame = more.frame
    taken = {*sites.frame.index, *frame.index}
    free = (name for n in count(1) if (name := f"candidate-{n}") not in taken)
    names = [next(free) if re.fullmatch(r"row-\d+", name) else name for name in frame.index]
    frame = frame.set_axis(pd.Index(names, name=frame.index.name))
    twice = sorted(set(frame.index) & set(sites.frame.index))
    if twice:
        raise refusal(more.file, "E658", ids=", ".join(twice))
    return replace(sites, frame=pd.concat([sites.frame, frame]))


def register_settings(scenario: Scenario) -> Register:
    """Give the settings that say how the register is read; the demonstration's hold for its own file only."""
    settings = scenario.register_
    if scenario.belongs_to_demonstration(f"data.{scenario.demand.kind.register}"):
        return settings
    inherited = [k for k in Register.model_fields if scenario.belongs_to_demonstration(f"register.{k}")]
    return settings.model_copy(update={k: Register.model_fields[k].default for k in inherited})


def stated_reading(scenario: Scenario, table: str, file: Path) -> Register | None:
    """Give the settings by which a study reads a file as a table; None for a file that is not its own."""
    data, settings, roads = scenario.data, register_settings(scenario), scenario.roads
    places = Register(crs="WGS84")
    own = [(name, getattr(data, name), places) for name in STUDY_TABLES]
    own += [(scenario.demand.kind.register, getattr(data, scenario.demand.kind.register), settings)]
    own += [("sites", data.more_sites, Register(crs=settings.crs))]
    if isinstance(data.roads, RoadTables):
        own += [("road_nodes", data.roads.nodes, places), ("road_edges", data.roads.edges, places)]
    else:
        layer = Register(crs=roads.crs, sheet=roads.layer, columns=roads.columns)
        own += [("roads", data.roads, layer)]
    return next((reading for name, path, reading in own if (name, path) == (table, file.resolve())), None)


def _lacking_places(places: pd.DataFrame, kinds: Iterable[str]) -> list[SitingError]:
    """Refuse a table of places without a point that trips or staff are counted from."""
    return [refusal("", "E822", place=kind) for kind in kinds if not (places["kind"] == kind).any()]


def _unnamed_permissions(scenario: Scenario, tables: Mapping[str, Table]) -> list[SitingError]:
    """Refuse permissions, asked for or granted, that neither the dictionary nor the study names."""
    from siting.inputs.tables.references import known_permissions, unnamed_permissions

    named = scenario.facility.permissions if scenario.facility else ()
    known = known_permissions(named)
    faults: list[SitingError] = []
    if "services" in tables:
        faults += [fault_of(issue) for issue in unnamed_permissions(tables["services"], known)]
    if lost := [name for name in scenario.trips.approvals if name not in known]:
        faults.append(refusal("", "E881", names=", ".join(lost), known=", ".join(known)))
    return faults


def _response() -> pd.DataFrame:
    """Give the service catalogue of a study of residents: each person counts once, whatever happens."""
    from siting.inputs.tables.read_table import read_table

    return read_table(Path(str(files("siting.inputs.dictionary") / "response.csv")), "services").frame


def _read_register(scenario: Scenario, region: Region | None) -> Table:
    from siting.inputs.tables.read_table import empty_table, read_table

    settings, register = register_settings(scenario), scenario.demand.kind.register
    table = read_table(
        getattr(scenario.data, register),
        register,
        crs=settings.crs,
        sheet=settings.sheet,
        industry_standard=settings.industry_standard,
        region=region,
        locate=settings.locate,
        rows=settings.rows,
        columns=settings.columns,
    )
    if table.frame.empty:
        raise _nothing_usable(table)
    # What a list of residents does not speak of is missing, as it is in a list that leaves a column out.
    blank = empty_table("enterprises").reindex(table.frame.index)
    lacking = [name for name in blank if name not in table.frame]
    return replace(table, frame=pd.concat([table.frame, blank[lacking]], axis=1)) if lacking else table


def _read_roads(scenario: Scenario, tables: Mapping[str, Table]) -> RoadLayer:
    """Read the roads, lead them on where they end before the city or a laboratory, and mark the hills."""
    from siting.inputs.roads.mountain_area import mark_mountains

    files = scenario.data.roads
    roads = _read_road_tables(files) if isinstance(files, RoadTables) else _led_on(files, scenario, tables)
    return mark_mountains(roads, scenario.data.mountain_area, scenario.travel_time.mountain_factor)


def _led_on(file: Path, scenario: Scenario, tables: Mapping[str, Table]) -> RoadLayer:
    """Read an extract or a layer, and lead it on where it ends."""
    from siting.inputs.roads.extend import join_beyond, lie_off
    from siting.inputs.roads.read_roads import read_roads

    beyond = scenario.data.network_beyond
    roads = read_roads(file, tracks=scenario.travel_time.tracks, reading=scenario.roads)
    if beyond in (None, file) or not {"laboratories", "places"} <= set(tables):
        return roads
    places = tables["places"].frame
    goals = pd.concat([tables["laboratories"].frame, places[places["kind"] == CITY_PLACE]])
    if not lie_off(roads, goals[["lon", "lat"]].to_numpy(float), scenario.travel_time.snap_limit_m).any():
        return roads
    return join_beyond(roads, read_roads(beyond))


def _read_road_tables(files: RoadTables) -> RoadLayer:
    from siting.inputs.roads.read_roads import read_road_tables
    from siting.inputs.tables.read_table import read_table

    nodes = read_table(files.nodes, "road_nodes", crs="WGS84")
    edges = read_table(files.edges, "road_edges")
    wrong = mistakes_of([*nodes.issues, *edges.issues])
    if wrong:
        raise refusals(wrong)
    return read_road_tables(
        nodes.frame, edges.frame, file=f"{nodes.file}, {edges.file}", sha256=f"{nodes.sha256} {edges.sha256}"
    )


def read_time_matrix(
    settings: TimeMatrixFile | None, register: Table, sites: pd.DataFrame
) -> TimeMatrix | None:
    """Read the travel times given between the enterprises of a register and sites; None where none are."""
    from siting.inputs.tables.time_matrix import read_time_matrix

    if settings is None:
        return None
    return read_time_matrix(
        settings.file,
        origins=[str(name) for name in register.frame.index],
        destinations=[str(name) for name in located(sites).index],
        unit=settings.unit,
    )


def _read_red_lines(scenario: Scenario) -> pd.DataFrame | None:
    from siting.inputs.tables.areas.red_lines import read_red_lines

    layers = [read_red_lines(layer) for layer in scenario.red_lines]
    return pd.concat(layers, ignore_index=True) if layers else None


def _township_areas(areas: Table | None, places: pd.DataFrame) -> pd.DataFrame | None:
    """Join the polygons of each township, under its name of the study year."""
    import shapely

    if areas is None:
        return None
    by_town = named_towns(areas.frame, places).groupby("town", sort=True)["geometry"]
    joined = {town: shapely.union_all(shapes.to_numpy()) for town, shapes in by_town}
    return pd.DataFrame({"geometry": pd.Series(joined, dtype=object)}).rename_axis("town")


def _areas_told(areas: Table | None, register: Table, places: pd.DataFrame) -> dict[str, Table]:
    """Tell which townships of the enterprises have no area, in place of what was told of another list."""
    from siting.inputs.dictionary.issues import IssueLog

    if areas is None:
        return {}
    known = set(named_towns(areas.frame, places)["town"])
    lacking = sorted(set(named_towns(register.frame, places)["town"].dropna()) - known)
    log = IssueLog(areas.file)
    if lacking:
        log.add("E911", value="、".join(lacking), names="、".join(lacking))
    others = (issue for issue in areas.issues if issue.code != "E911")
    return {"township_areas": replace(areas, issues=(*others, *log.issues))}


def _read_context(path: Path | None) -> gpd.GeoDataFrame | None:
    import geopandas as gpd

    if path is None:
        return None
    try:
        features = json.loads(file_bytes(path).decode("utf-8-sig"))["features"]
        return gpd.GeoDataFrame.from_features(features, crs="OGC:CRS84")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise refusal(path.name, "E656", reason=repr(error)) from None


CLEANED = "E213"
"""Code of what nobody sees taken out of a text, whose value stays."""


def mistakes_of(issues: Iterable[Issue]) -> list[SitingError]:
    """Rows set aside and values dropped in a table of the study itself."""
    return [fault_of(issue) for issue in issues if issue.severity != "note" and issue.code != CLEANED]


def _nothing_usable(register: Table) -> SitingError:
    text = text_of("E655", register.file, rows=register.counts["data_rows"], file=register.file)
    return error_of(text, issues=register.issues)


def _of_year(places: pd.DataFrame, year: int) -> pd.DataFrame:
    """Give places their names of the study year."""
    if year >= RENAMED:
        return places
    old = places["name_2011"]
    return places.assign(name=old.where(old.notna() & (old != ""), places["name"]))


def renamed(inputs: Inputs, year: int) -> Inputs:
    """Copy the inputs with places, and the towns of enterprises and sites, under their names of a year."""
    places = _of_year(inputs.tables["places"].frame, year)
    return replace(
        inputs,
        places=with_points(places),
        township_areas=_township_areas(inputs.tables.get("township_areas"), places),
        enterprises=named_towns(inputs.enterprises, places),
        sites=named_towns(inputs.sites, places),
    )


def named_towns(frame: _Frame, places: pd.DataFrame) -> _Frame:
    """Write townships by their name of the study year, whatever name and spelling a table uses."""
    names: dict[str, object] = {}
    for place in places.itertuples():
        aliases = place.aliases if isinstance(place.aliases, list | tuple) else ()
        called = (name for name in (*aliases, place.name_2011, place.name) if isinstance(name, str))
        names |= dict.fromkeys(map(fold_place, called), place.name)
    spelt = {town: fold_place(town) for town in frame["town"].unique() if isinstance(town, str)}
    return frame.assign(town=frame["town"].map(lambda town: names.get(spelt.get(town, ""), town)))


_CONTENT = (
    *("town", "name", "industry", "lon", "lat", "employees", "output_wan", "equipment", "tests_per_year"),
    *("backlog", "uscc", "population", "placed", "position_error_m", "basis"),
)
"""Columns that order the rows of a register; rows alike in all of them can change places."""


def _enterprises(register: pd.DataFrame, places: pd.DataFrame) -> gpd.GeoDataFrame:
    """Lay the rows of a register on the map, in the order of what they say.

    The order of a file decides the last digits of sums, and which draw meets whom; it says nothing.
    """
    columns = [name for name in _CONTENT if name in register]
    keys = pd.DataFrame({name: register[name].astype(str) for name in columns}, register.index)
    order = keys.reset_index(drop=True).sort_values(columns, kind="stable").index
    return with_points(named_towns(register.iloc[order], places))


def with_points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add points in the project's CRS (metres) to a table with ``lon, lat`` (WGS-84)."""
    import geopandas as gpd

    from siting.inputs.places.crs import PROJECT_CRS, project

    x_m, y_m = project(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x_m, y_m), crs=PROJECT_CRS)


def with_register(inputs: Inputs, register: Table, matrix: TimeMatrixFile | None = None) -> Inputs:
    """Copy the inputs with another register; `matrix` holds its travel times too.

    Raises
    ------
    InputError
        The register has no usable row, or the matrix lacks an enterprise of it.
    """
    if register.frame.empty:
        raise _nothing_usable(register)
    register = _with_notes(register, {"places": inputs.places, "industries": inputs.industries})
    told = _areas_told(inputs.tables.get("township_areas"), register, inputs.places)
    return replace(
        inputs,
        enterprises=_enterprises(register.frame, inputs.places),
        time_matrix=read_time_matrix(matrix, register, inputs.sites),
        tables={**inputs.tables, "enterprises": register, **told},
    )
