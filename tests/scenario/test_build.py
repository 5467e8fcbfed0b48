"""Scenarios as planners write them: every fault is refused with file, line, key and what to do."""

import csv
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.analysis.decision.criteria import BY_ID
from siting.analysis.decision.scoring import weighted_sum
from siting.messages import command
from siting.scenario.build import change, check_weight_keys, read_scenario
from siting.scenario.describe import describe_keys, resolved
from siting.scenario.model import Scenario, viewpoint_weights, weights_of
from siting.scenario.toml_files import DEFAULT
from siting.types import ScenarioError
from tests.paths import ROOT

CHILD = 'base = "base.toml"\n'


@pytest.fixture
def study(tmp_path):
    """A study's folders, with the base scenario and its method in them."""
    (tmp_path / "scenarios").mkdir()
    for name in ("base.toml", "method.toml"):
        shutil.copy(DEFAULT.with_name(name), tmp_path / "scenarios" / name)
    return tmp_path / "scenarios"


@pytest.fixture
def read(study):
    """Read a scenario from its text, or its bytes."""

    def read_text(text, overrides=(), name="s.toml"):
        blob = text if isinstance(text, bytes) else text.encode("utf-8")
        (study / name).write_bytes(blob)
        return read_scenario(study / name, overrides)

    return read_text


@pytest.fixture(scope="module")
def base():
    return read_scenario(DEFAULT)


# values ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("nan", "finite number"),
        ("inf", "finite number"),
        ("-inf", "finite number"),
        ("1e400", "finite number"),
        ("-1", "greater than or equal to 0"),
        ('"0.3"', "valid number"),
        ("[0.4]", "valid number"),
        ("true", "valid number"),
        ("{ a = 1 }", "valid number"),
        ("2011-08-01", "valid number"),
    ],
)
@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("[groups]\nenterprises", "groups.enterprises"),
        ('[[criteria]]\nname = "hours_saved"\nweight', "criteria.hours_saved.weight"),
        ("[viewpoints.bureau.groups]\nenterprises", "viewpoints.bureau.groups.enterprises"),
    ],
)
def test_wrong_weights_are_refused_where_they_stand(read, section, key, weight, message):
    line = section.count("\n") + 2
    with pytest.raises(ScenarioError, match=rf"^s\.toml:{line}: {key}: .*{message}"):
        read(f"{CHILD}{section} = {weight}\n")


@pytest.mark.parametrize("weight", ["0", "1e-320"])
def test_weights_that_all_vanish_are_refused(read, weight):
    groups = "".join(f"{name} = {weight}\n" for name in ("enterprises", "industries", "building", "balance"))
    with pytest.raises(ScenarioError, match=r"s\.toml:\d+: groups: .*(zero|too small)"):
        read(f"{CHILD}[groups]\n{groups}")
    with pytest.raises(ScenarioError, match="weight within group balance: is zero"):
        read(f'{CHILD}[[criteria]]\nname = "worst_tenth_min"\nweight = 0\n')


