"""Evaluation → matrix of winners: an assumption a row, a site a column, how often the site comes first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.messages import refusal
from siting.outputs.plots.drawing import draw_cells, finished, new_axes, note_below, option_labels
from siting.outputs.text.sentences import is_demonstration
from siting.outputs.text.winner_words import still_sentence, winner_columns, winner_rows
from siting.outputs.text.wording import say
from siting.types import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from siting.study.evaluation import Evaluation


def plot_winners(evaluation: Evaluation, ax: Axes | None, lang: Language) -> Axes:
    """Draw under how many values of each assumption a site comes first, see `Result.plot_winners`."""
    rows, columns = winner_rows(evaluation, lang), winner_columns(evaluation)
    if not rows:
        raise refusal("", "E842")
    names = option_labels(evaluation.evidence.options, lang)
    counts = [[len(row.by_winner.get(option, ())) for option in columns] for row in rows]
    ax = new_axes(ax, len(rows))
    shares = [[count / sum(found) for count in found] for found in counts]
    draw_cells(
        ax,
        shares,
        [[f"{count}/{sum(found)}" if count else "" for count in found] for found in counts],
        rows=[row.assumption for row in rows],
        columns=[names[option] for option in columns],
        lang=lang,
    )
    note_below(ax, f"{say('plot.winners.note', lang)}\n{still_sentence(evaluation, lang)}")
    return finished(ax, say("winners", lang), lang, is_demo=is_demonstration(evaluation))
