"""Conditions of the sites → what the page, the console and the tables say of them, grouped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from siting.option_kinds import KINDS
from siting.outputs.text.cells import json_value
from siting.outputs.text.sentences import has_place
from siting.outputs.text.wording import LANGUAGES, bilingual, join, label, option_name, say

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation
    from siting.types import Cell, Json, Language

MOST_LISTED = 6
"""Conditions or sites that a sentence names; of more it gives the number."""

FIELDS = (
    *("site", "condition", "role", "verdict", "department", "decided_by", "reply", "letter_number"),
    *("letter_date", "opinion", "red_line"),
)
"""Columns of a condition that a run's JSON and workbook give, beside what is said of it."""


def conditions(evaluation: Evaluation) -> pd.DataFrame:
    """Return a row a site and condition, those of the study's table in its order; missing cells blank."""
    table = evaluation.evidence.inputs.conditions
    wanted = dict.fromkeys([*FIELDS, "department_en", "replied_by", "evidence_zh", "evidence_en"])
    frame = table.reindex(columns=list(wanted)).astype(object)
    frame["role"] = frame["role"].where(frame["role"].notna(), "condition")
    return frame.where(frame.notna(), "")


def _rows(table: pd.DataFrame) -> list[dict[str, Cell]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def vetoes(evaluation: Evaluation) -> pd.DataFrame:
    """Return the rows of `conditions` that may rule a site out; notes are none."""
    table = conditions(evaluation)
    return table[table["role"] == "condition"]


def _by_site(table: pd.DataFrame) -> dict[str, list[str]]:
    return {str(site): rows.tolist() for site, rows in table.groupby("site", sort=False)["condition"]}


def unrecorded(evaluation: Evaluation, option: str) -> list[str]:
    """Pass/fail conditions of the study of which nothing is stated for an option that they concern."""
    return _unrecorded(evaluation, option, vetoes(evaluation))


def _unrecorded(evaluation: Evaluation, option: str, table: pd.DataFrame) -> list[str]:
    if not has_place(evaluation, option):
        return []
    stated = set(table.loc[table["site"] == option, "condition"])
    return [condition for condition in dict.fromkeys(table["condition"]) if condition not in stated]


def open_conditions(evaluation: Evaluation, options: Iterable[str], lang: Language) -> dict[str, list[str]]:
    """Say by option which conditions may still rule it out; in one sentence where all new sites are alike."""
    table = vetoes(evaluation)
    pending = _by_site(table[table["verdict"] == "pending"])
    alike = _alike(evaluation, pending)
    found = {}
    for option in options:
        name, said = option_name(evaluation.evidence.options, option, lang), []
        waiting = [label("condition", c, lang) for c in pending.get(option, ())]
        if waiting and option in alike and len(alike) > 1:
            said.append(say("conclude.pending.all", lang, sites=len(alike), n=len(waiting)))
        elif waiting:
            items = _first(waiting, lang)
            said.append(say("conclude.pending", lang, name=name, n=len(waiting), items=items))
        if missing := [label("condition", c, lang) for c in _unrecorded(evaluation, option, table)]:
            key = "conclude.unrecorded.many" if len(missing) > MOST_LISTED else "conclude.unrecorded"
            said.append(say(key, lang, name=name, n=len(missing), items=join(missing, lang)))
        found[option] = said
    return found


def _alike(evaluation: Evaluation, pending: Mapping[str, list[str]]) -> list[str]:
    """List the options on new land still running, if all of them have the same to be verified."""
    kinds, verdict = evaluation.evidence.options["kind"], evaluation.ranking["verdict"]
    new = [str(o) for o in kinds.index if KINDS[kinds[o]].on_new_land and verdict[o] != "fail"]
    return new if len({frozenset(pending.get(site, ())) for site in new}) == 1 else []


def _first(items: list[str], lang: Language) -> str:
    listed = join(items[:MOST_LISTED], lang)
    return say("list.more", lang, items=listed) if len(items) > MOST_LISTED else listed


def failures(evaluation: Evaluation, option: str, lang: Language) -> list[str]:
    """Say of each condition that an option fails who or what rules it out, with letter and date."""
    table = vetoes(evaluation)
    failed = table[(table["site"] == option) & (table["verdict"] == "fail")]
    name = option_name(evaluation.evidence.options, option, lang)
    return [say("why.out", lang, name=name, reason=reason_of(row, lang)) for row in _rows(failed)]


def reason_of(row: Mapping[str, Cell], lang: Language) -> str:
    """Say what decides one condition of one site: a red line, a letter, or the study's table alone."""
    condition = label("condition", str(row["condition"]), lang)
    if row["decided_by"] == "red_line":
        return say("decided.red_line", lang, condition=condition, name=row["red_line"])
    verdict = say(f"reply.{row['reply']}" if row["reply"] else str(row["verdict"]), lang)
    letter = join(filter(None, (str(row["letter_number"]), str(row["letter_date"]))), lang)
    who = department_of(row, lang) if letter or row["reply"] else ""
    values = {"condition": condition, "verdict": verdict, "who": who}
    text = say("decided.letter" if who else "decided.table", lang, **values)
    text = say("decided.with", lang, text=text, letter=letter) if letter else text
    return say("decided.opinion", lang, text=text, opinion=row["opinion"]) if row["opinion"] else text


def department_of(row: Mapping[str, Cell], lang: Language) -> str:
    """Name the department that replied, or else the one that is asked."""
    return str(row["replied_by"]) or bilingual(row["department"], row["department_en"])[lang]


def summaries(evaluation: Evaluation, lang: Language) -> dict[str, str]:
    """Say by condition how the sites stand with it, by verdict."""
    by_condition: dict[str, list[dict[str, Cell]]] = {}
    for row in _rows(conditions(evaluation)):
        by_condition.setdefault(str(row["condition"]), []).append(row)
    return {condition: _summary(evaluation, rows, lang) for condition, rows in by_condition.items()}


def _summary(evaluation: Evaluation, rows: list[dict[str, Cell]], lang: Language) -> str:
    found = {
        verdict: own
        for verdict in ("fail", "pending", "pass")
        if (own := [row for row in rows if row["verdict"] == verdict])
    }
    if len(found) == 1 < len(rows) and not any(row["decided_by"] for row in rows):
        return say("verdict.all", lang, n=len(rows), verdict=say(next(iter(found)), lang))
    return join((_by_verdict(evaluation, *item, lang) for item in found.items()), lang)


def _by_verdict(evaluation: Evaluation, verdict: str, rows: list[dict[str, Cell]], lang: Language) -> str:
    options = evaluation.evidence.options
    names = [option_name(options, row["site"], lang) for row in rows if row["site"] in options.index]
    items = _first(names, lang) if verdict == "fail" or len(names) <= 3 else str(len(names))
    return say("verdict.list", lang, verdict=say(verdict, lang), items=items)


def catalogue(evaluation: Evaluation) -> list[dict[str, Cell]]:
    """Return each condition once: role, department, evidence needed; as the first row states them."""
    table = conditions(evaluation)
    return _rows(table.drop_duplicates("condition"))


def condition_records(evaluation: Evaluation) -> list[dict[str, Json]]:
    """Return every condition of every site as `siting run --json` prints it, and what decides it."""
    return [
        {name: json_value(row[name] or None) for name in FIELDS}
        | {f"text_{lang}": reason_of(row, lang) for lang in LANGUAGES}
        for row in _rows(conditions(evaluation))
    ]


def role_rows(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return role and heading of each criterion and item of cost; conditions state theirs themselves."""
    costs = set(_costs(evaluation.evidence.costs))
    known = {row["condition"] for row in catalogue(evaluation)}
    return [
        (role, f"cost.{name}" if name in costs else name)
        for name, role in roles(evaluation).items()
        if name not in known
    ]


def condition_sheet(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return every condition of every site with what decides it; None where the study states none."""
    table = conditions(evaluation)
    if table.empty:
        return None
    names = evaluation.evidence.options["name"]
    frame = table.assign(
        option=[names.get(site, site) for site in table["site"]],
        evidence=table["evidence_zh"],
        department=[str(row["replied_by"]) or str(row["department"]) for row in _rows(table)],
    )
    columns = ["option", *(name for name in FIELDS if name != "site"), "evidence"]
    return frame[columns].set_index("option")


def role_sheet(evaluation: Evaluation) -> pd.DataFrame:
    """Return what each row of the study is: criterion, cost, condition or note."""
    import pandas as pd

    from siting.outputs.text.cells import heading

    rows = [(heading(name, evaluation, "zh"), role) for role, name in role_rows(evaluation)]
    rows += [(label("condition", row["condition"], "zh"), row["role"]) for row in catalogue(evaluation)]
    return pd.DataFrame(rows, columns=["item", "role"]).set_index("item")


def roles(evaluation: Evaluation) -> dict[str, str]:
    """Say of each row what it is: criterion, cost, condition, or note (told, never counted)."""
    weights = evaluation.weights
    found = {str(name): "criterion" if weight > 0 else "note" for name, weight in weights.items()}
    found |= dict.fromkeys(_costs(evaluation.evidence.costs), "cost")
    return found | {row["condition"]: row["role"] for row in catalogue(evaluation)}


def _costs(columns: Iterable[object]) -> list[str]:
    """Name the items of cost among the columns of costs; the rest says how much work there is."""
    return [str(name) for name in columns if str(name) in COST_ITEMS]


COST_ITEMS = (
    *("setup_building", "setup_equipment", "land", "land_preparation", "pledged", "running_year"),
    *("city_run_year", "mobile_year", "renewal", "running", "residual"),
)
"""Items of cost that are no criterion by themselves."""
