"""Evaluation → one plain dictionary with all that the decision page shows: JSON, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting import __version__
from siting.option_kinds import KINDS
from siting.outputs.page.figure import letters
from siting.outputs.page.packed.firms import firms, township_areas, townships
from siting.outputs.page.packed.map_layers import LAYERS, same_place
from siting.outputs.page.packed.packing import column_once, json_number, packed
from siting.outputs.page.page_words import page_words
from siting.outputs.page.road_notes import road_facts, road_words, routes, sources
from siting.outputs.page.summaries import (
    MOST_OPTIONS,
    concern_rows,
    economics,
    foremost,
    robustness,
)
from siting.outputs.page.winners_table import drawn_values, leads, winners_data
from siting.outputs.text.access import cut_off_lines
from siting.outputs.text.build_verdict import build_headline, building_pays
from siting.outputs.text.cells import heading
from siting.outputs.text.conclusion import (
    conclusion,
    demand_turns,
    headlines,
    leaders_of,
    may_recommend,
    notices,
    open_questions,
    registers_drawn,
    sureness,
)
from siting.outputs.text.condition_texts import (
    catalogue,
    failures,
    open_conditions,
    role_rows,
    summaries,
    vetoes,
)
from siting.outputs.text.ground import demo_reason, has_ranking, register_rows
from siting.outputs.text.outdated import outdated
from siting.outputs.text.weighing.weight_sentences import own_hour, weight_sentences
from siting.outputs.text.weighing.weights_words import weights_record
from siting.outputs.text.winner_words import turning_sentences, turns_in_headline
from siting.outputs.text.wording import LANGUAGES, bilingual, form_of, label, named
from siting.scenario.model import PARAMETERS

if TYPE_CHECKING:
    from siting.study.evaluation import Evaluation
    from siting.types import Json, Language

SOURCE_COLUMNS = (
    "file",
    ("content", "content_en"),
    ("origin_zh", "origin"),
    ("licence_zh", "licence"),
    "basis",
)
"""Columns of the list of sources; a pair is one column in Chinese and English."""
PARAMETER_COLUMNS = (("unit_zh", "unit"), "low", "high", "basis", ("source_zh", "source"), "year", "row")
"""The same of the parameters, after name and value."""
Cell = str | list[str]
"""A text, or the pair of Chinese and English."""

SHORT = 3
"""Characters below which a repeated text takes no more room than the number of its row."""

DECIMALS = 10
"""Decimals of values and weights in the page: scores agree with Python to better than 1e-9."""


def payload(evaluation: Evaluation) -> dict[str, Json]:
    """Gather what the page shows; user text stays text, ``inf`` becomes ``"inf"``, missing ``None``."""
    scenario, inputs = evaluation.scenario, evaluation.evidence.inputs
    layers = {layer.id: layer.build(evaluation) for layer in LAYERS}
    return {
        "words": page_words(evaluation, road_words(inputs, layers["roads"]["classes"])),
        "title": _pair(scenario.title_zh, scenario.title_en),
        "prepared": [scenario.prepared_by, scenario.prepared_on],
        "version": __version__,
        "year": scenario.study_year,
        "demo": _both_languages(demo_reason, evaluation),
        "recommended": may_recommend(evaluation),
        "adopted": scenario.weights_adopted,
        "questions": _both_languages(open_questions, evaluation),
        **_fixed(evaluation),
        "sure": _sure(evaluation),
        "winners": winners_data(evaluation),
        "cutoff": float(scenario.coverage.cutoff_min),
        "full_min": float(scenario.coverage.full_min),
        "decay": scenario.coverage.decay,
        "drawn": drawn_values(evaluation),
        "leads": leads(evaluation),
        "near_tie": float(scenario.robustness.near_tie),
        "expansion": float(scenario.demand.expansion_factor),
        **_criteria(evaluation),
        "conditions": _known(vetoes(evaluation)),
        "conditions_table": _repeats(_conditions_table(evaluation)),
        "roles": _roles(evaluation),
        **_options(evaluation),
        "most": MOST_OPTIONS,
        "listed": foremost(evaluation, MOST_OPTIONS),
        "values": _values(evaluation),
        "raw": [[json_number(cell) for cell in row] for row in evaluation.matrix.to_numpy(float)],
        "hour": _hour(evaluation),
        "hour_yuan": float(scenario.economics.value_of_time_yuan_h),
        "viewpoints": _viewpoints(evaluation),
        "industries": _industries(evaluation),
        "industry_ids": [str(key) for key in inputs.industries.index],
        "firms": firms(evaluation),
        "townships": township_areas(evaluation),
        "same": same_place(evaluation.evidence.options),
        "layers": layers,
        "roads": road_facts(inputs),
        "ways": routes(evaluation),
        "concerns": concern_rows(evaluation),
        "robustness": robustness(evaluation),
        "economics": economics(evaluation),
        "data": _data(evaluation),
        "sources": _repeats(_texts(sources(inputs).reset_index(names="file"), SOURCE_COLUMNS)),
        "parameters": _repeats(_parameters(evaluation)),
        "provenance": [row for row in _flat(evaluation.provenance) if re.search("sha256|version", row[0])],
    }


def _both_languages(say: Callable[[Evaluation, Language], Any], evaluation: Evaluation) -> list[Any]:
    """Say in both languages what does not follow the sliders: a text as a pair, texts as a list of pairs."""
    found = [say(evaluation, lang) for lang in LANGUAGES]
    return found if isinstance(found[0], str) else [list(pair) for pair in zip(*found, strict=True)]


def _sure(evaluation: Evaluation) -> dict[str, Any]:
    """Options that win most draws and cannot be told apart, and what the conclusion says of the draws."""
    options = evaluation.evidence.options.index
    return {
        "leaders": [options.get_loc(option) for option in leaders_of(evaluation)],
        "whether": _both_languages(build_headline, evaluation),
        "building": _both_languages(building_pays, evaluation),
        "draws": _both_languages(sureness, evaluation),
        "weights": _both_languages(weight_sentences, evaluation),
        "registers": _both_languages(registers_drawn, evaluation) + _both_languages(demand_turns, evaluation),
        "turning": _both_languages(turning_sentences, evaluation),
        "turns": _both_languages(turns_in_headline, evaluation),
    }


def _fixed(evaluation: Evaluation) -> dict[str, Any]:
    """Conclusion that no slider changes, since nothing is ranked, and how many of its sentences are large."""
    if has_ranking(evaluation):
        return {"nothing": [], "large": 0}
    large = len(headlines(evaluation, LANGUAGES[0]))
    return {"nothing": _both_languages(conclusion, evaluation), "large": large}


def _packed_table(table: pd.DataFrame, options: pd.Index) -> str:
    """Pack a table of sites row by row, a row an option; an option that is not ranked knows nothing."""
    return packed(table.reindex(options).to_numpy(float).ravel() * 10.0**DECIMALS)


def _pair(zh: object, en: object = None) -> list[str]:
    """Pair a text with its English, in the order of `LANGUAGES`."""
    return list(bilingual(zh, en).values())


def _criteria(evaluation: Evaluation) -> dict[str, Any]:
    """Collect groups and criteria with the scenario's own weights, in the scenario's order."""
    from siting.analysis.decision.criteria import BY_ID

    scenario = evaluation.scenario
    uses = scenario.criteria
    groups = list(dict.fromkeys(BY_ID[use.name].group for use in uses))
    return {
        "groups": [
            {
                "id": group,
                "weight": float(getattr(scenario.groups, group)),
                "label": [label("group", group, lang) for lang in LANGUAGES],
            }
            for group in groups
        ],
        "criteria": [
            {
                "id": use.name,
                "group": groups.index(BY_ID[use.name].group),
                "weight": float(use.weight),
                "label": _pair(BY_ID[use.name].label_zh, BY_ID[use.name].label_en),
                "short": _pair(BY_ID[use.name].short_zh, BY_ID[use.name].short_en),
                "form": form_of(use.name),
                "linear": use.value == "linear",
                "anchors": [float(end) for end in use.anchors] if use.anchors else None,
                **_point(evaluation, use.name),
            }
            for use in uses
        ],
    }


def _point(evaluation: Evaluation, criterion: str) -> dict[str, Json]:
    """How much of a criterion a point is worth with all the weight on it, and the figure at which."""
    found = evaluation.tradeoff
    if found is None or criterion not in found.per_point.index:
        return {}
    row = found.per_point.loc[criterion]
    return {"point": json_number(row["amount"] * row["weight"]), "at": json_number(row["at"])}


def _hour(evaluation: Evaluation) -> dict[str, Json] | None:
    """Give what the price of an hour that weights imply is worked out from, and the study's own."""
    found = evaluation.tradeoff
    if found is None or found.hour_yuan is None:
        return None
    own = [own_hour(evaluation, lang) for lang in LANGUAGES]
    return {"years": found.years, "own": own, "range": found.own_range}


