"""A study of residents: response times by hand, no appraisal and said so, one place that knows the kind."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

import siting
from siting.analysis.decision.criteria import CRITERIA
from siting.analysis.demand.demand_kinds import DEMAND_KINDS
from siting.analysis.kernel import Traffic, Version
from siting.cli import app
from siting.outputs.new_study.starter import SCENARIO, write_study
from siting.outputs.tables.table_files import run_record
from siting.outputs.text.conclusion import conclusion
from siting.outputs.text.wording import say, served_words, speaking_of, words
from siting.scenario.build import change, read_scenario
from siting.study.draws.frozen import freeze
from siting.study.prepared import prepare
from siting.types import ScenarioError
from tests.few_draws import FEW_DRAWS
from tests.paths import ROOT


@pytest.fixture(scope="module")
def scenario_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("station") / "station"
    write_study(folder, "fire-station")
    return folder / SCENARIO


@pytest.fixture(scope="module")
def study(scenario_file):
    return siting.load(scenario_file)


@pytest.fixture(scope="module")
def result(study):
    return study.run()


# Roads of 2 km at 40 km/h, 1.5 minutes a km, and one minute from the alarm to the gate. The station of today
# stands at the western end, 6 km from the centre; who lives where is in residents.csv.
KM_FROM = {
    "today": {"w6": 0, "w4": 2, "w2": 4, "c": 6, "e2": 8, "e4": 10, "e6": 12, "n2": 8, "n4": 10, "n6": 12,
              "s2": 8, "s4": 10},
    "centre": {"w6": 6, "w4": 4, "w2": 2, "c": 0, "e2": 2, "e4": 4, "e6": 6, "n2": 2, "n4": 4, "n6": 6,
               "s2": 2, "s4": 4},
    "east": {"w6": 10, "w4": 8, "w2": 6, "c": 4, "e2": 2, "e4": 0, "e6": 2, "n2": 6, "n4": 8, "n6": 10,
             "s2": 6, "s4": 8},
}  # fmt: skip
PERSONS = {"w6": 3000, "w4": 2000, "w2": 1500, "c": 6000, "e2": 2500, "e4": 4000, "e6": 1000, "n2": 1500,
           "n4": 1200, "n6": 300, "s2": 1000, "s4": 1000}  # fmt: skip


def test_the_answer_by_hand(result):
    """Centre: 17,500 of 25,000 within 5 minutes, 23,700 within 8, 99,400 person-minutes, the last 2,500."""
    centre = result.matrix.loc["centre"]
    assert centre["residents_5min"] == pytest.approx(0.70)
    assert centre["residents_8min"] == pytest.approx(0.948)
    assert centre["mean_response_min"] == pytest.approx(3.976, abs=1e-3)
    # 1,000 in the east and 300 in the north at 10 minutes, and 1,200 of those at 7
    assert centre["worst_response_min"] == pytest.approx((1300 * 10 + 1200 * 7) / 2500, abs=1e-3)
    assert result.matrix.loc["today"].tolist() == pytest.approx([0.20, 0.26, 10.816, 17.56], abs=1e-3)
    assert result.best == "centre"


@pytest.mark.parametrize("option", ["today", "centre", "east"])
def test_every_place_waits_for_the_nearer_vehicle(result, option):
    minutes = result.evaluation.evidence.trips.minutes[option]
    for place in PERSONS:
        km = min(KM_FROM["today"][place], KM_FROM[option][place])
        assert minutes[place] == pytest.approx(1 + 1.5 * km, abs=2e-3)


def test_nobody_is_said_to_travel_and_nothing_is_appraised(result):
    evaluation = result.evaluation
    assert evaluation.economics is None
    assert result.appraisal is None
    assert evaluation.building is None
    assert not evaluation.evidence.trips.trips.to_numpy().any()
    assert evaluation.draws.applying.standing.draws >= 400


def test_the_absent_appraisal_is_said(result):
    for lang, words_of in (("zh", "本研究不作效益费用评价"), ("en", "No appraisal of costs and benefits")):
        assert conclusion(result.evaluation, lang)[0].startswith(words_of)
    record = run_record(result.evaluation, {})
    assert record["conclusion"]["build"]["verdict"] == "not_appraised"
    assert record["appraisal"] == []
    assert record["conclusion"]["where"]["sites"] == ["centre"]
    assert record["sureness"]["npv_positive"] == {}


def test_arrays_of_the_draws_give_the_figures_of_the_tables(study, result):
    frozen = freeze(prepare(study.scenario, study.inputs), result.evaluation.evidence)
    firms = frozen.register.firms(np.ones(1))
    raw = Version(Traffic(frozen.arrays, firms, frozen.ways)).raw
    assert raw == pytest.approx(result.matrix.loc[list(frozen.arrays.sites)].to_numpy(), abs=1e-9)


def test_without_a_station_of_today_there_is_none(study):
    nobody = study.inputs.laboratories.iloc[:0]
    alone = replace(study, inputs=replace(study.inputs, laboratories=nobody)).run()
    assert alone.matrix["residents_5min"]["today"] == 0
    assert np.isinf(alone.matrix["mean_response_min"]["today"])
    assert alone.matrix["mean_response_min"]["centre"] == pytest.approx(
        sum(n * (1 + 1.5 * KM_FROM["centre"][p]) for p, n in PERSONS.items()) / 25_000, abs=1e-3
    )


def test_the_turnout_is_a_setting(study):
    slow = study.with_(settings={"trips.turnout_min": 2.0}).run()
    assert slow.matrix["mean_response_min"]["centre"] == pytest.approx(4.976, abs=1e-3)


# settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["data.residents="], "data.residents"),
        (["criteria.residents_5min.name=hours_saved"], "it judges a study of enterprises"),
        (["data.enterprises=list.csv"], "a study of residents does not read it"),
        (["demand.of=enterprises"], "data.services: missing"),
        (["demand.of=cattle"], "demand.of"),
    ],
)
def test_settings_of_another_kind_are_refused(scenario_file, settings, said):
    with pytest.raises(ScenarioError) as refused:
        read_scenario(scenario_file, settings)
    assert said in str(refused.value)


def test_a_criterion_of_residents_is_refused_elsewhere(base_study):
    with pytest.raises(ScenarioError, match="it judges a study of residents, this is one of enterprises"):
        change(base_study.scenario, {"criteria.mean_trip_min.name": "mean_response_min"})


def test_every_kind_has_criteria_of_its_own():
    assert {criterion.serves for criterion in CRITERIA} == set(DEMAND_KINDS)


# words ------------------------------------------------------------------------------------


@pytest.mark.parametrize("served", [kind for kind in DEMAND_KINDS if kind != "enterprises"])
def test_words_of_a_kind_stand_in_for_words_that_there_are(served):
    labels = ROOT / "siting/outputs/text/words/labels.csv"
    with labels.open(encoding="utf-8", newline="") as table:
        known = {row["id"]: row for row in csv.DictReader(table)}
    plain = {lang: words(lang) for lang in ("zh", "en")}
    for key, texts in served_words(served).items():
        for lang, text in texts.items():
            usual = plain[lang].get(key) or known[key][lang]
            assert text.strip(), key
            assert set(re.findall(r"\{(\w+)\}", text)) <= set(re.findall(r"\{(\w+)\}", usual)), key


def test_words_change_only_while_the_study_speaks(result):
    usual = say("legend.firms", "zh")
    with speaking_of(result.evaluation):
        assert say("legend.firms", "zh") == "居民点"
    assert say("legend.firms", "zh") == usual == "企业（按产业）"


# a list of one's own ----------------------------------------------------------------------


def written(folder, name, *lines):
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


VILLAGE, HAMLET = "虚构村,1200,105.12,35.25", "虚构庄,800,105.13,35.25"


def run(scenario_file, table, out, *options):
    command = ["run", str(scenario_file), "--enterprises", str(table), "--crs", "WGS84", "--out", str(out)]
    return CliRunner().invoke(app, [*command, *options, *FEW_DRAWS])


def test_a_list_is_of_those_whom_the_study_serves(scenario_file, tmp_path):
    villages = written(
        tmp_path, "村.csv", "名称,人口,经度,纬度", "虚构村,1200,105.12,35.25", "虚构庄,800,105.13,35.25"
    )
    done = run(scenario_file, villages, tmp_path / "out", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["scenario"] == "村"
    assert found["manifest"]["files"]["enterprises"]["file"] == "村.csv"
    own = read_scenario(tmp_path / "out/study/scenarios/村.toml")
    assert own.data.residents.name == "村.csv"
    assert siting.load(tmp_path / "out/study/scenarios/村.toml").enterprises["population"].sum() == 2000


@pytest.mark.parametrize(("lang", "words"), [("zh", "缺少列：居民点、人口"), ("en", "(population)")])
def test_a_list_of_enterprises_is_refused_there(scenario_file, tmp_path, lang, words):
    firms = written(
        tmp_path, "企业.csv", "企业名称,经度,纬度", "虚构一厂,105.12,35.25", "虚构二厂,105.13,35.25"
    )
    done = run(scenario_file, firms, tmp_path / "out", "--lang", lang)
    assert done.exit_code == 1
    assert words in done.stderr
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_lists_of_residents_are_held_against_each_other(scenario_file, tmp_path):
    before = written(
        tmp_path, "前.csv", "名称,人口,经度,纬度", "虚构村,1200,105.12,35.25", "虚构庄,800,105.13,35.25"
    )
    after = written(
        tmp_path, "后.csv", "名称,人口,经度,纬度", "虚构村,1500,105.12,35.25", "虚构屯,90,105.15,35.25"
    )
    command = ["compare", str(before), str(after), "--scenario", str(scenario_file), "--crs", "WGS84"]
    done = CliRunner().invoke(app, [*command, *FEW_DRAWS])
    assert done.exit_code == 0, done.output
    assert "新增 1、注销 1" in done.stdout
