"""Robustness and economics of an evaluation → what the decision page says of them, as plain lists."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from siting.outputs.firms import row_of

if TYPE_CHECKING:
    from siting.types import Evaluation

SUMMARY = (
    "hours_saved",
    "vehicle_km_saved",
    "user_saving_wan",
    "co2_saved_t",
    "report_days",
    "setup_wan",
    "running_year_wan",
    "npv_wan",
    "break_even_year",
    "break_even_demand",
)
"""Columns of the economic summary that the page shows, in its order."""

FEW = 6
"""Variants of a kind up to which each is listed."""

LISTED = 8
"""Rows of a ranked list (decisive firms, unknowns worth asking) that the page shows."""


def plain(value: Any) -> Any:
    """Turn a number into what JSON knows: missing is None, unreachable ``"inf"``, six digits kept."""
    if value is None or pd.isna(value):
        return None
    number = float(value)
    return "inf" if math.isinf(number) else float(f"{number:.6g}")


def robustness(evaluation: Evaluation) -> dict[str, Any] | None:
    """How sure the ranking is: shares by option, versions and what each brings, what decides."""
    sure = evaluation.robustness
    if sure is None:
        return None
    options = evaluation.evidence.options.index
    acceptability = sure.acceptability
    rows = row_of(evaluation)
    return {
        "winner": str(sure.winner),
        "draws": int(acceptability.draws),
        "error": plain(acceptability.standard_error.to_numpy().max()),
        "shares": _first_shares(acceptability, options),
        "joint": _first_shares(sure.joint, options) if sure.joint is not None else None,
        "bootstrap": _by_option(sure.bootstrap, options) if sure.bootstrap is not None else None,
        "never": [str(option) for option in sure.never],
        "tests": _tests(sure),
        "opinions": [
            [str(method), str(sure.second_opinions[method].idxmin())] for method in sure.second_opinions
        ],
        "influence": {
            str(kind): [
                [_label(kind, label, rows), row["winner"], plain(row["lead"])]
                for label, row in table.head(3).iterrows()
            ]
            for kind, table in sure.influence.items()
        },
        "ask": [] if sure.evppi is None else [[str(k), plain(v)] for k, v in sure.evppi.head(LISTED).items()],
        "flips": [
            [flip.what, plain(flip.today), plain(flip.at), flip.to]
            for flip in sure.flips
            if flip.at is not None
        ],
        "correlated": [[row.first, row.second] for row in sure.correlated.itertuples()],
        "clipped": [[row.option, row.criterion] for row in sure.clipped.itertuples()],
        "agreement": _agreement(sure.agreement),
        "regret": _regret(sure.regret),
    }


def _label(kind: str, label: Any, rows: pd.Series) -> int | str:
    """Row of the page that stands for an enterprise; other groups keep their label."""
    return int(rows[label]) if kind == "enterprise" else str(label)


def _first_shares(acceptability: Any, options: pd.Index) -> list[float | None]:
    return _by_option(acceptability.acceptability.iloc[:, 0], options)


def _by_option(shares: pd.Series, options: Iterable[str]) -> list[float | None]:
    return [plain(share) for share in shares.reindex(options)]


def _tests(sure: Any) -> list[list[Any]]:
    """Variants of the study by kind: how many, and who comes first; of many only those that differ."""
    families: dict[str, list[list[str]]] = {}
    for table, name in ((sure.variants, None), (sure.anchors, "anchors")):
        if table is None:
            continue
        for label, winner in table["winner"].items():
            kind, _, detail = str(label).partition(":")
            families.setdefault(name or kind, []).append([detail or str(label), str(winner)])
    return [
        [family, len(versions), [v for v in versions if len(versions) <= FEW or v[1] != sure.winner]]
        for family, versions in families.items()
    ]


def _agreement(found: Any) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "concordance": plain(found.concordance),
        "compromise": str(found.compromise),
        "ranks": {
            str(viewpoint): {str(option): plain(rank) for option, rank in found.ranks[viewpoint].items()}
            for viewpoint in found.ranks
        },
        "favourites": {str(name): str(option) for name, option in found.gives_way["favourite"].items()},
        "shortfall": {str(name): plain(points) for name, points in found.gives_way["shortfall"].items()},
    }


def _regret(found: Any) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "minimax": str(found.minimax),
        "largest": {str(option): plain(points) for option, points in found.largest.items()},
        "winners": {str(scenario): str(option) for scenario, option in found.winners.items()},
    }


def economics(evaluation: Evaluation) -> dict[str, Any] | None:
    """Costs and benefits by option, offers of land, and what pledges decide."""
    found = evaluation.economics
    if found is None:
        return None
    options = evaluation.evidence.options.index
    summary = found.summary.reindex(options)
    return {
        "account": evaluation.scenario.economics.account,
        "summary": {key: [plain(cell) for cell in summary[key]] for key in SUMMARY},
        "accounts": {
            key: [plain(cell) for cell in found.accounts[key].reindex(options)] for key in found.accounts
        },
        "hinges": bool(found.hinges_on_expansion),
        "offers": [
            [str(site), plain(row["land_mu"]), plain(row["worth_wan"]), plain(row["minutes_per_trip"])]
            for site, row in found.offers.iterrows()
        ],
        "counted": [bool(counted) for counted in found.ledger["counted"]],
        "pledges_first": {str(kind): str(found.pledge_scores[kind].idxmax()) for kind in found.pledge_scores},
        "decides": [str(pledge) for pledge in found.pledge_decides],
    }