def test_one_weight_zero_leaves_its_criterion_out(read):
    weights = weights_of(read(f"{CHILD}[groups]\nbalance = 0\n"))
    assert weights["worst_tenth_min"] == 0
    assert weights.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[groups]\nenterprise = 1\n",
            r"s\.toml:3: groups\.enterprise: unknown key; did you mean 'enterprises'",
        ),
        ("seeds = 1\n", r"s\.toml:2: seeds: unknown key; did you mean 'seed'"),
        ("[travel_times]\nx = 1\n", r"travel_times: unknown key; did you mean 'travel_time'"),
        ("q = 1\n", r"s\.toml:2: q: unknown key; known: .*coverage.*viewpoints"),
        ("[travel_time]\naccess_speed_kmh = 0\n", r"s\.toml:3: .*access_speed_kmh: .*greater than 0"),
        ("[register]\nspread = 'town'\n", r"register\.spread: .*committees.*villages"),
        ("[register]\nspread = 3\n", r"register\.spread"),
        ('name = ""\n', r"s\.toml:2: name: .*at least 1 character"),
        ("study_year = 2011.0\n", r"study_year: .*integer"),
        ("study_year = 1600\n", r"study_year: .*1949"),
        ("groups = 3\n", r"s\.toml:2: groups: .*object"),
        ("criteria = 3\n", r"s\.toml:2: criteria: .*valid array"),
        ("criteria = [3]\n", r"s\.toml:2: criteria"),
        ("[criteria]\nx = 1\n", r"s\.toml:2: criteria: .*valid array"),
        ("[[criteria]]\nweight = 0.1\n", r"s\.toml:2: criteria\.\?\.name: missing"),
        (
            '[[criteria]]\nname = "hours"\nweight = 1\n',
            r"'hours' is no criterion; did you mean 'hours_saved'",
        ),
        (
            "[viewpoints.bureau.criteria]\nhour_saved = 1\n",
            r"no criterion 'hour_saved'; did you mean 'hours_saved'",
        ),
        ("[viewpoints.bureau.criteria]\nauthority = -1\n", r"s\.toml:3: .*authority: a weight is 0 or more"),
        ("[data]\nroad = 'x'\n", r"s\.toml:3: data\.road: unknown key; did you mean 'roads'"),
        ("[data]\nroads = { nodes = 'a.csv' }\n", r"^s\.toml:3: data\.roads\.edges: missing[^\n]*$"),
        (
            "[travel_time.peak_by_class]\nprimery = 1.2\n",
            r"^s\.toml:3: travel_time\.peak_by_class\.primery: 'primery' is not known; did you mean 'prim",
        ),
        (
            "[travel_time]\nspeed_factors = { trank = 1.2 }\n",
            r"s\.toml:3: travel_time\.speed_factors\.trank: .*did you mean 'track' or 'trunk'\?$",
        ),
        (
            "[travel_time]\nno_access_classes = ['motorwey']\n",
            r"travel_time\.no_access_classes\.0: 'motorwey' is not known; did you mean 'motorway'\?$",
        ),
        ("[travel_time.peak_by_class]\nq = 1.2\n", r"'q' is not known; known: access, .*, winter_road$"),
        ("[data]\nenterprises = 3\n", r"s\.toml:3: data\.enterprises: .*valid string"),
    ],
)
def test_faults_name_line_key_and_what_is_allowed(read, text, message):
    with pytest.raises(ScenarioError, match=message):
        read(CHILD + text)


def test_all_faults_are_told_at_once(read):
    with pytest.raises(ScenarioError) as caught:
        read(f"{CHILD}seed = -1\nstudy_year = 1\n[groups]\nbalances = 2\n[coverage]\ncutoff_min = 0\n")
    told = str(caught.value).splitlines()
    assert len(told) == 4
    assert all(line.startswith("s.toml:") for line in told)


def test_criteria_without_anchors_are_told_one_by_one(read):
    """And not once more as a list that has no criterion."""
    alone = 'name = "s"\ntitle_zh = "研究"\ntitle_en = "Study"\nstudy_year = 2026\n'
    with pytest.raises(ScenarioError) as caught:
        read(alone + '[[criteria]]\nname = "hours_saved"\nweight = 1\n')
    told = [line for line in str(caught.value).splitlines() if "criteria" in line]
    assert len(told) == 1
    assert "siting anchors SCENARIO.toml --write" in told[0]


def test_anchors_must_point_the_right_way(read):
    wrong = '[[criteria]]\nname = "net_cost_wan"\nanchors = [0, 100]\n'
    with pytest.raises(ScenarioError, match=r"criteria\.net_cost_wan: anchors .*must lie below"):
        read(CHILD + wrong)


# files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        (CHILD + "seed = 1\nseed = 2\n", r"s\.toml:3: not TOML: Cannot overwrite"),
        (CHILD + '[[criteria]]\nname = "authority"\n' * 2, "criteria: authority listed twice"),
        ((CHILD + 'title_zh = "蓟县"\n').encode("gbk"), r"s\.toml:2: not UTF-8 text; save the file as UTF-8"),
        (CHILD + 'name = "cut', r"s\.toml: not TOML: Unterminated string"),
        (CHILD + "x = " + "[" * 10_000 + "]" * 10_000, "nested too deeply"),
        (CHILD + "a." * 10_000 + "b = 1", "nested too deeply"),
        (CHILD + "x = " + "[" * 50 + "]" * 50, "nested too deeply"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nweights: *b\n", r"^s\.toml:1: not TOML: [^\n]*key = value$"),
        ('{"name": "x", "weights": {"hours_saved": NaN}}', r"^s\.toml:1: not TOML: [^\n]*key = value$"),
        (b"\x00\x01\x02", "not TOML"),
        (b"#" * 1_000_001, "at most 1,000,000"),
        ("", "name: missing"),
        ("base = 3\n", r"s\.toml:1: base: 3 is not a path"),
        ('base = "none.toml"\n', r"none\.toml: no such scenario file"),
        ('base = "../../base.toml"\n', "leads out of the study"),
        ('base = "s.toml"\n', r"s\.toml:1: base: s\.toml leads back to itself"),
    ],
)
def test_files_that_are_no_scenario(read, blob, message):
    with pytest.raises(ScenarioError, match=message):
        read(blob)


