"""AHP, entropy, CRITIC, viewpoints: published tables, AHPy, pymcdm, scikit-criteria, degenerate input."""

import numpy as np
import pandas as pd
import pytest
from ahpy import Compare
from hypothesis import given
from hypothesis import strategies as st
from pymcdm import weights as peer
from scipy.stats import spearmanr
from skcriteria.preprocessing.weighters import critic_weights as skc_critic
from skcriteria.preprocessing.weighters import entropy_weights as skc_entropy

from siting.analysis.decision import weights as own
from siting.analysis.decision.scoring import weighted_sum
from siting.types import InputError

DRINKS = np.array(
    [
        [1, 9, 5, 2, 1, 1, 1 / 2],
        [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
        [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
        [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [1, 9, 4, 2, 1, 2, 1 / 2],
        [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
        [2, 9, 9, 3, 2, 3, 1],
    ]
)


def consistent(weight):
    return np.outer(weight, 1 / np.asarray(weight))


# AHP ------------------------------------------------------------------------------------------------


def test_ahp_saaty_2008_drinks():
    """Saaty (2008), Decision making with the analytic hierarchy process, IJSS 1: coffee … water."""
    weights, ratio = own.ahp_weights(DRINKS)
    np.testing.assert_allclose(weights, [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], atol=6e-4)
    assert ratio == pytest.approx(0.022, abs=6e-4)


def test_ahp_hierarchy_saaty_2005_cities():
    """Saaty (2005), Theory and Applications of the ANP: Bethesda, Boston, Pittsburgh, Santa Fe."""
    criteria = [[1, 1 / 5, 3, 1 / 2, 5], [5, 1, 7, 1, 7], [1 / 3, 1 / 7, 1, 1 / 4, 3], [2, 1, 4, 1, 7],
                [1 / 5, 1 / 7, 1 / 3, 1 / 7, 1]]  # fmt: skip
    upper = [
        [0.5, 1, 0.5, 2.5, 1, 0.4],
        [2, 1 / 3, 4, 1 / 8, 2, 9],
        [5, 0.5, 2.5, 1 / 9, 0.25, 7],
        [0.5, 3, 4, 6, 8, 1],
        [1.5, 0.5, 4, 1 / 3.5, 2.5, 9],
    ]
    columns = []
    for judged in upper:
        table = np.eye(4)
        table[np.triu_indices(4, 1)] = judged
        table = np.triu(table) + np.triu(1 / np.where(table > 0, table, 1), 1).T
        columns.append(own.ahp_weights(table)[0])
    scores = weighted_sum(np.array(columns).T, own.ahp_weights(criteria)[0])
    np.testing.assert_allclose(scores, [0.229, 0.275, 0.385, 0.111], atol=6e-4)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=9))
def test_consistent_judgements_give_back_their_weights(weight):
    found, ratio = own.ahp_weights(consistent(weight))
    np.testing.assert_allclose(found, np.array(weight) / sum(weight), rtol=1e-6)
    assert ratio == pytest.approx(0, abs=1e-9)
    assert own.worst_judgement(consistent(weight)) is None


def test_ahp_equals_ahpy():
    rng = np.random.default_rng(4)
    for n in (3, 5, 7):
        table = consistent(rng.random(n) + 0.2)
        noise = np.triu(np.exp(rng.normal(0, 0.4, (n, n))), 1)
        table = np.where(noise > 0, table * noise, 0) + np.eye(n)
        table += np.tril(1 / np.where(table.T > 0, table.T, np.inf), -1)
        names = [f"c{i}" for i in range(n)]
        pairs = {(names[i], names[j]): table[i, j] for i in range(n) for j in range(i + 1, n)}
        expected = Compare("all", pairs, precision=8, random_index="saaty")
        found, ratio = own.ahp_weights(pd.DataFrame(table, names, names))
        assert found.to_dict() == pytest.approx(expected.target_weights, abs=1e-4)
        assert ratio == pytest.approx(expected.consistency_ratio, abs=1e-4)


def test_the_planted_wrong_judgement_is_named_with_its_cure():
    names = ["hours", "cost", "cover", "staff"]
    table = pd.DataFrame(consistent([8, 4, 2, 1]), names, names)
    table.loc["cost", "cover"], table.loc["cover", "cost"] = 1 / 6, 6
    _, ratio = own.ahp_weights(table)
    assert ratio > own.MAX_CONSISTENCY_RATIO
    worst = own.worst_judgement(table)
    assert (worst.first, worst.second, worst.given) == ("cover", "cost", 6)
    assert worst.suggestion == 0.5
    assert worst.ratio_after == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([[1, 2]], r"square table of at most 15 criteria, got \(1, 2\)"),
        (np.ones((16, 16)), "at most 15"),
        ([[1, -2], [-0.5, 1]], "0 over 1 = -2 is not above 0"),
        ([[1, 3], [3, 1]], r"0 over 1 = 3, but the other way round 3; give 0\.333333"),
        ([[2, 3], [1 / 3, 1]], "0 over 0 = 2"),
        ([[1, np.nan], [1, 1]], "option 0, criterion 1 is NaN"),
    ],
)
def test_bad_judgements_are_refused(table, message):
    with pytest.raises(InputError, match=message):
        own.ahp_weights(table)


