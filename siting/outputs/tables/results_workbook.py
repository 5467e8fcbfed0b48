"""Evaluation → the results workbook, as bytes: what a reader needs first, then the figures behind it."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from siting.outputs.tables import hand_in_sheets, money_sheets, result_sheets, robustness_sheets
from siting.outputs.tables.concerns import concern_sheets
from siting.outputs.tables.datasheets import issues, snapping
from siting.outputs.tables.recomputed_sheet import COLUMNS, add_recomputed
from siting.outputs.tables.table_files import travel_times
from siting.outputs.text.cells import cell_text, heading, plain
from siting.outputs.text.condition_texts import condition_sheet, role_sheet
from siting.outputs.text.ground import is_nothing_to_serve
from siting.outputs.text.wording import speaks
from siting.outputs.write_files import workbook_bytes

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation

UNITS = (
    *("小时/年", "小时", "分钟", "工作日", "万元", "万元/年", "万元/亩", "吨/年", "批、台次", "组日/年"),
    *("%", "百分点", "分", "米", "亩", "个", "第几年"),
)
"""Units that a heading may state in brackets."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its id, what it shows, decimals shown, columns that stay in view."""

    id: str
    frame: Callable[[Evaluation], pd.DataFrame | None] | None
    """Gives None where there is nothing to show; is None where `workbook` makes the sheet itself."""
    decimals: int = 2
    frozen: int = 2


@speaks
def workbook(evaluation: Evaluation) -> bytes:
    """Return the results workbook; equal evaluations give equal bytes, and no text of a user runs."""
    frames = {}
    sheets = [sheet for sheet in SHEETS if sheet.id not in OF_RANKS or not is_nothing_to_serve(evaluation)]
    for sheet in sheets:
        frame = sheet.frame(evaluation) if sheet.frame else None
        if frame is not None:
            frames[sheet.id] = frame.reset_index(drop=frame.index.name is None)
    own = {"recomputed": COLUMNS, "fields": FIELDS}
    columns = {sheet.id: own.get(sheet.id, frames.get(sheet.id, ())) for sheet in sheets}
    frames["fields"] = fields(evaluation, columns)
    makers = {"recomputed": add_recomputed}
    return written(sheets, frames, evaluation, evaluation.scenario.title_zh, makers)


def written(
    sheets: Iterable[Sheet],
    frames: Mapping[str, pd.DataFrame],
    evaluation: Evaluation,
    title: str,
    makers: Mapping[str, Callable[..., None]] = MappingProxyType({}),
) -> bytes:
    """Write sheets as a workbook: one heading row in Chinese, no text of a user runs.

    Parameters
    ----------
    sheets : in their order
    frames : what they show, by id; a sheet without one is left out
    evaluation : names options, criteria and columns
    title : of the file
    makers : by id, what makes a sheet by itself
    """

    def fill(book: Any) -> None:
        formats = _formats(book)
        for sheet in sheets:
            if sheet.id in makers:
                makers[sheet.id](book, evaluation, formats["head"])
            elif sheet.id in frames:
                _add_sheet(book, sheet, frames[sheet.id], evaluation, formats)

    return workbook_bytes(plain(title), fill)


