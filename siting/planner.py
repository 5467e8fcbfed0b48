"""The planner's desk: `Study`, thin methods over the stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from siting.analysis.frames import is_illustrative
from siting.inputs.sections import RedLines
from siting.messages import refusal
from siting.option_kinds import DEFAULT as BUILT
from siting.result import Result
from siting.scenario import build as scenarios
from siting.scenario.model import AnchorsRecord, Scenario
from siting.scenario.toml_files import DEFAULT, region_of, toml_lines
from siting.study import edit_inputs as edits
from siting.study import evaluate as recipe
from siting.study import read_inputs as reading
from siting.study.adapt import adapt, own_anchors
from siting.types import Inputs, Issue, Json, Language, Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siting.analysis.network.graph import RoadGraph
    from siting.analysis.network.speeds import TravelTimeSettings
    from siting.inputs.roads.rules import Tracks
    from siting.outputs.maps.offline_map import OfflineMap
    from siting.outputs.plots.swept import SweptScores
    from siting.study.draws.versions import Progress


def load(
    path: str | Path = DEFAULT,
    *,
    settings: Mapping[str, Json] | None = None,
    overrides: Iterable[str] = (),
) -> Study:
    """Read a scenario and its tables; the default study if no path is given.

    Parameters
    ----------
    path : scenario file (TOML)
    settings : dotted keys to set, such as ``{"register.spread": "urban"}``
    overrides : the same as ``key=value`` texts, as on the command line

    Raises
    ------
    ScenarioError, InputError
        All problems of the scenario, or of all tables, at once.
    """
    texts = toml_lines(settings or {})
    return study_of(scenarios.read_scenario(path, [*texts, *overrides]))


def study_of(scenario: Scenario) -> Study:
    """Read the tables of a scenario; see `load`."""
    return Study(*adapt(scenario, reading.read_inputs(scenario)))


def read_enterprises(
    path: str | Path,
    crs: str | None = None,
    sheet: str | None = None,
    columns: Mapping[str, str] | None = None,
    locate: Literal["none", "town"] | None = None,
    rows: Literal["firms", "devices"] | None = None,
    industry_standard: int | None = None,
    aliases: str | Path | None = None,
    *,
    scenario: str | Path = DEFAULT,
) -> Table:
    """Read and check an enterprise register; nothing is lost and nothing guessed in silence.

    Parameters
    ----------
    path : CSV, workbook, GeoJSON, GPKG or zipped shapefile
    crs : WGS84, CGCS2000, GCJ-02, BD-09, EPSG:n, or ``column``; needed where the file carries none
    sheet : sheet of a workbook that has several
    columns : field of the data dictionary → heading as it stands in the file, where it is not recognised
    locate : ``town`` places rows without coordinates at their township's point
    rows : what a row is where a firm has several: ``firms``, or ``devices`` (counted for their firm)
    industry_standard : year of GB/T 4754 that the codes follow
    aliases : table of two columns, a township or industry code as the list writes it, and its name in the
        table of places or the code to take
    scenario : supplies the county's outline and places; the default study's if it is there

    Returns
    -------
    Table
        ``frame`` (kept rows, lon and lat in WGS-84), ``set_aside``, ``issues``, ``counts``.

    Raises
    ------
    InputError
        The file cannot be read as a register; the message says why and what to do.
    """
    from siting.inputs.tables.read_table import read_table

    return read_table(
        path,
        "enterprises",
        crs=crs,
        sheet=sheet,
        industry_standard=industry_standard,
        locate=locate or "none",
        rows=rows,
        columns=columns,
        region=region_of(Path(scenario), aliases),
    )


def read_roads(
    path: str | Path,
    *,
    bbox: tuple[float, float, float, float] | None = None,
    settings: TravelTimeSettings | None = None,
    layer: str | None = None,
    columns: Mapping[str, str] | None = None,
    crs: str | None = None,
    join_within_m: float = 1.0,
) -> RoadGraph:
    """Read a road file and build the graph that gives travel times, routes and isochrones.

    Parameters
    ----------
    path : OpenStreetMap extract (``.osm[.xml][.gz|.bz2]``, ``.osm.pbf``, ``.o5m``), GPKG, GeoJSON
    bbox : west, south, east, north, WGS-84 degrees: only ways with a point inside
    settings : as in ``[travel_time]`` of a scenario: speeds, how far points may lie from a road, tracks …
    layer : layer of a GeoPackage or zip that has several of roads
    columns : key of a road, such as ``highway``, → heading of the column of a layer that holds it
    crs : coordinate system of a layer that does not carry one
    join_within_m : ends of a layer's roads this near to another road are joined to it; 0 joins none

    Returns
    -------
    RoadGraph
        Limits driven in full and no delays, unless `settings` say otherwise;
        ``issues`` tells what of the file is not used, ``components`` its islands.

    Raises
    ------
    InputError
        Unknown kind of file, damaged file, no road for cars in it, a speed or length that cannot be.
    """
    from siting.analysis.network.graph import build_graph
    from siting.inputs.roads import read_roads as roads
    from siting.inputs.sections import RoadLayerReading

    reading = RoadLayerReading(layer=layer, columns=dict(columns or {}), crs=crs, join_within_m=join_within_m)
    tracks: Tracks = "closed" if settings is None else settings.tracks
    return build_graph(roads.read_roads(path, bbox=bbox, tracks=tracks, reading=reading), settings)


@dataclass(frozen=True)
class Study:
    """A scenario and its checked tables; make another with `with_`, rank with `run`."""

    scenario: Scenario
    inputs: Inputs

    @property
    def enterprises(self) -> gpd.GeoDataFrame:
        """Kept enterprises, indexed by id."""
        return self.inputs.enterprises

    @property
    def sites(self) -> gpd.GeoDataFrame:
        """Options, indexed by id."""
        return self.inputs.sites

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was found in the tables."""
        return self.inputs.issues

    def run(self, *, thorough: bool = False, progress: Progress | None = None) -> Result:
        """Evaluate the scenario; once for a study, unless thoroughly.

        Parameters
        ----------
        thorough : add the long ensembles (registers of many seeds, joint draws, smallest decisive changes)
        progress : called with steps done and steps in all of the long ensembles
        """
        if not thorough:
            return self._result
        return Result(recipe.evaluate(self.scenario, inputs=self.inputs, thorough=True, progress=progress))

    @cached_property
    def _result(self) -> Result:
        """Nothing in a study changes, so that maps, sliders and tables share one result."""
        return Result(recipe.evaluate(self.scenario, inputs=self.inputs))

    def map(self, lang: Language = "zh", *, edit: bool = False) -> OfflineMap:
        """Draw enterprises, sites, roads and places as a `folium.Map` to add to; works offline.

        Parameters
        ----------
        edit : add the panel on which sites and red lines are put, to be downloaded and read by
            `with_sites` and `with_red_lines`
        """
        from siting.outputs.maps.edit_map import edit_map
        from siting.outputs.maps.result_map import study_map

        return (edit_map if edit else study_map)(self.run().evaluation, lang)

    def anchors(self) -> tuple[dict[str, tuple[float, float]], AnchorsRecord]:
        """Work out anchors from this study's own register and roads, and say what they are made for.

        Returns
        -------
        anchors : by criterion, the raw figures that score 0 and 1; criteria that span nothing are left out
        record : what they hold for, see `Scenario.anchors_record`
        """
        return own_anchors(self.scenario, self.inputs)

    def with_(
        self,
        *,
        enterprises: Table | None = None,
        sites: pd.DataFrame | None = None,
        conditions: pd.DataFrame | None = None,
        weights: Mapping[str, float] | None = None,
        name: str | None = None,
        settings: Mapping[str, Json] | None = None,
    ) -> Study:
        """Change tables, weights or settings; this study stays as it is.

        Parameters
        ----------
        enterprises : a register read by `read_enterprises`
        sites : options in place of this study's, such as ``study.sites.drop(index="north")``
        conditions : rows in place of this study's, columns as in ``study.inputs.conditions``
        weights : new weights by criterion (within its group) or by group
        name : name of the changed scenario
        settings : dotted scenario keys and their new values

        Raises
        ------
        ScenarioError, InputError
        """
        changes = dict(settings or {}) | scenarios.check_weight_keys(weights or {})
        if name is not None:
            changes["name"] = name
        scenario = scenarios.change(self.scenario, changes) if changes else self.scenario
        inputs = self.inputs
        if enterprises is not None:
            if not isinstance(enterprises, Table):
                raise refusal("", "E690")
            inputs = reading.with_register(inputs, enterprises, scenario.data.time_matrix)
        if sites is not None:
            inputs = edits.with_options(inputs, scenario, sites)
        if conditions is not None:
            inputs = edits.with_conditions(inputs, conditions)
        if inputs is not self.inputs:
            scenario, inputs = adapt(scenario, inputs)
        return replace(self, scenario=scenario, inputs=inputs)

    def with_site(
        self,
        *,
        lon: float,
        lat: float,
        name: str,
        land_price_wan: float | None = None,
        land_area_mu: float | None = None,
        town: str | None = None,
        site: str | None = None,
    ) -> Study:
        """Add one candidate site, to build on; the rest stays as it is.

        Parameters
        ----------
        lon, lat : degrees, WGS-84
        land_price_wan : 万元 per mu; missing: the study's parameter for land
        land_area_mu : area in mu; missing: the study's parameter
        town : its township; missing: unknown
        site : its id in tables; ``candidate-n`` unless given

        Raises
        ------
        InputError
            The place lies outside the county, a value is not allowed, or the id is taken.
        """
        import pandas as pd

        row = {"id": site, "name": name, "kind": BUILT.id, "town": town, "lon": lon, "lat": lat}
        row |= {"land_area_mu": land_area_mu, "land_price_wan": land_price_wan}
        candidate = pd.DataFrame([row]).dropna(axis=1)
        return Study(*adapt(self.scenario, edits.with_more_options(self.inputs, self.scenario, candidate)))

    def with_sites(self, file: str | Path) -> Study:
        """Add the candidate sites of a list, such as the one that ``map(edit=True)`` hands over.

        Raises
        ------
        InputError
            The list is refused, or a row of it would be set aside.
        """
        inputs = edits.with_more_options(self.inputs, self.scenario, Path(file))
        return Study(*adapt(self.scenario, inputs))

    def with_red_lines(
        self,
        file: str | Path,
        *,
        condition: str | None = None,
        column: str | None = None,
        label: str | None = None,
        verdict: Literal["fail", "pending"] = "fail",
        crs: str | None = None,
    ) -> Study:
        """Add polygons that decide a condition of the sites inside them.

        Parameters
        ----------
        file : layer of polygons: GeoJSON, GeoPackage, KML or shapefile
        condition : condition that all of them decide, by its id or Chinese name
        column : heading of the column that names each polygon's condition, where they differ
        label : heading of the column that names the polygons
        verdict : verdict inside: ruled out, or to be verified
        crs : coordinate system of a layer that does not carry one

        Raises
        ------
        InputError
            The file is refused, holds no polygon, or names a condition that there is not.
        """
        layer = RedLines(
            file=Path(file), condition=condition, column=column, label=label, verdict=verdict, crs=crs
        )
        scenario = self.scenario.model_copy(update={"red_lines": (*self.scenario.red_lines, layer)})
        return Study(*adapt(scenario, edits.with_red_lines(self.inputs, layer)))

    def __repr__(self) -> str:
        from siting.outputs.notebook_cards import study_line

        return f"<{study_line(self.scenario, self.inputs, 'zh')}>"

    def _repr_html_(self) -> str:
        from siting.outputs.notebook_cards import study_card

        return study_card(self.scenario, self.inputs, "zh")


def sweep(study: Study, key: str, values: Sequence[Json]) -> SweptScores:
    """Score every option under each value of one scenario key.

    Returns
    -------
    SweptScores
        Table n_values × n_options, scores; the index is the value. ``plot()`` draws it.
    """
    from siting.outputs.plots.swept import swept_scores

    rows = {}
    for value in values:
        changed = study.with_(settings={key: value})
        rows[value] = recipe.score(changed.scenario, changed.inputs)
    return swept_scores(rows, key, study.sites, is_demo=bool(is_illustrative(study.enterprises).any()))
