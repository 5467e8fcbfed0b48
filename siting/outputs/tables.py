"""Evaluation → the tables that people open elsewhere: CSV and GeoJSON as bytes, JSON, headings.

Text from users stays text: no cell becomes a formula or a link, control characters go. Equal evaluations give
equal bytes.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, fields, is_dataclass
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from siting.outputs.text import illustrative_share, option_name, words
from siting.types import Evaluation, Issue, Language, Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ENTERPRISE_FIELDS = ("name", "industry", "town", "employees", "basis", "confidence")


def table_files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return the plain tables of a run by file name."""
    return {
        "ranking.csv": csv_bytes(ranking(evaluation).reset_index()),
        "enterprises.geojson": geojson(evaluation, evaluation.evidence.inputs.enterprises, enterprises),
        "sites.geojson": geojson(evaluation, evaluation.evidence.options, sites),
        "issues.csv": csv_bytes(issue_frame(evaluation.evidence.inputs.issues)),
    }


# frames -------------------------------------------------------------------------------


def ranking(evaluation: Evaluation) -> pd.DataFrame:
    """Return ranks, scores and contributions (0–100), best first, indexed by option."""
    frame = evaluation.ranking.rename_axis("option")
    names = evaluation.evidence.options["name"].rename("option_name")
    points = 100 * evaluation.contributions.add_prefix("contribution.")
    frame = frame[["rank"]].join(names).join(frame[["score", "tie", "verdict"]]).join(points)
    frame["score"] *= 100
    return frame.assign(illustrative_demand=illustrative_share(evaluation))


def enterprises(evaluation: Evaluation) -> pd.DataFrame:
    """Return what each enterprise needs and what each option costs it a year, indexed by enterprise."""
    evidence = evaluation.evidence
    frame = evidence.inputs.enterprises.reindex(columns=list(_ENTERPRISE_FIELDS))
    frame = frame.assign(tests=evidence.demand.tests.sum(axis=1), backlog=evidence.demand.backlog)
    trips = evidence.trips
    return frame.join([trips.hours.add_prefix("hours."), trips.minutes.add_prefix("minutes.")])


def travel_times(evaluation: Evaluation) -> pd.DataFrame:
    """Return driving minutes between each enterprise and each option that has a place, there and back."""
    travel = evaluation.evidence.travel
    names = evaluation.evidence.inputs.enterprises[["name"]]
    return names.join([travel.to_site.add_prefix("to."), travel.from_site.add_prefix("from.")])


def sites(evaluation: Evaluation) -> pd.DataFrame:
    """Return options with their rank, score and contributions (0–100), indexed by option."""
    options = evaluation.evidence.options
    columns = ["name", "name_en", "kind", "town", "land_provision", "basis", "confidence"]
    return options.reindex(columns=columns).join(ranking(evaluation).drop(columns="option_name"))


def issue_frame(issues: Iterable[Issue]) -> pd.DataFrame:
    """Return issues as a table, in their own order, in both languages."""
    import pandas as pd

    return pd.DataFrame([astuple(issue) for issue in issues], columns=[f.name for f in fields(Issue)])


# headings -----------------------------------------------------------------------------


@cache
def _headings() -> dict[str, dict[Language, str]]:
    """Words of headings by id; columns of the data dictionary bring their own."""
    found: dict[str, dict[Language, str]] = {}
    dictionary = resources("siting.inputs") / "columns.csv"
    for row in csv.DictReader(io.StringIO(dictionary.read_text(encoding="utf-8"))):
        label: dict[Language, str] = {"zh": row["label_zh"], "en": row["column"]}
        found[f"{row['table']}.{row['column']}"] = label
        found.setdefault(row["column"], label)
    table = resources("siting.outputs") / "headings.csv"
    for row in csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))):
        found[row["id"]] = {"zh": row["zh"], "en": row["en"]}
    return found


def heading(column: str, evaluation: Evaluation, lang: Language, table: str = "") -> str:
    """Name a column: a word, a criterion, an option, or two of them joined by a dot.

    Columns of an input table, if `table` names one, are called as in its templates.
    """
    known, own = words(lang), _headings()
    for key in (f"{table}.{column}", column if "." in column else ""):
        if key in own:
            return own[key][lang]
    if f"criterion.{column}" in known:
        return known[f"criterion.{column}"]
    options = evaluation.evidence.options
    if column in options.index:
        return option_name(options, column, lang)
    first, dot, rest = column.partition(".")
    if dot:
        colon = "：" if lang == "zh" else ": "
        return heading(first, evaluation, lang) + colon + heading(rest, evaluation, lang)
    return own.get(column, {}).get(lang) or known.get(column, column)


