"""Robustness, economics and what was asked for → what the decision page says of them, as plain lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.option_kinds import having
from siting.outputs.page.packed.firms import row_of
from siting.outputs.page.packed.packing import json_number, packed
from siting.outputs.text.concerns.concern_sentences import concern_sentences
from siting.outputs.text.conclusion import registers_standing
from siting.outputs.text.ground import ranked_sites
from siting.outputs.text.money_sentences import money_sentences
from siting.outputs.text.survey.survey_sentences import survey_sentences
from siting.outputs.text.wording import LANGUAGES, bilingual
from siting.scenario.weight_records import shares_on_common_ranges

if TYPE_CHECKING:
    from siting.analysis.decision.weights import Agreement
    from siting.analysis.money.appraisal import Economics
    from siting.analysis.robustness.acceptability import LabelledAcceptability
    from siting.analysis.robustness.assess import Robustness
    from siting.analysis.robustness.leave_one_out import Regret
    from siting.analysis.robustness.standing import Standing
    from siting.study.evaluation import Evaluation
    from siting.types import Json

SUMMARY = (
    "hours_saved",
    "vehicle_km_saved",
    "user_saving_wan",
    "co2_saved_t",
    "inspector_hours_saved",
    "report_days",
    "setup_wan",
    "running_year_wan",
    "staff",
    "load_per_person",
    "cost_wan",
    "npv_wan",
    "bcr",
    "eirr",
    "payback_years",
    "break_even_demand",
)
"""Columns of the economic summary that the page shows, in its order."""


MOST_OPTIONS = 30
"""Sites that wide tables and long lists of the page hold, the foremost; the result's tables hold all."""

MOST_TIED = 12
"""Sites between which the page tabulates the prices of land that tie: each with each, so few can be read."""

MOST_BETTER = 3
"""Options that are named as better throughout than another."""


def foremost(evaluation: Evaluation, most: int) -> list[int]:
    """List the numbers of the foremost sites and of all options without one."""
    options = evaluation.evidence.options.index
    late = ranked_sites(evaluation)[most:]
    return [n for n, option in enumerate(options) if option not in late]


def robustness(evaluation: Evaluation) -> dict[str, Json] | None:
    """How sure the ranking is: shares by option, versions and what each brings, what decides."""
    sure = evaluation.robustness
    if sure is None:
        return None
    options = evaluation.evidence.options.index
    acceptability = sure.acceptability
    rows = row_of(evaluation)
    return {
        "winner": str(sure.winner),
        "quick": is_quick(sure),
        "draws": int(acceptability.draws),
        "error": json_number(acceptability.standard_error.to_numpy().max()),
        "shares": _first_shares(acceptability, options),
        "joint": _first_shares(sure.joint, options) if sure.joint is not None else None,
        "bootstrap": _by_option(sure.bootstrap, options) if sure.bootstrap is not None else None,
        "distance": _by_option(sure.nearest["distance"], options),
        "registers": _registers(registers_standing(evaluation), options),
        "dominated": _dominated(evaluation, sure),
        "disagreeing": list(sure.disagreeing),
        "reversals": len(sure.reversals),
        "survey": [
            list(pair)
            for pair in zip(*(survey_sentences(evaluation, lang) for lang in LANGUAGES), strict=True)
        ],
        "never": [str(option) for option in sure.never],
        "opinions": [
            [str(method), str(sure.second_opinions[method].idxmin())] for method in sure.second_opinions
        ],
        "influence": {
            str(kind): [
                [_label(kind, label, rows), row["winner"], json_number(row["lead"])]
                for label, row in table.head(3).iterrows()
            ]
            for kind, table in sure.influence.items()
        },
        "flips": [
            [flip.what, json_number(flip.current), json_number(flip.at), flip.to]
            for flip in sure.flips
            if flip.at is not None
        ],
        "clipped": [[row.option, row.criterion] for row in sure.clipped.itertuples()],
        "agreement": _agreement(sure.agreement),
        "apart": _apart(evaluation),
        "regret": _regret(sure.regret),
    }


def _dominated(evaluation: Evaluation, sure: Robustness) -> list[Json]:
    """List options nowhere better than others: number, the best of these, how many."""
    number = evaluation.evidence.options.index.get_loc
    rank = {option: n for n, option in enumerate(ranked_sites(evaluation))}
    return [
        [number(option), [number(other) for other in sorted(by, key=rank.__getitem__)[:MOST_BETTER]], len(by)]
        for option, by in sure.dominated.items()
    ]


def is_quick(sure: Robustness) -> bool:
    """Whether what only the long ensembles find is missing: whom to ask first, the smallest changes."""
    return sure.telephone is None and not sure.flips


def _label(kind: str, label: Any, rows: pd.Series) -> int | str:
    """Row of the page that stands for an enterprise; other groups keep their label."""
    return int(rows[label]) if kind == "enterprise" else str(label)


def _first_shares(acceptability: LabelledAcceptability, options: pd.Index) -> list[float | str | None]:
    return _by_option(acceptability.acceptability.iloc[:, 0], options)


def _by_option(shares: pd.Series, options: pd.Index) -> list[float | str | None]:
    return [json_number(share) for share in shares.reindex(options)]


def _registers(by_rule: Mapping[str, Standing] | None, options: pd.Index) -> list[list[Any]]:
    """Share of the registers drawn under each spread rule that each option wins."""
    return [[rule, _by_option(standing.wins, options)] for rule, standing in (by_rule or {}).items()]


def _agreement(found: Agreement | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "concordance": json_number(found.concordance),
        "compromise": str(found.compromise),
        "favourites": {str(name): str(option) for name, option in found.gives_way["favourite"].items()},
        "shortfall": {
            str(name): json_number(points) for name, points in found.gives_way["shortfall"].items()
        },
    }


