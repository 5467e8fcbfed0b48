"""Time matrices from elsewhere: order, units, refusals that name the cell, ways round, times by road."""

import numpy as np
import pandas as pd
import pytest

from siting.inputs.tables.time_matrix import compare_with_roads, read_time_matrix
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
    assert [issue.code for issue in matrix.issues] == ["R130", "R132"]
    assert "1 rows and 1 columns" in matrix.issues[0].action
    assert "the way back as long as the way there" in matrix.issues[1].action


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
        ("id,A,C\nE1,1,2\n", r"^times\.csv: no column 'B'; correct the matrix$"),
        ("id,A,B\nE1,0,0\n", r"^times\.csv: no cell holds a time above 0; enter"),
        ("id,A,B\nE1,,0\n", "no cell holds a time above 0"),
    ],
)
def test_wrong_cells_are_refused_by_name(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(write(tmp_path, text), "min", ["E1"], ["A", "B"])


def test_a_matrix_of_one_site(tmp_path):
    path = write(tmp_path, "行车时间（分钟）,\nid,A\nE1,10\n")
    assert read(path, "min", ["E1"], ["A"]).minutes.tolist() == [[10.0]]


def test_unknown_unit(tmp_path):
    with pytest.raises(InputError, match="'days'; allowed: min, s, h"):
        read(write(tmp_path, GOOD), "days")


def detours(tmp_path, text, origins, destinations):
    issues = read(write(tmp_path, text), "min", origins, destinations).issues
    return [issue for issue in issues if issue.code == "R131"]


def test_a_shorter_way_by_a_place_that_is_row_and_column(tmp_path):
    names = ["A", "B", "C"]
    (issue,) = detours(tmp_path, "id,A,B,C\nA,0,10,60\nB,10,0,12\nC,60,12,0\n", names, names)
    assert issue.severity == "note"
    assert issue.action == (
        "C to A takes 60.0 min, but 38.0 min less by way of B; cells longer than a way round: 2 of 9"
    )
    assert not detours(tmp_path, "id,A,B,C\nA,0,10,22\nB,10,0,12\nC,22,12,0\n", names, names)


def test_a_shorter_way_by_another_site_and_another_enterprise(tmp_path):
    """E1 to B by way of A and back through E2: 10 + 5 + 8 = 23 minutes; through E3 it would be 40."""
    rows = "E2,5,8\nE3,15,15\n"
    origins, destinations = ["E1", "E2", "E3"], ["A", "B"]
    (issue,) = detours(tmp_path, f"id,A,B\nE1,10,60\n{rows}", origins, destinations)
    assert "E1 to B takes 60.0 min, but 37.0 min less by way of A → E2;" in issue.action
    assert "1 of 6" in issue.action
    assert "E1 至 B 为 60.0 分钟，绕经 A → E2 反而少 37.0 分钟" in issue.action_zh
    for within in ("25", "", "inf"):
        assert not detours(tmp_path, f"id,A,B\nE1,10,{within}\n{rows}", origins, destinations)


def test_the_worst_way_round_is_that_of_every_choice_tried(tmp_path):
    rng = np.random.default_rng(3)
    times = rng.integers(1, 90, (9, 5)).astype(float)
    times[2, 3] = np.inf
    origins, destinations = [f"E{i}" for i in range(9)], list("ABCDE")
    text = "id,A,B,C,D,E\n" + "".join(f"E{i},{','.join(map(str, row))}\n" for i, row in enumerate(times))
    less = {
        (i, j): times[i, j] - min(times[i, m] + times[k, m] + times[k, j] for k in range(9) for m in range(5))
        for i in range(9)
        for j in range(5)
        if np.isfinite(times[i, j])
    }
    worst = max(less.values())
    (issue,) = detours(tmp_path, text, origins, destinations)
    assert f"but {worst:.1f} min less by way of" in issue.action
    assert issue.action.endswith(f"a way round: {sum(x > 2 for x in less.values())} of 44")


# beside the roads -----------------------------------------------------------------------------

ROAD = np.array([[20.0, 40.0], [30.0, 10.0], [60.0, 30.0]])


def beside(given, road=ROAD, km=5.0, unit="min"):
    cells = pd.DataFrame(
        {
            "start": np.repeat(["E1", "E2", "E3"], 2),
            "end": np.tile(["A", "B"], 3),
            "given": np.asarray(given, float).ravel(),
            "road": road.ravel(),
            "km": km,
        }
    )
    cells["factor"] = (cells["given"] + 1) / (cells["road"] + 1)
    return {issue.code: issue for issue in compare_with_roads("times.csv", unit, cells)}


def changed(at, value, table=ROAD):
    table = table.copy()
    table[at] = value
    return table


@pytest.mark.parametrize("factor", [0.51, 1.0, 1.99])
def test_times_much_like_those_by_road_need_no_word(factor):
    assert beside(ROAD * factor) == {}


def test_times_unlike_those_by_road_are_noted():
    (issue,) = beside(ROAD * 3).values()
    assert (issue.code, issue.severity) == ("R133", "note")
    assert issue.action == (
        "the times are 3 times those by road: median 90.0 against 30.0 min; "
        "farthest off: E3 to A, 180.0 against 60.0 min"
    )
    assert issue.hint == "check the unit, and that the times are those of a car"
    assert "中位数为 90.0 分钟，按路网为 30.0 分钟" in issue.action_zh


@pytest.mark.parametrize(
    ("factor", "unit", "fits"),
    [(1 / 60, "s", "min"), (60, "min", "s"), (1 / 60, "min", "h"), (60, "h", "min")],
)
def test_a_wrong_unit_is_called_by_its_name(factor, unit, fits):
    issue = beside(ROAD * factor, unit=unit)["R134"]
    assert f"can hardly be the times of a car in the unit given ({unit})" in issue.action
    assert issue.hint == f'correct the unit (unit = "{fits}" would fit) before the result is used'
    assert f'unit = "{fits}" 则与路网相当' in issue.hint_zh


def test_a_table_that_no_unit_mends_names_none():
    assert beside(ROAD * 20)["R134"].hint == "correct the unit before the result is used"


def test_no_car_is_faster_than_150_km_in_an_hour_in_a_straight_line():
    """5 km take 2 minutes; half a minute is left to rounding."""
    assert beside(changed((0, 0), 1.5)) == {}
    (issue,) = beside(changed((0, 0), 1.4), road=changed((0, 0), 2.0)).values()
    assert (issue.code, issue.value) == ("R135", "1")
    assert "1 of 6 times would need more than 150 km/h" in issue.action
    assert issue.action.endswith("the worst: E1 to A, 5.0 km in 1.4 min")


def test_single_cells_far_off_are_named():
    (issue,) = beside(changed((1, 1), 200.0)).values()
    assert (issue.code, issue.value) == ("R136", "1")
    assert issue.action.endswith("farthest off: E2 to B, 200.0 against 10.0 min")


def test_gaps_and_times_without_a_road_are_counted():
    issues = beside(changed((2, 0), np.inf), road=changed((1, 0), np.inf))
    assert list(issues) == ["R137", "R138"]
    assert "1 of 6 cells are empty where a road leads" in issues["R137"].action
    assert issues["R137"].action.endswith("the first: E3 to A, 60.0 min by road")
    assert "1 of 5 times are not used" in issues["R138"].action
    assert issues["R138"].action.endswith("the first: E2 to A")


def test_where_no_road_leads_anywhere_there_is_nothing_to_compare():
    assert list(beside(ROAD, road=np.full((3, 2), np.inf))) == ["R138"]
