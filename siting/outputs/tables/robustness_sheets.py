"""Evaluation → the sheets of the workbook on how sure the ranking is and what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.analysis.decision.criteria import BY_ID
from siting.outputs.text.cells import cell_text, heading, is_missing
from siting.outputs.text.ground import listed
from siting.outputs.text.survey.survey_sentences import quantity_name
from siting.outputs.text.wording import criterion_label, label, words
from siting.scenario.judgements import ALL
from siting.scenario.weight_records import weigh

if TYPE_CHECKING:
    import pandas as pd

    from siting.analysis.robustness.acceptability import LabelledAcceptability
    from siting.study.evaluation import Evaluation


FIRST_ASKED = 20
"""Enterprises listed as worth a telephone call."""


def robustness(evaluation: Evaluation) -> pd.DataFrame | None:
    """List each option with its best margin, dominance and ranks under other methods."""
    found = evaluation.robustness
    if found is None:
        return None
    frame = found.best_margin.rename("best_margin").to_frame()
    frame.insert(0, "first_rank_share", found.acceptability.first)
    frame["pareto"] = found.pareto
    frame = frame.join([found.second_opinions.add_prefix("rank_by."), found.nearest[["distance"]]])
    return named(evaluation, frame)


def weight_ranges(evaluation: Evaluation) -> pd.DataFrame | None:
    """List the weights that keep the winner, by criterion."""
    found = evaluation.robustness
    if found is None or found.intervals is None:
        return None
    ranges = (100 * found.intervals).assign(weight=100 * evaluation.weights)
    labels = [heading(str(criterion), evaluation, "zh") for criterion in ranges.index]
    return ranges.assign(item=labels).set_index("item")[["weight", "low", "high"]]


def tradeoff(evaluation: Evaluation) -> pd.DataFrame | None:
    """List by criterion its weight, how much of it a point is worth, and how far the sites differ in it."""
    import pandas as pd

    found, sure = evaluation.tradeoff, evaluation.robustness
    if found is None or sure is None:
        return None
    use = sure.weight_use
    together = {name: n + 1 for n, group in enumerate(use.together) for name in group.criteria}
    table = found.per_point.assign(
        weight=100 * found.per_point["weight"],
        neutral=[words("zh")["yes" if name in use.neutral.index else "no"] for name in found.per_point.index],
        together=pd.Series(together, dtype="Int64"),
        unit=[heading(BY_ID[str(name)].unit, evaluation, "zh") for name in found.per_point.index],
    )
    labels = [heading(str(criterion), evaluation, "zh") for criterion in table.index]
    return table.assign(item=labels).set_index("item")[
        ["weight", "amount", "unit", "at", "neutral", "together"]
    ]


def _ranks(evaluation: Evaluation, found: LabelledAcceptability | None) -> pd.DataFrame | None:
    """Return the share of draws in which an option takes a rank, and its standard error, percent."""
    if found is None:
        return None
    shares, errors = (
        found.acceptability.add_prefix("rank_share."),
        found.standard_error.add_prefix("rank_se."),
    )
    confidence = (100 * found.confidence).rename("confidence_factor").to_frame()
    return named(evaluation, (100 * shares).join([100 * errors, confidence]))


def acceptability(evaluation: Evaluation) -> pd.DataFrame | None:
    """List the shares of random weightings that give each rank."""
    found = evaluation.robustness
    return None if found is None else _ranks(evaluation, found.acceptability)


def joint(evaluation: Evaluation) -> pd.DataFrame | None:
    """List the same under joint draws of weights and unknowns."""
    found = evaluation.robustness
    return None if found is None else _ranks(evaluation, found.joint)


def flips(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return how far one quantity may move before another option comes first."""
    import pandas as pd

    if evaluation.robustness is None or not evaluation.robustness.flips:
        return None
    names = evaluation.evidence.options["name"]
    rows = [
        (quantity_name(flip.what, evaluation, "zh"), flip.current, flip.at, flip.change, names.get(flip.to))
        for flip in evaluation.robustness.flips
    ]
    return pd.DataFrame(rows, columns=["quantity", "today", "flips_at", "change", "overtaken_by"]).set_index(
        "quantity"
    )


