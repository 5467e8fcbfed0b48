"""Settings and anchors that were made for other data → neutral values, and anchors for the data at hand.

A scenario inherits method from the default study; what belongs to the demonstration alone (its expansion
factor, pledges, viewpoints, record of example weights) must not reach another county's register.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from siting.analysis.decision.criteria import BY_ID, Anchors, CriterionUse
from siting.analysis.money.pledged import expired
from siting.common.romanise import romanised
from siting.inputs.dictionary.issues import IssueLog
from siting.messages import joined, refusal, text_of
from siting.scenario.model import AnchorsRecord, Scenario, weights_of
from siting.study.decide_conditions import with_sites_outside, with_verdicts
from siting.study.ensembles import attainable_anchors
from siting.study.prepared import prepare
from siting.study.read_inputs import RENAMED, renamed
from siting.types import Inputs, Issue, Table

NEUTRAL = "neutral: the demonstration's value does not apply to this register"
"""Origin of a key whose value was replaced."""

REMADE = "made anew from this register and these roads"
"""Origin of anchors that were remade, and of their record."""

ASKED = {
    "expansion": "demand.expansion_factor",
    "year": "study_year",
    "weights": "weights_record.set_by",
    "origin": "register.origin",
}
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
    "population",
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
    inputs = _with_pillars(inputs, scenario.demand.pillars)
    scenario, inputs = _without_demonstration(scenario, inputs, print_of)
    scenario, inputs = _with_own_anchors(scenario, inputs, print_of)
    inputs = with_sites_outside(with_verdicts(_with_expiry(scenario, inputs)))
    return scenario, _with_odd_settings(scenario, _with_absences(inputs))


def _with_pillars(inputs: Inputs, pillars: tuple[str, ...]) -> Inputs:
    """Let other industries count as pillars than those that the table names."""
    if not pillars:
        return inputs
    known = inputs.industries.index
    if unknown := [name for name in pillars if name not in known]:
        raise refusal("", "E823", names=", ".join(unknown), known=", ".join(map(str, known)))
    return replace(inputs, industries=inputs.industries.assign(pillar=known.isin(pillars)))


def fingerprint(enterprises: pd.DataFrame) -> str:
    """Hash what scores depend on in a register, whatever its format, names and order of rows."""
    columns = []
    for name in _FINGERPRINT_COLUMNS:
        if name not in enterprises:
            continue
        column = enterprises[name]
        if name == "industry":
            columns.append(column.astype(object).where(column.notna(), "").astype(str).tolist())
        else:
            columns.append([f"{number:.8g}" for number in column.astype(float).tolist()])
    rows = ["|".join(cells) for cells in zip(*columns, strict=True)]
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
    replaced = []
    for rule in NEUTRAL_RULES:
        if rule.key and not scenario.belongs_to_demonstration(rule.key):
            continue
        changes, inputs = rule.replace(scenario, inputs)
        if changes is None:
            continue
        scenario = _changed(scenario, changes, {rule.key: NEUTRAL} if rule.key and changes else {})
        replaced.append(text_of(rule.code, year=scenario.study_year))
    if not replaced:
        return scenario, inputs
    return scenario, _with_issue(inputs, _note(inputs, "E407", settings=joined(replaced)))


Changes = Mapping[str, Any] | None
"""Fields of a scenario and their new values; None where nothing is to be replaced."""


@dataclass(frozen=True)
class NeutralRule:
    """How a setting of the demonstration is replaced for another register, and how that is told."""

    key: str
    """Key whose origin decides; empty where the rule looks by itself."""
    replace: Callable[[Scenario, Inputs], tuple[Changes, Inputs]]
    code: str
    """Message that tells it; it may name the ``year`` of the study."""


def _one_firm_a_row(scenario: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    return {"demand": scenario.demand.model_copy(update={"expansion_factor": 1.0})}, inputs


def _newest_roads(_: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    """Take the roads as they are now, and the places under their names of today."""
    opened = pd.to_numeric(inputs.roads.edges["opened"], errors="coerce").max()
    year = int(np.nanmax([RENAMED, opened]))
    return {"study_year": year}, renamed(inputs, year)


def _own_title(_: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    list_name = inputs.tables["enterprises"].file.rpartition(".")[0]
    spelt = romanised(list_name)
    english = text_of("P127", list=f"{list_name} ({spelt})" if spelt else list_name).en
    return {"title_zh": text_of("P127", list=list_name).zh, "title_en": english}, inputs


def _no_pledges(scenario: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    tables = {name: table for name, table in inputs.tables.items() if name != "pledges"}
    data = scenario.data.model_copy(update={"pledges": None})
    return {"data": data}, replace(inputs, pledges=inputs.pledges.iloc[:0], tables=tables)


def _no_reasons(_: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    """Take the sites without what the demonstration says of them."""
    if inputs.sites[["reason_zh", "reason_en"]].isna().all(axis=None):
        return None, inputs
    return {}, replace(inputs, sites=inputs.sites.assign(reason_zh=None, reason_en=None))


def _own_viewpoints(scenario: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    own = {
        name: view
        for name, view in scenario.viewpoints.items()
        if not scenario.belongs_to_demonstration(f"viewpoints.{name}")
    }
    if len(own) == len(scenario.viewpoints):
        return None, inputs
    judged = {name: weights for name, weights in inputs.judgements.items() if name in own}
    return {"viewpoints": own}, replace(inputs, judgements=judged)


def _no_stage(scenario: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    return (None if scenario.project_stage is None else {"project_stage": None}), inputs


def _no_record(scenario: Scenario, inputs: Inputs) -> tuple[Changes, Inputs]:
    return (None if scenario.weights_record is None else {"weights_record": None}), inputs


NEUTRAL_RULES = (
    NeutralRule("title_zh", _own_title, "P120"),
    NeutralRule("demand.expansion_factor", _one_firm_a_row, "P121"),
    NeutralRule("study_year", _newest_roads, "P122"),
    NeutralRule("project_stage", _no_stage, "P280"),
    NeutralRule("data.pledges", _no_pledges, "P123"),
    NeutralRule("data.sites", _no_reasons, "P124"),
    NeutralRule("", _own_viewpoints, "P125"),
    NeutralRule("weights_record.set_by", _no_record, "P126"),
)
"""In the order in which they are told; see DESIGN, settings of a demonstration."""


# anchors ----------------------------------------------------------------------------------


def _with_own_anchors(scenario: Scenario, inputs: Inputs, print_of: str) -> tuple[Scenario, Inputs]:
    record = scenario.anchors_record
    if record is None or (print_of in record.registers and inputs.roads.sha256 in record.roads):
        return scenario, inputs
    old = [use for use in scenario.criteria if use.value == "linear" and scenario.is_on_record(use.name)]
    if not old:
        return scenario, inputs
    made, own = own_anchors(scenario, inputs)
    made = {use.name: made[use.name] for use in old if use.name in made}
    uses = tuple(
        use.model_copy(update={"anchors": made[use.name]}) if use.name in made else use
        for use in scenario.criteria
    )
    own = own.model_copy(update={"remade": True})
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


def own_anchors(scenario: Scenario, inputs: Inputs) -> tuple[dict[str, Anchors], AnchorsRecord]:
    """Work out anchors from a study's own register and roads, and record what they are made for.

    Returns
    -------
    anchors : by criterion that is scored on a straight line; those that span nothing are left out
    record : fingerprint of the register, hash of the roads
    """
    found = attainable_anchors(prepare(scenario, inputs))
    made = {use.name: anchors_of(found, use) for use in scenario.criteria if use.value == "linear"}
    record = AnchorsRecord(
        made_for=", ".join(filter(None, (inputs.tables["enterprises"].file, inputs.roads.file))),
        registers=(fingerprint(inputs.enterprises),),
        roads=(inputs.roads.sha256,),
    )
    return {name: anchors for name, anchors in made.items() if anchors is not None}, record


def anchors_of(found: pd.DataFrame, use: CriterionUse) -> Anchors | None:
    """Give proposed anchors; None where they span nothing or something is unreachable."""
    # Twelve figures are free of the arithmetic's noise; fewer would score a register of four times the firms
    # differently from one.
    low, high = (float(f"{number:.12g}") for number in found.loc[use.name, ["anchor_0", "anchor_1"]])
    spans = (high - low) * BY_ID[use.name].sense > 0
    return (low, high) if spans and math.isfinite(low) and math.isfinite(high) else None


def _with_expiry(scenario: Scenario, inputs: Inputs) -> Inputs:
    """Mark the pledges that had ended before the day of the study: they count in no account."""
    ended = expired(inputs.pledges, scenario.as_of).rename("expired")
    if "expired" in inputs.pledges and inputs.pledges["expired"].equals(ended):
        return inputs
    return replace(inputs, pledges=inputs.pledges.assign(expired=ended))


# what a study is without -------------------------------------------------------------------


def _with_absences(inputs: Inputs) -> Inputs:
    """Note what the study does not give, where a result is the poorer for it."""
    lacking = {
        "E411": inputs.boundary is None,
        "E412": inputs.conditions.empty,
        "E413": "sources" not in inputs.tables,
    }
    told = inputs.tables["enterprises"].issues
    found = [issue for code, is_so in lacking.items() if is_so for issue in _note(inputs, code)]
    return _with_issue(inputs, [issue for issue in found if issue not in told])


# settings that hardly count ---------------------------------------------------------------

SLIGHT = 0.01
"""Share of all weight below which a group decides nothing."""


def _with_odd_settings(scenario: Scenario, inputs: Inputs) -> Inputs:
    """Note groups of hardly any weight, what is scored twice, and a phase that no service has."""
    weights = weights_of(scenario)
    by_group = weights.groupby([BY_ID[name].group for name in weights.index]).sum()
    slight = by_group[(by_group > 0) & (by_group < SLIGHT)]
    found: list[Issue] = []
    if len(slight):
        listed = ", ".join(f"{group} {share:.2%}" for group, share in slight.items())
        found += _note(inputs, "E409", groups=listed)
    scored = set(weights.index[weights > 0])
    for first in (BY_ID[use.name] for use in scenario.criteria if use.name in scored):
        if first.counted_in in scored:
            second = BY_ID[str(first.counted_in)]
            labels = {"first": first.label_en, "second": second.label_en}
            labels_zh = {"first_zh": first.label_zh, "second_zh": second.label_zh}
            found += _note(inputs, "E568", name=first.id, **labels, **labels_zh)
    last = inputs.services["phase"].max()
    if scenario.trips.phase > last:
        found += _note(inputs, "E410", phase=scenario.trips.phase, last=int(last))
    known = inputs.tables["enterprises"].issues
    return _with_issue(inputs, [issue for issue in found if issue not in known]) if found else inputs


# shared -----------------------------------------------------------------------------------


def _changed(scenario: Scenario, changes: Mapping[str, Any], origins: dict[str, str]) -> Scenario:
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
    noted = replace(register, issues=(*register.issues, *issues))
    return replace(inputs, tables={**inputs.tables, "enterprises": noted})
