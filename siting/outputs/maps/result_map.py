"""Evaluation → a folium map to explore and add to: sites, reach, lines, savings, enterprises, roads."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from siting.messages import refusal
from siting.outputs.colours import (
    BANDS,
    BORDER,
    FAINT,
    FLOW,
    GAIN,
    INDUSTRY_COLOURS,
    LAND,
    LOSS,
    ROAD_COLOURS,
    SITE,
    WARNING,
)  # fmt: skip
from siting.outputs.maps import result_layers
from siting.outputs.maps.elements import Key, Pair, StudyFrame, StudyLayer, StudyScripts
from siting.outputs.maps.offline_map import OfflineMap
from siting.outputs.page.figure import ROAD_WIDTHS, letters, static_map
from siting.outputs.page.packed.firms import town_name
from siting.outputs.page.packed.map_layers import LINE_TOLERANCE_DEG, drawn_roads, place_name
from siting.outputs.page.road_notes import road_texts
from siting.outputs.text.ground import demo_reason
from siting.outputs.text.sentences import verdict_text
from siting.outputs.text.wording import (
    LANGUAGES,
    bilingual,
    criterion_label,
    form_of,
    number,
    option_name,
    points,
    say,
    speaks,
)
from siting.types import Json, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from siting.study.evaluation import Evaluation

NAMED_UP_TO = 5_000
"""Enterprises up to which the map names each; above, a dot tells its township and industry."""
ISOCHRONE_TOLERANCE_DEG = 0.002
LABEL_DEG = (0.14, 0.02)
"""Room that a site's label takes on the map as it opens, east and north."""
PLACES = 5
"""Decimals of a degree: about a metre."""


@speaks
def result_map(evaluation: Evaluation, *, site: str | None = None, lang: Language = "zh") -> OfflineMap:
    """Draw what a study came to, see `Result.map`."""
    placed = _placed(evaluation)
    if site is not None and site not in placed:
        raise refusal("", "E691", site=site, known=", ".join(placed))
    chosen = site if site is not None else next(iter(placed), None)
    layers = [*ground(evaluation), *served(evaluation)]
    if chosen is not None:
        layers += [_isochrones(evaluation, chosen), _flows(evaluation, chosen), _saved(evaluation, chosen)]
    return framed(evaluation, [*layers, site_layer(evaluation)], lang, pair("map.of"))


@speaks
def study_map(evaluation: Evaluation, lang: Language = "zh") -> OfflineMap:
    """Draw what a study is made of: enterprises, sites without their ranks, roads, places."""
    layers = [*ground(evaluation), *served(evaluation), site_layer(evaluation, is_ranked=False)]
    return framed(evaluation, layers, lang, pair("mapfile.study"))


def framed(
    evaluation: Evaluation, layers: Iterable[StudyLayer | None], lang: Language, subtitle: Pair
) -> OfflineMap:
    """Put layers onto a map, in their order, with all that stands around it."""
    scenario, inputs = evaluation.scenario, evaluation.evidence.inputs
    west, south, east, north = inputs.area.bounds
    bounds = [[round(south, PLACES), round(west, PLACES)], [round(north, PLACES), round(east, PLACES)]]
    title = list(bilingual(scenario.title_zh, scenario.title_en).values())
    made = OfflineMap(
        [(south + north) / 2, (west + east) / 2],
        lang=lang,
        title=title[LANGUAGES.index(lang)],
        picture=static_map(evaluation, lang),
        prefer_canvas=True,
        zoomSnap=0.25,
    )
    StudyScripts().add_to(made)
    for layer in layers:
        if layer is not None:
            layer.add_to(made)
    reasons = [demo_reason(evaluation, spoken) for spoken in LANGUAGES]
    StudyFrame(
        lang,
        title=title,
        subtitle=list(subtitle),
        demo=[pair("demo"), reasons] if reasons[0] else None,
        note=both(lambda spoken: road_texts(inputs, spoken)["map.note"]),
        bounds=bounds,
        words={
            "legend": pair("mapfile.legend"),
            "north": pair("north"),
            "others": pair("mapfile.others"),
            "unnamed": pair("mapfile.unnamed"),
        },
    ).add_to(made)
    return made


def pair(key: str, **values: str) -> list[str]:
    """Say a word in both languages."""
    return [say(key, lang, **values) for lang in LANGUAGES]


def _figure(value: float | None, form: str) -> list[str]:
    """Write a number in both languages."""
    return [number(value, form, lang) for lang in LANGUAGES]


def both(text: Callable[[Language], str]) -> list[str]:
    """Say something in both languages."""
    return [text(lang) for lang in LANGUAGES]


