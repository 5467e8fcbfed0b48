"""The recipe: every step of the analysis, in order, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting import ensembles
from siting.analysis import criteria, economics, explain, robustness, scoring
from siting.scenario import RoadTables, Scenario, read_scenario
from siting.setting import Setting, drive, gather, judge, prepare, weights_of
from siting.types import Evaluation, Evidence, InputError, Inputs, Issue, RoadLayer, Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siting.inputs.places import Region

RENAMED = 2016
"""Year in which the county became a district and places took their names of today (facts 1)."""

CUTOFFS_MIN = (15.0, 20.0, 30.0, 45.0, 60.0)
"""Cutoffs that a page offers beside the scenario's own, minutes."""

ISOCHRONES_MIN = (10.0, 20.0, 30.0, 45.0, 60.0)
"""Limits of the isochrones, minutes."""

STUDY_TABLES = (
    "sites",
    "conditions",
    "services",
    "laboratories",
    "pledges",
    "industries",
    "places",
    "sources",
    "parameters",
)
"""Tables that are the study's own: a wrong row there is a mistake to mend, never set aside."""


def evaluate(
    scenario: Scenario,
    *,
    inputs: Inputs | None = None,
    thorough: bool = False,
    progress: ensembles.Progress | None = None,
) -> Evaluation:
    """Score the options of a scenario.

    Parameters
    ----------
    scenario
    inputs : tables already read, for a what-if without reading again
    thorough : add the long ensembles (registers, joint draws, smallest decisive changes) to the readout
    progress : called with steps done and steps in all of the long ensembles

    Raises
    ------
    InputError
        A table is wrong, or no option or no enterprise is left.
    """
    inputs = inputs or read_inputs(scenario)
    setting = prepare(scenario, inputs)
    travel = drive(setting)
    evidence = gather(setting, travel)
    matrix, applies, values = judge(scenario, evidence)
    weights = weights_of(scenario)
    contributions = scoring.contributions(values, weights)
    verdicts = scoring.verdicts(inputs.conditions, inputs.sites)
    ranking = scoring.ranking(contributions, verdicts=verdicts, near_tie=scenario.robustness.near_tie)
    worth = economics.assess(
        evidence, scenario.economics, trip_settings=scenario.trips, score=partial(_score, scenario)
    )
    more = (
        ensembles.thorough(setting, travel, evidence, progress)
        if thorough
        else ensembles.quick(setting, travel, evidence)
    )
    able = verdicts.index[verdicts != "fail"]
    return Evaluation(
        scenario=scenario,
        evidence=evidence,
        matrix=matrix,
        values=values,
        applies=applies,
        weights=weights,
        contributions=contributions,
        ranking=ranking,
        robustness=robustness.assess(
            values.loc[able],
            weights,
            matrix,
            scenario.criteria,
            settings=scenario.robustness,
            ensembles=_among(more, able),
        ),
        explanation=explain.explain(
            values,
            weights,
            matrix,
            scenario.criteria,
            ranking,
            gains=worth.gains.by_option.to_dict(orient="index"),
        ),
        economics=worth,
        by_cutoff=_at_cutoffs(scenario, evidence),
        isochrones=_isochrones(setting),
        graph=setting.graph,
        provenance=provenance(scenario, evidence),
    )


def _score(scenario: Scenario, evidence: Evidence) -> pd.Series:
    return scoring.weighted_sum(judge(scenario, evidence)[2], weights_of(scenario))


def _among(more: ensembles.Ensembles, able: pd.Index) -> ensembles.Ensembles:
    """Leave out of every variant the options that fail a condition."""
    return replace(more, variants={label: table.loc[able] for label, table in more.variants.items()})


def _at_cutoffs(scenario: Scenario, evidence: Evidence) -> dict[float, pd.DataFrame]:
    cutoffs = sorted({*CUTOFFS_MIN, scenario.coverage.cutoff_min})
    matrices = criteria.matrix_at_cutoffs(evidence, scenario.criteria, cutoffs, coverage=scenario.coverage)
    return {cutoff: scoring.values(matrix, scenario.criteria) for cutoff, matrix in matrices.items()}


def _isochrones(setting: Setting) -> gpd.GeoDataFrame:
    """Draw the isochrones of all sites: ``site, minutes, geometry``."""
    sites = setting.points["site"]
    areas = setting.graph.isochrones(setting.snapped["site"], ISOCHRONES_MIN)
    return areas.assign(site=sites.index.to_numpy()[areas["point"]])[["site", "minutes", "geometry"]]


def provenance(scenario: Scenario, evidence: Evidence) -> dict[str, Any]:
    """Say how much of the result rests on what: shares of rows and of demand by basis, hashes of the inputs."""
    firms = evidence.inputs.enterprises
    tests = evidence.demand.tests.sum(axis=1)
    total = float(tests.sum())
    basis = firms["basis"].fillna("unstated")
    return {
        "scenario_sha256": scenario.sha256,
        "rows_by_basis": {str(k): int(n) for k, n in basis.value_counts().sort_index().items()},
        "demand_by_basis": {
            str(k): float(n) / total if total else 0.0 for k, n in tests.groupby(basis).sum().items()
        },
        "illustrative_rows": float((basis == "illustrative").mean()),
        "illustrative_demand": float(tests[basis == "illustrative"].sum()) / total if total else 0.0,
        "files": {
            name: {"file": table.file, "sha256": table.sha256, **dict(table.counts)}
            for name, table in sorted(evidence.inputs.tables.items())
        },
        "roads": {"file": evidence.inputs.roads.file, "sha256": evidence.inputs.roads.sha256},
    }


# reading ------------------------------------------------------------------------------


