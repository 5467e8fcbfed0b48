"""Measured trips → how much of the limit is driven and how long junctions delay, by robust least squares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.stats import t as student

from siting.messages import refusal

LEAST_TRIPS = 8
"""Fewer trips give no fit."""
SCALE = 0.1
"""Error of the logarithm up to which a trip counts in full; beyond it the loss (soft L1) grows slower."""
FAR_OFF = 3.0
"""Standard deviations (by the median error) from which a trip is left out of the final fit."""
SMALLEST = 1e-6
"""Errors are never taken for smaller: of computed times."""
MOST_ROUNDS = 10
"""Rounds of route and fit at most."""
SETTLED = 1e-3
"""Change of every factor below which the rounds end."""
STEP = 1e-4
"""Step of a factor by which the minutes that it multiplies are found."""
MOST_FOLDS = 200
"""Trips are left out one by one up to this number, then in so many parts."""
MOST_COLLINEAR = 30.0
"""Condition number (columns scaled to one length) from which factors are not told apart (Belsley 1980)."""
LOW, HIGH = np.array([0.4, 0.0, 0.0]), np.array([4.0, 10.0, 10.0])
"""Bounds of the factors on driving, junction and signal minutes; the fit starts at 1."""
WIDEST = np.array([0.25, 0.5, 0.5])
"""Widest half of a 95 % interval, as a share of the factor (of 1 at least, for delays)."""

TimesOf = Callable[[float, float, float], NDArray[np.float64]]
"""Minutes of the trips where driving, junctions and signals take so many times as long."""


@dataclass(frozen=True)
class Calibration:
    """Factors on the minutes of the settings, and how well they do."""

    factors: NDArray[np.float64]
    """On driving (stated speeds aside), junction delays, signal delays."""
    half_width: NDArray[np.float64]
    """Half of each factor's 95 % interval."""
    own_signals: bool
    """Whether signals have a factor of their own; else junctions' holds for them."""
    before_min: NDArray[np.float64]
    """n_trips, minutes under the settings."""
    after_min: NDArray[np.float64]
    """n_trips, minutes under the factors."""
    held_out_min: NDArray[np.float64]
    """n_trips, minutes under factors fitted without the trip."""
    kept: NDArray[np.bool_]
    """n_trips: whether the fit rests on the trip; others are too far off it."""
    rounds: int
    settled: bool
    """Whether the routes stayed the same at the end."""


class _Fit(NamedTuple):
    factors: NDArray[np.float64]
    half_width: NDArray[np.float64]
    condition: float
    kept: NDArray[np.bool_]


def calibrate(times_of: TimesOf, measured_min: NDArray[np.float64]) -> Calibration:
    """Fit the factors; since routes change with them, route and fit take turns until both stay.

    Parameters
    ----------
    times_of
    measured_min
        n_trips, above 0.

    Raises
    ------
    InputError
        Fewer than `LEAST_TRIPS` trips, factors that cannot be told apart, or a fit at its bounds.
    """
    if len(measured_min) < LEAST_TRIPS:
        raise refusal("", "E771", n=len(measured_min), least=LEAST_TRIPS)
    factors = np.ones(3)
    before = times_of(1.0, 1.0, 1.0)
    settled, rounds, join = False, 0, False
    while not settled and rounds < MOST_ROUNDS:
        rounds += 1
        fixed, parts = _parts(times_of, factors)
        fit, join = _best_fit(fixed, parts, measured_min)
        settled = bool(np.abs(fit.factors - factors).max() < SETTLED)
        factors = fit.factors
    _check(fit)
    return Calibration(
        factors,
        fit.half_width,
        bool(parts[:, 2].any()) and not join,
        before,
        times_of(*factors.tolist()),
        _held_out(fixed, _columns(parts, join), measured_min),
        fit.kept,
        rounds,
        settled,
    )


