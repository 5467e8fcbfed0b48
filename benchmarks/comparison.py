"""Two lists of 20,000 rows a month apart: who came, went and moved, what that did, workbook and page.

    python benchmarks/comparison.py [--rows 20000]

Goals, of processor time: 60 s for both runs and what is told of them, twice the rows at most 2.2 times the
seconds. Linear algebra keeps to one thread, as under the command.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from siting.common.threads import keep_to_one_thread

keep_to_one_thread(os.environ)

import numpy as np  # noqa: E402 - threads are set before it is loaded
import pandas as pd  # noqa: E402
from register_csv import make_register  # noqa: E402

import siting  # noqa: E402


def month_later(before: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Change a register in every way: 5 % gone, new and resized, 3 % moved and renamed, few otherwise."""
    rng = np.random.default_rng(seed)
    n = len(before)
    after = before.iloc[: int(0.95 * n)].copy()
    cells = {heading: after.columns.get_loc(heading) for heading in after}
    shares = np.cumsum([0.03, 0.03, 0.05, 0.01, 0.01, 0.01])
    chosen = np.split(rng.permutation(len(after)), (shares * n).astype(int))
    moved, renamed, resized, shifted, lost, other, _ = chosen
    at = rng.permutation(moved)
    for heading in ("所属乡镇", "经度", "纬度"):
        after.iloc[moved, cells[heading]] = after[heading].to_numpy()[at]
    after.iloc[renamed, cells["企业名称"]] += "（新）"
    after.iloc[resized, cells["从业人员"]] = rng.integers(1, 900, len(resized)).astype(str)
    after.iloc[shifted, cells["纬度"]] = after["纬度"].to_numpy()[shifted] + "1"
    after.iloc[lost, cells["纬度"]] = ""
    after.iloc[other, cells["行业代码"]] = "2011"
    found = np.flatnonzero(before["纬度"].to_numpy()[: len(after)] == "")
    after.iloc[found, cells["纬度"]] = "40.01"
    later = make_register(n + n - len(after), seed).iloc[n:]
    return pd.concat([after, later]).sample(frac=1, random_state=seed)


def results(n: int, folder: Path) -> list[siting.Result]:
    """Run the default study with both lists."""
    whole = make_register(n)
    found = []
    for name, rows in (("before", whole), ("after", month_later(whole))):
        path = folder / f"{name}.csv"
        rows.to_csv(path, index=False, encoding="utf-8")
        table = siting.read_enterprises(path, crs="WGS84", industry_standard=2011)
        found.append(siting.load().with_(enterprises=table, name=name).run())
    return found


def compare(n: int, folder: Path) -> float:
    """Run both lists, compare them, write workbook and page; seconds of processor time."""
    start = time.process_time()
    both = results(n, folder)
    runs = time.process_time() - start
    compared = siting.compare(*both)
    compared.save(folder / "out")
    taken = time.process_time() - start
    found = ", ".join(f"{kind} {len(frame)}" for kind, frame in compared.registers.listed().items())
    print(f"{n:,} rows: {taken:.1f} s, {runs:.1f} s of them the two runs; {found}")
    return taken


def main() -> None:
    """Compare pairs of half the rows and of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    arguments = parser.parse_args()
    taken = []
    for n in (arguments.rows // 2, arguments.rows):
        with tempfile.TemporaryDirectory() as folder:
            taken.append(compare(n, Path(folder)))
    print(f"twice the rows: {taken[1] / taken[0]:.1f} × the seconds (goal 2.2)")


if __name__ == "__main__":
    main()
