"""Travel times → who is within reach.

Cutoffs and decay, coverage of demand, enterprises and industries, accessibility (the two-step floating
catchment family), Huff shares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from siting.analysis.demand.annual_tests import carried_trips, pillar_of
from siting.messages import refusal
from siting.option_kinds import KINDS, having
from siting.types import Settings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from siting.types import Evidence

Decay = Callable[[np.ndarray], np.ndarray]
"""Minutes → weight 0..1 of a trip of that length."""

DecayName = Literal["two_radii", "none", "linear", "gaussian"]

FULL_MIN = 20.0
CUTOFF_MIN = 40.0
"""Radii by default, minutes: half covered at half an hour, and no firm lost at one minute more."""


class CoverageSettings(Settings):
    """``[coverage]``: how far an enterprise counts as served."""

    full_min: float = Field(default=FULL_MIN, ge=0, le=240)
    """Longest one-way drive that counts in full with ``two_radii``, minutes (`coverage.full_min`)."""
    cutoff_min: float = Field(default=CUTOFF_MIN, gt=0, le=240)
    """Drive from which on nothing counts, minutes (`coverage.cutoff_min`); above 4 hours all is covered."""
    decay: DecayName = "two_radii"
    """``two_radii``: full up to `full_min`, from there straight to 0 at the cutoff; ``none``: all within the
    cutoff; ``linear``, ``gaussian``: falls gradually to 0 there."""


PARAMETERS: Mapping[str, str] = {key: key for key in ("coverage.full_min", "coverage.cutoff_min")}
"""Scenario key → row of the parameters table that its default comes from."""


# cutoffs and decay ------------------------------------------------------------------------


def covered(
    minutes: ArrayLike, cutoff_min: float, decay: DecayName = "none", full_min: float = FULL_MIN
) -> np.ndarray:
    """Return how far a trip of these minutes counts as covered, 0..1.

    ``none``: 1 up to the cutoff itself. ``two_radii``: 1 up to `full_min`, straight to 0 at the cutoff
    (Church & Roberts 1983; Berman, Krass & Drezner 2003); where the cutoff lies within, as ``none``.
    ``linear``: 1 − t/T; ``gaussian``: (exp(−½ (t/T)²) − exp(−½)) / (1 − exp(−½)), which reaches 0 at the
    cutoff T (Dai 2010). ``inf`` is never covered.

    >>> covered([10, 30, 40], 30)
    array([1., 1., 0.])
    >>> covered([10, 30, 40], 40, "linear")
    array([0.75, 0.25, 0.  ])
    >>> covered([10, 30, 40], 40, "two_radii", full_min=20)
    array([1. , 0.5, 0. ])
    """
    minutes = np.asarray(minutes, dtype=float)
    within = minutes <= cutoff_min
    if decay == "none" or (decay == "two_radii" and full_min >= cutoff_min):
        return within.astype(float)
    if decay == "two_radii":
        falling: NDArray[np.float64] = np.clip((cutoff_min - minutes) / (cutoff_min - full_min), 0.0, 1.0)
        return falling
    near = np.where(within, minutes, cutoff_min) / cutoff_min
    if decay == "linear":
        linear: NDArray[np.float64] = within * (1.0 - near)
        return linear
    gaussian: NDArray[np.float64] = within * (np.exp(-0.5 * near**2) - np.exp(-0.5)) / (1.0 - np.exp(-0.5))
    return gaussian


def _step_decay(steps: Mapping[float, float]) -> Decay:
    """Return the weight of the first step that a trip does not exceed: ``{20: 1, 40: 0.68, 60: 0.22}``."""
    ends = np.array(sorted(steps), dtype=float)
    weights = np.array([*(steps[end] for end in sorted(steps)), 0.0])
    return lambda minutes: weights[np.searchsorted(ends, np.asarray(minutes, float), side="left")]


# accessibility ----------------------------------------------------------------------------


def two_step_floating_catchment(
    demand: ArrayLike,
    supply: ArrayLike,
    travel_time: ArrayLike,
    *,
    cutoff_min: float,
    decay: Decay | Mapping[float, float] | None = None,
) -> np.ndarray:
    """Return the supply within reach of each demand point, per head of those who share it.

    R_j = S_j / Σ_i P_i w(t_ij), A_i = Σ_j R_j w(t_ij), with w = 0 beyond the cutoff. Without `decay` w is
    1 within it (2SFCA, Luo & Wang 2003); steps give the E2SFCA (Luo & Qi 2009); any function of minutes
    is allowed. Σ A_i P_i equals the supply that anyone reaches. Supply nobody reaches counts for none.

    Parameters
    ----------
    demand : n_demand, such as persons or tests a year, ≥ 0
    supply : n_supply, such as staff or tests a year, ≥ 0
    travel_time : n_demand × n_supply, minutes; ``inf`` where unreachable
    cutoff_min : longest trip that counts, minutes, itself included; may be ``inf``
    decay : function of minutes, or steps ``{minutes: weight}``

    Returns
    -------
    array n_demand, supply per unit of demand; 0 where nothing is within reach

    Raises
    ------
    InputError
        Shapes that do not fit, negative or missing figures, weights that are not finite.

    Examples
    --------
    >>> two_step_floating_catchment([5, 10, 50], [5, 10], [[5, 55], [35, 15], [40, 25]], cutoff_min=30)
    array([1.        , 0.16666667, 0.16666667])
    """
    people, places, weight = _catchments(demand, supply, travel_time, cutoff_min, decay)
    access: NDArray[np.float64] = weight @ _per_head(places, people @ weight)
    return access


def huff_shares(attractiveness: ArrayLike, travel_time: ArrayLike, *, exponent: float = 2.0) -> np.ndarray:
    """Return the share of each demand point's trips that go to each place (Huff 1964).

    p_ij = S_j t_ij^−β / Σ_k S_k t_ik^−β. A place at 0 minutes takes all (several share by attractiveness);
    an unreachable place takes none; where none is reachable the shares are 0.

    Parameters
    ----------
    attractiveness : n_supply, ≥ 0
    travel_time : n_demand × n_supply, minutes, ≥ 0
    exponent : β > 0

    Returns
    -------
    array n_demand × n_supply; rows sum to 1, or to 0

    Examples
    --------
    >>> huff_shares([3500, 1500, 300], [[4, 5, 3]], exponent=2).round(4)
    array([[0.7009, 0.1923, 0.1068]])
    """
    size, minutes = np.asarray(attractiveness, float), np.asarray(travel_time, float)
    _check_figures({"attractiveness": size, "travel_time": minutes})
    if minutes.ndim != 2 or size.shape != (minutes.shape[1],):
        raise refusal("", "E724", size=size.shape, minutes=minutes.shape)
    if not np.isfinite(size).all() or not exponent > 0:
        raise refusal("", "E725")
    nearest = np.where(size > 0, minutes, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    # Relative to the nearest place nothing overflows; at 0 minutes only the places at 0 remain.
    scale = np.where((nearest > 0) & np.isfinite(nearest), nearest, 1.0)
    with np.errstate(divide="ignore"):
        pull = np.where(nearest > 0, (minutes / scale) ** -exponent, minutes == 0) * size
    total = pull.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(pull, total, out=np.zeros_like(pull), where=total > 0)
    return shares


def _catchments(
    demand: ArrayLike,
    supply: ArrayLike,
    travel_time: ArrayLike,
    cutoff_min: float,
    decay: Decay | Mapping[float, float] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    people, places, minutes = (np.asarray(a, dtype=float) for a in (demand, supply, travel_time))
    _check_figures({"demand": people, "supply": places, "travel_time": minutes})
    if minutes.shape != (people.size, places.size) or people.ndim != 1 or places.ndim != 1:
        raise refusal("", "E726", minutes=minutes.shape, demand=people.shape, supply=places.shape)
    if not cutoff_min > 0:
        raise refusal("", "E727", cutoff=cutoff_min)
    within = (minutes <= cutoff_min) & np.isfinite(minutes)
    weight = within.astype(float)
    if decay is not None:
        weight[within] = _decayed(minutes[within], decay)
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise refusal("", "E728")
    return people, places, weight


def _decayed(minutes: np.ndarray, decay: Decay | Mapping[float, float]) -> np.ndarray:
    """Weigh minutes; a planner's own function may be written for one number only."""
    if isinstance(decay, Mapping):
        decay = _step_decay(decay)
    try:
        weight = np.asarray(decay(minutes), dtype=float)
    except (TypeError, ValueError):
        weight = np.empty(0)
    if weight.shape != minutes.shape:
        weight = np.array([decay(t) for t in minutes.tolist()], dtype=float)
    return weight