def _apart(evaluation: Evaluation) -> list[Any] | None:
    """Criterion on whose range the departments' records lie furthest apart, and by how much."""
    records = evaluation.evidence.inputs.weight_records
    if len(records) < 2:
        return None
    shares, _ = shares_on_common_ranges(records, evaluation.scenario.criteria)
    spread = shares.max() - shares.min()
    return [str(spread.idxmax()), json_number(spread.max())]


def _regret(found: Regret | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"minimax": str(found.minimax), "largest": json_number(found.largest[found.minimax])}


def economics(evaluation: Evaluation) -> dict[str, Json] | None:
    """Costs and benefits by option, offers of land, and what pledges decide."""
    found = evaluation.economics
    if found is None:
        return None
    options = evaluation.evidence.options.index
    summary = found.summary.reindex(options)
    tied = options[foremost(evaluation, MOST_TIED)]
    return {
        "account": evaluation.scenario.economics.account,
        "summary": {key: [json_number(cell) for cell in summary[key]] for key in SUMMARY},
        "accounts": {
            key: [json_number(cell) for cell in found.accounts[key].reindex(options)]
            for key in found.accounts
        },
        "most_tied": MOST_TIED,
        "land_ties": [
            [options.get_loc(site), options.get_loc(other), round(float(price), 1)]
            for site, row in found.land_ties.iterrows()
            for other, price in row.dropna().items()
            if site in tied and other in tied
        ],
        "by_demand": _by_demand(evaluation, found),
        "rates": [str(note) for note in summary["eirr_note"]],
        "said": [
            list(pair)
            for pair in zip(*(money_sentences(evaluation, lang) for lang in LANGUAGES), strict=True)
        ],
        "hinges": bool(found.hinges_on_expansion),
        "offers": [
            [
                str(site),
                json_number(row["land_mu"]),
                json_number(row["worth_wan"]),
                json_number(row["minutes_per_trip"]),
            ]
            for site, row in found.offers.iterrows()
        ],
        "pledged": not evaluation.evidence.inputs.pledges.empty,
        "pledges_first": {str(kind): str(found.pledge_scores[kind].idxmax()) for kind in found.pledge_scores},
        "decides": [
            list(bilingual(row["who"], row.get("who_en")).values())
            for _, row in found.ledger.loc[list(found.pledge_decides)].iterrows()
        ],
    }


SHOWN_PARTIES = ("enterprises", "city_laboratory", "others", "toll_operator", "public")
"""Parties in the order in which ``static/questions/worth.js`` adds them up."""


def _by_demand(evaluation: Evaluation, found: Economics) -> dict[str, Json]:
    """Pack what each party gains at multiples of the demand, of the options that the page draws."""
    options = evaluation.evidence.options
    placed, today = (
        having(options["kind"], of) for of in (lambda kind: kind.has_place, lambda kind: kind.is_today)
    )
    sites = found.accounts["npv_national"][placed & (evaluation.verdicts != "fail")].astype(float)
    drawn = [*([sites.idxmax()] if np.isfinite(sites).any() else []), *options.index[~placed & ~today]]
    whole = found.by_demand.round()
    return {
        "multiples": whole.columns.tolist(),
        "worth": {
            str(options.index.get_loc(option)): [
                packed(whole.loc[(option, party)].diff().fillna(whole.loc[(option, party)]))
                for party in SHOWN_PARTIES
            ]
            for option in drawn
        },
    }


# what was asked for beside the score ------------------------------------------------------

SENT_ON, NOT_TAKEN, NOT_ASKED = "s", "x", " "
"""Marks of the matrix beside the number of the first phase in which the site itself does the tests."""


def concern_rows(evaluation: Evaluation) -> dict[str, Json]:
    """Give sentences in both languages, and by service a mark for each pillar industry."""
    found, inputs = evaluation.concerns.industry_services, evaluation.evidence.inputs
    said = zip(*(concern_sentences(evaluation, lang) for lang in LANGUAGES), strict=True)
    rows: dict[str, Json] = {"said": [list(pair) for pair in said], "industries": [], "services": []}
    if found.empty:
        return rows
    marks = service_marks(found)
    industries = [industry for industry in inputs.industries.index if industry in marks]
    rows["industries"] = [inputs.industries.index.get_loc(industry) for industry in industries]
    rows["services"] = [
        [
            list(bilingual(row["name"], row.get("name_en")).values()),
            "".join(marks[industry].get(str(service), NOT_ASKED) for industry in industries),
        ]
        for service, row in inputs.services.iterrows()
        if any(str(service) in marks[industry] for industry in industries)
    ]
    return rows


def service_marks(found: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Mark each industry and service that it asks for: first phase of own tests, sent on, or not taken.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [(1, "food", "wine", "elsewhere"), (2, "food", "wine", "here"), (1, "food", "milk", "sent_on")]
    >>> service_marks(pd.DataFrame(rows, columns=["phase", "industry", "service", "state"]))
    {'food': {'wine': '2', 'milk': 's'}}
    """
    marks: dict[str, dict[str, str]] = {}
    columns = ["phase", "industry", "service", "state"]
    for phase, industry, service, state in found[columns].itertuples(index=False):
        own = marks.setdefault(str(industry), {})
        known = own.setdefault(str(service), NOT_TAKEN)
        if state == "here" and not known.isdigit():
            own[str(service)] = str(phase)
        elif state == "sent_on" and known == NOT_TAKEN:
            own[str(service)] = SENT_ON
    return marks
