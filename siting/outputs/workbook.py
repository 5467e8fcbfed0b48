"""Evaluation → the results workbook, as bytes: one sheet a question, headings in Chinese and English."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from siting.outputs.tables import (
    cell_text,
    enterprises,
    heading,
    is_missing,
    native,
    plain,
    ranking,
    travel_times,
)
from siting.outputs.text import illustrative_share, is_demonstration, words

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import Evaluation

_LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its id, what it shows (None: nothing to show), decimals shown."""

    id: str
    frame: Callable[[Evaluation], pd.DataFrame | None]
    decimals: int = 2


def workbook(evaluation: Evaluation) -> bytes:
    """Return the results workbook; equal evaluations give equal bytes, and no cell is a formula or a link."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        # A fixed date instead of today's, which xlsxwriter would put in.
        book.set_properties({"created": datetime(2000, 1, 1), "title": plain(evaluation.scenario.title_zh)})
        formats = _formats(book)
        for sheet in SHEETS:
            frame = sheet.frame(evaluation)
            if frame is not None:
                _add_sheet(book, sheet, frame, evaluation, formats)
    return stream.getvalue()


def _formats(book: Any) -> Mapping[str | int, Any]:
    head = {"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "valign": "top"}
    second = {"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top"}
    numbers = {digits: book.add_format({"num_format": "#,##0." + "0" * digits}) for digits in (1, 2, 3)}
    return {"head": book.add_format(head), "second": book.add_format(second), **numbers}


def _add_sheet(
    book: Any, sheet: Sheet, frame: pd.DataFrame, evaluation: Evaluation, formats: Mapping[str | int, Any]
) -> None:
    frame = frame.reset_index(drop=frame.index.name is None)
    page = book.add_worksheet(heading(f"sheet_{sheet.id}", evaluation, "zh"))
    columns = [str(column) for column in frame.columns]
    for place, column in enumerate(columns):
        page.write_string(0, place, plain(heading(column, evaluation, "zh", sheet.id)), formats["head"])
        page.write_string(1, place, plain(heading(column, evaluation, "en", sheet.id)), formats["second"])
    for row, cells in enumerate(frame.itertuples(index=False), start=2):
        for place, value in enumerate(cells):
            _write_cell(page, (row, place), columns[place], native(value), formats[sheet.decimals])
    page.freeze_panes(2, 2)
    page.autofilter(1, 0, max(len(frame) + 1, 2), max(len(columns) - 1, 0))
    page.autofit(300)


def _write_cell(page: Any, at: tuple[int, int], column: str, value: Any, number: Any) -> None:
    if is_missing(value):
        page.write_blank(*at, None)
    elif isinstance(value, bool):
        page.write_string(*at, words("zh")["yes" if value else "no"])
    elif isinstance(value, float) and math.isinf(value):
        page.write_string(*at, words("zh")["number.unreachable"])
    elif isinstance(value, int | float):
        page.write_number(*at, value, number if isinstance(value, float) else None)
    else:
        page.write_string(*at, plain(cell_text(column, str(value), "zh"))[:_LONGEST_CELL])


# what the sheets show -----------------------------------------------------------------


def _named(evaluation: Evaluation, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the options' names beside their ids, best option first."""
    order = [option for option in evaluation.ranking.index if option in frame.index]
    names = evaluation.evidence.options["name"].rename("option_name")
    return frame.loc[order].rename_axis("option").join(names)[["option_name", *frame.columns]]


def _about(evaluation: Evaluation) -> pd.DataFrame:
    import pandas as pd

    scenario, register = evaluation.scenario, evaluation.evidence.inputs.tables.get("enterprises")
    rows = [("demo", "")] if is_demonstration(evaluation) else []
    rows += [
        ("internal", ""),
        ("title", f"{scenario.title_zh} / {scenario.title_en}"),
        ("scenario", scenario.name),
        ("illustrative_demand", round(illustrative_share(evaluation), 4)),
    ]
    if register is not None:
        rows.append(("based_on", f"{register.counts['kept']} / {register.counts['data_rows']}"))
    labels = [
        "  ".join(dict.fromkeys((heading(key, evaluation, "zh"), heading(key, evaluation, "en"))))
        for key, _ in rows
    ]
    return pd.DataFrame({"item": labels, "value": [value for _, value in rows]}).set_index("item")


def _raw(evaluation: Evaluation) -> pd.DataFrame:
    from siting.analysis.criteria import BY_ID

    units = {criterion: f"{criterion}.{BY_ID[criterion].unit}" for criterion in evaluation.matrix.columns}
    return _named(evaluation, evaluation.matrix.rename(columns=units))


