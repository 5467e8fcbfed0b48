"""Agreed constraints on weights → weights drawn from all that they allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ValidationError

from siting.analysis.decision.value_functions import DECIMALS
from siting.messages import joined, refusal, rule_of, text_of
from siting.types import Json, Settings

_TIED = 10.0**-DECIMALS
_ADDS_UP = 1e-9
"""Weights whose sum is no farther than this from 1 sum to 1."""

_MIN_ACCEPTED = 0.05
"""Below this share of accepted draws, a random walk takes the place of rejection."""

_SWEEPS = 60
"""Steps of the walk, each a full pairing of all groups and of the criteria within each; see `_walk`."""

Figures = NDArray[np.float64]
Name = str | int
"""Criterion or group by name, or a criterion by its column."""


def _as_chains(order: Any) -> Any:
    """Take one order for a list of one; lists of a file are tuples here."""
    if not isinstance(order, list | tuple):
        return order
    chains = [tuple(chain) if isinstance(chain, list) else chain for chain in order]
    return tuple(chains) if all(isinstance(chain, tuple) for chain in chains) else (tuple(chains),)


class WeightConstraints(Settings):
    """What is agreed about the weights; criteria by name, or by column number for arrays."""

    order: Annotated[tuple[tuple[Name, ...], ...], BeforeValidator(_as_chains)] = ()
    """Criteria from the most to the least important, in one order or several; the others stay free."""
    lower: dict[Name, float] = {}
    """Least weight of a criterion, share of the whole (0..1)."""
    upper: dict[Name, float] = {}
    """Largest weight of a criterion, share of the whole (0..1)."""
    group_order: tuple[str, ...] = ()
    """Groups from the most to the least important; groups not named stay free."""
    group_lower: dict[str, float] = {}
    """Least weight of a group, share of the whole (0..1)."""
    group_upper: dict[str, float] = {}
    """Largest weight of a group, share of the whole (0..1)."""


def draw_weights(
    criteria: int | Sequence[str],
    *,
    draws: int,
    seed: int,
    constraints: WeightConstraints | Mapping[str, Json] | None = None,
    groups: Sequence[str] | None = None,
    within: Sequence[float] | Figures | None = None,
) -> Figures:
    """Draw weights from all that the constraints allow, each row ≥ 0 and summing to 1.

    The law: weights of the groups uniform on their simplex, shares within each group uniform on theirs (or
    as stated), a criterion's weight their product; so the number of a group's criteria gives it no weight.
    Every constraint conditions that law. With one group it is the uniform law of SMAA (Lahdelma & Salminen
    2001).

    Exact: orders of groups or within a group (sorted, as the flat Dirichlet is exchangeable), lower bounds
    (the simplex shrunk), upper bounds and whatever crosses groups (rejection). Where less than 5 % would be
    accepted, a walk of independent chains re-splits pairs of groups and of criteria within a group (Gibbs
    sampling, Geman & Geman 1984), whose law approaches the stated one geometrically.

    Parameters
    ----------
    criteria : names of the criteria, or their number
    draws, seed : how many, and the seed of the generator
    constraints : see `WeightConstraints`; they may be combined
    groups : n_criteria, group of each; None: one group
    within : n_criteria, share of each within its group, scaled to sum 1 there; None: free

    Returns
    -------
    draws × n_criteria.

    Raises
    ------
    InputError
        No draw or no criterion, an unknown name, or constraints that no weights satisfy: names those that
        contradict each other.
    """
    names: list[Name] = list(range(criteria)) if isinstance(criteria, int) else list(criteria)
    if draws < 1 or not names:
        raise refusal("", "E715", draws=draws, criteria=len(names))
    try:
        rules = WeightConstraints.model_validate(constraints or {})
    except ValidationError as error:
        faults = [
            text_of("P08", key=".".join(map(str, fault["loc"])), fault=rule_of(fault))
            for fault in error.errors(include_url=False)
        ]
        raise refusal("", "E716", problems=joined(faults)) from None
    space = _Space.of(names, groups, within)
    _check_names(rules, space)
    limits = _limits(rules, space)
    rng = np.random.default_rng(seed)
    weights = _draw(rules, space, limits, draws, rng)
    return _walk(space, limits, _start(limits, space), draws, rng) if weights is None else weights


# --- Weights and what limits them -------------------------------------------------------------------


@dataclass(frozen=True)
class _Space:
    """Criteria in their groups."""

    names: list[Name]
    labels: list[str]
    """Groups, in the order of their first criterion."""
    group: NDArray[np.int64]
    """n_criteria, number of the group of each."""
    within: NDArray[np.float64] | None
    """n_criteria, stated share of each within its group; None: free."""

    @classmethod
    def of(
        cls, names: list[Name], groups: Sequence[str] | None, within: Sequence[float] | Figures | None
    ) -> _Space:
        """Give groups numbers, and scale stated shares to sum 1 within each."""
        of_each = [""] * len(names) if groups is None else list(groups)
        labels = list(dict.fromkeys(of_each))
        shares = None if within is None else np.asarray(within, np.float64)
        if len(of_each) != len(names) or (shares is not None and shares.shape != (len(names),)):
            raise refusal("", "E716", problems=text_of("P160", n=len(names)))
        group = np.array([labels.index(label) for label in of_each])
        if shares is not None:
            total = np.bincount(group, shares)
            if not np.isfinite(shares).all() or shares.min() < 0 or total.min() <= 0:
                raise refusal("", "E716", problems=text_of("P160", n=len(names)))
            shares = shares / total[group]
        return cls(names, labels, group, shares)

    def basis(self) -> Figures:
        """Give n_criteria × n_free: what weights are sums of, with non-negative factors that sum to 1."""
        if self.within is None:
            return np.eye(len(self.names))
        shares: Figures = self.members().T * self.within[:, None]
        return shares

    def members(self) -> Figures:
        """Give n_groups × n_criteria: 1 where the criterion belongs to the group."""
        members: Figures = (np.arange(len(self.labels))[:, None] == self.group).astype(np.float64)
        return members


class _Limit(NamedTuple):
    """One thing agreed about the weights: ``row @ weights >= bound``."""

    said: str
    """As it is set, for messages."""
    row: Figures
    bound: float


def _check_names(rules: WeightConstraints, space: _Space) -> None:
    named = [*(name for chain in rules.order for name in chain), *rules.lower, *rules.upper]
    problems = [text_of("P54", name=name, names=space.names) for name in named if name not in space.names]
    grouped = [*rules.group_order, *rules.group_lower, *rules.group_upper]
    problems += [
        text_of("P56", name=name, names=space.labels) for name in grouped if name not in space.labels
    ]
    for chain in (*rules.order, rules.group_order):
        if len(set(chain)) < len(chain):
            problems.append(text_of("P55", names=list(chain)))
    for lower, upper in ((rules.lower, rules.upper), (rules.group_lower, rules.group_upper)):
        for name in dict.fromkeys([*lower, *upper]):
            least, most = lower.get(name, 0.0), upper.get(name, 1.0)
            if not 0 <= least <= most <= 1:
                problems.append(text_of("P57", name=name, least=least, most=most))
    if problems:
        raise refusal("", "E716", problems=joined(problems))


def _limits(rules: WeightConstraints, space: _Space) -> list[_Limit]:
    """Write the constraints as inequalities of the weights."""
    single, whole = np.eye(len(space.names)), space.members()
    found = []
    for key, chains, rows, names in (
        ("order", rules.order, single, space.names),
        ("group_order", (rules.group_order,), whole, space.labels),
    ):
        for more, less in (pair for chain in chains for pair in pairwise(chain)):
            row = rows[list(names).index(more)] - rows[list(names).index(less)]
            found.append(_Limit(f"{key}: {more} ≥ {less}", row, 0.0))
    for key, bounds, rows, names, sign in (
        ("lower", rules.lower, single, space.names, 1.0),
        ("upper", rules.upper, single, space.names, -1.0),
        ("group_lower", rules.group_lower, whole, space.labels, 1.0),
        ("group_upper", rules.group_upper, whole, space.labels, -1.0),
    ):
        for name, share in bounds.items():
            said = f"{key}: {name} {'≥' if sign > 0 else '≤'} {share:g}"
            found.append(_Limit(said, sign * rows[list(names).index(name)], sign * share))
    return found


def _contradiction(limits: list[_Limit], space: _Space) -> list[_Limit]:
    """Find a smallest set of limits that no weights satisfy together."""
    needed = list(limits)
    for limit in limits:
        rest = [other for other in needed if other is not limit]
        if _inside(rest, space) is None:
            needed = rest
    return needed


def _start(limits: list[_Limit], space: _Space) -> Figures:
    """Give weights that the limits allow; InputError where they allow none."""
    middle = _inside(limits, space)
    if middle is None:
        needed = "; ".join(limit.said for limit in _contradiction(limits, space))
        raise refusal("", "E716", problems=text_of("P58", limits=needed))
    return middle


def _inside(limits: list[_Limit], space: _Space) -> Figures | None:
    """Give weights in the middle of what the limits allow; None where they allow nothing."""
    from scipy.optimize import linprog

    basis = space.basis()
    n = basis.shape[1]
    rows = np.array([limit.row @ basis for limit in limits]).reshape(-1, n)
    bounds = np.array([limit.bound for limit in limits])
    corners = []
    for aim in np.concatenate([np.eye(n), -np.eye(n)]):
        found = linprog(aim, -rows, -bounds, np.ones((1, n)), [1.0], (0.0, 1.0), method="highs")
        if found.status != 0:
            return None
        corners.append(np.asarray(found.x, np.float64))
    middle: Figures = basis @ np.mean(corners, axis=0)
    return middle


# --- Drawing ----------------------------------------------------------------------------------------


def _draw(
    rules: WeightConstraints, space: _Space, limits: list[_Limit], draws: int, rng: np.random.Generator
) -> Figures | None:
    """Propose weights by the law and keep those within the limits; None where too few are."""
    kept: list[Figures] = []
    found = tried = 0
    while found < draws:
        wanted = max(1000, draws - found) if kept else draws
        proposed = _propose(rules, space, wanted, rng)
        if proposed is None:
            return None
        tried += wanted
        # Bounds that contradict each other leave no weights: what is proposed then does not add up.
        within = np.abs(proposed.sum(axis=1) - 1.0) <= _ADDS_UP
        for limit in limits:
            within &= proposed @ limit.row >= limit.bound - _TIED
        kept.append(proposed[within])
        found += len(kept[-1])
        if found < _MIN_ACCEPTED * tried:
            return None
    return np.concatenate(kept)[:draws]


def _propose(rules: WeightConstraints, space: _Space, draws: int, rng: np.random.Generator) -> Figures | None:
    """Draw by the law, as many limits kept as can be kept exactly; None where that takes too many trials."""
    of_groups: Figures | None = np.ones((draws, 1))
    if len(space.labels) > 1:
        of_groups = _side(
            space.labels, rules.group_lower, rules.group_upper, (rules.group_order,), draws, rng
        )
    if of_groups is None:
        return None
    if space.within is not None:
        return of_groups[:, space.group] * space.within
    # Bounds of a criterion are shares of the whole: known within its group only where there is one group.
    is_one = len(space.labels) == 1
    lower, upper = (rules.lower, rules.upper) if is_one else ({}, {})
    weights = of_groups[:, space.group]
    for number in range(len(space.labels)):
        columns = np.flatnonzero(space.group == number)
        names = [space.names[column] for column in columns]
        if len(names) == 1:
            continue
        shares = _side(names, lower, upper, rules.order, draws, rng)
        if shares is None:
            return None
        weights[:, columns] *= shares
    return weights


def _side(
    names: Sequence[Name],
    lower: Mapping[Any, float],
    upper: Mapping[Any, float],
    chains: Sequence[Sequence[Name]],
    draws: int,
    rng: np.random.Generator,
) -> Figures | None:
    """Draw shares uniform on a simplex within bounds, or in order where no bounds are given."""
    if lower or upper:
        low = np.array([lower.get(name, 0.0) for name in names])
        return _between(low, np.array([upper.get(name, 1.0) for name in names]), draws, rng)
    shares, sorted_ones = _free(draws, len(names), rng), set[Name]()
    for chain in chains:
        # Sorting keeps the law for columns that nothing else concerns; the rest is left to rejection.
        if set(chain) <= set(names) and not sorted_ones & set(chain):
            columns = [list(names).index(name) for name in chain]
            shares[:, columns] = -np.sort(-shares[:, columns], axis=1)
            sorted_ones |= set(chain)
    return shares


def _free(draws: int, n: int, rng: np.random.Generator) -> Figures:
    weights = rng.standard_exponential((draws, n))
    shares: Figures = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _between(low: Figures, high: Figures, draws: int, rng: np.random.Generator) -> Figures | None:
    """Draw shares uniform over low ≤ share ≤ high with sum 1; None where that takes too many trials.

    From the smaller of the two simplices that enclose them: above the lower bounds, or below the upper ones.
    """
    n = len(low)
    room = max(0.0, 1 - low.sum())
    # What the lower bounds leave caps every weight: bounds above the cap do not bind.
    high = np.minimum(high, low + room)
    excess = max(0.0, high.sum() - 1)
    low, origin, size = (
        (low, low, room) if room <= excess else (np.maximum(low, high - excess), high, -excess)
    )
    if n == 1 or min(room, excess) <= _TIED:
        return np.tile(origin + size / n, (draws, 1))
    kept: list[Figures] = []
    found = tried = 0
    while found < draws:
        trial = origin + size * _free(max(1000, draws - found), n, rng)
        tried += len(trial)
        trial = trial[((trial >= low) & (trial <= high)).all(axis=1)]
        kept.append(trial)
        found += len(trial)
        if found < _MIN_ACCEPTED * tried:
            return None
    return np.concatenate(kept)[:draws]


def _walk(
    space: _Space, limits: list[_Limit], middle: Figures, draws: int, rng: np.random.Generator
) -> Figures:
    """Walk one chain per draw: re-split, at random, pairs of groups and pairs of criteria within each.

    In (groups, shares) the law is uniform, and the limits are linear along either kind of move.
    """
    rows = np.array([limit.row for limit in limits]).reshape(-1, len(middle))
    bounds = np.array([limit.bound for limit in limits])
    weights, members = np.tile(middle, (draws, 1)), space.members()
    for _ in range(_SWEEPS):
        for one, other in _pairs(np.arange(len(space.labels)), rng):
            _shift(weights, members[one], members[other], rows, bounds, rng)
        if space.within is None:
            for group in members:
                for one, other in _pairs(np.flatnonzero(group), rng):
                    _shift(weights, np.eye(len(group))[one], np.eye(len(group))[other], rows, bounds, rng)
    return weights


def _pairs(numbers: NDArray[np.int64], rng: np.random.Generator) -> Iterator[tuple[int, int]]:
    order, half = rng.permutation(numbers), len(numbers) // 2
    return zip(order[:half].tolist(), order[half : 2 * half].tolist(), strict=True)


def _shift(
    weights: Figures, gains: Figures, loses: Figures, rows: Figures, bounds: Figures, rng: np.random.Generator
) -> None:
    """Move weight between two sets of criteria, each scaled as a whole, uniformly as far as limits allow."""
    more, less = weights @ gains, weights @ loses
    # One unit moved, as the weights of each set change by it; of a set without weight all change alike.
    up = gains * np.where(more[:, None] > 0, weights / np.maximum(more, 1e-300)[:, None], 1 / gains.sum())
    down = loses * np.where(less[:, None] > 0, weights / np.maximum(less, 1e-300)[:, None], 1 / loses.sum())
    change, slack = (up - down) @ rows.T, np.maximum(weights @ rows.T - bounds, 0.0)
    reach = np.divide(slack, np.abs(change), out=np.full_like(slack, np.inf), where=np.abs(change) > 1e-14)
    least = np.maximum(-more, np.where(change > 0, -reach, -np.inf).max(axis=1, initial=-np.inf))
    most = np.minimum(less, np.where(change < 0, reach, np.inf).min(axis=1, initial=np.inf))
    step = least + rng.random(len(weights)) * (most - least)
    weights += step[:, None] * (up - down)
    np.maximum(weights, 0.0, out=weights)