def test_small_tables_are_always_consistent():
    assert own.ahp_weights([[1]])[0].tolist() == [1]
    weights, ratio = own.ahp_weights([[1, 3], [0.33, 1]])
    np.testing.assert_allclose(weights, [0.75, 0.25], atol=0.002)
    assert ratio == 0
    assert own.worst_judgement([[1, 3], [1 / 3, 1]]) is None


def sheet(expert, **answers):
    return pd.DataFrame([(expert, *key.split("_"), times) for key, times in answers.items()],
                        columns=["expert", "first", "second", "times"])  # fmt: skip


def test_score_sheets_become_weights_by_expert_and_together():
    judgements = pd.concat(
        [
            sheet("Li", a_b=2, b_c=2, a_c=4),
            sheet("Wang", b_a=2, b_c=4, c_a=0.5),
            sheet("Zhao", a_b=9, b_c=9, c_a=9),
        ]
    )
    found = own.viewpoint_from_judgements(judgements)
    assert found.index.tolist() == ["Li", "Wang", "Zhao", "all"]
    np.testing.assert_allclose(found.loc["Li", ["a", "b", "c"]].astype(float), [4 / 7, 2 / 7, 1 / 7])
    np.testing.assert_allclose(found.loc["Wang", ["a", "b", "c"]].astype(float), [2 / 7, 4 / 7, 1 / 7])
    assert found.loc["Li", "again"] is None
    assert found.loc["Zhao", "consistency_ratio"] > 0.1
    assert found.loc["Zhao", "again"].ratio_after < found.loc["Zhao", "consistency_ratio"]
    two = own.viewpoint_from_judgements(judgements[judgements["expert"] != "Zhao"])
    np.testing.assert_allclose(
        two.loc["all", ["a", "b", "c"]].astype(float), np.array([2, 2, 0.5**0.5]) / (4 + 0.5**0.5), rtol=0.1
    )


def test_score_sheets_with_gaps_are_refused():
    judgements = pd.concat([sheet("Li", a_b=2, b_c=2), sheet("Wang", a_b=0, b_a=2, c_a=1, a_c=1, b_c=1)])
    with pytest.raises(InputError, match="expert Li: a and c are not compared; expert Wang: a over b = 0"):
        own.viewpoint_from_judgements(judgements)
    with pytest.raises(InputError, match="c and a are compared twice|a and c are compared twice"):
        own.viewpoint_from_judgements(judgements)
    with pytest.raises(InputError, match="no judgement"):
        own.viewpoint_from_judgements(judgements.iloc[:0])


# Entropy and CRITIC ---------------------------------------------------------------------------------


def test_entropy_elsayed_2017():
    """Elsayed, Dawood & Karthikeyan (2017), twelve machines by five criteria (pymcdm's test)."""
    matrix = [[7, 312, 1891, 6613, 163], [72, 88, 728, 941804, 1078], [10, 252, 2594, 3466, 117471],
              [10, 145, 980, 2371, 86329], [65, 54, 350, 501, 29897], [29, 48, 380, 912, 34051],
              [7, 476, 3300, 78470, 2212], [70, 87, 650, 733, 819000], [4, 86, 591, 3015, 103],
              [12, 79, 579, 3240, 96098], [21, 45, 261, 1253, 453], [1, 72, 530, 4333, 0.1048]]  # fmt: skip
    expected = [0.104991, 0.069124, 0.071373, 0.449937, 0.304575]
    np.testing.assert_allclose(own.entropy_weights(matrix), expected, atol=6e-7)


def test_critic_diakoulaki_1995():
    """Diakoulaki, Mavrotas & Papayannakis (1995), Computers & OR 22, eight pharmaceutical firms."""
    matrix = [[61, 1.08, 4.33], [20.7, 0.26, 4.34], [16.3, 1.98, 2.53], [9, 3.29, 1.65], [5.4, 2.77, 2.33],
              [4, 4.12, 1.21], [-6.1, 3.52, 2.1], [-34.6, 3.31, 0.98]]  # fmt: skip
    expected = [0.20222554, 0.48090173, 0.31687273]
    np.testing.assert_allclose(own.critic_weights(matrix, [1, 1, 1]), expected, atol=1e-7)


def test_entropy_and_critic_equal_their_peers():
    rng = np.random.default_rng(6)
    for _ in range(30):
        m, k = rng.integers(3, 9, 2)
        matrix, senses = rng.random((m, k)) + 0.01, rng.choice([-1, 1], k)
        entropy = own.entropy_weights(matrix)
        np.testing.assert_allclose(entropy, peer.entropy_weights(matrix), atol=1e-12)
        np.testing.assert_allclose(entropy, skc_entropy(matrix), atol=1e-12)
        np.testing.assert_allclose(
            own.critic_weights(matrix, senses),
            skc_critic(matrix, list(senses), correlation="pearson", scale=True),
            atol=1e-12,
        )


