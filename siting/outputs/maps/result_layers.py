"""Evaluation → its results as layers: isochrones, flows, sites, enterprises, townships (WGS-84).

Columns name their unit, scores are points of 100, tests and hours those of the rows as they stand (an
expansion factor is not applied), ``inf`` is unreachable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.inputs.places.crs import GEOGRAPHIC
from siting.messages import refusal
from siting.outputs.page.packed.map_layers import drawn_roads
from siting.outputs.tables.table_files import enterprises as enterprise_table
from siting.outputs.tables.table_files import sites as site_table
from siting.outputs.text.cells import heading
from siting.outputs.text.wording import say, speaks
from siting.types import InstallationError, Json, Language

if TYPE_CHECKING:
    import folium

    from siting.study.evaluation import Evaluation

_HEADINGS = "headings"
_TITLE = "title"
"""Keys of `attrs` under which a layer keeps what its columns, and it, are called on a map."""


EXPLORING = ("mapclassify", "matplotlib")
"""What `GeoDataFrame.explore` needs besides folium."""


class ResultLayer(gpd.GeoDataFrame):
    """A `GeoDataFrame` whose ``explore`` draws an `OfflineMap`, its columns named in words."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return _layer_or_table

    def _constructor_from_mgr(self, mgr: Json, axes: Json) -> pd.DataFrame:
        # What pandas makes of a part of a layer: a frame of geopandas, or a table if no geometry is left.
        made: pd.DataFrame = gpd.GeoDataFrame._constructor_from_mgr(self, mgr, axes)  # type: ignore[attr-defined]
        if isinstance(made, gpd.GeoDataFrame):
            made.__class__ = ResultLayer
        return made

    def explore(self, *args: Json, **kwargs: Json) -> folium.Map:
        """Draw the layer as `GeoDataFrame.explore` does, on an offline map if none is given.

        Raises
        ------
        InstallationError
            The packages of ``siting[maps]`` are not installed.
        """
        from siting.outputs.maps.offline_map import OfflineMap

        _check_installed()
        if kwargs.get("m") is None:
            west, south, east, north = self.total_bounds
            kwargs["m"] = OfflineMap([(south + north) / 2, (west + east) / 2])
            kwargs["m"].fit_bounds([[south, west], [north, east]])
        fields = _fields(self, kwargs.get("tooltip", True))
        named = self.attrs.get(_HEADINGS, {})
        column = args[0] if args else kwargs.get("column")
        if isinstance(column, str):
            caption = {"caption": named.get(column, column)}
            kwargs["legend_kwds"] = caption | kwargs.get("legend_kwds", {})
        kwargs.setdefault("name", self.attrs.get(_TITLE))
        aliases = {"aliases": [named.get(field, field) for field in fields]}
        kwargs |= {"tooltip": fields or False, "tooltip_kwds": aliases | kwargs.get("tooltip_kwds", {})}
        drawn: folium.Map = super().explore(*args, **kwargs)
        return drawn


def _layer_or_table(*args: Json, **kwargs: Json) -> pd.DataFrame:
    made = gpd.GeoDataFrame(*args, **kwargs)
    return ResultLayer(made) if (made.dtypes == "geometry").any() else pd.DataFrame(made)


def _fields(layer: gpd.GeoDataFrame, tooltip: bool | str | int | Sequence[str]) -> list[str]:
    columns = [str(column) for column in layer.columns if column != layer.geometry.name]
    if isinstance(tooltip, bool | int):
        return columns if tooltip is True else columns[: int(tooltip)]
    return [tooltip] if isinstance(tooltip, str) else list(tooltip)


def _check_installed() -> None:
    try:
        for name in EXPLORING:
            import_module(name)
    except ImportError as error:
        raise refusal("", "E599", kind=InstallationError, address=error.name) from error


@speaks
def _layer(
    evaluation: Evaluation, frame: pd.DataFrame, shapes: Iterable[Json], title: str, table: str = ""
) -> ResultLayer:
    made = ResultLayer(
        frame, geometry=gpd.GeoSeries(list(shapes), index=frame.index), crs=GEOGRAPHIC["WGS84"]
    )
    made.attrs[_HEADINGS] = headings(evaluation, frame, table)
    made.attrs[_TITLE] = say(title, "zh")
    return made


def headings(
    evaluation: Evaluation, frame: pd.DataFrame, table: str = "", lang: Language = "zh"
) -> Mapping[str, str]:
    """Name the columns of a layer, each name once."""
    named: dict[str, str] = {}
    for column in map(str, frame.columns):
        name = heading(column, evaluation, lang, table)
        named[column] = name if name not in named.values() else f"{name}（{column}）"
    return named


def layer_words(layer: gpd.GeoDataFrame) -> tuple[str, dict[str, str]]:
    """Return what a layer and its columns are called."""
    return layer.attrs[_TITLE], dict(layer.attrs[_HEADINGS])


def _names(evaluation: Evaluation) -> pd.Series:
    return evaluation.evidence.options["name"]


def isochrones(evaluation: Evaluation) -> ResultLayer:
    """Return the area within each driving time of each site: ``site, site_name, drive_min``.

    Sites in their table's order, the largest time first, so that shorter ones are drawn above.
    """
    frame = evaluation.isochrones
    order = {site: n for n, site in enumerate(evaluation.evidence.options.index)}
    rows = frame.assign(order=frame["site"].map(order)).sort_values(
        ["order", "minutes"], ascending=[True, False], kind="stable"
    )
    found = pd.DataFrame({"site": rows["site"], "site_name": rows["site"].map(_names(evaluation))})
    found["drive_min"] = rows["minutes"].astype(float)
    return _layer(evaluation, found.reset_index(drop=True), rows.geometry, "layer.isochrones")


