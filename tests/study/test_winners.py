"""The matrix of winners of the default study."""

import pytest

import siting
from siting.outputs.text.conclusion import conclusion
from siting.outputs.text.winner_words import winner_columns, winner_records, winner_rows
from tests.paths import ROOT


@pytest.fixture(scope="module")
def base():
    return siting.load(ROOT / "data/scenarios/base.toml").run().evaluation


def test_every_kind_of_assumption_stands_in_the_matrix(base):
    kinds = {cell.assumption for cell in base.winners}
    assert kinds >= {
        "weights",
        "viewpoint",
        "cutoff_min",
        "peak",
        "expansion",
        "account",
        "phase",
        "road",
        "method",
    }


def test_each_cell_can_be_worked_out_again(base):
    by_cutoff = {cell.value: cell.winner for cell in base.winners if cell.assumption == "cutoff_min"}
    for cutoff, values in base.by_cutoff.items():
        scores = values @ base.weights[values.columns]
        assert scores[by_cutoff[f"{cutoff:g}"]] == pytest.approx(scores.max(), abs=1e-12)


def test_what_turns_is_named_in_both_languages_and_in_the_record(base):
    turned = [cell for cell in base.winners if cell.turns(base.robustness.winner)]
    assert turned
    names = base.evidence.options["name"]
    text = "".join(conclusion(base, "zh"))
    assert all(names[cell.winner] in text for cell in turned)
    assert "Other plausible values" in "".join(conclusion(base, "en"))
    assert [record["winner"] for record in winner_records(base)] == [cell.winner for cell in base.winners]


def test_rows_and_columns_hold_every_cell_once(base):
    rows, columns = winner_rows(base, "en"), winner_columns(base)
    assert columns[0] == base.robustness.winner
    assert sum(len(cells) for row in rows for cells in row.by_winner.values()) == len(base.winners)
    assert {winner for row in rows for winner in row.by_winner} == set(columns)
