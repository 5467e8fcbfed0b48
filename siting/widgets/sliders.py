"""A study and a slider → scores that follow it: one setting, or the weights of the groups."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from siting.analysis.decision.criteria import BY_ID
from siting.analysis.decision.scoring import weighted_sum
from siting.analysis.frames import is_illustrative
from siting.outputs.plots.drawing import option_labels
from siting.outputs.plots.score_plots import plot_scores
from siting.outputs.plots.swept import key_name
from siting.outputs.text.wording import label, points, say
from siting.scenario.model import weights_of
from siting.study import evaluate as recipe
from siting.widgets.panel import HALF, WIDE, Panel, picture_of, toolkit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from siting.planner import Study
    from siting.types import Json, Language

STEPS = 20
"""Stops of a slider."""


def slide(study: Study, key: str, low: float, high: float, *, lang: Language = "zh") -> Panel:
    """Show a slider for one setting, and the scores at each of its values beside those of now.

    Parameters
    ----------
    key : of the scenario, a number, such as ``coverage.cutoff_min``
    low, high : ends of the slider
    lang : of all texts

    Raises
    ------
    InstallationError
        ipywidgets, matplotlib or a Chinese font is missing.
    ScenarioError
        No such key, or an end that it does not take.
    """
    for end in (low, high):
        study.with_(settings={key: end})
    widgets = toolkit()
    value = attrgetter(key)(study.scenario)
    is_whole = all(isinstance(number, int) for number in (value, low, high))
    kind = widgets.IntSlider if is_whole else widgets.FloatSlider
    step = 1 if is_whole else (high - low) / STEPS
    slider = kind(
        value=min(max(value, low), high),
        min=low,
        max=high,
        step=step,
        description=key_name(key, lang),
        continuous_update=False,
        style=WIDE,
        layout=widgets.Layout(width="70%"),
    )

    def scores() -> pd.Series:
        changed = study.with_(settings={key: slider.value})
        return recipe.score(changed.scenario, changed.inputs)

    return _followed(study, {key: slider}, scores, recipe.score(study.scenario, study.inputs), lang)


def slide_weights(study: Study, *, lang: Language = "zh") -> Panel:
    """Show a slider for the weight of each group, and the scores that they give; they need not sum to 1.

    Raises
    ------
    InstallationError
        ipywidgets, matplotlib or a Chinese font is missing.
    """
    sliders = group_sliders(study, lang)
    values = study.run().values

    def scores() -> pd.Series:
        # All at nothing says nothing: equal weights, as the page takes them.
        chosen = {group: float(slider.value) for group, slider in sliders.items()}
        chosen = chosen if any(chosen.values()) else dict.fromkeys(chosen, 1.0)
        weights = weights_of(study.with_(weights=chosen).scenario)
        return weighted_sum(values[weights.index], weights)

    before = weighted_sum(values[weights_of(study.scenario).index], weights_of(study.scenario))
    return _followed(study, sliders, scores, before, lang)


def group_sliders(study: Study, lang: Language) -> dict[str, Json]:
    """Make a slider for the weight of each group that the study scores, percent."""
    widgets = toolkit()
    scored = {BY_ID[use.name].group for use in study.scenario.criteria}
    groups = {group: w for group, w in study.scenario.groups.model_dump().items() if group in scored}
    return {
        group: widgets.IntSlider(
            value=round(100 * weight / (sum(groups.values()) or 1.0)),
            min=0,
            max=100,
            description=label("group", group, lang),
            continuous_update=False,
            style=WIDE,
            layout=HALF,
        )
        for group, weight in groups.items()
    }


def _followed(
    study: Study,
    sliders: Mapping[str, Json],
    scores: Callable[[], pd.Series],
    before: pd.Series,
    lang: Language,
) -> Panel:
    """Lay sliders above the plot that follows them."""
    widgets = toolkit()
    names = option_labels(study.sites, lang)
    told, picture = widgets.HTML(), widgets.Image(format="png")
    is_demo = bool(is_illustrative(study.enterprises).any())

    def draw(_: Json = None) -> None:
        found = scores()
        first = str(found.idxmax())
        told.value = say("widget.first", lang, name=names[first], score=points(float(found[first])))
        picture.value = picture_of(plot_scores(names, found, before, lang, is_demo=is_demo))

    for slider in sliders.values():
        slider.observe(draw, names="value")
    draw()
    return Panel(widgets.VBox([*sliders.values(), told, picture]), bytes(picture.value), lang)