def _parts(
    times_of: TimesOf, factors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the minutes of the fastest routes that no factor changes, and those that each multiplies."""
    times = times_of(*factors.tolist())
    columns = []
    for k in range(3):
        moved = factors.copy()
        moved[k] += STEP
        # On the fastest route the time grows by the minutes that the factor multiplies (envelope theorem).
        columns.append((times_of(*moved.tolist()) - times) / STEP)
    parts = np.stack(columns, axis=1)
    parts[np.abs(parts) < 1e-6] = 0.0
    return times - parts @ factors, parts


def _columns(parts: NDArray[np.float64], join: bool) -> NDArray[np.float64]:
    """Return the columns that are fitted: driving, junctions (with the signals, if joined), signals."""
    if join or not parts[:, 2].any():
        return np.stack([parts[:, 0], parts[:, 1] + parts[:, 2]], axis=1)
    return parts


def _best_fit(
    fixed: NDArray[np.float64], parts: NDArray[np.float64], measured: NDArray[np.float64]
) -> tuple[_Fit, bool]:
    """Fit signals by themselves if the trips tell them from junctions, else together; say whether so."""
    if parts[:, 2].any() and parts[:, 1].any():
        fit = _fit(fixed, parts, measured)
        if _is_known(fit):
            return fit, False
    return _fit(fixed, _columns(parts, join=True), measured), True


def _fit(fixed: NDArray[np.float64], columns: NDArray[np.float64], measured: NDArray[np.float64]) -> _Fit:
    """Fit by errors of the logarithm; the 95 % interval rests on the median error."""
    if not columns.any(axis=0).all():
        return _Fit(np.ones(3), np.full(3, np.inf), np.inf, np.ones(len(measured), bool))
    factors, kept = _solve(fixed, columns, measured)
    minutes = fixed + columns @ factors
    error, scaled = np.log(minutes / measured), columns / minutes[:, None]
    length = np.linalg.norm(scaled, axis=0)
    condition = float(np.linalg.cond(scaled / length))
    variance = np.diag(np.linalg.pinv(scaled[kept].T @ scaled[kept])) * _spread(error) ** 2
    half = student.ppf(0.975, max(kept.sum() - columns.shape[1], 1)) * np.sqrt(variance)
    which = [0, 1, min(2, columns.shape[1] - 1)]
    return _Fit(factors[which], half[which], condition, kept)


def _solve(
    fixed: NDArray[np.float64], columns: NDArray[np.float64], measured: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Fit with the soft L1 loss, then by plain squares without the trips far off it; return which are kept.

    The loss alone would let every trip far off pull a little.
    """
    robust = _minimise(fixed, columns, measured, np.ones(columns.shape[1]), "soft_l1")
    error = np.log((fixed + columns @ robust) / measured)
    kept = np.abs(error) <= FAR_OFF * max(_spread(error), SMALLEST)
    return _minimise(fixed[kept], columns[kept], measured[kept], robust, "linear"), kept


def _spread(error: NDArray[np.float64]) -> float:
    """Return the standard deviation that the median error of a normal law stands for."""
    return float(1.4826 * np.median(np.abs(error - np.median(error))))


def _minimise(
    fixed: NDArray[np.float64],
    columns: NDArray[np.float64],
    measured: NDArray[np.float64],
    start: NDArray[np.float64],
    loss: Literal["soft_l1", "linear"],
) -> NDArray[np.float64]:
    def error(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        off: NDArray[np.float64] = np.log((fixed + columns @ factors) / measured)
        return off

    def slope(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        return columns / (fixed + columns @ factors)[:, None]

    low, high = LOW[: len(start)], HIGH[: len(start)]
    start = np.clip(start, low, high)
    found = least_squares(error, start, jac=slope, bounds=(low, high), loss=loss, f_scale=SCALE)
    factors: NDArray[np.float64] = found.x
    return factors


def _is_known(fit: _Fit) -> bool:
    widest = WIDEST * np.maximum(fit.factors, [0.0, 1.0, 1.0])
    return bool(fit.condition <= MOST_COLLINEAR and (fit.half_width <= widest).all())


def _check(fit: _Fit) -> None:
    """Refuse factors that the trips do not tell apart, or that run to their bounds."""
    at_bound = fit.factors[0] <= LOW[0] + 1e-6 or (fit.factors >= HIGH - 1e-6).any()
    if at_bound and fit.condition <= MOST_COLLINEAR:
        raise refusal("", "E773", factors=", ".join(f"{factor:.2f}" for factor in fit.factors))
    if not _is_known(fit):
        raise refusal(
            "",
            "E772",
            condition=f"{fit.condition:.0f}",
            driving=f"{fit.factors[0]:.2f} ± {fit.half_width[0]:.2f}",
            delays=f"{fit.factors[1]:.2f} ± {fit.half_width[1]:.2f}",
        )


def _held_out(
    fixed: NDArray[np.float64], columns: NDArray[np.float64], measured: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Predict every trip from a fit to the others."""
    fold = np.arange(len(measured)) % MOST_FOLDS
    predicted = np.empty(len(measured))
    for k in range(int(fold.max()) + 1):
        out = fold == k
        factors, _ = _solve(fixed[~out], columns[~out], measured[~out])
        predicted[out] = fixed[out] + columns[out] @ factors
    return predicted
