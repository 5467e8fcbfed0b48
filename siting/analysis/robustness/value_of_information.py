"""Draws of what is not known → what knowing it would be worth: what to measure, whom to ask first."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import Rows, best_option, finite_table
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.robustness.leave_one_out import TakenApart, winners
from siting.messages import refusal

_Z95 = 1.96
"""Standard deviations to either side that hold 95 % of a normal."""

_DEGREE = 3
"""Degree of the polynomial by which mean scores follow an unknown; of a place in the plane one less."""

_FEW = 5
"""Most values of an unknown that each get a mean of their own."""

_SHIFTS = 4
"""How often `evppi` repeats itself on draws out of step, to learn what chance alone would show."""

_GROUPS = 10
"""Groups of draws that the jackknife leaves out in turn."""

CLEAR = 2.0
"""Standard errors above zero from which an unknown counts as worth finding out."""

Unknowns = Mapping[str, NDArray[np.float64]]
"""Draws of each unknown, n_draws, or n_draws × 2 where it is a place in the plane."""


def evpi(scores: pd.DataFrame | Rows) -> float:
    """Work out the expected value of perfect information: E[max score] − max E[score], in points.

    What choosing after everything is known would gain over choosing today (Raiffa & Schlaifer 1961).

    Parameters
    ----------
    scores : n_draws × n_options; any unit of benefit will do
    """
    return max(0.0, _gain(finite_table(scores)))


def evppi(scores: pd.DataFrame | Rows, unknowns: Unknowns) -> pd.DataFrame:
    """Work out what knowing each unknown would be worth, the largest first: what to ask next.

    Estimator: the scores of each option are regressed on the unknown, a cubic of its ranks (a quadratic of
    both axes of a place in the plane, a mean for each of at most five values), and the option is chosen by
    the fitted means (Strong, Oakley & Brennan 2014). Choosing by fitted noise finds some gain too; the mean
    of four repeats with the unknown out of step with the scores is taken off, which is cautious: of a true
    gain it takes up to a third in some hundred draws. Standard error: jackknife over ten groups of draws
    (Quenouille 1956, Tukey 1958).

    Parameters
    ----------
    scores : n_draws × n_options, from joint draws of all unknowns, in the order drawn
    unknowns : the draws behind the scores, by name

    Returns
    -------
    By unknown ``evppi`` (0..EVPI), ``standard_error``, ``is_clear`` (more than two of them above zero).
    """
    array = finite_table(scores)
    most = evpi(array)
    # The scores as they are, then out of step with what is known: repeats × draws × options.
    tables = np.stack([np.roll(array, len(array) * i // (_SHIFTS + 1), axis=0) for i in range(_SHIFTS + 1)])
    result = {}
    for name, draws in unknowns.items():
        if len(draws) != len(array):
            raise refusal("", "E720", scores=len(array), unknowns=len(draws))
        basis = _basis(np.asarray(draws, float))
        gain, *chance = (_gain(means) for means in basis @ _fit(basis, tables))
        own, *others = _left_out(tables, basis)
        worth = np.clip(gain - float(np.mean(chance)), 0.0, most)
        result[name] = _row(float(worth), jackknife_error(own - np.mean(others, axis=0)))
    return _sorted(result)


def with_register(
    found: pd.DataFrame, scores: pd.DataFrame | Rows, rules: pd.Series, registers: pd.DataFrame
) -> pd.DataFrame:
    """Put the whole register among the unknowns: what its spread rule is worth, and chance within the rule.

    The scores of registers drawn anew, all else as in the study, stand for the mean scores given a register,
    up to a constant by rule and option that brings their mean to that of the joint draws: exact where chance
    within a rule adds up with the rest (Felli & Hazen 1998). What choosing by the register then gains over
    choosing by the rule is added to the worth of the rule. Standard error: jackknife, as of `evppi`.

    Parameters
    ----------
    found : of `evppi`, ``spread`` among the unknowns
    scores : n_draws × n_options, of the joint draws
    rules : n_draws, spread rule of each
    registers : (rule, seed) × the same options
    """
    levels = pd.DataFrame(finite_table(scores)).groupby(rules.to_numpy()).mean()
    own = registers.index.get_level_values(0)
    drawn = finite_table(registers)
    centred = drawn - pd.DataFrame(drawn).groupby(own).transform("mean").to_numpy()
    means = centred + levels.loc[own].to_numpy()
    by_rule = levels.loc[own].to_numpy().max(axis=1)
    gains = means.max(axis=1) - by_rule
    left_out = np.array([gains[~inside].mean() for inside in _members(len(gains))])
    rule = found.loc[["spread"]].iloc[0]
    worth = float(rule["evppi"] + max(gains.mean(), 0.0))
    row = _row(worth, math.hypot(float(rule["standard_error"]), jackknife_error(left_out)))
    return _sorted({**{str(name): dict(known) for name, known in found.iterrows()}, "register": row})


def _row(worth: float, error: float) -> dict[str, float | bool]:
    """Round an estimate and its standard error, and say whether it is clearly above zero."""
    worth, error = round(worth, DECIMALS), round(error, DECIMALS)
    return {"evppi": worth, "standard_error": error, "is_clear": worth > CLEAR * error and worth > 0}


def jackknife_error(left_out: NDArray[np.float64]) -> float:
    """Return the standard error of an estimate from those with one group left out in turn.

    Examples
    --------
    >>> jackknife_error(np.array([1.0, 3.0]))
    1.0
    """
    groups = len(left_out)
    return float(np.sqrt((groups - 1) / groups * ((left_out - left_out.mean()) ** 2).sum()))


def _sorted(rows: Mapping[str, Mapping[str, float | bool]]) -> pd.DataFrame:
    """Tabulate, the largest first, alike ones by name."""
    names = sorted(rows, key=lambda name: (-rows[name]["evppi"], name))
    columns = {"evppi": float, "standard_error": float, "is_clear": bool}
    table = pd.DataFrame([rows[name] for name in names], index=names, columns=list(columns))
    return table.astype(columns)


def _basis(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay out what scores are regressed on, n_draws × n_terms."""
    if draws.ndim == 2:
        x, y = (_ranks(axis) for axis in draws.T)
        return np.column_stack([np.ones(len(x)), x, y, x * x, y * y, x * y])
    values = np.unique(draws)
    if len(values) <= _FEW:
        return np.asarray(draws[:, None] == values, np.float64)
    return np.asarray(np.polynomial.legendre.legvander(_ranks(draws), _DEGREE), np.float64)


