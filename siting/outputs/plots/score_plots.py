"""Evaluation → what each site's score is made of, and how the sites compare criterion by criterion."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from siting.analysis.decision.criteria import BY_ID
from siting.messages import refusal
from siting.outputs.colours import FAINT, GROUP_COLOURS, INK
from siting.outputs.plots.drawing import finished, line_look, new_axes, option_labels
from siting.outputs.text.ground import has_ranking
from siting.outputs.text.sentences import is_demonstration, verdict_text
from siting.outputs.text.wording import criterion_short, form_of, number, points, say
from siting.types import Language

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from siting.study.evaluation import Evaluation

FAINTER, FAINTEST = 0.22, 0.3
"""By how much each further criterion of a group is drawn fainter, and no fainter than what."""

TALL = 9
"""Rows that a plot of lines takes."""


def plot_contributions(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw each site's score as a bar of what its criteria add, see `Result.plot`."""
    sites = compared_sites(evaluation)
    names = option_labels(evaluation.evidence.options, lang)
    ax = new_axes(ax, len(sites))
    left = [0.0] * len(sites)
    for criterion, colour in _colours(evaluation).items():
        parts = [100 * float(evaluation.contributions[criterion][site]) for site in sites]
        label = f"{criterion_short(criterion, lang)} {number(evaluation.weights[criterion], 'share', lang)}"
        ax.barh(range(len(sites)), parts, left=left, color=colour, edgecolor="white", label=label)
        left = [start + part for start, part in zip(left, parts, strict=True)]
    for row, site in enumerate(sites):
        failed = evaluation.ranking["verdict"][site] == "fail"
        said = [points(left[row] / 100), *([verdict_text(evaluation, site, lang)] if failed else [])]
        ax.text(left[row] + 0.8, row, " ".join(said), va="center", color=INK)
    ax.set_yticks(range(len(sites)), [names[site] for site in sites])
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel(say("plot.points", lang))
    # Below the axis and its name, whatever the height: the distance is counted in letters.
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), borderaxespad=4.2, ncols=4, frameon=False)
    return finished(ax, say("plot.contributions", lang), lang, is_demo=is_demonstration(evaluation))


def _colours(evaluation: Evaluation) -> dict[str, tuple[float, float, float, float]]:
    """Colour every criterion of some weight as its group is on the page, each further one fainter."""
    from matplotlib.colors import to_rgba

    groups = list(dict.fromkeys(BY_ID[use.name].group for use in evaluation.scenario.criteria))
    found: dict[str, tuple[float, float, float, float]] = {}
    for at, group in enumerate(groups):
        own = [
            use.name
            for use in evaluation.scenario.criteria
            if BY_ID[use.name].group == group and evaluation.weights[use.name] > 0
        ]
        for position, criterion in enumerate(own):
            share = max(FAINTEST, 1 - FAINTER * position)
            found[criterion] = to_rgba(GROUP_COLOURS[at % len(GROUP_COLOURS)], share)
    return found


def plot_scores(
    names: Mapping[str, str], scores: pd.Series, before: pd.Series, lang: Language, *, is_demo: bool
) -> Axes:
    """Draw scores as bars, best first, with a line at what each was before.

    Parameters
    ----------
    names : of the options, in their table's order
    scores, before : by site, 0–1
    """
    order, known = list(names), scores.dropna().sort_values(ascending=False, kind="stable")
    ax = new_axes(None, len(known))
    for row, (site, score) in enumerate(known.items()):
        ax.barh(row, 100 * score, color=line_look(order.index(str(site)))["color"])
        ax.text(101, row, points(float(score)), va="center", color=INK)
    was = [100 * float(before.get(site, math.nan)) for site in known.index]
    ax.plot(was, range(len(known)), "|", color=INK, markersize=18, label=say("plot.before", lang))
    ax.set_yticks(range(len(known)), [names[str(site)] for site in known.index])
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel(say("plot.points", lang))
    ax.legend(loc="upper left", bbox_to_anchor=(1.04, 1), frameon=False)
    return finished(ax, say("plot.scores", lang), lang, is_demo=is_demo)


def plot_tradeoff(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw a line a site over the criteria, see `Result.plot_tradeoff`."""
    sites, names = compared_sites(evaluation), option_labels(evaluation.evidence.options, lang)
    criteria = list(_colours(evaluation))
    order = list(evaluation.evidence.options.index)
    ax = new_axes(ax, TALL)
    for site in reversed(sites):
        ax.plot(
            range(len(criteria)),
            [100 * float(evaluation.values[criterion][site]) for criterion in criteria],
            **line_look(order.index(site)),
            linewidth=3 if site == sites[0] else 1.4,
            label=names[site],
        )
    ax.set_xticks(range(len(criteria)), [_axis_label(evaluation, criterion, lang) for criterion in criteria])
    ax.tick_params(axis="x", labelsize=8)
    ax.grid(axis="x", color=FAINT, alpha=0.5, linewidth=0.8)
    ax.set_ylim(-3, 103)
    ax.set_ylabel(say("plot.value", lang))
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return finished(ax, say("plot.tradeoff", lang), lang, is_demo=is_demonstration(evaluation))


def plot_sureness(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw in which share of the draws each site comes first, see `Result.plot_sureness`."""
    sites, sure = compared_sites(evaluation), evaluation.robustness
    if sure is None:
        raise refusal("", "E842")
    names = option_labels(evaluation.evidence.options, lang)
    drawn = {
        "plot.everything": (sure.standing.wins, GROUP_COLOURS[0]),
        "plot.weights": (sure.acceptability.first, GROUP_COLOURS[2]),
    }
    ax = new_axes(ax, 2 * len(sites))
    for n, (key, (shares, colour)) in enumerate(drawn.items()):
        lengths = [100 * float(shares.get(site, 0.0)) for site in sites]
        rows = [row + 0.4 * n - 0.2 for row in range(len(sites))]
        ax.barh(rows, lengths, height=0.38, color=colour, label=say(key, lang))
        for row, length in zip(rows, lengths, strict=True):
            ax.text(length + 0.8, row, number(length / 100, "share", lang), va="center", fontsize=9)
    ax.set_yticks(range(len(sites)), [names[site] for site in sites])
    ax.invert_yaxis()
    ax.set_xlim(0, 100)
    ax.set_xlabel(say("plot.draws", lang))
    ax.legend(loc="lower right", frameon=False)
    return finished(ax, say("plot.sureness", lang), lang, is_demo=is_demonstration(evaluation))


def _axis_label(evaluation: Evaluation, criterion: str, lang: Language) -> str:
    """Name a criterion with its weight, and how much of it is worth one point of the score."""
    lines = [criterion_short(criterion, lang), number(evaluation.weights[criterion], "share", lang)]
    found = evaluation.tradeoff
    if found is not None and criterion in found.per_point.index:
        amount = float(found.per_point["amount"][criterion])
        if math.isfinite(amount):
            lines.append(say("plot.per_point", lang, amount=number(amount, form_of(criterion), lang)))
    return "\n".join(lines)


def compared_sites(evaluation: Evaluation) -> list[str]:
    """List the sites that have a score, best first.

    Raises
    ------
    InputError
        There is none.
    """
    if not has_ranking(evaluation):
        raise refusal("", "E842")
    return [str(site) for site in evaluation.ranking.index]
