"""Two-step floating catchment beside PySAL access, on the same random county, results compared.

``python benchmarks/catchments.py [--demand N …] [--supply M]``
"""

import argparse
import time
import warnings

import numpy as np
import pandas as pd

import siting

CUTOFF_MIN = 30.0


def seconds(job, repeat=3):
    """Return the shortest of some runs."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return min(times)


def compare(n, m):
    """Time both sides on one case and check that they agree."""
    rng = np.random.default_rng(n)
    demand, supply = rng.integers(1, 100, n).astype(float), rng.integers(1, 20, m).astype(float)
    minutes = rng.uniform(1, 120, (n, m))

    def ours():
        return siting.two_step_floating_catchment(demand, supply, minutes, cutoff_min=CUTOFF_MIN)

    print(f"\n{n:,} demand points × {m:,} places, seconds")
    own = seconds(ours)
    print(f"  siting        {own:.4f}")
    try:
        from access.fca import two_stage_fca
    except ImportError:
        print("  PySAL access  not installed")
        return
    people = pd.DataFrame({"demand": demand}, pd.RangeIndex(n, name="geoid"))
    places = pd.DataFrame({"supply": supply}, pd.RangeIndex(m, name="geoid"))
    long = pd.DataFrame(minutes).stack().rename_axis(["origin", "dest"]).rename("cost").reset_index()

    def theirs():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return two_stage_fca(people, places, long, max_cost=CUTOFF_MIN)

    other = seconds(theirs)
    error = np.abs(ours() - theirs().reindex(range(n), fill_value=0)).max()
    print(f"  PySAL access  {other:.4f} ({other / own:.1f} ×), largest difference {error:.1e}")


def main():
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demand", type=int, nargs="+", default=[400, 5_000, 50_000])
    parser.add_argument("--supply", type=int, default=50)
    given = parser.parse_args()
    for n in given.demand:
        compare(n, given.supply)


if __name__ == "__main__":
    main()