def _ranks(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale ranks to −1..1, equal values alike."""
    _, number, count = np.unique(draws, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count + 1) / 2.0
    scaled: NDArray[np.float64] = 2.0 * middle[number] / max(len(draws) - 1, 1) - 1.0
    return scaled


def _fit(basis: NDArray[np.float64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Regress scores (… × draws × options) on a basis (draws × terms) by least squares."""
    fitted: NDArray[np.float64] = np.linalg.pinv(basis.T @ basis) @ (basis.T @ scores)
    return fitted


def _gain(means: NDArray[np.float64]) -> float:
    """Return what choosing by the means of each draw gains over one choice for all."""
    return float(_best(means).mean() - means.mean(axis=0).max())


def _best(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the best score over the options, the last axis."""
    # Laid out by option first: of a short last axis numpy makes a long loop.
    best: NDArray[np.float64] = np.ascontiguousarray(np.moveaxis(scores, -1, 0)).max(axis=0)
    return best


def _members(draws: int) -> NDArray[np.bool_]:
    """Tell by group of the jackknife which draws are in it, dealt out like cards."""
    groups = min(_GROUPS, draws)
    member: NDArray[np.bool_] = np.arange(draws) % groups == np.arange(groups)[:, None]
    return member


def _left_out(tables: NDArray[np.float64], basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain of choosing by fitted means with each group of draws left out, repeats × groups."""
    member = _members(len(basis))
    own = np.stack([basis[inside].T @ basis[inside] for inside in member])
    own_scores = np.stack([basis[inside].T @ tables[:, inside] for inside in member])
    inverse = np.linalg.pinv(own.sum(axis=0) - own, hermitian=True)
    means = basis @ (inverse[:, None] @ (own_scores.sum(axis=0) - own_scores))
    kept = ~member / (~member).sum(axis=1, keepdims=True)
    overall = np.einsum("gd,grdo->gro", kept, means).max(axis=2)
    gains: NDArray[np.float64] = (kept[:, None] * _best(means)).sum(axis=2) - overall
    return gains.T


def survey_priority(
    study: TakenApart, spread: pd.Series, askable: pd.Index, *, draws: int, seed: int
) -> pd.DataFrame:
    """List the enterprises whose demand is worth asking about, the most telling first.

    Parameters
    ----------
    study : criteria without parts stay as they are
    spread : by enterprise, standard deviation of the logarithm of its demand; 0: known
    askable : enterprises that exist; nobody can ask an illustrative one
    draws, seed : joint draws of all demands, independent and lognormal

    Returns
    -------
    By enterprise that can be asked ``evppi`` (points), ``standard_error``, ``is_clear`` (see `evppi`),
    ``lead_low, lead_high`` (lead of today's winner over the best of the others with this demand alone at the
    ends of its 95 % range) and ``swing``, their distance; sorted by what they are worth, then by swing.
    """
    ids = study.enterprises
    sigma = spread.reindex(ids).to_numpy(float)
    if not (np.isfinite(sigma) & (sigma >= 0)).all():
        raise refusal("", "E721")
    current, asked = best_option(study.base), ids.isin(askable)
    if not asked.any():
        return _sorted({}).assign(lead_low=0.0, lead_high=0.0, swing=0.0)

    def lead(factor: np.ndarray) -> np.ndarray:
        def moved(table: NDArray[np.float64]) -> NDArray[np.float64]:
            sums: NDArray[np.float64] = table.sum(axis=0) + (factor - 1)[:, None] * table
            return sums[asked]

        return winners(study.scores(moved), current)["lead"].to_numpy()

    drawn = np.exp(sigma * np.random.default_rng(seed).standard_normal((draws, len(ids))))
    scores = study.scores(drawn.__matmul__)
    found = evppi(scores, {str(firm): drawn[:, k] for k, firm in enumerate(ids) if asked[k]})
    ends = {"lead_low": lead(np.exp(-_Z95 * sigma)), "lead_high": lead(np.exp(_Z95 * sigma))}
    result = found.join(pd.DataFrame(ends, ids[asked].map(str)))
    result["swing"] = (result["lead_high"] - result["lead_low"]).abs()
    return result.sort_values(["evppi", "swing"], ascending=False, kind="stable")
