"""The criteria of a study and how a scenario uses them; evidence → decision matrix, option × criterion.

The measures stand in `measures`, one function a criterion; nothing is scored here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args, get_type_hints

import numpy as np
import pandas as pd
from pydantic import Field, field_validator, model_validator

from siting.analysis.access.coverage import CoverageSettings
from siting.analysis.decision.additive import Additive
from siting.analysis.decision.measures import (
    criteria_balance,
    criteria_enterprises,
    criteria_industries,
    criteria_response,
    criteria_running,
)
from siting.analysis.demand.demand_kinds import Served
from siting.analysis.frames import baseline_option
from siting.common.near_words import suggestion
from siting.messages import refusal, text_of
from siting.types import Evidence, Json, Settings

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
    group: Literal["enterprises", "industries", "building", "balance", "residents"]
    compute: Callable[..., pd.Series]
    """Evidence and parameters → raw figure by option."""
    unit: str
    sense: Literal[1, -1]
    """+1: more is better; −1: less."""
    label_zh: str
    label_en: str
    short_zh: str
    """For axes and phones."""
    short_en: str
    components: Callable[..., Additive | None] | None = None
    """The same arguments → sums over enterprises that give the figure; None: it cannot be split so."""
    anchors: Callable[[Attained], Anchors] = Attained.from_today
    """Rule by which anchors are made for a study."""
    counted_in: str | None = None
    """Criterion that holds the same thing already, so that scoring both counts it twice."""
    scales_with_demand: bool = False
    """Whether the figure is proportional to demand; others are shares or means, or follow it by steps."""
    serves: Served = "enterprises"
    """Whom a study serves in which it means something."""

    @cached_property
    def parameters(self) -> Mapping[str, Json]:
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
        label_zh="节约出行时间",
        label_en="Hours saved",
        short_zh="节约时间",
        short_en="Hours saved",
        components=criteria_enterprises.hours_saved_components,
        scales_with_demand=True,
    ),
    Criterion(
        id="demand_covered",
        group="enterprises",
        compute=criteria_enterprises.demand_covered,
        unit="share",
        sense=1,
        label_zh="服务覆盖率",
        label_en="Demand covered",
        short_zh="服务覆盖",
        short_en="Covered",
        components=criteria_enterprises.demand_covered_components,
    ),
    Criterion(
        id="mean_trip_min",
        group="enterprises",
        compute=criteria_enterprises.mean_trip_min,
        unit="min",
        sense=-1,
        label_zh="平均单程出行时间",
        label_en="Mean trip time",
        short_zh="平均行程",
        short_en="Mean trip",
        components=criteria_enterprises.mean_trip_components,
        counted_in="hours_saved",
    ),
    Criterion(
        id="industry_coverage",
        group="industries",
        compute=criteria_industries.industry_coverage,
        unit="share",
        sense=1,
        label_zh="产业覆盖率",
        label_en="Industry coverage",
        short_zh="产业覆盖",
        short_en="Industries",
        components=criteria_industries.industry_coverage_components,
    ),
    Criterion(
        id="worst_industry",
        group="industries",
        compute=criteria_industries.worst_industry,
        unit="share",
        sense=1,
        label_zh="覆盖最差的支柱产业的覆盖率",
        label_en="Worst-served pillar industry",
        short_zh="最差产业",
        short_en="Worst ind.",
        components=criteria_industries.worst_industry_components,
    ),
    Criterion(
        id="authority",
        group="industries",
        compute=criteria_industries.authority,
        unit="share",
        sense=1,
        label_zh="报告的权威性",
        label_en="Authority of reports",
        short_zh="权威性",
        short_en="Authority",
        components=criteria_industries.authority_components,
        anchors=Attained.whole_share,
    ),
    Criterion(
        id="city_link_hours",
        group="building",
        compute=criteria_running.city_link_hours,
        unit="h/a",
        sense=-1,
        label_zh="送样车往返市区时间",
        label_en="Link to the city",
        short_zh="送样往返",
        short_en="City link",
        # The van's crew is paid for these hours.
        counted_in="net_cost_wan",
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
        short_zh="净费用",
        short_en="Net cost",
        anchors=Attained.from_cap,
    ),
    Criterion(
        id="staff_commute_min",
        group="building",
        compute=criteria_running.staff_commute_min,
        unit="min",
        sense=-1,
        label_zh="职工通勤时间",
        label_en="Staff commuting",
        short_zh="职工通勤",
        short_en="Commuting",
        anchors=Attained.from_worst,
    ),
    Criterion(
        id="worst_tenth_min",
        group="balance",
        compute=criteria_balance.worst_tenth_min,
        unit="min",
        sense=-1,
        label_zh="路最远的一成企业的平均单程时间",
        label_en="Trip of the worst-served tenth",
        short_zh="最远一成",
        short_en="Worst tenth",
    ),
    Criterion(
        id="residents_5min",
        group="residents",
        compute=criteria_response.residents_5min,
        unit="share",
        sense=1,
        label_zh="5分钟内可到达的居民比例",
        label_en="Residents reached within 5 minutes",
        short_zh="5分钟到达",
        short_en="In 5 min",
        components=criteria_response.residents_5min_components,
        serves="residents",
    ),
    Criterion(
        id="residents_8min",
        group="residents",
        compute=criteria_response.residents_8min,
        unit="share",
        sense=1,
        label_zh="8分钟内可到达的居民比例",
        label_en="Residents reached within 8 minutes",
        short_zh="8分钟到达",
        short_en="In 8 min",
        components=criteria_response.residents_8min_components,
        serves="residents",
    ),
    Criterion(
        id="mean_response_min",
        group="residents",
        compute=criteria_response.mean_response_min,
        unit="min",
        sense=-1,
        label_zh="平均响应时间",
        label_en="Mean response time",
        short_zh="平均响应",
        short_en="Mean response",
        components=criteria_response.mean_response_components,
        serves="residents",
    ),
    Criterion(
        id="worst_response_min",
        group="balance",
        compute=criteria_response.worst_response_min,
        unit="min",
        sense=-1,
        label_zh="响应最慢的一成居民的平均响应时间",
        label_en="Response time of the worst-served tenth",
        short_zh="最慢一成",
        short_en="Worst tenth",
        serves="residents",
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

    @property
    def group(self) -> str:
        """Group (一级指标) of the criterion."""
        return BY_ID[self.name].group

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in BY_ID:
            raise refusal("", "E640", name=name, suggestion=suggestion(name, BY_ID, whole=True))
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


def _check_parameter(criterion: Criterion, key: str, given: float | str) -> None:
    """Check a parameter against the function's keyword arguments; the default tells number from choice."""
    known = criterion.parameters
    if key not in known:
        near = suggestion(key, known, whole=True)
        raise refusal("", "E644", criterion=criterion.id, name=key, suggestion=near)
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
        use.name: BY_ID[use.name].compute(evidence, **arguments(use, coverage)).to_numpy(float)
        for use in uses
    }
    matrix = pd.DataFrame(columns, index=evidence.options.index)
    return matrix, matrix.notna()


def arguments(use: CriterionUse, coverage: CoverageSettings | None) -> dict[str, float | str]:
    """Return the arguments of a criterion's functions: its own parameters before those of `coverage`."""
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
        components = split(evidence, **arguments(use, coverage)) if split else None
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
    residents_…min       share reached today                      largest share at any node
    …_response_min       today's minutes                          shortest at any node
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
    city = baseline_option(evidence.options)
    nodes = matrix.drop(index=city).replace([np.inf, -np.inf], np.nan)
    rows = {}
    for use in uses:
        criterion, column = BY_ID[use.name], nodes[use.name]
        ends = (column.max(), column.min()) if criterion.sense > 0 else (column.min(), column.max())
        attained = Attained(matrix[use.name][city], *ends, criterion.sense)
        rows[use.name] = (attained.today, *ends, *criterion.anchors(attained))
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["today", "best", "worst", "anchor_0", "anchor_1"], dtype=float
    )
