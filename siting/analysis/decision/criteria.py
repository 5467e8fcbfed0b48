"""The criteria of a study and how a scenario uses them; evidence → decision matrix, option × criterion.

The measures stand in `criteria_*`, one function a criterion; nothing is scored here.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args, get_type_hints

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from siting.analysis.access.coverage import CoverageSettings
from siting.analysis.decision import (
    criteria_balance,
    criteria_enterprises,
    criteria_industries,
    criteria_running,
)
from siting.analysis.decision.additive import Additive
from siting.analysis.demand.demand_settings import TripSettings
from siting.analysis.demand.trips import trips
from siting.analysis.frames import today_of
from siting.analysis.money.costs import EconomicsSettings, costs
from siting.messages import Text, did_you_mean, refusal, text_of
from siting.types import Evidence, Settings

Anchors = tuple[float, float]
"""Raw values that score 0 and 1."""


@dataclass(frozen=True)
class Attained:
    """What a criterion comes to today and over the places of the county."""

    today: float
    best: float
    worst: float
    sense: Literal[1, -1]

    def from_today(self) -> Anchors:
        """Score today 0, the best place 1; where none is better, all of a share or no minutes."""
        better = (self.best - self.today) * self.sense > 0
        return self.today, self.best if better else float(self.sense > 0)

    def from_worst(self) -> Anchors:
        """Score the worst place 0, nothing spent 1."""
        return self.worst, 0.0

    def from_cap(self) -> Anchors:
        """Score a quarter above the worst place 0, nothing spent 1."""
        # On the worst place's own figure no change of price could tell.
        return self.worst * 1.25, 0.0

    def whole_share(self) -> Anchors:
        """Score nothing of the share 0, all of it 1."""
        return 0.0, 1.0


@dataclass(frozen=True)
class Criterion:
    """One way of judging an option."""

    id: str
    group: Literal["enterprises", "industries", "building", "balance"]
    compute: Callable[..., pd.Series]
    """Evidence and parameters → raw figure by option."""
    unit: str
    sense: Literal[1, -1]
    """+1: more is better; −1: less."""
    label_zh: str
    label_en: str
    describe_zh: str
    describe_en: str
    components: Callable[..., Additive | None] | None = None
    """The same arguments → sums over enterprises that give the figure; None: it cannot be split so."""
    anchors: Callable[[Attained], Anchors] = Attained.from_today
    """Rule by which anchors are made for a study."""

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters that a scenario may set, with their defaults."""
        return inspect.getfullargspec(self.compute).kwonlydefaults or {}

    @cached_property
    def choices(self) -> Mapping[str, tuple[str, ...]]:
        """Words allowed for each parameter that is no number, from the function's annotations."""
        hints = get_type_hints(self.compute)
        return {name: get_args(hints[name]) for name in self.parameters if get_args(hints[name])}


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        id="hours_saved",
        group="enterprises",
        compute=criteria_enterprises.hours_saved,
        unit="h/a",
        sense=1,
        label_zh="节约时间",
        label_en="Hours saved",
        describe_zh="企业送检出行（含等候、取报告）比现状每年少用的人时",
        describe_en="Person-hours a year that enterprises spend less on test trips than today",
        components=criteria_enterprises.hours_saved_components,
    ),
    Criterion(
        id="demand_covered",
        group="enterprises",
        compute=criteria_enterprises.demand_covered,
        unit="share",
        sense=1,
        label_zh="服务覆盖率",
        label_en="Demand covered",
        describe_zh="覆盖时限内由该方案承接的送检趟次占比",
        describe_en="Share of the enterprises' test trips that the option takes within the cutoff",
        components=criteria_enterprises.demand_covered_components,
    ),
    Criterion(
        id="mean_trip_min",
        group="enterprises",
        compute=criteria_enterprises.mean_trip_min,
        unit="min",
        sense=-1,
        label_zh="平均行车时间",
        label_en="Mean trip time",
        describe_zh="按送检趟次加权的单程行车时间，只列示、不与节约时间重复计分",
        describe_en="One-way driving, weighted by trips; shown, not scored beside hours saved",
        components=criteria_enterprises.mean_trip_components,
    ),
    Criterion(
        id="industry_coverage",
        group="industries",
        compute=criteria_industries.industry_coverage,
        unit="share",
        sense=1,
        label_zh="产业覆盖率",
        label_en="Industry coverage",
        describe_zh="各支柱产业送检趟次覆盖率的平均值",
        describe_en="Mean over the pillar industries of the share of demand covered",
        components=criteria_industries.industry_coverage_components,
    ),
    Criterion(
        id="worst_industry",
        group="industries",
        compute=criteria_industries.worst_industry,
        unit="share",
        sense=1,
        label_zh="覆盖率最低的支柱产业",
        label_en="Worst-served pillar industry",
        describe_zh="覆盖率最低的支柱产业的覆盖率",
        describe_en="Share of demand covered in the worst-served pillar industry",
        components=criteria_industries.worst_industry_components,
    ),
    Criterion(
        id="authority",
        group="industries",
        compute=criteria_industries.authority,
        unit="share",
        sense=1,
        label_zh="报告的权威性",
        label_en="Authority of the report",
        describe_zh="可依法出具报告的检测量占比（资质认定、授权、核准）",
        describe_en="Share of all tests whose report the option may legally issue",
        components=criteria_industries.authority_components,
        anchors=Attained.whole_share,
    ),
    Criterion(
        id="city_link_hours",
        group="building",
        compute=criteria_running.city_link_hours,
        unit="h/a",
        sense=-1,
        label_zh="与市区的往来",
        label_en="Link to the city",
        describe_zh="人员、分包样品、仪器往返市区每年所用人时",
        describe_en="Hours a year of staff, samples sent on and instruments on the road to the city",
        anchors=Attained.from_worst,
    ),
    Criterion(
        id="net_cost_wan",
        group="building",
        compute=criteria_running.net_cost_wan,
        unit="10^4 CNY",
        sense=-1,
        label_zh="净费用",
        label_en="Net cost",
        describe_zh="建设、用地、运行费用的现值，出资出力意向另列",
        describe_en="Present value of set-up, land and running; pledges apart",
        anchors=Attained.from_cap,
    ),
    Criterion(
        id="staff_commute_min",
        group="building",
        compute=criteria_running.staff_commute_min,
        unit="min",
        sense=-1,
        label_zh="职工通勤",
        label_en="Staff commuting",
        describe_zh="县城至该方案的单程行车时间",
        describe_en="One-way driving from the county seat, where staff live",
        anchors=Attained.from_worst,
    ),
    Criterion(
        id="worst_tenth_min",
        group="balance",
        compute=criteria_balance.worst_tenth_min,
        unit="min",
        sense=-1,
        label_zh="最不便的10%企业",
        label_en="Worst-served tenth",
        describe_zh="送检最不便的10%企业的平均单程行车时间",
        describe_en="One-way driving, mean over the worst-served tenth",
    ),
)

