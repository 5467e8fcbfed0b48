"""What belongs to the demonstration reaches no other register, and anchors fit the data at hand."""

import pytest

import siting
from siting.study.adapt import adapt, anchors_of, fingerprint, open_questions
from siting.study.ensembles import attainable_anchors
from siting.study.prepared import prepare
from siting.types import ScenarioError

SPREADS = ("committees", "urban", "parks", "villages")

LIST = """企业名称,行业代码,经度,纬度,从业人员,年产值（万元）
虚构甲酒厂,1512,117.402,40.045,80,4000
虚构乙机械厂,3484,117.413,39.977,60,2500
虚构丙服装厂,1810,117.389,39.899,120,3600
虚构丁家具厂,2110,117.263,39.991,40,900
虚构戊水泥厂,3011,117.535,40.070,90,5200
"""


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "企业名单.csv"
    path.write_text(LIST, encoding="utf-8")
    return siting.read_enterprises(path, crs="WGS84", industry_standard=2011)


def codes(study):
    return [issue.code for issue in study.issues if issue.code.startswith("E4")]


@pytest.mark.parametrize("spread", SPREADS)
def test_the_demonstrations_own_registers_keep_its_settings(spread, base_study):
    study = siting.load(settings={"register.spread": spread})
    assert fingerprint(study.enterprises) in study.scenario.demonstration.registers
    assert study.scenario.criteria == base_study.scenario.criteria
    assert study.scenario.demand.expansion_factor == 3
    assert codes(study) == []
    assert open_questions(study.scenario, study.inputs) == ()


def test_a_fingerprint_knows_a_register_whatever_its_order_and_names(base_study):
    firms = base_study.enterprises
    again = firms.sample(frac=1, random_state=1).assign(name="虚构")
    assert fingerprint(again) == fingerprint(firms)
    assert fingerprint(firms.assign(employees=firms["employees"] + 1)) != fingerprint(firms)


def test_settings_of_the_demonstration_reach_no_other_register(base_study, own):
    study = base_study.with_(enterprises=own, name="own")
    assert study.scenario.demand.expansion_factor == 1
    assert study.scenario.weights_record is None
    assert study.scenario.viewpoints == {}
    assert study.scenario.data.pledges is None
    assert study.inputs.pledges.empty
    assert study.scenario.study_year == 2019
    assert study.scenario.title_zh == "企业名单：选址方案比选"
    assert study.scenario.title_en == "企业名单 (Qiyemingdan): siting options"
    assert study.sites["reason_zh"].isna().all()
    assert open_questions(study.scenario, study.inputs) == ("expansion", "year", "weights", "origin")
    assert codes(study) == ["E402", "E407", "E406"]


def test_what_the_planner_states_stays_and_closes_its_question(base_study, own):
    settings = {"demand.expansion_factor": 3}
    study = base_study.with_(enterprises=own, settings=settings)
    assert study.scenario.demand.expansion_factor == 3
    assert open_questions(study.scenario, study.inputs) == ("year", "weights", "origin")


def test_anchors_are_made_anew_for_another_register(base_study, own):
    study = base_study.with_(enterprises=own)
    found = attainable_anchors(prepare(study.scenario, study.inputs))
    assert [use.anchors for use in study.scenario.criteria] == [
        anchors_of(found, use) for use in study.scenario.criteria
    ]
    record = study.scenario.anchors_record
    assert record.remade
    assert record.made_for == "企业名单.csv, trunk.osm.pbf"
    (told,) = [issue for issue in study.issues if issue.code == "E406"]
    assert "register-committees.csv" in told.action_zh


def test_adapting_twice_is_adapting_once(base_study, own):
    study = base_study.with_(enterprises=own)
    again = adapt(study.scenario, study.inputs)
    assert again == (study.scenario, study.inputs)


def test_a_sweep_holds_the_anchors_of_its_study(base_study, own):
    study = base_study.with_(enterprises=own)
    changed = study.with_(settings={"demand.expansion_factor": 4})
    assert changed.scenario.criteria == study.scenario.criteria


def test_going_back_to_the_demonstration_measures_by_its_register_again(base_study, own):
    other = siting.load(settings={"register.spread": "urban"})
    back = base_study.with_(enterprises=own).with_(enterprises=other.inputs.tables["enterprises"])
    assert back.scenario.anchors_record.registers == (fingerprint(other.enterprises),)


def test_anchors_that_the_planner_states_stay(tmp_path, own, base_study):
    study = base_study.with_(settings={"criteria.hours_saved.anchors": [0, 777]})
    study = study.with_(enterprises=own)
    anchors = {use.name: use.anchors for use in study.scenario.criteria}
    assert anchors["hours_saved"] == (0, 777)
    assert (
        anchors["worst_tenth_min"]
        != {u.name: u.anchors for u in base_study.scenario.criteria}["worst_tenth_min"]
    )


def test_a_study_may_have_no_pledges(own):
    study = siting.load()
    bare = study.with_(enterprises=own).run()
    assert bare.appraisal.ledger.empty
    assert bare.evaluation.open_questions == ("expansion", "year", "weights", "origin")


@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"groups.enterprises": 50, "groups.industries": 30}, "E409", "building 0.25%"),
        ({"trips.phase": 9}, "E410", "end with phase 2"),
        ({"criteria.city_link_hours.weight": 0.2}, "E568", "Link to the city is scored beside Net cost"),
        ({"criteria.mean_trip_min.weight": 0.2}, "E568", "Mean trip time is scored beside Hours saved"),
    ],
)
def test_settings_that_hardly_count_are_told(base_study, settings, code, words):
    study = base_study.with_(settings=settings)
    study.run()
    scenario, inputs = adapt(study.scenario, study.inputs)
    (told,) = [issue for issue in inputs.issues if issue.code == code]
    assert words in told.action
    assert adapt(scenario, inputs)[1].issues == inputs.issues


def test_a_cutoff_beyond_any_trip_is_refused(base_study):
    with pytest.raises(ScenarioError, match="coverage.cutoff_min"):
        base_study.with_(settings={"coverage.cutoff_min": 5000})
