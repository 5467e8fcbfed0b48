"""Evaluation → the sheet that works the scores out again by formulas, for a reader to check and to vary.

Formulas are made of places of cells of this sheet alone; every name stands in a text cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from siting.analysis.decision.criteria import BY_ID
from siting.outputs.text.cells import heading, plain
from siting.outputs.text.wording import say

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from siting.analysis.decision.criteria import CriterionUse
    from siting.study.evaluation import Evaluation

COLUMNS = (
    *("option_name", "criterion", "raw", "unit", "worst", "best", "weight", "value", "contribution"),
    *("computed", "note"),
)
_OPTION, _CRITERION, _RAW, _UNIT, _WORST, _BEST, _WEIGHT, _VALUE, _POINTS, _COMPUTED, _NOTE = range(11)
_WIDTHS = (26, 34, 12, 10, 14, 16, 12, 14, 18, 14, 60)
_BY_SCALE: Mapping[str, str] = {
    "linear": "recompute.linear",
    "piecewise": "recompute.piecewise",
    "threshold": "recompute.threshold",
}
_FIGURE, _SHARE = "#,##0.00", "0.0000"


def add_recomputed(book: Workbook, evaluation: Evaluation, head: Format) -> None:
    """Add the sheet: a row an option and criterion, then the option's score as their sum."""
    page = book.add_worksheet(heading("sheet_recomputed", evaluation, "zh"))
    formats = {form: book.add_format({"num_format": form}) for form in (_FIGURE, _SHARE)}
    formats["total"] = book.add_format({"num_format": _SHARE, "bold": True, "top": 1})
    for place, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        page.set_column(place, place, width)
        page.write_string(0, place, plain(heading(name, evaluation, "zh", "recomputed")), head)
    row = 1
    for option in map(str, evaluation.ranking.index):
        first = row
        for use in evaluation.scenario.criteria:
            _add_criterion(page, row, option, use, evaluation, formats)
            row += 1
        _add_score(page, range(first, row), option, evaluation, formats["total"])
        row += 1
    page.freeze_panes(1, 2)
    page.autofilter(0, 0, row - 1, len(COLUMNS) - 1)


def _add_score(page: Worksheet, summed: range, option: str, evaluation: Evaluation, total: Format) -> None:
    """Write the score of an option below its criteria."""
    from xlsxwriter.utility import xl_range

    row, score = summed.stop, float(evaluation.ranking["score"][option])
    page.write_string(row, _OPTION, _name(option, evaluation), total)
    page.write_string(row, _CRITERION, say("total", "zh"), total)
    for column, result in ((_WEIGHT, float(evaluation.weights.sum())), (_POINTS, score)):
        cells = xl_range(summed.start, column, row - 1, column)
        page.write_formula(row, column, f"=SUM({cells})", total, result)
    page.write_number(row, _COMPUTED, score, total)


def _name(option: str, evaluation: Evaluation) -> str:
    return plain(heading(option, evaluation, "zh"))


def _add_criterion(
    page: Worksheet,
    row: int,
    option: str,
    use: CriterionUse,
    evaluation: Evaluation,
    formats: Mapping[str, Format],
) -> None:
    """Write one criterion of one option; Excel counts rows from 1."""
    name, at = use.name, row + 1
    value = float(evaluation.values[name][option])
    note = _note(option, use, evaluation)
    page.write_string(row, _OPTION, _name(option, evaluation))
    page.write_string(row, _CRITERION, plain(heading(name, evaluation, "zh")))
    page.write_string(row, _UNIT, heading(BY_ID[name].unit, evaluation, "zh"))
    for column, figure in _figures(option, use, evaluation):
        page.write_number(row, column, figure, formats[_FIGURE])
    page.write_number(row, _WEIGHT, float(evaluation.weights[name]), formats[_SHARE])
    if note == _BY_SCALE["linear"]:
        formula = f"=MAX(0,MIN(1,(C{at}-E{at})/(F{at}-E{at})))"
        page.write_formula(row, _VALUE, formula, formats[_SHARE], value)
    else:
        page.write_number(row, _VALUE, value, formats[_SHARE])
    result = float(evaluation.contributions[name][option])
    page.write_formula(row, _POINTS, f"=H{at}*G{at}", formats[_SHARE], result)
    page.write_number(row, _COMPUTED, result, formats[_SHARE])
    page.write_string(row, _NOTE, say(note, "zh"))


def _note(option: str, use: CriterionUse, evaluation: Evaluation) -> str:
    """Tell how the value follows from the figure, or why it is typed in."""
    if not evaluation.applies[use.name][option]:
        return "recompute.na"
    if math.isinf(evaluation.matrix[use.name][option]):
        return "recompute.unreachable"
    return _BY_SCALE[use.value]


def _figures(option: str, use: CriterionUse, evaluation: Evaluation) -> Iterator[tuple[int, float]]:
    """Give the figures to be typed in: what was measured, and the anchors where there are any."""
    raw = float(evaluation.matrix[use.name][option])
    if math.isfinite(raw):
        yield _RAW, raw
    if use.anchors is not None and use.value != "piecewise":
        yield _WORST, float(use.anchors[0])
        yield _BEST, float(use.anchors[1])
