"""The rules of each table: one record a table, none told apart by its name, reasons made of issues."""

import ast

import numpy as np
import pandas as pd
import pytest

from siting.inputs.dictionary.columns import columns_of, dictionary
from siting.inputs.dictionary.issues import IssueLog
from siting.inputs.tables.read_table import TABLES, read_table
from siting.inputs.tables.rule import objects, on_file, on_rows, run
from tests.paths import ROOT

FOLDERS = [ROOT / "siting" / "inputs" / room for room in ("tables", "headings", "files", "dictionary")]
MODULES = sorted(path for folder in FOLDERS for path in folder.rglob("*.py"))
RULES = sorted(
    {rule for rules in TABLES.values() for rule in (*rules.headings, *rules.rows, *rules.file)},
    key=lambda rule: rule.__name__,
)
LONGEST_MODULE, LONGEST_FUNCTION = 400, 30


def test_every_table_of_the_dictionary_has_its_record():
    assert list(TABLES) == list(dictionary())


@pytest.mark.parametrize("table", TABLES)
def test_a_record_names_columns_of_its_table(table):
    rules, columns = TABLES[table], columns_of(table)
    assert rules.key is None or rules.key in columns
    assert set(rules.derived).isdisjoint(columns)
    assert len(set(rules.rows)) == len(rules.rows)
    assert len(set(rules.file)) == len(rules.file)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_stands_in_the_room_of_rules(rule):
    assert rule.__module__.startswith("siting.inputs.tables.rules.")
    assert rule.__doc__


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_no_table_is_told_apart_by_its_name(path):
    """What differs by table is in its record or in `columns.csv`."""
    wrong = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        compared = (node.left, *node.comparators) if isinstance(node, ast.Compare) else ()
        cases = (node.value,) if isinstance(node, ast.MatchValue) else ()
        texts = {
            n.value for part in (*compared, *cases) for n in ast.walk(part) if isinstance(n, ast.Constant)
        }
        wrong += [f"{path.name}:{node.lineno}"] if texts & set(dictionary()) else []
    assert wrong == []


@pytest.mark.parametrize("path", sorted(FOLDERS[0].rglob("*.py")), ids=lambda path: path.name)
def test_modules_and_functions_are_short(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert lines < LONGEST_FUNCTION, node.name


def frame_of(n):
    return pd.DataFrame({"row": np.arange(n) + 2, "reason": objects([None] * n)})


def test_a_row_is_set_aside_by_what_is_said_of_it():
    def lacks_a_name(frame, _context):
        yield on_rows("E102", [1], "企业名称", [""])

    def changed(frame, _context):
        assert frame["reason"].tolist() == [None, "E102", None]
        yield on_rows("E214", [2], value=["row-4"])
        yield {"id": ["a", "b", "row-4"]}

    log = IssueLog("a.csv")
    frame = run([lacks_a_name, changed], frame_of(3), None, log)
    assert frame["reason"].tolist() == [None, "E102", None]
    assert frame["id"].tolist() == ["a", "b", "row-4"]
    assert [(issue.code, issue.row, issue.severity) for issue in log.sorted()] == [
        ("E102", 3, "set_aside"),
        ("E214", 4, "changed"),
    ]


def test_a_rule_sees_the_rows_as_they_were_when_it_began():
    def twice(frame, _context):
        before = frame["reason"].copy()
        yield on_rows("E102", [0])
        assert frame["reason"].equals(before)
        yield on_file("E321")
        yield on_rows("E108", [1], first=[2])

    assert run([twice], frame_of(2), None, IssueLog("a.csv"))["reason"].tolist() == ["E102", "E108"]


def test_no_rule_writes_the_reason_beside_its_issue():
    """`run` alone does: what it says of a row and why the row is not used cannot part."""
    for path in (FOLDERS[0] / "rules").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            keys = node.keys if isinstance(node, ast.Dict) else ()
            assert not any(
                isinstance(key, ast.Constant) and key.value == "reason" and _laid(node) for key in keys
            )


def _laid(node):
    """Tell whether a dictionary holds columns: the words of a message are made of lists."""
    return not any(isinstance(key, ast.Constant) and key.value == "reason_zh" for key in node.keys)


def test_a_layer_of_a_table_without_places_is_read_by_its_fields(tmp_path):
    path = tmp_path / "conditions.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null, "properties":'
        ' {"site": "a", "condition": "power", "verdict": "pass"}}]}',
        encoding="utf-8",
    )
    table = read_table(path, "conditions")
    assert table.frame["verdict"].tolist() == ["pass"]


def test_options_without_columns_of_coordinates_are_read(tmp_path):
    path = tmp_path / "sites.csv"
    path.write_text("方案编号,方案名称,类型\ns1,甲,city\ns2,乙,mobile\n", encoding="utf-8")
    assert read_table(path, "sites").frame.index.tolist() == ["s1", "s2"]