BY_ID: Mapping[str, Criterion] = {criterion.id: criterion for criterion in CRITERIA}

GROUP_OF: Mapping[str, str] = {criterion.id: criterion.group for criterion in CRITERIA}


class CriterionUse(Settings):
    """``[[criteria]]``: a criterion as a scenario uses it."""

    name: str
    """Id of the criterion."""
    weight: float = Field(ge=0)
    """Weight within its group; weights of a group are scaled to sum 1, 0 shows without scoring."""
    anchors: tuple[float, float] | None = None
    """Raw values that score 0 and 1, in the criterion's unit; frozen in the scenario."""
    value: Literal["linear", "piecewise", "threshold"] = "linear"
    """How a raw value becomes 0..1: straight between the anchors, by `points`, or 1 from anchor 1 on."""
    points: tuple[tuple[float, float], ...] = ()
    """``[raw value, value 0..1]`` of a piecewise value function, at least two."""
    parameters: dict[str, float | str] = {}
    """Parameters of the criterion, such as ``cutoff_min``."""

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in BY_ID:
            raise refusal("", "E640", name=name, suggestion=_nearest(name, BY_ID))
        return name

    @model_validator(mode="after")
    def _consistent(self) -> CriterionUse:
        criterion = BY_ID[self.name]
        for key, given in self.parameters.items():
            _check_parameter(criterion, key, given)
        if self.value == "piecewise":
            _check_points(self.points)
        elif self.points:
            raise refusal("", "E641", value=self.value)
        elif self.anchors is None:
            raise refusal("", "E642")
        if self.anchors is not None and (self.anchors[1] - self.anchors[0]) * criterion.sense <= 0:
            order = text_of("P40" if criterion.sense > 0 else "P41")
            raise refusal("", "E643", anchors=list(self.anchors), order=order)
        return self


