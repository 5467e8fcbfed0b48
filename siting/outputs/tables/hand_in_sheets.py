"""Evaluation → the five sheets that a reader opens first, and the ranking as CSV: words, no codes, units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from siting.analysis.decision.criteria import BY_ID
from siting.analysis.demand.annual_tests import pillar_of
from siting.option_kinds import KINDS
from siting.outputs.tables.money_sheets import eirr_words
from siting.outputs.tables.robustness_sheets import named
from siting.outputs.text.conclusion import conclusion, notices, open_questions
from siting.outputs.text.ground import (
    demo_reason,
    is_nothing_to_serve,
    ranked,
    ranked_points,
    unranked_text,
)
from siting.outputs.text.sentences import (
    coverage_line,
    estimated_figures,
    illustrative_share,
    is_demonstration,
    verdict_text,
)
from siting.outputs.text.weighing.weight_sentences import weight_sentences
from siting.outputs.text.weighing.weights_words import weights_record
from siting.outputs.text.wording import say, words

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation

_UNITS: Mapping[str, str] = {"share": "pct"}
"""Unit of a criterion → the one in which people read it."""
_DECIMALS: Mapping[str, int] = {"10^4 CNY": 0, "h/a": 0}
"""Decimals of a figure in the CSV by its unit, one for all others."""
_APPRAISAL = (
    *("setup_wan", "running_year_wan", "staff", "load_per_person", "benefit_wan", "cost_wan", "npv_wan"),
    *("npv_public", "npv_enterprises", "npv_city_laboratory", "npv_toll_operator", "npv_others", "bcr"),
    *("eirr", "payback_years", "break_even_demand"),
    *("hours_saved", "user_saving_wan", "better_off", "worse_off"),
)


def conclusion_sheet(evaluation: Evaluation) -> pd.DataFrame:
    """Say what the comparison comes to and what it rests on, a sentence a row."""
    import pandas as pd

    limits = [say("demo", "zh"), demo_reason(evaluation, "zh")] if is_demonstration(evaluation) else []
    parts = {
        "limits": [*limits, say("internal", "zh")],
        "concluded": conclusion(evaluation, "zh"),
        "asked": open_questions(evaluation, "zh"),
        "weights": [weights_record(evaluation, "zh"), *weight_sentences(evaluation, "zh")],
        "scales": [_scales(evaluation), coverage_line(evaluation, "zh")],
        "noted": [issue.action_zh for issue in notices(evaluation)],
    }
    rows = [(part, sentence) for part, sentences in parts.items() for sentence in sentences]
    return pd.DataFrame(rows, columns=["part", "sentence"]).set_index("part")


def _scales(evaluation: Evaluation) -> str:
    """Say for which data the anchors of the criteria were made."""
    record = evaluation.scenario.anchors_record
    if record is None:
        return say("scales.stated", "zh")
    return say("scales.remade" if record.remade else "scales.made", "zh", made_for=record.made_for)


def ranking_sheet(evaluation: Evaluation) -> pd.DataFrame:
    """Return rank, score, conditions and points of each criterion, best first, then what is not ranked."""
    found = ranked(evaluation)
    frame = named(evaluation, 100 * ranked_points(evaluation).add_prefix("contribution."))
    frame.insert(0, "rank", found["rank"].fillna(unranked_text(evaluation, "zh")))
    frame.insert(2, "score_points", 100 * found["score"])
    frame.insert(3, "verdict", [verdict_text(evaluation, str(option), "zh") for option in frame.index])
    return frame.assign(tied=found["tie"], option=frame.index).set_index("rank")


def indicator_sheet(evaluation: Evaluation) -> pd.DataFrame:
    """Return what was measured of each option, each figure in its unit, shares in percent."""
    matrix = evaluation.matrix.copy()
    for criterion in map(str, matrix):
        if BY_ID[criterion].unit == "share":
            matrix[criterion] *= 100
    shown = {criterion: f"{criterion}.{_unit(criterion)}" for criterion in map(str, matrix)}
    figures = matrix.astype(object).where(evaluation.applies, say("na", "zh")).rename(columns=shown)
    frame = named(evaluation, figures)
    return frame.assign(option=frame.index).set_index("option_name")


def _unit(criterion: str) -> str:
    unit = BY_ID[criterion].unit
    return _UNITS.get(unit, unit)


def appraisal_sheet(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what each option costs and brings, shares in percent."""
    worth = evaluation.economics
    if worth is None:
        return None
    shares = 100 * worth.gains.by_option[["better_off", "worse_off"]]
    frame = named(evaluation, worth.summary.join([worth.accounts, shares]))
    frame = frame[["option_name", *_APPRAISAL]]
    kinds = evaluation.evidence.options["kind"].reindex(frame.index)
    frame["eirr"] *= 100
    never: dict[str, list[str]] = {
        "payback_years": [say("eco.never", "zh")] * len(frame),
        "break_even_demand": [say("eco.none", "zh")] * len(frame),
        "eirr": eirr_words(worth.summary["eirr_note"].reindex(frame.index)),
    }
    for column, texts in never.items():
        frame[column] = [
            say("na", "zh") if KINDS[kind].is_today else value if math.isfinite(value) else text
            for value, kind, text in zip(frame[column], kinds, texts, strict=True)
        ]
    return frame.assign(option=frame.index).set_index("option_name")