def read_inputs(scenario: Scenario) -> Inputs:
    """Read and check every table of a scenario.

    Raises
    ------
    InputError
        All problems of all tables at once. Only the register may have rows set aside: the other tables
        are the study's own, and a wrong row there is a mistake to mend.
    """
    from siting.inputs.places import Region, read_region
    from siting.inputs.tables import check_references, read_table

    data, faults, tables = scenario.data, [], {}

    def attempt(read: Callable[[], Any]) -> Any:
        try:
            return read()
        except InputError as fault:
            faults.append(fault)
            return None

    for name in STUDY_TABLES:
        table = attempt(partial(read_table, getattr(data, name), name, crs="WGS84"))
        if table is not None:
            tables[name] = table
            faults += _mistakes(table)
    region = attempt(partial(read_region, data.boundary))
    roads = attempt(partial(_read_roads, data.roads))
    if region is not None and "places" in tables:
        region = Region(region.boundary, tables["places"].frame, region.tolerance_m, region.names)
    register = attempt(partial(_read_register, scenario, region))
    if not faults:
        faults += [_fault(issue) for issue in check_references({**tables, "enterprises": register})]
    if faults:
        raise InputError(
            "\n".join(map(str, faults)), tuple(issue for fault in faults for issue in fault.issues)
        )
    frames = {name: table.frame for name, table in tables.items()}
    places = _of_year(frames.pop("places"), scenario.study_year)
    return Inputs(
        enterprises=with_points(_named_towns(register.frame, places)),
        sites=with_points(_named_towns(frames.pop("sites"), places)),
        laboratories=with_points(frames.pop("laboratories")),
        places=with_points(places),
        roads=roads,
        boundary=region.boundary,
        context=_read_context(data.context),
        tables={"enterprises": register, **tables},
        **frames,
    )


def _read_register(scenario: Scenario, region: Region | None) -> Table:
    from siting.inputs.tables import read_table

    settings = scenario.register_
    table = read_table(
        scenario.data.enterprises,
        "enterprises",
        crs=settings.crs,
        sheet=settings.sheet,
        industry_standard=settings.industry_standard,
        region=region,
        locate=settings.locate,
    )
    if table.frame.empty:
        raise InputError(
            f"{table.file}: none of its {table.counts['data_rows']} rows can be used, so there is nothing to "
            f"rank; run `siting check {table.file}` to see why",
            table.issues,
        )
    return table


def _read_roads(files: Path | RoadTables) -> RoadLayer:
    from siting.inputs.roads import read_road_tables, read_roads
    from siting.inputs.tables import read_table

    if not isinstance(files, RoadTables):
        return read_roads(files)
    nodes = read_table(files.nodes, "road_nodes", crs="WGS84")
    edges = read_table(files.edges, "road_edges")
    wrong = _mistakes(nodes) + _mistakes(edges)
    if wrong:
        raise InputError("\n".join(map(str, wrong)), tuple(i for fault in wrong for i in fault.issues))
    return read_road_tables(
        nodes.frame, edges.frame, file=f"{nodes.file}, {edges.file}", sha256=f"{nodes.sha256} {edges.sha256}"
    )


def _read_context(path: Path | None) -> gpd.GeoDataFrame | None:
    import geopandas as gpd

    if path is None:
        return None
    try:
        return gpd.GeoDataFrame.from_features(json.loads(path.read_text(encoding="utf-8")), crs="OGC:CRS84")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path.name}: not a GeoJSON collection ({error}); data.context may be left out") from None


def _mistakes(table: Table) -> list[InputError]:
    """Rows set aside and values dropped in a table of the study itself."""
    return [_fault(issue) for issue in table.issues if issue.severity != "note"]


def _fault(issue: Issue) -> InputError:
    where = ":".join(str(part) for part in (issue.file, issue.row, issue.column) if part is not None)
    found = f" (found {issue.value!r})" if issue.value is not None else ""
    hint = f"; {issue.hint}" if issue.hint else ""
    return InputError(f"{where}: {issue.code} {issue.action}{found}{hint}", (issue,))


def _of_year(places: pd.DataFrame, year: int) -> pd.DataFrame:
    """Give places their names of the study year."""
    if year >= RENAMED:
        return places
    old = places["name_2011"]
    return places.assign(name=old.where(old.notna() & (old != ""), places["name"]))


def _named_towns(frame: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Write townships by their name of the study year, whatever name a table uses."""
    names = {}
    for place in places.itertuples():
        aliases = place.aliases if isinstance(place.aliases, list | tuple) else ()
        names |= dict.fromkeys((*aliases, place.name_2011, place.name), place.name)
    return frame.assign(town=frame["town"].map(lambda town: names.get(town, town)))


def with_points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add points in the project's CRS (metres) to a table with ``lon, lat`` (WGS-84)."""
    import geopandas as gpd

    from siting.inputs.coordinates import PROJECT_CRS, project

    x_m, y_m = project(frame["lon"].to_numpy(float), frame["lat"].to_numpy(float))
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x_m, y_m), crs=PROJECT_CRS)


def with_register(inputs: Inputs, register: Table) -> Inputs:
    """Copy the inputs with another register.

    Raises
    ------
    InputError
        The register has no usable row.
    """
    if register.frame.empty:
        raise InputError(f"{register.file}: no row can be used; see its issues")
    frame = with_points(_named_towns(register.frame, inputs.places))
    return replace(inputs, enterprises=frame, tables={**inputs.tables, "enterprises": register})


def region_of(path: str | Path) -> Region | None:
    """County outline and places of a scenario, None where there is no such scenario."""
    from siting.inputs.places import read_region

    if not Path(path).exists():
        return None
    data = read_scenario(path).data
    return read_region(data.boundary, data.places)
