"""A study without some enterprises: by subtraction as if it had been built anew, in every criterion."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from siting.analysis.decision import scoring
from siting.analysis.decision.criteria import components_of
from siting.analysis.kernel import Firms, Traffic, Version, held_values
from siting.scenario.build import change
from siting.scenario.model import weights_of
from siting.study import prepared as steps
from siting.study.draws.frozen import freeze
from siting.study.draws.left_out import exact_left_out
from siting.study.draws.versions import Scored
from siting.study.variants import firm_groups

STUDIES = {
    "base": {},
    "half days": {"trips.half_day_blocks": True},
    "many tests": {"demand.expansion_factor": 60, "economics.staff": 2},
    "purse": {"economics.account": "financial", "coverage.decay": "none"},
    "weighted": {
        "criteria.industry_coverage.parameters.weighting": "output",
        "criteria.worst_tenth_min.parameters.weighting": "enterprises",
    },
    "huff": {"trips.leakage": "huff"},
}


def prepared(base_study, changes=(), **inputs):
    """The default study with every 25th firm."""
    some = {"enterprises": base_study.inputs.enterprises.iloc[::25], **inputs}
    return steps.prepare(change(base_study.scenario, dict(changes)), replace(base_study.inputs, **some))


def left_out_of(study, progress=None):
    """Scores without each enterprise and group, by the product, and what they are versions of."""
    evidence, scenario = steps.evidence_of(study), study.scenario
    parts = components_of(evidence, scenario.criteria, coverage=scenario.coverage)
    scored = Scored(study, freeze(study, evidence), weights_of(scenario))
    return exact_left_out(scored, parts, progress), scored


def one_by_one(scored):
    """The same, each version worked out by itself from the rows that stay."""
    whole, sites = scored.traffic(), list(scored.frozen.arrays.sites)
    firms = scored.setting.inputs.enterprises.index
    for kind, keys in {"enterprise": firms.to_series(), **firm_groups(scored.setting)}.items():
        rows = {}
        for name in sorted(keys.dropna().unique()) if kind != "enterprise" else firms:
            stay = np.flatnonzero(keys != name)
            some = Firms(*(getattr(whole.firms, part.name)[stay] for part in fields(Firms)))
            version = Version(Traffic(whole.arrays, some, whole.ways.of_enterprises(stay)))
            rows[name] = scored.weighted(held_values(version.raw, whole.arrays.uses))
        yield kind, pd.DataFrame.from_dict(rows, orient="index", columns=sites)


@pytest.mark.parametrize("name", STUDIES)
def test_subtraction_gives_what_each_version_gives_by_itself(base_study, name):
    found, scored = left_out_of(prepared(base_study, STUDIES[name]))
    assert list(found) == ["enterprise", "industry", "town"]
    for kind, expected in one_by_one(scored):
        pd.testing.assert_frame_equal(
            found[kind], expected, check_names=False, check_index_type=False, rtol=0, atol=1e-12
        )
        assert np.ptp(found[kind].to_numpy(), axis=0).max() > 0


def test_nothing_is_left_of_one_enterprise_or_one_that_is_cut_off(base_study):
    """All demand left out, and firms that no road leads to: what is no number stays none."""
    firms = base_study.inputs.enterprises.iloc[::40].copy()
    firms.loc[firms.index[:2], "lon"] += 2.0
    found, scored = left_out_of(prepared(base_study, enterprises=firms))
    for kind, expected in one_by_one(scored):
        pd.testing.assert_frame_equal(
            found[kind], expected, check_names=False, check_index_type=False, rtol=0, atol=1e-12
        )
    alone, scored = left_out_of(prepared(base_study, enterprises=firms.iloc[-1:]))
    expected = dict(one_by_one(scored))["enterprise"]
    np.testing.assert_allclose(alone["enterprise"], expected, rtol=0, atol=1e-12)


def test_what_is_left_scores_as_a_study_of_those_alone(base_study):
    study = prepared(base_study)
    seen = []
    found, scored = left_out_of(study, lambda *step: seen.append(step))
    firms = study.inputs.enterprises
    assert seen == [(n + 1, len(firms)) for n in range(len(firms))]
    town = firms["town"].iloc[0]
    for kind, gone, rest in (
        ("enterprise", firms.index[3], firms.drop(index=firms.index[3])),
        ("town", town, firms[firms["town"] != town]),
    ):
        values = steps.values_of(prepared(base_study, enterprises=rest))
        expected = scoring.weighted_sum(values, scored.weights)[list(found[kind])]
        np.testing.assert_allclose(found[kind].loc[gone], expected, atol=1e-9)