@pytest.mark.parametrize(
    ("line", "found", "wanted", "where"),
    [
        ("title_zh = “蓟县”", "“", '"', "s.toml:2"),
        ('title_zh = "蓟县”', "”", '"', "s.toml:2"),
        ("title_zh ＝ '蓟县'", "＝", "=", "s.toml:2"),
        ("title_zh = '“蓟县”' ＃ 注", "＃", "#", "s.toml:2"),
        ("travel_time.closures = ['S1'，'S2']", "，", ",", "s.toml:2"),
        ("seed = １", "１", "1", "s.toml:2"),
    ],
)
def test_a_full_width_character_is_named(read, line, found, wanted, where):
    with pytest.raises(ScenarioError) as caught:
        read(f"{CHILD}{line}\n# “注”\n")
    column = line.index(found) + 1
    assert str(caught.value) == (
        f"{where}: not TOML: {found} in column {column} is a Chinese or full-width character; "
        f"type {wanted} with the input method set to English"
    )
    assert f"第 {column} 列的 {found} 是中文（全角）字符；请切换到英文输入法，改为半角的 {wanted}" in (
        caught.value.message_zh
    )


def test_faults_are_told_in_chinese_too(read):
    with pytest.raises(ScenarioError) as caught:
        read(f"{CHILD}seed = -1\nsorted = 1\n[groups]\nbalance = 'x'\n[register]\nspread = 'town'\n")
    told = caught.value.message_zh.splitlines()
    assert len(told) == len(str(caught.value).splitlines()) == 4
    assert f"s.toml:2：seed：应不小于 0（现为“-1”）；可用 {command()} keys 查看含义和取值" in told
    assert not re.search("Input|should|found", caught.value.message_zh)


def test_weights_are_looked_for_where_they_stand(read):
    with pytest.raises(ScenarioError, match=r"weights: unknown key; did you mean 'groups\.enterprises'\?$"):
        read(CHILD, ["weights.enterprises=50"])
    with pytest.raises(ScenarioError, match=r"did you mean 'criteria\.hours_saved\.weight'\?$"):
        read(CHILD, ["weights.hours_saved=50"])


def test_a_byte_order_mark_does_no_harm(read, base):
    assert read("\ufeff" + CHILD).groups == base.groups


def test_line_ends_of_windows_do_no_harm(read):
    assert read((CHILD + "seed = 7\n").replace("\n", "\r\n")).origin("seed") == "s.toml:2"


def test_a_folder_is_no_scenario(study):
    with pytest.raises(ScenarioError, match="cannot be read|no such scenario"):
        read_scenario(study)


# paths ----------------------------------------------------------------------------------

BAD_PATHS = {
    r"C:\\Windows\\win.ini": "absolute path",
    "/etc/passwd": "absolute path",
    "~/register.csv": "absolute path",
    r"\\\\host\\share\\a.csv": "absolute path",
    "file:///etc/passwd": "an address",
    "https://example.org/a.csv": "an address",
    "data:text/csv,a": "an address",
    "c:a.csv": "not every system",
    r"../raw/a\u0000b.csv": "NUL",
    "../raw/ent?.csv": "not every system allows",
    "../raw/*.csv": "not every system allows",
    "../raw/a|b.csv": "not every system allows",
    "../raw/nul.csv": "Windows reserves",
    "CON": "Windows reserves",
    "../raw/lpt1.txt": "Windows reserves",
    "../raw/a.": "dot or blank",
    "../raw/a ": "dot or blank",
    "../raw./a": "dot or blank",
    "": "a folder",
    "..": "a folder",
    "../../../etc/passwd": "leads out of the study",
    "../raw/" + "x" * 201: "too long",
    "a/" * 300 + "b": "too long",
}


