"""A register of 100,000 rows as XLSX: `read_table` with all its checks beside pandas + openpyxl, unchecked.

Usage: python benchmarks/register_xlsx.py [--rows 100000]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from register_csv import compare, make_register


def main() -> None:
    """Make the workbook and read it both ways."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "register.xlsx"
        make_register(arguments.rows).to_excel(path, index=False, engine="xlsxwriter")
        compare(path, f"pd.read_excel({str(path)!r}, engine='openpyxl')", "pandas.read_excel (openpyxl)")


if __name__ == "__main__":
    main()
