"""What is written for contributors holds: files, versions and records; a checkout keeps its bytes."""

import re
import shutil
import subprocess

import pytest

import siting
from tests.paths import ROOT

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
WRITTEN = [ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CITATION.cff")] + DECISIONS
LONGEST_RECORD = 25


def text(path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_says_why(path):
    assert len(text(path).splitlines()) <= LONGEST_RECORD
    assert text(path).startswith(f"# {int(path.name[:2])}. ")
    assert "\n**Decision.** " in text(path)
    assert "\n**Why.** " in text(path)


def test_the_list_of_decisions_is_complete_and_in_order():
    listed = re.findall(r"\]\(([^)]+)\)", text(ROOT / "docs" / "decisions" / "README.md"))
    assert listed == [path.name for path in DECISIONS]


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_files_named_are_there_and_no_host_is(path):
    assert "://" not in text(path)
    spans = re.findall(r"`([\w*./-]+\.(?:py|csv|md|toml|js|txt)|[\w.-]+/[\w./-]*)`", text(path))
    made_later = {"build/lowest", "base.toml", "docs/_site"}
    missing = [span for span in set(spans) - made_later if not (list(ROOT.glob(span)) or inside(span))]
    assert missing == []


def inside(name: str) -> list:
    """Find a file of the package by its name alone."""
    return list((ROOT / "siting").rglob(name)) if "/" not in name else []


def test_the_citation_is_of_this_version():
    assert f"\nversion: {siting.__version__}\n" in text(ROOT / "CITATION.cff")


def test_commands_for_contributors_name_what_exists():
    import go

    jobs = re.findall(r"^python3 go\.py (\w+)", text(ROOT / "CONTRIBUTING.md"), re.MULTILINE)
    assert jobs
    assert set(jobs) <= set(go.EXTRAS)


@pytest.mark.skipif(shutil.which("git") is None, reason="git's own rules are tried")
def test_a_checkout_on_windows_holds_the_same_bytes(tmp_path):
    """Hashes of inputs are told in outputs; cases with carriage returns keep them."""
    names = ["data/raw/sites.csv", "data/scenarios/base.toml", "go.py", ".gitattributes"]
    names += ["tests/inputs/cases/enterprises/dirty_01_utf8_bom.csv", "siting/outputs/page/static/panel.js"]
    before = {name: (ROOT / name).read_bytes() for name in names}
    assert b"\r\n" in before[names[-2]]

    def git(*arguments):
        setting = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf", "-c", "core.safecrlf=false"]
        subprocess.run(["git", *setting, *arguments], check=True, cwd=tmp_path, capture_output=True)

    git("init", "-q")
    for name, content in before.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    git("add", "--all")
    for name in names:
        (tmp_path / name).unlink()
    git("checkout-index", "--all", "--force")
    assert {name: (tmp_path / name).read_bytes() for name in names} == before
