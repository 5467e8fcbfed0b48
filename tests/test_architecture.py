"""The import rule of `siting/__init__.py` and the house rules that a program can check, on the source."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "siting"
MODULES = sorted(PACKAGE.rglob("*.py"))
CHAIN = (
    "settings_file",
    "scenario",
    "describe",
    "judgements",
    "reading",
    "setting",
    "variants",
    "ensembles",
    "adapt",
    "study",
    "outputs",
    "planner",
    "cli",
)
BELOW = {"types", "inputs", "analysis"}
MAY_IMPORT = {
    "types": set(),
    "inputs": {"types", "inputs"},
    "analysis": {"types", "analysis"},
    **{name: BELOW | set(CHAIN[:place]) for place, name in enumerate(CHAIN)},
    "__main__": {"cli"},
    "__init__": set(),
}
MAY_IMPORT["outputs"].add("outputs")
IMPURE = {
    "folium",
    "pathlib",
    "os",
    "io",
    "tomllib",
    "logging",
    "datetime",
    "time",
    "sys",
    "random",
    "pickle",
}
LONGEST_MODULE = 500


def stage(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> list[tuple[int, str]]:
    """Line and full name of every module that a file imports, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: write imports in full"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def test_every_module_has_a_stage():
    assert {stage(path) for path in MODULES} == set(MAY_IMPORT)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    allowed = MAY_IMPORT[stage(path)]
    wrong = [
        f"{path.name}:{line} imports {name}"
        for line, name in imported(path)
        if name.startswith("siting.") and name.split(".")[1] not in allowed
    ]
    assert not wrong


def test_no_cycle():
    known = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES}
    depends = {
        module: {
            other
            for _, name in imported(path)
            for other in (name, name.rpartition(".")[0])
            if other in known and other != module
        }
        for module, path in known.items()
    }
    while leaves := [module for module, needs in depends.items() if not needs]:
        depends = {m: needs - set(leaves) for m, needs in depends.items() if m not in leaves}
    assert not depends, f"cycle among {sorted(depends)}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "analysis").glob("*.py")), ids=lambda p: p.name)
def test_analysis_touches_nothing_outside(path):
    wrong = [f"{path.name}:{line} {name}" for line, name in imported(path) if name.split(".")[0] in IMPURE]
    calls = re.findall(r"\b(?:open|read_csv|read_text|print|to_csv)\(", path.read_text(encoding="utf-8"))
    assert not wrong
    assert not calls


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_module_is_short_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert path.name == "__init__.py" or ast.get_docstring(ast.parse(text)), (
        "open with what it turns into what"
    )


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=lambda c: c[0])
def test_ruff_finds_nothing(command):
    """Text files name their encoding (PLW1514), nothing prints, imports are sorted …; see pyproject.toml."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet", "--no-cache", "."],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_errors_of_users_are_no_asserts(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)] == []


def test_only_coordinates_names_epsg_codes():
    pattern = re.compile(r"EPSG:\s?\d{4}|epsg=\d{4}|from_epsg\(\d")
    named = [p.name for p in MODULES if pattern.search(code_only(p))]
    assert set(named) <= {"coordinates.py"}


def code_only(path: Path) -> str:
    """Source without docstrings and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            kept = [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
            node.body = kept or [ast.Pass()]
    return ast.unparse(tree)


def test_import_is_light():
    heavy = {
        "folium",
        "openpyxl",
        "osmium",
        "matplotlib",
        "pandas",
        "geopandas",
        "xlsxwriter",
        "typer",
        "scipy",
    }
    code = f"import sys, siting; print(sorted(set(sys.modules) & {heavy!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def readme_tree(text: str) -> set[str]:
    """Paths named by the tree in a README: `name  what it is`, indented by box drawing."""
    block = text[text.index("siting/\n") :].partition("```")[0]
    paths, folders = set(), ["siting"]
    for line in block.splitlines()[1:]:
        drawn = re.match(r"([│├└─\s]*)(.*)", line)
        depth = len(drawn[1]) // 4
        for name in drawn[2].split("  ")[0].split(" · "):
            folders = folders[: max(depth, 1)]
            paths.add("/".join([*folders, name.rstrip("/")]))
            if name.endswith("/"):
                folders.append(name.rstrip("/"))
    return paths


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_tree_is_the_real_tree(name):
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    real = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if path.parent == PACKAGE or path.name != "__init__.py"
    }
    named = readme_tree((ROOT / name).read_text(encoding="utf-8"))
    assert {path for path in named if "." in path.rpartition("/")[2]} == real
