"""Letters and red lines decide conditions as by hand; what cannot be traced decides nothing."""

import pandas as pd
import pytest

from siting.analysis.decision.condition_verdicts import for_each_site, with_red_lines, with_replies
from siting.analysis.decision.scoring import verdicts

COLUMNS = ["site", "condition", "verdict", "role", "department", "note_zh"]
CONDITIONS = pd.DataFrame(
    [
        ("all", "power", "pending", "condition", "供电企业", None),
        ("all", "supply_mode", "pending", "note", "国土部门", None),
        ("b", "power", "pass", None, None, "已有专线"),
        ("c", "heritage", "fail", None, None, None),
    ],
    columns=COLUMNS,
)


def stated():
    return for_each_site(CONDITIONS, ["a", "b"])


def letter(verdict, number="1号", date="2012-03-05", department=None, site="a", condition="power", row=2):
    return (site, condition, verdict, number, date, department, None, row)


def decided(*letters):
    columns = [
        *("site", "condition", "verdict", "letter_number", "letter_date", "department", "opinion", "row"),
    ]
    return with_replies(stated(), pd.DataFrame(letters, columns=columns))


def of(table, site="a", condition="power"):
    return table[(table["site"] == site) & (table["condition"] == condition)].iloc[0]


def test_a_row_for_all_sites_stands_for_each_and_an_own_row_goes_before_it():
    table = stated()
    assert table[["site", "condition", "verdict"]].to_numpy().tolist() == [
        ["a", "power", "pending"],
        ["a", "supply_mode", "pending"],
        ["b", "power", "pass"],
        ["b", "supply_mode", "pending"],
        ["c", "heritage", "fail"],
    ]
    assert of(table, "b")[["department", "note_zh"]].tolist() == ["供电企业", "已有专线"]


def test_writing_out_twice_is_writing_out_once():
    again = for_each_site(pd.concat([CONDITIONS[:2], stated()]), ["a", "b"])
    pd.testing.assert_frame_equal(again, stated(), check_dtype=False)


def test_notes_decide_nothing():
    options = pd.DataFrame({"kind": ["build"] * 2}, index=["a", "b"])
    table = stated()
    assert verdicts(table, options).to_dict() == {"a": "pending", "b": "pass"}
    noted = table.assign(verdict=table["verdict"].mask(table["role"] == "note", "fail"))
    assert verdicts(noted, options).to_dict() == {"a": "pending", "b": "pass"}


@pytest.mark.parametrize(
    ("given", "verdict", "remarks"),
    [
        (letter("disagree"), "fail", []),
        (letter("disagree", date=None), "fail", ["R242"]),
        (letter("disagree", number=None), "pending", ["R241"]),
        (letter("agree"), "pass", []),
        (letter("agree", date=None), "pending", ["R241"]),
        (letter("agree", number=None, date=None), "pending", ["R241"]),
        (letter("conditional"), "pending", []),
        (letter("more", number=None), "pending", []),
        (letter("agree", department="别的部门"), "pass", ["R243"]),
        (letter(None), "pending", []),
    ],
)
def test_a_letter_decides_where_it_can_be_traced(given, verdict, remarks):
    table, found = decided(given)
    assert of(table)["verdict"] == verdict
    assert [remark.code for remark in found] == remarks
    assert of(table, "b")["verdict"] == "pass"


def test_a_refusal_is_told_with_its_letter():
    row = of(decided(letter("disagree", "津水〔2012〕3号", "2012-03-05", "水务局"))[0])
    said = [row[name] for name in ("decided_by", "reply", "replied_by", "letter_number", "letter_date")]
    assert said == ["reply", "disagree", "水务局", "津水〔2012〕3号", "2012-03-05"]


def test_the_latest_letter_of_a_department_counts():
    old, new = letter("disagree", date="2012-03-05"), letter("agree", date="2012-04-01", row=3)
    for order in ((old, new), (new, old)):
        table, remarks = decided(*order)
        assert of(table)["verdict"] == "pass"
        assert [(remark.code, remark.row) for remark in remarks] == [("R244", 2)]


def test_of_several_departments_the_one_most_against_counts():
    letters = (letter("agree"), letter("disagree", "9号", department="水务局", row=3))
    table, _ = decided(*letters)
    assert of(table)[["verdict", "letter_number"]].tolist() == ["fail", "9号"]
    table, _ = decided(letter("agree"), letter("more", department="水务局", row=3))
    assert of(table)["verdict"] == "pending"


def test_a_letter_on_what_no_row_states_gets_a_row():
    table, _ = decided(letter("disagree", condition="heritage"))
    assert of(table, "a", "heritage")["verdict"] == "fail"
    assert len(table) == len(stated()) + 1


def test_red_lines_decide_inside_and_nothing_outside():
    inside = pd.DataFrame(
        [("a", "power", "fail", "一区"), ("a", "power", "fail", "二区"), ("b", "power", "pending", "核查区")],
        columns=["site", "condition", "verdict", "name"],
    )
    table = with_red_lines(stated(), inside, "fail")
    assert of(table)[["verdict", "red_line"]].tolist() == ["fail", "一区; 二区"]
    assert of(table, "b")["verdict"] == "pass"
    assert of(with_red_lines(table, inside, "pending"), "b")["verdict"] == "pending"