def sites(evaluation: Evaluation) -> ResultLayer:
    """Return the options that have a place, with rank, points and contributions, indexed by id."""
    options = evaluation.evidence.options
    placed = options[options["lon"].notna()]
    frame = site_table(evaluation).reindex(placed.index)
    frame = frame.drop(columns=["tie", "illustrative_demand"], errors="ignore")
    return _layer(evaluation, frame, _points(placed), "mapfile.sites", "sites")


def enterprises(evaluation: Evaluation) -> ResultLayer:
    """Return enterprises with their tests, and hours and minutes under each option, indexed by id.

    One without coordinates has no geometry.
    """
    firms = evaluation.evidence.inputs.enterprises
    return _layer(evaluation, enterprise_table(evaluation), _points(firms), "layer.firms", "enterprises")


def townships(evaluation: Evaluation) -> ResultLayer:
    """Return townships, indexed by name: ``firms, tests``, hours a year ``saved.<option>`` against today.

    They stand at their point of the places table, or in the middle of their enterprises.
    """
    from siting.analysis.demand.baseline import time_savings
    from siting.analysis.frames import baseline_option

    evidence = evaluation.evidence
    town = _town_of(evaluation)
    saved = time_savings(evidence).drop(columns=baseline_option(evidence.options)).add_prefix("saved.")
    frame = pd.DataFrame({"firms": 1, "tests": evidence.demand.tests.sum(axis=1)}).join(saved)
    found = frame.groupby(town, sort=True).sum().rename_axis("town")
    points = town_points(evaluation).reindex(found.index)
    return _layer(evaluation, found, _points(points), "mapfile.towns")


def has_shape(layer: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell by row whether there is anything to draw: neither missing nor empty."""
    shapes = layer.geometry.to_numpy()
    found: NDArray[np.bool_] = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return found


def flows(evaluation: Evaluation) -> ResultLayer:
    """Return a line from each township to each site: ``site, site_name, town, firms, trips, hours``.

    Trips and person-hours are those of a year under that site; what still goes to the city is not in them.
    """
    evidence = evaluation.evidence
    options = evidence.options
    placed = options[options["lon"].notna()]
    town, points = _town_of(evaluation), town_points(evaluation)
    own_trips = evidence.trips.trips - evidence.trips.city_trips
    parts = []
    for site in map(str, placed.index):
        frame = pd.DataFrame({"firms": 1, "trips": own_trips[site], "hours": evidence.trips.hours[site]})
        by_town = frame.groupby(town, sort=True).sum().rename_axis("town").reset_index()
        parts.append(by_town.assign(site=site, site_name=str(placed["name"][site])))
    columns = ["site", "site_name", "town", "firms", "trips", "hours"]
    found = pd.concat([pd.DataFrame(columns=columns), *parts], ignore_index=True)[columns]
    found = found[found["trips"] > 0].reset_index(drop=True)
    starts = points.reindex(found["town"])[["lon", "lat"]].to_numpy(float)
    ends = placed.loc[found["site"], ["lon", "lat"]].to_numpy(float)
    lines = [
        shapely.LineString(both) if np.isfinite(both).all() else None
        for both in np.stack([starts, ends], axis=1)
    ]
    return _layer(evaluation, found, lines, "layer.flows")


def roads(evaluation: Evaluation) -> ResultLayer:
    """Return the roads that the maps show: ``class, ref, road_name``."""
    edges = drawn_roads(evaluation).edges
    frame = pd.DataFrame(edges[["class", "ref", "name"]]).astype(object).reset_index(drop=True)
    frame = frame.rename(columns={"name": "road_name"})
    return _layer(evaluation, frame.where(frame.notna(), None), edges.geometry, "layer.roads.file", "roads")


def town_points(evaluation: Evaluation) -> pd.DataFrame:
    """Return lon and lat by township as the register names it, in WGS-84."""
    firms, places = evaluation.evidence.inputs.enterprises, evaluation.evidence.inputs.places
    found = firms.groupby(_town_of(evaluation), sort=True)[["lon", "lat"]].mean()
    for names in ("name_2011", "name"):
        named = places[places["lon"].notna()].drop_duplicates(names).set_index(names)
        found.update(named[["lon", "lat"]])
    return found.rename_axis("town")


def _town_of(evaluation: Evaluation) -> pd.Series:
    """Township of each enterprise; those that state none stay together under a dash."""
    return evaluation.evidence.inputs.enterprises["town"].astype(object).fillna("—").astype(str)


def _points(frame: pd.DataFrame) -> list[Json]:
    located = frame["lon"].notna() & frame["lat"].notna()
    made = gpd.points_from_xy(frame["lon"], frame["lat"])
    return [point if at else None for point, at in zip(made, located, strict=True)]


LAYERS: Mapping[str, Callable[[Evaluation], ResultLayer]] = {
    "sites": sites,
    "flows": flows,
    "townships": townships,
    "enterprises": enterprises,
    "isochrones": isochrones,
    "roads": roads,
}
"""Layers by name, as a GIS stacks them: the first on top."""
