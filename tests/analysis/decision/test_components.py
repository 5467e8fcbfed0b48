"""Criteria split by enterprise: added up again, and beside the chain run anew."""

import numpy as np

from siting.analysis.access.coverage import CoverageSettings
from siting.analysis.decision.criteria import (
    CRITERIA,
    CriterionUse,
    components_of,
    decision_matrix,
    matrix_for,
)
from siting.analysis.money.costs import EconomicsSettings
from tests.analysis import county

ANCHORS = {1: (0.0, 1.0), -1: (1.0, 0.0)}
USES = [CriterionUse(name=c.id, weight=1.0, anchors=ANCHORS[c.sense]) for c in CRITERIA]
COVERAGE = CoverageSettings(cutoff_min=25)


def once(table):
    return table.sum(axis=0, keepdims=True)


def test_components_put_together_are_the_matrix():
    evidence = county.evidence()
    matrix, _ = decision_matrix(evidence, USES, coverage=COVERAGE)
    parts = components_of(evidence, USES, coverage=COVERAGE)
    assert {"hours_saved", "demand_covered", "industry_coverage", "worst_industry", "authority"} <= set(parts)
    for name, part in parts.items():
        np.testing.assert_allclose(part.of(once)[0], matrix[name], atol=1e-12, err_msg=name)


def test_leaving_out_a_firm_equals_the_chain_without_it():
    evidence = county.evidence()
    parts = components_of(evidence, USES, coverage=COVERAGE)
    for row in range(len(evidence.demand.tests)):
        counts = np.ones(len(evidence.demand.tests))
        counts[row] = 0
        matrix = matrix_for(
            evidence, USES, county.TRIPS, EconomicsSettings(), coverage=COVERAGE, demand_weights=counts
        )
        for name, part in parts.items():
            found = part.of(lambda table, counts=counts: counts[None] @ table)[0]
            np.testing.assert_allclose(found, matrix[name], atol=1e-9, err_msg=f"{name} without row {row}")


def test_parameters_of_a_criterion_go_before_the_common_ones():
    evidence = county.evidence()
    own = CriterionUse(name="demand_covered", weight=1, anchors=(0, 1), parameters={"cutoff_min": 60.0})
    output = CriterionUse(
        name="industry_coverage", weight=1, anchors=(0, 1), parameters={"weighting": "output"}
    )
    parts = components_of(evidence, [own, output], coverage=COVERAGE)
    assert list(parts) == ["demand_covered"]
    matrix, _ = decision_matrix(evidence, [own], coverage=COVERAGE)
    np.testing.assert_allclose(parts["demand_covered"].of(once)[0], matrix["demand_covered"])
