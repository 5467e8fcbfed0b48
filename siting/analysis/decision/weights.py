"""Judgements or the matrix itself → weights: AHP, entropy, CRITIC; and how far the parties agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.analysis.decision.scoring import (
    Rows,
    Weights,
    aligned,
    best_option,
    checked_senses,
    finite_table,
    scaled_0_1,
)
from siting.analysis.decision.value_functions import DECIMALS
from siting.messages import Text, joined, refusal, text_of

RandomIndex = Literal["saaty_2008", "saaty_1980"]

_RANDOM_INDEX: Mapping[RandomIndex, tuple[float, ...]] = {
    "saaty_2008": (0, 0, 0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
    "saaty_1980": (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
}
"""Mean consistency index of random judgements for 1 to 15 criteria, as Saaty gave it in those years."""

_MOST_JUDGED = len(_RANDOM_INDEX["saaty_2008"])

_RECIPROCAL = 0.05
"""Judgements written as 0.33 for 1/3 pass; a pair that is further from reciprocal does not."""

MAX_CONSISTENCY_RATIO = 0.1
"""Above it judgements are to be asked again (Saaty 1980)."""


# --- Judgements -------------------------------------------------------------------------------------


@overload
def ahp_weights(
    pairwise: pd.DataFrame, *, random_index: RandomIndex = "saaty_2008"
) -> tuple[pd.Series, float]: ...


@overload
def ahp_weights(
    pairwise: Rows, *, random_index: RandomIndex = "saaty_2008"
) -> tuple[NDArray[np.float64], float]: ...


def ahp_weights(
    pairwise: pd.DataFrame | Rows, *, random_index: RandomIndex = "saaty_2008"
) -> tuple[pd.Series | NDArray[np.float64], float]:
    """Turn pairwise judgements into weights (analytic hierarchy process, Saaty 1980).

    Parameters
    ----------
    pairwise : n × n, how many times the row matters more than the column; diagonal 1, mirror reciprocal
    random_index : Saaty's table of 2008, or that of 1980 which many Chinese guides print; for three criteria
        0.52 against 0.58, so that the stricter first may ask again where the other does not

    Returns
    -------
    weights : principal eigenvector, sums to 1; a Series for a frame
    consistency_ratio : (λ − n) / (n − 1) over Saaty's random index; 0 for one or two criteria; above 0.1
        the judgements contradict each other, see `worst_judgement`

    Raises
    ------
    InputError
        Not square, above 15 criteria, a judgement that is missing, not positive or not reciprocal.

    Examples
    --------
    >>> weights, ratio = ahp_weights([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    >>> weights.round(3), round(ratio, 3)
    (array([0.571, 0.286, 0.143]), 0.0)
    """
    array = _checked_judgements(pairwise)
    n, index = len(array), _RANDOM_INDEX[random_index]
    roots, vectors = np.linalg.eig(array)
    principal = int(np.argmax(roots.real))
    weight = np.abs(vectors[:, principal].real)
    weight /= weight.sum()
    ratio = 0.0 if n < 3 else max(0.0, (roots[principal].real - n) / (n - 1) / index[n - 1])
    ratio = round(float(ratio), DECIMALS)
    return (pd.Series(weight, index=pairwise.index) if isinstance(pairwise, pd.DataFrame) else weight), ratio


def _checked_judgements(pairwise: pd.DataFrame | Rows) -> NDArray[np.float64]:
    """Judgements as an array; all problems in one message."""
    array = finite_table(pairwise)
    n = len(array)
    if array.shape != (n, n) or n > _MOST_JUDGED:
        raise refusal("", "E749", shape=array.shape)
    names = list(pairwise.index) if isinstance(pairwise, pd.DataFrame) else list(range(n))
    problems = [
        text_of("P67", first=names[i], second=names[j], times=array[i, j]) for i, j in np.argwhere(array <= 0)
    ]
    if not problems:
        off = np.abs(array * array.T - 1)
        problems = [
            text_of(
                "P68",
                first=names[i],
                second=names[j],
                times=array[i, j],
                other=array[j, i],
                wanted=1 / array[i, j],
            )
            for i, j in np.argwhere(np.triu(off) > _RECIPROCAL)
        ]
    if problems:
        raise refusal("", "E750", problems=joined(problems))
    return array


@dataclass(frozen=True)
class Judgement:
    """The judgement to ask again, and what the others imply instead."""

    first: str | int
    second: str | int
    given: float
    """How many times `first` matters more than `second`, as answered."""
    suggestion: float
    """What the other criteria imply, their geometric mean, on Saaty's scale: 1 to 9 or their reciprocals."""
    ratio_after: float
    """Consistency ratio if the suggestion were answered."""


def worst_judgement(
    pairwise: pd.DataFrame | Rows, *, random_index: RandomIndex = "saaty_2008"
) -> Judgement | None:
    """Name the judgement whose correction makes the table most consistent, with the question to ask again.

    Each pair is answered in turn as the other criteria imply: the geometric mean of first-over-other ×
    other-over-second, on Saaty's scale (after Harker 1987). None where no correction helps
    (fewer than three criteria included). Ties go to the pair that stands first.
    """
    _, ratio = ahp_weights(pairwise, random_index=random_index)
    array = _checked_judgements(pairwise)
    names = list(pairwise.index) if isinstance(pairwise, pd.DataFrame) else list(range(len(array)))
    worst = None
    for i, j in zip(*np.triu_indices(len(array), 1), strict=True):
        # Written so that the first named matters more: the question is easier to answer.
        i, j = (i, j) if array[i, j] >= 1 else (j, i)
        others = [k for k in range(len(array)) if k not in (i, j)]
        if not others:
            continue
        implied = float(np.exp(np.mean(np.log(array[i, others] * array[others, j]))))
        step = float(np.clip(round(max(implied, 1 / implied)), 1, 9))
        suggestion = step if implied >= 1 else 1 / step
        mended = array.copy()
        mended[i, j], mended[j, i] = suggestion, 1 / suggestion
        after = ahp_weights(mended, random_index=random_index)[1]
        if after < (ratio if worst is None else worst.ratio_after) - 1e-9:
            worst = Judgement(names[i], names[j], float(array[i, j]), suggestion, after)
    return worst


def viewpoint_from_judgements(
    judgements: pd.DataFrame, *, random_index: RandomIndex = "saaty_2008"
) -> pd.DataFrame:
    """Turn score sheets of experts into weights, one set per expert and one for all.

    Each expert's judgements become weights by `ahp_weights`; together they count by the geometric mean of
    their judgements, the one rule that keeps reciprocals (Aczél & Saaty 1983).

    Parameters
    ----------
    judgements : ``expert, first, second, times`` (how many times `first` matters more than `second`),
        each pair of criteria answered once by each expert, in either order
    random_index : Saaty's table that consistency is measured by, see `ahp_weights`

    Returns
    -------
    By expert, and ``all`` last: one weight column per criterion, ``consistency_ratio``, ``again`` (the
    `Judgement` to ask again, None where the ratio is at most 0.1).
    """
    names = sorted({*judgements["first"], *judgements["second"]}, key=str)
    tables, problems = {}, []
    for expert, sheet in judgements.groupby("expert", sort=True):
        tables[expert], found = _judgement_table(sheet, names)
        problems += [text_of("P69", expert=expert, problem=problem) for problem in found]
    if problems or not tables:
        raise refusal("", "E751", problems=joined(problems or [text_of("P73")]))
    tables["all"] = np.exp(sum(np.log(table) for table in tables.values()) / len(tables))
    rows = {}
    for expert, table in tables.items():
        frame = pd.DataFrame(table, index=names, columns=names)
        weight, ratio = ahp_weights(frame, random_index=random_index)
        is_sound = ratio <= MAX_CONSISTENCY_RATIO
        again = None if is_sound else worst_judgement(frame, random_index=random_index)
        rows[expert] = {**weight.to_dict(), "consistency_ratio": ratio, "again": again}
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*names, "consistency_ratio", "again"])


