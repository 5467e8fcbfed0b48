"""Evidence → who needs tests, how far they drive, and what each industry gets near by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.analysis.decision.measures.criteria_industries import industry_shares
from siting.analysis.demand.annual_tests import pillar_of
from siting.analysis.frames import placed_options
from siting.outputs.colours import FAINT, GROUP_COLOURS, INK
from siting.outputs.plots.drawing import draw_cells, finished, line_look, new_axes, note_below, option_labels
from siting.outputs.plots.score_plots import TALL
from siting.outputs.text.sentences import is_demonstration
from siting.outputs.text.wording import grouped, named, number, say
from siting.types import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from siting.study.evaluation import Evaluation

FARTHEST_MIN = 120.0
"""Minutes up to which driving times are drawn."""


def plot_demand(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw the tests a year by industry, see `Result.plot_demand`."""
    inputs = evaluation.evidence.inputs
    tests = evaluation.evidence.demand.tests.sum(axis=1)
    pillar = pillar_of(inputs.enterprises, inputs.industries).reindex(tests.index)
    by_industry = tests.groupby(pillar.astype(object).where(pillar.notna(), "")).sum()
    by_industry = by_industry.sort_values(ascending=False, kind="stable")
    ax = new_axes(ax, len(by_industry))
    ax.barh(range(len(by_industry)), by_industry, color=GROUP_COLOURS[1])
    for row, value in enumerate(by_industry):
        ax.annotate(grouped(value), (value, row), (4, 0), textcoords="offset points", va="center")
    names = _industries(evaluation, lang) | {"": say("mapfile.other_industry", lang)}
    ax.set_yticks(range(len(by_industry)), [names[str(industry)] for industry in by_industry.index])
    ax.invert_yaxis()
    ax.set_xlabel(say("plot.tests", lang))
    return finished(ax, say("plot.demand", lang), lang, is_demo=is_demonstration(evaluation))


def plot_industries(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw what share of each industry's tests each site covers, see `Result.plot_industries`."""
    coverage = evaluation.scenario.coverage
    shares = industry_shares(
        evaluation.evidence,
        cutoff_min=coverage.cutoff_min,
        decay=coverage.decay,
        full_min=coverage.full_min,
    )
    sites = [site for site in evaluation.ranking.index if site in shares]
    shares = shares[sites]
    names, known = option_labels(evaluation.evidence.options, lang), _industries(evaluation, lang)
    ax = new_axes(ax, len(shares))
    texts = [[number(share, "share", lang) for share in row] for row in shares.to_numpy(float)]
    draw_cells(
        ax,
        shares.to_numpy(float),
        texts,
        rows=[known[str(industry)] for industry in shares.index],
        columns=[names[site] for site in sites],
        lang=lang,
    )
    note_below(ax, say("plot.cutoff", lang, n=f"{coverage.cutoff_min:g}"))
    return finished(ax, say("plot.industries", lang), lang, is_demo=is_demonstration(evaluation))


def plot_minutes(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw which share of the tests lies within each driving time, see `Result.plot_minutes`."""
    evidence, names = evaluation.evidence, option_labels(evaluation.evidence.options, lang)
    tests, order = evidence.demand.tests.sum(axis=1), list(evidence.options.index)
    ax = new_axes(ax, TALL)
    for site in placed_options(evidence.options):
        x, y = _within(evidence.travel.to_site[site], tests)
        ax.step(x, y, where="post", label=names[site], markevery=0.1, **line_look(order.index(site)))
    x, y = _within(evidence.travel.to_laboratory.min(axis=1), tests)
    ax.step(x, y, where="post", color=INK, linestyle="--", label=say("plot.today", lang))
    cutoff = float(evaluation.scenario.coverage.cutoff_min)
    ax.axvline(cutoff, color=FAINT, linewidth=1, label=say("plot.cutoff", lang, n=f"{cutoff:g}"))
    ax.set_xlim(0, FARTHEST_MIN)
    ax.set_ylim(0, 102)
    ax.set_xlabel(say("plot.minutes.axis", lang))
    ax.set_ylabel(say("plot.share", lang))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return finished(ax, say("plot.minutes", lang), lang, is_demo=is_demonstration(evaluation))


def _within(minutes: pd.Series, tests: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return driving times and the share of all tests that lies within each, percent."""
    known = minutes[np.isfinite(minutes)].sort_values(kind="stable")
    share = 100 * tests.reindex(known.index).cumsum() / (tests.sum() or 1.0)
    return np.r_[0.0, known.to_numpy(float)], np.r_[0.0, share.to_numpy(float)]


def _industries(evaluation: Evaluation, lang: Language) -> dict[str, str]:
    table = evaluation.evidence.inputs.industries
    return {str(key): named(row["name"], row["name_en"])[lang] for key, row in table.iterrows()}
