"""Who comes first under each assumption."""

import pandas as pd

from siting.analysis.robustness.standing import Standing
from siting.analysis.robustness.winners import cell_of_draws, cell_of_scores, cells_of_table, turning


def test_a_cell_of_draws_turns_only_where_today_s_winner_can_be_told_apart():
    even = Standing.of_scores(pd.DataFrame({"a": [1.0, 1.0, 0.0, 0.0, 0.0], "b": 0.5}))
    assert (cell := cell_of_draws("spread", "parks", even, "a")).winner == "b"
    assert (cell.share, cell.draws, cell.turns("a")) == (0.6, 5, False)
    clear = Standing.of_scores(pd.DataFrame({"a": [1.0, 0.0, 0.0, 0.0], "b": 0.5}))
    assert cell_of_draws("spread", "parks", clear, "a").turns("a")


def test_labels_are_taken_apart_and_only_turns_are_listed():
    labels = ["road:S1: north", "peak:1.3", "phase:1"]
    table = pd.DataFrame({"winner": ["a", "b", "b"], "lead": [0.1, -0.2, -0.3]}, labels)
    cells = [*cells_of_table(table), cell_of_scores("cutoff_min", "20", "c")]
    assert [cell.lead for cell in cells] == [0.1, -0.2, -0.3, None]
    assert [(cell.assumption, cell.value) for cell in cells][:2] == [("road", "S1: north"), ("peak", "1.3")]
    found = turning(cells, "a")
    assert {kind: [cell.winner for cell in those] for kind, those in found.items()} == {
        "peak": ["b"], "phase": ["b"], "cutoff_min": ["c"],
    }  # fmt: skip