def firms_sheet(evaluation: Evaluation) -> pd.DataFrame:
    """Return what each enterprise needs, and its way to the best site and what that saves it."""
    evidence, inputs = evaluation.evidence, evaluation.evidence.inputs
    firms, others = inputs.enterprises, say("industry.other", "zh")
    frame = firms[["name"]].assign(town=firms.get("town"))
    if len(inputs.industries):
        industry = pillar_of(firms, inputs.industries).map(inputs.industries["name"])
        frame = frame.assign(industry=industry.fillna(others))
    frame = frame.assign(tests=evidence.demand.tests.sum(axis=1))
    site = _best_site(evaluation)
    if site is not None:
        frame[f"minutes.{site}"] = evidence.trips.minutes[site]
        if evaluation.economics is not None:
            frame[f"saved.{site}"] = evaluation.economics.gains.hours[site]
    return frame.assign(estimated=estimated_words(evaluation), id=frame.index).set_index("name")


def estimated_words(evaluation: Evaluation) -> list[str]:
    """Name by enterprise the figures that were estimated."""
    known = words("zh")
    found = estimated_figures(evaluation.evidence.demand)
    return ["、".join(known[f"estimated.{figure}"] for figure in figures) for figures in found]


def _best_site(evaluation: Evaluation) -> str | None:
    """Find the site that scores highest among those that fail no condition; None where none is left.

    Without demand no place is the best.
    """
    if is_nothing_to_serve(evaluation):
        return None
    running = evaluation.ranking[evaluation.ranking["verdict"] != "fail"]
    return None if running.empty else str(running.index[0])


# CSV ----------------------------------------------------------------------------------------------


def ranking_texts(evaluation: Evaluation) -> pd.DataFrame:
    """Return the ranking as people write it down: name first, points, minutes and shares to one decimal."""
    placed = ranking_sheet(evaluation).reset_index().set_index("option")
    measured = indicator_sheet(evaluation).reset_index().set_index("option").drop(columns="option_name")
    points = {"score_points", *(name for name in map(str, placed) if name.startswith("contribution."))}
    for column in points:
        placed[column] = [_written(value, 1) for value in placed[column]]
    for column in map(str, measured):
        digits = _DECIMALS.get(column.partition(".")[2], 1)
        measured[column] = [_written(value, digits) for value in measured[column]]
    yes_no = {True: words("zh")["yes"], False: words("zh")["no"]}
    frame = placed.assign(tied=placed["tied"].map(yes_no)).join(measured)
    frame["illustrative_pct"] = _written(100 * illustrative_share(evaluation), 1)
    return frame.assign(option=frame.index).set_index("option_name")


def _written(value: float | str, digits: int) -> float | int | str:
    """Round a figure for reading; unreachable in words."""
    if isinstance(value, str):
        return value
    if math.isinf(value):
        return say("number.unreachable", "zh")
    # Adding zero turns a negative zero into a plain one.
    return round(float(value), digits) + 0.0 if digits else round(float(value))
