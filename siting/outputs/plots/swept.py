"""Scores under each value of one setting: a table that shows itself in words and draws itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.outputs.colours import INK
from siting.outputs.plots.drawing import finished, line_look, new_axes, option_labels
from siting.outputs.plots.score_plots import TALL
from siting.outputs.text.wording import LANGUAGES, label, points, say, words
from siting.scenario.describe import meaning_of
from siting.types import Json, Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class SweptScores(pd.DataFrame):
    """Scores 0–1, value × site; the index is the value. Parts of it are plain tables."""

    _metadata = ("option_labels", "is_demo")

    option_labels: Mapping[Language, Mapping[str, str]]
    """Names of the options by language, with their letters."""
    is_demo: bool

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def plot(self, ax: Axes | None = None, lang: Language = "zh") -> Axes:  # type: ignore[override]
        """Draw a line a site over the values, points 0–100; a ring marks who comes first at each.

        Parameters
        ----------
        ax : to draw on; new ones if None
        lang : of all texts

        Raises
        ------
        InstallationError
            matplotlib or a Chinese font is missing.
        """
        ax = new_axes(ax, TALL)
        scores, labels = 100 * self.to_numpy(float), self.option_labels[lang]
        order, key = list(labels), str(self.index.name)
        x = np.asarray(self.index, float) if _is_numeric(self.index) else np.arange(len(self))
        for column, site in enumerate(map(str, self.columns)):
            look = line_look(order.index(site))
            ax.plot(x, scores[:, column], label=labels[site], **look)
        best = np.nanmax(scores, axis=1)
        ax.plot(x, best, "o", markersize=13, fillstyle="none", color=INK, label=say("plot.first", lang))
        ax.set_xticks(x, [_value_text(value, key, lang) for value in self.index])
        ax.set_xlabel(key_name(key, lang))
        ax.set_ylabel(say("plot.points", lang))
        ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
        return finished(ax, say("plot.sweep", lang), lang, is_demo=self.is_demo)

    def _repr_html_(self) -> str:
        spoken = self.option_labels["zh"]
        named = pd.DataFrame(self).rename(columns=spoken).rename_axis(key_name(str(self.index.name), "zh"))
        return named.to_html(float_format=points)


def swept_scores(
    rows: Mapping[Json, pd.Series], key: str, study_options: pd.DataFrame, is_demo: bool
) -> SweptScores:
    """Make the table of scores by value of a setting."""
    found = SweptScores(pd.DataFrame(rows).T.rename_axis(key))
    found.option_labels = {lang: option_labels(study_options, lang) for lang in LANGUAGES}
    found.is_demo = is_demo
    return found


def key_name(key: str, lang: Language) -> str:
    """Name a setting in words: as assumptions are called, else by the start of its meaning.

    >>> key_name("coverage.cutoff_min", "en")
    'cutoff (min)'
    """
    known, last = words(lang), key.rpartition(".")[2]
    named = (f"lever.{key}", f"what.{last}", f"test.{last}")
    named_so = next((known[name] for name in named if name in known), None)
    return named_so or re.split(r"[：；（:;(]|\. ", meaning_of(key, lang))[0].strip() or key


def _is_numeric(values: pd.Index) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _value_text(value: Json, key: str, lang: Language) -> str:
    if isinstance(value, float | int):
        return f"{value:g}"
    return label(key.rpartition(".")[2], str(value), lang)
