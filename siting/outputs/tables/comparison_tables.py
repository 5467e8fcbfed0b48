"""Several evaluations → the tables of a comparison: scores, regret, what changed and what that did."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from siting.analysis.robustness.across_scenarios import across_scenarios
from siting.outputs.tables.results_workbook import FIELDS, Sheet, fields, written
from siting.outputs.tables.table_files import csv_bytes
from siting.outputs.text.build_verdict import verdict_word
from siting.outputs.text.cells import heading, is_missing, json_tree, json_value
from siting.outputs.text.changes import (
    change_text,
    drawn_label,
    drawn_lines,
    kind_label,
    kinds_of,
    method_lines,
    unit_name,
    unsettled_reason,
)
from siting.outputs.text.conclusion import conclusion_record
from siting.outputs.text.wording import LANGUAGES, bilingual, say, speaks
from siting.study.changes.joint_register import OUTCOMES
from siting.study.changes.verdicts import PAYS
from siting.study.compare import Evaluations, rows_changed, settings_changed
from siting.study.evaluation import Evaluation
from siting.types import Cell, Json, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.leave_one_out import Regret
    from siting.study.changes.differences import Difference

SHEETS = (
    Sheet("comparison", None, 1, 1),
    Sheet("scenarios", None, 1, 1),
    Sheet("changes", None, 3, 3),
    Sheet("change_shares", None, 3, 3),
    Sheet("change_draws", None, 2, 3),
    Sheet("change_towns", None, 3, 2),
    Sheet("unsettled", None, 1, 2),
    Sheet("settings_changed", None, 2, 1),
    Sheet("rows_changed", None, 2, 1),
    Sheet("fields", None),
)

_WHO = ("name", "uscc", "town", "industry", "row_before", "row_after", "matched_by")
_POINTS = ("score",)
"""Outcomes of 0..1 that are written as points."""


@speaks
def comparison_csv(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret) -> bytes:
    """Write scores and regret for people: headings in Chinese, points to one decimal."""
    flat = _for_readers(score_table(evaluations, scores, regret))
    flat = flat.round({str(name): 1 for name, cells in flat.items() if cells.dtype == float})
    first = next(iter(evaluations.values()))
    return csv_bytes(flat.set_axis([heading(str(name), first, "zh") for name in flat], axis=1))


@speaks
def comparison_workbook(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, differences: Sequence[Difference]
) -> bytes:
    """Write the tables as the results workbook is written, their English in the dictionary of fields."""
    first = next(iter(evaluations.values()))
    frames = {
        "comparison": _for_readers(score_table(evaluations, scores, regret)),
        "scenarios": scenario_table(evaluations, scores, "zh").reset_index(drop=True),
        **_tables_of_changes(differences),
        "settings_changed": settings_changed(evaluations).reset_index(),
        "rows_changed": _named_columns(rows_changed(evaluations).reset_index(), first),
    }
    frames["fields"] = fields(first, {**frames, "fields": FIELDS})
    return written(SHEETS, frames, first, "，".join(evaluations))


def score_table(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language = "zh"
) -> pd.DataFrame:
    """Tabulate scores, ranks and regret by option; points 0–100."""
    ranks = scores.round(12).rank(ascending=False, method="min")
    names: dict[str, str] = {}
    for evaluation in evaluations.values():
        for option in evaluation.evidence.options.index:
            names.setdefault(option, heading(option, evaluation, lang))
    table = (100 * scores).add_prefix("score.").join(ranks.add_prefix("rank."))
    table = table.join((100 * regret.table).add_prefix("regret_points."))
    table = table.assign(regret_largest=100 * regret.largest, score_expected=100 * regret.expected)
    table.insert(0, "option_name", [names[option] for option in table.index])
    return table.rename_axis("option")


def scenario_table(evaluations: Evaluations, scores: pd.DataFrame, lang: Language) -> pd.DataFrame:
    """Tabulate what each scenario comes to: first site, lead, build verdict, ranks and their shifts.

    By scenario; what ranks no site has neither first nor rank.
    """
    import pandas as pd

    across = across_scenarios(scores)
    rows: dict[str, dict[str, Cell]] = {}
    for name, evaluation in evaluations.items():
        title = bilingual(evaluation.scenario.title_zh, evaluation.scenario.title_en)[lang]
        row: dict[str, Cell] = {"scenario_title": title, "first_site": None, "lead_points": None}
        if name in across.ranks:
            best = scores[name].dropna().sort_values(ascending=False, kind="stable")
            row["first_site"] = heading(str(best.index[0]), evaluation, lang)
            row["lead_points"] = 100 * float(best.iloc[0] - best.iloc[1]) if len(best) > 1 else None
        rows[name] = {**row, "build_verdict": verdict_word(evaluation, lang)}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")
    return table.join(across.ranks.T.add_prefix("rank.")).join(across.shifts.T.add_prefix("rank_shift."))


def _for_readers(table: pd.DataFrame) -> pd.DataFrame:
    """Put the option's name first and its id last; ranks are whole numbers."""
    flat = table.reset_index()
    ranks = {name: "Int64" for name in map(str, flat) if name.startswith("rank.")}
    flat = flat.astype(ranks)
    return flat[[*(name for name in flat if name != "option"), "option"]]


