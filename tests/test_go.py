"""The parts of `go.py` that need neither network nor a new environment."""

import ast
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

import go
from tests.paths import ROOT


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder with blanks and Chinese in its name that passes for a checkout."""
    root = tmp_path / "新 项目"
    root.mkdir()
    for name in ("pyproject.toml", "constraints.txt", "package.json"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(go, "ROOT", root)
    monkeypatch.setattr(go, "VENV", root / ".venv")
    monkeypatch.setattr(go, "PYTHON", root / ".venv" / "bin" / "python")
    monkeypatch.setattr(go, "NPM", root / ".venv" / "bin" / "npm")
    return root


@pytest.fixture
def calls(monkeypatch):
    """What `go` would have run."""
    found = []

    def run(command, **options):
        found.append(([str(part) for part in command], options))
        return subprocess.CompletedProcess(command, 0, stdout="", stderr="")

    monkeypatch.setattr(go.subprocess, "run", run)
    return found


NPM_INSTALL = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]


def install_by_hand(root: Path, extra: str) -> None:
    (root / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    (root / ".venv" / "bin" / "python").touch()
    (root / ".venv" / "made-in").write_text(str(root), encoding="utf-8")
    (root / ".venv" / f"installed-{extra or 'run'}").write_text(go.fingerprint(extra), encoding="utf-8")


def test_old_python_is_told_in_one_line():
    with pytest.raises(SystemExit, match=r"^Python 3.11 or newer is needed; this is 3.10.2: "):
        go.need_python((3, 10, 2))
    go.need_python((3, 11, 0))


def test_old_python_can_read_the_file():
    ast.parse(Path(go.__file__).read_text(encoding="utf-8"), feature_version=(3, 8))


def test_uses_the_standard_library_only():
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({go.__file__!r}, run_name='go')"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_installation_is_used_again_until_the_pins_change(checkout, calls):
    install_by_hand(checkout, "")
    assert go.main([]) == 0
    assert [command[1:] for command, _ in calls] == [["-m", "siting", "run"]]
    (checkout / "constraints.txt").write_text("numpy==9\n", encoding="utf-8")
    assert not go.is_installed("")


def test_extras_are_installed_apart(checkout, calls):
    install_by_hand(checkout, "")
    assert go.is_installed("")
    assert not go.is_installed("test")


def test_a_moved_folder_gets_a_new_environment(checkout, calls):
    install_by_hand(checkout, "")
    (checkout / ".venv" / "made-in").write_text("elsewhere", encoding="utf-8")
    go.make_venv()
    assert calls[0][0][1:4] == ["-m", "venv", "--clear"]


def test_first_installation_goes_through_uv(checkout, calls):
    (checkout / ".venv").mkdir()
    go.install("test")
    installs = [command for command, _ in calls if "install" in command]
    assert installs[0][-1] == "uv"
    assert installs[1][-4:] == ["-c", "constraints.txt", "-e", ".[test]"]
    assert (checkout / ".venv" / "installed-test").exists()


def test_pip_takes_over_where_uv_fails(checkout, calls, monkeypatch, capsys):
    (checkout / ".venv").mkdir()
    recorded = go.call

    def call(*command, env=None):
        recorded(*command, env=env)
        if "uv" in command[:4]:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(go, "call", call)
    go.install("")
    assert calls[-1][0][-4:] == ["-c", "constraints.txt", "-e", "."]
    assert calls[-1][0][1:4] == ["-m", "pip", "install"]
    assert "going on with pip" in capsys.readouterr().err


def test_settings_of_pip_are_read_and_its_variables_win(monkeypatch):
    listed = (
        ":env:.index-url='https://mirror.example/simple'\n"
        "global.cert='/etc/ssl/own certificates.crt'\n"
        "global.extra-index-url='https://a.example\\nhttps://b.example'\n"
        "global.index-url='https://other.example'\n"
    )
    monkeypatch.setattr(
        go.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=listed)
    )
    assert go.pip_settings() == {
        "index-url": "https://mirror.example/simple",
        "cert": "/etc/ssl/own certificates.crt",
        "extra-index-url": "https://a.example https://b.example",
    }


def test_pip_lists_its_settings_as_expected(monkeypatch, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nfind-links =\n  /a\n  /b\n", encoding="utf-8")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(go, "PYTHON", sys.executable)
    assert go.pip_settings()["find-links"] == "/a /b"


def test_a_configured_index_is_handed_on_to_uv(monkeypatch):
    settings = {"index-url": "https://mirror.example/simple", "find-links": "/a /b", "cert": "/c.crt"}
    monkeypatch.setattr(go, "pip_settings", lambda: settings)
    for variable in ("UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE"):
        monkeypatch.delenv(variable, raising=False)
    env = go.uv_environment()
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert env["UV_FIND_LINKS"] == "/a,/b"
    assert env["SSL_CERT_FILE"] == "/c.crt"


def test_a_setting_of_uv_is_left_alone(monkeypatch):
    monkeypatch.setattr(go, "pip_settings", lambda: {"index-url": "https://mirror.example/simple"})
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert go.uv_environment()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


def test_arguments_after_test_go_to_pytest(checkout, calls, monkeypatch):
    install_by_hand(checkout, "test")
    monkeypatch.setattr(go, "prepare_browser", lambda: None)
    go.main(["test", "--long", "-k", "x"])
    command, options = calls[-1]
    assert command[1:] == ["-m", "pytest", "--long", "-k", "x"]
    assert options["cwd"] == checkout


def test_all_tests_run_in_a_process_for_each_core(checkout, calls, monkeypatch):
    install_by_hand(checkout, "test")
    monkeypatch.setattr(go, "prepare_browser", lambda: None)
    go.main(["test"])
    assert calls[-1][0][1:] == ["-m", "pytest", "-n", "logical", "--dist", "loadfile"]


def test_documentation_is_built_in_the_checkout(checkout, calls):
    install_by_hand(checkout, "docs")
    go.main(["docs", "--no-gallery"])
    command, options = calls[-1]
    assert command[1:] == ["docs/build.py", "--no-gallery"]
    assert options["cwd"] == checkout


def test_packages_of_node_are_installed_for_tests_once_for_each_list(checkout, calls, monkeypatch):
    install_by_hand(checkout, "test")
    monkeypatch.setattr(go, "prepare_browser", lambda: None)

    def installs():
        return [command for command, _ in calls if command[0] == str(go.NPM)]

    go.main(["test"])
    assert installs() == [[str(go.NPM), *NPM_INSTALL]]
    assert calls[0][1]["cwd"] == checkout
    (checkout / "node_modules").mkdir()
    go.main(["test"])
    assert len(installs()) == 1
    (checkout / "package.json").write_text("{}", encoding="utf-8")
    go.main(["test"])
    assert len(installs()) == 2
    (checkout / "node_modules").rmdir()
    go.main(["test"])
    assert len(installs()) == 3


def test_a_run_needs_no_node(checkout, calls):
    install_by_hand(checkout, "")
    go.main(["run"])
    assert str(go.NPM) not in [command[0] for command, _ in calls]


def test_node_packages_that_cannot_be_installed_are_told_in_one_line(checkout, monkeypatch):
    install_by_hand(checkout, "test")

    def fail(*command, env=None):
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(go, "call", fail)
    with pytest.raises(SystemExit, match=r"^Setting up failed at: .*npm install "):
        go.main(["test"])
    assert not (go.VENV / "installed-node").exists()


def test_files_after_run_are_meant_from_where_the_user_stands(checkout, calls):
    install_by_hand(checkout, "")
    go.main(["run", "mine.toml", "--json"])
    command, options = calls[-1]
    assert command[1:] == ["-m", "siting", "run", "mine.toml", "--json"]
    assert "cwd" not in options


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help_installs_nothing(calls, capsys, arguments):
    assert go.main(arguments) == 0
    assert calls == []
    assert "python3 go.py check FILE" in capsys.readouterr().err


def test_browser_in_the_usual_place_of_windows(tmp_path, monkeypatch):
    program = tmp_path / "Google" / "Chrome" / "Application" / "chrome.exe"
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(go.shutil, "which", lambda name: None)
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    assert Path(go.find_browser()) == program
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path / "none"))
    assert go.find_browser() is None


def test_what_is_missing_is_named_where_nothing_can_be_installed(monkeypatch):
    monkeypatch.setattr(go.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="Please install chromium, fonts-noto-cjk .* then run this again"):
        go.apt_install("chromium", "fonts-noto-cjk")


def test_apt_installs_as_root(monkeypatch, calls):
    monkeypatch.setattr(go.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(go.os, "geteuid", lambda: 0, raising=False)
    go.apt_install("chromium")
    assert calls[-1][0][:3] == ["env", "DEBIAN_FRONTEND=noninteractive", "/usr/bin/apt-get"]
    assert calls[-1][0][-1] == "chromium"


def test_apt_installs_through_sudo(monkeypatch, calls):
    monkeypatch.setattr(go.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(go.os, "geteuid", lambda: 1000, raising=False)
    go.apt_install("chromium")
    assert calls[-1][0][0] == "/usr/bin/sudo"


def test_constraints_name_no_host():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "#" not in text


def test_every_package_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pinned = re.findall(
        r"^([a-z0-9.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    names = {re.split(r"[>=<~!\[; ]", text)[0].lower().replace("_", "-") for text in wanted}
    assert names - set(pinned) == set()
