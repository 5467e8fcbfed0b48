"""What is out of date is told in one line that the data alone decide."""

from dataclasses import replace

import pandas as pd
import pytest

from siting.outputs.text.outdated import outdated, outdated_record


@pytest.fixture(scope="module")
def evaluation(base_result):
    return base_result.evaluation


def with_inputs(evaluation, **changes):
    inputs = replace(evaluation.evidence.inputs, **changes)
    return replace(evaluation, evidence=replace(evaluation.evidence, inputs=inputs))


def with_year(evaluation, year):
    return replace(evaluation, scenario=evaluation.scenario.model_copy(update={"study_year": year}))


def test_the_default_study_names_roads_pledges_and_evidence_of_later(evaluation):
    said = outdated(evaluation, "zh")
    assert "2011 年以后通车的 5 段道路未计入" in said
    assert "2 项出资供地意向未注明有效期" in said
    assert "经济开发区（洇溜）、测算参数 5 行依据 2011 年以后的资料" in said
    assert outdated_record(evaluation)["ids"] == ["roads", "undated", "newer"]


def test_a_later_study_says_that_prices_are_old_and_roads_counted(evaluation):
    assert outdated_record(with_year(evaluation, 2024))["ids"] == ["prices", "undated", "fees", "newer"]


def test_pledges_and_fees_that_ended_are_told(evaluation):
    inputs = evaluation.evidence.inputs
    pledges = inputs.pledges.assign(valid_until=["2010-12-31", "2011-06-30"])
    services = inputs.services.assign(valid_until=2010.0)
    changed = with_inputs(evaluation, pledges=pledges, services=services)
    assert "1 项出资供地意向已过有效期" in outdated(changed, "zh")
    assert f"{len(services)} 个检测项目的收费依据" in outdated(changed, "zh")


def test_nothing_to_tell_is_no_line(evaluation):
    inputs = evaluation.evidence.inputs
    roads = replace(inputs.roads, edges=inputs.roads.edges.assign(opened=pd.NA))
    changed = with_inputs(
        evaluation,
        roads=roads,
        pledges=inputs.pledges.iloc[:0],
        sites=inputs.sites.assign(year=2011),
        parameters=inputs.parameters.assign(year=2011),
    )
    assert outdated(changed, "en") == ""