def _values(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Values at each cutoff: the scenario's in full, of the others only the columns that differ.

    ``raw`` holds the figures (option, criterion, figure) that their values do not tell.
    """
    base = evaluation.values
    own = float(evaluation.scenario.coverage.cutoff_min)
    options = evaluation.matrix.index
    found = [{"cutoff": own, "table": _packed_table(base, options)}]
    for cutoff, table in evaluation.by_cutoff.items():
        if cutoff == own:
            continue
        changed = [k for k, name in enumerate(base) if not np.allclose(table[name], base[name], 0, 1e-13)]
        raw = _untold(evaluation, table, evaluation.raw_by_cutoff.get(cutoff, evaluation.matrix))
        moved = _packed_table(table.iloc[:, changed], options)
        found.append({"cutoff": float(cutoff), "columns": changed, "table": moved, "raw": raw})
    return sorted(found, key=lambda entry: entry["cutoff"])


def _untold(evaluation: Evaluation, values: pd.DataFrame, raw: pd.DataFrame) -> list[list[Any]]:
    """Figures that differ from the scenario's own and are cut at an anchor, or not on a straight line."""
    straight = [use.value == "linear" for use in evaluation.scenario.criteria]
    straightened = (values.gt(0) & values.lt(1) & straight).reindex(raw.index, fill_value=False)
    differs = raw.ne(evaluation.matrix) & raw.notna()
    return [
        [int(option), int(criterion), json_number(raw.iat[option, criterion])]
        for option, criterion in np.argwhere((differs & ~straightened).to_numpy())
    ]


def _options(evaluation: Evaluation) -> dict[str, Any]:
    """Describe the options; sentences on open conditions stand apart, as most options share theirs."""
    options = evaluation.evidence.options
    by_verdict, still_open = _by_verdict(evaluation), _open(evaluation)
    known = list(dict.fromkeys(chain(*still_open.values())))
    # Most options share their conditions too.
    held: list[dict[str, list[int]]] = []
    for option in map(str, options.index):
        if (own := by_verdict.get(option, {})) not in held:
            held.append(own)
    town_at = pd.Index(townships(evaluation)).get_indexer(pd.Index(options["town"])).tolist()
    found = [
        {
            "id": str(option),
            "letter": letter,
            "kind": row["kind"],
            "has_place": KINDS[row["kind"]].has_place,
            "is_today": KINDS[row["kind"]].is_today,
            "name": list(named(row["name"], row["name_en"]).values()),
            "at": None if pd.isna(row["lon"]) else [round(float(row[axis]), 5) for axis in ("lon", "lat")],
            "verdict": evaluation.verdicts[str(option)],
            "conditions": held.index(by_verdict.get(str(option), {})),
            "open": [known.index(pair) for pair in still_open[str(option)]],
            "out": _out(evaluation, str(option)),
            "reason": _pair(row["reason_zh"], row["reason_en"]),
            "land": _pair(row["land_note_zh"], row["land_note_en"]),
            "provision": row["land_provision"] if isinstance(row["land_provision"], str) else "",
            "basis": row["basis"] if isinstance(row["basis"], str) else "",
            "town": town,
            "na": [k for k, applies in enumerate(evaluation.applies.loc[str(option)]) if not applies],
        }
        for letter, town, (option, row) in zip(
            letters(len(options)), town_at, options.iterrows(), strict=True
        )
    ]
    # A column an entry: the keys would stand in every row.
    columns = {key: column_once([row[key] for row in found]) for key in found[0]}
    return {"open": known, "held": held, "options": columns}


def _known(table: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(table["condition"]))


def _by_verdict(evaluation: Evaluation) -> dict[str, dict[str, list[int]]]:
    """Give the numbers of each option's pass/fail conditions, by verdict."""
    table = vetoes(evaluation)
    numbers = table["condition"].map({name: n for n, name in enumerate(_known(table))})
    found: dict[str, dict[str, list[int]]] = {}
    for (site, verdict), rows in numbers.groupby([table["site"], table["verdict"]], sort=True):
        found.setdefault(str(site), {})[str(verdict)] = rows.tolist()
    return found


def _conditions_table(evaluation: Evaluation) -> list[list[Cell]]:
    """Return each condition once: id and role, then department, evidence and standing in both languages."""
    told = [summaries(evaluation, lang) for lang in LANGUAGES]
    return [
        [
            *(str(row["condition"]), str(row["role"])),
            _pair(row["department"], row["department_en"]),
            _pair(row["evidence_zh"], row["evidence_en"]),
            [standing[str(row["condition"])] for standing in told],
        ]
        for row in catalogue(evaluation)
    ]


def _roles(evaluation: Evaluation) -> list[list[Any]]:
    """Return criteria, by their id, and items of cost, by their names, with their role."""
    criteria = set(evaluation.weights.index)
    return [
        [name if name in criteria else [heading(name, evaluation, lang) for lang in LANGUAGES], role]
        for role, name in role_rows(evaluation)
    ]


def _open(evaluation: Evaluation) -> dict[str, list[tuple[str, str]]]:
    """Say in both languages which conditions may still rule each option out."""
    options = [str(option) for option in evaluation.evidence.options.index]
    zh, en = (open_conditions(evaluation, options, lang) for lang in LANGUAGES)
    return {option: list(zip(zh[option], en[option], strict=True)) for option in options}


def _out(evaluation: Evaluation, option: str) -> list[list[str]]:
    """Say in both languages what rules an option out; nothing of one that is in the running."""
    if evaluation.verdicts[option] != "fail":
        return []
    return [
        list(pair) for pair in zip(*(failures(evaluation, option, lang) for lang in LANGUAGES), strict=True)
    ]


def _viewpoints(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Weight sets of the parties; criteria that a party does not name keep the scenario's weights."""
    groups = [group["id"] for group in _criteria(evaluation)["groups"]]
    return [
        {
            "id": key,
            "label": _pair(viewpoint.label_zh, viewpoint.label_en),
            "groups": [float(getattr(viewpoint.groups, group)) for group in groups],
            "within": [
                float(viewpoint.criteria.get(use.name, use.weight)) for use in evaluation.scenario.criteria
            ],
        }
        for key, viewpoint in evaluation.scenario.viewpoints.items()
    ]


def _industries(evaluation: Evaluation) -> list[list[str]]:
    table = evaluation.evidence.inputs.industries
    return [_pair(row["name"], row["name_en"]) for _, row in table.iterrows()]


# --- Tables ------------------------------------------------------------------------------------------


def _data(evaluation: Evaluation) -> dict[str, Any]:
    inputs = evaluation.evidence.inputs
    snapping = evaluation.evidence.travel.snapping
    snapped = snapping[snapping["kind"] == "enterprise"]
    return {
        "tables": [
            {"table": key, "file": table.file, "kept": table.counts["kept"], "all": table.counts["data_rows"]}
            for key, table in inputs.tables.items()
        ],
        "basis": _both_languages(register_rows, evaluation),
        "notices": [[issue.action_zh, issue.action] for issue in notices(evaluation)],
        "issues": len(inputs.issues),
        "snap": [
            json_number(snapped["snap_m"].median()),
            json_number(snapped["snap_m"].max()),
            int((~snapped["located"].astype(bool)).sum()),
        ],
        "cut_off": [
            list(pair) for pair in zip(*(cut_off_lines(evaluation, lang) for lang in LANGUAGES), strict=True)
        ],
        "weights": _both_languages(weights_record, evaluation),
        "outdated": _both_languages(outdated, evaluation),
    }


def _parameters(evaluation: Evaluation) -> list[list[Cell]]:
    """Figures that the scenario's settings take from the parameters table: as used, with their source row."""
    table = evaluation.evidence.inputs.parameters
    rows = []
    for key, parameter in PARAMETERS.items():
        if parameter in table.index:
            used = attrgetter(key)(evaluation.scenario)
            row = table.loc[[parameter]].iloc[0]
            rows.append([parameter, _text(used), *_cells(row, PARAMETER_COLUMNS)])
    return rows


def _cells(row: pd.Series, columns: Iterable[str | tuple[str, str]]) -> list[Cell]:
    """Texts of a row, empty where a cell is missing; a pair that says the same twice is one text."""
    found: list[Cell] = []
    for column in columns:
        if isinstance(column, str):
            found.append("" if pd.isna(row[column]) else _text(row[column]))
        else:
            zh, en = _pair(*(row.get(name) for name in column))
            found.append(zh if zh == en else [zh, en])
    return found


def _texts(table: pd.DataFrame, columns: Iterable[str | tuple[str, str]]) -> list[list[Cell]]:
    """Rows of texts, see `_cells`."""
    return [_cells(row, columns) for _, row in table.iterrows()]


def _repeats(rows: list[list[Cell]]) -> list[list[Cell | int]]:
    """Rows of texts in which the number of an earlier row stands for the text that it has in that column."""
    first: dict[tuple[int, str], int] = {}
    return [
        [
            cell
            if len(text := "|".join(cell)) < SHORT or (row := first.setdefault((column, text), n)) == n
            else row
            for column, cell in enumerate(cells)
        ]
        for n, cells in enumerate(rows)
    ]


def _text(cell: Any) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[list[str]]:
    """Nested provenance as rows of key and text."""
    rows: list[list[str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")
        else:
            rows.append([prefix + str(key), _text(value)])
    return rows
