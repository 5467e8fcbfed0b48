"""Draws of what is not known → what knowing it would be worth: what to measure, whom to ask first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import Rows, best_option, finite_table
from siting.analysis.decision.value_functions import DECIMALS
from siting.analysis.robustness.leave_one_out import TakenApart, winners
from siting.messages import refusal

_Z95 = 1.96
"""Standard deviations to either side that hold 95 % of a normal."""

_BINS = 20
"""Most classes of an unknown in `evppi`, of equal size."""

_BIN_DRAWS = 25
"""Least draws in a class: a mean of fewer says little."""

_SHIFTS = 4
"""How often `evppi` repeats itself on draws out of step, to learn what chance alone would show."""


def evpi(scores: pd.DataFrame | Rows) -> float:
    """Work out the expected value of perfect information: E[max score] − max E[score], in points.

    What choosing after everything is known would gain over choosing today (Raiffa & Schlaifer 1961).

    Parameters
    ----------
    scores : n_draws × n_options; any unit of benefit will do
    """
    array = finite_table(scores)
    return float(max(0.0, array.max(axis=1).mean() - array.mean(axis=0).max()))


def evppi(scores: pd.DataFrame | Rows, unknowns: pd.DataFrame) -> pd.Series:
    """Work out what knowing each unknown would be worth, the largest first: what to ask next.

    Estimator: draws are sorted by the unknown into at most 20 classes of equal size and at least 25 draws
    (each value of an unknown with fewer values is its own class); within a class the best option is chosen
    by its mean (single loop, Strong & Oakley 2013). Choosing by noisy means finds some gain in pure noise;
    the mean of four repeats with the unknown out of step with the scores is taken off. Results lie in
    0..EVPI.

    Parameters
    ----------
    scores : n_draws × n_options, from joint draws of all unknowns, in the order drawn
    unknowns : n_draws × n_unknowns, the draws behind the scores
    """
    array = finite_table(scores)
    if len(array) != len(unknowns):
        raise refusal("", "E720", scores=len(array), unknowns=len(unknowns))
    expected, most = array.mean(axis=0).max(), evpi(array)
    shifted = [np.roll(array, len(array) * (i + 1) // (_SHIFTS + 1), axis=0) for i in range(_SHIFTS)]
    result = {}
    for name, draws in unknowns.items():
        order, edges = _classes(draws.to_numpy(float))
        gains = [_class_gain(table[order], edges) - expected for table in (array, *shifted)]
        result[name] = round(float(np.clip(gains[0] - np.mean(gains[1:]), 0.0, most)), DECIMALS)
    found = pd.Series(result, name="evppi", dtype=float)
    return found.sort_index(key=lambda names: names.map(str)).sort_values(ascending=False, kind="stable")


def _classes(draws: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of the draws by the unknown, and where each class starts."""
    order = np.argsort(draws, kind="stable")
    changes = np.r_[0, np.flatnonzero(np.diff(draws[order])) + 1]
    if len(changes) <= _BINS:
        return order, changes
    bins = int(np.clip(len(draws) // _BIN_DRAWS, 2, _BINS))
    edges = np.unique(np.linspace(0, len(draws), bins, endpoint=False).astype(int))
    # Equal values stay in one class.
    return order, np.unique(changes[np.searchsorted(changes, edges, side="right") - 1])


def _class_gain(scores: np.ndarray, edges: np.ndarray) -> float:
    return float(np.add.reduceat(scores, edges, axis=0).max(axis=1).sum() / len(scores))


def survey_priority(study: TakenApart, spread: pd.Series, *, draws: int, seed: int) -> pd.DataFrame:
    """List the enterprises whose demand is worth asking about, the most telling first.

    Parameters
    ----------
    study : criteria without parts stay as they are
    spread : by enterprise, standard deviation of the logarithm of its demand; 0: known
    draws, seed : joint draws of all demands, independent and lognormal

    Returns
    -------
    By enterprise ``evppi`` (points, see `evppi`), ``lead_low, lead_high`` (lead of today's winner over the
    best of the others with this demand alone at the ends of its 95 % range) and ``swing``, their distance;
    sorted by both.
    """
    ids = study.enterprises
    sigma = spread.reindex(ids).to_numpy(float)
    if not (np.isfinite(sigma) & (sigma >= 0)).all():
        raise refusal("", "E721")
    current = best_option(study.base)

    def lead(factor: np.ndarray) -> np.ndarray:
        def moved(table: NDArray[np.float64]) -> NDArray[np.float64]:
            sums: NDArray[np.float64] = table.sum(axis=0) + (factor - 1)[:, None] * table
            return sums

        return winners(study.scores(moved), current)["lead"].to_numpy()

    result = pd.DataFrame(
        {"lead_low": lead(np.exp(-_Z95 * sigma)), "lead_high": lead(np.exp(_Z95 * sigma))}, ids
    )
    result["swing"] = (result["lead_high"] - result["lead_low"]).abs()
    drawn = np.exp(sigma * np.random.default_rng(seed).standard_normal((draws, len(ids))))
    scores = study.scores(drawn.__matmul__)
    result.insert(0, "evppi", evppi(scores, pd.DataFrame(drawn, columns=ids)).reindex(ids))
    result = result.sort_index(key=lambda names: names.map(str))
    return result.sort_values(["evppi", "swing"], ascending=False, kind="stable")
