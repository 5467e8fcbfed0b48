"""Scores worked out again by the formulas of the workbook, in a reading of them that is not Excel's."""

import io
import math
import re
from dataclasses import replace

import openpyxl
import pytest

import siting
from siting.analysis.decision.scoring import contributions, ranking, values
from siting.outputs.tables.results_workbook import workbook
from siting.study.evaluation import Evaluation


@pytest.fixture(scope="module")
def base() -> Evaluation:
    return siting.load().run().evaluation


class Recomputed:
    """The sheet of formulas, worked out by nothing but its typed numbers."""

    def __init__(self, content: bytes, *, cached: bool = False):
        self.page = openpyxl.load_workbook(io.BytesIO(content), data_only=cached)["得分复算"]

    def at(self, place: str) -> float:
        cell = self.page[place]
        if cell.data_type != "f":
            return float(cell.value)
        text = re.sub(r"([A-K])(\d+):\1(\d+)", self._listed, cell.value[1:])
        text = re.sub(r"\b[A-K]\d+\b", lambda found: f"at({found[0]!r})", text)
        names = {"at": self.at, "SUM": lambda *cells: math.fsum(cells), "MAX": max, "MIN": min}
        return eval(text, {"__builtins__": {}}, names)

    @staticmethod
    def _listed(found: re.Match) -> str:
        column, first, last = found[1], int(found[2]), int(found[3])
        return ",".join(f"{column}{row}" for row in range(first, last + 1))

    def scores(self) -> list[float]:
        rows = [row for row in range(2, self.page.max_row + 1) if self.page[f"B{row}"].value == "合计"]
        return [self.at(f"I{row}") for row in rows]


def test_formulas_find_the_scores(base):
    sheet = Recomputed(workbook(base))
    assert sheet.scores() == pytest.approx(base.ranking["score"].tolist(), abs=1e-9)
    n_rows = len(base.ranking) * (len(base.scenario.criteria) + 1)
    assert sheet.page.max_row == 1 + n_rows
    formulas = [cell for line in sheet.page.iter_rows() for cell in line if cell.data_type == "f"]
    assert len(formulas) > n_rows


def test_stored_results_are_those_of_the_formulas(base):
    content = workbook(base)
    live, stored = Recomputed(content), Recomputed(content, cached=True)
    for line in live.page.iter_rows():
        for cell in line:
            if cell.data_type == "f":
                assert live.at(cell.coordinate) == pytest.approx(stored.at(cell.coordinate), abs=1e-9)


def test_formulas_follow_a_changed_figure(base):
    """Typed figures move the score as the program moves it."""
    sheet = Recomputed(workbook(base))
    sheet.page["C2"].value = 20_000.0
    option = base.ranking.index[0]
    matrix = base.matrix.copy()
    matrix.loc[option, base.scenario.criteria[0].name] = 20_000.0
    moved = contributions(values(matrix, base.scenario.criteria, base.applies), base.weights)
    assert sheet.scores()[0] == pytest.approx(moved.loc[option].sum(), abs=1e-9)


def test_values_off_the_straight_line_are_typed_with_a_note(base):
    first, second, *rest = base.scenario.criteria
    uses = (
        first.model_copy(update={"value": "piecewise", "points": ((0.0, 0.0), (10_000.0, 0.9), (4e4, 1.0))}),
        second.model_copy(update={"value": "threshold", "anchors": (0.0, 0.6)}),
        *rest,
    )
    matrix = base.matrix.copy()
    matrix.loc["bangjun", "worst_tenth_min"] = math.inf
    sites = base.values.index
    found = values(matrix.loc[sites], uses, base.applies.loc[sites])
    points = contributions(found, base.weights)
    changed = replace(
        base,
        scenario=base.scenario.model_copy(update={"criteria": uses}),
        matrix=matrix,
        values=found,
        contributions=points,
        ranking=ranking(points, verdicts=base.ranking["verdict"]),
    )
    sheet = Recomputed(workbook(changed))
    assert sheet.scores() == pytest.approx(changed.ranking["score"].tolist(), abs=1e-9)
    notes = {sheet.page[f"K{row}"].value for row in range(2, sheet.page.max_row + 1)} - {None}
    assert {text.split("，")[0] for text in notes} >= {"分段折算", "路网不通"}
    for row in range(2, sheet.page.max_row + 1):
        typed = sheet.page[f"K{row}"].value
        if typed:
            assert (sheet.page[f"H{row}"].data_type == "f") == typed.startswith("折合值＝")
