"""Evaluation → what each assumption does to the net present value, and who gains and pays how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.analysis.frames import baseline_option
from siting.analysis.money.flows import PARTIES
from siting.messages import refusal
from siting.outputs.colours import GROUP_COLOURS, INK
from siting.outputs.plots.drawing import finished, new_axes, option_labels
from siting.outputs.text.money_sentences import brief
from siting.outputs.text.sentences import is_demonstration
from siting.outputs.text.wording import grouped, label, option_name, say
from siting.types import Language

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from siting.analysis.money.appraisal import Economics
    from siting.study.evaluation import Evaluation

MOST_BARS = 12
"""Assumptions that are drawn, those that move most."""

HATCHES = ("", "//", "..", "\\\\", "xx")
"""Patterns of the parties, for readers who tell no colours apart."""


def plot_tornado(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw what each assumption alone does to the net present value, see `Result.plot_tornado`."""
    economics = _appraised(evaluation)
    found = economics.sensitivity
    if found.option is None:
        raise refusal("", "E843")
    table = found.table[found.table[["npv_low", "npv_high"]].notna().all(axis=1)].head(MOST_BARS)
    base = float(economics.summary["npv_wan"][found.option])
    ax = new_axes(ax, len(table))
    for column, said, colour in (
        ("npv_low", "plot.low", GROUP_COLOURS[0]),
        ("npv_high", "plot.high", GROUP_COLOURS[2]),
    ):
        lengths = table[column].to_numpy(float) - base
        ax.barh(range(len(table)), lengths, left=base, color=colour, label=say(said, lang))
    ax.axvline(base, color=INK, linewidth=1)
    ax.axvline(0, color=INK, linewidth=1, linestyle="--")
    ax.set_yticks(range(len(table)), [_lever(str(key), row, lang) for key, row in table.iterrows()])
    ax.invert_yaxis()
    ax.set_xlabel(say("plot.npv", lang))
    ax.xaxis.set_major_formatter(lambda value, _: grouped(value))
    ax.legend(loc="best", frameon=False)
    name = option_name(evaluation.evidence.options, found.option, lang)
    title = say("plot.tornado", lang, name=name, n=grouped(base))
    return finished(ax, title, lang, is_demo=is_demonstration(evaluation))


def _appraised(evaluation: Evaluation) -> Economics:
    if evaluation.economics is None:
        raise refusal("", "E846")
    return evaluation.economics


def _lever(key: str, row: pd.Series, lang: Language) -> str:
    ends = {end: brief(float(row[end])) for end in ("low", "value", "high")}
    return say("plot.range", lang, what=label("lever", key, lang), **ends)


def plot_appraisal(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw who gains and who pays under each option, see `Result.plot_appraisal`."""
    options = evaluation.evidence.options
    accounts = _appraised(evaluation).accounts.drop(index=baseline_option(options))
    order = accounts["npv_national"].sort_values(ascending=False, kind="stable").index
    names = option_labels(evaluation.evidence.options, lang)
    ax = new_axes(ax, len(order))
    for bars, sign in ((accounts.clip(lower=0), 1), (accounts.clip(upper=0), -1)):
        start = [0.0] * len(order)
        for party, colour, hatch in zip(PARTIES, GROUP_COLOURS, HATCHES, strict=False):
            lengths = bars[f"npv_{party}"][order].fillna(0.0).to_list()
            drawn = ax.barh(range(len(order)), lengths, left=start, color=colour, edgecolor="white")
            for bar in drawn:
                bar.set_hatch(hatch)
            if sign > 0:
                drawn.set_label(say(f"plot.party.{party}", lang))
            start = [at + length for at, length in zip(start, lengths, strict=True)]
    national = accounts["npv_national"][order].to_list()
    ax.plot(national, range(len(order)), "D", color=INK, label=say("plot.party.national", lang))
    for row, value in enumerate(national):
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        ax.annotate(
            grouped(value),
            (value, row),
            (8, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            bbox=box,
        )
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_yticks(range(len(order)), [names[str(option)] for option in order])
    ax.invert_yaxis()
    ax.set_xlabel(say("plot.worth", lang))
    ax.xaxis.set_major_formatter(lambda value, _: grouped(value))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return finished(ax, say("plot.appraisal", lang), lang, is_demo=is_demonstration(evaluation))
