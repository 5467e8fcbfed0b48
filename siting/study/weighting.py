"""A study → the questions that settle its weights; departments' records → their sum and winners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from siting.analysis.decision import scoring
from siting.analysis.decision.criteria import BY_ID, GROUP_OF, CriterionUse
from siting.analysis.decision.swing import AggregateMethod, swing_ranges
from siting.analysis.decision.weights import Agreement, agreement
from siting.analysis.money.formulas import discount_factors
from siting.messages import refusal
from siting.option_kinds import having
from siting.scenario.judgements import with_judgements
from siting.scenario.model import Scenario
from siting.scenario.weight_records import mean_weights, named_records, shares_on_common_ranges, spans, weigh
from siting.study.adapt import adapt
from siting.study.prepared import evaluate_criteria, evidence_of, prepare

if TYPE_CHECKING:
    import pandas as pd

    from siting.types import DepartmentRecord, Inputs

HOURS, MONEY = "hours_saved", "net_cost_wan"
"""Criteria whose trade-off is the price of an hour."""


@dataclass(frozen=True)
class Contest:
    """The sites that stand to choose: those with a place that fail no condition."""

    scenario: Scenario
    """As adapted to the data: its anchors are those that scores are on."""
    matrix: pd.DataFrame
    """Site × criterion, raw figures."""
    values: pd.DataFrame
    """Site × criterion, 0..1."""
    names: pd.DataFrame
    """By site, ``name, name_en``."""


@dataclass(frozen=True)
class Questions:
    """What is asked of each person."""

    ranges: pd.DataFrame
    """By criterion asked, see `swing_ranges`; where percent is asked, the anchors."""
    groups: tuple[str, ...]
    """Groups asked about."""
    left_out: tuple[str, ...]
    """Scored criteria in which the sites do not differ: not asked, and without weight."""
    check: tuple[str, str] | None
    """Criterion gained and criterion that pays for it, in the trade-off asked directly."""


@dataclass(frozen=True)
class RecordsSum:
    """Several records side by side."""

    records: dict[str, DepartmentRecord]
    """By the name that each is called by."""
    shares: pd.DataFrame
    """Record × criterion asked, on common ranges; each row sums to 1."""
    means: dict[AggregateMethod, pd.Series | None]
    """Weights on the anchors by method; None for a geometric mean where some share is 0."""
    scores: pd.DataFrame
    """Site × record."""
    agreement: Agreement
    """Ranks by record, and Kendall's W."""

    @property
    def spread(self) -> pd.Series:
        """By criterion, largest less least share: where the records lie furthest apart."""
        return self.shares.max() - self.shares.min()


def contest(scenario: Scenario, inputs: Inputs) -> Contest:
    """Work out the raw figures and values of the sites that stand to choose.

    Raises
    ------
    InputError
        Fewer than two sites stand to choose.
    """
    scenario, inputs = adapt(scenario, inputs)
    scenario = with_judgements(scenario, inputs.judgements)
    matrix, _, values = evaluate_criteria(scenario, evidence_of(prepare(scenario, inputs)))
    verdicts = scoring.verdicts(inputs.conditions, inputs.sites)
    is_placed = having(inputs.sites["kind"], lambda kind: kind.has_place)
    stands = inputs.sites.index[is_placed & (verdicts != "fail").to_numpy()]
    if len(stands) < 2:
        raise refusal("", "E786", n=len(stands))
    return Contest(scenario, matrix.loc[stands], values.loc[stands], inputs.sites[["name", "name_en"]])


def questions(found: Contest, *, direct: bool = False) -> Questions:
    """Find what to ask on a study's own ranges.

    Parameters
    ----------
    found : the sites that stand to choose
    direct : ask percent for the whole anchors, not points for the range of the sites

    Raises
    ------
    InputError
        The sites differ in no scored criterion.
    """
    import pandas as pd

    uses = found.scenario.criteria
    ranges = swing_ranges(found.matrix, uses, {use.name: BY_ID[use.name].sense for use in uses})
    scored = [use for use in uses if use.weight > 0]
    if direct:
        ends = {use.name: _whole(use) for use in scored}
        ranges = pd.DataFrame.from_dict(ends, orient="index", columns=["worst", "best"])
    if ranges.empty:
        raise refusal("", "E787")
    asked = list(ranges.index)
    groups = tuple(dict.fromkeys(GROUP_OF[name] for name in asked))
    left_out = tuple(use.name for use in scored if use.name not in asked)
    return Questions(ranges, groups, left_out, _check_of(asked))


def _whole(use: CriterionUse) -> tuple[float, float]:
    """Raw figures of value 0 and 1."""
    if use.anchors is not None:
        return use.anchors
    points = sorted(use.points, key=lambda point: point[1])
    return points[0][0], points[-1][0]


def _check_of(asked: list[str]) -> tuple[str, str] | None:
    """Choose the trade-off to ask directly: hours for money where both are asked, else across groups."""
    if {HOURS, MONEY} <= set(asked):
        return HOURS, MONEY
    others = [name for name in asked if GROUP_OF[name] != GROUP_OF[asked[0]]]
    pair = [*asked[:1], *(others or asked[1:])][:2]
    return (pair[0], pair[1]) if len(pair) == 2 else None


def sum_up(found: Contest, records: Iterable[DepartmentRecord]) -> RecordsSum:
    """Lay records side by side: weights of each, their means, who wins by each, where they differ most."""
    import pandas as pd

    uses, named = found.scenario.criteria, named_records(records)
    views = {name: weigh(record, uses).weights for name, record in named.items()}
    scores = {name: scoring.weighted_sum(found.values, weights) for name, weights in views.items()}
    return RecordsSum(
        records=named,
        shares=shares_on_common_ranges(named, uses)[0],
        means={method: mean_weights(named, uses, method) for method in get_args(AggregateMethod)},
        scores=pd.DataFrame(scores),
        agreement=agreement(found.values, views),
    )


def yuan_per_hour(record: DepartmentRecord, scenario: Scenario) -> float | None:
    """Price of an hour saved that a record's answers imply, yuan; None where it lacks hours or money.

    Net cost is a present value over the horizon, hours saved come every year: what one hour a year is worth
    is spread over the horizon at the discount rate.
    """
    width = spans(record)
    if not {HOURS, MONEY} <= set(width.index):
        return None
    shares = weigh(record, scenario.criteria).shares
    if shares[MONEY] == 0:
        return None
    wan_per_yearly_hour = (shares[HOURS] / width[HOURS]) / (shares[MONEY] / width[MONEY])
    economics = scenario.economics
    years = discount_factors(economics.discount_rate, economics.horizon_years)[1:].sum()
    return float(wan_per_yearly_hour * 10_000 / years)


def aggregate_of(found: RecordsSum, method: AggregateMethod) -> pd.Series:
    """Return the mean of a method.

    Raises
    ------
    InputError
        The geometric mean is asked for, and some share is 0.
    """
    weights = found.means[method]
    if weights is None:
        raise refusal("", "E788")
    return weights