def _formats(book: Any) -> Mapping[str | int, Any]:
    numbers: dict[str | int, Any] = {
        digits: book.add_format({"num_format": "#,##0." + "0" * digits}) for digits in (1, 2, 3)
    }
    head = {"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "valign": "top"}
    return {
        "head": book.add_format(head),
        "text": book.add_format({}),
        "sentence": book.add_format({"text_wrap": True, "valign": "top"}),
        **numbers,
    }


def _add_sheet(
    book: Any, sheet: Sheet, frame: pd.DataFrame, evaluation: Evaluation, formats: Mapping[str | int, Any]
) -> None:
    from siting.outputs.tables.streamed_sheet import Column, StreamedSheet

    title = heading(f"sheet_{sheet.id}", evaluation, "zh")
    page = book.add_worksheet(title, worksheet_class=StreamedSheet)
    columns = [
        Column(heading(str(name), evaluation, "zh", sheet.id), cells, partial(_cell_words, str(name)))
        for name, cells in frame.items()
    ]
    text, widest = ("sentence", 100) if sheet.id in ("conclusion", "concerns") else ("text", 44)
    styles = {"head": formats["head"], "number": formats[sheet.decimals], "text": formats[text]}
    page.set_table(columns, **styles, widest=widest)
    page.freeze_panes(1, sheet.frozen)


def _cell_words(column: str, text: str) -> str:
    return cell_text(column, text, "zh")


FIELDS = ("sheet", "id", "zh", "en", "unit")
"""Columns of the dictionary of a workbook."""


def fields(evaluation: Evaluation, columns: Mapping[str, Iterable[Hashable]]) -> pd.DataFrame:
    """List every heading of a workbook, sheet by sheet, with its English and its unit."""
    import pandas as pd

    rows = []
    for sheet, names in columns.items():
        title = heading(f"sheet_{sheet}", evaluation, "zh")
        for name in map(str, names):
            zh, en = (heading(name, evaluation, lang, sheet) for lang in ("zh", "en"))
            rows.append((title, name, zh, en, _unit(zh)))
    return pd.DataFrame(rows, columns=list(FIELDS))


def _unit(label: str) -> str | None:
    """Find the unit that a heading states in brackets, with or without a remark after it."""
    stated = (found.split("，")[0] for found in re.findall("（([^（）]*)）", label))
    return next((unit for unit in stated if unit in UNITS), None)


SHEETS = (
    Sheet("conclusion", hand_in_sheets.conclusion_sheet, frozen=1),
    Sheet("ranking", hand_in_sheets.ranking_sheet, 1),
    Sheet("raw", hand_in_sheets.indicator_sheet, 1, 1),
    Sheet("appraisal", hand_in_sheets.appraisal_sheet, 1, 1),
    Sheet("firms", hand_in_sheets.firms_sheet, 1, 1),
    Sheet("recomputed", None),
    Sheet("fields", None),
    Sheet("about", result_sheets.about, frozen=1),
    Sheet("conditions", condition_sheet, frozen=2),
    Sheet("roles", role_sheet, frozen=1),
    Sheet("values", result_sheets.values),
    Sheet("contributions", result_sheets.contributions),
    Sheet("enterprises", result_sheets.enterprises, 1),
    Sheet("travel_times", travel_times, 1),
    Sheet("snapping", snapping, 1),
    Sheet("coverage", result_sheets.coverage),
    Sheet("accessibility", result_sheets.accessibility),
    Sheet("gains", result_sheets.gains),
    Sheet("economics", money_sheets.economics, 1),
    Sheet("flows_by_party", money_sheets.flows, frozen=2),
    Sheet("sensitivity", money_sheets.sensitivity, 3, 1),
    Sheet("land", result_sheets.land, 1),
    Sheet("concerns", concern_sheets.concerns, frozen=1),
    Sheet("backlog", concern_sheets.backlog, 1),
    Sheet("favourites", concern_sheets.favourites, 1),
    Sheet("industry_services", concern_sheets.industry_services, 1, 3),
    Sheet("reports", concern_sheets.reports, 1),
    Sheet("authority", concern_sheets.authority, 1),
    Sheet("pledges", result_sheets.pledges),
    Sheet("pledge_scores", result_sheets.pledge_scores),
    Sheet("robustness", robustness_sheets.robustness, 3),
    Sheet("acceptability", robustness_sheets.acceptability),
    Sheet("tradeoff", robustness_sheets.tradeoff, frozen=1),
    Sheet("weight_ranges", robustness_sheets.weight_ranges, frozen=1),
    Sheet("viewpoints", robustness_sheets.viewpoints),
    Sheet("judgements", robustness_sheets.judgements, 3),
    Sheet("weight_records", robustness_sheets.weight_records),
    Sheet("variants", result_sheets.variants, 3, 1),
    Sheet("influence", robustness_sheets.influence, 3),
    Sheet("regret", robustness_sheets.regret),
    Sheet("flips", robustness_sheets.flips, 3, 1),
    Sheet("registers", robustness_sheets.registers, 1),
    Sheet("joint", robustness_sheets.joint),
    Sheet("information", robustness_sheets.information, 3, 1),
    Sheet("telephone", robustness_sheets.survey_priority, 3),
    Sheet("issues", issues),
    Sheet("settings", result_sheets.settings, 3, 1),
    Sheet("parameters", result_sheets.parameters, frozen=1),
    Sheet("sources", result_sheets.sources, frozen=1),
)

OF_RANKS = frozenset(
    {
        *("recomputed", "contributions", "land", "pledge_scores", "robustness", "acceptability"),
        *("tradeoff", "weight_ranges", "viewpoints", "variants", "influence", "regret", "flips", "registers"),
        *("joint", "information", "telephone"),
    }
)
"""Sheets that tell of scores and ranks, which there are none of without demand."""
