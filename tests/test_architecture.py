"""The import rule of `siting/__init__.py` and the house rules that a program can check, on the source."""

import ast
import re
import subprocess
import sys
from collections import Counter

import pytest

from siting.inputs.dictionary.columns import columns_of
from siting.option_kinds import KINDS, TODAY
from siting.outputs.text.wording import words
from tests.paths import ROOT

PACKAGE = ROOT / "siting"
MODULES = sorted(PACKAGE.rglob("*.py"))

ORDER = {
    "siting": (
        "types",
        "messages|option_kinds",
        "common",
        "inputs|analysis",
        "scenario",
        "study",
        "outputs",
        "result",
        "comparison|planner",
        "widgets",
        "commands",
        "cli",
        "__main__",
    ),
    "siting.inputs": ("sections|dictionary", "files|places", "headings", "tables", "roads"),
    "siting.analysis": (
        "frames",
        "network|demand|location",
        "access",
        "money",
        "evidence",
        "decision",
        "concerns|kernel|robustness",
        "explain",
    ),
    "siting.scenario": (
        "toml_files|facility",
        "model",
        "anchor_lines|as_run|build|describe|own_list",
        "judgements|weight_records",
        "weight_answers",
    ),
    "siting.study": (
        "decide_conditions|evaluation|read_inputs",
        "edit_inputs|prepared",
        "variants",
        "draws",
        "ensembles",
        "adapt",
        "evaluate|weighting",
        "compare",
        "changes",
    ),
    "siting.outputs": (
        "colours|inlining|text|write_files",
        "notebook_cards|notebook_frame|tables",
        "check|new_study|page",
        "comparison",
        "letters|maps|plots",
        "save",
    ),
}
"""Rooms of each package from the ground up; a room imports from those before it, `|` joins neighbours that
do not import each other."""

MOST_MODULES = 12
"""Modules in a folder, `__init__` apart."""

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


def name_of(path):
    """Dotted name of a module."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path):
    """Line and full name of every module that a file imports, inside functions too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: write imports in full"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


def levels(package):
    return {room: level for level, rooms in enumerate(ORDER[package]) for room in rooms.split("|")}


@pytest.mark.parametrize("package", ORDER)
def test_every_room_has_its_place(package):
    folder = ROOT.joinpath(*package.split("."))
    rooms = {p.stem for p in folder.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert rooms - {"__init__"} <= set(levels(package))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    own = name_of(path).split(".")
    wrong = []
    for line, name in imported(path):
        parts = name.split(".")
        shared = 1
        while shared < min(len(own), len(parts)) and own[shared] == parts[shared]:
            shared += 1
        package = ".".join(own[:shared])
        if parts[0] != "siting" or package not in ORDER or shared >= min(len(own), len(parts)):
            continue
        place = levels(package)
        if parts[shared] in place and place[parts[shared]] >= place[own[shared]]:
            wrong.append(f"{path.name}:{line} imports {name}")
    assert not wrong


def test_no_folder_is_crowded():
    per_folder = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    crowded = {str(folder.relative_to(ROOT)): n for folder, n in per_folder.items() if n > MOST_MODULES}
    assert not crowded


def test_no_two_stages_share_a_file_name():
    stages = {}
    for path in PACKAGE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and path.name != "__init__.py":
            stages.setdefault(path.name, set()).add(path.relative_to(PACKAGE).parts[0])
    assert {name: found for name, found in stages.items() if len(found) > 1} == {}


def test_tests_mirror_the_package():
    folders = {p.parent.relative_to(PACKAGE) for p in MODULES}
    for path in (ROOT / "tests").rglob("test_*.py"):
        assert path.parent.relative_to(ROOT / "tests") in folders, path.name


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


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "analysis").rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE))
)
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
    assert set(named) <= {"crs.py"}


def code_only(path) -> str:
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


FOLDERS = sorted({path.parent for path in MODULES} - {PACKAGE})


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_readme_names_the_folders(name):
    """The tree of a README is `name/  what it is`, indented by box drawing; folders only."""
    block = (ROOT / name).read_text(encoding="utf-8").partition("\nsiting/")[2].partition("```")[0]
    named, parents = set(), ["siting"]
    for line in block.splitlines()[1:]:
        drawn = re.match(r"([│├└─\s]*)(\S+)/  (\S.*)", line)
        if drawn:
            parents = [*parents[: len(drawn[1]) // 4], drawn[2]]
            named.add("/".join(parents))
    assert named == {path.relative_to(ROOT).as_posix() for path in FOLDERS}


def _compared_or_looked_up(tree):
    """Expressions whose text decides something: compared, a key, or the argument of a look-up."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from (node.left, *node.comparators)
        elif isinstance(node, ast.Subscript):
            yield node.slice
        elif isinstance(node, ast.MatchValue):
            yield node.value
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("isin", "get", "eq", "ne"):
            yield from node.args


def _texts(node):
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"])
def test_readers_are_told_the_order_that_is_tested(name):
    (rule,) = re.findall(r"`(types ← [^`]+)`", (ROOT / name).read_text(encoding="utf-8"))
    told = [re.split(r", ", floor) for floor in rule.split(" ← ")]
    tested = [floor.split("|") for floor in ORDER["siting"]]
    heights = [[at for at, floor in enumerate(tested) if set(rooms) <= set(floor)] for rooms in told]
    assert all(heights)
    assert heights == sorted(heights)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_kinds_of_option_are_named_in_their_table_alone(path):
    """A new kind is a new record. ``city`` names a place too, so that it may stand in a list of those."""
    if path.name == "option_kinds.py":
        return
    tree = ast.parse(code_only(path))
    decides = set().union(*map(_texts, _compared_or_looked_up(tree))) & set(KINDS)
    anywhere = _texts(tree) & (set(KINDS) - {TODAY.id})
    assert (decides, anywhere) == (set(), set())


def test_kinds_of_option_are_those_of_the_dictionary_and_have_labels():
    assert tuple(KINDS) == columns_of("sites")["kind"].allowed
    assert {f"kind.{kind}" for kind in KINDS} <= words("zh").keys() & words("en").keys()


COUNTY = re.compile(
    "蓟|渔阳|上仓|洇溜|于桥|jixian|jizhou|shangcang|yinliu|yuqiao|yuyang|tianjin|天津", re.IGNORECASE
)
"""Names of the county of the default study, its towns and its city."""


def test_no_county_is_named_in_the_package():
    """What one county is called stands in its study: the next one must not meet it."""
    kinds = {".py", ".csv", ".html", ".js", ".css", ".toml", ".json"}
    known = {"words.csv:traditional,薊,蓟"}
    found = set()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in kinds and "default_study" not in path.parts:
            for line in path.read_text(encoding="utf-8").splitlines():
                if COUNTY.search(line):
                    found.add(f"{path.name}:{line.strip()}")
    assert found == known
