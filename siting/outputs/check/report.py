"""A checked table → the report that a planner reads and the JSON that a program reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.inputs.dictionary.columns import columns_of
from siting.inputs.dictionary.words import words
from siting.inputs.roads.ways import REASONS
from siting.inputs.tables.values import clean_text, is_missing
from siting.messages import messages, refusal
from siting.types import InputError, Issue, Language, Table

if TYPE_CHECKING:
    from siting.inputs.places.region import Region
    from siting.inputs.tables.device_columns import RowsAre
    from siting.inputs.tables.read_table import Locate
    from siting.types import Json, RoadLayer

ROW_FIELDS = ("name", "uscc", "industry", "lon", "lat", "employees", "output_wan", "equipment")
ISSUE_FIELDS = ("file", "sheet", "row", "column", "code", "severity", "value", "action", "hint")
WHOLE_FILE_FIRST = ("E322", "E323", "E921")
"""Hints on the coordinate system: they settle all rows at once."""
LINES_EACH = 20
"""Lines that the report spends on one kind of issue; the files of ``--out`` list all."""
WAYS_EACH = 12
"""Ways that a line names."""


@dataclass(frozen=True)
class CheckResult:
    """What checking a file gave."""

    json: dict[str, Json]
    """The object that ``siting check --json`` prints."""
    text: str
    """The report for people, or the one line of a refusal."""
    table: Table | None
    """None if the file was refused, or holds roads."""


def check_file(
    path: str | PathLike[str],
    as_table: str = "enterprises",
    *,
    crs: str | None = None,
    sheet: str | None = None,
    industry_standard: int | str | None = None,
    locate: Locate = "none",
    rows: RowsAre | None = None,
    columns: Mapping[str, str] | None = None,
    region: Region | None = None,
    lang: Language = "zh",
) -> CheckResult:
    """Check a file and report on it; a refusal is a result here, not an error.

    Parameters are those of `siting.inputs.tables.read_table`; ``as_table`` may also be ``roads``.
    """
    from siting.inputs.tables.read_table import read_table

    try:
        if Path(path).suffix.lower() == ".toml":
            raise refusal(Path(path).name, "E895")
        if as_table == "roads":
            from siting.inputs.roads.read_roads import read_roads
            from siting.inputs.sections import RoadLayerReading

            reading = RoadLayerReading(layer=sheet, columns=dict(columns or {}), crs=crs)
            table = _roads_table(read_roads(path, reading=reading))
        else:
            table = read_table(
                path,
                as_table,
                crs=crs,
                sheet=sheet,
                industry_standard=industry_standard,
                region=region,
                locate=locate,
                rows=rows,
                columns=columns,
            )
    except InputError as error:
        message = error.message_zh if lang == "zh" else str(error)
        return CheckResult(_refusal(path, error, message), message, None)
    return CheckResult(check_json(table), report(table, lang=lang), table)


def check_json(table: Table) -> dict[str, Json]:
    """Give a checked table as plain JSON values, rows by their number in the file; missing is None.

    Ways of an extract have ids (``name``) and no row numbers.
    """
    return {
        "file": table.file,
        "outcome": "read",
        "message": None,
        "encoding": table.encoding,
        "sheet": table.sheet,
        "counts": {name: int(n) for name, n in table.counts.items()},
        "columns": {
            field: {"heading": use.heading, "samples": list(use.samples)}
            for field, use in table.mapping.items()
        },
        "rows": sorted([*_kept_rows(table), *_set_aside_rows(table)], key=_order(table)),
        "issues": [issue_record(issue) for issue in table.issues],
    }


def _order(table: Table) -> Callable[[dict[str, Any]], tuple[int, int]]:
    """Order the rows by sheet and row; ways of an extract have none."""
    sheets = (table.sheet or "").split(", ") if "sheet" in table.frame else []
    place = {sheet: at for at, sheet in enumerate(sheets)}
    return lambda row: (place.get(row.get("sheet", ""), 0), row["row"] or 0)


def issue_record(issue: Issue) -> dict[str, Json]:
    """Give an issue as plain values."""
    return {name: getattr(issue, name) for name in ISSUE_FIELDS}


def _refusal(path: str | PathLike[str], error: InputError, message: str) -> dict[str, Any]:
    return {
        "file": Path(path).name,
        "outcome": "refused",
        "message": message,
        "encoding": None,
        "sheet": None,
        "counts": dict.fromkeys(("data_rows", "kept", "set_aside", "ignored_lines"), 0),
        "rows": [],
        "issues": [issue_record(issue) for issue in error.issues],
    }


def _kept_rows(table: Table) -> Iterable[dict[str, Any]]:
    frame = table.frame
    columns = {
        name: frame[name].astype(object).where(frame[name].notna(), None).tolist()
        if name in frame
        else [None] * len(frame)
        for name in ROW_FIELDS
    }
    for whole in ("employees", "equipment"):
        columns[whole] = [None if v is None else int(v) for v in columns[whole]]
    records = [
        {"row": row, "status": "kept", **dict(zip(ROW_FIELDS, values, strict=True))}
        for row, *values in zip(frame["row"].tolist(), *columns.values(), strict=True)
    ]
    for record, sheet in zip(records, frame["sheet"], strict=True) if "sheet" in frame else ():
        record["sheet"] = sheet
    yield from records


def _set_aside_rows(table: Table) -> Iterable[dict[str, Any]]:
    heading = table.headings.get("name")
    known = heading is not None and heading in table.set_aside
    names = table.set_aside[heading] if known else [""] * len(table.set_aside)
    blank = dict.fromkeys(ROW_FIELDS)
    sheets = table.set_aside["sheet"] if "sheet" in table.frame else [None] * len(table.set_aside)
    for row, name, sheet in zip(table.set_aside["row"].tolist(), names, sheets, strict=True):
        yield {
            "row": None if pd.isna(row) else int(row),
            "status": "set_aside",
            **blank,
            "name": None if is_missing(name) else clean_text(name),
            **({} if sheet is None else {"sheet": sheet}),
        }


def _roads_table(layer: RoadLayer) -> Table:
    """Lay a road layer out as a table: a row a way, numbered as in the file; extracts have ids only."""
    set_aside = layer.set_aside
    ways = layer.edges["way"].drop_duplicates().astype(str).tolist()
    used = sorted(layer.rows)
    rows: Sequence[int | None] = used or [None] * len(ways)
    names = [layer.rows[row] for row in used] or ways
    frame = pd.DataFrame({"name": pd.array(names, dtype="str"), "row": pd.array(rows, dtype="object")})
    aside = pd.DataFrame(
        {"row": set_aside["row"], "reason": set_aside["reason"], "way": set_aside["way"].astype(str)}
    )
    return Table(
        frame, aside, layer.issues, layer.counts, layer.file, layer.sha256, headings={"name": "way"}
    )  # fmt: skip


# --- the report for people ------------------------------------------------------------------------------


def report(table: Table, *, lang: Language = "zh") -> str:
    """Write the report: what is kept, why not the rest, what to do first, then every issue.

    One line an issue, ``file[sheet]:row:column: CODE what — done``; many alike are drawn together.
    """
    lines = [*_summary(table, lang), *_mapping_lines(table, lang)]
    if table.issues:
        lines += [_say("R07", lang), *_issue_lines(table.issues, lang)]
    return "\n".join(lines)


def _mapping_lines(table: Table, lang: Language) -> list[str]:
    """Show each column that is used with a few of its values, so that a planner sees whether it fits."""
    lines = [
        _say(
            "R17",
            lang,
            field=f"{_label(field)} ({field})",
            heading=use.heading,
            samples=(", " if lang == "en" else "、").join(use.samples) or "—",
        )
        for field, use in table.mapping.items()
    ]
    return [_say("R16", lang), *lines] if lines else []


def _label(field: str) -> str:
    """Name a field of the register as the data dictionary does."""
    column = columns_of("enterprises").get(field)
    return column.label_zh if column else field


def road_report(layer: RoadLayer, *, lang: Language = "zh") -> str:
    """Write what of a road file is used, why not the rest, and what looks wrong; no line for each way."""
    notes = [issue for issue in layer.issues if issue.severity != "set_aside"]
    return "\n".join([*_summary(_roads_table(layer), lang), *_issue_lines(notes, lang)])


def _summary(table: Table, lang: Language) -> list[str]:
    severities = Counter(issue.severity for issue in table.issues)
    file = f"{table.file} [{table.sheet}]" if table.sheet else table.file
    lines = [
        _say("R01", lang, file=file, changed=severities["changed"], notes=severities["note"], **table.counts)
    ]
    if len(table.set_aside):
        lines += [_say("R02", lang), *_why_not(table.set_aside, lang)]
    todo = _to_do(table.issues, lang)
    return lines + ([_say("R04", lang), *todo] if todo else [_say("R06", lang)])


def _say(code: str, lang: Language, **words: Any) -> str:
    message = messages()[code]
    return message["action_zh" if lang == "zh" else "action"].format(**words)


def _why_not(set_aside: pd.DataFrame, lang: Language) -> list[str]:
    """Group the rows set aside by reason, the most frequent first."""
    lines = []
    for reason, part in sorted(set_aside.groupby("reason"), key=lambda group: (-len(group[1]), group[0])):
        if part["row"].notna().all():
            code, rows = "R03", row_ranges(part["row"].astype(int).tolist())
        else:
            code, rows = (
                "R13",
                ", ".join(part["way"].head(WAYS_EACH)) + (" …" if len(part) > WAYS_EACH else ""),
            )
        lines.append(_say(code, lang, count=len(part), rows=rows, **_titles(str(reason))))
    return lines


def _titles(reason: str) -> dict[str, str]:
    """Name a reason: a code of ours, a phrase, or one of the road reader's."""
    message = messages().get(REASONS.get(reason, reason), {})
    return {
        "title": message.get("title") or reason,
        "title_zh": message.get("title_zh") or words("reason").get(reason, reason),
    }


