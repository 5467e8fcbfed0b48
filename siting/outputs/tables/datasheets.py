"""Evaluation → the sheets of the workbook on the data: points on the roads, issues of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.outputs.tables.table_files import issue_frame
from siting.outputs.text.access import points_named

if TYPE_CHECKING:
    import pandas as pd

    from siting.study.evaluation import Evaluation


def snapping(evaluation: Evaluation) -> pd.DataFrame:
    """Return how each point is joined to the roads, the farthest from one first."""
    table = points_named(evaluation, "zh").rename(columns={"kind": "role", "road": "snap_road"})
    table = table.sort_values(["snap_m", "role", "id"], ascending=[False, True, True]).set_index("role")
    return table[["name", "status", "snap_m", "snap_road", "id"]]


def issues(evaluation: Evaluation) -> pd.DataFrame | None:
    """Return what was found in the tables, as in issues.csv, where it stands first."""
    found = evaluation.evidence.inputs.issues
    if not found:
        return None
    table = issue_frame(found).astype({"row": "Int64"}).set_index("file")
    first = ["sheet", "row", "column", "code", "severity", "value"]
    return table[[*first, "action_zh", "hint_zh", "action", "hint"]]
