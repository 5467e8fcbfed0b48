"""Mobile and identity numbers are known by their value, in any column, and appear in no output."""

import pytest

from siting.inputs.tables.personal import masked_text
from siting.inputs.tables.read_table import read_table


def with_check_digit(body):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


PERSON = with_check_digit("82000019900101001")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("虚构厂 13800001234", "虚构厂 138****1234"),
        (f"经办 {PERSON}。", f"经办 820000{'*' * 12}。"),
        (PERSON[:-1] + ("0" if PERSON[-1] != "0" else "1"), None),
        ("117.13800001234", None),
        ("138000012345", None),
        ("911201190000000012", None),
        ("91120119MAFAKE0198", None),
        ("82000019901301001X", None),
        ("", None),
    ],
)
def test_only_personal_numbers_are_masked(text, masked):
    assert masked_text(text) == (text if masked is None else masked)


def test_no_table_issue_or_row_set_aside_shows_one(tmp_path):
    path = tmp_path / "名单.csv"
    path.write_text(
        "企业名称,备注,从业人员,经度,纬度\n"
        f"虚构甲厂,{PERSON},30,117.4,40.0\n"
        "虚构乙厂 13900005678,,13700009999,117.41,40.0\n"
        "虚构丙厂,15000001111,20,,\n",
        encoding="utf-8",
    )
    table = read_table(path, crs="WGS84")
    (told,) = [issue for issue in table.issues if issue.code == "E329"]
    assert "3 rows" in told.action
    shown = table.frame.to_csv() + table.set_aside.to_csv() + repr(table.issues)
    for number in (PERSON, "13900005678", "13700009999", "15000001111"):
        assert number not in shown
    assert "150****1111" in shown