def _named_columns(rows: pd.DataFrame, evaluation: Evaluation) -> pd.DataFrame:
    """Name the columns of the study's tables as their templates do."""
    import pandas as pd

    named = [
        None if is_missing(column) else heading(str(column), evaluation, "zh", str(table))
        for table, column in zip(rows["table"], rows["column"], strict=True)
    ]
    return rows.assign(column=pd.Series(named, rows.index, dtype=object))


# what changed ----------------------------------------------------------------------------


def _tables_of_changes(differences: Sequence[Difference]) -> dict[str, pd.DataFrame]:
    """Lay out the changes of all evaluations after the first, one after the other."""
    import pandas as pd

    makers = {
        "changes": lambda one: change_table(one, "zh"),
        "change_shares": _share_table,
        "change_draws": _draw_table,
        "change_towns": _town_table,
        "unsettled": _unsettled_table,
    }
    found = {}
    for name, make in makers.items():
        tables = [make(one) for one in differences]
        named = [
            table.assign(scenario=one.names[1])[["scenario", *table]]
            for table, one in zip(tables, differences, strict=True)
            if len(table)
        ]
        found[name] = pd.concat(named, ignore_index=True) if named else pd.DataFrame()
    return {name: table for name, table in found.items() if len(table)}


def change_table(difference: Difference, lang: Language) -> pd.DataFrame:
    """List every change with what it did to the scores, in points."""
    import pandas as pd

    parts, found = [], difference.verdicts
    drawn = None if found is None else _drawn_columns(found.rows)
    for kind, frame in difference.registers.listed().items():
        texts = [change_text(difference, kind, row, lang) for _, row in frame.iterrows()]
        effects = 100 * frame[[name for name in frame if str(name).startswith("effect.")]]
        part = frame[list(_WHO)].assign(what_changed=pd.Series(texts, frame.index, dtype=object))
        part.insert(0, "change_kind", kind_label(kind, lang))
        part = part.join(effects)
        if drawn is not None:
            own = drawn.reindex(pd.MultiIndex.from_arrays([frame["unit"], [kind] * len(frame)])).fillna(0.0)
            part = part.join(own.set_axis(frame.index))
        parts.append(part.reset_index(drop=True).astype(object))
    table = pd.concat(parts, ignore_index=True)
    numbers = {str(name): float for name in table if str(name).startswith(("effect.", "drawn"))}
    return table.astype(numbers | dict.fromkeys(("row_before", "row_after"), "Int64"))


def _share_table(difference: Difference) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for kind, part in difference.shares.kinds.groupby(level="kind", sort=False):
        for outcome in OUTCOMES:
            shares = part[outcome].droplevel("kind") * (100 if outcome in _POINTS else 1)
            rows.append({"change_kind": kind_label(str(kind), "zh"), "outcome": outcome, **shares})
    return pd.DataFrame(rows).dropna(axis=1, how="all")


