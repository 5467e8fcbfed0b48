"""Roads of a study → what is said of them: what was read, whose it is, and the routes of the sites by name.

A curated schematic network, an OpenStreetMap extract and any other road layer each go by their own words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from siting.inputs.roads.extracts.osm import EXTRACTS
from siting.outputs.page.packed.map_layers import is_schematic, same_place
from siting.outputs.page.packed.packing import json_number
from siting.outputs.text.cells import plain as without_controls
from siting.outputs.text.wording import LANGUAGES, fill, named, say, words
from siting.types import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from siting.study.evaluation import Evaluation
    from siting.types import Inputs, Json, RoadLayer

VARIED = ("map.note", "map.static", "layer.roads", "data.speeds", "attribution")
"""Words that speak of a schematic network; for other roads an ending hangs on the key."""

PARTLY_DRAWN, BEYOND, MATRIX = "map.drawn", "data.beyond", "data.matrix"
"""Sentences that follow the note on the map and that on speeds where they hold."""

OWN_DATA = "attribution.own"
"""Whose the data are where nothing of them is OpenStreetMap's."""

ENDINGS = {"schematic": ("",), "layer": (".layer", ".file", ""), "osm": (".osm", ".file", "")}
"""Kind of roads → endings of the keys of its words, the most telling first."""

OSM_LICENCE = "ODbL 1.0 (© OpenStreetMap contributors)"

GOALS = {"city": "site_to_city", "seat": "site_to_seat"}
"""Where the routes of the sites lead → the field of `TravelTimes` with their minutes."""

NAMED_AT_EACH_END = 3
"""Roads that are named at either end of a long route; those between are counted."""

LONGEST_NAME = 40
"""Characters of a road's name that are shown."""


def kind_of(layer: RoadLayer) -> Literal["schematic", "osm", "layer"]:
    """Tell a curated network from an extract and from other layers.

    Ways of an extract, in a compact layer too, are known by OpenStreetMap's whole numbers, those of other
    layers by texts.
    """
    if is_schematic(layer):
        return "schematic"
    return "osm" if layer.edges["way"].dtype.kind in "iu" else "layer"


def road_words(inputs: Inputs, drawn: Sequence[str] | None = None) -> dict[str, list[str]]:
    """Choose the templates that fit the roads: by key of `VARIED`, in the order of `LANGUAGES`.

    `drawn` are the classes that the map shows, as `layers.roads` has them; None: all roads.
    """
    endings = ENDINGS[kind_of(inputs.roads)]
    follows = {
        "map.note": [PARTLY_DRAWN] * (drawn is not None),
        "data.speeds": [BEYOND] * bool(inputs.roads.beyond) + [MATRIX] * (inputs.time_matrix is not None),
    }
    found = {}
    for key in VARIED:
        name = next(key + ending for ending in endings if key + ending in words("zh"))
        found[key] = ["".join(words(lang)[k] for k in (name, *follows.get(key, ()))) for lang in LANGUAGES]
    if not rests_on_osm(inputs):
        found["attribution"] = [words(lang)[OWN_DATA] for lang in LANGUAGES]
    return found


def rests_on_osm(inputs: Inputs) -> bool:
    """Whether roads, or a file in the list of sources, contain data of OpenStreetMap."""
    stated = inputs.sources[["origin", "licence"]].astype(str).to_numpy().ravel()
    return kind_of(inputs.roads) == "osm" or any("OpenStreetMap" in text or "OSM" in text for text in stated)


def unchosen_words() -> set[str]:
    """Keys that `road_words` chooses from; a page needs what is chosen only."""
    endings = {ending for found in ENDINGS.values() for ending in found if ending}
    return {key + ending for key in VARIED for ending in endings} | {PARTLY_DRAWN, BEYOND, MATRIX, OWN_DATA}


def road_facts(inputs: Inputs) -> dict[str, Json]:
    """Facts that stand in these templates; counts are ways of the file, None where it does not tell them."""
    layer, matrix = inputs.roads, inputs.time_matrix
    return {
        "file": layer.file,
        "kept": layer.counts.get("kept"),
        "all": layer.counts.get("data_rows"),
        "beyond": layer.beyond or None,
        "matrix": matrix.file if matrix else None,
    }


