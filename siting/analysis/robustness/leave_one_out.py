"""Many versions of the scores → who wins in each, which firm or anchor decides, what each choice may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.additive import _TIED, Additive
from siting.analysis.decision.scoring import aligned, best_option, finite_table, values, weighted_sum
from siting.analysis.decision.value_functions import DECIMALS, ends_of, value_of
from siting.analysis.frames import grouped
from siting.messages import refusal

if TYPE_CHECKING:
    from siting.analysis.decision.criteria import CriterionUse

_CHUNK_CELLS = 1 << 22


# --- Who wins ---------------------------------------------------------------------------------------


def winners(scores: pd.DataFrame, current: str) -> pd.DataFrame:
    """Say who wins under each version of the scores.

    Parameters
    ----------
    scores : n_versions × n_options
    current : option that wins as things stand

    Returns
    -------
    By version ``winner, score, runner_up, margin`` (between the two), ``lead`` (of today's winner over the
    best of the others; negative where it loses) and ``changed`` (today's winner loses by more than 1e-12).
    Ties go to today's winner, then to the first id; ``runner_up`` is None for one option.
    """
    # Columns in the order in which ties are settled, so that a stable sort settles them.
    order = sorted(scores.columns, key=lambda option: (option != current, str(option)))
    array = finite_table(scores[order]).round(DECIMALS)
    ranked = np.argsort(-array, axis=1, kind="stable")
    rows, names = np.arange(len(array)), np.array(order, object)
    best = array[rows, ranked[:, 0]]
    alone = len(order) == 1
    second = None if alone else ranked[:, 1]
    lead = np.ones(len(array)) if alone else array[:, 0] - array[:, 1:].max(axis=1)
    return pd.DataFrame(
        {
            "winner": names[ranked[:, 0]],
            "score": best,
            "runner_up": None if alone else names[second],
            "margin": 1.0 if alone else (best - array[rows, second]).round(DECIMALS),
            "lead": lead.round(DECIMALS),
            "changed": lead < -_TIED,
        },
        index=scores.index,
    )


def winner_shares(scores: pd.DataFrame) -> pd.Series:
    """Share of the versions that each option wins; tied winners share in equal parts. Sums to 1."""
    array = finite_table(scores)
    best = array >= array.max(axis=1, keepdims=True) - _TIED
    return pd.Series((best / best.sum(axis=1, keepdims=True)).mean(axis=0), index=scores.columns)


def variants_table(variants: Mapping[str, pd.DataFrame], weights: pd.Series, current: str) -> pd.DataFrame:
    """Say who wins under each variant of the study: spread rule, road removed, place moved, anchors.

    Parameters
    ----------
    variants : values (option × criterion, 0..1) by label of the variant
    weights : effective weights, the same for all
    current : option that wins as things stand

    Returns
    -------
    See `winners`; indexed by label, in the order given.
    """
    if not variants:
        raise refusal("", "E712")
    scores = {label: weighted_sum(table, weights) for label, table in variants.items()}
    table = pd.DataFrame(scores).T
    if table.isna().to_numpy().any():
        gaps = table.columns[table.isna().any()].tolist()
        raise refusal("", "E713", gaps=gaps)
    return winners(table, current)


def anchor_variants(
    matrix: pd.DataFrame,
    uses: Sequence[CriterionUse],
    applies: pd.DataFrame | None = None,
    *,
    change: float = 0.25,
) -> dict[str, pd.DataFrame]:
    """Move each criterion's anchors by a share of the distance between them.

    Returns
    -------
    Values by label: ``<criterion> best −25 %`` (the figure that scores 1 moved towards the other),
    ``best +25 %`` (away), ``worst −25 %`` and ``worst +25 %`` alike, for each criterion of some weight, and
    ``all …`` for all of them together. Points of a piecewise function stretch with the anchors.
    """
    moved = [(end, sign * change) for end in ("best", "worst") for sign in (-1, 1)]
    base = values(matrix, uses, applies)
    result = {}
    for end, share in moved:
        together = base.copy()
        for use in uses:
            if use.weight == 0:
                continue
            one = base.copy()
            column = value_of(matrix[use.name], _stretched(use, end, share))
            # Not applicable stays 0: the base says so already, whatever the anchors.
            here = (matrix[use.name].notna() if applies is None else applies[use.name]).to_numpy(bool)
            one[use.name] = together[use.name] = np.where(here, column, 0.0)
            result[f"{use.name} {end} {share:+.0%}"] = one
        result[f"all {end} {share:+.0%}"] = together
    return result


def _stretched(use: CriterionUse, end: str, share: float) -> Any:
    """Copy a use with one end of its scale moved by a share of its length."""
    if use.value == "piecewise":
        points = sorted(use.points, key=lambda point: point[1])
        worst, best = points[0][0], points[-1][0]
    else:
        worst, best = ends_of(use)
    fixed = worst if end == "best" else best

    def shift(raw: float) -> float:
        return fixed + (raw - fixed) * (1 + share)

    if use.value == "piecewise":
        return use.model_copy(update={"points": tuple((shift(raw), value) for raw, value in use.points)})
    return use.model_copy(update={"anchors": (shift(worst), shift(best))})


@dataclass(frozen=True)
class TakenApart:
    """A scored study whose register can be changed without a new run."""

    parts: Mapping[str, Additive]
    """By criterion; all on the same enterprises."""
    values: pd.DataFrame
    """Option × criterion, 0..1, as the study stands; criteria without parts keep these."""
    uses: Sequence[CriterionUse]
    weights: pd.Series

    @property
    def enterprises(self) -> pd.Index:
        """Ids of the enterprises."""
        return next(iter(self.parts.values())).numerator.index

    @property
    def base(self) -> pd.Series:
        """Scores as the study stands, by option."""
        return weighted_sum(self.values, self.weights)

    def scores(self, sums: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
        """Score versions of the register, n_versions × n_options; `sums` as in `Additive.of`."""
        array, weight = aligned(self.values, self.weights)
        uses = {use.name: use for use in self.uses}
        raw = {name: part.of(sums) for name, part in self.parts.items()}
        scores = np.zeros((len(next(iter(raw.values()))), len(array)))
        for name, column, share in zip(self.values.columns, array.T, weight, strict=True):
            # NaN: not applicable, or nobody left to serve; both take value 0.
            version = np.nan_to_num(value_of(raw[name], uses[name])) if name in raw else column
            scores += share * version
        return pd.DataFrame(scores, columns=self.values.index)


def leave_one_out(study: TakenApart, *, keys: pd.Series | None = None) -> pd.DataFrame:
    """Leave out each enterprise, or each group of them, in turn, in closed form.

    A weighted mean without enterprise e is (Σ − its numerator) / (Σ − its denominator): one subtraction
    instead of a new run.

    Parameters
    ----------
    study : criteria without parts stay as they are
    keys : group (industry, township) of each enterprise, left out as a whole; None: each enterprise

    Returns
    -------
    By enterprise or group, the most decisive first: columns of `winners` and ``shift`` = change of the lead
    of today's winner when it is left out (negative: it held the winner up).
    """
    ids = study.enterprises
    code, labels = (np.arange(len(ids)), ids) if keys is None else pd.factorize(keys.reindex(ids), sort=True)

    def without(table: NDArray[np.float64]) -> NDArray[np.float64]:
        rest: NDArray[np.float64] = table.sum(axis=0) - grouped(table, code)
        return rest

    return left_out(study.scores(without).set_axis(labels), study.base)


def left_out(scores: pd.DataFrame, base: pd.Series) -> pd.DataFrame:
    """Say what leaving each one out does, the most decisive first.

    Parameters
    ----------
    scores : left out × option
    base : scores with everybody in, by option

    Returns
    -------
    Columns of `winners`, and ``shift``, see `leave_one_out`.
    """
    current = best_option(base)
    table = winners(scores, current)
    now = winners(base.to_frame().T, current)["lead"].iloc[0]
    table["shift"] = (table["lead"] - now).round(DECIMALS)
    return table.sort_index(key=lambda names: names.map(str)).sort_values("lead", kind="stable")


def bootstrap(study: TakenApart, *, draws: int, seed: int) -> pd.DataFrame:
    """Score registers drawn from the register with replacement (Efron 1979).

    Each draw is a row of counts per enterprise, so a thousand registers are one matrix product. Criteria
    without parts stay as they are.

    Returns
    -------
    draws × n_options, scores; `winner_shares` says how often each option wins.
    """
    n = len(study.enterprises)
    rng = np.random.default_rng(seed)
    size = max(1, _CHUNK_CELLS // n)
    pieces = []
    for start in range(0, draws, size):
        rows = min(size, draws - start)
        picks = rng.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(picks.ravel(), minlength=rows * n).reshape(rows, n).astype(float)
        pieces.append(study.scores(counts.__matmul__))
    return pd.concat(pieces, ignore_index=True)


# --- Regret -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Regret:
    """What each option loses against the best one of each scenario (Savage 1951)."""

    table: pd.DataFrame
    """Option × scenario, points of the score; 0 for the best option of a scenario."""
    largest: pd.Series
    """By option, the largest regret over the scenarios."""
    expected: pd.Series
    """By option, the expected score."""
    minimax: str
    """Option whose largest regret is least."""
    best_expected: str
    """Option with the highest expected score."""
    winners: pd.Series
    """By scenario, the option with the best score."""
    left_out: tuple[str, ...]
    """Options that do not stand in every scenario, so cannot be compared."""


def regret_table(scores: pd.DataFrame, probabilities: Mapping[str, float] | None = None) -> Regret:
    """Compare options over scenarios.

    Parameters
    ----------
    scores : option × scenario; NaN where an option does not stand in a scenario
    probabilities : by scenario, scaled to sum 1; None: all alike

    Raises
    ------
    InputError
        No option stands in every scenario, or probabilities that do not fit.
    """
    complete = scores.dropna()
    if complete.empty:
        raise refusal("", "E714")
    chance = probabilities or dict.fromkeys(complete.columns, 1.0)
    _, share = aligned(complete, pd.Series(chance))
    table = (complete.max() - complete).round(DECIMALS)
    largest = table.max(axis=1)
    expected = pd.Series(complete.to_numpy(float) @ share, complete.index).round(DECIMALS)
    return Regret(
        table=table,
        largest=largest,
        expected=expected,
        minimax=min(largest.index, key=lambda o: (largest[o], -expected[o], str(o))),
        best_expected=min(expected.index, key=lambda o: (-expected[o], largest[o], str(o))),
        winners=pd.Series({name: best_option(complete[name]) for name in complete}, dtype=object),
        left_out=tuple(map(str, scores.index.difference(complete.index))),
    )


def rank_reversals(score_of: Callable[[pd.DataFrame], pd.Series], matrix: pd.DataFrame) -> pd.DataFrame:
    """List pairs of options whose order turns when a third one is left out.

    A weighted sum of fixed value functions has none; TOPSIS and min–max scaling may (Belton & Gear 1983).

    Parameters
    ----------
    score_of : from a table of options to their scores
    matrix : what `score_of` takes, option × criterion

    Returns
    -------
    ``left_out, first, second, winner_changes``: `first` stands before `second` with all options, behind it
    without the one left out.
    """
    full = score_of(matrix).round(DECIMALS)
    rows = []
    for gone in matrix.index:
        rest = score_of(matrix.drop(gone)).round(DECIMALS) if len(matrix) > 1 else full.iloc[:0]
        before = full[rest.index].to_numpy()
        turned = (before[:, None] > before) & (rest.to_numpy()[:, None] < rest.to_numpy())
        best = before.max(initial=-np.inf)
        rows += [
            (gone, rest.index[i], rest.index[j], bool(before[i] == best)) for i, j in np.argwhere(turned)
        ]
    return pd.DataFrame(rows, columns=["left_out", "first", "second", "winner_changes"])
