"""Evaluation → the sheets of the workbook with the figures behind a result."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from siting.analysis.money.gains_and_losses import SIZES
from siting.outputs.tables import table_files
from siting.outputs.tables.hand_in_sheets import estimated_words
from siting.outputs.tables.robustness_sheets import named
from siting.outputs.text.cells import cell_text, heading, variant_name
from siting.outputs.text.ground import listed
from siting.outputs.text.sentences import illustrative_share, is_demonstration
from siting.outputs.text.wording import words
from siting.scenario.model import PARAMETERS

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation
    from siting.types import Cell


def about(evaluation: Evaluation) -> pd.DataFrame:
    """Say what the study is called, rests on and hinges on, an item a row."""
    import pandas as pd

    scenario, register = evaluation.scenario, evaluation.evidence.inputs.tables.get("enterprises")
    rows: list[tuple[str, Cell]] = [("demo", "")] if is_demonstration(evaluation) else []
    rows += [
        ("internal", ""),
        ("title", f"{scenario.title_zh} / {scenario.title_en}"),
        ("scenario", scenario.name),
        ("illustrative_demand", round(illustrative_share(evaluation), 4)),
    ]
    hinges = [
        ("ranking_hinges", evaluation.robustness and evaluation.robustness.hinges_on_expansion),
        ("npv_hinges", evaluation.economics and evaluation.economics.hinges_on_expansion),
    ]
    rows += [(key, words("zh")["yes" if found else "no"]) for key, found in hinges if found is not None]
    if register is not None:
        rows.append(("based_on", f"{register.counts['kept']} / {register.counts['data_rows']}"))
    labels = [
        "  ".join(dict.fromkeys((heading(key, evaluation, "zh"), heading(key, evaluation, "en"))))
        for key, _ in rows
    ]
    return pd.DataFrame({"item": labels, "value": [value for _, value in rows]}).set_index("item")


def values(evaluation: Evaluation) -> pd.DataFrame:
    """Return the value of each figure, 0–100, where the criterion applies."""
    return named(evaluation, (100 * evaluation.values).where(evaluation.applies.loc[evaluation.values.index]))


def contributions(evaluation: Evaluation) -> pd.DataFrame:
    """Return points by criterion; the first row holds the weights, which are the most to be had."""
    import pandas as pd

    points = named(evaluation, 100 * evaluation.contributions)
    points["score"] = 100 * evaluation.ranking["score"]
    weights = pd.DataFrame([100 * evaluation.weights], index=["weight"]).assign(score=100.0, option_name=None)
    return pd.concat([weights[points.columns], points]).rename_axis("option")


def enterprises(evaluation: Evaluation) -> pd.DataFrame:
    """Return what each enterprise needs and what every option costs and saves it."""
    frame, economics = table_files.enterprises(evaluation), evaluation.economics
    frame["estimated"] = estimated_words(evaluation)
    if economics is None:
        return frame
    gains = economics.gains
    best = gains.enterprises[["favourite", "favourite_hours", "size"]]
    best = best.assign(favourite=best["favourite"].map(evaluation.evidence.options["name"]))
    return frame.join([best, gains.hours.add_prefix("saved."), gains.regret.add_prefix("regret.")])


def gains(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return hours saved and shares better off by township, industry and size, one row a group."""
    if evaluation.economics is None:
        return None
    found = evaluation.economics.gains.by_group
    industries = evaluation.evidence.inputs.industries["name"]
    keys = ["dimension", "group"]
    wide = found.pivot(index=keys, columns="option", values=["hours_saved", "better_off"])
    wide = wide.reindex(columns=listed(evaluation), level=1)
    wide.columns = wide.columns.map("{0[0]}.{0[1]}".format)
    wide.insert(0, "enterprises", found.groupby(keys)["enterprises"].first())
    table = wide.reset_index()
    labels = table["dimension"].map({"industry": industries, "size": _sizes()})
    pairs = zip(labels, table["group"], strict=True)
    table["group"] = [names.get(group, group) if hasattr(names, "get") else group for names, group in pairs]
    return table.set_index("dimension")


def _sizes() -> dict[str, str]:
    return {size: cell_text("size", size, "zh") for _, size in SIZES}


