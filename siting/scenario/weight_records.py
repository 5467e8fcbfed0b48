"""Weights' records of departments, one file each → weights on the scenario's anchors, and viewpoints."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from siting.analysis.decision.criteria import BY_ID, GROUP_OF, CriterionUse
from siting.analysis.decision.swing import (
    AggregateMethod,
    apart,
    check_answers,
    converted_weights,
    equal_amount,
    mean_shares,
    shares_of,
    value_gained,
)
from siting.common.file_bytes import file_bytes
from siting.messages import Text, error_of, refusal, refusals, rule_of, said, text_of
from siting.scenario.model import Groups, Scenario, Viewpoint
from siting.types import DepartmentRecord, InputError, SitingError, Table

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class WeighedRecord:
    """What a record's answers come to on the anchors of a scenario."""

    shares: pd.Series
    """By criterion asked, share of its range in what all ranges together matter."""
    weights: pd.Series
    """By criterion of the scenario, weight on its anchors; 0 where it was not asked about."""
    implied: float | None
    """Amount of the cross-check that the points imply; None where none was asked."""
    factor: float | None
    """Factor, at least 1, between that amount and the one stated."""


# --- Reading ----------------------------------------------------------------------------------------


def read_records(scenario: Scenario) -> tuple[dict[str, Table], dict[str, DepartmentRecord]]:
    """Read the records that ``[weights_record]`` names.

    Returns
    -------
    tables : by ``weights.<viewpoint>``, the answers, with the hash of the file
    records : by viewpoint, which is called after the file

    Raises
    ------
    InputError
        A file is no record, or two are called alike or after a viewpoint of the scenario.
    """
    tables, records, faults = {}, {}, []
    for path in scenario.weights_record.records if scenario.weights_record else ():
        try:
            if path.stem in records or path.stem in scenario.viewpoints:
                raise refusal(path.name, "E782", name=path.stem)
            records[path.stem], tables[f"weights.{path.stem}"] = read_record(path)
        except InputError as fault:
            faults.append(fault)
    if faults:
        raise refusals(faults)
    return tables, records


def read_record(path: Path) -> tuple[DepartmentRecord, Table]:
    """Read and check one record: its keys, its criteria, and every answer."""
    import pandas as pd

    content = _bytes_of(path)
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
        record = DepartmentRecord.model_validate_json(json.dumps(_flat(raw), default=str), strict=True)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise refusal(path.name, "E783", reason=error) from None
    except ValidationError as error:
        raise refusals(_explain(error, path.name)) from None
    check_record(record, path.name)
    frame = pd.DataFrame([asked.model_dump() for asked in record.criteria])
    counts = {"data_rows": len(frame), "kept": len(frame), "set_aside": 0, "ignored_lines": 0}
    nothing = pd.DataFrame(columns=["row", "reason"])
    return record, Table(frame, nothing, (), counts, path.name, hashlib.sha256(content).hexdigest())


