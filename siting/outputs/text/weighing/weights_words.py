"""Weights and the records behind them → sentences, for console, page and workbook."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from siting.analysis.decision.swing import ASK_AGAIN_FACTOR, mean_shares
from siting.outputs.text.cells import json_value, plain
from siting.outputs.text.weighing.weight_questions import figure
from siting.outputs.text.wording import criterion_label, grouped, join, option_name, points, say
from siting.scenario.weight_records import mean_weights, named_records, spans, weigh

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.decision.swing import AggregateMethod
    from siting.scenario.model import WeightsRecord
    from siting.scenario.weight_records import WeighedRecord
    from siting.study.evaluation import Evaluation
    from siting.study.weighting import Contest, RecordsSum
    from siting.types import DepartmentRecord, Json, Language

_MATCHES = 5e-5
"""Difference of two weights that prints as none."""


def weights_record(evaluation: Evaluation, lang: Language) -> str:
    """Say who set the weights, when and how, no more than the record does; or that they are examples."""
    record = evaluation.scenario.weights_record
    if record is None or not evaluation.scenario.weights_adopted:
        return say("data.weights.example", lang)
    when: dict[bool | None, str] = {True: "data.weights.before", False: "data.weights.after"}
    key = when.get(record.before_results, "data.weights")
    told = say(key, lang, who=record.set_by, when=record.set_on)
    return told + ("" if lang == "zh" else " ") * bool(record.method) + _method(evaluation, record, lang)


def _method(evaluation: Evaluation, record: WeightsRecord, lang: Language) -> str:
    """Say how the weights came about; where records are named, whether they bear that out."""
    if record.method is None:
        return ""
    method = say(f"weigh.method.{record.method}", lang)
    records = evaluation.evidence.inputs.weight_records
    if record.method not in ("mean", "geometric_mean") or not records:
        return say("data.weights.by", lang, method=method)
    off = _difference(evaluation, record.method)
    key = "data.weights.sum.same" if off < _MATCHES else "data.weights.sum.other"
    return say(key, lang, method=method, n=len(records), points=points(off))


def _difference(evaluation: Evaluation, method: AggregateMethod) -> float:
    """Largest difference between the weights in use and the mean of the records; all where there is none."""
    records = named_records(evaluation.evidence.inputs.weight_records.values())
    mean = mean_weights(records, evaluation.scenario.criteria, method)
    return 1.0 if mean is None else float((evaluation.weights - mean).abs().max())


def departments_record(evaluation: Evaluation) -> dict[str, Json]:
    """Give for JSON, by viewpoint, the departments' records that the study's weights rest on."""
    return {
        view: weighed_record(record, weigh(record, evaluation.scenario.criteria))
        for view, record in evaluation.evidence.inputs.weight_records.items()
    }


def weighed_record(record: DepartmentRecord, weighed: WeighedRecord) -> dict[str, Json]:
    """Give one record for JSON, with the weights that it comes to and its cross-check."""
    return {
        **record.model_dump(mode="json", exclude={"result"}),
        "shares": weighed.shares.to_dict(),
        "weights": weighed.weights.to_dict(),
        "check_implied": json_value(weighed.implied),
        "check_factor": json_value(weighed.factor),
    }


# --- On the console ---------------------------------------------------------------------------------


def record_lines(
    record: DepartmentRecord, weighed: WeighedRecord, yuan: float | None, lang: Language
) -> list[str]:
    """Say what one record came to: weights, trade-offs, and whether the cross-check bears them out."""
    blind = say(f"weigh.blind.{'yes' if record.blind else 'no'}", lang)
    by = {"department": record.department, "who": record.who, "on": record.given_on}
    method = say(f"weigh.method.{record.method}", lang)
    lines = [say("weigh.record.by", lang, **by, method=method, blind=blind)]
    lines += [
        f"  {say('weigh.shares', lang, items=weights_items(weighed.shares, lang))}",
        f"  {say('weigh.weights', lang, items=weights_items(weighed.weights, lang))}",
    ]
    check = record.check
    if check is not None and weighed.implied is not None and weighed.factor is not None:
        key = "weigh.check.sound" if weighed.factor <= ASK_AGAIN_FACTOR else "weigh.check.again"
        key = "weigh.check.apart" if math.isinf(weighed.factor) else key
        told = {"stated": check.amount, "implied": weighed.implied}
        words = {name: figure(check.second, amount, amount, lang) for name, amount in told.items()}
        lines.append(f"  {say(key, lang, **words, factor=grouped(weighed.factor, 1))}")
        width = float(spans(record)[check.first])
        gained = figure(check.first, width, width, lang)
        names = {"first": criterion_label(check.first, lang), "second": criterion_label(check.second, lang)}
        lines.append(f"  {say('weigh.rate', lang, **names, amount=gained, worth=words['implied'])}")
    if yuan is not None:
        lines.append(f"  {say('weigh.hour', lang, yuan=grouped(yuan, 1))}")
    return [plain(line) for line in lines]


def weights_items(weights: pd.Series, lang: Language) -> str:
    """List criteria with their weights, percent; those without weight are left out."""
    items = [
        f"{criterion_label(str(name), lang)} {100 * weight:.1f}%"
        for name, weight in weights.items()
        if weight > 0
    ]
    return join(items, lang)


def sum_lines(
    found: RecordsSum, contest: Contest, records: Mapping[str, list[str]], lang: Language
) -> list[str]:
    """Say each record, what it puts first, the means, and where the departments differ most.

    Parameters
    ----------
    found, contest : from `siting.study.weighting`
    records : by record, what `record_lines` says of it
    lang : language
    """
    lines = []
    for name, told in records.items():
        order = ranked(found.scores[name])
        names = [option_name(contest.names, option, lang) for option in order]
        lines += [*told, f"  {say('weigh.winner', lang, name=names[0], ranking=' > '.join(names))}"]
    for method, weights in found.means.items():
        if weights is not None:
            mean = mean_shares(found.shares, method)
            shares = "" if mean is None else weights_items(mean, lang)
            lines.append(say(f"weigh.sum.{method}", lang, items=shares))
            lines.append(f"  {say('weigh.weights', lang, items=weights_items(weights, lang))}")
            first = option_name(contest.names, ranked(contest.values @ weights)[0], lang)
            words = {"method": say(f"weigh.method.{method}", lang), "name": first}
            lines.append(f"  {say('weigh.sum.winner', lang, **words)}")
    if len(records) > 1:
        apart = str(found.spread.idxmax())
        low, high = (f"{100 * end:.1f}%" for end in (found.shares[apart].min(), found.shares[apart].max()))
        lines.append(say("weigh.sum.apart", lang, name=criterion_label(apart, lang), low=low, high=high))
        lines.append(say("weigh.sum.agree", lang, w=grouped(found.agreement.concordance, 2)))
    return [plain(line) for line in lines]


def sum_record(
    found: RecordsSum, contest: Contest, records: Mapping[str, dict[str, Json]]
) -> dict[str, Json]:
    """Give the same for JSON; `records` holds by record what is told of each."""
    sums = found.means.items()
    return {
        "records": [
            {"name": name, **told, "ranking": ranked(found.scores[name])} for name, told in records.items()
        ],
        "weights": {method: None if w is None else w.to_dict() for method, w in sums},
        "rankings": {method: None if w is None else ranked(contest.values @ w) for method, w in sums},
        "spread": found.spread.to_dict(),
        "furthest_apart": str(found.spread.idxmax()),
        "concordance": found.agreement.concordance,
    }


def ranked(scores: pd.Series) -> list[str]:
    """Order sites by score, best first; of equal ones the first in order of ids."""
    return sorted(map(str, scores.index), key=lambda site: (-round(float(scores[site]), 12), site))
