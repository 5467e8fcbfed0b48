"""Evaluation → the enterprises as the decision page carries them, by name or, if they are many, by group.

Up to 5,000 enterprises each is a row with its name. Above, a row is all enterprises of one township,
industry and size, and every enterprise is but a dot on the map: no name leaves the study.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from siting.analysis.frames import baseline_option
from siting.common.romanise import romanised
from siting.inputs.places.region import TOWNSHIPS
from siting.outputs.page.packed.map_layers import COARSE, SCALE, place_name, rings, same_place
from siting.outputs.page.packed.packing import like_columns, number_steps, packed
from siting.outputs.page.packed.savings import packed_savings
from siting.outputs.text.access import NAMES_UP_TO
from siting.outputs.text.wording import BASES, named

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from siting.study.evaluation import Evaluation
    from siting.types import Json

SIZES = ("micro", "small", "medium", "large")

DOT_SCALE = 2_500
"""Steps in a degree for dots (about 40 m, less than a pixel of the map at its widest)."""

TOLERANCE_DEG = 0.002
"""About 200 m, less than a pixel of a small map."""

_KEYS = ["town", "industry", "size"]


def firms(evaluation: Evaluation) -> dict[str, Json]:
    """Pack the enterprises: a text per field, names as stems from a pool."""
    rows, saved, minutes, town_names = _by_enterprise(evaluation)
    named = len(rows) <= NAMES_UP_TO
    summary = _summary(saved)
    dots = {} if named else {"dots": _dots(rows)}
    if not named:
        rows, saved, minutes = _by_group(rows, saved, minutes)
    return {
        "all": int(rows["firms"].sum()),
        "named": named,
        **(_names(rows["name"]) if named else {"firms": packed(rows["firms"])}),
        **dots,
        "lon": number_steps(rows["lon"] * SCALE),
        "lat": number_steps(rows["lat"] * SCALE),
        "towns": [town_name(evaluation, town) for town in town_names],
        "town": number_steps(rows["town"]),
        **{key: packed(rows[key]) for key in ("industry", "size", "basis", "tests", "hours")},
        **packed_savings(saved, minutes, same_place(evaluation.evidence.options)),
        "summary": summary,
        "minutes": dict(zip(map(str, minutes), like_columns(minutes), strict=True)),
    }


def row_of(evaluation: Evaluation) -> pd.Series:
    """Tell the number of the page's row that stands for each enterprise, by enterprise."""
    rows, *_ = _by_enterprise(evaluation)
    if len(rows) <= NAMES_UP_TO:
        return pd.Series(np.arange(len(rows)), rows.index)
    return rows.groupby(_KEYS).ngroup()


def _by_enterprise(evaluation: Evaluation) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, list[str]]:
    """Rows, hours saved and minutes (columns: options) by enterprise, neighbours together; township names."""
    from siting.analysis.demand.annual_tests import pillar_of
    from siting.analysis.demand.baseline import GAINS
    from siting.analysis.money.gains_and_losses import size_of

    evidence = evaluation.evidence
    frame, options = evidence.inputs.enterprises, evidence.options
    towns = townships(evaluation)
    industries = evidence.inputs.industries
    basis = frame["basis"].astype(object).fillna("unstated")
    pillars = pillar_of(frame, industries).reindex(frame.index)
    numbered = {
        "town": pd.Index(towns).get_indexer(pd.Index(frame["town"])),
        "industry": industries.index.get_indexer(pd.Index(pillars)),
        "size": pd.Index(SIZES).get_indexer(pd.Index(size_of(frame))),
        "basis": pd.Index(BASES).get_indexer(pd.Index(basis)),
    }
    rows: pd.DataFrame = frame[["name", "lon", "lat"]].assign(firms=1, **numbered)
    rows["tests"] = evidence.demand.tests.sum(axis=1).reindex(frame.index)
    rows["hours"] = evidence.trips.hours[baseline_option(options)].reindex(frame.index)
    rows = pd.DataFrame(rows).sort_values(["town", "lon", "lat"], kind="stable")
    served = evaluation.scenario.demand.of
    saved = GAINS[served](evidence).drop(columns=baseline_option(options)).reindex(rows.index)
    minutes = _minutes(evaluation).drop(columns=list(same_place(options))).reindex(rows.index)
    return rows, saved, minutes, towns