def test_degenerate_matrices_give_stated_weights():
    assert own.entropy_weights([[1, 2]]).tolist() == [0.5, 0.5]
    assert own.entropy_weights([[0, 0], [0, 0]]).tolist() == [0.5, 0.5]
    assert own.entropy_weights([[1, 2], [1, 3]])[0] == 0
    assert own.entropy_weights([[0, 2], [1, 3]]).sum() == pytest.approx(1)
    assert own.critic_weights([[1, 2]], [1, 1]).tolist() == [0.5, 0.5]
    assert own.critic_weights([[1, 2, 5], [1, 3, 5]], [1, 1, 1]).tolist() == [0, 1, 0]
    assert own.critic_weights([[1, 2], [2, 3]], [1, 1]).tolist() == [0.5, 0.5]
    frame = pd.DataFrame([[1, 2], [2, 1]], columns=["a", "b"])
    assert own.critic_weights(frame, [1, 1]).to_dict() == {"a": 0.5, "b": 0.5}
    with pytest.raises(InputError, match="from 0 up; row 1, column 0"):
        own.entropy_weights([[1, 2], [-1, 2]])
    with pytest.raises(InputError, match="senses must be"):
        own.critic_weights([[1, 2], [1, 2]], [1])


# Viewpoints -----------------------------------------------------------------------------------------


def toy_agreement():
    values = pd.DataFrame([[1, 0], [0, 1], [0.7, 0.7]], index=["left", "right", "middle"], columns=["a", "b"])
    return own.agreement(
        values, {"bureau": pd.Series({"a": 9, "b": 1}), "county": pd.Series({"a": 1, "b": 9})}
    )


def test_compromise_by_hand():
    """Scores 0.9, 0.1, 0.7 and 0.1, 0.9, 0.7: the middle loses 0.2 to each, the others 0.8 to one."""
    found = toy_agreement()
    assert found.compromise == "middle"
    np.testing.assert_allclose(found.weights, [0.5, 0.5])
    assert found.gives_way["favourite"].tolist() == ["left", "right"]
    np.testing.assert_allclose(found.gives_way["shortfall"], 0.2)
    np.testing.assert_allclose(found.gives_way["weight_moved"], 0.4)
    assert found.concordance == pytest.approx(0)
    assert found.pairwise.loc["bureau", "county"] == pytest.approx(-1)


def test_agreement_equals_spearman_and_kendall_identities():
    rng = np.random.default_rng(8)
    values = pd.DataFrame(rng.random((7, 4)))
    views = {f"v{i}": pd.Series(rng.dirichlet(np.ones(4))) for i in range(4)}
    found = own.agreement(values, views)
    expected = spearmanr(np.array([weighted_sum(values, w) for w in views.values()]).T).statistic
    np.testing.assert_allclose(found.pairwise, expected, atol=1e-12)
    # Mean Spearman correlation over pairs is (m W − 1) / (m − 1) (Kendall & Smith 1939).
    pairs = expected[np.triu_indices(4, 1)].mean()
    assert pairs == pytest.approx((4 * found.concordance - 1) / 3)


def test_agreement_of_ties_one_party_and_none():
    values = pd.DataFrame([[0.5, 0.5], [0.5, 0.5]], columns=["a", "b"])
    views = {"x": pd.Series({"a": 1, "b": 0}), "y": pd.Series({"a": 0, "b": 1})}
    tied = own.agreement(values, views)
    assert tied.concordance == 1
    assert (tied.pairwise == 1).all(axis=None)
    alone = own.agreement(values, {"x": views["x"]})
    np.testing.assert_allclose(alone.weights, [1, 0], atol=1e-12)
    assert alone.gives_way["weight_moved"].tolist() == [0]
    with pytest.raises(InputError, match="no viewpoint given"):
        own.agreement(values, {})


@given(st.integers(0, 500))
def test_compromise_weights_are_nowhere_further_than_samples(seed):
    rng = np.random.default_rng(seed)
    views = {f"v{i}": pd.Series(rng.dirichlet(np.ones(3))) for i in range(3)}
    found = own.agreement(pd.DataFrame(rng.random((3, 3))), views)
    sets = np.array(list(views.values()))
    largest = lambda w: np.abs(sets - w).sum(axis=1).max()  # noqa: E731
    assert largest(found.weights.to_numpy()) <= min(map(largest, rng.dirichlet(np.ones(3), 300))) + 1e-4


def test_either_table_of_random_indices_by_name():
    """Of three criteria Saaty's table of 1980 lets pass what that of 2008 asks again."""
    judged = [[1, 2, 3], [1 / 2, 1, 4], [1 / 3, 1 / 4, 1]]
    weights, ratio = own.ahp_weights(judged)
    same, earlier = own.ahp_weights(judged, random_index="saaty_1980")
    np.testing.assert_array_equal(weights, same)
    assert ratio * 0.52 == pytest.approx(earlier * 0.58, rel=1e-9)
    assert earlier < 0.1 < ratio
