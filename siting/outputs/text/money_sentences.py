"""Appraisal → what is said of it: accounts, load, when demand suffices, what would have to change."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siting.analysis.money.flows import ACCOUNTS
from siting.analysis.money.sensitivity import MOST_MULTIPLE
from siting.outputs.text.wording import grouped, join, label, number, option_name, say, times_text
from siting.types import Json, Language

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.money.appraisal import Economics
    from siting.study.evaluation import Evaluation

LISTED = 3
"""Switching values that are told, the nearest first."""


def money_sentences(evaluation: Evaluation, lang: Language) -> list[str]:
    """Say of the building option that is worth most: its accounts, its load, and what would make it pay."""
    found, options = evaluation.economics, evaluation.evidence.options
    if found is None or found.sensitivity.option is None:
        return []
    option = found.sensitivity.option
    name = option_name(options, option, lang)
    worth = {a: number(float(found.accounts[f"npv_{a}"][option]), "wan", lang) for a in ACCOUNTS}
    said = [say("money.accounts", lang, name=name, **worth)]
    figures = found.summary.loc[[option]].iloc[0]
    if math.isfinite(figures["load_per_person"]):
        staff, load = (grouped(figures[key]) for key in ("staff", "load_per_person"))
        said.append(say("money.load", lang, name=name, staff=staff, load=load))
    said += [
        _at_rates(found.by_rate.loc[[option]].iloc[0], lang),
        _break_even(found, option, name, lang),
    ]
    if figures["npv_wan"] < 0:
        said.append(_switching(found.sensitivity.table, lang))
    best = option_name(options, found.best, lang)
    return [*said, say("money.best", lang, name=best)]


def _at_rates(worth: pd.Series, lang: Language) -> str:
    rates = join((f"{100 * float(rate):g}%" for rate in worth.index), lang)
    values = join((number(float(value), "wan", lang) for value in worth), lang)
    return say("money.rates", lang, rates=rates, values=values)


def _break_even(found: Economics, option: str, name: str, lang: Language) -> str:
    multiple = float(found.summary["break_even_demand"][option])
    ends, decides = found.sensitivity.break_even_range, found.sensitivity.decides
    between = ""
    if ends is not None and decides is not None:
        low, high = (_multiple(end, lang) for end in ends)
        between = say("money.between", lang, what=label("lever", decides, lang), low=low, high=high)
    key = "money.pays" if math.isfinite(multiple) else "money.never"
    return say(key, lang, name=name, n=_multiple(multiple, lang), most=f"{MOST_MULTIPLE:g}", between=between)


def _multiple(value: float, lang: Language) -> str:
    if math.isinf(value):
        return say("money.beyond", lang, n=f"{MOST_MULTIPLE:g}")
    return say("money.times", lang, n=times_text(value))


def _switching(table: pd.DataFrame, lang: Language) -> str:
    """List the assumptions that by themselves would make it pay, nearest first."""
    turning = table[table["switching_value"].notna()]
    # Nearest measured by the range that is thought possible, not by its own size.
    span = (turning["high"] - turning["low"]).fillna(turning["value"].abs())
    nearest = (turning["switching_value"] - turning["value"]).abs() / span
    first = turning.loc[nearest.sort_values(kind="stable").index].head(LISTED)
    items = [
        say(
            "money.turn",
            lang,
            what=label("lever", str(key), lang),
            value=brief(row["value"]),
            turn=brief(row["switching_value"]),
            low=brief(row["low"]),
            high=brief(row["high"]),
        )
        for key, row in first.iterrows()
    ]
    if not items:
        return say("money.none", lang)
    return say("money.turns", lang, items=join(items, lang), n=len(turning), all=len(table))


def brief(value: float) -> str:
    """Write the value of an assumption in three digits, ``?`` where it has none."""
    if math.isnan(value):
        return "?"
    return f"{value:.3g}".replace("-", "−") if abs(value) < 1000 else grouped(value)


def appraisal_records(evaluation: Evaluation) -> list[Json]:
    """Give the appraisal of every option as ``--json`` prints it; none where there is no appraisal."""
    found, kinds = evaluation.economics, evaluation.evidence.options["kind"]
    if found is None:
        return []
    return [
        {
            "option": str(option),
            "kind": str(kind),
            "npv_wan": {a: float(found.accounts[f"npv_{a}"][option]) for a in ACCOUNTS},
            "bcr": row["bcr"],
            "eirr": row["eirr"],
            "eirr_note": row["eirr_note"],
            "break_even_demand": None if math.isinf(row["break_even_demand"]) else row["break_even_demand"],
            "load_per_person": row["load_per_person"],
        }
        for option, kind, (_, row) in zip(kinds.index, kinds, found.summary.iterrows(), strict=True)
    ]
