"""Several evaluations → what differs between their settings and their rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from siting.analysis.decision import scoring
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.demand.demand_kinds import DEMAND_KINDS
from siting.scenario.describe import resolved
from siting.study.evaluation import Evaluation

if TYPE_CHECKING:
    import pandas as pd

    from siting.scenario.model import Scenario

MOST_ROWS = 1000
"""Differing cells of the tables that a comparison lists."""

Evaluations = Mapping[str, Evaluation]


def settings_changed(evaluations: Evaluations) -> pd.DataFrame:
    """Tabulate the scenario keys that differ, one column a scenario, by key."""
    import pandas as pd

    values = {
        name: {row["key"]: row["value"] for row in resolved(evaluation.scenario)}
        for name, evaluation in evaluations.items()
    }
    table = pd.DataFrame(values).rename_axis("key")
    table = table[table.nunique(axis=1, dropna=False) > 1]
    return table.drop(index=["name", "title_zh", "title_en", "prepared_by", "prepared_on"], errors="ignore")


def rows_changed(evaluations: Evaluations) -> pd.DataFrame:
    """List cells of the study's tables that differ from the first evaluation's, rows that came or went.

    Registers are held against each other by enterprise, see `siting.study.changes.registers`.

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
            if name == "enterprises":
                continue
            base = first.evidence.inputs.tables.get(name)
            if base is not None and base.sha256 != table.sha256:
                found += [(scenario, name, *change) for change in _cells(base.frame, table.frame)]
    columns = ["scenario", "table", "id", "row", "column", "before", "after"]
    return pd.DataFrame(found[:MOST_ROWS], columns=columns).set_index("scenario")


def _cells(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows that went or came and cells that differ, as (id, row, column, before, after)."""
    found: list[tuple[Any, ...]] = []
    found += [(key, before.at[key, "row"], None, "✓", None) for key in before.index.difference(after.index)]
    found += [(key, after.at[key, "row"], None, None, "✓") for key in after.index.difference(before.index)]
    both = after.index.intersection(before.index)
    for column in after.columns.intersection(before.columns).drop("row"):
        was, now = (frame.loc[both, column].astype(object) for frame in (before, after))
        differs = (was != now) & ~(was.isna() & now.isna())
        found += [(key, after.at[key, "row"], column, was[key], now[key]) for key in both[differs]]
    return found


def held_to(first: Evaluation, evaluation: Evaluation) -> Scenario:
    """Give an evaluation's scenario with the anchors of the first one, so that scores can be compared.

    Anchors that the evaluation's scenario states by themselves stay: they are part of what is compared.
    """
    anchors = {use.name: use.anchors for use in first.scenario.criteria if use.anchors is not None}
    uses = tuple(
        use.model_copy(update={"anchors": anchors[use.name]})
        if use.value == "linear" and use.name in anchors and evaluation.scenario.is_on_record(use.name)
        else use
        for use in evaluation.scenario.criteria
    )
    return evaluation.scenario.model_copy(update={"criteria": uses})


def scores_on(first: Evaluation, evaluation: Evaluation) -> pd.Series:
    """Score the sites of an evaluation on the first one's anchors; see `held_to`."""
    import pandas as pd

    sites = evaluation.values.index
    if sites.empty:
        return pd.Series(index=sites, dtype=float)
    uses = held_to(first, evaluation).criteria
    values = scoring.values(evaluation.matrix.loc[sites], uses, evaluation.applies.loc[sites])
    return scoring.weighted_sum(values, evaluation.weights).round(DECIMALS)


def is_set_alike(first: Evaluation, second: Evaluation) -> bool:
    """Whether two evaluations differ in nothing but their registers and the anchors made for these."""
    settings = settings_changed({"first": first, "second": second})
    tables = [evaluation.evidence.inputs for evaluation in (first, second)]
    names = set().union(*(inputs.tables for inputs in tables)) - {"enterprises"}
    hashes = [[inputs.roads.sha256] for inputs in tables]
    for found, inputs in zip(hashes, tables, strict=True):
        found += [inputs.tables[name].sha256 if name in inputs.tables else "" for name in sorted(names)]
    return (
        hashes[0] == hashes[1]
        and all(map(is_of_register, settings.index))
        and held_to(first, second).criteria == first.scenario.criteria
    )


def is_of_register(key: str) -> bool:
    """Whether a key of a scenario says which register is read, how, or what was made for it."""
    registers = tuple(f"data.{kind.register}" for kind in DEMAND_KINDS.values())
    return key.startswith((*registers, "register.", "anchors_record.")) or key.endswith(".anchors")