def townships(evaluation: Evaluation) -> list[str]:
    """List the townships of the enterprises in the order of the page."""
    return sorted(set(evaluation.evidence.inputs.enterprises["town"].dropna()))


def _minutes(evaluation: Evaluation) -> pd.DataFrame:
    """Minutes of each enterprise's drive to each place of a site; of residents until help arrives."""
    evidence = evaluation.evidence
    to_site = evidence.travel.to_site
    is_driven = evaluation.scenario.demand.of == "enterprises"
    return to_site if is_driven else evidence.trips.minutes[to_site.columns]


def _by_group(
    rows: pd.DataFrame, saved: pd.DataFrame, minutes: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Add up hours and tests, take the mean of positions and minutes, the weakest of the bases."""
    keys = [rows[key] for key in _KEYS]
    how = {"firms": "sum", "tests": "sum", "hours": "sum", "lon": "mean", "lat": "mean", "basis": "max"}
    groups = rows.groupby(_KEYS).agg(how).reset_index()
    # Who cannot get there at all tells nothing of the time that the others take.
    reached = minutes.where(np.isfinite(minutes))
    return groups, saved.groupby(keys).sum(), reached.groupby(keys).mean()


def _dots(rows: pd.DataFrame) -> dict[str, str]:
    """Position of each enterprise, group after group, so that the group needs no telling."""
    ordered = rows.sort_values([*_KEYS, "lon", "lat"], kind="stable")
    return {axis: number_steps(ordered[axis] * DOT_SCALE) for axis in ("lon", "lat")}


def _summary(saved: pd.DataFrame) -> dict[str, list[float]]:
    """By option: enterprises that gain, lose and see no change (to the hour), and hours saved in all."""
    whole = saved.round()
    return {
        str(option): [
            int((whole[option] > 0).sum()),
            int((whole[option] < 0).sum()),
            int((whole[option] == 0).sum()),
            round(float(saved[option].sum()), 1),
        ]
        for option in saved
    }


def _names(names: Iterable[str]) -> dict[str, Json]:
    """Split names into a pool of stems and the digits at the end: 400 illustrative names share nine.

    Beside the stems stands their pinyin. Of all digits those of the commonest length are split off, so that
    zeros before them need no telling.
    """
    texts = [str(name) for name in names]
    ends = [match[0] if (match := re.search(r"(?<![0-9])[0-9]{1,9}\Z", text)) else "" for text in texts]
    width = max(sorted({len(end) for end in ends if end}), key=[*map(len, ends)].count, default=0)
    tails = [end if len(end) == width else "" for end in ends]
    parts = [text.removesuffix(tail) for text, tail in zip(texts, tails, strict=True)]
    stems = list(dict.fromkeys(parts))
    at = {stem: n for n, stem in enumerate(stems)}
    spelt = [romanised(stem) for stem in stems]
    return {
        "stems": stems,
        **({"spelt": spelt} if any(spelt) else {}),
        "stem": packed([at[stem] for stem in parts]),
        "width": width,
        "tail": packed([float(tail or "nan") for tail in tails]),
    }


def town_name(evaluation: Evaluation, town: str) -> list[str]:
    """Township under its name of the study year."""
    places = evaluation.evidence.inputs.places
    found = places[(places["name"] == town) | (places["name_2011"] == town)]
    if len(found):
        return place_name(found.iloc[0], evaluation.scenario.study_year)
    return list(named(town).values())


# areas of townships -----------------------------------------------------------------------


def township_areas(evaluation: Evaluation) -> dict[str, Json]:
    """Pack the areas: numbers of the page's townships in each, rings, and minutes by option.

    Where the study brings no areas they are ``sketched``: what lies nearer to one township's point than to
    any other's (Thiessen polygons), cut at the outline; townships whose points are the same share one.
    Minutes are a mean of the trips that roads allow.
    """
    towns, given = townships(evaluation), evaluation.evidence.inputs.township_areas
    if given is None:
        cells, area_of = _sketched(evaluation, towns)
    else:
        # A township without an area has its figures all the same, and no shape.
        whole = given.reindex([*given.index, *sorted(set(towns) - set(given.index))])
        cells = whole["geometry"].where(whole["geometry"].notna(), shapely.Polygon()).tolist()
        area_of = {str(town): n for n, town in enumerate(whole.index)}
    members: list[list[int]] = [[] for _ in cells]
    for n, town in enumerate(towns):
        members[area_of[town]].append(n)
    minutes = _trip_minutes(evaluation, area_of).reindex(range(len(cells)))
    return {
        "sketched": given is None,
        "towns": members,
        "rings": [rings(cell, TOLERANCE_DEG, COARSE) for cell in cells],
        "minutes": like_columns(minutes),
    }


def _sketched(evaluation: Evaluation, towns: list[str]) -> tuple[list[BaseGeometry], dict[str, int]]:
    points = _points(evaluation, towns)
    places = points.drop_duplicates(["lon", "lat"])[["lon", "lat"]]
    number = pd.MultiIndex.from_frame(places).get_indexer(pd.MultiIndex.from_frame(points))
    cells = thiessen(places.to_numpy(float), evaluation.evidence.inputs.area.simplify(TOLERANCE_DEG))
    return cells, dict(zip(points.index, number.tolist(), strict=True))


def _points(evaluation: Evaluation, towns: list[str]) -> pd.DataFrame:
    """Point of each township by name: its place, else the middle of its enterprises; ``lon, lat``."""
    inputs = evaluation.evidence.inputs
    places = inputs.places
    known = pd.concat([places, places.assign(name=places["name_2011"])])[["name", "lon", "lat", "kind"]]
    known = known.dropna(subset=["name"]).drop_duplicates("name").set_index("name")
    middle = inputs.enterprises.groupby("town")[["lon", "lat"]].mean()
    named = known.loc[known.index.isin(towns) | known["kind"].isin(TOWNSHIPS), ["lon", "lat"]]
    return pd.concat([named, middle[~middle.index.isin(named.index)]])


def thiessen(points: NDArray[np.float64], area: BaseGeometry) -> list[BaseGeometry]:
    """Cut an area into what lies nearest to each point (n × 2, degrees, no two the same)."""
    if not len(points):
        return []
    stretch = np.cos(np.radians(points[:, 1].mean()))

    def stretched(shape: BaseGeometry, by: float) -> BaseGeometry:
        return shapely.transform(shape, lambda xy: xy * [by, 1.0])

    flat = shapely.points(points * [stretch, 1.0])
    frame = stretched(area, stretch)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(flat), extend_to=frame))
    if len(points) == 1:
        cells = np.array([shapely.box(*shapely.total_bounds([frame, *flat])).buffer(1.0)])
    # In which order the cells come is not told; each holds one point.
    at = shapely.STRtree(cells).query(flat, predicate="within")[1]
    return [stretched(shapely.intersection(cells[n], frame), 1 / stretch) for n in at]


def _trip_minutes(evaluation: Evaluation, area_of: dict[str, int]) -> pd.DataFrame:
    """Mean one-way minutes, area × option: of trips, weighted by those of today, or of residents."""
    evidence = evaluation.evidence
    area = evidence.inputs.enterprises["town"].map(area_of)
    trips = evidence.trips.trips[baseline_option(evidence.options)]
    trips = trips if trips.any() else evidence.demand.tests.sum(axis=1)
    reached = evidence.trips.minutes.where(np.isfinite(evidence.trips.minutes))
    weights = reached.notna().mul(trips, axis=0)
    return reached.mul(trips, axis=0).groupby(area).sum() / weights.groupby(area).sum()
