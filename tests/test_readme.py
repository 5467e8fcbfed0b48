"""Both READMEs say the same, and what they say is so: commands, links, pictures, examples."""

import re
import shlex

import pytest
from typer.testing import CliRunner

from siting.cli import app
from tests.paths import ROOT
from tests.study.test_own_register import office_list
from tests.told_commands import check_command

READMES = ("README.md", "README.zh-CN.md")
MOST_KB = 300


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str = "") -> list[str]:
    """Fenced blocks of a language, their indentation removed."""
    parts = re.split(r"^( *)```(\w*)\n", text(name), flags=re.MULTILINE)
    # What stands between an opening fence and the next fence; a closing fence names no language.
    opened = list(zip(parts[1::3], parts[2::3], parts[3::3], strict=True))[::2]
    return [
        "\n".join(line.removeprefix(indent) for line in body.splitlines())
        for indent, found, body in opened
        if found == language
    ]


def commands(name: str) -> list[str]:
    fenced = [line for block in blocks(name) for line in block.splitlines()]
    inline = re.findall(r"`(python3 go\.py[^`]*)`", text(name))
    return [line for line in [*fenced, *inline] if line.startswith("python3 go.py")]


def test_both_give_the_same_commands_and_examples():
    assert commands("README.md") == commands("README.zh-CN.md")
    assert len(commands("README.md")) >= 7
    english = [re.sub(r'"[^"]*"', "…", block) for block in blocks("README.md", "python")]
    chinese = [re.sub(r'"[^"]*"', "…", block) for block in blocks("README.zh-CN.md", "python")]
    assert english == chinese
    assert blocks("README.md", "toml") == blocks("README.zh-CN.md", "toml")


@pytest.mark.parametrize("name", READMES)
def test_the_two_commands_stand_first(name):
    assert commands(name)[:2] == ["python3 go.py", "python3 go.py test"]


@pytest.mark.parametrize("command", sorted(set(commands("README.md"))))
def test_commands_exist_and_take_their_options(command):
    check_command(command)


@pytest.mark.parametrize("name", READMES)
def test_links_and_pictures_exist(name):
    targets = re.findall(r"\]\(([^)#]+)\)", text(name))
    local = [target for target in targets if "://" not in target]
    assert local
    assert [target for target in local if not (ROOT / target).exists()] == []
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text(name))
    assert pictures == [f"docs/decision-page.{'zh' if 'zh' in name else 'en'}.png"]
    assert all((ROOT / picture).stat().st_size < MOST_KB * 1024 for picture in pictures)


@pytest.mark.parametrize("name", READMES)
def test_files_named_are_there(name):
    named = set(re.findall(r"`((?:data|notebooks|maps)/[\w./-]+)`", text(name)))
    made = {"maps/base/index.html", "maps/企业名单/index.html", "maps/企业名单/study/"}
    assert [path for path in named - made if not (ROOT / path).exists()] == []


def test_own_register_by_the_commands_as_written(tmp_path, monkeypatch):
    """The section's commands, on a list of a statistics office; its questions are answered in its study."""
    section = text("README.md").partition("## Your own register")[2].partition("\n## ")[0]
    written = re.findall(r"^python3 go\.py .*$|`(python3 go\.py[^`]*)`", section, flags=re.MULTILINE)
    first = re.search(r"^python3 go\.py .*$", section, flags=re.MULTILINE)[0]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("siting.scenario.own_list.maps_folder", lambda _: tmp_path / "maps")
    office_list(tmp_path / "企业名单.xlsx")
    for command in (first, *filter(None, written)):
        done = CliRunner().invoke(app, shlex.split(command)[2:])
        assert done.exit_code == 0, done.output
    named = re.findall(r"`(maps/[^`]+)`", section)
    assert len(named) == 2
    assert all((tmp_path / path).exists() for path in named)
    study = tmp_path / "maps" / "企业名单" / "study" / "scenarios" / "企业名单.toml"
    assert CliRunner().invoke(app, ["run", str(study), "--out", str(tmp_path / "again")]).exit_code == 0


def test_example_in_python_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(blocks("README.md", "python")[0], names)
    assert names["result"].best in names["study"].sites.index
    assert names["other"].evaluation.scenario.name == "enterprises first"