def _to_do(issues: Sequence[Issue], lang: Language) -> list[str]:
    """List what to do: a wrong coordinate system first, then what costs most rows, then most values."""
    weight = {"set_aside": 1, "changed": 2, "note": 3}
    counted: dict[str, list[Any]] = {}
    for issue in issues:
        hint = (issue.hint_zh if lang == "zh" else issue.hint) or issue.hint
        if hint:
            rank = 0 if issue.code in WHOLE_FILE_FIRST else weight[issue.severity]
            entry = counted.setdefault(hint, [rank, 0, issue.code])
            entry[0], entry[1] = min(entry[0], rank), entry[1] + _stands_for(issue)
    ordered = sorted(counted.items(), key=lambda item: (item[1][0], -item[1][1], item[0]))
    return [_say("R05", lang, todo=f"{hint} ({code} × {count})") for hint, (_, count, code) in ordered[:8]]


def _stands_for(issue: Issue) -> int:
    """Return how many things an issue tells of: one, but for those of the road reader that give a number."""
    value = issue.value or ""
    return int(value) if issue.code.startswith("R") and issue.column is None and value.isdigit() else 1


def _issue_lines(issues: Sequence[Issue], lang: Language) -> list[str]:
    lines: list[str] = []
    groups: dict[tuple[str, str | None, str | None], list[Issue]] = {}
    # What a firm's row says of its devices, their own rows need not say again.
    are_told = any(issue.code == "E330" for issue in issues)
    for issue in issues:
        if are_told and issue.code == "E116":
            continue
        same = issue.value is None or issue.code in ("E201", "E325")
        key = (issue.code, issue.column, issue.action if same else None)
        groups.setdefault(key, []).append(issue)
    for (_, _, alike), members in groups.items():
        if alike is not None and len(members) > 3:
            lines.append(_issue_line(members[0], lang, rows=[issue.row for issue in members]))
            continue
        lines += [_issue_line(issue, lang) for issue in members[:LINES_EACH]]
        if len(members) > LINES_EACH:
            lines.append(_say("R08", lang, count=len(members) - LINES_EACH))
    return lines


def _issue_line(issue: Issue, lang: Language, rows: Sequence[int | None] = ()) -> str:
    place = f"{issue.file}[{issue.sheet}]" if issue.sheet else issue.file
    shown = str(issue.row) if issue.row is not None else ""
    if rows:
        shown = _say("R09", lang, rows=row_ranges([row or 0 for row in rows]), count=len(rows))
    where = ":".join(part for part in (place, shown, issue.column) if part)
    action = (issue.action_zh if lang == "zh" else issue.action) or issue.action
    value = f"{issue.value} — " if issue.value and not rows else ""
    return f"{where}: {issue.code} {value}{action}"


def row_ranges(rows: Sequence[int], most: int = 12) -> str:
    """Write row numbers shortly, as in ``2–5, 9, 11``."""
    ordered = sorted(set(rows))
    runs: list[list[int]] = []
    for row in ordered:
        if runs and row == runs[-1][1] + 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    shown = ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in runs[:most])
    return shown + (" …" if len(runs) > most else "")
