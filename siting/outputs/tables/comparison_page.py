"""Several evaluations → one comparison: scores side by side, regret, and what differs between them."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING

from siting.outputs.tables.results_workbook import FIELDS, Sheet, fields, written
from siting.outputs.tables.table_files import csv_bytes
from siting.outputs.text.cells import heading, is_missing, json_value, native, plain
from siting.study.compare import Evaluations, rows_changed, settings_changed
from siting.study.evaluation import Evaluation
from siting.types import Cell, Json, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.leave_one_out import Regret


def comparison_files(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret) -> dict[str, bytes]:
    """Return the files of a comparison by name: workbook, CSV of scores and regret, page."""
    tables = _tables(evaluations, scores, regret)
    return {
        "comparison.csv": _csv(tables["comparison"], next(iter(evaluations.values()))),
        "comparison.xlsx": _workbook(tables, evaluations),
        "index.html": comparison_page(evaluations, scores, regret).encode("utf-8"),
    }


def comparison_page(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language = "zh"
) -> str:
    """Return a page that stands by itself: one table a question, nothing to load."""
    first = next(iter(evaluations.values()))

    def label(key: str) -> str:
        return html.escape(heading(key, first, lang))

    parts = []
    for name, table in _tables(evaluations, scores, regret, lang).items():
        if len(table):
            parts.append(f"<h2>{label(f'sheet_{name}')}</h2>{_html(table.reset_index(), first, lang)}")
    title = label("sheet_comparison") + "：" + html.escape("，".join(evaluations))
    style = (
        "body{font-family:sans-serif;margin:2em;max-width:75em}table{border-collapse:collapse}"
        "th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left}td.n{text-align:right}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{style}</style></head>"
        f"<body><h1>{title}</h1>{''.join(parts)}</body></html>\n"
    )


def comparison_record(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret) -> dict[str, Json]:
    """Return what ``siting compare --json`` prints."""
    changes = settings_changed(evaluations), rows_changed(evaluations)
    return {
        "scenarios": list(evaluations),
        "scores": {str(o): {str(k): json_value(v) for k, v in row.items()} for o, row in scores.T.items()},
        "winners": {str(name): str(option) for name, option in regret.winners.items()},
        "regret": {str(option): float(points) for option, points in regret.largest.items()},
        "minimax_regret": str(regret.minimax),
        "best_expected": str(regret.best_expected),
        "left_out": list(map(str, regret.left_out)),
        "changes": {
            name: [
                {k: json_value(v) for k, v in row.items()} for row in table.reset_index().to_dict("records")
            ]
            for name, table in zip(("settings", "rows"), changes, strict=True)
        },
    }


def _tables(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language = "zh"
) -> dict[str, pd.DataFrame]:
    """Tables of the comparison by sheet; points 0–100."""
    ranks = scores.round(12).rank(ascending=False, method="min")
    names: dict[str, str] = {}
    for evaluation in evaluations.values():
        for option in evaluation.evidence.options.index:
            names.setdefault(option, heading(option, evaluation, lang))
    table = (100 * scores).add_prefix("score.").join(ranks.add_prefix("rank."))
    table = table.join((100 * regret.table).add_prefix("regret_points."))
    table = table.assign(regret_largest=100 * regret.largest, score_expected=100 * regret.expected)
    table.insert(0, "option_name", [names[option] for option in table.index])
    return {
        "comparison": table.rename_axis("option"),
        "settings_changed": settings_changed(evaluations),
        "rows_changed": rows_changed(evaluations),
    }


def _html(table: pd.DataFrame, evaluation: Evaluation, lang: Language) -> str:
    heads = "".join(f"<th>{html.escape(heading(str(c), evaluation, lang))}</th>" for c in table.columns)
    rows = "".join(
        "<tr>" + "".join(map(_html_cell, row)) + "</tr>" for row in table.itertuples(index=False, name=None)
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _html_cell(value: Cell) -> str:
    value = native(value)
    if is_missing(value):
        return "<td></td>"
    if isinstance(value, float):
        return f'<td class="n">{value:.4g}</td>'
    return f"<td>{html.escape(plain(str(value)))}</td>"


SHEETS = (
    Sheet("comparison", None, 1, 1),
    Sheet("settings_changed", None, 2, 1),
    Sheet("rows_changed", None, 2, 1),
    Sheet("fields", None),
)


def _workbook(tables: Mapping[str, pd.DataFrame], evaluations: Evaluations) -> bytes:
    """Write the tables as the results workbook is written, their English in the dictionary of fields."""
    import pandas as pd

    first = next(iter(evaluations.values()))
    frames = {"comparison": _for_readers(tables["comparison"])}
    frames |= {name: table.reset_index() for name, table in tables.items() if name != "comparison"}
    rows = frames["rows_changed"]
    named = [
        None if is_missing(column) else heading(str(column), first, "zh", str(table))
        for table, column in zip(rows["table"], rows["column"], strict=True)
    ]
    frames["rows_changed"] = rows.assign(column=pd.Series(named, rows.index, dtype=object))
    frames["fields"] = fields(first, {**frames, "fields": FIELDS})
    return written(SHEETS, frames, first, "，".join(evaluations))


def _for_readers(table: pd.DataFrame) -> pd.DataFrame:
    """Put the option's name first and its id last; ranks are whole numbers."""
    flat = table.reset_index()
    ranks = {name: "Int64" for name in map(str, flat) if name.startswith("rank.")}
    flat = flat.astype(ranks)
    return flat[[*(name for name in flat if name != "option"), "option"]]


def _csv(table: pd.DataFrame, evaluation: Evaluation) -> bytes:
    """Write scores and regret for people: headings in Chinese, points to one decimal."""
    flat = _for_readers(table)
    points = {str(name): 1 for name, cells in flat.items() if cells.dtype == float}
    flat = flat.round(points)
    return csv_bytes(flat.set_axis([heading(str(name), evaluation, "zh") for name in flat], axis=1))
