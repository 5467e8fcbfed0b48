"""A register of 1,000,000 rows as CSV: `read_table` with all its checks beside plain pandas, unchecked.

Usage: python benchmarks/register_csv.py [--rows 1000000] [--keep FILE]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

DATA = Path(__file__).resolve().parents[1] / "data" / "raw"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_codes(n: int) -> list[str]:
    """Make n different valid codes: numbered organisation codes with both check digits."""
    letters = np.array([[int(c) for c in f"{i:08d}"] for i in range(n)])
    inner = (11 - letters @ np.array([3, 7, 9, 10, 5, 8, 4, 2]) % 11) % 11
    inner_text = np.where(inner == 10, "X", inner.astype(str))
    head = np.array([_ALPHABET.index(c) for c in "91120119"])
    values = np.column_stack(
        [np.tile(head, (n, 1)), letters, np.where(inner == 10, _ALPHABET.index("X"), inner)]
    )
    outer = (31 - values @ np.array([pow(3, i, 31) for i in range(17)]) % 31) % 31
    return [f"91120119{i:08d}{inner_text[i]}{_ALPHABET[outer[i]]}" for i in range(n)]


def make_register(n: int, seed: int = 0) -> pd.DataFrame:
    """Draw a fictional register of n rows and 12 columns; one row in a hundred has a defect."""
    rng = np.random.default_rng(seed)
    towns = pd.read_csv(DATA / "places.csv", encoding="utf-8").query("kind in ('town', 'subdistrict')")
    drawn = towns.iloc[rng.integers(0, len(towns), n)]
    town = drawn["name"].to_numpy()
    lon, lat = (drawn[c].to_numpy() + rng.uniform(-0.02, 0.02, n) for c in ("lon", "lat"))
    industry = np.array(["1512", "1431", "3021", "3441", "1711", "4412", "0142", "2011"])
    frame = pd.DataFrame(
        {
            "企业名称": [f"虚构{i:07d}号试验厂" for i in range(n)],
            "统一社会信用代码": credit_codes(n),
            "行业代码": industry[rng.integers(0, len(industry), n)],
            "所属乡镇": town,
            "注册地址": [f"天津市蓟州区{t}虚构路{i % 999}号" for i, t in enumerate(town)],
            "经度": lon.round(6).astype(str),
            "纬度": lat.round(6).astype(str),
            "从业人员": (rng.pareto(1.3, n) * 5 + 1).astype(int).clip(max=9_000).astype(str),
            "产值（万元）": rng.lognormal(5, 1.5, n).round(2).astype(str),
            "特种设备数量": rng.poisson(0.4, n).astype(str),
            "年份": np.full(n, "2010"),
            "备注": np.full(n, ""),
        }
    )
    for column, text in (
        ("从业人员", "约300"),
        ("产值（万元）", "1,234.5"),
        ("经度", "117°24′00″"),
        ("纬度", ""),
    ):
        frame.loc[rng.integers(0, n, n // 400), column] = text
    return frame


def write_register(n: int, path: Path) -> None:
    """Write a register of n rows as CSV."""
    make_register(n).to_csv(path, index=False, encoding="utf-8")


def measured(code: str) -> tuple[float, float]:
    """Run code in its own process; seconds of the work and peak memory in MB."""
    frame = "import resource, time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start, {})"
    script = frame.format(code, "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024")
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    seconds, megabytes = run.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def compare(path: Path, plain: str, read: str) -> None:
    """Print time and memory of plain pandas and of the checked reading of one file."""
    region = f"read_region({str(DATA / 'boundary.geojson')!r}, {str(DATA / 'places.csv')!r})"
    checked = (
        "from siting.inputs.tables.read_table import read_region, read_table\n"
        f"table = read_table({str(path)!r}, crs='WGS84', industry_standard=2011, region={region})"
    )
    base, base_mb = measured(f"import pandas as pd\n{plain}")
    ours, ours_mb = measured(checked)
    print(f"{path.stat().st_size / 1e6:.0f} MB  {read}: {base:.2f} s, {base_mb:.0f} MB, unchecked")
    print(f"        siting: {ours:.2f} s, {ours_mb:.0f} MB, all checks: {ours / base:.1f} times")


def main() -> None:
    """Make the register, read it both ways, and half of it to show that time is linear."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="write the register here and keep it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for n in (arguments.rows // 2, arguments.rows):
            path = arguments.keep or Path(folder) / f"register-{n}.csv"
            # In a process of its own: a child's peak memory counts what its parent held when it started.
            maker = get_context("spawn").Process(target=write_register, args=(n, path))
            maker.start()
            maker.join()
            compare(path, f"pd.read_csv({str(path)!r})", "pandas.read_csv")


if __name__ == "__main__":
    main()
