"""Evidence → criteria taken apart by enterprise, so that firms can be left out or drawn without a new run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from siting.analysis.access.coverage import CoverageSettings, covered_trips
from siting.analysis.decision.additive import Additive
from siting.analysis.demand.annual_tests import pillar_of, visits
from siting.analysis.demand.baseline import gains

if TYPE_CHECKING:
    from siting.analysis.decision.criteria import CriterionUse
    from siting.types import Evidence


def register_parts(
    evidence: Evidence, uses: Sequence[CriterionUse], *, coverage: CoverageSettings | None = None
) -> dict[str, Additive]:
    """Take apart every criterion that is a sum, a share or a mean of shares over enterprises.

    Left whole: the worst-served tenth (an order, not a sum), costs and the city link (they follow demand by
    steps and blocks), the staff's commute (no enterprise in it), the mean trip where somebody is cut off,
    and industry coverage under weights other than equal ones.

    Parameters
    ----------
    evidence : of the study
    uses : criteria; their parameters go before those of `coverage`
    coverage : cutoff and decay

    Returns
    -------
    By criterion; `Additive.of` with every enterprise counted once gives the decision matrix.
    """
    common = (coverage or CoverageSettings()).model_dump(include={"cutoff_min", "decay"})
    inputs = evidence.inputs
    pillars = inputs.industries.index[inputs.industries["pillar"].astype(bool)]
    pillar = pillar_of(inputs.enterprises, inputs.industries)
    pillar = pillar.where(pillar.isin(pillars))
    parts: dict[str, Additive] = {}
    for use in uses:
        parameters: dict[str, Any] = common | use.parameters
        weighting = parameters.pop("weighting", "equal")
        if use.name == "hours_saved":
            parts[use.name] = Additive(gains(evidence))
        elif use.name == "mean_trip_min" and np.isfinite(evidence.trips.minutes.to_numpy()).all():
            carried = covered_trips(evidence)[1]
            parts[use.name] = Additive(evidence.trips.minutes.mul(carried, axis=0), carried)
        elif use.name == "authority":
            parts[use.name] = _authority(evidence)
        elif use.name == "demand_covered":
            parts[use.name] = Additive(*covered_trips(evidence, **parameters))
        elif use.name == "worst_industry" or (use.name == "industry_coverage" and weighting == "equal"):
            over = "min" if use.name == "worst_industry" else "mean"
            parts[use.name] = Additive(*covered_trips(evidence, **parameters), pillar, over)
    return parts


def _authority(evidence: Evidence) -> Additive:
    """Divide the tests whose report the option may issue by all tests."""
    demand = pd.DataFrame(visits(evidence.demand, evidence.inputs.services), evidence.demand.tests.index)
    issued = evidence.trips.issued
    reported = pd.DataFrame(demand.to_numpy() @ issued.to_numpy(), demand.index, issued.columns)
    return Additive(reported, demand.sum(axis=1))
