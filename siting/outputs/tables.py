"""Evaluation → the tables that people open elsewhere: CSV, workbook, GeoJSON, as bytes.

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
from dataclasses import astuple, dataclass, fields, is_dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from siting.types import Evaluation, Issue, Language, Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ENTERPRISE_FIELDS = ("name", "industry", "town", "employees", "basis", "confidence")


def table_files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return every table of a run by file name."""
    return {
        "ranking.csv": csv_bytes(ranking(evaluation).reset_index()),
        "results.xlsx": workbook(evaluation),
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


def illustrative_share(evaluation: Evaluation) -> float:
    """Return the share of demand that rests on illustrative enterprises, 0..1."""
    return float(evaluation.provenance["illustrative_demand"])


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


def _with_names(evaluation: Evaluation, frame: pd.DataFrame) -> pd.DataFrame:
    names = evaluation.evidence.options["name"].rename("option_name")
    return frame.rename_axis("option").join(names)[["option_name", *frame.columns]]


def _raw(evaluation: Evaluation) -> pd.DataFrame:
    return _with_names(evaluation, evaluation.matrix.loc[evaluation.ranking.index])


def _values(evaluation: Evaluation) -> pd.DataFrame:
    shown = (100 * evaluation.values).where(evaluation.applies).loc[evaluation.ranking.index]
    return _with_names(evaluation, shown)


def _contributions(evaluation: Evaluation) -> pd.DataFrame:
    import pandas as pd

    points = _with_names(evaluation, 100 * evaluation.contributions.loc[evaluation.ranking.index])
    points["score"] = 100 * evaluation.ranking["score"]
    weights = pd.DataFrame([100 * evaluation.weights], index=["weight"]).assign(score=100.0)
    return pd.concat([weights.assign(option_name="")[points.columns], points]).rename_axis("option")


def _economics(evaluation: Evaluation) -> pd.DataFrame:
    evidence = evaluation.evidence
    totals = {name: getattr(evidence.trips, name).sum() for name in ("trips", "hours", "vehicle_km")}
    return _with_names(evaluation, evidence.costs.add_prefix("cost.").assign(**totals))


def _about(evaluation: Evaluation) -> pd.DataFrame:
    import pandas as pd

    scenario, share = evaluation.scenario, illustrative_share(evaluation)
    register = evaluation.evidence.inputs.tables.get("enterprises")
    rows = {
        "title": f"{scenario.title_zh} / {scenario.title_en}",
        "scenario": scenario.name,
        "internal": "",
        "illustrative_demand": round(share, 4),
    }
    if share > 0.5:
        rows = {"headline": "", **rows}
    if register is not None:
        rows["based_on"] = f"{register.counts['kept']} / {register.counts['data_rows']}"
    labels = [" ".join(_headings()[key].values()) for key in rows]
    return pd.DataFrame({"item": labels, "value": list(rows.values())}).set_index("item")


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook: its id, what it shows, decimals shown."""

    id: str
    frame: Callable[[Evaluation], pd.DataFrame]
    decimals: int = 2


SHEETS = (
    Sheet("about", _about),
    Sheet("ranking", ranking),
    Sheet("raw", _raw),
    Sheet("values", _values),
    Sheet("contributions", _contributions),
    Sheet("enterprises", enterprises, 1),
    Sheet("travel_times", travel_times, 1),
    Sheet("economics", _economics, 1),
    Sheet("pledges", lambda evaluation: evaluation.evidence.inputs.pledges),
    Sheet("parameters", lambda evaluation: evaluation.evidence.inputs.parameters),
    Sheet("sources", lambda evaluation: evaluation.evidence.inputs.sources),
)


# headings -----------------------------------------------------------------------------


@cache
def _headings() -> Mapping[str, dict[Language, str]]:
    """Words of headings by id; columns of the data dictionary bring their own."""
    found: dict[str, dict[Language, str]] = {}
    dictionary = resources("siting.inputs") / "columns.csv"
    for row in csv.DictReader(io.StringIO(dictionary.read_text(encoding="utf-8"))):
        found.setdefault(row["column"], {"zh": row["label_zh"], "en": row["column"]})
    words = resources("siting.outputs") / "headings.csv"
    for row in csv.DictReader(io.StringIO(words.read_text(encoding="utf-8"))):
        found[row["id"]] = {"zh": row["zh"], "en": row["en"]}
    return found


def heading(column: str, evaluation: Evaluation, lang: Language) -> str:
    """Name a column: a word of the dictionary, a criterion, an option, or two of them joined by a dot."""
    from siting.analysis.criteria import BY_ID

    if column in BY_ID:
        return BY_ID[column].label_zh if lang == "zh" else BY_ID[column].label_en
    options = evaluation.evidence.options
    if column in options.index:
        name = options.get("name_en", options["name"])[column] if lang == "en" else options["name"][column]
        return str(name)
    first, dot, rest = column.partition(".")
    if dot:
        return f"{heading(first, evaluation, lang)}: {heading(rest, evaluation, lang)}"
    return _headings().get(column, {"zh": column, "en": column})[lang]


# formats ------------------------------------------------------------------------------


def plain(text: str) -> str:
    """Drop characters that steer a terminal, a cell or the direction of writing."""
    return _CONTROL.sub("", text)


def guarded(value: Any) -> Any:
    """Return a cell for CSV: text that a spreadsheet would run gets an apostrophe before it."""
    if _is_missing(value):
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
    writer.writerows([guarded(_native(value)) for value in row] for row in frame.itertuples(index=False))
    return text.getvalue().encode("utf-8-sig")


def workbook(evaluation: Evaluation) -> bytes:
    """Return the results workbook; headings in Chinese, below them in English."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        # A fixed date instead of today's: equal results give equal bytes.
        book.set_properties({"created": datetime(2000, 1, 1), "title": plain(evaluation.scenario.title_zh)})
        for sheet in SHEETS:
            _add_sheet(book, sheet, evaluation)
    return stream.getvalue()


def _add_sheet(book: Any, sheet: Sheet, evaluation: Evaluation) -> None:
    frame = sheet.frame(evaluation).reset_index()
    page = book.add_worksheet(_headings()[sheet.id]["zh"])
    bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "valign": "top"})
    small = book.add_format({"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "#,##0." + "0" * sheet.decimals})
    for place, column in enumerate(map(str, frame.columns)):
        page.write_string(0, place, plain(heading(column, evaluation, "zh")), bold)
        page.write_string(1, place, plain(heading(column, evaluation, "en")), small)
    for row, cells in enumerate(frame.itertuples(index=False), start=2):
        for place, value in enumerate(cells):
            _write_cell(page, row, place, _native(value), number)
    page.freeze_panes(2, 2)
    page.autofilter(1, 0, max(len(frame) + 1, 2), max(len(frame.columns) - 1, 0))
    page.autofit()


def _write_cell(page: Any, row: int, place: int, value: Any, number: Any) -> None:
    words = _headings()
    if _is_missing(value):
        page.write_blank(row, place, None)
    elif isinstance(value, bool):
        page.write_string(row, place, words["yes" if value else "no"]["zh"])
    elif isinstance(value, float) and math.isinf(value):
        page.write_string(row, place, words["unreachable"]["zh"])
    elif isinstance(value, int | float):
        page.write_number(row, place, value, number if isinstance(value, float) else None)
    else:
        text = plain(str(value))
        page.write_string(row, place, words[text]["zh"] if text in ("pass", "fail", "pending") else text)


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
            "geometry": None if _is_missing(lon) or _is_missing(lat) else point,
            "properties": {key: json_value(value) for key, value in properties.items()},
        }
        lines.append(json.dumps(feature, ensure_ascii=False, allow_nan=False))
    share = json.dumps(round(illustrative_share(evaluation), 6))
    head = f'{{"type": "FeatureCollection", "illustrative_demand": {share}, "features": [\n'
    return (head + ",\n".join(lines) + "\n]}\n").encode("utf-8")


def json_value(value: Any) -> Any:
    """Return a cell as JSON has it; missing and ``inf`` become null."""
    value = _native(value)
    if _is_missing(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return plain(value) if isinstance(value, str) else value


def _native(value: Any) -> Any:
    """Return a Python number for a NumPy one, text for a list."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return value.item() if hasattr(value, "item") else value


def _is_missing(value: Any) -> bool:
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
