"""Types of the package: mypy finds nothing, nothing public is annotated `Any`, users get the types too."""

import ast
import os
import re
import subprocess
import sys

import pytest

import siting
from tests.paths import ROOT

PACKAGE = ROOT / "siting"

CHECKED = ["**/*.py"]
"""Modules of the package that are checked."""

MODULES = sorted({path for pattern in CHECKED for path in PACKAGE.glob(pattern)})


def run_mypy(*arguments):
    """Run mypy as a developer does, with the settings of pyproject.toml."""
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--no-pretty", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": str(ROOT)},
    )


def test_mypy_finds_nothing():
    done = run_mypy()
    lines = done.stdout.splitlines()
    looked_at = re.search(r"(\d+) source files", lines[-1])
    assert done.returncode in (0, 1), done.stderr
    assert int(looked_at[1]) >= len(list(PACKAGE.rglob("*.py")))
    own = {str(path.relative_to(ROOT)) for path in MODULES}
    assert [line for line in lines if ": error:" in line and line.partition(":")[0] in own] == []


def test_users_of_the_package_get_its_types(tmp_path):
    script = tmp_path / "script.py"
    text = "import siting\nreveal_type(siting.load().run().robustness)\nsiting.laod()\n"
    script.write_text(text, encoding="utf-8")
    own = (line for line in run_mypy(str(script)).stdout.splitlines() if "script.py:" in line)
    revealed, misspelled, *_ = own
    assert "siting.analysis.robustness.assess.Robustness" in revealed
    assert "laod" in misspelled
    assert (PACKAGE / "py.typed").read_bytes() == b""


def test_names_that_load_late_are_known_to_checkers():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {name.asname: node.module for node in block.body for name in node.names}
    assert told == {name: f"siting.{module}" for name, module in siting._HOME.items()}


def is_public(name):
    return not name.startswith("_")


def annotations(nodes):
    """Give line, name and annotation of what others may call or read."""
    for node in nodes:
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from annotations([*node.body, *getattr(node, "orelse", ())])
        elif isinstance(node, ast.ClassDef) and is_public(node.name):
            yield from annotations(node.body)
        elif isinstance(node, ast.AnnAssign) and is_public(ast.unparse(node.target)):
            yield node.lineno, ast.unparse(node.target), node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            is_public(node.name) or node.name.startswith("__")
        ):
            spots = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            spots += filter(None, (node.args.vararg, node.args.kwarg))
            for annotation in (*(spot.annotation for spot in spots), node.returns):
                if annotation is not None:
                    yield node.lineno, node.name, annotation


def open_names(source):
    """List public names of a module whose annotation is, or holds, `Any`."""
    return [
        f"{line}: {name}"
        for line, name, annotation in annotations(ast.parse(source).body)
        if re.search(r"\bAny\b", ast.unparse(annotation))
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_public_is_any(path):
    """What holds any value by nature is called `Json` or `Cell`, which `siting.types` explains."""
    source = path.read_text(encoding="utf-8")
    assert open_names(source) == []
    if path.name != "types.py":
        assert re.findall(r"^\s*\w+(?:: \w+)? = (?:typing\.)?Any\b", source, re.MULTILINE) == []


@pytest.mark.parametrize(
    "source",
    [
        "def f(x: Any) -> int: ...",
        "def f(*x: 'dict[str, Any]'): ...",
        "def f() -> list[typing.Any]: ...",
        "class C:\n    x: Any = None",
        "class C:\n    @property\n    def x(self) -> Any: ...",
        "if T:\n    def f(*, x: Any): ...",
    ],
)
def test_open_annotation_is_noticed(source):
    assert len(open_names(source)) == 1


def test_private_annotation_may_be_open():
    assert open_names("def _f(x: Any): ...\nclass _C:\n    x: Any\nclass C:\n    _x: Any\n") == []
