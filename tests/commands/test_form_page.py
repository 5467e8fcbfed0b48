"""What `siting app` hands to voila, and what it says where it cannot."""

import json

import pytest

from siting.commands.browser import form_page, needs
from siting.types import InstallationError, ScenarioError


@pytest.fixture
def started(monkeypatch):
    """What would have been run: the command, the notebook, the names in its template's folder."""
    found = {}

    def run(command, *, env, check):
        from pathlib import Path
        from types import SimpleNamespace

        found["command"] = command
        found["notebook"] = json.loads(Path(command[3]).read_text(encoding="utf-8"))
        template = Path(env["JUPYTER_PATH"].split(form_page.os.pathsep)[0], "voila", "templates", "siting")
        config = env["JUPYTER_CONFIG_PATH"].split(form_page.os.pathsep)[0]
        found["config"] = json.loads(Path(config, "voila.json").read_text(encoding="utf-8"))
        found["files"] = {path.name for path in template.iterdir()}
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(form_page.subprocess, "run", run)
    return found


def test_the_form_opens_the_study_where_the_planner_stands(started, tmp_path, monkeypatch):
    own = tmp_path / "data" / "scenarios" / "base.toml"
    own.parent.mkdir(parents=True)
    own.write_text('title_zh = "未写全"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError):
        form_page.open_app([], "zh")
    assert started == {}, "what the page could not say is said before"
    own.unlink()
    assert form_page.open_app(["--port=9999"], "en") == 0
    assert started["command"][-1] == "--port=9999", "voila's own options go through"
    assert {"index.html.j2", "conf.json"} <= started["files"]
    settings = started["config"]["Voila"]["tornado_settings"]
    assert settings["websocket_max_message_size"] > 100_000_000, "a large list comes in one message"
    head, cell = started["notebook"]["cells"]
    assert head["source"] == "# Rank sites for your list of enterprises"
    assert "lang='en'" in cell["source"]
    assert repr(str(form_page.scenario_file(None).resolve())) in cell["source"]


def test_without_voila_a_message_says_what_to_install(monkeypatch):
    find = needs.importlib.util.find_spec
    monkeypatch.setattr(
        needs.importlib.util, "find_spec", lambda name: None if name == "voila" else find(name)
    )
    with pytest.raises(InstallationError, match=r'pip install "siting\[app\]"'):
        form_page.open_app([], "zh")


def test_the_page_may_load_nothing_from_elsewhere():
    policy = form_page.form_notebook(form_page.scenario_file(None), "zh")["metadata"]["siting"]["policy"]
    assert "default-src 'none'" in policy
    assert "http:" not in policy
    assert "*" not in policy.replace("://localhost:*", "").replace("://127.0.0.1:*", "")