def _draw_table(difference: Difference) -> pd.DataFrame:
    """Tabulate what each kind did to the shares of draws, from those before to those after."""
    import pandas as pd

    found = difference.verdicts
    if found is None:
        return pd.DataFrame()
    rows: list[tuple[str, str, float, float, bool]] = []
    before, after = (say(f"changes.drawn.{end}", "zh") for end in ("before", "after"))
    for outcome in map(str, found.kinds):
        named = drawn_label(difference, outcome, "zh")
        rows.append((named, before, found.before[outcome], math.nan, False))
        for line, share in found.kinds[outcome].items():
            error, is_clear = found.errors[outcome][str(line)], found.clear[outcome][str(line)]
            rows.append((named, kind_label(str(line), "zh"), share, error, is_clear))
        rows.append((named, after, found.after[outcome], math.nan, False))
    columns = ["drawn_outcome", "change_kind", "share_points", "share_error", "beyond_errors"]
    table = pd.DataFrame(rows, columns=columns)
    table[["share_points", "share_error"]] *= 100
    told = table["beyond_errors"].map({True: say("yes", "zh"), False: say("no", "zh")}).astype(object)
    return table.assign(beyond_errors=told.where(table["share_error"].notna(), None))


def _town_table(difference: Difference) -> pd.DataFrame:
    table = (100 * score_effects(difference, "town")).add_prefix("effect.")
    found = difference.verdicts
    return (table if found is None else table.join(_drawn_columns(found.towns))).reset_index()


def _drawn_columns(shares: pd.DataFrame) -> pd.DataFrame:
    """Name columns of shares of draws, in percentage points; outcomes that nothing moved are left out."""
    moved = shares.loc[:, (shares != 0).any()]
    return (100 * moved).rename(columns=lambda name: "drawn_pays" if name == PAYS else f"drawn.{name}")


def score_effects(difference: Difference, by: str) -> pd.DataFrame:
    """Tabulate what changed the scores (0..1), by ``town`` or ``unit`` × option, the largest effect first."""
    shares = difference.shares
    options = shares.before.index[shares.before["score"].notna()]
    effects = shares.towns if by == "town" else shares.rows
    table = effects["score"].groupby(level=[by, "option"]).sum().unstack("option").reindex(columns=options)
    return table.loc[table.abs().max(axis=1).sort_values(ascending=False, kind="stable").index]


