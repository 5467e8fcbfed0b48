"""Time matrices from elsewhere: order, units, refusals that name the cell, the triangle note."""

import numpy as np
import pytest

from siting.inputs.timematrix import read_time_matrix
from siting.types import InputError

GOOD = "企业,场址甲,场址乙,别处\nE1,10,25.5,1\nE2,,inf,1\nE3,0,30,1\n"


def write(tmp_path, text):
    path = tmp_path / "times.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(path, unit="min", origins=("E2", "E1"), destinations=("场址乙", "场址甲")):
    return read_time_matrix(path, origins=origins, destinations=destinations, unit=unit)


def test_rows_and_columns_come_in_the_order_asked_for(tmp_path):
    matrix = read(write(tmp_path, GOOD))
    assert matrix.origins == ("E2", "E1")
    assert matrix.destinations == ("场址乙", "场址甲")
    np.testing.assert_array_equal(matrix.minutes, [[np.inf, np.inf], [25.5, 10.0]])
    assert len(matrix.sha256) == 64
    assert [issue.code for issue in matrix.issues] == ["R130"]
    assert "1 rows and 1 columns" in matrix.issues[0].action


@pytest.mark.parametrize(("unit", "minutes"), [("min", 10), ("s", 1 / 6), ("h", 600)])
def test_units(tmp_path, unit, minutes):
    path = write(tmp_path, "id,A,B\nE1,10,10\n")
    assert read(path, unit, ["E1"], ["A", "B"]).minutes[0, 0] == pytest.approx(minutes)


def test_a_matrix_cannot_be_changed(tmp_path):
    matrix = read(write(tmp_path, GOOD))
    with pytest.raises(ValueError, match="read-only"):
        matrix.minutes[0, 0] = 1.0
    with pytest.raises(AttributeError):
        matrix.file = "other"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,A,B\nE1,1,-5\n", r"times.csv: row 2, column 'B': '-5' is no travel time .0 to 1440"),
        ("id,A,B\nE1,1,soon\n", "row 2, column 'B': 'soon'"),
        ("id,A,B\nE1,1,nan\n", "row 2, column 'B': 'nan'"),
        ("id,A,B\nE1,1,1441\n", "'1441' is no travel time"),
        ("id,A,B\nE2,1,2\n", "no row 'E1'"),
        ("id,A,B\nE1,1,2\nE1,3,4\n", "row 'E1' stands twice"),
        ("id,A,B,B\nE1,1,2,3\n", "column 'B' stands twice"),
        ("id,A,C\nE1,1,2\n", "times.csv"),
    ],
)
def test_wrong_cells_are_refused_by_name(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, text), "min", ["E1"], ["A", "B"])


def test_unknown_unit(tmp_path):
    with pytest.raises(InputError, match="'days'; allowed: min, s, h"):
        read(write(tmp_path, GOOD), "days")


def test_a_shorter_way_round_is_noted(tmp_path):
    path = write(tmp_path, "id,A,B,C\nA,0,10,60\nB,10,0,12\nC,60,12,0\n")
    names = ["A", "B", "C"]
    (issue,) = read(path, "min", names, names).issues
    assert issue.code == "R131"
    assert issue.severity == "note"
    assert issue.action == "From A to C takes 60.0 min, but 38.0 min less by way of B."
    fine = write(tmp_path, "id,A,B,C\nA,0,10,22\nB,10,0,12\nC,22,12,0\n")
    assert read(fine, "min", names, names).issues == ()
