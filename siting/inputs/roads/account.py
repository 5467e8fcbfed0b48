"""What of a road file is not used → what the user is told: closed main roads first, then the rest by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from siting.inputs.dictionary.issues import IssueLog, shown
from siting.inputs.roads.components import listed
from siting.inputs.roads.ways import REASONS, TRACK, Closed, Ways
from siting.messages import Text, joined, messages, text_of

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import Issue

VALUES_NAMED = 3
"""Tags behind a reason that a refusal names."""


def note_closed(ways: Ways) -> tuple[Issue, ...]:
    """Report main roads that no car may drive, the longest first, and tracks that only a setting closes."""
    main = [road for road in ways.closed if road.kind != TRACK]
    tracks = [road for road in ways.closed if road.kind == TRACK]
    log = IssueLog(ways.file)
    if main:
        by_length = sorted(main, key=lambda road: (-road.km, str(road.way)))
        _add(log, "R150", main, listed=listed([_described(road) for road in by_length]))
    if tracks:
        _add(log, "R151", tracks)
    return tuple(log.issues)


def _add(log: IssueLog, code: str, roads: list[Closed], **words: Any) -> None:
    n = len({road.way if road.row is None else road.row for road in roads})
    log.add(code, value=n, n=n, km=f"{sum(road.km for road in roads):.1f}", **words)


def _described(road: Closed) -> str:
    name = " ".join(part for part in road.road if part) or f"way {road.way}"
    return f"{shown(name)} ({road.kind}, {road.km:.2f} km, {shown(road.value)})"


def note_extract(ways: Ways) -> tuple[Issue, ...]:
    """Report what only extracts have: deleted objects, several versions of one, relations."""
    log = IssueLog(ways.file)
    for code, kind in (("R152", "deleted"), ("R153", "repeated")):
        names = ways.changed.get(kind, [])
        if names:
            log.add(code, value=len(names), n=len(names), listed=listed(names))
    kinds = sorted(ways.relations.items(), key=lambda item: (-item[1], item[0]))
    if kinds:
        n = sum(ways.relations.values())
        log.add("R154", value=n, n=n, listed=listed([f"{count} × {kind or '—'}" for kind, count in kinds]))
    return tuple(log.issues)


def why_no_road(ways: Ways, aside: pd.DataFrame, missing: int) -> tuple[Text, Text]:
    """Word why a file has no road for cars, reasons by count, and what would help."""
    by_reason = Counter(aside["reason"].tolist())
    found = [
        text_of(
            "P120",
            n=count,
            reason=_title(reason),
            values=_values(aside.loc[aside["reason"] == reason, "value"]),
        )
        for reason, count in sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    ]
    for code, count in (
        ("P121", missing),
        ("P122", len(ways.changed.get("deleted", ()))),
        ("P129", len(ways.changed.get("repeated", ()))),
        ("P123", 0 if ways.bbox is None else ways.ignored),
    ):
        if count:
            found.append(text_of(code, n=count))
    reasons = joined(found) if found else text_of("P124")
    return reasons, _advice(ways, by_reason, missing)


def _title(reason: str) -> Text:
    message = messages()[REASONS[reason]]
    return Text(message["title"], message["title_zh"])


def _values(values: Iterable[str]) -> str:
    """Name the commonest tags behind a reason."""
    common = Counter(value for value in values if value).most_common(VALUES_NAMED)
    return f" ({', '.join(shown(value) for value, _ in common)})" if common else ""


def _advice(ways: Ways, by_reason: Counter[str], missing: int) -> Text:
    """Say what would help, by the commonest reason."""
    if missing:
        return text_of("P125")
    if not by_reason and ways.changed:
        return text_of("P130")
    if not by_reason:
        return text_of("P126" if ways.bbox is not None and ways.ignored else "P127")
    hints = [messages()[REASONS[reason]] for reason, _ in by_reason.most_common()]
    return next((Text(hint["hint"], hint["hint_zh"]) for hint in hints if hint["hint"]), text_of("P128"))