def _judgement_table(sheet: pd.DataFrame, names: list[str]) -> tuple[np.ndarray, list[Text]]:
    """One expert's answers as a reciprocal table, and what is wrong with them."""
    place = {name: i for i, name in enumerate(names)}
    table, problems = np.full((len(names), len(names)), np.nan), []
    np.fill_diagonal(table, 1.0)
    for first, second, times in zip(sheet["first"], sheet["second"], sheet["times"], strict=True):
        i, j = place[first], place[second]
        if not (np.isfinite(times) and times > 0):
            problems.append(text_of("P70", first=first, second=second, times=times))
        elif not np.isnan(table[i, j]):
            problems.append(text_of("P71", first=first, second=second))
        else:
            table[i, j], table[j, i] = float(times), 1 / float(times)
    if not problems:
        problems = [
            text_of("P72", first=names[i], second=names[j]) for i, j in np.argwhere(np.isnan(np.triu(table)))
        ]
    return table, problems


# --- Weights out of the matrix ----------------------------------------------------------------------


@overload
def entropy_weights(matrix: pd.DataFrame) -> pd.Series: ...


@overload
def entropy_weights(matrix: Rows) -> NDArray[np.float64]: ...


def entropy_weights(matrix: pd.DataFrame | Rows) -> pd.Series | NDArray[np.float64]:
    """Weight criteria by how unevenly they spread over the options (Shannon entropy; Zeleny 1982).

    Columns are divided by their sum, the entropy's base is the number of options. A criterion equal for
    all options weighs 0; where all are (one option included), all weigh the same.

    Parameters
    ----------
    matrix : n_options × n_criteria, not negative

    Raises
    ------
    InputError
        A negative figure, NaN or ``inf``.

    Examples
    --------
    >>> entropy_weights([[1, 1], [1, 3]])  # the first tells no option from another
    array([0., 1.])
    """
    array = finite_table(matrix)
    if (array < 0).any():
        row, column = np.argwhere(array < 0)[0]
        raise refusal("", "E752", row=row, column=column, found=array[row, column])
    largest = array.max(axis=0)
    share = np.divide(array, largest, out=np.ones_like(array), where=largest > 0)
    share /= share.sum(axis=0)
    logs = np.log(share, out=np.zeros_like(share), where=share > 0)
    spread = np.ptp(array, axis=0) > 0
    base = np.log(len(array)) if len(array) > 1 else 1.0
    return _weights_like(np.where(spread, 1 + (share * logs).sum(axis=0) / base, 0.0), matrix)


