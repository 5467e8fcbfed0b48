"""Several evaluations → one comparison: scores side by side, regret, and what differs between them."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from siting.describe import resolved
from siting.outputs.tables import csv_bytes, heading, is_missing, json_value, native, plain
from siting.types import Evaluation, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness import Regret

MOST_ROWS = 1000
"""Differing cells of the tables that a comparison lists."""

Evaluations = Mapping[str, Evaluation]


def comparison_files(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret) -> dict[str, bytes]:
    """Return the files of a comparison by name: workbook, CSV of scores and regret, page."""
    tables = _tables(evaluations, scores, regret)
    return {
        "comparison.csv": csv_bytes(tables["comparison"].reset_index()),
        "comparison.xlsx": _workbook(tables, evaluations),
        "index.html": comparison_page(evaluations, scores, regret).encode("utf-8"),
    }


def comparison_page(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language = "zh"
) -> str:
    """Return a page that stands by itself: one table a question, nothing to load."""
    first = next(iter(evaluations.values()))

    def said(key: str) -> str:
        return html.escape(heading(key, first, lang))

    parts = []
    for name, table in _tables(evaluations, scores, regret, lang).items():
        if len(table):
            parts.append(f"<h2>{said(f'sheet_{name}')}</h2>{_html(table.reset_index(), first, lang)}")
    title = said("sheet_comparison") + "：" + html.escape("，".join(evaluations))
    style = (
        "body{font-family:sans-serif;margin:2em;max-width:75em}table{border-collapse:collapse}"
        "th,td{border:1px solid #bbb;padding:.3em .6em;text-align:left}td.n{text-align:right}"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{style}</style></head>"
        f"<body><h1>{title}</h1>{''.join(parts)}</body></html>\n"
    )


def comparison_record(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret) -> dict[str, Any]:
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


def settings_changed(evaluations: Evaluations) -> pd.DataFrame:
    """Tabulate the scenario keys that differ, one column a scenario, by key."""
    import pandas as pd

    values = {
        name: {row["key"]: row["value"] for row in resolved(evaluation.scenario)}
        for name, evaluation in evaluations.items()
    }
    table = pd.DataFrame(values).rename_axis("key")
    table = table[table.nunique(axis=1, dropna=False) > 1]
    return table.drop(index=[key for key in ("name", "title_zh", "title_en") if key in table.index])


def rows_changed(evaluations: Evaluations) -> pd.DataFrame:
    """List cells of the tables that differ from the first evaluation's, rows that came or went.

    Returns
    -------
    DataFrame
        By ``scenario``: ``table, id, row`` (in the file), ``column`` (missing: the whole row), ``before,
        after``; at most `MOST_ROWS`.
    """
    import pandas as pd

    (_, first), *others = evaluations.items()
    found: list[tuple[Any, ...]] = []
    for scenario, other in others:
        for name, table in sorted(other.evidence.inputs.tables.items()):
            base = first.evidence.inputs.tables.get(name)
            if base is not None and base.sha256 != table.sha256:
                found += [(scenario, name, *change) for change in _cells(base.frame, table.frame)]
    columns = ["scenario", "table", "id", "row", "column", "before", "after"]
    return pd.DataFrame(found[:MOST_ROWS], columns=columns).set_index("scenario")


def _cells(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows that went or came and cells that differ, as (id, row, column, before, after)."""
    found = [(key, before.at[key, "row"], None, "✓", None) for key in before.index.difference(after.index)]
    found += [(key, after.at[key, "row"], None, None, "✓") for key in after.index.difference(before.index)]
    both = after.index.intersection(before.index)
    for column in after.columns.intersection(before.columns).drop("row"):
        was, now = (frame.loc[both, column].astype(object) for frame in (before, after))
        differs = (was != now) & ~(was.isna() & now.isna())
        found += [(key, after.at[key, "row"], column, was[key], now[key]) for key in both[differs]]
    return found


def _tables(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language = "zh"
) -> dict[str, pd.DataFrame]:
    """Tables of the comparison by sheet; points 0–100."""
    ranks = scores.round(12).rank(ascending=False, method="min")
    names = {}
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


def _html_cell(value: Any) -> str:
    value = native(value)
    if is_missing(value):
        return "<td></td>"
    if isinstance(value, float):
        return f'<td class="n">{value:.4g}</td>'
    return f"<td>{html.escape(plain(str(value)))}</td>"


def _workbook(tables: Mapping[str, pd.DataFrame], evaluations: Evaluations) -> bytes:
    import xlsxwriter

    first = next(iter(evaluations.values()))
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for name, table in tables.items():
            page = book.add_worksheet(heading(f"sheet_{name}", first, "zh"))
            flat = table.reset_index()
            for place, column in enumerate(map(str, flat.columns)):
                for row, lang in enumerate(("zh", "en")):
                    page.write_string(row, place, plain(heading(column, first, lang)), bold)
            for row, cells in enumerate(flat.itertuples(index=False, name=None), start=2):
                for place, value in enumerate(map(native, cells)):
                    if isinstance(value, int | float) and not is_missing(value):
                        page.write(row, place, value)
                    elif not is_missing(value):
                        page.write_string(row, place, plain(str(value)))
            page.freeze_panes(2, 1)
            page.autofit(300)
    return stream.getvalue()
