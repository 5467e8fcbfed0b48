"""SMAA-2, TOPSIS, AHP and weights beside their peers, on the same matrices, as ratios of time.

    python benchmarks/scoring.py [--draws 100000] [--options 20 200] [--criteria 8]

Peers that are not installed are named and left out; an environment of their own may hold the rest
(``pip install scikit-criteria pymcdm pyrepo-mcda pyDecision ahpy``). Peers that loop over draws are timed
on a few and scaled, marked ×. Processor seconds of one process, best of three.
"""

import argparse
import contextlib
import io
import time
import warnings

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
    with contextlib.suppress(ImportError):
        from pyDecision.algorithm import saw_method

        def saw(i):
            with contextlib.redirect_stdout(io.StringIO()):
                saw_method(values + 1e-3, ["max"] * k, weights[i], graph=False, verbose=False)

        yield "pyDecision", saw, 5
    with contextlib.suppress(ImportError):
        from pyrepo_mcda.additions import rank_preferences
        from pyrepo_mcda.mcda_methods import SAW

        saw2, types = SAW(), np.ones(k)
        yield (
            "pyrepo-mcda",
            lambda i: rank_preferences(saw2(values + 1e-3, weights[i], types), reverse=True),
            50,
        )


def compare_smaa(draws, m, k):
    """Time SMAA-2 and print the ratios."""
    rng = np.random.default_rng(0)
    values = 0.5 * rng.random((m, 1)) + 0.5 * rng.random((m, k))
    weights = rng.dirichlet(np.ones(k), draws)
    print(f"\nSMAA-2, {draws:,} draws × {m} options × {k} criteria")
    own = seconds(lambda: siting.rank_acceptability(values, draws=draws, seed=1))
    top = seconds(lambda: siting.rank_acceptability(values, draws=draws, seed=1, top=min(20, m)))
    print(f"  {'siting, all ranks':34s} {own:10.3f} s")
    print(f"  {'siting, first 20 ranks':34s} {top:10.3f} s")
    for name, one, sample in smaa_peers(values, weights):
        spent = loop(one, draws, min(sample, draws))
        print(f"  {name:34s} {spent:10.3f} s ×  {spent / own:9.1f} × all, {spent / top:9.1f} × first 20")


def compare_functions(m, k):
    """Time the functions that take one matrix."""
    rng = np.random.default_rng(1)
    matrix, weights, senses = rng.random((m, k)) + 0.01, rng.dirichlet(np.ones(k)), rng.choice([-1, 1], k)
    judged = np.outer(weights, 1 / weights)
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
        shown = ", ".join(f"{name} {t:,.0f} ({t / times['siting']:.1f} ×)" for name, t in times.items())
        print(f"  {method:8s} {shown}")


def main():
    """Read the arguments and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=100_000)
    parser.add_argument("--options", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--criteria", type=int, default=8)
    given = parser.parse_args()
    for m in given.options:
        compare_smaa(given.draws, m, given.criteria)
    compare_functions(given.options[0], given.criteria)


if __name__ == "__main__":
    main()
