"""Experts' pairwise judgements, from score sheets or the scenario → weights of its viewpoints (AHP)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from siting.messages import Text, error_of, fault_of, refusal, refusals, said, text_of
from siting.scenario.model import Groups, Scenario, Viewpoint
from siting.types import InputError, Table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from siting.analysis.decision.weights import RandomIndex
    from siting.inputs.dictionary.issues import IssueLog

ALL = "all"
"""The experts of a sheet together, by the geometric mean of their judgements."""

GROUPS = "groups"
"""Level of the judgements that compare groups; the others are called by the group they are in."""


def read_judgements(scenario: Scenario) -> tuple[dict[str, Table], dict[str, pd.DataFrame]]:
    """Read the judgements of every viewpoint that gives any, and work out their weights.

    Returns
    -------
    tables : by ``judgements.<viewpoint>``
        The answers; contradictory ones are noted (E403) with the question to ask again.
    weights : by viewpoint, one row an expert, level and item; ``all`` stands for the experts together
        ``expert, level, item, weight`` (sums to 1 in its level), ``consistency_ratio``, ``random_index``
        (Saaty's table that it is measured by); of the judgement to
        ask again ``first, second, given, suggestion``, missing where the ratio is at most 0.1.

    Raises
    ------
    InputError
        A sheet cannot be read, pairs of different levels, pairs unanswered or answered twice.
    """
    tables, weights, faults = {}, {}, []
    for name, view in scenario.viewpoints.items():
        if view.judgements is None and not view.pairs:
            continue
        try:
            table = _sheet(view.judgements) if view.judgements else _stated(view, f"viewpoints.{name}.pairs")
            tables[f"judgements.{name}"], weights[name] = _weighed(table, view.random_index)
        except InputError as fault:
            faults.append(fault)
    if faults:
        raise refusals(faults)
    return tables, weights


def with_judgements(scenario: Scenario, weights: Mapping[str, pd.DataFrame]) -> Scenario:
    """Give viewpoints the weights that their experts' judgements come to.

    Groups not compared keep the viewpoint's own weights, or the scenario's. Within a group whose criteria
    are compared, a criterion that no pair names weighs nothing; the criteria of other groups keep theirs.
    """
    settled = {name: _settled(scenario, scenario.viewpoints[name], found) for name, found in weights.items()}
    return scenario.model_copy(update={"viewpoints": {**scenario.viewpoints, **settled}})


def _settled(scenario: Scenario, view: Viewpoint, found: pd.DataFrame) -> Viewpoint:
    from siting.analysis.decision.criteria import BY_ID

    together = found[found["expert"] == ALL]
    levels = {
        level: dict(zip(rows["item"], rows["weight"], strict=True)) for level, rows in _levels(together)
    }
    groups = view.groups or scenario.groups
    if GROUPS in levels:
        groups = Groups(**{name: levels[GROUPS].get(name, 0.0) for name in Groups.model_fields})
    criteria = dict(view.criteria)
    for use in scenario.criteria:
        level = levels.get(BY_ID[use.name].group)
        if level is not None:
            criteria[use.name] = level.get(use.name, 0.0)
    return view.model_copy(update={"groups": groups, "criteria": criteria})


def _levels(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    return ((str(level), rows) for level, rows in frame.groupby("level", sort=True))


def _sheet(path: Path) -> Table:
    from siting.inputs.tables.read_table import read_table

    return read_table(path, "judgements")


def _stated(view: Viewpoint, key: str) -> Table:
    """Put the pairs of a scenario into a table; they are one expert's."""
    import pandas as pd

    frame = pd.DataFrame(view.pairs, columns=["first", "second", "times"])
    frame = frame.assign(expert=None, row=range(1, len(frame) + 1))
    return Table(
        frame=frame,
        set_aside=pd.DataFrame(columns=["row", "reason"]),
        issues=(),
        counts={"data_rows": len(frame), "kept": len(frame), "set_aside": 0, "ignored_lines": 0},
        file=key,
        sha256=hashlib.sha256(json.dumps(view.pairs).encode("utf-8")).hexdigest(),
    )


def _weighed(table: Table, random_index: RandomIndex) -> tuple[Table, pd.DataFrame]:
    """Work out the weights of each level; note which judgements contradict each other."""
    import pandas as pd

    from siting.inputs.dictionary.issues import IssueLog

    lost = [issue for issue in table.issues if issue.severity != "note"]
    if lost:
        raise refusals(map(fault_of, lost))
    answered = table.frame[table.frame["times"].notna()]
    answered = answered.assign(
        expert=answered["expert"].fillna("1"), level=_level_of(answered, partial(_where, table))
    )
    log, parts = IssueLog(table.file, table.sheet), []
    for level, rows in _levels(answered):
        parts.append(_level_weights(level, rows, table.file, random_index))
        _note_contradictions(parts[-1], rows, log)
    if not parts:
        raise refusal(table.file, "E652")
    columns = ["expert", "level", "item", "weight", "consistency_ratio", "random_index"]
    weights = pd.concat(parts, ignore_index=True).assign(random_index=random_index)
    weights = weights[[*columns, "first", "second", "given", "suggestion"]]
    return replace(table, issues=(*table.issues, *log.sorted())), weights


def _where(table: Table, row: int) -> str:
    return f"{table.file}:{row}"


class _Pair(NamedTuple):
    """A judgement: its row, and what it compares."""

    row: int
    first: str
    second: str


def _level_of(answered: pd.DataFrame, where: Callable[[int], str]) -> list[str]:
    """Say what each pair compares: groups, or criteria of one group."""
    from siting.analysis.decision.criteria import BY_ID

    groups = list(Groups.model_fields)
    kinds = dict.fromkeys(groups, GROUPS) | {name: criterion.group for name, criterion in BY_ID.items()}
    faults = []
    for row in map(_Pair, answered["row"], answered["first"], answered["second"]):
        unknown = [name for name in (row.first, row.second) if name not in kinds]
        if unknown:
            faults.append(text_of("E653", where(row.row), name=unknown[0], known=", ".join(kinds)))
        elif row.first == row.second or kinds[row.first] != kinds[row.second]:
            faults.append(text_of("E654", where(row.row), first=row.first, second=row.second))
    if faults:
        raise refusals(faults)
    return [kinds[first] for first in answered["first"]]


def _level_weights(level: str, rows: pd.DataFrame, file: str, random_index: RandomIndex) -> pd.DataFrame:
    """One row an expert and item."""
    import pandas as pd

    from siting.analysis.decision.weights import viewpoint_from_judgements

    try:
        found = viewpoint_from_judgements(rows, random_index=random_index)
    except InputError as fault:
        raise error_of(text_of("P08", file, key=level, fault=said(fault))) from None
    items = [name for name in found.columns if name not in ("consistency_ratio", "again")]
    records = []
    for expert, row in found.iterrows():
        again = row["again"]
        ask = (
            (again.first, again.second, again.given, again.suggestion) if again else (None, None, None, None)
        )
        ratio = row["consistency_ratio"]
        records += [(expert, level, item, float(row[item]), float(ratio), *ask) for item in items]
    columns = [
        "expert",
        "level",
        "item",
        "weight",
        "consistency_ratio",
        "first",
        "second",
        "given",
        "suggestion",
    ]
    return pd.DataFrame(records, columns=columns).astype({"given": float, "suggestion": float})


def _note_contradictions(weights: pd.DataFrame, rows: pd.DataFrame, log: IssueLog) -> None:
    """Note each expert's judgement to ask again, at the row that holds it."""
    from siting.inputs.dictionary.words import words

    # Of the words for one thing the first in the list is the one that people read.
    chinese = {name: word for word, name in reversed([*words("choice").items()])}
    chinese[GROUPS] = text_of("P135").zh
    asked = weights[weights["first"].notna() & (weights["expert"] != ALL)]
    for ask in asked.drop_duplicates(["expert", "level"]).to_dict("records"):
        first, second = ask["first"], ask["second"]
        of_expert = rows[rows["expert"] == ask["expert"]]
        is_pair = of_expert[["first", "second"]].isin([first, second]).all(axis=1)
        log.add(
            "E403",
            row=of_expert.loc[is_pair, "row"].iloc[0],
            value=ask["given"],
            expert=ask["expert"],
            level=Text(ask["level"], chinese[ask["level"]]),
            ratio=f"{ask['consistency_ratio']:.2f}",
            first=Text(first, chinese[first]),
            second=Text(second, chinese[second]),
            given=_times(ask["given"]),
            suggestion=_times(ask["suggestion"]),
        )


def _times(ratio: float) -> str:
    """Write a ratio as Saaty's scale does: 3, or 1/3."""
    return f"{ratio:.3g}" if ratio >= 1 else f"1/{1 / ratio:.3g}"
