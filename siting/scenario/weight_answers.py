"""Answers of a sheet or a terminal → a department's record, and its text as a file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from siting.analysis.decision.criteria import BY_ID
from siting.inputs.dictionary.words import words
from siting.messages import fault_of, refusal, refusals, text_of
from siting.scenario.model import Groups
from siting.scenario.toml_files import toml_lines
from siting.scenario.weight_records import WeighedRecord, check_record, split_weights
from siting.types import AskedCriterion, AskedGroup, CrossCheck, DepartmentRecord

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import Json

METHODS: tuple[Literal["swing", "ranked", "direct"], ...] = ("swing", "ranked", "direct")

PERSON = ("department", "who", "given_on")
"""What a record must say of whoever answered."""


def read_sheet(path: Path) -> tuple[dict[str, str], dict[str, tuple[float, float]]]:
    """Read a sheet that was filled in.

    Returns
    -------
    answers : by item, as written; empty where the cell is
    ranges : by criterion, worst and best figure that was asked about

    Raises
    ------
    InputError
        The file is no such sheet, or a row of it cannot be read.
    """
    from siting.inputs.tables.read_table import read_table

    table = read_table(path, "weight_answers")
    lost = [issue for issue in table.issues if issue.severity == "set_aside"]
    if lost:
        raise refusals(map(fault_of, lost))
    frame = table.frame
    answers = {
        str(item): "" if answer != answer or answer is None else str(answer).strip()
        for item, answer in zip(frame["item"], frame["answer"], strict=True)
    }
    ends = frame.dropna(subset=["worst", "best"])
    ranges = {
        str(item): (float(worst), float(best))
        for item, worst, best in zip(ends["item"], ends["worst"], ends["best"], strict=True)
    }
    return answers, ranges


def record_of(
    answers: Mapping[str, str], ranges: Mapping[str, tuple[float, float]], where: str
) -> DepartmentRecord:
    """Make a record of answers, each checked.

    Parameters
    ----------
    answers : by item: the person, groups, criteria, ``check``, and ``method, blind, study, pair``
    ranges : by criterion, worst and best figure that was asked about
    where : file that the answers come from, for messages

    Raises
    ------
    InputError
        Answers are missing, or are none.
    """
    groups = [name for name in Groups.model_fields if name in answers]
    criteria = [name for name in BY_ID if name in answers]
    needed = [*PERSON, *groups, *criteria]
    missing = [item for item in needed if not answers.get(item)] + [n for n in criteria if n not in ranges]
    if missing or not criteria:
        raise refusal(where, "E579", names=", ".join(missing) or "–")
    numbers = {item: number_of(answers[item], item, where) for item in (*groups, *criteria)}
    pair = answers.get("pair", "").split()
    check = None
    if len(pair) == 2 and answers.get("check"):
        amount = amount_of(answers["check"], pair[1], where)
        check = CrossCheck(first=pair[0], second=pair[1], amount=amount)
    record = DepartmentRecord(
        **{item: answers[item] for item in PERSON},
        method=_method(answers.get("method", ""), where),
        blind=yes_or_no(answers.get("blind", ""), "blind", where) or False,
        before_results=yes_or_no(answers.get("before_results", ""), "before_results", where),
        study=answers.get("study", ""),
        groups=tuple(AskedGroup(name=name, answer=numbers[name]) for name in groups),
        criteria=tuple(
            AskedCriterion(name=name, worst=ranges[name][0], best=ranges[name][1], answer=numbers[name])
            for name in criteria
        ),
        check=check,
    )
    check_record(record, where)
    return record


def number_of(text: str, item: str, where: str, dimension: str = "count") -> float:
    """Read a number as a person writes it.

    Raises
    ------
    InputError
        It is none.
    """
    from siting.inputs.tables.values import parse_number

    value, _, _ = parse_number(text, dimension)
    if value != value:
        raise refusal(where, "E792", item=item, found=text[:80])
    return value


def amount_of(text: str, criterion: str, where: str) -> float:
    """Read an amount of a criterion in its unit; shares are asked for in percent."""
    unit = BY_ID[criterion].unit if criterion in BY_ID else ""
    amount = number_of(text, "check", where, "money" if unit == "10^4 CNY" else "count")
    return amount / 100 if unit == "share" else amount


def yes_or_no(text: str, item: str, where: str) -> bool | None:
    """Read yes or no in either language; None where nothing is written.

    Raises
    ------
    InputError
        It is neither.
    """
    if not text:
        return None
    answer = words("choice").get(text, text).lower()
    if answer not in ("yes", "no"):
        raise refusal(where, "E792", item=item, found=text[:80])
    return answer == "yes"


def _method(text: str, where: str) -> Literal["swing", "ranked", "direct"]:
    for method in METHODS:
        if text == method:
            return method
    raise refusal(where, "E792", item="method", found=text[:80])


# --- The file of a record ---------------------------------------------------------------------------


def record_text(record: DepartmentRecord, weighed: WeighedRecord, yuan_per_hour: float | None) -> str:
    """Write a record as TOML, with what the answers come to at the end; equal records give equal texts."""
    title = text_of("P235")
    lines = [f"# {title.zh}", f"# {title.en}", "", "[record]"]
    lines += toml_lines(record.model_dump(include=set(_HEAD), exclude_none=True))
    for group in record.groups:
        lines += ["", "[[groups]]", *toml_lines(group.model_dump())]
    for asked in record.criteria:
        name, *rest = toml_lines(asked.model_dump())
        labels = f"{BY_ID[asked.name].label_zh} / {BY_ID[asked.name].label_en}"
        lines += ["", "[[criteria]]", f"{name}   # {labels}", *rest]
    if record.check is not None:
        lines += ["", "[check]", *toml_lines(record.check.model_dump())]
    told = text_of("P236")
    lines += ["", f"# {told.zh}", f"# {told.en}", "[result]"]
    result: dict[str, Json] = {
        "weights": {str(name): round(float(weight), 6) for name, weight in weighed.weights.items()},
        "shares": {str(name): round(float(share), 6) for name, share in weighed.shares.items()},
        "check_implied": _finite(weighed.implied),
        "check_factor": _finite(weighed.factor),
        "yuan_per_hour_saved": _finite(yuan_per_hour),
    }
    lines += toml_lines({key: value for key, value in result.items() if value is not None})
    return "\n".join(lines) + "\n"


_HEAD = ("department", "who", "given_on", "method", "blind", "before_results", "study")


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")


def scenario_text(base: str, name: str, weights: pd.Series, record: Mapping[str, Json]) -> str:
    """Write a scenario that takes weights over, and says in ``[weights_record]`` where they come from.

    Parameters
    ----------
    base : path of the scenario that everything else is taken from, relative to the new file
    name : of the new scenario
    weights : by criterion, summing to 1
    record : keys of ``[weights_record]``
    """
    groups, within = split_weights(weights)
    lines = [*toml_lines({"base": base, "name": name}), "", "[groups]", *toml_lines(groups.model_dump())]
    for criterion, share in within.items():
        lines += ["", "[[criteria]]", *toml_lines({"name": criterion, "weight": share})]
    return "\n".join([*lines, "", "[weights_record]", *toml_lines(record)]) + "\n"