def _values(evaluation: Evaluation) -> pd.DataFrame:
    return _named(evaluation, (100 * evaluation.values).where(evaluation.applies))


def _contributions(evaluation: Evaluation) -> pd.DataFrame:
    """Return points by criterion; the first row holds the weights, which are the most to be had."""
    import pandas as pd

    points = _named(evaluation, 100 * evaluation.contributions)
    points["score"] = 100 * evaluation.ranking["score"]
    weights = pd.DataFrame([100 * evaluation.weights], index=["weight"]).assign(score=100.0, option_name=None)
    return pd.concat([weights[points.columns], points]).rename_axis("option")


def _enterprises(evaluation: Evaluation) -> pd.DataFrame:
    frame, economics = enterprises(evaluation), evaluation.economics
    if economics is None:
        return frame
    gains = economics.gains
    best = gains.enterprises[["favourite", "favourite_hours", "size"]]
    best = best.assign(favourite=best["favourite"].map(evaluation.evidence.options["name"]))
    return frame.join([best, gains.hours.add_prefix("saved.")])


def _coverage(evaluation: Evaluation) -> pd.DataFrame:
    from siting.analysis.coverage import coverage_table

    settings = evaluation.scenario.coverage
    table = coverage_table(evaluation.evidence, cutoff_min=settings.cutoff_min, decay=settings.decay)
    inputs = evaluation.evidence.inputs
    return table.assign(
        option=table["option"].map(inputs.sites["name"]),
        industry=table["industry"].map(inputs.industries["name"]),
        service=table["service"].map(inputs.services["name"]),
        fall_out=table["fall_out"].map(len),
    ).set_index("option")


def _economics(evaluation: Evaluation) -> pd.DataFrame:
    costs = evaluation.evidence.costs.add_prefix("cost.")
    if evaluation.economics is None:
        return _named(evaluation, costs)
    economics = evaluation.economics
    expansion = economics.by_expansion.rename(columns="npv_at.{:g}".format)
    return _named(evaluation, economics.summary.join([economics.accounts, expansion, costs]))


def _pledges(evaluation: Evaluation) -> pd.DataFrame:
    economics = evaluation.economics
    return evaluation.evidence.inputs.pledges if economics is None else economics.ledger


def _robustness(evaluation: Evaluation) -> pd.DataFrame | None:
    found = evaluation.robustness
    if found is None:
        return None
    frame = found.best_margin.rename("best_margin").to_frame()
    frame.insert(0, "first_rank_share", found.acceptability.first)
    frame["pareto"] = found.pareto
    frame = frame.join([found.second_opinions.add_prefix("rank_by."), found.nearest[["distance"]]])
    return _named(evaluation, frame)


def _weight_ranges(evaluation: Evaluation) -> pd.DataFrame | None:
    found = evaluation.robustness
    if found is None or found.intervals is None:
        return None
    ranges = (100 * found.intervals).assign(weight=100 * evaluation.weights)
    labels = [heading(str(criterion), evaluation, "zh") for criterion in ranges.index]
    return ranges.assign(item=labels).set_index("item")[["weight", "low", "high"]]


def _variants(evaluation: Evaluation) -> pd.DataFrame | None:
    found, names = evaluation.robustness, evaluation.evidence.options["name"]
    if found is None or found.variants is None:
        return None
    table = found.variants.rename(index=_variant_name).rename_axis("variant")
    return table.assign(winner=table["winner"].map(names), runner_up=table["runner_up"].map(names))


def _variant_name(label: str) -> str:
    family, _, rest = label.partition(":")
    kind = {"spread": "spread", "account": "account"}.get(family, "")
    return f"{words('zh').get(f'test.{family}', family)}：{cell_text(kind, rest, 'zh')}"


SHEETS = (
    Sheet("about", _about),
    Sheet("ranking", ranking),
    Sheet("raw", _raw),
    Sheet("values", _values),
    Sheet("contributions", _contributions),
    Sheet("enterprises", _enterprises, 1),
    Sheet("travel_times", travel_times, 1),
    Sheet("coverage", _coverage),
    Sheet("economics", _economics, 1),
    Sheet("pledges", _pledges),
    Sheet("robustness", _robustness, 3),
    Sheet("weight_ranges", _weight_ranges),
    Sheet("variants", _variants, 3),
    Sheet("parameters", lambda evaluation: evaluation.evidence.inputs.parameters),
    Sheet("sources", lambda evaluation: evaluation.evidence.inputs.sources),
)