def _placed(evaluation: Evaluation) -> list[str]:
    """Options that have a place, best first."""
    options = evaluation.evidence.options
    located = [str(option) for option in options.index[options["lon"].notna()]]
    order = {str(option): n for n, option in enumerate(evaluation.ranking.index)}
    return sorted(located, key=lambda option: order.get(option, len(order)))


def name_of(evaluation: Evaluation, option: str) -> list[str]:
    """Name an option in both languages."""
    return both(lambda lang: option_name(evaluation.evidence.options, option, lang))


# --- Layers -------------------------------------------------------------------------------------------


def _feature(shape: BaseGeometry, style: Mapping[str, Json], text: Json = None) -> dict[str, Json]:
    rounded = shapely.transform(shape, lambda xy: xy.round(PLACES))
    properties = {"style": dict(style), **({} if text is None else {"text": text})}
    geometry = json.loads(shapely.to_geojson(rounded))
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _shapes(features: list[dict[str, Json]], interactive: bool = True) -> dict[str, Json]:
    return {"kind": "shapes", "features": features, "interactive": interactive}


def ground(evaluation: Evaluation) -> list[StudyLayer | None]:
    """County, red lines, roads and names of places."""
    return [_county(evaluation), _red_lines(evaluation), _roads(evaluation), _names(evaluation)]


def _county(evaluation: Evaluation) -> StudyLayer | None:
    inputs = evaluation.evidence.inputs
    if inputs.boundary is None:
        return None
    style = {
        "color": BORDER, "weight": 1.8, "dashArray": "9 3 2 3", "fillColor": LAND, "fillOpacity": 1,
    }  # fmt: skip
    shape = inputs.boundary.simplify(LINE_TOLERANCE_DEG)
    keys = [Key("edge", BORDER, pair("mapfile.county"))]
    return StudyLayer(
        pair("mapfile.county"), pair("mapfile.ground"), _shapes([_feature(shape, style)], False), keys=keys
    )


def _red_lines(evaluation: Evaluation) -> StudyLayer | None:
    """Areas in which a condition rules a site out, or is to be verified."""
    lines = evaluation.evidence.inputs.red_lines
    if lines is None:
        return None
    style = {"color": WARNING, "weight": 2, "fillColor": WARNING, "fillOpacity": 0.12}
    features = [
        _feature(
            row["geometry"], style, [row["name"], pair(f"condition.{row['condition']}"), pair(row["verdict"])]
        )
        for row in lines.to_dict("records")
    ]
    keys = [Key("edge", WARNING, pair("mapfile.red_lines"))]
    return StudyLayer(pair("mapfile.red_lines"), pair("mapfile.ground"), _shapes(features), keys=keys)


def _roads(evaluation: Evaluation) -> StudyLayer | None:
    drawn = drawn_roads(evaluation)
    features: list[dict[str, Json]] = []
    keys: list[Key] = []
    kinds = drawn.kinds
    for kind, width in reversed(ROAD_WIDTHS.items()):
        rows = drawn.edges[kinds == kind]
        shapes = rows.geometry.simplify(LINE_TOLERANCE_DEG)
        style = {"color": ROAD_COLOURS[kind], "weight": width}
        refs = rows["ref"].astype("string").fillna("")
        for ref, lines in shapes.groupby(refs, sort=True):
            text = [pair(f"road.{kind}"), *([ref] if ref else [])]
            features.append(_feature(shapely.multilinestrings(list(lines)), style, text))
        if len(rows):
            keys.insert(0, Key("line", ROAD_COLOURS[kind], pair(f"road.{kind}")))
    name = both(lambda lang: road_texts(evaluation.evidence.inputs, lang)["layer.roads"])
    return StudyLayer(name, pair("mapfile.ground"), _shapes(features), keys=keys)


def _names(evaluation: Evaluation) -> StudyLayer:
    places, year = evaluation.evidence.inputs.places, evaluation.scenario.study_year
    items = [
        {
            "at": [round(float(row[axis]), PLACES) for axis in ("lat", "lon")],
            "text": place_name(row, year),
            "kind": str(row["kind"]),
        }
        for _, row in places[places["lon"].notna()].iterrows()
    ]
    return StudyLayer(pair("layer.places"), pair("mapfile.ground"), {"kind": "names", "items": items})


