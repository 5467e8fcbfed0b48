"""Settings and anchors that were made for other data → neutral values, and anchors for the data at hand.

A scenario inherits method from the default study; what belongs to the demonstration alone (its expansion
factor, pledges, viewpoints, record of example weights) must not reach another county's register.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from siting.analysis.decision.criteria import BY_ID, CriterionUse
from siting.inputs.dictionary.issues import IssueLog
from siting.scenario.model import AnchorsRecord, Scenario
from siting.study.ensembles import attainable_anchors
from siting.study.prepared import prepare
from siting.types import Inputs, Issue, Table

NEUTRAL = "neutral: the demonstration's value does not apply to this register"
"""Origin of a key whose value was replaced."""

REMADE = "made anew from this register and these roads"
"""Origin of anchors that were remade, and of their record."""

ASKED = {"expansion": "demand.expansion_factor", "year": "study_year", "weights": "weights_record.set_by"}
"""Open question → key by which a planner answers it."""

_FINGERPRINT_COLUMNS = (
    "industry",
    "lon",
    "lat",
    "employees",
    "output_wan",
    "equipment",
    "tests_per_year",
    "backlog",
)
"""Columns of a register that a score depends on; names and order of rows are no part of it."""


def adapt(scenario: Scenario, inputs: Inputs) -> tuple[Scenario, Inputs]:
    """Replace what was made for other data; nothing changes where scenario and data belong together.

    Settings marked under ``[demonstration]`` take neutral values where the register is not one of the
    demonstration's. Anchors covered by ``[anchors_record]`` are made anew where register or roads are others
    than those it names. What a scenario of the planner's states itself stays. Each change is an issue of the
    register. Adapting twice is adapting once.
    """
    print_of = fingerprint(inputs.enterprises)
    scenario, inputs = _without_demonstration(scenario, inputs, print_of)
    return _with_own_anchors(scenario, inputs, print_of)


def fingerprint(enterprises: pd.DataFrame) -> str:
    """Hash what scores depend on in a register, whatever its format, names and order of rows."""
    columns = {}
    for name in _FINGERPRINT_COLUMNS:
        if name not in enterprises:
            continue
        column = enterprises[name]
        if name == "industry":
            columns[name] = column.astype(object).where(column.notna(), "")
        else:
            columns[name] = [f"{float(number):.8g}" for number in column]
    rows = pd.DataFrame(columns).astype(str).agg("|".join, axis=1)
    return hashlib.sha256("\n".join(sorted(rows)).encode("utf-8")).hexdigest()


def open_questions(scenario: Scenario, inputs: Inputs) -> tuple[str, ...]:
    """List what only the planner can say of a register that is not the demonstration's, and has not said."""
    if scenario.demonstration is None or fingerprint(inputs.enterprises) in scenario.demonstration.registers:
        return ()
    return tuple(name for name, key in ASKED.items() if not _is_stated(scenario, key))


# settings of the demonstration ------------------------------------------------------------


def _is_stated(scenario: Scenario, key: str) -> bool:
    """Whether a scenario of the planner's own, or the planner on the spot, sets a key."""
    origin = scenario.origin(key)
    inherited = scenario.file_of("demonstration.registers")
    return origin not in (NEUTRAL, "default") and origin.rpartition(":")[0] != inherited


def _without_demonstration(scenario: Scenario, inputs: Inputs, print_of: str) -> tuple[Scenario, Inputs]:
    mark = scenario.demonstration
    if mark is None or print_of in mark.registers:
        return scenario, inputs
    changed: dict[str, Any] = {}
    told: list[tuple[str, str]] = []
    if _belongs(scenario, "demand.expansion_factor") and scenario.demand.expansion_factor != 1.0:
        changed["demand"] = scenario.demand.model_copy(update={"expansion_factor": 1.0})
        told.append(("expansion factor 1", "扩样系数改为 1"))
    if _belongs(scenario, "data.pledges") and scenario.data.pledges is not None:
        changed["data"] = scenario.data.model_copy(update={"pledges": None})
        inputs = _without_pledges(inputs)
        told.append(("no pledges", "不计出资、供地意向"))
    views = {
        name: v for name, v in scenario.viewpoints.items() if not _belongs(scenario, f"viewpoints.{name}")
    }
    if len(views) < len(scenario.viewpoints):
        changed["viewpoints"] = views
        judged = {name: weights for name, weights in inputs.judgements.items() if name in views}
        inputs = replace(inputs, judgements=judged)
        told.append(("no viewpoints of the parties", "不列各方评价立场"))
    if scenario.weights_record is not None and _belongs(scenario, "weights_record.set_by"):
        changed["weights_record"] = None
        told.append(("weights are examples", "权重为示例"))
    if not told:
        return scenario, inputs
    keys = ("demand.expansion_factor", "data.pledges", "weights_record.set_by")
    scenario = _changed(scenario, changed, dict.fromkeys((k for k in keys if _belongs(scenario, k)), NEUTRAL))
    english, chinese = zip(*told, strict=True)
    issue = partial(_note, inputs, "E407", settings="; ".join(english), settings_zh="；".join(chinese))
    return scenario, _with_issue(inputs, issue())