@pytest.mark.parametrize(("path", "fault"), BAD_PATHS.items(), ids=lambda text: text[:20])
def test_paths_are_refused_before_anything_is_opened(read, path, fault):
    with pytest.raises(ScenarioError, match=rf"s\.toml:3: data\.enterprises: .*{fault}"):
        read(f'{CHILD}[data]\nenterprises = "{path}"\n')
    with pytest.raises(ScenarioError, match=rf"s\.toml:3: data\.roads\.edges: .*{fault}"):
        read(f'{CHILD}[data]\nroads = {{ nodes = "a.csv", edges = "{path}" }}\n')


def test_whoever_names_a_file_elsewhere_is_told_what_to_do(read, study):
    for path, fault in (("/home/a.csv", "is an absolute path"), ("../../a.csv", "leads out of the study")):
        with pytest.raises(ScenarioError, match=rf"'{path}' {fault}") as caught:
            read(f'{CHILD}[data]\nroads = "{path}"\n')
        assert f"folder {study.parent.name!r}" in str(caught.value)
        assert "such as ../raw/name in s.toml; for a single run --set data.roads=… takes any" in str(
            caught.value
        )
    with pytest.raises(ScenarioError, match=r"base: '/home/b\.toml' is an absolute path") as caught:
        read('base = "/home/b.toml"\n')
    assert "--set" not in str(caught.value)


@pytest.mark.parametrize(
    "path", ["../raw/企业 名单.csv", "a.csv", "./a.csv", r"..\\raw\\a.csv", "${HOME}.csv"]
)
def test_paths_within_the_study(read, study, path):
    found = read(f'{CHILD}[data]\nenterprises = "{path}"\n').data.enterprises
    assert found == (study / path.replace(r"\\", "/")).resolve()


def test_the_spread_rule_names_the_register(read, study):
    text = f'{CHILD}[register]\nspread = "parks"\n'
    assert read(text).data.enterprises == study.parent / "raw" / "register-parks.csv"


# inheritance ----------------------------------------------------------------------------


def test_a_child_says_only_what_differs(read, base):
    child = read(f'{CHILD}[coverage]\ncutoff_min = 45\n[[criteria]]\nname = "authority"\nweight = 0.5\n')
    assert child.coverage.cutoff_min == 45
    assert [use.name for use in child.criteria] == [use.name for use in base.criteria]
    changed = {u.name: u for u in child.criteria}["authority"]
    assert (changed.weight, changed.anchors) == (0.5, (0, 1))
    assert child.groups == base.groups


def test_paths_of_the_base_hold_from_the_child(study):
    deeper = study.parent / "other"
    deeper.mkdir()
    (deeper / "child.toml").write_text('base = "../scenarios/base.toml"\n', encoding="utf-8")
    (study / "base.toml").write_text(
        DEFAULT.read_text(encoding="utf-8").replace('"../sources.csv"', '"beside.csv"'), encoding="utf-8"
    )
    data = read_scenario(deeper / "child.toml").data
    assert data.sources == study / "beside.csv"
    assert data.sites == study.parent / "raw" / "sites.csv"


