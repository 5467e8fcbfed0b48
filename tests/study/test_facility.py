"""A study of another facility speaks of that facility alone, on page, in tables, JSON and on the console."""

import csv
import json
import re

import openpyxl
import pytest
from typer.testing import CliRunner

import siting
from siting.cli import app
from siting.outputs.new_study.starter import SCENARIO, write_study
from siting.outputs.tables.table_files import run_record
from siting.outputs.text.cells import heading
from siting.outputs.text.concerns.concern_sentences import law_text
from siting.outputs.text.wording import filled_words, say, speaking_of, words
from siting.scenario.facility import SLOTS, Facility
from siting.types import InputError, ScenarioError
from tests.few_draws import FEW_DRAWS
from tests.paths import ROOT

TESTING = re.compile(
    "检测|化验|送检|受检|检定|检验人员|检验机构|实验室|特种设备"
    r"|\btest(s|ed|ing)?\b|\blaborator|\bmetrolog|\binspect|\bCMA\b",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(r"[\w.:<>/-]*")
"""Keys of JSON and names of columns are the same in every study."""
FEW = {"robustness.joint_draws": 40, "robustness.draws": 100, "robustness.quick_seeds": 2}
STUDIES = ("training-station", "blank", "fire-station")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("studies")
    for study in STUDIES:
        write_study(folder / study, study)
    return {study: folder / study for study in STUDIES}


@pytest.fixture(scope="module")
def results(folders):
    return {study: siting.load(folder / SCENARIO, settings=FEW).run() for study, folder in folders.items()}


def texts_in(value):
    """Texts of a JSON value, keys and identifiers left out."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []


def shown_in(folder):
    """Texts of the page, in both languages, of the map and of the workbook."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    for block in re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL):
        yield from texts_in(json.loads(block.replace("<\\/", "</")))
    for text in (page, (folder / "map.html").read_text(encoding="utf-8")):
        yield from re.split("<[^>]*>", re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL))
    for sheet in openpyxl.load_workbook(folder / "results.xlsx"):
        yield sheet.title
        yield from (
            cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)
        )


def spoken(texts):
    """Texts that people read: no identifiers, no places to fill."""
    texts = (re.sub(r"\{\w+\}", "", text) for text in texts)
    return [text for text in texts if text.strip() and not IDENTIFIER.fullmatch(text)]


@pytest.mark.parametrize("study", STUDIES)
def test_no_word_of_testing_is_shown(results, study, tmp_path):
    results[study].save(tmp_path)
    texts = spoken([*shown_in(tmp_path), *texts_in(run_record(results[study].evaluation, {}))])
    assert len(texts) > 1000
    assert [text for text in texts if TESTING.search(text)] == []


def edited(folder, name, **cells):
    """Fill cells of the first row of a table of a study."""
    (path,) = folder.rglob(name)
    with path.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    rows[0] |= cells
    with path.open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)


def test_what_waits_is_no_vessel(tmp_path):
    folder = tmp_path / "station"
    write_study(folder, "training-station")
    edited(folder, "services.csv", unit="piece", trip_kind="inspector_out")
    edited(folder, "cooperatives.csv", backlog="12")
    result = siting.load(folder / SCENARIO, settings=FEW).run()
    result.save(tmp_path / "out")
    shown = list(shown_in(tmp_path / "out"))
    texts = spoken([*shown, *texts_in(run_record(result.evaluation, {}))])
    assert [text for text in texts if TESTING.search(text) or "未检设备" in text] == []
    assert [text for text in texts if "有 12 人次积压待办" in text]
    assert "历史积压" in shown
    with speaking_of(result.evaluation):
        assert heading("backlog", result.evaluation, "zh", "enterprises") == "历史积压（存量）"
    assert heading("backlog", result.evaluation, "zh", "enterprises") == "历史未检设备"


def test_its_own_words_are(results, tmp_path):
    results["training-station"].save(tmp_path)
    texts = "\n".join(shown_in(tmp_path))
    for word in (
        "年培训量（人次）",
        "市区培训机构",
        "继续到市区参训",
        "{tests} trainees a year",
        "Training schools",
    ):
        assert word in texts, word


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("study", STUDIES)
def test_the_console_speaks_so_too(folders, study, lang, tmp_path):
    command = ["run", str(folders[study] / SCENARIO), "--out", str(tmp_path), "--lang", lang, *FEW_DRAWS]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert not TESTING.search(done.output)


