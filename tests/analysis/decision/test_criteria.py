"""Criteria: by hand, identities, modelling rules, what a scenario may say, anchors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from siting.analysis.access import inequality
from siting.analysis.access.coverage import CoverageSettings
from siting.analysis.decision import criteria
from siting.analysis.decision.criteria import BY_ID, CRITERIA, CriterionUse, decision_matrix
from siting.analysis.decision.measures import criteria_industries
from siting.analysis.demand import baseline
from siting.analysis.demand.demand_settings import DemandSettings
from siting.analysis.money.money_settings import EconomicsSettings
from siting.types import InputError
from tests.analysis import county
from tests.analysis.county import TRIPS

IDS = (
    "hours_saved",
    "demand_covered",
    "mean_trip_min",
    "industry_coverage",
    "worst_industry",
    "authority",
    "city_link_hours",
    "net_cost_wan",
    "staff_commute_min",
    "worst_tenth_min",
)
ANCHORS = {1: (0.0, 1.0), -1: (1.0, 0.0)}
OWN = [c for c in CRITERIA if c.serves == "enterprises"]
USES = [CriterionUse(name=c.id, weight=1.0, anchors=ANCHORS[c.sense]) for c in OWN]


HARD = CoverageSettings(cutoff_min=30, decay="none")
"""All within half an hour, nothing beyond: coverage as one reckons it by hand."""


def matrix_of(case, coverage=HARD):
    return decision_matrix(case, USES, coverage=coverage)[0]


def test_the_ten_criteria_in_order_and_in_their_groups():
    assert tuple(c.id for c in OWN) == IDS
    groups = ["enterprises"] * 3 + ["industries"] * 3 + ["building"] * 3 + ["balance"]
    assert [c.group for c in OWN] == groups
    for criterion in CRITERIA:
        assert all((criterion.label_zh, criterion.label_en, criterion.short_zh, criterion.short_en))


def test_matrix_by_hand():
    matrix = matrix_of(county.evidence())
    saved = {"a": 57.6 - 21.6}
    trips_b = (4 + 2) * 1.2  # 乙: city 2 × (100 + 100 + 60) / 60, either site by its own way
    saved["b"] = trips_b * 2 * ((260 - 90) / 60)
    saved["c"] = 0.2 * 1.2 * 2 * ((220 - 130) / 60)
    assert matrix.at["north", "hours_saved"] == pytest.approx(sum(saved.values()))
    assert matrix.at["city", "hours_saved"] == 0
    assert matrix.at["north", "demand_covered"] == pytest.approx((5 + 6) / 18.2)
    assert matrix.at["city", "demand_covered"] == 0
    own = [(20 + 3 * 10 + 90), 6 * 30, 0.2 * 50 + 6 * 80]
    assert matrix.at["north", "mean_trip_min"] == pytest.approx(sum(own) / 18.2)
    assert matrix.at["north", "industry_coverage"] == pytest.approx((5 / 6 + 1 + 0) / 3)
    assert matrix.at["south", "worst_industry"] == 0
    visits = {"gauges": 6.2, "vessels": 0.2, "food": 4, "cloth": 4, "cars": 6}
    signed = 0.75 * (visits["gauges"] + visits["food"] + visits["cloth"])
    assert matrix.at["north", "authority"] == pytest.approx(signed / sum(visits.values()))
    assert matrix.loc[["mobile", "city"], "authority"].tolist() == [1, 1]
    assert matrix.at["north", "city_link_hours"] == pytest.approx(52 * 1.5 * 3)
    assert matrix["staff_commute_min"].tolist()[:2] == [0, 25]


def test_what_does_not_apply_is_nan_and_marked():
    matrix, applies = decision_matrix(county.evidence(), USES)
    for name in ("city_link_hours", "staff_commute_min"):
        assert applies[name].tolist() == [True, True, False, False]
        assert matrix[name].isna().tolist() == [False, False, True, True]
    others = applies.drop(columns=["city_link_hours", "staff_commute_min"])
    assert others.to_numpy().all()


def test_accounting_identities():
    case = county.evidence()
    matrix = matrix_of(case)
    each = baseline.time_savings(case)
    assert each.sum().tolist() == pytest.approx(matrix["hours_saved"].tolist())
    hours = case.trips.hours.sum()
    assert (hours["city"] - hours).tolist() == pytest.approx(matrix["hours_saved"].tolist())


def test_worst_tenth_looks_at_places_not_at_trades():
    """The unserved trade sits next to the south site; its place is the best served all the same."""
    case = county.evidence()
    places = inequality.regional_minutes(case)
    assert places.loc["c", "south"] == places["south"].min()
    assert case.trips.minutes.loc["c", "south"] == case.trips.minutes["south"].max()
    assert places["city"].tolist() == [90, 100, 80]
    assert matrix_of(case).at["city", "worst_tenth_min"] == 100
    by_firm = CriterionUse(
        name="worst_tenth_min", weight=1, anchors=(9, 0), parameters={"weighting": "enterprises"}
    )
    assert decision_matrix(case, [by_firm])[0]["worst_tenth_min"]["city"] == 100


def test_expansion_scales_hours_not_shares_and_not_costs_of_buildings():
    one, three = matrix_of(county.evidence()), matrix_of(county.evidence(demand=DemandSettings()))
    np.testing.assert_allclose(three["hours_saved"], 3 * one["hours_saved"])
    shares = ["demand_covered", "mean_trip_min", "industry_coverage", "worst_industry", "authority"]
    same = [*shares, "city_link_hours", "staff_commute_min", "worst_tenth_min"]
    pd.testing.assert_frame_equal(one[same], three[same])
    fixed = EconomicsSettings(consumables_share=0.0)  # consumables go with the tests
    costs = [
        matrix_of(county.evidence(economics=fixed, demand=demand)).loc[["north", "south"], "net_cost_wan"]
        for demand in (None, DemandSettings())
    ]
    pd.testing.assert_series_equal(*costs)


def test_the_backlog_credits_no_option():
    none = county.enterprises().assign(backlog=0.0)
    pd.testing.assert_frame_equal(matrix_of(county.evidence()), matrix_of(county.evidence(enterprises=none)))


def test_inspection_in_place_gives_nearness_nothing_to_do():
    """With the approval too: pressure vessels move authority, never hours or coverage."""
    approved = TRIPS.model_copy(update={"approvals": ("cma", "metrology", "special_equipment")})
    with_it, without = (matrix_of(county.evidence(trip_settings=t)) for t in (approved, TRIPS))
    near = ["hours_saved", "demand_covered", "mean_trip_min", "industry_coverage", "worst_tenth_min"]
    pd.testing.assert_frame_equal(with_it[near], without[near])
    assert with_it.at["north", "authority"] > without.at["north", "authority"]


def test_who_travels_can_change_the_order():
    """Food tests bring their samples to the north; once inspectors fetch them the south saves more."""
    before = county.services()
    before.loc["cars", "phase"] = 1
    before.loc["food", "tests_likely"] = 20
    services = before.copy()
    services.loc[["food", "gauges"], "trip_kind"] = "inspector_out"
    travelling = matrix_of(county.evidence(services=before))["hours_saved"]
    fetched = matrix_of(county.evidence(services=services))["hours_saved"]
    assert travelling["north"] > travelling["south"]
    assert fetched["south"] > fetched["north"]


def test_dropping_the_ledger_changes_only_net_cost():
    on = EconomicsSettings(account="financial", count_conflicts=True)
    with_it = matrix_of(county.evidence(economics=on))
    without = matrix_of(county.evidence(economics=on, pledges=county.pledges().iloc[:0]))
    changed = (with_it - without).abs().max()
    assert changed[changed > 0].index.tolist() == ["net_cost_wan"]


def test_weighting_of_industries():
    case = county.evidence()
    shares = criteria_industries.industry_shares(case, **HARD.model_dump())
    assert shares["north"].to_dict() == pytest.approx({"food": 5 / 6, "clothing": 1, "machinery": 0})
    by_output = criteria_industries.industry_coverage(case, weighting="output", **HARD.model_dump())
    assert by_output["north"] == pytest.approx((500 * 5 / 6 + 300) / 850)
    by_staff = criteria_industries.industry_coverage(case, weighting="employment", **HARD.model_dump())
    assert by_staff["north"] == pytest.approx((100 * 5 / 6 + 200) / 310)


def test_industries_without_demand_are_left_out_not_counted_as_served():
    firms = county.enterprises().iloc[:2]
    times = county_rows(county.travel(), firms.index)
    case = county.evidence(enterprises=firms, travel_times=times)
    assert "machinery" not in criteria_industries.industry_shares(case).index
    assert matrix_of(case).at["north", "worst_industry"] == pytest.approx(5 / 6)


def county_rows(times, index):
    rows = ("to_site", "from_site", "to_laboratory", "from_laboratory", "to_site_km", "to_laboratory_km")
    return replace(
        times,
        **{name: getattr(times, name).loc[index] for name in rows},
        city_to_enterprise=times.city_to_enterprise.loc[index],
    )


def test_no_demand_that_travels_is_not_applicable():
    case = county.evidence(services=county.services().assign(trip_kind="inspector_out"))
    matrix, applies = decision_matrix(case, USES)
    for name in ("demand_covered", "mean_trip_min", "industry_coverage", "worst_industry", "worst_tenth_min"):
        assert not applies[name].any(), name
    assert matrix["hours_saved"].tolist() == [0, 0, 0, 0]


def test_one_firm_and_none():
    firms = county.enterprises().iloc[:1]
    case = county.evidence(enterprises=firms, travel_times=county_rows(county.travel(), firms.index))
    matrix = matrix_of(case)
    assert matrix.at["north", "hours_saved"] == pytest.approx(36)
    assert matrix.at["north", "worst_tenth_min"] == inequality.regional_minutes(case).at["a", "north"]
    none = firms.iloc[:0]
    empty = county.evidence(enterprises=none, travel_times=county_rows(county.travel(), none.index))
    matrix, applies = decision_matrix(empty, USES)
    assert matrix["hours_saved"].tolist() == [0, 0, 0, 0]
    assert not applies["demand_covered"].any()
    assert not applies["authority"].any()


def test_unreachable_is_infinite_and_saves_nothing():
    times = county.travel()
    to = times.to_site.copy()
    to["north"] = np.inf
    matrix = matrix_of(county.evidence(travel_times=replace(times, to_site=to)))
    assert matrix.at["north", "hours_saved"] == 0
    assert matrix.at["north", "demand_covered"] == 0
    assert matrix.at["north", "worst_tenth_min"] == matrix.at["city", "worst_tenth_min"]
    cut_off = times.to_laboratory.copy()
    cut_off.loc["a"] = np.inf
    matrix = matrix_of(county.evidence(travel_times=replace(times, to_laboratory=cut_off)))
    assert matrix.at["city", "mean_trip_min"] == matrix.at["city", "worst_tenth_min"] == np.inf
    assert np.isfinite(matrix["hours_saved"]).all()
    link = pd.Series([np.inf, 60.0], ["north", "south"])
    matrix = matrix_of(county.evidence(travel_times=replace(times, site_to_city=link)))
    assert matrix.at["north", "city_link_hours"] == np.inf


def test_without_today_there_is_nothing_to_compare():
    with pytest.raises(InputError, match="no option of kind 'city'"):
        matrix_of(county.evidence(sites=county.sites().drop(index=["city", "mobile"])))


ways = st.floats(min_value=0, max_value=400, allow_nan=False)


@given(ways, ways, st.sampled_from("abc"))
def test_moving_a_firm_closer_never_hurts_a_site(one, other, firm):
    near, far = sorted((one, other))
    closer = matrix_of(
        county.evidence(travel_times=county.with_minutes(county.travel(), firm, "north", near))
    )
    farther = matrix_of(
        county.evidence(travel_times=county.with_minutes(county.travel(), firm, "north", far))
    )
    for criterion in OWN:
        better = criterion.sense * (closer.at["north", criterion.id] - farther.at["north", criterion.id])
        assert better >= -1e-9, criterion.id
        for option in ("south", "mobile", "city"):
            kept = closer.at[option, criterion.id], farther.at[option, criterion.id]
            assert kept[0] == kept[1] or np.isnan(kept).all(), (option, criterion.id)


# cutoffs


def test_the_cutoff_moves_what_depends_on_it_alone():
    case = county.evidence()
    tables = criteria.matrix_at_cutoffs(case, USES, [5, 30, 60], coverage=HARD)
    assert list(tables) == [5, 30, 60]
    pd.testing.assert_frame_equal(tables[30], matrix_of(case))
    moving = ["demand_covered", "industry_coverage", "worst_industry"]
    pd.testing.assert_frame_equal(tables[5].drop(columns=moving), tables[60].drop(columns=moving))
    assert list(tables[5].columns) == list(IDS)
    for near, far in ((5, 30), (30, 60)):
        assert (tables[near]["demand_covered"] <= tables[far]["demand_covered"]).all()


def test_a_criterion_may_keep_a_cutoff_of_its_own():
    use = CriterionUse(name="demand_covered", weight=1, anchors=(0, 1), parameters={"cutoff_min": 60})
    wide = decision_matrix(county.evidence(), [use], coverage=HARD)[0]
    tables = criteria.matrix_at_cutoffs(county.evidence(), [use], [5], coverage=HARD)
    pd.testing.assert_frame_equal(tables[5], wide)
    assert wide.at["north", "demand_covered"] > matrix_of(county.evidence()).at["north", "demand_covered"]


def test_two_radii_move_with_the_cutoff_while_all_within_the_first_counts():
    """甲 drives 10 minutes to the north, 乙 30, 丙 50; all within 20 counts, 乙 half at a cutoff of 40."""
    case = county.evidence()
    for cutoff, share in ((15, 0), (30, 0), (35, 1 / 3), (40, 1 / 2), (50, 2 / 3)):
        found = matrix_of(case, CoverageSettings(cutoff_min=cutoff))
        assert found.at["north", "demand_covered"] == pytest.approx((5 + 6 * share) / 18.2), cutoff


def test_coverage_settings_reach_the_criteria():
    gradual = matrix_of(county.evidence(), coverage=CoverageSettings(cutoff_min=30, decay="linear"))
    assert gradual.at["north", "demand_covered"] == pytest.approx(5 * (2 / 3) / 18.2)


# what a scenario may say


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": "hours_save"}, "did you mean 'hours_saved'"),
        ({"name": "xyz"}, "known: authority, city_link_hours"),
        ({"weight": -1}, "greater than or equal to 0"),
        ({"weight": float("nan")}, "finite number"),
        ({"weight": float("inf")}, "finite number"),
        ({"anchors": None}, "anchors are missing"),
        ({"anchors": (1, 0)}, "what scores 1 must lie above"),
        ({"anchors": (1, 1)}, "what scores 1 must lie above"),
        ({"name": "net_cost_wan", "anchors": (0, 9)}, "what scores 1 must lie below"),
        ({"anchors": (0, float("inf"))}, "finite number"),
        ({"name": "demand_covered", "parameters": {"cutof_min": 30}}, "did you mean 'cutoff_min'"),
        ({"parameters": {"cutoff_min": 30}}, "hours_saved has no parameter 'cutoff_min'; known: none"),
        ({"name": "demand_covered", "parameters": {"cutoff_min": 0}}, "a number above 0"),
        ({"name": "demand_covered", "parameters": {"cutoff_min": "x"}}, "a number above 0"),
        ({"name": "demand_covered", "parameters": {"decay": "steep"}}, "allowed are two_radii, none, linear"),
        ({"name": "industry_coverage", "parameters": {"weighting": "demand"}}, "equal, output, employment"),
        (
            {"name": "worst_tenth_min", "anchors": (9, 0), "parameters": {"weighting": 3}},
            "demand, enterprises",
        ),
        ({"value": "piecewise", "points": [(0, 0)]}, "at least two"),
        ({"value": "piecewise", "points": [(0, 0), (0, 1)]}, "another raw value"),
        ({"value": "piecewise", "points": [(0, 0), (5, 2)]}, "within 0..1"),
        ({"points": [(0, 0), (5, 1)]}, "points belong to value = 'piecewise'"),
        ({"value": "cubic"}, "'linear', 'piecewise' or 'threshold'"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_uses_are_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        CriterionUse(**{"name": "hours_saved", "weight": 1, "anchors": (0, 9)} | wrong)


def test_piecewise_needs_no_anchors():
    use = CriterionUse(name="hours_saved", weight=0, value="piecewise", points=[(0, 0), (10, 0.5), (20, 1)])
    assert use.anchors is None


def test_parameters_are_the_keyword_arguments():
    assert BY_ID["demand_covered"].parameters == {
        "cutoff_min": 40.0,
        "decay": "two_radii",
        "full_min": 20.0,
    }
    assert CoverageSettings().model_dump() == BY_ID["demand_covered"].parameters
    assert BY_ID["hours_saved"].parameters == {}


def test_choices_are_the_words_that_the_function_takes():
    assert BY_ID["industry_coverage"].choices == {
        "decay": ("two_radii", "none", "linear", "gaussian"),
        "weighting": ("equal", "output", "employment"),
    }
    assert BY_ID["worst_tenth_min"].choices == {"weighting": ("demand", "enterprises")}
    assert BY_ID["hours_saved"].choices == {}


def test_attainable_anchors():
    """Every firm's own door as a node: no real site can do better than the best of them."""
    doors = pd.DataFrame({"kind": ["build"] * 3 + ["city"]}, pd.Index(["n1", "n2", "n3", "city"], name="id"))
    doors["land_provision"] = None
    ways = pd.DataFrame([[0, 40, 60], [40, 0, 30], [60, 30, 0]], list("abc"), ["n1", "n2", "n3"], dtype=float)
    link = pd.Series([90.0, 70.0, np.inf], ways.columns)
    times = replace(
        county.travel(), to_site=ways, from_site=ways, to_site_km=ways, site_to_city=link, city_to_site=link,
        site_to_city_km=link, site_to_seat=link,
    )  # fmt: skip
    case = county.evidence(sites=doors, travel_times=times, pledges=county.pledges().iloc[:0])
    anchors = criteria.attainable(case, USES)
    matrix = matrix_of(case)
    assert anchors.index.tolist() == list(IDS)
    assert anchors.at["hours_saved", "anchor_0"] == 0
    assert anchors.at["hours_saved", "anchor_1"] == matrix["hours_saved"].max()
    assert anchors.at["worst_tenth_min", "anchor_0"] == matrix.at["city", "worst_tenth_min"]
    assert anchors.at["worst_tenth_min", "anchor_1"] == matrix["worst_tenth_min"].min()
    assert anchors.loc["authority", ["anchor_0", "anchor_1"]].tolist() == [0, 1]
    assert anchors.loc["city_link_hours", ["anchor_0", "anchor_1"]].tolist() == [52 * 1.5 * 3, 0]
    assert anchors.at["staff_commute_min", "anchor_0"] == 90
    assert np.isfinite(anchors[["anchor_0", "anchor_1"]].drop(index="net_cost_wan").to_numpy()).all()
    for criterion in OWN:
        a0, a1 = anchors.loc[criterion.id, ["anchor_0", "anchor_1"]]
        assert (a1 - a0) * criterion.sense > 0, criterion.id
