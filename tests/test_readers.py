"""What is computed is read: fields of results by the package, public names by more than the tests."""

import ast
import os
import re

import pytest
from mypy import build
from mypy.main import process_options
from mypy.nodes import MemberExpr
from mypy.types import (
    AnyType,
    Instance,
    TupleType,
    TypeOfAny,
    TypeVarType,
    UnboundType,
    UnionType,
    get_proper_type,
)

import siting
from tests.paths import ROOT

PACKAGE = ROOT / "siting"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
IN_JSON = {
    ("Agreement", "pairwise"),
    ("Agreement", "weights"),
    *(("Answer", field) for field in ("verdict", "text_zh", "text_en", "sites")),
    ("Concluded", "build"),
    ("Flip", "gap"),
    ("Flip", "winner"),
    ("Robustness", "weights"),
    ("WeightUse", "correlated"),
}
"""Fields that the JSON of a run alone carries: it writes robustness and conclusion whole."""

FOR_PLANNERS = {"Location"}
"""Records that planners read, not the package: the answer of a public function."""


def is_record(node):
    """Tell a data class; named tuples are read by place too."""
    return isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(d) for d in node.decorator_list)


def fields():
    """Fields of every record of the package."""
    for tree in TREES.values():
        for node in filter(is_record, ast.walk(tree)):
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and node.name not in FOR_PLANNERS:
                    yield node.name, item.target.id


def owners(kind):
    """Names of the classes that a type may be, ``*`` where it may be any."""
    kind = get_proper_type(kind)
    if isinstance(kind, UnionType):
        return set().union(*map(owners, kind.items))
    if isinstance(kind, TupleType):
        return owners(kind.partial_fallback)
    if isinstance(kind, TypeVarType):
        return owners(kind.upper_bound)
    if isinstance(kind, Instance):
        return {base.name for base in kind.type.mro}
    return {"*"} if isinstance(kind, AnyType | UnboundType) else set()


UNKNOWN = AnyType(TypeOfAny.unannotated)


def typed_reads(*arguments):
    """Attributes that modules read, each with the classes of what it is read of, by mypy's types.

    Other packages stay unread, which makes this quick; what they return may be anything.
    """
    sources, options = process_options(
        [*arguments, "--no-incremental", f"--cache-dir={os.devnull}", "--no-site-packages"]
    )
    options.plugins, options.export_types, options.preserve_asts = [], True, True
    types = build.build(sources, options).types
    read = set()
    for node in types:
        if isinstance(node, MemberExpr):
            read |= {(owner, node.name) for owner in owners(types.get(node.expr, UNKNOWN))}
    return read


@pytest.fixture(scope="module")
def read():
    return typed_reads("-p", "siting")


def unread(read, found):
    return [(record, name) for record, name in found if not {(record, name), ("*", name)} & read]


def test_every_field_of_a_record_has_a_reader(read):
    found = list(fields())
    assert len(found) > 300
    assert set(unread(read, found)) == IN_JSON


def test_a_field_that_only_shares_its_name_is_found_unread(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        """from dataclasses import dataclass

@dataclass
class A:
    one: int
    two: int

@dataclass
class B:
    one: int

def reader(a: A, b: B | None) -> int:
    return a.two + (b.one if b else 0)
""",
        encoding="utf-8",
    )
    read = typed_reads(str(script))
    assert unread(read, [("A", "one"), ("A", "two"), ("B", "one")]) == [("A", "one")]


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
    assert "nobody_reads_this_name" not in used
    assert {"build_evidence", "leads"} <= used
