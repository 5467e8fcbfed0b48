"""Values, weights, scores, ranks: toys by hand, published tables, peers, properties, degenerate input."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymcdm.methods import TOPSIS
from pymcdm.normalizations import minmax_normalization, vector_normalization
from skcriteria import mkdm
from skcriteria.agg.topsis import TOPSIS as SkcTopsis  # noqa: N811
from skcriteria.pipelines import mkpipe
from skcriteria.preprocessing.scalers import VectorScaler

from siting.analysis.decision import scoring, value_functions
from siting.types import InputError

INF, NAN = np.inf, np.nan


def use(name="c", *, weight=1.0, anchors=(0, 100), value="linear", points=()):
    return SimpleNamespace(name=name, weight=weight, anchors=anchors, value=value, points=points)


def table(rows, columns="ab"):
    return pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))], columns=list(columns), dtype=float)


# Values ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "raw", "expected"),
    [
        (use(anchors=(20, 60)), [10, 20, 30, 60, 70, INF, -INF], [0, 0, 0.25, 1, 1, 0, 0]),
        (use(anchors=(60, 20)), [10, 20, 30, 60, 70, INF], [1, 1, 0.75, 0, 0, 0]),
        (use(value="threshold", anchors=(0, 30)), [29.9, 30, 31, INF], [0, 1, 1, 0]),
        (use(value="threshold", anchors=(60, 30)), [29.9, 30, 31, INF], [1, 1, 0, 0]),
        (
            use(value="piecewise", points=[(0, 1), (30, 0.8), (60, 0)]),
            [-5, 15, 45, 99, INF],
            [1, 0.9, 0.4, 0, 0],
        ),
    ],
)
def test_value_functions(how, raw, expected):
    np.testing.assert_allclose(value_functions.value_of(raw, how), expected, atol=1e-15)


def test_values_not_applicable_and_unreachable_are_zero():
    matrix = table([[50, NAN], [INF, 3]])
    found = scoring.values(matrix, [use("a"), use("b", anchors=(0, 3))])
    assert found.to_numpy().tolist() == [[0.5, 0], [0, 1]]
    applies = pd.DataFrame([[False, False], [True, True]], index=matrix.index, columns=matrix.columns)
    assert scoring.values(matrix, [use("a"), use("b", anchors=(0, 3))], applies).loc["s0", "a"] == 0


def test_values_refuses_missing_figures_and_columns():
    matrix = table([[50, NAN], [NAN, 3]])
    everything = matrix.notna() | True
    with pytest.raises(InputError, match=r"s1: a is missing; s0: b is missing"):
        scoring.values(matrix, [use("a"), use("b")], everything)
    assert scoring.values(matrix.iloc[:0], [use("a")]).shape == (0, 1)
    with pytest.raises(InputError, match="no column z"):
        scoring.values(matrix, [use("z")])


def test_outside_anchors_names_each_clipped_figure():
    matrix = table([[120, 5], [50, INF], [NAN, 99]])
    uses = [use("a"), use("b", value="piecewise", points=[(10, 0), (100, 1)])]
    found = value_functions.outside_anchors(matrix, uses)
    assert found.to_numpy().tolist() == [
        ["s0", "a", 120, 0, 100],
        ["s0", "b", 5, 10, 100],
        ["s1", "b", INF, 10, 100],
    ]
    assert value_functions.outside_anchors(matrix, [use("a", value="threshold")]).empty


# Weights --------------------------------------------------------------------------------------------


def test_effective_weights_by_hand():
    uses = [use("a", weight=3), use("b", weight=1), use("c", weight=5), use("d", weight=2)]
    found = scoring.effective_weights(
        {"x": 2, "y": 6, "z": 0}, uses, group_of=dict(zip("abcd", "xxyz", strict=True))
    )
    assert found.to_dict() == {"a": 0.1875, "b": 0.0625, "c": 0.75, "d": 0.0}


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (NAN, "group weight x = nan is not finite"),
        (INF, "group weight x = inf is not finite"),
        (-0.1, r"group weight x = -0\.1 is negative"),
        (True, "group weight x = True is no number"),
        ("1", "group weight x = '1' is no number"),
        (None, "group weight x = None is no number"),
        (5e-324, "group weight x = 5e-324 is too small"),
    ],
)
def test_bad_weights_are_refused_by_name(weight, message):
    with pytest.raises(InputError, match=message):
        scoring.effective_weights({"x": weight, "y": 1}, [use("a"), use("b")], group_of={"a": "x", "b": "y"})


def test_all_zero_unknown_missing_and_hollow_groups_are_refused():
    group_of = {"a": "building", "b": "balance"}
    uses = [use("a"), use("b", weight=0)]
    with pytest.raises(InputError, match=r"every group weight is zero \(building, balance\)"):
        scoring.effective_weights({"building": 0, "balance": 0}, uses, group_of=group_of)
    with pytest.raises(
        InputError, match=r"groups\.bilding.*did you mean 'building'.*groups\.building: missing"
    ):
        scoring.effective_weights({"bilding": 1, "balance": 0}, uses, group_of=group_of)
    with pytest.raises(InputError, match=r"every weight within group balance: is zero \(b\)"):
        scoring.effective_weights({"building": 1, "balance": 1}, uses, group_of=group_of)
    assert scoring.effective_weights({"building": 1, "balance": 0}, uses, group_of=group_of)["a"] == 1


def test_huge_weights_do_not_overflow():
    assert scoring.normalised({"a": 1e308, "b": 1e308}) == {"a": 0.5, "b": 0.5}


weights = st.lists(st.just(0.0) | st.floats(1e-300, 1e6), min_size=1, max_size=6).filter(any)


@given(weights, st.floats(1e-3, 1e3))
def test_scaling_weights_changes_nothing(found, factor):
    values = np.random.default_rng(len(found)).random((4, len(found)))
    scores = scoring.weighted_sum(values, found)
    assert ((scores >= 0) & (scores <= 1 + 1e-12)).all()
    np.testing.assert_allclose(scoring.weighted_sum(values, np.multiply(found, factor)), scores, atol=1e-12)


@pytest.mark.parametrize(
    ("values", "found", "message"),
    [
        ([[1, 2]], [1], "1 weights for 2 criteria"),
        ([], [1], "at least one of each"),
        ([[1, NAN]], [1, 1], "option 0, criterion 1 is NaN"),
        ([[1, INF]], [1, 1], "infinite"),
        ([[1, "x"]], [1, 1], "must be a number"),
        ([[1, 2]], [0, 0], r"every weight is zero \(0, 1\)"),
    ],
)
def test_weighted_sum_refuses(values, found, message):
    with pytest.raises(InputError, match=message):
        scoring.weighted_sum(values, found)


def test_weights_are_matched_by_name_not_by_place():
    values = table([[1, 0], [0, 0.5]])
    assert scoring.weighted_sum(values, pd.Series({"b": 3, "a": 1})).tolist() == [0.25, 0.375]
    with pytest.raises(InputError, match=r"same criteria: \['b', 'z'\]"):
        scoring.weighted_sum(values, pd.Series({"z": 3, "a": 1}))


def test_weighted_sum_kracka_2010():
    """Kracka et al. (2010), heating facilities; costs inverted, columns over their sum."""
    matrix = np.array(
        [
            [33.95, 23.78, 11.45, 39.97, 29.44, 167.10, 3.852],
            [38.90, 4.17, 6.32, 0.01, 4.29, 132.52, 25.184],
            [37.59, 9.36, 8.23, 4.35, 10.22, 136.71, 10.845],
            [30.44, 37.59, 13.91, 74.08, 45.10, 198.34, 2.186],
            [36.21, 14.79, 9.17, 17.77, 17.06, 148.30, 6.610],
            [37.80, 8.55, 7.97, 2.35, 9.25, 134.83, 11.935],
        ]
    )
    costs = [0, 1, 2, 3, 5]
    matrix[:, costs] = 1 / matrix[:, costs]
    scores = scoring.weighted_sum(matrix / matrix.sum(axis=0), np.ones(7))
    expected = [0.12040426, 0.3458235, 0.13838192, 0.12841246, 0.12346084, 0.14351701]
    np.testing.assert_allclose(scores, expected, atol=1e-7)


# Ranking --------------------------------------------------------------------------------------------


def ranked(scores, **kwargs):
    return scoring.ranking(pd.DataFrame({"c": scores}), **kwargs)


def test_ranking_shares_ranks_and_declares_near_ties():
    found = ranked({"b": 0.5, "a": 0.5 + 1e-14, "c": 0.495, "d": 0.2})
    assert found.index.tolist() == ["a", "b", "c", "d"]
    assert found["rank"].tolist() == [1, 1, 3, 4]
    assert found["tie"].tolist() == [True, True, True, False]
    assert ranked({"a": 0.5, "b": 0.4})["tie"].tolist() == [False, False]
    assert ranked({"a": 0.5, "b": 0.49})["tie"].tolist() == [True, True]


def test_ranking_of_one_and_of_none():
    assert ranked({"only": 0.0}).to_numpy().tolist() == [[1, 0.0, False, "pass"]]
    nothing = scoring.contributions(pd.DataFrame(columns=["c"], dtype=float), pd.Series({"c": 1.0}))
    assert scoring.ranking(nothing).empty
    assert list(scoring.ranking(nothing)) == ["rank", "score", "tie", "verdict"]


def test_a_failed_condition_ranks_last_whatever_the_score():
    verdicts = pd.Series({"a": "fail", "b": "pass", "c": "pending"})
    found = ranked({"a": 0.9, "b": 0.2, "c": 0.195}, verdicts=verdicts)
    assert found.index.tolist() == ["b", "c", "a"]
    assert found["tie"].tolist() == [True, True, False]
    assert ranked({"a": 0.9, "b": 0.2}, verdicts=pd.Series({"a": "fail", "b": "fail"})).index.tolist() == [
        "a",
        "b",
    ]


def test_verdicts_fail_beats_pending_beats_pass():
    options = pd.DataFrame({"kind": ["build", "build", "build", "city", "build"]}, index=list("abcde"))
    conditions = pd.DataFrame(
        [("a", "power", "pass"), ("a", "flood", "pending"), ("b", "power", "fail"), ("b", "flood", "pending"),
         ("e", "power", "pass")],
        columns=["site", "condition", "verdict"],
    )  # fmt: skip
    expected = {"a": "pending", "b": "fail", "c": "pending", "d": "pass", "e": "pass"}
    assert scoring.verdicts(conditions, options).to_dict() == expected
    assert scoring.verdicts(conditions.iloc[:0], options)["d"] == "pass"


grids = st.integers(1, 7).flatmap(
    lambda k: st.lists(
        st.lists(st.sampled_from([0, 0.1, 0.3, 0.7, 1]), min_size=k, max_size=k), min_size=1, max_size=6
    )
)


@given(grids, st.randoms(use_true_random=False))
def test_order_of_rows_and_criteria_changes_nothing(rows, random):
    values = pd.DataFrame(rows, index=[f"s{i}" for i in range(len(rows))])
    weight = pd.Series({c: random.choice([0.1, 0.2, 0.7]) for c in values})
    first = scoring.ranking(scoring.contributions(values, weight))
    index, columns = list(values.index), list(values.columns)
    random.shuffle(index)
    random.shuffle(columns)
    second = scoring.ranking(scoring.contributions(values.loc[index, columns], weight))
    pd.testing.assert_frame_equal(first, second, check_exact=True)


@given(grids, st.data())
def test_raising_a_value_never_lowers_the_score_or_rank(rows, data):
    values = pd.DataFrame(rows)
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, len(rows[0]) - 1))
    weight = pd.Series(1.0, index=values.columns)
    better = values.astype(float)
    better.loc[row, column] = 1.0
    before = scoring.ranking(scoring.contributions(values, weight)).loc[row]
    after = scoring.ranking(scoring.contributions(better, weight)).loc[row]
    assert after["score"] >= before["score"]
    assert after["rank"] <= before["rank"]


@given(grids, st.lists(st.floats(-50, 150), min_size=1, max_size=1))
def test_a_further_option_reorders_nothing(rows, further):
    uses = [use(c) for c in range(len(rows[0]))]
    matrix = pd.DataFrame(rows) * 100
    more = pd.concat([matrix, pd.DataFrame([further * len(uses)], index=[99])])
    weight = pd.Series(1.0, index=matrix.columns)
    alone = scoring.weighted_sum(scoring.values(matrix, uses), weight)
    together = scoring.weighted_sum(scoring.values(more, uses), weight)
    assert together.drop(99).tolist() == alone.tolist()


# Remarks --------------------------------------------------------------------------------------------


def test_dominance_and_pareto_by_hand():
    values = table([[1, 0.5], [0.5, 1], [0.5, 0.5], [0.5, 0.5]])
    found = scoring.dominance(values)
    assert [(a, b) for a in found.index for b in found if found.loc[a, b]] == [
        ("s0", "s2"), ("s0", "s3"), ("s1", "s2"), ("s1", "s3"),
    ]  # fmt: skip
    assert scoring.pareto(values).tolist() == [True, True, False, False]
    assert scoring.pareto(values.iloc[:1]).tolist() == [True]


def test_correlated_and_neutral_criteria_are_named():
    x = np.array([0.1, 0.4, 0.3, 0.9])
    values = pd.DataFrame({"a": x, "b": 0.2 + x / 2, "e": 1 - x, "c": [0.5] * 4, "d": [0.2, 0.1, 0.9, 0.4]})
    assert scoring.neutral_criteria(values) == ["c"]
    found = scoring.correlated_pairs(values)
    assert found[["first", "second"]].to_numpy().tolist() == [["a", "b"]]
    assert found["r"].iloc[0] == pytest.approx(1)
    assert scoring.correlated_pairs(values.iloc[:2]).empty
    assert scoring.correlated_pairs(values[["c"]]).empty


# TOPSIS ---------------------------------------------------------------------------------------------


def test_topsis_tzeng_huang_2011():
    """Tzeng & Huang (2011), Multiple Attribute Decision Making, ch. 5."""
    matrix = [[5, 8, 4], [7, 6, 8], [8, 8, 6], [7, 4, 6]]
    scores = scoring.topsis(matrix, [0.3, 0.4, 0.3], [1, 1, 1])
    np.testing.assert_allclose(scores, [0.5037, 0.6581, 0.7482, 0.3340], atol=1e-4)


def test_topsis_without_normalization_scikit_criteria():
    scores = scoring.topsis([[1, 0, 3], [0, 5, 6]], [1, 1, 1], [1, 1, 1], normalization="none")
    np.testing.assert_allclose(scores, [0.14639248, 0.85360752], atol=1e-7)


@pytest.mark.parametrize(
    ("normalization", "peer"), [("vector", vector_normalization), ("minmax", minmax_normalization)]
)
@pytest.mark.filterwarnings("ignore:Alternatives with indices")
def test_topsis_equals_pymcdm(normalization, peer):
    rng = np.random.default_rng(5)
    for _ in range(50):
        m, k = rng.integers(2, 9, 2)
        matrix, weight, senses = rng.random((m, k)) * 100, rng.dirichlet(np.ones(k)), rng.choice([-1, 1], k)
        expected = TOPSIS(normalization_function=peer)(matrix, weight, senses)
        found = scoring.topsis(matrix, weight, senses, normalization=normalization)
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_topsis_equals_scikit_criteria():
    rng = np.random.default_rng(6)
    pipeline = mkpipe(VectorScaler(target="matrix"), SkcTopsis())
    for _ in range(20):
        m, k = rng.integers(2, 9, 2)
        matrix, weight = rng.random((m, k)) + 0.1, rng.dirichlet(np.ones(k))
        expected = pipeline.evaluate(mkdm(matrix, [max] * k, weights=weight)).e_.similarity
        np.testing.assert_allclose(scoring.topsis(matrix, weight, np.ones(k)), expected, atol=1e-12)


@pytest.mark.parametrize("normalization", ["vector", "minmax", "none"])
def test_topsis_degenerate_tables_are_never_nan(normalization):
    for matrix in ([[3, 0]], [[3, 0], [3, 0]], [[0, 0], [0, 0]]):
        assert scoring.topsis(matrix, [1, 1], [1, -1], normalization=normalization).tolist() == [0.5] * len(
            matrix
        )
    # The first column does not tell the options apart: it changes nothing.
    scores = scoring.topsis([[7, 1], [7, 3], [7, 2]], [1, 1], [1, 1], normalization=normalization)
    np.testing.assert_allclose(scores, [0, 1, 0.5])
    huge = scoring.topsis([[1e300, 1], [2e300, 2]], [1, 1], [1, 1], normalization=normalization)
    assert huge.tolist() == [0, 1] or normalization == "none"


def test_topsis_refuses_bad_arguments():
    with pytest.raises(InputError, match="senses must be"):
        scoring.topsis([[1, 2]], [1, 1], [1, 0])
    with pytest.raises(InputError, match="choose vector, minmax or none"):
        scoring.topsis([[1, 2]], [1, 1], [1, 1], normalization="sum")
