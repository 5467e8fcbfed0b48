"""Evaluation → the sheets of the workbook on money: every figure, flows by item and party, sensitivity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siting.outputs.tables.robustness_sheets import named
from siting.outputs.text.cells import cell_text
from siting.outputs.text.wording import label, say

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation


CAPACITY = ("tests", "work_hours", "staff", "load_per_person")
"""Columns of the costs that are no money."""


def economics(evaluation: Evaluation) -> pd.DataFrame:
    """Return every figure of the appraisal and of its costs."""
    costs = evaluation.evidence.costs.rename(
        columns=lambda name: name if name in CAPACITY else f"cost.{name}"
    )
    if evaluation.economics is None:
        return named(evaluation, costs)
    found = evaluation.economics
    costs = costs.drop(columns=found.summary.columns.intersection(costs.columns))
    summary = found.summary.assign(
        eirr_note=eirr_words(found.summary["eirr_note"]),
        break_even_demand=_or_never(found.summary["break_even_demand"]),
    )
    expansion = found.by_expansion.rename(columns="npv_at.{:g}".format)
    rates = found.by_rate.rename(columns="npv_at_rate.{:g}".format)
    gains = found.gains.by_option[["better_off", "worse_off", "favourite_of", "gini"]]
    return named(evaluation, summary.join([found.accounts, expansion, rates, gains, costs]))


def eirr_words(notes: pd.Series) -> list[str]:
    """Say why a rate of return is not told; empty where it is."""
    return [say(f"eirr.{note}", "zh") if note else "" for note in notes]


def _or_never(multiples: pd.Series) -> list[float | str]:
    """Put a demand that never pays into words, as an infinite figure reads as a place out of reach."""
    return [say("eco.none", "zh") if math.isinf(value) else value for value in multiples]


def flows(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return the present values of each option by item and party; items that move nothing are left out."""
    if evaluation.economics is None:
        return None
    table = evaluation.economics.items.reset_index()
    parties = [column for column in table if column not in ("option", "item")]
    table = table[(table[parties] != 0).any(axis=1)]
    names = evaluation.evidence.options["name"]
    items = [cell_text("item", item, "zh") for item in table["item"]]
    table = table.assign(option_name=table["option"].map(names), item=items)
    shown = table.set_index("option_name")[["item", *parties]]
    return shown.rename(columns=dict(zip(parties, (f"party.{party}" for party in parties), strict=True)))


def sensitivity(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what each assumption moves, and where the best building option's worth turns."""
    if evaluation.economics is None or evaluation.economics.sensitivity.option is None:
        return None
    found = evaluation.economics.sensitivity
    table = found.table.join(found.coefficients.add_prefix("coefficient."))
    for column in ("break_even_low", "break_even_high"):
        table[column] = _or_never(table[column])
    table["switching_value"] = [
        say("eco.no_value", "zh") if math.isnan(value) else value for value in table["switching_value"]
    ]
    names = [label("lever", str(key), "zh") for key in table.index]
    return table.assign(assumption=names, key=table.index).set_index("assumption")
