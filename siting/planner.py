"""The planner's desk: `Study` and `Result`, thin methods over the stages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from siting.messages import refusal, text_of
from siting.scenario import build as scenarios
from siting.scenario.model import AnchorsRecord, Scenario
from siting.scenario.toml_files import DEFAULT, region_of, to_toml
from siting.study import evaluate as recipe
from siting.study import read_inputs as reading
from siting.study.adapt import adapt, own_anchors
from siting.study.compare import scores_on
from siting.study.evaluation import Evaluation
from siting.types import Inputs, Issue, Json, Language, Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siting.analysis.money.appraisal import Economics
    from siting.analysis.network.graph import RoadGraph
    from siting.analysis.network.speeds import TravelTimeSettings
    from siting.analysis.robustness.assess import Robustness
    from siting.analysis.robustness.leave_one_out import Regret
    from siting.inputs.roads.rules import Tracks
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
    texts = [f"{k}={to_toml(v)}" for k, v in (settings or {}).items()]
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
    aliases : table of two columns, a township as the list writes it and its name in the table of places
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
        """Evaluate the scenario.

        Parameters
        ----------
        thorough : add the long ensembles (registers of many seeds, joint draws, smallest decisive changes)
        progress : called with steps done and steps in all of the long ensembles
        """
        return Result(
            recipe.evaluate(self.scenario, inputs=self.inputs, thorough=thorough, progress=progress)
        )

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
        weights: Mapping[str, float] | None = None,
        name: str | None = None,
        settings: Mapping[str, Json] | None = None,
    ) -> Study:
        """Change a register, weights or settings; this study stays as it is.

        Parameters
        ----------
        enterprises : a register read by `read_enterprises`
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
            scenario, inputs = adapt(scenario, inputs)
        return replace(self, scenario=scenario, inputs=inputs)


@dataclass(frozen=True)
class Result:
    """What a study came to; shows itself as a table in a notebook."""

    evaluation: Evaluation

    @property
    def table(self) -> pd.DataFrame:
        """Ranking of the sites, with names, scores and the contributions of the criteria."""
        ev = self.evaluation
        names = ev.evidence.options["name"].rename("name")
        return ev.ranking.join(names).join(ev.contributions)[
            ["rank", "name", "score", "tie", "verdict", *ev.contributions.columns]
        ]

    @property
    def best(self) -> str | None:
        """Id of the site that scores highest; None where no option needs a place."""
        ranking = self.evaluation.ranking
        return None if ranking.empty else str(ranking.index[0])

    @property
    def matrix(self) -> pd.DataFrame:
        """Raw criterion values of all options, option × criterion, in their own units."""
        return self.evaluation.matrix

    @property
    def values(self) -> pd.DataFrame:
        """Criterion values of the sites between the anchors, 0–1."""
        return self.evaluation.values

    @property
    def contributions(self) -> pd.DataFrame:
        """What each criterion adds to a site's score; rows sum to the score."""
        return self.evaluation.contributions

    @property
    def robustness(self) -> Robustness | None:
        """How sure the ranking is, and what would change it; None where no site is left to rank."""
        return self.evaluation.robustness

    @property
    def appraisal(self) -> Economics:
        """Hours, yuan, costs, accounts, sensitivity, pledges, gainers and losers."""
        return self.evaluation.economics

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was found in the tables."""
        return self.evaluation.evidence.inputs.issues

    def explain(self, site: str | None = None, lang: Language = "zh") -> list[str]:
        """Say why an option stands where it stands; the best one if none is named.

        Raises
        ------
        InputError
            No such option.
        """
        from siting.outputs.text.ground import listed
        from siting.outputs.text.sentences import sentences

        known = listed(self.evaluation)
        site = site or self.best or known[0]
        if site not in known:
            raise refusal("", "E691", site=site, known=", ".join(known))
        return sentences(self.evaluation, site, lang)

    def explore(self, *, height: int = 780, lang: Language = "zh") -> Page:
        """Show the decision page inside a notebook; works offline."""
        from siting.outputs.page.page import render_page

        return Page(render_page(self.evaluation, lang=lang), height)

    def save(self, folder: str | Path) -> dict[str, Json]:
        """Write what ``siting run`` writes; return the manifest."""
        from siting.outputs.save import save

        return save(self.evaluation, Path(folder))

    def _repr_html_(self) -> str:
        return self.table.to_html(float_format="{:.3f}".format)


@dataclass(frozen=True)
class Page:
    """A self-contained page that a notebook shows in a frame of its own."""

    source: str
    height: int

    def _repr_html_(self) -> str:
        from siting.outputs.text.wording import say

        return (
            f'<iframe srcdoc="{html.escape(self.source)}" title="{say("title.suffix", "zh")}" '
            f'style="width:100%;height:{self.height}px;border:1px solid #999"></iframe>'
        )


@dataclass(frozen=True)
class Comparison:
    """Several results side by side."""

    results: Mapping[str, Result]

    @property
    def table(self) -> pd.DataFrame:
        """Scores on the first scenario's anchors, option × scenario, best of the first scenario on top."""
        import pandas as pd

        first = next(iter(self.results.values()))
        scores = {name: scores_on(first.evaluation, r.evaluation) for name, r in self.results.items()}
        return pd.DataFrame(scores).reindex(first.evaluation.ranking.index)

    @property
    def regret(self) -> Regret:
        """What each option loses at most against the best one of a scenario; see `regret_table`."""
        from siting.analysis.robustness.leave_one_out import regret_table

        return regret_table(self.table)

    def explore(self, *, height: int = 780, lang: Language = "zh") -> Page:
        """Show the comparison as a page inside a notebook; works offline."""
        from siting.outputs.tables.comparison_page import comparison_page

        return Page(comparison_page(self._evaluations, self.table, self.regret, lang), height)

    def save(self, folder: str | Path) -> list[str]:
        """Write the comparison as workbook, CSV and page into a folder; return the files' names."""
        from siting.outputs.tables.comparison_page import comparison_files
        from siting.outputs.write_files import check_folder, write_files

        check_folder(Path(folder))
        contents = comparison_files(self._evaluations, self.table, self.regret)
        write_files(Path(folder), contents)
        return sorted(contents)

    def to_dict(self) -> dict[str, Json]:
        """Return scores, regret, and what differs between the scenarios, ready for JSON."""
        from siting.outputs.tables.comparison_page import comparison_record

        return comparison_record(self._evaluations, self.table, self.regret)

    @property
    def _evaluations(self) -> dict[str, Evaluation]:
        return {name: result.evaluation for name, result in self.results.items()}

    def _repr_html_(self) -> str:
        return self.table.to_html(float_format="{:.3f}".format)


def compare(*results: Result) -> Comparison:
    """Lay results side by side.

    Raises
    ------
    InputError
        Fewer than two results, or two of one name.
    """
    names = [result.evaluation.scenario.name for result in results]
    if len(results) < 2 or len(set(names)) < len(names):
        raise refusal("", "E692", what=text_of("P111"), names=", ".join(names))
    return Comparison(dict(zip(names, results, strict=True)))


def sweep(study: Study, key: str, values: Sequence[Json]) -> pd.DataFrame:
    """Score every option under each value of one scenario key.

    Returns
    -------
    DataFrame
        n_values × n_options, scores; the index is the value.
    """
    import pandas as pd

    rows = {}
    for value in values:
        changed = study.with_(settings={key: value})
        rows[value] = recipe.score(changed.scenario, changed.inputs)
    return pd.DataFrame(rows).T.rename_axis(key)
