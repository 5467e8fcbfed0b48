"""The matrix of winners of the default study."""

import pytest

import siting
from siting.outputs.text.conclusion import conclusion
from siting.outputs.text.winner_words import (
    assumption_name,
    still_sentence,
    winner_columns,
    winner_records,
    winner_rows,
)
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
    for lang in ("zh", "en"):
        text = "".join(conclusion(base, lang))
        assert all(assumption_name(base, cell.assumption, lang) in text for cell in turned)
    assert [record["winner"] for record in winner_records(base)] == [cell.winner for cell in base.winners]


def test_rows_and_columns_hold_every_cell_once(base):
    rows, columns = winner_rows(base, "en"), winner_columns(base)
    assert columns[0] == base.robustness.winner
    shown = [cell for row in rows for cells in row.by_winner.values() for cell in cells]
    untold = [cell for cell in base.winners if cell not in shown]
    assert len(shown) + len(untold) == len(base.winners)
    assert all(cell.is_end and not cell.turns(columns[0]) for cell in untold)
    assert str(len({cell.assumption for cell in untold})) in still_sentence(base, "en")
    assert {winner for row in rows for winner in row.by_winner} == set(columns)