def coverage(evaluation: Evaluation) -> pd.DataFrame:
    """Return which share of each service is covered, by option and industry."""
    from siting.analysis.access.coverage import coverage_table

    settings = evaluation.scenario.coverage
    table = coverage_table(evaluation.evidence, **settings.model_dump())
    inputs = evaluation.evidence.inputs
    return table.assign(
        option=table["option"].map(inputs.sites["name"]),
        industry=table["industry"].map(inputs.industries["name"]),
        service=table["service"].map(inputs.services["name"]),
        fall_out=table["fall_out"].map(len),
        fall_out_names=[_listed(inputs.enterprises["name"], ids) for ids in table["fall_out"]],
    ).set_index("option")


def accessibility(evaluation: Evaluation) -> pd.DataFrame:
    """Staff of a centre per 1,000 trips of the enterprises, weighed as coverage is (E2SFCA)."""
    import pandas as pd

    from siting.analysis.access.coverage import covered, staff_within_reach

    evidence, scenario = evaluation.evidence, evaluation.scenario
    settings = scenario.coverage
    reach = staff_within_reach(
        evidence,
        scenario.economics.staff,
        cutoff_min=settings.cutoff_min,
        decay=partial(covered, **settings.model_dump()),
    )
    return pd.DataFrame(
        {
            "option_name": evidence.options["name"].reindex(reach.columns),
            "coverage.enterprises": (reach > 0).sum(),
            "staff_per_1000_trips": reach.where(reach > 0).mean(),
        }
    ).rename_axis("option")


def _listed(names: pd.Series, ids: tuple[str, ...]) -> str:
    return "、".join(names.reindex(list(ids)).astype(str))


def land(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what offered land is worth, and the prices of land at which two options tie."""
    economics = evaluation.economics
    if economics is None or economics.land_ties.empty:
        return None
    return named(evaluation, economics.offers.join(economics.land_ties.add_prefix("land_tie."), how="outer"))


def pledge_scores(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return scores and ranks with all pledges, only the firm ones, and none; None where none was made."""
    if evaluation.economics is None or evaluation.economics.pledge_scores.empty:
        return None
    if evaluation.evidence.inputs.pledges.empty:
        return None
    scores = evaluation.economics.pledge_scores.round(12)
    ranks = scores.rank(ascending=False, method="min").astype(int)
    return named(evaluation, (100 * scores).add_prefix("score_with.").join(ranks.add_prefix("rank_with.")))


def pledges(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return the pledges, what they are worth and whether they decide; None where none was made."""
    economics, made = evaluation.economics, evaluation.evidence.inputs.pledges
    if made.empty:
        return None
    if economics is None:
        return made
    return economics.ledger.assign(decides=economics.ledger.index.isin(economics.pledge_decides))


def sources(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return where each file of the study comes from; None where the study does not say."""
    table = evaluation.evidence.inputs.sources
    return None if table.empty else table


def parameters(evaluation: Evaluation) -> pd.DataFrame:
    """Return the default figures with range and source, those newer than the study marked."""
    table, year = evaluation.evidence.inputs.parameters, evaluation.scenario.study_year
    if "year" not in table:
        return table
    return table.assign(newer=[words("zh")["yes"] if own > year else "" for own in table["year"]])


def settings(evaluation: Evaluation) -> pd.DataFrame:
    """Return the figures of this run that have a row among the parameters, each with its source."""
    import pandas as pd

    table, rows = evaluation.evidence.inputs.parameters, []
    for key, parameter in PARAMETERS.items():
        row = (
            table.loc[parameter].reindex(_SOURCED) if parameter in table.index else pd.Series(index=_SOURCED)
        )
        rows.append(
            {"key": key, "used": attrgetter(key)(evaluation.scenario)}
            | row.to_dict()
            | {"parameter": parameter, "origin": evaluation.scenario.origin(key)}
        )
    return pd.DataFrame(rows).set_index("key")[["used", "origin", "parameter", *_SOURCED]]


_SOURCED = ["value", "unit", "low", "high", "basis", "source", "note", "year", "confidence"]


def variants(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return who comes first in each variant of the study."""
    found, names = evaluation.robustness, evaluation.evidence.options["name"]
    if found is None or found.variants is None:
        return None
    table = found.variants.rename(index=partial(variant_name, lang="zh")).rename_axis("variant")
    return table.assign(winner=table["winner"].map(names), runner_up=table["runner_up"].map(names))