def _belongs(scenario: Scenario, key: str) -> bool:
    """Whether a key's value comes from the file that marks itself as the demonstration's."""
    return scenario.file_of(key) == scenario.file_of("demonstration.registers")


def _without_pledges(inputs: Inputs) -> Inputs:
    tables = {name: table for name, table in inputs.tables.items() if name != "pledges"}
    return replace(inputs, pledges=inputs.pledges.iloc[:0], tables=tables)


# anchors ----------------------------------------------------------------------------------


def _with_own_anchors(scenario: Scenario, inputs: Inputs, print_of: str) -> tuple[Scenario, Inputs]:
    record = scenario.anchors_record
    if record is None or (print_of in record.registers and inputs.roads.sha256 in record.roads):
        return scenario, inputs
    of_record = scenario.file_of("anchors_record.made_for")
    old = [
        use
        for use in scenario.criteria
        if use.value == "linear" and scenario.file_of(f"criteria.{use.name}.anchors") == of_record
    ]
    if not old:
        return scenario, inputs
    found = attainable_anchors(prepare(scenario, inputs))
    made = {use.name: anchors_of(found, use) for use in old}
    made = {name: anchors for name, anchors in made.items() if anchors is not None}
    uses = tuple(
        use.model_copy(update={"anchors": made[use.name]}) if use.name in made else use
        for use in scenario.criteria
    )
    own = AnchorsRecord(
        made_for=", ".join(filter(None, (inputs.tables["enterprises"].file, inputs.roads.file))),
        registers=(print_of,),
        roads=(inputs.roads.sha256,),
        remade=True,
    )
    keys = ["anchors_record.made_for", *(f"criteria.{use.name}.anchors" for use in old)]
    scenario = _changed(scenario, {"criteria": uses, "anchors_record": own}, dict.fromkeys(keys, REMADE))
    kept = [use.name for use in old if use.name not in made]
    moved = [use.name for use in old if made.get(use.name, use.anchors) != use.anchors]
    for code, names in (("E406", moved), ("E408", kept)):
        if names:
            issue = _note(
                inputs,
                code,
                made_for=record.made_for,
                now=own.made_for,
                criteria=", ".join(BY_ID[name].label_en for name in names),
                criteria_zh="、".join(BY_ID[name].label_zh for name in names),
            )
            inputs = _with_issue(inputs, issue)
    return scenario, inputs


def anchors_of(found: pd.DataFrame, use: CriterionUse) -> tuple[float, float] | None:
    """Round proposed anchors to four figures; None where they span nothing or something is unreachable."""
    anchors = tuple(float(f"{number:.4g}") for number in found.loc[use.name, ["anchor_0", "anchor_1"]])
    spans = (anchors[1] - anchors[0]) * BY_ID[use.name].sense > 0
    return anchors if spans and all(map(math.isfinite, anchors)) else None


# shared -----------------------------------------------------------------------------------


def _changed(scenario: Scenario, changes: dict[str, Any], origins: dict[str, str]) -> Scenario:
    changed = scenario.model_copy(update=changes)
    changed._origins = scenario._origins | origins
    return changed


def _note(inputs: Inputs, code: str, **words: Any) -> Iterable[Issue]:
    register = inputs.tables["enterprises"]
    log = IssueLog(register.file, register.sheet)
    log.add(code, **words)
    return log.issues


def _with_issue(inputs: Inputs, issues: Iterable[Issue]) -> Inputs:
    register: Table = inputs.tables["enterprises"]
    told = replace(register, issues=(*register.issues, *issues))
    return replace(inputs, tables={**inputs.tables, "enterprises": told})
