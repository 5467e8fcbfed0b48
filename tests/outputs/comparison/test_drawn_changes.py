"""What the draws say, shared out on page, console, workbook and in JSON; chance is not told."""

import io
from dataclasses import replace

import openpyxl
import pytest

import siting
from siting.commands.console import difference_lines
from siting.outputs.comparison.comparison_page import comparison_page
from siting.outputs.tables.comparison_tables import comparison_record, comparison_workbook
from siting.outputs.text.changes import deciding_line, drawn_lines
from tests.study import monthly_lists as lists


@pytest.fixture(scope="module")
def compared(base_study, tmp_path_factory):
    """October, and a month later three firms less and one of nine hundred people."""
    folder = tmp_path_factory.mktemp("lists")
    first = lists.october().firms
    second = {n: cells for n, cells in first.items() if n not in (7, 8, 9)}
    second[3] = first[3] | {"employees": 900}
    tables = [
        siting.read_enterprises(lists.write(folder / f"{n}.csv", lists.Month(rows)), crs="WGS84")
        for n, rows in enumerate((first, second))
    ]
    return siting.compare(
        *(
            base_study.with_(enterprises=t, name=n).run()
            for t, n in zip(tables, ("十月", "十一月"), strict=True)
        )
    )


def told_of(compared, **changes):
    """The same comparison, other figures found of its draws."""
    (difference,) = compared.differences
    other = replace(difference)
    other.__dict__["verdicts"] = replace(difference.verdicts, **changes) if changes else None
    return other


def page_of(compared, difference, lang="zh"):
    evaluations = {name: result.evaluation for name, result in compared.results.items()}
    return comparison_page(evaluations, compared.table, compared.regret, [difference], lang)


def test_the_page_says_who_wins_how_much_more_often_and_by_which_kind(compared):
    (difference,) = compared.differences
    found = difference.verdicts
    clear = [name for name in found.before.index if found.is_clear(name)]
    assert clear
    page = page_of(compared, difference)
    for line in drawn_lines(difference, "zh", by_kind=False):
        assert line in page
    for site in clear:
        assert f'<td class="n">{100 * found.before[site]:.1f}</td>' in page
    for text in ("各类变化对抽样结论的影响（百分点）", "括号内的在两倍标准误之内，不能区分", "±"):
        assert text in page
    english = page_of(compared, difference, "en")
    assert "What each kind of change did to what the joint draws say" in english
    assert "not distinguishable" in english


def test_the_console_says_the_kinds_too(compared):
    (difference,) = compared.differences
    lines = difference_lines(difference, "zh")
    assert [line for line in lines if "居首的抽样比例由" in line and "其中：" in line]
    assert set(drawn_lines(difference, "zh")) <= set(lines)


def test_lists_that_say_the_same_are_said_to(compared):
    (difference,) = compared.differences
    none = {kind: frame.iloc[:0] for kind, frame in difference.registers.listed().items()}
    same = replace(difference, registers=replace(difference.registers, **none))
    head, counts, rows, *lead = difference_lines(same, "zh")
    assert (head, counts) == ("十月 → 十一月", "两份名录的企业没有变化。")
    assert rows.startswith("名录由")
    assert len(lead) == 1
    one_list = replace(same, second=same.first)
    assert difference_lines(one_list, "zh") == lead


def test_nobody_is_named_for_moving_the_lead_by_nothing(compared):
    (difference,) = compared.differences
    deciding = difference.shares.deciding.assign(lead=0.00004, turns=False)
    slight = replace(difference, shares=replace(difference.shares, deciding=deciding))
    assert deciding_line(slight, "zh", 5) == ""
    more = replace(slight, shares=replace(slight.shares, deciding=deciding.assign(lead=0.0001)))
    assert "0.01 分" in deciding_line(more, "zh", 5)


def test_nothing_is_said_of_a_difference_within_two_errors(compared):
    found = compared.differences[0].verdicts
    unsure = told_of(compared, change_error=found.change_error + 1.0, errors=found.errors + 1.0)
    assert drawn_lines(unsure, "zh") == ["各项抽样结论的变化都在两倍标准误之内，不能区分。"]
    assert drawn_lines(unsure, "en") == [
        "What the joint draws say changed by no more than two standard errors: not distinguishable."
    ]
    assert "对抽样结论的影响" not in page_of(compared, unsure)
    same = told_of(compared, after=found.before)
    assert drawn_lines(same, "en") == ["What the joint draws say did not change."]


def test_kinds_within_two_errors_are_not_named(compared):
    found = compared.differences[0].verdicts
    errors = found.errors.copy()
    errors.loc["gone"] = 1.0
    lines = drawn_lines(told_of(compared, errors=errors), "zh")
    assert not any("注销" in line for line in lines)
    assert any("注销" in line for line in drawn_lines(compared.differences[0], "zh"))


def test_what_cannot_be_shared_out_is_said(compared):
    (difference,) = compared.differences
    unshared = told_of(compared)
    assert drawn_lines(unshared, "zh") == ["演示企业在每次抽样中重新生成，抽样结论的变化不按类别分摊。"]
    assert "对抽样结论的影响" not in page_of(compared, unshared)
    undrawn = replace(difference, first=replace(difference.first, draws=None))
    assert drawn_lines(undrawn, "en")[0].startswith("One of the runs made no draws")


def test_the_workbook_sums_from_before_to_after(compared):
    evaluations = {name: result.evaluation for name, result in compared.results.items()}
    tables = evaluations, compared.table, compared.regret, compared.differences
    book = openpyxl.load_workbook(io.BytesIO(comparison_workbook(*tables)))
    head, *rows = book["抽样结论影响"].iter_rows(values_only=True)
    column = {name: head.index(name) for name in ("抽样结论", "变化类别", "份额（百分点）", "超过两倍标准误")}
    by_outcome = {}
    for row in rows:
        by_outcome.setdefault(row[column["抽样结论"]], []).append(row)
    assert len(by_outcome) == len(compared.differences[0].verdicts.before)
    for own in by_outcome.values():
        before, *shares, after = (row[column["份额（百分点）"]] for row in own)
        assert before + sum(shares) == pytest.approx(after, abs=1e-6)
    assert {row[column["超过两倍标准误"]] for row in rows} == {"是", "否", None}
    for sheet in ("企业变化", "乡镇影响"):
        heads = next(book[sheet].iter_rows(values_only=True))
        assert any(str(cell).startswith("居首的抽样比例（百分点）：") for cell in heads), sheet


def test_json_has_kinds_townships_and_enterprises(compared):
    evaluations = {name: result.evaluation for name, result in compared.results.items()}
    record = comparison_record(evaluations, compared.table, compared.regret, compared.differences)
    (one,) = record["differences"]
    draws = one["attribution"]["draws"]
    assert one["draws_say"]["zh"] == drawn_lines(compared.differences[0], "zh")
    for site, before in draws["before"].items():
        shares = sum(line[site] for line in draws["kinds"].values())
        assert before + shares == pytest.approx(draws["after"][site], abs=1e-9)
        registers = shares - draws["kinds"]["anchors"][site]
        assert sum(town[site] for town in draws["towns"].values()) == pytest.approx(registers, abs=1e-9)
        if site in draws["enterprises"][0]:
            assert sum(row[site] for row in draws["enterprises"]) == pytest.approx(registers, abs=1e-9)
    assert any("抽样" in text for text in one["attribution"]["method"].values())
