"""Evaluation → the results workbook, as bytes: one sheet a question, headings in Chinese and English."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from siting.analysis.money.gains_and_losses import SIZES
from siting.outputs.tables import robustness_sheets
from siting.outputs.tables.datasheets import issues, snapping
from siting.outputs.tables.robustness_sheets import named
from siting.outputs.tables.table_files import enterprises, ranking, travel_times
from siting.outputs.text.cells import cell_text, heading, is_missing, native, plain
from siting.outputs.text.sentences import illustrative_share, is_demonstration
from siting.outputs.text.wording import words

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation
    from siting.types import Cell


_LONGEST_CELL = 32_767
"""Characters that Excel takes in a cell."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its id, what it shows (None: nothing to show), decimals shown."""

    id: str
    frame: Callable[[Evaluation], pd.DataFrame | None]
    decimals: int = 2


def workbook(evaluation: Evaluation) -> bytes:
    """Return the results workbook; equal evaluations give equal bytes, and no cell is a formula or a link."""
    import xlsxwriter

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(stream, options) as book:
        # A fixed date instead of today's, which xlsxwriter would put in.
        book.set_properties({"created": datetime(2000, 1, 1), "title": plain(evaluation.scenario.title_zh)})
        formats = _formats(book)
        for sheet in SHEETS:
            frame = sheet.frame(evaluation)
            if frame is not None:
                _add_sheet(book, sheet, frame, evaluation, formats)
    return stream.getvalue()