@overload
def critic_weights(matrix: pd.DataFrame, senses: Weights) -> pd.Series: ...


@overload
def critic_weights(matrix: Rows, senses: Weights) -> NDArray[np.float64]: ...


def critic_weights(matrix: pd.DataFrame | Rows, senses: Weights) -> pd.Series | NDArray[np.float64]:
    """Weight criteria by spread and conflict: σ × Σ (1 − r) (CRITIC, Diakoulaki et al. 1995).

    Columns are scaled min–max, reversed where less is better. A criterion equal for all options weighs 0
    and conflicts with none; where nothing distinguishes the criteria, all weigh the same.

    Parameters
    ----------
    matrix : n_options × n_criteria, finite
    senses : +1 more is better, −1 less

    Examples
    --------
    >>> critic_weights([[0, 0], [1, 0], [2, 1]], [1, 1]).round(3)  # 1/2 to 1/√3
    array([0.464, 0.536])
    """
    array = finite_table(matrix)
    sense = checked_senses(senses, array.shape[1])
    varying = np.ptp(array, axis=0) > 0
    scaled = scaled_0_1(array * sense)[:, varying]
    weight = np.zeros(array.shape[1])
    if varying.sum() == 1:
        weight[varying] = 1.0
    elif varying.any():
        conflict = (1 - np.corrcoef(scaled, rowvar=False)).sum(axis=0)
        weight[varying] = scaled.std(axis=0) * np.where(conflict > 1e-12, conflict, 0.0)
    return _weights_like(weight, matrix)


def _weights_like(
    weight: NDArray[np.float64], matrix: pd.DataFrame | Rows
) -> pd.Series | NDArray[np.float64]:
    """Scale to sum 1, equal where all are 0, on the criteria's names."""
    weight = np.maximum(weight, 0.0)
    total = weight.sum()
    weight = weight / total if total > 0 else np.full(len(weight), 1 / len(weight))
    return pd.Series(weight, index=matrix.columns) if isinstance(matrix, pd.DataFrame) else weight


# --- Viewpoints -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """How far the parties (评价立场) agree, and what each would give up."""

    ranks: pd.DataFrame
    """Option × viewpoint, rank of the option; ties share the mean."""
    concordance: float
    """Kendall's W with the correction for ties: 1 all rank alike, 0 no agreement (Kendall & Smith 1939)."""
    pairwise: pd.DataFrame
    """Viewpoint × viewpoint, Spearman correlation of the ranks: the agreement map."""
    shortfall: pd.DataFrame
    """Option × viewpoint, score that the viewpoint loses against its own favourite."""
    compromise: str
    """Option whose largest shortfall over the viewpoints is least (Savage 1951)."""
    weights: pd.Series
    """Compromise weights: the largest distance to any viewpoint's weights is least."""
    gives_way: pd.DataFrame
    """By viewpoint: ``favourite``, ``shortfall`` under the compromise option, ``weight_moved``: share of
    the weight that changes hands between its weights and the compromise weights."""