def influence(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return who wins with each industry, township and enterprise left out, the most decisive first."""
    import pandas as pd

    found = evaluation.robustness
    if found is None or not found.influence:
        return None
    inputs, options = evaluation.evidence.inputs, evaluation.evidence.options["name"]
    names = {"industry": inputs.industries["name"], "enterprise": inputs.enterprises["name"]}
    parts = []
    for kind, table in sorted(found.influence.items()):
        labels = [names.get(kind, {}).get(key, key) for key in table.index]
        parts.append(table.assign(dimension=kind, left_out=labels))
    table = pd.concat(parts, ignore_index=True)
    table = table.assign(winner=table["winner"].map(options), runner_up=table["runner_up"].map(options))
    shown = ["left_out", "winner", "runner_up", "margin", "lead", "shift", "changed"]
    return table.set_index("dimension")[shown]


def survey_priority(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return the enterprises that exist and whose demand is clearly worth asking for; None if none is."""
    found = evaluation.robustness
    if found is None or found.telephone is None:
        return None
    clear = found.telephone[found.telephone["is_clear"]].head(FIRST_ASKED).drop(columns="is_clear")
    if clear.empty:
        return None
    firms = evaluation.evidence.inputs.enterprises[["name", "town"]]
    points = ["evppi", "standard_error"]
    return firms.join(clear.assign(**{key: 100 * clear[key] for key in points}), how="right").rename_axis(
        "id"
    )


def information(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what knowing one unknown would gain where and whether to build, with standard errors."""
    found = evaluation.robustness
    if found is None or found.evppi is None or found.evpi is None:
        return None
    points = found.evppi.assign(**{key: 100 * found.evppi[key] for key in ("evppi", "standard_error")})
    if found.build_evppi is not None:
        points = points.join(found.build_evppi.set_axis(BUILD_COLUMNS, axis=1))
    for column in ("is_clear", "build_is_clear"):
        if column in points:
            points[column] = [None if is_missing(flag) else _yes(bool(flag)) for flag in points[column]]
    points.loc["everything", "evppi"] = 100 * found.evpi
    labels = [quantity_name(str(unknown), evaluation, "zh") for unknown in points.index]
    return (
        points.assign(quantity=labels)
        .set_index("quantity")
        .sort_values("evppi", ascending=False, kind="stable")
    )


BUILD_COLUMNS = ["build_evppi", "build_error", "build_is_clear"]
"""Columns of the sheet for whether to build, in the order of `evppi`."""


def registers(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return the share of illustrative registers that an option wins under each spread rule, percent."""
    import pandas as pd

    found = evaluation.robustness

    if found is None or found.registers is None:
        return None
    shares = pd.DataFrame({rule: standing.wins for rule, standing in found.registers.items()}).T
    table = 100 * shares[evaluation.ranking.index.intersection(shares.columns)]
    return table.rename_axis("spread").rename(index=lambda rule: cell_text("spread", rule, "zh"))


def regret(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what each option loses against the best of each scenario, points."""
    found = evaluation.robustness and evaluation.robustness.regret
    if not found:
        return None
    table = (100 * found.table).add_prefix("regret_points.")
    sums = {"regret_largest": 100 * found.largest, "score_expected": 100 * found.expected}
    return named(evaluation, table.assign(**sums))


def viewpoints(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return ranks under each viewpoint, and what each loses under an option against its favourite."""
    found = evaluation.robustness and evaluation.robustness.agreement
    if not found:
        return None
    lost = 100 * found.shortfall
    return named(evaluation, found.ranks.add_prefix("rank_by.").join(lost.add_prefix("shortfall.")))


def judgements(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return the weights that experts' judgements come to, and what to ask them again."""
    import pandas as pd

    found = evaluation.evidence.inputs.judgements
    if not found:
        return None
    views = evaluation.scenario.viewpoints
    table = pd.concat([weights.assign(viewpoint=views[name].label_zh) for name, weights in found.items()])
    for column in ("item", "first", "second"):
        table[column] = [None if is_missing(key) else choice_name(key) for key in table[column]]
    table = table.assign(
        weight=100 * table["weight"],
        level=[choice_name(level) for level in table["level"]],
        expert=table["expert"].replace(ALL, words("zh")["all_experts"]),
    )
    return table.set_index("viewpoint")


def weight_records(evaluation: Evaluation) -> pd.DataFrame | None:
    """List what each department answered, on which ranges, and the weights that it comes to."""
    import pandas as pd

    rows = []
    for record in evaluation.evidence.inputs.weight_records.values():
        weighed = weigh(record, evaluation.scenario.criteria)
        head = (
            record.department,
            record.who,
            record.given_on,
            cell_text("weigh.method", record.method, "zh"),
        )
        seen = None if record.before_results is None else _yes(record.before_results)
        rows += [
            (*head, _yes(record.blind), seen, criterion_label(asked.name, "zh"), asked.worst, asked.best)
            + (asked.answer, 100 * weighed.shares[asked.name], 100 * weighed.weights[asked.name])
            + (weighed.factor,)
            for asked in record.criteria
        ]
    return pd.DataFrame(rows, columns=list(RECORD_COLUMNS)).set_index("department") if rows else None


RECORD_COLUMNS = (
    *("department", "who", "given_on", "how", "blind", "before_results", "item"),
    *("worst", "best", "answer", "share_of_ranges", "weight", "check_factor"),
)
"""Columns of the sheet of the departments' records."""


def _yes(is_so: bool) -> str:
    return words("zh")["yes" if is_so else "no"]


def named(evaluation: Evaluation, frame: pd.DataFrame) -> pd.DataFrame:
    """Put the options' names beside their ids, best site first, what is not ranked last."""
    order = [option for option in listed(evaluation) if option in frame.index]
    names = evaluation.evidence.options["name"].rename("option_name")
    return frame.loc[order].rename_axis("option").join(names)[["option_name", *frame.columns]]


def choice_name(key: str) -> str:
    """Name a criterion or group in Chinese."""
    if key in BY_ID:
        return criterion_label(key, "zh")
    return label("group", key, "zh", words("zh").get(key, ""))
