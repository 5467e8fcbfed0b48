"""Minutes of the rows of many unions → the mean over the worst-served tenth of each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Figures = NDArray[np.float64]

_FIRST = 0.3
"""Part of the rows, the farthest, that is put in order first: mostly enough for a tenth of the weight."""


class Tails:
    """Rows that lie part by part with their weights; finds the worst-served share of unions of parts.

    Where minutes differ from union to union, so may the order of rows. Each union is measured along the
    orders of the first and of the last union, and the larger figure counts: that is exact for these two, and
    for those between never more than the truth, less by an error of second order.
    """

    def __init__(
        self, starts: NDArray[np.int64], unions: NDArray[np.bool_], weight: Figures, share: float = 0.1
    ):
        self.member, self.weight, self.share = unions.astype(float), weight, share
        self.part = np.searchsorted(starts, np.arange(len(weight)), side="right") - 1
        self.total = self.member @ np.add.reduceat(weight, starts)

    def worst(self, minutes: Figures, shares: Figures) -> Figures:
        """Return the mean minutes of the worst-served, by union; NaN without weight.

        Parameters
        ----------
        minutes : n_rows × n_ways; the minutes of a row are their mean by `shares`
        shares : n_unions × n_ways; a share of nothing adds nothing, even over a road that does not exist
        """
        found = np.full(len(shares), np.nan)
        known = self.total > 0
        if not known.any():
            return found
        seen: list[NDArray[np.int64]] = []
        for union in np.flatnonzero(known)[[0, -1]]:
            some = shares[union] > 0
            order = self._order(minutes[:, some] @ shares[union, some])
            if not any(np.array_equal(order, other) for other in seen):
                found = np.fmax(found, self._along(order, minutes, shares, known))
                seen.append(order)
        return found

    def _order(self, minutes: Figures) -> NDArray[np.int64]:
        """Order the rows that weigh anything, the farthest first, as many as every union needs."""
        rows = np.flatnonzero(self.weight > 0)
        many = int(np.ceil(_FIRST * len(rows)))
        while many < len(rows):
            far = rows[np.argpartition(-minutes[rows], many - 1)[:many]]
            by_part = np.bincount(self.part[far], self.weight[far], self.member.shape[1])
            if (self.member @ by_part >= self.share * self.total).all():
                rows = far
                break
            many *= 2
        return rows[np.lexsort((rows, -minutes[rows]))]

    def _along(
        self, order: NDArray[np.int64], minutes: Figures, shares: Figures, known: NDArray[np.bool_]
    ) -> Figures:
        part, weight = self.part[order], self.weight[order]
        running = np.zeros((self.member.shape[1], len(order) + 1))
        running[part, np.arange(1, len(order) + 1)] = weight
        np.cumsum(running, axis=1, out=running)
        target = self.share * self.total
        last = self._reached(running, target)
        full = np.take_along_axis(running.T, last[:, None], axis=0)
        whole = (self.member * full).sum(axis=1)
        sums = self._sums(order, last, minutes, shares)
        inside = np.where(last < len(order), np.maximum(target - whole, 0.0), 0.0)
        at = np.minimum(last, len(order) - 1)
        edge = _mixed(minutes[order[at]], shares)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (sums + np.where(inside > 0, inside * edge, 0.0)) / (whole + inside)
        return np.where(known, mean, np.nan)

    def _reached(self, running: Figures, target: Figures) -> NDArray[np.int64]:
        """Return how many rows of the order lie wholly inside the target, by union."""
        low = np.zeros(len(target), dtype=np.int64)
        high = np.full(len(target), running.shape[1] - 1)
        while (low < high).any():
            middle = (low + high + 1) // 2
            fits = (self.member * running.T[middle]).sum(axis=1) <= target
            low, high = np.where(fits, middle, low), np.where(fits, high, middle - 1)
        return low

    def _sums(
        self, order: NDArray[np.int64], last: NDArray[np.int64], minutes: Figures, shares: Figures
    ) -> Figures:
        """Sum weight × minutes over the first `last` rows of the order, by union."""
        n, n_parts = len(order), self.member.shape[1]
        by_part = np.argsort(self.part[order], kind="stable")
        keys = self.part[order][by_part] * (n + 1) + by_part
        wanted = np.arange(n_parts) * (n + 1) + last[:, None]
        upto = np.searchsorted(keys, wanted)
        start = np.searchsorted(keys, np.arange(n_parts) * (n + 1))
        total = np.zeros(len(last))
        for way in range(minutes.shape[1]):
            column = minutes[order, way][by_part]
            endless = ~np.isfinite(column)
            weight = self.weight[order][by_part]
            figures = _running(np.where(endless, 0.0, column) * weight)
            own = (self.member * (figures[upto] - figures[start])).sum(axis=1)
            if endless.any():
                cut_off = _running(endless.astype(float))
                own[(self.member * (cut_off[upto] - cut_off[start])).sum(axis=1) > 0] = np.inf
            some = shares[:, way] > 0
            total[some] += shares[some, way] * own[some]
        return total


def _running(figures: Figures) -> Figures:
    return np.concatenate([[0.0], np.cumsum(figures)])


def _mixed(minutes: Figures, shares: Figures) -> Figures:
    """Mean minutes of a row a union, by its shares."""
    mean: Figures = (np.where(shares > 0, minutes, 0.0) * shares).sum(axis=1)
    return mean
