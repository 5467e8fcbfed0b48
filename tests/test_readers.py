"""What is computed is read: fields of results by the package, public names by more than the tests."""

import ast
import re

import pytest

import siting
from tests.paths import ROOT

PACKAGE = ROOT / "siting"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
RESULT_ROOMS = ("types.py", "option_kinds.py", "analysis", "study", "scenario")

FOR_PLANNERS = {"Location"}
"""Records that planners read, not the package: the answer of a public function."""


def is_record(node):
    return isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list)


def fields():
    """Fields of every record of the rooms in which results are made."""
    for path, tree in TREES.items():
        if path.relative_to(PACKAGE).parts[0] in RESULT_ROOMS:
            for node in filter(is_record, ast.walk(tree)):
                for item in node.body:
                    if isinstance(item, ast.AnnAssign) and node.name not in FOR_PLANNERS:
                        yield node.name, item.target.id


def attributes_read():
    """Names read as attributes anywhere in the package."""
    return {
        node.attr
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }


def test_every_field_of_a_result_has_a_reader():
    read = attributes_read()
    found = list(fields())
    assert len(found) > 100
    assert [field for field in found if field[1] not in read] == []


def words_outside():
    """Words of what is no test and no module: set-up, data, pages, benchmarks, notebooks."""
    folders = ("data", "docs", "benchmarks", "notebooks")
    files = [path for name in folders for path in (ROOT / name).rglob("*")]
    kinds = {".py", ".md", ".ipynb", ".toml"}
    text = [path.read_text(encoding="utf-8") for path in files if path.suffix in kinds]
    return set(re.findall(r"\w+", "\n".join([*text, (ROOT / "go.py").read_text(encoding="utf-8")])))


def names_used(tree):
    """Names that a module reads, by themselves or from another module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def public_names():
    for path, tree in TREES.items():
        for node in tree.body:
            # What a decorator registers (a command) is called by its registry.
            called = isinstance(node, ast.FunctionDef) and node.decorator_list
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not called and node.name[0] != "_":
                yield path, node.name


@pytest.fixture(scope="module")
def used():
    inside = {name for tree in TREES.values() for name in names_used(tree)}
    # An annotation that is a text or a lazy import names its class all the same.
    quoted = {
        node.value for tree in TREES.values() for node in ast.walk(tree) if isinstance(node, ast.Constant)
    }
    return inside | {text for text in quoted if isinstance(text, str)} | words_outside() | set(siting.__all__)


def test_no_public_name_is_used_by_tests_alone(used):
    found = list(public_names())
    assert len(found) > 300
    assert [f"{path.relative_to(ROOT)}: {name}" for path, name in found if name not in used] == []


def test_the_search_would_find_an_unread_name(used):
    assert "nobody_reads_this_name" not in used | attributes_read()
    assert {"build_evidence", "leads"} <= used