def _unsettled_table(difference: Difference) -> pd.DataFrame:
    import pandas as pd

    changes = difference.registers
    reasons = [unsettled_reason(reason, "zh") for reason in changes.ambiguous["reason"]]
    unsettled = changes.ambiguous.drop(columns="reason").assign(unsettled_why=reasons)
    again = changes.repeated["row"].map("{:.0f}".format)
    is_before = changes.repeated["register"] == "before"
    repeated = pd.DataFrame(
        {
            "name": changes.repeated["name"],
            "rows_before": again.where(is_before, ""),
            "rows_after": again.where(~is_before, ""),
            "unsettled_why": unsettled_reason("repeated", "zh"),
        }
    )
    parts = [part.astype(object) for part in (unsettled, repeated) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else unsettled


# JSON ------------------------------------------------------------------------------------


@speaks
def comparison_record(
    evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, differences: Sequence[Difference]
) -> dict[str, Json]:
    """Return what ``siting compare --json`` prints."""
    changes = settings_changed(evaluations), rows_changed(evaluations)
    return {
        "scenarios": list(evaluations),
        "scores": {str(o): {str(k): json_value(v) for k, v in row.items()} for o, row in scores.T.items()},
        "winners": {str(name): str(option) for name, option in regret.winners.items()},
        "regret": {str(option): float(points) for option, points in regret.largest.items()},
        "across": json_tree(across_scenarios(scores)),
        "minimax_regret": str(regret.minimax),
        "best_expected": str(regret.best_expected),
        "left_out": list(map(str, regret.left_out)),
        "changes": {
            name: [
                {k: json_value(v) for k, v in row.items()} for row in table.reset_index().to_dict("records")
            ]
            for name, table in zip(("settings", "rows"), changes, strict=True)
        },
        "differences": [_difference_record(one) for one in differences],
    }


def _difference_record(difference: Difference) -> dict[str, Json]:
    changes, shares = difference.registers, difference.shares
    before, after = (conclusion_record(e) for e in (difference.first, difference.second))
    return {
        "before": difference.names[0],
        "after": difference.names[1],
        "counts": json_tree(changes.counts),
        "registers": {kind: list(_change_records(frame)) for kind, frame in changes.listed().items()},
        "ambiguous": _records(changes.ambiguous),
        "repeated": _records(changes.repeated),
        "conclusion": {"before": before, "after": after},
        "draws_say": {lang: drawn_lines(difference, lang) for lang in LANGUAGES},
        "attribution": {
            "method": {lang: " ".join(method_lines(difference, lang)) for lang in LANGUAGES},
            "exact_by_enterprise": shares.is_exact,
            "before": json_tree(shares.before),
            "after": json_tree(shares.after),
            "after_on_own_anchors": json_tree(shares.own),
            "kinds": _nested(shares.kinds, "kind"),
            "towns": _nested(shares.towns, "town"),
            "enterprises": list(_enterprise_records(difference)),
            "leaders": list(shares.leaders),
            "draws": _drawn_record(difference),
            "deciding": [
                {
                    "name": unit_name(difference, int(row["unit"]), "zh"),
                    "lead": row["lead"],
                    "turns": row["turns"],
                }
                for row in _records(shares.deciding.reset_index())
            ],
        },
    }


def _drawn_record(difference: Difference) -> dict[str, Json] | None:
    """Give what each kind, township and enterprise did to the shares of draws; None: see the method."""
    found = difference.verdicts
    if found is None:
        return None
    rows = found.rows.loc[:, (found.rows != 0).any()]
    return {
        "draws": found.n_draws,
        "before": json_tree(found.before),
        "after": json_tree(found.after),
        "standard_error": json_tree(found.change_error),
        "kinds": json_tree(found.kinds),
        "standard_errors": json_tree(found.errors),
        "towns": json_tree(found.towns),
        "enterprises": [
            {"name": unit_name(difference, int(unit), "zh"), "kind": str(kind), **shares}
            for (unit, kind), shares in zip(rows.index, _records(rows), strict=True)
        ],
    }


def _change_records(frame: pd.DataFrame) -> Iterator[dict[str, Json]]:
    """Give each change with its effects by option; a figure that is not stated is null."""
    for row in _records(frame.drop(columns="unit").reset_index()):
        effects = {name: row.pop(name) for name in list(row) if name.startswith("effect.")}
        yield {**row, "effects": {name.removeprefix("effect."): share for name, share in effects.items()}}


def _enterprise_records(difference: Difference) -> Iterator[dict[str, Json]]:
    """Give what every change of every enterprise did to each option."""
    changes, rows = difference.registers, difference.shares.rows
    for unit in map(int, rows.index.unique("unit")):
        sides = {"before": changes.before, "after": changes.after}
        at = {side: int(changes.units[side][unit]) for side in sides}
        ids = {f"id_{side}": rows_of["enterprise"].get(at[side]) for side, rows_of in sides.items()}
        part = rows.xs(unit, level="unit")
        kinds = {kind: json_tree(part.xs(kind, level="kind")) for kind in kinds_of(difference, unit)}
        yield {"name": unit_name(difference, unit, "zh"), **ids, "kinds": kinds}


def _nested(frame: pd.DataFrame, level: str) -> dict[str, Json]:
    return {str(key): json_tree(frame.loc[key]) for key in frame.index.unique(level)}


def _records(frame: pd.DataFrame) -> list[dict[str, Json]]:
    return [{str(name): json_value(value) for name, value in row.items()} for row in frame.to_dict("records")]
