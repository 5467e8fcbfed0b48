"""Joint draws → a table, one row a draw: what was drawn, how sites score, who wins, what building is worth.

Where to build and whether to can be worked out from it again: scores and net present values stand as used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.tables.table_files import csv_bytes

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from siting.study.evaluation import Evaluation

SIGNIFICANT = 6
"""Digits of what was drawn; scores have 12 decimals, net present values 4."""

WEIGHT_DECIMALS = 9


def draws_table(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return the draws of a run; None where no site was left to draw for.

    Columns: ``draw``; the unknowns, by name; ``law``: the weights that the statement rests on; the winner
    under them; then ``weight_<law>:<criterion>, score_<law>:<site>`` under both laws, and ``npv_wan:<site>``.
    """
    import pandas as pd

    found = evaluation.draws
    if found is None:
        return None
    unknowns = found.unknowns.apply(_significant)
    parts: list[pd.Series | pd.DataFrame] = [pd.Series(range(1, len(unknowns) + 1), name="draw"), unknowns]
    law = "order" if found.is_adopted else "free"
    parts += [pd.Series(law, unknowns.index, name="law"), found.winner.rename("winner")]
    for name, drawn in (("free", found.free), ("order", found.ordered)):
        parts += [
            drawn.weights.round(WEIGHT_DECIMALS).add_prefix(f"weight_{name}:"),
            drawn.scores.add_prefix(f"score_{name}:"),
        ]
    if found.building is not None:
        parts.append(found.building.npv_wan.add_prefix("npv_wan:"))
    return pd.concat(parts, axis=1)


def draws_files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return ``draws.csv``, where there are draws."""
    table = draws_table(evaluation)
    return {} if table is None else {"draws.csv": csv_bytes(table)}


def _significant(column: pd.Series) -> pd.Series:
    import numpy as np
    import pandas as pd

    if column.dtype.kind != "f":
        return column
    figures: np.ndarray = column.to_numpy(float)
    size = np.floor(np.log10(np.abs(np.where(figures == 0, 1.0, figures))))
    scale = 10.0 ** (SIGNIFICANT - 1 - size)
    return pd.Series(np.round(figures * scale) / scale, column.index, name=column.name)