# the words --------------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["facility_words.csv", "multiple_words.csv"])
def test_words_of_a_study_stand_in_for_words_that_there_are(file):
    with (ROOT / "siting/outputs/text/words/labels.csv").open(encoding="utf-8", newline="") as table:
        labels = {row["id"]: row for row in csv.DictReader(table)}
    with (ROOT / "siting/inputs/dictionary/columns.csv").open(encoding="utf-8", newline="") as table:
        columns = {
            row["column"]: {"zh": row["label_zh"], "en": row["column"]} for row in csv.DictReader(table)
        }
    slots = tuple((slot, "甲", "a") for name in (*SLOTS, "multiple") for slot in (name, name.capitalize()))
    for key, texts in filled_words(file, slots).items():
        for lang, text in texts.items():
            usual = words(lang).get(key) or {**columns, **labels}[key][lang]
            assert text.strip(), key
            assert not re.search("[<>]", text), key
            assert set(re.findall(r"\{(\w+)\}", text)) <= set(re.findall(r"\{(\w+)\}", usual)), key


def test_every_word_of_testing_has_one_for_other_facilities():
    """Texts that name what other facilities have not: set aside here with the reason."""
    only_testing = re.compile(
        r"console\.|template\.|law\.|number\.|test\.|kind\.|sheet_"  # law
    )
    own = filled_words("facility_words.csv", (("activity", "培训", "training"),))
    left = [key for key, text in words("zh").items() if "检测" in text and key not in own]
    assert [key for key in left if not only_testing.match(key)] == []


def test_words_change_only_while_the_study_speaks(results):
    with speaking_of(results["training-station"].evaluation):
        assert say("mapfile.demand", "zh") == "培训需求"
    assert say("mapfile.demand", "zh") == "检测需求"


def words_of(**changed):
    return {f"{slot}_{lang}": "词" for slot in SLOTS for lang in ("zh", "en")} | changed


@pytest.mark.parametrize("word", ["{n}", "<b>", "", "长" * 41, "a\nb"])
def test_a_word_is_a_word(word):
    with pytest.raises(ValueError, match="unit_zh"):
        Facility(**words_of(unit_zh=word))


def test_half_a_vocabulary_is_refused(folders):
    with pytest.raises(ScenarioError, match=r"facility\.unit_en"):
        siting.load(half(folders["blank"]))


def half(folder):
    path = folder / "data/scenarios/half.toml"
    text = (folder / SCENARIO).read_text(encoding="utf-8").replace("method.toml", "half-method.toml")
    path.write_text(text, encoding="utf-8")
    method = (folder / "data/scenarios/method.toml").read_text(encoding="utf-8")
    lines = [line for line in method.splitlines() if not line.startswith("unit_en")]
    path.with_name("half-method.toml").write_text("\n".join(lines), encoding="utf-8")
    return path


# permissions ------------------------------------------------------------------------------


def with_permission(folder, name):
    """Let the first service ask for a permission."""
    path = folder / "data/raw/services.csv"
    with path.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    rows[0]["permission"] = name
    with path.open("w", encoding="utf-8", newline="") as table:
        writer = csv.DictWriter(table, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder / SCENARIO


LICENCE = {
    "facility.permissions.driving_school.zh": "驾驶培训许可：须经农机主管部门批准",
    "facility.permissions.driving_school.en": "licence of a driving school, by the bureau of farm machinery",
}


@pytest.fixture
def asked(tmp_path):
    write_study(tmp_path / "站", "training-station")
    return with_permission(tmp_path / "站", "driving_school")


def test_a_study_names_permissions_of_its_own(asked):
    taken = {}
    for granted in ([], ["driving_school"]):
        study = siting.load(asked, settings={**FEW, **LICENCE, "trips.approvals": granted})
        result = study.run()
        taken[bool(granted)] = result.evaluation.evidence.trips.taken.at["driving", "centre"]
        law = law_text(result.evaluation, "driving_school", "zh")
        assert law == LICENCE["facility.permissions.driving_school.zh"]
    assert taken[False] == 0
    assert taken[True] > 0


def test_a_permission_that_nobody_names_is_refused(asked):
    with pytest.raises(InputError, match="driving_school") as refused:
        siting.load(asked, settings=FEW)
    assert [issue.code for issue in refused.value.issues] == ["E880"]
    with pytest.raises(InputError, match=r"trips\.approvals.*cmaa") as refused:
        siting.load(asked, settings={**FEW, **LICENCE, "trips.approvals": ["cmaa"]})
    assert refused.value.codes == ("E881",)