def is_record(path: Path) -> bool:
    """Tell a record of weights from a scenario; a file that cannot be read is neither."""
    try:
        return "record" in tomllib.loads(file_bytes(path).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False


def _bytes_of(path: Path) -> bytes:
    try:
        return file_bytes(path)
    except OSError as error:
        raise refusal(path.name, "E783", reason=error.strerror) from None


def _flat(raw: Mapping[str, object]) -> dict[str, object]:
    """Put the keys of ``[record]`` beside the other sections."""
    head = raw.get("record")
    rest = {key: value for key, value in raw.items() if key != "record"}
    return {**head, **rest} if isinstance(head, dict) else rest


def _explain(error: ValidationError, file: str) -> list[Text]:
    return [
        text_of("P08", file, key=".".join(map(str, fault["loc"])), fault=rule_of(fault))
        for fault in error.errors(include_url=False)
    ]


def check_record(record: DepartmentRecord, where: str) -> None:
    """Refuse a record whose answers do not fit one another.

    Raises
    ------
    InputError
        An unknown, repeated or missing criterion or group, or an answer that the method does not know.
    """
    criteria = [asked.name for asked in record.criteria]
    groups: list[str] = [asked.name for asked in record.groups]
    named = [*criteria, *((record.check.first, record.check.second) if record.check else ())]
    unknown = [name for name in named if name not in BY_ID]
    odd = {name for names in (criteria, groups) for name in names if names.count(name) > 1}
    odd |= {GROUP_OF[name] for name in criteria if name not in unknown} ^ set(groups)
    odd |= set(named) - set(criteria)
    if unknown or odd or not criteria:
        raise refusal(where, "E784", names=", ".join(sorted({*unknown, *odd})) or "–")
    levels: list[dict[str, float]] = [{asked.name: asked.answer for asked in record.groups}]
    levels += [
        {asked.name: asked.answer for asked in record.criteria if GROUP_OF[asked.name] == group}
        for group in groups
    ]
    faults: list[SitingError] = []
    for level in levels:
        try:
            check_answers(level, method=record.method)
        except InputError as fault:
            faults.append(error_of(text_of("P08", where, key=record.department, fault=said(fault))))
    if faults:
        raise refusals(faults)


# --- Weighing ---------------------------------------------------------------------------------------


def weigh(record: DepartmentRecord, uses: Sequence[CriterionUse]) -> WeighedRecord:
    """Work out what a record's answers come to on the anchors of a scenario.

    Raises
    ------
    InputError
        The scenario lacks a criterion of the record, or gains no value over the range asked.
    """
    import pandas as pd

    by_name = {use.name: use for use in uses}
    gains = {
        asked.name: value_gained(by_name[asked.name], asked.worst, asked.best)
        for asked in record.criteria
        if asked.name in by_name
    }
    useless = [asked.name for asked in record.criteria if gains.get(asked.name, 0.0) <= 0]
    if useless:
        raise refusal("", "E785", department=record.department, names=", ".join(useless))
    groups: dict[str, float] = {asked.name: asked.answer for asked in record.groups}
    answers = {asked.name: asked.answer for asked in record.criteria}
    shares = shares_of(groups, answers, GROUP_OF, ranked=record.method == "ranked")
    weights = converted_weights(shares, pd.Series(gains)).reindex(list(by_name), fill_value=0.0)
    if record.check is None:
        return WeighedRecord(shares, weights, None, None)
    implied = equal_amount(shares, spans(record), record.check.first, record.check.second)
    return WeighedRecord(shares, weights, implied, apart(record.check.amount, implied))


def spans(record: DepartmentRecord) -> pd.Series:
    """Width of the range that was asked about, by criterion, in its unit."""
    import pandas as pd

    return pd.Series({asked.name: abs(asked.best - asked.worst) for asked in record.criteria})


def split_weights(weights: pd.Series) -> tuple[Groups, dict[str, float]]:
    """Split weights of criteria into those of the groups and those within each, both summing to 1.

    Of a group without weight nothing is said within it.
    """
    of_groups = dict.fromkeys(Groups.model_fields, 0.0)
    for name, weight in weights.items():
        of_groups[GROUP_OF[str(name)]] += float(weight)
    within = {
        str(name): float(weight) / of_groups[GROUP_OF[str(name)]]
        for name, weight in weights.items()
        if of_groups[GROUP_OF[str(name)]] > 0
    }
    return Groups(**of_groups), within


def with_records(scenario: Scenario, records: Mapping[str, DepartmentRecord]) -> Scenario:
    """Add each record as a viewpoint, called after its department, with the weights of its answers."""
    named = scenario.weights_record.records if scenario.weights_record else ()
    views = {path.stem: _viewpoint(scenario, records[path.stem]) for path in named if path.stem in records}
    return scenario.model_copy(update={"viewpoints": {**scenario.viewpoints, **views}})


def _viewpoint(scenario: Scenario, record: DepartmentRecord) -> Viewpoint:
    groups, within = split_weights(weigh(record, scenario.criteria).weights)
    by = text_of("P234", who=record.who, on=record.given_on)
    return Viewpoint(
        label_zh=record.department,
        label_en=record.department,
        reason_zh=by.zh,
        reason_en=by.en,
        groups=groups,
        criteria=within,
    )


# --- Several records --------------------------------------------------------------------------------


def named_records(records: Iterable[DepartmentRecord]) -> dict[str, DepartmentRecord]:
    """Call records by their department; two of one department are told apart by who answered.

    Raises
    ------
    InputError
        Two records are of one department and one person.
    """
    records, found = list(records), {}
    departments = [record.department for record in records]
    for record in records:
        is_alone = departments.count(record.department) == 1
        name = record.department if is_alone else f"{record.department} · {record.who}"
        if name in found:
            raise refusal("", "E782", name=name)
        found[name] = record
    return found


def shares_on_common_ranges(
    records: Mapping[str, DepartmentRecord], uses: Sequence[CriterionUse]
) -> tuple[pd.DataFrame, pd.Series]:
    """Bring the answers of several records to one set of ranges.

    The range of a criterion is that of the first record that was asked about it; where all were asked on the
    same ranges, the shares are those of their points.

    Returns
    -------
    shares : record × criterion asked, each row sums to 1
    gains : by criterion, value gained over its range
    """
    import pandas as pd

    asked = {each.name: each for record in [*records.values()][::-1] for each in record.criteria}
    ranges = {use.name: (use, asked[use.name]) for use in uses if use.name in asked}
    gains = pd.Series({name: value_gained(use, r.worst, r.best) for name, (use, r) in ranges.items()})
    told = {}
    for name, record in records.items():
        effects = weigh(record, uses).weights.reindex(gains.index) * gains
        told[name] = effects / effects.sum()
    return pd.DataFrame(told).T, gains


def mean_weights(
    records: Mapping[str, DepartmentRecord], uses: Sequence[CriterionUse], method: AggregateMethod
) -> pd.Series | None:
    """Sum up records to weights on the scenario's anchors; None as in `mean_shares`."""
    shares, gains = shares_on_common_ranges(records, uses)
    mean = mean_shares(shares, method)
    if mean is None:
        return None
    return converted_weights(mean, gains).reindex([use.name for use in uses], fill_value=0.0)