def served(evaluation: Evaluation, *, show: bool = True) -> list[StudyLayer | None]:
    """Enterprises, coloured by industry; `show`: as the map opens."""
    from siting.analysis.demand.annual_tests import pillar_of

    inputs = evaluation.evidence.inputs
    firms = inputs.enterprises[inputs.enterprises["lon"].notna() & inputs.enterprises["lat"].notna()]
    keys = [*inputs.industries.index, None]
    labels = [list(bilingual(r["name"], r["name_en"]).values()) for _, r in inputs.industries.iterrows()]
    labels.append(pair("mapfile.other_industry"))
    colours = [INDUSTRY_COLOURS[n % len(INDUSTRY_COLOURS)] for n in range(len(keys) - 1)] + [FAINT]
    found = inputs.industries.index.get_indexer(
        pd.Index(pillar_of(firms, inputs.industries).reindex(firms.index))
    )
    industry = np.where(found < 0, len(keys) - 1, found)
    towns = sorted(set(firms["town"].dropna()))
    town = pd.Index([*towns, None]).get_indexer(
        pd.Index(firms["town"].astype(object).where(firms["town"].notna(), None))
    )
    columns = [
        {
            "label": pair("town"),
            "values": town.tolist(),
            "of": [town_name(evaluation, t) for t in towns] + [pair("number.missing")],
        },
        {"label": pair("industry"), "values": industry.tolist(), "of": labels},
    ]
    if len(firms) <= NAMED_UP_TO:
        columns.insert(0, {"label": None, "values": [str(name) for name in firms["name"]], "of": None})
    used = sorted(set(industry.tolist()))
    spec = {
        "kind": "dots",
        "at": firms[["lon", "lat"]].to_numpy(float).round(PLACES).ravel().tolist(),
        "radius": 4,
        "colour": industry.tolist(),
        "colours": colours,
        "columns": columns,
    }
    legend = [Key("dot", colours[n], labels[n]) for n in used]
    return [StudyLayer(pair("layer.firms"), pair("mapfile.demand"), spec, keys=legend, show=show)]


def _of_site(key: str, evaluation: Evaluation, site: str) -> list[str]:
    """Name of a layer that belongs to one site."""
    return [
        say("mapfile.of_site", lang, layer=say(key, lang), site=name)
        for lang, name in zip(LANGUAGES, name_of(evaluation, site), strict=True)
    ]


def _isochrones(evaluation: Evaluation, site: str) -> StudyLayer | None:
    layer = result_layers.isochrones(evaluation)
    own = layer[layer["site"] == site]
    if own.empty:
        return None
    bands = sorted(own["drive_min"])
    colour = {minutes: BANDS[min(n, len(BANDS) - 1)] for n, minutes in enumerate(bands)}
    features = [
        _feature(
            shape.simplify(ISOCHRONE_TOLERANCE_DEG),
            {"color": BANDS[1], "weight": 1, "fillColor": colour[minutes], "fillOpacity": 0.22},
            [pair("mapfile.within", n=f"{minutes:g}")],
        )
        for minutes, shape in zip(own["drive_min"], own.geometry, strict=True)
    ]
    keys = [Key("area", colour[minutes], pair("mapfile.within", n=f"{minutes:g}")) for minutes in bands]
    name = _of_site("layer.isochrones", evaluation, site)
    return StudyLayer(name, pair("mapfile.results"), _shapes(features), keys=keys, show=False)


def _flows(evaluation: Evaluation, site: str) -> StudyLayer | None:
    layer = result_layers.flows(evaluation)
    own = layer[(layer["site"] == site) & result_layers.has_shape(layer)]
    if own.empty:
        return None
    widest = float(own["trips"].max())
    if not widest > 0:
        return None
    features = [
        _feature(
            line,
            {"color": FLOW, "weight": round(1 + 7 * trips / widest, 1), "opacity": 0.65},
            [
                [
                    f"{a} → {b}"
                    for a, b in zip(town_name(evaluation, town), name_of(evaluation, site), strict=True)
                ],
                pair("mapfile.trips", n=f"{trips:,.0f}", firms=f"{firms:,}"),
            ],
        )
        for town, trips, firms, line in zip(
            own["town"], own["trips"], own["firms"], own.geometry, strict=True
        )
    ]
    keys = [Key("line", FLOW, pair("mapfile.wider"))]
    name = _of_site("layer.flows", evaluation, site)
    return StudyLayer(name, pair("mapfile.results"), _shapes(features), keys=keys, show=False)


def _saved(evaluation: Evaluation, site: str) -> StudyLayer | None:
    layer = result_layers.townships(evaluation)
    column = f"saved.{site}"
    own = layer[result_layers.has_shape(layer)] if column in layer else layer.iloc[:0]
    if own.empty:
        return None
    hours = own[column].to_numpy(float)
    largest = float(np.abs(hours).max())
    if not largest > 0:
        return None
    spec = {
        "kind": "dots",
        "at": shapely.get_coordinates(own.geometry.to_numpy()).round(PLACES).ravel().tolist(),
        "radius": (3 + 17 * np.sqrt(np.abs(hours) / largest)).round(1).tolist(),
        "colour": (hours < 0).astype(int).tolist(),
        "colours": [GAIN, LOSS],
        "columns": [
            {
                "label": pair("town"),
                "values": list(range(len(own))),
                "of": [town_name(evaluation, town) for town in own.index],
            },
            {
                "label": pair("layer.saved"),
                "values": list(range(len(own))),
                "of": [_figure(h, "hours") for h in hours],
            },
        ],
    }
    keys = [Key("dot", GAIN, pair("legend.saved")), Key("dot", LOSS, pair("legend.extra"))]
    return StudyLayer(_of_site("layer.saved", evaluation, site), pair("mapfile.results"), spec, keys=keys)


