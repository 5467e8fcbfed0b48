"""Conditions as stated, red lines and replies of departments → one verdict of each site and condition.

A refusal counts once it can be traced by the number of its letter; a consent only with number and date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import Cell

EVERY = "all"
"""Site of a row that holds for every option on new land."""

WORST_FIRST = ("disagree", "more", "conditional", "agree")
"""Replies, those that stand most against a site first."""

LETTER = ("letter_number", "letter_date", "opinion")
"""What a verdict takes over from the letter that decides it."""

DECIDED = ("decided_by", "red_line", "reply", "replied_by")
"""Columns beside those of the table: ``red_line, reply`` or missing; name of the red line; word of the reply,
and who gave it."""


@dataclass(frozen=True)
class Remark:
    """What a reader of the replies should know of a row: code of the message, row, words of it."""

    code: str
    row: int
    words: Mapping[str, str]


def for_each_site(stated: pd.DataFrame, sites: Iterable[str]) -> pd.DataFrame:
    """Write out the rows that hold for every site; what a site's own row leaves blank is taken from there.

    Parameters
    ----------
    stated : table ``conditions``
    sites : options on new land, in their order
    """
    import pandas as pd

    is_common = stated["site"] == EVERY
    common = {str(row["condition"]): row for row in _records(stated[is_common])}
    rows = [{**common.get(str(row["condition"]), {}), **row} for row in _records(stated[~is_common])]
    known = {(row["site"], row["condition"]) for row in rows}
    places = {site: n for n, site in enumerate(sites)}
    rows += [
        {**row, "site": site}
        for site in places
        for condition, row in common.items()
        if (site, condition) not in known
    ]
    order = {condition: n for n, condition in enumerate(common)}
    last = len(rows)
    rows.sort(key=lambda row: (places.get(str(row["site"]), last), order.get(str(row["condition"]), last)))
    return pd.DataFrame(rows, columns=stated.columns)


def with_red_lines(conditions: pd.DataFrame, inside: pd.DataFrame, verdict: str) -> pd.DataFrame:
    """Decide where a site lies inside a red line; outside, what is stated stays.

    Parameters
    ----------
    conditions : a row a site and condition
    inside : ``site, condition, verdict, name``, a row a site inside a polygon
    verdict : only polygons of this verdict are looked at
    """
    changes: dict[tuple[str, str], dict[str, Cell]] = {}
    for row in inside[inside["verdict"] == verdict].to_dict("records"):
        of = str(row["site"]), str(row["condition"])
        names = [found for found in (changes.get(of, {}).get("red_line"), row["name"]) if found]
        changes[of] = {"verdict": verdict, "decided_by": "red_line", "red_line": "; ".join(map(str, names))}
    return _changed(conditions, changes)


def with_replies(conditions: pd.DataFrame, replies: pd.DataFrame) -> tuple[pd.DataFrame, list[Remark]]:
    """Let the departments' replies decide; one that cannot be traced leaves its condition to be verified.

    Of several letters of one department the latest counts, of several departments the one most against.

    Parameters
    ----------
    conditions : a row a site and condition
    replies : table ``replies``, options by their id; rows without a reply are left out
    """
    asked = {
        (str(row["site"]), str(row["condition"])): str(row.get("department") or "")
        for row in _records(conditions)
    }
    by_condition: dict[tuple[str, str], list[dict[str, Cell]]] = {}
    for row in _records(replies[replies["verdict"].notna()]):
        by_condition.setdefault((str(row["site"]), str(row["condition"])), []).append(row)
    changes, remarks = {}, []
    for of, rows in by_condition.items():
        department = asked.get(of, "")
        remarks += [_remark("R243", row, asked=department) for row in rows if _is_other(row, department)]
        latest = _latest(rows, department)
        remarks += [_remark("R244", row) for row in rows if row not in latest]
        changes[of] = _outcome(latest)
        remarks += [remark for row in latest for remark in _lacks(row)]
    return _changed(conditions, changes), sorted(remarks, key=lambda remark: (remark.row, remark.code))


def _is_other(row: Mapping[str, Cell], asked: str) -> bool:
    return bool(asked and row.get("department", asked) != asked)


def _latest(rows: list[dict[str, Cell]], asked: str) -> list[dict[str, Cell]]:
    """Keep the latest letter of each department; of one day, the one most against."""
    kept: dict[str, dict[str, Cell]] = {}
    for row in sorted(
        rows, key=lambda row: (str(row.get("letter_date") or ""), -WORST_FIRST.index(row["verdict"]))
    ):
        kept[str(row.get("department") or asked)] = row
    return sorted(kept.values(), key=lambda row: (WORST_FIRST.index(row["verdict"]), row["row"]))


def counts(reply: Mapping[str, Cell]) -> bool:
    """Whether a reply decides: a refusal with a letter number, a consent with number and date.

    >>> counts({"verdict": "disagree", "letter_number": "12"}), counts({"verdict": "agree"})
    (True, False)
    """
    needed = {"disagree": ("letter_number",), "agree": ("letter_number", "letter_date")}
    return reply["verdict"] in needed and all(reply.get(name) for name in needed[reply["verdict"]])


def _outcome(rows: list[dict[str, Cell]]) -> dict[str, Cell]:
    """Sum up the letters of one condition, the one most against first."""
    refused = [row for row in rows if row["verdict"] == "disagree" and counts(row)]
    passed = all(row["verdict"] == "agree" and counts(row) for row in rows)
    told = (refused or rows)[0]
    verdict = "fail" if refused else "pass" if passed else "pending"
    letter = {name: told.get(name) for name in LETTER}
    whose = {"reply": told["verdict"], "replied_by": told.get("department")}
    return {"verdict": verdict, "decided_by": "reply", **whose, **letter}


def _lacks(row: Mapping[str, Cell]) -> list[Remark]:
    """Say what a letter lacks to decide, or to be found again."""
    if row["verdict"] not in ("agree", "disagree") or (row.get("letter_number") and row.get("letter_date")):
        return []
    return [_remark("R242" if counts(row) else "R241", row)]


def _remark(code: str, row: Mapping[str, Cell], **words: str) -> Remark:
    return Remark(code, int(row["row"]), {"department": str(row.get("department") or ""), **words})


def _records(table: pd.DataFrame) -> list[dict[str, Cell]]:
    """Give rows without their missing cells."""
    present = table.notna().to_numpy()
    return [
        {str(name): value for (name, value), is_there in zip(row.items(), cells, strict=True) if is_there}
        for row, cells in zip(table.to_dict("records"), present, strict=True)
    ]


def _changed(conditions: pd.DataFrame, changes: Mapping[tuple[str, str], Mapping[str, Cell]]) -> pd.DataFrame:
    """Lay changes over the rows of their site and condition; one without a row gets one."""
    import pandas as pd

    rows = _records(conditions)
    left = dict(changes)
    for row in rows:
        of = (str(row["site"]), str(row["condition"]))
        if of in changes:
            row.update(changes[of])
            left.pop(of, None)
    rows += [{"site": site, "condition": condition, **change} for (site, condition), change in left.items()]
    columns = list(dict.fromkeys((*map(str, conditions.columns), *LETTER, *DECIDED)))
    return pd.DataFrame(rows, columns=columns)