def _formats(book: Any) -> Mapping[str | int, Any]:
    head = {"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "valign": "top"}
    second = {"italic": True, "font_color": "#555555", "text_wrap": True, "valign": "top"}
    numbers: dict[str | int, Any] = {
        digits: book.add_format({"num_format": "#,##0." + "0" * digits}) for digits in (1, 2, 3)
    }
    return {"head": book.add_format(head), "second": book.add_format(second), **numbers}


def _add_sheet(
    book: Any, sheet: Sheet, frame: pd.DataFrame, evaluation: Evaluation, formats: Mapping[str | int, Any]
) -> None:
    frame = frame.reset_index(drop=frame.index.name is None)
    page = book.add_worksheet(heading(f"sheet_{sheet.id}", evaluation, "zh"))
    columns = [str(column) for column in frame.columns]
    for place, column in enumerate(columns):
        page.write_string(0, place, plain(heading(column, evaluation, "zh", sheet.id)), formats["head"])
        page.write_string(1, place, plain(heading(column, evaluation, "en", sheet.id)), formats["second"])
    for row, cells in enumerate(frame.itertuples(index=False), start=2):
        for place, value in enumerate(cells):
            _write_cell(page, (row, place), columns[place], native(value), formats[sheet.decimals])
    page.freeze_panes(2, 2)
    page.autofilter(1, 0, max(len(frame) + 1, 2), max(len(columns) - 1, 0))
    page.autofit(300)


def _write_cell(page: Any, at: tuple[int, int], column: str, value: Any, number: Any) -> None:
    if is_missing(value):
        page.write_blank(*at, None)
    elif isinstance(value, bool):
        page.write_string(*at, words("zh")["yes" if value else "no"])
    elif isinstance(value, float) and math.isinf(value):
        page.write_string(*at, words("zh")["number.unreachable"])
    elif isinstance(value, int | float):
        page.write_number(*at, value, number if isinstance(value, float) else None)
    else:
        page.write_string(*at, plain(cell_text(column, str(value), "zh"))[:_LONGEST_CELL])


# what the sheets show -----------------------------------------------------------------


def _about(evaluation: Evaluation) -> pd.DataFrame:
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


def _raw(evaluation: Evaluation) -> pd.DataFrame:
    from siting.analysis.decision.criteria import BY_ID

    units = {criterion: f"{criterion}.{BY_ID[criterion].unit}" for criterion in evaluation.matrix.columns}
    return named(evaluation, evaluation.matrix.rename(columns=units))


def _values(evaluation: Evaluation) -> pd.DataFrame:
    return named(evaluation, (100 * evaluation.values).where(evaluation.applies))


def _contributions(evaluation: Evaluation) -> pd.DataFrame:
    """Return points by criterion; the first row holds the weights, which are the most to be had."""
    import pandas as pd

    points = named(evaluation, 100 * evaluation.contributions)
    points["score"] = 100 * evaluation.ranking["score"]
    weights = pd.DataFrame([100 * evaluation.weights], index=["weight"]).assign(score=100.0, option_name=None)
    return pd.concat([weights[points.columns], points]).rename_axis("option")


def _enterprises(evaluation: Evaluation) -> pd.DataFrame:
    frame, economics = enterprises(evaluation), evaluation.economics
    known = words("zh")
    frame["estimated"] = [
        "、".join(known[f"estimated.{key}"] for key in found) for found in frame["estimated"]
    ]
    if economics is None:
        return frame
    gains = economics.gains
    best = gains.enterprises[["favourite", "favourite_hours", "size"]]
    best = best.assign(favourite=best["favourite"].map(evaluation.evidence.options["name"]))
    return frame.join([best, gains.hours.add_prefix("saved."), gains.regret.add_prefix("regret.")])


def _gains(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return hours saved and shares better off by township, industry and size, one row a group."""
    if evaluation.economics is None:
        return None
    found = evaluation.economics.gains.by_group
    industries = evaluation.evidence.inputs.industries["name"]
    keys = ["dimension", "group"]
    wide = found.pivot(index=keys, columns="option", values=["hours_saved", "better_off"])
    wide = wide.reindex(columns=evaluation.ranking.index, level=1)
    wide.columns = wide.columns.map("{0[0]}.{0[1]}".format)
    wide.insert(0, "enterprises", found.groupby(keys)["enterprises"].first())
    table = wide.reset_index()
    named = table["dimension"].map({"industry": industries, "size": _sizes()})
    pairs = zip(named, table["group"], strict=True)
    table["group"] = [names.get(group, group) if hasattr(names, "get") else group for names, group in pairs]
    return table.set_index("dimension")


def _sizes() -> dict[str, str]:
    return {size: cell_text("size", size, "zh") for _, size in SIZES}


def _coverage(evaluation: Evaluation) -> pd.DataFrame:
    from siting.analysis.access.coverage import coverage_table

    settings = evaluation.scenario.coverage
    table = coverage_table(evaluation.evidence, cutoff_min=settings.cutoff_min, decay=settings.decay)
    inputs = evaluation.evidence.inputs
    return table.assign(
        option=table["option"].map(inputs.sites["name"]),
        industry=table["industry"].map(inputs.industries["name"]),
        service=table["service"].map(inputs.services["name"]),
        fall_out=table["fall_out"].map(len),
        fall_out_names=[_listed(inputs.enterprises["name"], ids) for ids in table["fall_out"]],
    ).set_index("option")


def _accessibility(evaluation: Evaluation) -> pd.DataFrame:
    """Staff of a centre per 1,000 trips of the enterprises within the cutoff (2SFCA)."""
    import pandas as pd

    from siting.analysis.access.coverage import staff_within_reach

    evidence, scenario = evaluation.evidence, evaluation.scenario
    reach = staff_within_reach(evidence, scenario.economics.staff, cutoff_min=scenario.coverage.cutoff_min)
    return pd.DataFrame(
        {
            "option_name": evidence.options["name"].reindex(reach.columns),
            "coverage.enterprises": (reach > 0).sum(),
            "staff_per_1000_trips": reach.where(reach > 0).mean(),
        }
    ).rename_axis("option")


def _listed(names: pd.Series, ids: tuple[str, ...]) -> str:
    return "、".join(names.reindex(list(ids)).astype(str))


def _economics(evaluation: Evaluation) -> pd.DataFrame:
    costs = evaluation.evidence.costs.add_prefix("cost.")
    if evaluation.economics is None:
        return named(evaluation, costs)
    economics = evaluation.economics
    expansion = economics.by_expansion.rename(columns="npv_at.{:g}".format)
    gains = economics.gains.by_option[["better_off", "worse_off", "favourite_of", "gini"]]
    return named(evaluation, economics.summary.join([economics.accounts, expansion, gains, costs]))


def _land(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what offered land is worth, and the prices of land at which two options tie."""
    economics = evaluation.economics
    if economics is None or economics.land_ties.empty:
        return None
    return named(evaluation, economics.offers.join(economics.land_ties.add_prefix("land_tie."), how="outer"))


def _pledge_scores(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return scores and ranks with all pledges, only the firm ones, and none."""
    if evaluation.economics is None or evaluation.economics.pledge_scores.empty:
        return None
    scores = evaluation.economics.pledge_scores.round(12)
    ranks = scores.rank(ascending=False, method="min").astype(int)
    return named(evaluation, (100 * scores).add_prefix("score_with.").join(ranks.add_prefix("rank_with.")))


def _pledges(evaluation: Evaluation) -> pd.DataFrame:
    economics = evaluation.economics
    if economics is None:
        return evaluation.evidence.inputs.pledges
    return economics.ledger.assign(decides=economics.ledger.index.isin(economics.pledge_decides))


def _settings(evaluation: Evaluation) -> pd.DataFrame:
    """Return the figures of this run that have a row among the parameters, each with its source."""
    import pandas as pd

    from siting.analysis.demand import demand_settings as demand
    from siting.analysis.money import costs

    table, rows = evaluation.evidence.inputs.parameters, []
    for key, parameter in {**demand.PARAMETERS, **costs.PARAMETERS}.items():
        section, _, field = key.partition(".")
        row = (
            table.loc[parameter].reindex(_SOURCED) if parameter in table.index else pd.Series(index=_SOURCED)
        )
        rows.append(
            {"key": key, "used": getattr(getattr(evaluation.scenario, section), field)}
            | row.to_dict()
            | {"parameter": parameter, "origin": evaluation.scenario.origin(key)}
        )
    return pd.DataFrame(rows).set_index("key")[["used", "origin", "parameter", *_SOURCED]]


_SOURCED = ["value", "unit", "low", "high", "basis", "source", "note", "year", "confidence"]


def _variants(evaluation: Evaluation) -> pd.DataFrame | None:
    found, names = evaluation.robustness, evaluation.evidence.options["name"]
    if found is None or found.variants is None:
        return None
    table = found.variants.rename(index=robustness_sheets.variant_name).rename_axis("variant")
    return table.assign(winner=table["winner"].map(names), runner_up=table["runner_up"].map(names))


SHEETS = (
    Sheet("about", _about),
    Sheet("ranking", ranking),
    Sheet("raw", _raw),
    Sheet("values", _values),
    Sheet("contributions", _contributions),
    Sheet("enterprises", _enterprises, 1),
    Sheet("travel_times", travel_times, 1),
    Sheet("snapping", snapping, 1),
    Sheet("coverage", _coverage),
    Sheet("accessibility", _accessibility),
    Sheet("gains", _gains),
    Sheet("economics", _economics, 1),
    Sheet("land", _land, 1),
    Sheet("pledges", _pledges),
    Sheet("pledge_scores", _pledge_scores),
    Sheet("robustness", robustness_sheets.robustness, 3),
    Sheet("acceptability", robustness_sheets.acceptability),
    Sheet("weight_ranges", robustness_sheets.weight_ranges),
    Sheet("viewpoints", robustness_sheets.viewpoints),
    Sheet("judgements", robustness_sheets.judgements, 3),
    Sheet("variants", _variants, 3),
    Sheet("influence", robustness_sheets.influence, 3),
    Sheet("regret", robustness_sheets.regret),
    Sheet("flips", robustness_sheets.flips, 3),
    Sheet("registers", robustness_sheets.registers, 1),
    Sheet("joint", robustness_sheets.joint),
    Sheet("information", robustness_sheets.information, 3),
    Sheet("telephone", robustness_sheets.telephone, 3),
    Sheet("issues", issues),
    Sheet("settings", _settings, 3),
    Sheet("parameters", lambda evaluation: evaluation.evidence.inputs.parameters),
    Sheet("sources", lambda evaluation: evaluation.evidence.inputs.sources),
)
