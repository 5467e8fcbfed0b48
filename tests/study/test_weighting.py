"""Three departments of a made-up meeting answer blind: their aggregate, winners and disagreement by hand."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from siting.analysis.decision.criteria import GROUP_OF, CriterionUse
from siting.analysis.decision.scoring import values
from siting.outputs.text.weighing.weights_words import weights_record
from siting.scenario.build import change, read_scenario
from siting.scenario.model import WeightsRecord
from siting.scenario.toml_files import DEFAULT
from siting.scenario.weight_records import mean_weights, split_weights, weigh, with_records
from siting.study.evaluate import evaluate
from siting.study.read_inputs import read_inputs
from siting.study.weighting import Contest, aggregate_of, contest, questions, sum_up, yuan_per_hour
from siting.types import AskedCriterion, AskedGroup, CrossCheck, DepartmentRecord, InputError

USES = (
    CriterionUse(name="hours_saved", weight=1, anchors=(0, 10_000)),
    CriterionUse(name="net_cost_wan", weight=1, anchors=(8000, 0)),
    CriterionUse(name="worst_tenth_min", weight=1, anchors=(150, 50)),
)
MATRIX = pd.DataFrame(
    {
        "hours_saved": [8000.0, 6000.0, 4000.0],
        "net_cost_wan": [6000.0, 5000.0, 4000.0],
        "worst_tenth_min": [100.0, 80.0, 120.0],
    },
    index=["a", "b", "c"],
)
RANGES = {"hours_saved": (4000, 8000), "net_cost_wan": (6000, 4000), "worst_tenth_min": (120, 80)}
"""What the three sites span: 0.4, 0.25 and 0.4 of the anchors."""

MEETING = {  # points of the three groups, and 万元 that 4,000 hours a year are worth
    "经贸委": ((100, 20, 40), 8000),  # shares .625 .125 .25
    "乡镇代表": ((25, 100, 75), 500),  # shares .125 .5 .375
    "财政局": ((10, 100, 15), 600),  # shares .08 .8 .12
}
"""No body met so; each has one criterion a group, so that shares can be had by hand."""


def record(department, points, amount, **changed):
    groups = ("enterprises", "building", "balance")
    fields = {
        "department": department,
        "who": "某",
        "given_on": "2011-05-20",
        "method": "swing",
        "blind": True,
        "study": "made-up",
        "groups": tuple(AskedGroup(name=g, answer=p) for g, p in zip(groups, points, strict=True)),
        "criteria": tuple(
            AskedCriterion(name=n, worst=w, best=b, answer=100) for n, (w, b) in RANGES.items()
        ),
        "check": CrossCheck(first="hours_saved", second="net_cost_wan", amount=amount),
    }
    return DepartmentRecord(**{**fields, **changed})


@pytest.fixture(scope="module")
def base():
    return read_scenario(DEFAULT)


@pytest.fixture
def found(base):
    names = pd.DataFrame({"name": MATRIX.index, "name_en": MATRIX.index}, MATRIX.index)
    scenario = base.model_copy(update={"criteria": USES})
    return Contest(scenario, MATRIX, values(MATRIX, USES), names)


@pytest.fixture
def met():
    return [record(name, *answers) for name, answers in MEETING.items()]


def test_each_record_has_its_own_winner(found, met):
    total = sum_up(found, met)
    # Within the ranges a stands at 1, 0, .5; b at .5, .5, 1; c at 0, 1, 0.
    by_hand = {"经贸委": [0.75, 0.625, 0.125], "乡镇代表": [0.3125, 0.6875, 0.5], "财政局": [0.14, 0.56, 0.8]}
    for name, row in by_hand.items():
        scores = total.scores[name]
        shown = (scores - scores["c"]) / (scores["b"] - scores["c"])
        assert shown["a"] == pytest.approx((row[0] - row[2]) / (row[1] - row[2]))
    assert total.agreement.gives_way["favourite"].to_dict() == {"经贸委": "a", "乡镇代表": "b", "财政局": "c"}


def test_their_mean_is_that_of_the_shares(found, met):
    total = sum_up(found, met)
    mean = [0.83 / 3, 1.425 / 3, 0.745 / 3]
    assert total.shares.mean().tolist() == pytest.approx(mean)
    raw = [mean[0] / 0.4, mean[1] / 0.25, mean[2] / 0.4]
    assert aggregate_of(total, "mean").tolist() == pytest.approx([each / sum(raw) for each in raw])
    assert (found.values @ aggregate_of(total, "mean")).idxmax() == "b"
    product = [
        (0.625 * 0.125 * 0.08) ** (1 / 3),
        (0.125 * 0.5 * 0.8) ** (1 / 3),
        (0.25 * 0.375 * 0.12) ** (1 / 3),
    ]
    geometric = [each / gain for each, gain in zip(product, (0.4, 0.25, 0.4), strict=True)]
    assert aggregate_of(total, "geometric_mean").tolist() == pytest.approx(
        [g / sum(geometric) for g in geometric]
    )


def test_where_they_disagree_most(found, met):
    total = sum_up(found, met)
    assert total.spread.to_dict() == pytest.approx(
        {"hours_saved": 0.545, "net_cost_wan": 0.675, "worst_tenth_min": 0.255}
    )
    # Ranks 1 2 3, 3 1 2, 3 2 1: sums 7, 5, 6, squares of their distances 2; W = 12 × 2 / (9 × 24).
    assert total.agreement.concordance == pytest.approx(1 / 9)


def test_the_cross_check_finds_who_contradicts_himself(met):
    factors = {each.department: weigh(each, USES).factor for each in met}
    # Shares .625/.125, .125/.5, .08/.8 of 2,000 万元 against what was stated.
    assert factors == pytest.approx({"经贸委": 10_000 / 8000, "乡镇代表": 1.0, "财政局": 600 / 200})


def test_price_of_an_hour_by_hand(found, met):
    years = sum(1.08**-year for year in range(1, 21))
    assert found.scenario.economics.discount_rate == 0.08
    assert found.scenario.economics.horizon_years == 20
    # 10,000 万元 for 4,000 hours in each of 20 years.
    assert yuan_per_hour(met[0], found.scenario) == pytest.approx(25_000 / years)
    paid = met[0].model_copy(
        update={"groups": (*met[0].groups[:1], AskedGroup(name="building", answer=0), met[0].groups[2])}
    )
    assert yuan_per_hour(paid, found.scenario) is None
    assert weigh(paid, USES).factor == math.inf


def test_records_on_other_ranges_are_brought_to_the_first(found):
    first = record("甲", (100, 100, 100), 1)
    # Twice the range of hours at twice the points says the same of every hour.
    wide = tuple(
        c.model_copy(update={"worst": 0.0, "best": 8000.0}) if c.name == "hours_saved" else c
        for c in first.criteria
    )
    second = record("乙", (100, 50, 50), 1, criteria=wide)
    total = sum_up(found, [first, second])
    assert total.shares.loc["乙"].tolist() == pytest.approx(total.shares.loc["甲"].tolist())


def test_direct_weights_stay_as_they_are(base, found):
    asked = questions(found, direct=True)
    assert asked.ranges.loc["net_cost_wan"].tolist() == [8000, 0]
    whole = tuple(
        AskedCriterion(name=u.name, worst=u.anchors[0], best=u.anchors[1], answer=100) for u in USES
    )
    direct = record("甲", (50, 30, 20), 1, method="direct", criteria=whole)
    assert weigh(direct, USES).weights.tolist() == pytest.approx([0.5, 0.3, 0.2])


def test_two_people_of_one_department_are_told_apart(found, met):
    total = sum_up(found, [met[0], met[0].model_copy(update={"who": "另一人"})])
    assert list(total.records) == ["经贸委 · 某", "经贸委 · 另一人"]
    with pytest.raises(InputError, match="经贸委 · 某"):
        sum_up(found, [met[0], met[0]])


def test_a_share_of_0_leaves_no_geometric_mean(found, met):
    none = met[0].model_copy(
        update={"groups": (*met[0].groups[:1], AskedGroup(name="building", answer=0), met[0].groups[2])}
    )
    with pytest.raises(InputError, match="geometric mean"):
        aggregate_of(sum_up(found, [none, met[1]]), "geometric_mean")


# the study's own questions --------------------------------------------------------------------------


def test_the_ranges_are_those_of_sites_that_can_be_chosen(base):
    inputs = read_inputs(base)
    asked = contest(base, inputs)
    assert {"city", "mobile"} & set(asked.matrix.index) == set()
    found = questions(asked)
    assert found.left_out == ("authority",)
    assert found.check == ("hours_saved", "net_cost_wan")
    assert "mean_trip_min" not in found.ranges.index, "shown only"
    best = str(found.ranges["best_option"]["hours_saved"])
    failed = pd.DataFrame([{"site": best, "condition": "power", "verdict": "fail"}]).reindex(
        columns=inputs.conditions.columns
    )

    other = contest(base, replace(inputs, conditions=pd.concat([inputs.conditions, failed])))
    assert best not in other.matrix.index
    assert questions(other).ranges["best"]["hours_saved"] < found.ranges["best"]["hours_saved"]


def test_records_of_a_study_are_its_viewpoints(base, tmp_path):
    inputs = read_inputs(base)
    ranges = questions(contest(base, inputs)).ranges
    groups = ("enterprises", "industries", "building", "balance")
    meeting = {}
    for n, name in enumerate(("甲局", "乙局")):
        meeting[f"r{n}"] = record(
            name,
            (1, 1, 1),
            1,
            groups=tuple(AskedGroup(name=g, answer=100 - 20 * n * k) for k, g in enumerate(groups)),
            criteria=tuple(
                AskedCriterion(name=c, worst=row["worst"], best=row["best"], answer=100)
                for c, row in ranges.iterrows()
            ),
        )

    stated = WeightsRecord(
        set_by="联席会议", set_on="2011-06", method="mean", records=tuple(Path(f"{k}.toml") for k in meeting)
    )
    scenario = with_records(base.model_copy(update={"weights_record": stated}), meeting)
    assert [scenario.viewpoints[name].label_zh for name in meeting] == ["甲局", "乙局"]
    evaluation = evaluate(scenario, inputs=replace(inputs, weight_records=meeting))
    assert list(evaluation.robustness.agreement.ranks) == list(meeting), (
        "departments, not what they may care for"
    )

    said = weights_record(evaluation, "zh")
    assert "各部门记录的算术平均（共 2 份），但现用权重与之不符" in said

    groups_of, within = split_weights(mean_weights(meeting, scenario.criteria, "mean"))
    taken = {f"groups.{k}": v for k, v in groups_of.model_dump().items()}
    taken |= {f"criteria.{k}.weight": v for k, v in within.items()}
    adopted = evaluate(
        change(base, taken).model_copy(update={"weights_record": stated}),
        inputs=replace(inputs, weight_records=meeting),
    )
    assert "各部门记录的算术平均（共 2 份），权重与记录相符。" in weights_record(adopted, "zh")


def test_bounds_and_orders_of_groups_and_criteria_reach_the_draws_together(base_study):
    agreed = {
        "robustness.draws": 500,
        "robustness.weights.group_order": ["industries", "enterprises"],
        "robustness.weights.group_lower": {"building": 0.1},
        "robustness.weights.order": [["demand_covered", "hours_saved"]],
        "robustness.weights.upper": {"worst_tenth_min": 0.2},
    }
    scenario = base_study.with_(settings=agreed).scenario
    drawn = evaluate(scenario, inputs=base_study.inputs).robustness.acceptability.central_weights
    free = evaluate(base_study.scenario, inputs=base_study.inputs).robustness.acceptability.central_weights
    kept = drawn.dropna()
    of_groups = kept.T.groupby(GROUP_OF).sum().T
    assert len(kept)
    assert (of_groups["industries"] > of_groups["enterprises"]).all()
    assert (of_groups["building"] >= 0.1).all()
    assert (kept["demand_covered"] > kept["hours_saved"]).all()
    assert (kept["worst_tenth_min"] <= 0.2).all()
    assert not (free.dropna()["worst_tenth_min"] <= 0.2).all(), "the bounds bind"
