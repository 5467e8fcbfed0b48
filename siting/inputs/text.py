"""Bytes → rows: decides by content what a file is, decodes it, and keeps the row numbers a planner sees."""

from __future__ import annotations

from os import PathLike

from siting.inputs.raw import Chunk, IsHeading, RawTable, refuse

__all__ = ["Chunk", "RawTable", "read_raw"]

MAX_FILE_MB = 512
"""Largest file that is read, MB."""


def read_raw(path: str | PathLike[str], *, sheet: str | None = None, is_heading: IsHeading) -> RawTable:
    """Read one table as text, whatever the file is called: its content decides.

    Parameters
    ----------
    path
        CSV or tab-separated text, XLSX workbook, HTML table saved as .xls, GeoJSON, GeoPackage, or a zipped
        shapefile.
    sheet
        Sheet of a workbook or layer of a GeoPackage or zip; needed where several match.
    is_heading
        Number of cells of a row that are known headings of the table asked for. Two make a heading row
        (one suffices for layers, whose geometry gives the place).

    Raises
    ------
    InputError
        In one line: file, cause, line or sheet, what to do. Nothing else leaves.
    """
    refuse(str(path), f"not read yet ({sheet}, {is_heading})", "wait")
