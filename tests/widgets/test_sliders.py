"""Sliders score anew what they move, beside the study as it is set."""

import builtins

import numpy as np
import pytest

import siting
from siting.study import evaluate as recipe
from siting.types import InstallationError, ScenarioError
from siting.widgets import panel as panels


def test_a_slider_scores_the_study_at_its_value(base_study):
    panel = siting.slide(base_study, "coverage.cutoff_min", 15, 60)
    slider, told, picture = panel.box.children
    before = bytes(picture.value)
    assert slider.value == base_study.scenario.coverage.cutoff_min
    assert "洇溜" in told.value
    slider.value = 60
    changed = base_study.with_(settings={"coverage.cutoff_min": 60})
    first = recipe.score(changed.scenario, changed.inputs)
    name = base_study.sites["name"][first.idxmax()]
    assert name in told.value
    assert f"{100 * first.max():.1f}" in told.value
    assert bytes(picture.value) != before
    assert bytes(picture.value).startswith(b"\x89PNG")
    slider.value = base_study.scenario.coverage.cutoff_min
    assert bytes(picture.value) == before, "the same value gives the same picture"


def test_weights_of_groups_need_not_sum_to_one(base_study, base_result, monkeypatch):
    monkeypatch.setattr(siting.Study, "run", lambda _: base_result)
    panel = siting.slide_weights(base_study)
    *sliders, told, _ = panel.box.children
    assert [slider.value for slider in sliders] == [40, 30, 20, 10]
    best = base_result.evaluation.ranking["score"].max()
    assert f"{100 * best:.1f}" in told.value
    for slider in sliders[1:]:
        slider.value = 0
    own = base_result.values[["hours_saved", "demand_covered", "mean_trip_min"]]
    weights = base_result.evaluation.weights[own.columns]
    expected = (own * weights / weights.sum()).sum(axis=1)
    assert f"{100 * expected.max():.1f}" in told.value
    sliders[0].value = 0
    assert "nan" not in told.value
    assert np.isfinite(expected).all()


def test_a_key_that_is_none_is_refused(base_study):
    with pytest.raises(ScenarioError, match="did you mean 'cutoff_min'"):
        siting.slide(base_study, "coverage.cutoff", 15, 60)


def test_where_no_kernel_runs_a_picture_stands(base_study):
    panel = siting.slide(base_study, "demand.expansion_factor", 1, 12, lang="en")
    shown = panel._repr_mimebundle_()
    assert shown["text/html"].startswith("<p>Controls stand here")
    assert "data:image/png;base64," in shown["text/html"]
    assert shown["text/plain"] == repr(panel)


def test_without_ipywidgets_a_message_says_what_to_install(base_study, monkeypatch):
    kept = builtins.__import__
    monkeypatch.setattr(panels, "import_module", lambda name: kept(f"no_such_{name}"))
    with pytest.raises(InstallationError, match=r'pip install "siting\[notebooks\]"'):
        siting.slide_weights(base_study)