def _nearest(word: str, known: Mapping[str, Any]) -> Text:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return did_you_mean(close) if close else text_of("P10", names=", ".join(known) or text_of("P42"))


def _check_parameter(criterion: Criterion, key: str, given: float | str) -> None:
    """Check a parameter against the function's keyword arguments; the default tells number from choice."""
    known = criterion.parameters
    if key not in known:
        raise refusal("", "E644", criterion=criterion.id, name=key, suggestion=_nearest(key, known))
    choices = criterion.choices
    if key in choices and given not in choices[key]:
        raise refusal("", "E645", name=key, found=given, allowed=", ".join(choices[key]))
    if key not in choices and (isinstance(given, str) or not given > 0):
        raise refusal("", "E646", name=key, found=given)


def _check_points(points: Sequence[tuple[float, float]]) -> None:
    raw = [x for x, _ in points]
    if len(points) < 2 or len(set(raw)) < len(raw):
        raise refusal("", "E647")
    if not all(0 <= y <= 1 for _, y in points):
        raise refusal("", "E648")


def decision_matrix(
    evidence: Evidence, uses: Sequence[CriterionUse], *, coverage: CoverageSettings | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compute the criteria of a scenario.

    Parameters
    ----------
    evidence : of the study
    uses : criteria; their parameters go before those of `coverage`
    coverage : cutoff and decay of the criteria that take them

    Returns
    -------
    matrix : option × criterion, raw values in the criteria's units, ``inf`` where no road leads
    applies : the same shape, False where a criterion does not apply (its raw value is NaN)
    """
    columns = {
        use.name: BY_ID[use.name].compute(evidence, **_arguments(use, coverage)).to_numpy(float)
        for use in uses
    }
    matrix = pd.DataFrame(columns, index=evidence.options.index)
    return matrix, matrix.notna()


def _arguments(use: CriterionUse, coverage: CoverageSettings | None) -> dict[str, float | str]:
    """Arguments of a criterion's functions: its own parameters before those of `coverage`."""
    common = (coverage or CoverageSettings()).model_dump()
    return {k: v for k, v in common.items() if k in BY_ID[use.name].parameters} | use.parameters


def components_of(
    evidence: Evidence, uses: Sequence[CriterionUse], *, coverage: CoverageSettings | None = None
) -> dict[str, Additive]:
    """Split every criterion that is a sum, share or mean over enterprises.

    So firms can be left out, or drawn, without a new run. Not split: the worst-served tenth (an order, not
    a sum), costs and the city link (they follow demand by steps and blocks), the staff's commute (no
    enterprise in it), the mean trip where somebody is cut off, and industry coverage under weights other
    than equal ones.

    Parameters
    ----------
    evidence, uses, coverage : as in `decision_matrix`

    Returns
    -------
    By criterion; `Additive.of` with every enterprise counted once gives the decision matrix.
    """
    found = {}
    for use in uses:
        split = BY_ID[use.name].components
        components = split(evidence, **_arguments(use, coverage)) if split else None
        if components is not None:
            found[use.name] = components
    return found


def matrix_at_cutoffs(
    evidence: Evidence,
    uses: Sequence[CriterionUse],
    cutoffs: Sequence[float],
    *,
    coverage: CoverageSettings | None = None,
) -> dict[float, pd.DataFrame]:
    """Compute the matrix at each cutoff, minutes; a criterion with a cutoff of its own keeps it."""
    coverage = coverage or CoverageSettings()
    base, _ = decision_matrix(evidence, uses, coverage=coverage)
    moving = [use for use in uses if "cutoff_min" in BY_ID[use.name].parameters]
    matrices = {}
    for cutoff in cutoffs:
        at = coverage.model_copy(update={"cutoff_min": float(cutoff)})
        moved, _ = decision_matrix(evidence, moving, coverage=at)
        matrices[float(cutoff)] = base.assign(**moved)
    return matrices


# the chain again, quickly -----------------------------------------------------------------


def reworked(
    evidence: Evidence,
    trip_settings: TripSettings,
    economics: EconomicsSettings,
    *,
    travel_factor: float | np.ndarray = 1.0,
    demand_weights: np.ndarray | None = None,
) -> Evidence:
    """Return the evidence as it would be with other travel times or another register.

    Parameters
    ----------
    evidence : of the study
    trip_settings, economics : as it was made with
    travel_factor : multiplies the minutes of enterprises, one number or one an enterprise; the options'
        own ways to the city and the seat take its mean
    demand_weights : multiplies each enterprise's tests, n_enterprises; bootstrap counts, or 0 to leave out
    """
    inputs, travel, demand = evidence.inputs, evidence.travel, evidence.demand
    if demand_weights is not None:
        weights = np.asarray(demand_weights, float)[:, None]
        demand = replace(demand, tests=demand.tests * weights)
    factor = np.asarray(travel_factor, float)
    if (factor != 1.0).any():
        each, whole = np.broadcast_to(factor, len(demand.tests)), float(factor.mean())
        rows = ("to_site", "from_site", "to_laboratory", "from_laboratory")
        lines = ("site_to_city", "city_to_site", "site_to_seat")
        travel = replace(
            travel,
            **{name: _scaled(getattr(travel, name), each) for name in rows},
            **{name: getattr(travel, name) * whole for name in lines},
            city_to_enterprise=travel.city_to_enterprise * each,
        )
    made = trips(demand, inputs.services, inputs.sites, travel, trip_settings)
    cost = costs(inputs.sites, inputs.services, inputs.pledges, travel, made, economics)
    return replace(evidence, demand=demand, travel=travel, trips=made, costs=cost)


def _scaled(minutes: pd.DataFrame, factor: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(minutes.to_numpy() * factor[:, None], minutes.index, minutes.columns)


def matrix_for(
    evidence: Evidence,
    uses: Sequence[CriterionUse],
    trip_settings: TripSettings,
    economics: EconomicsSettings,
    *,
    coverage: CoverageSettings | None = None,
    travel_factor: float | np.ndarray = 1.0,
    demand_weights: np.ndarray | None = None,
) -> pd.DataFrame:
    """Compute the matrix again under other travel times or another register; see `reworked`."""
    changed = reworked(
        evidence, trip_settings, economics, travel_factor=travel_factor, demand_weights=demand_weights
    )
    return decision_matrix(changed, uses, coverage=coverage)[0]


# anchors ----------------------------------------------------------------------------------


def attainable(
    evidence: Evidence, uses: Sequence[CriterionUse], *, coverage: CoverageSettings | None = None
) -> pd.DataFrame:
    """Propose anchors from what any node of the network could attain; run once, frozen in the scenario.

    ===================  =======================================  ==================================
    criterion            0                                        1
    ===================  =======================================  ==================================
    hours_saved          today: none saved                        most hours saved at any node
    demand_covered       today's laboratories                     largest share at any node
    mean_trip_min        today's mean                             shortest mean at any node
    industry_coverage    today's laboratories                     largest mean at any node
    worst_industry       today's laboratories                     largest minimum at any node
    authority            no report of its own                     all reports
    city_link_hours      node farthest from the city              no hour on the road
    net_cost_wan         the cap: 5/4 of the dearest node         nothing spent
    staff_commute_min    node farthest from the county seat       at the seat
    worst_tenth_min      today's worst tenth                      shortest at any node
    ===================  =======================================  ==================================

    Parameters
    ----------
    evidence : with the nodes of the network as options of kind ``build``, and the option ``city``
    uses : the scenario's criteria; their anchors are not read
    coverage : as in `decision_matrix`

    Returns
    -------
    DataFrame
        By criterion: ``today`` (NaN where it does not apply), ``best`` and ``worst`` (finite, over the
        nodes), ``anchor_0, anchor_1``.
    """
    matrix, _ = decision_matrix(evidence, uses, coverage=coverage)
    city = today_of(evidence.options)
    nodes = matrix.drop(index=city).replace([np.inf, -np.inf], np.nan)
    rows = {}
    for use in uses:
        criterion, column = BY_ID[use.name], nodes[use.name]
        ends = (column.max(), column.min()) if criterion.sense > 0 else (column.min(), column.max())
        attained = Attained(matrix.at[city, use.name], *ends, criterion.sense)
        rows[use.name] = (attained.today, *ends, *criterion.anchors(attained))
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["today", "best", "worst", "anchor_0", "anchor_1"], dtype=float
    )
