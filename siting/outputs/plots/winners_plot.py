"""Evaluation → matrix of winners: an assumption a row, a site a column, how often the site comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.outputs.colours import GROUP_COLOURS, INK
from siting.outputs.plots.drawing import broken, finished, new_axes, note_below, option_labels
from siting.outputs.text.sentences import is_demonstration
from siting.outputs.text.winner_words import still_sentence, winner_columns, winner_rows
from siting.outputs.text.wording import say
from siting.types import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from siting.study.evaluation import Evaluation

DARK = 0.55
"""Share of an assumption's values from which the text in a cell is white."""


def plot_winners(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw under how many values of each assumption a site comes first, see `Result.plot_winners`."""
    from matplotlib.colors import LinearSegmentedColormap

    rows, columns = winner_rows(evaluation, lang), winner_columns(evaluation)
    if not rows:
        raise refusal("", "E842")
    names = option_labels(evaluation.evidence.options, lang)
    counts = [[len(row.by_winner.get(option, ())) for option in columns] for row in rows]
    ax = new_axes(ax, len(rows))
    shares = [[count / sum(found) for count in found] for found in counts]
    blues = LinearSegmentedColormap.from_list("page", ["#ffffff", GROUP_COLOURS[0]])
    ax.imshow(shares, cmap=blues, vmin=0, vmax=1, aspect="auto")
    for y, found in enumerate(counts):
        for x, count in enumerate(found):
            if count:
                colour = "white" if shares[y][x] > DARK else INK
                ax.text(x, y, f"{count}/{sum(found)}", ha="center", va="center", color=colour)
    ax.set_xticks(range(len(columns)), [broken(names[option], lang) for option in columns])
    ax.xaxis.tick_top()
    ax.set_yticks(range(len(rows)), [row.assumption for row in rows])
    note_below(ax, f"{say('plot.winners.note', lang)}\n{still_sentence(evaluation, lang)}")
    return finished(ax, say("winners", lang), lang, is_demo=is_demonstration(evaluation))
