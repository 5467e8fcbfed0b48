"""What differs between two evaluations → words: counts, conclusions, the lead, and each change by itself."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from siting.analysis.robustness.across_scenarios import across_scenarios
from siting.messages import messages
from siting.outputs.text.cells import heading, is_missing, plain
from siting.outputs.text.conclusion import headlines
from siting.outputs.text.wording import grouped, join, number, option_name, points, say
from siting.study.changes.verdicts import PAYS

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.leave_one_out import Regret
    from siting.study.changes.differences import Difference
    from siting.study.changes.verdicts import VerdictShares
    from siting.study.compare import Evaluations
    from siting.types import Cell, Language

SIGNED_DIGITS = 2
"""Decimals of what a change did, in points: most enterprises move less than a tenth."""
_LEAST_SHOWN = 0.5 / 100 / 10**SIGNED_DIGITS
"""Part of a score that is not rounded to nothing."""


def kind_label(kind: str, lang: Language) -> str:
    """Name a kind of change."""
    return say(f"changes.kind.{kind}", lang)


def counts_line(difference: Difference, lang: Language) -> str:
    """Count the enterprises by kind of change: 新增 8、注销 6、迁移 10."""
    counted = [
        say("changes.counted", lang, kind=kind_label(kind, lang), n=grouped(len(frame)))
        for kind, frame in difference.registers.listed().items()
        if len(frame)
    ]
    return join(counted, lang) if counted else say("changes.none", lang)


def row_lines(difference: Difference, lang: Language) -> list[str]:
    """Account for the rows of both lists, and for what could not be told apart."""
    changes = difference.registers
    was, now = (changes.counts[side] for side in ("before", "after"))
    rows = {
        "before": was["rows"],
        "after": now["rows"],
        "used_before": was["used"],
        "used_after": now["used"],
    }
    lines = [say("changes.rows", lang, **{name: grouped(n) for name, n in rows.items()})]
    for key, table in (("changes.repeated", changes.repeated), ("changes.ambiguous", changes.ambiguous)):
        if len(table):
            lines.append(say(key, lang, n=grouped(len(table))))
    return lines


def signed_points(share: float) -> str:
    """Write what a change did to a score of 0..1 as points, with its sign."""
    return _signed(grouped(100 * share, SIGNED_DIGITS))


def _signed(text: str) -> str:
    return text if text.startswith("−") or not text.strip("0.") else f"+{text}"


def book_lines(evaluations: Evaluations, scores: pd.DataFrame, regret: Regret, lang: Language) -> list[str]:
    """Say of several scenarios how far they agree, who comes first how often, and who has least to lose."""
    across = across_scenarios(scores)
    options = next(iter(evaluations.values())).evidence.options
    often = across.firsts[across.firsts > 0].sort_values(ascending=False, kind="stable")
    items = [
        say("book.first", lang, name=option_name(options, str(option), lang), n=grouped(n))
        for option, n in often.items()
    ]
    least = option_name(options, regret.minimax, lang)
    lines = [
        say("book.agree", lang, w=grouped(across.concordance, 2), items=join(items, lang)),
        say("book.regret", lang, name=least, points=points(regret.largest[regret.minimax])),
    ]
    unranked = [plain(name) for name in evaluations if name not in across.ranks]
    return [*lines, say("book.unranked", lang, names=join(unranked, lang))] if unranked else lines


def lead_line(difference: Difference, lang: Language) -> str:
    """Say who leads, and by how much it led and leads."""
    shares, options = difference.shares, difference.first.evidence.options
    before, after = shares.leaders
    names = {
        side: option_name(options, option, lang) for side, option in (("before", before), ("after", after))
    }
    rival = _rival(difference)
    if before != after or rival is None:
        return say("changes.leader.turned" if before != after else "changes.leader.only", lang, **names)
    leads = {
        f"lead_{side}": points(float(frame["score"][after] - frame["score"][rival]))
        for side, frame in (("before", shares.before), ("after", shares.after))
    }
    return say(
        "changes.leader.same", lang, after=names["after"], rival=option_name(options, rival, lang), **leads
    )


def _rival(difference: Difference) -> str | None:
    """Return the option that the leader is held against: who leads now, or who comes second."""
    shares = difference.shares
    before, after = shares.leaders
    others = shares.after["score"].dropna().drop(before)
    if before != after:
        return after
    return None if others.empty else str(others.idxmax())


def deciding_line(difference: Difference, lang: Language, most: int) -> str:
    """Name the enterprises that moved the lead most; empty where none moved it by what is shown."""
    shares, options = difference.shares, difference.first.evidence.options
    rival = _rival(difference)
    table = shares.deciding
    if not table["turns"].any():
        table = table[table["lead"].abs() >= _LEAST_SHOWN]
    if table.empty or rival is None:
        return ""
    leader = option_name(options, shares.leaders[0], lang)
    items = [
        say(
            "changes.decide.item",
            lang,
            name=unit_name(difference, unit, lang),
            kinds=join((kind_label(kind, lang) for kind in kinds_of(difference, unit)), lang),
            points=signed_points(float(table["lead"][unit])),
        )
        for unit in map(int, table.index[:most])
    ]
    if table["turns"].any():
        head = say("changes.decide.turns", lang, n=grouped(len(table)), site=leader)
    else:
        head = say("changes.decide.most", lang, site=leader, rival=option_name(options, rival, lang))
    return head + (" " if lang == "en" else "") + join(items, lang)


# what the joint draws say -----------------------------------------------------------------


def drawn_lines(difference: Difference, lang: Language, *, by_kind: bool = True) -> list[str]:
    """Say what changed of the shares of draws, and, if asked, which kinds of change did it.

    Nothing is said of a difference within two standard errors but that it cannot be told.
    """
    found = difference.verdicts
    if found is None:
        return [say(_why_not_drawn(difference), lang)]
    moved = [
        name
        for name in map(str, found.before.index)
        if abs(found.after[name] - found.before[name]) > _NO_SHARE
    ]
    if not moved:
        return [say("changes.drawn.same", lang)]
    clear = [name for name in moved if found.is_clear(name)]
    lines = [_drawn_line(difference, found, name, lang, by_kind) for name in clear]
    if not clear:
        return [say("changes.drawn.none", lang)]
    vague = [drawn_label(difference, name, lang) for name in moved if name not in clear]
    return [*lines, say("changes.drawn.vague", lang, names=join(vague, lang))] if vague else lines


_NO_SHARE = 1e-9


def _why_not_drawn(difference: Difference) -> str:
    sides = (difference.first, difference.second)
    if any(side.draws is None for side in sides):
        return "changes.drawn.undrawn"
    leaks = any(side.scenario.trips.leakage == "huff" for side in sides)
    return "changes.drawn.leaks" if leaks else "changes.drawn.redrawn"


def _drawn_line(
    difference: Difference, found: VerdictShares, name: str, lang: Language, by_kind: bool
) -> str:
    change = float(found.after[name] - found.before[name])
    said = {
        "name": drawn_label(difference, name, lang),
        "before": number(float(found.before[name]), "share", lang),
        "after": number(float(found.after[name]), "share", lang),
        "change": signed_share(change),
        "error": share_points(float(found.change_error[name])),
    }
    items = [
        say("changes.drawn.item", lang, kind=kind_label(str(line), lang), points=signed_share(share))
        for line, share in found.kinds[name].items()
        if found.clear[name][str(line)]
    ]
    if len(found.kinds) < 2 or not items or not by_kind:
        return say("changes.drawn.clear", lang, **said)
    return say("changes.drawn.clear_by", lang, **said, items=join(items, lang))


def drawn_label(difference: Difference, outcome: str, lang: Language) -> str:
    """Name what is counted over the draws."""
    if outcome == PAYS:
        return say("changes.drawn.pays", lang)
    options = difference.first.evidence.options
    if outcome not in options.index:
        options = difference.second.evidence.options
    return say("changes.drawn.wins", lang, name=option_name(options, outcome, lang))


def share_points(share: float) -> str:
    """Write a part of 1 in percentage points."""
    return grouped(100 * share, 1)


def signed_share(share: float) -> str:
    """Write a change of a share in percentage points, with its sign."""
    return _signed(share_points(share))


# enterprises ------------------------------------------------------------------------------


def unit_name(difference: Difference, unit: int, lang: Language) -> str:
    """Name an enterprise as it is called after, or was before."""
    changes = difference.registers
    before, after = (int(changes.units[side][unit]) for side in ("before", "after"))
    name = changes.after["name"][after] if after >= 0 else changes.before["name"][before]
    return say("changes.nameless", lang) if is_missing(name) else plain(str(name))


def kinds_of(difference: Difference, unit: int) -> list[str]:
    """List the kinds of change of an enterprise that can move a result."""
    index = difference.shares.rows.index
    here = index.get_level_values("kind")[index.get_level_values("unit") == unit]
    return list(map(str, here.unique()))


def conclusions(difference: Difference, lang: Language) -> list[tuple[str, str]]:
    """Give the headlines of both evaluations, before and after."""
    first, second = (headlines(evaluation, lang) for evaluation in (difference.first, difference.second))
    return list(zip_longest(first, second, fillvalue=""))


def change_text(difference: Difference, kind: str, row: pd.Series, lang: Language) -> str:
    """Say what changed of an enterprise: from what to what, how far it moved; else where it is."""
    if kind == "renamed":
        return say("changes.named", lang, name=_word(row["name_before"], lang))
    if kind == "moved":
        towns = _from_to("", row["town_before"], row["town"], lang)
        if is_missing(row["distance_m"]):
            return towns
        return say("changes.moved", lang, towns=towns, km=grouped(row["distance_m"] / 1000, 1))
    if kind not in ("resized", "other"):
        return "" if is_missing(row["town"]) else plain(str(row["town"]))
    said = []
    for name in row["fields"].split(";"):
        label = heading(name, difference.first, lang, "enterprises" if name != "reason" else "")
        before, after = (row[f"{name}_{side}"] for side in ("before", "after"))
        if name == "reason":
            before, after = _status(before, lang), _status(after, lang)
        said.append(_from_to(label, before, after, lang))
    return join(said, lang)


def _from_to(field: str, before: Cell, after: Cell, lang: Language) -> str:
    ends = {"before": _word(before, lang), "after": _word(after, lang)}
    return say("changes.from_to", lang, field=field, **ends).strip()


def _word(value: Cell, lang: Language) -> str:
    if is_missing(value):
        return say("changes.unknown", lang)
    return f"{value:,.12g}" if isinstance(value, float) else plain(str(value))


def _status(reason: Cell, lang: Language) -> str:
    """Say why a row is set aside, or that it is used."""
    if is_missing(reason):
        return say("changes.kept", lang)
    message = messages()[str(reason)]
    return message["title_zh" if lang == "zh" else "title"]


def unsettled_reason(reason: str, lang: Language) -> str:
    """Say why rows could not be told apart."""
    return say(f"changes.reason.{reason}", lang)


def method_lines(difference: Difference, lang: Language) -> list[str]:
    """Say how the effects were worked out."""
    lines = [say("changes.method", lang)]
    lines += [] if difference.shares.is_exact else [say("changes.method.rest", lang)]
    found = difference.verdicts
    return lines if found is None or found.rows.empty else [*lines, say("changes.method.draws", lang)]
