"""Sections of a scenario that name the files to read and how to read them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from siting.types import Settings


class RoadTables(Settings):
    """A curated road network as two tables."""

    nodes: Path
    """Table ``road_nodes`` of the data dictionary."""
    edges: Path
    """Table ``road_edges`` of the data dictionary."""


class RoadLayerReading(Settings):
    """``[roads]``: how a road layer (no OpenStreetMap extract) is to be read."""

    layer: str | None = None
    """Layer of a GeoPackage or zip that has several of roads."""
    crs: str | None = None
    """Coordinate system of a layer that does not carry one: WGS84, CGCS2000, EPSG:n …"""
    columns: dict[str, str] = {}
    """Key of a road, such as ``highway``, → heading of the column that holds it."""
    join_within_m: float = Field(default=1.0, ge=0, le=20)
    """Road ends this near to another road of the same level, m, are joined to it; 0 joins none."""


class TimeMatrixFile(Settings):
    """Travel times from elsewhere (a map service, a traffic model)."""

    file: Path
    """CSV or workbook, enterprise × site by their ids; the way back counts alike; see data/README.md."""
    unit: Literal["min", "s", "h"]
    """Unit of its cells: minutes, seconds or hours."""


class Data(Settings):
    """``[data]``: the files of the study, relative to the scenario's file."""

    enterprises: Path | None = None
    """Enterprise register; ``{spread}`` stands for ``register.spread``. For ``demand.of = "enterprises"``."""
    residents: Path | None = None
    """Places with their population. For ``demand.of = "residents"``."""
    sites: Path
    """Options: candidate sites, mobile service, keep going to the city."""
    conditions: Path | None = None
    """Pass/fail conditions, option × condition; without them every building site stays to be verified."""
    replies: Path | None = None
    """Replies of the departments to `siting letters`; they decide the conditions that they speak of."""
    services: Path | None = None
    """Service catalogue."""
    laboratories: Path | None = None
    """Bodies that do today what the facility would."""
    stations: Path | None = None
    """Stations of today, from which vehicles reach residents; none where there is no station yet."""
    pledges: Path | None = None
    """Pledge ledger; none where nobody has offered anything."""
    industries: Path | None = None
    """Industries, pillar or not, and the codes that belong to each."""
    places: Path
    """Townships, zones, county seat and city."""
    boundary: Path | None = None
    """County outline, GeoJSON; without it no enterprise is tested for lying outside."""
    townships: Path | None = None
    """Layer of polygons with the townships' names: GeoJSON, GeoPackage, KML or shapefile; without it the page
    draws what lies nearest to each township's point."""
    context: Path | None = None
    """Neighbouring districts, GeoJSON, drawn faintly."""
    roads: Path | RoadTables
    """OSM extract (``.osm.pbf``, ``.osm``), GPKG or GeoJSON, or two tables ``{ nodes = …, edges = … }``."""
    network_beyond: Path | None = None
    """Coarse network that leads on to the bodies of today and the city where `roads` end before them."""
    mountain_area: Path | None = None
    """Layer of polygons in which `travel_time.mountain_factor` holds; GeoJSON, GeoPackage, KML, shapefile."""
    time_matrix: TimeMatrixFile | None = None
    """Minutes between enterprises and sites, both ways, in place of those that the roads give."""
    more_sites: Path | None = None
    """Further candidate sites, added to `sites`: a list with name, place, area and price of land suffices."""
    sources: Path | None = None
    """One row a file: where it came from, licence."""
    parameters: Path | None = None
    """Default figures with range, basis and source."""


class RedLines(Settings):
    """``[[red_lines]]``: polygons that decide a condition of the sites inside them."""

    file: Path
    """Layer of polygons: GeoJSON, GeoPackage, KML or shapefile."""
    condition: str | None = None
    """Condition that all polygons of the file decide, by its id or Chinese name."""
    column: str | None = None
    """Heading of the column that names each polygon's condition, where they differ."""
    label: str | None = None
    """Heading of the column that names the polygons; without it they go by their number."""
    verdict: Literal["fail", "pending"] = "fail"
    """Verdict inside: ruled out, or to be verified whatever the table of conditions says."""
    crs: str | None = None
    """Coordinate system of a layer that does not carry one."""


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
    rows: Literal["firms", "devices"] | None = None
    """What a row is where one firm has several: a firm, or one of its devices (counted, then summed)."""
    columns: dict[str, str] = {}
    """Field of the data dictionary → heading as it stands in the file, where it is not recognised."""
    aliases: Path | None = None
    """Table of two columns: a township or industry code of the register, and its name in `data.places` or the
    code to take."""
    origin: str = ""
    """Where the list comes from and on what footing it may be used for siting."""