def agreement(values: pd.DataFrame, viewpoints: Mapping[str, pd.Series]) -> Agreement:
    """Compare the rankings of several parties and find what lies between them.

    Parameters
    ----------
    values : n_options × n_criteria, 0..1
    viewpoints : effective weights by criterion, one set per party
    """
    if not viewpoints:
        raise refusal("", "E753")
    names = list(viewpoints)
    weights = np.array([aligned(values, viewpoints[name])[1] for name in names])
    scores = pd.DataFrame(values.to_numpy(float) @ weights.T, index=values.index, columns=names).round(
        DECIMALS
    )
    ranks = scores.rank(ascending=False, method="average")
    shortfall = (scores.max() - scores).round(DECIMALS)
    largest = shortfall.max(axis=1)
    compromise = min(largest.index[largest == largest.min()], key=lambda o: (shortfall.loc[o].mean(), str(o)))
    middle = pd.Series(_middle(weights), index=values.columns)
    gives_way = pd.DataFrame(
        {
            "favourite": [best_option(scores[n]) for n in names],
            "shortfall": shortfall.loc[compromise].to_numpy(),
            "weight_moved": (np.abs(weights - middle.to_numpy()).sum(axis=1) / 2).round(DECIMALS),
        },
        index=names,
    )
    return Agreement(
        ranks=ranks,
        concordance=kendall_w(ranks.to_numpy()),
        pairwise=_rank_correlation(ranks),
        shortfall=shortfall,
        compromise=compromise,
        weights=middle,
        gives_way=gives_way,
    )


def kendall_w(ranks: np.ndarray) -> float:
    """Kendall's coefficient of concordance; 1 where nobody distinguishes any option.

    Parameters
    ----------
    ranks : n_options × n_rankings, ties as their mean

    Examples
    --------
    >>> kendall_w(np.array([[1.0, 1.0, 2.0], [2.0, 2.0, 1.0]]))
    0.1111111111111111
    """
    n, parties = ranks.shape
    ties = sum(
        float((counts**3 - counts).sum())
        for counts in (np.unique(column, return_counts=True)[1] for column in ranks.T)
    )
    most = parties**2 * (n**3 - n) - parties * ties
    if most <= 0:
        return 1.0
    sums = ranks.sum(axis=1)
    return float(np.clip(12 * ((sums - sums.mean()) ** 2).sum() / most, 0.0, 1.0))


def _rank_correlation(ranks: pd.DataFrame) -> pd.DataFrame:
    """Spearman correlation; parties that rank alike agree by 1, even where all options tie."""
    centred = ranks.to_numpy() - ranks.to_numpy().mean(axis=0)
    length = np.linalg.norm(centred, axis=0)
    scaled = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
    r = np.clip(scaled.T @ scaled, -1.0, 1.0)
    r[(ranks.to_numpy()[:, :, None] == ranks.to_numpy()[:, None, :]).all(axis=0)] = 1.0
    return pd.DataFrame(r, index=ranks.columns, columns=ranks.columns)


def _middle(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights whose largest L1 distance to the parties' is least, a linear programme.

    Ties between equally good answers are settled towards the mean by a second, tiny term.
    """
    from scipy.optimize import linprog

    parties, k = weights.shape
    mean = weights.mean(axis=0)
    targets = np.vstack([weights, mean])
    rows = len(targets) * k
    # Unknowns: w (k), |w − target| by party and criterion (rows), the largest distance (1).
    identity = np.tile(np.eye(k), (len(targets), 1))
    zeros = np.zeros((rows, 1))
    distance = np.zeros((parties, k + rows + 1))
    for party in range(parties):
        distance[party, k + party * k : k + (party + 1) * k] = 1.0
    distance[:, -1] = -1.0
    cost = np.zeros(k + rows + 1)
    cost[-1], cost[-1 - k : -1] = 1.0, 1e-6
    found = linprog(
        cost,
        A_ub=np.vstack(
            [
                np.hstack([identity, -np.eye(rows), zeros]),
                np.hstack([-identity, -np.eye(rows), zeros]),
                distance,
            ]
        ),
        b_ub=np.r_[targets.ravel(), -targets.ravel(), np.zeros(parties)],
        A_eq=np.r_[np.ones(k), np.zeros(rows + 1)][None],
        b_eq=[1.0],
        method="highs",
    )
    solution = cast("NDArray[np.float64]", found.x)  # any weights are one, at some distance
    middle = np.clip(solution[:k], 0.0, 1.0)
    scaled: NDArray[np.float64] = middle / middle.sum()
    return scaled