def _check_figures(arrays: Mapping[str, np.ndarray]) -> None:
    for name, values in arrays.items():
        wrong = ~(values >= 0)
        if wrong.any():
            at = np.argwhere(wrong)[0].tolist()
            raise refusal("", "E729", name=name, value=values[wrong][0], at=at)


def _per_head(places: np.ndarray, people: np.ndarray) -> np.ndarray:
    per_head: NDArray[np.float64] = np.divide(places, people, out=np.zeros_like(places), where=people > 0)
    return per_head


def staff_within_reach(
    evidence: Evidence,
    staff: float,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: Decay | Mapping[float, float] | None = None,
) -> pd.DataFrame:
    """Return the staff within reach per 1,000 test trips a year, were each place in the county built alone.

    The two-step floating catchment with the centre's staff as supply; the trips are those that the
    register stands for.

    Returns
    -------
    n_enterprises × n_places, persons per 1,000 trips
    """
    carried = carried_trips(evidence.demand, evidence.inputs.services).sum(axis=1)
    trips = carried * evidence.demand.expansion_factor / 1000.0
    minutes = evidence.travel.to_site
    columns = [
        two_step_floating_catchment(trips, [staff], column[:, None], cutoff_min=cutoff_min, decay=decay)
        for column in minutes.to_numpy().T
    ]
    return pd.DataFrame(np.array(columns).T.reshape(minutes.shape), minutes.index, minutes.columns)