def road_texts(inputs: Inputs, lang: Language, drawn: Sequence[str] | None = None) -> dict[str, str]:
    """Say these words, by key."""
    classes = say("joiner", lang).join(say(f"road.{name}", lang) for name in drawn or ())
    values = {**road_facts(inputs), "classes": classes}
    at = LANGUAGES.index(lang)
    return {key: fill(both[at], values) for key, both in road_words(inputs, drawn).items()}


# --- Sources -----------------------------------------------------------------------------------------


def sources(inputs: Inputs) -> pd.DataFrame:
    """Table of sources as far as it concerns the study, indexed by file: the roads that were read, no others.

    What only extracts that were not read were made from goes with them. Roads without a row get one, of
    which nothing is known but the licence of OpenStreetMap.
    """
    table, read = inputs.sources, road_files(inputs.roads)
    other = table.index.str.lower().str.endswith(EXTRACTS) & ~table.index.isin(read)
    origin = table["origin"].fillna("")
    of_other, of_rest = " ".join(origin[other]), " ".join(origin[~other])
    unused = [name for name in table.index if name in of_other and name not in of_rest and name not in read]
    table = table[~other & ~table.index.isin(unused)]
    missing = [name for name in read if name not in table.index]
    table = table.reindex([*table.index, *missing])
    if kind_of(inputs.roads) == "osm":
        table.loc[missing, "licence"] = OSM_LICENCE
    return table


def road_files(layer: RoadLayer) -> list[str]:
    """Names of the files of the roads: one, or two tables of a curated network; and what leads on."""
    files = layer.file.split(", ") if is_schematic(layer) else [layer.file]
    return files + [layer.beyond] * bool(layer.beyond)


# --- Ways of the sites -------------------------------------------------------------------------------


def routes(evaluation: Evaluation) -> dict[str, Json]:
    """Ways of the sites: names of roads; by goal and site minutes, km, and the roads by number in order.

    A name has its English beside it where that differs. A number below zero stands for that many roads left
    out. Options at one place are told once.
    """
    found, travel = evaluation.routes, evaluation.evidence.travel
    numbers: dict[str, int] = {}
    by_goal: dict[str, Json] = {goal: {} for goal in GOALS}
    if found is not None:
        found = found[~found["site"].isin(list(same_place(evaluation.evidence.options)))]
        for site, goal, metres, roads in found[["site", "to", "metres", "roads"]].itertuples(index=False):
            minutes = getattr(travel, GOALS[goal])[site]
            # Who stands at the goal has no way to go.
            if minutes > 0:
                by_goal[goal][str(site)] = [
                    json_number(minutes),
                    json_number(metres / 1000),
                    *_numbered(few(roads), numbers),
                ]
    return {"names": [[*dict.fromkeys(named(name).values())] for name in numbers], **by_goal}


def _numbered(roads: list[str | int], numbers: dict[str, int]) -> list[int]:
    """Roads by their number, new ones numbered in turn; counts of those left out below zero."""
    return [numbers.setdefault(r, len(numbers)) if isinstance(r, str) else -r for r in roads]


def few(roads: str) -> list[str | int]:
    """Names of the roads of a route (``S1 → G102``); of many the first and the last, and how many between.

    >>> few("a → b → c → d → e → f → g → h")
    ['a', 'b', 'c', 2, 'f', 'g', 'h']
    """
    names = [_short(name) for name in roads.split(" → ") if name.strip()]
    between = names[NAMED_AT_EACH_END:-NAMED_AT_EACH_END]
    if len(between) < 2:
        return list(names)
    return [*names[:NAMED_AT_EACH_END], len(set(between)), *names[-NAMED_AT_EACH_END:]]


def _short(name: str) -> str:
    shown = without_controls(name)
    return shown if len(shown) <= LONGEST_NAME else shown[: LONGEST_NAME - 1] + "…"
