"""Options, conditions and red lines given on the spot → a study's inputs anew, read by the rules of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

from siting.inputs.dictionary.columns import columns_of
from siting.messages import refusals
from siting.study.read_inputs import (
    mistakes_of,
    named_towns,
    read_more_sites,
    read_time_matrix,
    with_more,
    with_points,
)
from siting.types import Inputs, Table

if TYPE_CHECKING:
    from siting.inputs.sections import RedLines
    from siting.scenario.model import Scenario


def with_options(inputs: Inputs, scenario: Scenario, options: pd.DataFrame) -> Inputs:
    """Copy the inputs with other options; what other tables say of those left out is left out too.

    Raises
    ------
    InputError
        The table is refused, a row of it is, an option lies in no known township, or nothing is left.
    """
    return _with_options(inputs, scenario, _read_whole(options, "sites", inputs))


def with_more_options(inputs: Inputs, scenario: Scenario, candidates: Path | pd.DataFrame) -> Inputs:
    """Copy the inputs with further candidate sites, of a file or in degrees of WGS-84.

    Raises
    ------
    InputError
        The list is refused, or a row of it would be set aside.
    """
    from siting.inputs.places.region import Region

    region = Region(inputs.boundary, inputs.places)
    if isinstance(candidates, Path):
        more = read_more_sites(candidates, scenario, region)
    else:
        more = _read_frame(candidates, "sites", lambda file: read_more_sites(file, scenario, region, "WGS84"))
        _refuse_mistakes(more, {"places": inputs.tables["places"], "sites": more})
    added = _with_options(inputs, scenario, with_more(inputs.tables["sites"], more))
    return replace(added, tables={**added.tables, "more_sites": more})


def with_conditions(inputs: Inputs, conditions: pd.DataFrame) -> Inputs:
    """Copy the inputs with other conditions, whose verdicts are still to be decided.

    Raises
    ------
    InputError
        The table is refused, a row of it is, or it names an option that the study lacks.
    """
    table = _read_whole(conditions, "conditions", inputs)
    return replace(inputs, conditions=table.frame, tables={**inputs.tables, "conditions": table})


def with_red_lines(inputs: Inputs, layer: RedLines) -> Inputs:
    """Copy the inputs with a further layer of red lines; see `read_red_lines` for what is refused."""
    from siting.inputs.tables.areas.red_lines import read_red_lines

    layers = [lines for lines in (inputs.red_lines, read_red_lines(layer)) if lines is not None]
    return replace(inputs, red_lines=pd.concat(layers, ignore_index=True))


def _with_options(inputs: Inputs, scenario: Scenario, options: Table) -> Inputs:
    kept = options.frame.index
    conditions, pledges = inputs.conditions, inputs.pledges
    matrix = read_time_matrix(scenario.data.time_matrix, inputs.tables["enterprises"], options.frame)
    return replace(
        inputs,
        sites=with_points(named_towns(options.frame, inputs.places)),
        conditions=conditions[conditions["site"].isin(kept) | ~conditions["site"].isin(inputs.sites.index)],
        pledges=pledges[pledges["site"].isin(kept)],
        time_matrix=matrix,
        tables={**inputs.tables, "sites": options},
    )


def _read_whole(frame: pd.DataFrame, name: str, inputs: Inputs) -> Table:
    """Read a table that takes the place of the study's; any row that a file could not hold is a mistake."""
    from siting.inputs.tables.read_table import read_table

    table = _read_frame(frame, name, lambda file: read_table(file, name, crs="WGS84"))
    others = {other: inputs.tables[other] for other in ("places", "sites") if other != name}
    _refuse_mistakes(table, {**others, name: table})
    return table


def _refuse_mistakes(table: Table, laid: Mapping[str, Table]) -> None:
    """Refuse what would be set aside or become missing, and names that the tables beside it lack."""
    from siting.inputs.tables.references import check_references

    wrong = mistakes_of([*table.issues, *check_references(laid)])
    if wrong:
        raise refusals(wrong)


def _read_frame(frame: pd.DataFrame, name: str, read: Callable[[Path], Table]) -> Table:
    """Read a frame as if it came in a file, so that one set of rules holds for both.

    Parameters
    ----------
    frame : columns by field of the data dictionary; the key may be the index, further columns are passed over
    read : what reads the file
    """
    known = frame.reset_index()
    fields = [field for field in columns_of(name) if field in known]
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.csv"
        text = known[fields].to_csv(index=False, lineterminator="\n")
        file.write_text(text, encoding="utf-8", newline="")
        return read(file)
