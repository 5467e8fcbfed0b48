"""SMAA-2, TOPSIS, AHP and weights beside their peers, on the same matrices, as ratios of time.

    python benchmarks/scoring.py [--draws 100000] [--options 20 200] [--criteria 8] [--peers PYTHON]

Peers that are not installed are left out. ``--peers`` names the interpreter of an environment that holds
pyrepo-mcda and pyDecision (``pip install pyrepo-mcda pyDecision``): the same matrices are handed to it.
Peers that loop over draws are timed on a few and scaled, marked ×. Processor seconds, best of three.
"""

import argparse
import contextlib
import json
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

import siting

warnings.filterwarnings("ignore")


def seconds(job, repeats=3):
    """Time a job, best of some repeats."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        job()
        times.append(time.process_time() - start)
    return min(times)


def loop(one, draws, sample):
    """Time all draws of a job that handles one draw at a time, scaled from a sample."""

    def job():
        for i in range(sample):
            one(i)

    return seconds(job, 1) * draws / sample


def smaa_peers(values, weights):
    """Yield name, job for one draw and sample size of each peer that is installed."""
    m, k = values.shape
    counts = np.zeros((m, m), int)
    ranks = np.arange(m)

    def numpy_loop(i):
        counts[np.argsort(-(values @ weights[i])), ranks] += 1

    yield "numpy, a loop over draws", numpy_loop, 2000
    with contextlib.suppress(ImportError):
        import skcriteria
        from skcriteria.agg.simple import WeightedSumModel

        matrix, model = skcriteria.mkdm(values, [max] * k, weights=weights[0]), WeightedSumModel()
        yield "scikit-criteria", lambda i: model.evaluate(matrix.replace(weights=weights[i])).rank_, 20
    with contextlib.suppress(ImportError):
        from pymcdm.helpers import rrankdata
        from pymcdm.methods import WSM

        wsm, ones = WSM(), np.ones(k)
        yield "pymcdm", lambda i: rrankdata(wsm(values + 1e-3, weights[i], ones)), 50


def problem(draws, m, k):
    """Make the matrices that everybody is given."""
    rng = np.random.default_rng(0)
    weight = rng.dirichlet(np.ones(k))
    return {
        "values": 0.5 * rng.random((m, 1)) + 0.5 * rng.random((m, k)),
        "weights": rng.dirichlet(np.ones(k), draws),
        "matrix": rng.random((m, k)) + 0.01,
        "weight": weight,
        "senses": rng.choice([-1, 1], k),
        "judged": np.outer(weight, 1 / weight),
    }


def others(python, given, draws):
    """Let the interpreter that has the other peers time them on the same matrices."""
    if python is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matrices.npz"
        np.savez(path, **given)
        script = Path(__file__).with_name("scoring_peers.py")
        done = subprocess.run([python, script, path, str(draws)], capture_output=True, check=True)
    return json.loads(done.stdout)


def compare_smaa(given, draws, elsewhere):
    """Time SMAA-2 and print the ratios."""
    values, weights = given["values"], given["weights"]
    m, k = values.shape
    print(f"\nSMAA-2, {draws:,} draws × {m} options × {k} criteria")
    own = seconds(lambda: siting.rank_acceptability(values, draws=draws, seed=1))
    top = seconds(lambda: siting.rank_acceptability(values, draws=draws, seed=1, top=min(20, m)))
    print(f"  {'siting, all ranks':34s} {own:10.3f} s")
    print(f"  {'siting, first 20 ranks':34s} {top:10.3f} s")
    timed = {name: loop(one, draws, min(sample, draws)) for name, one, sample in smaa_peers(values, weights)}
    for name, spent in (timed | elsewhere.get("SMAA-2", {})).items():
        print(f"  {name:34s} {spent:10.3f} s ×  {spent / own:9.1f} × all, {spent / top:9.1f} × first 20")


def compare_functions(given, elsewhere):
    """Time the functions that take one matrix."""
    matrix, weights, senses, judged = (given[name] for name in ("matrix", "weight", "senses", "judged"))
    m, k = matrix.shape
    jobs = {
        "TOPSIS": [("siting", lambda: siting.topsis(matrix, weights, senses))],
        "entropy": [("siting", lambda: siting.entropy_weights(matrix))],
        "CRITIC": [("siting", lambda: siting.critic_weights(matrix, senses))],
        "AHP": [("siting", lambda: siting.ahp_weights(judged))],
    }
    with contextlib.suppress(ImportError):
        import pymcdm
        from pymcdm.methods import TOPSIS

        topsis = TOPSIS(pymcdm.normalizations.vector_normalization)
        jobs["TOPSIS"].append(("pymcdm", lambda: topsis(matrix, weights, senses)))
        jobs["entropy"].append(("pymcdm", lambda: pymcdm.weights.entropy_weights(matrix)))
        jobs["CRITIC"].append(("pymcdm", lambda: pymcdm.weights.critic_weights(matrix)))
    with contextlib.suppress(ImportError):
        import skcriteria
        from skcriteria.agg.topsis import TOPSIS as SKCTOPSIS

        table, model = skcriteria.mkdm(matrix, list(senses), weights=weights), SKCTOPSIS()
        jobs["TOPSIS"].append(("scikit-criteria", lambda: model.evaluate(table)))
    with contextlib.suppress(ImportError):
        from ahpy import Compare

        pairs = {(f"c{i}", f"c{j}"): judged[i, j] for i in range(k) for j in range(i + 1, k)}
        jobs["AHP"].append(("AHPy", lambda: Compare("all", pairs, random_index="saaty")))
    print(f"\nOne matrix of {m} options × {k} criteria, microseconds a call")
    for method, peers in jobs.items():
        times = {name: seconds(lambda job=job: [job() for _ in range(50)]) / 50 * 1e6 for name, job in peers}
        times |= {name: spent * 1e6 for name, spent in elsewhere.get(method, {}).items()}
        shown = ", ".join(f"{name} {t:,.0f} ({t / times['siting']:.1f} ×)" for name, t in times.items())
        print(f"  {method:8s} {shown}")


def main():
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--options", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--criteria", type=int, default=8)
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter that has pyrepo-mcda and pyDecision")
    asked = parser.parse_args()
    for number, m in enumerate(asked.options):
        given = problem(asked.draws, m, asked.criteria)
        elsewhere = others(asked.peers, given, asked.draws)
        compare_smaa(given, asked.draws, elsewhere)
        if number == 0:
            compare_functions(given, elsewhere)


if __name__ == "__main__":
    main()