# coverage of a study ----------------------------------------------------------------------


def covered_trips(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return the test trips a year that an option takes as far as they are covered, and those that it could.

    Only trips of the enterprise itself count: parcels and inspectors reach every enterprise
    alike under all options. A place in the county covers by the drive to it, ``city`` by the drive to the
    laboratory of today, and a mobile team, which comes, whatever it can do on the spot.

    Returns
    -------
    covered : n_enterprises × n_options, test trips a year, unscaled
    demand : n_enterprises, test trips a year that the enterprise makes
    """
    carried = carried_trips(evidence.demand, evidence.inputs.services)
    taken = carried @ evidence.trips.taken.to_numpy()
    kinds = evidence.options["kind"]
    for o in np.flatnonzero(having(kinds, lambda kind: kind.is_today)):
        taken[:, o] = (carried * _covered_today(evidence, cutoff_min, decay, full_min)).sum(axis=1)
    placed = np.flatnonzero(having(kinds, lambda kind: kind.has_place))
    to_site = evidence.travel.to_site
    column = to_site.columns.get_indexer(evidence.options.index[placed])
    taken[:, placed] *= covered(to_site.to_numpy()[:, column], cutoff_min, decay, full_min)
    index = evidence.demand.tests.index
    return (
        pd.DataFrame(taken, index, evidence.options.index),
        pd.Series(carried.sum(axis=1), index, name="demand"),
    )


def _covered_today(evidence: Evidence, cutoff_min: float, decay: DecayName, full_min: float) -> np.ndarray:
    laboratories = evidence.travel.to_laboratory
    column = laboratories.columns.get_indexer(pd.Index(evidence.inputs.services["laboratory"]))
    return covered(laboratories.to_numpy(), cutoff_min, decay, full_min)[:, column]


def coverage_table(
    evidence: Evidence,
    *,
    cutoff_min: float = CUTOFF_MIN,
    decay: DecayName = "two_radii",
    full_min: float = FULL_MIN,
) -> pd.DataFrame:
    """Tabulate coverage by option, industry and service, and who falls out when a test line is dropped.

    Returns
    -------
    DataFrame
        One row an option × industry × service with demand: ``option, industry, service, demand, covered``
        (test trips a year, unscaled), ``share``, ``enterprises`` (those covered), ``fall_out`` (ids of those
        that the option would serve with nothing else if it dropped the service).
    """
    carried = carried_trips(evidence.demand, evidence.inputs.services)
    ids = evidence.demand.tests.index.to_numpy()
    industry = pillar_of(evidence.inputs.enterprises, evidence.inputs.industries).to_numpy()
    names = [name for name in evidence.inputs.industries.index if (industry == name).any()]
    today = _covered_today(evidence, cutoff_min, decay, full_min)
    rows = []
    for option, kind in evidence.options["kind"].items():
        near = today if KINDS[kind].is_today else np.ones((len(ids), 1))
        if KINDS[kind].has_place:
            near = covered(evidence.travel.to_site[option], cutoff_min, decay, full_min)[:, None]
        served = carried * evidence.trips.taken[option].to_numpy() * near
        lines = (served > 0).sum(axis=1)
        for name in names:
            member = industry == name
            for s, service in enumerate(evidence.inputs.services.index):
                demand = carried[member, s].sum()
                if demand > 0:
                    reached = member & (served[:, s] > 0)
                    done = served[member, s].sum()
                    alone = tuple(ids[reached & (lines == 1)])
                    rows.append((option, name, service, demand, done, done / demand, reached.sum(), alone))
    columns = ["option", "industry", "service", "demand", "covered", "share", "enterprises", "fall_out"]
    return pd.DataFrame(rows, columns=columns)