def test_grandparents_and_loops(read, study):
    read(CHILD + "seed = 1\n", name="one.toml")
    assert read('base = "one.toml"\n', name="two.toml").seed == 1
    (study / "one.toml").write_text('base = "two.toml"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"one\.toml:1: base: two\.toml leads back to itself"):
        read_scenario(study / "two.toml")


def test_every_value_knows_where_it_comes_from(read):
    child = read(f"# comment\n{CHILD}\n[coverage]\ncutoff_min = 45\n", ["seed=3"])
    assert child.origin("coverage.cutoff_min") == "s.toml:5"
    assert child.origin("seed") == "--set"
    assert child.origin("groups.balance").startswith("method.toml:")
    assert child.origin("criteria.hours_saved.weight").startswith("method.toml:")
    assert child.origin("criteria.hours_saved.anchors").startswith("base.toml:")
    assert child.origin("coverage.decay") == "default"
    rows = {row["key"]: row for row in resolved(child)}
    assert rows["coverage.cutoff_min"] == {"key": "coverage.cutoff_min", "value": "45.0", "from": "s.toml:5"}
    assert rows["data.sites"]["value"] == '"sites.csv"'
    lines = DEFAULT.with_name("method.toml").read_text(encoding="utf-8").splitlines()
    number = int(rows["criteria.authority.weight"]["from"].rpartition(":")[2])
    assert lines[number - 2 : number] == ['name = "authority"', "weight = 0.3"]


def test_scenarios_that_ship(base):
    for path in sorted(set(DEFAULT.parent.glob("*.toml")) - {DEFAULT.with_name("method.toml")}):
        scenario = read_scenario(path)
        assert scenario.name == path.stem
        assert weights_of(scenario).sum() == pytest.approx(1)
        for viewpoint in scenario.viewpoints:
            assert viewpoint_weights(scenario, viewpoint).sum() == pytest.approx(1)
    assert viewpoint_weights(base, "bureau")["authority"] == pytest.approx(0.45 * 0.5)


def test_the_hash_is_of_the_settings_not_of_the_place(read, base, study):
    assert read(CHILD).sha256 == base.sha256
    assert read(CHILD + "seed = 1\n").sha256 != base.sha256
    assert str(study) not in base.canonical()


# --set ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "value"),
    [
        ("criteria.hours_saved.weight=0.3", 0.3),
        ("groups.balance = 0.5", 0.5),
        ("title_en=A title = with a sign", "A title = with a sign"),
        ("travel_time.closures=['S1']", ("S1",)),
        ("demand.expansion_factor=19", 19.0),
    ],
)
def test_set_goes_before_the_file(read, override, value):
    scenario = read(CHILD, [override])
    key = override.partition("=")[0].strip()
    if key.startswith("criteria."):
        found = {use.name: use for use in scenario.criteria}["hours_saved"].weight
    else:
        found = scenario
        for part in key.split("."):
            found = getattr(found, part)
    assert found == value
    assert scenario.origin(key) == "--set"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["seed=1", "seed=2"], "--set seed: given twice"),
        (["seed"], "write key=value"),
        (["=1"], "write key=value"),
        (["seed=abc"], "--set: seed: .*integer"),
        (["seed=1\nname='x'"], "seed: .*integer"),
        (["seed=" + "[" * 5000 + "]" * 5000], "seed: .*integer"),
        (["a." * 5000 + "b=1"], "unknown key"),
        (["seed.x=1"], "seed is a value, not a section"),
        (["criteria.hours_save.weight=1"], "no criterion 'hours_save'; did you mean 'hours_saved'"),
        (["criteria.hours_saved=1"], "name what to set, such as criteria.hours_saved.weight"),
        (
            ["criteria.hours_saved.wait=1"],
            "--set: criteria.hours_saved.wait: unknown key; did you mean 'weight'",
        ),
        (["coverage.cutoff=1"], "coverage.cutoff: unknown key; did you mean 'cutoff_min'"),
        (["data.sites=https://example.org/a"], "--set data.sites: .*an address"),
        (["data.sites=nul"], "--set data.sites: .*Windows reserves"),
    ],
)
def test_wrong_overrides(read, overrides, message):
    with pytest.raises(ScenarioError, match=message):
        read(CHILD, overrides)


def test_a_file_named_on_the_command_line_may_lie_anywhere(read, tmp_path):
    assert read(CHILD, [f"data.sites={tmp_path / 'a.csv'}"]).data.sites == tmp_path / "a.csv"


# changes in Python ----------------------------------------------------------------------


def test_change_copies_and_checks(base):
    changed = change(base, {"coverage.cutoff_min": 45, "criteria.hours_saved.weight": 0.9})
    assert (changed.coverage.cutoff_min, base.coverage.cutoff_min) == (45, 40)
    assert changed.data == base.data
    assert changed.origin("coverage.cutoff_min") == "changed in Python"
    assert changed.origin("groups.balance") == base.origin("groups.balance")
    with pytest.raises(ScenarioError, match="cutoff: unknown key; did you mean 'cutoff_min'"):
        change(base, {"coverage.cutoff": 45})
    with pytest.raises(ScenarioError, match="finite number"):
        change(base, {"coverage.cutoff_min": float("nan")})
    with pytest.raises(ScenarioError, match="zero"):
        change(base, dict.fromkeys([f"groups.{name}" for name in base.groups.model_dump()], 0.0))


@pytest.mark.parametrize("key", ["data.sites", "register.spread", "study_year"])
def test_what_settles_the_reading_is_not_changed_afterwards(base, key):
    with pytest.raises(ScenarioError, match=rf"{key}: settles how files are read"):
        change(base, {key: "urban"})


def test_weights_by_criterion_or_group():
    keys = check_weight_keys({"hours_saved": 0.2, "balance": 0.3})
    assert keys == {"criteria.hours_saved.weight": 0.2, "groups.balance": 0.3}
    with pytest.raises(
        ScenarioError, match="'hour_saved' is no criterion or group; did you mean 'hours_saved'"
    ):
        check_weight_keys({"hour_saved": 1})


