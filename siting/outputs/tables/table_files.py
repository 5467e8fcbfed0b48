"""Evaluation → the tables a planner opens: CSV and GeoJSON files, and the records of the JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import astuple, fields
from typing import TYPE_CHECKING

from siting.outputs.text.cells import guarded, heading, is_missing, json_value, native, plain
from siting.outputs.text.ground import ranked, ranked_points, ranked_sites
from siting.outputs.text.sentences import estimated_figures, illustrative_share
from siting.outputs.text.wording import speaks
from siting.types import Issue, Json, Table

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from siting.study.evaluation import Evaluation

_ENTERPRISE_FIELDS = ("name", "industry", "town", "employees", "basis", "confidence")


@speaks
def table_files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return the plain tables of a run by file name."""
    return {
        "ranking.csv": ranking_csv(evaluation),
        "enterprises.geojson": geojson(evaluation, evaluation.evidence.inputs.enterprises, enterprises),
        "sites.geojson": geojson(evaluation, evaluation.evidence.options, sites),
        "issues.csv": csv_bytes(issue_frame(evaluation.evidence.inputs.issues)),
    }


def ranking_csv(evaluation: Evaluation) -> bytes:
    """Return the ranking for Excel: headings in Chinese with units, words instead of codes."""
    # `siting check` writes tables too, and must not wait for what ranks sites.
    from siting.outputs.tables.hand_in_sheets import ranking_texts

    frame = ranking_texts(evaluation).reset_index()
    return csv_bytes(frame.set_axis([heading(c, evaluation, "zh") for c in frame.columns], axis=1))


# frames -------------------------------------------------------------------------------


def ranking(evaluation: Evaluation) -> pd.DataFrame:
    """Return ranks, scores and contributions (0–100), best first, what is not ranked last, by option."""
    frame = ranked(evaluation).rename_axis("option")
    names = evaluation.evidence.options["name"].rename("option_name")
    points = 100 * ranked_points(evaluation).add_prefix("contribution.")
    frame = frame[["rank"]].join(names).join(frame[["score", "tie", "verdict"]]).join(points)
    frame["score"] *= 100
    return frame.assign(illustrative_demand=illustrative_share(evaluation))


def enterprises(evaluation: Evaluation) -> pd.DataFrame:
    """Return what each enterprise needs and what each option costs it a year, indexed by enterprise."""
    evidence = evaluation.evidence
    frame = evidence.inputs.enterprises.reindex(columns=list(_ENTERPRISE_FIELDS))
    frame = frame.assign(tests=evidence.demand.tests.sum(axis=1), backlog=evidence.demand.backlog)
    frame = frame.assign(
        estimated=estimated_figures(evidence.demand), tests_unplaced=evidence.demand.assumed["unplaced"]
    )
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
    writer.writerow(map(guarded, frame.columns))
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


# JSON of the command line -------------------------------------------------------------


def ranking_records(evaluation: Evaluation) -> list[dict[str, Json]]:
    """Return the ranking as `siting run --json` prints it: scores, contributions and values 0..1.

    It holds the options that need a place. Without demand they come in the study's order, and rank, score
    and contributions are null.
    """
    names = evaluation.evidence.options["name"]
    ranking, points = ranked(evaluation), ranked_points(evaluation)
    return [
        {
            "rank": json_value(ranking["rank"][option]),
            "site": str(option),
            "name": plain(str(names[option])),
            "score": json_value(ranking["score"][option]),
            "contributions": _row(points, option),
            "values": _row(evaluation.values, option),
            "raw": _row(evaluation.matrix, option),
        }
        for option in ranked_sites(evaluation)
    ]


def option_records(evaluation: Evaluation) -> dict[str, dict[str, Json]]:
    """Return all options as `siting run --json` prints them: kind, raw figures, verdict of each condition."""
    conditions = evaluation.evidence.inputs.conditions
    by_site = {str(site): rows for site, rows in conditions.groupby("site", sort=False)}
    found: dict[str, dict[str, Json]] = {}
    for option, kind in evaluation.evidence.options["kind"].items():
        stated = by_site.get(str(option), conditions.iloc[:0])
        found[str(option)] = {
            "kind": str(kind),
            "raw": _row(evaluation.matrix, str(option)),
            "conditions": dict(zip(stated["condition"], stated["verdict"], strict=True)),
        }
    return found


def _row(frame: pd.DataFrame, option: str) -> dict[str, Json]:
    return {str(name): json_value(value) for name, value in frame.loc[option].items()}


def _robustness_record(evaluation: Evaluation) -> Json:
    """Give how sure the ranking is, with the departments' records where the weights rest on any."""
    from siting.outputs.text.cells import json_tree
    from siting.outputs.text.survey.survey_sentences import survey_sentences
    from siting.outputs.text.weighing.weights_words import departments_record
    from siting.outputs.text.wording import LANGUAGES

    found = json_tree(evaluation.robustness)
    if not found:
        return found
    records = departments_record(evaluation)
    survey = {f"survey_{lang}": survey_sentences(evaluation, lang) for lang in LANGUAGES}
    return {**found, **survey, **({"weight_records": json_tree(records)} if records else {})}


@speaks
def run_record(evaluation: Evaluation, manifest: Json) -> Json:
    """Give what ``siting run --json`` prints, see the interface of the command line."""
    from siting.outputs.text.cells import json_tree
    from siting.outputs.text.concerns.concern_records import concern_record
    from siting.outputs.text.conclusion import conclusion_record, question_records, sureness_record
    from siting.outputs.text.condition_texts import condition_records, roles
    from siting.outputs.text.money_sentences import appraisal_records
    from siting.outputs.text.outdated import outdated_record
    from siting.outputs.text.winner_words import winner_records

    record = evaluation.scenario.anchors_record
    return {
        "scenario": evaluation.scenario.name,
        "conclusion": conclusion_record(evaluation),
        "sureness": sureness_record(evaluation),
        "winners": winner_records(evaluation),
        "options": json_tree(option_records(evaluation)),
        "appraisal": json_tree(appraisal_records(evaluation)),
        "ranking": ranking_records(evaluation),
        "robustness": _robustness_record(evaluation),
        "tradeoff": json_tree(evaluation.tradeoff),
        "open_questions": question_records(evaluation),
        "conditions": condition_records(evaluation),
        "concerns": concern_record(evaluation),
        "roles": roles(evaluation),
        "outdated": outdated_record(evaluation),
        "anchors": None if record is None else {"made_for": record.made_for, "remade": record.remade},
        "manifest": manifest,
    }