def cell_text(column: str, value: str, lang: Language) -> str:
    """Say a cell of a column with fixed values (``kind``, ``basis``, ``verdict`` …) in words."""
    known = words(lang)
    if column == "verdict":
        return known.get(value, value)
    group = {"land_provision": "land"}.get(column, column)
    own = _headings().get(f"{group}.{value}", {})
    return known.get(f"{group}.{value}") or own.get(lang, value)


# formats ------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Drop characters that steer a terminal, a cell or the direction of writing."""
    return _CONTROL.sub("", text)


def guarded(value: Any) -> Any:
    """Return a cell for CSV: text that a spreadsheet would run gets an apostrophe before it."""
    if is_missing(value):
        return ""
    if isinstance(value, str):
        text = plain(value)
        return "'" + text if text.startswith(_FORMULA) else text
    return value


def check_files(table: Table) -> dict[str, bytes]:
    """Return what ``siting check --out`` writes: rows kept, rows set aside as they stood, issues."""
    issues = issue_frame(table.issues)
    records = [{key: json_value(value) for key, value in row.items()} for row in issues.to_dict("records")]
    return {
        "kept.csv": csv_bytes(table.frame.reset_index()),
        "set_aside.csv": csv_bytes(table.set_aside),
        "issues.csv": csv_bytes(issues),
        "issues.json": (json.dumps(records, ensure_ascii=False, indent=1) + "\n").encode("utf-8"),
    }


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV for Excel: UTF-8 with BOM, CRLF, no cell that runs; ``inf`` as ``inf``."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(frame.columns)
    writer.writerows([guarded(native(value)) for value in row] for row in frame.itertuples(index=False))
    return text.getvalue().encode("utf-8-sig")


def geojson(
    evaluation: Evaluation, layer: gpd.GeoDataFrame, attributes: Callable[[Evaluation], pd.DataFrame]
) -> bytes:
    """Return places with their results as GeoJSON (RFC 7946, WGS-84), one feature a line."""
    frame = attributes(evaluation).reindex(layer.index)
    lines = []
    for position, properties in enumerate(frame.to_dict("records")):
        lon, lat = layer["lon"].iloc[position], layer["lat"].iloc[position]
        point = {"type": "Point", "coordinates": [round(float(lon), 6), round(float(lat), 6)]}
        feature = {
            "type": "Feature",
            "id": str(layer.index[position]),
            "geometry": None if is_missing(lon) or is_missing(lat) else point,
            "properties": {key: json_value(value) for key, value in properties.items()},
        }
        lines.append(json.dumps(feature, ensure_ascii=False, allow_nan=False))
    share = json.dumps(round(illustrative_share(evaluation), 6))
    head = f'{{"type": "FeatureCollection", "illustrative_demand": {share}, "features": [\n'
    return (head + ",\n".join(lines) + "\n]}\n").encode("utf-8")


def json_value(value: Any) -> Any:
    """Return a cell as JSON has it; missing and ``inf`` become null."""
    value = native(value)
    if is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return plain(value) if isinstance(value, str) else value


def native(value: Any) -> Any:
    """Return a cell as plain Python: no NumPy number, lists as text."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return value.item() if hasattr(value, "item") else value


def is_missing(value: Any) -> bool:
    """Tell whether a cell is None, NA or NaN."""
    import pandas as pd

    return (
        value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))
    )


# JSON of the command line -------------------------------------------------------------


def ranking_records(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the ranking as `siting run --json` prints it: scores, contributions and values 0..1."""
    names = evaluation.evidence.options["name"]
    return [
        {
            "rank": int(evaluation.ranking["rank"][option]),
            "site": str(option),
            "name": plain(str(names[option])),
            "score": float(evaluation.ranking["score"][option]),
            "contributions": _row(evaluation.contributions, option),
            "values": _row(evaluation.values, option),
            "raw": _row(evaluation.matrix, option),
        }
        for option in evaluation.ranking.index
    ]


def json_tree(value: Any) -> Any:
    """Return a record of frames and numbers as JSON has it, keys as text."""
    if is_dataclass(value):
        return {f.name: json_tree(getattr(value, f.name)) for f in fields(value)}
    if hasattr(value, "to_dict"):
        return json_tree(value.to_dict("index") if hasattr(value, "columns") else value.to_dict())
    if isinstance(value, Mapping):
        return {str(key): json_tree(item) for key, item in value.items()}
    if hasattr(value, "tolist") and getattr(value, "ndim", 0):
        return json_tree(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [json_tree(item) for item in value]
    return json_value(value)


def _row(frame: pd.DataFrame, option: str) -> dict[str, Any]:
    return {str(name): json_value(value) for name, value in frame.loc[option].items()}