def test_a_scenario_is_frozen(base):
    with pytest.raises(ValueError, match="frozen"):
        base.seed = 1


# the list of keys -----------------------------------------------------------------------


def test_every_key_is_described():
    rows = describe_keys()
    assert [row["key"] for row in rows if not row["meaning"]] == []
    assert len({row["key"] for row in rows}) == len(rows)
    by_key = {row["key"]: row for row in rows}
    assert by_key["study_year"]["default"] == "required"
    assert by_key["register.spread"]["type"] == "committees | urban | parks | villages"
    assert by_key["coverage.cutoff_min"] | {"meaning": "", "meaning_zh": ""} == {
        "key": "coverage.cutoff_min",
        "type": "number",
        "type_zh": "数字",
        "default": "40.0",
        "meaning": "",
        "meaning_zh": "",
    }
    assert by_key["data.roads"]["type"] == "path or table"
    assert by_key["data.roads"]["default"] == "required"
    assert by_key["data.time_matrix.unit"]["default"] == "required with data.time_matrix"
    assert by_key["criteria.<name>.weight"]["default"] == "required"
    assert {"robustness.speed_spread", "robustness.joint_draws", "weights_record.set_by"} <= set(by_key)


def test_the_list_of_keys_is_that_of_the_scenario(base):
    """Every value that a resolved scenario has, is a key that the list names."""
    listed = {row["key"] for row in describe_keys()}
    for row in resolved(base):
        parts = row["key"].split(".")
        if parts[0] in ("criteria", "viewpoints"):
            parts[1] = "<name>" if parts[0] == "criteria" else "<id>"
        named = any(".".join(parts[:n]) in listed for n in range(1, len(parts) + 1))
        # A section that is not set stands as one value; the list names what it would hold.
        unset = row["value"] in ("null", "[]") and any(key.startswith(f"{row['key']}.") for key in listed)
        assert named or unset, row["key"]


# any weights that are accepted --------------------------------------------------------------

OWN = [name for name, criterion in BY_ID.items() if criterion.serves == "enterprises"]
GROUPS = list(dict.fromkeys(BY_ID[name].group for name in OWN))
WEIGHTS = st.lists(
    st.one_of(st.just(0.0), st.floats(0, 1e308, allow_subnormal=True)),
    min_size=len(GROUPS) + len(OWN),
    max_size=len(GROUPS) + len(OWN),
)
VALUES = pd.DataFrame(np.random.default_rng(5).random((6, len(OWN))), columns=OWN, index=list("abcdef"))


def with_weights(base, numbers):
    groups = dict(zip((f"groups.{name}" for name in GROUPS), numbers[: len(GROUPS)], strict=True))
    within = dict(
        zip((f"criteria.{use.name}.weight" for use in base.criteria), numbers[len(GROUPS) :], strict=True)
    )
    return change(base.model_copy(update={"viewpoints": {}}), groups | within)


@given(numbers=WEIGHTS)
def test_accepted_weights_give_scores_within_0_and_1(base, numbers):
    try:
        weights = weights_of(with_weights(base, numbers))
    except ScenarioError as refused:
        if "zero" in str(refused) or "too small" in str(refused):
            return
        raise
    scores = weighted_sum(VALUES, weights)
    assert np.isfinite(scores).all()
    assert scores.between(0, 1 + 1e-12).all()


@given(
    numbers=st.lists(st.floats(1e-3, 1e3), min_size=len(GROUPS) + len(OWN), max_size=len(GROUPS) + len(OWN)),
    factor=st.floats(1e-6, 1e6),
)
def test_weights_scaled_alike_give_the_same_scores(base, numbers, factor):
    once = weighted_sum(VALUES, weights_of(with_weights(base, numbers)))
    again = weighted_sum(VALUES, weights_of(with_weights(base, [factor * number for number in numbers])))
    np.testing.assert_allclose(once, again, rtol=0, atol=1e-12)


def test_the_settings_survive_their_own_json(base):
    raw = json.loads(base.model_dump_json(by_alias=True))
    assert Scenario.model_validate(raw, strict=False).canonical() == base.canonical()


def test_the_chinese_meanings_are_those_of_the_keys():
    with (ROOT / "siting" / "scenario" / "keys.csv").open(encoding="utf-8", newline="") as table:
        assert [row["key"] for row in csv.DictReader(table)] == [row["key"] for row in describe_keys()]