def site_layer(
    evaluation: Evaluation,
    *,
    is_ranked: bool = True,
    more: Callable[[str], list[list[str]]] | None = None,
) -> StudyLayer:
    """Draw the options that have a place, the best one above the others.

    Parameters
    ----------
    is_ranked : tell rank, score and figures; else what the table of sites says
    more : further lines by option, in both languages
    """
    options, placed = evaluation.evidence.options, _placed(evaluation)
    letter_of = dict(zip(options.index, letters(len(options)), strict=True))
    items = [
        {
            "at": [round(float(options[axis][option]), PLACES) for axis in ("lat", "lon")],
            "letter": letter_of[option],
            "label": name_of(evaluation, option),
            "best": is_ranked and _rank(evaluation, option) == 1,
            "left": _is_close_to_the_east(options.loc[placed], option),
            "title": name_of(evaluation, option),
            "text": [
                name_of(evaluation, option),
                *(_standing(evaluation, option) if is_ranked else []),
                *(more(option) if more else []),
            ],
            "rows": _facts(evaluation, option) if is_ranked else _given(evaluation, option),
        }
        # The best one is drawn last, above the others.
        for option in reversed(placed)
    ]
    keys = [Key("dot", WARNING, pair("mapfile.best")), Key("dot", SITE, pair("mapfile.site"))]
    keys = keys if any(item["best"] for item in items) else [Key("dot", SITE, pair("mapfile.sites"))]
    spec = {"kind": "sites", "items": items}
    return StudyLayer(pair("mapfile.sites"), pair("mapfile.results"), spec, keys=keys)


def _is_close_to_the_east(placed: pd.DataFrame, option: str) -> bool:
    """Whether another site stands where the label of this one would go."""
    at = placed[["lon", "lat"]].to_numpy(float)
    east, north = (at - at[placed.index.get_loc(option)]).T
    return bool(((east > 0) & (east < LABEL_DEG[0]) & (np.abs(north) < LABEL_DEG[1])).any())


def _rank(evaluation: Evaluation, option: str) -> int | None:
    """Rank of an option; None where it has none, as without demand."""
    rank = float(evaluation.ranking["rank"].get(option, math.nan))
    is_ranked = _score(evaluation, option) is not None and evaluation.ranking["verdict"][option] != "fail"
    return int(rank) if is_ranked and not math.isnan(rank) else None


def _score(evaluation: Evaluation, option: str) -> float | None:
    score = float(evaluation.ranking["score"].get(option, math.nan))
    return None if math.isnan(score) else score


def _standing(evaluation: Evaluation, option: str) -> list[list[str]]:
    """Rank and score of an option, if it has them, and how it stands to the conditions."""
    rank, score = _rank(evaluation, option), _score(evaluation, option)
    told = []
    if rank is not None and score is not None:
        told.append(pair("mapfile.standing", rank=str(rank), score=points(score)))
    return [*told, both(lambda lang: verdict_text(evaluation, option, lang))]


def _facts(evaluation: Evaluation, option: str) -> list[list[list[str]]]:
    """Figures of an option by criterion, in their own units."""
    rows = []
    for criterion in evaluation.matrix.columns:
        applies = bool(evaluation.applies.at[option, criterion])
        value = float(evaluation.matrix[criterion][option]) if applies else None
        label = [criterion_label(criterion, lang) for lang in LANGUAGES]
        rows.append([label, _figure(value, form_of(criterion))])
    rank, score = _rank(evaluation, option), _score(evaluation, option)
    if rank is not None and score is not None:
        rows = [[pair("rank"), [str(rank)] * 2], [pair("score"), [points(score)] * 2], *rows]
    return [*rows, [pair("conditions"), both(lambda lang: verdict_text(evaluation, option, lang))]]


def _given(evaluation: Evaluation, option: str) -> list[list[list[str]]]:
    """List what the table of sites says of an option."""
    options = evaluation.evidence.options
    town, kind = options["town"].get(option), str(options["kind"][option])
    rows = [[pair("kind"), pair(f"kind.{kind}")]]
    if isinstance(town, str) and town:
        rows.insert(0, [pair("town"), list(town_name(evaluation, town))])
    return rows
