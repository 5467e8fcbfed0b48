"""The wheel alone, far from the checkout: every command that starts from the default study works."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import go
import siting
from siting.scenario.toml_files import DEFAULT_STUDY
from tests.paths import ROOT

BUILD = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
"""Hatchling in this environment, since a build of its own would ask the package index for it."""
NEEDED = ("README.md", "glossary.csv", "raw", "scenarios", "sources.csv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, folder], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory, is_long):
    """Python and environment with the wheel: unpacked, or with `--long` installed from the package index."""
    folder = tmp_path_factory.mktemp("装好 的")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    # UTF-8, so that the paths that a process prints can be read whatever the console's encoding.
    env |= {"PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"}
    if not is_long:
        zipfile.ZipFile(wheel).extractall(folder)
        return sys.executable, env | {"PYTHONPATH": str(folder)}, folder
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    go.call(sys.executable, "-m", "venv", folder)
    go.call(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel)
    return str(python), env, folder


@pytest.fixture
def process(installed, tmp_path):
    """Run Python with the wheel in an empty folder."""
    python, env, _ = installed

    def run(*arguments):
        return subprocess.run(
            [python, *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            check=False,
            cwd=tmp_path,
            env=env,
        )

    return run


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_wheel_is_what_runs(process, installed):
    done = process("-c", "import siting; print(siting.__file__)")
    assert done.stdout.startswith(str(installed[2])), done.stderr


def test_the_wheel_holds_the_default_study_and_nothing_of_the_workshop(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        carried = {
            name.removeprefix("siting/default_study/"): packed.read(name)
            for name in names
            if name.startswith("siting/default_study/")
        }
    here = files_of(DEFAULT_STUDY)
    assert carried == {name: here[name] for name in here if name.split("/")[0] in NEEDED}
    assert {name.split("/")[0] for name in names} == {"siting", f"siting-{siting.__version__}.dist-info"}


def test_version(process):
    assert process("-m", "siting", "--version").stdout == f"siting {siting.__version__}\n"


def test_run_writes_the_same_bytes_as_from_the_checkout(process, base_result, tmp_path):
    done = process("-m", "siting", "run")
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["maps"]
    base_result.save(tmp_path / "checkout")
    assert files_of(tmp_path / "maps" / "base") == files_of(tmp_path / "checkout")


def test_load_runs_and_reads_nothing_outside_the_wheel(process, installed, base_result):
    code = (
        "import siting, json; study = siting.load(); "
        "print(json.dumps([study.run().best, str(study.scenario.data.places)]))"
    )
    best, places = json.loads(process("-c", code).stdout)
    assert best == base_result.best
    assert places.startswith(str(installed[2]))


def test_check_knows_the_county(process, tmp_path):
    register = tmp_path / "名单.csv"
    register.write_text("企业名称,经度,纬度\n虚构一厂,117.4,40.04\n虚构二厂,10,40\n", encoding="utf-8")
    report = json.loads(process("-m", "siting", "check", register, "--crs", "WGS84", "--json").stdout)
    assert [row["status"] for row in report["rows"]] == ["kept", "set_aside"]


def test_init_writes_a_study(process, tmp_path):
    done = process("-m", "siting", "init", "新区")
    assert done.returncode == 0
    assert done.stderr.startswith("示例中的地点和数字均为虚构")
    told = {Path(line) for line in done.stdout.splitlines()}
    assert told == {"新区" / Path(name) for name in files_of(tmp_path / "新区")}
    shown = process("-m", "siting", "show", "新区/data/scenarios/base.toml", "--json")
    values = {row["key"]: row["value"] for row in json.loads(shown.stdout)["values"]}
    assert values["title_zh"] == '"新区"'


def test_keys(process):
    done = process("-m", "siting", "keys", "--json")
    assert {"scenario", "columns"} == set(json.loads(done.stdout))


STAND_IN = """import json, pathlib, sys
folder = next(a for a in sys.argv if a.startswith("--LabApp.app_settings_dir=")).partition("=")[2]
settings = json.loads(pathlib.Path(folder, "overrides.json").read_text(encoding="utf-8"))
print(json.dumps([sys.argv[1:], settings]))
"""


@pytest.mark.parametrize(
    ("options", "locale"), [([], "zh_CN"), (["--lang", "en", "--port=9999", "--no-browser"], "default")]
)
def test_lab_opens_where_the_user_stands(process, tmp_path, options, locale):
    """JupyterLab itself would not end: a module of its name tells what it was asked to open."""
    (tmp_path / "stand-in").mkdir()
    (tmp_path / "stand-in" / "jupyterlab.py").write_text(STAND_IN, encoding="utf-8")
    code = (
        "import sys, os; sys.path.insert(0, 'stand-in'); os.environ['PYTHONPATH'] = os.pathsep.join(sys.path)"
    )
    arguments = ["siting", "lab", *options]
    done = process("-c", f"{code}; import siting.cli; sys.argv = {arguments!r}; siting.cli.main()")
    assert done.returncode == 0, done.stderr
    (root, *given), settings = json.loads(done.stdout)
    assert root == str(tmp_path)
    assert [option for option in given if option in options] == options[2:], "JupyterLab's own go through"
    assert settings["@jupyterlab/translation-extension:plugin"]["locale"] == locale
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    assert ("--allow-root" in given) == is_root


def test_lab_says_what_to_install(process):
    code = (
        "import sys, importlib.util as u; find = u.find_spec; "
        "u.find_spec = lambda name, *more: None if name == 'jupyterlab' else find(name, *more); "
        "import siting.cli; sys.argv = ['siting', 'lab']; siting.cli.main()"
    )
    done = process("-c", code)
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install jupyterlab" in done.stderr
    assert len(done.stderr.splitlines()) == 1
